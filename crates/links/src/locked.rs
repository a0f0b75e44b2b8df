//! What is kept in the records and yet a secret: locked with the server's keys, so that a dump of the
//! database opens nothing.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use hmac::{Hmac, Mac as _};
use rand::CryptoRng;
use sha2::Sha256;

use crate::keyring::{Key, Keyring};

/// The longest text that is locked, bytes.
pub const LONGEST_LOCKED: usize = 4096;

impl Keyring {
    /// A text that only this ring unlocks, for that purpose: AES-256-GCM (NIST SP 800-38D) with a key
    /// of its own and a random nonce, which stands before it. Nothing where the text is longer than
    /// [`LONGEST_LOCKED`].
    #[must_use]
    pub fn lock(&self, purpose: &str, text: &str, rng: &mut impl CryptoRng) -> Option<Vec<u8>> {
        if text.len() > LONGEST_LOCKED {
            return None;
        }
        let mut nonce = [0; NONCE_LEN];
        rng.fill_bytes(&mut nonce);
        let mut sealed = text.as_bytes().to_vec();
        let aad = Aad::from(purpose.as_bytes());
        locker(self.current_key(), purpose)?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
            .ok()?;
        Some([nonce.as_slice(), &sealed].concat())
    }

    /// The text; nothing where no key of this ring locked it for that purpose.
    #[must_use]
    pub fn unlock(&self, purpose: &str, locked: &[u8]) -> Option<String> {
        let (nonce, sealed) = locked.split_first_chunk::<NONCE_LEN>()?;
        self.keys().find_map(|key| {
            let nonce = Nonce::assume_unique_for_key(*nonce);
            let mut sealed = sealed.to_vec();
            let aad = Aad::from(purpose.as_bytes());
            let opened = locker(key, purpose)?.open_in_place(nonce, aad, &mut sealed);
            String::from_utf8(opened.ok()?.to_vec()).ok()
        })
    }
}

/// The key for one purpose. The leading words keep it apart from whatever else a key serves.
fn locker(key: &Key, purpose: &str) -> Option<LessSafeKey> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).ok()?;
    mac.update(b"homeroom lock 1\0");
    mac.update(purpose.as_bytes());
    let bytes = mac.finalize().into_bytes();
    let key = UnboundKey::new(&AES_256_GCM, &bytes).ok()?;
    Some(LessSafeKey::new(key))
}
