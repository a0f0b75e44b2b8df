//! Writing to a socket.

use std::time::Duration;

use axum::extract::ws::Message;
use futures_util::SinkExt as _;
use live::{End, Inbox, LastWord};
use tokio::time::timeout;
use wire::close::Close;
use wire::message::ServerMessage;

use super::frames::{PARTING, close};
use super::{In, Out};

/// How long one message may take to be written to a slow reader.
const PATIENCE: Duration = Duration::from_secs(5);

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

fn encode(message: &ServerMessage) -> Message {
    Message::Text(message.to_json().into())
}
