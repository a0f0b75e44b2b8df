//! Callers of waiting areas: as they see themselves, and as providers see and take them (WAIT-1 to
//! WAIT-4).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::Json;
use axum::http::StatusCode;
use call::CallId;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use links::LinkId;
use live::OPEN;
use live::news::Reader;
use live::roster::{call_of, link_of};
use school::waiting::{Says, Stage};
use school::{AreaId, MeetingId, Note, Refusal, StaffId, VisitorId};
use store::{Area, Caller, Holder, ProviderLinks, ProviderStands, Store};
use tokio::time::sleep;
use wire::http::Changes;
use wire::http::areas::{
    AreaCaller, CallerState, EndVisit, LeftWords, MessageCaller, OtherArea, PassCaller,
    ProviderSays, StaffArea, StaffChangesRequest,
};
use wire::http::link::{AreaProvider, LeaveRequest, Visit, VisitStage};
use wire::http::office::LinkShown;

use super::ask;
use super::by_link::Linked;
use super::extract::{Body, Path};
use super::links::PATIENCE;
use super::office::Staff;
use super::office::rooms::url;
use super::refused::{Refused, millis};
use super::show;
use crate::deeds::Doing;
use crate::house::House;
use crate::limits::PAGES;

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

/// `POST /api/v1/links/{id}/leave`: a caller gives their place up, and may leave words.
pub(crate) async fn leave(linked: Linked<LeaveRequest>) -> Result<StatusCode, Refused> {
    let Holder::Visitor(caller) = linked.held.holder else {
        return Err(Refused::NoSuchLink);
    };
    let words = linked.asked.words.as_deref().unwrap_or_default();
    let words = Note::read(words).map_err(|it| Refused::Fields(vec![("words", it)]))?;
    let doing = Doing {
        store: linked.house.store.clone(),
        house: linked.house,
        by: Holder::Visitor(caller).into(),
        now: linked.now,
    };
    doing
        .perform(|it| async move { it.store.leave_area(caller, &words, it.now).await })
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
    let open = open(&staff.house, &all, now).await;
    let mut callers: BTreeMap<AreaId, Vec<AreaCaller>> = BTreeMap::new();
    for caller in &all {
        if let Some(mut shown) = shown(&staff.house, caller, (&open, now)) {
            shown.mine = is_taken_by(caller, by);
            callers.entry(caller.visit.area).or_default().push(shown);
        }
    }
    let areas = staff.store.areas_of(by).await?;
    let own = staff.store.provider_links(by).await?;
    let is_seated = |link: &LinkId| staff.house.live.presence.is_seated(link_of(*link));
    let mut links = own.areas.values().chain(&own.elsewhere);
    let in_call = links.any(is_seated);
    let mut left: BTreeMap<AreaId, Vec<LeftWords>> = BTreeMap::new();
    for words in staff.store.words_left(by).await? {
        left.entry(words.area)
            .or_default()
            .push(shown_words(&words));
    }
    let mut says = staff.store.says_of(by, now).await?;
    let zone = zone(&staff.store).await?;
    let areas = areas.iter().map(|area| {
        let (late_minutes, away_until) = match says.remove(&area.id) {
            Some(Says::Late { minutes }) => (Some(minutes), None),
            Some(Says::Away { until }) => (None, Some(until)),
            None => (None, None),
        };
        let clock = |it: Timestamp| it.to_zoned(zone.clone()).strftime("%H:%M").to_string();
        Some(StaffArea {
            id: area.id.to_string(),
            name: area.name.as_str().to_owned(),
            url: url(&staff.house, &area.link)?,
            in_call,
            callers: callers.remove(&area.id).unwrap_or_default(),
            late_minutes,
            away_until: away_until.map(clock),
            left: left.remove(&area.id).unwrap_or_default(),
        })
    });
    let areas: Option<_> = areas.collect();
    Ok(areas.ok_or(Refusal::NotFound)?)
}

/// The zone of the school.
async fn zone(store: &Store) -> Result<TimeZone, Refused> {
    Ok(school::evening::zone(&store.school().await?.zone)?)
}

fn shown_words(left: &store::LeftWords) -> LeftWords {
    LeftWords {
        id: left.caller.to_string(),
        name: left.name.reveal().to_owned(),
        reason: left.reason.reveal().to_owned(),
        words: left.words.reveal().to_owned(),
        at: left.at.to_string(),
    }
}

/// How it stands with those who take callers in an area, where there is anything to say of them.
pub(super) async fn providers(
    house: &House,
    area: AreaId,
    now: Timestamp,
) -> Result<(Vec<AreaProvider>, Option<u32>), Refused> {
    let stands = house.store.area_stands(area, now).await?;
    let there = there(house, &stands.taken);
    let shown = |it: &ProviderStands| {
        let is_seated = |link: LinkId| house.live.presence.is_seated(link_of(link));
        let mut taken = stands.taken.iter();
        let has_taken = taken.any(|one| is_taken_by(one, it.staff) && one.is_on(&there));
        let (late_minutes, away_until) = match it.says {
            Some(Says::Late { minutes }) => (Some(minutes), None),
            Some(Says::Away { until }) => (None, Some(until.to_string())),
            None => (None, None),
        };
        AreaProvider {
            name: it.name.reveal().to_owned(),
            busy: has_taken || it.link.is_some_and(is_seated),
            late_minutes,
            away_until,
        }
    };
    let says_any =
        |it: &AreaProvider| it.busy || it.late_minutes.is_some() || it.away_until.is_some();
    let providers = stands.providers.iter().map(shown).filter(says_any);
    let waited = stands
        .waited
        .and_then(|it| u32::try_from(it.as_mins()).ok());
    Ok((providers.collect(), waited))
}

