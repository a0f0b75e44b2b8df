//! What becomes of the records with a deed.

use std::collections::BTreeSet;

use jiff::Timestamp;
use links::LinkId;
use school::deed::{Change, Consequences, Facts, Person};
use school::{
    BookingId, ContactId, EveningId, Holder, HolderId, InvitationId, JointTeachers, KeptOut,
    StudentId, TeacherId, VisitorId,
};

use super::Aftermath;
use crate::call_guests::erases_call_guests;
use crate::callers::ends_visits_in;
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::value::{list, listed, values};

/// Who takes the place of a teacher who is erased.
pub(crate) const FORMER_TEACHER: &str = "Former teacher";

impl Store {
    /// Does all but erasing.
    pub(super) async fn carry_out(
        &self,
        work: &mut Work,
        follows: &Consequences,
        facts: &Facts,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut aftermath = Aftermath::default();
        // Those who give make room for those who take.
        for change in &follows.changes {
            if let Change::GiveTo(id, _) = change {
                self.release_teachers(work, *id).await?;
            }
        }
        for change in &follows.changes {
            self.change(work, change, (facts, now), &mut aftermath)
                .await?;
        }
        Ok(aftermath)
    }

    #[expect(clippy::too_many_lines, reason = "a table, one arm a change")]
    async fn change(
        &self,
        work: &mut Work,
        change: &Change,
        (facts, now): (&Facts, Timestamp),
        aftermath: &mut Aftermath,
    ) -> Result<()> {
        let meeting = |id: &BookingId| facts.appointments.get(id).map(|it| it.meeting);
        match change {
            Change::EndInvitation(id) => self.end_invitation(work, *id, now).await?,
            Change::EndVisit(id) => {
                aftermath.extend(self.end_visit(work, *id, now).await?);
            }
            Change::Uncover(id, student) => self.uncover(work, *id, *student).await?,
            Change::Cancel(id) => {
                work.run(
                    "UPDATE bookings SET cancelled_at = $3, asks = 0 WHERE school = $1 AND id = $2",
                    values![self.school, *id, now],
                )
                .await?;
                self.release_teachers(work, *id).await?;
                if let Some(meeting) = meeting(id) {
                    aftermath.extend(self.callers_go(work, (meeting, None), now).await?);
                    aftermath.changed.remove(&meeting);
                    aftermath.ended.insert(meeting);
                }
            }
            Change::Move(id, to) => {
                work.run(
                    "UPDATE bookings SET slot = $3, start_at = $4, end_at = $5
                     WHERE school = $1 AND id = $2",
                    values![self.school, *id, to.number, to.start, to.end],
                )
                .await?;
                self.move_teachers(work, *id, to.number).await?;
                aftermath.changed.extend(meeting(id));
            }
            Change::GiveTo(id, teachers) => self.give_to(work, *id, teachers).await?,
            Change::AskOffice(id) => {
                work.run(
                    "UPDATE bookings SET asks = 1 WHERE school = $1 AND id = $2",
                    values![self.school, *id],
                )
                .await?;
                aftermath.asked.push(*id);
            }
            Change::Substitute {
                evening,
                teacher,
                instead,
            } => {
                let substitute = (*evening, *teacher, *instead);
                self.substitute(work, substitute).await?;
            }
            Change::Back { evening, teacher } => {
                work.run(
                    "DELETE FROM substitutes WHERE school = $1 AND evening = $2 AND teacher = $3",
                    values![self.school, *evening, *teacher],
                )
                .await?;
            }
            Change::DropMail(evening, holder) => {
                self.drop_mail(work, (*evening).into(), *holder).await?;
            }
            Change::ForgetTold(evening, holder) => {
                self.forget_told(work, *evening, *holder).await?;
            }
            Change::KillLink(evening, holder) => {
                let dead = self
                    .withdraw_link(work, (*evening).into(), *holder, now)
                    .await?;
                aftermath.links.extend(dead);
            }
            Change::EnsureLink(evening, holder) => {
                self.ensure_link(work, (*evening).into(), *holder).await?;
            }
            Change::JoinRecords { kept, gone } => {
                self.move_records(work, (*kept, *gone), now).await?;
            }
            Change::Stop(stop, meeting, whom) => {
                self.keep_out(work, *stop, whom).await?;
                // Whom it keeps out of a waiting area nobody takes into another call there.
                aftermath.extend(match whom {
                    KeptOut::These(whom) => self.end_waits_of(work, whom, now).await?,
                    KeptOut::Everybody => {
                        self.callers_go(work, (*meeting, Some(*stop)), now).await?
                    }
                });
                aftermath.changed.insert(*meeting);
            }
            Change::LetBack(stop, meeting) => {
                self.end_stop(work, *stop, now).await?;
                aftermath.changed.insert(*meeting);
            }
            Change::Erase(_) => {}
        }
        Ok(())
    }

