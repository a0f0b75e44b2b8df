//! Who may hold a link, and who does something.

use std::fmt;

use crate::ids::{ContactId, InvitationId, StaffId, TeacherId};

/// Who holds a link.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Holder {
    /// A parent, for an evening.
    Parent(ContactId),
    /// The guest of an invitation.
    Guest(InvitationId),
    /// A teacher, for an evening.
    Teacher(TeacherId),
}

/// Who did something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Actor {
    /// Somebody of the office.
    Staff(StaffId),
    /// A parent, by their link.
    Parent(ContactId),
    /// A guest, by their link.
    Guest(InvitationId),
    /// A teacher, by their link.
    Teacher(TeacherId),
    /// The program by itself.
    Program,
    /// Nobody known: a sign-in that failed.
    Unknown,
}

impl From<Holder> for Actor {
    fn from(holder: Holder) -> Self {
        match holder {
            Holder::Parent(id) => Self::Parent(id),
            Holder::Guest(id) => Self::Guest(id),
            Holder::Teacher(id) => Self::Teacher(id),
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Staff(id) => write!(f, "staff:{id}"),
            Self::Parent(id) => write!(f, "contact:{id}"),
            Self::Guest(id) => write!(f, "invitation:{id}"),
            Self::Teacher(id) => write!(f, "teacher:{id}"),
            Self::Program => f.write_str("program"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}
