//! The ways to the other nodes: one stream to each, dialled as soon as it is known that the node runs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cluster::{Boot, Node, Notice, Peers};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join_all};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::PATIENCE;
use super::ask;
use super::greet;
use super::proof::{Greeting, Key};
use super::secret::Secrecy;
use super::stream::{Begun, Socket, Stream};
use super::tell::Done;
use crate::house::Ending;

/// For how long a node that was not reached is not dialled again.
const FAILED: Duration = Duration::from_secs(1);

/// What is said last on a stream has so long to be said.
const LAST: Duration = Duration::from_millis(500);

/// How long what was begun may take until then: both are less than the program takes to end.
const DEEDS: Duration = Duration::from_millis(900);

/// For how long a node that runs may have no stream before it is said: longer than it takes to be dialled again.
const UNREACHED: Duration = Duration::from_secs(2);

/// How it stands with the way to a node.
#[derive(Clone, Debug)]
enum Way {
    Dialled,
    There(Arc<Stream>),
    Failed(Instant),
}

/// A node that ran when the records were last heard, and the way to it.
#[derive(Debug)]
struct Known {
    node: Node,
    way: watch::Sender<Way>,
}

/// The ways to all of them.
#[derive(Debug)]
pub(super) struct Ways {
    me: (Boot, String),
    key: Key,
    secrecy: Secrecy,
    ways: Mutex<HashMap<Boot, Known>>,
    /// Since when a node that runs has no stream.
    unreached: Mutex<Option<Instant>>,
    closing: CancellationToken,
    deeds: TaskTracker,
    tasks: TaskTracker,
}

impl Ways {
    pub(super) fn of(
        me: &Node,
        (key, secrecy): (Key, Secrecy),
        (closing, tasks, deeds): Ending,
    ) -> Self {
        Self {
            me: (me.boot, me.name.clone()),
            key,
            secrecy,
            ways: Mutex::default(),
            unreached: Mutex::default(),
            closing,
            deeds,
            tasks,
        }
    }

    /// The stream to a node, made where there is none; none where it is not reached. However many ask, it is
    /// dialled once.
    pub(super) async fn reach(self: &Arc<Self>, node: &Node) -> Option<Arc<Stream>> {
        let mut way = self.begin(node);
        let settled = way.wait_for(|it| !matches!(it, Way::Dialled)).await;
        match &*settled.ok()? {
            Way::There(stream) => Some(Arc::clone(stream)),
            Way::Dialled | Way::Failed(_) => None,
        }
    }

    /// These run, beside this one: those that are new are dialled, and those that are gone are forgotten.
    pub(super) fn see(self: &Arc<Self>, others: &[&Node]) {
        {
            let mut ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
            ways.retain(|boot, _| others.iter().any(|it| it.boot == *boot));
        }
        for node in others {
            drop(self.begin(node));
        }
    }

    /// The records say nothing of who runs: those that did are dialled again where their stream has ended.
    pub(super) fn keep(self: &Arc<Self>) {
        let known = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        let nodes: Vec<_> = known.values().map(|it| it.node.clone()).collect();
        drop(known);
        for node in &nodes {
            drop(self.begin(node));
        }
    }

    /// The streams that there are, in an order that is the same as long as the same nodes run.
    pub(super) fn all(&self) -> Vec<Arc<Stream>> {
        let named = self.named().into_iter();
        named.map(|(_, stream)| stream).collect()
    }

    /// The same, with the names of the nodes that they lead to.
    pub(super) fn named(&self) -> Vec<(String, Arc<Stream>)> {
        let known = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        let mut ways: Vec<_> = known
            .iter()
            .map(|(boot, it)| (*boot, it.node.name.clone(), it.way.clone()))
            .collect();
        drop(known);
        ways.sort_by_key(|(boot, _, _)| *boot);
        let streams = ways.into_iter().filter_map(|(_, name, way)| {
            let stream = match &*way.borrow() {
                Way::There(stream) if !stream.has_ended() => Arc::clone(stream),
                Way::There(_) | Way::Dialled | Way::Failed(_) => return None,
            };
            Some((name, stream))
        });
        streams.collect()
    }

