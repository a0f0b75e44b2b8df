//! A socket that comes before the press: its peer connection is made ready, and nobody's session begins.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use live::{LastWord, Line};
use tokio::time::{Instant, sleep_until, timeout};
use wire::close::Close;
use wire::message::{ClientMessage, GoodbyeReason, ServerMessage};

use super::read::{self, Heard};
use super::write;
use crate::api::millis;
use crate::house::House;

/// How long it is kept ready for a press.
const KEPT: Duration = Duration::from_secs(5 * 60);

/// How many messages it takes before the press, pings for the most part.
const MOST_SAID: u32 = 300;

/// Makes the peer of `offer` ready, says so, and waits for the press; none where the peer hung up.
pub(super) async fn wait(
    (sink, stream): (
        &mut SplitSink<WebSocket, Message>,
        &mut SplitStream<WebSocket>,
    ),
    house: &Arc<House>,
    (ticket, offer): (&str, String),
) -> Result<Line, Option<LastWord>> {
    let prepared = house.live.prepare(ticket, offer).await;
    let (ready, answer) = prepared.map_err(Some)?;
    let message = ServerMessage::Prepared {
        answer,
        heartbeat_ms: millis(house.rules.heartbeat),
        kept_ms: millis(KEPT),
    };
    write::say(sink, &message).await?;
    let until = Instant::now() + KEPT;
    let patience = house.rules.heartbeat.mul_f64(2.5);
    for _ in 0..MOST_SAID {
        let heard = tokio::select! {
            biased;
            () = house.closing.cancelled() => return Err(Some(GoodbyeReason::Shutdown.into())),
            () = sleep_until(until) => return Err(Some(Close::Unused.into())),
            heard = timeout(patience, read::next(stream)) => heard,
        };
        if ready.is_withdrawn() {
            return Err(Some(GoodbyeReason::Withdrawn.into()));
        }
        match heard {
            Err(_elapsed) => return Err(Some(Close::HeartbeatLost.into())),
            Ok(Heard::Nothing | Heard::Message(ClientMessage::Leave {})) => return Err(None),
            Ok(Heard::Wrong(close)) => return Err(Some(close.into())),
            Ok(Heard::Message(ClientMessage::Ping { n })) => {
                write::say(sink, &ServerMessage::Pong { n }).await?;
            }
            Ok(Heard::Message(ClientMessage::Enter { sends })) => {
                return ready.enter(sends).await.map_err(Some);
            }
            Ok(Heard::Message(_)) => return Err(Some(Close::BadMessage.into())),
        }
    }
    Err(Some(Close::BadMessage.into()))
}
