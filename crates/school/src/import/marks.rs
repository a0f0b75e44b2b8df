//! Columns that look like a student's year, and are their marks or the years of a calendar.

use std::collections::{BTreeSet, HashMap, HashSet};

use csv::StringRecord;

use super::columns::{Column, MARKS, Part, heading, shown};
use super::sheet::Line;
use crate::text::{self, id_key, line_key};
use crate::year;

/// How many school years a sentence names.
const MOST_NAMED: usize = 4;

/// Where a column stands that would be read as the year and holds marks: most of it are, or it differs
/// between the rows of most students who have several.
pub(super) fn place(
    header: &StringRecord,
    rows: &[Line],
    each: &[Option<Column>],
) -> Option<usize> {
    let place = each.iter().position(|it| *it == Some(Column::Year))?;
    if !MARKS.contains(&heading(header.get(place)?).as_str()) {
        return None;
    }
    let (mut marks, mut filled) = (0_usize, 0_usize);
    let mut years: HashMap<String, String> = HashMap::new();
    let (mut several, mut differing) = (HashSet::new(), HashSet::new());
    for Line { record: row, .. } in rows {
        let cell = text::unquoted(row.get(place).unwrap_or_default().trim());
        let Ok(Some(said)) = year::read(cell) else {
            continue;
        };
        filled += 1;
        marks += usize::from(year::is_mark(cell));
        if let Some(student) = student(row, each) {
            let key = year::key(&said);
            match years.get(&student) {
                None => drop(years.insert(student, key)),
                Some(first) => {
                    if *first != key {
                        differing.insert(student.clone());
                    }
                    several.insert(student);
                }
            }
        }
    }
    // One may be two of one name.
    let differs = differing.len() > 1 && differing.len() * 2 > several.len();
    (differs || marks * 2 > filled).then_some(place)
}

/// Whom a row is about: by their id, else by their name, homeroom and guardian.
fn student(row: &StringRecord, each: &[Option<Column>]) -> Option<String> {
    let cell = |column| {
        let place = each.iter().position(|it| *it == Some(column));
        place.and_then(|it| row.get(it)).map(str::trim)
    };
    if let Some(id) = cell(Column::StudentId).filter(|it| !it.is_empty()) {
        return Some(id_key(id));
    }
    let named = [
        Column::Student,
        Column::StudentFirst,
        Column::StudentLast,
        Column::Form,
        Column::Guardian(1, Part::Name),
        Column::Guardian(1, Part::Email),
    ];
    let named: Vec<String> = named.into_iter().filter_map(cell).map(line_key).collect();
    named
        .iter()
        .any(|it| !it.is_empty())
        .then(|| named.join("\n"))
}

/// The heading of a column that names several school years, and these.
pub(super) fn calendar_years(header: &StringRecord, rows: &[Line]) -> Option<(String, String)> {
    let mut headings = header.iter().enumerate();
    headings.find_map(|(place, cell)| {
        if !heading(cell).contains("year") {
            return None;
        }
        let years = rows
            .iter()
            .filter_map(|it| year::of_calendar(it.record.get(place)?));
        let years: BTreeSet<String> = years.collect();
        let named: Vec<String> = years.iter().take(MOST_NAMED).cloned().collect();
        (years.len() > 1).then(|| (shown(cell), named.join(", ")))
    })
}
