//! A Redis that is played: late, lost and emptied as it may be.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cluster::{Boot, Fast, Lease, Notice, SILENCE};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout};

use crate::world::{NODES, World};

const PATIENCE: Duration = Duration::from_millis(500);

#[derive(Debug, Default)]
pub(crate) struct Keys {
    leases: BTreeMap<Boot, (Lease, Instant)>,
    /// From when on it remembers what was said.
    since: Option<Instant>,
}

impl Keys {
    /// It is started anew, or emptied, or another takes over.
    pub(crate) fn begin_anew(&mut self) {
        *self = Self::default();
    }

    fn lives(&mut self, boot: Boot) -> Lease {
        let now = Instant::now();
        self.leases.retain(|_, (_, until)| now < *until);
        if let Some((Lease::Denied, _)) = self.leases.get(&boot) {
            return Lease::Denied;
        }
        self.leases.insert(boot, (Lease::Kept, now + SILENCE));
        Lease::Kept
    }

    fn deny(&mut self, boot: Boot) -> bool {
        let now = Instant::now();
        self.leases.retain(|_, (_, until)| now < *until);
        let since = *self.since.get_or_insert(now);
        let lives = matches!(self.leases.get(&boot), Some((Lease::Kept, _)));
        if now - since < SILENCE || lives {
            return false;
        }
        let hour = Duration::from_hours(1);
        self.leases.insert(boot, (Lease::Denied, now + hour));
        true
    }
}

/// The way of one node to it.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) node: usize,
    pub(crate) world: Arc<World>,
}

impl Way {
    async fn ask<T: Send + 'static>(
        &self,
        what: impl FnOnce(&mut Keys) -> T + Send + 'static,
    ) -> Option<T> {
        let asked = async {
            if self.world.outside().cuts[self.node].redis {
                return std::future::pending().await;
            }
            let (there, back) = (self.world.delay(), self.world.delay());
            let (reply, answer) = oneshot::channel();
            let world = Arc::clone(&self.world);
            // It is done there, whether anybody waits for it or not.
            tokio::spawn(async move {
                sleep(there).await;
                let done = what(&mut world.outside().keys);
                drop(reply.send(done));
            });
            let answer = answer.await.ok();
            sleep(back).await;
            answer
        };
        timeout(PATIENCE, asked).await.ok()?
    }
}

impl Fast for Way {
    fn tell(&self, _from: Boot, notice: Notice) -> BoxFuture<'_, ()> {
        async move {
            // Some are lost.
            if self.ask(|_| ()).await.is_none() || self.world.one_of(10) == 0 {
                return;
            }
            let mut outside = self.world.outside();
            for other in (0..NODES).filter(|it| *it != self.node) {
                if !outside.cuts[other].redis {
                    outside.told.entry(other).or_default().push(notice);
                }
            }
        }
        .boxed()
    }

    fn keep_lease(&self, boot: Boot) -> BoxFuture<'_, Option<Lease>> {
        self.ask(move |keys| keys.lives(boot)).boxed()
    }

    fn deny(&self, boot: Boot) -> BoxFuture<'_, bool> {
        let asked = self.ask(move |keys| keys.deny(boot));
        async move { asked.await == Some(true) }.boxed()
    }
}
