//! What is so when something is done, as far as it bears on what follows.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::evening::{LINKS_OUTLIVE, SlotNumber};
use crate::holder::Holder;
use crate::ids::{
    BookingId, ClassId, ContactId, EveningId, InvitationId, MeetingId, StudentId, TeacherId,
    VisitorId,
};
use crate::invitation::State;
use crate::people::JointTeachers;
use crate::timetable::talk_reaches;

/// From when until when.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Span {
    /// The first moment.
    pub start: Timestamp,
    /// The moment after it.
    pub end: Timestamp,
}

impl Span {
    /// Whether a moment is in both.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// An appointment that is booked and not cancelled.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Appointment {
    /// What it is booked as.
    pub meeting: MeetingId,
    /// Its evening.
    pub evening: EveningId,
    /// Who booked it.
    pub parent: ContactId,
    /// About whom.
    pub student: StudentId,
    /// Which class.
    pub class: ClassId,
    /// Who takes it.
    pub teachers: JointTeachers,
    /// Which slot.
    pub slot: SlotNumber,
    /// When.
    pub span: Span,
}

/// An invitation that has not ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Invited {
    /// Its evening.
    pub evening: EveningId,
    /// Who invites; nobody where they were erased.
    pub inviter: Option<ContactId>,
    /// Whether it waits for the office, or is out.
    pub state: State,
    /// Whom it covers.
    pub students: BTreeSet<StudentId>,
}

/// An appointment that somebody takes, in whichever evening.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Engagement {
    /// Which.
    pub booking: BookingId,
    /// When.
    pub span: Span,
    /// Until when its talk may go on: later than its end where it was made longer.
    pub until: Timestamp,
}

impl Engagement {
    /// Whether it is then, or its talk reaches into that time.
    pub(super) fn is_at(&self, span: Span, now: Timestamp) -> bool {
        self.span.overlaps(span) || talk_reaches((self.span.end, self.until), span.start, now)
    }
}

/// The part of the records that a deed bears on. What is not here does not follow: whoever gathers
/// facts gives all appointments, invitations and links that the deed may touch.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Facts {
    /// The evenings of all that is below.
    pub evenings: BTreeMap<EveningId, Span>,
    /// Appointments.
    pub appointments: BTreeMap<BookingId, Appointment>,
    /// Invitations.
    pub invitations: BTreeMap<InvitationId, Invited>,
    /// Guests invited out of a meeting who may come to it no longer.
    pub visits: BTreeSet<VisitorId>,
    /// Links that live.
    pub links: BTreeSet<(EveningId, Holder)>,
    /// Who was sent their link by e-mail, or is about to be.
    pub written_to: BTreeSet<(EveningId, Holder)>,
    /// Contacts whom nobody writes to: those with a court order, and those who may be one of them.
    pub barred: BTreeSet<ContactId>,
    /// Invitations whose guest is, or may be, somebody with a court order: and who.
    pub alike: BTreeMap<InvitationId, ContactId>,
    /// Teachers who cannot come to an evening, and who takes their place there.
    pub away: BTreeMap<(EveningId, TeacherId), Option<TeacherId>>,
    /// What else teachers take who are to take an appointment.
    pub engaged: BTreeMap<TeacherId, Vec<Engagement>>,
    /// What else parents have whose appointments are to be at another time.
    pub attending: BTreeMap<ContactId, Vec<Engagement>>,
}

impl Facts {
    /// Whether links of the evening still open something.
    pub(super) fn is_to_come(&self, evening: EveningId, now: Timestamp) -> bool {
        let ends = self.evenings.get(&evening).map(|it| it.end);
        ends.is_some_and(|end| now < end.checked_add(LINKS_OUTLIVE).unwrap_or(Timestamp::MAX))
    }

    /// Who takes what these teachers take, in an evening: nobody where all of them are away.
    pub(super) fn meant(
        &self,
        evening: EveningId,
        teachers: &JointTeachers,
    ) -> Option<JointTeachers> {
        let all = teachers.as_slice().iter();
        let mut away = all.filter_map(|it| Some((*it, *self.away.get(&(evening, *it))?)));
        away.try_fold(teachers.clone(), |meant, (ill, instead)| {
            meant.with(ill, instead)
        })
    }

    /// The same, once another of them cannot come either.
    pub(super) fn meant_without(
        &self,
        evening: EveningId,
        teachers: &JointTeachers,
        (ill, instead): (TeacherId, Option<TeacherId>),
    ) -> Option<JointTeachers> {
        let mut away = self.away.clone();
        for ((of, _), who) in &mut away {
            if *of == evening && *who == Some(ill) {
                *who = instead;
            }
        }
        away.insert((evening, ill), instead);
        let then = Self {
            away,
            ..Self::default()
        };
        then.meant(evening, teachers)
    }

    /// The same, once that one comes after all.
    pub(super) fn meant_with(
        &self,
        evening: EveningId,
        teachers: &JointTeachers,
        back: TeacherId,
    ) -> Option<JointTeachers> {
        let mut away = self.away.clone();
        away.remove(&(evening, back));
        let then = Self {
            away,
            ..Self::default()
        };
        then.meant(evening, teachers)
    }

    /// The guests who may come to an appointment.
    pub(super) fn guests_of<'f>(
        &'f self,
        one: &'f Appointment,
    ) -> impl Iterator<Item = InvitationId> + 'f {
        let is_theirs = move |it: &Invited| {
            it.state == State::Sent
                && it.evening == one.evening
                && it.inviter == Some(one.parent)
                && it.students.contains(&one.student)
        };
        let all = self.invitations.iter();
        all.filter(move |(_, it)| is_theirs(it)).map(|(id, _)| *id)
    }

    /// Whether a teacher takes nothing else then.
    pub(super) fn is_free(
        &self,
        teacher: TeacherId,
        booking: BookingId,
        span: Span,
        now: Timestamp,
    ) -> bool {
        let engaged = self.engaged.get(&teacher).map_or(&[][..], Vec::as_slice);
        engaged
            .iter()
            .all(|it| it.booking == booking || !it.is_at(span, now))
    }
}
