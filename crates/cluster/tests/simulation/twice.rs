//! Nobody sits in two meetings by one link, but for as long as it takes one who reaches the records to hear of it.

use std::collections::BTreeMap;
use std::time::Duration;

use call::LinkId;
use tokio::time::Instant;

use crate::program::{self, Programs};

/// How long whoever has the older session may take to act on what it has just heard.
const LONGEST: Duration = Duration::from_secs(4);

/// Since when who has come by one link is twice there.
#[derive(Debug, Default)]
pub(crate) struct Twice(BTreeMap<LinkId, Instant>);

impl Twice {
    pub(crate) fn look(&mut self, programs: &Programs) {
        let mut counts = BTreeMap::<_, u32>::new();
        for link in program::who_sits(programs) {
            *counts.entry(link).or_default() += 1;
        }
        self.0
            .retain(|link, _| counts.get(link).is_some_and(|it| *it > 1));
        for (link, _) in counts.into_iter().filter(|(_, count)| *count > 1) {
            let since = self.0.entry(link).or_insert_with(Instant::now);
            assert!(since.elapsed() < LONGEST, "{link:?} is in two meetings");
        }
    }
}
