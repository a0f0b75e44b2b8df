//! The templates of a dependency descriptor (`template_dependency_structure()`).

use super::super::{Level, Levels, MOST, References};
use super::bits::{Bits, Indications};

/// The most templates, and the most decode targets, that a structure can name.
const MOST_TEMPLATES: usize = 64;
const MOST_TARGETS: usize = 32;

/// A frame is there for a decode target, and all that follows of that can be decoded from it.
const SWITCH: u64 = 2;

/// What all frames of one sort have in common.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Template {
    pub(super) level: Level,
    pub(super) indications: Indications,
    pub(super) references: References,
}

/// The templates, and what they are about.
#[derive(Clone, Debug)]
pub(super) struct Structure {
    /// The number of the first template.
    offset: u8,
    templates: [Template; MOST_TEMPLATES],
    count: u8,
    /// The highest level that each decode target has.
    targets: [Level; MOST_TARGETS],
    target_count: u8,
    most: Level,
    heights: [Option<u16>; MOST as usize],
}

impl Structure {
    pub(super) fn read(bits: &mut Bits<'_>) -> Option<Self> {
        let mut this = Self {
            offset: bits.byte(6)?,
            target_count: bits.byte(5)? + 1,
            templates: [Template::default(); MOST_TEMPLATES],
            count: 0,
            targets: [Level::default(); MOST_TARGETS],
            most: Level::default(),
            heights: [None; MOST as usize],
        };
        this.read_levels(bits)?;
        let targets = this.target_count;
        for template in this.used() {
            template.indications = bits.indications(targets)?;
        }
        for template in this.used() {
            while bits.flag()? {
                template.references.add(bits.read(4)? + 1)?;
            }
        }
        this.pass_chains(bits)?;
        this.find_targets();
        if bits.flag()? {
            this.read_sizes(bits)?;
        }
        Some(this)
    }

    /// `template_layers()`.
    fn read_levels(&mut self, bits: &mut Bits<'_>) -> Option<()> {
        let mut level = Level::default();
        loop {
            self.templates.get_mut(usize::from(self.count))?.level = level;
            self.count += 1;
            self.most = self.most.max(level);
            match bits.byte(2)? {
                0 => {}
                1 => level.temporal += 1,
                2 => {
                    level = Level {
                        spatial: level.spatial + 1,
                        temporal: 0,
                    }
                }
                _ => return Some(()),
            }
        }
    }

    fn used(&mut self) -> impl Iterator<Item = &mut Template> {
        self.templates.iter_mut().take(self.count.into())
    }

    /// `template_chains()`: which frames protect which target. Whether a frame can be decoded is
    /// told by what it refers to.
    fn pass_chains(&self, bits: &mut Bits<'_>) -> Option<()> {
        let chains = bits.below(self.target_count + 1)?;
        if chains == 0 {
            return Some(());
        }
        for _ in 0..self.target_count {
            let _protected_by = bits.below(chains)?;
        }
        (0..self.count).try_for_each(|_| (0..chains).try_for_each(|_| bits.skip(4)))
    }

    /// `decode_target_layers()`: a target has the frames that are there for it.
    fn find_targets(&mut self) {
        for (number, target) in (0u32..).zip(&mut self.targets) {
            for template in self.templates.iter().take(self.count.into()) {
                if template.indications >> (2 * number) & 3 != 0 {
                    *target = target.max(template.level);
                }
            }
        }
    }

    /// `render_resolutions()`.
    fn read_sizes(&mut self, bits: &mut Bits<'_>) -> Option<()> {
        for spatial in 0..=usize::from(self.most.spatial) {
            let (width, height) = (bits.read(16)?, bits.read(16)?);
            if let Some(place) = self.heights.get_mut(spatial) {
                *place = Some(width.min(height).saturating_add(1));
            }
        }
        Some(())
    }

    /// The template that descriptors call `id`.
    pub(super) fn template(&self, id: u8) -> Option<&Template> {
        let index = id.wrapping_sub(self.offset) & 0x3f;
        self.templates
            .get(..self.count.into())?
            .get(usize::from(index))
    }

    /// The levels that may be taken up from a frame with these indications.
    pub(super) fn switches(&self, indications: Indications) -> Levels {
        let mut levels = Levels::default();
        let targets = self.targets.iter().take(self.target_count.into());
        for (number, target) in (0u32..).zip(targets) {
            if indications >> (2 * number) & 3 == SWITCH {
                levels.add(*target);
            }
        }
        levels
    }

    /// How many decode targets there are.
    pub(super) const fn targets(&self) -> u8 {
        self.target_count
    }

    /// The highest level of all.
    pub(super) const fn most(&self) -> Level {
        self.most
    }

    pub(super) const fn heights(&self) -> [Option<u16>; MOST as usize] {
        self.heights
    }
}
