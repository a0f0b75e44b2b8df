//! One leg: a source on its way to one receiver, rewritten so that the slot it arrives in is one
//! continuous stream, whoever sends into it.

use crate::codec::Codec;
use crate::scalable::trail::Placed;
use crate::scalable::{Frame, Level, Thinned};
use crate::time::Micros;
use crate::vp8;

/// Which source a leg carries: a new number for every connection of every person.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SourceId(pub u64);

/// A packet of a source, about to be forwarded.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'packet> {
    /// The source.
    pub source: SourceId,
    /// Its number within the source.
    pub number: u64,
    /// Its timestamp.
    pub timestamp: u32,
    /// Its codec.
    pub codec: Codec,
    /// Whether it begins a key frame.
    pub keyframe: bool,
    /// Its VP8 descriptor, for VP8.
    pub vp8: Option<&'packet vp8::Descriptor>,
    /// The frame that it is of, where its stream has layers.
    pub frame: Option<&'packet Frame>,
    /// Up to which level frames are wanted of such a stream.
    pub target: Level,
}

/// What a leg writes instead of what the source wrote.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rewrite {
    /// The sequence number, endless: the low 16 bits go into the header, the rest is the rollover
    /// counter (RFC 3711 §3.3.1).
    pub sequence: u64,
    /// The timestamp.
    pub timestamp: u32,
    /// The VP8 numbers' shift.
    pub vp8: vp8::Shift,
    /// Whether it ends a picture here, whatever it does at its source.
    pub ends: bool,
    /// Whether nothing is to be sent in it.
    pub is_empty: bool,
}

/// How one source is shifted on one leg, from its first packet there to its last.
#[derive(Clone, Copy, Debug)]
struct Binding {
    source: SourceId,
    first: u64,
    sequence: u64,
    timestamp: u32,
    vp8: vp8::Shift,
}

impl Binding {
    fn rewrite(&self, number: u64, timestamp: u32) -> Option<Rewrite> {
        Some(Rewrite {
            sequence: self.sequence + number.checked_sub(self.first)?,
            timestamp: timestamp.wrapping_add(self.timestamp),
            vp8: self.vp8,
            ends: false,
            is_empty: false,
        })
    }

    const fn rewrite_as(&self, placed: Placed, timestamp: u32) -> Rewrite {
        Rewrite {
            sequence: placed.sequence,
            timestamp: timestamp.wrapping_add(self.timestamp),
            vp8: self.vp8,
            ends: placed.ends,
            is_empty: placed.is_empty,
        }
    }
}

/// What was last written.
#[derive(Clone, Copy, Debug)]
struct Last {
    sequence: u64,
    timestamp: u32,
    at: Micros,
    vp8: vp8::Numbers,
}

/// One leg.
#[derive(Clone, Debug)]
pub struct Leg {
    binding: Option<Binding>,
    last: Option<Last>,
    first_sequence: u64,
    /// What is forwarded of a stream that has layers.
    thinned: Option<Box<Thinned>>,
    /// Packets written, retransmissions left out.
    pub packets: u32,
    /// Bytes of payload written, retransmissions left out.
    pub octets: u32,
}

impl Leg {
    /// A leg whose first packet has the sequence number `first` (RFC 3550 §5.1 wants it random).
    #[must_use]
    pub const fn new(first: u16) -> Self {
        Self {
            binding: None,
            last: None,
            // One turn above 0, so that the numbers before the first exist.
            first_sequence: 0x1_0000 | first as u64,
            thinned: None,
            packets: 0,
            octets: 0,
        }
    }

