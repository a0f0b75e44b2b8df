//! What somebody says of themselves beside what the school's records say of them (DIR-12): where the two
//! differ, the office says which is kept.

use crate::text::EmailAddress;

/// What two may say of one person.
pub trait Word {
    /// Whether both say the same, however they write it.
    fn is_same(&self, other: &Self) -> bool;
}

impl Word for EmailAddress {
    fn is_same(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

/// How the two stand to each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// They say the same, or only one says something.
    Agreed,
    /// They differ, and the office has not said which is kept.
    Asked,
    /// They differ, and the office has accepted theirs.
    Accepted,
}

/// What both say.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Both<T> {
    /// What they say themselves.
    pub own: T,
    /// What the school's records say, as a source said it last; nothing where none did.
    pub school: Option<T>,
    /// What the records said when the office accepted theirs.
    pub accepted_beside: Option<T>,
}

impl<T: Word> Both<T> {
    /// How the two stand to each other. What was accepted beside one is not accepted beside a third.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match (&self.school, &self.accepted_beside) {
            (None, _) => Standing::Agreed,
            (Some(school), _) if school.is_same(&self.own) => Standing::Agreed,
            (Some(school), Some(beside)) if school.is_same(beside) => Standing::Accepted,
            (Some(_), _) => Standing::Asked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_accepted_beside_one_is_asked_beside_a_third() {
        let address = |it: &str| EmailAddress::read(it).expect("an address");
        let standing = |school: Option<&str>, beside: Option<&str>| {
            let both = Both {
                own: address("ivy@new.example"),
                school: school.map(address),
                accepted_beside: beside.map(address),
            };
            both.standing()
        };
        let old = "ivy@old.example";
        assert_eq!(standing(None, None), Standing::Agreed);
        assert_eq!(standing(Some("IVY@new.example"), None), Standing::Agreed);
        assert_eq!(standing(Some(old), None), Standing::Asked);
        assert_eq!(
            standing(Some("Ivy@old.example"), Some(old)),
            Standing::Accepted
        );
        assert_eq!(
            standing(Some("ivy@third.example"), Some(old)),
            Standing::Asked
        );
    }
}
