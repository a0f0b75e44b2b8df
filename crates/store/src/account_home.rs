//! What an account shows: whose records are theirs, their students, and evenings to come (DIR-9).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use school::registration::ParentsInvite;
use school::said::Standing;
use school::{AccountId, ContactId, EmailAddress, Evening, EveningId, Name, Refusal, StudentId};

use crate::accounts::own;
use crate::appointments::Appointment;
use crate::contact_details::ContactDetails;
use crate::database::Work;
use crate::evenings::{evening_columns, read_evening};
use crate::fault::{Read, Result};
use crate::named_parents::NamedParent;
use crate::new_addresses::NewAddress;
use crate::said_names::SaidName;
use crate::selection::Selection;
use crate::store::Store;
use crate::value::{Value, columns, list, listed, values};

/// What an account shows.
#[derive(Clone, Debug)]
pub struct AccountHome {
    /// Whose records are theirs, by name.
    pub people: Vec<AccountPerson>,
    /// Their evenings, those that are over too, in order of time.
    pub evenings: Vec<AccountEvening>,
    /// Whether they may name other parents of their students (DIR-6).
    pub may_name: bool,
    /// The address that they wish to sign in with, where they have not confirmed it.
    pub new_address: Option<NewAddress>,
}

/// One record of whoever has the account.
#[derive(Clone, Debug)]
pub struct AccountPerson {
    /// Which.
    pub contact: ContactId,
    /// Their name.
    pub name: Name,
    /// Their address.
    pub email: Option<EmailAddress>,
    /// Their students, by name: with what they are to them.
    pub students: Vec<AccountStudent>,
    /// Other parents whom they have named.
    pub named: Vec<NamedParent>,
    /// The name that they have said is theirs, where they have.
    pub said_name: Option<SaidName>,
    /// What they have said of themselves.
    pub details: ContactDetails,
    /// Whether they have said anything yet.
    pub has_said: bool,
    /// Another telephone number of theirs in the school's records, where the office has not said which
    /// is kept; empty elsewhere.
    pub other_telephone: String,
    /// Whether the school's records have another address of theirs, and the office has not said which is
    /// kept.
    pub has_other_address: bool,
}

/// A student of theirs.
#[derive(Clone, Debug)]
pub struct AccountStudent {
    /// Which.
    pub id: StudentId,
    /// Their name.
    pub name: Name,
    /// The name that the contact has said is theirs, where they have.
    pub said_name: Option<SaidName>,
    /// Their homeroom.
    pub form: String,
    /// What the contact is to them.
    pub relationship: String,
    /// Other contacts of theirs, as far as each shows the other what they see here.
    pub others: Vec<SharedContact>,
}

/// Another contact of a student, and what they show to whoever shows theirs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SharedContact {
    /// Their name.
    pub name: Name,
    /// Their address.
    pub email: Option<EmailAddress>,
    /// Their telephone number.
    pub telephone: Option<String>,
}

/// An evening of theirs.
#[derive(Clone, Debug)]
pub struct AccountEvening {
    /// The evening.
    pub evening: Evening,
    /// Whether it is over.
    pub is_over: bool,
    /// By which of their records.
    pub contact: ContactId,
    /// What they have booked, in order of time.
    pub appointments: Vec<Appointment>,
    /// The names of guests whom they have invited.
    pub guests: Vec<Name>,
}

columns! {
    struct PersonRow {
        contact: ContactId,
        name: Name,
        email: Option<EmailAddress>,
    }
}

columns! {
    struct StudentRow {
        contact: ContactId,
        id: StudentId,
        name: Name,
        form: String,
        relationship: String,
    }
}

columns! {
    struct SharedRow {
        own: ContactId,
        student: StudentId,
        name: Name,
        email: Option<EmailAddress>,
        telephone: String,
        shows_email: i64,
        shows_telephone: i64,
    }
}

columns! {
    struct WardRow {
        contact: ContactId,
        student: StudentId,
    }
}

columns! {
    struct GuestRow {
        evening: EveningId,
        inviter: ContactId,
        name: Name,
    }
}

impl From<SharedRow> for SharedContact {
    fn from(row: SharedRow) -> Self {
        Self {
            name: row.name,
            email: row.email.filter(|_| row.shows_email != 0),
            telephone: Some(row.telephone).filter(|_| row.shows_telephone != 0),
        }
    }
}

