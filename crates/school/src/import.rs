//! Students and their contacts out of a CSV file: text in, a result for every row and a plan out.
//!
//! A row is a student and one of their contacts; a student with two contacts has two rows, and
//! siblings may share a contact or an address. What a cell holds is text, whatever it looks like.

mod columns;
mod decode;
mod plan;
mod sheet;

use std::fmt;

use csv::StringRecord;

use crate::refusal::Refusal;
use crate::text::{self, EmailAddress, Label, Name};

use columns::{Column, Columns};
use sheet::Sheet;

pub use plan::{
    Existing, ExistingContact, ExistingStudent, Outcome, Plan, RowResult, Step, Which, plan,
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
    UnknownColumns(&'static str, String),
    /// Two columns mean one thing.
    #[error("The columns \"{0}\" and \"{1}\" mean the same here. Remove one.")]
    ColumnTwice(String, String),
    /// A column that must be there.
    #[error("The column \"{0}\" is missing. The first row names the columns: {KNOWN}.")]
    MissingColumn(&'static str),
}

/// The columns, for a sentence.
const KNOWN: &str = "student (or student first name and student last name), student id, homeroom, \
                     classes, guardian (or guardian first name and guardian last name), e-mail, \
                     relationship";

/// What a file says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Table {
    /// Its rows.
    pub rows: Vec<Row>,
    /// The columns that mean nothing here, by their names.
    pub unused: Vec<String>,
}

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
/// between), `Guardian`, `E-mail`, `Relationship`, or as the great systems of schools call them.
/// `Student` must be there, whole or as first and last name, and `Guardian` where `E-mail` is.
/// Commas, semicolons, tabs, bars or colons separate the cells.
///
/// # Errors
///
/// [`Unreadable`] where there is no telling what the rows mean.
pub fn read(file: &[u8]) -> Result<Table, Unreadable> {
    if file.len() > LARGEST_FILE {
        return Err(Unreadable::TooLarge);
    }
    let text = decode::text(file)?;
    let sheet = Sheet::new(&text);
    let mut records = sheet
        .rows()
        .skip_while(|(_, record)| record.iter().all(|cell| cell.trim().is_empty()));
    let (_, header) = records.next().ok_or(Unreadable::Empty)?;
    let columns = Columns::read(&header)?;
    let mut rows = Vec::new();
    for (line, record) in records {
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if rows.len() == MOST_ROWS {
            return Err(Unreadable::TooManyRows);
        }
        let cells = Cells {
            columns: &columns.each,
            record: &record,
        };
        rows.push(Row {
            line,
            student: cells.student(),
            entry: cells.entry(),
        });
    }
    Ok(Table {
        rows,
        unused: columns.unused,
    })
}

/// The cells of a row.
struct Cells<'r> {
    columns: &'r [Option<Column>],
    record: &'r StringRecord,
}

