//! That both ends of a stream hold the key of these nodes, and neither shows it. Each says who it is
//! and 32 random bytes; then each shows a seal (HMAC-SHA-256, RFC 2104) over what both said, over which
//! side it is on, and over what only the two ends of this connection know: a seal of the one side is no
//! seal of the other, and one of another connection none of this.

use std::fmt;
use std::io;
use std::path::Path;

use cluster::Boot;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::secret::Binding;
use crate::plain_file;

/// The shortest key, in bytes.
const SHORTEST: usize = 32;

/// The longest key, in bytes.
const LONGEST: usize = 4096;

/// How much is read: what stands around a key may be as long.
const MOST_READ: u64 = 8192;

/// What stands before everything that is said: another version is another language.
const VERSION: &str = "homeroom-nodes-2";

/// The key that all nodes of a cluster share. It prints nothing.
#[derive(Clone)]
pub(crate) struct Key(Vec<u8>);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Its file cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It is too short, or the file is none of a key.
    #[error(
        "it is to hold 32 bytes or more, and no more than 4096, as from `openssl rand -base64 48`"
    )]
    Length,
}

impl Key {
    /// Reads the file of the key. What stands around it, as the end of a line, does not count.
    pub(crate) fn read(path: &Path) -> Result<Self, KeyError> {
        let bytes = plain_file::read(path, MOST_READ)?;
        let bytes = bytes.trim_ascii();
        if bytes.len() < SHORTEST || bytes.len() > LONGEST {
            return Err(KeyError::Length);
        }
        Ok(Self(bytes.to_vec()))
    }

    /// What these nodes are called where others may be too: nobody learns the key by it.
    pub(super) fn cluster(&self) -> String {
        self.word("name").split_off(48)
    }

    /// What shows in the records which key this is: nobody learns the key by it, nor what it shows to whom.
    pub(super) fn seal_of_records(&self) -> String {
        self.word("records").split_off(32)
    }

    /// A digest of a setting, by which only who holds the key can tell what it is.
    pub(super) fn setting(&self, key: &str, value: &str) -> String {
        self.word(&format!("setting {key} {value}")).split_off(32)
    }

    fn word(&self, of: &str) -> String {
        #[expect(clippy::expect_used, reason = "it says why it holds")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes any key length");
        mac.update(of.as_bytes());
        mac.update(b"\n");
        hex(&mac.finalize().into_bytes())
    }

    fn seal(
        &self,
        side: Side,
        greetings: (&Greeting, &Greeting),
        binding: &Binding,
    ) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "it says why it holds")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes any key length");
        let (dials, answers) = greetings;
        let side = match side {
            Side::Dials => "dials",
            Side::Answers => "answers",
        };
        // No part holds the end of a line: what one says cannot be taken for what two say.
        for part in [side, &dials.write(), &answers.write()] {
            mac.update(part.as_bytes());
            mac.update(b"\n");
        }
        mac.update(binding);
        mac
    }

    /// What shows that this side holds the key.
    pub(super) fn show(
        &self,
        side: Side,
        greetings: (&Greeting, &Greeting),
        binding: &Binding,
    ) -> String {
        hex(&self.seal(side, greetings, binding).finalize().into_bytes())
    }

    /// Whether that side showed that it holds the key.
    pub(super) fn holds(
        &self,
        side: Side,
        greetings: (&Greeting, &Greeting),
        (binding, shown): (&Binding, &str),
    ) -> bool {
        let seal = || self.seal(side, greetings, binding);
        unhex(shown).is_some_and(|it| seal().verify_slice(&it).is_ok())
    }
}

/// Which side of a stream.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Side {
    Dials,
    Answers,
}

/// Who somebody says that they are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Greeting {
    pub(super) boot: Boot,
    pub(super) name: String,
    nonce: [u8; 32],
}

impl Greeting {
    pub(super) fn of(boot: Boot, name: &str) -> Self {
        Self {
            boot,
            name: name.to_owned(),
            nonce: ambient::random(),
        }
    }

