//! Nodes that begin later, and never reach the Redis by which one goes on that has lost the records alone: as many as there
//! were before, and nobody holds that one to be gone for it.

use std::time::Duration;

use call::{CallId, LinkId};
use tokio::time::{Instant, sleep};

use crate::play;
use crate::program;

/// Longer than it takes to hold anybody to be gone.
const LOST: Duration = Duration::from_secs(60);

const CALL: CallId = CallId(1);

#[test]
fn whoever_comes_later_has_left_nothing() {
    play::all(200, |seed| newcomers(seed, false));
}

/// What it asks the records is done, and no answer comes: it never hears of them, though they are there long before it
/// falls silent.
#[test]
fn nor_has_whoever_it_never_heard_of() {
    play::all(200, |seed| newcomers(seed, true));
}

fn newcomers(seed: u64, is_half_cut: bool) {
    play::calm(seed, (&play::numbered(4), 2), &async |world, programs| {
        let sits = world.press_for(LinkId(1), CALL);
        while !matches!(program::press(0, sits, programs).await, Ok(true)) {
            sleep(Duration::from_secs(1)).await;
        }
        // It does not reach the others either, and does not know that it is alone.
        {
            let cut = &mut world.outside().cuts[0];
            cut.nodes = true;
            (cut.records, cut.answers) = (!is_half_cut, is_half_cut);
        }
        if is_half_cut {
            sleep(Duration::from_secs(5)).await;
        }
        for (newcomer, program) in programs.iter().enumerate().skip(2) {
            world.outside().cuts[newcomer].redis = true;
            program.start();
            sleep(Duration::from_secs(2)).await;
        }
        world.outside().cuts[0].records = true;
        let lost = Instant::now();
        while lost.elapsed() < LOST {
            // Whoever comes to the last has it look for the call, and take it where it is anybody's.
            drop(program::press(
                3,
                world.press_for(LinkId(2), CALL),
                programs,
            ));
            sleep(Duration::from_millis(500)).await;
            program::one_acts(programs);
            assert!(program::is_there(sits, programs), "it goes on by Redis");
        }
    });
}
