//! The clock of a talk, as stories and as properties.

use call::talk::MINUTE;
use call::{Course, Hours, Talk, TalkEffect, TalkEvent, There};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

const NOBODY: There = There {
    school: false,
    family: false,
};
const FAMILY: There = There {
    school: false,
    family: true,
};
const SCHOOL: There = There {
    school: true,
    family: false,
};
const BOTH: There = There {
    school: true,
    family: true,
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a near one")
}

const fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

/// Ten minutes from second 1,000 on, and `gap` seconds before the next.
fn hours(gap: i64) -> Hours {
    Hours {
        starts: at(1_000),
        ends: at(1_600),
        latest: at(1_600 + gap),
    }
}

fn talk(gap: i64) -> Talk {
    Talk::new(hours(gap), Course::default())
}

/// What followed, without what is only kept.
fn said(talk: &mut Talk, event: TalkEvent, second: i64) -> Vec<TalkEffect> {
    let effects = talk.handle(event, at(second));
    let kept = |it: &TalkEffect| matches!(it, TalkEffect::Keep(_));
    effects.into_iter().filter(|it| !kept(it)).collect()
}

#[test]
fn a_talk_ends_at_its_end_and_once() {
    let mut talk = talk(0);
    assert_eq!(talk.wake(at(900)), Some(at(1_000)));
    assert_eq!(said(&mut talk, TalkEvent::Seen(BOTH), 900), []);
    assert_eq!(said(&mut talk, TalkEvent::DeadlinePassed, 1_000), []);
    assert_eq!(talk.wake(at(1_000)), Some(at(1_600)));
    assert_eq!(said(&mut talk, TalkEvent::DeadlinePassed, 1_599), []);
    let end = said(&mut talk, TalkEvent::DeadlinePassed, 1_600);
    assert_eq!(end, [TalkEffect::End]);
    assert_eq!(said(&mut talk, TalkEvent::DeadlinePassed, 1_601), []);
    assert_eq!(
        said(&mut talk, TalkEvent::MinuteAsked, 1_602),
        [TalkEffect::NoRoom]
    );
    assert_eq!(talk.wake(at(1_602)), None);
}

#[test]
fn minutes_are_added_while_the_gap_allows() {
    let mut talk = talk(150);
    let added = [TalkEffect::Added, TalkEffect::Tell];
    assert_eq!(said(&mut talk, TalkEvent::MinuteAsked, 1_100), added);
    assert_eq!(said(&mut talk, TalkEvent::MinuteAsked, 1_100), added);
    assert_eq!(talk.ends(), at(1_720));
    assert!(!talk.may_be_longer());
    assert_eq!(
        said(&mut talk, TalkEvent::MinuteAsked, 1_100),
        [TalkEffect::NoRoom]
    );
    assert_eq!(said(&mut talk, TalkEvent::DeadlinePassed, 1_719), []);
    assert_eq!(
        said(&mut talk, TalkEvent::DeadlinePassed, 1_720),
        [TalkEffect::End]
    );
}

#[test]
fn what_the_school_lost_is_given_back_as_far_as_the_gap_allows() {
    for (gap, given) in [(0, 0), (90, 90), (300, 120)] {
        let mut talk = talk(gap);
        // Whoever comes early waits of their own time from its beginning on.
        assert_eq!(said(&mut talk, TalkEvent::Seen(FAMILY), 800), []);
        assert_eq!(said(&mut talk, TalkEvent::DeadlinePassed, 1_000), []);
        let effects = said(&mut talk, TalkEvent::Seen(BOTH), 1_120);
        let expected = TalkEffect::GivenBack(seconds(given));
        assert_eq!(effects.contains(&expected), given > 0, "{effects:?}");
        assert_eq!(talk.ends(), at(1_600 + given));
        // Whoever goes out and comes in again gives nothing twice.
        assert_eq!(said(&mut talk, TalkEvent::Seen(FAMILY), 1_130), []);
        assert_eq!(said(&mut talk, TalkEvent::Seen(BOTH), 1_190), []);
        assert_eq!(talk.ends(), at(1_600 + given));
    }
}

#[test]
fn nothing_is_given_back_to_a_family_that_came_late_itself() {
    let mut late = talk(300);
    assert_eq!(said(&mut late, TalkEvent::Seen(FAMILY), 1_100), []);
    said(&mut late, TalkEvent::Seen(BOTH), 1_130);
    assert_eq!(late.ends(), at(1_630));
    let mut away = talk(300);
    said(&mut away, TalkEvent::Seen(FAMILY), 1_000);
    said(&mut away, TalkEvent::Seen(NOBODY), 1_050);
    said(&mut away, TalkEvent::Seen(SCHOOL), 1_200);
    said(&mut away, TalkEvent::Seen(BOTH), 1_300);
    assert_eq!(away.ends(), at(1_600));
}

