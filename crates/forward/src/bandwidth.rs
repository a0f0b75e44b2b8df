//! How much one receiver can take: an estimate from what it says came, and when
//! (draft-ietf-rmcat-gcc-02, over transport-wide feedback).
//!
//! The estimate is never trusted beyond what was sent: while less is sent than it says it grows
//! no further than a quarter above what came, and further only by a probe.

mod sent;
mod throughput;
mod trend;

use crate::time::Micros;
use sent::Sent;
use throughput::Throughput;
use trend::{Trend, Usage};

/// What is assumed before anything is known, bits a second: enough to show everybody at once, as
/// most networks can.
pub const AT_FIRST: u64 = 4_000_000;

/// The least estimate, bits a second.
const LEAST: u64 = 30_000;

/// The most, bits a second.
const MOST: u64 = 20_000_000;

/// The least time between two decreases, microseconds.
const DECREASE_INTERVAL: u64 = 300_000;

/// Losses are judged over at least this time, microseconds, and so many packets.
const LOSS_WINDOW: u64 = 300_000;
const LOSS_PACKETS: u32 = 40;

/// From this share of packets lost on, in 1/256, the estimate falls (§6: one in ten).
const MUCH_LOSS: u32 = 26;

/// From this share on, in 1/256, a receiver loses packets, and counts as losing them for so long
/// after, microseconds.
const SOME_LOSS: u32 = 3;
const LOSES_FOR: u64 = 10_000_000;

/// How long the least delay of late is believed, microseconds.
const BASE_LIFE: u64 = 10_000_000;

/// Silence from a receiver that used to report, microseconds, before the estimate falls by it.
const SILENCE: u64 = 1_000_000;

/// A delay that grows is believed to be a queue from this wait on, microseconds.
const STANDING_QUEUE: u64 = 30_000;

/// A probe is judged after this time at the latest, microseconds.
const PROBE_PATIENCE: u64 = 1_000_000;

/// What a probe showed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Probed {
    /// The rate came through.
    Passed,
    /// It did not.
    Failed,
}

/// A burst above the usual rate, sent to see whether it comes through.
#[derive(Clone, Copy, Debug)]
struct Probe {
    first: u64,
    /// One past the last; none while it is still being sent.
    end: Option<u64>,
    began: Micros,
    ended: Micros,
    sent_bytes: u64,
    lost: u32,
    came: u32,
    bytes: u64,
    /// When its first and its last packet came, and the size of the first.
    span: Option<(i64, i64, u16)>,
}

/// The estimate for one receiver.
#[derive(Debug)]
pub struct Bandwidth {
    sent: Sent,
    trend: Trend,
    throughput: Throughput,
    estimate: u64,
    heard: Option<Micros>,
    increased: Micros,
    decreased: Option<Micros>,
    lost: u32,
    came: u32,
    loss_since: Micros,
    loss: u32,
    loses_until: Option<Micros>,
    base: (i64, i64, Micros),
    queue: u64,
    probe: Option<Probe>,
    probed: Option<Probed>,
}

impl Default for Bandwidth {
    fn default() -> Self {
        Self {
            sent: Sent::default(),
            trend: Trend::default(),
            throughput: Throughput::default(),
            estimate: AT_FIRST,
            heard: None,
            increased: Micros::default(),
            decreased: None,
            lost: 0,
            came: 0,
            loss_since: Micros::default(),
            loss: 0,
            loses_until: None,
            base: (i64::MAX, i64::MAX, Micros::default()),
            queue: 0,
            probe: None,
            probed: None,
        }
    }
}

