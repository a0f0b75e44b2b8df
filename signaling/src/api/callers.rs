//! Callers of waiting areas: as they see themselves, and as providers see and take them (WAIT-1 to
//! WAIT-4).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::Json;
use axum::http::StatusCode;
use call::CallId;
use jiff::Timestamp;
use links::LinkId;
use live::news::Reader;
use live::roster::{call_of, link_of};
use school::waiting::Stage;
use school::{AreaId, MeetingId, Note, Refusal, StaffId, VisitorId};
use store::{Area, Caller, Holder};
use tokio::time::sleep;
use wire::http::Changes;
use wire::http::areas::{
    AreaCaller, CallerState, EndVisit, MessageCaller, OtherArea, PassCaller, StaffArea,
    StaffChangesRequest,
};
use wire::http::link::{Visit, VisitStage};
use wire::http::office::LinkShown;

use super::ask;
use super::by_link::{Changing, Linked};
use super::extract::{Body, Path};
use super::links::PATIENCE;
use super::office::Staff;
use super::office::rooms::url;
use super::refused::{Refused, millis};
use super::show;
use crate::deeds::Doing;
use crate::house::House;
use crate::limits::PAGES;

/// For how long after a caller's page last asked it is still held to be open: as long as a question
/// waits, and some seconds for a slow line.
const OPEN: Duration = Duration::from_secs(30);

/// A caller's own visit; none for others.
pub(super) async fn visit(
    house: &House,
    holder: Holder,
    now: Timestamp,
) -> Result<Option<Visit>, Refused> {
    let Holder::Visitor(caller) = holder else {
        return Ok(None);
    };
    let Some(wait) = house.store.wait_of(caller, now).await? else {
        return Ok(None);
    };
    let stage = match wait.caller.visit.stage {
        Stage::Waiting => VisitStage::Waiting,
        Stage::Taken { .. } if wait.caller.has_joined => VisitStage::Joined,
        Stage::Taken { .. } => VisitStage::Called,
        Stage::Ended => VisitStage::Ended,
        Stage::Left => VisitStage::Left,
    };
    Ok(Some(Visit {
        stage,
        place: wait.place.map(show::count),
        message: wait.caller.message.reveal().to_owned(),
        word: wait.caller.word.reveal().to_owned(),
    }))
}

/// The meeting that a link of an area leads into now, if there is one.
pub(super) async fn called(
    house: &House,
    (area, holder): (AreaId, Holder),
    now: Timestamp,
) -> Result<Option<MeetingId>, Refused> {
    match holder {
        Holder::Staff(staff) => Ok(house.store.called_by(staff, area, now).await?),
        Holder::Visitor(caller) => {
            let Some(wait) = house.store.wait_of(caller, now).await? else {
                return Ok(house.store.invited_out_of(area, caller).await?);
            };
            Ok(match wait.caller.visit.stage {
                Stage::Taken { meeting, .. } => Some(meeting),
                Stage::Waiting | Stage::Ended | Stage::Left => None,
            })
        }
        Holder::Parent(_) | Holder::Guest(_) | Holder::Teacher(_) | Holder::Door(_) => Ok(None),
    }
}

