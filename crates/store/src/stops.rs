//! Calls that were stopped for abuse (SCR-14): whom that keeps out, what the office reads of it, and how
//! it lets them back.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use links::LinkId;
use school::meeting::MeetingKind;
use school::stop::keeps_out;
use school::{
    Actor, Deed, Holder, HolderId, HolderKind, KeptOut, Label, MeetingId, Name, Note, Refusal,
    Scope, StopId,
};

use crate::audit::Action;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::{Fault, Read, Result};
use crate::store::Store;
use crate::value::{columns, list, listed, values};

/// How many the office is shown, the newest of them.
const MOST_SHOWN: i64 = 200;

/// How far back the audit log is looked through for whoever has been in a call that goes on, in rows.
const LOOKED_THROUGH: i64 = 20_000;

/// A press that stops a call.
#[derive(Clone, Debug)]
pub struct NewStop {
    /// The press: pressed again, it is the same.
    pub attempt: String,
    /// What happened, for the office; may be empty.
    pub note: Note,
    /// By which links people have been in the call since it began, as whoever serves it knows: of those who had
    /// left before it came there the audit log knows.
    pub were: BTreeSet<LinkId>,
    /// Since when it can be joined, of an appointment.
    pub opened: Option<Timestamp>,
}

/// What stops have left of a meeting.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Stops {
    /// How many there were, those that are over included.
    pub(crate) count: usize,
    /// Whether nobody comes to it any more.
    pub(crate) is_shut: bool,
    /// Who comes to it no more.
    pub(crate) kept_out: BTreeSet<Holder>,
    /// Their links that live, whether or not they are entitled to it still.
    pub(crate) links: BTreeSet<LinkId>,
}

/// What has become of a stop.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StopState {
    /// The office has yet to look at it.
    New,
    /// The office has, and it stands.
    Stands,
    /// The office has let them back.
    LetBack,
}

/// A call that was stopped, as the office reads it.
#[derive(Clone, Debug)]
pub struct StoppedCall {
    /// Names it.
    pub id: StopId,
    /// When.
    pub at: Timestamp,
    /// Who did it; none who was erased since.
    pub by: Option<Name>,
    /// What the evening, room or waiting area is called.
    pub place: Label,
    /// What it was.
    pub kind: MeetingKind,
    /// Whom the appointment was about, and when it begins, where it was one.
    pub about: Option<(Name, Timestamp)>,
    /// The guests whom it keeps out, by name.
    pub guests: Vec<Name>,
    /// What happened, as they wrote it; may be empty.
    pub note: Note,
    /// What has become of it.
    pub state: StopState,
}

columns! {
    struct StopRow {
        id: StopId,
        shuts: i64,
        let_back_at: Option<Timestamp>,
        holder: Option<HolderId>,
        kind: Option<HolderKind>,
        link: Option<LinkId>,
    }
}

columns! {
    struct PlaceRow {
        kind: MeetingKind,
    }
}

columns! {
    #[derive(Clone, Copy)]
    struct SinceRow {
        began: Option<Timestamp>,
        stopped: Option<Timestamp>,
    }
}

columns! {
    struct JoinedRow {
        actor: String,
    }
}

columns! {
    struct ComerRow {
        holder: HolderId,
        kind: HolderKind,
    }
}

columns! {
    struct ShownRow {
        id: StopId,
        stopped_at: Timestamp,
        stopper: Option<Name>,
        place: Label,
        kind: MeetingKind,
        student: Option<Name>,
        starts: Option<Timestamp>,
        note: Note,
        decided_at: Option<Timestamp>,
        let_back_at: Option<Timestamp>,
    }
}

columns! {
    struct GuestRow {
        stop: StopId,
        name: Name,
    }
}

columns! {
    struct PageRow {
        link: LinkId,
    }
}

columns! {
    #[derive(Clone, Copy)]
    struct StandingRow {
        meeting: MeetingId,
        decided_at: Option<Timestamp>,
        let_back_at: Option<Timestamp>,
    }
}

