//! The door of a room, and the time in which a host must come.

use call::{Effect, Event, LinkId, Media, Parting};

use crate::stage::{
    HOST_WITHIN, Stage, admit, attach, detach, evict, is_host, kept, knock, may_hold, open, queue,
    resumed, wake_at,
};

const WITHIN: u64 = HOST_WITHIN.as_secs();

fn let_in(stage: &mut Stage, link: u64) -> Vec<Effect> {
    let link = LinkId(link);
    stage.tell(Event::LetIn { link })
}

fn turn_away(stage: &mut Stage, link: u64) -> Vec<Effect> {
    let link = LinkId(link);
    stage.tell(Event::TurnedAway { link })
}

/// A kept room with its host, the link 3, in it.
fn hosted() -> Stage {
    let mut stage = Stage::with(kept(4));
    stage.join(3, 3);
    stage
}

#[test]
fn a_guest_knocks_and_a_host_lets_them_in() {
    let mut stage = hosted();
    let asked = stage.join(1, 1);
    assert_eq!(asked, [knock(1, 1, 1), Effect::TellKnocking]);
    let came = let_in(&mut stage, 1);
    let tells = [Effect::TellPeople, Effect::TellKnocking];
    assert_eq!(
        came,
        [vec![admit(1, 1), attach(1, 1)], tells.into()].concat()
    );
    // Once in, they are in: another device of theirs takes the seat over.
    stage.join(1, 4);
    assert_eq!(stage.seated(), [(3, 0), (4, 1)]);
    // Whoever left is out, and knocks again.
    stage.leave(4);
    assert_eq!(stage.join(1, 5)[0], knock(5, 1, 1));
}

#[test]
fn a_guest_who_is_turned_away_may_knock_again_and_takes_nobodys_seat_with_them() {
    let mut stage = hosted();
    stage.join(1, 1);
    stage.join(2, 2);
    let_in(&mut stage, 2);
    // Who is in cannot be turned away.
    assert_eq!(turn_away(&mut stage, 2), []);
    let away = turn_away(&mut stage, 1);
    assert_eq!(away, [evict(1, Parting::TurnedAway), Effect::TellKnocking]);
    assert_eq!(stage.join(1, 6)[0], knock(6, 1, 2));
}

#[test]
fn who_is_let_into_a_full_room_waits_before_those_who_knock() {
    let mut stage = hosted();
    for n in [1, 2, 4] {
        stage.join(n, n);
        let_in(&mut stage, n);
    }
    stage.join(5, 5);
    assert_eq!(stage.join(7, 7), [knock(7, 2, 4), Effect::TellKnocking]);
    let later = let_in(&mut stage, 7);
    assert_eq!(later, [queue(7, 1, 4), Effect::TellKnocking]);
    stage.leave(2);
    assert_eq!(stage.seated(), [(3, 0), (1, 1), (7, 2), (4, 3)]);
    assert_eq!(stage.waiting(), [5]);
}

#[test]
fn who_was_let_in_while_their_socket_was_lost_is_in_when_they_are_back() {
    let mut stage = hosted();
    stage.join(1, 1);
    stage.lose(1);
    assert!(!let_in(&mut stage, 1).contains(&admit(1, 1)));
    let back = stage.resume(1, Media::Kept);
    assert!(back.contains(&admit(1, 1)), "{back:?}");
}

#[test]
fn a_door_that_is_opened_lets_everybody_in() {
    let mut stage = hosted();
    stage.join(1, 1);
    stage.join(2, 2);
    stage.tell(Event::DoorChanged { is_kept: false });
    stage.join(4, 4);
    assert_eq!(stage.seated(), [(3, 0), (1, 1), (2, 2), (4, 3)]);
}

#[test]
fn guests_wait_so_long_for_a_host_and_no_longer() {
    let mut stage = Stage::with(kept(4));
    stage.tell(Event::DoorChanged { is_kept: false });
    let first = stage.join(1, 1);
    assert!(first.contains(&Effect::TellCountdown) && first.contains(&wake_at(WITHIN)));
    stage.pass(20);
    // Those who come later have no more time.
    assert!(!stage.join(2, 2).contains(&Effect::TellCountdown));
    stage.pass(WITHIN - 20);
    let over = stage.wake();
    let vain = Parting::NobodyCame;
    let ends = [evict(1, vain), detach(1), evict(2, vain), detach(2)];
    let tells = [Effect::TellPeople, Effect::TellCountdown];
    assert_eq!(over, [&ends[..], &tells].concat());
    assert!(stage.call.is_empty() && !stage.call.is_over());
    // They may come again, and wait anew.
    assert!(stage.join(1, 4).contains(&wake_at(2 * WITHIN)));
}

