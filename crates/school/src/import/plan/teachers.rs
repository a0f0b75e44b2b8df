//! Teachers by what a source may say of them: their id, address or name.

use std::collections::{HashMap, HashSet};

use super::students::may_be_one;
use super::{Existing, Which};
use crate::deed::Person;
use crate::ids::TeacherId;
use crate::import::{Incoming, ListedTeacher, MOST_NAMESAKES, NamedTeacher};
use crate::text::{EmailAddress, Likeness, Name, id_key};

/// A teacher as the source leaves them so far.
#[derive(Clone, Debug)]
pub(super) struct Teacher {
    pub(super) which: Which<TeacherId>,
    pub(super) name: Name,
    pub(super) email: Option<EmailAddress>,
    pub(super) source: Option<String>,
    pub(super) is_gone: bool,
}

/// All of them, and how they are found. Each is known by their place.
#[derive(Debug, Default)]
pub(super) struct Teachers {
    all: Vec<Teacher>,
    by_id: HashMap<String, usize>,
    by_address: HashMap<String, Vec<usize>>,
    /// By the words of their names, and by these without what stands between.
    by_word: HashMap<String, Vec<usize>>,
    /// The keys of the ids and addresses that the source names, and of the ids that it calls gone.
    ids_in_file: HashSet<String>,
    addresses_in_file: HashSet<String>,
    /// The names that several of its teachers have.
    shared_names: HashSet<String>,
}

impl Teachers {
    pub(super) fn new(existing: &Existing, incoming: &Incoming) -> Self {
        let listed = incoming.teachers.iter();
        let listed: Vec<_> = listed.filter_map(|it| it.entry.as_ref().ok()).collect();
        let named = incoming.named_teachers.iter();
        let named = named.filter_map(|it| it.entry.as_ref().ok()?.source.as_ref());
        let ids = listed.iter().filter_map(|it| it.source.as_ref());
        let ids = ids.chain(named).chain(&incoming.left.teachers);
        let mut teachers = Self {
            ids_in_file: ids.map(|it| id_key(it)).collect(),
            addresses_in_file: listed
                .iter()
                .filter_map(|it| address_key(it.email.as_ref()))
                .collect(),
            ..Self::default()
        };
        let mut names = HashSet::new();
        for one in &listed {
            let name = one.name.person_key();
            if !names.insert(name.clone()) {
                teachers.shared_names.insert(name);
            }
        }
        for one in &existing.teachers {
            teachers.add(Teacher {
                which: Which::Kept(one.id),
                name: one.name.clone(),
                email: one.email.clone(),
                source: one.source.clone(),
                is_gone: existing.gone.contains(&Person::Teacher(one.id)),
            });
        }
        teachers
    }

    pub(super) fn add(&mut self, teacher: Teacher) -> usize {
        let place = self.all.len();
        self.all.push(teacher);
        self.index(place);
        place
    }

    fn index(&mut self, place: usize) {
        let Some(one) = self.all.get(place) else {
            return;
        };
        if let Some(source) = &one.source {
            self.by_id.insert(id_key(source), place);
        }
        if let Some(address) = address_key(one.email.as_ref()) {
            note(&mut self.by_address, address, place);
        }
        for word in words(&one.name) {
            note(&mut self.by_word, word, place);
        }
    }

    pub(super) fn at(&self, place: usize) -> Option<&Teacher> {
        self.all.get(place)
    }

    /// Says what a source knows better of one.
    pub(super) fn change(&mut self, place: usize, change: impl FnOnce(&mut Teacher)) {
        if let Some(one) = self.all.get_mut(place) {
            change(one);
        }
        self.index(place);
    }

    pub(super) fn of_id(&self, id: &str) -> Option<usize> {
        self.by_id.get(&id_key(id)).copied()
    }

    /// Those of that address. Who has left, and had another id, is nobody whom the source means.
    fn of_address(
        &self,
        email: Option<&EmailAddress>,
        source: Option<&String>,
    ) -> Vec<(usize, &Teacher)> {
        let places = address_key(email).and_then(|it| self.by_address.get(&it));
        let all = self.each(places.into_iter().flatten().copied());
        all.filter(|(_, it)| !(it.is_gone && Self::has_another_id(it, source)))
            .collect()
    }

