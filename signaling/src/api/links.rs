//! What anybody may ask with a link. All of it is POST, so that no preview and no scanner does it by
//! following the link (SESS-5), and only [`ticket`] prepares anything.

use std::time::Duration;

use axum::Json;
use call::CallId;
use cluster::NotClaimed;
use jiff::Timestamp;
use links::LinkId;
use live::news::Standing;
use live::roster::{call_of, link_of};
use school::ground_rules::{GROUND_RULES, rules_to_show};
use school::{Evening, Meeting, MeetingId, Power, Refusal, Role};
use sfu::CallKey;
use store::{AreaPlace, HeldLink, Holder, Purpose, RoomPlace, Store};
use tokio::time::sleep;
use wire::http::link::{AreaView, Expected, RoomView};
use wire::http::{
    Changes, ChangesRequest, LinkView, NetworkTest, Other, RelayAccess, TicketGranted,
    TicketRequest,
};

use super::ask;
use super::by_link::{Joining, Linked};
use super::callers;
use super::moments;
use super::office::rooms::{asked_of, url};
use super::refused::{Refused, millis};
use super::show;
use crate::house::House;
use crate::limits::PAGES;
use crate::nodes;

/// No id of a call has this bit.
const NO_CALL: u64 = 1 << 63;

/// How long a question for changes waits.
pub(super) const PATIENCE: Duration = Duration::from_secs(25);

/// `POST /api/v1/links/{id}`: what a link is for.
pub(crate) async fn link(linked: Linked) -> Result<Json<LinkView>, Refused> {
    let Linked {
        house,
        held,
        asked,
        now,
    } = linked;
    if let Some(zone) = &asked.time_zone {
        keep_zone(&house.store, &held, zone).await?;
    }
    if let Some(language) = &asked.language {
        keep_language(&house.store, &held, language).await?;
    }
    let link = link_of(held.record.id);
    let standing = moments::standing(&house, link);
    let in_use = house.live.is_in_use(link);
    Ok(Json(view(&house, &held, in_use, (standing, now)).await?))
}

/// Where somebody reads elsewhere than in the evening's zone, later e-mails say both times (EVE-3).
async fn keep_zone(store: &Store, held: &HeldLink, zone: &str) -> Result<(), Refused> {
    if zone.len() > wire::limits::LONGEST_ZONE {
        return Ok(());
    }
    let Some(evening) = held.evening() else {
        return Ok(());
    };
    // Browsers know zones that this program does not.
    let Ok(agrees) = evening.agrees_with(zone) else {
        return Ok(());
    };
    let zone = (!agrees).then_some(zone);
    if zone != held.zone.as_deref() {
        store.reads_in(held.record.id, zone).await?;
    }
    Ok(())
}

/// The language that somebody reads goes with their links (SCR-9). Whoever comes by the link of a door is
/// one of many.
async fn keep_language(store: &Store, held: &HeldLink, language: &str) -> Result<(), Refused> {
    if is_language(language)
        && !matches!(held.holder, Holder::Door(_))
        && held.language.as_deref() != Some(language)
    {
        store.reads_language(held.record.id, language).await?;
    }
    Ok(())
}

/// Whether something is written as tags of languages are (RFC 5646 §2.1).
pub(super) fn is_language(tag: &str) -> bool {
    tag.len() <= wire::limits::LONGEST_LANGUAGE
        && tag.split('-').all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|it| it.is_ascii_alphanumeric())
        })
}

/// Whoever pressed Join beside the ground rules of today has accepted them (SCR-15); whether they have.
///
/// # Errors
///
/// A fault of the database.
pub(crate) async fn accept_rules(
    store: &Store,
    link: LinkId,
    shown: Option<u32>,
    now: Timestamp,
) -> Result<bool, store::Error> {
    // Rules of another day are not those that are accepted.
    if shown != Some(GROUND_RULES) {
        return Ok(false);
    }
    store.accepts_rules(link, GROUND_RULES, now).await?;
    Ok(true)
}

