//! Names for everything that is kept.
//!
//! An id is a random number below 2^53, so that it says nothing about how many there are, and
//! keeps its value in JSON.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

/// Ids are below this: the numbers that JSON keeps whole (RFC 8259 §6).
pub const END: u64 = 1 << 53;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIntError;

            fn from_str(text: &str) -> Result<Self, ParseIntError> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// A school.
    SchoolId;
    /// A staff account of the office.
    StaffId;
    /// Anything that links are for: the id of an evening, a room or a waiting area.
    ScopeId;
    /// A parents' evening.
    EveningId;
    /// Anybody who may hold a link: the id of a contact, an invitation, a teacher, an
    /// account, a guest of a room or an area, or a room or an area for its door.
    HolderId;
    /// An account of a parent or guardian.
    AccountId;
    /// A teacher.
    TeacherId;
    /// A class: a subject taught to some students by 1 to 3 teachers.
    ClassId;
    /// A student.
    StudentId;
    /// A parent or guardian: a contact of one or more students.
    ContactId;
    /// A booked appointment.
    BookingId;
    /// Something that people talk in.
    MeetingId;
    /// An invitation of the one other adult.
    InvitationId;
    /// A meeting room.
    RoomId;
    /// A waiting area.
    AreaId;
    /// Somebody who came to a room or a waiting area as a guest.
    VisitorId;
    /// A parent's wish that another parent be invited.
    WishId;
    /// A name that a parent says is theirs, or a student's.
    SaidNameId;
    /// A passkey of somebody of the staff.
    PasskeyId;
    /// A call that somebody stopped for abuse.
    StopId;
    /// An e-mail in the outbox.
    MailId;
}
