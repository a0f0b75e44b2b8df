//! The secrets of links that open an account: to register, to set up, to sign in by. Each has 128 bits, so
//! one that is right is no guess, however many come from one address; one that is wrong counts as a wrong
//! link does.

use links::Secret;

use super::refused::Refused;
use crate::house::House;
use crate::limits::Source;
use crate::staff_session;

/// What a secret is looked for by; what cannot be one opens nothing.
pub(super) fn read(
    house: &House,
    secret: &str,
    (source, none): (Source, Refused),
) -> Result<[u8; 32], Refused> {
    match Secret::read(secret) {
        Some(secret) => {
            // The records alone know it: no address has them read without end.
            house.limiter.take_lookup(source)?;
            Ok(staff_session::digest(&secret))
        }
        None => Err(wrong(house, source, none)),
    }
}

/// It opens something.
pub(super) fn right(house: &House, digest: &[u8; 32]) -> Result<(), Refused> {
    Ok(house.limiter.take_secret(digest)?)
}

/// It opens nothing.
pub(super) fn wrong(house: &House, source: Source, none: Refused) -> Refused {
    match house.limiter.take_guess(source) {
        Ok(()) => none,
        Err(too_many) => too_many.into(),
    }
}
