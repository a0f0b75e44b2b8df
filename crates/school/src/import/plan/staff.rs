//! What becomes of teachers and classes.

use std::collections::{HashMap, HashSet};

use super::{Existing, ExistingClass, ExistingTeacher, Kind, Outcome, RowResult, Which};
use crate::deed::Person;
use crate::ids::{ClassId, TeacherId};
use crate::import::{Incoming, Listed, ListedClass, ListedTeacher};
use crate::people::MOST_TEACHERS;
use crate::text::{EmailAddress, Label, Likeness, Name, id_key};

/// One change of a teacher or class; they are to be made in order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum StaffStep {
    /// A new teacher.
    AddTeacher(ListedTeacher),
    /// A teacher has another name, address or id there.
    ChangeTeacher {
        /// Who.
        id: TeacherId,
        /// What the source says of them.
        to: ListedTeacher,
        /// Whether their address is another.
        is_readdressed: bool,
    },
    /// A new class.
    AddClass {
        /// What the source says of it.
        class: ListedClass,
        /// Its teachers.
        teachers: Vec<Which<TeacherId>>,
    },
    /// A class has another name, subject, id there, or others take it.
    ChangeClass {
        /// Which.
        id: ClassId,
        /// What the source says of it.
        to: ListedClass,
        /// Its teachers.
        teachers: Vec<Which<TeacherId>>,
        /// Whether they are others.
        is_taken_by_others: bool,
    },
}

/// Which teachers and classes the source names.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) teachers: HashSet<TeacherId>,
    pub(super) classes: HashSet<ClassId>,
    /// Classes that are kept, and are not taken as the source has them now.
    pub(super) refused: HashSet<ClassId>,
}

/// Teachers and classes as the source leaves them.
#[derive(Debug, Default)]
pub(super) struct Staff {
    pub(super) results: Vec<RowResult>,
    pub(super) steps: Vec<StaffStep>,
    pub(super) back: Vec<Person>,
    pub(super) seen: Seen,
    /// All classes there are then: name, and id in the source.
    pub(super) classes: Vec<(Which<ClassId>, Label, Option<String>)>,
    /// The names and ids of classes that are not taken.
    pub(super) refused_classes: HashSet<String>,
    /// Kept classes by the keys of their ids in the source, and by their names where they have none.
    by_id: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
    /// Teachers by the keys of their ids in the source.
    teachers: HashMap<String, Which<TeacherId>>,
    new_teachers: usize,
    new_classes: usize,
}

/// What becomes of the teachers and classes that a source lists.
pub(super) fn plan(existing: &Existing, incoming: &Incoming) -> Staff {
    let mut staff = Staff::default();
    for one in &existing.teachers {
        if let Some(source) = &one.source {
            let id = Which::Kept(one.id);
            staff.teachers.insert(id_key(source), id);
        }
    }
    for (place, one) in existing.classes.iter().enumerate() {
        match &one.source {
            Some(source) => staff.by_id.insert(id_key(source), place),
            None => staff.by_name.insert(one.name.key(), place),
        };
    }
    for listed in &incoming.teachers {
        let done = match &listed.entry {
            Ok(entry) => staff.teacher(existing, entry),
            Err(reason) => Err(reason.clone()),
        };
        staff.note(Kind::Teacher, listed.line, &listed.name, done);
    }
    let taken: HashSet<ClassId> = incoming
        .classes
        .iter()
        .filter_map(|it| it.entry.as_ref().ok())
        .filter_map(|it| staff.find_class(existing, it))
        .map(|it| it.id)
        .collect();
    for one in existing.classes.iter().filter(|it| !taken.contains(&it.id)) {
        let class = (Which::Kept(one.id), one.name.clone(), one.source.clone());
        staff.classes.push(class);
    }
    for listed in &incoming.classes {
        let done = staff.class(existing, listed);
        staff.note(Kind::Class, listed.line, &listed.name, done);
    }
    staff
}

impl Staff {
    fn note(
        &mut self,
        kind: Kind,
        line: u64,
        name: &str,
        done: Result<(Outcome, Vec<String>), String>,
    ) {
        let (outcome, reason, does) = match done {
            Ok((outcome, does)) => (outcome, String::new(), does),
            Err(reason) => (Outcome::Refused, reason, Vec::new()),
        };
        self.results.push(RowResult {
            kind,
            line,
            name: name.to_owned(),
            outcome,
            reason,
            does,
        });
    }

    fn teacher(
        &mut self,
        existing: &Existing,
        entry: &ListedTeacher,
    ) -> Result<(Outcome, Vec<String>), String> {
        let key = id_key(&entry.source);
        if let Some(Which::New(_)) = self.teachers.get(&key) {
            return Err(format!(
                "The id {} stands for two teachers. Correct the id of one.",
                entry.source
            ));
        }
        let Some(kept) = find_teacher(existing, entry, &self.seen.teachers) else {
            let which = Which::New(self.new_teachers);
            self.new_teachers += 1;
            self.teachers.insert(key, which);
            self.steps.push(StaffStep::AddTeacher(entry.clone()));
            let does = vec![format!("Adds the teacher {}", entry.name.reveal())];
            return Ok((Outcome::Created, does));
        };
        if !self.seen.teachers.insert(kept.id) {
            return Err(format!(
                "{} stands in this file already.",
                kept.name.reveal()
            ));
        }
        self.teachers.insert(key, Which::Kept(kept.id));
        let mut does = Vec::new();
        if existing.gone.contains(&Person::Teacher(kept.id)) {
            self.back.push(Person::Teacher(kept.id));
            does.push(format!("{} is back", entry.name.reveal()));
        }
        if kept.name != entry.name {
            let (before, now) = (kept.name.reveal(), entry.name.reveal());
            does.push(format!("Renames {before} to {now}"));
        }
        // A source without an address takes none away.
        let email = entry.email.clone().or_else(|| kept.email.clone());
        let is_readdressed = address_key(kept.email.as_ref()) != address_key(email.as_ref());
        if is_readdressed {
            let now = email.as_ref().map_or("", EmailAddress::reveal);
            let name = entry.name.reveal();
            does.push(format!("Changes the address of {name} to {now}"));
        }
        if kept.source.is_none() {
            does.push(format!("Notes the id {}", entry.source));
        }
        if does.is_empty() {
            return Ok((Outcome::Unchanged, does));
        }
        self.steps.push(StaffStep::ChangeTeacher {
            id: kept.id,
            to: ListedTeacher {
                email,
                ..entry.clone()
            },
            is_readdressed,
        });
        Ok((Outcome::Updated, does))
    }

