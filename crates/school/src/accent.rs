//! A school's colour, and whether what stands on it and beside it can be read (WCAG 2.2, 1.4.3 and 1.4.11).

use std::fmt;

/// How much must stand between text and what is behind it.
pub const LEAST_CONTRAST: f64 = 4.5;

/// What light pages put on the colour, and behind it where it is that of words: paper, and its shade.
const LIGHT: [Colour; 2] = [Colour([0xff, 0xff, 0xff]), Colour([0xee, 0xf2, 0xf5])];

/// The same of dark pages: paper, its shade, and what is put on the colour.
const DARK: [Colour; 3] = [
    Colour([0x17, 0x1b, 0x20]),
    Colour([0x26, 0x2c, 0x33]),
    Colour([0x10, 0x20, 0x2d]),
];

const BLACK: Colour = Colour([0, 0, 0]);
const WHITE: Colour = Colour([0xff, 0xff, 0xff]);

/// A colour of the sRGB space.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Colour([u8; 3]);

/// A colour that can be read on light pages: what a school has chosen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Accent(Colour);

/// A colour cannot be read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TooFaint {
    /// How much stands between it and what it is seen on, at the worst; [`LEAST_CONTRAST`] is asked for.
    pub contrast: f64,
    /// The nearest shade of it that can be read.
    pub nearest: Accent,
}

impl Colour {
    /// Out of `#1d4f76`, as browsers write it.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        if digits.len() != 6 || !digits.bytes().all(|it| it.is_ascii_hexdigit()) {
            return None;
        }
        let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        Some(Self([part(0)?, part(2)?, part(4)?]))
    }

    /// The relative luminance (WCAG 2.2, "relative luminance").
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// The contrast ratio of two (WCAG 2.2, "contrast ratio"): from 1 to 21.
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// The least contrast with any of these.
    fn least(self, others: &[Self]) -> f64 {
        let all = others.iter().map(|it| self.contrast(*it));
        all.fold(f64::INFINITY, f64::min)
    }

    /// The same with some of another in it: none of 100, or all of them.
    fn mixed(self, other: Self, percent: u16) -> Self {
        let mut parts = self.0;
        for (part, other) in parts.iter_mut().zip(other.0) {
            let mixed = u16::from(*part) * (100 - percent) + u16::from(other) * percent;
            *part = u8::try_from((mixed + 50) / 100).unwrap_or(u8::MAX);
        }
        Self(parts)
    }

    /// The same, with as little as it takes of another for it to be read on all of these.
    fn readable(self, towards: Self, on: &[Self]) -> Self {
        let shades = (0..=100).map(|percent| self.mixed(towards, percent));
        let mut fit = shades.filter(|it| it.least(on) >= LEAST_CONTRAST);
        fit.next().unwrap_or(towards)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Accent {
    /// A colour that can be read on light pages, and white on it.
    ///
    /// # Errors
    ///
    /// [`TooFaint`], with the nearest shade that can.
    pub fn of(colour: Colour) -> Result<Self, TooFaint> {
        let contrast = colour.least(&LIGHT);
        if contrast >= LEAST_CONTRAST {
            return Ok(Self(colour));
        }
        Err(TooFaint {
            contrast,
            nearest: Self(colour.readable(BLACK, &LIGHT)),
        })
    }

    /// The colour itself.
    #[must_use]
    pub const fn colour(self) -> Colour {
        self.0
    }

    /// A darker one, for what is pressed.
    #[must_use]
    pub fn deep(self) -> Colour {
        self.0.mixed(BLACK, 25)
    }

    /// The same where pages are dark: as much lighter as it takes.
    #[must_use]
    pub fn on_dark(self) -> Colour {
        self.0.readable(WHITE, &DARK)
    }

    /// A lighter one of that, for what is pressed there.
    #[must_use]
    pub fn deep_on_dark(self) -> Colour {
        self.on_dark().mixed(WHITE, 50)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(text: &str) -> Colour {
        Colour::read(text).expect("a colour")
    }

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        for (one, other, ratio) in [
            ("#000000", "#ffffff", 21.0),
            ("#ffffff", "#ffffff", 1.0),
            // Well-known neighbours of the limit.
            ("#767676", "#ffffff", 4.54),
            ("#777777", "#ffffff", 4.48),
            ("#ff0000", "#ffffff", 4.0),
        ] {
            let found = colour(one).contrast(colour(other));
            assert!((found - ratio).abs() < 0.005, "{one} on {other}: {found}");
            assert!((found - colour(other).contrast(colour(one))).abs() < 1e-9);
        }
    }

    #[test]
    fn what_is_no_colour_is_none() {
        for text in [
            "", "#", "#fff", "1d4f76", "#1d4f7", "#1d4f76a", "#1d4f7g", "red", "#+1+1+1",
        ] {
            assert_eq!(Colour::read(text), None, "{text}");
        }
        assert_eq!(colour("#1D4F76").to_string(), "#1d4f76");
    }

    /// Whatever somebody chooses, what is offered can be read, and so can what is made of it.
    #[test]
    fn every_shade_that_is_given_can_be_read() {
        let steps = || (0..=255_u8).step_by(15);
        for red in steps() {
            for green in steps() {
                for blue in steps() {
                    let chosen = Colour([red, green, blue]);
                    let accent = Accent::of(chosen).unwrap_or_else(|faint| {
                        assert!(faint.contrast < LEAST_CONTRAST);
                        faint.nearest
                    });
                    assert_eq!(Accent::of(accent.colour()), Ok(accent), "{chosen}");
                    for shade in [accent.colour(), accent.deep()] {
                        assert!(shade.least(&LIGHT) >= LEAST_CONTRAST, "{chosen}");
                    }
                    for shade in [accent.on_dark(), accent.deep_on_dark()] {
                        assert!(shade.least(&DARK) >= LEAST_CONTRAST, "{chosen}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_nearest_shade_is_the_first_that_can_be_read() {
        let faint = Accent::of(colour("#ff9900")).expect_err("faint");
        assert!((faint.contrast - 1.9).abs() < 0.05, "{}", faint.contrast);
        let nearest = faint.nearest.colour();
        assert!(
            nearest.least(&LIGHT) < 4.8,
            "no darker than it takes: {nearest}"
        );
        assert_eq!(
            Accent::of(colour("#1d4f76")).map(|it| it.colour()),
            Ok(colour("#1d4f76"))
        );
    }
}
