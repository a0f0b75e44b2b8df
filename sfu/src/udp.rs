//! One UDP port: datagrams received in batches, sent in one call a turn.

mod batch;
mod outbox;

use std::io;
use std::net::{IpAddr, SocketAddr};

pub(crate) use batch::Inbox;
pub(crate) use outbox::Outbox;

/// How much the kernel may hold for the port each way, bytes; it may grant less.
const KERNEL_BUFFER: usize = 4 * 1024 * 1024;

/// A bound port.
#[derive(Debug)]
pub(crate) struct Port {
    pub(crate) socket: mio::net::UdpSocket,
    /// Whether it is an IPv6 socket, which names IPv4 peers by mapped addresses.
    pub(crate) v6: bool,
}

impl Port {
    /// Binds `address`; port 0 takes a free one.
    pub(crate) fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = mio::net::UdpSocket::bind(address)?;
        batch::enlarge_buffers(&socket, KERNEL_BUFFER);
        Ok(Self {
            socket,
            v6: address.is_ipv6(),
        })
    }

    /// Has the kernel stamp what comes.
    pub(crate) fn stamp_arrivals(&self) -> io::Result<()> {
        batch::stamp_arrivals(&self.socket)
    }

    /// The address bound.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }
}

/// `address` as its people know it: IPv4 for a mapped IPv6 address.
fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// `address` as an IPv6 socket wants it.
fn mapped(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(v4) => SocketAddr::new(IpAddr::V6(v4.to_ipv6_mapped()), address.port()),
        IpAddr::V6(_) => address,
    }
}
