//! The calendar file of an e-mail (RFC 5545): instants in UTC, so that it is right on the days the
//! clocks change whatever the reader's program knows of zones, and the local time in words.
//!
//! It holds no link: calendars are shared with whole families and offices.

use icalendar::{Calendar, Component as _, Event, EventStatus, Property};
use jiff::Timestamp;

use crate::times::Clock;

/// One appointment of a calendar file.
pub(crate) struct Entry {
    /// The booking's number: the same entry over every change.
    pub(crate) booking: u64,
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    pub(crate) student: String,
    pub(crate) subject: String,
    pub(crate) teachers: String,
}

/// Whether the entries are to be kept or taken out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Method {
    Publish,
    Cancel,
}

impl Method {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Publish => "PUBLISH",
            Self::Cancel => "CANCEL",
        }
    }

    /// What the file is called.
    pub(crate) const fn file(self) -> &'static str {
        match self {
            Self::Publish => "appointments.ics",
            Self::Cancel => "cancelled.ics",
        }
    }
}

/// Whose entries they are, and which revision of them.
pub(crate) struct Revision {
    /// The address that the e-mails come from: RFC 5546 §3.2 asks for an ORGANIZER.
    pub(crate) organizer: String,
    /// The school.
    pub(crate) name: String,
    /// Makes the entries' ids unique.
    pub(crate) host: String,
    /// Higher than in every revision before.
    pub(crate) sequence: i64,
    pub(crate) now: Timestamp,
}

/// The file (RFC 5546 §3.2.1 and §3.2.5).
pub(crate) fn file(
    entries: &[Entry],
    method: Method,
    clock: &Clock<'_>,
    revision: &Revision,
) -> String {
    let mut calendar = Calendar::new();
    calendar.append_property(Property::new("METHOD", method.name()));
    calendar.append_property(Property::new("X-WR-TIMEZONE", clock.zone()));
    for entry in entries {
        let when = format!(
            "{} ({})",
            clock.moment(entry.start, entry.end),
            clock.zone()
        );
        let mut event = Event::new();
        event
            .uid(&format!("booking-{}@{}", entry.booking, revision.host))
            .summary(&format!("{}: {}", entry.subject, entry.student))
            .description(&format!(
                "{when}\nWith {}\nJoin by the link in your e-mail.",
                entry.teachers
            ))
            .add_property("DTSTART", stamp(entry.start))
            .add_property("DTEND", stamp(entry.end))
            .add_property("DTSTAMP", stamp(revision.now))
            .add_property("SEQUENCE", revision.sequence.to_string())
            .append_property(organizer(revision))
            .status(match method {
                Method::Publish => EventStatus::Confirmed,
                Method::Cancel => EventStatus::Cancelled,
            });
        calendar.push(event.done());
    }
    calendar.done().to_string()
}

