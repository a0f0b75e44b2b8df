//! How often a password may be tried, so that whoever guesses gets nowhere and locks nobody out
//! (NIST SP 800-63B §5.2.2).
//!
//! What counts is what was wrong. A browser that somebody has signed in with before has a count of its
//! own: no stranger uses it up. All others are counted by account and address together, where each more
//! takes twice as long; by account, which takes a little longer for whoever comes from anywhere new; and
//! by address, where strangers wait and are not refused: a school's guests have one address. A secret that
//! a link carries is no guess where it is right, and opens the same doors whatever was typed at them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use governor::Quota;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::sleep;

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

/// How many codes of a second factor may be typed in one known browser in a row, and how often one more.
const CODES: u32 = 10;
const EACH_CODE: Duration = Duration::from_mins(2);

/// How many attempts may be taking longer at a time, in all and from one address.
const MOST_SLOWED: usize = 256;
const MOST_OF_SOURCE: usize = 16;

/// How many rows a minute the audit log gets of sign-ins that failed.
const WRITTEN: u32 = 10;

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
    codes: Count<String>,
    slowed: Semaphore,
    slowed_of: Mutex<HashMap<Source, usize>>,
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

/// Somebody who waits.
struct Waiting<'s> {
    all: &'s SignIns,
    source: Source,
    _place: SemaphorePermit<'s>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut of = self.all.slowed_of.lock();
        let of = of.as_mut().unwrap_or_else(|it| it.get_mut());
        if let Some(number) = of.get_mut(&self.source) {
            *number -= 1;
            if *number == 0 {
                of.remove(&self.source);
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
    pub(crate) fn new(by_source: u32, asked: u32) -> Self {
        Self {
            by_source: Tries::new(of_source(by_source)),
            by_both: Tries::new(Patience {
                free: QUICK,
                forgets: FORGOTTEN,
                pause: PAUSE,
                doubles: 1,
                doublings: DOUBLINGS,
            }),
            by_account: Tries::new(Patience {
                free: QUICK,
                forgets: Duration::from_mins(1) / QUICK,
                pause: PAUSE,
                doubles: QUICK,
                doublings: 0,
            }),
            asked: Tries::new(of_source(asked)),
            by_device: Count::new(per_minute(QUICK)),
            by_secret: Count::new(per_minute(QUICK)),
            again: Count::new(per_minute(QUICK)),
            codes: Count::new(and_then(CODES, EACH_CODE)),
            slowed: Semaphore::new(MOST_SLOWED),
            slowed_of: Mutex::default(),
            written: Count::new(Quota::per_minute(per_minute(WRITTEN).burst_size())),
            unwritten: AtomicU64::new(0),
        }
    }

    /// An attempt at no account: it may be made now, or after a while.
    pub(crate) async fn wait_at_none(&self, source: Source) -> Result<(), TooMuch> {
        self.slow(source, self.by_source.slow(&source)).await
    }

    /// A link is to be sent to somebody: each address has a count of its own, and whoever asks for many
    /// waits.
    pub(crate) async fn ask(&self, source: Source) -> Result<(), TooMuch> {
        self.slow(source, self.asked.slow(&source)).await
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
        self.slow(source, pause).await?;
        Ok(attempt)
    }

    /// An attempt at an account where the password of another opens it too: it is counted as one at
    /// either, whether the other is there or not. Whoever is known here is kept out by no strangers there.
    pub(crate) async fn wait_at_both(
        &self,
        (own, device): (&str, Option<Device>),
        (other, others): (&str, Option<Device>),
        source: Source,
    ) -> Result<Attempt, TooMuch> {
        let mut attempt = Attempt::from(source);
        let mut pause = self.at_door(&mut attempt, (own, device))?;
        let there = match (device, others) {
            (_, Some(known)) => self.by_device.take(&known).map(|()| Duration::ZERO),
            (_, None) => self.as_stranger(&mut attempt, other),
        };
        match (device, there) {
            (_, Ok(longer)) => pause = pause.max(longer),
            (Some(_), Err(later)) => attempt.other = Err(later),
            (None, Err(later)) => return Err(later),
        }
        self.slow(source, pause).await?;
        Ok(attempt)
    }

    fn at_door(
        &self,
        attempt: &mut Attempt,
        (account, device): (&str, Option<Device>),
    ) -> Result<Duration, TooMuch> {
        if let Some(device) = device {
            return self.by_device.take(&device).map(|()| Duration::ZERO);
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
        self.by_secret.take(digest)
    }

    /// An attempt by who is signed in and shows their password once more.
    pub(crate) fn take_again(&self, account: &str) -> Result<(), TooMuch> {
        self.again.take(&account.to_owned())
    }

    /// A code of a second factor, in a browser that is known or signed in: each has a count of its own.
    pub(crate) fn take_code(&self, by: &str) -> Result<(), TooMuch> {
        self.codes.take(&by.to_owned())
    }

    /// Waits that long. Where as many wait as may, it is not now.
    async fn slow(&self, source: Source, pause: Duration) -> Result<(), TooMuch> {
        if pause.is_zero() {
            return Ok(());
        }
        let _waiting = self.waiting(source).ok_or(TooMuch { retry_after: pause })?;
        sleep(pause).await;
        Ok(())
    }

    fn waiting(&self, source: Source) -> Option<Waiting<'_>> {
        let place = self.slowed.try_acquire().ok()?;
        let mut of = self
            .slowed_of
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let number = of.entry(source).or_default();
        if *number >= MOST_OF_SOURCE {
            return None;
        }
        *number += 1;
        Some(Waiting {
            all: self,
            source,
            _place: place,
        })
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
        let sign_ins = SignIns::new(20, 60);
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
        let sign_ins = SignIns::new(20, 60);
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
        let sign_ins = SignIns::new(20, 60);
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
            for _wrong in 0..u64::from(n % 5 == 0) {
                let wrong = sign_ins.wait(&account, source(1), None).await;
                assert!(wrong.is_ok(), "{n}");
            }
            let attempt = sign_ins.wait(&account, source(1), None).await;
            sign_ins.right(&attempt.expect("nobody is refused"), &account);
            before.elapsed()
        };
        tokio::select! {
            _ = join_all((0..8).map(guessing)) => unreachable!("they go on"),
            waited = join_all((0..600).map(parent)) => {
                let longest = waited.into_iter().max().expect("there are some");
                assert!(longest <= 4 * PAUSE, "{longest:?}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn links_are_asked_for_by_a_whole_school() {
        let sign_ins = SignIns::new(20, 60);
        let began = Instant::now();
        for _parent in 0..600 {
            assert_eq!(sign_ins.ask(source(1)).await, Ok(()));
        }
        assert!(began.elapsed() > Duration::from_mins(8), "not for nothing");
        // So many wait at once, and no more.
        let many = (0..40).map(|_| sign_ins.ask(source(1)));
        let many = join_all(many).await;
        assert_eq!(many.iter().filter(|it| it.is_ok()).count(), MOST_OF_SOURCE);
        assert_eq!(sign_ins.ask(source(2)).await, Ok(()));
        assert!(sign_ins.slowed_of.lock().expect("no panic").is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_browser_that_is_known_guesses_no_more_than_anybody() {
        let sign_ins = SignIns::new(20, 60);
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
        let sign_ins = SignIns::new(20, 60);
        let (own, other) = ("account ada@x.example", "ada@x.example");
        // Whoever signs in by links has as many known browsers as they like.
        for guess in 0..10 {
            let known = (own, Some(Device::random()));
            let waited = sign_ins.wait_at_both(known, (other, None), source(guess));
            let before = Instant::now();
            assert_eq!(waited.await.map(|it| it.other), Ok(Ok(())));
            assert_eq!(before.elapsed(), Duration::ZERO);
        }
        let guessed = async |n: u8| {
            let known = (own, Some(Device::random()));
            let waited = sign_ins.wait_at_both(known, (other, None), source(n));
            waited.await.map(|it| it.other.is_ok())
        };
        let mut guesses = 0;
        for _guess in 0..30 {
            guesses += usize::from(guessed(102).await == Ok(true));
        }
        assert!(guesses <= 13, "{guesses}: as at the door of that password");
        assert!(sign_ins.wait(other, source(102), None).await.is_err());
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
        let sign_ins = SignIns::new(20, 60);
        let rows: Vec<u64> = (0..100).filter_map(|_| sign_ins.failed()).collect();
        assert_eq!(rows, [0; 10]);
        assert_eq!(sign_ins.unwritten.load(Ordering::Relaxed), 90);
    }
}
