//! That this node lives is said in the records and in Redis, and heard of the others; where it may not act any more, its
//! calls end.

use std::future::pending;
use std::time::Duration;

use call::{CallId, Epoch, Moment, Parting};
use tokio::time::{sleep, timeout};

use super::{AGAIN, Ended, Heard, Shared, State, moved_on};
use crate::Notice;
use crate::bus::{Denial, Lease};
use crate::lease::{BEAT, CUT_OFF, Silent};
use crate::record::SessionRecord;
use crate::truth::{Placed, Refused, Renewed, Unavailable};

/// For how many beats a session may be written down before it is heard of, and be over before its owner has let go
/// of it: longer than an answer takes.
const STRANGE: u32 = 6;

/// For how many beats somebody's seat may be another's in the records: longer than it takes until one of whom nobody
/// knows has it no more.
const DOUBLED: u32 = 2 * STRANGE;

/// How long the records may take to hear that this node lives; then they are asked anew.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often the others are asked whether the records hear them, where they do not hear this node.
const ASK: Duration = Duration::from_secs(1);

impl Shared {
    /// Says that this node lives, in the records and in Redis, for as long as it does; holds others to be gone
    /// that do not; and ends its calls where it may not act any more. It returns where this node lives no more:
    /// what it owned is lost by then. `now` is this node's clock.
    pub async fn live(&self, now: impl Fn() -> Moment, heard: impl Fn(Heard)) -> Ended {
        tokio::select! {
            biased;
            () = self.live_by_records(&now, &heard) => Ended::HeldGone,
            () = self.live_by_redis(&now, &heard) => Ended::HeldGone,
            () = self.watch_others(&now) => Ended::HeldGone,
            () = self.stop_in_time(&now, &heard) => Ended::HeldGone,
            () = self.leave_if_cut_off(&now) => Ended::CutOff,
        }
    }

    async fn live_by_records(&self, now: &impl Fn() -> Moment, heard: &impl Fn(Heard)) {
        loop {
            let began = now();
            match timeout(PATIENCE, self.renew(now)).await {
                Ok(Ok(renewed)) if renewed.is_gone => return,
                Ok(Ok(renewed)) => {
                    heard(Heard::Living {
                        living: renewed.living,
                        now: renewed.now,
                        took: now().since(began),
                    });
                    self.seen.notify_one();
                }
                Ok(Err(_)) | Err(_) => heard(Heard::NoRecords),
            }
            sleep(BEAT.saturating_sub(now().since(began))).await;
        }
    }

    /// Holds others to be gone, and gives back what is this node's by the records alone, whenever these were heard. What
    /// this waits for, as for what one of the others was just writing, this node's own beat does not.
    async fn watch_others(&self, now: &impl Fn() -> Moment) {
        loop {
            self.seen.notified().await;
            tokio::join!(self.hold_gone(now), self.give_back_unsaid(now));
        }
    }

    /// Gives back the meetings that have been this node's by the records for some beats, and that it does not know to have:
    /// the answer by which it would was lost, or that it leaves them could not be said. Nobody else could take them, and
    /// nobody looks after whoever has a seat there.
    pub async fn give_back_unsaid(&self, now: &impl Fn() -> Moment) {
        let unsaid: Vec<_> = {
            let state = self.state();
            let is_known = |call: &CallId| {
                state.memory.owned.contains_key(call) || state.asked_for.contains(call)
            };
            let unsaid = state.unsaid.iter().filter(|(_, seen)| **seen > STRANGE);
            let unsaid = unsaid.map(|(it, _)| *it);
            let unsaid = unsaid.filter(|(call, _)| !is_known(call)).collect();
            drop(state);
            unsaid
        };
        for (call, term) in unsaid {
            tracing::info!(
                call = call.0,
                "by the records this meeting is here, and nobody here knows of it: it is given back"
            );
            self.give_back(call, term, now()).await;
        }
    }

    async fn live_by_redis(&self, now: &impl Fn() -> Moment, heard: &impl Fn(Heard)) {
        loop {
            let began = now();
            self.be_forgiven().await;
            let mut is_heard = false;
            if !self.state().right.is_denied() {
                match self.say_in_redis(now).await {
                    Some(it) => is_heard = it,
                    None => break,
                }
            }
            let is_denied = self.state().right.is_denied();
            heard(if is_denied {
                Heard::Denied
            } else {
                Heard::Redis(is_heard)
            });
            sleep(BEAT.saturating_sub(now().since(began))).await;
        }
        pending::<()>().await;
    }

    /// Where Redis held this node to be gone, and the records hear it, it is heard in Redis again.
    async fn be_forgiven(&self) {
        let may_be_forgiven = self.state().right.may_be_forgiven();
        if let Some(fast) = &self.fast
            && may_be_forgiven
            && fast.forgive(self.node.boot).await
        {
            self.change_right(|state| state.right.forgive());
            tracing::info!("Redis hears this node again");
        }
    }

