//! A file's cells: what stands between them, and where each row begins.

use csv::{ReaderBuilder, StringRecord};

use super::columns::Columns;

/// What programs put between cells.
const DELIMITERS: [u8; 5] = [b',', b';', b'\t', b'|', b':'];

/// A file's rows of cells, the first the names of its columns.
pub(super) struct Sheet<'t> {
    text: &'t str,
    /// The lines before `text`.
    before: u64,
    delimiter: u8,
}

impl<'t> Sheet<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let (text, before, told) = match told_delimiter(text) {
            Some((delimiter, rest)) => (rest, 1, Some(delimiter)),
            None => (text, 0, None),
        };
        Self {
            text,
            before,
            delimiter: told.unwrap_or_else(|| delimiter(text)),
        }
    }

    /// Its rows, and the line each begins in.
    pub(super) fn rows(&self) -> impl Iterator<Item = (u64, StringRecord)> {
        // What is left to fail was ruled out: the text is UTF-8, in memory, and rows may differ.
        records(self.text, self.delimiter).map(|record| {
            let line = line(self.text, &record).saturating_add(self.before);
            (line, unquoted(record))
        })
    }
}

fn records(text: &str, delimiter: u8) -> impl Iterator<Item = StringRecord> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes())
        .into_records()
        .map_while(Result::ok)
}

/// The first line by which a spreadsheet tells what it puts between cells: `sep=;`.
fn told_delimiter(text: &str) -> Option<(u8, &str)> {
    let (first, rest) = text.split_once('\n')?;
    let first = first.trim_matches(['\r', '"']);
    let told = first.get(..4).filter(|it| it.eq_ignore_ascii_case("sep="));
    told?;
    match first.as_bytes().get(4..)? {
        [delimiter] if delimiter.is_ascii() => Some((*delimiter, rest)),
        // `"sep=,"` with more cells, which are empty, behind it.
        [delimiter, more @ ..] if more.iter().all(|it| it == delimiter || *it == b'"') => {
            Some((*delimiter, rest))
        }
        _ => None,
    }
}

/// That by which the most of the first row is known, or else by which it has the most cells.
fn delimiter(text: &str) -> u8 {
    let count = |delimiter: &u8| {
        let header = records(text, *delimiter)
            .map(unquoted)
            .next()
            .unwrap_or_default();
        (Columns::known(&header), header.len())
    };
    // Of equals the first, a comma.
    let mut best = (b',', count(&b','));
    for delimiter in DELIMITERS {
        let counted = count(&delimiter);
        if counted > best.1 {
            best = (delimiter, counted);
        }
    }
    best.0
}

/// Without the single quotation marks in which some programs put text.
fn unquoted(record: StringRecord) -> StringRecord {
    let is_quoted = |cell: &str| cell.len() > 1 && cell.starts_with('\'') && cell.ends_with('\'');
    if !record.iter().any(is_quoted) {
        return record;
    }
    let cells = record.iter().map(|cell| {
        match cell.strip_prefix('\'').and_then(|it| it.strip_suffix('\'')) {
            Some(inside) => inside.replace("''", "'"),
            None => cell.to_owned(),
        }
    });
    cells.collect()
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
