//! The people as a file leaves them so far.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::said::{Fact, Said};
use super::students::better_name;
use super::{Existing, Outcome, Step, Which};
use crate::ids::{ClassId, ContactId, StudentId};
use crate::import::{Entry, Guardian, Row};
use crate::text::{EmailAddress, Likeness, Name, id_key, line_key};

/// A student as the file leaves them so far.
pub(super) struct Student {
    pub(super) name: Name,
    pub(super) form: String,
    pub(super) source: Option<String>,
    classes: HashSet<ClassId>,
    pub(super) contacts: BTreeMap<Which<ContactId>, String>,
}

/// A contact as the file leaves them so far.
struct Contact {
    name: Name,
    email: Option<EmailAddress>,
}

/// How a contact is found: by name, and address where there is one.
type ContactKey = (String, String);

pub(super) struct Draft {
    pub(super) steps: Vec<Step>,
    /// What the row at hand does, in words.
    pub(super) does: Vec<String>,
    pub(super) said: Said,
    pub(super) students: HashMap<Which<StudentId>, Student>,
    pub(super) by_source: HashMap<String, Vec<Which<StudentId>>>,
    pub(super) by_name: HashMap<String, Vec<Which<StudentId>>>,
    /// The keys of all ids in the file.
    pub(super) ids_in_file: HashSet<String>,
    /// The keys of all names in the file, with those of their forms.
    pub(super) named_in_file: HashSet<(String, String)>,
    contacts: HashMap<Which<ContactId>, Contact>,
    by_address: HashMap<ContactKey, Which<ContactId>>,
    classes: HashMap<String, ClassId>,
    class_names: HashMap<ClassId, String>,
    new_students: usize,
    new_contacts: usize,
}

impl Draft {
    pub(super) fn new(existing: &Existing, rows: &[Row]) -> Self {
        let entries = || rows.iter().filter_map(|row| row.entry.as_ref().ok());
        let mut draft = Self {
            steps: Vec::new(),
            does: Vec::new(),
            said: Said::default(),
            students: HashMap::new(),
            by_source: HashMap::new(),
            by_name: HashMap::new(),
            ids_in_file: entries()
                .filter_map(|it| it.source.as_deref().map(id_key))
                .collect(),
            named_in_file: entries()
                .map(|it| {
                    let form = line_key(it.form.as_deref().unwrap_or_default());
                    (it.student.person_key(), form)
                })
                .collect(),
            contacts: HashMap::new(),
            by_address: HashMap::new(),
            classes: HashMap::new(),
            class_names: HashMap::new(),
            new_students: 0,
            new_contacts: 0,
        };
        for (id, name) in &existing.classes {
            draft.classes.insert(name.key(), *id);
            draft.class_names.insert(*id, name.as_str().to_owned());
        }
        // A name as it stands is found before one that is written otherwise.
        for (id, name) in &existing.classes {
            draft.classes.insert(name.as_str().to_owned(), *id);
        }
        for one in &existing.students {
            let student = Student {
                name: one.name.clone(),
                form: one.form.clone(),
                source: one.source.clone(),
                classes: one.classes.iter().copied().collect(),
                contacts: BTreeMap::new(),
            };
            draft.remember(Which::Kept(one.id), student);
        }
        for one in &existing.contacts {
            let which = Which::Kept(one.id);
            draft.remember_contact(which, &one.name, one.email.as_ref());
            for (student, relationship) in &one.students {
                if let Some(student) = draft.students.get_mut(&Which::Kept(*student)) {
                    student.contacts.insert(which, relationship.clone());
                }
            }
        }
        draft
    }

    fn remember(&mut self, which: Which<StudentId>, student: Student) {
        if let Some(source) = &student.source {
            let same = self.by_source.entry(id_key(source)).or_default();
            same.push(which);
        }
        let namesakes = self.by_name.entry(student.name.person_key()).or_default();
        namesakes.push(which);
        self.students.insert(which, student);
    }

    fn remember_contact(
        &mut self,
        which: Which<ContactId>,
        name: &Name,
        email: Option<&EmailAddress>,
    ) {
        if email.is_some() {
            // Without an address a namesake elsewhere may be somebody else.
            self.by_address.entry(key(name, email)).or_insert(which);
        }
        let contact = Contact {
            name: name.clone(),
            email: email.cloned(),
        };
        self.contacts.insert(which, contact);
    }

    /// Takes a row whole, or leaves all as it was.
    pub(super) fn take(&mut self, entry: &Entry, row: (usize, u64)) -> Result<Outcome, String> {
        let classes = self.classes_of(entry)?;
        let found = self.find(entry)?;
        for guardian in &entry.guardians {
            if let Some(which) = found {
                self.check_contact(which, &guardian.name, guardian.email.as_ref())?;
            }
        }
        let steps_before = self.steps.len();
        let (student, mut is_new) = match found {
            Some(which) => {
                self.change(which, entry, row);
                (which, false)
            }
            None => (self.add(entry, row), true),
        };
        self.place(student, &classes);
        for guardian in &entry.guardians {
            is_new |= self.link(student, guardian, row);
        }
        Ok(if is_new {
            Outcome::Created
        } else if self.steps.len() > steps_before {
            Outcome::Updated
        } else {
            Outcome::Unchanged
        })
    }

