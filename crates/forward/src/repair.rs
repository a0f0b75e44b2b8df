//! What may be sent again on one leg, and how often key frames may be asked for from there: what a
//! receiver asks for costs others, so that it is bounded over time, whoever asks.

use crate::time::Micros;

/// One loss is repaired once within this time, microseconds.
pub const REPAIR_INTERVAL: u64 = 20_000;

/// How much may be sent again at once, packets: as much as is kept.
const MOST_CREDIT: u16 = 1_024;

/// How many packets sent again are remembered.
const REMEMBERED: usize = 256;

/// For each packet sent, one may be sent again: half of what is sent may be lost, and all of it
/// still comes.
#[derive(Clone, Debug, Default)]
pub struct RetransmissionBudget {
    credit: u16,
    /// By the packet's number: it, and when it was sent again.
    again: Vec<(u64, Micros)>,
}

impl RetransmissionBudget {
    /// A packet was sent for the first time.
    pub fn sent(&mut self) {
        self.credit = (self.credit + 1).min(MOST_CREDIT);
    }

    /// Whether the packet of `number` may be sent again now; if so, it is.
    pub fn may(&mut self, number: u64, now: Micros) -> bool {
        if self.again.is_empty() {
            self.again.resize(REMEMBERED, (u64::MAX, Micros::default()));
        }
        let place = usize::try_from(number % REMEMBERED as u64).unwrap_or_default();
        let Some(before) = self.again.get_mut(place) else {
            return false;
        };
        let is_repeated = before.0 == number && now.since(before.1) <= REPAIR_INTERVAL;
        if is_repeated || self.credit == 0 {
            return false;
        }
        self.credit -= 1;
        *before = (number, now);
        true
    }
}

/// How many wishes for key frames a receiver has to spend.
const MOST_WISHES: u8 = 4;

/// How long it takes until there is one more, microseconds.
const WISH_INTERVAL: u64 = 1_000_000;

/// The wishes of one receiver for key frames of one leg.
#[derive(Clone, Copy, Debug)]
pub struct PliBudget {
    left: u8,
    /// Since when the next one grows.
    since: Micros,
}

impl Default for PliBudget {
    fn default() -> Self {
        Self {
            left: MOST_WISHES,
            since: Micros::default(),
        }
    }
}

impl PliBudget {
    /// Whether a wish counts.
    pub fn may(&mut self, now: Micros) -> bool {
        let grown = now.since(self.since) / WISH_INTERVAL;
        if grown > 0 {
            let left = u64::from(self.left) + grown;
            self.left = u8::try_from(left).unwrap_or(u8::MAX).min(MOST_WISHES);
            self.since = now;
        }
        let may = self.left > 0;
        self.left = self.left.saturating_sub(1);
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_loss_is_repaired_once_in_a_while() {
        let mut repairs = RetransmissionBudget::default();
        assert!(!repairs.may(7, Micros(0)), "nothing was sent");
        for _ in 0..10 {
            repairs.sent();
        }
        assert!(repairs.may(7, Micros(0)));
        assert!(!repairs.may(7, Micros(REPAIR_INTERVAL)));
        assert!(repairs.may(8, Micros(REPAIR_INTERVAL)));
        assert!(repairs.may(7, Micros(REPAIR_INTERVAL + 1)));
    }

    #[test]
    fn no_more_is_sent_again_than_was_sent() {
        let mut repairs = RetransmissionBudget::default();
        let (mut sent, mut again) = (0, 0);
        for round in 0..1_000u64 {
            for _ in 0..10 {
                repairs.sent();
                sent += 1;
            }
            for number in 0..512 {
                again += u32::from(repairs.may(number, Micros(round * 100_000)));
            }
            assert!(again <= sent);
        }
        for _ in 0..10_000 {
            repairs.sent();
        }
        let burst = (0..10_000).filter(|number| repairs.may(*number, Micros::default()));
        assert_eq!(burst.count(), usize::from(MOST_CREDIT));
    }

    #[test]
    fn wishes_come_in_a_burst_and_then_one_a_second() {
        let mut wishes = PliBudget::default();
        let mut counted = 0;
        for ms in 0..100_000u64 {
            counted += u32::from(wishes.may(Micros(5_000_000 + ms * 1_000)));
        }
        assert!((100..=104).contains(&counted), "{counted}");
    }
}
