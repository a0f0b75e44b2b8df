//! What had ended stays so when a backup is put back: removals, court orders, cancellations, booking that
//! closed, erasures, accounts and links.
//!
//! The records that were used last are compared with the backup, and whatever had ended in them and
//! stands in the backup is ended there too, each with its row in the audit log. What was begun since
//! the backup, an appointment or a link that was sent, is not there: that is what going back means,
//! and it is counted.

mod accounts;
mod endings;
mod known;
mod settings;
mod standing;

use std::collections::BTreeSet;

use jiff::Timestamp;
use school::deed::Ending;
use school::{
    Actor, ContactId, Deed, Holder, InvitationId, MailId, Refusal, SaidNameId, Scope, StopId,
    StudentId, deed,
};

use crate::addresses::has_changed;
use crate::audit::Action;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::{Error, Fault, Read, Result};
use crate::hats::Wearer;
use crate::store::Store;
use crate::value::values;
use endings::{Endings, Kinship, endings};
use standing::{Invited, NameOf, Otherwise, Person, Posted, Said, SaidName, Standing, Stopped};

/// The state of an e-mail that waits: of each kind at most one does.
const QUEUED: &str = "queued";

/// What was carried over into restored records, and what could not be.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct CarriedOver {
    /// Whether the present records have nothing in common with the backup: nothing was carried over.
    pub are_strangers: bool,
    /// Whether they went another way since: what is missing in them may have been erased, or never
    /// have been there.
    pub have_branched: bool,
    /// Court orders.
    pub orders: usize,
    /// Invitations, and guests of meetings, that were removed.
    pub removed: usize,
    /// Appointments that were cancelled.
    pub cancelled: usize,
    /// Evenings that were cancelled, or whose booking was closed.
    pub evenings: usize,
    /// Guardianships that had ended.
    pub guardians: usize,
    /// People who were erased.
    pub erased: usize,
    /// Teachers who were removed or erased, and take classes in the backup: that is to be done again.
    pub teachers_left: usize,
    /// Links that were withdrawn.
    pub links: usize,
    /// Accounts of the staff that were ended, or got another password, second factor or role.
    pub staff: usize,
    /// Sign-ins of the staff that open a parent's account no longer.
    pub hats: usize,
    /// Links that were sent after the backup: they do not open any more.
    pub lost_links: usize,
    /// Appointments that were made after it: they are gone.
    pub lost_bookings: usize,
}

/// What stands in records that were used last.
#[derive(Debug)]
pub struct LastStanding {
    standing: Standing,
    are_whole: bool,
}

impl Store {
    /// Whether all that the database holds is whole.
    ///
    /// # Errors
    ///
    /// [`Fault::Broken`] where it is not.
    pub async fn check_integrity(&self) -> std::result::Result<(), Fault> {
        let mut work = self.database().read().await?;
        if work.is_postgres() {
            return Ok(());
        }
        work.at_length().await?;
        let row = work.one("PRAGMA integrity_check(1)", values![]).await?;
        let said: Option<String> = row.map(|row| row.get(0)).transpose()?;
        let foreign = work.all("PRAGMA foreign_key_check", values![]).await?;
        if said.as_deref() == Some("ok") && foreign.is_empty() {
            Ok(())
        } else {
            Err(Fault::Broken("something that is not whole"))
        }
    }

    /// What stands in these records, for [`Self::carry_over`].
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn last_standing(&self) -> Result<LastStanding> {
        let are_whole = self.check_integrity().await.is_ok();
        let standing = Standing::read(self).await?;
        Ok(LastStanding {
            standing,
            are_whole,
        })
    }

