//! RTP sent on a microphone's, a camera's or a screen's section comes out in the right slot of
//! everybody else, as one stream that begins with a key frame.

use forward::codec::Kind;
use sfu::MediaEvent;

use crate::client::{Client, LOUD, Style};
use crate::continuity::assert_one_stream;
use crate::meeting::{CALL, Meeting};
use crate::wire::Datagram;

/// The slot in which the one at `seat` receives the one at `other`.
const fn slot(seat: u8, other: u8) -> usize {
    (if other < seat { other } else { other - 1 }) as usize
}

/// Starts everybody, waits until everybody has got enough of everybody else, and looks at it.
fn all_of(meeting: &mut Meeting, seats: &[u8]) {
    for client in &mut meeting.clients {
        client.start_publishing();
    }
    let pairs: Vec<(usize, usize, usize)> = (0..seats.len())
        .flat_map(|to| (0..seats.len()).map(move |from| (from, to)))
        .filter(|(from, to)| from != to)
        .map(|(from, to)| (from, to, slot(seats[to], seats[from])))
        .collect();
    meeting.until("everybody gets every kind of everybody else", |meeting| {
        pairs.iter().all(|(_, to, slot)| {
            Kind::ALL
                .iter()
                .all(|kind| meeting.clients[*to].count(*slot, *kind) >= 20)
        })
    });
    for (from, to, slot) in pairs {
        for kind in Kind::ALL {
            let arrived = meeting.clients[to].arrived(slot, kind);
            assert!(
                arrived
                    .iter()
                    .all(|it| usize::from(it.mark.maker) == from && it.mark.kind == kind),
                "slot {slot} of seat {} is seat {}'s {kind:?}",
                seats[to],
                seats[from],
            );
            assert_one_stream(&arrived);
        }
    }
    for client in &meeting.clients {
        assert_all_is_announced(client);
    }
}

fn assert_all_is_announced(client: &Client) {
    let announced: Vec<u32> = client
        .slots
        .iter()
        .flat_map(|slot| Kind::ALL.map(|kind| slot.of(kind)))
        .flat_map(|stream| [Some(stream.media), stream.retransmission])
        .flatten()
        .collect();
    for received in &client.datagrams {
        if let Datagram::Rtp { ssrc, .. } = received.datagram {
            assert!(announced.contains(&ssrc), "{ssrc} is in no answer");
        }
    }
}

#[test]
fn two_do_and_nobody_sits_in_their_other_slots() {
    let mut meeting = Meeting::of(&[1, 3], &Style::default());
    all_of(&mut meeting, &[1, 3]);
    for (client, empty) in [(0, [0, 1]), (1, [0, 2])] {
        for (slot, kind) in empty
            .iter()
            .flat_map(|slot| Kind::ALL.map(|kind| (*slot, kind)))
        {
            assert_eq!(
                meeting.clients[client].count(slot, kind),
                0,
                "{slot} {kind:?}"
            );
        }
    }
}

#[test]
fn four_do_in_whatever_order_they_came() {
    let seats = [2, 0, 3, 1];
    let mut meeting = Meeting::of(&seats, &Style::default());
    all_of(&mut meeting, &seats);
}

#[test]
fn a_picture_waits_for_the_key_frame_that_its_sender_is_asked_for() {
    let mut meeting = Meeting::of(&[0, 1], &Style::default());
    meeting.clients[0].start_publishing();
    meeting.until("camera and screen come", |meeting| {
        let receiver = &meeting.clients[1];
        receiver.count(0, Kind::Camera) > 0 && receiver.count(0, Kind::Screen) > 0
    });
    for kind in [Kind::Camera, Kind::Screen] {
        let first = &meeting.clients[1].arrived(0, kind)[0];
        assert!(
            first.mark.number > 0,
            "what came before the key frame is not sent"
        );
        assert!(first.picture.is_some_and(|picture| picture.is_key));
        assert!(first.marker, "the end of a frame stays its end");
        assert!(meeting.clients[0].publisher.keyframe_requests(kind) > 0);
    }
}

#[test]
fn each_gets_the_payload_types_and_extensions_of_their_own_offer() {
    let mut meeting = Meeting::new();
    let styles = [Style::default(), Style::unlike()];
    for (seat, style) in (0..).zip(&styles) {
        meeting.seat(seat, style);
    }
    meeting.until_connected();
    for client in &mut meeting.clients {
        client.publisher.level = LOUD;
    }
    all_of(&mut meeting, &[0, 1]);
    for (client, style) in meeting.clients.iter().zip(&styles) {
        for (kind, payload_type, level) in [
            (Kind::Microphone, style.opus, Some(LOUD)),
            (Kind::Camera, style.picture, None),
            (Kind::Screen, style.picture, None),
        ] {
            for arrived in client.arrived(0, kind) {
                assert_eq!((arrived.payload_type, arrived.level), (payload_type, level));
            }
        }
    }
}

#[test]
fn who_speaks_is_told() {
    let mut meeting = Meeting::of(&[0, 1], &Style::default());
    for client in &mut meeting.clients {
        client.start_publishing();
    }
    meeting.clients[1].publisher.level = LOUD;
    let speaking = |peers: &[usize]| MediaEvent::Speaking {
        call: CALL,
        peers: peers.iter().map(|index| Meeting::key(*index)).collect(),
    };
    let (loud, quiet) = (speaking(&[1]), speaking(&[]));
    meeting.until("who is loud is told", |meeting| {
        meeting.events.contains(&loud)
    });
    meeting.clients[1].publisher.level = 0x7f;
    meeting.until("that they stopped is told", |meeting| {
        meeting.events.last() == Some(&quiet)
    });
}

#[test]
fn one_who_joins_later_gets_sound_and_a_key_frame() {
    let mut meeting = Meeting::of(&[0, 1], &Style::default());
    all_of(&mut meeting, &[0, 1]);
    let before = meeting.clients[0].publisher.keyframe_requests(Kind::Camera);
    meeting.seat(2, &Style::default());
    meeting.until_connected();
    all_of(&mut meeting, &[0, 1, 2]);
    assert!(meeting.clients[0].publisher.keyframe_requests(Kind::Camera) > before);
}
