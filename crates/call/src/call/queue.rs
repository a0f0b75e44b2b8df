//! Those who wait for a seat, in the order they came.

use std::collections::VecDeque;

use crate::call::seat::Occupant;
use crate::event::Effect;
use crate::ids::{LinkId, Moment, SessionId};

/// Somebody who waits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Waiter {
    /// Their socket is alive.
    Present {
        occupant: Occupant,
        /// The place and the number of seats taken they were last told.
        told: Option<(u32, u32)>,
    },
    /// Their socket is lost: they keep their place until then, but nobody admits them.
    Absent { occupant: Occupant, until: Moment },
}

impl Waiter {
    const fn new(occupant: Occupant) -> Self {
        Self::Present {
            occupant,
            told: None,
        }
    }

    const fn occupant(self) -> Occupant {
        match self {
            Self::Present { occupant, told: _ } | Self::Absent { occupant, until: _ } => occupant,
        }
    }

    const fn until(self) -> Option<Moment> {
        match self {
            Self::Present { .. } => None,
            Self::Absent { occupant: _, until } => Some(until),
        }
    }
}

/// The queue, first come first.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Queue(VecDeque<Waiter>);

impl Queue {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Everybody who waits, and whether their socket is alive.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Occupant, bool)> + '_ {
        self.0
            .iter()
            .map(|it| (it.occupant(), it.until().is_none()))
    }

    pub(crate) fn push(&mut self, occupant: Occupant) {
        self.0.push_back(Waiter::new(occupant));
    }

    /// Puts `newcomer` in the place of the waiter of the same link, and gives that waiter.
    pub(crate) fn replace(&mut self, newcomer: Occupant) -> Option<Occupant> {
        let waiter = self.of_link(newcomer.link)?;
        let old = waiter.occupant();
        *waiter = Waiter::new(newcomer);
        Some(old)
    }

    /// A second loss does not lengthen the grace.
    pub(crate) fn lose(&mut self, session: SessionId, until: Moment) {
        if let Some(waiter) = self.of_session(session)
            && let Waiter::Present { occupant, told: _ } = *waiter
        {
            *waiter = Waiter::Absent { occupant, until };
        }
    }

    /// The socket is alive again; the place is told anew, since the new socket never heard it.
    pub(crate) fn resume(&mut self, session: SessionId) {
        if let Some(waiter) = self.of_session(session) {
            *waiter = Waiter::new(waiter.occupant());
        }
    }

    /// Takes out the first who is present and `may` be seated.
    pub(crate) fn next(&mut self, may: impl Fn(LinkId) -> bool) -> Option<Occupant> {
        let first = self
            .0
            .iter()
            .position(|it| it.until().is_none() && may(it.occupant().link))?;
        self.0.remove(first).map(Waiter::occupant)
    }

    /// Takes out everybody who is to go, told by who they are and until when they are kept.
    pub(crate) fn remove(
        &mut self,
        goes: impl Fn(Occupant, Option<Moment>) -> bool,
    ) -> Vec<Occupant> {
        let mut gone = Vec::new();
        self.0.retain(|it| {
            let stays = !goes(it.occupant(), it.until());
            if !stays {
                gone.push(it.occupant());
            }
            stays
        });
        gone
    }

    /// Tells everybody present their place, where it or the number of seats taken changed.
    pub(crate) fn tell_places(&mut self, active: u32, effects: &mut Vec<Effect>) {
        for (place, waiter) in (1..).zip(&mut self.0) {
            let Waiter::Present { occupant, told } = waiter else {
                continue;
            };
            if *told != Some((place, active)) {
                *told = Some((place, active));
                effects.push(Effect::Queue {
                    session: occupant.session,
                    place,
                    active,
                });
            }
        }
    }

    /// When the next place is given up by itself.
    pub(crate) fn earliest(&self) -> Option<Moment> {
        self.0.iter().filter_map(|it| it.until()).min()
    }

    fn of_session(&mut self, session: SessionId) -> Option<&mut Waiter> {
        self.0
            .iter_mut()
            .find(|it| it.occupant().session == session)
    }

    fn of_link(&mut self, link: LinkId) -> Option<&mut Waiter> {
        self.0.iter_mut().find(|it| it.occupant().link == link)
    }
}
