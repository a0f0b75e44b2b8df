//! Which worker has which call, peer and credentials of the relay.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::Instant;

use crate::counters::Counted;
use crate::handle::{CallKey, PeerKey, Standing};
use crate::relays::{Ended, Relays};
use crate::worker::{Command, Remote};

/// How long a worker that was started anew must have lived to count as well again.
const STEADY: Duration = Duration::from_secs(2);

/// How many peers without a seat a worker has at most: what they cost together must be little beside
/// those who talk.
pub(crate) const MOST_PREPARED: usize = 1_000;

/// How many peers more than the least busy worker, and a quarter of those that one has, a worker may have
/// and still be given a call for the sake of whoever is there.
const SLACK: usize = 16;

/// A worker, as it is seen from here.
#[derive(Debug)]
pub(crate) struct Place {
    remote: Remote,
    /// What it announces.
    pub(crate) candidates: Vec<SocketAddr>,
    /// What those before it counted, on the same port.
    before: Counted,
    is_up: bool,
    /// When it took the place of one that failed.
    renewed: Option<Instant>,
    /// It begins no turn although it was woken.
    is_still: bool,
    /// How many peers without a seat it has.
    prepared: usize,
}

impl Place {
    /// Whether it has lived for too short a time to count as well.
    fn is_new(&self) -> bool {
        self.renewed.is_some_and(|it| it.elapsed() < STEADY)
    }
}

/// A peer that is attached.
#[derive(Clone, Copy, Debug)]
struct Attached {
    call: CallKey,
    worker: usize,
    /// The number of its peer connection.
    connection: u64,
    /// It has no seat.
    is_prepared: bool,
    /// Its next seat may be in whichever call.
    is_free: bool,
}

/// A call stays on its worker while a peer is attached, or relay credentials for it are out.
/// Commands are handed in while the registry is held, so that a peer's reach its worker in the
/// order they were given; handing in waits for nothing.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    places: Vec<Place>,
    calls: HashMap<CallKey, (usize, usize)>,
    peers: HashMap<PeerKey, Attached>,
    /// The connections that ended with their worker, of peers that have not come back.
    broken: HashMap<PeerKey, u64>,
    pub(super) relays: Relays,
    /// How many threads stand still whose places others have taken.
    pub(crate) left_behind: usize,
}

/// Who was on a worker that has failed.
#[derive(Debug, Default)]
pub(crate) struct Bereft {
    pub(crate) calls: Vec<CallKey>,
    pub(crate) peers: Vec<(CallKey, PeerKey)>,
}

impl Registry {
    /// Takes in the next worker.
    pub(super) fn add(&mut self, remote: Remote, candidates: Vec<SocketAddr>) {
        self.places.push(Place {
            remote,
            candidates,
            before: Counted::default(),
            is_up: true,
            renewed: None,
            is_still: false,
            prepared: 0,
        });
    }

    pub(crate) fn workers(&self) -> usize {
        self.places.len()
    }

    pub(crate) fn get(&self, worker: usize) -> Option<&Place> {
        self.places.get(worker)
    }

    /// How they are.
    pub(super) fn standing(&self) -> Standing {
        let those = |so: fn(&Place) -> bool| {
            let places = self.places.iter().enumerate();
            let those = places.filter(|(_, place)| so(place));
            those.map(|(worker, _)| worker).collect()
        };
        Standing {
            down: those(|place| !place.is_up),
            anew: those(|place| place.is_up && place.is_new()),
            still: those(|place| place.is_up && place.is_still),
            left_behind: self.left_behind,
        }
    }

    /// How many turns a worker has begun; has it begin another. None where it does not serve.
    pub(crate) fn prod(&self, worker: usize) -> Option<u64> {
        let place = self.places.get(worker).filter(|place| place.is_up)?;
        Some(place.remote.prod())
    }

    /// Whether a worker begins no turn although it was woken.
    pub(crate) fn set_still(&mut self, worker: usize, is_still: bool) {
        if let Some(place) = self.places.get_mut(worker) {
            place.is_still = is_still;
        }
    }

    /// What was counted by all.
    pub(super) fn counted(&self) -> Counted {
        self.places
            .iter()
            .map(|place| [place.before, place.remote.counted()].into_iter().sum())
            .sum()
    }

    /// Hands a command to a worker; gives it back where it does not serve or has no room.
    pub(crate) fn tell(&self, worker: usize, command: Command) -> Result<(), Command> {
        match self.places.get(worker) {
            Some(place) => place.remote.tell(command),
            None => Err(command),
        }
    }

    /// Hands a worker a command that must not be lost. One that has ended needs none.
    pub(crate) fn insist(&self, worker: usize, command: Command) {
        if let Some(place) = self.places.get(worker) {
            place.remote.insist(command);
        }
    }

