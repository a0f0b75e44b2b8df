//! Many participants on one thread.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use forward::time::Micros;
use mio::{Events, Interest, Poll, Token};
use sfu::bare::{Inbox, Outbox, Port};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::connection::Identity;
use super::description::Answer;
use super::link::Link;
use super::participant::{Media, Participant, Pulse, Role};
use super::tally::{Counter, Tally};

/// How often what is due is looked at. What arrives meanwhile waits, but its latency does not: the
/// kernel stamps it.
const TICK: Duration = Duration::from_micros(250);

/// How often it is looked at in a silent swarm, where nothing is due but checks and the handshake.
const SILENT_TICK: Duration = Duration::from_millis(10);

/// How many orders may wait.
const ORDERS: usize = 1_024;

/// Why a load cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum SwarmError {
    /// No socket, thread or certificate can be had.
    #[error("a load participant cannot be made: {0}")]
    Failed(String),
    /// The answer is not one of a Homeroom.
    #[error("the answer of the server cannot be read")]
    BadAnswer,
    /// There is no participant of that number.
    #[error("there is no such participant")]
    Nobody,
    /// The swarm has ended.
    #[error("the load has ended")]
    Ended,
}

/// Media of somebody else came to a participant for the first time; in a silent swarm, their
/// connection is there.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// Which participant, by the number it was given.
    pub participant: usize,
    /// When.
    pub at: Instant,
}

enum Order {
    Add {
        role: Role,
        reply: oneshot::Sender<Result<(usize, String), SwarmError>>,
    },
    Renew {
        participant: usize,
        reply: oneshot::Sender<Result<String, SwarmError>>,
    },
    Accept {
        participant: usize,
        answer: Box<Answer>,
    },
    Take {
        reply: oneshot::Sender<Tally>,
    },
    Feel {
        reply: oneshot::Sender<Vec<Pulse>>,
    },
    Stop,
}

/// The handle of a thread that plays participants.
#[derive(Debug)]
pub struct Swarm {
    orders: SyncSender<Order>,
    thread: Option<JoinHandle<()>>,
}

impl Swarm {
    /// Starts the thread; first media is told by `arrivals`. `aes_cm` chooses the SRTP profile
    /// that Chromium chooses, rather than AES-GCM; `link` is what lies between each participant and
    /// the server.
    ///
    /// # Errors
    ///
    /// [`SwarmError::Failed`] where the system gives no thread.
    pub fn start(
        arrivals: mpsc::Sender<Arrival>,
        aes_cm: bool,
        link: Link,
    ) -> Result<Self, SwarmError> {
        Self::begin(arrivals, aes_cm, link, Media::All)
    }

    /// Starts a thread whose participants send sound and no pictures, so that many cost little.
    ///
    /// # Errors
    ///
    /// As [`Self::start`].
    pub fn talking(
        arrivals: mpsc::Sender<Arrival>,
        aes_cm: bool,
        link: Link,
    ) -> Result<Self, SwarmError> {
        Self::begin(arrivals, aes_cm, link, Media::Sound)
    }

    /// Starts a thread whose participants connect and send no media, as pages do before the press:
    /// `arrivals` tells whose connection is there. Media that comes is counted as misrouted.
    ///
    /// # Errors
    ///
    /// As [`Self::start`].
    pub fn silent(arrivals: mpsc::Sender<Arrival>, aes_cm: bool) -> Result<Self, SwarmError> {
        Self::begin(arrivals, aes_cm, Link::default(), Media::Nothing)
    }

