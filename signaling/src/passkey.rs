//! What a passkey shows this server: `WebAuthn` Level 2 (W3C Recommendation, 8 April 2021), as a second factor.
//!
//! No attestation is asked for, so what made a key is not known and not believed. The page sends a new key as its
//! browser reads it out of what the authenticator made (section 5.2.1.1), as a `SubjectPublicKeyInfo`: no CBOR is
//! read here. Whoever is here is known by their password already, so it is enough that they are there (the flag
//! UP); their browser asks for their finger or PIN where it can, which the server does not insist on.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    VerificationAlgorithm,
};
use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::origin::PublicUrl;

/// How long a challenge is, bytes: section 13.4.3 asks for 16 at least.
pub(crate) const CHALLENGE: usize = 32;

/// What an authenticator calls a passkey, bytes (section 4, credential ID: no more than this). At least 100 bits
/// of it are random.
const CREDENTIAL: std::ops::RangeInclusive<usize> = 13..=1023;

/// The longest client data, authenticator data, public key and signature that are looked at, bytes.
const LONGEST: usize = 4096;

/// The flags of section 6.1.
const PRESENT: u8 = 1;
const HAS_KEY: u8 = 1 << 6;

/// Why a passkey shows nothing.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub(crate) enum Unproven {
    /// It is not written as it should be.
    #[error("what a passkey shows cannot be read")]
    Unreadable,
    /// It was made for something else.
    #[error("a passkey was asked for something else")]
    Otherwise,
    /// It was asked by a page of another site.
    #[error("a passkey was asked by another site")]
    Elsewhere,
    /// Nobody was there.
    #[error("nobody was at a passkey")]
    Nobody,
    /// Nobody who has that key has signed it.
    #[error("a passkey has not signed")]
    Unsigned,
}

/// What is done with a passkey (section 5.8.1, `type`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ceremony {
    /// One is made.
    Create,
    /// One signs.
    Get,
}

impl Ceremony {
    const fn code(self) -> &'static str {
        match self {
            Self::Create => "webauthn.create",
            Self::Get => "webauthn.get",
        }
    }
}

/// How a passkey signs (RFC 9053; RFC 8812 section 2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Algorithm {
    /// ECDSA on P-256, with SHA-256: every authenticator does.
    Es256,
    /// Ed25519.
    EdDsa,
    /// RSA with PKCS #1 v1.5 and SHA-256: Windows Hello on older machines.
    Rs256,
}

impl Algorithm {
    /// All, the one that is wished most first.
    pub(crate) const ALL: [Self; 3] = [Self::Es256, Self::EdDsa, Self::Rs256];

    /// Its number in COSE.
    pub(crate) const fn number(self) -> i32 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
            Self::Rs256 => -257,
        }
    }

    /// The one of that number.
    pub(crate) fn of(number: i64) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|it| i64::from(it.number()) == number)
    }

    const fn verifies(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::Es256 => &ECDSA_P256_SHA256_ASN1,
            Self::EdDsa => &ED25519,
            Self::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
        }
    }
}

/// What passkeys are made for here: the relying party of the specification.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// Its name, to which passkeys are bound (the RP ID).
    pub(crate) domain: String,
    /// The only pages that may ask for them.
    origin: String,
}

impl Site {
    /// That of a server which is reached at `url`: none where browsers have no passkeys, at an address without a
    /// name, and where nothing is encrypted, but on the machine itself.
    pub(crate) fn of(url: &PublicUrl) -> Option<Self> {
        let domain = url.host();
        let last = domain.rsplit('.').next().unwrap_or_default();
        let is_address = domain.starts_with('[') || last.bytes().all(|it| it.is_ascii_digit());
        let is_safe = url.is_https() || domain == "localhost";
        (is_safe && !is_address).then(|| Self {
            domain: domain.to_owned(),
            origin: url.to_string(),
        })
    }
}

/// What the browser says that it asked a passkey (section 5.8.1).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    #[serde(rename = "type")]
    ceremony: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: Option<bool>,
}

/// The same, once it is known that a page of this server asked.
#[derive(Debug)]
pub(crate) struct Asked {
    challenge: [u8; CHALLENGE],
    hash: [u8; 32],
}

impl Asked {
    /// Section 7.1, steps 5 to 10, and section 7.2, steps 9 to 14, but the challenge, which whoever asked knows.
    pub(crate) fn read(
        client_data: &str,
        ceremony: Ceremony,
        site: &Site,
    ) -> Result<Self, Unproven> {
        let json = bytes(client_data)?;
        let said: ClientData =
            serde_json::from_slice(&json).map_err(|_odd| Unproven::Unreadable)?;
        if said.ceremony != ceremony.code() {
            return Err(Unproven::Otherwise);
        }
        if said.origin != site.origin || said.cross_origin == Some(true) {
            return Err(Unproven::Elsewhere);
        }
        let challenge = bytes(&said.challenge)?;
        Ok(Self {
            challenge: challenge
                .try_into()
                .map_err(|_length| Unproven::Otherwise)?,
            hash: Sha256::digest(&json).into(),
        })
    }

