//! Students and their contacts, teachers and classes out of a CSV file or another system: what it says
//! in, a result for every row and a plan out.
//!
//! A row is a student and one or more of their contacts; a student may have a row for each, and
//! siblings may share a contact or an address. What a cell holds is text, whatever it looks like.

mod asked;
mod begin;
mod cells;
mod columns;
mod decode;
mod end;
mod incoming;
mod marks;
mod opened;
mod plan;
mod shared;
mod sheet;
mod staff;

use std::fmt;

use crate::telephone;
use crate::text::{EmailAddress, Label, Name};

pub use columns::{Column, List, MOST_GUARDIANS, MOST_TEACHERS_NAMED, Part, TeacherPart};
pub use incoming::{
    ChangedPlace, Incoming, Left, Listed, ListedClass, ListedContact, ListedOrder, ListedTeacher,
    NamedTeacher, NamesAll, Taker, Unsaid,
};
pub use opened::{Choice, Opened, open};
pub use plan::{
    Alias, ContactStep, Decided, Existing, ExistingClass, ExistingContact, ExistingStudent,
    ExistingTeacher, FromSource, Kind, Leaving, Outcome, Plan, RowResult, StaffStep, Step,
    Unentered, Which, reconcile,
};

/// The largest file, bytes.
pub const LARGEST_FILE: usize = 10 * 1024 * 1024;

/// The most rows under the header.
pub const MOST_ROWS: usize = 50_000;

/// The most columns: the widest reports of schools' systems have some hundred.
pub const MOST_COLUMNS: usize = 250;

/// The most rows with one name: each is compared with every other, to tell namesakes apart. A student
/// has one for each guardian.
pub const MOST_NAMESAKES: usize = 100;

/// The most classes in one cell.
const MOST_CLASSES: usize = 50;

/// The longest cell, characters: more is a quotation mark that is not closed.
const LONGEST_CELL: usize = 2000;

/// What separates classes within their cell.
const BETWEEN_CLASSES: char = ';';

/// Why a file cannot be read as a whole.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unreadable {
    /// It has more than [`LARGEST_FILE`] bytes.
    #[error("This file is larger than 10 MB. Split it, and import the parts one after the other.")]
    TooLarge,
    /// It has more than [`MOST_ROWS`] rows.
    #[error(
        "This file has more than {MOST_ROWS} rows. Split it, and import the parts one after the other."
    )]
    TooManyRows,
    /// It has more than [`MOST_COLUMNS`] columns.
    #[error(
        "This file has more than {MOST_COLUMNS} columns. Remove those that are not needed, and import it again."
    )]
    TooManyColumns,
    /// It has no header.
    #[error("This file is empty. Its first row names the columns: {KNOWN}.")]
    Empty,
    /// It is a workbook, and no text.
    #[error(
        "This is a spreadsheet and not a CSV file. Open it in a spreadsheet program, choose \"Save as\" and \"CSV UTF-8\", and import what is saved."
    )]
    Workbook,
    /// It is a page or a document of another kind.
    #[error(
        "This is no CSV file, whatever it is called. Export the list as CSV, or open it in a spreadsheet program and choose \"Save as\" and \"CSV UTF-8\"."
    )]
    OtherKind,
    /// It is neither UTF-8 nor UTF-16, nor surely Windows-1252; the first line that is not.
    #[error(
        "This file is not saved as UTF-8, so that letters in row {0} cannot be read. In a spreadsheet, choose \"Save as\" and \"CSV UTF-8\"."
    )]
    NotUtf8(usize),
    /// It was opened in another encoding, and saved again; the first line that shows it.
    #[error(
        "Letters in row {0} were changed when this file was opened and saved, such as \"Ã«\" for \"ë\". Export it again, and import it without opening it in between."
    )]
    ReadWrongly(usize),
    /// A column is missing, and others are not known.
    #[error(
        "The column \"{0}\" is missing. These columns are not known: {1}. Rename them to: {KNOWN}."
    )]
    UnknownColumns(String, String),
    /// Two columns mean one thing.
    #[error("The columns \"{0}\" and \"{1}\" mean the same here. Remove one.")]
    ColumnTwice(String, String),
    /// No row seems to name the columns.
    #[error(
        "No row of this file seems to name the columns: they look like people. Say what each column holds."
    )]
    NoHeadings,
    /// What it is a list of is not said.
    #[error(
        "The headings of this file do not say whether it is a list of students or of teachers. Say which it is."
    )]
    UnclearList,
    /// A column that is not read tells students apart who have one name.
    #[error(
        "The column \"{0}\" is not known, and rows with one name and homeroom differ in it (rows {1} and {2}). Say whether it is the students' id, or leave it out."
    )]
    UnreadId(String, u64, u64),
    /// Whose addresses a column holds is not said.
    #[error(
        "The column \"{0}\" stands among those of students. Say whether it holds the guardians' addresses, or leave it out."
    )]
    WhoseAddress(String),
    /// A column that is not read holds addresses, and may be a guardian's.
    #[error(
        "The column \"{0}\" is not known, and holds e-mail addresses. Say whose they are, or leave it out."
    )]
    UnreadAddress(String),
    /// A column that is not read says that students go by other names; the line of one.
    #[error(
        "The column \"{0}\" says that students go by other names (row {1}). Choose it as the preferred first name, or leave it out."
    )]
    CalledOtherwise(String, u64),
    /// A column may name the homeroom, or classes that somebody teaches.
    #[error(
        "The column \"{0}\" names several classes of one student. Say whether these are their classes, or leave it out."
    )]
    HomeroomOrClasses(String),
    /// The first row names a column that is known, and more that are not.
    #[error(
        "Most of these columns are not known: {0}. Say what each column holds, or rename them to: {KNOWN}."
    )]
    MostUnknown(String),
    /// A quotation mark is open to its end; the line of the last row.
    #[error(
        "A quotation mark in row {0} is not closed, so that everything below it would be one cell. Close or remove it, and import the file again."
    )]
    OpenQuote(u64),
    /// Another list begins within it; the line.
    #[error(
        "Another list begins in row {0}: it names other columns. Save each list as a file of its own, and import one after the other."
    )]
    SeveralLists(u64),
    /// Columns were chosen, and there are not as many.
    #[error("This file has other columns than those that were chosen. Choose them again.")]
    OtherColumns,
    /// A column that must be there.
    #[error("The column \"{0}\" is missing. The first row names the columns: {KNOWN}.")]
    MissingColumn(String),
}

