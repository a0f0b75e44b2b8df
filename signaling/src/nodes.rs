//! The other nodes (OPS-2): where a meeting lives, the streams to them, and the sockets that are carried
//! over these. What is above all nodes is [`cluster::Shared`]'s.

mod alike;
mod ask;
mod carry;
mod cut_off;
mod drain;
mod frame;
mod greet;
mod place;
mod proof;
mod redis;
mod secret;
mod stream;
mod tell;
mod unreached;
mod ways;

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use call::{CallId, LinkId, SessionId};
use cluster::{
    Boot, Bus, Cluster as _, Ended, Fast, Heard, Home, Living, Node, NotOwned, Peers, Shared,
    Truth, Unavailable,
};
use futures_util::future::join_all;
use jiff::SignedDuration;
use live::{Clock, Live};
use store::Store;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use wire::close::Close;
use wire::http::people::ImportReport;

use crate::health::State;
use crate::house::{Ending, House};
use crate::intake::{AtNode, Source, Wish};
use crate::listen::way_out;
use crate::settings::{self, Settings};
use crate::socket::{self, In, Out};
use alike::Alike;
pub(crate) use alike::read as read_alike;
pub(crate) use ask::{relay, were_in};
pub(crate) use carry::End;
use cut_off::CutOff;
pub(crate) use drain::drain;
pub(crate) use frame::ELSEWHERE;
use place::Tellers;
use proof::Key;
pub use proof::KeyError;
pub(crate) use proof::is_name;
use redis::Redis;
use secret::Secrecy;
use stream::{Begun, Socket, Stream, Unsaid};
use tell::Teller;
use unreached::Unreached;
use ways::Ways;

/// How long another node may take to be connected, and to show that it is one.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long somebody waits whose meeting's node is not reached: longer than it takes until another may have the
/// meeting, and less than a page waits for an answer.
pub(crate) const UNREACHED: Duration = Duration::from_secs(8);

/// What is said where some do not hear what they are told.
const DEAF: &str =
    "Another node is not reached: what is withdrawn or changed here ends there some seconds later.";

/// What is said where this node may not act.
const UNHEARD: &str = "This node is heard neither by the records nor by Redis and most of the others: its calls are \
    over, or go on at others, until it is heard again or begins anew.";

/// How often it is looked for meanwhile.
pub(crate) const AGAIN: Duration = Duration::from_millis(200);

/// By how much the clock of this machine may differ from that of the records without a word.
const APART: SignedDuration = SignedDuration::from_secs(3);

/// How many may be showing that they are nodes at a time.
const STRANGERS: usize = 64;

/// How long to let be when the system has no room for another connection.
const NO_ROOM: Duration = Duration::from_millis(100);

/// Why a node cannot begin: one sentence that says what to change.
#[derive(Debug, thiserror::Error)]
pub enum NodesError {
    /// Where other nodes are to reach it cannot be listened on.
    #[error("cannot listen on {address}: {source}; {}", way_out(.source, "cluster.listen"))]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The key cannot be used.
    #[error("the file {} that cluster.key_file names cannot be used: {source}", path.display())]
    Key {
        /// Which.
        path: PathBuf,
        /// Why.
        source: KeyError,
    },
    /// No certificate can be made for this run.
    #[error("a certificate for the other nodes cannot be made: {0}")]
    Certificate(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Redis cannot be used as it is set.
    #[error("cluster.redis_url cannot be used: {0}")]
    Redis(#[from] cluster::BusError),
    /// The records are no PostgreSQL's.
    #[error(transparent)]
    Store(#[from] store::Fault),
    /// The records cannot be asked.
    #[error("the records cannot be asked: {0}")]
    Records(#[from] Unavailable),
    /// What it does counts no more.
    #[error(
        "its meetings go on at other nodes, because it was not heard for a while, or alone does not reach the records: it \
         is to begin anew"
    )]
    Gone,
}

impl NodesError {
    /// Whether it may pass without anybody mending it here.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Listen { source, .. } => matches!(
                source.kind(),
                io::ErrorKind::AddrInUse | io::ErrorKind::AddrNotAvailable
            ),
            Self::Key { .. } | Self::Redis(_) | Self::Certificate(_) => false,
            Self::Store(fault) => fault.may_pass(),
            Self::Records(_) | Self::Gone => true,
        }
    }
}