    fn each(&self, places: impl Iterator<Item = usize>) -> impl Iterator<Item = (usize, &Teacher)> {
        places.filter_map(|it| Some((it, self.all.get(it)?)))
    }

    /// Those who may be called so. Of words that very many have, none tells whom they mean.
    fn called(&self, name: &Name) -> Vec<(usize, &Teacher, Likeness)> {
        let words = words(name);
        let lists = words.iter().filter_map(|it| self.by_word.get(it));
        let mut lists: Vec<&Vec<usize>> = lists.collect();
        lists.sort_unstable_by_key(|it| it.len());
        let mut places: Vec<usize> = Vec::new();
        for list in lists {
            if places.len() + list.len() > MOST_NAMESAKES {
                break;
            }
            places.extend(list);
        }
        places.sort_unstable();
        places.dedup();
        self.each(places.into_iter())
            .filter_map(|(place, one)| Some((place, one, one.name.likeness(name)?)))
            .collect()
    }

    /// Whether a source that gives them this id speaks of somebody else: both have one.
    fn has_another_id(one: &Teacher, source: Option<&String>) -> bool {
        match (&one.source, source) {
            (Some(own), Some(given)) => id_key(own) != id_key(given),
            (Some(_) | None, None) | (None, Some(_)) => false,
        }
    }

    /// Whether the source names them elsewhere, by their own id.
    fn is_named_elsewhere(&self, one: &Teacher) -> bool {
        let own = one.source.as_deref().map(id_key);
        own.is_some_and(|it| self.ids_in_file.contains(&it))
    }

    /// Whether no row has named them yet, and none does by their id.
    fn is_free(&self, one: &Teacher, seen: &HashSet<TeacherId>) -> bool {
        match one.which {
            Which::Kept(id) => !seen.contains(&id) && !self.is_named_elsewhere(one),
            Which::New(_) => false,
        }
    }

    /// Whom a row of a list of teachers means: by their id, else by their address, else by their name
    /// where nobody else has it. Those whom another row has named are others.
    pub(super) fn listed(
        &self,
        entry: &ListedTeacher,
        seen: &HashSet<TeacherId>,
    ) -> Result<Option<usize>, String> {
        let source = entry.source.as_ref();
        let email = entry.email.as_ref();
        if let Some((id, place)) = source.and_then(|it| Some((it, self.of_id(it)?))) {
            let is_other = |one: &&Teacher| !is_renamed(one, &entry.name, email);
            // An id that was given to somebody else makes nobody the one before.
            return match self.at(place).filter(is_other) {
                Some(other) => Err(format!(
                    "In teacher id: {id} is the id of {} here. If they are called {} now, change the name on their page first; if not, correct the id.",
                    other.name.reveal(),
                    entry.name.reveal()
                )),
                None => Ok(Some(place)),
            };
        }
        // Of one address, but with another id and name, is who had it before.
        let mut at_address = self.of_address(email, source);
        at_address.retain(|(_, it)| {
            let is_other = Self::has_another_id(it, source) && !is_called(it, &entry.name);
            self.is_free(it, seen) && !is_other
        });
        let is_same = |one: &Teacher| one.name.likeness(&entry.name) == Some(Likeness::Same);
        let by_address = match &*at_address {
            [only] => Some(*only),
            several => several.iter().find(|(_, it)| is_same(it)).copied(),
        };
        if let Some((place, one)) = by_address {
            has_not(one, source)?;
            // Several people may read one mailbox.
            if !is_called(one, &entry.name) {
                return Err(format!(
                    "In teacher e-mail: this is the address of {} here. If they are called {} now, change the name on their page first.",
                    one.name.reveal(),
                    entry.name.reveal()
                ));
            }
            return Ok(Some(place));
        }
        if let Some((_, other)) = at_address.first() {
            return Err(format!(
                "In teacher e-mail: this is the address of several teachers here, {} and others. Give the id of each, or the name as it is here.",
                other.name.reveal()
            ));
        }
        self.listed_by_name(entry, seen)
    }

