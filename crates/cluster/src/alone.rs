//! A program on its own: all sessions are in its memory, and everything is under one short lock. No
//! method waits, but those that wait until what was claimed is written down, or a notice is taken.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use call::{CallId, Claim, Headcount, LinkId, Moment, Parting, Register, SessionId};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use links::ResumeSecrets;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::timeout;

use crate::record::{SessionRecord, known, record};
use crate::{Cluster, Known, NotClaimed, NotOwned, Notice, Press, Seat, Standing, Term};

/// How many sessions a run of the program may begin: those of the next run are numbered above them.
/// Browsers read the numbers, so they stay below 2^53.
const SESSIONS_A_RUN: u64 = 1 << 30;

/// How long a claim that replaces a session waits to be written down. Where the records cannot be
/// written, it is let in all the same.
const WRITTEN_WITHIN: Duration = Duration::from_secs(1);

/// How many notices may wait. Whoever tells waits when it is full; who passes them on empties it.
const NOTICES: usize = 256;

/// One program, without others.
#[derive(Debug)]
pub struct Alone {
    state: Mutex<State>,
    /// Wakes whoever writes down what has changed.
    changed: Notify,
    /// How many changes are written down.
    written: watch::Sender<u64>,
    tell: mpsc::Sender<Notice>,
    told: tokio::sync::Mutex<mpsc::Receiver<Notice>>,
}

#[derive(Debug)]
struct State {
    register: Register,
    secrets: BTreeMap<SessionId, ResumeSecrets>,
    /// Links withdrawn since the program began: one that was read as living a moment before is
    /// dead all the same.
    dead: HashSet<LinkId>,
    /// The meetings that have an owner.
    owned: BTreeMap<CallId, Term>,
    terms: u64,
    /// How many times something has changed.
    changes: u64,
    /// Sessions that could not be written down.
    unwritten: BTreeSet<SessionId>,
}

/// What is to be written down, and the number of the last change in it.
#[derive(Debug)]
pub struct Changes {
    /// Each session as it is at that moment: all, or none.
    pub records: Vec<SessionRecord>,
    number: u64,
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
        let (tell, told) = mpsc::channel(NOTICES);
        let alone = Self {
            state: Mutex::new(State {
                register,
                secrets,
                dead: HashSet::new(),
                owned: BTreeMap::new(),
                terms: 0,
                changes: 0,
                unwritten: BTreeSet::new(),
            }),
            changed: Notify::new(),
            written: watch::Sender::new(0),
            tell,
            told: tokio::sync::Mutex::new(told),
        };
        alone.note_change(&mut alone.state());
        (alone, kept.into_keys().collect())
    }

    /// How many are in calls, or wait for a seat.
    #[must_use]
    pub fn headcount(&self) -> Headcount {
        self.state().register.headcount()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic under this lock is a bug elsewhere; what it guards is whole at every step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whoever writes down hears of what may have changed.
    fn note_change(&self, state: &mut State) {
        if state.register.has_changed() {
            state.changes += 1;
            self.changed.notify_one();
        }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        self.note_change(&mut state);
        drop(state);
    }

    /// Waits until something is to be written down.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// All that is to be written down, as it is at this moment.
    pub fn changes(&self, (now, moment): (Timestamp, Moment)) -> Changes {
        let mut state = self.state();
        let unwritten = std::mem::take(&mut state.unwritten);
        for session in unwritten {
            state.register.touch(session);
        }
        let changed = state.register.take_changed();
        let records = changed.iter().filter_map(|(id, session)| {
            let secrets = state.secrets_of(*id);
            record(*id, session, secrets, (now, moment))
        });
        Changes {
            records: records.collect(),
            number: state.changes,
        }
    }

    /// They are written down, or are to be with the next ones.
    pub fn are_written(&self, changes: &Changes, is_done: bool) {
        let mut state = self.state();
        if is_done {
            state.forget_secrets();
            drop(state);
            self.written.send_replace(changes.number);
        } else {
            let sessions = changes.records.iter().map(|it| it.session);
            state.unwritten.extend(sessions);
        }
    }

    /// Waits until a claim that replaces somebody is written down: killed now, the program would take
    /// back who was replaced when it begins again.
    async fn is_written(&self, change: u64) {
        let mut written = self.written.subscribe();
        let is_written = written.wait_for(|number| *number >= change);
        if timeout(WRITTEN_WITHIN, is_written).await.is_err() {
            tracing::warn!("a session is let in, though it is not written down");
        }
    }

    async fn tell_all(&self, notice: Notice) {
        if self.tell.send(notice).await.is_err() {
            tracing::error!("nobody is left to hear of what was done");
        }
    }
}

impl State {
    fn claim(&mut self, press: Press, now: Moment) -> Result<Claim, NotClaimed> {
        if self.dead.contains(&press.link) {
            return Err(NotClaimed::Withdrawn);
        }
        self.register
            .claim(press.link, press.call, press.attempt, now)
            .map_err(NotClaimed::TooSoon)
    }

