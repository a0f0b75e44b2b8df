//! Whoever waits for an appointment says that they are here (WAIT-5).

use axum::http::StatusCode;
use live::roster::{call_of, link_of};
use school::{MeetingId, Refusal, Role};
use wire::http::link::HereRequest;

use super::by_link::Linked;
use super::refused::Refused;
use super::{ask, show};

/// `POST /api/v1/links/{id}/here`: those who take the appointment read it.
pub(crate) async fn say(linked: Linked<HereRequest>) -> Result<StatusCode, Refused> {
    let Linked {
        house,
        held,
        asked,
        now,
    } = linked;
    let evening = held.evening();
    let evening = evening.filter(|_| !Role::of(held.holder).is_of_the_school());
    let evening = evening.ok_or(Refused::NoSuchLink)?;
    let meeting: MeetingId = ask::id(&asked.meeting)?;
    let booked = house.store.appointments_of(held.holder, evening.id).await?;
    let one = booked.iter().find(|one| one.meeting == meeting);
    let one = one.ok_or(Refusal::NotFound)?;
    if now < show::expected_from(one) {
        return Err(Refused::TooEarly);
    }
    if one.window.closes <= now {
        return Err(Refused::Over);
    }
    let (call, link) = (call_of(meeting), link_of(held.record.id));
    let found = house.store.call(meeting).await?;
    let found = found.ok_or(Refusal::NotFound)?;
    let entitled = found.meeting.entitled.iter();
    let readers = entitled
        .filter(|one| one.role.follows_presence())
        .filter_map(|one| found.link(one.holder).map(link_of));
    let readers = readers.collect();
    house.live.say_here((call, link), asked.here, readers);
    Ok(StatusCode::NO_CONTENT)
}
