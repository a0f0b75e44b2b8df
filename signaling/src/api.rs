//! The HTTP requests around a link: both are POST, so that no preview and no scanner makes them by
//! following it (SESS-5), and only [`ticket`] prepares anything.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use call::LinkId;
use serde::de::DeserializeOwned;
use sfu::CallKey;
use tokio::time::timeout;
use wire::http::{
    LinkRequest, LinkView, Other, Problem, ProblemCode, TicketGranted, TicketRequest,
};

use crate::call_task::Command;
use crate::house::House;
use crate::limits::{Source, TooMuch};
use crate::listen::Peer;
use crate::relay;
use crate::roster::{Appointment, Entitled, link_of};

/// The largest body taken: a secret and an attempt are a fraction of it.
const MAX_BODY: usize = 4 * 1024;

/// How long a body may take to come.
const BODY_TIME: Duration = Duration::from_secs(5);

/// `POST /api/v1/links/{id}`: what a link is for.
pub(crate) async fn link(
    State(house): State<Arc<House>>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<LinkView>, Refused> {
    let source = admit(&house, &request)?;
    let LinkRequest { secret } = read(request).await?;
    let opened = open(&house, &id, &secret, source)?;
    let holder = opened.holder;
    Ok(Json(LinkView {
        name: holder.name.reveal().clone(),
        role: holder.role,
        title: opened.appointment.title.reveal().clone(),
        others: opened
            .appointment
            .people
            .iter()
            .filter(|one| one.link() != holder.link())
            .map(|one| Other {
                name: one.name.reveal().clone(),
                role: one.role,
            })
            .collect(),
        in_use: house.admissions.is_in_use(holder.link()),
        invited_by: None,
        evening: None,
        appointments: Vec::new(),
        contact: None,
        seen: String::new(),
    }))
}

/// `POST /api/v1/links/{id}/tickets`: the press on Join. Nobody is evicted before the ticket is
/// used.
pub(crate) async fn ticket(
    State(house): State<Arc<House>>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<TicketGranted>, Refused> {
    let source = admit(&house, &request)?;
    let TicketRequest {
        secret,
        attempt,
        appointment: _,
    } = read(request).await?;
    let attempt = attempt.parse().map_err(|_not_one| Refused::BadRequest)?;
    let opened = open(&house, &id, &secret, source)?;
    let ticket = house
        .admissions
        .ticket(opened.holder.record.id, attempt, house.clock.now())
        .map_err(|too_soon| {
            tell_contested(&house, &opened);
            Refused::SwappedTooOften(too_soon.retry_after)
        })?;
    let ticket = ticket.expose();
    let grant = relay::name(&ticket).and_then(|name| {
        let call = CallKey(opened.appointment.call.0);
        house.media.grant_relay(call, &name)
    });
    let tls = house.tls.as_ref().map(|_tls| house.public_url.authority());
    Ok(Json(TicketGranted {
        ticket,
        expires_in_ms: millis(links::Tickets::LIFE),
        relay: grant.map(|grant| relay::access(grant, tls.as_deref())),
    }))
}

/// Has the call told that a link goes from device to device (SESS-3). A call too busy to hear of
/// it now hears of it at the next press.
fn tell_contested(house: &House, opened: &Opened<'_>) {
    let link = opened.holder.link();
    if let Some(mailbox) = house.switchboard.find(opened.appointment.call) {
        let _heard_or_not = mailbox.try_send(Command::Contested { link });
    }
}

/// A link that is right.
struct Opened<'house> {
    appointment: &'house Appointment,
    holder: &'house Entitled,
}

/// Checks a link. Whatever is wrong with it, the answer is one, and takes one time.
fn open<'house>(
    house: &'house House,
    id: &str,
    secret: &str,
    source: Source,
) -> Result<Opened<'house>, Refused> {
    let found = id.parse().ok().and_then(|id: links::LinkId| {
        let link = link_of(id);
        let appointment = house.roster.appointment_of(link)?;
        let holder = appointment.holder(link)?;
        Some(Opened {
            appointment,
            holder,
        })
    });
    let record = found.as_ref().map(|found| &found.holder.record);
    let verified = house.keyring.verify(record, secret);
    match (found, verified) {
        (Some(opened), Ok(_)) => {
            let link: LinkId = opened.holder.link();
            house.limiter.take_join(link, source)?;
            Ok(opened)
        }
        (Some(_) | None, _) => {
            house.limiter.take_guess(source)?;
            Err(Refused::NoSuchLink)
        }
    }
}

/// Lets pages of this server ask, and programs that are no browser; gives the address asked from.
fn admit(house: &House, request: &Request) -> Result<Source, Refused> {
    if !house.public_url.admits_request(request.headers()) {
        return Err(Refused::CrossSite);
    }
    request
        .extensions()
        .get::<Peer>()
        .map(Peer::source)
        .ok_or(Refused::BadRequest)
}

async fn read<T: DeserializeOwned>(request: Request) -> Result<T, Refused> {
    let (parts, body) = request.into_parts();
    if !is_json(&parts.headers) {
        return Err(Refused::BadRequest);
    }
    let bytes = timeout(BODY_TIME, to_bytes(body, MAX_BODY))
        .await
        .map_err(|_elapsed| Refused::BadRequest)?
        .map_err(|_too_long_or_cut| Refused::BadRequest)?;
    serde_json::from_slice(&bytes).map_err(|_not_the_shape| Refused::BadRequest)
}

/// Only what says it is JSON is read: a form of a foreign page cannot say so.
fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Refused {
    NoSuchLink,
    BadRequest,
    CrossSite,
    TooMany(Duration),
    SwappedTooOften(Duration),
}

impl From<TooMuch> for Refused {
    fn from(too_much: TooMuch) -> Self {
        Self::TooMany(too_much.retry_after)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (code, status, title, retry_after) = match self {
            Self::NoSuchLink => (
                ProblemCode::NoSuchLink,
                StatusCode::NOT_FOUND,
                "This link does not work. Check that it is complete, or ask the person who sent it.",
                None,
            ),
            Self::BadRequest => (
                ProblemCode::BadRequest,
                StatusCode::BAD_REQUEST,
                "The server did not understand this request.",
                None,
            ),
            Self::CrossSite => (
                ProblemCode::BadRequest,
                StatusCode::FORBIDDEN,
                "Only pages of this server may ask this.",
                None,
            ),
            Self::TooMany(after) => (
                ProblemCode::TooMany,
                StatusCode::TOO_MANY_REQUESTS,
                "Too many requests. Please wait a moment and try again.",
                Some(after),
            ),
            Self::SwappedTooOften(after) => (
                ProblemCode::SwappedTooOften,
                StatusCode::TOO_MANY_REQUESTS,
                "This link was opened on several devices in turn. Please wait a moment and try again.",
                Some(after),
            ),
        };
        let problem = Problem {
            code,
            title: title.to_owned(),
            status: status.as_u16(),
            retry_after_ms: retry_after.map(millis),
            fields: Vec::new(),
        };
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(after) = retry_after {
            let seconds = after.as_secs().saturating_add(1);
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

/// `GET /healthz`: the program turns.
pub(crate) async fn healthz() -> Body {
    Body::from("ok\n")
}
