//! Erasing people, and what is past its period (DIR-10).
//!
//! What is erased is gone from the database. The audit log stays: it names people by ids, which
//! then lead nowhere.

use std::sync::atomic::Ordering;

use jiff::Timestamp;
use school::deed::Person;
use school::retention::Period;
use school::{Actor, ContactId, Deed, EveningId, InvitationId, Refusal, StudentId, TeacherId};

use crate::audit::Action;
use crate::call_guests::erases_call_guests;
use crate::callers::ends_visits_in;
use crate::database::Work;
use crate::deeds::{Aftermath, FORMER_TEACHER};
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::value::values;

impl Store {
    /// Erases a contact: their links, appointments, invitations, consents and e-mails, and the
    /// invitations of other parents to their address. Guests they invited hear that their
    /// invitation has ended, and not whose it was.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], and [`Refusal::CourtOrderStands`]: with whom an order is on goes what they are
    /// known by, so it is ended first.
    pub async fn erase_contact(
        &self,
        contact: ContactId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let person = Person::Contact(contact);
        self.check_known(&mut work, person).await?;
        let barred = work.count(
            "SELECT COUNT(*) FROM contacts
             LEFT JOIN joined_records ON joined_records.school = contacts.school
               AND joined_records.kept = contacts.id AND joined_records.gone = $2
             WHERE contacts.school = $1 AND court_order_at IS NOT NULL
               AND (contacts.id = $2 OR joined_records.gone = $2)",
            values![self.school, contact],
        );
        if barred.await? > 0 {
            return Err(Refusal::CourtOrderStands.into());
        }
        self.remember_erased(&mut work, person).await?;
        self.erase_person(work, person, actor, now).await
    }

