//! RTP header extensions (RFC 8285): the few that are read, and the fewer that are passed on.

use std::ops::Range;

use crate::bytes::read_u16;
use crate::rtp::Header;

/// An extension this server knows, by what it says.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Extension {
    /// The media section a packet belongs to (RFC 9143 §15).
    Mid,
    /// The transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01 §2).
    TransportSequence,
    /// The loudness of the sound within (RFC 6464).
    AudioLevel,
    /// How the picture is to be turned (3GPP TS 26.114 §7.4.5).
    VideoOrientation,
    /// The layer of a simulcast picture (RFC 8852 §3.1).
    Rid,
    /// The layer that a retransmission repairs (RFC 8852 §3.2).
    RepairedRid,
    /// Which frame needs which (RTP Payload Format For AV1, appendix A).
    Dependencies,
}

impl Extension {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Mid,
        Self::Rid,
        Self::RepairedRid,
        Self::TransportSequence,
        Self::AudioLevel,
        Self::VideoOrientation,
        Self::Dependencies,
    ];

    /// The name in SDP.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Mid => "urn:ietf:params:rtp-hdrext:sdes:mid",
            Self::TransportSequence => {
                "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
            }
            Self::AudioLevel => "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
            Self::VideoOrientation => "urn:3gpp:video-orientation",
            Self::Rid => "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
            Self::RepairedRid => "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
            Self::Dependencies => {
                "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
            }
        }
    }
}

/// The ids that one connection gave to the extensions, 1 to 14; 0 where it has none.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ExtensionIds {
    /// Of [`Extension::Mid`].
    pub mid: u8,
    /// Of [`Extension::TransportSequence`].
    pub transport_sequence: u8,
    /// Of [`Extension::AudioLevel`].
    pub audio_level: u8,
    /// Of [`Extension::VideoOrientation`].
    pub video_orientation: u8,
    /// Of [`Extension::Rid`].
    pub rid: u8,
    /// Of [`Extension::RepairedRid`].
    pub repaired_rid: u8,
    /// Of [`Extension::Dependencies`].
    pub dependencies: u8,
}

impl ExtensionIds {
    /// The id of `extension`.
    #[must_use]
    pub const fn of(self, extension: Extension) -> u8 {
        match extension {
            Extension::Mid => self.mid,
            Extension::TransportSequence => self.transport_sequence,
            Extension::AudioLevel => self.audio_level,
            Extension::VideoOrientation => self.video_orientation,
            Extension::Rid => self.rid,
            Extension::RepairedRid => self.repaired_rid,
            Extension::Dependencies => self.dependencies,
        }
    }

    /// Gives `extension` the id `id`.
    pub const fn set(&mut self, extension: Extension, id: u8) {
        match extension {
            Extension::Mid => self.mid = id,
            Extension::TransportSequence => self.transport_sequence = id,
            Extension::AudioLevel => self.audio_level = id,
            Extension::VideoOrientation => self.video_orientation = id,
            Extension::Rid => self.rid = id,
            Extension::RepairedRid => self.repaired_rid = id,
            Extension::Dependencies => self.dependencies = id,
        }
    }
}

/// The profile of elements in the one-byte form (RFC 8285 §4.2).
pub const ONE_BYTE: u16 = 0xbede;

/// The profile of elements in the two-byte form (RFC 8285 §4.3).
pub const TWO_BYTE: u16 = 0x1000;

/// What one packet's extensions say.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Extensions<'packet> {
    /// The media section.
    pub mid: Option<&'packet [u8]>,
    /// The transport-wide sequence number.
    pub transport_sequence: Option<u16>,
    /// The level byte of RFC 6464 §3: voice activity bit, then -dBov.
    pub audio_level: Option<u8>,
    /// The orientation byte.
    pub video_orientation: Option<u8>,
    /// The simulcast layer, of a retransmission the one it repairs.
    pub rid: Option<&'packet [u8]>,
    /// Where in the packet it is told which frame needs which; empty where it is not.
    pub dependencies: Range<usize>,
}

