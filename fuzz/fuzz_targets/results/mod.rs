//! What holds of whatever is planned with whatever a school's records say.

use school::import::{Existing, Incoming, reconcile};

/// Each row has its result. `others` may have one, where something becomes of them, as has a court order beside a row that
/// is refused.
pub(crate) fn each_row_has_one(incoming: &Incoming, others: usize) {
    let rows = incoming.students.len()
        + incoming.teachers.len()
        + incoming.classes.len()
        + incoming.contacts.len();
    let planned = reconcile(&Existing::default(), incoming);
    let all = rows..=rows + others + orders_of(incoming);
    assert!(all.contains(&planned.results.len()));
}

/// How many court orders are said.
fn orders_of(incoming: &Incoming) -> usize {
    let of_rows = incoming.students.iter().map(|row| {
        let guardians = row.entry.as_ref().map_or(0, |it| it.guardians.len());
        guardians + row.named.orders.len()
    });
    of_rows.sum::<usize>() + incoming.orders.as_ref().map_or(0, Vec::len)
}
