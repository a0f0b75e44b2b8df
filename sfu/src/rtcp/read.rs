//! Reading RTCP: packet by packet, by the length that each tells of itself. What is known is taken,
//! whatever stands before it or after it. How much one compound packet can make us do is bounded.

use forward::bytes::{read_u16, read_u32};

/// The most packets that one compound packet may ask for again.
pub(crate) const MOST_LOST: usize = 512;

/// The most packets that one compound packet may tell the arrival of: as many as are remembered.
pub(crate) const MOST_ARRIVALS: usize = 2_048;

/// The most reports taken from one compound packet: several for each stream either way.
pub(crate) const MOST_REPORTS: usize = 64;

/// What a peer reported.
#[derive(Debug, Eq, PartialEq)]
pub enum Message {
    /// Where a source's clock stands.
    SenderReport {
        /// The source.
        ssrc: u32,
        /// Its time (RFC 3550 §4).
        ntp: u64,
        /// The same moment in the terms of its packets.
        timestamp: u32,
    },
    /// PLI, or FIR: a receiver needs a key frame.
    Pli {
        /// What the stream is sent to it under.
        ssrc: u32,
    },
    /// A receiver misses packets.
    Nack {
        /// What the stream is sent to it under.
        ssrc: u32,
        /// Which.
        sequences: Vec<u16>,
    },
    /// transport-cc: when what was sent to the peer came.
    TransportCc {
        /// The transport-wide number of the first packet told of.
        first: u16,
        /// For each packet from the first on, by the peer's own clock, microseconds.
        came: Vec<Option<i64>>,
    },
}

/// The packet types that are read (RFC 3550 §12.1, RFC 4585 §6.1).
const SENDER_REPORT: u8 = 200;
const TRANSPORT_FEEDBACK: u8 = 205;
const PAYLOAD_FEEDBACK: u8 = 206;

/// Their formats, of the two kinds of feedback (RFC 4585 §6.2 and §6.3, RFC 5104 §4.3.1,
/// draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
const NACK: u8 = 1;
const TRANSPORT_WIDE: u8 = 15;
const PLI: u8 = 1;
const FIR: u8 = 4;

/// Bytes of a packet's header, and of the two SSRCs that feedback begins with.
const HEADER: usize = 4;
const SSRCS: usize = 8;

/// One packet of a compound packet.
#[derive(Clone, Copy, Debug)]
struct Packet<'bytes> {
    kind: u8,
    /// A count of reports, or the format of feedback.
    count: u8,
    /// All behind the header, without padding.
    body: &'bytes [u8],
}

/// The packets of a compound packet, up to where one cannot be told from the next.
struct Packets<'bytes>(&'bytes [u8]);

impl<'bytes> Iterator for Packets<'bytes> {
    type Item = Packet<'bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (header, _) = self.0.split_first_chunk::<HEADER>()?;
            let [first, kind, high, low] = *header;
            let length = HEADER * (usize::from(u16::from_be_bytes([high, low])) + 1);
            if first >> 6 != 2 {
                return None;
            }
            let (packet, rest) = self.0.split_at_checked(length)?;
            self.0 = rest;
            let body = packet.get(HEADER..)?;
            let padding = if first & 0x20 == 0 {
                0
            } else {
                body.last().copied().map_or(usize::MAX, usize::from).max(1)
            };
            // One whose padding is longer than itself is passed over.
            if let Some(length) = body.len().checked_sub(padding) {
                return Some(Packet {
                    kind,
                    count: first & 0x1f,
                    body: body.get(..length)?,
                });
            }
        }
    }
}

/// Reads a decrypted compound packet; what is malformed or of no use here is left out.
pub fn read(compound: &[u8]) -> Vec<Message> {
    let mut reports = Vec::new();
    let mut room = Room {
        lost: MOST_LOST,
        arrivals: MOST_ARRIVALS,
    };
    for packet in Packets(compound) {
        match (packet.kind, packet.count) {
            (SENDER_REPORT, _) => reports.extend(read_sender_report(packet.body)),
            (PAYLOAD_FEEDBACK, PLI) => {
                reports.extend(read_u32(packet.body, 4).map(|ssrc| Message::Pli { ssrc }));
            }
            (PAYLOAD_FEEDBACK, FIR) => reports.extend(read_fir(packet.body).take(MOST_REPORTS)),
            (TRANSPORT_FEEDBACK, NACK) => reports.extend(room.read_nack(packet.body)),
            (TRANSPORT_FEEDBACK, TRANSPORT_WIDE) => {
                reports.extend(room.read_transport_cc(packet.body));
            }
            _ => {}
        }
        if reports.len() >= MOST_REPORTS {
            reports.truncate(MOST_REPORTS);
            break;
        }
    }
    reports
}

