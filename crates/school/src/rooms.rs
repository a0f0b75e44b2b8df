//! Meeting rooms: what the office says of one besides its members and its door (ROOM-6).

use jiff::SignedDuration;

use crate::refusal::Refusal;
use crate::text::{EmailAddress, Label, Note};
use crate::waiting::Hours;

/// The shortest and the longest that a call in a room may be limited to, minutes.
pub const SHORTEST_LIMIT: u16 = 5;
/// See [`SHORTEST_LIMIT`].
pub const LONGEST_LIMIT: u16 = 720;

/// The terms of a room.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Terms {
    /// When guests may come by its link; always where nothing is said.
    pub hours: Option<Hours>,
    /// What they enter besides their name.
    pub asks: Asks,
    /// How long a call in it lasts at most.
    pub limit: Option<Limit>,
}

/// After how long a call ends: from when somebody comes into it until nobody is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limit(u16);

impl Limit {
    /// That of so many minutes.
    ///
    /// # Errors
    ///
    /// [`Refusal::LimitLength`].
    pub fn of_minutes(minutes: i64) -> Result<Self, Refusal> {
        let minutes = u16::try_from(minutes).map_err(|_none| Refusal::LimitLength)?;
        if (SHORTEST_LIMIT..=LONGEST_LIMIT).contains(&minutes) {
            Ok(Self(minutes))
        } else {
            Err(Refusal::LimitLength)
        }
    }

    /// In minutes.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.0
    }

    /// As a time.
    #[must_use]
    pub fn time(self) -> SignedDuration {
        SignedDuration::from_mins(self.0.into())
    }
}

/// What guests of a room enter besides their name.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Asks {
    /// An e-mail address.
    pub email: bool,
    /// A mobile number.
    pub mobile: bool,
    /// Why they come.
    pub reason: bool,
}

impl Asks {
    /// The stable names of what is asked, a space between two.
    #[must_use]
    pub fn code(self) -> String {
        let all = [
            (self.email, "email"),
            (self.mobile, "mobile"),
            (self.reason, "reason"),
        ];
        let asked = all.into_iter().filter_map(|(is, name)| is.then_some(name));
        asked.collect::<Vec<_>>().join(" ")
    }

    /// What is asked by these names; what is none of them is not.
    #[must_use]
    pub fn of_code(code: &str) -> Self {
        let has = |name: &str| code.split(' ').any(|it| it == name);
        Self {
            email: has("email"),
            mobile: has("mobile"),
            reason: has("reason"),
        }
    }

    /// What is asked and was not entered, each with its field.
    #[must_use]
    pub fn missing(self, details: &Details) -> Vec<(&'static str, Refusal)> {
        let email = self.email && details.email.is_none();
        let mobile = self.mobile && details.mobile.is_none();
        let reason = self.reason && details.reason.reveal().is_empty();
        let all = [
            (email, ("email", Refusal::EmailMissing)),
            (mobile, ("mobile", Refusal::MobileMissing)),
            (reason, ("reason", Refusal::ReasonMissing)),
        ];
        let missing = all.into_iter().filter_map(|(is, it)| is.then_some(it));
        missing.collect()
    }
}

/// What somebody who comes enters besides their name.
#[derive(Clone, Debug, Default)]
pub struct Details {
    /// Their e-mail address.
    pub email: Option<EmailAddress>,
    /// Their mobile number, as they write it: nobody sends anything to it.
    pub mobile: Option<Label>,
    /// Why they come; may be empty.
    pub reason: Note,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_read_as_it_was_written_and_what_is_missing_is_named() -> Result<(), Refusal>
    {
        let asks = Asks {
            email: true,
            mobile: false,
            reason: true,
        };
        assert_eq!(asks.code(), "email reason");
        assert_eq!(Asks::of_code(&asks.code()), asks);
        assert_eq!(Asks::of_code(""), Asks::default());
        let mut details = Details::default();
        let missing = [
            ("email", Refusal::EmailMissing),
            ("reason", Refusal::ReasonMissing),
        ];
        assert_eq!(asks.missing(&details), missing);
        assert_eq!(Asks::default().missing(&details), []);
        details.email = Some(EmailAddress::read("gus@example.org")?);
        details.reason = Note::read("A key")?;
        assert_eq!(asks.missing(&details), []);
        Ok(())
    }

    #[test]
    fn a_limit_is_neither_too_short_nor_too_long() {
        for (minutes, is) in [
            (4, false),
            (5, true),
            (720, true),
            (721, false),
            (-5, false),
        ] {
            assert_eq!(Limit::of_minutes(minutes).is_ok(), is, "{minutes}");
        }
        let limit = Limit::of_minutes(60).map(Limit::time);
        assert_eq!(limit, Ok(SignedDuration::from_hours(1)));
    }
}
