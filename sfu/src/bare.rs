//! What the plane stands on, without peers, calls and forwarding: a port of UDP in batches, SRTP in
//! place, the keys that DTLS agrees on, the answer that a path's other end gives, RTCP. Whoever measures the plane speaks by the very same, so
//! that what is measured is not the difference between two ciphers.

use std::net::SocketAddr;

pub use crate::dtls::{Flight, Keys, keys_of};
pub use crate::ice::agree;
pub use crate::srtp::{Inbound, MasterKey, Outbound, Profile, Rejected};
pub use crate::udp::{Inbox, Port};
pub use crate::worker::Gather;

/// RTCP: what is read, and what is written.
pub mod rtcp {
    pub use crate::rtcp::{Message, nack, pli, read, receiver_report, transport_cc, write};
}

/// The datagrams of one turn, each receiver's cut into runs for the kernel to segment.
#[derive(Debug)]
pub struct Outbox(crate::udp::Outbox);

impl Outbox {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self(crate::udp::Outbox::new())
    }

    /// Where the next datagram is to be written; what is appended becomes one by
    /// [`Outbox::commit`].
    pub const fn arena(&mut self) -> &mut Vec<u8> {
        self.0.arena()
    }

    /// Makes all that was appended from `start` on a datagram for `receiver` at `to`.
    pub fn commit(&mut self, receiver: u32, to: SocketAddr, start: usize) {
        self.0.commit(receiver, to, start);
    }

    /// Appends `bytes` as one datagram.
    pub fn push(&mut self, receiver: u32, to: SocketAddr, bytes: &[u8]) {
        self.0.push(receiver, to, bytes);
    }

    /// Takes everything out again unsent, in the order it was put in: `take` gets each datagram.
    pub fn divert(&mut self, take: impl FnMut(&[u8])) {
        self.0.divert(take);
    }

    /// Sends everything. What the kernel has no room for is dropped.
    pub fn flush(&mut self, port: &Port) {
        self.0.flush(port);
    }

    /// How many datagrams were dropped so.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.0.dropped
    }
}

impl Default for Outbox {
    fn default() -> Self {
        Self::new()
    }
}
