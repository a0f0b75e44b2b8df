//! A connection to a mail server that lets no answer grow without end: `lettre` reads a line for as
//! long as none ends.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// The most that a mail server may answer without hearing anything in between, bytes. `lettre` reads all
/// of it again for each line that comes.
const LONGEST_ANSWER: usize = 16 * 1024;

/// The same of its part of a TLS handshake, which may name all whom it trusts.
const LONGEST_HANDSHAKE: usize = 64 * 1024;

/// What a record of a handshake begins with (RFC 8446 §5.1), and no answer does.
const HANDSHAKE: u8 = 22;

/// A TCP connection on which so much may be read after each write.
#[derive(Debug)]
pub(crate) struct Guarded {
    stream: TcpStream,
    /// How much may still be read; all of it is there until something was.
    left: Option<usize>,
}

impl Guarded {
    pub(crate) const fn new(stream: TcpStream) -> Self {
        Self { stream, left: None }
    }
}

impl AsyncRead for Guarded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.left == Some(0) {
            let says = "the mail server says more than any answer is long";
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, says)));
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        let read = buffer.filled().get(before..).unwrap_or_default();
        if let Some(first) = read.first() {
            let most = if *first == HANDSHAKE {
                LONGEST_HANDSHAKE
            } else {
                LONGEST_ANSWER
            };
            self.left = Some(self.left.unwrap_or(most).saturating_sub(read.len()));
        }
        polled
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.left = None;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl AsyncTokioStream for Guarded {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

/// The same behind a handshake.
#[derive(Debug)]
pub(crate) struct Secured(pub(crate) TlsStream<Guarded>);

impl AsyncRead for Secured {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Secured {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

impl AsyncTokioStream for Secured {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}