#[test]
fn a_host_stops_the_countdown_and_the_last_one_to_leave_begins_it_again() {
    let mut stage = Stage::with(kept(4));
    // Whoever knocks waits for a host too.
    assert!(stage.join(1, 1).contains(&wake_at(WITHIN)));
    stage.pass(30);
    assert!(stage.join(3, 3).contains(&Effect::TellCountdown));
    assert_eq!(stage.call.countdown(), None);
    stage.join(6, 6);
    let_in(&mut stage, 1);
    stage.leave(3);
    assert_eq!(stage.call.countdown(), None, "one host is left");
    // A host who may come back is not gone yet.
    stage.lose(6);
    assert_eq!(stage.call.countdown(), None);
    stage.resume(6, Media::Kept);
    assert!(stage.leave(6).contains(&wake_at(30 + WITHIN)));
}

#[test]
fn guests_never_take_the_seat_that_a_host_needs() {
    let mut stage = Stage::with(kept(4));
    stage.tell(Event::DoorChanged { is_kept: false });
    for n in [1, 2, 4, 5] {
        stage.join(n, n);
    }
    assert_eq!(stage.waiting(), [5]);
    stage.join(3, 3);
    assert_eq!(stage.seated(), [(1, 0), (2, 1), (4, 2), (3, 3)]);
}

#[test]
fn after_a_restart_who_sat_sits_and_who_knocked_knocks() {
    let mut stage = hosted();
    stage.join(1, 1);
    let_in(&mut stage, 1);
    stage.join(2, 2);
    stage.join(4, 4);
    let_in(&mut stage, 4);
    let (link, on_hold) = (LinkId(4), true);
    stage.tell(Event::Held { link, on_hold });
    let kept_now: Vec<_> = stage
        .call
        .people()
        .map(|it| (it.session, it.link, Some(it.seat), it.on_hold))
        .chain(
            stage
                .call
                .waiting()
                .map(|it| (it.session, it.link, None, false)),
        )
        .map(|(session, link, seat, on_hold)| call::Kept {
            session,
            link,
            epoch: call::Epoch(session.0),
            seat,
            on_hold,
        })
        .collect();
    stage.call = call::Call::restored(kept(4), &kept_now, is_host, may_hold, stage.now);
    let back = stage.resume(1, Media::Kept);
    assert!(back.contains(&resumed(1, 1, Media::Kept)));
    assert_eq!(stage.resume(2, Media::Kept), [knock(2, 1, 3)]);
    let held = stage.resume(4, Media::Fresh);
    assert!(held.contains(&resumed(4, 2, Media::Kept)), "{held:?}");
    assert!(!held.contains(&attach(4, 2)), "{held:?}");
}

#[test]
fn who_is_on_hold_keeps_the_seat_without_media_until_they_are_off_it() {
    let mut stage = hosted();
    stage.join(1, 1);
    let_in(&mut stage, 1);
    let (link, tell) = (LinkId(1), Effect::TellPeople);
    let hold = |stage: &mut Stage, on_hold| stage.tell(Event::Held { link, on_hold });
    assert_eq!(hold(&mut stage, true), [detach(1), tell]);
    assert_eq!(hold(&mut stage, true), []);
    // Neither a reload nor another device of theirs gets round it.
    assert_eq!(stage.resume(1, Media::Fresh), [resumed(1, 1, Media::Kept)]);
    let session = call::SessionId(1);
    assert_eq!(stage.tell(Event::MediaRenewed { session }), []);
    let swapped = stage.join(1, 4);
    assert_eq!(swapped, [evict(1, Parting::Replaced), admit(4, 1), tell]);
    assert_eq!(hold(&mut stage, false), [attach(4, 1), tell]);
    // No host ever is.
    let (link, on_hold) = (LinkId(3), true);
    assert_eq!(stage.tell(Event::Held { link, on_hold }), []);
}

