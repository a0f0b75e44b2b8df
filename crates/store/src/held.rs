//! Guests who are, or may be, somebody with a court order (DIR-4): those who were invited out of a meeting,
//! and those who come by the link of a room or a waiting area.

mod doors;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use school::court_order::{Barred, Match};
use school::{
    Actor, ContactId, Deed, EmailAddress, Holder, Label, MeetingId, Mobile, Name, Note, Refusal,
    StudentId, VisitorId,
};

pub(crate) use self::doors::{AtDoor, Comer};
use crate::audit::Action;
use crate::call_guests::{Reach, Venue, a_day_before, changed, of};
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::{Read, Result};
use crate::invitations::{because_of, code};
use crate::store::Store;
use crate::value::{columns, values};

/// A guest whose link opens nothing until the office decides.
#[derive(Clone, Debug)]
pub struct HeldGuest {
    /// Their id.
    pub id: VisitorId,
    /// The name they gave.
    pub name: Name,
    /// How they were invited, or what address they entered.
    pub reach: Reach,
    /// The number they entered at a door.
    pub mobile: Option<Label>,
    /// Why they came to a door, in their words; may be empty.
    pub reason: Note,
    /// Who invited them; nobody where they came by themselves, and where who invited them was erased.
    pub inviter: Option<Name>,
    /// What the room, waiting area or evening is called.
    pub venue: Label,
    /// The student whom the appointment is about.
    pub student: Option<Name>,
    /// The contact with a court order who they may be, and their name; nobody where they were erased
    /// since.
    pub contact: Option<(ContactId, Name)>,
    /// What they share.
    pub because: Match,
    /// Since when they wait.
    pub asked_at: Timestamp,
}

columns! {
    struct HeldRow {
        id: VisitorId,
        name: Name,
        email: Option<EmailAddress>,
        mobile: Option<Mobile>,
        inviter: Option<Name>,
        venue: Label,
        student: Option<Name>,
        contact: Option<ContactId>,
        contact_name: Option<Name>,
        because: String,
        asked_at: Timestamp,
    }
}

columns! {
    /// A guest, as far as they may be somebody.
    struct ComparedRow {
        id: VisitorId,
        name: Option<Name>,
        email: Option<EmailAddress>,
        may_be: Option<ContactId>,
        let_in_at: Option<Timestamp>,
        student: Option<StudentId>,
    }
}

columns! {
    struct OrderRow {
        id: ContactId,
        court_order_at: Timestamp,
    }
}

columns! {
    struct WaitingRow {
        meeting: MeetingId,
        name: Option<Name>,
        held_name: Option<Name>,
        held_at: Option<Timestamp>,
        let_in_at: Option<Timestamp>,
        removed_at: Option<Timestamp>,
    }
}

/// What tells whether a guest is somebody with a court order.
macro_rules! compared {
    ($where:literal) => {
        concat!(
            "SELECT call_guests.id AS id,
               COALESCE(call_guests.name, call_guests.held_name) AS name,
               call_guests.email AS email, call_guests.may_be AS may_be,
               call_guests.let_in_at AS let_in_at, bookings.student AS student
             FROM call_guests
             LEFT JOIN bookings ON bookings.school = call_guests.school
               AND bookings.meeting = call_guests.meeting
             WHERE call_guests.school = $1 AND call_guests.removed_at IS NULL AND ",
            $where
        )
    };
}

