//! What a node asks the one that a meeting lives at, for a page that is at the asking one: credentials of
//! the relay there, which leads to that node's media alone.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use call::{CallId, LinkId};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use wire::http::RelayAccess;

use super::stream::{Channel, Stream};
use crate::house::House;

/// How long the other node may take. Without an answer a page joins without a relay.
const PATIENCE: Duration = Duration::from_secs(2);

/// How a question ends that was answered (RFC 6455 §7.4.1).
const ANSWERED: u16 = 1000;

/// A question.
#[derive(Debug, Deserialize, Serialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
enum Question {
    /// Credentials for a press of this link on the way to this meeting, under the name of its ticket.
    Relay {
        link: u64,
        meeting: u64,
        name: String,
    },
}

/// Asks for credentials of the relay of the node that `call` lives at; none where it gives none.
pub(crate) async fn relay(
    stream: &Arc<Stream>,
    (link, call): (LinkId, CallId),
    ticket: &str,
) -> Option<RelayAccess> {
    let question = Question::Relay {
        link: link.0,
        meeting: call.0,
        name: live::relay_name(ticket),
    };
    let question = serde_json::to_string(&question).ok()?;
    let answer = timeout(PATIENCE, stream.ask(question.into()))
        .await
        .ok()??;
    serde_json::from_str(&answer).ok()
}

/// Answers what another node asks.
pub(super) async fn answer(house: &House, channel: Channel, asked: &Utf8Bytes) {
    let Channel { mut speaker, .. } = channel;
    let Ok(question) = serde_json::from_str(asked) else {
        tracing::warn!("another node asks what this one does not know: is it of another version?");
        return;
    };
    let answer = match question {
        Question::Relay {
            link,
            meeting,
            name,
        } => {
            let (link, call) = (LinkId(link), CallId(meeting));
            serde_json::to_string(&house.live.relay_for(call, link, &name).await)
        }
    };
    let said = match answer {
        Ok(answer) => speaker.say(answer.into()).await,
        Err(_) => Ok(()),
    };
    if said.is_err() || speaker.close(ANSWERED).await.is_err() {
        tracing::debug!("a node that asked is gone");
    }
}
