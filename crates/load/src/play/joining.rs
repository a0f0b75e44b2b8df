//! Joining one call by one link, as a browser does.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail, ensure};
use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use links::Secret;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use wire::http::{TicketGranted, TicketRequest};
use wire::message::{ClientMessage, Sends, ServerMessage};

/// The longest answer read, bytes.
const LONGEST_ANSWER: usize = 64 * 1024;

/// One link: where it leads, and its secret.
#[derive(Clone, Debug)]
pub struct Door {
    /// Host and port.
    authority: String,
    id: String,
    secret: Secret,
}

impl Door {
    /// Reads a link; `url` replaces the server it names.
    ///
    /// # Errors
    ///
    /// Where it is no link of a Homeroom over `http`.
    pub fn read(link: &str, url: Option<&str>) -> anyhow::Result<Self> {
        let (page, secret) = link.split_once('#').context("a link has no secret")?;
        let (server, id) = page.split_once("/j/").context("a link has no id")?;
        let server = url.unwrap_or(server).trim_end_matches('/');
        let authority = server
            .strip_prefix("http://")
            .context("the load tool speaks plain http: name the server's own port")?;
        Ok(Self {
            authority: authority.to_owned(),
            id: id.to_owned(),
            secret: Secret::read(secret).context("the secret of a link is cut off")?,
        })
    }

    async fn connect(&self) -> anyhow::Result<TcpStream> {
        let stream = TcpStream::connect(&self.authority)
            .await
            .with_context(|| format!("no server answers at {}", self.authority))?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Presses Join: a ticket.
    ///
    /// # Errors
    ///
    /// Where the server refuses it.
    pub async fn ticket(&self) -> anyhow::Result<String> {
        self.ticket_of(ambient::random()).await
    }

    /// Asks for a ticket to prepare a connection by, before the press.
    ///
    /// # Errors
    ///
    /// Where the server refuses it.
    pub async fn ticket_to_prepare(&self) -> anyhow::Result<String> {
        self.ask(ambient::random(), true).await
    }

    /// The same, for one press in particular.
    ///
    /// # Errors
    ///
    /// Where the server refuses it.
    pub async fn ticket_of(&self, attempt: u128) -> anyhow::Result<String> {
        self.ask(attempt, false).await
    }

    async fn ask(&self, attempt: u128, prepares: bool) -> anyhow::Result<String> {
        let stream = TokioIo::new(self.connect().await?);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await?;
        let driven = tokio::spawn(connection);
        let request = TicketRequest {
            secret: self.secret.expose(),
            attempt: format!("{attempt:032x}"),
            meeting: None,
            accepts_rules: (!prepares).then_some(wire::limits::GROUND_RULES),
            prepares,
        };
        let request = Request::post(format!("/api/v1/links/{}/tickets", self.id))
            .header(header::HOST, &self.authority)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(serde_json::to_vec(&request)?)))?;
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = Limited::new(response.into_body(), LONGEST_ANSWER);
        let body = body.collect().await;
        let body = body.map_err(|error| anyhow!("the answer cannot be read: {error}"))?;
        let body = body.to_bytes();
        drop(sender);
        driven.await??;
        ensure!(
            status == StatusCode::OK,
            "{status}: {}",
            String::from_utf8_lossy(&body)
        );
        Ok(serde_json::from_slice::<TicketGranted>(&body)?.ticket)
    }
}

/// A seat that is held.
#[derive(Debug)]
pub struct Seat {
    socket: WebSocketStream<TcpStream>,
    heartbeat: Duration,
    /// How many sat there already.
    pub others: usize,
}

/// Opens a WebSocket.
pub(super) async fn open(door: &Door) -> anyhow::Result<WebSocketStream<TcpStream>> {
    let url = format!("ws://{}{}", door.authority, wire::SOCKET_PATH);
    let mut request = url.into_client_request()?;
    let protocol = wire::SUBPROTOCOL.parse()?;
    request
        .headers_mut()
        .insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
    let stream = door.connect().await?;
    Ok(tokio_tungstenite::client_async(request, stream).await?.0)
}

impl Seat {
    /// Takes a seat; gives it and the answer to the offer.
    ///
    /// # Errors
    ///
    /// Where the call is full, or the server refuses.
    pub async fn take(
        door: &Door,
        ticket: String,
        offer: String,
    ) -> anyhow::Result<(Self, String)> {
        let mut socket = open(door).await?;
        let sends = Sends {
            microphone: true,
            camera: true,
            screen: false,
        };
        let join = ClientMessage::Join {
            ticket,
            offer,
            sends,
        };
        socket
            .send(Message::text(serde_json::to_string(&join)?))
            .await?;
        loop {
            let message = socket
                .next()
                .await
                .context("the server closed the socket")??;
            let Message::Text(text) = message else {
                bail!("the server said {message:?}")
            };
            match serde_json::from_str(&text)? {
                ServerMessage::Joined {
                    session,
                    answer,
                    people,
                    ..
                } => {
                    let answer = answer.context("there is no answer to the offer")?;
                    let heartbeat = Duration::from_millis(u64::from(session.heartbeat_ms));
                    return Ok((
                        Self {
                            socket,
                            heartbeat,
                            others: people.len() - 1,
                        },
                        answer,
                    ));
                }
                ServerMessage::Queued { .. } => bail!("the call is full"),
                ServerMessage::Goodbye { reason } => bail!("the server said goodbye: {reason:?}"),
                ServerMessage::People { .. }
                | ServerMessage::Knocking { .. }
                | ServerMessage::Countdown { .. }
                | ServerMessage::Prepared { .. }
                | ServerMessage::Speaking { .. }
                | ServerMessage::Paused { .. }
                | ServerMessage::Watched { .. }
                | ServerMessage::Clock { .. }
                | ServerMessage::Chat { .. }
                | ServerMessage::Answer { .. }
                | ServerMessage::Notice { .. }
                | ServerMessage::Refused { .. }
                | ServerMessage::Pong { .. } => {}
            }
        }
    }

    /// Says what `next` gives, as fast as it is taken, until the server ends the session; counts it.
    pub(super) async fn say_without_end(self, mut next: impl FnMut() -> Message, said: &AtomicU64) {
        let (mut sink, mut stream) = self.socket.split();
        let saying = async {
            while sink.send(next()).await.is_ok() {
                said.fetch_add(1, Ordering::Relaxed);
            }
        };
        let hearing = async { while let Some(Ok(_)) = stream.next().await {} };
        tokio::select! {
            () = saying => {}
            () = hearing => {}
        }
    }

    /// Stays until the server ends the session; gives how it ended.
    pub async fn stay(self) -> String {
        stay(self.socket, self.heartbeat).await
    }
}

/// Beats until the server closes the socket; gives how it ended.
pub(super) async fn stay(mut socket: WebSocketStream<TcpStream>, heartbeat: Duration) -> String {
    let mut beat = tokio::time::interval(heartbeat);
    let ping = serde_json::to_string(&ClientMessage::Ping { n: 1 }).unwrap_or_default();
    loop {
        let outcome = tokio::select! {
            _ = beat.tick() => socket.send(Message::text(ping.clone())).await,
            message = socket.next() => match message {
                None | Some(Ok(Message::Close(_))) => return "closed".to_owned(),
                Some(Err(error)) => Err(error),
                Some(Ok(_)) => Ok(()),
            },
        };
        if let Err(error) = outcome {
            return error.to_string();
        }
    }
}
