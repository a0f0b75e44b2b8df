//! A program that is one of the nodes: [`Shared`] as it stands, and owners of calls as the living part has them.
//! It may be stopped, woken and killed between any two steps.

use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::task::{Poll, Waker};
use std::time::Duration;

use call::{
    Call, CallId, Claim, Effect, Event, LinkId, Moment, Parting, Rules, SessionId, Whereabouts,
};
use cluster::{
    Boot, Cluster as _, Home, Node, NotOwned, Notice, Press, Shared, Standing, Term, Truth as _,
};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep};

use crate::records::{self, CAP};
use crate::redis;
use crate::streams::Streams;
use crate::world::World;

const RULES: Rules = Rules {
    cap: 4,
    grace: Duration::from_secs(10),
    closed_grace: Duration::from_secs(2),
    held_for: None,
    is_kept: false,
    host_within: None,
};

/// How often a meeting is looked for that another node has just taken, and how long after.
const TRIES: u32 = 8;
const AGAIN: Duration = Duration::from_millis(200);

pub(crate) type Programs = Arc<Vec<Arc<Program>>>;
type Carried = (Press, Option<oneshot::Sender<bool>>);

pub(crate) struct Program {
    index: usize,
    /// As its settings call it.
    name: String,
    world: Arc<World>,
    run: Mutex<Option<Arc<Run>>>,
    runs: Mutex<u128>,
    began: Instant,
}

/// One run of it.
struct Run {
    index: usize,
    world: Arc<World>,
    began: Instant,
    way: records::Way,
    shared: OnceLock<Shared>,
    calls: Mutex<BTreeMap<CallId, Owner>>,
    /// One owner begins at a time.
    turn: tokio::sync::Mutex<()>,
    mailbox: mpsc::Sender<Asked>,
    is_stopped: AtomicBool,
    is_killed: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

struct Owner {
    term: Term,
    call: Call,
    /// Those who have come by a socket to this owner: the others are yet to come back.
    sockets: BTreeSet<SessionId>,
}

pub(crate) enum Asked {
    Press(Pressed),
    Leave(Press),
    /// Another node says something, and is answered.
    Said(Said, oneshot::Sender<bool>),
}

/// What nodes say to each other.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Said {
    Done(Notice),
    DoRecordsHearYou,
    HasEnded(Boot),
}

/// A press that comes by a socket.
pub(crate) struct Pressed {
    press: Press,
    /// None where another node has carried it here.
    programs: Option<Programs>,
    /// Hears whether somebody came in by it; that it is gone where its socket was lost.
    told: Option<oneshot::Sender<bool>>,
}

/// Where a meeting lives, as a node finds it.
enum Lives {
    Here,
    There(Boot),
    Unknown,
}

fn lock<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().expect("nobody panicked")
}

impl Program {
    pub(crate) fn new(index: usize, world: &Arc<World>) -> Arc<Self> {
        Self::named(index, format!("{index}"), world)
    }

    pub(crate) fn named(index: usize, name: String, world: &Arc<World>) -> Arc<Self> {
        Arc::new(Self {
            index,
            name,
            world: Arc::clone(world),
            run: Mutex::new(None),
            runs: Mutex::new(0),
            began: Instant::now(),
        })
    }

    fn run(&self) -> Option<Arc<Run>> {
        lock(&self.run).clone()
    }

    pub(crate) fn start(self: &Arc<Self>) {
        let count = {
            let mut runs = lock(&self.runs);
            *runs += 1;
            *runs
        };
        let (mailbox, asked) = mpsc::channel(1024);
        let run = Arc::new(Run {
            index: self.index,
            world: Arc::clone(&self.world),
            began: self.began,
            way: self.way(),
            shared: OnceLock::new(),
            calls: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            mailbox,
            is_stopped: AtomicBool::new(false),
            is_killed: AtomicBool::new(false),
            waker: Mutex::default(),
        });
        *lock(&self.run) = Some(Arc::clone(&run));
        let node = Node {
            boot: Boot(count * 10 + self.index as u128),
            name: self.name.clone(),
            address: String::new(),
        };
        let program = Arc::clone(self);
        tokio::spawn(async move {
            let serves = Arc::clone(&run).serve(node, asked);
            if run.lets(serves).await {
                // Held to be gone, it ends, and its service begins it again.
                program.kill_for(Duration::from_millis(300));
            }
        });
    }

