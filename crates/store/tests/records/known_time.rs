//! By a clock that nothing confirms nothing is done that cannot be taken back.

use call::Parting;
use jiff::{SignedDuration, Timestamp};
use school::{Rank, StaffId};
use store::{Channel, Hook, NewStaff, Store, Whereabouts};

use crate::booking_doors::{open_until, send_links, told_at};
use crate::places::on_both;
use crate::registrations::invited;
use crate::sessions::record;
use crate::webhooks::heard_by;
use crate::world::{OFFICE, World, email, later, name, now};

on_both!(
    nothing_is_erased_by_a_clock_that_is_ahead,
    nothing_is_told_by_a_clock_that_is_ahead,
    what_was_queued_before_waits_and_what_is_queued_now_goes,
    what_programs_are_to_be_told_waits_too,
    a_clock_that_is_right_after_a_pause_is_believed_after_a_day_or_at_once,
    whoever_signed_in_by_a_clock_that_was_ahead_does_so_anew,
);

/// Two years: more than the period of a school.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 731);

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

fn ahead(minutes: i64) -> Timestamp {
    later(minutes) + AHEAD
}

async fn look(store: &Store, now: Timestamp) -> Option<SignedDuration> {
    let looked = store.look_at_clock((now, false), MINUTE).await;
    looked.expect("looked")
}

async fn nothing_is_erased_by_a_clock_that_is_ahead(store: Store) {
    let world = World::new(store).await;
    let it = &world.store;
    let booked = world.book(world.maria, world.ana, world.maths, 0).await;
    booked.expect("booked");
    let sessions = [record(
        1,
        1,
        Whereabouts::Over {
            why: Parting::Left,
            since: now(),
        },
    )];
    it.keep_sessions(&sessions).await.expect("kept");
    assert_eq!(look(it, now()).await, None);
    let day = SignedDuration::from_hours(24);
    for _start in 0..3 {
        assert_eq!(look(it, ahead(0)).await, Some(AHEAD));
        assert_eq!(it.erase_expired(ahead(1)).await.expect("looked"), 0);
        let kept = it.forget_sessions((ahead(1), day), 9).await;
        kept.expect("looked");
    }
    let all = it.appointments_of_evening(world.evening).await;
    assert_eq!(all.expect("read").len(), 1);
    assert_eq!(it.sessions().await.expect("read"), sessions);

    // What is past its period is erased by a clock that went there.
    let end = it.evening(world.evening).await.expect("read").end;
    let days = it.school().await.expect("read").keep.days();
    let after = end + day * (i32::from(days) + 1);
    let mut at = later(0);
    while at < after {
        at += day * 2;
        assert_eq!(look(it, at).await, None);
    }
    assert_eq!(it.erase_expired(at).await.expect("erased"), 1);
}

async fn nothing_is_told_by_a_clock_that_is_ahead(store: Store) {
    let world = World::new(store).await;
    let it = &world.store;
    open_until(&world, later(30)).await;
    send_links(&world).await;
    invited(it, world.maria, now()).await;
    let mut school = it.school().await.expect("read");
    school.reminds = true;
    let changed = it.change_school(&school, OFFICE, now()).await;
    changed.expect("changed");
    signed_in(it, later(600), now()).await;
    assert_eq!(look(it, now()).await, None);

    // Ten days, at noon: the evening is still to come.
    let days = SignedDuration::from_hours(24 * 10);
    assert_eq!(look(it, now() + days).await, Some(days));
    assert!(told_at(&world, 10 * 24 * 60).await.is_empty());
    assert_eq!(it.remind(now() + days).await.expect("looked"), 0);
    let week = SignedDuration::from_hours(24 * 7);
    let heads = async |at| it.mail_audit_head(week, at).await.expect("looked");
    assert_eq!(heads(now() + days).await, 0);

    // The clock is right again.
    assert_eq!(look(it, later(31)).await, None);
    assert_eq!(told_at(&world, 31).await, [world.evening]);
    assert_eq!(heads(later(31)).await, 1);
    assert_eq!(heads(later(32)).await, 0);
    world.send_all().await;
    // One that was sent by a clock that was believed holds up none once it is right.
    it.confirm_clock(OFFICE, now() + days).await.expect("noted");
    assert_eq!(heads(now() + days).await, 1);
    assert_eq!(heads(later(33)).await, 1);
}

async fn what_was_queued_before_waits_and_what_is_queued_now_goes(store: Store) {
    let world = World::new(store).await;
    let it = &world.store;
    let minute = SignedDuration::from_mins(1);
    let claim = async |at| {
        let claimed = it.claim_mail(Channel::Email, 9, minute, at).await;
        let claimed = claimed.expect("claimed");
        claimed
            .into_iter()
            .map(|it| it.queued)
            .collect::<Vec<Timestamp>>()
    };
    let next = async |at| it.next_mail(Channel::Email, at).await.expect("read");
    invited(it, world.omar, now()).await;
    assert_eq!(look(it, now()).await, None);
    // Since then it was not noted how late it is.
    assert_eq!(look(it, later(3)).await, None);
    let sent = it
        .send_registrations(&[world.maria], OFFICE, later(3))
        .await;
    sent.expect("queued");
    assert_eq!(look(it, ahead(0)).await, Some(AHEAD));
    assert_eq!(next(ahead(0)).await, None);
    assert!(claim(ahead(0)).await.is_empty());
    // That the clock is set forward by so much moves nothing that waits for it.
    assert_eq!(it.clock_was_set(AHEAD).await.expect("told"), 0);
    let sent = it.send_registrations(&[world.paul], OFFICE, ahead(1)).await;
    sent.expect("queued");
    assert_eq!(next(ahead(1)).await, Some(ahead(1)));
    assert_eq!(claim(ahead(1)).await, [ahead(1)]);

    // What is begun by it is not sent two years later.
    assert_eq!(look(it, later(4)).await, None);
    assert_eq!(it.void_mail_claims(later(5)).await.expect("voided"), 0);
    assert_eq!(claim(later(5)).await, [later(3), ahead(1)]);
}

