//! What a program takes from its surroundings: the time of day, and chance.
//!
//! This is the one place where either is asked; `clippy.toml` forbids it elsewhere. The rules of the
//! product, and the records, know neither: moments and ids are handed to them. A request asks once
//! what time it is.

use jiff::Timestamp;
use rand::distr::{Distribution, StandardUniform};
use rand::rngs::ThreadRng;

/// What time it is.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn now() -> Timestamp {
    Timestamp::now()
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
