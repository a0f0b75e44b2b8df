//! The people as a file leaves them so far.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::rows::{Claim, Rows};
use super::said::{Fact, Said};
use super::staff::Staff;
use super::students::{hear_name, is_renamed};
use super::{Alias, ContactStep, Decided, Existing, Outcome, Step, Which};
use crate::deed::Person;
use crate::ids::{ClassId, ContactId, StudentId};
use crate::import::{Entry, Guardian, Incoming, Row};
use crate::said::{Both, Standing, Word as _};
use crate::telephone::{self, Telephones};
use crate::text::{Countries, EmailAddress, Label, Likeness, Mobile, Name, id_key, line_key};
use crate::year;

/// A student as the file leaves them so far.
pub(super) struct Student {
    pub(super) name: Name,
    /// That of the school's records, where the office has accepted another.
    pub(super) records_name: Option<Name>,
    pub(super) form: String,
    pub(super) year: String,
    pub(super) source: Option<String>,
    pub(super) classes: HashSet<Which<ClassId>>,
    pub(super) contacts: BTreeMap<Which<ContactId>, String>,
}

impl Student {
    /// Their form and year, as the row says or leaves them.
    fn placed_by(&self, entry: &Entry) -> (String, String) {
        // A spreadsheet drops zeros of these too.
        let form = entry.form.as_ref();
        let form = form.filter(|form| id_key(form) != id_key(&self.form));
        let year = entry.year.as_ref();
        let year = year.filter(|year| year::key(year) != year::key(&self.year));
        let (form, year) = (form.unwrap_or(&self.form), year.unwrap_or(&self.year));
        (form.clone(), year.clone())
    }

    /// Their id, as the row says or leaves it. One that is there stays as it is, where the file's is the same, or has
    /// lost its zeros; one of another system, which a whole source knows no more, does not.
    fn source_by(&self, entry: &Entry) -> Option<String> {
        let given = entry.source.as_ref();
        let is_of_other = |it: &&String| entry.other_ids.iter().any(|id| id_key(id) == id_key(it));
        let is_same = |it: &&String| given.is_none_or(|id| id_key(id) == id_key(it));
        let known = self.source.as_ref();
        let stays = known.filter(|it| is_same(it) || is_of_other(it));
        stays.or(given).cloned()
    }

    /// What becomes of their id, in words.
    fn says_id(&self, source: Option<&str>, name: &Name) -> String {
        let id = source.unwrap_or_default();
        match &self.source {
            Some(before) => {
                let who = name.reveal();
                format!("Replaces the student id {before} of {who} by {id}")
            }
            None => format!("Notes the student id {id}"),
        }
    }
}

/// A contact as the file leaves them so far.
pub(super) struct Contact {
    pub(super) name: Name,
    /// That of the school's records, where the office has accepted another.
    pub(super) records_name: Option<Name>,
    email: Option<EmailAddress>,
    source: Option<String>,
    /// What other records said of them.
    aliases: Vec<Alias>,
    telephones: Telephones,
    /// Their address, where it is their own word: no source changes it.
    address: Option<Both<EmailAddress>>,
}

impl Student {
    /// What they are called: here, and in the school's records where that is another name.
    pub(super) fn names(&self) -> impl Iterator<Item = &Name> {
        std::iter::once(&self.name).chain(&self.records_name)
    }
}

