//! Contacts with a court order: they are not invited, and do not stay in a call (DIR-4).

use std::collections::BTreeSet;

use crate::ids::{ContactId, StudentId};
use crate::text::{EmailAddress, Name};

/// A contact on whom a court order is in force.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Barred {
    /// Who.
    pub contact: ContactId,
    /// Their name.
    pub name: Name,
    /// Their address, where one is known.
    pub email: Option<EmailAddress>,
    /// The students they are a contact of.
    pub students: BTreeSet<StudentId>,
}

/// How sure it is that a guest is a barred contact.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Match {
    /// They share a name, and a student: the office decides.
    Name,
    /// They share the address: it is that person.
    Email,
}

impl Barred {
    /// Whether a guest with that name and address, for those students, may be this person.
    #[must_use]
    pub fn matches(
        &self,
        name: &Name,
        email: &EmailAddress,
        students: &BTreeSet<StudentId>,
    ) -> Option<Match> {
        if self
            .email
            .as_ref()
            .is_some_and(|it| it.key() == email.key())
        {
            return Some(Match::Email);
        }
        let shares_student = !self.students.is_disjoint(students);
        (shares_student && self.name.key() == name.key()).then_some(Match::Name)
    }
}

/// The barred contact that a guest is most likely to be.
#[must_use]
pub fn find<'a>(
    barred: &'a [Barred],
    name: &Name,
    email: &EmailAddress,
    students: &BTreeSet<StudentId>,
) -> Option<(&'a Barred, Match)> {
    barred
        .iter()
        .filter_map(|one| Some((one, one.matches(name, email, students)?)))
        .max_by_key(|(_, how)| *how)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Refusal;

    #[test]
    fn by_address_anywhere_by_name_for_a_student_of_theirs() -> Result<(), Refusal> {
        let barred = Barred {
            contact: ContactId(1),
            name: Name::read("Sam Reed")?,
            email: Some(EmailAddress::read("sam@reed.example")?),
            students: BTreeSet::from([StudentId(1)]),
        };
        let matches = |name: &str, email: &str, student| -> Result<_, Refusal> {
            let students = BTreeSet::from([StudentId(student)]);
            Ok(barred.matches(&Name::read(name)?, &EmailAddress::read(email)?, &students))
        };
        assert_eq!(matches("Uncle", "SAM@Reed.example", 9)?, Some(Match::Email));
        assert_eq!(matches("sam  reed", "new@x.example", 1)?, Some(Match::Name));
        assert_eq!(matches("sam reed", "new@x.example", 2)?, None);
        assert_eq!(matches("Sam Read", "new@x.example", 1)?, None);
        Ok(())
    }
}
