//! Which contact a row means, and whose guardian it makes them.

use std::collections::{HashMap, HashSet};

use super::draft::{Draft, Student};
use super::said::Fact;
use super::students::{is_renamed, may_be_one};
use super::{Alias, Step, Which};
use crate::deed::Person;
use crate::ids::{ContactId, StudentId};
use crate::import::{Entry, Guardian, Incoming};
use crate::said::Both;
use crate::telephone::Telephones;
use crate::text::{EmailAddress, Likeness, Name, id_key, line_key};

/// A contact as the file leaves them so far.
pub(super) struct Contact {
    pub(super) name: Name,
    /// That of the school's records, where the office has accepted another.
    pub(super) records_name: Option<Name>,
    pub(super) email: Option<EmailAddress>,
    pub(super) source: Option<String>,
    /// What other records said of them.
    pub(super) aliases: Vec<Alias>,
    pub(super) telephones: Telephones,
    /// Their address, where it is their own word: no source changes it.
    pub(super) address: Option<Both<EmailAddress>>,
}

impl Contact {
    /// What they are called: here, and in the school's records where that is another name.
    fn names(&self) -> impl Iterator<Item = &Name> {
        std::iter::once(&self.name).chain(&self.records_name)
    }

    /// Whether one of their names is so, or one that another record of theirs had.
    fn has_name(&self, is: impl Fn(&Name) -> bool) -> bool {
        self.names()
            .chain(self.aliases.iter().map(|it| &it.name))
            .any(is)
    }
}

/// Whose words a row has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Words {
    /// Those of the record itself.
    Own,
    /// What another record said that was made one with it: who they are and where they read stays.
    Known,
    /// That one's, with another address.
    News,
}

/// How a contact is found: by name, and address where there is one.
pub(super) type ContactKey = (String, String);