impl Unreadable {
    /// Whether the file can be read once somebody says what its columns mean.
    #[must_use]
    pub const fn is_about_columns(&self) -> bool {
        match self {
            Self::UnknownColumns(..)
            | Self::ColumnTwice(..)
            | Self::NoHeadings
            | Self::UnclearList
            | Self::UnreadId(..)
            | Self::WhoseAddress(_)
            | Self::UnreadAddress(_)
            | Self::CalledOtherwise(..)
            | Self::HomeroomOrClasses(_)
            | Self::MostUnknown(_)
            | Self::OtherColumns
            | Self::MissingColumn(_) => true,
            Self::TooLarge
            | Self::TooManyRows
            | Self::TooManyColumns
            | Self::Empty
            | Self::Workbook
            | Self::OtherKind
            | Self::NotUtf8(_)
            | Self::SeveralLists(_)
            | Self::OpenQuote(_)
            | Self::ReadWrongly(_) => false,
        }
    }
}

/// The columns, for a sentence.
const KNOWN: &str = "student (or student first name and student last name), student id, homeroom, \
                     year, classes, guardian (or guardian first name and guardian last name), guardian id, \
                     e-mail, telephone, mobile, relationship; and guardian 2, guardian 2 e-mail and so on. In a \
                     list of teachers: teacher (or first name and last name), teacher id, teacher e-mail. \
                     In a list of classes: class, class id, subject, and the same of its teachers";

/// What a file says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Table {
    /// What it is a list of.
    pub list: List,
    /// The rows of a list of students.
    pub rows: Vec<Row>,
    /// The teachers whom a list of them names.
    pub teachers: Vec<Listed<ListedTeacher>>,
    /// Those whom classes name.
    pub named_teachers: Vec<Listed<NamedTeacher>>,
    /// The classes whose teachers it says.
    pub classes: Vec<Listed<ListedClass>>,
    /// Those of these that cannot be taken, by their names and ids: students who are in them are taken all
    /// the same.
    pub refused_classes: Vec<(Label, Option<String>)>,
    /// The columns that mean nothing here, by their names.
    pub unused: Vec<String>,
    /// Words with letters beyond ASCII, where it had to be guessed how they were saved.
    pub guessed: Vec<String>,
    /// What the office should know of how it was read, a sentence each.
    pub notes: Vec<String>,
}

