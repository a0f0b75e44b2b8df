//! Whether a queue grows on the way to a receiver: the delay gradient of
//! draft-ietf-rmcat-gcc-02 §5, with a line fitted through the delays of late in place of the
//! Kalman filter.

use std::collections::VecDeque;

use crate::time::Micros;

/// Packets sent within this time are one group, microseconds (§5.2).
const BURST: u64 = 5_000;

/// How many groups the line goes through.
const WINDOW: usize = 20;

/// How much of the smoothed delay stays with each group.
const SMOOTHING: f64 = 0.9;

/// Makes the slope comparable with the threshold.
const GAIN: f64 = 4.0;

/// The slope counts for more the more groups it was read from, up to so many.
const MOST_GROUPS: u32 = 60;

/// For how long the slope must stand above the threshold, milliseconds (§5.4).
const OVERUSE_TIME: f64 = 10.0;

/// The threshold at first and its bounds, milliseconds (§5.4).
const THRESHOLD: f64 = 12.5;
const LEAST_THRESHOLD: f64 = 6.0;
const MOST_THRESHOLD: f64 = 600.0;

/// How fast the threshold follows the slope, upwards and downwards (§5.4).
const RISE: f64 = 0.0087;
const FALL: f64 = 0.039;

/// What the way to a receiver is doing.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Usage {
    /// The queue stands.
    #[default]
    Normal,
    /// It grows.
    Over,
    /// It drains.
    Under,
}

/// Packets that were sent together.
#[derive(Clone, Copy, Debug)]
struct Group {
    first: Micros,
    sent: Micros,
    came: i64,
}

/// The running fit.
#[derive(Clone, Debug)]
pub(super) struct Trend {
    current: Option<Group>,
    before: Option<Group>,
    began: Option<i64>,
    groups: u32,
    delay: f64,
    smoothed: f64,
    points: VecDeque<(f64, f64)>,
    threshold: f64,
    slope: f64,
    over_for: f64,
    over_groups: u32,
    usage: Usage,
}

impl Default for Trend {
    fn default() -> Self {
        Self {
            current: None,
            before: None,
            began: None,
            groups: 0,
            delay: 0.0,
            smoothed: 0.0,
            points: VecDeque::with_capacity(WINDOW + 1),
            threshold: THRESHOLD,
            slope: 0.0,
            over_for: 0.0,
            over_groups: 0,
            usage: Usage::Normal,
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "differences of microseconds are far below 2^52"
)]
const fn ms(microseconds: i64) -> f64 {
    microseconds as f64 / 1_000.0
}

fn signed(microseconds: u64) -> i64 {
    i64::try_from(microseconds).unwrap_or(i64::MAX)
}

impl Trend {
    /// Takes a packet sent at `sent` that came at `came` by the receiver's clock, microseconds.
    pub(super) fn came(&mut self, sent: Micros, came: i64) {
        let Some(current) = &mut self.current else {
            self.current = Some(Group {
                first: sent,
                sent,
                came,
            });
            return;
        };
        if sent.since(current.first) <= BURST {
            current.sent = current.sent.max(sent);
            current.came = current.came.max(came);
            return;
        }
        let closed = *current;
        *current = Group {
            first: sent,
            sent,
            came,
        };
        if let Some(before) = self.before.replace(closed) {
            self.measure(before, closed);
        }
    }

    /// What the way is doing, as far as is known.
    pub(super) const fn usage(&self) -> Usage {
        self.usage
    }

