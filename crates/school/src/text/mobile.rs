//! Numbers that text messages are sent to.

use std::fmt;

use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, PhoneNumber, Type, country};

use super::seen;
use crate::refusal::Refusal;

/// The most digits of a number (ITU-T E.164 §6.2.1: 15), and what people type before them.
const MOST_DIGITS: usize = 20;

/// The longest that is looked at, in bytes.
pub const LONGEST_MOBILE: usize = 64;

/// The national numbers that Ofcom sets aside for examples and for drama, less their last three digits:
/// no telephone has one, and people try with them.
const EXAMPLES: u64 = 7_700_900;

/// The countries to whose numbers text messages are sent; a number without a country's code is one of
/// the first.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Countries(Vec<country::Id>);

impl Default for Countries {
    fn default() -> Self {
        Self(vec![country::Id::GB])
    }
}

impl Countries {
    /// Those of these ISO 3166 codes, such as `GB`; nothing where one is none, or there is none.
    #[must_use]
    pub fn of_codes<S: AsRef<str>>(codes: &[S]) -> Option<Self> {
        let all: Option<Vec<country::Id>> = codes
            .iter()
            .map(|code| code.as_ref().parse().ok())
            .map(|id| id.filter(|id: &country::Id| calling_code(*id).is_some()))
            .collect();
        all.filter(|all| !all.is_empty()).map(Self)
    }

    /// Whether numbers of that country are among them. The Crown dependencies have British numbers, at
    /// British prices.
    fn has(&self, country: country::Id) -> bool {
        let is_british = matches!(country, country::Id::GG | country::Id::JE | country::Id::IM);
        self.0.contains(&country) || (is_british && self.0.contains(&country::Id::GB))
    }
}

fn calling_code(id: country::Id) -> Option<u16> {
    DATABASE
        .by_id(id.as_ref())
        .map(phonenumber::Metadata::country_code)
}

/// A number that text messages can be sent to. It prints as `…`.
#[derive(Clone, Eq, PartialEq)]
pub struct Mobile(String);

impl Mobile {
    /// Reads a mobile number of one of these countries, as people write it: with spaces, hyphens,
    /// brackets, `(0)`, a `+` or `00` before the country's code.
    ///
    /// # Errors
    ///
    /// [`Refusal::MobileMissing`], [`Refusal::MobileInvalid`], [`Refusal::MobileElsewhere`] and
    /// [`Refusal::NotMobile`].
    pub fn read(text: &str, countries: &Countries) -> Result<Self, Refusal> {
        let text = seen::trimmed(text);
        if text.is_empty() {
            return Err(Refusal::MobileMissing);
        }
        let digits = dialled(text).ok_or(Refusal::MobileInvalid)?;
        let home = countries.0.first().copied();
        let number = phonenumber::parse(home, &digits).map_err(|_none| Refusal::MobileInvalid)?;
        // The region, and not the country's code: many share +1.
        let is_served = number.country().id().is_some_and(|it| countries.has(it));
        let is_example =
            number.country().code() == 44 && number.national().value() / 1000 == EXAMPLES;
        if is_example && countries.has(country::Id::GB) {
            return Ok(Self::of(&number));
        }
        if !is_served && number.is_valid() {
            return Err(Refusal::MobileElsewhere);
        }
        let kind = number.number_type(&DATABASE);
        if kind == Type::Unknown {
            return Err(Refusal::MobileInvalid);
        }
        let is_mobile = matches!(kind, Type::Mobile | Type::FixedLineOrMobile);
        if is_served && is_mobile {
            Ok(Self::of(&number))
        } else {
            Err(Refusal::NotMobile)
        }
    }

    fn of(number: &PhoneNumber) -> Self {
        Self(number.format().mode(Mode::E164).to_string())
    }

    /// The number as it was read and kept.
    #[must_use]
    pub fn kept(text: String) -> Self {
        Self(text)
    }

