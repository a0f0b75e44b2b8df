//! One of several nodes: what is above all of them is in records that they share ([`Truth`]); in this
//! node's memory is what it knows of the sessions of its own meetings. An owner never waits: what it
//! orders is written behind it, and what is refused there tells it that it came too late.

mod claiming;
mod living;
mod writing;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use call::{CallId, Claim, Epoch, Headcount, LinkId, Moment, Parting, SessionId};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use links::ResumeSecrets;
use tokio::sync::{Notify, broadcast};

use crate::bus::Fast;
use crate::lease::{Right, Watch};
use crate::memory::{Memory, Notices, Written};
use crate::peers::Peers;
use crate::record::SessionRecord;
use crate::truth::{Boot, Living, Node, Owning, Said, Truth, Unavailable};
use crate::turns::{IsFor, Turns};
use crate::{Cluster, Known, NotClaimed, NotOwned, Notice, Press, Seat, Standing, Term};
use claiming::not_claimed;

/// How long until it is tried again, where the records cannot be written.
const AGAIN: Duration = Duration::from_millis(500);

/// How much may wait to be told to the other nodes by one way, and how much of what has ended is told again: what is lost
/// there they find out by the records.
const WAITS: usize = 1024;

/// One node, among others.
#[derive(Debug)]
pub struct Shared {
    node: Node,
    truth: Arc<dyn Truth>,
    /// A second place to say that this node lives.
    fast: Option<Arc<dyn Fast>>,
    /// The others, as this one reaches them itself.
    peers: Arc<dyn Peers>,
    /// What is told to the other nodes, by every way there is to them.
    told: broadcast::Sender<Notice>,
    state: Mutex<State>,
    /// Until when this node may act, in microseconds by its clock; 0 where it may not.
    acts_until: Arc<AtomicU64>,
    /// Wakes whoever writes down what has changed.
    changed: Notify,
    written: Written,
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
    /// The meetings that are this node's by the records, and not known here to be.
    unsaid: BTreeMap<(CallId, Term), u32>,
    /// Whom an owner here holds, though they are over.
    ghosts: BTreeMap<SessionId, u32>,
    /// Those who could not be written down because their seat is another's there.
    doubled: BTreeMap<SessionId, u32>,
    /// The meetings that are asked for just now: their term may have risen already, and nobody here knows yet.
    asked_for: BTreeSet<CallId>,
    /// The links whose presses are being claimed, how many of each, and the newest session that was heard of meanwhile: what
    /// comes of such a press may be over before it is known here.
    claiming: BTreeMap<LinkId, (u32, Epoch)>,
    /// Sessions that were this node's to write, and are over in the records, as these said last.
    over: Vec<SessionRecord>,
    /// The meetings that were [taken](Shared::take), and whose term is no owner's yet.
    taken: BTreeMap<CallId, Term>,
    /// By what somebody's session has ended, the newest last.
    ended: VecDeque<Notice>,
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

/// A press of a link is being claimed, for as long as this is there.
struct Claiming<'a>(&'a Shared, LinkId);

impl Claiming<'_> {
    /// The newest session of the link that was heard of meanwhile.
    fn newest(&self) -> Option<Epoch> {
        let state = self.0.state();
        state.claiming.get(&self.1).map(|(_, newest)| *newest)
    }
}

impl Drop for Claiming<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        if let Some((others, _)) = state.claiming.get_mut(&self.1) {
            *others -= 1;
            if *others == 0 {
                state.claiming.remove(&self.1);
            }
        }
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
    /// Redis answers, and holds it to be gone.
    Denied,
    /// It was heard nowhere for as long as it may act: its calls have ended.
    Stopped,
}

/// Why a run lives no more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ended {
    /// Others hold it to be gone.
    HeldGone,
    /// The records hear the others, and not it: it has left its meetings to them.
    CutOff,
}

