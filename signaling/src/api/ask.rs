//! What every request is checked for before anything is done with it.

use std::sync::Arc;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use call::LinkId;
use jiff::Timestamp;
use school::{ContactId, TeacherId};
use serde::de::DeserializeOwned;
use store::{HeldLink, Holder, LinkState, Store};
use tokio::time::timeout;
use wire::http::parent::{
    AddressRequest, AutoBookRequest, BookRequest, InviteRequest, MoveRequest, NoteRequest,
};
use wire::http::{ChangesRequest, LinkRequest, TicketRequest};

use super::refused::Refused;
use crate::house::House;
use crate::limits::Source;
use crate::listen::Peer;
use crate::roster::{Found, Window, link_of};

/// The largest body taken of JSON.
const MAX_BODY: usize = 64 * 1024;

/// How long a body may take to come.
const BODY_TIME: Duration = Duration::from_secs(5);

/// How long a file may: ten megabytes over a slow line.
const FILE_TIME: Duration = Duration::from_secs(60);

/// A body that carries the secret of the link it is sent with.
pub(crate) trait WithSecret: DeserializeOwned {
    fn secret(&self) -> &str;
}

macro_rules! with_secret {
    ($($body:ty),+ $(,)?) => {$(
        impl WithSecret for $body {
            fn secret(&self) -> &str {
                &self.secret
            }
        }
    )+};
}

with_secret!(
    LinkRequest,
    TicketRequest,
    ChangesRequest,
    BookRequest,
    AutoBookRequest,
    MoveRequest,
    NoteRequest,
    InviteRequest,
    AddressRequest,
);

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
}

/// A parent's request whose link is right.
pub(crate) struct Parent {
    pub(crate) contact: ContactId,
    pub(crate) held: Box<HeldLink>,
    pub(crate) store: Store,
    pub(crate) window: Window,
    pub(crate) now: Timestamp,
}

impl Parent {
    pub(crate) const fn link(&self) -> LinkId {
        link_of(self.held.record.id)
    }
}

/// A teacher's, in the same way.
pub(crate) struct Teacher {
    pub(crate) teacher: TeacherId,
    pub(crate) held: Box<HeldLink>,
    pub(crate) store: Store,
    pub(crate) window: Window,
    pub(crate) now: Timestamp,
}

/// Reads a request with a link, and checks the link.
pub(crate) async fn with_link<T: WithSecret>(
    house: &House,
    id: &str,
    request: Request,
    count: Count,
) -> Result<(Found, T), Refused> {
    let peer = admitted(house, &request)?;
    let body: T = read(request).await?;
    let found = open(house, id, body.secret(), peer.source(), count).await?;
    peer.hold();
    Ok((found, body))
}

/// The same, for a parent; anybody else's link is as good as none.
pub(crate) async fn parent<T: WithSecret>(
    house: &House,
    id: &str,
    request: Request,
    count: Count,
) -> Result<(Parent, T), Refused> {
    let (found, body) = with_link(house, id, request, count).await?;
    let (Found::Held(held), Some((store, window))) = (found, house.roster.records()) else {
        return Err(Refused::NoSuchLink);
    };
    let Holder::Parent(contact) = held.holder else {
        return Err(Refused::NoSuchLink);
    };
    let parent = Parent {
        contact,
        held,
        store: store.clone(),
        window,
        now: ambient::now(),
    };
    Ok((parent, body))
}

/// The same, for a teacher.
pub(crate) async fn teacher<T: WithSecret>(
    house: &House,
    id: &str,
    request: Request,
) -> Result<Teacher, Refused> {
    let (found, _body): (Found, T) = with_link(house, id, request, Count::Request).await?;
    let (Found::Held(held), Some((store, window))) = (found, house.roster.records()) else {
        return Err(Refused::NoSuchLink);
    };
    let Holder::Teacher(teacher) = held.holder else {
        return Err(Refused::NoSuchLink);
    };
    Ok(Teacher {
        teacher,
        held,
        store: store.clone(),
        window,
        now: ambient::now(),
    })
}

/// Checks a link. Whoever shows its secret learns what became of it (LINK-5); whatever else is wrong,
/// the answer is one, and takes one time. Nothing is read from the records before it is counted.
async fn open(
    house: &House,
    id: &str,
    secret: &str,
    source: Source,
    count: Count,
) -> Result<Found, Refused> {
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
    }
    let found = house.roster.find(id, ambient::now()).await?;
    let verified = house
        .keyring
        .verify(found.as_ref().map(Found::record), secret);
    match (found, verified) {
        (Some(found), Ok(id)) => match found.state() {
            LinkState::Live if house.admissions.is_dead(id) => Err(Refused::LinkWithdrawn),
            LinkState::Live => Ok(found),
            LinkState::Withdrawn => Err(Refused::LinkWithdrawn),
            LinkState::Expired => Err(Refused::Rule(school::Refusal::EveningOver)),
        },
        (Some(_) | None, _) => Err(Refused::NoSuchLink),
    }
}

/// Lets pages of this server ask, and programs that are no browser; gives the address asked from.
pub(crate) fn admit(house: &House, request: &Request) -> Result<Source, Refused> {
    admitted(house, request).map(|peer| peer.source())
}

/// The same; gives who asks.
pub(crate) fn admitted(house: &House, request: &Request) -> Result<Peer, Refused> {
    if !house.public_url.admits_request(request.headers()) {
        return Err(Refused::CrossSite);
    }
    request
        .extensions()
        .get::<Peer>()
        .cloned()
        .ok_or(Refused::BadRequest)
}

/// The body of a request, as JSON.
pub(crate) async fn read<T: DeserializeOwned>(request: Request) -> Result<T, Refused> {
    if !is_kind(request.headers(), "application/json") {
        return Err(Refused::BadRequest);
    }
    let bytes = body(request, MAX_BODY).await?;
    serde_json::from_slice(&bytes).map_err(|_not_the_shape| Refused::BadRequest)
}

/// The body of a request, of at most so many bytes.
pub(crate) async fn body(request: Request, most: usize) -> Result<bytes::Bytes, Refused> {
    let time = if most > MAX_BODY {
        FILE_TIME
    } else {
        BODY_TIME
    };
    timeout(time, to_bytes(request.into_body(), most))
        .await
        .map_err(|_elapsed| Refused::BadRequest)?
        .map_err(|_too_long_or_cut| Refused::TooLarge)
}

/// Only what says what it is is read: a form of a foreign page cannot say so.
pub(crate) fn is_kind(headers: &HeaderMap, wanted: &str) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case(wanted))
}

/// An id out of a path or a body: what is none is unknown.
pub(crate) fn id<T: std::str::FromStr>(text: &str) -> Result<T, Refused> {
    text.parse()
        .map_err(|_none| Refused::Rule(school::Refusal::NotFound))
}

/// A moment out of a body.
pub(crate) fn moment(text: &str) -> Result<Timestamp, Refused> {
    text.parse().map_err(|_none| Refused::BadRequest)
}

/// The attempt of a press.
pub(crate) fn attempt(text: &str) -> Result<links::AttemptId, Refused> {
    text.parse().map_err(|_none| Refused::BadRequest)
}

/// The shared house of a request, as handlers get it.
pub(crate) type Shared = Arc<House>;
