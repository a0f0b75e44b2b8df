//! What became of a talk whose time has passed (EVE-16).

/// What became of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// They talked.
    Held,
    /// Nobody of the family came.
    MissedByFamily,
    /// Nobody of the school came while the family was there.
    MissedBySchool,
}

impl Outcome {
    /// Of a talk by video, from who was there: whether both sides met, and whether the family came in
    /// the time that was theirs.
    #[must_use]
    pub const fn of(they_met: bool, family_came: bool) -> Self {
        match (they_met, family_came) {
            (true, _) => Self::Held,
            (false, true) => Self::MissedBySchool,
            (false, false) => Self::MissedByFamily,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_that_waited_in_vain_missed_nothing() {
        assert_eq!(Outcome::of(true, true), Outcome::Held);
        // They met before their time, and were done.
        assert_eq!(Outcome::of(true, false), Outcome::Held);
        assert_eq!(Outcome::of(false, true), Outcome::MissedBySchool);
        assert_eq!(Outcome::of(false, false), Outcome::MissedByFamily);
    }
}
