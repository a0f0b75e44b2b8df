//! What the living part asks of media and of the records.

use call::{CallId, Course, LinkId, Parting};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use school::Holder;
use sfu::{Answering, CallKey, OfferRefused, PeerKey, RelayGrant, Seating, Sfu, View};
use tokio::sync::oneshot;

use crate::roster::Roster;

/// What an owner orders of the media plane. No order waits; what comes of it comes later.
pub trait Media: Send + Sync + 'static {
    /// Begins to forward to and from `peer`, seated at `seat` of `call`, by the offer of a fresh
    /// peer connection.
    fn attach(&self, call: CallKey, peer: PeerKey, seat: u8, offer: &str) -> Answering;
    /// Connects `peer` by the offer of a fresh peer connection, where `call` is or is to be, and
    /// forwards nothing; refused where it cannot.
    fn prepare(&self, _call: CallKey, _peer: PeerKey, _offer: &str) -> Answering {
        refused(OfferRefused::Busy)
    }
    /// Gives what was prepared as `prepared` the `seat`, as `peer` from now on.
    fn seat(&self, _call: CallKey, _prepared: PeerKey, _peer: PeerKey, _seat: u8) -> Seating {
        refused(OfferRefused::Gone)
    }
    /// Takes the seat from `peer`, which is connected as `kept` from now on, for [`Self::seat`] in
    /// whichever call; whether it could.
    fn rise(&self, _peer: PeerKey, _kept: PeerKey) -> bool {
        false
    }
    /// Restarts ICE on the peer connection that is attached as `peer`.
    fn restart(&self, peer: PeerKey, offer: &str) -> Answering;
    /// `peer` tells how it shows what it receives.
    fn view(&self, peer: PeerKey, view: View);
    /// Stops forwarding to and from `peer` at once.
    fn detach(&self, peer: PeerKey);
    /// Whether it is still to be chosen which of several workers gets `call`.
    fn is_to_place(&self, _call: CallKey) -> bool {
        false
    }
    /// Grants credentials of the relay, named by `name`, to whoever is about to join `call`, which is
    /// placed beside another where it is nowhere yet; none where there is no relay.
    fn grant_relay(
        &self,
        _call: CallKey,
        _beside: Option<CallKey>,
        _name: &str,
    ) -> Option<RelayGrant> {
        None
    }
    /// The session of `peer` holds the credentials named by `name` until [`Self::end_relay`]; whether
    /// it does, which it does not where they were granted at another node, or by an earlier program. Where
    /// there is no relay, nobody lacks it.
    fn hold_relay(&self, _name: &str, _peer: PeerKey) -> bool {
        true
    }
    /// The session of `peer` is over, and so are its credentials.
    fn end_relay(&self, _peer: PeerKey) {}
}

fn refused<T>(why: OfferRefused) -> oneshot::Receiver<Result<T, OfferRefused>> {
    let (reply, answering) = oneshot::channel();
    // The other end is at hand.
    drop(reply.send(Err(why)));
    answering
}

impl Media for Sfu {
    fn prepare(&self, call: CallKey, peer: PeerKey, offer: &str) -> Answering {
        Self::prepare(self, call, peer, offer)
    }

    fn seat(&self, call: CallKey, prepared: PeerKey, peer: PeerKey, seat: u8) -> Seating {
        Self::seat(self, call, prepared, peer, seat)
    }

    fn rise(&self, peer: PeerKey, kept: PeerKey) -> bool {
        Self::rise(self, peer, kept)
    }

    fn attach(&self, call: CallKey, peer: PeerKey, seat: u8, offer: &str) -> Answering {
        Self::attach(self, call, peer, seat, offer)
    }

    fn restart(&self, peer: PeerKey, offer: &str) -> Answering {
        Self::restart(self, peer, offer)
    }

    fn view(&self, peer: PeerKey, view: View) {
        Self::view(self, peer, view);
    }

    fn detach(&self, peer: PeerKey) {
        Self::detach(self, peer);
    }

    fn is_to_place(&self, call: CallKey) -> bool {
        Self::is_to_place(self, call)
    }

    fn grant_relay(
        &self,
        call: CallKey,
        beside: Option<CallKey>,
        name: &str,
    ) -> Option<RelayGrant> {
        Some(Self::grant_relay(self, call, beside, name))
    }

    fn hold_relay(&self, name: &str, peer: PeerKey) -> bool {
        Self::hold_relay(self, name, peer)
    }

    fn end_relay(&self, peer: PeerKey) {
        Self::end_relay(self, peer);
    }
}

/// What a meeting leaves in the records.
#[derive(Clone, Copy, Debug)]
pub enum Note {
    /// Somebody was admitted.
    Joined {
        /// Who.
        holder: Holder,
        /// The link of whoever invited them, whose page shows it.
        inviter: Option<LinkId>,
    },
    /// Somebody is out of it.
    Parted {
        /// Who.
        holder: Holder,
        /// Why.
        why: Parting,
        /// Whether they had a seat, and did not wait for one.
        was_seated: bool,
    },
    /// Somebody is out of it of whom nothing but their link is known: they lost their seat or place while it had no
    /// owner.
    Lost {
        /// Their link.
        link: LinkId,
        /// Why.
        why: Parting,
        /// Whether they had a seat, and did not wait for one.
        was_seated: bool,
    },
    /// Nobody is in it any more, and somebody had a seat.
    Ended,
    /// A call in a room begins, with nobody left of one before it.
    Began {
        /// When.
        at: Timestamp,
    },
    /// How its talk has gone so far.
    Talked {
        /// When the talk began by the clock.
        starts: Timestamp,
        /// What became of it.
        course: Course,
    },
}

/// The records cannot be read just now.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Unavailable(#[from] pub Box<dyn std::error::Error + Send + Sync>);

/// Who may be in which meeting, by the records, and what meetings leave there.
pub trait Rosters: Send + Sync + 'static {
    /// Who may be in a meeting; none where it is unknown or cancelled.
    fn roster(&self, call: CallId) -> BoxFuture<'_, Result<Option<Roster>, Unavailable>>;
    /// Whether the records say that a link is dead for ever.
    fn is_dead(&self, link: LinkId) -> BoxFuture<'_, Result<bool, Unavailable>>;
    /// Writes it down beside the meeting, which does not wait. Of a program that is held to be gone by then nothing
    /// is written.
    fn note(&self, call: CallId, note: Note);
}
