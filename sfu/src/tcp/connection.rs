//! One TCP connection: datagrams in, datagrams out, and what bounds both.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use mio::event::Source;
use mio::net::{TcpStream, UnixStream};
use tokio::time::Instant;

use super::frames::{self, Framing, Next, Recognised};

/// How much may wait to be sent, bytes; what comes when it is full is dropped. The system holds as
/// much again.
pub(super) const MOST_WAITING: usize = 64 * 1024;

/// How long the other side may take nothing while something waits for it.
const UNMOVED: Duration = Duration::from_secs(5);

/// How much is taken from one connection in one turn, bytes; whoever sends more waits for the next,
/// and the others' media does not wait for them.
const A_TURN: usize = 16 * 1024;

/// What a datagram counts for at least, bytes: many small ones are as much work as few large ones.
const LEAST: usize = 128;

/// Whether a connection goes on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum State {
    /// It does; all that had come was read.
    Drained,
    /// It does, and more has come than was read.
    Ready,
    /// It does not.
    Over,
}

/// What carries a connection.
#[derive(Debug)]
pub(super) enum Line {
    /// A connection accepted here.
    Tcp(TcpStream),
    /// One whose other end somebody else in this process holds, who unwraps TLS.
    Unwrapped(UnixStream),
}

impl Line {
    pub(super) fn source(&mut self) -> &mut dyn Source {
        match self {
            Self::Tcp(line) => line,
            Self::Unwrapped(line) => line,
        }
    }

    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(line) => line.read(bytes),
            Self::Unwrapped(line) => line.read(bytes),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(line) => line.write(bytes),
            Self::Unwrapped(line) => line.write(bytes),
        }
    }

    /// Has the system send at once what is handed to it.
    pub(super) fn hurry(&self) -> io::Result<()> {
        match self {
            Self::Tcp(line) => line.set_nodelay(true),
            Self::Unwrapped(_) => Ok(()),
        }
    }
}

/// One connection.
#[derive(Debug)]
pub(super) struct Connection {
    line: Line,
    pub(super) from: SocketAddr,
    pub(super) since: Instant,
    /// Whether who is there has proved to be somebody.
    pub(super) is_proved: bool,
    /// Whether it waits for its turn.
    pub(super) is_ready: bool,
    /// When something came last.
    pub(super) heard: Instant,
    framing: Option<Framing>,
    /// What came and is no whole datagram yet.
    input: Vec<u8>,
    /// What waits to be sent, from `sent` on.
    pub(super) output: Vec<u8>,
    sent: usize,
    /// Since when the other side takes nothing.
    unmoved: Option<Instant>,
    /// Datagrams dropped because too much was waiting.
    pub(super) dropped: u64,
}

impl Connection {
    pub(super) const fn new(line: Line, from: SocketAddr, now: Instant) -> Self {
        Self {
            line,
            from,
            since: now,
            is_proved: false,
            is_ready: false,
            heard: now,
            framing: None,
            input: Vec::new(),
            output: Vec::new(),
            sent: 0,
            unmoved: None,
            dropped: 0,
        }
    }

    pub(super) const fn line(&mut self) -> &mut Line {
        &mut self.line
    }

    /// Takes what has come, at most so much, by way of `scratch`; hands each whole datagram to
    /// `each`, with how it stood there.
    pub(super) fn receive(
        &mut self,
        scratch: &mut [u8],
        now: Instant,
        mut each: impl FnMut(Framing, &mut [u8]),
    ) -> State {
        let mut left = A_TURN;
        loop {
            // What was left over comes first: it is taken before more is read.
            if !self.take_apart(&mut left, &mut each) {
                return State::Over;
            }
            if left == 0 {
                return State::Ready;
            }
            let came = match self.line.read(scratch) {
                Ok(0) => return State::Over,
                Ok(came) => came,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return State::Drained,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_cut) => return State::Over,
            };
            self.heard = now;
            self.input
                .extend_from_slice(scratch.get(..came).unwrap_or_default());
        }
    }

    /// Hands out the whole datagrams of the input, for as long as something is `left` of the turn;
    /// gives whether the connection goes on.
    fn take_apart(&mut self, left: &mut usize, each: &mut impl FnMut(Framing, &mut [u8])) -> bool {
        let framing = match self.framing {
            Some(framing) => framing,
            None => match frames::recognise(&self.input) {
                Recognised::NotYet => return true,
                Recognised::Foreign => return false,
                Recognised::As(framing) => *self.framing.insert(framing),
            },
        };
        let mut at = 0;
        while *left > 0 {
            let rest = self.input.get_mut(at..).unwrap_or_default();
            match framing.next(rest) {
                Next::Broken => return false,
                Next::Part => break,
                Next::Whole { start, end, next } => {
                    each(framing, rest.get_mut(start..end).unwrap_or_default());
                    at += next;
                    *left = left.saturating_sub(next.max(LEAST));
                }
            }
        }
        self.input.drain(..at);
        true
    }

    /// Lets `datagram` wait to be sent; what finds no room is dropped and counted: a packet later
    /// is worse than a packet lost.
    pub(super) fn push(&mut self, datagram: &[u8]) {
        let Some(framing) = self.framing else { return };
        if self.output.len() - self.sent + datagram.len() > MOST_WAITING {
            self.dropped += 1;
            return;
        }
        framing.write(datagram, &mut self.output);
    }

    /// Sends what waits, as much as the system takes; gives whether the connection goes on.
    pub(super) fn send(&mut self, now: Instant) -> bool {
        while self.sent < self.output.len() {
            let waiting = self.output.get(self.sent..).unwrap_or_default();
            match self.line.write(waiting) {
                Ok(0) => return false,
                Ok(taken) => {
                    self.sent += taken;
                    self.unmoved = None;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.unmoved.get_or_insert(now);
                    // What is sent goes, before it is half of what is held.
                    if self.sent > MOST_WAITING / 2 {
                        self.output.drain(..self.sent);
                        self.sent = 0;
                    }
                    return true;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_cut) => return false,
            }
        }
        self.output.clear();
        self.sent = 0;
        true
    }

    /// Whether the other side has taken nothing for too long.
    pub(super) fn is_stuck(&self, now: Instant) -> bool {
        self.unmoved
            .is_some_and(|since| now.saturating_duration_since(since) > UNMOVED)
    }
}
