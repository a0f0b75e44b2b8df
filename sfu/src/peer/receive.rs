//! What a peer sends: packets opened, sorted and accounted for.

use std::ops::Range;

use forward::codec::{Codec, Kind, Payload};
use forward::extension::{self, PassedOn, Said};
use forward::history::Kept;
use forward::leg::SourceId;
use forward::rtp::Header;
use forward::source::{Report as Clock, Verdict};
use forward::time::Micros;
use forward::{keyframe, rtx, vp8};

use super::{Peer, Stream, TrackKey};
use crate::rtcp::{self, Report};

/// The most SSRCs of one peer that are remembered.
const MOST_STREAMS: usize = 16;

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
    pub(crate) passed: PassedOn,
    pub(crate) payload: Range<usize>,
}

impl Peer {
    /// Opens an RTP packet in place; gives what is to be forwarded of it, if anything.
    pub(crate) fn receive_rtp(&mut self, packet: &mut [u8], now: Micros) -> Option<Incoming> {
        let header = Header::read(packet)?;
        let length = self.keys.as_mut()?.inbound.open_rtp(packet, &header).ok()?;
        let packet = packet.get(..length)?;
        let payload = header.payload(packet)?;
        let said = extension::read(packet, &header, self.extensions);
        if let Some(sequence) = said.transport_sequence {
            self.arrivals.came(sequence, now);
        }
        let stream = self.stream(&header, &said)?;
        let (Stream::Media(key) | Stream::Retransmission(key)) = stream;
        let section = self.sections.get(key.kind.index())?;
        let passed = PassedOn {
            audio_level: said.audio_level,
            video_orientation: said.video_orientation,
        };
        let (codec, sequence, payload) = match section.payload_types.read(header.payload_type)? {
            Payload::Media(codec) => (codec, header.sequence, payload),
            Payload::Retransmission(codec) => {
                let (sequence, _) = rtx::undo(packet.get(payload.clone())?)?;
                (
                    codec,
                    sequence,
                    payload.start + rtx::ORIGINAL_SEQUENCE..payload.end,
                )
            }
        };
        if let (Kind::Microphone, Some(level)) = (key.kind, said.audio_level) {
            self.speaker.heard(level, now);
        }
        let number = self.account(stream, &header, codec, sequence, payload.is_empty(), now)?;
        let bytes = packet.get(payload.clone())?;
        let incoming = Incoming {
            key,
            source: self.track(key).id,
            number,
            timestamp: header.timestamp,
            marker: header.marker,
            codec,
            keyframe: codec.is_video() && keyframe::begins(codec, bytes),
            vp8: (codec == Codec::Vp8)
                .then(|| vp8::Descriptor::read(bytes))
                .flatten(),
            passed,
            payload,
        };
        self.remember(&incoming, bytes, now);
        Some(incoming)
    }

    /// Keeps a packet of a picture, for those who will miss it.
    fn remember(&mut self, incoming: &Incoming, payload: &[u8], now: Micros) {
        let track = self.track_mut(incoming.key);
        track.meter.came(payload.len(), now);
        let source = &mut track.source;
        if incoming.keyframe {
            source.requests.came();
            if let Some(descriptor) = &incoming.vp8 {
                track.height = descriptor.height(payload).or(track.height);
            }
        }
        if incoming.codec.is_video() {
            let kept = Kept {
                place: incoming.number,
                at: now,
                timestamp: incoming.timestamp,
                marker: incoming.marker,
                codec: Some(incoming.codec),
                passed: incoming.passed,
                payload: Vec::new(),
            };
            source.history.keep(kept, payload);
        }
    }

    /// Accounts for a packet of the original number `sequence`; gives the number to forward it
    /// under, if it is to be forwarded.
    fn account(
        &mut self,
        stream: Stream,
        header: &Header,
        codec: Codec,
        sequence: u16,
        empty: bool,
        now: Micros,
    ) -> Option<u64> {
        let (Stream::Media(key) | Stream::Retransmission(key)) = stream;
        let track = self.track_mut(key);
        if stream == Stream::Media(key) {
            track.last = Some((now, header.ssrc));
        }
        let rate = codec.clock_rate();
        match track
            .source
            .came(sequence, header.timestamp, rate, empty, now)
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
    fn stream(&mut self, header: &Header, said: &Said<'_>) -> Option<Stream> {
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
                            !kind.is_video()
                                && types.media(Codec::Opus) == Some(header.payload_type)
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
            Payload::Media(_) => Stream::Media(key),
            Payload::Retransmission(_) => Stream::Retransmission(key),
        };
        self.streams.push((header.ssrc, stream));
        Some(stream)
    }

    /// Opens an RTCP packet in place; gives what it reports of legs. What it says of this peer's
    /// own sources is taken in.
    pub(crate) fn receive_rtcp(&mut self, packet: &mut [u8], now: Micros) -> Vec<Report> {
        let Some(keys) = &mut self.keys else {
            return Vec::new();
        };
        let Ok(length) = keys.inbound.open_rtcp(packet) else {
            return Vec::new();
        };
        let mut reports = rtcp::read(packet.get(..length).unwrap_or_default());
        for report in &reports {
            if let Report::Arrivals { first, came } = report {
                self.bandwidth.reported(*first, came, now);
            }
            if let Report::Clock {
                ssrc,
                ntp,
                timestamp,
            } = *report
                && let Some(key) = self.key_of(ssrc)
            {
                let source = &mut self.track_mut(key).source;
                source.reception.reported(ntp, now);
                source.report = Some(Clock {
                    ntp,
                    timestamp,
                    at: now,
                });
            }
        }
        reports.retain(|report| match report {
            Report::Clock { ssrc, .. } => self.key_of(*ssrc).is_some(),
            Report::KeyframeWanted { .. } | Report::Lost { .. } => true,
            // Taken in above.
            Report::Arrivals { .. } | Report::Ended { .. } => false,
        });
        reports
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
