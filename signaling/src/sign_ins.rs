//! How often a password may be tried, so that whoever guesses gets nowhere and locks nobody out
//! (NIST SP 800-63B §5.2.2).
//!
//! What counts is what was wrong. A browser that somebody has signed in with before has a count of its
//! own: no stranger uses it up. All others are counted by account and address together, where each more
//! takes twice as long; by account, which takes a little longer for whoever comes from anywhere new; and
//! by address, where strangers wait, one of each account at a time, and are refused only where very many do:
//! a school's guests have one address. What was not tried counts for nothing. A secret that a link carries is
//! no guess where it is right, and opens the same doors whatever was typed at them; who asks for such a link
//! waits apart from those who type.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use crate::counted::{Counted, Door, Tells};
use crate::device::Device;
use crate::limits::{Count, Source, TooMuch, and_then, per_minute};
use crate::tries::{Patience, Tries};

/// How many attempts may fail at one account, from one address or in a minute from all, before the next
/// takes longer; and how many a minute may be made in one browser, or by one right secret.
const QUICK: u32 = 10;

/// How much longer.
const PAUSE: Duration = Duration::from_secs(2);

/// One that failed at an account from one address is forgotten after so long. The pauses double up to some
/// four minutes.
const FORGOTTEN: Duration = Duration::from_mins(10);
const DOUBLINGS: u32 = 7;

/// How many times a minute somebody at one address may begin to sign in by the school's provider, or come back from
/// it: nobody guesses there, and a whole school may be one address.
const BY_PROVIDER: u32 = 240;

/// How many codes of a second factor may be typed in one known browser in a row, and how often one more.
const CODES: u32 = 10;
const EACH_CODE: Duration = Duration::from_mins(2);

/// How many may be waiting at a time, to sign in and for links each, in all and from one address; from there
/// one of each account.
const MOST_SLOWED: usize = 1_024;
const MOST_OF_SOURCE: usize = 48;

/// How many rows in a row the audit log gets of sign-ins that failed, and then one more every so often: whoever types
/// wrong passwords day and night adds less than 150 rows a day, each with how many it stands for.
const WRITTEN: u32 = 10;
const A_ROW_EVERY: Duration = Duration::from_mins(10);

/// Counts attempts to sign in.
#[derive(Debug)]
pub(crate) struct SignIns {
    by_source: Tries<Source>,
    by_both: Tries<(String, Source)>,
    by_account: Tries<String>,
    asked: Tries<Source>,
    by_device: Count<Device>,
    by_secret: Count<[u8; 32]>,
    again: Count<String>,
    by_provider: Count<Source>,
    codes: Count<String>,
    slowed: Rooms,
    slowed_asking: Rooms,
    written: Count<()>,
    unwritten: AtomicU64,
}

/// An attempt that may be made: it counts as one that failed until it is known to be right.
#[must_use]
#[derive(Debug)]
pub(crate) struct Attempt {
    source: Source,
    counts_for_source: bool,
    /// The accounts at which whoever asks is a stranger.
    strange: Vec<String>,
    /// Whether the password of the other door may be tried as well.
    pub(crate) other: Result<(), TooMuch>,
}

impl Attempt {
    const fn from(source: Source) -> Self {
        Self {
            source,
            counts_for_source: false,
            strange: Vec::new(),
            other: Ok(()),
        }
    }
}

/// Where those wait whose attempts take longer, by address.
#[derive(Debug, Default)]
struct Rooms(Mutex<(usize, HashMap<Source, HashSet<String>>)>);

/// Somebody who waits.
struct Waiting<'r> {
    rooms: &'r Rooms,
    source: Source,
    account: String,
}

impl Rooms {
    fn enter(&self, source: Source, account: &str) -> Option<Waiting<'_>> {
        let (all, rooms) = &mut *self.lock();
        let room = rooms.get(&source);
        let is_full = room.is_some_and(|it| it.len() >= MOST_OF_SOURCE || it.contains(account));
        if is_full || *all >= MOST_SLOWED {
            return None;
        }
        *all += 1;
        let account = account.to_owned();
        rooms.entry(source).or_default().insert(account.clone());
        Some(Waiting {
            rooms: self,
            source,
            account,
        })
    }

    fn lock(&self) -> MutexGuard<'_, (usize, HashMap<Source, HashSet<String>>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits that long. Where as many wait as may, it is not now.
    async fn wait(&self, of: (Source, &str), pause: Duration) -> Result<(), TooMuch> {
        if pause.is_zero() {
            return Ok(());
        }
        let place = self.enter(of.0, of.1);
        let _place = place.ok_or(TooMuch { retry_after: pause })?;
        sleep(pause).await;
        Ok(())
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let (all, rooms) = &mut *self.rooms.lock();
        *all = all.saturating_sub(1);
        if let Some(room) = rooms.get_mut(&self.source) {
            room.remove(&self.account);
            if room.is_empty() {
                rooms.remove(&self.source);
            }
        }
    }
}

