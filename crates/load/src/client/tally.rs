//! What arrived, judged.

use std::collections::HashMap;

use forward::codec::Kind;

/// Times in microseconds, kept to about 3 %: 32 steps in each doubling.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

/// Steps in each doubling.
const STEPS: u64 = 32;

/// Enough for times up to a minute.
const BUCKETS: usize = 32 * 24;

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: vec![0; BUCKETS],
            total: 0,
        }
    }
}

impl Histogram {
    fn bucket(value: u64) -> usize {
        let doublings = u64::from((value / STEPS).checked_ilog2().map_or(0, |log| log + 1));
        let step = if doublings == 0 {
            value
        } else {
            value >> (doublings - 1)
        };
        usize::try_from((doublings * STEPS + (step % STEPS)).min(BUCKETS as u64 - 1))
            .unwrap_or_default()
    }

    /// The least value of a bucket.
    fn value(bucket: usize) -> u64 {
        let (doublings, step) = (bucket as u64 / STEPS, bucket as u64 % STEPS);
        if doublings == 0 {
            step
        } else {
            (STEPS + step) << (doublings - 1)
        }
    }

    /// Counts one time, microseconds.
    pub fn count(&mut self, microseconds: u64) {
        if let Some(count) = self.counts.get_mut(Self::bucket(microseconds)) {
            *count += 1;
        }
        self.total += 1;
    }

    /// The time below which `share` of all lie, microseconds; 0 where none was counted.
    #[must_use]
    pub fn quantile(&self, share: f64) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share of a count is a count"
        )]
        let rank = ((self.total as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return Self::value(bucket);
            }
        }
        0
    }

    /// Adds the times of another.
    pub fn add(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.total += other.total;
    }
}

/// What arrived in a window of time.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Packets that should have come: for each source and receiver, from the first that came to the
    /// last, as the server numbered them.
    pub expected: u64,
    /// Packets of pictures that the server held back, by policy: it numbers what it sends without
    /// them, so nobody misses them.
    pub withheld: u64,
    /// Packets that came, each counted once.
    pub received: u64,
    /// Packets that came after a later one.
    pub reordered: u64,
    /// Packets that came again.
    pub duplicated: u64,
    /// Packets of another call or of somebody who does not sit where the slot says: an error.
    pub misrouted: u64,
    /// Of those expected, the packets of sound.
    pub sound_expected: u64,
    /// Of those received, the packets of sound.
    pub sound_received: u64,
    /// One-way latency, from the sender's stamp to the kernel's, and over the link.
    pub latency: Histogram,
    /// What lay between.
    pub passage: Passage,
}

/// What the links lost, and what the server sent again.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Passage {
    /// Datagrams lost on their way to the server.
    pub lost_up: u64,
    /// Datagrams lost on their way from the server.
    pub lost_down: u64,
    /// Of the latter, the packets of pictures, those sent again among them.
    pub pictures_lost: u64,
    /// Packets of pictures that the server sent again, lost or not.
    pub retransmitted: u64,
}

impl Passage {
    /// Packets sent again for each that was lost; `None` where none was.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "a ratio for people, of three digits"
    )]
    pub fn ratio(&self) -> Option<f64> {
        (self.pictures_lost > 0).then(|| self.retransmitted as f64 / self.pictures_lost as f64)
    }

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            lost_up: self.lost_up + other.lost_up,
            lost_down: self.lost_down + other.lost_down,
            pictures_lost: self.pictures_lost + other.pictures_lost,
            retransmitted: self.retransmitted + other.retransmitted,
        }
    }
}

impl Tally {
    /// Packets that never came.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.expected.saturating_sub(self.received)
    }

    /// Packets of sound that never came.
    #[must_use]
    pub const fn sound_lost(&self) -> u64 {
        self.sound_expected.saturating_sub(self.sound_received)
    }
}

/// One source at one receiver.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Leg {
    pub(super) call: u32,
    /// The receiver's.
    pub(super) seat: u32,
    pub(super) slot: usize,
    pub(super) kind: Kind,
}

/// The number that its sender gave a packet, and its place among what the server sends on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Numbered {
    pub(super) number: u64,
    pub(super) place: u64,
}

