//! Tickets: what a press on Join is given, good for one join within a minute.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use rand::CryptoRng;

use crate::attempt::AttemptId;
use crate::link::LinkId;
use crate::secret::{Digest, Secret};

/// What a ticket stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ticket {
    /// The link that was opened.
    pub link: LinkId,
    /// The press.
    pub attempt: AttemptId,
    /// What it admits to: a number of whoever minted it.
    pub call: u64,
}

/// The ticket is unknown, used or too old.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the ticket is unknown, used or too old")]
pub struct BadTicket;

/// The tickets that are out. They are kept as digests only.
#[derive(Clone, Debug)]
pub struct Tickets {
    bound: usize,
    out: BTreeMap<Digest, Ticket>,
    /// In the order they were given, which is that of their expiry: until when each is good.
    given: VecDeque<(Duration, Digest)>,
}

impl Tickets {
    /// How long a ticket is good.
    pub const LIFE: Duration = Duration::from_secs(60);

    /// No ticket yet, and never more than `bound` at a time: with one more, the oldest is void.
    #[must_use]
    pub const fn new(bound: usize) -> Self {
        Self {
            bound,
            out: BTreeMap::new(),
            given: VecDeque::new(),
        }
    }

    /// A new ticket for this press, to that call.
    pub fn mint(
        &mut self,
        link: LinkId,
        attempt: AttemptId,
        call: u64,
        now: Duration,
        rng: &mut impl CryptoRng,
    ) -> Secret {
        self.expire(now);
        while self.given.len() >= self.bound.max(1) {
            self.drop_oldest();
        }
        let secret = Secret::random(rng);
        let digest = secret.digest();
        self.out.insert(
            digest,
            Ticket {
                link,
                attempt,
                call,
            },
        );
        self.given
            .push_back((now.saturating_add(Self::LIFE), digest));
        secret
    }

    /// Uses a ticket, which is void from then on.
    ///
    /// # Errors
    ///
    /// [`BadTicket`] where it is unknown, used or older than [`Tickets::LIFE`].
    pub fn redeem(&mut self, presented: &str, now: Duration) -> Result<Ticket, BadTicket> {
        self.expire(now);
        let secret = Secret::read(presented).ok_or(BadTicket)?;
        self.out.remove(&secret.digest()).ok_or(BadTicket)
    }

    /// Voids every ticket of a link that was withdrawn.
    pub fn withdraw(&mut self, link: LinkId) {
        self.out.retain(|_, it| it.link != link);
    }

    /// How many are remembered, the used ones of the last minute included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.given.len()
    }

    /// Whether none is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    fn expire(&mut self, now: Duration) {
        while self.given.front().is_some_and(|(until, _)| *until <= now) {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some((_, digest)) = self.given.pop_front() {
            self.out.remove(&digest);
        }
    }
}
