//! One of its files: RFC 4180, UTF-8, the first row names the columns.

use std::collections::HashMap;

use csv::{ReaderBuilder, StringRecord};
use jiff::civil::Date;

use super::Unreadable;

/// The most rows of one file: a large school has some hundred thousand enrolments.
const MOST_ROWS: usize = 2_000_000;

/// A row, by the names of its columns.
pub(super) struct SheetRow<'r> {
    /// The file's name.
    name: &'static str,
    columns: &'r HashMap<String, usize>,
    cells: &'r StringRecord,
    /// The line it begins in, the header's being 1.
    pub(super) line: u64,
}

impl SheetRow<'_> {
    /// What stands in that column; nothing where there is no such column.
    pub(super) fn get(&self, column: &str) -> &str {
        let at = self.columns.get(&column.to_ascii_lowercase());
        let cell = at.and_then(|it| self.cells.get(*it));
        cell.unwrap_or_default().trim()
    }

    /// The parts of a cell that holds several, with commas between.
    pub(super) fn list(&self, column: &str) -> impl Iterator<Item = &str> {
        let parts = self.get(column).split(',');
        parts.map(str::trim).filter(|it| !it.is_empty())
    }

    /// A day, where one stands there.
    ///
    /// # Errors
    ///
    /// [`Unreadable::OtherDay`] for one that is not written as the specification has it: a spreadsheet has
    /// changed it, and nobody can tell which it was.
    pub(super) fn day(&self, column: &'static str) -> Result<Option<Date>, Unreadable> {
        let cell = self.get(column);
        if cell.is_empty() {
            return Ok(None);
        }
        let day = cell.get(..10).and_then(|it| it.parse::<Date>().ok());
        let other = || Unreadable::OtherDay(self.name, self.line, cell.chars().take(40).collect());
        day.ok_or_else(other).map(Some)
    }

    /// Whether the file of changes says that it is gone.
    pub(super) fn is_deleted(&self) -> bool {
        self.get("status").eq_ignore_ascii_case("tobedeleted")
    }
}

/// Shows each row.
pub(super) fn each(
    text: &[u8],
    name: &'static str,
    needed: &[&'static str],
    mut see: impl FnMut(&SheetRow<'_>) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(text);
    let columns: HashMap<String, usize> = match reader.headers() {
        Ok(headers) => {
            let names = headers.iter().enumerate();
            let names = names.map(|(at, it)| (it.trim().to_ascii_lowercase(), at));
            names.collect()
        }
        Err(_not_text) => return Err(Unreadable::NotUtf8(name, 1)),
    };
    for column in needed {
        if !columns.contains_key(&column.to_ascii_lowercase()) {
            return Err(Unreadable::MissingColumn(name, column));
        }
    }
    let mut cells = StringRecord::new();
    for _ in 0..MOST_ROWS {
        let line = begins(text, reader.position());
        match reader.read_record(&mut cells) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(_not_text) => return Err(Unreadable::NotUtf8(name, line)),
        }
        see(&SheetRow {
            name,
            columns: &columns,
            cells: &cells,
            line,
        })?;
    }
    Err(Unreadable::TooLarge)
}

/// The line in which a row begins. What was read before it may lack the end of the line before, or empty lines.
fn begins(text: &[u8], position: &csv::Position) -> u64 {
    let begin = usize::try_from(position.byte()).ok();
    let rest = begin.and_then(|it| text.get(it..)).unwrap_or_default();
    let ends = rest.iter().take_while(|it| matches!(it, b'\r' | b'\n'));
    let lines = ends.filter(|it| **it == b'\n').count();
    position
        .line()
        .saturating_add(u64::try_from(lines).unwrap_or(0))
}
