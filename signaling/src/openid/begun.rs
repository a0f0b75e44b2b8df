//! What a browser has begun: it keeps this itself, in a cookie that it cannot read.

use axum::http::HeaderMap;
use axum::http::header::HeaderValue;
use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};
use links::Keyring;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::origin::PublicUrl;
use crate::staff_session;

/// For how long it can be ended: as long as somebody may take to find their telephone for the provider.
const GOOD_FOR: SignedDuration = SignedDuration::from_mins(10);

/// What it is locked for.
const PURPOSE: &str = "sign-in by a provider";

/// The longest path that is kept.
const LONGEST: usize = 500;

/// The longest cookie that is read, and the longest `state`.
const LONGEST_COOKIE: usize = 4096;

/// One sign-in that was begun.
#[derive(Deserialize, Serialize)]
pub(super) struct Begun {
    /// By what the answer is known (RFC 6749 section 10.12).
    pub(super) state: String,
    /// By what the token is (OpenID Connect Core 1.0 section 3.1.2.1).
    pub(super) nonce: String,
    /// By what the provider knows us again (RFC 7636 section 4.1).
    pub(super) verifier: String,
    /// The page that was asked for, of ours.
    pub(super) to: Option<String>,
    /// Until when it can be ended, seconds since 1970.
    until: i64,
}

/// 256 bits: of 43 letters, as a verifier is.
fn random() -> String {
    let bytes: [u8; 32] = ambient::random();
    BASE64URL_NOPAD.encode(&bytes)
}

impl Begun {
    pub(super) fn new(to: &str, now: Timestamp) -> Self {
        Self {
            state: random(),
            nonce: random(),
            verifier: random(),
            to: is_way(to).then(|| to.to_owned()),
            until: now.as_second().saturating_add(GOOD_FOR.as_secs()),
        }
    }

    /// What the provider is told of the verifier (RFC 7636 section 4.2, `S256`).
    pub(super) fn challenge(&self) -> String {
        BASE64URL_NOPAD.encode(&Sha256::digest(self.verifier.as_bytes()))
    }

    /// Whether that state is its own.
    pub(super) fn is_of(&self, state: &str) -> bool {
        bool::from(self.state.as_bytes().ct_eq(state.as_bytes()))
    }

    pub(super) fn cookie(&self, (keyring, url): (&Keyring, &PublicUrl)) -> Option<HeaderValue> {
        let text = serde_json::to_string(self).ok()?;
        let locked = keyring.lock(PURPOSE, &text, &mut ambient::rng())?;
        let (value, age) = (BASE64URL_NOPAD.encode(&locked), GOOD_FOR.as_secs());
        set(&value, age, url)
    }

    pub(super) fn read(
        headers: &HeaderMap,
        (keyring, url): (&Keyring, &PublicUrl),
        now: Timestamp,
    ) -> Option<Self> {
        let cookie = staff_session::cookie(headers, name(url))?;
        let cookie = Some(cookie).filter(|it| it.len() <= LONGEST_COOKIE)?;
        let locked = BASE64URL_NOPAD.decode(cookie.as_bytes()).ok()?;
        let text = keyring.unlock(PURPOSE, &locked)?;
        let begun: Self = serde_json::from_str(&text).ok()?;
        (now.as_second() < begun.until).then_some(begun)
    }
}

/// The cookie that takes it away.
pub(crate) fn no_cookie(url: &PublicUrl) -> Option<HeaderValue> {
    set("", 0, url)
}

/// The page that the provider leads back to is of this server, and asks by itself: no request of another site
/// carries this cookie (`SameSite=Strict`), and none need.
fn set(value: &str, age: i64, url: &PublicUrl) -> Option<HeaderValue> {
    let attributes = staff_session::attributes(url);
    let (name, age) = (name(url), format!("Max-Age={age}"));
    HeaderValue::from_str(&format!("{name}={value}; {attributes}; {age}")).ok()
}

const fn name(url: &PublicUrl) -> &'static str {
    if url.is_https() {
        "__Host-homeroom-openid"
    } else {
        "homeroom-openid"
    }
}

/// Whether it is the path of a page of the staff, and leads nowhere else.
fn is_way(to: &str) -> bool {
    let is_plain = |it: u8| it.is_ascii_graphic() && it != b'\\';
    let below = |part: &str| {
        let rest = to.strip_prefix(part);
        rest.is_some_and(|it| it.is_empty() || it.starts_with(['/', '?', '#']))
    };
    to.len() <= LONGEST && to.bytes().all(is_plain) && (below("/office") || below("/staff"))
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;
    use links::{Key, KeyId};

    use super::*;

    #[test]
    fn only_pages_of_the_staff_are_led_to() {
        for to in [
            "/office",
            "/staff",
            "/office/evenings/7/live?x=1#y",
            "/staff/",
        ] {
            assert!(is_way(to), "{to}");
        }
        let long = format!("/office/{}", "x".repeat(LONGEST));
        for to in [
            "",
            "/",
            "//office",
            "/officer",
            "https://evil.example/office",
            "/\\evil.example/staff",
            "/office\\..",
            "/office/a b",
            "/office/\u{e9}",
            "/office\n",
            "javascript:alert(1)",
            "staff",
            "/account",
            &long,
        ] {
            assert!(!is_way(to), "{to}");
        }
    }

    #[test]
    fn it_is_read_by_our_keys_in_its_time_and_under_its_name() {
        let ring = || Keyring::new(KeyId(1), Key::random(&mut ambient::rng()));
        let (ours, others) = (ring(), ring());
        let url = PublicUrl::parse("https://calls.example").expect("it is one");
        let now = ambient::now();
        let begun = Begun::new("/office", now);
        let set = begun.cookie((&ours, &url)).expect("plain");
        let set = set.to_str().expect("plain").to_owned();
        let (cookie, attributes) = set.split_once("; ").expect("attributes");
        assert!(cookie.starts_with("__Host-homeroom-openid="), "{cookie}");
        assert_eq!(
            attributes,
            "Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=600"
        );
        for secret in [&begun.state, &begun.nonce, &begun.verifier] {
            assert_eq!(secret.len(), 43);
            assert!(!cookie.contains(secret.as_str()));
        }
        let read = |cookie: &str, ring: &Keyring, at| {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, cookie.parse().expect("a value"));
            Begun::read(&headers, (ring, &url), at)
        };
        let is_read = |cookie: &str, ring, at| read(cookie, ring, at).is_some();
        let after = |it| now.checked_add(it).expect("a moment");
        let again = read(cookie, &ours, now).expect("it is ours");
        assert!(again.is_of(&begun.state) && !again.is_of(&begun.nonce) && !again.is_of(""));
        assert_eq!(again.to.as_deref(), Some("/office"));
        assert!(is_read(
            cookie,
            &ours,
            after(SignedDuration::from_secs(599))
        ));
        assert!(!is_read(cookie, &ours, after(GOOD_FOR)));
        assert!(!is_read(cookie, &others, now));
        for forged in [
            "__Host-homeroom-openid=",
            "__Host-homeroom-openid=AAAA",
            "x=y",
        ] {
            assert!(!is_read(forged, &ours, now), "{forged}");
        }
        let (_, value) = cookie.split_once('=').expect("a value");
        assert!(!is_read(&format!("homeroom-openid={value}"), &ours, now));
    }

    /// RFC 7636 appendix B.
    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        let begun = Begun {
            verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned(),
            ..Begun::new("", ambient::now())
        };
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert_eq!(begun.challenge(), challenge);
        assert_eq!(begun.to, None);
    }
}
