//! A browser at this node whose meeting is another's: what it says goes there as it is, and what comes
//! back is handed to it. There, what has come so is served as any other WebSocket.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes};
use futures_util::{SinkExt as _, StreamExt as _};
use live::LastWord;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use wire::close::Close;
use wire::message::GoodbyeReason;

use super::frame::{ELSEWHERE, LOST, PAGE_CLOSED};
use super::stream::{Channel, Hearer, Said, Speaker, Unsaid};
use crate::socket::{In, Out, is_of_page};

/// How long one message may take to be written to a slow reader.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many pings and pongs of the WebSocket itself may come in a row.
const BARE: u32 = 100;

/// How a carried socket ended.
pub(crate) enum End {
    /// The other node said so: by this code.
    Closed(u16),
    /// This node says the last word.
    Word(LastWord),
    /// The browser is gone.
    Gone,
    /// Nothing was said: the meeting is no more at that node.
    Elsewhere,
}

/// Carries a socket until either end of it is gone.
pub(super) async fn carry(
    (sink, stream): (&mut Out, &mut In),
    channel: Channel,
    closing: &CancellationToken,
) -> End {
    let Channel {
        mut speaker,
        mut hearer,
    } = channel;
    let (code, end) = tokio::select! {
        biased;
        () = closing.cancelled() => {
            (LOST, End::Word(GoodbyeReason::Shutdown.into()))
        }
        end = hand_down(&mut hearer, sink) => (LOST, end),
        ended = hand_up(stream, &speaker) => ended,
    };
    if speaker.close(code).await.is_err() {
        tracing::debug!("the way to the other node ended before its socket");
    }
    end
}

/// What the browser says, for as long as it says something.
async fn hand_up(stream: &mut In, speaker: &Speaker) -> (u16, End) {
    let mut bare = 0;
    loop {
        match stream.next().await {
            Some(Ok(Message::Text(text))) => {
                bare = 0;
                match speaker.say(text).await {
                    Ok(()) => {}
                    Err(Unsaid::Ended) => return (LOST, End::Word(Close::Failed.into())),
                    Err(Unsaid::TooLong) => return (LOST, End::Word(Close::TooBig.into())),
                }
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) if bare < BARE => bare += 1,
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Binary(_))) => {
                return (LOST, End::Word(Close::BadMessage.into()));
            }
            Some(Ok(Message::Close(frame))) => {
                let code = if is_of_page(frame.as_ref()) {
                    PAGE_CLOSED
                } else {
                    LOST
                };
                return (code, End::Gone);
            }
            // What was too long or no WebSocket's is for the owner what a cut line is.
            Some(Err(_)) | None => return (LOST, End::Gone),
        }
    }
}

/// What the other node says, until it ends.
async fn hand_down(hearer: &mut Hearer, sink: &mut Out) -> End {
    loop {
        match hearer.hear().await {
            Some(Said::Text(text)) => {
                match timeout(PATIENCE, sink.send(Message::Text(text))).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_gone)) => return End::Gone,
                    Err(_elapsed) => return End::Word(Close::TooSlow.into()),
                }
            }
            Some(Said::Closed(LOST)) => return End::Word(Close::Failed.into()),
            Some(Said::Closed(ELSEWHERE)) => return End::Elsewhere,
            Some(Said::Closed(code)) => return End::Closed(code),
            // Whoever owns the meeting by then is found when the page comes back.
            None => return End::Word(Close::Failed.into()),
        }
    }
}

/// A socket that another node carries here, as one of this node's own.
pub(super) fn served(channel: Channel, first: Utf8Bytes) -> (Out, In) {
    let Channel { speaker, hearer } = channel;
    let first = futures_util::stream::once(std::future::ready(Ok(Message::Text(first))));
    let rest = futures_util::stream::unfold(Some(hearer), |hearer| async move {
        let mut hearer = hearer?;
        Some(match hearer.hear().await? {
            Said::Text(text) => (Ok(Message::Text(text)), Some(hearer)),
            Said::Closed(code) => {
                let frame = (code != LOST).then(|| CloseFrame {
                    code,
                    reason: Utf8Bytes::from_static(""),
                });
                (Ok(Message::Close(frame)), None)
            }
        })
    });
    let sink = futures_util::sink::unfold(speaker, |mut speaker, message| async move {
        let said = match message {
            Message::Text(text) => speaker.say(text).await,
            Message::Close(frame) => speaker.close(frame.map_or(LOST, |it| it.code)).await,
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) => Ok(()),
        };
        said.map(|()| speaker).map_err(axum::Error::new)
    });
    (Box::pin(sink), Box::pin(first.chain(rest)))
}
