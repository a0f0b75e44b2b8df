//! The packets one source sent lately, kept once for all its legs.

use std::collections::VecDeque;

use crate::codec::Codec;
use crate::extension::ForwardedExtensions;
use crate::time::Micros;

/// How long a packet is kept, microseconds: longer than a receiver goes on asking for it.
pub const KEPT_FOR: u64 = 1_000_000;

/// The most packets kept of one source, whatever its rate.
pub const MOST: usize = 1_024;

/// The most that their buffers hold together, bytes: a second of 8 Mbit/s.
pub const MOST_BYTES: usize = 1 << 20;

/// One packet as its source sent it, decrypted.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Kept {
    /// Its number in the source's sequence.
    pub number: u64,
    /// When it came.
    pub at: Micros,
    /// Its timestamp.
    pub timestamp: u32,
    /// Whether it ends a frame.
    pub marker: bool,
    /// Its codec.
    pub codec: Option<Codec>,
    /// Its extensions that are passed on.
    pub passed: ForwardedExtensions,
    /// Its payload, and after it its dependency descriptor.
    pub bytes: Vec<u8>,
    /// How long its payload is.
    pub payload: usize,
}

impl Kept {
    /// Its payload.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        self.bytes.get(..self.payload).unwrap_or_default()
    }

    /// Its dependency descriptor; empty where it has none.
    #[must_use]
    pub fn dependencies(&self) -> &[u8] {
        self.bytes.get(self.payload..).unwrap_or_default()
    }
}

/// The recent packets of one source, in the order of their places.
#[derive(Debug, Default)]
pub struct History {
    packets: VecDeque<Kept>,
    /// Buffers to use again.
    spare: Vec<Vec<u8>>,
    /// What all buffers hold together, bytes.
    held: usize,
}

impl History {
    /// Keeps a packet; what has become too old is dropped. A number that is kept already, or older
    /// than all that is kept, is not kept again.
    pub fn keep(&mut self, mut packet: Kept, payload: &[u8], dependencies: &[u8]) {
        let now = packet.at;
        while self.packets.len() >= MOST
            || self
                .packets
                .front()
                .is_some_and(|oldest| now.since(oldest.at) > KEPT_FOR)
        {
            let Some(oldest) = self.packets.pop_front() else {
                break;
            };
            self.spare.push(oldest.bytes);
        }
        // Nearly always it is the newest.
        let is_newest = self
            .packets
            .back()
            .is_none_or(|newest| newest.number < packet.number);
        let after = if is_newest {
            self.packets.len()
        } else {
            self.packets
                .partition_point(|kept| kept.number < packet.number)
        };
        if self
            .packets
            .get(after)
            .is_some_and(|kept| kept.number == packet.number)
        {
            return;
        }
        packet.bytes = self.spare.pop().unwrap_or_default();
        let held_before = packet.bytes.capacity();
        packet.bytes.clear();
        packet.bytes.extend_from_slice(payload);
        packet.bytes.extend_from_slice(dependencies);
        packet.payload = payload.len();
        self.held += packet.bytes.capacity() - held_before;
        if after == self.packets.len() {
            self.packets.push_back(packet);
        } else {
            self.packets.insert(after, packet);
        }
        while self.held > MOST_BYTES {
            let oldest = || self.packets.pop_front().map(|oldest| oldest.bytes);
            let Some(buffer) = self.spare.pop().or_else(oldest) else {
                break;
            };
            self.held -= buffer.capacity();
        }
    }

    /// Keeps nothing of what came so far.
    pub fn clear(&mut self) {
        let dropped = self.packets.drain(..).map(|packet| packet.bytes);
        self.spare.extend(dropped);
    }

    /// The packet at `number`, if it is still kept.
    #[must_use]
    pub fn find(&self, number: u64) -> Option<&Kept> {
        // Nearly always nothing is missing from it to the newest.
        let behind = self.packets.back()?.number.checked_sub(number)?;
        let last = self.packets.len() - 1;
        if let Some(kept) = usize::try_from(behind)
            .ok()
            .and_then(|behind| self.packets.get(last.checked_sub(behind)?))
            .filter(|kept| kept.number == number)
        {
            return Some(kept);
        }
        let at = self.packets.partition_point(|kept| kept.number < number);
        self.packets.get(at).filter(|kept| kept.number == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(number: u64, ms: u64) -> Kept {
        Kept {
            number,
            at: Micros(ms * 1_000),
            ..Kept::default()
        }
    }

    #[test]
    fn packets_are_found_by_place_whatever_order_they_came_in() {
        let mut history = History::default();
        for number in [10, 12, 11, 14] {
            history.keep(at(number, 0), &number.to_be_bytes(), &[1]);
        }
        for number in [10, 11, 12, 14] {
            assert_eq!(
                history.find(number).expect("kept").payload(),
                number.to_be_bytes()
            );
            assert_eq!(history.find(number).expect("kept").dependencies(), [1]);
        }
        assert!(history.find(13).is_none());
    }

    #[test]
    fn what_is_old_or_too_many_is_dropped() {
        let mut history = History::default();
        history.keep(at(1, 0), b"a", b"");
        history.keep(at(2, 1_001), b"b", b"");
        assert!(history.find(1).is_none());
        for number in 3..3 + MOST as u64 {
            history.keep(at(number, 1_001), b"c", b"");
        }
        assert!(history.find(2).is_none());
        assert_eq!(history.packets.len(), MOST);
    }

    #[test]
    fn what_is_cleared_is_found_no_more_and_what_comes_after_is() {
        let mut history = History::default();
        history.keep(at(1, 0), b"before", b"");
        history.clear();
        assert!(history.find(1).is_none());
        history.keep(at(2, 0), b"after", b"");
        assert_eq!(history.find(2).expect("kept").payload(), b"after");
    }

    #[test]
    fn what_is_kept_is_bounded_in_bytes_whatever_comes() {
        let mut history = History::default();
        for number in 0..20_000u64 {
            let length = if number / 1_500 % 2 == 0 { 20 } else { 1_500 };
            history.keep(at(number, 0), &vec![7; length], b"");
            let all = history.packets.iter().map(|kept| &kept.bytes);
            let held: usize = all.chain(&history.spare).map(Vec::capacity).sum();
            assert_eq!(held, history.held);
            assert!(held <= MOST_BYTES);
            assert_eq!(
                history.find(number).map(|kept| kept.payload().len()),
                Some(length)
            );
        }
    }
}
