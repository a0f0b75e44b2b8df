//! How many layers of a camera its receivers watch, and when its sender is told.

use crate::time::Micros;

/// For how long fewer layers must do before their sender is told, microseconds.
const FEWER_LASTS: u64 = 2_000_000;

/// All layers, as they are counted.
pub const MOST_LAYERS: u8 = 3;

/// How many layers of a camera its receivers watch, as its sender was told.
#[derive(Clone, Copy, Debug)]
pub struct Watched {
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
    pub fn set(&mut self, layers: u8, now: Micros) -> Option<u8> {
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
