//! One world after another.

use std::sync::Arc;
use std::time::Duration;

use call::LinkId;
use tokio::runtime::Builder;
use tokio::time::{sleep, timeout};

use crate::program::{self, Program, Programs};
use crate::twice::Twice;
use crate::world::{NODES, World};

/// How long people and faults come, and then how long it takes at most until all is in order.
const TROUBLE: Duration = Duration::from_secs(40);
const CALM: Duration = Duration::from_secs(35);

/// How long nothing is late at all before it is looked whether that is so: whoever has heard the records too late again and
/// again counts anew each time who is silent.
const QUIET: Duration = Duration::from_secs(15);

const LINKS: u64 = 7;

fn number(name: &str) -> Option<u64> {
    std::env::var_os(name)?.to_str()?.parse().ok()
}

#[test]
fn what_holds_on_one_program_holds_on_several() {
    all(2_000, |seed| drop(play(seed)));
}

#[test]
fn a_seed_plays_the_same_each_time() {
    for seed in 0..20 {
        assert_eq!(play(seed), play(seed), "seed {seed}");
    }
}

/// Plays the world of each seed: so many, or as many or which one the environment says.
pub(crate) fn all(usual: u64, play: impl Fn(u64) + Sync + std::panic::RefUnwindSafe) {
    if let Some(seed) = number("HOMEROOM_SEED") {
        return play(seed);
    }
    let seeds = number("HOMEROOM_SEEDS").unwrap_or(usual);
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let play = &play;
    std::thread::scope(|scope| {
        for first in 0..threads {
            scope.spawn(move || {
                for seed in (first..seeds).step_by(usize::try_from(threads).unwrap_or(1)) {
                    let played = std::panic::catch_unwind(|| play(seed));
                    assert!(played.is_ok(), "HOMEROOM_SEED={seed}");
                }
            });
        }
    });
}

/// A world without trouble of its own: what happens in it once the first so many of these programs have run for a while.
pub(crate) fn calm(
    seed: u64,
    (programs, running): (&impl Fn(&Arc<World>) -> Vec<Arc<Program>>, usize),
    story: &impl AsyncFn(&Arc<World>, &Programs),
) {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let world = World::calm(seed);
        let programs = Arc::new(programs(&world));
        for program in programs.iter().take(running) {
            program.start();
        }
        sleep(Duration::from_secs(5)).await;
        story(&world, &programs).await;
    });
}

/// So many programs, each by its number.
pub(crate) fn numbered(count: usize) -> impl Fn(&Arc<World>) -> Vec<Arc<Program>> {
    move |world| (0..count).map(|it| Program::new(it, world)).collect()
}

/// Plays it; how it ends.
fn play(seed: u64) -> String {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let world = World::new(seed);
        let programs: Vec<_> = (0..NODES).map(|it| Program::new(it, &world)).collect();
        let programs = Arc::new(programs);
        for program in programs.iter() {
            program.start();
        }
        let trouble = async {
            tokio::select! {
                biased;
                () = world.trouble(&programs) => {}
                () = people(&world, &programs) => {}
                () = watch(&programs) => {}
            }
        };
        drop(timeout(TROUBLE, trouble).await);
        world.mend(&programs);
        drop(timeout(CALM, watch(&programs)).await);
        world.quieten();
        drop(timeout(QUIET, watch(&programs)).await);
        for program in programs.iter() {
            program.is_in_order();
        }
        program::owners_know(&world, &programs);
        world.is_in_order();
        world.ends()
    })
}

/// Everybody presses, leaves and comes again.
async fn people(world: &Arc<World>, programs: &Programs) {
    let everybody = (1..=LINKS).map(|link| person(LinkId(link), world, programs));
    futures_util::future::join_all(everybody).await;
}

async fn person(link: LinkId, world: &Arc<World>, programs: &Programs) {
    let mut press = world.press(link);
    loop {
        sleep(world.between(100, 6_000)).await;
        match world.one_of(20) {
            0 => world.withdraw(link, programs).await,
            1..=3 => program::leave(press, programs),
            // The same press again, as by a page that had no answer.
            4..=8 => drop(program::press(world.node(), press, programs)),
            _ => {
                press = world.press(link);
                drop(program::press(world.node(), press, programs));
            }
        }
    }
}

/// Looks again and again that nobody acts who may not.
async fn watch(programs: &Programs) {
    let mut twice = Twice::default();
    loop {
        sleep(Duration::from_millis(100)).await;
        program::one_acts(programs);
        twice.look(programs);
    }
}
