//! A family's appointments in an evening: shown, booked, moved and cancelled by the parent with
//! their link, or by the office for them (EVE-2, EVE-4).

use call::LinkId;
use jiff::Timestamp;
use links::AttemptId;
use school::{BookingId, ContactId, Evening, MeetingId, Name, Note, Refusal, SlotNumber};
use store::{Actor, BookingRequest, Choice, ParentEvening, Store};
use wire::http::parent::{
    Booking, BookingView, ClassSlots, ClassView, ParentView, SlotState, SlotView, SlotsView,
    StudentView,
};

use super::ask::Shared;
use super::refused::Refused;
use super::{ask, invitations, moments, show};
use crate::deeds::Doing;
use live::roster::link_of;

/// A parent in an evening, and who books for them.
pub(super) struct Family<'h> {
    pub(super) house: &'h Shared,
    pub(super) store: &'h Store,
    pub(super) parent: ContactId,
    pub(super) evening: &'h Evening,
    pub(super) actor: Actor,
    pub(super) now: Timestamp,
}

/// What is wished for, as it is asked.
pub(super) struct Wished<'r> {
    pub(super) student: &'r str,
    pub(super) class: &'r str,
    pub(super) starts: &'r str,
    pub(super) note: &'r str,
}

impl Family<'_> {
    /// The parent's page, for whoever holds that link, or for the office.
    pub(super) async fn view(
        &self,
        name: &Name,
        link: Option<LinkId>,
    ) -> Result<ParentView, Refused> {
        let standing = link.map(|link| moments::standing(self.house, link));
        let school = self.store.school().await?;
        let seen = self
            .store
            .parent_evening(self.parent, self.evening.id, self.now)
            .await?;
        let invitations = invitations::of(self.store, self.parent, self.evening.id).await?;
        let (booking, closes) = self.door();
        Ok(ParentView {
            name: show::name(name),
            evening: show::evening(self.evening, &school, self.now),
            booking,
            booking_opens: None,
            booking_closes: Some(closes.to_string()),
            students: students(&seen),
            bookings: seen.appointments.iter().map(|one| self.show(one)).collect(),
            invitations,
            contact: show::contact(&school),
            seen: standing.map_or_else(String::new, |standing| {
                let moments = moments::of(self.evening, &seen.appointments);
                moments::seen(self.house, standing, &moments, self.now)
            }),
        })
    }

    /// Whether this actor may book, and until when: the office may until the evening is over.
    fn door(&self) -> (Booking, Timestamp) {
        match self.actor {
            Actor::Staff(_) | Actor::Program => {
                let booking = match self.evening.check_not_over(self.now) {
                    Ok(()) => Booking::Open,
                    Err(Refusal::EveningCancelled) => Booking::Cancelled,
                    Err(_over) => Booking::Closed,
                };
                (booking, self.evening.end)
            }
            Actor::Parent(_)
            | Actor::Guest(_)
            | Actor::Teacher(_)
            | Actor::Visitor(_)
            | Actor::Unknown => (
                show::booking_phase(self.evening, self.now),
                self.evening.closes(),
            ),
        }
    }

    /// When each class may be booked.
    pub(super) async fn slots(&self) -> Result<SlotsView, Refused> {
        let evening = self
            .store
            .parent_evening(self.parent, self.evening.id, self.now)
            .await?;
        let mut slots = Vec::new();
        for student in &evening.students {
            for choice in &student.classes {
                slots.push(ClassSlots {
                    student: student.id.to_string(),
                    class: choice.class.to_string(),
                    slots: choice
                        .slots
                        .iter()
                        .map(|(slot, stands)| SlotView {
                            starts: slot.start.to_string(),
                            ends: slot.end.to_string(),
                            state: state(*stands),
                        })
                        .collect(),
                });
            }
        }
        Ok(SlotsView { slots })
    }

    /// Books one slot.
    pub(super) async fn book(
        &self,
        wished: Wished<'_>,
        attempt: AttemptId,
    ) -> Result<BookingView, Refused> {
        let wish = BookingRequest {
            student: ask::id(wished.student)?,
            class: ask::id(wished.class)?,
            slot: self.slot_at(wished.starts)?,
            note: Note::read(wished.note)?,
        };
        let booked = self
            .store
            .book(
                self.parent,
                self.evening.id,
                &wish,
                Some(attempt),
                self.actor,
                self.now,
            )
            .await?;
        self.told(booked.meeting).await?;
        Ok(self.show(&booked))
    }

    /// Moves an appointment to another slot; its call stays the same.
    pub(super) async fn move_to(
        &self,
        booking: BookingId,
        starts: &str,
    ) -> Result<BookingView, Refused> {
        let booking = self.own(booking).await?.id;
        let slot = self.slot_at(starts)?;
        let parent = self.parent;
        let moved = self
            .doing()
            .perform(|it| async move {
                let moved = it.store.move_booking(parent, booking, slot, it.by, it.now);
                moved.await
            })
            .await?;
        Ok(self.show(&moved))
    }

    /// Cancels an appointment, and ends its call.
    pub(super) async fn cancel(&self, booking: BookingId) -> Result<(), Refused> {
        let booking = self.own(booking).await?.id;
        let parent = self.parent;
        self.doing()
            .perform(|it| async move {
                let cancelled = it.store.cancel_booking(parent, booking, it.by, it.now);
                cancelled.await
            })
            .await?;
        Ok(())
    }

    fn doing(&self) -> Doing {
        Doing {
            house: Shared::clone(self.house),
            store: self.store.clone(),
            by: self.actor,
            now: self.now,
        }
    }

    /// A booking of this parent's, in this evening.
    pub(super) async fn own(&self, id: BookingId) -> Result<store::Appointment, Refused> {
        let mine = self
            .store
            .appointments_of_parent(self.parent, self.evening.id)
            .await?;
        let found = mine.into_iter().find(|one| one.id == id);
        found.ok_or(Refused::Rule(Refusal::NotFound))
    }

    /// The slot that begins then.
    fn slot_at(&self, starts: &str) -> Result<SlotNumber, Refused> {
        let starts = ask::moment(starts)?;
        self.evening
            .slots()
            .find(|slot| slot.start == starts)
            .map(|slot| slot.number)
            .ok_or(Refused::Rule(Refusal::NoSuchSlot))
    }

    /// Whoever sees this booking hears that it changed.
    pub(super) async fn told(&self, meeting: MeetingId) -> Result<(), Refused> {
        let links = self.store.links_of_call(meeting).await?;
        self.house.live.news.tell(links.into_iter().map(link_of));
        self.house.wake_post();
        Ok(())
    }

    pub(super) fn show(&self, booked: &store::Appointment) -> BookingView {
        show::booking(booked, self.now)
    }
}

fn students(evening: &ParentEvening) -> Vec<StudentView> {
    let class = |choice: &Choice| ClassView {
        id: choice.class.to_string(),
        subject: choice.subject.as_str().to_owned(),
        teachers: choice
            .teachers
            .iter()
            .map(|(_, it)| show::name(it))
            .collect(),
        booked: choice.booked.map(|id| id.to_string()),
    };
    evening
        .students
        .iter()
        .map(|student| StudentView {
            id: student.id.to_string(),
            name: student.name.reveal().to_owned(),
            classes: student.classes.iter().map(class).collect(),
        })
        .collect()
}

const fn state(state: school::timetable::SlotState) -> SlotState {
    use school::timetable::SlotState as Rule;
    match state {
        Rule::Free => SlotState::Free,
        Rule::Clash => SlotState::Clash,
        Rule::Yours => SlotState::Yours,
        Rule::Taken => SlotState::Taken,
        Rule::TalkGoesOn => SlotState::TalkGoesOn,
        Rule::Past => SlotState::Past,
    }
}