impl State {
    /// What the clock of the records shows.
    fn time(&self, now: Moment) -> Timestamp {
        let (read, at) = self.clock;
        let since = SignedDuration::try_from(now.since(at)).unwrap_or_default();
        read.checked_add(since).unwrap_or(read)
    }

    /// These meetings are this node's by the records, and it has not said that it has them.
    fn see_unsaid(&mut self, found: &[(CallId, Term)]) {
        let before = std::mem::take(&mut self.unsaid);
        let seen = |it| before.get(it).copied().unwrap_or(0) + 1;
        self.unsaid = found.iter().map(|it| (*it, seen(it))).collect();
    }

    /// The sessions that are over in the records, and that nobody holds here by now, nor will.
    fn let_go(&self) -> Vec<SessionId> {
        let is_claimed = |it: &SessionRecord| {
            let mut links = self.claiming.keys();
            links.any(|link| link.0 == it.link.number())
        };
        let over = self.over.iter().filter(|it| !is_claimed(it));
        let over = over.filter(|it| self.memory.has_let_go(it));
        over.map(|it| it.session).collect()
    }

    /// What is said of this node when it says that it lives.
    fn said(&mut self, now: Moment) -> Said {
        let owned = self.memory.owned.iter();
        Said {
            owned: owned.map(|(call, term)| (*call, *term)).collect(),
            placed: self.memory.placed(),
            let_go: self.let_go(),
            redis: self.right.ask_records(now),
            knows: self.watch.knows(),
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
        (fast, peers): (Option<Arc<dyn Fast>>, Arc<dyn Peers>),
        now: impl Fn() -> Moment,
    ) -> Result<Self, Unavailable> {
        let asked = now();
        let renewed = truth.begin(node.clone()).await?;
        let mut right = Right::default();
        right.hear_records(asked, None, now());
        let acts_until = Arc::new(AtomicU64::new(until(&right)));
        let mut watch = Watch::default();
        watch.see(&renewed.living, &node, now());
        Ok(Self {
            node,
            truth,
            fast,
            peers,
            told: broadcast::Sender::new(WAITS),
            state: Mutex::new(State {
                memory: Memory::default(),
                right,
                watch,
                strangers: BTreeMap::new(),
                unsaid: BTreeMap::new(),
                ghosts: BTreeMap::new(),
                doubled: BTreeMap::new(),
                asked_for: BTreeSet::new(),
                claiming: BTreeMap::new(),
                over: Vec::new(),
                taken: BTreeMap::new(),
                ended: VecDeque::new(),
                clock: (renewed.now, asked),
            }),
            acts_until,
            changed: Notify::new(),
            written: Written::default(),
            seen: Notify::new(),
            writing: tokio::sync::Mutex::default(),
            owning: Turns::default(),
            notices: Notices::default(),
        })
    }

    /// Until when this node may act, as it is from now on: so many microseconds by its clock. Whoever sends media looks
    /// at it, however little else of the program runs.
    #[must_use]
    pub fn acts_until(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.acts_until)
    }

    /// Changes by what this node may act.
    fn change_right<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state();
        let changed = change(&mut state);
        self.acts_until
            .store(until(&state.right), Ordering::Relaxed);
        drop(state);
        changed
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

    /// Whether the records have just heard another node.
    #[must_use]
    pub fn hears(&self, boot: Boot, now: Moment) -> bool {
        self.state().watch.hears(boot, now)
    }

    /// Whether the records have heard this node just now.
    #[must_use]
    pub fn is_heard_by_records(&self, now: Moment) -> bool {
        self.state().right.is_heard_by_records(now)
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
        let taken = self.owning.ask(call, taken, is_for).await;
        taken.map(drop)
    }

    /// A meeting that nobody came to is nobody's again.
    pub async fn let_go(&self, call: CallId) {
        let term = self.state().memory.owned.get(&call).copied();
        if let Some(term) = term {
            self.leave(call, term).await;
        }
    }

