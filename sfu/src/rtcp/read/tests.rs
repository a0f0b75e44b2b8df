use proptest::prelude::*;

use super::*;
use crate::rtcp;

fn wanted(ssrc: u32) -> Message {
    Message::Pli { ssrc }
}

/// A packet of any kind, whose body is `words`.
fn packet(count: u8, kind: u8, words: &[u32]) -> Vec<u8> {
    let length = u16::try_from(words.len()).expect("short").to_be_bytes();
    let mut bytes = vec![0x80 | count, kind, length[0], length[1]];
    bytes.extend(words.iter().flat_map(|word| word.to_be_bytes()));
    bytes
}

/// `packet` with `padding` bytes behind it.
fn padded(mut packet: Vec<u8>, padding: u8) -> Vec<u8> {
    packet[0] |= 0x20;
    let words = packet.len() / 4 + usize::from(padding) / 4 - 1;
    packet[2..4].copy_from_slice(&u16::try_from(words).expect("short").to_be_bytes());
    packet.extend(std::iter::repeat_n(0, usize::from(padding) - 1));
    packet.push(padding);
    packet
}

fn pli(ssrc: u32) -> Vec<u8> {
    packet(PLI, PAYLOAD_FEEDBACK, &[1, ssrc])
}

/// What is of no use here, or not known to anybody.
fn unknown() -> Vec<Vec<u8>> {
    vec![
        packet(0, 201, &[1]),
        packet(3, 201, &[1, 2]),
        packet(1, 202, &[1, 0x0102_4100, 0]),
        packet(1, 203, &[1]),
        packet(4, 204, &[1, 0x4142_4344]),
        packet(14, PAYLOAD_FEEDBACK, &[1, 0x1122_3344, 0x4c4e_5446, 0]),
        packet(15, PAYLOAD_FEEDBACK, &[1, 0, 0x5245_4d42, 0x0100_0000, 7]),
        packet(15, PAYLOAD_FEEDBACK, &[1, 0, 0x4146_4220]),
        packet(15, PAYLOAD_FEEDBACK, &[]),
        packet(2, PAYLOAD_FEEDBACK, &[1, 7, 0]),
        packet(8, TRANSPORT_FEEDBACK, &[1, 7, 9]),
        packet(11, TRANSPORT_FEEDBACK, &[1, 7, 9, 8, 7, 6]),
        packet(5, TRANSPORT_FEEDBACK, &[]),
        packet(0, 207, &[1, 0x0400_0002, 1, 2]),
        packet(0, 207, &[1, 0x04ff_ffff]),
        packet(0, 210, &[]),
        packet(31, 255, &[1, 2, 3]),
        // Known, and malformed.
        packet(PLI, PAYLOAD_FEEDBACK, &[1]),
        packet(NACK, TRANSPORT_FEEDBACK, &[1, 7]),
        packet(FIR, PAYLOAD_FEEDBACK, &[1, 0, 7]),
        packet(TRANSPORT_WIDE, TRANSPORT_FEEDBACK, &[1, 7, 9]),
        packet(0, SENDER_REPORT, &[1, 2, 3]),
        padded(pli(9), 200)[..212].to_vec(),
        [&[0xa1, 206, 0, 2], &[0; 7][..], &[200]].concat(),
    ]
}

#[test]
fn what_is_known_is_taken_whatever_stands_beside_it() {
    let seen = [
        &[0x80, 0xc9, 0, 1, 0, 0, 0, 1][..],
        &[0x8f, 0xce, 0, 4, 0, 0, 0, 1, 0x11, 0x22, 0x33, 0x44],
        &[0x4c, 0x4e, 0x54, 0x46, 0, 0, 0, 0],
        &[0x81, 0xce, 0, 2, 0, 0, 0, 1, 0x11, 0x22, 0x33, 0x44],
    ];
    assert_eq!(read(&seen.concat()), [wanted(0x1122_3344)]);
    for (index, unknown) in unknown().into_iter().enumerate() {
        let is_padded_pli = unknown.len() == 212;
        let between = [pli(7), unknown.clone(), pli(8)].concat();
        let expected = if is_padded_pli {
            vec![7, 9, 8]
        } else {
            vec![7, 8]
        };
        let expected: Vec<Message> = expected.into_iter().map(wanted).collect();
        assert_eq!(read(&between), expected, "{index}");
        let repeated = [unknown.clone(), unknown.clone(), pli(8), unknown].concat();
        assert!(read(&repeated).contains(&wanted(8)), "{index}");
    }
}

#[test]
fn what_came_before_the_end_of_a_cut_packet_is_taken() {
    let whole = [pli(7), pli(8)].concat();
    for length in 12..24 {
        assert_eq!(read(&whole[..length]), [wanted(7)], "{length}");
    }
    let mut other = [pli(7), pli(8), pli(9)].concat();
    other[12] = 0x41;
    assert_eq!(read(&other), [wanted(7)], "of another version");
    for length in 0..12 {
        assert_eq!(read(&whole[..length]), []);
    }
}

#[test]
fn padding_is_no_part_of_a_packet() {
    for padding in [4, 8, 252] {
        assert_eq!(read(&padded(pli(7), padding)), [wanted(7)]);
    }
    let nack = packet(NACK, TRANSPORT_FEEDBACK, &[1, 7, 0x0005_0000]);
    let lost = [Message::Nack {
        ssrc: 7,
        sequences: vec![5],
    }];
    assert_eq!(read(&padded(nack, 8)), lost);
}

