//! A link is opened for another meeting while whoever has its older session has lost the records alone, goes on by Redis,
//! and is not reached: nobody comes in by the newer one before it hears.

use std::time::Duration;

use call::{CallId, LinkId};
use tokio::time::{Instant, sleep};

use crate::play;
use crate::program;

/// How long it lasts.
const LOST: Duration = Duration::from_secs(60);

/// How long it takes at most, once all is mended.
const MENDED: Duration = Duration::from_secs(30);

#[test]
fn nobody_sits_in_two_meetings_by_one_link() {
    play::all(200, moves);
}

fn moves(seed: u64) {
    play::calm(seed, (&play::numbered(3), 3), &async |world, programs| {
        let sits = world.press_for(LinkId(1), CallId(1));
        while !matches!(program::press(1, sits, programs).await, Ok(true)) {
            sleep(Duration::from_secs(1)).await;
        }
        {
            let cuts = &mut world.outside().cuts;
            (cuts[0].redis, cuts[1].records, cuts[1].nodes) = (true, true, true);
        }
        // It may be cut off just after it has said that it lives.
        sleep(world.between(0, 3_000)).await;
        let mut moves = world.press_for(LinkId(1), CallId(2));
        let again = world.press_for(LinkId(1), CallId(2));
        let lost = Instant::now();
        while lost.elapsed() < LOST {
            // The same press again and again, and then another one.
            if lost.elapsed() > LOST / 2 {
                moves = again;
            }
            drop(program::press(0, moves, programs));
            sleep(Duration::from_secs(1)).await;
            program::one_acts(programs);
            assert!(program::is_there(sits, programs), "it goes on by Redis");
            let sits = program::who_sits(programs);
            assert_eq!(sits, [LinkId(1)], "in one meeting");
        }
        world.mend(programs);
        let mended = Instant::now();
        while !matches!(program::press(0, moves, programs).await, Ok(true)) {
            assert!(mended.elapsed() < MENDED, "nobody is let in");
            sleep(Duration::from_secs(1)).await;
        }
        sleep(Duration::from_secs(3)).await;
        assert!(!program::is_there(sits, programs), "it has heard");
        assert_eq!(program::who_sits(programs), [LinkId(1)]);
    });
}