/// `POST /api/v1/links/{id}/leave`: a caller gives their place up.
pub(crate) async fn leave(linked: Linked<Changing>) -> Result<StatusCode, Refused> {
    let Holder::Visitor(caller) = linked.held.holder else {
        return Err(Refused::NoSuchLink);
    };
    let doing = Doing {
        store: linked.house.store.clone(),
        house: linked.house,
        by: Holder::Visitor(caller).into(),
        now: linked.now,
    };
    doing
        .perform(|it| async move { it.store.leave_area(caller, it.now).await })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The links of those of some callers who are in the calls that they were taken into.
fn there(house: &House, callers: &[Caller]) -> BTreeSet<LinkId> {
    let is_there = |it: &&Caller| {
        let meeting = it.visit.meeting().map(call_of);
        let there = meeting.map_or_else(Vec::new, |it| house.live.presence.of(it));
        there.iter().any(|(link, _)| *link == link_of(it.link))
    };
    callers.iter().filter(is_there).map(|it| it.link).collect()
}

/// Whether somebody took a caller.
fn is_taken_by(caller: &Caller, staff: StaffId) -> bool {
    matches!(caller.visit.stage, Stage::Taken { by, .. } if by == staff)
}

/// The waiting areas of who is signed in, and who waits there.
pub(super) async fn areas(staff: &Staff, now: Timestamp) -> Result<Vec<StaffArea>, Refused> {
    let by = staff.who.staff;
    let all = staff.store.callers_of(by, now).await?;
    let there = there(&staff.house, &all);
    let taken = all
        .iter()
        .filter(|it| is_taken_by(it, by) && it.is_on(&there));
    let taken: BTreeSet<AreaId> = taken.map(|it| it.visit.area).collect();
    let mut callers: BTreeMap<AreaId, Vec<AreaCaller>> = BTreeMap::new();
    for caller in &all {
        if let Some(mut shown) = shown(&staff.house, caller, now) {
            shown.mine = is_taken_by(caller, by);
            callers.entry(caller.visit.area).or_default().push(shown);
        }
    }
    let areas = staff.store.areas_of(by).await?;
    let own = staff.store.provider_links(by).await?;
    let is_seated = |link: &LinkId| staff.house.live.presence.is_seated(link_of(*link));
    let areas = areas.iter().map(|area| {
        Some(StaffArea {
            id: area.id.to_string(),
            name: area.name.as_str().to_owned(),
            url: url(&staff.house, &area.link)?,
            in_call: taken.contains(&area.id) || own.get(&area.id).is_some_and(is_seated),
            callers: callers.remove(&area.id).unwrap_or_default(),
        })
    });
    let areas: Option<_> = areas.collect();
    Ok(areas.ok_or(Refusal::NotFound)?)
}

/// A caller as providers see them; nobody who has come out of their call and closed their page.
fn shown(house: &House, caller: &Caller, now: Timestamp) -> Option<AreaCaller> {
    let link = link_of(caller.link);
    // Who came just now has a page that has not asked yet.
    let came = Duration::try_from(now.duration_since(caller.came)).unwrap_or_default();
    let is_open = came < OPEN || house.live.news.is_open(link, OPEN);
    let (state, until) = match caller.visit.stage {
        Stage::Waiting if is_open => (CallerState::Waiting, now),
        Stage::Waiting => (CallerState::Away, now),
        Stage::Taken { meeting, .. } => {
            let there = house.live.presence.of(call_of(meeting));
            let is_there = there.iter().any(|(it, _)| *it == link);
            match (is_there, caller.has_joined) {
                (true, _) => (CallerState::InCall, caller.since),
                (false, false) => (CallerState::Called, caller.since),
                (false, true) if is_open => (CallerState::Gone, caller.since),
                (false, true) => return None,
            }
        }
        Stage::Ended | Stage::Left => return None,
    };
    let waited = until.duration_since(caller.came);
    Some(AreaCaller {
        id: caller.id.to_string(),
        name: caller.name.reveal().to_owned(),
        reason: caller.reason.reveal().to_owned(),
        message: caller.message.reveal().to_owned(),
        waited_ms: millis(Duration::try_from(waited).unwrap_or_default()),
        state,
        taken_by: caller.taken_by.as_ref().map(show::name),
        mine: false,
    })
}

/// `POST /api/v1/staff/areas/{area}/callers/{caller}/take`: into a new call; the link by which the
/// provider joins it.
pub(crate) async fn take(
    staff: Staff,
    Path((area, caller)): Path<(AreaId, VisitorId)>,
) -> Result<Json<LinkShown>, Refused> {
    let whom = (staff.who.staff, area, caller);
    let now = ambient::now();
    let all = staff.store.callers_of(staff.who.staff, now).await?;
    let there = there(&staff.house, &all);
    let link = staff
        .doing(now)
        .perform(|it| async move { it.store.take_caller(whom, &there, it.now).await })
        .await?;
    let url = url(&staff.house, &link).ok_or(Refusal::NotFound)?;
    Ok(Json(LinkShown { url }))
}

/// `POST /api/v1/staff/areas/{area}/callers/{caller}/back`: to wait again, with the turn they had.
pub(crate) async fn back(
    staff: Staff,
    Path((area, caller)): Path<(AreaId, VisitorId)>,
) -> Result<StatusCode, Refused> {
    let whom = (staff.who.staff, area, caller);
    staff
        .doing(ambient::now())
        .perform(|it| async move { it.store.put_back(whom, it.now).await })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The areas that a provider may pass callers on to: those to which callers may come now.
pub(super) async fn all_areas(
    staff: &Staff,
    own: &[StaffArea],
    now: Timestamp,
) -> Result<Vec<OtherArea>, Refused> {
    if own.is_empty() {
        return Ok(Vec::new());
    }
    let school = staff.store.school().await?;
    let zone = school::evening::zone(&school.zone)?;
    let is_open = |area: &Area| {
        let opens = area.hours.as_ref().and_then(|it| it.opens_next(now, &zone));
        opens.is_none() && !area.providers.is_empty()
    };
    let areas = staff.store.areas().await?.into_iter();
    let areas = areas.filter(is_open).map(|area| OtherArea {
        id: area.id.to_string(),
        name: area.name.as_str().to_owned(),
    });
    Ok(areas.collect())
}

/// The call in which a provider of an area is, or into which they took somebody who is on the way there
/// or in it: with a seat for them, and those who are seated.
fn current(
    staff: &Staff,
    (area, own): (AreaId, &BTreeMap<AreaId, LinkId>),
    callers: &[Caller],
) -> Option<(CallId, BTreeSet<LinkId>)> {
    let presence = &staff.house.live.presence;
    let own = *own.get(&area)?;
    let (call, seated) = presence.seat_of(link_of(own)).or_else(|| {
        let there = there(&staff.house, callers);
        let theirs = callers
            .iter()
            .filter(|it| it.visit.area == area && is_taken_by(it, staff.who.staff));
        let last = theirs
            .filter(|it| it.is_on(&there))
            .max_by_key(|it| it.since);
        let call = call_of(last?.visit.meeting()?);
        let there = presence.of(call).into_iter();
        Some((call, there.map(|(link, _)| link).collect()))
    })?;
    let seated = seated.iter().filter_map(|it| LinkId::from_number(it.0));
    Some((call, seated.chain([own]).collect()))
}

/// `POST /api/v1/staff/areas/{area}/callers/{caller}/add`: into the call in which the provider is, or
/// into which they took somebody (WAIT-2).
pub(crate) async fn add(
    staff: Staff,
    Path((area, caller)): Path<(AreaId, VisitorId)>,
) -> Result<StatusCode, Refused> {
    let whom = (staff.who.staff, area, caller);
    let own = staff.store.provider_links(staff.who.staff).await?;
    let all = staff
        .store
        .callers_of(staff.who.staff, ambient::now())
        .await?;
    // What is not theirs is not there; else they are told why not.
    let Some((call, seated)) = current(&staff, (area, &own), &all) else {
        let is_theirs = all
            .iter()
            .any(|it| it.id == caller && it.visit.area == area);
        return Err(if is_theirs {
            Refusal::NotInCall
        } else {
            Refusal::NotFound
        }
        .into());
    };
    staff
        .doing(ambient::now())
        .perform(|it| async move {
            let call = (MeetingId(call.0), &seated);
            it.store.add_caller(whom, call, it.now).await
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/staff/areas/{area}/callers/{caller}/message`.
pub(crate) async fn message(
    staff: Staff,
    Path((area, caller)): Path<(AreaId, VisitorId)>,
    Body(asked): Body<MessageCaller>,
) -> Result<StatusCode, Refused> {
    let words = Note::read(&asked.words).map_err(|it| Refused::Fields(vec![("words", it)]))?;
    let whom = (staff.who.staff, area, caller);
    staff
        .doing(ambient::now())
        .perform(|it| async move { it.store.message_caller(whom, &words, it.now).await })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/staff/areas/{area}/callers/{caller}/pass`: to another area.
pub(crate) async fn pass(
    staff: Staff,
    Path((area, caller)): Path<(AreaId, VisitorId)>,
    Body(asked): Body<PassCaller>,
) -> Result<StatusCode, Refused> {
    let to: AreaId = ask::id(&asked.to)?;
    let whom = (staff.who.staff, area, caller);
    staff
        .doing(ambient::now())
        .perform(|it| async move { it.store.pass_caller(whom, to, it.now).await })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/staff/areas/{area}/callers/{caller}/end`: with a word.
pub(crate) async fn end(
    staff: Staff,
    Path((area, caller)): Path<(AreaId, VisitorId)>,
    Body(asked): Body<EndVisit>,
) -> Result<StatusCode, Refused> {
    let word = Note::read(&asked.word).map_err(|it| Refused::Fields(vec![("word", it)]))?;
    let whom = (staff.who.staff, area, caller);
    staff
        .doing(ambient::now())
        .perform(|it| async move { it.store.end_wait(whom, &word, it.now).await })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the start page of who is signed in remembers; to be read before the records are.
pub(super) fn seen(staff: &Staff) -> String {
    let news = &staff.house.live.news;
    let standing = *news.listen(staff.who.staff).borrow();
    news.write(standing)
}

/// `POST /api/v1/staff/changes`: waits until what the start page shows has changed.
pub(crate) async fn changes(
    staff: Staff,
    Body(asked): Body<StaffChangesRequest>,
) -> Result<Json<Changes>, Refused> {
    let house = &staff.house;
    let mut news = house
        .live
        .news
        .listen_once_more(Reader::Staff(staff.who.staff), PAGES)
        .ok_or(Refused::TooMany(PATIENCE))?;
    let patience = sleep(PATIENCE);
    tokio::pin!(patience);
    loop {
        let seen = house.live.news.write(*news.borrow_and_update());
        if seen != asked.seen {
            return Ok(Json(Changes::Changed { seen }));
        }
        tokio::select! {
            changed = news.changed() => {
                if changed.is_err() {
                    return Err(Refused::Unavailable);
                }
            }
            () = &mut patience => return Ok(Json(Changes::Nothing { seen })),
            () = house.closing.cancelled() => return Err(Refused::Unavailable),
        }
    }
}
