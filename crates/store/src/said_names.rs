//! Names that parents say are theirs or their students' (DIR-9, DIR-12): what stands in the records stays
//! until the office accepts another, and is remembered then, so that an import that goes on saying it
//! means the same person and changes nothing.

use std::collections::BTreeMap;

use jiff::Timestamp;
use school::{AccountId, Actor, ContactId, Name, Note, Refusal, SaidNameId, StudentId};

use crate::audit::Action;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::{Read, Result};
use crate::said::{ChangedDetail, Detail, Keep};
use crate::store::Store;
use crate::value::{columns, list, listed, values};

/// A name that a parent says, and what became of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SaidName {
    /// What they say.
    pub name: Name,
    /// What became of it.
    pub standing: NameStanding,
}

/// What became of a name that a parent says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum NameStanding {
    /// It waits for the office.
    Waits,
    /// It is what they are called in the records.
    Accepted,
    /// The office has kept what they are called there, and says this to it.
    Kept(Note),
}

/// What stands in `is_kept` of a name that waits and was another parent's of a student of theirs when they
/// said it: an order on whoever says it is none on that parent.
const OF_ANOTHER: i64 = 2;

/// Who says a name, and of whom: of a student, or of themselves.
type Of = (ContactId, Option<StudentId>);

columns! {
    struct SaidRow {
        contact: ContactId,
        student: Option<StudentId>,
        said: Name,
        stands: Name,
        is_kept: i64,
        word: Note,
    }
}

columns! {
    /// A name that waits for the office.
    struct AskedRow {
        contact: ContactId,
        name: Name,
        student: Option<StudentId>,
        said: Name,
        stands: Name,
        said_at: Timestamp,
        /// Of several students of theirs each is a row.
        child: Option<Name>,
    }
}

columns! {
    struct StandsRow {
        name: Name,
    }
}

columns! {
    struct RefusedRow {
        said: Name,
        who: Name,
    }
}

columns! {
    struct OtherRow {
        name: Name,
        records_name: Option<Name>,
    }
}

impl SaidRow {
    fn said(self) -> SaidName {
        let standing = if self.said == self.stands {
            NameStanding::Accepted
        } else if self.is_kept == 1 {
            NameStanding::Kept(self.word)
        } else {
            NameStanding::Waits
        };
        SaidName {
            name: self.said,
            standing,
        }
    }
}

