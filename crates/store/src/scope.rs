//! Which appointments are meant.

use school::{BookingId, ContactId, EveningId, InvitationId, TeacherId};

use crate::value::{Value, values};

/// Some appointments that were booked and not cancelled.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scope {
    /// That one.
    One(BookingId),
    /// All of an evening.
    Evening(EveningId),
    /// Those that a parent booked.
    Parent(EveningId, ContactId),
    /// Those that a teacher takes.
    Teacher(EveningId, TeacherId),
    /// Those that a guest may come to: of the inviting parent, for the students covered.
    Guest(EveningId, InvitationId),
}

impl Scope {
    /// The values of [`scoped`]: `$1` to `$3`.
    pub(crate) fn values(self, school: school::SchoolId) -> Vec<Value> {
        match self {
            Self::One(id) => values![school, id, id],
            Self::Evening(id) => values![school, id, id],
            Self::Parent(evening, id) => values![school, evening, id],
            Self::Teacher(evening, id) => values![school, evening, id],
            Self::Guest(evening, id) => values![school, evening, id],
        }
    }
}

/// `$before`, the condition that `bookings` is in the scope, `$after`.
macro_rules! scoped {
    ($scope:expr, $before:expr, $after:expr) => {
        match $scope {
            $crate::scope::Scope::One(_) => concat!(
                $before,
                " bookings.school = $1 AND bookings.cancelled_at IS NULL \
                  AND bookings.id = $2 AND bookings.id = $3 ",
                $after
            ),
            $crate::scope::Scope::Evening(_) => concat!(
                $before,
                " bookings.school = $1 AND bookings.cancelled_at IS NULL \
                  AND bookings.evening = $2 AND bookings.evening = $3 ",
                $after
            ),
            $crate::scope::Scope::Parent(..) => concat!(
                $before,
                " bookings.school = $1 AND bookings.cancelled_at IS NULL \
                  AND bookings.evening = $2 AND bookings.parent = $3 ",
                $after
            ),
            $crate::scope::Scope::Teacher(..) => concat!(
                $before,
                " bookings.school = $1 AND bookings.cancelled_at IS NULL \
                  AND bookings.id IN (SELECT booking FROM booking_teachers \
                    WHERE school = $1 AND evening = $2 AND teacher = $3) ",
                $after
            ),
            $crate::scope::Scope::Guest(..) => concat!(
                $before,
                " bookings.school = $1 AND bookings.cancelled_at IS NULL \
                  AND bookings.id IN (SELECT covered.id FROM coverage \
                    JOIN bookings AS covered ON covered.school = coverage.school \
                      AND covered.evening = coverage.evening \
                      AND covered.parent = coverage.inviter \
                      AND covered.student = coverage.student \
                    WHERE coverage.school = $1 AND coverage.evening = $2 \
                      AND coverage.invitation = $3) ",
                $after
            ),
        }
    };
}
pub(crate) use scoped;
