//! What ends when somebody is no longer the guardian of a student.

use std::collections::BTreeSet;

use jiff::Timestamp;
use school::{Actor, ContactId, Deed, StudentId};

use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::value::values;

impl Store {
    /// The students of a contact.
    pub(crate) async fn students_of(
        &self,
        work: &mut Work,
        contact: ContactId,
    ) -> Read<BTreeSet<StudentId>> {
        let rows = work
            .all(
                "SELECT student FROM guardians WHERE school = $1 AND contact = $2",
                values![self.school, contact],
            )
            .await?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Ends what a contact has for students who are theirs no longer, in evenings to come: their
    /// appointments are cancelled, and their guests may not come to any. Both hear of it.
    pub(crate) async fn end_guardianship(
        &self,
        work: &mut Work,
        (contact, students): (ContactId, &BTreeSet<StudentId>),
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        if students.is_empty() {
            return Ok(Aftermath::default());
        }
        let ended = Deed::GuardianshipEnded {
            contact,
            students: students.clone(),
        };
        self.perform(work, &ended, actor, now).await
    }
}
