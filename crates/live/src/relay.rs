//! Credentials of the relay, on their way to the browser of one session.

use std::net::SocketAddr;

use sfu::RelayGrant;
use sha2::{Digest as _, Sha256};
use wire::http::RelayAccess;

/// The name under which a ticket's credentials are granted. It is made from the ticket, so that
/// whoever redeems that holds these; the ticket cannot be made from it.
#[must_use]
pub fn name(ticket: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(b"homeroom relay ");
    digest.update(ticket);
    let digest = digest.finalize();
    let hex = |name: String, byte: &u8| name + &format!("{byte:02x}");
    digest.iter().take(12).fold(String::new(), hex)
}

/// What the browser is told of `grant`; `tls` is the host and port of the relay over TLS.
pub(crate) fn access(grant: RelayGrant, tls: Option<&str>) -> RelayAccess {
    let mut urls = Vec::new();
    for transport in ["udp", "tcp"] {
        for address in reachable(&grant.addresses) {
            urls.push(format!("turn:{address}?transport={transport}"));
        }
    }
    urls.extend(tls.map(|tls| format!("turns:{tls}?transport=tcp")));
    RelayAccess {
        urls,
        username: grant.username,
        credential: grant.password,
    }
}

/// One address of each family: browsers ask every one they are given.
fn reachable(addresses: &[SocketAddr]) -> impl Iterator<Item = SocketAddr> {
    let first = |is_v6: bool| {
        let family = || addresses.iter().filter(move |it| it.is_ipv6() == is_v6);
        let elsewhere = family().find(|address| !address.ip().is_loopback());
        elsewhere.or_else(|| family().next()).copied()
    };
    [first(false), first(true)].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_is_told_of_every_way_to_the_relay() {
        let addresses = [
            "127.0.0.1:1",
            "192.0.2.1:2",
            "192.0.2.9:2",
            "[2001:db8::1]:2",
        ];
        let grant = RelayGrant {
            username: "0-name".to_owned(),
            password: "secret".to_owned(),
            addresses: addresses.map(|it| it.parse().expect("an address")).to_vec(),
        };
        let access = access(grant, Some("calls.example.org:443"));
        assert_eq!(
            access.urls,
            [
                "turn:192.0.2.1:2?transport=udp",
                "turn:[2001:db8::1]:2?transport=udp",
                "turn:192.0.2.1:2?transport=tcp",
                "turn:[2001:db8::1]:2?transport=tcp",
                "turns:calls.example.org:443?transport=tcp",
            ]
        );
    }

    #[test]
    fn one_ticket_has_one_name() {
        let name = name("a ticket");
        assert_eq!(self::name("a ticket"), name);
        assert_ne!(self::name("another"), name);
        assert_eq!(name.len(), 24);
    }
}
