//! Names for people, sessions and moments.

use std::time::Duration;

/// A link: the capability in somebody's e-mail, and so the person who holds it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LinkId(pub u64);

/// One connection of one person.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SessionId(pub u64);

/// A call.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CallId(pub u64);

/// Rises with every new session of a link; the highest is the live one.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Epoch(pub u64);

/// One press on Join, however often it is retried.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct AttemptId(pub u128);

/// A place in a call, counted from 0 and below the cap.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SeatNumber(pub u8);

impl SeatNumber {
    /// The slot, counted from 0, in which the holder of this seat receives the holder of `other`;
    /// none for the seat itself. Fixed seats make fixed slots: nobody's slot moves when another
    /// comes or goes.
    #[must_use]
    pub const fn slot_of(self, other: Self) -> Option<u8> {
        if other.0 < self.0 {
            Some(other.0)
        } else if other.0 > self.0 {
            Some(other.0 - 1)
        } else {
            None
        }
    }
}

/// A moment on a monotonic clock: the time since the program began.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Moment(pub Duration);

impl Moment {
    /// This moment and `later` more.
    #[must_use]
    pub fn after(self, later: Duration) -> Self {
        Self(self.0.saturating_add(later))
    }

    /// How long ago `earlier` was; zero if it is still to come.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_the_others_has_a_slot_of_their_own() {
        for own in 0..4 {
            let slots = (0..4).map(|other| SeatNumber(own).slot_of(SeatNumber(other)));
            let (itself, others): (Vec<_>, Vec<_>) = (0..4).zip(slots).partition(|it| it.0 == own);
            assert_eq!(itself, [(own, None)]);
            let others: Vec<_> = others.into_iter().map(|(_, slot)| slot).collect();
            assert_eq!(others, [Some(0), Some(1), Some(2)]);
        }
    }
}
