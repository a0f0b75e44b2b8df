//! Who is entitled to a meeting, by what is so, and what of that is written down already.

use std::collections::BTreeSet;
use std::fmt;

use super::Role;
use crate::ids::HolderId;

/// The number of somebody in a meeting, from 1: the same for as long as there is the meeting, also
/// for who was away, and nobody else's after them.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Number(pub u32);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Somebody who is to be entitled, by what is so now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Due {
    /// Who.
    pub holder: HolderId,
    /// As what.
    pub role: Role,
}

/// Somebody who has a number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Standing {
    /// Who; nobody once they are erased.
    pub holder: Option<HolderId>,
    /// Their number.
    pub number: Number,
    /// As what.
    pub role: Role,
    /// Whether they are entitled no more.
    pub has_ended: bool,
}

/// What is to be written down: somebody new, or somebody whose right ends or begins again.
pub type Written = Standing;

/// What is to be written down of a meeting, so that those who are `due` are entitled to it and
/// nobody else. Whoever is new gets the next number, in the order given; whoever comes back keeps
/// theirs.
#[must_use]
pub fn reconcile(due: &[Due], stands: &[Standing]) -> Vec<Written> {
    let is_due = |holder| due.iter().any(|it| Some(it.holder) == holder);
    let changed = stands
        .iter()
        .filter(|it| it.has_ended == is_due(it.holder))
        .map(|it| Standing {
            has_ended: !it.has_ended,
            ..*it
        });
    let known: BTreeSet<_> = stands.iter().filter_map(|it| it.holder).collect();
    let highest = stands.iter().map(|it| it.number.0).max().unwrap_or(0);
    let new = due.iter().filter(|it| !known.contains(&it.holder));
    let new = (highest + 1..).zip(new).map(|(number, it)| Standing {
        holder: Some(it.holder),
        number: Number(number),
        role: it.role,
        has_ended: false,
    });
    changed.chain(new).collect()
}
