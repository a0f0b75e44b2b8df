//! The last seats, raced for over two nodes: nothing fails, and whoever has left is gone at once.

use std::sync::Arc;
use std::time::Duration;

use call::{CallId, LinkId};
use cluster::Press;
use futures_util::future::join_all;
use tokio::time::{Instant, sleep, timeout};

use crate::play;
use crate::program::{self, Programs};
use crate::world::{NODES, World};

const RACERS: u64 = 12;
const ROUNDS: u32 = 6;

/// Where they come.
const TWO: u64 = 2;

/// How long a page waits before each try to come in; the last one again and again.
const PAUSES: [u64; 4] = [0, 300, 1_200, 2_000];

/// Nobody waits for a word for so long.
const LONGEST: Duration = Duration::from_secs(20);

/// Whoever has left is nowhere after so long.
const GONE: Duration = Duration::from_secs(2);

#[test]
fn whoever_has_left_a_race_is_gone() {
    play::all(500, race);
}

fn race(seed: u64) {
    play::calm(
        seed,
        (&play::numbered(NODES), NODES),
        &async |world, programs| {
            for round in 0..ROUNDS {
                round_of(round, world, programs).await;
            }
            world.is_in_order();
        },
    );
}

async fn round_of(round: u32, world: &Arc<World>, programs: &Programs) {
    let presses = (1..=RACERS).map(|link| world.press_for(LinkId(link), CallId(1)));
    let presses: Vec<_> = presses.collect();
    let come = presses.iter().map(|press| come(*press, world, programs));
    let come = timeout(LONGEST, join_all(come)).await;
    assert!(come.is_ok(), "round {round}: somebody is told nothing");
    sleep(Duration::from_secs(1)).await;
    for press in &presses {
        let link = press.link;
        assert!(
            program::is_there(*press, programs),
            "round {round}: {link:?} was told, and is not there"
        );
    }
    for press in presses {
        program::leave(press, programs);
    }
    let left = Instant::now();
    while program::count(programs) > 0 {
        sleep(Duration::from_millis(10)).await;
        assert!(left.elapsed() < GONE, "round {round}: somebody is there");
    }
}

/// Comes in, by one press that is made again where it did not lead to a place.
async fn come(press: Press, world: &Arc<World>, programs: &Programs) {
    let mut pauses = PAUSES.into_iter();
    let mut pause = 0;
    loop {
        pause = pauses.next().unwrap_or(pause);
        sleep(Duration::from_millis(pause)).await;
        let at = usize::try_from(world.one_of(TWO)).expect("it is small");
        let told = program::press(at, press, programs);
        if let Ok(true) = told.await {
            return;
        }
    }
}
