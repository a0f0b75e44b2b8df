//! The flight last sent, to be sent again until it is answered (RFC 6347 §4.2.4).
//!
//! `rtc-dtls` 0.21.1 stops its own timer when the other side repeats itself, and a handshake whose
//! flight was lost then never ends; so the timer is here. A flight is repeated as it was: who
//! missed it has not seen its record numbers, and who has seen them drops it as a replay.

use std::time::Duration;

use bytes::BytesMut;
use tokio::time::Instant;

/// How soon a flight is repeated first: each further time after twice as long.
const FIRST: Duration = Duration::from_millis(100);

/// The longest time between two repetitions.
const LONGEST: Duration = Duration::from_secs(1);

/// How long a handshake may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The flight last sent.
#[derive(Debug)]
pub(crate) struct Flight {
    datagrams: Vec<BytesMut>,
    wait: Duration,
    next: Instant,
    until: Instant,
}

impl Flight {
    /// None sent yet.
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            datagrams: Vec::new(),
            wait: FIRST,
            next: now,
            until: now + PATIENCE,
        }
    }

    /// A new flight was sent: the other side answered the one before.
    pub(crate) fn sent(&mut self, datagrams: Vec<BytesMut>, now: Instant) {
        self.datagrams = datagrams;
        self.wait = FIRST;
        self.next = now + FIRST;
    }

    /// The handshake is over.
    pub(crate) fn done(&mut self) {
        self.datagrams.clear();
    }

    /// What to send again now.
    pub(crate) fn due(&mut self, now: Instant) -> &[BytesMut] {
        if self.datagrams.is_empty() || now < self.next {
            return &[];
        }
        self.wait = (self.wait * 2).min(LONGEST);
        self.next = now + self.wait;
        &self.datagrams
    }

    /// Whether the handshake has taken too long.
    pub(crate) fn is_given_up(&self, now: Instant) -> bool {
        !self.datagrams.is_empty() && now >= self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flight_is_repeated_ever_more_slowly_until_it_is_answered_or_given_up() {
        let start = Instant::now();
        let mut flight = Flight::new(start);
        flight.sent(vec![BytesMut::from(&b"hello"[..])], start);
        let repeated: Vec<u64> = (0..4_000)
            .filter(|ms| !flight.due(start + Duration::from_millis(*ms)).is_empty())
            .collect();
        assert_eq!(repeated, [100, 300, 700, 1_500, 2_500, 3_500]);
        assert!(!flight.is_given_up(start + Duration::from_secs(29)));
        assert!(flight.is_given_up(start + PATIENCE));
        flight.done();
        assert!(flight.due(start + PATIENCE).is_empty());
        assert!(!flight.is_given_up(start + PATIENCE));
    }
}
