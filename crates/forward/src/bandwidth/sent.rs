//! What was sent to one receiver, until it tells what came.

use crate::time::Micros;

/// How many packets are remembered: a second and a half of the most that one receiver gets.
const REMEMBERED: usize = 2_048;

/// One packet that was sent.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Packet {
    pub(super) at: Micros,
    /// Its transport-wide number; 0 where there is none.
    number: u32,
    /// Bytes on the wire, as far as they are known here.
    pub(super) size: u16,
    /// Whether it was told lost or come already.
    told: bool,
}

/// The packets sent lately, by transport-wide number.
#[derive(Debug)]
pub(super) struct Sent {
    packets: Vec<Packet>,
    next: u64,
}

impl Default for Sent {
    fn default() -> Self {
        Self {
            packets: Vec::new(),
            // One turn above 0, so that 0 is nobody's number.
            next: 0x1_0000,
        }
    }
}

impl Sent {
    /// Gives the next packet its number.
    pub(super) fn push(&mut self, size: usize, at: Micros) -> u64 {
        if self.packets.is_empty() {
            self.packets.resize(REMEMBERED, Packet::default());
        }
        let number = self.next;
        self.next += 1;
        if let Some(place) = self.packets.get_mut(place_of(number)) {
            *place = Packet {
                number: low(number),
                at,
                size: u16::try_from(size).unwrap_or(u16::MAX),
                told: false,
            };
        }
        number
    }

    /// The number that the next packet will get.
    pub(super) const fn next(&self) -> u64 {
        self.next
    }

    /// The endless number of the one that a report calls `first`: the nearest to what was sent
    /// last. `None` for one that was never sent.
    pub(super) fn endless(&self, first: u16) -> Option<u64> {
        let newest = self.next.checked_sub(1)?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the wire carries the low 16 bits"
        )]
        let behind = (newest as u16).wrapping_sub(first);
        let number = newest.checked_sub(u64::from(behind))?;
        (number >= 0x1_0000).then_some(number)
    }

    /// Takes the packet of `number` off the list; none if it is too old or was told before.
    pub(super) fn take(&mut self, number: u64) -> Option<Packet> {
        let place = self.packets.get_mut(place_of(number))?;
        if place.number != low(number) || place.told {
            return None;
        }
        place.told = true;
        Some(*place)
    }
}

/// Enough of an endless number to tell it from those that shared its place.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the low bits are what is meant"
)]
const fn low(number: u64) -> u32 {
    number as u32
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a remainder is below REMEMBERED"
)]
const fn place_of(number: u64) -> usize {
    (number % REMEMBERED as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_packet_is_told_once_and_the_old_are_forgotten() {
        let mut sent = Sent::default();
        let first = sent.push(100, Micros(1));
        let second = sent.push(200, Micros(2));
        assert_eq!(sent.endless(1), Some(second));
        assert_eq!(sent.endless(0), Some(first));
        assert_eq!(sent.take(second).map(|packet| packet.size), Some(200));
        assert_eq!(sent.take(second), None);
        for _ in 0..REMEMBERED {
            sent.push(1, Micros(3));
        }
        assert_eq!(sent.take(first), None);
    }

    #[test]
    fn a_report_of_what_was_never_sent_is_of_nothing() {
        let mut sent = Sent::default();
        sent.push(100, Micros(1));
        assert_eq!(sent.endless(2), None);
    }
}
