//! Erasing people, and what is past its period (DIR-10).
//!
//! What is erased is gone from the database. The audit log stays: it names people by ids, which
//! then lead nowhere.

use jiff::Timestamp;
use school::retention::Period;
use school::{ContactId, EveningId, InvitationId, Refusal, StudentId, TeacherId};

use crate::audit::{Action, Actor};
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::holders::{Died, Holder};
use crate::store::Store;
use crate::value::values;

/// Who takes the place of a teacher who is erased.
const FORMER_TEACHER: &str = "Former teacher";

impl Store {
    /// Erases a contact: their links, appointments, invitations, consents and e-mails, and the
    /// invitations of other parents to their address. Guests they invited are told that the
    /// invitation was withdrawn only by their dead link.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn erase_contact(
        &self,
        contact: ContactId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Died> {
        let mut work = self.write().await?;
        let mut died = self.end_contact(&mut work, contact, actor, now).await?;
        let invitations = work
            .all(
                "SELECT id FROM invitations
                 WHERE school = $1 AND (inviter = $2 OR email_key IN
                   (SELECT email_key FROM contacts WHERE school = $1 AND id = $2))",
                values![self.school, contact],
            )
            .await?;
        for row in &invitations {
            let found = self.found(&mut work, row.get(0)?).await?;
            let dead = self.take_back(&mut work, &found, now).await?;
            died.links.extend(dead.links);
            self.delete_invitation(&mut work, found.id).await?;
        }
        work.run(
            "DELETE FROM bookings WHERE school = $1 AND parent = $2",
            values![self.school, contact],
        )
        .await?;
        // What waits for the office because of them waits on: nobody has decided yet.
        work.run(
            "UPDATE approvals SET contact = NULL WHERE school = $1 AND contact = $2",
            values![self.school, contact],
        )
        .await?;
        work.run(
            "UPDATE contacts SET may_be = NULL WHERE school = $1 AND may_be = $2",
            values![self.school, contact],
        )
        .await?;
        let gone = work
            .run(
                "DELETE FROM contacts WHERE school = $1 AND id = $2",
                values![self.school, contact],
            )
            .await?;
        if gone == 0 {
            return Err(Refusal::NotFound.into());
        }
        let subject = format!("contact:{contact}");
        self.audit(&mut work, actor, Action::Erased, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(died)
    }

    /// Erases a student: appointments about them, e-mails about those, and their place in classes
    /// and invitations. An invitation that covered nobody else ends.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn erase_student(
        &self,
        student: StudentId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Died> {
        let mut work = self.write().await?;
        let mut died = Died::default();
        let bookings = work
            .all(
                "SELECT id FROM bookings
                 WHERE school = $1 AND student = $2 AND cancelled_at IS NULL AND end_at > $3",
                values![self.school, student, now],
            )
            .await?;
        for row in &bookings {
            died.calls.push(row.get(0)?);
        }
        let invitations = work
            .all(
                "SELECT invitation FROM coverage WHERE school = $1 AND student = $2",
                values![self.school, student],
            )
            .await?;
        work.run(
            "DELETE FROM mail WHERE school = $1 AND booking IN
               (SELECT id FROM bookings WHERE school = $1 AND student = $2)",
            values![self.school, student],
        )
        .await?;
        work.run(
            "DELETE FROM bookings WHERE school = $1 AND student = $2",
            values![self.school, student],
        )
        .await?;
        let gone = work
            .run(
                "DELETE FROM students WHERE school = $1 AND id = $2",
                values![self.school, student],
            )
            .await?;
        if gone == 0 {
            return Err(Refusal::NotFound.into());
        }
        for row in &invitations {
            let id = row.get(0)?;
            if self.covered(&mut work, id).await?.is_empty() {
                let found = self.found(&mut work, id).await?;
                died.links
                    .extend(self.take_back(&mut work, &found, now).await?.links);
            }
        }
        let subject = format!("student:{student}");
        self.audit(&mut work, actor, Action::Erased, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(died)
    }

    /// Erases a guest: the invitation, its consent, link and e-mails.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn erase_guest(
        &self,
        invitation: InvitationId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Died> {
        let mut work = self.write().await?;
        let found = self.found(&mut work, invitation).await?;
        let died = self.take_back(&mut work, &found, now).await?;
        self.delete_invitation(&mut work, invitation).await?;
        let subject = format!("invitation:{invitation}");
        self.audit(&mut work, actor, Action::Erased, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(died)
    }

    /// Erases the name and address of a teacher, who is removed with it; their past appointments are
    /// then a former teacher's.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], and [`Refusal::TakesClasses`] where a class or an appointment to come
    /// is theirs.
    pub async fn erase_teacher(
        &self,
        teacher: TeacherId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Died> {
        let mut work = self.write().await?;
        self.check_not_needed(&mut work, teacher, now).await?;
        let mut died = Died::default();
        for evening in self.evenings_to_come(&mut work, now).await? {
            let link = self
                .withdraw_link(&mut work, evening, Holder::Teacher(teacher), now)
                .await?;
            died.links.extend(link);
        }
        if self.forget_teacher(&mut work, teacher, now).await? == 0 {
            return Err(Refusal::NotFound.into());
        }
        let subject = format!("teacher:{teacher}");
        self.audit(&mut work, actor, Action::Erased, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(died)
    }

    async fn forget_teacher(
        &self,
        work: &mut Work,
        teacher: TeacherId,
        now: Timestamp,
    ) -> Read<u64> {
        work.run(
            "DELETE FROM mail WHERE school = $1 AND teacher = $2",
            values![self.school, teacher],
        )
        .await?;
        work.run(
            "UPDATE teachers SET name = $3, email = NULL, removed_at = COALESCE(removed_at, $4)
             WHERE school = $1 AND id = $2",
            values![self.school, teacher, FORMER_TEACHER, now],
        )
        .await
    }

    /// Teachers who were removed so long ago that nobody needs their names.
    async fn forget_former_teachers(
        &self,
        work: &mut Work,
        cut: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        let teachers = work
            .all(
                "SELECT id FROM teachers
                 WHERE school = $1 AND removed_at < $2 AND (name <> $3 OR email IS NOT NULL)",
                values![self.school, cut, FORMER_TEACHER],
            )
            .await?;
        for row in &teachers {
            let teacher: TeacherId = row.get(0)?;
            self.forget_teacher(work, teacher, now).await?;
            let subject = format!("teacher:{teacher}");
            let action = Action::Expired;
            self.audit(work, Actor::Program, action, &subject, &[], now)
                .await?;
        }
        Ok(())
    }

    /// Erases what is past the school's period: appointments, invitations, consents, links and
    /// e-mails of evenings that ended so long ago, and the names of teachers who were removed so
    /// long ago. The evenings themselves stay. Gives how many evenings were cleared.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn erase_expired(&self, now: Timestamp) -> Result<u64> {
        let mut work = self.write().await?;
        work.at_length().await?;
        let row = work
            .one(
                "SELECT retention_days FROM schools WHERE id = $1",
                values![self.school],
            )
            .await?
            .ok_or(Refusal::NotFound)?;
        let cut = Period::of_days(row.get(0)?).cut(now);
        let evenings = work
            .all(
                "SELECT id FROM evenings WHERE school = $1 AND end_at < $2 AND (
                   id IN (SELECT evening FROM links WHERE school = $1)
                   OR id IN (SELECT evening FROM bookings WHERE school = $1)
                   OR id IN (SELECT evening FROM invitations WHERE school = $1)
                   OR id IN (SELECT evening FROM mail WHERE school = $1))
                 ORDER BY end_at",
                values![self.school, cut],
            )
            .await?;
        let mut cleared = 0;
        for row in &evenings {
            let evening: EveningId = row.get(0)?;
            self.clear_evening(&mut work, evening).await?;
            let subject = format!("evening:{evening}");
            self.audit(
                &mut work,
                Actor::Program,
                Action::Expired,
                &subject,
                &[],
                now,
            )
            .await?;
            cleared += 1;
        }
        self.forget_former_teachers(&mut work, cut, now).await?;
        work.commit().await?;
        Ok(cleared)
    }

    async fn clear_evening(&self, work: &mut Work, evening: EveningId) -> Read<()> {
        for sql in [
            "DELETE FROM mail WHERE school = $1 AND evening = $2",
            "DELETE FROM links WHERE school = $1 AND evening = $2",
            "DELETE FROM invitations WHERE school = $1 AND evening = $2",
            "DELETE FROM bookings WHERE school = $1 AND evening = $2",
        ] {
            work.run(sql, values![self.school, evening]).await?;
        }
        Ok(())
    }

    async fn delete_invitation(&self, work: &mut Work, id: InvitationId) -> Read<()> {
        work.run(
            "DELETE FROM invitations WHERE school = $1 AND id = $2",
            values![self.school, id],
        )
        .await?;
        Ok(())
    }
}
