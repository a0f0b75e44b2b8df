//! What a peer receives, as it goes: packets written onto legs, written again, and padding.

use forward::codec::{Codec, Kind};
use forward::extension::{self, ExtensionIds, ForwardedExtensions, MOST_DESCRIBED, MOST_ELEMENTS};
use forward::history::Kept;
use forward::leg::{Packet, Rewrite, SourceId};
use forward::rtp::Fields;
use forward::scalable::Level;
use forward::seats::SLOTS;
use forward::time::Micros;
use forward::track::TrackKey;
use forward::{red, vp8};

use super::Downlink;
use crate::peer::Incoming;
use crate::peer::transport::{Plain, Transport};
use crate::sdp::{Section, StreamSsrcs};
use crate::udp::Outbox;

/// Sound is sent twice to no receiver that can take less, bits a second.
const ROOM_TO_REPEAT: u64 = 200_000;

/// What a packet has on the wire besides its payload, bytes: IP, UDP, RTP and SRTP.
const AROUND_PAYLOAD: usize = 20 + 8 + 20 + 12;

/// The most padding of one packet: its last byte counts it (RFC 3550 §5.1).
const PADDING: u8 = 255;

/// What to write of a packet, besides its payload.
struct Written<'written> {
    slot: usize,
    kind: Kind,
    codec: Codec,
    marker: bool,
    passed: ForwardedExtensions,
    rewrite: Rewrite,
    vp8: Option<&'written vp8::Descriptor>,
    /// The sound sent just before, to send once more: how far back, and its payload.
    before: Option<(u32, &'written [u8])>,
    /// Its dependency descriptor; empty where it has none.
    dependencies: &'written [u8],
}

/// What is in a packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Content<'content> {
    pub(crate) payload: &'content [u8],
    /// Its dependency descriptor; empty where it has none.
    pub(crate) dependencies: &'content [u8],
    /// The sound sent just before it, and by how much its timestamp is below.
    pub(crate) before: Option<(u32, &'content [u8])>,
}

impl Downlink {
    /// Writes a packet of another's source into `slot`; gives whether a key frame of it is needed
    /// first.
    pub(crate) fn forward(
        &mut self,
        transport: &mut Transport,
        slot: usize,
        incoming: &Incoming,
        content: Content<'_>,
        outbox: &mut Outbox,
        now: Micros,
    ) -> bool {
        let TrackKey { kind, layer } = incoming.key;
        if !transport.is_connected() || self.payload_type(slot, kind, incoming.codec).is_none() {
            return false;
        }
        // Until the layer that is wanted begins, the one before goes on.
        let Some(wanted) = self.pictures.layer(slot, kind) else {
            return false;
        };
        let Some(out) = self.out_mut(slot, kind) else {
            return false;
        };
        let frame = incoming.frame.as_ref();
        let is_wanted = frame.is_some() || layer == wanted;
        if !is_wanted && !out.leg.carries(incoming.source) {
            return false;
        }
        let packet = Packet {
            source: incoming.source,
            number: incoming.number,
            timestamp: incoming.timestamp,
            codec: incoming.codec,
            keyframe: incoming.keyframe,
            vp8: incoming.vp8.as_ref(),
            frame,
            target: frame.map_or_else(Level::default, |frame| Level::of_layer(wanted, frame.most)),
        };
        let rewrite = out.leg.forward(&packet, now);
        let needs_key = frame.is_some() && out.leg.needs_key(now);
        let Some(rewrite) = rewrite else {
            return needs_key || !out.leg.carries(incoming.source);
        };
        let payload = if rewrite.is_empty {
            &[]
        } else {
            content.payload
        };
        out.leg.packets = out.leg.packets.wrapping_add(1);
        out.retransmission_budget.sent();
        let octets = u32::try_from(payload.len()).unwrap_or_default();
        out.leg.octets = out.leg.octets.wrapping_add(octets);
        let written = Written {
            slot,
            kind,
            codec: incoming.codec,
            marker: (incoming.marker && !rewrite.is_empty) || rewrite.ends,
            passed: incoming.passed,
            rewrite,
            vp8: incoming.vp8.as_ref(),
            before: content.before.filter(|_| self.repeats_sound(now)),
            dependencies: content.dependencies,
        };
        self.write(transport, &written, payload, None, outbox, now);
        needs_key
    }

