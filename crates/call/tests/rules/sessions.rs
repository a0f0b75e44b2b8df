//! SESS-1 to SESS-6: the newest session of a link wins, and the same session comes back.

use std::time::Duration;

use call::Effect::TellPeople;
use call::Parting::{Disconnected, Replaced, Withdrawn};
use call::{AttemptId, CallId, Claim, Directory, Earlier, Epoch, Event, LinkId, Media, Moment};
use call::{Parting, Refusal, SessionId};

use crate::stage::{Stage, admit, attach, detach, evict, queue, refuse, resumed};

#[test]
fn a_takeover_in_a_full_call_keeps_the_seat_and_lets_nobody_between() {
    let mut stage = Stage::full();
    stage.join(5, 5);
    assert_eq!(
        stage.join(2, 6),
        [
            evict(2, Replaced),
            detach(2),
            admit(6, 1),
            attach(6, 1),
            TellPeople
        ]
    );
    assert_eq!(stage.waiting(), [5]);
}

#[test]
fn a_takeover_of_a_lost_seat_waits_for_nothing() {
    let mut stage = Stage::full();
    stage.join(5, 5);
    stage.lose(2);
    stage.pass(20);
    stage.join(2, 6);
    stage.pass(20);
    stage.wake();
    assert_eq!(stage.seated(), [(1, 0), (6, 1), (3, 2), (4, 3)]);
}

#[test]
fn a_takeover_in_the_queue_keeps_the_place() {
    let mut stage = Stage::full();
    stage.join(5, 5);
    stage.join(6, 6);
    assert_eq!(stage.join(5, 7), [evict(5, Replaced), queue(7, 1, 4)]);
    assert_eq!(stage.waiting(), [7, 6]);
}

#[test]
fn a_session_that_is_the_newest_itself_is_superseded_by_none() {
    let mut stage = Stage::new(4);
    stage.join(1, 5);
    let superseded = |epoch| Event::Superseded {
        link: LinkId(1),
        epoch: Epoch(epoch),
    };
    assert_eq!(stage.tell(superseded(5)), []);
    assert_eq!(
        stage.tell(superseded(6)),
        [evict(5, Replaced), detach(5), TellPeople]
    );
}

#[test]
fn an_older_press_that_arrives_late_is_refused() {
    let mut stage = Stage::new(4);
    stage.join(1, 5);
    assert_eq!(stage.join(1, 4), [refuse(4, Refusal::Replaced)]);
    stage.leave(5);
    assert_eq!(stage.join(1, 4), [refuse(4, Refusal::Replaced)]);
    assert_eq!(stage.join(1, 5), [refuse(5, Refusal::Replaced)]);
}

#[test]
fn the_same_join_again_is_the_same_session_again() {
    let mut stage = Stage::full();
    assert_eq!(
        stage.join(2, 2),
        [resumed(2, 1, Media::Fresh), detach(2), attach(2, 1)]
    );
    stage.join(5, 5);
    assert_eq!(stage.join(5, 5), [queue(5, 1, 4)]);
}

#[test]
fn a_session_of_another_call_is_ended_when_its_link_moves_on() {
    let (link, epoch) = (LinkId(2), Epoch(9));
    let mut stage = Stage::full();
    assert_eq!(
        stage.tell(Event::Superseded { link, epoch }),
        [evict(2, Replaced), detach(2), TellPeople]
    );
    // Its older joins, still under way, come too late.
    assert_eq!(stage.join(2, 8), [refuse(8, Refusal::Replaced)]);
    // What is over is all below that epoch: a session with it may be of this call.
    let mut other = Stage::full();
    other.tell(Event::Superseded { link, epoch });
    assert_eq!(other.join(2, 9), [admit(9, 1), attach(9, 1), TellPeople]);
    // Old news of a link that has come back since changes nothing.
    stage.join(2, 10);
    assert_eq!(stage.tell(Event::Superseded { link, epoch }), []);
}

