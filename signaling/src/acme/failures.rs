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
}

impl Failures {
    /// Those at the server of that directory.
    pub(super) async fn read(path: &Path, directory: &str) -> Self {
        let kept = file::read(path).await.ok().flatten();
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

    /// Nothing is ordered for so long.
    pub(super) fn wait(&mut self, now: Timestamp, rest: Duration) {
        let rest = i64::try_from(rest.as_secs()).unwrap_or_default();
        self.until_s = Some(now.as_second() + rest);
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
            count: 3,
            refused: 1,
            ..Failures::at("here")
        };
        failed.wait(now, Duration::from_mins(5));
        failed.keep(&path).await;
        let elsewhere = Failures::read(&path, "elsewhere").await;
        assert_eq!(elsewhere, Failures::at("elsewhere"));
        let read = Failures::read(&path, "here").await;
        assert_eq!(read, failed);
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
