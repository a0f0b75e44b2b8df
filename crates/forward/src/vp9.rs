//! The VP9 payload descriptor (RFC 9628 §4.2): which layer of which picture a packet is of.

use crate::bytes::read_u16;
use crate::scalable::{Frame, Level, Levels, MOST, References};
use crate::sequence::Unwrapper;

/// The parts of a descriptor that matter to forwarding.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Descriptor {
    /// The picture's number and how many bits it has.
    picture: Option<(u16, u8)>,
    /// The layer, and whether more frames can be shown from this picture on.
    layer: Option<(Level, bool)>,
    /// Whether it needs an earlier picture.
    is_predicted: bool,
    /// What it needs, as far as it is told.
    references: References,
    begins: bool,
    ends: bool,
    /// Of which layers the stream consists, where that is told.
    pub structure: Option<Structure>,
}

/// The layers of a stream.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Structure {
    /// The highest.
    pub most: Level,
    /// The shorter side of the picture of each spatial layer, pixels.
    pub heights: [Option<u16>; MOST as usize],
}

/// How many frames one picture has, at most: the numbers of two pictures lie so far apart.
const FRAMES: u16 = 8;

impl Descriptor {
    /// Reads the descriptor at the head of `payload`.
    #[must_use]
    pub fn read(payload: &[u8]) -> Option<Self> {
        let first = *payload.first()?;
        let has = |bit: u8| first & bit != 0;
        let is_flexible = has(0x10);
        let mut this = Self {
            is_predicted: has(0x40),
            begins: has(0x08),
            ends: has(0x04),
            ..Self::default()
        };
        let mut at = 1;
        if has(0x80) {
            let short = *payload.get(at)?;
            if short & 0x80 != 0 {
                this.picture = Some((read_u16(payload, at)? & 0x7fff, 15));
                at += 2;
            } else {
                this.picture = Some((short.into(), 7));
                at += 1;
            }
        }
        if has(0x20) {
            let indices = *payload.get(at)?;
            let level = Level {
                spatial: indices >> 1 & 7,
                temporal: indices >> 5,
            };
            this.layer = Some((level, indices & 0x10 != 0));
            if indices & 1 != 0 && level.spatial > 0 {
                this.references.add(1)?;
            }
            at += if is_flexible { 1 } else { 2 };
        }
        if is_flexible && this.is_predicted {
            for _ in 0..3 {
                let difference = *payload.get(at)?;
                at += 1;
                // Of that picture the frame of the same spatial layer.
                this.references.add(u16::from(difference >> 1) * FRAMES)?;
                if difference & 1 == 0 {
                    break;
                }
            }
        }
        if has(0x02) {
            this.structure = Some(Structure::read(payload.get(at..)?)?);
        }
        Some(this)
    }

    /// Whether the packet begins a picture that needs no other.
    #[must_use]
    pub fn begins_key(&self) -> bool {
        self.begins && self.is_key()
    }

    fn is_key(&self) -> bool {
        !self.is_predicted && self.layer.is_none_or(|(level, _)| level.spatial == 0)
    }

    /// The frame that the packet belongs to, in a stream of which `most` was the highest level.
    /// `None` where its layer or its picture is not told.
    pub fn frame(&self, pictures: &mut Unwrapper, most: Level) -> Option<Frame> {
        let (level, can_switch) = self.layer?;
        let (picture, bits) = self.picture?;
        let unused = 16 - u32::from(bits);
        let place = pictures.extend(picture << unused);
        pictures.saw(place);
        let is_key = self.is_key();
        let mut switches = Levels::default();
        for temporal in level.temporal..MOST {
            if can_switch {
                switches.add(Level { temporal, ..level });
            }
        }
        Some(Frame {
            number: (place >> unused) * u64::from(FRAMES) + u64::from(level.spatial),
            level,
            most: most.max(level),
            ends: self.ends,
            is_key,
            references: self.references,
            switches: if is_key { Levels::ALL } else { switches },
        })
    }
}

impl Structure {
    /// Reads a scalability structure (RFC 9628 §4.2.1).
    fn read(bytes: &[u8]) -> Option<Self> {
        let first = *bytes.first()?;
        let mut this = Self::default();
        this.most.spatial = first >> 5;
        let mut at = 1;
        if first & 0x10 != 0 {
            for spatial in 0..=usize::from(this.most.spatial) {
                let (width, height) = (read_u16(bytes, at)?, read_u16(bytes, at + 2)?);
                if let Some(place) = this.heights.get_mut(spatial) {
                    *place = Some(width.min(height)).filter(|height| *height > 0);
                }
                at += 4;
            }
        }
        if first & 0x08 != 0 {
            let pictures = *bytes.get(at)?;
            at += 1;
            for _ in 0..pictures {
                let picture = *bytes.get(at)?;
                this.most.temporal = this.most.temporal.max(picture >> 5);
                at += 1 + usize::from(picture >> 2 & 3);
            }
        }
        (bytes.len() >= at).then_some(this)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layer_picture_and_structure_are_read() {
        let payload = [
            0x80 | 0x20 | 0x08 | 0x02, // I, L, B, V
            0x81,
            0x02,
            1 << 5 | 0x10 | 1 << 1, // temporal 1, U, spatial 1
            9,
            1 << 5 | 0x10 | 0x08, // two spatial layers, Y, G
            1,
            64,
            0,
            180,
            2,
            128,
            1,
            104,
            2,
            0x04,
            1,
            2 << 5 | 0x14,
            1,
            0,
        ];
        let descriptor = Descriptor::read(&payload).expect("well formed");
        let structure = descriptor.structure.expect("it is told");
        assert_eq!(
            structure.most,
            Level {
                spatial: 1,
                temporal: 2
            }
        );
        assert_eq!(structure.heights, [Some(180), Some(360), None]);
        let mut pictures = Unwrapper::default();
        let frame = descriptor
            .frame(&mut pictures, structure.most)
            .expect("its layer is told");
        assert_eq!(
            frame.level,
            Level {
                spatial: 1,
                temporal: 1
            }
        );
        assert!(!frame.is_key && !frame.ends && !descriptor.begins_key());
        assert!(frame.switches.contain(Level {
            spatial: 1,
            temporal: 2
        }));
        assert_eq!(frame.number % u64::from(FRAMES), 1);
        for length in 0..payload.len() - 1 {
            assert_eq!(Descriptor::read(&payload[..length]), None, "{length}");
        }
    }

    #[test]
    fn pictures_are_numbered_over_every_wrap() {
        let mut pictures = Unwrapper::default();
        let mut number = |picture: u8| {
            let descriptor = Descriptor::read(&[0xa0, picture, 0, 0]).expect("well formed");
            let frame = descriptor.frame(&mut pictures, Level::default());
            frame.expect("its layer is told").number
        };
        let before = number(127);
        assert_eq!(number(0), before + u64::from(FRAMES));
        assert_eq!(number(126), before - u64::from(FRAMES));
    }
}
