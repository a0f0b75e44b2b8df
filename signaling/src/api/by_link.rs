//! Who asks with a personal link, whose secret is in the body: the body and the path come with who
//! it is.

use axum::extract::{FromRequest, Request};
use call::LinkId;
use jiff::Timestamp;
use school::meeting::Window;
use school::{ContactId, Evening, Meeting, MeetingId, Power, Refusal, TeacherId, VisitorId};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use store::{Actor, Gathering, HeldLink, Holder, LinkState, Store};
use wire::http::guests::{CallInviteRequest, CallResendRequest, StopRequest};
use wire::http::link::{HereRequest, LeaveRequest, VisitorRequest};
use wire::http::parent::{
    AddressRequest, AutoBookRequest, BookRequest, InviteRequest, MoveRequest, NoteRequest,
};
use wire::http::{ChangesRequest, LinkRequest, TicketRequest};

use super::ask::{self, Shared};
use super::extract::{self, Named};
use super::refused::Refused;
use crate::deeds::Doing;
use crate::house::House;
use crate::limits::Source;
use live::roster::link_of;

/// What a request with a link counts as.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Count {
    /// A step on the way into a call.
    Join,
    /// A press on Join.
    Ticket,
    /// Anything else.
    Request,
    /// Something that changes appointments.
    Change,
    /// Somebody comes: a room and an area each say how many they take.
    Visitor,
}

/// A body that carries the secret of the link it is sent with.
pub(crate) trait WithSecret: DeserializeOwned + Send {
    const COUNT: Count;
    /// Whether it asks for nothing but what its holder may read once the evening is over.
    const READS: bool = false;
    fn secret(&self) -> &str;
}

macro_rules! with_secret {
    ($($body:ty: $count:ident $(and $reads:literal)?),+ $(,)?) => {$(
        impl WithSecret for $body {
            const COUNT: Count = Count::$count;
            $(const READS: bool = $reads;)?

            fn secret(&self) -> &str {
                &self.secret
            }
        }
    )+};
}

with_secret! {
    LinkRequest: Request and true,
    TicketRequest: Ticket,
    ChangesRequest: Request and true,
    BookRequest: Change,
    AutoBookRequest: Change,
    MoveRequest: Change,
    NoteRequest: Change,
    InviteRequest: Request,
    AddressRequest: Request,
    VisitorRequest: Visitor,
    LeaveRequest: Change,
    HereRequest: Request,
    CallInviteRequest: Change,
    CallResendRequest: Change,
    StopRequest: Change,
    Changing: Change,
    Joining: Join,
}

/// A body with nothing but the secret, of a request that changes appointments.
#[derive(Debug, Deserialize)]
pub(crate) struct Changing {
    secret: String,
}

/// The same, of a step on the way into a call.
#[derive(Debug, Deserialize)]
pub(crate) struct Joining {
    secret: String,
}

/// Anybody whose link is right.
pub(crate) struct Linked<T = LinkRequest> {
    pub(crate) house: Shared,
    pub(crate) held: Box<HeldLink>,
    pub(crate) asked: T,
    pub(crate) now: Timestamp,
}

/// A parent whose link is right; anybody else's link is as good as none.
pub(crate) struct Parent<T = LinkRequest, P = ()> {
    pub(crate) contact: ContactId,
    pub(crate) evening: Evening,
    pub(crate) house: Shared,
    pub(crate) held: Box<HeldLink>,
    pub(crate) store: Store,
    pub(crate) asked: T,
    pub(crate) path: P,
    pub(crate) now: Timestamp,
}

/// Somebody who may invite guests to the meeting that the path names; to everybody else it is not there.
pub(crate) struct Inviter<T = LinkRequest, P = MeetingId> {
    pub(crate) holder: Holder,
    pub(crate) meeting: Meeting,
    /// Whether its call was stopped, and nobody comes to it any more (SCR-14).
    pub(crate) is_shut: bool,
    pub(crate) house: Shared,
    pub(crate) asked: T,
    pub(crate) path: P,
    pub(crate) now: Timestamp,
}

/// Somebody who may stop the call of the meeting that the path names; to everybody else it is not there.
pub(crate) struct Stopper<T> {
    pub(crate) holder: Holder,
    pub(crate) window: Option<Window>,
    pub(crate) house: Shared,
    pub(crate) asked: T,
    pub(crate) path: MeetingId,
    pub(crate) now: Timestamp,
}

