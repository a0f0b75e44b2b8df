//! What a file changes, compared with what is kept.

use std::collections::{HashMap, HashSet};

use super::{Entry, Row};
use crate::ids::{ClassId, ContactId, StudentId};
use crate::text::{EmailAddress, Label, Name};

/// A student that is kept.
#[derive(Clone, Debug)]
pub struct ExistingStudent {
    /// Their id.
    pub id: StudentId,
    /// Their name.
    pub name: Name,
    /// Their form.
    pub form: String,
    /// Their id in the system that imports come from.
    pub source: Option<String>,
    /// Their classes.
    pub classes: Vec<ClassId>,
}

/// A contact that is kept.
#[derive(Clone, Debug)]
pub struct ExistingContact {
    /// Their id.
    pub id: ContactId,
    /// Their name.
    pub name: Name,
    /// Their address.
    pub email: Option<EmailAddress>,
    /// Their students, and what they are to each.
    pub students: Vec<(StudentId, String)>,
}

/// What is kept before the import.
#[derive(Clone, Debug, Default)]
pub struct Existing {
    /// All students.
    pub students: Vec<ExistingStudent>,
    /// All contacts.
    pub contacts: Vec<ExistingContact>,
    /// All classes, by name.
    pub classes: Vec<(ClassId, Label)>,
}

/// Somebody who is kept, or whom an earlier step brings: the count of such steps before it, by kind.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Which<Id> {
    /// They are kept.
    Kept(Id),
    /// They are new: the first is 0.
    New(usize),
}

/// One change; they are to be made in order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// A new student.
    AddStudent {
        /// Their name.
        name: Name,
        /// Their form.
        form: String,
        /// Their id in the system that the file comes from.
        source: Option<String>,
    },
    /// A student has another name, form or id there.
    ChangeStudent {
        /// Who.
        id: StudentId,
        /// Their name.
        name: Name,
        /// Their form.
        form: String,
        /// Their id in the system that the file comes from.
        source: Option<String>,
    },
    /// A student is in a class.
    Place {
        /// Who.
        student: Which<StudentId>,
        /// Where.
        class: ClassId,
    },
    /// A new contact.
    AddContact {
        /// Their name.
        name: Name,
        /// Their address.
        email: Option<EmailAddress>,
    },
    /// A contact has another address.
    ChangeContact {
        /// Who.
        id: ContactId,
        /// Their address.
        email: EmailAddress,
    },
    /// A contact is the guardian of a student.
    Link {
        /// Who.
        contact: Which<ContactId>,
        /// Of whom.
        student: Which<StudentId>,
        /// What they are to the student.
        relationship: String,
    },
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It brings somebody new.
    Created,
    /// It changes somebody.
    Updated,
    /// There is nothing to do.
    Unchanged,
    /// It is left out.
    Refused,
}

/// What becomes of a row, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RowResult {
    /// The line, the header's being 1.
    pub line: u64,
    /// What stands in the student's column.
    pub student: String,
    /// What becomes of it.
    pub outcome: Outcome,
    /// Why it is refused; empty otherwise.
    pub reason: String,
}

/// What a file changes.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// A result for every row, in order.
    pub results: Vec<RowResult>,
    /// The changes.
    pub steps: Vec<Step>,
}

/// Compares the rows with what is kept.
///
/// A student is known by their id in the system that the file comes from, else by name and form; a
/// contact by name and address, else by name among the contacts of that student. Nobody is removed.
#[must_use]
pub fn plan(rows: &[Row], existing: &Existing) -> Plan {
    let mut draft = Draft::new(existing);
    let mut results = Vec::with_capacity(rows.len());
    for row in rows {
        let done = match &row.entry {
            Ok(entry) => draft.take(entry),
            Err(reason) => Err(reason.clone()),
        };
        let (outcome, reason) = match done {
            Ok(outcome) => (outcome, String::new()),
            Err(reason) => (Outcome::Refused, reason),
        };
        results.push(RowResult {
            line: row.line,
            student: row.student.clone(),
            outcome,
            reason,
        });
    }
    Plan {
        results,
        steps: draft.steps,
    }
}

