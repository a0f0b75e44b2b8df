//! Which form of a text a number takes (Unicode CLDR 48, plural rules of whole numbers).

/// The forms that there are, by their names in texts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    Zero,
    One,
    Two,
    Few,
    Many,
    Other,
}

impl Form {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::One => "one",
            Self::Two => "two",
            Self::Few => "few",
            Self::Many => "many",
            Self::Other => "other",
        }
    }
}

/// What a language does with numbers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Rules {
    Arabic,
    Polish,
    Romanian,
    /// Nothing, one, and a million and its like.
    Romance,
    Ukrainian,
    Welsh,
    /// One, and all others.
    OneAndOthers,
}

impl Rules {
    /// Those of a language, where they are known.
    pub(super) fn of(tag: &str) -> Option<Self> {
        Some(match tag {
            "ar" => Self::Arabic,
            "cy" => Self::Welsh,
            "pl" => Self::Polish,
            "ro" => Self::Romanian,
            "uk" => Self::Ukrainian,
            "fr" | "pt" => Self::Romance,
            "de" | "en" | "ur" => Self::OneAndOthers,
            _ => return None,
        })
    }

    pub(super) const fn form(self, count: u64) -> Form {
        match (self, count) {
            (Self::Arabic | Self::Welsh, 0) => Form::Zero,
            (Self::Arabic | Self::Welsh, 2) => Form::Two,
            (Self::Welsh, 3) => Form::Few,
            (Self::Welsh, 6) => Form::Many,
            (Self::Romance, 0) => Form::One,
            (
                Self::Arabic
                | Self::Welsh
                | Self::Romance
                | Self::Polish
                | Self::Romanian
                | Self::OneAndOthers,
                1,
            ) => Form::One,
            (Self::Arabic, _) => match count % 100 {
                3..=10 => Form::Few,
                11.. => Form::Many,
                _ => Form::Other,
            },
            (Self::Romance, _) if count.is_multiple_of(1_000_000) => Form::Many,
            (Self::Romanian, 0) => Form::Few,
            (Self::Romanian, _) => match count % 100 {
                1..=19 => Form::Few,
                _ => Form::Other,
            },
            (Self::Polish | Self::Ukrainian, _) => match (count % 10, count % 100) {
                (1, rest) if rest != 11 && matches!(self, Self::Ukrainian) => Form::One,
                (2..=4, 12..=14) => Form::Many,
                (2..=4, _) => Form::Few,
                _ => Form::Many,
            },
            (Self::Welsh | Self::Romance | Self::OneAndOthers, _) => Form::Other,
        }
    }
}
