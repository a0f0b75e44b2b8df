//! The handle: commands in, events out.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use mio::net::TcpListener;
use rand::distr::{Alphanumeric, SampleString as _};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::counters::Counted;
use crate::dtls::Identity;
use crate::relays::{Ended, Relays};
use crate::sdp::{Offer, SLOTS};
use crate::turn;
use crate::udp::Port;
use crate::worker::{Command, Remote, Reply, Worker};

/// How many free ports are tried where any will do.
const FREE_PORTS: u32 = 16;

/// Characters of a relay password.
const PASSWORD: usize = 24;

/// How many events may wait to be taken.
const EVENTS: usize = 4_096;

/// A call, as the media plane knows it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct CallKey(pub u64);

/// One peer connection's owner: a session, as the media plane knows it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct PeerKey(pub u64);

/// Where media is received.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address of the first worker's port, UDP and TCP; further workers take the ports that
    /// follow. Port 0 takes free ones.
    pub listen: SocketAddr,
    /// How many worker threads, each with one port; at least 1.
    pub workers: u16,
    /// The addresses to announce to browsers; empty: the address listened on, or, where that is
    /// unspecified (`0.0.0.0`), every address of this machine.
    pub announce: Vec<IpAddr>,
}

/// How a peer shows what it receives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct View {
    /// By slot.
    pub slots: [Shown; SLOTS],
}

/// How large the pictures of one slot are shown: the shorter side, device pixels; 0 where nobody
/// sees it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Shown {
    /// The camera.
    pub camera: u16,
    /// The screen.
    pub screen: u16,
}

/// Which pictures a peer is not sent because its network is too weak.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Paused {
    /// By slot.
    pub cameras: [bool; SLOTS],
    /// By slot.
    pub screens: [bool; SLOTS],
}

/// The media plane's end of a relay client's connection, whose TLS its caller unwraps.
pub type RelayLine = std::os::unix::net::UnixStream;

/// Credentials of the relay (TURN, RFC 8656), for one session.
#[derive(Clone, Eq, PartialEq)]
pub struct RelayGrant {
    /// The user name.
    pub username: String,
    /// The password.
    pub password: String,
    /// Where the relay listens, by UDP and TCP.
    pub addresses: Vec<SocketAddr>,
}

impl std::fmt::Debug for RelayGrant {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("RelayGrant").finish_non_exhaustive()
    }
}

impl Paused {
    /// How many.
    pub(crate) fn count(self) -> u64 {
        let all = self.cameras.iter().chain(&self.screens);
        all.map(|paused| u64::from(*paused)).sum()
    }
}

/// What the media plane reports.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum MediaEvent {
    /// The peer's DTLS handshake is complete: media can flow.
    Connected {
        /// Which.
        peer: PeerKey,
    },
    /// Nothing was heard from the peer for longer than consent lasts (RFC 7675 §5.1), or its DTLS
    /// handshake failed. The peer stays attached.
    Lost {
        /// Which.
        peer: PeerKey,
    },
    /// Which pictures are held back from a peer, for want of bandwidth, changed.
    Paused {
        /// In which call.
        call: CallKey,
        /// From whom.
        peer: PeerKey,
        /// All that are held back now.
        paused: Paused,
    },
    /// How much of a peer's camera anybody watches changed.
    Watched {
        /// In which call.
        call: CallKey,
        /// Whose.
        peer: PeerKey,
        /// How many of its layers, counted from the smallest: 1 to 3.
        layers: u8,
    },
    /// The set of those who speak in a call changed.
    Speaking {
        /// Which call.
        call: CallKey,
        /// Who speaks now.
        peers: Vec<PeerKey>,
    },
}

/// Why the media plane could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port is taken or may not be used.
    #[error(
        "cannot listen for media on {protocol} {address}: {source}; free that port or set media.listen to another"
    )]
    Bind {
        /// UDP or TCP.
        protocol: &'static str,
        /// Which.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// No certificate could be made, or no thread started.
    #[error("the media plane cannot start: {0}")]
    Failed(String),
}

/// Why an offer is not answered.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum OfferRefused {
    /// It is no SDP, or not in the layout that PROTOCOL.md describes.
    #[error("the offer cannot be used: {0}")]
    Malformed(String),
    /// It restarts a connection that is not the one attached.
    #[error("the offer is not a restart of the connection that is attached")]
    NotTheSame,
    /// The media plane has no room for this command now, or has stopped.
    #[error("the media plane is busy")]
    Busy,
}

/// The SDP answer, when it comes.
pub type Answering = oneshot::Receiver<Result<String, OfferRefused>>;