impl Numbered {
    /// How many there are from `first` to this one, as the sender and as the server counts.
    const fn since(self, first: Self) -> (u64, u64) {
        (
            self.number - first.number + 1,
            self.place.saturating_sub(first.place) + 1,
        )
    }
}

/// The numbers seen of one source at one receiver.
#[derive(Clone, Debug, Default)]
struct Seen {
    first: Numbered,
    highest: Numbered,
    received: u64,
    /// The last 128 numbers, the highest in bit 0.
    recent: u128,
}

/// The running count of one swarm.
#[derive(Debug, Default)]
pub(super) struct Counter {
    tally: Tally,
    seen: HashMap<Leg, Seen>,
}

impl Counter {
    /// A packet came over `leg`, `microseconds` after it was sent.
    pub(super) fn came(&mut self, leg: Leg, packet: Numbered, microseconds: u64) {
        let seen = self.seen.entry(leg).or_insert_with(|| Seen {
            first: packet,
            highest: packet,
            ..Seen::default()
        });
        if packet.number > seen.highest.number {
            let step = packet.number - seen.highest.number;
            seen.recent = if step < 128 { seen.recent << step } else { 0 };
            seen.highest = packet;
        }
        let age = seen.highest.number - packet.number;
        // Below the first, it was sent before the window began.
        if packet.number < seen.first.number || age >= 128 {
            return;
        }
        if seen.recent & 1 << age != 0 {
            self.tally.duplicated += 1;
            return;
        }
        seen.recent |= 1 << age;
        seen.received += 1;
        if age > 0 {
            self.tally.reordered += 1;
        }
        self.tally.latency.count(microseconds);
    }

    pub(super) const fn misrouted(&mut self) {
        self.tally.misrouted += 1;
    }

    /// Ends the window, and begins the next.
    pub(super) fn take(&mut self) -> Tally {
        let mut tally = std::mem::take(&mut self.tally);
        for (leg, seen) in self.seen.drain() {
            let (sent, expected) = seen.highest.since(seen.first);
            tally.expected += expected;
            tally.withheld += sent.saturating_sub(expected);
            tally.received += seen.received;
            if leg.kind == Kind::Microphone {
                tally.sound_expected += expected;
                tally.sound_received += seen.received;
            }
        }
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_right_to_a_few_percent() {
        let mut histogram = Histogram::default();
        for value in 1..=100_000 {
            histogram.count(value);
        }
        for (share, expected) in [
            (0.5, 50_000u64),
            (0.95, 95_000),
            (0.99, 99_000),
            (0.0001, 10),
        ] {
            let got = histogram.quantile(share);
            assert!(
                got <= expected && got * 104 >= expected * 100,
                "{share}: {got}"
            );
        }
        assert_eq!(Histogram::default().quantile(0.5), 0);
    }

    #[test]
    fn gaps_repetitions_and_changes_of_order_are_told_apart() {
        let mut counter = Counter::default();
        let leg = |kind| Leg {
            call: 0,
            seat: 1,
            slot: 2,
            kind,
        };
        let numbered = |number| Numbered {
            number,
            place: number,
        };
        for number in [10, 11, 13, 12, 12, 16, 9] {
            counter.came(leg(Kind::Camera), numbered(number), 5);
        }
        for number in [3, 5] {
            counter.came(leg(Kind::Microphone), numbered(number), 5);
        }
        let tally = counter.take();
        assert_eq!(
            (
                tally.expected,
                tally.received,
                tally.lost(),
                tally.reordered,
                tally.duplicated
            ),
            (10, 7, 3, 1, 1)
        );
        assert_eq!((tally.sound_expected, tally.sound_lost()), (3, 1));
        assert_eq!(counter.take().expected, 0, "a new window is empty");
    }

    #[test]
    fn what_the_server_holds_back_is_not_lost() {
        let mut counter = Counter::default();
        let leg = Leg {
            call: 0,
            seat: 1,
            slot: 2,
            kind: Kind::Camera,
        };
        // 103 to 299 were held back; 301, of place 11, was lost.
        for (number, place) in [(100, 7), (101, 8), (102, 9), (300, 10), (302, 12)] {
            counter.came(leg, Numbered { number, place }, 5);
        }
        let tally = counter.take();
        assert_eq!((tally.expected, tally.lost(), tally.withheld), (6, 1, 197));
    }
}
