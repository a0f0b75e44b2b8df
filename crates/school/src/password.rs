//! What a password of staff must be; how it is kept is not known here.

mod common;

use std::collections::BTreeSet;

use crate::refusal::Refusal;
use crate::text;

/// The fewest characters.
pub const SHORTEST: usize = 12;

/// The most characters, so that hashing one has a bound.
pub const LONGEST: usize = 256;

/// How many letters that are none of the words that everybody guesses make a password one's own.
const LEAST_OWN: usize = 4;

/// How many characters that are part of no such word, of no year and of nothing that counts up or down do.
const LEAST_OWN_OF_ALL: usize = 7;

/// So many different words of those make a phrase that nobody guesses.
const PHRASE: usize = 4;

/// Checks a new password: its length, and that it is not one that everybody tries first
/// (NIST SP 800-63B §5.1.1.2).
///
/// # Errors
///
/// [`Refusal::PasswordTooShort`], [`Refusal::PasswordTooLong`] and [`Refusal::PasswordGuessable`].
pub fn check(password: &str) -> Result<(), Refusal> {
    check_for(password, &[])
}

/// The same, where `about` is what whoever knows the school would try: its name, and the name and
/// address of whose password it is.
///
/// # Errors
///
/// Those of [`check`].
pub fn check_for(password: &str, about: &[&str]) -> Result<(), Refusal> {
    let password = text::password(password);
    match password.chars().count() {
        0..SHORTEST => Err(Refusal::PasswordTooShort),
        SHORTEST..=LONGEST if is_guessable(&password, about) => Err(Refusal::PasswordGuessable),
        SHORTEST..=LONGEST => Ok(()),
        _ => Err(Refusal::PasswordTooLong),
    }
}

fn is_guessable(password: &str, about: &[&str]) -> bool {
    if is_pattern(password) || common::has(&text::line_key(password)) {
        return true;
    }
    let mut known: Vec<String> = COMMON.iter().map(|it| (*it).to_owned()).collect();
    for words in about {
        let words = text::sought(&words.replace(['@', '.'], " "));
        for word in words {
            let text::Sought::Words(word) = word else {
                continue;
            };
            known.extend(word.split(' ').map(str::to_owned));
        }
    }
    // The longest first, so that none leaves a piece of another.
    known.retain(|it| it.chars().count() > 2);
    known.sort_by_key(|it| std::cmp::Reverse(it.len()));
    let others = own_digits(password) + signs(password);
    // As it stands, and with the digits that stand for letters read as those.
    [letters(password), letters(&without_digits(password))]
        .into_iter()
        .any(|letters| {
            let is_common = others < LEAST_OWN_OF_ALL && common::has(&letters);
            is_common || is_made_of(letters, others, &known)
        })
}

/// Whether little is left of it without words that are known, and those are few; `others` are no letters.
fn is_made_of(mut letters: String, others: usize, known: &[String]) -> bool {
    let mut found = 0;
    for word in known {
        if letters.contains(word.as_str()) {
            found += 1;
            letters = letters.replace(word.as_str(), "");
        }
    }
    let left = letters.chars().count();
    found < PHRASE && left < LEAST_OWN && left + others < LEAST_OWN_OF_ALL
}

/// How many of its digits are in no year, count neither up nor down, and repeat nothing: as they stand, and
/// one after the other, where they are scattered among letters.
fn own_digits(password: &str) -> usize {
    let numbers = password.split(|it: char| !it.is_ascii_digit());
    let apart: usize = numbers.map(|number| own_of(number.as_bytes())).sum();
    let digits: String = password.chars().filter(char::is_ascii_digit).collect();
    apart.min(own_of(digits.as_bytes()))
}

fn own_of(number: &[u8]) -> usize {
    let repeated = (1..=number.len() / 2).find_map(|length| {
        let mut pieces = number.chunks(length);
        let piece = number.get(..length)?;
        pieces.all(|it| piece.starts_with(it)).then_some(piece)
    });
    let (mut own, mut rest) = (0, repeated.unwrap_or(number));
    while !rest.is_empty() {
        let length = year(rest).max(stairs(rest));
        own += usize::from(length == 0);
        rest = rest.get(length.max(1)..).unwrap_or_default();
    }
    own
}

/// How many digits the year that it begins with has.
fn year(digits: &[u8]) -> usize {
    match digits {
        [b'1', b'9', _, _, ..] | [b'2', b'0', _, _, ..] => 4,
        _ => 0,
    }
}

/// How many digits it begins with that each are the one before, or all its next, or all the last before it.
fn stairs(digits: &[u8]) -> usize {
    let step = |pair: &[u8]| match pair {
        // After nine comes nought.
        [one, two] => (i16::from(*two) - i16::from(*one) + 15) % 10 - 5,
        _ => 0,
    };
    let Some(first) = digits.get(..2).map(step).filter(|it| it.abs() <= 1) else {
        return 0;
    };
    let length = 1 + digits.windows(2).take_while(|it| step(it) == first).count();
    if length < 3 { 0 } else { length }
}

/// How many different signs are in it.
fn signs(password: &str) -> usize {
    let is_sign = |it: &char| !it.is_alphanumeric() && !it.is_whitespace();
    let signs: BTreeSet<char> = password.chars().filter(is_sign).collect();
    signs.len()
}

/// A few characters again and again, or one after the other.
fn is_pattern(password: &str) -> bool {
    let characters: Vec<char> = password.to_lowercase().chars().collect();
    let mut different = characters.clone();
    different.sort_unstable();
    different.dedup();
    let step = |pair: &[char]| match pair {
        [one, two] => i64::from(u32::from(*two)) - i64::from(u32::from(*one)),
        _ => 0,
    };
    let runs = characters.windows(2).map(step);
    let in_order = runs.filter(|it| it.abs() <= 1).count();
    different.len() < 5 || in_order * 3 > characters.len() * 2
}

