//! The answer by which a node would know that a meeting is its own is lost, and nobody comes to that: it gives the meeting
//! back, so that whoever still has a seat there is looked after.

use std::time::Duration;

use call::{CallId, LinkId};
use tokio::time::{Instant, sleep};

use crate::play;
use crate::program;

const CALL: CallId = CallId(1);

/// How long it takes at most until it is given back.
const NOTICED: Duration = Duration::from_secs(8);

#[test]
fn a_meeting_of_which_its_node_knows_nothing_is_given_back() {
    play::all(200, unheard);
}

fn unheard(seed: u64) {
    play::calm(seed, (&play::numbered(2), 2), &async |world, programs| {
        // It knows of another of its own.
        let sits = world.press_for(LinkId(1), CallId(2));
        while !matches!(program::press(0, sits, programs).await, Ok(true)) {
            sleep(Duration::from_secs(1)).await;
        }
        programs[0].own_unheard(CALL).await;
        let owner = || world.outside().rows.owner(CALL);
        assert_eq!(owner(), programs[0].boot());
        // In some worlds somebody comes, and it is theirs.
        if world.one_of(2) == 0 {
            sleep(world.between(0, 3_000)).await;
            let comes = world.press_for(LinkId(2), CALL);
            assert_eq!(program::press(1, comes, programs).await, Ok(true));
            sleep(NOTICED).await;
            assert!(program::is_there(comes, programs), "they stay");
        } else {
            let asked = Instant::now();
            while owner().is_some() {
                assert!(asked.elapsed() < NOTICED, "nobody looks after it");
                sleep(Duration::from_millis(100)).await;
            }
        }
        assert!(program::is_there(sits, programs), "what it knows it keeps");
        program::owners_know(world, programs);
    });
}
