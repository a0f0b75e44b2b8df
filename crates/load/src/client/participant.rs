//! One participant of a load: what it sends, and what it makes of what it receives.

mod receive;
mod send;

use forward::codec::Kind;
use forward::nack::Nacks;
use forward::seats::SLOTS;
use forward::sequence::Unwrapper;
use forward::time::Micros;
use forward::twcc::Recorder;
use sfu::bare::{Outbox, Port};

use super::connection::{Connection, Identity};
use super::description::{self, Answer, Credentials, Offering};
use super::link::{Link, Way};
use super::tally::{Counter, Passage};
use send::Sent;

/// How often what is missing is asked for.
const TICK: u64 = 10_000;

/// Where a participant sits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Role {
    /// The call, by a number of the caller's.
    pub call: u32,
    /// The seat, 0 to 3.
    pub seat: u32,
}

/// A datagram on its way down, and when the kernel received it: nanoseconds since 1970.
#[derive(Debug)]
struct Received {
    datagram: Vec<u8>,
    stamp: Option<u64>,
    /// By the swarm's clock.
    at: Micros,
}

/// The link between one participant and the server, where it is not perfect.
#[derive(Debug)]
struct Between {
    up: Way<Vec<u8>>,
    down: Way<Received>,
}

/// Whether media comes to a participant.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Pulse {
    /// Packets of media that came, whoever they are of.
    pub packets: u64,
    /// The longest time between two of them, or since the last one, microseconds; 0 before the first.
    pub silence: u64,
    /// When the last one came.
    last: Option<Micros>,
}

impl Pulse {
    /// One more came.
    fn beat(&mut self, now: Micros) {
        self.packets += 1;
        self.silence = self.silence.max(self.since(now));
        self.last = Some(now);
    }

    const fn since(&self, now: Micros) -> u64 {
        match self.last {
            Some(last) => now.since(last),
            None => 0,
        }
    }

    /// What there was since it was taken last.
    const fn take(&mut self, now: Micros) -> Self {
        let since = self.since(now);
        let taken = Self {
            silence: if self.silence > since {
                self.silence
            } else {
                since
            },
            ..*self
        };
        self.packets = 0;
        self.silence = 0;
        taken
    }
}

/// What media a participant sends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Media {
    Nothing,
    Sound,
    All,
}

/// One participant.
pub(super) struct Participant {
    pub(super) role: Role,
    pub(super) port: Port,
    between: Option<Between>,
    /// What the link and the server's repairs did.
    passage: Passage,
    identity: Identity,
    credentials: Credentials,
    connection: Option<Connection>,
    ssrcs: [u32; 3],
    sent: Sent,
    next_tick: Micros,
    next_report: Micros,
    next_arrivals: Micros,
    nacks: [(Unwrapper, Nacks); SLOTS],
    twcc: Recorder,
    arrival_reports: u8,
    /// What it sends beside checks and its handshake.
    media: Media,
    pulse: Pulse,
    /// Whether media of another has come, or for who is silent the connection is there, and whether
    /// that was told.
    has_heard: bool,
    has_told: bool,
}

impl Participant {
    /// A participant over `link`, whose chances follow from `seed`.
    pub(super) fn new(role: Role, port: Port, link: Link, seed: u64, identity: &Identity) -> Self {
        let ssrc = ambient::random::<u32>() | 1;
        let ways = Way::over(link, 2 * seed).zip(Way::over(link, 2 * seed + 1));
        Self {
            role,
            port,
            between: ways.map(|(up, down)| Between { up, down }),
            passage: Passage::default(),
            identity: identity.clone(),
            credentials: Credentials::fresh(),
            connection: None,
            ssrcs: [ssrc, ssrc ^ 0x1000, ssrc ^ 0x2000],
            sent: Sent::default(),
            next_tick: Micros(0),
            next_report: Micros(0),
            next_arrivals: Micros(0),
            nacks: Default::default(),
            twcc: Recorder::default(),
            arrival_reports: 0,
            media: Media::All,
            pulse: Pulse::default(),
            has_heard: false,
            has_told: false,
        }
    }

    /// The same, but it sends this.
    pub(super) fn sending(self, media: Media) -> Self {
        Self { media, ..self }
    }

