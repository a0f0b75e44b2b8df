//! What an offer says of the transport: ICE and DTLS. It stands in a section or above all of them
//! (RFC 8839 §5.4, RFC 8842 §5.1), among much that is not for us.

use super::offer::{Credentials, refused};
use crate::handle::OfferRefused;

/// The most certificates that one offer may promise.
const MOST_FINGERPRINTS: usize = 8;

/// The transport attributes of one section, or of the session.
#[derive(Clone, Debug, Default)]
pub(super) struct Transport<'text> {
    fragment: Option<&'text str>,
    password: Option<&'text str>,
    setup: Option<&'text str>,
    fingerprints: Vec<[u8; 32]>,
}

impl<'text> Transport<'text> {
    /// Takes an attribute in, if it is of the transport. Of one that may stand but once the first
    /// counts.
    pub(super) fn take(&mut self, key: &str, value: &'text str) {
        match key {
            "ice-ufrag" => _ = self.fragment.get_or_insert(value),
            "ice-pwd" => _ = self.password.get_or_insert(value),
            "setup" => _ = self.setup.get_or_insert(value),
            "fingerprint" if self.fingerprints.len() < MOST_FINGERPRINTS => {
                self.fingerprints.extend(read_fingerprint(value));
            }
            _ => {}
        }
    }

    /// This, with what it leaves to `other`.
    pub(super) fn or(mut self, other: &Self) -> Self {
        self.fragment = self.fragment.or(other.fragment);
        self.password = self.password.or(other.password);
        self.setup = self.setup.or(other.setup);
        if self.fingerprints.is_empty() {
            self.fingerprints.clone_from(&other.fingerprints);
        }
        self
    }

    /// The credentials, and the certificates of which one must be presented.
    ///
    /// # Errors
    ///
    /// [`OfferRefused::Malformed`] where something is missing.
    pub(super) fn finish(self) -> Result<(Credentials, Vec<[u8; 32]>), OfferRefused> {
        let text_of = |key: &str, value: Option<&str>| {
            value
                .filter(|value| (4..=256).contains(&value.len()))
                .map(str::to_owned)
                .ok_or_else(|| refused(format!("a={key} is missing or of a wrong length")))
        };
        let credentials = Credentials {
            fragment: text_of("ice-ufrag", self.fragment)?,
            password: text_of("ice-pwd", self.password)?,
        };
        if self.fingerprints.is_empty() {
            return Err(refused("a=fingerprint:sha-256 is missing or malformed"));
        }
        if !matches!(self.setup, Some("actpass" | "active")) {
            return Err(refused("a=setup must be actpass or active"));
        }
        Ok((credentials, self.fingerprints))
    }
}

/// The SHA-256 of a certificate (RFC 8122 §5); `None` of another hash, which is of no use here.
fn read_fingerprint(value: &str) -> Option<[u8; 32]> {
    let mut words = value.split_ascii_whitespace();
    let (hash, hex) = (words.next()?, words.next()?);
    if !hash.eq_ignore_ascii_case("sha-256") {
        return None;
    }
    let mut fingerprint = [0; 32];
    let mut bytes = hex.split(':');
    for place in &mut fingerprint {
        let byte = bytes.next()?;
        if byte.len() != 2 || !byte.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        *place = u8::from_str_radix(byte, 16).ok()?;
    }
    bytes.next().is_none().then_some(fingerprint)
}
