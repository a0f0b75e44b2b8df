//! All that a source says at once, whichever it is: a file, a folder of files, or another system.

use std::collections::HashSet;

use super::{Entry, Guardian, Row};
use crate::text::{Countries, EmailAddress, Label, Name, id_key};

/// What a source says of the school's people.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Incoming {
    /// Its teachers.
    pub teachers: Vec<Listed<ListedTeacher>>,
    /// Its classes, each named once.
    pub classes: Vec<Listed<ListedClass>>,
    /// Its students with their contacts.
    pub students: Vec<Row>,
    /// Teachers whom classes name: whoever is known stays as they are, but for an id or an address that
    /// was missing; whoever is not comes in.
    pub named_teachers: Vec<Listed<NamedTeacher>>,
    /// Those of these that cannot be taken, by their names and ids: students who are in them are taken all
    /// the same.
    pub refused_classes: Vec<(Label, Option<String>)>,
    /// Of what it names all there is.
    pub names_all: NamesAll,
    /// Whether each student's row says all of their contacts and classes.
    pub rows_are_whole: bool,
    /// Of whom and what it says that they are gone.
    pub left: Left,
    /// People of whom it does not say what they are.
    pub unsaid: Vec<Unsaid>,
    /// Contacts who are named without their students, as a file of changes does.
    pub contacts: Vec<Listed<ListedContact>>,
    /// Students who come into a class or leave one, and are not named themselves.
    pub places: Vec<ChangedPlace>,
    /// On whom it says that a court order is in force, also in rows that cannot be taken; nothing where it
    /// knows of no orders.
    pub orders: Option<Vec<ListedOrder>>,
    /// The countries whose mobile numbers are taken.
    pub countries: Countries,
    /// What the office should know of how it was read, a sentence each.
    pub notes: Vec<String>,
}

impl Incoming {
    /// A list of students that need not name all of them.
    #[must_use]
    pub fn some(students: Vec<Row>) -> Self {
        Self {
            students,
            ..Self::default()
        }
    }

    /// A list of all students, each with all of their contacts.
    #[must_use]
    pub fn all(students: Vec<Row>) -> Self {
        Self {
            students,
            names_all: NamesAll {
                students: true,
                ..NamesAll::default()
            },
            rows_are_whole: true,
            ..Self::default()
        }
    }
}

impl Incoming {
    /// Takes in what another list of the same source says. A class that is named here already is that
    /// one, and who takes it is said.
    pub fn join(&mut self, other: Self) {
        let key = |it: &Listed<ListedClass>| match &it.entry {
            Ok(class) => class
                .source
                .as_deref()
                .map(id_key)
                .or_else(|| Some(class.name.key())),
            Err(_reason) => None,
        };
        let known: HashSet<String> = self.classes.iter().filter_map(key).collect();
        let names: HashSet<String> = self
            .classes
            .iter()
            .filter_map(|it| Some(it.entry.as_ref().ok()?.name.key()))
            .collect();
        let before = self.named_teachers.len();
        let is_new = |it: &Listed<ListedClass>| {
            let name = it.entry.as_ref().ok().map(|it| it.name.key());
            !key(it).is_some_and(|it| known.contains(&it))
                && !name.is_some_and(|it| names.contains(&it))
        };
        let classes = other.classes.into_iter().filter(is_new);
        self.classes.extend(classes.map(|mut listed| {
            if let Ok(class) = &mut listed.entry {
                for taker in &mut class.teachers {
                    if let Taker::Named(place) = taker {
                        *place += before;
                    }
                }
            }
            listed
        }));
        self.refused_classes.extend(other.refused_classes);
        self.teachers.extend(other.teachers);
        self.named_teachers.extend(other.named_teachers);
        self.students.extend(other.students);
        self.left.extend(other.left);
        self.unsaid.extend(other.unsaid);
        self.contacts.extend(other.contacts);
        self.places.extend(other.places);
        self.notes.extend(other.notes);
        if let Some(orders) = other.orders {
            self.orders.get_or_insert_default().extend(orders);
        }
        let (all, more) = (&mut self.names_all, other.names_all);
        all.students |= more.students;
        all.teachers |= more.teachers;
        all.classes |= more.classes;
        self.rows_are_whole |= other.rows_are_whole;
    }
}