impl Store {
    /// Everything that an account shows.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn account_home(&self, account: AccountId, now: Timestamp) -> Result<AccountHome> {
        let mut work = self.read().await?;
        let rows: Vec<PersonRow> = work
            .rows(
                own!(
                    "contacts.id AS contact, name, email",
                    " ORDER BY name_key, contacts.id"
                ),
                values![self.school, account],
            )
            .await?;
        let ids = list(rows.iter().map(|it| it.contact));
        let mut shared = self.shared_with(&mut work, ids.clone()).await?;
        let mut students = self.students_of_each(&mut work, ids).await?;
        let contacts: Vec<ContactId> = rows.iter().map(|it| it.contact).collect();
        let evenings = self.account_evenings(&mut work, &contacts, now).await?;
        let mut details = self.details_of_each(&mut work, &contacts).await?;
        let mut telephones = self.other_telephones(&mut work, &contacts).await?;
        let asked = self.addresses_asked(&mut work, &contacts).await?;
        let mut said = self.said_by_each(&mut work, &contacts).await?;
        let mut named = self.named_by_each(&mut work, contacts).await?;
        let may_name = self.parents_invite(&mut work).await? != ParentsInvite::Never;
        let new_address = self.new_address(&mut work, account, now).await?;
        let people = rows.into_iter().map(|row| {
            let theirs = students.extract_if(.., |it| it.contact == row.contact);
            let theirs = theirs.map(|it| AccountStudent {
                id: it.id,
                said_name: said.remove(&(row.contact, Some(it.id))),
                name: it.name,
                form: it.form,
                relationship: it.relationship,
                others: shared
                    .extract_if(.., |one| (one.own, one.student) == (row.contact, it.id))
                    .map(SharedContact::from)
                    .collect(),
            });
            let students = theirs.collect();
            AccountPerson {
                said_name: said.remove(&(row.contact, None)),
                named: named.remove(&row.contact).unwrap_or_default(),
                other_telephone: telephones.remove(&row.contact).unwrap_or_default(),
                has_said: details.contains_key(&row.contact),
                details: details.remove(&row.contact).unwrap_or_default(),
                has_other_address: asked.contains(&row.contact),
                contact: row.contact,
                name: row.name,
                email: row.email,
                students,
            }
        });
        Ok(AccountHome {
            people: people.collect(),
            evenings,
            may_name,
            new_address,
        })
    }

    async fn students_of_each(&self, work: &mut Work, contacts: Value) -> Read<Vec<StudentRow>> {
        let sql = listed!(
            work,
            "SELECT guardians.contact AS contact, students.id AS id, students.name AS name, form,
               relationship
             FROM guardians
             JOIN students ON students.school = guardians.school
               AND students.id = guardians.student
             WHERE guardians.school = $1 AND gone_at IS NULL AND guardians.contact IN",
            "ORDER BY students.name_key, students.id"
        );
        work.rows(sql, values![self.school, contacts]).await
    }

    async fn details_of_each(
        &self,
        work: &mut Work,
        contacts: &[ContactId],
    ) -> Read<BTreeMap<ContactId, ContactDetails>> {
        let mut details = BTreeMap::new();
        for contact in contacts {
            if let Some(said) = self.details_of(work, *contact).await? {
                details.insert(*contact, said);
            }
        }
        Ok(details)
    }

    async fn other_telephones(
        &self,
        work: &mut Work,
        contacts: &[ContactId],
    ) -> Read<BTreeMap<ContactId, String>> {
        let mut telephones = BTreeMap::new();
        for contact in contacts {
            let both = self.telephones_of(work, *contact).await?;
            if both.standing() == Standing::Asked {
                telephones.insert(*contact, both.school);
            }
        }
        Ok(telephones)
    }

    async fn addresses_asked(
        &self,
        work: &mut Work,
        contacts: &[ContactId],
    ) -> Read<BTreeSet<ContactId>> {
        let mut asked = BTreeSet::new();
        for contact in contacts {
            let both = self.address_beside(work, *contact).await?;
            if both.is_some_and(|it| it.standing() == Standing::Asked) {
                asked.insert(*contact);
            }
        }
        Ok(asked)
    }

    async fn named_by_each(
        &self,
        work: &mut Work,
        contacts: Vec<ContactId>,
    ) -> Read<BTreeMap<ContactId, Vec<NamedParent>>> {
        let mut named = BTreeMap::new();
        for contact in contacts {
            named.insert(contact, self.named_by(work, contact).await?);
        }
        Ok(named)
    }

    /// What other contacts of their students show these, who show them theirs.
    async fn shared_with(&self, work: &mut Work, contacts: Value) -> Read<Vec<SharedRow>> {
        let sql = listed!(
            work,
            "SELECT guardians.contact AS own, guardians.student AS student, contacts.name AS name,
               contacts.email AS email, theirs.telephone AS telephone,
               theirs.families_email * mine.families_email AS shows_email,
               CASE WHEN theirs.telephone = '' THEN 0
                 ELSE theirs.families_telephone * mine.families_telephone END AS shows_telephone
             FROM guardians
             JOIN guardians AS others ON others.school = guardians.school
               AND others.student = guardians.student AND others.contact <> guardians.contact
             JOIN contacts ON contacts.school = guardians.school AND contacts.id = others.contact
               AND court_order_at IS NULL AND may_be IS NULL AND gone_at IS NULL
             JOIN contact_details AS mine ON mine.school = guardians.school
               AND mine.contact = guardians.contact
             JOIN contact_details AS theirs ON theirs.school = guardians.school
               AND theirs.contact = others.contact
             WHERE guardians.school = $1
               AND (theirs.families_email * mine.families_email
                 + theirs.families_telephone * mine.families_telephone) > 0
               AND guardians.contact IN",
            "ORDER BY contacts.name_key, contacts.id"
        );
        work.rows(sql, values![self.school, contacts]).await
    }

    /// The evenings that classes of these contacts' students take part in, for which they have booked, or
    /// to which they have invited somebody, in order of time: those that are over too.
    async fn account_evenings(
        &self,
        work: &mut Work,
        contacts: &[ContactId],
        now: Timestamp,
    ) -> Result<Vec<AccountEvening>> {
        let sql = listed!(
            work,
            concat!(
                "SELECT DISTINCT ",
                evening_columns!(),
                ", theirs.contact AS contact
                 FROM evenings
                 JOIN (SELECT evening_classes.school AS school, evening_classes.evening AS evening,
                     guardians.contact AS contact, 0 AS is_booked
                   FROM evening_classes
                   JOIN class_students ON class_students.school = evening_classes.school
                     AND class_students.class = evening_classes.class
                   JOIN guardians ON guardians.school = evening_classes.school
                     AND guardians.student = class_students.student
                   UNION
                   SELECT bookings.school, bookings.evening, bookings.parent, 1 FROM bookings
                   JOIN guardians ON guardians.school = bookings.school
                     AND guardians.contact = bookings.parent
                     AND guardians.student = bookings.student
                   WHERE bookings.cancelled_at IS NULL
                   UNION
                   SELECT school, evening, inviter, 1 FROM invitations
                   WHERE state <> 'removed') AS theirs
                   ON theirs.school = evenings.school AND theirs.evening = evenings.id
                 LEFT JOIN links ON links.school = evenings.school AND links.scope = evenings.id
                   AND links.holder = theirs.contact AND links.withdrawn_at IS NULL
                 WHERE evenings.school = $1
                   AND (is_booked = 1 OR evenings.booking <> 'not_yet' OR links.id IS NOT NULL)
                   AND theirs.contact IN"
            ),
            "ORDER BY evenings.start_at, evenings.id, contact"
        );
        let of = values![self.school, list(contacts)];
        let rows = work.all(sql, of).await?;
        let booked = self.booked_for_wards(work, contacts).await?;
        let sql = listed!(
            work,
            "SELECT evening, inviter, name FROM invitations
             WHERE school = $1 AND state <> 'removed' AND inviter IN",
            "ORDER BY evening, ordinal"
        );
        let guests: Vec<GuestRow> = work.rows(sql, values![self.school, list(contacts)]).await?;
        let evenings = rows.iter().map(|row| {
            let evening = read_evening(row)?;
            let contact = row.named("contact")?;
            let is_theirs = |it: &&Appointment| it.evening == evening.id && it.parent == contact;
            let invited = guests.iter();
            let invited = invited.filter(|it| it.evening == evening.id && it.inviter == contact);
            Ok(AccountEvening {
                contact,
                appointments: booked.iter().filter(is_theirs).cloned().collect(),
                guests: invited.map(|it| it.name.clone()).collect(),
                is_over: evening.end <= now,
                evening,
            })
        });
        Ok(evenings.collect::<Read<_>>()?)
    }

    /// What these contacts have booked, for students whose guardians they still are: whoever is none any
    /// more is shown nothing of the student.
    async fn booked_for_wards(
        &self,
        work: &mut Work,
        contacts: &[ContactId],
    ) -> Result<Vec<Appointment>> {
        let selection = Selection::ToCome(contacts, Timestamp::MIN);
        let mut booked = self.appointments(work, selection).await?;
        let sql = listed!(
            work,
            "SELECT contact, student FROM guardians WHERE school = $1 AND contact IN",
            ""
        );
        let wards: Vec<WardRow> = work.rows(sql, values![self.school, list(contacts)]).await?;
        let wards: BTreeSet<_> = wards.iter().map(|it| (it.contact, it.student)).collect();
        booked.retain(|it| wards.contains(&(it.parent, it.student)));
        Ok(booked)
    }

    /// Whether a contact has something of an evening to come.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn check_takes_part(
        &self,
        account: AccountId,
        (evening, contact): (EveningId, ContactId),
        now: Timestamp,
    ) -> Result<()> {
        self.check_own(account, contact).await?;
        let mut work = self.read().await?;
        let evenings = self.account_evenings(&mut work, &[contact], now).await?;
        let mut to_come = evenings.iter().filter(|it| !it.is_over);
        if to_come.any(|it| it.evening.id == evening) {
            Ok(())
        } else {
            Err(Refusal::NotFound.into())
        }
    }
}