/// What the records answer to a node that is not to begin says what to do.
fn not_begun(error: Unavailable) -> NodesError {
    match error.0.downcast::<store::Error>() {
        Ok(error) => match *error {
            store::Error::Fault(fault @ store::Fault::OtherNodesKey { .. }) => fault.into(),
            other @ (store::Error::Refused(_)
            | store::Error::Spent { .. }
            | store::Error::Fault(_)) => Unavailable(Box::new(other)).into(),
        },
        Err(other) => Unavailable(other).into(),
    }
}

/// This node, and its ways to the others.
#[derive(Debug)]
pub(crate) struct Nodes {
    pub(crate) shared: Arc<Shared>,
    pub(crate) bus: Option<Arc<Bus>>,
    truth: Arc<dyn Truth>,
    clock: Clock,
    listener: TcpListener,
    ways: Arc<Ways>,
    strangers: Arc<Semaphore>,
    /// How many are on their way into which meeting.
    entering: Mutex<HashMap<CallId, usize>>,
    /// Whether this node is the first of those that are heard, by their names.
    is_first: AtomicBool,
    /// How many run, this one among them, by the records.
    seen: AtomicUsize,
    /// Which of them are not reached.
    unreached: Mutex<Unreached>,
    /// Which of them the records do not hear.
    cut_off: Mutex<CutOff>,
    /// Whether the records have heard it last.
    are_records_there: AtomicBool,
    /// Whether its clock was found to be another than that of the records.
    is_apart: AtomicBool,
    /// Whether another node was found to have its name.
    has_namesake: AtomicBool,
    /// What is to be the same at all.
    alike: Alike,
    drain: drain::Drain,
    tellers: Tellers,
}

/// Where a meeting lives.
pub(crate) enum Lives {
    /// Here.
    Here,
    /// At no node.
    Nowhere,
    /// At another node.
    There(Arc<Stream>),
    /// Nobody can say just now.
    Unknown,
}

/// Whether the key of the nodes can be had.
///
/// # Errors
///
/// [`KeyError`].
pub(crate) fn try_key(file: &Path) -> Result<(), KeyError> {
    Key::read(file).map(drop)
}

/// What the nodes of that key are called in Redis.
///
/// # Errors
///
/// [`KeyError`].
pub(crate) fn name_in_redis(file: &Path) -> Result<String, KeyError> {
    Key::read(file).map(|it| it.cluster())
}

/// Somebody on their way into a meeting.
pub(crate) struct Entering {
    nodes: Arc<Nodes>,
    call: CallId,
}

impl Entering {
    /// They did not come in: a meeting that [was found](Nodes::find) for them alone is nobody's again.
    pub(crate) async fn turns_back(self, house: &House) {
        let is_alone = self.nodes.entering().get(&self.call) == Some(&1);
        if is_alone && !house.live.has(self.call) {
            self.nodes.shared.let_go(self.call).await;
        }
    }
}

impl Drop for Entering {
    fn drop(&mut self) {
        let mut entering = self.nodes.entering();
        if let Some(count) = entering.get_mut(&self.call) {
            *count -= 1;
            if *count == 0 {
                entering.remove(&self.call);
            }
        }
    }
}

