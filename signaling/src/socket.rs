//! One WebSocket: its first message finds the session, the rest goes to the session's call.

mod read;
mod ready;
mod write;

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use call::{CallId, Epoch, Parting, SessionId};
use futures_util::StreamExt as _;
use futures_util::stream::{SplitSink, SplitStream};
use links::Ticket;
use tokio::time::timeout;
use wire::close::Close;
use wire::message::{ClientMessage, GoodbyeReason, Sends};
use wire::{MAX_MESSAGE, SUBPROTOCOL};

use crate::admissions::word_to_the_late;
use crate::call_task::{Command, Join, Offered, Resume, Saying};
use crate::claimed::Claimed;
use crate::house::House;
use crate::listen::Peer;
use crate::outbox::{self, Inbox, LastWord, SocketNumber};
use crate::private::Private;
use crate::relay;
use crate::roster::{Roster, link_of};
use crate::switchboard::Mailbox;
use read::Heard;

/// How long a socket may stay without its first message.
const FIRST_MESSAGE: Duration = Duration::from_secs(5);

/// How much is read from a socket at a time: thousands of silent ones must cost little.
const READ_BUFFER: usize = 4 * 1024;

/// How much may wait between us and the system: one message, and what frames it.
const WRITE_BUFFER: usize = 2 * MAX_MESSAGE;

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
    upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER)
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE)
        .on_upgrade(move |socket| {
            tasks.track_future(async move {
                // It keeps its connection's place until here.
                run(socket, house, &peer).await;
            })
        })
}

/// A socket that found its session.
struct Bound {
    call: Mailbox,
    session: SessionId,
    number: SocketNumber,
    inbox: Inbox,
}

async fn run(socket: WebSocket, house: Arc<House>, peer: &Peer) {
    let (mut sink, mut stream) = socket.split();
    let beginning = tokio::select! {
        biased;
        () = peer.gives_way() => return,
        beginning = begin(&mut sink, &mut stream, &house) => beginning,
    };
    let word = match beginning {
        Ok(mut bound) => {
            peer.hold();
            let end = tokio::select! {
                biased;
                end = write::run(&mut sink, &mut bound.inbox) => end,
                end = read::run(&mut stream, &bound.call, bound.session, bound.number, &house) => end,
            };
            let lost = Command::SocketLost {
                session: bound.session,
                socket: bound.number,
            };
            // A call that has ended needs no news.
            if bound.call.send(lost).await.is_err() {
                tracing::debug!(
                    session = bound.session.0,
                    "the call ended before its socket"
                );
            }
            end
        }
        Err(end) => end,
    };
    match word {
        Some(word) => {
            tracing::debug!(close = ?word.close, "socket closes");
            write::part(&mut sink, &mut stream, word).await;
        }
        None => write::hang_up(&mut sink).await,
    }
}

/// Waits for the first message and finds the session it asks for; none where the peer hung up.
async fn begin(
    sink: &mut SplitSink<WebSocket, Message>,
    stream: &mut SplitStream<WebSocket>,
    house: &Arc<House>,
) -> Result<Bound, Option<LastWord>> {
    let heard = tokio::select! {
        biased;
        () = house.closing.cancelled() => return Err(Some(GoodbyeReason::Shutdown.into())),
        heard = timeout(FIRST_MESSAGE, read::next(stream)) => heard,
    };
    let message = match heard {
        Err(_elapsed) => return Err(Some(Close::Silent.into())),
        Ok(Heard::Nothing) => return Err(None),
        Ok(Heard::Wrong(close)) => return Err(Some(close.into())),
        Ok(Heard::Message(message)) => message,
    };
    let (ticket, by, sends) = match message {
        ClientMessage::Join {
            ticket,
            offer,
            sends,
        } => {
            let read = house.admissions.read(&ticket, ambient::now());
            let offered = Offered::Fresh(Private::new(offer));
            (read.map_err(Some)?, (offered, relay::name(&ticket)), sends)
        }
        ClientMessage::Prepare { ticket, offer } => {
            let shown = (ticket.as_str(), Private::new(offer));
            let pressed = ready::wait((sink, stream), house, shown).await?;
            let offered = Offered::Prepared(pressed.prepared);
            let by = (offered, relay::name(&ticket));
            (pressed.ticket, by, pressed.sends)
        }
        ClientMessage::Resume {
            session,
            secret,
            epoch,
            offer,
            sends,
        } => {
            let returning = Returning {
                session,
                secret,
                epoch: Epoch(epoch),
                offer: offer.map(Private::new),
                sends,
            };
            return come_back(house, returning).await.map_err(Some);
        }
        ClientMessage::Enter { .. }
        | ClientMessage::Offer { .. }
        | ClientMessage::Sends { .. }
        | ClientMessage::View { .. }
        | ClientMessage::AddMinute {}
        | ClientMessage::Write { .. }
        | ClientMessage::Mute { .. }
        | ClientMessage::Leave {}
        | ClientMessage::Ping { .. } => return Err(Some(Close::BadMessage.into())),
    };
    join(house, ticket, by, sends).await.map_err(Some)
}

