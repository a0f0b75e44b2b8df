use jiff::SignedDuration;
use school::meeting::Window;
use school::retention::Period;
use school::{
    BookingId, BookingPhase, ClassId, ContactId, Evening, EveningDraft, EveningId, InvitationId,
    Label, MeetingId, Note, SlotNumber, StudentId, TeacherId,
};

use super::*;
use crate::words::{html, plain};

const ALL: [&str; 10] = ["en", "cy", "pl", "ro", "ur", "ar", "uk", "pt", "fr", "de"];

fn name(text: &str) -> Name {
    Name::read(text).expect("a name")
}

fn label(text: &str) -> Label {
    Label::read(text).expect("a label")
}

fn note(text: &str) -> Note {
    Note::read(text).expect("a note")
}

fn evening() -> Evening {
    let draft = EveningDraft {
        name: label("Autumn 2026"),
        date: jiff::civil::date(2026, 11, 19),
        zone: "Europe/London".to_owned(),
        start: jiff::civil::time(16, 0, 0, 0),
        end: jiff::civil::time(18, 0, 0, 0),
        slot_minutes: 10,
        gap_minutes: 0,
        closes: None,
    };
    let mut evening = Evening::new(EveningId(1), draft).expect("an evening");
    evening.words = note("1 + 1");
    evening
}

fn appointment(evening: &Evening, teachers: &[&str]) -> Appointment {
    let end = evening.start + SignedDuration::from_mins(10);
    Appointment {
        id: BookingId(1),
        meeting: MeetingId(1),
        evening: evening.id,
        parent: ContactId(1),
        parent_name: name("Maria"),
        student: StudentId(1),
        student_name: name("Ana"),
        class: ClassId(1),
        class_name: label("8B"),
        subject: label("Maths"),
        teachers: teachers.iter().map(|it| (TeacherId(1), name(it))).collect(),
        slot: SlotNumber(1),
        start: evening.start,
        end,
        window: Window {
            opens: evening.start,
            closes: end,
        },
        is_stopped: false,
        course: Default::default(),
        note: note("3 + 3"),
    }
}

fn about(evening: &Evening, to: Option<(i64, &str)>) -> About {
    let later = |minutes| evening.start + SignedDuration::from_mins(minutes);
    About {
        booking: BookingId(2),
        of: to.map(|_| (name("Ana"), label("Maths"))),
        teachers: vec![name("Cem")],
        start: evening.start,
        end: later(10),
        to: to.map(|(minutes, teacher)| Moved {
            start: later(minutes),
            end: later(minutes + 10),
            teachers: vec![name(teacher)],
        }),
    }
}

fn letter(kind: MailKind, to: Holder, evening: Evening) -> EveningLetter {
    EveningLetter {
        kind,
        to,
        link: None,
        zone: Some("Asia/Tokyo".to_owned()),
        appointments: vec![appointment(&evening, &["Cem", "Eve"])],
        students: vec![name("Ana"), name("Bo")],
        inviter: Some(name("Maria")),
        about: None,
        cancelled: vec![about(&evening, None)],
        declined: Some(Declined {
            name: name("Paulo"),
            reason: note("2 + 2"),
        }),
        sequence: 1,
        evening,
    }
}

/// Letters that say, together, everything that letters of evenings say.
fn letters() -> Vec<EveningLetter> {
    let parent = Holder::Parent(ContactId(1));
    let guest = Holder::Guest(InvitationId(2));
    let mut letters = Vec::new();
    for kind in [
        MailKind::Confirmation,
        MailKind::TeacherLink,
        MailKind::Invitation,
        MailKind::Resend,
        MailKind::Booked,
        MailKind::Withdrawn,
        MailKind::EveningMoved,
        MailKind::EveningCancelled,
        MailKind::Declined,
    ] {
        letters.push(letter(kind, guest, evening()));
        for booking in [
            BookingPhase::NotYet,
            BookingPhase::Open,
            BookingPhase::Closed,
        ] {
            let mut some = letter(kind, parent, evening());
            some.evening.booking = booking;
            let mut none = some.clone();
            none.appointments.clear();
            let mut nobody = none.clone();
            nobody.students.clear();
            (nobody.inviter, nobody.declined) = (None, None);
            nobody.zone = None;
            letters.extend([some, none, nobody]);
        }
    }
    for to in [parent, guest] {
        for (change, teachers) in [
            (None, 1),
            (Some((20, "Cem")), 1),
            (Some((0, "Eve")), 1),
            (Some((20, "Eve")), 0),
        ] {
            let mut changed = letter(MailKind::Changed, to, evening());
            let mut about = about(&changed.evening, change);
            about.teachers.truncate(teachers);
            changed.about = Some(about);
            letters.push(changed);
        }
    }
    letters
}

