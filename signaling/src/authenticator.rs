//! What an authenticator app and this server have in common: time-based one-time codes (RFC 6238).

use jiff::Timestamp;
use totp_rs::{Builder, Secret, Totp};

/// So many bits a secret has, bytes (RFC 4226 section 4, R6: 160 bits are recommended).
const LENGTH: usize = 20;

/// What makes somebody's codes: six digits, another each 30 seconds, SHA-1, as every app takes them.
/// It shows its secret to nobody who formats it.
pub(crate) struct Authenticator(Totp);

impl Authenticator {
    /// A new one.
    pub(crate) fn random(school: &str, email: &str) -> Option<Self> {
        let bytes: [u8; LENGTH] = ambient::random();
        Self::of(Secret::new_stack(bytes), school, email)
    }

    /// The one of this secret, in base32 as [`Authenticator::secret`] gives it.
    pub(crate) fn read(secret: &str) -> Option<Self> {
        if secret.len() > 2 * LENGTH {
            return None;
        }
        let secret = Secret::try_from_base32(secret).ok()?;
        let is_whole = secret.as_bytes().len() == LENGTH;
        is_whole.then(|| Self::of(secret, "", ""))?
    }

    fn of(secret: Secret, school: &str, email: &str) -> Option<Self> {
        // A colon parts the two where an app reads them.
        let [school, email] = [school, email].map(|it| it.replace(':', " "));
        let school = Some(school).filter(|it| !it.is_empty());
        let builder = Builder::new().with_secret(secret).with_issuer(school);
        builder.with_account_name(email).build().ok().map(Self)
    }

    /// The secret in base32, for whoever types it into an app.
    pub(crate) fn secret(&self) -> String {
        self.0.secret().to_base32()
    }

    /// The same as an address that apps read from a picture: `otpauth://totp/...`.
    pub(crate) fn address(&self) -> Option<String> {
        self.0.to_url().ok()
    }

    /// The time step of which that is the code: the one of now, or the one before or after it, for clocks
    /// that differ and people who type.
    pub(crate) fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        let typed = code.chars().filter(|it| !it.is_whitespace());
        let code: String = typed.map(in_latin).collect();
        let seconds = u64::try_from(now.as_second()).ok()?;
        let step = self.0.check(&code, seconds)?;
        i64::try_from(step).ok()
    }
}

/// A digit of an Arabic, Persian or Urdu keyboard, or a full-width one, as the app shows it.
fn in_latin(letter: char) -> char {
    const ZEROS: [char; 3] = ['\u{660}', '\u{6f0}', '\u{ff10}'];
    let of = |zero: char| {
        let digit = u32::from(letter).checked_sub(u32::from(zero))?;
        char::from_digit(digit, 10)
    };
    ZEROS.into_iter().find_map(of).unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B, and RFC 3548 section 5 of the secret there: "12345678901234567890".
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a moment")
    }

    #[test]
    fn the_codes_are_those_of_the_rfc() {
        let authenticator = Authenticator::read(SECRET).expect("a secret");
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            let step = second / 30;
            assert_eq!(authenticator.step_of(code, at(second)), Some(step));
            // Written as an app shows it, and up to a step late or early.
            let apart = format!(" {} {}", &code[..3], &code[3..]);
            assert_eq!(authenticator.step_of(&apart, at(second)), Some(step));
            assert_eq!(authenticator.step_of(code, at(second + 30)), Some(step));
            assert_eq!(authenticator.step_of(code, at(second - 30)), Some(step));
            assert_eq!(authenticator.step_of(code, at(second + 60)), None);
        }
    }

    #[test]
    fn digits_of_other_keyboards_are_digits() {
        let authenticator = Authenticator::read(SECRET).expect("a secret");
        for code in ["٢٨٧٠٨٢", "۲۸۷۰۸۲", "２８７０８２"] {
            assert_eq!(authenticator.step_of(code, at(59)), Some(1), "{code}");
        }
    }

    #[test]
    fn what_is_no_code_is_none() {
        let authenticator = Authenticator::read(SECRET).expect("a secret");
        for code in ["", "28708", "2870820", "two eight", "-87082"] {
            assert_eq!(authenticator.step_of(code, at(59)), None, "{code}");
        }
    }

    #[test]
    fn a_new_one_is_read_again_and_an_app_reads_whose_it_is() {
        let new = Authenticator::random("St. Mary: upper school", "ada@x.example").expect("one");
        let secret = new.secret();
        assert_eq!(secret.len(), 32);
        let read = Authenticator::read(&secret).expect("read");
        assert_eq!(read.secret(), secret);
        let address = new.address().expect("an address");
        assert!(
            address.starts_with("otpauth://totp/St.%20Mary"),
            "{address}"
        );
        assert!(address.contains("ada%40x.example"), "{address}");
        assert!(address.contains(&secret), "{address}");
    }

    #[test]
    fn a_secret_of_another_length_is_none() {
        for secret in [
            "",
            "GEZDGNBV",
            "not base32!",
            &SECRET.repeat(2),
            &SECRET[..31],
        ] {
            assert!(Authenticator::read(secret).is_none(), "{secret}");
        }
    }
}
