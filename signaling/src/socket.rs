//! One WebSocket: it carries what the browser says to the living part, and what that answers back.

pub mod frames;
mod read;
mod ready;
mod write;

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Utf8Bytes, WebSocketUpgrade, close_code};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use call::SessionId;
use futures_util::StreamExt as _;
use live::{End, Gone, LastWord, Line};
use tokio::time::{Instant, sleep, timeout};
use tracing::{Instrument as _, Span};
use wire::SUBPROTOCOL;
use wire::close::Close;
use wire::message::{ClientMessage, GoodbyeReason};

use crate::house::House;
use crate::listen::Peer;
use crate::nodes::{self, Lives, Nodes};
use frames::{Heard, close, hang_up};
pub(crate) use frames::{In, Out};

/// How long a socket may stay without its first message.
const FIRST_MESSAGE: Duration = Duration::from_secs(5);

/// `GET /api/v1/socket`: becomes a WebSocket that speaks `homeroom.v1`, for pages of this server.
///
/// A program that is no browser sends no `Origin` and is let in: it has no authority but the ticket
/// or the secret it shows.
pub(crate) async fn upgrade(
    State(house): State<Arc<House>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    if !house.public_url.admits_request(&headers) {
        return (
            StatusCode::FORBIDDEN,
            "Only pages of this server may come here.\n",
        )
            .into_response();
    }
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade.protocols([SUBPROTOCOL]),
        Err(rejection) => return rejection.into_response(),
    };
    if upgrade.selected_protocol().is_none() {
        let detail = format!("This WebSocket speaks the subprotocol {SUBPROTOCOL}.\n");
        return (StatusCode::BAD_REQUEST, detail).into_response();
    }
    if house.limiter.take_socket(peer.source()).is_err() {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    }
    let tasks = house.tasks.clone();
    let span = Span::current();
    frames::bounded(upgrade).on_upgrade(move |socket| {
        let talking = async move {
            let (sink, stream) = socket.split();
            // It keeps its connection's place until here.
            run(Box::pin(sink), Box::pin(stream), house, Some(peer)).await;
        };
        tasks.track_future(talking.instrument(span))
    })
}

/// Whether a socket says so by its end that its page was closed, or is loaded again (RFC 6455 §7.4.1).
pub(crate) fn is_of_page(frame: Option<&CloseFrame>) -> bool {
    frame.is_some_and(|it| it.code == close_code::AWAY)
}

/// Serves a socket until it ends. One that another node carries here has no connection of its own.
pub(crate) async fn run(mut sink: Out, mut stream: In, house: Arc<House>, peer: Option<Peer>) {
    let gives_way = async {
        match &peer {
            Some(peer) => peer.gives_way().await,
            None => std::future::pending().await,
        }
    };
    let begun = tokio::select! {
        biased;
        () = gives_way => return,
        begun = begin(&mut sink, &mut stream, &house, peer.as_ref()) => begun,
    };
    let (mut beginning, mut arrival) = match begun {
        Ok((line, arrival)) => (Ok(line), arrival),
        Err(word) => (Err(word), None),
    };
    let word = loop {
        let line = match beginning {
            Ok(line) => line,
            Err(end) => break end,
        };
        hold(peer.as_ref());
        let end = talk((&mut sink, &mut stream), &house, line).await;
        match end {
            Some(End {
                word,
                next: Some(next),
                ..
            }) => {
                // What it came for first is over.
                arrival = None;
                beginning = ready::go_on((&mut sink, &mut stream), &house, (word, next)).await;
            }
            Some(End {
                is_elsewhere: true,
                word,
                ..
            }) => match &mut arrival {
                Some(arrival) => {
                    let way = (&mut sink, &mut stream);
                    beginning = arrival.again(way, &house, (peer.as_ref(), word)).await;
                }
                // Whoever carries it here looks for the meeting anew.
                None if peer.is_none() => {
                    return close(&mut sink, &mut stream, nodes::ELSEWHERE).await;
                }
                None => break Some(word),
            },
            Some(End { word, .. }) => break Some(word),
            None => break None,
        }
    };
    match word {
        Some(word) => {
            tracing::debug!(close = ?word.close, "socket closes");
            write::part(&mut sink, &mut stream, word).await;
        }
        None => hang_up(&mut sink).await,
    }
}

/// Serves a socket that has found its session, until one of the two ends; none where the peer hung up.
async fn talk(
    (sink, stream): (&mut Out, &mut In),
    house: &Arc<House>,
    Line { voice, mut inbox }: Line,
) -> Option<End> {
    let (end, gone) = tokio::select! {
        biased;
        end = write::run(sink, &mut inbox) => (end, Gone::Lost),
        end = read::run(stream, &voice, house) => match end {
            Ok(word) => (Some(End::from(word)), Gone::Lost),
            Err(gone) => (None, gone),
        },
    };
    voice.gone(gone).await;
    end
}

fn hold(peer: Option<&Peer>) {
    if let Some(peer) = peer {
        peer.hold();
    }
}

/// Somebody who has come to this node, of several.
struct Arrival {
    nodes: Arc<Nodes>,
    first: ClientMessage,
    /// The same, as it came: another node hears what was said, byte for byte.
    said: Utf8Bytes,
    /// Until when the meeting is looked for.
    until: Instant,
    /// It was sent on once: where the meeting has just gone is known at once, and what comes after that takes longer.
    is_sent_on: bool,
}