    /// What is kept of the challenge.
    pub(crate) fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.challenge).into()
    }
}

/// What an authenticator says (section 6.1).
struct AuthenticatorData<'d> {
    has_key: bool,
    count: u32,
    rest: &'d [u8],
}

impl<'d> AuthenticatorData<'d> {
    /// Section 7.1, steps 13 and 14, and section 7.2, steps 15 and 16.
    fn read(data: &'d [u8], site: &Site) -> Result<Self, Unproven> {
        let (domain, data) = data.split_first_chunk::<32>().ok_or(Unproven::Unreadable)?;
        let (flags, data) = data.split_first().ok_or(Unproven::Unreadable)?;
        let (count, rest) = data.split_first_chunk().ok_or(Unproven::Unreadable)?;
        if domain[..] != Sha256::digest(site.domain.as_bytes())[..] {
            return Err(Unproven::Elsewhere);
        }
        if flags & PRESENT == 0 {
            return Err(Unproven::Nobody);
        }
        Ok(Self {
            has_key: flags & HAS_KEY != 0,
            count: u32::from_be_bytes(*count),
            rest,
        })
    }

    /// What the authenticator calls the key that it has just made (section 6.5.1).
    fn credential(&self) -> Option<&'d [u8]> {
        let (_model, rest) = self.rest.split_first_chunk::<16>()?;
        let (length, rest) = rest.split_first_chunk()?;
        let length = usize::from(u16::from_be_bytes(*length));
        let credential = rest.get(..length)?;
        (self.has_key && CREDENTIAL.contains(&length)).then_some(credential)
    }
}

/// A passkey that was just made.
#[derive(Debug)]
pub(crate) struct Made {
    /// What its authenticator calls it.
    pub(crate) credential: Vec<u8>,
    /// Its `SubjectPublicKeyInfo`.
    pub(crate) public_key: Vec<u8>,
    /// How it signs.
    pub(crate) algorithm: Algorithm,
    /// What its authenticator counts.
    pub(crate) count: u32,
}

impl Made {
    /// Reads what a browser sends of it (section 7.1, steps 13 to 17). It has signed nothing yet.
    pub(crate) fn read(
        authenticator_data: &str,
        (public_key, algorithm): (&str, i64),
        site: &Site,
    ) -> Result<Self, Unproven> {
        let data = bytes(authenticator_data)?;
        let data = AuthenticatorData::read(&data, site)?;
        let credential = data.credential().ok_or(Unproven::Unreadable)?.to_vec();
        let public_key = bytes(public_key)?;
        let algorithm = Algorithm::of(algorithm).ok_or(Unproven::Otherwise)?;
        key(algorithm, &public_key)?;
        Ok(Self {
            credential,
            public_key,
            algorithm,
            count: data.count,
        })
    }
}

/// A passkey has signed what it was asked: how much its authenticator counts (section 7.2, steps 15 to 20).
pub(crate) fn signed(
    asked: &Asked,
    (authenticator_data, signature): (&str, &str),
    (algorithm, public_key): (Algorithm, &[u8]),
    site: &Site,
) -> Result<u32, Unproven> {
    let authenticator_data = bytes(authenticator_data)?;
    let data = AuthenticatorData::read(&authenticator_data, site)?;
    let message = [authenticator_data.as_slice(), &asked.hash].concat();
    key(algorithm, public_key)?
        .verify_sig(&message, &bytes(signature)?)
        .map_err(|_wrong| Unproven::Unsigned)?;
    Ok(data.count)
}

fn key(algorithm: Algorithm, public_key: &[u8]) -> Result<ParsedPublicKey, Unproven> {
    ParsedPublicKey::new(algorithm.verifies(), public_key).map_err(|_odd| Unproven::Unreadable)
}

/// Reads base64url, as browsers write it.
pub(crate) fn bytes(text: &str) -> Result<Vec<u8>, Unproven> {
    if text.len() > LONGEST.div_ceil(3) * 4 {
        return Err(Unproven::Unreadable);
    }
    let read = BASE64URL_NOPAD.decode(text.as_bytes());
    read.map_err(|_odd| Unproven::Unreadable)
}

/// Writes it.
pub(crate) fn text(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

#[cfg(test)]
mod tests;
