//! A client of `homeroom.v1`.

use std::net::SocketAddr;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};
use wire::close::Close;
use wire::http::RelayAccess;
use wire::message::{
    CallInfo, ClientMessage, Clock, GoodbyeReason, Notice, Person, Power, Sends, ServerMessage,
    Session,
};

use super::PATIENCE;

/// One socket.
#[derive(Debug)]
pub(crate) struct Client {
    socket: WebSocketStream<TcpStream>,
}

/// What `joined` said.
#[derive(Clone, Debug)]
pub(crate) struct Joined {
    pub(crate) session: Session,
    pub(crate) call: CallInfo,
    pub(crate) you: u32,
    pub(crate) powers: Vec<Power>,
    pub(crate) answer: Option<String>,
    pub(crate) people: Vec<Person>,
    pub(crate) clock: Option<Clock>,
}

/// What came.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "most of what is heard is said")]
pub(crate) enum Heard {
    Said(ServerMessage),
    /// The code it was closed with.
    Closed(u16),
    /// The connection was cut without a close.
    Cut,
}

impl Client {
    pub(crate) async fn try_open(
        address: SocketAddr,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, Error> {
        let socket = TcpSocket::new_v4().expect("a socket");
        Self::over(socket, address, headers).await
    }

    /// A client whose system takes little that it does not read.
    pub(crate) async fn open_narrow(address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4096).expect("a small buffer");
        let headers = [("sec-websocket-protocol", wire::SUBPROTOCOL)];
        Self::over(socket, address, &headers)
            .await
            .expect("it is let in")
    }