/// The ids of whom and what a source says to be gone, of each kind apart: a class and a student may have one
/// number.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Left {
    /// Students.
    pub students: Vec<String>,
    /// Contacts.
    pub contacts: Vec<String>,
    /// Teachers.
    pub teachers: Vec<String>,
    /// Classes.
    pub classes: Vec<String>,
}

impl Left {
    fn extend(&mut self, other: Self) {
        self.students.extend(other.students);
        self.contacts.extend(other.contacts);
        self.teachers.extend(other.teachers);
        self.classes.extend(other.classes);
    }
}

/// Somebody of whom a source does not say what they are, as a file of changes need not: they are whoever is
/// here by that id.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unsaid {
    /// The line that names them, the header's being 1.
    pub line: u64,
    /// Their id there.
    pub id: String,
    /// What they are called there, as far as it can be read.
    pub name: String,
    /// What it says of them if they are a student, without their contacts.
    pub student: Result<Entry, String>,
    /// The same if they are a contact, with all whose contact they may be.
    pub contact: Result<ListedContact, String>,
    /// The same if they are a teacher.
    pub teacher: Result<ListedTeacher, String>,
    /// Whether they may be somebody who is never taken in.
    pub may_be_nobody: bool,
}

/// Of what a source names all there is: what an earlier import brought and it does not name is gone.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct NamesAll {
    /// Students and their contacts.
    pub students: bool,
    /// Teachers.
    pub teachers: bool,
    /// Classes.
    pub classes: bool,
}

/// A teacher or class as the source lists it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Listed<T> {
    /// The line it begins in, the header's being 1.
    pub line: u64,
    /// What it is called there, as far as it can be read.
    pub name: String,
    /// What the source says, or why it cannot be taken.
    pub entry: Result<T, String>,
}

/// A teacher.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ListedTeacher {
    /// Their id there, if they have one.
    pub source: Option<String>,
    /// Their name, as parents know them.
    pub name: Name,
    /// Their address, if there is one.
    pub email: Option<EmailAddress>,
}

/// A teacher as a class names them: at least one of these is there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NamedTeacher {
    /// Their id there.
    pub source: Option<String>,
    /// Their name, maybe shortened.
    pub name: Option<Name>,
    /// Their address.
    pub email: Option<EmailAddress>,
}

/// A contact who is named without their students.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ListedContact {
    /// Who.
    pub guardian: Guardian,
    /// The ids of students whose contact they are.
    pub students: Vec<String>,
}

/// A court order that is in force on a contact.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ListedOrder {
    /// The line that says so, the header's being 1.
    pub line: u64,
    /// What the contact is called there, as far as it can be read.
    pub name: String,
    /// Their id there.
    pub source: Option<String>,
    /// The contact, where they can be read.
    pub guardian: Option<Guardian>,
    /// What the student is called there whose contact they are.
    pub student: String,
    /// The student's ids there.
    pub student_ids: Vec<String>,
}

/// A student comes into a class, or leaves it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChangedPlace {
    /// The line that says so, the header's being 1.
    pub line: u64,
    /// The student's id.
    pub student: String,
    /// The class's.
    pub class: String,
    /// Whether they leave it.
    pub is_over: bool,
}

/// A class.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ListedClass {
    /// Its id there, if it has one.
    pub source: Option<String>,
    /// What it is called.
    pub name: Label,
    /// Its subject; one that is not said stays as it is, and is the name of a new class.
    pub subject: Option<Label>,
    /// Its teachers, in order.
    pub teachers: Vec<Taker>,
}

/// Who takes a class.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Taker {
    /// Whoever is listed as a teacher with this id; whoever is not is left out.
    Listed(String),
    /// Whoever stands at this place of [`Incoming::named_teachers`], and must be somebody.
    Named(usize),
}
