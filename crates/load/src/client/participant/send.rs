//! What a participant sends: sound, a picture, what was missed of it, and reports.

use std::collections::VecDeque;

use forward::codec::Kind;
use forward::rtp::Fields;
use forward::sequence::Unwrapper;
use forward::time::Micros;
use sfu::bare::{Outbox, rtcp};

use super::super::description;
use super::super::mark::{self, Mark};
use super::{Media, Participant, Role, nanoseconds};

/// Sound: 50 packets a second.
const SOUND_EVERY: u64 = 20_000;

/// Bytes of a packet of sound.
const SOUND: usize = 100;

/// Pictures: 30 frames a second.
pub(super) const FRAME_EVERY: u64 = 33_333;

/// Packets of a frame, back to back.
const FRAME_PACKETS: u64 = 4;

/// Bytes of a packet of a picture: 4 of them, 30 times a second, are 1.0 Mbit/s.
const PICTURE: usize = 1_040;

/// How many packets of a picture can be sent again: those of 4 s.
const MOST_KEPT: usize = 480;

const REPORT_EVERY: u64 = 1_000_000;

/// How often arrivals are told, as browsers tell them.
const ARRIVALS_EVERY: u64 = 50_000;

/// One packet of a picture: enough to write it, and to write it again.
#[derive(Clone, Copy, Debug)]
struct Picture {
    /// Nanoseconds since 1970.
    at: u64,
    number: u64,
    frame: u64,
    /// Which packet of the frame.
    part: u64,
    keyframe: bool,
}

/// What has been sent so far.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// Packets of sound, frames, packets of pictures, packets sent again.
    sound: u64,
    frames: u64,
    pictures: u64,
    repairs: u64,
    transport: u16,
    kept: VecDeque<Picture>,
    pub(super) wants_keyframe: bool,
    next_sound: Micros,
    next_frame: Micros,
}

/// One packet, but for its payload.
#[derive(Clone, Copy, Debug)]
struct Envelope {
    /// Which of the participant's SSRCs.
    stream: usize,
    payload_type: u8,
    marker: bool,
    number: u64,
    timestamp: u64,
    speaks: bool,
}

/// The place of packet `number` in its stream.
const fn place(number: u64) -> u64 {
    0x1_0000 + number
}

/// The low bits of a place, as the wire carries it.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the low 16 bits are what is meant"
)]
const fn sequence(place: u64) -> u16 {
    place as u16
}

impl Picture {
    fn write(self, role: Role, out: &mut Vec<u8>) {
        let start = out.len();
        let picture = u16::try_from(self.frame & 0x7fff).unwrap_or_default();
        mark::write_vp8_head(out, picture, self.part == 0, self.keyframe);
        let Role { call, seat } = role;
        Mark {
            sent: self.at,
            call,
            seat,
            number: self.number,
        }
        .write(out);
        out.resize(start + PICTURE, 0x55);
    }
}

impl Participant {
    /// Begins to send: at a moment of its own within a frame's time, so that participants do not
    /// send all at once. The first picture is a key frame.
    pub(super) fn begin(&mut self, now: Micros) {
        let phase = u64::from(ambient::random::<u16>()) * FRAME_EVERY / 65_536;
        self.sent.next_sound = Micros(now.0 + phase * SOUND_EVERY / FRAME_EVERY);
        self.sent.next_frame = Micros(now.0 + phase);
        self.sent.wants_keyframe = true;
    }

    pub(super) fn send_media(&mut self, now: Micros, outbox: &mut Outbox) {
        if now >= self.sent.next_sound {
            self.sent.next_sound = due_after(self.sent.next_sound, SOUND_EVERY, now);
            self.send_sound(outbox);
        }
        if self.media == Media::All && now >= self.sent.next_frame {
            self.sent.next_frame = due_after(self.sent.next_frame, FRAME_EVERY, now);
            self.send_frame(outbox);
        }
    }

    fn send_sound(&mut self, outbox: &mut Outbox) {
        let number = self.sent.sound;
        self.sent.sound += 1;
        let envelope = Envelope {
            stream: Kind::Microphone.index(),
            payload_type: description::OPUS,
            marker: true,
            number,
            timestamp: number * 960,
            speaks: true,
        };
        let Role { call, seat } = self.role;
        self.write(envelope, outbox, |arena| {
            let start = arena.len();
            Mark {
                sent: nanoseconds(),
                call,
                seat,
                number,
            }
            .write(arena);
            arena.resize(start + SOUND, 0x55);
        });
    }

