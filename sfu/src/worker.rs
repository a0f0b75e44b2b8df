//! A worker: one thread, one port of UDP and of TCP, and the calls that live on it.
//!
//! The loop waits, receives in batches until nothing is left, forwards each packet into an arena,
//! and hands the whole turn to the kernel at its end. Nothing in it takes a lock or waits for
//! another thread; what others want comes by a bounded channel.

mod calls;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod gather;
mod peers;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use forward::time::Micros;
use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token, Waker};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::counters::{Counted, Counters};
use crate::deadline::Deadline;
use crate::dtls::Identity;
use crate::handle::{CallKey, MediaEvent, OfferRefused, PeerKey, RelayLine, View};
use crate::path::Path;
use crate::sdp::Offer;
use crate::tcp::{Framing, Receive, Streams};
use crate::turn::{self, Taken, Turn};
use crate::udp::{Detour, Inbox, Outbox, Port};
pub use gather::Gather;
use peers::Peers;

/// How many commands may wait for a worker before it takes no more of those that can be done
/// without.
const COMMANDS: usize = 1_024;

/// How many commands are obeyed before packets get their turn.
const COMMANDS_A_TURN: usize = 16;

/// How often deadlines are looked at.
const TICK: Duration = Duration::from_millis(10);

/// How many batches are received before deadlines and commands get their turn.
const BATCHES_A_TURN: usize = 16;

const SOCKET: Token = Token(0);
const WAKER: Token = Token(1);
const LISTENER: Token = Token(2);

/// The receiver of answers to those who are no peers.
const STRANGER: u32 = u32::MAX;

/// Where the answer to an offer goes.
pub(crate) type Reply = oneshot::Sender<Result<String, OfferRefused>>;

/// Where the word on a seat goes.
pub(crate) type SeatReply = oneshot::Sender<Result<(), OfferRefused>>;

/// What a worker is told.
pub(crate) enum Command {
    Prepare {
        call: CallKey,
        peer: PeerKey,
        offer: Box<Offer>,
        reply: Reply,
    },
    Seat {
        call: CallKey,
        prepared: PeerKey,
        peer: PeerKey,
        seat: usize,
        reply: SeatReply,
    },
    Rise {
        peer: PeerKey,
        kept: PeerKey,
    },
    Attach {
        call: CallKey,
        peer: PeerKey,
        seat: usize,
        offer: Box<Offer>,
        reply: Reply,
    },
    Restart {
        peer: PeerKey,
        offer: Box<Offer>,
        reply: Reply,
    },
    View {
        peer: PeerKey,
        view: View,
    },
    Detach {
        peer: PeerKey,
    },
    /// Lets whoever has these credentials use the relay.
    GrantRelay {
        username: String,
        password: String,
    },
    /// A session holds them.
    HoldRelay {
        username: String,
    },
    /// A client of the relay has come over TLS, which is unwrapped elsewhere.
    Adopt {
        line: RelayLine,
        from: SocketAddr,
    },
    /// Media is received at these addresses from now on.
    Announce {
        candidates: Vec<SocketAddr>,
    },
    /// It holds them no more.
    EndRelay {
        username: String,
    },
    Stop,
}

/// What a worker shows of itself beside its work, and is shown.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    /// How many turns it has begun.
    turns: AtomicU64,
    /// Another is in its place: it is to end, should it ever look.
    is_replaced: AtomicBool,
}

impl Pulse {
    /// Whether another is in the worker's place.
    pub(crate) fn is_replaced(&self) -> bool {
        self.is_replaced.load(Ordering::Relaxed)
    }
}

/// The other end of a worker.
#[derive(Debug)]
pub(crate) struct Remote {
    commands: Sender<Command>,
    /// How many wait.
    waiting: Arc<AtomicUsize>,
    waker: Waker,
    counters: Arc<Counters>,
    pulse: Arc<Pulse>,
}

impl Remote {
    /// How many turns the worker has begun; has it begin another, however little it has to do.
    pub(crate) fn prod(&self) -> u64 {
        let turns = self.pulse.turns.load(Ordering::Relaxed);
        // One that cannot be woken looks at its commands at its next tick.
        drop(self.waker.wake());
        turns
    }