    /// The number with its country's code, as in `+447400123456` (E.164).
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Mobile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// The digits of a number that was typed, with a `+` before them where there was one. The library is
/// given nothing else to read.
fn dialled(text: &str) -> Option<String> {
    if text.len() > LONGEST_MOBILE {
        return None;
    }
    let plain = seen::of_usual_width(text).into_owned();
    // An exit code of most countries, and the national prefix that nobody dials after it.
    let plain = match plain.strip_prefix("00") {
        Some(rest) => format!("+{rest}"),
        None => plain,
    };
    let plain = if plain.starts_with('+') {
        plain.replacen("(0)", "", 1)
    } else {
        plain
    };
    let mut digits = String::with_capacity(MOST_DIGITS);
    for letter in plain.chars() {
        match letter {
            '0'..='9' => digits.push(letter),
            '+' if digits.is_empty() => digits.push('+'),
            ' ' | '\u{a0}' | '-' | '(' | ')' | '.' | '/' | '\u{2010}'..='\u{2015}' => {}
            _ => return None,
        }
    }
    (digits.len() <= MOST_DIGITS).then_some(digits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn british(text: &str) -> Result<String, Refusal> {
        Mobile::read(text, &Countries::default()).map(|it| it.reveal().to_owned())
    }

    #[test]
    fn british_mobiles_are_read_however_they_are_written() {
        for written in [
            "07400 123456",
            "07400123456",
            " +44 7400 123456 ",
            "+44 (0) 7400 123456",
            "0044 7400 123 456",
            "(07400) 123-456",
            "07400.123.456",
            "\u{ff10}7400 123456",
        ] {
            assert_eq!(
                british(written).as_deref(),
                Ok("+447400123456"),
                "{written}"
            );
        }
        assert_eq!(
            british("07700 900123").as_deref(),
            Ok("+447700900123"),
            "for examples"
        );
        assert_eq!(
            british("+44 7781 123456").as_deref(),
            Ok("+447781123456"),
            "Guernsey"
        );
    }

    #[test]
    fn everything_else_is_refused_with_its_reason() {
        assert_eq!(british("  "), Err(Refusal::MobileMissing));
        for wrong in [
            "0740012345",
            "074001234567",
            "999",
            "07400 12345x",
            "tel:07400123456;ext=1",
            "maria@example.com",
            "+",
            "+999 1234567",
            "07400+123456",
            &"0".repeat(65),
        ] {
            assert_eq!(british(wrong), Err(Refusal::MobileInvalid), "{wrong}");
        }
        for landline in ["020 7946 0123", "0800 111111", "070 7612 3456"] {
            assert_eq!(british(landline), Err(Refusal::NotMobile), "{landline}");
        }
        for abroad in ["+33 6 12 34 56 78", "+353 85 012 3456", "+1 202 555 0123"] {
            assert_eq!(british(abroad), Err(Refusal::MobileElsewhere), "{abroad}");
        }
    }

    #[test]
    fn other_countries_are_those_that_are_named() {
        let both = Countries::of_codes(&["IE", "GB"]).expect("countries");
        let read = |text| Mobile::read(text, &both).map(|it| it.reveal().to_owned());
        assert_eq!(read("085 012 3456").as_deref(), Ok("+353850123456"));
        assert_eq!(read("+44 7400 123456").as_deref(), Ok("+447400123456"));
        assert_eq!(read("+33 6 12 34 56 78"), Err(Refusal::MobileElsewhere));
        let states = Countries::of_codes(&["US"]).expect("a country");
        assert!(Mobile::read("(201) 555-0123", &states).is_ok());
        for beside in ["+1 876 210 1234", "+1 345 323 1234", "+1 506 234 5678"] {
            let read = Mobile::read(beside, &states);
            assert_eq!(
                read,
                Err(Refusal::MobileElsewhere),
                "{beside} is another country's"
            );
        }
        let guernsey = Countries::of_codes(&["GG"]).expect("a country");
        assert!(Mobile::read("+44 7781 123456", &guernsey).is_ok());
        let british = Mobile::read("+44 7400 123456", &guernsey);
        assert_eq!(british, Err(Refusal::MobileElsewhere));
        assert_eq!(Countries::of_codes(&["GB", "XX"]), None);
        assert_eq!(Countries::of_codes::<&str>(&[]), None);
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_makes_it_panic(text in "\\PC{0,40}|[0-9+() .;=a-z-]{0,40}") {
            if let Ok(number) = british(&text) {
                prop_assert_eq!(british(&number), Ok(number.clone()));
                prop_assert!(number.starts_with("+44"));
            }
        }
    }
}