impl Contact {
    /// What they are called: here, and in the school's records where that is another name.
    fn names(&self) -> impl Iterator<Item = &Name> {
        std::iter::once(&self.name).chain(&self.records_name)
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

/// Whom and what of that which is kept the rows name.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) students: HashSet<StudentId>,
    pub(super) contacts: HashSet<ContactId>,
    pub(super) guardians: HashSet<(ContactId, StudentId)>,
    pub(super) places: HashSet<(StudentId, ClassId)>,
    /// Students of whom their classes are said.
    pub(super) placed: HashSet<StudentId>,
}

/// How a contact is found: by name, and address where there is one.
type ContactKey = (String, String);

pub(super) struct Draft<'e> {
    /// What the source says, by whom it names.
    pub(super) rows: Rows<'e>,
    /// Which of several rows of one name means a student.
    pub(super) claims: HashMap<StudentId, Claim>,
    pub(super) steps: Vec<Step>,
    /// What is known better of contacts.
    pub(super) better_known: Vec<ContactStep>,
    /// On whom an order is in force that was not known, and on whom one is in all.
    pub(super) orders: Vec<Which<ContactId>>,
    barred: HashSet<Which<ContactId>>,
    /// What the office has decided otherwise.
    pub(super) decided: Decided,
    /// Who has left, and who of them is back.
    gone: BTreeSet<Person>,
    pub(super) back: Vec<Person>,
    pub(super) seen: Seen,
    /// What the row at hand does, in words.
    pub(super) does: Vec<String>,
    /// What of it stays as the office has decided, in words.
    pub(super) remarks: Vec<String>,
    pub(super) said: Said,
    /// Of whom the file has named a telephone number: of several the first is theirs.
    telephoned: HashSet<Which<ContactId>>,
    pub(super) students: HashMap<Which<StudentId>, Student>,
    pub(super) by_source: HashMap<String, Vec<Which<StudentId>>>,
    pub(super) by_name: HashMap<String, Vec<Which<StudentId>>>,
    /// The keys of all ids in the file; and those of other systems, with the names of whose they are.
    pub(super) ids_in_file: HashSet<String>,
    pub(super) other_ids_in_file: HashMap<String, Vec<Name>>,
    /// The keys of all names in the file, and with those of their forms.
    pub(super) names_in_file: HashSet<String>,
    pub(super) named_in_file: HashSet<(String, String)>,
    pub(super) contacts: HashMap<Which<ContactId>, Contact>,
    by_address: HashMap<ContactKey, Which<ContactId>>,
    pub(super) contacts_by_source: HashMap<String, Which<ContactId>>,
    /// The keys of all ids of contacts in the file, and whether nobody is left out of it.
    contact_ids_in_file: HashSet<String>,
    pub(super) is_whole: bool,
    pub(super) classes: HashMap<String, Which<ClassId>>,
    class_names: HashMap<Which<ClassId>, String>,
    /// The names and ids of classes that are not taken.
    refused_classes: HashSet<String>,
    /// The countries whose mobile numbers are taken, and of whom one was said: the first counts.
    countries: Countries,
    called: HashSet<Which<ContactId>>,
    /// Whose mobile number is by now the one that the office has entered in its place.
    pub(super) agreed: Vec<ContactId>,
    /// The places of the steps that bring new students and contacts, in order.
    new_students: Vec<usize>,
    new_contacts: Vec<usize>,
}

impl<'e> Draft<'e> {
    pub(super) fn new(existing: &Existing, incoming: &'e Incoming, staff: &Staff) -> Self {
        let rows: &[Row] = &incoming.students;
        let entries = || rows.iter().filter_map(|row| row.entry.as_ref().ok());
        let mut draft = Self {
            rows: Rows::new(incoming),
            claims: HashMap::new(),
            steps: Vec::new(),
            better_known: Vec::new(),
            orders: Vec::new(),
            barred: existing.barred.iter().copied().map(Which::Kept).collect(),
            decided: existing.decided.clone(),
            gone: existing.gone.clone(),
            back: Vec::new(),
            seen: Seen::default(),
            does: Vec::new(),
            remarks: Vec::new(),
            said: Said::default(),
            telephoned: HashSet::new(),
            students: HashMap::new(),
            by_source: HashMap::new(),
            by_name: HashMap::new(),
            ids_in_file: entries()
                .filter_map(|it| it.source.as_deref())
                .map(id_key)
                .collect(),
            other_ids_in_file: HashMap::new(),
            names_in_file: entries().map(|it| it.student.person_key()).collect(),
            named_in_file: entries()
                .map(|it| {
                    let form = id_key(it.form.as_deref().unwrap_or_default());
                    (it.student.person_key(), form)
                })
                .collect(),
            contacts: HashMap::new(),
            by_address: HashMap::new(),
            contacts_by_source: HashMap::new(),
            contact_ids_in_file: ids_of_contacts(incoming),
            is_whole: incoming.names_all.students && incoming.rows_are_whole,
            classes: HashMap::new(),
            class_names: HashMap::new(),
            refused_classes: staff.refused_classes.clone(),
            countries: incoming.countries.clone(),
            called: HashSet::new(),
            agreed: Vec::new(),
            new_students: Vec::new(),
            new_contacts: Vec::new(),
        };
        for entry in entries() {
            for id in &entry.other_ids {
                let named = draft.other_ids_in_file.entry(id_key(id)).or_default();
                named.push(entry.student.clone());
            }
        }
        draft.gather(existing, staff);
        draft.claims = draft.claims(existing);
        draft
    }