fn hold(stage: &mut Stage, link: u64, on_hold: bool) -> Vec<Effect> {
    let link = LinkId(link);
    stage.tell(Event::Held { link, on_hold })
}

fn on_hold(stage: &Stage) -> Vec<u64> {
    let people = stage.call.people().filter(|it| it.on_hold);
    people.map(|it| it.link.0).collect()
}

/// An open call with the host, the link 3, and the guests 1 and 2, of whom 1 is on hold.
fn held() -> Stage {
    let mut stage = Stage::with(open(4));
    for link in [3, 1, 2] {
        stage.join(link, link);
    }
    hold(&mut stage, 1, true);
    assert_eq!(on_hold(&stage), [1]);
    stage
}

#[test]
fn whoever_is_on_hold_and_joins_again_is_on_hold() {
    let tell = Effect::TellPeople;
    let mut stage = held();
    assert_eq!(stage.leave(1), [evict(1, Parting::Left), tell]);
    assert_eq!(stage.join(1, 11), [admit(11, 1), tell]);
    // Nor does it help to be gone until the grace has passed, to be disconnected, by whoever invited
    // them say, or to have been in another call.
    stage.lose(11);
    stage.pass(40);
    assert_eq!(stage.wake(), [evict(11, Parting::TimedOut), tell]);
    assert_eq!(stage.join(1, 12), [admit(12, 1), tell]);
    let link = LinkId(1);
    stage.tell(Event::Disconnected { link });
    assert_eq!(stage.join(1, 13), [admit(13, 1), tell]);
    let epoch = call::Epoch(14);
    stage.tell(Event::Superseded { link, epoch });
    assert_eq!(stage.join(1, 15), [admit(15, 1), tell]);
    assert_eq!(hold(&mut stage, 1, false), [attach(15, 1), tell]);
    stage.leave(15);
    assert_eq!(stage.join(1, 16), [admit(16, 1), attach(16, 1), tell]);
}

#[test]
fn whoever_is_on_hold_waits_for_a_seat_and_is_on_hold_in_it() {
    let mut stage = held();
    stage.leave(1);
    for link in [4, 5] {
        stage.join(link, link);
    }
    assert_eq!(stage.join(1, 11), [queue(11, 1, 4)]);
    let seated = stage.leave(4);
    assert!(seated.contains(&admit(11, 1)), "{seated:?}");
    assert!(!seated.contains(&attach(11, 1)), "{seated:?}");
    assert_eq!(on_hold(&stage), [1]);
}

#[test]
fn a_hold_ends_when_nobody_is_there_who_could_end_it() {
    let tell = Effect::TellPeople;
    let mut stage = held();
    assert_eq!(
        stage.leave(3),
        [evict(3, Parting::Left), detach(3), attach(1, 1), tell]
    );
    assert_eq!(on_hold(&stage), []);
    // Whoever lost their connection may be back, until their grace has passed.
    let mut stage = held();
    stage.lose(3);
    stage.pass(29);
    stage.wake();
    assert_eq!(on_hold(&stage), [1]);
    stage.pass(1);
    let woken = stage.wake();
    let gone = [evict(3, Parting::TimedOut), detach(3), attach(1, 1), tell];
    assert_eq!(woken, gone);
    // It is over also for whoever has left, and does not begin anew with the host's return.
    let mut stage = held();
    stage.leave(1);
    stage.leave(3);
    stage.join(3, 13);
    assert_eq!(stage.join(1, 11), [admit(11, 1), attach(11, 1), tell]);
}

#[test]
fn whoever_is_on_hold_ends_nobodys_hold() {
    let mut stage = Stage::with(open(4));
    // A parent who was given the power, their guest, and the teacher.
    for link in [3, 8, 1] {
        stage.join(link, link);
    }
    hold(&mut stage, 1, true);
    // With the teacher gone, the parent may end it.
    stage.leave(3);
    assert_eq!(on_hold(&stage), [1]);
    stage.join(3, 13);
    hold(&mut stage, 8, true);
    assert_eq!(on_hold(&stage), [8, 1]);
    stage.leave(13);
    assert_eq!(on_hold(&stage), []);
}