    fn way(&self) -> records::Way {
        records::Way {
            node: self.index,
            world: Arc::clone(&self.world),
            turn: Arc::default(),
        }
    }

    /// It stands still, as by SIGSTOP.
    pub(crate) fn stop_for(&self, lasts: Duration) {
        let Some(run) = self.run() else {
            return;
        };
        run.is_stopped.store(true, Ordering::Relaxed);
        tokio::spawn(async move {
            sleep(lasts).await;
            run.wake();
        });
    }

    pub(crate) fn wake(&self) {
        if let Some(run) = self.run() {
            run.wake();
        }
    }

    /// It is killed, and begun again.
    pub(crate) fn kill_for(self: &Arc<Self>, lasts: Duration) {
        let Some(run) = lock(&self.run).take() else {
            return;
        };
        run.is_killed.store(true, Ordering::Relaxed);
        run.wake();
        let program = Arc::clone(self);
        tokio::spawn(async move {
            sleep(lasts).await;
            program.start();
        });
    }

    pub(crate) async fn withdraw(&self, link: LinkId) {
        let run = self.run();
        if let Some(run) = run.filter(|it| it.acts())
            && let Some(shared) = run.shared.get()
        {
            shared.withdraw(link).await;
        }
    }

    /// Its run, where it has begun.
    pub(crate) fn boot(&self) -> Option<Boot> {
        let run = self.run()?;
        run.shared.get().map(|it| it.node().boot)
    }

    /// It has asked for a meeting, and never hears that it is its own.
    pub(crate) async fn own_unheard(&self, call: CallId) {
        let boot = self.boot().expect("it has begun");
        drop(self.way().own(call, boot).await);
    }

    /// All is mended, and some time has passed.
    pub(crate) fn is_in_order(&self) {
        let run = self.run().expect("it runs");
        let shared = run.shared.get().expect("it has begun");
        let outside = self.world.outside();
        for (call, owner) in lock(&run.calls).iter() {
            assert!(shared.may_act(*call, owner.term, run.now()), "it may act");
            let boot = Some(shared.node().boot);
            assert_eq!(outside.rows.owner(*call), boot, "the records say so");
            let here: BTreeSet<_> = owner.here().map(|(it, _)| it).collect();
            let kept = outside.rows.sessions.values();
            let kept = kept.filter(|it| it.meeting.0 == call.0 && is_placed(it.whereabouts));
            let kept: BTreeSet<_> = kept.map(|it| it.session).collect();
            // What is known of each that differs, by the records and here.
            let differ = here.symmetric_difference(&kept).map(|it| {
                let record = outside.rows.sessions.get(it).copied();
                let link = record.map_or(LinkId(0), |it| LinkId(it.link.number()));
                (
                    record,
                    shared.standing(link, *it),
                    outside.rows.of_link(link),
                )
            });
            let differ: Vec<_> = differ.collect();
            assert_eq!(here, kept, "a seat leaks in {call:?}: {differ:#?}");
            let links = owner.call.people().map(|it| it.link);
            let mut links = links.chain(owner.call.waiting().map(|it| it.link));
            assert!(links.all(|it| !outside.dead.contains(&it)), "a dead link");
        }
    }
}

const fn is_placed(it: cluster::Whereabouts) -> bool {
    matches!(
        it,
        cluster::Whereabouts::Seated(_)
            | cluster::Whereabouts::OnHold(_)
            | cluster::Whereabouts::Waiting(_)
    )
}

