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
    let line = read_line(unquoted(text))?;
    let year = bare(&line);
    let year = if year.is_empty() { line.as_str() } else { year };
    if year.is_empty() || is_of_calendar(year) {
        return Ok(None);
    }
    Ok(Some(number(year).unwrap_or_else(|| year.to_owned())))
}

/// What two ways to write a year share: for comparison only.
#[must_use]
pub fn key(year: &str) -> String {
    line_key(year)
}

/// Where a year stands in a list: those without a number, as they come before the first, then by number.
#[must_use]
pub fn order(year: &str) -> (u32, String) {
    (year.parse().unwrap_or_default(), key(year))
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
        let rest_bare = rest.trim_start_matches([' ', '.', ':', '-']);
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

fn number(year: &str) -> Option<String> {
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
        let mut years = ["10", "KG", "2", "R", "7"];
        years.sort_by_key(|it| order(it));
        assert_eq!(years, ["KG", "R", "2", "7", "10"]);
    }
}
