//! What somebody reads: words of the catalogues, and in them what people wrote, set apart.

use super::Language;

/// First strong isolate, and its end (Unicode Standard Annex 9 §2.4).
const BEGINS: char = '\u{2068}';
const ENDS: char = '\u{2069}';

/// Words to read. What people wrote is kept apart from the words around it, so that a name that is
/// written from right to left turns nothing else round.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Said(String);

impl Said {
    /// What people wrote, and it alone.
    pub(crate) fn by_people(words: &str) -> Self {
        let mut said = Self::default();
        said.push_own(words);
        said
    }

    /// Words of a catalogue.
    pub(super) fn push(&mut self, words: &str) {
        self.0.push_str(words);
    }

    /// What people wrote: marks of their own neither begin nor end anything.
    pub(super) fn push_own(&mut self, words: &str) {
        self.0.push(BEGINS);
        self.0
            .extend(words.chars().filter(|it| ![BEGINS, ENDS].contains(it)));
        self.0.push(ENDS);
    }

    /// What another text said.
    pub(super) fn push_said(&mut self, words: &Self) {
        self.0.push_str(&words.0);
    }

    /// Of words with lines between them, those at this place.
    pub(super) fn nth(&self, index: usize) -> Option<Self> {
        self.0.split('|').nth(index).map(|it| Self(it.to_owned()))
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As plain text of its language: set apart by marks where the direction may be another.
    pub(crate) fn plain(&self, language: &Language) -> String {
        self.pieces(language, |words, is_apart| match is_apart {
            true => format!("{BEGINS}{words}{ENDS}"),
            false => words.to_owned(),
        })
    }

    /// As HTML: set apart by `bdi`.
    pub(crate) fn html(&self, language: &Language) -> String {
        self.pieces(language, |words, is_apart| match is_apart {
            true => format!("<bdi>{}</bdi>", escaped(words)),
            false => escaped(words),
        })
    }

    fn pieces(&self, language: &Language, write: impl Fn(&str, bool) -> String) -> String {
        let is_rtl = language.is_right_to_left();
        let mut text = String::with_capacity(self.0.len());
        let mut rest = self.0.as_str();
        while let Some((before, after)) = rest.split_once(BEGINS) {
            let (own, later) = after.split_once(ENDS).unwrap_or((after, ""));
            text.push_str(&write(before, false));
            text.push_str(&write(own, is_rtl || own.contains(is_of_right_to_left)));
            rest = later;
        }
        text.push_str(&write(rest, false));
        text
    }
}

/// Letters that are written from right to left.
const fn is_of_right_to_left(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

/// Text that is no markup.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            letter => safe.push(letter),
        }
    }
    safe
}
