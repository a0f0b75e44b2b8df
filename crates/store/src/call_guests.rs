//! Guests whom somebody invites out of a meeting: by e-mail, by text, or by a link to copy (ROOM-2).

use std::collections::BTreeSet;

use jiff::Timestamp;
use links::{KeyId, LinkId, Record};
use school::allowance::DAY;
use school::meeting::{Due, MeetingKind};
use school::{
    Actor, AreaId, Deed, EmailAddress, EveningId, Holder, HolderKind, MeetingId, Mobile, Name,
    Refusal, Role, RoomId, Scope, ScopeId, VisitorId,
};

use crate::audit::Action;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::entitled::still_due;
use crate::fault::{Error, Read, Result};
use crate::outbox::{Channel, Delivery};
use crate::room_guests::VISIT;
use crate::selection::Selection;
use crate::store::Store;
use crate::value::{columns, values};

/// What a guest is called until they say who they are.
pub(crate) const NAMELESS: &str = "Guest";

/// How often somebody invites guests, and writes to them again, in a day.
const MOST_A_DAY: i64 = 40;

/// How often one guest is written to in a day, whoever asks.
const MOST_TO_ONE: i64 = 5;

/// How many guests of one meeting are shown: those who were written to last.
const MOST_SHOWN: i64 = 100;

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
    pub(crate) fn of(email: Option<EmailAddress>, mobile: Option<Mobile>) -> Self {
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
    /// Whether they have joined, and nothing that was sent to them since has come back.
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
        queued_at: Option<Timestamp>,
    }
}

columns! {
    struct VenueRow {
        kind: MeetingKind,
        scope: ScopeId,
    }
}

columns! {
    struct VisitRow {
        meeting: MeetingId,
    }
}

columns! {
    struct KnownRow {
        id: VisitorId,
    }
}

columns! {
    struct ReachRow {
        email: Option<EmailAddress>,
        mobile: Option<Mobile>,
        held_at: Option<Timestamp>,
    }
}

/// Guests who have not been removed.
macro_rules! guests {
    ($where:literal) => {
        concat!(
            "SELECT call_guests.id AS id, call_guests.name AS name, call_guests.email AS email,
               call_guests.mobile AS mobile, call_guests.sent_at AS sent_at,
               call_guests.joined_at AS joined_at, links.id AS link,
               links.version AS version, links.key AS key, mail.state AS state,
               mail.reason AS reason, mail.queued_at AS queued_at
             FROM call_guests
             JOIN meetings ON meetings.school = call_guests.school
               AND meetings.id = call_guests.meeting
             JOIN links ON links.school = call_guests.school
               AND links.holder = call_guests.id AND links.withdrawn_at IS NULL
             LEFT JOIN mail ON mail.school = call_guests.school AND mail.id = (
               SELECT newest.id FROM mail AS newest
               WHERE newest.school = call_guests.school AND newest.holder = call_guests.id
               ORDER BY newest.queued_at DESC, newest.id LIMIT 1)
             WHERE call_guests.school = $1 AND call_guests.meeting = $2
               AND call_guests.removed_at IS NULL AND ",
            $where
        )
    };
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
pub(crate) struct Venue {
    pub(crate) meeting: MeetingId,
    scope: Scope,
}

impl GuestRow {
    fn guest(self) -> Read<CallGuest> {
        let delivery = match (self.state, self.reason) {
            (Some(state), Some(reason)) => Some(Delivery::of(&state, reason)?),
            (_, _) => None,
        };
        // What they joined by is older than what came back.
        let has_come_back =
            matches!(delivery, Some(Delivery::Bounced { .. })) && self.queued_at > self.joined_at;
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
            has_joined: self.joined_at.is_some() && !has_come_back,
            delivery,
        })
    }
}

