//! What each kind of e-mail says: what, who, when, until when, and what to do.

use std::iter;

use jiff::Timestamp;
use school::{Name, Refusal};
use store::{About, Appointment, Declined, EveningLetter, Holder, MailKind, Moved, School};

use crate::times::Clock;
use crate::words::Part;

/// Whether what has changed takes place still.
pub(crate) fn is_moved(letter: &EveningLetter) -> bool {
    letter.about.as_ref().is_some_and(|it| it.to.is_some())
}

/// Whether an appointment stays when it is, with somebody else.
fn has_other_teachers(letter: &EveningLetter) -> bool {
    letter.about.as_ref().is_some_and(|it| {
        let stays = |to: &Moved| (to.start, to.end) == (it.start, it.end);
        it.to.as_ref().is_some_and(stays)
    })
}

pub(crate) fn subject(letter: &EveningLetter) -> String {
    let says = match letter.kind {
        MailKind::Confirmation if letter.appointments.is_empty() => "Book your appointments",
        MailKind::Confirmation => "Your appointments",
        MailKind::TeacherLink => "Your link",
        MailKind::Invitation | MailKind::Resend => "You are invited",
        MailKind::Booked => "Another appointment",
        MailKind::Changed if has_other_teachers(letter) => "A different teacher for an appointment",
        MailKind::Changed if is_moved(letter) => "An appointment has moved",
        MailKind::Changed => "An appointment is cancelled",
        MailKind::Withdrawn => "Your invitation has been withdrawn",
        MailKind::EveningMoved => "A new date or time",
        MailKind::EveningCancelled => "Cancelled",
        MailKind::Declined => "Your invite was not approved",
    };
    format!("{says}: {}", letter.evening.draft.name.as_str())
}

pub(crate) fn parts(
    letter: &EveningLetter,
    (name, school): (&str, &School),
    clock: &Clock<'_>,
    link: Option<String>,
    now: Timestamp,
) -> Vec<Part> {
    let mut parts = vec![Part::Words(format!("Dear {name},"))];
    parts.extend(
        opening(letter, school, clock, now)
            .into_iter()
            .map(Part::Words),
    );
    let has_link = link.is_some();
    if let Some(link) = link {
        parts.push(Part::Button(button(letter).to_owned(), link));
    }
    if letter.kind == MailKind::EveningCancelled && !letter.evening.words.reveal().is_empty() {
        parts.push(written(letter.evening.words.reveal()));
    }
    match (letter.kind, &letter.about) {
        (MailKind::Changed, Some(about)) => {
            parts.push(Part::Lines(changed(about, clock)));
            if matches!(letter.to, Holder::Parent(_)) && has_others(letter, about) {
                let words = "Your other appointments stay as they are.";
                parts.push(Part::Words(words.to_owned()));
            }
        }
        (MailKind::Withdrawn, _) => {}
        (MailKind::Declined, _) => parts.extend(letter.declined.as_ref().and_then(reason)),
        _ => {
            let all = letter.appointments.iter();
            parts.extend(all.map(|one| Part::Lines(facts(one, clock))));
            parts.extend(letter.cancelled.iter().map(|one| gone(one, clock)));
        }
    }
    if !matches!(letter.kind, MailKind::Withdrawn | MailKind::Declined) {
        parts.push(Part::Words(clock.zones(&letter.evening)));
    }
    if has_link && letter.kind != MailKind::Declined {
        parts.push(Part::Words(how_to_join(letter)));
    }
    parts.push(Part::Words(school.name.as_str().to_owned()));
    parts.push(Part::Words(help(school)));
    parts
}

/// Whom to ask: a reply reaches the school where it has an address.
pub(crate) fn help(school: &School) -> String {
    let contact: Vec<_> = [&school.contact_email, &school.contact_phone]
        .into_iter()
        .filter(|it| !it.is_empty())
        .map(String::as_str)
        .collect();
    if contact.is_empty() {
        return "Still need help? Ask the school office.".to_owned();
    }
    let mut words = format!("Still need help? Contact Us: {}", contact.join(", "));
    if !school.contact_email.is_empty() {
        words.push_str(", or reply to this email.");
    }
    words
}

fn has_others(letter: &EveningLetter, about: &About) -> bool {
    letter.appointments.iter().any(|it| it.id != about.booking)
}