/// A student as the file leaves them so far.
struct Student {
    name: Name,
    form: String,
    source: Option<String>,
    classes: HashSet<ClassId>,
    contacts: HashMap<Which<ContactId>, String>,
}

/// How a contact is found: by name, and address where there is one.
type ContactKey = (String, String);

struct Draft {
    steps: Vec<Step>,
    students: HashMap<Which<StudentId>, Student>,
    by_source: HashMap<String, Which<StudentId>>,
    by_name: HashMap<String, Vec<Which<StudentId>>>,
    contacts: HashMap<ContactKey, Which<ContactId>>,
    contact_names: HashMap<Which<ContactId>, (String, bool)>,
    classes: HashMap<String, ClassId>,
    new_students: usize,
    new_contacts: usize,
}

impl Draft {
    fn new(existing: &Existing) -> Self {
        let mut draft = Self {
            steps: Vec::new(),
            students: HashMap::new(),
            by_source: HashMap::new(),
            by_name: HashMap::new(),
            contacts: HashMap::new(),
            contact_names: HashMap::new(),
            classes: HashMap::new(),
            new_students: 0,
            new_contacts: 0,
        };
        for (id, name) in &existing.classes {
            draft.classes.insert(name.as_str().to_lowercase(), *id);
        }
        for one in &existing.students {
            let student = Student {
                name: one.name.clone(),
                form: one.form.clone(),
                source: one.source.clone(),
                classes: one.classes.iter().copied().collect(),
                contacts: HashMap::new(),
            };
            draft.remember(Which::Kept(one.id), student);
        }
        for one in &existing.contacts {
            let which = Which::Kept(one.id);
            draft
                .contacts
                .insert(key(&one.name, one.email.as_ref()), which);
            draft
                .contact_names
                .insert(which, (one.name.key(), one.email.is_some()));
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
            self.by_source.insert(source.clone(), which);
        }
        let namesakes = self.by_name.entry(student.name.key()).or_default();
        if !namesakes.contains(&which) {
            namesakes.push(which);
        }
        self.students.insert(which, student);
    }

