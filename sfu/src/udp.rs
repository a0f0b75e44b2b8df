//! One UDP port: datagrams received in batches, sent in one call a turn.

mod batch;
mod outbox;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsFd as _;

pub use batch::Inbox;
pub(crate) use outbox::{Detour, Outbox};
use rustix::net::sockopt;

/// How much the kernel is to hold for the port each way, bytes: what a flood of 200,000 datagrams a
/// second brings while the worker waits 10 ms for its core. It may grant less.
const KERNEL_BUFFER: usize = 4 * 1024 * 1024;

/// A bound port.
#[derive(Debug)]
pub struct Port {
    /// The socket, for a poll and for [`Inbox::receive`].
    pub socket: mio::net::UdpSocket,
    /// Whether it is an IPv6 socket, which names IPv4 peers by mapped addresses.
    pub(crate) v6: bool,
}

impl Port {
    /// Binds `address`; port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = mio::net::UdpSocket::bind(address)?;
        enlarge_buffers(&socket);
        Ok(Self {
            socket,
            v6: address.is_ipv6(),
        })
    }

    /// The same port once more, for whoever is to take this one's place.
    pub(crate) fn again(&self) -> io::Result<Self> {
        let socket = self.socket.as_fd().try_clone_to_owned()?;
        Ok(Self {
            socket: mio::net::UdpSocket::from_std(socket.into()),
            v6: self.v6,
        })
    }

    /// Has the kernel stamp what comes.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn stamp_arrivals(&self) -> io::Result<()> {
        batch::stamp_arrivals(&self.socket)
    }

    /// How much the kernel holds of what came until it is received, bytes, where that is less than
    /// was asked for.
    pub(crate) fn short_buffer(&self) -> Option<usize> {
        // The kernel doubles what it grants, for its own accounts (socket(7)).
        let granted = sockopt::socket_recv_buffer_size(&self.socket).ok()? / 2;
        (granted < KERNEL_BUFFER).then_some(granted)
    }

    /// The address bound.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }
}

/// Asks the kernel for buffers: for what comes beyond the system's limit where this process may
/// (`CAP_NET_ADMIN`), else up to it. A smaller buffer is no error.
fn enlarge_buffers(socket: &mio::net::UdpSocket) {
    let _granted_or_not = sockopt::set_socket_recv_buffer_size_force(socket, KERNEL_BUFFER)
        .or_else(|_refused| sockopt::set_socket_recv_buffer_size(socket, KERNEL_BUFFER));
    let _granted_or_not = sockopt::set_socket_send_buffer_size(socket, KERNEL_BUFFER);
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
