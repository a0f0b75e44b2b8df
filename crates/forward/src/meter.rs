//! How many bits a second a stream has.

use crate::time::Micros;

/// Over how long bytes are counted, microseconds.
const WINDOW: u64 = 500_000;

/// Bits a second, smoothed over about a second.
#[derive(Clone, Copy, Debug, Default)]
pub struct Meter {
    bytes: u64,
    since: Option<Micros>,
    rate: Option<u64>,
}

impl Meter {
    /// `bytes` came.
    pub fn came(&mut self, bytes: usize, now: Micros) {
        let since = *self.since.get_or_insert(now);
        let elapsed = now.since(since);
        if elapsed >= WINDOW {
            let rate = self.bytes * 8_000_000 / elapsed;
            self.rate = Some(self.rate.map_or(rate, |before| before.midpoint(rate)));
            self.bytes = 0;
            self.since = Some(now);
        }
        self.bytes += bytes as u64;
    }

    /// Bits a second when it last flowed; none before half a second was seen.
    #[must_use]
    pub const fn rate(&self) -> Option<u64> {
        self.rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_even_stream_has_its_rate() {
        let mut meter = Meter::default();
        assert_eq!(meter.rate(), None);
        for n in 0..300 {
            meter.came(1_250, Micros(n * 10_000));
        }
        let rate = meter.rate().expect("three seconds came");
        assert!((990_000..=1_010_000).contains(&rate), "{rate}");
    }
}
