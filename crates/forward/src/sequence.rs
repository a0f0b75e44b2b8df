//! Sequence numbers that never wrap.

/// Gives each 16-bit sequence number its extended sequence number: the one nearest to the
/// highest seen (RFC 3711 §3.3.1 guesses the rollover counter in the same way).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Unwrapper {
    highest: Option<u64>,
}

impl Unwrapper {
    /// `sequence`, extended; nothing is remembered. The first seen is placed one turn above 0,
    /// so that one which comes late has a number below it.
    #[must_use]
    pub fn extend(&self, sequence: u16) -> u64 {
        let Some(highest) = self.highest else {
            return 0x1_0000 | u64::from(sequence);
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the low 16 bits are what is meant"
        )]
        let forward = sequence.wrapping_sub(highest as u16);
        if forward < 0x8000 {
            highest + u64::from(forward)
        } else {
            highest.saturating_sub(0x1_0000 - u64::from(forward))
        }
    }

    /// Remembers that `extended` was seen.
    pub fn saw(&mut self, extended: u64) {
        self.highest = Some(
            self.highest
                .map_or(extended, |highest| highest.max(extended)),
        );
    }

    /// The highest seen.
    #[must_use]
    pub const fn highest(&self) -> Option<u64> {
        self.highest
    }
}

/// A window over the last 64 numbers: what comes twice, or too late, is refused (RFC 3711 §3.3.2).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ReplayWindow {
    highest: u64,
    seen: u64,
}

impl ReplayWindow {
    /// Whether `extended` is neither repeated nor too old. Nothing is remembered: a packet is
    /// authentic first, and seen only then.
    #[must_use]
    pub const fn is_new(&self, extended: u64) -> bool {
        if extended > self.highest {
            return true;
        }
        let age = self.highest - extended;
        age < 64 && self.seen & (1 << age) == 0
    }

    /// Remembers that `extended` was seen.
    pub const fn saw(&mut self, extended: u64) {
        if extended > self.highest {
            let step = extended - self.highest;
            self.seen = if step < 64 { self.seen << step | 1 } else { 1 };
            self.highest = extended;
        } else if self.highest - extended < 64 {
            self.seen |= 1 << (self.highest - extended);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_walk_of_small_steps_is_followed_over_every_wrap(
            start: u16, steps in proptest::collection::vec(-200i64..400, 1..500),
        ) {
            let mut unwrapper = Unwrapper::default();
            unwrapper.saw(unwrapper.extend(start));
            for step in steps {
                let highest = unwrapper.highest().expect("one was seen");
                let extended = highest.saturating_add_signed(step).max(1);
                let sequence = (extended & 0xffff).try_into().expect("16 bits");
                prop_assert_eq!(unwrapper.extend(sequence), extended);
                unwrapper.saw(extended);
            }
        }

        #[test]
        fn each_place_is_new_once_and_only_while_it_is_recent(
            places in proptest::collection::vec(1u64..300, 1..400),
        ) {
            let mut window = ReplayWindow::default();
            let mut seen = std::collections::BTreeSet::new();
            for extended in places {
                let highest = seen.last().copied().unwrap_or(0);
                let recent = extended + 64 > highest;
                prop_assert_eq!(window.is_new(extended), recent && !seen.contains(&extended));
                if window.is_new(extended) {
                    window.saw(extended);
                    seen.insert(extended);
                }
            }
        }
    }
}