    /// The worker that has `peer`.
    pub(super) fn worker_of(&self, peer: PeerKey) -> Option<usize> {
        Some(self.peers.get(&peer)?.worker)
    }

    /// Whether `connection` was that of a peer whose worker failed.
    pub(super) fn is_broken(&self, peer: PeerKey, connection: u64) -> bool {
        self.broken.get(&peer) == Some(&connection)
    }

    /// The worker for a peer of `call`, if it has room: where the call is, else where the fewest
    /// peers are.
    pub(super) fn place(&mut self, call: CallKey, peer: PeerKey, connection: u64) -> Option<usize> {
        let worker = self.worker_for(call)?;
        if !self.places.get(worker)?.remote.has_room() {
            return None;
        }
        let attached = Attached {
            call,
            worker,
            connection,
            is_prepared: false,
            is_free: false,
        };
        self.attach(peer, attached);
        Some(worker)
    }

    /// The same, for one that gets no seat yet.
    pub(super) fn prepare(
        &mut self,
        call: CallKey,
        peer: PeerKey,
        connection: u64,
    ) -> Option<usize> {
        let worker = self.worker_for(call)?;
        let place = self.places.get(worker)?;
        if !place.remote.has_room() || place.prepared >= MOST_PREPARED {
            return None;
        }
        let attached = Attached {
            call,
            worker,
            connection,
            is_prepared: true,
            is_free: false,
        };
        self.attach(peer, attached);
        Some(worker)
    }

    /// What was prepared for `call` is attached as `peer` from now on; gives its worker. None where
    /// it is not there, or not where the call is.
    pub(super) fn promote(
        &mut self,
        call: CallKey,
        prepared: PeerKey,
        peer: PeerKey,
    ) -> Option<usize> {
        let found = self.peers.get(&prepared).copied()?;
        let is_for_it = found.is_prepared && (found.is_free || found.call == call);
        // A call that is nowhere yet may be where somebody is who comes to it.
        let is_nowhere = found.is_free && !self.calls.contains_key(&call);
        if !is_for_it || !(is_nowhere || self.worker_for(call) == Some(found.worker)) {
            return None;
        }
        let attached = Attached {
            call,
            is_prepared: false,
            is_free: false,
            ..found
        };
        self.rename(prepared, peer, attached);
        Some(found.worker)
    }

    /// Whoever is attached as `peer` has no seat any more, and is `kept` for one in whichever call;
    /// gives the worker. None where nobody is, or where it has no room for one more without a seat.
    pub(super) fn rise(&mut self, peer: PeerKey, kept: PeerKey) -> Option<usize> {
        let found = self.peers.get(&peer).copied()?;
        let place = self.places.get(found.worker)?;
        if found.is_prepared || place.prepared >= MOST_PREPARED {
            return None;
        }
        let attached = Attached {
            is_prepared: true,
            is_free: true,
            ..found
        };
        self.rename(peer, kept, attached);
        Some(found.worker)
    }

    /// The connection of `from` is that of `to` from now on.
    fn rename(&mut self, from: PeerKey, to: PeerKey, attached: Attached) {
        let call = attached.call;
        // Its call stays where it is meanwhile.
        self.enter(call, attached.worker);
        self.forget(from);
        self.attach(to, attached);
        self.leave(call);
        self.relays.pass(from, to);
    }

    fn attach(&mut self, peer: PeerKey, attached: Attached) {
        self.forget(peer);
        self.enter(attached.call, attached.worker);
        if attached.is_prepared
            && let Some(place) = self.places.get_mut(attached.worker)
        {
            place.prepared += 1;
        }
        self.peers.insert(peer, attached);
    }

    /// The worker that has `call`, or is to have it; none where none serves.
    pub(super) fn worker_for(&self, call: CallKey) -> Option<usize> {
        self.worker_beside(call, None)
    }

    /// The same: a call that is nowhere yet goes where `beside` is, as far as the load there allows, so
    /// that whoever comes from that call keeps their connection; else where the fewest peers are.
    pub(super) fn worker_beside(&self, call: CallKey, beside: Option<CallKey>) -> Option<usize> {
        self.worker_of_call(call).or_else(|| {
            let least = (0..self.places.len())
                .filter(|worker| self.serves(*worker))
                .min_by_key(|worker| self.load(*worker))?;
            let most = self.load(least) / 4 * 5 + SLACK;
            let beside = beside.and_then(|beside| self.worker_of_call(beside));
            beside
                .filter(|worker| self.load(*worker) <= most)
                .or(Some(least))
        })
    }

    /// Whether it is still to be chosen, among several workers, which of them gets `call`.
    pub(super) fn is_to_place(&self, call: CallKey) -> bool {
        self.places.len() > 1 && self.worker_of_call(call).is_none()
    }