impl Nodes {
    /// Begins to be a node: it listens, and makes itself known in the records.
    ///
    /// # Errors
    ///
    /// [`NodesError`].
    pub(crate) async fn begin(
        (settings, all): (&settings::Node, &Settings),
        store: &Store,
        clock: Clock,
        ending: &Ending,
    ) -> Result<Self, NodesError> {
        let key = Key::read(&settings.key_file).map_err(|source| NodesError::Key {
            path: settings.key_file.clone(),
            source,
        })?;
        let address = settings.listen;
        let refused = |source| NodesError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let node = Node {
            boot: Boot(ambient::random()),
            name: settings.name.clone(),
            address: settings
                .address
                .clone()
                .unwrap_or_else(|| address.to_string()),
        };
        let alike = all.alike(|name, value| key.setting(name, value));
        let records = store.nodes(&key.seal_of_records())?;
        // Digests of texts are a text.
        let written = serde_json::to_string(&alike).unwrap_or_default();
        let truth: Arc<dyn Truth> = Arc::new(records.with_settings(written));
        let bus = settings
            .redis_url
            .as_ref()
            .map(|url| Bus::new(url.reveal(), &key.cluster()).map(Arc::new));
        let bus = bus.transpose()?;
        let secrecy = Secrecy::new().map_err(NodesError::Certificate)?;
        let fast = bus.clone().map(|it| it as Arc<dyn Fast>);
        let now = || clock.now();
        let asked = clock.now();
        let ways = Arc::new(Ways::of(&node, (key, secrecy), ending.clone()));
        let besides = (fast, Arc::clone(&ways) as Arc<dyn Peers>);
        let shared = Shared::begin(node, Arc::clone(&truth), besides, now).await;
        let shared = shared.map_err(not_begun)?;
        // From here on all nodes go by one clock.
        let shown = shared.time(ambient::now(), asked);
        ambient::follow(shown, clock.now().since(asked));
        Ok(Self {
            shared: Arc::new(shared),
            bus,
            truth,
            clock,
            listener,
            ways,
            strangers: Arc::new(Semaphore::new(STRANGERS)),
            entering: Mutex::default(),
            is_first: AtomicBool::new(false),
            seen: AtomicUsize::new(1),
            unreached: Mutex::default(),
            cut_off: Mutex::default(),
            are_records_there: AtomicBool::new(true),
            is_apart: AtomicBool::new(false),
            has_namesake: AtomicBool::new(false),
            alike: Alike::of(alike),
            drain: drain::Drain::new(settings.drain_within),
            tellers: Tellers::default(),
        })
    }

    /// This node ends, with all that it owns written down: it is anybody's from now on.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] where the records cannot be asked.
    pub(crate) async fn end(&self) -> Result<(), Unavailable> {
        self.shared.end(self.clock.now()).await
    }

    /// Whether what one node does for all, at night, is this one's to do. While nodes come and go it may be
    /// two nodes', or nobody's for some seconds.
    pub(crate) fn is_on_duty(&self) -> bool {
        self.is_first.load(Ordering::Relaxed)
    }

    /// Says what this node sees of the others.
    pub(crate) async fn look_around(&self) {
        let me = self.shared.node();
        tracing::info!(name = me.name, address = me.address, "this is a node");
        tracing::warn!(
            "no school has had an evening on several nodes yet: docs/nodes.md says what does not hold"
        );
        self.look_for_redis().await;
        let Ok(renewed) = self.shared.renew(&|| self.clock.now()).await else {
            return;
        };
        let others = renewed.living.iter().map(|it| &it.node);
        // A run of this name that was killed is not held to be gone yet.
        let others = others.filter(|it| it.boot != me.boot && it.name != me.name);
        join_all(others.map(|it| self.look_for(it))).await;
    }

    async fn look_for_redis(&self) {
        match &self.bus {
            Some(bus) => match bus.try_out().await {
                Ok(()) => tracing::info!("Redis answers"),
                Err(unfit) => {
                    tracing::warn!("{unfit}; were PostgreSQL away too, calls would end");
                }
            },
            None => tracing::info!("no Redis is set: where PostgreSQL is away, calls end"),
        }
    }

