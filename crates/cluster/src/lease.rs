//! For how long a run of a node may act, and when the others may hold it to be gone: rules over moments of
//! one node's own monotonic clock. No clock of the world and of no other machine counts.
//!
//! A run says again and again that it lives, in the records and in Redis. It may act for [`RIGHT`] from the
//! moment at which it *asked*, where it was answered. Whoever takes over has seen nothing new of the run in
//! the records for [`SILENCE`], from the moment at which it *heard*; and where the run's row says so, Redis
//! has forgotten the run too, and remembers from then on that it is gone. Each is longer than the right, so
//! the one has stopped before the other begins, however slow the answers were.

use std::collections::BTreeMap;
use std::time::Duration;

use call::Moment;

use crate::truth::{Boot, Living};

/// How often a run says that it lives.
pub const BEAT: Duration = Duration::from_millis(500);

/// For how long it may act by one answer.
pub const RIGHT: Duration = Duration::from_secs(4);

/// Whoever has heard nothing of the records for so long knows nothing of who was silent meanwhile.
const DEAF: Duration = Duration::from_secs(2);

/// For how long nothing new is seen of a run before others may hold it to be gone.
pub const SILENCE: Duration = Duration::from_secs(5);

/// By what a run may act.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Right {
    /// When it asked last of those times that the records have answered.
    records: Option<Moment>,
    /// When it asked last of those times that Redis has answered.
    redis: Option<Moment>,
    /// Whether its row certainly says that nobody may take over without Redis.
    is_vouched: bool,
    /// Redis has held it to be gone, and vouches for it no more.
    is_denied: bool,
    /// It is gone, and never comes back.
    is_gone: bool,
}

impl Right {
    /// Whether the row is to say that Redis vouches for this run. Called before it is written: what it may
    /// say from then on counts from now on.
    pub fn ask_records(&mut self, now: Moment) -> bool {
        let is_heard = self.redis.is_some_and(|it| now.since(it) < RIGHT);
        let vouches = is_heard && !self.is_denied;
        self.is_vouched &= vouches;
        vouches
    }

    /// The records have it that this run lives, by what they were asked at `asked`. An answer that comes when the right
    /// it gives has ended, as to a program that stood still, says nothing of now.
    pub fn hear_records(&mut self, asked: Moment, vouches: bool, now: Moment) {
        if now.since(asked) >= RIGHT {
            return;
        }
        self.records = self.records.max(Some(asked));
        self.is_vouched = vouches && !self.is_denied;
    }

    /// Redis has heard, by what it was asked at `asked`, that this run lives. It lengthens a right, and gives
    /// back none that has ended: by then the run may be gone.
    pub fn hear_redis(&mut self, asked: Moment) {
        if self.until().is_some_and(|until| asked >= until) {
            self.is_vouched = false;
        }
        self.redis = self.redis.max(Some(asked));
    }

    /// Redis holds this run to be gone: only the records say whether it is.
    pub const fn deny(&mut self) {
        self.is_denied = true;
        self.is_vouched = false;
    }

    /// Whether Redis is asked at all.
    #[must_use]
    pub const fn is_denied(&self) -> bool {
        self.is_denied
    }

    /// The records hold this run to be gone.
    pub const fn end(&mut self) {
        self.is_gone = true;
    }

    /// Until when it may act; none where it may not.
    #[must_use]
    pub fn until(&self) -> Option<Moment> {
        let redis = self.redis.filter(|_| self.is_vouched);
        let asked = self.records.max(redis).filter(|_| !self.is_gone)?;
        Some(Moment(asked.0 + RIGHT))
    }

    /// Whether it may act.
    #[must_use]
    pub fn holds(&self, now: Moment) -> bool {
        self.until().is_some_and(|until| now < until)
    }
}

/// What a node has seen of the other runs.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    runs: BTreeMap<Boot, (Living, Moment)>,
    /// When it looked last.
    looked: Moment,
}

impl Watch {
    /// These run, by what the records said, heard at `now`.
    pub fn see(&mut self, living: &[Living], me: Boot, now: Moment) {
        if now.since(self.looked) > DEAF {
            // They may have said as little as this node could hear.
            self.runs.clear();
        }
        self.looked = now;
        self.runs
            .retain(|boot, _| living.iter().any(|it| it.node.boot == *boot));
        for it in living.iter().filter(|it| it.node.boot != me) {
            let seen = self.runs.get(&it.node.boot);
            let since = match seen {
                Some((before, since)) if before.beat == it.beat => *since,
                Some(_) | None => now,
            };
            self.runs.insert(it.node.boot, (it.clone(), since));
        }
    }

