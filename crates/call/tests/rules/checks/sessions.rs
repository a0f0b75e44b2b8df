//! Sessions, epochs and attempts.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use call::SessionId;
use call::{AttemptId, Call, CallId, Claim, Effect, Epoch, Event, LinkId, Moment, Parting};

use crate::checks::{assert_only_time_passed, everybody, subject};
use crate::world::{Check, Happening, Press};

/// In a call at every step; across calls whenever nothing is under way.
pub(crate) struct OneLiveSessionALink;

impl Check for OneLiveSessionALink {
    fn see(&mut self, happening: &Happening<'_>) {
        let links = |call: &Call| -> Vec<(LinkId, SessionId)> {
            let seated = call.people().map(|it| (it.link, it.session));
            seated
                .chain(call.waiting().map(|it| (it.link, it.session)))
                .collect()
        };
        match happening {
            Happening::Stepped(step) => {
                let mut seen = BTreeSet::new();
                for (link, _) in links(step.after) {
                    assert!(seen.insert(link), "{link:?} is here twice");
                }
            }
            Happening::Settled { calls, register } => {
                let mut seen = BTreeSet::new();
                for (link, session) in calls.iter().flat_map(|it| links(it)) {
                    assert!(seen.insert(link), "{link:?} is in two calls");
                    let live = register.live(link).map(|it| it.0);
                    assert_eq!(live, Some(session), "{link:?}");
                }
            }
            Happening::Restarted { calls } => {
                let mut seen = BTreeSet::new();
                for (link, _) in calls.iter().flat_map(|(_, it)| links(it)) {
                    assert!(seen.insert(link), "{link:?} is in two calls");
                }
            }
            Happening::Pressed(_) | Happening::Over { .. } => {}
        }
    }
}

/// After its eviction a session is named only where it asks again and is refused. A program that was
/// killed may not know any more who had left; whom a newer session replaced, it does.
#[derive(Default)]
pub(crate) struct EvictedHearsOneLastWordAndNeverReturns {
    evicted: BTreeSet<(CallId, SessionId)>,
    replaced: BTreeSet<SessionId>,
}

impl Check for EvictedHearsOneLastWordAndNeverReturns {
    fn see(&mut self, happening: &Happening<'_>) {
        if let Happening::Pressed(press) = happening
            && let Ok(Claim::New { earlier, .. }) = press.outcome
        {
            self.replaced.extend(earlier.map(|it| it.session));
        }
        if let Happening::Restarted { calls } = happening {
            for (call, session) in here(calls) {
                assert!(!self.replaced.contains(&session), "{session:?} returned");
                self.evicted.remove(&(call, session));
            }
        }
        let Happening::Stepped(step) = happening else {
            return;
        };
        for effect in step.effects {
            let Some(session) = subject(effect) else {
                continue;
            };
            let is_evicted = self.evicted.contains(&(step.call, session));
            match effect {
                Effect::Evict { .. } => {
                    assert!(!is_evicted, "{session:?} is evicted twice");
                    self.evicted.insert((step.call, session));
                }
                Effect::DetachMedia { .. } | Effect::Refuse { .. } => {}
                Effect::Admit { .. }
                | Effect::Queue { .. }
                | Effect::Resume { .. }
                | Effect::AttachMedia { .. }
                | Effect::TellPeople
                | Effect::TellKnocking
                | Effect::TellCountdown
                | Effect::WakeAt(_) => assert!(!is_evicted, "{effect:?} after the last word"),
            }
        }
        for session in everybody(step.after) {
            assert!(
                !self.evicted.contains(&(step.call, session)),
                "{session:?} returned"
            );
        }
    }
}

/// What a session says after it is over moves nothing.
#[derive(Default)]
pub(crate) struct LateMessageChangesNothing(BTreeSet<(CallId, SessionId)>);

impl Check for LateMessageChangesNothing {
    fn see(&mut self, happening: &Happening<'_>) {
        if let Happening::Restarted { calls } = happening {
            for place in here(calls) {
                self.0.remove(&place);
            }
        }
        let Happening::Stepped(step) = happening else {
            return;
        };
        let sender = match step.event {
            Event::JoinAsked { session, .. }
            | Event::SocketLost { session }
            | Event::PageClosed { session }
            | Event::SessionResumed { session, .. }
            | Event::MediaRenewed { session }
            | Event::Left { session } => Some(session),
            Event::Superseded { .. }
            | Event::Withdrawn { .. }
            | Event::Disconnected { .. }
            | Event::LetIn { .. }
            | Event::TurnedAway { .. }
            | Event::DoorChanged { .. }
            | Event::Held { .. }
            | Event::DeadlinePassed
            | Event::Ended
            | Event::TimeUp
            | Event::Stopped => None,
        };
        if sender.is_some_and(|it| self.0.contains(&(step.call, it))) {
            assert_only_time_passed(step, "too late");
        }
        for effect in step.effects {
            if let Effect::Evict { session, .. } = effect {
                self.0.insert((step.call, *session));
            }
        }
    }
}

/// A refusal comes alone, and to the one who asked.
pub(crate) struct RefusedEventChangesNothing;

