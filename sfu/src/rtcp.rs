//! RTCP (RFC 3550 §6, RFC 4585, RFC 5104, transport-wide congestion control): what is read, and
//! what is written.

mod read;

use forward::reception::Block;
use forward::time::Micros;
use rtc_rtcp::packet::{self, Packet};
use rtc_rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc_rtcp::receiver_report::ReceiverReport;
use rtc_rtcp::reception_report::ReceptionReport;
use rtc_rtcp::sender_report::SenderReport;
use rtc_rtcp::source_description::{
    SdesType, SourceDescription, SourceDescriptionChunk, SourceDescriptionItem,
};
use rtc_rtcp::transport_feedbacks::transport_layer_cc::{
    PacketStatusChunk, RecvDelta, StatusChunkTypeTcc, StatusVectorChunk, SymbolSizeTypeTcc,
    SymbolTypeTcc, TransportLayerCc,
};
use rtc_rtcp::transport_feedbacks::transport_layer_nack::{
    TransportLayerNack, nack_pairs_from_sequence_numbers,
};

pub use read::{Message, read};

/// Appends `packets` as one compound packet.
pub fn write(packets: &[Box<dyn Packet>], out: &mut Vec<u8>) {
    // What this module builds is always within RTCP's limits.
    if let Ok(bytes) = packet::marshal(packets) {
        out.extend_from_slice(&bytes);
    }
}

/// Asks for a key frame (RFC 4585 §6.3.1).
pub fn pli(ours: u32, ssrc: u32) -> Box<dyn Packet> {
    Box::new(PictureLossIndication {
        sender_ssrc: ours,
        media_ssrc: ssrc,
    })
}

/// Asks for packets again (RFC 4585 §6.2.1).
pub fn nack(ours: u32, ssrc: u32, sequences: &[u16]) -> Box<dyn Packet> {
    let nacks = nack_pairs_from_sequence_numbers(sequences);
    Box::new(TransportLayerNack {
        sender_ssrc: ours,
        media_ssrc: ssrc,
        nacks,
    })
}

/// What was received (RFC 3550 §6.4.2).
pub fn receiver_report(ours: u32, blocks: &[(u32, Block)]) -> Box<dyn Packet> {
    let reports = blocks
        .iter()
        .map(|(ssrc, block)| ReceptionReport {
            ssrc: *ssrc,
            fraction_lost: block.fraction_lost,
            total_lost: block.total_lost,
            last_sequence_number: block.highest,
            jitter: block.jitter,
            last_sender_report: block.last_report,
            delay: block.delay,
        })
        .collect();
    Box::new(ReceiverReport {
        ssrc: ours,
        reports,
        ..ReceiverReport::default()
    })
}

/// Where a leg's clock stands (RFC 3550 §6.4.1), and the name that says what is played in step
/// (§6.5.1).
pub(crate) fn sender_report(
    ssrc: u32,
    ntp: u64,
    timestamp: u32,
    (packets, octets): (u32, u32),
    cname: String,
) -> [Box<dyn Packet>; 2] {
    let report = SenderReport {
        ssrc,
        ntp_time: ntp,
        rtp_time: timestamp,
        packet_count: packets,
        octet_count: octets,
        ..SenderReport::default()
    };
    let name = SourceDescriptionItem {
        sdes_type: SdesType::SdesCname,
        text: cname.into(),
    };
    let chunk = SourceDescriptionChunk {
        source: ssrc,
        items: vec![name],
    };
    [
        Box::new(report),
        Box::new(SourceDescription {
            chunks: vec![chunk],
        }),
    ]
}

/// One unit of a receive delta, microseconds.
const DELTA: i64 = 250;

/// One unit of the reference time, microseconds.
const REFERENCE: i64 = 64_000;

