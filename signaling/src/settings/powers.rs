//! What people may do in calls, by what they are there.

use school::Powers as Granted;
use school::powers::RolePowers;
use serde::Deserialize;

use super::text;

/// What people of each role may do in calls of what is booked from then on.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Powers {
    /// `powers.teacher`.
    #[serde(deserialize_with = "text::powers")]
    pub teacher: Granted,
    /// `powers.parent`.
    #[serde(deserialize_with = "text::powers")]
    pub parent: Granted,
    /// `powers.guest`.
    #[serde(deserialize_with = "text::powers")]
    pub guest: Granted,
    /// `powers.member`.
    #[serde(deserialize_with = "text::powers")]
    pub member: Granted,
}

impl Default for Powers {
    fn default() -> Self {
        let RolePowers {
            teacher,
            parent,
            guest,
            member,
        } = RolePowers::DEFAULT;
        Self {
            teacher,
            parent,
            guest,
            member,
        }
    }
}

impl Powers {
    /// As the rules have it.
    #[must_use]
    pub const fn table(self) -> RolePowers {
        RolePowers {
            teacher: self.teacher,
            parent: self.parent,
            guest: self.guest,
            member: self.member,
        }
    }
}