impl Arrival {
    /// Brings a socket to its session, wherever its meeting lives; none where the peer hung up, or was served elsewhere.
    async fn lead(
        &mut self,
        (sink, stream): (&mut Out, &mut In),
        house: &Arc<House>,
        peer: Option<&Peer>,
    ) -> Result<Line, Option<LastWord>> {
        loop {
            let (lives, entering) = self.find(house).await;
            let way = match lives {
                Lives::Here | Lives::Nowhere => {
                    let entered = enter((sink, stream), house, self.first.clone()).await;
                    if let (Err(_), Some(entering)) = (&entered, entering) {
                        // Whoever is told waits for nothing more.
                        let its = Arc::clone(house);
                        let turns_back = async move { entering.turns_back(&its).await };
                        house.tasks.spawn(turns_back);
                    }
                    return entered;
                }
                Lives::Unknown => {
                    // Whoever is in a meeting comes back to it until it can be said.
                    let is_back = matches!(self.first, ClientMessage::Resume { .. });
                    let word = if is_back {
                        Close::Failed
                    } else {
                        Close::Unavailable
                    };
                    return Err(Some(word.into()));
                }
                Lives::There(way) => way,
            };
            drop(entering);
            hold(peer);
            let said = self.said.clone();
            let carried = Nodes::carry(house, (sink, stream), (way, said)).await;
            match carried {
                nodes::End::Closed(code) => {
                    close(sink, stream, code).await;
                    return Err(None);
                }
                nodes::End::Word(word) => return Err(Some(word)),
                nodes::End::Gone => return Err(None),
                nodes::End::Elsewhere if Instant::now() < self.until => self.goes_on().await,
                nodes::End::Elsewhere => return Err(Some(Close::Failed.into())),
            }
        }
    }

    /// Waits before the meeting is looked for anew, but for the first time.
    async fn goes_on(&mut self) {
        if std::mem::replace(&mut self.is_sent_on, true) {
            sleep(nodes::AGAIN).await;
        }
    }

    /// The same, of one who was not taken here, because the meeting has gone to another node meanwhile.
    async fn again(
        &mut self,
        way: (&mut Out, &mut In),
        house: &Arc<House>,
        (peer, word): (Option<&Peer>, LastWord),
    ) -> Result<Line, Option<LastWord>> {
        if matches!(self.first, ClientMessage::Prepare { .. }) {
            // Its connection leads to this node's media: the page makes another, to where the meeting is.
            return Err(Some(Close::Unused.into()));
        }
        if Instant::now() >= self.until {
            return Err(Some(word));
        }
        self.goes_on().await;
        self.lead(way, house, peer).await
    }

    /// Where the meeting lives that a first message leads to, and that somebody enters it. One that leads nowhere is
    /// told so here.
    async fn find(&self, house: &House) -> (Lives, Option<nodes::Entering>) {
        let nodes = &self.nodes;
        let (lives, entering) = match house.live.leads_to(&self.first).await {
            Ok(Some(call)) => {
                let entering = nodes.enters(call);
                (
                    nodes.find_until(&house.live, call, self.until).await,
                    Some(entering),
                )
            }
            Ok(None) => (Lives::Here, None),
            Err(_unavailable) => (Lives::Unknown, None),
        };
        let lives = match (lives, &self.first) {
            (Lives::Unknown, ClientMessage::Resume { session, .. }) => match session.parse() {
                Ok(session) => nodes.find_session(SessionId(session)).await,
                Err(_nobody) => Lives::Here,
            },
            (lives, _) => lives,
        };
        (lives, entering)
    }
}

/// Waits for the first message and finds the session it asks for, and where it may be looked for anew; none where the
/// peer hung up, or was served elsewhere.
async fn begin(
    sink: &mut Out,
    stream: &mut In,
    house: &Arc<House>,
    peer: Option<&Peer>,
) -> Result<(Line, Option<Arrival>), Option<LastWord>> {
    let heard = tokio::select! {
        biased;
        () = house.closing.cancelled() => return Err(Some(GoodbyeReason::Shutdown.into())),
        heard = timeout(FIRST_MESSAGE, read::first(stream)) => heard,
    };
    let (message, said) = match heard {
        Err(_elapsed) => return Err(Some(Close::Silent.into())),
        Ok(Heard::Nothing(_)) => return Err(None),
        Ok(Heard::Wrong(close)) => return Err(Some(close.into())),
        Ok(Heard::Message(heard)) => heard,
    };
    // What another node carries here is served here, or nowhere: it goes no further.
    let (Some(peer), Some(nodes)) = (peer, &house.nodes) else {
        let line = enter((sink, stream), house, message).await?;
        return Ok((line, None));
    };
    let mut arrival = Arrival {
        nodes: Arc::clone(nodes),
        first: message,
        said,
        until: Instant::now() + nodes::UNREACHED,
        is_sent_on: false,
    };
    let line = arrival.lead((sink, stream), house, Some(peer)).await?;
    Ok((line, Some(arrival)))
}

/// Brings a socket to its session here.
async fn enter(
    (sink, stream): (&mut Out, &mut In),
    house: &Arc<House>,
    message: ClientMessage,
) -> Result<Line, Option<LastWord>> {
    if let ClientMessage::Prepare { ticket, offer } = message {
        ready::wait((sink, stream), house, (&ticket, offer)).await
    } else {
        house.live.arrive(message).await.map_err(Some)
    }
}
