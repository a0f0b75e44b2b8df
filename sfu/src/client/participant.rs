//! One participant of a load: what it sends, and what it makes of what it receives.

use forward::codec::Kind;
use forward::loss::Gaps;
use forward::rtp::{self, Fields, Header};
use forward::rtx;
use forward::sequence::Unwrapper;
use forward::time::Micros;
use tokio::time::Instant;

use super::connection::{Connection, Identity};
use super::description::{self, Answer, Offering};
use super::mark::{self, Mark};
use super::tally::Counter;
use crate::dtls;
use crate::ice;
use crate::peer::credentials;
use crate::rtcp::{self, Report};
use crate::sdp::{Credentials, SLOTS};
use crate::udp::{Outbox, Port};

/// Sound: 50 packets a second.
const SOUND_EVERY: u64 = 20_000;

/// Bytes of a packet of sound.
const SOUND: usize = 100;

/// Pictures: 30 frames a second.
const FRAME_EVERY: u64 = 33_333;

/// Packets of a frame, back to back.
const FRAME_PACKETS: u64 = 4;

/// Bytes of a packet of a picture: 4 of them, 30 times a second, are 1.0 Mbit/s.
const PICTURE: usize = 1_040;

/// How often what is missing is asked for, and reports are sent.
const TICK: u64 = 10_000;
const REPORT_EVERY: u64 = 1_000_000;

/// Where a participant sits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Role {
    /// The call, by a number of the caller's.
    pub call: u32,
    /// The seat, 0 to 3.
    pub seat: u32,
}

/// One participant.
pub(super) struct Participant {
    pub(super) role: Role,
    pub(super) port: Port,
    /// The share of datagrams lost each way.
    loss: f64,
    identity: Identity,
    credentials: Credentials,
    connection: Option<Connection>,
    ssrcs: [u32; 3],
    /// Packets of sound, pictures, packets of pictures sent so far.
    sound: u64,
    frames: u64,
    pictures: u64,
    transport: u16,
    wants_keyframe: bool,
    next_sound: Micros,
    next_frame: Micros,
    next_tick: Micros,
    next_report: Micros,
    gaps: [(Unwrapper, Gaps); SLOTS],
    /// Whether media of another has come.
    pub(super) has_heard: bool,
}

impl Participant {
    pub(super) fn new(role: Role, port: Port, loss: f64, identity: &Identity) -> Self {
        use rand::distr::{Alphanumeric, SampleString as _};
        let fragment = Alphanumeric.sample_string(&mut rand::rng(), 8);
        let ssrc = rand::random::<u32>() | 1;
        Self {
            role,
            port,
            loss,
            identity: identity.clone(),
            credentials: credentials(fragment),
            connection: None,
            ssrcs: [ssrc, ssrc ^ 0x1000, ssrc ^ 0x2000],
            sound: 0,
            frames: 0,
            pictures: 0,
            transport: 0,
            wants_keyframe: true,
            next_sound: Micros(0),
            next_frame: Micros(0),
            next_tick: Micros(0),
            next_report: Micros(0),
            gaps: Default::default(),
            has_heard: false,
        }
    }

    pub(super) fn offer(&self) -> String {
        description::offer(&Offering {
            fragment: &self.credentials.fragment,
            password: &self.credentials.password,
            fingerprint: self.identity.fingerprint,
            ssrcs: self.ssrcs,
        })
    }

    pub(super) fn accept(&mut self, answer: Answer) {
        let fragment = self.credentials.fragment.clone();
        self.connection = Some(Connection::new(&self.identity, fragment, answer));
    }

    /// Sends what is due.
    pub(super) fn tick(&mut self, now: Micros, instant: Instant, outbox: &mut Outbox) {
        let Some(connection) = &mut self.connection else {
            return;
        };
        let server = connection.server();
        if now >= self.next_tick {
            self.next_tick = Micros(now.0 + TICK);
            if let Some(check) = connection.check(now) {
                outbox.push(0, server, &check);
            }
            self.send_reports(now, outbox);
        }
        self.send_handshake(instant, outbox);
        if self
            .connection
            .as_mut()
            .is_some_and(|connection| connection.keys().is_some())
        {
            self.send_media(now, outbox);
        }
        outbox.lose(self.loss);
        outbox.flush(&self.port);
    }