/// Reads the extensions of `packet`, in the one-byte and the two-byte form (RFC 8285 §4.2, §4.3).
/// Elements that are cut short end the reading.
#[must_use]
pub fn read<'packet>(
    packet: &'packet [u8],
    header: &Header,
    ids: ExtensionIds,
) -> Extensions<'packet> {
    let mut said = Extensions::default();
    let Some((profile, range)) = &header.extension else {
        return said;
    };
    let Some(mut rest) = packet.get(range.clone()) else {
        return said;
    };
    let two_byte = profile >> 4 == TWO_BYTE >> 4;
    if !two_byte && *profile != ONE_BYTE {
        return said;
    }
    while let Some((&first, after)) = rest.split_first() {
        if first == 0 {
            rest = after;
            continue;
        }
        let (id, length, after) = if two_byte {
            let Some((&length, after)) = after.split_first() else {
                break;
            };
            (first, usize::from(length), after)
        } else if first >> 4 == 15 {
            break;
        } else {
            (first >> 4, usize::from(first & 0x0f) + 1, after)
        };
        let Some((data, after)) = after.split_at_checked(length) else {
            break;
        };
        rest = after;
        if id == ids.mid {
            said.mid = Some(data);
        } else if id == ids.transport_sequence {
            said.transport_sequence = read_u16(data, 0);
        } else if id == ids.audio_level {
            said.audio_level = data.first().copied();
        } else if id == ids.video_orientation {
            said.video_orientation = data.first().copied();
        } else if id == ids.rid || id == ids.repaired_rid {
            said.rid = Some(data);
        } else if id == ids.dependencies {
            let end = range.end - rest.len();
            said.dependencies = end - length..end;
        }
    }
    said
}

/// Room for the elements of one packet, bytes.
pub const MOST_ELEMENTS: usize = 7;

/// What is passed on from one hop to the next; all else is hop by hop.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ForwardedExtensions {
    /// As [`Extensions::audio_level`].
    pub audio_level: Option<u8>,
    /// As [`Extensions::video_orientation`].
    pub video_orientation: Option<u8>,
}

impl ForwardedExtensions {
    /// Writes the elements under the receiver's ids into `buffer`, the packet's own transport-wide
    /// number before them; gives those written.
    #[must_use]
    pub fn elements(
        self,
        ids: ExtensionIds,
        transport_sequence: Option<u16>,
        buffer: &mut [u8; MOST_ELEMENTS],
    ) -> &[u8] {
        let mut length = 0;
        if let (Some(sequence), id @ 1..=14) = (transport_sequence, ids.transport_sequence)
            && let Some([head, data @ ..]) = buffer.first_chunk_mut::<3>()
        {
            *head = id << 4 | 1;
            *data = sequence.to_be_bytes();
            length = 3;
        }
        for (value, id) in [
            (self.audio_level, ids.audio_level),
            (self.video_orientation, ids.video_orientation),
        ] {
            let (Some(value), 1..=14) = (value, id) else {
                continue;
            };
            if let Some([head, data]) = buffer.get_mut(length..length + 2) {
                *head = id << 4;
                *data = value;
                length += 2;
            }
        }
        buffer.get(..length).unwrap_or_default()
    }
}

/// Room for the elements of one packet and a dependency descriptor, bytes: in the two-byte form
/// each takes one more.
pub const MOST_DESCRIBED: usize = MOST_ELEMENTS + 3 + 2 + 255;

