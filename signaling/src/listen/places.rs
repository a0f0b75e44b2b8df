//! The places that connections take up: so many in all, so many for one address.
//!
//! Who comes when all are taken is let in all the same, as long as there is a connection that
//! nobody has shown a right to: of the address with the most of them, the one of which nothing has
//! become for longest gives way. Silence holds a place against nobody.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::pace::Pace;
use super::rest;
use crate::limits::Source;
use crate::settings::Limits;

/// How many give way at a time, where so many are silent: whoever comes next finds room.
const AT_ONCE: usize = 32;

/// The places of one server.
#[derive(Debug)]
pub(crate) struct Places {
    most: usize,
    most_of_one: usize,
    taken: Mutex<Taken>,
    rests: Arc<Semaphore>,
}

#[derive(Debug, Default)]
struct Taken {
    next: u64,
    all: usize,
    by_source: HashMap<Option<Source>, HashMap<u64, Open>>,
    requests: HashMap<Source, usize>,
}

#[derive(Debug)]
struct Open {
    pace: Pace,
    gives_way: CancellationToken,
}

/// A place, taken until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    source: Option<Source>,
    number: u64,
    /// Cancelled where it is another's from now on.
    pub(super) gives_way: CancellationToken,
}

/// A request that a proxy has passed on counts as a connection of whoever asks, until this is
/// dropped.
#[derive(Debug)]
pub(super) struct Passed {
    places: Arc<Places>,
    source: Source,
}

/// Everybody there has a right to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Full;

impl Places {
    /// As many as the settings allow.
    pub(crate) fn of(limits: &Limits) -> Arc<Self> {
        Self::new(limits.connections, limits.connections_of_address)
    }

    fn new(most: u32, most_of_one: u32) -> Arc<Self> {
        let size = |it| usize::try_from(it).unwrap_or(usize::MAX);
        Arc::new(Self {
            most: size(most),
            most_of_one: size(most_of_one),
            taken: Mutex::default(),
            rests: Arc::new(Semaphore::new(rest::AT_ONCE)),
        })
    }

    /// How many connections are open.
    pub(crate) fn open(&self) -> u64 {
        u64::try_from(self.taken().all).unwrap_or(u64::MAX)
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        // What is counted is whole at every step.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place for a connection from `source`. A proxy of ours is none: its connections are
    /// counted in all alone, and give way to nobody.
    pub(super) fn take(
        self: &Arc<Self>,
        source: Option<Source>,
        pace: &Pace,
    ) -> Result<Place, Full> {
        let mut taken = self.taken();
        let of_one = taken.by_source.get(&source).map_or(0, HashMap::len);
        let is_crowded = source.is_some() && of_one >= self.most_of_one;
        if (is_crowded && taken.clear(source, 1) == 0)
            || (taken.all >= self.most && !taken.make_room())
        {
            return Err(Full);
        }
        let number = taken.next;
        taken.next += 1;
        taken.all += 1;
        let gives_way = CancellationToken::new();
        let open = Open {
            pace: pace.clone(),
            gives_way: gives_way.clone(),
        };
        let of_one = taken.by_source.entry(source).or_default();
        of_one.insert(number, open);
        drop(taken);
        Ok(Place {
            places: Arc::clone(self),
            source,
            number,
            gives_way,
        })
    }

    /// A place for the rest of a request, where there is one.
    pub(super) fn rest(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.rests).try_acquire_owned().ok()
    }

    /// Counts a request of `source` that a proxy of ours passes on.
    pub(super) fn pass(self: &Arc<Self>, source: Source) -> Result<Passed, Full> {
        let mut taken = self.taken();
        let of_one = taken.requests.entry(source).or_default();
        if *of_one >= self.most_of_one {
            return Err(Full);
        }
        *of_one += 1;
        drop(taken);
        Ok(Passed {
            places: Arc::clone(self),
            source,
        })
    }
}

impl Taken {
    /// Has some of the connections give way that nobody has a right to.
    fn make_room(&mut self) -> bool {
        let heaviest = self
            .by_source
            .iter()
            .filter(|(source, _)| source.is_some())
            .filter_map(|(source, open)| {
                let silent = || open.values().filter_map(|it| it.pace.since());
                Some((silent().count(), Reverse(silent().min()?), *source))
            })
            .max_by_key(|(silent, oldest, _)| (*silent, *oldest));
        heaviest.is_some_and(|(silent, _, source)| {
            self.clear(source, (silent / 2).clamp(1, AT_ONCE)) > 0
        })
    }