/// `POST /api/v1/staff/areas/{area}/state`: how it stands with who is signed in.
pub(crate) async fn say(
    staff: Staff,
    Path(area): Path<AreaId>,
    Body(asked): Body<ProviderSays>,
) -> Result<StatusCode, Refused> {
    let now = ambient::now();
    let says = match (asked.late_minutes, &asked.away_until) {
        (Some(minutes), None) => Some(Says::late(minutes).map_err(|it| ("late_minutes", it))),
        (_, Some(until)) => {
            let zone = zone(&staff.store).await?;
            let until = ask::clock(until).and_then(|time| Says::away(time, &zone, now));
            Some(until.map_err(|it| ("away_until", it)))
        }
        (None, None) => None,
    };
    let says = says.transpose().map_err(|it| Refused::Fields(vec![it]))?;
    let who = (staff.who.staff, area);
    staff
        .doing(now)
        .perform(|it| async move { it.store.say_in_area(who, says, it.now).await })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The links of those of some callers whose page is open, at whichever node.
async fn open(house: &House, callers: &[Caller], now: Timestamp) -> BTreeSet<LinkId> {
    let is_open = |it: &Caller| {
        // Who came just now has a page that has not asked yet.
        let came = Duration::try_from(now.duration_since(it.came)).unwrap_or_default();
        came < OPEN || house.live.news.is_open(link_of(it.link), OPEN)
    };
    let (open, shut): (Vec<_>, Vec<_>) = callers.iter().partition(|it| is_open(it));
    let mut open: BTreeSet<_> = open.into_iter().map(|it| it.link).collect();
    if let Some(nodes) = &house.nodes {
        let asked: Vec<_> = shut.iter().map(|it| link_of(it.link)).collect();
        let elsewhere = nodes.are_open_elsewhere(&asked).await;
        let theirs = shut.iter().map(|it| it.link);
        open.extend(theirs.filter(|it| elsewhere.contains(&link_of(*it))));
    }
    open
}

/// A caller as providers see them; nobody who has come out of their call and closed their page.
fn shown(
    house: &House,
    caller: &Caller,
    (open, now): (&BTreeSet<LinkId>, Timestamp),
) -> Option<AreaCaller> {
    let link = link_of(caller.link);
    let is_open = open.contains(&caller.link);
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
    let zone = zone(&staff.store).await?;
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

/// A call, and those who are seated in it.
type Current = (CallId, BTreeSet<LinkId>);

/// The call in which a provider is: of this area, or else of another, or else of a meeting room or an
/// appointment. One into which they took somebody, and in which they are not, is none: whoever is added there would
/// be alone with that one.
fn current(house: &House, (area, own): (AreaId, &ProviderLinks)) -> Option<Current> {
    let others = own.areas.iter().filter(|(it, _)| **it != area);
    let in_areas = own
        .areas
        .get(&area)
        .into_iter()
        .chain(others.map(|(_, it)| it));
    let mut links = in_areas.chain(&own.elsewhere);
    links.find_map(|link| seated_with(house, *link))
}

/// The call in which somebody has a seat.
fn seated_with(house: &House, link: LinkId) -> Option<Current> {
    let (call, seated) = house.live.presence.seat_of(link_of(link))?;
    let seated = seated.iter().filter_map(|it| LinkId::from_number(it.0));
    Some((call, seated.collect()))
}

/// `POST /api/v1/staff/areas/{area}/callers/{caller}/add`: into the call in which the provider is,
/// whatever it is (WAIT-2).
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
    let Some((call, seated)) = current(&staff.house, (area, &own)) else {
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

/// `POST /api/v1/staff/areas/{area}/message`: to everybody who waits.
pub(crate) async fn message_all(
    staff: Staff,
    Path(area): Path<AreaId>,
    Body(asked): Body<MessageCaller>,
) -> Result<StatusCode, Refused> {
    let words = Note::read(&asked.words).map_err(|it| Refused::Fields(vec![("words", it)]))?;
    let who = (staff.who.staff, area);
    staff
        .doing(ambient::now())
        .perform(|it| async move { it.store.message_waiting(who, &words, it.now).await })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/staff/areas/{area}/end`: of everybody who waits, with a word.
pub(crate) async fn end_all(
    staff: Staff,
    Path(area): Path<AreaId>,
    Body(asked): Body<EndVisit>,
) -> Result<StatusCode, Refused> {
    let word = Note::read(&asked.word).map_err(|it| Refused::Fields(vec![("word", it)]))?;
    let who = (staff.who.staff, area);
    staff
        .doing(ambient::now())
        .perform(|it| async move { it.store.end_waiting(who, &word, it.now).await })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/staff/areas/{area}/callers/{caller}/aside`: what a caller left to say is set aside.
pub(crate) async fn set_aside(
    staff: Staff,
    Path((area, caller)): Path<(AreaId, VisitorId)>,
) -> Result<StatusCode, Refused> {
    let whom = (staff.who.staff, area, caller);
    staff
        .doing(ambient::now())
        .perform(|it| async move { it.store.set_words_aside(whom, it.now).await })
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