    fn listed_by_name(
        &self,
        entry: &ListedTeacher,
        seen: &HashSet<TeacherId>,
    ) -> Result<Option<usize>, String> {
        let (source, email) = (entry.source.as_ref(), entry.email.as_ref());
        let called = self.called(&entry.name).into_iter();
        let called = called.filter(|(_, one, likeness)| {
            let address = address_key(one.email.as_ref());
            let is_elsewhere = address.is_some_and(|it| self.addresses_in_file.contains(&it));
            *likeness == Likeness::Same && self.is_free(one, seen) && !is_elsewhere
        });
        let (mut others, mut own): (Vec<_>, Vec<_>) =
            called.partition(|(_, one, _)| Self::has_another_id(one, source));
        others.retain(|(_, one, _)| !one.is_gone);
        // Whoever has left is back where nobody else is called so, and nothing says otherwise.
        let is_here = own.iter().any(|(_, one, _)| !one.is_gone);
        own.retain(|(_, one, _)| {
            // An address of theirs may be a stranger's by then.
            !one.is_gone || (!is_here && one.email.is_none())
        });
        let is_shared = self.shared_names.contains(&entry.name.person_key());
        match &*own {
            [(_, one, _)] if is_shared => Err(format!(
                "In teacher: several rows have this name, and one of them may be {}. Give the e-mail address that they have here in their row.",
                one.name.reveal()
            )),
            [(place, _, _)] => Ok(Some(*place)),
            [] => match others.first() {
                Some((_, other, _)) if email.is_none() || other.email.is_none() => {
                    has_not(other, source).map(|()| None)
                }
                Some(_) | None => Ok(None),
            },
            // A source with ids tells them apart from now on.
            _ if source.is_some() => Ok(None),
            _ => Err(
                "In teacher: several teachers have this name here. Give their e-mail addresses or staff ids."
                    .to_owned(),
            ),
        }
    }

    /// Whom a class names, where they are known.
    pub(super) fn named(&self, entry: &NamedTeacher) -> Result<Option<usize>, String> {
        let (source, email) = (entry.source.as_ref(), entry.email.as_ref());
        let by_id = source.and_then(|it| Some((it, self.of_id(it)?)));
        if let Some((id, place)) = by_id {
            let is_other = |one: &&Teacher| {
                let name = entry.name.as_ref();
                !name.is_none_or(|it| is_renamed(one, it, email))
            };
            return match self.at(place).filter(is_other) {
                Some(other) => Err(format!(
                    "In teacher id: {id} is the id of {}. Correct the name or the id.",
                    other.name.reveal()
                )),
                None => Ok(Some(place)),
            };
        }
        // Codes stand where names do, too.
        if let (None, Some(name)) = (source, &entry.name)
            && let Some(place) = name.only_word().and_then(|it| self.of_id(&it))
        {
            return Ok(Some(place));
        }
        let mut at_address = self.of_address(email, source);
        let is_meant = |one: &Teacher| entry.name.as_ref().is_none_or(|it| is_called(one, it));
        // Who has left, and is called otherwise, had that address before.
        at_address.retain(|(_, it)| !it.is_gone || is_meant(it));
        let by_address = match &*at_address {
            [only] => Some(*only),
            several => several.iter().find(|(_, it)| is_meant(it)).copied(),
        };
        if let Some((place, one)) = by_address {
            has_not(one, source)?;
            return match &entry.name {
                Some(name) if !is_called(one, name) => Err(format!(
                    "In teacher e-mail: this is the address of {} here. Give the name or the address of {} as it is here.",
                    one.name.reveal(),
                    name.reveal()
                )),
                Some(_) | None => Ok(Some(place)),
            };
        }
        if let Some((_, other)) = at_address.first() {
            return Err(format!(
                "In teacher e-mail: this is the address of several teachers here, {} and others. Give the staff id, or the name as it is here.",
                other.name.reveal()
            ));
        }
        match &entry.name {
            Some(name) => self.named_by_name(entry, name),
            None => Ok(None),
        }
    }