impl Store {
    /// Stops the call in a meeting: whoever is in it is out, and those whom it keeps out come there no
    /// more, whoever has left by then among them, be it everybody. That they may do it was asked by the meeting. Of an
    /// appointment that was stopped already nothing more becomes.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], and [`Refusal::NobodyThere`] where nobody has been in it.
    pub async fn stop_call(
        &self,
        meeting: MeetingId,
        new: &NewStop,
        by: Holder,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let known = work
            .count(
                "SELECT COUNT(*) FROM stopped_calls
                 WHERE school = $1 AND meeting = $2
                   AND (attempt = $3 OR (shuts = 1 AND let_back_at IS NULL))",
                values![self.school, meeting, new.attempt.as_str()],
            )
            .await?;
        if known > 0 {
            return Ok(self.who_sees_stop(&mut work, meeting).await?);
        }
        let place: Option<PlaceRow> = work
            .row(
                "SELECT kind FROM meetings WHERE school = $1 AND id = $2",
                values![self.school, meeting],
            )
            .await?;
        let kind = place.ok_or(Refusal::NotFound)?.kind;
        let mut were = self.who_came_by(&mut work, &new.were).await?;
        were.extend(
            self.who_joined(&mut work, (meeting, kind), new.opened)
                .await?,
        );
        if new.were.is_empty() && were.is_empty() {
            return Err(Refusal::NobodyThere.into());
        }
        self.have_joined(&mut work, &were, (meeting, now)).await?;
        let stop = StopId(Self::new_id());
        work.run(
            "INSERT INTO stopped_calls (school, id, meeting, attempt, stopped_by, stopped_at, note, shuts)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 0)",
            values![
                self.school,
                stop,
                meeting,
                new.attempt.as_str(),
                by.id(),
                now,
                new.note.reveal()
            ],
        )
        .await?;
        let deed = Deed::CallStopped {
            stop,
            meeting,
            keeps_out: keeps_out(kind, &were),
        };
        let aftermath = self.perform(&mut work, &deed, by.into(), now).await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// Callers among them have been in the call: it knows so, and that it is written down takes a moment more.
    async fn have_joined(
        &self,
        work: &mut Work,
        were: &BTreeSet<Holder>,
        (meeting, now): (MeetingId, Timestamp),
    ) -> Read<()> {
        // A caller's id is nobody else's.
        let all = were.iter().map(|it| it.id().0);
        let sql = listed!(
            work,
            "UPDATE callers SET joined_at = $3
             WHERE school = $1 AND meeting = $4 AND joined_at IS NULL AND id IN",
            ""
        );
        let values = values![self.school, list(all), now, meeting];
        work.run(sql, values).await?;
        Ok(())
    }

    /// Whose these links are.
    async fn who_came_by(
        &self,
        work: &mut Work,
        links: &BTreeSet<LinkId>,
    ) -> Read<BTreeSet<Holder>> {
        let sql = listed!(
            work,
            "SELECT DISTINCT links.holder AS holder, holders.kind AS kind FROM links
             JOIN holders ON holders.school = links.school AND holders.id = links.holder
             WHERE links.school = $1 AND links.id IN",
            ""
        );
        let rows: Vec<ComerRow> = work
            .rows(
                sql,
                values![self.school, list(links.iter().map(|it| it.number()))],
            )
            .await?;
        let all = rows
            .into_iter()
            .map(|row| Holder::new(row.kind, row.holder));
        Ok(all.collect())
    }

    /// Who has joined the call that goes on in a meeting, or was the last there, by the audit log, whichever program or
    /// node it was at then. In a room it is the last that began; for a waiting area each has a meeting of its own; that of
    /// an appointment can be joined since it `opened`. One that was stopped goes on no more.
    async fn who_joined(
        &self,
        work: &mut Work,
        (meeting, kind): (MeetingId, MeetingKind),
        opened: Option<Timestamp>,
    ) -> Read<BTreeSet<Holder>> {
        let since: Option<SinceRow> = work
            .row(
                "SELECT (SELECT MAX(start_at) FROM talks WHERE school = $1 AND meeting = $2) AS began,
                   (SELECT MAX(stopped_at) FROM stopped_calls
                    WHERE school = $1 AND meeting = $2) AS stopped",
                values![self.school, meeting],
            )
            .await?;
        let since = since.ok_or(Fault::Broken("a row without a table"))?;
        let began = match kind {
            MeetingKind::Room => since.began,
            MeetingKind::Area => Some(Timestamp::UNIX_EPOCH),
            MeetingKind::Appointment => opened,
        };
        let Some(began) = began else {
            return Ok(BTreeSet::new());
        };
        let subject = format!("meeting:{meeting}");
        let joined: Vec<JoinedRow> = work
            .rows(
                "SELECT DISTINCT actor FROM audit
                 WHERE school = $1 AND number > (SELECT audit_count FROM schools WHERE id = $1) - $2
                   AND subject = $3 AND action = $4 AND at >= $5",
                values![
                    self.school,
                    LOOKED_THROUGH,
                    subject.as_str(),
                    Action::Joined.code(),
                    since.stopped.map_or(began, |it| it.max(began))
                ],
            )
            .await?;
        let ids = joined.iter().filter_map(|row| {
            let (_kind, id) = row.actor.split_once(':')?;
            id.parse::<u64>().ok()
        });
        let sql = listed!(
            work,
            "SELECT id AS holder, kind FROM holders WHERE school = $1 AND id IN",
            ""
        );
        let rows: Vec<ComerRow> = work.rows(sql, values![self.school, list(ids)]).await?;
        let all = rows
            .into_iter()
            .map(|row| Holder::new(row.kind, row.holder));
        Ok(all.collect())
    }

    /// The office has looked at a stop, and leaves it as it is. What was decided stays so.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn keep_stop(&self, stop: StopId, actor: Actor, now: Timestamp) -> Result<()> {
        let mut work = self.write().await?;
        let standing = self.standing_of(&mut work, stop).await?;
        if standing.decided_at.is_some() {
            return Ok(());
        }
        self.decide_stop(&mut work, stop, now).await?;
        let meeting = standing.meeting;
        let subject = format!("meeting:{meeting}");
        let detail = [("stop", stop.0)];
        self.audit(&mut work, actor, Action::StopKept, &subject, &detail, now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// The office lets those back whom a stop keeps out.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn let_back(&self, stop: StopId, actor: Actor, now: Timestamp) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let standing = self.standing_of(&mut work, stop).await?;
        if standing.let_back_at.is_some() {
            return Ok(self.who_sees_stop(&mut work, standing.meeting).await?);
        }
        self.decide_stop(&mut work, stop, now).await?;
        let deed = Deed::LetBack {
            stop,
            meeting: standing.meeting,
        };
        let aftermath = self.perform(&mut work, &deed, actor, now).await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// Who is told of a stop, or of its end, once more: whoever did it the first time may have ended before it could.
    async fn who_sees_stop(&self, work: &mut Work, meeting: MeetingId) -> Read<Aftermath> {
        let pages: Vec<PageRow> = work
            .rows(
                "SELECT links.id AS link FROM entitled
                 JOIN meetings ON meetings.school = entitled.school
                   AND meetings.id = entitled.meeting
                 JOIN links ON links.school = entitled.school AND links.scope = meetings.scope
                   AND links.holder = entitled.holder AND links.withdrawn_at IS NULL
                 WHERE entitled.school = $1 AND entitled.meeting = $2",
                values![self.school, meeting],
            )
            .await?;
        let mut aftermath = Aftermath {
            changed: [meeting].into(),
            pages: pages.into_iter().map(|row| row.link).collect(),
            ..Aftermath::default()
        };
        if let Some(area) = self.area_of(work, meeting).await? {
            aftermath.staff = self.providers_of(work, area).await?;
        }
        Ok(aftermath)
    }

    async fn standing_of(&self, work: &mut Work, stop: StopId) -> Result<StandingRow> {
        let found: Option<StandingRow> = work
            .row(
                "SELECT meeting, decided_at, let_back_at FROM stopped_calls
                 WHERE school = $1 AND id = $2",
                values![self.school, stop],
            )
            .await?;
        Ok(found.ok_or(Refusal::NotFound)?)
    }

    async fn decide_stop(&self, work: &mut Work, stop: StopId, now: Timestamp) -> Read<()> {
        work.run(
            "UPDATE stopped_calls SET decided_at = COALESCE(decided_at, $3)
             WHERE school = $1 AND id = $2",
            values![self.school, stop, now],
        )
        .await?;
        Ok(())
    }

    /// The calls that were stopped, the newest first.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn stopped_calls(&self) -> Result<Vec<StoppedCall>> {
        let mut work = self.read().await?;
        let rows: Vec<ShownRow> = work
            .rows(
                "SELECT stopped_calls.id AS id, stopped_at,
                   COALESCE(teachers.name, staff.name, contacts.name, invitations.name,
                     visitors.name) AS stopper,
                   COALESCE(rooms.name, areas.name, evenings.name) AS place, meetings.kind AS kind,
                   students.name AS student, bookings.start_at AS starts,
                   stopped_calls.note AS note, decided_at, let_back_at
                 FROM stopped_calls
                 JOIN meetings ON meetings.school = stopped_calls.school
                   AND meetings.id = stopped_calls.meeting
                 LEFT JOIN rooms ON rooms.school = meetings.school AND rooms.id = meetings.scope
                 LEFT JOIN areas ON areas.school = meetings.school AND areas.id = meetings.scope
                 LEFT JOIN evenings ON evenings.school = meetings.school
                   AND evenings.id = meetings.scope
                 LEFT JOIN bookings ON bookings.school = meetings.school
                   AND bookings.meeting = meetings.id
                 LEFT JOIN students ON students.school = bookings.school
                   AND students.id = bookings.student
                 LEFT JOIN teachers ON teachers.school = stopped_calls.school
                   AND teachers.id = stopped_calls.stopped_by
                 LEFT JOIN staff ON staff.school = stopped_calls.school
                   AND staff.id = stopped_calls.stopped_by
                 LEFT JOIN contacts ON contacts.school = stopped_calls.school
                   AND contacts.id = stopped_calls.stopped_by
                 LEFT JOIN invitations ON invitations.school = stopped_calls.school
                   AND invitations.id = stopped_calls.stopped_by
                 LEFT JOIN visitors ON visitors.school = stopped_calls.school
                   AND visitors.id = stopped_calls.stopped_by
                 WHERE stopped_calls.school = $1
                 ORDER BY stopped_at DESC, stopped_calls.id LIMIT $2",
                values![self.school, MOST_SHOWN],
            )
            .await?;
        let mut names = self.guests_kept_out(&mut work).await?;
        let calls = rows.into_iter().map(|row| StoppedCall {
            id: row.id,
            at: row.stopped_at,
            by: row.stopper,
            place: row.place,
            kind: row.kind,
            about: row.student.zip(row.starts),
            guests: names.remove(&row.id).unwrap_or_default(),
            note: row.note,
            state: match (row.decided_at, row.let_back_at) {
                (_, Some(_)) => StopState::LetBack,
                (Some(_), None) => StopState::Stands,
                (None, None) => StopState::New,
            },
        });
        Ok(calls.collect())
    }

    /// The guests whom each stop keeps out, by name.
    async fn guests_kept_out(&self, work: &mut Work) -> Read<BTreeMap<StopId, Vec<Name>>> {
        let guests: Vec<GuestRow> = work
            .rows(
                "SELECT kept_out.stop AS stop,
                   COALESCE(visitors.name, call_guests.name, callers.name, 'Guest') AS name
                 FROM kept_out
                 LEFT JOIN visitors ON visitors.school = kept_out.school
                   AND visitors.id = kept_out.holder
                 LEFT JOIN call_guests ON call_guests.school = kept_out.school
                   AND call_guests.id = kept_out.holder
                 LEFT JOIN callers ON callers.school = kept_out.school
                   AND callers.id = kept_out.holder
                 WHERE kept_out.school = $1 ORDER BY name, kept_out.holder",
                values![self.school],
            )
            .await?;
        let mut names: BTreeMap<StopId, Vec<Name>> = BTreeMap::new();
        for row in guests {
            names.entry(row.stop).or_default().push(row.name);
        }
        Ok(names)
    }

    /// How many the office has yet to look at.
    pub(crate) async fn count_new_stops(&self, work: &mut Work) -> Read<i64> {
        work.count(
            "SELECT COUNT(*) FROM stopped_calls WHERE school = $1 AND decided_at IS NULL",
            values![self.school],
        )
        .await
    }

    /// What stops have left of a meeting.
    pub(crate) async fn stops_in(&self, work: &mut Work, meeting: MeetingId) -> Read<Stops> {
        let rows: Vec<StopRow> = work
            .rows(
                "SELECT stopped_calls.id AS id, shuts, let_back_at, kept_out.holder AS holder,
                   holders.kind AS kind, links.id AS link
                 FROM stopped_calls
                 LEFT JOIN kept_out ON kept_out.school = stopped_calls.school
                   AND kept_out.stop = stopped_calls.id
                 LEFT JOIN holders ON holders.school = kept_out.school
                   AND holders.id = kept_out.holder
                 LEFT JOIN links ON links.school = kept_out.school
                   AND links.holder = kept_out.holder AND links.withdrawn_at IS NULL
                 WHERE stopped_calls.school = $1 AND stopped_calls.meeting = $2",
                values![self.school, meeting],
            )
            .await?;
        let all: BTreeSet<StopId> = rows.iter().map(|row| row.id).collect();
        let standing = || rows.iter().filter(|row| row.let_back_at.is_none());
        Ok(Stops {
            count: all.len(),
            is_shut: standing().any(|row| row.shuts == 1),
            kept_out: standing()
                .filter_map(|row| Some(Holder::new(row.kind?, row.holder?)))
                .collect(),
            links: standing().filter_map(|row| row.link).collect(),
        })
    }

    /// Whether a stop keeps somebody out of the meetings of a room or a waiting area who came there by one
    /// of these presses, or by one of them said who they are by a link that was sent to them.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    ///
    /// # Panics
    ///
    /// If there are more than four.
    pub async fn keeps_out(&self, place: Scope, presses: &[String]) -> Result<bool> {
        assert!(presses.len() <= 4, "four at most are looked at");
        // No press is the empty text.
        let press = |at: usize| presses.get(at).map_or("", String::as_str);
        let mut work = self.read().await?;
        let found = work
            .count(
                "SELECT COUNT(*) FROM kept_out
                 JOIN stopped_calls ON stopped_calls.school = kept_out.school
                   AND stopped_calls.id = kept_out.stop AND let_back_at IS NULL
                 JOIN meetings ON meetings.school = stopped_calls.school
                   AND meetings.id = stopped_calls.meeting
                 LEFT JOIN visitors ON visitors.school = kept_out.school
                   AND visitors.id = kept_out.holder
                 LEFT JOIN callers ON callers.school = kept_out.school
                   AND callers.id = kept_out.holder
                 WHERE kept_out.school = $1 AND meetings.scope = $2
                   AND (COALESCE(visitors.attempt, callers.attempt) IN ($3, $4, $5, $6)
                     OR EXISTS (SELECT 1 FROM call_guest_presses AS presses
                       WHERE presses.school = kept_out.school AND presses.guest = kept_out.holder
                         AND presses.attempt IN ($3, $4, $5, $6)))",
                values![
                    self.school,
                    place.id(),
                    press(0),
                    press(1),
                    press(2),
                    press(3)
                ],
            )
            .await?;
        Ok(found > 0)
    }

    /// Whom a stop keeps out is written down.
    pub(crate) async fn keep_out(&self, work: &mut Work, stop: StopId, whom: &KeptOut) -> Read<()> {
        match whom {
            KeptOut::Everybody => {
                work.run(
                    "UPDATE stopped_calls SET shuts = 1 WHERE school = $1 AND id = $2",
                    values![self.school, stop],
                )
                .await?;
            }
            KeptOut::These(holders) => {
                for holder in holders {
                    work.run(
                        "INSERT INTO kept_out (school, stop, holder) VALUES ($1, $2, $3)",
                        values![self.school, stop, holder.id()],
                    )
                    .await?;
                }
            }
        }
        Ok(())
    }

    /// Whom a stop kept out comes again.
    pub(crate) async fn end_stop(&self, work: &mut Work, stop: StopId, now: Timestamp) -> Read<()> {
        work.run(
            "UPDATE stopped_calls SET let_back_at = $3 WHERE school = $1 AND id = $2",
            values![self.school, stop, now],
        )
        .await?;
        Ok(())
    }

    /// What was written of calls that were stopped before `cut` is erased.
    pub(crate) async fn forget_stops(&self, work: &mut Work, cut: Timestamp) -> Read<()> {
        work.run(
            "UPDATE stopped_calls SET note = '' WHERE school = $1 AND stopped_at < $2",
            values![self.school, cut],
        )
        .await?;
        Ok(())
    }
}
