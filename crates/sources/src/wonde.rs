//! Wonde's API ("School Data Sync", docs.wonde.com): pages of employees, classes and students with
//! their contacts, over HTTPS, by a token that the school gives.
//!
//! What it answers is whole or nothing: where a page is missing, late or not to be read, there are no
//! people, and the reason. Everything is bounded: bytes, pages, people, and time.

mod door;
mod page;
mod people;

use std::fmt;

pub use door::Door;
pub use people::People;

/// Where the records of a school are kept: its region ("Regional Domains").
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Region {
    /// The United Kingdom, and wherever is none of the others.
    World,
    /// Australia and New Zealand.
    Australia,
    /// South Africa.
    Africa,
}

impl Region {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::World, Self::Australia, Self::Africa];

    /// Its name in records and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::World => "world",
            Self::Australia => "australia",
            Self::Africa => "africa",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == code)
    }

    /// Where its API is.
    #[must_use]
    pub const fn address(self) -> &'static str {
        match self {
            Self::World => "https://api.wonde.com/",
            Self::Australia => "https://api-ap-southeast-2.wonde.com/",
            Self::Africa => "https://api-af-south-1.wonde.com/",
        }
    }
}

/// What a school has there: its id, and the token that lets us read.
#[derive(Clone, Eq, PartialEq)]
pub struct Account {
    school: String,
    token: String,
}

/// The longest id of a school, and the longest token.
const LONGEST_ID: usize = 40;
const LONGEST_TOKEN: usize = 200;

impl Account {
    /// What was entered, where it can be one: an id of letters and digits, and a token of visible
    /// ASCII.
    #[must_use]
    pub fn read(school: &str, token: &str) -> Option<Self> {
        let (school, token) = (school.trim(), token.trim());
        let is_id = (1..=LONGEST_ID).contains(&school.len())
            && school.bytes().all(|it| it.is_ascii_alphanumeric());
        let is_token = (1..=LONGEST_TOKEN).contains(&token.len())
            && token.bytes().all(|it| it.is_ascii_graphic());
        (is_id && is_token).then(|| Self {
            school: school.to_owned(),
            token: token.to_owned(),
        })
    }

    /// The school's id.
    #[must_use]
    pub fn school(&self) -> &str {
        &self.school
    }

    /// The token: for the place that keeps it, and the header that carries it.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Account")
    }
}

/// What is asked for, in this order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Records {
    /// Those who work there.
    Employees,
    /// Classes, with who takes them.
    Classes,
    /// Students, with their contacts and classes.
    Students,
}

impl Records {
    /// All of them, in order.
    pub const ALL: [Self; 3] = [Self::Employees, Self::Classes, Self::Students];

    /// The endpoint, below the school.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Employees => "employees",
            Self::Classes => "classes",
            Self::Students => "students",
        }
    }

    /// What is asked for beside each record.
    const fn include(self) -> &'static str {
        match self {
            Self::Employees => "contact_details",
            Self::Classes => "subject,employees",
            Self::Students => "classes,registration,year,contacts,contacts.contact_details",
        }
    }
}

/// Why nothing was taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Why {
    /// The token is not, or no longer, accepted.
    Token,
    /// The token does not reach that school, or not all that is asked for.
    School,
    /// It asked us to wait for longer than we do.
    Busy,
    /// It failed, again and again.
    Failing,
    /// It cannot be reached, or does not answer.
    Unreachable,
    /// It answered something else than its documentation says.
    Odd,
    /// It has more than a school's records can be.
    TooLarge,
}

impl Why {
    /// Its name in records and on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::School => "school",
            Self::Busy => "busy",
            Self::Failing => "failing",
            Self::Unreachable => "unreachable",
            Self::Odd => "odd",
            Self::TooLarge => "too_large",
        }
    }
}

/// Why nothing was taken, and where: "students, page 2: status 500". It names no person.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{detail}")]
pub struct Trouble {
    /// Why.
    pub why: Why,
    /// Where.
    pub detail: String,
}