    /// The stream to a run, where there is one.
    pub(super) fn to(&self, boot: Boot) -> Option<Arc<Stream>> {
        let known = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        let way = known.get(&boot)?.way.borrow().clone();
        drop(known);
        match way {
            Way::There(stream) if !stream.has_ended() => Some(stream),
            Way::There(_) | Way::Dialled | Way::Failed(_) => None,
        }
    }

    /// Whether there is a stream to a run.
    pub(super) fn is_reached(&self, boot: Boot) -> bool {
        self.to(boot).is_some()
    }

    /// Whether all nodes that run hear what they are told, as far as is known. It is asked again and again.
    pub(super) fn do_all_hear(&self) -> bool {
        let known = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut have_streams, mut hear) = (true, true);
        for it in known.values() {
            match &*it.way.borrow() {
                Way::There(stream) if !stream.has_ended() => hear &= stream.is_heard(),
                Way::There(_) | Way::Dialled | Way::Failed(_) => have_streams = false,
            }
        }
        drop(known);
        let mut unreached = self
            .unreached
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let since = (!have_streams).then(|| unreached.unwrap_or_else(Instant::now));
        *unreached = since;
        drop(unreached);
        hear && since.is_none_or(|it| it.elapsed() < UNREACHED)
    }

    fn begin(self: &Arc<Self>, node: &Node) -> watch::Receiver<Way> {
        let mut ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Known { way, .. }) = ways.get(&node.boot) {
            let is_settled = match &*way.borrow() {
                Way::Dialled => true,
                Way::There(stream) => !stream.has_ended(),
                Way::Failed(at) => at.elapsed() < FAILED,
            };
            if is_settled {
                return way.subscribe();
            }
        }
        let (way, heard) = watch::channel(Way::Dialled);
        let (its, node) = (Arc::clone(self), node.clone());
        let known = Known {
            node: node.clone(),
            way: way.clone(),
        };
        ways.insert(node.boot, known);
        drop(ways);
        self.tasks.spawn(async move { its.make(&node, &way).await });
        heard
    }

    /// Dials a node, and carries what is said on the stream until it ends.
    async fn make(&self, node: &Node, way: &watch::Sender<Way>) {
        let dialled = tokio::select! {
            () = self.closing.cancelled() => None,
            dialled = timeout(PATIENCE, self.dial(node)) => dialled.ok().flatten(),
        };
        let Some(socket) = dialled else {
            way.send_replace(Way::Failed(Instant::now()));
            return;
        };
        let (stream, frames) = Stream::new();
        way.send_replace(Way::There(Arc::clone(&stream)));
        let running = Arc::clone(&stream).run(socket, frames, None::<fn(Begun)>);
        tokio::select! {
            // It ends where nothing is heard.
            () = running => {}
            () = closed_and_said(&self.closing, &self.deeds) => stream.end(),
        }
    }

    async fn dial(&self, node: &Node) -> Option<Socket> {
        let line = TcpStream::connect(&node.address).await.ok()?;
        greet::dial(line, self.ends(), self.greeting(), node.boot).await
    }

    /// Sees who has dialled, and says who this is; and what the other is called.
    pub(super) async fn answer(&self, line: TcpStream) -> Option<(Socket, String)> {
        greet::answer(line, self.ends(), self.greeting()).await
    }

    const fn ends(&self) -> (&Key, &Secrecy) {
        (&self.key, &self.secrecy)
    }

    fn greeting(&self) -> Greeting {
        Greeting::of(self.me.0, &self.me.1)
    }
}

