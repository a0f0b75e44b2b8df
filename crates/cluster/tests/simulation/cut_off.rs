//! A node that alone has lost the records serves nobody, and where it goes on by Redis, nobody can come to its meetings: it
//! leaves all to the others, which reach the records. Where these do not, or too few of them, it goes on.

use std::sync::Arc;
use std::time::Duration;

use call::{CallId, LinkId};
use cluster::Press;
use tokio::time::{Instant, sleep};

use crate::play;
use crate::program::{self, Programs};
use crate::world::World;

/// How long it takes at most until somebody else may come: until it knows that it is cut off, has asked for long enough,
/// and is asked again.
const LONGEST: Duration = Duration::from_secs(25);

/// How long the others are without the records too.
const AWAY: Duration = Duration::from_secs(60);

const CALL: CallId = CallId(1);

#[test]
fn a_node_that_alone_has_lost_the_records_leaves_its_meetings() {
    play::all(200, |seed| run(seed, &alone));
}

#[test]
fn a_node_that_alone_has_lost_the_records_begins_anew_whatever_it_has() {
    play::all(200, |seed| run(seed, &whatever_it_has));
}

#[test]
fn a_node_that_is_dead_says_nothing_of_the_records() {
    play::all(100, |seed| run(seed, &beside_a_dead_one));
}

#[test]
fn where_too_few_reach_the_records_calls_go_on_where_they_are() {
    play::all(100, |seed| run(seed, &with_others));
}

fn run(seed: u64, story: &impl AsyncFn(&Arc<World>, &Programs)) {
    play::calm(seed, (&play::numbered(3), 3), story);
}

/// Somebody comes to the first node.
async fn sits(world: &Arc<World>, programs: &Programs) -> Press {
    let sits = world.press_for(LinkId(1), CALL);
    while !matches!(program::press(0, sits, programs).await, Ok(true)) {
        sleep(Duration::from_secs(1)).await;
    }
    sits
}

/// They come in time, each by such a node.
async fn all_come(presses: &[(usize, Press)], programs: &Programs) {
    let lost = Instant::now();
    for (at, press) in presses {
        while !matches!(program::press(*at, *press, programs).await, Ok(true)) {
            assert!(lost.elapsed() < LONGEST, "nobody can come");
            sleep(Duration::from_millis(500)).await;
            program::one_acts(programs);
        }
    }
}

async fn alone(world: &Arc<World>, programs: &Programs) {
    let sits = sits(world, programs).await;
    world.outside().cuts[0].records = true;
    let comes = world.press_for(LinkId(2), CALL);
    all_come(&[(1, comes), (2, sits)], programs).await;
    assert!(program::is_there(sits, programs), "it is back");
    program::one_acts(programs);
}

/// With meetings and without, by Redis and without.
async fn whatever_it_has(world: &Arc<World>, programs: &Programs) {
    if world.one_of(2) == 0 {
        sits(world, programs).await;
    }
    let has_redis = world.one_of(2) == 0;
    let before = programs[0].boot();
    {
        let cut = &mut world.outside().cuts[0];
        (cut.records, cut.redis) = (true, !has_redis);
    }
    let lost = Instant::now();
    while programs[0].boot() == before {
        assert!(lost.elapsed() < LONGEST, "it is there, and serves nobody");
        sleep(Duration::from_millis(500)).await;
        program::one_acts(programs);
    }
    // It serves again as soon as the records hear it.
    world.mend(programs);
    let comes = world.press_for(LinkId(2), CallId(2));
    all_come(&[(0, comes)], programs).await;
    assert!(program::is_there(comes, programs));
}

/// One of the others is killed at that moment.
async fn beside_a_dead_one(world: &Arc<World>, programs: &Programs) {
    let sits = sits(world, programs).await;
    world.outside().cuts[0].records = true;
    programs[2].kill_for(AWAY * 10);
    let comes = world.press_for(LinkId(2), CALL);
    all_come(&[(1, comes), (1, sits)], programs).await;
    assert!(program::is_there(sits, programs), "it is back");
    program::one_acts(programs);
}

async fn with_others(world: &Arc<World>, programs: &Programs) {
    let sits = sits(world, programs).await;
    let others = 1 + usize::try_from(world.one_of(2)).expect("it is small");
    for cut in world.outside().cuts.iter_mut().take(1 + others) {
        cut.records = true;
    }
    let boots = || programs.iter().map(|it| it.boot()).collect::<Vec<_>>();
    let before = boots();
    let lost = Instant::now();
    while lost.elapsed() < AWAY {
        drop(program::press(
            2,
            world.press_for(LinkId(2), CALL),
            programs,
        ));
        sleep(Duration::from_millis(500)).await;
        assert!(program::is_there(sits, programs), "it goes on");
        assert_eq!(boots(), before, "nobody ends");
        program::one_acts(programs);
    }
}
