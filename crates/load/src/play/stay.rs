//! Somebody who stays in a call, whatever becomes of the server and the network: they come back by
//! themselves, as PROTOCOL.md has it, with a fresh connection wherever the one they had is gone.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, interval, sleep, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use wire::close::{Close, ComeBack};
use wire::message::{
    ClientMessage, GoodbyeReason, Notice, Person, RefusedCode, Sends, ServerMessage, Session,
};

use super::joining::{Door, open};
use crate::client::Swarm;

/// What they send.
const SENDS: Sends = Sends {
    microphone: true,
    camera: true,
    screen: false,
};

/// How long to wait before each try to come back; the last one again and again.
const PAUSES: [Duration; 4] = [
    Duration::ZERO,
    Duration::from_millis(300),
    Duration::from_millis(1_200),
    Duration::from_secs(2),
];

/// How long to wait before a server is offered to again that was too busy.
const BUSY: Duration = Duration::from_secs(2);

/// How often to say that one lives, until the server says how often.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// For how many halves of a heartbeat a server may say nothing before the socket is lost, as PROTOCOL.md has it.
const HALF_BEATS: u32 = 5;

/// How long a new socket may say nothing.
const FIRST_WORD: Duration = Duration::from_secs(10);

/// What somebody was told, and when.
#[derive(Clone, Debug)]
pub struct Told {
    /// Who, by the number they were given.
    pub who: usize,
    /// When.
    pub at: Instant,
    /// What.
    pub what: Word,
}

/// What somebody is told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Word {
    /// They hold a seat, and so do these.
    Seated(Vec<Person>),
    /// They wait; 1 is next.
    Waits(u32),
    /// Their connection is gone, and they offer a fresh one.
    Renews,
    /// Their socket is lost, and they come back.
    ComesBack,
    /// It is over.
    Over(Option<GoodbyeReason>),
}

/// Somebody who stays.
#[derive(Debug)]
pub struct Stayer {
    /// The number they are known by.
    pub who: usize,
    /// Their link.
    pub door: Door,
    /// Who plays their media.
    pub swarm: Arc<Swarm>,
    /// Their number there.
    pub participant: usize,
    /// Where it is told what they are told.
    pub told: mpsc::Sender<Told>,
    /// The session they were given last, to come back by.
    pub held: Option<Session>,
}

/// Why a socket is no more.
enum Ended {
    /// It is over.
    Over(Option<GoodbyeReason>),
    /// They come back.
    Lost,
}

type Socket = WebSocketStream<TcpStream>;

impl Stayer {
    /// Presses Join with the offer of their participant, or comes back by the session they hold,
    /// and stays until it is over; gives the session they had last.
    ///
    /// # Errors
    ///
    /// Where the load has ended, or the server says what PROTOCOL.md does not know.
    pub async fn stay(mut self, offer: String) -> anyhow::Result<Option<Session>> {
        let attempt = ambient::random();
        let mut offer = Some(offer);
        let mut tries = 0;
        loop {
            let pause = PAUSES.get(tries).or(PAUSES.last());
            sleep(pause.copied().unwrap_or_default()).await;
            let socket = self.arrive(attempt, offer.take()).await?;
            let (ended, is_greeted) = match socket {
                None => (Ended::Lost, false),
                Some(socket) => self.sit(socket).await?,
            };
            match ended {
                Ended::Over(reason) => {
                    self.tell(Word::Over(reason));
                    return Ok(self.held);
                }
                Ended::Lost => self.tell(Word::ComesBack),
            }
            tries = if is_greeted { 0 } else { tries + 1 };
            offer = Some(self.swarm.renew(self.participant).await?);
        }
    }

    fn tell(&self, what: Word) {
        let (who, at) = (self.who, Instant::now());
        // Who listened may have heard enough.
        drop(self.told.try_send(Told { who, at, what }));
    }

    /// Opens a socket and says who they are; `None` where the server cannot be reached.
    async fn arrive(&self, attempt: u128, offer: Option<String>) -> anyhow::Result<Option<Socket>> {
        let first = match &self.held {
            Some(session) => ClientMessage::Resume {
                session: session.id.clone(),
                secret: session.secret.clone(),
                epoch: session.epoch,
                offer,
                sends: SENDS,
            },
            None => {
                let Ok(ticket) = self.door.ticket_of(attempt).await else {
                    return Ok(None);
                };
                ClientMessage::Join {
                    ticket,
                    offer: offer.context("a join has an offer")?,
                    sends: SENDS,
                }
            }
        };
        let Ok(mut socket) = open(&self.door).await else {
            return Ok(None);
        };
        let is_said = say(&mut socket, &first).await?;
        Ok(is_said.then_some(socket))
    }

