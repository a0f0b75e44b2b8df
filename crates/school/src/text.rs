//! Words that people typed, checked at the door; what names a person prints as `…`.

use std::fmt;

use crate::refusal::Refusal;

/// The longest name or label, in characters.
pub const LONGEST_NAME: usize = 100;

/// The longest note, in characters.
pub const LONGEST_NOTE: usize = 1000;

/// The longest e-mail address, in bytes (RFC 5321 §4.5.3.1.3 less its brackets).
pub const LONGEST_ADDRESS: usize = 254;

/// A person's name.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Name(String);

impl Name {
    /// Reads a name: spaces around it and runs of spaces within it do not count.
    ///
    /// # Errors
    ///
    /// [`Refusal::NameMissing`], [`Refusal::NameTooLong`] beyond [`LONGEST_NAME`] characters, and
    /// [`Refusal::TextNotPlain`] for line breaks and other control characters.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        read_line(text).map(Self)
    }

    /// The name, for somebody entitled to it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The name before the first space: for those who may know no more.
    #[must_use]
    pub fn first(&self) -> &str {
        self.0.split(' ').next().unwrap_or_default()
    }

    /// What two ways to write the same name share: for comparison only.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// The name of a thing: an evening, a subject, a class. It names nobody.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Label(String);

impl Label {
    /// Reads a label, by the rules of [`Name::read`].
    ///
    /// # Errors
    ///
    /// Those of [`Name::read`].
    pub fn read(text: &str) -> Result<Self, Refusal> {
        read_line(text).map(Self)
    }

    /// The label.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An e-mail address.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address: one `@`, something before it, a domain with a dot or `localhost` after
    /// it, no spaces and nothing that an e-mail header gives a meaning to.
    ///
    /// # Errors
    ///
    /// [`Refusal::EmailMissing`] and [`Refusal::EmailInvalid`].
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let text = text.trim_matches(' ');
        if text.is_empty() {
            return Err(Refusal::EmailMissing);
        }
        let (local, domain) = text.split_once('@').ok_or(Refusal::EmailInvalid)?;
        if text.len() > LONGEST_ADDRESS || !is_local_part(local) || !is_domain(domain) {
            return Err(Refusal::EmailInvalid);
        }
        Ok(Self(format!("{local}@{}", domain.to_lowercase())))
    }

    /// The address, for sending to it and for those entitled to it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What two ways to write the same address share: for comparison only.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// What a parent wrote to the teacher; it may be empty.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Note(String);

impl Note {
    /// Reads a note: line breaks are kept, other control characters refused.
    ///
    /// # Errors
    ///
    /// [`Refusal::NoteTooLong`] beyond [`LONGEST_NOTE`] characters, and [`Refusal::TextNotPlain`].
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let text = text.replace("\r\n", "\n");
        let text = text.trim();
        if text.chars().any(|it| it.is_control() && it != '\n') {
            return Err(Refusal::TextNotPlain);
        }
        if text.chars().count() > LONGEST_NOTE {
            return Err(Refusal::NoteTooLong);
        }
        Ok(Self(text.to_owned()))
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

/// Checks a line that may be empty and stays as it was typed, such as a homeroom.
///
/// # Errors
///
/// [`Refusal::TextNotPlain`], and [`Refusal::TextTooLong`] beyond [`LONGEST_NAME`] characters.
pub fn check_line(text: &str) -> Result<(), Refusal> {
    if text.chars().any(char::is_control) {
        return Err(Refusal::TextNotPlain);
    }
    if text.chars().nth(LONGEST_NAME).is_some() {
        return Err(Refusal::TextTooLong);
    }
    Ok(())
}

/// One line: trimmed, single spaces, nothing that controls.
fn read_line(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::NameMissing);
    }
    if text.chars().any(|it| it.is_control() || is_invisible(it)) {
        return Err(Refusal::TextNotPlain);
    }
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > LONGEST_NAME {
        return Err(Refusal::NameTooLong);
    }
    Ok(line)
}

/// Characters that turn the direction of text, or break lines without being controls: names with
/// them show as what they are not.
const fn is_invisible(it: char) -> bool {
    matches!(it, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// An unquoted local part (RFC 5322 §3.2.3 `dot-atom`, and letters of other scripts, RFC 6531).
fn is_local_part(text: &str) -> bool {
    text.len() <= 64
        && text.split('.').all(|atom| {
            !atom.is_empty()
                && atom
                    .chars()
                    .all(|it| it.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(it))
        })
}

fn is_domain(text: &str) -> bool {
    let labels = text.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|it| it.is_alphanumeric() || it == '-')
    });
    labels && (text.contains('.') || text.eq_ignore_ascii_case("localhost"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_line() {
        let name = Name::read("  Maria \t Santos ");
        assert_eq!(name.as_ref().err(), Some(&Refusal::TextNotPlain));
        assert_eq!(
            Name::read("  Maria   Santos ").map(|it| it.0),
            Ok("Maria Santos".to_owned())
        );
        assert_eq!(Name::read(" \u{a0} "), Err(Refusal::NameMissing));
        for bad in ["a\nb", "a\rb", "a\0b", "a\u{202e}b", "a\u{2028}b"] {
            assert_eq!(Name::read(bad), Err(Refusal::TextNotPlain), "{bad:?}");
        }
        assert!(Name::read(&"é".repeat(LONGEST_NAME)).is_ok());
        assert_eq!(
            Name::read(&"é".repeat(LONGEST_NAME + 1)),
            Err(Refusal::NameTooLong)
        );
    }

    #[test]
    fn addresses() {
        for good in [
            "a@b.org",
            "o'neill+x@school.example",
            "jörg@bücher.example",
            "me@localhost",
        ] {
            assert!(EmailAddress::read(good).is_ok(), "{good}");
        }
        for bad in [
            "a",
            "@b.org",
            "a@",
            "a@b",
            "a@@b.org",
            "a b@c.org",
            "a@b.org\r\nBcc: x@y.org",
            "a@b..org",
            ".a@b.org",
            "<a@b.org>",
            "a,b@c.org",
            "a@-b.org",
            "a@b.org\0",
            "\"a\"@b.org",
        ] {
            assert_eq!(
                EmailAddress::read(bad),
                Err(Refusal::EmailInvalid),
                "{bad:?}"
            );
        }
        assert_eq!(EmailAddress::read(" "), Err(Refusal::EmailMissing));
        assert_eq!(
            EmailAddress::read("A@B.Org").map(|it| it.0),
            Ok("A@b.org".to_owned())
        );
    }

    #[test]
    fn notes_keep_their_lines() {
        assert_eq!(Note::read(" a\r\nb ").map(|it| it.0), Ok("a\nb".to_owned()));
        assert_eq!(Note::read("a\0"), Err(Refusal::TextNotPlain));
        assert_eq!(
            Note::read(&"x".repeat(LONGEST_NOTE + 1)),
            Err(Refusal::NoteTooLong)
        );
        assert_eq!(Note::read(""), Ok(Note::default()));
    }

    #[test]
    fn people_print_as_nothing() -> Result<(), Refusal> {
        let shown = format!(
            "{:?} {:?} {:?}",
            Name::read("Ada")?,
            EmailAddress::read("ada@b.org")?,
            Note::read("Ada")?
        );
        assert_eq!(shown, "… … …");
        Ok(())
    }
}