    fn named_by_name(&self, entry: &NamedTeacher, name: &Name) -> Result<Option<usize>, String> {
        let (source, email) = (entry.source.as_ref(), entry.email.as_ref());
        let called: Vec<_> = self
            .called(name)
            .into_iter()
            .filter(|(_, one, likeness)| {
                let may_be = *likeness == Likeness::Same || one.name.may_be_meant_by(name);
                !one.is_gone && may_be
            })
            .collect();
        let is_same = |likeness: &Likeness| *likeness == Likeness::Same;
        let has_same = called.iter().any(|(_, _, it)| is_same(it));
        // Of a name that only may be theirs, another address or id is somebody else's.
        let may_be: Vec<_> = called
            .into_iter()
            .filter(|(_, _, it)| !has_same || is_same(it))
            .filter(|(_, one, likeness)| {
                let has_another = email.is_some() && one.email.is_some();
                let is_other = has_another || Self::has_another_id(one, source);
                is_same(likeness) || !is_other
            })
            .collect();
        match &*may_be {
            [] => Ok(None),
            [(place, one, likeness)] => {
                has_not(one, source)?;
                if email.is_some() && one.email.is_some() {
                    return Err(format!(
                        "In teacher e-mail: {} has another address here. Change it on their page, or import the list of teachers first.",
                        one.name.reveal()
                    ));
                }
                let is_told = email.is_some() || (source.is_some() && one.source.is_none());
                if !is_same(likeness) && is_told {
                    return Err(format!(
                        "In teacher: this may be {}. Give their name as it is here, or import the list of teachers first.",
                        one.name.reveal()
                    ));
                }
                Ok(Some(*place))
            }
            several => {
                let names: Vec<_> = several
                    .iter()
                    .take(3)
                    .map(|it| it.1.name.reveal())
                    .collect();
                Err(format!(
                    "In teacher: several teachers may be meant by \"{}\": {}. Give their staff id or e-mail address.",
                    name.reveal(),
                    names.join(", ")
                ))
            }
        }
    }
}

/// Refused where they have another id here than the one that is given.
fn has_not(one: &Teacher, source: Option<&String>) -> Result<(), String> {
    if Teachers::has_another_id(one, source) {
        Err(format!(
            "In teacher id: {} has the id {} here. If that is who this is, give that id; if not, correct the name or the address.",
            one.name.reveal(),
            one.source.as_deref().unwrap_or_default()
        ))
    } else {
        Ok(())
    }
}

/// Whether they may be called so now: it is their name, more or less of it, or another last name.
fn is_called(one: &Teacher, name: &Name) -> bool {
    let given = name.given();
    one.name.likeness(name).is_some() || (given.is_some() && given == one.name.given())
}

/// Whether somebody of an id is meant by that name: it may be theirs, or their first name and their
/// address are the same.
fn is_renamed(one: &Teacher, name: &Name, email: Option<&EmailAddress>) -> bool {
    let address = address_key(email);
    let has_address = address.is_some() && address == address_key(one.email.as_ref());
    may_be_one(&one.name, name) || (has_address && is_called(one, name))
}

fn note(places: &mut HashMap<String, Vec<usize>>, key: String, place: usize) {
    let places = places.entry(key).or_default();
    if !places.contains(&place) && places.len() <= MOST_NAMESAKES {
        places.push(place);
    }
}

/// What a name is found by: its words, and all of them without spaces.
fn words(name: &Name) -> Vec<String> {
    let key = name.key();
    let mut words: Vec<String> = key.split(' ').map(str::to_owned).collect();
    words.push(key.split(' ').collect());
    words.sort_unstable();
    words.dedup();
    words
}

pub(super) fn address_key(email: Option<&EmailAddress>) -> Option<String> {
    email.map(EmailAddress::key)
}
