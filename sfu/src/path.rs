//! Where a datagram came from, and so where an answer goes: an address of UDP, or a TCP
//! connection, or an address relayed for somebody, which count as addresses of their own.

use std::net::SocketAddr;

/// One TCP connection of a worker; never used again for another.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct StreamId(pub(crate) u64);

/// One allocation of a worker's relay; never used again for another.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct AllocationId(pub(crate) u64);

/// Where a datagram came from.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Path {
    /// An address of UDP.
    Udp(SocketAddr),
    /// A TCP connection.
    Stream {
        /// Which.
        stream: StreamId,
        /// The address at its other end.
        from: SocketAddr,
    },
    /// A relayed address.
    Relay {
        /// For whom.
        allocation: AllocationId,
        /// To which of this worker's addresses the client spoke.
        at: usize,
        /// The relayed address.
        relayed: SocketAddr,
    },
}

impl Path {
    /// The address as the other side's network shows it (XOR-MAPPED-ADDRESS, RFC 8489 §14.2).
    pub(crate) const fn address(&self) -> SocketAddr {
        match self {
            Self::Udp(address) => *address,
            Self::Stream { from, .. } => *from,
            Self::Relay { relayed, .. } => *relayed,
        }
    }
}

impl From<SocketAddr> for Path {
    fn from(address: SocketAddr) -> Self {
        Self::Udp(address)
    }
}