#[test]
fn a_talk_goes_on_where_it_was_kept() {
    let mut before = talk(300);
    said(&mut before, TalkEvent::Seen(FAMILY), 1_000);
    let effects = before.handle(TalkEvent::Seen(BOTH), at(1_060));
    let kept = effects.iter().find_map(|it| match it {
        TalkEffect::Keep(course) => Some(*course),
        TalkEffect::Tell
        | TalkEffect::Added
        | TalkEffect::GivenBack(_)
        | TalkEffect::NoRoom
        | TalkEffect::End => None,
    });
    let kept = kept.expect("it is kept");
    assert_eq!(kept.family_at, Some(at(1_000)));
    assert_eq!(kept.met_at, Some(at(1_060)));
    let mut after = Talk::new(hours(300), kept);
    assert_eq!(after.ends(), before.ends());
    said(&mut after, TalkEvent::Seen(FAMILY), 1_100);
    assert_eq!(said(&mut after, TalkEvent::Seen(BOTH), 1_160), []);
}

#[test]
fn what_is_booked_behind_it_takes_its_room() {
    let mut talk = talk(300);
    said(&mut talk, TalkEvent::MinuteAsked, 1_100);
    let told = said(
        &mut talk,
        TalkEvent::Read(hours(0), Course::default()),
        1_200,
    );
    assert_eq!(told, [TalkEffect::Tell]);
    assert_eq!(talk.ends(), at(1_600));
    assert!(!talk.may_be_longer());
}

#[test]
fn what_is_booked_behind_it_at_the_last_moment_leaves_a_minute() {
    let mut talk = talk(300);
    for _ in 0..3 {
        said(&mut talk, TalkEvent::MinuteAsked, 1_100);
    }
    let booked = TalkEvent::Read(hours(0), Course::default());
    assert_eq!(said(&mut talk, booked, 1_630), [TalkEffect::Tell]);
    assert_eq!(talk.ends(), at(1_690));
    // It is read again and again.
    assert_eq!(said(&mut talk, booked, 1_650), []);
    assert_eq!(said(&mut talk, TalkEvent::DeadlinePassed, 1_689), []);
    let end = said(&mut talk, TalkEvent::DeadlinePassed, 1_690);
    assert_eq!(end, [TalkEffect::End]);
}

#[test]
fn a_talk_that_was_moved_begins_anew() {
    let mut talk = talk(300);
    said(&mut talk, TalkEvent::Seen(BOTH), 1_000);
    said(&mut talk, TalkEvent::MinuteAsked, 1_100);
    let moved = Hours {
        starts: at(3_000),
        ends: at(3_600),
        latest: at(3_900),
    };
    let told = said(&mut talk, TalkEvent::Read(moved, Course::default()), 1_200);
    assert_eq!(told, [TalkEffect::Tell]);
    assert_eq!(talk.ends(), at(3_600));
    // What a call before this one kept comes late.
    let longer = Course {
        longer: MINUTE,
        ..Course::default()
    };
    let told = said(&mut talk, TalkEvent::Read(moved, longer), 1_205);
    assert_eq!(told, [TalkEffect::Tell]);
    assert_eq!(talk.ends(), at(3_660));
}

fn events() -> impl Strategy<Value = TalkEvent> {
    prop_oneof![
        4 => (any::<bool>(), any::<bool>())
            .prop_map(|(school, family)| TalkEvent::Seen(There { school, family })),
        2 => Just(TalkEvent::MinuteAsked),
        2 => Just(TalkEvent::DeadlinePassed),
        1 => (0..600_i64).prop_map(|gap| TalkEvent::Read(hours(gap), Course::default())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: proptest::test_runner::RngSeed::Fixed(13), ..ProptestConfig::default() })]

    /// Whatever happens: never past what comes next but for a minute of warning, never shorter than planned, over
    /// once, and not before its end; every minute that was added and all that was given back is in the end.
    #[test]
    fn a_talk_keeps_its_hours(
        gap in 0..600_i64,
        happens in prop::collection::vec((events(), 0..120_i64), 1..60),
    ) {
        let mut talk = talk(gap);
        let mut latest = at(1_600 + gap);
        let mut now = at(900);
        let mut over = 0;
        let mut warned = at(0);
        for (event, later) in happens {
            now = now.checked_add(seconds(later)).expect("near");
            if let TalkEvent::Read(hours, _) = event {
                latest = hours.latest;
            }
            let before = talk.ends();
            let effects = talk.handle(event, now);
            if matches!(event, TalkEvent::Read(..)) {
                let soonest = before.min(now + MINUTE);
                prop_assert!(talk.ends() >= soonest);
                warned = warned.max(soonest);
            }
            prop_assert!(talk.ends() >= at(1_600));
            prop_assert!(talk.ends() <= latest.max(at(1_600)).max(warned));
            if !matches!(event, TalkEvent::Read(..)) {
                let by: SignedDuration = effects.iter().map(|it| match it {
                    TalkEffect::Added => MINUTE,
                    TalkEffect::GivenBack(lost) => *lost,
                    TalkEffect::Keep(_) | TalkEffect::Tell | TalkEffect::NoRoom | TalkEffect::End => {
                        SignedDuration::ZERO
                    }
                }).fold(SignedDuration::ZERO, |all, it| all + it);
                prop_assert_eq!(talk.ends(), before + by);
            }
            if effects.contains(&TalkEffect::End) {
                over += 1;
                prop_assert!(now >= talk.ends());
            }
            prop_assert!(over > 0 || now < talk.ends());
            prop_assert!(over <= 1);
            prop_assert_eq!(talk.wake(now).is_none(), over > 0);
        }
    }
}
