//! Losses on the way to a receiver and from a sender are mended, each packet comes once, and
//! padding leaves no trace.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use forward::codec::Kind;
use rtc::rtcp::transport_feedbacks::transport_layer_nack::{NackPair, TransportLayerNack};
use tokio::time::Instant;

use crate::client::{Arrived, Client, Fate, Style, Way};
use crate::continuity::assert_one_stream;
use crate::meeting::Meeting;
use crate::wire::Datagram;

/// The least time between two retransmissions of one packet to one receiver.
const RESEND_INTERVAL: Duration = Duration::from_millis(20);

/// The least time between two requests to a sender for one packet.
const RETRY_INTERVAL: Duration = Duration::from_millis(40);

/// How often a sender is asked for one packet, at most.
const MOST_TRIES: usize = 5;

/// A sender at seat 0 and a receiver at seat 1, whose cameras' first picture has come.
fn sender_and_receiver(sender: &Style, receiver: &Style) -> Meeting {
    let mut meeting = Meeting::new();
    meeting.seat(0, sender);
    meeting.seat(1, receiver);
    meeting.until_connected();
    meeting.clients[0].send_next(Kind::Camera, true);
    until_count(&mut meeting, 1);
    meeting
}

fn until_count(meeting: &mut Meeting, count: usize) {
    meeting.until("the camera's packets come", |meeting| {
        meeting.clients[1].count(0, Kind::Camera) >= count
    });
}

/// Sends one more frame and waits for it: what is to come before it has come then.
fn send_and_await_a_last_frame(meeting: &mut Meeting) {
    let number = meeting.clients[0].publisher.made(Kind::Camera);
    meeting.clients[0].send_next(Kind::Camera, false);
    meeting.until("the last frame comes", |meeting| {
        let arrived = meeting.clients[1].arrived(0, Kind::Camera);
        arrived.iter().any(|arrived| arrived.mark.number == number)
    });
}

/// Loses the packets of `ssrc` whose place, counted from the first that came by, `is_lost` says;
/// each once.
fn losing(ssrc: u32, is_lost: impl Fn(usize) -> bool + 'static) -> Way {
    let mut seen = BTreeSet::new();
    Box::new(move |datagram| match datagram {
        Datagram::Rtp { ssrc: of, sequence } if of == ssrc => {
            let place = seen.len();
            if seen.insert(sequence) && is_lost(place) {
                Fate::IsLost
            } else {
                Fate::Arrives
            }
        }
        Datagram::Rtp { .. }
        | Datagram::Rtcp
        | Datagram::Stun
        | Datagram::Dtls
        | Datagram::Other => Fate::Arrives,
    })
}

fn numbers(arrived: &[Arrived]) -> Vec<u32> {
    arrived.iter().map(|arrived| arrived.mark.number).collect()
}

/// Sends `count` frames of the camera, none faster than it came out at the other end or was lost
/// on the way there.
fn send_frames(meeting: &mut Meeting, count: u32) {
    for _ in 0..count {
        meeting.clients[0].send_next(Kind::Camera, false);
        meeting.turn();
    }
}

/// As many packets of the camera came as are told, each in one datagram: a second would be
/// dropped by the client before it is seen anywhere else.
fn assert_each_came_once(receiver: &Client, count: usize) {
    let wire = receiver.slots[0].of(Kind::Camera).media;
    let mut times: BTreeMap<u16, usize> = BTreeMap::new();
    for received in &receiver.datagrams {
        if let Datagram::Rtp { ssrc, sequence } = received.datagram
            && ssrc == wire
        {
            *times.entry(sequence).or_default() += 1;
        }
    }
    assert_eq!(times.len(), count);
    assert!(times.values().all(|times| *times == 1), "{times:?}");
}

/// Every frame came, first or again, under the numbers it has in the stream.
fn assert_mended(receiver: &Client, arrived: &[Arrived], again: &[Arrived], made: u32) {
    let mut all: Vec<Arrived> = arrived.iter().chain(again).cloned().collect();
    all.sort_by_key(|arrived| arrived.mark.number);
    all.dedup_by_key(|arrived| arrived.mark.number);
    assert_eq!(all.len(), made as usize, "every frame came");
    assert_one_stream(&all);
    assert!(receiver.is_connected());
}

