//! A scalable source on one leg: what of it is forwarded, and under which numbers.

use super::sieve::{Fate, Sieve};
use super::trail::{Placed, Trail};
use super::{Frame, Level};
use crate::leg::Packet;
use crate::time::Micros;

/// The thinning of one source on one leg, from some packet of it on.
#[derive(Clone, Debug, Default)]
pub struct Thinned {
    sieve: Sieve,
    trail: Trail,
    /// The first packet's number and sequence number.
    from: Option<(u64, u64)>,
}

impl Thinned {
    /// Begins with the packet of `number`, which is forwarded as `sequence`: before a frame that
    /// needs others, every layer was forwarded.
    pub fn begin(&mut self, number: u64, sequence: u64, frame: &Frame) {
        self.sieve = Sieve::new(if frame.is_key {
            Level::default()
        } else {
            frame.most
        });
        self.trail.begin(number, sequence);
        self.from = Some((number, sequence));
    }

    /// Ends: what comes is forwarded whole.
    pub const fn end(&mut self) {
        self.from = None;
    }

    /// Whether it has begun.
    #[must_use]
    pub const fn has_begun(&self) -> bool {
        self.from.is_some()
    }

    /// Whether the packet of `number` is one that is decided here.
    #[must_use]
    pub fn has_number(&self, number: u64) -> bool {
        self.from.is_some_and(|(first, _)| number >= first)
    }

    /// Whether `sequence` was given here.
    #[must_use]
    pub fn has_sequence(&self, sequence: u64) -> bool {
        self.from.is_some_and(|(_, first)| sequence >= first)
    }

    /// Decides on a packet. One that tells of no layer belongs to all of them.
    pub fn place(&mut self, packet: &Packet<'_>, now: Micros) -> Option<Placed> {
        let fate = packet.frame.map_or(Fate::Keep { ends: false }, |frame| {
            self.sieve.sift(frame, packet.timestamp, packet.target, now)
        });
        self.trail.place(packet.number, fate)
    }

    /// How the packet of `number` was forwarded, if it was.
    #[must_use]
    pub fn find(&self, number: u64) -> Option<Placed> {
        self.trail.find(number)
    }

    /// The number of the packet that was forwarded as `sequence`.
    #[must_use]
    pub fn number_of(&self, sequence: u64) -> Option<u64> {
        self.trail.number_of(sequence)
    }

    /// Whether the receiver waits for what only a key frame brings.
    #[must_use]
    pub fn needs_key(&self, now: Micros) -> bool {
        self.from.is_some() && self.sieve.needs_key(now)
    }
}
