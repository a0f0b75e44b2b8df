//! Which pictures one receiver gets, and which layer of each: what it shows, held against what the
//! others send and what its line takes.

use crate::allocation::{Allocation, Picture, Room, Share};
use crate::bandwidth::Bandwidth;
use crate::codec::Kind;
use crate::scalable::Level;
use crate::seats::SLOTS;
use crate::time::Micros;
use crate::track::Sent;
use crate::watched::MOST_LAYERS;

/// The pictures that one receiver can get: a camera and a screen in each slot.
const PICTURES: usize = SLOTS * 2;

/// For how long after it connected a receiver is given the smallest layers, microseconds.
const BEGINS: u64 = 700_000;

/// One picture, as its receiver gets it.
#[derive(Clone, Copy, Debug)]
struct Given {
    /// The layer to forward; none while it is held back.
    layer: Option<u8>,
    /// Whether it is held back for want of bandwidth.
    paused: bool,
    /// How high it is shown, device pixels; 0 where nobody sees it.
    shown: u16,
}

/// The pictures of one receiver.
#[derive(Debug)]
pub struct Pictures {
    given: [Given; PICTURES],
    allocation: Allocation,
}

/// What was decided.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Decided {
    /// For each slot how many layers of the camera there are watched.
    pub watched: [u8; SLOTS],
    /// The pictures that are no longer given.
    pub released: Vec<(usize, Kind)>,
    /// Bits a second in all that the next step up would need.
    pub needed: Option<u64>,
}

impl Default for Pictures {
    fn default() -> Self {
        let given = Given {
            layer: Some(0),
            paused: false,
            shown: u16::MAX,
        };
        Self {
            given: [given; PICTURES],
            allocation: Allocation::default(),
        }
    }
}

/// Which picture stands at `index`.
const fn place(index: usize) -> (usize, Kind) {
    let kind = if index.is_multiple_of(2) {
        Kind::Camera
    } else {
        Kind::Screen
    };
    (index / 2, kind)
}

/// Where a picture stands; none for sound.
const fn index(slot: usize, kind: Kind) -> Option<usize> {
    match kind {
        Kind::Camera => Some(slot * 2),
        Kind::Screen => Some(slot * 2 + 1),
        Kind::Microphone => None,
    }
}

impl Pictures {
    fn given(&self, slot: usize, kind: Kind) -> Option<&Given> {
        self.given.get(index(slot, kind)?)
    }

    /// The layer of `kind` to forward into `slot`, if any; sound has one, and always flows.
    #[must_use]
    pub fn layer(&self, slot: usize, kind: Kind) -> Option<u8> {
        match kind {
            Kind::Microphone => Some(0),
            Kind::Camera | Kind::Screen => self.given(slot, kind)?.layer,
        }
    }

    /// Whether a picture is held back for want of bandwidth.
    #[must_use]
    pub fn is_paused(&self, slot: usize, kind: Kind) -> bool {
        self.given(slot, kind).is_some_and(|given| given.paused)
    }

    /// The receiver shows a picture so high, device pixels; 0 where nobody sees it.
    pub fn show(&mut self, slot: usize, kind: Kind, height: u16) {
        if let Some(given) = index(slot, kind).and_then(|index| self.given.get_mut(index)) {
            given.shown = height;
        }
    }

    /// Somebody new is in `slot`: the smallest layer is there the soonest.
    pub fn begin(&mut self, slot: usize) {
        for kind in [Kind::Camera, Kind::Screen] {
            if let Some(given) = index(slot, kind).and_then(|index| self.given.get_mut(index)) {
                given.layer = Some(0);
            }
        }
    }

    /// Decides which layer of each picture the receiver gets from now on: `slots` are those whom it
    /// receives, `connected` is since when it can.
    pub fn decide(
        &mut self,
        slots: &[Option<Sent>; SLOTS],
        bandwidth: &Bandwidth,
        connected: Option<Micros>,
        now: Micros,
    ) -> Decided {
        let sent = |slot: usize| slots.get(slot).copied().flatten();
        let mut given = self.given.iter();
        let pictures: [Picture; PICTURES] = std::array::from_fn(|index| {
            let (slot, kind) = place(index);
            let sent = sent(slot).unwrap_or_default();
            let given = given.next();
            Picture {
                layers: match kind {
                    Kind::Screen => sent.screen,
                    Kind::Camera | Kind::Microphone => sent.camera,
                },
                shown: given.map_or(0, |given| given.shown),
                layer: given.and_then(|given| given.layer),
                first: kind == Kind::Screen,
            }
        });
        let room = Room {
            bandwidth: bandwidth.estimate(),
            sound: slots.iter().flatten().map(|sent| sent.sound).sum(),
            queue: bandwidth.queue(),
            begins: connected.is_none_or(|connected| now.since(connected) < BEGINS),
        };
        let (shares, needed) = self.allocation.decide(&pictures, &room, now);
        let mut decided = Decided {
            // The smallest layer is always wanted: it is what a picture begins with.
            watched: [1; SLOTS],
            released: Vec::new(),
            needed,
        };
        for (index, (picture, share)) in pictures.iter().zip(shares).enumerate() {
            let (slot, kind) = place(index);
            if let Some(given) = self.given.get_mut(index)
                && given.take(picture, share)
            {
                decided.released.push((slot, kind));
            }
            if let (Kind::Camera, Some(best), Some(watched)) =
                (kind, share.best, decided.watched.get_mut(slot))
            {
                *watched = layers_of(picture, best, sent(slot));
            }
        }
        decided
    }
}