async fn view(
    house: &House,
    held: &HeldLink,
    in_use: bool,
    (standing, now): (Standing, Timestamp),
) -> Result<LinkView, Refused> {
    let evening = match &held.purpose {
        Purpose::Evening(evening) => evening,
        Purpose::Room(room) => {
            return room_view(house, (held, room), in_use, (standing, now)).await;
        }
        Purpose::Area(area) => {
            return area_view(house, (held, area), in_use, (standing, now)).await;
        }
    };
    let store = &house.store;
    let school = store.school().await?;
    let booked = booked(store, held, evening).await?;
    let call = match next(&booked, now) {
        Some(next) => store.call(next.meeting).await?,
        None => None,
    };
    let (title, others) = match &call {
        Some(call) => (
            call.meeting.title.reveal(),
            others(&call.meeting, held.holder),
        ),
        None => (evening.draft.name.as_str(), Vec::new()),
    };
    Ok(LinkView {
        name: held.name.reveal().to_owned(),
        role: Role::of(held.holder).into(),
        title: title.to_owned(),
        others,
        in_use,
        asks_name: asks_name(held),
        invited_by: held
            .inviter
            .as_ref()
            .map(|inviter| inviter.name.first().to_owned()),
        evening: Some(show::evening(evening, &school, now)),
        room: None,
        area: None,
        appointments: booked
            .iter()
            .map(|one| show::appointment(one, now))
            .collect(),
        expected: match &call {
            Some(call) => expected(house, held, call, now).await?,
            None => None,
        },
        contact: show::contact(&school),
        language: held.language.clone(),
        rules: rules_to_show(held.rules),
        seen: moments::seen(house, standing, &moments::of(evening, &booked), now),
    })
}

/// How it stands with those who take the appointment of a call, for whoever waits for them.
async fn expected(
    house: &House,
    held: &HeldLink,
    call: &store::Call,
    now: Timestamp,
) -> Result<Option<Expected>, Refused> {
    let booked = &call.appointment;
    let is_time = show::expected_from(booked) <= now && now < booked.window.closes;
    if !is_time || Role::of(held.holder).is_of_the_school() {
        return Ok(None);
    }
    let before = house.store.appointments_before(booked.meeting, now).await?;
    let reader = (link_of(held.record.id), held.holder);
    Ok(show::expected(house, call, reader, before, now))
}

/// What a link of a meeting room is for: at any time, and without anybody's appointment.
async fn room_view(
    house: &House,
    (held, room): (&HeldLink, &RoomPlace),
    in_use: bool,
    (standing, now): (Standing, Timestamp),
) -> Result<LinkView, Refused> {
    let school = house.store.school().await?;
    let url = invites_by(house, (held, room), now).await?;
    let zone = school::evening::zone(&school.zone)?;
    let hours = room.terms.hours.as_ref();
    // Whoever has a link of their own has come already.
    let hours = hours.filter(|_| matches!(held.holder, Holder::Door(_)));
    let opens = hours.and_then(|hours| hours.opens_next(now, &zone));
    Ok(LinkView {
        name: held.name.reveal().to_owned(),
        role: Role::of(held.holder).into(),
        title: room.name.as_str().to_owned(),
        others: Vec::new(),
        in_use,
        asks_name: asks_name(held),
        invited_by: None,
        evening: None,
        room: Some(RoomView {
            school: school.name.as_str().to_owned(),
            url,
            asks: match held.holder {
                Holder::Door(_) => asked_of(room.terms.asks),
                Holder::Visitor(_)
                | Holder::Staff(_)
                | Holder::Parent(_)
                | Holder::Guest(_)
                | Holder::Teacher(_) => Vec::new(),
            },
            time_zone: opens.map(|_| school.zone.clone()),
            opens: opens.map(|opens| opens.to_string()),
        }),
        area: None,
        appointments: Vec::new(),
        expected: None,
        contact: show::contact(&school),
        language: held.language.clone(),
        rules: rules_to_show(held.rules),
        seen: moments::seen(house, standing, &[], now),
    })
}

/// What a link of a waiting area is for: to come to it, to wait in it, or to talk with who was taken
/// there.
async fn area_view(
    house: &House,
    (held, area): (&HeldLink, &AreaPlace),
    in_use: bool,
    (standing, now): (Standing, Timestamp),
) -> Result<LinkView, Refused> {
    let school = house.store.school().await?;
    let zone = school::evening::zone(&school.zone)?;
    let hours = area.hours.as_ref();
    let opens = hours.and_then(|hours| hours.opens_next(now, &zone));
    let visit = callers::visit(house, held.holder, now).await?;
    let (providers, waited_minutes) = callers::providers(house, area.id, now).await?;
    let is_door = matches!(held.holder, Holder::Door(_));
    // At the door whoever comes next has accepted nothing.
    let accepted = held.rules.filter(|_| !is_door);
    let rules = rules_to_show(accepted);
    Ok(LinkView {
        name: held.name.reveal().to_owned(),
        role: Role::of(held.holder).into(),
        title: area.name.as_str().to_owned(),
        others: Vec::new(),
        in_use,
        asks_name: asks_name(held),
        invited_by: None,
        evening: None,
        room: None,
        area: Some(AreaView {
            school: school.name.as_str().to_owned(),
            purpose: area.purpose.reveal().to_owned(),
            asks_reason: is_door,
            closed: opens.is_some() || !area.is_staffed,
            opens: opens.map(|opens| opens.to_string()),
            time_zone: school.zone.clone(),
            providers,
            waited_minutes,
            visit,
        }),
        appointments: Vec::new(),
        expected: None,
        contact: show::contact(&school),
        language: held.language.clone(),
        rules,
        seen: moments::seen(house, standing, &[], now),
    })
}

