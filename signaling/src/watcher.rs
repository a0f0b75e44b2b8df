//! Who watches over this server: programs on its machine, and whoever shows the token of the settings. They read figures,
//! and what is wrong in whole sentences; to others that is nobody's.

use std::net::IpAddr;

use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri};
use subtle::ConstantTimeEq as _;

use crate::house::House;
use crate::listen::Peer;

/// Whether whoever asks so is one.
pub(crate) fn is_watcher(house: &House, peer: &Peer, uri: &Uri, headers: &HeaderMap) -> bool {
    let is_from_here = peer.is_local() && is_asked_here(uri, headers);
    is_from_here || shows_token(house, headers)
}

/// Whether it is asked at a loopback address: what comes by another name has been passed on, by a proxy, say, that does not
/// tell for whom, or is a page's whose name leads here.
fn is_asked_here(uri: &Uri, headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).map(|it| it.to_str().unwrap_or_default());
    let authority = match host {
        Some(host) => host.parse::<Authority>().ok(),
        None => uri.authority().cloned(),
    };
    authority.is_some_and(|it| {
        let host = it.host().trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost")
            || host
                .parse::<IpAddr>()
                .is_ok_and(|it| it.to_canonical().is_loopback())
    })
}

/// Whether the request has the token of the settings (RFC 6750 §2.1).
fn shows_token(house: &House, headers: &HeaderMap) -> bool {
    let Some(token) = &house.metrics_token else {
        return false;
    };
    let shown = headers.get(AUTHORIZATION).map(|it| it.as_bytes());
    let shown = shown.and_then(|it| it.strip_prefix(b"Bearer "));
    shown.is_some_and(|it| bool::from(it.ct_eq(token.reveal().as_bytes())))
}
