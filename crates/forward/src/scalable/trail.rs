//! The numbers under which a part of a stream is forwarded: without gaps, and found again.

use super::sieve::Fate;

/// How many packets are remembered, forwarded or not.
const REMEMBERED: usize = 512;

/// The most packets missing in a row for which numbers are kept free: what is lost beyond does not
/// come any more.
const MOST_MISSING: u64 = 256;

/// Where a packet went.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    /// It has not come; its number is free.
    Awaited,
    Kept {
        ends: bool,
    },
    /// Its number was free when it came, and nobody wants what is in it.
    Emptied,
    /// It has no number.
    Dropped,
}

/// How a packet is forwarded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Placed {
    /// The sequence number.
    pub sequence: u64,
    /// Whether it ends a picture that goes on at its source.
    pub ends: bool,
    /// Whether nothing is sent in it: it fills a gap that was left when nobody knew.
    pub is_empty: bool,
}

/// Which packets of a source were forwarded on one leg, and as what.
#[derive(Clone, Debug)]
pub struct Trail {
    /// Above every number that was seen.
    next: u64,
    next_sequence: u64,
    /// By the packet's number: the number, its sequence number, and where it went.
    places: Vec<(u64, u64, Place)>,
    /// By the sequence number: it, and the packet's number.
    numbers: Vec<(u64, u64)>,
}

impl Default for Trail {
    fn default() -> Self {
        Self {
            next: 0,
            next_sequence: 0,
            places: vec![(u64::MAX, 0, Place::Dropped); REMEMBERED],
            numbers: vec![(u64::MAX, 0); REMEMBERED],
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a remainder is below the length"
)]
const fn index(number: u64) -> usize {
    (number % REMEMBERED as u64) as usize
}

impl Trail {
    /// Begins anew: what comes as `number` or later is forwarded from `sequence` on.
    pub fn begin(&mut self, number: u64, sequence: u64) {
        self.next = number;
        self.next_sequence = sequence;
        self.places.fill((u64::MAX, 0, Place::Dropped));
        self.numbers.fill((u64::MAX, 0));
    }

    /// Places a packet; `None` where it is not forwarded.
    pub fn place(&mut self, number: u64, fate: Fate) -> Option<Placed> {
        if number < self.next {
            return self.place_late(number, fate);
        }
        for missing in self.next.max(number.saturating_sub(MOST_MISSING))..number {
            self.append(missing, Place::Awaited);
        }
        self.next = number + 1;
        match fate {
            Fate::Keep { ends } => {
                self.append(number, Place::Kept { ends });
                self.find(number)
            }
            Fate::Drop => {
                self.put(number, 0, Place::Dropped);
                None
            }
        }
    }

    fn place_late(&mut self, number: u64, fate: Fate) -> Option<Placed> {
        let (_, sequence, place) = *self.at(number)?;
        match place {
            Place::Awaited => {}
            Place::Kept { .. } | Place::Emptied | Place::Dropped => return None,
        }
        let place = match fate {
            Fate::Keep { ends } => Place::Kept { ends },
            Fate::Drop => Place::Emptied,
        };
        self.put(number, sequence, place);
        self.find(number)
    }

    fn append(&mut self, number: u64, place: Place) {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        self.put(number, sequence, place);
        if let Some(at) = self.numbers.get_mut(index(sequence)) {
            *at = (sequence, number);
        }
    }

    fn put(&mut self, number: u64, sequence: u64, place: Place) {
        if let Some(at) = self.places.get_mut(index(number)) {
            *at = (number, sequence, place);
        }
    }

    fn at(&self, number: u64) -> Option<&(u64, u64, Place)> {
        self.places
            .get(index(number))
            .filter(|place| place.0 == number)
    }

    /// How the packet of that number was forwarded, if it was.
    #[must_use]
    pub fn find(&self, number: u64) -> Option<Placed> {
        let (_, sequence, place) = *self.at(number)?;
        let (ends, is_empty) = match place {
            Place::Kept { ends } => (ends, false),
            Place::Emptied => (false, true),
            Place::Awaited | Place::Dropped => return None,
        };
        Some(Placed {
            sequence,
            ends,
            is_empty,
        })
    }

    /// The number of the packet that was forwarded as `sequence`.
    #[must_use]
    pub fn number_of(&self, sequence: u64) -> Option<u64> {
        let (at, number) = *self.numbers.get(index(sequence))?;
        (at == sequence).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEEP: Fate = Fate::Keep { ends: false };

    #[test]
    fn what_is_dropped_leaves_no_gap_and_what_is_lost_does() {
        let mut trail = Trail::default();
        trail.begin(10, 100);
        let mut place = |number, fate| trail.place(number, fate).map(|placed| placed.sequence);
        assert_eq!(place(10, KEEP), Some(100));
        assert_eq!(place(11, Fate::Drop), None);
        assert_eq!(place(12, KEEP), Some(101));
        assert_eq!(place(15, KEEP), Some(104), "13 and 14 may be wanted");
        assert_eq!(place(14, KEEP), Some(103));
        let late = trail.place(13, Fate::Drop).expect("a gap is filled");
        assert_eq!((late.sequence, late.is_empty), (102, true));
        assert_eq!(trail.number_of(101), Some(12));
        assert_eq!(trail.find(11), None);
        assert_eq!(trail.find(13), Some(late), "and filled again");
    }

    #[test]
    fn after_an_outage_numbers_go_on() {
        let mut trail = Trail::default();
        trail.begin(10, 100);
        assert!(trail.place(10, KEEP).is_some());
        let after = trail.place(20_000, KEEP).expect("it is kept").sequence;
        assert_eq!(after, 101 + MOST_MISSING);
        assert_eq!(trail.number_of(after), Some(20_000));
        assert_eq!(trail.place(11, KEEP), None, "far too late");
    }
}
