//! How often an order has failed, and until when to wait: kept, so that a new start asks no sooner.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::file;

/// The failures since the last certificate.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub(super) struct Failures {
    /// The server that they were at.
    directory: String,
    pub(super) count: usize,
    /// Those in which the server did not find this one at its name.
    pub(super) refused: usize,
    /// Seconds since 1970, UTC.
    until_s: Option<i64>,
    last: Option<Last>,
}

/// The last of them.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Last {
    /// Seconds since 1970, UTC.
    at_s: i64,
    /// Why no certificate was issued, as the log said it.
    reason: String,
}

impl Failures {
    /// Those at the server of that directory.
    pub(super) async fn read(path: &Path, directory: &str) -> Self {
        Self::of(file::read(path).await.ok().flatten(), directory)
    }

    /// The same, of what the file holds.
    pub(super) fn of(kept: Option<Vec<u8>>, directory: &str) -> Self {
        // What cannot be read counts as none, and what another server said holds nobody up at this one.
        let kept: Option<Self> = kept.and_then(|it| serde_json::from_slice(&it).ok());
        kept.filter(|it| it.directory == directory)
            .unwrap_or_else(|| Self::at(directory))
    }

    /// None.
    pub(super) fn at(directory: &str) -> Self {
        Self {
            directory: directory.to_owned(),
            ..Self::default()
        }
    }

    pub(super) async fn keep(&self, path: &Path) {
        let kept = if *self == Self::at(&self.directory) {
            file::remove(path).await
        } else {
            let text = serde_json::to_string(self).unwrap_or_default();
            file::write(path, text).await
        };
        if let Err(error) = kept {
            tracing::warn!(%error, "a new start would ask for a certificate sooner than it should");
        }
    }

    /// How long there is still to wait.
    pub(super) fn rest(&self, now: Timestamp) -> Option<Duration> {
        let rest = u64::try_from(self.until_s? - now.as_second()).ok()?;
        // A clock that was wrong makes nobody wait for ever.
        let rest = Duration::from_secs(rest).min(super::MIN_BETWEEN_ISSUES);
        (rest > Duration::ZERO).then_some(rest)
    }

    /// One more, for that reason: nothing is ordered for so long.
    pub(super) fn add(&mut self, reason: String, now: Timestamp, rest: Duration) {
        let rest = i64::try_from(rest.as_secs()).unwrap_or_default();
        self.count += 1;
        self.until_s = Some(now.as_second() + rest);
        self.last = Some(Last {
            at_s: now.as_second(),
            reason,
        });
    }

    /// When the last one was, and why; none where there was none, or an earlier version kept it.
    pub(super) fn last(&self) -> Option<(Timestamp, &str)> {
        let last = self.last.as_ref()?;
        let at = Timestamp::from_second(last.at_s).ok()?;
        Some((at, &last.reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_new_start_waits_for_the_rest() {
        let folder = tempfile::tempdir().expect("there is room");
        let path = folder.path().join("failures.json");
        assert_eq!(Failures::read(&path, "here").await, Failures::at("here"));
        let now = ambient::now();
        let mut failed = Failures {
            refused: 1,
            ..Failures::at("here")
        };
        for minutes in [2, 5] {
            let reason = format!("{minutes} minutes");
            failed.add(reason, now, Duration::from_mins(minutes));
        }
        failed.keep(&path).await;
        let elsewhere = Failures::read(&path, "elsewhere").await;
        assert_eq!(elsewhere, Failures::at("elsewhere"));
        let read = Failures::read(&path, "here").await;
        assert_eq!((&read, read.count), (&failed, 2));
        let (at, reason) = read.last().expect("it is kept");
        assert_eq!((at.as_second(), reason), (now.as_second(), "5 minutes"));
        assert_eq!(read.rest(now), Some(Duration::from_mins(5)));
        let later = |min| now.checked_add(Duration::from_mins(min)).expect("a time");
        assert_eq!(read.rest(later(6)), None);
        let wrong = now
            .checked_sub(Duration::from_hours(9_000))
            .expect("a time");
        assert_eq!(read.rest(wrong), Some(super::super::MIN_BETWEEN_ISSUES));
        Failures::at("here").keep(&path).await;
        assert!(!path.exists());
    }
}
