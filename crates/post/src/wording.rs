//! What each kind of e-mail says: what, who, when, until when, and what to do.

use jiff::Timestamp;
use school::{Name, Refusal};
use store::{About, Appointment, Declined, EveningLetter, Holder, MailKind, Moved, School};

use crate::catalogue::{Language, Said, Value};
use crate::times::Clock;
use crate::words::Part;

/// A subject, and what follows it.
pub(crate) type Says = (Said, Vec<Part>);

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

/// Whether booking has closed, and they have no appointment.
fn is_too_late(letter: &EveningLetter, now: Timestamp) -> bool {
    let may_book = letter.evening.check_booking(now);
    letter.appointments.is_empty() && !matches!(may_book, Ok(()) | Err(Refusal::BookingNotOpen))
}

const fn is_to_parent(letter: &EveningLetter) -> bool {
    matches!(letter.to, Holder::Parent(_))
}

pub(crate) fn subject(letter: &EveningLetter, language: &Language, now: Timestamp) -> Said {
    let key = match letter.kind {
        MailKind::Confirmation if is_too_late(letter, now) => "post_subject_closed",
        MailKind::Confirmation if letter.appointments.is_empty() => "post_subject_book",
        MailKind::Confirmation => "post_subject_appointments",
        MailKind::TeacherLink => "post_subject_link",
        MailKind::Invitation | MailKind::Resend => "post_subject_invited",
        MailKind::Booked => "post_subject_another",
        MailKind::Changed if has_other_teachers(letter) => "post_subject_teacher",
        MailKind::Changed if is_moved(letter) => "post_subject_moved",
        MailKind::Changed => "post_subject_cancelled",
        MailKind::Withdrawn => "post_subject_withdrawn",
        MailKind::EveningMoved => "post_subject_evening_moved",
        MailKind::EveningCancelled => "post_subject_evening_cancelled",
        MailKind::Declined => "post_subject_declined",
    };
    let evening = letter.evening.draft.name.as_str();
    language.say(key, &[("evening", evening.into())])
}

pub(crate) fn parts(
    letter: &EveningLetter,
    (name, school): (&str, &School),
    clock: &Clock<'_>,
    link: Option<String>,
    now: Timestamp,
) -> Vec<Part> {
    let language = clock.language;
    let mut parts = vec![Part::Words(
        language.say("post_dear", &[("name", name.into())]),
    )];
    let opening = opening(letter, school, clock, now);
    parts.extend(opening.into_iter().map(Part::Words));
    let has_link = link.is_some();
    if let Some(link) = link {
        parts.push(Part::Button(language.say(button(letter, now), &[]), link));
    }
    let words = letter.evening.words.reveal();
    if letter.kind == MailKind::EveningCancelled && !words.is_empty() {
        parts.push(written(words, language));
    }
    match (letter.kind, &letter.about) {
        (MailKind::Changed, Some(about)) => {
            parts.push(Part::Lines(changed(about, clock)));
            if is_to_parent(letter) && has_others(letter, about) {
                parts.push(Part::Words(language.say("post_others_stay", &[])));
            }
        }
        (MailKind::Withdrawn, _) => {}
        (MailKind::Declined, _) => {
            let declined = letter.declined.as_ref();
            parts.extend(declined.and_then(|it| reason(it, language)));
        }
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
        parts.push(Part::Words(language.say(how_to_join(letter), &[])));
    }
    parts.push(Part::Words(Said::by_people(school.name.as_str())));
    parts.push(Part::Words(help(school, language)));
    parts
}

/// Whom to ask: a reply reaches the school where it has an address.
pub(crate) fn help(school: &School, language: &Language) -> Said {
    let contact: Vec<_> = [&school.contact_email, &school.contact_phone]
        .into_iter()
        .filter(|it| !it.is_empty())
        .map(String::as_str)
        .collect();
    let key = match (contact.is_empty(), school.contact_email.is_empty()) {
        (true, _) => return language.say("post_help_unnamed", &[]),
        (false, true) => "post_help",
        (false, false) => "post_help_reply",
    };
    let contact = contact.join(", ");
    language.say(key, &[("contact", (&contact).into())])
}

fn has_others(letter: &EveningLetter, about: &About) -> bool {
    letter.appointments.iter().any(|it| it.id != about.booking)
}

fn how_to_join(letter: &EveningLetter) -> &'static str {
    if letter.appointments.is_empty() && letter.kind == MailKind::Confirmation {
        "post_join_once_booked"
    } else {
        "post_join"
    }
}

