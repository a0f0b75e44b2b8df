//! Another PostgreSQL takes over, which has lost what was written last. A session of which it knows nothing is over:
//! nobody would find it who comes by the same link elsewhere.

use std::time::Duration;

use call::{CallId, LinkId};
use cluster::Press;
use tokio::time::{Instant, sleep};

use crate::play;
use crate::program::{self, Programs};

/// How long it takes at most until whoever has such a session hears so, and acts on it.
const HEARD: Duration = Duration::from_secs(3);

/// How long it takes at most until somebody is let in.
const LET_IN: Duration = Duration::from_secs(10);

#[test]
fn nobody_goes_on_with_a_session_that_the_records_have_lost() {
    play::all(200, loses);
}

async fn comes_in(at: usize, press: Press, programs: &Programs) {
    let began = Instant::now();
    while !matches!(program::press(at, press, programs).await, Ok(true)) {
        assert!(began.elapsed() < LET_IN, "{press:?} is not let in");
        sleep(Duration::from_millis(200)).await;
    }
}

fn loses(seed: u64) {
    play::calm(seed, (&play::numbered(3), 3), &async |world, programs| {
        let (here, elsewhere) = (CallId(1), CallId(2));
        let stays = world.press_for(LinkId(2), here);
        comes_in(0, stays, programs).await;
        sleep(Duration::from_secs(2)).await;
        let kept = world.outside().rows.clone();
        let lost = world.press_for(LinkId(1), here);
        comes_in(0, lost, programs).await;
        sleep(world.between(0, 2_000)).await;
        world.outside().rows = kept;
        let fell = Instant::now();
        // They may press for another meeting at once, when it has been heard, or never.
        sleep(world.between(0, 2_000)).await;
        if world.one_of(3) > 0 {
            let moves = world.press_for(LinkId(1), elsewhere);
            comes_in(1, moves, programs).await;
        }
        while fell.elapsed() < HEARD {
            sleep(Duration::from_millis(100)).await;
        }
        assert!(!program::is_there(lost, programs), "it goes on");
        assert!(program::is_there(stays, programs), "it was written before");
        // Their link is as good as before, also there.
        let again = world.press_for(LinkId(1), here);
        comes_in(2, again, programs).await;
        sleep(HEARD).await;
        let mut sit = program::who_sits(programs);
        sit.sort_unstable();
        assert_eq!(sit, [LinkId(1), LinkId(2)]);
        assert!(program::is_there(again, programs), "in that meeting");
    });
}