    fn classes_of(&self, entry: &Entry) -> Result<Vec<ClassId>, String> {
        let names = entry.classes.iter().flatten();
        names
            .map(|name| {
                let class = self.classes.get(name.as_str());
                let class = class.or_else(|| self.classes.get(&name.key()));
                class.copied().ok_or_else(|| {
                    format!(
                        "In classes: there is no class named \"{}\". Add it first, with its teachers.",
                        name.as_str()
                    )
                })
            })
            .collect()
    }

    fn add(&mut self, entry: &Entry, row: (usize, u64)) -> Which<StudentId> {
        let which = Which::New(self.new_students);
        self.new_students += 1;
        let student = Student {
            name: entry.student.clone(),
            form: entry.form.clone().unwrap_or_default(),
            source: entry.source.clone(),
            classes: HashSet::new(),
            contacts: BTreeMap::new(),
        };
        let name = student.name.reveal();
        self.does.push(if student.form.is_empty() {
            format!("Adds {name}")
        } else {
            format!("Adds {name} to {}", student.form)
        });
        self.steps.push(Step::AddStudent {
            name: student.name.clone(),
            form: student.form.clone(),
            source: student.source.clone(),
        });
        self.remember(which, student);
        self.say(which, entry, row);
        which
    }

    /// Notes what a row says of its student.
    fn say(&mut self, which: Which<StudentId>, entry: &Entry, (row, _): (usize, u64)) {
        if let Some(form) = &entry.form {
            self.said
                .that(Fact::Form(which), row, (line_key(form), form));
        }
        if let Some(source) = &entry.source {
            self.said
                .that(Fact::Id(which), row, (id_key(source), source));
        }
    }

    fn change(&mut self, which: Which<StudentId>, entry: &Entry, row: (usize, u64)) {
        self.say(which, entry, row);
        let Some(student) = self.students.get_mut(&which) else {
            return;
        };
        let given_form = entry.form.as_ref();
        let form = given_form
            .filter(|form| line_key(form) != line_key(&student.form))
            .unwrap_or(&student.form)
            .clone();
        // An id that is there stays as it is: the file's is the same, or has lost its zeros.
        let source = student.source.clone().or_else(|| entry.source.clone());
        let name = better_name(&student.name, &entry.student);
        if name == student.name && form == student.form && source == student.source {
            return;
        }
        let Which::Kept(id) = which else {
            // Another row of the same new student: what differs in content was said above.
            return;
        };
        if name != student.name {
            let (before, now) = (student.name.reveal(), name.reveal());
            self.does.push(format!("Renames {before} to {now}"));
        }
        if form != student.form {
            self.does.push(format!("Moves {} to {form}", name.reveal()));
        }
        if source != student.source {
            let id = source.as_deref().unwrap_or_default();
            self.does.push(format!("Notes the student id {id}"));
        }
        student.form.clone_from(&form);
        student.source.clone_from(&source);
        student.name = name.clone();
        if let Some(source) = &source {
            let same = self.by_source.entry(id_key(source)).or_default();
            if !same.contains(&which) {
                same.push(which);
            }
        }
        let namesakes = self.by_name.entry(name.person_key()).or_default();
        if !namesakes.contains(&which) {
            namesakes.push(which);
        }
        self.steps.push(Step::ChangeStudent {
            id,
            name,
            form,
            source,
        });
    }

    fn place(&mut self, which: Which<StudentId>, classes: &[ClassId]) {
        let Some(student) = self.students.get_mut(&which) else {
            return;
        };
        for class in classes {
            if student.classes.insert(*class) {
                let name = self.class_names.get(class).cloned().unwrap_or_default();
                self.does
                    .push(format!("Adds {} to {name}", student.name.reveal()));
                self.steps.push(Step::Place {
                    student: which,
                    class: *class,
                });
            }
        }
    }

    /// Whether that contact is whom a row names: the same name, or the same address under a name
    /// that may be theirs.
    pub(super) fn is_contact(
        &self,
        which: Which<ContactId>,
        name: &Name,
        email: Option<&EmailAddress>,
    ) -> bool {
        let Some(contact) = self.contacts.get(&which) else {
            return false;
        };
        match contact.name.likeness(name) {
            Some(Likeness::Same) => true,
            Some(Likeness::Maybe) => has_address(contact, email),
            None => false,
        }
    }

