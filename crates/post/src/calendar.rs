//! The calendar entries of an e-mail (RFC 5545), one appointment a file, so that each lands in the
//! reader's own calendar: of several in one, desktop Outlook makes a calendar of its own. They are
//! invitations (iTIP `REQUEST`, RFC 5546 §3.2.2, by RFC 6047), because a later `REQUEST` moves what
//! was requested and a `CANCEL` takes it out, in Google's, Outlook's, Apple's and Thunderbird's
//! calendars; what was published stays where it is.
//!
//! Instants are in UTC, right on the days the clocks change whatever the reader's program knows of
//! zones, with the local time in words. An entry that opens the call is private: whoever else may
//! look at the reader's calendar sees that they are busy.

use chrono::TimeDelta;
use icalendar::{
    Alarm, Calendar, Class, Component as _, Event, EventLike as _, EventStatus, Property,
};
use jiff::Timestamp;

use crate::catalogue::{Language, Said, Values};
use crate::times::Clock;

/// One appointment of a calendar file.
pub(crate) struct Entry {
    /// The booking's number: the same entry over every change.
    pub(crate) booking: u64,
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    /// The student's name, and the subject; nothing where the student was erased.
    pub(crate) of: Option<(String, String)>,
    pub(crate) teachers: Said,
}

/// Whether the entry is to be kept or taken out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Method {
    Request,
    Cancel,
}

impl Method {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
        }
    }
}

/// Whose entries they are, and which revision of them.
pub(crate) struct Revision {
    /// The address that the e-mails come from.
    pub(crate) organizer: String,
    /// The school.
    pub(crate) name: String,
    /// The reader's address and name.
    pub(crate) attendee: (String, String),
    /// Whether the reader booked it themselves.
    pub(crate) has_accepted: bool,
    /// What opens the call, where the e-mail has it.
    pub(crate) link: Option<String>,
    /// Makes the entries' ids unique.
    pub(crate) host: String,
    /// Higher than in every revision before.
    pub(crate) sequence: i64,
    pub(crate) now: Timestamp,
}

/// How long before it the reader is reminded (RFC 5545 §3.6.6).
const ALARM: TimeDelta = TimeDelta::minutes(15);

/// What the file is called: `2026-11-19-1610-French.ics`.
pub(crate) fn file_name(entry: &Entry, method: Method, clock: &Clock<'_>) -> String {
    let of = entry.of.as_ref();
    let subject: String = of
        .map_or("appointment", |(_, subject)| subject)
        .chars()
        .map(|it| if it.is_ascii_alphanumeric() { it } else { '-' })
        .take(40)
        .collect();
    let when = clock.file_stamp(entry.start);
    match method {
        Method::Request => format!("{when}-{subject}.ics"),
        Method::Cancel => format!("{when}-{subject}-cancelled.ics"),
    }
}

/// The file (RFC 5546 §3.2.2 and §3.2.5).
pub(crate) fn file(
    entry: &Entry,
    method: Method,
    clock: &Clock<'_>,
    revision: &Revision,
) -> String {
    let say = |key| clock.language.say(key, &[]).plain(clock.language);
    let mut event = Event::new();
    event
        .uid(&format!("booking-{}@{}", entry.booking, revision.host))
        .summary(&title(entry, clock.language))
        .location(&say("post_video_call"))
        .class(Class::Private)
        .description(&description(entry, method, clock, revision))
        .add_property("DTSTART", stamp(entry.start))
        .add_property("DTEND", stamp(entry.end))
        .add_property("DTSTAMP", stamp(revision.now))
        .add_property("SEQUENCE", revision.sequence.to_string())
        .append_property(organizer(revision))
        .append_property(attendee(revision))
        .status(match method {
            Method::Request => EventStatus::Confirmed,
            Method::Cancel => EventStatus::Cancelled,
        });
    if method == Method::Request {
        if let Some(link) = &revision.link {
            event.add_property("URL", link);
            event.append_property(conference(link, &say("post_calendar_label")));
        }
        event.alarm(alarm(entry, clock.language));
    }
    // Without the name of the library: a file has one PRODID (RFC 5545 §3.6).
    let mut calendar = Calendar::empty();
    calendar.append_property(Property::new("VERSION", "2.0"));
    calendar.append_property(Property::new("PRODID", prodid(clock.language)));
    calendar.append_property(Property::new("CALSCALE", "GREGORIAN"));
    calendar.append_property(Property::new("METHOD", method.name()));
    calendar.push(event.done());
    calendar.done().to_string()
}