/// How many layers a sender is to send where `best` is the best for a receiver.
fn layers_of(picture: &Picture, best: u8, sent: Option<Sent>) -> u8 {
    // The largest that ever came may yet be followed by a larger one.
    if picture.layers.iter().rposition(Option::is_some) == Some(best.into()) {
        return MOST_LAYERS;
    }
    let most = sent.map(|sent| sent.most);
    let most = most.filter(|most| *most != Level::default());
    // Of layers within one stream those are told that make the picture larger.
    most.map_or(best, |most| Level::of_layer(best, most).spatial) + 1
}

impl Given {
    /// Takes the share that was decided for `picture`; gives whether it flows no more.
    fn take(&mut self, picture: &Picture, share: Share) -> bool {
        let is_there = picture.layers.iter().any(Option::is_some);
        self.paused = share.paused;
        // What is not there yet may begin at any moment.
        let layer = if is_there { share.layer } else { Some(0) };
        let layer = layer.filter(|_| picture.shown > 0);
        let is_released = layer.is_none() && self.layer.is_some();
        self.layer = layer;
        is_released
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocation::Layer;

    /// Somebody whose camera has three layers.
    fn sender() -> Sent {
        let layer = |height| {
            Some(Layer {
                rate: Some(200_000),
                height: Some(height),
                flows: true,
            })
        };
        let mut sent = Sent::default();
        for (place, height) in sent.camera.iter_mut().zip([180, 360, 720]) {
            *place = layer(height);
        }
        sent
    }

    #[test]
    fn a_picture_that_nobody_sees_is_released_once_and_comes_back() {
        let mut pictures = Pictures::default();
        let bandwidth = Bandwidth::default();
        let slots = [Some(sender()), None, None];
        let decide = |pictures: &mut Pictures, at| {
            pictures.decide(&slots, &bandwidth, Some(Micros(0)), Micros(at))
        };
        assert_eq!(decide(&mut pictures, 0).released, []);
        pictures.show(0, Kind::Camera, 0);
        let hidden = decide(&mut pictures, 100_000);
        assert_eq!(hidden.released, [(0, Kind::Camera)]);
        assert_eq!(hidden.watched, [1; SLOTS]);
        assert_eq!(pictures.layer(0, Kind::Camera), None);
        assert!(!pictures.is_paused(0, Kind::Camera), "nothing is wanting");
        assert_eq!(decide(&mut pictures, 200_000).released, []);
        pictures.show(0, Kind::Camera, 180);
        let seen = decide(&mut pictures, 300_000);
        assert_eq!(pictures.layer(0, Kind::Camera), Some(0));
        assert_eq!(seen.watched, [1; SLOTS], "a small tile needs the smallest");
    }

    #[test]
    fn a_large_tile_watches_all_layers_and_begins_with_the_smallest() {
        let mut pictures = Pictures::default();
        let bandwidth = Bandwidth::default();
        let slots = [None, Some(sender()), None];
        pictures.show(1, Kind::Camera, 1_080);
        let first = pictures.decide(&slots, &bandwidth, Some(Micros(0)), Micros(0));
        assert_eq!(first.watched, [1, MOST_LAYERS, 1]);
        assert_eq!(pictures.layer(1, Kind::Camera), Some(0));
        for at in 1..100 {
            pictures.decide(&slots, &bandwidth, Some(Micros(0)), Micros(at * 100_000));
        }
        assert_eq!(pictures.layer(1, Kind::Camera), Some(2));
        pictures.begin(1);
        assert_eq!(pictures.layer(1, Kind::Camera), Some(0));
        assert_eq!(pictures.layer(1, Kind::Microphone), Some(0));
    }
}
