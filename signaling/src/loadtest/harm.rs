//! A guest with a seat in a call of their own, who does harm to everybody else's.

use anyhow::Context as _;
use sfu::client::{Harm, Harming, Hostile};
use tokio::task::AbortHandle;

use super::joining::{Door, Seat};

/// What a guest did.
#[derive(Clone, Copy, Debug)]
pub struct Harmed {
    /// What it was.
    pub harm: Harm,
    /// Datagrams sent.
    pub sent: u64,
}

/// A guest at work.
#[derive(Debug)]
pub(super) struct Guest {
    harm: Harm,
    harming: Harming,
    /// The socket that holds the seat.
    seat: AbortHandle,
}

impl Guest {
    /// Takes a seat by `door` and begins.
    pub(super) async fn seat(harm: Harm, door: &Door) -> anyhow::Result<Self> {
        let hostile = Hostile::new()?;
        let ticket = door.ticket().await?;
        let (seat, answer) = Seat::take(door, ticket, hostile.offer()).await?;
        let seat = tokio::spawn(seat.stay()).abort_handle();
        let harming = tokio::task::spawn_blocking(move || hostile.begin(&answer, harm))
            .await
            .context("the guest failed")??;
        Ok(Self {
            harm,
            harming,
            seat,
        })
    }

    /// Ends it.
    pub(super) fn end(self) -> Harmed {
        self.seat.abort();
        Harmed {
            harm: self.harm,
            sent: self.harming.stop(),
        }
    }
}
