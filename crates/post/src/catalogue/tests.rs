use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::plural::{Form, Rules};
use super::read::{Unreadable, read};
use super::*;

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
const CATALOGUES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/src/text");

fn files_in(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let (folders, files): (Vec<_>, Vec<_>) = paths.partition(|it| it.is_dir());
    let files = files.into_iter();
    let files = files.filter(|it| it.extension().is_some_and(|it| it == extension));
    let within = folders.iter().flat_map(|it| files_in(it, extension));
    files.chain(within).collect()
}

/// What the sources of this crate hold between quotation marks, without their tests.
fn quoted_in_sources() -> Vec<(PathBuf, String)> {
    let files = files_in(Path::new(SOURCES), "rs");
    let files = files.into_iter().filter(|it| !it.ends_with("tests.rs"));
    let all = files.flat_map(|path| {
        let source = fs::read_to_string(&path).expect("a source");
        let program = source.split("#[cfg(test)]\nmod tests {").next();
        let quoted = strings(program.unwrap_or_default());
        quoted
            .into_iter()
            .map(move |it| (path.clone(), it))
            .collect::<Vec<_>>()
    });
    all.collect()
}

/// The string literals of a source that are read by people: those that the compiler, the log or a
/// mail server is told, or that say why something holds, are not.
fn strings(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (mut rest, mut before) = (source, String::new());
    while let Some(at) = rest.find(['"', '/', '\'']) {
        let (skipped, here) = rest.split_at(at);
        before.push_str(skipped);
        let after = if here.starts_with("//") {
            here.split_once('\n').map_or("", |(_, after)| after)
        } else if let Some(text) = here.strip_prefix('"') {
            let (text, after) = until_quote(text);
            found.push((before.clone(), text));
            before.push('"');
            after
        } else if here.starts_with("'\"'") {
            here.get(3..).unwrap_or_default()
        } else {
            here.get(1..).unwrap_or_default()
        };
        rest = after;
    }
    let is_ours = |before: &str| {
        let call = before.trim_end().trim_end_matches('"');
        let call: String = call
            .chars()
            .rev()
            .take(60)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        [
            "expect(",
            "#[error(",
            "reason =",
            "tracing::",
            "Broken(",
            "refused(",
            "concat!(",
        ]
        .iter()
        .any(|it| call.rsplit(';').next().unwrap_or_default().contains(it))
    };
    let read = found.into_iter().filter(|(before, _)| !is_ours(before));
    read.map(|(_, text)| text).collect()
}

fn until_quote(text: &str) -> (String, &str) {
    let mut is_escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '"' if !is_escaped => {
                let (inside, after) = text.split_at(at);
                return (inside.to_owned(), after.get(1..).unwrap_or_default());
            }
            letter => is_escaped = letter == '\\' && !is_escaped,
        }
    }
    (text.to_owned(), "")
}

#[test]
fn what_the_sources_say_is_there_and_nothing_else() {
    let named: BTreeSet<_> = quoted_in_sources()
        .into_iter()
        .map(|(_, text)| text)
        .filter(|it| it.starts_with("post_"))
        .collect();
    let there: BTreeSet<_> = Language::english().texts.keys().cloned().collect();
    assert_eq!(named, there);
}

#[test]
fn every_language_of_the_pages_is_there_with_all_that_its_file_says() {
    let files = files_in(Path::new(CATALOGUES), "json");
    assert_eq!(files.len(), LANGUAGES.len());
    assert!(files.len() >= 10);
    for file in files {
        let tag = file.file_stem().and_then(|it| it.to_str()).expect("a tag");
        let language = Language::of(Some(tag));
        assert_eq!(language.tag(), tag);
        let all = fs::read_to_string(&file).expect("a file");
        let all: BTreeMap<String, String> = serde_json::from_str(&all).expect("texts");
        let ours: BTreeSet<_> = all.keys().filter(|it| it.starts_with("post_")).collect();
        assert_eq!(language.texts.keys().collect::<BTreeSet<_>>(), ours);
        for (key, count) in [("post_months", 12), ("post_weekdays", 7)] {
            let words = language.say(key, &[]);
            let there = (0..).map_while(|it| words.nth(it)).count();
            assert_eq!(there, count, "{key} in {tag}");
        }
    }
}

#[test]
fn no_sentence_stands_outside_of_the_catalogues() {
    // Of what is written for people; what is logged, or told to the office of a mail server, is English.
    let written = [
        "calendar.rs",
        "compose.rs",
        "guest.rs",
        "office.rs",
        "register.rs",
        "text_words.rs",
        "times.rs",
        "wording.rs",
        "catalogue.rs",
        "said.rs",
    ];
    let all = quoted_in_sources();
    let is_written = |path: &Path| written.iter().any(|it| path.ends_with(it));
    assert!(
        written
            .iter()
            .all(|it| all.iter().any(|(path, _)| path.ends_with(it)))
    );
    let sentences: Vec<_> = all
        .iter()
        .filter(|(path, text)| is_written(path) && is_prose(text))
        .collect();
    assert!(sentences.is_empty(), "{sentences:#?}");
}

