//! Against the vectors of RFC 5769, and rule by rule.

use rtc_crypto::providers::AwsLcRsProvider;
use rtc_stun::attributes::{ATTR_ICE_CONTROLLING, AttrType, RawAttribute};
use rtc_stun::message::Getter as _;

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
        credentials(remote, REMOTE),
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

/// The password that the other side proves its answers with.
const REMOTE: &str = "password of theirs";

fn seconds(seconds: f64) -> Micros {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "few and positive"
    )]
    Micros((seconds * 1e6) as u64)
}

/// The answer to an ask, proved with `password`, with `more` behind the integrity.
fn answer_to(ask: &[u8], password: &str, more: &[u8]) -> Vec<u8> {
    let crypto = AwsLcRsProvider::new();
    let ask = Reading::read(ask).expect("an ask is STUN");
    let mut message = Message::new();
    message
        .build(&[
            Box::new(TransactionId(ask.transaction())) as Box<dyn Setter>,
            Box::new(BINDING_SUCCESS),
            Box::new(MessageIntegrity::new_short_term_integrity_with_provider(
                password.to_owned(),
                crypto.crypto(),
            )),
        ])
        .expect("well formed");
    message.raw.extend_from_slice(more);
    message.raw
}

/// Answers from each of `ports` what is asked there at `at`; gives where else asks went.
fn agree(ice: &mut Ice, ports: &[u16], at: u64) -> Vec<Path> {
    let password = ice.credentials.1.password.clone();
    let mut elsewhere = Vec::new();
    for (to, ask) in ice.asks(Micros(at)) {
        if ports.iter().any(|port| address(*port) == to) {
            let answer = answer_to(&ask, &password, &[]);
            ice.answered(Reading::read(&answer).expect("STUN"), to, Micros(at));
        } else {
            elsewhere.push(to);
        }
    }
    elsewhere
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
    assert_eq!(peer.valid().count(), 0);
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
    assert_eq!(peer.valid().collect::<Vec<_>>(), [address(5_000)]);
    assert_eq!(peer.selected(), None, "it has not agreed yet");
    assert_eq!(peer.for_handshake(Micros(0)), Some(address(5_000)));
    agree(&mut peer, &[5_000], 0);
    assert_eq!(peer.selected(), Some(address(5_000)));
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
    assert_eq!(peer.valid().count(), 0);
}

#[test]
fn the_addresses_held_valid_are_bounded() {
    let mut peer = ice("ours", "password of ours", "theirs");
    let plain = request("ours:theirs", "password of ours", &[]);
    for port in 1..=40 {
        let checked = check(&mut peer, &plain, port).expect("authentic");
        assert_eq!(checked.dropped, (port > 16).then(|| address(port - 16)));
    }
    assert_eq!(peer.valid().count(), 16);
}

