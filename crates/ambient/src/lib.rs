//! What a program takes from its surroundings: the time of day, and chance.
//!
//! This is the one place where either is asked; `clippy.toml` forbids it elsewhere. The rules of the
//! product, and the records, know neither: moments and ids are handed to them. A request asks once
//! what time it is.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use rand::distr::{Distribution, StandardUniform};
use rand::rngs::ThreadRng;

/// By how many seconds the clock is ahead of the machine's.
static AHEAD_S: AtomicI64 = AtomicI64::new(0);

/// Has this program go by a clock that is ahead of the machine's, before anything asks for the time.
pub fn go_ahead_by(seconds: u32) {
    AHEAD_S.store(i64::from(seconds), Ordering::Relaxed);
}

/// What time it is.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn now() -> Timestamp {
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
