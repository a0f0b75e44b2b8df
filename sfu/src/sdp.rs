//! The one offer of a connection, and its answer (RFC 8866, RFC 9429; RFC 8843 for BUNDLE).
//!
//! The layout is fixed: three sections that the browser sends (microphone, camera, screen), then
//! the same three that it receives, for each of three slots. A section's place gives its meaning.

mod answer;
mod formats;
mod lines;
mod offer;
mod transport;

use forward::codec::Kind;
use forward::seats::SLOTS;

pub(crate) use answer::{Local, write as answer};
pub(crate) use offer::{Credentials, Offer, Section, StreamSsrcs};

/// Sections in an offer: what is sent, and the same for each slot.
pub(crate) const SECTIONS: usize = Kind::ALL.len() * (1 + SLOTS);

/// The longest offer read, bytes.
pub(crate) const LONGEST_OFFER: usize = 64 * 1024;

/// The kind of the section at `index`, and its slot where it is received.
pub(crate) fn meaning(index: usize) -> (Kind, Option<usize>) {
    let kind = *Kind::ALL
        .get(index % Kind::ALL.len())
        .expect("a remainder is below the length");
    (kind, (index / Kind::ALL.len()).checked_sub(1))
}