/// The media plane.
#[derive(Clone, Debug)]
pub struct Sfu {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    workers: Vec<Remote>,
    /// What each worker announces.
    candidates: Vec<Vec<SocketAddr>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    registry: Mutex<Registry>,
}

/// Which worker has which call and peer; a call stays where it is while a peer is attached, or
/// relay credentials for it are out.
#[derive(Debug, Default)]
struct Registry {
    calls: HashMap<CallKey, (usize, usize)>,
    peers: HashMap<PeerKey, (CallKey, usize)>,
    relays: Relays,
}

impl Registry {
    /// The worker for a peer of `call`: where the call is, else where the fewest peers are.
    fn place(&mut self, call: CallKey, peer: PeerKey, workers: usize) -> usize {
        self.forget(peer);
        let worker = self.enter(call, workers);
        self.peers.insert(peer, (call, worker));
        worker
    }

    /// One more peer, or one more credential, of `call`.
    fn enter(&mut self, call: CallKey, workers: usize) -> usize {
        let worker = self.calls.get(&call).map_or_else(
            || {
                let load = |worker: usize| {
                    self.calls
                        .values()
                        .filter(|(at, _)| *at == worker)
                        .map(|(_, peers)| peers)
                        .sum()
                };
                (0..workers)
                    .min_by_key(|worker| -> usize { load(*worker) })
                    .unwrap_or(0)
            },
            |(worker, _)| *worker,
        );
        self.calls.entry(call).or_insert((worker, 0)).1 += 1;
        worker
    }

    /// One less.
    fn leave(&mut self, call: CallKey) {
        if let Some((_, count)) = self.calls.get_mut(&call) {
            *count -= 1;
            if *count == 0 {
                self.calls.remove(&call);
            }
        }
    }

    /// Forgets a peer; gives the worker it was on. A call without peers is forgotten too.
    fn forget(&mut self, peer: PeerKey) -> Option<usize> {
        let (call, worker) = self.peers.remove(&peer)?;
        self.leave(call);
        Some(worker)
    }
}

impl Sfu {
    /// Binds the ports and starts the workers.
    ///
    /// # Errors
    ///
    /// [`StartError`] where a port is taken or no thread can be started.
    pub fn start(settings: &Settings) -> Result<(Self, mpsc::Receiver<MediaEvent>), StartError> {
        let failed = |error: &dyn std::fmt::Display| StartError::Failed(error.to_string());
        let identity = Identity::generate().map_err(|error| failed(&error))?;
        let (events, receiver) = mpsc::channel(EVENTS);
        let mut workers = Vec::new();
        let mut announced = Vec::new();
        let mut threads = Vec::new();
        for number in 0..settings.workers.max(1) {
            let mut address = settings.listen;
            if address.port() != 0 {
                address.set_port(address.port().saturating_add(number));
            }
            let (port, listener) = bind(address)?;
            let bound = port.address().map_err(|error| failed(&error))?;
            let candidates =
                announced_at(&settings.announce, bound).map_err(|error| failed(&error))?;
            let (worker, remote) = Worker::new(
                port,
                listener,
                candidates.clone(),
                identity.clone(),
                events.clone(),
            )
            .map_err(|error| failed(&error))?;
            let thread = thread::Builder::new()
                .name(format!("media-{number}"))
                .spawn(move || worker.run())
                .map_err(|error| failed(&error))?;
            workers.push(remote);
            announced.push(candidates);
            threads.push(thread);
        }
        let shared = Shared {
            workers,
            candidates: announced,
            threads: Mutex::new(threads),
            registry: Mutex::new(Registry::default()),
        };
        Ok((
            Self {
                shared: Arc::new(shared),
            },
            receiver,
        ))
    }

