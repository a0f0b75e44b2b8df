//! 128 bits that somebody has to show, in a type that does not show them.

use std::fmt;

use rand::CryptoRng;
use subtle::{Choice, ConstantTimeEq};

use crate::text;

/// How many characters 128 bits take.
const LENGTH: usize = 26;

/// 128 secret bits: a link's secret, a ticket or a resume secret. It can be formatted only as the
/// word `Secret`, and is compared in constant time.
#[derive(Clone)]
pub struct Secret([u8; 16]);

impl Secret {
    /// 128 random bits.
    #[must_use]
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; 16];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    pub(crate) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Reads what [`Secret::expose`] wrote; capitals and hyphens make no difference.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        text::read(text, LENGTH).map(|it| Self(it.to_be_bytes()))
    }

    /// The secret itself, 26 characters: for the one message that carries it to its holder.
    #[must_use]
    pub fn expose(&self) -> String {
        text::write(u128::from_be_bytes(self.0), LENGTH)
    }
}

impl ConstantTimeEq for Secret {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