    /// Ends in these records, which were just restored, what had ended in those that were used last.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn carry_over(&self, last: &LastStanding, now: Timestamp) -> Result<CarriedOver> {
        let (last, are_whole) = (&last.standing, last.are_whole);
        let here = Standing::read(self).await?;
        let kinship = Kinship::of(last, &here);
        if kinship == Kinship::Strangers {
            self.begin_anew(now).await?;
            return Ok(CarriedOver {
                are_strangers: true,
                ..CarriedOver::default()
            });
        }
        let may_lack = are_whole && kinship == Kinship::Continued;
        let ended = endings(last, &here, may_lack);
        let (erased, teachers_left) = self.end(&ended, &here, now).await?;
        let mut work = self.write().await?;
        self.note_restored(&mut work, now).await?;
        work.commit().await?;
        Ok(CarriedOver {
            are_strangers: false,
            have_branched: !may_lack,
            orders: ended.orders.len() + ended.newly_barred().count(),
            removed: ended.removed.len() + ended.visits.len(),
            cancelled: ended.cancelled.len(),
            evenings: ended.cancelled_evenings.len() + ended.closed_evenings.len(),
            guardians: ended.guardians.len(),
            erased,
            teachers_left,
            links: ended.links.len(),
            staff: ended.staff_ended,
            hats: ended.hats.len(),
            lost_links: ended.lost_links,
            lost_bookings: ended.lost_bookings,
        })
    }

    /// Ends what went on when these records, a backup's, were copied, and notes that they were put back: of what stood last
    /// nothing is there to read.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn begin_anew(&self, now: Timestamp) -> Result<()> {
        let mut work = self.write().await?;
        work.at_length().await?;
        self.count_as_told(&mut work, &BTreeSet::new(), now).await?;
        // Whether one was used since is not known.
        work.run(
            "DELETE FROM set_up_links WHERE school = $1 AND staff IS NOT NULL",
            values![self.school],
        )
        .await?;
        self.sign_all_out(&mut work).await?;
        self.note_restored(&mut work, now).await?;
        work.commit().await?;
        Ok(())
    }

    async fn end(
        &self,
        ended: &Endings,
        written: &Standing,
        now: Timestamp,
    ) -> Result<(usize, usize)> {
        let mut work = self.write().await?;
        work.at_length().await?;
        self.renew_accounts(&mut work, &ended.accounts).await?;
        for (id, person) in &ended.contacts {
            self.renew_contact(&mut work, (*id, person), now).await?;
        }
        for (id, person, students) in &ended.barred {
            self.enter_contact(&mut work, *id, person, students).await?;
        }
        self.keep_known_again(&mut work, ended).await?;
        self.rewrite_words(&mut work, ended).await?;
        for (id, invited) in &ended.readdressed {
            self.readdress(&mut work, *id, invited).await?;
        }
        for id in &ended.removed {
            let ended = Deed::InvitationEnded {
                invitation: *id,
                why: Ending::Removed,
            };
            self.perform(&mut work, &ended, Actor::Program, now).await?;
        }
        for visitor in &ended.visits {
            let ended = Deed::VisitEnded { visitor: *visitor };
            self.perform(&mut work, &ended, Actor::Program, now).await?;
        }
        self.erase_visits(&mut work, &ended.erased_visits).await?;
        self.end_in_places(&mut work, ended, now).await?;
        self.end_guardianships(&mut work, ended, now).await?;
        for id in &ended.cancelled {
            let cancelled = Deed::AppointmentCancelled { booking: *id };
            self.perform(&mut work, &cancelled, Actor::Program, now)
                .await?;
        }
        self.close_evenings(&mut work, ended, now).await?;
        let left = self.renew_entered(&mut work, ended, now).await?;
        self.end_links(&mut work, ended, now).await?;
        work.commit().await?;
        for (id, words) in &ended.cancelled_evenings {
            count(self.cancel_evening(*id, words, Actor::Program, now).await)?;
        }
        for contact in ended.orders.iter().chain(ended.newly_barred()) {
            self.set_court_order(*contact, Actor::Program, now).await?;
        }
        self.wait_again(ended, now).await?;
        let (erased, not_erased) = self.erase_again(ended, now).await?;
        // Last: what was done above wrote e-mails that had been sent already.
        self.settle_mail(ended, written).await?;
        Ok((erased, left + not_erased))
    }

    /// Booking that was closed, and what closed at its time and was told of.
    async fn close_evenings(&self, work: &mut Work, ended: &Endings, now: Timestamp) -> Result<()> {
        for id in &ended.closed_evenings {
            self.close_again(work, *id, now).await?;
        }
        self.count_as_told(work, &ended.still_to_close, now).await
    }

    async fn end_in_places(&self, work: &mut Work, ended: &Endings, now: Timestamp) -> Result<()> {
        self.end_in_rooms(work, ended, now).await?;
        self.end_in_areas(work, ended, now).await?;
        self.stop_again(work, ended).await
    }

    async fn end_in_rooms(&self, work: &mut Work, ended: &Endings, now: Timestamp) -> Result<()> {
        for room in &ended.closed_rooms {
            self.shut_room(work, *room, now).await?;
        }
        for (room, staff) in &ended.members {
            self.end_member(work, (*room, *staff), now).await?;
        }
        Ok(())
    }

    async fn end_in_areas(&self, work: &mut Work, ended: &Endings, now: Timestamp) -> Result<()> {
        for (area, staff) in &ended.providers {
            work.run(
                "DELETE FROM area_providers WHERE school = $1 AND area = $2 AND staff = $3",
                values![self.school, *area, *staff],
            )
            .await?;
            self.end_provider(work, (*area, *staff), now, &mut Aftermath::default())
                .await?;
        }
        for (caller, stage) in &ended.over {
            work.run(
                "UPDATE callers SET stage = $3, stage_at = $4, taken_by = NULL, meeting = NULL
                 WHERE school = $1 AND id = $2",
                values![self.school, *caller, stage.as_str(), now],
            )
            .await?;
            work.run(
                "UPDATE entitled SET ended_at = $3
                 WHERE school = $1 AND holder = $2 AND ended_at IS NULL",
                values![self.school, *caller, now],
            )
            .await?;
        }
        for caller in &ended.set_aside {
            work.run(
                "UPDATE callers SET left_words = '' WHERE school = $1 AND id = $2",
                values![self.school, *caller],
            )
            .await?;
        }
        Ok(())
    }

    /// Calls that stand stopped, in meetings that the backup has: nobody comes back into them by it. It may know one
    /// as let back, or by another id, where it and the last records went two ways.
    async fn stop_again(&self, work: &mut Work, ended: &Endings) -> Result<()> {
        for (id, stopped) in &ended.stopped {
            self.stop_one_again(work, *id, stopped).await?;
        }
        for (stop, holder) in &ended.kept_out {
            let Some(stopped) = ended.stopped.get(stop) else {
                continue;
            };
            work.run(
                "INSERT INTO kept_out (school, stop, holder)
                 SELECT $1, stopped_calls.id, holders.id FROM stopped_calls
                 JOIN holders ON holders.school = stopped_calls.school AND holders.id = $4
                 WHERE stopped_calls.school = $1 AND meeting = $2 AND attempt = $3
                 ON CONFLICT DO NOTHING",
                values![
                    self.school,
                    stopped.meeting,
                    stopped.attempt.as_str(),
                    *holder
                ],
            )
            .await?;
        }
        Ok(())
    }

    async fn stop_one_again(&self, work: &mut Work, id: StopId, stopped: &Stopped) -> Read<()> {
        work.run(
            "INSERT INTO stopped_calls (school, id, meeting, attempt, stopped_by, stopped_at, note,
               shuts, decided_at)
             SELECT $1, $2, id, $4, $5, $6, $7, $8, $9 FROM meetings
             WHERE school = $1 AND id = $3
             ON CONFLICT DO NOTHING",
            values![
                self.school,
                id,
                stopped.meeting,
                stopped.attempt.as_str(),
                stopped.by,
                stopped.at,
                stopped.note.as_str(),
                stopped.shuts,
                stopped.decided_at
            ],
        )
        .await?;
        work.run(
            "UPDATE stopped_calls SET let_back_at = NULL
             WHERE school = $1 AND meeting = $2 AND attempt = $3",
            values![self.school, stopped.meeting, stopped.attempt.as_str()],
        )
        .await?;
        Ok(())
    }

    async fn end_guardianships(
        &self,
        work: &mut Work,
        ended: &Endings,
        now: Timestamp,
    ) -> Result<()> {
        for (contact, student) in &ended.guardians {
            work.run(
                "DELETE FROM guardians WHERE school = $1 AND contact = $2 AND student = $3",
                values![self.school, *contact, *student],
            )
            .await?;
            let students = BTreeSet::from([*student]);
            let whose = (*contact, &students);
            self.end_guardianship(work, whose, Actor::Program, now)
                .await?;
        }
        self.decide_again(work, ended).await?;
        Ok(())
    }

    /// What the office has decided against what a source says, since the backup.
    async fn decide_again(&self, work: &mut Work, ended: &Endings) -> Read<()> {
        for (contact, student) in &ended.apart {
            self.keep_apart(work, *contact, &BTreeSet::from([*student]))
                .await?;
        }
        for (student, class) in &ended.out {
            for sql in [
                "INSERT INTO kept_out_of_classes (school, student, class)
                 SELECT $1, $2, id FROM classes WHERE school = $1 AND id = $3
                 ON CONFLICT DO NOTHING",
                "DELETE FROM class_students WHERE school = $1 AND student = $2 AND class = $3",
                "UPDATE bookings SET asks = 1
                 WHERE school = $1 AND student = $2 AND class = $3 AND cancelled_at IS NULL",
            ] {
                work.run(sql, values![self.school, *student, *class])
                    .await?;
            }
        }
        for person in &ended.stays {
            self.note_stay(work, *person, true).await?;
        }
        for id in &ended.erased_ids {
            self.note_erased_id(work, id).await?;
        }
        Ok(())
    }

    async fn end_links(&self, work: &mut Work, ended: &Endings, now: Timestamp) -> Result<()> {
        for id in &ended.links {
            work.run(
                "UPDATE links SET withdrawn_at = $3 WHERE school = $1 AND id = $2",
                values![self.school, *id, now],
            )
            .await?;
        }
        self.ensure_doors(work).await?;
        for digest in &ended.set_up_links {
            work.run(
                "UPDATE set_up_links SET used_at = $3 WHERE school = $1 AND digest = $2",
                values![self.school, digest.as_slice(), now],
            )
            .await?;
        }
        for (id, account) in &ended.staff {
            self.renew_staff(work, *id, account).await?;
        }
        for (evening, staff) in &ended.managers {
            work.run(
                "DELETE FROM evening_managers WHERE school = $1 AND evening = $2 AND staff = $3",
                values![self.school, *evening, *staff],
            )
            .await?;
        }
        for staff in &ended.hats {
            self.end_hat(work, Wearer::Staff(*staff), Actor::Program, now)
                .await?;
        }
        self.end_fallen_hats(work, now).await?;
        self.sign_all_out(work).await?;
        Ok(())
    }

    /// Everybody signs in again: who had signed out since must not be in. Invitations to register are sent
    /// again: it is not known which of them were replaced or used.
    async fn sign_all_out(&self, work: &mut Work) -> Read<()> {
        for sql in [
            "DELETE FROM staff_sessions WHERE school = $1",
            "DELETE FROM passkey_challenges WHERE school = $1",
            "DELETE FROM account_sessions WHERE school = $1",
            "DELETE FROM account_links WHERE school = $1",
            "DELETE FROM new_addresses WHERE school = $1",
            "DELETE FROM registration_links WHERE school = $1",
            "DELETE FROM registrations WHERE school = $1",
        ] {
            work.run(sql, values![self.school]).await?;
        }
        Ok(())
    }

    /// The link of a room or an area that was renewed since is in no backup: it gets another.
    async fn ensure_doors(&self, work: &mut Work) -> Result<()> {
        let rooms = work
            .all(
                "SELECT id FROM rooms WHERE school = $1",
                values![self.school],
            )
            .await?;
        for row in &rooms {
            let scope = Scope::Room(row.get(0)?);
            self.ensure_link(work, scope, scope.door()).await?;
        }
        let areas = work
            .all(
                "SELECT id FROM areas WHERE school = $1",
                values![self.school],
            )
            .await?;
        for row in &areas {
            let scope = Scope::Area(row.get(0)?);
            self.ensure_link(work, scope, scope.door()).await?;
        }
        Ok(())
    }

    /// Erases who was erased. How many, and how many teachers could not be.
    async fn erase_again(&self, ended: &Endings, now: Timestamp) -> Result<(usize, usize)> {
        let mut erased = 0;
        let guests = ended.erased_guests.iter().copied();
        let guests = guests.map(deed::Person::Guest);
        let contacts = ended.erased_contacts.iter().copied();
        let contacts = contacts.map(deed::Person::Contact);
        let students = ended.erased_students.iter().copied();
        let students = students.map(deed::Person::Student);
        for person in guests.chain(contacts).chain(students) {
            erased += count(self.erase_as_before(person, now).await)?;
        }
        for id in &ended.erased_staff {
            erased += usize::from(self.erase_staff_as_before(*id, now).await?);
        }
        let mut left = 0;
        for id in &ended.erased_teachers {
            match self.erase_as_before(deed::Person::Teacher(*id), now).await {
                Ok(()) => erased += 1,
                Err(Error::Refused(_)) => left += 1,
                Err(fault) => return Err(fault),
            }
        }
        Ok((erased, left))
    }

    /// E-mails stand as they stood last: what was sent is not sent again. Of others than those in
    /// `written` nothing is known to anybody.
    async fn settle_mail(&self, ended: &Endings, written: &Standing) -> Result<()> {
        let mut work = self.write().await?;
        work.at_length().await?;
        let all = work
            .all(
                "SELECT id FROM mail WHERE school = $1",
                values![self.school],
            )
            .await?;
        for row in &all {
            let id: MailId = row.get(0)?;
            if !written.mail.contains_key(&id) {
                work.run(
                    "DELETE FROM mail WHERE school = $1 AND id = $2",
                    values![self.school, id],
                )
                .await?;
            }
        }
        for id in &ended.dropped_mail {
            work.run(
                "DELETE FROM mail WHERE school = $1 AND id = $2",
                values![self.school, *id],
            )
            .await?;
        }
        for is_waiting in [false, true] {
            let states = ended.mail.iter();
            for (id, posted) in states.filter(|(_, it)| (it.state == QUEUED) == is_waiting) {
                self.settle_one(&mut work, *id, posted).await?;
            }
        }
        work.commit().await?;
        Ok(())
    }

    /// One that waits leaves no other of its kind waiting: of those that were put off, the last records know none.
    async fn settle_one(&self, work: &mut Work, id: MailId, posted: &Posted) -> Read<()> {
        let Posted { state, sent_at } = posted;
        if state == QUEUED {
            work.run(
                "DELETE FROM mail WHERE school = $1 AND id <> $2 AND state = $3
                   AND once = (SELECT once FROM mail WHERE school = $1 AND id = $2)",
                values![self.school, id, QUEUED],
            )
            .await?;
        }
        work.run(
            "UPDATE mail SET state = $3, sent_at = $4, says = '' WHERE school = $1 AND id = $2",
            values![self.school, id, state.as_str(), *sent_at],
        )
        .await?;
        Ok(())
    }

    async fn note_restored(&self, work: &mut Work, now: Timestamp) -> Result<()> {
        // Who was in a call when the backup was made is in none now.
        work.run(
            "DELETE FROM sessions WHERE school = $1",
            values![self.school],
        )
        .await?;
        // Receivers were told since, or it is of another day.
        work.run(
            "DELETE FROM webhooks WHERE school = $1",
            values![self.school],
        )
        .await?;
        let (actor, action) = (Actor::Program, Action::Restored);
        self.audit(work, actor, action, "records", &[], now).await
    }

    /// A contact is called and reached as they were last.
    async fn renew_contact(
        &self,
        work: &mut Work,
        (id, person): (ContactId, &Person),
        now: Timestamp,
    ) -> Result<()> {
        let before = self.address_of(work, id).await?;
        let _changed = self.rewrite_contact(work, id, person).await?;
        let email = self.address_of(work, id).await?;
        if has_changed(before.as_ref(), email.as_ref()) {
            // What the records said beside the address of the backup stood beside another.
            self.forget_said_address(work, id).await?;
            self.drop_waiting(work, Holder::Parent(id)).await?;
            // Whoever registered with the address of the backup is shown nothing, as it was.
            self.part_account(work, id, (before.as_ref(), email.as_ref()), now)
                .await?;
        }
        Ok(())
    }

    async fn rewrite_contact(&self, work: &mut Work, id: ContactId, it: &Person) -> Read<u64> {
        work.run(
            "UPDATE contacts SET name = $3, name_key = $4, email = $5, email_key = $6,
               records_name = $7, mobile = $8, telephone = $9
             WHERE school = $1 AND id = $2",
            values![
                self.school,
                id,
                it.name.as_str(),
                it.name_key.as_str(),
                it.email.as_deref(),
                it.email_key.as_deref(),
                it.records_name.as_deref(),
                it.mobile.as_deref(),
                it.telephone.as_str()
            ],
        )
        .await
    }

    /// What contacts say is as it was last.
    async fn rewrite_words(&self, work: &mut Work, ended: &Endings) -> Read<()> {
        for (id, said) in &ended.said {
            self.rewrite_said(work, *id, said).await?;
        }
        for ((id, what), now) in &ended.otherwise {
            self.rewrite_otherwise(work, (*id, what), now.as_ref())
                .await?;
        }
        for (of, now) in &ended.names {
            self.rewrite_said_name(work, *of, now.as_ref()).await?;
        }
        Ok(())
    }

    async fn rewrite_said(&self, work: &mut Work, id: ContactId, it: &Said) -> Read<u64> {
        let [school, email, telephone] = it.shares.map(i64::from);
        work.run(
            "UPDATE contact_details SET telephone = $3, accepted_beside = $4, school_telephone = $5,
               families_email = $6, families_telephone = $7
             WHERE school = $1 AND contact = $2",
            values![
                self.school,
                id,
                it.telephone.as_str(),
                it.accepted_beside.as_deref(),
                school,
                email,
                telephone
            ],
        )
        .await
    }

    async fn rewrite_otherwise(
        &self,
        work: &mut Work,
        (id, what): (ContactId, &str),
        now: Option<&Otherwise>,
    ) -> Read<()> {
        work.run(
            "DELETE FROM said_otherwise WHERE school = $1 AND contact = $2 AND what = $3",
            values![self.school, id, what],
        )
        .await?;
        if let Some(it) = now {
            work.run(
                "INSERT INTO said_otherwise (school, contact, what, own, records, accepted_beside,
                   said_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
                values![
                    self.school,
                    id,
                    what,
                    it.own.as_str(),
                    it.records.as_deref(),
                    it.accepted_beside.as_deref(),
                    it.said_at
                ],
            )
            .await?;
        }
        Ok(())
    }

    async fn rewrite_said_name(
        &self,
        work: &mut Work,
        (contact, student): NameOf,
        now: Option<&SaidName>,
    ) -> Read<()> {
        work.run(
            "DELETE FROM said_names
             WHERE school = $1 AND contact = $2 AND student IS NOT DISTINCT FROM $3",
            values![self.school, contact, student],
        )
        .await?;
        if let Some(it) = now {
            work.run(
                "INSERT INTO said_names (school, id, contact, student, name, is_kept, word, said_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                values![
                    self.school,
                    SaidNameId(Self::new_id()),
                    contact,
                    student,
                    it.name.as_str(),
                    it.is_kept,
                    it.word.as_str(),
                    it.said_at
                ],
            )
            .await?;
        }
        Ok(())
    }

    async fn enter_contact(
        &self,
        work: &mut Work,
        id: ContactId,
        it: &Person,
        students: &[StudentId],
    ) -> Read<()> {
        let holder = Holder::Parent(id);
        self.enter_holder(work, holder.kind(), holder.id()).await?;
        work.run(
            "INSERT INTO contacts (school, id, name, name_key, email, email_key, records_name, mobile,
               telephone)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            values![
                self.school,
                id,
                it.name.as_str(),
                it.name_key.as_str(),
                it.email.as_deref(),
                it.email_key.as_deref(),
                it.records_name.as_deref(),
                it.mobile.as_deref(),
                it.telephone.as_str()
            ],
        )
        .await?;
        for student in students {
            work.run(
                "INSERT INTO guardians (school, contact, student, relationship)
                 VALUES ($1, $2, $3, '')",
                values![self.school, id, *student],
            )
            .await?;
        }
        Ok(())
    }

    async fn readdress(&self, work: &mut Work, id: InvitationId, it: &Invited) -> Read<u64> {
        work.run(
            "UPDATE invitations SET email = $3, email_key = $4 WHERE school = $1 AND id = $2",
            values![self.school, id, it.email.as_str(), it.email_key.as_str()],
        )
        .await
    }
}

/// Whoever is gone already, with somebody else, needs no second erasure; and what is over is not
/// cancelled.
fn count<T>(erased: Result<T>) -> Result<usize> {
    match erased {
        Ok(_) => Ok(1),
        Err(Error::Refused(Refusal::NotFound | Refusal::EveningOver)) => Ok(0),
        Err(error) => Err(error),
    }
}
