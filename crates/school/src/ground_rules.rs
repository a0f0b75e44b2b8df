//! The ground rules of calls (SCR-15): nobody records, everybody is in a suitable room and says who else
//! is there.

/// The version of the words that pages show today; raised whenever their meaning changes.
pub const GROUND_RULES: u32 = 1;

/// The version to be shown to whoever accepted that of `accepted` before, if any; none where they have
/// read those of today.
#[must_use]
pub fn rules_to_show(accepted: Option<u32>) -> Option<u32> {
    let is_read = accepted.is_some_and(|version| version >= GROUND_RULES);
    (!is_read).then_some(GROUND_RULES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_shown_until_they_were_accepted_and_again_when_they_change() {
        assert_eq!(rules_to_show(None), Some(GROUND_RULES));
        assert_eq!(rules_to_show(Some(GROUND_RULES)), None);
        assert_eq!(rules_to_show(Some(GROUND_RULES - 1)), Some(GROUND_RULES));
    }
}
