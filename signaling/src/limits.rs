//! How much one link and one address may ask for.
//!
//! An address may be a whole school, so it may ask for much; what it may get wrong is another
//! count, so that somebody who guesses at links uses up nobody else's joins. Guessing at 128 bits
//! is hopeless anyway: that count only keeps the noise down.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use call::LinkId;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use school::AccountId;

use crate::counted::{self, Counted, Deed, Door, Key, Teller, Tells};
use crate::settings;

/// When so many are known, those that asked for nothing lately are first looked for.
const SWEEP: usize = 10_000;

/// How many appointments a link may book, move, cancel or note in a row; then one more every so
/// often.
const CHANGES: u32 = 150;
const A_CHANGE_EVERY: Duration = Duration::from_mins(5);

/// How many times a link may be joined with in a row; then one more every so often.
const TICKETS: u32 = 200;
const A_TICKET_EVERY: Duration = Duration::from_mins(2);

/// How often, after [`settings::Limits::visitors_by_link`] in a row, one more guest or caller comes by the
/// same link from the same address: fewer in a day than a room or an area takes.
const A_VISITOR_EVERY: Duration = Duration::from_mins(10);

/// How many pages of one link may wait for news at a time.
pub(crate) const PAGES: usize = 20;

/// How many times in a row the links of one address are sent to it again (EVE-18); then once more
/// every so often.
const LOST_LINKS: u32 = 3;
const A_LOST_LINK_EVERY: Duration = Duration::from_hours(4);

/// How many links in a row by which they choose a new password somebody of the office is sent; then
/// one more every so often.
const LOST_PASSWORDS: u32 = 3;
const A_LOST_PASSWORD_EVERY: Duration = Duration::from_hours(1);

/// How many links in a row one account is sent to an address that is to be its own, and one address for whatever
/// accounts; then one more every so often.
const NEW_ADDRESSES: u32 = 5;
const A_NEW_ADDRESS_EVERY: Duration = Duration::from_hours(4);

/// An address as limits count it: an IPv6 host owns its /64 (RFC 6177 §2).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Source(u64, bool);

impl From<IpAddr> for Source {
    fn from(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(ip) => Self(u64::from(ip.to_bits()), false),
            IpAddr::V6(ip) => {
                let network = ip.to_bits() >> 64;
                Self(u64::try_from(network).unwrap_or_default(), true)
            }
        }
    }
}

impl Source {
    /// As other nodes hear of it.
    pub(crate) fn number(self) -> String {
        format!("{}{:x}", if self.1 { '6' } else { '4' }, self.0)
    }

    /// One that another node heard of.
    pub(crate) fn of_number(text: &str) -> Option<Self> {
        let (number, is_six) = match (text.strip_prefix('4'), text.strip_prefix('6')) {
            (Some(number), _) => (number, false),
            (None, Some(number)) => (number, true),
            (None, None) => return None,
        };
        Some(Self(u64::from_str_radix(number, 16).ok()?, is_six))
    }
}

/// Too much was asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct TooMuch {
    /// When to ask again.
    pub(crate) retry_after: Duration,
}

/// Counts what is asked for.
#[derive(Debug)]
pub(crate) struct Limiter {
    links: Count<LinkId>,
    addresses: Count<Source>,
    guesses: Count<Source>,
    requests: Count<LinkId>,
    address_requests: Count<Source>,
    visitors: Count<Source>,
    visitors_by_link: Count<(LinkId, Source)>,
    lost_links: Count<String>,
    lost_passwords: Count<String>,
    new_addresses: Count<AccountId>,
    new_addresses_at: Count<String>,
    changes: Count<LinkId>,
    tickets: Count<LinkId>,
    secrets: Count<[u8; 32]>,
    lookups: Count<Source>,
    sockets: Count<Source>,
    connections: Count<Source>,
}

/// One count, by somebody.
#[derive(Debug)]
pub(crate) struct Count<K: Clone + Eq + Hash> {
    limiter: DefaultKeyedRateLimiter<K>,
    /// Look for what can be forgotten when so many are known: twice as many as were left the last
    /// time, so that a request stays cheap.
    sweep_at: AtomicUsize,
    clock: DefaultClock,
    /// Where it is counted at all nodes alike.
    teller: Teller,
}

