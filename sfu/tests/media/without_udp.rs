//! A client whose network lets no UDP through meets the others over TCP (RFC 6544).

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::Ordering;

use forward::codec::Kind;
use rtc::crypto::default_provider;

use crate::answer::value;
use crate::bridge::Bridge;
use crate::client::{Client, Fate, Style};
use crate::continuity::assert_one_stream;
use crate::meeting::{CALL, Meeting, answer};
use crate::stranger::{self, Stranger};
use crate::wire::Datagram;

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

/// A connection of a client's own, beside its UDP: it answers what the server asks there.
struct Line {
    line: TcpStream,
    came: Vec<u8>,
    /// Bytes of media that came by it.
    media: usize,
    password: String,
}

impl Line {
    fn of(client: &Client) -> Self {
        let line = TcpStream::connect(client.server()).expect("it listens on TCP too");
        line.set_nonblocking(true).expect("the system can");
        let password = value(&client.last_offer(), "ice-pwd").to_owned();
        let came = Vec::new();
        Self {
            line,
            came,
            media: 0,
            password,
        }
    }

    fn send(&mut self, datagram: &[u8]) {
        let length = u16::try_from(datagram.len()).expect("short").to_be_bytes();
        self.line
            .write_all(&[&length, datagram].concat())
            .expect("it is open and has room");
    }

    /// Takes what has come.
    fn turn(&mut self) {
        let mut bytes = [0; 4_096];
        while let Ok(came @ 1..) = self.line.read(&mut bytes) {
            self.came.extend(&bytes[..came]);
        }
        while let Some((length, rest)) = self.came.split_first_chunk::<2>()
            && let Some(datagram) = rest.get(..usize::from(u16::from_be_bytes(*length)))
        {
            let datagram = datagram.to_vec();
            self.came.drain(..2 + datagram.len());
            if Datagram::of(&datagram) != Datagram::Stun {
                self.media += datagram.len();
            }
            let crypto = default_provider().expect("one is built in");
            if let Some(answer) = stranger::agree(&datagram, &self.password, crypto.as_ref()) {
                self.send(&answer);
            }
        }
    }
}

#[test]
fn media_goes_on_by_udp_when_the_connection_is_cut() {
    let mut meeting = Meeting::of(&[0, 1], &Style::default());
    meeting.clients[1].start_publishing();
    let client = &mut meeting.clients[0];
    let fragment = format!(
        "{}:{}",
        value(&client.answer, "ice-ufrag"),
        value(&client.last_offer(), "ice-ufrag")
    );
    let password = value(&client.answer, "ice-pwd").to_owned();
    let crypto = default_provider().expect("one is built in");
    let mut line = Line::of(client);
    line.send(&stranger::check(&fragment, &password, crypto.as_ref()));
    // What it sends goes by the connection from now on, and so does what it is sent.
    client.outward = Box::new(|_| Fate::IsLost);
    meeting.until("media comes by TCP", |meeting| {
        for datagram in meeting.clients[0].lost.drain(..) {
            if Datagram::of(&datagram) != Datagram::Stun {
                line.send(&datagram);
            }
        }
        line.turn();
        line.media > 20_000
    });
    meeting.clients[0].outward = Box::new(|_| Fate::Arrives);
    drop(line);
    let before = meeting.clients[0].count(0, Kind::Camera);
    meeting.until("media goes on", |meeting| {
        meeting.clients[0].count(0, Kind::Camera) > before + 50
    });
}

/// Where the server's answers over UDP are dropped and nothing else is, a client that nominates
/// with every check must not draw its media there.
#[test]
fn a_way_that_works_in_one_direction_only_draws_no_media() {
    let mut meeting = Meeting::of(&[0, 1], &Style::default());
    meeting.clients[1].start_publishing();
    let client = &mut meeting.clients[0];
    let fragment = format!(
        "{}:{}",
        value(&client.answer, "ice-ufrag"),
        value(&client.last_offer(), "ice-ufrag")
    );
    let password = value(&client.answer, "ice-pwd").to_owned();
    let mut deaf = Stranger::new();
    let to = client.server();
    let mut last = 0;
    meeting.until("it sees the other all the while", |meeting| {
        let seen = meeting.clients[0].count(0, Kind::Camera);
        // Checks that nominate come from elsewhere, too.
        if seen > last {
            last = seen;
            deaf.check(to, &fragment, &password);
        }
        seen >= 300
    });
    assert_one_stream(&meeting.clients[0].arrived(0, Kind::Camera));
    assert_eq!(deaf.media(), 0, "media that went to who did not agree");
}