impl ComparedRow {
    /// The contact with a court order who this is most likely to be. The office may have decided
    /// already, under the order that stands, that they share the name alone.
    fn found(
        &self,
        barred: &[Barred],
        orders: &BTreeMap<ContactId, Timestamp>,
    ) -> Option<(ContactId, Match)> {
        let is_told_apart = |contact: ContactId| {
            self.may_be == Some(contact)
                && self
                    .let_in_at
                    .is_some_and(|at| orders.get(&contact).is_some_and(|it| at >= *it))
        };
        let all = barred.iter().filter_map(|one| {
            let students = match self.student {
                Some(student) => std::iter::once(student).collect(),
                // A room is about no student: whoever comes to it may be anybody.
                None => one.students.clone(),
            };
            let how = match &self.name {
                Some(name) => one.matches(name, self.email.as_ref(), &students),
                None => self.email.as_ref().and_then(|it| one.matches_address(it)),
            };
            Some((one.contact, how?))
        });
        all.filter(|(contact, how)| match how {
            Match::Email => true,
            Match::Mailbox | Match::Name => !is_told_apart(*contact),
        })
        .max_by_key(|(_, how)| *how)
    }
}

impl Store {
    /// A guest says who they are. Who has said so already keeps their name.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], and [`Refusal::NeedsApproval`] where they may be somebody with a court
    /// order (DIR-4): from then on, whatever name they give, until the office has decided.
    pub async fn name_guest(
        &self,
        visitor: VisitorId,
        (name, attempt): (&Name, &str),
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let waiting = self.visiting(&mut work, visitor).await?;
        let waiting = waiting.filter(|it| it.removed_at.is_none());
        let waiting = waiting.ok_or(Refusal::NotFound)?;
        if waiting.name.is_some() {
            return Ok(Aftermath::default());
        }
        if waiting.held_at.is_some() {
            return Err(Refusal::NeedsApproval.into());
        }
        let guest = (waiting.meeting, visitor);
        self.keep_press(&mut work, guest, attempt, now).await?;
        if let Some(found) = self.may_be(&mut work, visitor, name).await? {
            self.hold_guest(&mut work, (visitor, waiting.meeting), (name, found), now)
                .await?;
            work.commit().await?;
            return Err(Refusal::NeedsApproval.into());
        }
        work.run(
            "UPDATE call_guests SET name = $3 WHERE school = $1 AND id = $2 AND name IS NULL",
            values![self.school, visitor, name],
        )
        .await?;
        let (actor, detail) = (Actor::Visitor(visitor), [("meeting", waiting.meeting.0)]);
        let action = Action::VisitorCame;
        self.audit(&mut work, actor, action, &of(visitor), &detail, now)
            .await?;
        work.commit().await?;
        Ok(changed(waiting.meeting))
    }

    async fn visiting(&self, work: &mut Work, visitor: VisitorId) -> Read<Option<WaitingRow>> {
        work.row(
            "SELECT meeting, name, held_name, held_at, let_in_at, removed_at
             FROM call_guests WHERE school = $1 AND id = $2",
            values![self.school, visitor],
        )
        .await
    }

    /// Who a guest of that name may be.
    async fn may_be(
        &self,
        work: &mut Work,
        visitor: VisitorId,
        name: &Name,
    ) -> Read<Option<(ContactId, Match)>> {
        let row: Option<ComparedRow> = work
            .row(
                compared!("call_guests.id = $2"),
                values![self.school, visitor],
            )
            .await?;
        let Some(mut row) = row else { return Ok(None) };
        row.name = Some(name.clone());
        self.most_like(work, &row).await
    }

    /// The contact with a court order who somebody is most likely to be.
    async fn most_like(
        &self,
        work: &mut Work,
        row: &ComparedRow,
    ) -> Read<Option<(ContactId, Match)>> {
        let barred = self.barred_and_alike(work).await?;
        if barred.is_empty() {
            return Ok(None);
        }
        let orders = self.orders(work).await?;
        Ok(row.found(&barred, &orders))
    }

