//! Probes: padding sent for a moment, to see whether a receiver could take more.

use crate::bandwidth::{Bandwidth, Probed};
use crate::time::Micros;

/// How long a probe takes, microseconds.
const LENGTH: u64 = 100_000;

/// The first probe comes so long after the wish, and the next one so long after one that passed,
/// microseconds.
const SOON: u64 = 300_000;

/// After one that failed, and at most, microseconds: each failure doubles the wait.
const LATER: u64 = 1_000_000;
const MUCH_LATER: u64 = 5_000_000;

/// When to probe, and the probe under way.
#[derive(Clone, Copy, Debug, Default)]
pub struct Prober {
    next: Option<Micros>,
    wait: u64,
    running: Option<Running>,
}

#[derive(Clone, Copy, Debug)]
struct Running {
    began: Micros,
    /// Of the padding alone, bits a second.
    rate: u64,
    sent: u64,
}

impl Prober {
    /// The next step would need `needed` bits a second in all: begins a probe when that is due.
    pub fn wish(&mut self, needed: Option<u64>, bandwidth: &mut Bandwidth, now: Micros) {
        match bandwidth.probed() {
            Some(Probed::Passed) => {
                self.wait = 0;
                self.next = Some(Micros(now.0 + SOON));
            }
            Some(Probed::Failed) => {
                self.wait = (self.wait * 2).clamp(LATER, MUCH_LATER);
                self.next = Some(Micros(now.0 + self.wait));
            }
            None => {}
        }
        let (Some(needed), Some(estimate)) = (needed, bandwidth.estimate()) else {
            self.next = None;
            return;
        };
        let next = *self.next.get_or_insert(Micros(now.0 + SOON));
        if now < next || !bandwidth.may_probe(now) || needed <= estimate {
            return;
        }
        // A little above what is needed, and never a leap that would drown what flows now.
        let target = (needed + needed / 8).min(estimate * 3);
        self.running = Some(Running {
            began: now,
            rate: target.saturating_sub(bandwidth.came()),
            sent: 0,
        });
        bandwidth.begin_probe(now);
    }

    /// How many packets of `size` bytes the probe under way is behind.
    pub fn due(&mut self, size: usize, now: Micros) -> usize {
        let Some(running) = &mut self.running else {
            return 0;
        };
        let due = running.rate * now.since(running.began).min(LENGTH) / 8_000_000;
        let mut packets = 0;
        while running.sent < due {
            running.sent += size as u64;
            packets += 1;
        }
        packets
    }

    /// Ends the probe under way once it has taken its time.
    pub fn end(&mut self, bandwidth: &mut Bandwidth, now: Micros) {
        if self
            .running
            .is_some_and(|running| now.since(running.began) >= LENGTH)
        {
            self.running = None;
            bandwidth.end_probe(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A receiver that takes all that it is sent: 25 packets of 1,000 bytes in each 100 ms.
    fn sent(bandwidth: &mut Bandwidth, until: u64) {
        for at in (0..until).step_by(100_000) {
            let first = (0..25)
                .map(|_| bandwidth.send(1_000, Micros(at)))
                .min()
                .expect("there are 25");
            let came: Vec<_> = (0..25)
                .map(|index| Some(at.cast_signed() + index))
                .collect();
            bandwidth.reported(first, &came, Micros(at + 20_000));
            bandwidth.tick(Micros(at + 20_000));
        }
    }

    #[test]
    fn a_probe_sends_what_is_missing_over_its_length_and_ends() {
        let mut bandwidth = Bandwidth::default();
        sent(&mut bandwidth, 1_000_000);
        let estimate = bandwidth.estimate().expect("it was reported of");
        let mut prober = Prober::default();
        let mut now = 1_000_000;
        prober.wish(Some(2 * estimate), &mut bandwidth, Micros(now));
        assert_eq!(prober.due(300, Micros(now + 1_000)), 0, "not at once");
        now += SOON;
        prober.wish(Some(2 * estimate), &mut bandwidth, Micros(now));
        assert_eq!(prober.due(300, Micros(now)), 0);
        let half = prober.due(300, Micros(now + LENGTH / 2));
        prober.end(&mut bandwidth, Micros(now + LENGTH / 2));
        let rest = prober.due(300, Micros(now + 2 * LENGTH));
        assert!(half > 0 && half.abs_diff(rest) <= 1, "{half} and {rest}");
        prober.end(&mut bandwidth, Micros(now + 2 * LENGTH));
        assert_eq!(prober.due(300, Micros(now + 3 * LENGTH)), 0, "it is over");
    }

    #[test]
    fn nothing_is_probed_for_that_nobody_wishes_or_that_there_is_room_for() {
        let mut bandwidth = Bandwidth::default();
        sent(&mut bandwidth, 1_000_000);
        let mut prober = Prober::default();
        for now in (1_000_000..5_000_000).step_by(100_000) {
            prober.wish(None, &mut bandwidth, Micros(now));
            prober.wish(Some(1), &mut bandwidth, Micros(now));
            assert_eq!(prober.due(300, Micros(now + LENGTH)), 0);
        }
    }
}
