//! Addresses that a list gives to several people: whoever reads there gets what is meant for each of them.

use std::collections::{BTreeMap, BTreeSet};

use super::Row;

/// From how many names on an address is doubted: two parents may share one.
const FEWEST_NAMES: usize = 3;

/// How many addresses are named.
const MOST_NAMED: usize = 5;

/// The names at an address, and the address as it stands there.
type Shared<'r> = (BTreeSet<String>, &'r str);

/// What the office should know of addresses that stand for three people and more.
pub(super) fn note(rows: &[Row]) -> Option<String> {
    let entries = rows.iter().filter_map(|it| it.entry.as_ref().ok());
    let mut names: BTreeMap<String, Shared<'_>> = BTreeMap::new();
    for guardian in entries.flat_map(|it| &it.guardians) {
        if let Some(email) = &guardian.email {
            let shared = names.entry(email.key());
            let (names, _) = shared.or_insert_with(|| (BTreeSet::new(), email.reveal()));
            let mut words = guardian.name.words();
            words.sort_unstable();
            names.insert(words.join(" "));
        }
    }
    let shared = names.into_values();
    let shared = shared.filter(|(names, _)| names.len() >= FEWEST_NAMES);
    let shared: Vec<String> = shared
        .map(|(names, email)| format!("{email} ({} names)", names.len()))
        .collect();
    let more = match shared.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let named = shared.get(..MOST_NAMED).unwrap_or(&shared).join(", ");
    (!shared.is_empty()).then(|| {
        format!(
            "Addresses that stand for several people: {named}{more}. Whoever reads there gets the links of each of them. If an address is nobody's own, take it out of the list."
        )
    })
}
