//! A browser that somebody of the office has signed in with before: it shows a cookie that is good
//! for nothing but not to be counted with strangers.

use axum::http::header::{HeaderMap, HeaderValue};
use links::{Keyring, Secret};

use crate::origin::PublicUrl;
use crate::staff_session;

/// For how long it is known, seconds: three months.
const LIFE: u32 = 90 * 24 * 60 * 60;

/// What the seal is for.
const PURPOSE: &str = "staff device";

/// Names a browser. Only the server makes what shows that the name is its own.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Device(u128);

impl Device {
    /// One that nobody has signed in with yet.
    pub(crate) fn random() -> Self {
        Self(ambient::random())
    }

    /// The one that a request shows, where somebody has signed in to that account with it before.
    pub(crate) fn read(
        headers: &HeaderMap,
        account: &str,
        (keyring, url): (&Keyring, &PublicUrl),
    ) -> Option<Self> {
        let cookie = staff_session::cookie(headers, name(url))?;
        let (number, seal) = cookie.split_once('.')?;
        let device = Self(u128::from_str_radix(number, 16).ok()?);
        let is_ours = keyring.is_sealed(PURPOSE, &device.of(account), &Secret::read(seal)?);
        is_ours.then_some(device)
    }

    /// The cookie by which it is known for that account from now on.
    pub(crate) fn cookie(
        self,
        account: &str,
        (keyring, url): (&Keyring, &PublicUrl),
    ) -> Option<HeaderValue> {
        let seal = keyring.seal(PURPOSE, &self.of(account)).expose();
        let attributes = staff_session::attributes(url);
        HeaderValue::from_str(&format!(
            "{}={:032x}.{seal}; {attributes}; Max-Age={LIFE}",
            name(url),
            self.0,
        ))
        .ok()
    }

    fn of(self, account: &str) -> String {
        format!("{:032x} {account}", self.0)
    }
}

const fn name(url: &PublicUrl) -> &'static str {
    if url.is_https() {
        "__Host-homeroom-device"
    } else {
        "homeroom-device"
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;
    use links::{Key, KeyId};

    use super::*;

    #[test]
    fn it_is_known_for_its_account_alone_and_by_our_keys() {
        let ring = || Keyring::new(KeyId(1), Key::random(&mut ambient::rng()));
        let (ours, others) = (ring(), ring());
        let url = PublicUrl::parse("http://127.0.0.1:1").expect("it is one");
        let device = Device::random();
        let set = device
            .cookie("ada@x.example", (&ours, &url))
            .expect("plain");
        let set = set.to_str().expect("plain").to_owned();
        let (cookie, attributes) = set.split_once(';').expect("attributes");
        assert!(attributes.contains("HttpOnly") && attributes.contains("SameSite=Strict"));
        let shown = |cookie: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, cookie.parse().expect("a value"));
            headers
        };
        let headers = shown(cookie);
        let read = |account, ring| Device::read(&headers, account, (ring, &url));
        assert_eq!(read("ada@x.example", &ours), Some(device));
        assert_eq!(read("bo@x.example", &ours), None);
        assert_eq!(read("ada@x.example", &others), None);
        for forged in ["homeroom-device=", "homeroom-device=1.2", "homeroom=x", "x"] {
            let headers = shown(forged);
            assert_eq!(Device::read(&headers, "ada@x.example", (&ours, &url)), None);
        }
    }
}
