//! Who may hold a link, and who does something.

use std::fmt;

use crate::ids::{ContactId, HolderId, InvitationId, ScopeId, StaffId, TeacherId, VisitorId};

/// Who holds a link. Their own id is their id as a holder.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Holder {
    /// A parent, for an evening.
    Parent(ContactId),
    /// The guest of an invitation.
    Guest(InvitationId),
    /// A teacher, for an evening.
    Teacher(TeacherId),
    /// A member of the staff, for a room or a waiting area.
    Staff(StaffId),
    /// Somebody who came to a room or a waiting area as a guest.
    Visitor(VisitorId),
    /// Whoever has the link of a room or a waiting area, and has not said yet who they are.
    Door(ScopeId),
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
    /// A member of the staff.
    Staff,
    /// A guest of a room or a waiting area.
    Visitor,
    /// The door of a room or a waiting area: it is entitled to nothing but to let guests in by name.
    Door,
}

impl HolderKind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Parent,
        Self::Guest,
        Self::Teacher,
        Self::Staff,
        Self::Visitor,
        Self::Door,
    ];

    /// Its stable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::Guest => "guest",
            Self::Teacher => "teacher",
            Self::Staff => "staff",
            Self::Visitor => "visitor",
            Self::Door => "door",
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
            Self::Staff(_) => HolderKind::Staff,
            Self::Visitor(_) => HolderKind::Visitor,
            Self::Door(_) => HolderKind::Door,
        }
    }

    /// Their id.
    #[must_use]
    pub const fn id(self) -> HolderId {
        match self {
            Self::Parent(ContactId(id))
            | Self::Guest(InvitationId(id))
            | Self::Teacher(TeacherId(id))
            | Self::Staff(StaffId(id))
            | Self::Visitor(VisitorId(id))
            | Self::Door(ScopeId(id)) => HolderId(id),
        }
    }

    /// The holder of that kind and id.
    #[must_use]
    pub const fn new(kind: HolderKind, HolderId(id): HolderId) -> Self {
        match kind {
            HolderKind::Parent => Self::Parent(ContactId(id)),
            HolderKind::Guest => Self::Guest(InvitationId(id)),
            HolderKind::Teacher => Self::Teacher(TeacherId(id)),
            HolderKind::Staff => Self::Staff(StaffId(id)),
            HolderKind::Visitor => Self::Visitor(VisitorId(id)),
            HolderKind::Door => Self::Door(ScopeId(id)),
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
    /// A guest of a room or a waiting area, by their link.
    Visitor(VisitorId),
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
            Holder::Staff(id) => Self::Staff(id),
            Holder::Visitor(id) => Self::Visitor(id),
            Holder::Door(_) => Self::Unknown,
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
            Self::Visitor(id) => write!(f, "visitor:{id}"),
            Self::Program => f.write_str("program"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_kind_is_known_by_a_name_of_its_own() {
        let codes: HashSet<_> = HolderKind::ALL.map(HolderKind::code).into();
        assert_eq!(codes.len(), HolderKind::ALL.len());
        for kind in HolderKind::ALL {
            assert_eq!(HolderKind::of_code(kind.code()), Some(kind));
            let holder = Holder::new(kind, HolderId(7));
            assert_eq!((holder.kind(), holder.id()), (kind, HolderId(7)));
        }
        assert_eq!(HolderKind::of_code("nobody"), None);
    }

    #[test]
    fn whoever_did_something_is_written_down_by_kind_and_id() {
        let written = |kind| Actor::from(Holder::new(kind, HolderId(7))).to_string();
        assert_eq!(
            HolderKind::ALL.map(written),
            [
                "contact:7",
                "invitation:7",
                "teacher:7",
                "staff:7",
                "visitor:7",
                "unknown"
            ]
        );
        assert_eq!(Actor::Program.to_string(), "program");
    }
}
