//! Key frames: how to see one begin, and how often to ask for one.

use crate::codec::Codec;
use crate::time::Micros;
use crate::{vp8, vp9};

/// Whether `payload` begins a picture that needs no other.
#[must_use]
pub fn begins(codec: Codec, payload: &[u8]) -> bool {
    match codec {
        Codec::Opus => true,
        Codec::Vp8 => {
            vp8::Descriptor::read(payload).is_some_and(|descriptor| descriptor.is_keyframe(payload))
        }
        Codec::Vp9 => {
            vp9::Descriptor::read(payload).is_some_and(|descriptor| descriptor.begins_key())
        }
        Codec::Av1 => begins_av1(payload),
        Codec::H264 => begins_h264(payload),
    }
}

/// RTP Payload Format For AV1 §4.4: the first packet of a coded video sequence, which begins with a
/// key frame.
fn begins_av1(payload: &[u8]) -> bool {
    payload.first().is_some_and(|first| first & 0x88 == 0x08)
}

/// RFC 6184 §5.2: a sequence parameter set or an IDR slice, alone, aggregated, or begun in parts.
fn begins_h264(payload: &[u8]) -> bool {
    const IDR: u8 = 5;
    const SEQUENCE_PARAMETERS: u8 = 7;
    const AGGREGATION: u8 = 24;
    const FRAGMENT: u8 = 28;
    let is_key = |header: u8| matches!(header & 0x1f, IDR | SEQUENCE_PARAMETERS);
    match payload.split_first() {
        Some((&header, [_, _, inner, ..])) if header & 0x1f == AGGREGATION => is_key(*inner),
        Some((&header, [fragment, ..])) if header & 0x1f == FRAGMENT => {
            fragment & 0x80 != 0 && is_key(*fragment)
        }
        Some((&header, _)) => is_key(header),
        None => false,
    }
}

/// The least time between two requests to one source, microseconds.
pub const REQUEST_INTERVAL: u64 = 300_000;

/// The wishes of all receivers of one source, merged: at most one request in
/// [`REQUEST_INTERVAL`], and none is forgotten.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Requests {
    wanted: bool,
    asked: Option<Micros>,
}

impl Requests {
    /// A receiver needs a key frame.
    pub const fn want(&mut self) {
        self.wanted = true;
    }

    /// A key frame began: everybody has what they need.
    pub const fn came(&mut self) {
        self.wanted = false;
    }

    /// Whether to ask the source now.
    pub fn ask(&mut self, now: Micros) -> bool {
        let due = self
            .asked
            .is_none_or(|asked| now.since(asked) >= REQUEST_INTERVAL);
        if self.wanted && due {
            self.asked = Some(now);
        }
        self.wanted && due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_frames_of_each_codec_are_seen_and_others_are_not() {
        let vp9_key = [0x88, 0x81, 0x02];
        let cases: [(Codec, &[u8], bool); 14] = [
            (Codec::Vp8, &[0x10, 0x00], true),
            (Codec::Vp8, &[0x10, 0x01], false),
            (Codec::Vp9, &vp9_key, true),
            (Codec::Vp9, &[0xc8, 0x81, 0x02], false),
            (Codec::Vp9, &[0xa8, 0x01, 0x02], false),
            (Codec::H264, &[0x67, 0x42], true),
            (Codec::H264, &[0x41, 0x9a], false),
            (Codec::H264, &[0x78, 0, 9, 0x67], true),
            (Codec::H264, &[0x7c, 0x85], true),
            (Codec::H264, &[0x7c, 0x05], false),
            (Codec::H264, &[], false),
            (Codec::Av1, &[0x18, 0x0a], true),
            (Codec::Av1, &[0x98, 0x0a], false),
            (Codec::Av1, &[0x10, 0x32], false),
        ];
        for (codec, payload, expected) in cases {
            assert_eq!(begins(codec, payload), expected, "{codec:?} {payload:02x?}");
        }
    }

    #[test]
    fn wishes_are_merged_repeated_until_answered_and_never_too_often() {
        let mut requests = Requests::default();
        assert!(!requests.ask(Micros(0)));
        requests.want();
        requests.want();
        assert!(requests.ask(Micros(0)));
        assert!(!requests.ask(Micros(REQUEST_INTERVAL - 1)));
        assert!(
            requests.ask(Micros(REQUEST_INTERVAL)),
            "the wish is still open"
        );
        requests.came();
        assert!(!requests.ask(Micros(10 * REQUEST_INTERVAL)));
    }
}
