//! The other nodes, as one reaches them itself: neither by the records nor by Redis.

use std::fmt;

use futures_util::future::BoxFuture;

use crate::Notice;
use crate::truth::Boot;

/// The ways to the others, as [`crate::Shared`] uses them.
pub trait Peers: Send + Sync + fmt::Debug + 'static {
    /// Tells one run what was done here; whether it has answered that it knows.
    fn tell(&self, boot: Boot, notice: Notice) -> BoxFuture<'_, bool>;

    /// Of each of these that is reached, whether it says that the records have heard it just now.
    fn heard_by_records(&self, boots: Vec<Boot>) -> BoxFuture<'_, Vec<bool>>;

    /// Has one that reaches the records write down there that a run has ended; whether one has.
    fn write_end(&self, boot: Boot) -> BoxFuture<'_, bool>;
}
