//! The other nodes that the records do not hear: each shows it by asking whether they hear this one.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

/// For how long one asks before somebody should look: longer than it does where the records have just come back.
const LONG: Duration = Duration::from_secs(3);

/// How long after its last question one asks no more: longer than from one question to the next.
const SILENT: Duration = Duration::from_secs(5);

/// How many names are remembered: many more than there are nodes.
const MOST: usize = 64;

/// Since when each asks, and when it did last.
#[derive(Debug, Default)]
pub(super) struct CutOff(BTreeMap<String, Asking>);

#[derive(Debug)]
struct Asking {
    since: Instant,
    last: Instant,
    is_said: bool,
}

impl CutOff {
    /// One of that name asks, and the records hear this one.
    pub(super) fn asks(&mut self, name: &str, now: Instant) {
        self.forget(now);
        if let Some(it) = self.0.get_mut(name) {
            it.last = now;
        } else if self.0.len() < MOST {
            let asking = Asking {
                since: now,
                last: now,
                is_said: false,
            };
            self.0.insert(name.to_owned(), asking);
        }
    }

    /// The names of those that have asked for long. It is said once of each.
    pub(super) fn look(&mut self, now: Instant) -> Vec<String> {
        self.forget(now);
        let mut names = Vec::new();
        for (name, it) in &mut self.0 {
            if it.last.duration_since(it.since) < LONG {
                continue;
            }
            if !std::mem::replace(&mut it.is_said, true) {
                tracing::warn!(
                    name,
                    "another node does not reach the records, as this one does: see its way to PostgreSQL"
                );
            }
            names.push(name.clone());
        }
        names
    }

    fn forget(&mut self, now: Instant) {
        self.0.retain(|_, it| now.duration_since(it.last) < SILENT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_for_long_is_named_until_they_do_no_more() {
        let (mut cut_off, began) = (CutOff::default(), Instant::now());
        let at = |seconds| began + Duration::from_secs(seconds);
        let none: Vec<String> = Vec::new();
        cut_off.asks("north", at(0));
        assert_eq!(cut_off.look(at(4)), none, "it has asked once");
        for second in 4..=7 {
            cut_off.asks("north", at(second));
            cut_off.asks("south", at(second));
        }
        assert_eq!(cut_off.look(at(8)), ["north", "south"]);
        cut_off.asks("south", at(10));
        assert_eq!(cut_off.look(at(12)), ["south"]);
        assert_eq!(cut_off.look(at(15)), none);
        // It is counted anew.
        cut_off.asks("north", at(16));
        assert_eq!(cut_off.look(at(17)), none);
    }

    #[test]
    fn no_more_are_remembered_than_there_may_be() {
        let (mut cut_off, now) = (CutOff::default(), Instant::now());
        for number in 0..=MOST {
            cut_off.asks(&number.to_string(), now);
        }
        assert_eq!(cut_off.0.len(), MOST);
    }
}
