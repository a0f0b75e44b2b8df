//! What a press comes to, by the sessions that are kept of its link: the rules of a program on its own,
//! over records that several programs share.

use std::time::Duration;

use call::{CallId, Claim, Directory, LinkId, Moment, Parting, SessionId, TooSoon};
use jiff::Timestamp;
use links::ResumeSecrets;
use school::MeetingId;

use crate::Press;
use crate::record::{SessionRecord, Whereabouts};

/// What a press was given.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decided {
    /// The answer.
    pub claim: Claim,
    /// The live session of the link; none where the press is over.
    pub live: Option<SessionRecord>,
    /// The session that is over by it, as it is from now on.
    pub replaced: Option<SessionRecord>,
}

/// A moment on the clock that all records go by.
fn moment(at: Timestamp) -> Moment {
    let since_1970 = u64::try_from(at.as_millisecond()).unwrap_or(0);
    Moment(Duration::from_millis(since_1970))
}

/// The directory as it is by what is kept of one link, the oldest first.
fn directory(link: LinkId, kept: &[SessionRecord], number: u64) -> Directory {
    let mut directory = Directory::beginning_above(number.saturating_sub(1));
    for it in kept {
        let press = call::Press {
            attempt: call::AttemptId(it.attempt.0),
            call: CallId(it.meeting.0),
        };
        match it.whereabouts {
            Whereabouts::Over { why, since } => {
                if why == Parting::Replaced {
                    directory.restore_swap(link, moment(since));
                }
                directory.restore_past(link, press, why);
            }
            Whereabouts::Coming
            | Whereabouts::Seated(_)
            | Whereabouts::OnHold(_)
            | Whereabouts::Waiting(_) => directory.restore_live(link, it.session, press),
        }
    }
    directory
}

/// Whether a press would be refused.
///
/// # Errors
///
/// [`TooSoon`], as [`Directory::check`].
pub fn check(kept: &[SessionRecord], press: Press, now: Timestamp) -> Result<(), TooSoon> {
    let now = moment(now);
    directory(press.link, kept, 0).check(press.link, press.call, press.attempt, now)
}

/// Gives a press its session, by all that is kept of its link, the oldest first. A new one has that
/// number, which is above those of all that are kept.
///
/// # Errors
///
/// [`TooSoon`], as [`Directory::claim`].
pub fn decide(
    kept: &[SessionRecord],
    press: Press,
    number: u64,
    now: Timestamp,
) -> Result<Decided, TooSoon> {
    let mut directory = directory(press.link, kept, number);
    let claim = directory.claim(press.link, press.call, press.attempt, moment(now))?;
    let find = |session: SessionId| kept.iter().find(|it| it.session == session).copied();
    Ok(match claim {
        Claim::New {
            session, earlier, ..
        } => {
            let earlier = earlier.and_then(|it| find(it.session));
            let here = earlier.filter(|it| it.meeting.0 == press.call.0);
            let new = links::LinkId::from_number(press.link.0).map(|link| SessionRecord {
                session,
                link,
                meeting: MeetingId(press.call.0),
                attempt: links::AttemptId(press.attempt.0),
                secrets: ResumeSecrets::begin(),
                whereabouts: here.map_or(Whereabouts::Coming, |it| it.whereabouts),
            });
            let replaced = earlier.map(|it| SessionRecord {
                whereabouts: Whereabouts::Over {
                    why: Parting::Replaced,
                    since: now,
                },
                ..it
            });
            Decided {
                claim,
                live: new,
                replaced,
            }
        }
        Claim::Again { session, .. } => Decided {
            claim,
            live: find(session),
            replaced: None,
        },
        Claim::Over(_) => Decided {
            claim,
            live: None,
            replaced: None,
        },
    })
}
