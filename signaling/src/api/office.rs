//! What the office asks, signed in.

pub(crate) mod alike;
pub(crate) mod areas;
pub(crate) mod audit;
pub(crate) mod bookings;
pub(crate) mod contacts;
pub(crate) mod data;
pub(crate) mod evenings;
pub(crate) mod face;
pub(crate) mod import;
pub(crate) mod invitations;
pub(crate) mod links;
pub(crate) mod live;
pub(crate) mod notices;
pub(crate) mod people;
pub(crate) mod registrations;
pub(crate) mod roles;
pub(crate) mod rooms;
pub(crate) mod session;
pub(crate) mod stopped;
pub(crate) mod students;
pub(crate) mod system;
mod version;
pub(crate) mod visits;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method};
use jiff::Timestamp;
use school::{EveningId, Refusal, Standing};
use store::{Actor, SignedIn, Store};
use subtle::ConstantTimeEq as _;

use super::ask::{self, Shared};
use super::extract;
use super::openapi::Who;
use super::refused::Refused;
use crate::deeds::Doing;
use crate::staff_session::{self, At, Token};

/// Who signed in of the staff, whether of the office or not.
pub(crate) struct Staff {
    pub(crate) who: SignedIn,
    pub(crate) token: Token,
    pub(crate) house: Shared,
    pub(crate) store: Store,
}

/// Who signed in and has a right to what of the office is asked, and what they work with.
pub(crate) struct Office {
    pub(crate) who: SignedIn,
    pub(crate) house: Shared,
    pub(crate) store: Store,
    pub(crate) now: Timestamp,
}

impl Staff {
    /// Who does something that others must hear of.
    pub(crate) fn doing(&self, now: Timestamp) -> Doing {
        Doing {
            house: Shared::clone(&self.house),
            store: self.store.clone(),
            by: Actor::Staff(self.who.staff),
            now,
        }
    }
}

impl Office {
    /// Who does something that others must hear of.
    pub(crate) fn doing(&self) -> Doing {
        Doing {
            house: Shared::clone(&self.house),
            store: self.store.clone(),
            by: self.actor(),
            now: self.now,
        }
    }

    pub(crate) const fn actor(&self) -> Actor {
        Actor::Staff(self.who.staff)
    }
}

/// Lets in who has the right that the endpoint asks for; to others of the staff nothing of it is there.
impl FromRequestParts<Shared> for Office {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, house: &Shared) -> Result<Self, Refused> {
        let staff = Staff::from_request_parts(parts, house).await?;
        Ok(Self {
            who: staff.who,
            house: staff.house,
            store: staff.store,
            now: ambient::now(),
        })
    }
}

/// Lets in who is signed in and has the right that the endpoint asks for, by the table of them all; whatever
/// changes something must also show that a page of ours asks.
impl FromRequestParts<Shared> for Staff {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, house: &Shared) -> Result<Self, Refused> {
        let peer = ask::admitted(house, parts)?;
        let headers = &parts.headers;
        let token = staff_session::read(At::Office, headers, &house.public_url)
            .ok_or(Refused::NotSignedIn)?;
        let now = ambient::now();
        let who = house
            .store
            .session(&token.digest(), now)
            .await?
            .ok_or(Refused::NotSignedIn)?;
        peer.hold();
        if !is_ours(parts, &token) {
            return Err(Refused::BadCsrf);
        }
        check_right(parts, &who.standing, &house.store).await?;
        // A page that asks by itself, again and again, is no sign that anybody is there.
        let path = parts.uri.path();
        if !path.ends_with("/live") && !path.ends_with("/changes") {
            lengthen(&house.store, &token, &who, now).await;
        }
        Ok(Self {
            who,
            token,
            house: Shared::clone(house),
            store: house.store.clone(),
        })
    }
}

/// Whether the endpoint lets them in: what it asks for stands in the table of endpoints, and where that says
/// nothing nobody is let in. Whoever has it by managing an evening has it of that evening's people alone.
async fn check_right(parts: &mut Parts, standing: &Standing, store: &Store) -> Result<(), Refused> {
    let nobody = Refused::Rule(Refusal::NotFound);
    let right = parts.extensions.get::<Who>().and_then(|it| it.right());
    let Some(right) = right else {
        return Err(nobody);
    };
    if standing.rank.has(right) {
        return Ok(());
    }
    let names = extract::named(parts).await?;
    let of = |kind: &str| {
        names
            .iter()
            .find(|(name, _)| *name == kind)
            .map(|(_, it)| it)
    };
    let evening = match of("evening").map(str::parse::<EveningId>) {
        None => None,
        Some(Ok(evening)) => Some(evening),
        Some(Err(_none)) => return Err(nobody),
    };
    if !standing.may(right, evening) {
        return Err(nobody);
    }
    let (Some(evening), Some(id)) = (evening, of("contact").or_else(|| of("teacher"))) else {
        return Ok(());
    };
    let people = store.participants(evening).await?;
    let mut people = people.parents.iter().chain(&people.teachers);
    if people.any(|it| it.holder.id().to_string() == id) {
        Ok(())
    } else {
        Err(nobody)
    }
}

/// A session lives while it is used. Where that cannot be written, it ends earlier and no more.
async fn lengthen(store: &Store, token: &Token, who: &SignedIn, now: Timestamp) {
    let Some(longer) = staff_session::lengthened(who.began, who.until, now) else {
        return;
    };
    if let Err(error) = store.lengthen_session(&token.digest(), longer).await {
        tracing::warn!(%error, "a session of the office could not be lengthened");
    }
}

/// Whether a request changes nothing, or proves that a page of ours asks.
pub(in crate::api) fn is_ours(parts: &Parts, token: &Token) -> bool {
    let csrf = parts.headers.get(staff_session::CSRF_HEADER);
    let csrf = csrf.map(HeaderValue::as_bytes).unwrap_or_default();
    let is_reading = matches!(parts.method, Method::GET | Method::HEAD);
    let is_right = bool::from(csrf.ct_eq(token.csrf().as_bytes()));
    is_reading || is_right
}
