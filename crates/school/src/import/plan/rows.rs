//! What other rows of a source say of whom a row may mean: it is not their order that decides.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::draft::{Draft, Student};
use super::{Existing, Which};
use crate::ids::StudentId;
use crate::import::{Entry, Guardian, Incoming, MOST_NAMESAKES};
use crate::text::{EmailAddress, Name, id_key};

/// The rows of a source, by whom they name.
#[derive(Default)]
pub(super) struct Rows<'e> {
    by_id: HashMap<String, Vec<&'e Entry>>,
    by_name: HashMap<String, Vec<&'e Entry>>,
    /// Contacts who are named alone, by the ids of their students.
    alone: HashMap<String, Vec<&'e Guardian>>,
    /// The ids of contacts, by name and address.
    ids_at: HashMap<(String, String), HashSet<String>>,
}

/// Which row means a student whom several rows with ids may mean by the name.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Claim {
    /// Those with this id, as it is compared.
    Of(String),
    /// Nothing says it.
    Unclear,
}

impl<'e> Rows<'e> {
    pub(super) fn new(incoming: &'e Incoming) -> Self {
        let mut rows = Self::default();
        let entries = incoming.students.iter();
        for entry in entries.filter_map(|it| it.entry.as_ref().ok()) {
            if let Some(id) = &entry.source {
                rows.by_id.entry(id_key(id)).or_default().push(entry);
            }
            let name = entry.student.person_key();
            let namesakes = rows.by_name.entry(name).or_default();
            // Of more none is taken.
            if namesakes.len() <= MOST_NAMESAKES {
                namesakes.push(entry);
            }
            for guardian in &entry.guardians {
                rows.note_address(guardian);
            }
        }
        let alone = incoming.contacts.iter();
        for listed in alone.filter_map(|it| it.entry.as_ref().ok()) {
            rows.note_address(&listed.guardian);
            for student in &listed.students {
                let contacts = rows.alone.entry(id_key(student)).or_default();
                contacts.push(&listed.guardian);
            }
        }
        rows
    }

    fn note_address(&mut self, guardian: &Guardian) {
        if let (Some(id), Some(email)) = (&guardian.source, &guardian.email) {
            let key = (guardian.name.person_key(), email.key());
            self.ids_at.entry(key).or_default().insert(id_key(id));
        }
    }

    /// Whether somebody of that name and address has other ids than this.
    pub(super) fn has_other_ids(&self, name: &Name, email: &EmailAddress, id: &str) -> bool {
        let ids = self.ids_at.get(&(name.person_key(), email.key()));
        ids.is_some_and(|it| !it.contains(id))
    }

    /// All rows that may mean the same student as that one by their name, and it.
    fn of_one(&self, entry: &Entry) -> impl Iterator<Item = &'e Entry> {
        let id = entry.source.as_deref().map(id_key);
        let form = entry.form.as_deref().map(id_key);
        let named = self.by_name.get(&entry.student.person_key());
        named.into_iter().flatten().copied().filter(move |it| {
            let (of_id, of_form) = (it.source.as_deref(), it.form.as_deref());
            match (&id, of_id.map(id_key)) {
                (Some(id), Some(other)) => *id == other,
                (Some(_), None) | (None, Some(_) | None) => {
                    let (form, other) = (form.as_ref(), of_form.map(id_key));
                    form.is_none() || other.is_none() || form == other.as_ref()
                }
            }
        })
    }

    /// The guardians whom the source names of a row's student, in whichever row.
    pub(super) fn guardians_of(&self, entry: &Entry) -> Vec<&'e Guardian> {
        let id = entry.source.as_deref().map(id_key);
        let by_id = id.as_ref().and_then(|it| self.by_id.get(it));
        let rows = by_id.into_iter().flatten().copied();
        let guardians = rows
            .chain(self.of_one(entry))
            .flat_map(|it| it.guardians.iter());
        let alone = id.and_then(|it| self.alone.get(&it));
        guardians
            .chain(alone.into_iter().flatten().copied())
            .collect()
    }

    /// The contacts who are named alone, and whose students these are.
    pub(super) fn alone_with(&self, students: &[String]) -> Vec<&'e Guardian> {
        let lists = students.iter().filter_map(|it| self.alone.get(&id_key(it)));
        lists.flatten().copied().collect()
    }
}

impl Draft<'_> {
    /// For each kept student whom the source knows by no id so far, and of whose name it has several: which
    /// of them is theirs.
    pub(super) fn claims(&self, existing: &Existing) -> HashMap<StudentId, Claim> {
        let kept = existing.students.iter();
        kept.filter_map(|it| {
            let student = self.students.get(&Which::Kept(it.id))?;
            Some((it.id, self.claim(student)?))
        })
        .collect()
    }

    fn claim(&self, student: &Student) -> Option<Claim> {
        let names = student.names().map(Name::person_key);
        let rows = names.filter_map(|it| self.rows.by_name.get(&it)).flatten();
        let with_ids = rows.filter_map(|it| Some((id_key(it.source.as_ref()?), *it)));
        let mut claims: BTreeMap<String, (bool, bool)> = BTreeMap::new();
        for (id, row) in with_ids {
            let (is_there, is_theirs) = claims.entry(id).or_default();
            *is_there |= student.is_of_form_of(row);
            *is_theirs |= self.shares_guardian(student, row);
        }
        if let Some(own) = &student.source {
            // It may be another in another system, where all else is the same.
            let is_known = self.has_id_in_file(student, &id_key(own));
            claims.retain(|_, it| *it == (true, true));
            return match claims.len() {
                0 => None,
                _ if is_known => None,
                1 => claims.into_keys().next().map(Claim::Of),
                _ => Some(Claim::Unclear),
            };
        }
        if claims.len() < 2 {
            return None;
        }
        let whole = claims.iter().filter(|(_, it)| **it == (true, true));
        let some = claims.iter().filter(|(_, it)| it.0 || it.1);
        let (whole, some): (Vec<_>, Vec<_>) = (whole.collect(), some.collect());
        Some(match (&*whole, &*some) {
            ([(id, _)], _) | ([], [(id, _)]) => Claim::Of((*id).clone()),
            (_, _) => Claim::Unclear,
        })
    }

    /// Which row means that student, where several may.
    pub(super) fn claim_on(&self, which: Which<StudentId>) -> Option<&Claim> {
        match which {
            Which::Kept(id) => self.claims.get(&id),
            Which::New(_) => None,
        }
    }

    /// Whether a row has that student in their homeroom, with a guardian of theirs.
    pub(super) fn has_row_with_guardian(&self, student: &Student) -> bool {
        student.names().any(|name| {
            let rows = self.rows.by_name.get(&name.person_key());
            let mut rows = rows.into_iter().flatten();
            rows.any(|it| student.is_of_form_of(it) && self.shares_guardian(student, it))
        })
    }

    /// Whether other rows of the same student name a guardian of theirs, or their homeroom.
    pub(super) fn is_near(&self, student: &Student, entry: &Entry) -> bool {
        let mut rows = self.rows.of_one(entry);
        rows.any(|it| student.is_of_form_of(it) || self.shares_guardian(student, it))
    }
}

impl Student {
    /// Whether a row says their homeroom.
    pub(super) fn is_of_form_of(&self, entry: &Entry) -> bool {
        let form = entry.form.as_deref().map(id_key);
        form.is_some_and(|it| it == id_key(&self.form))
    }
}