    fn begin(
        arrivals: mpsc::Sender<Arrival>,
        aes_cm: bool,
        link: Link,
        sends: Media,
    ) -> Result<Self, SwarmError> {
        let failed = |error: &dyn std::fmt::Display| SwarmError::Failed(error.to_string());
        let identity = Identity::generate(aes_cm).map_err(|error| failed(&error))?;
        let poll = Poll::new().map_err(|error| failed(&error))?;
        let (orders, receiver) = sync_channel(ORDERS);
        let runner = Runner {
            identity,
            link,
            sends,
            poll,
            orders: receiver,
            arrivals,
            participants: Vec::new(),
            counter: Counter::default(),
            inbox: Inbox::new(),
            outbox: Outbox::new(),
            started: Instant::now(),
        };
        let thread = thread::Builder::new()
            .name("load".to_owned())
            .spawn(move || runner.run())
            .map_err(|error| failed(&error))?;
        Ok(Self {
            orders,
            thread: Some(thread),
        })
    }

    /// Makes a participant; gives its number and its offer.
    ///
    /// # Errors
    ///
    /// [`SwarmError`] where no port can be had or the swarm has ended.
    pub async fn add(&self, role: Role) -> Result<(usize, String), SwarmError> {
        let (reply, made) = oneshot::channel();
        self.order(Order::Add { role, reply })?;
        made.await.map_err(|_gone| SwarmError::Ended)?
    }

    /// Makes a fresh connection for a participant, in place of the one they have; gives its offer.
    /// That media of somebody else came is told anew.
    ///
    /// # Errors
    ///
    /// [`SwarmError`] where there is no such participant, no port can be had or the swarm has ended.
    pub async fn renew(&self, participant: usize) -> Result<String, SwarmError> {
        let (reply, made) = oneshot::channel();
        self.order(Order::Renew { participant, reply })?;
        made.await.map_err(|_gone| SwarmError::Ended)?
    }

    /// Hands a participant the server's answer: it connects, and sends from then on.
    ///
    /// # Errors
    ///
    /// [`SwarmError::BadAnswer`] where it cannot be read.
    pub fn accept(&self, participant: usize, answer: &str) -> Result<(), SwarmError> {
        let answer = Box::new(Answer::read(answer).ok_or(SwarmError::BadAnswer)?);
        self.order(Order::Accept {
            participant,
            answer,
        })
    }

    /// What arrived since the last call, or since the start.
    ///
    /// # Errors
    ///
    /// [`SwarmError::Ended`] where the thread has ended.
    pub async fn take(&self) -> Result<Tally, SwarmError> {
        let (reply, tally) = oneshot::channel();
        self.order(Order::Take { reply })?;
        tally.await.map_err(|_gone| SwarmError::Ended)
    }

    /// What came to each participant since the last call, by their numbers; a fresh connection begins anew.
    ///
    /// # Errors
    ///
    /// [`SwarmError::Ended`] where the thread has ended.
    pub async fn feel(&self) -> Result<Vec<Pulse>, SwarmError> {
        let (reply, pulses) = oneshot::channel();
        self.order(Order::Feel { reply })?;
        pulses.await.map_err(|_gone| SwarmError::Ended)
    }

    fn order(&self, order: Order) -> Result<(), SwarmError> {
        self.orders
            .try_send(order)
            .map_err(|_error| SwarmError::Ended)
    }
}

