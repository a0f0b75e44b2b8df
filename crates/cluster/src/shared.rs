//! One of several nodes: what is above all of them is in records that they share ([`Truth`]); in this
//! node's memory is what it knows of the sessions of its own meetings. An owner never waits: what it
//! orders is written behind it, and what is refused there tells it that it came too late.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use call::{CallId, Claim, Epoch, Headcount, LinkId, Moment, Parting, SessionId};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use links::ResumeSecrets;
use tokio::sync::{Notify, broadcast};
use tokio::time::{sleep, timeout};

use crate::bus::{Denial, Fast, Lease};
use crate::lease::{BEAT, Right, Silent, Watch};
use crate::memory::{Memory, Notices};
use crate::record::{SessionRecord, known};
use crate::truth::{Living, Node, Owning, Refused, Renewed, Said, Truth, Unavailable, Unclaimed};
use crate::turns::Turns;
use crate::{Cluster, Known, NotClaimed, NotOwned, Notice, Press, Seat, Standing, Term};

/// How long until it is tried again, where the records cannot be written.
const AGAIN: Duration = Duration::from_millis(500);

/// For how many beats a session may be written down before it is heard of, and be over before its owner has let go
/// of it: longer than an answer takes.
const STRANGE: u32 = 6;

/// For how many beats somebody's seat may be another's in the records: longer than it takes until one of whom nobody
/// knows has it no more.
const DOUBLED: u32 = 2 * STRANGE;

/// How long the records may take to hear that this node lives; then they are asked anew.
const PATIENCE: Duration = Duration::from_secs(2);

/// How much may wait to be told to the other nodes by one way: what is lost there they find out by the records.
const WAITS: usize = 1024;

/// One node, among others.
#[derive(Debug)]
pub struct Shared {
    node: Node,
    truth: Arc<dyn Truth>,
    /// A second place to say that this node lives.
    fast: Option<Arc<dyn Fast>>,
    /// What is told to the other nodes, by every way there is to them.
    told: broadcast::Sender<Notice>,
    state: Mutex<State>,
    /// Wakes whoever writes down what has changed.
    changed: Notify,
    /// Wakes whoever holds others to be gone: it was seen which live.
    seen: Notify,
    /// One writes at a time, so that what was so last is written last.
    writing: tokio::sync::Mutex<()>,
    /// A meeting is asked for by one at a time: the term that is known here is the newest.
    owning: Turns<CallId, Result<Beginning, NotOwned>>,
    notices: Notices,
}

#[derive(Debug)]
struct State {
    /// The sessions of this node's meetings, and those that were claimed here.
    memory: Memory,
    /// By what this node may act.
    right: Right,
    /// What it has seen of the others.
    watch: Watch,
    /// Who has a seat in this node's meetings by the records, and is not known here.
    strangers: BTreeMap<SessionId, u32>,
    /// Whom an owner here holds, though they are over.
    ghosts: BTreeMap<SessionId, u32>,
    /// Those who could not be written down because their seat is another's there.
    doubled: BTreeMap<SessionId, u32>,
    /// The meetings that are asked for just now: their term may have risen already, and nobody here knows yet.
    asked_for: BTreeSet<CallId>,
    /// The meetings that were [taken](Shared::take), and whose term is no owner's yet.
    taken: BTreeMap<CallId, Term>,
    /// The clock of the records, when it was read last.
    clock: (Timestamp, Moment),
}

/// A meeting that is this node's, and who was in it when its last owner ended.
type Beginning = (Term, Vec<Seat>);

/// A meeting is asked for, for as long as this is there.
struct AskedFor<'a>(&'a Shared, CallId);

impl Drop for AskedFor<'_> {
    fn drop(&mut self) {
        self.0.state().asked_for.remove(&self.1);
    }
}

