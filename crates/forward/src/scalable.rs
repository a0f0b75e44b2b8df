//! Scalable pictures: one stream that holds layers, each of which needs those below it.
//!
//! A frame has a *level*: how sharp (spatial) and how smooth (temporal) it makes the picture. To
//! forward a layer is to forward the frames up to its level. Senders say what a frame's level is,
//! and what it needs, by the AV1 dependency descriptor ([`dependency`]) or in VP9's own
//! ([`crate::vp9`]); a [`sieve`] decides what of it one receiver gets, and a [`trail`] numbers that.

pub mod dependency;
pub mod sieve;
#[cfg(test)]
mod tests;
mod thinned;
pub mod trail;

pub use thinned::Thinned;

use crate::allocation::{LAYERS, Layer};
use crate::codec::Codec;
use crate::meter::Meter;
use crate::sequence::Unwrapper;
use crate::time::Micros;
use crate::vp9;
use dependency::Dependencies;

/// The most spatial and the most temporal layers of one stream; one with more is forwarded whole.
pub const MOST: u8 = 3;

/// The most frames that one frame is decoded from.
pub const MOST_REFERENCES: usize = 8;

/// How sharp, and how smooth.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Level {
    /// The spatial layer; 0 is the smallest.
    pub spatial: u8,
    /// The temporal layer; 0 has the fewest frames.
    pub temporal: u8,
}

impl Level {
    /// The layer at `index` of a stream of which `most` is the highest level, counted as receivers
    /// are given more: first more frames of the smallest picture, then larger pictures.
    #[must_use]
    pub fn of_layer(index: u8, most: Self) -> Self {
        let temporal = index.min(most.temporal);
        Self {
            spatial: (index - temporal).min(most.spatial),
            temporal,
        }
    }

    /// Which layer this is; see [`Level::of_layer`].
    #[must_use]
    pub const fn layer(self) -> u8 {
        self.spatial + self.temporal
    }

    /// How many layers a stream has of which this is the highest level.
    #[must_use]
    pub fn layers(self) -> usize {
        usize::from(self.layer()) + 1
    }

    /// Whether a frame of level `frame` is among those of this level.
    #[must_use]
    pub const fn holds(self, frame: Self) -> bool {
        frame.spatial <= self.spatial && frame.temporal <= self.temporal
    }

    /// The lower of both, spatially and temporally.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self {
            spatial: self.spatial.min(other.spatial),
            temporal: self.temporal.min(other.temporal),
        }
    }

    /// The higher of both, spatially and temporally.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            spatial: self.spatial.max(other.spatial),
            temporal: self.temporal.max(other.temporal),
        }
    }
}

/// A set of levels.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Levels(u16);

impl Levels {
    /// Every level.
    pub const ALL: Self = Self(u16::MAX);

    const fn bit(level: Level) -> u16 {
        if level.spatial < MOST && level.temporal < MOST {
            1 << (level.spatial * MOST + level.temporal)
        } else {
            0
        }
    }

    /// Adds one.
    pub const fn add(&mut self, level: Level) {
        self.0 |= Self::bit(level);
    }

    /// Whether `level` is among them.
    #[must_use]
    pub const fn contain(self, level: Level) -> bool {
        self.0 & Self::bit(level) != 0
    }
}

/// The frames that a frame is decoded from: how many frames back each is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct References {
    back: [u16; MOST_REFERENCES],
    count: u8,
}

impl References {
    /// Adds the frame so many back. `None` where there is no room for it.
    #[must_use]
    pub fn add(&mut self, back: u16) -> Option<()> {
        *self.back.get_mut(usize::from(self.count))? = back;
        self.count += 1;
        Some(())
    }

    /// How many frames back each is.
    pub fn iter(&self) -> impl Iterator<Item = u16> {
        self.back.iter().copied().take(usize::from(self.count))
    }
}

/// The frame that one packet belongs to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Frame {
    /// Its place in the order of decoding, endless.
    pub number: u64,
    /// Its level.
    pub level: Level,
    /// The highest level of its stream.
    pub most: Level,
    /// Whether the packet is its last.
    pub ends: bool,
    /// Whether it begins a picture that needs no other.
    pub is_key: bool,
    /// What it is decoded from.
    pub references: References,
    /// The levels of which all that follows can be decoded by whoever can decode this frame.
    pub switches: Levels,
}

/// What one source sends, layer by layer.
#[derive(Debug, Default)]
pub struct Layers {
    dependencies: Dependencies,
    pictures: Unwrapper,
    most: Level,
    heights: [Option<u16>; MOST as usize],
    /// How much the frames up to each layer are together.
    meters: [Meter; LAYERS],
    /// When something of each spatial layer last came.
    last: [Option<Micros>; MOST as usize],
}

impl Layers {
    /// The frame that a packet belongs to, by its dependency descriptor or else by what its codec
    /// says. `None` where neither tells of layers: it is forwarded with every one of them.
    pub fn read(&mut self, codec: Codec, descriptor: &[u8], payload: &[u8]) -> Option<Frame> {
        let frame = match codec {
            Codec::Vp9 | Codec::Av1 if !descriptor.is_empty() => {
                let frame = self.dependencies.read(descriptor)?;
                self.heights = self.dependencies.heights();
                frame
            }
            Codec::Vp9 => {
                let descriptor = vp9::Descriptor::read(payload)?;
                if let Some(structure) = descriptor.structure {
                    // How many temporal layers there are is not always told: it is seen.
                    self.most.spatial = structure.most.spatial;
                    self.most.temporal = self.most.temporal.max(structure.most.temporal);
                    self.heights = structure.heights;
                }
                descriptor.frame(&mut self.pictures, self.most)?
            }
            Codec::Av1 | Codec::Opus | Codec::Vp8 | Codec::H264 => return None,
        };
        let is_told = frame.most.spatial < MOST && frame.most.temporal < MOST;
        self.most = if is_told {
            frame.most
        } else {
            Level::default()
        };
        (self.most != Level::default()).then_some(frame)
    }

    /// So many bytes of `frame` came.
    pub fn came(&mut self, frame: &Frame, bytes: usize, now: Micros) {
        for (index, meter) in (0u8..).zip(&mut self.meters).take(frame.most.layers()) {
            if Level::of_layer(index, frame.most).holds(frame.level) {
                meter.came(bytes, now);
            }
        }
        if let Some(last) = self.last.get_mut(usize::from(frame.level.spatial)) {
            *last = Some(now);
        }
    }

    /// The layers, the smallest first; one flows while something of it came since `since`. `None`
    /// where there is but one.
    #[must_use]
    pub fn layers(&self, since: Micros) -> Option<[Option<Layer>; LAYERS]> {
        if self.most == Level::default() {
            return None;
        }
        let mut layers = [None; LAYERS];
        let places = layers.iter_mut().zip(&self.meters);
        for (index, (layer, meter)) in (0u8..).zip(places).take(self.most.layers()) {
            let spatial = usize::from(Level::of_layer(index, self.most).spatial);
            let last = self.last.get(spatial).copied().flatten();
            *layer = Some(Layer {
                rate: meter.rate(),
                height: self.heights.get(spatial).copied().flatten(),
                flows: last.is_some_and(|last| last >= since),
            });
        }
        Some(layers)
    }

    /// The highest level sent.
    #[must_use]
    pub const fn most(&self) -> Level {
        self.most
    }
}
