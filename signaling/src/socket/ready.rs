//! A socket that comes before the press: its peer connection is made ready, and nobody's session begins.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use call::CallId;
use futures_util::stream::{SplitSink, SplitStream};
use links::Ticket;
use sfu::{CallKey, OfferRefused};
use tokio::time::{Instant, sleep_until, timeout};
use wire::close::Close;
use wire::message::{ClientMessage, GoodbyeReason, Sends, ServerMessage};

use super::read::{self, Heard};
use super::write;
use crate::api::millis;
use crate::call_task::ANSWER_WITHIN;
use crate::house::House;
use crate::outbox::LastWord;
use crate::prepared::Prepared;
use crate::private::Private;
use crate::relay;
use crate::roster::link_of;

/// How long it is kept ready for a press.
const KEPT: Duration = Duration::from_secs(5 * 60);

/// How many messages it takes before the press, pings for the most part.
const MOST_SAID: u32 = 300;

/// The press.
pub(super) struct Pressed {
    pub(super) ticket: Ticket,
    pub(super) prepared: Prepared,
    pub(super) sends: Sends,
}

/// Makes the peer of `offer` ready, says so, and waits for the press; none where the peer hung up.
pub(super) async fn wait(
    (sink, stream): (
        &mut SplitSink<WebSocket, Message>,
        &mut SplitStream<WebSocket>,
    ),
    house: &Arc<House>,
    (shown, offer): (&str, Private<String>),
) -> Result<Pressed, Option<LastWord>> {
    let ticket = house.admissions.read(shown, ambient::now()).map_err(Some)?;
    let (prepared, answer) = prepare(house, &ticket, (offer, &relay::name(shown)))
        .await
        .map_err(Some)?;
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
        if house.admissions.is_dead(ticket.link) {
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
                return Ok(Pressed {
                    ticket,
                    prepared,
                    sends,
                });
            }
            Ok(Heard::Message(_)) => return Err(Some(Close::BadMessage.into())),
        }
    }
    Err(Some(Close::BadMessage.into()))
}

/// The peer, and the answer to its offer.
async fn prepare(
    house: &Arc<House>,
    ticket: &Ticket,
    by: (Private<String>, &str),
) -> Result<(Prepared, String), LastWord> {
    let link = link_of(ticket.link);
    let unable = |error: store::Error| {
        tracing::warn!(%error, "cannot read who is entitled to a call");
        LastWord::from(Close::Unavailable)
    };
    let call = CallId(ticket.meeting);
    let roster = house.roster(call).await.map_err(unable)?;
    let is_entitled = roster.is_some_and(|roster| roster.holder(link).is_some());
    if !is_entitled {
        return Err(Close::NoSession.into());
    }
    let (prepared, answering) =
        Prepared::make(house, link, CallKey(call.0), by).ok_or(Close::Unused)?;
    let answered = timeout(ANSWER_WITHIN, answering).await;
    match answered.map(Result::ok) {
        Ok(Some(Ok(answer))) => Ok((prepared, answer)),
        Ok(Some(Err(OfferRefused::Malformed(_)))) => Err(Close::BadMessage.into()),
        Ok(_) | Err(_) => Err(Close::Unused.into()),
    }
}