/// `20261119T161000Z` (RFC 5545 §3.3.5, form 2).
fn stamp(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn organizer(revision: &Revision) -> Property {
    let address = format!("mailto:{}", revision.organizer);
    let mut organizer = Property::new("ORGANIZER", &address);
    // A quotation mark cannot stand in a parameter (RFC 5545 §3.2).
    organizer.add_parameter("CN", &revision.name.replace('"', "'"));
    organizer.done()
}

#[cfg(test)]
mod tests {
    use school::{Evening, EveningDraft, EveningId, Label, Refusal};

    use super::*;

    fn evening(date: &str, zone: &str) -> Result<Evening, Refusal> {
        Evening::new(
            EveningId(1),
            EveningDraft {
                name: Label::read("Evening")?,
                date: date.parse().map_err(|_bad| Refusal::NotFound)?,
                zone: zone.to_owned(),
                start: jiff::civil::time(0, 30, 0, 0),
                end: jiff::civil::time(4, 30, 0, 0),
                slot_minutes: 30,
                gap_minutes: 0,
                closes: None,
            },
        )
    }

    #[test]
    fn instants_are_right_across_the_hour_that_comes_twice() -> Result<(), Refusal> {
        // The clocks of London go back from 02:00 to 01:00 on that day.
        let evening = evening("2026-10-25", "Europe/London")?;
        let clock = Clock::of(&evening, None);
        let entries: Vec<Entry> = evening
            .slots()
            .map(|slot| Entry {
                booking: u64::from(slot.number.0),
                start: slot.start,
                end: slot.end,
                student: "Ana; \"x\", y".to_owned(),
                subject: "French".to_owned(),
                teachers: "Ms Adeyemi".to_owned(),
            })
            .collect();
        assert_eq!(entries.len(), 10, "the evening has an hour more");
        let text = file(
            &entries,
            Method::Publish,
            &clock,
            &Revision {
                organizer: "office@h.example".to_owned(),
                name: "Hill: \"Road\"; School, East".to_owned(),
                host: "h.example".to_owned(),
                sequence: 7,
                now: evening.start,
            },
        );
        for start in ["20261024T233000Z", "20261025T003000Z", "20261025T013000Z"] {
            assert!(text.contains(&format!("DTSTART:{start}\r\n")), "{text}");
        }
        assert!(text.contains("METHOD:PUBLISH\r\n"));
        assert!(text.contains("X-WR-TIMEZONE:Europe/London\r\n"));
        let unfolded = text.replace("\r\n ", "");
        let organizer = "ORGANIZER;CN=\"Hill: 'Road'; School, East\":mailto:office@h.example\r\n";
        assert!(unfolded.contains(organizer), "{text}");
        assert!(text.contains("SEQUENCE:7\r\n"));
        assert!(
            unfolded.contains("SUMMARY:French: Ana\\; \"x\"\\, y\r\n"),
            "{text}"
        );
        Ok(())
    }

    /// The file's instants, for slots of half an hour from half past midnight on.
    fn starts(date: &str, zone: &str) -> Result<Vec<String>, Refusal> {
        let evening = evening(date, zone)?;
        let entry = |slot: school::Slot| Entry {
            booking: u64::from(slot.number.0),
            start: slot.start,
            end: slot.end,
            student: String::new(),
            subject: String::new(),
            teachers: String::new(),
        };
        let entries: Vec<Entry> = evening.slots().map(entry).collect();
        let clock = Clock::of(&evening, Some("Asia/Tokyo"));
        let text = file(
            &entries,
            Method::Publish,
            &clock,
            &Revision {
                organizer: "office@h.example".to_owned(),
                name: "Hill Road".to_owned(),
                host: "h.example".to_owned(),
                sequence: 1,
                now: evening.start,
            },
        );
        let lines = text.lines().filter_map(|it| it.strip_prefix("DTSTART:"));
        Ok(lines.map(str::to_owned).collect())
    }

    #[test]
    fn instants_are_in_utc_on_every_day_the_clocks_change() -> Result<(), Refusal> {
        let forward = starts("2026-03-29", "Europe/London")?;
        assert_eq!(forward.len(), 6, "an hour less");
        assert_eq!(
            forward.get(..3),
            Some(
                &["20260329T003000Z", "20260329T010000Z", "20260329T013000Z"].map(str::to_owned)[..]
            )
        );
        let forward = starts("2026-03-08", "America/New_York")?;
        assert_eq!(forward.len(), 6, "an hour less");
        assert_eq!(
            forward.get(2..4),
            Some(&["20260308T063000Z", "20260308T070000Z"].map(str::to_owned)[..])
        );
        // The hour from 01:00 comes twice: in daylight time, then in standard time.
        let back = starts("2026-11-01", "America/New_York")?;
        assert_eq!(back.len(), 10, "an hour more");
        assert_eq!(
            back.get(1..5),
            Some(
                &[
                    "20261101T050000Z",
                    "20261101T053000Z",
                    "20261101T060000Z",
                    "20261101T063000Z"
                ]
                .map(str::to_owned)[..]
            )
        );
        Ok(())
    }
}
