//! The invariants, each under its own name.

mod order;
mod seats;
mod sessions;

pub(crate) use order::{
    EqualInputsGiveEqualEffects, NoWakeIsMissed, PeopleAreToldOnceAndOnlyOfChanges,
    TheCallIsWhatTheModelSays, TheCountdownIsToldWhenItIsSet, TheQueueKeepsArrivalOrder,
    WhoeverWaitsKnowsThePlace,
};
pub(crate) use seats::{
    AtMostCapSeatsAtEveryStep, EveryAttachMeetsOneDetach, NoSeatLeaks, NobodyEndsTheirOwnHold,
    NobodyIsInUnlessLetIn, TakeoverSwapsWithinAStep,
};
pub(crate) use sessions::{
    AtMostFourTakeoversInHalfAMinute, EpochsOnlyRise, EvictedHearsOneLastWordAndNeverReturns,
    LateMessageChangesNothing, OneLiveSessionALink, RefusedEventChangesNothing,
    TheSameAttemptHasTheSameOutcome,
};

use call::{Call, Effect, Event, SessionId};

use crate::world::Step;

/// The session an effect is about.
fn subject(effect: &Effect) -> Option<SessionId> {
    match *effect {
        Effect::Admit { session, .. }
        | Effect::Queue { session, .. }
        | Effect::Resume { session, .. }
        | Effect::Refuse { session, .. }
        | Effect::Evict { session, .. }
        | Effect::AttachMedia { session, .. }
        | Effect::DetachMedia { session } => Some(session),
        Effect::TellPeople | Effect::TellKnocking | Effect::TellCountdown | Effect::WakeAt(_) => {
            None
        }
    }
}

/// Asserts that the step did no more than the passing of time would have, a refusal aside.
fn assert_only_time_passed(step: &Step<'_>, why: &str) {
    let mut unmoved = step.before.clone();
    let by_time = unmoved.handle(Event::DeadlinePassed, step.now);
    let is_visible = |it: &&Effect| !matches!(it, Effect::Refuse { .. } | Effect::WakeAt(_));
    let seen: Vec<_> = step.effects.iter().filter(is_visible).collect();
    let expected: Vec<_> = by_time.iter().filter(is_visible).collect();
    assert_eq!(seen, expected, "{why}: {:?}", step.event);
    // A wake that comes asks for the next, and this step was none: bring both to that point.
    let mut after = step.after.clone();
    after.handle(Event::DeadlinePassed, step.now);
    unmoved.handle(Event::DeadlinePassed, step.now);
    assert_eq!(after, unmoved, "{why}: {:?}", step.event);
}

/// Everybody in the call: sessions seated, then sessions waiting.
fn everybody(call: &Call) -> Vec<SessionId> {
    let seated = call.people().map(|it| it.session);
    seated.chain(call.waiting().map(|it| it.session)).collect()
}
