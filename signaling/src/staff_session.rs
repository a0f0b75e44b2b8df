//! The cookie of who is signed in, and what proves that a page of ours asks.

use axum::http::header::{COOKIE, HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use links::Secret;
use sha2::{Digest as _, Sha256};

use crate::origin::PublicUrl;

/// Where somebody is signed in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At {
    /// At the office.
    Office,
    /// At a parent's account.
    Account,
}

/// For how long somebody stays signed in after they did something.
pub(crate) const LIFE: SignedDuration = SignedDuration::from_hours(12);

/// For how long at most, whatever they do.
pub(crate) const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A session is lengthened when so much of its life is over: not at each request.
const LENGTHENED_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// Until when a session lives that is used now, and is to be written down so; none where what stands is as good.
pub(crate) fn lengthened(began: Timestamp, until: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let after = |from: Timestamp, so_long| from.checked_add(so_long).unwrap_or(Timestamp::MAX);
    let last = after(began, LONGEST);
    let longer = after(now, LIFE).min(last);
    let is_last = longer == last && until < last;
    (is_last || longer.duration_since(until) >= LENGTHENED_AFTER).then_some(longer)
}

/// Where the proof stands.
pub(crate) const CSRF_HEADER: HeaderName = HeaderName::from_static("x-homeroom-csrf");

/// What the cookie holds. It is kept as its digest only.
pub(crate) struct Token(Secret);

impl Token {
    /// A new one.
    pub(crate) fn random() -> Self {
        Self(Secret::random(&mut ambient::rng()))
    }

    /// What is kept of it.
    pub(crate) fn digest(&self) -> [u8; 32] {
        digest(&self.0)
    }

    /// What a page of ours is told, and a foreign one cannot know.
    pub(crate) fn csrf(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"homeroom csrf 1\0");
        hash.update(self.0.expose().as_bytes());
        let bytes: [u8; 32] = hash.finalize().into();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The cookie that carries it.
    pub(crate) fn cookie(&self, at: At, url: &PublicUrl) -> Option<HeaderValue> {
        // The records say when it is over; the browser lets go of it at the latest.
        let age = LONGEST.as_secs();
        HeaderValue::from_str(&format!(
            "{}={}; {}; Max-Age={age}",
            name(at, url),
            self.0.expose(),
            attributes(url)
        ))
        .ok()
    }
}

/// The cookie that takes it away.
pub(crate) fn no_cookie(at: At, url: &PublicUrl) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!(
        "{}=; {}; Max-Age=0",
        name(at, url),
        attributes(url)
    ))
    .ok()
}

/// The SHA-256 of a secret as people have it: what is kept of sessions and set-up links.
pub(crate) fn digest(secret: &Secret) -> [u8; 32] {
    store::digest(secret)
}

/// The cookie's name: browsers keep one that begins with `__Host-` only where it came by HTTPS.
const fn name(at: At, url: &PublicUrl) -> &'static str {
    match (at, url.is_https()) {
        (At::Office, true) => "__Host-homeroom",
        (At::Office, false) => "homeroom",
        (At::Account, true) => "__Host-homeroom-account",
        (At::Account, false) => "homeroom-account",
    }
}

/// What every cookie of ours is bound to.
pub(crate) const fn attributes(url: &PublicUrl) -> &'static str {
    if url.is_https() {
        "Path=/; HttpOnly; SameSite=Strict; Secure"
    } else {
        "Path=/; HttpOnly; SameSite=Strict"
    }
}

/// The cookie of a request, where there is one.
pub(crate) fn read(at: At, headers: &HeaderMap, url: &PublicUrl) -> Option<Token> {
    cookies(headers, name(at, url))
        .find_map(Secret::read)
        .map(Token)
}

/// What a request's cookie of that name holds.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    cookies(headers, name).next()
}

fn cookies<'h>(headers: &'h HeaderMap, name: &str) -> impl Iterator<Item = &'h str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .filter(move |(its_name, _)| *its_name == name)
        .map(|(_, value)| value)
}
