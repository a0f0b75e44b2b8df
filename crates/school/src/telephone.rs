//! A telephone number that the school's records and a parent say each for themselves (DIR-12): where
//! they differ, the office says which is kept.

use crate::said::{Both, Standing, Word};
use crate::text::{Mobile, read_line};

/// The fewest digits of a number: less is a note, such as "n/a" or "ext 4".
const FEWEST_DIGITS: usize = 5;

/// The most characters of a number as people write it.
const LONGEST: usize = 60;

/// The fewest digits by which two ways to write a number are one, with the country and without.
const FEWEST_SHARED: usize = 7;

/// The most digits that stand for a country, with the zero that some write after them.
const MOST_OF_COUNTRY: usize = 4;

/// The number in a cell of a source; empty where there is none.
#[must_use]
pub fn read(cell: &str) -> String {
    let number = read_line(cell).unwrap_or_default();
    let is_number = digits(&number).len() >= FEWEST_DIGITS && number.chars().count() <= LONGEST;
    if is_number { number } else { String::new() }
}

/// Whether two are one number, however they are written: with or without spaces, the first zero (which
/// spreadsheets drop) and the country.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (digits(one), digits(other));
    let (long, short) = if one.len() < other.len() {
        (other, one)
    } else {
        (one, other)
    };
    let is_tail = short.len() >= FEWEST_SHARED
        && long.len() - short.len() <= MOST_OF_COUNTRY
        && long.ends_with(&short);
    long == short || is_tail
}

/// A number as it is written.
struct Number<'a>(&'a str);

impl Word for Number<'_> {
    fn is_same(&self, other: &Self) -> bool {
        is_same(self.0, other.0)
    }
}

fn digits(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    digits.trim_start_matches('0').to_owned()
}

/// What is said of somebody's number.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Telephones {
    /// Where text messages reach them, as the school's records have it: what they say themselves never
    /// takes its place.
    pub mobile: Option<Mobile>,
    /// What the school's records say, as a source said it last: their mobile number where it said no
    /// other; empty where none did.
    pub school: String,
    /// What they say themselves and share with the school; empty where they do not.
    pub own: String,
    /// The number of the school's records beside which the office has accepted theirs.
    pub accepted_beside: Option<String>,
}

impl Telephones {
    /// The number of the school's records that is not their mobile's as well; empty where there is none.
    #[must_use]
    pub fn beside_mobile(&self) -> &str {
        let mobile = self.mobile.as_ref().map(Mobile::reveal);
        let is_mobile = mobile.is_some_and(|it| is_same(it, &self.school));
        if is_mobile { "" } else { &self.school }
    }

    /// How theirs and those of the school's records stand to each other: it agrees with either of these.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let is_theirs = |number: &str| is_same(number, &self.own);
        let mobile = self.mobile.as_ref().map(Mobile::reveal);
        let is_known = is_theirs(&self.school) || mobile.is_some_and(is_theirs);
        if self.school.is_empty() || self.own.is_empty() || is_known {
            return Standing::Agreed;
        }
        let both = Both {
            own: Number(&self.own),
            school: Some(Number(&self.school)),
            accepted_beside: self.accepted_beside.as_deref().map(Number),
        };
        both.standing()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        let number = "01632 960123";
        for other in [
            "01632960123",
            "(01632) 960-123",
            "1632960123",
            "+44 1632 960123",
            "0044 1632 960123",
            "+44 (0)1632 960123",
        ] {
            assert!(is_same(number, other) && is_same(other, number), "{other}");
        }
        for other in ["01632 960124", "960123", "01632 960123 ext 4", ""] {
            assert!(
                !is_same(number, other) && !is_same(other, number),
                "{other}"
            );
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        assert_eq!(read("  01632  960123 "), "01632 960123");
        let long = "1".repeat(LONGEST + 1);
        for cell in ["", "n/a", "ext 4", "see notes", &long] {
            assert_eq!(read(cell), "", "{cell}");
        }
    }

    #[test]
    fn a_mobile_is_no_telephone_beside_itself() {
        for (school, beside) in [
            ("07400 123456", ""),
            ("01632 960001", "01632 960001"),
            ("", ""),
        ] {
            let telephones = Telephones {
                mobile: Some(Mobile::kept("+447400123456".to_owned())),
                school: school.to_owned(),
                ..Telephones::default()
            };
            assert_eq!(telephones.beside_mobile(), beside);
        }
    }

    #[test]
    fn what_was_accepted_beside_one_number_is_asked_beside_a_third() {
        let standing = |school: &str, own: &str, beside: Option<&str>| {
            Telephones {
                mobile: Some(Mobile::kept("+447400123456".to_owned())),
                school: school.to_owned(),
                own: own.to_owned(),
                accepted_beside: beside.map(str::to_owned),
            }
            .standing()
        };
        let (old, new, third) = ("01632 960001", "01632 960002", "01632 960003");
        assert_eq!(standing(old, "", None), Standing::Agreed);
        assert_eq!(standing("", new, None), Standing::Agreed);
        assert_eq!(standing(old, new, None), Standing::Asked);
        assert_eq!(standing(old, new, Some(old)), Standing::Accepted);
        assert_eq!(standing(third, new, Some(old)), Standing::Asked);
        assert_eq!(
            standing("+44 1632 960002", new, Some(old)),
            Standing::Agreed
        );
        // That of their mobile is in the school's records too.
        assert_eq!(standing(old, "07400 123456", None), Standing::Agreed);
        assert_eq!(standing(old, "none", None), Standing::Asked);
    }
}