    /// Whether sound is sent to the peer twice: where it loses packets, and has room for it.
    fn repeats_sound(&self, now: Micros) -> bool {
        self.bandwidth.loses(now)
            && self
                .bandwidth
                .estimate()
                .is_some_and(|estimate| estimate >= ROOM_TO_REPEAT)
    }

    fn payload_type(&self, slot: usize, kind: Kind, codec: Codec) -> Option<u8> {
        self.section(slot, kind)?.payload_types.media(codec)
    }

    /// Writes one packet; `again` is the endless number of the retransmission stream, for one that
    /// is sent again.
    fn write(
        &mut self,
        transport: &mut Transport,
        written: &Written<'_>,
        payload: &[u8],
        again: Option<u64>,
        outbox: &mut Outbox,
        now: Micros,
    ) -> Option<()> {
        if !transport.is_connected() {
            return None;
        }
        let section = self.section(written.slot, written.kind)?;
        let ssrcs = self.out(written.slot, written.kind)?.ssrcs;
        let rewrite = written.rewrite;
        let opus = section.payload_types.media(Codec::Opus);
        let redundant = section.payload_types.redundant.zip(opus);
        let (payload_type, ssrc, place) = match again {
            None => (
                section.payload_types.media(written.codec)?,
                ssrcs.media,
                rewrite.sequence,
            ),
            Some(place) => (
                section.payload_types.retransmission(written.codec)?,
                ssrcs.retransmission?,
                place,
            ),
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the low 16 bits are what is meant"
        )]
        let fields = Fields {
            marker: written.marker,
            payload_type,
            sequence: place as u16,
            timestamp: rewrite.timestamp,
            ssrc,
        };
        let is_numbered = is_numbered(section, ssrcs, written);
        let ids = section.extensions;
        let size = payload.len() + AROUND_PAYLOAD;
        let sequence = is_numbered.then(|| self.bandwidth.send(size, now));
        let arena = outbox.arena();
        let start = arena.len();
        let header = write_head(&fields, written, ids, sequence, arena);
        if again.is_some() {
            arena.extend_from_slice(&rewrite.sequence.to_be_bytes()[6..]);
        }
        write_body(&fields, written, redundant, payload, (start, arena));
        let plain = Plain {
            start,
            header,
            ssrc,
            place,
        };
        transport.send_rtp(plain, outbox, |bytes| {
            if let (Kind::Microphone, Some(number)) = (written.kind, sequence) {
                self.voice.keep(number, bytes, now);
            }
        });
        Some(())
    }

    /// The source on the leg under `ssrc`, and the numbers in it of what was written as
    /// `sequences` and is to be sent again now.
    pub(crate) fn find_lost(
        &mut self,
        slot: usize,
        kind: Kind,
        sequences: &[u16],
        now: Micros,
    ) -> Vec<(SourceId, u64)> {
        // Sound is repeated beforehand, and of no use later.
        let Some(out) = self.out_mut(slot, kind).filter(|_| kind.is_video()) else {
            return Vec::new();
        };
        let mut wanted = Vec::new();
        for sequence in sequences {
            let Some((source, number)) = out.leg.written_as(*sequence) else {
                continue;
            };
            if out.retransmission_budget.may(number, now) {
                wanted.push((source, number));
            }
        }
        wanted
    }

    /// Sends a kept packet again: as a retransmission (RFC 4588) where the peer takes those, else
    /// exactly as it was.
    pub(crate) fn resend(
        &mut self,
        transport: &mut Transport,
        slot: usize,
        kind: Kind,
        kept: &Kept,
        outbox: &mut Outbox,
        now: Micros,
    ) {
        let Some(codec) = kept.codec else { return };
        let repairs = self
            .section(slot, kind)
            .is_some_and(|section| section.payload_types.retransmission(codec).is_some());
        let Some(out) = self.out_mut(slot, kind) else {
            return;
        };
        let Some(rewrite) = out.leg.again(kept.number, kept.timestamp) else {
            return;
        };
        let again = (repairs && out.ssrcs.retransmission.is_some()).then(|| {
            out.retransmissions += 1;
            out.retransmissions
        });
        let descriptor = (codec == Codec::Vp8)
            .then(|| vp8::Descriptor::read(kept.payload()))
            .flatten();
        let written = Written {
            slot,
            kind,
            codec,
            marker: (kept.marker && !rewrite.is_empty) || rewrite.ends,
            passed: kept.passed,
            rewrite,
            vp8: descriptor.as_ref(),
            before: None,
            dependencies: kept.dependencies(),
        };
        let payload = if rewrite.is_empty {
            &[]
        } else {
            kept.payload()
        };
        self.write(transport, &written, payload, again, outbox, now);
    }

    /// Sends what is due of a probe.
    pub(crate) fn probe(&mut self, transport: &mut Transport, now: Micros, outbox: &mut Outbox) {
        for _ in 0..self.prober.due(usize::from(PADDING) + AROUND_PAYLOAD, now) {
            if self.pad(transport, now, outbox).is_none() {
                break;
            }
        }
        self.prober.end(&mut self.bandwidth, now);
    }

    /// Sends one packet of padding, in a stream of retransmissions, where nobody misses it.
    fn pad(&mut self, transport: &mut Transport, now: Micros, outbox: &mut Outbox) -> Option<()> {
        let (slot, ids, payload_type) = (0..SLOTS).find_map(|slot| {
            let section = self.section(slot, Kind::Camera)?;
            let payload_type = Codec::ALL
                .into_iter()
                .find_map(|codec| section.payload_types.retransmission(codec))?;
            Some((slot, section.extensions, payload_type))
        })?;
        if ids.transport_sequence == 0 || !transport.is_connected() {
            return None;
        }
        let out = self.out_mut(slot, Kind::Camera)?;
        let ssrc = out.ssrcs.retransmission?;
        out.retransmissions += 1;
        let place = out.retransmissions;
        let size = usize::from(PADDING) + AROUND_PAYLOAD;
        let sequence = self.bandwidth.send(size, now);
        let mut buffer = [0; MOST_ELEMENTS];
        let elements = ForwardedExtensions::default().elements(ids, Some(sequence), &mut buffer);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the low 16 bits are what is meant"
        )]
        let fields = Fields {
            marker: false,
            payload_type,
            sequence: place as u16,
            timestamp: 0,
            ssrc,
        };
        let arena = outbox.arena();
        let start = arena.len();
        let header = fields.write_padded(elements, arena);
        arena.resize(arena.len() + usize::from(PADDING) - 1, 0);
        arena.push(PADDING);
        let plain = Plain {
            start,
            header,
            ssrc,
            place,
        };
        transport.send_rtp(plain, outbox, |_| ());
        Some(())
    }
}

