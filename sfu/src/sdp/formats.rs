//! The formats of a media section: which payload type is what (RFC 8866 §6.6 and §6.15).

use std::array;

use forward::codec::{Codec, PayloadTypes};

use super::lines::look_at;

/// How many payload types there are (RFC 3551 §6).
const TYPES: usize = 128;

/// Those that cannot be told from RTCP on one port (RFC 5761 §4).
const RTCP: std::ops::RangeInclusive<u8> = 64..=95;

/// What a section says of its payload types.
#[derive(Debug)]
pub(super) struct Formats<'text> {
    /// In the order of the `m=` line.
    listed: Vec<u8>,
    /// By payload type, as are those below.
    maps: [Option<&'text str>; TYPES],
    /// The values of all `a=fmtp`: some write one parameter a line.
    parameters: [Vec<&'text str>; TYPES],
}

impl<'text> Formats<'text> {
    /// Reads the formats of an `m=` line. `None` where there are more than payload types.
    pub(super) fn read(words: impl Iterator<Item = &'text str>) -> Option<Self> {
        let mut listed = Vec::with_capacity(TYPES);
        for (index, word) in words.enumerate() {
            if index == TYPES {
                return None;
            }
            listed.extend(read_type(word).filter(|number| !RTCP.contains(number)));
        }
        Some(Self {
            listed,
            maps: [None; TYPES],
            parameters: array::from_fn(|_| Vec::new()),
        })
    }

    /// Takes an `a=rtpmap`; the first of a payload type counts.
    pub(super) fn map(&mut self, value: &'text str) {
        if let Some((place, rest)) = read_typed(value)
            && let Some(map) = self.maps.get_mut(place)
        {
            map.get_or_insert(rest);
        }
    }

    /// Takes an `a=fmtp`.
    pub(super) fn describe(&mut self, value: &'text str) {
        if let Some((place, rest)) = read_typed(value)
            && let Some(parameters) = self.parameters.get_mut(place)
        {
            parameters.push(rest);
        }
    }

    fn is(&self, payload_type: u8, name: &str) -> bool {
        self.map_of(payload_type)
            .is_some_and(|map| map.eq_ignore_ascii_case(name))
    }

    fn map_of(&self, payload_type: u8) -> Option<&'text str> {
        self.maps.get(usize::from(payload_type)).copied().flatten()
    }

    fn parameters_of(&self, payload_type: u8) -> &[&'text str] {
        self.parameters
            .get(usize::from(payload_type))
            .map_or(&[], Vec::as_slice)
    }

    fn parameter(&self, payload_type: u8, name: &str) -> Option<&'text str> {
        let lines = self.parameters_of(payload_type).iter();
        lines
            .flat_map(|line| look_at(line).split(';'))
            .find_map(|part| {
                let (key, value) = part.split_once('=')?;
                let is_it = key.trim().eq_ignore_ascii_case(name);
                is_it.then(|| value.trim())
            })
    }

    /// The codecs that are forwarded, each by its first payload type, with the retransmission type
    /// that points to it; and the format parameters that each was given.
    pub(super) fn finish(&self, video: bool) -> (PayloadTypes, Vec<(Codec, String)>) {
        let mut payload_types = PayloadTypes::default();
        let mut parameters = Vec::new();
        let retransmissions = self.retransmissions();
        for payload_type in self.listed.iter().copied() {
            let Some(codec) = self.codec(payload_type) else {
                continue;
            };
            if codec.is_video() != video || payload_types.media(codec).is_some() {
                continue;
            }
            let retransmission = retransmissions.get(usize::from(payload_type));
            payload_types.set(codec, payload_type, retransmission.copied().flatten());
            parameters.push((codec, self.parameters_of(payload_type).join(";")));
        }
        payload_types.redundant = payload_types
            .media(Codec::Opus)
            .and_then(|opus| self.redundant(opus));
        (payload_types, parameters)
    }

    /// By payload type, its retransmissions' (RFC 4588 §8.1).
    fn retransmissions(&self) -> [Option<u8>; TYPES] {
        let mut of = [None; TYPES];
        for payload_type in self.listed.iter().copied() {
            if self.is(payload_type, "rtx/90000")
                && let Some(apt) = self.parameter(payload_type, "apt").and_then(read_type)
                && let Some(place) = of.get_mut(usize::from(apt))
            {
                place.get_or_insert(payload_type);
            }
        }
        of
    }

    /// Redundant audio of which every block is Opus (RFC 2198 §5).
    fn redundant(&self, opus: u8) -> Option<u8> {
        self.listed.iter().copied().find(|payload_type| {
            self.is(*payload_type, "red/48000/2")
                && self
                    .parameters_of(*payload_type)
                    .first()
                    .is_some_and(|blocks| {
                        let mut blocks = look_at(blocks).split('/');
                        blocks.all(|block| read_type(block.trim()) == Some(opus))
                    })
        })
    }

    fn codec(&self, payload_type: u8) -> Option<Codec> {
        let map = self.map_of(payload_type)?;
        let is = |name: &str| map.eq_ignore_ascii_case(name);
        let parameter = |name: &str| self.parameter(payload_type, name);
        if is("opus/48000/2") {
            Some(Codec::Opus)
        } else if is("vp8/90000") {
            Some(Codec::Vp8)
        } else if is("vp9/90000") {
            matches!(parameter("profile-id"), None | Some("0")).then_some(Codec::Vp9)
        } else if is("av1/90000") {
            matches!(parameter("profile"), None | Some("0")).then_some(Codec::Av1)
        } else if is("h264/90000") {
            let is_baseline = parameter("profile-level-id").is_some_and(is_constrained_baseline);
            (is_baseline && parameter("packetization-mode") == Some("1")).then_some(Codec::H264)
        } else {
            None
        }
    }
}

/// Whether a `profile-level-id` names the constrained baseline profile, of which there are several
/// spellings (RFC 6184 §8.1, table 5).
fn is_constrained_baseline(value: &str) -> bool {
    let Ok(value) = u32::from_str_radix(value, 16) else {
        return false;
    };
    let [0, profile, constraints, _level] = value.to_be_bytes() else {
        return false;
    };
    match profile {
        0x42 => constraints & 0x4f == 0x40,
        0x4d => constraints & 0x8f == 0x80,
        0x58 => constraints & 0xcf == 0xc0,
        _ => false,
    }
}

fn read_type(word: &str) -> Option<u8> {
    let number: u8 = word.parse().ok()?;
    (usize::from(number) < TYPES).then_some(number)
}

/// A payload type, and what is said of it.
fn read_typed(value: &str) -> Option<(usize, &str)> {
    let (number, rest) = value.split_once(|c: char| c.is_ascii_whitespace())?;
    Some((read_type(number)?.into(), rest.trim()))
}