    /// Attaches `peer` to `call` at `seat` (0 to 3) with the offer of a fresh peer connection, in
    /// place of whatever was attached as `peer`. Never waits. Should the offer be refused, what
    /// was attached stays.
    #[expect(
        clippy::significant_drop_tightening,
        reason = "commands are handed in under the lock, so that they arrive in order"
    )]
    pub fn attach(&self, call: CallKey, peer: PeerKey, seat: u8, offer: &str) -> Answering {
        let (reply, answering) = oneshot::channel();
        match Offer::read(offer) {
            Err(refused) => answer(reply, refused),
            Ok(_) if usize::from(seat) > SLOTS => {
                answer(
                    reply,
                    OfferRefused::Malformed("there is no such seat".to_owned()),
                );
            }
            Ok(offer) => {
                let mut registry = self.registry();
                let before = registry.peers.get(&peer).map(|(_, worker)| *worker);
                let worker = registry.place(call, peer, self.shared.workers.len());
                if let Some(before) = before.filter(|before| *before != worker) {
                    self.tell(before, Command::Detach { peer });
                }
                let (offer, seat) = (Box::new(offer), usize::from(seat));
                self.tell(
                    worker,
                    Command::Attach {
                        call,
                        peer,
                        seat,
                        offer,
                        reply,
                    },
                );
            }
        }
        answering
    }

    /// Restarts ICE on the peer connection attached as `peer` (RFC 8445 §9): new credentials, the
    /// same DTLS association. Refused with [`OfferRefused::NotTheSame`] where the offer is of
    /// another peer connection.
    pub fn restart(&self, peer: PeerKey, offer: &str) -> Answering {
        let (reply, answering) = oneshot::channel();
        let worker = self.registry().peers.get(&peer).map(|(_, worker)| *worker);
        match (Offer::read(offer), worker) {
            (Err(refused), _) => answer(reply, refused),
            (Ok(_), None) => answer(reply, OfferRefused::NotTheSame),
            (Ok(offer), Some(worker)) => {
                self.tell(
                    worker,
                    Command::Restart {
                        peer,
                        offer: Box::new(offer),
                        reply,
                    },
                );
            }
        }
        answering
    }

    /// `peer` tells how it shows what it receives: nothing larger than that is sent to it, and
    /// nothing that nobody sees. Until then everything counts as shown large.
    pub fn view(&self, peer: PeerKey, view: View) {
        let registry = self.registry();
        let worker = registry.peers.get(&peer).map(|(_, worker)| *worker);
        drop(registry);
        // One that finds no room is one of many: the next tells again.
        if let Some(worker) = worker.and_then(|worker| self.shared.workers.get(worker)) {
            drop(worker.tell(Command::View { peer, view }));
        }
    }

    /// Stops forwarding to and from `peer` at once. Late or repeated calls change nothing.
    pub fn detach(&self, peer: PeerKey) {
        let mut registry = self.registry();
        if let Some(worker) = registry.forget(peer) {
            self.tell(worker, Command::Detach { peer });
        }
    }

    /// Grants credentials of the relay, named by `name`, to whoever is about to join `call`. They
    /// are good for 90 s, and from [`Sfu::hold_relay`] on until [`Sfu::end_relay`].
    #[expect(
        clippy::significant_drop_tightening,
        reason = "commands are handed in under the lock, so that they arrive in order"
    )]
    #[must_use]
    pub fn grant_relay(&self, call: CallKey, name: &str) -> RelayGrant {
        let mut registry = self.registry();
        let now = Instant::now();
        let expired = registry.relays.expired(now);
        self.end_relays(&mut registry, expired);
        let worker = registry.enter(call, self.shared.workers.len());
        let grant = RelayGrant {
            username: username(worker, name),
            password: Alphanumeric.sample_string(&mut rand::rng(), PASSWORD),
            addresses: self
                .shared
                .candidates
                .get(worker)
                .cloned()
                .unwrap_or_default(),
        };
        registry
            .relays
            .grant(grant.username.clone(), call, worker, now);
        self.tell(
            worker,
            Command::GrantRelay {
                username: grant.username.clone(),
                password: grant.password.clone(),
            },
        );
        grant
    }

    /// The session known as `peer` holds the credentials named by `name`. Where none were granted,
    /// or their time has run out, nothing changes.
    pub fn hold_relay(&self, name: &str, peer: PeerKey) {
        let mut registry = self.registry();
        for worker in 0..self.shared.workers.len() {
            let username = username(worker, name);
            if let Some((worker, oldest)) = registry.relays.hold(&username, peer) {
                self.tell(worker, Command::HoldRelay { username });
                self.end_relays(&mut registry, oldest);
            }
        }
    }

    /// The session known as `peer` is over: its credentials are void, and what was allocated with
    /// them ends at once.
    #[expect(
        clippy::significant_drop_tightening,
        reason = "commands are handed in under the lock, so that they arrive in order"
    )]
    pub fn end_relay(&self, peer: PeerKey) {
        let mut registry = self.registry();
        let ended = registry.relays.release(peer);
        self.end_relays(&mut registry, ended);
    }

    fn end_relays(&self, registry: &mut Registry, ended: impl IntoIterator<Item = Ended>) {
        for Ended {
            username,
            call,
            worker,
        } in ended
        {
            registry.leave(call);
            self.tell(worker, Command::EndRelay { username });
        }
    }

    /// What was counted since the media plane began.
    #[must_use]
    pub fn counted(&self) -> Counted {
        self.shared.workers.iter().map(Remote::counted).sum()
    }

    /// The worker that granted the credentials named by a message to the relay (RFC 8489 §14.3);
    /// `None` where it names none, or those of no worker here.
    #[must_use]
    pub fn relay_worker(&self, message: &[u8]) -> Option<usize> {
        let (worker, _) = turn::username(message)?.split_once('-')?;
        let worker = worker.parse().ok()?;
        (worker < self.shared.workers.len()).then_some(worker)
    }

    /// Takes in a client of `worker`'s relay that came over TLS from `from`; what is read from
    /// `line` is what it sent.
    pub fn adopt(&self, worker: usize, line: RelayLine, from: SocketAddr) {
        self.tell(worker, Command::Adopt { line, from });
    }

    /// Ends every worker; returns when their threads have ended. Later commands change nothing.
    pub fn stop(&self) {
        for worker in 0..self.shared.workers.len() {
            self.tell(worker, Command::Stop);
        }
        let threads = std::mem::take(
            &mut *self
                .shared
                .threads
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a media worker had failed");
            }
        }
    }

    /// Commands are handed in under the registry's lock, so that a peer's reach its worker in the
    /// order they were given.
    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.shared
            .registry
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a command to a worker. One that must not be lost is handed in again until there is
    /// room; an offer is refused instead.
    fn tell(&self, worker: usize, command: Command) {
        let Some(worker) = self.shared.workers.get(worker) else {
            return;
        };
        if let Err(back) = worker.tell(command) {
            match back {
                Command::Attach { reply, .. } | Command::Restart { reply, .. } => {
                    answer(reply, OfferRefused::Busy);
                }
                Command::View { .. } => {}
                // Whoever is at its other end sees it closed.
                Command::Adopt { .. } => {}
                // Without it somebody goes without the relay.
                Command::GrantRelay { .. } => {
                    tracing::warn!("the media plane is busy: relay credentials were not granted");
                }
                Command::Detach { .. }
                | Command::HoldRelay { .. }
                | Command::EndRelay { .. }
                | Command::Stop => worker.insist(back),
            }
        }
    }
}