/// So many a minute cost nothing from one address; beyond that each waits, the longer the more there are.
fn of_source(a_minute: u32) -> Patience {
    Patience {
        free: a_minute.max(1),
        forgets: Duration::from_mins(1) / a_minute.max(1),
        pause: PAUSE,
        doubles: a_minute.max(1),
        doublings: 1,
    }
}

impl SignIns {
    /// So many that failed a minute from one address cost nothing, and so many links asked for.
    pub(crate) fn new(by_source: u32, asked: u32, tells: &Tells) -> Self {
        let of = |door| tells.of(door);
        Self {
            by_source: Tries::new(of_source(by_source)).told(of(Door::SignInsFrom)),
            by_both: Tries::new(Patience {
                free: QUICK,
                forgets: FORGOTTEN,
                pause: PAUSE,
                doubles: 1,
                doublings: DOUBLINGS,
            })
            .told(of(Door::SignInsAtFrom)),
            by_account: Tries::new(Patience {
                free: QUICK,
                forgets: Duration::from_mins(1) / QUICK,
                pause: PAUSE,
                doubles: QUICK,
                doublings: 0,
            })
            .told(of(Door::SignInsAt)),
            asked: Tries::new(of_source(asked)).told(of(Door::LinksAskedFrom)),
            by_device: Count::new(per_minute(QUICK)).told(of(Door::ByDevice)),
            by_secret: Count::new(per_minute(QUICK)).told(of(Door::BySecret)),
            again: Count::new(per_minute(QUICK)).told(of(Door::Again)),
            by_provider: Count::new(per_minute(BY_PROVIDER)),
            codes: Count::new(and_then(CODES, EACH_CODE)).told(of(Door::Codes)),
            slowed: Rooms::default(),
            slowed_asking: Rooms::default(),
            written: Count::new(and_then(WRITTEN, A_ROW_EVERY)),
            unwritten: AtomicU64::new(0),
        }
    }

    /// What another node has counted.
    pub(crate) fn hear(&self, Counted { door, deed, key }: &Counted) {
        match door {
            Door::SignInsFrom => self.by_source.hear(*deed, key),
            Door::SignInsAtFrom => self.by_both.hear(*deed, key),
            Door::SignInsAt => self.by_account.hear(*deed, key),
            Door::LinksAskedFrom => self.asked.hear(*deed, key),
            Door::ByDevice => self.by_device.hear(key),
            Door::BySecret => self.by_secret.hear(key),
            Door::Again => self.again.hear(key),
            Door::Codes => self.codes.hear(key),
            Door::Joins
            | Door::JoinsFrom
            | Door::Guesses
            | Door::Visitors
            | Door::VisitorsByLink
            | Door::LostLinks
            | Door::LostPasswords
            | Door::NewAddresses
            | Door::NewAddressesAt
            | Door::Changes
            | Door::Tickets
            | Door::Secrets => {}
        }
    }

    /// An attempt at no account: it may be made now, or after a while.
    pub(crate) async fn wait_at_none(&self, source: Source) -> Result<(), TooMuch> {
        let pause = self.by_source.slow(&source);
        self.slowed.wait((source, ""), pause).await
    }

    /// A link is to be sent to that address: each has a count of its own, and whoever asks for many waits.
    pub(crate) async fn ask(&self, source: Source, address: &str) -> Result<(), TooMuch> {
        let pause = self.asked.slow(&source);
        self.slowed_asking.wait((source, address), pause).await
    }

    /// An attempt at an account: it may be made now, or after a while, or not before long.
    pub(crate) async fn wait(
        &self,
        account: &str,
        source: Source,
        device: Option<Device>,
    ) -> Result<Attempt, TooMuch> {
        let mut attempt = Attempt::from(source);
        let pause = self.at_door(&mut attempt, (account, device))?;
        self.slow(attempt, account, pause).await
    }

