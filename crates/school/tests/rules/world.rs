//! What the properties share: how long to draw, and an evening to book in.

use jiff::civil::{date, time};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::ProptestConfig;
use proptest::test_runner::{FileFailurePersistence, RngSeed};
use school::EveningDraft;
use school::evening::Booking;
use school::{Evening, EveningId, Label};

/// A fixed seed, and ten times the cases where `HOMEROOM_LONG` is set. What failed once is
/// committed and tried first.
pub(crate) fn config(file: &'static str) -> ProptestConfig {
    let long = std::env::var_os("HOMEROOM_LONG").is_some();
    ProptestConfig {
        cases: if long { 10_000 } else { 1000 },
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(file))),
        ..ProptestConfig::default()
    }
}

/// How many slots there are.
pub(crate) const SLOTS: u16 = 5;

/// Five slots of ten minutes, with booking open until the end.
pub(crate) fn evening() -> Evening {
    let draft = EveningDraft {
        name: Label::read("Year 8").expect("a label"),
        date: date(2026, 11, 24),
        zone: "Europe/London".to_owned(),
        start: time(17, 0, 0, 0),
        end: time(17, 50, 0, 0),
        slot_minutes: 10,
        gap_minutes: 0,
        closes: None,
    };
    let mut evening = Evening::new(EveningId(1), draft).expect("an evening");
    evening.booking = Booking::Open;
    evening.draft.closes = Some(evening.end);
    evening
}

/// So many minutes after the evening's start; negative before.
pub(crate) fn minute(evening: &Evening, minutes: i64) -> Timestamp {
    evening.start + SignedDuration::from_mins(minutes)
}