    fn check(&self, press: Press, now: Moment) -> Result<(), NotClaimed> {
        if self.dead.contains(&press.link) {
            return Err(NotClaimed::Withdrawn);
        }
        self.register
            .check(press.link, press.call, press.attempt, now)
            .map_err(NotClaimed::TooSoon)
    }

    fn secrets_of(&self, session: SessionId) -> ResumeSecrets {
        let secrets = self.secrets.get(&session).copied();
        secrets.unwrap_or(ResumeSecrets::begin())
    }

    fn known(&self, session: SessionId) -> Option<Known> {
        let it = self.register.session(session)?;
        Some(Known {
            press: Press {
                link: it.link,
                call: it.call,
                attempt: it.attempt,
            },
            secrets: self.secrets_of(session),
            parting: self.parting(session),
        })
    }

    /// Why a session is over, if it is. Whoever slept is told that another device goes on.
    fn parting(&self, session: SessionId) -> Option<Parting> {
        let known = self.register.session(session)?;
        let why = known.parting()?;
        let newer = self.register.live(known.link);
        let is_replaced = newer.is_some_and(|(live, _, _)| live > session);
        Some(if why == Parting::TimedOut && is_replaced {
            Parting::Replaced
        } else {
            why
        })
    }

    /// Forgets the secrets of sessions that are forgotten: they come first, by their numbers.
    fn forget_secrets(&mut self) {
        while let Some(oldest) = self.secrets.first_entry()
            && self.register.session(*oldest.key()).is_none()
        {
            oldest.remove();
        }
    }
}

impl Cluster for Alone {
    fn check(&self, press: Press, now: Moment) -> BoxFuture<'_, Result<(), NotClaimed>> {
        let checked = self.state().check(press, now);
        std::future::ready(checked).boxed()
    }

    fn claim(&self, press: Press, now: Moment) -> BoxFuture<'_, Result<Claim, NotClaimed>> {
        async move {
            let (claim, change) = {
                let mut state = self.state();
                let claim = state.claim(press, now)?;
                self.note_change(&mut state);
                (claim, state.changes)
            };
            if let Claim::New {
                epoch,
                earlier: Some(earlier),
                ..
            } = claim
            {
                self.is_written(change).await;
                if earlier.call != press.call {
                    self.tell_all(Notice::Moved {
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

    fn find(&self, session: SessionId) -> BoxFuture<'_, Option<Known>> {
        std::future::ready(self.state().known(session)).boxed()
    }

    fn parting(&self, session: SessionId) -> Option<Parting> {
        self.state().parting(session)
    }

    fn standing(&self, link: LinkId, session: SessionId) -> Standing {
        let state = self.state();
        if state.dead.contains(&link) {
            return Standing::Withdrawn;
        }
        match state.register.live(link) {
            Some((live, _, _)) if live == session => Standing::Live,
            Some((live, _, _)) if live > session => Standing::Replaced,
            Some(_) | None => Standing::Over,
        }
    }

    fn is_in_use(&self, link: LinkId) -> bool {
        self.state().register.live(link).is_some()
    }

    fn is_withdrawn(&self, link: LinkId) -> bool {
        self.state().dead.contains(&link)
    }

    fn own(&self, call: CallId) -> BoxFuture<'_, Result<(Term, Vec<Seat>), NotOwned>> {
        let mut state = self.state();
        state.terms += 1;
        let term = Term(state.terms);
        state.owned.insert(call, term);
        let kept = state.register.kept(call);
        let seats = kept.into_iter().filter_map(|kept| {
            let known = state.known(kept.session)?;
            Some(Seat { kept, known })
        });
        let seats = seats.collect();
        drop(state);
        std::future::ready(Ok((term, seats))).boxed()
    }

    fn keep(&self, call: CallId, term: Term, here: Vec<(SessionId, call::Whereabouts)>) {
        self.change(|state| {
            if state.owned.get(&call) == Some(&term) {
                state.register.arrange(call, here);
            }
        });
    }

    fn keep_secrets(&self, session: SessionId, secrets: ResumeSecrets) {
        self.change(|state| {
            if state.secrets.insert(session, secrets) != Some(secrets) {
                state.register.touch(session);
            }
        });
    }

    fn release(&self, session: SessionId, why: Parting, now: Moment) {
        self.change(|state| state.register.release(session, why, now));
    }

    fn leave(&self, call: CallId, term: Term) -> BoxFuture<'_, ()> {
        let mut state = self.state();
        if state.owned.get(&call) == Some(&term) {
            state.owned.remove(&call);
        }
        drop(state);
        std::future::ready(()).boxed()
    }

    fn withdraw(&self, link: LinkId) -> BoxFuture<'_, ()> {
        let call = {
            let mut state = self.state();
            state.dead.insert(link);
            state.register.live(link).map(|(_, call, _)| call)
        };
        self.tell_all(Notice::Withdrawn { link, call }).boxed()
    }

    fn tell(&self, notice: Notice) -> BoxFuture<'_, ()> {
        self.tell_all(notice).boxed()
    }

    fn next_notice(&self) -> BoxFuture<'_, Notice> {
        async move {
            // It cannot end: `self` holds the other end.
            match self.told.lock().await.recv().await {
                Some(notice) => notice,
                None => std::future::pending().await,
            }
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests;