    /// What it shows of itself.
    pub(crate) fn pulse(&self) -> Arc<Pulse> {
        Arc::clone(&self.pulse)
    }

    /// Another takes its place: it ends as soon as it looks.
    pub(crate) fn replace(&self) {
        self.pulse.is_replaced.store(true, Ordering::Relaxed);
    }

    /// What the worker has counted.
    pub(crate) fn counted(&self) -> Counted {
        self.counters.get()
    }

    /// What was counted is accounted for elsewhere.
    pub(crate) fn forget_counted(&self) {
        self.counters.set(&Counted::default());
    }

    /// Whether it takes more commands than those that must not be lost.
    pub(crate) fn has_room(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) < COMMANDS
    }

    /// Hands in a command and wakes the worker. Gives the command back where it cannot be taken.
    pub(crate) fn tell(&self, command: Command) -> Result<(), Command> {
        if !self.has_room() {
            return Err(command);
        }
        self.push(command)
    }

    /// Hands in a command that must not be lost, however many wait. There are no more of those than
    /// there are peers attached and credentials granted, which are bounded. A worker that has ended
    /// needs no command.
    pub(crate) fn insist(&self, command: Command) {
        drop(self.push(command));
    }

    fn push(&self, command: Command) -> Result<(), Command> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.commands.send(command).map_err(|error| error.0)?;
        // A worker that cannot be woken looks at its commands at its next tick.
        drop(self.waker.wake());
        Ok(())
    }
}

/// A worker, before its thread runs.
pub(crate) struct Worker {
    port: Port,
    poll: Poll,
    commands: Receiver<Command>,
    /// How many of them wait.
    waiting: Arc<AtomicUsize>,
    peers: Peers,
    streams: Streams,
    turn: Turn,
    inbox: Inbox,
    outbox: Outbox,
    started: Instant,
    received: u64,
    counters: Arc<Counters>,
    pulse: Arc<Pulse>,
    deadline: Arc<Deadline>,
}

impl Worker {
    /// Prepares a worker on `port` and `listener`, which announces `candidates`.
    pub(crate) fn new(
        mut port: Port,
        listener: TcpListener,
        candidates: Vec<SocketAddr>,
        identity: Identity,
        (events, deadline): (mpsc::Sender<MediaEvent>, Arc<Deadline>),
    ) -> io::Result<(Self, Remote)> {
        if let Some(bytes) = port.short_buffer() {
            tracing::info!(
                "the system holds {} KiB for the media port: `sysctl net.core.rmem_max=4194304` \
                 lets a flood do less harm",
                bytes / 1_024
            );
        }
        let poll = Poll::new()?;
        poll.registry()
            .register(&mut port.socket, SOCKET, Interest::READABLE)?;
        let streams = Streams::new(listener, poll.registry(), LISTENER)?;
        let waker = Waker::new(poll.registry(), WAKER)?;
        let counters = Arc::new(Counters::default());
        let pulse = Arc::new(Pulse::default());
        let (sender, commands) = channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let worker = Self {
            port,
            poll,
            commands,
            waiting: Arc::clone(&waiting),
            turn: Turn::new(candidates.clone(), Arc::clone(&identity.crypto)),
            peers: Peers::new(identity, candidates, events),
            streams,
            inbox: Inbox::new(),
            outbox: Outbox::new(),
            started: Instant::now(),
            received: 0,
            counters: Arc::clone(&counters),
            pulse: Arc::clone(&pulse),
            deadline,
        };
        Ok((
            worker,
            Remote {
                commands: sender,
                waiting,
                waker,
                counters,
                pulse,
            },
        ))
    }

