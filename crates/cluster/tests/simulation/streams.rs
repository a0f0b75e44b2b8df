//! What nodes say to each other themselves, over a network that is played.

use std::sync::Arc;
use std::time::Duration;

use cluster::{Boot, Notice, Peers};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use crate::program::Asked;
use crate::world::World;

const PATIENCE: Duration = Duration::from_secs(2);

/// The ways of one node to the others.
#[derive(Debug)]
pub(crate) struct Streams {
    pub(crate) node: usize,
    pub(crate) world: Arc<World>,
}

impl Streams {
    fn is_cut(&self, other: usize) -> bool {
        let cuts = self.world.outside().cuts;
        cuts[self.node].nodes || cuts[other].nodes
    }

    async fn say(&self, boot: Boot, notice: Notice) -> Option<()> {
        sleep(self.world.delay()).await;
        let (other, mailbox) = self.world.outside().mailboxes.get(&boot).cloned()?;
        if self.is_cut(other) {
            return std::future::pending().await;
        }
        let (knows, known) = oneshot::channel();
        mailbox.try_send(Asked::Told(notice, knows)).ok()?;
        known.await.ok()?;
        sleep(self.world.delay()).await;
        (!self.is_cut(other)).then_some(())
    }
}

impl Peers for Streams {
    fn tell(&self, boot: Boot, notice: Notice) -> BoxFuture<'_, bool> {
        async move {
            let said = timeout(PATIENCE, self.say(boot, notice)).await;
            said.ok().flatten().is_some()
        }
        .boxed()
    }
}
