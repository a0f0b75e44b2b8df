//! That each address listened on is there for one thing alone.

use std::net::SocketAddr;

use super::{Settings, SettingsError};

/// What listens somewhere, by TCP: media does too, beside UDP.
struct Listener {
    /// The setting that names it.
    key: &'static str,
    /// One that it may have.
    such: &'static str,
    address: SocketAddr,
}

impl Listener {
    /// Whether only one of both can listen. Every address of IPv6 is every one of IPv4 as well.
    fn meets(&self, other: &Self) -> bool {
        let (one, other) = (self.address, other.address);
        let is_in = |one: SocketAddr, all: SocketAddr| {
            all.ip().is_unspecified() && (all.is_ipv6() || one.is_ipv4())
        };
        let is_one_place = one.ip() == other.ip() || is_in(one, other) || is_in(other, one);
        // Port 0 is any that is free.
        one.port() == other.port() && one.port() != 0 && is_one_place
    }
}

/// # Errors
///
/// The first setting that names what is another's, or is none.
pub(super) fn check(settings: &Settings) -> Result<(), SettingsError> {
    let of = |key, such, address| Listener { key, such, address };
    let http = &settings.http;
    let plain = http.plain_listen;
    let plain = plain.map(|it| of("http.plain_listen", "0.0.0.0:80", it));
    let nodes = settings.cluster.listen;
    let nodes = nodes.map(|it| of("cluster.listen", "10.0.0.11:8090", it));
    let mut all = vec![of("http.listen", "127.0.0.1:8080", http.listen)];
    for one in plain.into_iter().chain(nodes) {
        refuse(&all, &one)?;
        all.push(one);
    }
    let first = settings.media_listen();
    let media = |address| of("media.listen", "0.0.0.0:8081", address);
    refuse(&all, &media(first))?;
    let workers = settings.media.workers();
    let further = if first.port() == 0 { 1..1 } else { 1..workers };
    for number in further {
        let port = first.port().checked_add(number);
        let port = port.ok_or_else(|| SettingsError::TooHigh {
            port: first.port(),
            workers,
        })?;
        let one = media(SocketAddr::new(first.ip(), port));
        if let Some(other) = all.iter().find(|it| it.meets(&one)) {
            return Err(SettingsError::AmongWorkers {
                first: first.port(),
                workers,
                port,
                other: other.key,
            });
        }
    }
    Ok(())
}

/// Refuses what listens where something else does already.
fn refuse(all: &[Listener], one: &Listener) -> Result<(), SettingsError> {
    match all.iter().find(|it| it.meets(one)) {
        Some(other) => Err(SettingsError::OneForTwo {
            key: one.key,
            other: other.key,
            such: one.such,
        }),
        None => Ok(()),
    }
}
