//! Slots, whatever the day, the zone and the hour.

use jiff::SignedDuration;
use jiff::civil::{Date, Time, date};
use proptest::prelude::*;
use school::evening::EveningDraft;
use school::{Evening, EveningId, Label, Refusal};

use crate::world::config;

/// Zones with the odd changes: half an hour, at midnight, southern, none.
const ZONES: [&str; 6] = [
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Beirut",
    "UTC",
];

fn drafts() -> impl Strategy<Value = EveningDraft> {
    let day = (0..800_i64).prop_map(|days| {
        let first: Date = date(2026, 1, 1);
        first.saturating_add(jiff::Span::new().days(days))
    });
    let clock =
        || (0..24_i8, 0..60_i8).prop_map(|(hour, minute)| Time::constant(hour, minute, 0, 0));
    (
        day,
        prop::sample::select(&ZONES[..]),
        clock(),
        clock(),
        0..130_u16,
        0..70_u16,
    )
        .prop_map(
            |(date, zone, start, end, slot_minutes, gap_minutes)| EveningDraft {
                name: Label::read("Year 8").expect("a label"),
                date,
                zone: zone.to_owned(),
                start,
                end,
                slot_minutes,
                gap_minutes,
                closes: None,
            },
        )
}

proptest! {
    #![proptest_config(config("proptest-regressions/evenings.txt"))]

    #[test]
    fn slots_follow_one_another_within_the_evening(draft in drafts()) {
        let (slot, gap) = (i64::from(draft.slot_minutes), i64::from(draft.gap_minutes));
        match Evening::new(EveningId(1), draft) {
            Err(refusal) => {
                let expected = [
                    Refusal::EndsBeforeStart,
                    Refusal::TimeSkipped,
                    Refusal::SlotLength,
                    Refusal::GapLength,
                    Refusal::NoSlotFits,
                ];
                prop_assert!(expected.contains(&refusal));
            }
            Ok(evening) => {
                let slots: Vec<_> = evening.slots().collect();
                prop_assert!(!slots.is_empty());
                prop_assert_eq!(slots[0].start, evening.start);
                for (number, one) in slots.iter().enumerate() {
                    prop_assert_eq!(usize::from(one.number.0), number);
                    prop_assert_eq!(one.end.duration_since(one.start), SignedDuration::from_mins(slot));
                    prop_assert!(one.end <= evening.end);
                    prop_assert_eq!(evening.slot(one.number), Ok(*one));
                }
                for pair in slots.windows(2) {
                    let between = pair[1].start.duration_since(pair[0].end);
                    prop_assert_eq!(between, SignedDuration::from_mins(gap));
                }
                // Not one more would fit.
                let last = slots[slots.len() - 1];
                prop_assert!(last.end + SignedDuration::from_mins(gap + slot) > evening.end);
            }
        }
    }
}

/// What the office plans on 1 January 2026, 09:00 UTC.
fn plan(change: impl FnOnce(&mut EveningDraft)) -> Result<(), Refusal> {
    let mut draft = EveningDraft {
        name: Label::read("Year 8").expect("a label"),
        date: date(2026, 1, 1),
        zone: "UTC".to_owned(),
        start: Time::constant(9, 0, 0, 0),
        end: Time::constant(10, 0, 0, 0),
        slot_minutes: 10,
        gap_minutes: 0,
        closes: None,
    };
    change(&mut draft);
    let now = "2026-01-01T09:00:00Z".parse().expect("a time");
    draft.check_plan(now)
}

#[test]
fn what_the_office_plans_is_still_to_come_and_no_slip() {
    let at = |hour, minute| Time::constant(hour, minute, 0, 0);
    assert_eq!(plan(|_| {}), Ok(()), "it has begun, and is not over");
    assert_eq!(plan(|it| it.start = at(8, 0)), Ok(()));
    let is_over = plan(|it| (it.start, it.end) = (at(8, 0), at(9, 0)));
    assert_eq!(is_over, Err(Refusal::DatePast));
    let lasts = plan(|it| (it.start, it.end) = (at(8, 0), at(9, 1)));
    assert_eq!(lasts, Ok(()));
    let in_its_day = plan(|it| it.closes = Some("2026-01-01T10:00:00Z".parse().expect("a time")));
    assert_eq!(in_its_day, Ok(()));
    let after = plan(|it| it.closes = Some("2026-01-01T10:00:01Z".parse().expect("a time")));
    assert_eq!(after, Err(Refusal::ClosesPast));
}

#[test]
fn slots_and_gaps_have_their_lengths() {
    use school::evening::{LONGEST_GAP, LONGEST_SLOT, SHORTEST_SLOT};
    let slot = |minutes| plan(|it| it.slot_minutes = minutes);
    assert_eq!(slot(SHORTEST_SLOT), Ok(()));
    assert_eq!(slot(SHORTEST_SLOT - 1), Err(Refusal::SlotLength));
    assert_eq!(slot(LONGEST_SLOT), Err(Refusal::NoSlotFits));
    assert_eq!(slot(LONGEST_SLOT + 1), Err(Refusal::SlotLength));
    let gap = |minutes| plan(|it| it.gap_minutes = minutes);
    assert_eq!(gap(LONGEST_GAP), Ok(()));
    assert_eq!(gap(LONGEST_GAP + 1), Err(Refusal::GapLength));
}

#[test]
fn an_evening_is_planned_for_twenty_years_at_most() {
    // 20 times 366 days from then: 16 January 2046, 09:00.
    let on = |day: Date, hour| {
        plan(|it| {
            it.date = day;
            (it.start, it.end) = (Time::constant(hour, 0, 0, 0), Time::constant(23, 0, 0, 0));
        })
    };
    assert_eq!(on(date(2045, 12, 31), 9), Ok(()));
    assert_eq!(on(date(2046, 1, 16), 9), Ok(()), "to the hour");
    assert_eq!(on(date(2046, 1, 16), 10), Err(Refusal::DateTooFar));
    assert_eq!(on(date(2047, 1, 1), 9), Err(Refusal::DateTooFar));
}
