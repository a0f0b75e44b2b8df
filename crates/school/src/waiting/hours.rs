//! When a waiting area is open, by the clock of the school.

use std::collections::BTreeSet;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::refusal::Refusal;

/// From when to when an area is open on some days of the week.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hours {
    days: BTreeSet<i8>,
    opens: Time,
    closes: Time,
}

impl Hours {
    /// Those of these days: 1 for Monday, 7 for Sunday.
    ///
    /// # Errors
    ///
    /// [`Refusal::EndsBeforeStart`], and [`Refusal::NoDay`] where there is none or one is none of these.
    pub fn new(days: BTreeSet<i8>, opens: Time, closes: Time) -> Result<Self, Refusal> {
        if days.is_empty() || !days.iter().all(|it| (1..=7).contains(it)) {
            return Err(Refusal::NoDay);
        }
        if closes <= opens {
            return Err(Refusal::EndsBeforeStart);
        }
        Ok(Self {
            days,
            opens,
            closes,
        })
    }

    /// The days: 1 for Monday, 7 for Sunday.
    #[must_use]
    pub const fn days(&self) -> &BTreeSet<i8> {
        &self.days
    }

    /// When it opens on each of them.
    #[must_use]
    pub const fn opens(&self) -> Time {
        self.opens
    }

    /// When it closes.
    #[must_use]
    pub const fn closes(&self) -> Time {
        self.closes
    }

    /// When it opens next; nothing while it is open.
    #[must_use]
    pub fn opens_next(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let today = now.to_zoned(zone.clone()).date();
        let next = (0_i64..=7).find_map(|ahead| {
            let date = today.checked_add(Span::new().days(ahead)).ok()?;
            let is_open = self.days.contains(&date.weekday().to_monday_one_offset());
            let at = |time| date.to_datetime(time).to_zoned(zone.clone());
            let closes = at(self.closes).ok()?.timestamp();
            let opens = at(self.opens).ok()?.timestamp();
            (is_open && now < closes).then_some(opens)
        });
        next.filter(|opens| now < *opens)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::Timestamp;
    use jiff::civil::time;
    use jiff::tz::TimeZone;

    use super::Hours;
    use crate::refusal::Refusal;

    fn london() -> TimeZone {
        TimeZone::get("Europe/London").expect("a zone")
    }

    /// Monday and Thursday, from half past eight to four.
    fn hours() -> Hours {
        let days = BTreeSet::from([1, 4]);
        Hours::new(days, time(8, 30, 0, 0), time(16, 0, 0, 0)).expect("hours")
    }

    #[track_caller]
    fn opens(now: &str, next: Option<&str>) {
        let read = |text: &str| text.parse::<Timestamp>().expect("a moment");
        assert_eq!(
            hours().opens_next(read(now), &london()),
            next.map(read),
            "{now}"
        );
    }

    #[test]
    fn an_area_opens_by_the_clock_of_the_school() {
        // Monday 26 October 2026: the clocks went back the night before.
        opens("2026-10-26T08:29:59Z", Some("2026-10-26T08:30:00Z"));
        opens("2026-10-26T08:30:00Z", None);
        opens("2026-10-26T15:59:59Z", None);
        opens("2026-10-26T16:00:00Z", Some("2026-10-29T08:30:00Z"));
        opens("2026-10-22T15:00:00Z", Some("2026-10-26T08:30:00Z"));
        opens("2026-10-22T14:59:59Z", None);
        opens("2026-10-22T07:29:00Z", Some("2026-10-22T07:30:00Z"));
    }

    #[test]
    fn a_day_that_is_open_comes_again_in_a_week() {
        let hours = Hours::new([7].into(), time(8, 0, 0, 0), time(9, 0, 0, 0)).expect("hours");
        let after: Timestamp = "2026-10-25T10:00:00Z".parse().expect("a moment");
        let next: Timestamp = "2026-11-01T08:00:00Z".parse().expect("a moment");
        assert_eq!(hours.opens_next(after, &london()), Some(next));
    }

    #[test]
    fn hours_have_days_and_an_end_after_their_beginning() {
        let (eight, nine) = (time(8, 0, 0, 0), time(9, 0, 0, 0));
        assert_eq!(Hours::new([].into(), eight, nine), Err(Refusal::NoDay));
        assert_eq!(Hours::new([0].into(), eight, nine), Err(Refusal::NoDay));
        assert_eq!(Hours::new([8].into(), eight, nine), Err(Refusal::NoDay));
        let back = Hours::new([1].into(), nine, eight);
        assert_eq!(back, Err(Refusal::EndsBeforeStart));
        let never = Hours::new([1].into(), nine, nine);
        assert_eq!(never, Err(Refusal::EndsBeforeStart));
    }
}