impl Cells<'_> {
    /// What stands in a column; cells at the end of a row may be missing, as spreadsheets leave out
    /// what is empty.
    fn of(&self, column: Column) -> Option<&str> {
        let at = self.columns.iter().position(|it| *it == Some(column))?;
        Some(self.record.get(at).unwrap_or_default().trim())
    }

    fn text(&self, column: Column) -> &str {
        self.of(column).unwrap_or_default()
    }

    /// A name out of its one column or its two; nothing where they are empty.
    fn name(&self, whole: Column, first: Column, last: Column) -> Option<String> {
        let name = match self.of(whole) {
            Some(name) => name.to_owned(),
            None => format!("{} {}", self.text(first), self.text(last)),
        };
        Some(name).filter(|it| !it.trim().is_empty())
    }

    fn student(&self) -> String {
        self.name(Column::Student, Column::StudentFirst, Column::StudentLast)
            .unwrap_or_default()
            .chars()
            .filter(|it| !it.is_control())
            .take(100)
            .collect()
    }

    fn entry(&self) -> Result<Entry, String> {
        self.check()?;
        let student = self
            .name(Column::Student, Column::StudentFirst, Column::StudentLast)
            .unwrap_or_default();
        let student = Name::read(&student).map_err(|why| of(Column::Student, why))?;
        let classes = self.of(Column::Classes).map(|cell| {
            let names = cell.split(BETWEEN_CLASSES).map(str::trim);
            let names: Vec<_> = names.filter(|it| !it.is_empty()).collect();
            if names.len() > MOST_CLASSES {
                return Err(format!(
                    "In classes: nobody can be in more than {MOST_CLASSES} classes."
                ));
            }
            let labels = names.into_iter().map(Label::read);
            labels
                .collect::<Result<Vec<_>, _>>()
                .map_err(|why| of(Column::Classes, why))
        });
        let line = |column| text::read_line(self.text(column)).map_err(|why| of(column, why));
        Ok(Entry {
            student,
            source: self.source()?,
            form: Some(line(Column::Form)?).filter(|it| !it.is_empty()),
            classes: classes.transpose()?,
            contact: self.contact()?,
            relationship: line(Column::Relationship)?,
        })
    }

    fn source(&self) -> Result<Option<String>, String> {
        let id = text::unquoted(self.text(Column::StudentId));
        if text::is_cut_short(id) {
            return Err(format!(
                "In student id: a spreadsheet has shortened this number to \"{id}\". Export the file again, or format the column as text and type the number."
            ));
        }
        let id = text::read_line(id).map_err(|why| of(Column::StudentId, why))?;
        Ok(Some(id).filter(|it| !it.is_empty()))
    }

    fn contact(&self) -> Result<Option<(Name, Option<EmailAddress>)>, String> {
        let name = self.name(Column::Contact, Column::ContactFirst, Column::ContactLast);
        let email = match EmailAddress::read(self.text(Column::Email)) {
            Ok(email) => Some(email),
            Err(Refusal::EmailMissing) => None,
            Err(why) => return Err(of(Column::Email, why)),
        };
        match (name, email) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err("In guardian: the guardian's name is missing.".to_owned()),
            (Some(name), email) => {
                let name = Name::read(&name).map_err(|why| of(Column::Contact, why))?;
                Ok(Some((name, email)))
            }
        }
    }

    /// Whether every cell is where it belongs, and as it was.
    fn check(&self) -> Result<(), String> {
        if self
            .record
            .iter()
            .any(|it| it.chars().nth(LONGEST_CELL).is_some())
        {
            return Err(
                "A cell is far too long: look for a quotation mark that is not closed.".to_owned(),
            );
        }
        // Also where the last are empty: what has shifted there is a comma within a name.
        if self.record.len() > self.columns.len() {
            return Err(format!(
                "This row has {} cells, but the first row names {} columns. Put cells that hold a comma or semicolon in quotation marks.",
                self.record.len(),
                self.columns.len()
            ));
        }
        let named = self.columns.iter().zip(self.record);
        for (column, cell) in named {
            let Some(column) = column else { continue };
            if cell.trim().chars().any(char::is_control) {
                return Err(format!(
                    "In {}: remove the line break or other special character.",
                    column.name()
                ));
            }
            if was_lost(*column, cell) {
                return Err(format!(
                    "In {}: letters were lost when this file was saved (\"{}\"). In a spreadsheet, choose \"Save as\" and \"CSV UTF-8\".",
                    column.name(),
                    cell.trim()
                ));
            }
        }
        Ok(())
    }
}

/// Whether a name has a mark where a letter was: `Zo?`, `Zo\u{fffd}`, or `Zo+AOs-` of UTF-7.
fn was_lost(column: Column, cell: &str) -> bool {
    let is_name = match column {
        Column::Student
        | Column::StudentFirst
        | Column::StudentLast
        | Column::Contact
        | Column::ContactFirst
        | Column::ContactLast => true,
        Column::StudentId
        | Column::Form
        | Column::Classes
        | Column::Email
        | Column::Relationship => false,
    };
    let utf7 = |cell: &str| {
        cell.split_once('+').is_some_and(|(_, rest)| {
            let coded = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
            coded >= 3 && rest.as_bytes().get(coded) == Some(&b'-')
        })
    };
    is_name && (cell.contains(['?', '\u{fffd}']) || utf7(cell))
}

/// The sentence of a refusal, about a column.
fn of(column: Column, refusal: Refusal) -> String {
    format!("In {}: {refusal}", column.name())
}

#[cfg(test)]
mod tests;
