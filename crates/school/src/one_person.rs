//! Records that may be of one person (DIR-13): the same address, or the same name in any spelling
//! with a shared student, homeroom or family.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{ContactId, StudentId};
use crate::text::{EmailAddress, Likeness, Name};

/// How many pairs are shown at once; the others come once these are decided.
pub const MOST_PAIRS: usize = 200;

/// What is compared of a contact.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Record {
    /// Who.
    pub contact: ContactId,
    /// Their name.
    pub name: Name,
    /// Their address, where one is known.
    pub email: Option<EmailAddress>,
    /// Their students.
    pub students: BTreeSet<StudentId>,
    /// The keys of their students' homerooms.
    pub homerooms: BTreeSet<String>,
}

/// By what two records are alike.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Alike {
    /// They share an address under names that are not one: two people may read there.
    Address,
    /// They have one name, and share a student, a homeroom or somebody who has students of both.
    Name,
    /// They have one name and one address.
    Both,
}

/// Two records that may be of one person; the one with the lower id first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Pair {
    /// One.
    pub one: ContactId,
    /// The other.
    pub other: ContactId,
}

impl Pair {
    /// The same pair in whatever order they are named.
    #[must_use]
    pub fn of(one: ContactId, other: ContactId) -> Self {
        Self {
            one: one.min(other),
            other: one.max(other),
        }
    }
}

impl Record {
    /// Whether another record may be of the same person.
    fn is_like(&self, other: &Self, families: &Families) -> Option<Alike> {
        if self.contact == other.contact {
            return None;
        }
        let mailbox = |it: &Self| it.email.as_ref().map(EmailAddress::mailbox_key);
        let shares_address = mailbox(self).is_some() && mailbox(self) == mailbox(other);
        let has_name = self.name.likeness(&other.name) == Some(Likeness::Same);
        let is_near = !self.students.is_disjoint(&other.students)
            || !self.homerooms.is_disjoint(&other.homerooms)
            || families.are_one(self, other);
        match (shares_address, has_name) {
            (true, true) => Some(Alike::Both),
            (true, false) => Some(Alike::Address),
            (false, true) if is_near => Some(Alike::Name),
            (false, true | false) => None,
        }
    }
}

/// The students of everybody who shares a student with somebody: a father who was entered for two children
/// shares their mother with himself.
struct Families(BTreeMap<ContactId, BTreeSet<StudentId>>);

impl Families {
    fn of(records: &[Record]) -> Self {
        let mut sharing: BTreeMap<StudentId, BTreeSet<StudentId>> = BTreeMap::new();
        for record in records.iter().filter(|it| it.students.len() > 1) {
            for student in &record.students {
                let siblings = sharing.entry(*student).or_default();
                siblings.extend(&record.students);
            }
        }
        let family = |record: &Record| {
            let siblings = record.students.iter().filter_map(|it| sharing.get(it));
            (record.contact, siblings.flatten().copied().collect())
        };
        Self(records.iter().map(family).collect())
    }

    fn are_one(&self, one: &Record, other: &Record) -> bool {
        let family = self.0.get(&one.contact);
        family.is_some_and(|it| !it.is_disjoint(&other.students))
    }
}

/// All pairs that may be of one person, the likeliest first, but those of whom the office has said
/// that they are two people. What else a contact is known by is a record of theirs too. Work grows with the number of records, and with the square of how many
/// share one address or one name.
#[must_use]
pub fn find(records: &[Record], two_people: &BTreeSet<Pair>) -> Vec<(Pair, Alike)> {
    let mut near: BTreeMap<(u8, String), Vec<&Record>> = BTreeMap::new();
    for record in records {
        // Two ways to write a name have the same letters.
        near.entry((0, letters(&record.name)))
            .or_default()
            .push(record);
        if let Some(email) = &record.email {
            near.entry((1, email.mailbox_key()))
                .or_default()
                .push(record);
        }
    }
    let families = Families::of(records);
    let mut found: BTreeMap<Pair, Alike> = BTreeMap::new();
    for group in near.values() {
        for (n, one) in group.iter().enumerate() {
            for other in group.iter().skip(n + 1) {
                if let Some(alike) = one.is_like(other, &families) {
                    // A contact may be known by several names and addresses.
                    let known = found.entry(Pair::of(one.contact, other.contact));
                    let known = known.or_insert(alike);
                    *known = alike.max(*known);
                }
            }
        }
    }
    let mut found: Vec<_> = found
        .into_iter()
        .filter(|(pair, _)| !two_people.contains(pair))
        .collect();
    found.sort_by_key(|(pair, alike)| (std::cmp::Reverse(*alike), *pair));
    found
}

/// The letters of a name, sorted, as they are compared.
fn letters(name: &Name) -> String {
    let mut letters: Vec<char> = name.key().chars().filter(|it| *it != ' ').collect();
    letters.sort_unstable();
    letters.into_iter().collect()
}

