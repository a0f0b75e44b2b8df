//! What ends when somebody is no longer the guardian of a student.

use std::collections::BTreeSet;

use jiff::Timestamp;
use school::invitation::State;
use school::{ContactId, EveningId, StudentId};

use crate::audit::{Action, Actor};
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::holders::Died;
use crate::outbox::MailKind;
use crate::scope::Scope;
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
    ) -> Result<Died> {
        let mut died = Died::default();
        if students.is_empty() {
            return Ok(died);
        }
        for evening in self.evenings_to_come(work, now).await? {
            let appointments = self
                .appointments(work, Scope::Parent(evening, contact))
                .await?;
            let theirs = |it: &&crate::Appointment| students.contains(&it.student) && now < it.end;
            let mut is_changed = false;
            for one in appointments.iter().filter(theirs) {
                self.free_booking(work, one, actor, now).await?;
                self.tell_guests(work, one, now).await?;
                died.calls.push(one.id);
                is_changed = true;
            }
            if is_changed {
                self.queue_confirmation(work, evening, contact, self.options.settle, now)
                    .await?;
            }
            let dead = self
                .end_coverage(work, (evening, contact, students), actor, now)
                .await?;
            died.links.extend(dead.links);
        }
        Ok(died)
    }

    async fn end_coverage(
        &self,
        work: &mut Work,
        (evening, contact, students): (EveningId, ContactId, &BTreeSet<StudentId>),
        actor: Actor,
        now: Timestamp,
    ) -> Result<Died> {
        let mut died = Died::default();
        for student in students {
            let covering = work
                .all(
                    "DELETE FROM coverage
                     WHERE school = $1 AND evening = $2 AND inviter = $3 AND student = $4
                     RETURNING invitation",
                    values![self.school, evening, contact, *student],
                )
                .await?;
            for row in &covering {
                let id = row.get(0)?;
                if !self.covered(work, id).await?.is_empty() {
                    continue;
                }
                let found = self.found(work, id).await?;
                died.links
                    .extend(self.take_back(work, &found, now).await?.links);
                if found.state == State::Sent {
                    self.write_to(work, &found, MailKind::Withdrawn, now)
                        .await?;
                }
                let subject = format!("invitation:{id}");
                let action = Action::InvitationRemoved;
                self.audit(work, actor, action, &subject, &[], now).await?;
            }
        }
        Ok(died)
    }
}
