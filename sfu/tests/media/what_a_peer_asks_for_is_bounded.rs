//! Reports of a peer: what is known is taken whatever stands beside it, and nobody is made to do
//! much by asking for much.

use std::time::Duration;

use bytes::Bytes;
use forward::codec::Kind;
use rtc::rtcp::Packet;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtcp::raw_packet::RawPacket;
use rtc::rtcp::receiver_report::ReceiverReport;
use rtc::rtcp::sender_report::SenderReport;
use rtc::rtcp::transport_feedbacks::transport_layer_nack::{NackPair, TransportLayerNack};
use tokio::time::Instant;

use crate::client::Style;
use crate::meeting::Meeting;

/// A sender at seat 0 and a receiver at seat 1, whose camera's first picture has come.
fn sender_and_receiver() -> Meeting {
    let mut meeting = Meeting::of(&[0, 1], &Style::default());
    meeting.clients[0].send_next(Kind::Camera, true);
    meeting.until("the first picture comes", |meeting| {
        meeting.clients[1].count(0, Kind::Camera) == 1
    });
    meeting
}

fn raw(bytes: &[u8]) -> Box<dyn Packet> {
    Box::new(RawPacket(Bytes::copy_from_slice(bytes)))
}

#[test]
fn a_wish_for_a_key_frame_counts_beside_packets_that_nobody_knows() {
    // An unknown application's feedback, an unknown format, an unknown type, and one cut short in
    // itself; each before and behind the wish.
    let unknown: [&[u8]; 5] = [
        &[
            0x8f, 0xce, 0, 4, 0, 0, 0, 1, 0x11, 0x22, 0x33, 0x44, 0x4c, 0x4e, 0x54, 0x46, 0, 0, 0,
            0,
        ],
        &[0x8e, 0xce, 0, 1, 0, 0, 0, 1],
        &[0x80, 0xd2, 0, 1, 0, 0, 0, 1],
        &[0x81, 0xcd, 0, 0],
        &[0x8f, 0xcd, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 0, 9],
    ];
    for bytes in unknown {
        for is_before in [true, false] {
            let mut meeting = sender_and_receiver();
            let before = meeting.clients[0].publisher.keyframe_requests(Kind::Camera);
            let wish: Box<dyn Packet> = Box::new(PictureLossIndication {
                sender_ssrc: 1,
                media_ssrc: meeting.clients[1].slots[0].of(Kind::Camera).media,
            });
            let report: Box<dyn Packet> = Box::new(ReceiverReport {
                ssrc: 1,
                ..ReceiverReport::default()
            });
            let mut compound = vec![report, wish];
            compound.insert(if is_before { 1 } else { 2 }, raw(bytes));
            meeting.clients[1].report(compound);
            meeting.until("the sender is asked", |meeting| {
                // A source is asked for something while it sends.
                meeting.clients[0].send_next(Kind::Camera, false);
                meeting.clients[0].publisher.keyframe_requests(Kind::Camera) > before
            });
        }
    }
}

#[test]
fn no_more_is_sent_again_than_was_sent_however_much_is_asked_for() {
    let mut meeting = sender_and_receiver();
    for _ in 0..100 {
        meeting.clients[0].send_next(Kind::Camera, false);
        meeting.turn();
    }
    meeting.until("all of it comes", |meeting| {
        meeting.clients[1].count(0, Kind::Camera) == 101
    });
    let first = meeting.clients[1].arrived(0, Kind::Camera)[0].sequence;
    let media_ssrc = meeting.clients[1].slots[0].of(Kind::Camera).media;
    let pair = |index: u16| NackPair {
        packet_id: first.wrapping_add(index * 17),
        lost_packets: 0xffff,
    };
    let ask = TransportLayerNack {
        sender_ssrc: 1,
        media_ssrc,
        nacks: (0..6).map(pair).collect(),
    };
    let again = |meeting: &Meeting| meeting.clients[1].arrived_again(0, Kind::Camera).len();
    // The rule that one packet is sent again once in a while would let all of it pass each time.
    for _ in 0..10 {
        let asked = Instant::now();
        meeting.clients[1].report(vec![Box::new(ask.clone())]);
        meeting.until("the next wish is due", |_| {
            asked.elapsed() > Duration::from_millis(25)
        });
    }
    meeting.clients[0].send_next(Kind::Camera, false);
    meeting.until("what is sent after all that comes", |meeting| {
        meeting.clients[1].count(0, Kind::Camera) == 102
    });
    assert_eq!(again(&meeting), 101, "each once, on the whole");
}

#[test]
fn where_a_clock_stands_is_passed_on_every_now_and_then() {
    let mut meeting = sender_and_receiver();
    let ssrc = meeting.clients[0].publisher.ssrc(Kind::Camera);
    let began = Instant::now();
    for burst in 0..20u64 {
        let reports = (0..40u64).map(|index| -> Box<dyn Packet> {
            Box::new(SenderReport {
                ssrc,
                ntp_time: 1_000 + burst * 40 + index,
                ..SenderReport::default()
            })
        });
        meeting.clients[0].report(reports.collect());
        meeting.turn();
    }
    meeting.clients[0].send_next(Kind::Camera, false);
    meeting.until("what is sent after them comes", |meeting| {
        meeting.clients[1].count(0, Kind::Camera) == 2
    });
    let most = 1 + began.elapsed().as_millis() / 100;
    let told = meeting.clients[1].reports::<SenderReport>().len();
    assert!(told >= 1, "it is passed on");
    assert!(told as u128 <= most, "{told} of 800");
}