impl Peers for Ways {
    fn heard_by_records(&self, boots: Vec<Boot>) -> BoxFuture<'_, Vec<bool>> {
        async move {
            let streams: Vec<_> = boots.iter().filter_map(|it| self.to(*it)).collect();
            join_all(streams.iter().map(ask::do_records_hear)).await
        }
        .boxed()
    }

    fn write_end(&self, boot: Boot) -> BoxFuture<'_, bool> {
        async move {
            let streams = self.all();
            let asked = streams.iter().map(|it| ask::write_end(it, boot));
            join_all(asked).await.contains(&true)
        }
        .boxed()
    }

    fn tell(&self, boot: Boot, notice: Notice) -> BoxFuture<'_, bool> {
        async move {
            match (self.to(boot), Done::of(notice)) {
                (Some(stream), Some(done)) => ask::tell_done(&stream, false, vec![done]).await,
                (None, _) | (_, None) => false,
            }
        }
        .boxed()
    }
}

/// The program ends, the deeds that it had begun are done, and what is said last has had a moment to be said.
pub(super) async fn closed_and_said(closing: &CancellationToken, deeds: &TaskTracker) {
    closing.cancelled().await;
    if timeout(DEEDS, deeds.wait()).await.is_err() {
        tracing::debug!("what is still being done is told to no other node");
    }
    sleep(LAST).await;
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;
    use tokio::time::advance;

    use super::*;

    fn node(boot: u128, address: String) -> Node {
        Node {
            boot: Boot(boot),
            name: format!("node {boot}"),
            address,
        }
    }

    fn ways() -> Ways {
        let secrecy = Secrecy::new().expect("a certificate");
        let tasks = TaskTracker::new();
        let runs = (CancellationToken::new(), tasks.clone(), tasks);
        Ways::of(&node(1, String::new()), (Key::of_tests(1), secrecy), runs)
    }

    /// What a program does last is told like the rest.
    #[tokio::test(start_paused = true)]
    async fn streams_end_after_the_deeds_that_were_begun_and_in_time() {
        for (takes, told) in [(0, 500), (700, 1_200), (60_000, 1_400)] {
            let (closing, deeds) = (CancellationToken::new(), TaskTracker::new());
            deeds.spawn(sleep(Duration::from_millis(takes)));
            closing.cancel();
            deeds.close();
            let began = Instant::now();
            closed_and_said(&closing, &deeds).await;
            let took = began.elapsed().as_millis();
            assert!((told..told + 50).contains(&took), "{took} ms of {takes}");
        }
    }

    #[tokio::test]
    async fn a_node_that_ran_is_dialled_again_while_nobody_says_who_runs() {
        let there = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = there.local_addr().expect("it has one").to_string();
        let ways = Arc::new(ways());
        ways.see(&[&node(2, address)]);
        let (line, _) = there.accept().await.expect("it is dialled");
        // The line breaks.
        drop(line);
        let dialled = async {
            loop {
                ways.keep();
                tokio::select! {
                    again = there.accept() => return again,
                    () = sleep(Duration::from_millis(50)) => {}
                }
            }
        };
        let again = timeout(FAILED * 10, dialled).await.expect("in time");
        again.expect("it is dialled again");
        // Whoever is known to be gone is not.
        ways.see(&[]);
        ways.keep();
        assert!(ways.ways.lock().expect("no panic").is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn that_a_node_does_not_hear_is_noticed() {
        let ways = ways();
        assert!(ways.do_all_hear(), "there is no other");
        let (stream, _frames) = Stream::new();
        let (way, _heard) = watch::channel(Way::There(Arc::clone(&stream)));
        let known = Known {
            node: node(2, String::new()),
            way,
        };
        ways.ways.lock().expect("no panic").insert(Boot(2), known);
        assert!(ways.do_all_hear());
        stream.note_whether_heard(false);
        assert!(!ways.do_all_hear(), "it is said at once");
        stream.note_whether_heard(true);
        assert!(ways.do_all_hear());
        stream.end();
        assert!(ways.do_all_hear(), "it may be dialled again");
        advance(UNREACHED).await;
        assert!(!ways.do_all_hear());
    }
}