    pub(super) fn write(&self) -> String {
        let nonce = hex(&self.nonce);
        format!("{VERSION} {} {} {nonce}", self.boot, self.name)
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let (version, boot, name, nonce) =
            (words.next()?, words.next()?, words.next()?, words.next()?);
        if version != VERSION || !is_name(name) || words.next().is_some() {
            return None;
        }
        Some(Self {
            boot: Boot(u128::from_str_radix(boot, 16).ok()?),
            name: name.to_owned(),
            nonce: unhex(nonce)?.try_into().ok()?,
        })
    }
}

/// Whether a node may be called so.
pub(crate) fn is_name(text: &str) -> bool {
    let may_be = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
    (1..=40).contains(&text.len()) && text.bytes().all(may_be)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let pairs = text.as_bytes().chunks_exact(2);
    let bytes = pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok());
    bytes.collect()
}

#[cfg(test)]
impl Key {
    pub(super) fn of_tests(byte: u8) -> Self {
        Self(vec![byte; SHORTEST])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Key {
        Key::of_tests(byte)
    }

    #[test]
    fn a_digest_of_a_setting_tells_nothing_to_whoever_has_no_key() {
        let digest = |byte, name, value| key(byte).setting(name, value);
        assert_eq!(digest(1, "calls.cap", "4"), digest(1, "calls.cap", "4"));
        for other in [
            digest(2, "calls.cap", "4"),
            digest(1, "calls.cap", "3"),
            digest(1, "calls.grace_s", "4"),
        ] {
            assert_ne!(digest(1, "calls.cap", "4"), other);
        }
    }

    #[test]
    fn whoever_holds_the_key_shows_so_and_nobody_else() {
        let (dials, answers) = (Greeting::of(Boot(1), "a"), Greeting::of(Boot(2), "b"));
        let both = (&dials, &answers);
        let shown = key(1).show(Side::Dials, both, &[1; 32]);
        let on = |it| (it, shown.as_str());
        assert!(key(1).holds(Side::Dials, both, on(&[1; 32])));
        assert!(!key(1).holds(Side::Dials, both, on(&[2; 32])), "elsewhere");
        assert!(
            !key(2).holds(Side::Dials, both, on(&[1; 32])),
            "another key"
        );
        assert!(
            !key(1).holds(Side::Answers, both, on(&[1; 32])),
            "played back"
        );
        let later = Greeting::of(Boot(2), "b");
        assert!(
            !key(1).holds(Side::Dials, (&dials, &later), on(&[1; 32])),
            "again"
        );
        assert!(!key(1).holds(Side::Dials, (&answers, &dials), on(&[1; 32])));
        let other = Greeting {
            boot: Boot(3),
            ..dials.clone()
        };
        assert!(!key(1).holds(Side::Dials, (&other, &answers), on(&[1; 32])));
        for wrong in [
            "",
            "00",
            &shown[..62],
            &format!("{shown}00"),
            &"é".repeat(32),
        ] {
            assert!(
                !key(1).holds(Side::Dials, both, (&[1; 32], wrong)),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_greeting_is_read_as_it_was_written() {
        let greeting = Greeting::of(Boot(u128::MAX), "north-2");
        let text = greeting.write();
        assert_eq!(Greeting::read(&text), Some(greeting));
        for wrong in [
            "",
            &text.replace("nodes-2", "nodes-1"),
            &text.replace("north-2", "North"),
            &text.replace("north-2", ""),
            &format!("{text} "),
            &text[..text.len() - 1],
        ] {
            assert_eq!(Greeting::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn one_key_makes_one_seal() {
        let seal = |byte| key(byte).seal_of_records();
        assert_eq!(seal(1), seal(1));
        assert_ne!(seal(1), seal(2));
        assert_eq!(seal(1).len(), 32);
        assert!(!seal(1).contains(&key(1).cluster()));
    }

    #[test]
    fn a_key_prints_nothing() {
        assert_eq!(format!("{:?}", key(1)), "Key");
    }
}
