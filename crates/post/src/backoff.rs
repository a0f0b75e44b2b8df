//! When to try again.

use jiff::SignedDuration;

/// The first wait, seconds.
const FIRST: i64 = 30;

/// The longest wait, seconds.
const LONGEST: i64 = 3600;

/// After so long an e-mail counts as undeliverable (RFC 5321 §4.5.4.1 asks for four to five days of
/// servers; a parents' evening does not wait so long).
pub(crate) const LONGEST_TRIED: SignedDuration = SignedDuration::from_hours(48);

/// An e-mail that a mail server had so often, without saying whether it took it, is not sent again.
pub(crate) const MOST_DOUBTS: i64 = 3;

/// How long to wait after so many tries, the first being 1; `chance` from 0 to 1 spreads those that
/// failed together by a fifth either way.
pub(crate) fn wait(tries: i64, chance: f64) -> SignedDuration {
    let doublings = u32::try_from(tries.saturating_sub(1)).unwrap_or(0).min(16);
    let wait = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    SignedDuration::from_secs(wait).mul_f64(0.8 + 0.4 * chance.clamp(0.0, 1.0))
}

/// How long to wait where it may have arrived so many times: its reader has one copy, in all
/// likelihood, and each try makes another.
pub(crate) fn wait_in_doubt(doubts: i64) -> SignedDuration {
    if doubts <= 1 {
        SignedDuration::from_mins(15)
    } else {
        SignedDuration::from_hours(4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour_and_are_spread() {
        let secs = |tries| wait(tries, 0.5).as_secs();
        assert_eq!([1, 2, 3, 4].map(secs), [30, 60, 120, 240]);
        assert_eq!(secs(100), LONGEST);
        assert_eq!(wait(1, 0.0).as_secs(), 24);
        assert_eq!(wait(1, 1.0).as_secs(), 36);
    }

    #[test]
    fn doubt_waits_longer_than_certainty_and_ends_before_the_evening_does() {
        let all: i64 = (1..MOST_DOUBTS).map(|it| wait_in_doubt(it).as_secs()).sum();
        assert!(wait_in_doubt(1) > wait(1, 1.0));
        assert!(all < LONGEST_TRIED.as_secs());
    }
}