/// What a node hears while it lives.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Heard {
    /// The records have heard it.
    Living {
        /// These run, by their names; this one too.
        living: Vec<Living>,
        /// The time by the clock of the records.
        now: Timestamp,
        /// How long they took to say so.
        took: Duration,
    },
    /// The records do not answer.
    NoRecords,
    /// Whether Redis answers.
    Redis(bool),
    /// It was heard nowhere for as long as it may act: its calls have ended.
    Stopped,
}

impl State {
    /// What the clock of the records shows.
    fn time(&self, now: Moment) -> Timestamp {
        let (read, at) = self.clock;
        let since = SignedDuration::try_from(now.since(at)).unwrap_or_default();
        read.checked_add(since).unwrap_or(read)
    }

    /// What is said of this node when it says that it lives.
    fn said(&mut self, now: Moment) -> Said {
        let owned = self.memory.owned.iter();
        Said {
            owned: owned.map(|(call, term)| (*call, *term)).collect(),
            placed: self.memory.register.placed().collect(),
            redis: self.right.ask_records(now),
        }
    }
}

impl Shared {
    /// A node that begins: it makes itself known in the records, and reads their clock. `now` is the clock
    /// that every later moment is by.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] where the records cannot be asked.
    pub async fn begin(
        node: Node,
        truth: Arc<dyn Truth>,
        fast: Option<Arc<dyn Fast>>,
        now: impl Fn() -> Moment,
    ) -> Result<Self, Unavailable> {
        let asked = now();
        let renewed = truth.begin(node.clone()).await?;
        let mut right = Right::default();
        right.hear_records(asked, None, now());
        let mut watch = Watch::default();
        watch.see(&renewed.living, &node, now());
        Ok(Self {
            node,
            truth,
            fast,
            told: broadcast::Sender::new(WAITS),
            state: Mutex::new(State {
                memory: Memory::default(),
                right,
                watch,
                strangers: BTreeMap::new(),
                ghosts: BTreeMap::new(),
                doubled: BTreeMap::new(),
                asked_for: BTreeSet::new(),
                taken: BTreeMap::new(),
                clock: (renewed.now, asked),
            }),
            changed: Notify::new(),
            seen: Notify::new(),
            writing: tokio::sync::Mutex::default(),
            owning: Turns::default(),
            notices: Notices::default(),
        })
    }

    /// Which node this is.
    #[must_use]
    pub const fn node(&self) -> &Node {
        &self.node
    }

    /// How many are in calls of this node, or wait for a seat in one.
    #[must_use]
    pub fn headcount(&self) -> Headcount {
        self.state().memory.register.headcount()
    }

    /// How many meetings are this node's, also such as nobody has come to yet.
    #[must_use]
    pub fn owned(&self) -> usize {
        self.state().memory.owned.len()
    }

    /// Whether a meeting is this node's, by what it knows itself, and it may act.
    #[must_use]
    pub fn owns(&self, call: CallId, now: Moment) -> bool {
        let state = self.state();
        state.memory.owned.contains_key(&call) && state.right.holds(now)
    }

    /// Whether another node has this one's name, and runs: each of the two would hold the other to have ended.
    #[must_use]
    pub fn has_namesake(&self) -> bool {
        self.state().watch.has_namesake()
    }

    /// Whether this node is the first, by its name, of those that the records have just heard.
    #[must_use]
    pub fn is_first(&self, now: Moment) -> bool {
        self.state().watch.first(now) == Some(self.node.boot)
    }

    /// Whether this node may act at all: it is heard.
    #[must_use]
    pub fn is_heard(&self, now: Moment) -> bool {
        self.state().right.holds(now)
    }

    /// Whether a session is in a meeting of this node's, by what it knows itself.
    #[must_use]
    pub fn holds(&self, session: SessionId, now: Moment) -> bool {
        let state = self.state();
        let known = state.memory.register.session(session);
        let call = known.filter(|it| it.parting().is_none()).map(|it| it.call);
        call.is_some_and(|it| state.memory.owned.contains_key(&it)) && state.right.holds(now)
    }