fn read_sender_report(body: &[u8]) -> Option<Message> {
    let ntp = u64::from(read_u32(body, 4)?) << 32 | u64::from(read_u32(body, 8)?);
    Some(Message::SenderReport {
        ssrc: read_u32(body, 0)?,
        ntp,
        timestamp: read_u32(body, 12)?,
    })
}

fn read_fir(body: &[u8]) -> impl Iterator<Item = Message> {
    let entries = body.get(SSRCS..).unwrap_or_default().chunks_exact(8);
    entries
        .filter_map(|entry| read_u32(entry, 0))
        .map(|ssrc| Message::Pli { ssrc })
}

/// How much more is taken from a compound packet.
#[derive(Debug)]
struct Room {
    lost: usize,
    arrivals: usize,
}

impl Room {
    fn read_nack(&mut self, body: &[u8]) -> Option<Message> {
        let ssrc = read_u32(body, 4)?;
        let mut sequences = Vec::new();
        for pair in body.get(SSRCS..)?.chunks_exact(4) {
            let (first, others) = (read_u16(pair, 0)?, read_u16(pair, 2)?);
            let others = (0..16u16).filter(|bit| others >> bit & 1 == 1);
            let lost = others.map(|bit| first.wrapping_add(1 + bit));
            sequences.extend(std::iter::once(first).chain(lost).take(self.lost));
            self.lost -= sequences.len().min(self.lost);
            if self.lost == 0 {
                break;
            }
        }
        (!sequences.is_empty()).then_some(Message::Nack { ssrc, sequences })
    }

    /// When packets came, microseconds by the clock of who wrote it.
    fn read_transport_cc(&mut self, body: &[u8]) -> Option<Message> {
        let first = read_u16(body, 8)?;
        let told = usize::from(read_u16(body, 10)?);
        let count = told.min(self.arrivals);
        let reference = i64::from(read_u32(body, 12)? >> 8) * super::REFERENCE;
        let chunks = body.get(16..)?.chunks_exact(2).map(Chunk::read);
        let (mut length, mut covered) = (0, 0);
        for chunk in chunks.clone() {
            if covered >= told {
                break;
            }
            covered += chunk.len();
            length += 1;
        }
        let mut deltas = Deltas {
            rest: body.get(16 + 2 * length..)?,
            at: reference,
        };
        let symbols = chunks.take(length).flat_map(Chunk::symbols);
        let mut came = Vec::with_capacity(count.min(covered));
        for symbol in symbols.take(count) {
            // Where the times of what came run out, nothing more is told.
            match symbol {
                1 | 2 => match deltas.next(symbol) {
                    Some(at) => came.push(Some(at)),
                    None => break,
                },
                _ => came.push(None),
            }
        }
        self.arrivals -= came.len();
        (!came.is_empty()).then_some(Message::TransportCc { first, came })
    }
}

/// So many packets of one symbol, or a symbol for each of a few.
#[derive(Clone, Copy, Debug)]
enum Chunk {
    Run { symbol: u8, length: u16 },
    OneBit(u16),
    TwoBits(u16),
}

impl Chunk {
    fn read(bytes: &[u8]) -> Self {
        let chunk = read_u16(bytes, 0).unwrap_or_default();
        match chunk >> 14 {
            0 | 1 => Self::Run {
                symbol: (chunk >> 13 & 3).to_be_bytes()[1],
                length: chunk & 0x1fff,
            },
            2 => Self::OneBit(chunk),
            _ => Self::TwoBits(chunk),
        }
    }

    fn len(self) -> usize {
        match self {
            Self::Run { length, .. } => length.into(),
            Self::OneBit(_) => 14,
            Self::TwoBits(_) => 7,
        }
    }

    fn symbols(self) -> impl Iterator<Item = u8> {
        (0..self.len()).map(move |index| {
            let symbol = match self {
                Self::Run { symbol, .. } => return symbol,
                Self::OneBit(bits) => bits >> (13 - index) & 1,
                Self::TwoBits(bits) => bits >> (12 - 2 * index) & 3,
            };
            symbol.to_be_bytes()[1]
        })
    }
}

/// The times of what came, each told by how much later it came than the one before.
#[derive(Debug)]
struct Deltas<'bytes> {
    rest: &'bytes [u8],
    at: i64,
}

impl Deltas<'_> {
    /// The next time; `symbol` tells its size.
    fn next(&mut self, symbol: u8) -> Option<i64> {
        let (delta, size) = match symbol {
            1 => (i64::from(*self.rest.first()?), 1),
            _ => (i64::from(read_u16(self.rest, 0)?.cast_signed()), 2),
        };
        self.rest = self.rest.get(size..)?;
        self.at += delta * super::DELTA;
        Some(self.at)
    }
}

#[cfg(test)]
mod tests;
