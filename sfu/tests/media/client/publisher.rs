//! What a client sends: a microphone, a camera and a screen, each a packet at a time.

use std::time::Duration;

use bytes::Bytes;
use forward::codec::Kind;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtp;
use rtc::shared::error::Error;
use tokio::time::Instant;

use super::{Client, Style, offer};
use crate::picture::Mark;
use crate::tap::Heard;

/// The level of a silent microphone: -127 dBov, no voice.
pub(crate) const SILENT: u8 = 0x7f;

/// The level of somebody who speaks: -10 dBov, a voice.
pub(crate) const LOUD: u8 = 0x80 | 10;

/// One packet to send.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub(crate) kind: Kind,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) marker: bool,
    pub(crate) padding: bool,
    /// How loud it is (RFC 6464 §3), for a sound.
    pub(crate) level: Option<u8>,
    pub(crate) payload: Bytes,
}

/// What it sends of one kind.
#[derive(Debug)]
struct Source {
    ssrc: u32,
    payload_type: u8,
    sequence: u16,
    timestamp: u32,
    picture: u16,
    base_layer: u8,
    number: u32,
    /// Key frames it was asked for.
    requests: usize,
    /// How many of those it has seen to.
    answered: usize,
}

/// What a client sends.
#[derive(Debug)]
pub(crate) struct Publisher {
    /// Between two packets of one kind while it sends by itself; `None`: it does not.
    pub(crate) every: Option<Duration>,
    due: Instant,
    sources: [Source; 3],
    /// How loud its microphone is.
    pub(crate) level: u8,
    level_id: u8,
}

impl Publisher {
    pub(super) fn new(style: &Style) -> Self {
        let source = |kind: Kind| Source {
            ssrc: offer::random_ssrc(),
            payload_type: if kind.is_video() {
                style.picture
            } else {
                style.opus
            },
            // Everything wraps soon.
            sequence: 65_500 + ambient::random::<u16>() % 30,
            timestamp: u32::MAX - 40_000,
            picture: 0x7ff0,
            base_layer: 250,
            number: 0,
            requests: 0,
            answered: 0,
        };
        Self {
            every: None,
            due: Instant::now(),
            sources: Kind::ALL.map(source),
            level: SILENT,
            level_id: style.level,
        }
    }

    pub(super) const fn level_id(&self) -> u8 {
        self.level_id
    }

    pub(crate) fn ssrc(&self, kind: Kind) -> u32 {
        self.sources[kind.index()].ssrc
    }

    /// Key frames of `kind` that it was asked for.
    pub(crate) fn keyframe_requests(&self, kind: Kind) -> usize {
        self.sources[kind.index()].requests
    }

    pub(super) fn note_requests(&mut self, heard: &Heard) {
        for request in heard.reports::<PictureLossIndication>() {
            for source in &mut self.sources {
                source.requests += usize::from(source.ssrc == request.media_ssrc);
            }
        }
    }

    /// How many packets of `kind` were made.
    pub(crate) fn made(&self, kind: Kind) -> u32 {
        self.sources[kind.index()].number
    }

    /// The next packet of `kind`; a key frame if `is_key`.
    pub(crate) fn next(&mut self, maker: u8, kind: Kind, is_key: bool) -> Outgoing {
        let source = &mut self.sources[kind.index()];
        let mark = Mark {
            maker,
            kind,
            number: source.number,
        };
        let outgoing = Outgoing {
            kind,
            sequence: source.sequence,
            timestamp: source.timestamp,
            marker: kind.is_video(),
            padding: false,
            level: (!kind.is_video()).then_some(self.level),
            payload: if kind.is_video() {
                mark.frame(source.picture, source.base_layer, is_key)
            } else {
                mark.sound()
            },
        };
        source.number += 1;
        source.sequence = source.sequence.wrapping_add(1);
        source.timestamp = source
            .timestamp
            .wrapping_add(if kind.is_video() { 900 } else { 480 });
        source.picture = source.picture.wrapping_add(1) & 0x7fff;
        source.base_layer = source.base_layer.wrapping_add(1);
        outgoing
    }

    /// A packet of padding alone, in the place of the next packet of `kind`.
    pub(crate) fn next_padding(&mut self, kind: Kind) -> Outgoing {
        let source = &mut self.sources[kind.index()];
        let outgoing = Outgoing {
            kind,
            sequence: source.sequence,
            timestamp: source.timestamp.wrapping_sub(900),
            marker: false,
            padding: true,
            level: None,
            payload: Bytes::new(),
        };
        source.sequence = source.sequence.wrapping_add(1);
        outgoing
    }
}

impl Client {
    /// Sends one packet.
    pub(crate) fn send(&mut self, outgoing: Outgoing) {
        self.try_send(outgoing)
            .expect("what it offered it may send");
    }

    fn try_send(&mut self, outgoing: Outgoing) -> Result<(), Error> {
        let source = &self.publisher.sources[outgoing.kind.index()];
        let mut packet = rtp::Packet {
            header: rtp::Header {
                version: 2,
                padding: outgoing.padding,
                marker: outgoing.marker,
                payload_type: source.payload_type,
                sequence_number: outgoing.sequence,
                timestamp: outgoing.timestamp,
                ssrc: source.ssrc,
                ..rtp::Header::default()
            },
            payload: outgoing.payload,
        };
        if let Some(level) = outgoing.level {
            packet
                .header
                .set_extension(self.publisher.level_id, Bytes::copy_from_slice(&[level]))?;
        }
        let sender = self.senders[outgoing.kind.index()];
        self.connection
            .rtp_sender(sender)
            .expect("it is one of its own")
            .write_rtp(Instant::now().into_std(), packet)?;
        self.transmit();
        Ok(())
    }

    /// Sends the next packet of `kind`, a key frame if `is_key`.
    pub(crate) fn send_next(&mut self, kind: Kind, is_key: bool) {
        let outgoing = self.publisher.next(self.maker, kind, is_key);
        self.send(outgoing);
    }

    /// Sends a packet of padding alone.
    pub(crate) fn send_padding(&mut self, kind: Kind) {
        let outgoing = self.publisher.next_padding(kind);
        self.send(outgoing);
    }

    /// Sends by itself from now on: pictures begin with no key frame, and get one when it is asked
    /// for.
    pub(crate) fn start_publishing(&mut self) {
        self.publisher.every = Some(Duration::from_millis(10));
    }

    pub(super) fn publish(&mut self, now: Instant) {
        let Some(every) = self.publisher.every else {
            return;
        };
        if now < self.publisher.due {
            return;
        }
        self.publisher.due = now + every;
        for kind in Kind::ALL {
            let source = &mut self.publisher.sources[kind.index()];
            let is_key = source.requests > source.answered;
            source.answered = source.requests;
            self.send_next(kind, is_key);
        }
    }
}