impl Run {
    /// A clock of its own, that goes too fast or too slow by half a hundredth.
    fn now(&self) -> Moment {
        let since = self.began.elapsed();
        Moment(match self.index {
            0 => since,
            1 => Duration::from_hours(1) + since + since / 200,
            _ => Duration::from_hours(9) + since - since / 200,
        })
    }

    fn acts(&self) -> bool {
        !self.is_stopped.load(Ordering::Relaxed) && !self.is_killed.load(Ordering::Relaxed)
    }

    fn wake(&self) {
        self.is_stopped.store(false, Ordering::Relaxed);
        if let Some(waker) = lock(&self.waker).take() {
            waker.wake();
        }
    }

    /// Goes on with it while it is not stopped; whether it ended before it was killed.
    async fn lets(&self, it: impl Future<Output = ()>) -> bool {
        let mut it = Box::pin(it);
        poll_fn(move |context| {
            *lock(&self.waker) = Some(context.waker().clone());
            if self.is_killed.load(Ordering::Relaxed) {
                Poll::Ready(false)
            } else if self.is_stopped.load(Ordering::Relaxed) {
                Poll::Pending
            } else {
                it.as_mut().poll(context).map(|()| true)
            }
        })
        .await
    }

    async fn serve(self: Arc<Self>, node: Node, mut asked: mpsc::Receiver<Asked>) {
        let by_redis = || redis::Way {
            node: self.index,
            world: Arc::clone(&self.world),
        };
        let shared = loop {
            let truth = records::Way {
                node: self.index,
                world: Arc::clone(&self.world),
                turn: Arc::clone(&self.way.turn),
            };
            let peers = Arc::new(Streams {
                node: self.index,
                world: Arc::clone(&self.world),
            });
            let besides = (Some(Arc::new(by_redis()) as _), peers as _);
            let begun = Shared::begin(node.clone(), Arc::new(truth), besides, || self.now());
            match begun.await {
                Ok(shared) => break shared,
                Err(_away) => sleep(Duration::from_millis(300)).await,
            }
        };
        assert!(self.shared.set(shared).is_ok(), "it begins once");
        let shared = self.shared.get().expect("it was just set");
        let mailbox = (self.index, self.mailbox.clone());
        self.world.outside().mailboxes.insert(node.boot, mailbox);
        let mut doing = FuturesUnordered::new();
        let talks = async {
            loop {
                tokio::select! {
                    biased;
                    Some(()) = doing.next(), if !doing.is_empty() => {}
                    Some(asked) = asked.recv() => doing.push(self.answer(shared, asked)),
                }
            }
        };
        tokio::select! {
            biased;
            _ended = shared.live(|| self.now(), |_| {}) => {}
            () = shared.write(|| self.now()) => {}
            () = by_redis().pass_on(shared) => {}
            () = self.hear(shared) => {}
            () = self.tick(shared) => {}
            () = talks => {}
        }
    }

    async fn answer(&self, shared: &Shared, asked: Asked) {
        match asked {
            Asked::Press(pressed) => self.press(shared, pressed).await,
            Asked::Said(said, reply) => {
                let answer = match said {
                    Said::Done(notice) => {
                        shared.hear(notice).await;
                        true
                    }
                    Said::DoRecordsHearYou => shared.is_heard_by_records(self.now()),
                    Said::HasEnded(boot) => self.way.end(boot).await.is_ok(),
                };
                // Nobody may wait for it any more.
                let _heard_or_not = reply.send(answer);
            }
            Asked::Leave(press) => {
                let sessions = {
                    let calls = lock(&self.calls);
                    let owner = calls.get(&press.call);
                    owner.map_or_else(Vec::new, |it| it.sessions_of(press.link))
                };
                for session in sessions {
                    self.happen(shared, press.call, Event::Left { session })
                        .await;
                }
            }
        }
    }

    async fn press(&self, shared: &Shared, pressed: Pressed) {
        let Pressed {
            press,
            programs,
            told,
        } = pressed;
        // What another has carried here is served here.
        if let Some(programs) = programs {
            match self.find(shared, press.call).await {
                Lives::Here => {}
                Lives::There(there) => return self.carry(there, &programs, (press, told)),
                Lives::Unknown => return,
            }
        }
        let is_here = self.enter(shared, press).await;
        // Nobody may be left to hear it.
        let _heard_or_not = told.map(|it| it.send(is_here));
    }

