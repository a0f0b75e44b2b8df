//! The state machine of one call.

use std::time::Duration;

use crate::event::{Effect, Event};
use crate::ids::{LinkId, Moment, SeatNumber, SessionId};

/// What may be set for a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rules {
    /// The most people seated at any instant, 1 to 4 (CALL-1).
    pub cap: u8,
    /// How long a lost socket keeps its seat or place (CALL-5).
    pub grace: Duration,
    /// A link for which one seat is held free until it has been used (CALL-4).
    pub held_for: Option<LinkId>,
}

/// Somebody seated.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Person {
    /// Their link.
    pub link: LinkId,
    /// Their session.
    pub session: SessionId,
    /// Their seat.
    pub seat: SeatNumber,
    /// Whether their socket is lost.
    pub reconnecting: bool,
}

/// One call.
#[derive(Clone, Debug)]
pub struct Call {}

impl Call {
    /// An empty call.
    #[must_use]
    pub fn new(_rules: Rules) -> Self {
        Self {}
    }

    /// Takes one event and gives all its consequences, in the order to perform them.
    pub fn handle(&mut self, _event: Event, _now: Moment) -> Vec<Effect> {
        Vec::new()
    }

    /// Everybody seated, by seat.
    pub fn people(&self) -> impl Iterator<Item = Person> + '_ {
        std::iter::empty()
    }

    /// Whether nobody is seated and nobody waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        true
    }
}