    /// An attempt at an account where the password of another opens it too: it is counted as one at
    /// either, whether the other is there or not. Whoever is known here waits for no strangers there: where
    /// one at the other would, it is none.
    pub(crate) async fn wait_at_both(
        &self,
        (own, device): (&str, Option<Device>),
        (other, others): (&str, Option<Device>),
        source: Source,
    ) -> Result<Attempt, TooMuch> {
        let mut attempt = Attempt::from(source);
        let mut pause = self.at_door(&mut attempt, (own, device))?;
        let there = match others {
            Some(known) => self
                .by_device
                .take_everywhere(&known)
                .map(|()| Duration::ZERO),
            None => self.as_stranger(&mut attempt, other),
        };
        match (device, there) {
            (_, Ok(longer)) if longer.is_zero() => {}
            (None, Ok(longer)) => pause = pause.max(longer),
            (Some(_), Ok(longer)) => {
                self.untried(&attempt);
                attempt.strange.clear();
                attempt.other = Err(TooMuch {
                    retry_after: longer,
                });
            }
            (Some(_), Err(later)) => attempt.other = Err(later),
            (None, Err(later)) => {
                self.untried(&attempt);
                return Err(later);
            }
        }
        self.slow(attempt, own, pause).await
    }

    /// Waits that long; what is not made then does not count.
    async fn slow(
        &self,
        attempt: Attempt,
        account: &str,
        pause: Duration,
    ) -> Result<Attempt, TooMuch> {
        let waited = self.slowed.wait((attempt.source, account), pause).await;
        match waited {
            Ok(()) => Ok(attempt),
            Err(full) => {
                self.untried(&attempt);
                Err(full)
            }
        }
    }

    /// Nothing was tried.
    fn untried(&self, attempt: &Attempt) {
        for account in &attempt.strange {
            self.by_both.give_back(&(account.clone(), attempt.source));
            self.by_account.give_back(account);
        }
        if attempt.counts_for_source {
            self.by_source.give_back(&attempt.source);
        }
    }

    fn at_door(
        &self,
        attempt: &mut Attempt,
        (account, device): (&str, Option<Device>),
    ) -> Result<Duration, TooMuch> {
        if let Some(device) = device {
            return self
                .by_device
                .take_everywhere(&device)
                .map(|()| Duration::ZERO);
        }
        let pause = self.as_stranger(attempt, account)?;
        attempt.counts_for_source = true;
        Ok(pause.max(self.by_source.slow(&attempt.source)))
    }

    fn as_stranger(&self, attempt: &mut Attempt, account: &str) -> Result<Duration, TooMuch> {
        let pause = self
            .by_both
            .in_turn(&(account.to_owned(), attempt.source))?;
        attempt.strange.push(account.to_owned());
        Ok(pause.max(self.by_account.slow(&account.to_owned())))
    }

    /// It was right, by the password of that account: what was wrong there before, from the same address,
    /// is forgotten.
    pub(crate) fn right(&self, attempt: &Attempt, of: &str) {
        for account in &attempt.strange {
            let both = (account.clone(), attempt.source);
            if account == of {
                self.by_both.forget(&both);
            } else {
                self.by_both.give_back(&both);
            }
            self.by_account.give_back(account);
        }
        if attempt.counts_for_source {
            self.by_source.give_back(&attempt.source);
        }
    }

    /// A password that is typed or chosen by who shows a right secret.
    pub(crate) fn take_by_secret(&self, digest: &[u8; 32]) -> Result<(), TooMuch> {
        self.by_secret.take_everywhere(digest)
    }

    /// An attempt by who is signed in and shows their password once more.
    pub(crate) fn take_again(&self, account: &str) -> Result<(), TooMuch> {
        self.again.take_everywhere(&account.to_owned())
    }

    /// A code of a second factor, in a browser that is known or signed in: each has a count of its own.
    pub(crate) fn take_code(&self, by: &str) -> Result<(), TooMuch> {
        self.codes.take_everywhere(&by.to_owned())
    }

    /// A step on the way by the school's provider.
    pub(crate) fn take_by_provider(&self, source: Source) -> Result<(), TooMuch> {
        self.by_provider.take(&source)
    }