fn school(email: &str, phone: &str) -> School {
    School {
        name: label("Hill Road"),
        zone: "Europe/London".to_owned(),
        contact_email: email.to_owned(),
        contact_phone: phone.to_owned(),
        parents_invite: school::registration::ParentsInvite::default(),
        reminds: false,
        keep: Period::default(),
    }
}

#[test]
fn every_letter_is_written_in_every_language_and_in_it_alone() {
    let now: Timestamp = "2026-11-01T12:00:00Z".parse().expect("a moment");
    let schools = [
        school("", ""),
        school("office@h.example", ""),
        school("", "01632 960123"),
    ];
    let english = Language::of(None);
    for letter in letters() {
        let write = |language: &'static Language, school: &School| {
            let clock = Clock::of(&letter.evening, letter.zone.as_deref(), language);
            let link = Some("https://h.example/j/a#b".to_owned());
            let parts = parts(&letter, ("Maria", school), &clock, link, now);
            let subject = subject(&letter, language, now).plain(language);
            let html = html(&subject, "Hill Road", &parts, language);
            (subject, plain(&parts, language), html)
        };
        for school in &schools {
            let (subject, text, _) = write(english, school);
            let sentences: Vec<_> = text
                .lines()
                .filter(|it| it.contains(". ") || it.ends_with('.'))
                .collect();
            for tag in ALL.into_iter().skip(1) {
                let (other, words, html) = write(Language::of(Some(tag)), school);
                assert_ne!(other, subject, "{tag}");
                for sentence in &sentences {
                    assert!(!words.contains(sentence), "{tag}: {sentence}");
                }
                let dir = if ["ar", "ur"].contains(&tag) {
                    "rtl"
                } else {
                    "ltr"
                };
                assert!(html.contains(&format!("<html lang=\"{tag}\" dir=\"{dir}\">")));
                assert!(html.contains(&format!("<div lang=\"{tag}\" dir=\"{dir}\"")));
                assert_eq!(
                    html.contains("<bdi>Maria</bdi>"),
                    dir == "rtl",
                    "{tag}: {html}"
                );
                assert_eq!(
                    words.matches('\u{2068}').count(),
                    words.matches('\u{2069}').count()
                );
            }
        }
    }
}

/// EVE-3, EVE-5: what the office books before booking has opened, and what stands once it has closed.
#[test]
fn booking_has_closed_is_said_where_it_has() {
    let now: Timestamp = "2026-11-01T12:00:00Z".parse().expect("a moment");
    let language = Language::of(None);
    let text = |booking, has_appointments: bool| {
        let parent = Holder::Parent(ContactId(1));
        let mut letter = letter(MailKind::Confirmation, parent, evening());
        letter.evening.booking = booking;
        if !has_appointments {
            letter.appointments.clear();
        }
        let clock = Clock::of(&letter.evening, letter.zone.as_deref(), language);
        let parts = parts(&letter, ("Maria", &school("", "")), &clock, None, now);
        plain(&parts, language)
    };
    for has_appointments in [true, false] {
        for (booking, closed, until) in [
            (BookingPhase::NotYet, false, false),
            (BookingPhase::Open, false, true),
            (BookingPhase::Closed, true, false),
        ] {
            let text = text(booking, has_appointments);
            assert_eq!(text.contains("Booking has closed."), closed, "{text}");
            assert_eq!(text.contains("ooking closes at"), until, "{text}");
        }
    }
}
