//! Random events on the directory and several calls; every rule under its own name.
//!
//! Each rule alone sees some thousands of events, so that its own test goes red when it is
//! broken; all of them together see 100,000, or 1,000,000 where `HOMEROOM_LONG` is 1.

use std::cell::Cell;

use call::{LinkId, Rules};
use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, RngSeed, TestRunner};

use crate::checks::{
    AtMostCapSeatsAtEveryStep, AtMostFourTakeoversInHalfAMinute, EpochsOnlyRise,
    EqualInputsGiveEqualEffects, EveryAttachMeetsOneDetach, EvictedHearsOneLastWordAndNeverReturns,
    LateMessageChangesNothing, NoSeatLeaks, NoWakeIsMissed, NobodyEndsTheirOwnHold,
    NobodyIsInUnlessLetIn, OneLiveSessionALink, PeopleAreToldOnceAndOnlyOfChanges,
    RefusedEventChangesNothing, TakeoverSwapsWithinAStep, TheCallIsWhatTheModelSays,
    TheCountdownIsToldWhenItIsSet, TheQueueKeepsArrivalOrder, TheSameAttemptHasTheSameOutcome,
    WhoeverWaitsKnowsThePlace,
};
use crate::ops::{LINKS, ops};
use crate::stage::{HOST_WITHIN, open};
use crate::world::{Check, World};

/// The most things done in one run: they end fewer sessions than a call remembers.
const RUN: usize = 800;

/// Runs until `events` were seen, with what `checks` makes watching each run.
fn hold(events: usize, seed: u64, checks: impl Fn() -> Vec<Box<dyn Check>>) {
    let config = ProptestConfig {
        // A run is half as long as the longest on average, and handles three events for four
        // things done.
        cases: u32::try_from(events / (RUN * 3 / 8)).expect("a few thousand") + 10,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(
            "proptest-regressions/rules.txt",
        ))),
        // Less where the environment says so.
        max_shrink_iters: ProptestConfig::default().max_shrink_iters.min(20_000),
        rng_seed: RngSeed::Fixed(seed),
        ..ProptestConfig::default()
    };
    let room = (
        1..=4_u8,
        prop::option::weighted(0.3, 0..LINKS),
        prop::bool::weighted(0.3),
        prop::bool::weighted(0.4),
    );
    let rooms = prop::array::uniform3(room);
    let input = (rooms, prop::collection::vec(ops(), 1..=RUN));
    let seen = Cell::new(0);
    let result = TestRunner::new(config).run(&input, |(rooms, ops)| {
        let rooms = rooms.map(|(cap, held, is_kept, is_hosted)| Rules {
            held_for: held.map(LinkId),
            is_kept,
            host_within: is_hosted.then_some(HOST_WITHIN),
            ..open(cap)
        });
        let mut world = World::new(rooms, checks());
        world.run(&ops);
        seen.set(seen.get() + world.events);
        Ok(())
    });
    if let Err(fault) = result {
        panic!("{fault}");
    }
    let seen = seen.get();
    assert!(seen >= events, "{seen} events only");
}

macro_rules! rules {
    ($($name:ident: $check:expr, $seed:literal;)*) => {
        $(
            #[test]
            fn $name() {
                hold(6_000, $seed, || vec![Box::new($check)]);
            }
        )*

        #[test]
        #[expect(clippy::disallowed_methods, reason = "how long to look is asked for outside")]
        fn every_rule_holds_over_a_hundred_thousand_events() {
            let is_long = std::env::var("HOMEROOM_LONG").is_ok_and(|it| it == "1");
            let events = if is_long { 1_000_000 } else { 100_000 };
            hold(events, 0, || vec![$(Box::new($check)),*]);
        }
    };
}

rules! {
    at_most_cap_seats_at_every_step: AtMostCapSeatsAtEveryStep::default(), 1;
    a_takeover_swaps_within_a_step: TakeoverSwapsWithinAStep, 2;
    every_attach_meets_exactly_one_detach: EveryAttachMeetsOneDetach::default(), 3;
    no_seat_leaks: NoSeatLeaks, 4;
    at_most_one_live_session_a_link: OneLiveSessionALink, 5;
    an_evicted_session_hears_one_last_word_and_never_returns:
        EvictedHearsOneLastWordAndNeverReturns::default(), 6;
    a_late_message_changes_nothing: LateMessageChangesNothing::default(), 7;
    a_refused_event_changes_nothing: RefusedEventChangesNothing, 8;
    epochs_only_rise: EpochsOnlyRise::default(), 9;
    the_same_attempt_has_the_same_outcome: TheSameAttemptHasTheSameOutcome::default(), 10;
    at_most_four_takeovers_in_half_a_minute: AtMostFourTakeoversInHalfAMinute::default(), 11;
    the_call_is_what_the_model_says: TheCallIsWhatTheModelSays, 12;
    the_queue_keeps_arrival_order: TheQueueKeepsArrivalOrder, 13;
    equal_inputs_give_equal_effects: EqualInputsGiveEqualEffects, 14;
    no_wake_is_missed: NoWakeIsMissed, 15;
    people_are_told_once_and_only_of_changes: PeopleAreToldOnceAndOnlyOfChanges, 16;
    whoever_waits_knows_the_place: WhoeverWaitsKnowsThePlace::default(), 17;
    nobody_is_in_a_kept_room_unless_let_in: NobodyIsInUnlessLetIn::default(), 18;
    the_countdown_is_told_when_it_is_set: TheCountdownIsToldWhenItIsSet, 19;
    nobody_ends_their_own_hold: NobodyEndsTheirOwnHold::default(), 20;
}