#[test]
fn a_dropped_socket_resumes_the_same_seat() {
    let mut stage = Stage::full();
    stage.lose(3);
    stage.pass(29);
    assert_eq!(
        stage.resume(3, Media::Kept),
        [resumed(3, 2, Media::Kept), TellPeople]
    );
    // Before its loss was noticed: nobody saw anything.
    assert_eq!(stage.resume(3, Media::Kept), [resumed(3, 2, Media::Kept)]);
}

#[test]
fn a_reload_resumes_with_fresh_media() {
    let mut stage = Stage::full();
    stage.lose(3);
    assert_eq!(
        stage.resume(3, Media::Fresh),
        [
            resumed(3, 2, Media::Fresh),
            detach(3),
            attach(3, 2),
            TellPeople
        ]
    );
}

#[test]
fn a_fresh_peer_connection_changes_media_and_nothing_else() {
    let session = SessionId(3);
    let mut stage = Stage::full();
    assert_eq!(
        stage.tell(Event::MediaRenewed { session }),
        [detach(3), attach(3, 2)]
    );
    stage.lose(3);
    assert_eq!(stage.tell(Event::MediaRenewed { session }), []);
    stage.join(5, 5);
    let session = SessionId(5);
    assert_eq!(stage.tell(Event::MediaRenewed { session }), []);
}

#[test]
fn an_evicted_session_that_comes_back_is_told_it_was_replaced() {
    let mut stage = Stage::full();
    stage.join(2, 6);
    assert_eq!(
        stage.resume(2, Media::Fresh),
        [refuse(2, Refusal::Replaced)]
    );
    assert_eq!(stage.lose(2), []);
    assert_eq!(stage.leave(2), []);
}

#[test]
fn a_sleeper_whose_link_was_used_elsewhere_is_told_so() {
    let mut stage = Stage::full();
    stage.lose(2);
    stage.pass(40);
    stage.wake();
    assert_eq!(stage.resume(2, Media::Fresh), [refuse(2, Refusal::Unknown)]);
    stage.join(2, 6);
    assert_eq!(
        stage.resume(2, Media::Fresh),
        [refuse(2, Refusal::Replaced)]
    );
}

#[test]
fn a_wrong_epoch_does_not_resume() {
    let mut stage = Stage::new(4);
    stage.join(1, 5);
    for (epoch, refusal) in [(4, Refusal::Replaced), (6, Refusal::Unknown)] {
        let event = Event::SessionResumed {
            session: SessionId(5),
            epoch: Epoch(epoch),
            media: Media::Kept,
        };
        assert_eq!(stage.tell(event), [refuse(5, refusal)]);
    }
    assert_eq!(stage.seated(), [(5, 0)]);
}

#[test]
fn a_withdrawn_link_is_dead_for_ever() {
    let link = LinkId(2);
    let mut stage = Stage::full();
    assert_eq!(
        stage.tell(Event::Withdrawn { link }),
        [evict(2, Withdrawn), detach(2), TellPeople]
    );
    assert_eq!(stage.join(2, 9), [refuse(9, Refusal::Withdrawn)]);
    assert_eq!(
        stage.resume(2, Media::Kept),
        [refuse(2, Refusal::Withdrawn)]
    );
}

#[test]
fn a_disconnected_persons_link_goes_on_working() {
    let link = LinkId(2);
    let mut stage = Stage::full();
    assert_eq!(
        stage.tell(Event::Disconnected { link }),
        [evict(2, Disconnected), detach(2), TellPeople]
    );
    assert_eq!(stage.resume(2, Media::Kept), [refuse(2, Refusal::Unknown)]);
    assert_eq!(stage.join(2, 9), [admit(9, 1), attach(9, 1), TellPeople]);
}

fn at(seconds: u64) -> Moment {
    Moment(Duration::from_secs(seconds))
}