impl Draft<'_> {
    /// Whether that contact is whom a row names: the same name, or the same address under a name
    /// that may be theirs.
    pub(super) fn is_contact(&self, which: Which<ContactId>, guardian: &Guardian) -> bool {
        let (name, email) = (&guardian.name, guardian.email.as_ref());
        let contact = self.contacts.get(&which);
        let Some(contact) = contact.filter(|it| !self.is_another_contact(it, guardian)) else {
            return false;
        };
        let is_called = |own: &Name, shares_address: bool| match own.likeness(name) {
            Some(Likeness::Same) => true,
            // Of one address a Mrs is no Mr.
            Some(Likeness::Maybe) => {
                (shares_address && !own.has_another_title(name)) || own.is_same_untitled(name)
            }
            None => false,
        };
        let mut names = contact.names();
        names.any(|it| is_called(it, has_address(contact, email)))
            || contact
                .aliases
                .iter()
                .any(|it| is_called(&it.name, is_at(it.email.as_ref(), email)))
    }

    /// Whether a contact has another id than the one that is given: they are two people. Of a name and
    /// address a whole source may have come to give another id: one that it names no more stands for
    /// nobody else.
    fn is_another_contact(&self, contact: &Contact, guardian: &Guardian) -> bool {
        let Some(given) = guardian.source.as_deref().map(id_key) else {
            return false;
        };
        let email = guardian.email.as_ref();
        let own = contact.source.as_deref().map(id_key);
        let aliases = contact.aliases.iter();
        let of_aliases = aliases.filter_map(|it| it.source.as_deref().map(id_key));
        let ids: Vec<String> = own.clone().into_iter().chain(of_aliases).collect();
        // A record that has no id yet is known by its address.
        let is_free = (own.is_none() && has_address(contact, email))
            || contact
                .aliases
                .iter()
                .any(|it| it.source.is_none() && is_at(it.email.as_ref(), email));
        if ids.is_empty() && !is_free {
            // An address goes before the order of rows.
            let beside = contact.address.as_ref().and_then(|it| it.school.as_ref());
            let mut addresses = contact.email.iter().chain(beside);
            let is_said = |it| {
                let mut names = contact.names();
                names.any(|name| self.rows.has_other_ids(name, it, &given))
            };
            return addresses.any(is_said);
        }
        if is_free || ids.contains(&given) {
            return false;
        }
        let aliases = &mut contact.aliases.iter();
        let is_at_address =
            has_address(contact, email) || aliases.any(|it| is_at(it.email.as_ref(), email));
        let is_named = ids.iter().any(|it| self.contact_ids_in_file.contains(it));
        !is_at_address || !self.is_whole || is_named
    }

    /// Whose words a row has that means a contact: theirs, or those of another record that was made one
    /// with theirs.
    pub(super) fn words_of(&self, which: Which<ContactId>, guardian: &Guardian) -> Words {
        let Some(contact) = self.contacts.get(&which) else {
            return Words::Own;
        };
        let email = guardian.email.as_ref();
        let given = guardian.source.as_deref().map(id_key);
        let own = contact.source.as_deref().map(id_key);
        let is_own = if given.is_some() {
            own == given
        } else {
            has_address(contact, email)
        };
        if is_own {
            return Words::Own;
        }
        let is_of = |alias: &&Alias| match (alias.source.as_deref().map(id_key), &given) {
            (Some(known), Some(given)) => known == *given,
            (None, Some(_)) => is_at(alias.email.as_ref(), email),
            (Some(_) | None, None) => {
                alias.name.likeness(&guardian.name) == Some(Likeness::Same)
                    && (email.is_none() || is_at(alias.email.as_ref(), email))
            }
        };
        match contact.aliases.iter().find(is_of) {
            None => Words::Own,
            // Of whom no other row can speak, another address is news.
            Some(alias) if own.is_none() && !is_at(alias.email.as_ref(), email) => Words::News,
            Some(_) => Words::Known,
        }
    }

    /// Whether an address is somebody else's of the same family by another name, as after a wedding:
    /// a second record would be theirs too.
    pub(super) fn check_contact(
        &self,
        student: Which<StudentId>,
        guardian: &Guardian,
    ) -> Result<(), String> {
        let (name, email) = (&guardian.name, guardian.email.as_ref());
        let first = |it: &Name| it.key().split(' ').next().map(str::to_owned);
        let is_called = |it: &Name| first(it) == first(name) || is_renamed(it, name);
        let contacts = self.students.get(&student).map(|it| it.contacts.keys());
        let renamed = contacts
            .into_iter()
            .flatten()
            .filter(|which| !self.is_contact(**which, guardian))
            .filter_map(|which| self.contacts.get(which))
            .filter(|it| !self.is_another_contact(it, guardian))
            .find(|it| has_address(it, email) && is_called(&it.name));
        if let Some((kept, id)) = self.renumbered(student, guardian) {
            return Err(format!(
                "In guardian id: {kept} has the id {id} here. If this is another person, enter another address for one of them first; if not, give that id."
            ));
        }
        match renamed {
            Some(kept) => Err(format!(
                "In guardian: this is the address of {} here. If they are called {} now, change the name on their page first.",
                kept.name.reveal(),
                name.reveal()
            )),
            None if self.are_several(student, guardian) => Err(format!(
                "In guardian: two contacts of this student are called {}. Give the email address of the one who is meant.",
                name.reveal()
            )),
            None => Ok(()),
        }
    }

    /// Whether a contact of that student has the name and the address of a guardian, and another id, which no
    /// row names: their name here, and that id.
    fn renumbered(&self, student: Which<StudentId>, guardian: &Guardian) -> Option<(&str, &str)> {
        let given = guardian.source.as_deref().map(id_key)?;
        let contacts = self.students.get(&student)?.contacts.keys();
        let kept = contacts.filter(|it| matches!(it, Which::Kept(_)));
        kept.filter_map(|it| self.contacts.get(it)).find_map(|it| {
            let source = it.source.as_deref()?;
            let own = id_key(source);
            let is_same = it.name.likeness(&guardian.name) == Some(Likeness::Same)
                && has_address(it, guardian.email.as_ref());
            let is_gone = own != given && !self.contact_ids_in_file.contains(&own);
            let is_alias = it
                .aliases
                .iter()
                .any(|alias| alias.source.as_deref().map(id_key).as_ref() == Some(&given));
            (is_same && is_gone && !is_alias && !self.is_whole).then(|| (it.name.reveal(), source))
        })
    }

    /// Whether several contacts of that student may be meant, each with an address: a name alone means
    /// none of them.
    fn are_several(&self, student: Which<StudentId>, guardian: &Guardian) -> bool {
        if guardian.email.is_some() || guardian.source.is_some() {
            return false;
        }
        let contacts = self.students.get(&student).map(|it| it.contacts.keys());
        let named = contacts.into_iter().flatten();
        let named: Vec<_> = named
            .filter(|which| self.is_contact(**which, guardian))
            .filter_map(|which| self.contacts.get(which))
            .collect();
        named.len() > 1 && named.iter().all(|it| it.email.is_some())
    }

    /// The contact that a row means: of that name and address, or one of that student's. Where the row
    /// has somebody else of that name, it is by the address alone.
    pub(super) fn find_contact(
        &self,
        student: Which<StudentId>,
        (guardian, is_namesake): (&Guardian, bool),
    ) -> Option<Which<ContactId>> {
        let email = guardian.email.as_ref();
        let own = self.students.get(&student).into_iter();
        let own = own.flat_map(|it| it.contacts.keys().copied());
        // Whom the office has taken off the student is known as theirs, and stays off.
        let apart = self.decided.apart.iter();
        let apart = apart.filter(|(_, of)| Which::Kept(*of) == student);
        let own: Vec<_> = own
            .chain(apart.map(|(contact, _)| Which::Kept(*contact)))
            .filter(|which| self.is_contact(*which, guardian))
            .collect();
        let with_address = own.iter().find(|which| {
            let contact = self.contacts.get(which);
            contact.is_some_and(|it| {
                let mut aliases = it.aliases.iter();
                has_address(it, email) || aliases.any(|it| is_at(it.email.as_ref(), email))
            })
        });
        if let Some(which) = with_address {
            return Some(*which);
        }
        if let Some(known) = self.of_address(guardian) {
            return Some(known);
        }
        let is_without = |which: &&Which<ContactId>| {
            let contact = self.contacts.get(*which);
            contact.is_some_and(|it| it.email.is_none())
        };
        match &*own {
            // Two rows of one file with two addresses are two people, or contradict each other.
            [only @ Which::New(_)] if email.is_some() && !is_without(&only) => None,
            [only] if !is_namesake => Some(*only),
            several if email.is_none() && (!is_namesake || several.len() > 1) => {
                several.iter().find(is_without).copied()
            }
            _ => None,
        }
    }

    /// The contact of that name and address, whosever they are.
    pub(super) fn of_address(&self, guardian: &Guardian) -> Option<Which<ContactId>> {
        let key = key(&guardian.name, guardian.email.as_ref());
        let known = self.by_address.get(&key)?;
        let contact = self.contacts.get(known)?;
        Some(*known).filter(|_| !self.is_another_contact(contact, guardian))
    }

    /// The contact of a guardian's id. Another name is theirs where the first name is the same, and a
    /// student or their address too.
    pub(super) fn by_id(&self, guardian: &Guardian) -> Result<Option<Which<ContactId>>, String> {
        let Some(source) = &guardian.source else {
            return Ok(None);
        };
        let Some(which) = self.contacts_by_source.get(&id_key(source)) else {
            return Ok(None);
        };
        let contact = self.contacts.get(which);
        let stranger = contact.filter(|it| {
            let is_so_called = it.has_name(|name| may_be_one(name, &guardian.name));
            let is_renamed = || it.has_name(|name| is_renamed(name, &guardian.name));
            let is_sure = || self.renamed.contains(&id_key(source));
            !(is_so_called || is_renamed() && is_sure())
        });
        match stranger {
            None => Ok(Some(*which)),
            Some(contact) => Err(format!(
                "In guardian: {source} is the id of {}. If that is who this is, change the name on their page first; if not, correct the id.",
                contact.name.reveal()
            )),
        }
    }

    /// Whether a contact has the address of that guardian.
    pub(super) fn is_at_address_of(&self, which: Which<ContactId>, guardian: &Guardian) -> bool {
        let contact = self.contacts.get(&which);
        contact.is_some_and(|it| has_address(it, guardian.email.as_ref()))
    }

    /// Whether a contact has that guardian's id, and may be called so now.
    pub(super) fn is_known_by_id(&self, which: Which<ContactId>, guardian: &Guardian) -> bool {
        let Some(contact) = self.contacts.get(&which) else {
            return false;
        };
        let given = guardian.source.as_deref().map(id_key);
        given.is_some()
            && contact.source.as_deref().map(id_key) == given
            && contact.has_name(|name| is_renamed(name, &guardian.name))
    }

    /// The ids of kept contacts whom the source calls by another name and who are surely meant: a row has
    /// a student of theirs, or their address.
    pub(super) fn renamed(&self, incoming: &Incoming) -> HashSet<String> {
        let entries = incoming.students.iter();
        let entries = entries.filter_map(|it| it.entry.as_ref().ok());
        let named =
            entries.flat_map(|entry| entry.guardians.iter().map(move |it| (it, Some(entry))));
        let alone = incoming.contacts.iter();
        let alone = alone.filter_map(|it| it.entry.as_ref().ok());
        let students: HashMap<String, &[String]> = alone
            .clone()
            .filter_map(|it| Some((id_key(it.guardian.source.as_ref()?), &*it.students)))
            .collect();
        let mut renamed = HashSet::new();
        for (guardian, entry) in named.chain(alone.map(|it| (&it.guardian, None))) {
            let Some(id) = guardian.source.as_deref().map(id_key) else {
                continue;
            };
            let known = self.contacts_by_source.get(&id);
            let known = known.and_then(|it| Some((*it, self.contacts.get(it)?)));
            let Some((which, contact)) = known else {
                continue;
            };
            if contact.has_name(|it| may_be_one(it, &guardian.name)) {
                continue;
            }
            let listed = students.get(&id).copied().unwrap_or_default();
            let own = self.students_of.get(&which);
            let is_theirs = || {
                own.into_iter().flatten().any(|it| {
                    let student = self.students.get(it);
                    student.is_some_and(|it| {
                        entry.is_some_and(|entry| may_be_student(it, entry))
                            || has_id_of(it, listed)
                    })
                })
            };
            if has_address(contact, guardian.email.as_ref()) || is_theirs() {
                renamed.insert(id);
            }
        }
        renamed
    }

    /// Makes somebody the student's guardian; whether they are new.
    pub(super) fn link(
        &mut self,
        which: Which<StudentId>,
        (guardian, is_namesake): (&Guardian, bool),
        row: (usize, u64),
    ) -> bool {
        let (name, email) = (&guardian.name, guardian.email.as_ref());
        let by_id = self.by_id(guardian).ok().flatten();
        let found = by_id.or_else(|| self.find_contact(which, (guardian, is_namesake)));
        let (contact, is_new) = match found {
            Some(contact) => (contact, false),
            None if self.was_erased(guardian) => {
                self.stays_erased(name);
                return false;
            }
            None => (self.add_contact(guardian), true),
        };
        let words = self.words_of(contact, guardian);
        if words == Words::Own {
            self.know_better(contact, guardian, by_id.is_some());
        }
        if let Which::Kept(id) = contact {
            self.seen.contacts.insert(id);
            self.welcome(Person::Contact(id), name.reveal());
            if let Which::Kept(student) = which {
                self.seen.guardians.insert((id, student));
            }
        }
        if guardian.has_court_order {
            self.bar(contact, name.reveal());
        }
        if let Some(email) = email.filter(|_| words != Words::Known) {
            let said = || (email.key(), email.reveal());
            self.said.that(Fact::Address(contact), row.0, said());
            // Two ids are two people, whatever they are called.
            if guardian.source.is_none() {
                let by_name = Fact::AddressByName(which, name.person_key());
                self.said.that(by_name, row.0, said());
            }
            self.readdress(contact, email);
        }
        self.hear_numbers(contact, guardian);
        self.make_guardian((contact, which), guardian, words, row.0);
        is_new
    }

    /// Makes a contact the student's guardian, with what they are to the student.
    fn make_guardian(
        &mut self,
        (contact, which): (Which<ContactId>, Which<StudentId>),
        guardian: &Guardian,
        words: Words,
        row: usize,
    ) {
        let is_linked = |it: &Student| it.contacts.contains_key(&contact);
        let is_known = self.students.get(&which).is_some_and(is_linked);
        if !is_known && self.stays_apart(contact, which, &guardian.name) {
            return;
        }
        // What another record of theirs is called by contradicts nothing.
        let relationship = match words {
            Words::Known | Words::News if is_known => "",
            Words::Own | Words::Known | Words::News => guardian.relationship.as_str(),
        };
        if !relationship.is_empty() && words == Words::Own {
            let said = (line_key(relationship), relationship);
            let fact = Fact::Relationship(which, contact);
            self.said.that(fact, row, said);
        }
        let Some(student) = self.students.get_mut(&which) else {
            return;
        };
        let before = student.contacts.get(&contact);
        let says_more = before
            .is_none_or(|it| !relationship.is_empty() && line_key(it) != line_key(relationship));
        if !says_more {
            return;
        }
        self.does.push(match before {
            None => format!(
                "Makes {} a guardian of {}",
                guardian.name.reveal(),
                student.name.reveal()
            ),
            Some(_) => format!("Notes that {} is: {relationship}", guardian.name.reveal()),
        });
        student.contacts.insert(contact, relationship.to_owned());
        self.steps.push(Step::Link {
            contact,
            student: which,
            relationship: relationship.to_owned(),
        });
    }

    /// Whether the office has taken a contact off a student; it is said.
    pub(super) fn stays_apart(
        &mut self,
        contact: Which<ContactId>,
        student: Which<StudentId>,
        name: &Name,
    ) -> bool {
        let (Which::Kept(of), Which::Kept(id)) = (contact, student) else {
            return false;
        };
        let is_apart = self.decided.apart.contains(&(of, id));
        if is_apart {
            let student = self.students.get(&student);
            let student = student.map_or("", |it| it.name.reveal());
            let name = name.reveal();
            self.remarks.push(format!(
                "{name} stays taken off {student}, as you have decided"
            ));
        }
        is_apart
    }

    pub(super) fn add_contact(&mut self, guardian: &Guardian) -> Which<ContactId> {
        let (name, email) = (&guardian.name, guardian.email.as_ref());
        let which = Which::New(self.new_contacts.len());
        self.new_contacts.push(self.steps.len());
        self.does.push(match email {
            Some(email) => format!("Adds {}, {}", name.reveal(), email.reveal()),
            None => format!("Adds {}, without an e-mail address", name.reveal()),
        });
        self.steps.push(Step::AddContact {
            name: name.clone(),
            email: email.cloned(),
            source: guardian.source.clone(),
        });
        self.remember_contact(which, name, email, guardian.source.clone());
        which
    }

    pub(super) fn remember_contact(
        &mut self,
        which: Which<ContactId>,
        name: &Name,
        email: Option<&EmailAddress>,
        source: Option<String>,
    ) {
        if let Some(source) = &source {
            self.contacts_by_source.insert(id_key(source), which);
        }
        if email.is_some() {
            // Without an address a namesake elsewhere may be somebody else.
            self.by_address.entry(key(name, email)).or_insert(which);
        }
        let contact = Contact {
            name: name.clone(),
            records_name: None,
            email: email.cloned(),
            source,
            aliases: Vec::new(),
            telephones: Telephones::default(),
            address: None,
        };
        self.contacts.insert(which, contact);
    }

    pub(super) fn remember_aliases(&mut self, which: Which<ContactId>, aliases: &[Alias]) {
        for alias in aliases {
            if let Some(source) = &alias.source {
                let by_id = self.contacts_by_source.entry(id_key(source));
                by_id.or_insert(which);
            }
            if alias.email.is_some() {
                let key = key(&alias.name, alias.email.as_ref());
                self.by_address.entry(key).or_insert(which);
            }
        }
        if let Some(contact) = self.contacts.get_mut(&which) {
            contact.aliases = aliases.to_vec();
        }
    }
}