impl Bandwidth {
    /// A packet of `size` bytes is sent now; gives its transport-wide number.
    pub fn send(&mut self, size: usize, now: Micros) -> u16 {
        let number = self.sent.push(size, now);
        if let Some(probe) = self.probe.as_mut().filter(|probe| probe.end.is_none()) {
            probe.sent_bytes += size as u64;
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the wire carries the low 16 bits"
        )]
        {
            number as u16
        }
    }

    /// A receiver tells of the packets from `first` on: for each when it came by the receiver's
    /// clock, microseconds, or that it did not.
    pub fn reported(&mut self, first: u16, came: &[Option<i64>], now: Micros) {
        let Some(first) = self.sent.endless(first) else {
            return;
        };
        let mut heard = false;
        let mut least: Option<i64> = None;
        for (number, came) in (first..).zip(came) {
            let Some(packet) = self.sent.take(number) else {
                continue;
            };
            heard = true;
            self.account_probe(number, packet.size, *came);
            let Some(came) = *came else {
                self.lost += 1;
                continue;
            };
            self.came += 1;
            self.trend.came(packet.at, came);
            self.throughput.came(came, packet.size);
            let delay = came.saturating_sub(i64::try_from(packet.at.0).unwrap_or(i64::MAX));
            least = Some(least.map_or(delay, |least| least.min(delay)));
        }
        if let Some(least) = least {
            self.delayed(least, now);
        }
        if heard {
            self.heard = Some(now);
            self.judge_loss(now);
            self.follow(now);
            self.judge_probe(now);
        }
    }

    /// What time alone changes: call it every now and then.
    pub fn tick(&mut self, now: Micros) {
        if self.heard.is_some_and(|heard| now.since(heard) > SILENCE) && self.may_decrease(now) {
            self.fall_to(self.estimate / 2, now);
        }
        if self
            .probe
            .is_some_and(|probe| now.since(probe.began) > PROBE_PATIENCE)
        {
            self.probe = None;
            self.probed = Some(Probed::Failed);
        }
    }

    /// The estimate, bits a second; none from a receiver that never told what came.
    #[must_use]
    pub fn estimate(&self) -> Option<u64> {
        self.heard.map(|_| self.estimate)
    }

    /// For how long what is sent now will wait on the way behind what was sent before,
    /// microseconds.
    #[must_use]
    pub const fn queue(&self) -> u64 {
        self.queue
    }

    /// Bits a second that came lately.
    #[must_use]
    pub fn came(&self) -> u64 {
        self.throughput.rate().unwrap_or(0)
    }

    /// The share of packets lost lately, of 256.
    #[must_use]
    pub const fn loss(&self) -> u32 {
        self.loss
    }

    /// Whether packets were lost on the way lately.
    #[must_use]
    pub fn loses(&self, now: Micros) -> bool {
        self.loses_until.is_some_and(|until| now < until)
    }

    /// Whether the way is calm enough for a probe.
    #[must_use]
    pub fn may_probe(&self, now: Micros) -> bool {
        self.probe.is_none()
            && self.heard.is_some_and(|heard| now.since(heard) < SILENCE)
            && self.trend.usage() != Usage::Over
            && self.queue < 100_000
            && self.loss < MUCH_LOSS
    }

    /// A probe begins: all that is sent until [`Bandwidth::end_probe`] belongs to it.
    pub const fn begin_probe(&mut self, now: Micros) {
        self.probe = Some(Probe {
            first: self.sent.next(),
            end: None,
            began: now,
            ended: now,
            sent_bytes: 0,
            lost: 0,
            came: 0,
            bytes: 0,
            span: None,
        });
    }

    /// The probe's last packet was sent.
    pub fn end_probe(&mut self, now: Micros) {
        let next = self.sent.next();
        if let Some(probe) = &mut self.probe {
            probe.end = Some(next);
            probe.ended = now;
        }
    }

    /// What the last probe showed; told once.
    pub const fn probed(&mut self) -> Option<Probed> {
        self.probed.take()
    }

    /// The wait on the way, which no packet of a report was spared, against the least delay of the last ten to twenty seconds.
    fn delayed(&mut self, delay: i64, now: Micros) {
        let (least, before, since) = &mut self.base;
        if now.since(*since) > BASE_LIFE {
            *before = *least;
            *least = i64::MAX;
            *since = now;
        }
        *least = (*least).min(delay);
        let base = (*least).min(*before);
        self.queue = u64::try_from(delay.saturating_sub(base)).unwrap_or(0);
    }

    fn judge_loss(&mut self, now: Micros) {
        let packets = self.lost + self.came;
        if now.since(self.loss_since) < LOSS_WINDOW || packets < LOSS_PACKETS {
            return;
        }
        // Smoothed: of few packets some are lost by mere chance.
        self.loss = (self.loss * 7 + self.lost * 256 * 3 / packets) / 10;
        (self.lost, self.came, self.loss_since) = (0, 0, now);
        if self.loss >= SOME_LOSS {
            self.loses_until = Some(Micros(now.0 + LOSES_FOR));
        }
        if self.loss >= MUCH_LOSS && self.may_decrease(now) {
            // §6: by half of the share that was lost; and no further above what came than that.
            let kept = u64::from(512 - self.loss);
            let came = self.throughput.rate().unwrap_or(self.estimate);
            self.fall_to((self.estimate * kept / 512).min(came), now);
        }
    }

    /// Follows the delay (§5.5): down to what comes through, or up.
    fn follow(&mut self, now: Micros) {
        let Some(came) = self.throughput.rate() else {
            return;
        };
        match self.trend.usage() {
            Usage::Over => {
                // A busy machine delays packets too, and no queue stands there.
                if self.queue > STANDING_QUEUE && self.may_decrease(now) {
                    self.fall_to(came * 85 / 100, now);
                }
            }
            Usage::Under => self.increased = now,
            Usage::Normal => {
                let elapsed = now.since(self.increased).min(1_000_000);
                self.increased = now;
                if self.loss >= MUCH_LOSS {
                    return;
                }
                // 8 % a second, and never more than a quarter above what was sent and came.
                let grown = self.estimate + self.estimate * 8 * elapsed / 100_000_000;
                let shown = came + came / 4 + 10_000;
                self.estimate = grown.min(shown.max(self.estimate)).min(MOST);
            }
        }
    }

    fn may_decrease(&self, now: Micros) -> bool {
        self.decreased
            .is_none_or(|before| now.since(before) >= DECREASE_INTERVAL)
    }

    fn fall_to(&mut self, estimate: u64, now: Micros) {
        self.estimate = estimate.clamp(LEAST, self.estimate.max(LEAST));
        self.decreased = Some(now);
        self.increased = now;
    }

    fn account_probe(&mut self, number: u64, size: u16, came: Option<i64>) {
        let Some(probe) = &mut self.probe else { return };
        if number < probe.first || probe.end.is_some_and(|end| number >= end) {
            return;
        }
        let Some(came) = came else {
            probe.lost += 1;
            return;
        };
        probe.came += 1;
        probe.bytes += u64::from(size);
        probe.span = Some(match probe.span {
            None => (came, came, size),
            Some((first, last, of_first)) => (first, last.max(came), of_first),
        });
    }

    /// Once all of a probe was told: what rate did it come at?
    fn judge_probe(&mut self, now: Micros) {
        let Some(probe) = self.probe else { return };
        let Some(end) = probe.end else { return };
        if u64::from(probe.lost + probe.came) < end - probe.first {
            return;
        }
        self.probe = None;
        self.probed = Some(Probed::Failed);
        let Some((first, last, of_first)) = probe.span else {
            return;
        };
        let took = u64::try_from(last - first).unwrap_or(0).max(1);
        let came = probe.bytes.saturating_sub(u64::from(of_first)) * 8_000_000 / took;
        let sent = probe.sent_bytes * 8_000_000 / probe.ended.since(probe.began).max(10_000);
        if probe.lost * 10 > probe.came || came * 10 < sent * 8 {
            return;
        }
        self.probed = Some(Probed::Passed);
        self.estimate = self.estimate.max(came.min(sent)).min(MOST);
        self.increased = now;
    }
}

#[cfg(test)]
mod tests;
