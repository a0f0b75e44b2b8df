//! A stream that has layers, read and thinned.

use std::collections::BTreeMap;

use crate::codec::Codec;
use crate::leg::{Leg, Packet, Rewrite, SourceId};
use crate::scalable::{Layers, Level};
use crate::time::Micros;

/// Plays `data` as packets of one source: what is wanted of it, how far it is from the packet
/// before, a length, and so many bytes of its dependency descriptor, or of its payload.
///
/// # Panics
///
/// Where a rule of forwarding does not hold.
pub fn layers(data: &[u8]) {
    let mut layers = Layers::default();
    let mut leg = Leg::new(0x7fff);
    let mut written: BTreeMap<u64, u64> = BTreeMap::new();
    let mut newest = 0x1_0000u64;
    let mut rest = data;
    let mut now = Micros(0);
    while let Some(([wanted, step, length], after)) = rest.split_first_chunk() {
        let (bytes, after) = after.split_at(after.len().min((*length).into()));
        rest = after;
        now = now.after_ms(u64::from(wanted >> 4));
        let (codec, descriptor, payload) = match wanted & 0x08 {
            0 => (Codec::Av1, bytes, &[][..]),
            _ => (Codec::Vp9, &[][..], bytes),
        };
        let frame = layers.read(codec, descriptor, payload);
        if let Some(frame) = &frame {
            layers.came(frame, bytes.len(), now);
        }
        // One step on, or back to what is late, or far ahead.
        let number = match step {
            0..=127 => newest + 1,
            128..=239 => newest.saturating_sub(u64::from(step - 128)),
            240..=255 => newest + u64::from(step - 239) * 37,
        };
        newest = newest.max(number);
        let packet = Packet {
            source: SourceId(1),
            number,
            timestamp: u32::from(step & 0x7f) / 4,
            codec,
            keyframe: frame.is_some_and(|frame| frame.is_key),
            vp8: None,
            frame: frame.as_ref(),
            target: frame.map_or_else(Level::default, |frame| {
                Level::of_layer(wanted & 0x07, frame.most)
            }),
        };
        if let Some(rewrite) = leg.forward(&packet, now) {
            check(&leg, number, &packet, rewrite, &mut written);
        }
        let _layers = layers.layers(now);
    }
}

fn check(
    leg: &Leg,
    number: u64,
    packet: &Packet<'_>,
    rewrite: Rewrite,
    written: &mut BTreeMap<u64, u64>,
) {
    let before = written.insert(rewrite.sequence, number);
    assert!(
        before.is_none_or(|before| before == number),
        "no number is written for two packets"
    );
    assert_eq!(
        leg.again(number, packet.timestamp),
        Some(rewrite),
        "a packet is written again as it was written"
    );
    #[expect(clippy::cast_possible_truncation, reason = "the wire carries 16 bits")]
    let found = leg.written_as(rewrite.sequence as u16);
    assert!(
        found.is_none_or(|(_, found)| found == number),
        "a packet is found under its number"
    );
}