    /// The worker that has `call`, where it serves.
    fn worker_of_call(&self, call: CallKey) -> Option<usize> {
        let (worker, _) = self.calls.get(&call)?;
        self.serves(*worker).then_some(*worker)
    }

    fn serves(&self, worker: usize) -> bool {
        self.places.get(worker).is_some_and(|place| place.is_up)
    }

    /// How many peers, and credentials of those to come, a worker has.
    fn load(&self, worker: usize) -> usize {
        let calls = self.calls.values().filter(|(at, _)| *at == worker);
        calls.map(|(_, peers)| peers).sum()
    }

    /// One more peer, or one more credential, of `call`, which is on `worker`.
    pub(super) fn enter(&mut self, call: CallKey, worker: usize) {
        let place = self.calls.entry(call).or_insert((worker, 0));
        place.0 = worker;
        place.1 += 1;
    }

    /// One less.
    pub(super) fn leave(&mut self, call: CallKey) {
        if let Some((_, count)) = self.calls.get_mut(&call) {
            *count -= 1;
            if *count == 0 {
                self.calls.remove(&call);
            }
        }
    }

    /// Forgets a peer; gives the worker it was on. A call without peers is forgotten too.
    pub(super) fn forget(&mut self, peer: PeerKey) -> Option<usize> {
        self.broken.remove(&peer);
        let attached = self.peers.remove(&peer)?;
        if attached.is_prepared
            && let Some(place) = self.places.get_mut(attached.worker)
        {
            place.prepared -= 1;
        }
        self.leave(attached.call);
        Some(attached.worker)
    }

    /// Ends credentials of the relay.
    pub(super) fn end_relays(&mut self, ended: impl IntoIterator<Item = Ended>) {
        for Ended {
            username,
            call,
            worker,
        } in ended
        {
            self.leave(call);
            self.insist(worker, Command::EndRelay { username });
        }
    }

    /// Whether a worker took the place of one that failed, but a moment ago.
    pub(crate) fn is_new(&self, worker: usize) -> bool {
        self.places.get(worker).is_some_and(Place::is_new)
    }

    /// A worker has failed: its calls are free to go elsewhere. Gives whom it leaves behind.
    pub(crate) fn fail(&mut self, worker: usize) -> Bereft {
        let Some(place) = self.places.get_mut(worker) else {
            return Bereft::default();
        };
        place.is_up = false;
        let mut last = place.remote.counted();
        last.paused = 0;
        place.before = [place.before, last].into_iter().sum();
        place.remote.forget_counted();
        place.remote.replace();
        let mut bereft = Bereft::default();
        let peers: Vec<_> = self.peers.iter().map(|(peer, it)| (*peer, *it)).collect();
        for (peer, attached) in peers.into_iter().filter(|(_, it)| it.worker == worker) {
            self.forget(peer);
            self.broken.insert(peer, attached.connection);
            bereft.peers.push((attached.call, peer));
            if !bereft.calls.contains(&attached.call) {
                bereft.calls.push(attached.call);
            }
        }
        bereft
    }

    /// A worker was started anew in place of one that failed: it knows the same credentials.
    pub(crate) fn renew(&mut self, worker: usize, remote: Remote, candidates: Vec<SocketAddr>) {
        for granted in self.relays.of(worker) {
            remote.insist(Command::GrantRelay {
                username: granted.username.to_owned(),
                password: granted.password.to_owned(),
            });
            if granted.is_held {
                let username = granted.username.to_owned();
                remote.insist(Command::HoldRelay { username });
            }
        }
        if let Some(place) = self.places.get_mut(worker) {
            place.remote = remote;
            place.candidates = candidates;
            place.is_up = true;
            place.renewed = Some(Instant::now());
            place.is_still = false;
        }
    }

    /// A worker is to announce other addresses; tried again later where it has no room now.
    pub(crate) fn announce(&mut self, worker: usize, candidates: Vec<SocketAddr>) -> bool {
        let Some(place) = self.places.get_mut(worker) else {
            return false;
        };
        let command = Command::Announce {
            candidates: candidates.clone(),
        };
        let is_told = place.is_up && place.remote.tell(command).is_ok();
        if is_told {
            place.candidates = candidates;
        }
        is_told
    }

    /// Nobody serves any more.
    pub(super) fn stop(&mut self) {
        for place in &mut self.places {
            place.is_up = false;
            place.remote.insist(Command::Stop);
        }
    }

