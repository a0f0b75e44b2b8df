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
