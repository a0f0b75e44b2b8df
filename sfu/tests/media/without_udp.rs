//! A client whose network lets no UDP through meets the others over TCP (RFC 6544).

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::Ordering;

use forward::codec::Kind;
use rtc::crypto::default_provider;

use crate::answer::value;
use crate::bridge::Bridge;
use crate::client::{Client, Style};
use crate::continuity::assert_one_stream;
use crate::meeting::{CALL, Meeting, answer};
use crate::stranger;

/// Attaches a client that reaches the server by a bridge alone.
fn seat_behind_a_bridge(meeting: &mut Meeting, seat: u8) -> Bridge {
    let index = meeting.clients.len();
    let mut client = Client::new(seat, &Style::default());
    let offer = client.offer();
    let answering = meeting.sfu.attach(CALL, Meeting::key(index), seat, &offer);
    let text = answer(answering).expect("the offer fits");
    let bridge = Bridge::to(&text);
    client.take_answer(&bridge.rewrite(&text));
    meeting.add(client);
    bridge
}

fn has_all(client: &Client) -> bool {
    Kind::ALL.iter().all(|kind| client.count(0, *kind) >= 50)
}

#[test]
fn sound_and_pictures_go_both_ways_over_tcp() {
    let mut meeting = Meeting::new();
    let bridge = seat_behind_a_bridge(&mut meeting, 0);
    meeting.seat(1, &Style::default());
    meeting.until_connected();
    for client in &mut meeting.clients {
        client.start_publishing();
    }
    meeting.until("both get all of the other", |meeting| {
        meeting.clients.iter().all(has_all)
    });
    for client in &meeting.clients {
        for kind in Kind::ALL {
            assert_one_stream(&client.arrived(0, kind));
        }
    }
    assert!(bridge.came.load(Ordering::Relaxed) > 150);
}

#[test]
fn whoever_is_detached_loses_the_connection() {
    let mut meeting = Meeting::new();
    let bridge = seat_behind_a_bridge(&mut meeting, 0);
    meeting.until_connected();
    assert!(!bridge.is_cut());
    meeting.sfu.detach(Meeting::key(0));
    meeting.until("the connection is cut", |_| bridge.is_cut());
}

#[test]
fn media_goes_on_by_udp_when_the_connection_is_cut() {
    let mut meeting = Meeting::of(&[0, 1], &Style::default());
    meeting.clients[1].start_publishing();
    let client = &meeting.clients[0];
    let fragment = format!(
        "{}:{}",
        value(&client.answer, "ice-ufrag"),
        value(&client.last_offer(), "ice-ufrag")
    );
    let password = value(&client.answer, "ice-pwd").to_owned();
    let crypto = default_provider().expect("one is built in");
    let check = stranger::check(&fragment, &password, crypto.as_ref());
    let mut line = TcpStream::connect(client.server()).expect("it listens on TCP too");
    let length = u16::try_from(check.len()).expect("short").to_be_bytes();
    line.write_all(&[&length, check.as_slice()].concat())
        .expect("it is open");
    // The answer, and then what was going to the other way.
    line.set_nonblocking(true).expect("the system can");
    let mut came = 0;
    meeting.until("media comes by TCP", |_| {
        came += line.read(&mut [0; 4_096]).unwrap_or_default();
        came > 20_000
    });
    drop(line);
    let before = meeting.clients[0].count(0, Kind::Camera);
    meeting.until("media goes on", |meeting| {
        meeting.clients[0].count(0, Kind::Camera) > before + 50
    });
}