/// Its letters, folded.
fn letters(password: &str) -> String {
    let folded = text::line_key(password);
    folded.chars().filter(|it| it.is_alphabetic()).collect()
}

/// With the letters that digits and signs commonly stand for.
fn without_digits(password: &str) -> String {
    let letter = |it| match it {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        '8' => 'b',
        it => it,
    };
    // A number behind it is one.
    let word = password.trim_matches(|it: char| !it.is_alphabetic());
    word.chars().map(letter).collect()
}

/// What the lists of stolen passwords are made of, and what offices of schools think of first.
const COMMON: &[&str] = &[
    "password",
    "passwort",
    "passcode",
    "passphrase",
    "passw",
    "pass",
    "letmein",
    "welcome",
    "qwertyuiop",
    "qwerty",
    "asdfghjkl",
    "asdfgh",
    "asdf",
    "zxcvbnm",
    "zxcvb",
    "qazwsxedc",
    "qazwsx",
    "qwert",
    "azerty",
    "qwertz",
    "abcdefgh",
    "abcdef",
    "abcd",
    "abc",
    "iloveyou",
    "loveyou",
    "love",
    "admin",
    "administrator",
    "administration",
    "login",
    "signin",
    "master",
    "root",
    "monkey",
    "dragon",
    "football",
    "baseball",
    "basketball",
    "sunshine",
    "princess",
    "superman",
    "batman",
    "spiderman",
    "pokemon",
    "starwars",
    "trustno",
    "shadow",
    "michael",
    "jordan",
    "ashley",
    "charlie",
    "thomas",
    "jessica",
    "daniel",
    "andrew",
    "george",
    "whatever",
    "secret",
    "changeme",
    "change",
    "default",
    "temporary",
    "temp",
    "test",
    "testing",
    "guest",
    "user",
    "hello",
    "computer",
    "internet",
    "google",
    "microsoft",
    "office",
    "windows",
    "london",
    "england",
    "britain",
    "scotland",
    "wales",
    "ireland",
    "manchester",
    "united",
    "liverpool",
    "arsenal",
    "chelsea",
    "everton",
    "tottenham",
    "celtic",
    "rangers",
    "summer",
    "winter",
    "autumn",
    "spring",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "school",
    "schools",
    "primary",
    "secondary",
    "academy",
    "college",
    "grammar",
    "high",
    "junior",
    "infant",
    "teacher",
    "teachers",
    "teaching",
    "head",
    "headteacher",
    "student",
    "students",
    "pupil",
    "pupils",
    "parent",
    "parents",
    "evening",
    "evenings",
    "class",
    "classroom",
    "homeroom",
    "reception",
    "staff",
    "the",
    "and",
    "year",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_length_counts() {
        assert_eq!(check("elevenchars"), Err(Refusal::PasswordTooShort));
        assert_eq!(check("twelve chars"), Ok(()));
        assert_eq!(check(&"él ".repeat(85)), Err(Refusal::PasswordGuessable));
        let long = "a train leaves at nine past four, ".repeat(8);
        let exact: String = long.chars().take(LONGEST).collect();
        assert_eq!(check(&exact), Ok(()));
        assert_eq!(check(&long), Err(Refusal::PasswordTooLong));
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "it is a list")]
    fn what_everybody_tries_first_is_none() {
        let about = [
            "Fairview High School",
            "Ada Lovelace",
            "ada.l@fairview.example",
        ];
        for guessable in [
            "Fairview2026",
            "F4irv1ew2026!",
            "fairviewschool",
            "FAIRVIEW-SCHOOL-2026",
            "AdaLovelace1815",
            "lovelace@fairview",
            "password1234",
            "P@ssw0rd12345",
            "Homeroom2026!",
            "Welcome12345",
            "qwertyuiop12",
            "123456789012",
            "abcdefghijkl",
            "aaaaaaaaaaaa",
            "121212121212",
            "Summer2026!!",
            "October-2026",
            "LetMeIn-2026",
            "123456789012345678",
            "202620252024",
            "829108291082910",
            "199019911992",
            "Password-1990-2026",
            "1q2w3e4r5t6y7u8i9o0p",
            "1qaz2wsx3edc4rfv",
            "1QAZ2wsx3EDC4rfv",
            "q1w2e3r4t5y6u7i8",
            "zaq12wsxcde3",
            "!QAZ2wsx#EDC4rfv",
            "qazxswedcvfr",
            "qwer1234asdf",
            "chocolate1234",
            "jennifer1234",
            "samantha1234",
            "christmas2025",
            "J\u{e9}nnifer1234",
            "Je\u{301}nnifer1234",
            "\u{ff4a}ennifer1234",
            "hd764nw5d7e1vb1",
            "sonyericsson",
            "s0nyer1c$$0n",
        ] {
            let refused = Err(Refusal::PasswordGuessable);
            assert_eq!(check_for(guessable, &about), refused, "{guessable}");
        }
        for own in [
            "correct horse battery",
            "Zo\u{eb} Jos\u{e9} and four words",
            "kittens-in-mittens",
            "x7Kp!vQ2mZ9w",
            "summer dragon reception london",
            "fairview has nine chimneys",
            "829104756193",
            "kettering81947605",
            "a kettle on the hob",
            "jennifer likes chocolate at christmas",
            "8a291047561930",
            "58309 21746 90385",
            "7!2$9#4@1%8&",
        ] {
            assert_eq!(check_for(own, &about), Ok(()), "{own}");
        }
    }
}
