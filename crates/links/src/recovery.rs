//! A code for whoever has lost what makes their other codes: written down, and good once.

use std::fmt;

use rand::CryptoRng;
use sha2::{Digest as _, Sha256};

use crate::text;

/// How many characters 80 bits take.
const LENGTH: usize = 16;

/// How many stand together where it is shown.
const GROUP: usize = 4;

/// 80 secret bits. It can be formatted only as the word `RecoveryCode`.
#[derive(Clone)]
pub struct RecoveryCode(u128);

impl RecoveryCode {
    /// A new one.
    #[must_use]
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        Self((u128::from(rng.next_u64()) << 16) | u128::from(rng.next_u32() & 0xffff))
    }

    /// Reads what [`RecoveryCode::expose`] wrote; capitals, spaces and hyphens make no difference.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text: String = text.chars().filter(|it| !it.is_whitespace()).collect();
        text::read(&text, LENGTH).map(Self)
    }

    /// The code itself, as its holder writes it down: `k3mz-80qh-x2av-9c1d`.
    #[must_use]
    pub fn expose(&self) -> String {
        let digits = text::write(self.0, LENGTH);
        let groups = digits.as_bytes().chunks(GROUP);
        let groups: Vec<_> = groups.map(String::from_utf8_lossy).collect();
        groups.join("-")
    }

    /// What is kept of it: its SHA-256.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.expose().as_bytes()).into()
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode")
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn it_is_read_as_people_type_it_and_no_other_is_it() {
        let mut rng = StdRng::seed_from_u64(1);
        for _ in 0..100 {
            let code = RecoveryCode::random(&mut rng);
            let shown = code.expose();
            assert_eq!(shown.len(), 19, "{shown}");
            let typed = [
                shown.clone(),
                shown.to_uppercase(),
                shown.replace('-', " "),
                shown.replace('-', ""),
            ];
            for typed in typed {
                let read = RecoveryCode::read(&typed).expect("a code");
                assert_eq!(read.digest(), code.digest(), "{typed}");
            }
            assert!(RecoveryCode::read(&shown[1..]).is_none(), "{shown}");
            let other = RecoveryCode::random(&mut rng);
            assert_ne!(other.digest(), code.digest());
        }
        assert!(RecoveryCode::read("123456").is_none());
        assert!(!format!("{:?}", RecoveryCode::random(&mut rng)).contains('-'));
    }
}
