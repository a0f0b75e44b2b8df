//! Moments, as the media plane counts them.

/// Microseconds since the media plane began.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Micros(pub u64);

impl Micros {
    /// `milliseconds` after this.
    #[must_use]
    pub const fn after_ms(self, milliseconds: u64) -> Self {
        Self(self.0 + milliseconds * 1_000)
    }

    /// Microseconds since `earlier`; 0 if it is still to come.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}
