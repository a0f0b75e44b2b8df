//! Which appointments are meant.

use jiff::Timestamp;
use school::{BookingId, ContactId, EveningId, Holder, MeetingId};

use crate::value::{Value, list, values};

/// Some appointments that were booked and not cancelled.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Selection<'a> {
    /// That one.
    One(BookingId),
    /// That which is booked as this meeting.
    Meeting(MeetingId),
    /// All of an evening.
    Evening(EveningId),
    /// Those of an evening that are booked as one of these meetings.
    Among(EveningId, &'a [MeetingId]),
    /// Those that a parent booked.
    Parent(EveningId, ContactId),
    /// Those that somebody may come to.
    Of(EveningId, Holder),
    /// Those of some parents that are not over then.
    ToCome(&'a [ContactId], Timestamp),
}

impl Selection<'_> {
    /// The values of [`selected`]: `$1` to `$3`.
    pub(crate) fn values(self, school: school::SchoolId) -> Vec<Value> {
        match self {
            Self::One(id) => values![school, id, id],
            Self::Meeting(id) => values![school, id, id],
            Self::Evening(id) => values![school, id, id],
            Self::Among(evening, meetings) => values![school, evening, list(meetings)],
            Self::Parent(evening, id) => values![school, evening, id],
            Self::Of(evening, holder) => values![school, evening, holder],
            Self::ToCome(parents, now) => values![school, list(parents), now],
        }
    }
}

/// `$before`, the condition that `bookings` is among the selected, `$after`.
macro_rules! selected {
    ($work:expr, $selection:expr, $before:expr, $after:expr) => {
        match $selection {
            $crate::selection::Selection::One(_) => concat!(
                $before,
                " bookings.school = $1 AND bookings.cancelled_at IS NULL \
                  AND bookings.id = $2 AND bookings.id = $3 ",
                $after
            ),
            $crate::selection::Selection::Meeting(_) => concat!(
                $before,
                " bookings.school = $1 AND bookings.cancelled_at IS NULL \
                  AND bookings.meeting = $2 AND bookings.meeting = $3 ",
                $after
            ),
            $crate::selection::Selection::Evening(_) => concat!(
                $before,
                " bookings.school = $1 AND bookings.cancelled_at IS NULL \
                  AND bookings.evening = $2 AND bookings.evening = $3 ",
                $after
            ),
            $crate::selection::Selection::Among(..) if $work.is_postgres() => concat!(
                $before,
                " bookings.school = $1 AND bookings.cancelled_at IS NULL \
                  AND bookings.evening = $2 AND bookings.meeting IN (\
                    SELECT CAST(value AS BIGINT) \
                    FROM json_array_elements_text(CAST($3 AS JSON))) ",
                $after
            ),
            $crate::selection::Selection::Among(..) => concat!(
                $before,
                " bookings.school = $1 AND bookings.cancelled_at IS NULL \
                  AND +bookings.evening = $2 AND bookings.meeting IN (\
                    SELECT value FROM json_each($3)) ",
                $after
            ),
            $crate::selection::Selection::Parent(..) => concat!(
                $before,
                " bookings.school = $1 AND bookings.cancelled_at IS NULL \
                  AND bookings.evening = $2 AND bookings.parent = $3 ",
                $after
            ),
            $crate::selection::Selection::ToCome(..) if $work.is_postgres() => concat!(
                $before,
                " bookings.school = $1 AND bookings.cancelled_at IS NULL \
                  AND bookings.end_at > $3 AND bookings.parent IN (\
                    SELECT CAST(value AS BIGINT) \
                    FROM json_array_elements_text(CAST($2 AS JSON))) ",
                $after
            ),
            $crate::selection::Selection::ToCome(..) => concat!(
                $before,
                " bookings.school = $1 AND bookings.cancelled_at IS NULL \
                  AND bookings.end_at > $3 AND bookings.parent IN (SELECT value FROM json_each($2)) ",
                $after
            ),
            // With a plus: SQLite would walk through the whole evening rather than through theirs.
            $crate::selection::Selection::Of(..) => concat!(
                $before,
                " bookings.school = $1 AND bookings.cancelled_at IS NULL \
                  AND +bookings.evening = $2 AND bookings.meeting IN (\
                    SELECT entitled.meeting FROM entitled \
                    WHERE entitled.school = $1 AND entitled.holder = $3 \
                      AND entitled.ended_at IS NULL) ",
                $after
            ),
        }
    };
}
pub(crate) use selected;
