//! NET-3: who loses the seat neither sends nor receives from that moment, and who takes it goes on
//! where they ended.

use std::time::Duration;

use forward::codec::Kind;
use sfu::{OfferRefused, PeerKey};
use tokio::time::Instant;

use crate::client::{Arrived, Client, Style};
use crate::continuity::assert_one_stream;
use crate::meeting::{CALL, Meeting, answer};

/// How long an evicted session may go on, at most.
const BAR: Duration = Duration::from_millis(100);

/// Nothing of what a client makes from `made` on may reach anybody, nor anything reach it: it has
/// had `datagrams`.
struct Gone {
    client: usize,
    made: [u32; 3],
    datagrams: usize,
}

impl Gone {
    /// Looks at a client whom the media plane has just told that it is gone.
    fn new(meeting: &mut Meeting, client: usize) -> Self {
        let made = Kind::ALL.map(|kind| meeting.clients[client].publisher.made(kind));
        // What the kernel held for it when it went.
        meeting.turn();
        Self {
            client,
            made,
            datagrams: meeting.clients[client].datagrams.len(),
        }
    }

    fn assert_stayed_out(&self, meeting: &Meeting) {
        let gone = &meeting.clients[self.client];
        assert_eq!(gone.datagrams.len(), self.datagrams, "nothing reaches it");
        for kind in Kind::ALL {
            let made = self.made[kind.index()];
            assert!(gone.publisher.made(kind) > made + 10, "it went on sending");
            for other in &meeting.clients {
                for slot in 0..other.slots.len() {
                    for arrived in other.arrived(slot, kind) {
                        let its = usize::from(arrived.mark.maker) == self.client;
                        assert!(
                            !its || arrived.mark.number < made,
                            "{arrived:?} reached somebody"
                        );
                    }
                }
            }
        }
    }
}

fn has_all_of(client: &Client, slot: usize, maker: usize) -> bool {
    Kind::ALL.iter().all(|kind| {
        let arrived = client.arrived(slot, *kind);
        let its = arrived
            .iter()
            .filter(|it| usize::from(it.mark.maker) == maker);
        its.count() >= 20
    })
}

/// Takes seat 1 over, again and again, by sessions with the keys that `key` gives.
fn take_over_again_and_again(key: impl Fn(usize) -> PeerKey) {
    let style = Style::default();
    let mut meeting = Meeting::new();
    meeting.seat_as(PeerKey(1), 0, &style);
    let mut holder = meeting.seat_as(key(1), 1, &style);
    let mut gone: Vec<Gone> = Vec::new();
    let mut took: Vec<Duration> = Vec::new();
    for round in 2..7 {
        meeting.until("the one who stays gets all of the holder", |meeting| {
            let seated = [0, holder].map(|index| &meeting.clients[index]);
            if seated.iter().all(|client| client.is_connected()) {
                for index in [0, holder] {
                    meeting.clients[index].start_publishing();
                }
            }
            has_all_of(&meeting.clients[0], 0, holder) && has_all_of(&meeting.clients[holder], 0, 0)
        });
        let pressed = Instant::now();
        let before = holder;
        holder = meeting.seat_as(key(round), 1, &style);
        took.push(pressed.elapsed());
        gone.push(Gone::new(&mut meeting, before));
    }
    let last = holder;
    meeting.until("the one who stays gets all of the last", |meeting| {
        if meeting.clients[last].is_connected() {
            meeting.clients[last].start_publishing();
        }
        has_all_of(&meeting.clients[0], 0, last)
    });
    for kind in Kind::ALL {
        let arrived = meeting.clients[0].arrived(0, kind);
        assert_one_stream(&arrived);
        assert_gaps_last_as_long_as_they_lasted(kind, &arrived);
    }
    meeting.until("those who went have gone on sending", |meeting| {
        gone.iter().all(|gone| {
            let sent = |kind: Kind| meeting.clients[gone.client].publisher.made(kind);
            Kind::ALL
                .iter()
                .all(|kind| sent(*kind) > gone.made[kind.index()] + 10)
        })
    });
    meeting.obeyed();
    meeting.turn();
    for gone in &gone {
        gone.assert_stayed_out(&meeting);
    }
    took.sort_unstable();
    assert!(took[took.len() / 2] < BAR, "a takeover's answers: {took:?}");
}

