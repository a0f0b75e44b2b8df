//! What somebody may do in a meeting beside talking: powers, and the table that gives them.

use std::fmt;
use std::str::FromStr;

use crate::meeting::Role;

/// Something that not everybody in a meeting may do.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Power {
    /// Lets in whoever knocks, or turns them away.
    Admit,
    /// Disconnects somebody.
    Disconnect,
    /// Mutes somebody, and never unmutes them.
    Mute,
    /// Invites a guest.
    Invite,
    /// Makes the meeting longer.
    Extend,
    /// Blurs what is behind oneself.
    Blur,
    /// Stops the call for everybody, for abuse (SCR-14).
    Stop,
}

impl Power {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Admit,
        Self::Disconnect,
        Self::Mute,
        Self::Invite,
        Self::Extend,
        Self::Blur,
        Self::Stop,
    ];

    /// Its stable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Admit => "admit",
            Self::Disconnect => "disconnect",
            Self::Mute => "mute",
            Self::Invite => "invite",
            Self::Extend => "extend",
            Self::Blur => "blur",
            Self::Stop => "stop",
        }
    }

    /// The power of that name.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == code)
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Admit => 1,
            Self::Disconnect => 2,
            Self::Mute => 4,
            Self::Invite => 8,
            Self::Extend => 16,
            Self::Blur => 32,
            Self::Stop => 64,
        }
    }
}

/// Some powers. Written and read as their names with spaces between, in one order.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Powers(u8);

impl Powers {
    /// No power.
    pub const NONE: Self = Self(0);

    /// Every power.
    pub const ALL: Self = Self(0b111_1111);

    /// These.
    #[must_use]
    pub fn of(powers: impl IntoIterator<Item = Power>) -> Self {
        let bits = powers.into_iter().map(Power::bit);
        Self(bits.fold(0, |all, bit| all | bit))
    }

    /// Whether that one is among them.
    #[must_use]
    pub const fn has(self, power: Power) -> bool {
        self.0 & power.bit() != 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Power> {
        Power::ALL.into_iter().filter(move |it| self.has(*it))
    }
}

impl fmt::Display for Powers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, power) in self.iter().enumerate() {
            f.write_str(if n == 0 { "" } else { " " })?;
            f.write_str(power.code())?;
        }
        Ok(())
    }
}

/// The name of no power.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("there is no power \"{0}\"")]
pub struct UnknownPower(pub String);

impl FromStr for Powers {
    type Err = UnknownPower;

    fn from_str(text: &str) -> Result<Self, UnknownPower> {
        let powers = text
            .split_whitespace()
            .map(|it| Power::of_code(it).ok_or_else(|| UnknownPower(it.to_owned())));
        Ok(Self::of(powers.collect::<Result<Vec<_>, _>>()?))
    }
}

/// Which powers each role is given in a meeting that is made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RolePowers {
    /// Those of teachers.
    pub teacher: Powers,
    /// Those of the parent who booked.
    pub parent: Powers,
    /// Those of guests.
    pub guest: Powers,
    /// Those of the members of a room.
    pub member: Powers,
}

impl RolePowers {
    /// Teachers and members have all, families and guests none.
    pub const DEFAULT: Self = Self {
        teacher: Powers::ALL,
        parent: Powers::NONE,
        guest: Powers::NONE,
        member: Powers::ALL,
    };

    /// Those of a role.
    #[must_use]
    pub const fn of(self, role: Role) -> Powers {
        match role {
            Role::Teacher => self.teacher,
            Role::Parent => self.parent,
            Role::Guest => self.guest,
            Role::Member => self.member,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_written_as_they_are_read() {
        let some = Powers::of([Power::Blur, Power::Admit]);
        assert_eq!(some.to_string(), "admit blur");
        assert_eq!(" blur  admit blur".parse(), Ok(some));
        assert_eq!("".parse(), Ok(Powers::NONE));
        assert_eq!(
            "admit fly".parse::<Powers>(),
            Err(UnknownPower("fly".to_owned()))
        );
        for power in Power::ALL {
            let alone = Powers::of([power]);
            assert_eq!(alone.iter().collect::<Vec<_>>(), [power]);
            assert_eq!(alone.to_string().parse(), Ok(alone));
        }
    }

    #[test]
    fn families_have_no_power_unless_they_are_given_it() {
        let table = RolePowers::DEFAULT;
        assert_eq!(Powers::ALL, Powers::of(Power::ALL));
        for power in Power::ALL {
            assert!(table.of(Role::Teacher).has(power));
            assert!(table.of(Role::Member).has(power));
            assert!(!table.of(Role::Parent).has(power));
            assert!(!table.of(Role::Guest).has(power));
        }
    }
}
