//! What is outside of the programs: chance, the network, and what goes wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use call::{AttemptId, CallId, LinkId};
use cluster::{Boot, Press};
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::program::{Asked, Program};
use crate::records::Rows;
use crate::redis::Masters;

pub(crate) const NODES: usize = 3;
/// Those that there may be with others that begin later.
pub(crate) const MOST: usize = 4;
const CALLS: u64 = 2;

/// The ways of one node to what is outside.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is cut by itself")]
pub(crate) struct Cut {
    pub(crate) records: bool,
    /// What the records are asked is done, and no answer comes.
    pub(crate) answers: bool,
    pub(crate) redis: bool,
    pub(crate) nodes: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Outside {
    seed: u64,
    /// Nothing fails, and what is late is not late by much.
    is_calm: bool,
    presses: u128,
    pub(crate) rows: Rows,
    pub(crate) redis: Masters,
    pub(crate) cuts: [Cut; MOST],
    /// Where each run hears what others say to it, and of which node it is.
    pub(crate) mailboxes: BTreeMap<Boot, (usize, mpsc::Sender<Asked>)>,
    /// Links that the records say are dead.
    pub(crate) dead: BTreeSet<LinkId>,
    /// Who hears what is told over Redis.
    pub(crate) told: BTreeMap<usize, Vec<cluster::Notice>>,
}

/// It. One lock is held for moments only.
#[derive(Debug)]
pub(crate) struct World(Mutex<Outside>);

impl World {
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        let outside = Outside {
            seed,
            ..Outside::default()
        };
        Arc::new(Self(Mutex::new(outside)))
    }

    pub(crate) fn calm(seed: u64) -> Arc<Self> {
        let world = Self::new(seed);
        world.outside().is_calm = true;
        world
    }

    /// From now on nothing fails any more, nor is late by much.
    pub(crate) fn quieten(&self) {
        self.outside().is_calm = true;
    }

    fn is_calm(&self) -> bool {
        self.outside().is_calm
    }

    pub(crate) fn outside(&self) -> MutexGuard<'_, Outside> {
        self.0.lock().expect("nobody panicked")
    }

    /// `SplitMix64` (Steele, Lea, Flood 2014).
    fn chance(&self) -> u64 {
        let mut outside = self.outside();
        outside.seed = outside.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = outside.seed;
        drop(outside);
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^ (it >> 31)
    }

    pub(crate) fn one_of(&self, many: u64) -> u64 {
        self.chance() % many
    }

    /// So many milliseconds.
    pub(crate) fn between(&self, least: u64, most: u64) -> Duration {
        Duration::from_millis(least + self.one_of(most - least))
    }

    pub(crate) fn node(&self) -> usize {
        usize::try_from(self.one_of(NODES as u64)).expect("it is small")
    }

    /// A time that most things take, and that some take for long.
    pub(crate) fn delay(&self) -> Duration {
        if self.is_calm() {
            return self.between(0, 150);
        }
        match self.one_of(40) {
            0 => self.between(500, 3_000),
            _ => self.between(0, 20),
        }
    }

    /// Whether what is told or answered is lost, where that is so of one of so many.
    pub(crate) fn loses(&self, many: u64) -> bool {
        !self.is_calm() && self.one_of(many) == 0
    }

    /// A press of that link for any call.
    pub(crate) fn press(&self, link: LinkId) -> Press {
        let call = CallId(1 + self.one_of(CALLS));
        self.press_for(link, call)
    }

    pub(crate) fn press_for(&self, link: LinkId, call: CallId) -> Press {
        let mut outside = self.outside();
        outside.presses += 1;
        let attempt = AttemptId(outside.presses);
        drop(outside);
        Press {
            link,
            call,
            attempt,
        }
    }

    /// It is committed to the records, and then told, at any node.
    pub(crate) async fn withdraw(&self, link: LinkId, programs: &[Arc<Program>]) {
        self.outside().dead.insert(link);
        programs[self.node()].withdraw(link).await;
    }

    /// Something goes wrong, again and again.
    pub(crate) async fn trouble(self: &Arc<Self>, programs: &Arc<Vec<Arc<Program>>>) {
        loop {
            sleep(self.between(200, 5_000)).await;
            let node = self.node();
            let lasts = self.between(200, 20_000);
            match self.one_of(13) {
                0 => programs[node].stop_for(lasts),
                1 => programs[node].kill_for(self.between(500, 10_000)),
                2 => self.cut(|it, is| it[node].records = is, lasts).await,
                3 => self.cut(|it, is| it[node].redis = is, lasts).await,
                4 => self.cut(|it, is| it[node].nodes = is, lasts).await,
                5 => {
                    let alone = |it: &mut [Cut; MOST], is| {
                        it[node] = Cut {
                            records: is,
                            redis: is,
                            nodes: is,
                            ..Cut::default()
                        };
                    };
                    self.cut(alone, lasts).await;
                }
                6 => {
                    self.cut(|it, is| it.iter_mut().for_each(|it| it.records = is), lasts)
                        .await;
                }
                7 => {
                    self.cut(|it, is| it.iter_mut().for_each(|it| it.redis = is), lasts)
                        .await;
                }
                8 => self.outside().redis.empty(),
                9 => self.outside().redis.begin_anew(),
                10 => {
                    // All end without a word, and Redis too.
                    for program in programs.iter() {
                        program.kill_for(self.between(500, 10_000));
                    }
                    self.outside().redis.begin_anew();
                }
                _ => self.fail_over(),
            }
        }
    }

    /// Another Redis takes over, of which each node hears when it does.
    fn fail_over(self: &Arc<Self>) {
        let has_lost_all = self.one_of(2) == 0;
        let which = self.outside().redis.fail_over(has_lost_all);
        for node in 0..NODES {
            let (world, hears) = (Arc::clone(self), self.between(0, 25_000));
            tokio::spawn(async move {
                sleep(hears).await;
                world.outside().redis.follow(node, which);
            });
        }
    }

    async fn cut(&self, cut: impl Fn(&mut [Cut; MOST], bool), lasts: Duration) {
        cut(&mut self.outside().cuts, true);
        sleep(lasts).await;
        cut(&mut self.outside().cuts, false);
    }

    pub(crate) fn mend(&self, programs: &[Arc<Program>]) {
        self.outside().cuts = [Cut::default(); MOST];
        self.outside().redis.mend();
        for program in programs {
            program.wake();
        }
    }

    /// How it all ended: what the records hold, and where chance is by now.
    pub(crate) fn ends(&self) -> String {
        let outside = self.outside();
        format!("{} {}", outside.seed, outside.rows.all())
    }

    /// All that the records hold is as it should be.
    pub(crate) fn is_in_order(&self) {
        self.outside().rows.hold();
    }
}
