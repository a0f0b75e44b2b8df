//! The name of each class, which no other has.

use std::collections::HashMap;

/// Gives each class the name by which it is told apart, by its id: its title; where two have one
/// title, the code stands behind it, or the id where that is the same too.
pub(crate) fn told_apart<'c>(
    classes: impl Iterator<Item = (&'c str, &'c str, &'c str)> + Clone,
) -> HashMap<String, String> {
    let mut titles: HashMap<&str, usize> = HashMap::new();
    let mut coded: HashMap<(&str, &str), usize> = HashMap::new();
    for (_, title, code) in classes.clone() {
        *titles.entry(title).or_default() += 1;
        *coded.entry((title, code)).or_default() += 1;
    }
    let names = classes.map(|(id, title, code)| {
        let name = if titles.get(title) == Some(&1) {
            title.to_owned()
        } else if !code.is_empty() && coded.get(&(title, code)) == Some(&1) {
            format!("{title} ({code})")
        } else {
            format!("{title} ({id})")
        };
        (id.to_owned(), name)
    });
    names.collect()
}
