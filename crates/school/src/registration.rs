//! Registering: who may be invited to make an account, and for how long (DIR-2 to DIR-5).

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::refusal::Refusal;

/// For how long an invitation is good, from the moment it was last sent.
pub const GOOD_FOR: SignedDuration = SignedDuration::from_hours(14 * 24);

/// How many are invited at one press.
pub const MOST_AT_ONCE: usize = 500;

/// After how long somebody who has not registered is reminded, where the school wishes it: within the
/// time in which the invitation is good.
pub const REMINDED_AFTER: [SignedDuration; 2] = [
    SignedDuration::from_hours(5 * 24),
    SignedDuration::from_hours(10 * 24),
];

/// From which hour of the school's day on, and until which, somebody is reminded.
const REMINDED_FROM: i8 = 9;
const REMINDED_UNTIL: i8 = 18;

/// How many reminders of an invitation are due by now, sent or not.
#[must_use]
pub fn reminders_due(sent: Timestamp, now: Timestamp) -> usize {
    let since = now.duration_since(sent);
    let due = REMINDED_AFTER.iter().filter(|it| **it <= since);
    if since < GOOD_FOR { due.count() } else { 0 }
}

/// Whether it is a time of the day at which people are reminded: never at night.
#[must_use]
pub fn is_time_to_remind(now: Timestamp, zone: &TimeZone) -> bool {
    (REMINDED_FROM..REMINDED_UNTIL).contains(&now.to_zoned(zone.clone()).hour())
}

/// When somebody may be reminded: now, or in the morning.
#[must_use]
pub fn next_time_to_remind(now: Timestamp, zone: &TimeZone) -> Timestamp {
    let here = now.to_zoned(zone.clone());
    if is_time_to_remind(now, zone) {
        return now;
    }
    let day = match here.hour() < REMINDED_FROM {
        true => Ok(here.date()),
        false => here.date().tomorrow(),
    };
    let morning = day.and_then(|it| it.at(REMINDED_FROM, 0, 0, 0).to_zoned(zone.clone()));
    morning.map_or(now, |it| it.timestamp())
}

/// How many other parents of one student one parent may name, sent to or not.
pub const MOST_NAMED: i64 = 4;

/// Whether parents may invite other parents of their children (DIR-6).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ParentsInvite {
    /// The school alone does.
    Never,
    /// They may; the office approves each.
    #[default]
    Approved,
    /// They may; the office hears only of those whom a court order may concern.
    Always,
}

impl ParentsInvite {
    /// Every one there is.
    pub const ALL: [Self; 3] = [Self::Never, Self::Approved, Self::Always];

    /// As it is kept.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Approved => "approved",
            Self::Always => "always",
        }
    }

    /// What is kept as that.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == code)
    }

    /// What becomes of another parent whom a parent names: it may be sent at once, or waits for the
    /// office. `is_in_doubt` where they may be somebody with a court order, or were declined before.
    ///
    /// # Errors
    ///
    /// [`Refusal::SchoolInvites`], and [`Refusal::ParentsSpent`] where this parent has named
    /// `named` for that student already.
    pub const fn check(self, named: i64, is_in_doubt: bool) -> Result<Wish, Refusal> {
        match self {
            Self::Never => Err(Refusal::SchoolInvites),
            Self::Approved | Self::Always if named >= MOST_NAMED => Err(Refusal::ParentsSpent),
            Self::Approved => Ok(Wish::Waits),
            Self::Always if is_in_doubt => Ok(Wish::Waits),
            Self::Always => Ok(Wish::Sent),
        }
    }
}

/// What has become of somebody's wish that another parent be invited.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wish {
    /// It waits for the office.
    Waits,
    /// They were invited.
    Sent,
    /// The office has declined it.
    Declined,
}

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

/// By what an invitation reaches somebody.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ReachedBy {
    /// By e-mail.
    Email,
    /// By text message.
    Text,
    /// By a letter that the office prints.
    Letter,
}

impl ReachedBy {
    /// How somebody is reached who has these, at a school that sends text messages or does not.
    #[must_use]
    pub const fn of(has_address: bool, has_mobile: bool, sends_texts: bool) -> Self {
        if has_address {
            Self::Email
        } else if has_mobile && sends_texts {
            Self::Text
        } else {
            Self::Letter
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
    fn reminders_come_twice_within_the_fourteen_days_and_never_at_night() {
        let sent = Timestamp::UNIX_EPOCH;
        let after = |hours| reminders_due(sent, sent + SignedDuration::from_hours(hours));
        let due = [119, 120, 239, 240, 335, 336].map(after);
        assert_eq!(due, [0, 1, 1, 2, 2, 0]);
        let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
        let at = |hour: i64| {
            let day: Timestamp = "2026-11-10T00:00:00+09:00".parse().expect("a moment");
            is_time_to_remind(day + SignedDuration::from_hours(hour), &zone)
        };
        let hours: Vec<_> = (0..24).filter(|hour| at(*hour)).collect();
        assert_eq!(hours, (9..18).collect::<Vec<_>>());
    }

    #[test]
    fn the_school_says_whether_parents_invite_and_an_order_before_it() {
        use ParentsInvite::{Always, Approved, Never};
        assert_eq!(Never.check(0, false), Err(Refusal::SchoolInvites));
        assert_eq!(Approved.check(0, false), Ok(Wish::Waits));
        assert_eq!(Approved.check(0, true), Ok(Wish::Waits));
        assert_eq!(Always.check(MOST_NAMED - 1, false), Ok(Wish::Sent));
        assert_eq!(Always.check(0, true), Ok(Wish::Waits));
        for setting in [Approved, Always] {
            assert_eq!(setting.check(MOST_NAMED, true), Err(Refusal::ParentsSpent));
        }
        for one in ParentsInvite::ALL {
            assert_eq!(ParentsInvite::of_code(one.code()), Some(one));
        }
        assert_eq!(ParentsInvite::of_code("sometimes"), None);
    }

    #[test]
    fn everybody_is_reached_by_what_they_have() {
        use ReachedBy::{Email, Letter, Text};
        for (has, sends_texts, by) in [
            ((true, true), true, Email),
            ((true, false), false, Email),
            ((false, true), true, Text),
            ((false, true), false, Letter),
            ((false, false), true, Letter),
        ] {
            assert_eq!(ReachedBy::of(has.0, has.1, sends_texts), by);
        }
    }

    #[test]
    fn an_order_comes_before_everything_else() {
        let fine = Candidate {
            has_order: false,
            may_be_barred: false,
            is_here: true,
            is_registered: false,
        };
        assert_eq!(fine.check(), Ok(()));
        let worst = Candidate {
            has_order: true,
            may_be_barred: true,
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
                    is_here: false,
                    ..fine
                },
                Refusal::NotFound,
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