    /// Everything that is kept, and the classes that are there after the source's.
    fn gather(&mut self, existing: &Existing, staff: &Staff) {
        for (which, name, _) in &staff.classes {
            self.classes.insert(name.key(), *which);
            self.class_names.insert(*which, name.as_str().to_owned());
        }
        // An id, and a name as it stands, are found before a name that is written otherwise.
        for (which, name, source) in &staff.classes {
            self.classes.insert(name.as_str().to_owned(), *which);
            let source = source.iter().cloned();
            self.classes.extend(source.map(|it| (it, *which)));
        }
        for one in &existing.students {
            let student = Student {
                name: one.name.clone(),
                records_name: one.records_name.clone(),
                form: one.form.clone(),
                year: one.year.clone(),
                source: one.source.clone(),
                classes: one.classes.iter().copied().map(Which::Kept).collect(),
                contacts: BTreeMap::new(),
            };
            self.remember(Which::Kept(one.id), student);
        }
        for one in &existing.contacts {
            let which = Which::Kept(one.id);
            let source = one.source.clone();
            self.remember_contact(which, &one.name, one.email.as_ref(), source);
            if let Some(contact) = self.contacts.get_mut(&which) {
                contact.telephones = one.telephones.clone();
                contact.address.clone_from(&one.address);
                contact.records_name.clone_from(&one.records_name);
            }
            for (student, relationship) in &one.students {
                if let Some(student) = self.students.get_mut(&Which::Kept(*student)) {
                    student.contacts.insert(which, relationship.clone());
                }
            }
        }
        // After all others: what somebody's own record says is theirs.
        for one in &existing.contacts {
            let beside = one.address.as_ref().and_then(|it| it.school.as_ref());
            for name in std::iter::once(&one.name).chain(&one.records_name) {
                for email in one.email.iter().chain(beside) {
                    let key = key(name, Some(email));
                    self.by_address.entry(key).or_insert(Which::Kept(one.id));
                }
            }
            self.remember_aliases(Which::Kept(one.id), &one.aliases);
        }
    }

