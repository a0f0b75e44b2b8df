//! Somebody who holds a seat and means harm: as fast as one core can, what a worker must not choke
//! on. Only for servers of one's own.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use forward::rtp::Fields;
use forward::time::Micros;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use sfu::bare::{Inbox, Outbox, Port, rtcp};
use tokio::time::Instant;

use super::connection::{Connection, Identity, is_dtls, is_stun};
use super::description::{self, Answer, Credentials, Offering};
use super::swarm::SwarmError;

/// What is sent without end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Harm {
    /// Records of DTLS, fragments of messages and such of the next epoch, before keys are agreed.
    Handshake,
    /// Connectivity checks that are authentic and nominate, from many ports.
    Checks,
    /// RTP under the right keys, of every length and kind.
    Media,
    /// RTCP under the right keys: all that asks for something.
    Reports,
    /// Requests to the relay, and data for channels.
    Relay,
}

impl Harm {
    /// All there are.
    pub const ALL: [Self; 5] = [
        Self::Handshake,
        Self::Checks,
        Self::Media,
        Self::Reports,
        Self::Relay,
    ];

    /// Its name on a command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::Checks => "checks",
            Self::Media => "media",
            Self::Reports => "reports",
            Self::Relay => "relay",
        }
    }
}

/// Datagrams handed to the system at a time.
const BATCH: usize = 64;

/// How many batches go out between two looks at what came.
const BATCHES: usize = 16;

/// From how many ports checks come.
const PORTS: usize = 24;

/// How long it may take until it can do harm.
const READY_WITHIN: Duration = Duration::from_secs(10);

/// One who has made an offer.
#[derive(Debug)]
pub struct Hostile {
    identity: Identity,
    credentials: Credentials,
    ports: Vec<Port>,
    ssrcs: [u32; 3],
}

/// One who does harm.
#[derive(Debug)]
pub struct Harming {
    stop: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
    thread: JoinHandle<()>,
}

impl Hostile {
    /// Makes one.
    ///
    /// # Errors
    ///
    /// [`SwarmError::Failed`] where no socket or certificate can be had.
    pub fn new() -> Result<Self, SwarmError> {
        let failed = |error: &dyn std::fmt::Display| SwarmError::Failed(error.to_string());
        let anywhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        let ports = (0..PORTS)
            .map(|_| Port::bind(anywhere))
            .collect::<io::Result<_>>();
        let ssrc = ambient::random::<u32>() | 1;
        Ok(Self {
            identity: Identity::generate(false).map_err(|error| failed(&error))?,
            credentials: Credentials::fresh(),
            ports: ports.map_err(|error| failed(&error))?,
            ssrcs: [ssrc, ssrc ^ 0x1000, ssrc ^ 0x2000],
        })
    }

    /// Its offer.
    #[must_use]
    pub fn offer(&self) -> String {
        description::offer(&Offering {
            credentials: &self.credentials,
            fingerprint: self.identity.fingerprint,
            ssrcs: self.ssrcs,
        })
    }

    /// Takes the server's answer, connects as far as the harm needs, and begins; returns when it
    /// has.
    ///
    /// # Errors
    ///
    /// [`SwarmError`] where the answer cannot be read, no thread can be had, or it cannot connect.
    pub fn begin(self, answer: &str, harm: Harm) -> Result<Harming, SwarmError> {
        let answer = Answer::read(answer).ok_or(SwarmError::BadAnswer)?;
        let connection = Connection::new(&self.identity, self.credentials, answer);
        let mut doer = Doer {
            harm,
            connection,
            ports: self.ports,
            ssrcs: self.ssrcs,
            outbox: Outbox::new(),
            inbox: Inbox::new(),
            chance: StdRng::seed_from_u64(1),
            began: Instant::now(),
            numbers: 0,
        };
        doer.get_ready()?;
        let stop = Arc::new(AtomicBool::new(false));
        let sent = Arc::new(AtomicU64::new(0));
        let (stopped, counted) = (Arc::clone(&stop), Arc::clone(&sent));
        let thread = thread::Builder::new()
            .name("hostile".to_owned())
            .spawn(move || doer.run(&stopped, &counted))
            .map_err(|error| SwarmError::Failed(error.to_string()))?;
        Ok(Harming { stop, sent, thread })
    }
}

