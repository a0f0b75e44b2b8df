//! A session as it is written down.

use call::{AttemptId, CallId, LinkId, Moment, Parting, SeatNumber, Session, SessionId};
use jiff::{SignedDuration, Timestamp};
use links::ResumeSecrets;
use school::MeetingId;

/// A session, as it is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SessionRecord {
    /// Which; it is its link's epoch too.
    pub session: SessionId,
    /// Whose.
    pub link: links::LinkId,
    /// What it is in.
    pub meeting: MeetingId,
    /// The press that made it.
    pub attempt: links::AttemptId,
    /// How far its resume secrets have come.
    pub secrets: ResumeSecrets,
    /// What became of it.
    pub whereabouts: Whereabouts,
}

/// Where a session is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Whereabouts {
    /// On its way in.
    Coming,
    /// In this seat.
    Seated(SeatNumber),
    /// In this seat, and on hold.
    OnHold(SeatNumber),
    /// At this place among those who wait.
    Waiting(u32),
    /// It is over.
    Over {
        /// Why.
        why: Parting,
        /// Since when.
        since: Timestamp,
    },
}

/// What was written down of a session. When it ended is not before the program began.
pub(crate) fn known(record: &SessionRecord) -> Session {
    let whereabouts = match record.whereabouts {
        Whereabouts::Coming => call::Whereabouts::Coming,
        Whereabouts::Seated(seat) => call::Whereabouts::Seated(seat),
        Whereabouts::OnHold(seat) => call::Whereabouts::OnHold(seat),
        Whereabouts::Waiting(place) => call::Whereabouts::Waiting(place),
        Whereabouts::Over { why, since: _ } => call::Whereabouts::Over {
            why,
            since: Moment::default(),
        },
    };
    Session {
        link: LinkId(record.link.number()),
        call: CallId(record.meeting.0),
        attempt: AttemptId(record.attempt.0),
        whereabouts,
    }
}

/// Whether that is what was written down of this session, and not of another that was given its number.
pub(crate) fn is_of(record: &SessionRecord, session: &Session) -> bool {
    record.link.number() == session.link.0 && record.attempt.0 == session.attempt.0
}

/// What is written down of a session; nothing of a link that cannot be.
pub(crate) fn record(
    id: SessionId,
    session: &Session,
    secrets: ResumeSecrets,
    (now, moment): (Timestamp, Moment),
) -> Option<SessionRecord> {
    let whereabouts = match session.whereabouts {
        call::Whereabouts::Coming => Whereabouts::Coming,
        call::Whereabouts::Seated(seat) => Whereabouts::Seated(seat),
        call::Whereabouts::OnHold(seat) => Whereabouts::OnHold(seat),
        call::Whereabouts::Waiting(place) => Whereabouts::Waiting(place),
        call::Whereabouts::Over { why, since } => {
            let ago = SignedDuration::try_from(moment.since(since)).unwrap_or_default();
            let since = now.checked_sub(ago).unwrap_or(now);
            Whereabouts::Over { why, since }
        }
    };
    Some(SessionRecord {
        session: id,
        link: links::LinkId::from_number(session.link.0)?,
        meeting: MeetingId(session.call.0),
        attempt: links::AttemptId(session.attempt.0),
        secrets,
        whereabouts,
    })
}