impl Table {
    const fn of(list: List) -> Self {
        Self {
            list,
            rows: Vec::new(),
            teachers: Vec::new(),
            named_teachers: Vec::new(),
            classes: Vec::new(),
            refused_classes: Vec::new(),
            unused: Vec::new(),
            guessed: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// It as a source, which may name all that it is a list of: every student with all of their contacts
    /// and classes, every teacher, or every class.
    #[must_use]
    pub fn incoming(self, is_whole: bool) -> Incoming {
        let names = |list| is_whole && self.list == list;
        Incoming {
            names_all: NamesAll {
                students: names(List::Students),
                teachers: names(List::Teachers),
                classes: names(List::Classes),
            },
            rows_are_whole: names(List::Students),
            teachers: self.teachers,
            named_teachers: self.named_teachers,
            classes: self.classes,
            refused_classes: self.refused_classes,
            students: self.rows,
            notes: self.notes,
            ..Incoming::default()
        }
    }
}

/// What a row says.
#[derive(Clone, Eq, PartialEq)]
pub struct Entry {
    /// The student's name.
    pub student: Name,
    /// Their id in the system that the file comes from.
    pub source: Option<String>,
    /// Other ids of theirs, by which they may be known from another system.
    pub other_ids: Vec<String>,
    /// Their form, where the row says it.
    pub form: Option<String>,
    /// The year they are in, as [`crate::year::read`] has it, where the row says it.
    pub year: Option<String>,
    /// Their classes, by name; none where the file has no such column.
    pub classes: Option<Vec<Label>>,
    /// Their contacts, in order.
    pub guardians: Vec<Guardian>,
    /// Contacts of whom it says an id and no name: whoever is known by it.
    pub unnamed: Vec<Unnamed>,
}

/// A contact whom a row does not call by a name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unnamed {
    /// Their id in the system that the row comes from.
    pub source: String,
    /// What they are to the student; may be empty.
    pub relationship: String,
}

/// A contact that a row names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Guardian {
    /// Their name.
    pub name: Name,
    /// Their address, if there is one.
    pub email: Option<EmailAddress>,
    /// Their mobile number as it stands there, where text messages go; may be empty, or another
    /// telephone's.
    pub mobile: String,
    /// Another telephone number of theirs, as [`telephone::read`] has it; may be empty.
    pub telephone: String,
    /// What they are to the student; may be empty.
    pub relationship: String,
    /// Their id in the system that the row comes from.
    pub source: Option<String>,
    /// Whether that system says that a court order is in force on them. That it does not says nothing.
    pub has_court_order: bool,
}

impl Guardian {
    /// Their telephone number, as [`telephone::read`] has it: that of their mobile where there is no
    /// other, for many lists have that alone. May be empty.
    #[must_use]
    pub fn number(&self) -> String {
        if self.telephone.is_empty() {
            telephone::read(&self.mobile)
        } else {
            self.telephone.clone()
        }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").finish_non_exhaustive()
    }
}

/// A row of the file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    /// The line it begins in, the header's being 1.
    pub line: u64,
    /// What stands in the student's column.
    pub student: String,
    /// What the row says, or why it cannot be taken.
    pub entry: Result<Entry, String>,
    /// Whom it names, where it cannot be taken.
    pub named: Named,
}

/// Whom a row names that cannot be taken, as far as it can be read.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Named {
    /// The student.
    pub student: Hint,
    /// Their contacts.
    pub contacts: Vec<Hint>,
    /// The court orders that it says all the same.
    pub orders: Vec<ListedOrder>,
}

/// By what somebody may be known whom a row names; where all is empty, it may be anybody.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Hint {
    /// Their ids there.
    pub ids: Vec<String>,
    /// What they are called there; may be no name.
    pub name: String,
}

impl Named {
    /// It may be anybody.
    #[must_use]
    pub fn anybody() -> Self {
        Self {
            student: Hint::default(),
            contacts: vec![Hint::default()],
            orders: Vec::new(),
        }
    }
}

/// Reads a file by the headings that are known: see [`open`] for one whose columns are chosen.
///
/// # Errors
///
/// [`Unreadable`] where there is no telling what the rows mean.
pub fn read(file: &[u8]) -> Result<Table, Unreadable> {
    open(file)?.table(None)
}

#[cfg(test)]
mod tests;