/// Whether a row may mean a student: by the name, or by the id with the same first name.
fn may_be_student(student: &Student, entry: &Entry) -> bool {
    let ids = [&student.source, &entry.source].map(|it| it.as_deref().map(id_key));
    let has_id = matches!(&ids, [Some(own), Some(given)] if own == given);
    let mut names = student.names();
    names.any(|it| may_be_one(it, &entry.student) || (has_id && is_renamed(it, &entry.student)))
}

/// Whether a student has one of these ids.
fn has_id_of(student: &Student, ids: &[String]) -> bool {
    let own = student.source.as_deref().map(id_key);
    own.is_some_and(|own| ids.iter().any(|it| id_key(it) == own))
}

/// Whether that is their address, by their own word or the school's records.
fn has_address(contact: &Contact, email: Option<&EmailAddress>) -> bool {
    let beside = contact.address.as_ref().and_then(|it| it.school.as_ref());
    is_at(contact.email.as_ref(), email) || is_at(beside, email)
}

/// Whether another of these has that name, and an id of their own.
pub(super) fn has_namesake(guardian: &Guardian, all: &[&Guardian]) -> bool {
    let Some(id) = guardian.source.as_deref().map(id_key) else {
        return false;
    };
    all.iter().any(|it| {
        let is_other = it.source.as_deref().is_some_and(|it| id_key(it) != id);
        is_other && it.name.likeness(&guardian.name) == Some(Likeness::Same)
    })
}

/// Whether both are one address.
fn is_at(own: Option<&EmailAddress>, email: Option<&EmailAddress>) -> bool {
    let own = own.map(EmailAddress::key);
    own.is_some() && own == email.map(EmailAddress::key)
}

pub(super) fn key(name: &Name, email: Option<&EmailAddress>) -> ContactKey {
    let email = email.map(EmailAddress::key).unwrap_or_default();
    (name.person_key(), email)
}