    fn now(&self) -> Micros {
        Micros(u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX))
    }

    /// Runs until told to stop, or replaced.
    ///
    /// # Errors
    ///
    /// Where the port can no longer be waited for.
    pub(crate) fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(256);
        let mut next_tick = Instant::now() + TICK;
        let mut drained = true;
        let mut gather = Gather::new(Instant::now());
        loop {
            let wait = if !drained || self.waiting.load(Ordering::Relaxed) > 0 {
                Some(Duration::ZERO)
            } else if self.peers.is_empty() && self.streams.is_empty() && self.turn.is_empty() {
                None
            } else {
                Some(next_tick.saturating_duration_since(Instant::now()))
            };
            if let Err(error) = self.poll.poll(&mut events, wait)
                && error.kind() != io::ErrorKind::Interrupted
            {
                return Err(error);
            }
            self.pulse.turns.fetch_add(1, Ordering::Relaxed);
            if self.obey() {
                self.send();
                return Ok(());
            }
            // A quiet worker forwards at once. A busy one lets more come first: what leaves together
            // costs the kernel less.
            let came = events.iter().any(|event| event.token() == SOCKET);
            if drained && came && !gather.window().is_zero() {
                thread::sleep(gather.window());
            }
            let began = Instant::now();
            drained = self.receive() & self.receive_streams(&events);
            if self.is_replaced() {
                return Ok(());
            }
            if Instant::now() >= next_tick {
                next_tick = Instant::now() + TICK;
                let now = self.now();
                self.peers.tick(now, &mut self.outbox);
                self.streams.tick(Instant::now());
                self.turn.tick(now);
                self.count();
            }
            self.send();
            gather.turned(began, Instant::now());
        }
    }

    /// Whether another is in its place.
    fn is_replaced(&self) -> bool {
        self.pulse.is_replaced()
    }

    /// Lets others see what was counted.
    fn count(&self) {
        self.counters.set(&Counted {
            received: self.received,
            sent: self.outbox.sent,
            no_room: self.outbox.dropped,
            slow_connection: self.streams.dropped,
            paused: self.peers.paused(),
            lost: self.peers.lost(),
            estimated: self.peers.estimated(),
        });
    }

    /// Does what it was told; gives whether to stop.
    fn obey(&mut self) -> bool {
        for _ in 0..COMMANDS_A_TURN {
            let Ok(command) = self.commands.try_recv() else {
                return self.is_replaced();
            };
            if self.is_replaced() {
                return true;
            }
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            if self.perform(command) {
                return true;
            }
        }
        false
    }

    /// Does one thing; gives whether to stop.
    fn perform(&mut self, command: Command) -> bool {
        let now = self.now();
        match command {
            Command::Attach {
                call,
                peer,
                seat,
                offer,
                reply,
            } => {
                let answer = self.peers.attach(call, peer, seat, &offer, now);
                // Where it stood still meanwhile, nobody comes by this answer any more.
                if self.is_replaced() {
                    return true;
                }
                // Who asked may have gone; the peer is detached by its own command.
                drop(reply.send(Ok(answer)));
            }
            Command::Prepare {
                call,
                peer,
                offer,
                reply,
            } => {
                let answer = self.peers.prepare(call, peer, &offer, now);
                // Who asked may have gone; the peer is detached by its own command.
                drop(reply.send(Ok(answer)));
            }
            Command::Seat {
                call,
                prepared,
                peer,
                seat,
                reply,
            } => {
                let seated = self.peers.seat(prepared, peer, (call, seat), now);
                if self.is_replaced() {
                    return true;
                }
                drop(reply.send(seated));
            }
            Command::Rise { peer, kept } => self.peers.rise(peer, kept),
            Command::Restart { peer, offer, reply } => {
                drop(reply.send(self.peers.restart(peer, &offer)));
            }
            Command::View { peer, view } => self.peers.view(peer, &view),
            Command::Detach { peer } => self.peers.detach(peer),
            Command::GrantRelay { username, password } => {
                self.turn.grant(username, password, now);
            }
            Command::Adopt { line, from } => {
                self.streams.adopt(line, from, Instant::now());
            }
            Command::Announce { candidates } => {
                self.turn.announce(candidates.clone());
                self.peers.announce(candidates);
            }
            Command::HoldRelay { username } => self.turn.hold(&username, now),
            Command::EndRelay { username } => self.turn.revoke(&username),
            Command::Stop => return true,
        }
        false
    }

    /// Sends everything of this turn, or drops it where its time has passed.
    fn send(&mut self) {
        for path in self.peers.left() {
            self.streams.end(path);
            self.turn.forget(path);
        }
        let is_late = self.deadline.has_passed();
        if is_late {
            self.outbox.discard();
        }
        let now = self.now();
        for detour in self.outbox.detours() {
            self.send_by_detour(detour, now);
        }
        self.outbox.flush(&self.port);
        if !is_late {
            self.streams.flush(Instant::now());
        }
        for path in self.streams.ended() {
            self.peers.forget(path, now);
            self.turn.forget(path);
        }
        for path in self.turn.ended() {
            self.peers.forget(path, now);
            self.streams.end(path);
        }
    }

    /// Hands a datagram to the connection, or wrapped to the client of the relay, that it is for.
    fn send_by_detour(&mut self, detour: Detour, now: Micros) {
        let arena = self.outbox.arena();
        match detour.to {
            Path::Udp(_) => {}
            Path::Stream { stream, .. } => {
                self.streams
                    .push(stream, arena.get(detour.at).unwrap_or_default());
            }
            Path::Relay { allocation, at, .. } => {
                let length = detour.at.len();
                let Some(wrapping) = self.turn.wrap(allocation, at, length, now) else {
                    return;
                };
                let start = arena.len();
                arena.extend_from_slice(&wrapping.head);
                arena.extend_from_within(detour.at);
                arena.resize(arena.len() + wrapping.padding, 0);
                match wrapping.client {
                    to @ Path::Udp(_) => self.outbox.commit(detour.receiver, to, start),
                    Path::Stream { stream, .. } => {
                        self.streams
                            .push(stream, arena.get(start..).unwrap_or_default());
                    }
                    Path::Relay { .. } => {}
                }
            }
        }
    }

    /// Takes in what `events` tell of connections; gives whether nothing is left.
    fn receive_streams(&mut self, events: &Events) -> bool {
        for event in events {
            match event.token() {
                SOCKET | WAKER => {}
                LISTENER => self.streams.somebody_came(),
                token => self.streams.wake(token),
            }
        }
        if self.streams.is_drained() {
            return true;
        }
        let instant = Instant::now();
        let now = self.now();
        let mut room = Room {
            peers: &mut self.peers,
            turn: &mut self.turn,
            outbox: &mut self.outbox,
            now,
        };
        self.streams.receive(instant, &mut room);
        self.streams.is_drained()
    }

    /// Receives what has come; gives whether nothing is left.
    fn receive(&mut self) -> bool {
        for _ in 0..BATCHES_A_TURN {
            // A datagram that could not be delivered is reported here: nothing to do with it.
            let came = self.inbox.receive(&self.port.socket).unwrap_or(0);
            self.received += came as u64;
            let now = self.now();
            for (source, datagram) in self.inbox.datagrams() {
                let source = source.into();
                if turn::is_turn(datagram) {
                    let mut room = Room {
                        peers: &mut self.peers,
                        turn: &mut self.turn,
                        outbox: &mut self.outbox,
                        now,
                    };
                    room.relay(source, datagram);
                    continue;
                }
                self.peers.handle(source, datagram, now, &mut self.outbox);
            }
            // What comes after a batch that was not whole is told by the next event; where another is
            // in this one's place, it is that one's.
            if !self.inbox.is_full() || self.is_replaced() {
                return true;
            }
            if self.outbox.is_large() {
                self.send();
            }
        }
        false
    }
}

/// Where datagrams of connections go.
struct Room<'room> {
    peers: &'room mut Peers,
    turn: &'room mut Turn,
    outbox: &'room mut Outbox,
    now: Micros,
}

impl Room<'_> {
    /// Takes what is for the relay. What stands in it is for peers: no relay is asked through one.
    fn relay(&mut self, from: Path, datagram: &mut [u8]) {
        match self.turn.handle(from, datagram, self.now) {
            Taken::Nothing => {}
            Taken::Answer(answer) => self.outbox.push(STRANGER, from, &answer),
            Taken::Relayed { from, at } => {
                let inner = datagram.get_mut(at).unwrap_or_default();
                self.peers.handle(from, inner, self.now, self.outbox);
            }
        }
    }
}

impl Receive for Room<'_> {
    fn take(&mut self, from: Path, framing: Framing, datagram: &mut [u8]) {
        match framing {
            Framing::Length => {
                self.peers.handle(from, datagram, self.now, self.outbox);
            }
            Framing::Turn if turn::is_turn(datagram) => self.relay(from, datagram),
            Framing::Turn => {}
        }
    }

    fn knows(&self, path: Path) -> bool {
        self.peers.knows(path) || self.turn.knows(path)
    }
}
