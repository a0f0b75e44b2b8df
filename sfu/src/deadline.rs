//! Until when anything is sent at all. Whoever may say so is a task elsewhere in the program, which may not run: a worker
//! looks itself, once a turn.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::time::Instant;

/// That moment; none where nobody has set any.
#[derive(Debug, Default)]
pub(crate) struct Deadline(OnceLock<(Instant, Arc<AtomicU64>)>);

impl Deadline {
    /// It is so many microseconds after `began`, from now on; set once.
    pub(crate) fn set(&self, began: Instant, until: Arc<AtomicU64>) {
        if self.0.set((began, until)).is_err() {
            tracing::warn!("until when media is sent was set before");
        }
    }

    /// Whether it has passed.
    pub(crate) fn has_passed(&self) -> bool {
        self.0.get().is_some_and(|(began, until)| {
            began.elapsed() >= Duration::from_micros(until.load(Ordering::Relaxed))
        })
    }
}
