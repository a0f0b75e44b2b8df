//! What contacts say of themselves and the school's records say otherwise (DIR-12): both stand until the
//! office says which is kept.

use std::collections::BTreeSet;

use jiff::Timestamp;
use school::said::{Both, Standing};
use school::{Actor, ContactId, EmailAddress, Name, Note, Refusal, StudentId};

use crate::audit::Action;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::value::{columns, values};

/// What it is that is said of somebody.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Detail {
    /// Their telephone number.
    Telephone,
    /// Their e-mail address.
    Email,
    /// Their name, or that of a student of theirs.
    Name(Option<StudentId>),
}

/// What somebody says of themselves, and something else that the school's records say.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChangedDetail {
    /// What.
    pub what: Detail,
    /// Who.
    pub contact: ContactId,
    /// Their name.
    pub name: Name,
    /// The names of their students, in order.
    pub students: Vec<Name>,
    /// What the school's records say.
    pub school: String,
    /// What they say.
    pub own: String,
    /// When they said it, or the records another.
    pub since: Timestamp,
}

/// Which of the two is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Keep {
    /// The contact's own.
    Own,
    /// That of the school's records.
    School,
}

columns! {
    struct AddressRow {
        contact: ContactId,
        name: Name,
        own: EmailAddress,
        records: Option<EmailAddress>,
        accepted_beside: Option<EmailAddress>,
        said_at: Timestamp,
        /// Of several students each is a row.
        student: Option<Name>,
    }
}

columns! {
    struct BothRow {
        own: EmailAddress,
        records: Option<EmailAddress>,
        accepted_beside: Option<EmailAddress>,
    }
}

