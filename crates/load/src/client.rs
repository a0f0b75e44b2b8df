//! The other end: a peer connection of our own, for measuring any Homeroom.
//!
//! A [`Swarm`] is one thread that plays many participants, each with a port, ICE, DTLS and SRTP of
//! its own, sending the workload "room4": sound of 50 packets a second of 100 bytes, and a picture
//! of 30 frames a second, four packets of 1,040 bytes each, 1.0 Mbit/s. Every packet says who sent
//! it, when, and its number, so that what arrives can be judged.

mod connection;
mod description;
mod floor;
mod hostile;
mod junk;
mod link;
mod mark;
mod participant;
mod swarm;
mod tally;

pub use floor::{Floor, floor, mix_floor};
pub use hostile::{Harm, Harming, Hostile};
pub use junk::{Junk, media_port};
pub use link::Link;
pub use participant::{Pulse, Role};
pub use swarm::{Arrival, Swarm, SwarmError};
pub use tally::{Histogram, Passage, Tally};
