//! Peer connections that are made ready before the press (SCR-11). Each belongs to one socket, and is
//! gone with it; until it has a seat nothing flows on it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use call::LinkId;
use sfu::{Answering, CallKey, PeerKey};

use crate::Live;
use crate::private::Private;

/// How many of one link there are at a time: a page that is loaded anew, and the one before it.
const MOST_OF_A_LINK: u32 = 2;

/// Their keys at the media plane are above those of sessions.
const ABOVE_SESSIONS: u64 = 1 << 63;

/// How many there are, by link.
#[derive(Debug, Default)]
pub(crate) struct PreparedPeers {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    made: u64,
    links: HashMap<LinkId, u32>,
}

impl PreparedPeers {
    fn state(&self) -> MutexGuard<'_, State> {
        // It is whole at every step, whatever panicked.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A key for one more of `link`; none where that has as many as it may.
    fn enter(&self, link: LinkId) -> Option<PeerKey> {
        let mut state = self.state();
        let count = state.links.entry(link).or_default();
        if *count >= MOST_OF_A_LINK {
            return None;
        }
        *count += 1;
        state.made += 1;
        Some(PeerKey(ABOVE_SESSIONS | state.made))
    }

    fn leave(&self, link: LinkId) {
        let mut state = self.state();
        if let Some(count) = state.links.get_mut(&link) {
            *count -= 1;
            if *count == 0 {
                state.links.remove(&link);
            }
        }
    }
}

/// A prepared peer: dropped, it and its relay credentials are gone, unless it was given a seat.
pub(crate) struct Prepared {
    live: Arc<Live>,
    link: LinkId,
    key: PeerKey,
    /// Whether it has no credentials of the relay here.
    lacks_relay: bool,
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Prepared").field(&self.key).finish()
    }
}

impl Prepared {
    /// Prepares a peer for a press of `link` on the way to `call`, with the relay credentials named
    /// by `relay`; none where the link has as many as it may.
    pub(crate) fn make(
        live: &Arc<Live>,
        link: LinkId,
        call: CallKey,
        (offer, relay): (Private<String>, &str),
    ) -> Option<(Self, Answering)> {
        let key = live.prepared.enter(link)?;
        let mut prepared = Self {
            live: Arc::clone(live),
            link,
            key,
            lacks_relay: false,
        };
        let answering = live.ports.media.prepare(call, key, offer.reveal());
        prepared.lacks_relay = !live.ports.media.hold_relay(relay, key);
        Some((prepared, answering))
    }

    /// Takes `peer`, which has a seat, out of its call, and keeps it for the next press of `link`; none
    /// where it cannot be kept.
    pub(crate) fn keep(live: &Arc<Live>, link: LinkId, peer: PeerKey) -> Option<Self> {
        let kept = Self {
            live: Arc::clone(live),
            link,
            key: live.prepared.enter(link)?,
            lacks_relay: false,
        };
        live.ports.media.rise(peer, kept.key).then_some(kept)
    }

    /// The key at the media plane.
    pub(crate) const fn key(&self) -> PeerKey {
        self.key
    }

    /// Whether those that came with its ticket are another node's: where there is no other way, it leads nowhere.
    pub(crate) const fn lacks_relay(&self) -> bool {
        self.lacks_relay
    }
}

impl Drop for Prepared {
    fn drop(&mut self) {
        self.live.ports.media.detach(self.key);
        self.live.ports.media.end_relay(self.key);
        self.live.prepared.leave(self.link);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_has_two_at_a_time_each_with_a_key_of_its_own() {
        let all = PreparedPeers::default();
        let link = LinkId(1);
        let keys = [(); 3].map(|()| all.enter(link));
        assert!(keys[0].is_some() && keys[1].is_some() && keys[0] != keys[1]);
        assert_eq!(keys[2], None);
        assert!(all.enter(LinkId(2)).is_some());
        all.leave(link);
        let again = all.enter(link);
        assert!(again.is_some() && !keys.contains(&again));
        for link in [link, link, LinkId(2)] {
            all.leave(link);
        }
        assert!(all.state().links.is_empty());
    }
}
