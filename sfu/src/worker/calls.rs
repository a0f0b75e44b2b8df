//! Who sits where, as far as media goes.

use std::collections::HashMap;

use forward::seats::SEATS;

use crate::handle::CallKey;

/// The seats of every call: for each the peer's place in the worker's table.
#[derive(Debug, Default)]
pub(super) struct Calls {
    seats: HashMap<CallKey, [Option<u32>; SEATS]>,
}

impl Calls {
    /// Puts `peer` at `seat`; gives who sat there.
    pub(super) fn sit(&mut self, call: CallKey, seat: usize, peer: u32) -> Option<u32> {
        self.seats
            .entry(call)
            .or_default()
            .get_mut(seat)?
            .replace(peer)
    }

    /// Frees the seat if `peer` sits there. A call without peers is forgotten.
    pub(super) fn rise(&mut self, call: CallKey, seat: usize, peer: u32) {
        let Some(seats) = self.seats.get_mut(&call) else {
            return;
        };
        if let Some(place) = seats.get_mut(seat).filter(|place| **place == Some(peer)) {
            *place = None;
        }
        if seats.iter().all(Option::is_none) {
            self.seats.remove(&call);
        }
    }

    /// Who sits where.
    pub(super) fn seated(&self, call: CallKey) -> [Option<u32>; SEATS] {
        self.seats.get(&call).copied().unwrap_or_default()
    }

    /// All calls.
    pub(super) fn keys(&self) -> impl Iterator<Item = CallKey> {
        self.seats.keys().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_is_freed_only_by_who_sits_there() {
        let mut calls = Calls::default();
        let call = CallKey(1);
        assert_eq!(calls.sit(call, 2, 7), None);
        assert_eq!(calls.sit(call, 2, 8), Some(7));
        calls.rise(call, 2, 7);
        assert_eq!(calls.seated(call), [None, None, Some(8), None]);
        calls.rise(call, 2, 8);
        assert_eq!(calls.keys().count(), 0);
        assert_eq!(calls.sit(call, SEATS, 1), None, "there is no such seat");
    }
}
