//! SCR-11 and NET-3: who is prepared is connected, and neither heard nor told of anybody; from the
//! seat on sound and picture flow at once.

use forward::codec::{Codec, Kind};
use sfu::{CallKey, MediaEvent, OfferRefused, PeerKey, Seating};

use crate::client::{Client, Style};
use crate::meeting::{CALL, Meeting, answer};

const PREPARED: PeerKey = PeerKey(1 << 63);

fn seated(seating: Seating) -> Result<(), OfferRefused> {
    seating
        .blocking_recv()
        .expect("everybody hears of the seat")
}

/// A client with a prepared peer in `call`; gives its index.
fn prepare(meeting: &mut Meeting, call: CallKey, key: PeerKey, style: &Style) -> usize {
    let index = meeting.clients.len();
    let mut client = Client::new(u8::try_from(index).expect("few"), style);
    let offer = client.offer();
    let answer = answer(meeting.sfu.prepare(call, key, &offer)).expect("the offer fits");
    client.take_answer(&answer);
    meeting.add(client);
    index
}

fn heard_of_all(meeting: &Meeting, by: usize) -> [usize; 3] {
    Kind::ALL.map(|kind| heard(meeting, by, kind))
}

fn heard(meeting: &Meeting, by: usize, kind: Kind) -> usize {
    (0..3)
        .map(|slot| meeting.clients[by].arrived(slot, kind).len())
        .sum()
}

#[test]
fn nothing_flows_before_the_seat_and_everything_from_it_on() {
    let style = Style::default();
    let mut meeting = Meeting::of(&[0], &style);
    let early = prepare(&mut meeting, CALL, PREPARED, &style);
    meeting.until_connected();
    meeting.clients[0].start_publishing();
    meeting.until("the other has sent a while", |meeting| {
        let publisher = &meeting.clients[0].publisher;
        Kind::ALL.into_iter().all(|kind| publisher.made(kind) > 20)
    });
    meeting.obeyed();
    meeting.turn();
    assert_eq!(heard_of_all(&meeting, early), [0; 3]);
    let of_prepared = |event: &MediaEvent| matches!(event, MediaEvent::Connected { peer } | MediaEvent::Lost { peer } if *peer == PREPARED);
    assert!(
        !meeting.events.iter().any(of_prepared),
        "nobody is told of it"
    );
    let key = Meeting::key(early);
    seated(meeting.sfu.seat(CALL, PREPARED, key, 1)).expect("it was prepared");
    meeting.clients[early].start_publishing();
    meeting.until("both have all of each other", |meeting| {
        let all = [0, early].map(|client| heard_of_all(meeting, client));
        all.as_flattened().iter().all(|heard| *heard > 20)
    });
    let connected = MediaEvent::Connected { peer: key };
    assert!(meeting.events.contains(&connected));
    meeting.sfu.detach(PREPARED);
    meeting.obeyed();
    let before = heard(&meeting, 0, Kind::Microphone);
    meeting.until("its old name is nobody's", |meeting| {
        heard(meeting, 0, Kind::Microphone) > before + 10
    });
}

#[test]
fn what_is_sent_before_the_seat_reaches_nobody() {
    let style = Style::default();
    let mut meeting = Meeting::of(&[0], &style);
    let hasty = prepare(&mut meeting, CALL, PREPARED, &style);
    meeting.until_connected();
    meeting.clients[hasty].start_publishing();
    meeting.until("it has sent a while", |meeting| {
        meeting.clients[hasty].publisher.made(Kind::Camera) > 20
    });
    meeting.obeyed();
    meeting.turn();
    assert_eq!(heard_of_all(&meeting, 0), [0; 3]);
    let made = meeting.clients[hasty].publisher.made(Kind::Camera);
    seated(meeting.sfu.seat(CALL, PREPARED, Meeting::key(hasty), 1)).expect("it was prepared");
    meeting.until("it goes on sending", |meeting| {
        meeting.clients[hasty].publisher.made(Kind::Camera) > made + 20
    });
    meeting.obeyed();
    meeting.turn();
    for arrived in meeting.clients[0].arrived(0, Kind::Camera) {
        assert!(arrived.mark.number >= made, "{arrived:?} was made before");
    }
}

#[test]
fn a_seat_may_be_given_before_the_connection_is_there() {
    let style = Style::default();
    let mut meeting = Meeting::of(&[0], &style);
    let early = prepare(&mut meeting, CALL, PREPARED, &style);
    seated(meeting.sfu.seat(CALL, PREPARED, Meeting::key(early), 1)).expect("it was prepared");
    meeting.until_connected();
    for client in &mut meeting.clients {
        client.start_publishing();
    }
    meeting.until("they have each other", |meeting| {
        [0, early]
            .into_iter()
            .all(|client| heard(meeting, client, Kind::Camera) > 20)
    });
}

