//! The year that a student is in: "Year 7", "07", "7th grade", "Jahrgang 7" and "7" are one.

use crate::refusal::Refusal;
use crate::text::{line_key, read_line, unquoted};

/// What stands before a year, or behind it, as it is compared; longer ones first.
const WORDS: [&str; 20] = [
    "national curriculum year",
    "curriculum year",
    "school year",
    "year group",
    "year level",
    "grade level",
    "yeargroup",
    "jahrgangsstufe",
    "klassenstufe",
    "jahrgang",
    "nc year",
    "klasse",
    "stufe",
    "grade",
    "year",
    "ncy",
    "yr",
    "gr",
    "y",
    "g",
];

/// What some write for the hyphen before a number.
const MINUS: [char; 4] = ['\u{2010}', '\u{2011}', '\u{2013}', '\u{2212}'];

/// The farthest year before the first.
const FIRST_BEFORE: u16 = 4;

/// The highest number of a year, as schools count them: more is a mark.
const MOST: u16 = 20;

/// What makes a number the one in an order.
const ORDINALS: [&str; 5] = ["st", concat!("n", "d"), "rd", "th", "."];

/// The year that a source or somebody names: a number without zeros at its beginning where it is one,
/// and otherwise as it stands ("Reception", "KG"). None where there is none, or where it is the year
/// of a calendar ("2026", "2026/27").
///
/// # Errors
///
/// Those of [`read_line`].
pub fn read(text: &str) -> Result<Option<String>, Refusal> {
    let line = read_line(unquoted(text))?.replace(MINUS, "-");
    let year = bare(&line);
    let year = if year.is_empty() { line.as_str() } else { year };
    if year.is_empty() || is_of_calendar(year) {
        return Ok(None);
    }
    Ok(Some(number(year).unwrap_or_else(|| year.to_owned())))
}

/// What two ways to write a year share: for comparison only. The years before the first (-1, -2) are
/// not those after it.
#[must_use]
pub fn key(year: &str) -> String {
    before_first(year).unwrap_or_else(|| line_key(year))
}

/// Where a year stands in a list: those before the first, those without a number, then by number.
#[must_use]
pub fn order(year: &str) -> (i32, String) {
    (year.parse().unwrap_or_default(), key(year))
}

/// Whether it is what a teacher gives, and no year: `A+`, `F`, `87`, `93.5`, `17/20`.
#[must_use]
pub fn is_mark(text: &str) -> bool {
    let Ok(Some(year)) = read(text) else {
        return false;
    };
    let digits = year.trim_end_matches(|it: char| !it.is_ascii_digit());
    let is_fraction = |between| {
        let parts = digits.split_once(between);
        parts.is_some_and(|(one, other)| is_digits(one) && is_digits(other))
    };
    match year.parse::<i32>() {
        Ok(number) => number > i32::from(MOST),
        Err(_words) => {
            year.ends_with('%')
                || is_fraction('.')
                || is_fraction(',')
                || is_fraction('/')
                || is_letter_grade(&year)
        }
    }
}

/// One letter of those that stand for marks, with what makes it better or worse.
fn is_letter_grade(year: &str) -> bool {
    let mut letters = year.chars();
    let first = letters.next().map(|it| it.to_ascii_uppercase());
    first.is_some_and(|it| matches!(it, 'A'..='F' | 'U'))
        && letters.all(|it| matches!(it, '+' | '-' | '*'))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit())
}

/// Whether the hyphen behind a word stands between it and a year: `Year -7`. Where a list writes so, its
/// `Year -1` is the first.
#[must_use]
pub fn is_dashed(text: &str) -> bool {
    let line = read_line(unquoted(text))
        .unwrap_or_default()
        .replace(MINUS, "-");
    let behind = line.split_once(" -").map(|(_, number)| number.trim());
    behind.is_some_and(|it| it.parse().is_ok_and(|it: u16| it > FIRST_BEFORE))
}

/// Whether it names a school year and no other: `2026`, `2026/27`, `2026-2027`.
#[must_use]
pub fn of_calendar(text: &str) -> Option<String> {
    let line = read_line(unquoted(text)).ok()?.replace(MINUS, "-");
    let year = bare(&line);
    is_of_calendar(year).then(|| year.to_owned())
}

/// A year without the words around it.
fn bare(line: &str) -> &str {
    let mut year = line.trim();
    loop {
        let before = year;
        for word in WORDS {
            year = without_word(year, word);
        }
        if year == before {
            return year;
        }
    }
}

/// Without that word before or behind it, where it is a word of its own; a letter alone only before a
/// number.
fn without_word<'a>(year: &'a str, word: &str) -> &'a str {
    let is_word = |it: &str| it.eq_ignore_ascii_case(word);
    let head = year.get(..word.len()).filter(|it| is_word(it));
    if head.is_some()
        && let Some(rest) = year.get(word.len()..)
    {
        let rest_bare = without_separators(rest);
        let ends = rest_bare.len() < rest.len() && word.len() > 1;
        if ends || rest.starts_with(|it: char| it.is_ascii_digit()) {
            return rest_bare;
        }
    }
    let at = year.len().saturating_sub(word.len());
    match (year.get(at..), year.get(..at)) {
        (Some(tail), Some(rest)) if is_word(tail) && rest.ends_with(' ') => rest.trim_end(),
        (_, _) => year,
    }
}

