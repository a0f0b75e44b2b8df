//! What a sender learns of its packets: losses, and arrival times for its estimate of the network.

use forward::codec::Kind;
use rtc::rtcp::receiver_report::ReceiverReport;
use rtc::rtcp::transport_feedbacks::transport_layer_cc::{
    PacketStatusChunk, SymbolTypeTcc, TransportLayerCc,
};

use crate::client::{Fate, Style};
use crate::meeting::Meeting;
use crate::tap::Heard;
use crate::wire::Datagram;

fn style() -> Style {
    Style {
        reports: true,
        transport_numbers: true,
        ..Style::default()
    }
}

#[test]
fn losses_are_reported() {
    let mut meeting = Meeting::of(&[0, 1], &style());
    let ssrc = meeting.clients[0].publisher.ssrc(Kind::Microphone);
    let mut place = 0;
    meeting.clients[0].outward = Box::new(move |datagram| {
        let its = matches!(datagram, Datagram::Rtp { ssrc: of, .. } if of == ssrc);
        place += u32::from(its);
        if its && place % 4 == 0 {
            Fate::IsLost
        } else {
            Fate::Arrives
        }
    });
    meeting.clients[0].start_publishing();
    meeting.until("the loss is reported", |meeting| {
        let reports = meeting.clients[0].reports::<ReceiverReport>();
        let mut blocks = reports.iter().flat_map(|(_, report)| &report.reports);
        blocks.any(|block| {
            // A quarter of 256, give or take the packets of the moment.
            block.ssrc == ssrc && (40..=90).contains(&block.fraction_lost) && block.total_lost > 5
        })
    });
}

/// The transport-wide numbers that a report says came.
fn came(report: &TransportLayerCc) -> Vec<u16> {
    let mut symbols = Vec::new();
    for chunk in &report.packet_chunks {
        match chunk {
            PacketStatusChunk::StatusVectorChunk(chunk) => symbols.extend(&chunk.symbol_list),
            PacketStatusChunk::RunLengthChunk(chunk) => {
                let run = usize::from(chunk.run_length);
                symbols.extend(vec![chunk.packet_status_symbol; run]);
            }
        }
    }
    symbols.truncate(usize::from(report.packet_status_count));
    let numbers = (0..).map(|place| report.base_sequence_number.wrapping_add(place));
    let of = numbers.zip(symbols);
    of.filter(|(_, symbol)| *symbol != SymbolTypeTcc::PacketNotReceived)
        .map(|(number, _)| number)
        .collect()
}

#[test]
fn arrival_times_reach_the_sender() {
    let mut meeting = Meeting::of(&[0, 1], &style());
    meeting.clients[0].start_publishing();
    let reported = |meeting: &Meeting| {
        let mut numbers: Vec<u16> = Vec::new();
        for (_, report) in meeting.clients[0].reports::<TransportLayerCc>() {
            numbers.extend(came(&report));
        }
        numbers
    };
    meeting.until("a hundred packets are reported", |meeting| {
        reported(meeting).len() >= 100
    });
    let numbers = reported(&meeting);
    let mut sorted = numbers.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), numbers.len(), "each once");
    let sent = meeting.clients[0]
        .said
        .iter()
        .filter_map(Heard::rtp)
        .count();
    assert!(numbers.len() <= sent, "no more than were sent");
    let gaps = numbers
        .windows(2)
        .filter(|pair| pair[1] != pair[0].wrapping_add(1));
    assert_eq!(gaps.count(), 0, "none is missing: {numbers:?}");
    let reports = meeting.clients[0].reports::<TransportLayerCc>();
    for pair in reports.windows(2) {
        let [(_, before), (_, after)] = pair else {
            unreachable!("windows of two")
        };
        assert_eq!(after.fb_pkt_count, before.fb_pkt_count.wrapping_add(1));
    }
    let deltas: i64 = reports
        .iter()
        .flat_map(|(_, report)| report.recv_deltas.iter().skip(1))
        .map(|delta| delta.delta)
        .sum();
    assert!(deltas >= 0, "time goes on: {deltas}");
}
