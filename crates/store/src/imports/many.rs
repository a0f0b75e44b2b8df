//! Many people at once: one statement for each kind of row, not for each person.

use school::HolderKind;
use school::import::Step;
use school::text::search_key;
use school::year;
use school::{ContactId, EmailAddress, Refusal, StudentId};
use serde_json::{Value as Json, json};

use super::Brought;
use crate::database::Work;
use crate::fault::Result;
use crate::store::Store;
use crate::value::{each, values};

/// How many rows one statement brings: it stays within what a database takes at once.
const AT_ONCE: usize = 2_000;

impl Store {
    /// Adds the people of the steps, their places in classes and whose guardians they are.
    pub(super) async fn add_people(
        &self,
        work: &mut Work,
        steps: &[Step],
        brought: &mut Brought,
    ) -> Result<()> {
        let mut students = Vec::new();
        let mut contacts = Vec::new();
        for step in steps {
            match step {
                Step::AddStudent {
                    name,
                    form,
                    year,
                    source,
                } => {
                    let id = StudentId(Self::new_id());
                    brought.students.push(id);
                    let (name, key) = (name.reveal(), name.key());
                    let (form_key, year_key) = (search_key(form), year::key(year));
                    students.push(json!([
                        id.0, name, key, form, form_key, source, year, year_key
                    ]));
                }
                Step::AddContact {
                    name,
                    email,
                    source,
                } => {
                    let id = ContactId(Self::new_id());
                    brought.contacts.push(id);
                    let address = email.as_ref().map(EmailAddress::reveal);
                    let key = email.as_ref().map(EmailAddress::key);
                    contacts.push(json!([
                        id.0,
                        name.reveal(),
                        name.key(),
                        address,
                        key,
                        source
                    ]));
                }
                Step::ChangeStudent { .. }
                | Step::ChangeContact { .. }
                | Step::OtherAddress { .. }
                | Step::Call { .. }
                | Step::Telephone { .. }
                | Step::Place { .. }
                | Step::Link { .. } => {}
            }
        }
        self.add_students(work, &students).await?;
        self.add_contacts(work, &contacts).await?;
        self.note_telephones(work, steps, brought).await?;
        self.join_people(work, steps, brought).await
    }

    async fn add_students(&self, work: &mut Work, students: &[Json]) -> Result<()> {
        let sql = each!(
            work,
            "INSERT INTO students (school, id, name, name_key, form, form_key, source, year, year_key,
               from_source)
             SELECT $1, CAST(value ->> 0 AS BIGINT), value ->> 1, value ->> 2, value ->> 3,
               value ->> 4, value ->> 5, value ->> 6, value ->> 7, 1 FROM",
            "WHERE 0 = 0 ON CONFLICT DO NOTHING"
        );
        for part in students.chunks(AT_ONCE) {
            let rows = Json::from(part).to_string();
            let made = work.run(sql, values![self.school, rows]).await?;
            if made < part.len() as u64 {
                return Err(Refusal::SourceTaken.into());
            }
        }
        Ok(())
    }

    async fn add_contacts(&self, work: &mut Work, contacts: &[Json]) -> Result<()> {
        let holders = each!(
            work,
            "INSERT INTO holders (school, id, kind)
             SELECT $1, CAST(value ->> 0 AS BIGINT), $3 FROM",
            ""
        );
        let sql = each!(
            work,
            "INSERT INTO contacts (school, id, name, name_key, email, email_key, source, from_source)
             SELECT $1, CAST(value ->> 0 AS BIGINT), value ->> 1, value ->> 2, value ->> 3,
               value ->> 4, value ->> 5, 1 FROM",
            ""
        );
        for part in contacts.chunks(AT_ONCE) {
            let rows = Json::from(part).to_string();
            let kind = HolderKind::Parent.code();
            work.run(holders, values![self.school, rows.clone(), kind])
                .await?;
            work.run(sql, values![self.school, rows]).await?;
        }
        Ok(())
    }

    /// What the source says of contacts' telephone numbers. Of each there is one step at most.
    async fn note_telephones(
        &self,
        work: &mut Work,
        steps: &[Step],
        brought: &Brought,
    ) -> Result<()> {
        let mut telephones = Vec::new();
        for step in steps {
            match step {
                Step::Telephone { contact, telephone } => {
                    telephones.push(json!([brought.contact(*contact)?.0, telephone]));
                }
                Step::AddStudent { .. }
                | Step::ChangeStudent { .. }
                | Step::AddContact { .. }
                | Step::ChangeContact { .. }
                | Step::OtherAddress { .. }
                | Step::Call { .. }
                | Step::Place { .. }
                | Step::Link { .. } => {}
            }
        }
        let sql = each!(
            work,
            "UPDATE contacts SET telephone = said.telephone FROM (
               SELECT CAST(value ->> 0 AS BIGINT) AS contact, value ->> 1 AS telephone FROM",
            ") AS said WHERE contacts.school = $1 AND contacts.id = said.contact"
        );
        for part in telephones.chunks(AT_ONCE) {
            let rows = Json::from(part).to_string();
            work.run(sql, values![self.school, rows]).await?;
        }
        Ok(())
    }

    /// Places students in classes, and makes contacts their guardians.
    async fn join_people(&self, work: &mut Work, steps: &[Step], brought: &Brought) -> Result<()> {
        let (mut places, mut guardians) = (Vec::new(), Vec::new());
        for step in steps {
            match step {
                Step::Place { student, class } => {
                    let (class, student) = (brought.class(*class)?, brought.student(*student)?);
                    places.push(json!([class.0, student.0]));
                }
                Step::Link {
                    contact,
                    student,
                    relationship,
                } => {
                    let contact = brought.contact(*contact)?;
                    let student = brought.student(*student)?;
                    guardians.push(json!([contact.0, student.0, relationship]));
                }
                Step::AddStudent { .. }
                | Step::ChangeStudent { .. }
                | Step::AddContact { .. }
                | Step::Telephone { .. }
                | Step::ChangeContact { .. }
                | Step::OtherAddress { .. }
                | Step::Call { .. } => {}
            }
        }
        let sql = each!(
            work,
            "INSERT INTO class_students (school, class, student, from_source)
             SELECT $1, CAST(value ->> 0 AS BIGINT), CAST(value ->> 1 AS BIGINT), 1 FROM",
            "WHERE 0 = 0 ON CONFLICT DO NOTHING"
        );
        for part in places.chunks(AT_ONCE) {
            let rows = Json::from(part).to_string();
            work.run(sql, values![self.school, rows]).await?;
        }
        let sql = each!(
            work,
            "INSERT INTO guardians (school, contact, student, relationship, from_source)
             SELECT $1, CAST(value ->> 0 AS BIGINT), CAST(value ->> 1 AS BIGINT), value ->> 2, 1
             FROM",
            "WHERE 0 = 0 ON CONFLICT (contact, student, school)
             DO UPDATE SET relationship = excluded.relationship"
        );
        for part in guardians.chunks(AT_ONCE) {
            // What is said twice of one pair in one statement, no database takes: the last counts.
            let mut last = std::collections::BTreeMap::new();
            for row in part {
                last.insert((row[0].as_u64(), row[1].as_u64()), row);
            }
            let rows: Vec<&Json> = last.into_values().collect();
            let rows = json!(rows).to_string();
            work.run(sql, values![self.school, rows]).await?;
        }
        Ok(())
    }
}
