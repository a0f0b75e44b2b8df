//! What becomes of teachers and classes.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::teachers::{Teacher, Teachers, address_key};
use super::{Decided, Existing, ExistingClass, Kind, Outcome, RowResult, Which};
use crate::deed::Person;
use crate::ids::{ClassId, TeacherId};
use crate::import::{Incoming, Listed, ListedClass, ListedTeacher, NamedTeacher, Taker};
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

/// Who takes a class, each once, and their names for a sentence.
struct Takers {
    teachers: Vec<Which<TeacherId>>,
    names: String,
}

/// What becomes of a row, and what it does.
type Done = Result<(Outcome, Vec<String>), String>;

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
    /// Of which the source names the teachers too by now whom the office gave them.
    pub(super) agreed: Vec<ClassId>,
    /// Who took classes by the source's word when the office gave them to others.
    decided: HashMap<ClassId, BTreeSet<TeacherId>>,
    /// Kept classes by the keys of their ids in the source, and by their names: those without an id,
    /// and all.
    by_id: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
    all_by_name: HashMap<String, Vec<usize>>,
    /// The keys of the ids of classes that the source names, and whether these are all.
    ids_in_file: HashSet<String>,
    names_all: bool,
    teachers: Teachers,
    /// The keys of ids of teachers whom the office has erased.
    erased: HashSet<String>,
    /// Of these, with the names of others who have them now.
    others: HashSet<(String, String)>,
    /// Whom classes name, by their place there: their places here.
    named: Vec<Result<usize, String>>,
    new_teachers: usize,
    new_classes: usize,
}

