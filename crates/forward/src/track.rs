//! What somebody sends of one kind, or of a simulcast camera one layer, and what it comes to for
//! those who receive it.

use crate::allocation::{LAYERS, Layer, STREAMS};
use crate::codec::Kind;
use crate::leg::SourceId;
use crate::meter::Meter;
use crate::scalable::{Layers, Level};
use crate::source::Source;
use crate::time::Micros;

/// A layer beside others flows while something of it came within this time, microseconds.
const FLOWS: u64 = 500_000;

/// A picture is over when nothing of it came within this time, microseconds: a camera that was
/// switched off is not waited for.
const OVER: u64 = 3_000_000;

/// A kind, and which of its layers; 0 is the smallest, and the only one where there is but one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TrackKey {
    /// What it is.
    pub kind: Kind,
    /// Which layer.
    pub layer: u8,
}

impl TrackKey {
    /// All that are pictures.
    pub const PICTURES: [Self; STREAMS + 1] = [
        Self::camera(0),
        Self::camera(1),
        Self::camera(2),
        Self {
            kind: Kind::Screen,
            layer: 0,
        },
    ];

    /// What pictures begin with.
    pub const FIRST_PICTURES: [Self; 2] = [
        Self::camera(0),
        Self {
            kind: Kind::Screen,
            layer: 0,
        },
    ];

    const fn camera(layer: u8) -> Self {
        Self {
            kind: Kind::Camera,
            layer,
        }
    }
}

/// One stream that somebody sends.
#[derive(Debug)]
pub struct Track {
    /// Its source, as legs know it.
    pub id: SourceId,
    /// Its packets.
    pub source: Source,
    /// When the last packet came, and under which SSRC.
    pub last: Option<(Micros, u32)>,
    /// How much it is.
    pub meter: Meter,
    /// Pixels, from the last key frame that said so.
    pub height: Option<u16>,
    /// The layers within it, where its codec may have such.
    pub layers: Option<Box<Layers>>,
}

impl Track {
    /// One of which nothing came yet.
    #[must_use]
    pub fn new(id: SourceId) -> Self {
        Self {
            id,
            source: Source::default(),
            last: None,
            meter: Meter::default(),
            height: None,
            layers: None,
        }
    }

    fn is_over(&self, now: Micros) -> bool {
        self.last.is_none_or(|(last, _)| now.since(last) > OVER)
    }

    fn flows(&self, now: Micros) -> bool {
        self.last.is_some_and(|(last, _)| now.since(last) <= FLOWS)
    }
}

/// What somebody sends now, as the shares of those who receive it are reckoned from it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sent {
    /// The layers of the camera, the smallest first.
    pub camera: [Option<Layer>; LAYERS],
    /// Those of the screen.
    pub screen: [Option<Layer>; LAYERS],
    /// The highest level of a camera whose layers are in one stream.
    pub most: Level,
    /// Bits a second.
    pub sound: u64,
}

/// The streams of one sender, by kind and layer.
pub type Tracks = [[Track; STREAMS]; 3];

impl Sent {
    /// What `tracks` come to; `offered` is how many layers of the camera the sender has named.
    #[must_use]
    pub fn of(tracks: &Tracks, offered: usize, now: Micros) -> Self {
        let [microphone, camera, screen] = tracks;
        let sound = microphone
            .first()
            .filter(|track| !track.is_over(now))
            .and_then(|track| track.meter.rate());
        Self {
            camera: layers(camera, offered, now),
            screen: layers(screen, 1, now),
            most: within(camera).map_or_else(Level::default, Layers::most),
            sound: sound.unwrap_or(0),
        }
    }
}

/// The layers within the one stream of a picture.
fn within(tracks: &[Track; STREAMS]) -> Option<&Layers> {
    tracks.first()?.layers.as_deref()
}

fn layers(tracks: &[Track; STREAMS], offered: usize, now: Micros) -> [Option<Layer>; LAYERS] {
    let mut layers = [None; LAYERS];
    if tracks.iter().all(|track| track.is_over(now)) {
        return layers;
    }
    if let Some(within) =
        within(tracks).and_then(|within| within.layers(Micros(now.0.saturating_sub(FLOWS))))
    {
        return within;
    }
    for (track, layer) in tracks.iter().zip(&mut layers).take(offered.max(1)) {
        // One that never came may be more than the sender's camera has.
        *layer = track.last.is_some().then(|| Layer {
            rate: track.meter.rate(),
            height: track.height,
            flows: offered < 2 || track.flows(now),
        });
    }
    layers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracks() -> Tracks {
        std::array::from_fn(|_| std::array::from_fn(|_| Track::new(SourceId(0))))
    }

    fn flowing(sent: Sent) -> Vec<Option<bool>> {
        sent.camera
            .iter()
            .map(|layer| layer.map(|layer| layer.flows))
            .collect()
    }

    #[test]
    fn layers_are_those_that_ever_came_and_flow_while_they_come() {
        let mut tracks = tracks();
        let now = Micros(10_000_000);
        assert_eq!(flowing(Sent::of(&tracks, 3, now)), [None; LAYERS]);
        tracks[1][0].last = Some((now, 1));
        tracks[1][1].last = Some((Micros(now.0 - FLOWS - 1), 2));
        let sent = Sent::of(&tracks, 3, now);
        assert_eq!(flowing(sent)[..3], [Some(true), Some(false), None]);
        assert_eq!(sent.screen, [None; LAYERS]);
    }

    #[test]
    fn a_camera_that_was_switched_off_is_not_waited_for() {
        let mut tracks = tracks();
        tracks[1][0].last = Some((Micros(0), 1));
        let still = Sent::of(&tracks, 1, Micros(OVER));
        assert_eq!(flowing(still)[0], Some(true), "one stream always flows");
        let over = Sent::of(&tracks, 1, Micros(OVER + 1));
        assert_eq!(flowing(over), [None; LAYERS]);
    }
}