    fn remember_aliases(&mut self, which: Which<ContactId>, aliases: &[Alias]) {
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

    fn remember(&mut self, which: Which<StudentId>, student: Student) {
        for name in student.names() {
            self.know_by(which, student.source.as_deref(), name);
        }
        self.students.insert(which, student);
    }

    /// A student is found by that id and that name.
    fn know_by(&mut self, which: Which<StudentId>, source: Option<&str>, name: &Name) {
        if let Some(source) = source {
            let same = self.by_source.entry(id_key(source)).or_default();
            if !same.contains(&which) {
                same.push(which);
            }
        }
        let namesakes = self.by_name.entry(name.person_key()).or_default();
        if !namesakes.contains(&which) {
            namesakes.push(which);
        }
    }

    fn remember_contact(
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

    /// Takes a row whole, or leaves all as it was.
    pub(super) fn take(&mut self, entry: &Entry, row: (usize, u64)) -> Result<Outcome, String> {
        let entry = self.with_ids_of_one(entry);
        let taken = self.take_entry(&entry, row);
        if taken.is_err() {
            // What it says of itself is why it is refused.
            self.remarks.clear();
        }
        taken
    }

    fn take_entry(&mut self, entry: &Entry, row: (usize, u64)) -> Result<Outcome, String> {
        let found = self.find(entry)?;
        if found.is_none() && self.erased_student(&entry.source) {
            self.stays_erased(&entry.student);
            return Ok(Outcome::Unchanged);
        }
        let mut others = entry.other_ids.iter();
        if found.is_none()
            && let Some(id) = others.find(|it| self.erased_student([it]))
        {
            return Err(format!(
                "In student id: somebody who was erased here had the id {id}. If this is another student, add them by hand first."
            ));
        }
        if let Some(which) = found {
            // Also where the row is refused: what contradicts it does so at every import.
            self.say(which, entry, row);
        }
        let classes = self.classes_of(entry)?;
        self.leave_removed(entry);
        for guardian in &entry.guardians {
            if self.by_id(guardian)?.is_some() {
                continue;
            }
            if let Some(which) = found {
                self.check_contact(which, guardian)?;
            }
        }
        let steps_before = self.done();
        let (student, mut is_new) = match found {
            Some(which) => {
                if let Which::Kept(id) = which {
                    self.seen.students.insert(id);
                    if entry.classes.is_some() {
                        self.seen.placed.insert(id);
                    }
                    self.welcome(Person::Student(id), entry.student.reveal());
                }
                self.change(which, entry);
                (which, false)
            }
            None => (self.add(entry, row), true),
        };
        self.place(student, &classes);
        // A name alone does not tell which of two is somebody without an id: an address does.
        let beside = self.rows.guardians_of(entry);
        for guardian in &entry.guardians {
            let is_namesake = has_namesake(guardian, &beside);
            is_new |= self.link(student, (guardian, is_namesake), row);
        }
        Ok(if is_new {
            Outcome::Created
        } else if self.done() > steps_before || !self.does.is_empty() {
            Outcome::Updated
        } else {
            Outcome::Unchanged
        })
    }

    /// How much the rows so far do.
    pub(super) fn done(&self) -> usize {
        self.steps.len() + self.better_known.len() + self.orders.len() + self.back.len()
    }

    /// Somebody who had left is named again.
    pub(super) fn welcome(&mut self, person: Person, name: &str) {
        if self.gone.remove(&person) {
            self.does.push(format!("{name} is back"));
            self.back.push(person);
        }
    }

    fn classes_of(&self, entry: &Entry) -> Result<Vec<Which<ClassId>>, String> {
        let names = entry.classes.iter().flatten();
        let is_refused = |name: &Label| self.refused_classes.contains(name.as_str());
        let is_taken = |name: &&Label| !is_refused(name) && !self.is_removed(name);
        names
            .filter(is_taken)
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

    /// Whether the office has removed a class that a row names, and there is no other.
    fn is_removed(&self, name: &Label) -> bool {
        let (key, name) = (name.key(), name.as_str());
        let is_here = self.classes.contains_key(name) || self.classes.contains_key(&key);
        let mut removed = self.decided.removed.iter();
        !is_here && removed.any(|(it, id)| it.key() == key || id.as_deref() == Some(name))
    }

    /// Says which classes of a row the office has removed, where no row of theirs says it.
    fn leave_removed(&mut self, entry: &Entry) {
        for name in entry.classes.iter().flatten() {
            if !self.refused_classes.contains(name.as_str()) && self.is_removed(name) {
                let (student, class) = (entry.student.reveal(), name.as_str());
                let says = format!("{student} stays out of {class}, which you have removed");
                self.remarks.push(says);
            }
        }
    }

    fn add(&mut self, entry: &Entry, row: (usize, u64)) -> Which<StudentId> {
        let which = Which::New(self.new_students.len());
        let student = Student {
            name: entry.student.clone(),
            records_name: None,
            form: entry.form.clone().unwrap_or_default(),
            year: entry.year.clone().unwrap_or_default(),
            source: entry.source.clone(),
            classes: HashSet::new(),
            contacts: BTreeMap::new(),
        };
        let name = student.name.reveal();
        let mut does = format!("Adds {name}");
        if !student.form.is_empty() {
            does.push_str(" to ");
            does.push_str(&student.form);
        }
        if !student.year.is_empty() {
            does.push_str(", year ");
            does.push_str(&student.year);
        }
        self.does.push(does);
        self.new_students.push(self.steps.len());
        self.steps.push(Step::AddStudent {
            name: student.name.clone(),
            form: student.form.clone(),
            year: student.year.clone(),
            source: student.source.clone(),
        });
        self.remember(which, student);
        self.say(which, entry, row);
        which
    }

    /// Notes what a row says of its student.
    fn say(&mut self, which: Which<StudentId>, entry: &Entry, (row, _): (usize, u64)) {
        if let Some(form) = &entry.form {
            self.said.that(Fact::Form(which), row, (id_key(form), form));
        }
        if let Some(year) = &entry.year {
            self.said
                .that(Fact::Year(which), row, (year::key(year), year));
        }
        if let Some(source) = &entry.source {
            self.said
                .that(Fact::Id(which), row, (id_key(source), source));
        }
    }

    fn change(&mut self, which: Which<StudentId>, entry: &Entry) {
        let Some(student) = self.students.get_mut(&which) else {
            return;
        };
        let (form, year) = student.placed_by(entry);
        let source = student.source_by(entry);
        let records_name = student.records_name.as_ref();
        let (name, records_name) = hear_name(&student.name, records_name, &entry.student);
        let is_news = records_name != student.records_name;
        let is_placed = form == student.form && year == student.year;
        if name == student.name && is_placed && source == student.source && !is_news {
            return;
        }
        if name != student.name {
            let (before, now) = (student.name.reveal(), name.reveal());
            self.does.push(format!("Renames {before} to {now}"));
        } else if is_news {
            self.does.push(says_now(&name, records_name.as_ref()));
        }
        if form != student.form {
            self.does.push(format!("Moves {} to {form}", name.reveal()));
        }
        if year != student.year {
            self.does
                .push(format!("Notes year {year} of {}", name.reveal()));
        }
        if source != student.source {
            let says = student.says_id(source.as_deref(), &name);
            self.does.push(says);
        }
        student.form.clone_from(&form);
        student.year.clone_from(&year);
        student.source.clone_from(&source);
        student.name = name.clone();
        student.records_name.clone_from(&records_name);
        self.know_by(which, source.as_deref(), &name);
        match which {
            Which::Kept(id) => self.steps.push(Step::ChangeStudent {
                id,
                name,
                form,
                year,
                source,
                records_name,
            }),
            // Another row of the same new student says more of them.
            Which::New(nth) => {
                let place = self.new_students.get(nth);
                if let Some(step) = place.and_then(|it| self.steps.get_mut(*it)) {
                    *step = Step::AddStudent {
                        name,
                        form,
                        year,
                        source,
                    };
                }
            }
        }
    }

    pub(super) fn place(&mut self, which: Which<StudentId>, classes: &[Which<ClassId>]) {
        for class in classes {
            if let (Which::Kept(student), Which::Kept(class)) = (which, *class) {
                self.seen.places.insert((student, class));
                if self.decided.out.contains(&(student, class)) {
                    let class = self.class_names.get(&Which::Kept(class));
                    let class = class.cloned().unwrap_or_default();
                    let name = self.students.get(&which).map_or("", |it| it.name.reveal());
                    let says = format!("{name} stays out of {class}, as you have decided");
                    self.remarks.push(says);
                    continue;
                }
            }
            let Some(student) = self.students.get_mut(&which) else {
                return;
            };
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
    pub(super) fn is_contact(&self, which: Which<ContactId>, guardian: &Guardian) -> bool {
        let (name, email) = (&guardian.name, guardian.email.as_ref());
        let contact = self.contacts.get(&which);
        let Some(contact) = contact.filter(|it| !self.is_another_contact(it, guardian)) else {
            return false;
        };
        let is_called = |own: &Name, shares_address: bool| match own.likeness(name) {
            Some(Likeness::Same) => true,
            Some(Likeness::Maybe) => shares_address,
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
        let contacts = self.students.get(&student).map(|it| it.contacts.keys());
        let renamed = contacts
            .into_iter()
            .flatten()
            .filter(|which| !self.is_contact(**which, guardian))
            .filter_map(|which| self.contacts.get(which))
            .filter(|it| !self.is_another_contact(it, guardian))
            .find(|it| has_address(it, email) && first(&it.name) == first(name));
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

    /// Makes somebody the student's guardian; whether they are new.
    fn link(
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

    /// Whether the office has erased whoever has that id.
    pub(super) fn was_erased(&self, guardian: &Guardian) -> bool {
        let id = guardian.source.as_deref().map(id_key);
        id.is_some_and(|it| self.erased_contact(&it))
    }

    /// The same of an id as it is compared.
    pub(super) fn erased_contact(&self, id: &str) -> bool {
        self.decided.erased_contacts.contains(id)
    }

    /// Whether the office has erased a student who has one of these ids.
    pub(super) fn erased_student(&self, ids: impl IntoIterator<Item: AsRef<str>>) -> bool {
        let mut ids = ids.into_iter();
        ids.any(|it| self.decided.erased_students.contains(&id_key(it.as_ref())))
    }

    /// Says that somebody was erased, whom the source goes on naming.
    pub(super) fn stays_erased(&mut self, name: &Name) {
        self.remarks.push(super::staff::stays_erased(name));
    }

    /// What the row at hand does, and what of it stays, in words.
    pub(super) fn says(&mut self) -> Vec<String> {
        let mut says = std::mem::take(&mut self.does);
        says.append(&mut self.remarks);
        says
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

    /// A court order is in force on a contact; whether that is news.
    pub(super) fn bar(&mut self, contact: Which<ContactId>, name: &str) -> bool {
        let is_news = self.barred.insert(contact);
        if is_news {
            self.does.push(format!("Enters a court order on {name}"));
            self.orders.push(contact);
        }
        is_news
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

    /// The contact of a guardian's id.
    pub(super) fn by_id(&self, guardian: &Guardian) -> Result<Option<Which<ContactId>>, String> {
        let Some(source) = &guardian.source else {
            return Ok(None);
        };
        let Some(which) = self.contacts_by_source.get(&id_key(source)) else {
            return Ok(None);
        };
        let contact = self.contacts.get(which);
        let stranger = contact.filter(|it| {
            let mut aliases = it.aliases.iter();
            let mut names = it.names();
            !names.any(|name| is_renamed(name, &guardian.name))
                && !has_address(it, guardian.email.as_ref())
                && !aliases.any(|it| is_renamed(&it.name, &guardian.name))
        });
        match stranger {
            None => Ok(Some(*which)),
            Some(contact) => Err(format!(
                "In guardian: {source} is the id of {}. If that is who this is, change the name on their page first; if not, correct the id.",
                contact.name.reveal()
            )),
        }
    }

    /// Notes a contact's id in the system that the rows come from, and the name of whom that id tells.
    pub(super) fn know_better(
        &mut self,
        which: Which<ContactId>,
        guardian: &Guardian,
        is_by_id: bool,
    ) {
        let Some(contact) = self.contacts.get_mut(&which) else {
            return;
        };
        let records_name = contact.records_name.as_ref();
        let (name, records_name) = if is_by_id {
            hear_name(&contact.name, records_name, &guardian.name)
        } else {
            (contact.name.clone(), records_name.cloned())
        };
        let is_news = records_name != contact.records_name;
        let source = contact.source.clone().or_else(|| guardian.source.clone());
        if name == contact.name && source == contact.source && !is_news {
            return;
        }
        if name != contact.name {
            let (before, now) = (contact.name.reveal(), name.reveal());
            self.does.push(format!("Renames {before} to {now}"));
        } else if is_news {
            self.does.push(says_now(&name, records_name.as_ref()));
        }
        if source != contact.source {
            let id = source.as_deref().unwrap_or_default();
            let now = name.reveal();
            self.does.push(format!("Notes the id {id} of {now}"));
            self.contacts_by_source.insert(id_key(id), which);
        }
        contact.name = name.clone();
        contact.records_name.clone_from(&records_name);
        contact.source.clone_from(&source);
        self.better_known.push(ContactStep {
            contact: which,
            name,
            source,
            records_name,
        });
    }

    /// What a row says of a contact's numbers; what another record of theirs says is nothing. What they
    /// say themselves stays, and the office is asked where it is another, once for each number of the
    /// source's (DIR-12).
    pub(super) fn hear_numbers(&mut self, which: Which<ContactId>, guardian: &Guardian) {
        if self.words_of(which, guardian) == Words::Known {
            return;
        }
        let mobile = self.hear_mobile(which, &guardian.mobile);
        let telephone = self.hear_telephone(which, &guardian.number());
        let Some(Contact { telephones, .. }) = self.contacts.get(&which) else {
            return;
        };
        let own = &telephones.own;
        let asks = match telephones.standing() {
            Standing::Asked => {
                format!(". They give {own} themselves: both are kept until you decide")
            }
            Standing::Agreed | Standing::Accepted => String::new(),
        };
        // A mobile that is their telephone as well is told once.
        let is_told = mobile.is_some() && telephones.beside_mobile().is_empty();
        let telephone = telephone.filter(|_| !is_told);
        let mut changes: Vec<String> = mobile.into_iter().chain(telephone).collect();
        if let Some(last) = changes.last_mut() {
            last.push_str(&asks);
        }
        self.does.append(&mut changes);
    }

    /// A contact has a mobile number, or another: what that changes. One of another kind or country is
    /// nothing.
    fn hear_mobile(&mut self, which: Which<ContactId>, given: &str) -> Option<String> {
        let mobile = Mobile::read(given, &self.countries).ok()?;
        let contact = self.contacts.get_mut(&which)?;
        let telephones = &mut contact.telephones;
        if !self.called.insert(which) {
            return None;
        }
        if telephones.mobile.as_ref() == Some(&mobile) {
            let decided = kept(which).filter(|id| self.decided.mobiles.contains_key(id));
            self.agreed.extend(decided);
            return None;
        }
        if kept(which).and_then(|id| self.decided.mobiles.get(&id)) == Some(&mobile) {
            let own = telephones.mobile.as_ref().map(Mobile::reveal);
            let says = stays(&contact.name, ("mobile number", "a"), own);
            self.remarks.push(says);
            return None;
        }
        let (name, number) = (contact.name.reveal(), mobile.reveal());
        let change = format!("Notes the mobile number of {name}: {number}");
        let change = said_by_both(change, &telephones.own, number);
        telephones.mobile = Some(mobile.clone());
        self.steps.push(Step::Call {
            contact: which,
            mobile,
        });
        Some(change)
    }

    /// The source has a contact's telephone number: what that changes.
    fn hear_telephone(&mut self, which: Which<ContactId>, number: &str) -> Option<String> {
        if number.is_empty() || !self.telephoned.insert(which) {
            return None;
        }
        let contact = self.contacts.get_mut(&which)?;
        let telephones = &mut contact.telephones;
        if telephone::is_same(&telephones.school, number) {
            return None;
        }
        let (name, before) = (contact.name.reveal(), &telephones.school);
        let change = if before.is_empty() {
            format!("Notes the telephone number of {name}: {number}")
        } else {
            format!("Changes the telephone number of {name} from {before} to {number}")
        };
        number.clone_into(&mut telephones.school);
        self.steps.push(Step::Telephone {
            contact: which,
            telephone: number.to_owned(),
        });
        Some(said_by_both(change, &telephones.own, number))
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

    /// A contact who is kept has another address now.
    pub(super) fn readdress(&mut self, which: Which<ContactId>, email: &EmailAddress) {
        let Some(contact) = self.contacts.get_mut(&which) else {
            return;
        };
        let before = contact.email.as_ref();
        if let (Which::Kept(id), true) = (which, contact.address.is_some()) {
            self.note_beside((which, id), email);
            return;
        }
        if before.is_some_and(|it| it.key() == email.key()) {
            return;
        }
        let taken_out = kept(which).and_then(|id| self.decided.unaddressed.get(&id));
        if before.is_none() && taken_out.is_some_and(|it| it.is_same(email)) {
            let says = stays(&contact.name, ("address", "an"), None);
            self.remarks.push(says);
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
        match which {
            Which::Kept(id) => self.steps.push(Step::ChangeContact {
                id,
                email: email.clone(),
            }),
            // An earlier row brought them without an address.
            Which::New(nth) => {
                let place = self.new_contacts.get(nth);
                if let Some(Step::AddContact { email: of_step, .. }) =
                    place.and_then(|it| self.steps.get_mut(*it))
                {
                    *of_step = Some(email.clone());
                }
            }
        }
    }

    /// The source has that address of a contact whose own word theirs is: it stands beside theirs, and the
    /// office is asked where the two differ, once for each address of the source's (DIR-12).
    fn note_beside(&mut self, (which, id): (Which<ContactId>, ContactId), email: &EmailAddress) {
        let Some(contact) = self.contacts.get_mut(&which) else {
            return;
        };
        let Some(both) = &mut contact.address else {
            return;
        };
        let is_by_hand = self.decided.addressed.contains(&id);
        if both.school.as_ref().is_some_and(|it| it.is_same(email)) {
            if is_by_hand && both.standing() == Standing::Accepted {
                let own = Some(both.own.reveal());
                let says = stays(&contact.name, ("address", "an"), own);
                self.remarks.push(says);
            }
            return;
        }
        both.school = Some(email.clone());
        let (name, own) = (contact.name.reveal(), both.own.reveal());
        let behind = match both.standing() {
            Standing::Agreed if is_by_hand => ", which is the one here".to_owned(),
            Standing::Asked if is_by_hand => format!(". {own} stays until you decide"),
            Standing::Agreed => ", which is what they say themselves".to_owned(),
            Standing::Accepted => format!(". They go on with {own}, as you have decided"),
            Standing::Asked => {
                format!(". They use {own} themselves, and go on with it until you decide")
            }
        };
        let school = email.reveal();
        let change = format!("Notes another address of {name}: {school}{behind}");
        self.does.push(change);
        self.by_address
            .entry(key(&contact.name, Some(email)))
            .or_insert(which);
        self.steps.push(Step::OtherAddress {
            id,
            email: email.clone(),
        });
    }
}

/// Beside a name that the office had accepted from a parent, the source spells its own otherwise now, or has
/// come to say that one.
fn says_now(name: &Name, records_name: Option<&Name>) -> String {
    let name = name.reveal();
    match records_name {
        Some(own) => format!(
            "Spells {name} {} now. {name} stays, as you have decided",
            own.reveal()
        ),
        None => format!("Says {name} as well now, as you have decided"),
    }
}

/// What stays as the office has decided: somebody's own, or none.
fn stays(name: &Name, (what, article): (&str, &str), own: Option<&str>) -> String {
    let name = name.reveal();
    match own {
        Some(own) => format!("{name} keeps the {what} {own}, as you have decided"),
        None => format!("{name} stays without {article} {what}, as you have decided"),
    }
}

/// Who that is, where they are kept.
const fn kept(which: Which<ContactId>) -> Option<ContactId> {
    match which {
        Which::Kept(id) => Some(id),
        Which::New(_) => None,
    }
}

/// What is changed, and where a contact says that number themselves, that they do.
fn said_by_both(change: String, own: &str, number: &str) -> String {
    if telephone::is_same(own, number) {
        format!("{change}, which is what they say themselves")
    } else {
        change
    }
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

/// The keys of the ids of all contacts that a source names.
fn ids_of_contacts(incoming: &Incoming) -> HashSet<String> {
    let rows = incoming.students.iter();
    let rows = rows.filter_map(|it| it.entry.as_ref().ok());
    let unnamed = rows.clone().flat_map(|it| &it.unnamed);
    let of_students = rows.flat_map(|it| &it.guardians);
    let alone = incoming.contacts.iter();
    let alone = alone.filter_map(|it| Some(&it.entry.as_ref().ok()?.guardian));
    let ids = of_students.chain(alone).filter_map(|it| it.source.as_ref());
    let ids = ids.chain(unnamed.map(|it| &it.source));
    // Those of rows that are refused too.
    let refused = incoming.students.iter().filter(|it| it.entry.is_err());
    let hints = refused.flat_map(|it| it.named.contacts.iter().flat_map(|it| &it.ids));
    ids.chain(hints).map(|it| id_key(it)).collect()
}

/// Whether both are one address.
fn is_at(own: Option<&EmailAddress>, email: Option<&EmailAddress>) -> bool {
    let own = own.map(EmailAddress::key);
    own.is_some() && own == email.map(EmailAddress::key)
}

fn key(name: &Name, email: Option<&EmailAddress>) -> ContactKey {
    let email = email.map(EmailAddress::key).unwrap_or_default();
    (name.person_key(), email)
}
