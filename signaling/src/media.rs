//! The media plane as calls see it: one small port, so that calls can be tested without it.

use sfu::{Answering, CallKey, PeerKey, Sfu, View};

/// What a call orders of the media plane. No order waits; what comes of it comes later.
pub trait MediaPlane: Send + Sync + 'static {
    /// Begins to forward to and from `peer`, seated at `seat` of `call`, by the offer of a fresh
    /// peer connection.
    fn attach(&self, call: CallKey, peer: PeerKey, seat: u8, offer: &str) -> Answering;
    /// Restarts ICE on the peer connection that is attached as `peer`.
    fn restart(&self, peer: PeerKey, offer: &str) -> Answering;
    /// `peer` tells how it shows what it receives.
    fn view(&self, peer: PeerKey, view: View);
    /// Stops forwarding to and from `peer` at once.
    fn detach(&self, peer: PeerKey);
    /// Ends the media plane; returns when it has ended.
    fn stop(&self);
}

impl MediaPlane for Sfu {
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

    fn stop(&self) {
        Self::stop(self);
    }
}
