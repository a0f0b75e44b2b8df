//! Notes.

use std::fmt;

use super::{LONGEST_NOTE, seen};
use crate::refusal::Refusal;

/// What a parent wrote to the teacher; it may be empty.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Note(String);

impl Note {
    /// Reads a note: line breaks are kept, a tab is a space, and emoji are what they are.
    ///
    /// # Errors
    ///
    /// [`Refusal::NoteTooLong`] beyond [`LONGEST_NOTE`] characters, and [`Refusal::NoteNotPlain`]
    /// for other control characters and marks that nobody sees.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let text = text
            .replace("\r\n", "\n")
            .replace(['\r', '\u{2028}', '\u{2029}'], "\n");
        let text = text.replace('\t', " ");
        let comes_along = |it: char| it.is_whitespace() || matches!(it, '\u{feff}' | '\u{200b}');
        let text = seen::composed(text.trim_matches(comes_along));
        if seen::hides_something_in_note(&text) {
            return Err(Refusal::NoteNotPlain);
        }
        if text.chars().count() > LONGEST_NOTE {
            return Err(Refusal::NoteTooLong);
        }
        Ok(Self(text))
    }

    /// The note, for the teachers and the parent.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}
