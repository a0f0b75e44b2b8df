//! A node that is drained: it takes no new meetings, and ends when its own are over, or at its deadline, when they
//! move to other nodes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use call::CallId;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::Nodes;
use super::stream::Stream;
use crate::house::House;

/// How often it is looked whether the last meeting is over.
const LOOK: Duration = Duration::from_secs(1);

/// Whether a node is drained.
#[derive(Debug)]
pub(super) struct Drain {
    has_begun: AtomicBool,
    is_over: CancellationToken,
    /// How long its own meetings may take to end.
    within: Duration,
}

impl Drain {
    pub(super) fn new(within: Duration) -> Self {
        Self {
            has_begun: AtomicBool::new(false),
            is_over: CancellationToken::new(),
            within,
        }
    }

    pub(super) fn has_begun(&self) -> bool {
        self.has_begun.load(Ordering::Relaxed)
    }
}

impl Nodes {
    /// Waits until this node is drained and may end; for ever where it is not to be.
    pub(crate) async fn is_drained(&self) {
        self.drain.is_over.cancelled().await;
    }

    /// The stream to another node, for a meeting that is nowhere yet: for one meeting the same one, as long as the
    /// same ones run.
    pub(super) fn elsewhere(&self, call: CallId) -> Option<Arc<Stream>> {
        let mut others = self.ways.all();
        let which = call.0.checked_rem(others.len() as u64)?;
        Some(others.swap_remove(usize::try_from(which).ok()?))
    }
}

/// From now on this node takes no new meetings. It ends when those that it has are over, or at its deadline.
pub(crate) fn drain(house: &Arc<House>, nodes: &Arc<Nodes>) {
    if nodes.drain.has_begun.swap(true, Ordering::Relaxed) {
        return;
    }
    let (house, nodes) = (Arc::clone(house), Arc::clone(nodes));
    let tasks = house.tasks.clone();
    tasks.spawn(async move {
        tokio::select! {
            () = house.closing.cancelled() => {}
            () = wait(&house, &nodes) => nodes.drain.is_over.cancel(),
        }
    });
}

/// Waits until nobody is in a meeting of this node's, nor on the way into one; or until its meetings may move: at the
/// deadline, and not before there is a node that they can move to.
async fn wait(house: &House, nodes: &Nodes) {
    let within = nodes.drain.within;
    let ends = Instant::now() + within;
    let meetings = || house.live.meetings();
    tracing::info!(
        meetings = meetings(),
        within_s = within.as_secs(),
        "this node takes no new meetings, and ends when its own are over"
    );
    let mut has_said = false;
    while meetings() > 0 || nodes.is_anybody_entering() {
        if Instant::now() >= ends {
            if !nodes.ways.all().is_empty() {
                tracing::info!(meetings = meetings(), "its meetings go on at other nodes");
                return;
            }
            if !std::mem::replace(&mut has_said, true) {
                tracing::warn!(
                    meetings = meetings(),
                    "no other node is reached: its meetings go on here until one is"
                );
            }
        }
        sleep(LOOK).await;
    }
    tracing::info!("its last meeting is over");
}