fn how_to_join(letter: &EveningLetter) -> String {
    let first = "This link is yours alone, so please do not forward it.";
    if letter.appointments.is_empty() && letter.kind == MailKind::Confirmation {
        return format!(
            "{first} You will also use it to join your appointments by video. You need no app and no \
             account."
        );
    }
    format!(
        "{first} Open it before the day to test your camera and microphone. When it is time for an \
         appointment, open it again and press \"Join\". You need no app and no account."
    )
}

fn opening(
    letter: &EveningLetter,
    school: &School,
    clock: &Clock<'_>,
    now: Timestamp,
) -> Vec<String> {
    let evening = letter.evening.draft.name.as_str();
    let school = school.name.as_str();
    let day = clock.day(letter.evening.start);
    let hours = clock.both(letter.evening.start, letter.evening.end);
    let inviter = letter.inviter.as_ref();
    let inviter = inviter.map_or("A parent", |name| name.reveal());
    match letter.kind {
        MailKind::Confirmation if letter.appointments.is_empty() => {
            let mut words = vec![format!(
                "{evening} at {school} is on {hours}, by video call."
            )];
            words.push(asks_to_book(letter, clock, now));
            words
        }
        MailKind::Confirmation => {
            let mut words = vec![format!(
                "These are your appointments at {evening} on {day}. They are video calls."
            )];
            words.extend(until(letter, clock, now));
            words
        }
        MailKind::TeacherLink => vec![format!(
            "This is your link for {evening} on {hours}. It shows your appointments, and you can \
             join each of them from there."
        )],
        MailKind::Invitation | MailKind::Resend if letter.appointments.is_empty() => vec![
            format!(
                "{inviter} has invited you to join {} at {evening} at {school}, by video call, on \
                 {hours}.",
                appointments_for(letter)
            ),
            "No appointment has been booked yet. You will get another email when there is one."
                .to_owned(),
        ],
        MailKind::Invitation | MailKind::Resend => vec![format!(
            "{inviter} has invited you to join {} at {evening} at {school}, by video call, on {day}.",
            appointments_for(letter)
        )],
        MailKind::Booked => vec![format!(
            "{inviter} has made another booking at {evening} on {day}. These are all the appointments \
             that you are invited to join now, by video call."
        )],
        MailKind::Changed => vec![change(letter)],
        MailKind::EveningMoved => moved(letter, &hours),
        MailKind::EveningCancelled => vec![format!(
            "The school has cancelled {evening}, which was to be on {hours}. There is nothing you \
             need to do."
        )],
        MailKind::Withdrawn => vec![format!(
            "Your invitation to {evening} on {day} has been withdrawn, so your link no longer works. \
             There is nothing you need to do."
        )],
        MailKind::Declined => vec![declined(letter, &day)],
    }
}

/// When an evening is now.
fn moved(letter: &EveningLetter, hours: &str) -> Vec<String> {
    let evening = letter.evening.draft.name.as_str();
    let mut words = vec![format!(
        "The school has moved {evening}. It is now on {hours}, by video call. Your link stays the \
         same."
    )];
    if !letter.appointments.is_empty() {
        words.push("These are your appointments at the new time.".to_owned());
    }
    words
}

/// What has become of an appointment.
fn change(letter: &EveningLetter) -> String {
    let evening = letter.evening.draft.name.as_str();
    if has_other_teachers(letter) {
        let which = if matches!(letter.to, Holder::Parent(_)) {
            "one of your appointments"
        } else {
            "an appointment that you are invited to"
        };
        return format!(
            "A different teacher will take {which} at {evening}. The time stays the same."
        );
    }
    match (matches!(letter.to, Holder::Parent(_)), is_moved(letter)) {
        (true, true) => format!("The school has moved an appointment of yours at {evening}."),
        (true, false) => {
            format!("The school has cancelled an appointment of yours at {evening}.")
        }
        (false, true) => {
            format!("An appointment that you are invited to at {evening} has moved.")
        }
        (false, false) => {
            format!("An appointment that you were invited to at {evening} has been cancelled.")
        }
    }
}

fn appointments_for(letter: &EveningLetter) -> String {
    match names(&letter.students) {
        whose if whose.is_empty() => "the appointments".to_owned(),
        whose => format!("the appointments for {whose}"),
    }
}

