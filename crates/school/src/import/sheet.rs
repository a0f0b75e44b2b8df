//! A file's cells: what stands between them, and where each row begins.

use csv::{ReaderBuilder, StringRecord};

use super::columns::Columns;
use super::opened::MOST_ABOVE;

/// What programs put between cells.
const DELIMITERS: [u8; 5] = [b',', b';', b'\t', b'|', b':'];

/// A row that is not empty.
#[derive(Debug)]
pub(super) struct Line {
    /// The line it begins in, from 1.
    pub(super) number: u64,
    pub(super) record: StringRecord,
    /// Whether an empty row stands above it.
    pub(super) is_after_empty: bool,
}

/// A file's rows of cells, the first the names of its columns.
pub(super) struct Sheet<'t> {
    text: &'t str,
    /// The lines before `text`.
    before: u64,
    delimiter: u8,
    /// What stands around a cell that holds it, or a line break.
    quote: u8,
}

impl<'t> Sheet<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let (text, before, told) = match told_delimiter(text) {
            Some((delimiter, rest)) => (rest, 1, Some(delimiter)),
            None => (text, 0, None),
        };
        // Where it was saved again, something else may stand between cells than the first line tells.
        let told = told.filter(|told| begin(text, *told).any(|it| it.len() > 1));
        let delimiter = told.unwrap_or_else(|| delimiter(text));
        Self {
            text,
            before,
            delimiter,
            quote: quote(text, delimiter),
        }
    }

    /// What stands between its cells.
    pub(super) const fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// The line of the last row, where a quotation mark is open in it to the end of the file: what seems to
    /// be a cell are rows.
    pub(super) fn unclosed(&self) -> Option<u64> {
        let last = records(self.text, self.delimiter, self.quote).last()?;
        let begins = last
            .position()
            .and_then(|it| usize::try_from(it.byte()).ok())?;
        let rest = self.text.as_bytes().get(begins..)?;
        let has_more = last
            .iter()
            .next_back()
            .is_some_and(|it| it.trim().contains('\n'));
        (has_more && is_open(rest, self.delimiter, self.quote))
            .then(|| line(self.text, &last).saturating_add(self.before))
    }

    /// Its rows that are not empty.
    pub(super) fn rows(&self) -> impl Iterator<Item = Line> {
        // What is left to fail was ruled out: the text is UTF-8, in memory, and rows may differ.
        let mut was_empty = false;
        records(self.text, self.delimiter, self.quote).filter_map(move |record| {
            let is_after_empty = was_empty || is_after_empty_line(self.text, &record);
            was_empty = record.iter().all(|cell| cell.trim().is_empty());
            let number = line(self.text, &record).saturating_add(self.before);
            (!was_empty).then(|| Line {
                number,
                record: unquoted(record),
                is_after_empty,
            })
        })
    }
}

fn records(text: &str, delimiter: u8, quote: u8) -> impl Iterator<Item = StringRecord> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .quote(quote)
        .from_reader(text.as_bytes())
        .into_records()
        .map_while(Result::ok)
}

/// Whether a quotation mark that begins a cell of this row is not closed.
fn is_open(row: &[u8], delimiter: u8, quote: u8) -> bool {
    let (mut is_quoted, mut is_begin) = (false, true);
    for byte in row {
        let is_mark = *byte == quote;
        // Two of them within a cell are one: it closes, and opens anew.
        let was_mark = is_mark && (is_quoted || is_begin);
        if was_mark {
            is_quoted = !is_quoted;
        }
        let is_end = !is_quoted && (*byte == delimiter || matches!(byte, b'\r' | b'\n'));
        is_begin = is_end || (is_mark && !is_quoted);
    }
    is_quoted
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

/// That by which the most of one of the first rows is known, or else by which the first has the most
/// cells, or one of the others.
fn delimiter(text: &str) -> u8 {
    let count = |delimiter: &u8| {
        let first: Vec<_> = begin(text, *delimiter).collect();
        let most = |count: fn(&StringRecord) -> usize| first.iter().map(count).max();
        let header = first.first().map_or(0, StringRecord::len);
        (most(Columns::known), header, most(StringRecord::len))
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

/// The rows of which one names the columns.
fn begin(text: &str, delimiter: u8) -> impl Iterator<Item = StringRecord> {
    let rows = records(text, delimiter, b'"').map(unquoted);
    rows.take(MOST_ABOVE + 1)
}

/// An apostrophe where it stands around cells that hold a delimiter or a line break: cells that begin
/// with one, and end with it in a cell that is too many or in one of the next lines. `'Alamoti` and
/// `James'` are names.
fn quote(text: &str, delimiter: u8) -> u8 {
    let named = begin(text, delimiter).max_by_key(Columns::known);
    let width = named.map_or(0, |it| it.len());
    let is_around = |cell: &str| cell.len() > 1 && cell.starts_with('\'') && cell.ends_with('\'');
    let opens = |cell: &str| cell.starts_with('\'') && !is_around(cell);
    let closes = |cell: &str| cell.ends_with('\'') && !is_around(cell);
    let mut is_open = false;
    for record in records(text, delimiter, b'"') {
        let is_cut = record.len() < width;
        if is_open && is_cut && record.iter().any(closes) {
            return b'\'';
        }
        let opened = record.iter().position(opens);
        let behind = record.iter().skip(opened.map_or(usize::MAX, |it| it + 1));
        let is_closed = behind.filter(|cell| closes(cell)).count() > 0;
        if is_closed && record.len() > width {
            return b'\'';
        }
        is_open = (opened.is_some() && !is_closed) || (is_open && is_cut);
    }
    b'"'
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

/// Whether the line before a row is empty: such lines are no rows.
fn is_after_empty_line(text: &str, record: &StringRecord) -> bool {
    let Some(position) = record.position() else {
        return false;
    };
    let begins = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(begins..).unwrap_or_default();
    let skipped = rest.iter().take_while(|it| matches!(it, b'\r' | b'\n'));
    let before = text.get(..begins.saturating_add(skipped.count()));
    let before = before.unwrap_or_default();
    let ended = before.strip_suffix('\n').unwrap_or(before);
    let ended = ended.strip_suffix('\r').unwrap_or(ended);
    !ended.is_empty() && ended.ends_with('\n')
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
