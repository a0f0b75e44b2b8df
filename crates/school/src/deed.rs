//! Deeds: what somebody does that others must hear of, and everything that follows from it.
//!
//! A deed is carried out in three steps. The rules here say what follows, out of facts and nothing
//! else; the records carry that out in one transaction; the running calls and open pages are told.
//! Nobody else decides who is told, whose link dies or what the audit log says. `docs/deeds.md` is
//! the same in a table.

mod consequences;
mod facts;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::evening::Slot;
use crate::holder::Holder;
use crate::ids::{
    BookingId, ClassId, ContactId, EveningId, InvitationId, MeetingId, StopId, StudentId,
    TeacherId, VisitorId,
};
use crate::people::JointTeachers;
use crate::stop::KeptOut;

pub use consequences::{Change, Consequences, Entry, Told, Word, consequences};
pub use facts::{Appointment, Engagement, Facts, Invited, Span};

/// What was done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Deed {
    /// An invitation has ended (LINK-2, DIR-4).
    InvitationEnded {
        /// Which.
        invitation: InvitationId,
        /// Why.
        why: Ending,
    },
    /// A guest whom somebody invited out of a meeting may come to it no longer (LINK-2).
    VisitEnded {
        /// Who.
        visitor: VisitorId,
    },
    /// An appointment is cancelled.
    AppointmentCancelled {
        /// Which.
        booking: BookingId,
    },
    /// An appointment is at another time of its evening.
    AppointmentMoved {
        /// Which.
        booking: BookingId,
        /// Its time from now on.
        to: Slot,
    },
    /// An appointment that waited for the office goes to its class's new teachers, at a time when
    /// they are free.
    AppointmentGiven {
        /// Which.
        booking: BookingId,
        /// Its time from now on.
        to: Slot,
        /// Who takes it from now on.
        teachers: JointTeachers,
    },
    /// A class has other teachers; its appointments to come go along (EVE-13).
    TeachersChanged {
        /// Which.
        class: ClassId,
        /// Who takes it from now on.
        teachers: JointTeachers,
    },
    /// Students are in some classes no longer, and in the school still (EVE-13).
    PlacesEnded {
        /// Who, in which.
        places: BTreeSet<(StudentId, ClassId)>,
    },
    /// A teacher cannot come to an evening (EVE-13).
    TeacherIll {
        /// Which.
        evening: EveningId,
        /// Who.
        teacher: TeacherId,
        /// Who takes their appointments; nobody where they go back to the families.
        instead: Option<TeacherId>,
    },
    /// A teacher of whom it was said that they cannot come to an evening does come.
    TeacherBack {
        /// Which.
        evening: EveningId,
        /// Who.
        teacher: TeacherId,
        /// Their classes, and all who take each of them.
        classes: BTreeMap<ClassId, JointTeachers>,
    },
    /// Somebody's e-mail address is another: whoever has their link may be somebody else (LINK-3).
    AddressChanged {
        /// Whose.
        holder: Holder,
    },
    /// A court order is in force on a contact (DIR-4).
    OrderEntered {
        /// On whom.
        contact: ContactId,
    },
    /// A contact may be somebody with a court order, and waits for the office (DIR-13).
    Suspended {
        /// Who.
        contact: ContactId,
        /// Who they may be.
        barred: ContactId,
    },
    /// Two records of one person are made one (DIR-13).
    RecordsJoined {
        /// The one that stays.
        kept: ContactId,
        /// The one that goes.
        gone: ContactId,
    },
    /// A contact is no longer the guardian of some students.
    GuardianshipEnded {
        /// Who.
        contact: ContactId,
        /// Of whom.
        students: BTreeSet<StudentId>,
    },
    /// A person has left the school (DIR-11).
    Left {
        /// Who.
        person: Person,
    },
    /// A person is erased (DIR-10).
    Erased {
        /// Who.
        person: Person,
    },
    /// An evening is at other times: its appointments keep their slots' numbers.
    EveningChanged {
        /// Which.
        evening: EveningId,
        /// Its slots from now on, in order.
        slots: Vec<Slot>,
    },
    /// An evening does not take place.
    EveningCancelled {
        /// Which.
        evening: EveningId,
    },
    /// Somebody has stopped a call, for abuse (SCR-14).
    CallStopped {
        /// Names it.
        stop: StopId,
        /// Where.
        meeting: MeetingId,
        /// Who comes there no more.
        keeps_out: KeptOut,
    },
    /// The office lets back whom a stop kept out.
    LetBack {
        /// Which.
        stop: StopId,
        /// Where.
        meeting: MeetingId,
    },
}

/// Why an invitation ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ending {
    /// Its parent or the office removed it.
    Removed,
    /// The office declined it.
    Declined,
    /// Its parent is no longer the guardian of anybody whom it covers.
    NotGuardian,
    /// A court order is in force on its parent.
    InviterBarred,
    /// A court order is in force on somebody who is, or may be, its guest.
    GuestBarred(ContactId),
    /// Its parent, or the last student whom it covers, is erased.
    Erased,
    /// Its guest is erased.
    GuestErased,
}

/// A person who can leave and be erased.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Person {
    /// A parent or guardian.
    Contact(ContactId),
    /// A student.
    Student(StudentId),
    /// A guest.
    Guest(InvitationId),
    /// A teacher.
    Teacher(TeacherId),
}