    /// Those of whom nothing new has come for too long.
    pub fn silent(&self, now: Moment) -> Vec<Living> {
        let silent = self.runs.values();
        let silent = silent.filter(|(_, since)| now.since(*since) >= SILENCE);
        silent.map(|(living, _)| living.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::truth::Node;

    const fn at(millis: u64) -> Moment {
        Moment(Duration::from_millis(millis))
    }

    const fn living(beat: u64) -> Living {
        Living {
            node: Node {
                boot: Boot(2),
                name: String::new(),
                address: String::new(),
            },
            beat,
            asks_redis: false,
        }
    }

    #[test]
    fn a_run_acts_by_the_moment_at_which_it_asked() {
        let mut right = Right::default();
        assert!(!right.holds(at(0)));
        assert!(!right.ask_records(at(0)));
        // However late the answer.
        right.hear_records(at(0), false, at(0));
        assert!(right.holds(at(3_999)));
        assert!(!right.holds(at(4_000)));
        right.hear_records(at(4_000), false, at(4_000));
        assert_eq!(right.until(), Some(at(8_000)));
        right.end();
        assert!(!right.holds(at(4_001)));
        right.hear_records(at(5_000), false, at(5_000));
        assert!(!right.holds(at(5_001)), "nobody comes back");
    }

    #[test]
    fn redis_counts_only_where_the_row_certainly_says_so() {
        let mut right = Right::default();
        right.hear_records(at(0), false, at(0));
        right.hear_redis(at(3_000));
        assert!(!right.holds(at(4_000)), "others need not ask Redis");
        assert!(right.ask_records(at(3_500)));
        assert!(!right.holds(at(4_000)), "it is not known to be written");
        right.hear_records(at(3_500), true, at(3_500));
        right.hear_redis(at(7_000));
        assert!(right.holds(at(10_999)));
        // Redis is away for long: the row may say from now on that it is not to be asked.
        assert!(!right.ask_records(at(11_000)));
        right.hear_redis(at(11_500));
        assert!(!right.holds(at(11_600)), "what was asked may be written");
    }

    #[test]
    fn redis_gives_back_no_right_that_has_ended() {
        let mut right = Right::default();
        right.hear_redis(at(0));
        right.hear_records(at(0), true, at(0));
        // Stopped, and woken after a minute.
        right.hear_redis(at(60_000));
        assert!(!right.holds(at(60_000)));
        right.hear_records(at(60_500), true, at(60_500));
        right.hear_redis(at(63_000));
        assert_eq!(right.until(), Some(at(67_000)));
        right.deny();
        assert_eq!(right.until(), Some(at(64_500)), "by the records alone");
        assert!(!right.ask_records(at(64_000)));
        right.hear_redis(at(64_200));
        assert!(!right.holds(at(64_500)));
    }

    #[test]
    fn an_answer_of_before_a_long_stop_gives_nothing() {
        let mut right = Right::default();
        right.hear_redis(at(0));
        right.hear_records(at(0), true, at(0));
        right.hear_redis(at(60_000));
        right.hear_records(at(500), true, at(60_001));
        assert!(!right.holds(at(60_001)));
    }

    /// Looks twice a second.
    fn looks(watch: &mut Watch, beat: u64, (from, to): (u64, u64)) {
        for now in (from..=to).step_by(500) {
            watch.see(&[living(beat)], Boot(1), at(now));
        }
    }

    #[test]
    fn whoever_says_nothing_new_is_silent() {
        let mut watch = Watch::default();
        looks(&mut watch, 1, (0, 4_500));
        assert!(watch.silent(at(4_999)).is_empty());
        assert_eq!(watch.silent(at(5_000)).len(), 1);
        looks(&mut watch, 2, (5_000, 9_500));
        assert!(watch.silent(at(9_999)).is_empty());
        // Nobody watches themselves, nor who is gone.
        watch.see(&[], Boot(1), at(10_000));
        assert!(watch.silent(at(60_000)).is_empty());
        watch.see(&[living(3)], Boot(2), at(60_000));
        assert!(watch.silent(at(90_000)).is_empty());
    }

    #[test]
    fn nobody_was_silent_whom_nobody_could_hear() {
        let mut watch = Watch::default();
        looks(&mut watch, 1, (0, 1_000));
        // The records were away for a minute.
        watch.see(&[living(1)], Boot(1), at(60_000));
        assert!(watch.silent(at(60_000)).is_empty());
        looks(&mut watch, 1, (60_500, 64_500));
        assert_eq!(watch.silent(at(65_000)).len(), 1);
    }
}