    async fn orders(&self, work: &mut Work) -> Read<BTreeMap<ContactId, Timestamp>> {
        let rows: Vec<OrderRow> = work
            .rows(
                "SELECT id, court_order_at FROM contacts
                 WHERE school = $1 AND court_order_at IS NOT NULL",
                values![self.school],
            )
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.id, row.court_order_at))
            .collect())
    }

    /// Their link opens nothing until the office has decided, which hears of it.
    async fn hold_guest(
        &self,
        work: &mut Work,
        (visitor, meeting): (VisitorId, MeetingId),
        (name, (contact, because)): (&Name, (ContactId, Match)),
        now: Timestamp,
    ) -> Result<()> {
        work.run(
            "UPDATE call_guests SET held_name = $3, may_be = $4, held_because = $5, held_at = $6,
               let_in_at = NULL
             WHERE school = $1 AND id = $2",
            values![self.school, visitor, name, contact, code(because), now],
        )
        .await?;
        let detail = [("meeting", meeting.0), ("contact", contact.0)];
        let (actor, action) = (Actor::Visitor(visitor), Action::GuestHeld);
        self.audit(work, actor, action, &of(visitor), &detail, now)
            .await?;
        self.tell_office(work, now).await
    }

    /// The contact with a court order whose address that is, or may be.
    pub(crate) async fn barred_at(
        &self,
        work: &mut Work,
        email: &EmailAddress,
    ) -> Read<Option<ContactId>> {
        let barred = self.barred_and_alike(work).await?;
        let mut all = barred.iter();
        let found = all.find(|it| it.matches_address(email).is_some());
        Ok(found.map(|it| it.contact))
    }

    /// Somebody wished to invite them: it is to be found in the audit log.
    pub(crate) async fn note_refused(
        &self,
        work: &mut Work,
        (venue, contact): (&Venue, ContactId),
        by: Holder,
        now: Timestamp,
    ) -> Result<()> {
        let subject = format!("contact:{contact}");
        let (action, detail) = (Action::GuestRefused, [("meeting", venue.meeting.0)]);
        self.audit(work, by.into(), action, &subject, &detail, now)
            .await
    }

    /// The guests who are, or may be, somebody with a court order: those who were invited out of meetings,
    /// and those who came to a room or a waiting area and may be there still.
    pub(crate) async fn visits_like(
        &self,
        work: &mut Work,
        now: Timestamp,
    ) -> Read<Vec<VisitorId>> {
        let barred = self.barred_and_alike(work).await?;
        if barred.is_empty() {
            return Ok(Vec::new());
        }
        let orders = self.orders(work).await?;
        let mut rows: Vec<ComparedRow> = work
            .rows(
                compared!("call_guests.held_at IS NULL ORDER BY call_guests.id"),
                values![self.school],
            )
            .await?;
        let came: Vec<ComparedRow> = work
            .rows(
                "SELECT came.id AS id, came.name AS name, came.email AS email,
                   held_at_doors.may_be AS may_be, held_at_doors.let_in_at AS let_in_at,
                   CAST(NULL AS BIGINT) AS student
                 FROM (SELECT school, id, name, email FROM visitors
                     WHERE school = $1 AND came_at > $2 AND removed_at IS NULL
                   UNION ALL SELECT school, id, name, NULL FROM callers
                     WHERE school = $1 AND came_at > $2 AND stage IN ('waiting', 'taken')
                 ) AS came
                 LEFT JOIN held_at_doors ON held_at_doors.school = came.school
                   AND held_at_doors.id = came.id
                 ORDER BY came.id",
                values![self.school, a_day_before(now)],
            )
            .await?;
        rows.extend(came);
        let alike = rows
            .iter()
            .filter(|it| it.found(&barred, &orders).is_some());
        Ok(alike.map(|it| it.id).collect())
    }

    /// Those who wait for the office, the first of them first. Who has waited for a day waits no more:
    /// what they were invited to was on then. While a room is closed nobody waits at its door.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn held_guests(&self, now: Timestamp) -> Result<Vec<HeldGuest>> {
        let mut work = self.read().await?;
        let rows: Vec<HeldRow> = work
            .rows(
                "SELECT call_guests.id AS id, call_guests.held_name AS name,
                   call_guests.email AS email, call_guests.mobile AS mobile,
                   COALESCE(staff.name, teachers.name, contacts.name) AS inviter,
                   COALESCE(rooms.name, areas.name, evenings.name) AS venue,
                   students.name AS student,
                   barred.id AS contact, barred.name AS contact_name,
                   call_guests.held_because AS because, call_guests.held_at AS asked_at
                 FROM call_guests
                 JOIN meetings ON meetings.school = call_guests.school
                   AND meetings.id = call_guests.meeting
                 LEFT JOIN rooms ON rooms.school = meetings.school AND rooms.id = meetings.scope
                 LEFT JOIN areas ON areas.school = meetings.school AND areas.id = meetings.scope
                 LEFT JOIN evenings ON evenings.school = meetings.school
                   AND evenings.id = meetings.scope
                 LEFT JOIN bookings ON bookings.school = meetings.school
                   AND bookings.meeting = meetings.id
                 LEFT JOIN students ON students.school = bookings.school
                   AND students.id = bookings.student
                 LEFT JOIN staff ON staff.school = call_guests.school
                   AND staff.id = call_guests.inviter
                 LEFT JOIN teachers ON teachers.school = call_guests.school
                   AND teachers.id = call_guests.inviter
                 LEFT JOIN contacts ON contacts.school = call_guests.school
                   AND contacts.id = call_guests.inviter
                 LEFT JOIN contacts AS barred ON barred.school = call_guests.school
                   AND barred.id = call_guests.may_be
                 WHERE call_guests.school = $1 AND call_guests.held_at > $2
                   AND call_guests.removed_at IS NULL AND rooms.closed_at IS NULL
                 ORDER BY call_guests.held_at, call_guests.id",
                values![self.school, a_day_before(now)],
            )
            .await?;
        let invited = rows.into_iter().map(|row| {
            Ok(HeldGuest {
                id: row.id,
                name: row.name,
                reach: Reach::of(row.email, row.mobile),
                mobile: None,
                reason: Note::default(),
                inviter: row.inviter,
                venue: row.venue,
                student: row.student,
                contact: row.contact.zip(row.contact_name),
                because: because_of(&row.because)?,
                asked_at: row.asked_at,
            })
        });
        let mut held = invited.collect::<Read<Vec<_>>>()?;
        for row in self.waiting_at_doors(&mut work, now).await? {
            held.push(row.held()?);
        }
        held.sort_by_key(|it| (it.asked_at, it.id));
        Ok(held)
    }

    /// Whether that is the id of a guest who waits for the office, or waited.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn is_visitor(&self, id: VisitorId) -> Result<bool> {
        let mut work = self.read().await?;
        Ok(self.visiting(&mut work, id).await?.is_some()
            || self.at_door(&mut work, id).await?.is_some())
    }

    /// How many wait for the office.
    pub(crate) async fn count_held_guests(&self, work: &mut Work, now: Timestamp) -> Read<i64> {
        work.count(
            "SELECT (SELECT COUNT(*) FROM call_guests
               WHERE school = $1 AND held_at > $2 AND removed_at IS NULL
                 AND meeting NOT IN (SELECT meeting FROM rooms
                   WHERE school = $1 AND closed_at IS NOT NULL))
             + (SELECT COUNT(*) FROM held_at_doors
               WHERE school = $1 AND held_at > $2 AND let_in_at IS NULL
                 AND turned_away_at IS NULL
                 AND scope NOT IN (SELECT id FROM rooms
                   WHERE school = $1 AND closed_at IS NOT NULL))",
            values![self.school, a_day_before(now)],
        )
        .await
    }

    /// The office lets a guest in who may be somebody with a court order, and is not.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], [`Refusal::InvitationRemoved`], and [`Refusal::CourtOrderStands`] where
    /// they have the address of a contact whose order is in force.
    pub async fn let_guest_in(
        &self,
        visitor: VisitorId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        if let Some(row) = self.at_door(&mut work, visitor).await? {
            self.let_in_at_door(&mut work, &row, (actor, now)).await?;
            work.commit().await?;
            return Ok(Aftermath::default());
        }
        let waiting = self.visiting(&mut work, visitor).await?;
        let waiting = waiting.ok_or(Refusal::NotFound)?;
        if waiting.removed_at.is_some() {
            return Err(Refusal::InvitationRemoved.into());
        }
        let (Some(name), Some(_)) = (&waiting.held_name, waiting.held_at) else {
            return match waiting.let_in_at {
                Some(_) => Ok(Aftermath::default()),
                None => Err(Refusal::NotFound.into()),
            };
        };
        let found = self.may_be(&mut work, visitor, name).await?;
        if found.is_some_and(|(_, how)| how == Match::Email) {
            return Err(Refusal::CourtOrderStands.into());
        }
        work.run(
            "UPDATE call_guests SET name = held_name, held_name = NULL, held_at = NULL,
               let_in_at = $3
             WHERE school = $1 AND id = $2",
            values![self.school, visitor, now],
        )
        .await?;
        let (action, detail) = (Action::GuestLetIn, [("meeting", waiting.meeting.0)]);
        self.audit(&mut work, actor, action, &of(visitor), &detail, now)
            .await?;
        work.commit().await?;
        Ok(changed(waiting.meeting))
    }

    /// The office does not let them in: their link is dead.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], [`Refusal::ApprovedAlready`] and [`Refusal::DeclinedAlready`] where they
    /// do not wait.
    pub async fn turn_guest_away(
        &self,
        visitor: VisitorId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        match self.at_door(&mut work, visitor).await? {
            Some(row) => Self::check_waits_at_door(&row)?,
            None => self.check_waits(&mut work, visitor).await?,
        }
        let ended = Deed::VisitEnded { visitor };
        let aftermath = self.perform(&mut work, &ended, actor, now).await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// Whether a guest who was invited out of a meeting waits for the office still.
    async fn check_waits(&self, work: &mut Work, visitor: VisitorId) -> Result<()> {
        let waiting = self.visiting(work, visitor).await?;
        let waiting = waiting.ok_or(Refusal::NotFound)?;
        match (waiting.held_at, waiting.removed_at) {
            (Some(_), None) => Ok(()),
            (Some(_), Some(_)) => Err(Refusal::DeclinedAlready.into()),
            (None, _) if waiting.let_in_at.is_some() => Err(Refusal::ApprovedAlready.into()),
            (None, _) => Err(Refusal::NotFound.into()),
        }
    }

    /// Ends a visit in the records, whoever's it is.
    pub(crate) async fn end_visit(
        &self,
        work: &mut Work,
        visitor: VisitorId,
        now: Timestamp,
    ) -> Result<Aftermath> {
        if self.visiting(work, visitor).await?.is_some() {
            return self.end_invited(work, visitor, now).await;
        }
        self.end_at_door(work, visitor, now).await?;
        let mut aftermath = self.end_visitor(work, visitor, now).await?;
        aftermath.extend(self.end_caller(work, visitor, now).await?);
        Ok(aftermath)
    }

    /// A guest whose visit has not ended: one who was invited out of a meeting, one who came to a room or
    /// a waiting area, or one who waits at a door.
    pub(crate) async fn visits(
        &self,
        work: &mut Work,
        visitor: VisitorId,
    ) -> Read<BTreeSet<VisitorId>> {
        let there = work
            .count(
                "SELECT (SELECT COUNT(*) FROM call_guests
                   WHERE school = $1 AND id = $2 AND removed_at IS NULL)
                 + (SELECT COUNT(*) FROM visitors
                   WHERE school = $1 AND id = $2 AND removed_at IS NULL)
                 + (SELECT COUNT(*) FROM callers
                   WHERE school = $1 AND id = $2 AND stage IN ('waiting', 'taken'))
                 + (SELECT COUNT(*) FROM held_at_doors
                   WHERE school = $1 AND id = $2 AND let_in_at IS NULL
                     AND turned_away_at IS NULL)",
                values![self.school, visitor],
            )
            .await?;
        Ok((there > 0).then_some(visitor).into_iter().collect())
    }
}
