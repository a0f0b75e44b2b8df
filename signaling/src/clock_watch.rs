//! Notices that somebody set the clock, and has the records know how late it is: by a clock that is far ahead of what
//! they know, nothing is done that cannot be taken back. What is measured in time passed runs on a clock that nobody
//! sets; e-mails wait for a time of the day, because they outlive the program, and are told of it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep};

use crate::health::{Part, State};
use crate::house::House;

/// How often it is looked at.
const EVERY: Duration = Duration::from_secs(1);

/// How often what the records know of the time moves on with it.
const LOOK: Duration = Duration::from_secs(30);

/// What systemd-timesyncd touches each time that it has set the clock by a time server, after the machine began.
const SET_BY_A_SERVER: &str = "/run/systemd/timesync/synchronized";

/// How long ago that may be: it asks a time server every 34 minutes at least, and now and then gets no answer.
const SET_WITHIN: SignedDuration = SignedDuration::from_hours(2);

/// What a clock may be corrected by without being set.
const DRIFT: SignedDuration = SignedDuration::from_secs(5);

/// By how much the clock was set within a time that took `passed`; none where it was not.
fn set_by(before: Timestamp, after: Timestamp, passed: Duration) -> Option<SignedDuration> {
    let passed = SignedDuration::try_from(passed).ok()?;
    let by = after.duration_since(before).checked_sub(passed)?;
    (by.abs() > DRIFT).then_some(by)
}

/// Whether a time server has set the clock that shows `now`: one that was set otherwise since is far from when the file
/// was touched.
fn is_set_by_a_server(file: &Path, now: Timestamp) -> bool {
    let touched = fs::metadata(file).and_then(|it| it.modified());
    let touched = touched.ok().and_then(|it| Timestamp::try_from(it).ok());
    touched.is_some_and(|it| now.duration_since(it).abs() <= SET_WITHIN)
}

/// Watches until the server closes.
pub(crate) async fn run(house: &House) {
    let part = house.health.part("clock");
    let mut before = (ambient::now(), Instant::now());
    // By how much e-mails are still to be told: the records may be away just then.
    let mut untold = SignedDuration::ZERO;
    let mut looks = Looks::default();
    loop {
        let now = (ambient::now(), Instant::now());
        let by = set_by(before.0, now.0, now.1.duration_since(before.1));
        before = now;
        // Nodes go by the clock of the records, whatever becomes of their machine's.
        if let Some(by) = by.filter(|_| house.nodes.is_none()) {
            tracing::warn!(seconds = by.as_secs(), "the clock was set");
            untold = untold.saturating_add(by);
        }
        if !untold.is_zero() && house.store.clock_was_set(untold).await.is_ok() {
            untold = SignedDuration::ZERO;
        }
        if by.is_some() || looks.are_due(now.1) {
            looks.look(house, now, &part).await;
        }
        tokio::select! {
            () = house.closing.cancelled() => return,
            () = sleep(EVERY) => {}
        }
    }
}

/// The looks by which what the records know of the time moves on.
#[derive(Default)]
struct Looks {
    /// When the last one was.
    last: Option<Instant>,
}

impl Looks {
    fn are_due(&self, now: Instant) -> bool {
        self.last
            .is_none_or(|last| now.duration_since(last) >= LOOK)
    }

    async fn look(&mut self, house: &House, (shown, now): (Timestamp, Instant), part: &Part) {
        let passed = self
            .last
            .map_or(Duration::ZERO, |it| now.duration_since(it));
        let passed = SignedDuration::try_from(passed).unwrap_or_default();
        let is_certain = is_set_by_a_server(Path::new(SET_BY_A_SERVER), shown);
        let looked = house.store.look_at_clock((shown, is_certain), passed).await;
        match looked {
            Ok(ahead) => {
                self.last = Some(now);
                let was = match ahead {
                    Some(by) => part.doubtful(doubt(by)),
                    None => part.well(),
                };
                match ahead {
                    Some(_) if was == State::Well => {
                        tracing::warn!(now = %shown, "nothing confirms that it is so late: what cannot be taken back waits (`clock` at /readyz)");
                    }
                    None if was != State::Well => {
                        tracing::info!(now = %shown, "the clock is confirmed");
                    }
                    Some(_) | None => {}
                }
            }
            // It is looked again with the next turn; what hangs on it asks the records itself.
            Err(error) => tracing::debug!(%error, "what time it is, is noted later"),
        }
    }
}

/// What to do about a clock that is so much ahead.
fn doubt(by: SignedDuration) -> String {
    let days = by.as_hours() / 24;
    format!(
        "The clock is {days} days ahead of when the records were last in use. If it is wrong, set it right. If the \
         server was off for so long, or a backup was put back, there is nothing to do: the clock is believed once \
         systemd-timesyncd has set it or the server has run for a day, or with `homeroom clock-is-right`. Until then \
         calls, booking and new emails go on, and what cannot be taken back waits: nothing is erased because of its \
         age, nobody is reminded or told that booking has closed, nothing is imported or copied by night, and emails \
         from before are not sent."
    )
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
    #[test]
    fn a_clock_that_a_time_server_sets_is_known_from_one_that_is_wrong() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("synchronized");
        let now = ambient::now();
        assert!(!is_set_by_a_server(&path, now), "no server was heard");
        let file = fs::File::create(&path).expect("room");
        for (minutes, is_set) in [
            (0, true),
            (60, true),
            (-1, true),
            (150, false),
            (-150, false),
        ] {
            let touched = now - SignedDuration::from_mins(minutes);
            file.set_modified(touched.into()).expect("it is ours");
            assert_eq!(is_set_by_a_server(&path, now), is_set, "{minutes}");
        }
    }
}
