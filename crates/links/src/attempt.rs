//! One press on Join, however often it is retried.

use std::fmt;
use std::str::FromStr;

/// 128 random bits that a page chose for one press.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct AttemptId(pub u128);

/// The text is not exactly 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("an attempt is 32 lower-case hexadecimal digits")]
pub struct NoAttempt;

impl FromStr for AttemptId {
    type Err = NoAttempt;

    fn from_str(text: &str) -> Result<Self, NoAttempt> {
        let are_digits = text
            .bytes()
            .all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
        if text.len() != 32 || !are_digits {
            return Err(NoAttempt);
        }
        // The digits were checked: what is left to fail is nothing.
        let Ok(value) = u128::from_str_radix(text, 16) else {
            return Err(NoAttempt);
        };
        Ok(Self(value))
    }
}

impl fmt::Display for AttemptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}
