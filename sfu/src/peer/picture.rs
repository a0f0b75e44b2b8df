//! Which pictures a peer receives, and how much of them.

use forward::allocation::{LAYERS, Layer, Picture, Room, STREAMS, Share};
use forward::codec::Kind;
use forward::scalable::{Layers, Level};
use forward::time::Micros;

use super::{Out, Peer, Track};
use crate::handle::{Paused, View};
use crate::sdp::SLOTS;

/// The pictures that one receiver can get: a camera and a screen in each slot.
const PICTURES: usize = SLOTS * 2;

/// A layer beside others flows while something of it came within this time, microseconds.
const FLOWS: u64 = 500_000;

/// A picture is over when nothing of it came within this time, microseconds: a camera that was
/// switched off is not waited for.
const OVER: u64 = 3_000_000;

/// For how long fewer layers must do before their sender is told, microseconds.
const FEWER_LASTS: u64 = 2_000_000;

/// All layers, as they are counted.
const MOST_LAYERS: u8 = 3;

/// For how long after it connected a peer is given the smallest layers, microseconds.
const BEGINS: u64 = 700_000;

/// What a peer sends, as its receivers' shares are reckoned from it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sent {
    camera: [Option<Layer>; LAYERS],
    screen: [Option<Layer>; LAYERS],
    /// The highest level of a camera whose layers are in one stream.
    most: Level,
    /// Bits a second.
    sound: u64,
}

/// How many layers of a camera its receivers watch, as its sender was told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watched {
    layers: u8,
    /// Since when fewer would do.
    fewer_since: Option<Micros>,
}

impl Default for Watched {
    fn default() -> Self {
        Self {
            layers: MOST_LAYERS,
            fewer_since: None,
        }
    }
}

impl Watched {
    /// Its receivers watch so many: gives what to tell the sender, if it changed. More is wanted
    /// at once, fewer only when that lasts.
    fn set(&mut self, layers: u8, now: Micros) -> Option<u8> {
        if layers < self.layers {
            let since = *self.fewer_since.get_or_insert(now);
            if now.since(since) < FEWER_LASTS {
                return None;
            }
        }
        self.fewer_since = None;
        let changed = layers != self.layers;
        self.layers = layers;
        changed.then_some(layers)
    }
}

/// Which picture stands at `index` among those of a receiver.
const fn place(index: usize) -> (usize, Kind) {
    let kind = if index.is_multiple_of(2) {
        Kind::Camera
    } else {
        Kind::Screen
    };
    (index / 2, kind)
}

fn is_over(track: &Track, now: Micros) -> bool {
    track.last.is_none_or(|(last, _)| now.since(last) > OVER)
}

/// The layers within the one stream of a picture.
fn within(tracks: &[Track; STREAMS]) -> Option<&Layers> {
    tracks.first()?.layers.as_deref()
}

fn layers(tracks: &[Track; STREAMS], offered: usize, now: Micros) -> [Option<Layer>; LAYERS] {
    let mut layers = [None; LAYERS];
    if tracks.iter().all(|track| is_over(track, now)) {
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
            flows: offered < 2 || track.last.is_some_and(|(last, _)| now.since(last) <= FLOWS),
        });
    }
    layers
}

impl Peer {
    /// What the peer sends now.
    pub(crate) fn sent(&self, now: Micros) -> Sent {
        let [microphone, camera, screen] = &self.tracks;
        let offered = self.sections.get(Kind::Camera.index());
        let offered = offered.map_or(0, |section| section.layers.len());
        let sound = microphone
            .first()
            .filter(|track| !is_over(track, now))
            .and_then(|track| track.meter.rate());
        Sent {
            camera: layers(camera, offered, now),
            screen: layers(screen, 1, now),
            most: within(camera).map_or_else(Level::default, Layers::most),
            sound: sound.unwrap_or(0),
        }
    }

    /// The peer tells how it shows what it receives.
    pub(crate) fn view(&mut self, view: &View) {
        for (slot, shown) in view.slots.iter().enumerate() {
            for (kind, height) in [(Kind::Camera, shown.camera), (Kind::Screen, shown.screen)] {
                if let Some(out) = self.out_mut(slot, kind) {
                    out.shown = height;
                }
            }
        }
    }

