//! What the rows of one file say of the same thing: where they say two things, none is believed.

use std::collections::{BTreeMap, HashMap};

use super::Which;
use crate::ids::{ContactId, StudentId};
use crate::import::{Entry, MOST_NAMESAKES, Row};
use crate::text::{Likeness, id_key};

/// What something is said of.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Fact {
    Form(Which<StudentId>),
    Year(Which<StudentId>),
    Id(Which<StudentId>),
    Address(Which<ContactId>),
    /// Of a guardian of that student, by the key of their name: none in the file may have two.
    AddressByName(Which<StudentId>, String),
    Relationship(Which<StudentId>, Which<ContactId>),
}

/// What was said, by which row, as it is compared and as it is shown.
#[derive(Debug, Default)]
pub(super) struct Said {
    facts: BTreeMap<Fact, Vec<(usize, String, String)>>,
}

impl Said {
    /// Row number `row` says `shown`.
    pub(super) fn that(&mut self, fact: Fact, row: usize, (key, shown): (String, &str)) {
        let facts = self.facts.entry(fact).or_default();
        facts.push((row, key, shown.to_owned()));
    }

    /// The rows that contradict each other, and why.
    pub(super) fn contradicting(self, rows: &[Row]) -> BTreeMap<usize, String> {
        let mut reasons = BTreeMap::new();
        for (fact, said) in self.facts {
            let Some((_, first, _)) = said.first() else {
                continue;
            };
            if said.iter().all(|(_, key, _)| key == first) {
                continue;
            }
            let column = match fact {
                Fact::Form(_) => "homeroom",
                Fact::Year(_) => "year",
                Fact::Id(_) => "student id",
                Fact::Address(_) | Fact::AddressByName(..) => "e-mail",
                Fact::Relationship(..) => "relationship",
            };
            let mut lines: Vec<_> = said
                .iter()
                .filter_map(|(row, _, shown)| Some((rows.get(*row)?.line, shown)))
                .collect();
            lines.sort_unstable();
            lines.dedup();
            let shown: Vec<_> = lines
                .iter()
                .take(3)
                .map(|(line, shown)| format!("row {line} \"{shown}\""))
                .collect();
            let reason = format!(
                "In {column}: rows contradict each other about one person ({}). Correct one of them.",
                shown.join(", ")
            );
            for (row, _, _) in said {
                reasons.insert(row, reason.clone());
            }
        }
        reasons
    }
}

/// Rows of one name of which there are too many to be told apart.
pub(super) fn too_many_namesakes(rows: &[Row]) -> BTreeMap<usize, String> {
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, row) in rows.iter().enumerate() {
        if let Ok(entry) = &row.entry {
            let same = by_name.entry(entry.student.person_key()).or_default();
            same.push(place);
        }
    }
    let reason = || {
        format!("In student: more than {MOST_NAMESAKES} rows have this name. Import them in parts.")
    };
    let many = by_name.into_values().filter(|it| it.len() > MOST_NAMESAKES);
    many.flatten().map(|place| (place, reason())).collect()
}

/// Rows that give one id to two students.
pub(super) fn contradictions_of_ids(rows: &[Row]) -> BTreeMap<usize, String> {
    let mut by_id: HashMap<String, Vec<(usize, u64, &Entry)>> = HashMap::new();
    for (place, row) in rows.iter().enumerate() {
        if let Ok(entry) = &row.entry
            && let Some(source) = &entry.source
        {
            let same = by_id.entry(id_key(source)).or_default();
            same.push((place, row.line, entry));
        }
    }
    let mut reasons = BTreeMap::new();
    for rows in by_id.into_values() {
        let Some((_, line, first)) = rows.first() else {
            continue;
        };
        let is_first =
            |entry: &Entry| first.student.likeness(&entry.student) == Some(Likeness::Same);
        let Some((_, other, entry)) = rows.iter().find(|(_, _, it)| !is_first(it)) else {
            continue;
        };
        let id = first.source.as_deref().unwrap_or_default();
        let reason = format!(
            "In student id: {id} stands for two students, {} in row {line} and {} in row {other}. Correct the id of one.",
            first.student.reveal(),
            entry.student.reveal()
        );
        for (place, _, _) in &rows {
            reasons.insert(*place, reason.clone());
        }
    }
    reasons
}