    async fn over(
        socket: TcpSocket,
        address: SocketAddr,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, Error> {
        let stream = socket.connect(address).await.expect("it listens");
        let mut request = format!("ws://{address}{}", wire::SOCKET_PATH).into_client_request()?;
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).expect("a header's value");
            request.headers_mut().insert(*name, value);
        }
        let (socket, _response) = client_async(request, stream).await?;
        Ok(Self { socket })
    }

    pub(crate) async fn say(&mut self, message: &ClientMessage) {
        let text = serde_json::to_string(message).expect("plain fields");
        self.say_raw(Message::text(text)).await;
    }

    pub(crate) async fn say_raw(&mut self, message: Message) {
        self.socket.send(message).await.expect("the socket lives");
    }

    /// Says it if the socket still takes it.
    pub(crate) async fn try_say_raw(&mut self, message: Message) -> bool {
        self.socket.send(message).await.is_ok()
    }

    pub(crate) async fn join(&mut self, ticket: &str, offer: &str) {
        self.say(&ClientMessage::Join {
            ticket: ticket.to_owned(),
            offer: offer.to_owned(),
            sends: Sends::default(),
        })
        .await;
    }

    /// Connects before the press; gives the answer.
    pub(crate) async fn prepare(&mut self, ticket: &str, offer: &str) -> String {
        self.say(&ClientMessage::Prepare {
            ticket: ticket.to_owned(),
            offer: offer.to_owned(),
        })
        .await;
        match self.message().await {
            ServerMessage::Prepared { answer, .. } => answer,
            other => panic!("not prepared: {other:?}"),
        }
    }

    /// The press, after [`Self::prepare`].
    pub(crate) async fn enter(&mut self) {
        self.enter_accepting(None).await;
    }

    /// The same, beside ground rules that it accepts.
    pub(crate) async fn enter_accepting(&mut self, accepts_rules: Option<u32>) {
        let sends = Sends::default();
        let enter = ClientMessage::Enter {
            sends,
            accepts_rules,
        };
        self.say(&enter).await;
    }

    pub(crate) async fn resume(&mut self, session: &Session, offer: Option<&str>) {
        self.say(&ClientMessage::Resume {
            session: session.id.clone(),
            secret: session.secret.clone(),
            epoch: session.epoch,
            offer: offer.map(str::to_owned),
            sends: Sends::default(),
        })
        .await;
    }

    pub(crate) async fn ping(&mut self, n: u32) {
        self.say(&ClientMessage::Ping { n }).await;
    }

    /// The next thing that comes.
    pub(crate) async fn hear(&mut self) -> Heard {
        loop {
            let next = timeout(PATIENCE, self.socket.next())
                .await
                .expect("something comes in time");
            return match next {
                Some(Ok(Message::Text(text))) => {
                    Heard::Said(serde_json::from_str(&text).expect("a message of the protocol"))
                }
                Some(Ok(Message::Close(frame))) => {
                    Heard::Closed(frame.map_or(1005, |frame| frame.code.into()))
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Ok(other)) => panic!("nothing else is ever sent: {other:?}"),
                Some(Err(_)) | None => Heard::Cut,
            };
        }
    }

    /// The next message.
    pub(crate) async fn message(&mut self) -> ServerMessage {
        match self.hear().await {
            Heard::Said(message) => message,
            end @ (Heard::Closed(_) | Heard::Cut) => panic!("it ended: {end:?}"),
        }
    }

    /// Reads until a message is what is waited for.
    pub(crate) async fn until<T>(
        &mut self,
        mut pick: impl FnMut(&ServerMessage) -> Option<T>,
    ) -> T {
        loop {
            let message = self.message().await;
            if let Some(picked) = pick(&message) {
                return picked;
            }
        }
    }

    /// Reads until `joined`.
    pub(crate) async fn joined(&mut self) -> Joined {
        self.until(|message| match message.clone() {
            ServerMessage::Joined {
                session,
                call,
                you,
                powers,
                answer,
                people,
                clock,
            } => Some(Joined {
                session,
                call,
                you,
                powers,
                answer,
                people,
                clock,
            }),
            other => {
                assert!(
                    matches!(other, ServerMessage::Queued { .. }),
                    "it is first: {other:?}"
                );
                None
            }
        })
        .await
    }

    /// Reads until it is told that nothing is left of its connection; gives the relay that it gets.
    pub(crate) async fn gone(&mut self) -> Option<RelayAccess> {
        self.until(|message| match message {
            ServerMessage::Notice {
                notice: Notice::ConnectionGone { relay },
            } => Some(relay.clone()),
            _other => None,
        })
        .await
    }

    /// The next message, which is `queued`: its session, place and seats taken.
    pub(crate) async fn queued(&mut self) -> (Session, u32, u32) {
        match self.message().await {
            ServerMessage::Queued {
                session,
                place,
                active,
                ..
            } => (session, place, active),
            other => panic!("not queued: {other:?}"),
        }
    }

    /// Reads until the people are as wanted.
    pub(crate) async fn people(&mut self, wanted: impl Fn(&[Person]) -> bool) -> Vec<Person> {
        self.until(|message| match message {
            ServerMessage::People { people } if wanted(people) => Some(people.clone()),
            _other => None,
        })
        .await
    }

    /// Says `ping` and reads until its `pong`: whatever was said before has been heard then.
    pub(crate) async fn settled(&mut self) -> Vec<ServerMessage> {
        self.ping(77).await;
        let mut before = Vec::new();
        loop {
            match self.message().await {
                ServerMessage::Pong { n: 77 } => return before,
                other => before.push(other),
            }
        }
    }

    /// Everything until the end: the messages, and how it ended.
    pub(crate) async fn rest(&mut self) -> (Vec<ServerMessage>, Heard) {
        let mut messages = Vec::new();
        loop {
            match self.hear().await {
                Heard::Said(message) => messages.push(message),
                end @ (Heard::Closed(_) | Heard::Cut) => return (messages, end),
            }
        }
    }

    /// Reads to the end, which must be this close; says what the goodbye was, which must be last.
    pub(crate) async fn closed(&mut self, close: Close) -> Option<GoodbyeReason> {
        let (messages, end) = self.rest().await;
        assert_eq!(end, Heard::Closed(close.code()), "after {messages:?}");
        let goodbyes: Vec<GoodbyeReason> = messages
            .iter()
            .filter_map(|message| match message {
                ServerMessage::Goodbye { reason } => Some(*reason),
                _other => None,
            })
            .collect();
        assert!(goodbyes.len() <= 1, "one last word: {goodbyes:?}");
        if !goodbyes.is_empty() {
            let last = messages.last();
            assert!(
                matches!(last, Some(ServerMessage::Goodbye { .. })),
                "{last:?}"
            );
        }
        goodbyes.first().copied()
    }
}
