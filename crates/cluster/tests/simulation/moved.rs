//! A link is opened for another meeting while whoever has its older session has lost the records alone, goes on by Redis,
//! and is not reached: nobody comes in by the newer one before it hears. What it had asked the records before is answered
//! all the same: where that says that the older session is over, it is, though nobody else knows that it has heard.

use std::time::Duration;

use call::{CallId, LinkId};
use tokio::time::{Instant, sleep};

use crate::play;
use crate::program::{self, Programs};

/// How long it lasts.
const LOST: Duration = Duration::from_secs(60);

/// How long it takes at most, once all is mended.
const MENDED: Duration = Duration::from_secs(30);

#[test]
fn nobody_sits_in_two_meetings_by_one_link() {
    play::all(200, moves);
}

fn who_sits(programs: &Programs) -> Vec<LinkId> {
    let mut links = program::who_sits(programs);
    links.sort_unstable();
    links
}

fn moves(seed: u64) {
    play::calm(seed, (&play::numbered(3), 3), &async |world, programs| {
        // In some worlds the other meeting goes on already, so that a press for it is in the records at once.
        let is_at_once = world.one_of(2) == 0;
        if is_at_once {
            let other = world.press_for(LinkId(2), CallId(2));
            assert_eq!(program::press(0, other, programs).await, Ok(true));
        }
        let with_other = |sits: &[LinkId]| match is_at_once {
            true => [sits, &[LinkId(2)]].concat(),
            false => sits.to_vec(),
        };
        let sits = world.press_for(LinkId(1), CallId(1));
        while !matches!(program::press(1, sits, programs).await, Ok(true)) {
            sleep(Duration::from_secs(1)).await;
        }
        {
            let cuts = &mut world.outside().cuts;
            (cuts[0].redis, cuts[1].records, cuts[1].nodes) = (true, true, true);
        }
        // It may be cut off just after it has said that it lives, or while it says where somebody sits.
        let longest = if is_at_once { 300 } else { 3_000 };
        sleep(world.between(0, longest)).await;
        let mut moves = world.press_for(LinkId(1), CallId(2));
        let again = world.press_for(LinkId(1), CallId(2));
        let boot = programs[1].boot().expect("it runs");
        let is_told = || world.outside().rows.have_told(boot, sits);
        let lost = Instant::now();
        while lost.elapsed() < LOST {
            let was_told = is_told();
            // The same press again and again, and then another one.
            if lost.elapsed() > LOST / 2 {
                moves = again;
            }
            drop(program::press(0, moves, programs));
            sleep(Duration::from_secs(1)).await;
            program::one_acts(programs);
            let goes_on = program::is_there(sits, programs);
            assert!(goes_on || is_told(), "it goes on by Redis");
            assert!(!goes_on || !was_told, "it has heard");
            let here: &[_] = if goes_on { &[LinkId(1)] } else { &[] };
            assert_eq!(who_sits(programs), with_other(here), "in one meeting");
        }
        world.mend(programs);
        let mended = Instant::now();
        while !matches!(program::press(0, moves, programs).await, Ok(true)) {
            assert!(mended.elapsed() < MENDED, "nobody is let in");
            sleep(Duration::from_secs(1)).await;
        }
        sleep(Duration::from_secs(3)).await;
        assert!(!program::is_there(sits, programs), "it has heard");
        assert_eq!(who_sits(programs), with_other(&[LinkId(1)]));
    });
}

/// For how long answers of the records are lost, and all of them after that, and how long it takes then until it is seen that
/// somebody stays.
const ANSWERS_LOST: Duration = Duration::from_secs(10);
const LOOKED_AT: Duration = Duration::from_secs(20);

#[test]
fn nor_where_what_they_asked_is_done_and_not_answered() {
    play::all(200, unanswered);
}

/// The press for the other meeting comes while the first is on its way to its seat, at a node that is then reached by
/// nobody: what it asks the records is done, and their answers are lost. It goes on by Redis.
fn unanswered(seed: u64) {
    play::calm(seed, (&play::numbered(3), 3), &async |world, programs| {
        for (node, link) in [(0, 2), (1, 3)] {
            let goes_on = world.press_for(LinkId(link), CallId(2 - node as u64));
            assert_eq!(program::press(node, goes_on, programs).await, Ok(true));
        }
        let sits = world.press_for(LinkId(1), CallId(1));
        drop(program::press(1, sits, programs));
        sleep(world.between(0, 400)).await;
        {
            let cuts = &mut world.outside().cuts;
            (cuts[0].redis, cuts[1].nodes) = (true, true);
        }
        let moves = world.press_for(LinkId(1), CallId(2));
        let cut_after = world.between(0, 300);
        let began = Instant::now();
        let mut pressed = None;
        while began.elapsed() < LOOKED_AT {
            if began.elapsed() >= cut_after {
                let cut = &mut world.outside().cuts[1];
                let are_lost = began.elapsed() < ANSWERS_LOST;
                (cut.answers, cut.records) = (are_lost, !are_lost);
            }
            if pressed.is_none_or(|it: Instant| it.elapsed() > Duration::from_secs(1)) {
                drop(program::press(0, moves, programs));
                pressed = Some(Instant::now());
            }
            sleep(Duration::from_millis(10)).await;
            let all = program::who_sits(programs).into_iter();
            let twice = all.filter(|it| *it == LinkId(1)).count() > 1;
            assert!(!twice, "by one link in two meetings");
        }
    });
}
