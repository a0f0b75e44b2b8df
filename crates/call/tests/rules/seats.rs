//! CALL-1 to CALL-5: seats, the queue, leaving and grace.

use call::Effect::TellPeople;
use call::Parting::{Ended, Left, TimedOut};
use call::{Event, LinkId, Media, Refusal, Rules};

use crate::stage::{Stage, admit, attach, detach, evict, open, queue, refuse, resumed, wake_at};

#[test]
fn the_first_four_are_seated() {
    let mut stage = Stage::new(4);
    assert_eq!(stage.join(1, 1), [admit(1, 0), attach(1, 0), TellPeople]);
    assert_eq!(stage.join(2, 2), [admit(2, 1), attach(2, 1), TellPeople]);
    stage.join(3, 3);
    stage.join(4, 4);
    assert_eq!(stage.seated(), [(1, 0), (2, 1), (3, 2), (4, 3)]);
}

#[test]
fn a_cap_out_of_range_is_the_nearest_in_range() {
    for (asked, given) in [(0, 1), (1, 1), (4, 4), (5, 4), (255, 4)] {
        let mut stage = Stage::new(asked);
        for n in 1..=9 {
            stage.join(n, n);
        }
        assert_eq!(stage.seated().len(), given);
    }
}

#[test]
fn the_fifth_waits_and_is_let_in_when_one_leaves() {
    let mut stage = Stage::full();
    assert_eq!(stage.join(5, 5), [queue(5, 1, 4)]);
    assert_eq!(stage.join(6, 6), [queue(6, 2, 4)]);
    assert_eq!(
        stage.leave(2),
        [
            evict(2, Left),
            detach(2),
            admit(5, 1),
            attach(5, 1),
            queue(6, 1, 4),
            TellPeople
        ]
    );
}

#[test]
fn whoever_stops_waiting_moves_the_others_up() {
    let mut stage = Stage::full();
    for n in 5..=7 {
        stage.join(n, n);
    }
    assert_eq!(
        stage.leave(5),
        [evict(5, Left), queue(6, 1, 4), queue(7, 2, 4)]
    );
}

#[test]
fn a_lost_socket_keeps_its_seat_for_the_grace_and_no_longer() {
    let mut stage = Stage::full();
    stage.join(5, 5);
    stage.pass(10);
    assert_eq!(stage.lose(3), [TellPeople, wake_at(40)]);
    stage.pass(29);
    assert_eq!(stage.wake(), [wake_at(40)]);
    assert_eq!(stage.waiting(), [5]);
    stage.pass(1);
    assert_eq!(
        stage.wake(),
        [
            evict(3, TimedOut),
            detach(3),
            admit(5, 2),
            attach(5, 2),
            TellPeople
        ]
    );
}

#[test]
fn a_page_that_was_closed_keeps_its_seat_for_moments_in_which_it_may_be_loaded_again() {
    let mut stage = Stage::full();
    stage.join(5, 5);
    stage.pass(10);
    assert_eq!(stage.close_page(3), [TellPeople, wake_at(16)]);
    stage.pass(5);
    stage.resume(3, Media::Fresh);
    assert!(stage.call.people().all(|it| !it.reconnecting));
    assert_eq!(stage.waiting(), [5]);
    assert_eq!(stage.close_page(3), [TellPeople, wake_at(21)]);
    // That the socket is gone too is no longer time.
    stage.lose(3);
    stage.pass(6);
    assert_eq!(
        stage.wake(),
        [
            evict(3, TimedOut),
            detach(3),
            admit(5, 2),
            attach(5, 2),
            TellPeople
        ]
    );
}

#[test]
fn a_second_loss_does_not_lengthen_the_grace() {
    let mut stage = Stage::new(4);
    stage.join(1, 1);
    stage.lose(1);
    stage.pass(20);
    assert_eq!(stage.lose(1), []);
    stage.pass(10);
    stage.wake();
    assert!(stage.call.is_empty());
}

#[test]
fn a_late_wake_lets_nobody_come_back_to_a_seat_that_is_over() {
    let mut stage = Stage::full();
    stage.join(5, 5);
    stage.lose(1);
    stage.pass(31);
    assert_eq!(
        stage.resume(1, Media::Kept),
        [
            evict(1, TimedOut),
            detach(1),
            admit(5, 0),
            attach(5, 0),
            refuse(1, Refusal::Unknown),
            TellPeople
        ]
    );
}