    async fn look_for(&self, node: &Node) {
        if self.ways.reach(node).await.is_some() {
            tracing::info!(name = node.name, "another node is reached");
        } else {
            tracing::warn!(
                name = node.name,
                address = node.address,
                "another node is not reached: see that its cluster.address leads to it from here, \
                 and that both have the same key"
            );
        }
    }

    /// Whether this node may act: what is sent to one that may not ends up nowhere.
    pub(crate) fn standing(&self) -> State {
        if self.shared.is_heard(self.clock.now()) {
            State::Well
        } else {
            State::Unwell(UNHEARD.to_owned())
        }
    }

    /// Where a meeting lives, from now on. Where its node is not reached, and may yet be, it is waited for, or for
    /// another to have the meeting.
    pub(crate) async fn find(&self, live: &Live, call: CallId) -> Lives {
        self.find_until(live, call, Instant::now() + UNREACHED)
            .await
    }

    pub(crate) async fn find_until(&self, live: &Live, call: CallId, ends: Instant) -> Lives {
        // Whoever is here goes on to another node, which may have it.
        if !self.shared.is_heard(self.clock.now()) {
            return Lives::Unknown;
        }
        let mut has_lost = false;
        loop {
            let placed = match self.look(call).await {
                Ok(Lives::Nowhere) => timeout_at(ends, self.place(live, call)).await,
                // By the records alone it may be on its way to be nobody's: its last owner here has just left it.
                Ok(Lives::Here) => timeout_at(ends, self.take(call)).await,
                Ok(Lives::Unknown) if Instant::now() < ends => {
                    sleep(AGAIN).await;
                    continue;
                }
                Ok(lives) => return lives,
                Err(error) => {
                    tracing::debug!(%error, call = call.0, "nobody knows where it lives");
                    return Lives::Unknown;
                }
            };
            match placed {
                Ok(Some(lives)) => return lives,
                // Whoever has just taken it is there.
                Ok(None) if !std::mem::replace(&mut has_lost, true) => {}
                Ok(None) if Instant::now() < ends => sleep(AGAIN).await,
                Ok(None) | Err(_) => return Lives::Unknown,
            }
        }
    }

    /// Whether meetings that other nodes left behind come to live here.
    pub(crate) fn takes_up(&self) -> bool {
        self.is_heard_by_records() && self.takes_meetings()
    }

    /// Has a meeting live here; none where another node has it by now.
    async fn take(&self, call: CallId) -> Option<Lives> {
        match self.shared.take(call).await {
            Ok(()) => Some(Lives::Here),
            Err(NotOwned::Elsewhere) => None,
            Err(_refused) => Some(Lives::Unknown),
        }
    }

    /// Somebody is on their way into a meeting, wherever it is.
    pub(crate) fn enters(self: &Arc<Self>, call: CallId) -> Entering {
        *self.entering().entry(call).or_default() += 1;
        Entering {
            nodes: Arc::clone(self),
            call,
        }
    }

    /// Whether anybody is on their way into a meeting here.
    fn is_anybody_entering(&self) -> bool {
        !self.entering().is_empty()
    }

