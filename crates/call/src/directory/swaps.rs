//! How often a link may change hands (SESS-3): people may, machines that fight may not.

use std::collections::VecDeque;
use std::time::Duration;

use crate::directory::TooSoon;
use crate::ids::Moment;

const MINUTE: Duration = Duration::from_mins(1);

/// So many swaps a minute are free.
const FREE: usize = 3;

/// The swaps of one link that still count.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Swaps {
    /// When the last ones were, the oldest first; at most as many as are free.
    recent: VecDeque<Moment>,
    /// How many had to wait since the last quiet minute.
    slowed: u32,
}

impl Swaps {
    /// What follows a swap at `now`, and whether it is one too many in a minute.
    pub(crate) fn swap(&self, now: Moment) -> Result<(Self, bool), TooSoon> {
        let mut next = self.clone();
        let Some(last) = self.recent.back() else {
            next.recent.push_back(now);
            return Ok((next, false));
        };
        let since = now.since(*last);
        if since > MINUTE {
            next = Self::default();
        }
        let in_a_minute = next.recent.iter().filter(|it| now.since(**it) <= MINUTE);
        let contested = next.slowed > 0 || in_a_minute.count() >= FREE;
        if contested {
            let wait = Duration::from_secs(match next.slowed {
                0 => 15,
                1 => 30,
                _ => 60,
            });
            if since < wait {
                return Err(TooSoon {
                    retry_after: wait - since,
                });
            }
            next.slowed = next.slowed.saturating_add(1);
        }
        if next.recent.len() == FREE {
            next.recent.pop_front();
        }
        next.recent.push_back(now);
        Ok((next, contested))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment(Duration::from_secs(seconds))
    }

    /// Swaps at each second in turn, and tells what became of each: free, contested, or refused
    /// for so many seconds.
    fn fates(seconds: &[u64]) -> Vec<Result<bool, u64>> {
        let mut swaps = Swaps::default();
        seconds
            .iter()
            .map(|second| match swaps.swap(at(*second)) {
                Ok((next, contested)) => {
                    swaps = next;
                    Ok(contested)
                }
                Err(too_soon) => Err(too_soon.retry_after.as_secs()),
            })
            .collect()
    }

    #[test]
    fn three_a_minute_are_free_for_ever() {
        let every_half_minute: Vec<u64> = (0..100).map(|n| n * 31).collect();
        assert!(
            fates(&every_half_minute)
                .iter()
                .all(|fate| *fate == Ok(false))
        );
    }

    #[test]
    fn further_ones_wait_longer_each_time() {
        assert_eq!(
            fates(&[0, 1, 2, 3, 16, 17, 18, 46, 47, 48, 106, 107, 108]),
            [
                Ok(false),
                Ok(false),
                Ok(false),
                Err(14),
                Err(1),
                Ok(true), // 15 s after 2
                Err(29),
                Err(1),
                Ok(true), // 30 s after 17
                Err(59),
                Err(1),
                Ok(true), // 60 s after 47
                Err(59),
            ]
        );
    }

    #[test]
    fn a_quiet_minute_makes_peace() {
        assert_eq!(
            fates(&[0, 1, 2, 17, 78, 79, 80, 81]),
            [
                Ok(false),
                Ok(false),
                Ok(false),
                Ok(true),
                Ok(false),
                Ok(false),
                Ok(false),
                Err(14),
            ]
        );
    }

    #[test]
    fn no_machine_gets_five_in_half_a_minute() {
        for step in 1..=40 {
            let mut swaps = Swaps::default();
            let mut done: Vec<u64> = Vec::new();
            for second in (0..3600).step_by(step) {
                if let Ok((next, _)) = swaps.swap(at(second)) {
                    swaps = next;
                    done.push(second);
                }
            }
            for five in done.windows(5) {
                assert!(five[4] - five[0] > 30, "{five:?} at a step of {step}");
            }
        }
    }
}