    /// What nobody came to hold in time.
    pub(super) fn end_expired(&mut self, now: Instant) {
        let expired = self.relays.expired(now);
        self.end_relays(expired);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::Receiver;

    use tokio::sync::mpsc;

    use super::*;
    use crate::dtls::Identity;
    use crate::handle::MediaEvent;
    use crate::keeper::{self, Notice, Running, Workshop};

    fn start(workshop: &Workshop, worker: usize) -> Running {
        let door = keeper::bind(([127, 0, 0, 1], 0).into()).expect("loopback");
        workshop.start(worker, &door).expect("a thread")
    }

    /// A registry of two workers, and what must live as long as they do.
    fn two() -> (
        Registry,
        Workshop,
        Receiver<Notice>,
        mpsc::Receiver<MediaEvent>,
    ) {
        let identity = Identity::generate().expect("a certificate");
        let (events, reported) = mpsc::channel(16);
        let (workshop, notices) = Workshop::new(identity, Vec::new(), crate::machine, events);
        let mut registry = Registry::default();
        for worker in 0..2 {
            let running = start(&workshop, worker);
            registry.add(running.remote, running.candidates);
        }
        (registry, workshop, notices, reported)
    }

    #[test]
    fn a_worker_that_failed_gets_nobody_until_it_serves_again() {
        let (mut registry, workshop, _notices, _reported) = two();
        let calls = [1, 2, 3].map(CallKey);
        for (call, expected) in calls.into_iter().zip([0, 1, 0]) {
            assert_eq!(
                registry.place(call, PeerKey(call.0), call.0),
                Some(expected)
            );
        }
        let bereft = registry.fail(0);
        assert_eq!(registry.standing().down, [0]);
        let mut left = bereft.peers;
        left.sort_by_key(|(_, peer)| peer.0);
        assert_eq!(left, [(calls[0], PeerKey(1)), (calls[2], PeerKey(3))]);
        assert_eq!(bereft.calls.len(), 2);
        assert!(registry.is_broken(PeerKey(1), 1) && !registry.is_broken(PeerKey(2), 2));
        assert!(!registry.is_broken(PeerKey(1), 7), "another connection");
        assert_eq!(registry.worker_of(PeerKey(1)), None);
        assert_eq!(registry.place(calls[0], PeerKey(1), 8), Some(1));
        assert!(!registry.is_broken(PeerKey(1), 1), "it has come back");
        registry.fail(1);
        assert_eq!(
            registry.place(CallKey(9), PeerKey(9), 9),
            None,
            "nobody serves"
        );
        assert_eq!(registry.standing().down, [0, 1]);
        let running = start(&workshop, 0);
        registry.renew(0, running.remote, running.candidates.clone());
        assert_eq!(registry.standing().down, [1]);
        assert_eq!(registry.standing().anew, [0]);
        assert_eq!(registry.place(CallKey(9), PeerKey(9), 9), Some(0));
        let announced = registry.get(0).map(|place| place.candidates.clone());
        assert_eq!(announced, Some(running.candidates));
        registry.stop();
    }

    #[test]
    fn a_call_goes_beside_another_as_far_as_the_load_there_allows() {
        let (mut registry, _workshop, _notices, _reported) = two();
        let (first, next) = (CallKey(1), CallKey(2));
        assert_eq!(registry.place(first, PeerKey(1), 1), Some(0));
        assert!(registry.is_to_place(next) && !registry.is_to_place(first));
        assert_eq!(registry.worker_for(next), Some(1), "the fewest are there");
        assert_eq!(registry.worker_beside(next, Some(first)), Some(0));
        let nowhere = Some(CallKey(9));
        assert_eq!(registry.worker_beside(next, nowhere), Some(1));
        assert_eq!(registry.worker_beside(first, Some(next)), Some(0), "it is");
        for peer in 2..=SLACK as u64 {
            registry.place(first, PeerKey(peer), peer);
        }
        assert_eq!(registry.worker_beside(next, Some(first)), Some(0));
        registry.place(first, PeerKey(99), 99);
        assert_eq!(registry.worker_beside(next, Some(first)), Some(1));
        registry.fail(0);
        assert_eq!(registry.worker_beside(next, Some(first)), Some(1));
        registry.stop();
    }

    #[test]
    fn credentials_outlive_a_worker_and_keep_no_call_on_one_that_failed() {
        let (mut registry, workshop, _notices, _reported) = two();
        let (call, now) = (CallKey(1), Instant::now());
        registry.enter(call, 0);
        let credentials = ("0-name".to_owned(), "password".to_owned());
        registry.relays.grant(credentials, (call, 0), now);
        assert_eq!(registry.worker_for(call), Some(0));
        registry.fail(0);
        assert_eq!(registry.worker_for(call), Some(1));
        let running = start(&workshop, 0);
        registry.renew(0, running.remote, running.candidates);
        assert_eq!(registry.relays.of(0).count(), 1);
        assert_eq!(registry.worker_for(call), Some(0));
        registry.stop();
    }
}