/// Whatever is a day old is told to no receiver: by such a clock all of it is.
async fn what_programs_are_to_be_told_waits_too(store: Store) {
    let world = World::new(heard_by(store, &["one"], Hook::ALL)).await;
    let it = &world.store;
    let told_at = async |at| {
        let how = (9, SignedDuration::from_mins(1));
        let claimed = it.claim_webhooks("one", how, at).await;
        let queued = claimed.expect("claimed").into_iter();
        queued.map(|it| it.queued_at).collect::<Vec<Timestamp>>()
    };
    assert_eq!(look(it, now()).await, None);
    let meeting = world.book(world.maria, world.ana, world.maths, 0).await;
    let meeting = meeting.expect("booked").meeting;
    let other = world.book(world.omar, world.cem, world.french, 1).await;
    let other = other.expect("booked").meeting;
    it.call_ended(meeting, later(3)).await.expect("noted");
    assert_eq!(look(it, ahead(0)).await, Some(AHEAD));
    assert!(told_at(ahead(1)).await.is_empty());
    it.call_ended(other, ahead(1)).await.expect("noted");
    assert_eq!(told_at(ahead(2)).await, [ahead(1)]);
    assert_eq!(look(it, later(4)).await, None);
    assert_eq!(told_at(later(5)).await, [later(3), ahead(1)]);
}

async fn a_clock_that_is_right_after_a_pause_is_believed_after_a_day_or_at_once(store: Store) {
    let it = &store;
    assert_eq!(look(it, now()).await, None);
    // Two nodes look, by one clock: what passed counts once.
    let half = |hours: i64| ahead(hours * 60 + 30);
    for hours in 0..24 {
        assert!(look_after_an_hour(it, ahead(hours * 60)).await, "{hours}");
        assert!(look_after_an_hour(it, half(hours)).await, "{hours}");
    }
    assert!(it.doubts_clock(ahead(24 * 60)).await.expect("read"));
    assert!(!look_after_an_hour(it, ahead(24 * 60)).await);
    assert!(!it.doubts_clock(ahead(24 * 60)).await.expect("read"));

    let later_still = ahead(0) + AHEAD;
    assert!(look_after_an_hour(it, later_still).await);
    // A time server set it meanwhile.
    let looked = it.look_at_clock((later_still, true), MINUTE).await;
    assert_eq!(looked.expect("looked"), None);
    assert!(!it.doubts_clock(later_still).await.expect("read"));

    let later_still = later_still + AHEAD;
    assert!(look_after_an_hour(it, later_still).await);
    it.confirm_clock(OFFICE, later_still).await.expect("noted");
    assert!(!it.doubts_clock(later_still).await.expect("read"));
    let log = it.audit_log(None, 1).await.expect("read");
    assert_eq!(log[0].action, "clock_confirmed");
}

/// Whether the clock is in doubt.
async fn look_after_an_hour(store: &Store, now: Timestamp) -> bool {
    let looked = store.look_at_clock((now, false), SignedDuration::from_hours(1));
    looked.await.expect("looked").is_some()
}

async fn signed_in(store: &Store, until: Timestamp, at: Timestamp) -> (StaffId, [u8; 32]) {
    let account = NewStaff {
        name: name("Ms Okafor"),
        email: email("okafor@school.example"),
        password_hash: "hash".to_owned(),
        rank: Rank::Owner,
    };
    let staff = store.add_staff(&account, OFFICE, at).await.expect("added");
    let begun = store.begin_session((staff, None), (&[1; 32], &[0; 32]), until, at);
    begun.await.expect("begun");
    (staff, [1; 32])
}

async fn whoever_signed_in_by_a_clock_that_was_ahead_does_so_anew(store: Store) {
    let it = &store;
    let (staff, before) = signed_in(it, later(600), now()).await;
    assert_eq!(look(it, now()).await, None);
    assert_eq!(look(it, ahead(0)).await, Some(AHEAD));
    let begun = it.begin_session((staff, None), (&[2; 32], &[0; 32]), ahead(600), ahead(1));
    begun.await.expect("begun");
    let is_in = async |digest: &[u8; 32], at| it.session(digest, at).await.expect("read").is_some();
    assert!(is_in(&[2; 32], ahead(2)).await);
    assert_eq!(look(it, later(1)).await, None);
    assert!(is_in(&before, later(2)).await);
    assert!(!is_in(&[2; 32], later(2)).await);
}