    fn entering(&self) -> MutexGuard<'_, HashMap<CallId, usize>> {
        // It is whole at every step, whatever panicked.
        self.entering.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a meeting lives; unknown where its node is not reached.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] where the records cannot be asked.
    pub(crate) async fn look(&self, call: CallId) -> Result<Lives, Unavailable> {
        // What is here needs nobody's word.
        if self.shared.owns(call, self.clock.now()) {
            return Ok(Lives::Here);
        }
        let node = match self.truth.home(call).await? {
            Home::At(node) if node.boot != self.shared.node().boot => node,
            Home::At(_) => return Ok(Lives::Here),
            Home::Nobody => return Ok(Lives::Nowhere),
        };
        let stream = self.ways.reach(&node).await;
        Ok(stream.map_or(Lives::Unknown, Lives::There))
    }

    /// Where somebody is who comes back while the records cannot be asked: the nodes are.
    pub(crate) async fn find_session(&self, session: SessionId) -> Lives {
        let asked = self.ways.all().into_iter().map(|stream| async move {
            let is_there = ask::holds(&stream, session).await;
            is_there.then_some(stream)
        });
        let there = join_all(asked).await.into_iter().flatten().next();
        there.map_or(Lives::Unknown, Lives::There)
    }

    /// Has every page that is open at another node look once more. Those of a node that does not hear it look when it is gone.
    pub(crate) async fn have_others_look(&self) {
        let streams = self.ways.all();
        let heard = join_all(streams.iter().map(ask::look)).await;
        if heard.contains(&false) {
            tracing::debug!("a node has not heard that its pages are to look once more");
        }
    }

    /// Whose of these have a page open at another node.
    pub(crate) async fn are_open_elsewhere(&self, links: &[LinkId]) -> BTreeSet<LinkId> {
        if links.is_empty() {
            return BTreeSet::new();
        }
        let streams = self.ways.all();
        let asked = streams.iter().map(|it| ask::are_open(it, links));
        join_all(asked).await.into_iter().flatten().collect()
    }

    /// Whether the records have heard it just now.
    fn is_heard_by_records(&self) -> bool {
        self.shared.is_heard_by_records(self.clock.now())
    }

    /// The same, to another node of that name: it asks because they do not hear it.
    fn answers_cut_off(&self, name: &str) -> bool {
        let is_heard = self.is_heard_by_records();
        if is_heard {
            self.cut_off().asks(name, Instant::now());
        }
        is_heard
    }

    fn cut_off(&self) -> MutexGuard<'_, CutOff> {
        // It is whole at every step, whatever panicked.
        self.cut_off.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be said where others have not been heard by the records for a while.
    fn says_of_cut_off(&self, now: Instant) -> Option<String> {
        let names = self.cut_off().look(now);
        (!names.is_empty()).then(|| {
            let names = names.join(", ");
            format!(
                "Nodes that do not reach PostgreSQL, as this one does: {names}. They serve nobody new until they do: see \
                 their way to it."
            )
        })
    }

    /// How it stands at the others with people who are taken in from this source.
    pub(crate) async fn intakes(&self, from: Source) -> Vec<AtNode> {
        let streams = self.ways.all();
        let asked = streams.iter().map(|it| ask::intake(it, from));
        join_all(asked).await.into_iter().flatten().collect()
    }

    /// What the run that began then has come to, row by row, where it was one of another node's.
    pub(crate) async fn import_report(&self, from: Source, began: i64) -> Option<ImportReport> {
        for stream in self.ways.all() {
            let report = ask::import_report(&stream, from, began).await;
            if report.is_some() {
                return report;
            }
        }
        None
    }

    /// Has another node look into its import folder; whether one has one.
    pub(crate) async fn take_from_folder(&self, wish: &Wish) -> bool {
        for stream in self.ways.all() {
            if ask::take_from_folder(&stream, wish).await {
                return true;
            }
        }
        false
    }

    /// Writes down that another run has ended.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] where the records cannot be asked.
    async fn write_end(&self, boot: Boot) -> Result<(), Unavailable> {
        self.truth.end(boot).await
    }

    /// Whether a session is in a meeting of this node's.
    fn holds(&self, session: SessionId) -> bool {
        self.shared.holds(session, self.clock.now())
    }

    /// These nodes run: each is dialled before anybody waits for it.
    fn see(self: &Arc<Self>, living: &[Living]) {
        let me = self.shared.node().boot;
        self.are_records_there.store(true, Ordering::Relaxed);
        let is_first = self.shared.is_first(self.clock.now());
        self.is_first.store(is_first, Ordering::Relaxed);
        let others = living.iter().map(|it| &it.node);
        let others: Vec<_> = others.filter(|it| it.boot != me).collect();
        self.ways.see(&others);
        self.seen.store(others.len() + 1, Ordering::Relaxed);
        let apart = ambient::apart();
        if apart.abs() > APART && !self.is_apart.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                ahead_s = apart.as_secs(),
                "this machine's clock and that of the records differ: this node goes by that of the records, and its log \
                 by that of the machine"
            );
        }
        if self.shared.has_namesake() && !self.has_namesake.swap(true, Ordering::Relaxed) {
            tracing::error!(
                name = self.shared.node().name,
                "another node that runs has this one's name: give one of them another cluster.name, or one may \
                 hold the other to have ended"
            );
        }
    }

    /// How many nodes run by the records, and how many of them are reached: this one is one of either.
    pub(crate) fn counted(&self) -> (usize, usize) {
        let seen = self.seen.load(Ordering::Relaxed);
        (seen, (self.ways.all().len() + 1).min(seen))
    }

    /// What is to be said of the others' ways to this node and to the records.
    fn says_of_others(&self, living: &[Living], now: Instant) -> Option<String> {
        let said = [self.says_of_ways(living, now), self.says_of_cut_off(now)];
        let said: Vec<_> = said.into_iter().flatten().collect();
        (!said.is_empty()).then(|| said.join(" "))
    }

    /// What is to be said where some that live have not been reached for a while.
    fn says_of_ways(&self, living: &[Living], now: Instant) -> Option<String> {
        let (me, moment) = (self.shared.node().boot, self.clock.now());
        let others = living.iter().map(|it| &it.node).filter(|it| it.boot != me);
        let others = others.filter(|it| self.shared.hears(it.boot, moment));
        let others: Vec<_> = others
            .map(|it| (it, self.ways.is_reached(it.boot)))
            .collect();
        let mut unreached = self
            .unreached
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let names = unreached.look(&others, now);
        drop(unreached);
        (!names.is_empty()).then(|| {
            let names = names.join(", ");
            format!(
                "Nodes that run and are not reached from here: {names}. See that cluster.address of each leads to it, \
                 and that nothing between the nodes refuses that."
            )
        })
    }

    /// Carries a socket to the node that its meeting lives at, which it said `first`.
    pub(crate) async fn carry(
        house: &House,
        (sink, source): (&mut Out, &mut In),
        (stream, first): (Arc<Stream>, Utf8Bytes),
    ) -> End {
        match stream.open(first).await {
            Ok(channel) => carry::carry((sink, source), channel, &house.closing).await,
            Err(Unsaid::Ended) => End::Elsewhere,
            Err(Unsaid::TooLong) => End::Word(Close::TooBig.into()),
        }
    }
}

