//! What a link, an e-mail or a meeting belongs to.

use crate::ids::{EveningId, RoomId, ScopeId};

/// What somebody has a link for, and is written to about. Its own id is its id as a scope.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Scope {
    /// A parents' evening.
    Evening(EveningId),
    /// A meeting room.
    Room(RoomId),
}

impl Scope {
    /// The stable name of its kind.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Evening(_) => "evening",
            Self::Room(_) => "room",
        }
    }

    /// Its id.
    #[must_use]
    pub const fn id(self) -> ScopeId {
        match self {
            Self::Evening(EveningId(id)) | Self::Room(RoomId(id)) => ScopeId(id),
        }
    }
}

impl From<EveningId> for Scope {
    fn from(id: EveningId) -> Self {
        Self::Evening(id)
    }
}

impl From<RoomId> for Scope {
    fn from(id: RoomId) -> Self {
        Self::Room(id)
    }
}