/// The link of a room, where this one's holder may invite guests to it.
async fn invites_by(
    house: &House,
    (held, room): (&HeldLink, &RoomPlace),
    now: Timestamp,
) -> Result<Option<String>, Refused> {
    let gathering = house.store.gathering(room.meeting, now).await?;
    if gathering.is_none_or(|it| !it.meeting.may(held.holder, Power::Invite)) {
        return Ok(None);
    }
    let room = house.store.room(room.id).await?;
    Ok(url(house, &room.link))
}

/// Whether whoever has the link says first who they are.
const fn asks_name(held: &HeldLink) -> bool {
    matches!(held.holder, Holder::Door(_)) || held.is_nameless
}

/// Who else may be in the call, as far as the reader sees them before they come in.
fn others(meeting: &Meeting, reader: Holder) -> Vec<Other> {
    let role = Role::of(reader);
    let others = meeting.entitled.iter();
    others
        .filter(|one| one.holder != reader && role.sees(one.role))
        .map(|one| Other {
            name: one.name.reveal().to_owned(),
            role: one.role.into(),
        })
        .collect()
}

/// The appointments of a link, in order of time.
async fn booked(
    store: &Store,
    held: &HeldLink,
    evening: &Evening,
) -> Result<Vec<store::Appointment>, Refused> {
    Ok(store.appointments_of(held.holder, evening.id).await?)
}

/// The appointment of now, else the first that can be joined, else the next.
pub(crate) fn next(booked: &[store::Appointment], now: Timestamp) -> Option<&store::Appointment> {
    let mut left = booked.iter().filter(|one| now < one.window.closes);
    left.clone()
        .find(|one| one.start <= now && now < one.window.closes)
        .or_else(|| {
            left.clone()
                .find(|one| one.window.opens <= now && now < one.window.closes)
        })
        .or_else(|| left.clone().find(|one| now < one.start))
        .or_else(|| left.next_back())
}

/// `POST /api/v1/links/{id}/tickets`: the press on Join. Nobody is evicted before the ticket is
/// used.
pub(crate) async fn ticket(linked: Linked<TicketRequest>) -> Result<Json<TicketGranted>, Refused> {
    let Linked {
        house,
        held,
        asked,
        now,
    } = linked;
    let attempt = ask::attempt(&asked.attempt)?;
    let link = held.record.id;
    let call = wanted(&house, &held, asked.meeting.as_deref(), now).await?;
    let is_read = asked.prepares
        || rules_to_show(held.rules).is_none()
        || accept_rules(&house.store, link, asked.accepts_rules, now).await?;
    if !is_read {
        return Err(Refused::RulesNotAccepted);
    }
    let granted = house.live.ticket(link, attempt, call).await;
    let ticket = granted.map_err(|refused| match refused {
        NotClaimed::Withdrawn => Refused::LinkWithdrawn,
        NotClaimed::Unavailable | NotClaimed::Elsewhere => Refused::Unavailable,
        NotClaimed::TooSoon(too_soon) => Refused::SwappedTooOften(too_soon.retry_after),
    })?;
    let relay = relay(&house, (link_of(link), call), ticket.expose()).await;
    Ok(Json(TicketGranted {
        ticket: ticket.expose().to_owned(),
        expires_in_ms: millis(links::Ticket::LIFE),
        relay,
    }))
}

/// Credentials of the relay of the node that the meeting lives at, or would begin: it leads to that node's media alone.
async fn relay(
    house: &House,
    (link, call): (call::LinkId, CallId),
    ticket: &str,
) -> Option<RelayAccess> {
    if let Some(nodes) = &house.nodes
        && let Some(stream) = nodes.leads_away(&house.live, call).await
    {
        return nodes::relay(&stream, (link, call), ticket).await;
    }
    let name = live::relay_name(ticket);
    house.live.relay_for(call, link, &name).await
}

