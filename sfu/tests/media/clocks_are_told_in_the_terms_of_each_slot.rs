//! Sender reports reach receivers in the terms of their slots, and receiver reports reach senders,
//! for each of the streams of a connection.

use std::collections::BTreeMap;

use forward::codec::Kind;
use rtc::rtcp::receiver_report::ReceiverReport;
use rtc::rtcp::sender_report::SenderReport;
use rtc::rtcp::source_description::{SdesType, SourceDescription};

use crate::client::{Arrived, Client, Style, reports_in};
use crate::meeting::Meeting;
use crate::tap::Heard;

fn style() -> Style {
    Style {
        reports: true,
        transport_numbers: true,
        ..Style::default()
    }
}

/// What was sent under `ssrc`: timestamp by mark number.
fn timestamps_said(client: &Client, ssrc: u32) -> Vec<u32> {
    let packets = client.said.iter().filter_map(Heard::rtp);
    let of = packets.filter(|packet| packet.header.ssrc == ssrc);
    of.map(|packet| packet.header.timestamp).collect()
}

#[test]
fn sender_reports_are_told_in_the_terms_of_the_slot() {
    // Whoever is the first in a slot is stamped as they stamp themselves; the second is not.
    let mut meeting = Meeting::of(&[2, 0], &style());
    meeting.clients[0].start_publishing();
    meeting.until("the slot is begun", |meeting| {
        Kind::ALL
            .iter()
            .all(|kind| meeting.clients[1].count(1, *kind) >= 10)
    });
    let second = meeting.seat(2, &style());
    meeting.until_connected();
    meeting.clients[second].start_publishing();
    let of = |meeting: &Meeting, kind: Kind| {
        let ssrc = meeting.clients[1].slots[1].of(kind).media;
        let mut reports = meeting.clients[1].reports::<SenderReport>();
        let theirs = reports_in::<SenderReport>(&meeting.clients[second].said);
        // Of the second alone: the first may have got in a word before.
        reports.retain(|(_, report)| {
            let said = |(_, said): &(_, SenderReport)| said.ntp_time == report.ntp_time;
            report.ssrc == ssrc && theirs.iter().any(said)
        });
        reports
    };
    meeting.until("a report of each kind comes", |meeting| {
        Kind::ALL.iter().all(|kind| !of(meeting, *kind).is_empty())
    });
    for kind in Kind::ALL {
        let sender = &meeting.clients[second];
        let ssrc = sender.publisher.ssrc(kind);
        let said = timestamps_said(sender, ssrc);
        let all = meeting.clients[1].arrived(1, kind);
        let theirs = |arrived: &&Arrived| usize::from(arrived.mark.maker) == second;
        let arrived: Vec<Arrived> = all.iter().filter(theirs).cloned().collect();
        let shift = |arrived: &Arrived| {
            arrived
                .timestamp
                .wrapping_sub(said[arrived.mark.number as usize])
        };
        let shifted = shift(&arrived[0]);
        assert!(arrived.iter().all(|arrived| shift(arrived) == shifted));
        assert_ne!(shifted, 0, "it began at another time than the slot");
        let originals = reports_in::<SenderReport>(&sender.said);
        for (_, report) in of(&meeting, kind) {
            let original = originals
                .iter()
                .find(|(_, original)| original.ssrc == ssrc && original.ntp_time == report.ntp_time)
                .map(|(_, original)| original)
                .expect("the clock is the sender's own");
            assert_eq!(
                report.rtp_time,
                original.rtp_time.wrapping_add(shifted),
                "{kind:?} is stamped as its packets are"
            );
            let sent = u32::try_from(all.len()).expect("few");
            assert!(
                (1..=sent).contains(&report.packet_count),
                "{report:?} of {sent}"
            );
            assert!(report.octet_count >= report.packet_count);
        }
    }
}

#[test]
fn a_slots_name_says_what_is_played_in_step() {
    let mut meeting = Meeting::of(&[0, 1], &style());
    meeting.clients[0].start_publishing();
    let names = |meeting: &Meeting| {
        let mut names = BTreeMap::new();
        for (_, description) in meeting.clients[1].reports::<SourceDescription>() {
            for chunk in description.chunks {
                for item in chunk.items {
                    assert_eq!(item.sdes_type, SdesType::SdesCname);
                    names.insert(chunk.source, item.text.clone());
                }
            }
        }
        names
    };
    meeting.until("each stream has a name", |meeting| {
        names(meeting).len() == 3
    });
    let names = names(&meeting);
    let of = |kind| &names[&meeting.clients[1].slots[0].of(kind).media];
    assert_eq!(of(Kind::Microphone), of(Kind::Camera), "lips and voice");
    assert_ne!(of(Kind::Microphone), of(Kind::Screen));
    assert_ne!(
        of(Kind::Screen).as_ref(),
        b"stream0",
        "the sender's own name goes nowhere"
    );
}

#[test]
fn receiver_reports_reach_the_sender() {
    let mut meeting = Meeting::of(&[0, 1], &style());
    meeting.clients[0].start_publishing();
    let blocks = |meeting: &Meeting| {
        let mut blocks = BTreeMap::new();
        for (_, report) in meeting.clients[0].reports::<ReceiverReport>() {
            for block in report.reports {
                blocks.insert(block.ssrc, block);
            }
        }
        blocks
    };
    let ssrcs = Kind::ALL.map(|kind| meeting.clients[0].publisher.ssrc(kind));
    meeting.until(
        "each stream is reported, with the last sender report",
        |meeting| {
            let blocks = blocks(meeting);
            ssrcs.iter().all(|ssrc| {
                blocks
                    .get(ssrc)
                    .is_some_and(|block| block.last_sender_report != 0)
            })
        },
    );
    let blocks = blocks(&meeting);
    assert_eq!(blocks.len(), 3, "and nothing else");
    for ssrc in ssrcs {
        let block = &blocks[&ssrc];
        assert_eq!((block.fraction_lost, block.total_lost), (0, 0));
        let said = meeting.clients[0].said.iter().filter_map(Heard::rtp);
        let sequences: Vec<u16> = said
            .filter(|packet| packet.header.ssrc == ssrc)
            .map(|packet| packet.header.sequence_number)
            .collect();
        let [high, low, ..] = block.last_sequence_number.to_be_bytes();
        let [.., third, fourth] = block.last_sequence_number.to_be_bytes();
        let highest = u16::from_be_bytes([third, fourth]);
        assert!(sequences.contains(&highest));
        // The first sequence numbers are just below the end of their range.
        let cycles = u16::from_be_bytes([high, low]);
        assert_eq!(cycles, u16::from(highest < sequences[0]), "{sequences:?}");
        let clocks = reports_in::<SenderReport>(&meeting.clients[0].said);
        let middle = |ntp: u64| u32::try_from(ntp >> 16 & 0xffff_ffff).expect("32 bits");
        assert!(clocks.iter().any(|(_, report)| report.ssrc == ssrc
            && middle(report.ntp_time) == block.last_sender_report));
    }
}