impl Check for RefusedEventChangesNothing {
    fn see(&mut self, happening: &Happening<'_>) {
        match happening {
            Happening::Stepped(step) => {
                let is_refusal = |it: &&Effect| matches!(it, Effect::Refuse { .. });
                let refusals: Vec<_> = step.effects.iter().filter(is_refusal).collect();
                assert!(refusals.len() <= 1, "{refusals:?}");
                let Some(refusal) = refusals.first() else {
                    return;
                };
                let asks = if let Event::JoinAsked { session, .. }
                | Event::SessionResumed { session, .. } = step.event
                {
                    Some(session)
                } else {
                    None
                };
                assert_eq!(asks, subject(refusal), "{:?}", step.event);
                assert_only_time_passed(step, "refused");
            }
            Happening::Pressed(press) => {
                let foreseen = press
                    .before
                    .check(press.link, press.call, press.attempt, press.now);
                assert_eq!(foreseen.err(), press.outcome.err());
                if press.outcome.is_err() {
                    assert_eq!(press.before, press.after, "a refused press");
                }
            }
            Happening::Settled { .. } | Happening::Restarted { .. } | Happening::Over { .. } => {}
        }
    }
}

/// In the directory and in every call; whoever has a lower one is refused.
#[derive(Default)]
pub(crate) struct EpochsOnlyRise {
    given: BTreeMap<LinkId, Epoch>,
    seen: BTreeMap<(CallId, LinkId), Epoch>,
    names: BTreeSet<SessionId>,
}

impl Check for EpochsOnlyRise {
    fn see(&mut self, happening: &Happening<'_>) {
        match happening {
            Happening::Pressed(press) => {
                let Ok(Claim::New { session, epoch, .. }) = press.outcome else {
                    return;
                };
                let before = self.given.insert(press.link, epoch);
                assert!(
                    before.is_none_or(|it| it < epoch),
                    "{before:?}, then {epoch:?}"
                );
                assert!(self.names.insert(session), "{session:?} is used twice");
            }
            Happening::Stepped(step) => {
                if let Event::JoinAsked {
                    session,
                    link,
                    epoch,
                    is_host: _,
                    may_hold: _,
                } = step.event
                    && !everybody(step.before).contains(&session)
                {
                    let newest = self.seen.get(&(step.call, link)).copied();
                    if everybody(step.after).contains(&session) {
                        assert!(
                            newest.is_none_or(|it| it < epoch),
                            "{newest:?}, then {epoch:?}"
                        );
                        self.seen.insert((step.call, link), epoch);
                    } else if newest.is_some_and(|it| it >= epoch) {
                        assert!(step.refusal.is_some(), "{newest:?}, then {epoch:?}");
                    }
                }
                if let Event::Superseded { link, epoch } = step.event {
                    let newest = self.seen.entry((step.call, link)).or_default();
                    *newest = Epoch(epoch.0 - 1).max(*newest);
                }
            }
            Happening::Settled { .. } | Happening::Restarted { .. } | Happening::Over { .. } => {}
        }
    }
}

/// A retry reaches the session of its press, or is told that a newer one replaced it.
#[derive(Default)]
pub(crate) struct TheSameAttemptHasTheSameOutcome {
    made: BTreeMap<(LinkId, CallId, u128), Vec<SessionId>>,
    replaced: BTreeSet<SessionId>,
}

impl TheSameAttemptHasTheSameOutcome {
    fn press(&mut self, press: &Press<'_>) {
        let AttemptId(attempt) = press.attempt;
        let made = self
            .made
            .entry((press.link, press.call, attempt))
            .or_default();
        let last = made.last().copied();
        match press.outcome {
            Ok(Claim::New {
                session, earlier, ..
            }) => {
                assert!(
                    !made.iter().any(|it| self.replaced.contains(it)),
                    "a retry of a replaced press made {session:?}"
                );
                assert!(
                    earlier.is_none() || earlier.map(|it| it.session) != last,
                    "a retry replaced its own session"
                );
                made.push(session);
                self.replaced.extend(earlier.map(|it| it.session));
            }
            Ok(Claim::Again { session, .. }) => {
                assert_eq!(Some(session), last);
                assert_eq!(press.before, press.after);
            }
            Ok(Claim::Over(why)) => {
                let is_replaced = last.is_some_and(|it| self.replaced.contains(&it));
                assert_eq!(why == Parting::Replaced, is_replaced);
                assert!(last.is_some(), "it was never made");
                assert_eq!(press.before, press.after);
            }
            Err(_) => {}
        }
    }
}

impl Check for TheSameAttemptHasTheSameOutcome {
    fn see(&mut self, happening: &Happening<'_>) {
        if let Happening::Pressed(press) = happening {
            self.press(press);
        }
    }
}

/// However fast two devices press.
#[derive(Default)]
pub(crate) struct AtMostFourTakeoversInHalfAMinute(BTreeMap<LinkId, Vec<(Moment, bool)>>);

impl Check for AtMostFourTakeoversInHalfAMinute {
    fn see(&mut self, happening: &Happening<'_>) {
        // How often a link changed hands is not written down.
        if matches!(happening, Happening::Restarted { .. }) {
            self.0.clear();
        }
        let Happening::Pressed(press) = happening else {
            return;
        };
        let Ok(Claim::New {
            earlier: Some(_),
            contested,
            ..
        }) = press.outcome
        else {
            return;
        };
        let swaps = self.0.entry(press.link).or_default();
        swaps.push((press.now, contested));
        let within = |time: u64| {
            let times = swaps
                .iter()
                .filter(|it| press.now.since(it.0) <= Duration::from_secs(time));
            times.count()
        };
        assert!(within(30) <= 4, "{swaps:?}");
        assert!(contested || within(60) <= 3, "nobody is told of {swaps:?}");
    }
}

/// Everybody in all calls.
fn here(calls: &[(CallId, &Call)]) -> Vec<(CallId, SessionId)> {
    let all = calls.iter();
    all.flat_map(|(id, call)| everybody(call).into_iter().map(|it| (*id, it)))
        .collect()
}
