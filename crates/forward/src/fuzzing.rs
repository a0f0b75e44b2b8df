//! What the fuzz targets `rewrite` and `layers` and the replay of their seeds drive: the way of
//! packets from one source to one leg, written and written again.

use crate::bytes::read_u16;
use crate::codec::Codec;
use crate::extension::{self, ExtensionIds, ForwardedExtensions};
use crate::history::Kept;
use crate::keyframe;
use crate::leg::{Leg, Packet, Rewrite, SourceId};
use crate::rtp::{Fields, Header};
use crate::rtx;
use crate::scalable::Level;
use crate::source::{Source, Verdict};
use crate::time::Micros;
use crate::vp8;

mod layers;

pub use layers::layers;

const IDS: ExtensionIds = ExtensionIds {
    mid: 1,
    transport_sequence: 2,
    audio_level: 3,
    video_orientation: 4,
    rid: 5,
    repaired_rid: 6,
    dependencies: 7,
};

/// Two sources that take turns on one leg.
struct Road {
    sources: [Source; 2],
    leg: Leg,
    now: Micros,
    missing: usize,
}

/// Plays `data` as records: an operation, a length of two bytes, and so many bytes.
///
/// # Panics
///
/// Where a rule of forwarding does not hold.
pub fn rewrite(data: &[u8]) {
    let mut road = Road {
        sources: Default::default(),
        leg: Leg::new(0x7fff),
        now: Micros(0),
        missing: 0,
    };
    let mut rest = data;
    while let Some((&operation, after)) = rest.split_first()
        && let Some(length) = read_u16(after, 0)
    {
        let after = after.get(2..).unwrap_or_default();
        let (record, after) = after.split_at(after.len().min(usize::from(length)));
        rest = after;
        road.now = Micros(road.now.0 + u64::from(operation >> 4) * 1_000);
        match operation & 0x0f {
            // What is not forwarded is of no more interest here.
            0..=7 => drop(road.packet(operation, record)),
            8 => road.asked_again(record),
            9 => road.now = road.now.after_ms(read_u16(record, 0).unwrap_or(0).into()),
            _ => road.ask(),
        }
    }
}

impl Road {
    fn packet(&mut self, operation: u8, record: &[u8]) -> Option<()> {
        let codec = *Codec::ALL.get(usize::from(operation >> 1 & 3))?;
        let which = usize::from(operation & 1);
        let header = Header::read(record)?;
        let said = extension::read(record, &header, IDS);
        let mut payload = record.get(header.payload(record)?)?;
        let mut sequence = header.sequence;
        if header.payload_type == 97 {
            (sequence, payload) = rtx::undo(payload)?;
        }
        let source = self.sources.get_mut(which)?;
        let rate = codec.clock_rate();
        let empty = payload.is_empty();
        let Verdict::Forward { number, .. } =
            source.came(sequence, header.timestamp, rate, empty, self.now)
        else {
            return None;
        };
        let descriptor = (codec == Codec::Vp8)
            .then(|| vp8::Descriptor::read(payload))
            .flatten();
        let passed = ForwardedExtensions {
            audio_level: said.audio_level,
            video_orientation: said.video_orientation,
        };
        let kept = Kept {
            number,
            at: self.now,
            timestamp: header.timestamp,
            marker: header.marker,
            codec: Some(codec),
            passed,
            ..Kept::default()
        };
        source.history.keep(kept, payload, &[]);
        let packet = Packet {
            source: SourceId(which as u64),
            number,
            timestamp: header.timestamp,
            codec,
            keyframe: codec.is_video() && keyframe::begins(codec, payload),
            vp8: descriptor.as_ref(),
            frame: None,
            target: Level::default(),
        };
        let rewrite = self.leg.forward(&packet, self.now)?;
        assert_eq!(
            self.leg.again(number, header.timestamp),
            Some(rewrite),
            "a packet is written again as it was written"
        );
        written(rewrite, passed, payload, descriptor.as_ref());
        Some(())
    }

    /// A receiver asks for what is missing.
    fn asked_again(&self, record: &[u8]) {
        for at in (0..record.len()).step_by(2) {
            if let Some(sequence) = read_u16(record, at)
                && let Some((source, number)) = self.leg.written_as(sequence)
                && let Some(source) = usize::try_from(source.0)
                    .ok()
                    .and_then(|source| self.sources.get(source))
                && let Some(kept) = source.history.find(number)
                && let Some(rewrite) = self.leg.again(kept.number, kept.timestamp)
            {
                let descriptor = (kept.codec == Some(Codec::Vp8))
                    .then(|| vp8::Descriptor::read(kept.payload()))
                    .flatten();
                written(rewrite, kept.passed, kept.payload(), descriptor.as_ref());
            }
        }
    }

    /// What is missing is asked for, and reported.
    fn ask(&mut self) {
        for source in &mut self.sources {
            source.nacks.ask(self.now, |_| self.missing += 1);
            let _block = source.reception.block(self.now);
        }
    }
}

/// Writes a packet as a leg does, and reads it again.
fn written(
    rewrite: Rewrite,
    passed: ForwardedExtensions,
    payload: &[u8],
    descriptor: Option<&vp8::Descriptor>,
) {
    #[expect(clippy::cast_possible_truncation, reason = "the wire carries 16 bits")]
    let fields = Fields {
        marker: true,
        payload_type: 96,
        sequence: rewrite.sequence as u16,
        timestamp: rewrite.timestamp,
        ssrc: 7,
    };
    let mut out = Vec::new();
    let mut buffer = [0; extension::MOST_ELEMENTS];
    let length = fields.write(
        passed.elements(IDS, Some(fields.sequence), &mut buffer),
        &mut out,
    );
    let body = out.len();
    out.extend_from_slice(payload);
    if let (Some(descriptor), Some(body)) = (descriptor, out.get_mut(body..)) {
        rewrite.vp8.apply(descriptor, body);
    }
    let read = Header::read(&out).map(|header| {
        let said = extension::read(&out, &header, IDS);
        let passed = ForwardedExtensions {
            audio_level: said.audio_level,
            video_orientation: said.video_orientation,
        };
        (header.sequence, header.timestamp, passed)
    });
    let wrote = (fields.sequence, fields.timestamp, passed);
    assert_eq!(read, Some(wrote), "what is written is read again");
    assert_eq!(out.len(), length + payload.len(), "no byte more or less");
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_seed_and_every_crash_found_is_replayed() {
        for name in ["rewrite", "layers"] {
            let seeds = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/seeds");
            let mut replayed = 0;
            for file in std::fs::read_dir(format!("{seeds}/{name}")).expect("the seeds are there") {
                let seed = std::fs::read(file.expect("a file").path()).expect("a seed");
                match name {
                    "layers" => super::layers(&seed),
                    _ => super::rewrite(&seed),
                }
                replayed += 1;
            }
            assert!(replayed > 0, "there is none of {name}");
        }
    }
}