    /// A sign-in has failed: whether the audit log gets a row of it, and how many it has got none
    /// of before.
    pub(crate) fn failed(&self) -> Option<u64> {
        if self.written.take(&()).is_ok() {
            Some(self.unwritten.swap(0, Ordering::Relaxed))
        } else {
            self.unwritten.fetch_add(1, Ordering::Relaxed);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use futures_util::future::join_all;
    use tokio::time::Instant;

    use super::*;

    fn source(n: u8) -> Source {
        Source::from(IpAddr::from([192, 0, 2, n]))
    }

    #[tokio::test(start_paused = true)]
    async fn guesses_from_everywhere_slow_the_right_person_and_lock_nobody_out() {
        let sign_ins = SignIns::new(20, 60, &Tells::default());
        let took = async |source, device| {
            let before = Instant::now();
            let waited = sign_ins.wait("ada@x.example", source, device).await;
            waited.map(|_attempt| before.elapsed())
        };
        for guess in 0..10 {
            assert_eq!(took(source(guess), None).await, Ok(Duration::ZERO));
        }
        let elsewhere = took(source(100), None).await.expect("slower, not locked");
        assert!(elsewhere >= PAUSE);
        let device = Device::random();
        assert_eq!(took(source(100), Some(device)).await, Ok(Duration::ZERO));
        let other = sign_ins.wait("bo@x.example", source(1), None);
        let before = Instant::now();
        let _attempt = other.await.expect("another account");
        assert_eq!(before.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_guesses_at_one_account_waits_longer_each_time_and_known_browsers_go_on() {
        let sign_ins = SignIns::new(20, 60, &Tells::default());
        let mut made = 0;
        let began = Instant::now();
        while began.elapsed() < Duration::from_hours(24) {
            match sign_ins.wait("ada@x.example", source(1), None).await {
                Ok(_guess) => made += 1,
                Err(later) => sleep(later.retry_after).await,
            }
        }
        assert!(made < 500, "{made} guesses in a day");
        let known = Some(Device::random());
        let before = Instant::now();
        let attempt = sign_ins.wait("ada@x.example", source(1), known).await;
        assert!(attempt.is_ok() && before.elapsed().is_zero());
        let elsewhere = sign_ins.wait("ada@x.example", source(2), None).await;
        assert!(elsewhere.is_ok(), "a home of its own");
    }

    #[tokio::test(start_paused = true)]
    async fn six_hundred_sign_in_at_one_address_in_ten_minutes_beside_who_guesses_there() {
        let sign_ins = SignIns::new(20, 60, &Tells::default());
        let guessing = async |browser: u32| {
            for guess in 0.. {
                // At another account each time, so that none of them has many.
                let account = format!("{browser}.{guess}@x.example");
                let _guess = sign_ins.wait(&account, source(1), None).await;
                sleep(Duration::from_secs(1)).await;
            }
        };
        let parent = async |n: u64| {
            sleep(Duration::from_secs(n)).await;
            let (account, before) = (format!("{n}@x.example"), Instant::now());
            // One in five types it wrong first.
            for _wrong in 0..u64::from(n.is_multiple_of(5)) {
                let wrong = sign_ins.wait(&account, source(1), None).await;
                assert!(wrong.is_ok(), "{n}");
            }
            let attempt = sign_ins.wait(&account, source(1), None).await;
            sign_ins.right(&attempt.expect("nobody is refused"), &account);
            before.elapsed()
        };
        let asking = async |browser: u32| {
            for ask in 0.. {
                let _ask = sign_ins.ask(source(1), &format!("{browser}.{ask}")).await;
                sleep(Duration::from_secs(1)).await;
            }
        };
        let link = async {
            sleep(Duration::from_mins(5)).await;
            sign_ins.ask(source(1), "a mother who forgot").await
        };
        tokio::select! {
            _ = join_all((0..30).map(guessing)) => unreachable!("they go on"),
            _ = join_all((0..30).map(asking)) => unreachable!("they go on"),
            // Whoever sends at one account as often as they like has one place.
            _ = join_all((0..200).map(|_| async {
                loop {
                    let _guess = sign_ins.wait("one@x.example", source(1), None).await;
                    sleep(Duration::from_millis(500)).await;
                }
            })) => unreachable!("they go on"),
            () = async {
                assert_eq!(link.await, Ok(()));
                std::future::pending::<()>().await;
            } => unreachable!("it is over with the parents"),
            waited = join_all((0..600).map(parent)) => {
                let longest = waited.into_iter().max().expect("there are some");
                assert!(longest <= 4 * PAUSE, "{longest:?}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn links_are_asked_for_by_a_whole_school() {
        let sign_ins = SignIns::new(20, 60, &Tells::default());
        let began = Instant::now();
        for _parent in 0..600 {
            assert_eq!(sign_ins.ask(source(1), "ada").await, Ok(()));
        }
        assert!(began.elapsed() > Duration::from_mins(8), "not for nothing");
        // So many wait at once, and no more.
        let names: Vec<String> = (0..100).map(|it| it.to_string()).collect();
        let many = names.iter().map(|it| sign_ins.ask(source(1), it));
        let many = join_all(many).await;
        let given = many.iter().filter(|it| it.is_ok()).count();
        assert!(
            (MOST_OF_SOURCE..MOST_OF_SOURCE + 3).contains(&given),
            "{given}"
        );
        assert_eq!(sign_ins.ask(source(2), "ada").await, Ok(()));
        let (all, rooms) = &*sign_ins.slowed_asking.lock();
        assert!(*all == 0 && rooms.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn strangers_make_nobody_wait_who_is_known_at_their_own_door() {
        let sign_ins = SignIns::new(20, 60, &Tells::default());
        let (own, other) = ("account ada@x.example", "ada@x.example");
        let guessing = async |n: u8, nth: u32| {
            loop {
                let guess = sign_ins.wait_at_both((own, None), (other, None), source(n));
                let _guess = guess.await;
                let name = format!("{nth}@x.example");
                let _guess = sign_ins.wait(&name, source(n), None).await;
                sleep(Duration::from_millis(500)).await;
            }
        };
        let everywhere = (0..10).flat_map(|n| (0..30).map(move |nth| (n, nth)));
        let known = async {
            let device = Some(Device::random());
            for _minute in 0..3 {
                sleep(Duration::from_mins(1)).await;
                let before = Instant::now();
                let waited = sign_ins.wait_at_both((own, device), (other, None), source(1));
                assert!(waited.await.is_ok());
                assert_eq!(before.elapsed(), Duration::ZERO);
            }
        };
        tokio::select! {
            _ = join_all(everywhere.map(|(n, nth)| guessing(n, nth))) => unreachable!("they go on"),
            () = known => {}
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_refused_without_being_tried_counts_for_nothing() {
        let sign_ins = SignIns::new(1, 60, &Tells::default());
        let names: Vec<String> = (0..100).map(|it| format!("{it}@x.example")).collect();
        let flood = async || {
            join_all(names.iter().map(|it| sign_ins.wait(it, source(1), None))).await;
        };
        let pressing = async {
            for _press in 0..30 {
                // All places are taken.
                sleep(Duration::from_millis(10)).await;
                let refused = sign_ins.wait("ada@x.example", source(1), None).await;
                assert!(refused.is_err());
            }
        };
        tokio::join!(flood(), pressing);
        sleep(Duration::from_mins(3)).await;
        let before = Instant::now();
        let waited = sign_ins.wait("ada@x.example", source(1), None).await;
        assert!(waited.is_ok() && before.elapsed() <= 2 * PAUSE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_browser_that_is_known_guesses_no_more_than_anybody() {
        let sign_ins = SignIns::new(20, 60, &Tells::default());
        let device = Some(Device::random());
        for _attempt in 0..10 {
            let known = sign_ins.wait("ada@x.example", source(1), device);
            assert!(known.await.is_ok());
        }
        let known = sign_ins.wait("ada@x.example", source(1), device);
        assert!(known.await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_door_gives_no_more_guesses_at_the_password_that_opens_it_too() {
        let sign_ins = SignIns::new(20, 60, &Tells::default());
        let (own, other) = ("account ada@x.example", "ada@x.example");
        // Whoever signs in by links has as many known browsers as they like.
        for guess in 0..10 {
            let known = (own, Some(Device::random()));
            let waited = sign_ins.wait_at_both(known, (other, None), source(guess));
            let before = Instant::now();
            assert_eq!(waited.await.map(|it| it.other), Ok(Ok(())));
            assert_eq!(before.elapsed(), Duration::ZERO);
        }
        // From then on it is their own alone, at once.
        for _guess in 0..30 {
            let known = (own, Some(Device::random()));
            let waited = sign_ins.wait_at_both(known, (other, None), source(102));
            let before = Instant::now();
            assert!(waited.await.is_ok_and(|it| it.other.is_err()));
            assert_eq!(before.elapsed(), Duration::ZERO);
        }
        let before = Instant::now();
        let theirs = sign_ins.wait(other, source(101), None).await;
        assert!(theirs.is_ok(), "slower, not locked");
        assert!(before.elapsed() >= PAUSE);
        let device = (own, Some(Device::random()));
        let nobody = sign_ins.wait_at_both(device, (other, Some(Device::random())), source(101));
        let before = Instant::now();
        assert!(nobody.await.is_ok_and(|it| it.other.is_ok()));
        assert_eq!(before.elapsed(), Duration::ZERO);
    }

    #[test]
    fn a_flood_of_failures_is_a_few_rows_that_count_the_others() {
        let sign_ins = SignIns::new(20, 60, &Tells::default());
        let rows: Vec<u64> = (0..100).filter_map(|_| sign_ins.failed()).collect();
        assert_eq!(rows, [0; 10]);
        assert_eq!(sign_ins.unwritten.load(Ordering::Relaxed), 90);
    }
}
