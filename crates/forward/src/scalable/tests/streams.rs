//! Whatever layers a receiver is to get, what it gets can be decoded and has no gap.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::super::{Frame, Layers, Level, Levels, References};
use crate::codec::Codec;
use crate::leg::{Leg, Packet, Rewrite, SourceId};
use crate::time::Micros;
use crate::{keyframe, vp9};

/// One packet, as it came.
#[derive(Clone, Debug)]
struct Came {
    number: u64,
    timestamp: u32,
    marker: bool,
    begins_key: bool,
    frame: Option<Frame>,
}

/// One packet, as it was forwarded.
#[derive(Clone, Copy, Debug)]
struct Went {
    came: usize,
    rewrite: Rewrite,
    marker: bool,
}

const FIRST: u16 = 7;

/// The levels that may be taken up from a frame of `level` among so many temporal layers: with one
/// that others are shown between, all above.
fn switches(level: Level, temporal: u8) -> Levels {
    let mut switches = Levels::default();
    for above in level.temporal..temporal {
        if level.temporal == 0 || above > level.temporal {
            switches.add(Level {
                temporal: above,
                ..level
            });
        }
    }
    switches
}

/// A stream of so many spatial and temporal layers; with `keyed`, larger pictures need smaller
/// ones in key frames alone. Each picture is `(a key frame, packets in each frame)`.
fn stream(spatial: u8, temporal: u8, keyed: bool, pictures: &[(bool, u8)]) -> Vec<Came> {
    let most = Level {
        spatial: spatial - 1,
        temporal: temporal - 1,
    };
    let mut packets = Vec::new();
    // The newest frame of each level.
    let mut newest: BTreeMap<(u8, u8), u64> = BTreeMap::new();
    let mut number = 1_000;
    let mut since_key = 0;
    for (index, (is_key, size)) in (0u32..).zip(pictures) {
        let is_key = *is_key || index == 0;
        since_key = if is_key { 0 } else { since_key + 1 };
        let at = match (temporal, since_key % 4) {
            (1, _) | (_, 0) => 0,
            (2, n) => u8::from(n % 2 == 1),
            (_, 2) => 1,
            _ => 2,
        };
        for layer in 0..spatial {
            let mut references = References::default();
            let mut need = |of: u64| references.add(u16::try_from(number - of).expect("near"));
            if !is_key {
                let before = (0..=at).filter_map(|at| newest.get(&(layer, at))).max();
                need(*before.expect("a key frame was before")).expect("there is room");
            }
            if layer > 0 && (is_key || !keyed) {
                need(number - 1).expect("there is room");
            }
            let level = Level {
                spatial: layer,
                temporal: at,
            };
            let switches = switches(level, temporal);
            let frame = |ends| Frame {
                number,
                level,
                most,
                ends,
                is_key: is_key && layer == 0,
                references,
                switches: if is_key { Levels::ALL } else { switches },
            };
            for part in 0..*size {
                let ends = part + 1 == *size;
                packets.push(Came {
                    number: 5_000 + packets.len() as u64,
                    timestamp: index * 3_000,
                    marker: ends && layer + 1 == spatial,
                    begins_key: is_key && layer == 0 && part == 0,
                    frame: Some(frame(ends)),
                });
            }
            newest.insert((layer, at), number);
            number += 1;
        }
    }
    packets
}

/// Forwards packets in the order `order`, the layer that is wanted changing as `wanted` tells: from
/// so many packets on, that layer.
fn forward(
    packets: &[Came],
    order: &[usize],
    wanted: &[(usize, u8)],
    codec: Codec,
) -> (Leg, Vec<Went>) {
    let mut leg = Leg::new(FIRST);
    let mut went = Vec::new();
    let mut now = Micros(0);
    for (turn, came) in order.iter().enumerate() {
        let Some(packet) = packets.get(*came) else {
            continue;
        };
        now = now.after_ms(5);
        let layer = wanted.iter().rfind(|(from, _)| *from <= turn);
        let layer = layer.map_or(0, |(_, layer)| *layer);
        let most = packet.frame.map_or_else(Level::default, |frame| frame.most);
        let asked = Packet {
            source: SourceId(1),
            number: packet.number,
            timestamp: packet.timestamp,
            codec,
            keyframe: packet.begins_key,
            vp8: None,
            frame: packet.frame.as_ref(),
            target: Level::of_layer(layer, most),
        };
        if let Some(rewrite) = leg.forward(&asked, now) {
            went.push(Went {
                came: *came,
                rewrite,
                marker: (packet.marker && !rewrite.is_empty) || rewrite.ends,
            });
        }
    }
    (leg, went)
}

fn in_order(packets: &[Came]) -> Vec<usize> {
    (0..packets.len()).collect()
}

