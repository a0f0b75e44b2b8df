//! Whether the records can be read and written, as far as the last who tried found.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

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
    /// Whether anything is wrong: looked at before the rest, at every statement.
    is_ill: AtomicBool,
    troubles: Mutex<Troubles>,
}

#[derive(Debug, Default)]
struct Troubles {
    reading: Option<String>,
    writing: Option<String>,
}

impl Health {
    fn troubles(&self) -> MutexGuard<'_, Troubles> {
        // Two sentences are whole at every step.
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody who tried failed.
    pub(crate) fn failed(&self, deed: Deed, fault: &Fault) {
        let mut troubles = self.troubles();
        let trouble = match deed {
            Deed::Read => &mut troubles.reading,
            Deed::Write => &mut troubles.writing,
        };
        if trouble.is_none() {
            match deed {
                Deed::Read => tracing::warn!(%fault, "the records cannot be read"),
                Deed::Write => tracing::warn!(%fault, "the records cannot be written"),
            }
        }
        *trouble = Some(fault.to_string());
        self.is_ill.store(true, Ordering::Release);
    }

    /// Somebody who tried succeeded. Who could write could read.
    pub(crate) fn succeeded(&self, deed: Deed) {
        if !self.is_ill.load(Ordering::Acquire) {
            return;
        }
        let mut troubles = self.troubles();
        let was_ill = troubles.reading.is_some() || troubles.writing.is_some();
        troubles.reading = None;
        match deed {
            Deed::Read => {}
            Deed::Write => troubles.writing = None,
        }
        if was_ill && troubles.writing.is_none() {
            tracing::info!("the records can be used again");
            self.is_ill.store(false, Ordering::Release);
        }
    }

    /// What could not be done lately; what cannot be written matters more.
    pub(crate) fn trouble(&self) -> Option<(Deed, String)> {
        if !self.is_ill.load(Ordering::Acquire) {
            return None;
        }
        let troubles = self.troubles();
        let writing = troubles.writing.clone().map(|it| (Deed::Write, it));
        writing.or_else(|| troubles.reading.clone().map(|it| (Deed::Read, it)))
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
        assert!(matches!(health.trouble(), Some((Deed::Write, _))));
        health.succeeded(Deed::Write);
        assert_eq!(health.trouble(), None);
        health.failed(Deed::Read, &Fault::NoAnswer);
        assert!(matches!(health.trouble(), Some((Deed::Read, _))));
        health.succeeded(Deed::Read);
        assert_eq!(health.trouble(), None);
    }
}
