//! Students and contacts out of a file (DIR-1, EVE-1).

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::Arc;

use jiff::Timestamp;
use school::import::{
    Existing, ExistingContact, ExistingStudent, Outcome, Plan, Row, RowResult, Step, Which, plan,
};
use school::{Actor, ClassId, ContactId, Deed, EmailAddress, Holder, Refusal, StudentId};
use tokio::task::spawn_blocking;

use crate::addresses::has_changed;
use crate::audit::Action;
use crate::contacts::Guardian;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::{Error, Read, Result};
use crate::store::Store;
use crate::students::NewStudent;
use crate::value::values;

/// What an import came to.
#[derive(Clone, Debug)]
pub struct Imported {
    /// What became of every row.
    pub results: Vec<RowResult>,
    /// What ended with it.
    pub aftermath: Aftermath,
}

/// What a file changes, found on a thread of its own: whoever waits for a short answer does not wait
/// for a large file.
async fn planned(rows: Arc<[Row]>, existing: Existing) -> Plan {
    let planning = spawn_blocking(move || plan(&rows, &existing));
    planning
        .await
        .unwrap_or_else(|failed| resume_unwind(failed.into_panic()))
}

impl Store {
    /// What becomes of every row of a file that `school::import::read` has read; with `apply` it is
    /// done, all of it at once, and without nothing changes. Rows that are refused are left out.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn import_students(
        &self,
        rows: impl Into<Arc<[Row]>>,
        apply: bool,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Imported> {
        let rows = rows.into();
        if !apply {
            let existing = self.existing(&mut self.read().await?).await?;
            return Ok(Imported {
                results: planned(rows, existing).await.results,
                aftermath: Aftermath::default(),
            });
        }
        let mut work = self.write().await?;
        work.at_length().await?;
        let existing = self.existing(&mut work).await?;
        let plan = planned(rows, existing).await;
        let mut aftermath = self.import(&mut work, &plan, actor, now).await?;
        aftermath.extend(self.look_again(&mut work, actor, now).await?);
        let count = |outcome| {
            let these = plan.results.iter().filter(|it| it.outcome == outcome);
            u64::try_from(these.count()).unwrap_or(u64::MAX)
        };
        let detail = [
            ("created", count(Outcome::Created)),
            ("updated", count(Outcome::Updated)),
            ("refused", count(Outcome::Refused)),
        ];
        self.audit(&mut work, actor, Action::Imported, "students", &detail, now)
            .await?;
        work.commit().await?;
        Ok(Imported {
            results: plan.results,
            aftermath,
        })
    }

    async fn import(
        &self,
        work: &mut Work,
        plan: &Plan,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut brought = Brought::default();
        let mut aftermath = Aftermath::default();
        for step in &plan.steps {
            match step {
                Step::AddStudent { name, form, source } => {
                    let student = NewStudent {
                        name: name.clone(),
                        form: form.clone(),
                        source: source.clone(),
                        classes: None,
                    };
                    brought
                        .students
                        .push(self.insert_student(work, &student).await?);
                }
                Step::ChangeStudent {
                    id,
                    name,
                    form,
                    source,
                } => {
                    let source = source.as_deref();
                    self.update_student(work, *id, name, form, source).await?;
                }
                Step::Place { student, class } => {
                    work.run(
                        "INSERT INTO class_students (school, class, student) VALUES ($1, $2, $3)
                         ON CONFLICT DO NOTHING",
                        values![self.school, *class, brought.student(*student)?],
                    )
                    .await?;
                }
                Step::AddContact { name, email } => {
                    let contact = self.insert_contact(work, name, email.as_ref()).await?;
                    brought.contacts.push(contact);
                }
                Step::ChangeContact { id, email } => {
                    let changed = self.update_address(work, *id, email, actor, now);
                    aftermath.extend(changed.await?);
                }
                Step::Link {
                    contact,
                    student,
                    relationship,
                } => {
                    let guardian = Guardian {
                        student: brought.student(*student)?,
                        relationship: relationship.clone(),
                    };
                    let contact = brought.contact(*contact)?;
                    self.set_guardian(work, contact, &[guardian]).await?;
                }
            }
        }
        Ok(aftermath)
    }

