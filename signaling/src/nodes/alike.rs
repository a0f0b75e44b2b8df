//! Whether the other nodes have the same of what is to be the same at all: each is asked until it has said so. `homeroom doctor`, whom
//! nobody knows, reads what they have in the records.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use call::Moment;
use cluster::{Boot, Living, Node};
use store::Store;

use super::proof::Key;
use super::{Nodes, ask};
use crate::data;
use crate::health::State;
use crate::house::House;
use crate::settings::{self, Digests, Settings};

/// How long until a run that did not answer is asked again: it stood still, or is of an earlier version and does not know
/// the question.
const AGAIN: Duration = Duration::from_secs(30);

/// What this node has, and by run where another differs from it.
#[derive(Debug)]
pub(super) struct Alike {
    own: Digests,
    others: Mutex<BTreeMap<Boot, Other>>,
}

#[derive(Debug, Default)]
struct Other {
    name: String,
    /// Keys of settings.
    differ: Vec<String>,
    /// When it was asked, while it has not answered.
    asked: Option<Moment>,
}

impl Alike {
    pub(super) const fn of(own: Digests) -> Self {
        Self {
            own,
            others: Mutex::new(BTreeMap::new()),
        }
    }

    fn others(&self) -> MutexGuard<'_, BTreeMap<Boot, Other>> {
        // It is whole at every step, whatever panicked.
        self.others.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What this node has, for whoever asks.
    pub(super) const fn own(&self) -> &Digests {
        &self.own
    }

    /// These run now: what others had is nothing to anybody.
    fn see(&self, running: &BTreeSet<Boot>) {
        self.others().retain(|boot, _| running.contains(boot));
    }

    /// Whether a run is to be asked, which it is from now on.
    fn begins_to_ask(&self, boot: Boot, now: Moment) -> bool {
        let mut others = self.others();
        let is_asked = |it: &Other| it.asked.is_none_or(|asked| now.since(asked) < AGAIN);
        if others.get(&boot).is_some_and(is_asked) {
            return false;
        }
        let asked = Some(now);
        let other = Other {
            asked,
            ..Other::default()
        };
        others.insert(boot, other);
        true
    }

    /// It could not be asked.
    fn asks_again(&self, boot: Boot) {
        self.others().remove(&boot);
    }

    /// What another has. Of another version it may have more, or less.
    fn hear(&self, node: &Node, all: &Digests) {
        let differ = differing(&self.own, all);
        if !differ.is_empty() {
            tracing::warn!(
                name = node.name,
                settings = differ.join(", "),
                "another node has other settings, which are to be the same at all"
            );
        }
        let name = node.name.clone();
        let heard = Other {
            name,
            differ,
            asked: None,
        };
        self.others().insert(node.boot, heard);
    }

    /// Whether all have the same, as far as they were heard.
    pub(super) fn standing(&self) -> State {
        self.says().map_or(State::Well, State::Doubtful)
    }

    /// What is to be said where some differ.
    fn says(&self) -> Option<String> {
        let others = self.others();
        let says = say(others.values().map(|it| (it.name.as_str(), &it.differ[..])));
        drop(others);
        says
    }
}

/// The keys of those settings that another has otherwise.
fn differing(own: &Digests, other: &Digests) -> Vec<String> {
    let differs = |(key, digest): &(&String, &String)| {
        other.get(key.as_str()).is_some_and(|its| its != *digest)
    };
    let differ = own.iter().filter(differs);
    differ.map(|it| it.0.clone()).collect()
}

/// What is to be said where some differ, each with its name.
fn say<'a>(others: impl Iterator<Item = (&'a str, &'a [String])>) -> Option<String> {
    let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, differ) in others {
        for key in differ {
            all.entry(key).or_default().insert(name);
        }
    }
    let all: Vec<_> = all
        .into_iter()
        .map(|(key, names)| {
            let names: Vec<_> = names.into_iter().collect();
            format!("{key} at {}", names.join(" and "))
        })
        .collect();
    (!all.is_empty()).then(|| {
        let all = all.join(", ");
        format!("Settings that must be the same at all nodes are not as they are here: {all}.")
    })
}

/// What the nodes that run have in the records of the settings that are to be the same at all.
pub(crate) struct Written {
    /// Which nodes have written it, but for this one.
    pub(crate) names: Vec<String>,
    /// Which of them go by another key: what they have cannot be compared.
    pub(crate) other_keys: Vec<String>,
    /// What is to be said where some differ.
    pub(crate) says: Option<String>,
}