    /// Makes a meeting this node's, before anybody comes to it. Where it is already, whoever owns it here goes on
    /// in their term.
    ///
    /// # Errors
    ///
    /// [`NotOwned`].
    pub async fn take(&self, call: CallId) -> Result<(), NotOwned> {
        let taken = async {
            let owned = self.state().memory.owned.get(&call).copied();
            if let Some(term) = owned {
                return Ok((term, Vec::new()));
            }
            let owned = self.try_to_own(call).await?;
            self.state().taken.insert(call, owned.0);
            Ok(owned)
        };
        let taken = self.owning.ask(call, taken, Result::is_err).await;
        taken.map(drop)
    }

    /// A meeting that nobody came to is nobody's again.
    pub async fn let_go(&self, call: CallId) {
        let term = self.state().memory.owned.get(&call).copied();
        if let Some(term) = term {
            self.leave(call, term).await;
        }
    }

    /// Says that this node lives, in the records and in Redis, for as long as it does; holds others to be gone
    /// that do not; and ends its calls where it may not act any more. It returns where this node is held to
    /// be gone: what it owned is lost by then. `now` is this node's clock.
    pub async fn live(&self, now: impl Fn() -> Moment, heard: impl Fn(Heard)) {
        tokio::select! {
            biased;
            () = self.live_by_records(&now, &heard) => {}
            () = self.live_by_redis(&now, &heard) => {}
            () = self.watch_others(&now) => {}
            () = self.stop_in_time(&now, &heard) => {}
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

    /// Holds others to be gone, whenever it was seen which live. What this waits for, as for what one of them was just
    /// writing, this node's own beat does not.
    async fn watch_others(&self, now: &impl Fn() -> Moment) {
        loop {
            self.seen.notified().await;
            self.hold_gone(now).await;
        }
    }

    async fn live_by_redis(&self, now: &impl Fn() -> Moment, heard: &impl Fn(Heard)) {
        while !self.state().right.is_denied() {
            let began = now();
            match self.say_in_redis(now).await {
                Some(is_heard) => heard(Heard::Redis(is_heard)),
                None => break,
            }
            sleep(BEAT.saturating_sub(now().since(began))).await;
        }
        std::future::pending::<()>().await;
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
        let said = self.state().said(asked);
        let (owned, redis) = (said.owned.clone(), said.redis);
        let renewed = self.truth.renew(self.node.boot, said).await?;
        if renewed.is_gone {
            self.state().right.end();
            self.lose_all().await;
            return Ok(renewed);
        }
        {
            let mut state = self.state();
            state.right.hear_records(asked, redis, now());
            state.watch.see(&renewed.living, &self.node, now());
            state.clock = (renewed.now, asked);
        }
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
        let others: Vec<_> = self.state().watch.others().collect();
        let nodes = others.len() + 1;
        let lease = fast.keep_lease(self.node.boot, others).await;
        match lease {
            Some(Lease::Kept { by, others }) => {
                let is_most = 2 * (others + 1) > nodes;
                self.state().right.hear_redis(asked, by, is_most);
            }
            Some(Lease::Denied) => {
                tracing::warn!("Redis holds this node to be gone: it lives by the records alone");
                self.state().right.deny();
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

    /// This node ends: what has changed is written down, and all that it owns is anybody's.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] where the records cannot be asked.
    pub async fn end(&self, now: Moment) -> Result<(), Unavailable> {
        self.flush(now).await?;
        self.truth.end(self.node.boot).await
    }

    /// Nothing that this node owns is its own any more; whether anything was.
    async fn lose_all(&self) -> bool {
        let all: Vec<CallId> = self.state().memory.owned.keys().copied().collect();
        for call in &all {
            self.lose(*call).await;
        }
        !all.is_empty()
    }

    async fn lose(&self, call: CallId) {
        let term = self.state().memory.owned.get(&call).copied();
        if let Some(term) = term {
            self.lose_as_of(call, term).await;
        }
    }

    /// A meeting that was this node's in that term is not; whether it was. What is owned since, or is just asked
    /// for, is so in a later one.
    async fn lose_as_of(&self, call: CallId, term: Term) -> bool {
        {
            let mut state = self.state();
            if state.memory.owned.get(&call) != Some(&term) || state.asked_for.contains(&call) {
                return false;
            }
            state.memory.owned.remove(&call);
            state.taken.remove(&call);
            state.memory.forget(call);
        }
        self.notices.put(Notice::Lost { call }).await;
        true
    }

    /// Writes down whatever changes, as soon as what changed before is written, for as long as the
    /// program runs.
    pub async fn write(&self, now: impl Fn() -> Moment) {
        loop {
            self.changed.notified().await;
            while let Err(error) = self.flush(now()).await {
                tracing::debug!(%error, "who is where is written down later");
                sleep(AGAIN).await;
            }
        }
    }

    /// Writes down all that has changed. Cut off, or without an answer, it is written with what comes after
    /// it.
    ///
    /// # Errors
    ///
    /// [`Unavailable`].
    pub async fn flush(&self, now: Moment) -> Result<(), Unavailable> {
        let _turn = self.writing.lock().await;
        let records = {
            let mut state = self.state();
            if state.memory.is_written() {
                return Ok(());
            }
            let time = state.time(now);
            state.memory.take_changes((time, now))
        };
        #[expect(
            clippy::needless_collect,
            reason = "the records are given away before it is asked"
        )]
        let written: Vec<_> = records.iter().map(|it| it.session).collect();
        let refused = self.truth.keep(self.node.boot, records).await?;
        {
            let mut state = self.state();
            state.memory.are_written();
            let is_refused = |session| refused.iter().any(|it| it.session == session);
            for session in written.into_iter().filter(|it| !is_refused(*it)) {
                state.doubled.remove(&session);
            }
        }
        for it in refused {
            self.hear_refusal(&it, now).await;
        }
        Ok(())
    }

    /// Writes down how such sessions stand, where that is not known to be written: what others are waits for nobody
    /// here.
    async fn write_down(
        &self,
        which: impl Fn(&call::Session) -> bool,
        now: Moment,
    ) -> Result<(), Unavailable> {
        let waits = self.state().memory.waits_to_be_written(which);
        if waits {
            self.flush(now).await?;
        }
        Ok(())
    }

    /// A session could not be written down: it is over elsewhere, or its meeting is another's. What the records
    /// say is so here too from now on.
    async fn hear_refusal(&self, refused: &Refused, now: Moment) {
        let session = refused.session;
        let Some(here) = self.state().memory.register.session(session).copied() else {
            return;
        };
        let (link, call) = (here.link, here.call);
        let over = refused.stands.as_ref().and_then(|it| known(it).parting());
        if here.parting().is_some() {
            if over != here.parting() {
                // What is asked of it from now on, the records answer.
                self.state().memory.forget_session(session);
            }
            return;
        }
        match over {
            Some(Parting::Withdrawn) => {
                let call = Some(call);
                self.notices.put(Notice::Withdrawn { link, call }).await;
            }
            Some(why) => {
                self.state().memory.register.release(session, why, now);
                self.notices.put(moved_on(session, &here)).await;
            }
            None if refused.is_ours => {
                self.state().doubled.entry(session).or_default();
            }
            None => self.lose(call).await,
        }
    }

    /// Another node has told all of this.
    pub async fn hear(&self, notice: Notice) {
        match notice {
            Notice::Withdrawn { link, .. } => {
                let call = self.state().memory.withdraw(link);
                self.notices.put(Notice::Withdrawn { link, call }).await;
            }
            Notice::Moved { link, call, epoch } => {
                {
                    let mut state = self.state();
                    if let Some((session, _, known)) = state.memory.register.live(link)
                        && known < epoch
                    {
                        let now = state.clock.1;
                        let replaced = Parting::Replaced;
                        state.memory.register.release(session, replaced, now);
                    }
                }
                self.notices.put(Notice::Moved { link, call, epoch }).await;
            }
            Notice::Changed { .. } => self.notices.put(notice).await,
            // Each node knows that of itself.
            Notice::Lost { .. } => {}
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic under this lock is a bug elsewhere; what it guards is whole at every step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Memory)) {
        let mut state = self.state();
        change(&mut state.memory);
        if state.memory.register.has_changed() {
            self.changed.notify_one();
        }
    }

    /// What is told to the other nodes from now on: whoever hears this passes it on.
    #[must_use]
    pub fn told(&self) -> broadcast::Receiver<Notice> {
        self.told.subscribe()
    }

    /// Tells all nodes, this one first. Nobody waits for the others.
    async fn tell_all(&self, notice: Notice) {
        self.notices.put(notice).await;
        // There may be no way to any.
        drop(self.told.send(notice));
    }

    async fn try_to_claim(&self, press: Press, now: Moment) -> Result<Claim, NotClaimed> {
        let time = {
            let state = self.state();
            if state.memory.dead.contains(&press.link) {
                return Err(NotClaimed::Withdrawn);
            }
            state.time(now)
        };
        // What ended here is to be known where presses are compared.
        let written = self.write_down(|it| it.link == press.link, now).await;
        written.map_err(|error| not_claimed(&error))?;
        let decided = self.truth.claim(press, self.node.boot, time).await;
        let decided = decided.map_err(|error| not_claimed(&error))?;
        let decided = decided.map_err(|refused| match refused {
            Unclaimed::TooSoon(too_soon) => NotClaimed::TooSoon(too_soon),
            Unclaimed::Elsewhere => NotClaimed::Elsewhere,
        })?;
        let mut moved = None;
        if let Some(live) = &decided.live {
            self.change(|memory| moved = memory.adopt(live, now));
        }
        if let Claim::New {
            epoch,
            earlier: Some(earlier),
            ..
        } = decided.claim
            && earlier.call != press.call
        {
            // Here too, where it is not known yet that it is over.
            self.change(|memory| {
                let replaced = Parting::Replaced;
                memory.register.release(earlier.session, replaced, now);
            });
            let (link, call) = (press.link, earlier.call);
            self.tell_all(Notice::Moved { link, call, epoch }).await;
        } else if let Some(moved) = moved {
            // Another node claimed it, and what it told was not heard.
            self.notices.put(moved).await;
        }
        Ok(decided.claim)
    }

    /// An owner begins with a meeting that was taken for it: in that term nobody was it yet.
    fn begin_taken(&self, call: CallId) -> Option<Beginning> {
        let mut state = self.state();
        let term = state.taken.remove(&call)?;
        let is_owned = state.memory.owned.get(&call) == Some(&term);
        let begun = is_owned.then(|| (term, state.memory.seats(call)));
        drop(state);
        begun
    }

    async fn try_to_own(&self, call: CallId) -> Result<Beginning, NotOwned> {
        let now = self.state().clock.1;
        let unavailable = |error: Unavailable| {
            tracing::debug!(%error, call = call.0, "nobody knows whose it is");
            NotOwned::Unavailable
        };
        // What this node wrote itself is to be there when it is read.
        let written = self.write_down(|it| it.call == call, now).await;
        written.map_err(unavailable)?;
        self.state().asked_for.insert(call);
        let asked_for = AskedFor(self, call);
        let owning = self.truth.own(call, self.node.boot).await;
        let (term, records) = match owning.map_err(unavailable)? {
            Owning::Owned(owned) => owned,
            Owning::Elsewhere => return Err(NotOwned::Elsewhere),
        };
        let (seats, moved) = {
            let mut state = self.state();
            if state.memory.owned.insert(call, term).is_none() {
                // What is known here of an earlier time is out of date.
                state.memory.forget(call);
            }
            let moved = records.iter().filter_map(|it| state.memory.adopt(it, now));
            let moved: Vec<_> = moved.collect();
            (state.memory.seats(call), moved)
        };
        drop(asked_for);
        for notice in moved {
            self.notices.put(notice).await;
        }
        Ok((term, seats))
    }
}

/// The owner of a session that is over is to let go of it.
const fn moved_on(session: SessionId, known: &call::Session) -> Notice {
    Notice::Moved {
        link: known.link,
        call: known.call,
        epoch: Epoch(session.0 + 1),
    }
}

fn not_claimed(error: &Unavailable) -> NotClaimed {
    tracing::debug!(%error, "nobody knows who holds a link");
    NotClaimed::Unavailable
}

impl Cluster for Shared {
    fn check(&self, press: Press, now: Moment) -> BoxFuture<'_, Result<(), NotClaimed>> {
        async move {
            let time = {
                let state = self.state();
                if state.memory.dead.contains(&press.link) {
                    return Err(NotClaimed::Withdrawn);
                }
                state.time(now)
            };
            let checked = self.truth.check(press, time).await;
            let checked = checked.map_err(|error| not_claimed(&error))?;
            checked.map_err(NotClaimed::TooSoon)
        }
        .boxed()
    }

    fn claim(&self, press: Press, now: Moment) -> BoxFuture<'_, Result<Claim, NotClaimed>> {
        self.try_to_claim(press, now).boxed()
    }

    fn find(&self, session: SessionId) -> BoxFuture<'_, Result<Option<Known>, Unavailable>> {
        async move {
            let known = self.state().memory.known(session);
            if known.is_some() {
                return Ok(known);
            }
            let Some((it, is_replaced)) = self.truth.session(session).await? else {
                return Ok(None);
            };
            let whose = crate::record::known(&it);
            let parting = match whose.parting() {
                Some(Parting::TimedOut) if is_replaced => Some(Parting::Replaced),
                parting => parting,
            };
            Ok(Some(Known {
                press: Press {
                    link: whose.link,
                    call: whose.call,
                    attempt: whose.attempt,
                },
                secrets: it.secrets,
                parting,
            }))
        }
        .boxed()
    }