impl<T> Stopper<T> {
    /// Whether the hours of an appointment are past.
    pub(crate) fn is_over(&self) -> bool {
        self.window.is_some_and(|it| it.closes <= self.now)
    }

    /// Who does something that others must hear of.
    pub(crate) fn doing(&self) -> Doing {
        Doing {
            house: Shared::clone(&self.house),
            store: self.house.store.clone(),
            by: self.holder.into(),
            now: self.now,
        }
    }
}

impl<T, P> Inviter<T, P> {
    /// Who does something that others must hear of.
    pub(crate) fn doing(&self) -> Doing {
        Doing {
            house: Shared::clone(&self.house),
            store: self.house.store.clone(),
            by: self.holder.into(),
            now: self.now,
        }
    }
}

/// What a path names where it begins with a meeting.
pub(crate) trait OfMeeting: Named {
    fn meeting(&self) -> MeetingId;
}

impl OfMeeting for MeetingId {
    fn meeting(&self) -> MeetingId {
        *self
    }
}

impl OfMeeting for (MeetingId, VisitorId) {
    fn meeting(&self) -> MeetingId {
        self.0
    }
}

/// A teacher, in the same way.
pub(crate) struct Teacher<T = LinkRequest, P = ()> {
    pub(crate) teacher: TeacherId,
    pub(crate) evening: Evening,
    pub(crate) house: Shared,
    pub(crate) held: Box<HeldLink>,
    pub(crate) store: Store,
    pub(crate) asked: T,
    pub(crate) path: P,
    pub(crate) now: Timestamp,
}

impl<T, P> Parent<T, P> {
    pub(crate) const fn link(&self) -> LinkId {
        link_of(self.held.record.id)
    }

    pub(crate) const fn actor(&self) -> Actor {
        Actor::Parent(self.contact)
    }

    /// Who does something that others must hear of.
    pub(crate) fn doing(&self) -> Doing {
        Doing {
            house: Shared::clone(&self.house),
            store: self.store.clone(),
            by: self.actor(),
            now: self.now,
        }
    }
}

/// When a link may be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum When {
    /// While its evening is to come, and shortly after.
    Live,
    /// By a teacher also later: for their own page and what they wrote there.
    Later,
}

/// Reads a request with a link and checks the link; `who` says whether it is of the right person,
/// before it is looked at what the path names.
async fn read<T: WithSecret, P: Named, W>(
    request: Request,
    (house, when): (&Shared, When),
    who: impl FnOnce(Box<HeldLink>) -> Result<W, Refused>,
) -> Result<(W, T, P, Timestamp), Refused> {
    let (mut parts, body) = request.into_parts();
    let all = extract::named(&mut parts).await?;
    let all: Vec<&str> = all.iter().map(|(_, part)| part).collect();
    let (id, named) = all.split_first().ok_or(Refused::NoSuchLink)?;
    let peer = ask::admitted(house, &parts)?;
    let asked: T = ask::read(&parts.headers, body).await?;
    let now = ambient::now();
    let shown = (*id, asked.secret());
    let held = open(house, shown, (peer.source(), T::COUNT), now).await?;
    if held.state == LinkState::Past && when == When::Live {
        return Err(Refusal::EveningOver.into());
    }
    peer.hold();
    let who = who(held)?;
    let path = P::read(named).ok_or(Refused::Rule(Refusal::NotFound))?;
    Ok((who, asked, path, now))
}

impl<T: WithSecret> FromRequest<Shared> for Linked<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, house: &Shared) -> Result<Self, Refused> {
        let when = if T::READS { When::Later } else { When::Live };
        let (held, asked, (), now) = read(request, (house, when), Ok).await?;
        Ok(Self {
            house: Shared::clone(house),
            held,
            asked,
            now,
        })
    }
}

impl<T: WithSecret, P: Named> FromRequest<Shared> for Parent<T, P> {
    type Rejection = Refused;

    async fn from_request(request: Request, house: &Shared) -> Result<Self, Refused> {
        let parents = |held: Box<HeldLink>| match (held.holder, held.evening().cloned()) {
            (Holder::Parent(contact), Some(evening)) => Ok((contact, evening, held)),
            (_, _) => Err(Refused::NoSuchLink),
        };
        let ((contact, evening, held), asked, path, now) =
            read(request, (house, When::Live), parents).await?;
        Ok(Self {
            contact,
            evening,
            house: Shared::clone(house),
            held,
            store: house.store.clone(),
            asked,
            path,
            now,
        })
    }
}

