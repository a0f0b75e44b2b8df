//! A guest with a seat in a call of their own, who does harm to everybody else's.

use crate::client::{self, Harming, Hostile};
use anyhow::Context as _;
use tokio::task::AbortHandle;

use super::joining::{Door, Seat};
use super::talk::{Speech, Talk};

/// What is sent without end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Harm {
    /// Datagrams, to the media port.
    Datagrams(client::Harm),
    /// Messages, to the signaling.
    Speech(Speech),
}

impl Harm {
    /// All there are.
    pub fn all() -> impl Iterator<Item = Self> {
        let datagrams = client::Harm::ALL.into_iter().map(Self::Datagrams);
        datagrams.chain(Speech::ALL.into_iter().map(Self::Speech))
    }

    /// Its name on a command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Datagrams(harm) => harm.name(),
            Self::Speech(speech) => speech.name(),
        }
    }
}

/// What a guest did.
#[derive(Clone, Copy, Debug)]
pub struct Harmed {
    /// What it was.
    pub harm: Harm,
    /// Datagrams or messages sent.
    pub sent: u64,
}

/// A guest at work.
#[derive(Debug)]
pub(super) struct Guest {
    harm: Harm,
    deed: Deed,
}

#[derive(Debug)]
enum Deed {
    Datagrams {
        harming: Harming,
        /// The socket that holds the seat.
        seat: AbortHandle,
    },
    Speech(Talk),
}

impl Guest {
    /// Takes a seat by `door` and begins.
    pub(super) async fn seat(harm: Harm, door: &Door) -> anyhow::Result<Self> {
        let hostile = Hostile::new()?;
        let ticket = door.ticket().await?;
        let offer = hostile.offer();
        let (seat, answer) = Seat::take(door, ticket, offer.clone()).await?;
        let deed = match harm {
            Harm::Datagrams(kind) => {
                let seat = tokio::spawn(seat.stay()).abort_handle();
                let harming = tokio::task::spawn_blocking(move || hostile.begin(&answer, kind))
                    .await
                    .context("the guest failed")??;
                Deed::Datagrams { harming, seat }
            }
            Harm::Speech(speech) => Deed::Speech(Talk::begin(speech, (seat, offer), door.clone())),
        };
        Ok(Self { harm, deed })
    }

    /// Ends it.
    pub(super) fn end(self) -> Harmed {
        let sent = match self.deed {
            Deed::Datagrams { harming, seat } => {
                seat.abort();
                harming.stop()
            }
            Deed::Speech(talk) => talk.end(),
        };
        Harmed {
            harm: self.harm,
            sent,
        }
    }
}
