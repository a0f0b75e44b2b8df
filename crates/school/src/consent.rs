//! Consent: who agreed, to which words, when and how.

use jiff::Timestamp;

use crate::refusal::Refusal;

/// The version of the wording that is shown today; raised whenever the words change.
pub const WORDING: u32 = 1;

/// The words of [`WORDING`] (INV-2).
pub const WORDS: &str = "I consent to this person being given access to the information used to \
                         make the appointments.";

/// How consent was given.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum How {
    /// By a tick on the page, by the parent.
    Page,
    /// To the office, which entered it.
    Office,
}

/// What is kept of a consent; who gave it and about whom stands beside it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Consent {
    /// The version of the words that were shown.
    pub wording: u32,
    /// When.
    pub at: Timestamp,
    /// How.
    pub how: How,
}

impl Consent {
    /// Checks that the box was ticked, beside the words of today.
    ///
    /// # Errors
    ///
    /// [`Refusal::ConsentMissing`] and [`Refusal::WordingOutdated`].
    pub const fn check(
        is_ticked: bool,
        wording: u32,
        how: How,
        at: Timestamp,
    ) -> Result<Self, Refusal> {
        if !is_ticked {
            return Err(Refusal::ConsentMissing);
        }
        if wording != WORDING {
            return Err(Refusal::WordingOutdated);
        }
        Ok(Self { wording, at, how })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_beside_the_words_of_today() {
        let at = Timestamp::UNIX_EPOCH;
        let check = |ticked, wording| Consent::check(ticked, wording, How::Page, at);
        assert_eq!(check(false, WORDING), Err(Refusal::ConsentMissing));
        assert_eq!(check(true, WORDING + 1), Err(Refusal::WordingOutdated));
        assert_eq!(check(true, WORDING).map(|it| it.wording), Ok(WORDING));
    }
}