impl Store {
    /// What the office has not said which is kept of, the oldest first.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn changed_details(&self) -> Result<Vec<ChangedDetail>> {
        let mut work = self.glance().await?;
        Ok(self.details_to_decide(&mut work).await?)
    }

    /// The same, within `work`.
    pub(crate) async fn details_to_decide(&self, work: &mut Work) -> Read<Vec<ChangedDetail>> {
        let mut asked = self.asked_telephones(work).await?;
        asked.extend(self.asked_addresses(work).await?);
        asked.extend(self.asked_names(work).await?);
        asked.sort_by_key(|it| it.since);
        Ok(asked)
    }

    async fn asked_addresses(&self, work: &mut Work) -> Read<Vec<ChangedDetail>> {
        let rows: Vec<AddressRow> = work
            .rows(
                "SELECT contacts.id AS contact, contacts.name AS name, email AS own, records,
                   accepted_beside, said_at, students.name AS student
                 FROM said_otherwise
                 JOIN contacts ON contacts.school = said_otherwise.school
                   AND contacts.id = said_otherwise.contact
                 LEFT JOIN guardians ON guardians.school = contacts.school
                   AND guardians.contact = contacts.id
                 LEFT JOIN students ON students.school = guardians.school
                   AND students.id = guardians.student
                 WHERE said_otherwise.school = $1 AND what = 'email' AND records IS NOT NULL
                   AND email IS NOT NULL AND contacts.gone_at IS NULL AND court_order_at IS NULL
                   AND contacts.id NOT IN (SELECT gone FROM joined_records WHERE school = $1)
                 ORDER BY said_at, contacts.id, students.name_key, students.id",
                values![self.school],
            )
            .await?;
        let mut asked: Vec<ChangedDetail> = Vec::new();
        for row in rows {
            let both = Both {
                own: row.own,
                school: row.records,
                accepted_beside: row.accepted_beside,
            };
            let (Standing::Asked, Some(school)) = (both.standing(), &both.school) else {
                continue;
            };
            match asked.last_mut().filter(|it| it.contact == row.contact) {
                Some(same) => same.students.extend(row.student),
                None => asked.push(ChangedDetail {
                    what: Detail::Email,
                    contact: row.contact,
                    name: row.name,
                    students: row.student.into_iter().collect(),
                    school: school.reveal().to_owned(),
                    own: both.own.reveal().to_owned(),
                    since: row.said_at,
                }),
            }
        }
        Ok(asked)
    }

    /// The address of a contact that is their own word, with what the school's records say; nothing
    /// where the records have said nothing else.
    pub(crate) async fn address_beside(
        &self,
        work: &mut Work,
        contact: ContactId,
    ) -> Read<Option<Both<EmailAddress>>> {
        let row: Option<BothRow> = work
            .row(
                "SELECT email AS own, records, accepted_beside FROM said_otherwise
                 JOIN contacts ON contacts.school = said_otherwise.school
                   AND contacts.id = said_otherwise.contact
                 WHERE said_otherwise.school = $1 AND contact = $2 AND what = 'email'
                   AND email IS NOT NULL",
                values![self.school, contact],
            )
            .await?;
        Ok(row.map(|row| Both {
            own: row.own,
            school: row.records,
            accepted_beside: row.accepted_beside,
        }))
    }

    /// The address that the school's records say of a contact who goes on with their own.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn records_address(&self, contact: ContactId) -> Result<Option<EmailAddress>> {
        let mut work = self.glance().await?;
        let both = self.address_beside(&mut work, contact).await?;
        let both = both.filter(|it| it.standing() != Standing::Agreed);
        Ok(both.and_then(|it| it.school))
    }

    /// The key of the address that the school's records say of a contact beside their own; nothing where
    /// the office has said that it is not theirs.
    pub(crate) async fn other_address_key(
        &self,
        work: &mut Work,
        contact: ContactId,
    ) -> Read<Option<String>> {
        let both = self.address_beside(work, contact).await?;
        let both = both.filter(|it| it.standing() == Standing::Asked);
        Ok(both.and_then(|it| it.school).map(|it| it.key()))
    }

    /// The school's records say that address of somebody who goes on with theirs. While a court order
    /// stands, what they said before counts too.
    pub(crate) async fn note_other_address(
        &self,
        work: &mut Work,
        (contact, email): (ContactId, &EmailAddress),
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        work.run(
            "INSERT INTO said_otherwise (school, contact, what, own, records, said_at)
             SELECT said_otherwise.school, contact, 'email ' || records, own, records, said_at
             FROM said_otherwise
             JOIN contacts ON contacts.school = said_otherwise.school
               AND contacts.id = said_otherwise.contact AND court_order_at IS NOT NULL
             WHERE said_otherwise.school = $1 AND contact = $2 AND what = 'email'
               AND records IS NOT NULL
             ON CONFLICT DO NOTHING",
            values![self.school, contact],
        )
        .await?;
        work.run(
            "INSERT INTO said_otherwise (school, contact, what, own, records, said_at)
             SELECT school, id, 'email', email, $3, $4 FROM contacts
             WHERE school = $1 AND id = $2 AND email IS NOT NULL
             ON CONFLICT (contact, what, school) DO UPDATE SET records = excluded.records,
               said_at = excluded.said_at",
            values![self.school, contact, email, now],
        )
        .await?;
        let subject = format!("contact:{contact}");
        self.audit(work, actor, Action::AddressNoted, &subject, &[], now)
            .await
    }

    /// A contact has that address by their own word: what stood is what the school's records say, unless these have
    /// said another.
    pub(crate) async fn say_address(
        &self,
        work: &mut Work,
        contact: ContactId,
        email: &EmailAddress,
        now: Timestamp,
    ) -> Read<()> {
        work.run(
            "INSERT INTO said_otherwise (school, contact, what, own, records, said_at)
             SELECT school, id, 'email', $3, email, $4 FROM contacts WHERE school = $1 AND id = $2
             ON CONFLICT (contact, what, school) DO UPDATE SET own = excluded.own,
               records = COALESCE(said_otherwise.records, excluded.records),
               accepted_beside = NULL, said_at = excluded.said_at",
            values![self.school, contact, email, now],
        )
        .await?;
        work.run(
            "UPDATE contacts SET email = $3, email_key = $4 WHERE school = $1 AND id = $2",
            values![self.school, contact, email, email.key()],
        )
        .await?;
        Ok(())
    }

    /// The office has decided by hand what a contact's address is: what they said counts no more.
    pub(crate) async fn forget_said_address(
        &self,
        work: &mut Work,
        contact: ContactId,
    ) -> Read<()> {
        work.run(
            "DELETE FROM said_otherwise
             WHERE school = $1 AND contact = $2 AND (what = 'email' OR what LIKE 'email %')",
            values![self.school, contact],
        )
        .await?;
        Ok(())
    }

    /// The office says which is kept, of the two that it was `shown`: the school's, and theirs. Theirs is
    /// kept until a source says a third. Where the school's address is, what is sent goes there, and by
    /// the other nobody is shown anything of theirs any more. Of a name that is not accepted the parent
    /// reads the `word`.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], [`Refusal::CourtOrderStands`], and [`Refusal::ChangedMeanwhile`] where these are
    /// no longer the two that differ.
    pub async fn decide_detail(
        &self,
        (contact, what): (ContactId, Detail),
        (keep, word): (Keep, &Note),
        shown: (&str, &str),
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        self.check_stands(&mut work, contact).await?;
        let mut detail = Vec::new();
        let (action, aftermath) = match what {
            Detail::Telephone => {
                let action = self
                    .decide_telephone(&mut work, contact, keep, shown)
                    .await?;
                (action, Aftermath::default())
            }
            Detail::Email => {
                self.decide_address(&mut work, contact, keep, shown, (actor, now))
                    .await?
            }
            Detail::Name(student) => {
                detail.extend(student.map(|it| ("student", it.0)));
                let (of, keep) = ((contact, student), (keep, word));
                self.decide_name(&mut work, of, keep, shown, (actor, now))
                    .await?
            }
        };
        let subject = format!("contact:{contact}");
        self.audit(&mut work, actor, action, &subject, &detail, now)
            .await?;
        work.commit().await?;
        Ok(aftermath)
    }

    async fn decide_address(
        &self,
        work: &mut Work,
        contact: ContactId,
        keep: Keep,
        shown: (&str, &str),
        (actor, now): (Actor, Timestamp),
    ) -> Result<(Action, Aftermath)> {
        // An order counts at both addresses for as long as it stands.
        let is_barred = work
            .one(
                "SELECT id FROM contacts WHERE school = $1 AND id = $2 AND court_order_at IS NOT NULL",
                values![self.school, contact],
            )
            .await?;
        if is_barred.is_some() {
            return Err(Refusal::CourtOrderStands.into());
        }
        let both = self.address_beside(work, contact).await?;
        let both = both.filter(|it| it.standing() == Standing::Asked);
        let both = both.ok_or(Refusal::ChangedMeanwhile)?;
        let school = both.school.as_ref().ok_or(Refusal::ChangedMeanwhile)?;
        if (school.reveal(), both.own.reveal()) != shown {
            return Err(Refusal::ChangedMeanwhile.into());
        }
        match keep {
            Keep::Own => {
                work.run(
                    "UPDATE said_otherwise SET accepted_beside = records
                     WHERE school = $1 AND contact = $2 AND what = 'email'",
                    values![self.school, contact],
                )
                .await?;
                // Whoever waited because of the other one alone waits no more.
                let decided = BTreeSet::from([contact]);
                let aftermath = self.look_again_at(work, &decided, actor, now).await?;
                Ok((Action::AddressAccepted, aftermath))
            }
            Keep::School => {
                let mut aftermath = self
                    .readdress_contact(work, contact, school, actor, now)
                    .await?;
                aftermath.extend(self.look_again(work, actor, now).await?);
                Ok((Action::AddressKept, aftermath))
            }
        }
    }
}