/// Who wrote the file, and in which language (RFC 5545 §3.7.3).
fn prodid(language: &Language) -> String {
    format!("-//Homeroom//Homeroom//{}", language.tag().to_uppercase())
}

fn description(entry: &Entry, method: Method, clock: &Clock<'_>, revision: &Revision) -> String {
    let language = clock.language;
    let moment = clock.moment(entry.start, entry.end);
    let when = [("moment", (&moment).into()), ("zone", clock.zone().into())];
    let say = |key, values: &Values<'_>| language.say(key, values).plain(language);
    let mut lines = vec![say("post_calendar_when", &when)];
    if !entry.teachers.is_empty() {
        lines.push(say("post_with", &[("teachers", (&entry.teachers).into())]));
    }
    lines.push(match (method, &revision.link) {
        (Method::Cancel, _) => say("post_calendar_cancelled", &[]),
        // As it is: a mark beside it would become a part of it where programs look for addresses.
        (Method::Request, Some(link)) => format!("{} {link}", say("post_calendar_join", &[])),
        (Method::Request, None) => say("post_calendar_by_email", &[]),
    });
    lines.join("\n")
}

/// RFC 7986 §5.11.
fn conference(link: &str, label: &str) -> Property {
    let mut conference = Property::new("CONFERENCE", link);
    conference.add_parameter("VALUE", "URI");
    conference.add_parameter("FEATURE", "VIDEO");
    conference.add_parameter("LABEL", &parameter(label));
    conference.done()
}

fn alarm(entry: &Entry, language: &Language) -> Alarm {
    let words = title(entry, language);
    Alarm::display(&words, -ALARM)
}

