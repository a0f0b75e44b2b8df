//! The flight last sent, to be sent again until it is answered (RFC 6347 §4.2.4).
//!
//! `rtc-dtls` 0.21.1 stops its own timer when the other side repeats itself, and a handshake whose
//! flight was lost then never ends; so the timer is here. A flight is repeated as it was: who
//! missed it has not seen its record numbers, and who has seen them drops it as a replay.

use bytes::BytesMut;
use forward::time::Micros;

/// How soon a flight is repeated first, microseconds: each further time after twice as long.
const FIRST: u64 = 100_000;

/// The longest time between two repetitions, microseconds.
const LONGEST: u64 = 1_000_000;

/// The flight last sent, or about to be.
#[derive(Debug)]
pub struct Flight {
    datagrams: Vec<BytesMut>,
    /// Until the repetition after the next sending.
    wait: u64,
    next: Micros,
    is_unsent: bool,
}

impl Flight {
    /// None yet, or none any more.
    pub fn none(now: Micros) -> Self {
        Self::new(Vec::new(), now)
    }

    /// One that is due at once: the other side answered the one before.
    pub fn new(datagrams: Vec<BytesMut>, now: Micros) -> Self {
        Self {
            is_unsent: !datagrams.is_empty(),
            datagrams,
            wait: FIRST,
            next: now,
        }
    }

    /// Whether it has never been due yet.
    pub(crate) const fn is_unsent(&self) -> bool {
        self.is_unsent
    }

    /// What to send, for the first time or again, now.
    pub fn due(&mut self, now: Micros) -> &[BytesMut] {
        if self.datagrams.is_empty() || now < self.next {
            return &[];
        }
        self.is_unsent = false;
        self.next = Micros(now.0 + self.wait);
        self.wait = (self.wait * 2).min(LONGEST);
        &self.datagrams
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flight_is_sent_at_once_and_repeated_ever_more_slowly() {
        let start = Micros(5_000_000);
        let mut flight = Flight::new(vec![BytesMut::from(&b"hello"[..])], start);
        assert!(flight.is_unsent());
        let sent: Vec<u64> = (0..4_000)
            .filter(|ms| !flight.due(start.after_ms(*ms)).is_empty())
            .collect();
        assert_eq!(sent, [0, 100, 300, 700, 1_500, 2_500, 3_500]);
        assert!(!flight.is_unsent());
        assert!(
            Flight::none(start)
                .due(Micros(start.0 + LONGEST))
                .is_empty()
        );
    }
}
