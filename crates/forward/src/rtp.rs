//! The RTP header (RFC 3550 §5.1), read in place.

use std::ops::Range;

use crate::bytes::{read_u16, read_u32};
use crate::extension::ONE_BYTE;

/// Length of a header without contributing sources and extensions, bytes.
pub const FIXED_HEADER: usize = 12;

/// What a packet's header says, and where in the packet the rest is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Header {
    /// Usually: this is the last packet of a frame.
    pub marker: bool,
    /// Payload type, 0 to 127.
    pub payload_type: u8,
    /// Sequence number.
    pub sequence: u16,
    /// Timestamp, in units of the codec's clock.
    pub timestamp: u32,
    /// Synchronisation source.
    pub ssrc: u32,
    /// The extension's profile word and where its elements are, if there are any.
    pub extension: Option<(u16, Range<usize>)>,
    /// Where the header ends: an SRTP packet is encrypted from here on (RFC 3711 §3.1).
    pub length: usize,
    /// Whether the last byte of the packet counts padding.
    pub padded: bool,
}

impl Header {
    /// Reads the header of `packet`, whose payload may still be encrypted. `None` where it is not
    /// an RTP packet of version 2 or is shorter than its header says.
    #[must_use]
    pub fn read(packet: &[u8]) -> Option<Self> {
        let first = *packet.first()?;
        let second = *packet.get(1)?;
        if first >> 6 != 2 {
            return None;
        }
        let contributing = usize::from(first & 0x0f);
        let mut length = FIXED_HEADER + 4 * contributing;
        let mut extension = None;
        if first & 0x10 != 0 {
            let profile = read_u16(packet, length)?;
            let words = usize::from(read_u16(packet, length + 2)?);
            let start = length + 4;
            length = start + 4 * words;
            extension = Some((profile, start..length));
        }
        if packet.len() < length {
            return None;
        }
        Some(Self {
            marker: second & 0x80 != 0,
            payload_type: second & 0x7f,
            sequence: read_u16(packet, 2)?,
            timestamp: read_u32(packet, 4)?,
            ssrc: read_u32(packet, 8)?,
            extension,
            length,
            padded: first & 0x20 != 0,
        })
    }

    /// Where the payload of the decrypted `packet` is, its padding left out. `None` where the
    /// padding is longer than the payload. An empty range is a packet of padding alone.
    #[must_use]
    pub fn payload(&self, packet: &[u8]) -> Option<Range<usize>> {
        let padding = if self.padded {
            match packet.last() {
                Some(&count) if count > 0 => usize::from(count),
                Some(_) | None => return None,
            }
        } else {
            0
        };
        let end = packet.len().checked_sub(padding)?;
        (end >= self.length).then_some(self.length..end)
    }
}

/// Whether a datagram that is not STUN is RTCP rather than RTP (RFC 5761 §4).
#[must_use]
pub fn is_rtcp(packet: &[u8]) -> bool {
    packet
        .get(1)
        .is_some_and(|second| (192..=223).contains(second))
}

/// The fields that a leg writes in front of a payload.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fields {
    /// Last packet of a frame.
    pub marker: bool,
    /// Payload type, 0 to 127.
    pub payload_type: u8,
    /// Sequence number.
    pub sequence: u16,
    /// Timestamp, in units of the codec's clock.
    pub timestamp: u32,
    /// Synchronisation source.
    pub ssrc: u32,
}

impl Fields {
    /// Appends the header, with `elements` (whole one-byte extension elements, RFC 8285 §4.2,
    /// unpadded) as its extension if there are any. Gives the header's length in bytes.
    pub fn write(&self, elements: &[u8], out: &mut Vec<u8>) -> usize {
        self.write_as(ONE_BYTE, elements, out)
    }

