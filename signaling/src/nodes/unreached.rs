//! The other nodes that run and are not reached: whoever comes here for a meeting at one of those waits for nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use cluster::{Boot, Node};
use tokio::time::Instant;

/// For how long one is not reached before somebody should look: one that begins or ends is not for a moment.
const LONG: Duration = Duration::from_secs(5);

/// Since when each is not, and whether that was said.
#[derive(Debug, Default)]
pub(super) struct Unreached(BTreeMap<Boot, (Instant, bool)>);

impl Unreached {
    /// These run, and so they are reached or not; the names of those who have not been for long. It is said once of each.
    pub(super) fn look(&mut self, others: &[(&Node, bool)], now: Instant) -> Vec<String> {
        self.0.retain(|boot, _| {
            others
                .iter()
                .any(|(it, is_reached)| it.boot == *boot && !is_reached)
        });
        let mut names = Vec::new();
        for (node, _) in others.iter().filter(|(_, is_reached)| !is_reached) {
            let (since, is_said) = self.0.entry(node.boot).or_insert((now, false));
            if now.duration_since(*since) < LONG {
                continue;
            }
            if !std::mem::replace(is_said, true) {
                tracing::warn!(
                    name = node.name,
                    address = node.address,
                    "another node runs and is not reached: whoever comes here for a meeting of its own waits in vain"
                );
            }
            names.push(node.name.clone());
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(number: u128) -> Node {
        Node {
            boot: Boot(number),
            name: format!("node-{number}"),
            address: String::new(),
        }
    }

    #[test]
    fn who_is_not_reached_for_long_is_named_until_they_are() {
        let (one, other) = (node(1), node(2));
        let (mut unreached, began) = (Unreached::default(), Instant::now());
        let at = |seconds| began + Duration::from_secs(seconds);
        let none: Vec<String> = Vec::new();
        assert_eq!(
            unreached.look(&[(&one, false), (&other, true)], at(0)),
            none
        );
        assert_eq!(
            unreached.look(&[(&one, false), (&other, true)], at(4)),
            none
        );
        // Reached for a moment, it is counted anew.
        assert_eq!(
            unreached.look(&[(&one, true), (&other, false)], at(5)),
            none
        );
        assert_eq!(
            unreached.look(&[(&one, false), (&other, false)], at(6)),
            none
        );
        let names = unreached.look(&[(&one, false), (&other, false)], at(10));
        assert_eq!(names, ["node-2"]);
        let names = unreached.look(&[(&one, false), (&other, false)], at(11));
        assert_eq!(names, ["node-1", "node-2"]);
        // One that is gone is no more to be reached.
        assert_eq!(unreached.look(&[(&one, false)], at(12)), ["node-1"]);
        assert_eq!(unreached.look(&[(&one, true)], at(13)), none);
    }
}