fn loss_on_the_way_to_the_receiver(retransmission: Option<u8>) -> Meeting {
    let receiver = Style {
        repairs: true,
        retransmission,
        ..Style::default()
    };
    let mut meeting = sender_and_receiver(&Style::default(), &receiver);
    let ssrc = meeting.clients[1].slots[0].of(Kind::Camera).media;
    meeting.clients[1].inward = losing(ssrc, |place| place % 5 == 3);
    send_frames(&mut meeting, 40);
    let wanted: BTreeSet<u32> = (0..41).collect();
    meeting.until("the receiver has every frame", |meeting| {
        let receiver = &meeting.clients[1];
        let mut have: BTreeSet<u32> = numbers(&receiver.arrived(0, Kind::Camera))
            .into_iter()
            .collect();
        have.extend(numbers(&receiver.arrived_again(0, Kind::Camera)));
        have == wanted
    });
    meeting
}

#[test]
fn a_receiver_that_takes_retransmissions_gets_them_apart() {
    let meeting = loss_on_the_way_to_the_receiver(Some(97));
    let receiver = &meeting.clients[1];
    let arrived = receiver.arrived(0, Kind::Camera);
    let again = receiver.arrived_again(0, Kind::Camera);
    assert_eq!(arrived.len(), 41 - 8, "each fifth was lost the first time");
    assert!(again.iter().all(|again| again.payload_type == 97));
    assert_mended(receiver, &arrived, &again, 41);
}

#[test]
fn a_receiver_without_retransmissions_gets_the_packet_as_it_was() {
    let meeting = loss_on_the_way_to_the_receiver(None);
    let receiver = &meeting.clients[1];
    let arrived = receiver.arrived(0, Kind::Camera);
    assert_mended(receiver, &arrived, &[], 41);
}

#[test]
fn a_packet_is_sent_again_once_in_twenty_milliseconds_however_often_it_is_asked_for() {
    let mut meeting = sender_and_receiver(&Style::default(), &Style::default());
    send_frames(&mut meeting, 10);
    until_count(&mut meeting, 11);
    let asked_for = meeting.clients[1].arrived(0, Kind::Camera)[4].clone();
    let media_ssrc = meeting.clients[1].slots[0].of(Kind::Camera).media;
    let began = Instant::now();
    meeting.until("it is sent again several times", |meeting| {
        let receiver = &mut meeting.clients[1];
        let request = TransportLayerNack {
            sender_ssrc: 1,
            media_ssrc,
            nacks: vec![NackPair::new(asked_for.sequence); 3],
        };
        receiver.report(vec![Box::new(request.clone()), Box::new(request)]);
        receiver.arrived_again(0, Kind::Camera).len() >= 4
    });
    let passed = began.elapsed();
    let again = meeting.clients[1].arrived_again(0, Kind::Camera);
    assert!(again.iter().all(|again| again.mark == asked_for.mark
        && again.sequence == asked_for.sequence
        && again.timestamp == asked_for.timestamp
        && again.picture == asked_for.picture));
    let most = 1 + passed.as_millis() / RESEND_INTERVAL.as_millis();
    assert!(again.len() as u128 <= most, "{} in {passed:?}", again.len());
}

#[test]
fn requests_for_what_was_never_sent_are_not_answered() {
    let mut meeting = sender_and_receiver(&Style::default(), &Style::default());
    let last = meeting.clients[1].arrived(0, Kind::Camera)[0].sequence;
    let slot = meeting.clients[1].slots[0];
    let strange = meeting.clients[1].slots[2].of(Kind::Screen).media;
    let ask = |media_ssrc, sequence| TransportLayerNack {
        sender_ssrc: 1,
        media_ssrc,
        nacks: vec![NackPair {
            packet_id: sequence,
            lost_packets: 0xffff,
        }],
    };
    let before = meeting.clients[1].media_datagrams();
    for step in [1, 100, 0x7fff, 0x8000, 0xff00] {
        let sequence = last.wrapping_add(step);
        for ssrc in [
            slot.of(Kind::Camera).media,
            slot.of(Kind::Microphone).media,
            strange,
            0,
        ] {
            meeting.clients[1].report(vec![Box::new(ask(ssrc, sequence))]);
        }
    }
    meeting.clients[0].send_next(Kind::Microphone, false);
    meeting.until("what is sent after them comes", |meeting| {
        meeting.clients[1].count(0, Kind::Microphone) == 1
    });
    let media = |meeting: &Meeting| {
        let receiver = &meeting.clients[1];
        let rtp = receiver.datagrams.iter();
        rtp.filter(|it| matches!(it.datagram, Datagram::Rtp { .. }))
            .count()
    };
    assert!(before >= 1);
    assert_eq!(media(&meeting), 2, "the first picture and the sound");
}

