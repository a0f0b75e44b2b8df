//! Court orders that a source says, whatever becomes of the row that says so (DIR-4).

use std::collections::{BTreeMap, BTreeSet};

use super::draft::Draft;
use super::{Kind, Outcome, RowResult, Which};
use crate::ids::ContactId;
use crate::import::{Entry, Incoming, ListedOrder, Row};
use crate::text::{id_key, line_key};

/// A court order that could not be entered: nobody is known here whom it may be on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unentered {
    /// By what it is known again: the id of whom it is on, or their name and the student's.
    pub key: String,
    /// Whom it is on, as the source calls them; may be empty.
    pub name: String,
    /// Whose contact they are there; empty where the office has erased that student.
    pub student: String,
}

/// Enters orders on whoever is known by their id, or by name and address. What is entered beside a row
/// has a result of its own; what cannot be is given back.
fn enter(draft: &mut Draft<'_>, orders: &[ListedOrder]) -> (Vec<RowResult>, Vec<Unentered>) {
    let mut results = Vec::new();
    let mut unentered = BTreeMap::new();
    for order in orders {
        let Some(contact) = on_whom(draft, order) else {
            if let Some(one) = unentered_of(order, draft) {
                unentered.insert(one.key.clone(), one);
            }
            continue;
        };
        if draft.bar(contact, &order.name) {
            results.push(RowResult {
                kind: Kind::Contact,
                line: order.line,
                name: order.name.clone(),
                outcome: Outcome::Updated,
                reason: String::new(),
                does: std::mem::take(&mut draft.does),
            });
        }
    }
    (results, unentered.into_values().collect())
}

/// Whom an order is on, where they are here.
fn on_whom(draft: &Draft<'_>, order: &ListedOrder) -> Option<Which<ContactId>> {
    let by_id = order.source.as_deref().map(id_key);
    let known = by_id.and_then(|it| draft.contacts_by_source.get(&it).copied());
    known.or_else(|| draft.of_address(order.guardian.as_ref()?))
}

/// What became of all orders that a source says.
pub(super) struct Said {
    /// Those on whoever is known are entered.
    pub(super) entered: Vec<RowResult>,
    /// The others wait for the office.
    pub(super) unentered: Vec<Unentered>,
    /// What is said of those of refused rows.
    pub(super) note: Option<String>,
}

/// Enters the orders that rows say which are refused, and those of the source's own list, on whoever is known.
pub(super) fn enter_all(
    draft: &mut Draft<'_>,
    incoming: &Incoming,
    (rows, results): (&[Row], &[RowResult]),
) -> Said {
    let of_rows = of_refused(rows, results);
    let (mut entered, unentered_of_rows) = enter(draft, &of_rows);
    let note = note_unknown(draft, &of_rows);
    let (listed, mut unentered) = enter(draft, incoming.orders.as_deref().unwrap_or(&[]));
    entered.extend(listed);
    let keys: BTreeSet<_> = unentered.iter().map(|it| it.key.clone()).collect();
    let more = unentered_of_rows.into_iter();
    unentered.extend(more.filter(|it| !keys.contains(&it.key)));
    Said {
        entered,
        unentered,
        note,
    }
}

/// The orders that rows say which are refused.
fn of_refused(rows: &[Row], results: &[RowResult]) -> Vec<ListedOrder> {
    let refused = rows
        .iter()
        .zip(results)
        .filter(|(_, it)| it.outcome == Outcome::Refused);
    let orders = refused.flat_map(|(row, _)| match &row.entry {
        Ok(entry) => of_entry(row, entry),
        Err(_unread) => row.named.orders.clone(),
    });
    orders.collect()
}

fn of_entry(row: &Row, entry: &Entry) -> Vec<ListedOrder> {
    let barred = entry.guardians.iter().filter(|it| it.has_court_order);
    let orders = barred.map(|it| ListedOrder {
        line: row.line,
        name: it.name.reveal().to_owned(),
        source: it.source.clone(),
        guardian: Some(it.clone()),
        student: row.student.clone(),
        student_ids: entry.source.iter().cloned().collect(),
    });
    orders.collect()
}

/// That rows which are refused say orders on people who are not known by them: the office enters these by hand.
fn note_unknown(draft: &Draft<'_>, orders: &[ListedOrder]) -> Option<String> {
    const MOST_NAMED: usize = 10;
    let unknown = orders.iter().filter(|it| on_whom(draft, it).is_none());
    let unknown: Vec<String> = unknown
        .map(|it| match (it.name.as_str(), it.line) {
            ("", line) => format!("row {line}"),
            (name, line) => format!("{name} (row {line})"),
        })
        .collect();
    let named = unknown.get(..MOST_NAMED).unwrap_or(&unknown).join(", ");
    let more = match unknown.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!unknown.is_empty()).then(|| {
        format!(
            "Rows that are refused speak of a court order: {named}{more}. If that person is here, enter it on their page now; the order is not entered by this import."
        )
    })
}

/// That orders are entered, before everything else that is said of a source.
pub(super) fn note(draft: &Draft<'_>) -> Option<String> {
    const MOST_NAMED: usize = 5;
    let named = draft.orders.iter().filter_map(|it| draft.contacts.get(it));
    let names: Vec<&str> = named.map(|it| it.name.reveal()).take(MOST_NAMED).collect();
    let others = draft.orders.len().saturating_sub(names.len());
    let names = names.join(", ");
    match (draft.orders.len(), others) {
        (0, _) => None,
        (_, 0) => Some(format!(
            "Enters a court order on {names}: nobody with one is invited, and their links end."
        )),
        (_, others) => Some(format!(
            "Enters a court order on {names} and {others} more: nobody with one is invited, and their links end."
        )),
    }
}

/// What is kept of one that cannot be entered: nothing that names whom the office has erased.
fn unentered_of(order: &ListedOrder, draft: &Draft<'_>) -> Option<Unentered> {
    let id = order.source.as_deref().map(id_key);
    if id.as_ref().is_some_and(|it| draft.erased_contact(it)) {
        return None;
    }
    let name = order.name.clone();
    let student = if draft.erased_student(&order.student_ids) {
        String::new()
    } else {
        order.student.clone()
    };
    let key = match id {
        Some(id) => format!("id {id}"),
        None => format!("name {} of {}", line_key(&name), line_key(&student)),
    };
    Some(Unentered { key, name, student })
}
