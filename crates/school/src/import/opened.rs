//! A file whose cells are known, before it is said what its columns mean.

use std::cmp::Reverse;
use std::iter;

use csv::StringRecord;

use super::cells::Cells;
use super::columns::{Column, Columns, List, shown};
use super::decode::{self, Decoded};
use super::sheet::Sheet;
use super::staff::{self, Classes};
use super::{LARGEST_FILE, MOST_COLUMNS, MOST_ROWS, Row, Table, Unreadable};
use crate::text::line_key;

/// How many rows may stand above the one that names the columns.
pub(super) const MOST_ABOVE: usize = 9;

/// What the office says of a file's columns.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Choice {
    /// The meaning of each column, in order; none where it is to be left out.
    pub columns: Vec<Option<Column>>,
    /// Whether the first row names the columns, and is nobody.
    pub has_headings: bool,
}

/// A file's rows of cells.
#[derive(Debug)]
pub struct Opened {
    /// The first that is not empty, and the line that it begins in.
    first: (u64, StringRecord),
    /// The others.
    rest: Vec<(u64, StringRecord)>,
    guessed: Vec<String>,
}

/// Opens a file. Commas, semicolons, tabs, bars or colons separate its cells.
///
/// # Errors
///
/// [`Unreadable`] where its cells cannot be read, or are too many.
pub fn open(file: &[u8]) -> Result<Opened, Unreadable> {
    if file.len() > LARGEST_FILE {
        return Err(Unreadable::TooLarge);
    }
    let Decoded { text, guessed } = decode::text(file)?;
    let is_empty = |record: &StringRecord| record.iter().all(|cell| cell.trim().is_empty());
    let sheet = Sheet::new(&text);
    let rows = sheet.rows().filter(|(_, record)| !is_empty(record));
    // One more than may be, and what may stand above them.
    let mut rows: Vec<_> = rows.take(MOST_ABOVE + 1 + MOST_ROWS + 1).collect();
    if rows.is_empty() {
        return Err(Unreadable::Empty);
    }
    // Where the first names no columns, one soon after it may: above it stands what the list is of,
    // which may be called like a column ("Staff").
    let begin = rows.iter().take(MOST_ABOVE + 1).enumerate();
    let named = begin.filter(|(_, (_, it))| Columns::read(it).is_ok());
    let headings = named
        .max_by_key(|(place, (_, it))| (Columns::known(it), Reverse(*place)))
        .map(|(place, _)| place);
    let first = rows.drain(..=headings.unwrap_or(0)).next_back();
    let mut first = first.ok_or(Unreadable::Empty)?;
    if first.1.len() > MOST_COLUMNS {
        return Err(Unreadable::TooManyColumns);
    }
    // Each column may be chosen, also where the first row is shorter than others.
    let widths = rows.iter().map(|(_, it)| it.len());
    let widest = widths.max().filter(|_| headings.is_none()).unwrap_or(0);
    for _ in first.1.len()..widest.min(MOST_COLUMNS) {
        first.1.push_field("");
    }
    Ok(Opened {
        first,
        rest: rows,
        guessed,
    })
}

impl Opened {
    /// The cells of the first row.
    #[must_use]
    pub fn headings(&self) -> Vec<String> {
        self.first.1.iter().map(shown).collect()
    }

    /// The cells of the first rows under the headings, cut.
    #[must_use]
    pub fn samples(&self, most: usize) -> Vec<Vec<String>> {
        let rows = self.rest.iter().take(most);
        rows.map(|(_, record)| record.iter().map(shown).collect())
            .collect()
    }

    /// By what files of the same headings are known again.
    #[must_use]
    pub fn key(&self) -> String {
        let headings: Vec<_> = self.first.1.iter().map(line_key).collect();
        headings.join("\n")
    }

    /// What the headings say by themselves, whether that suffices or not.
    #[must_use]
    pub fn understood(&self) -> Choice {
        let mut columns: Vec<Option<Column>> = Vec::new();
        for column in Column::of_headings(&self.first.1) {
            let column = column.filter(|it| !columns.contains(&Some(*it)));
            columns.push(column);
        }
        Choice {
            columns,
            has_headings: true,
        }
    }

    /// What the rows say: by the headings, or as it was chosen.
    ///
    /// In a list of students `Student` must be there, whole or as first and last name, and a guardian's
    /// name where their address is; in one of teachers their name, and in one of classes `Classes` and
    /// something of a teacher.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] where there is no telling what the rows mean.
    pub fn table(&self, choice: Option<&Choice>) -> Result<Table, Unreadable> {
        let columns = match choice {
            None => Columns::read(&self.first.1)?,
            Some(choice) => Columns::chosen(&self.first.1, &choice.columns)?,
        };
        let has_headings = choice.is_none_or(|it| it.has_headings);
        if self.rest.len() + usize::from(!has_headings) > MOST_ROWS {
            return Err(Unreadable::TooManyRows);
        }
        let records = iter::once(&self.first).chain(&self.rest);
        let mut rows = records
            .skip(usize::from(has_headings))
            .map(|(line, record)| {
                let cells = Cells {
                    columns: &columns,
                    record,
                };
                (*line, cells)
            });
        let mut table = Table {
            unused: columns.unused.clone(),
            guessed: self.guessed.clone(),
            ..Table::of(columns.list)
        };
        match columns.list {
            List::Teachers => table.teachers = staff::teachers(&mut rows),
            List::Classes => {
                let mut classes = Classes::default();
                for (line, cells) in rows {
                    classes.take(line, &cells);
                }
                classes.finish(&mut table);
            }
            List::Students => {
                let mut classes = Classes::default();
                for (line, cells) in rows {
                    let entry = cells.entry();
                    let entry = entry.and_then(|entry| classes.of_student(line, &cells, entry));
                    table.rows.push(Row {
                        line,
                        student: cells.student(),
                        entry,
                    });
                }
                classes.finish(&mut table);
            }
        }
        Ok(table)
    }
}
