//! How often a password may be tried, so that whoever guesses gets nowhere and locks nobody out.
//!
//! A browser that somebody has signed in with before has a count of its own: no stranger uses it
//! up. All others are counted by address, and by account and address together. An account that is
//! guessed at from many places takes more time, for whoever comes from anywhere new.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::Quota;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::device::Device;
use crate::limits::{Count, Source, TooMuch, and_then, per_minute};

/// How many attempts a minute may be made to sign in to one account, from one address or browser
/// and in all, before they take longer.
const QUICK: u32 = 10;

/// How much longer.
const PAUSE: Duration = Duration::from_secs(2);

/// How many codes of a second factor may be typed in one known browser in a row, and how often one more.
const CODES: u32 = 10;
const EACH_CODE: Duration = Duration::from_mins(2);

/// How many attempts may be taking longer at a time.
const MOST_SLOWED: usize = 256;

/// How many rows a minute the audit log gets of sign-ins that failed.
const WRITTEN: u32 = 10;

/// Counts attempts to sign in.
#[derive(Debug)]
pub(crate) struct SignIns {
    by_source: Count<Source>,
    by_both: Count<(String, Source)>,
    by_account: Count<String>,
    by_device: Count<Device>,
    codes: Count<String>,
    slowed: Semaphore,
    written: Count<()>,
    unwritten: AtomicU64,
}

impl SignIns {
    /// So many a minute from one address.
    pub(crate) fn new(by_source: u32) -> Self {
        Self {
            by_source: Count::new(per_minute(by_source)),
            by_both: Count::new(per_minute(QUICK)),
            by_account: Count::new(per_minute(QUICK)),
            by_device: Count::new(per_minute(QUICK)),
            codes: Count::new(and_then(CODES, EACH_CODE)),
            slowed: Semaphore::new(MOST_SLOWED),
            written: Count::new(Quota::per_minute(per_minute(WRITTEN).burst_size())),
            unwritten: AtomicU64::new(0),
        }
    }

    /// An attempt to set up, or one at no account.
    pub(crate) fn take(&self, source: Source) -> Result<(), TooMuch> {
        self.by_source.take(&source)
    }

    /// An attempt at an account: it may be made now, or after a while, or not at all.
    pub(crate) async fn wait(
        &self,
        account: &str,
        source: Source,
        device: Option<Device>,
    ) -> Result<(), TooMuch> {
        if let Some(device) = device {
            return self.by_device.take(&device);
        }
        self.take(source)?;
        if self.is_quick(account, source) {
            Ok(())
        } else {
            self.slow().await
        }
    }

    /// An attempt at an account where the password of another opens it too: it is counted as one at
    /// either, whether the other is there or not.
    pub(crate) async fn wait_at_both(
        &self,
        (own, device): (&str, Option<Device>),
        (other, others): (&str, Option<Device>),
        source: Source,
    ) -> Result<(), TooMuch> {
        match device {
            Some(device) => self.by_device.take(&device)?,
            None => self.take(source)?,
        }
        let is_quick = device.is_some() || self.is_quick(own, source);
        let is_quick_there = match others {
            Some(device) => {
                self.by_device.take(&device)?;
                true
            }
            None => self.is_quick(other, source),
        };
        if is_quick && is_quick_there {
            return Ok(());
        }
        if device.is_some() {
            // Known here, and there a stranger who guesses.
            self.take(source)?;
        }
        self.slow().await
    }

    /// An attempt by who is signed in and shows their password once more.
    pub(crate) fn take_again(&self, account: &str) -> Result<(), TooMuch> {
        self.by_account.take(&format!("again {account}"))
    }

    /// A code of a second factor, in a browser that is known or signed in: each has a count of its own.
    pub(crate) fn take_code(&self, by: &str) -> Result<(), TooMuch> {
        self.codes.take(&by.to_owned())
    }

    fn is_quick(&self, account: &str, source: Source) -> bool {
        self.by_both.take(&(account.to_owned(), source)).is_ok()
            & self.by_account.take(&account.to_owned()).is_ok()
    }

    async fn slow(&self) -> Result<(), TooMuch> {
        let _place = self
            .slowed
            .try_acquire()
            .map_err(|_full| TooMuch { retry_after: PAUSE })?;
        sleep(PAUSE).await;
        Ok(())
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

    use tokio::time::Instant;

    use super::*;

    fn source(n: u8) -> Source {
        Source::from(IpAddr::from([192, 0, 2, n]))
    }

    #[tokio::test(start_paused = true)]
    async fn guesses_from_everywhere_slow_the_right_person_and_lock_nobody_out() {
        let sign_ins = SignIns::new(20);
        let took = async |source, device| {
            let before = Instant::now();
            let waited = sign_ins.wait("ada@x.example", source, device).await;
            waited.map(|()| before.elapsed())
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
        other.await.expect("another account");
        assert_eq!(before.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn one_address_guesses_so_often_and_known_browsers_go_on_beside_it() {
        let sign_ins = SignIns::new(20);
        for n in 0..20 {
            let account = format!("{n}@x.example");
            assert_eq!(sign_ins.wait(&account, source(1), None).await, Ok(()));
        }
        let refused = sign_ins.wait("ada@x.example", source(1), None).await;
        assert!(refused.is_err(), "the twenty-first");
        let device = Device::random();
        for _attempt in 0..10 {
            let known = sign_ins.wait("ada@x.example", source(1), Some(device));
            assert_eq!(known.await, Ok(()));
        }
        let known = sign_ins.wait("ada@x.example", source(1), Some(device));
        assert!(
            known.await.is_err(),
            "a cookie that was stolen guesses no more than anybody"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_door_gives_no_more_guesses_at_the_password_that_opens_it_too() {
        let sign_ins = SignIns::new(20);
        let (own, other) = ("account ada@x.example", "ada@x.example");
        // Whoever signs in by links has as many known browsers as they like.
        for guess in 0..10 {
            let known = (own, Some(Device::random()));
            let waited = sign_ins.wait_at_both(known, (other, None), source(guess));
            let before = Instant::now();
            assert_eq!((waited.await, before.elapsed()), (Ok(()), Duration::ZERO));
        }
        for guess in 0..20 {
            let known = (own, Some(Device::random()));
            let before = Instant::now();
            let waited = sign_ins.wait_at_both(known, (other, None), source(100));
            assert_eq!(waited.await, Ok(()), "{guess}");
            assert!(before.elapsed() >= PAUSE, "{guess}");
        }
        let known = (own, Some(Device::random()));
        let refused = sign_ins.wait_at_both(known, (other, None), source(100));
        assert!(refused.await.is_err(), "as at the door of that password");
        let before = Instant::now();
        let theirs = sign_ins.wait(other, source(101), None).await;
        assert_eq!(theirs, Ok(()), "slower, not locked");
        assert!(before.elapsed() >= PAUSE);
        let device = (own, Some(Device::random()));
        let nobody = sign_ins.wait_at_both(device, (other, Some(Device::random())), source(101));
        let before = Instant::now();
        assert_eq!((nobody.await, before.elapsed()), (Ok(()), Duration::ZERO));
    }

    #[test]
    fn a_flood_of_failures_is_a_few_rows_that_count_the_others() {
        let sign_ins = SignIns::new(20);
        let rows: Vec<u64> = (0..100).filter_map(|_| sign_ins.failed()).collect();
        assert_eq!(rows, [0; 10]);
        assert_eq!(sign_ins.unwritten.load(Ordering::Relaxed), 90);
    }
}