/// What becomes of the teachers and classes that a source lists.
pub(super) fn plan(existing: &Existing, incoming: &Incoming) -> Staff {
    let listed = incoming.classes.iter();
    let ids = listed.filter_map(|it| it.entry.as_ref().ok()?.source.as_ref());
    let mut staff = Staff {
        teachers: Teachers::new(existing, incoming),
        erased: existing.decided.erased_teachers.clone(),
        others: existing.decided.other_teachers.clone(),
        ids_in_file: ids
            .chain(&incoming.left.classes)
            .map(|it| id_key(it))
            .collect(),
        names_all: incoming.names_all.classes,
        decided: existing.decided.takers.clone(),
        ..Staff::default()
    };
    for (place, one) in existing.classes.iter().enumerate() {
        match &one.source {
            Some(source) => staff.by_id.insert(id_key(source), place),
            None => staff.by_name.insert(one.name.key(), place),
        };
        let same = staff.all_by_name.entry(one.name.key()).or_default();
        same.push(place);
    }
    for (name, source) in &incoming.refused_classes {
        let by_id = source.as_deref().map(id_key);
        let is_kept = by_id.is_some_and(|it| staff.by_id.contains_key(&it))
            || staff.all_by_name.contains_key(&name.key());
        if !is_kept {
            staff.refused_classes.extend(source.clone());
            staff.refused_classes.insert(name.as_str().to_owned());
        }
    }
    for listed in &incoming.teachers {
        let done = match &listed.entry {
            Ok(entry) => staff.teacher(entry),
            Err(reason) => Err(reason.clone()),
        };
        staff.note(Kind::Teacher, listed.line, &listed.name, done);
    }
    for listed in &incoming.named_teachers {
        staff.name(listed);
    }
    let taken: HashSet<ClassId> = incoming
        .classes
        .iter()
        .filter_map(|it| it.entry.as_ref().ok())
        .filter_map(|it| staff.find_class(existing, it).ok().flatten())
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
    fn note(&mut self, kind: Kind, line: u64, name: &str, done: Done) {
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

    fn teacher(&mut self, entry: &ListedTeacher) -> Done {
        let found = self.teachers.listed(entry, &self.seen.teachers)?;
        let found = found.and_then(|it| Some((it, self.teachers.at(it)?.clone())));
        let Some((place, before)) = found else {
            self.check_erased(entry.source.as_deref(), &entry.name)?;
            if self.was_erased(entry.source.as_deref()) {
                return Ok((Outcome::Unchanged, vec![stays_erased(&entry.name)]));
            }
            return Ok((Outcome::Created, self.add_teacher(entry).1));
        };
        let Which::Kept(id) = before.which else {
            return Err(format!(
                "The id {} stands for two teachers. Correct the id of one.",
                entry.source.as_deref().unwrap_or_default()
            ));
        };
        if !self.seen.teachers.insert(id) {
            return Err(format!(
                "{} stands in this file already.",
                before.name.reveal()
            ));
        }
        let to = ListedTeacher {
            source: before.source.clone().or_else(|| entry.source.clone()),
            name: better_name(&before.name, &entry.name),
            // A source without an address takes none away.
            email: entry.email.clone().or_else(|| before.email.clone()),
        };
        Ok(self.change_teacher((place, id), &before, to))
    }

    /// Whether the office has erased whoever has that id.
    fn was_erased(&self, source: Option<&str>) -> bool {
        source.is_some_and(|it| self.erased.contains(&id_key(it)))
    }

    /// Refuses whoever has an id that somebody else had who was erased.
    fn check_erased(&self, source: Option<&str>, name: &Name) -> Result<(), String> {
        let Some(id) = source else {
            return Ok(());
        };
        if self.others.contains(&(id_key(id), name.person_key())) {
            return Err(anothers_id("In teacher id", id, "teacher"));
        }
        Ok(())
    }

    /// Their place, and what it does.
    fn add_teacher(&mut self, entry: &ListedTeacher) -> (usize, Vec<String>) {
        let which = Which::New(self.new_teachers);
        self.new_teachers += 1;
        let place = self.teachers.add(Teacher {
            which,
            name: entry.name.clone(),
            email: entry.email.clone(),
            source: entry.source.clone(),
            is_gone: false,
        });
        self.steps.push(StaffStep::AddTeacher(entry.clone()));
        let name = entry.name.reveal();
        let does = match &entry.email {
            Some(email) => format!("Adds the teacher {name}, {}", email.reveal()),
            None => format!("Adds the teacher {name}, without an e-mail address"),
        };
        (place, vec![does])
    }

    fn change_teacher(
        &mut self,
        (place, id): (usize, TeacherId),
        before: &Teacher,
        to: ListedTeacher,
    ) -> (Outcome, Vec<String>) {
        let name = to.name.reveal();
        let mut does = Vec::new();
        if before.is_gone {
            self.back.push(Person::Teacher(id));
            does.push(format!("{name} is back"));
        }
        if before.name != to.name {
            does.push(format!("Renames {} to {name}", before.name.reveal()));
        }
        let is_readdressed = address_key(before.email.as_ref()) != address_key(to.email.as_ref());
        if is_readdressed {
            let now = to.email.as_ref().map_or("", EmailAddress::reveal);
            does.push(format!("Changes the address of {name} to {now}"));
        }
        if before.source != to.source {
            let id = to.source.as_deref().unwrap_or_default();
            does.push(format!("Notes the id {id}"));
        }
        if does.is_empty() {
            return (Outcome::Unchanged, does);
        }
        self.teachers.change(place, |it| {
            it.name.clone_from(&to.name);
            it.email.clone_from(&to.email);
            it.source.clone_from(&to.source);
            it.is_gone = false;
        });
        self.steps.push(StaffStep::ChangeTeacher {
            id,
            to,
            is_readdressed,
        });
        (Outcome::Updated, does)
    }

    /// Somebody whom a class names. Of whom nothing changes there is nothing to tell; and where it is
    /// refused, their classes say so.
    fn name(&mut self, listed: &Listed<NamedTeacher>) {
        let entry = listed.entry.as_ref().map_err(Clone::clone);
        let done = entry.and_then(|it| self.named(it));
        let named = match done {
            Ok((place, outcome, does)) => {
                if outcome != Outcome::Unchanged {
                    let done = Ok((outcome, does));
                    self.note(Kind::Teacher, listed.line, &listed.name, done);
                }
                Ok(place)
            }
            Err(reason) => Err(reason),
        };
        self.named.push(named);
    }

    fn named(&mut self, entry: &NamedTeacher) -> Result<(usize, Outcome, Vec<String>), String> {
        let found = self.teachers.named(entry)?;
        let found = found.and_then(|it| Some((it, self.teachers.at(it)?.clone())));
        let Some((place, before)) = found else {
            let added = self.add_named(entry)?;
            return Ok((added.0, Outcome::Created, added.1));
        };
        let Which::Kept(id) = before.which else {
            return Ok((place, Outcome::Unchanged, Vec::new()));
        };
        let to = ListedTeacher {
            source: before.source.clone().or_else(|| entry.source.clone()),
            name: before.name.clone(),
            email: before.email.clone().or_else(|| entry.email.clone()),
        };
        let (outcome, does) = self.change_teacher((place, id), &before, to);
        Ok((place, outcome, does))
    }

    fn add_named(&mut self, entry: &NamedTeacher) -> Result<(usize, Vec<String>), String> {
        let told = entry.source.is_some() || entry.email.is_some();
        if let Some(name) = &entry.name {
            self.check_erased(entry.source.as_deref(), name)?;
        }
        match &entry.name {
            Some(name) if self.was_erased(entry.source.as_deref()) => {
                Err(format!("In teacher: {}.", stays_erased(name)))
            }
            Some(name) if told => Ok(self.add_teacher(&ListedTeacher {
                source: entry.source.clone(),
                name: name.clone(),
                email: entry.email.clone(),
            })),
            Some(name) => Err(format!(
                "In teacher: there is no teacher named \"{}\". Import the list of teachers first, or give their staff id or e-mail address too.",
                name.reveal()
            )),
            None => Err(format!(
                "In teacher: there is no teacher with {}. Import the list of teachers first, or give their name too.",
                match (&entry.source, &entry.email) {
                    (Some(id), _) => format!("the id {id}"),
                    (None, Some(_)) => "this address".to_owned(),
                    (None, None) => "no name".to_owned(),
                }
            )),
        }
    }

    /// By its id in the source, else by its name: where it has no id here, or the source gives none.
    fn find_class<'e>(
        &self,
        existing: &'e Existing,
        entry: &ListedClass,
    ) -> Result<Option<&'e ExistingClass>, String> {
        let key = entry.name.key();
        let same = self.all_by_name.get(&key).map(Vec::as_slice);
        let same = same.unwrap_or_default();
        let at = |place: &usize| existing.classes.get(*place);
        let Some(source) = &entry.source else {
            return match same {
                [] => Ok(None),
                [only] => Ok(at(only)),
                _ => Err(format!(
                    "In class: several classes are named \"{}\" here. Give the class id.",
                    entry.name.as_str()
                )),
            };
        };
        let found = self.by_id.get(&id_key(source));
        if let Some(place) = found.or_else(|| self.by_name.get(&key)) {
            return Ok(at(place));
        }
        // Where all are named, the one of before goes, and this comes.
        let other = same.iter().filter_map(at).find(|it| {
            let id = it.source.as_deref().map(id_key);
            id.is_some_and(|it| !self.ids_in_file.contains(&it))
        });
        match other.filter(|_| !self.names_all) {
            None => Ok(None),
            Some(other) => Err(format!(
                "In class id: there is a class named \"{}\" with the id {} here. If it is this one, give that id; if not, give it a name of its own.",
                entry.name.as_str(),
                other.source.as_deref().unwrap_or_default()
            )),
        }
    }

    fn class(&mut self, existing: &Existing, listed: &Listed<ListedClass>) -> Done {
        let entry = listed.entry.as_ref().map_err(Clone::clone)?;
        let kept = self.find_class(existing, entry);
        let found: Vec<ClassId> = match &kept {
            Ok(found) => found.iter().map(|it| it.id).collect(),
            // It may be any of them.
            Err(_several) => {
                let same = self.all_by_name.get(&entry.name.key());
                let same = same.into_iter().flatten();
                same.filter_map(|it| Some(existing.classes.get(*it)?.id))
                    .collect()
            }
        };
        let is_removed = matches!(kept, Ok(None)) && is_removed(&existing.decided, entry);
        if is_removed {
            self.leave_out(entry);
            let name = entry.name.as_str();
            let says = format!(
                "{name} stays removed, as you have decided. To let it in again, add it by hand first"
            );
            return Ok((Outcome::Unchanged, vec![says]));
        }
        let done = kept.and_then(|kept| self.take_class(kept, entry));
        if done.is_err() {
            self.leave_out(entry);
            self.seen.classes.extend(&found);
            self.seen.refused.extend(&found);
        }
        done
    }

    /// Students who are in it are taken all the same.
    fn leave_out(&mut self, entry: &ListedClass) {
        self.refused_classes.extend(entry.source.clone());
        let name = entry.name.as_str();
        self.refused_classes.insert(name.to_owned());
    }

    /// Who takes a class that is kept, by the source's word or the office's, and what is to be said of it.
    fn decide(&mut self, kept: &ExistingClass, takers: Takers) -> (Takers, Option<String>) {
        let Some(then) = self.decided.get(&kept.id) else {
            return (takers, None);
        };
        let said: BTreeSet<_> = takers.teachers.iter().copied().collect();
        if said == kept.teachers.iter().copied().map(Which::Kept).collect() {
            self.agreed.push(kept.id);
            return (takers, None);
        }
        if said != then.iter().copied().map(Which::Kept).collect() {
            return (takers, None);
        }
        let name = kept.name.as_str();
        let says = format!("{name} keeps its teachers, as you have decided");
        let teachers = kept.teachers.iter().copied().map(Which::Kept).collect();
        let takers = Takers { teachers, ..takers };
        (takers, Some(says))
    }

    /// Who takes a class, each once.
    fn takers(&self, entry: &ListedClass) -> Result<Takers, String> {
        let mut teachers: Vec<Which<TeacherId>> = Vec::new();
        let mut names: Vec<String> = Vec::new();
        for taker in &entry.teachers {
            let place = match taker {
                Taker::Listed(id) => self.teachers.of_id(id),
                Taker::Named(place) => self.named.get(*place).cloned().transpose()?,
            };
            let one = place.and_then(|it| self.teachers.at(it));
            if let Some(one) = one.filter(|it| !it.is_gone && !teachers.contains(&it.which)) {
                teachers.push(one.which);
                names.push(one.name.reveal().to_owned());
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
        Ok(Takers {
            teachers,
            names: names.join(", "),
        })
    }

    fn add_class(&mut self, entry: &ListedClass, takers: Takers) -> Vec<String> {
        let which = Which::New(self.new_classes);
        self.new_classes += 1;
        let (name, subject) = (entry.name.clone(), entry.subject.clone());
        let does = format!("Adds the class {}: {}", name.as_str(), takers.names);
        self.classes
            .push((which, name.clone(), entry.source.clone()));
        self.steps.push(StaffStep::AddClass {
            class: ListedClass {
                subject: subject.or(Some(name)),
                ..entry.clone()
            },
            teachers: takers.teachers,
        });
        vec![does]
    }

    fn take_class(&mut self, kept: Option<&ExistingClass>, entry: &ListedClass) -> Done {
        let takers = self.takers(entry)?;
        let Some(kept) = kept else {
            return Ok((Outcome::Created, self.add_class(entry, takers)));
        };
        if !self.seen.classes.insert(kept.id) {
            return Err(format!(
                "{} stands in this file already.",
                kept.name.as_str()
            ));
        }
        let (takers, remark) = self.decide(kept, takers);
        let Takers { teachers, names } = takers;
        let to = ListedClass {
            source: kept.source.clone().or_else(|| entry.source.clone()),
            // By its name it is found in whatever way that is written.
            name: match entry.source {
                Some(_) => entry.name.clone(),
                None => kept.name.clone(),
            },
            subject: Some(
                entry
                    .subject
                    .clone()
                    .unwrap_or_else(|| kept.subject.clone()),
            ),
            teachers: entry.teachers.clone(),
        };
        self.classes
            .push((Which::Kept(kept.id), to.name.clone(), to.source.clone()));
        let before: BTreeSet<_> = kept.teachers.iter().copied().map(Which::Kept).collect();
        // In whatever order they stand.
        let is_taken_by_others = before != teachers.iter().copied().collect();
        let mut does = Vec::new();
        if kept.name != to.name {
            let (before, now) = (kept.name.as_str(), to.name.as_str());
            does.push(format!("Renames {before} to {now}"));
        }
        if let Some(subject) = to.subject.as_ref().filter(|it| **it != kept.subject) {
            does.push(format!("Notes the subject {}", subject.as_str()));
        }
        if is_taken_by_others {
            does.push(format!("Changes who takes {}: {names}", to.name.as_str()));
        }
        if kept.source != to.source {
            let id = to.source.as_deref().unwrap_or_default();
            does.push(format!("Notes the id {id}"));
        }
        if does.is_empty() {
            return Ok((Outcome::Unchanged, remark.into_iter().collect()));
        }
        does.extend(remark);
        self.steps.push(StaffStep::ChangeClass {
            id: kept.id,
            to,
            teachers,
            is_taken_by_others,
        });
        Ok((Outcome::Updated, does))
    }
}

/// Says that somebody was erased, whom the source goes on naming.
pub(super) fn stays_erased(name: &Name) -> String {
    format!(
        "{} was erased here and stays so. To let them in again, add them by hand first",
        name.reveal()
    )
}

/// Why a row is refused whose id somebody else had who was erased.
pub(super) fn anothers_id(place: &str, id: &str, who: &str) -> String {
    format!(
        "{place}: somebody who was erased here had the id {id}. If this is another {who}, add them by hand first."
    )
}

/// Whether the office has removed that class: the one of its id, or of its name where either has none.
fn is_removed(decided: &Decided, entry: &ListedClass) -> bool {
    let given = entry.source.as_deref().map(id_key);
    let is_it = |(name, source): &(Label, Option<String>)| match (source.as_deref(), &given) {
        (Some(source), Some(given)) => id_key(source) == *given,
        (None, _) | (_, None) => name.key() == entry.name.key(),
    };
    decided.removed.iter().any(is_it)
}

/// The name to keep: one that a system writes without accents or small letters, or in another order,
/// is no other.
fn better_name(kept: &Name, given: &Name) -> Name {
    if kept.key() == given.key() {
        super::students::better_name(kept, given)
    } else if kept.likeness(given) == Some(Likeness::Same) {
        kept.clone()
    } else {
        given.clone()
    }
}