/// On which of two records an order is in force, and since when.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Orders<T> {
    /// On the one that stays.
    pub kept: Option<T>,
    /// On the one that goes.
    pub gone: Option<T>,
}

impl<T: Copy + Eq> Orders<T> {
    /// The orders on both after they were parted again: `before` is what was so when they were made
    /// one, `now` what is in force on that one. What was entered since holds for both, what was
    /// lifted since for neither.
    #[must_use]
    pub fn parted(before: Self, now: Option<T>) -> Self {
        let joined = before.kept.or(before.gone);
        match now {
            Some(_) if now == joined => before,
            Some(_) | None => Self {
                kept: now,
                gone: now,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Refusal;

    fn record(id: u64, name: &str, email: &str, student: u64) -> Result<Record, Refusal> {
        let email = (!email.is_empty()).then(|| EmailAddress::read(email));
        Ok(Record {
            contact: ContactId(id),
            name: Name::read(name)?,
            email: email.transpose()?,
            students: BTreeSet::from([StudentId(student)]),
            homerooms: BTreeSet::from([format!("room {}", student / 10)]),
        })
    }

    fn found(records: &[Record]) -> Vec<(u64, u64, Alike)> {
        let found = find(records, &BTreeSet::new()).into_iter();
        found
            .map(|(pair, alike)| (pair.one.0, pair.other.0, alike))
            .collect()
    }

    #[test]
    fn one_name_in_any_spelling_near_one_another() -> Result<(), Refusal> {
        let records = [
            record(1, "Sean O'Brien", "sean@home.example", 1)?,
            // Of the same student, of another one of the homeroom, and of neither.
            record(2, "O\u{2019}Brien, Se\u{e1}n", "", 1)?,
            record(3, "SEA\u{301}N OBRIEN", "other@x.example", 2)?,
            record(4, "Sean O'Brien", "far@x.example", 99)?,
            record(5, "Sean O'Bryan", "", 1)?,
        ];
        let name = Alike::Name;
        assert_eq!(found(&records), [(1, 2, name), (1, 3, name), (2, 3, name)]);
        Ok(())
    }

    #[test]
    fn a_father_who_was_entered_for_each_child_shares_their_mother() -> Result<(), Refusal> {
        let both = BTreeSet::from([StudentId(11), StudentId(55)]);
        let mother = Record {
            students: both,
            ..record(3, "Maria Santos", "maria@home.example", 11)?
        };
        let fathers = [
            record(1, "Jorge Santos", "jorge@work.example", 11)?,
            record(2, "Jorge Santos", "jorge@home.example", 55)?,
            // Somebody else's father.
            record(4, "Jorge Santos", "jorge@x.example", 99)?,
        ];
        assert_eq!(found(&fathers), []);
        let all: Vec<_> = fathers.into_iter().chain([mother]).collect();
        assert_eq!(found(&all), [(1, 2, Alike::Name)]);
        Ok(())
    }

    #[test]
    fn one_address_anywhere_and_the_likeliest_first() -> Result<(), Refusal> {
        let records = [
            record(1, "Maria Santos", "family@home.example", 1)?,
            record(2, "Jorge Santos", "FAMILY@home.example", 1)?,
            record(3, "Santos Maria", "family+school@home.example", 99)?,
            record(4, "Maria Santos", "other@home.example", 2)?,
        ];
        let expected = [
            (1, 3, Alike::Both),
            (1, 4, Alike::Name),
            (1, 2, Alike::Address),
            (2, 3, Alike::Address),
        ];
        assert_eq!(found(&records), expected);
        Ok(())
    }

    #[test]
    fn what_the_office_has_decided_is_not_asked_again() -> Result<(), Refusal> {
        let records = [
            record(1, "Maria Santos", "", 1)?,
            record(2, "Maria Santos", "", 1)?,
        ];
        let decided = BTreeSet::from([Pair::of(ContactId(2), ContactId(1))]);
        assert_eq!(find(&records, &decided), []);
        Ok(())
    }

    #[test]
    fn an_order_entered_on_one_of_two_records_outlives_that_they_are_parted() {
        let before = |kept, gone| Orders { kept, gone };
        // On the one that went: as it was.
        let parted = Orders::parted(before(None, Some(1)), Some(1));
        assert_eq!(parted, before(None, Some(1)));
        let parted = Orders::parted(before(Some(2), Some(1)), Some(2));
        assert_eq!(parted, before(Some(2), Some(1)));
        // Entered since, and lifted since.
        let parted = Orders::parted(before(None, None), Some(3));
        assert_eq!(parted, before(Some(3), Some(3)));
        let parted = Orders::parted(before(Some(1), None), None);
        assert_eq!(parted, before(None, None));
        let parted = Orders::parted(before(None, None), None);
        assert_eq!(parted, before(None, None));
    }
}
