//! Against the vectors of RFC 5769, and rule by rule.

use std::net::SocketAddr;

use rtc_crypto::providers::AwsLcRsProvider;
use rtc_stun::attributes::{ATTR_ICE_CONTROLLING, ATTR_PRIORITY, AttrType, RawAttribute};
use rtc_stun::message::{Getter as _, TransactionId};
use rtc_stun::textattrs::TextAttribute;

use super::*;

/// RFC 5769 §2.1, the sample request.
const SAMPLE_REQUEST: [u8; 108] = [
    0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86,
    0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e, 0x20, 0x74, 0x65, 0x73,
    0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00, 0x04, 0x6e, 0x00, 0x01, 0xff,
    0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36, 0x00, 0x06, 0x00, 0x09,
    0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76, 0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14,
    0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49,
    0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf,
];

/// RFC 5769 §2.2, the sample IPv4 response.
const SAMPLE_RESPONSE: [u8; 80] = [
    0x01, 0x01, 0x00, 0x3c, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86,
    0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x0b, 0x74, 0x65, 0x73, 0x74, 0x20, 0x76, 0x65, 0x63,
    0x74, 0x6f, 0x72, 0x20, 0x00, 0x20, 0x00, 0x08, 0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43,
    0x00, 0x08, 0x00, 0x14, 0x2b, 0x91, 0xf5, 0x99, 0xfd, 0x9e, 0x90, 0xc3, 0x8c, 0x74, 0x89, 0xf9,
    0x2a, 0xf9, 0xba, 0x53, 0xf0, 0x6b, 0xe7, 0xd7, 0x80, 0x28, 0x00, 0x04, 0xc0, 0x7d, 0x4c, 0x96,
];

fn credentials(fragment: &str, password: &str) -> Credentials {
    Credentials {
        fragment: fragment.to_owned(),
        password: password.to_owned(),
    }
}

fn ice(fragment: &str, password: &str, remote: &str) -> Ice {
    Ice::new(
        Arc::new(AwsLcRsProvider::new()),
        credentials(fragment, password),
        credentials(remote, "unused by ICE-lite"),
        Micros(0),
    )
}

fn sample_peer() -> Ice {
    ice("evtj", "VOkJxbRl1RmTxUk/WvJxBt", "h6vY")
}

fn address(port: u16) -> Path {
    Path::Udp(SocketAddr::from(([192, 0, 2, 1], port)))
}

fn request(username: &str, password: &str, attributes: &[AttrType]) -> Vec<u8> {
    let crypto = AwsLcRsProvider::new();
    let mut message = Message::new();
    let mut setters: Vec<Box<dyn Setter + '_>> = vec![
        Box::new(TransactionId::new()),
        Box::new(BINDING_REQUEST),
        Box::new(TextAttribute::new(ATTR_USERNAME, username.to_owned())),
    ];
    for attribute in attributes {
        let value = if *attribute == ATTR_USE_CANDIDATE {
            vec![]
        } else {
            vec![1; 8]
        };
        let length = u16::try_from(value.len()).expect("short");
        setters.push(Box::new(RawAttribute {
            typ: *attribute,
            length,
            value,
        }));
    }
    setters.push(Box::new(
        MessageIntegrity::new_short_term_integrity_with_provider(
            password.to_owned(),
            crypto.crypto(),
        ),
    ));
    setters.push(Box::new(FINGERPRINT));
    message.build(&setters).expect("well formed");
    message.raw
}

fn check(ice: &mut Ice, datagram: &[u8], port: u16) -> Option<Checked> {
    ice.check(Request::read(datagram)?, address(port), Micros(0))
}

#[test]
fn the_sample_request_is_authentic_but_of_a_peer_that_does_not_control() {
    let mut peer = sample_peer();
    let checked = check(&mut peer, &SAMPLE_REQUEST, 5_000).expect("authentic");
    let mut answer = Message {
        raw: checked.answer,
        ..Message::default()
    };
    answer.decode().expect("well formed");
    assert_eq!(
        answer.typ, BINDING_ERROR,
        "the sample carries ICE-CONTROLLED"
    );
    assert!(peer.valid().is_empty());
    for at in 0..SAMPLE_REQUEST.len() - 8 {
        let mut forged = SAMPLE_REQUEST;
        forged[at] ^= 1;
        assert_eq!(check(&mut peer, &forged, 5_000), None, "byte {at}");
    }
}

#[test]
fn the_sample_response_is_what_our_answer_is_made_of() {
    let mut sample = Message {
        raw: SAMPLE_RESPONSE.to_vec(),
        ..Message::default()
    };
    sample.decode().expect("well formed");
    let crypto = AwsLcRsProvider::new();
    MessageIntegrity::check(&mut sample, b"VOkJxbRl1RmTxUk/WvJxBt", crypto.crypto())
        .expect("authentic");
    FINGERPRINT.check(&sample).expect("unharmed");
    let mut mapped = XorMappedAddress::default();
    mapped.get_from(&sample).expect("there");
    assert_eq!(
        SocketAddr::new(mapped.ip, mapped.port),
        address(32_853).address()
    );
    assert!(
        Request::read(&SAMPLE_RESPONSE).is_none(),
        "a response is no check"
    );
}

