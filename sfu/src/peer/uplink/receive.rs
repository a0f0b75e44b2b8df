//! What a peer sends, as it comes: packets opened, sorted and accounted for.

use std::ops::Range;

use forward::codec::{Codec, Kind, Payload};
use forward::extension::{self, Extensions, ForwardedExtensions};
use forward::history::Kept;
use forward::leg::SourceId;
use forward::rtp::Header;
use forward::scalable::Frame;
use forward::source::{SenderReport, Verdict};
use forward::time::Micros;
use forward::{keyframe, red, rtx, vp8};

use super::{Stream, TrackKey, Uplink};
use crate::path::Path;
use crate::peer::transport::Transport;

/// The most SSRCs of one peer that are remembered.
const MOST_STREAMS: usize = 16;

/// Where a source's clock stands is taken once within this time, microseconds.
const CLOCK_INTERVAL: u64 = 100_000;

/// A packet to forward; its payload lies at `payload` of the datagram it came in.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub(crate) key: TrackKey,
    pub(crate) source: SourceId,
    pub(crate) number: u64,
    pub(crate) timestamp: u32,
    pub(crate) marker: bool,
    pub(crate) codec: Codec,
    pub(crate) keyframe: bool,
    pub(crate) vp8: Option<vp8::Descriptor>,
    pub(crate) passed: ForwardedExtensions,
    pub(crate) payload: Range<usize>,
    /// The frame that it is of, where its stream has layers.
    pub(crate) frame: Option<Frame>,
    /// Where its dependency descriptor lies; an empty range where it has none.
    pub(crate) dependencies: Range<usize>,
}

/// A packet that came, alone or within another.
#[derive(Clone, Debug)]
struct Came {
    stream: Stream,
    ssrc: u32,
    codec: Codec,
    /// The number it was first sent under.
    sequence: u16,
    timestamp: u32,
    marker: bool,
    passed: ForwardedExtensions,
    payload: Range<usize>,
    dependencies: Range<usize>,
}

impl Uplink {
    /// Opens an RTP packet in place; gives what is to be forwarded of it: the packet, and before it
    /// what was lost before and came with it.
    pub(crate) fn receive_rtp(
        &mut self,
        transport: &mut Transport,
        (from, packet): (Path, &mut [u8]),
        now: Micros,
    ) -> [Option<Incoming>; 1 + red::MOST] {
        let mut incoming = [const { None }; 1 + red::MOST];
        // What is no packet of this peer's is nothing.
        let _none = self.read_rtp(transport, (from, packet), now, &mut incoming);
        incoming
    }

    fn read_rtp(
        &mut self,
        transport: &mut Transport,
        (from, packet): (Path, &mut [u8]),
        now: Micros,
        out: &mut [Option<Incoming>; 1 + red::MOST],
    ) -> Option<()> {
        let header = Header::read(packet)?;
        let length = transport.open_rtp(packet, &header, from, now)?;
        let packet = packet.get(..length)?;
        let payload = header.payload(packet)?;
        let said = extension::read(packet, &header, self.extensions);
        if let Some(sequence) = said.transport_sequence {
            self.twcc.came(sequence, now);
        }
        let stream = self.stream(&header, &said)?;
        let (Stream::Media(key) | Stream::Retransmission(key)) = stream;
        let section = self.sections.get(key.kind.index())?;
        if let (Kind::Microphone, Some(level)) = (key.kind, said.audio_level) {
            self.speaker.heard(level, now);
        }
        let passed = ForwardedExtensions {
            audio_level: said.audio_level,
            video_orientation: said.video_orientation,
        };
        let mut came = Came {
            stream,
            ssrc: header.ssrc,
            codec: Codec::Opus,
            sequence: header.sequence,
            timestamp: header.timestamp,
            marker: header.marker,
            passed,
            payload: payload.clone(),
            dependencies: said.dependencies,
        };
        let [place, earlier_places @ ..] = out;
        match section.payload_types.read(header.payload_type)? {
            Payload::Media(codec) => came.codec = codec,
            Payload::Retransmission(codec) => {
                came.codec = codec;
                came.sequence = rtx::undo(packet.get(payload.clone())?)?.0;
                came.payload = payload.start + rtx::ORIGINAL_SEQUENCE..payload.end;
            }
            Payload::Redundant => {
                let start = payload.start;
                let blocks = red::read(packet.get(payload)?)?;
                came.payload = start + blocks.own.start..start + blocks.own.end;
                for ((behind, earlier), place) in (1u16..=u16::try_from(blocks.count).ok()?)
                    .rev()
                    .zip(blocks.earlier.iter().flatten())
                    .zip(earlier_places)
                {
                    let before = Came {
                        sequence: came.sequence.wrapping_sub(behind),
                        timestamp: came.timestamp.wrapping_sub(earlier.back),
                        marker: false,
                        payload: start + earlier.range.start..start + earlier.range.end,
                        ..came.clone()
                    };
                    *place = self.incoming(before, packet, now);
                }
            }
        }
        *place = self.incoming(came, packet, now);
        Some(())
    }

    /// Makes what is forwarded of a packet, unless it came already.
    fn incoming(&mut self, came: Came, packet: &[u8], now: Micros) -> Option<Incoming> {
        let number = self.account(&came, now)?;
        let (Stream::Media(key) | Stream::Retransmission(key)) = came.stream;
        let bytes = packet.get(came.payload.clone())?;
        let codec = came.codec;
        let dependencies = packet.get(came.dependencies.clone()).unwrap_or_default();
        let frame = self.frame(key, codec, dependencies, bytes, now);
        let incoming = Incoming {
            key,
            source: self.track(key).id,
            number,
            timestamp: came.timestamp,
            marker: came.marker,
            codec,
            keyframe: codec.is_video() && keyframe::begins(codec, bytes),
            vp8: (codec == Codec::Vp8)
                .then(|| vp8::Descriptor::read(bytes))
                .flatten(),
            passed: came.passed,
            payload: came.payload,
            frame,
            dependencies: came.dependencies,
        };
        self.remember(&incoming, bytes, dependencies, now);
        Some(incoming)
    }

