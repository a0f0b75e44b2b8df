//! Who may ask: pages that this server sent, and programs that are no browser.
//!
//! A browser tells where a page came from by `Origin`, on every WebSocket and every POST, and by
//! `Sec-Fetch-Site`; a page cannot change either. What sends neither is no browser and so carries
//! nobody's authority but its own: it is let in, and must still hold a link.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use axum::http::header::{HeaderMap, HeaderName, ORIGIN};

/// Fetch Metadata: how the page that asks is related to this server.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Names by which a machine calls itself: whoever may use one may use the others.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Scheme, host and port of this server as people type it; it prints without a final slash.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicUrl {
    scheme: Scheme,
    host: String,
    port: u16,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Scheme {
    Http,
    Https,
}

impl Scheme {
    const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl PublicUrl {
    /// Reads `http://host`, `https://host:port` and the like; a final slash may stand behind it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
        let (scheme, rest) = if let Some(rest) = text.strip_prefix("https://") {
            (Scheme::Https, rest)
        } else {
            (Scheme::Http, text.strip_prefix("http://")?)
        };
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            Some(_) | None => (rest, scheme.default_port()),
        };
        is_host(host).then(|| Self {
            scheme,
            host: host.to_owned(),
            port,
        })
    }

    /// What this machine calls itself when it listens at `address`.
    #[must_use]
    pub fn of_address(address: SocketAddr, is_secure: bool) -> Self {
        let host = match address.ip() {
            ip if ip.is_unspecified() => "localhost".to_owned(),
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        Self {
            scheme: if is_secure {
                Scheme::Https
            } else {
                Scheme::Http
            },
            host,
            port: address.port(),
        }
    }

    /// Its host and port.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// The name or address, without the port.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is reached over TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.scheme == Scheme::Https
    }

    /// Whether only browsers of this very machine reach it.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        LOOPBACK.contains(&self.host.as_str())
    }

    /// Whether it is reached by HTTPS.
    #[must_use]
    pub const fn is_https(&self) -> bool {
        matches!(self.scheme, Scheme::Https)
    }

    /// Whether it is a name of the world's for which certificates are issued: of several labels, the
    /// last not a number.
    #[must_use]
    pub fn can_be_certified(&self) -> bool {
        let labels: Vec<&str> = self.host.split('.').collect();
        let is_whole = labels.len() > 1 && labels.iter().all(|it| !it.is_empty());
        let is_number = |it: &&str| it.bytes().all(|byte| byte.is_ascii_digit());
        let is_name = is_whole && !labels.last().is_some_and(is_number);
        self.is_secure() && is_name && !self.host.starts_with('[')
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    fn admits(&self, origin: &str) -> bool {
        Self::parse(origin).is_some_and(|origin| {
            origin.scheme == self.scheme
                && origin.port == self.port
                && (origin.host == self.host || (origin.is_loopback() && self.is_loopback()))
        })
    }

    /// Whether a request with these headers comes from a page of this server, or from no page.
    #[must_use]
    pub fn admits_request(&self, headers: &HeaderMap) -> bool {
        let site_is_ours = headers
            .get(SEC_FETCH_SITE)
            .is_none_or(|site| site == "same-origin" || site == "none");
        let mut origins = headers.get_all(ORIGIN).iter();
        let origin_is_ours = origins.all(|origin| {
            origin
                .to_str()
                .is_ok_and(|origin| !origin.ends_with('/') && self.admits(origin))
        });
        site_is_ours && origin_is_ours
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        write!(f, "{scheme}://{}", self.host)?;
        if self.port == self.scheme.default_port() {
            Ok(())
        } else {
            write!(f, ":{}", self.port)
        }
    }
}

fn is_host(text: &str) -> bool {
    let plain = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    match plain {
        Some(ip) => ip.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.')
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::PublicUrl;

    fn url(text: &str) -> PublicUrl {
        PublicUrl::parse(text).expect("it is one")
    }

    #[test]
    fn reads_and_prints() {
        for (text, printed) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://Calls.Example.org/", "https://calls.example.org"),
            ("https://calls.example.org:443", "https://calls.example.org"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://[::1]", "http://[::1]"),
        ] {
            assert_eq!(url(text).to_string(), printed);
        }
        for text in [
            "",
            "calls.example.org",
            "ftp://calls.example.org",
            "https://",
            "https://calls.example.org/path",
            "https://somebody@calls.example.org",
            "https://calls.example.org?x",
            "https://calls.example.org#x",
            "http://calls.example.org:99999",
            "http://[zz]",
        ] {
            assert_eq!(PublicUrl::parse(text), None, "{text}");
        }
    }

    #[test]
    fn everywhere_is_called_localhost() {
        let address = "0.0.0.0:8080".parse().expect("an address");
        assert_eq!(
            PublicUrl::of_address(address, false).to_string(),
            "http://localhost:8080"
        );
    }

    #[test]
    fn admits_its_own_pages_and_no_others() {
        let ours = url("https://calls.example.org");
        for (name, value, admitted) in [
            ("origin", "https://calls.example.org", true),
            ("origin", "https://calls.example.org:443", true),
            ("origin", "http://calls.example.org", false),
            ("origin", "https://calls.example.org:444", false),
            ("origin", "https://calls.example.org.evil.example", false),
            ("origin", "https://calls.example.org/", false),
            ("origin", "null", false),
            ("origin", "", false),
            ("sec-fetch-site", "same-origin", true),
            ("sec-fetch-site", "none", true),
            ("sec-fetch-site", "same-site", false),
            ("sec-fetch-site", "cross-site", false),
            ("x-other", "anything", true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().expect("a value"));
            assert_eq!(ours.admits_request(&headers), admitted, "{name}: {value}");
        }
    }

    #[test]
    fn every_origin_must_be_ours() {
        let mut headers = HeaderMap::new();
        headers.append("origin", "http://127.0.0.1:1".parse().expect("a value"));
        assert!(url("http://127.0.0.1:1").admits_request(&headers));
        headers.append("origin", "http://evil.example".parse().expect("a value"));
        assert!(!url("http://127.0.0.1:1").admits_request(&headers));
    }

    #[test]
    fn names_of_this_machine_are_one() {
        let ours = url("http://127.0.0.1:8080");
        assert!(ours.admits("http://localhost:8080"));
        assert!(ours.admits("http://[::1]:8080"));
        assert!(!ours.admits("http://localhost:8081"));
        assert!(!ours.admits("http://192.0.2.1:8080"));
        assert!(!url("http://192.0.2.1:8080").admits("http://localhost:8080"));
    }
}
