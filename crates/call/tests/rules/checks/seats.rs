//! Seats and media.

use std::collections::{BTreeMap, BTreeSet};

use call::{Call, CallId, Effect, Event, LinkId, Person, SessionId};

use crate::stage::{is_host, may_hold};
use crate::world::{Check, Happening};

/// Counts seats effect by effect, as those who perform them would see it.
#[derive(Default)]
pub(crate) struct AtMostCapSeatsAtEveryStep(BTreeMap<CallId, BTreeMap<SessionId, u8>>);

impl Check for AtMostCapSeatsAtEveryStep {
    fn see(&mut self, happening: &Happening<'_>) {
        if let Happening::Restarted { calls } = happening {
            self.0 = seated(calls, |_| true);
        }
        let Happening::Stepped(step) = happening else {
            return;
        };
        let seated = self.0.entry(step.call).or_default();
        for effect in step.effects {
            if let Effect::Admit { session, seat } = *effect {
                assert!(
                    !seated.values().any(|it| *it == seat.0),
                    "{seat:?} is taken"
                );
                seated.insert(session, seat.0);
            } else if let Effect::Evict { session, .. } = *effect {
                seated.remove(&session);
            }
            assert!(
                seated.len() <= usize::from(step.model.rules.cap),
                "{seated:?}"
            );
            assert!(
                seated.values().all(|it| *it < step.model.rules.cap),
                "{seated:?}"
            );
        }
        let people = step.after.people().map(|it| (it.session, it.seat.0));
        assert_eq!(*seated, people.collect());
    }
}

/// A join of a link that is here swaps at once: nothing stands between the old and the new.
pub(crate) struct TakeoverSwapsWithinAStep;

impl Check for TakeoverSwapsWithinAStep {
    fn see(&mut self, happening: &Happening<'_>) {
        let Happening::Stepped(step) = happening else {
            return;
        };
        let Event::JoinAsked {
            session: new, link, ..
        } = step.event
        else {
            return;
        };
        let mut before = step.before.clone();
        before.handle(Event::DeadlinePassed, step.now);
        if step.refusal.is_some() || step.model_before.member(new).is_some() {
            return;
        }
        let reason = call::Parting::Replaced;
        if let Some(old) = before.people().find(|it| it.link == link) {
            let (session, seat) = (old.session, old.seat);
            let mut swap = vec![
                Effect::Evict { session, reason },
                Effect::DetachMedia { session },
                Effect::Admit { session: new, seat },
                Effect::AttachMedia { session: new, seat },
            ];
            if old.on_hold {
                let is_media = |it: &Effect| {
                    matches!(it, Effect::DetachMedia { .. } | Effect::AttachMedia { .. })
                };
                swap.retain(|it| !is_media(it));
            }
            assert!(
                step.effects.windows(swap.len()).any(|it| *it == swap),
                "{:?}",
                step.effects
            );
        } else if let Some(place) = before.waiting().position(|it| it.link == link) {
            let session = before.waiting().nth(place).expect("just found").session;
            assert!(step.effects.contains(&Effect::Evict { session, reason }));
            let still_waits = step.after.waiting().position(|it| it.session == new);
            let is_seated = step.after.people().any(|it| it.session == new);
            assert!(
                is_seated || still_waits == Some(place),
                "{:?}",
                step.effects
            );
        }
    }
}

/// Media is attached to those seated who are not on hold, and to nobody else.
#[derive(Default)]
pub(crate) struct EveryAttachMeetsOneDetach(BTreeMap<CallId, BTreeMap<SessionId, u8>>);

impl Check for EveryAttachMeetsOneDetach {
    fn see(&mut self, happening: &Happening<'_>) {
        match happening {
            Happening::Stepped(step) => {
                let attached = self.0.entry(step.call).or_default();
                for effect in step.effects {
                    if let Effect::AttachMedia { session, seat } = *effect {
                        let twice = attached.insert(session, seat.0);
                        assert_eq!(twice, None, "{session:?} is attached twice");
                    } else if let Effect::DetachMedia { session } = *effect {
                        let once = attached.remove(&session);
                        assert!(once.is_some(), "{session:?} is not attached");
                    }
                }
                let seated = step.after.people().filter(|it| !it.on_hold);
                let seated = seated.map(|it| (it.session, it.seat.0));
                assert_eq!(*attached, seated.collect());
            }
            Happening::Over { .. } => assert!(self.0.values().all(BTreeMap::is_empty)),
            // Nobody has media yet: that of each comes anew, in place of what was.
            Happening::Restarted { calls } => self.0 = seated(calls, |it| !it.on_hold),
            Happening::Pressed(_) | Happening::Settled { .. } => {}
        }
    }
}

/// No seat stays free while somebody who may have it waits, and none is kept for ever.
pub(crate) struct NoSeatLeaks;