    /// Where the records do not hear this node, it serves nobody who asks it for anything; and where it goes on by Redis
    /// alone, nobody may come to its meetings, and nobody may take them. Where more than half of the others have said for
    /// long that the records hear them, it leaves all to these, whatever it has: first it acts no more, and then it has one
    /// of them write down that it has ended. Where none does, they hold it to be gone when Redis has forgotten it.
    async fn leave_if_cut_off(&self, now: &impl Fn() -> Moment) {
        let mut since = None;
        loop {
            sleep(ASK).await;
            let asked = now();
            if !self.do_others_reach_records(asked).await {
                since = None;
                continue;
            }
            let since = *since.get_or_insert(asked);
            if now().since(since) >= CUT_OFF && self.state().right.is_unheard(now()) {
                break;
            }
        }
        self.change_right(|state| state.right.end());
        self.lose_all().await;
        if !self.peers.write_end(self.node.boot).await {
            tracing::debug!("nobody has written down that this node has ended");
        }
    }

    /// Whether the records do not hear this node, and more than half of those others that it reaches say that the records
    /// hear them. Whoever is not reached is not counted, for they may be dead; and that somebody is reached says nothing,
    /// for they may have lost the records as well.
    async fn do_others_reach_records(&self, now: Moment) -> bool {
        let others: Vec<_> = {
            let state = self.state();
            if !state.right.is_unheard(now) {
                return false;
            }
            state.watch.others().collect()
        };
        let reached = self.peers.heard_by_records(others).await;
        let heard = reached.iter().filter(|it| **it).count();
        2 * heard > reached.len()
    }

    /// Ends this node's calls at the moment from which on it may not act, whatever else it waits for.
    async fn stop_in_time(&self, now: &impl Fn() -> Moment, heard: &impl Fn(Heard)) {
        loop {
            let until = self.state().right.until();
            let left = until.map(|it| it.since(now())).unwrap_or_default();
            if left.is_zero() {
                if self.lose_all().await {
                    heard(Heard::Stopped);
                }
                sleep(AGAIN).await;
            } else {
                sleep(left).await;
            }
        }
    }

    /// Says once that this node lives, and hears which others do. Where they hold it to be gone, all that it
    /// owned is lost, and its owners hear so; and so do those of sessions that are over elsewhere.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] where the records cannot be asked.
    pub async fn renew(&self, now: &impl Fn() -> Moment) -> Result<Renewed, Unavailable> {
        let asked = now();
        let said = self.change_right(|state| state.said(asked));
        let (owned, redis) = (said.owned.clone(), said.redis);
        let placed = said.placed.clone();
        let renewed = self.truth.renew(self.node.boot, said).await?;
        if renewed.is_gone {
            self.change_right(|state| state.right.end());
            self.lose_all().await;
            return Ok(renewed);
        }
        self.change_right(|state| {
            state.right.hear_records(asked, redis, now());
            state.watch.see(&renewed.living, &self.node, now());
            state.see_unsaid(&renewed.unsaid);
            state.over.clone_from(&renewed.over);
            state.clock = (renewed.now, asked);
        });
        for call in &renewed.lost {
            let said = owned.iter().find(|(it, _)| it == call);
            if let Some((_, term)) = said
                && self.lose_as_of(*call, *term).await
            {
                tracing::warn!(
                    call = call.0,
                    "the records have it that this meeting is not here"
                );
            }
        }
        let mut notices = self.end_strangers(&renewed.strangers, asked);
        notices.extend(self.end_ghosts());
        notices.extend(self.end_doubled(asked));
        let unknown = placed
            .iter()
            .filter(|it| renewed.unknown.contains(&it.session));
        notices.extend(unknown.filter_map(|it| self.end_unknown(it, asked)));
        for notice in notices {
            self.notices.put(notice).await;
        }
        for it in &renewed.over {
            let refused = Refused {
                session: it.session,
                stands: Some(*it),
                is_ours: true,
            };
            self.hear_refusal(&refused, asked).await;
        }
        Ok(renewed)
    }

    /// A press whose session was written down, and never heard of here, holds a seat that nobody comes to: where it
    /// is not heard of for some beats, it is over.
    fn end_strangers(&self, found: &[SessionRecord], now: Moment) -> Vec<Notice> {
        let mut moved = Vec::new();
        let mut state = self.state();
        let before = std::mem::take(&mut state.strangers);
        let owned = |state: &State, it: &SessionRecord| {
            let call = CallId(it.meeting.0);
            state.memory.owned.contains_key(&call)
        };
        for it in found {
            if !owned(&state, it) {
                continue;
            }
            let known = state.memory.register.session(it.session);
            if let Some(known) = known {
                // What was said of its end was refused while the meeting was another's.
                if known.parting().is_some() {
                    state.memory.register.touch(it.session);
                    self.changed.notify_one();
                }
                continue;
            }
            let seen = before.get(&it.session).copied().unwrap_or(0) + 1;
            if seen > STRANGE {
                moved.extend(state.memory.adopt(it, now));
                let lost = Parting::TimedOut;
                state.memory.register.release(it.session, lost, now);
                self.changed.notify_one();
            } else {
                state.strangers.insert(it.session, seen);
            }
        }
        drop(state);
        moved
    }

