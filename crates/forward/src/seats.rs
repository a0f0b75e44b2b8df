//! Who receives whom: seats, and the slots in which those at the others are received.

/// How many others a participant can receive.
pub const SLOTS: usize = 3;

/// The most seats of a call: one more than the slots of each receiver.
pub const SEATS: usize = SLOTS + 1;

/// The slot in which the one at `seat` receives the one at `other`; none for oneself.
#[must_use]
pub const fn slot(seat: usize, other: usize) -> Option<usize> {
    if other < seat {
        Some(other)
    } else if other > seat {
        Some(other - 1)
    } else {
        None
    }
}

/// The seat of the one whom the one at `seat` receives in `slot`.
#[must_use]
pub const fn seat_in(seat: usize, slot: usize) -> usize {
    if slot < seat { slot } else { slot + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_and_seats_are_each_others_inverse() {
        for seat in 0..SEATS {
            assert_eq!(slot(seat, seat), None);
            for place in 0..SLOTS {
                assert_eq!(slot(seat, seat_in(seat, place)), Some(place));
            }
        }
    }
}
