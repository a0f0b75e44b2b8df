//! What somebody of the staff may do: the rank of their account, the evenings that they manage, and the
//! table that says what each of them gives (OPS-7).

use std::collections::BTreeSet;

use crate::ids::EveningId;

/// What an account of the staff is in the school. What somebody is in one room, waiting area or evening is
/// kept with that.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rank {
    /// Does all that the office does, and says who else may do what.
    Owner,
    /// Does the school's work.
    Office,
    /// Looks at evenings, and changes nothing.
    Viewer,
    /// Has what is their own: their rooms, their waiting areas, the evenings that they manage.
    Member,
}

impl Rank {
    /// All of them, the one who may do most first.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Office, Self::Viewer, Self::Member];

    /// Its stable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Office => "office",
            Self::Viewer => "viewer",
            Self::Member => "member",
        }
    }

    /// The rank of that name.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == code)
    }

    /// Whether it gives that right, whatever evening is meant.
    #[must_use]
    pub const fn has(self, right: Right) -> bool {
        match (self, right) {
            (Self::Owner, _) | (_, Right::Own) => true,
            (Self::Office, Right::Look | Right::Evening | Right::Run)
            | (Self::Viewer, Right::Look) => true,
            (Self::Office, Right::Govern)
            | (Self::Viewer, Right::Evening | Right::Run | Right::Govern)
            | (Self::Member, Right::Look | Right::Evening | Right::Run | Right::Govern) => false,
        }
    }
}

/// What is asked of somebody who does something that not all of the staff may.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Right {
    /// What everybody of the staff has of their own.
    Own,
    /// To look at an evening: its times, its appointments, how it runs.
    Look,
    /// To run an evening that was made: to open its booking, write to its people, book for them.
    Evening,
    /// To do the school's work.
    Run,
    /// To say who signs in, and what they may do.
    Govern,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Own,
        Self::Look,
        Self::Evening,
        Self::Run,
        Self::Govern,
    ];

    /// Its stable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Look => "look",
            Self::Evening => "evening",
            Self::Run => "run",
            Self::Govern => "govern",
        }
    }

    /// Whether whoever manages an evening has it there.
    #[must_use]
    pub const fn is_of_managers(self) -> bool {
        match self {
            Self::Own | Self::Look | Self::Evening => true,
            Self::Run | Self::Govern => false,
        }
    }
}

/// What somebody of the staff may do by now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Standing {
    /// What their account is in the school.
    pub rank: Rank,
    /// The evenings that they manage.
    pub evenings: BTreeSet<EveningId>,
}

impl Standing {
    /// Whether they may do that: in this evening, or, where none is meant, in any at all.
    #[must_use]
    pub fn may(&self, right: Right, evening: Option<EveningId>) -> bool {
        let manages = match evening {
            Some(evening) => self.evenings.contains(&evening),
            None => !self.evenings.is_empty(),
        };
        self.rank.has(right) || right.is_of_managers() && manages
    }

    /// Whether there is anything for them on the office's pages.
    #[must_use]
    pub fn is_at_the_office(&self) -> bool {
        self.may(Right::Look, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table, written out.
    #[test]
    fn each_rank_has_its_rights_and_no_other() {
        for (rank, rights) in [
            (Rank::Owner, "own look evening run govern"),
            (Rank::Office, "own look evening run"),
            (Rank::Viewer, "own look"),
            (Rank::Member, "own"),
        ] {
            let has = Right::ALL.into_iter().filter(|it| rank.has(*it));
            let has: Vec<_> = has.map(Right::code).collect();
            assert_eq!(has.join(" "), rights, "{rank:?}");
            assert_eq!(Rank::of_code(rank.code()), Some(rank));
        }
    }

    #[test]
    fn whoever_manages_an_evening_has_it_there_alone() {
        let (theirs, other) = (EveningId(1), EveningId(2));
        let manager = Standing {
            rank: Rank::Member,
            evenings: BTreeSet::from([theirs]),
        };
        let nobody = Standing {
            evenings: BTreeSet::new(),
            ..manager
        };
        for right in Right::ALL {
            let is_theirs = matches!(right, Right::Own | Right::Look | Right::Evening);
            let is_own = right == Right::Own;
            assert_eq!(manager.may(right, Some(theirs)), is_theirs, "{right:?}");
            assert_eq!(manager.may(right, None), is_theirs, "{right:?}");
            assert_eq!(manager.may(right, Some(other)), is_own, "{right:?}");
            assert_eq!(nobody.may(right, Some(theirs)), is_own, "{right:?}");
            assert_eq!(nobody.may(right, None), is_own, "{right:?}");
        }
        assert!(manager.is_at_the_office() && !nobody.is_at_the_office());
        // Who looks at all of them changes those that are theirs.
        let viewer = Standing {
            rank: Rank::Viewer,
            ..manager
        };
        assert!(viewer.may(Right::Look, Some(other)) && viewer.may(Right::Evening, Some(theirs)));
        assert!(!viewer.may(Right::Evening, Some(other)));
    }
}