    /// Stays on a socket until it ends; gives how, and whether it was ever answered.
    async fn sit(&mut self, socket: Socket) -> anyhow::Result<(Ended, bool)> {
        let mut sitting = Sitting {
            socket,
            is_greeted: false,
            offer_at: None,
            beat: interval(HEARTBEAT),
            heard_at: Instant::now(),
        };
        loop {
            let due = sitting.offer_at.unwrap_or_else(Instant::now);
            let heard = tokio::select! {
                () = sleep_until(due), if sitting.offer_at.is_some() => self.offer(&mut sitting).await?,
                _ = sitting.beat.tick(), if sitting.is_greeted => sitting.beat().await?,
                message = timeout(FIRST_WORD, sitting.socket.next()) => match message {
                    Ok(Some(Ok(Message::Text(text)))) => self.hear(&mut sitting, &text).await?,
                    Ok(Some(Ok(Message::Close(frame)))) => {
                        Some(after_close(frame.map(|frame| u16::from(frame.code))))
                    }
                    Ok(Some(Ok(_))) => None,
                    Err(_silent) if sitting.is_greeted => None,
                    Ok(None | Some(Err(_))) | Err(_) => Some(Ended::Lost),
                },
            };
            if let Some(ended) = heard {
                return Ok((ended, sitting.is_greeted));
            }
        }
    }

    /// Does what a message asks for; gives how the socket has ended, where it has.
    async fn hear(&mut self, sitting: &mut Sitting, text: &str) -> anyhow::Result<Option<Ended>> {
        sitting.heard_at = Instant::now();
        match serde_json::from_str(text)? {
            ServerMessage::Joined {
                session,
                answer,
                people,
                ..
            } => {
                self.keep(session, sitting);
                if let Some(answer) = answer {
                    self.swarm.accept(self.participant, &answer)?;
                }
                self.tell(Word::Seated(people));
            }
            ServerMessage::Queued { session, place, .. } => {
                self.keep(session, sitting);
                self.tell(Word::Waits(place));
            }
            ServerMessage::Answer { answer } => self.swarm.accept(self.participant, &answer)?,
            ServerMessage::Notice {
                notice: Notice::ConnectionGone { .. },
            } => {
                self.tell(Word::Renews);
                return self.offer(sitting).await;
            }
            // It may begin again.
            ServerMessage::Goodbye {
                reason: GoodbyeReason::Shutdown,
            } => return Ok(Some(Ended::Lost)),
            ServerMessage::Goodbye { reason } => return Ok(Some(Ended::Over(Some(reason)))),
            ServerMessage::Refused {
                code: RefusedCode::TooFast,
                ..
            } => sitting.offer_at = Some(Instant::now() + BUSY),
            ServerMessage::Refused { code, detail } => bail!("{code:?}: {detail}"),
            ServerMessage::People { .. }
            | ServerMessage::Knocking { .. }
            | ServerMessage::Countdown { .. }
            | ServerMessage::Prepared { .. }
            | ServerMessage::Speaking { .. }
            | ServerMessage::Paused { .. }
            | ServerMessage::Watched { .. }
            | ServerMessage::Clock { .. }
            | ServerMessage::Chat { .. }
            | ServerMessage::Notice { .. }
            | ServerMessage::Pong { .. } => {}
        }
        Ok(None)
    }

    /// Offers a fresh connection.
    async fn offer(&self, sitting: &mut Sitting) -> anyhow::Result<Option<Ended>> {
        sitting.offer_at = None;
        let offer = self.swarm.renew(self.participant).await?;
        sitting.say(&ClientMessage::Offer { offer }).await
    }

    fn keep(&mut self, session: Session, sitting: &mut Sitting) {
        if !std::mem::replace(&mut sitting.is_greeted, true) {
            sitting.beat = interval(Duration::from_millis(u64::from(session.heartbeat_ms)));
        }
        self.held = Some(session);
    }
}

/// A socket that somebody stays on.
struct Sitting {
    socket: Socket,
    /// Whether the server has taken them in.
    is_greeted: bool,
    /// When to offer again to a server that was too busy.
    offer_at: Option<Instant>,
    beat: Interval,
    /// When the server said anything last.
    heard_at: Instant,
}

impl Sitting {
    /// Says that they live; and where nothing was heard of the server for too long, the socket is lost.
    async fn beat(&mut self) -> anyhow::Result<Option<Ended>> {
        if self.heard_at.elapsed() > self.beat.period() * HALF_BEATS / 2 {
            return Ok(Some(Ended::Lost));
        }
        self.say(&ClientMessage::Ping { n: 1 }).await
    }

    /// Says it, where the socket takes it.
    async fn say(&mut self, message: &ClientMessage) -> anyhow::Result<Option<Ended>> {
        let is_said = say(&mut self.socket, message).await?;
        Ok((!is_said).then_some(Ended::Lost))
    }
}

/// Says it; gives whether the socket took it.
async fn say(socket: &mut Socket, message: &ClientMessage) -> anyhow::Result<bool> {
    let text = serde_json::to_string(message)?;
    Ok(socket.send(Message::text(text)).await.is_ok())
}

/// What a closing of the socket means: whoever may come back by themselves does.
fn after_close(code: Option<u16>) -> Ended {
    let known = Close::ALL.into_iter().find(|it| Some(it.code()) == code);
    match known.map(Close::come_back) {
        Some(ComeBack::Never | ComeBack::Press) => Ended::Over(None),
        Some(ComeBack::Resume) | None => Ended::Lost,
    }
}
