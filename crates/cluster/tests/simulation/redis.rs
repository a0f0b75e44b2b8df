//! A Redis that is played: late, lost and emptied as it may be.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cluster::{Boot, Denial, Fast, Lease, Notice, RedisRun, SILENCE, Shared};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout};

use crate::world::{MOST, World};

const PATIENCE: Duration = Duration::from_millis(500);

/// All that are or were the master, and which of them each node has its connection to.
#[derive(Debug)]
pub(crate) struct Masters {
    all: Vec<Keys>,
    heard: [usize; MOST],
}

impl Default for Masters {
    fn default() -> Self {
        Self {
            all: vec![Keys::default()],
            heard: [0; MOST],
        }
    }
}

impl Masters {
    fn newest(&mut self) -> &mut Keys {
        self.all.last_mut().expect("there is one")
    }

    fn of(&mut self, node: usize) -> (RedisRun, &mut Keys) {
        let which = self.heard[node];
        (RedisRun(which as u128), &mut self.all[which])
    }

    /// It loses all that it knows.
    pub(crate) fn empty(&mut self) {
        *self.newest() = Keys::default();
    }

    /// It is started anew: nobody hears the one before any more.
    pub(crate) fn begin_anew(&mut self) {
        self.all.push(Keys::default());
        self.heard = [self.all.len() - 1; MOST];
    }

    /// Another takes over, which knows what was said until a while ago, or nothing: which. The one before is still heard
    /// by those who do not know.
    pub(crate) fn fail_over(&mut self, has_lost_all: bool) -> usize {
        let leases = if has_lost_all {
            BTreeMap::new()
        } else {
            self.newest().leases.clone()
        };
        let since = None;
        self.all.push(Keys { leases, since });
        self.all.len() - 1
    }

    /// A node hears that another has taken over.
    pub(crate) fn follow(&mut self, node: usize, which: usize) {
        self.heard[node] = self.heard[node].max(which);
    }

    /// All hear the newest.
    pub(crate) fn mend(&mut self) {
        self.heard = [self.all.len() - 1; MOST];
    }
}

/// What a run is to a Redis.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum What {
    /// It is heard, and its row names this Redis.
    Lives,
    /// It is heard.
    Comes,
    Gone,
}

#[derive(Debug, Default)]
struct Keys {
    /// What each run is there, and until when.
    leases: BTreeMap<Boot, (What, Instant)>,
    /// From when on it remembers what was said.
    since: Option<Instant>,
}

impl Keys {
    fn what(&self, boot: Boot) -> Option<What> {
        self.leases.get(&boot).map(|(what, _)| *what)
    }

    fn lives(&mut self, boot: Boot, by: RedisRun, is_named: bool, others: &[Boot]) -> Lease {
        let now = Instant::now();
        self.leases.retain(|_, (_, until)| now < *until);
        if self.what(boot) == Some(What::Gone) {
            return Lease::Denied;
        }
        let what = if is_named { What::Lives } else { What::Comes };
        self.leases.insert(boot, (what, now + SILENCE));
        self.since.get_or_insert(now);
        let live = |it: &&Boot| self.what(**it) == Some(What::Lives);
        let others = others.iter().filter(live).count();
        Lease::Kept { by, others }
    }

    fn deny(&mut self, boot: Boot, is_named: bool) -> Denial {
        let now = Instant::now();
        self.leases.retain(|_, (_, until)| now < *until);
        if matches!(self.what(boot), Some(What::Lives | What::Comes)) {
            return Denial::Lives;
        }
        if !is_named {
            return Denial::Unknown;
        }
        let since = *self.since.get_or_insert(now);
        if now - since < SILENCE {
            return Denial::Unknown;
        }
        let hour = Duration::from_hours(1);
        self.leases.insert(boot, (What::Gone, now + hour));
        Denial::Denied
    }

    fn forgive(&mut self, boot: Boot) {
        self.leases
            .retain(|its, (what, _)| *what != What::Gone || *its != boot);
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
        what: impl FnOnce(RedisRun, &mut Keys) -> T + Send + 'static,
    ) -> Option<T> {
        let asked = async {
            if self.world.outside().cuts[self.node].redis {
                return std::future::pending().await;
            }
            let (there, back) = (self.world.delay(), self.world.delay());
            let (reply, answer) = oneshot::channel();
            let (world, node) = (Arc::clone(&self.world), self.node);
            // It is done there, whether anybody waits for it or not.
            tokio::spawn(async move {
                sleep(there).await;
                let done = {
                    let mut outside = world.outside();
                    let (run, keys) = outside.redis.of(node);
                    what(run, keys)
                };
                drop(reply.send(done));
            });
            let answer = answer.await.ok();
            sleep(back).await;
            answer
        };
        timeout(PATIENCE, asked).await.ok()?
    }
}

impl Way {
    /// Passes on what its node tells the others.
    pub(crate) async fn pass_on(self, shared: &Shared) {
        let mut told = shared.told();
        loop {
            // What is too much is lost.
            if let Ok(notice) = told.recv().await {
                self.tell(notice).await;
            }
        }
    }

    async fn tell(&self, notice: Notice) {
        // Some are lost.
        if self.ask(|_, _| ()).await.is_none() || self.world.loses(10) {
            return;
        }
        let mut outside = self.world.outside();
        for other in (0..MOST).filter(|it| *it != self.node) {
            if !outside.cuts[other].redis {
                outside.told.entry(other).or_default().push(notice);
            }
        }
    }
}

impl Fast for Way {
    fn keep_lease(
        &self,
        boot: Boot,
        vouched: Option<RedisRun>,
        others: Vec<Boot>,
    ) -> BoxFuture<'_, Option<Lease>> {
        self.ask(move |run, keys| keys.lives(boot, run, vouched == Some(run), &others))
            .boxed()
    }

    fn deny(&self, boot: Boot, by: RedisRun) -> BoxFuture<'_, Denial> {
        let asked = self.ask(move |run, keys| keys.deny(boot, run == by));
        async move { asked.await.unwrap_or(Denial::Unknown) }.boxed()
    }

    fn forgive(&self, boot: Boot) -> BoxFuture<'_, bool> {
        let asked = self.ask(move |_, keys| keys.forgive(boot));
        async move { asked.await.is_some() }.boxed()
    }
}
