//! The records in the words of the API.

use call::LinkId;
use jiff::{SignedDuration, Timestamp};
use school::registration::Wish;
use school::talk::Outcome;
use school::{BookingPhase, Evening, Name};
use store::{Delivery, Holder, Invitation, School};
use wire::http::account::{NamedParent, NamedState};
use wire::http::link::{Appointment, EveningView, Expected, Phase, SchoolState};
use wire::http::parent::{Booking, BookingView, InvitationState, InvitationView};
use wire::http::school::Contact;
use wire::http::teacher::{Presence, Present};

use crate::house::House;
use live::roster::{call_of, link_of};

/// An appointment, as everybody entitled to it sees it.
pub(crate) fn appointment(booked: &store::Appointment, now: Timestamp) -> Appointment {
    Appointment {
        id: booked.id.to_string(),
        meeting: booked.meeting.to_string(),
        student: booked.student_name.reveal().to_owned(),
        subject: booked.subject.as_str().to_owned(),
        teachers: booked.teachers.iter().map(|(_, it)| name(it)).collect(),
        starts: booked.start.to_string(),
        ends: booked.end.to_string(),
        opens: booked.window.opens.to_string(),
        joinable: booked.window.is_open(now),
        // One that was stopped is over, whenever it was to begin.
        phase: if booked.window.closes <= now {
            Phase::Over
        } else if now < booked.start {
            Phase::Upcoming
        } else {
            Phase::Now
        },
        outcome: outcome(booked, now).map(Into::into),
    }
}

/// What became of an appointment that is over; nothing is known of one to which nobody came.
fn outcome(booked: &store::Appointment, now: Timestamp) -> Option<Outcome> {
    let course = &booked.course;
    let came = course.school_at.or(course.family_at);
    let is_over = booked.window.closes <= now;
    (is_over && came.is_some())
        .then(|| Outcome::of(course.met_at.is_some(), course.family_at.is_some()))
}

/// For how long before it people wait for an appointment.
const WAITS: SignedDuration = SignedDuration::from_mins(30);

/// From when on it is told how it stands with those who take an appointment: half an hour before it, and
/// once it can be joined.
pub(crate) fn expected_from(booked: &store::Appointment) -> Timestamp {
    let early = booked.start.checked_sub(WAITS);
    early.unwrap_or(booked.start).min(booked.window.opens)
}

/// How it stands with those who take an appointment, for whoever waits for them, with how many of theirs
/// come `before` it: they are not told of themselves.
pub(crate) fn expected(
    house: &House,
    call: &store::Call,
    (link, reader): (LinkId, Holder),
    before: usize,
    now: Timestamp,
) -> Option<Expected> {
    let booked = &call.appointment;
    let there = house.live.presence.of(call_of(booked.meeting));
    let mut links = Vec::new();
    for one in &call.meeting.entitled {
        if one.role.is_of_the_school() {
            if one.holder == reader {
                return None;
            }
            links.extend(call.link(one.holder).map(link_of));
        }
    }
    let is_here = |link| there.iter().any(|(it, _)| *it == link);
    let school = if links.iter().any(|link| is_here(*link)) {
        SchoolState::There
    } else if links
        .iter()
        .any(|link| house.live.presence.is_seated(*link))
    {
        SchoolState::WithOthers
    } else {
        SchoolState::Away
    };
    let late = match school {
        SchoolState::There => 0,
        SchoolState::WithOthers | SchoolState::Away => now.duration_since(booked.start).as_millis(),
    };
    Some(Expected {
        meeting: booked.meeting.to_string(),
        school,
        late_ms: u32::try_from(late).unwrap_or_default(),
        before: (before > 0).then(|| count(before)),
        is_here: house.live.is_here(call_of(booked.meeting), link),
    })
}

/// One of "My Bookings".
pub(crate) fn booking(booked: &store::Appointment, now: Timestamp) -> BookingView {
    BookingView {
        appointment: appointment(booked, now),
        student: booked.student.to_string(),
        class: booked.class.to_string(),
        note: booked.note.reveal().to_owned(),
    }
}

