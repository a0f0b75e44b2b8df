//! Arrival times for the sender's bandwidth estimate
//! (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3).

use crate::sequence::Unwrapper;
use crate::time::Micros;

/// The most packets one report covers; what is older goes unreported.
pub const MOST: u64 = 1_024;

/// The packets of one connection since the last report.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    unwrapper: Unwrapper,
    /// The first place the next report covers.
    next: Option<u64>,
    since: Vec<(u64, Micros)>,
}

impl Recorder {
    /// A packet with this transport-wide sequence number came.
    pub fn came(&mut self, sequence: u16, now: Micros) {
        let place = self.unwrapper.extend(sequence);
        self.unwrapper.saw(place);
        let next = *self.next.get_or_insert(place);
        if place >= next && self.since.len() < usize::try_from(MOST).unwrap_or(usize::MAX) {
            self.since.push((place, now));
        }
    }

    /// What to report now: the first place, and for it and each that follows when it came. Empty
    /// when nothing came.
    pub fn report(&mut self, out: &mut Vec<Option<Micros>>) -> Option<u16> {
        out.clear();
        self.since.sort_unstable();
        let newest = self.since.last()?.0;
        let first = self.next?.max(newest.saturating_sub(MOST - 1));
        for &(place, at) in &self.since {
            let Some(index) = place
                .checked_sub(first)
                .and_then(|index| usize::try_from(index).ok())
            else {
                continue;
            };
            if out.len() <= index {
                out.resize(index + 1, None);
            }
            if let Some(slot) = out.get_mut(index) {
                slot.get_or_insert(at);
            }
        }
        self.since.clear();
        self.next = Some(newest + 1);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the wire carries the low 16 bits"
        )]
        Some(first as u16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_covers_gaps_and_the_next_begins_where_it_ended() {
        let mut arrivals = Recorder::default();
        let mut out = Vec::new();
        assert_eq!(arrivals.report(&mut out), None);
        arrivals.came(65_534, Micros(1));
        arrivals.came(0, Micros(3));
        arrivals.came(65_535, Micros(2));
        arrivals.came(2, Micros(4));
        assert_eq!(arrivals.report(&mut out), Some(65_534));
        assert_eq!(
            out,
            [
                Some(Micros(1)),
                Some(Micros(2)),
                Some(Micros(3)),
                None,
                Some(Micros(4))
            ]
        );
        arrivals.came(1, Micros(5));
        arrivals.came(4, Micros(6));
        assert_eq!(
            arrivals.report(&mut out),
            Some(3),
            "what was reported lost stays so"
        );
        assert_eq!(out, [None, Some(Micros(6))]);
    }

    #[test]
    fn a_leap_is_reported_in_bounded_size() {
        let mut arrivals = Recorder::default();
        let mut out = Vec::new();
        arrivals.came(0, Micros(1));
        arrivals.came(20_000, Micros(2));
        arrivals.report(&mut out);
        assert_eq!(out.len(), 1_024);
    }
}