/// What `resume` says.
struct Returning {
    session: String,
    secret: String,
    epoch: Epoch,
    offer: Option<Private<String>>,
    sends: Sends,
}

async fn come_back(house: &Arc<House>, returning: Returning) -> Result<Bound, LastWord> {
    let Returning {
        session,
        secret,
        epoch,
        offer,
        sends,
    } = returning;
    let session = session.parse().map_err(|_nobody| Close::NoSession)?;
    let session = SessionId(session);
    let found = house.admissions.come_back(session, &secret)?;
    let (outbox, inbox) = outbox::pair(found.socket);
    let resume = Resume {
        session,
        epoch,
        secret: Private::new(secret),
        outbox,
        offer,
        sends,
    };
    let call = return_to(house, found.call, resume).await?;
    Ok(Bound {
        call,
        session,
        number: found.socket,
        inbox,
    })
}

async fn join(
    house: &Arc<House>,
    ticket: Ticket,
    by: (Offered, String),
    sends: Sends,
) -> Result<Bound, LastWord> {
    let roster = match house.roster(CallId(ticket.meeting)).await {
        Ok(Some(roster)) => roster,
        // It was cancelled since the press.
        Ok(None) => return Err(word_to_the_late(Parting::Ended)),
        Err(error) => {
            tracing::warn!(%error, "cannot read who is entitled to a call");
            return Err(Close::Unavailable.into());
        }
    };
    let claiming = claim(Arc::clone(house), ticket, roster, by, sends);
    // Once begun it comes to its end, whatever becomes of the socket: the calls of the link's older
    // and its newer session both hear of it.
    match house.tasks.spawn(claiming).await {
        Ok(bound) => bound,
        Err(_broke_off) => Err(Close::Failed.into()),
    }
}

/// Makes the session of a press the live one of its link, and brings it to its call.
async fn claim(
    house: Arc<House>,
    ticket: Ticket,
    roster: Arc<Roster>,
    (offer, relay): (Offered, String),
    sends: Sends,
) -> Result<Bound, LastWord> {
    if roster.holder(link_of(ticket.link)).is_none() {
        let is_dead = house.admissions.is_dead(ticket.link);
        return Err(if is_dead {
            GoodbyeReason::Withdrawn.into()
        } else {
            Close::NoSession.into()
        });
    }
    let (admission, claim) = Claimed::by(&house, &ticket)?;
    house.admissions.is_written(&admission).await;
    let (outbox, inbox) = outbox::pair(admission.socket);
    let join = Join {
        link: admission.link,
        roster,
        session: admission.session,
        epoch: admission.epoch,
        claim,
        contested: admission.contested,
        outbox,
        offer,
        sends,
        relay,
    };
    let elsewhere = admission.earlier.filter(|call| *call != admission.call);
    if let Some(elsewhere) = elsewhere.and_then(|call| house.switchboard.find(call)) {
        let superseded = Command::Superseded {
            link: admission.link,
            epoch: admission.epoch,
        };
        // A call that has ended holds nobody any more.
        if elsewhere.send(superseded).await.is_err() {
            tracing::debug!("the earlier call ended by itself");
        }
    }
    let call = house
        .switchboard
        .deliver(&house, admission.call, Command::Join(join))
        .await;
    Ok(Bound {
        call,
        session: admission.session,
        number: admission.socket,
        inbox,
    })
}

async fn return_to(house: &Arc<House>, call: CallId, resume: Resume) -> Result<Mailbox, LastWord> {
    let mailbox = house
        .switchboard
        .find(call)
        .ok_or_else(|| LastWord::from(Close::NoSession))?;
    mailbox
        .send(Command::Resume(resume))
        .await
        .map_err(|_ended| LastWord::from(Close::NoSession))?;
    Ok(mailbox)
}

/// What a joined socket says to its call; none where it is out of order.
fn saying_of(message: ClientMessage) -> Option<Saying> {
    match message {
        ClientMessage::Offer { offer } => Some(Saying::Offer(Private::new(offer))),
        ClientMessage::Sends { sends } => Some(Saying::Sends(sends)),
        ClientMessage::View { slots } => Some(Saying::View(slots)),
        ClientMessage::AddMinute {} => Some(Saying::AddMinute),
        ClientMessage::Write { text } => Some(Saying::Chat(Private::new(text))),
        ClientMessage::Mute { participant } => Some(Saying::Mute(participant)),
        ClientMessage::Leave {} => Some(Saying::Leave),
        ClientMessage::Ping { n } => Some(Saying::Ping(n)),
        ClientMessage::Join { .. }
        | ClientMessage::Prepare { .. }
        | ClientMessage::Enter { .. }
        | ClientMessage::Resume { .. } => None,
    }
}