    /// Takes a row whole, or leaves all as it was.
    fn take(&mut self, entry: &Entry) -> Result<Outcome, String> {
        let classes = self.classes_of(entry)?;
        let found = self.find(entry)?;
        let steps_before = self.steps.len();
        let (student, mut is_new) = match found {
            Some(which) => {
                self.change(which, entry)?;
                (which, false)
            }
            None => (self.add(entry), true),
        };
        self.place(student, &classes);
        if let Some((name, email)) = &entry.contact {
            is_new |= self.link(student, name, email.as_ref(), &entry.relationship);
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
                let class = self.classes.get(&name.as_str().to_lowercase());
                class.copied().ok_or_else(|| {
                    format!(
                        "There is no class named \"{}\". Add it first, with its teachers.",
                        name.as_str()
                    )
                })
            })
            .collect()
    }

    /// The student that a row means.
    fn find(&self, entry: &Entry) -> Result<Option<Which<StudentId>>, String> {
        if let Some(source) = &entry.source
            && let Some(which) = self.by_source.get(source)
        {
            return Ok(Some(*which));
        }
        let namesakes = self.by_name.get(&entry.student.key());
        let mut fitting = namesakes.into_iter().flatten().filter(|which| {
            self.students.get(which).is_some_and(|it| {
                let same_form = entry.form.as_ref().is_none_or(|form| *form == it.form);
                // One with an id of their own is somebody else.
                same_form && (it.source.is_none() || entry.source.is_none())
            })
        });
        let first = fitting.next().copied();
        if fitting.next().is_some() {
            return Err(
                "Two students have this name. Give their student id, or their homeroom.".to_owned(),
            );
        }
        Ok(first)
    }

    fn add(&mut self, entry: &Entry) -> Which<StudentId> {
        let which = Which::New(self.new_students);
        self.new_students += 1;
        let student = Student {
            name: entry.student.clone(),
            form: entry.form.clone().unwrap_or_default(),
            source: entry.source.clone(),
            classes: HashSet::new(),
            contacts: HashMap::new(),
        };
        self.steps.push(Step::AddStudent {
            name: student.name.clone(),
            form: student.form.clone(),
            source: student.source.clone(),
        });
        self.remember(which, student);
        which
    }

    fn change(&mut self, which: Which<StudentId>, entry: &Entry) -> Result<(), String> {
        let Some(student) = self.students.get_mut(&which) else {
            return Ok(());
        };
        let form = entry.form.as_ref().unwrap_or(&student.form);
        let source = entry.source.as_ref().or(student.source.as_ref());
        if entry.student == student.name
            && *form == student.form
            && source == student.source.as_ref()
        {
            return Ok(());
        }
        let Which::Kept(id) = which else {
            return Err("An earlier row says something else of this student.".to_owned());
        };
        student.form.clone_from(&form.clone());
        student.source = source.cloned();
        student.name = entry.student.clone();
        self.steps.push(Step::ChangeStudent {
            id,
            name: student.name.clone(),
            form: student.form.clone(),
            source: student.source.clone(),
        });
        if let Some(source) = student.source.clone() {
            self.by_source.insert(source, which);
        }
        let namesakes = self.by_name.entry(entry.student.key()).or_default();
        if !namesakes.contains(&which) {
            namesakes.push(which);
        }
        Ok(())
    }

    fn place(&mut self, which: Which<StudentId>, classes: &[ClassId]) {
        let Some(student) = self.students.get_mut(&which) else {
            return;
        };
        for class in classes {
            if student.classes.insert(*class) {
                self.steps.push(Step::Place {
                    student: which,
                    class: *class,
                });
            }
        }
    }

    /// Makes somebody the student's guardian; whether they are new.
    fn link(
        &mut self,
        which: Which<StudentId>,
        name: &Name,
        email: Option<&EmailAddress>,
        relationship: &str,
    ) -> bool {
        let known = self.contacts.get(&key(name, email)).copied();
        let (contact, is_new) = match known.or_else(|| self.by_name_of(which, name, email)) {
            Some(contact) => (contact, false),
            None => (self.add_contact(name, email), true),
        };
        let Some(student) = self.students.get_mut(&which) else {
            return is_new;
        };
        let before = student.contacts.get(&contact);
        let says_more = before.is_none_or(|it| !relationship.is_empty() && it != relationship);
        if says_more {
            student.contacts.insert(contact, relationship.to_owned());
            self.steps.push(Step::Link {
                contact,
                student: which,
                relationship: relationship.to_owned(),
            });
        }
        is_new
    }

    fn add_contact(&mut self, name: &Name, email: Option<&EmailAddress>) -> Which<ContactId> {
        let which = Which::New(self.new_contacts);
        self.new_contacts += 1;
        self.steps.push(Step::AddContact {
            name: name.clone(),
            email: email.cloned(),
        });
        if email.is_some() {
            // Without an address a namesake elsewhere may be somebody else.
            self.contacts.insert(key(name, email), which);
        }
        self.contact_names
            .insert(which, (name.key(), email.is_some()));
        which
    }

    /// A contact of that student with that name: whoever has another address now. One without an
    /// address gets it.
    fn by_name_of(
        &mut self,
        which: Which<StudentId>,
        name: &Name,
        email: Option<&EmailAddress>,
    ) -> Option<Which<ContactId>> {
        let student = self.students.get(&which)?;
        let mut namesakes = student.contacts.keys().filter(|contact| {
            let known = self.contact_names.get(contact);
            known.is_some_and(|(key, _)| *key == name.key())
        });
        let contact = *namesakes.next()?;
        if namesakes.next().is_some() {
            return None;
        }
        match (contact, email) {
            (_, None) => Some(contact),
            (Which::Kept(id), Some(email)) => {
                self.steps.push(Step::ChangeContact {
                    id,
                    email: email.clone(),
                });
                self.contacts.insert(key(name, Some(email)), contact);
                Some(contact)
            }
            // Two rows of one file: two people of one name.
            (Which::New(_), Some(_)) => None,
        }
    }
}

fn key(name: &Name, email: Option<&EmailAddress>) -> ContactKey {
    (name.key(), email.map(EmailAddress::key).unwrap_or_default())
}