impl<K: Key> Count<K> {
    /// It is counted at all nodes alike.
    pub(crate) fn told(self, teller: Teller) -> Self {
        Self { teller, ..self }
    }

    /// One more, if it may be; the other nodes hear of it.
    pub(crate) fn take_everywhere(&self, key: &K) -> Result<(), TooMuch> {
        self.take(key)?;
        self.teller.tell(Deed::Take, key);
        Ok(())
    }

    /// One more was taken at another node. Where this one has none left there is none to take.
    pub(crate) fn hear(&self, key: &str) {
        if let Some(key) = counted::read(key) {
            let _taken_or_none_left = self.take(&key);
        }
    }
}

impl<K: Clone + Eq + Hash> Count<K> {
    pub(crate) fn new(quota: Quota) -> Self {
        Self {
            limiter: DefaultKeyedRateLimiter::keyed(quota),
            sweep_at: AtomicUsize::new(SWEEP),
            clock: DefaultClock::default(),
            teller: Teller::default(),
        }
    }

    /// One more, if it may be.
    pub(crate) fn take(&self, key: &K) -> Result<(), TooMuch> {
        if self.limiter.len() >= self.sweep_at.load(Ordering::Relaxed) {
            self.limiter.retain_recent();
            let left = self.limiter.len().saturating_mul(2);
            self.sweep_at.store(left.max(SWEEP), Ordering::Relaxed);
        }
        self.limiter.check_key(key).map_err(|not_until| TooMuch {
            retry_after: not_until.wait_time_from(self.clock.now()),
        })
    }
}

impl Limiter {
    pub(crate) fn new(limits: &settings::Limits, tells: &Tells) -> Self {
        let of = |door| tells.of(door);
        Self {
            links: Count::new(per_minute(limits.joins_per_link)).told(of(Door::Joins)),
            addresses: Count::new(per_minute(limits.joins_per_address)).told(of(Door::JoinsFrom)),
            guesses: Count::new(per_minute(limits.guesses_per_address)).told(of(Door::Guesses)),
            requests: Count::new(per_minute(limits.requests_per_link)),
            address_requests: Count::new(per_minute(limits.requests_per_address)),
            visitors: Count::new(Quota::per_hour(at_least_one(limits.visitors_per_address)))
                .told(of(Door::Visitors)),
            visitors_by_link: Count::new(and_then(limits.visitors_by_link, A_VISITOR_EVERY))
                .told(of(Door::VisitorsByLink)),
            lost_links: Count::new(and_then(LOST_LINKS, A_LOST_LINK_EVERY))
                .told(of(Door::LostLinks)),
            lost_passwords: Count::new(and_then(LOST_PASSWORDS, A_LOST_PASSWORD_EVERY))
                .told(of(Door::LostPasswords)),
            new_addresses: Count::new(and_then(NEW_ADDRESSES, A_NEW_ADDRESS_EVERY))
                .told(of(Door::NewAddresses)),
            new_addresses_at: Count::new(and_then(NEW_ADDRESSES, A_NEW_ADDRESS_EVERY))
                .told(of(Door::NewAddressesAt)),
            changes: Count::new(and_then(CHANGES, A_CHANGE_EVERY)).told(of(Door::Changes)),
            sockets: Count::new(per_minute(limits.joins_per_address)),
            tickets: Count::new(and_then(TICKETS, A_TICKET_EVERY)).told(of(Door::Tickets)),
            secrets: Count::new(per_minute(limits.joins_per_link)).told(of(Door::Secrets)),
            lookups: Count::new(per_minute(limits.requests_per_address)),
            connections: Count::new(
                Quota::per_second(at_least_one(limits.connections_per_address)).allow_burst(
                    at_least_one(limits.connections_per_address.saturating_mul(2)),
                ),
            ),
        }
    }

