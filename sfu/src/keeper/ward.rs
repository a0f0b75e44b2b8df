//! One worker, as its keeper watches it.

use std::net::SocketAddr;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::time::Instant;

use super::workshop::Door;

/// How often in a row a worker may have begun no turn between two looks, woken at the first of them,
/// until another takes its place. Looks are counted, and no time: where the whole program was
/// stopped and goes on, a single one finds nothing done.
const MISSES: u32 = 3;

/// How often is looked whether a thread has ended.
const BLINK: Duration = Duration::from_millis(5);

/// What one look at a worker found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Pulse {
    /// It has begun a turn since the look before.
    Beats,
    /// It has not.
    Missed,
    /// It has not for so long that it never may.
    Gone,
}

/// A worker that is watched.
#[derive(Debug)]
pub(crate) struct Ward {
    /// Held open for whoever takes its place.
    pub(super) door: Door,
    /// The address of its port.
    pub(super) bound: SocketAddr,
    pub(super) thread: JoinHandle<()>,
    /// How many turns it had begun at the last look.
    turns: Option<u64>,
    /// How many looks in a row have found no other.
    missed: u32,
}

impl Ward {
    pub(crate) const fn new(door: Door, bound: SocketAddr, thread: JoinHandle<()>) -> Self {
        Self {
            door,
            bound,
            thread,
            turns: None,
            missed: 0,
        }
    }

    /// A look: so many turns has it begun; none where it does not serve.
    pub(super) fn feel(&mut self, turns: Option<u64>) -> Pulse {
        let stands = turns.is_some() && turns == self.turns;
        self.turns = turns;
        self.missed = if stands { self.missed + 1 } else { 0 };
        match self.missed {
            0 => Pulse::Beats,
            MISSES.. => Pulse::Gone,
            _ => Pulse::Missed,
        }
    }

    /// Another thread does its work; gives the one before.
    pub(super) fn renew(&mut self, thread: JoinHandle<()>) -> JoinHandle<()> {
        (self.turns, self.missed) = (None, 0);
        std::mem::replace(&mut self.thread, thread)
    }
}

/// Waits until `thread` has ended, until then at most; gives whether it has.
pub(super) fn ends(thread: &JoinHandle<()>, until: Instant) -> bool {
    while !thread.is_finished() {
        if Instant::now() >= until {
            return false;
        }
        thread::sleep(BLINK);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keeper::bind;

    fn ward() -> Ward {
        let door = bind(([127, 0, 0, 1], 0).into()).expect("loopback");
        Ward::new(door, ([127, 0, 0, 1], 1).into(), thread::spawn(|| {}))
    }

    #[test]
    fn who_begins_no_turn_for_three_looks_is_gone() {
        let mut ward = ward();
        let looks = [
            Some(1),
            Some(1),
            Some(1),
            Some(2),
            Some(2),
            Some(2),
            Some(2),
            Some(2),
        ];
        use Pulse::{Beats, Gone, Missed};
        assert_eq!(
            looks.map(|turns| ward.feel(turns)),
            [Beats, Missed, Missed, Beats, Missed, Missed, Gone, Gone]
        );
        drop(ward.renew(thread::spawn(|| {})));
        assert_eq!(ward.feel(Some(2)), Beats, "that is another's count");
    }

    #[test]
    fn who_does_not_serve_misses_nothing() {
        let mut ward = ward();
        assert!(
            [None; 9]
                .iter()
                .all(|turns| ward.feel(*turns) == Pulse::Beats)
        );
    }

    #[test]
    fn nobody_waits_longer_for_a_thread_than_was_said() {
        let (hold, held) = std::sync::mpsc::channel::<()>();
        let stuck = thread::spawn(move || {
            let _ended = held.recv();
        });
        assert!(!ends(&stuck, Instant::now() + 2 * BLINK));
        drop(hold);
        assert!(ends(&stuck, Instant::now() + Duration::from_secs(20)));
    }
}