    /// Erases a student: appointments about them, e-mails about those, and their place in classes
    /// and invitations. An invitation that covered nobody else ends. Whoever had an appointment in
    /// their calendar hears that it is cancelled.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn erase_student(
        &self,
        student: StudentId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let person = Person::Student(student);
        self.check_known(&mut work, person).await?;
        self.remember_erased(&mut work, person).await?;
        self.erase_person(work, person, actor, now).await
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
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let person = Person::Guest(invitation);
        self.check_known(&mut work, person).await?;
        self.erase_person(work, person, actor, now).await
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
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let person = Person::Teacher(teacher);
        self.check_not_needed(&mut work, teacher, now).await?;
        self.check_known(&mut work, person).await?;
        self.remember_erased(&mut work, person).await?;
        self.erase_person(work, person, actor, now).await
    }

    /// Erases somebody who was erased in records that were used since: what an import is to know of that is
    /// carried over beside it.
    ///
    /// # Errors
    ///
    /// Those of the erasures above.
    pub(crate) async fn erase_as_before(&self, person: Person, now: Timestamp) -> Result<()> {
        let mut work = self.write().await?;
        if let Person::Teacher(teacher) = person {
            self.check_not_needed(&mut work, teacher, now).await?;
        }
        self.check_known(&mut work, person).await?;
        self.erase_person(work, person, Actor::Program, now).await?;
        Ok(())
    }

    async fn check_known(&self, work: &mut Work, person: Person) -> Result<()> {
        let (sql, id) = match person {
            Person::Student(id) => (
                "SELECT COUNT(*) FROM students WHERE school = $1 AND id = $2",
                id.0,
            ),
            Person::Contact(id) => (
                "SELECT COUNT(*) FROM contacts WHERE school = $1 AND id = $2",
                id.0,
            ),
            Person::Guest(id) => (
                "SELECT COUNT(*) FROM invitations WHERE school = $1 AND id = $2",
                id.0,
            ),
            Person::Teacher(id) => (
                "SELECT COUNT(*) FROM teachers WHERE school = $1 AND id = $2",
                id.0,
            ),
        };
        let id = i64::try_from(id).unwrap_or(i64::MAX);
        match work.count(sql, values![self.school, id]).await? {
            0 => Err(Refusal::NotFound.into()),
            _ => Ok(()),
        }
    }

    async fn erase_person(
        &self,
        mut work: Work,
        person: Person,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let erased = Deed::Erased { person };
        let aftermath = self.perform(&mut work, &erased, actor, now).await?;
        work.commit().await?;
        self.has_erased();
        Ok(aftermath)
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
    /// e-mails of evenings that ended so long ago, the names of teachers who were removed so long ago,
    /// and whoever of the staff was. The evenings themselves stay. Nothing is while nothing confirms that it is
    /// so late. Gives how many evenings were cleared.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn erase_expired(&self, now: Timestamp) -> Result<u64> {
        let mut work = self.write().await?;
        work.at_length().await?;
        if self.doubts_clock_in(&mut work, now).await? {
            return Ok(0);
        }
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
                   id IN (SELECT scope FROM links WHERE school = $1)
                   OR id IN (SELECT evening FROM bookings WHERE school = $1)
                   OR id IN (SELECT evening FROM invitations WHERE school = $1)
                   OR id IN (SELECT scope FROM mail WHERE school = $1))
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
        self.forget_guests_of_nobody(&mut work).await?;
        self.forget_former_teachers(&mut work, cut, now).await?;
        self.erase_former_staff(&mut work, cut, now).await?;
        self.forget_visitors(&mut work, cut).await?;
        self.forget_callers(&mut work, cut).await?;
        self.forget_stops(&mut work, cut).await?;
        self.erase_those_gone(&mut work, cut, now).await?;
        self.forget_known_with(&mut work).await?;
        self.forget_what_ran_out(&mut work, cut, now).await?;
        work.commit().await?;
        self.has_erased();
        Ok(cleared)
    }

    /// E-mails that belong to no evening, links and registrations whose time is over.
    async fn forget_what_ran_out(
        &self,
        work: &mut Work,
        cut: Timestamp,
        now: Timestamp,
    ) -> Read<()> {
        for sql in [
            "DELETE FROM mail WHERE school = $1 AND scope IS NULL AND queued_at < $2",
            "DELETE FROM registration_links WHERE school = $1 AND until_at < $2",
            "DELETE FROM registrations WHERE school = $1 AND until_at < $2",
            "DELETE FROM named_parents WHERE school = $1 AND asked_at < $2",
            "DELETE FROM unentered_orders WHERE school = $1 AND said_at < $2",
        ] {
            work.run(sql, values![self.school, cut]).await?;
        }
        work.run(
            "DELETE FROM account_links WHERE school = $1 AND until_at < $2",
            values![self.school, now],
        )
        .await?;
        self.forget_unconfirmed(work, now).await
    }

    /// What was erased is to be nowhere in files either, by [`Store::overwrite_erased`]: whom it concerns
    /// hears of it first.
    pub(crate) fn has_erased(&self) {
        let erased = &self.database().log_may_hold_erased;
        erased.store(true, Ordering::Release);
    }

    /// Students and contacts who left so long ago; not those whom a court order concerns, by which they
    /// are known again.
    async fn erase_those_gone(
        &self,
        work: &mut Work,
        cut: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        let students = work
            .all(
                "SELECT id FROM students WHERE school = $1 AND gone_at < $2",
                values![self.school, cut],
            )
            .await?;
        let contacts = work
            .all(
                "SELECT id FROM contacts WHERE school = $1 AND gone_at < $2
                   AND court_order_at IS NULL AND may_be IS NULL
                   AND id NOT IN (SELECT gone FROM joined_records WHERE school = $1)",
                values![self.school, cut],
            )
            .await?;
        let students = students.iter().map(|row| row.get(0).map(Person::Student));
        let contacts = contacts.iter().map(|row| row.get(0).map(Person::Contact));
        for person in students.chain(contacts).collect::<Read<Vec<_>>>()? {
            let erased = Deed::Erased { person };
            self.perform(work, &erased, Actor::Program, now).await?;
        }
        Ok(())
    }

    /// Guests of somebody who was erased, who have heard of it.
    async fn forget_guests_of_nobody(&self, work: &mut Work) -> Read<()> {
        work.run(
            "DELETE FROM holders WHERE school = $1 AND id IN (
               SELECT id FROM invitations
               WHERE invitations.school = $1 AND inviter IS NULL AND NOT EXISTS (
                 SELECT 1 FROM mail WHERE mail.school = invitations.school
                   AND mail.holder = invitations.id AND mail.state IN ('queued', 'sending')))",
            values![self.school],
        )
        .await?;
        Ok(())
    }

    async fn clear_evening(&self, work: &mut Work, evening: EveningId) -> Read<()> {
        for sql in erases_call_guests!(
            "meeting IN (SELECT id FROM meetings WHERE school = $1 AND scope = $2)"
        ) {
            work.run(sql, values![self.school, evening]).await?;
        }
        for sql in [
            "DELETE FROM mail WHERE school = $1 AND scope = $2",
            "DELETE FROM told WHERE school = $1 AND evening = $2",
            "DELETE FROM links WHERE school = $1 AND scope = $2",
            ends_visits_in!("(SELECT id FROM meetings WHERE school = $1 AND scope = $2)"),
            "DELETE FROM meetings WHERE school = $1 AND scope = $2",
            "DELETE FROM holders WHERE school = $1 AND id IN
               (SELECT id FROM invitations WHERE school = $1 AND evening = $2)",
        ] {
            work.run(sql, values![self.school, evening]).await?;
        }
        Ok(())
    }
}
