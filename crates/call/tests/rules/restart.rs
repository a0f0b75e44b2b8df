//! SESS-8: what is written down of sessions is what the program begins again with.

use std::collections::BTreeMap;

use call::{AttemptId, Call, CallId, Claim, Kept, LinkId, Media, Moment, Parting, Register};
use call::{SeatNumber, Session, SessionId, Whereabouts};

use crate::stage::{GRACE, Stage, admit, attach, detach, evict, is_host, may_hold, open};
use crate::stage::{queue, resumed};

const CALL: CallId = CallId(1);

const NOW: Moment = Moment(GRACE);

fn kept(session: u64, seat: Option<u8>) -> Kept {
    Kept {
        session: SessionId(session),
        link: LinkId(session),
        epoch: call::Epoch(session),
        seat: seat.map(SeatNumber),
        on_hold: false,
    }
}

fn restored(cap: u8, kept: &[Kept]) -> Stage {
    let now = Moment::default();
    let call = Call::restored(open(cap), kept, is_host, may_hold, now);
    Stage { call, now }
}

fn claim(register: &mut Register, link: u64, attempt: u128) -> Claim {
    let claim = register.claim(LinkId(link), CALL, AttemptId(attempt), NOW);
    claim.expect("it may swap")
}

fn new(claim: Claim) -> SessionId {
    match claim {
        Claim::New { session, .. } => session,
        other @ (Claim::Again { .. } | Claim::Over(_)) => panic!("not new: {other:?}"),
    }
}

/// Of several nodes one may claim a session, another give it a seat, and the first have the call after that one.
#[test]
fn a_seat_that_was_given_elsewhere_is_taken_up_where_the_session_was_claimed() {
    let mut register = Register::default();
    let session = new(claim(&mut register, 1, 1));
    let claimed = *register.session(session).expect("it was claimed");
    let seated = Session {
        whereabouts: Whereabouts::Seated(SeatNumber(2)),
        ..claimed
    };
    register.adopt(session, seated, NOW);
    assert_eq!(register.session(session), Some(&seated));
    assert_eq!(register.placed().collect::<Vec<_>>(), [session]);
    // What is known of a seat is no older than what is read.
    register.adopt(session, claimed, NOW);
    assert_eq!(register.session(session), Some(&seated));
}

/// The program is killed when all is written down, and begins again.
fn restart(register: &mut Register) -> (Register, Vec<Kept>) {
    let written: BTreeMap<SessionId, Session> = register.take_changed().into_iter().collect();
    let (register, mut kept) = Register::restored(1000, written, NOW);
    (register, kept.remove(&CALL).unwrap_or_default())
}

#[test]
fn everybody_comes_back_to_their_own_seat_and_the_queue_keeps_its_order() {
    let people = [
        kept(3, Some(2)),
        kept(6, None),
        kept(1, Some(0)),
        kept(5, None),
    ];
    let mut stage = restored(3, &people);
    assert_eq!(stage.seated(), [(1, 0), (3, 2)]);
    assert_eq!(stage.waiting(), [6, 5]);
    assert!(stage.call.people().all(|it| it.reconnecting));
    let back = stage.resume(3, Media::Fresh);
    assert!(back.contains(&resumed(3, 2, Media::Fresh)));
    assert!(back.contains(&attach(3, 2)));
    // The one free seat is the first one's who waits and is there; the other is next.
    let back = stage.resume(5, Media::Fresh);
    assert!(back.contains(&admit(5, 1)));
    assert!(stage.resume(6, Media::Fresh).contains(&queue(6, 1, 3)));
    // Who does not come back within the grace is gone, and the next one in.
    stage.pass(30);
    let woken = stage.wake();
    assert!(woken.contains(&evict(1, Parting::TimedOut)) && woken.contains(&detach(1)));
    assert!(woken.contains(&admit(6, 0)));
}

#[test]
fn whose_seat_is_no_more_waits_first() {
    let people = [
        kept(9, None),
        kept(1, Some(0)),
        kept(4, Some(3)),
        kept(2, Some(0)),
    ];
    let stage = restored(2, &people);
    assert_eq!(stage.seated(), [(1, 0)]);
    assert_eq!(stage.waiting(), [4, 2, 9]);
}

#[test]
fn a_takeover_that_was_written_down_and_not_heard_of_keeps_the_seat_for_the_newer_one() {
    let mut register = Register::default();
    let old = new(claim(&mut register, 1, 1));
    let seat = Whereabouts::Seated(SeatNumber(2));
    register.arrange(CALL, [(old, seat)]);
    let newer = new(claim(&mut register, 1, 2));
    // Its call still holds the older one there.
    register.arrange(CALL, [(old, seat)]);
    let (mut register, kept) = restart(&mut register);
    let seats: Vec<_> = kept.iter().map(|it| (it.session, it.seat)).collect();
    assert_eq!(seats, [(newer, Some(SeatNumber(2)))]);
    let replaced = register.session(old).and_then(Session::parting);
    assert_eq!(replaced, Some(Parting::Replaced));
    // Both presses are known again.
    assert_eq!(claim(&mut register, 1, 1), Claim::Over(Parting::Replaced));
    assert!(matches!(claim(&mut register, 1, 2), Claim::Again { session, .. } if session == newer));
}

#[test]
fn a_press_that_had_not_come_in_begins_again() {
    let mut register = Register::default();
    let lost = new(claim(&mut register, 1, 1));
    let (mut register, kept) = restart(&mut register);
    assert_eq!(kept, []);
    let again = new(claim(&mut register, 1, 1));
    assert!(again > lost && again.0 > 1000, "no name is used twice");
}

#[test]
fn a_seat_that_went_on_before_the_takeover_was_heard_of_is_written_down_once() {
    let mut register = Register::default();
    let old = new(claim(&mut register, 1, 1));
    let other = new(claim(&mut register, 2, 2));
    let seat = Whereabouts::Seated(SeatNumber(0));
    register.arrange(CALL, [(old, seat), (other, Whereabouts::Waiting(0))]);
    let newer = new(claim(&mut register, 1, 3));
    // The older one leaves before its call hears of the newer one: the seat is the next one's.
    register.release(old, Parting::Left, NOW);
    register.arrange(CALL, [(other, seat)]);
    let whereabouts = |id| register.session(id).map(|it| it.whereabouts);
    assert_eq!(whereabouts(newer), Some(Whereabouts::Coming));
    assert_eq!(whereabouts(other), Some(seat));
}
