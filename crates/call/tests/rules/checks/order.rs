//! Order, news and time.

use std::collections::BTreeMap;

use call::{Call, CallId, Effect, Event, SessionId};

use crate::stage::is_host;
use crate::world::{Check, Happening};

/// People, places and refusals are those of the reference model.
pub(crate) struct TheCallIsWhatTheModelSays;

impl Check for TheCallIsWhatTheModelSays {
    fn see(&mut self, happening: &Happening<'_>) {
        let Happening::Stepped(step) = happening else {
            return;
        };
        let mut seated: Vec<_> = step
            .model
            .members
            .iter()
            .filter(|it| it.seat.is_some())
            .collect();
        seated.sort_by_key(|it| it.seat);
        let people = step.after.people();
        assert_eq!(
            people
                .map(|it| (Some(it.seat.0), it.session, it.reconnecting, it.on_hold))
                .collect::<Vec<_>>(),
            seated
                .iter()
                .map(|it| {
                    let on_hold = step.model.on_hold.contains(&it.link);
                    (it.seat, it.session, it.until.is_some(), on_hold)
                })
                .collect::<Vec<_>>(),
        );
        let waiting = step.model.members.iter().filter(|it| it.seat.is_none());
        assert_eq!(
            step.after
                .waiting()
                .map(|it| (it.session, it.reconnecting, it.knocks))
                .collect::<Vec<_>>(),
            waiting
                .map(|it| (it.session, it.until.is_some(), it.knocks))
                .collect::<Vec<_>>(),
        );
        let refusal = step.effects.iter().find_map(|it| {
            if let Effect::Refuse { refusal, .. } = it {
                Some(*refusal)
            } else {
                None
            }
        });
        assert_eq!(refusal, step.refusal, "{:?}", step.event);
    }
}

/// Nobody overtakes anybody who could have been admitted instead.
pub(crate) struct TheQueueKeepsArrivalOrder;

impl Check for TheQueueKeepsArrivalOrder {
    fn see(&mut self, happening: &Happening<'_>) {
        let Happening::Stepped(step) = happening else {
            return;
        };
        let links = |call: &Call| -> Vec<_> { call.waiting().map(|it| it.link).collect() };
        let mut by_time = step.before.clone();
        by_time.handle(Event::DeadlinePassed, step.now);
        let (before, after) = (links(&by_time), links(step.after));
        // Whoever waited and waits still does so in the same order, and newcomers stand behind.
        let stayed = before.iter().filter(|it| after.contains(it));
        let newcomers = after.iter().filter(|it| !before.contains(it));
        let expected: Vec<_> = stayed.chain(newcomers).copied().collect();
        assert_eq!(after, expected, "{before:?} waited");
        // Whoever was admitted out of the queue left nobody behind who was there first.
        let admitted = step.effects.iter().filter_map(|it| {
            if let Effect::Admit { session, .. } = it {
                step.before.waiting().position(|it| it.session == *session)
            } else {
                None
            }
        });
        let last = admitted.max().unwrap_or(0);
        for (place, waiter) in step.before.waiting().enumerate().take(last) {
            let still = step.after.waiting().find(|it| it.session == waiter.session);
            let overtaken = still.is_some_and(|it| !it.reconnecting && !it.knocks)
                && !waiter.reconnecting
                && !waiter.knocks;
            let held = step
                .model
                .rules
                .held_for
                .is_some_and(|it| it != waiter.link)
                || (step.model.rules.host_within.is_some() && !is_host(waiter.link));
            assert!(!overtaken || held, "place {place} was passed over");
        }
    }
}

/// Twice the same, from the same state.
pub(crate) struct EqualInputsGiveEqualEffects;

impl Check for EqualInputsGiveEqualEffects {
    fn see(&mut self, happening: &Happening<'_>) {
        let Happening::Stepped(step) = happening else {
            return;
        };
        let mut twin = step.before.clone();
        assert_eq!(twin.handle(step.event, step.now), step.effects);
        assert_eq!(&twin, step.after);
    }
}

/// Whoever is lost has a wake to come, and so has whoever waits for a host: the next one is for the
/// earliest moment of all.
pub(crate) struct NoWakeIsMissed;

