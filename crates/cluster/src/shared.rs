//! One of several nodes: what is above all of them is in records that they share ([`Truth`]); in this
//! node's memory is what it knows of the sessions of its own meetings. An owner never waits: what it
//! orders is written behind it, and what is refused there tells it that it came too late.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use call::{CallId, Claim, Epoch, Headcount, LinkId, Moment, Parting, Register, SessionId};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use links::ResumeSecrets;
use tokio::sync::{Notify, mpsc};
use tokio::time::sleep;

use crate::bus::Bus;
use crate::record::{SessionRecord, known, record};
use crate::truth::{Boot, Node, Owning, Refused, Renewed, Truth, Unavailable};
use crate::{Cluster, Known, NotClaimed, NotOwned, Notice, Press, Seat, Standing, Term};

/// How many notices may wait. Whoever tells waits when it is full; who passes them on empties it.
const NOTICES: usize = 256;

/// How long until it is tried again, where the records cannot be written.
const AGAIN: Duration = Duration::from_millis(500);

/// One node, among others.
#[derive(Debug)]
pub struct Shared {
    node: Node,
    truth: Arc<dyn Truth>,
    /// The fast way to the others; without it they find out by the records.
    bus: Option<Arc<Bus>>,
    state: Mutex<State>,
    /// Wakes whoever writes down what has changed.
    changed: Notify,
    /// One writes at a time, so that what was so last is written last.
    writing: tokio::sync::Mutex<()>,
    tell: mpsc::Sender<Notice>,
    told: tokio::sync::Mutex<mpsc::Receiver<Notice>>,
}

#[derive(Debug)]
struct State {
    /// The sessions of this node's meetings, and those that were claimed here.
    register: Register,
    secrets: BTreeMap<SessionId, ResumeSecrets>,
    /// Links withdrawn since this node began: one that was read as living a moment before is dead all
    /// the same.
    dead: HashSet<LinkId>,
    owned: BTreeMap<CallId, Term>,
    /// Sessions that could not be written down.
    unwritten: BTreeSet<SessionId>,
    /// The clock of the records, when it was read last.
    clock: (Timestamp, Moment),
}