    /// Brings somebody to their seat or place here; whether they have it.
    async fn enter(&self, shared: &Shared, press: Press) -> bool {
        let claim = shared.claim(press, self.now()).await;
        let Ok(Claim::New { session, epoch, .. } | Claim::Again { session, epoch }) = claim else {
            return false;
        };
        let is_new = matches!(claim, Ok(Claim::New { .. }));
        let is_owned = self.own(shared, press.call).await;
        let is_live = shared.standing(press.link, session) == Standing::Live;
        if is_owned && is_live {
            let link = press.link;
            let event = Event::JoinAsked {
                session,
                link,
                epoch,
                is_host: false,
                may_hold: false,
            };
            self.happen(shared, press.call, event).await;
        }
        let is_here = {
            let mut calls = lock(&self.calls);
            let owner = calls.get_mut(&press.call);
            owner.is_some_and(|it| it.here().any(|(it, _)| it == session) && it.bind(session))
        };
        if is_new && !is_here {
            shared.release(session, Parting::TimedOut, self.now());
        }
        is_here
    }

    /// Hands a socket to the run that its meeting lives at, where that is reached.
    fn carry(&self, there: Boot, programs: &Programs, (press, told): Carried) {
        let there = programs.iter().filter_map(|it| it.run()).find(|it| {
            let boot = it.shared.get().map(|it| it.node().boot);
            boot == Some(there)
        });
        let cuts = self.world.outside().cuts;
        if let Some(there) = there
            && !cuts[self.index].nodes
            && !cuts[there.index].nodes
        {
            let carried = Pressed {
                press,
                programs: None,
                told,
            };
            drop(there.mailbox.try_send(Asked::Press(carried)));
        }
    }

    /// Where a meeting lives. One that is nowhere lives here from now on.
    async fn find(&self, shared: &Shared, call: CallId) -> Lives {
        if !shared.is_heard(self.now()) {
            return Lives::Unknown;
        }
        let mut has_lost = false;
        for _ in 0..TRIES {
            if shared.owns(call, self.now()) {
                return Lives::Here;
            }
            match self.way.home(call).await {
                Ok(Home::At(node)) if node.boot != shared.node().boot => {
                    return Lives::There(node.boot);
                }
                Ok(Home::At(_)) => return Lives::Here,
                Ok(Home::Nobody) => match shared.take(call).await {
                    Ok(()) => return Lives::Here,
                    // Whoever has just taken it is there.
                    Err(NotOwned::Elsewhere) if !std::mem::replace(&mut has_lost, true) => {}
                    Err(NotOwned::Elsewhere) => sleep(AGAIN).await,
                    Err(NotOwned::Unavailable) => return Lives::Unknown,
                },
                Err(_) => return Lives::Unknown,
            }
        }
        Lives::Unknown
    }

    /// Has an owner of the call here; whether there is one.
    async fn own(&self, shared: &Shared, call: CallId) -> bool {
        let _turn = self.turn.lock().await;
        if lock(&self.calls).contains_key(&call) {
            return true;
        }
        let Ok((term, seats)) = shared.own(call).await else {
            return false;
        };
        let now = self.now();
        if !shared.may_act(call, term, now) {
            return false;
        }
        let dead = self.world.outside().dead.clone();
        let (gone, kept): (Vec<_>, Vec<_>) = seats
            .iter()
            .map(|it| it.kept)
            .partition(|it| dead.contains(&it.link));
        for it in gone {
            shared.release(it.session, Parting::Withdrawn, now);
        }
        let call_here = Call::restored(RULES, &kept, |_| false, |_| false, now);
        let owner = Owner {
            term,
            call: call_here,
            sockets: BTreeSet::new(),
        };
        lock(&self.calls).insert(call, owner);
        true
    }