impl Store {
    /// Whoever has an account says a name of theirs, or of a student of theirs: it waits for the office.
    /// One that stands in the records takes back what they have said before.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where the record or the student is not theirs.
    pub async fn say_name(
        &self,
        (account, contact): (AccountId, ContactId),
        student: Option<StudentId>,
        name: &Name,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        self.own_contact(&mut work, account, contact).await?;
        let stands = self.stands(&mut work, (contact, student)).await?;
        let mut before = self.said_by_each(&mut work, &[contact]).await?;
        let before = before.remove(&(contact, student));
        let is_news = match &before {
            Some(said) => match &said.standing {
                NameStanding::Waits | NameStanding::Accepted => said.name != *name,
                NameStanding::Kept(_) => true,
            },
            None => *name != stands,
        };
        if !is_news {
            return Ok(());
        }
        self.unsay(&mut work, (contact, student)).await?;
        let action = if *name == stands {
            Action::NameWithdrawn
        } else {
            self.note_said(&mut work, (contact, student), name, now)
                .await?;
            Action::NameGiven
        };
        let subject = format!("contact:{contact}");
        let detail: Vec<_> = student.iter().map(|it| ("student", it.0)).collect();
        let actor = Actor::Parent(contact);
        self.audit(&mut work, actor, action, &subject, &detail, now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// What they have said is taken back, where it waits still.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where the record is not theirs, and [`Refusal::ChangedMeanwhile`] where that is not what
    /// waits: the office has decided, or they have said another since.
    pub async fn withdraw_name(
        &self,
        (account, contact): (AccountId, ContactId),
        student: Option<StudentId>,
        said: &Name,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        self.own_contact(&mut work, account, contact).await?;
        let mut before = self.said_by_each(&mut work, &[contact]).await?;
        let before = before.remove(&(contact, student));
        let waits = |it: &SaidName| it.name == *said && it.standing == NameStanding::Waits;
        before.filter(waits).ok_or(Refusal::ChangedMeanwhile)?;
        self.unsay(&mut work, (contact, student)).await?;
        let subject = format!("contact:{contact}");
        let detail: Vec<_> = student.iter().map(|it| ("student", it.0)).collect();
        let (actor, action) = (Actor::Parent(contact), Action::NameWithdrawn);
        self.audit(&mut work, actor, action, &subject, &detail, now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    async fn unsay(&self, work: &mut Work, (contact, student): Of) -> Read<()> {
        work.run(
            "DELETE FROM said_names
             WHERE school = $1 AND contact = $2 AND student IS NOT DISTINCT FROM $3",
            values![self.school, contact, student],
        )
        .await?;
        Ok(())
    }

    /// What was said by whoever has no account any more: nobody asks for it, and nobody reads what became of it. While
    /// a court order stands it counts, and with a record that was made one with another it may go back.
    pub(crate) async fn forget_names_of_nobody(&self, work: &mut Work) -> Read<()> {
        work.run(
            "DELETE FROM said_names WHERE school = $1
               AND contact NOT IN (SELECT contact FROM account_contacts WHERE school = $1)
               AND contact NOT IN (SELECT gone FROM joined_records WHERE school = $1)
               AND contact NOT IN (
                 SELECT id FROM contacts WHERE school = $1 AND court_order_at IS NOT NULL)",
            values![self.school],
        )
        .await?;
        Ok(())
    }

    /// The name that a contact says is theirs, where the office has kept another.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn refused_name(&self, contact: ContactId) -> Result<Option<Name>> {
        let mut work = self.glance().await?;
        let row: Option<StandsRow> = work
            .row(
                "SELECT said_names.name AS name FROM said_names
                 JOIN contacts ON contacts.school = said_names.school
                   AND contacts.id = said_names.contact AND contacts.name <> said_names.name
                 WHERE said_names.school = $1 AND contact = $2 AND student IS NULL AND is_kept = 1",
                values![self.school, contact],
            )
            .await?;
        Ok(row.map(|it| it.name))
    }

    /// The names that parents say are a student's, where the office has kept another; with who says each.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn refused_names(&self, student: StudentId) -> Result<Vec<(Name, Name)>> {
        let mut work = self.glance().await?;
        let rows: Vec<RefusedRow> = work
            .rows(
                "SELECT said_names.name AS said, contacts.name AS who FROM said_names
                 JOIN students ON students.school = said_names.school
                   AND students.id = said_names.student AND students.name <> said_names.name
                 JOIN contacts ON contacts.school = said_names.school
                   AND contacts.id = said_names.contact
                 WHERE said_names.school = $1 AND said_names.student = $2 AND is_kept = 1
                   AND contacts.id NOT IN (SELECT gone FROM joined_records WHERE school = $1)
                 ORDER BY contacts.name_key, contacts.id",
                values![self.school, student],
            )
            .await?;
        Ok(rows.into_iter().map(|it| (it.said, it.who)).collect())
    }

    /// Notes a name that waits from now on.
    async fn note_said(
        &self,
        work: &mut Work,
        (contact, student): Of,
        name: &Name,
        now: Timestamp,
    ) -> Read<()> {
        let is_anothers = student.is_none() && self.is_of_another(work, contact, name).await?;
        work.run(
            "INSERT INTO said_names (school, id, contact, student, name, said_at, is_kept)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![
                self.school,
                SaidNameId(Self::new_id()),
                contact,
                student,
                name,
                now,
                if is_anothers { OF_ANOTHER } else { 0 }
            ],
        )
        .await?;
        Ok(())
    }

    /// Whether another contact of a student of theirs may be called so.
    async fn is_of_another(&self, work: &mut Work, contact: ContactId, name: &Name) -> Read<bool> {
        let others: Vec<OtherRow> = work
            .rows(
                "SELECT name, records_name FROM contacts
                 WHERE school = $1 AND id <> $2 AND id IN (
                   SELECT theirs.contact FROM guardians AS theirs
                   JOIN guardians AS own ON own.school = theirs.school
                     AND own.student = theirs.student AND own.contact = $2
                   WHERE theirs.school = $1)",
                values![self.school, contact],
            )
            .await?;
        Ok(others.iter().any(|it| {
            let mut names = std::iter::once(&it.name).chain(&it.records_name);
            names.any(|it| it.likeness(name).is_some())
        }))
    }

    /// What somebody is called in the records: a contact, or a student of theirs who is here.
    async fn stands(&self, work: &mut Work, (contact, student): Of) -> Result<Name> {
        let row: Option<StandsRow> = match student {
            None => {
                let sql = "SELECT name FROM contacts WHERE school = $1 AND id = $2";
                work.row(sql, values![self.school, contact]).await?
            }
            Some(student) => {
                work.row(
                    "SELECT name FROM students
                     JOIN guardians ON guardians.school = students.school
                       AND guardians.student = students.id AND guardians.contact = $2
                     WHERE students.school = $1 AND students.id = $3 AND gone_at IS NULL",
                    values![self.school, contact, student],
                )
                .await?
            }
        };
        Ok(row.ok_or(Refusal::NotFound)?.name)
    }

    /// The names that these contacts have said, and what became of each.
    pub(crate) async fn said_by_each(
        &self,
        work: &mut Work,
        contacts: &[ContactId],
    ) -> Read<BTreeMap<Of, SaidName>> {
        let sql = listed!(
            work,
            "SELECT said_names.contact AS contact, said_names.student AS student,
               said_names.name AS said, COALESCE(students.name, contacts.name) AS stands, is_kept,
               word
             FROM said_names
             JOIN contacts ON contacts.school = said_names.school
               AND contacts.id = said_names.contact
             LEFT JOIN students ON students.school = said_names.school
               AND students.id = said_names.student
             WHERE said_names.school = $1 AND said_names.contact IN",
            "ORDER BY said_names.id"
        );
        let rows: Vec<SaidRow> = work.rows(sql, values![self.school, list(contacts)]).await?;
        let said = rows.into_iter();
        Ok(said
            .map(|row| ((row.contact, row.student), row.said()))
            .collect())
    }

    /// Names that wait for the office: of nobody whom a court order concerns, or may.
    async fn asked_rows(&self, work: &mut Work) -> Read<Vec<AskedRow>> {
        work.rows(
            "SELECT contacts.id AS contact, contacts.name AS name, said_names.student AS student,
               said_names.name AS said,
               CASE WHEN said_names.student IS NULL THEN contacts.name ELSE students.name END
                 AS stands,
               said_at, students.name AS child
             FROM said_names
             JOIN contacts ON contacts.school = said_names.school
               AND contacts.id = said_names.contact
             LEFT JOIN guardians ON guardians.school = contacts.school
               AND guardians.contact = contacts.id
               AND (said_names.student IS NULL OR guardians.student = said_names.student)
             LEFT JOIN students ON students.school = guardians.school
               AND students.id = guardians.student AND students.gone_at IS NULL
             WHERE said_names.school = $1 AND is_kept <> 1 AND contacts.gone_at IS NULL
               AND court_order_at IS NULL AND may_be IS NULL
               AND (said_names.student IS NULL OR students.id IS NOT NULL)
               AND said_names.name <> CASE WHEN said_names.student IS NULL THEN contacts.name
                 ELSE students.name END
               AND contacts.id IN (SELECT contact FROM account_contacts WHERE school = $1)
               AND contacts.id NOT IN (SELECT gone FROM joined_records WHERE school = $1)
             ORDER BY said_at, said_names.id, students.name_key, students.id",
            values![self.school],
        )
        .await
    }

    /// The same, with who says them.
    pub(crate) async fn asked_names(&self, work: &mut Work) -> Read<Vec<ChangedDetail>> {
        let mut asked: Vec<ChangedDetail> = Vec::new();
        for row in self.asked_rows(work).await? {
            let what = Detail::Name(row.student);
            let is_same = |it: &&mut ChangedDetail| (it.contact, it.what) == (row.contact, what);
            match asked.last_mut().filter(is_same) {
                Some(same) => same.students.extend(row.child),
                None => asked.push(ChangedDetail {
                    what,
                    contact: row.contact,
                    name: row.name,
                    students: row.child.into_iter().collect(),
                    school: row.stands.reveal().to_owned(),
                    own: row.said.reveal().to_owned(),
                    since: row.said_at,
                }),
            }
        }
        Ok(asked)
    }

    /// The office says which name is kept, of the two that it was `shown`: that of the records, and the
    /// one that a parent says. Where it is the parent's, that of the records is remembered.
    pub(crate) async fn decide_name(
        &self,
        work: &mut Work,
        of: Of,
        (keep, word): (Keep, &Note),
        shown: (&str, &str),
        (actor, now): (Actor, Timestamp),
    ) -> Result<(Action, Aftermath)> {
        let (contact, student) = of;
        let concerned = work
            .one(
                "SELECT id FROM contacts WHERE school = $1 AND id = $2
                   AND (court_order_at IS NOT NULL OR may_be IS NOT NULL)",
                values![self.school, contact],
            )
            .await?;
        if concerned.is_some() {
            return Err(Refusal::CourtOrderStands.into());
        }
        let asked = self.asked_rows(work).await?.into_iter().find(|row| {
            (row.contact, row.student) == of && (row.stands.reveal(), row.said.reveal()) == shown
        });
        let said = asked.ok_or(Refusal::ChangedMeanwhile)?.said;
        if keep == Keep::School {
            work.run(
                "UPDATE said_names SET is_kept = 1, word = $4
                 WHERE school = $1 AND contact = $2 AND student IS NOT DISTINCT FROM $3",
                values![self.school, contact, student, word.reveal()],
            )
            .await?;
            return Ok((Action::NameKept, Aftermath::default()));
        }
        if let Some(student) = student {
            work.run(
                "UPDATE students SET name = $3, name_key = $4,
                   records_name = CASE WHEN records_name = $3 THEN NULL
                     ELSE COALESCE(records_name, name) END
                 WHERE school = $1 AND id = $2",
                values![self.school, student, &said, said.key()],
            )
            .await?;
            return Ok((Action::NameAccepted, Aftermath::default()));
        }
        work.run(
            "UPDATE contacts SET name = $3, name_key = $4,
               records_name = CASE WHEN records_name = $3 THEN NULL
                 ELSE COALESCE(records_name, name) END
             WHERE school = $1 AND id = $2",
            values![self.school, contact, &said, said.key()],
        )
        .await?;
        // They may be known by it as somebody with a court order.
        let aftermath = self.look_again(work, actor, now).await?;
        Ok((Action::NameAccepted, aftermath))
    }

    /// What the school's records call a student, where that is another name.
    pub(crate) async fn note_records_name(
        &self,
        work: &mut Work,
        (student, name): (StudentId, Option<&Name>),
    ) -> Read<()> {
        work.run(
            "UPDATE students SET records_name = $3 WHERE school = $1 AND id = $2",
            values![self.school, student, name.map(Name::reveal)],
        )
        .await?;
        Ok(())
    }

    /// The office is about to enter that name of a student by hand: what a parent had said, and it had
    /// accepted, it takes back, and where that is what the records say, nothing is remembered beside it.
    pub(crate) async fn rename_student_by_hand(
        &self,
        work: &mut Work,
        student: StudentId,
        name: &Name,
    ) -> Read<()> {
        for sql in [
            "UPDATE said_names SET is_kept = 1 WHERE school = $1 AND student = $2 AND name <> $3
               AND name = (SELECT name FROM students WHERE school = $1 AND id = $2)",
            "UPDATE students SET records_name = NULL
             WHERE school = $1 AND id = $2 AND records_name = $3",
        ] {
            work.run(sql, values![self.school, student, name]).await?;
        }
        Ok(())
    }

    /// The same of a contact.
    pub(crate) async fn rename_contact_by_hand(
        &self,
        work: &mut Work,
        contact: ContactId,
        name: &Name,
    ) -> Read<()> {
        for sql in [
            "UPDATE said_names SET is_kept = 1
             WHERE school = $1 AND contact = $2 AND student IS NULL AND name <> $3
               AND name = (SELECT name FROM contacts WHERE school = $1 AND id = $2)",
            "UPDATE contacts SET records_name = NULL
             WHERE school = $1 AND id = $2 AND records_name = $3",
        ] {
            work.run(sql, values![self.school, contact, name]).await?;
        }
        Ok(())
    }
}