impl State {
    /// What the clock of the records shows.
    fn time(&self, now: Moment) -> Timestamp {
        let (read, at) = self.clock;
        let since = SignedDuration::try_from(now.since(at)).unwrap_or_default();
        read.checked_add(since).unwrap_or(read)
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

    /// The link and the call of a session that is not over, by what is known here.
    fn lives(&self, session: SessionId) -> Option<(LinkId, CallId)> {
        let known = self.register.session(session)?;
        known
            .parting()
            .is_none()
            .then_some((known.link, known.call))
    }

    fn adopt(&mut self, it: &SessionRecord, now: Moment) {
        if self.register.session(it.session).is_none() {
            self.secrets.insert(it.session, it.secrets);
        }
        self.register.adopt(it.session, known(it), now);
    }

    /// All that is to be written down, as it is at this moment.
    fn take_changes(&mut self, now: Moment) -> Vec<SessionRecord> {
        for session in std::mem::take(&mut self.unwritten) {
            self.register.touch(session);
        }
        let time = self.time(now);
        let changed = self.register.take_changed();
        let records = changed.iter().filter_map(|(id, session)| {
            let secrets = self.secrets_of(*id);
            record(*id, session, secrets, (time, now))
        });
        records.collect()
    }

    /// Forgets the secrets of sessions that are forgotten: they come first, by their numbers.
    fn forget_secrets(&mut self) {
        while let Some(oldest) = self.secrets.first_entry()
            && self.register.session(*oldest.key()).is_none()
        {
            oldest.remove();
        }
    }

    /// Forgets whoever has a seat or a place in a call: it is another node's, or was.
    fn forget(&mut self, call: CallId) {
        self.register.forget(call);
        let register = &self.register;
        self.secrets
            .retain(|session, _| register.session(*session).is_some());
    }
}

impl Shared {
    /// A node that begins: it makes itself known in the records, and reads their clock. `now` is by the
    /// clock that every later moment is by.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] where the records cannot be asked.
    pub async fn begin(
        node: Node,
        truth: Arc<dyn Truth>,
        bus: Option<Arc<Bus>>,
        now: Moment,
    ) -> Result<Self, Unavailable> {
        let renewed = truth.renew(node.clone()).await?;
        let (tell, told) = mpsc::channel(NOTICES);
        Ok(Self {
            node,
            truth,
            bus,
            state: Mutex::new(State {
                register: Register::default(),
                secrets: BTreeMap::new(),
                dead: HashSet::new(),
                owned: BTreeMap::new(),
                unwritten: BTreeSet::new(),
                clock: (renewed.now, now),
            }),
            changed: Notify::new(),
            writing: tokio::sync::Mutex::default(),
            tell,
            told: tokio::sync::Mutex::new(told),
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
        self.state().register.headcount()
    }

    /// Says that this node lives, and hears which others do. Where they hold it to be gone, all that it
    /// owned is lost, and its owners hear so; and so do those of sessions that are over elsewhere.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] where the records cannot be asked.
    pub async fn renew(&self, now: Moment) -> Result<Renewed, Unavailable> {
        let renewed = self.truth.renew(self.node.clone()).await?;
        if renewed.is_gone {
            self.lose_all().await;
            return Ok(renewed);
        }
        self.state().clock = (renewed.now, now);
        let here: Vec<SessionId> = self.state().register.placed().collect();
        if !here.is_empty() {
            for it in self.truth.over(here).await? {
                let refused = Refused {
                    session: it.session,
                    stands: Some(it),
                };
                self.hear_refusal(refused, now).await;
            }
        }
        Ok(renewed)
    }

    /// This node ends, and all that it owns is anybody's.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] where the records cannot be asked.
    pub async fn end(&self) -> Result<(), Unavailable> {
        self.truth.end(self.node.boot).await
    }

    /// Nothing that this node owns is its own any more.
    pub async fn lose_all(&self) {
        let all: Vec<CallId> = self.state().owned.keys().copied().collect();
        for call in all {
            self.lose(call).await;
        }
    }

    async fn lose(&self, call: CallId) {
        {
            let mut state = self.state();
            if state.owned.remove(&call).is_none() {
                return;
            }
            state.forget(call);
        }
        self.put(Notice::Lost { call }).await;
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

    /// Writes down all that has changed.
    ///
    /// # Errors
    ///
    /// [`Unavailable`]: it is written with what comes after it.
    pub async fn flush(&self, now: Moment) -> Result<(), Unavailable> {
        let _turn = self.writing.lock().await;
        let records = self.state().take_changes(now);
        if records.is_empty() {
            return Ok(());
        }
        let sessions: Vec<SessionId> = records.iter().map(|it| it.session).collect();
        match self.truth.keep(self.node.boot, records).await {
            Ok(refused) => {
                for it in refused {
                    self.hear_refusal(it, now).await;
                }
                self.state().forget_secrets();
                Ok(())
            }
            Err(error) => {
                self.state().unwritten.extend(sessions);
                Err(error)
            }
        }
    }

    /// A session could not be written down: it is over elsewhere, or its meeting is another's.
    async fn hear_refusal(&self, refused: Refused, now: Moment) {
        let session = refused.session;
        let Some((link, call)) = self.state().lives(session) else {
            // What is over here too is no news.
            return;
        };
        let stands = refused.stands.map(|it| known(&it));
        match stands.and_then(|it| it.parting()) {
            Some(Parting::Withdrawn) => {
                let call = Some(call);
                self.put(Notice::Withdrawn { link, call }).await;
            }
            Some(why) => {
                self.state().register.release(session, why, now);
                let epoch = Epoch(session.0 + 1);
                self.put(Notice::Moved { link, call, epoch }).await;
            }
            None => self.lose(call).await,
        }
    }

    /// Another node has told all of this.
    pub(crate) async fn hear(&self, notice: Notice) {
        match notice {
            Notice::Withdrawn { link, .. } => {
                let call = {
                    let mut state = self.state();
                    state.dead.insert(link);
                    state.register.live(link).map(|(_, call, _)| call)
                };
                self.put(Notice::Withdrawn { link, call }).await;
            }
            Notice::Moved { link, call, epoch } => {
                {
                    let mut state = self.state();
                    if let Some((session, _, known)) = state.register.live(link)
                        && known < epoch
                    {
                        let now = state.clock.1;
                        state.register.release(session, Parting::Replaced, now);
                    }
                }
                self.put(Notice::Moved { link, call, epoch }).await;
            }
            Notice::Changed { .. } => self.put(notice).await,
            // Each node knows that of itself.
            Notice::Lost { .. } => {}
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic under this lock is a bug elsewhere; what it guards is whole at every step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        if state.register.has_changed() {
            self.changed.notify_one();
        }
    }

    /// Tells whoever passes notices on here.
    async fn put(&self, notice: Notice) {
        if self.tell.send(notice).await.is_err() {
            tracing::error!("nobody is left to hear of what was done");
        }
    }

    /// Tells all nodes, this one first.
    async fn tell_all(&self, notice: Notice) {
        self.put(notice).await;
        if let Some(bus) = &self.bus {
            bus.tell(self.node.boot, notice).await;
        }
    }

    async fn try_to_claim(&self, press: Press, now: Moment) -> Result<Claim, NotClaimed> {
        let time = {
            let state = self.state();
            if state.dead.contains(&press.link) {
                return Err(NotClaimed::Withdrawn);
            }
            state.time(now)
        };
        // What ended here is to be known where presses are compared.
        let written = self.flush(now).await;
        written.map_err(|error| not_claimed(&error))?;
        let decided = self.truth.claim(press, time).await;
        let decided = decided.map_err(|error| not_claimed(&error))?;
        let decided = decided.map_err(NotClaimed::TooSoon)?;
        if let Some(live) = &decided.live {
            self.change(|state| state.adopt(live, now));
        }
        if let Claim::New {
            epoch,
            earlier: Some(earlier),
            ..
        } = decided.claim
            && earlier.call != press.call
        {
            // Here too, where it is not known yet that it is over.
            self.change(|state| {
                let replaced = Parting::Replaced;
                state.register.release(earlier.session, replaced, now);
            });
            let (link, call) = (press.link, earlier.call);
            self.tell_all(Notice::Moved { link, call, epoch }).await;
        }
        Ok(decided.claim)
    }

    /// Whether a run that is silent in the records is silent in Redis too. Where Redis cannot be asked,
    /// it may live.
    async fn is_gone(&self, boot: Boot) -> bool {
        match &self.bus {
            Some(bus) => bus.has_lease(boot).await == Some(false),
            None => true,
        }
    }

    /// Says in Redis too that this node lives; whether Redis heard it.
    pub async fn say_in_redis(&self) -> bool {
        match &self.bus {
            Some(bus) => bus.keep_lease(self.node.boot).await,
            None => false,
        }
    }

    async fn try_to_own(&self, call: CallId) -> Result<(Term, Vec<Seat>), NotOwned> {
        let now = self.state().clock.1;
        let unavailable = |error: Unavailable| {
            tracing::debug!(%error, call = call.0, "nobody knows whose it is");
            NotOwned::Unavailable
        };
        // What this node wrote itself is to be there when it is read.
        self.flush(now).await.map_err(unavailable)?;
        let owning = self.truth.own(call, self.node.boot).await;
        let mut owning = owning.map_err(unavailable)?;
        if let Owning::Silent(boot) = owning
            && self.is_gone(boot).await
        {
            self.truth.hold_gone(boot).await.map_err(unavailable)?;
            let again = self.truth.own(call, self.node.boot).await;
            owning = again.map_err(unavailable)?;
        }
        let (term, records) = match owning {
            Owning::Owned(owned) => owned,
            Owning::Elsewhere | Owning::Silent(_) => return Err(NotOwned::Elsewhere),
        };
        let mut state = self.state();
        if state.owned.insert(call, term).is_none() {
            // What is known here of an earlier time is out of date.
            state.forget(call);
        }
        for it in &records {
            state.adopt(it, now);
        }
        let kept = state.register.kept(call);
        let seats = kept.into_iter().filter_map(|kept| {
            let known = state.known(kept.session)?;
            Some(Seat { kept, known })
        });
        let seats = seats.collect();
        drop(state);
        Ok((term, seats))
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
                if state.dead.contains(&press.link) {
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

    fn find(&self, session: SessionId) -> BoxFuture<'_, Option<Known>> {
        async move {
            let known = self.state().known(session);
            if known.is_some() {
                return known;
            }
            let (it, is_replaced) = self.truth.session(session).await.ok().flatten()?;
            let whose = crate::record::known(&it);
            let parting = match whose.parting() {
                Some(Parting::TimedOut) if is_replaced => Some(Parting::Replaced),
                parting => parting,
            };
            Some(Known {
                press: Press {
                    link: whose.link,
                    call: whose.call,
                    attempt: whose.attempt,
                },
                secrets: it.secrets,
                parting,
            })
        }
        .boxed()
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
            Some(_) | None if state.parting(session) == Some(Parting::Replaced) => {
                Standing::Replaced
            }
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
        self.try_to_own(call).boxed()
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
        async move {
            {
                let mut state = self.state();
                if state.owned.get(&call) != Some(&term) {
                    return;
                }
                state.owned.remove(&call);
                drop(state);
            }
            // Where it cannot be said, the next owner is this node, or waits until this run is gone.
            let now = self.state().clock.1;
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
            let call = {
                let mut state = self.state();
                state.dead.insert(link);
                state.register.live(link).map(|(_, call, _)| call)
            };
            self.tell_all(Notice::Withdrawn { link, call }).await;
        }
        .boxed()
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
