//! What is missing of a source, and when to ask for it (RFC 4585 §6.2.1).

use std::collections::BTreeMap;

use crate::time::Micros;

/// How often one packet is asked for, at most.
pub const MOST_TRIES: u8 = 5;

/// The least time between two requests for one packet, microseconds.
pub const RETRY_INTERVAL: u64 = 40_000;

/// How long a gap may be a mere change of order, microseconds.
pub const PATIENCE: u64 = 10_000;

/// The most packets missing at once; a larger gap is an outage, which a key frame mends.
pub const MOST_MISSING: usize = 256;

#[derive(Clone, Copy, Debug)]
struct Missing {
    since: Micros,
    asked: Option<Micros>,
    tries: u8,
}

/// What is missing in one source's sequence, and what was asked for by NACK.
#[derive(Clone, Debug, Default)]
pub struct Nacks {
    newest: Option<u64>,
    missing: BTreeMap<u64, Missing>,
}

/// What a packet was to the sequence.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Arrival {
    /// The newest so far.
    Newest,
    /// It fills a gap.
    Filled,
    /// It came already, or too late to be of use.
    Repeated,
    /// The gap before it is too wide to fill: a key frame is needed.
    AfterOutage,
}

impl Nacks {
    /// What is missing so far is not asked for, and of no use when it comes.
    pub fn forget(&mut self) {
        self.missing.clear();
    }

    /// A packet came.
    pub fn came(&mut self, extended: u64, now: Micros) -> Arrival {
        let Some(newest) = self.newest else {
            self.newest = Some(extended);
            return Arrival::Newest;
        };
        if extended <= newest {
            return match self.missing.remove(&extended) {
                Some(_) => Arrival::Filled,
                None => Arrival::Repeated,
            };
        }
        self.newest = Some(extended);
        if extended - newest > MOST_MISSING as u64 {
            self.missing.clear();
            return Arrival::AfterOutage;
        }
        for gap in newest + 1..extended {
            self.missing.insert(
                gap,
                Missing {
                    since: now,
                    asked: None,
                    tries: 0,
                },
            );
        }
        while self.missing.len() > MOST_MISSING {
            self.missing.pop_first();
        }
        Arrival::Newest
    }

    /// Calls `ask` with each number to ask for now, in order. A packet asked for
    /// [`MOST_TRIES`] times in vain is given up; gives whether any was.
    pub fn ask(&mut self, now: Micros, mut ask: impl FnMut(u64)) -> bool {
        let before = self.missing.len();
        self.missing.retain(|_, gap| {
            gap.tries < MOST_TRIES || gap.asked.is_some_and(|at| now.since(at) < RETRY_INTERVAL)
        });
        let gave_up = self.missing.len() < before;
        for (extended, gap) in &mut self.missing {
            let due = match gap.asked {
                None => now.since(gap.since) >= PATIENCE,
                Some(at) => gap.tries < MOST_TRIES && now.since(at) >= RETRY_INTERVAL,
            };
            if due {
                gap.asked = Some(now);
                gap.tries += 1;
                ask(*extended);
            }
        }
        gave_up
    }

    /// Whether nothing is missing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(nacks: &mut Nacks, ms: u64) -> (Vec<u64>, bool) {
        let mut places = Vec::new();
        let gave_up = nacks.ask(Micros(ms * 1_000), |extended| places.push(extended));
        (places, gave_up)
    }

    #[test]
    fn a_gap_is_asked_for_after_a_moments_patience_and_not_once_it_is_filled() {
        let mut nacks = Nacks::default();
        assert_eq!(nacks.came(10, Micros(0)), Arrival::Newest);
        assert_eq!(nacks.came(13, Micros(0)), Arrival::Newest);
        assert_eq!(asked(&mut nacks, 9), (vec![], false));
        assert_eq!(nacks.came(11, Micros(9_000)), Arrival::Filled);
        assert_eq!(asked(&mut nacks, 10), (vec![12], false));
        assert_eq!(asked(&mut nacks, 49), (vec![], false));
        assert_eq!(asked(&mut nacks, 50), (vec![12], false));
        assert_eq!(nacks.came(12, Micros(60_000)), Arrival::Filled);
        assert_eq!(nacks.came(12, Micros(61_000)), Arrival::Repeated);
        assert_eq!(asked(&mut nacks, 200), (vec![], false));
    }

    #[test]
    fn requests_are_capped_and_giving_up_is_told_once() {
        let mut nacks = Nacks::default();
        nacks.came(1, Micros(0));
        nacks.came(3, Micros(0));
        let mut count = 0;
        let mut gave_up = 0;
        for ms in (10..2_000).step_by(10) {
            let (places, told) = asked(&mut nacks, ms);
            count += places.len();
            gave_up += usize::from(told);
        }
        assert_eq!((count, gave_up), (usize::from(MOST_TRIES), 1));
    }

    #[test]
    fn an_outage_is_not_asked_for_packet_by_packet() {
        let mut nacks = Nacks::default();
        nacks.came(1, Micros(0));
        assert_eq!(nacks.came(1_000, Micros(0)), Arrival::AfterOutage);
        assert!(nacks.is_empty());
    }
}