    /// Sends what a datagram of the handshake led to, at once.
    pub(super) fn tick_handshake(&mut self, instant: Instant, outbox: &mut Outbox) {
        self.send_handshake(instant, outbox);
        outbox.lose(self.loss);
        outbox.flush(&self.port);
    }

    fn send_handshake(&mut self, instant: Instant, outbox: &mut Outbox) {
        let Some(connection) = &mut self.connection else {
            return;
        };
        for datagram in connection.transmit(instant) {
            outbox.push(0, connection.server(), &datagram);
        }
    }

    fn send_media(&mut self, now: Micros, outbox: &mut Outbox) {
        if now >= self.next_sound {
            self.next_sound = due_after(self.next_sound, SOUND_EVERY, now);
            let number = self.sound;
            self.sound += 1;
            self.send(Kind::Microphone, number, true, outbox);
        }
        if now >= self.next_frame {
            self.next_frame = due_after(self.next_frame, FRAME_EVERY, now);
            let keyframe = std::mem::take(&mut self.wants_keyframe);
            for n in 0..FRAME_PACKETS {
                self.send_picture(n, keyframe, outbox);
            }
            self.frames += 1;
        }
    }

    fn send_picture(&mut self, n: u64, keyframe: bool, outbox: &mut Outbox) {
        let number = self.pictures;
        self.pictures += 1;
        let picture = u16::try_from(self.frames & 0x7fff).unwrap_or_default();
        let mut head = Vec::with_capacity(mark::VP8_HEAD);
        mark::write_vp8_head(&mut head, picture, n == 0, keyframe);
        self.write(
            Kind::Camera,
            number,
            n + 1 == FRAME_PACKETS,
            &head,
            PICTURE,
            outbox,
        );
    }

    fn send(&mut self, kind: Kind, number: u64, marker: bool, outbox: &mut Outbox) {
        self.write(kind, number, marker, &[], SOUND, outbox);
    }

