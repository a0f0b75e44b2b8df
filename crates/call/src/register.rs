//! All sessions, above all calls: which of each link is the live one, where each is, and what became
//! of those that are over. It is what outlives the program (SESS-8).
//!
//! What is changed is to be written down: [`Register::take_changed`] gives all that changed since it
//! was asked last, and what was written so at one moment is what [`Register::restored`] begins with.
//! Whatever is written late is safe: at most the cap of seats, one session a link, and nobody is back
//! who was replaced, if only a claim that replaces somebody is written before its call hears of it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::call::Kept;
use crate::directory::{Claim, Directory, Press, TooSoon};
use crate::event::Parting;
use crate::ids::{AttemptId, CallId, Epoch, LinkId, Moment, SeatNumber, SessionId};

/// For how long a session that is over is remembered, so that a laptop that slept is told why.
pub const REMEMBERED_FOR: Duration = Duration::from_hours(24);

/// How many sessions that are over are remembered; then the oldest are forgotten.
pub const REMEMBERED: usize = 50_000;

/// Where a session is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Whereabouts {
    /// On its way in: no call holds it.
    Coming,
    /// In this seat.
    Seated(SeatNumber),
    /// In this seat, and on hold.
    OnHold(SeatNumber),
    /// At this place among those who wait, counted from 0.
    Waiting(u32),
    /// It is over.
    Over {
        /// Why.
        why: Parting,
        /// Since when.
        since: Moment,
    },
}

/// One session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Session {
    /// Whose.
    pub link: LinkId,
    /// What it is in.
    pub call: CallId,
    /// The press that made it.
    pub attempt: AttemptId,
    /// Where it is.
    pub whereabouts: Whereabouts,
}

impl Session {
    /// Why it is over, if it is.
    #[must_use]
    pub const fn parting(&self) -> Option<Parting> {
        match self.whereabouts {
            Whereabouts::Over { why, since: _ } => Some(why),
            Whereabouts::Coming
            | Whereabouts::Seated(_)
            | Whereabouts::OnHold(_)
            | Whereabouts::Waiting(_) => None,
        }
    }

    const fn press(&self) -> Press {
        Press {
            attempt: self.attempt,
            call: self.call,
        }
    }
}

/// All sessions.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Register {
    directory: Directory,
    sessions: BTreeMap<SessionId, Session>,
    /// Those that have a seat or a place, by call.
    placed: BTreeMap<CallId, BTreeSet<SessionId>>,
    /// The oldest first.
    over: VecDeque<(Moment, SessionId)>,
    changed: BTreeSet<SessionId>,
}

/// How many there are at one moment.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Headcount {
    /// Calls in which somebody is.
    pub calls: u64,
    /// Sessions with a seat.
    pub seated: u64,
    /// Those with a seat that are on hold.
    pub on_hold: u64,
    /// Those that wait for a seat.
    pub waiting: u64,
}

impl Register {
    /// How many are in calls, or wait for a seat.
    #[must_use]
    pub fn headcount(&self) -> Headcount {
        let mut count = Headcount {
            calls: self.placed.values().filter(|it| !it.is_empty()).count() as u64,
            ..Headcount::default()
        };
        let placed = self.placed.values().flatten();
        for session in placed.filter_map(|id| self.sessions.get(id)) {
            match session.whereabouts {
                Whereabouts::Seated(_) => count.seated += 1,
                Whereabouts::OnHold(_) => count.on_hold += 1,
                Whereabouts::Waiting(_) => count.waiting += 1,
                Whereabouts::Coming | Whereabouts::Over { .. } => {}
            }
        }
        count
    }

    /// What was written down, `now` that the program has begun again: and who is to be kept in which
    /// call. New sessions are numbered above `above`, which no session before was.
    ///
    /// Whoever had not come in yet is given up: a retry of that press begins another session.
    #[must_use]
    pub fn restored(
        above: u64,
        sessions: impl IntoIterator<Item = (SessionId, Session)>,
        now: Moment,
    ) -> (Self, BTreeMap<CallId, Vec<Kept>>) {
        let mut register = Self {
            directory: Directory::beginning_above(above),
            sessions: sessions.into_iter().collect(),
            ..Self::default()
        };
        for (id, session) in register.sessions.clone() {
            match session.whereabouts {
                Whereabouts::Coming => {
                    register.end(id, Parting::TimedOut, now);
                    continue;
                }
                Whereabouts::Over { why, since } => {
                    let press = session.press();
                    register.directory.restore_past(session.link, press, why);
                    register.over.push_back((since, id));
                    continue;
                }
                Whereabouts::Seated(_) | Whereabouts::OnHold(_) | Whereabouts::Waiting(_) => {}
            }
            let press = session.press();
            register.directory.restore_live(session.link, id, press);
            register.placed.entry(session.call).or_default().insert(id);
        }
        register.over.make_contiguous().sort_unstable();
        let kept = register.placed.keys().map(|it| (*it, register.kept(*it)));
        let kept = kept.collect();
        (register, kept)
    }

