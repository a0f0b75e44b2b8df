//! Whose the ids of guardians are, in a row and in a source: each is one person's.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::doubt;
use super::draft::Draft;
use super::students::may_be_one;
use crate::import::{Entry, Guardian, Incoming, Unnamed};
use crate::text::{Name, id_key};

/// How many names of one id are compared with each other.
const MOST_NAMES: usize = 8;

/// How many ids a sentence names.
const MOST_NAMED: usize = 5;

/// What is left out of rows, by their place.
pub(super) type LeftOut = BTreeMap<usize, Vec<String>>;

/// A source in which each id is one guardian's. One that it gives to people with unlike names, as that of a
/// household or a number that begins anew with each student, is nobody's.
pub(super) fn with_ids_of_one(incoming: &Incoming) -> (Cow<'_, Incoming>, LeftOut) {
    let shared = shared_by_rows(incoming);
    let mut left_out = LeftOut::new();
    if shared.is_empty() {
        return (Cow::Borrowed(incoming), left_out);
    }
    let mut told = incoming.clone();
    let leave_out = |guardian: &mut Guardian| {
        let id = guardian.source.as_ref()?;
        let (id, [one, other]) = (id.clone(), shared.get(&id_key(id))?);
        guardian.source = None;
        Some(format!(
            "Leaves out the guardian id {id}: this source gives it to both {one} and {other}"
        ))
    };
    for (place, row) in told.students.iter_mut().enumerate() {
        let Ok(entry) = &mut row.entry else {
            continue;
        };
        let mut nameless = entry.unnamed.iter();
        if let Some(one) = nameless.find(|it| shared.contains_key(&id_key(&it.source))) {
            let reason = format!(
                "In guardian id: {} stands for several people in this source, and for one without a name in this row. Give the name.",
                one.source
            );
            row.named = doubt::named(entry);
            row.entry = Err(reason);
            continue;
        }
        let remarks: Vec<String> = entry.guardians.iter_mut().filter_map(leave_out).collect();
        if !remarks.is_empty() {
            left_out.insert(place, remarks);
        }
    }
    let alone = told.contacts.iter_mut();
    for entry in alone.filter_map(|it| it.entry.as_mut().ok()) {
        leave_out(&mut entry.guardian);
    }
    told.notes.push(note(&shared));
    (Cow::Owned(told), left_out)
}

/// What the office should know of ids that are nobody's.
fn note(shared: &BTreeMap<String, [String; 2]>) -> String {
    let ids: Vec<&str> = shared.keys().take(MOST_NAMED).map(String::as_str).collect();
    let more = match shared.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "Ids of guardians that stand for several people are left out: {}{more}. If that column counts the guardians of each student, say under \"Change the columns\" that it is not their id.",
        ids.join(", ")
    )
}

/// The keys of the ids that rows give to people with unlike names, with two of these.
fn shared_by_rows(incoming: &Incoming) -> BTreeMap<String, [String; 2]> {
    let rows = incoming.students.iter();
    let rows = rows.filter_map(|it| it.entry.as_ref().ok());
    let alone = incoming.contacts.iter();
    let alone = alone.filter_map(|it| Some(&it.entry.as_ref().ok()?.guardian));
    let mut names: HashMap<String, Vec<&Name>> = HashMap::new();
    let mut shared = BTreeMap::new();
    for guardian in rows.flat_map(|it| &it.guardians).chain(alone) {
        let Some(id) = guardian.source.as_deref().map(id_key) else {
            continue;
        };
        let known = names.entry(id.clone()).or_default();
        let name = &guardian.name;
        if known.contains(&name) || known.len() > MOST_NAMES {
            continue;
        }
        if let Some(other) = known.iter().find(|it| !may_be_one(it, name)) {
            let both = [other, name].map(|it| it.reveal().to_owned());
            shared.entry(id).or_insert(both);
        }
        known.push(name);
    }
    shared
}

impl Draft<'_> {
    /// A row in which a guardian who has an id and no name is whoever is known by it. Who is left out of it
    /// is said.
    pub(super) fn with_unnamed<'e>(&mut self, entry: &'e Entry) -> Cow<'e, Entry> {
        if entry.unnamed.is_empty() {
            return Cow::Borrowed(entry);
        }
        let mut row = entry.clone();
        for unnamed in &entry.unnamed {
            match self.known_by(unnamed) {
                Some(guardian) => row.guardians.push(guardian),
                None => self.remarks.push(format!(
                    "Leaves out a guardian without a name: nobody here has the id {}",
                    unnamed.source
                )),
            }
        }
        Cow::Owned(row)
    }

    /// Whoever is known by the id of a guardian without a name, as the school's records call them.
    fn known_by(&self, unnamed: &Unnamed) -> Option<Guardian> {
        let known = self.contacts_by_source.get(&id_key(&unnamed.source))?;
        let contact = self.contacts.get(known)?;
        Some(Guardian {
            name: contact
                .records_name
                .as_ref()
                .unwrap_or(&contact.name)
                .clone(),
            email: None,
            mobile: String::new(),
            telephone: String::new(),
            relationship: unnamed.relationship.clone(),
            source: Some(unnamed.source.clone()),
            has_court_order: false,
        })
    }
}