    /// Somebody new is in `slot`: the smallest layer is there the soonest.
    pub(crate) fn begin_slot(&mut self, slot: usize) {
        for kind in [Kind::Camera, Kind::Screen] {
            if let Some(out) = self.out_mut(slot, kind) {
                out.layer = Some(0);
            }
        }
    }

    /// Decides which layer of each picture the peer gets from now on: `slots` are those it
    /// receives. Gives for each slot how many layers of the camera there it watches.
    pub(crate) fn allocate(&mut self, slots: &[Option<Sent>; SLOTS], now: Micros) -> [u8; SLOTS] {
        let pictures: [Picture; PICTURES] = std::array::from_fn(|index| {
            let (slot, kind) = place(index);
            let sent = slots.get(slot).copied().flatten().unwrap_or_default();
            let out = self.out(slot, kind);
            Picture {
                layers: match kind {
                    Kind::Screen => sent.screen,
                    Kind::Camera | Kind::Microphone => sent.camera,
                },
                shown: out.map_or(0, |out| out.shown),
                layer: out.and_then(|out| out.layer),
                first: kind == Kind::Screen,
            }
        });
        let room = Room {
            bandwidth: self.bandwidth.estimate(),
            sound: slots.iter().flatten().map(|sent| sent.sound).sum(),
            queue: self.bandwidth.queue(),
            begins: self
                .connected
                .is_none_or(|connected| now.since(connected) < BEGINS),
        };
        self.bandwidth.tick(now);
        let (shares, needed) = self.allocation.decide(&pictures, &room, now);
        self.prober.wish(needed, &mut self.bandwidth, now);
        // The smallest layer is always wanted: it is what a picture begins with.
        let mut watched = [1; SLOTS];
        for (index, (picture, share)) in pictures.iter().zip(shares).enumerate() {
            let (slot, kind) = place(index);
            if let Some(out) = self.out_mut(slot, kind) {
                out.take(picture, share);
            }
            if let (Kind::Camera, Some(best), Some(watched)) =
                (kind, share.best, watched.get_mut(slot))
            {
                // The largest that ever came may yet be followed by a larger one.
                let is_top = picture.layers.iter().rposition(Option::is_some) == Some(best.into());
                let most = slots.get(slot).copied().flatten().map(|sent| sent.most);
                let most = most.filter(|most| *most != Level::default());
                // Of layers within one stream those are told that make the picture larger.
                let layer = most.map_or(best, |most| Level::of_layer(best, most).spatial);
                *watched = if is_top { MOST_LAYERS } else { layer + 1 };
            }
        }
        watched
    }

    /// The others watch so many layers of this peer's camera: gives what to tell it, if anything.
    pub(crate) fn watched(&mut self, layers: u8, now: Micros) -> Option<u8> {
        self.watched.set(layers, now)
    }

    /// Which pictures are held back for want of bandwidth.
    pub(crate) fn paused(&self) -> Paused {
        let is_paused = |slot, kind| self.out(slot, kind).is_some_and(|out| out.paused);
        Paused {
            cameras: std::array::from_fn(|slot| is_paused(slot, Kind::Camera)),
            screens: std::array::from_fn(|slot| is_paused(slot, Kind::Screen)),
        }
    }
}

impl Out {
    /// Takes the share that was decided for `picture`.
    fn take(&mut self, picture: &Picture, share: Share) {
        let is_there = picture.layers.iter().any(Option::is_some);
        self.paused = share.paused;
        // What is not there yet may begin at any moment.
        let layer = if is_there { share.layer } else { Some(0) };
        let seen = picture.shown > 0;
        let layer = layer.filter(|_| seen);
        if layer.is_none() && self.layer.is_some() {
            self.leg.release();
        }
        self.layer = layer;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_layers_are_asked_for_at_once_and_fewer_after_a_while() {
        let mut watched = Watched::default();
        assert_eq!(watched.set(1, Micros(0)), None);
        assert_eq!(watched.set(3, Micros(FEWER_LASTS)), None, "it did not last");
        assert_eq!(watched.set(1, Micros(FEWER_LASTS)), None);
        assert_eq!(watched.set(1, Micros(2 * FEWER_LASTS)), Some(1));
        assert_eq!(watched.set(1, Micros(2 * FEWER_LASTS)), None);
        assert_eq!(watched.set(2, Micros(2 * FEWER_LASTS)), Some(2));
    }
}