#[test]
fn a_restart_takes_new_credentials_and_bridges_with_the_old() {
    let mut peer = ice("ours", "password of ours", "theirs");
    let old = request("ours:theirs", "password of ours", &[ATTR_USE_CANDIDATE]);
    check(&mut peer, &old, 1).expect("authentic");
    agree(&mut peer, &[1], 0);
    let none = peer.restart(
        credentials("new", "password anew"),
        credentials("fresh", "password afresh"),
    );
    assert_eq!(none, None);
    assert!(
        check(&mut peer, &old, 1).is_some(),
        "consent goes on meanwhile"
    );
    check(&mut peer, &old, 3).expect("authentic");
    let asked = peer.asks(Micros(0));
    assert!(
        asked.iter().all(|(_, ask)| {
            let reading = Reading::read(ask).expect("STUN");
            reading.text(stun::USERNAME) == Some("theirs:ours")
                && reading.is_authentic(REMOTE.as_bytes(), peer.crypto.crypto())
        }),
        "a path of before is asked by the credentials of before"
    );
    assert_eq!(
        peer.selected(),
        Some(address(1)),
        "the old credentials nominate no more"
    );
    let new = request("new:fresh", "password anew", &[ATTR_USE_CANDIDATE]);
    check(&mut peer, &new, 2).expect("authentic");
    agree(&mut peer, &[2], 0);
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
fn what_stands_behind_the_integrity_does_not_count() {
    let mut peer = ice("ours", "password of ours", "theirs");
    let plain = request("ours:theirs", "password of ours", &[]);
    let without_fingerprint = &plain[..plain.len() - 8];
    let mut extended = without_fingerprint.to_vec();
    extended.extend([0, 0x25, 0, 0, 0x80, 0x29, 0, 8, 1, 1, 1, 1, 1, 1, 1, 1]);
    let length = u16::try_from(extended.len() - 20).expect("short");
    extended[2..4].copy_from_slice(&length.to_be_bytes());
    let checked = check(&mut peer, &extended, 1).expect("what counts of it is authentic");
    let answer = Reading::read(&checked.answer).expect("STUN");
    assert_eq!(answer.kind(), BINDING_SUCCESS.value(), "no role is claimed");
    agree(&mut peer, &[1], 0);
    let nominated = request("ours:theirs", "password of ours", &[ATTR_USE_CANDIDATE]);
    check(&mut peer, &nominated, 2).expect("authentic");
    agree(&mut peer, &[2], 0);
    assert_eq!(
        peer.selected(),
        Some(address(2)),
        "the first was no nomination"
    );
}

#[test]
fn nobody_is_sent_to_who_does_not_answer() {
    let mut peer = ice("ours", "password of ours", "theirs");
    let nominated = request("ours:theirs", "password of ours", &[ATTR_USE_CANDIDATE]);
    let victim = address(9);
    let mut asked = 0;
    // The peer lives at one address and forges checks that nominate another, for a minute.
    for tenth in 0..600 {
        let now = Micros(tenth * 100_000);
        for port in [1, 9] {
            let request = Request::read(&nominated).expect("a request");
            peer.check(request, address(port), now).expect("authentic");
        }
        asked += agree(&mut peer, &[1], now.0).len();
        peer.heard(address(1), now);
        // Its media, too, may be forged to come from there.
        peer.heard(victim, now);
        peer.tick(now);
        assert_eq!(peer.selected(), Some(address(1)), "at {now:?}");
    }
    assert!((30..=70).contains(&asked), "asked {asked} times");
}

#[test]
fn an_answer_counts_once_from_where_it_was_asked_and_with_the_right_password() {
    let mut peer = ice("ours", "password of ours", "theirs");
    let plain = request("ours:theirs", "password of ours", &[]);
    check(&mut peer, &plain, 1).expect("authentic");
    check(&mut peer, &plain, 2).expect("authentic");
    let asks = peer.asks(Micros(0));
    assert_eq!(asks.len(), 2);
    let (to, ask) = &asks[0];
    let (other, _) = &asks[1];
    let good = answer_to(ask, REMOTE, &[]);
    let mut error = good.clone();
    error[..2].copy_from_slice(&[1, 0x11]);
    for (answer, from) in [
        (answer_to(ask, "password of ours", &[]), *to),
        (good.clone(), *other),
        (good.clone(), address(3)),
        (error, *to),
        (ask.clone(), *to),
    ] {
        peer.answered(Reading::read(&answer).expect("STUN"), from, Micros(0));
        assert_eq!(peer.selected(), None);
    }
    let reading = Reading::read(&good).expect("STUN");
    peer.answered(reading, *to, Micros(0));
    assert_eq!(peer.selected(), Some(*to));
    // The same answer again is no consent for longer.
    peer.answered(reading, *to, seconds(9.0));
    peer.tick(seconds(10.1));
    assert_eq!(peer.selected(), None);
}

#[test]
fn consent_is_asked_for_every_few_seconds_and_lasts_ten() {
    let mut peer = ice("ours", "password of ours", "theirs");
    assert!(!peer.is_stale(seconds(30.0)));
    assert!(peer.is_stale(seconds(30.1)), "no path ever agreed");
    let plain = request("ours:theirs", "password of ours", &[]);
    check(&mut peer, &plain, 1).expect("authentic");
    let mut asks = 0;
    for hundredth in 0..3_000 {
        let now = Micros(hundredth * 10_000);
        for (to, ask) in peer.asks(now) {
            asks += 1;
            let answer = answer_to(&ask, REMOTE, &[]);
            peer.answered(Reading::read(&answer).expect("STUN"), to, now);
        }
        peer.tick(now);
        assert_eq!(peer.selected(), Some(address(1)));
    }
    assert!((10..=16).contains(&asks), "{asks} in 30 s");
    // It answers no more: it is asked more often, and ten seconds later given up.
    let mut unanswered = 0;
    for hundredth in 3_000..4_500 {
        unanswered += peer.asks(Micros(hundredth * 10_000)).len();
        peer.tick(Micros(hundredth * 10_000));
    }
    assert_eq!(peer.selected(), None);
    assert!(peer.is_stale(seconds(45.0)));
    assert!((10..=20).contains(&unanswered), "{unanswered}");
}

/// Checks from both ports with `nominated`, answers from `answering`, media from `media`, every
/// 20 ms of `of` milliseconds; gives how often what is used changed.
fn live(
    peer: &mut Ice,
    of: std::ops::Range<u64>,
    nominated: [bool; 2],
    answering: &[u16],
    media: Option<u16>,
) -> usize {
    let mut changes = 0;
    for at in of.step_by(20) {
        let now = Micros(at * 1_000);
        let before = peer.selected();
        for (port, nominates) in [(1, nominated[0]), (2, nominated[1])] {
            let attributes: &[AttrType] = if nominates {
                &[ATTR_PRIORITY, ATTR_USE_CANDIDATE]
            } else {
                &[ATTR_PRIORITY]
            };
            // Every 2.5 s each, as browsers do on paths that work.
            if at % 2_500 == 0 {
                let datagram = request("ours:theirs", "password of ours", attributes);
                let request = Request::read(&datagram).expect("a request");
                peer.check(request, address(port), now).expect("authentic");
            }
        }
        agree(peer, answering, now.0);
        if let Some(port) = media {
            peer.heard(address(port), now);
        }
        peer.tick(now);
        changes += usize::from(before.is_some() && before != peer.selected());
    }
    changes
}

#[test]
fn a_path_that_works_one_way_only_is_not_used_however_often_it_is_nominated() {
    let mut peer = ice("ours", "password of ours", "theirs");
    let changes = live(&mut peer, 0..30_000, [true, true], &[2], Some(2));
    assert_eq!((changes, peer.selected()), (0, Some(address(2))));
}

#[test]
fn between_two_that_work_the_peers_own_media_decides_and_nothing_flaps() {
    let mut peer = ice("ours", "password of ours", "theirs");
    assert!(live(&mut peer, 0..5_000, [true, true], &[1, 2], Some(2)) <= 1);
    assert_eq!(peer.selected(), Some(address(2)));
    assert_eq!(
        live(&mut peer, 5_000..30_000, [true, true], &[1, 2], Some(2)),
        0
    );
    // It goes elsewhere without a word.
    assert_eq!(
        live(&mut peer, 30_000..31_000, [true, true], &[1, 2], Some(1)),
        1
    );
    assert_eq!(peer.selected(), Some(address(1)));
    assert_eq!(
        live(&mut peer, 31_000..50_000, [true, true], &[1, 2], None),
        0
    );
}

#[test]
fn the_nominated_path_is_used_where_there_is_no_media_yet() {
    let mut peer = ice("ours", "password of ours", "theirs");
    live(&mut peer, 0..2_500, [false, false], &[1, 2], None);
    live(&mut peer, 2_500..5_000, [false, true], &[1, 2], None);
    assert_eq!(peer.selected(), Some(address(2)));
    assert_eq!(
        live(&mut peer, 5_000..20_000, [false, true], &[1, 2], None),
        0
    );
}

#[test]
fn a_path_that_is_no_more_is_left_for_one_that_agrees() {
    let mut peer = ice("ours", "password of ours", "theirs");
    let plain = request("ours:theirs", "password of ours", &[]);
    let nominated = request("ours:theirs", "password of ours", &[ATTR_USE_CANDIDATE]);
    check(&mut peer, &plain, 1).expect("authentic");
    check(&mut peer, &plain, 2).expect("authentic");
    check(&mut peer, &nominated, 3).expect("authentic");
    agree(&mut peer, &[1, 2, 3], 0);
    peer.forget(address(1), Micros(0));
    assert_eq!(peer.selected(), Some(address(3)));
    peer.forget(address(3), Micros(0));
    assert_eq!(peer.selected(), Some(address(2)));
    peer.forget(address(2), Micros(0));
    assert_eq!(peer.selected(), None);
}