/// Writes `elements`, as [`ForwardedExtensions::elements`] gives them, and after them a dependency descriptor
/// under `id` into `buffer`; gives the profile and what was written. A long descriptor needs the
/// two-byte form (RFC 8285 §4.3), and then all of them have it.
#[must_use]
pub fn described<'buffer>(
    elements: &[u8],
    descriptor: &[u8],
    id: u8,
    buffer: &'buffer mut [u8; MOST_DESCRIBED],
) -> (u16, &'buffer [u8]) {
    let is_long = descriptor.len() > 16;
    let mut length = 0;
    let mut write = |bytes: &[u8]| {
        if let Some(place) = buffer.get_mut(length..length + bytes.len()) {
            place.copy_from_slice(bytes);
            length += bytes.len();
        }
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "an element has at most 255 bytes"
    )]
    let mut element = |id: u8, data: &[u8]| {
        if is_long {
            write(&[id, data.len() as u8]);
        } else {
            write(&[id << 4 | (data.len() as u8).wrapping_sub(1) & 0x0f]);
        }
        write(data);
    };
    let mut rest = elements;
    while let Some((&head, after)) = rest.split_first()
        && let Some((data, after)) = after.split_at_checked(usize::from(head & 0x0f) + 1)
    {
        element(head >> 4, data);
        rest = after;
    }
    element(id, descriptor);
    let profile = if is_long { TWO_BYTE } else { ONE_BYTE };
    (profile, buffer.get(..length).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtp::Fields;

    const IDS: ExtensionIds = ExtensionIds {
        mid: 4,
        transport_sequence: 3,
        audio_level: 1,
        video_orientation: 13,
        rid: 10,
        repaired_rid: 11,
        dependencies: 12,
    };

    fn packet(elements: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let fields = Fields {
            marker: false,
            payload_type: 111,
            sequence: 1,
            timestamp: 2,
            ssrc: 3,
        };
        fields.write(elements, &mut out);
        out
    }

    #[test]
    fn one_byte_elements_are_read_by_id_and_unknown_ones_skipped() {
        let packet = packet(&[
            0x10, 0x85, 0x31, 0x01, 0x02, 0x00, 0x92, 1, 2, 3, 0x40, b'7',
        ]);
        let header = Header::read(&packet).expect("we wrote it");
        let said = read(&packet, &header, IDS);
        assert_eq!(said.audio_level, Some(0x85));
        assert_eq!(said.transport_sequence, Some(0x0102));
        assert_eq!(said.mid, Some(b"7".as_slice()));
        assert_eq!(said.video_orientation, None);
    }

    #[test]
    fn two_byte_elements_are_read_too() {
        let mut packet = packet(&[1, 1, 0x85, 13, 1, 0x02, 0, 0]);
        packet[12..14].copy_from_slice(&[0x10, 0x00]);
        let header = Header::read(&packet).expect("we wrote it");
        let said = read(&packet, &header, IDS);
        assert_eq!(
            (said.audio_level, said.video_orientation),
            (Some(0x85), Some(2))
        );
    }

    #[test]
    fn a_layer_is_named_by_its_packets_and_their_repairs() {
        for id in [10, 11] {
            let packet = packet(&[id << 4 | 1, b'h', b'i']);
            let header = Header::read(&packet).expect("we wrote it");
            assert_eq!(read(&packet, &header, IDS).rid, Some(b"hi".as_slice()));
        }
    }

    #[test]
    fn a_dependency_descriptor_is_passed_on_in_the_form_that_holds_it() {
        for length in [1, 3, 16, 17, 255] {
            let descriptor = vec![7; length];
            let (mut short, mut buffer) = ([0; MOST_ELEMENTS], [0; MOST_DESCRIBED]);
            let passed = ForwardedExtensions {
                audio_level: None,
                video_orientation: Some(1),
            };
            let elements = passed.elements(IDS, Some(9), &mut short);
            let (profile, elements) = described(elements, &descriptor, 12, &mut buffer);
            let mut packet = packet(elements);
            packet[12..14].copy_from_slice(&profile.to_be_bytes());
            let header = Header::read(&packet).expect("we wrote it");
            let said = read(&packet, &header, IDS);
            assert_eq!(packet[said.dependencies], descriptor);
            assert_eq!(
                (said.transport_sequence, said.video_orientation),
                (Some(9), Some(1))
            );
        }
    }

    #[test]
    fn an_element_that_runs_over_the_end_says_nothing() {
        let packet = packet(&[0x1f, 1, 2, 3]);
        let header = Header::read(&packet).expect("we wrote it");
        assert_eq!(read(&packet, &header, IDS), Extensions::default());
    }

    #[test]
    fn what_is_passed_on_carries_the_receivers_ids() {
        let passed = ForwardedExtensions {
            audio_level: Some(0x8a),
            video_orientation: Some(1),
        };
        let theirs = ExtensionIds {
            audio_level: 9,
            video_orientation: 2,
            ..ExtensionIds::default()
        };
        let mut buffer = [0; MOST_ELEMENTS];
        assert_eq!(
            passed.elements(theirs, None, &mut buffer),
            [0x90, 0x8a, 0x20, 1]
        );
        assert_eq!(
            passed.elements(ExtensionIds::default(), Some(7), &mut buffer),
            [0u8; 0]
        );
        let theirs = ExtensionIds {
            transport_sequence: 5,
            ..theirs
        };
        assert_eq!(
            passed.elements(theirs, Some(0x0102), &mut buffer),
            [0x51, 1, 2, 0x90, 0x8a, 0x20, 1]
        );
    }
}