    /// The frame that a packet is of, where its stream has layers. A camera in several streams has
    /// its layers in those.
    fn frame(
        &mut self,
        key: TrackKey,
        codec: Codec,
        dependencies: &[u8],
        payload: &[u8],
        now: Micros,
    ) -> Option<Frame> {
        let may = match codec {
            Codec::Vp9 | Codec::Av1 => true,
            Codec::Opus | Codec::Vp8 | Codec::H264 => false,
        };
        let section = self.sections.get(key.kind.index())?;
        if !may || !section.layers.is_empty() {
            return None;
        }
        let layers = self.track_mut(key).layers.get_or_insert_default();
        let frame = layers.read(codec, dependencies, payload)?;
        layers.came(&frame, payload.len(), now);
        Some(frame)
    }

    /// Keeps a packet, for those who will miss it.
    fn remember(&mut self, incoming: &Incoming, payload: &[u8], dependencies: &[u8], now: Micros) {
        let track = self.track_mut(incoming.key);
        track.meter.came(payload.len(), now);
        let source = &mut track.source;
        if incoming.keyframe {
            source.requests.came();
            if let Some(descriptor) = &incoming.vp8 {
                track.height = descriptor.height(payload).or(track.height);
            }
        }
        let kept = Kept {
            number: incoming.number,
            at: now,
            timestamp: incoming.timestamp,
            marker: incoming.marker,
            codec: Some(incoming.codec),
            passed: incoming.passed,
            ..Kept::default()
        };
        source.history.keep(kept, payload, dependencies);
    }

    /// The sound sent just before `incoming`, and by how much its timestamp is below.
    pub(crate) fn sound_before(&self, incoming: &Incoming) -> Option<(u32, &[u8])> {
        if incoming.key.kind != Kind::Microphone {
            return None;
        }
        let history = &self.track(incoming.key).source.history;
        let before = history.find(incoming.number.checked_sub(1)?)?;
        let back = incoming.timestamp.wrapping_sub(before.timestamp);
        Some((back, before.payload()))
    }

    /// Accounts for a packet; gives the number to forward it under, if it is to be forwarded.
    fn account(&mut self, came: &Came, now: Micros) -> Option<u64> {
        let (Stream::Media(key) | Stream::Retransmission(key)) = came.stream;
        let track = self.track_mut(key);
        if came.stream == Stream::Media(key) {
            track.last = Some((now, came.ssrc));
        }
        let rate = came.codec.clock_rate();
        let empty = came.payload.is_empty();
        match track
            .source
            .came(came.sequence, came.timestamp, rate, empty, now)
        {
            Verdict::Forward {
                number,
                after_outage,
            } => {
                if after_outage && key.kind.is_video() {
                    track.source.requests.want();
                }
                Some(number)
            }
            Verdict::Drop => None,
        }
    }

    /// What the packet's SSRC carries. An SSRC that the offer did not announce is learnt from the
    /// MID (RFC 8843 §9.2), or, for sound, from the payload type: there is one microphone.
    fn stream(&mut self, header: &Header, said: &Extensions<'_>) -> Option<Stream> {
        if let Some((_, stream)) = self.streams.iter().find(|(ssrc, _)| *ssrc == header.ssrc) {
            return Some(*stream);
        }
        if self.streams.len() >= MOST_STREAMS {
            return None;
        }
        let (kind, section) =
            Kind::ALL
                .into_iter()
                .zip(&self.sections)
                .find(|(kind, section)| {
                    let types = section.payload_types;
                    match said.mid {
                        Some(mid) => section.mid.as_bytes() == mid,
                        None => {
                            let sound = [types.media(Codec::Opus), types.redundant];
                            !kind.is_video() && sound.contains(&Some(header.payload_type))
                        }
                    }
                })?;
        let layer = if section.layers.is_empty() {
            0
        } else {
            let rid = said.rid?;
            let layers = &section.layers;
            let layer = layers.iter().position(|name| name.as_bytes() == rid)?;
            u8::try_from(layer).ok()?
        };
        let key = TrackKey { kind, layer };
        let stream = match section.payload_types.read(header.payload_type)? {
            Payload::Media(_) | Payload::Redundant => Stream::Media(key),
            Payload::Retransmission(_) => Stream::Retransmission(key),
        };
        self.streams.push((header.ssrc, stream));
        Some(stream)
    }

    /// Takes in where the clock of a source stands; gives whether that is news: it is passed on to
    /// everybody, so that it counts only every now and then.
    pub(crate) fn take_clock(&mut self, ssrc: u32, ntp: u64, timestamp: u32, now: Micros) -> bool {
        let Some(key) = self.key_of(ssrc) else {
            return false;
        };
        let source = &mut self.track_mut(key).source;
        let is_news = source
            .report
            .is_none_or(|before| now.since(before.at) >= CLOCK_INTERVAL);
        if is_news {
            source.reception.reported(ntp, now);
            source.report = Some(SenderReport {
                ntp,
                timestamp,
                at: now,
            });
        }
        is_news
    }

    /// What this peer's own source with `ssrc` is.
    pub(crate) fn key_of(&self, ssrc: u32) -> Option<TrackKey> {
        self.streams
            .iter()
            .find_map(|(known, stream)| match stream {
                Stream::Media(key) if *known == ssrc => Some(*key),
                Stream::Media(_) | Stream::Retransmission(_) => None,
            })
    }
}