/// Serves the nodes that connect here, until the program ends.
pub(crate) async fn listen(house: Arc<House>, nodes: Arc<Nodes>) {
    loop {
        let accepted = tokio::select! {
            biased;
            () = house.closing.cancelled() => return,
            accepted = nodes.listener.accept() => accepted,
        };
        let Ok((line, _from)) = accepted else {
            sleep(NO_ROOM).await;
            continue;
        };
        let Ok(place) = Arc::clone(&nodes.strangers).try_acquire_owned() else {
            tracing::debug!("too many who show that they are nodes: one dropped");
            continue;
        };
        let (house, nodes) = (Arc::clone(&house), Arc::clone(&nodes));
        let tasks = house.tasks.clone();
        tasks.spawn(async move {
            let answered = timeout(PATIENCE, nodes.ways.answer(line)).await;
            drop(place);
            if let Ok(Some((socket, name))) = answered {
                tracing::info!(name, "another node has come");
                serve(&house, socket, &name).await;
                // Where this one ends, the others live on.
                if !house.closing.is_cancelled() {
                    tracing::info!(name, "another node has gone");
                }
            }
        });
    }
}

/// Serves the sockets that another node of that name carries here.
async fn serve(house: &Arc<House>, socket: Socket, name: &str) {
    let (stream, frames) = Stream::new();
    let teller = Arc::new(Teller::new(house, name));
    let open = |begun: Begun| {
        let its = Arc::clone(house);
        match begun {
            Begun::Socket(channel, first) => {
                let (sink, source) = carry::served(channel, first);
                house.tasks.spawn(socket::run(sink, source, its, None));
            }
            Begun::Question(channel, asked) => {
                let teller = Arc::clone(&teller);
                house
                    .tasks
                    .spawn(async move { ask::answer(&its, &teller, channel, &asked).await });
            }
        }
    };
    let running = Arc::clone(&stream).run(socket, frames, Some(open));
    tokio::select! {
        () = running => {}
        () = closed_and_said(house) => stream.end(),
    }
}

