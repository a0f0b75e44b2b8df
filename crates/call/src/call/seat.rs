//! One seat, and who holds it.

use crate::ids::{Epoch, LinkId, Moment, SessionId};

/// A session that holds a seat or waits for one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Occupant {
    pub(crate) session: SessionId,
    pub(crate) link: LinkId,
    pub(crate) epoch: Epoch,
    pub(crate) is_host: bool,
    /// Whether they may put guests on hold, and take them off it.
    pub(crate) may_hold: bool,
}

/// A seat.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Seat {
    /// Nobody's.
    Free,
    /// Held, the holder's socket alive.
    Held(Occupant),
    /// Held, the holder's socket lost: free at `until`, unless the holder comes back before.
    Kept { occupant: Occupant, until: Moment },
}

impl Seat {
    pub(crate) const fn occupant(self) -> Option<Occupant> {
        match self {
            Self::Free => None,
            Self::Held(occupant) | Self::Kept { occupant, until: _ } => Some(occupant),
        }
    }

    /// When it is free by itself.
    pub(crate) const fn until(self) -> Option<Moment> {
        match self {
            Self::Free | Self::Held(_) => None,
            Self::Kept { occupant: _, until } => Some(until),
        }
    }

    pub(crate) fn is_of(self, session: SessionId) -> bool {
        self.occupant().is_some_and(|it| it.session == session)
    }

    /// The holder's socket is lost. A second loss does not lengthen the grace.
    pub(crate) const fn lose(self, until: Moment) -> Self {
        match self {
            Self::Held(occupant) => Self::Kept { occupant, until },
            Self::Free | Self::Kept { .. } => self,
        }
    }

    /// The holder's socket is alive again.
    pub(crate) const fn resume(self) -> Self {
        match self {
            Self::Kept { occupant, until: _ } => Self::Held(occupant),
            Self::Free | Self::Held(_) => self,
        }
    }
}
