use jiff::civil::{date, time};

use super::*;

fn draft() -> Result<EveningDraft, Refusal> {
    Ok(EveningDraft {
        name: Label::read("Year 8")?,
        date: date(2026, 11, 24),
        zone: "Europe/London".to_owned(),
        start: time(17, 0, 0, 0),
        end: time(18, 0, 0, 0),
        slot_minutes: 10,
        gap_minutes: 2,
        closes: None,
    })
}

fn refused(change: impl FnOnce(&mut EveningDraft)) -> Option<Refusal> {
    let mut draft = draft().ok()?;
    change(&mut draft);
    draft.check().err()
}

#[test]
fn slots_fit_within_the_evening() -> Result<(), Refusal> {
    let evening = Evening::new(EveningId(1), draft()?)?;
    let starts: Vec<_> = evening.slots().map(|it| it.start.to_string()).collect();
    assert_eq!(
        starts,
        ["17:00", "17:12", "17:24", "17:36", "17:48"].map(|it| format!("2026-11-24T{it}:00Z"))
    );
    let last = evening.slot(SlotNumber(4))?;
    assert_eq!(last.end.to_string(), "2026-11-24T17:58:00Z");
    assert_eq!(evening.slot(SlotNumber(5)), Err(Refusal::NoSuchSlot));
    assert_eq!(evening.slot_starting(last.start), Ok(last));
    assert_eq!(evening.slot_starting(last.end), Err(Refusal::NoSuchSlot));
    Ok(())
}

#[test]
fn what_cannot_be_is_refused_with_its_reason() {
    assert_eq!(refused(|_| {}), None);
    assert_eq!(
        refused(|it| it.zone = "Moon/Base".to_owned()),
        Some(Refusal::ZoneUnknown)
    );
    assert_eq!(
        refused(|it| it.end = it.start),
        Some(Refusal::EndsBeforeStart)
    );
    assert_eq!(refused(|it| it.slot_minutes = 0), Some(Refusal::SlotLength));
    assert_eq!(
        refused(|it| it.slot_minutes = 121),
        Some(Refusal::SlotLength)
    );
    assert_eq!(refused(|it| it.gap_minutes = 61), Some(Refusal::GapLength));
    assert_eq!(
        refused(|it| it.slot_minutes = 61),
        Some(Refusal::NoSlotFits)
    );
    assert_eq!(refused(|it| it.slot_minutes = 60), None);
}

#[test]
fn the_day_the_clocks_go_forward() -> Result<(), Refusal> {
    let mut draft = draft()?;
    draft.date = date(2027, 3, 28);
    draft.start = time(1, 30, 0, 0);
    draft.end = time(3, 0, 0, 0);
    assert_eq!(draft.check(), Err(Refusal::TimeSkipped));
    // From 0:30 to 2:30 by the clock is one hour.
    draft.start = time(0, 30, 0, 0);
    draft.end = time(2, 30, 0, 0);
    draft.gap_minutes = 0;
    let evening = Evening::new(EveningId(1), draft)?;
    assert_eq!(evening.slots().count(), 6);
    Ok(())
}

#[test]
fn the_day_the_clocks_go_back() -> Result<(), Refusal> {
    let mut draft = draft()?;
    draft.date = date(2026, 10, 25);
    // 1:30 comes twice: it is the first; to 2:30 by the clock are two hours.
    draft.start = time(1, 30, 0, 0);
    draft.end = time(2, 30, 0, 0);
    draft.gap_minutes = 0;
    let evening = Evening::new(EveningId(1), draft)?;
    assert_eq!(evening.start.to_string(), "2026-10-25T00:30:00Z");
    assert_eq!(evening.slots().count(), 12);
    Ok(())
}

#[test]
fn booking_is_open_until_it_closes() -> Result<(), Refusal> {
    let mut evening = Evening::new(EveningId(1), draft()?)?;
    let (start, end) = (evening.start, evening.end);
    assert_eq!(evening.check_booking(start), Err(Refusal::BookingNotOpen));
    evening.booking = Booking::Open;
    assert_eq!(evening.check_booking(start - minutes(1)), Ok(()));
    assert_eq!(evening.check_booking(start), Err(Refusal::BookingClosed));
    evening.draft.closes = Some(end + minutes(1));
    assert_eq!(evening.check_booking(end - minutes(1)), Ok(()));
    assert_eq!(evening.check_booking(end), Err(Refusal::EveningOver));
    evening.booking = Booking::Closed;
    assert_eq!(evening.check_booking(start), Err(Refusal::BookingClosed));
    assert_eq!(evening.check_not_over(end - minutes(1)), Ok(()));
    assert_eq!(evening.check_not_over(end), Err(Refusal::EveningOver));
    Ok(())
}

#[test]
fn a_slot_is_to_come_until_its_end() -> Result<(), Refusal> {
    let evening = Evening::new(EveningId(1), draft()?)?;
    let first = evening.slot(SlotNumber(0))?;
    assert_eq!(
        evening.slot_to_come(first.number, first.end - minutes(1)),
        Ok(first)
    );
    assert_eq!(
        evening.slot_to_come(first.number, first.end),
        Err(Refusal::SlotOver)
    );
    Ok(())
}

#[test]
fn a_zone_agrees_whose_clocks_show_the_same_from_beginning_to_end() -> Result<(), Refusal> {
    let evening = Evening::new(EveningId(1), draft()?)?;
    assert_eq!(evening.agrees_with("Europe/Lisbon"), Ok(true));
    assert_eq!(evening.agrees_with("Europe/Paris"), Ok(false));
    assert_eq!(evening.agrees_with("Moon/Base"), Err(Refusal::ZoneUnknown));
    // In that night London puts its clocks forward and Reykjavik does not.
    let night = EveningDraft {
        date: date(2027, 3, 28),
        start: time(0, 30, 0, 0),
        end: time(3, 0, 0, 0),
        ..draft()?
    };
    let night = Evening::new(EveningId(1), night)?;
    assert_eq!(night.agrees_with("Atlantic/Reykjavik"), Ok(false));
    assert_eq!(night.agrees_with("Europe/Lisbon"), Ok(true));
    Ok(())
}
