//! What somebody has tried in vain: it is forgotten little by little, and until then the next try
//! takes longer.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::counted::{self, Deed, Key, Teller};
use crate::limits::TooMuch;

/// When so many are known, those are dropped of whom nothing is remembered any more.
const SWEEP: usize = 10_000;

/// Never are more known: first those are dropped who tried once, and then all.
const MOST: usize = 100_000;

/// How much may be tried in vain, and what it costs to try more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// So many tries cost nothing.
    pub(crate) free: u32,
    /// One is forgotten each.
    pub(crate) forgets: Duration,
    /// How long the first beyond waits.
    pub(crate) pause: Duration,
    /// How many more tries it takes until the pause is twice as long.
    pub(crate) doubles: u32,
    /// How often it doubles.
    pub(crate) doublings: u32,
}

impl Patience {
    fn pause_after(&self, tries: u32) -> Duration {
        match tries.checked_sub(self.free) {
            None => Duration::ZERO,
            Some(beyond) => {
                let doublings = (beyond / self.doubles.max(1)).min(self.doublings);
                self.pause.saturating_mul(2_u32.saturating_pow(doublings))
            }
        }
    }

    /// More than so many make no difference, and are not remembered.
    const fn most(&self) -> u32 {
        let beyond = self
            .doubles
            .saturating_mul(self.doublings.saturating_add(1));
        self.free.saturating_add(beyond)
    }

    /// How many tries are remembered where all are forgotten at that moment.
    fn tries(&self, all_forgotten: Instant, now: Instant) -> u32 {
        let left = all_forgotten.saturating_duration_since(now).as_nanos();
        let tries = left.div_ceil(self.forgets.as_nanos().max(1));
        u32::try_from(tries).unwrap_or(u32::MAX)
    }
}

#[derive(Clone, Copy, Debug)]
struct Tried {
    /// When all is forgotten, if nothing more is tried.
    all_forgotten: Instant,
    /// When the next may be made.
    next: Instant,
}

/// Counts tries, by somebody.
#[derive(Debug)]
pub(crate) struct Tries<K> {
    patience: Patience,
    known: Mutex<(HashMap<K, Tried>, usize)>,
    /// Where they are counted at all nodes alike.
    teller: Teller,
}

impl<K: Key> Tries<K> {
    /// They are counted at all nodes alike.
    pub(crate) fn told(self, teller: Teller) -> Self {
        Self { teller, ..self }
    }

    /// What another node has counted.
    pub(crate) fn hear(&self, deed: Deed, key: &str) {
        let Some(key) = counted::read(key) else {
            return;
        };
        match deed {
            Deed::Take => drop(self.one_more(&key, Instant::now())),
            Deed::GiveBack => self.take_back(&key),
            Deed::Forget => drop(self.known().0.remove(&key)),
        }
    }

    pub(crate) fn new(patience: Patience) -> Self {
        Self {
            patience,
            known: Mutex::new((HashMap::new(), SWEEP)),
            teller: Teller::default(),
        }
    }

    /// One more: how long it waits, however many wait beside it.
    pub(crate) fn slow(&self, key: &K) -> Duration {
        self.teller.tell(Deed::Take, key);
        self.one_more(key, Instant::now()).1
    }

    /// One more, after those before: how long it waits. Where that is longer than the first pause it is not
    /// made.
    pub(crate) fn in_turn(&self, key: &K) -> Result<Duration, TooMuch> {
        let now = Instant::now();
        let waits = self
            .known()
            .0
            .get(key)
            .map_or(Duration::ZERO, |it| it.next.saturating_duration_since(now));
        if waits > self.patience.pause {
            return Err(TooMuch { retry_after: waits });
        }
        self.one_more(key, now + waits);
        self.teller.tell(Deed::Take, key);
        Ok(waits)
    }

    /// Counts one at that moment; how many there are with it, and how long it waits for its own sake.
    fn one_more(&self, key: &K, at: Instant) -> (u32, Duration) {
        let patience = self.patience;
        let (known, sweep_at) = &mut *self.known();
        if known.len() >= *sweep_at {
            known.retain(|_, it| it.all_forgotten > at || it.next > at);
            if known.len() > MOST / 2 {
                known.retain(|_, it| patience.tries(it.all_forgotten, at) > 1);
            }
            if known.len() > MOST / 2 {
                known.clear();
            }
            *sweep_at = known.len().saturating_mul(2).clamp(SWEEP, MOST);
        }
        let tried = known.entry(key.clone()).or_insert(Tried {
            all_forgotten: at,
            next: at,
        });
        let before = patience.tries(tried.all_forgotten, at);
        let longest = at + patience.forgets.saturating_mul(patience.most());
        tried.all_forgotten = (tried.all_forgotten.max(at) + patience.forgets).min(longest);
        let tries = patience.tries(tried.all_forgotten, at);
        tried.next = at + patience.pause_after(tries);
        (tries, patience.pause_after(before))
    }

