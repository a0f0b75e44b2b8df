//! A browser that somebody has signed in with before: it shows a cookie that is good for nothing but not
//! to be counted with strangers. Each door has a cookie of its own, and in it a few accounts are known: two
//! parents at one computer, or a parent who works at the school, make no strangers of each other.

use axum::http::header::{HeaderMap, HeaderValue};
use links::{Keyring, Secret};

use crate::hashing::Line;
use crate::origin::PublicUrl;
use crate::staff_session::{self, At};

/// For how long it is known, seconds: three months.
const LIFE: u32 = 90 * 24 * 60 * 60;

/// How many accounts are known in one browser, at each door: those that signed in last.
const MOST: usize = 4;

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

    /// The one that a request shows at that door, where somebody has signed in to that account with it
    /// before.
    pub(crate) fn read(
        headers: &HeaderMap,
        (at, account): (At, &str),
        (keyring, url): (&Keyring, &PublicUrl),
    ) -> Option<Self> {
        let cookie = staff_session::cookie(headers, name(at, url))?;
        entries(cookie).find_map(|it| Self::known(it, account, keyring))
    }

    /// The one that an entry of a cookie names, where it is of that account.
    fn known(entry: &str, account: &str, keyring: &Keyring) -> Option<Self> {
        let (number, seal) = entry.split_once('.')?;
        let device = Self(u128::from_str_radix(number, 16).ok()?);
        let is_ours = keyring.is_sealed(PURPOSE, &device.of(account), &Secret::read(seal)?);
        is_ours.then_some(device)
    }

    /// The cookie by which it is known for that account from now on, beside those that the request shows.
    pub(crate) fn cookie(
        self,
        headers: &HeaderMap,
        (at, account): (At, &str),
        (keyring, url): (&Keyring, &PublicUrl),
    ) -> Option<HeaderValue> {
        let seal = keyring.seal(PURPOSE, &self.of(account)).expose();
        let own = format!("{:032x}.{seal}", self.0);
        let shown = staff_session::cookie(headers, name(at, url)).unwrap_or_default();
        let others = entries(shown)
            .filter(|it| it.len() == own.len() && Self::known(it, account, keyring).is_none());
        let all: Vec<&str> = std::iter::once(own.as_str())
            .chain(others)
            .take(MOST)
            .collect();
        let attributes = staff_session::attributes(url);
        HeaderValue::from_str(&format!(
            "{}={}; {attributes}; Max-Age={LIFE}",
            name(at, url),
            all.join("~"),
        ))
        .ok()
    }

    /// In which line the password of an account waits that is typed in it, or where none is known.
    pub(crate) const fn line(known: Option<Self>, account: &str) -> Line<'_> {
        match known {
            Some(_) => Line::Known(account.as_bytes()),
            None => Line::Strangers,
        }
    }

    /// As other nodes hear of it.
    pub(crate) fn number(self) -> String {
        format!("{:032x}", self.0)
    }

    /// One that another node heard of.
    pub(crate) fn of_number(text: &str) -> Option<Self> {
        u128::from_str_radix(text, 16).ok().map(Self)
    }

    fn of(self, account: &str) -> String {
        format!("{:032x} {account}", self.0)
    }
}

fn entries(cookie: &str) -> impl Iterator<Item = &str> {
    cookie.split('~').take(MOST)
}

const fn name(at: At, url: &PublicUrl) -> &'static str {
    match (at, url.is_https()) {
        (At::Office, true) => "__Host-homeroom-device",
        (At::Office, false) => "homeroom-device",
        (At::Account, true) => "__Host-homeroom-account-device",
        (At::Account, false) => "homeroom-account-device",
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
            .cookie(
                &HeaderMap::new(),
                (At::Office, "ada@x.example"),
                (&ours, &url),
            )
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
        let read = |account, ring| Device::read(&headers, (At::Office, account), (ring, &url));
        assert_eq!(read("ada@x.example", &ours), Some(device));
        assert_eq!(read("bo@x.example", &ours), None);
        assert_eq!(read("ada@x.example", &others), None);
        for forged in ["homeroom-device=", "homeroom-device=1.2", "homeroom=x", "x"] {
            let headers = shown(forged);
            let known = Device::read(&headers, (At::Office, "ada@x.example"), (&ours, &url));
            assert_eq!(known, None);
        }
    }

    #[test]
    fn several_accounts_are_known_in_one_browser_and_each_door_has_its_own() {
        let ring = Keyring::new(KeyId(1), Key::random(&mut ambient::rng()));
        let url = PublicUrl::parse("http://127.0.0.1:1").expect("it is one");
        let known = (&ring, &url);
        let mut jar: HeaderMap = HeaderMap::new();
        let mut sign_in = |at: At, account: &str| {
            let device = Device::random();
            let set = device.cookie(&jar, (at, account), known).expect("plain");
            let set = set.to_str().expect("plain");
            let cookie = set.split(';').next().expect("a cookie").to_owned();
            let (named, _) = cookie.split_once('=').expect("a name");
            let others = jar
                .get(COOKIE)
                .map(|it| it.to_str().expect("plain").to_owned());
            let others = others.unwrap_or_default();
            let others = others
                .split("; ")
                .filter(|it| !it.starts_with(&format!("{named}=")));
            let all: Vec<&str> = others
                .filter(|it| !it.is_empty())
                .chain([cookie.as_str()])
                .collect();
            let all = all.join("; ").parse().expect("a value");
            jar.insert(COOKIE, all);
            let read = |at, account| Device::read(&jar, (at, account), known).is_some();
            [(At::Account, "a"), (At::Account, "b"), (At::Office, "a")].map(|(at, it)| read(at, it))
        };
        assert_eq!(sign_in(At::Account, "a"), [true, false, false]);
        assert_eq!(sign_in(At::Account, "b"), [true, true, false]);
        assert_eq!(sign_in(At::Office, "a"), [true, true, true]);
        for _again in 0..9 {
            assert_eq!(sign_in(At::Account, "a"), [true, true, true]);
        }
        for other in ["c", "d"] {
            assert_eq!(sign_in(At::Account, other), [true, true, true]);
        }
        assert_eq!(
            sign_in(At::Account, "e"),
            [true, false, true],
            "the last four"
        );
    }
}
