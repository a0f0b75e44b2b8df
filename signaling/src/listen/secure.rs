//! One port for everything: TLS, told from plain HTTP by its first byte, and behind the handshake
//! HTTP, told from a relay's messages by theirs.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::pace::{Pace, Paced};
use crate::tls::{ACME_TLS, HTTP_2, Tls};

/// The first byte of TLS: a record of its handshake (RFC 8446 §5.1).
const HANDSHAKE: u8 = 22;

/// The most that is read to tell what a connection speaks.
const FIRST_WORD: usize = 2_048;

/// A connection behind its handshake.
pub(super) type Secured = Heard<TlsStream<Paced<TcpStream>>>;

/// What a connection speaks.
pub(super) enum Spoken {
    /// HTTP/1.1 over TLS.
    Http(Secured),
    /// HTTP/2, as the handshake agreed on.
    Http2(Secured),
    /// A relay's messages over TLS.
    Relay(Secured),
    /// Something without TLS; HTTP, if it is anything.
    Plain(Paced<TcpStream>),
}

/// Shakes hands and tells what is spoken; an error where somebody fails to. Whoever calls gives up
/// in time.
pub(super) async fn recognise(stream: TcpStream, tls: &Tls, pace: &Pace) -> io::Result<Spoken> {
    let mut first = [0];
    stream.peek(&mut first).await?;
    let stream = Paced::new(stream, pace.clone());
    if first != [HANDSHAKE] {
        return Ok(Spoken::Plain(stream));
    }
    let acceptor = TlsAcceptor::from(tls.current());
    let mut stream = acceptor.accept(stream).await?;
    let agreed = stream.get_ref().1.alpn_protocol();
    if agreed == Some(ACME_TLS) {
        // It has seen what it came for (RFC 8737 §3).
        stream.shutdown().await?;
        return Err(io::ErrorKind::ConnectionAborted.into());
    }
    let is_http_2 = agreed == Some(HTTP_2);
    let mut word = vec![0; FIRST_WORD];
    let length = stream.read(&mut word).await?;
    word.truncate(length);
    // Messages of STUN begin with two zero bits (RFC 8489 §5), methods of HTTP with letters.
    let is_relay = matches!(word.first(), Some(0..=3));
    let heard = Heard {
        word,
        taken: 0,
        stream,
    };
    Ok(if is_relay {
        Spoken::Relay(heard)
    } else if is_http_2 {
        Spoken::Http2(heard)
    } else {
        Spoken::Http(heard)
    })
}

/// A stream of which something was read already.
pub(super) struct Heard<S> {
    word: Vec<u8>,
    taken: usize,
    stream: S,
}

impl<S: AsyncRead + Unpin> AsyncRead for Heard<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let rest = self.word.get(self.taken..).unwrap_or_default();
        if rest.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let length = rest.len().min(buffer.remaining());
        buffer.put_slice(rest.get(..length).unwrap_or_default());
        self.taken += length;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Heard<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