impl Drop for Swarm {
    fn drop(&mut self) {
        drop(self.orders.send(Order::Stop));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

struct Runner {
    identity: Identity,
    link: Link,
    /// What its participants send.
    sends: Media,
    poll: Poll,
    orders: Receiver<Order>,
    arrivals: mpsc::Sender<Arrival>,
    participants: Vec<Participant>,
    counter: Counter,
    inbox: Inbox,
    outbox: Outbox,
    started: Instant,
}

impl Runner {
    fn run(mut self) {
        let mut events = Events::with_capacity(1_024);
        let mut next_tick = Instant::now();
        let tick = match self.sends {
            Media::Nothing => SILENT_TICK,
            Media::Sound | Media::All => TICK,
        };
        loop {
            thread::sleep(next_tick.saturating_duration_since(Instant::now()));
            if let Err(error) = self.poll.poll(&mut events, Some(Duration::ZERO))
                && error.kind() != io::ErrorKind::Interrupted
            {
                return;
            }
            for event in &events {
                self.receive(event.token().0);
            }
            let instant = Instant::now();
            next_tick = instant + tick;
            if self.obey() {
                return;
            }
            let now = self.now(instant);
            for number in 0..self.participants.len() {
                if let Some(participant) = self.participants.get_mut(number) {
                    participant.tick(now, &mut self.outbox, &mut self.counter);
                }
                self.tell_first(number, instant);
            }
        }
    }

    fn now(&self, instant: Instant) -> Micros {
        let since = instant.saturating_duration_since(self.started).as_micros();
        Micros(u64::try_from(since).unwrap_or(u64::MAX))
    }

    /// Does what it was told; gives whether to stop.
    fn obey(&mut self) -> bool {
        while let Ok(order) = self.orders.try_recv() {
            match order {
                Order::Add { role, reply } => drop(reply.send(self.add(role))),
                Order::Renew { participant, reply } => drop(reply.send(self.renew(participant))),
                Order::Accept {
                    participant,
                    answer,
                } => {
                    if let Some(participant) = self.participants.get_mut(participant) {
                        participant.accept(*answer);
                    }
                }
                Order::Take { reply } => drop(reply.send(self.take())),
                Order::Feel { reply } => {
                    let now = self.now(Instant::now());
                    let all = self.participants.iter_mut();
                    drop(reply.send(all.map(|it| it.take_pulse(now)).collect()));
                }
                Order::Stop => return true,
            }
        }
        false
    }

    fn take(&mut self) -> Tally {
        let mut tally = self.counter.take();
        for participant in &mut self.participants {
            tally.passage = tally.passage.and(participant.take_passage());
        }
        tally
    }

    fn add(&mut self, role: Role) -> Result<(usize, String), SwarmError> {
        let number = self.participants.len();
        let participant = self.make(role, number)?;
        let offer = participant.offer();
        self.participants.push(participant);
        Ok((number, offer))
    }

    fn renew(&mut self, number: usize) -> Result<String, SwarmError> {
        let before = self.participants.get(number);
        let role = before.ok_or(SwarmError::Nobody)?.role;
        let participant = self.make(role, number)?;
        let offer = participant.offer();
        if let Some(before) = self.participants.get_mut(number) {
            // What was on its way to its port is lost with that.
            *before = participant;
        }
        Ok(offer)
    }

    /// A participant with a port of their own, known to the poll by `number`.
    fn make(&self, role: Role, number: usize) -> Result<Participant, SwarmError> {
        let failed = |error: io::Error| SwarmError::Failed(error.to_string());
        let anywhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        let mut port = Port::bind(anywhere).map_err(failed)?;
        port.stamp_arrivals().map_err(failed)?;
        self.poll
            .registry()
            .register(&mut port.socket, Token(number), Interest::READABLE)
            .map_err(failed)?;
        let participant = Participant::new(role, port, self.link, number as u64, &self.identity);
        Ok(participant.sending(self.sends))
    }

    fn receive(&mut self, number: usize) {
        let Some(participant) = self.participants.get_mut(number) else {
            return;
        };
        while let Ok(1..) = self.inbox.receive(&participant.port.socket) {
            let instant = Instant::now();
            let since = instant.saturating_duration_since(self.started).as_micros();
            let now = Micros(u64::try_from(since).unwrap_or(u64::MAX));
            for (_, stamp, datagram) in self.inbox.stamped() {
                let (outbox, counter) = (&mut self.outbox, &mut self.counter);
                participant.receive(datagram, stamp, now, outbox, counter);
            }
            participant.send_off(now, &mut self.outbox);
        }
        self.tell_first(number, Instant::now());
    }

    /// Tells that media came to a participant for the first time.
    fn tell_first(&mut self, number: usize, at: Instant) {
        let participant = self.participants.get_mut(number);
        if participant.is_some_and(Participant::has_just_heard) {
            // Who asked for joins to be measured may have what they need.
            let _untold = self.arrivals.try_send(Arrival {
                participant: number,
                at,
            });
        }
    }
}
