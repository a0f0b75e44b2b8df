//! What the post says, in every language.
//!
//! The texts are those named `post_…` in the files that hold the texts of the pages, one a language
//! (`web/src/text`), in ICU `MessageFormat`; the tests there hold each language to be whole. No sentence is
//! read by anybody that is not from here: [`Said`] is made of these texts alone, and of what people wrote.

mod plural;
mod read;
mod said;
#[cfg(test)]
mod tests;

pub(crate) use said::{Said, escaped};

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::Date;

use plural::Rules;
use read::Piece;

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// Where a text is missing, and where nobody said what they read.
const ENGLISH: &str = "en";

/// Languages that are written from right to left.
const RIGHT_TO_LEFT: [&str; 10] = ["ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"];

/// What is put into a text.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    /// What people wrote, or a time: it runs in its own direction.
    Own(&'a str),
    /// What a text said.
    Said(&'a Said),
    /// A number, which may choose among the words.
    Count(i64),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(words: &'a str) -> Self {
        Self::Own(words)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(words: &'a String) -> Self {
        Self::Own(words)
    }
}

impl<'a> From<&'a Said> for Value<'a> {
    fn from(said: &'a Said) -> Self {
        Self::Said(said)
    }
}

impl From<i64> for Value<'_> {
    fn from(count: i64) -> Self {
        Self::Count(count)
    }
}

/// What is put into a text, by name.
pub(crate) type Values<'a> = [(&'static str, Value<'a>)];

/// A language that the post writes.
pub(crate) struct Language {
    tag: &'static str,
    texts: BTreeMap<String, Vec<Piece>>,
    plurals: Rules,
}

static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
    let files = FILES.iter();
    files
        .map(|(tag, texts)| Language::parse(tag, texts))
        .collect()
});

impl Language {
    /// The one of this tag (BCP 47), or the nearest that there is: without a region, else English.
    pub(crate) fn of(tag: Option<&str>) -> &'static Self {
        let tag = tag.unwrap_or(ENGLISH);
        let broad = tag.split_once('-').map_or(tag, |(language, _)| language);
        let find = |tag: &str| LANGUAGES.iter().find(|it| it.tag.eq_ignore_ascii_case(tag));
        find(tag)
            .or_else(|| find(broad))
            .unwrap_or_else(|| Self::english())
    }

    fn english() -> &'static Self {
        let english = LANGUAGES.iter().find(|it| it.tag == ENGLISH);
        #[expect(clippy::expect_used, reason = "a test reads it")]
        english.expect("there is an English file")
    }

    #[expect(clippy::expect_used, reason = "a test reads every file")]
    fn parse(tag: &'static str, texts: &str) -> Self {
        let texts: BTreeMap<String, String> =
            serde_json::from_str(texts).expect("a file of texts is an object of texts");
        let texts = texts
            .into_iter()
            .map(|(key, words)| (key, read::read(&words).expect("a text can be read")))
            .collect();
        Self {
            tag,
            texts,
            plurals: Rules::of(tag).expect("the numbers of every language are known"),
        }
    }

    /// Its tag (BCP 47).
    pub(crate) const fn tag(&self) -> &'static str {
        self.tag
    }

    pub(crate) fn is_right_to_left(&self) -> bool {
        let broad = self.tag.split_once('-');
        let broad = broad.map_or(self.tag, |(language, _)| language);
        RIGHT_TO_LEFT.contains(&broad)
    }

    /// The text of that name.
    pub(crate) fn say(&self, key: &str, values: &Values<'_>) -> Said {
        let mut said = Said::default();
        match self.texts.get(key) {
            Some(pieces) => self.put(&mut said, pieces, values, 0),
            None => Self::english().put(&mut said, Self::english().pieces(key), values, 0),
        }
        said
    }

    fn pieces(&self, key: &str) -> &[Piece] {
        let pieces = self.texts.get(key);
        #[expect(
            clippy::expect_used,
            reason = "a test looks for every name in the sources"
        )]
        pieces.expect("every text is there in English")
    }

    fn put(&self, said: &mut Said, pieces: &[Piece], values: &Values<'_>, count: i64) {
        for piece in pieces {
            match piece {
                Piece::Words(words) => said.push(words),
                Piece::Number => said.push(&count.to_string()),
                Piece::Value(name) => match value(name, values) {
                    Value::Own(words) => said.push_own(words),
                    Value::Said(words) => said.push_said(words),
                    Value::Count(count) => said.push(&count.to_string()),
                },
                Piece::Plural(name, forms) => {
                    let count = match value(name, values) {
                        Value::Count(count) => count,
                        Value::Own(_) | Value::Said(_) => 0,
                    };
                    self.put(said, self.form(forms, count), values, count);
                }
            }
        }
    }

    fn form<'a>(&self, forms: &'a BTreeMap<String, Vec<Piece>>, count: i64) -> &'a [Piece] {
        let category = self.plurals.form(count.unsigned_abs()).name();
        let exact = forms.get(&format!("={count}"));
        let form = exact.or_else(|| forms.get(category));
        form.or_else(|| forms.get("other")).map_or(&[], |it| it)
    }

    /// `Thursday 19 November 2026`.
    pub(crate) fn date(&self, date: Date) -> Said {
        let weekday = self.one_of("post_weekdays", date.weekday().to_monday_zero_offset());
        let month = self.one_of("post_months", date.month() - 1);
        let values = [
            ("weekday", Value::Said(&weekday)),
            ("day", i64::from(date.day()).into()),
            ("month", Value::Said(&month)),
            ("year", i64::from(date.year()).into()),
        ];
        self.say("post_date", &values)
    }

    /// Of a list of words, the one at this place.
    #[expect(clippy::expect_used, reason = "a test counts them in every language")]
    fn one_of(&self, key: &str, index: i8) -> Said {
        let all = self.say(key, &[]);
        let one = usize::try_from(index).ok().and_then(|it| all.nth(it));
        one.expect("there are seven days and twelve months")
    }

    /// `Ana Santos, Ben Santos and Cem Demir`; nothing of nobody.
    pub(crate) fn names(&self, names: &[&str]) -> Said {
        let Some((last, first)) = names.split_last() else {
            return Said::default();
        };
        let last = Said::by_people(last);
        let joined = first
            .iter()
            .map(|it| Said::by_people(it))
            .reduce(|all, one| {
                self.say(
                    "post_names",
                    &[("first", (&all).into()), ("last", (&one).into())],
                )
            });
        match joined {
            None => last,
            Some(first) => {
                let values = [("first", (&first).into()), ("last", (&last).into())];
                self.say("post_names_last", &values)
            }
        }
    }
}

/// What is put in at this name.
fn value<'a>(name: &str, values: &Values<'a>) -> Value<'a> {
    let found = values.iter().find(|(one, _)| *one == name);
    #[expect(
        clippy::expect_used,
        reason = "a test says every text with what it is given"
    )]
    found
        .map(|(_, value)| *value)
        .expect("a text is given what it puts in")
}