/// When packets came (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1): `first` is the
/// first one's transport-wide number, `count` the number of this report.
pub fn transport_cc(
    ours: u32,
    ssrc: u32,
    first: u16,
    came: &[Option<Micros>],
    count: u8,
) -> Box<dyn Packet> {
    let micros = |at: Micros| i64::try_from(at.0).unwrap_or(i64::MAX);
    let first_came = came.iter().flatten().min().copied().unwrap_or_default();
    let start = micros(first_came) / REFERENCE;
    let mut last = start * (REFERENCE / DELTA);
    let mut deltas = Vec::with_capacity(came.len());
    let symbols: Vec<SymbolTypeTcc> = came
        .iter()
        .map(|at| {
            let Some(at) = at else {
                return SymbolTypeTcc::PacketNotReceived;
            };
            let ticks = micros(*at) / DELTA;
            // Longer steps than fit would need a report of their own: ours are sent too often.
            let delta = (ticks - last).clamp(i64::from(i16::MIN), i64::from(i16::MAX));
            last += delta;
            let symbol = if (0..=255).contains(&delta) {
                SymbolTypeTcc::PacketReceivedSmallDelta
            } else {
                SymbolTypeTcc::PacketReceivedLargeDelta
            };
            let delta = delta * DELTA;
            deltas.push(RecvDelta {
                type_tcc_packet: symbol,
                delta,
            });
            symbol
        })
        .collect();
    let packet_chunks = symbols
        .chunks(7)
        .map(|symbols| {
            let mut symbol_list = symbols.to_vec();
            symbol_list.resize(7, SymbolTypeTcc::PacketNotReceived);
            PacketStatusChunk::StatusVectorChunk(StatusVectorChunk {
                type_tcc: StatusChunkTypeTcc::StatusVectorChunk,
                symbol_size: SymbolSizeTypeTcc::TwoBit,
                symbol_list,
            })
        })
        .collect();
    Box::new(TransportLayerCc {
        sender_ssrc: ours,
        media_ssrc: ssrc,
        base_sequence_number: first,
        packet_status_count: u16::try_from(came.len()).unwrap_or(u16::MAX),
        reference_time: u32::try_from(start & 0x00ff_ffff).unwrap_or_default(),
        fb_pkt_count: count,
        packet_chunks,
        recv_deltas: deltas,
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn written(packets: &[Box<dyn Packet>]) -> Vec<u8> {
        let mut out = Vec::new();
        write(packets, &mut out);
        out
    }

    #[test]
    fn what_is_written_is_read_again() {
        let compound = written(&[
            receiver_report(
                1,
                &[(
                    5,
                    Block {
                        fraction_lost: 9,
                        ..Block::default()
                    },
                )],
            ),
            pli(1, 7),
            nack(1, 8, &[10, 11, 30]),
        ]);
        assert_eq!(
            read(&compound),
            [
                Message::Pli { ssrc: 7 },
                Message::Nack {
                    ssrc: 8,
                    sequences: vec![10, 11, 30]
                }
            ]
        );
        let [report, name] = sender_report(3, 4, 5, (6, 7), "person0".to_owned());
        assert_eq!(
            read(&written(&[report, name])),
            [Message::SenderReport {
                ssrc: 3,
                ntp: 4,
                timestamp: 5
            }]
        );
    }

    #[test]
    fn arrivals_are_told_to_the_quarter_millisecond() {
        let came: Vec<_> = [
            Some(1_000_000),
            None,
            Some(1_000_600),
            Some(1_100_000),
            Some(1_099_000),
        ]
        .map(|at: Option<u64>| at.map(Micros))
        .to_vec();
        let bytes = written(&[transport_cc(1, 2, 65_535, &came, 3)]);
        let packets = packet::unmarshal(&mut Bytes::from(bytes)).expect("we wrote it");
        let report = packets[0]
            .as_any()
            .downcast_ref::<TransportLayerCc>()
            .expect("what it is");
        assert_eq!(
            (report.base_sequence_number, report.packet_status_count),
            (65_535, 5)
        );
        assert_eq!(report.reference_time, 15);
        let mut at = i64::from(report.reference_time) * 64_000;
        let times: Vec<i64> = report
            .recv_deltas
            .iter()
            .map(|delta| {
                at += delta.delta;
                at
            })
            .collect();
        assert_eq!(times, [1_000_000, 1_000_500, 1_100_000, 1_099_000]);
        let bytes = written(&[transport_cc(1, 2, 65_535, &came, 3)]);
        assert_eq!(
            read(&bytes),
            [Message::TransportCc {
                first: 65_535,
                came: vec![
                    Some(1_000_000),
                    None,
                    Some(1_000_500),
                    Some(1_100_000),
                    Some(1_099_000)
                ]
            }]
        );
    }
}