    /// The same, with so many of one address; gives how many did.
    fn clear(&mut self, source: Option<Source>, count: usize) -> usize {
        let Some(open) = self.by_source.get_mut(&source) else {
            return 0;
        };
        let mut silent: Vec<(Instant, u64)> = open
            .iter()
            .filter_map(|(number, it)| Some((it.pace.since()?, *number)))
            .collect();
        silent.sort_unstable();
        silent.truncate(count);
        for (_, number) in &silent {
            if let Some(gone) = open.remove(number) {
                gone.gives_way.cancel();
            }
        }
        self.all -= silent.len();
        silent.len()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        let Some(open) = taken.by_source.get_mut(&self.source) else {
            return;
        };
        let was_there = open.remove(&self.number).is_some();
        let is_last = open.is_empty();
        if is_last {
            taken.by_source.remove(&self.source);
        }
        if was_there {
            taken.all -= 1;
        }
    }
}

impl Drop for Passed {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        if let Some(count) = taken.requests.get_mut(&self.source) {
            *count -= 1;
            if *count == 0 {
                taken.requests.remove(&self.source);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn address(text: &str) -> Source {
        Source::from(text.parse::<IpAddr>().expect("an address"))
    }

    fn gave_way(places: &[Place]) -> Vec<bool> {
        places
            .iter()
            .map(|it| it.gives_way.is_cancelled())
            .collect()
    }

    #[test]
    fn silence_gives_way_and_whoever_has_a_right_does_not() {
        let places = Places::new(3, 3);
        let paces: [Pace; 3] = std::array::from_fn(|_| Pace::begin());
        let [a, b] = [Some(address("192.0.2.1")), Some(address("192.0.2.2"))];
        let of_a = |n: usize| places.take(a, &paces[n]).expect("room");
        let taken = [of_a(0), of_a(1), of_a(2)];
        paces[0].hold();
        let _other = places.take(b, &Pace::begin()).expect("the silent give way");
        assert_eq!(gave_way(&taken), [false, true, false], "the oldest of them");
        paces[2].hold();
        let newer = Pace::begin();
        let _newer = places.take(b, &newer).expect("room: one of b's own");
        newer.hold();
        assert_eq!(places.take(b, &Pace::begin()).map(drop), Err(Full));
        drop(taken);
        assert!(places.take(b, &Pace::begin()).is_ok());
    }

    #[test]
    fn one_address_takes_so_many_and_its_own_give_way() {
        let places = Places::new(100, 2);
        let paces: [Pace; 3] = std::array::from_fn(|_| Pace::begin());
        let home = Some(address("2001:db8::1"));
        let neighbour = Some(address("2001:db8::ffff:9"));
        let first = places.take(home, &paces[0]).expect("room");
        let second = places.take(neighbour, &paces[1]).expect("room");
        let third = places.take(home, &paces[2]).expect("room");
        assert_eq!(gave_way(&[first, second, third]), [true, false, false]);
        let held: Vec<Place> = (0..2)
            .map(|_| {
                let pace = Pace::begin();
                let place = places.take(home, &pace).expect("room");
                pace.hold();
                place
            })
            .collect();
        assert_eq!(places.take(home, &Pace::begin()).map(drop), Err(Full));
        assert!(
            places
                .take(Some(address("2001:db8:0:1::1")), &Pace::begin())
                .is_ok()
        );
        drop(held);
        assert!(places.take(home, &Pace::begin()).is_ok());
        assert!(places.taken().by_source.is_empty());
        assert_eq!(places.taken().all, 0);
    }

    #[test]
    fn the_address_with_the_most_silent_ones_gives_way_first() {
        let places = Places::new(10, 10);
        let quiet = places.take(Some(address("192.0.2.1")), &Pace::begin());
        let quiet = [quiet.expect("room")];
        let many: Vec<Place> = (0..9)
            .map(|_| {
                places
                    .take(Some(address("192.0.2.2")), &Pace::begin())
                    .expect("room")
            })
            .collect();
        for _newcomer in 0..3 {
            drop(
                places
                    .take(Some(address("192.0.2.3")), &Pace::begin())
                    .expect("room"),
            );
        }
        assert_eq!(gave_way(&quiet), [false]);
        assert!(gave_way(&many).contains(&true));
    }

    #[test]
    fn proxies_count_in_all_and_give_way_to_nobody() {
        let places = Places::new(2, 1);
        let proxied = [
            places.take(None, &Pace::begin()).expect("room"),
            places.take(None, &Pace::begin()).expect("room"),
        ];
        assert_eq!(
            places.take(Some(address("::1")), &Pace::begin()).map(drop),
            Err(Full)
        );
        assert_eq!(gave_way(&proxied), [false, false]);
        let one = address("192.0.2.1");
        let other = address("192.0.2.2");
        let passed = places.pass(one).expect("room");
        assert_eq!(places.pass(one).map(drop), Err(Full));
        assert!(places.pass(other).is_ok());
        drop(passed);
        assert!(places.pass(one).is_ok());
        assert!(places.taken().requests.is_empty());
    }
}
