//! A TCP port that is ours, from before anything is served on it.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};

use crate::listen;

/// How much the system keeps for a reader who is slow. That some of it was taken is noticed by
/// thirds: with less, a reader is slower before they count as one who takes nothing.
const SEND_BUFFER: u32 = 64 * 1024;

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// When whoever connects is not refused any more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Opens {
    /// At once, to wait until they are served: they have nowhere else to go.
    Now,
    /// When it serves: whoever is refused is served by another node, and a program that does not come to serve anybody
    /// takes nobody's time.
    Serving,
}

/// A port that no other program can serve on.
#[derive(Debug)]
pub(crate) enum Port {
    Closed(TcpSocket),
    Open(TcpListener),
}

impl Port {
    /// Takes the port of that address, any where it names none.
    pub(crate) fn take(address: SocketAddr, opens: Opens) -> io::Result<(Self, SocketAddr)> {
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        // A program that starts again finds its port still busy with connections that were closed.
        socket.set_reuseaddr(true)?;
        // Connections take this over: what waits in the system for slow readers is bounded too.
        socket.set_send_buffer_size(SEND_BUFFER)?;
        // What the system still holds when we have let go of it is given up in the same time.
        let unmoved = u32::try_from(listen::UNMOVED.as_millis()).unwrap_or(u32::MAX);
        rustix::net::sockopt::set_tcp_user_timeout(&socket, unmoved)?;
        socket.bind(address)?;
        let address = socket.local_addr()?;
        let port = match opens {
            Opens::Now => Self::Open(socket.listen(BACKLOG)?),
            Opens::Serving => Self::Closed(socket),
        };
        Ok((port, address))
    }

    /// Whoever connects from now on waits to be served.
    pub(crate) fn open(self) -> io::Result<TcpListener> {
        match self {
            Self::Open(listener) => Ok(listener),
            // Another program may have begun to listen there that took it at the same moment.
            Self::Closed(socket) => socket.listen(BACKLOG),
        }
    }
}
