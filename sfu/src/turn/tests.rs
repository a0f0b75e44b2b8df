//! Rule by rule, as clients and strangers see it.

use proptest::prelude::*;
use rtc_crypto::providers::AwsLcRsProvider;
use rtc_stun::attributes::AttrType;
use rtc_stun::message::{Message, Setter as _};

use super::*;

type Attributes<'asked> = &'asked [(u16, &'asked [u8])];

const USERNAME: &str = "0-abcdefgh";
const PASSWORD: &str = "a password of 24 letters";

const ALLOCATE: u16 = 0x0003;
const REFRESH: u16 = 0x0004;
const SEND: u16 = 0x0016;
const CREATE_PERMISSION: u16 = 0x0008;
const CHANNEL_BIND: u16 = 0x0009;

const UDP_ASKED: (u16, &[u8]) = (message::REQUESTED_TRANSPORT, &[UDP, 0, 0, 0]);

fn ours() -> Vec<SocketAddr> {
    ["192.0.2.1:8081", "[2001:db8::1]:8081", "198.51.100.7:8081"]
        .map(|text| text.parse().expect("an address"))
        .to_vec()
}

/// A relay with credentials, and one client of it.
struct Stage {
    turn: Turn,
    client: Path,
    nonce: String,
    username: String,
    password: String,
    now: Micros,
    transaction: [u8; 12],
}

/// What an answer says.
#[derive(Debug, PartialEq)]
enum Extensions {
    Nothing,
    Done(Message),
    Refused(u16, Message),
}

fn udp(port: u16) -> Path {
    Path::Udp(SocketAddr::from(([203, 0, 113, 9], port)))
}

fn stream(number: u64) -> Path {
    Path::Stream {
        stream: crate::path::StreamId(number),
        from: SocketAddr::from(([203, 0, 113, 9], 40_000)),
    }
}

fn message(kind: u16, transaction: [u8; 12], attributes: &[(u16, &[u8])]) -> Message {
    let mut message = Message::new();
    let mut typ = rtc_stun::message::MessageType::default();
    typ.read_value(kind);
    message.set_type(typ);
    message.transaction_id = rtc_stun::message::TransactionId(transaction);
    message.write_header();
    for (kind, value) in attributes {
        message.add(AttrType(*kind), value);
    }
    message
}

fn peer_address(address: SocketAddr) -> Vec<u8> {
    let mut carrier = message(SEND, [0; 12], &[]);
    let value = rtc_stun::xoraddr::XorMappedAddress {
        ip: address.ip(),
        port: address.port(),
    };
    value
        .add_to_as(&mut carrier, AttrType(message::XOR_PEER_ADDRESS))
        .expect("every address can be written");
    carrier.attributes.0[0].value.clone()
}

fn read(answer: &[u8]) -> Extensions {
    let mut message = Message {
        raw: answer.to_vec(),
        ..Message::default()
    };
    message.decode().expect("an answer is STUN");
    match message.get(rtc_stun::attributes::ATTR_ERROR_CODE) {
        Ok(code) => Extensions::Refused(u16::from(code[2]) * 100 + u16::from(code[3]), message),
        Err(_none) => Extensions::Done(message),
    }
}

impl Stage {
    fn new(client: Path) -> Self {
        let mut turn = Turn::new(ours(), Arc::new(AwsLcRsProvider::new()));
        let now = Micros(1_000_000);
        turn.grant(USERNAME.to_owned(), PASSWORD.to_owned(), now);
        turn.hold(USERNAME, now);
        let mut stage = Self {
            turn,
            client,
            nonce: String::new(),
            username: USERNAME.to_owned(),
            password: PASSWORD.to_owned(),
            now,
            transaction: [0; 12],
        };
        stage.nonce = stage.challenge();
        stage
    }

    /// One that has allocated.
    fn allocated(client: Path) -> Self {
        let mut stage = Self::new(client);
        let Extensions::Done(_) = stage.ask(ALLOCATE, &[UDP_ASKED]) else {
            panic!("it is granted");
        };
        stage
    }

    /// The nonce that comes with 401.
    fn challenge(&mut self) -> String {
        let request = message(ALLOCATE, [7; 12], &[UDP_ASKED]);
        let mut taken = self.turn.handle(self.client, &request.raw, self.now);
        if taken == Taken::Nothing {
            // An answer longer than what was asked: it is asked again.
            taken = self.turn.handle(self.client, &request.raw, self.now);
        }
        let Taken::Answer(answer) = taken else {
            panic!("it is answered");
        };
        let Extensions::Refused(401, answer) = read(&answer) else {
            panic!("it asks for credentials");
        };
        String::from_utf8(answer.get(AttrType(message::NONCE)).expect("there")).expect("text")
    }

    /// A request with credentials.
    fn request(&self, kind: u16, attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let mut message = message(kind, self.transaction, attributes);
        message.add(AttrType(message::USERNAME), self.username.as_bytes());
        message.add(AttrType(message::REALM), REALM.as_bytes());
        message.add(AttrType(message::NONCE), self.nonce.as_bytes());
        let crypto = AwsLcRsProvider::new();
        MessageIntegrity::new_long_term_integrity_with_provider(
            self.username.clone(),
            REALM.to_owned(),
            self.password.clone(),
            crypto.crypto(),
        )
        .expect("MD5 is built in")
        .add_to(&mut message)
        .expect("nothing stands behind it");
        message.raw
    }

    fn ask(&mut self, kind: u16, attributes: &[(u16, &[u8])]) -> Extensions {
        // Addresses are written for a transaction of zeroes; an allocation needs one of its own.
        let count = self.transaction[0].wrapping_add(1);
        let before = std::mem::take(&mut self.transaction);
        if kind == ALLOCATE {
            self.transaction = [count; 12];
        }
        let request = self.request(kind, attributes);
        if kind != ALLOCATE {
            self.transaction = before;
        }
        match self.turn.handle(self.client, &request, self.now) {
            Taken::Nothing => Extensions::Nothing,
            Taken::Answer(answer) => read(&answer),
            Taken::Relayed { .. } => panic!("a request is answered"),
        }
    }

    fn refused(&mut self, kind: u16, attributes: &[(u16, &[u8])]) -> u16 {
        match self.ask(kind, attributes) {
            Extensions::Refused(code, _) => code,
            said @ (Extensions::Nothing | Extensions::Done(_)) => {
                panic!("it is refused, not {said:?}")
            }
        }
    }

    fn done(&mut self, kind: u16, attributes: &[(u16, &[u8])]) {
        let said = self.ask(kind, attributes);
        assert!(matches!(said, Extensions::Done(_)), "{said:?}");
    }

    fn permit(&mut self, peer: SocketAddr) {
        self.done(
            CREATE_PERMISSION,
            &[(message::XOR_PEER_ADDRESS, &peer_address(peer))],
        );
    }

    fn send(&mut self, peer: SocketAddr) -> Taken {
        let address = peer_address(peer);
        let attributes = [
            (message::XOR_PEER_ADDRESS, address.as_slice()),
            (message::DATA, b"hello"),
        ];
        let indication = message(SEND, [0; 12], &attributes).raw;
        self.turn.handle(self.client, &indication, self.now)
    }

    fn pass(&mut self, seconds: u64) {
        self.now = self.now.after_ms(seconds * 1_000);
        self.turn.tick(self.now);
    }
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "one conversation, from its beginning to its end"
)]
fn data_goes_both_ways_by_indications_and_by_channels() {
    for client in [udp(5_000), stream(3)] {
        let mut stage = Stage::allocated(client);
        let [first, _, second] = ours()[..] else {
            panic!("there are three");
        };
        assert_eq!(stage.send(first), Taken::Nothing, "without a permission");
        stage.permit(first);
        let Taken::Relayed { from, at } = stage.send(first) else {
            panic!("it is relayed");
        };
        assert_eq!(at.len(), 5);
        let Path::Relay {
            allocation,
            at,
            relayed,
        } = from
        else {
            panic!("it comes from a relayed address");
        };
        assert_eq!((at, relayed.ip()), (0, first.ip()));
        // The answer, as an indication.
        let wrapping = stage
            .turn
            .wrap(allocation, at, 5, stage.now)
            .expect("permitted");
        assert_eq!((wrapping.client, wrapping.padding), (client, 3));
        let mut indication = wrapping.head;
        indication.extend(b"world\0\0\0");
        let Extensions::Done(indication) = read(&indication) else {
            panic!("it is no refusal");
        };
        assert_eq!(indication.typ.value(), 0x0017);
        assert_eq!(
            indication.get(AttrType(message::DATA)).expect("there"),
            b"world"
        );
        let mut peer = rtc_stun::xoraddr::XorMappedAddress::default();
        peer.get_from_as(&indication, AttrType(message::XOR_PEER_ADDRESS))
            .expect("there");
        assert_eq!(SocketAddr::new(peer.ip, peer.port), first);
        // The other address of ours, by a channel; the first stays as it is.
        let bind = [
            (message::CHANNEL_NUMBER, &[0x40, 1, 0, 0][..]),
            (message::XOR_PEER_ADDRESS, &peer_address(second)),
        ];
        assert!(stage.turn.wrap(allocation, 2, 5, stage.now).is_none());
        stage.done(CHANNEL_BIND, &bind);
        let data = [0x40, 1, 0, 5, 1, 2, 3, 4, 5];
        let relayed = stage.turn.handle(client, &data, stage.now);
        let Taken::Relayed { from, at } = relayed else {
            panic!("it is relayed");
        };
        assert_eq!(at, 4..9);
        let Path::Relay { at, .. } = from else {
            panic!("it comes from a relayed address");
        };
        let wrapping = stage
            .turn
            .wrap(allocation, at, 5, stage.now)
            .expect("bound");
        assert_eq!(wrapping.head, [0x40, 1, 0, 5]);
        let is_udp = matches!(client, Path::Udp(_));
        assert_eq!(wrapping.padding, if is_udp { 0 } else { 3 });
        // Others' channels, channels that are not bound, and lengths that are not true.
        assert_eq!(stage.turn.handle(udp(1), &data, stage.now), Taken::Nothing);
        for data in [
            &[0x40, 2, 0, 1, 1][..],
            &[0x40, 1, 0, 9, 1],
            &[0x40, 1],
            &[0x40],
        ] {
            assert_eq!(stage.turn.handle(client, data, stage.now), Taken::Nothing);
        }
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "the list is long")]
fn it_leads_to_our_media_and_nowhere_else() {
    let forbidden = [
        "0.0.0.0:8081",
        "127.0.0.1:8081",
        "127.0.0.1:80",
        "10.0.0.1:8081",
        "169.254.169.254:80",
        "192.0.2.2:8081",
        "192.0.2.255:8081",
        "255.255.255.255:8081",
        "224.0.0.1:8081",
        "203.0.113.9:5000",
        "[::]:8081",
        "[::1]:8081",
        "[::ffff:127.0.0.1]:8081",
        "[::ffff:192.0.2.1]:8081",
        "[::192.0.2.1]:8081",
        "[::ffff:169.254.169.254]:80",
        "[2002:c000:201::1]:8081",
        "[2002:7f00:1::]:8081",
        "[64:ff9b::c000:201]:8081",
        "[64:ff9b::7f00:1]:8081",
        "[64:ff9b:1::192.0.2.1]:8081",
        "[2001::c000:201]:8081",
        "[fe80::1]:8081",
        "[fec0::1]:8081",
        "[fd00::1]:8081",
        "[ff02::1]:8081",
        "[2001:db8::2]:8081",
    ];
    let families: [&[(u16, &[u8])]; 2] = [
        &[UDP_ASKED],
        &[
            UDP_ASKED,
            (message::REQUESTED_ADDRESS_FAMILY, &[2, 0, 0, 0]),
        ],
    ];
    for asked in families {
        let mut stage = Stage::new(udp(5_000));
        stage.done(ALLOCATE, asked);
        let is_v4 = asked.len() == 1;
        let own = if is_v4 { ours()[0] } else { ours()[1] };
        stage.permit(own);
        for text in forbidden {
            let address: SocketAddr = text.parse().expect("an address");
            let peer = peer_address(address);
            let with_own = [
                (message::XOR_PEER_ADDRESS, &*peer_address(own)),
                (message::XOR_PEER_ADDRESS, &peer),
            ];
            assert_eq!(
                stage.refused(CREATE_PERMISSION, &with_own[1..]),
                403,
                "{text}"
            );
            assert_eq!(stage.refused(CREATE_PERMISSION, &with_own), 403, "{text}");
            let bind = [
                (message::CHANNEL_NUMBER, &[0x40, 1, 0, 0][..]),
                (message::XOR_PEER_ADDRESS, &peer),
            ];
            assert_eq!(stage.refused(CHANNEL_BIND, &bind), 403, "{text}");
            assert_eq!(stage.send(address), Taken::Nothing, "{text}");
        }
        // Our own address, and another port of it: that of the pages, say.
        for port in [0, 22, 80, 443, 8_080, 8_082, 65_535] {
            let address = SocketAddr::new(own.ip(), port);
            let peer = peer_address(address);
            let bind = [
                (message::CHANNEL_NUMBER, &[0x40, 1, 0, 0][..]),
                (message::XOR_PEER_ADDRESS, &peer),
            ];
            assert_eq!(stage.refused(CHANNEL_BIND, &bind), 403, "{address}");
            assert_eq!(stage.send(address), Taken::Nothing, "{address}");
        }
        // The other family of ours.
        let other = if is_v4 { ours()[1] } else { ours()[0] };
        let peer = peer_address(other);
        assert_eq!(
            stage.refused(CREATE_PERMISSION, &[(message::XOR_PEER_ADDRESS, &peer)]),
            443
        );
        assert!(matches!(stage.send(own), Taken::Relayed { .. }), "still");
    }
}

#[test]
fn what_it_leads_to_follows_what_is_announced() {
    let mut stage = Stage::allocated(udp(40_000));
    let [before, after] =
        ["192.0.2.1:8081", "192.0.2.77:8081"].map(|text| text.parse().expect("an address"));
    let refused = |stage: &mut Stage, address| {
        let value = peer_address(address);
        stage.refused(CREATE_PERMISSION, &[(message::XOR_PEER_ADDRESS, &value)])
    };
    assert_eq!(refused(&mut stage, after), 403);
    stage.permit(before);
    stage.turn.announce(vec![after]);
    stage.permit(after);
    assert_eq!(refused(&mut stage, before), 403);
}

#[test]
fn a_way_to_an_address_that_stays_outlives_changes_of_the_others() {
    let mut stage = Stage::allocated(udp(40_000));
    let [gone, stays, new] = ["192.0.2.1:8081", "198.51.100.7:8081", "192.0.2.77:8081"]
        .map(|text| text.parse::<SocketAddr>().expect("an address"));
    let value = peer_address(stays);
    let bind = [
        (message::CHANNEL_NUMBER, &[0x40, 1, 0, 0][..]),
        (message::XOR_PEER_ADDRESS, value.as_slice()),
    ];
    stage.permit(stays);
    stage.done(CHANNEL_BIND, &bind);
    let way = |stage: &mut Stage| match stage.send(stays) {
        Taken::Relayed { from, .. } => from,
        taken @ (Taken::Nothing | Taken::Answer(_)) => panic!("it is relayed, not {taken:?}"),
    };
    let before = way(&mut stage);
    for ours in [vec![stays], vec![new, stays], vec![gone, new, stays]] {
        stage.turn.announce(ours);
        assert_eq!(way(&mut stage), before, "it is the same peer's");
        let Path::Relay { allocation, at, .. } = before else {
            panic!("it is relayed");
        };
        let wrapping = stage.turn.wrap(allocation, at, 5, stage.now);
        assert_eq!(wrapping.expect("it goes back").head, [0x40, 1, 0, 5]);
        stage.permit(stays);
        stage.done(CHANNEL_BIND, &bind);
    }
}

#[test]
fn an_address_that_cannot_be_read_is_no_address() {
    let mut stage = Stage::allocated(udp(5_000));
    let good = peer_address(ours()[0]);
    for bad in [&good[..7], &good[..0], &[&good[..], &[0; 4]].concat(), &{
        let mut family = good.clone();
        family[1] = 3;
        family
    }] {
        let peer = [(message::XOR_PEER_ADDRESS, bad)];
        assert_eq!(stage.refused(CREATE_PERMISSION, &peer), 400, "{bad:?}");
        let bind = [(message::CHANNEL_NUMBER, &[0x40, 1, 0, 0][..]), peer[0]];
        assert_eq!(stage.refused(CHANNEL_BIND, &bind), 400, "{bad:?}");
    }
    assert_eq!(stage.refused(CREATE_PERMISSION, &[]), 400);
    let many = vec![(message::XOR_PEER_ADDRESS, good.as_slice()); MOST_PEERS + 1];
    assert_eq!(stage.refused(CREATE_PERMISSION, &many), 400);
}

#[test]
fn only_who_holds_credentials_is_served() {
    let mut stage = Stage::new(udp(5_000));
    for (username, password) in [(USERNAME, "another"), ("0-nobody", PASSWORD), ("", "")] {
        username.clone_into(&mut stage.username);
        password.clone_into(&mut stage.password);
        assert_eq!(stage.refused(ALLOCATE, &[UDP_ASKED]), 401);
    }
    USERNAME.clone_into(&mut stage.username);
    PASSWORD.clone_into(&mut stage.password);
    // A nonce of another address, and one that has grown old.
    stage.client = udp(5_001);
    let Extensions::Refused(438, answer) = stage.ask(ALLOCATE, &[UDP_ASKED]) else {
        panic!("a nonce is good for its client alone");
    };
    let fresh = answer.get(AttrType(message::NONCE)).expect("there");
    stage.nonce = String::from_utf8(fresh).expect("text");
    stage.pass(700);
    assert_eq!(stage.refused(ALLOCATE, &[UDP_ASKED]), 438);
    stage.nonce = stage.challenge();
    stage.done(ALLOCATE, &[UDP_ASKED]);
    // Somebody else's credentials on this client's address.
    stage
        .turn
        .grant("0-other".to_owned(), PASSWORD.to_owned(), stage.now);
    "0-other".clone_into(&mut stage.username);
    for kind in [REFRESH, CREATE_PERMISSION, CHANNEL_BIND] {
        assert_eq!(stage.refused(kind, &[]), 441);
    }
    assert_eq!(stage.refused(ALLOCATE, &[UDP_ASKED]), 437);
}

#[test]
fn every_changed_byte_of_a_request_is_noticed() {
    let mut stage = Stage::new(stream(1));
    let request = stage.request(ALLOCATE, &[UDP_ASKED]);
    for at in 0..request.len() {
        let mut forged = request.clone();
        forged[at] ^= 1;
        if !is_turn(&forged) {
            continue;
        }
        match stage.turn.handle(stage.client, &forged, stage.now) {
            Taken::Nothing => {}
            Taken::Answer(answer) => {
                assert!(
                    matches!(read(&answer), Extensions::Refused(..)),
                    "byte {at}"
                );
            }
            Taken::Relayed { .. } => panic!("byte {at}"),
        }
    }
    assert!(stage.turn.allocations.is_empty());
}

#[test]
fn what_was_granted_ends_with_its_session_at_once() {
    for client in [udp(5_000), stream(3)] {
        let mut stage = Stage::allocated(client);
        stage.permit(ours()[0]);
        let Taken::Relayed { from, .. } = stage.send(ours()[0]) else {
            panic!("it is relayed");
        };
        stage.turn.revoke(USERNAME);
        assert_eq!(stage.send(ours()[0]), Taken::Nothing);
        assert_eq!(stage.refused(REFRESH, &[]), 401);
        assert_eq!(stage.refused(ALLOCATE, &[UDP_ASKED]), 401);
        let ended = stage.turn.ended();
        assert!(ended.contains(&from));
        assert_eq!(
            ended.contains(&client),
            matches!(client, Path::Stream { .. })
        );
        assert!(stage.turn.is_empty());
    }
}

#[test]
fn credentials_that_no_session_holds_end_by_themselves() {
    let mut stage = Stage::new(udp(5_000));
    stage
        .turn
        .grant("0-late".to_owned(), PASSWORD.to_owned(), stage.now);
    "0-late".clone_into(&mut stage.username);
    stage.done(ALLOCATE, &[UDP_ASKED]);
    stage.pass(89);
    stage.done(REFRESH, &[]);
    stage.pass(2);
    assert_eq!(stage.refused(REFRESH, &[]), 401);
    assert!(stage.turn.is_empty());
    stage.turn.hold("0-late", stage.now);
    assert_eq!(stage.refused(ALLOCATE, &[UDP_ASKED]), 401);
}

#[test]
#[expect(clippy::too_many_lines, reason = "the list is long")]
fn requests_that_cannot_be_met_are_refused_as_the_standard_says() {
    const TCP: (u16, &[u8]) = (message::REQUESTED_TRANSPORT, &[6, 0, 0, 0]);
    const SHORT: (u16, &[u8]) = (message::REQUESTED_TRANSPORT, &[17]);
    let token = (message::RESERVATION_TOKEN, &[0; 8][..]);
    let dont_fragment = (0x001a, &[][..]);
    let cases: [(Attributes<'_>, u16); 11] = [
        (&[], 400),
        (&[TCP], 442),
        (&[SHORT], 400),
        (&[UDP_ASKED, token], 508),
        (&[UDP_ASKED, token, (message::EVEN_PORT, &[0])], 400),
        (&[UDP_ASKED, (message::EVEN_PORT, &[0x80])], 508),
        (
            &[
                UDP_ASKED,
                (message::REQUESTED_ADDRESS_FAMILY, &[3, 0, 0, 0]),
            ],
            440,
        ),
        (&[UDP_ASKED, (message::REQUESTED_ADDRESS_FAMILY, &[])], 440),
        (&[UDP_ASKED, dont_fragment], 420),
        (&[UDP_ASKED, (0x7abc, &[1, 2, 3])], 420),
        (&[UDP_ASKED, dont_fragment, (0x7abc, &[])], 420),
    ];
    let mut stage = Stage::new(udp(5_000));
    for (attributes, code) in cases {
        assert_eq!(stage.refused(ALLOCATE, attributes), code, "{attributes:?}");
    }
    let Extensions::Refused(420, answer) = stage.ask(ALLOCATE, cases[10].0) else {
        panic!("it is not understood");
    };
    let unknown = answer.get(rtc_stun::attributes::ATTR_UNKNOWN_ATTRIBUTES);
    assert_eq!(unknown.expect("there"), [0, 0x1a, 0x7a, 0xbc]);
    // What may be passed over is.
    stage.done(
        ALLOCATE,
        &[UDP_ASKED, (message::EVEN_PORT, &[0]), (0x8abc, &[1])],
    );
    for (kind, attributes, code) in [
        (REFRESH, &[(message::LIFETIME, &[1][..])][..], 400),
        (
            REFRESH,
            &[(message::REQUESTED_ADDRESS_FAMILY, &[2, 0, 0, 0])],
            443,
        ),
        (CHANNEL_BIND, &[], 400),
        (
            CHANNEL_BIND,
            &[(message::CHANNEL_NUMBER, &[0x40, 0, 0, 0])],
            400,
        ),
    ] {
        assert_eq!(stage.refused(kind, attributes), code, "{attributes:?}");
    }
    for number in [0x3fff_u16, 0x7fff, 0xffff] {
        let [high, low] = number.to_be_bytes();
        let bind = [
            (message::CHANNEL_NUMBER, &[high, low, 0, 0][..]),
            (message::XOR_PEER_ADDRESS, &peer_address(ours()[0])),
        ];
        assert_eq!(stage.refused(CHANNEL_BIND, &bind), 400);
    }
    let mut unallocated = Stage::new(udp(1));
    for kind in [REFRESH, CREATE_PERMISSION, CHANNEL_BIND] {
        assert_eq!(unallocated.refused(kind, &[]), 437);
    }
    let mut v4_alone = Stage::new(udp(1));
    let mut v4 = ours();
    v4.retain(SocketAddr::is_ipv4);
    v4_alone.turn.announce(v4);
    let v6 = [
        UDP_ASKED,
        (message::REQUESTED_ADDRESS_FAMILY, &[2, 0, 0, 0]),
    ];
    assert_eq!(v4_alone.refused(ALLOCATE, &v6), 440);
}

#[test]
fn one_channel_leads_to_one_address() {
    let mut stage = Stage::allocated(udp(5_000));
    let [first, _, second] = ours()[..] else {
        panic!("there are three");
    };
    let mut bind = |number: u8, peer| {
        let attributes = [
            (message::CHANNEL_NUMBER, &[0x40, number, 0, 0][..]),
            (message::XOR_PEER_ADDRESS, &peer_address(peer)),
        ];
        match stage.ask(CHANNEL_BIND, &attributes) {
            Extensions::Done(_) => 200,
            Extensions::Refused(code, _) => code,
            Extensions::Nothing => 0,
        }
    };
    assert_eq!(bind(1, first), 200);
    assert_eq!(bind(1, first), 200, "for longer");
    assert_eq!(bind(1, second), 400);
    assert_eq!(bind(2, first), 400);
    assert_eq!(bind(2, second), 200);
}

#[test]
fn a_repeated_request_is_answered_again_and_another_is_refused() {
    let mut stage = Stage::new(udp(5_000));
    let request = stage.request(ALLOCATE, &[UDP_ASKED]);
    let first = stage.turn.handle(stage.client, &request, stage.now);
    assert!(matches!(&first, Taken::Answer(answer) if matches!(read(answer), Extensions::Done(_))));
    assert_eq!(stage.turn.handle(stage.client, &request, stage.now), first);
    assert_eq!(stage.turn.allocations.len(), 1);
    assert_eq!(stage.refused(ALLOCATE, &[UDP_ASKED]), 437);
}

#[test]
fn lifetimes_are_bounded_whatever_is_asked_for() {
    let mut stage = Stage::new(udp(5_000));
    let forever = (message::LIFETIME, &[0xff; 4][..]);
    for kind in [ALLOCATE, REFRESH] {
        let Extensions::Done(answer) = stage.ask(kind, &[UDP_ASKED, forever]) else {
            panic!("it is granted");
        };
        let lifetime = answer.get(AttrType(message::LIFETIME)).expect("there");
        assert_eq!(lifetime, 600_u32.to_be_bytes());
    }
    stage.permit(ours()[0]);
    stage.pass(299);
    assert!(matches!(stage.send(ours()[0]), Taken::Relayed { .. }));
    stage.pass(2);
    assert_eq!(
        stage.send(ours()[0]),
        Taken::Nothing,
        "the permission is over"
    );
    let bind = [
        (message::CHANNEL_NUMBER, &[0x40, 1, 0, 0][..]),
        (message::XOR_PEER_ADDRESS, &peer_address(ours()[0])),
    ];
    stage.done(CHANNEL_BIND, &bind);
    stage.done(REFRESH, &[]);
    let data = [0x40, 1, 0, 0];
    stage.pass(599);
    assert!(matches!(
        stage.turn.handle(stage.client, &data, stage.now),
        Taken::Relayed { .. }
    ));
    stage.nonce = stage.challenge();
    stage.done(REFRESH, &[]);
    stage.pass(2);
    assert_eq!(
        stage.turn.handle(stage.client, &data, stage.now),
        Taken::Nothing
    );
    stage.pass(599);
    assert!(stage.turn.is_empty(), "it was not refreshed");
    stage.nonce = stage.challenge();
    stage.done(ALLOCATE, &[UDP_ASKED]);
    stage.done(REFRESH, &[(message::LIFETIME, &[0; 4])]);
    assert!(stage.turn.is_empty());
    assert_eq!(stage.refused(REFRESH, &[]), 437);
}

#[test]
fn one_session_has_a_bounded_number_of_allocations() {
    let mut stage = Stage::allocated(udp(1));
    for port in 2..=MOST_OF_ONE {
        stage.client = udp(u16::try_from(port).expect("few"));
        stage.nonce = stage.challenge();
        stage.done(ALLOCATE, &[UDP_ASKED]);
    }
    stage.client = udp(1_000);
    stage.nonce = stage.challenge();
    assert_eq!(stage.refused(ALLOCATE, &[UDP_ASKED]), 486);
    stage.turn.forget(udp(2));
    stage.done(ALLOCATE, &[UDP_ASKED]);
}

/// A stranger's datagram: noise, or a request with attributes of every kind.
fn strange() -> impl Strategy<Value = Vec<u8>> {
    let attribute = (0_u16..0x30, prop::collection::vec(any::<u8>(), 0..40));
    let request = (
        prop::sample::select(vec![
            ALLOCATE,
            REFRESH,
            CREATE_PERMISSION,
            CHANNEL_BIND,
            SEND,
        ]),
        prop::collection::vec(attribute, 0..6),
    )
        .prop_map(|(kind, attributes)| {
            let attributes: Vec<(u16, &[u8])> = attributes
                .iter()
                .map(|(kind, value)| (*kind, value.as_slice()))
                .collect();
            message(kind, [3; 12], &attributes).raw
        });
    prop_oneof![prop::collection::vec(any::<u8>(), 0..200), request]
}

proptest! {
    #[test]
    fn strangers_never_get_more_than_they_sent(
        datagrams in prop::collection::vec((strange(), 0_u16..3), 1..60),
    ) {
        let mut turn = Turn::new(ours(), Arc::new(AwsLcRsProvider::new()));
        turn.grant(USERNAME.to_owned(), PASSWORD.to_owned(), Micros(0));
        let mut balance = [0_i64; 3];
        for (datagram, port) in datagrams {
            let length = |bytes: &[u8]| i64::try_from(bytes.len()).expect("short");
            let balance = &mut balance[usize::from(port)];
            *balance += length(&datagram);
            if is_turn(&datagram) {
                match turn.handle(udp(port), &datagram, Micros(5)) {
                    Taken::Nothing => {}
                    Taken::Answer(answer) => *balance -= length(&answer),
                    Taken::Relayed { .. } => prop_assert!(false, "nothing is relayed for strangers"),
                }
            }
            prop_assert!(*balance >= 0);
        }
    }
}
