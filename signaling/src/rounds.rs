//! What a task says of itself that looks again and again: one round that fails is for the log, and where
//! they have failed for a while somebody should look.

use std::fmt::Display;
use std::time::Duration;

use tokio::time::Instant;

use crate::health::Part;

/// For how long rounds fail before it is said. What is away for a moment is said by its own part.
const A_WHILE: Duration = Duration::from_mins(9);

/// The rounds of a task.
#[derive(Debug)]
pub(crate) struct Rounds {
    part: Part,
    /// Since when they fail.
    since: Option<Instant>,
}

impl Rounds {
    pub(crate) const fn of(part: Part) -> Self {
        Self { part, since: None }
    }

    /// One went well.
    pub(crate) fn went_well(&mut self) {
        if self.since.take().is_some() {
            self.part.well();
        }
    }

    /// One failed: what could not be done, as a sentence without its stop, and why.
    pub(crate) fn failed(&mut self, what: &str, error: &dyn Display) {
        tracing::warn!(%error, part = self.part.name(), "{what}");
        let since = *self.since.get_or_insert_with(Instant::now);
        if since.elapsed() >= A_WHILE {
            self.part
                .doubtful(format!("{what}: the log of the server says why."));
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;
    use crate::health::{Health, State};

    #[tokio::test(start_paused = true)]
    async fn what_fails_for_a_while_is_said_until_it_goes_well() {
        let health = Health::default();
        let part = || health.part("retention");
        let mut rounds = Rounds::of(part());
        let is_said = || health.all() != [("retention", State::Well)];
        rounds.failed("Nothing is erased", &"the records are away");
        assert!(!is_said(), "once is for the log");
        advance(Duration::from_mins(4)).await;
        rounds.went_well();
        rounds.failed("Nothing is erased", &"the records are away");
        advance(Duration::from_mins(6)).await;
        rounds.failed("Nothing is erased", &"the records are away");
        assert!(!is_said(), "they went well in between");
        advance(Duration::from_mins(4)).await;
        rounds.failed("Nothing is erased", &"the records are away");
        assert!(is_said());
        rounds.went_well();
        assert!(!is_said());
    }
}
