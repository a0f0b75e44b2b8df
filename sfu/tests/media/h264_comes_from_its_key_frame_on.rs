//! H.264, however its units are put into packets: it is offered, a key frame is asked for and
//! found, and nothing that it is decoded by is lost.

use bytes::Bytes;
use forward::codec::{Codec, Kind};
use rtc::rtp::codec::h264::H264Packet;
use rtc::rtp::packetizer::Depacketizer as _;

use crate::client::{Outgoing, Style};
use crate::meeting::Meeting;

const DELIMITER: &[u8] = &[0x09, 0xf0];
const INFORMATION: &[u8] = &[0x06, 0x05, 0x01, 0x00, 0x80];
/// Of a picture of 320 × 240, as an encoder of constrained baseline writes them.
const SEQUENCE: &[u8] = &[
    0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x3d, 0xa1, 0x00, 0x00, 0x03,
];
const PICTURE: &[u8] = &[0x68, 0xcb, 0x83, 0xcb, 0x20];

/// The longest payload of a packet, bytes.
const MOST: usize = 1_000;

/// How an encoder's units are put into packets.
type Packets = fn(&[Vec<u8>]) -> Vec<Vec<u8>>;

fn unit(header: u8, length: usize) -> Vec<u8> {
    let mut unit = vec![header];
    unit.extend((1..length).map(|index| u8::try_from(index % 251).expect("a remainder")));
    unit
}

/// The units of a picture that needs no other, and of one that does.
fn key_picture() -> Vec<Vec<u8>> {
    let heads = [DELIMITER, INFORMATION, SEQUENCE, PICTURE].map(<[u8]>::to_vec);
    heads.into_iter().chain([unit(0x65, 3_000)]).collect()
}

fn later_picture() -> Vec<Vec<u8>> {
    vec![DELIMITER.to_vec(), unit(0x41, 700)]
}

/// RFC 6184 §5.7.1.
fn aggregate(units: &[Vec<u8>]) -> Vec<u8> {
    let mut payload = vec![0x78];
    for unit in units {
        let length = u16::try_from(unit.len()).expect("short");
        payload.extend(length.to_be_bytes());
        payload.extend(unit);
    }
    payload
}

/// RFC 6184 §5.8.
fn fragments(unit: &[u8]) -> Vec<Vec<u8>> {
    let (header, rest) = unit.split_first().expect("a unit has a header");
    let parts: Vec<&[u8]> = rest.chunks(MOST).collect();
    let last = parts.len() - 1;
    let fragment = |(index, part): (usize, &&[u8])| {
        let begins = if index == 0 { 0x80 } else { 0 };
        let ends = if index == last { 0x40 } else { 0 };
        [&[header & 0xe0 | 28, begins | ends | header & 0x1f], *part].concat()
    };
    parts.iter().enumerate().map(fragment).collect()
}

/// What is short, together, the delimiter first; what is long, in parts.
fn together(units: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let (short, long): (Vec<_>, Vec<_>) = units.iter().cloned().partition(|it| it.len() <= MOST);
    let mut packets = vec![aggregate(&short)];
    packets.extend(long.iter().flat_map(|unit| fragments(unit)));
    packets
}

/// As [`together`], the parameter sets last and in the wrong order.
fn together_otherwise(units: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut units = units.to_vec();
    let short = units.iter().filter(|it| it.len() <= MOST).count();
    units[..short].reverse();
    together(&units)
}

/// Each alone.
fn alone(units: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let packet = |unit: &Vec<u8>| {
        if unit.len() <= MOST {
            vec![unit.clone()]
        } else {
            fragments(unit)
        }
    };
    units.iter().flat_map(packet).collect()
}

/// Sends a picture of the camera.
fn send(meeting: &mut Meeting, packets: &[Vec<u8>]) {
    let mut timestamp = None;
    for (index, payload) in packets.iter().enumerate() {
        let client = &mut meeting.clients[0];
        let plain = client.publisher.next(0, Kind::Camera, false);
        client.send(Outgoing {
            timestamp: *timestamp.get_or_insert(plain.timestamp),
            marker: index + 1 == packets.len(),
            payload: Bytes::from(payload.clone()),
            ..plain
        });
    }
}

/// What came in the first slot's camera, and its units.
fn came(meeting: &Meeting) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let ssrc = meeting.clients[1].slots[0].of(Kind::Camera).media;
    let packets = meeting.clients[1].heard.iter().filter_map(|it| it.rtp());
    let payloads: Vec<Bytes> = packets
        .filter(|packet| packet.header.ssrc == ssrc)
        .map(|packet| packet.payload.clone())
        .collect();
    let mut reader = H264Packet::default();
    let mut bytes = Vec::new();
    for payload in &payloads {
        bytes.extend(reader.depacketize(payload).expect("it is H.264"));
    }
    // No unit made here has a start code within it.
    let text: Vec<Vec<u8>> = split(&bytes);
    (payloads.iter().map(|it| it.to_vec()).collect(), text)
}

/// The units of a byte stream (H.264 annex B).
fn split(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut units = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.get(4..).map(|after| {
        let next = after.windows(4).position(|window| window == [0, 0, 0, 1]);
        next.map_or(rest.len(), |at| at + 4)
    }) {
        units.push(rest[4..at].to_vec());
        rest = &rest[at..];
    }
    units
}

fn comes_whole(packets: Packets, lost_before: usize) {
    let style = Style {
        codec: Codec::H264,
        ..Style::default()
    };
    let mut meeting = Meeting::of(&[0, 1], &style);
    let offer = meeting.clients[0].last_offer();
    assert!(offer.contains("H264/90000") && !offer.contains("VP8/90000"));
    assert!(meeting.clients[0].answer.contains("H264/90000"));
    meeting.until("a key frame is asked for", |meeting| {
        send(meeting, &packets(&later_picture()));
        meeting.turn();
        meeting.clients[0].publisher.keyframe_requests(Kind::Camera) > 0
    });
    let key = packets(&key_picture());
    let later = packets(&later_picture());
    send(&mut meeting, &key);
    for _ in 0..3 {
        send(&mut meeting, &later);
    }
    let expected = [&key[lost_before..], &later, &later, &later].concat();
    meeting.until("all of it comes", |meeting| {
        came(meeting).0.len() >= expected.len()
    });
    let (payloads, units) = came(&meeting);
    assert!(
        payloads == expected,
        "from the key frame on, and nothing before"
    );
    for needed in [SEQUENCE, PICTURE, &unit(0x65, 3_000)] {
        let times = units.iter().filter(|unit| *unit == needed).count();
        assert_eq!(times, 1, "{:02x?}", &needed[..4]);
    }
}

#[test]
fn with_the_delimiter_first_in_an_aggregate() {
    comes_whole(together, 0);
}

#[test]
fn with_an_aggregate_in_another_order() {
    comes_whole(together_otherwise, 0);
}

#[test]
fn with_each_unit_in_a_packet_of_its_own() {
    // Nothing is decoded by the delimiter and the information that stand before.
    comes_whole(alone, 2);
}