#[test]
fn whoever_waits_keeps_the_place_while_the_socket_is_lost() {
    let mut stage = Stage::full();
    stage.join(5, 5);
    stage.join(6, 6);
    assert_eq!(stage.lose(5), [wake_at(30)]);
    // A seat frees: the lost one is passed over, and keeps the first place.
    stage.leave(1);
    assert_eq!(stage.seated(), [(6, 0), (2, 1), (3, 2), (4, 3)]);
    assert_eq!(stage.waiting(), [5]);
    assert_eq!(stage.resume(5, Media::Fresh), [queue(5, 1, 4)]);
    stage.lose(5);
    stage.leave(2);
    assert_eq!(stage.waiting(), [5]);
    // Back in time, and a seat is free.
    assert_eq!(
        stage.resume(5, Media::Fresh),
        [admit(5, 1), attach(5, 1), TellPeople]
    );
}

#[test]
fn a_lost_place_is_given_up_after_the_grace() {
    let mut stage = Stage::full();
    stage.join(5, 5);
    stage.join(6, 6);
    stage.lose(5);
    stage.pass(30);
    assert_eq!(stage.wake(), [evict(5, TimedOut), queue(6, 1, 4)]);
}

#[test]
fn the_earliest_deadline_is_always_asked_for() {
    let mut stage = Stage::full();
    stage.lose(1);
    stage.pass(5);
    assert_eq!(stage.lose(2), [TellPeople]);
    assert_eq!(
        stage.resume(1, Media::Kept),
        [resumed(1, 0, Media::Kept), TellPeople, wake_at(35)]
    );
}

#[test]
fn a_held_seat_is_nobody_elses_until_its_link_is_seated() {
    let mut stage = Stage::with(Rules {
        held_for: Some(LinkId(9)),
        ..open(4)
    });
    for n in 1..=4 {
        stage.join(n, n);
    }
    assert_eq!(stage.seated().len(), 3);
    assert_eq!(stage.waiting(), [4]);
    stage.join(9, 9);
    assert_eq!(stage.seated(), [(1, 0), (2, 1), (3, 2), (9, 3)]);
    // Seated, it holds nothing back: the next free seat is anybody's.
    stage.leave(1);
    assert_eq!(stage.seated(), [(4, 0), (2, 1), (3, 2), (9, 3)]);
    // Away again, its seat is held again.
    stage.join(5, 5);
    stage.leave(9);
    assert_eq!(stage.waiting(), [5]);
    // A withdrawn link never comes, so nothing is held for it.
    stage.tell(Event::Withdrawn { link: LinkId(9) });
    assert_eq!(stage.seated(), [(4, 0), (2, 1), (3, 2), (5, 3)]);
}

#[test]
fn the_end_is_said_to_everybody_once_and_nobody_joins_after_it() {
    let mut stage = Stage::new(2);
    for n in 1..=3 {
        stage.join(n, n);
    }
    assert_eq!(
        stage.tell(Event::Ended),
        [
            evict(1, Ended),
            detach(1),
            evict(2, Ended),
            detach(2),
            evict(3, Ended),
            TellPeople
        ]
    );
    assert_eq!(stage.tell(Event::Ended), []);
    assert_eq!(stage.join(1, 4), [refuse(4, Refusal::Ended)]);
    assert_eq!(stage.resume(1, Media::Kept), [refuse(1, Refusal::Ended)]);
    assert!(stage.call.is_over());
}

#[test]
fn a_call_is_empty_until_somebody_comes_and_once_the_last_has_left() {
    let mut stage = Stage::new(1);
    assert!(stage.call.is_empty());
    stage.join(1, 1);
    assert!(!stage.call.is_empty(), "one is seated");
    stage.join(2, 2);
    stage.leave(1);
    stage.leave(2);
    assert!(stage.call.is_empty());
    assert!(!stage.call.is_over(), "it may fill again");
}

#[test]
fn a_call_that_only_waits_is_not_empty() {
    let mut stage = Stage::with(Rules {
        held_for: Some(LinkId(9)),
        ..open(1)
    });
    stage.join(1, 1);
    assert_eq!((stage.seated(), stage.waiting()), (vec![], vec![1]));
    assert!(!stage.call.is_empty());
}

#[test]
fn nobody_comes_back_into_a_call_that_is_over() {
    let mut stage = Stage::full();
    assert!(!stage.call.is_over());
    stage.tell(Event::Ended);
    assert!(stage.call.is_over() && stage.call.is_empty());
    assert_eq!(
        stage.resume(2, Media::Kept),
        [refuse(2, Refusal::Ended)],
        "whatever it once was"
    );
    assert_eq!(
        stage.resume(77, Media::Fresh),
        [refuse(77, Refusal::Ended)],
        "or never was"
    );
}
