//! Students and their contacts out of a CSV file: text in, a result for every row and a plan out.
//!
//! A row is a student and one of their contacts; a student with two contacts has two rows, and
//! siblings may share a contact or an address. What a cell holds is text, whatever it looks like.

mod plan;

use std::fmt;

use csv::{ReaderBuilder, StringRecord};

use crate::refusal::Refusal;
use crate::text::{EmailAddress, Label, Name};

pub use plan::{
    Existing, ExistingContact, ExistingStudent, Outcome, Plan, RowResult, Step, Which, plan,
};

/// The largest file, bytes.
pub const LARGEST_FILE: usize = 10 * 1024 * 1024;

/// The most rows under the header.
pub const MOST_ROWS: usize = 50_000;

/// The longest cell, characters: more is a quotation mark that is not closed.
const LONGEST_CELL: usize = 2000;

/// What separates classes within their cell.
const BETWEEN_CLASSES: char = ';';

/// A column, by the name that stands in the header. Capitals, spaces, `_` and `-` do not count.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Column {
    Student,
    StudentId,
    Form,
    Classes,
    Contact,
    Email,
    Relationship,
}

impl Column {
    const ALL: [(&'static str, Self); 7] = [
        ("student", Self::Student),
        ("student id", Self::StudentId),
        ("homeroom", Self::Form),
        ("classes", Self::Classes),
        ("guardian", Self::Contact),
        ("e-mail", Self::Email),
        ("relationship", Self::Relationship),
    ];

    /// What some systems call two of them.
    const ALSO: [(&'static str, Self); 2] = [("form", Self::Form), ("contact", Self::Contact)];

    fn named(cell: &str) -> Option<Self> {
        let plain = |text: &str| -> String {
            text.chars()
                .filter(|it| !matches!(it, ' ' | '_' | '-'))
                .flat_map(char::to_lowercase)
                .collect()
        };
        let cell = plain(cell);
        let mut names = Self::ALL.iter().chain(&Self::ALSO);
        let named = names.find(|(name, _)| plain(name) == cell);
        named.map(|(_, column)| *column)
    }
}

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
    /// It has no header.
    #[error("This file is empty. Its first row names the columns: {KNOWN}.")]
    Empty,
    /// It is not UTF-8.
    #[error(
        "This file is not saved as UTF-8. In a spreadsheet, choose \"Save as\" and \"CSV UTF-8\"."
    )]
    NotUtf8,
    /// A column that nobody knows.
    #[error("The column \"{0}\" is not known. The columns are: {KNOWN}.")]
    UnknownColumn(String),
    /// A column that stands there twice.
    #[error("The column \"{0}\" is there twice. Remove one.")]
    ColumnTwice(String),
    /// A column that must be there.
    #[error("The column \"{0}\" is missing. The first row names the columns: {KNOWN}.")]
    MissingColumn(&'static str),
}

/// The columns, for a sentence.
const KNOWN: &str = "student, student id, homeroom, classes, guardian, e-mail, relationship";

/// What a row says.
#[derive(Clone, Eq, PartialEq)]
pub struct Entry {
    /// The student's name.
    pub student: Name,
    /// Their id in the system that the file comes from.
    pub source: Option<String>,
    /// Their form, where the row says it.
    pub form: Option<String>,
    /// Their classes, by name; none where the file has no such column.
    pub classes: Option<Vec<Label>>,
    /// Their contact, with an address if there is one.
    pub contact: Option<(Name, Option<EmailAddress>)>,
    /// What the contact is to the student; may be empty.
    pub relationship: String,
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
}

/// Reads a file: its header, and each row by itself.
///
/// The header names the columns: `Student`, `Student ID`, `Homeroom`, `Classes` (several with `;`
/// between), `Guardian`, `E-mail`, `Relationship`. `Student` must be there, and `Guardian` where
/// `E-mail` is. Commas or semicolons separate the cells, whichever the header has more of.
///
/// # Errors
///
/// [`Unreadable`] where there is no telling what the rows mean.
pub fn read(file: &[u8]) -> Result<Vec<Row>, Unreadable> {
    if file.len() > LARGEST_FILE {
        return Err(Unreadable::TooLarge);
    }
    let text = std::str::from_utf8(file).map_err(|_other_encoding| Unreadable::NotUtf8)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains('\0') {
        return Err(Unreadable::NotUtf8);
    }
    let first = text
        .lines()
        .find(|it| !it.trim().is_empty())
        .unwrap_or_default();
    let count = |delimiter: char| first.matches(delimiter).count();
    let delimiter = if count(';') > count(',') { b';' } else { b',' };
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    // What is left to fail was ruled out: the text is UTF-8, in memory, and rows may differ.
    let mut next = || records.next().and_then(Result::ok);
    let header = next().ok_or(Unreadable::Empty)?;
    let columns = columns(&header)?;
    let mut rows = Vec::new();
    while let Some(record) = next() {
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if rows.len() == MOST_ROWS {
            return Err(Unreadable::TooManyRows);
        }
        rows.push(row(&columns, &record, line(text, &record)));
    }
    Ok(rows)
}

fn columns(header: &StringRecord) -> Result<Vec<Column>, Unreadable> {
    if header.iter().all(|cell| cell.trim().is_empty()) {
        return Err(Unreadable::Empty);
    }
    let mut columns = Vec::new();
    for cell in header {
        let shown: String = cell.trim().chars().take(60).collect();
        let column = Column::named(cell).ok_or_else(|| Unreadable::UnknownColumn(shown.clone()))?;
        if columns.contains(&column) {
            return Err(Unreadable::ColumnTwice(shown));
        }
        columns.push(column);
    }
    if !columns.contains(&Column::Student) {
        return Err(Unreadable::MissingColumn("student"));
    }
    if columns.contains(&Column::Email) && !columns.contains(&Column::Contact) {
        return Err(Unreadable::MissingColumn("guardian"));
    }
    Ok(columns)
}

/// The line in which a row begins, from 1. What was read before it may be empty lines.
fn line(text: &str, record: &StringRecord) -> u64 {
    let Some(position) = record.position() else {
        return 0;
    };
    let begins = usize::try_from(position.byte()).ok();
    let rest = begins
        .and_then(|it| text.as_bytes().get(it..))
        .unwrap_or_default();
    let empty = rest.iter().take_while(|it| matches!(it, b'\r' | b'\n'));
    let empty = empty.filter(|it| **it == b'\n').count();
    position
        .line()
        .saturating_add(u64::try_from(empty).unwrap_or(0))
}

fn row(columns: &[Column], record: &StringRecord, line: u64) -> Row {
    let cell = |column| {
        let at = columns.iter().position(|it| *it == column)?;
        record.get(at).map(str::trim)
    };
    let student: String = cell(Column::Student)
        .unwrap_or_default()
        .chars()
        .filter(|it| !it.is_control())
        .take(100)
        .collect();
    Row {
        line,
        student,
        entry: entry(columns, record, cell),
    }
}

fn entry<'r>(
    columns: &[Column],
    record: &'r StringRecord,
    cell: impl Fn(Column) -> Option<&'r str>,
) -> Result<Entry, String> {
    if record
        .iter()
        .any(|it| it.chars().nth(LONGEST_CELL).is_some())
    {
        return Err(
            "A cell is far too long: look for a quotation mark that is not closed.".to_owned(),
        );
    }
    if record.len() != columns.len() {
        return Err(format!(
            "This row has {} cells, but the first row names {} columns.",
            record.len(),
            columns.len()
        ));
    }
    let text = |column| cell(column).unwrap_or_default();
    for (name, column) in Column::ALL {
        if text(column).chars().any(char::is_control) {
            return Err(format!(
                "The {name} has a line break or another special character."
            ));
        }
    }
    for (name, column) in [
        ("student id", Column::StudentId),
        ("homeroom", Column::Form),
    ] {
        if text(column).chars().count() > crate::text::LONGEST_NAME {
            return Err(format!("The {name} is too long."));
        }
    }
    let student = Name::read(text(Column::Student)).map_err(|why| of("student", why))?;
    let contact = match (text(Column::Contact), text(Column::Email)) {
        ("", "") => None,
        ("", _) => return Err("The guardian's name is missing.".to_owned()),
        (name, "") => Some((Name::read(name).map_err(|why| of("guardian", why))?, None)),
        (name, email) => Some((
            Name::read(name).map_err(|why| of("guardian", why))?,
            Some(EmailAddress::read(email).map_err(|why| of("e-mail", why))?),
        )),
    };
    let classes = cell(Column::Classes).map(|cell| {
        let names = cell.split(BETWEEN_CLASSES).map(str::trim);
        let labels = names.filter(|it| !it.is_empty()).map(Label::read);
        labels
            .collect::<Result<Vec<_>, _>>()
            .map_err(|why| of("classes", why))
    });
    Ok(Entry {
        student,
        source: Some(text(Column::StudentId).to_owned()).filter(|it| !it.is_empty()),
        form: Some(text(Column::Form).to_owned()).filter(|it| !it.is_empty()),
        classes: classes.transpose()?,
        contact,
        relationship: text(Column::Relationship).to_owned(),
    })
}

/// The sentence of a refusal, about a column.
fn of(column: &str, refusal: Refusal) -> String {
    format!("In {column}: {refusal}")
}

#[cfg(test)]
mod tests;
