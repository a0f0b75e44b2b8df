//! Who speaks, from the levels that browsers put beside their sound (RFC 6464).

use crate::time::Micros;

/// Quieter than this, in dB below overload, is no speech.
const QUIETEST: u8 = 55;

/// How many loud packets in a row begin speech: 60 ms of it.
const BEGINS_AFTER: u8 = 3;

/// How long speech is held over a pause, microseconds.
const HELD_FOR: u64 = 700_000;

/// Whether one person speaks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Speaker {
    in_a_row: u8,
    last_loud: Option<Micros>,
}

impl Speaker {
    /// A packet came with this level byte (RFC 6464 §3).
    pub const fn heard(&mut self, level: u8, now: Micros) {
        if level & 0x7f <= QUIETEST {
            self.in_a_row = self.in_a_row.saturating_add(1);
            if self.in_a_row >= BEGINS_AFTER {
                self.last_loud = Some(now);
            }
        } else {
            self.in_a_row = 0;
        }
    }

    /// Whether the person speaks at `now`.
    #[must_use]
    pub fn speaks(&self, now: Micros) -> bool {
        self.last_loud
            .is_some_and(|loud| now.since(loud) < HELD_FOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speech_begins_after_some_loud_packets_and_is_held_over_a_pause() {
        let mut speaker = Speaker::default();
        speaker.heard(20, Micros(0));
        speaker.heard(100, Micros(20_000));
        speaker.heard(0x80 | 20, Micros(40_000));
        speaker.heard(20, Micros(60_000));
        assert!(!speaker.speaks(Micros(60_000)));
        speaker.heard(20, Micros(80_000));
        assert!(speaker.speaks(Micros(80_000)));
        assert!(speaker.speaks(Micros(80_000 + HELD_FOR - 1)));
        assert!(!speaker.speaks(Micros(80_000 + HELD_FOR)));
    }
}