    /// Something happens in a call here, where its owner may act.
    async fn happen(&self, shared: &Shared, call: CallId, event: Event) {
        let left = {
            let mut calls = lock(&self.calls);
            let Some(owner) = calls.get_mut(&call) else {
                return;
            };
            let (term, now) = (owner.term, self.now());
            if !shared.may_act(call, term, now) {
                calls.remove(&call);
                return;
            }
            for effect in owner.call.handle(event, now) {
                if let Effect::Evict { session, reason } = effect {
                    shared.release(session, reason, now);
                }
            }
            shared.keep(call, term, owner.here().collect());
            let is_empty = owner.call.is_empty();
            if is_empty {
                calls.remove(&call);
            }
            is_empty.then_some(term)
        };
        if let Some(term) = left {
            shared.leave(call, term).await;
        }
    }

    /// Hears what is told.
    async fn hear(&self, shared: &Shared) {
        loop {
            match shared.next_notice().await {
                Notice::Lost { call } => {
                    // An owner that is just beginning hears it when it has begun.
                    let _turn = self.turn.lock().await;
                    let owner = lock(&self.calls).remove(&call);
                    if let Some(owner) = owner {
                        shared.leave(call, owner.term).await;
                    }
                }
                Notice::Moved { link, call, epoch } => {
                    self.happen(shared, call, Event::Superseded { link, epoch })
                        .await;
                }
                Notice::Withdrawn { link, call } => {
                    if let Some(call) = call {
                        self.happen(shared, call, Event::Withdrawn { link }).await;
                    }
                }
                Notice::Changed { .. } => {}
            }
        }
    }

    /// Looks after its calls, and hears what Redis passes on.
    async fn tick(&self, shared: &Shared) {
        loop {
            sleep(Duration::from_millis(500)).await;
            let (told, dead, reads) = {
                let mut outside = self.world.outside();
                let told = outside.told.remove(&self.index).unwrap_or_default();
                let reads = !outside.cuts[self.index].records;
                (told, outside.dead.clone(), reads)
            };
            for notice in told {
                shared.hear(notice).await;
            }
            let calls: Vec<_> = {
                let calls = lock(&self.calls);
                let calls = calls.iter();
                calls.map(|(call, owner)| (*call, owner.links())).collect()
            };
            for (call, links) in calls {
                for link in links.intersection(&dead).filter(|_| reads) {
                    shared.withdraw(*link).await;
                }
                self.happen(shared, call, Event::DeadlinePassed).await;
            }
        }
    }
}

impl Owner {
    fn here(&self) -> impl Iterator<Item = (SessionId, Whereabouts)> {
        let seated = self.call.people();
        let seated = seated.map(|it| (it.session, Whereabouts::Seated(it.seat)));
        let waiting = (0..).zip(self.call.waiting());
        seated.chain(waiting.map(|(place, it)| (it.session, Whereabouts::Waiting(place))))
    }

    /// Somebody has come by a socket.
    fn bind(&mut self, session: SessionId) -> bool {
        self.sockets.insert(session);
        true
    }

    /// The links of those who have come by a socket.
    fn who_has_come(&self) -> Vec<LinkId> {
        let all = self.call.people().map(|it| (it.link, it.session));
        let all = all.chain(self.call.waiting().map(|it| (it.link, it.session)));
        let all = all.filter(|(_, session)| self.sockets.contains(session));
        all.map(|(link, _)| link).collect()
    }

    /// Those of a link who have come by a socket.
    fn sessions_of(&self, link: LinkId) -> Vec<SessionId> {
        let all = self.call.people().map(|it| (it.link, it.session));
        let waiting = self.call.waiting().map(|it| (it.link, it.session));
        let its = all.chain(waiting).filter(|(of, _)| *of == link);
        let its = its.map(|(_, session)| session);
        its.filter(|it| self.sockets.contains(it)).collect()
    }

