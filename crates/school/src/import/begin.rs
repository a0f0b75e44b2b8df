//! Which of the first rows names the columns: above it may stand what the list is of, and below it
//! stand people.

use std::cmp::Reverse;

use csv::StringRecord;

use super::columns::{Column, Columns, heading};
use super::opened::MOST_ABOVE;
use super::sheet::Line;

/// How many rows below it are looked at.
const MOST_BELOW: usize = 20;

/// The place of the row that names the columns, where one of the first does. A title may be called like a
/// column ("Staff").
pub(super) fn headings(rows: &[Line]) -> Option<usize> {
    let begin = rows.iter().take(MOST_ABOVE + 1).enumerate();
    let named = begin.filter(|(place, _)| names_columns(*place, rows));
    named
        .max_by_key(|(place, it)| (Columns::known(&it.record), Reverse(*place)))
        .map(|(place, _)| place)
}

/// The headings that two rows make together, and the place of the lower: over several columns of one person
/// stands who it is, in one cell. Nothing where a row alone says as much.
pub(super) fn merged(rows: &[Line]) -> Option<(usize, StringRecord)> {
    let known = |record: &StringRecord| {
        let each = Column::of_headings(record);
        let is_read = Columns::read(record, &each).is_ok();
        if is_read {
            each.iter().flatten().count()
        } else {
            0
        }
    };
    let alone = rows.iter().take(MOST_ABOVE + 2).map(|it| known(&it.record));
    let most = alone.max().unwrap_or(0);
    let pairs = rows.iter().zip(rows.iter().skip(1)).take(MOST_ABOVE + 1);
    let made = pairs.enumerate().map(|(place, (above, below))| {
        let has_gap = above.record.iter().skip(1).any(|it| it.trim().is_empty());
        let made = together(&above.record, &below.record);
        (
            known(&made),
            has_gap && !below.is_after_empty,
            place + 1,
            made,
        )
    });
    let filled = |record: &StringRecord| record.iter().filter(|it| !it.trim().is_empty()).count();
    made.filter(|(known, is_pair, _, made)| {
        *is_pair && *known > most.max(2) && *known == filled(made)
    })
    .max_by_key(|(known, ..)| *known)
    .map(|(_, _, place, made)| (place, made))
}

/// Each cell of the lower row behind the last that is filled above it.
fn together(above: &StringRecord, below: &StringRecord) -> StringRecord {
    let mut last = "";
    let count = above.len().max(below.len());
    let cells = (0..count).map(|place| {
        let cell = above.get(place).unwrap_or_default().trim();
        last = if cell.is_empty() { last } else { cell };
        let cell = below.get(place).unwrap_or_default().trim();
        format!("{last} {cell}").trim().to_owned()
    });
    cells.collect()
}

/// Whether a row names columns itself, and not these: another list begins with it.
pub(super) fn is_another_list(headings: &StringRecord, line: &Line) -> bool {
    let record = &line.record;
    if !line.is_after_empty || is_repeated(headings, record) {
        return false;
    }
    let each = Column::of_headings(record);
    let filled = record.iter().filter(|it| !it.trim().is_empty()).count();
    let known = each.iter().flatten().count();
    known > 1 && known == filled && Columns::read(record, &each).is_ok()
}

/// Whether a row is one of headings: it suffices, and little in it says something else. Below another row
/// it has to be plainer.
fn names_columns(place: usize, rows: &[Line]) -> bool {
    let Some((line, below)) = rows.get(place..).and_then(<[Line]>::split_first) else {
        return false;
    };
    let record = &line.record;
    let each = Column::of_headings(record);
    if Columns::read(record, &each).is_err() {
        return false;
    }
    let known = each.iter().flatten().count();
    let filled = record.iter().filter(|it| !it.trim().is_empty()).count();
    let is_half = known * 2 >= filled;
    let suffices = match place {
        0 => known > 1 || is_half,
        _ => known > 2 || (known > 1 && is_half),
    };
    // A title is one cell, and may be called like a column.
    let above = rows.iter().take(place).map(|it| &it.record);
    let above = above.filter(|it| it.iter().filter(|it| !it.trim().is_empty()).count() > 1);
    let below = below.iter().take(MOST_BELOW).map(|it| &it.record);
    suffices && !is_of_people(record, &each, &above.chain(below).collect::<Vec<_>>())
}

/// Whether a cell that would name a column stands there again, in a row that says something else: it says
/// what somebody is ("Teacher", "Mother").
fn is_of_people(record: &StringRecord, each: &[Option<Column>], others: &[&StringRecord]) -> bool {
    let named: Vec<(usize, String)> = each
        .iter()
        .zip(record)
        .enumerate()
        .filter(|(_, (column, _))| column.is_some())
        .map(|(place, (_, cell))| (place, heading(cell)))
        .collect();
    let stands_again = |other: &StringRecord| {
        let mut named = named.iter();
        named.any(|(place, cell)| other.get(*place).is_some_and(|it| heading(it) == *cell))
    };
    let mut others = others.iter().filter(|it| !is_repeated(record, it));
    others.any(|it| stands_again(it))
}

/// Whether a row says the same as the headings.
pub(super) fn is_repeated(headings: &StringRecord, row: &StringRecord) -> bool {
    let cells = |record: &StringRecord| -> Vec<String> {
        let cells = record.iter().map(heading);
        let mut cells: Vec<_> = cells.collect();
        while cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        cells
    };
    headings.get(0) == row.get(0) && cells(headings) == cells(row)
}