    /// Everybody who has a seat or a place in `call`, those who wait in their order: for the next
    /// owner of it.
    #[must_use]
    pub fn kept(&self, call: CallId) -> Vec<Kept> {
        let placed = self.placed.get(&call).into_iter().flatten();
        let mut kept: Vec<(u32, Kept)> = placed
            .filter_map(|id| {
                let session = self.sessions.get(id)?;
                let (order, seat, on_hold) = match session.whereabouts {
                    Whereabouts::Seated(seat) => (0, Some(seat), false),
                    Whereabouts::OnHold(seat) => (0, Some(seat), true),
                    Whereabouts::Waiting(place) => (place, None, false),
                    Whereabouts::Coming | Whereabouts::Over { .. } => return None,
                };
                let person = Kept {
                    session: *id,
                    link: session.link,
                    epoch: Epoch(id.0),
                    seat,
                    on_hold,
                };
                Some((order, person))
            })
            .collect();
        kept.sort_by_key(|(order, _)| *order);
        kept.into_iter().map(|(_, person)| person).collect()
    }

    /// Gives a press on Join its session. The one that it replaces is over at once, and where both are
    /// of one call, its seat or place is the new one's (SESS-2).
    ///
    /// # Errors
    ///
    /// [`TooSoon`], as [`Directory::claim`].
    pub fn claim(
        &mut self,
        link: LinkId,
        call: CallId,
        attempt: AttemptId,
        now: Moment,
    ) -> Result<Claim, TooSoon> {
        let claim = self.directory.claim(link, call, attempt, now)?;
        if let Claim::New {
            session, earlier, ..
        } = claim
        {
            let inherited = earlier.and_then(|it| {
                let whereabouts = self.sessions.get(&it.session)?.whereabouts;
                self.end(it.session, Parting::Replaced, now);
                (it.call == call).then_some(whereabouts)
            });
            let new = Session {
                link,
                call,
                attempt,
                whereabouts: Whereabouts::Coming,
            };
            self.sessions.insert(session, new);
            self.put(session, inherited.unwrap_or(Whereabouts::Coming));
            self.changed.insert(session);
        }
        Ok(claim)
    }

    /// Takes up a session that was claimed above this register, where all programs claim. Of two of one
    /// link the higher is the live one, in whichever order they are heard of; the other is over.
    pub fn adopt(&mut self, id: SessionId, session: Session, now: Moment) {
        if let Some(known) = self.sessions.get(&id) {
            // It was claimed here, and whoever had its call has given it a seat or a place since.
            if known.whereabouts == Whereabouts::Coming && session.parting().is_none() {
                self.put(id, session.whereabouts);
            }
            return;
        }
        let live = self.directory.live(session.link).map(|(live, _, _)| live);
        let coming = Session {
            whereabouts: Whereabouts::Coming,
            ..session
        };
        self.sessions.insert(id, coming);
        if live.is_some_and(|live| live > id) {
            return self.end(id, Parting::Replaced, now);
        }
        if let Some(live) = live {
            self.end(live, Parting::Replaced, now);
        }
        let press = session.press();
        self.directory.restore_live(session.link, id, press);
        self.put(id, session.whereabouts);
    }

    /// Everybody who has a seat or a place in any call.
    pub fn placed(&self) -> impl Iterator<Item = SessionId> {
        self.placed.values().flatten().copied()
    }

    /// Forgets whoever has a seat or a place in `call`: it is somebody else's, who knows what became of
    /// them.
    pub fn forget(&mut self, call: CallId) {
        for id in self.placed.remove(&call).unwrap_or_default() {
            self.forget_session(id);
        }
    }

    /// Forgets a session: somebody else knows what became of it.
    pub fn forget_session(&mut self, id: SessionId) {
        self.changed.remove(&id);
        let Some(session) = self.sessions.remove(&id) else {
            return;
        };
        if session.parting().is_some() {
            self.over.retain(|(_, it)| *it != id);
        }
        // As of one that was lost: nothing is remembered of its press.
        let lost = Parting::TimedOut;
        self.directory.release(session.link, id, lost);
        if let Some(placed) = self.placed.get_mut(&session.call) {
            placed.remove(&id);
            if placed.is_empty() {
                self.placed.remove(&session.call);
            }
        }
    }

