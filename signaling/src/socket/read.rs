//! Reading from a socket.

use std::num::NonZeroU32;
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use governor::{DefaultDirectRateLimiter, Quota};
use live::{Gone, LastWord, Voice};
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};
use wire::BadMessage;
use wire::close::Close;
use wire::message::ClientMessage;

use super::In;
use super::frames::{self, Heard};
use crate::house::House;

/// How many messages a second a socket may send, and how many at once.
const RATE: NonZeroU32 = NonZeroU32::new(20).expect("20 is not 0");
const BURST: NonZeroU32 = NonZeroU32::new(60).expect("60 is not 0");

/// How long nothing is read after a message that was too much.
const PAUSE: Duration = Duration::from_millis(50);

/// The next message.
pub(super) async fn next(stream: &mut In) -> Heard<ClientMessage> {
    match first(stream).await {
        Heard::Message((message, _text)) => Heard::Message(message),
        Heard::Wrong(close) => Heard::Wrong(close),
        Heard::Nothing(gone) => Heard::Nothing(gone),
    }
}

/// The next message, and its text as it came: what is said first may be another node's to hear.
pub(super) async fn first(stream: &mut In) -> Heard<(ClientMessage, Utf8Bytes)> {
    match frames::next(stream).await {
        Heard::Message(text) => match wire::parse_client(&text) {
            Ok(message) => Heard::Message((message, text)),
            Err(BadMessage::TooBig) => Heard::Wrong(Close::TooBig),
            Err(BadMessage::Malformed { .. }) => Heard::Wrong(Close::BadMessage),
        },
        Heard::Wrong(close) => Heard::Wrong(close),
        Heard::Nothing(gone) => Heard::Nothing(gone),
    }
}

/// Passes on what a joined socket says until it is to end.
///
/// # Errors
///
/// How it went, where the peer hung up.
pub(super) async fn run(stream: &mut In, voice: &Voice, house: &House) -> Result<LastWord, Gone> {
    let limiter = DefaultDirectRateLimiter::direct(Quota::per_second(RATE).allow_burst(BURST));
    let patience = house.rules.heartbeat.mul_f64(2.5);
    loop {
        let message = match timeout(patience, next(stream)).await {
            Err(_elapsed) => return Ok(Close::HeartbeatLost.into()),
            Ok(Heard::Nothing(gone)) => return Err(gone),
            Ok(Heard::Wrong(close)) => return Ok(close.into()),
            Ok(Heard::Message(message)) => message,
        };
        let is_too_fast = limiter.check().is_err();
        let taken = if is_too_fast {
            voice.said_too_much().await
        } else {
            voice.said(message).await
        };
        if let Err(word) = taken {
            return Ok(word);
        }
        if is_too_fast {
            // Whoever floods us is read no faster than they may speak.
            sleep(PAUSE).await;
        } else {
            // The call may answer, and the answer go out, before more is read.
            yield_now().await;
        }
    }
}
