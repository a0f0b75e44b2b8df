//! What the office is asked of columns whose headings do not say enough.

use std::collections::HashMap;

use csv::StringRecord;

use super::columns::{
    CALLED, Column, HOMEROOM_OR_CLASS, MOST_GUARDIANS, Part, heading, is_bare_address, shown,
};
use super::sheet::Line;
use super::{BETWEEN_CLASSES, Unreadable};
use crate::text::{self, id_key, line_key};

/// What headings of ids end or begin with.
const OF_IDS: [&str; 7] = ["id", "number", "no", "nr", "code", "ref", "key"];

/// Words within headings of numbers that are no student's id.
const OF_OTHERS: [&str; 16] = [
    "contact", "guardian", "parent", "carer", "mother", "father", "family", "home", "phone",
    "mobile", "cell", "fax", "house", "post", "zip", "priority",
];

/// Words within headings of addresses that are no guardian's: students' and teachers' own, and accounts.
const OF_NO_GUARDIAN: [&str; 18] = [
    "student",
    "pupil",
    "learner",
    "schuler",
    "schueler",
    "eleve",
    "alumn",
    "leerling",
    "oppila",
    "school",
    "staff",
    "teacher",
    "formtutor",
    "classtutor",
    "tutoremail",
    "user",
    "login",
    "account",
];

/// What must be asked before a list of students is read by its headings.
pub(super) fn ask(
    header: &StringRecord,
    rows: &[Line],
    each: &[Option<Column>],
) -> Result<(), Unreadable> {
    if let Some(cell) = whose_address(header, each) {
        return Err(Unreadable::WhoseAddress(cell));
    }
    if let Some(cell) = unread_address(header, rows, each) {
        return Err(Unreadable::UnreadAddress(cell));
    }
    if let Some((cell, line)) = called_otherwise(header, rows, each) {
        return Err(Unreadable::CalledOtherwise(cell, line));
    }
    if let Some(cell) = homeroom_or_classes(header, rows, each) {
        return Err(Unreadable::HomeroomOrClasses(cell));
    }
    if each.contains(&Some(Column::StudentId)) {
        return Ok(());
    }
    let unread = header.iter().zip(each).enumerate();
    let unread = unread.filter(|(_, (cell, column))| column.is_none() && is_of_ids(cell));
    for (place, (cell, _)) in unread {
        if let Some((one, other)) = differing(rows, each, place) {
            return Err(Unreadable::UnreadId(shown(cell), one, other));
        }
    }
    Ok(())
}

fn is_of_ids(cell: &str) -> bool {
    let heading = heading(cell);
    let is_of_id = OF_IDS.iter().any(|it| heading.ends_with(it));
    is_of_id && !OF_OTHERS.iter().any(|it| heading.contains(it))
}

/// The lines of two rows with one name and homeroom that differ in a column.
fn differing(rows: &[Line], each: &[Option<Column>], place: usize) -> Option<(u64, u64)> {
    let named = [
        Column::Student,
        Column::StudentFirst,
        Column::StudentLast,
        Column::Form,
    ];
    let named = named.map(|column| each.iter().position(|it| *it == Some(column)));
    let mut first: HashMap<String, (u64, String)> = HashMap::new();
    for row in rows {
        let id = row.record.get(place).map(id_key).unwrap_or_default();
        if id.is_empty() {
            continue;
        }
        let cells = named.iter().filter_map(|it| row.record.get((*it)?));
        let key = cells.map(line_key).collect::<Vec<_>>().join("\n");
        match first.get(&key) {
            Some((line, other)) if *other != id => return Some((*line, row.number)),
            Some(_) => {}
            None => {
                first.insert(key, (row.number, id));
            }
        }
    }
    None
}

/// A bare "Email" between the columns of students, before those of guardians, where no other address is: it
/// may be the students' own.
fn whose_address(header: &StringRecord, each: &[Option<Column>]) -> Option<String> {
    let of_guardian =
        |part: Part| move |it: &Option<Column>| *it == Some(Column::Guardian(1, part));
    let place = each.iter().position(of_guardian(Part::Email))?;
    let cell = header.get(place)?;
    let is_bare = is_bare_address(&heading(cell));
    let is_guardians = |it: &Option<Column>| matches!(it, Some(Column::Guardian(..)));
    let (before, behind) = each.split_at_checked(place)?;
    let is_before = !before.iter().any(is_guardians) && behind.iter().skip(1).any(is_guardians);
    let is_address = |it: &Option<Column>| matches!(it, Some(Column::Guardian(_, Part::Email)));
    let is_only = each.iter().filter(|it| is_address(it)).count() == 1;
    (is_bare && is_before && is_only).then(|| shown(cell))
}