#[test]
fn the_first_nomination_is_answered_and_used() {
    let mut peer = ice("ours", "password of ours", "theirs");
    let datagram = request(
        "ours:theirs",
        "password of ours",
        &[ATTR_ICE_CONTROLLING, ATTR_USE_CANDIDATE],
    );
    let checked = check(&mut peer, &datagram, 5_000).expect("authentic");
    let mut answer = Message {
        raw: checked.answer,
        ..Message::default()
    };
    answer.decode().expect("well formed");
    assert_eq!(answer.typ, BINDING_SUCCESS);
    let mut mapped = XorMappedAddress::default();
    mapped.get_from(&answer).expect("there");
    assert_eq!(
        SocketAddr::new(mapped.ip, mapped.port),
        address(5_000).address()
    );
    assert_eq!(peer.selected(), Some(address(5_000)));
    assert_eq!(peer.valid(), [address(5_000)]);
}

#[test]
fn a_nomination_moves_where_media_goes_and_a_mere_check_does_not() {
    let mut peer = ice("ours", "password of ours", "theirs");
    let plain = request("ours:theirs", "password of ours", &[ATTR_PRIORITY]);
    let nominated = request("ours:theirs", "password of ours", &[ATTR_USE_CANDIDATE]);
    check(&mut peer, &plain, 1).expect("authentic");
    assert_eq!(peer.selected(), Some(address(1)), "better than nowhere");
    check(&mut peer, &plain, 2).expect("authentic");
    assert_eq!(peer.selected(), Some(address(1)));
    check(&mut peer, &nominated, 2).expect("authentic");
    assert_eq!(peer.selected(), Some(address(2)));
    check(&mut peer, &plain, 1).expect("authentic");
    assert_eq!(peer.selected(), Some(address(2)));
}

#[test]
fn wrong_names_and_passwords_get_no_answer() {
    let mut peer = ice("ours", "password of ours", "theirs");
    for (username, password) in [
        ("ours:theirs", "another password"),
        ("ours:others", "password of ours"),
        ("other:theirs", "password of ours"),
        ("ours", "password of ours"),
    ] {
        assert_eq!(check(&mut peer, &request(username, password, &[]), 1), None);
    }
    assert_eq!(peer.selected(), None);
    assert!(peer.valid().is_empty());
}

#[test]
fn the_addresses_held_valid_are_bounded() {
    let mut peer = ice("ours", "password of ours", "theirs");
    let plain = request("ours:theirs", "password of ours", &[]);
    for port in 1..=40 {
        let checked = check(&mut peer, &plain, port).expect("authentic");
        assert_eq!(checked.dropped, (port > 16).then(|| address(port - 16)));
        assert!(peer.valid().contains(&peer.selected().expect("one is")));
    }
    assert_eq!(peer.valid().len(), 16);
}

#[test]
fn a_restart_takes_new_credentials_and_bridges_with_the_old() {
    let mut peer = ice("ours", "password of ours", "theirs");
    let old = request("ours:theirs", "password of ours", &[ATTR_USE_CANDIDATE]);
    check(&mut peer, &old, 1).expect("authentic");
    let none = peer.restart(
        credentials("new", "password anew"),
        credentials("fresh", "unused"),
    );
    assert_eq!(none, None);
    assert!(
        check(&mut peer, &old, 1).is_some(),
        "consent goes on meanwhile"
    );
    check(&mut peer, &old, 3).expect("authentic");
    assert_eq!(
        peer.selected(),
        Some(address(1)),
        "the old credentials nominate no more"
    );
    let new = request("new:fresh", "password anew", &[ATTR_USE_CANDIDATE]);
    check(&mut peer, &new, 2).expect("authentic");
    assert_eq!(peer.selected(), Some(address(2)));
    let crossed = request("new:theirs", "password anew", &[ATTR_USE_CANDIDATE]);
    assert_eq!(check(&mut peer, &crossed, 4), None);
    let forgotten = peer.restart(
        credentials("third", "password again"),
        credentials("third", "unused"),
    );
    assert_eq!(forgotten.as_deref(), Some("ours"));
    assert_eq!(check(&mut peer, &old, 1), None);
}

#[test]
fn consent_lasts_thirty_seconds() {
    let peer = ice("ours", "password of ours", "theirs");
    assert!(!peer.is_stale(Micros(30_000_000)));
    assert!(peer.is_stale(Micros(30_000_001)));
}

#[test]
fn a_path_that_is_no_more_is_left_for_the_one_checked_last() {
    let mut peer = ice("ours", "password of ours", "theirs");
    let plain = request("ours:theirs", "password of ours", &[]);
    let nominated = request("ours:theirs", "password of ours", &[ATTR_USE_CANDIDATE]);
    check(&mut peer, &plain, 1).expect("authentic");
    check(&mut peer, &plain, 2).expect("authentic");
    check(&mut peer, &nominated, 3).expect("authentic");
    peer.forget(address(1));
    assert_eq!(peer.selected(), Some(address(3)));
    peer.forget(address(3));
    assert_eq!(peer.selected(), Some(address(2)));
    peer.forget(address(2));
    assert_eq!(peer.selected(), None);
}
