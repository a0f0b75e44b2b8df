//! A link's public half, and what is kept of it.

use std::fmt;
use std::str::FromStr;

use rand::CryptoRng;

use crate::keyring::KeyId;
use crate::secret::Secret;
use crate::text;

/// How many characters 40 bits take.
const LENGTH: usize = 8;

/// Names a link: 40 bits, 8 characters. It finds a link and opens nothing.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LinkId(u64);

impl LinkId {
    pub(crate) const ZERO: Self = Self(0);

    /// A random name. Whoever keeps records draws again where it is taken.
    #[must_use]
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        Self(rng.next_u64() >> 24)
    }

    /// As a number below 2^40.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The link of that number, if it is below 2^40.
    #[must_use]
    pub const fn from_number(number: u64) -> Option<Self> {
        if number >> 40 == 0 {
            Some(Self(number))
        } else {
            None
        }
    }
}

impl fmt::Display for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::write(u128::from(self.0), LENGTH))
    }
}

impl FromStr for LinkId {
    type Err = NoSuchLink;

    fn from_str(text: &str) -> Result<Self, NoSuchLink> {
        let number = text::read(text, LENGTH).and_then(|it| u64::try_from(it).ok());
        number.and_then(Self::from_number).ok_or(NoSuchLink)
    }
}

/// What is kept of a link: enough to make its secret again with the server's keys, and not without.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Record {
    /// Which link.
    pub id: LinkId,
    /// Raised to kill the secrets made before.
    pub version: u32,
    /// The key its secret was made with.
    pub key: KeyId,
}

/// No link opens with this: it is unknown, mistyped, withdrawn or expired. One answer for all.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no such link")]
pub struct NoSuchLink;

/// `/j/<id>#<secret>`: a whole link but for the host. It prints without its secret.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LinkPath {
    id: LinkId,
    secret: Secret,
}

impl LinkPath {
    pub(crate) const fn new(id: LinkId, secret: Secret) -> Self {
        Self { id, secret }
    }

    /// The link with its secret: for the e-mail, letter or panel that carries it to its holder.
    #[must_use]
    pub fn expose(&self) -> String {
        format!("/j/{}#{}", self.id, self.secret.expose())
    }
}