    /// The meetings that were [taken](Self::take), in which somebody was when their last owner ended, and of which nobody
    /// here is the owner yet: whoever was to come may not, and somebody is to look after those seats.
    #[must_use]
    pub fn lack_owner(&self) -> Vec<CallId> {
        let state = self.state();
        let taken = state.taken.keys().copied();
        let lack = taken.filter(|it| !state.memory.seats(*it).is_empty());
        let lack = lack.collect();
        drop(state);
        lack
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
                    if let Some((_, newest)) = state.claiming.get_mut(&link) {
                        *newest = epoch.max(*newest);
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

    /// A press of a link is claimed from now on, until what this gives is gone.
    fn claims(&self, link: LinkId) -> Claiming<'_> {
        let mut state = self.state();
        state.claiming.entry(link).or_default().0 += 1;
        drop(state);
        Claiming(self, link)
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

    /// By what sessions have ended lately, as was told here: whoever was not reached may not find it in the records either.
    #[must_use]
    pub fn ended_lately(&self) -> Vec<Notice> {
        self.state().ended.iter().copied().collect()
    }

    /// Tells all nodes, this one first. Nobody waits for the others.
    async fn tell_all(&self, notice: Notice) {
        self.notices.put(notice).await;
        let mut state = self.state();
        match notice {
            Notice::Withdrawn { .. } | Notice::Moved { .. } => {
                if state.ended.len() == WAITS {
                    state.ended.pop_front();
                }
                state.ended.push_back(notice);
            }
            Notice::Changed { .. } | Notice::Lost { .. } => {}
        }
        drop(state);
        // There may be no way to any.
        drop(self.told.send(notice));
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

    /// Has the records say that a meeting is nobody's that is not this node's any more, and was in that term. Where it cannot
    /// be said, the records go on naming this node, until [it notices](Self::give_back_unsaid).
    async fn give_back(&self, call: CallId, term: Term, now: Moment) {
        let left = async {
            self.flush(now).await?;
            self.truth.leave(call, self.node.boot, term).await
        };
        match left.await {
            // Whoever is still in it is whoever's it is next.
            Ok(()) => {
                let mut state = self.state();
                if !state.memory.owned.contains_key(&call) && !state.asked_for.contains(&call) {
                    state.memory.forget(call);
                }
            }
            Err(error) => {
                tracing::debug!(%error, call = call.0, "it is given back later");
            }
        }
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

/// For whom it is whether a meeting is owned here: a term is one owner's.
const fn is_for(owned: &Result<Beginning, NotOwned>) -> IsFor {
    match owned {
        Ok(_) => IsFor::Asker,
        Err(NotOwned::Elsewhere) => IsFor::Earlier,
        Err(NotOwned::Unavailable) => IsFor::Waiting,
    }
}

/// Until when a right lasts, in microseconds.
fn until(right: &Right) -> u64 {
    let until = right.until().map(|it| it.0.as_micros());
    until.map_or(0, |it| u64::try_from(it).unwrap_or(u64::MAX))
}

/// The owner of a session that is over is to let go of it.
const fn moved_on(session: SessionId, known: &call::Session) -> Notice {
    Notice::Moved {
        link: known.link,
        call: known.call,
        epoch: Epoch(session.0 + 1),
    }
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
        self.owning.ask(call, owned, is_for).boxed()
    }

    fn may_act(&self, call: CallId, term: Term, now: Moment) -> bool {
        let state = self.state();
        state.memory.owned.get(&call) == Some(&term) && state.right.holds(now)
    }

    fn keep(&self, call: CallId, term: Term, here: Vec<(SessionId, call::Whereabouts)>) {
        self.change(|memory| memory.keep(call, term, here));
    }

    fn written(&self, session: SessionId) -> BoxFuture<'_, ()> {
        let is_unwritten = move || self.state().memory.is_unwritten(session);
        self.written.wait_while(is_unwritten).boxed()
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
            self.give_back(call, term, now).await;
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