/// What was forwarded, as the receiver orders it, has no gap; its pictures end where they are told
/// to; and each frame is whole, and has what it needs. Gives the levels of each picture.
fn receive(packets: &[Came], went: &[Went]) -> BTreeMap<u32, BTreeSet<(u8, u8)>> {
    let mut pictures: BTreeMap<u32, BTreeSet<(u8, u8)>> = BTreeMap::new();
    let mut parts: BTreeMap<u64, usize> = BTreeMap::new();
    let mut frames = went.iter().filter_map(|one| packets[one.came].frame);
    let first = frames.next().map(|frame| frame.number);
    for (index, one) in went.iter().enumerate() {
        let expected = (0x1_0000 | u64::from(FIRST)) + index as u64;
        assert_eq!(one.rewrite.sequence, expected, "no gap");
        let came = &packets[one.came];
        let next = went.get(index + 1).map(|next| packets[next.came].timestamp);
        let is_last = next != Some(came.timestamp);
        if next.is_some() || came.marker {
            assert_eq!(one.marker, is_last, "{came:?} then {next:?}");
        }
        let Some(frame) = came.frame else { continue };
        for back in frame.references.iter() {
            let needed = frame.number - u64::from(back);
            // Before layers were known everything was forwarded.
            let is_there = parts.contains_key(&needed) || first.is_some_and(|first| needed < first);
            assert!(is_there, "{frame:?} has no {needed}");
        }
        *parts.entry(frame.number).or_default() += 1;
        let levels = pictures.entry(came.timestamp).or_default();
        levels.insert((frame.level.spatial, frame.level.temporal));
    }
    let last = went.last().map(|one| packets[one.came].timestamp);
    for (number, count) in parts {
        let of = |came: &&Came| came.frame.is_some_and(|frame| frame.number == number);
        let all = packets.iter().filter(of);
        assert!(
            all.clone().count() == count || all.clone().any(|came| Some(came.timestamp) == last),
            "all of frame {number}"
        );
    }
    pictures
}

fn pictures() -> impl Strategy<Value = Vec<(bool, u8)>> {
    proptest::collection::vec((proptest::bool::weighted(0.1), 1u8..4), 1..80)
}

fn wanted() -> impl Strategy<Value = Vec<(usize, u8)>> {
    proptest::collection::vec((0usize..400, 0u8..5), 0..12).prop_map(|mut wanted| {
        wanted.sort_unstable();
        wanted
    })
}

proptest! {
    #[test]
    fn any_choice_of_layers_gives_a_stream_that_can_be_decoded(
        spatial in 1u8..4, temporal in 1u8..4, keyed: bool, pictures in pictures(),
        wanted in wanted(),
    ) {
        let packets = stream(spatial, temporal, keyed, &pictures);
        let (leg, went) = forward(&packets, &in_order(&packets), &wanted, Codec::Vp9);
        receive(&packets, &went);
        for one in went.iter().rev().take(200) {
            let came = &packets[one.came];
            let low = u16::try_from(one.rewrite.sequence & 0xffff).expect("16 bits");
            prop_assert_eq!(leg.written_as(low), Some((SourceId(1), came.number)));
            prop_assert_eq!(leg.again(came.number, came.timestamp), Some(one.rewrite));
        }
    }

    /// Down with the next picture, up with the next key frame at the latest: to just that.
    #[test]
    fn what_is_wanted_comes(
        spatial in 1u8..4, temporal in 1u8..4, keyed: bool, from in 0u8..5, to in 0u8..5,
    ) {
        let pictures: Vec<_> = (0..40).map(|n| (n == 20, 2)).collect();
        let packets = stream(spatial, temporal, keyed, &pictures);
        let at = packets.iter().position(|came| came.timestamp == 12 * 3_000).expect("it is there");
        let wanted = [(0, from), (at, to)];
        let (_, went) = forward(&packets, &in_order(&packets), &wanted, Codec::Vp9);
        let levels = receive(&packets, &went);
        let most = packets[0].frame.expect("it is told").most;
        let from = Level::of_layer(from, most);
        let to = Level::of_layer(to, most);
        for picture in 0..40u32 {
            let of = |came: &&Came| came.timestamp == picture * 3_000;
            let sent: BTreeSet<_> = packets.iter().filter(of).filter_map(|came| came.frame)
                .map(|frame| frame.level).map(|level| (level.spatial, level.temporal)).collect();
            let expected = match picture {
                0..12 => from,
                20.. => to,
                _ if from.holds(to) => to,
                _ => continue,
            };
            let expected: BTreeSet<_> = sent.into_iter()
                .filter(|(spatial, temporal)| *spatial <= expected.spatial && *temporal <= expected.temporal)
                .collect();
            prop_assert_eq!(levels.get(&(picture * 3_000)).cloned().unwrap_or_default(), expected);
        }
    }

    /// Packets that come late, and the ones after them: nothing is sent under two numbers, every
    /// number is used, and what is asked for again is what was sent.
    #[test]
    fn what_comes_late_has_a_place(
        spatial in 1u8..4, temporal in 1u8..4, keyed: bool, pictures in pictures(),
        wanted in wanted(), late in proptest::collection::vec((1usize..250, 1usize..60), 0..20),
    ) {
        let packets = stream(spatial, temporal, keyed, &pictures);
        let mut order = in_order(&packets);
        for (from, by) in late {
            if from < order.len() {
                let one = order.remove(from);
                order.insert((from + by).min(order.len()), one);
            }
        }
        let (leg, went) = forward(&packets, &order, &wanted, Codec::Vp9);
        let used: BTreeMap<u64, usize> =
            went.iter().map(|one| (one.rewrite.sequence, one.came)).collect();
        prop_assert_eq!(used.len(), went.len(), "no number twice");
        let first = 0x1_0000 | u64::from(FIRST);
        prop_assert!(used.keys().copied().eq(first..first + used.len() as u64), "no gap");
        for one in went.iter().rev().take(100) {
            let came = &packets[one.came];
            prop_assert_eq!(leg.again(came.number, came.timestamp), Some(one.rewrite));
        }
    }
}

