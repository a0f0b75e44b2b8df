//! Which layer of which picture a receiver gets: voice first, then a little of every picture, then
//! more of each, as its bandwidth, its tiles and some patience allow.

use crate::time::Micros;

/// The most streams of one picture: with simulcast each is a layer.
pub const STREAMS: usize = 3;

/// The most layers of one picture: as many as streams, or within one stream.
pub const LAYERS: usize = 5;

/// From this wait on the way on, microseconds, pictures stand back until the queue has drained:
/// sound would come too late otherwise.
const LONG_QUEUE: u64 = 200_000;

/// They come back below this, microseconds.
const SHORT_QUEUE: u64 = 80_000;

/// How long after a step down the first step up is tried, microseconds; it doubles each time that
/// a step up did not last, up to the most.
const PATIENCE: u64 = 2_000_000;
const MOST_PATIENCE: u64 = 16_000_000;

/// A step up that was not taken back for so long has lasted, microseconds.
const LASTED: u64 = 10_000_000;

/// What a layer is taken to need before it was measured, bits a second.
const USUAL_RATES: [u64; LAYERS] = [150_000, 500_000, 1_500_000, 1_500_000, 1_500_000];

/// The same, as layers are counted.
const ALL_LAYERS: u8 = 5;

/// One layer of a picture, as its sender sends it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Layer {
    /// Bits a second, if it was ever measured.
    pub rate: Option<u64>,
    /// Pixels, if they are known.
    pub height: Option<u16>,
    /// Whether it comes now.
    pub flows: bool,
}

/// One picture that somebody sends.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Picture {
    /// The smallest first; none where the picture has fewer.
    pub layers: [Option<Layer>; LAYERS],
    /// How high it is shown, in device pixels; 0 where nobody sees it.
    pub shown: u16,
    /// The layer it has now.
    pub layer: Option<u8>,
    /// Served before others: a screen is what people look at.
    pub first: bool,
}

/// What a receiver can take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Room {
    /// Bits a second for everything; none where nothing limits it.
    pub bandwidth: Option<u64>,
    /// What sound takes of it.
    pub sound: u64,
    /// The wait on the way, microseconds.
    pub queue: u64,
    /// Whether it has only just begun: the smallest layers come first, they are there the soonest.
    pub begins: bool,
}

/// What a picture is given.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Share {
    /// The layer to forward, if any.
    pub layer: Option<u8>,
    /// Whether it is held back for want of bandwidth alone.
    pub paused: bool,
    /// The layer that would be best for how it is shown, whatever the bandwidth.
    pub best: Option<u8>,
}

/// The shares of one receiver, decided again and again.
#[derive(Clone, Copy, Debug, Default)]
pub struct Allocation {
    /// No step up before this.
    hold: Micros,
    patience: u64,
    stepped_up: Option<Micros>,
    standing_back: bool,
}

impl Picture {
    /// The layer that suits how the picture is shown: the smallest that is not much smaller.
    fn best(&self) -> Option<u8> {
        if self.shown == 0 {
            return None;
        }
        let there = |index: &u8| self.layer(*index).is_some();
        let height = |index: u8| self.layer(index).and_then(|layer| layer.height);
        let enough = (0..ALL_LAYERS).filter(there).find(|index| {
            height(*index).is_some_and(|height| u32::from(height) * 10 >= u32::from(self.shown) * 8)
        });
        // Of those that are as large the one with the most frames.
        enough.map_or_else(
            || (0..ALL_LAYERS).rfind(there),
            |enough| (enough..ALL_LAYERS).rfind(|index| height(*index) == height(enough)),
        )
    }

    fn layer(&self, index: u8) -> Option<Layer> {
        self.layers.get(usize::from(index)).copied().flatten()
    }

    fn flows(&self, index: u8) -> bool {
        self.layer(index).is_some_and(|layer| layer.flows)
    }

    /// The layer to forward where `wanted` may be: it, or the nearest that flows.
    fn flowing(&self, wanted: u8) -> Option<u8> {
        let flows = |index: &u8| self.flows(*index);
        let below = (0..=wanted).rfind(flows);
        below.or_else(|| (wanted..ALL_LAYERS).find(flows))
    }

    /// Bits a second of a layer, as far as they are known.
    fn rate(&self, index: u8) -> u64 {
        let usual = USUAL_RATES.get(usize::from(index)).copied().unwrap_or(0);
        self.layer(index)
            .and_then(|layer| layer.rate)
            .unwrap_or(usual)
    }

    /// What a layer is counted as: with some to spare where it is more than the picture has now.
    fn cost(&self, index: u8) -> u64 {
        let rate = self.rate(index);
        if self.layer.is_some_and(|now| index <= now) {
            rate
        } else {
            rate + rate / 6
        }
    }
}