    /// By its id in the source, else by its name where it has no such id.
    fn find_class<'e>(
        &self,
        existing: &'e Existing,
        entry: &ListedClass,
    ) -> Option<&'e ExistingClass> {
        let by_id = self.by_id.get(&id_key(&entry.source));
        let place = by_id.or_else(|| self.by_name.get(&entry.name.key()))?;
        existing.classes.get(*place)
    }

    fn class(
        &mut self,
        existing: &Existing,
        listed: &Listed<ListedClass>,
    ) -> Result<(Outcome, Vec<String>), String> {
        let entry = listed.entry.as_ref().map_err(Clone::clone);
        let kept = entry.as_ref().ok();
        let kept = kept.and_then(|it| self.find_class(existing, it));
        let done = entry.and_then(|entry| self.take_class(kept, entry));
        if done.is_err() {
            // Students who are in it are taken all the same.
            if let Ok(entry) = &listed.entry {
                self.refused_classes.insert(entry.source.clone());
                let name = entry.name.as_str();
                self.refused_classes.insert(name.to_owned());
            }
            self.seen.classes.extend(kept.map(|it| it.id));
            self.seen.refused.extend(kept.map(|it| it.id));
        }
        done
    }

    fn take_class(
        &mut self,
        kept: Option<&ExistingClass>,
        entry: &ListedClass,
    ) -> Result<(Outcome, Vec<String>), String> {
        let known = entry.teachers.iter();
        let mut teachers: Vec<Which<TeacherId>> = Vec::new();
        for which in known.filter_map(|it| self.teachers.get(&id_key(it))) {
            if !teachers.contains(which) {
                teachers.push(*which);
            }
        }
        if teachers.is_empty() {
            return Err("It has no teacher who is listed as one.".to_owned());
        }
        if teachers.len() > MOST_TEACHERS {
            return Err(format!(
                "It has {} teachers. At most {MOST_TEACHERS} take an appointment together, because a call has four places: add it by hand, with those whom parents are to meet.",
                teachers.len()
            ));
        }
        let (name, source) = (entry.name.clone(), Some(entry.source.clone()));
        let Some(kept) = kept else {
            let which = Which::New(self.new_classes);
            self.new_classes += 1;
            self.classes.push((which, name, source));
            let does = vec![format!("Adds the class {}", entry.name.as_str())];
            self.steps.push(StaffStep::AddClass {
                class: entry.clone(),
                teachers,
            });
            return Ok((Outcome::Created, does));
        };
        self.seen.classes.insert(kept.id);
        self.classes.push((Which::Kept(kept.id), name, source));
        let before = kept.teachers.iter().copied().map(Which::Kept);
        let is_taken_by_others = !before.eq(teachers.iter().copied());
        let mut does = Vec::new();
        if kept.name != entry.name {
            let (before, now) = (kept.name.as_str(), entry.name.as_str());
            does.push(format!("Renames {before} to {now}"));
        }
        if kept.subject != entry.subject {
            let subject = entry.subject.as_str();
            does.push(format!("Notes the subject {subject}"));
        }
        if is_taken_by_others {
            does.push(format!("Changes who takes {}", entry.name.as_str()));
        }
        if kept.source.is_none() {
            does.push(format!("Notes the id {}", entry.source));
        }
        if does.is_empty() {
            return Ok((Outcome::Unchanged, does));
        }
        self.steps.push(StaffStep::ChangeClass {
            id: kept.id,
            to: entry.clone(),
            teachers,
            is_taken_by_others,
        });
        Ok((Outcome::Updated, does))
    }
}

/// By their id in the source, else by their address, else by their name where nobody else has it.
fn find_teacher<'e>(
    existing: &'e Existing,
    entry: &ListedTeacher,
    seen: &HashSet<TeacherId>,
) -> Option<&'e ExistingTeacher> {
    let key = id_key(&entry.source);
    let has_id = |it: &&ExistingTeacher| it.source.as_deref().map(id_key) == Some(key.clone());
    if let Some(known) = existing.teachers.iter().find(has_id) {
        return Some(known);
    }
    let unknown = || {
        let all = existing.teachers.iter();
        all.filter(|it| it.source.is_none() && !seen.contains(&it.id))
            .filter(|it| !existing.gone.contains(&Person::Teacher(it.id)))
    };
    let address = address_key(entry.email.as_ref());
    let is_same = |one: &Name| one.likeness(&entry.name) == Some(Likeness::Same);
    unknown()
        .find(|it| address.is_some() && address_key(it.email.as_ref()) == address)
        .or_else(|| {
            let mut namesakes = unknown().filter(|it| is_same(&it.name));
            let only = namesakes.next();
            only.filter(|_| namesakes.next().is_none())
        })
}

fn address_key(email: Option<&EmailAddress>) -> Option<String> {
    email.map(EmailAddress::key)
}