fn opening(
    letter: &EveningLetter,
    school: &School,
    clock: &Clock<'_>,
    now: Timestamp,
) -> Vec<Said> {
    let language = clock.language;
    let (starts, ends) = (letter.evening.start, letter.evening.end);
    let (day, when) = (clock.day(starts), clock.both(starts, ends));
    let inviter = match &letter.inviter {
        Some(name) => Said::by_people(name.reveal()),
        None => language.say("post_a_parent", &[]),
    };
    let students = names(&letter.students, language);
    let of = [
        ("evening", letter.evening.draft.name.as_str().into()),
        ("school", school.name.as_str().into()),
        ("inviter", (&inviter).into()),
        ("students", (&students).into()),
        ("day", (&day).into()),
        ("when", (&when).into()),
    ];
    let say = |key| language.say(key, &of);
    let invited = |(of_students, of_all)| match students.is_empty() {
        false => say(of_students),
        true => say(of_all),
    };
    match letter.kind {
        MailKind::Confirmation if letter.appointments.is_empty() => {
            vec![say("post_evening_is_on"), asks_to_book(letter, clock, now)]
        }
        MailKind::Confirmation => {
            let mut words = vec![say("post_appointments_are")];
            words.extend(until(letter, clock, now));
            words
        }
        MailKind::TeacherLink => vec![say("post_teacher_link")],
        MailKind::Invitation | MailKind::Resend if letter.appointments.is_empty() => vec![
            invited(("post_invited_early", "post_invited_early_all")),
            say("post_none_booked"),
        ],
        MailKind::Invitation | MailKind::Resend => {
            vec![invited(("post_invited", "post_invited_all"))]
        }
        MailKind::Booked => vec![say("post_booked_another")],
        MailKind::Changed => vec![say(change(letter))],
        MailKind::EveningMoved if letter.appointments.is_empty() => vec![say("post_evening_moved")],
        MailKind::EveningMoved => vec![say("post_evening_moved"), say("post_new_times")],
        MailKind::EveningCancelled => vec![say("post_evening_cancelled")],
        MailKind::Withdrawn => vec![say("post_withdrawn")],
        MailKind::Declined => vec![declined(letter, &day, language)],
    }
}

/// What has become of an appointment.
fn change(letter: &EveningLetter) -> &'static str {
    let other_teachers = has_other_teachers(letter);
    match (other_teachers, is_to_parent(letter), is_moved(letter)) {
        (true, true, _) => "post_other_teacher_yours",
        (true, false, _) => "post_other_teacher",
        (false, true, true) => "post_moved_yours",
        (false, true, false) => "post_cancelled_yours",
        (false, false, true) => "post_moved",
        (false, false, false) => "post_cancelled",
    }
}

/// Whether there is something to book, for whom and until when.
fn asks_to_book(letter: &EveningLetter, clock: &Clock<'_>, now: Timestamp) -> Said {
    let language = clock.language;
    let students = names(&letter.students, language);
    let of = [("students", (&students).into())];
    let closes = closes(letter, clock);
    match (letter.evening.check_booking(now), students.is_empty()) {
        (Ok(()), is_for_all) => {
            let closes = [("day", (&closes.0).into()), ("time", (&closes.1).into())];
            let key = match is_for_all {
                false => "post_ask_to_book",
                true => "post_ask_to_book_all",
            };
            let [day, time] = closes;
            let [students] = of;
            language.say(key, &[students, day, time])
        }
        (Err(Refusal::BookingNotOpen), false) => language.say("post_book_later", &of),
        (Err(Refusal::BookingNotOpen), true) => language.say("post_book_later_all", &[]),
        (Err(_), _) => language.say("post_booking_closed", &[]),
    }
}

/// Until when a parent may change what they booked, or that they no longer may; nothing where they do
/// not yet.
fn until(letter: &EveningLetter, clock: &Clock<'_>, now: Timestamp) -> Option<Said> {
    match letter.evening.check_booking(now) {
        Ok(()) => {
            let (day, time) = closes(letter, clock);
            let closes = [("day", (&day).into()), ("time", (&time).into())];
            Some(clock.language.say("post_change_until", &closes))
        }
        Err(Refusal::BookingNotOpen) => None,
        Err(_closed) => Some(clock.language.say("post_change_closed", &[])),
    }
}

/// The day and the time at which booking closes.
fn closes(letter: &EveningLetter, clock: &Clock<'_>) -> (Said, String) {
    let closes = letter.evening.closes();
    (clock.day(closes), clock.time(closes))
}

