//! Times as people read them: in the evening's zone, which is named.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use school::Evening;

/// The clocks of an evening.
pub(crate) struct Clock<'a> {
    zone: TimeZone,
    name: &'a str,
}

impl<'a> Clock<'a> {
    /// Those of its zone; UTC, and so named, where this program no longer knows the zone.
    pub(crate) fn of(evening: &'a Evening) -> Self {
        match evening.zone() {
            Ok(zone) => Self {
                zone,
                name: &evening.draft.zone,
            },
            Err(_unknown) => Self {
                zone: TimeZone::UTC,
                name: "UTC",
            },
        }
    }

    /// `Thursday 19 November 2026`.
    pub(crate) fn day(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone())
            .strftime("%A %-d %B %Y")
            .to_string()
    }

    /// `16:10 to 16:20`.
    pub(crate) fn span(&self, from: Timestamp, to: Timestamp) -> String {
        let clock = |at: Timestamp| {
            let at = at.to_zoned(self.zone.clone());
            at.strftime("%H:%M").to_string()
        };
        format!("{} to {}", clock(from), clock(to))
    }

    /// `Thursday 19 November 2026, 16:10 to 16:20`.
    pub(crate) fn moment(&self, from: Timestamp, to: Timestamp) -> String {
        format!("{}, {}", self.day(from), self.span(from, to))
    }

    /// The zone's name.
    pub(crate) const fn zone(&self) -> &str {
        self.name
    }
}
