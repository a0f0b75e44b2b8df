//! Who may hold a link, and who does something.

use std::fmt;

use crate::ids::{ContactId, HolderId, InvitationId, StaffId, TeacherId};

/// Who holds a link. Their own id is their id as a holder.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Holder {
    /// A parent, for an evening.
    Parent(ContactId),
    /// The guest of an invitation.
    Guest(InvitationId),
    /// A teacher, for an evening.
    Teacher(TeacherId),
}

/// Which people may be entitled to something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HolderKind {
    /// A parent or guardian.
    Parent,
    /// The guest of an invitation.
    Guest,
    /// A teacher.
    Teacher,
    /// Somebody of the office.
    Staff,
}

impl HolderKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Parent, Self::Guest, Self::Teacher, Self::Staff];

    /// Its stable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::Guest => "guest",
            Self::Teacher => "teacher",
            Self::Staff => "staff",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == code)
    }
}

impl Holder {
    /// What they are.
    #[must_use]
    pub const fn kind(self) -> HolderKind {
        match self {
            Self::Parent(_) => HolderKind::Parent,
            Self::Guest(_) => HolderKind::Guest,
            Self::Teacher(_) => HolderKind::Teacher,
        }
    }

    /// Their id.
    #[must_use]
    pub const fn id(self) -> HolderId {
        match self {
            Self::Parent(ContactId(id))
            | Self::Guest(InvitationId(id))
            | Self::Teacher(TeacherId(id)) => HolderId(id),
        }
    }

    /// The holder of that kind and id; nobody of the office holds a link.
    #[must_use]
    pub const fn new(kind: HolderKind, HolderId(id): HolderId) -> Option<Self> {
        match kind {
            HolderKind::Parent => Some(Self::Parent(ContactId(id))),
            HolderKind::Guest => Some(Self::Guest(InvitationId(id))),
            HolderKind::Teacher => Some(Self::Teacher(TeacherId(id))),
            HolderKind::Staff => None,
        }
    }
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
