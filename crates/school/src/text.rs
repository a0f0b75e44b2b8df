//! Words that people typed, checked at the door; what names a person prints as `…`.
//!
//! Text is kept in one form (NFC) and without what nobody sees. It is compared by keys, which are
//! the same for all ways in which people, keyboards, spreadsheets and mail programs write one
//! thing: nothing outside this module lowers a letter to compare it.

mod address;
mod fold;
mod id;
mod name;
mod note;
mod seen;

use crate::refusal::Refusal;

pub use address::EmailAddress;
pub use id::{id_key, is_cut_short, unquoted};
pub use name::{Label, Likeness, Name};
pub use note::Note;

/// The longest name or label, in characters.
pub const LONGEST_NAME: usize = 100;

/// The longest note, in characters.
pub const LONGEST_NOTE: usize = 1000;

/// The longest e-mail address, in bytes (RFC 5321 §4.5.3.1.3 less its brackets).
pub const LONGEST_ADDRESS: usize = 254;

/// Reads a line that may be empty, such as a homeroom or a telephone number: spaces around it and
/// runs of spaces within it do not count.
///
/// # Errors
///
/// [`Refusal::TextNotPlain`], and [`Refusal::TextTooLong`] beyond [`LONGEST_NAME`] characters.
pub fn read_line(text: &str) -> Result<String, Refusal> {
    match Label::read(text) {
        Ok(label) => Ok(label.as_str().to_owned()),
        Err(Refusal::NameMissing) => Ok(String::new()),
        Err(Refusal::NameTooLong) => Err(Refusal::TextTooLong),
        Err(other) => Err(other),
    }
}

/// What two ways to write such a line share: for comparison only.
#[must_use]
pub fn line_key(text: &str) -> String {
    fold::line(text)
}

/// What is searched for in names: the folded words of what somebody typed.
#[must_use]
pub fn search_words(text: &str) -> Vec<String> {
    fold::words(text)
}

/// The ways in which a password may have been written when it was hashed, that of today first: before
/// passwords were brought to one form, each was hashed as its keyboard wrote it.
#[must_use]
pub fn password_spellings(text: &str) -> Vec<String> {
    use unicode_normalization::UnicodeNormalization as _;
    let mut spellings = vec![password(text)];
    for older in [text.to_owned(), text.nfc().collect(), text.nfd().collect()] {
        if !spellings.contains(&older) {
            spellings.push(older);
        }
    }
    spellings
}

/// A password as it is hashed: the same however the keyboard writes its accents (NIST SP 800-63B
/// §5.1.1.2, NFKC).
#[must_use]
pub fn password(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    text.nfkc().collect()
}

#[cfg(test)]
mod tests;