    /// One of them was right, or was not made: the next waits for it no longer.
    pub(crate) fn give_back(&self, key: &K) {
        self.teller.tell(Deed::GiveBack, key);
        self.take_back(key);
    }

    fn take_back(&self, key: &K) {
        let forgets = self.patience.forgets;
        if let Some(tried) = self.known().0.get_mut(key) {
            let before = tried.all_forgotten.checked_sub(forgets);
            tried.all_forgotten = before.unwrap_or(tried.all_forgotten);
            tried.next = tried.next.min(Instant::now());
        }
    }

    /// They are known: what was wrong before does not count (NIST SP 800-63B §5.2.2).
    pub(crate) fn forget(&self, key: &K) {
        self.teller.tell(Deed::Forget, key);
        self.known().0.remove(key);
    }

    fn known(&self) -> MutexGuard<'_, (HashMap<K, Tried>, usize)> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;
    use crate::counted::{Door, Tells};

    const PATIENCE: Patience = Patience {
        free: 3,
        forgets: Duration::from_mins(10),
        pause: Duration::from_secs(2),
        doubles: 1,
        doublings: 4,
    };

    fn text(name: &str) -> String {
        name.to_owned()
    }

    #[tokio::test(start_paused = true)]
    async fn each_more_waits_twice_as_long_and_what_was_right_ends_it() {
        let tries = Tries::new(PATIENCE);
        for _free in 0..3 {
            assert_eq!(tries.in_turn(&text("ada")), Ok(Duration::ZERO));
        }
        assert_eq!(tries.in_turn(&text("ada")), Ok(Duration::from_secs(2)));
        advance(Duration::from_secs(2)).await;
        for wait in [4, 8, 16, 32, 32] {
            let refused = tries.in_turn(&text("ada")).expect_err("not yet");
            assert_eq!(refused.retry_after, Duration::from_secs(wait));
            advance(refused.retry_after).await;
            assert_eq!(tries.in_turn(&text("ada")), Ok(Duration::ZERO));
            assert_eq!(tries.in_turn(&text("bo")), Ok(Duration::ZERO));
            tries.forget(&text("bo"));
        }
        tries.forget(&text("ada"));
        assert_eq!(tries.in_turn(&text("ada")), Ok(Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_forgotten_little_by_little() {
        let tries = Tries::new(PATIENCE);
        for _one in 0..100 {
            tries.slow(&text("ada"));
        }
        assert_eq!(tries.slow(&text("ada")), Duration::from_secs(32));
        advance(Duration::from_mins(10 * 8)).await;
        assert_eq!(tries.slow(&text("ada")), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_names_somebody_new_each_time_fills_no_memory() {
        let tries = Tries::new(PATIENCE);
        for name in 0..3 * MOST {
            tries.slow(&name.to_string());
            assert!(tries.known().0.len() <= MOST);
        }
        for name in 0..2 * MOST {
            tries.slow(&name.to_string());
            tries.slow(&name.to_string());
        }
        assert!(tries.known().0.len() <= MOST);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_right_is_given_back() {
        let tries = Tries::new(PATIENCE);
        for _right in 0..100 {
            assert_eq!(tries.slow(&text("ada")), Duration::ZERO);
            tries.give_back(&text("ada"));
        }
    }

    /// Whoever tries at one node after another waits as if they had at one.
    #[tokio::test(start_paused = true)]
    async fn what_is_tried_at_one_node_counts_at_all() {
        let tells = Tells::others();
        let mut told = tells.listen().expect("there are others");
        let one = Tries::new(PATIENCE).told(tells.of(Door::SignInsAt));
        let other: Tries<String> = Tries::new(PATIENCE);
        let mut pass_on = || {
            while let Ok(it) = told.try_recv() {
                other.hear(it.deed, &it.key);
            }
        };
        for _free in 0..3 {
            assert_eq!(one.slow(&text("ada")), Duration::ZERO);
        }
        pass_on();
        one.give_back(&text("ada"));
        assert_eq!(one.in_turn(&text("ada")), Ok(Duration::ZERO));
        pass_on();
        assert_eq!(other.slow(&text("bo")), Duration::ZERO);
        assert_eq!(other.slow(&text("ada")), Duration::from_secs(2));
        one.forget(&text("ada"));
        pass_on();
        assert_eq!(other.slow(&text("ada")), Duration::ZERO);
    }
}