/// Two words or more, side by side.
fn is_prose(text: &str) -> bool {
    let is_word = |it: &&str| it.len() > 1 && it.chars().all(char::is_alphabetic);
    let words: Vec<_> = text.split([' ', ':', '.', ',']).collect();
    words.windows(2).any(|two| two.iter().all(is_word))
}

#[test]
fn numbers_choose_the_words_of_each_language() {
    // As browsers choose them (CLDR), which the pages ask.
    for (tag, forms) in [
        ("en", "other one other other other other other other other"),
        ("cy", "zero one two few other many other other other"),
        ("pl", "many one few few many many many few many"),
        ("ro", "few one few few few few few other other"),
        ("ur", "other one other other other other other other other"),
        ("ar", "zero one two few few few many many other"),
        ("uk", "many one few few many many many few many"),
        ("pt", "one one other other other other other other other"),
        ("fr", "one one other other other other other other other"),
        ("de", "other one other other other other other other other"),
    ] {
        let language = Language::of(Some(tag));
        let text =
            "{n, plural, zero {zero} one {one} two {two} few {few} many {many} other {other}}";
        let pieces = read(text).expect("a text");
        let chosen = [0, 1, 2, 3, 5, 6, 11, 22, 100].map(|count| {
            let mut said = Said::default();
            language.put(&mut said, &pieces, &[("n", count.into())], 0);
            said.plain(language)
        });
        assert_eq!(chosen.join(" "), forms, "{tag}");
    }
    let million = |tag| Rules::of(tag).map(|it| it.form(2_000_000));
    assert_eq!(
        [million("fr"), million("en")],
        [Some(Form::Many), Some(Form::Other)]
    );
    let twenty_one = ["pl", "uk"].map(|tag| Rules::of(tag).map(|it| it.form(21)));
    assert_eq!(twenty_one, [Some(Form::Many), Some(Form::One)]);
}

fn said(language: &Language, text: &str, values: &Values<'_>) -> Said {
    let mut said = Said::default();
    let pieces = read(text).expect("a text");
    language.put(&mut said, &pieces, values, 0);
    said
}

#[test]
fn texts_are_read_as_they_are_written() {
    let english = Language::of(None);
    let of = |text, count: i64| said(english, text, &[("n", count.into())]).plain(english);
    assert_eq!(of("It's '{n}', '' and {n}", 3), "It's {n}, ' and 3");
    let plural = "{n, plural, =0 {none of '#'} one {# day's} other {{n} days, # in all}}!";
    assert_eq!(of(plural, 0), "none of #!");
    assert_eq!(of(plural, 1), "1 day's!");
    assert_eq!(of(plural, 2), "2 days, 2 in all!");
    for text in [
        "{",
        "}",
        "{n",
        "{}",
        "{n, date}",
        "{n, plural, one {#}}",
        "{n, plural, other {#}",
    ] {
        assert_eq!(read(text), Err(Unreadable), "{text}");
    }
}

#[test]
fn names_run_in_their_own_direction_and_turn_nothing_else_round() {
    let of = |language: &Language, name: &str| {
        let said = said(language, "({name}).", &[("name", name.into())]);
        (said.plain(language), said.html(language))
    };
    let (english, arabic) = (Language::of(Some("en-GB")), Language::of(Some("ar-EG")));
    assert_eq!((english.tag(), arabic.tag()), ("en", "ar"));
    let both = |plain: &str, html: &str| (plain.to_owned(), html.to_owned());
    assert_eq!(of(english, "Ana"), both("(Ana).", "(Ana)."));
    assert_eq!(
        of(english, "آنا"),
        both("(\u{2068}آنا\u{2069}).", "(<bdi>آنا</bdi>).")
    );
    let sly = "A\u{2069}<b>\u{2068}";
    assert_eq!(
        of(arabic, sly),
        both("(\u{2068}A<b>\u{2069}).", "(<bdi>A&lt;b&gt;</bdi>).")
    );
    assert_eq!(Language::of(Some("xx-not-there")).tag(), "en");
}

#[test]
fn names_are_joined_and_days_are_called_as_the_language_does() {
    let date = jiff::civil::date(2026, 11, 19);
    for (tag, names, day) in [
        ("en", "A, B and C", "Thursday 19 November 2026"),
        ("pl", "A, B i C", "czwartek, 19 listopada 2026"),
        ("uk", "A, B і C", "четвер, 19 листопада 2026 р."),
        ("pt", "A, B e C", "quinta-feira, 19 de novembro de 2026"),
    ] {
        let language = Language::of(Some(tag));
        assert_eq!(language.names(&["A", "B", "C"]).plain(language), names);
        assert_eq!(language.date(date).plain(language), day);
        assert_eq!(language.names(&["A"]).plain(language), "A");
        assert!(language.names(&[]).is_empty());
    }
}
