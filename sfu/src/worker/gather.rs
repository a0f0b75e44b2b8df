//! How long a worker lets datagrams gather before it turns.

use std::time::Duration;

use tokio::time::Instant;

/// Below this share of its core a worker gathers nothing.
const IDLE: f64 = 0.30;

/// From this share of its core on it gathers longest.
const BUSY: f64 = 0.90;

/// The longest it gathers: each millisecond more is latency, and saves ever less.
const LONGEST: Duration = Duration::from_millis(1);

/// Over how long a worker judges how busy it is.
const PERIOD: Duration = Duration::from_millis(100);

/// The window, as it follows the load.
#[derive(Debug)]
pub struct Gather {
    since: Instant,
    busy: Duration,
    /// The smoothed share of the core.
    load: f64,
    window: Duration,
}

impl Gather {
    /// One that has not seen a turn yet.
    pub const fn new(now: Instant) -> Self {
        Self {
            since: now,
            busy: Duration::ZERO,
            load: 0.0,
            window: Duration::ZERO,
        }
    }

    /// How long to gather now.
    pub const fn window(&self) -> Duration {
        self.window
    }

    /// A turn of the loop worked from `began` to `ended`.
    pub fn turned(&mut self, began: Instant, ended: Instant) {
        self.busy += ended.saturating_duration_since(began);
        let passed = ended.saturating_duration_since(self.since);
        if passed < PERIOD {
            return;
        }
        let share = self.busy.as_secs_f64() / passed.as_secs_f64();
        self.load = self.load.midpoint(share);
        self.window = LONGEST.mul_f64(((self.load - IDLE) / (BUSY - IDLE)).clamp(0.0, 1.0));
        self.since = ended;
        self.busy = Duration::ZERO;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The window after a second in which `share` of the time was worked.
    fn window_at(share: f64) -> Duration {
        let start = Instant::now();
        let mut gather = Gather::new(start);
        for turn in 0..100 {
            let began = start + turn * Duration::from_millis(10);
            gather.turned(began, began + Duration::from_millis(10).mul_f64(share));
        }
        gather.window()
    }

    #[test]
    fn a_quiet_worker_gathers_nothing_and_a_busy_one_no_longer_than_the_longest() {
        assert_eq!(window_at(0.1), Duration::ZERO);
        assert_eq!(window_at(0.29), Duration::ZERO);
        let half = window_at(0.6);
        assert!(half > LONGEST.mul_f64(0.4) && half < LONGEST.mul_f64(0.6));
        assert_eq!(window_at(0.95), LONGEST);
    }
}