    async fn end_invitation(&self, work: &mut Work, id: InvitationId, now: Timestamp) -> Read<()> {
        work.run(
            "UPDATE invitations SET state = 'removed', removed_at = $3
             WHERE school = $1 AND id = $2",
            values![self.school, id, now],
        )
        .await?;
        work.run(
            "DELETE FROM coverage WHERE school = $1 AND invitation = $2",
            values![self.school, id],
        )
        .await?;
        Ok(())
    }

    async fn uncover(&self, work: &mut Work, id: InvitationId, student: StudentId) -> Read<()> {
        work.run(
            "DELETE FROM coverage WHERE school = $1 AND invitation = $2 AND student = $3",
            values![self.school, id, student],
        )
        .await?;
        Ok(())
    }

    async fn substitute(
        &self,
        work: &mut Work,
        (evening, teacher, instead): (EveningId, TeacherId, Option<TeacherId>),
    ) -> Read<()> {
        // Whoever stood in for somebody else is stood in for.
        work.run(
            "UPDATE substitutes SET instead = $4
             WHERE school = $1 AND evening = $2 AND instead = $3",
            values![self.school, evening, teacher, instead],
        )
        .await?;
        work.run(
            "INSERT INTO substitutes (school, evening, teacher, instead) VALUES ($1, $2, $3, $4)
             ON CONFLICT (evening, teacher, school) DO UPDATE SET instead = excluded.instead",
            values![self.school, evening, teacher, instead],
        )
        .await?;
        Ok(())
    }

