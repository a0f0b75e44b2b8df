//! What a link shows changes by itself when its time comes: an appointment can be joined, is now, is
//! over; booking closes; the evening ends. Pages are told then as of any other change, by the
//! server's clock, so that none needs a clock of its own.

use call::LinkId;
use jiff::Timestamp;
use school::Evening;
use school::evening::LINKS_OUTLIVE;

use super::show;
use crate::house::House;
use live::news::Standing;

/// How often what the link shows was changed by somebody. To be read before the records are.
pub(super) fn standing(house: &House, link: LinkId) -> Standing {
    *house.live.news.listen(link).borrow()
}

/// What a page remembers of what it has seen: how often it was changed, and the last moment that
/// came.
pub(super) fn seen(
    house: &House,
    standing: Standing,
    moments: &[Timestamp],
    now: Timestamp,
) -> String {
    let last = moments.iter().filter(|it| **it <= now).max();
    // Two may lie within a second: a talk that begins a moment late is made longer by that.
    let last = last.map_or(0, |it| it.as_millisecond());
    format!("{}@{last}", house.live.news.write(standing))
}

/// Each moment at which what a link of that evening shows changes by itself.
pub(super) fn of(evening: &Evening, booked: &[store::Appointment]) -> Vec<Timestamp> {
    let over = evening.end.checked_add(LINKS_OUTLIVE);
    booked
        .iter()
        .flat_map(|one| {
            let waits = show::expected_from(one);
            [
                waits,
                one.window.opens,
                one.start,
                one.end,
                one.window.closes,
            ]
        })
        // A slot whose time has passed can be booked no more.
        .chain(evening.slots().map(|slot| slot.end))
        .chain([evening.closes(), evening.end])
        .chain(over.ok())
        .collect()
}

/// The first of them that is still to come.
pub(super) fn next(moments: &[Timestamp], now: Timestamp) -> Option<Timestamp> {
    moments.iter().copied().filter(|it| now < *it).min()
}
