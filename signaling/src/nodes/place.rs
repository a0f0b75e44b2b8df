//! At which node a meeting begins that is nowhere yet: where the teacher sits whose it is, or whoever else of the school comes
//! to it, so that what they have ready leads there (SCR-12); else at the node that somebody has come to, unless that has far
//! more people than another. One that is drained has it begin elsewhere.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use call::CallId;
use live::Live;
use live::presence::At;

use super::stream::Stream;
use super::{Lives, Nodes, ask};

/// How many more people than another a node may have before meetings begin there instead: ten calls. It is compared with one
/// other for each meeting, so that one that is new gets its share of them and not all at once.
const AHEAD: usize = 40;

/// Whose stream tells this node under which number.
#[derive(Debug, Default)]
pub(super) struct Tellers(Mutex<BTreeMap<u64, String>>);

impl Tellers {
    fn names(&self) -> MutexGuard<'_, BTreeMap<u64, String>> {
        // The map is whole at every step, whatever panicked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn come(&self, number: u64, name: &str) {
        self.names().insert(number, name.to_owned());
    }

    pub(super) fn go(&self, number: u64) {
        self.names().remove(&number);
    }

    fn name(&self, number: u64) -> Option<String> {
        self.names().get(&number).cloned()
    }

    /// The number of the newest stream of that node.
    fn number(&self, name: &str) -> Option<u64> {
        let names = self.names();
        let mut its = names.iter().rev().filter(|(_, its)| *its == name);
        let newest = its.next().map(|(number, _)| *number);
        drop(names);
        newest
    }
}

/// A node beside which another has so many people.
const fn is_ahead(here: usize, there: usize) -> bool {
    here > there + AHEAD
}

impl Nodes {
    /// Has a meeting that is nowhere live here, or at another node that takes meetings; none where another node has it by
    /// now. Of several nodes that find it nowhere, one has it from here on: the others bring whoever is there to that one.
    pub(super) async fn place(&self, live: &Live, call: CallId) -> Option<Lives> {
        if let Some(stream) = self.better(live, call).await {
            return Some(Lives::There(stream));
        }
        self.take(call).await
    }

    /// The stream to the node at which a meeting lives, or would begin, other than this one.
    pub(crate) async fn leads_away(&self, live: &Live, call: CallId) -> Option<Arc<Stream>> {
        match self.look(call).await {
            Ok(Lives::There(stream)) => Some(stream),
            Ok(Lives::Nowhere) => self.better(live, call).await,
            Ok(Lives::Here | Lives::Unknown) | Err(_) => None,
        }
    }

    /// The stream to the node that has it instead of this one.
    async fn better(&self, live: &Live, call: CallId) -> Option<Arc<Stream>> {
        let is_drained = !self.takes_meetings();
        let sits = match live.node_of_hosts(call).await {
            Some(At::Here) if !is_drained => return None,
            Some(At::There(number)) => self.way_to(number),
            Some(At::Here) | None => None,
        };
        if let Some(stream) = sits
            && ask::takes_meetings_soon(&stream).await
        {
            return Some(stream);
        }
        let (name, stream) = self.other(call)?;
        if is_drained {
            return Some(stream);
        }
        let there = live.presence.people_at(self.tellers.number(&name)?);
        let is_lighter = is_ahead(live.presence.people(), there);
        (is_lighter && ask::takes_meetings_soon(&stream).await).then_some(stream)
    }

    /// The stream to the node that tells under that number.
    fn way_to(&self, number: u64) -> Option<Arc<Stream>> {
        let name = self.tellers.name(number)?;
        let mut named = self.ways.named().into_iter();
        let its = named.find(|(its, _)| *its == name);
        its.map(|(_, stream)| stream)
    }

    /// One of the others: for one meeting the same one, as long as the same ones run.
    fn other(&self, call: CallId) -> Option<(String, Arc<Stream>)> {
        let mut others = self.ways.named();
        let which = call.0.checked_rem(others.len() as u64)?;
        Some(others.swap_remove(usize::try_from(which).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_tells_is_known_by_name_while_their_stream_is_there() {
        let tellers = Tellers::default();
        tellers.come(1, "north");
        tellers.come(2, "south");
        // Begun again, before the end of its older stream was seen.
        tellers.come(3, "north");
        assert_eq!(tellers.number("north"), Some(3));
        tellers.go(1);
        assert_eq!(tellers.number("north"), Some(3));
        assert_eq!(tellers.name(2).as_deref(), Some("south"));
        tellers.go(3);
        assert_eq!((tellers.number("north"), tellers.name(3)), (None, None));
    }

    #[test]
    fn a_node_is_ahead_of_another_by_more_than_ten_calls() {
        assert!(!is_ahead(AHEAD, 0) && is_ahead(AHEAD + 1, 0));
        assert!(!is_ahead(0, 0) && !is_ahead(0, AHEAD + 1));
        assert!(!is_ahead(1_000 + AHEAD, 1_000) && is_ahead(1_001 + AHEAD, 1_000));
    }
}