/// Without what stands between the word and its year. In `Year -1` the hyphen is the year's, and not in
/// `Year-7` or `Year - 7`.
fn without_separators(rest: &str) -> &str {
    let bare = rest.trim_start_matches([' ', '.', ':', '-']);
    let hyphen = rest.len().saturating_sub(bare.len() + 1);
    match (rest.get(..hyphen), rest.get(hyphen..)) {
        (Some(before), Some(year))
            if before.ends_with([' ', ':']) && before_first(year).is_some() =>
        {
            year
        }
        (_, _) => bare,
    }
}

/// A year before the first, as England's systems number those of a nursery: `-1`, `-02`.
fn before_first(year: &str) -> Option<String> {
    let digits = year.strip_prefix('-').filter(|it| it.len() <= 2)?;
    let number: u16 = digits
        .parse()
        .ok()
        .filter(|it| (1..=FIRST_BEFORE).contains(it))?;
    Some(format!("-{number}"))
}

fn number(year: &str) -> Option<String> {
    if let Some(year) = before_first(year) {
        return Some(year);
    }
    let mut endings = ORDINALS.iter().filter_map(|it| year.strip_suffix(it));
    let digits = endings.next().unwrap_or(year);
    let is_number = (1..=3).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit());
    let number: Option<u16> = digits.parse().ok().filter(|_| is_number);
    number.map(|it| it.to_string())
}

fn is_of_calendar(year: &str) -> bool {
    let first = year.get(..4).unwrap_or_default();
    let rest = year.get(4..).unwrap_or_default();
    first.bytes().all(|it| it.is_ascii_digit())
        && (first.starts_with("19") || first.starts_with("20"))
        && !rest.starts_with(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::too_many_lines, reason = "it is a list")]
    fn a_year_is_one_however_it_is_written() {
        for text in [
            "7",
            "07",
            " 007 ",
            "7.0",
            "'07",
            "=\"07\"",
            "Year 7",
            "YEAR 07",
            "Yr 7",
            "Yr7",
            "Y7",
            "year-7",
            "Year: 7",
            "Grade 7",
            "gr. 7",
            "G7",
            "7th Grade",
            "7th",
            "7.",
            "7. Klasse",
            "Klasse 7",
            "Klassenstufe 7",
            "Jahrgang 7",
            "Jahrgangsstufe 07",
            "NC Year 7",
            "NCY 7",
            "Curriculum Year 7",
            "Year Group 7",
            "Year - 7",
            "Year -7",
        ] {
            assert_eq!(read(text), Ok(Some("7".to_owned())), "{text}");
        }
        for (text, year) in [
            ("Reception", "Reception"),
            ("Year R", "R"),
            ("R", "R"),
            ("Grade K", "K"),
            ("KG", "KG"),
            ("Nursery 1", "Nursery 1"),
            ("Year 7 and 8", "7 and 8"),
            ("Grünland", "Grünland"),
            ("Y", "Y"),
            ("Year", "Year"),
            ("0", "0"),
            ("13", "13"),
            ("-1", "-1"),
            ("-01", "-1"),
            ("\u{2212}1", "-1"),
            ("Year -1", "-1"),
            ("NCY: -2", "-2"),
        ] {
            assert_eq!(read(text), Ok(Some(year.to_owned())), "{text}");
        }
        for text in [
            "",
            "  ",
            "2026",
            "2026/27",
            "2026-2027",
            "School year 2026/27",
        ] {
            assert_eq!(read(text), Ok(None), "{text}");
        }
        assert_eq!(read(&"7".repeat(500)), Err(Refusal::TextTooLong));
    }

    #[test]
    fn years_are_in_their_order() {
        let mut years = ["10", "KG", "2", "-1", "R", "7", "-2"];
        years.sort_by_key(|it| order(it));
        assert_eq!(years, ["-2", "-1", "KG", "R", "2", "7", "10"]);
    }

    #[test]
    fn a_year_before_the_first_is_none_after_it() {
        for (one, other) in [("-1", "1"), ("-1", "-2"), ("-2", "2")] {
            assert_ne!(key(one), key(other));
        }
        assert_eq!(key("Year R"), key("year-r"));
    }

    #[test]
    fn marks_are_told_from_years() {
        for mark in [
            "A", "b+", "A*", "F", "U", "87", "100", "93.5", "7,5", "17/20", "88%", "Grade C",
        ] {
            assert!(is_mark(mark), "{mark}");
        }
        for year in [
            "7",
            "07",
            "13",
            "K",
            "R",
            "PK",
            "-1",
            "Reception",
            "7th",
            "7.0",
            "",
            "2026",
            "Year 7",
        ] {
            assert!(!is_mark(year), "{year}");
        }
        for (text, year) in [("2026/27", "2026/27"), ("School year 2026", "2026")] {
            assert_eq!(of_calendar(text).as_deref(), Some(year), "{text}");
        }
        assert_eq!(of_calendar("7"), None);
    }
}
