//! The handle: commands in, events out.

mod registry;

use forward::seats::SLOTS;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::distr::{Alphanumeric, SampleString as _};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::addresses::Machine;
use crate::counters::Counted;
use crate::deadline::Deadline;
use crate::dtls::Identity;
use crate::keeper::{self, Keeper, Kept, Ward, Workshop};
use crate::sdp::Offer;
use crate::turn;
use crate::worker::{Command, Reply};

pub(crate) use registry::Registry;

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
    /// unspecified (`0.0.0.0`), every address of this machine, as they change.
    pub announce: Vec<IpAddr>,
    /// What tells the addresses of this machine: [`crate::machine`].
    pub machine: Machine,
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
    /// The peer's worker has failed, and what was attached with it: only a fresh connection can
    /// take its place.
    Gone {
        /// In which call.
        call: CallKey,
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

/// How the workers are.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Standing {
    /// Those that do not serve, by number from 0. Each is started anew as soon as can be; after
    /// [`Sfu::stop`] it is all of them.
    pub down: Vec<usize>,
    /// Those that were started anew so short a time ago that they may not last.
    pub anew: Vec<usize>,
    /// Those that stand still: others take their places within seconds.
    pub still: Vec<usize>,
    /// How many threads of such are left behind, which nothing can end but the program's own end.
    pub left_behind: usize,
}

/// Why the media plane could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port is taken or may not be used.
    #[error(
        "cannot listen for media on {protocol} {address}: {source}; set media.listen to an address of this machine, and a port that nothing else has"
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

impl StartError {
    /// Whether it may pass by itself: what has the port may end, and the address may come.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Bind { source, .. } => matches!(
                source.kind(),
                std::io::ErrorKind::AddrInUse | std::io::ErrorKind::AddrNotAvailable
            ),
            Self::Failed(_) => false,
        }
    }
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
    /// It restarts a connection that ended with the worker that had it: a fresh one is needed.
    #[error("the connection is gone: only a fresh one can take its place")]
    Gone,
    /// The media plane has no room for this command now, or has stopped.
    #[error("the media plane is busy")]
    Busy,
}

/// The SDP answer, when it comes.
pub type Answering = oneshot::Receiver<Result<String, OfferRefused>>;

/// Whether a prepared peer has its seat, when that is known.
pub type Seating = oneshot::Receiver<Result<(), OfferRefused>>;

