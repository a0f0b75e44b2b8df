//! Contacts with a court order: they are not invited, and do not stay in a call (DIR-4).

use std::collections::BTreeSet;

use crate::ids::{ContactId, StudentId};
use crate::one_person::Record;
use crate::text::{EmailAddress, Likeness, Name};

/// A contact on whom a court order is in force.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Barred {
    /// Who.
    pub contact: ContactId,
    /// Their name.
    pub name: Name,
    /// Their address, where one is known.
    pub email: Option<EmailAddress>,
    /// The students of their family.
    pub students: BTreeSet<StudentId>,
    /// The keys of their own students' homerooms.
    pub homerooms: BTreeSet<String>,
    /// Whether this is their record: one that only may be theirs leaves every likeness in doubt.
    pub is_certain: bool,
}

/// How sure it is that somebody is a barred contact.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Match {
    /// Their names may be one, and they share a student: the office decides.
    Name,
    /// Their addresses may lead to one mailbox: the office decides.
    Mailbox,
    /// They share the address: it is that person.
    Email,
}

impl Barred {
    /// Whether somebody with that name and address, for those students, may be this person. One who
    /// is the contact of no student is looked for everywhere.
    #[must_use]
    pub fn matches(
        &self,
        name: &Name,
        email: Option<&EmailAddress>,
        students: &BTreeSet<StudentId>,
    ) -> Option<Match> {
        if let Some(how) = email.and_then(|it| self.matches_address(it)) {
            return Some(how);
        }
        let shares_student = self.students.is_empty() || !self.students.is_disjoint(students);
        (shares_student && self.name.likeness(name).is_some()).then_some(Match::Name)
    }

    /// Whether a record of the school may be of this person: also by one name within a homeroom, by
    /// which two records are shown as one person's (DIR-13).
    #[must_use]
    pub fn matches_record(&self, record: &Record) -> Option<Match> {
        let email = record.email.as_ref();
        if let Some(how) = self.matches(&record.name, email, &record.students) {
            return Some(how);
        }
        let is_near = !self.homerooms.is_disjoint(&record.homerooms);
        let is_same = self.name.likeness(&record.name) == Some(Likeness::Same);
        (is_near && is_same).then_some(Match::Name)
    }

    /// Whether somebody with that address, of whom no more is known, may be this person.
    #[must_use]
    pub fn matches_address(&self, email: &EmailAddress) -> Option<Match> {
        let own = self.email.as_ref()?;
        if own.key() == email.key() && self.is_certain {
            return Some(Match::Email);
        }
        (own.mailbox_key() == email.mailbox_key()).then_some(Match::Mailbox)
    }
}

/// The barred contact that somebody is most likely to be.
#[must_use]
pub fn find<'a>(
    barred: &'a [Barred],
    name: &Name,
    email: Option<&EmailAddress>,
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
            homerooms: BTreeSet::new(),
            is_certain: true,
        };
        let matches = |name: &str, email: &str, student| -> Result<_, Refusal> {
            let students = BTreeSet::from([StudentId(student)]);
            let email = EmailAddress::read(email)?;
            Ok(barred.matches(&Name::read(name)?, Some(&email), &students))
        };
        assert_eq!(matches("Uncle", "SAM@Reed.example", 9)?, Some(Match::Email));
        assert_eq!(matches("sam  reed", "new@x.example", 1)?, Some(Match::Name));
        assert_eq!(matches("sam reed", "new@x.example", 2)?, None);
        assert_eq!(matches("Sam Read", "new@x.example", 1)?, None);
        assert_eq!(
            matches("Uncle", "sam+home@reed.example", 9)?,
            Some(Match::Mailbox)
        );
        assert_eq!(
            barred.matches(&Name::read("Uncle")?, None, &BTreeSet::from([StudentId(1)])),
            None
        );
        Ok(())
    }

    #[test]
    fn whoever_is_nobodys_contact_is_looked_for_everywhere() -> Result<(), Refusal> {
        let barred = Barred {
            contact: ContactId(1),
            name: Name::read("Sean O'Brien")?,
            email: None,
            students: BTreeSet::new(),
            homerooms: BTreeSet::new(),
            is_certain: true,
        };
        let name = Name::read("O\u{2019}Brien, Se\u{e1}n")?;
        let found = barred.matches(&name, None, &BTreeSet::from([StudentId(1)]));
        assert_eq!(found, Some(Match::Name));
        Ok(())
    }

    #[test]
    fn a_record_of_one_name_in_one_homeroom_may_be_theirs() -> Result<(), Refusal> {
        let homeroom = |it: &str| BTreeSet::from([it.to_owned()]);
        let barred = Barred {
            contact: ContactId(1),
            name: Name::read("Sean O'Brien")?,
            email: None,
            students: BTreeSet::from([StudentId(1)]),
            homerooms: homeroom("8b"),
            is_certain: true,
        };
        let record = |name: &str, room: &str| -> Result<_, Refusal> {
            Ok(Record {
                contact: ContactId(2),
                name: Name::read(name)?,
                email: None,
                students: BTreeSet::from([StudentId(2)]),
                homerooms: homeroom(room),
            })
        };
        let found = |record: &Record| barred.matches_record(record);
        assert_eq!(
            found(&record("O\u{2019}Brien, Se\u{e1}n", "8b")?),
            Some(Match::Name)
        );
        assert_eq!(found(&record("Sean O'Brien", "9a")?), None);
        // Of those who only may be called so, a classmate's parent is somebody else.
        assert_eq!(found(&record("S. O'Brien", "8b")?), None);
        Ok(())
    }

    #[test]
    fn of_several_the_one_is_found_that_it_is_most_likely() -> Result<(), Refusal> {
        let named = |id, name: &str, email: &str| -> Result<_, Refusal> {
            Ok(Barred {
                contact: ContactId(id),
                name: Name::read(name)?,
                email: Some(EmailAddress::read(email)?),
                students: BTreeSet::new(),
                homerooms: BTreeSet::new(),
                is_certain: true,
            })
        };
        let barred = [
            named(1, "Sam Reed", "other@reed.example")?,
            named(2, "Uncle", "sam@reed.example")?,
            named(3, "Somebody Else", "else@reed.example")?,
        ];
        let found = |name: &str, email: &str| -> Result<_, Refusal> {
            let email = EmailAddress::read(email)?;
            let found = find(&barred, &Name::read(name)?, Some(&email), &BTreeSet::new());
            Ok(found.map(|(one, how)| (one.contact, how)))
        };
        let by_address = Some((ContactId(2), Match::Email));
        assert_eq!(found("Sam Reed", "sam@reed.example")?, by_address);
        let by_name = Some((ContactId(1), Match::Name));
        assert_eq!(found("Sam Reed", "new@x.example")?, by_name);
        assert_eq!(found("Nobody", "new@x.example")?, None);
        Ok(())
    }
}