#[test]
fn the_answer_is_the_same_whoever_is_in_the_call() {
    let everything = Style::default();
    let mut meeting = Meeting::new();
    let formats = |meeting: &Meeting, index: usize| -> Vec<String> {
        let lines = meeting.clients[index].answer.lines();
        lines
            .filter(|line| line.starts_with("m="))
            .map(str::to_owned)
            .collect()
    };
    let alone = prepare(&mut meeting, CALL, PREPARED, &everything);
    meeting.seat(
        0,
        &Style {
            codec: Codec::H264,
            ..Style::default()
        },
    );
    let second = PeerKey(PREPARED.0 + 1);
    let beside = prepare(&mut meeting, CALL, second, &everything);
    assert_eq!(formats(&meeting, alone), formats(&meeting, beside));
    // Whoever sits there decodes no VP8, which that answer has it send.
    let refused = seated(meeting.sfu.seat(CALL, second, PeerKey(1), 1));
    assert_eq!(refused, Err(OfferRefused::Gone));
    let again = seated(meeting.sfu.seat(CALL, second, PeerKey(1), 1));
    assert_eq!(again, Err(OfferRefused::Gone));
}

#[test]
fn only_what_was_prepared_for_the_call_gets_its_seat() {
    let style = Style::default();
    let mut meeting = Meeting::of(&[0], &style);
    let elsewhere = prepare(&mut meeting, CallKey(8), PREPARED, &style);
    let sfu = meeting.sfu.clone();
    let seat = |call, prepared| seated(sfu.seat(call, prepared, PeerKey(5), 1));
    assert_eq!(
        seat(CALL, PREPARED),
        Err(OfferRefused::Gone),
        "of another call"
    );
    assert_eq!(
        seat(CALL, Meeting::key(0)),
        Err(OfferRefused::Gone),
        "it has a seat"
    );
    assert_eq!(seat(CALL, PeerKey(99)), Err(OfferRefused::Gone), "nobody");
    assert_eq!(seat(CallKey(8), PREPARED), Ok(()));
    assert_eq!(seat(CallKey(8), PREPARED), Err(OfferRefused::Gone), "once");
    assert_eq!(meeting.clients[elsewhere].slots.len(), 3);
}

#[test]
fn whoever_has_risen_is_heard_by_nobody_until_they_sit_elsewhere_and_then_by_those_alone() {
    let style = Style::default();
    let mut meeting = Meeting::of(&[0, 1], &style);
    let next = CallKey(8);
    let there = prepare(&mut meeting, next, PeerKey(PREPARED.0 + 9), &style);
    meeting.until_connected();
    let there_key = Meeting::key(there);
    seated(
        meeting
            .sfu
            .seat(next, PeerKey(PREPARED.0 + 9), there_key, 2),
    )
    .expect("it was prepared");
    for client in &mut meeting.clients {
        client.start_publishing();
    }
    meeting.until("the two have each other", |meeting| {
        [0, 1]
            .into_iter()
            .all(|client| heard_of_all(meeting, client).iter().all(|it| *it > 20))
    });
    assert!(meeting.sfu.rise(Meeting::key(1), PREPARED));
    assert!(
        !meeting.sfu.rise(Meeting::key(1), PREPARED),
        "there is nobody of that name"
    );
    meeting.obeyed();
    meeting.turn();
    let before = [0, 1, there].map(|client| heard_of_all(&meeting, client));
    let made = meeting.clients[1].publisher.made(Kind::Microphone);
    meeting.until("it has sent a while to nobody", |meeting| {
        meeting.clients[1].publisher.made(Kind::Microphone) > made + 20
    });
    meeting.obeyed();
    meeting.turn();
    assert_eq!(
        [0, 1, there].map(|client| heard_of_all(&meeting, client)),
        before
    );
    let made = meeting.clients[1].publisher.made(Kind::Microphone);
    // Between two commands the worker takes in what waits at its port: all that was made so far.
    meeting.obeyed();
    meeting.obeyed();
    let key = PeerKey(77);
    seated(meeting.sfu.seat(next, PREPARED, key, 1)).expect("it was kept for any call");
    meeting.until("it has those who are there, and they have it", |meeting| {
        let came = [1, there].map(|client| heard_of_all(meeting, client));
        let gains = came.into_iter().zip([before[1], before[2]]);
        gains
            .flat_map(|(now, before)| now.into_iter().zip(before))
            .all(|(now, before)| now > before + 20)
    });
    assert_eq!(
        heard_of_all(&meeting, 0),
        before[0],
        "not who stayed behind"
    );
    let client = &meeting.clients[there];
    for arrived in (0..3).flat_map(|slot| client.arrived(slot, Kind::Microphone)) {
        assert!(arrived.mark.number >= made, "{arrived:?} was said before");
    }
    assert!(!meeting.sfu.rise(PREPARED, PeerKey(PREPARED.0 + 1)), "once");
}

#[test]
fn as_many_as_a_worker_may_have_are_prepared_and_no_more() {
    let mut meeting = Meeting::new();
    let offer = Client::new(0, &Style::default()).offer();
    let sfu = meeting.sfu.clone();
    let prepare =
        |number: u64| answer(sfu.prepare(CallKey(number), PeerKey(PREPARED.0 + number), &offer));
    let mut prepared = 0;
    while prepare(prepared).is_ok() {
        prepared += 1;
        assert!(prepared <= 1_000, "there is a bound");
    }
    assert_eq!(prepared, 1_000);
    assert_eq!(prepare(prepared), Err(OfferRefused::Busy));
    sfu.detach(PREPARED);
    prepare(prepared).expect("there is room again");
    sfu.detach(PeerKey(PREPARED.0 + 1));
    let attached = answer(sfu.attach(CALL, PeerKey(1), 0, &offer));
    attached.expect("who has a seat needs no such room");
    meeting.turn();
}