    async fn give_to(
        &self,
        work: &mut Work,
        id: BookingId,
        teachers: &JointTeachers,
    ) -> Result<()> {
        for (position, teacher) in (0_i64..).zip(teachers.as_slice()) {
            work.run(
                "INSERT INTO booking_teachers (school, evening, teacher, slot, booking, position)
                 SELECT school, evening, $3, slot, id, $4 FROM bookings
                 WHERE school = $1 AND id = $2",
                values![self.school, id, *teacher, position],
            )
            .await?;
        }
        // Whoever takes it: of a student who is in the class no longer the office is asked still.
        work.run(
            "UPDATE bookings SET asks = 0 WHERE school = $1 AND id = $2 AND EXISTS (
               SELECT 1 FROM class_students WHERE class_students.school = bookings.school
                 AND class_students.class = bookings.class
                 AND class_students.student = bookings.student)",
            values![self.school, id],
        )
        .await?;
        Ok(())
    }

    async fn move_teachers(
        &self,
        work: &mut Work,
        id: BookingId,
        slot: school::SlotNumber,
    ) -> Result<()> {
        let moved = work
            .run(
                "UPDATE booking_teachers SET slot = $3
                 WHERE school = $1 AND booking = $2 AND slot <> $3 AND NOT EXISTS (
                   SELECT 1 FROM booking_teachers AS others
                   WHERE others.school = booking_teachers.school
                     AND others.evening = booking_teachers.evening
                     AND others.teacher = booking_teachers.teacher AND others.slot = $3)",
                values![self.school, id, slot],
            )
            .await?;
        let left = work
            .count(
                "SELECT COUNT(*) FROM booking_teachers
                 WHERE school = $1 AND booking = $2 AND slot <> $3",
                values![self.school, id, slot],
            )
            .await?;
        if left > 0 {
            tracing::debug!(moved, left, "a slot was taken meanwhile");
            return Err(school::Refusal::SlotTaken.into());
        }
        Ok(())
    }

    /// Nothing of a person is left.
    pub(super) async fn erase(
        &self,
        work: &mut Work,
        person: Person,
        now: Timestamp,
    ) -> Result<()> {
        match person {
            Person::Contact(id) => {
                for gone in self.joined_with(work, id).await? {
                    self.erase_rows_of_contact(work, gone).await?;
                }
                self.erase_rows_of_contact(work, id).await?;
                self.forget_accounts_of_nobody(work, now).await
            }
            Person::Student(id) => Ok(self.erase_rows_of_student(work, id).await?),
            Person::Guest(id) => Ok(self.erase_rows_of_guest(work, id).await?),
            Person::Teacher(id) => Ok(self.forget_teacher(work, id, now).await.map(drop)?),
        }
    }

    /// Nothing is left of guests of meetings who are the person.
    pub(crate) async fn erase_visits(
        &self,
        work: &mut Work,
        visits: &BTreeSet<VisitorId>,
    ) -> Read<()> {
        if visits.is_empty() {
            return Ok(());
        }
        for sql in [
            listed!(
                work,
                "UPDATE entitled SET holder = NULL WHERE school = $1 AND holder IN",
                ""
            ),
            listed!(work, "DELETE FROM holders WHERE school = $1 AND id IN", ""),
            listed!(
                work,
                "DELETE FROM held_at_doors WHERE school = $1 AND id IN",
                ""
            ),
        ] {
            work.run(sql, values![self.school, list(visits)]).await?;
        }
        Ok(())
    }

    async fn erase_rows_of_contact(&self, work: &mut Work, id: ContactId) -> Read<()> {
        self.erase_at_addresses(work, id).await?;
        for sql in erases_call_guests!(
            "meeting IN (SELECT meeting FROM bookings WHERE school = $1 AND parent = $2)"
        ) {
            work.run(sql, values![self.school, id]).await?;
        }
        for sql in [
            // At a door: who entered their address. Whoever only has the name may be somebody else.
            "DELETE FROM held_at_doors WHERE school = $1 AND may_be = $2
               AND held_because IN ('email', 'mailbox')",
            ends_visits_in!("(SELECT meeting FROM bookings WHERE school = $1 AND parent = $2)"),
            "DELETE FROM meetings WHERE school = $1 AND id IN
               (SELECT meeting FROM bookings WHERE school = $1 AND parent = $2)",
            // Other guests of theirs hear still that their invitation has ended; by then nobody
            // knows whose it was.
            "UPDATE invitations SET inviter = NULL WHERE school = $1 AND inviter = $2
               AND EXISTS (SELECT 1 FROM mail WHERE mail.school = invitations.school
                 AND mail.holder = invitations.id AND mail.state = 'queued')",
            "DELETE FROM holders WHERE school = $1 AND id IN
               (SELECT id FROM invitations WHERE school = $1 AND inviter = $2)",
            "DELETE FROM consents WHERE school = $1 AND inviter = $2",
            // What waits for the office because of them waits on: nobody has decided yet.
            "UPDATE approvals SET contact = NULL WHERE school = $1 AND contact = $2",
            "UPDATE contacts SET may_be = NULL WHERE school = $1 AND may_be = $2",
            "DELETE FROM holders WHERE school = $1 AND id = $2",
        ] {
            work.run(sql, values![self.school, id]).await?;
        }
        Ok(())
    }

    /// What stands under the addresses of a contact: their own, and that of the school's records where it
    /// is theirs too.
    async fn erase_at_addresses(&self, work: &mut Work, id: ContactId) -> Read<()> {
        let other = self.other_address_key(work, id).await?;
        for sql in erases_call_guests!(
            "email_key IN (SELECT email_key FROM contacts WHERE school = $1 AND id = $2
               UNION ALL SELECT CAST($3 AS TEXT))"
        )
        .into_iter()
        .chain([
            "DELETE FROM held_at_doors WHERE school = $1 AND id IN (
               SELECT id FROM visitors WHERE school = $1 AND email_key IN (
                 SELECT email_key FROM contacts WHERE school = $1 AND id = $2
                 UNION ALL SELECT CAST($3 AS TEXT)))",
            "UPDATE entitled SET holder = NULL WHERE school = $1 AND holder IN (
               SELECT id FROM visitors WHERE school = $1 AND email_key IN (
                 SELECT email_key FROM contacts WHERE school = $1 AND id = $2
                 UNION ALL SELECT CAST($3 AS TEXT)))",
            "DELETE FROM holders WHERE school = $1 AND id IN (
               SELECT id FROM visitors WHERE school = $1 AND email_key IN (
                 SELECT email_key FROM contacts WHERE school = $1 AND id = $2
                 UNION ALL SELECT CAST($3 AS TEXT)))",
            "UPDATE entitled SET holder = NULL WHERE school = $1 AND holder IN (
               SELECT id FROM invitations WHERE school = $1 AND email_key IN (
                 SELECT email_key FROM contacts WHERE school = $1 AND id = $2
                 UNION ALL SELECT CAST($3 AS TEXT)))",
            "DELETE FROM holders WHERE school = $1 AND id IN (
               SELECT id FROM invitations WHERE school = $1 AND email_key IN (
                 SELECT email_key FROM contacts WHERE school = $1 AND id = $2
                 UNION ALL SELECT CAST($3 AS TEXT)))",
            "DELETE FROM named_parents WHERE school = $1 AND email_key IN (
               SELECT email_key FROM contacts WHERE school = $1 AND id = $2
               UNION ALL SELECT CAST($3 AS TEXT))",
        ]) {
            work.run(sql, values![self.school, id, other.as_deref()])
                .await?;
        }
        Ok(())
    }

    async fn erase_rows_of_student(&self, work: &mut Work, id: StudentId) -> Read<()> {
        for sql in erases_call_guests!(
            "meeting IN (SELECT meeting FROM bookings WHERE school = $1 AND student = $2)"
        ) {
            work.run(sql, values![self.school, id]).await?;
        }
        for sql in [
            // What was sent of them; what waits says nothing of them any more.
            "DELETE FROM mail WHERE school = $1 AND state <> 'queued' AND booking IN
               (SELECT id FROM bookings WHERE school = $1 AND student = $2)",
            ends_visits_in!("(SELECT meeting FROM bookings WHERE school = $1 AND student = $2)"),
            "DELETE FROM meetings WHERE school = $1 AND id IN
               (SELECT meeting FROM bookings WHERE school = $1 AND student = $2)",
            "DELETE FROM students WHERE school = $1 AND id = $2",
        ] {
            work.run(sql, values![self.school, id]).await?;
        }
        Ok(())
    }

    async fn erase_rows_of_guest(&self, work: &mut Work, id: InvitationId) -> Read<()> {
        for sql in [
            "UPDATE entitled SET holder = NULL WHERE school = $1 AND holder = $2",
            "DELETE FROM holders WHERE school = $1 AND id = $2",
        ] {
            work.run(sql, values![self.school, id]).await?;
        }
        Ok(())
    }

    pub(crate) async fn forget_teacher(
        &self,
        work: &mut Work,
        teacher: TeacherId,
        now: Timestamp,
    ) -> Read<u64> {
        for sql in [
            "DELETE FROM mail WHERE school = $1 AND holder = $2",
            "UPDATE holders SET language = NULL WHERE school = $1 AND id = $2",
            "UPDATE links SET time_zone = NULL WHERE school = $1 AND holder = $2",
        ] {
            work.run(sql, values![self.school, teacher]).await?;
        }
        work.run(
            "UPDATE teachers SET name = $3, email = NULL, source = NULL, from_source = 0,
               removed_at = COALESCE(removed_at, $4)
             WHERE school = $1 AND id = $2",
            values![self.school, teacher, FORMER_TEACHER, now],
        )
        .await
    }

    /// The links that live of these people.
    pub(crate) async fn pages(
        &self,
        work: &mut Work,
        whose: &BTreeSet<(EveningId, Holder)>,
    ) -> Read<BTreeSet<LinkId>> {
        let evenings: BTreeSet<EveningId> = whose.iter().map(|(evening, _)| *evening).collect();
        let holders: BTreeSet<HolderId> = whose.iter().map(|(_, who)| who.id()).collect();
        let sql = listed!(
            work,
            "SELECT id, scope FROM links
             WHERE school = $1 AND withdrawn_at IS NULL AND holder IN",
            ""
        );
        let mut pages = BTreeSet::new();
        if holders.is_empty() {
            return Ok(pages);
        }
        for row in work.all(sql, values![self.school, list(holders)]).await? {
            if evenings.contains(&row.get(1)?) {
                pages.insert(row.get(0)?);
            }
        }
        Ok(pages)
    }
}
