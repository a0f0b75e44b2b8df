//! The media plane: ICE-lite, DTLS, SRTP and forwarding, over one port a worker thread: UDP, and
//! TCP where a network lets no UDP through.
//!
//! It is driven through one handle, [`Sfu`]: commands in, [`MediaEvent`]s out. It knows calls and
//! peers as numbers, and refuses to know people, links, sessions and why somebody may be seated:
//! who is attached is forwarded, who is detached is not, and who is only prepared is connected and
//! no more.
#![expect(clippy::expect_used, reason = "each says why it holds")]

mod addresses;
mod allowance;
pub mod bare;
mod counters;
mod deadline;
mod dtls;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod handle;
mod ice;
mod keeper;
mod path;
mod peer;
mod relays;
mod rtcp;
mod sdp;
mod srtp;
mod stun;
mod tcp;
mod turn;
mod udp;
mod worker;

pub use addresses::{Machine, announced_at, machine};
pub use counters::Counted;
pub use handle::{
    Answering, CallKey, MediaEvent, OfferRefused, Paused, PeerKey, RelayGrant, RelayLine, Seating,
    Settings, Sfu, Shown, Standing, StartError, View,
};