impl Allocation {
    /// Decides. The shares are in the order of the pictures; with them comes, where more bandwidth
    /// would show more, how many bits a second in all the next step needs.
    pub fn decide<const N: usize>(
        &mut self,
        pictures: &[Picture; N],
        room: &Room,
        now: Micros,
    ) -> ([Share; N], Option<u64>) {
        let stood_back = self.standing_back;
        self.standing_back = room.queue
            > if self.standing_back {
                SHORT_QUEUE
            } else {
                LONG_QUEUE
            };
        let mut spare = match room.bandwidth {
            _ if self.standing_back => 0,
            Some(bandwidth) => bandwidth.saturating_sub(room.sound),
            None => u64::MAX / 2,
        };
        let may_step_up = now >= self.hold;
        // What stood back for a queue that is gone comes again at once, as little as it may be.
        let comes_again = stood_back && !self.standing_back;
        let mut allowed: [Option<u8>; N] = [None; N];
        let mut next_step = None;
        // First the smallest layer of every picture, screens before faces, then one step more of
        // each in turn.
        for step in 0..ALL_LAYERS {
            for screens in [true, false] {
                for (picture, allowed) in pictures.iter().zip(&mut allowed) {
                    let Some(best) = picture.best().filter(|best| *best >= step) else {
                        continue;
                    };
                    let is_next = allowed.map_or(0, |allowed| allowed + 1) == step;
                    if picture.first != screens || !is_next || (room.begins && step > 0) {
                        continue;
                    }
                    let is_up = picture.layer.is_none_or(|now| step > now);
                    let before = allowed.map_or(0, |allowed| picture.cost(allowed));
                    let more = picture.cost(step).saturating_sub(before);
                    let may = may_step_up || !is_up || (comes_again && step == 0);
                    if more <= spare && may {
                        spare -= more;
                        *allowed = Some(step.min(best));
                    } else if next_step.is_none() && picture.flows(step) {
                        next_step = Some(more - more.min(spare));
                    }
                }
            }
        }
        let mut shares = [Share::default(); N];
        for ((picture, allowed), share) in pictures.iter().zip(allowed).zip(&mut shares) {
            *share = Share {
                layer: allowed.and_then(|allowed| picture.flowing(allowed)),
                paused: allowed.is_none() && picture.best().is_some(),
                best: picture.best(),
            };
        }
        self.remember(pictures, &allowed, now);
        let missing = next_step.filter(|_| !self.standing_back);
        let needed = missing.zip(room.bandwidth).map(|(more, has)| has + more);
        (shares, needed)
    }

