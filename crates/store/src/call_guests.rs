//! Guests whom somebody invites out of a meeting: by e-mail, by text, or by a link to copy (ROOM-2).

use std::collections::BTreeSet;

use jiff::Timestamp;
use links::{KeyId, LinkId, Record};
use school::allowance::DAY;
use school::court_order;
use school::meeting::{Due, MeetingKind};
use school::{
    Actor, Deed, EmailAddress, EveningId, Holder, HolderId, HolderKind, MeetingId, Mobile, Name,
    Refusal, Role, RoomId, Scope, ScopeId, StudentId, VisitorId,
};

use crate::audit::Action;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::{Read, Result};
use crate::outbox::{Channel, Delivery};
use crate::rooms::still_due;
use crate::store::Store;
use crate::value::{columns, values};

/// What a guest is called until they say who they are.
pub(crate) const NAMELESS: &str = "Guest";

/// How many guests somebody invites in a day, and how often they write to them.
const MOST_A_DAY: i64 = 40;

/// How a guest is invited.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reach {
    /// By e-mail.
    Email(EmailAddress),
    /// By text message.
    Mobile(Mobile),
    /// By a link that whoever invites passes on.
    Link,
}

impl Reach {
    fn of(email: Option<EmailAddress>, mobile: Option<Mobile>) -> Self {
        match (email, mobile) {
            (Some(email), _) => Self::Email(email),
            (None, Some(mobile)) => Self::Mobile(mobile),
            (None, None) => Self::Link,
        }
    }

    /// The address, or the number.
    const fn parts(&self) -> (Option<&EmailAddress>, Option<&Mobile>) {
        match self {
            Self::Email(email) => (Some(email), None),
            Self::Mobile(mobile) => (None, Some(mobile)),
            Self::Link => (None, None),
        }
    }
}

/// A guest to invite.
#[derive(Clone, Debug)]
pub struct NewCallGuest {
    /// How.
    pub reach: Reach,
    /// In which language they are written to.
    pub language: Option<String>,
    /// Names the press: pressed again, it is the same guest.
    pub attempt: String,
}

/// A guest who was invited out of a meeting.
#[derive(Clone, Debug)]
pub struct CallGuest {
    /// Their id.
    pub id: VisitorId,
    /// Their name, once they have said it.
    pub name: Option<Name>,
    /// How they were invited.
    pub reach: Reach,
    /// What their link is made from.
    pub link: Record,
    /// When they were written to last.
    pub sent_at: Timestamp,
    /// Whether they have joined.
    pub has_joined: bool,
    /// What became of what was sent last, where something was.
    pub delivery: Option<Delivery>,
}

columns! {
    struct GuestRow {
        id: VisitorId,
        name: Option<Name>,
        email: Option<EmailAddress>,
        mobile: Option<Mobile>,
        sent_at: Timestamp,
        joined_at: Option<Timestamp>,
        link: LinkId,
        version: u32,
        key: u32,
        state: Option<String>,
        reason: Option<String>,
    }
}

columns! {
    struct VenueRow {
        kind: MeetingKind,
        scope: ScopeId,
        student: Option<StudentId>,
    }
}

columns! {
    struct VisitRow {
        meeting: MeetingId,
        email: Option<EmailAddress>,
    }
}

columns! {
    struct KnownRow {
        id: VisitorId,
        attempt: String,
    }
}

columns! {
    struct ReachRow {
        email: Option<EmailAddress>,
        mobile: Option<Mobile>,
    }
}

