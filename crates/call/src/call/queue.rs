//! Those who wait for a seat, in the order they came.

use std::collections::VecDeque;

use crate::call::seat::Occupant;
use crate::event::Effect;
use crate::ids::{LinkId, Moment, SessionId};

/// Whether the socket of somebody who waits is alive.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Socket {
    Alive {
        /// The place and the number of seats taken they were last told.
        told: Option<(u32, u32)>,
    },
    /// They keep their place until then, but nobody admits them.
    Lost { until: Moment },
}

impl Socket {
    /// One that was told nothing yet.
    const NEW: Self = Self::Alive { told: None };
}

/// Somebody who waits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Waiter {
    pub(crate) occupant: Occupant,
    /// Whether a host is to let them in first.
    pub(crate) knocks: bool,
    socket: Socket,
}

impl Waiter {
    pub(crate) const fn is_present(self) -> bool {
        self.until().is_none()
    }

    const fn until(self) -> Option<Moment> {
        match self.socket {
            Socket::Alive { .. } => None,
            Socket::Lost { until } => Some(until),
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

    /// Everybody who waits.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Waiter> + '_ {
        self.0.iter().copied()
    }

    pub(crate) fn push(&mut self, occupant: Occupant, knocks: bool) {
        self.0.push_back(Waiter {
            occupant,
            knocks,
            socket: Socket::NEW,
        });
    }

    /// Puts `newcomer` in the place of the waiter of the same link, and gives that waiter.
    pub(crate) fn replace(&mut self, newcomer: Occupant) -> Option<Occupant> {
        let waiter = self.of_link(newcomer.link)?;
        let old = waiter.occupant;
        (waiter.occupant, waiter.socket) = (newcomer, Socket::NEW);
        Some(old)
    }

    /// A second loss does not lengthen the grace.
    pub(crate) fn lose(&mut self, session: SessionId, until: Moment) {
        if let Some(waiter) = self.of_session(session)
            && waiter.is_present()
        {
            waiter.socket = Socket::Lost { until };
        }
    }

    /// The socket is alive again; the place is told anew, since the new socket never heard it.
    pub(crate) fn resume(&mut self, session: SessionId) {
        if let Some(waiter) = self.of_session(session) {
            waiter.socket = Socket::NEW;
        }
    }

    /// Those of them knock no more: they wait for a seat, in the order in which they came.
    pub(crate) fn let_in(&mut self, those: impl Fn(LinkId) -> bool) {
        for waiter in &mut self.0 {
            if waiter.knocks && those(waiter.occupant.link) {
                waiter.knocks = false;
                if waiter.is_present() {
                    waiter.socket = Socket::NEW;
                }
            }
        }
    }

    /// Takes out the first who is present, does not knock, and `may` be seated.
    pub(crate) fn next(&mut self, may: impl Fn(Occupant) -> bool) -> Option<Occupant> {
        let may = |it: &Waiter| it.is_present() && !it.knocks && may(it.occupant);
        let first = self.0.iter().position(may)?;
        self.0.remove(first).map(|it| it.occupant)
    }

    /// Takes out everybody who is to go, told by who they are and until when they are kept.
    pub(crate) fn remove(
        &mut self,
        goes: impl Fn(Waiter, Option<Moment>) -> bool,
    ) -> Vec<Occupant> {
        let mut gone = Vec::new();
        self.0.retain(|it| {
            let stays = !goes(*it, it.until());
            if !stays {
                gone.push(it.occupant);
            }
            stays
        });
        gone
    }

    /// Tells everybody present their place, where it or the number of seats taken changed. Those who
    /// knock are counted among themselves.
    pub(crate) fn tell_places(&mut self, active: u32, effects: &mut Vec<Effect>) {
        let (mut waiting, mut knocking) = (0, 0);
        for waiter in &mut self.0 {
            let place = if waiter.knocks {
                &mut knocking
            } else {
                &mut waiting
            };
            *place += 1;
            let Socket::Alive { told } = &mut waiter.socket else {
                continue;
            };
            if *told != Some((*place, active)) {
                *told = Some((*place, active));
                effects.push(Effect::Queue {
                    session: waiter.occupant.session,
                    place: *place,
                    active,
                    knocks: waiter.knocks,
                });
            }
        }
    }

    /// When the next place is given up by itself.
    pub(crate) fn earliest(&self) -> Option<Moment> {
        self.0.iter().filter_map(|it| it.until()).min()
    }

    fn of_session(&mut self, session: SessionId) -> Option<&mut Waiter> {
        self.0.iter_mut().find(|it| it.occupant.session == session)
    }

    fn of_link(&mut self, link: LinkId) -> Option<&mut Waiter> {
        self.0.iter_mut().find(|it| it.occupant.link == link)
    }
}
