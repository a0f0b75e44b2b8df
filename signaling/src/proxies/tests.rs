use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::{Network, Proxies};

const FORWARDED: &str = "forwarded";
const LISTED: &str = "x-forwarded-for";

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn proxies(networks: &[&str]) -> Proxies {
    let networks = networks.iter().map(|it| it.parse().expect("a network"));
    Proxies::from(networks.collect::<Vec<_>>())
}

fn headers(lines: &[(&'static str, &[u8])]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let value = HeaderValue::from_bytes(value).expect("a value");
        headers.append(HeaderName::from_static(name), value);
    }
    headers
}

/// Who asks, where a proxy at 127.0.0.1 sends these lines; `10.0.0.0/8` and `fd00::/8` are
/// proxies too.
fn client(lines: &[(&'static str, &[u8])]) -> IpAddr {
    let ours = proxies(&["127.0.0.1", "10.0.0.0/8", "fd00::/8"]);
    ours.client(ip("127.0.0.1"), &headers(lines))
}

#[test]
fn networks_hold_what_begins_alike() {
    for (network, inside, outside) in [
        ("127.0.0.1", "127.0.0.1", "127.0.0.2"),
        ("127.0.0.1", "::ffff:127.0.0.1", "::1"),
        ("10.0.0.0/8", "10.255.1.2", "11.0.0.0"),
        ("192.0.2.77/24", "192.0.2.1", "192.0.3.1"),
        ("0.0.0.0/0", "203.0.113.7", "2001:db8::1"),
        ("::1", "::1", "::2"),
        ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
        ("fe80::/10", "febf::1", "fec0::1"),
    ] {
        let network: Network = network.parse().expect("a network");
        assert!(network.contains(ip(inside)), "{network:?} {inside}");
        assert!(!network.contains(ip(outside)), "{network:?} {outside}");
    }
    let all: Network = "::/0".parse().expect("a network");
    assert!(all.contains(ip("192.0.2.1")) && all.contains(ip("2001:db8::1")));
    for text in [
        "",
        "/",
        "10.0.0.0/",
        "10.0.0.0/33",
        "::/129",
        "10.0.0.0/-1",
        "10.0.0.0/+8",
        "10.0.0/8",
        "localhost",
        "[::1]",
        "10.0.0.1:80",
        "10.0.0.0/8/8",
        "fe80::1%eth0",
        "10.0.0.0/ 8",
        "10.0.0.0/99999999999999",
    ] {
        assert!(text.parse::<Network>().is_err(), "{text}");
    }
}

#[test]
fn the_last_that_is_no_proxy_is_who_asks() {
    for (line, expected) in [
        ("203.0.113.7", "203.0.113.7"),
        (" 203.0.113.7 ", "203.0.113.7"),
        ("203.0.113.7:4711", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        // What stands before it came from whoever asks.
        ("198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("nonsense, \"quoted, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1, 203.0.113.7", "203.0.113.7"),
        // Proxies of ours are passed over.
        ("203.0.113.7, 10.1.2.3", "203.0.113.7"),
        (
            "198.51.100.1, 203.0.113.7,10.1.2.3 , fd00::9",
            "203.0.113.7",
        ),
        ("203.0.113.7,,", "203.0.113.7"),
        // All of them ours: the first asked.
        ("10.9.9.9, 10.1.2.3", "10.9.9.9"),
        // Nobody says who asked that one.
        ("203.0.113.7, unknown, 10.1.2.3", "10.1.2.3"),
        ("203.0.113.7, unknown", "127.0.0.1"),
        ("", "127.0.0.1"),
        (",", "127.0.0.1"),
        ("unknown", "127.0.0.1"),
        ("203.0.113.7:", "127.0.0.1"),
        ("203.0.113.7:http", "127.0.0.1"),
        ("203.0.113.7:123456", "127.0.0.1"),
        ("203.0.113", "127.0.0.1"),
        ("[203.0.113.7]", "127.0.0.1"),
        ("[2001:db8::7", "127.0.0.1"),
        ("[2001:db8::7]4711", "127.0.0.1"),
        ("fe80::1%eth0", "127.0.0.1"),
        ("203.0.113.7 198.51.100.1", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
    ] {
        assert_eq!(client(&[(LISTED, line.as_bytes())]), ip(expected), "{line}");
    }
}

#[test]
fn forwarded_is_read_by_its_grammar() {
    for (line, expected) in [
        ("for=203.0.113.7", "203.0.113.7"),
        ("For=203.0.113.7;proto=https;by=10.0.0.1", "203.0.113.7"),
        ("proto=http;FOR=\"203.0.113.7:4711\"", "203.0.113.7"),
        ("for=\"[2001:db8::7]:4711\"", "2001:db8::7"),
        ("for=\"[2001:db8::7]\"", "2001:db8::7"),
        ("for=\"2\\03.0.113.7\"", "203.0.113.7"),
        ("for=\"203.0.113.7:_port.1\"", "203.0.113.7"),
        ("for=198.51.100.1, for=203.0.113.7", "203.0.113.7"),
        ("for=203.0.113.7 , for=10.1.2.3;by=10.0.0.1", "203.0.113.7"),
        (
            "for=203.0.113.7;host=\"a,b;for=198.51.100.1\"",
            "203.0.113.7",
        ),
        ("for=203.0.113.7;, ,", "203.0.113.7"),
        // Without quotation marks, as some write it.
        ("for=[2001:db8::7]:4711", "2001:db8::7"),
        ("for=203.0.113.7:4711", "203.0.113.7"),
        ("for=203.0.113.7, proto=https", "127.0.0.1"),
        ("for=unknown", "127.0.0.1"),
        ("for=_hidden", "127.0.0.1"),
        ("for=203.0.113.7, for=_hidden", "127.0.0.1"),
        ("for=203.0.113.7, for=_hidden, for=10.1.2.3", "10.1.2.3"),
        ("for=\"\"", "127.0.0.1"),
        ("for=", "127.0.0.1"),
        ("for", "127.0.0.1"),
        ("=203.0.113.7", "127.0.0.1"),
        ("203.0.113.7", "127.0.0.1"),
        ("for=198.51.100.1;for=203.0.113.7", "127.0.0.1"),
        ("for = 203.0.113.7", "127.0.0.1"),
        // A quotation mark left open swallows what the proxy wrote: nothing of it counts.
        ("for=198.51.100.1;x=\", for=203.0.113.7", "127.0.0.1"),
        (
            "for=198.51.100.1;x=\", for=203.0.113.7;host=\"h\"",
            "127.0.0.1",
        ),
        ("for=198.51.100.1;x=\"\\", "127.0.0.1"),
    ] {
        assert_eq!(
            client(&[(FORWARDED, line.as_bytes())]),
            ip(expected),
            "{line}"
        );
    }
}

#[test]
fn several_lines_are_one_list() {
    let lines: [(_, &[u8]); 2] = [
        (LISTED, b"198.51.100.1"),
        (LISTED, b"203.0.113.7, 10.0.0.9"),
    ];
    assert_eq!(client(&lines), ip("203.0.113.7"));
    let lines: [(_, &[u8]); 2] = [(FORWARDED, b"x=\""), (FORWARDED, b"for=203.0.113.7")];
    assert_eq!(client(&lines), ip("203.0.113.7"));
    let lines: [(_, &[u8]); 1] = [(LISTED, b"\xff\xfe, 203.0.113.7")];
    assert_eq!(client(&lines), ip("203.0.113.7"));
}

#[test]
fn two_headers_must_agree() {
    let agree: [(_, &[u8]); 2] = [
        (LISTED, b"203.0.113.7, 10.0.0.9"),
        (FORWARDED, b"for=203.0.113.7"),
    ];
    assert_eq!(client(&agree), ip("203.0.113.7"));
    // A proxy that writes the one passes on the other as whoever asks wrote it.
    let forged: [(_, &[u8]); 2] = [(LISTED, b"203.0.113.7"), (FORWARDED, b"for=198.51.100.1")];
    assert_eq!(client(&forged), ip("127.0.0.1"));
}

#[test]
fn whoever_is_not_named_speaks_for_nobody() {
    let lines = headers(&[(LISTED, b"203.0.113.7"), (FORWARDED, b"for=203.0.113.7")]);
    let peer = ip("192.0.2.9");
    assert_eq!(Proxies::default().client(peer, &lines), peer);
    assert_eq!(proxies(&["192.0.2.8"]).client(peer, &lines), peer);
    let mapped = ip("::ffff:192.0.2.9");
    assert_eq!(
        proxies(&["192.0.2.9"]).client(mapped, &lines),
        ip("203.0.113.7")
    );
}