#[test]
fn the_newest_press_wins_in_whichever_call_it_is() {
    let mut directory = Directory::default();
    let (link, here, there) = (LinkId(1), CallId(1), CallId(2));
    let first = directory.claim(link, here, AttemptId(1), at(0));
    assert_eq!(
        first,
        Ok(Claim::New {
            session: SessionId(1),
            epoch: Epoch(1),
            earlier: None,
            contested: false
        })
    );
    let second = directory.claim(link, there, AttemptId(2), at(1));
    let earlier = Earlier {
        session: SessionId(1),
        call: here,
    };
    assert_eq!(
        second,
        Ok(Claim::New {
            session: SessionId(2),
            epoch: Epoch(2),
            earlier: Some(earlier),
            contested: false
        })
    );
    assert_eq!(directory.live(link), Some((SessionId(2), there, Epoch(2))));
    // Late news of the replaced one.
    directory.release(link, SessionId(1), Parting::TimedOut);
    assert_eq!(directory.live(link), Some((SessionId(2), there, Epoch(2))));
    directory.release(link, SessionId(2), Parting::TimedOut);
    assert_eq!(directory.live(link), None);
}

#[test]
fn a_retried_press_is_the_same_press() {
    let mut directory = Directory::default();
    let (link, call) = (LinkId(1), CallId(1));
    assert!(directory.claim(link, call, AttemptId(1), at(0)).is_ok());
    let again = Claim::Again {
        session: SessionId(1),
        epoch: Epoch(1),
    };
    for second in 1..=3 {
        let claim = directory.claim(link, call, AttemptId(1), at(second));
        assert_eq!(claim, Ok(again));
    }
    // Another device was newer than the press that is retried still.
    assert!(directory.claim(link, call, AttemptId(2), at(4)).is_ok());
    let late = directory.claim(link, call, AttemptId(1), at(5));
    assert_eq!(late, Ok(Claim::Over(Replaced)));
    assert_eq!(directory.live(link), Some((SessionId(2), call, Epoch(2))));
    directory.release(link, SessionId(2), Parting::TimedOut);
    let later = directory.claim(link, call, AttemptId(1), at(6));
    assert_eq!(later, Ok(Claim::Over(Replaced)));
}

#[test]
fn one_attempt_in_two_calls_moves_the_link_and_never_seats_it_twice() {
    let mut directory = Directory::default();
    let (link, here, there) = (LinkId(1), CallId(1), CallId(2));
    assert!(directory.claim(link, here, AttemptId(1), at(0)).is_ok());
    let moved = directory.claim(link, there, AttemptId(1), at(1));
    let earlier = Earlier {
        session: SessionId(1),
        call: here,
    };
    assert_eq!(
        moved,
        Ok(Claim::New {
            session: SessionId(2),
            epoch: Epoch(2),
            earlier: Some(earlier),
            contested: false
        })
    );
    // Each press is its own when it is retried.
    let late = directory.claim(link, here, AttemptId(1), at(2));
    assert_eq!(late, Ok(Claim::Over(Replaced)));
    let again = directory.claim(link, there, AttemptId(1), at(2));
    assert_eq!(
        again,
        Ok(Claim::Again {
            session: SessionId(2),
            epoch: Epoch(2)
        })
    );
}

#[test]
fn devices_that_fight_are_slowed_down_and_people_are_told() {
    let mut directory = Directory::default();
    let (link, call) = (LinkId(1), CallId(1));
    let mut contested = Vec::new();
    for second in 0..120 {
        let attempt = AttemptId(u128::from(second));
        let before = directory.clone();
        match directory.claim(link, call, attempt, at(second)) {
            Ok(Claim::New { contested: it, .. }) => contested.push((second, it)),
            Ok(claim) => panic!("{claim:?}"),
            Err(_) => assert_eq!(directory, before, "a refused swap changes nothing"),
        }
    }
    assert_eq!(
        contested,
        [
            (0, false), // no swap: nobody was there
            (1, false),
            (2, false),
            (3, false),
            (18, true),
            (48, true),
            (108, true),
        ]
    );
}