/// Packets that Chromium sent: sequence number, timestamp, marker, the head of the payload, and the
/// dependency descriptor.
fn sent_by_chromium(text: &str, codec: Codec) -> (Vec<Came>, Layers) {
    let mut layers = Layers::default();
    let bytes = |hex: &str| -> Vec<u8> {
        let digits = hex.trim_end_matches('-').as_bytes().chunks_exact(2);
        digits
            .map(|two| std::str::from_utf8(two).expect("ASCII"))
            .map(|two| u8::from_str_radix(two, 16).expect("two digits"))
            .collect()
    };
    let mut packets = Vec::new();
    for line in text.lines() {
        let words: Vec<_> = line.split(' ').collect();
        let [sequence, timestamp, marker, head, descriptor] = words[..] else {
            panic!("{line}")
        };
        let (head, descriptor) = (bytes(head), bytes(descriptor));
        let frame = layers.read(codec, &descriptor, &head);
        if codec == Codec::Vp9 && !descriptor.is_empty() {
            // What both descriptors tell is the same.
            let other = vp9::Descriptor::read(&head).expect("Chromium wrote it");
            let other = other.frame(&mut Default::default(), Level::default());
            let told = |frame: Frame| (frame.level, frame.ends, frame.is_key);
            assert_eq!(frame.map(told), other.map(told), "{line}");
        }
        packets.push(Came {
            number: sequence.parse().expect("a number"),
            timestamp: timestamp.parse().expect("a number"),
            marker: marker == "1",
            begins_key: keyframe::begins(codec, &head),
            frame,
        });
    }
    (packets, layers)
}

#[test]
fn what_chromium_sends_can_be_thinned() {
    macro_rules! stream {
        ($codec:expr, $most:expr, $name:literal) => {
            (
                $codec,
                $most,
                $name,
                include_str!(concat!("../../../tests/streams/", $name, ".txt")),
            )
        };
    }
    for (codec, (spatial, temporal), name, text) in [
        stream!(Codec::Vp9, (2, 2), "vp9-l3t3-key"),
        stream!(Codec::Vp9, (2, 2), "vp9-l3t3-key-plain"),
        stream!(Codec::Vp9, (2, 2), "vp9-l3t3"),
        stream!(Codec::Vp9, (1, 1), "vp9-l2t2-plain"),
        stream!(Codec::Vp9, (0, 2), "vp9-l1t3"),
        stream!(Codec::Vp9, (0, 2), "vp9-l1t3-plain"),
        stream!(Codec::Av1, (2, 2), "av1-l3t3-key"),
        stream!(Codec::Av1, (0, 2), "av1-l1t3"),
        stream!(Codec::Av1, (1, 1), "av1-l2t2"),
    ] {
        let (packets, layers) = sent_by_chromium(text, codec);
        assert_eq!(layers.most(), Level { spatial, temporal }, "{name}");
        let most = layers.most();
        for layer in 0..u8::try_from(most.layers()).expect("few") {
            let (_, went) = forward(&packets, &in_order(&packets), &[(0, layer)], codec);
            let pictures = receive(&packets, &went);
            assert!(!pictures.is_empty(), "{name} {layer}");
            // Without dependency descriptors temporal layers are known once they were seen.
            if !name.ends_with("-plain") {
                let level = Level::of_layer(layer, most);
                let told: BTreeSet<_> = packets
                    .iter()
                    .filter_map(|came| came.frame)
                    .map(|frame| frame.level)
                    .filter(|frame| level.holds(*frame))
                    .map(|frame| (frame.spatial, frame.temporal))
                    .collect();
                let found: BTreeSet<_> = pictures.into_values().flatten().collect();
                assert_eq!(found, told, "{name} {layer}");
            }
        }
        if most.spatial > 0 {
            let heights = layers.layers(Micros(0)).expect("there are some");
            assert!(heights.iter().flatten().all(|layer| layer.height.is_some()));
        }
    }
}
