//! Times as people read them: in the evening's zone, which is named, and in the reader's own where
//! its clocks show another (EVE-3).

use jiff::Timestamp;
use jiff::tz::{AmbiguousOffset, TimeZone};
use school::Evening;

use crate::catalogue::{Language, Said};

/// The clocks of an evening.
pub(crate) struct Clock<'a> {
    zone: TimeZone,
    name: &'a str,
    /// The reader's, where they read elsewhere.
    reader: Option<(TimeZone, &'a str)>,
    pub(crate) language: &'static Language,
}

impl<'a> Clock<'a> {
    /// Those of its zone; UTC, and so named, where this program no longer knows the zone.
    pub(crate) fn of(
        evening: &'a Evening,
        reader: Option<&'a str>,
        language: &'static Language,
    ) -> Self {
        let reader = reader.and_then(|name| Some((TimeZone::get(name).ok()?, name)));
        let (zone, name) = match evening.zone() {
            Ok(zone) => (zone, evening.draft.zone.as_str()),
            Err(_unknown) => (TimeZone::UTC, "UTC"),
        };
        Self {
            zone,
            name,
            reader,
            language,
        }
    }

    /// `Thursday 19 November 2026`.
    pub(crate) fn day(&self, at: Timestamp) -> Said {
        day(&self.zone, at, self.language)
    }

    /// `16:10`.
    pub(crate) fn time(&self, at: Timestamp) -> String {
        clock(&self.zone, at)
    }

    /// `16:10 to 16:20`.
    pub(crate) fn span(&self, from: Timestamp, to: Timestamp) -> Said {
        self.span_in(&self.zone, from, to)
    }

    fn span_in(&self, zone: &TimeZone, from: Timestamp, to: Timestamp) -> Said {
        let (from, to) = (clock(zone, from), clock(zone, to));
        let values = [("from", (&from).into()), ("to", (&to).into())];
        self.language.say("post_span", &values)
    }

    fn day_and_span(&self, day: &Said, span: &Said) -> Said {
        let values = [("day", day.into()), ("span", span.into())];
        self.language.say("post_moment", &values)
    }

    /// `11:10 to 11:20`, with the day where it is another, if the reader's clocks show another time
    /// then.
    pub(crate) fn own(&self, from: Timestamp, to: Timestamp) -> Option<Said> {
        let (zone, _) = self.reader.as_ref()?;
        if zone.to_offset(from) == self.zone.to_offset(from) {
            return None;
        }
        let span = self.span_in(zone, from, to);
        let (own, evenings) = (day(zone, from, self.language), self.day(from));
        Some(if own == evenings {
            span
        } else {
            self.day_and_span(&own, &span)
        })
    }

    /// `Thursday 19 November 2026, 16:10 to 16:20`.
    pub(crate) fn moment(&self, from: Timestamp, to: Timestamp) -> Said {
        self.day_and_span(&self.day(from), &self.span(from, to))
    }

    /// The same, and the reader's own time where it is another.
    pub(crate) fn both(&self, from: Timestamp, to: Timestamp) -> Said {
        let moment = self.moment(from, to);
        match self.own(from, to) {
            Some(own) => {
                let values = [("moment", (&moment).into()), ("own", (&own).into())];
                self.language.say("post_yours", &values)
            }
            None => moment,
        }
    }

    /// `2026-11-19-1610`, for the name of a file.
    pub(crate) fn file_stamp(&self, at: Timestamp) -> String {
        let at = at.to_zoned(self.zone.clone());
        at.strftime("%Y-%m-%d-%H%M").to_string()
    }

    /// The zone's name.
    pub(crate) const fn zone(&self) -> &str {
        self.name
    }

    /// Which zone the times of an e-mail are in: the reader's is named where it plays a part.
    pub(crate) fn zones(&self, evening: &Evening) -> Said {
        let differs = |at| self.own(at, at).is_some();
        let mut values = vec![("zone", self.name.into())];
        match &self.reader {
            Some((_, own)) if differs(evening.start) || differs(evening.end) => {
                values.push(("own", (*own).into()));
                self.language.say("post_zones", &values)
            }
            Some(_) | None => self.language.say("post_zone", &values),
        }
    }
}

pub(crate) fn day(zone: &TimeZone, at: Timestamp, language: &Language) -> Said {
    language.date(at.to_zoned(zone.clone()).date())
}

