//! Who may be meant by rows that are refused: none of them leaves.

use std::collections::HashSet;

use super::{Existing, ExistingContact, ExistingStudent, ExistingTeacher, Outcome, RowResult};
use crate::ids::StudentId;
use crate::import::{Entry, Hint, Incoming, Named};
use crate::text::{Name, id_key};

/// Whom some rows may mean, of one kind of people. Whoever has an id is meant by a row with another id
/// only where the name is theirs; otherwise a part of the name suffices.
#[derive(Debug, Default)]
struct Meant {
    ids: HashSet<String>,
    names: HashSet<String>,
    words: HashSet<String>,
    /// Those of rows without an id.
    words_without_id: HashSet<String>,
    /// A row says no name that can be read; and one of these no id either.
    has_nameless: bool,
    is_anybody: bool,
}

impl Meant {
    fn hear(&mut self, hint: &Hint) {
        let has_id = !hint.ids.is_empty();
        self.ids.extend(hint.ids.iter().map(|it| id_key(it)));
        let name = Name::read(&hint.name).ok();
        let words = name.as_ref().map(Name::words).unwrap_or_default();
        if words.is_empty() {
            self.has_nameless = true;
            self.is_anybody |= !has_id;
        }
        self.names.extend(name.as_ref().map(Name::person_key));
        if !has_id {
            self.words_without_id.extend(words.iter().cloned());
        }
        self.words.extend(words);
    }

    fn may_be(&self, ids: &[&String], names: &[&Name]) -> bool {
        let (words, nobody) = if ids.is_empty() {
            (&self.words, self.has_nameless)
        } else {
            (&self.words_without_id, self.is_anybody)
        };
        let is_named = |it: &&Name| {
            let is_word = |it: &String| words.contains(it);
            self.names.contains(&it.person_key()) || it.words().iter().any(is_word)
        };
        let has_id = ids.iter().any(|it| self.ids.contains(&id_key(it)));
        nobody || has_id || names.iter().any(is_named)
    }
}

/// Who may be meant by rows that are refused.
#[derive(Debug, Default)]
pub(super) struct Doubt {
    students: Meant,
    contacts: Meant,
    teachers: Meant,
    /// Kept students whom they may mean: what is so of these stays.
    kept: HashSet<StudentId>,
}

impl Doubt {
    /// By what became of the rows of teachers and of students, each in the order of the source.
    pub(super) fn new(
        existing: &Existing,
        incoming: &Incoming,
        (teachers, students): (&[RowResult], &[RowResult]),
    ) -> Self {
        let mut doubt = Self::default();
        let is_refused = |it: &RowResult| it.outcome == Outcome::Refused;
        for (listed, result) in incoming.teachers.iter().zip(teachers) {
            if is_refused(result) {
                doubt.teachers.hear(&match &listed.entry {
                    Ok(entry) => Hint {
                        ids: entry.source.iter().cloned().collect(),
                        name: entry.name.reveal().to_owned(),
                    },
                    // What their id is cannot be read, or their name.
                    Err(_reason) => Hint::default(),
                });
            }
        }
        for (row, result) in incoming.students.iter().zip(students) {
            if is_refused(result) {
                match &row.entry {
                    Ok(entry) => doubt.hear(&named(entry)),
                    Err(_reason) => doubt.hear(&row.named),
                }
            }
        }
        let kept = existing.students.iter().filter(|it| doubt.is_student(it));
        doubt.kept = kept.map(|it| it.id).collect();
        doubt
    }

    fn hear(&mut self, named: &Named) {
        self.students.hear(&named.student);
        for one in &named.contacts {
            self.contacts.hear(one);
        }
    }

    fn is_student(&self, one: &ExistingStudent) -> bool {
        let ids: Vec<_> = one.source.iter().collect();
        let names: Vec<_> = std::iter::once(&one.name)
            .chain(&one.records_name)
            .collect();
        self.students.may_be(&ids, &names)
    }

    /// Whether that is a student whom a refused row may mean.
    pub(super) fn keeps_student(&self, id: StudentId) -> bool {
        self.kept.contains(&id)
    }

    /// Whether a refused row may mean a contact, or one of their students.
    pub(super) fn keeps_contact(&self, one: &ExistingContact) -> bool {
        let aliases = one.aliases.iter();
        let ids = one.source.iter();
        let ids: Vec<_> = ids
            .chain(aliases.clone().flat_map(|it| &it.source))
            .collect();
        let names = std::iter::once(&one.name).chain(&one.records_name);
        let names: Vec<_> = names.chain(aliases.map(|it| &it.name)).collect();
        one.students.iter().any(|it| self.kept.contains(&it.0))
            || self.contacts.may_be(&ids, &names)
    }

    /// Whether a refused row may mean a teacher.
    pub(super) fn keeps_teacher(&self, one: &ExistingTeacher) -> bool {
        let ids: Vec<_> = one.source.iter().collect();
        self.teachers.may_be(&ids, &[&one.name])
    }
}

/// Whom a row names that could be read.
pub(super) fn named(entry: &Entry) -> Named {
    let ids = entry.source.iter().chain(&entry.other_ids);
    let unnamed = entry.unnamed.iter().map(|it| Hint {
        ids: vec![it.source.clone()],
        name: String::new(),
    });
    Named {
        student: Hint {
            ids: ids.cloned().collect(),
            name: entry.student.reveal().to_owned(),
        },
        contacts: entry
            .guardians
            .iter()
            .map(|it| Hint {
                ids: it.source.iter().cloned().collect(),
                name: it.name.reveal().to_owned(),
            })
            .chain(unnamed)
            .collect(),
        orders: Vec::new(),
    }
}
