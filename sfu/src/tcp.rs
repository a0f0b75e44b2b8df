//! Media over TCP, where a network lets no UDP through: ICE-TCP, passive (RFC 6544), on the port
//! of the same number.
//!
//! A connection is an address of its own kind ([`Path::Stream`]): whatever comes by it is a
//! datagram, and is judged as one. Nobody has proved anything by opening a connection, so there
//! are bounds on how many there are, in all and from one address, on how long each may go without
//! a proof, and on what waits for a slow reader.

mod connection;
mod frames;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use mio::net::TcpListener;
use mio::{Interest, Registry, Token};
use tokio::time::Instant;

use crate::handle::RelayLine;
use crate::path::{Path, StreamId};
use connection::{Connection, Line, State};

pub(crate) use frames::Framing;

/// How many connections a worker holds. When one more comes, the oldest that has proved nothing
/// goes.
const MOST: usize = 4_096;

/// How many connections one address may hold: a whole school may be one address.
const MOST_OF_ONE: u32 = 512;

/// How long a connection may take to prove that somebody who is awaited is there.
const TO_PROVE: Duration = Duration::from_secs(5);

/// How long a connection may be silent: browsers check every few seconds.
const SILENCE: Duration = Duration::from_secs(60);

/// How often is looked whose time has run out.
const SWEEP: Duration = Duration::from_millis(250);

/// How many connections are accepted in one turn.
const ACCEPTS_A_TURN: usize = 64;

/// From how many connections something is taken in one turn; the others come first in the next.
const CONNECTIONS_A_TURN: usize = 32;

/// How much the system holds for a slow reader, bytes.
const KERNEL_BUFFER: usize = 64 * 1024;

/// The first token that stands for a connection; those below it are the worker's.
const FIRST_TOKEN: usize = 16;

/// The connections of one worker.
#[derive(Debug)]
pub(crate) struct Streams {
    listener: TcpListener,
    registry: Registry,
    connections: BTreeMap<u64, Connection>,
    /// Connections held by each address, an IPv6 network of 64 bits counting as one.
    held: HashMap<IpAddr, u32>,
    next: u64,
    /// More may wait to be accepted than was.
    accepting: bool,
    /// The system had no room for one that waits.
    is_refused: bool,
    next_sweep: Instant,
    /// Those that something has come for, or room to send.
    ready: Vec<u64>,
    /// Datagrams that connections now closed were too slow for.
    pub(crate) dropped: u64,
    /// Those that have something to send.
    sending: Vec<u64>,
    /// Those that have ended since it was last asked.
    ended: Vec<Path>,
    scratch: Box<[u8]>,
}

/// A connection's datagram is handed to this; it says whether somebody is proved to be there.
pub(crate) trait Receive {
    /// Takes one datagram.
    fn take(&mut self, from: Path, framing: Framing, datagram: &mut [u8]);
    /// Whether somebody who is awaited is there.
    fn knows(&self, path: Path) -> bool;
}

/// What limits count: an address, or the network that one household or machine has in IPv6.
fn counted(address: SocketAddr) -> IpAddr {
    match address.ip() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
    }
}

impl Streams {
    /// Takes in who comes to `listener`; `token` is what the poll says when somebody does.
    pub(crate) fn new(
        mut listener: TcpListener,
        registry: &Registry,
        token: Token,
    ) -> io::Result<Self> {
        // Those accepted take it over.
        rustix::net::sockopt::set_socket_send_buffer_size(&listener, KERNEL_BUFFER)?;
        let registry = registry.try_clone()?;
        registry.register(&mut listener, token, Interest::READABLE)?;
        Ok(Self {
            listener,
            registry,
            connections: BTreeMap::new(),
            held: HashMap::new(),
            next: 0,
            accepting: false,
            is_refused: false,
            next_sweep: Instant::now(),
            ready: Vec::new(),
            dropped: 0,
            sending: Vec::new(),
            ended: Vec::new(),
            scratch: vec![0; 16 * 1024].into_boxed_slice(),
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.connections.is_empty() && !self.is_refused
    }

    /// Whether there is more to do than was done.
    pub(crate) fn is_drained(&self) -> bool {
        !self.accepting && self.ready.is_empty()
    }

    /// Somebody has come.
    pub(crate) const fn somebody_came(&mut self) {
        self.accepting = true;
    }

    /// The poll said something of a connection.
    pub(crate) fn wake(&mut self, token: Token) {
        if let Some(id) = token.0.checked_sub(FIRST_TOKEN).map(|id| id as u64)
            && let Some(connection) = self.connections.get_mut(&id)
            && !std::mem::replace(&mut connection.is_ready, true)
        {
            self.ready.push(id);
        }
    }

    /// Accepts who came and takes what they sent.
    pub(crate) fn receive(&mut self, now: Instant, receiver: &mut impl Receive) {
        if self.accepting {
            self.accept(now);
        }
        if self.ready.is_empty() {
            return;
        }
        let mut again = self
            .ready
            .split_off(CONNECTIONS_A_TURN.min(self.ready.len()));
        for id in std::mem::take(&mut self.ready) {
            let Some(connection) = self.connections.get_mut(&id) else {
                continue;
            };
            connection.is_ready = false;
            let path = Path::Stream {
                stream: StreamId(id),
                from: connection.from,
            };
            let state = connection.receive(&mut self.scratch, now, |framing, datagram| {
                receiver.take(path, framing, datagram);
            });
            if !connection.is_proved {
                connection.is_proved = receiver.knows(path);
            }
            if state == State::Ready {
                connection.is_ready = true;
                again.push(id);
            }
            if state == State::Over || !connection.send(now) {
                self.close(id);
            }
        }
        self.ready = again;
    }

    fn accept(&mut self, now: Instant) {
        self.is_refused = false;
        for _ in 0..ACCEPTS_A_TURN {
            match self.listener.accept() {
                Ok((line, from)) => self.take_in(Line::Tcp(line), from, now),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.accepting = false;
                    return;
                }
                // A connection that was cut before it was accepted.
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    // Out of file descriptors, most likely: asked again before long.
                    tracing::warn!(%error, "cannot accept a connection for media");
                    self.accepting = false;
                    self.is_refused = true;
                    return;
                }
            }
        }
    }