/// The columns that are not read, hold addresses, and may be of guardians.
pub(super) fn unread_addresses(
    header: &StringRecord,
    rows: &[Line],
    each: &[Option<Column>],
) -> Vec<usize> {
    let unread = header.iter().zip(each).enumerate();
    let unread = unread.filter(|(_, (cell, column))| {
        let heading = heading(cell);
        column.is_none() && !OF_NO_GUARDIAN.iter().any(|it| heading.contains(it))
    });
    let holds_addresses = |place: &usize| {
        let cells = rows.iter().filter_map(|it| it.record.get(*place));
        let filled: Vec<&str> = cells.filter(|it| !text::is_nothing(it)).collect();
        let addresses = filled.iter().filter(|it| it.contains('@')).count();
        addresses * 2 > filled.len()
    };
    let places = unread.map(|(place, _)| place);
    places.filter(holds_addresses).collect()
}

/// A column of addresses that is not read, where a guardian has none that is.
fn unread_address(header: &StringRecord, rows: &[Line], each: &[Option<Column>]) -> Option<String> {
    let has = |nth, part| each.contains(&Some(Column::Guardian(nth, part)));
    let is_named = |nth: &u8| has(*nth, Part::Name) || has(*nth, Part::First);
    let mut named = (1..=MOST_GUARDIANS).filter(is_named).peekable();
    if named.peek().is_some() && named.all(|nth| has(nth, Part::Email)) {
        return None;
    }
    let place = *unread_addresses(header, rows, each).first()?;
    header.get(place).map(shown)
}

/// A column that says by what name students go, where it is not read and says another than the first name; and
/// the line of one.
fn called_otherwise(
    header: &StringRecord,
    rows: &[Line],
    each: &[Option<Column>],
) -> Option<(String, u64)> {
    let place = |column| each.iter().position(|it| *it == Some(column));
    let (first, last) = (place(Column::StudentFirst)?, place(Column::StudentLast)?);
    let mut headings = header.iter().zip(each).enumerate();
    let (called, (cell, _)) = headings
        .find(|(_, (it, column))| column.is_none() && CALLED.contains(&heading(it).as_str()))?;
    let is_other = |row: &&Line| {
        let cell = |place| row.record.get(place).unwrap_or_default();
        let name = line_key(cell(called));
        let whole = format!("{} {}", cell(first), cell(last));
        !text::is_nothing(&name) && name != line_key(cell(first)) && name != line_key(&whole)
    };
    let row = rows.iter().find(is_other)?;
    Some((shown(cell), row.number))
}

/// A column "Class" that is read as the homeroom, where a cell names several or a student has two: these are
/// classes.
fn homeroom_or_classes(
    header: &StringRecord,
    rows: &[Line],
    each: &[Option<Column>],
) -> Option<String> {
    let place = each.iter().position(|it| *it == Some(Column::Form))?;
    let cell = header.get(place)?;
    if !HOMEROOM_OR_CLASS.contains(&heading(cell).as_str()) {
        return None;
    }
    let named = [
        Column::StudentId,
        Column::Student,
        Column::StudentFirst,
        Column::StudentLast,
        Column::Guardian(1, Part::Name),
        Column::Guardian(1, Part::First),
        Column::Guardian(1, Part::Email),
    ];
    let named = named.map(|column| each.iter().position(|it| *it == Some(column)));
    let mut first: HashMap<String, String> = HashMap::new();
    let has_two = |row: &Line| {
        let class = row.record.get(place).unwrap_or_default();
        let cells = named.iter().filter_map(|it| row.record.get((*it)?));
        let key = cells.map(line_key).collect::<Vec<_>>().join("\n");
        let known = first.entry(key).or_insert_with(|| line_key(class));
        class.contains(BETWEEN_CLASSES) || *known != line_key(class)
    };
    rows.iter().any(has_two).then(|| shown(cell))
}
