//! What a program takes from its surroundings: the time of day, and chance.
//!
//! This is the one place where either is asked; `clippy.toml` forbids it elsewhere. The rules of the
//! product, and the records, know neither: moments and ids are handed to them. A request asks once
//! what time it is.

mod followed;

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rand::distr::{Distribution, StandardUniform};
use rand::rngs::ThreadRng;

use crate::followed::Followed;

/// By how many seconds the clock is ahead of the machine's.
static AHEAD_S: AtomicI64 = AtomicI64::new(0);

/// The clock that several programs go by, where there is one.
static FOLLOWED: Followed = Followed::nobody();

/// Has this program go by a clock that is ahead of the machine's, before anything asks for the time.
pub fn go_ahead_by(seconds: u32) {
    AHEAD_S.store(i64::from(seconds), Ordering::Relaxed);
}

/// Has this program go by another clock from now on, one that several programs go by, whatever becomes of its own: that
/// one was asked what it shows, and `shown` was heard `took` later. It may be asked again and again.
pub fn follow(shown: Timestamp, took: Duration) {
    FOLLOWED.follow((shown, took), own());
}

/// By how much the clock of this program is ahead of the one that it follows; nothing where it follows none.
#[must_use]
pub fn apart() -> SignedDuration {
    own().duration_since(now())
}

/// What time it is.
#[must_use]
pub fn now() -> Timestamp {
    FOLLOWED.now().unwrap_or_else(own)
}

/// What this program's own clock shows.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
fn own() -> Timestamp {
    let ahead = SignedDuration::from_secs(AHEAD_S.load(Ordering::Relaxed));
    Timestamp::now()
        .checked_add(ahead)
        .unwrap_or(Timestamp::MAX)
}

/// The source of ids and secrets: seeded by the operating system, fit for keys.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn rng() -> ThreadRng {
    rand::rng()
}

/// One value of that source.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn random<T>() -> T
where
    StandardUniform: Distribution<T>,
{
    rand::random()
}