fn button(letter: &EveningLetter, now: Timestamp) -> &'static str {
    match letter.kind {
        MailKind::Confirmation if is_too_late(letter, now) => "post_button_bookings",
        MailKind::Confirmation if letter.appointments.is_empty() => "post_button_book",
        MailKind::Confirmation => "post_button_join",
        MailKind::Changed | MailKind::EveningMoved if is_to_parent(letter) => "post_button_join",
        MailKind::Declined => "post_button_bookings",
        MailKind::TeacherLink
        | MailKind::Invitation
        | MailKind::Resend
        | MailKind::Booked
        | MailKind::Changed
        | MailKind::Withdrawn
        | MailKind::EveningMoved
        | MailKind::EveningCancelled => "post_button_appointments",
    }
}

/// Student, teacher, subject and time (INV-8).
fn facts(one: &Appointment, clock: &Clock<'_>) -> Vec<Said> {
    let language = clock.language;
    let of = (one.student_name.reveal(), one.subject.as_str());
    let teachers = teachers(one, language);
    vec![
        clock.both(one.start, one.end),
        subject_for(of, language),
        language.say("post_with", &[("teachers", (&teachers).into())]),
    ]
}

fn subject_for((student, subject): (&str, &str), language: &Language) -> Said {
    let values = [("subject", subject.into()), ("student", student.into())];
    language.say("post_subject_for", &values)
}

fn declined(letter: &EveningLetter, day: &Said, language: &Language) -> Said {
    let guest = match &letter.declined {
        Some(guest) => Said::by_people(guest.name.reveal()),
        None => language.say("post_a_guest", &[]),
    };
    let values = [
        ("guest", (&guest).into()),
        ("evening", letter.evening.draft.name.as_str().into()),
        ("day", day.into()),
    ];
    language.say("post_declined", &values)
}

/// What the office says to it, in its own lines.
fn reason(declined: &Declined, language: &Language) -> Option<Part> {
    let words = declined.reason.reveal();
    (!words.is_empty()).then(|| written(words, language))
}

/// What the office wrote itself.
fn written(words: &str, language: &Language) -> Part {
    let mut lines = vec![language.say("post_school_writes", &[])];
    lines.extend(words.lines().map(Said::by_people));
    Part::Lines(lines)
}

fn changed(about: &About, clock: &Clock<'_>) -> Vec<Said> {
    let language = clock.language;
    let before = clock.both(about.start, about.end);
    let with = names(&about.teachers, language);
    let mut lines = vec![what(about, language)];
    let line = |(alone, with_teachers), when: &Said, teachers: Option<&Said>| {
        let mut values = vec![("when", Value::Said(when))];
        match teachers.filter(|it| !it.is_empty()) {
            None => language.say(alone, &values),
            Some(teachers) => {
                values.push(("teachers", teachers.into()));
                language.say(with_teachers, &values)
            }
        }
    };
    let (was, is) = (
        ("post_before", "post_before_with"),
        ("post_now", "post_now_with"),
    );
    let has_same = |to: &Moved| to.teachers == about.teachers;
    if about.to.as_ref().is_none_or(has_same) && !with.is_empty() {
        lines.push(language.say("post_with", &[("teachers", (&with).into())]));
    }
    match &about.to {
        None => lines.push(language.say("post_was", &[("when", (&before).into())])),
        Some(to) => {
            let now = clock.both(to.start, to.end);
            let others = names(&to.teachers, language);
            let (then, others) = match has_same(to) {
                true => (None, None),
                false => (Some(&with), Some(&others)),
            };
            lines.push(line(was, &before, then));
            lines.push(line(is, &now, others));
        }
    }
    lines
}

fn gone(about: &About, clock: &Clock<'_>) -> Part {
    let language = clock.language;
    let what = what(about, language);
    let when = clock.both(about.start, about.end);
    Part::Lines(vec![
        language.say("post_gone", &[("what", (&what).into())]),
        language.say("post_was", &[("when", (&when).into())]),
    ])
}

fn what(about: &About, language: &Language) -> Said {
    match &about.of {
        Some((student, subject)) => subject_for((student.reveal(), subject.as_str()), language),
        None => language.say("post_an_appointment", &[]),
    }
}

pub(crate) fn teachers(one: &Appointment, language: &Language) -> Said {
    let names: Vec<_> = one.teachers.iter().map(|(_, it)| it.reveal()).collect();
    language.names(&names)
}

pub(crate) fn names(names: &[Name], language: &Language) -> Said {
    let names: Vec<_> = names.iter().map(Name::reveal).collect();
    language.names(&names)
}

#[cfg(test)]
mod tests;
