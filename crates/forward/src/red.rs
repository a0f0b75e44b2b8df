//! Redundant audio (RFC 2198): a packet that carries the one before it too.

use std::ops::Range;

/// The most earlier packets read from one.
pub const MOST: usize = 4;

/// Length of the header of an earlier block, and of the last one, bytes (§3).
const EARLIER_HEADER: usize = 4;
const LAST_HEADER: usize = 1;

/// The most a timestamp may go back, and the longest earlier block: 14 and 10 bits.
const MOST_BACK: u32 = (1 << 14) - 1;
const LONGEST: usize = (1 << 10) - 1;

/// An earlier packet within one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Earlier {
    /// By how much its timestamp is below that of the packet it came in.
    pub back: u32,
    /// Where it is in the payload.
    pub range: Range<usize>,
}

/// What a payload holds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Blocks {
    /// The earlier packets, the oldest first; the last of them was sent just before.
    pub earlier: [Option<Earlier>; MOST],
    /// How many there are.
    pub count: usize,
    /// Where the packet's own sound is in the payload.
    pub own: Range<usize>,
}

/// Reads `payload`. `None` where it is cut short or holds more than [`MOST`] earlier packets.
#[must_use]
pub fn read(payload: &[u8]) -> Option<Blocks> {
    let mut blocks = Blocks::default();
    let mut lengths = [0; MOST];
    let mut at = 0;
    while payload.get(at)? & 0x80 != 0 {
        let [_, high, middle, low] = *payload.get(at..)?.first_chunk::<EARLIER_HEADER>()?;
        let back = u32::from(high) << 6 | u32::from(middle) >> 2;
        *lengths.get_mut(blocks.count)? = usize::from(middle & 0x03) << 8 | usize::from(low);
        *blocks.earlier.get_mut(blocks.count)? = Some(Earlier { back, range: 0..0 });
        blocks.count += 1;
        at += EARLIER_HEADER;
    }
    at += LAST_HEADER;
    for (earlier, length) in blocks.earlier.iter_mut().flatten().zip(lengths) {
        earlier.range = at..at + length;
        at += length;
    }
    blocks.own = at..payload.len();
    (at <= payload.len()).then_some(blocks)
}

/// Appends `own` and before it `earlier`, whose timestamp is `back` below: both of `payload_type`.
/// Gives whether that can be said; if not, nothing is appended.
pub fn write(payload_type: u8, back: u32, earlier: &[u8], own: &[u8], out: &mut Vec<u8>) -> bool {
    if back > MOST_BACK || earlier.len() > LONGEST {
        return false;
    }
    let Ok(length) = u32::try_from(earlier.len()) else {
        return false;
    };
    let word = 1 << 31 | u32::from(payload_type & 0x7f) << 24 | back << 10 | length;
    out.extend_from_slice(&word.to_be_bytes());
    out.push(payload_type & 0x7f);
    out.extend_from_slice(earlier);
    out.extend_from_slice(own);
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_cannot_be_said_is_not_written() {
        let mut out = Vec::new();
        assert!(!write(111, 1 << 14, b"a", b"b", &mut out));
        assert!(!write(111, 960, &[0; 1_024], b"b", &mut out));
        assert!(out.is_empty());
    }

    #[test]
    fn chromiums_packet_of_two_is_read() {
        let mut payload = vec![0xef, 0x0f, 0x00, 0x02, 0x6f, 1, 2, 3, 4, 5];
        let blocks = read(&payload).expect("well formed");
        let earlier = Earlier {
            back: 960,
            range: 5..7,
        };
        assert_eq!(blocks.earlier[0], Some(earlier));
        assert_eq!((blocks.count, blocks.own), (1, 7..10));
        payload.truncate(6);
        assert_eq!(read(&payload), None);
        assert_eq!(read(&[0x6f, 9]).map(|blocks| blocks.own), Some(1..2));
        assert_eq!(read(&[0xff; 40]), None);
        assert_eq!(read(&[]), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            back in 0u32..1 << 14, earlier in proptest::collection::vec(any::<u8>(), 0..300),
            own in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let mut out = Vec::new();
            prop_assert!(write(111, back, &earlier, &own, &mut out));
            let blocks = read(&out).expect("we wrote it");
            let before = blocks.earlier[0].clone().expect("there is one");
            prop_assert_eq!(before.back, back);
            prop_assert_eq!(&out[before.range], &earlier);
            prop_assert_eq!(&out[blocks.own], &own);
        }

        #[test]
        fn junk_is_read_within_its_bounds(payload in proptest::collection::vec(any::<u8>(), 0..60)) {
            if let Some(blocks) = read(&payload) {
                for earlier in blocks.earlier.iter().flatten() {
                    prop_assert!(payload.get(earlier.range.clone()).is_some());
                }
                prop_assert!(payload.get(blocks.own).is_some());
            }
        }
    }
}
