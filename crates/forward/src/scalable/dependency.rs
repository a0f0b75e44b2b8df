//! The dependency descriptor (RTP Payload Format For AV1, appendix A): a header extension by which
//! a sender tells, packet by packet, which frame needs which.
//!
//! Most of it is told once, with a key frame: templates, of which later descriptors name one.

mod bits;
mod structure;

use super::{Frame, Levels, MOST, References};
use crate::sequence::Unwrapper;
use bits::Bits;
use structure::{Structure, Template};

/// Where a descriptor's mandatory fields end, bytes; what follows is optional.
const MANDATORY: usize = 3;

/// What one source's descriptors have told so far.
#[derive(Debug, Default)]
pub struct Dependencies {
    frames: Unwrapper,
    /// The templates in use, and the frame that they came with. What they are kept in is used again.
    structure: Option<(u64, Box<Structure>)>,
}

/// The fields that a descriptor begins with.
struct Fields {
    ends: bool,
    template: u8,
    number: u16,
    /// Whether each of the optional parts is there: templates, active decode targets, and the
    /// frame's own indications, references and chains.
    has: [bool; 5],
}

impl Fields {
    fn read(bits: &mut Bits<'_>, length: usize) -> Option<Self> {
        let _begins = bits.flag()?;
        let mut this = Self {
            ends: bits.flag()?,
            template: bits.byte(6)?,
            number: bits.read(16)?,
            has: [false; 5],
        };
        if length > MANDATORY {
            for has in &mut this.has {
                *has = bits.flag()?;
            }
        }
        Some(this)
    }
}

impl Dependencies {
    /// Reads a descriptor. `None` where it is malformed, or of templates that have not come.
    pub fn read(&mut self, descriptor: &[u8]) -> Option<Frame> {
        let mut bits = Bits::new(descriptor);
        let fields = Fields::read(&mut bits, descriptor.len())?;
        let [
            has_structure,
            has_active,
            has_indications,
            has_references,
            _,
        ] = fields.has;
        let number = self.frames.extend(fields.number);
        if has_structure {
            let structure = Structure::read(&mut bits)?;
            self.take(number, structure);
        }
        let (_, structure) = self.structure.as_ref()?;
        if has_active {
            bits.skip(structure.targets())?;
        }
        let template = structure.template(fields.template)?;
        let switches = if has_indications {
            structure.switches(bits.indications(structure.targets())?)
        } else {
            structure.switches(template.indications)
        };
        let references = if has_references {
            custom_references(&mut bits)?
        } else {
            template.references
        };
        self.frames.saw(number);
        let Template { level, .. } = *template;
        // The structure comes with a key frame, in its first packet: of the others the templates
        // tell that they need nothing.
        let is_key =
            level.spatial == 0 && level.temporal == 0 && references.iter().next().is_none();
        Some(Frame {
            number,
            level,
            most: structure.most(),
            ends: fields.ends,
            is_key,
            references,
            switches: if is_key { Levels::ALL } else { switches },
        })
    }

    /// Takes new templates, unless a packet that came late has brought old ones.
    fn take(&mut self, number: u64, structure: Structure) {
        match &mut self.structure {
            Some((since, _)) if *since > number => {}
            Some((since, before)) => {
                *since = number;
                **before = structure;
            }
            None => self.structure = Some((number, Box::new(structure))),
        }
    }

    /// The shorter side of the picture of each spatial layer, pixels.
    #[must_use]
    pub fn heights(&self) -> [Option<u16>; MOST as usize] {
        self.structure
            .as_ref()
            .map_or_else(Default::default, |(_, structure)| structure.heights())
    }
}

/// `frame_fdiffs()`.
fn custom_references(bits: &mut Bits<'_>) -> Option<References> {
    let mut references = References::default();
    loop {
        let nibbles = bits.byte(2)?;
        if nibbles == 0 {
            return Some(references);
        }
        references.add(bits.read(4 * u32::from(nibbles))? + 1)?;
    }
}