    /// What another node has counted; whether it is counted here.
    pub(crate) fn hear(&self, counted: &Counted) -> bool {
        let key = &counted.key;
        match counted.door {
            Door::Joins => self.links.hear(key),
            Door::JoinsFrom => self.addresses.hear(key),
            Door::Guesses => self.guesses.hear(key),
            Door::Visitors => self.visitors.hear(key),
            Door::VisitorsByLink => self.visitors_by_link.hear(key),
            Door::LostLinks => self.lost_links.hear(key),
            Door::LostPasswords => self.lost_passwords.hear(key),
            Door::NewAddresses => self.new_addresses.hear(key),
            Door::NewAddressesAt => self.new_addresses_at.hear(key),
            Door::Changes => self.changes.hear(key),
            Door::Tickets => self.tickets.hear(key),
            Door::Secrets => self.secrets.hear(key),
            Door::SignInsFrom
            | Door::SignInsAtFrom
            | Door::SignInsAt
            | Door::LinksAskedFrom
            | Door::ByDevice
            | Door::BySecret
            | Door::Again
            | Door::Codes => return false,
        }
        true
    }

    /// A request with a link that is right.
    pub(crate) fn take_join(&self, link: LinkId, source: Source) -> Result<(), TooMuch> {
        self.links.take_everywhere(&link)?;
        self.addresses.take_everywhere(&source)
    }

    /// A request with a link that is wrong.
    pub(crate) fn take_guess(&self, source: Source) -> Result<(), TooMuch> {
        self.guesses.take_everywhere(&source)
    }

    /// A request with a link that is right, beside those on the way into a call.
    pub(crate) fn take_request(&self, link: LinkId, source: Source) -> Result<(), TooMuch> {
        self.requests.take(&link)?;
        self.address_requests.take(&source)
    }

    /// Somebody comes to a room or a waiting area by its link: each is kept for a day, and holds a place.
    pub(crate) fn take_visitor(&self, link: LinkId, source: Source) -> Result<(), TooMuch> {
        self.visitors_by_link.take_everywhere(&(link, source))?;
        self.visitors.take_everywhere(&source)
    }

    /// A request by a link that changes appointments: each is kept, and told to others.
    pub(crate) fn take_change(&self, link: LinkId) -> Result<(), TooMuch> {
        self.changes.take_everywhere(&link)
    }

    /// A press on Join: each leaves rows in the audit log.
    pub(crate) fn take_ticket(&self, link: LinkId) -> Result<(), TooMuch> {
        self.tickets.take_everywhere(&link)
    }

    /// A request with a secret out of an e-mail, a text or a letter that is right.
    pub(crate) fn take_secret(&self, digest: &[u8; 32]) -> Result<(), TooMuch> {
        self.secrets.take_everywhere(digest)
    }

    /// A request with such a secret, before the records are asked whether it is right.
    pub(crate) fn take_lookup(&self, source: Source) -> Result<(), TooMuch> {
        self.lookups.take(&source)
    }

    /// A new WebSocket, whatever it will say: to join, or to come back.
    pub(crate) fn take_socket(&self, source: Source) -> Result<(), TooMuch> {
        self.sockets.take(&source)
    }

    /// The links of that address, by its key, to be sent to it again.
    pub(crate) fn take_lost_link(&self, address: &str) -> Result<(), TooMuch> {
        self.lost_links.take_everywhere(&address.to_owned())
    }

    /// A link to choose a new password by, to that address of the office, by its key.
    pub(crate) fn take_lost_password(&self, address: &str) -> Result<(), TooMuch> {
        self.lost_passwords.take_everywhere(&address.to_owned())
    }

    /// A link to an address with which whoever has that account wishes to sign in.
    pub(crate) fn take_new_address(&self, account: AccountId) -> Result<(), TooMuch> {
        self.new_addresses.take_everywhere(&account)
    }

    /// The same, by the key of that address.
    pub(crate) fn take_new_address_at(&self, address: &str) -> Result<(), TooMuch> {
        self.new_addresses_at.take_everywhere(&address.to_owned())
    }