/// The user name tells the worker too.
fn username(worker: usize, name: &str) -> String {
    format!("{worker}-{name}")
}

fn answer(reply: Reply, refused: OfferRefused) {
    // Who asked may have gone.
    drop(reply.send(Err(refused)));
}

/// Binds UDP and TCP ports of one number at `address`; port 0 takes free ones.
fn bind(address: SocketAddr) -> Result<(Port, TcpListener), StartError> {
    let refused = |protocol| {
        move |source| StartError::Bind {
            protocol,
            address,
            source,
        }
    };
    let mut attempts = if address.port() == 0 { FREE_PORTS } else { 1 };
    loop {
        let port = Port::bind(address).map_err(refused("UDP"))?;
        let bound = port.address().map_err(refused("UDP"))?;
        attempts -= 1;
        match TcpListener::bind(bound) {
            Ok(listener) => return Ok((port, listener)),
            // Free for UDP is not free for TCP: another number may be.
            Err(_taken) if attempts > 0 => {}
            Err(error) => return Err(refused("TCP")(error)),
        }
    }
}

/// The addresses that are announced for the port bound at `bound`, where `announce` is as in
/// [`Settings`].
///
/// # Errors
///
/// Where the system does not tell its addresses.
pub fn announced_at(announce: &[IpAddr], bound: SocketAddr) -> std::io::Result<Vec<SocketAddr>> {
    let ips = if !announce.is_empty() {
        announce.to_vec()
    } else if bound.ip().is_unspecified() {
        let mut ips: Vec<IpAddr> = rtc_shared::ifaces::ifaces()?
            .into_iter()
            .filter_map(|interface| interface.addr.map(|address| address.ip()))
            .filter(|ip| is_announceable(*ip, bound.is_ipv6()))
            .collect();
        ips.sort_by_key(IpAddr::is_loopback);
        ips.dedup();
        ips
    } else {
        vec![bound.ip()]
    };
    Ok(ips
        .into_iter()
        .map(|ip| SocketAddr::new(ip, bound.port()))
        .collect())
}

/// Link-local addresses mean nothing elsewhere, and an IPv4 socket hears no IPv6.
fn is_announceable(ip: IpAddr, v6: bool) -> bool {
    match ip {
        IpAddr::V4(v4) => !v4.is_link_local(),
        IpAddr::V6(v6_address) => v6 && !v6_address.is_unicast_link_local(),
    }
}
