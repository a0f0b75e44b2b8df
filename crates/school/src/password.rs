//! What a password of staff must be; how it is kept is not known here.

use crate::refusal::Refusal;

/// The fewest characters.
pub const SHORTEST: usize = 12;

/// The most characters, so that hashing one has a bound.
pub const LONGEST: usize = 256;

/// Checks a new password: its length, and nothing else (NIST SP 800-63B §5.1.1.2).
///
/// # Errors
///
/// [`Refusal::PasswordTooShort`] and [`Refusal::PasswordTooLong`].
pub fn check(password: &str) -> Result<(), Refusal> {
    match crate::text::password(password).chars().count() {
        0..SHORTEST => Err(Refusal::PasswordTooShort),
        SHORTEST..=LONGEST => Ok(()),
        _ => Err(Refusal::PasswordTooLong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_length_counts() {
        assert_eq!(check("elevenchars"), Err(Refusal::PasswordTooShort));
        assert_eq!(check("twelve chars"), Ok(()));
        assert_eq!(check(&"é".repeat(LONGEST)), Ok(()));
        assert_eq!(check(&"e\u{301}".repeat(LONGEST)), Ok(()));
        assert_eq!(
            check(&"e\u{301}".repeat(SHORTEST - 1)),
            Err(Refusal::PasswordTooShort)
        );
        assert_eq!(
            check(&"é".repeat(LONGEST + 1)),
            Err(Refusal::PasswordTooLong)
        );
    }
}