    /// As [`Fields::write`], with elements in the form that `profile` names.
    pub fn write_as(&self, profile: u16, elements: &[u8], out: &mut Vec<u8>) -> usize {
        let start = out.len();
        let extended = !elements.is_empty();
        out.push(0x80 | if extended { 0x10 } else { 0 });
        out.push(self.payload_type & 0x7f | if self.marker { 0x80 } else { 0 });
        out.extend_from_slice(&self.sequence.to_be_bytes());
        out.extend_from_slice(&self.timestamp.to_be_bytes());
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        if extended {
            let words = elements.len().div_ceil(4);
            out.extend_from_slice(&profile.to_be_bytes());
            out.extend_from_slice(&u16::try_from(words).unwrap_or(u16::MAX).to_be_bytes());
            out.extend_from_slice(elements);
            out.resize(start + FIXED_HEADER + 4 + 4 * words, 0);
        }
        out.len() - start
    }

    /// Changes the payload type of the header written at `start`.
    pub fn retype(&self, payload_type: u8, start: usize, out: &mut [u8]) {
        if let Some(second) = out.get_mut(start + 1) {
            *second = payload_type & 0x7f | if self.marker { 0x80 } else { 0 };
        }
    }

    /// As [`Fields::write`], for a packet whose last byte counts its padding.
    pub fn write_padded(&self, elements: &[u8], out: &mut Vec<u8>) -> usize {
        let start = out.len();
        let length = self.write(elements, out);
        if let Some(first) = out.get_mut(start) {
            *first |= 0x20;
        }
        length
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_header_with_sources_extension_and_padding_is_read_to_its_end() {
        let mut packet = vec![0xb1, 0xe0, 0x01, 0x02, 0, 0, 0, 9, 0, 0, 0, 7, 1, 1, 1, 1];
        packet.extend_from_slice(&[0xbe, 0xde, 0, 1, 0x10, 0xff, 0, 0]);
        packet.extend_from_slice(&[5, 6, 7, 0, 0, 3]);
        let header = Header::read(&packet).expect("well formed");
        assert_eq!(
            header,
            Header {
                marker: true,
                payload_type: 96,
                sequence: 0x0102,
                timestamp: 9,
                ssrc: 7,
                extension: Some((0xbede, 20..24)),
                length: 24,
                padded: true,
            }
        );
        assert_eq!(header.payload(&packet), Some(24..27));
    }

    #[test]
    fn padding_longer_than_the_payload_is_refused_and_padding_alone_is_empty() {
        let mut packet = vec![0xa0, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1];
        packet.extend_from_slice(&[0, 0, 3]);
        let header = Header::read(&packet).expect("well formed");
        assert_eq!(header.payload(&packet), Some(12..12));
        *packet.last_mut().expect("not empty") = 4;
        assert_eq!(header.payload(&packet), None);
        *packet.last_mut().expect("not empty") = 0;
        assert_eq!(header.payload(&packet), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            if let Some(header) = Header::read(&bytes) {
                prop_assert!(header.length <= bytes.len());
                if let Some(payload) = header.payload(&bytes) {
                    prop_assert!(payload.end <= bytes.len() && payload.start <= payload.end);
                }
            }
        }

        #[test]
        fn what_is_written_is_read_again(
            marker: bool, payload_type in 0u8..128, sequence: u16, timestamp: u32, ssrc: u32,
            elements in proptest::collection::vec(any::<u8>(), 0..20),
        ) {
            let fields = Fields { marker, payload_type, sequence, timestamp, ssrc };
            let mut out = vec![1, 2, 3];
            let length = fields.write(&elements, &mut out);
            let header = Header::read(&out[3..]).expect("we wrote it");
            prop_assert_eq!(header.length, length);
            prop_assert_eq!(out.len(), 3 + length);
            prop_assert_eq!(
                (header.marker, header.payload_type, header.sequence, header.timestamp, header.ssrc),
                (marker, payload_type, sequence, timestamp, ssrc)
            );
            prop_assert_eq!(header.extension.is_some(), !elements.is_empty());
        }
    }
}
