//! What a link, an e-mail or a meeting belongs to.

use crate::holder::Holder;
use crate::ids::{AreaId, EveningId, RoomId, ScopeId};

/// What somebody has a link for, and is written to about. Its own id is its id as a scope.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Scope {
    /// A parents' evening.
    Evening(EveningId),
    /// A meeting room.
    Room(RoomId),
    /// A waiting area.
    Area(AreaId),
}

impl Scope {
    /// The stable name of its kind.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Evening(_) => "evening",
            Self::Room(_) => "room",
            Self::Area(_) => "area",
        }
    }

    /// Its id.
    #[must_use]
    pub const fn id(self) -> ScopeId {
        match self {
            Self::Evening(EveningId(id)) | Self::Room(RoomId(id)) | Self::Area(AreaId(id)) => {
                ScopeId(id)
            }
        }
    }

    /// Whoever has its own link, and has not said yet who they are.
    #[must_use]
    pub const fn door(self) -> Holder {
        Holder::Door(self.id())
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

impl From<AreaId> for Scope {
    fn from(id: AreaId) -> Self {
        Self::Area(id)
    }
}