impl Check for NoWakeIsMissed {
    fn see(&mut self, happening: &Happening<'_>) {
        let Happening::Stepped(step) = happening else {
            return;
        };
        let graces = step.model.members.iter().filter_map(|it| it.until);
        let earliest = graces.chain(step.model.countdown).min();
        if let Some(earliest) = earliest {
            assert!(
                earliest > step.now,
                "{earliest:?} has passed at {:?}",
                step.now
            );
            assert_eq!(step.timer, Some(earliest));
        }
    }
}

/// `TellPeople` stands once, behind everything but the wake, if and only if people changed.
pub(crate) struct PeopleAreToldOnceAndOnlyOfChanges;

impl Check for PeopleAreToldOnceAndOnlyOfChanges {
    fn see(&mut self, happening: &Happening<'_>) {
        let Happening::Stepped(step) = happening else {
            return;
        };
        let changed = !step.before.people().eq(step.after.people());
        let tells = step
            .effects
            .iter()
            .filter(|it| matches!(it, Effect::TellPeople));
        assert_eq!(tells.count(), usize::from(changed), "{:?}", step.effects);
        let rank = |it: &Effect| {
            let is_news = matches!(it, Effect::TellPeople);
            let is_wake = matches!(it, Effect::WakeAt(_));
            let is_more = matches!(it, Effect::TellKnocking | Effect::TellCountdown);
            (is_wake, is_more, is_news)
        };
        assert!(step.effects.is_sorted_by_key(rank), "{:?}", step.effects);
        let wakes = step
            .effects
            .iter()
            .filter(|it| matches!(it, Effect::WakeAt(_)));
        assert!(wakes.count() <= 1);
    }
}

/// The countdown is the model's, and told once, if and only if it is another one.
pub(crate) struct TheCountdownIsToldWhenItIsSet;

impl Check for TheCountdownIsToldWhenItIsSet {
    fn see(&mut self, happening: &Happening<'_>) {
        let Happening::Stepped(step) = happening else {
            return;
        };
        assert_eq!(step.after.countdown(), step.model.countdown);
        let told = |what: Effect| step.effects.iter().filter(|it| **it == what).count();
        let is_set = step.before.countdown() != step.after.countdown();
        assert_eq!(told(Effect::TellCountdown), usize::from(is_set));
        let knocks = !step.before.knocking().eq(step.after.knocking());
        assert_eq!(told(Effect::TellKnocking), usize::from(knocks));
    }
}

/// Everybody present in the queue has heard the place and the number of seats taken that are
/// true now, and nobody hears the same twice on one socket.
#[derive(Default)]
pub(crate) struct WhoeverWaitsKnowsThePlace(BTreeMap<(CallId, SessionId), (u32, u32, bool)>);

impl Check for WhoeverWaitsKnowsThePlace {
    fn see(&mut self, happening: &Happening<'_>) {
        if matches!(happening, Happening::Restarted { .. }) {
            self.0.clear();
        }
        let Happening::Stepped(step) = happening else {
            return;
        };
        let returns = if let Event::SessionResumed { session, .. }
        | Event::JoinAsked { session, .. } = step.event
        {
            Some(session)
        } else {
            None
        };
        for effect in step.effects {
            if let Effect::Queue {
                session,
                place,
                active,
                knocks,
            } = *effect
            {
                let told = (place, active, knocks);
                let before = self.0.insert((step.call, session), told);
                let is_news = before != Some(told) || returns == Some(session);
                assert!(is_news, "{session:?} knows that");
            }
        }
        let active = step.after.active();
        assert_eq!(usize::try_from(active), Ok(step.model.active()));
        for waiter in step.after.waiting() {
            if !waiter.reconnecting {
                let mut alike = step.after.waiting().filter(|it| it.knocks == waiter.knocks);
                let before = alike.position(|it| it.session == waiter.session);
                let place = u32::try_from(before.expect("just found")).expect("few") + 1;
                let told = self.0.get(&(step.call, waiter.session));
                assert_eq!(told, Some(&(place, active, waiter.knocks)), "{waiter:?}");
            }
        }
    }
}
