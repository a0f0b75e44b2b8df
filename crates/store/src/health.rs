//! Whether the records can be read and written, as far as the last who tried found.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::fault::Fault;

/// What can be done with the records.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Deed {
    Read,
    Write,
}

/// What is known of a database.
#[derive(Debug, Default)]
pub(crate) struct Health {
    cannot_be_read: AtomicBool,
    cannot_be_written: AtomicBool,
    begins: Notify,
    last_failure: Mutex<Option<Instant>>,
    statements: AtomicU64,
}

impl Health {
    const fn trouble_with(&self, deed: Deed) -> &AtomicBool {
        match deed {
            Deed::Read => &self.cannot_be_read,
            Deed::Write => &self.cannot_be_written,
        }
    }

    /// A statement is sent.
    pub(crate) fn asks(&self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
    }

    /// How many were.
    pub(crate) fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Somebody who tried failed.
    pub(crate) fn failed(&self, deed: Deed, fault: &Fault) {
        let mut last = self
            .last_failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *last = Some(Instant::now());
        drop(last);
        if self.trouble_with(deed).swap(true, Ordering::AcqRel) {
            return;
        }
        match deed {
            Deed::Read => tracing::warn!(%fault, "the records cannot be read"),
            Deed::Write => tracing::warn!(%fault, "the records cannot be written"),
        }
        self.begins.notify_one();
    }

    /// Whether somebody has failed since a connection that has been idle for so long was last used:
    /// it may be gone like theirs.
    pub(crate) fn failed_within(&self, idle: Duration) -> bool {
        let last = self
            .last_failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|last| last.elapsed() <= idle)
    }

    /// Somebody who tried succeeded. Who could write could read.
    pub(crate) fn succeeded(&self, deed: Deed) {
        let reads_again = self.ends(Deed::Read);
        let writes_again = deed == Deed::Write && self.ends(Deed::Write);
        if (reads_again || writes_again) && self.trouble().is_none() {
            tracing::info!("the records can be used again");
        }
    }

    /// Whether there was that trouble until now. Asked at every statement: it is written only where
    /// there was.
    fn ends(&self, deed: Deed) -> bool {
        let trouble = self.trouble_with(deed);
        trouble.load(Ordering::Acquire) && trouble.swap(false, Ordering::AcqRel)
    }

    /// What could not be done lately; what cannot be written matters more.
    pub(crate) fn trouble(&self) -> Option<Deed> {
        [Deed::Write, Deed::Read]
            .into_iter()
            .find(|deed| self.trouble_with(*deed).load(Ordering::Acquire))
    }

    /// Waits until something cannot be done any more.
    pub(crate) async fn trouble_begins(&self) {
        self.begins.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_read_need_not_be_writable() {
        let health = Health::default();
        assert_eq!(health.trouble(), None);
        health.failed(Deed::Read, &Fault::NoAnswer);
        health.failed(Deed::Write, &Fault::NoAnswer);
        health.succeeded(Deed::Read);
        assert!(matches!(health.trouble(), Some(Deed::Write)));
        health.succeeded(Deed::Write);
        assert_eq!(health.trouble(), None);
        health.failed(Deed::Read, &Fault::NoAnswer);
        assert!(matches!(health.trouble(), Some(Deed::Read)));
        health.succeeded(Deed::Read);
        assert_eq!(health.trouble(), None);
    }
}