    /// The records know nothing of a session, because they have lost what was written last: it is over. Nobody finds it who
    /// comes by the same link elsewhere, and its seat is anybody's.
    fn end_unknown(&self, unknown: &Placed, now: Moment) -> Option<Notice> {
        let mut state = self.state();
        let known = state.memory.register.session(unknown.session).copied();
        let is_it = |it: &call::Session| it.attempt == unknown.attempt && it.parting().is_none();
        let known = known.filter(is_it)?;
        let lost = Parting::TimedOut;
        state.memory.register.release(unknown.session, lost, now);
        drop(state);
        tracing::warn!(
            session = unknown.session.0,
            "the records know nothing of a session any more: it is over"
        );
        self.changed.notify_one();
        Some(moved_on(unknown.session, &known))
    }

    /// Whoever is over, by a newer session that never came, say, is to leave their meeting all the same.
    fn end_ghosts(&self) -> Vec<Notice> {
        let mut state = self.state();
        let before = std::mem::take(&mut state.ghosts);
        let mut over = Vec::new();
        for (session, link, call) in state.memory.ghosts() {
            let seen = before.get(&session).copied().unwrap_or(0) + 1;
            state.ghosts.insert(session, seen);
            if seen > STRANGE {
                let epoch = Epoch(session.0 + 1);
                over.push(Notice::Moved { link, call, epoch });
            }
        }
        drop(state);
        over
    }

    /// Whoever has a seat here that is somebody else's in the records is written down again with every beat, and is over
    /// where that does not pass: nobody else is touched by it.
    fn end_doubled(&self, now: Moment) -> Vec<Notice> {
        let mut state = self.state();
        let mut over = Vec::new();
        let mut doubled = std::mem::take(&mut state.doubled);
        doubled.retain(|session, seen| {
            let Some(known) = state.memory.register.session(*session).copied() else {
                return false;
            };
            *seen += 1;
            if known.parting().is_some() {
                return false;
            }
            if *seen <= DOUBLED {
                state.memory.register.touch(*session);
                return true;
            }
            let lost = Parting::TimedOut;
            state.memory.register.release(*session, lost, now);
            over.push(moved_on(*session, &known));
            false
        });
        state.doubled = doubled;
        if state.memory.register.has_changed() {
            self.changed.notify_one();
        }
        drop(state);
        over
    }

    /// Says once in Redis that this node lives; whether it was heard, and none where there is no Redis.
    pub async fn say_in_redis(&self, now: &impl Fn() -> Moment) -> Option<bool> {
        let fast = self.fast.as_ref()?;
        let asked = now();
        let (vouched, others) = {
            let state = self.state();
            let others: Vec<_> = state.watch.others().collect();
            (state.right.vouched(), others)
        };
        let nodes = others.len() + 1;
        let lease = fast.keep_lease(self.node.boot, vouched, others).await;
        match lease {
            Some(Lease::Kept { by, others }) => {
                let is_most = 2 * (others + 1) > nodes;
                self.change_right(|state| state.right.hear_redis(asked, by, is_most));
            }
            Some(Lease::Denied) => {
                tracing::warn!(
                    "Redis holds this node to be gone: it lives by the records alone, until they have heard it"
                );
                self.change_right(|state| state.right.deny(now()));
            }
            None => {}
        }
        Some(lease.is_some())
    }

    /// Holds those to be gone who are provably not there: they have stopped all that they did.
    pub async fn hold_gone(&self, now: &impl Fn() -> Moment) {
        let silent = self.state().watch.silent(now());
        for it in silent {
            if !self.may_be_held_gone(&it, now).await {
                tracing::debug!(
                    name = it.living.node.name,
                    "a node is silent, and may live by Redis"
                );
                continue;
            }
            let (boot, name) = (it.living.node.boot, it.living.node.name);
            match self.truth.hold_gone(boot, it.living.beat).await {
                Ok(true) => tracing::warn!(name, "a node is gone: its meetings are anybody's"),
                Ok(false) => {}
                Err(error) => tracing::debug!(%error, "it is held to be gone later"),
            }
        }
    }

    /// Whether one who is silent cannot act by Redis.
    async fn may_be_held_gone(&self, it: &Silent, now: &impl Fn() -> Moment) -> bool {
        let Some(run) = it.living.redis else {
            return true;
        };
        let boot = it.living.node.boot;
        let denial = match &self.fast {
            Some(fast) => fast.deny(boot, run).await,
            None => Denial::Unknown,
        };
        match denial {
            Denial::Denied => true,
            Denial::Lives => {
                self.state().watch.lives(boot, now());
                false
            }
            Denial::Unknown => it.has_begun_anew,
        }
    }
}