    /// Takes in a connection whose TLS somebody else unwraps; `from` is the address at its far
    /// end.
    pub(crate) fn adopt(&mut self, line: RelayLine, from: SocketAddr, now: Instant) {
        let ready = line.set_nonblocking(true).and_then(|()| {
            rustix::net::sockopt::set_socket_send_buffer_size(&line, KERNEL_BUFFER)
                .map_err(io::Error::from)
        });
        if ready.is_ok() {
            let line = mio::net::UnixStream::from_std(line);
            self.take_in(Line::Unwrapped(line), from, now);
        }
    }

    fn take_in(&mut self, line: Line, from: SocketAddr, now: Instant) {
        let from = SocketAddr::new(from.ip().to_canonical(), from.port());
        if !self.has_room_for(from) {
            tracing::debug!("too many connections for media, in all or from one address");
            return;
        }
        let id = self.next;
        self.next += 1;
        let mut connection = Connection::new(line, from, now);
        // One that cannot be waited for is gone already.
        if self.wait_for(id, &mut connection).is_none() {
            return;
        }
        *self.held.entry(counted(from)).or_default() += 1;
        self.connections.insert(id, connection);
    }

    /// Whether one more from there may be taken, if need be in place of one that proved nothing.
    fn has_room_for(&mut self, from: SocketAddr) -> bool {
        let held = self.held.get(&counted(from)).copied().unwrap_or_default();
        held < MOST_OF_ONE && (self.connections.len() < MOST || self.make_room())
    }

    /// Has the poll report what comes of a connection.
    fn wait_for(&self, id: u64, connection: &mut Connection) -> Option<()> {
        let token = usize::try_from(id).ok()?.checked_add(FIRST_TOKEN)?;
        let registered = self.registry.register(
            connection.line().source(),
            Token(token),
            Interest::READABLE | Interest::WRITABLE,
        );
        registered.and_then(|()| connection.line().hurry()).ok()
    }

    /// Ends the oldest connection that has proved nothing; gives whether there was one.
    fn make_room(&mut self) -> bool {
        let oldest = self
            .connections
            .iter()
            .find(|(_, connection)| !connection.is_proved)
            .map(|(id, _)| *id);
        if let Some(id) = oldest {
            self.close(id);
        }
        oldest.is_some()
    }

    /// Lets a datagram wait to be sent by [`Streams::flush`].
    pub(crate) fn push(&mut self, to: StreamId, datagram: &[u8]) {
        if let Some(connection) = self.connections.get_mut(&to.0) {
            connection.push(datagram);
            if self.sending.last() != Some(&to.0) {
                self.sending.push(to.0);
            }
        }
    }

    /// Sends what waits, as much as the system takes.
    pub(crate) fn flush(&mut self, now: Instant) {
        for id in std::mem::take(&mut self.sending) {
            let goes_on = self
                .connections
                .get_mut(&id)
                .is_none_or(|connection| connection.send(now));
            if !goes_on {
                self.close(id);
            }
        }
    }

    /// Does what is due: ends who proved nothing in time, who is silent, and who takes nothing.
    pub(crate) fn tick(&mut self, now: Instant) {
        if now < self.next_sweep {
            return;
        }
        self.next_sweep = now + SWEEP;
        self.accepting |= self.is_refused;
        let over: Vec<u64> = self
            .connections
            .iter()
            .filter(|(_, connection)| {
                let age = |since: Instant| now.saturating_duration_since(since);
                (!connection.is_proved && age(connection.since) > TO_PROVE)
                    || age(connection.heard) > SILENCE
                    || connection.is_stuck(now)
            })
            .map(|(id, _)| *id)
            .collect();
        for id in over {
            self.close(id);
        }
    }

    /// Ends the connection that `path` is, if it is one.
    pub(crate) fn end(&mut self, path: Path) {
        match path {
            Path::Udp(_) | Path::Relay { .. } => {}
            Path::Stream { stream, .. } => self.close(stream.0),
        }
    }

    fn close(&mut self, id: u64) {
        let Some(mut connection) = self.connections.remove(&id) else {
            return;
        };
        self.dropped += connection.dropped;
        if connection.dropped > 0 {
            let dropped = connection.dropped;
            tracing::debug!(
                dropped,
                "a connection for media was too slow for some of it"
            );
        }
        // Whoever is at the end of a closed socket hears no more of it either way.
        drop(self.registry.deregister(connection.line().source()));
        let place = counted(connection.from);
        if let Some(held) = self.held.get_mut(&place) {
            *held -= 1;
            if *held == 0 {
                self.held.remove(&place);
            }
        }
        self.ended.push(Path::Stream {
            stream: StreamId(id),
            from: connection.from,
        });
    }

    /// The connections that have ended since this was last asked.
    pub(crate) fn ended(&mut self) -> Vec<Path> {
        std::mem::take(&mut self.ended)
    }
}

#[cfg(test)]
mod tests;