    async fn update_address(
        &self,
        work: &mut Work,
        id: ContactId,
        email: &EmailAddress,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let before = self.address_of(work, id).await?;
        work.run(
            "UPDATE contacts SET email = $3, email_key = $4 WHERE school = $1 AND id = $2",
            values![self.school, id, email, email.key()],
        )
        .await?;
        if has_changed(before.as_ref(), Some(email)) {
            let holder = Holder::Parent(id);
            let changed = Deed::AddressChanged { holder };
            self.perform(work, &changed, actor, now).await
        } else {
            Ok(Aftermath::default())
        }
    }

    /// All that an import is compared with.
    async fn existing(&self, work: &mut Work) -> Read<Existing> {
        let classes = work
            .all(
                "SELECT id, name FROM classes WHERE school = $1 AND removed_at IS NULL ORDER BY id",
                values![self.school],
            )
            .await?;
        let classes = classes.iter().map(|row| Ok((row.get(0)?, row.get(1)?)));
        Ok(Existing {
            classes: classes.collect::<Read<_>>()?,
            students: self.existing_students(work).await?,
            contacts: self.existing_contacts(work).await?,
        })
    }

    async fn existing_students(&self, work: &mut Work) -> Read<Vec<ExistingStudent>> {
        let placed = work
            .all(
                "SELECT student, class FROM class_students WHERE school = $1",
                values![self.school],
            )
            .await?;
        let mut classes: BTreeMap<StudentId, Vec<ClassId>> = BTreeMap::new();
        for row in &placed {
            classes.entry(row.get(0)?).or_default().push(row.get(1)?);
        }
        let students = work
            .all(
                "SELECT id, name, form, source FROM students WHERE school = $1 ORDER BY id",
                values![self.school],
            )
            .await?;
        let students = students.iter().map(|row| {
            let id = row.get(0)?;
            Ok(ExistingStudent {
                id,
                name: row.get(1)?,
                form: row.get(2)?,
                source: row.maybe(3)?,
                classes: classes.remove(&id).unwrap_or_default(),
            })
        });
        students.collect()
    }

    async fn existing_contacts(&self, work: &mut Work) -> Read<Vec<ExistingContact>> {
        let rows = work
            .all(
                "SELECT contacts.id, name, email, student, relationship FROM contacts
                 LEFT JOIN guardians ON guardians.school = contacts.school
                   AND guardians.contact = contacts.id
                 WHERE contacts.school = $1 ORDER BY contacts.id, student",
                values![self.school],
            )
            .await?;
        let mut contacts: Vec<ExistingContact> = Vec::new();
        for row in &rows {
            let id = row.get(0)?;
            let student = match row.maybe(3)? {
                Some(student) => Some((student, row.get(4)?)),
                None => None,
            };
            match contacts.last_mut() {
                Some(last) if last.id == id => last.students.extend(student),
                Some(_) | None => contacts.push(ExistingContact {
                    id,
                    name: row.get(1)?,
                    email: row.maybe(2)?,
                    students: student.into_iter().collect(),
                }),
            }
        }
        Ok(contacts)
    }
}

/// Whom the steps so far have brought, in order.
#[derive(Default)]
struct Brought {
    students: Vec<StudentId>,
    contacts: Vec<ContactId>,
}

impl Brought {
    fn student(&self, which: Which<StudentId>) -> Result<StudentId> {
        found(which, &self.students)
    }

    fn contact(&self, which: Which<ContactId>) -> Result<ContactId> {
        found(which, &self.contacts)
    }
}

fn found<Id: Copy>(which: Which<Id>, brought: &[Id]) -> Result<Id> {
    match which {
        Which::Kept(id) => Ok(id),
        // A plan's steps stand in order.
        Which::New(n) => brought
            .get(n)
            .copied()
            .ok_or(Error::Refused(Refusal::NotFound)),
    }
}
