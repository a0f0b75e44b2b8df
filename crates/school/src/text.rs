//! Words that people typed, checked at the door; what names a person prints as `…`.
//!
//! Text is kept in one form (NFC) and without what nobody sees. It is compared by keys, which are
//! the same for all ways in which people, keyboards, spreadsheets and mail programs write one
//! thing: nothing outside this module lowers a letter to compare it.

mod address;
mod fold;
mod id;
mod mobile;
mod name;
mod note;
mod seen;

use crate::refusal::Refusal;

pub use address::EmailAddress;
pub use id::{id_key, is_cut_short, unquoted};
pub use mobile::{Countries, LONGEST_MOBILE, Mobile};
pub use name::{Label, Likeness, Name};
pub use note::Note;

/// The longest name or label, in characters.
pub const LONGEST_NAME: usize = 100;

/// The longest note, in characters.
pub const LONGEST_NOTE: usize = 1000;

/// The longest e-mail address, in bytes (RFC 5321 §4.5.3.1.3 less its brackets).
pub const LONGEST_ADDRESS: usize = 254;

/// Whether what stands in a list says that nothing is there: it is empty, or `n/a`, `none` or a line.
#[must_use]
pub fn is_nothing(text: &str) -> bool {
    let said = text.trim().to_lowercase();
    let is_line = said
        .chars()
        .all(|it| matches!(it, '-' | '–' | '—' | '.' | '_'));
    is_line
        || matches!(
            said.as_str(),
            "n/a" | "n.a." | "none" | "null" | "tbc" | "tba" | "unknown" | "not known"
        )
}

/// A cell without spaces around it, and without marks there that nobody sees and that turn nothing: spaces of no
/// width, soft hyphens, marks of a direction.
#[must_use]
pub fn bare(cell: &str) -> &str {
    cell.trim_matches(|it: char| {
        it.is_whitespace()
            || matches!(
                it,
                '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
            )
    })
}

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

/// What a line is found by: its folded words, as [`sought`] has them.
#[must_use]
pub fn search_key(text: &str) -> String {
    fold::words(text).join(" ")
}

/// What somebody types to find people.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Sought {
    /// A part of a name or of a homeroom, as its key has it.
    Words(String),
    /// A part of an address, as its key has it.
    Address(String),
}

/// The parts of what is searched for: all of them are to be found, each anywhere.
#[must_use]
pub fn sought(text: &str) -> Vec<Sought> {
    let parts = text.split_whitespace().map(|part| {
        if part.contains('@') {
            Sought::Address(address::part_key(part))
        } else {
            Sought::Words(fold::words(part).join(" "))
        }
    });
    let is_empty = |it: &Sought| matches!(it, Sought::Words(words) if words.is_empty());
    parts.filter(|it| !is_empty(it)).collect()
}

/// The ways in which a password may have been written when it was hashed, at most four, that of today first: before
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
