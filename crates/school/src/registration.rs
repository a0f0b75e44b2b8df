//! Registering: who may be invited to make an account, and for how long (DIR-2 to DIR-5).

use jiff::{SignedDuration, Timestamp};

use crate::refusal::Refusal;

/// For how long an invitation is good, from the moment it was last sent.
pub const GOOD_FOR: SignedDuration = SignedDuration::from_hours(14 * 24);

/// How many are invited at one press.
pub const MOST_AT_ONCE: usize = 500;

/// When an invitation that is sent now is good no longer.
#[must_use]
pub fn good_until(now: Timestamp) -> Timestamp {
    now.checked_add(GOOD_FOR).unwrap_or(Timestamp::MAX)
}

/// How a contact stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// They have an account.
    Registered,
    /// They were never invited, or at another address.
    NotRegistered,
    /// They were invited, until then.
    Invited(Timestamp),
    /// The invitation was good until then.
    Expired(Timestamp),
}

impl Standing {
    /// How somebody stands by whether they have an account, and until when their invitation is good.
    #[must_use]
    pub fn new(is_registered: bool, until: Option<Timestamp>, now: Timestamp) -> Self {
        match until {
            _ if is_registered => Self::Registered,
            None => Self::NotRegistered,
            Some(until) if now < until => Self::Invited(until),
            Some(until) => Self::Expired(until),
        }
    }
}

/// What bears on whether a contact may be invited.
#[expect(clippy::struct_excessive_bools, reason = "each is asked for by itself")]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Candidate {
    /// A court order is in force on them.
    pub has_order: bool,
    /// They may be somebody on whom one is.
    pub may_be_barred: bool,
    /// They have an address.
    pub has_address: bool,
    /// They are somebody's contact, and have not left.
    pub is_here: bool,
    /// They have an account.
    pub is_registered: bool,
}

impl Candidate {
    /// Whether they may be invited (DIR-4).
    ///
    /// # Errors
    ///
    /// Why they may not: an order before everything else.
    pub const fn check(self) -> Result<(), Refusal> {
        if self.has_order {
            Err(Refusal::CourtOrderStands)
        } else if self.may_be_barred {
            Err(Refusal::MayBeBarred)
        } else if !self.is_here {
            Err(Refusal::NotFound)
        } else if self.is_registered {
            Err(Refusal::EmailTaken)
        } else if !self.has_address {
            Err(Refusal::EmailMissing)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_is_good_for_fourteen_times_24_hours() {
        let sent = Timestamp::UNIX_EPOCH;
        let until = good_until(sent);
        let at = |hours: i64, minutes: i64| {
            let since = SignedDuration::from_hours(hours) + SignedDuration::from_mins(minutes);
            Standing::new(false, Some(until), sent + since)
        };
        assert_eq!(at(13 * 24 + 23, 59), Standing::Invited(until));
        assert_eq!(at(14 * 24, 0), Standing::Expired(until));
        assert_eq!(at(14 * 24, 1), Standing::Expired(until));
        let registered = Standing::new(true, Some(until), sent);
        assert_eq!(registered, Standing::Registered);
    }

    #[test]
    fn an_order_comes_before_everything_else() {
        let fine = Candidate {
            has_order: false,
            may_be_barred: false,
            has_address: true,
            is_here: true,
            is_registered: false,
        };
        assert_eq!(fine.check(), Ok(()));
        let worst = Candidate {
            has_order: true,
            may_be_barred: true,
            has_address: false,
            is_here: false,
            is_registered: true,
        };
        assert_eq!(worst.check(), Err(Refusal::CourtOrderStands));
        for (one, why) in [
            (
                Candidate {
                    has_order: false,
                    ..worst
                },
                Refusal::MayBeBarred,
            ),
            (
                Candidate {
                    has_address: false,
                    ..fine
                },
                Refusal::EmailMissing,
            ),
            (
                Candidate {
                    is_registered: true,
                    ..fine
                },
                Refusal::EmailTaken,
            ),
        ] {
            assert_eq!(one.check(), Err(why));
        }
    }
}