    pub(super) fn offer(&self) -> String {
        description::offer(&Offering {
            credentials: &self.credentials,
            fingerprint: self.identity.fingerprint,
            ssrcs: self.ssrcs,
        })
    }

    pub(super) fn accept(&mut self, answer: Answer) {
        let credentials = self.credentials.clone();
        self.connection = Some(Connection::new(&self.identity, credentials, answer));
    }

    /// Takes what has come over the link, and sends what is due.
    pub(super) fn tick(&mut self, now: Micros, outbox: &mut Outbox, counter: &mut Counter) {
        while let Some(between) = &mut self.between
            && let Some(mut received) = between.down.arrived(now)
        {
            let held = now.since(received.at) * 1_000;
            let stamp = received.stamp.map(|stamp| stamp + held);
            self.take(&mut received.datagram, stamp, now, outbox, counter);
        }
        let Some(connection) = &mut self.connection else {
            return;
        };
        if now >= self.next_tick {
            self.next_tick = Micros(now.0 + TICK);
            let server = connection.server();
            if let Some(check) = connection.check(now) {
                outbox.push(0, server, &check);
            }
            if self.media != Media::Nothing {
                self.send_reports(now, outbox);
            }
        }
        if self.has_keys() {
            if self.media == Media::Nothing {
                self.has_heard = true;
            } else {
                self.send_media(now, outbox);
            }
        }
        self.send_off(now, outbox);
    }

    fn has_keys(&mut self) -> bool {
        self.connection
            .as_mut()
            .is_some_and(|connection| connection.keys().is_some())
    }

    /// Sends the handshake's part, and with it all that waits in `outbox`, over the link.
    pub(super) fn send_off(&mut self, now: Micros, outbox: &mut Outbox) {
        let Some(connection) = &mut self.connection else {
            return;
        };
        let server = connection.server();
        for datagram in connection.transmit(now) {
            outbox.push(0, server, &datagram);
        }
        if let Some(Between { up, .. }) = &mut self.between {
            outbox.divert(|datagram| {
                up.send(datagram.to_vec(), datagram.len(), now);
            });
            while let Some(datagram) = up.arrived(now) {
                outbox.push(0, server, &datagram);
            }
        }
        outbox.flush(&self.port);
    }

    /// Whether what is told of a participant has come to pass; told once.
    pub(super) const fn has_just_heard(&mut self) -> bool {
        let told = std::mem::replace(&mut self.has_told, self.has_heard);
        self.has_heard && !told
    }

    /// What came since the last call, by `now`.
    pub(super) const fn take_pulse(&mut self, now: Micros) -> Pulse {
        self.pulse.take(now)
    }

    /// What the link and the server's repairs did since the last call.
    pub(super) fn take_passage(&mut self) -> Passage {
        let mut passage = std::mem::take(&mut self.passage);
        if let Some(Between { up, down }) = &mut self.between {
            passage.lost_up = up.take_lost();
            passage.lost_down = down.take_lost();
        }
        passage
    }

    /// What the stream under `ssrc` carries: slot, kind, and whether retransmissions.
    fn stream(&self, ssrc: u32) -> Option<(usize, Kind, bool)> {
        let connection = self.connection.as_ref()?;
        let mut streams = connection.answer().streams.iter();
        let (_, slot, kind, repair) = *streams.find(|(of, ..)| *of == ssrc)?;
        Some((slot, kind, repair))
    }
}

/// The clock of the kernel's stamps: nanoseconds since 1970.
fn nanoseconds() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    seconds * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pulse_has_the_longest_silence_and_the_one_that_lasts() {
        let mut pulse = Pulse::default();
        assert_eq!(pulse.take(Micros(500_000)), Pulse::default(), "nothing yet");
        for at in [1_000_000, 1_020_000, 1_140_000, 1_160_000] {
            pulse.beat(Micros(at));
        }
        let taken = pulse.take(Micros(1_200_000));
        assert_eq!((taken.packets, taken.silence), (4, 120_000));
        let taken = pulse.take(Micros(1_300_000));
        assert_eq!((taken.packets, taken.silence), (0, 140_000), "it lasts");
        pulse.beat(Micros(1_400_000));
        let taken = pulse.take(Micros(1_401_000));
        assert_eq!((taken.packets, taken.silence), (1, 240_000));
    }
}
