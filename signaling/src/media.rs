//! The media plane as calls see it: one small port, so that calls can be tested without it.

use std::net::SocketAddr;

use sfu::{
    Answering, CallKey, Counted, OfferRefused, PeerKey, RelayGrant, RelayLine, Seating, Sfu,
    Standing, View,
};
use tokio::sync::oneshot;

/// What a call orders of the media plane. No order waits; what comes of it comes later.
pub trait MediaPlane: Send + Sync + 'static {
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
    /// Restarts ICE on the peer connection that is attached as `peer`.
    fn restart(&self, peer: PeerKey, offer: &str) -> Answering;
    /// `peer` tells how it shows what it receives.
    fn view(&self, peer: PeerKey, view: View);
    /// Stops forwarding to and from `peer` at once.
    fn detach(&self, peer: PeerKey);
    /// Grants credentials of the relay, named by `name`, to whoever is about to join `call`; none
    /// where there is no relay.
    fn grant_relay(&self, _call: CallKey, _name: &str) -> Option<RelayGrant> {
        None
    }
    /// The session of `peer` holds the credentials named by `name` until [`Self::end_relay`].
    fn hold_relay(&self, _name: &str, _peer: PeerKey) {}
    /// The session of `peer` is over, and so are its credentials.
    fn end_relay(&self, _peer: PeerKey) {}
    /// What was counted since the media plane began.
    fn counted(&self) -> Counted {
        Counted::default()
    }
    /// How its workers are.
    fn standing(&self) -> Standing {
        Standing::default()
    }
    /// The worker whose credentials of the relay a message names; none where it names none.
    fn relay_worker(&self, _message: &[u8]) -> Option<usize> {
        None
    }
    /// A client of the relay came over TLS from `from`; what is read from `line` is what it sent
    /// to `worker`.
    fn adopt(&self, _worker: usize, _line: RelayLine, _from: SocketAddr) {}
    /// Ends the media plane; returns when it has ended.
    fn stop(&self);
}

fn refused<T>(why: OfferRefused) -> oneshot::Receiver<Result<T, OfferRefused>> {
    let (reply, answering) = oneshot::channel();
    // The other end is at hand.
    drop(reply.send(Err(why)));
    answering
}

impl MediaPlane for Sfu {
    fn prepare(&self, call: CallKey, peer: PeerKey, offer: &str) -> Answering {
        Self::prepare(self, call, peer, offer)
    }

    fn seat(&self, call: CallKey, prepared: PeerKey, peer: PeerKey, seat: u8) -> Seating {
        Self::seat(self, call, prepared, peer, seat)
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

    fn grant_relay(&self, call: CallKey, name: &str) -> Option<RelayGrant> {
        Some(Self::grant_relay(self, call, name))
    }

    fn hold_relay(&self, name: &str, peer: PeerKey) {
        Self::hold_relay(self, name, peer);
    }

    fn end_relay(&self, peer: PeerKey) {
        Self::end_relay(self, peer);
    }

    fn counted(&self) -> Counted {
        Self::counted(self)
    }

    fn standing(&self) -> Standing {
        Self::standing(self)
    }

    fn relay_worker(&self, message: &[u8]) -> Option<usize> {
        Self::relay_worker(self, message)
    }

    fn adopt(&self, worker: usize, line: RelayLine, from: SocketAddr) {
        Self::adopt(self, worker, line, from);
    }

    fn stop(&self) {
        Self::stop(self);
    }
}