/// An evening, as people see it.
pub(crate) fn evening(evening: &Evening, school: &School, now: Timestamp) -> EveningView {
    EveningView {
        name: evening.draft.name.as_str().to_owned(),
        school: school.name.as_str().to_owned(),
        date: evening.draft.date.to_string(),
        time_zone: evening.draft.zone.clone(),
        starts: evening.start.to_string(),
        ends: evening.end.to_string(),
        is_over: evening.end <= now,
        cancelled: cancelled(evening),
    }
}

/// Where it is cancelled, the school's words of that.
pub(crate) fn cancelled(evening: &Evening) -> Option<String> {
    let is_cancelled = evening.booking == BookingPhase::Cancelled;
    is_cancelled.then(|| evening.words.reveal().to_owned())
}

/// Whether it can be booked now.
pub(crate) fn booking_phase(evening: &Evening, now: Timestamp) -> Booking {
    match evening.booking {
        BookingPhase::NotYet => Booking::NotOpen,
        BookingPhase::Closed => Booking::Closed,
        BookingPhase::Cancelled => Booking::Cancelled,
        BookingPhase::Open if evening.check_booking(now).is_ok() => Booking::Open,
        BookingPhase::Open => Booking::Closed,
    }
}

/// Whom people ask for help, where there is anybody.
pub(crate) fn contact(school: &School) -> Option<Contact> {
    let contact = Contact {
        email: school.contact_email.clone(),
        phone: school.contact_phone.clone(),
    };
    (contact != Contact::default()).then_some(contact)
}

/// An invitation, as the parent who sent it sees it.
pub(crate) fn invitation(one: &Invitation) -> InvitationView {
    InvitationView {
        id: one.id.to_string(),
        name: one.name.reveal().to_owned(),
        email: one.email.reveal().to_owned(),
        students: one.students.iter().map(|(id, _)| id.to_string()).collect(),
        state: invitation_state(one),
        sent: one.sent_at.to_string(),
    }
}

/// How an invitation stands (INV-6).
pub(crate) const fn invitation_state(one: &Invitation) -> InvitationState {
    if one.joined_at.is_some() {
        return InvitationState::Joined;
    }
    match &one.delivery {
        None => InvitationState::NeedsApproval,
        Some(Delivery::Waiting) => InvitationState::Sending,
        Some(Delivery::Sent) => InvitationState::Sent,
        Some(Delivery::Delivered) => InvitationState::Delivered,
        Some(Delivery::Bounced { .. }) => InvitationState::Bounced,
    }
}

/// Who is in the call of an appointment now, or says that they are here for it.
pub(crate) fn present(house: &House, call: &store::Call) -> Vec<Present> {
    let there = house.live.presence.of(call_of(call.meeting.id));
    call.meeting
        .entitled
        .iter()
        .filter_map(|one| {
            let link = link_of(call.link(one.holder)?);
            let state = there.iter().find(|(it, _)| *it == link);
            let here = || {
                let is_here = house.live.is_here(call_of(call.meeting.id), link);
                is_here.then_some(Presence::Here)
            };
            Some(Present {
                name: one.name.reveal().to_owned(),
                role: one.role.into(),
                state: state.map(|(_, state)| *state).or_else(here)?,
            })
        })
        .collect()
}

/// A name, for those entitled to it.
pub(crate) fn name(name: &Name) -> String {
    name.reveal().to_owned()
}

/// Another parent whom a parent has named.
pub(crate) fn named_parent(one: &store::NamedParent) -> NamedParent {
    NamedParent {
        name: name(&one.name),
        student: name(&one.student),
        state: named_state(one.wish),
        reason: one.reason.reveal().to_owned(),
    }
}

/// What has become of one.
pub(crate) const fn named_state(wish: Wish) -> NamedState {
    match wish {
        Wish::Waits => NamedState::Waits,
        Wish::Sent => NamedState::Sent,
        Wish::Declined => NamedState::Declined,
    }
}

/// A count, as far as the API counts.
pub(crate) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