    /// That of the records.
    fn time(&self, _own: Timestamp, now: Moment) -> Timestamp {
        self.state().time(now)
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
        let owned = async move {
            match self.begin_taken(call) {
                Some(taken) => Ok(taken),
                None => self.try_to_own(call).await,
            }
        };
        self.owning.ask(call, owned, Result::is_err).boxed()
    }

    fn may_act(&self, call: CallId, term: Term, now: Moment) -> bool {
        let state = self.state();
        state.memory.owned.get(&call) == Some(&term) && state.right.holds(now)
    }

    fn keep(&self, call: CallId, term: Term, here: Vec<(SessionId, call::Whereabouts)>) {
        self.change(|memory| memory.keep(call, term, here));
    }

    fn keep_secrets(&self, session: SessionId, secrets: ResumeSecrets) {
        self.change(|memory| memory.keep_secrets(session, secrets));
    }

    fn release(&self, session: SessionId, why: Parting, now: Moment) {
        self.change(|memory| memory.register.release(session, why, now));
    }

    fn leave(&self, call: CallId, term: Term) -> BoxFuture<'_, ()> {
        async move {
            let now = {
                let mut state = self.state();
                if state.memory.owned.get(&call) != Some(&term) {
                    return;
                }
                state.memory.owned.remove(&call);
                state.taken.remove(&call);
                state.clock.1
            };
            // Where it cannot be said, the next owner is this node, or waits until this run is gone.
            let left = async {
                self.flush(now).await?;
                self.truth.leave(call, self.node.boot, term).await
            };
            if let Err(error) = left.await {
                tracing::debug!(%error, call = call.0, "it stays this node's");
            }
        }
        .boxed()
    }

    fn withdraw(&self, link: LinkId) -> BoxFuture<'_, ()> {
        async move {
            let call = self.state().memory.withdraw(link);
            self.tell_all(Notice::Withdrawn { link, call }).await;
        }
        .boxed()
    }

    fn tell(&self, notice: Notice) -> BoxFuture<'_, ()> {
        self.tell_all(notice).boxed()
    }

    fn next_notice(&self) -> BoxFuture<'_, Notice> {
        self.notices.next().boxed()
    }
}