    /// Whether a claim would be refused now; it claims nothing.
    ///
    /// # Errors
    ///
    /// [`TooSoon`] where [`Self::claim`] would say so.
    pub fn check(
        &self,
        link: LinkId,
        call: CallId,
        attempt: AttemptId,
        now: Moment,
    ) -> Result<(), TooSoon> {
        self.directory.check(link, call, attempt, now)
    }

    /// The live session of a link, if there is one.
    #[must_use]
    pub fn live(&self, link: LinkId) -> Option<(SessionId, CallId, Epoch)> {
        self.directory.live(link)
    }

    /// What is known of a session.
    #[must_use]
    pub fn session(&self, session: SessionId) -> Option<&Session> {
        self.sessions.get(&session)
    }

    /// Everybody that `call` holds now, and where. A place that an older session of a link still has
    /// there is the newer one's, which is on its way.
    pub fn arrange(
        &mut self,
        call: CallId,
        here: impl IntoIterator<Item = (SessionId, Whereabouts)>,
    ) {
        let mut left = self.placed.remove(&call).unwrap_or_default();
        let mut placed = Vec::new();
        for (session, whereabouts) in here {
            let link = self.sessions.get(&session).map(|it| it.link);
            if let Some((live, its_call, _)) = link.and_then(|it| self.directory.live(it))
                && its_call == call
            {
                left.remove(&live);
                placed.push((live, whereabouts));
            }
        }
        for session in left {
            self.put(session, Whereabouts::Coming);
        }
        for (session, whereabouts) in placed {
            self.put(session, whereabouts);
        }
    }

    /// `session` is over; its call says so, and nobody else does. Of one that was over already nothing
    /// changes.
    pub fn release(&mut self, session: SessionId, why: Parting, now: Moment) {
        let Some(known) = self.sessions.get(&session) else {
            return;
        };
        self.directory.release(known.link, session, why);
        self.end(session, why, now);
        while let Some((since, oldest)) = self.over.front().copied()
            && (self.over.len() > REMEMBERED || now.since(since) > REMEMBERED_FOR)
        {
            self.over.pop_front();
            self.sessions.remove(&oldest);
            self.changed.remove(&oldest);
        }
    }

    /// Something that is written down with `session` has changed.
    pub fn touch(&mut self, session: SessionId) {
        if self.sessions.contains_key(&session) {
            self.changed.insert(session);
        }
    }

    /// Whether anything is to be written down.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Of which sessions anything is to be written down.
    pub fn changed(&self) -> impl Iterator<Item = SessionId> {
        self.changed.iter().copied()
    }

    /// The sessions that changed since this was asked last, as they are now: all that is to be written
    /// down, at once or not at all. Those that are over first: they hold no seat any more.
    pub fn take_changed(&mut self) -> Vec<(SessionId, Session)> {
        let changed = std::mem::take(&mut self.changed);
        let known = changed
            .iter()
            .filter_map(|it| self.sessions.get_key_value(it));
        known.map(|(id, session)| (*id, *session)).collect()
    }

    fn end(&mut self, session: SessionId, why: Parting, now: Moment) {
        if self
            .sessions
            .get(&session)
            .is_some_and(|it| it.parting().is_none())
        {
            self.put(session, Whereabouts::Over { why, since: now });
            self.over.push_back((now, session));
        }
    }

    fn put(&mut self, session: SessionId, whereabouts: Whereabouts) {
        let Some(known) = self.sessions.get_mut(&session) else {
            return;
        };
        if known.parting().is_some() {
            return;
        }
        let is_news = known.whereabouts != whereabouts;
        known.whereabouts = whereabouts;
        let call = known.call;
        match whereabouts {
            Whereabouts::Seated(_) | Whereabouts::OnHold(_) | Whereabouts::Waiting(_) => {
                self.placed.entry(call).or_default().insert(session);
            }
            Whereabouts::Coming | Whereabouts::Over { .. } => {
                if let Some(placed) = self.placed.get_mut(&call) {
                    placed.remove(&session);
                    if placed.is_empty() {
                        self.placed.remove(&call);
                    }
                }
            }
        }
        if is_news {
            self.changed.insert(session);
        }
    }
}
