//! Two programs of one name by mistake, of which the first has lost the records alone: it goes on by Redis, and the other
//! takes nothing from it.

use std::sync::Arc;
use std::time::Duration;

use call::{CallId, LinkId};
use tokio::time::{Instant, sleep};

use crate::play;
use crate::program::{self, Program};
use crate::world::World;

/// Longer than it takes to hold anybody to be gone.
const LOST: Duration = Duration::from_secs(60);

const CALL: CallId = CallId(1);

#[test]
fn nobody_takes_what_one_of_the_same_name_has() {
    play::all(200, namesakes);
}

fn namesakes(seed: u64) {
    let programs = |world: &Arc<World>| {
        let first = Program::new(0, world);
        let other = Program::new(1, world);
        vec![first, other, Program::named(2, "0".to_owned(), world)]
    };
    play::calm(seed, (&programs, 2), &async |world, programs| {
        let sits = world.press_for(LinkId(1), CALL);
        while !matches!(program::press(0, sits, programs).await, Ok(true)) {
            sleep(Duration::from_secs(1)).await;
        }
        // It does not reach the others either, and does not know that it is alone.
        {
            let cut = &mut world.outside().cuts[0];
            (cut.records, cut.nodes) = (true, true);
        }
        if let Some(second) = programs.last() {
            second.start();
        }
        let lost = Instant::now();
        while lost.elapsed() < LOST {
            // Whoever comes to the second has it look for the call, and take it where it is anybody's.
            drop(program::press(
                2,
                world.press_for(LinkId(2), CALL),
                programs,
            ));
            sleep(Duration::from_millis(500)).await;
            program::one_acts(programs);
            assert!(program::is_there(sits, programs), "it goes on by Redis");
        }
    });
}
