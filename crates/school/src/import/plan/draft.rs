//! The people as a file leaves them so far.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::contacts::{Contact, ContactKey, has_namesake, key};
use super::details::says_now;
use super::rows::{Claim, Rows};
use super::said::{Fact, Said};
use super::staff::{Staff, anothers_id};
use super::students::hear_name;
use super::{ContactStep, Decided, Existing, Outcome, Step, Which};
use crate::deed::Person;
use crate::ids::{ClassId, ContactId, StudentId};
use crate::import::{Entry, Guardian, Incoming, Row};
use crate::text::{Countries, Label, Name, id_key};
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
    /// What they are called: here, and in the school's records where that is another name.
    pub(super) fn names(&self) -> impl Iterator<Item = &Name> {
        std::iter::once(&self.name).chain(&self.records_name)
    }

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
    pub(super) barred: HashSet<Which<ContactId>>,
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
    pub(super) telephoned: HashSet<Which<ContactId>>,
    pub(super) students: HashMap<Which<StudentId>, Student>,
    pub(super) by_source: HashMap<String, Vec<Which<StudentId>>>,
    pub(super) by_name: HashMap<String, Vec<Which<StudentId>>>,
    /// Who is kept in which homeroom.
    pub(super) of_form: HashMap<String, Vec<StudentId>>,
    /// The keys of all ids in the file; and those of other systems, with the names of whose they are.
    pub(super) ids_in_file: HashSet<String>,
    pub(super) other_ids_in_file: HashMap<String, Vec<Name>>,
    /// The keys of all names in the file, and with those of their forms.
    pub(super) names_in_file: HashSet<String>,
    pub(super) named_in_file: HashSet<(String, String)>,
    pub(super) contacts: HashMap<Which<ContactId>, Contact>,
    pub(super) by_address: HashMap<ContactKey, Which<ContactId>>,
    pub(super) contacts_by_source: HashMap<String, Which<ContactId>>,
    /// Whose contacts the kept ones are, and the ids of those who have another name in the source, and are
    /// surely meant.
    pub(super) students_of: HashMap<Which<ContactId>, Vec<Which<StudentId>>>,
    pub(super) renamed: HashSet<String>,
    /// The keys of all ids of contacts in the file, and whether nobody is left out of it.
    pub(super) contact_ids_in_file: HashSet<String>,
    pub(super) is_whole: bool,
    pub(super) classes: HashMap<String, Which<ClassId>>,
    class_names: HashMap<Which<ClassId>, String>,
    /// The names and ids of classes that are not taken.
    refused_classes: HashSet<String>,
    /// The countries whose mobile numbers are taken, and of whom one was said: the first counts.
    pub(super) countries: Countries,
    pub(super) called: HashSet<Which<ContactId>>,
    /// Whose mobile number is by now the one that the office has entered in its place.
    pub(super) agreed: Vec<ContactId>,
    /// The places of the steps that bring new students and contacts, in order.
    new_students: Vec<usize>,
    pub(super) new_contacts: Vec<usize>,
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
            of_form: HashMap::new(),
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
            students_of: HashMap::new(),
            renamed: HashSet::new(),
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
        draft.renamed = draft.renamed(incoming);
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
            let of_form = self.of_form.entry(id_key(&one.form)).or_default();
            of_form.push(one.id);
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
            let students = one.students.iter().map(|it| Which::Kept(it.0));
            self.students_of.insert(which, students.collect());
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

    /// Takes a row whole, or leaves all as it was.
    pub(super) fn take(&mut self, entry: &Entry, row: (usize, u64)) -> Result<Outcome, String> {
        let entry = self.with_unnamed(entry);
        let taken = self.take_entry(&entry, row);
        if taken.is_err() {
            // What it says of itself is why it is refused.
            self.remarks.clear();
        }
        taken
    }

    fn take_entry(&mut self, entry: &Entry, row: (usize, u64)) -> Result<Outcome, String> {
        let found = self.find(entry)?;
        self.check_erased(found, entry)?;
        if found.is_none() && self.erased_student(&entry.source) {
            self.stays_erased(&entry.student);
            return Ok(Outcome::Unchanged);
        }
        if found.is_none() {
            self.check_new(entry)?;
        }
        let mut others = entry.other_ids.iter();
        if found.is_none()
            && let Some(id) = others.find(|it| self.erased_student([it]))
        {
            return Err(in_student_id(id));
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

    /// Whether somebody who was erased had that id, and whoever has it now is surely somebody else.
    pub(super) fn has_anothers_id(&self, guardian: &Guardian) -> bool {
        let id = guardian.source.as_deref().map(id_key);
        let pair = id.map(|it| (it, guardian.name.person_key()));
        pair.is_some_and(|it| self.decided.other_contacts.contains(&it))
    }

    /// Refuses a row of somebody who is not here, and has an id that somebody else had who was erased.
    fn check_erased(&self, found: Option<Which<StudentId>>, entry: &Entry) -> Result<(), String> {
        let others = &self.decided.other_students;
        let name = entry.student.person_key();
        if let (None, Some(id)) = (found, &entry.source)
            && others.contains(&(id_key(id), name))
        {
            return Err(in_student_id(id));
        }
        let is_new = |it: &&Guardian| {
            let known = self.by_id(it).ok().flatten();
            let known = known.or_else(|| self.of_address(it));
            let of_student = || found.and_then(|which| self.find_contact(which, (it, false)));
            known.or_else(of_student).is_none()
        };
        let mut guardians = entry.guardians.iter();
        let other = guardians.find(|it| self.has_anothers_id(it) && is_new(it));
        match other.and_then(|it| it.source.as_ref()) {
            Some(id) => Err(anothers_id("In guardian id", id, "guardian")),
            None => Ok(()),
        }
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

    /// A court order is in force on a contact; whether that is news.
    pub(super) fn bar(&mut self, contact: Which<ContactId>, name: &str) -> bool {
        let is_news = self.barred.insert(contact);
        if is_news {
            self.does.push(format!("Enters a court order on {name}"));
            self.orders.push(contact);
        }
        is_news
    }
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

fn in_student_id(id: &str) -> String {
    anothers_id("In student id", id, "student")
}
