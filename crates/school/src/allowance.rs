//! How much e-mail a parent may set off, to whomever they like: more than anybody needs, and too
//! little to pester with.

use jiff::{SignedDuration, Timestamp};

/// E-mails that one parent may set off in a day, by inviting, removing and sending again.
pub const MAILS_A_DAY: usize = 20;

/// Addresses that one invitation may have in a day: the first, and three corrections.
pub const ADDRESSES_A_DAY: usize = 4;

/// A day, whatever the clocks do.
pub const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Whether one more is allowed `now`, after those of `earlier`, in order of time, where there may
/// be `most` in a day.
///
/// # Errors
///
/// The moment from which it is.
pub fn check(earlier: &[Timestamp], most: usize, now: Timestamp) -> Result<(), Timestamp> {
    let Some(decisive) = earlier
        .len()
        .checked_sub(most)
        .and_then(|it| earlier.get(it))
    else {
        return Ok(());
    };
    let again = decisive.checked_add(DAY).unwrap_or(Timestamp::MAX);
    if again <= now { Ok(()) } else { Err(again) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    #[test]
    fn so_many_in_any_day_and_then_one_for_each_that_is_a_day_ago() {
        let earlier: Vec<Timestamp> = (0..5).map(at).collect();
        assert_eq!(check(&earlier, 6, at(5)), Ok(()));
        assert_eq!(check(&earlier, 5, at(5)), Err(at(24)));
        assert_eq!(check(&earlier, 5, at(24)), Ok(()));
        assert_eq!(check(&earlier, 4, at(24)), Err(at(25)));
        assert_eq!(check(&[], 1, at(0)), Ok(()));
    }
}
