//! Key frames: how to see one begin, and how often to ask for one.

use crate::codec::Codec;
use crate::time::Micros;
use crate::{av1, h264, vp8, vp9};

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
        Codec::Av1 => av1::begins_key(payload),
        Codec::H264 => h264::begins_key(payload),
    }
}

/// The least time between two requests to one source, microseconds.
pub const REQUEST_INTERVAL: u64 = 300_000;

/// The wishes of all receivers of one source, merged: at most one request in
/// [`REQUEST_INTERVAL`], and none is forgotten.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct PliRequests {
    wanted: bool,
    asked: Option<Micros>,
}

impl PliRequests {
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

    /// Every form of a descriptor of VP8 and of VP9, with all that may stand in it.
    #[test]
    fn a_key_frame_is_seen_behind_every_form_of_descriptor() {
        let picture: [&[u8]; 3] = [&[], &[0x05], &[0x85, 0x07]];
        for (form, number) in picture.iter().enumerate() {
            for more in 0..8u8 {
                let extended = if form == 0 { 0 } else { 0x80 } | more << 4;
                let mut head = vec![0x90 | ((more & 1) << 5), extended];
                head.extend(*number);
                head.extend((more & 4 != 0).then_some(9));
                head.extend((more & 3 != 0).then_some(0x60));
                for (frame, is_key) in [(0x10, true), (0x11, false)] {
                    let payload = [&head[..], &[frame, 1, 0, 0x9d, 1, 0x2a]].concat();
                    assert_eq!(begins(Codec::Vp8, &payload), is_key, "{payload:02x?}");
                    let mut later = payload.clone();
                    later[0] &= !0x10;
                    assert!(!begins(Codec::Vp8, &later), "no beginning: {later:02x?}");
                    later[0] = payload[0] | 3;
                    assert!(!begins(Codec::Vp8, &later), "a later part: {later:02x?}");
                }
            }
            for has_layer in [false, true] {
                for is_flexible in [false, true] {
                    let first = 0x08
                        | if form == 0 { 0 } else { 0x80 }
                        | if has_layer { 0x20 } else { 0 }
                        | if is_flexible { 0x10 } else { 0 };
                    let mut payload = vec![first];
                    payload.extend(*number);
                    let layer = payload.len();
                    payload.extend(has_layer.then_some(0x10));
                    payload.extend((has_layer && !is_flexible).then_some(7));
                    payload.extend([0x82, 0x49, 0x83]);
                    assert!(begins(Codec::Vp9, &payload), "{payload:02x?}");
                    let mut later = payload.clone();
                    later[0] &= !0x08;
                    assert!(!begins(Codec::Vp9, &later), "no beginning: {later:02x?}");
                    if has_layer {
                        payload[layer] |= 1 << 1;
                        assert!(
                            !begins(Codec::Vp9, &payload),
                            "a layer above: {payload:02x?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn wishes_are_merged_repeated_until_answered_and_never_too_often() {
        let mut requests = PliRequests::default();
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