/// Whether there is something to book, for whom and until when.
fn asks_to_book(letter: &EveningLetter, clock: &Clock<'_>, now: Timestamp) -> String {
    let whose = match names(&letter.students) {
        whose if whose.is_empty() => String::new(),
        whose => format!(" for {whose}"),
    };
    match letter.evening.check_booking(now) {
        Ok(()) => {
            let closes = clock.deadline(letter.evening.closes());
            format!(
                "Please choose the times of your appointments{whose}. Booking closes at {closes}."
            )
        }
        Err(Refusal::BookingNotOpen) => format!(
            "You will choose the times of your appointments{whose} once booking has opened."
        ),
        Err(_) => {
            "Booking has closed. If you still need an appointment, ask the school.".to_owned()
        }
    }
}

/// Until when a parent may change what they booked.
fn until(letter: &EveningLetter, clock: &Clock<'_>, now: Timestamp) -> Option<String> {
    letter.evening.check_booking(now).ok()?;
    let closes = clock.deadline(letter.evening.closes());
    Some(format!(
        "You can change or cancel them until booking closes at {closes}."
    ))
}

const fn button(letter: &EveningLetter) -> &'static str {
    match letter.kind {
        MailKind::Confirmation if letter.appointments.is_empty() => "Book appointments",
        MailKind::Confirmation => "See my bookings and join",
        MailKind::Changed | MailKind::EveningMoved if matches!(letter.to, Holder::Parent(_)) => {
            "See my bookings and join"
        }
        MailKind::Declined => "See my bookings",
        MailKind::TeacherLink
        | MailKind::Invitation
        | MailKind::Resend
        | MailKind::Booked
        | MailKind::Changed
        | MailKind::Withdrawn
        | MailKind::EveningMoved
        | MailKind::EveningCancelled => "See the appointments and join",
    }
}

/// Student, teacher, subject and time (INV-8).
fn facts(one: &Appointment, clock: &Clock<'_>) -> Vec<String> {
    vec![
        clock.both(one.start, one.end),
        format!("{} for {}", one.subject.as_str(), one.student_name.reveal()),
        format!("With {}", teachers(one)),
    ]
}

fn declined(letter: &EveningLetter, day: &str) -> String {
    let guest = letter.declined.as_ref();
    format!(
        "The school has not approved your invite for {} to {} on {day}. No email has been sent to \
         them. You can invite somebody else, or ask the school.",
        guest.map_or("a guest", |it| it.name.reveal()),
        letter.evening.draft.name.as_str()
    )
}

/// What the office says to it, in its own lines.
fn reason(declined: &Declined) -> Option<Part> {
    let words = declined.reason.reveal();
    (!words.is_empty()).then(|| written(words))
}

/// What the office wrote itself.
fn written(words: &str) -> Part {
    let lines = iter::once("The school writes:").chain(words.lines());
    Part::Lines(lines.map(str::to_owned).collect())
}

fn changed(about: &About, clock: &Clock<'_>) -> Vec<String> {
    let before = clock.both(about.start, about.end);
    let mut lines = vec![what(about)];
    let with = |teachers: &[Name]| match names(teachers) {
        nobody if nobody.is_empty() => String::new(),
        names => format!("with {names}"),
    };
    let then = with(&about.teachers);
    let capital = then.replacen("with", "With", 1);
    match &about.to {
        None => {
            lines.extend((!capital.is_empty()).then_some(capital));
            lines.push(format!("It was: {before}"));
        }
        Some(to) if to.teachers == about.teachers => {
            lines.extend((!capital.is_empty()).then_some(capital));
            lines.push(format!("Before: {before}"));
            lines.push(format!("Now: {}", clock.both(to.start, to.end)));
        }
        Some(to) => {
            let now = clock.both(to.start, to.end);
            lines.push(format!("Before: {before}, {then}"));
            lines.push(format!("Now: {now}, {}", with(&to.teachers)));
        }
    }
    lines
}

fn gone(about: &About, clock: &Clock<'_>) -> Part {
    Part::Lines(vec![
        format!("Cancelled: {}", what(about)),
        format!("It was: {}", clock.both(about.start, about.end)),
    ])
}

fn what(about: &About) -> String {
    match &about.of {
        Some((student, subject)) => format!("{} for {}", subject.as_str(), student.reveal()),
        None => "An appointment".to_owned(),
    }
}

pub(crate) fn teachers(one: &Appointment) -> String {
    let names: Vec<_> = one.teachers.iter().map(|(_, name)| name.clone()).collect();
    self::names(&names)
}

/// `Ana Santos, Ben Santos and Cem Demir`.
pub(crate) fn names(names: &[Name]) -> String {
    match names {
        [] => String::new(),
        [only] => only.reveal().to_owned(),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(Name::reveal).collect();
            format!("{} and {}", first.join(", "), last.reveal())
        }
    }
}