/// Where the source changes, the timestamp makes up for the time in between. What a busy machine
/// adds to one such time evens out over all of them.
fn assert_gaps_last_as_long_as_they_lasted(kind: Kind, arrived: &[Arrived]) {
    let rate = if kind.is_video() { 90_000.0 } else { 48_000.0 };
    let (mut stamped, mut passed) = (0.0, 0.0);
    for pair in arrived.windows(2) {
        if pair[0].mark.maker != pair[1].mark.maker {
            let step = pair[1].timestamp.wrapping_sub(pair[0].timestamp);
            stamped += f64::from(step) / rate;
            passed += pair[1].at.duration_since(pair[0].at).as_secs_f64();
        }
    }
    let difference: f64 = stamped - passed;
    assert!(
        difference.abs() < passed / 2.0,
        "{stamped} s for {passed} s"
    );
}

#[test]
fn a_takeover_by_another_session_goes_on_in_the_same_slot() {
    take_over_again_and_again(|round| PeerKey(round as u64 + 10));
}

#[test]
fn a_takeover_by_the_same_session_goes_on_in_the_same_slot() {
    take_over_again_and_again(|_| PeerKey(10));
}

#[test]
fn who_is_detached_is_neither_heard_nor_sent_to() {
    let mut meeting = Meeting::of(&[0, 1, 2], &Style::default());
    for client in &mut meeting.clients {
        client.start_publishing();
    }
    meeting.until("everybody gets all of everybody", |meeting| {
        has_all_of(&meeting.clients[0], 0, 1)
            && has_all_of(&meeting.clients[0], 1, 2)
            && has_all_of(&meeting.clients[1], 1, 2)
    });
    meeting.sfu.detach(Meeting::key(1));
    meeting.obeyed();
    let gone = Gone::new(&mut meeting, 1);
    let before = meeting.clients[0].count(1, Kind::Camera);
    meeting.until(
        "the others go on, and so does the one who went",
        |meeting| {
            meeting.clients[0].count(1, Kind::Camera) > before + 20
                && meeting.clients[1].publisher.made(Kind::Camera) > gone.made[1] + 20
        },
    );
    meeting.sfu.detach(Meeting::key(1));
    meeting.obeyed();
    meeting.turn();
    gone.assert_stayed_out(&meeting);
    assert_one_stream(&meeting.clients[0].arrived(1, Kind::Camera));
}

#[test]
fn calls_hear_nothing_of_each_other() {
    let style = Style::default();
    let mut meeting = Meeting::of(&[0, 1], &style);
    let mut stranger = Client::new(9, &style);
    let offer = stranger.offer();
    let elsewhere = sfu::CallKey(CALL.0 + 1);
    let text = answer(meeting.sfu.attach(elsewhere, PeerKey(9), 2, &offer)).expect("it fits");
    stranger.take_answer(&text);
    meeting.add(stranger);
    meeting.until_connected();
    for client in &mut meeting.clients {
        client.start_publishing();
    }
    meeting.until(
        "the two hear each other, and the stranger talks",
        |meeting| {
            has_all_of(&meeting.clients[0], 0, 1)
                && has_all_of(&meeting.clients[1], 0, 0)
                && meeting.clients[2].publisher.made(Kind::Camera) > 20
        },
    );
    meeting.obeyed();
    meeting.turn();
    for kind in Kind::ALL {
        assert!((0..3).all(|slot| meeting.clients[2].count(slot, kind) == 0));
        assert!((1..3).all(|slot| meeting.clients[0].count(slot, kind) == 0));
    }
}

#[test]
fn a_refused_offer_leaves_what_was_attached() {
    let mut meeting = Meeting::of(&[0, 1], &Style::default());
    for client in &mut meeting.clients {
        client.start_publishing();
    }
    let refused = answer(meeting.sfu.attach(CALL, Meeting::key(1), 1, "v=0\r\n"));
    assert!(
        matches!(refused, Err(OfferRefused::Malformed(_))),
        "{refused:?}"
    );
    let offer = Client::new(9, &Style::default()).offer();
    let refused = answer(meeting.sfu.attach(CALL, Meeting::key(1), 4, &offer));
    assert!(
        matches!(refused, Err(OfferRefused::Malformed(_))),
        "{refused:?}"
    );
    meeting.until("media goes on", |meeting| {
        has_all_of(&meeting.clients[0], 0, 1) && has_all_of(&meeting.clients[1], 0, 0)
    });
}
