//! What a call remembers of links and sessions that are not in it, within bounds.

use std::collections::{BTreeMap, VecDeque};

use crate::call::seat::Occupant;
use crate::event::{Parting, Refusal};
use crate::ids::{Epoch, LinkId, SessionId};

/// How many links' epochs are known singly.
const LINKS: usize = 256;

/// How many withdrawn links are known. Whoever gives out tickets refuses a withdrawn link for
/// ever; here it only has to meet the joins that were under way.
const WITHDRAWN: usize = 1024;

/// How many ended sessions can be told why they ended.
const GONE: usize = 256;

/// The memory of one call.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Memory {
    /// The highest epoch seen of each link.
    newest: BTreeMap<LinkId, Epoch>,
    /// No link that is not in `newest` may join with this epoch or a lower one. It is the highest
    /// epoch forgotten, and so refuses no new session: epochs rise across all links.
    floor: Epoch,
    withdrawn: VecDeque<LinkId>,
    gone: VecDeque<Gone>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Gone {
    occupant: Occupant,
    parting: Parting,
}

impl Memory {
    /// Whether a session of `link` with a newer epoch, or this one, was here or heard of before.
    pub(crate) fn is_stale(&self, link: LinkId, epoch: Epoch) -> bool {
        epoch <= self.newest.get(&link).copied().unwrap_or(self.floor)
    }

    /// Whether a newer session of `link` was here or heard of.
    pub(crate) fn is_older(&self, link: LinkId, epoch: Epoch) -> bool {
        self.newest.get(&link).is_some_and(|newest| *newest > epoch)
    }

    /// `epoch` is the newest of `link`, unless a newer one is known.
    pub(crate) fn note(&mut self, link: LinkId, epoch: Epoch) {
        if self.is_stale(link, epoch) {
            return;
        }
        self.newest.insert(link, epoch);
        if self.newest.len() > LINKS
            && let Some((&oldest, &epoch)) = self.newest.iter().min_by_key(|(_, epoch)| **epoch)
        {
            self.newest.remove(&oldest);
            self.floor = self.floor.max(epoch);
        }
    }

    pub(crate) fn is_withdrawn(&self, link: LinkId) -> bool {
        self.withdrawn.contains(&link)
    }

    pub(crate) fn withdraw(&mut self, link: LinkId) {
        if !self.is_withdrawn(link) {
            push_within(&mut self.withdrawn, link, WITHDRAWN);
        }
    }

    /// Remembers a session that is over.
    pub(crate) fn bury(&mut self, occupant: Occupant, parting: Parting) {
        push_within(&mut self.gone, Gone { occupant, parting }, GONE);
    }

    /// What to answer a session that is not here and wants to come back.
    pub(crate) fn refusal(&self, session: SessionId) -> Refusal {
        let Some(gone) = self.gone.iter().find(|it| it.occupant.session == session) else {
            return Refusal::Unknown;
        };
        let link = gone.occupant.link;
        if self.is_withdrawn(link) {
            return Refusal::Withdrawn;
        }
        if self.is_older(link, gone.occupant.epoch) {
            // Also where it timed out first: whoever slept is told that another device goes on.
            return Refusal::Replaced;
        }
        match gone.parting {
            Parting::Replaced => Refusal::Replaced,
            Parting::Withdrawn => Refusal::Withdrawn,
            Parting::Ended | Parting::TimeUp | Parting::Stopped => Refusal::Ended,
            Parting::Disconnected
            | Parting::TurnedAway
            | Parting::NobodyCame
            | Parting::Left
            | Parting::TimedOut => Refusal::Unknown,
        }
    }
}

fn push_within<T>(list: &mut VecDeque<T>, item: T, bound: usize) {
    if list.len() == bound {
        list.pop_front();
    }
    list.push_back(item);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forgotten_links_epochs_stay_refused() {
        let mut memory = Memory::default();
        for n in 1..=1000 {
            memory.note(LinkId(n), Epoch(n));
        }
        assert!(memory.newest.len() <= LINKS);
        for n in 1..=1000 {
            assert!(memory.is_stale(LinkId(n), Epoch(n)), "link {n}");
            assert!(!memory.is_stale(LinkId(n), Epoch(1001)), "link {n}");
        }
        assert!(!memory.is_stale(LinkId(5000), Epoch(1001)));
    }

    #[test]
    fn memory_is_bounded() {
        let mut memory = Memory::default();
        for n in 1..=5000 {
            let occupant = Occupant {
                session: SessionId(n),
                link: LinkId(n),
                epoch: Epoch(n),
                is_host: false,
                may_hold: false,
            };
            memory.note(LinkId(n), Epoch(n));
            memory.withdraw(LinkId(n));
            memory.bury(occupant, Parting::Left);
        }
        assert_eq!(memory.newest.len(), LINKS);
        assert_eq!(memory.withdrawn.len(), WITHDRAWN);
        assert_eq!(memory.gone.len(), GONE);
    }
}
