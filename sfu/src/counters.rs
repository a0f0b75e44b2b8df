//! What the media plane counts, for whoever watches the server.

use std::sync::atomic::{AtomicU64, Ordering};

/// What was counted since the media plane began, over all workers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counted {
    /// Datagrams received.
    pub received: u64,
    /// Datagrams handed to the system, over UDP.
    pub sent: u64,
    /// Of those, dropped because the system had no room for them.
    pub no_room: u64,
    /// Dropped because a TCP connection was too slow for them.
    pub slow_connection: u64,
    /// Pictures held back now, for want of bandwidth.
    pub paused: u64,
    /// Packets that readers said were lost on the way to them.
    pub lost: u64,
    /// Readers whose way is estimated now, and all of them together, bits a second.
    pub estimated: (u64, u64),
}

/// One worker's, written by it alone.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    received: AtomicU64,
    sent: AtomicU64,
    no_room: AtomicU64,
    slow_connection: AtomicU64,
    paused: AtomicU64,
    lost: AtomicU64,
    estimated: AtomicU64,
    estimate: AtomicU64,
}

impl Counters {
    /// The worker has counted so much.
    pub(crate) fn set(&self, counted: &Counted) {
        self.received.store(counted.received, Ordering::Relaxed);
        self.sent.store(counted.sent, Ordering::Relaxed);
        self.no_room.store(counted.no_room, Ordering::Relaxed);
        self.slow_connection
            .store(counted.slow_connection, Ordering::Relaxed);
        self.paused.store(counted.paused, Ordering::Relaxed);
        self.lost.store(counted.lost, Ordering::Relaxed);
        let (readers, bits) = counted.estimated;
        self.estimated.store(readers, Ordering::Relaxed);
        self.estimate.store(bits, Ordering::Relaxed);
    }

    /// What it counted.
    pub(crate) fn get(&self) -> Counted {
        Counted {
            received: self.received.load(Ordering::Relaxed),
            sent: self.sent.load(Ordering::Relaxed),
            no_room: self.no_room.load(Ordering::Relaxed),
            slow_connection: self.slow_connection.load(Ordering::Relaxed),
            paused: self.paused.load(Ordering::Relaxed),
            lost: self.lost.load(Ordering::Relaxed),
            estimated: (
                self.estimated.load(Ordering::Relaxed),
                self.estimate.load(Ordering::Relaxed),
            ),
        }
    }
}

impl std::iter::Sum for Counted {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            received: sum.received + one.received,
            sent: sum.sent + one.sent,
            no_room: sum.no_room + one.no_room,
            slow_connection: sum.slow_connection + one.slow_connection,
            paused: sum.paused + one.paused,
            lost: sum.lost + one.lost,
            estimated: (
                sum.estimated.0 + one.estimated.0,
                sum.estimated.1 + one.estimated.1,
            ),
        })
    }
}
