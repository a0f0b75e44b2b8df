//! How the parts of the running program are, each in one sentence: what `/readyz`, `/metrics` and
//! the office's pages say.
//!
//! Anybody may ask how they are, and whoever watches over the server for the sentences: one holds no name, no address and
//! nothing that a peer said.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How a part is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum State {
    /// It does what it is for.
    Well,
    /// It does so still, or nobody who talks needs it: somebody should look.
    Doubtful(String),
    /// It does not.
    Unwell(String),
}

impl State {
    /// What is to be said of it.
    #[must_use]
    pub fn sentence(&self) -> Option<&str> {
        match self {
            Self::Well => None,
            Self::Doubtful(sentence) | Self::Unwell(sentence) => Some(sentence),
        }
    }
}

/// All parts, by name. Clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct Health {
    parts: Arc<Mutex<BTreeMap<&'static str, State>>>,
}

/// One part's own entry: whoever does its work keeps this, and says how it is.
#[derive(Clone, Debug)]
pub struct Part {
    name: &'static str,
    health: Health,
}

impl Health {
    fn parts(&self) -> MutexGuard<'_, BTreeMap<&'static str, State>> {
        // The map is whole at every step, whatever panicked.
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a part, well until it says otherwise; one that is entered already stays as it is.
    #[must_use]
    pub fn part(&self, name: &'static str) -> Part {
        self.parts().entry(name).or_insert(State::Well);
        Part {
            name,
            health: self.clone(),
        }
    }

    /// Every part and how it is, by name.
    #[must_use]
    pub fn all(&self) -> Vec<(&'static str, State)> {
        let parts = self.parts();
        parts
            .iter()
            .map(|(name, state)| (*name, state.clone()))
            .collect()
    }
}

impl Part {
    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// How it is from now on; gives how it was.
    pub fn set(&self, state: State) -> State {
        self.health
            .parts()
            .insert(self.name, state)
            .unwrap_or(State::Well)
    }

    /// It does what it is for; gives how it was.
    pub fn well(&self) -> State {
        self.set(State::Well)
    }

    /// Somebody should look; gives how it was.
    pub fn doubtful(&self, sentence: impl Into<String>) -> State {
        self.set(State::Doubtful(sentence.into()))
    }

    /// It does not do what it is for; gives how it was.
    pub fn unwell(&self, sentence: impl Into<String>) -> State {
        self.set(State::Unwell(sentence.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_says_how_it_is_and_how_it_was() {
        let health = Health::default();
        let (mail, pages) = (health.part("mail"), health.part("pages"));
        assert_eq!(mail.unwell("no."), State::Well);
        assert_eq!(
            health.part("mail").doubtful("hm."),
            State::Unwell("no.".to_owned())
        );
        assert_eq!(
            health.all(),
            [
                ("mail", State::Doubtful("hm.".to_owned())),
                ("pages", State::Well)
            ]
        );
        assert_eq!(pages.name(), "pages");
        assert_eq!(mail.well().sentence(), Some("hm."));
        assert_eq!(health.all()[0].1.sentence(), None);
    }
}