/// `16:10`; with the name of its offset where that hour comes twice.
pub(crate) fn clock(zone: &TimeZone, at: Timestamp) -> String {
    let at = at.to_zoned(zone.clone());
    let comes_twice = matches!(
        zone.to_ambiguous_timestamp(at.datetime()).offset(),
        AmbiguousOffset::Fold { .. }
    );
    let form = if comes_twice { "%H:%M %Z" } else { "%H:%M" };
    at.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use school::{EveningDraft, EveningId, Label, Refusal};

    use super::*;

    fn english() -> &'static Language {
        Language::of(None)
    }

    /// An evening through the night, in slots of half an hour.
    fn night(date: &str, zone: &str) -> Result<Evening, Refusal> {
        Evening::new(
            EveningId(1),
            EveningDraft {
                name: Label::read("Evening")?,
                date: date.parse().map_err(|_bad| Refusal::NotFound)?,
                zone: zone.to_owned(),
                start: jiff::civil::time(0, 30, 0, 0),
                end: jiff::civil::time(3, 30, 0, 0),
                slot_minutes: 30,
                gap_minutes: 0,
                closes: None,
            },
        )
    }

    fn spans(evening: &Evening) -> Vec<String> {
        let clock = Clock::of(evening, None, english());
        let slots = evening.slots();
        slots
            .map(|it| clock.span(it.start, it.end).plain(english()))
            .collect()
    }

    #[test]
    fn times_are_those_of_the_wall_on_days_the_clocks_change() -> Result<(), Refusal> {
        assert_eq!(
            spans(&night("2026-03-29", "Europe/London")?),
            [
                "00:30 to 02:00",
                "02:00 to 02:30",
                "02:30 to 03:00",
                "03:00 to 03:30"
            ],
            "from 01:00 to 02:00 there is nothing"
        );
        assert_eq!(
            spans(&night("2026-10-25", "Europe/London")?),
            [
                "00:30 to 01:00 BST",
                "01:00 BST to 01:30 BST",
                "01:30 BST to 01:00 GMT",
                "01:00 GMT to 01:30 GMT",
                "01:30 GMT to 02:00",
                "02:00 to 02:30",
                "02:30 to 03:00",
                "03:00 to 03:30",
            ],
        );
        assert_eq!(
            spans(&night("2026-03-08", "America/New_York")?),
            [
                "00:30 to 01:00",
                "01:00 to 01:30",
                "01:30 to 03:00",
                "03:00 to 03:30"
            ],
        );
        let back = spans(&night("2026-11-01", "America/New_York")?);
        assert_eq!(
            back.get(1).map(String::as_str),
            Some("01:00 EDT to 01:30 EDT")
        );
        assert_eq!(
            back.get(3).map(String::as_str),
            Some("01:00 EST to 01:30 EST")
        );
        Ok(())
    }

    #[test]
    fn a_reader_elsewhere_has_their_own_beside() -> Result<(), Refusal> {
        let evening = night("2026-10-25", "Europe/London")?;
        let from = evening.start;
        let to = from + jiff::SignedDuration::from_mins(30);
        let in_paris = Clock::of(&evening, Some("Europe/Paris"), english());
        assert_eq!(
            in_paris.both(from, to).plain(english()),
            "Sunday 25 October 2026, 00:30 to 01:00 BST (01:30 to 02:00 CEST your time)"
        );
        let in_york = Clock::of(&evening, Some("America/New_York"), english());
        assert_eq!(
            in_york.both(from, to).plain(english()),
            "Sunday 25 October 2026, 00:30 to 01:00 BST (Saturday 24 October 2026, 19:30 to 20:00 your \
             time)"
        );
        assert!(
            in_york
                .zones(&evening)
                .plain(english())
                .contains("in America/New_York")
        );
        for same in [None, Some("Europe/Lisbon"), Some("Mars/Olympus")] {
            let clock = Clock::of(&evening, same, english());
            assert_eq!(clock.own(from, to), None);
            assert_eq!(
                clock.zones(&evening).plain(english()),
                "All times are in the Europe/London time zone."
            );
        }
        // They agree in summer, and no more once London's clocks have gone back.
        let in_algiers = Clock::of(&evening, Some("Africa/Algiers"), english());
        assert_eq!(in_algiers.own(from, to), None);
        assert!(in_algiers.own(evening.end, evening.end).is_some());
        assert!(
            in_algiers
                .zones(&evening)
                .plain(english())
                .contains("Africa/Algiers")
        );
        Ok(())
    }
}
