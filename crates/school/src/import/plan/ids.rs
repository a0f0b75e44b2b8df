//! Whose the ids of guardians are in a row: each is one person's.

use std::borrow::Cow;

use super::draft::Draft;
use super::students::is_renamed;
use crate::import::{Entry, Guardian, Unnamed};
use crate::text::id_key;

impl Draft<'_> {
    /// A row in which each id is one guardian's. One that it gives to two people, as that of a household, is
    /// neither's; one without a name means whoever is known by it. What is left out of it is said.
    pub(super) fn with_ids_of_one<'e>(&mut self, entry: &'e Entry) -> Cow<'e, Entry> {
        let shared = shared(&entry.guardians);
        if shared.is_empty() && entry.unnamed.is_empty() {
            return Cow::Borrowed(entry);
        }
        let mut row = entry.clone();
        for (id, [one, other]) in shared {
            let (one, other) = (one.name.reveal(), other.name.reveal());
            self.remarks.push(format!(
                "Leaves out the guardian id {id}: this row gives it to both {one} and {other}"
            ));
            let is_that = |it: &String| id_key(it) == id_key(id);
            for guardian in &mut row.guardians {
                guardian.source = guardian.source.take().filter(|it| !is_that(it));
            }
        }
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

/// The ids that two of these have who are two people, with the first two of each.
fn shared(guardians: &[Guardian]) -> Vec<(&str, [&Guardian; 2])> {
    let mut shared: Vec<(&str, [&Guardian; 2])> = Vec::new();
    for (place, one) in guardians.iter().enumerate() {
        let Some(id) = one.source.as_deref() else {
            continue;
        };
        let is_that = |it: &str| id_key(it) == id_key(id);
        let mut others = guardians.iter().skip(place + 1);
        let other = others.find(|it| {
            it.source.as_deref().is_some_and(is_that) && !is_renamed(&one.name, &it.name)
        });
        if let Some(other) = other
            && !shared.iter().any(|(it, _)| is_that(it))
        {
            shared.push((id, [one, other]));
        }
    }
    shared
}
