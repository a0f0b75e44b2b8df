//! The media plane as the program sees it: meetings order of it what [`live::Media`] says, and the rest
//! is here, so that the program can be tested without it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use sfu::{Counted, RelayLine, Sfu, Standing};
use tokio::time::Instant;

/// The media plane, as a whole.
pub trait MediaPlane: live::Media {
    /// What was counted since the media plane began.
    fn counted(&self) -> Counted {
        Counted::default()
    }
    /// How its workers are.
    fn standing(&self) -> Standing {
        Standing::default()
    }
    /// The worker whose credentials of the relay a message names; none where it names none.
    fn relay_worker(&self, _message: &[u8]) -> Option<usize> {
        None
    }
    /// A client of the relay came over TLS from `from`; what is read from `line` is what it sent
    /// to `worker`.
    fn adopt(&self, _worker: usize, _line: RelayLine, _from: SocketAddr) {}
    /// From now on nothing is sent once so many microseconds have passed since `began`; whoever may say so moves that on.
    fn send_until(&self, _began: Instant, _until: Arc<AtomicU64>) {}
    /// Ends the media plane; returns when it has ended.
    fn stop(&self);
}

impl MediaPlane for Sfu {
    fn counted(&self) -> Counted {
        Self::counted(self)
    }

    fn standing(&self) -> Standing {
        Self::standing(self)
    }

    fn relay_worker(&self, message: &[u8]) -> Option<usize> {
        Self::relay_worker(self, message)
    }

    fn adopt(&self, worker: usize, line: RelayLine, from: SocketAddr) {
        Self::adopt(self, worker, line, from);
    }

    fn send_until(&self, began: Instant, until: Arc<AtomicU64>) {
        Self::send_until(self, began, until);
    }

    fn stop(&self) {
        Self::stop(self);
    }
}