    fn links(&self) -> BTreeSet<LinkId> {
        let seated = self.call.people().map(|it| it.link);
        seated
            .chain(self.call.waiting().map(|it| it.link))
            .collect()
    }
}

/// Somebody presses at a node; they hear whether they came in by it.
pub(crate) fn press(at: usize, press: Press, programs: &Programs) -> oneshot::Receiver<bool> {
    let (told, hears) = oneshot::channel();
    if let Some(run) = programs[at].run() {
        let pressed = Pressed {
            press,
            programs: Some(Arc::clone(programs)),
            told: Some(told),
        };
        drop(run.mailbox.try_send(Asked::Press(pressed)));
    }
    hears
}

/// Somebody leaves: whoever has their socket hears so.
pub(crate) fn leave(press: Press, programs: &Programs) {
    for run in programs.iter().filter_map(|it| it.run()) {
        drop(run.mailbox.try_send(Asked::Leave(press)));
    }
}

/// At most one program acts for a call, and seats no more than it may.
pub(crate) fn one_acts(programs: &Programs) {
    let mut acting = BTreeMap::new();
    for run in programs
        .iter()
        .filter_map(|it| it.run())
        .filter(|it| it.acts())
    {
        let Some(shared) = run.shared.get() else {
            continue;
        };
        // What media goes by is what all else goes by.
        let until = Duration::from_micros(shared.acts_until().load(Ordering::Relaxed));
        let (now, is_heard) = (run.now().0, shared.is_heard(run.now()));
        assert!(is_heard || now >= until, "media flows too long");
        assert!(
            !is_heard || now <= until + Duration::from_micros(1),
            "media stops too soon"
        );
        for (call, owner) in lock(&run.calls).iter() {
            if shared.may_act(*call, owner.term, run.now()) {
                let boot = shared.node().boot;
                let other = acting.insert(*call, boot);
                assert_eq!(other, None, "{boot} acts too for {call:?}");
                assert!(owner.call.people().count() <= CAP, "a seat too many");
            }
        }
    }
}

/// The links of those who sit or wait at an owner that may act, each as often as it does.
pub(crate) fn who_sits(programs: &Programs) -> Vec<LinkId> {
    let mut links = Vec::new();
    for run in programs
        .iter()
        .filter_map(|it| it.run())
        .filter(|it| it.acts())
    {
        let Some(shared) = run.shared.get() else {
            continue;
        };
        for (call, owner) in lock(&run.calls).iter() {
            if shared.may_act(*call, owner.term, run.now()) {
                links.extend(owner.who_has_come());
            }
        }
    }
    links
}

/// No meeting is that of a run that is no more: nobody could come to it. Nor that of one that does not know: nobody would
/// look after who sits there.
pub(crate) fn owners_know(world: &Arc<World>, programs: &Programs) {
    let runs: Vec<_> = programs.iter().filter_map(|it| it.run()).collect();
    for (call, boot) in world.outside().rows.all_owners() {
        let its = runs.iter().find_map(|run| {
            let shared = run.shared.get().filter(|it| it.node().boot == boot)?;
            Some(shared.owns(call, run.now()))
        });
        assert!(its.is_some(), "{call:?} is {boot}'s, which does not run");
        let knows = its == Some(true);
        assert!(knows, "{call:?} is {boot}'s, which does not know");
    }
}

/// How many sit or wait at any of the nodes, as each counts them.
pub(crate) fn count(programs: &Programs) -> u64 {
    let shared = programs.iter().filter_map(|it| it.run());
    let counts = shared.filter_map(|it| it.shared.get().map(Shared::headcount));
    counts.map(|it| it.seated + it.waiting).sum()
}

/// Whether somebody has a seat or a place, and a socket by which they have come to their owner.
pub(crate) fn is_there(press: Press, programs: &Programs) -> bool {
    programs.iter().filter_map(|it| it.run()).any(|run| {
        let calls = lock(&run.calls);
        let owner = calls.get(&press.call);
        owner.is_some_and(|it| !it.sessions_of(press.link).is_empty())
    })
}