/// `20261119T161000Z` (RFC 5545 §3.3.5, form 2).
fn stamp(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn organizer(revision: &Revision) -> Property {
    let address = format!("mailto:{}", revision.organizer);
    let mut organizer = Property::new("ORGANIZER", &address);
    organizer.add_parameter("CN", &parameter(&revision.name));
    organizer.done()
}

/// The reader, of whom no answer is asked for: whether they come is said by booking.
fn attendee(revision: &Revision) -> Property {
    let (address, name) = &revision.attendee;
    let mut attendee = Property::new("ATTENDEE", format!("mailto:{address}"));
    attendee.add_parameter("CN", &parameter(name));
    attendee.add_parameter("ROLE", "REQ-PARTICIPANT");
    let stands = if revision.has_accepted {
        "ACCEPTED"
    } else {
        "NEEDS-ACTION"
    };
    attendee.add_parameter("PARTSTAT", stands);
    attendee.add_parameter("RSVP", "FALSE");
    attendee.done()
}

/// A quotation mark cannot stand in a parameter (RFC 5545 §3.2).
fn parameter(text: &str) -> String {
    text.replace('"', "'")
}

/// `French: Ana Santos`.
fn title(entry: &Entry, language: &Language) -> String {
    let title = match &entry.of {
        Some((student, subject)) => {
            let values = [("subject", subject.into()), ("student", student.into())];
            language.say("post_calendar_title", &values)
        }
        None => language.say("post_appointment", &[]),
    };
    title.plain(language)
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

    fn entry(slot: school::Slot) -> Entry {
        Entry {
            booking: u64::from(slot.number.0),
            start: slot.start,
            end: slot.end,
            of: Some((
                "Ana; \"x\", y".to_owned(),
                "French / Fran\u{e7}ais".to_owned(),
            )),
            teachers: Said::by_people("Ms Adeyemi"),
        }
    }

    fn revision(now: Timestamp) -> Revision {
        Revision {
            organizer: "office@h.example".to_owned(),
            name: "Hill: \"Road\"; School, East".to_owned(),
            attendee: ("maria@home.example".to_owned(), "Maria Santos".to_owned()),
            has_accepted: true,
            link: Some("https://h.example/j/abc#secret".to_owned()),
            host: "h.example".to_owned(),
            sequence: 7,
            now,
        }
    }

    /// The files of an evening in slots of half an hour, with their lines unfolded.
    fn files(evening: &Evening, method: Method) -> Vec<String> {
        let clock = Clock::of(evening, Some("Asia/Tokyo"), Language::of(None));
        let revision = revision(evening.start);
        let files = evening.slots().map(entry);
        files
            .map(|it| file(&it, method, &clock, &revision).replace("\r\n ", ""))
            .collect()
    }

    #[test]
    fn a_file_has_one_appointment_that_opens_the_call() -> Result<(), Refusal> {
        // The clocks of London go back from 02:00 to 01:00 on that day.
        let evening = evening("2026-10-25", "Europe/London")?;
        let files = files(&evening, Method::Request);
        assert_eq!(files.len(), 10, "the evening has an hour more");
        for file in &files {
            assert_eq!(file.matches("BEGIN:VEVENT").count(), 1);
            for line in [
                "METHOD:REQUEST",
                "ORGANIZER;CN=\"Hill: 'Road'; School, East\":mailto:office@h.example",
                "SEQUENCE:7",
                "STATUS:CONFIRMED",
                "CLASS:PRIVATE",
                "LOCATION:Video call",
                "URL:https://h.example/j/abc#secret",
                "SUMMARY:French / Fran\u{e7}ais: Ana\\; \"x\"\\, y",
                "TRIGGER:-PT900S",
                "ACTION:DISPLAY",
                "PRODID:-//Homeroom//Homeroom//EN",
            ] {
                assert!(file.contains(&format!("{line}\r\n")), "{line}: {file}");
            }
            for once in ["VERSION:2.0", "PRODID:", "CALSCALE:GREGORIAN"] {
                assert_eq!(file.matches(once).count(), 1, "{once}: {file}");
            }
            let attendee = file.lines().find(|it| it.starts_with("ATTENDEE"));
            let attendee = attendee.expect("the reader");
            assert!(
                attendee.ends_with(":mailto:maria@home.example"),
                "{attendee}"
            );
            assert!(attendee.contains("RSVP=FALSE") && attendee.contains("PARTSTAT=ACCEPTED"));
        }
        Ok(())
    }

    #[test]
    fn what_is_cancelled_takes_out_what_was_requested() -> Result<(), Refusal> {
        let evening = evening("2026-11-19", "Europe/London")?;
        let line = |file: &str, name: &str| {
            let line = file.lines().find(|it| it.starts_with(name));
            line.map(str::to_owned)
        };
        let (kept, gone) = (
            files(&evening, Method::Request),
            files(&evening, Method::Cancel),
        );
        for (kept, gone) in kept.iter().zip(&gone) {
            assert!(gone.contains("METHOD:CANCEL\r\n") && gone.contains("STATUS:CANCELLED\r\n"));
            for same in ["UID", "ORGANIZER", "ATTENDEE", "DTSTART"] {
                assert!(line(kept, same).is_some());
                assert_eq!(line(kept, same), line(gone, same));
            }
            assert!(!gone.contains("h.example/j/") && !gone.contains("VALARM"));
        }
        Ok(())
    }

    #[test]
    fn files_have_plain_names() -> Result<(), Refusal> {
        let evening = evening("2026-11-19", "Europe/London")?;
        let clock = Clock::of(&evening, None, Language::of(None));
        let first = evening.slots().next().map(entry).expect("a slot");
        let name = |method| file_name(&first, method, &clock);
        assert_eq!(
            name(Method::Request),
            "2026-11-19-0030-French---Fran-ais.ics"
        );
        assert!(name(Method::Cancel).ends_with("-cancelled.ics"));
        Ok(())
    }

    /// The files' instants.
    fn starts(date: &str, zone: &str) -> Result<Vec<String>, Refusal> {
        let files = files(&evening(date, zone)?, Method::Request);
        let lines = files
            .iter()
            .flat_map(|it| it.lines().filter_map(|it| it.strip_prefix("DTSTART:")));
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
