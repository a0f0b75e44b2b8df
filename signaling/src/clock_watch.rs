//! Notices that somebody set the clock. What is measured in time passed runs on a clock that nobody
//! sets; e-mails wait for a time of the day, because they outlive the program, and are told of it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep};

use crate::house::House;

/// How often it is looked at.
const EVERY: Duration = Duration::from_secs(1);

/// What a clock may be corrected by without being set.
const DRIFT: SignedDuration = SignedDuration::from_secs(5);

/// By how much the clock was set within a time that took `passed`; none where it was not.
fn set_by(before: Timestamp, after: Timestamp, passed: Duration) -> Option<SignedDuration> {
    let passed = SignedDuration::try_from(passed).ok()?;
    let by = after.duration_since(before).checked_sub(passed)?;
    (by.abs() > DRIFT).then_some(by)
}

/// Watches until the server closes.
pub(crate) async fn run(house: &House) {
    let mut before = (ambient::now(), Instant::now());
    // By how much e-mails are still to be told: the records may be away just then.
    let mut untold = SignedDuration::ZERO;
    loop {
        tokio::select! {
            () = house.closing.cancelled() => return,
            () = sleep(EVERY) => {}
        }
        let now = (ambient::now(), Instant::now());
        if let Some(by) = set_by(before.0, now.0, now.1.duration_since(before.1)) {
            tracing::warn!(seconds = by.as_secs(), "the clock was set");
            untold = untold.saturating_add(by);
        }
        before = now;
        if !untold.is_zero() && house.store.clock_was_set(untold).await.is_ok() {
            untold = SignedDuration::ZERO;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_drifts_was_not_set_and_one_that_jumps_was() {
        let before = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(480_000);
        let after = |seconds| before + SignedDuration::from_secs(seconds);
        let second = Duration::from_secs(1);
        for (seconds, by) in [
            (1, None),
            (0, None),
            (6, None),
            (-4, None),
            (3_601, Some(3_600)),
            (-3_599, Some(-3_600)),
        ] {
            let by = by.map(SignedDuration::from_secs);
            assert_eq!(set_by(before, after(seconds), second), by, "{seconds}");
        }
    }
}
