//! Proxies that speak for others: on whose word, and in which words, an address is taken.
//!
//! Whoever connects may say anything of where a request came from. It is believed of the proxies
//! that the settings name, and of nobody else: each says who asked it, and the nearest that is no
//! such proxy is who asks.

mod forwarded;

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Once;

use axum::http::header::FORWARDED;
use axum::http::{HeaderMap, HeaderName};

use forwarded::Hop;

/// What most proxies say it in, each behind what was there before.
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// An address, or all that begin alike, such as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Network {
    /// IPv4 as it stands within IPv6 (RFC 4291 §2.5.5.2).
    bits: u128,
    mask: u128,
}

/// That names no network.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("neither an address nor a network")]
pub struct NotANetwork;

impl Network {
    /// Whether an address is in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        bits(address) & self.mask == self.bits
    }
}

const fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(it) => it.to_ipv6_mapped().to_bits(),
        IpAddr::V6(it) => it.to_bits(),
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_none| NotANetwork)?;
        let (before, most) = match address {
            IpAddr::V4(_) => (96, 32),
            IpAddr::V6(_) => (0, 128),
        };
        let length = match length {
            None => most,
            Some(digits) if digits.bytes().all(|it| it.is_ascii_digit()) => digits
                .parse()
                .ok()
                .filter(|it| *it <= most)
                .ok_or(NotANetwork)?,
            Some(_) => return Err(NotANetwork),
        };
        let mask = u128::MAX
            .checked_shl(128 - before - length)
            .unwrap_or_default();
        Ok(Self {
            bits: bits(address) & mask,
            mask,
        })
    }
}

/// The proxies that are believed.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Proxies(Vec<Network>);

/// Said once: nobody reads it twice, and whoever asks may write the header.
static WONDER: Once = Once::new();

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxies({})", self.0.len())
    }
}

impl From<Vec<Network>> for Proxies {
    fn from(networks: Vec<Network>) -> Self {
        Self(networks)
    }
}

impl Proxies {
    /// Whether that is one of them.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|it| it.contains(address))
    }

    /// The address of whoever asks, where `peer` sent the request: the last one in `Forwarded` and
    /// `X-Forwarded-For` that is no proxy of ours. Where a proxy says nothing that can be read, or
    /// the two headers disagree, it is the proxy's own: one of them came from whoever asks.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.trusts(peer) {
            return peer;
        }
        let forwarded = headers.contains_key(FORWARDED).then(|| {
            let said = headers.get_all(FORWARDED);
            self.nearest(
                peer,
                said.iter().flat_map(|it| forwarded::read(it.as_bytes())),
            )
        });
        let listed = headers.contains_key(X_FORWARDED_FOR).then(|| {
            let said = headers.get_all(X_FORWARDED_FOR);
            self.nearest(
                peer,
                said.iter()
                    .flat_map(|it| forwarded::read_list(it.as_bytes())),
            )
        });
        match (forwarded, listed) {
            (None, None) => peer,
            (Some(one), None) | (None, Some(one)) => one,
            (Some(one), Some(other)) if one == other => one,
            (Some(_), Some(_)) => peer,
        }
    }

    /// Somebody says that they ask for another, and is not believed: a proxy, perhaps, that was
    /// forgotten in the settings.
    pub(crate) fn wonder(&self, peer: IpAddr) {
        if !self.trusts(peer) && peer.to_canonical().is_loopback() {
            WONDER.call_once(|| {
                tracing::warn!(
                    "a proxy on this machine passes requests on, and http.trusted_proxies does not \
                     name it: everybody behind it shares the limits of one address"
                );
            });
        }
    }

    /// Goes back from `peer` as far as the word of proxies leads.
    fn nearest(&self, peer: IpAddr, hops: impl Iterator<Item = Hop>) -> IpAddr {
        let hops: Vec<Hop> = hops.collect();
        let mut nearest = peer;
        for hop in hops.into_iter().rev() {
            match hop {
                Hop::Address(address) => nearest = address,
                Hop::Unreadable => return nearest,
            }
            if !self.trusts(nearest) {
                return nearest;
            }
        }
        nearest
    }
}

/// Whether a proxy, ours or not, says that it asks for somebody else.
pub(crate) fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.contains_key(FORWARDED) || headers.contains_key(X_FORWARDED_FOR)
}

#[cfg(test)]
mod tests;
