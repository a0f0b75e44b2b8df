//! Who holds which credentials of the relay: each is for one session, and ends with it.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::handle::{CallKey, PeerKey};

/// How long credentials wait for their session; a worker waits as long.
pub(crate) const TO_BE_HELD: Duration = Duration::from_secs(90);

/// How many credentials one session holds: one for each ticket that it was joined with.
const MOST_OF_ONE: usize = 4;

/// Credentials that are out.
#[derive(Debug, Default)]
pub(crate) struct Relays {
    granted: HashMap<String, Granted>,
    /// Those that no session holds yet, the oldest first.
    waiting: VecDeque<(Instant, String)>,
    held: HashMap<PeerKey, Vec<String>>,
}

/// By their user name.
#[derive(Debug)]
struct Granted {
    call: CallKey,
    worker: usize,
    password: Password,
    is_held: bool,
}

/// A password, which is never printed.
struct Password(String);

impl std::fmt::Debug for Password {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Password")
    }
}

/// Credentials as their worker knows them.
pub(crate) struct Known<'known> {
    pub(crate) username: &'known str,
    pub(crate) password: &'known str,
    pub(crate) is_held: bool,
}

/// Credentials that are to end.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Ended {
    pub(crate) username: String,
    pub(crate) call: CallKey,
    pub(crate) worker: usize,
}

impl Relays {
    /// Credentials were granted.
    pub(crate) fn grant(
        &mut self,
        (username, password): (String, String),
        (call, worker): (CallKey, usize),
        now: Instant,
    ) {
        let granted = Granted {
            call,
            worker,
            password: Password(password),
            is_held: false,
        };
        self.granted.insert(username.clone(), granted);
        self.waiting.push_back((now, username));
    }

    /// What was granted on `worker`.
    pub(crate) fn of(&self, worker: usize) -> impl Iterator<Item = Known<'_>> {
        let granted = self.granted.iter();
        granted
            .filter(move |(_, granted)| granted.worker == worker)
            .map(|(username, granted)| Known {
                username,
                password: &granted.password.0,
                is_held: granted.is_held,
            })
    }

    /// A session holds credentials from now on; gives the worker that is to know, and those that
    /// it holds no more.
    pub(crate) fn hold(&mut self, username: &str, peer: PeerKey) -> Option<(usize, Option<Ended>)> {
        let granted = self.granted.get_mut(username)?;
        let worker = granted.worker;
        let place = self
            .waiting
            .iter()
            .position(|(_, waiting)| waiting == username)?;
        self.waiting.remove(place);
        granted.is_held = true;
        let held = self.held.entry(peer).or_default();
        held.push(username.to_owned());
        let oldest = (held.len() > MOST_OF_ONE).then(|| held.remove(0));
        Some((worker, oldest.and_then(|username| self.end(username))))
    }

    /// Whether the session known as `peer` holds these.
    pub(crate) fn are_held(&self, username: &str, peer: PeerKey) -> bool {
        let held = self.held.get(&peer);
        held.is_some_and(|names| names.iter().any(|name| name == username))
    }

    /// What `from` holds is held by `peer` from now on.
    pub(crate) fn pass(&mut self, from: PeerKey, peer: PeerKey) {
        if let Some(names) = self.held.remove(&from) {
            self.held.entry(peer).or_default().extend(names);
        }
    }

    /// The session is over; gives what it held.
    pub(crate) fn release(&mut self, peer: PeerKey) -> Vec<Ended> {
        let held = self.held.remove(&peer).unwrap_or_default();
        held.into_iter()
            .filter_map(|username| self.end(username))
            .collect()
    }

    /// What no session came to hold in time.
    pub(crate) fn expired(&mut self, now: Instant) -> Vec<Ended> {
        let mut ended = Vec::new();
        while let Some((since, _)) = self.waiting.front()
            && now.saturating_duration_since(*since) > TO_BE_HELD
            && let Some((_, username)) = self.waiting.pop_front()
        {
            ended.extend(self.end(username));
        }
        ended
    }

    fn end(&mut self, username: String) -> Option<Ended> {
        let Granted { call, worker, .. } = self.granted.remove(&username)?;
        Some(Ended {
            username,
            call,
            worker,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_end_with_their_session_or_when_none_comes() {
        let mut relays = Relays::default();
        let (call, start) = (CallKey(1), Instant::now());
        relays.grant(("a".to_owned(), "x".to_owned()), (call, 2), start);
        relays.grant(("b".to_owned(), "y".to_owned()), (call, 2), start);
        assert_eq!(relays.hold("a", PeerKey(7)), Some((2, None)));
        assert_eq!(relays.hold("a", PeerKey(8)), None, "it is held already");
        assert_eq!(relays.hold("c", PeerKey(8)), None);
        assert!(relays.are_held("a", PeerKey(7)));
        assert!(!relays.are_held("a", PeerKey(8)) && !relays.are_held("b", PeerKey(7)));
        assert_eq!(relays.expired(start + TO_BE_HELD), []);
        let known = |relays: &Relays, worker| -> Vec<(String, String, bool)> {
            let mut known: Vec<_> = relays
                .of(worker)
                .map(|it| (it.username.to_owned(), it.password.to_owned(), it.is_held))
                .collect();
            known.sort();
            known
        };
        let of =
            |name: &str, password: &str, is_held| (name.to_owned(), password.to_owned(), is_held);
        assert_eq!(known(&relays, 2), [of("a", "x", true), of("b", "y", false)]);
        assert_eq!(known(&relays, 1), []);
        assert!(!format!("{relays:?}").contains("\"x\""));
        let ended = |username: &str| Ended {
            username: username.to_owned(),
            call,
            worker: 2,
        };
        let later = start + TO_BE_HELD + Duration::from_secs(1);
        assert_eq!(relays.expired(later), [ended("b")]);
        assert_eq!(relays.hold("b", PeerKey(7)), None);
        assert_eq!(relays.release(PeerKey(8)), []);
        assert_eq!(relays.release(PeerKey(7)), [ended("a")]);
        assert_eq!(relays.release(PeerKey(7)), []);
    }

    #[test]
    fn one_session_holds_a_bounded_number() {
        let mut relays = Relays::default();
        for n in 0..10 {
            let named = (n.to_string(), String::new());
            relays.grant(named, (CallKey(1), 0), Instant::now());
            let (_, oldest) = relays.hold(&n.to_string(), PeerKey(1)).expect("granted");
            assert_eq!(oldest.is_some(), n >= MOST_OF_ONE);
        }
        assert_eq!(relays.granted.len(), MOST_OF_ONE);
    }
}
