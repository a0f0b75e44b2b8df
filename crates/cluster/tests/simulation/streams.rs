//! What nodes say to each other themselves, over a network that is played.

use std::sync::Arc;
use std::time::Duration;

use cluster::{Boot, Notice, Peers};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join_all};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use crate::program::{Asked, Said};
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

    /// Says something to a run; whether it answers that this is so.
    async fn say(&self, boot: Boot, said: Said) -> bool {
        let said = timeout(PATIENCE, self.try_to_say(boot, said)).await;
        said.ok().flatten() == Some(true)
    }

    async fn try_to_say(&self, boot: Boot, said: Said) -> Option<bool> {
        sleep(self.world.delay()).await;
        let (other, mailbox) = self.world.outside().mailboxes.get(&boot).cloned()?;
        if self.is_cut(other) {
            return std::future::pending().await;
        }
        let (reply, answer) = oneshot::channel();
        mailbox.try_send(Asked::Said(said, reply)).ok()?;
        let answer = answer.await.ok()?;
        sleep(self.world.delay()).await;
        (!self.is_cut(other)).then_some(answer)
    }

    /// Whether a stream leads to a run: it may stand still, and has not ended.
    fn is_reached(&self, boot: Boot) -> bool {
        let mailbox = self.world.outside().mailboxes.get(&boot).cloned();
        mailbox.is_some_and(|(other, it)| !self.is_cut(other) && !it.is_closed())
    }

    fn others(&self) -> Vec<Boot> {
        let outside = self.world.outside();
        let runs = outside.mailboxes.iter();
        let others = runs.filter(|(_, (node, _))| *node != self.node);
        others.map(|(boot, _)| *boot).collect()
    }
}

impl Peers for Streams {
    fn tell(&self, boot: Boot, notice: Notice) -> BoxFuture<'_, bool> {
        self.say(boot, Said::Done(notice)).boxed()
    }

    fn heard_by_records(&self, boots: Vec<Boot>) -> BoxFuture<'_, Vec<bool>> {
        async move {
            let reached = boots.iter().filter(|it| self.is_reached(**it));
            let asked = reached.map(|it| self.say(*it, Said::DoRecordsHearYou));
            join_all(asked).await
        }
        .boxed()
    }

    fn write_end(&self, boot: Boot) -> BoxFuture<'_, bool> {
        async move {
            let others = self.others();
            let said = others.iter().map(|it| self.say(*it, Said::HasEnded(boot)));
            join_all(said).await.contains(&true)
        }
        .boxed()
    }
}