    /// A new connection.
    pub(crate) fn take_connection(&self, source: Source) -> Result<(), TooMuch> {
        self.connections.take(&source)
    }
}

/// So many a minute, all of them at once if need be.
pub(crate) fn per_minute(count: u32) -> Quota {
    Quota::per_minute(at_least_one(count))
}

/// So many at once, and then one more every so often.
pub(crate) fn and_then(count: u32, every: Duration) -> Quota {
    let quota = Quota::with_period(every).unwrap_or(Quota::per_minute(NonZeroU32::MIN));
    quota.allow_burst(at_least_one(count))
}

fn at_least_one(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use call::LinkId;

    use super::{Limiter, Source, Tells};
    use crate::settings::Limits;

    fn source(text: &str) -> Source {
        Source::from(text.parse::<IpAddr>().expect("an address"))
    }

    #[test]
    fn a_school_may_join_six_hundred_times_a_minute_from_one_address() {
        let limiter = Limiter::new(&Limits::default(), &Tells::default());
        for link in 0..600 {
            for _view_and_ticket in 0..2 {
                assert_eq!(limiter.take_join(LinkId(link), source("192.0.2.1")), Ok(()));
            }
        }
    }

    #[test]
    fn one_link_has_its_own_count() {
        let limiter = Limiter::new(
            &Limits {
                joins_per_link: 3,
                ..Limits::default()
            },
            &Tells::default(),
        );
        let here = source("192.0.2.1");
        for _ in 0..3 {
            assert_eq!(limiter.take_join(LinkId(1), here), Ok(()));
        }
        let refused = limiter.take_join(LinkId(1), here).expect_err("too many");
        assert!(refused.retry_after.as_secs() <= 20);
        assert!(!refused.retry_after.is_zero());
        assert_eq!(limiter.take_join(LinkId(2), here), Ok(()));
    }

    #[test]
    fn guesses_use_up_no_joins() {
        let limiter = Limiter::new(
            &Limits {
                guesses_per_address: 2,
                ..Limits::default()
            },
            &Tells::default(),
        );
        let here = source("192.0.2.1");
        assert_eq!(limiter.take_guess(here), Ok(()));
        assert_eq!(limiter.take_guess(here), Ok(()));
        assert!(limiter.take_guess(here).is_err());
        assert_eq!(limiter.take_join(LinkId(1), here), Ok(()));
        assert_eq!(limiter.take_guess(source("192.0.2.2")), Ok(()));
    }

    #[test]
    fn a_host_is_its_whole_ipv6_network() {
        assert_eq!(source("2001:db8::1"), source("2001:db8::ffff:2"));
        assert_ne!(source("2001:db8::1"), source("2001:db8:0:1::1"));
        assert_eq!(source("::ffff:192.0.2.1"), source("192.0.2.1"));
        assert_ne!(source("0.0.0.1"), source("0:0:0:1::"));
    }

    /// Each node counts what the others have granted, and goes by its own count where it hears of nothing.
    #[test]
    fn what_is_asked_for_at_one_node_counts_at_all() {
        let limits = Limits {
            guesses_per_address: 4,
            ..Limits::default()
        };
        let tells = [Tells::others(), Tells::others()];
        let [one, other] = [0, 1].map(|at: usize| Limiter::new(&limits, &tells[at]));
        let mut told = tells.map(|it| it.listen().expect("there are others"));
        let here = source("192.0.2.1");
        for _ in 0..2 {
            assert_eq!(one.take_guess(here), Ok(()));
            assert_eq!(other.take_guess(here), Ok(()));
            let [of_one, of_other] = &mut told;
            while let Ok(counted) = of_one.try_recv() {
                assert!(other.hear(&counted));
            }
            while let Ok(counted) = of_other.try_recv() {
                assert!(one.hear(&counted));
            }
        }
        assert!(one.take_guess(here).is_err() && other.take_guess(here).is_err());
        // What is refused, and what was told, is told to nobody.
        assert!(told.iter_mut().all(|it| it.try_recv().is_err()));
        assert_eq!(other.take_guess(source("192.0.2.2")), Ok(()));
    }
}