/// Reads it; nothing where it cannot be read.
pub(crate) async fn read(settings: &Settings, node: &settings::Node) -> Option<Written> {
    let key = Key::read(&node.key_file).ok()?;
    let own = settings.alike(|name, value| key.setting(name, value));
    let written = Store::settings_of_nodes(&data::place(settings))
        .await
        .ok()?;
    let others = written
        .into_iter()
        .filter(|it| it.name != node.name)
        .filter_map(|it| Some((it.name, serde_json::from_str(&it.settings).ok()?)));
    Some(compared(&own, others))
}

fn compared(own: &Digests, others: impl Iterator<Item = (String, Digests)>) -> Written {
    let (mut names, mut other_keys, mut differ) = (Vec::new(), Vec::new(), Vec::new());
    for (name, all) in others {
        let its = differing(own, &all);
        // By one key some are always the same: each digest is of a setting that few change.
        let common = own.keys().filter(|it| all.contains_key(*it)).count();
        let is_by_other_key = common > 0 && common == its.len();
        if is_by_other_key {
            other_keys.push(name.clone());
        } else {
            differ.push((name.clone(), its));
        }
        names.push(name);
    }
    let says = say(differ
        .iter()
        .map(|(name, differ)| (name.as_str(), &differ[..])));
    Written {
        names,
        other_keys,
        says,
    }
}

/// Asks those that are reached, and have not answered.
pub(super) fn compare(house: &House, nodes: &Arc<Nodes>, living: &[Living]) {
    let (me, now) = (nodes.shared.node().boot, nodes.clock.now());
    let others = living.iter().map(|it| &it.node).filter(|it| it.boot != me);
    nodes.alike.see(&others.clone().map(|it| it.boot).collect());
    for node in others {
        let Some(stream) = nodes.ways.to(node.boot) else {
            continue;
        };
        if !nodes.alike.begins_to_ask(node.boot, now) {
            continue;
        }
        let (nodes, node) = (Arc::clone(nodes), node.clone());
        house.tasks.spawn(async move {
            match ask::settings(&stream).await {
                Some(all) => nodes.alike.hear(&node, &all),
                None if stream.has_ended() => nodes.alike.asks_again(node.boot),
                // Later.
                None => {}
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digests(all: &[(&str, &str)]) -> Digests {
        let all = all.iter();
        all.map(|(key, digest)| ((*key).to_owned(), (*digest).to_owned()))
            .collect()
    }

    fn node(number: u128, name: &str) -> Node {
        Node {
            boot: Boot(number),
            name: name.to_owned(),
            address: String::new(),
        }
    }

    #[test]
    fn whoever_goes_by_another_key_is_named_and_their_settings_are_not() {
        let own = digests(&[("calls.cap", "4"), ("mail.from", "a"), ("new", "1")]);
        let others = [
            ("east", digests(&[("calls.cap", "x"), ("mail.from", "y")])),
            ("south", digests(&[("calls.cap", "4"), ("mail.from", "b")])),
        ];
        let others = others.map(|(name, all)| (name.to_owned(), all));
        let written = compared(&own, others.into_iter());
        assert_eq!(written.names, ["east", "south"]);
        assert_eq!(written.other_keys, ["east"]);
        let said = written.says.expect("the other differs");
        assert!(said.ends_with("here: mail.from at south."), "{said}");
    }

    #[test]
    fn what_differs_is_named_with_the_node_for_as_long_as_it_runs() {
        let alike = Alike::of(digests(&[
            ("calls.cap", "4"),
            ("mail.from", "a"),
            ("new", "1"),
        ]));
        let at = |seconds| Moment(Duration::from_secs(seconds));
        assert!(alike.begins_to_ask(Boot(1), at(0)) && !alike.begins_to_ask(Boot(1), at(1)));
        alike.asks_again(Boot(1));
        assert!(alike.begins_to_ask(Boot(1), at(2)));
        // Whoever stood still when it was asked says it later.
        assert!(!alike.begins_to_ask(Boot(1), at(31)) && alike.begins_to_ask(Boot(1), at(32)));
        assert!(!alike.begins_to_ask(Boot(1), at(33)));
        let other = digests(&[("calls.cap", "3"), ("mail.from", "a"), ("old", "1")]);
        alike.hear(&node(1, "east"), &other);
        assert!(!alike.begins_to_ask(Boot(1), at(3600)), "it has answered");
        let third = digests(&[("calls.cap", "2"), ("mail.from", "b"), ("new", "1")]);
        alike.hear(&node(2, "south"), &third);
        let said = alike.says().expect("they differ");
        assert!(
            said.ends_with("here: calls.cap at east and south, mail.from at south."),
            "{said}"
        );
        alike.see(&[Boot(2)].into());
        assert!(alike.says().is_some_and(|it| !it.contains("east")));
        alike.hear(&node(2, "south"), alike.own());
        assert_eq!(alike.says(), None);
    }
}
