//! A media plane and the clients that meet there, moved on by one loop.

use std::net::SocketAddr;
use std::time::Duration;

use mio::{Events, Interest, Poll, Token};
use sfu::{Answering, CallKey, MediaEvent, OfferRefused, PeerKey, Settings, Sfu};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::client::{Client, LONGEST_WAIT, Style};

/// How long a condition is waited for: far longer than it takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// The call that meetings are in, unless they say otherwise.
pub(crate) const CALL: CallKey = CallKey(7);

/// The media plane with one worker on a free loopback port.
pub(crate) fn start() -> (Sfu, mpsc::Receiver<MediaEvent>) {
    Sfu::start(&settings()).expect("a free port is free")
}

fn settings() -> Settings {
    Settings {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        workers: 1,
        announce: Vec::new(),
        machine: sfu::machine,
    }
}

/// The answer, once the worker has given it.
pub(crate) fn answer(answering: Answering) -> Result<String, OfferRefused> {
    answering.blocking_recv().expect("every offer is answered")
}

/// Whether the long tests are to be run.
pub(crate) fn is_long() -> bool {
    #[expect(
        clippy::disallowed_methods,
        reason = "it is the tests' setting, not the program's"
    )]
    let is_long = std::env::var("HOMEROOM_LONG").is_ok_and(|it| it == "1");
    is_long
}

/// A media plane and its clients.
pub(crate) struct Meeting {
    pub(crate) sfu: Sfu,
    reported: mpsc::Receiver<MediaEvent>,
    /// What the media plane reported.
    pub(crate) events: Vec<MediaEvent>,
    pub(crate) clients: Vec<Client>,
    poll: Poll,
    ready: Events,
}

impl Meeting {
    pub(crate) fn new() -> Self {
        Self::at(&settings())
    }

    /// With no client yet.
    pub(crate) fn at(settings: &Settings) -> Self {
        let (sfu, reported) = Sfu::start(settings).expect("a free port is free");
        Self {
            sfu,
            reported,
            events: Vec::new(),
            clients: Vec::new(),
            poll: Poll::new().expect("the system can wait"),
            ready: Events::with_capacity(64),
        }
    }

    /// The key of the client at `index`.
    pub(crate) fn key(index: usize) -> PeerKey {
        PeerKey(100 + index as u64)
    }

    /// Attaches a new client at `seat`; gives its index. It is not connected yet.
    pub(crate) fn seat(&mut self, seat: u8, style: &Style) -> usize {
        let index = self.clients.len();
        self.seat_as(Self::key(index), seat, style)
    }

    /// Attaches a new client at `seat` as `key`; gives its index. It is not connected yet.
    pub(crate) fn seat_as(&mut self, key: PeerKey, seat: u8, style: &Style) -> usize {
        let index = self.clients.len();
        let maker = u8::try_from(index).expect("a meeting is small");
        let mut client = Client::new(maker, style);
        let offer = client.offer();
        let answer = answer(self.sfu.attach(CALL, key, seat, &offer)).expect("the offer fits");
        client.take_answer(&answer);
        self.add(client);
        index
    }

    /// Lets a client take part in the loop.
    pub(crate) fn add(&mut self, client: Client) {
        self.clients.push(client);
        self.watch(self.clients.len() - 1);
    }

    /// Waits for the newest socket of a client from now on.
    pub(crate) fn watch(&mut self, index: usize) {
        let newest = self.clients[index]
            .sockets()
            .last_mut()
            .expect("it has one");
        self.poll
            .registry()
            .register(newest, Token(0), Interest::READABLE)
            .expect("a socket can be waited for");
    }

    /// Attaches clients at `seats`, and waits until all are connected.
    pub(crate) fn of(seats: &[u8], style: &Style) -> Self {
        let mut meeting = Self::new();
        for seat in seats {
            meeting.seat(*seat, style);
        }
        meeting.until_connected();
        meeting
    }

    /// Waits until every client is connected, in its own view and in the media plane's.
    pub(crate) fn until_connected(&mut self) {
        self.until("everybody is connected", |meeting| {
            meeting.clients.iter().all(Client::is_connected)
        });
    }

    /// Everybody takes a turn, after waiting for something to come.
    pub(crate) fn turn(&mut self) {
        let now = Instant::now();
        let next = self.clients.iter_mut().filter_map(Client::next_turn).min();
        let wait = next.map_or(LONGEST_WAIT, |at| at.saturating_duration_since(now));
        self.poll
            .poll(&mut self.ready, Some(wait.min(LONGEST_WAIT)))
            .expect("the system can wait");
        for client in &mut self.clients {
            client.turn();
        }
        while let Ok(event) = self.reported.try_recv() {
            self.events.push(event);
        }
    }

    /// Goes on until `condition` is true.
    ///
    /// # Panics
    ///
    /// Where it does not become true in time.
    pub(crate) fn until(&mut self, what: &str, condition: impl FnMut(&mut Self) -> bool) {
        self.until_within(PATIENCE, what, condition);
    }

    /// Goes on until `condition` is true, for as long as `patience` lasts.
    ///
    /// # Panics
    ///
    /// Where it does not become true in time.
    pub(crate) fn until_within(
        &mut self,
        patience: Duration,
        what: &str,
        mut condition: impl FnMut(&mut Self) -> bool,
    ) {
        let deadline = Instant::now() + patience;
        while !condition(self) {
            assert!(Instant::now() < deadline, "never came true: {what}");
            self.turn();
        }
    }

    /// Returns when the worker has done all that it was told before.
    pub(crate) fn obeyed(&self) {
        let stranger = PeerKey(u64::MAX);
        let offer = Client::new(u8::MAX, &Style::default()).offer();
        answer(self.sfu.attach(CallKey(u64::MAX), stranger, 0, &offer)).expect("the offer fits");
        self.sfu.detach(stranger);
    }
}

impl Drop for Meeting {
    fn drop(&mut self) {
        self.sfu.stop();
    }
}
