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
use crate::limits::{Count, Source, TooMuch, per_minute};

/// How many attempts a minute may be made to sign in to one account, from one address or browser
/// and in all, before they take longer.
const QUICK: u32 = 10;

/// How much longer.
const PAUSE: Duration = Duration::from_secs(2);

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
        let is_quick = self.by_both.take(&(account.to_owned(), source)).is_ok()
            & self.by_account.take(&account.to_owned()).is_ok();
        if is_quick {
            return Ok(());
        }
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

    #[test]
    fn a_flood_of_failures_is_a_few_rows_that_count_the_others() {
        let sign_ins = SignIns::new(20);
        let rows: Vec<u64> = (0..100).filter_map(|_| sign_ins.failed()).collect();
        assert_eq!(rows, [0; 10]);
        assert_eq!(sign_ins.unwritten.load(Ordering::Relaxed), 90);
    }
}
