//! Names of people and of things.

use std::fmt;

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory as _};

use super::{LONGEST_NAME, fold, seen};
use crate::refusal::Refusal;

/// A person's name.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Name(String);

/// How much two names are one.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Likeness {
    /// They may be: one leaves a part out, shortens it, or has letters that look alike.
    Maybe,
    /// They are one name in two spellings.
    Same,
}

impl Name {
    /// Reads a name: spaces around it and runs of spaces within it do not count.
    ///
    /// # Errors
    ///
    /// [`Refusal::NameMissing`] also where it has no letter, [`Refusal::NameTooLong`] beyond
    /// [`LONGEST_NAME`] characters, and [`Refusal::TextNotPlain`] for line breaks, other control
    /// characters and marks that nobody sees.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let name = Self(read_line(text)?);
        // A name that nothing can be compared by is none: symbols, or marks above nothing.
        if name.key().is_empty() {
            return Err(Refusal::NameMissing);
        }
        Ok(name)
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

    /// What two ways to write the same name share, its parts in the order they are written in: for
    /// comparison, searching and sorting only.
    #[must_use]
    pub fn key(&self) -> String {
        fold::words(&self.0).join(" ")
    }

    /// The same whatever the order of its parts: for comparison only.
    #[must_use]
    pub fn person_key(&self) -> String {
        let mut words = fold::words(&self.0);
        words.sort_unstable();
        words.join(" ")
    }

    /// Its words as they are compared, without titles and initials.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let mut words = untitled(&self.0);
        words.retain(|it| it.chars().count() > 1);
        words
    }

    /// The first name as it is compared: the first word that is no title, after a comma where there is
    /// one; nothing where that is an initial, or no other name stands beside it.
    pub(crate) fn given(&self) -> Option<String> {
        let behind = self.0.split_once(',').map(|(_, behind)| untitled(behind));
        let behind = behind.filter(|it| !it.is_empty());
        let words = behind.unwrap_or_else(|| untitled(&self.0));
        let given = words.into_iter().find(|it| !is_between(it))?;
        let is_alone = self.only_word().as_ref() == Some(&given);
        (given.chars().count() > 1 && !(is_alone && self.has_title())).then_some(given)
    }

    /// Whether it begins or ends with a title: a word alone beside it is a last name.
    fn has_title(&self) -> bool {
        fold::words(&self.0).len() > untitled(&self.0).len()
    }

    /// Its only word that is no title, where there is one alone.
    pub(crate) fn only_word(&self) -> Option<String> {
        let mut words = untitled(&self.0).into_iter();
        let only = words.next()?;
        words.next().is_none().then_some(only)
    }

    /// The last name: the last word, or what stands before a comma.
    fn last(&self) -> Option<String> {
        let before = self.0.split_once(',').map_or(&*self.0, |(last, _)| last);
        untitled(before).pop()
    }

    /// Whether somebody may be meant who is called something like this: one word alone is a last name,
    /// and a Mrs is no Mr.
    pub(crate) fn may_be_meant_by(&self, other: &Self) -> bool {
        let one_word = match (self.only_word(), other.only_word()) {
            (Some(_), Some(_)) | (None, None) => true,
            (Some(word), None) => other
                .last()
                .is_some_and(|it| fold::loosely(&it) == fold::loosely(&word)),
            (None, Some(word)) => self
                .last()
                .is_some_and(|it| fold::loosely(&it) == fold::loosely(&word)),
        };
        one_word && !self.has_another_title(other)
    }

    /// Whether both are the same but for what stands before one of them: `Mrs Anna Kim` and `Anna Kim`.
    pub(crate) fn is_same_untitled(&self, other: &Self) -> bool {
        let [one, two] = [self, other].map(|it| {
            let mut words = fold::words(&it.0);
            let is_before = |it: &String| {
                matches!(
                    it.as_str(),
                    "mr" | "mrs" | "ms" | "miss" | "mx" | "dr" | "prof"
                ) || is_foreign_title(it)
            };
            while words.len() > 2 && words.first().is_some_and(is_before) {
                words.remove(0);
            }
            words
        });
        one.len() > 1 && is_same(&one, &two) && !self.has_another_title(other)
    }

    /// Whether one is a Mr and the other a Mrs.
    pub(crate) fn has_another_title(&self, other: &Self) -> bool {
        let title = |name: &Self| {
            let words = fold::words(&name.0).into_iter();
            words.take(1).find_map(|it| match it.as_str() {
                "mr" | "sir" | "herr" | "monsieur" | "senor" | "sr" | "dhr" => Some(true),
                "mrs" | "ms" | "miss" | "frau" | "madame" | "mademoiselle" | "mme" | "mlle"
                | "senora" | "sra" | "srta" | "mevr" | "mevrouw" | "mw" => Some(false),
                _ => None,
            })
        };
        matches!((title(self), title(other)), (Some(one), Some(two)) if one != two)
    }

    /// Whether another name may be this one.
    #[must_use]
    pub fn likeness(&self, other: &Self) -> Option<Likeness> {
        let (one, two) = (fold::words(&self.0), fold::words(&other.0));
        if is_same(&one, &two) {
            return Some(Likeness::Same);
        }
        let loose = |name: &Self| -> Vec<String> {
            let words = untitled(&name.0).into_iter();
            words.map(|it| fold::loosely(&it)).collect()
        };
        let (one, two) = (loose(self), loose(other));
        (is_same(&one, &two) || leaves_out(&one, &two)).then_some(Likeness::Maybe)
    }
}