impl Check for NoSeatLeaks {
    fn see(&mut self, happening: &Happening<'_>) {
        match happening {
            Happening::Stepped(step) => {
                for waiter in step
                    .after
                    .waiting()
                    .filter(|it| !it.reconnecting && !it.knocks)
                {
                    assert!(!step.model.may_sit(waiter.link), "{waiter:?} could sit");
                }
                // Whoever is lost is gone when the grace has passed, by the wake alone.
                let mut later = step.after.clone();
                let end = step.now.after(step.model.rules.grace);
                later.handle(Event::DeadlinePassed, end);
                assert!(later.people().all(|it| !it.reconnecting));
                assert!(later.waiting().all(|it| !it.reconnecting));
            }
            Happening::Over { calls } => assert!(calls.iter().all(|it| it.is_empty())),
            Happening::Pressed(_) | Happening::Settled { .. } | Happening::Restarted { .. } => {}
        }
    }
}

/// Nobody holds a seat behind a kept door who was not let in, in their own step or by another's.
#[derive(Default)]
pub(crate) struct NobodyIsInUnlessLetIn(BTreeMap<CallId, BTreeMap<LinkId, bool>>);

impl Check for NobodyIsInUnlessLetIn {
    fn see(&mut self, happening: &Happening<'_>) {
        // Who is behind the door now: for each link here, whether it may take a seat.
        if let Happening::Restarted { calls } = happening {
            self.0 = calls.iter().map(|(id, call)| (*id, inside(call))).collect();
        }
        let Happening::Stepped(step) = happening else {
            return;
        };
        let may = self.0.entry(step.call).or_default();
        // Whose time was over is out before anything else.
        let mut by_time = step.before.clone();
        by_time.handle(Event::DeadlinePassed, step.now);
        let here = inside(&by_time);
        may.retain(|link, _| here.contains_key(link));
        if let Event::LetIn { link } = step.event {
            may.entry(link).and_modify(|it| *it = true);
        }
        if step.event == (Event::DoorChanged { is_kept: false }) {
            may.values_mut().for_each(|it| *it = true);
        }
        if let Event::JoinAsked { link, .. } = step.event
            && step.refusal.is_none()
        {
            let is_free = is_host(link) || !step.model.rules.is_kept;
            may.entry(link).or_insert(is_free);
        }
        for seated in step.after.people() {
            assert_eq!(
                may.get(&seated.link),
                Some(&true),
                "{seated:?} was not let in"
            );
        }
        for waiting in step.after.waiting() {
            assert_eq!(
                may.get(&waiting.link),
                Some(&!waiting.knocks),
                "{waiting:?}"
            );
        }
        let here = inside(step.after);
        may.retain(|link, _| here.contains_key(link));
    }
}

/// Whoever was put on hold is so in every seat that they take, until somebody takes them off it or nobody
/// seated could; and then they are not.
#[derive(Default)]
pub(crate) struct NobodyEndsTheirOwnHold(BTreeMap<CallId, BTreeSet<LinkId>>);

impl Check for NobodyEndsTheirOwnHold {
    fn see(&mut self, happening: &Happening<'_>) {
        let on_hold = |call: &Call| -> BTreeSet<LinkId> {
            let people = call.people().filter(|it| it.on_hold);
            people.map(|it| it.link).collect()
        };
        let end_with = |call: &Call, held: &mut BTreeSet<LinkId>| {
            let mut people = call.people();
            if !people.any(|it| may_hold(it.link) && !held.contains(&it.link)) {
                held.clear();
            }
        };
        if let Happening::Restarted { calls } = happening {
            let all = calls.iter().map(|(id, call)| (*id, on_hold(call)));
            self.0 = all.collect();
        }
        let Happening::Stepped(step) = happening else {
            return;
        };
        let held = self.0.entry(step.call).or_default();
        let mut by_time = step.before.clone();
        by_time.handle(Event::DeadlinePassed, step.now);
        end_with(&by_time, held);
        if let Event::Held { link, on_hold } = step.event {
            if on_hold {
                held.extend(step.after.people().filter_map(|it| {
                    let is_new = it.link == link && it.on_hold;
                    is_new.then_some(link)
                }));
            } else if by_time.people().any(|it| it.link == link) {
                held.remove(&link);
            }
        }
        end_with(step.after, held);
        for seated in step.after.people() {
            assert_eq!(seated.on_hold, held.contains(&seated.link), "{seated:?}");
        }
    }
}

/// Each link here, and whether it may take a seat.
fn inside(call: &Call) -> BTreeMap<LinkId, bool> {
    let seated = call.people().map(|it| (it.link, true));
    seated
        .chain(call.waiting().map(|it| (it.link, !it.knocks)))
        .collect()
}

/// Where those of them are seated.
fn seated(
    calls: &[(CallId, &Call)],
    those: impl Fn(&Person) -> bool,
) -> BTreeMap<CallId, BTreeMap<SessionId, u8>> {
    let seats = |call: &Call| {
        let people = call.people().filter(&those);
        people.map(|it| (it.session, it.seat.0)).collect()
    };
    calls.iter().map(|(id, call)| (*id, seats(call))).collect()
}