    /// Learns from what was decided how patient to be.
    fn remember<const N: usize>(
        &mut self,
        pictures: &[Picture; N],
        allowed: &[Option<u8>; N],
        now: Micros,
    ) {
        let mut up = false;
        let mut down = false;
        for (picture, allowed) in pictures.iter().zip(allowed) {
            let Some(best) = picture.best() else { continue };
            // A smaller tile is no step down, and a layer that ceased to flow is none either.
            let had = picture.layer.map(|layer| layer.min(best));
            up |= *allowed > had;
            down |= *allowed < had;
        }
        if down {
            let in_vain = self
                .stepped_up
                .take()
                .is_some_and(|stepped| now.since(stepped) < LASTED);
            self.patience = if in_vain {
                (self.patience * 2).clamp(PATIENCE, MOST_PATIENCE)
            } else {
                PATIENCE
            };
            self.hold = Micros(now.0 + self.patience);
        } else if up {
            self.stepped_up = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn camera(layer: Option<u8>) -> Picture {
        let layer_of = |rate, height| {
            Some(Layer {
                rate: Some(rate),
                height: Some(height),
                flows: true,
            })
        };
        Picture {
            layers: [
                layer_of(150_000, 180),
                layer_of(500_000, 360),
                layer_of(1_500_000, 720),
                None,
                None,
            ],
            shown: 720,
            layer,
            first: false,
        }
    }

    const fn room(bandwidth: u64) -> Room {
        Room {
            bandwidth: Some(bandwidth),
            sound: 100_000,
            queue: 0,
            begins: false,
        }
    }

    fn layers<const N: usize>(pictures: &[Picture; N], room: &Room) -> [Option<u8>; N] {
        let (shares, _) = Allocation::default().decide(pictures, room, Micros(0));
        shares.map(|share| share.layer)
    }

    #[test]
    fn everybody_gets_a_little_before_anybody_gets_more() {
        let three = [camera(None); 3];
        assert_eq!(layers(&three, &room(8_000_000)), [Some(2); 3]);
        assert_eq!(layers(&three, &room(700_000)), [Some(0); 3]);
        assert_eq!(
            layers(&three, &room(1_200_000)),
            [Some(1), Some(0), Some(0)]
        );
        assert_eq!(layers(&three, &room(500_000)), [Some(0), Some(0), None]);
        assert_eq!(layers(&three, &room(100_000)), [None; 3]);
    }

    #[test]
    fn sound_is_served_first_and_the_pause_is_said() {
        let mut allocation = Allocation::default();
        let (shares, needed) = allocation.decide(&[camera(Some(0))], &room(60_000), Micros(0));
        assert_eq!((shares[0].layer, shares[0].paused), (None, true));
        assert!(needed.is_some_and(|needed| needed > 150_000));
    }

    #[test]
    fn a_screen_comes_before_faces() {
        let screen = Picture {
            first: true,
            ..camera(None)
        };
        assert_eq!(
            layers(&[camera(None), screen], &room(400_000)),
            [None, Some(0)]
        );
    }

    #[test]
    fn a_small_tile_gets_a_small_layer_and_a_hidden_one_nothing_without_a_word() {
        let small = Picture {
            shown: 200,
            ..camera(None)
        };
        let hidden = Picture {
            shown: 0,
            ..camera(Some(1))
        };
        let (shares, needed) =
            Allocation::default().decide(&[small, hidden], &room(9_000_000), Micros(0));
        assert_eq!(shares.map(|share| share.layer), [Some(0), None]);
        assert!(!shares[1].paused);
        assert_eq!(needed, None);
    }

    #[test]
    fn of_layers_that_are_as_large_a_small_tile_gets_the_smoothest() {
        let mut picture = Picture {
            shown: 180,
            ..camera(None)
        };
        let heights = [180, 180, 180, 360, 720];
        for (rate, (layer, height)) in (1..).zip(picture.layers.iter_mut().zip(heights)) {
            *layer = Some(Layer {
                rate: Some(rate * 100_000),
                height: Some(height),
                flows: true,
            });
        }
        assert_eq!(layers(&[picture], &room(9_000_000)), [Some(2)]);
        assert_eq!(layers(&[picture], &room(220_000)), [Some(0)]);
        picture.shown = 720;
        assert_eq!(layers(&[picture], &room(9_000_000)), [Some(4)]);
    }

    #[test]
    fn what_does_not_flow_is_replaced_by_what_does() {
        let mut picture = camera(Some(2));
        picture.layers[2] = picture.layers[2].map(|layer| Layer {
            flows: false,
            ..layer
        });
        let (shares, _) = Allocation::default().decide(&[picture], &room(9_000_000), Micros(0));
        assert_eq!((shares[0].layer, shares[0].best), (Some(1), Some(2)));
    }

    #[test]
    fn a_long_queue_stands_pictures_back_until_it_is_short() {
        let mut allocation = Allocation::default();
        let queued = |queue| Room {
            queue,
            ..room(9_000_000)
        };
        let mut layer = Some(2);
        for (queue, at, expected) in [
            (150_000, 0, Some(2)),
            (400_000, 1, None),
            (150_000, 2, None),
            (50_000, 3, Some(0)),
            (50_000, 2_100_000, Some(2)),
        ] {
            let (shares, _) = allocation.decide(&[camera(layer)], &queued(queue), Micros(at));
            layer = shares[0].layer;
            assert_eq!(layer, expected, "at {at}");
        }
    }

    #[test]
    fn it_does_not_flap_where_the_bandwidth_is_just_about_enough() {
        let mut allocation = Allocation::default();
        let mut layer = Some(1);
        let mut changes = 0;
        for n in 0..600u64 {
            let bandwidth = if n % 2 == 0 { 590_000 } else { 680_000 };
            let (shares, _) =
                allocation.decide(&[camera(layer)], &room(bandwidth), Micros(n * 100_000));
            changes += u32::from(shares[0].layer != layer);
            layer = shares[0].layer;
        }
        assert!(changes <= 12, "{changes} changes in a minute");
    }

    #[test]
    fn the_next_step_names_what_it_needs() {
        let (_, needed) =
            Allocation::default().decide(&[camera(Some(0))], &room(400_000), Micros(0));
        let needed = needed.expect("the next layer is wanted");
        let (shares, _) =
            Allocation::default().decide(&[camera(Some(0))], &room(needed), Micros(0));
        assert_eq!(shares[0].layer, Some(1));
    }

    #[test]
    fn at_the_beginning_the_smallest_layers_come() {
        let begins = Room {
            begins: true,
            ..room(9_000_000)
        };
        assert_eq!(layers(&[camera(None); 2], &begins), [Some(0); 2]);
    }
}