impl Harming {
    /// Ends it; gives how many datagrams were sent.
    #[must_use]
    pub fn stop(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        // A thread that failed has sent what it counted.
        drop(self.thread.join());
        self.sent.load(Ordering::Relaxed)
    }
}

struct Doer {
    harm: Harm,
    connection: Connection,
    /// The first is the one that it is connected by.
    ports: Vec<Port>,
    ssrcs: [u32; 3],
    outbox: Outbox,
    inbox: Inbox,
    chance: StdRng,
    began: Instant,
    /// How many datagrams of harm were made.
    numbers: u64,
}

impl Doer {
    /// Connects: for harm that needs no keys, no further than to an address that is proved.
    fn get_ready(&mut self) -> Result<(), SwarmError> {
        let until = Instant::now() + READY_WITHIN;
        loop {
            self.keep_alive();
            let is_ready = match self.harm {
                Harm::Handshake => self.connection.is_checked(),
                Harm::Checks | Harm::Media | Harm::Reports | Harm::Relay => {
                    self.connection.keys().is_some()
                }
            };
            if is_ready {
                return Ok(());
            }
            if Instant::now() >= until {
                return Err(SwarmError::Failed("it cannot connect".to_owned()));
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn run(mut self, stop: &AtomicBool, sent: &AtomicU64) {
        while !stop.load(Ordering::Relaxed) {
            for _ in 0..BATCHES {
                for _ in 0..BATCH {
                    self.harm();
                }
                let from = match self.harm {
                    Harm::Checks => self.chance.random_range(0..PORTS),
                    Harm::Handshake | Harm::Media | Harm::Reports | Harm::Relay => 0,
                };
                if let Some(port) = self.ports.get(from) {
                    self.outbox.flush(port);
                }
            }
            sent.store(self.numbers, Ordering::Relaxed);
            self.keep_alive();
        }
    }

    /// Takes what came, and stays whom the server is ready to send to.
    fn keep_alive(&mut self) {
        let instant = Instant::now();
        let since = instant.saturating_duration_since(self.began).as_micros();
        let now = Micros(u64::try_from(since).unwrap_or(u64::MAX));
        let server = self.connection.server();
        for (number, port) in self.ports.iter().enumerate() {
            while self.inbox.receive(&port.socket).is_ok_and(|came| came > 0) {
                for (_, datagram) in self.inbox.datagrams() {
                    if number > 0 {
                        continue;
                    }
                    if let Some(answer) = self.connection.agree(datagram) {
                        self.outbox.push(0, server, &answer);
                    } else if is_stun(datagram) {
                        self.connection.checked(datagram, now);
                    } else if is_dtls(datagram) {
                        self.connection.handshake(datagram, now);
                    }
                }
            }
        }
        if let Some(check) = self.connection.check(now) {
            self.outbox.push(0, server, &check);
        }
        if self.harm != Harm::Handshake {
            for datagram in self.connection.transmit(now) {
                self.outbox.push(0, server, &datagram);
            }
        }
        if let Some(port) = self.ports.first() {
            self.outbox.flush(port);
        }
    }

    /// Makes one datagram of harm.
    fn harm(&mut self) {
        self.numbers += 1;
        match self.harm {
            Harm::Handshake => self.record(),
            Harm::Checks => {
                let check = self.connection.make_check();
                self.outbox
                    .push(0, self.connection.server(), &check.unwrap_or_default());
            }
            Harm::Media => self.media(),
            Harm::Reports => self.report(),
            Harm::Relay => self.relay(),
        }
    }

    /// One-byte fragments of a message without end, messages far ahead, and records of epochs to
    /// come.
    fn record(&mut self) {
        let number = self.numbers.to_be_bytes();
        let epoch = u8::from(self.chance.random_bool(0.5));
        let mut content = Vec::new();
        if epoch == 0 {
            for _ in 0..self.chance.random_range(1..80) {
                let [_, offset @ ..] = (self.chance.next_u32() & 0xffff).to_be_bytes();
                content.extend([self.chance.random_range(0..20), 0, 0x40, 0, 0]);
                content.push(self.chance.random_range(0..8));
                content.extend(offset);
                content.extend([0, 0, 1, 7]);
            }
        } else {
            content.resize(self.chance.random_range(1..1_300), 7);
        }
        let mut record = vec![22, 0xfe, 0xfd, 0, epoch];
        record.extend(&number[2..]);
        record.extend(
            u16::try_from(content.len())
                .unwrap_or_default()
                .to_be_bytes(),
        );
        record.extend(content);
        self.outbox.push(0, self.connection.server(), &record);
    }

    fn media(&mut self) {
        let server = self.connection.server();
        let streams = [description::OPUS, description::VP8, description::VP8_REPAIR];
        let mut streams = self.ssrcs.into_iter().zip(streams);
        let Some((ssrc, payload_type)) = streams.nth(self.chance.random_range(0..3)) else {
            return;
        };
        let place = 0x1_0000 + self.numbers;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "fields are modulo their width"
        )]
        let fields = Fields {
            marker: self.chance.random_bool(0.25),
            payload_type,
            sequence: place as u16,
            timestamp: self.numbers as u32 * 100,
            ssrc,
        };
        let mut payload = vec![0; self.chance.random_range(1..1_100)];
        self.chance.fill_bytes(&mut payload);
        let Some(keys) = self.connection.keys() else {
            return;
        };
        let arena = self.outbox.arena();
        let start = arena.len();
        let header = fields.write(&[], arena);
        arena.extend_from_slice(&payload);
        if keys
            .outbound
            .protect_rtp(arena, start, header, ssrc, place)
            .is_ok()
        {
            self.outbox.commit(0, server, start);
        }
    }

    fn report(&mut self) {
        let server = self.connection.server();
        let ours = self.ssrcs[0];
        let streams: Vec<u32> = self
            .connection
            .answer()
            .streams
            .iter()
            .map(|it| it.0)
            .collect();
        let which = self.chance.random_range(0..streams.len().max(1));
        let ssrc = streams.get(which).copied().unwrap_or_default();
        let first = self.chance.next_u32();
        #[expect(clippy::cast_possible_truncation, reason = "any number will do")]
        let sequences: Vec<u16> = (0..2_000).map(|n| (first + n) as u16).collect();
        let packets = vec![
            rtcp::receiver_report(ours, &[]),
            rtcp::pli(ours, ssrc),
            rtcp::nack(ours, ssrc, &sequences),
        ];
        let Some(keys) = self.connection.keys() else {
            return;
        };
        let arena = self.outbox.arena();
        let start = arena.len();
        rtcp::write(&packets, arena);
        if keys.outbound.protect_rtcp(arena, start).is_ok() {
            self.outbox.commit(0, server, start);
        }
    }

    /// Requests with and without a proof, right in form (RFC 8656 §§7, 11, 12).
    fn relay(&mut self) {
        let kinds = [0x0003u16, 0x0004, 0x0008, 0x0009, 0x0016, 0x4001];
        let Some(&kind) = kinds.choose(&mut self.chance) else {
            return;
        };
        let mut body = Vec::new();
        if kind == 0x4001 {
            body.resize(200, 7);
        } else {
            body.extend(0x2112_a442_u32.to_be_bytes());
            let mut transaction = [0; 12];
            self.chance.fill_bytes(&mut transaction);
            body.extend(transaction);
            body.extend([0, 0x19, 0, 4, 17, 0, 0, 0]);
            for (attribute, value) in [
                (6u8, &b"0-abcdefgh12"[..]),
                (0x14, b"home"),
                (0x15, b"0000000000000000"),
                (8, &[7; 20]),
            ] {
                body.extend([
                    0,
                    attribute,
                    0,
                    u8::try_from(value.len()).unwrap_or_default(),
                ]);
                body.extend(value);
            }
        }
        let counted = if kind == 0x4001 {
            body.len()
        } else {
            body.len() - 16
        };
        let mut datagram = kind.to_be_bytes().to_vec();
        datagram.extend(u16::try_from(counted).unwrap_or_default().to_be_bytes());
        datagram.extend(body);
        self.outbox.push(0, self.connection.server(), &datagram);
    }
}
