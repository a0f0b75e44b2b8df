//! The media plane as the program sees it: meetings order of it what [`live::Media`] says, and the rest
//! is here, so that the program can be tested without it.

use std::net::SocketAddr;

use sfu::{Counted, RelayLine, Sfu, Standing};

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

    fn stop(&self) {
        Self::stop(self);
    }
}
