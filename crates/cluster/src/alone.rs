//! A program on its own: all sessions are in its memory, and everything is under one short lock. No
//! method waits, but those that wait until what was claimed is written down, or a notice is taken.

use std::sync::{Mutex, MutexGuard, PoisonError};

use call::{CallId, Claim, Headcount, LinkId, Moment, Parting, Register, SessionId};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use links::ResumeSecrets;
use tokio::sync::Notify;

use crate::memory::{Memory, Notices, Written};
use crate::record::{SessionRecord, known};
use crate::truth::Unavailable;
use crate::{Cluster, Known, NotClaimed, NotOwned, Notice, Press, Seat, Standing, Term};

/// How many sessions a run of the program may begin: those of the next run are numbered above them.
/// Browsers read the numbers, so they stay below 2^53.
const SESSIONS_A_RUN: u64 = 1 << 30;

/// One program, without others.
#[derive(Debug)]
pub struct Alone {
    state: Mutex<State>,
    /// Wakes whoever writes down what has changed.
    changed: Notify,
    written: Written,
    notices: Notices,
}

#[derive(Debug)]
struct State {
    memory: Memory,
    terms: u64,
}

impl Alone {
    /// What was written down by the runs before this one, the `run`-th; and the meetings in which
    /// somebody was when the program ended: each is to have an owner again.
    #[must_use]
    pub fn restored(run: u64, records: &[SessionRecord], now: Moment) -> (Self, Vec<CallId>) {
        let above = run.saturating_sub(1).saturating_mul(SESSIONS_A_RUN);
        let sessions = records.iter().map(|it| (it.session, known(it)));
        let (register, kept) = Register::restored(above, sessions, now);
        let secrets = records.iter().map(|it| (it.session, it.secrets)).collect();
        let alone = Self {
            state: Mutex::new(State {
                memory: Memory::of(register, secrets),
                terms: 0,
            }),
            changed: Notify::new(),
            written: Written::default(),
            notices: Notices::default(),
        };
        alone.note_change(&alone.state());
        (alone, kept.into_keys().collect())
    }

    /// How many are in calls, or wait for a seat.
    #[must_use]
    pub fn headcount(&self) -> Headcount {
        self.state().memory.register.headcount()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic under this lock is a bug elsewhere; what it guards is whole at every step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whoever writes down hears of what may have changed.
    fn note_change(&self, state: &State) {
        if state.memory.register.has_changed() {
            self.changed.notify_one();
        }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        self.note_change(&state);
        drop(state);
    }

    /// Waits until something is to be written down.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    fn claim_now(&self, press: Press, now: Moment) -> Result<Claim, NotClaimed> {
        let mut state = self.state();
        let claim = state.claim(press, now);
        self.note_change(&state);
        drop(state);
        claim
    }

    /// All that is to be written down, as it is at this moment: all, or none. It comes again until it
    /// [is written](Self::are_written).
    pub fn changes(&self, (now, moment): (Timestamp, Moment)) -> Vec<SessionRecord> {
        self.state().memory.take_changes((now, moment))
    }

    /// What was taken last is written down.
    pub fn are_written(&self) {
        self.state().memory.are_written();
        self.written.tell();
    }
}

impl State {
    fn claim(&mut self, press: Press, now: Moment) -> Result<Claim, NotClaimed> {
        if self.memory.dead.contains(&press.link) {
            return Err(NotClaimed::Withdrawn);
        }
        self.memory
            .register
            .claim(press.link, press.call, press.attempt, now)
            .map_err(NotClaimed::TooSoon)
    }

    fn check(&self, press: Press, now: Moment) -> Result<(), NotClaimed> {
        if self.memory.dead.contains(&press.link) {
            return Err(NotClaimed::Withdrawn);
        }
        self.memory
            .register
            .check(press.link, press.call, press.attempt, now)
            .map_err(NotClaimed::TooSoon)
    }
}

impl Cluster for Alone {
    fn check(&self, press: Press, now: Moment) -> BoxFuture<'_, Result<(), NotClaimed>> {
        let checked = self.state().check(press, now);
        std::future::ready(checked).boxed()
    }

    fn claim(&self, press: Press, now: Moment) -> BoxFuture<'_, Result<Claim, NotClaimed>> {
        async move {
            let claim = self.claim_now(press, now)?;
            if let Claim::New {
                session,
                epoch,
                earlier: Some(earlier),
                ..
            } = claim
            {
                // Killed before, the program would take back who was replaced when it begins again.
                self.written(session).await;
                if earlier.call != press.call {
                    self.notices
                        .put(Notice::Moved {
                            link: press.link,
                            call: earlier.call,
                            epoch,
                        })
                        .await;
                }
            }
            Ok(claim)
        }
        .boxed()
    }

    fn find(&self, session: SessionId) -> BoxFuture<'_, Result<Option<Known>, Unavailable>> {
        let known = self.state().memory.known(session);
        std::future::ready(Ok(known)).boxed()
    }

    fn time(&self, own: Timestamp, _now: Moment) -> Timestamp {
        own
    }

    fn parting(&self, session: SessionId) -> Option<Parting> {
        self.state().memory.parting(session)
    }

    fn standing(&self, link: LinkId, session: SessionId) -> Standing {
        self.state().memory.standing(link, session)
    }

    fn is_in_use(&self, link: LinkId) -> bool {
        self.state().memory.register.live(link).is_some()
    }

    fn is_withdrawn(&self, link: LinkId) -> bool {
        self.state().memory.dead.contains(&link)
    }

    fn own(&self, call: CallId) -> BoxFuture<'_, Result<(Term, Vec<Seat>), NotOwned>> {
        let mut state = self.state();
        state.terms += 1;
        let term = Term(state.terms);
        state.memory.owned.insert(call, term);
        let seats = state.memory.seats(call);
        drop(state);
        std::future::ready(Ok((term, seats))).boxed()
    }

    fn may_act(&self, _call: CallId, _term: Term, _now: Moment) -> bool {
        // There is nobody who could take it.
        true
    }

    fn keep(&self, call: CallId, term: Term, here: Vec<(SessionId, call::Whereabouts)>) {
        self.change(|state| state.memory.keep(call, term, here));
    }

    fn written(&self, session: SessionId) -> BoxFuture<'_, ()> {
        let is_unwritten = move || self.state().memory.is_unwritten(session);
        self.written.wait_while(is_unwritten).boxed()
    }

    fn keep_secrets(&self, session: SessionId, secrets: ResumeSecrets) {
        self.change(|state| state.memory.keep_secrets(session, secrets));
    }

    fn release(&self, session: SessionId, why: Parting, now: Moment) {
        self.change(|state| state.memory.register.release(session, why, now));
    }

    fn leave(&self, call: CallId, term: Term) -> BoxFuture<'_, ()> {
        let mut state = self.state();
        if state.memory.owned.get(&call) == Some(&term) {
            state.memory.disown(call);
        }
        drop(state);
        std::future::ready(()).boxed()
    }

    fn withdraw(&self, link: LinkId) -> BoxFuture<'_, ()> {
        let call = self.state().memory.withdraw(link);
        self.notices.put(Notice::Withdrawn { link, call }).boxed()
    }

    fn tell(&self, notice: Notice) -> BoxFuture<'_, ()> {
        self.notices.put(notice).boxed()
    }

    fn next_notice(&self) -> BoxFuture<'_, Notice> {
        self.notices.next().boxed()
    }
}

#[cfg(test)]
mod tests;
