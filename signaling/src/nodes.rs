//! The other nodes (OPS-2): where a meeting lives, the streams to them, and the sockets that are carried
//! over these. What is above all nodes is [`cluster::Shared`]'s.

mod ask;
mod carry;
mod frame;
mod greet;
mod proof;
mod stream;

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use call::CallId;
use cluster::{Boot, Bus, Cluster as _, Home, Node, Shared, Truth, Unavailable};
use live::Clock;
use store::Store;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use wire::close::Close;

use crate::house::House;
use crate::settings;
use crate::socket::{self, In, Out};
pub(crate) use ask::relay;
pub(crate) use carry::End;
pub use proof::KeyError;
pub(crate) use proof::is_name;
use proof::{Greeting, Key};
use stream::{Begun, Socket, Stream};

/// How often a node says that it lives.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// How long after it last could say so anywhere a node ends all its calls: others take them no earlier
/// than 20 s after.
const ALONE: Duration = Duration::from_secs(15);

/// How long another node may take to be connected, and to show that it is one.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many may be showing that they are nodes at a time.
const STRANGERS: usize = 64;

/// How long to let be when the system has no room for another connection.
const NO_ROOM: Duration = Duration::from_millis(100);

/// Why a node cannot begin: one sentence that says what to change.
#[derive(Debug, thiserror::Error)]
pub enum NodesError {
    /// Where other nodes are to reach it cannot be listened on.
    #[error("cannot listen on {address}: {source}; give another address with cluster.listen")]
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
    /// Redis cannot be used as it is set.
    #[error("cluster.redis_url cannot be used: {0}")]
    Redis(#[from] cluster::BusError),
    /// The records are no PostgreSQL's.
    #[error(transparent)]
    Store(#[from] store::Fault),
    /// The records cannot be asked.
    #[error("the records cannot be asked: {0}")]
    Records(#[from] Unavailable),
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
            Self::Key { .. } | Self::Redis(_) => false,
            Self::Store(fault) => fault.may_pass(),
            Self::Records(_) => true,
        }
    }
}

/// One place for the stream to a node, so that one is made at a time.
type Slot = Arc<tokio::sync::Mutex<Option<Arc<Stream>>>>;

/// This node, and its ways to the others.
#[derive(Debug)]
pub(crate) struct Nodes {
    pub(crate) shared: Arc<Shared>,
    pub(crate) bus: Option<Arc<Bus>>,
    truth: Arc<dyn Truth>,
    key: Key,
    listener: TcpListener,
    streams: Mutex<HashMap<Boot, Slot>>,
    strangers: Arc<Semaphore>,
    /// Whether this node is the first of those that run, by their names.
    is_first: AtomicBool,
}

/// Where a meeting lives.
pub(crate) enum Lives {
    /// Here, or nowhere yet.
    Here,
    /// At another node.
    There(Arc<Stream>),
    /// Nobody can say just now.
    Unknown,
}

/// Why a node was not reached.
enum Unreached {
    /// Nothing listens there: it has ended.
    Ended,
    /// It may live.
    Silent,
}

impl Nodes {
    /// Begins to be a node: it listens, and makes itself known in the records.
    ///
    /// # Errors
    ///
    /// [`NodesError`].
    pub(crate) async fn begin(
        settings: &settings::Node,
        store: &Store,
        clock: Clock,
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
        let truth: Arc<dyn Truth> = Arc::new(store.nodes()?);
        let bus = settings
            .redis_url
            .as_ref()
            .map(|url| Bus::new(url.reveal(), &key.cluster()).map(Arc::new));
        let bus = bus.transpose()?;
        let shared = Shared::begin(node, Arc::clone(&truth), bus.clone(), clock.now()).await?;
        Ok(Self {
            shared: Arc::new(shared),
            bus,
            truth,
            key,
            listener,
            streams: Mutex::default(),
            strangers: Arc::new(Semaphore::new(STRANGERS)),
            is_first: AtomicBool::new(false),
        })
    }

    /// This node ends, with all that it owns written down: it is anybody's from now on.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] where the records cannot be asked.
    pub(crate) async fn end(&self) -> Result<(), Unavailable> {
        self.shared.end().await
    }

    /// Whether what one node does for all, at night, is this one's to do. While nodes come and go it may be
    /// two nodes', or nobody's for some seconds.
    pub(crate) fn is_on_duty(&self) -> bool {
        self.is_first.load(Ordering::Relaxed)
    }

    /// Says what this node sees of the others.
    pub(crate) async fn look_around(&self, clock: Clock) {
        let me = self.shared.node();
        tracing::info!(name = me.name, address = me.address, "this is a node");
        tracing::warn!(
            "several nodes are not yet for a school's evenings: docs/nodes.md says what is missing"
        );
        self.look_for_redis().await;
        let Ok(renewed) = self.shared.renew(clock.now()).await else {
            return;
        };
        for node in renewed.nodes.iter().filter(|it| it.boot != me.boot) {
            self.look_for(node).await;
        }
    }

    async fn look_for_redis(&self) {
        match &self.bus {
            Some(bus) if bus.is_there().await => tracing::info!("Redis answers"),
            Some(_) => {
                tracing::warn!("Redis does not answer: nodes hear of each other more slowly");
            }
            None => tracing::info!("no Redis is set: nodes hear of each other more slowly"),
        }
    }

