//! The VP8 payload descriptor (RFC 7741 §4.2): what changes when a slot's source changes.

use crate::bytes::read_u16;

/// The parts of a descriptor that matter to forwarding.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Descriptor {
    /// The picture's number and whether it has 15 bits rather than 7.
    pub picture: Option<(u16, bool)>,
    /// The number of the last base-layer picture.
    pub base_layer: Option<u8>,
    /// Where the base-layer number is.
    base_layer_at: usize,
    /// Whether the packet begins a picture.
    pub begins: bool,
    /// The descriptor's length, bytes.
    pub length: usize,
}

/// Where the picture number is, if there is one.
const PICTURE_AT: usize = 2;

impl Descriptor {
    /// Reads the descriptor at the head of `payload`.
    #[must_use]
    pub fn read(payload: &[u8]) -> Option<Self> {
        let first = *payload.first()?;
        let begins = first & 0x10 != 0 && first & 0x07 == 0;
        let mut this = Self {
            begins,
            length: 1,
            ..Self::default()
        };
        if first & 0x80 != 0 {
            let extended = *payload.get(1)?;
            this.length = PICTURE_AT;
            if extended & 0x80 != 0 {
                if *payload.get(PICTURE_AT)? & 0x80 != 0 {
                    this.picture = Some((read_u16(payload, PICTURE_AT)? & 0x7fff, true));
                    this.length += 2;
                } else {
                    this.picture = Some((u16::from(*payload.get(PICTURE_AT)?), false));
                    this.length += 1;
                }
            }
            if extended & 0x40 != 0 {
                this.base_layer = Some(*payload.get(this.length)?);
                this.base_layer_at = this.length;
                this.length += 1;
            }
            if extended & 0x30 != 0 {
                this.length += 1;
            }
        }
        (payload.len() >= this.length).then_some(this)
    }

    /// Whether `payload` begins a key frame (RFC 6386 §9.1).
    #[must_use]
    pub fn is_keyframe(&self, payload: &[u8]) -> bool {
        self.begins && payload.get(self.length).is_some_and(|first| first & 1 == 0)
    }

    /// The shorter side of the picture that the key frame in `payload` begins, pixels (RFC 6386
    /// §9.1). `None` where it is none.
    #[must_use]
    pub fn height(&self, payload: &[u8]) -> Option<u16> {
        if !self.is_keyframe(payload) {
            return None;
        }
        let [_, _, _, 0x9d, 0x01, 0x2a, sides @ ..] = payload.get(self.length..)? else {
            return None;
        };
        let width = u16::from_le_bytes(*sides.first_chunk()?) & 0x3fff;
        let height = u16::from_le_bytes(*sides.get(2..)?.first_chunk()?) & 0x3fff;
        Some(width.min(height)).filter(|height| *height > 0)
    }
}

/// What is added to the numbers of one source so that they go on from those of the one before.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Shift {
    /// Added to picture numbers, modulo 2¹⁵ or 2⁷.
    pub picture: u16,
    /// Added to base-layer numbers, modulo 2⁸.
    pub base_layer: u8,
}

impl Shift {
    /// The shift under which `first` follows directly upon `last`.
    #[must_use]
    pub fn between(last: Numbers, first: &Descriptor) -> Self {
        Self {
            picture: first.picture.map_or(0, |(number, _)| {
                last.picture.wrapping_add(1).wrapping_sub(number)
            }),
            base_layer: first.base_layer.map_or(0, |number| {
                last.base_layer.wrapping_add(1).wrapping_sub(number)
            }),
        }
    }

    /// The numbers that `descriptor` has after the shift.
    #[must_use]
    pub fn numbers(self, descriptor: &Descriptor) -> Numbers {
        Numbers {
            picture: descriptor.picture.map_or(0, |(number, long)| {
                number.wrapping_add(self.picture) & if long { 0x7fff } else { 0x7f }
            }),
            base_layer: descriptor
                .base_layer
                .map_or(0, |number| number.wrapping_add(self.base_layer)),
        }
    }

    /// Shifts the numbers in the copied `payload` that `descriptor` was read from.
    pub fn apply(self, descriptor: &Descriptor, payload: &mut [u8]) {
        let numbers = self.numbers(descriptor);
        match (descriptor.picture, payload.get_mut(PICTURE_AT..)) {
            (Some((_, true)), Some([high, low, ..])) => {
                let [new_high, new_low] = numbers.picture.to_be_bytes();
                *high = new_high | 0x80;
                *low = new_low;
            }
            (Some((_, false)), Some([short, ..])) => {
                *short = numbers.picture.to_be_bytes()[1] & 0x7f;
            }
            (Some(_) | None, _) => {}
        }
        if descriptor.base_layer.is_some()
            && let Some(place) = payload.get_mut(descriptor.base_layer_at)
        {
            *place = numbers.base_layer;
        }
    }
}

/// The numbers last written into a slot.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Numbers {
    /// Picture number.
    pub picture: u16,
    /// Base-layer number.
    pub base_layer: u8,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn chromiums_descriptor_is_read_and_shifted() {
        let payload = [0x90, 0xe0, 0x81, 0x02, 0x07, 0x20, 0x10, 0x02];
        let descriptor = Descriptor::read(&payload).expect("well formed");
        assert_eq!(descriptor.picture, Some((0x0102, true)));
        assert_eq!(descriptor.base_layer, Some(7));
        assert_eq!(descriptor.length, 6);
        assert!(descriptor.is_keyframe(&payload));
        let shift = Shift::between(
            Numbers {
                picture: 0x7fff,
                base_layer: 255,
            },
            &descriptor,
        );
        let mut copy = payload;
        shift.apply(&descriptor, &mut copy);
        assert_eq!(copy, [0x90, 0xe0, 0x80, 0x00, 0x00, 0x20, 0x10, 0x02]);
    }

    #[test]
    fn a_key_frame_says_how_large_it_is() {
        let mut payload = vec![
            0x10, 0x50, 0x01, 0x00, 0x9d, 0x01, 0x2a, 0x00, 0x05, 0xd0, 0x42,
        ];
        let height = |payload: &[u8]| Descriptor::read(payload)?.height(payload);
        assert_eq!(height(&payload), Some(720));
        payload[1] |= 1;
        assert_eq!(height(&payload), None);
        assert_eq!(height(&payload[..8]), None);
    }

    #[test]
    fn a_delta_frame_and_a_later_packet_are_no_key_frames() {
        for payload in [[0x10, 0x01], [0x00, 0x00], [0x11, 0x00]] {
            let descriptor = Descriptor::read(&payload).expect("well formed");
            assert!(!descriptor.is_keyframe(&payload));
        }
    }

    proptest! {
        #[test]
        fn a_shifted_source_goes_on_where_the_last_ended(
            payload in proptest::collection::vec(any::<u8>(), 0..12), picture in 0u16..0x8000, base_layer: u8,
        ) {
            let Some(descriptor) = Descriptor::read(&payload) else { return Ok(()) };
            let last = Numbers { picture, base_layer };
            let shift = Shift::between(last, &descriptor);
            let mut copy = payload.clone();
            shift.apply(&descriptor, &mut copy);
            let after = Descriptor::read(&copy).expect("its shape is unchanged");
            prop_assert_eq!(after.length, descriptor.length);
            if let Some((number, long)) = after.picture {
                prop_assert_eq!(number, (picture + 1) & if long { 0x7fff } else { 0x7f });
            }
            if let Some(number) = after.base_layer {
                prop_assert_eq!(number, base_layer.wrapping_add(1));
            }
            prop_assert_eq!(&copy[after.length..], &payload[after.length..]);
        }
    }
}
