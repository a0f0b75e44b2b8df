//! The server's keys, and the links made and checked with them.

use std::collections::BTreeMap;
use std::fmt;

use hmac::{Hmac, Mac as _};
use rand::CryptoRng;
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq as _};

use crate::link::{LinkId, LinkPath, NoSuchLink, Record};
use crate::resume::Resumable;
use crate::secret::Secret;

/// The versions that a link comes to have: its first, and those it is raised to.
const VERSIONS: std::ops::RangeInclusive<u32> = 1..=8;

/// Names a key.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeyId(pub u32);

/// 256 secret bits that the secrets of links are derived from.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    /// A new key.
    #[must_use]
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// A key that was kept.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key itself: for the place that keeps it.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// By what the key is known again by whoever keeps this and not the key. The words keep it apart
    /// from the secrets of links.
    #[must_use]
    pub fn print(&self) -> [u8; 32] {
        let mut mac = self.mac();
        mac.update(b"homeroom key 1\0");
        mac.finalize().into_bytes().into()
    }

    /// HMAC-SHA-256 (RFC 2104) over the id and the version, cut to 128 bits (RFC 2104 §5). The
    /// leading words keep it apart from whatever else the key may come to serve.
    fn secret(&self, id: LinkId, version: u32) -> Secret {
        self.tag(&[
            b"homeroom link 1\0",
            &id.number().to_be_bytes(),
            &version.to_be_bytes(),
        ])
    }

    fn resume_secret(&self, whose: Resumable, number: u32) -> Secret {
        self.tag(&[
            b"homeroom resume 1\0",
            &whose.session.to_be_bytes(),
            &whose.link.number().to_be_bytes(),
            &whose.attempt.0.to_be_bytes(),
            &number.to_be_bytes(),
        ])
    }

    fn seal_ticket(&self, text: &str) -> Secret {
        self.tag(&[b"homeroom ticket 1\0", text.as_bytes()])
    }

    fn seal(&self, purpose: &str, text: &str) -> Secret {
        self.tag(&[
            b"homeroom seal 1\0",
            purpose.as_bytes(),
            b"\0",
            text.as_bytes(),
        ])
    }

    fn audit(&self, fields: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.mac();
        mac.update(b"homeroom audit 1\0");
        for field in fields {
            mac.update(&u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(field);
        }
        mac.finalize().into_bytes().into()
    }

    #[expect(clippy::expect_used, reason = "it says why it holds")]
    fn tag(&self, parts: &[&[u8]]) -> Secret {
        let mut mac = self.mac();
        for part in parts {
            mac.update(part);
        }
        let tag: [u8; 32] = mac.finalize().into_bytes().into();
        let (half, _) = tag.split_first_chunk().expect("16 of 32 bytes");
        Secret::from_bytes(*half)
    }

    #[expect(clippy::expect_used, reason = "it says why it holds")]
    fn mac(&self) -> Hmac<Sha256> {
        Hmac::new_from_slice(&self.0).expect("HMAC takes any key length")
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

/// The server's keys: one makes new links, older ones still open theirs until they are dropped.
#[derive(Clone, Debug)]
pub struct Keyring {
    current: (KeyId, Key),
    older: BTreeMap<KeyId, Key>,
    /// Checks what belongs to no key, for as long as a real check takes.
    dummy: Key,
}

impl Keyring {
    /// A ring of one key.
    #[must_use]
    pub const fn new(id: KeyId, key: Key) -> Self {
        Self {
            current: (id, key),
            older: BTreeMap::new(),
            dummy: Key([0; 32]),
        }
    }

    /// Makes new links with `key` from now on; the key before goes on opening its own.
    pub fn rotate(&mut self, id: KeyId, key: Key) {
        let (old, old_key) = std::mem::replace(&mut self.current, (id, key));
        self.older.remove(&id);
        if old != id {
            self.older.insert(old, old_key);
        }
    }

    /// Lets an older key open its links; the current one stays.
    pub fn accept(&mut self, id: KeyId, key: Key) {
        if id != self.current.0 {
            self.older.insert(id, key);
        }
    }

    /// Drops an older key: every link made with it is dead. The current one stays.
    pub fn drop_key(&mut self, id: KeyId) {
        self.older.remove(&id);
    }

    /// The record of a new link.
    #[must_use]
    pub const fn record(&self, id: LinkId) -> Record {
        Record {
            id,
            version: 1,
            key: self.current.0,
        }
    }

    /// The record with its version raised, by the current key: every secret made before is dead.
    /// A link is raised seven times at most.
    #[must_use]
    pub const fn raise(&self, record: &Record) -> Record {
        Record {
            id: record.id,
            version: record.version.saturating_add(1),
            key: self.current.0,
        }
    }

    /// The link of a record, the same every time; none where its key was dropped.
    #[must_use]
    pub fn path(&self, record: &Record) -> Option<LinkPath> {
        let key = self.key(record.key)?;
        let secret = key.secret(record.id, record.version);
        Some(LinkPath::new(record.id, secret))
    }

    /// Whether `presented` is the secret of the link of that record.
    ///
    /// Hand in no record where the link is unknown, expired or withdrawn: the answer, and the time
    /// it takes, is that of a wrong secret.
    ///
    /// # Errors
    ///
    /// [`NoSuchLink`] for every reason there is.
    pub fn verify(&self, record: Option<&Record>, presented: &str) -> Result<LinkId, NoSuchLink> {
        let key = record.and_then(|it| self.key(it.key));
        let secret = Secret::read(presented);
        let can_match = record.is_some() && key.is_some() && secret.is_some();
        let id = record.map_or(LinkId::ZERO, |it| it.id);
        let version = record.map_or(0, |it| it.version);
        let right = key.unwrap_or(&self.dummy).secret(id, version);
        let shown = secret.unwrap_or(Secret::from_bytes([0; 16]));
        let matches = right.ct_eq(&shown) & Choice::from(u8::from(can_match));
        if bool::from(matches) {
            Ok(id)
        } else {
            Err(NoSuchLink)
        }
    }

    /// Whether any key of the ring has made that secret for that link, known to the records or not:
    /// asked before they are, so that a guess costs no look at them. It takes one time, whatever is
    /// wrong.
    #[must_use]
    pub fn has_made(&self, id: Option<LinkId>, presented: &str) -> bool {
        let secret = Secret::read(presented);
        let can_match = Choice::from(u8::from(id.is_some() && secret.is_some()));
        let id = id.unwrap_or(LinkId::ZERO);
        let shown = secret.unwrap_or(Secret::from_bytes([0; 16]));
        let mut matches = Choice::from(0);
        for key in self.keys() {
            for version in VERSIONS {
                matches |= key.secret(id, version).ct_eq(&shown);
            }
        }
        bool::from(matches & can_match)
    }

    /// A mark on a text, for one purpose, that only this ring makes.
    #[must_use]
    pub fn seal(&self, purpose: &str, text: &str) -> Secret {
        self.current.1.seal(purpose, text)
    }

    /// Whether a key of this ring made that mark.
    #[must_use]
    pub fn is_sealed(&self, purpose: &str, text: &str, seal: &Secret) -> bool {
        let made = |key: &Key| key.seal(purpose, text).ct_eq(seal);
        let matches = self
            .keys()
            .fold(Choice::from(0), |one, key| one | made(key));
        bool::from(matches)
    }

    /// The key that seals are made with.
    #[must_use]
    pub const fn current(&self) -> KeyId {
        self.current.0
    }

    /// The seal of a row of the audit log, by the key of that name: HMAC-SHA-256 (RFC 2104) over its
    /// fields, each with its length before it. None where the ring has no such key.
    #[must_use]
    pub fn audit_seal(&self, key: KeyId, fields: &[&[u8]]) -> Option<[u8; 32]> {
        Some(self.key(key)?.audit(fields))
    }

    /// The resume secret of that number of a session.
    pub(crate) fn resume_secret(&self, whose: Resumable, number: u32) -> Secret {
        self.current.1.resume_secret(whose, number)
    }

    /// What each key of this ring makes of it.
    pub(crate) fn resume_secrets(
        &self,
        whose: Resumable,
        number: u32,
    ) -> impl Iterator<Item = Secret> {
        self.keys().map(move |key| key.resume_secret(whose, number))
    }

    /// The seal under the text of a ticket.
    pub(crate) fn seal_ticket(&self, text: &str) -> Secret {
        self.current.1.seal_ticket(text)
    }

    /// What each key of this ring puts under it.
    pub(crate) fn ticket_seals(&self, text: &str) -> impl Iterator<Item = Secret> {
        self.keys().map(move |key| key.seal_ticket(text))
    }

    pub(crate) const fn current_key(&self) -> &Key {
        &self.current.1
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current.1).chain(self.older.values())
    }

    fn key(&self, id: KeyId) -> Option<&Key> {
        if id == self.current.0 {
            Some(&self.current.1)
        } else {
            self.older.get(&id)
        }
    }
}