/// What erases the guests of calls of whom that is true: names, addresses, links, and what waits for
/// them. It comes before the meetings themselves.
macro_rules! erases_call_guests {
    ($whom:literal) => {
        [
            concat!(
                "UPDATE entitled SET holder = NULL WHERE school = $1 AND holder IN
                   (SELECT id FROM call_guests WHERE school = $1 AND ",
                $whom,
                ")"
            ),
            concat!(
                "DELETE FROM holders WHERE school = $1 AND id IN
                   (SELECT id FROM call_guests WHERE school = $1 AND ",
                $whom,
                ")"
            ),
        ]
    };
}
pub(crate) use erases_call_guests;

/// A meeting that guests are invited to.
struct Venue {
    meeting: MeetingId,
    scope: Scope,
    students: BTreeSet<StudentId>,
}

impl GuestRow {
    fn guest(self) -> Read<CallGuest> {
        Ok(CallGuest {
            id: self.id,
            name: self.name,
            reach: Reach::of(self.email, self.mobile),
            link: Record {
                id: self.link,
                version: self.version,
                key: KeyId(self.key),
            },
            sent_at: self.sent_at,
            has_joined: self.joined_at.is_some(),
            delivery: match (self.state, self.reason) {
                (Some(state), Some(reason)) => Some(Delivery::of(&state, reason)?),
                (_, _) => None,
            },
        })
    }
}

impl Store {
    /// The guests who were invited out of a meeting and may come to it, in the order in which they
    /// were written to.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn call_guests(&self, meeting: MeetingId) -> Result<Vec<CallGuest>> {
        let mut work = self.glance().await?;
        let rows: Vec<GuestRow> = work
            .rows(
                "SELECT call_guests.id AS id, call_guests.name AS name, call_guests.email AS email,
                   call_guests.mobile AS mobile, call_guests.sent_at AS sent_at,
                   call_guests.joined_at AS joined_at, links.id AS link,
                   links.version AS version, links.key AS key, mail.state AS state,
                   mail.reason AS reason
                 FROM call_guests
                 JOIN links ON links.school = call_guests.school
                   AND links.holder = call_guests.id AND links.withdrawn_at IS NULL
                 LEFT JOIN mail ON mail.school = call_guests.school AND mail.id = (
                   SELECT newest.id FROM mail AS newest
                   WHERE newest.school = call_guests.school AND newest.holder = call_guests.id
                   ORDER BY newest.queued_at DESC, newest.id LIMIT 1)
                 WHERE call_guests.school = $1 AND call_guests.meeting = $2
                   AND call_guests.removed_at IS NULL
                 ORDER BY call_guests.sent_at, call_guests.id",
                values![self.school, meeting],
            )
            .await?;
        let guests: Read<Vec<_>> = rows.into_iter().map(GuestRow::guest).collect();
        Ok(guests?)
    }

    /// Invites a guest, with a link of their own, and has them written to. The same press again is
    /// the same guest, and so is the same address or number: they are written to again.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], [`Refusal::InvitesSpent`], [`Refusal::TextsSpent`], and
    /// [`Refusal::NeedsApproval`] where the address is that of somebody with a court order (DIR-4).
    pub async fn invite_guest(
        &self,
        meeting: MeetingId,
        new: &NewCallGuest,
        by: Holder,
        now: Timestamp,
    ) -> Result<(VisitorId, Aftermath)> {
        let mut work = self.write().await?;
        let venue = self.venue(&mut work, meeting).await?;
        if let Some(KnownRow { id, attempt }) = self.known_guest(&mut work, meeting, new).await? {
            if attempt != new.attempt {
                self.write_again(&mut work, (&venue, id), by, now).await?;
                work.commit().await?;
            }
            return Ok((id, Aftermath::default()));
        }
        self.check_invites(&mut work, by.id(), now).await?;
        let (email, _) = new.reach.parts();
        self.check_not_barred(&mut work, (None, email), &venue)
            .await?;
        let visitor = self.enter_guest(&mut work, (&venue, new), by, now).await?;
        self.write_to_guest(&mut work, (venue.scope, visitor), &new.reach, now)
            .await?;
        let (subject, detail) = (format!("visitor:{visitor}"), [("meeting", meeting.0)]);
        let action = Action::GuestInvited;
        self.audit(&mut work, by.into(), action, &subject, &detail, now)
            .await?;
        work.commit().await?;
        Ok((visitor, changed(meeting)))
    }

    /// The guest of that press, else whoever is invited at that address or number.
    async fn known_guest(
        &self,
        work: &mut Work,
        meeting: MeetingId,
        new: &NewCallGuest,
    ) -> Read<Option<KnownRow>> {
        let (email, mobile) = new.reach.parts();
        work.row(
            "SELECT id, attempt FROM call_guests
             WHERE school = $1 AND meeting = $2 AND (attempt = $3
               OR (removed_at IS NULL AND (email_key = $4 OR mobile = $5)))
             ORDER BY CASE WHEN attempt = $3 THEN 0 ELSE 1 END, id LIMIT 1",
            values![
                self.school,
                meeting,
                new.attempt.as_str(),
                email.map(EmailAddress::key),
                mobile.map(Mobile::reveal)
            ],
        )
        .await
    }

    /// Writes a guest down, with a link and a number in the meeting.
    async fn enter_guest(
        &self,
        work: &mut Work,
        (venue, new): (&Venue, &NewCallGuest),
        by: Holder,
        now: Timestamp,
    ) -> Result<VisitorId> {
        let (email, mobile) = new.reach.parts();
        let visitor = VisitorId(Self::new_id());
        let holder = Holder::Visitor(visitor);
        self.enter_holder(work, HolderKind::Visitor, holder.id())
            .await?;
        work.run(
            "INSERT INTO call_guests (school, id, meeting, inviter, email, email_key, mobile,
               language, attempt, sent_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            values![
                self.school,
                visitor,
                venue.meeting,
                by,
                email.map(EmailAddress::reveal),
                email.map(EmailAddress::key),
                mobile.map(Mobile::reveal),
                new.language.as_deref(),
                new.attempt.as_str(),
                now
            ],
        )
        .await?;
        self.ensure_link(work, venue.scope, holder).await?;
        let stands = self.standing_in(work, venue.meeting).await?;
        let mut due = still_due(&stands);
        due.push(Due {
            holder: holder.id(),
            role: Role::Guest,
        });
        self.write_entitled(work, venue.meeting, (&due, &stands), now)
            .await?;
        Ok(visitor)
    }

    /// Writes to a guest once more, with the same link (LINK-3).
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], [`Refusal::InvitesSpent`] and [`Refusal::TextsSpent`].
    pub async fn resend_to_guest(
        &self,
        meeting: MeetingId,
        guest: VisitorId,
        by: Holder,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        let venue = self.venue(&mut work, meeting).await?;
        self.write_again(&mut work, (&venue, guest), by, now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    async fn write_again(
        &self,
        work: &mut Work,
        (venue, guest): (&Venue, VisitorId),
        by: Holder,
        now: Timestamp,
    ) -> Result<()> {
        self.check_invites(work, by.id(), now).await?;
        // Their day begins anew.
        let known: ReachRow = work
            .row(
                "UPDATE call_guests SET sent_at = $4
                 WHERE school = $1 AND id = $2 AND meeting = $3 AND removed_at IS NULL
                 RETURNING email, mobile",
                values![self.school, guest, venue.meeting, now],
            )
            .await?
            .ok_or(Refusal::NotFound)?;
        let reach = Reach::of(known.email, known.mobile);
        self.write_to_guest(work, (venue.scope, guest), &reach, now)
            .await?;
        let subject = format!("visitor:{guest}");
        let (action, detail) = (Action::GuestResent, [("meeting", venue.meeting.0)]);
        self.audit(work, by.into(), action, &subject, &detail, now)
            .await?;
        Ok(())
    }

    /// Removes a guest: they are out of the meeting at once, and their link is dead (LINK-2).
    /// Removed already, there is nothing to do.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn remove_guest(
        &self,
        meeting: MeetingId,
        visitor: VisitorId,
        by: Holder,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let there = work
            .count(
                "SELECT COUNT(*) FROM call_guests WHERE school = $1 AND id = $2 AND meeting = $3",
                values![self.school, visitor, meeting],
            )
            .await?;
        if there == 0 {
            return Err(Refusal::NotFound.into());
        }
        let ended = Deed::VisitEnded { visitor };
        let aftermath = self.perform(&mut work, &ended, by.into(), now).await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// A guest says who they are.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], and [`Refusal::NeedsApproval`] where they may be somebody with a court
    /// order (DIR-4).
    pub async fn name_guest(
        &self,
        visitor: VisitorId,
        name: &Name,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let visit: VisitRow = work
            .row(
                "SELECT meeting, email FROM call_guests
                 WHERE school = $1 AND id = $2 AND removed_at IS NULL",
                values![self.school, visitor],
            )
            .await?
            .ok_or(Refusal::NotFound)?;
        let venue = self.venue(&mut work, visit.meeting).await?;
        self.check_not_barred(&mut work, (Some(name), visit.email.as_ref()), &venue)
            .await?;
        work.run(
            "UPDATE call_guests SET name = $3 WHERE school = $1 AND id = $2",
            values![self.school, visitor, name],
        )
        .await?;
        let subject = format!("visitor:{visitor}");
        let (actor, detail) = (Actor::Visitor(visitor), [("meeting", visit.meeting.0)]);
        let action = Action::VisitorCame;
        self.audit(&mut work, actor, action, &subject, &detail, now)
            .await?;
        work.commit().await?;
        Ok(changed(visit.meeting))
    }

    /// How many text messages were queued within a day.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn texts_in_a_day(&self, now: Timestamp) -> Result<i64> {
        let mut work = self.glance().await?;
        Ok(self.texts(&mut work, now).await?)
    }

    async fn texts(&self, work: &mut Work, now: Timestamp) -> Read<i64> {
        work.count(
            "SELECT COUNT(*) FROM mail WHERE school = $1 AND channel = $2 AND queued_at > $3",
            values![self.school, Channel::Text.code(), a_day_before(now)],
        )
        .await
    }

    async fn venue(&self, work: &mut Work, meeting: MeetingId) -> Result<Venue> {
        let row: VenueRow = work
            .row(
                "SELECT meetings.kind AS kind, meetings.scope AS scope, bookings.student AS student
                 FROM meetings
                 LEFT JOIN bookings ON bookings.school = meetings.school
                   AND bookings.meeting = meetings.id
                 WHERE meetings.school = $1 AND meetings.id = $2",
                values![self.school, meeting],
            )
            .await?
            .ok_or(Refusal::NotFound)?;
        Ok(Venue {
            meeting,
            scope: match row.kind {
                MeetingKind::Appointment => Scope::Evening(EveningId(row.scope.0)),
                MeetingKind::Room => Scope::Room(RoomId(row.scope.0)),
            },
            students: row.student.into_iter().collect(),
        })
    }

    /// Whoever invites may not write to strangers without end.
    async fn check_invites(&self, work: &mut Work, by: HolderId, now: Timestamp) -> Result<()> {
        let sql = "SELECT (SELECT COUNT(*) FROM call_guests
               WHERE school = $1 AND inviter = $2 AND sent_at > $3)
             + (SELECT COUNT(*) FROM mail
               JOIN call_guests ON call_guests.school = mail.school
                 AND call_guests.id = mail.holder
               WHERE mail.school = $1 AND call_guests.inviter = $2 AND mail.queued_at > $3)";
        let of = values![self.school, by, a_day_before(now)];
        if work.count(sql, of).await? >= 2 * MOST_A_DAY {
            return Err(Refusal::InvitesSpent.into());
        }
        Ok(())
    }

    /// Whoever a court order keeps away is not let in by this door either.
    async fn check_not_barred(
        &self,
        work: &mut Work,
        (name, email): (Option<&Name>, Option<&EmailAddress>),
        venue: &Venue,
    ) -> Result<()> {
        let barred = self.barred_and_alike(work).await?;
        let nameless = Name::read(NAMELESS)?;
        let name = name.unwrap_or(&nameless);
        match court_order::find(&barred, name, email, &venue.students) {
            Some(_) => {
                tracing::debug!(meeting = venue.meeting.0, "a guest may be barred");
                Err(Refusal::NeedsApproval.into())
            }
            None => Ok(()),
        }
    }

    async fn write_to_guest(
        &self,
        work: &mut Work,
        (scope, visitor): (Scope, VisitorId),
        reach: &Reach,
        now: Timestamp,
    ) -> Result<()> {
        let (channel, address) = match reach {
            Reach::Email(email) => (Channel::Email, email.reveal()),
            Reach::Mobile(mobile) => (Channel::Text, mobile.reveal()),
            Reach::Link => return Ok(()),
        };
        if channel == Channel::Text && self.texts(work, now).await? >= self.options.texts_a_day {
            return Err(Refusal::TextsSpent.into());
        }
        self.queue_to_guest(work, (scope, visitor), (channel, address), now)
            .await?;
        Ok(())
    }

    /// Ends a visit in the records. Gives the link that died with it, and the meeting.
    pub(crate) async fn end_visit(
        &self,
        work: &mut Work,
        visitor: VisitorId,
        now: Timestamp,
    ) -> Result<(Option<LinkId>, MeetingId)> {
        let visit: VisitRow = work
            .row(
                "UPDATE call_guests SET removed_at = $3 WHERE school = $1 AND id = $2
                 RETURNING meeting, email",
                values![self.school, visitor, now],
            )
            .await?
            .ok_or(Refusal::NotFound)?;
        let venue = self.venue(work, visit.meeting).await?;
        let holder = Holder::Visitor(visitor);
        self.drop_mail(work, venue.scope, holder).await?;
        let link = self.withdraw_link(work, venue.scope, holder, now).await?;
        let stands = self.standing_in(work, visit.meeting).await?;
        let mut due = still_due(&stands);
        due.retain(|it| it.holder != holder.id());
        self.write_entitled(work, visit.meeting, (&due, &stands), now)
            .await?;
        Ok((link, visit.meeting))
    }
}

fn changed(meeting: MeetingId) -> Aftermath {
    Aftermath {
        changed: BTreeSet::from([meeting]),
        ..Aftermath::default()
    }
}

fn a_day_before(now: Timestamp) -> Timestamp {
    now.checked_sub(DAY).unwrap_or(Timestamp::MIN)
}
