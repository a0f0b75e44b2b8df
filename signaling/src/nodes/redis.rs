//! How Redis stands: at once for whoever asks how this node is, and in the log where it has been away for long enough that
//! somebody should look, and when it is back.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::health::Part;

/// For how long it is away before that is said: an answer that was late is none that is missing.
const AWAY: Duration = Duration::from_secs(2);

/// What is said of it.
#[derive(Debug)]
pub(super) struct Redis {
    part: Part,
    log: Mutex<Log>,
}

impl Redis {
    pub(super) fn of(part: Part) -> Self {
        Self {
            part,
            log: Mutex::default(),
        }
    }

    /// What is to be said of it now, where something is.
    pub(super) fn hear(&self, ails: Option<&str>) {
        drop(match ails {
            None => self.part.well(),
            Some(sentence) => self.part.doubtful(sentence),
        });
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let says = log.hear(ails.is_some(), Instant::now());
        drop(log);
        match (says, ails) {
            (Some(Says::Away), Some(sentence)) => tracing::warn!("{sentence}"),
            (Some(Says::Back), _) => tracing::info!("Redis answers again"),
            (Some(Says::Away), None) | (None, _) => {}
        }
    }
}

/// What the log is to say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Says {
    Away,
    Back,
}

/// What the log has of it.
#[derive(Debug, Default)]
enum Log {
    /// It was not heard yet. How it stands as this node begins is said there.
    #[default]
    Begins,
    There,
    /// Since when.
    Away(Instant),
    SaidAway,
}

impl Log {
    fn hear(&mut self, is_away: bool, now: Instant) -> Option<Says> {
        let (next, says) = match (&*self, is_away) {
            (Self::SaidAway, false) => (Self::There, Some(Says::Back)),
            (Self::Begins | Self::There | Self::Away(_), false) => (Self::There, None),
            (Self::Begins | Self::SaidAway, true) => (Self::SaidAway, None),
            (Self::There, true) => (Self::Away(now), None),
            (Self::Away(since), true) if now.duration_since(*since) < AWAY => return None,
            (Self::Away(_), true) => (Self::SaidAway, Some(Says::Away)),
        };
        *self = next;
        says
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of whether it is away, at so many milliseconds.
    fn said(heard: &[(bool, u64)]) -> Vec<(Says, u64)> {
        let (mut log, began) = (Log::default(), Instant::now());
        let said = heard.iter().filter_map(|(is_away, at)| {
            let says = log.hear(*is_away, began + Duration::from_millis(*at))?;
            Some((says, *at))
        });
        said.collect()
    }

    #[test]
    fn that_it_went_and_that_it_is_back_is_said_once() {
        let heard = [
            (false, 0),
            (true, 500),
            (true, 2000),
            (true, 2500),
            (true, 3000),
            (true, 9000),
            (false, 9500),
            (false, 10_000),
        ];
        assert_eq!(said(&heard), [(Says::Away, 2500), (Says::Back, 9500)]);
    }

    #[test]
    fn an_answer_that_was_late_is_not_said() {
        let heard = [
            (false, 0),
            (true, 500),
            (false, 1000),
            (true, 1500),
            (true, 3000),
            (false, 3500),
        ];
        assert_eq!(said(&heard), []);
    }

    #[test]
    fn that_it_was_never_there_is_said_as_the_node_begins() {
        let heard = [(true, 0), (true, 500), (true, 5000), (false, 5500)];
        assert_eq!(said(&heard), [(Says::Back, 5500)]);
    }
}
