//! What a file changes, compared with what is kept.

mod draft;
mod said;
mod students;

use std::collections::BTreeMap;

use super::Row;
use crate::ids::{ClassId, ContactId, StudentId};
use crate::text::{EmailAddress, Label, Name};

use draft::Draft;

/// A student that is kept.
#[derive(Clone, Debug)]
pub struct ExistingStudent {
    /// Their id.
    pub id: StudentId,
    /// Their name.
    pub name: Name,
    /// Their form.
    pub form: String,
    /// Their id in the system that imports come from.
    pub source: Option<String>,
    /// Their classes.
    pub classes: Vec<ClassId>,
}

/// A contact that is kept.
#[derive(Clone, Debug)]
pub struct ExistingContact {
    /// Their id.
    pub id: ContactId,
    /// Their name.
    pub name: Name,
    /// Their address.
    pub email: Option<EmailAddress>,
    /// Their students, and what they are to each.
    pub students: Vec<(StudentId, String)>,
}

/// What is kept before the import.
#[derive(Clone, Debug, Default)]
pub struct Existing {
    /// All students.
    pub students: Vec<ExistingStudent>,
    /// All contacts.
    pub contacts: Vec<ExistingContact>,
    /// All classes, by name.
    pub classes: Vec<(ClassId, Label)>,
}

/// Somebody who is kept, or whom an earlier step brings: the count of such steps before it, by kind.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Which<Id> {
    /// They are kept.
    Kept(Id),
    /// They are new: the first is 0.
    New(usize),
}

/// One change; they are to be made in order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// A new student.
    AddStudent {
        /// Their name.
        name: Name,
        /// Their form.
        form: String,
        /// Their id in the system that the file comes from.
        source: Option<String>,
    },
    /// A student has another name, form or id there.
    ChangeStudent {
        /// Who.
        id: StudentId,
        /// Their name.
        name: Name,
        /// Their form.
        form: String,
        /// Their id in the system that the file comes from.
        source: Option<String>,
    },
    /// A student is in a class.
    Place {
        /// Who.
        student: Which<StudentId>,
        /// Where.
        class: ClassId,
    },
    /// A new contact.
    AddContact {
        /// Their name.
        name: Name,
        /// Their address.
        email: Option<EmailAddress>,
    },
    /// A contact has another address.
    ChangeContact {
        /// Who.
        id: ContactId,
        /// Their address.
        email: EmailAddress,
    },
    /// A contact is the guardian of a student.
    Link {
        /// Who.
        contact: Which<ContactId>,
        /// Of whom.
        student: Which<StudentId>,
        /// What they are to the student.
        relationship: String,
    },
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It brings somebody new.
    Created,
    /// It changes somebody.
    Updated,
    /// There is nothing to do.
    Unchanged,
    /// It is left out.
    Refused,
}

/// What becomes of a row, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RowResult {
    /// The line, the header's being 1.
    pub line: u64,
    /// What stands in the student's column.
    pub student: String,
    /// What becomes of it.
    pub outcome: Outcome,
    /// Why it is refused; empty otherwise.
    pub reason: String,
    /// What it does, a sentence for each change.
    pub does: Vec<String>,
}

/// What a file changes.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// A result for every row, in order.
    pub results: Vec<RowResult>,
    /// The changes.
    pub steps: Vec<Step>,
}

/// How often rows are looked at again without those that contradict each other.
const MOST_ROUNDS: usize = 20;

/// Compares the rows with what is kept.
///
/// A student is known by their id in the system that the file comes from, else by name and form; a
/// contact by name and address, else by name among the contacts of that student. Names, addresses
/// and ids are compared in whatever way they are written. Nobody is removed. Rows that contradict
/// each other, or would make one person of two or two of one, are refused, and change nothing.
#[must_use]
pub fn plan(rows: &[Row], existing: &Existing) -> Plan {
    // Rows that are refused, by their place. Each round finds at least one more, or is the last.
    let mut refused: BTreeMap<usize, String> = said::contradictions_of_ids(rows);
    refused.extend(said::too_many_namesakes(rows));
    for _ in 0..MOST_ROUNDS {
        let (plan, contradicting) = attempt(rows, existing, &refused);
        if contradicting.is_empty() {
            return plan;
        }
        refused.extend(contradicting);
    }
    for place in 0..rows.len() {
        let reason = || {
            "This file contradicts itself in too many places. Correct the rows that say so, and import it again.".to_owned()
        };
        refused.entry(place).or_insert_with(reason);
    }
    attempt(rows, existing, &refused).0
}

fn attempt(
    rows: &[Row],
    existing: &Existing,
    refused: &BTreeMap<usize, String>,
) -> (Plan, BTreeMap<usize, String>) {
    let mut draft = Draft::new(existing, rows);
    let mut results = Vec::with_capacity(rows.len());
    for (place, row) in rows.iter().enumerate() {
        let done = match (&row.entry, refused.get(&place)) {
            (Ok(entry), None) => draft.take(entry, (place, row.line)),
            (Err(reason), _) | (_, Some(reason)) => Err(reason.clone()),
        };
        let (outcome, reason) = match done {
            Ok(outcome) => (outcome, String::new()),
            Err(reason) => (Outcome::Refused, reason),
        };
        results.push(RowResult {
            line: row.line,
            student: row.student.clone(),
            outcome,
            reason,
            does: std::mem::take(&mut draft.does),
        });
    }
    let contradicting = draft.said.contradicting(rows);
    let plan = Plan {
        results,
        steps: draft.steps,
    };
    (plan, contradicting)
}
