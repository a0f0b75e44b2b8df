//! Nonces that prove where their bearer receives (RFC 8489 §9.2): each holds the time it was made
//! and a code over that and the client's address, so that none is kept here.

use forward::time::Micros;
use hmac::{Hmac, Mac as _};
use rand::Rng as _;
use sha2::Sha256;

use crate::path::Path;

/// One step of the clock in a nonce, microseconds.
const STEP: u64 = 16_000_000;

/// How many steps a nonce is good for: about ten minutes.
const STEPS: u16 = 38;

/// Characters of a nonce. Short, because the answer that brings it goes to strangers.
pub(super) const LENGTH: usize = 16;

/// Makes and checks nonces.
pub(super) struct Nonces {
    key: [u8; 32],
}

impl Nonces {
    pub(super) fn new() -> Self {
        let mut key = [0; 32];
        ambient::rng().fill_bytes(&mut key);
        Self { key }
    }

    /// A nonce for whoever receives at `client`.
    pub(super) fn make(&self, client: Path, now: Micros) -> String {
        self.write(client, step(now))
    }

    /// Whether `nonce` was made for `client` not long ago.
    pub(super) fn is_fresh(&self, nonce: &str, client: Path, now: Micros) -> bool {
        let Some(at) = nonce
            .get(..4)
            .and_then(|digits| u16::from_str_radix(digits, 16).ok())
        else {
            return false;
        };
        step(now).wrapping_sub(at) <= STEPS
            && rtc_crypto::constant_time_eq(nonce.as_bytes(), self.write(client, at).as_bytes())
    }

    fn write(&self, client: Path, at: u16) -> String {
        let mut code = Hmac::<Sha256>::new_from_slice(&self.key).expect("a key of any length");
        code.update(&at.to_be_bytes());
        let (kind, stream) = match client {
            Path::Udp(_) => (0, 0),
            Path::Stream { stream, .. } => (1, stream.0),
            Path::Relay { .. } => (2, 0),
        };
        code.update(&[kind]);
        code.update(&u64::to_be_bytes(stream));
        code.update(client.address().to_string().as_bytes());
        let code = code.finalize().into_bytes();
        let mut nonce = format!("{at:04x}");
        for byte in code.iter().take((LENGTH - 4) / 2) {
            nonce.push_str(&format!("{byte:02x}"));
        }
        nonce
    }
}

impl std::fmt::Debug for Nonces {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Nonces").finish_non_exhaustive()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the clock in a nonce goes round"
)]
const fn step(now: Micros) -> u16 {
    (now.0 / STEP) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(port: u16) -> Path {
        Path::Udp(std::net::SocketAddr::from(([192, 0, 2, 1], port)))
    }

    #[test]
    fn a_nonce_is_good_for_its_client_and_for_ten_minutes() {
        let nonces = Nonces::new();
        let made = Micros(7_000_000_000);
        let nonce = nonces.make(client(1), made);
        assert_eq!(nonce.len(), LENGTH);
        assert!(nonces.is_fresh(&nonce, client(1), made));
        assert!(nonces.is_fresh(&nonce, client(1), made.after_ms(600_000)));
        assert!(!nonces.is_fresh(&nonce, client(1), made.after_ms(640_000)));
        assert!(!nonces.is_fresh(&nonce, client(2), made), "another's");
        assert!(!Nonces::new().is_fresh(&nonce, client(1), made));
        assert!(!nonces.is_fresh("", client(1), made));
        assert!(!nonces.is_fresh("zzzz", client(1), made));
        let at = nonce.len() - 1;
        let other = if nonce.ends_with('0') { "1" } else { "0" };
        assert!(!nonces.is_fresh(&format!("{}{other}", &nonce[..at]), client(1), made));
    }
}
