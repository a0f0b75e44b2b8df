//! A WebSocket below what is said on it: what is taken of a stranger's frames (RFC 6455 §5), and how all else
//! ends it. `examples/echo.rs` has nothing else of the program's, for suites that judge such.

use std::pin::Pin;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocketUpgrade};
use futures_util::stream::BoxStream;
use futures_util::{Sink, SinkExt as _, StreamExt as _};
use live::Gone;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite;
use wire::MAX_MESSAGE;
use wire::close::Close;

use super::is_of_page;

/// What a socket is told by: a WebSocket of this node's, or one that another carries here.
pub type Out = Pin<Box<dyn Sink<Message, Error = axum::Error> + Send>>;
/// What a socket says.
pub type In = BoxStream<'static, Result<Message, axum::Error>>;

/// How much is read from a socket at a time: thousands of silent ones must cost little.
const READ_BUFFER: usize = 4 * 1024;

/// How much may wait between us and the system: one message, and what frames it.
const WRITE_BUFFER: usize = 2 * MAX_MESSAGE;

/// How many pings and pongs of the WebSocket itself may come in a row.
const BARE: u32 = 100;

/// How long the last word, and the peer's answer to it, may take.
pub(super) const PARTING: Duration = Duration::from_secs(1);

/// What came.
#[derive(Debug)]
pub enum Heard<M> {
    /// A message.
    Message(M),
    /// It cannot be taken: close with this.
    Wrong(Close),
    /// The peer is gone, or is going.
    Nothing(Gone),
}

/// A socket as we keep it: what comes is bounded before it is there, and so is what waits to go. Nothing is
/// compressed.
pub fn bounded(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER)
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE)
}

/// The next text. Pings and pongs of the WebSocket itself are answered below us and say nothing.
pub async fn next(stream: &mut In) -> Heard<Utf8Bytes> {
    let mut bare = 0;
    loop {
        return match stream.next().await {
            Some(Ok(Message::Text(text))) => Heard::Message(text),
            Some(Ok(Message::Binary(_))) => Heard::Wrong(Close::BadMessage),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) if bare < BARE => {
                bare += 1;
                continue;
            }
            // Each of them is answered, and none says anything.
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Heard::Wrong(Close::BadMessage),
            Some(Ok(Message::Close(frame))) if is_of_page(frame.as_ref()) => {
                Heard::Nothing(Gone::Closed)
            }
            Some(Ok(Message::Close(_))) | None => Heard::Nothing(Gone::Lost),
            Some(Err(error)) => reason_of(error),
        };
    }
}

fn reason_of<M>(error: axum::Error) -> Heard<M> {
    match error.into_inner().downcast_ref() {
        Some(tungstenite::Error::Capacity(_)) => Heard::Wrong(Close::TooBig),
        Some(
            tungstenite::Error::Protocol(
                tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
            )
            | tungstenite::Error::ConnectionClosed
            | tungstenite::Error::AlreadyClosed
            | tungstenite::Error::Io(_),
        )
        | None => Heard::Nothing(Gone::Lost),
        Some(tungstenite::Error::Utf8(_)) => Heard::Wrong(Close::BadText),
        Some(_) => Heard::Wrong(Close::BadFrame),
    }
}

/// Closes by this code; waits a moment for the peer to hear it.
pub async fn close(sink: &mut Out, stream: &mut In, code: u16) {
    let parting = async {
        let frame = CloseFrame {
            code,
            reason: Utf8Bytes::from_static(""),
        };
        sink.send(Message::Close(Some(frame))).await?;
        // Bytes that nobody reads would make the system cut the connection before it is heard.
        while let Some(Ok(_ignored)) = stream.next().await {}
        Ok::<(), axum::Error>(())
    };
    match timeout(PARTING, parting).await {
        Ok(Ok(())) => {}
        Ok(Err(_)) | Err(_) => tracing::debug!("the peer did not wait for the last word"),
    }
}

/// Answers the close of a peer (RFC 6455 §5.5.1), where there is still somebody to hear it.
pub async fn hang_up(sink: &mut Out) {
    match timeout(PARTING, sink.close()).await {
        Ok(Ok(())) => {}
        Ok(Err(_)) | Err(_) => tracing::debug!("the peer was gone already"),
    }
}