    /// How to write `packet`, or `None` where it is not to be forwarded: a picture begins with a
    /// key frame, and nothing older than a source's first packet is sent after it.
    pub fn forward(&mut self, packet: &Packet<'_>, now: Micros) -> Option<Rewrite> {
        let binding = match self.binding {
            Some(binding) if binding.source == packet.source => binding,
            Some(_) | None => {
                if packet.codec.is_video() && !packet.keyframe {
                    return None;
                }
                let binding = self.bind(packet, now);
                self.binding = Some(binding);
                if let Some(thinned) = &mut self.thinned {
                    thinned.end();
                }
                binding
            }
        };
        let whole = binding.rewrite(packet.number, packet.timestamp)?;
        if let Some(frame) = packet.frame {
            self.thin(packet.number, whole.sequence, frame);
        }
        let thinned = self.thinned.as_deref_mut();
        let rewrite = match thinned.filter(|thinned| thinned.has_number(packet.number)) {
            Some(thinned) => binding.rewrite_as(thinned.place(packet, now)?, packet.timestamp),
            None => whole,
        };
        if self
            .last
            .is_none_or(|last| rewrite.sequence > last.sequence)
        {
            self.last = Some(Last {
                sequence: rewrite.sequence,
                timestamp: rewrite.timestamp,
                at: now,
                vp8: match packet.vp8 {
                    Some(descriptor) => rewrite.vp8.numbers(descriptor),
                    None => self.last.map(|last| last.vp8).unwrap_or_default(),
                },
            });
        }
        Some(rewrite)
    }

    /// Begins to choose among layers, if that has not begun.
    fn thin(&mut self, number: u64, sequence: u64, frame: &Frame) {
        let thinned = self.thinned.get_or_insert_default();
        if !thinned.has_begun() {
            thinned.begin(number, sequence, frame);
        }
    }

    /// Whether the receiver waits for layers that only a key frame brings.
    #[must_use]
    pub fn needs_key(&self, now: Micros) -> bool {
        let thinned = self.thinned.as_ref();
        self.binding.is_some() && thinned.is_some_and(|thinned| thinned.needs_key(now))
    }