    async fn look_for(&self, node: &Node) {
        if self.reach(node).await.is_ok() {
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

    /// Where a meeting lives.
    pub(crate) async fn find(&self, call: CallId) -> Lives {
        let home = match self.truth.home(call).await {
            Ok(Home::At(node)) if node.boot != self.shared.node().boot => node,
            Ok(Home::At(_) | Home::Nobody) => return Lives::Here,
            Err(error) => {
                tracing::debug!(%error, call = call.0, "nobody knows where it lives");
                return Lives::Unknown;
            }
        };
        match self.reach(&home).await {
            Ok(stream) => Lives::There(stream),
            Err(Unreached::Ended) => match self.truth.hold_gone(home.boot).await {
                Ok(()) => Lives::Here,
                Err(_unavailable) => Lives::Unknown,
            },
            // It becomes this node's once the other has been silent for long enough, and not before.
            Err(Unreached::Silent) => match self.shared.own(call).await {
                Ok(_seats) => Lives::Here,
                Err(_refused) => Lives::Unknown,
            },
        }
    }

    /// The stream to a node, made where there is none.
    async fn reach(&self, node: &Node) -> Result<Arc<Stream>, Unreached> {
        let slot = {
            let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(streams.entry(node.boot).or_default())
        };
        let mut slot = slot.lock().await;
        if let Some(stream) = slot.as_ref().filter(|it| !it.has_ended()) {
            return Ok(Arc::clone(stream));
        }
        let was_reached = slot.is_some();
        let socket = match timeout(PATIENCE, self.dial(node)).await {
            Ok(Ok(socket)) => socket,
            // Where it was never reached, its address may be wrong.
            Ok(Err(Unreached::Ended)) if !was_reached => return Err(Unreached::Silent),
            Ok(Err(unreached)) => return Err(unreached),
            Err(_elapsed) => return Err(Unreached::Silent),
        };
        let (stream, frames) = Stream::new();
        let runs = Arc::clone(&stream);
        // It ends with the stream, which ends where nothing is heard.
        tokio::spawn(runs.run(socket, frames, None::<fn(Begun)>));
        *slot = Some(Arc::clone(&stream));
        drop(slot);
        Ok(stream)
    }

    async fn dial(&self, node: &Node) -> Result<Socket, Unreached> {
        let line = TcpStream::connect(&node.address).await.map_err(|error| {
            if error.kind() == io::ErrorKind::ConnectionRefused {
                Unreached::Ended
            } else {
                Unreached::Silent
            }
        })?;
        greet::dial(line, &self.key, self.greeting(), node.boot)
            .await
            .ok_or(Unreached::Silent)
    }

    fn greeting(&self) -> Greeting {
        let me = self.shared.node();
        Greeting::of(me.boot, &me.name)
    }

    /// Carries a socket to the node that its meeting lives at, which it said `first`.
    pub(crate) async fn carry(
        house: &House,
        (sink, source): (&mut Out, &mut In),
        (stream, first): (Arc<Stream>, Utf8Bytes),
    ) -> End {
        match stream.open(first).await {
            Ok(channel) => carry::carry((sink, source), channel, &house.closing).await,
            // The page comes back, to whoever has the meeting by then.
            Err(_ended) => End::Word(Close::Failed.into()),
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
            let answered =
                timeout(PATIENCE, greet::answer(line, &nodes.key, nodes.greeting())).await;
            drop(place);
            if let Ok(Some((socket, name))) = answered {
                tracing::info!(name, "another node has come");
                serve(&house, socket).await;
                tracing::info!(name, "another node has gone");
            }
        });
    }
}

/// Serves the sockets that another node carries here.
async fn serve(house: &Arc<House>, socket: Socket) {
    let (stream, frames) = Stream::new();
    let open = |begun: Begun| {
        let its = Arc::clone(house);
        match begun {
            Begun::Socket(channel, first) => {
                let (sink, source) = carry::served(channel, first);
                house.tasks.spawn(socket::run(sink, source, its, None));
            }
            Begun::Question(channel, asked) => {
                house
                    .tasks
                    .spawn(async move { ask::answer(&its, channel, &asked).await });
            }
        }
    };
    let running = Arc::clone(&stream).run(socket, frames, Some(open));
    tokio::select! {
        () = running => {}
        () = ended_and_said(house) => stream.end(),
    }
}

/// The program ends, and what is said last has had a moment to be said.
async fn ended_and_said(house: &House) {
    house.closing.cancelled().await;
    sleep(Duration::from_millis(500)).await;
}

/// Says that this node lives, again and again; where it can say so nowhere, or is held to be gone, it
/// ends its calls.
pub(crate) async fn live_on(house: Arc<House>, nodes: Arc<Nodes>) {
    let mut ticks = interval(HEARTBEAT);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Instant::now();
    loop {
        tokio::select! {
            () = house.closing.cancelled() => return,
            _ = ticks.tick() => {}
        }
        // Before anything else: the time while this program was stopped counts.
        if heard.elapsed() >= ALONE {
            tracing::error!("this node is heard nowhere: its calls end, and go on at others");
            nodes.shared.lose_all().await;
        }
        let said = timeout(ALONE / 5, nodes.shared.renew(house.live.clock.now()));
        let (renewed, redis) = tokio::join!(said, nodes.shared.say_in_redis());
        match renewed {
            Ok(Ok(renewed)) if renewed.is_gone => {
                tracing::error!("the other nodes hold this one to be gone: it ends");
                house.is_gone.cancel();
                return;
            }
            Ok(Ok(renewed)) => {
                let first = renewed.nodes.first().map(|it| it.boot);
                let is_first = first == Some(nodes.shared.node().boot);
                nodes.is_first.store(is_first, Ordering::Relaxed);
                heard = Instant::now();
            }
            Ok(Err(_)) | Err(_) if redis => heard = Instant::now(),
            Ok(Err(_)) | Err(_) => {}
        }
    }
}
