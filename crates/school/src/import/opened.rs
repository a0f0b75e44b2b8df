//! A file whose cells are known, before it is said what its columns mean.

use csv::StringRecord;

use super::cells::Cells;
use super::columns::Columns;
use super::decode::{self, Decoded};
use super::sheet::Sheet;
use super::{LARGEST_FILE, MOST_COLUMNS, MOST_ROWS, Row, Table, Unreadable};

/// A file's rows of cells.
#[derive(Debug)]
pub(super) struct Opened {
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
pub(super) fn open(file: &[u8]) -> Result<Opened, Unreadable> {
    if file.len() > LARGEST_FILE {
        return Err(Unreadable::TooLarge);
    }
    let Decoded { text, guessed } = decode::text(file)?;
    let is_empty = |record: &StringRecord| record.iter().all(|cell| cell.trim().is_empty());
    let sheet = Sheet::new(&text);
    let mut rows = sheet.rows().filter(|(_, record)| !is_empty(record));
    let first = rows.next().ok_or(Unreadable::Empty)?;
    if first.1.len() > MOST_COLUMNS {
        return Err(Unreadable::TooManyColumns);
    }
    // One more than may be.
    let rest = rows.take(MOST_ROWS + 1).collect();
    Ok(Opened {
        first,
        rest,
        guessed,
    })
}

impl Opened {
    /// What the rows say, by the headings.
    ///
    /// `Student` must be there, whole or as first and last name, and a guardian's name where their
    /// address is.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] where there is no telling what the rows mean.
    pub(super) fn table(&self) -> Result<Table, Unreadable> {
        let columns = Columns::read(&self.first.1)?;
        if self.rest.len() > MOST_ROWS {
            return Err(Unreadable::TooManyRows);
        }
        let rows = self.rest.iter().map(|(line, record)| {
            let cells = Cells {
                columns: &columns,
                record,
            };
            Row {
                line: *line,
                student: cells.student(),
                entry: cells.entry(),
            }
        });
        Ok(Table {
            rows: rows.collect(),
            unused: columns.unused.clone(),
            guessed: self.guessed.clone(),
        })
    }
}
