//! Many commands, a stop, a port that is taken.

use std::net::{SocketAddr, UdpSocket};

use forward::codec::Kind;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use sfu::{CallKey, OfferRefused, PeerKey, Settings, Sfu, StartError};

use crate::answer::address;
use crate::client::{Client, Style};
use crate::meeting::{Meeting, answer, start};

#[test]
fn every_command_is_answered_and_a_fresh_call_works() {
    let mut meeting = Meeting::of(&[0, 1], &Style::default());
    let mut chance = StdRng::seed_from_u64(11);
    let offers: Vec<String> = (0..6)
        .map(|maker| Client::new(maker, &Style::default()).offer())
        .collect();
    let mut answers = Vec::new();
    let mut refusals = 0;
    for _ in 0..600 {
        let peer = PeerKey(1_000 + chance.random_range(0..12));
        let offer = &offers[chance.random_range(0..offers.len())];
        match chance.random_range(0..6) {
            0..=2 => {
                let call = CallKey(chance.random_range(50..54));
                let seat = chance.random_range(0..4);
                answers.push(meeting.sfu.attach(call, peer, seat, offer));
            }
            3 => answers.push(meeting.sfu.restart(peer, offer)),
            4 => meeting.sfu.detach(peer),
            _ => meeting.turn(),
        }
    }
    let asked = answers.len();
    for answering in answers {
        match answer(answering) {
            Ok(text) => assert!(text.starts_with("v=0\r\n")),
            Err(OfferRefused::NotTheSame) => refusals += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(refusals > 0 && refusals < asked, "{refusals} of {asked}");
    for peer in 0..12 {
        meeting.sfu.detach(PeerKey(1_000 + peer));
    }
    // The call that was there before all that, and one that is made after it.
    let before = meeting.clients.len();
    for seat in 2..4 {
        meeting.seat(seat, &Style::default());
    }
    meeting.until_connected();
    for client in &mut meeting.clients {
        client.start_publishing();
    }
    assert_eq!(before, 2);
    meeting.until("everybody gets everybody", |meeting| {
        let all = |client: &Client| (0..3).all(|slot| client.count(slot, Kind::Camera) >= 5);
        meeting.clients.iter().all(all)
    });
}

#[test]
fn a_stopped_media_plane_frees_its_port_and_refuses_offers() {
    for _ in 0..20 {
        let (sfu, _events) = start();
        let offer = Client::new(0, &Style::default()).offer();
        let text = answer(sfu.attach(CallKey(1), PeerKey(1), 0, &offer)).expect("it fits");
        sfu.stop();
        UdpSocket::bind(address(&text)).expect("no thread has it any more");
    }
    let (sfu, mut events) = start();
    let offer = Client::new(0, &Style::default()).offer();
    let text = answer(sfu.attach(CallKey(1), PeerKey(1), 0, &offer)).expect("the offer fits");
    let port = address(&text);
    UdpSocket::bind(port).expect_err("it is taken");
    let other = sfu.clone();
    sfu.stop();
    UdpSocket::bind(port).expect("the worker's thread has ended, and its socket is closed");
    assert!(events.try_recv().is_err());
    assert!(events.is_closed(), "nobody is left to report anything");
    other.detach(PeerKey(1));
    let refused = answer(other.attach(CallKey(1), PeerKey(2), 0, &offer));
    assert_eq!(refused, Err(OfferRefused::Busy));
    other.stop();
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = UdpSocket::bind("127.0.0.1:0").expect("loopback");
    let listen = taken.local_addr().expect("it is bound");
    let started = Sfu::start(&Settings {
        listen,
        workers: 1,
        announce: Vec::new(),
        machine: sfu::machine,
    });
    let error = started.expect_err("it is taken");
    assert!(matches!(error, StartError::Bind { address, .. } if address == listen));
    let sentence = error.to_string();
    assert!(sentence.contains(&listen.to_string()), "{sentence}");
    assert!(
        sentence.contains("media.listen"),
        "says what to change: {sentence}"
    );
}

#[test]
fn a_call_lives_on_one_port_and_calls_are_spread_over_all() {
    let settings = Settings {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        workers: 2,
        announce: vec![
            "192.0.2.7".parse().expect("an address"),
            "127.0.0.1".parse().expect("one"),
        ],
        machine: sfu::machine,
    };
    let (sfu, _events) = Sfu::start(&settings).expect("free ports are free");
    let offer = Client::new(0, &Style::default()).offer();
    let port = |call, peer, seat| {
        let text = answer(sfu.attach(CallKey(call), PeerKey(peer), seat, &offer)).expect("it fits");
        let candidates = text.matches("a=candidate:").count();
        assert_eq!(candidates, 4, "UDP and TCP for each address announced");
        assert_eq!(
            address(&text).ip(),
            settings.announce[0],
            "the first comes first"
        );
        address(&text).port()
    };
    let first = port(1, 10, 0);
    assert_eq!(port(1, 11, 1), first);
    let second = port(2, 20, 0);
    assert_ne!(second, first, "the free worker gets the next call");
    assert_eq!(port(2, 21, 3), second);
    // A call that everybody has left may begin anew elsewhere; a peer may change its call.
    sfu.detach(PeerKey(10));
    sfu.detach(PeerKey(11));
    assert_eq!(port(3, 30, 0), first);
    assert_eq!(port(2, 30, 1), second);
    sfu.stop();
}