impl Store {
    /// The guests who were invited out of a meeting and may come to it, in the order in which they
    /// were written to: at most a hundred, those of a room whose day is not over.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn call_guests(&self, meeting: MeetingId, now: Timestamp) -> Result<Vec<CallGuest>> {
        let mut work = self.glance().await?;
        let rows: Vec<GuestRow> = work
            .rows(
                guests!(
                    "(meetings.kind <> 'room' OR call_guests.sent_at > $3)
                     ORDER BY call_guests.sent_at DESC, call_guests.id DESC LIMIT $4"
                ),
                values![self.school, meeting, a_day_before(now), MOST_SHOWN],
            )
            .await?;
        let guests: Read<Vec<_>> = rows.into_iter().rev().map(GuestRow::guest).collect();
        Ok(guests?)
    }

    /// A guest who was invited out of that meeting, and has not been removed.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn call_guest(&self, meeting: MeetingId, guest: VisitorId) -> Result<CallGuest> {
        let mut work = self.glance().await?;
        let row: Option<GuestRow> = work
            .row(
                guests!("call_guests.id = $3"),
                values![self.school, meeting, guest],
            )
            .await?;
        Ok(row.ok_or(Refusal::NotFound)?.guest()?)
    }

    /// Invites a guest, with a link of their own, and has them written to. The same press again is
    /// the same guest, and so is the same address or number: they are written to again.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], [`Refusal::InvitesSpent`], [`Refusal::TextsSpent`],
    /// [`Refusal::KeptOut`] where a stop keeps them out or everybody, and [`Refusal::NeedsApproval`] where
    /// the address or number is that of somebody with a court order (DIR-4).
    pub async fn invite_guest(
        &self,
        meeting: MeetingId,
        new: &NewCallGuest,
        by: Holder,
        now: Timestamp,
    ) -> Result<(VisitorId, Aftermath)> {
        let mut work = self.write().await?;
        let venue = self.venue(&mut work, meeting).await?;
        if let Some(guest) = self.pressed(&mut work, meeting, &new.attempt).await? {
            return Ok((guest, Aftermath::default()));
        }
        let known = self.known_guest(&mut work, meeting, new).await?;
        self.check_may_come(&mut work, meeting, known).await?;
        let guest = match known {
            Some(guest) => {
                self.write_again(&mut work, (&venue, guest), by, now)
                    .await?;
                guest
            }
            None => match self.invite_anew(&mut work, (&venue, new), by, now).await? {
                Ok(guest) => guest,
                Err(refusal) => {
                    work.commit().await?;
                    return Err(refusal.into());
                }
            },
        };
        self.keep_press(&mut work, (meeting, guest), &new.attempt, now)
            .await?;
        work.commit().await?;
        Ok((guest, changed(meeting)))
    }

    /// A guest whom nobody has invited to it before. A refusal that comes back as a value is in the
    /// audit log.
    async fn invite_anew(
        &self,
        work: &mut Work,
        (venue, new): (&Venue, &NewCallGuest),
        by: Holder,
        now: Timestamp,
    ) -> Result<std::result::Result<VisitorId, Refusal>> {
        self.check_invites(work, by, now).await?;
        let barred = match &new.reach {
            Reach::Email(email) => self.barred_at(work, email).await?,
            Reach::Mobile(mobile) => self.barred_numbers(work).await?.at(mobile.reveal()),
            Reach::Link => None,
        };
        if let Some(contact) = barred {
            self.note_refused(work, (venue, contact), by, now).await?;
            return Ok(Err(Refusal::NeedsApproval));
        }
        let visitor = self.enter_guest(work, (venue, new), by, now).await?;
        self.write_to_guest(work, (venue.scope, visitor), &new.reach, now)
            .await?;
        let (subject, detail) = (of(visitor), [("meeting", venue.meeting.0)]);
        let action = Action::GuestInvited;
        self.audit(work, by.into(), action, &subject, &detail, now)
            .await?;
        self.hook_call_guest(work, (visitor, venue.meeting), now)
            .await?;
        Ok(Ok(visitor))
    }

    /// The guest of that press.
    async fn pressed(
        &self,
        work: &mut Work,
        meeting: MeetingId,
        attempt: &str,
    ) -> Read<Option<VisitorId>> {
        let known: Option<KnownRow> = work
            .row(
                "SELECT guest AS id FROM call_guest_presses
                 WHERE school = $1 AND meeting = $2 AND attempt = $3",
                values![self.school, meeting, attempt],
            )
            .await?;
        Ok(known.map(|row| row.id))
    }

    pub(crate) async fn keep_press(
        &self,
        work: &mut Work,
        (meeting, guest): (MeetingId, VisitorId),
        attempt: &str,
        now: Timestamp,
    ) -> Read<()> {
        work.run(
            "INSERT INTO call_guest_presses (school, meeting, attempt, guest, at)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (meeting, attempt, school) DO NOTHING",
            values![self.school, meeting, attempt, guest, now],
        )
        .await?;
        Ok(())
    }

    /// Whoever is invited at that address or number.
    async fn known_guest(
        &self,
        work: &mut Work,
        meeting: MeetingId,
        new: &NewCallGuest,
    ) -> Read<Option<VisitorId>> {
        let (email, mobile) = new.reach.parts();
        let known: Option<KnownRow> = work
            .row(
                "SELECT id FROM call_guests
                 WHERE school = $1 AND meeting = $2 AND removed_at IS NULL
                   AND (email_key = $3 OR mobile = $4)
                 ORDER BY id LIMIT 1",
                values![
                    self.school,
                    meeting,
                    email.map(EmailAddress::key),
                    mobile.map(Mobile::reveal)
                ],
            )
            .await?;
        Ok(known.map(|row| row.id))
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
               language, sent_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            values![
                self.school,
                visitor,
                venue.meeting,
                by,
                email.map(EmailAddress::reveal),
                email.map(EmailAddress::key),
                mobile.map(Mobile::reveal),
                new.language.as_deref(),
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

    /// Writes to a guest once more, with the same link (LINK-3); once for the same press.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], [`Refusal::InvitesSpent`], [`Refusal::TextsSpent`],
    /// [`Refusal::KeptOut`] where a stop keeps them out or everybody, and [`Refusal::NeedsApproval`] where
    /// they wait for the office (DIR-4).
    pub async fn resend_to_guest(
        &self,
        (meeting, guest): (MeetingId, VisitorId),
        attempt: &str,
        by: Holder,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let venue = self.venue(&mut work, meeting).await?;
        match self.pressed(&mut work, meeting, attempt).await? {
            Some(of) if of == guest => return Ok(Aftermath::default()),
            Some(_) => return Err(Refusal::NotFound.into()),
            None => {}
        }
        self.check_may_come(&mut work, meeting, Some(guest)).await?;
        self.write_again(&mut work, (&venue, guest), by, now)
            .await?;
        self.keep_press(&mut work, (meeting, guest), attempt, now)
            .await?;
        work.commit().await?;
        Ok(changed(meeting))
    }

    /// Nobody is written to who would stand before a shut door (SCR-14).
    async fn check_may_come(
        &self,
        work: &mut Work,
        meeting: MeetingId,
        guest: Option<VisitorId>,
    ) -> Result<()> {
        let stops = self.stops_in(work, meeting).await?;
        let is_out = |it: VisitorId| stops.kept_out.contains(&Holder::Visitor(it));
        if stops.is_shut || guest.is_some_and(is_out) {
            return Err(Refusal::KeptOut.into());
        }
        Ok(())
    }

    async fn write_again(
        &self,
        work: &mut Work,
        (venue, guest): (&Venue, VisitorId),
        by: Holder,
        now: Timestamp,
    ) -> Result<()> {
        self.check_invites(work, by, now).await?;
        self.check_written_to(work, guest, now).await?;
        // A room's guest begins another day; whoever comes then says anew who they are.
        let over = match venue.scope {
            Scope::Room(_) | Scope::Area(_) => a_day_before(now),
            Scope::Evening(_) => Timestamp::MIN,
        };
        let known: ReachRow = work
            .row(
                "UPDATE call_guests SET sent_at = $4,
                   name = CASE WHEN sent_at <= $5 THEN NULL ELSE name END,
                   joined_at = CASE WHEN sent_at <= $5 THEN NULL ELSE joined_at END
                 WHERE school = $1 AND id = $2 AND meeting = $3 AND removed_at IS NULL
                 RETURNING email, mobile, held_at",
                values![self.school, guest, venue.meeting, now, over],
            )
            .await?
            .ok_or(Refusal::NotFound)?;
        if known.held_at.is_some() {
            return Err(Refusal::NeedsApproval.into());
        }
        let reach = Reach::of(known.email, known.mobile);
        if let Reach::Mobile(mobile) = &reach
            && self
                .barred_numbers(work)
                .await?
                .at(mobile.reveal())
                .is_some()
        {
            return Err(Refusal::NeedsApproval.into());
        }
        self.write_to_guest(work, (venue.scope, guest), &reach, now)
            .await?;
        let (action, detail) = (Action::GuestResent, [("meeting", venue.meeting.0)]);
        self.audit(work, by.into(), action, &of(guest), &detail, now)
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

    /// How many text messages were queued within a day.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn texts_in_a_day(&self, now: Timestamp) -> Result<i64> {
        let mut work = self.glance().await?;
        Ok(self.texts(&mut work, now).await?)
    }

    /// Whether as many text messages as the school pays for were queued within a day.
    pub(crate) async fn texts_are_spent(&self, work: &mut Work, now: Timestamp) -> Read<bool> {
        Ok(self.texts(work, now).await? >= self.options.texts_a_day)
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
                "SELECT kind, scope FROM meetings WHERE school = $1 AND id = $2",
                values![self.school, meeting],
            )
            .await?
            .ok_or(Refusal::NotFound)?;
        Ok(Venue {
            meeting,
            scope: match row.kind {
                MeetingKind::Appointment => Scope::Evening(EveningId(row.scope.0)),
                MeetingKind::Room => Scope::Room(RoomId(row.scope.0)),
                MeetingKind::Area => Scope::Area(AreaId(row.scope.0)),
            },
        })
    }

    /// Until when a guest who was written to then may come: nothing where nobody may any more.
    pub(crate) async fn awaited_until(
        &self,
        work: &mut Work,
        (meeting, sent_at): (MeetingId, Timestamp),
    ) -> Result<Option<Timestamp>> {
        Ok(match self.venue(work, meeting).await?.scope {
            Scope::Room(room) if self.is_room_closed(work, room).await? => None,
            Scope::Room(_) | Scope::Area(_) => {
                Some(sent_at.checked_add(VISIT).unwrap_or(Timestamp::MAX))
            }
            Scope::Evening(_) => {
                let booked = self.appointments(work, Selection::Meeting(meeting)).await?;
                booked.first().map(|it| it.window.closes)
            }
        })
    }

    async fn is_room_closed(&self, work: &mut Work, room: RoomId) -> Read<bool> {
        let sql =
            "SELECT COUNT(*) FROM rooms WHERE school = $1 AND id = $2 AND closed_at IS NOT NULL";
        Ok(work.count(sql, values![self.school, room]).await? > 0)
    }

    /// Whoever asks may not write to strangers without end, whoever invited them. Read from the audit
    /// log: removing a guest takes nothing out of it.
    async fn check_invites(&self, work: &mut Work, by: Holder, now: Timestamp) -> Result<()> {
        let sql = "SELECT COUNT(*) FROM audit
             WHERE school = $1 AND actor = $2 AND at > $3
               AND action IN ('guest_invited', 'guest_resent', 'guest_refused')";
        let of = values![self.school, Actor::from(by).to_string(), a_day_before(now)];
        if work.count(sql, of).await? >= MOST_A_DAY {
            return Err(Refusal::InvitesSpent.into());
        }
        Ok(())
    }

    /// Nor may all of them together write to one guest without end. Read from there too: of the presses of a
    /// guest one is their own.
    async fn check_written_to(
        &self,
        work: &mut Work,
        guest: VisitorId,
        now: Timestamp,
    ) -> Result<()> {
        let sql = "SELECT COUNT(*) FROM audit
             WHERE school = $1 AND subject = $2 AND at > $3
               AND action IN ('guest_invited', 'guest_resent')";
        let of = values![self.school, of(guest), a_day_before(now)];
        if work.count(sql, of).await? >= MOST_TO_ONE {
            return Err(Refusal::InvitesSpent.into());
        }
        Ok(())
    }

    /// Has a guest who was invited at that address written to once more, where they may come still; whether
    /// they may.
    pub(crate) async fn write_once_more(
        &self,
        work: &mut Work,
        (meeting, guest): (MeetingId, VisitorId),
        (address, sent_at): (&EmailAddress, Timestamp),
        now: Timestamp,
    ) -> Result<bool> {
        let until = self.awaited_until(work, (meeting, sent_at)).await?;
        let may_come = match self.check_may_come(work, meeting, Some(guest)).await {
            Ok(()) => until.is_some_and(|until| now < until),
            Err(Error::Refused(_)) => false,
            Err(other) => return Err(other),
        };
        if may_come {
            let scope = self.venue(work, meeting).await?.scope;
            let to = (Channel::Email, address.reveal());
            self.queue_to_guest(work, (scope, guest), to, now).await?;
        }
        Ok(may_come)
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
        if channel == Channel::Text && self.texts_are_spent(work, now).await? {
            return Err(Refusal::TextsSpent.into());
        }
        self.queue_to_guest(work, (scope, visitor), (channel, address), now)
            .await?;
        Ok(())
    }

    /// Ends the visit of a guest who was invited, in the records.
    pub(crate) async fn end_invited(
        &self,
        work: &mut Work,
        visitor: VisitorId,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let visit: VisitRow = work
            .row(
                "UPDATE call_guests SET removed_at = $3, email = NULL, email_key = NULL, mobile = NULL
                 WHERE school = $1 AND id = $2
                 RETURNING meeting",
                values![self.school, visitor, now],
            )
            .await?
            .ok_or(Refusal::NotFound)?;
        // What was sent still counts; nobody needs to know where it went.
        work.run(
            "UPDATE mail SET address = '' WHERE school = $1 AND holder = $2",
            values![self.school, visitor],
        )
        .await?;
        let venue = self.venue(work, visit.meeting).await?;
        let holder = Holder::Visitor(visitor);
        self.drop_mail(work, venue.scope, holder).await?;
        let link = self.withdraw_link(work, venue.scope, holder, now).await?;
        self.end_entitled(work, (visit.meeting, holder), now)
            .await?;
        let mut aftermath = changed(visit.meeting);
        aftermath.links.extend(link);
        Ok(aftermath)
    }
}

pub(crate) fn changed(meeting: MeetingId) -> Aftermath {
    Aftermath {
        changed: BTreeSet::from([meeting]),
        ..Aftermath::default()
    }
}

/// A guest, as the audit log names them.
pub(crate) fn of(guest: VisitorId) -> String {
    format!("visitor:{guest}")
}

pub(crate) fn a_day_before(now: Timestamp) -> Timestamp {
    now.checked_sub(DAY).unwrap_or(Timestamp::MIN)
}