/// `POST /api/v1/links/{id}/network`: credentials to try the way to the media server with. No
/// ticket has their name, so no session ever holds them, and they run out.
pub(crate) async fn network(linked: Linked<Joining>) -> Result<Json<NetworkTest>, Refused> {
    let house = &linked.house;
    // Like a call that nobody is in: each worker gets its share.
    let nobodys = CallKey(ambient::random::<u64>() | NO_CALL);
    let name = format!("{:024x}", ambient::random::<u128>() >> 32);
    Ok(Json(NetworkTest {
        relay: house.live.grant_relay(nobodys, None, &name),
    }))
}

/// The call that a press is for, if it can be joined now.
async fn wanted(
    house: &House,
    held: &HeldLink,
    meeting: Option<&str>,
    now: Timestamp,
) -> Result<CallId, Refused> {
    if asks_name(held) {
        return Err(Refusal::NotFound.into());
    }
    let evening = match &held.purpose {
        Purpose::Evening(evening) => evening,
        Purpose::Room(room) => {
            let wanted: Option<MeetingId> = meeting.map(ask::id).transpose()?;
            return match wanted {
                Some(wanted) if wanted != room.meeting => Err(Refusal::NotFound.into()),
                Some(_) | None => Ok(call_of(room.meeting)),
            };
        }
        Purpose::Area(area) => {
            let wanted: Option<MeetingId> = meeting.map(ask::id).transpose()?;
            let called = callers::called(house, (area.id, held.holder), now).await?;
            let called = called.ok_or(Refusal::NotFound)?;
            return match wanted {
                Some(wanted) if wanted != called => Err(Refusal::NotFound.into()),
                Some(_) | None => Ok(call_of(called)),
            };
        }
    };
    let booked = booked(&house.store, held, evening).await?;
    let wanted = match meeting {
        Some(id) => {
            let id: MeetingId = ask::id(id)?;
            let found = booked.iter().find(|one| one.meeting == id);
            found.ok_or(Refused::Rule(Refusal::NotFound))?
        }
        // That of now, though it was stopped, rather than that there is none.
        None => next(&booked, now)
            .or_else(|| booked.iter().find(|one| one.is_stopped && now < one.end))
            .ok_or(Refused::Over)?,
    };
    if wanted.is_stopped {
        Err(Refusal::CallStopped.into())
    } else if now < wanted.window.opens {
        Err(Refused::TooEarly)
    } else if now < wanted.window.closes {
        Ok(call_of(wanted.meeting))
    } else {
        Err(Refused::Over)
    }
}

/// `POST /api/v1/links/{id}/changes`: waits until what the link shows has changed, or changes by
/// itself.
pub(crate) async fn changes(linked: Linked<ChangesRequest>) -> Result<Json<Changes>, Refused> {
    let Linked {
        house,
        held,
        asked,
        mut now,
    } = linked;
    let link = held.record.id;
    let mut news = house
        .live
        .listen_once_more(link_of(link), PAGES)
        .ok_or(Refused::TooMany(PATIENCE))?;
    if house.live.is_withdrawn(link_of(link)) {
        return Ok(Json(Changes::Withdrawn {}));
    }
    let moments = match held.evening() {
        Some(evening) => moments::of(evening, &booked(&house.store, &held, evening).await?),
        None => Vec::new(),
    };
    let patience = sleep(PATIENCE);
    tokio::pin!(patience);
    loop {
        let standing = *news.borrow_and_update();
        let seen = moments::seen(&house, standing, &moments, now);
        match standing {
            Standing::Withdrawn => return Ok(Json(Changes::Withdrawn {})),
            Standing::Changed(_) if seen != asked.seen => {
                return Ok(Json(Changes::Changed { seen }));
            }
            Standing::Changed(_) => {}
        }
        let comes = moments::next(&moments, now).map(|it| until(it, now));
        tokio::select! {
            () = sleep(comes.unwrap_or(PATIENCE)), if comes.is_some() => {}
            changed = news.changed() => {
                if changed.is_err() {
                    return Err(Refused::Unavailable);
                }
            }
            () = &mut patience => return Ok(Json(Changes::Nothing { seen })),
            () = house.closing.cancelled() => return Err(Refused::Unavailable),
        }
        // It has waited.
        now = ambient::now();
    }
}

/// How long it is until a moment to come. A wait that ends early is followed by another.
fn until(moment: Timestamp, now: Timestamp) -> Duration {
    moment.duration_since(now).unsigned_abs()
}