#[test]
fn a_sender_is_asked_for_what_it_lost_and_it_is_forwarded_late() {
    let sender = Style {
        repairs: true,
        ..Style::default()
    };
    let mut meeting = sender_and_receiver(&sender, &Style::default());
    let ssrc = meeting.clients[0].publisher.ssrc(Kind::Camera);
    meeting.clients[0].outward = losing(ssrc, |place| place % 5 == 3);
    send_frames(&mut meeting, 40);
    until_count(&mut meeting, 41);
    let late: Vec<Vec<u8>> = meeting.clients[0].lost.clone();
    assert_eq!(late.len(), 8);
    for datagram in late {
        meeting.clients[0].send_raw(&datagram);
    }
    send_and_await_a_last_frame(&mut meeting);
    let arrived = meeting.clients[1].arrived(0, Kind::Camera);
    assert_eq!(arrived.len(), 42);
    // What had been mended is not sent twice.
    assert_each_came_once(&meeting.clients[1], 42);
    assert_mended(&meeting.clients[1], &arrived, &[], 42);
}

#[test]
fn a_sender_that_does_not_answer_is_asked_a_few_times_and_then_for_a_key_frame() {
    let mut meeting = sender_and_receiver(&Style::default(), &Style::default());
    let ssrc = meeting.clients[0].publisher.ssrc(Kind::Camera);
    let before = meeting.clients[0].publisher.keyframe_requests(Kind::Camera);
    meeting.clients[0].outward = losing(ssrc, |place| place == 3);
    send_frames(&mut meeting, 6);
    meeting.until("it is asked for a key frame", |meeting| {
        // A source is asked for something while it sends.
        meeting.clients[0].send_next(Kind::Microphone, false);
        meeting.clients[0].publisher.keyframe_requests(Kind::Camera) > before
    });
    let mut asked: BTreeMap<u16, Vec<Instant>> = BTreeMap::new();
    for (at, request) in meeting.clients[0].reports::<TransportLayerNack>() {
        assert_eq!(request.media_ssrc, ssrc);
        for sequence in request.nacks.iter().flat_map(NackPair::packet_list) {
            asked.entry(sequence).or_default().push(at);
        }
    }
    assert_eq!(
        asked.len(),
        1,
        "only what is missing is asked for: {asked:?}"
    );
    let times = asked.into_values().next().expect("there is one");
    assert_eq!(times.len(), MOST_TRIES);
    let first_to_last = times[MOST_TRIES - 1].duration_since(times[0]);
    // Requests may gather in the kernel, but the sum of their distances cannot shrink by more than
    // one turn of a busy machine.
    let least = RETRY_INTERVAL * (u32::try_from(MOST_TRIES).expect("small") - 2);
    assert!(first_to_last >= least, "{first_to_last:?}");
    assert_eq!(
        meeting.clients[1].count(0, Kind::Camera),
        6,
        "the others were not held up"
    );
}

#[test]
fn packets_out_of_order_and_doubled_are_forwarded_once_each() {
    let mut meeting = sender_and_receiver(&Style::default(), &Style::default());
    meeting.clients[0].outward = Box::new(|_| Fate::ArrivesTwice);
    let sender = &mut meeting.clients[0];
    let mut waiting: VecDeque<_> = (0..30)
        .map(|_| sender.publisher.next(0, Kind::Camera, false))
        .collect();
    // 1 0 3 2 5 4 …, each twice.
    while let (Some(first), Some(second)) = (waiting.pop_front(), waiting.pop_front()) {
        sender.send(second);
        sender.send(first);
    }
    until_count(&mut meeting, 31);
    send_and_await_a_last_frame(&mut meeting);
    assert_each_came_once(&meeting.clients[1], 32);
    let arrived = meeting.clients[1].arrived(0, Kind::Camera);
    let order = numbers(&arrived);
    assert_eq!(order[..5], [0, 2, 1, 4, 3], "nothing waits for another");
    assert_mended(&meeting.clients[1], &arrived, &[], 32);
}

#[test]
fn padding_alone_leaves_no_gap() {
    let mut meeting = sender_and_receiver(&Style::default(), &Style::default());
    for round in 0..20 {
        for _ in 0..round % 4 {
            meeting.clients[0].send_padding(Kind::Camera);
        }
        meeting.clients[0].send_next(Kind::Camera, false);
    }
    until_count(&mut meeting, 21);
    let arrived = meeting.clients[1].arrived(0, Kind::Camera);
    assert_one_stream(&arrived);
    assert_eq!(numbers(&arrived), (0..21).collect::<Vec<u32>>());
}
