//! People of whom a source does not say what they are: whoever is here by their id.

use std::borrow::Cow;
use std::collections::HashMap;

use super::Existing;
use crate::import::{Hint, Incoming, Listed, Named, Row, Unsaid};
use crate::text::id_key;

/// Whose id it is here.
#[derive(Clone, Copy)]
enum Whose {
    Student,
    Contact,
    Teacher,
}

/// What a source says, and of those of whom it does not say what they are, what they are here. An export of
/// everybody must say it: who it may mean stays as they are.
pub(super) fn told<'i>(existing: &Existing, incoming: &'i Incoming) -> Cow<'i, Incoming> {
    if incoming.unsaid.is_empty() {
        return Cow::Borrowed(incoming);
    }
    let by_id = by_id(existing);
    let is_whole = incoming.rows_are_whole;
    let mut told = incoming.clone();
    for one in std::mem::take(&mut told.unsaid) {
        match (by_id.get(&id_key(&one.id)).copied().flatten(), is_whole) {
            (Some(Whose::Student), false) => told.students.push(Row {
                line: one.line,
                student: one.name,
                entry: one.student,
                named: Named::default(),
            }),
            (Some(Whose::Contact), false) => told.contacts.push(Listed {
                line: one.line,
                name: one.name,
                entry: one.contact,
            }),
            (Some(Whose::Teacher), false) => told.teachers.push(Listed {
                line: one.line,
                name: one.name,
                entry: one.teacher,
            }),
            (Some(Whose::Teacher), true) => told.teachers.push(Listed {
                line: one.line,
                name: one.name,
                entry: Err(reason(is_whole)),
            }),
            (None, _) if one.may_be_nobody => {}
            (None, _) | (Some(Whose::Student | Whose::Contact), true) => {
                told.students.push(refused(one, is_whole));
            }
        }
    }
    Cow::Owned(told)
}

/// Who has which id here, by its key; nobody where several have it.
fn by_id(existing: &Existing) -> HashMap<String, Option<Whose>> {
    let mut by_id: HashMap<String, Option<Whose>> = HashMap::new();
    let mut note = |source: Option<&String>, whose| {
        if let Some(source) = source {
            let known = by_id.entry(id_key(source));
            known.and_modify(|it| *it = None).or_insert(Some(whose));
        }
    };
    for one in &existing.students {
        note(one.source.as_ref(), Whose::Student);
    }
    for one in &existing.contacts {
        note(one.source.as_ref(), Whose::Contact);
        for alias in &one.aliases {
            note(alias.source.as_ref(), Whose::Contact);
        }
    }
    for one in &existing.teachers {
        note(one.source.as_ref(), Whose::Teacher);
    }
    by_id
}

fn refused(one: Unsaid, is_whole: bool) -> Row {
    // Of those whose contact they may be, nothing ends.
    let students = one.contact.into_iter().flat_map(|it| it.students);
    let hint = |ids: Vec<String>| Hint {
        ids,
        name: one.name.clone(),
    };
    Row {
        line: one.line,
        student: one.name.clone(),
        named: Named {
            student: hint(students.chain([one.id.clone()]).collect()),
            contacts: vec![hint(vec![one.id])],
            orders: Vec::new(),
        },
        entry: Err(reason(is_whole)),
    }
}

fn reason(is_whole: bool) -> String {
    let reason = if is_whole {
        "It does not say what they are: student, contact or teacher. Export it again, with their roles."
    } else {
        "It does not say what they are, and their id is not one person's here. They come with the next export of everybody."
    };
    reason.to_owned()
}