/// The media plane.
#[derive(Clone, Debug)]
pub struct Sfu {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    registry: Arc<Mutex<Registry>>,
    deadline: Arc<Deadline>,
    /// Until the media plane is stopped.
    keeper: Mutex<Option<Kept>>,
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
        let announce = settings.announce.clone();
        let (workshop, notices) = Workshop::new(identity, announce, settings.machine, events);
        let deadline = Arc::clone(&workshop.deadline);
        let mut registry = Registry::default();
        let mut workers = Vec::new();
        for number in 0..settings.workers.max(1) {
            let mut address = settings.listen;
            if address.port() != 0 {
                address.set_port(address.port().saturating_add(number));
            }
            let door = keeper::bind(address)?;
            let running = workshop.start(number.into(), &door)?;
            registry.add(running.remote, running.candidates);
            workers.push(Ward::new(door, running.bound, running.thread));
        }
        let registry = Arc::new(Mutex::new(registry));
        let keeper = Keeper {
            workshop,
            notices,
            registry: Arc::clone(&registry),
            workers,
            left_behind: Vec::new(),
        };
        let keeper = keeper.start().map_err(|error| failed(&error))?;
        let shared = Arc::new(Shared {
            registry,
            deadline,
            keeper: Mutex::new(Some(keeper)),
        });
        Ok((Self { shared }, receiver))
    }

    /// From now on nothing is sent once so many microseconds have passed since `began`: whoever may say so moves that on.
    /// Each worker looks at it once a turn, whatever else of the program stands still. Without it there is no end.
    pub fn send_until(&self, began: Instant, until: Arc<AtomicU64>) {
        self.shared.deadline.set(began, until);
    }

    /// Attaches `peer` to `call` at `seat` (0 to 3) with the offer of a fresh peer connection, in
    /// place of whatever was attached as `peer`. Never waits. Should the offer be refused, what
    /// was attached stays.
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
                let before = registry.worker_of(peer);
                let Some(worker) = registry.place(call, peer, offer.connection) else {
                    answer(reply, OfferRefused::Busy);
                    return answering;
                };
                if let Some(before) = before.filter(|before| *before != worker) {
                    registry.insist(before, Command::Detach { peer });
                }
                let (offer, seat) = (Box::new(offer), usize::from(seat));
                let command = Command::Attach {
                    call,
                    peer,
                    seat,
                    offer,
                    reply,
                };
                refuse(registry.tell(worker, command));
            }
        }
        answering
    }

    /// Prepares `peer` with the offer of a fresh peer connection, where `call` is or is to be: ICE
    /// and DTLS are done, and nothing is forwarded from it or to it until [`Sfu::seat`]. The answer
    /// tells nothing of who is in the call. It ends by [`Sfu::detach`]. Never waits. Refused with
    /// [`OfferRefused::Busy`] where as many are prepared as a worker may have.
    pub fn prepare(&self, call: CallKey, peer: PeerKey, offer: &str) -> Answering {
        let (reply, answering) = oneshot::channel();
        match Offer::read(offer) {
            Err(refused) => answer(reply, refused),
            Ok(offer) => {
                let mut registry = self.registry();
                let before = registry.worker_of(peer);
                let Some(worker) = registry.prepare(call, peer, offer.connection) else {
                    answer(reply, OfferRefused::Busy);
                    return answering;
                };
                if let Some(before) = before.filter(|before| *before != worker) {
                    registry.insist(before, Command::Detach { peer });
                }
                let offer = Box::new(offer);
                refuse(registry.tell(
                    worker,
                    Command::Prepare {
                        call,
                        peer,
                        offer,
                        reply,
                    },
                ));
            }
        }
        answering
    }

    /// Gives what was prepared for `call` as `prepared`, or kept as that, the `seat` (0 to 3), as `peer`
    /// from now on, with its relay credentials, in place of whatever was attached as `peer`. Never
    /// waits. Refused with [`OfferRefused::Gone`] where a fresh connection is needed: it is not there
    /// any more, the call is on another worker, or somebody in it cannot decode what it sends.
    pub fn seat(&self, call: CallKey, prepared: PeerKey, peer: PeerKey, seat: u8) -> Seating {
        let (reply, seating) = oneshot::channel();
        let mut registry = self.registry();
        let before = registry.worker_of(peer);
        let worker = registry.promote(call, prepared, peer);
        let Some(worker) = worker.filter(|_| usize::from(seat) <= SLOTS) else {
            drop(reply.send(Err(OfferRefused::Gone)));
            return seating;
        };
        if let Some(before) = before.filter(|before| *before != worker) {
            registry.insist(before, Command::Detach { peer });
        }
        let command = Command::Seat {
            call,
            prepared,
            peer,
            seat: usize::from(seat),
            reply,
        };
        registry.insist(worker, command);
        seating
    }

    /// Takes the seat from `peer`, which stays connected as `kept` with its relay credentials, until
    /// [`Sfu::seat`] gives it one in whichever call its worker may have; it ends by [`Sfu::detach`].
    /// Nothing is forwarded from it or to it from now on. Never waits. False where it is not there, or
    /// where as many have no seat as a worker may have: then nothing changes.
    #[must_use]
    pub fn rise(&self, peer: PeerKey, kept: PeerKey) -> bool {
        let mut registry = self.registry();
        let Some(worker) = registry.rise(peer, kept) else {
            return false;
        };
        registry.insist(worker, Command::Rise { peer, kept });
        true
    }

    /// Restarts ICE on the peer connection attached as `peer` (RFC 8445 §9): new credentials, the
    /// same DTLS association. Refused with [`OfferRefused::NotTheSame`] where the offer is of
    /// another peer connection, with [`OfferRefused::Gone`] where that has ended.
    pub fn restart(&self, peer: PeerKey, offer: &str) -> Answering {
        let (reply, answering) = oneshot::channel();
        let offer = match Offer::read(offer) {
            Ok(offer) => Box::new(offer),
            Err(refused) => {
                answer(reply, refused);
                return answering;
            }
        };
        let registry = self.registry();
        if let Some(worker) = registry.worker_of(peer) {
            refuse(registry.tell(worker, Command::Restart { peer, offer, reply }));
            return answering;
        }
        let is_broken = registry.is_broken(peer, offer.connection);
        drop(registry);
        let refused = if is_broken {
            OfferRefused::Gone
        } else {
            OfferRefused::NotTheSame
        };
        answer(reply, refused);
        answering
    }

    /// `peer` tells how it shows what it receives: nothing larger than that is sent to it, and
    /// nothing that nobody sees. Until then everything counts as shown large.
    pub fn view(&self, peer: PeerKey, view: View) {
        let registry = self.registry();
        if let Some(worker) = registry.worker_of(peer) {
            // One that finds no room is one of many: the next tells again.
            drop(registry.tell(worker, Command::View { peer, view }));
        }
    }

    /// Stops forwarding to and from `peer` at once. Late or repeated calls change nothing.
    pub fn detach(&self, peer: PeerKey) {
        let mut registry = self.registry();
        if let Some(worker) = registry.forget(peer) {
            registry.insist(worker, Command::Detach { peer });
        }
    }

    /// Whether it is still to be chosen, among several workers, which of them gets `call`.
    #[must_use]
    pub fn is_to_place(&self, call: CallKey) -> bool {
        self.registry().is_to_place(call)
    }

    /// Grants credentials of the relay, named by `name`, to whoever is about to join `call`. They
    /// are good for 90 s, and from [`Sfu::hold_relay`] on until [`Sfu::end_relay`]. A call that is
    /// nowhere yet goes where `beside` is, as far as the load there allows: whoever comes from there
    /// keeps their connection ([`Sfu::rise`]).
    #[expect(
        clippy::significant_drop_tightening,
        reason = "commands are handed in under the lock, so that they arrive in order"
    )]
    #[must_use]
    pub fn grant_relay(&self, call: CallKey, beside: Option<CallKey>, name: &str) -> RelayGrant {
        let mut registry = self.registry();
        let now = Instant::now();
        registry.end_expired(now);
        // Where nobody serves, what is granted is known to the worker that serves again.
        let worker = registry.worker_beside(call, beside).unwrap_or(0);
        registry.enter(call, worker);
        let grant = RelayGrant {
            username: username(worker, name),
            password: Alphanumeric.sample_string(&mut ambient::rng(), PASSWORD),
            addresses: registry
                .get(worker)
                .map_or_else(Vec::new, |place| place.candidates.clone()),
        };
        let (username, password) = (grant.username.clone(), grant.password.clone());
        let credentials = (username.clone(), password.clone());
        registry.relays.grant(credentials, (call, worker), now);
        // Without room somebody goes without the relay.
        let told = registry.tell(worker, Command::GrantRelay { username, password });
        if told.is_err() {
            tracing::warn!("the media plane is busy: relay credentials were not granted");
        }
        grant
    }

    /// The session known as `peer` holds the credentials named by `name`. Where none were granted,
    /// or their time has run out, nothing changes. Whether it holds them now.
    pub fn hold_relay(&self, name: &str, peer: PeerKey) -> bool {
        let mut registry = self.registry();
        let mut holds = false;
        for worker in 0..registry.workers() {
            let username = username(worker, name);
            if let Some((worker, oldest)) = registry.relays.hold(&username, peer) {
                holds = true;
                registry.insist(worker, Command::HoldRelay { username });
                registry.end_relays(oldest);
            } else {
                holds |= registry.relays.are_held(&username, peer);
            }
        }
        holds
    }

    /// The session known as `peer` is over: its credentials are void, and what was allocated with
    /// them ends at once.
    pub fn end_relay(&self, peer: PeerKey) {
        let mut registry = self.registry();
        let ended = registry.relays.release(peer);
        registry.end_relays(ended);
    }

    /// What was counted since the media plane began.
    #[must_use]
    pub fn counted(&self) -> Counted {
        self.registry().counted()
    }

    /// How the workers are.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.registry().standing()
    }

    /// The worker that granted the credentials named by a message to the relay (RFC 8489 §14.3);
    /// `None` where it names none, or those of no worker here.
    #[must_use]
    pub fn relay_worker(&self, message: &[u8]) -> Option<usize> {
        let (worker, _) = turn::username(message)?.split_once('-')?;
        let worker = worker.parse().ok()?;
        (worker < self.registry().workers()).then_some(worker)
    }

    /// Takes in a client of `worker`'s relay that came over TLS from `from`; what is read from
    /// `line` is what it sent.
    pub fn adopt(&self, worker: usize, line: RelayLine, from: SocketAddr) {
        // Where there is no room, whoever is at its other end sees it closed.
        drop(self.registry().tell(worker, Command::Adopt { line, from }));
    }

    /// Ends every worker; returns when their threads have ended. Later commands change nothing.
    pub fn stop(&self) {
        self.registry().stop();
        let keeper = self
            .shared
            .keeper
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(keeper) = keeper {
            keeper.stop();
        }
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.shared
            .registry
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers an offer that its worker had no room for.
fn refuse(told: Result<(), Command>) {
    if let Err(
        Command::Attach { reply, .. }
        | Command::Prepare { reply, .. }
        | Command::Restart { reply, .. },
    ) = told
    {
        answer(reply, OfferRefused::Busy);
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
