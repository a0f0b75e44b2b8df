//! A bad network in user space: it loses, delays and narrows, each way for itself.

use std::collections::VecDeque;
use std::time::Duration;

use forward::time::Micros;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// How long a datagram may wait for its turn on a narrow link, microseconds. One that would wait
/// longer is lost, as a router loses what its queue has no room for.
const LONGEST_WAIT: u64 = 200_000;

/// What lies between each participant and the server, the same each way. The default is a link
/// that loses, delays and narrows nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Link {
    /// The share of datagrams lost, 0 to 1.
    pub loss: f64,
    /// Each datagram takes between nothing and this much longer. Their order is kept, as the queues
    /// of a network keep it.
    pub jitter: Duration,
    /// The most it carries, kbit/s of UDP payload; `None` is no limit.
    pub rate: Option<u32>,
}

impl Link {
    fn is_perfect(&self) -> bool {
        *self == Self::default()
    }
}

/// One way over a link, with what is under way on it.
#[derive(Debug)]
pub(super) struct Way<T> {
    link: Link,
    chance: StdRng,
    /// When the last datagram so far has left the queue in front of the link.
    free: Micros,
    /// When the last datagram so far arrives.
    last: Micros,
    under_way: VecDeque<(Micros, T)>,
    /// Datagrams lost since [`Way::take_lost`].
    lost: u64,
}

impl<T> Way<T> {
    /// A way whose chances follow from `seed`; `None` over a perfect link, which needs none.
    pub(super) fn over(link: Link, seed: u64) -> Option<Self> {
        (!link.is_perfect()).then(|| Self {
            link,
            chance: StdRng::seed_from_u64(seed),
            free: Micros::default(),
            last: Micros::default(),
            under_way: VecDeque::new(),
            lost: 0,
        })
    }

    /// Sends a datagram of `length` bytes on its way; gives whether it will arrive.
    pub(super) fn send(&mut self, datagram: T, length: usize, now: Micros) -> bool {
        let is_lost = self.chance.random_bool(self.link.loss.clamp(0.0, 1.0));
        let jitter = u64::try_from(self.link.jitter.as_micros()).unwrap_or(u64::MAX);
        let jitter = self.chance.random_range(0..=jitter);
        let begins = self.free.max(now);
        let takes = self.link.rate.map_or(0, |rate| {
            (length as u64 * 8_000).div_ceil(u64::from(rate.max(1)))
        });
        // What is lost beyond the narrow place has taken its time there.
        if begins.since(now) > LONGEST_WAIT {
            self.lost += 1;
            return false;
        }
        self.free = Micros(begins.0 + takes);
        if is_lost {
            self.lost += 1;
            return false;
        }
        self.last = self.last.max(Micros(self.free.0.saturating_add(jitter)));
        self.under_way.push_back((self.last, datagram));
        true
    }

    /// The next datagram that has arrived by `now`.
    pub(super) fn arrived(&mut self, now: Micros) -> Option<T> {
        let (at, _) = self.under_way.front()?;
        if *at > now {
            return None;
        }
        self.under_way.pop_front().map(|(_, datagram)| datagram)
    }

    /// How many datagrams were lost since the last call.
    pub(super) const fn take_lost(&mut self) -> u64 {
        std::mem::replace(&mut self.lost, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends `count` datagrams of 1,000 bytes, one every `every` microseconds; gives for each that
    /// arrived its number and how long it took, and how many were lost.
    fn send(link: Link, seed: u64, count: u64, every: u64) -> (Vec<(u64, u64)>, u64) {
        let mut way = Way::over(link, seed).expect("not perfect");
        let mut arrived = Vec::new();
        for now in (0..count * every + 2_000_000).step_by(100) {
            if now.is_multiple_of(every) && now / every < count {
                way.send(now / every, 1_000, Micros(now));
            }
            while let Some(number) = way.arrived(Micros(now)) {
                arrived.push((number, now - number * every));
            }
        }
        (arrived, way.take_lost())
    }

    #[test]
    fn a_perfect_link_needs_no_model() {
        assert!(Way::<()>::over(Link::default(), 1).is_none());
    }

    #[test]
    fn one_seed_has_one_outcome_and_another_has_another() {
        let link = Link {
            loss: 0.3,
            jitter: Duration::from_millis(20),
            rate: Some(2_000),
        };
        assert_eq!(send(link, 7, 500, 5_000), send(link, 7, 500, 5_000));
        assert_ne!(send(link, 7, 500, 5_000), send(link, 8, 500, 5_000));
    }

    #[test]
    fn a_lossy_link_loses_its_share_and_delays_nothing() {
        let link = Link {
            loss: 0.05,
            ..Link::default()
        };
        let (arrived, lost) = send(link, 1, 10_000, 1_000);
        assert_eq!(arrived.len() as u64 + lost, 10_000);
        assert!((400..=600).contains(&lost), "{lost}");
        assert!(arrived.iter().all(|(_, took)| *took == 0));
    }

    #[test]
    fn jitter_delays_by_no_more_than_it_says_and_keeps_the_order() {
        let link = Link {
            jitter: Duration::from_millis(30),
            ..Link::default()
        };
        let (arrived, lost) = send(link, 1, 1_000, 10_000);
        assert_eq!((arrived.len(), lost), (1_000, 0));
        assert!(arrived.is_sorted_by_key(|(number, _)| *number));
        assert!(arrived.iter().all(|(_, took)| *took <= 30_000));
        assert!(arrived.iter().any(|(_, took)| *took > 25_000));
        assert!(arrived.iter().any(|(_, took)| *took < 5_000));
    }

    #[test]
    fn a_narrow_link_carries_its_rate_and_its_queue_is_no_longer_than_it_may_be() {
        // 1,000 bytes every 10 ms are 800 kbit/s: a quarter more than fits.
        let link = Link {
            rate: Some(640),
            ..Link::default()
        };
        let (arrived, lost) = send(link, 1, 1_000, 10_000);
        let carried = arrived
            .iter()
            .filter(|(number, took)| number * 10_000 + took <= 10_000_000);
        assert!((790..=800).contains(&carried.count()));
        assert!((170..=200).contains(&lost), "{lost}");
        let longest = arrived.iter().map(|(_, took)| *took).max();
        assert!(
            longest.is_some_and(|took| (200_000..=212_600).contains(&took)),
            "{longest:?}"
        );
        // And what fits is not queued.
        let (arrived, lost) = send(link, 1, 100, 20_000);
        assert_eq!((arrived.len(), lost), (100, 0));
        assert!(arrived.iter().all(|(_, took)| *took == 12_500));
    }
}