impl<T: WithSecret, P: Named> FromRequest<Shared> for Teacher<T, P> {
    type Rejection = Refused;

    async fn from_request(request: Request, house: &Shared) -> Result<Self, Refused> {
        let teachers = |held: Box<HeldLink>| match (held.holder, held.evening().cloned()) {
            (Holder::Teacher(teacher), Some(evening)) => Ok((teacher, evening, held)),
            (_, _) => Err(Refused::NoSuchLink),
        };
        let ((teacher, evening, held), asked, path, now) =
            read(request, (house, When::Later), teachers).await?;
        Ok(Self {
            teacher,
            evening,
            house: Shared::clone(house),
            held,
            store: house.store.clone(),
            asked,
            path,
            now,
        })
    }
}

impl<T: WithSecret, P: OfMeeting> FromRequest<Shared> for Inviter<T, P> {
    type Rejection = Refused;

    async fn from_request(request: Request, house: &Shared) -> Result<Self, Refused> {
        let (held, asked, path, now): (_, _, P, _) = read(request, (house, When::Live), Ok).await?;
        let found = empowered(house, (&held, Power::Invite), path.meeting(), now).await?;
        Ok(Self {
            holder: held.holder,
            is_shut: found.is_shut,
            meeting: found.meeting,
            house: Shared::clone(house),
            asked,
            path,
            now,
        })
    }
}

impl<T: WithSecret> FromRequest<Shared> for Stopper<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, house: &Shared) -> Result<Self, Refused> {
        let (held, asked, path, now): (_, _, MeetingId, _) =
            read(request, (house, When::Live), Ok).await?;
        let found = empowered(house, (&held, Power::Stop), path, now).await?;
        Ok(Self {
            holder: held.holder,
            window: found.meeting.window,
            house: Shared::clone(house),
            asked,
            path,
            now,
        })
    }
}

/// A meeting in which whoever holds this link has that power.
async fn empowered(
    house: &House,
    (held, power): (&HeldLink, Power),
    meeting: MeetingId,
    now: Timestamp,
) -> Result<Gathering, Refused> {
    let found = house.store.gathering(meeting, now).await?;
    let has = |it: &Gathering| {
        it.link(held.holder) == Some(held.record.id) && it.meeting.may(held.holder, power)
    };
    Ok(found.filter(has).ok_or(Refusal::NotFound)?)
}

/// Checks a link. Whoever shows its secret learns what became of it (LINK-5); whatever else is wrong,
/// the answer is one, and takes one time. Nothing is read from the records before it is counted.
async fn open(
    house: &House,
    (id, secret): (&str, &str),
    (source, count): (Source, Count),
    now: Timestamp,
) -> Result<Box<HeldLink>, Refused> {
    let id = id.parse::<links::LinkId>().ok();
    let is_ours = house.keyring.has_made(id, secret);
    let Some(id) = id.filter(|_| is_ours) else {
        house.limiter.take_guess(source)?;
        return Err(Refused::NoSuchLink);
    };
    match count {
        Count::Join => house.limiter.take_join(link_of(id), source)?,
        Count::Ticket => {
            house.limiter.take_join(link_of(id), source)?;
            house.limiter.take_ticket(link_of(id))?;
        }
        Count::Request => house.limiter.take_request(link_of(id), source)?,
        Count::Change => {
            house.limiter.take_request(link_of(id), source)?;
            house.limiter.take_change(link_of(id))?;
        }
        Count::Visitor => {
            house.limiter.take_request(link_of(id), source)?;
            house.limiter.take_visitor(link_of(id), source)?;
        }
    }
    let found = house.store.link(id, now).await?;
    let record = found.as_ref().map(|held| &held.record);
    let verified = house.keyring.verify(record, secret);
    match (found, verified) {
        (Some(held), Ok(id)) => match held.state {
            LinkState::Live | LinkState::Past if house.live.is_withdrawn(link_of(id)) => {
                Err(Refused::LinkWithdrawn)
            }
            LinkState::Live | LinkState::Past => Ok(Box::new(held)),
            LinkState::Withdrawn => Err(Refused::LinkWithdrawn),
            LinkState::Expired if held.evening().is_none() => Err(Refusal::VisitOver.into()),
            LinkState::Expired => Err(Refused::Rule(Refusal::EveningOver)),
        },
        (Some(_) | None, _) => Err(Refused::NoSuchLink),
    }
}
