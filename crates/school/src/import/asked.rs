//! What the office is asked of columns whose headings do not say enough.

use std::collections::HashMap;

use csv::StringRecord;

use super::Unreadable;
use super::columns::{Column, Part, heading, shown};
use super::sheet::Line;
use crate::text::{id_key, line_key};

/// What headings of ids end or begin with.
const OF_IDS: [&str; 7] = ["id", "number", "no", "nr", "code", "ref", "key"];

/// Words within headings of numbers that are no student's id.
const OF_OTHERS: [&str; 16] = [
    "contact", "guardian", "parent", "carer", "mother", "father", "family", "home", "phone",
    "mobile", "cell", "fax", "house", "post", "zip", "priority",
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
    let is_bare = matches!(
        heading(cell).as_str(),
        "email" | "emailaddress" | "emailaddresses" | "mail"
    );
    let is_guardians = |it: &Option<Column>| matches!(it, Some(Column::Guardian(..)));
    let (before, behind) = each.split_at_checked(place)?;
    let is_before = !before.iter().any(is_guardians) && behind.iter().skip(1).any(is_guardians);
    let is_address = |it: &Option<Column>| matches!(it, Some(Column::Guardian(_, Part::Email)));
    let is_only = each.iter().filter(|it| is_address(it)).count() == 1;
    (is_bare && is_before && is_only).then(|| shown(cell))
}