    fn send_frame(&mut self, outbox: &mut Outbox) {
        let keyframe = std::mem::take(&mut self.sent.wants_keyframe);
        for part in 0..FRAME_PACKETS {
            let picture = Picture {
                at: nanoseconds(),
                number: self.sent.pictures,
                frame: self.sent.frames,
                part,
                keyframe,
            };
            self.sent.pictures += 1;
            if self.sent.kept.len() >= MOST_KEPT {
                self.sent.kept.pop_front();
            }
            self.sent.kept.push_back(picture);
            let envelope = Envelope {
                stream: Kind::Camera.index(),
                payload_type: description::VP8,
                marker: part + 1 == FRAME_PACKETS,
                number: picture.number,
                timestamp: picture.frame * 3_000,
                speaks: false,
            };
            let role = self.role;
            self.write(envelope, outbox, |arena| picture.write(role, arena));
        }
        self.sent.frames += 1;
    }

    /// Sends again (RFC 4588 §4) what the server misses of the picture.
    pub(super) fn send_again(&mut self, sequences: &[u16], outbox: &mut Outbox) {
        let mut unwrapper = Unwrapper::default();
        unwrapper.saw(place(self.sent.pictures));
        for wanted in sequences {
            let at = unwrapper.extend(*wanted);
            let mut kept = self.sent.kept.iter();
            let Some(&picture) = kept.find(|picture| place(picture.number) == at) else {
                continue;
            };
            let envelope = Envelope {
                stream: Kind::Camera.index() + 1,
                payload_type: description::VP8_REPAIR,
                marker: picture.part + 1 == FRAME_PACKETS,
                number: self.sent.repairs,
                timestamp: picture.frame * 3_000,
                speaks: false,
            };
            self.sent.repairs += 1;
            let role = self.role;
            self.write(envelope, outbox, |arena| {
                arena.extend_from_slice(&wanted.to_be_bytes());
                picture.write(role, arena);
            });
        }
    }

    fn write(
        &mut self,
        envelope: Envelope,
        outbox: &mut Outbox,
        payload: impl FnOnce(&mut Vec<u8>),
    ) {
        let Some(ssrc) = self.ssrcs.get(envelope.stream).copied() else {
            return;
        };
        let place = place(envelope.number);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "fields are modulo their width"
        )]
        let fields = Fields {
            marker: envelope.marker,
            payload_type: envelope.payload_type,
            sequence: sequence(place),
            timestamp: envelope.timestamp as u32,
            ssrc,
        };
        let [high, low] = self.sent.transport.to_be_bytes();
        self.sent.transport = self.sent.transport.wrapping_add(1);
        let elements = [
            description::TRANSPORT_SEQUENCE << 4 | 1,
            high,
            low,
            description::AUDIO_LEVEL << 4,
            0x7f,
        ];
        let elements = elements.split_at(if envelope.speaks { 5 } else { 3 }).0;
        let Some(connection) = &mut self.connection else {
            return;
        };
        let server = connection.server();
        let Some(keys) = connection.keys() else {
            return;
        };
        let arena = outbox.arena();
        let start = arena.len();
        let header = fields.write(elements, arena);
        payload(arena);
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

    /// Asks for what is missing, and tells what came.
    pub(super) fn send_reports(&mut self, now: Micros, outbox: &mut Outbox) {
        let mut packets = Vec::new();
        let ours = self.ssrcs[0];
        let Some(connection) = &mut self.connection else {
            return;
        };
        for (slot, (_, nacks)) in self.nacks.iter_mut().enumerate() {
            let mut missing = Vec::new();
            nacks.ask(now, |place| missing.push(sequence(place)));
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
        if now >= self.next_arrivals {
            self.next_arrivals = Micros(now.0 + ARRIVALS_EVERY);
            let mut came = Vec::new();
            if let Some(first) = self.twcc.report(&mut came) {
                let count = self.arrival_reports;
                self.arrival_reports = count.wrapping_add(1);
                packets.push(rtcp::transport_cc(ours, 0, first, &came, count));
            }
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
