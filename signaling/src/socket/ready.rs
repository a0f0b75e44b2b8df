//! A socket that comes before the press: its peer connection is made ready, and nobody's session begins.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use call::LinkId;
use live::news::Standing;
use live::roster::link_of;
use live::{LastWord, Line, Ready};
use tokio::time::{Instant, sleep_until, timeout};
use wire::close::Close;
use wire::message::{ClientMessage, GoodbyeReason, Sends, ServerMessage};

use super::frames::Heard;
use super::{In, Out, read, write};
use crate::api::{accept_rules, millis};
use crate::house::House;
use crate::nodes::Lives;

/// How long it is kept ready for a press.
const KEPT: Duration = Duration::from_secs(5 * 60);

/// How many messages it takes before the press, pings for the most part.
const MOST_SAID: u32 = 300;

/// How long a page may take from the end of a talk to the press that goes on: it needs no person.
const GOING_ON: Duration = Duration::from_secs(10);

/// Says the last word of a talk, and waits for the press to what comes next, passing over what was still
/// meant for those whom the talk was with; none where the peer hung up.
pub(super) async fn go_on(
    (sink, stream): (&mut Out, &mut In),
    house: &Arc<House>,
    (word, ready): (LastWord, Ready),
) -> Result<Line, Option<LastWord>> {
    if let Some(reason) = word.goodbye {
        write::say(sink, &ServerMessage::Goodbye { reason }).await?;
    }
    // It was said.
    let word = LastWord::from(word.close);
    let withdrawn = withdrawn(house, link_of(ready.link()));
    tokio::pin!(withdrawn);
    let until = Instant::now() + GOING_ON;
    for _ in 0..MOST_SAID {
        let heard = tokio::select! {
            biased;
            () = house.closing.cancelled() => return Err(Some(GoodbyeReason::Shutdown.into())),
            () = &mut withdrawn => return Err(Some(GoodbyeReason::Withdrawn.into())),
            () = sleep_until(until) => return Err(Some(word)),
            heard = read::next(stream) => heard,
        };
        match heard {
            Heard::Nothing(_) | Heard::Message(ClientMessage::Leave {}) => return Err(None),
            Heard::Wrong(close) => return Err(Some(close.into())),
            Heard::Message(ClientMessage::Enter {
                sends,
                accepts_rules,
            }) => return enter(house, ready, sends, accepts_rules).await,
            Heard::Message(_) => {}
        }
    }
    Err(Some(word))
}

/// Waits until a link is dead for ever: what is kept ready for it goes at once.
async fn withdrawn(house: &House, link: LinkId) {
    let mut news = house.live.news.listen(link);
    while !house.live.is_withdrawn(link) && *news.borrow_and_update() != Standing::Withdrawn {
        if news.changed().await.is_err() {
            // The server ends, which is heard elsewhere.
            return pending().await;
        }
    }
}

/// The press, and with it the ground rules that stood beside Join are accepted.
async fn enter(
    house: &House,
    ready: Ready,
    sends: Sends,
    shown: Option<u32>,
) -> Result<Line, Option<LastWord>> {
    if let Err(error) = accept_rules(&house.store, ready.link(), shown, ambient::now()).await {
        tracing::warn!(%error, "cannot write down who accepts the ground rules");
        return Err(Some(Close::Unavailable.into()));
    }
    if let Some(nodes) = &house.nodes
        && !matches!(nodes.find(&house.live, ready.call()).await, Lives::Here)
    {
        // The connection leads to this node's media: the page makes another, to where the meeting is.
        return Err(Some(Close::Unused.into()));
    }
    ready.enter(sends).await.map_err(Some)
}

/// Makes the peer of `offer` ready, says so, and waits for the press; none where the peer hung up.
pub(super) async fn wait(
    (sink, stream): (&mut Out, &mut In),
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
    let withdrawn = withdrawn(house, link_of(ready.link()));
    tokio::pin!(withdrawn);
    for _ in 0..MOST_SAID {
        let heard = tokio::select! {
            biased;
            () = house.closing.cancelled() => return Err(Some(GoodbyeReason::Shutdown.into())),
            () = &mut withdrawn => return Err(Some(GoodbyeReason::Withdrawn.into())),
            () = sleep_until(until) => return Err(Some(Close::Unused.into())),
            heard = timeout(patience, read::next(stream)) => heard,
        };
        match heard {
            Err(_elapsed) => return Err(Some(Close::HeartbeatLost.into())),
            Ok(Heard::Nothing(_) | Heard::Message(ClientMessage::Leave {})) => return Err(None),
            Ok(Heard::Wrong(close)) => return Err(Some(close.into())),
            Ok(Heard::Message(ClientMessage::Ping { n })) => {
                write::say(sink, &ServerMessage::Pong { n }).await?;
            }
            Ok(Heard::Message(ClientMessage::Enter {
                sends,
                accepts_rules,
            })) => return enter(house, ready, sends, accepts_rules).await,
            Ok(Heard::Message(_)) => return Err(Some(Close::BadMessage.into())),
        }
    }
    Err(Some(Close::BadMessage.into()))
}