    fn write(
        &mut self,
        kind: Kind,
        number: u64,
        marker: bool,
        head: &[u8],
        length: usize,
        outbox: &mut Outbox,
    ) {
        let (payload_type, timestamp) = match kind {
            Kind::Microphone => (description::OPUS, number * 960),
            Kind::Camera | Kind::Screen => (description::VP8, self.frames * 3_000),
        };
        let Some(ssrc) = self.ssrcs.get(kind.index()).copied() else {
            return;
        };
        let place = 0x1_0000 + number;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "fields are modulo their width"
        )]
        let fields = Fields {
            marker,
            payload_type,
            sequence: place as u16,
            timestamp: timestamp as u32,
            ssrc,
        };
        let [high, low] = self.transport.to_be_bytes();
        self.transport = self.transport.wrapping_add(1);
        let sequence = [description::TRANSPORT_SEQUENCE << 4 | 1, high, low];
        let level = [description::AUDIO_LEVEL << 4, 0x7f];
        let mut elements = sequence.to_vec();
        if kind == Kind::Microphone {
            elements.extend_from_slice(&level);
        }
        let Some(connection) = &mut self.connection else {
            return;
        };
        let server = connection.server();
        let Some(keys) = connection.keys() else {
            return;
        };
        let arena = outbox.arena();
        let start = arena.len();
        let header = fields.write(&elements, arena);
        let body = arena.len();
        arena.extend_from_slice(head);
        let Role { call, seat } = self.role;
        Mark {
            sent: nanoseconds(),
            call,
            seat,
            number,
        }
        .write(arena);
        arena.resize(body + length, 0x55);
        if keys
            .outbound
            .protect_rtp(arena, start, header, ssrc, place)
            .is_ok()
        {
            outbox.commit(0, server, start);
        } else {
            arena.truncate(start);
        }
    }

    fn send_reports(&mut self, now: Micros, outbox: &mut Outbox) {
        let mut packets = Vec::new();
        let ours = self.ssrcs[0];
        let Some(connection) = &mut self.connection else {
            return;
        };
        for (slot, (_, gaps)) in self.gaps.iter_mut().enumerate() {
            let mut missing = Vec::new();
            #[expect(clippy::cast_possible_truncation, reason = "the wire carries 16 bits")]
            gaps.ask(now, |place| missing.push(place as u16));
            let stream = connection
                .answer()
                .streams
                .iter()
                .find(|(_, of, kind, repair)| *of == slot && *kind == Kind::Camera && !repair);
            if let (Some((ssrc, ..)), false) = (stream, missing.is_empty()) {
                packets.push(rtcp::nack(ours, *ssrc, &missing));
            }
        }
        if now >= self.next_report {
            self.next_report = Micros(now.0 + REPORT_EVERY);
            packets.insert(0, rtcp::receiver_report(ours, &[]));
        }
        let server = connection.server();
        let (Some(keys), false) = (connection.keys(), packets.is_empty()) else {
            return;
        };
        let arena = outbox.arena();
        let start = arena.len();
        rtcp::write(&packets, arena);
        if keys.outbound.protect_rtcp(arena, start).is_ok() {
            outbox.commit(0, server, start);
        }
    }

    /// Takes one datagram, which came at `stamp` by the kernel's clock.
    pub(super) fn receive(
        &mut self,
        datagram: &mut [u8],
        stamp: Option<u64>,
        now: Micros,
        instant: Instant,
        counter: &mut Counter,
    ) {
        let Some(connection) = &mut self.connection else {
            return;
        };
        if self.loss > 0.0 && rand::random::<f64>() < self.loss {
            return;
        }
        if ice::is_stun(datagram) {
            connection.checked(datagram, instant);
        } else if dtls::is_dtls(datagram) {
            if connection.handshake(datagram, instant) {
                // Spread over a frame's time, so that participants do not send all at once.
                let phase = u64::from(rand::random::<u16>()) * FRAME_EVERY / 65_536;
                self.next_sound = Micros(now.0 + phase * SOUND_EVERY / FRAME_EVERY);
                self.next_frame = Micros(now.0 + phase);
            }
        } else if rtp::is_rtcp(datagram) {
            self.receive_rtcp(datagram);
        } else {
            self.receive_rtp(datagram, stamp, now, counter);
        }
    }

    fn receive_rtcp(&mut self, datagram: &mut [u8]) {
        let Some(keys) = self.connection.as_mut().and_then(Connection::keys) else {
            return;
        };
        let Ok(length) = keys.inbound.open_rtcp(datagram) else {
            return;
        };
        for report in rtcp::read(datagram.get(..length).unwrap_or_default()) {
            if matches!(report, Report::KeyframeWanted { .. }) {
                self.wants_keyframe = true;
            }
        }
    }

    fn receive_rtp(
        &mut self,
        datagram: &mut [u8],
        stamp: Option<u64>,
        now: Micros,
        counter: &mut Counter,
    ) -> Option<()> {
        let header = Header::read(datagram)?;
        let connection = self.connection.as_mut()?;
        let (_, slot, kind, repair) = *connection
            .answer()
            .streams
            .iter()
            .find(|(ssrc, ..)| *ssrc == header.ssrc)?;
        let length = connection
            .keys()?
            .inbound
            .open_rtp(datagram, &header)
            .ok()?;
        let packet = datagram.get(..length)?;
        let payload = packet.get(header.payload(packet)?)?;
        let (sequence, payload) = if repair {
            rtx::undo(payload)?
        } else {
            (header.sequence, payload)
        };
        if kind == Kind::Camera
            && let Some((unwrapper, gaps)) = self.gaps.get_mut(slot)
        {
            let place = unwrapper.place(sequence);
            unwrapper.saw(place);
            gaps.came(place, now);
        }
        let head = if kind == Kind::Camera {
            mark::VP8_HEAD
        } else {
            0
        };
        let mark = payload.get(head..).and_then(Mark::read);
        let expected = if slot < self.role.seat as usize {
            slot
        } else {
            slot + 1
        };
        let Some(mark) =
            mark.filter(|mark| mark.call == self.role.call && mark.seat as usize == expected)
        else {
            counter.misrouted();
            return None;
        };
        self.has_heard = true;
        let Role { call, seat } = self.role;
        let leg = u64::from(call) << 16 | u64::from(seat) << 8 | (slot * 3 + kind.index()) as u64;
        let latency = stamp.unwrap_or_else(nanoseconds).saturating_sub(mark.sent) / 1_000;
        counter.came(leg, mark.number, latency);
        Some(())
    }
}

/// The next time something is due that is due every `interval`: not in a burst after a pause.
fn due_after(due: Micros, interval: u64, now: Micros) -> Micros {
    let next = Micros(due.0 + interval);
    if now.since(next) > 5 * interval {
        Micros(now.0 + interval)
    } else {
        next
    }
}

/// The clock of the kernel's stamps: nanoseconds since 1970.
fn nanoseconds() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    seconds * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or_default()
}