    fn bind(&self, packet: &Packet<'_>, now: Micros) -> Binding {
        let Some(last) = self.last else {
            return Binding {
                source: packet.source,
                first: packet.number,
                sequence: self.first_sequence,
                timestamp: 0,
                vp8: vp8::Shift::default(),
            };
        };
        let rate = u64::from(packet.codec.clock_rate());
        let elapsed = (now.since(last.at) * rate / 1_000_000).max(1);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "timestamps are modulo 2^32"
        )]
        let timestamp = last
            .timestamp
            .wrapping_add(elapsed as u32)
            .wrapping_sub(packet.timestamp);
        Binding {
            source: packet.source,
            first: packet.number,
            sequence: last.sequence + 1,
            timestamp,
            vp8: packet.vp8.map_or_else(vp8::Shift::default, |first| {
                vp8::Shift::between(last.vp8, first)
            }),
        }
    }

    /// The source that has begun on this leg.
    #[must_use]
    pub fn source(&self) -> Option<SourceId> {
        self.binding.map(|binding| binding.source)
    }

    /// Whether `source` has begun on this leg.
    #[must_use]
    pub fn carries(&self, source: SourceId) -> bool {
        self.binding.is_some_and(|binding| binding.source == source)
    }

    /// Lets go of the source: what comes next begins with a key frame.
    pub const fn release(&mut self) {
        self.binding = None;
    }

    /// The source on this leg and the number in it of what was written as `sequence`.
    #[must_use]
    pub fn written_as(&self, sequence: u16) -> Option<(SourceId, u64)> {
        let binding = self.binding?;
        let last = self.last?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the low 16 bits are what is meant"
        )]
        let behind = (last.sequence as u16).wrapping_sub(sequence);
        let sequence = last.sequence.checked_sub(u64::from(behind))?;
        let thinned = self.thinned.as_deref();
        let number = match thinned.filter(|thinned| thinned.has_sequence(sequence)) {
            Some(thinned) => thinned.number_of(sequence)?,
            None => sequence
                .checked_sub(binding.sequence)?
                .checked_add(binding.first)?,
        };
        Some((binding.source, number))
    }

    /// How `number` of the source on this leg was written, to write it again.
    #[must_use]
    pub fn again(&self, number: u64, timestamp: u32) -> Option<Rewrite> {
        let binding = self.binding?;
        let thinned = self.thinned.as_deref();
        match thinned.filter(|thinned| thinned.has_number(number)) {
            Some(thinned) => Some(binding.rewrite_as(thinned.find(number)?, timestamp)),
            None => binding.rewrite(number, timestamp),
        }
    }

    /// The timestamp here of what is `timestamp` at `source`.
    #[must_use]
    pub fn timestamp_of(&self, source: SourceId, timestamp: u32) -> Option<u32> {
        let binding = self.binding.filter(|binding| binding.source == source)?;
        Some(timestamp.wrapping_add(binding.timestamp))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packet(source: u64, number: u64, timestamp: u32, keyframe: bool) -> Packet<'static> {
        Packet {
            source: SourceId(source),
            number,
            timestamp,
            codec: Codec::H264,
            keyframe,
            vp8: None,
            frame: None,
            target: Level::default(),
        }
    }

    #[test]
    fn a_picture_begins_with_a_key_frame() {
        let mut leg = Leg::new(7);
        assert_eq!(leg.forward(&packet(1, 100, 0, false), Micros(0)), None);
        let begun = leg
            .forward(&packet(1, 101, 5, true), Micros(0))
            .expect("a key frame");
        assert_eq!((begun.sequence, begun.timestamp), (0x1_0007, 5));
        assert_eq!(
            leg.forward(&packet(1, 100, 0, false), Micros(0)),
            None,
            "too old"
        );
        assert!(leg.forward(&packet(1, 102, 6, false), Micros(0)).is_some());
    }

    #[test]
    fn what_was_let_go_begins_again_with_a_key_frame_and_new_numbers() {
        let mut leg = Leg::new(7);
        let before = leg
            .forward(&packet(1, 10, 0, true), Micros(0))
            .expect("a key frame");
        leg.release();
        assert_eq!(leg.forward(&packet(1, 11, 0, false), Micros(0)), None);
        let after = leg
            .forward(&packet(1, 30, 0, true), Micros(0))
            .expect("a key frame");
        assert_eq!(after.sequence, before.sequence + 1);
    }

    #[test]
    fn the_next_source_goes_on_where_the_last_ended() {
        let mut leg = Leg::new(7);
        leg.forward(&packet(1, 50, 1_000, true), Micros(0))
            .expect("a key frame");
        leg.forward(&packet(1, 52, 4_000, false), Micros(33_000))
            .expect("it follows");
        let next = leg
            .forward(&packet(2, 900, 77, true), Micros(133_000))
            .expect("a key frame");
        assert_eq!(next.sequence, 0x1_0007 + 3);
        assert_eq!(next.timestamp, 4_000 + 9_000, "100 ms later");
        assert_eq!(leg.written_as(10), Some((SourceId(2), 900)));
        assert_eq!(leg.written_as(9), None, "that was the last source's");
        assert_eq!(leg.forward(&packet(1, 53, 5_000, false), Micros(0)), None);
    }

    #[test]
    fn vp8_numbers_go_on_too() {
        let mut leg = Leg::new(0);
        let first = [0x90, 0xc0, 0x80, 0x05, 9, 0];
        let second = [0x90, 0xc0, 0xff, 0xff, 200, 0];
        for (source, payload, expected) in [(1, first, (5, 9)), (2, second, (6, 10))] {
            let descriptor = vp8::Descriptor::read(&payload).expect("well formed");
            let packet = Packet {
                codec: Codec::Vp8,
                vp8: Some(&descriptor),
                ..packet(source, 1, 0, true)
            };
            let rewrite = leg.forward(&packet, Micros(0)).expect("a key frame");
            let numbers = rewrite.vp8.numbers(&descriptor);
            assert_eq!((numbers.picture, numbers.base_layer), expected);
        }
    }

    proptest! {
        /// Whatever sources come in whatever order, no sequence number is written for two
        /// different packets: a nonce of SRTP is never used twice.
        #[test]
        fn no_sequence_number_is_written_twice(
            packets in proptest::collection::vec((0u64..4, 0u64..40, any::<bool>()), 1..300),
            first: u16,
        ) {
            let mut leg = Leg::new(first);
            let mut written = std::collections::BTreeMap::new();
            let mut current = 0;
            for (source, number, keyframe) in packets {
                // A source that was replaced never comes back.
                let source = current.max(source);
                current = source;
                if let Some(rewrite) = leg.forward(&packet(source, number, 0, keyframe), Micros(0)) {
                    let before = written.insert(rewrite.sequence, (source, number));
                    prop_assert!(before.is_none_or(|before| before == (source, number)));
                    prop_assert!(rewrite.sequence >= 0x1_0000);
                    let low = (rewrite.sequence & 0xffff).try_into().expect("16 bits");
                    let (id, again) = leg.written_as(low).expect("just written");
                    prop_assert_eq!((id, again), (SourceId(source), number));
                }
            }
        }
    }
}