#[test]
fn key_frames_are_asked_for_by_each_entry_of_a_request() {
    let fir = packet(
        FIR,
        PAYLOAD_FEEDBACK,
        &[1, 0, 7, 0x0100_0000, 8, 0x0200_0000],
    );
    assert_eq!(read(&fir), [wanted(7), wanted(8)]);
}

#[test]
fn one_compound_packet_makes_bounded_work() {
    // Runs of 8,191 that did not come, in 36 bytes each.
    let runs = [0x1fff_1fff; 4];
    let body = [&[1, 7, 0x0000_ffff, 0][..], &runs].concat();
    let told = packet(TRANSPORT_WIDE, TRANSPORT_FEEDBACK, &body).repeat(38);
    let all_lost = [&[1, 7][..], &[0x0001_ffff; 300]].concat();
    let asked = packet(NACK, TRANSPORT_FEEDBACK, &all_lost).repeat(3);
    let wishes = [&[1, 0][..], &[7; 340]].concat();
    let compounds = [
        told,
        asked,
        packet(NACK, TRANSPORT_FEEDBACK, &[1, 7, 0x0001_ffff]).repeat(87),
        packet(FIR, PAYLOAD_FEEDBACK, &wishes),
        pli(7).repeat(116),
        packet(0, SENDER_REPORT, &[1; 6]).repeat(50),
    ];
    for compound in compounds {
        let reports = read(&compound);
        assert!((1..=MOST_REPORTS).contains(&reports.len()));
        let (mut lost, mut arrivals) = (0, 0);
        for report in reports {
            match report {
                Message::Nack { sequences, .. } => lost += sequences.len(),
                Message::TransportCc { came, .. } => arrivals += came.len(),
                Message::SenderReport { .. } | Message::Pli { .. } => {}
            }
        }
        assert!(lost <= MOST_LOST && arrivals <= MOST_ARRIVALS);
    }
}

#[test]
fn symbols_of_every_form_are_read() {
    // Two bits each: came, came late, not, and four that are not told of; then a run of two.
    let chunks = 0b1101_1000_1100_0000 << 16 | 0b0010_0000_0000_0010;
    let body = [
        1,
        7,
        0x0064_0009,
        0x0000_0200,
        chunks,
        0x04ff_fc04,
        0x0400_0000,
    ];
    let came = read(&packet(TRANSPORT_WIDE, TRANSPORT_FEEDBACK, &body));
    let at = |units: i64| Some(128_000 + units * 250);
    assert_eq!(
        came,
        [Message::TransportCc {
            first: 100,
            came: vec![at(4), at(0), None, None, None, None, None, at(4), at(8)],
        }]
    );
    let cut = read(&packet(TRANSPORT_WIDE, TRANSPORT_FEEDBACK, &body[..5]));
    assert_eq!(cut, [], "no time of what came");
}

/// Packets of what we write ourselves, and what is read of them.
fn written(chosen: u8, ssrc: u32) -> (Vec<u8>, Vec<Message>) {
    let mut out = Vec::new();
    let reports = match chosen % 4 {
        0 => {
            rtcp::write(&[rtcp::pli(1, ssrc)], &mut out);
            vec![wanted(ssrc)]
        }
        1 => {
            rtcp::write(&[rtcp::nack(1, ssrc, &[3, 5, 40])], &mut out);
            let sequences = vec![3, 5, 40];
            vec![Message::Nack { ssrc, sequences }]
        }
        2 => {
            let report = rtcp::sender_report(ssrc, 4, 5, (6, 7), "person0".to_owned());
            rtcp::write(&report, &mut out);
            vec![Message::SenderReport {
                ssrc,
                ntp: 4,
                timestamp: 5,
            }]
        }
        _ => {
            rtcp::write(&[rtcp::receiver_report(1, &[])], &mut out);
            vec![]
        }
    };
    (out, reports)
}

proptest! {
    #[test]
    fn known_and_unknown_packets_in_any_order_are_told_apart(
        packets in proptest::collection::vec((any::<bool>(), any::<u8>(), any::<u32>()), 0..20),
    ) {
        let unknown = unknown();
        let (mut compound, mut expected) = (Vec::new(), Vec::new());
        for (is_known, chosen, ssrc) in packets {
            if is_known {
                let (bytes, reports) = written(chosen, ssrc);
                compound.extend(bytes);
                expected.extend(reports);
            } else {
                // The last but one is known, padded.
                compound.extend(&unknown[usize::from(chosen) % (unknown.len() - 2)]);
            }
        }
        prop_assert_eq!(read(&compound), expected);
    }

    #[test]
    fn junk_is_read_as_something_bounded_and_never_panics(
        junk in proptest::collection::vec(any::<u8>(), 0..1_500),
        kinds in proptest::collection::vec((0u8..32, 199u8..208, any::<bool>(), 0u16..40), 0..40),
    ) {
        let _reports = read(&junk);
        let mut compound = junk;
        let mut at = 0;
        for (count, kind, is_padded, length) in kinds {
            if let Some(header) = compound.get_mut(at..at + 4) {
                let [high, low] = length.to_be_bytes();
                let first = if is_padded { 0xa0 } else { 0x80 } | count;
                header.copy_from_slice(&[first, kind, high, low]);
            }
            at += 4 * (usize::from(length) + 1);
        }
        let reports = read(&compound);
        prop_assert!(reports.len() <= MOST_REPORTS);
    }
}
