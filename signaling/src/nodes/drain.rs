//! A node that is drained: it takes no new meetings, and ends when its own are over, or at its deadline, when they
//! move to other nodes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::{Nodes, ask};
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

    /// Whether what this node has may go on elsewhere: another is reached that is not drained itself, and the records
    /// have heard this one last, so that it can say that it ends and the other can take what it leaves.
    async fn may_end(&self) -> bool {
        let streams = self.ways.all();
        let asked = streams.iter().map(ask::takes_meetings);
        let takes = join_all(asked).await.contains(&true);
        takes && self.are_records_there.load(Ordering::Relaxed)
    }

    /// Whether it takes new meetings.
    pub(super) fn takes_meetings(&self) -> bool {
        !self.drain.has_begun()
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

/// Waits until nobody is in a meeting of this node's, nor on the way into one, or until the deadline; and then until what
/// it has, and whoever comes next, can go to another node.
async fn wait(house: &House, nodes: &Nodes) {
    let within = nodes.drain.within;
    let ends = Instant::now() + within;
    let meetings = || house.live.meetings();
    tracing::info!(
        meetings = meetings(),
        within_s = within.as_secs(),
        "this node takes no new meetings, and ends when its own are over"
    );
    let is_time = || Instant::now() >= ends || (meetings() == 0 && !nodes.is_anybody_entering());
    let mut has_said = false;
    loop {
        if is_time() {
            // Somebody may have come while the others were asked.
            if nodes.may_end().await && is_time() {
                break;
            }
            if !std::mem::replace(&mut has_said, true) {
                tracing::warn!(
                    meetings = meetings(),
                    "no other node that takes meetings is reached, or the records do not answer: this one goes on \
                     until both are there"
                );
            }
        }
        sleep(LOOK).await;
    }
    match meetings() {
        0 => tracing::info!("its last meeting is over"),
        meetings => tracing::info!(meetings, "its meetings go on at other nodes"),
    }
}
