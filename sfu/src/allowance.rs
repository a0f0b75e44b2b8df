//! How much of one kind somebody may have us do: so many at once, so many a second.

use forward::time::Micros;

/// Parts of one, so that short times count.
const WHOLE: u64 = 1_000_000;

/// An allowance: a bucket that fills steadily and is emptied by use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    a_second: u64,
    at_once: u64,
    /// What is left, in millionths.
    left: u64,
    filled: Micros,
}

impl Allowance {
    /// So many a second, and `at_once` after a time of rest.
    pub(crate) const fn new(a_second: u64, at_once: u64) -> Self {
        Self {
            a_second,
            at_once,
            left: at_once * WHOLE,
            filled: Micros(0),
        }
    }

    /// Uses one; gives whether there was one.
    pub(crate) fn take(&mut self, now: Micros) -> bool {
        let passed = now.since(self.filled);
        let came = passed.saturating_mul(self.a_second);
        self.left = self.left.saturating_add(came).min(self.at_once * WHOLE);
        self.filled = self.filled.max(now);
        let is_left = self.left >= WHOLE;
        if is_left {
            self.left -= WHOLE;
        }
        is_left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_are_taken_at_once_and_so_many_a_second() {
        let mut allowance = Allowance::new(100, 30);
        let taken = |allowance: &mut Allowance, now: u64, tries: usize| {
            (0..tries).filter(|_| allowance.take(Micros(now))).count()
        };
        let start = 5_000_000;
        assert_eq!(taken(&mut allowance, start, 1_000), 30);
        assert_eq!(taken(&mut allowance, start + 100_000, 1_000), 10);
        assert_eq!(taken(&mut allowance, start + 9_000_000, 1_000), 30);
        // However finely the time is cut.
        let finely: usize = (1..=1_000_000)
            .step_by(100)
            .map(|passed| taken(&mut allowance, start + 9_000_000 + passed, 1))
            .sum();
        assert_eq!(finely, 99);
    }
}