/// The program ends, and the others had a moment to hear of what it did last.
pub(crate) async fn closed_and_said(house: &House) {
    ways::closed_and_said(&house.closing, &house.deeds).await;
}

/// Has every node that is reached hear what is new, who is where, and what is done.
fn tell_of_what_is_new(house: &Arc<House>, nodes: &Nodes) {
    let streams = nodes.ways.all().into_iter();
    for stream in streams.filter(|it| it.begins_to_tell()) {
        let its = (Arc::clone(house), Arc::clone(&stream));
        house.tasks.spawn(tell::tell_counted(its.0, its.1));
        let shared = Arc::clone(&nodes.shared);
        let notices = shared.told();
        let ended = move || shared.ended_lately();
        let tells_done = tell::tell_done(Arc::clone(&stream), (ended, notices));
        house.tasks.spawn(tells_done);
        house.tasks.spawn(tell::tell(Arc::clone(house), stream));
    }
}

/// Says that this node lives, again and again. Where it is held to be gone, the program ends.
pub(crate) async fn live_on(house: Arc<House>, nodes: Arc<Nodes>) {
    let redis = Redis::of(house.health.part("redis_answers"));
    let name = house.health.part("node_name");
    let ways = house.health.part("nodes_reached");
    let alike = house.health.part("nodes_alike");
    let heard = |heard| {
        match heard {
        Heard::Living { living, now, took } => {
            ambient::follow(now, took);
            nodes.see(&living);
            drop(if nodes.shared.has_namesake() {
                name.doubtful("Another node that runs has this one's name: see cluster.name.")
            } else {
                name.well()
            });
            let do_all_hear = nodes.ways.do_all_hear();
            drop(match nodes.says_of_others(&living, Instant::now()) {
                Some(sentences) => ways.doubtful(sentences),
                None if do_all_hear => ways.well(),
                None => ways.doubtful(DEAF),
            });
            tell_of_what_is_new(&house, &nodes);
            alike::compare(&house, &nodes, &living);
            drop(alike.set(nodes.alike.standing()));
        }
        Heard::NoRecords => {
            nodes.are_records_there.store(false, Ordering::Relaxed);
            nodes.ways.keep();
            tracing::debug!("the records have not heard that this node lives");
        }
        Heard::Redis(true) => redis.hear(None),
        Heard::Redis(false) => redis.hear(Some(
            "Redis does not answer, or refuses what nodes ask of it (homeroom doctor says which): were PostgreSQL away \
             too, calls would end.",
        )),
        Heard::Denied => redis.hear(Some(
            "Redis holds this node to be gone: were PostgreSQL away too, its calls would end.",
        )),
        Heard::Stopped => {
            tracing::error!("this node is heard nowhere: its calls end, and go on at others");
        }
    }
    };
    tokio::select! {
        () = house.closing.cancelled() => {}
        ended = nodes.shared.live(|| nodes.clock.now(), heard) => {
            say_why(ended);
            house.is_gone.cancel();
        }
    }
}

/// Why this node ends.
fn say_why(ended: Ended) {
    match ended {
        Ended::HeldGone => {
            tracing::error!("the other nodes hold this one to be gone: it ends");
        }
        Ended::CutOff => {
            tracing::error!(
                "the other nodes reach the records, and this one does not: it ends, and its calls go on at those; see \
                 its way to PostgreSQL"
            );
        }
    }
}