    fn measure(&mut self, before: Group, group: Group) {
        let apart = ms(signed(group.sent.since(before.sent)));
        let grown = ms(group.came.saturating_sub(before.came)) - apart;
        // A clock that leapt says nothing of the way.
        if grown.abs() > 3_000.0 {
            *self = Self::default();
            return;
        }
        let began = *self.began.get_or_insert(group.came);
        self.groups = (self.groups + 1).min(MOST_GROUPS);
        self.delay += grown;
        self.smoothed = SMOOTHING * self.smoothed + (1.0 - SMOOTHING) * self.delay;
        self.points
            .push_back((ms(group.came.saturating_sub(began)), self.smoothed));
        if self.points.len() > WINDOW {
            self.points.pop_front();
        }
        let slope = if self.points.len() == WINDOW {
            fit(&self.points).unwrap_or(self.slope)
        } else {
            0.0
        };
        self.detect(slope, apart);
    }

    fn detect(&mut self, slope: f64, apart: f64) {
        let trend = f64::from(self.groups) * slope * GAIN;
        if trend > self.threshold {
            self.over_for += apart;
            self.over_groups += 1;
            if self.over_for > OVERUSE_TIME && self.over_groups > 1 && slope >= self.slope {
                self.usage = Usage::Over;
                self.over_for = 0.0;
                self.over_groups = 0;
            }
        } else {
            self.over_for = 0.0;
            self.over_groups = 0;
            self.usage = if trend < -self.threshold {
                Usage::Under
            } else {
                Usage::Normal
            };
        }
        self.slope = slope;
        // A spike must not teach the threshold to bear it.
        if trend.abs() <= self.threshold + 15.0 {
            let speed = if trend.abs() < self.threshold {
                FALL
            } else {
                RISE
            };
            self.threshold += speed * (trend.abs() - self.threshold) * apart.min(100.0);
            self.threshold = self.threshold.clamp(LEAST_THRESHOLD, MOST_THRESHOLD);
        }
    }
}

/// The slope of the line through `points`, by least squares.
fn fit(points: &VecDeque<(f64, f64)>) -> Option<f64> {
    let count = f64::from(u32::try_from(points.len()).ok()?);
    let (sum_x, sum_y) = points
        .iter()
        .fold((0.0, 0.0), |(x, y), point| (x + point.0, y + point.1));
    let (mean_x, mean_y) = (sum_x / count, sum_y / count);
    let (above, below) = points.iter().fold((0.0, 0.0), |(above, below), (x, y)| {
        let from_mean = x - mean_x;
        (
            above + from_mean * (y - mean_y),
            below + from_mean * from_mean,
        )
    });
    (below > 0.0).then(|| above / below)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends a group every 20 ms through a way whose delay grows by `growth` µs a group.
    fn after(groups: u64, growth: i64) -> Usage {
        let mut trend = Trend::default();
        let mut seen = Usage::Normal;
        for n in 0..groups {
            let sent = Micros(n * 20_000);
            let n = i64::try_from(n).expect("small");
            trend.came(sent, n * (20_000 + growth) + 7_000_000);
            if trend.usage() != Usage::Normal {
                seen = trend.usage();
            }
        }
        seen
    }

    #[test]
    fn a_standing_delay_is_normal_a_growing_one_is_not() {
        assert_eq!(after(100, 0), Usage::Normal);
        assert_eq!(after(60, 2_000), Usage::Over);
        assert_eq!(after(60, -2_000), Usage::Under);
    }

    #[test]
    fn jitter_without_growth_is_normal() {
        let mut trend = Trend::default();
        for n in 0..500u64 {
            let jitter = [0, 3_000, 1_000, 4_000, 2_000][usize::try_from(n % 5).expect("small")];
            let came = i64::try_from(n * 20_000).expect("small") + jitter;
            trend.came(Micros(n * 20_000), came);
            assert_ne!(trend.usage(), Usage::Over, "at {n}");
        }
    }

    #[test]
    fn a_clock_that_leaps_is_forgiven() {
        let mut trend = Trend::default();
        for n in 0..100u64 {
            let leap = if n < 50 { 0 } else { 60_000_000 };
            let came = i64::try_from(n * 20_000).expect("small") + leap;
            trend.came(Micros(n * 20_000), came);
            assert_ne!(trend.usage(), Usage::Over, "at {n}");
        }
    }
}
