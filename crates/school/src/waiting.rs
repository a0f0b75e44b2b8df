//! Waiting areas: what becomes of whoever waits in one (WAIT-1 to WAIT-4).
//!
//! A visit is one caller's wait, from their coming to its end. Whatever is done with it is a [`Step`];
//! the same step from the same stage always gives the same, so that two providers who take one caller
//! in the same instant are told apart by whoever came first to the records.

mod hours;
mod says;

use jiff::{SignedDuration, Timestamp};

pub use self::hours::Hours;
pub use self::says::{MOST_LATE, Says, middle};
use crate::ids::{AreaId, MeetingId, StaffId, VisitorId};
use crate::refusal::Refusal;

/// For how long a caller's link works after they came.
pub const VISIT: SignedDuration = SignedDuration::from_hours(24);

/// How many may wait in one area at a time.
pub const MOST_WAITING: i64 = 300;

/// How many come by one link of an area in the time of a [`VISIT`]: whoever has the link may pass it on, and
/// another in its place begins anew.
pub const MOST_A_DAY: i64 = 600;

/// How far back the waits of others say how long it takes.
pub const RECENT: SignedDuration = SignedDuration::from_hours(2);

/// How far a visit has come.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Stage {
    /// They wait for a provider.
    Waiting,
    /// A provider took them into a meeting.
    Taken {
        /// Who.
        by: StaffId,
        /// Into which.
        meeting: MeetingId,
    },
    /// A provider ended it.
    Ended,
    /// They went by themselves.
    Left,
}

/// One caller's visit.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Visit {
    /// Where.
    pub area: AreaId,
    /// How far it has come.
    pub stage: Stage,
}

/// What is done with a visit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// A provider takes the caller into a meeting.
    Take {
        /// Who.
        by: StaffId,
        /// Into which.
        meeting: MeetingId,
    },
    /// A provider passes the caller to another area.
    Pass {
        /// Which.
        to: AreaId,
    },
    /// A caller who was taken waits again, with the turn they had: nobody came to them, or a provider
    /// puts them back.
    Back,
    /// A provider ends it.
    End,
    /// The caller goes by themselves.
    Leave,
}

impl Visit {
    /// Somebody came.
    #[must_use]
    pub const fn new(area: AreaId) -> Self {
        Self {
            area,
            stage: Stage::Waiting,
        }
    }

    /// The visit after a step.
    ///
    /// # Errors
    ///
    /// [`Refusal::CallerTaken`] where another took them before, and [`Refusal::CallerGone`] where they
    /// wait no more.
    pub fn step(self, step: Step) -> Result<Self, Refusal> {
        let to = |stage| Self { stage, ..self };
        match (self.stage, step) {
            (Stage::Waiting, Step::Take { by, meeting }) => Ok(to(Stage::Taken { by, meeting })),
            (Stage::Waiting, Step::Pass { to }) => Ok(Self::new(to)),
            (Stage::Taken { .. }, Step::Back) => Ok(to(Stage::Waiting)),
            (Stage::Waiting | Stage::Taken { .. }, Step::End) => Ok(to(Stage::Ended)),
            (Stage::Waiting | Stage::Taken { .. }, Step::Leave) => Ok(to(Stage::Left)),
            // Pressed twice, it is done once.
            (Stage::Taken { by: held, .. }, Step::Take { by, .. }) if held == by => Ok(self),
            (Stage::Taken { .. }, Step::Take { .. } | Step::Pass { .. }) => {
                Err(Refusal::CallerTaken)
            }
            (Stage::Waiting, Step::Back)
            | (Stage::Ended, Step::End)
            | (Stage::Left, Step::Leave) => Ok(self),
            (Stage::Ended, Step::Take { .. } | Step::Pass { .. } | Step::Back | Step::Leave)
            | (Stage::Left, Step::Take { .. } | Step::Pass { .. } | Step::Back | Step::End) => {
                Err(Refusal::CallerGone)
            }
        }
    }

    /// The meeting that a provider took them into.
    #[must_use]
    pub const fn meeting(self) -> Option<MeetingId> {
        match self.stage {
            Stage::Taken { meeting, .. } => Some(meeting),
            Stage::Waiting | Stage::Ended | Stage::Left => None,
        }
    }

    /// Whether they wait.
    #[must_use]
    pub const fn waits(self) -> bool {
        match self.stage {
            Stage::Waiting => true,
            Stage::Taken { .. } | Stage::Ended | Stage::Left => false,
        }
    }
}

/// Where in line somebody is, by when they came.
pub type Turn = (Timestamp, VisitorId);

/// How many wait before somebody of `turn`, and they: 1 for who is next.
#[must_use]
pub fn place(turn: Turn, waiting: impl IntoIterator<Item = Turn>) -> usize {
    1 + waiting.into_iter().filter(|it| *it < turn).count()
}

#[cfg(test)]
mod tests;
