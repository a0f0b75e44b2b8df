//! What is kept of who somebody is and was, and with whom (DIR-4, DIR-13): a court order is about a person,
//! whatever later imports, changes and departures make of their record and their family's.
//!
//! It is only ever added to, after every change of contacts, and goes when they are erased.

use std::collections::{BTreeMap, BTreeSet};

use school::{ContactId, EmailAddress, Name, StudentId};

use crate::database::Work;
use crate::fault::Read;
use crate::store::Store;
use crate::value::{columns, values};

columns! {
    /// What a contact was called, and where they were reached under that name.
    pub(crate) struct FormerSelf {
        pub(crate) contact: ContactId,
        pub(crate) name: Name,
        pub(crate) email: Option<EmailAddress>,
    }
}

columns! {
    struct WithRow {
        contact: ContactId,
        student: StudentId,
    }
}

/// Whose parent or guardian a contact is or was, also by a record that was made one with theirs.
macro_rules! known_with {
    () => {
        "(SELECT school, contact, student FROM known_with
          UNION SELECT joined_records.school, kept, student FROM joined_records
          JOIN known_with ON known_with.school = joined_records.school
            AND known_with.contact = joined_records.gone)"
    };
}

impl Store {
    /// Keeps what the records say of contacts now.
    pub(crate) async fn keep_known(&self, work: &mut Work) -> Read<()> {
        for sql in [
            "INSERT INTO known_as (school, contact, name, name_key, email, email_key)
             SELECT school, id, name, name_key, email, COALESCE(email_key, '') FROM contacts
             WHERE school = $1 AND NOT EXISTS (
               SELECT 1 FROM known_as AS known
               WHERE known.school = contacts.school AND known.contact = contacts.id
                 AND known.name_key = contacts.name_key
                 AND known.email_key = COALESCE(contacts.email_key, ''))",
            "INSERT INTO known_numbers (school, contact, number)
             SELECT school, contact, number FROM (
               SELECT school, id AS contact, mobile AS number FROM contacts
               UNION SELECT school, id, telephone FROM contacts
               UNION SELECT school, contact, telephone FROM contact_details) AS said
             WHERE school = $1 AND number <> '' AND NOT EXISTS (
               SELECT 1 FROM known_numbers AS known
               WHERE known.school = said.school AND known.contact = said.contact
                 AND known.number = said.number)",
            "INSERT INTO known_with (school, contact, student)
             SELECT school, contact, student FROM (
               SELECT school, contact, student FROM guardians
               UNION SELECT school, contact, student FROM former_guardians
               UNION SELECT school, contact, student FROM kept_apart) AS said
             WHERE school = $1 AND NOT EXISTS (
               SELECT 1 FROM known_with AS known
               WHERE known.school = said.school AND known.contact = said.contact
                 AND known.student = said.student)",
        ] {
            work.run(sql, values![self.school]).await?;
        }
        Ok(())
    }

    /// What those with a court order are and were called, by whichever record of theirs.
    pub(crate) async fn known_of_barred(&self, work: &mut Work) -> Read<Vec<FormerSelf>> {
        work.rows(
            "SELECT standing.id AS contact, known_as.name AS name, known_as.email AS email
             FROM known_as
             LEFT JOIN joined_records ON joined_records.school = known_as.school
               AND joined_records.gone = known_as.contact
             JOIN contacts AS standing ON standing.school = known_as.school
               AND standing.id = COALESCE(joined_records.kept, known_as.contact)
             WHERE known_as.school = $1 AND standing.court_order_at IS NOT NULL
             ORDER BY standing.id, known_as.name_key, known_as.email_key",
            values![self.school],
        )
        .await
    }

    /// What everybody else was called before, without where they were reached: of an address that two people
    /// shared the one may have gone on, and is nobody else by it.
    pub(crate) async fn former_names(
        &self,
        work: &mut Work,
    ) -> Read<BTreeMap<ContactId, Vec<FormerSelf>>> {
        let rows: Vec<FormerSelf> = work
            .rows(
                "SELECT DISTINCT standing.id AS contact, known_as.name AS name,
                   CAST(NULL AS TEXT) AS email
                 FROM known_as
                 LEFT JOIN joined_records ON joined_records.school = known_as.school
                   AND joined_records.gone = known_as.contact
                 JOIN contacts AS standing ON standing.school = known_as.school
                   AND standing.id = COALESCE(joined_records.kept, known_as.contact)
                 WHERE known_as.school = $1 AND standing.court_order_at IS NULL
                   AND known_as.name_key <> standing.name_key
                 ORDER BY contact, name",
                values![self.school],
            )
            .await?;
        let mut former: BTreeMap<ContactId, Vec<FormerSelf>> = BTreeMap::new();
        for row in rows {
            former.entry(row.contact).or_default().push(row);
        }
        Ok(former)
    }

    /// The students of whom each contact is or was a parent or guardian.
    pub(crate) async fn students_known_with(
        &self,
        work: &mut Work,
    ) -> Read<BTreeMap<ContactId, BTreeSet<StudentId>>> {
        let rows: Vec<WithRow> = work
            .rows(
                concat!(
                    "SELECT contact, student FROM ",
                    known_with!(),
                    " AS known WHERE school = $1"
                ),
                values![self.school],
            )
            .await?;
        let mut students: BTreeMap<ContactId, BTreeSet<StudentId>> = BTreeMap::new();
        for row in rows {
            students.entry(row.contact).or_default().insert(row.student);
        }
        Ok(students)
    }

    /// The students of the families of those with a court order: of everybody who is or was the parent or
    /// guardian of a student of theirs. Nobody, where they are the guardian of no student now.
    pub(crate) async fn families_of_barred(
        &self,
        work: &mut Work,
    ) -> Read<BTreeMap<ContactId, BTreeSet<StudentId>>> {
        let rows: Vec<WithRow> = work
            .rows(
                concat!(
                    "SELECT DISTINCT contacts.id AS contact, students.id AS student FROM contacts
                     JOIN ",
                    known_with!(),
                    " AS own ON own.school = contacts.school AND own.contact = contacts.id
                     JOIN known_with AS sharing ON sharing.school = contacts.school
                       AND sharing.student = own.student
                     JOIN known_with AS family ON family.school = contacts.school
                       AND family.contact = sharing.contact
                     JOIN students ON students.school = contacts.school
                       AND students.id = family.student
                     WHERE contacts.school = $1 AND court_order_at IS NOT NULL
                       AND EXISTS (SELECT 1 FROM guardians
                         WHERE guardians.school = contacts.school
                           AND guardians.contact = contacts.id)"
                ),
                values![self.school],
            )
            .await?;
        let mut families: BTreeMap<ContactId, BTreeSet<StudentId>> = BTreeMap::new();
        for row in rows {
            families.entry(row.contact).or_default().insert(row.student);
        }
        Ok(families)
    }

    /// With whom somebody was is kept for as long as either is.
    pub(crate) async fn forget_known_with(&self, work: &mut Work) -> Read<()> {
        work.run(
            "DELETE FROM known_with WHERE school = $1
               AND contact NOT IN (SELECT id FROM contacts WHERE school = $1)
               AND student NOT IN (SELECT id FROM students WHERE school = $1)",
            values![self.school],
        )
        .await?;
        Ok(())
    }
}