/// Whether a packet carries a transport-wide number. What may be sent again under the same sequence
/// number must be the same bytes, or a cipher's nonce would serve twice (RFC 7714 §8.4): pictures
/// have one only where they are repaired by retransmissions of their own.
fn is_numbered(section: &Section, ssrcs: StreamSsrcs, written: &Written<'_>) -> bool {
    let types = &section.payload_types;
    let repairs = ssrcs.retransmission.is_some() && types.retransmission(written.codec).is_some();
    section.extensions.transport_sequence != 0 && (repairs || !written.kind.is_video())
}

/// Appends the header, with the extensions that are for the receiver; gives its length.
fn write_head(
    fields: &Fields,
    written: &Written<'_>,
    ids: ExtensionIds,
    sequence: Option<u16>,
    arena: &mut Vec<u8>,
) -> usize {
    let mut buffer = [0; MOST_ELEMENTS];
    let elements = written.passed.elements(ids, sequence, &mut buffer);
    if written.dependencies.is_empty() || ids.dependencies == 0 || written.rewrite.is_empty {
        return fields.write(elements, arena);
    }
    let mut buffer = [0; MOST_DESCRIBED];
    let id = ids.dependencies;
    let (profile, elements) = extension::described(elements, written.dependencies, id, &mut buffer);
    fields.write_as(profile, elements, arena)
}

/// Appends the payload to the header at `start`, for sound with what was sent just before where
/// that is wanted and can be said.
fn write_body(
    fields: &Fields,
    written: &Written<'_>,
    redundant: Option<(u8, u8)>,
    payload: &[u8],
    (start, arena): (usize, &mut Vec<u8>),
) {
    if let (Some((back, before)), Some((payload_type, opus))) = (written.before, redundant)
        && red::write(opus, back, before, payload, arena)
    {
        fields.retype(payload_type, start, arena);
        return;
    }
    let body = arena.len();
    arena.extend_from_slice(payload);
    if let (Some(descriptor), Some(body)) = (written.vp8, arena.get_mut(body..)) {
        written.rewrite.vp8.apply(descriptor, body);
    }
}
