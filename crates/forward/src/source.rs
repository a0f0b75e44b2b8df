//! One source: what somebody sends, as it arrives.

use std::collections::VecDeque;

use crate::history::History;
use crate::keyframe::PliRequests;
use crate::nack::{Arrival, Nacks};
use crate::reception::Reception;
use crate::sequence::Unwrapper;
use crate::time::Micros;

/// How many dropped packets are remembered one by one, for packets that come late.
const REMEMBERED: usize = 256;

/// The sender report last heard of a source: where its clock stood (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SenderReport {
    /// NTP time, 32.32 fixed point.
    pub ntp: u64,
    /// The timestamp at that moment.
    pub timestamp: u32,
    /// When the report came.
    pub at: Micros,
}

/// The receiving side of one source.
#[derive(Debug, Default)]
pub struct Source {
    unwrapper: Unwrapper,
    /// What is missing.
    pub nacks: Nacks,
    /// What receiver reports say.
    pub reception: Reception,
    /// Key frames wanted.
    pub requests: PliRequests,
    /// The packets sent lately.
    pub history: History,
    /// The last sender report.
    pub report: Option<SenderReport>,
    dropped: VecDeque<u64>,
    dropped_before: u64,
}

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Forward it under this number: its own with the dropped ones left out.
    Forward {
        /// The number.
        number: u64,
        /// Whether so much was lost before it that only a key frame helps.
        after_outage: bool,
    },
    /// It came already, or it is padding: forward nothing.
    Drop,
}

impl Source {
    /// Whoever sends it goes elsewhere: nothing that came so far is sent again, and nothing that is
    /// missing is asked for. What came counts as come.
    pub fn forget(&mut self) {
        self.history.clear();
        self.nacks.forget();
    }

    /// Takes the packet of `sequence`, stamped `timestamp` by a clock of `rate` Hz. `empty` says
    /// that it holds padding alone: senders without retransmissions probe with it, and nobody
    /// behind this server has a use for it.
    pub fn came(
        &mut self,
        sequence: u16,
        timestamp: u32,
        rate: u32,
        empty: bool,
        now: Micros,
    ) -> Verdict {
        let extended = self.unwrapper.extend(sequence);
        let arrival = self.nacks.came(extended, now);
        if arrival == Arrival::Repeated {
            return Verdict::Drop;
        }
        self.unwrapper.saw(extended);
        self.reception.came(extended, timestamp, rate, now);
        // Only the newest can be left out: behind a late one, others were numbered already.
        if empty && arrival != Arrival::Filled {
            self.dropped.push_back(extended);
            if self.dropped.len() > REMEMBERED {
                self.dropped.pop_front();
                self.dropped_before += 1;
            }
            return Verdict::Drop;
        }
        let dropped =
            self.dropped_before + self.dropped.partition_point(|at| *at < extended) as u64;
        Verdict::Forward {
            number: extended - dropped,
            after_outage: arrival == Arrival::AfterOutage,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn came(source: &mut Source, sequence: u16, empty: bool) -> Option<u64> {
        match source.came(sequence, 0, 90_000, empty, Micros(0)) {
            Verdict::Forward { number, .. } => Some(number & 0xffff),
            Verdict::Drop => None,
        }
    }

    #[test]
    fn padding_leaves_no_gap_behind() {
        let mut source = Source::default();
        assert_eq!(came(&mut source, 10, false), Some(10));
        assert_eq!(came(&mut source, 11, true), None);
        assert_eq!(came(&mut source, 12, true), None);
        assert_eq!(came(&mut source, 15, false), Some(13));
        assert_eq!(
            came(&mut source, 13, false),
            Some(11),
            "a late one gets the number it left"
        );
        assert_eq!(
            came(&mut source, 14, true),
            Some(12),
            "late padding keeps its number"
        );
        assert_eq!(came(&mut source, 14, true), None);
        assert_eq!(came(&mut source, 16, false), Some(14));
    }

    #[test]
    fn a_packet_is_forwarded_once() {
        let mut source = Source::default();
        assert_eq!(came(&mut source, 10, false), Some(10));
        assert_eq!(came(&mut source, 10, false), None);
        assert_eq!(
            came(&mut source, 9, false),
            None,
            "older than the first is of no use"
        );
    }
}