/// Whether both are the same words in any order, or the same letters with other spaces between
/// them, from whichever word on.
fn is_same(one: &[String], two: &[String]) -> bool {
    let sorted = |words: &[String]| {
        let mut words = words.to_vec();
        words.sort_unstable();
        words
    };
    if one.is_empty() || two.is_empty() {
        return false;
    }
    let (whole, other) = (one.concat(), two.concat());
    sorted(one) == sorted(two)
        || (whole.len() == other.len() && format!("{whole}{whole}").contains(&other))
}

/// Whether every word of the shorter is in the longer, or the beginning of one there: one of them
/// whole.
fn leaves_out(one: &[String], two: &[String]) -> bool {
    let (shorter, longer) = if one.len() <= two.len() {
        (one, two)
    } else {
        (two, one)
    };
    let mut left: Vec<&String> = longer.iter().collect();
    let mut has_whole = false;
    // Whole words first, so that an initial does not take what a whole word needs.
    let (whole, parts): (Vec<_>, Vec<_>) = shorter.iter().partition(|it| longer.contains(it));
    for word in whole.into_iter().chain(parts) {
        let fits = |it: &&String| begins(it, word) || begins(word, it);
        let found = left
            .iter()
            .position(|it| *it == word)
            .or_else(|| left.iter().position(fits));
        let Some(found) = found else {
            return false;
        };
        has_whole |= left.swap_remove(found) == word && word.chars().count() > 1;
    }
    has_whole
}

/// Whether `whole` begins with `part`, or does so after a particle that stands before an apostrophe
/// (`O'Brien`, `D'Souza`) and is left out by many.
fn begins(whole: &str, part: &str) -> bool {
    let particle = whole.strip_prefix(['o', 'd', 'l']);
    whole.starts_with(part) || particle.is_some_and(|it| it.len() > 3 && it == part)
}

/// Its words without titles.
fn untitled(name: &str) -> Vec<String> {
    let mut words = fold::words(name);
    if words.len() > 1 && words.first().is_some_and(|it| is_foreign_title(it)) {
        words.remove(0);
    }
    words.retain(|it| !is_title(it));
    words
}

/// What stands before a name in German, French, Spanish and Dutch. Elsewhere in it, it may be a name.
fn is_foreign_title(word: &str) -> bool {
    matches!(
        word,
        "herr"
            | "frau"
            | "monsieur"
            | "madame"
            | "mademoiselle"
            | "mme"
            | "mlle"
            | "senor"
            | "senora"
            | "sra"
            | "srta"
            | "dhr"
            | "mevr"
            | "mevrouw"
            | "mw"
    )
}

/// What stands between the names of two people.
fn is_between(word: &str) -> bool {
    matches!(word, "and" | "und" | "et" | "en")
}

/// What stands before or after a name and is none.
fn is_title(word: &str) -> bool {
    matches!(
        word,
        "mr" | "mrs"
            | "ms"
            | "miss"
            | "mx"
            | "dr"
            | "prof"
            | "professor"
            | "sir"
            | "dame"
            | "lord"
            | "lady"
            | "rev"
            | "revd"
            | "reverend"
            | "jr"
            | "jnr"
            | "sr"
            | "snr"
            | "junior"
            | "senior"
    )
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
    /// Reads a label, by the rules of [`Name::read`]; it needs no letter.
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

    /// What two ways to write the same label share: for comparison only.
    #[must_use]
    pub fn key(&self) -> String {
        fold::line(&self.0)
    }
}

/// One line: composed, trimmed, single spaces, nothing that controls or hides.
fn read_line(text: &str) -> Result<String, Refusal> {
    let text = seen::composed(text.trim());
    if text.is_empty() {
        return Err(Refusal::NameMissing);
    }
    if seen::hides_something(&text) {
        return Err(Refusal::TextNotPlain);
    }
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_mark = |it: char| it.general_category_group() == GeneralCategoryGroup::Mark;
    if line.chars().all(|it| it == ' ' || is_mark(it)) {
        return Err(Refusal::NameMissing);
    }
    if line.chars().count() > LONGEST_NAME {
        return Err(Refusal::NameTooLong);
    }
    Ok(line)
}