    /// Whether an address is somebody else's of the same family by another name, as after a wedding:
    /// a second record would be theirs too.
    fn check_contact(
        &self,
        student: Which<StudentId>,
        name: &Name,
        email: Option<&EmailAddress>,
    ) -> Result<(), String> {
        let first = |it: &Name| it.key().split(' ').next().map(str::to_owned);
        let contacts = self.students.get(&student).map(|it| it.contacts.keys());
        let renamed = contacts
            .into_iter()
            .flatten()
            .filter(|which| !self.is_contact(**which, name, email))
            .filter_map(|which| self.contacts.get(which))
            .find(|it| has_address(it, email) && first(&it.name) == first(name));
        match renamed {
            Some(kept) => Err(format!(
                "In guardian: this is the address of {} here. If they are called {} now, change the name on their page first.",
                kept.name.reveal(),
                name.reveal()
            )),
            None => Ok(()),
        }
    }

    /// Makes somebody the student's guardian; whether they are new.
    fn link(&mut self, which: Which<StudentId>, guardian: &Guardian, row: (usize, u64)) -> bool {
        let (name, email) = (&guardian.name, guardian.email.as_ref());
        let (contact, is_new) = match self.find_contact(which, name, email) {
            Some(contact) => (contact, false),
            None => (self.add_contact(name, email), true),
        };
        if let Some(email) = email {
            let said = || (email.key(), email.reveal());
            self.said.that(Fact::Address(contact), row.0, said());
            let by_name = Fact::AddressByName(which, name.person_key());
            self.said.that(by_name, row.0, said());
            self.readdress(contact, email);
        }
        let relationship = guardian.relationship.as_str();
        if !relationship.is_empty() {
            let said = (line_key(relationship), relationship);
            let fact = Fact::Relationship(which, contact);
            self.said.that(fact, row.0, said);
        }
        let Some(student) = self.students.get_mut(&which) else {
            return is_new;
        };
        let before = student.contacts.get(&contact);
        let says_more = before
            .is_none_or(|it| !relationship.is_empty() && line_key(it) != line_key(relationship));
        if says_more {
            self.does.push(match before {
                None => format!(
                    "Makes {} a guardian of {}",
                    name.reveal(),
                    student.name.reveal()
                ),
                Some(_) => format!("Notes that {} is: {relationship}", name.reveal()),
            });
            student.contacts.insert(contact, relationship.to_owned());
            self.steps.push(Step::Link {
                contact,
                student: which,
                relationship: relationship.to_owned(),
            });
        }
        is_new
    }

    /// The contact that a row means: of that name and address, or one of that student's.
    fn find_contact(
        &self,
        student: Which<StudentId>,
        name: &Name,
        email: Option<&EmailAddress>,
    ) -> Option<Which<ContactId>> {
        let own = self.students.get(&student).into_iter();
        let own: Vec<_> = own
            .flat_map(|it| it.contacts.keys())
            .filter(|which| self.is_contact(**which, name, email))
            .collect();
        let with_address = own.iter().find(|which| {
            let contact = self.contacts.get(which);
            contact.is_some_and(|it| has_address(it, email))
        });
        if let Some(which) = with_address {
            return Some(**which);
        }
        if let Some(known) = self.by_address.get(&key(name, email)) {
            return Some(*known);
        }
        match &*own {
            // Two rows of one file are two people, or contradict each other.
            [Which::New(_)] if email.is_some() => None,
            [only] => Some(**only),
            _ => None,
        }
    }

    fn add_contact(&mut self, name: &Name, email: Option<&EmailAddress>) -> Which<ContactId> {
        let which = Which::New(self.new_contacts);
        self.new_contacts += 1;
        self.does.push(match email {
            Some(email) => format!("Adds {}, {}", name.reveal(), email.reveal()),
            None => format!("Adds {}, without an e-mail address", name.reveal()),
        });
        self.steps.push(Step::AddContact {
            name: name.clone(),
            email: email.cloned(),
        });
        self.remember_contact(which, name, email);
        which
    }

    /// A contact who is kept has another address now.
    fn readdress(&mut self, which: Which<ContactId>, email: &EmailAddress) {
        let Some(contact) = self.contacts.get_mut(&which) else {
            return;
        };
        let before = contact.email.as_ref();
        let Which::Kept(id) = which else { return };
        if before.is_some_and(|it| it.key() == email.key()) {
            return;
        }
        self.does.push(match before {
            Some(before) => format!(
                "Changes the address of {} from {} to {}",
                contact.name.reveal(),
                before.reveal(),
                email.reveal()
            ),
            None => format!(
                "Notes the address of {}: {}",
                contact.name.reveal(),
                email.reveal()
            ),
        });
        contact.email = Some(email.clone());
        let name = contact.name.clone();
        self.by_address.insert(key(&name, Some(email)), which);
        self.steps.push(Step::ChangeContact {
            id,
            email: email.clone(),
        });
    }
}

fn has_address(contact: &Contact, email: Option<&EmailAddress>) -> bool {
    let own = contact.email.as_ref().map(EmailAddress::key);
    own.is_some() && own == email.map(EmailAddress::key)
}

fn key(name: &Name, email: Option<&EmailAddress>) -> ContactKey {
    let email = email.map(EmailAddress::key).unwrap_or_default();
    (name.person_key(), email)
}
