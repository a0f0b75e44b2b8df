//! Writing to a socket.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes};
use futures_util::{SinkExt as _, StreamExt as _};
use live::{End, Inbox, LastWord};
use tokio::time::timeout;
use wire::close::Close;
use wire::message::ServerMessage;

use super::{In, Out};

/// How long one message may take to be written to a slow reader.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long the last word, and the peer's answer to it, may take.
const PARTING: Duration = Duration::from_secs(1);

/// What is said where the call failed and so says nothing.
const FAILED: LastWord = LastWord {
    goodbye: None,
    close: Close::Failed,
};

/// Writes one message.
///
/// # Errors
///
/// The last word where the reader is too slow; none where the socket is gone.
pub(super) async fn say(sink: &mut Out, message: &ServerMessage) -> Result<(), Option<LastWord>> {
    match timeout(PATIENCE, sink.send(encode(message))).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_gone)) => Err(None),
        Err(_elapsed) => Err(Some(Close::TooSlow.into())),
    }
}

/// Writes what the call says until its last word; none where the socket is gone.
pub(super) async fn run(sink: &mut Out, inbox: &mut Inbox) -> Option<End> {
    loop {
        let message = tokio::select! {
            biased;
            Some(message) = inbox.messages.recv() => message,
            word = &mut inbox.last => return Some(word.unwrap_or_else(|_gone| FAILED.into())),
        };
        let written = tokio::select! {
            biased;
            written = timeout(PATIENCE, sink.send(encode(&message))) => written,
            // The reader is slower than the news: what waits is not worth waiting for.
            word = &mut inbox.last => return Some(word.unwrap_or_else(|_gone| FAILED.into())),
        };
        match written {
            Ok(Ok(())) => {}
            Ok(Err(_gone)) => return None,
            Err(_elapsed) => return Some(LastWord::from(Close::TooSlow).into()),
        }
    }
}

/// Says the last word and closes; waits a moment for the peer to hear it.
pub(super) async fn part(sink: &mut Out, stream: &mut In, word: LastWord) {
    let goodbye = async {
        if let Some(reason) = word.goodbye {
            sink.send(encode(&ServerMessage::Goodbye { reason }))
                .await?;
        }
        Ok::<(), axum::Error>(())
    };
    match timeout(PARTING, goodbye).await {
        Ok(Ok(())) => close(sink, stream, word.close.code()).await,
        Ok(Err(_)) | Err(_) => tracing::debug!("the peer did not wait for the last word"),
    }
}

/// Closes by this code; waits a moment for the peer to hear it.
pub(super) async fn close(sink: &mut Out, stream: &mut In, code: u16) {
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
pub(super) async fn hang_up(sink: &mut Out) {
    match timeout(PARTING, sink.close()).await {
        Ok(Ok(())) => {}
        Ok(Err(_)) | Err(_) => tracing::debug!("the peer was gone already"),
    }
}

fn encode(message: &ServerMessage) -> Message {
    Message::Text(message.to_json().into())
}
