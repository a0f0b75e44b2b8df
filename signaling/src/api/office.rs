//! What the office asks, signed in.

pub(crate) mod audit;
pub(crate) mod bookings;
pub(crate) mod contacts;
pub(crate) mod evenings;
pub(crate) mod import;
pub(crate) mod invitations;
pub(crate) mod links;
pub(crate) mod live;
pub(crate) mod notices;
pub(crate) mod people;
pub(crate) mod session;
pub(crate) mod students;
mod version;

use axum::extract::Request;
use axum::http::{HeaderValue, Method};
use jiff::Timestamp;
use store::{Actor, SignedIn, Store};
use subtle::ConstantTimeEq as _;

use super::ask;
use super::refused::Refused;
use crate::house::House;
use crate::listen::Peer;
use crate::roster::Window;
use crate::staff_session::{self, Token};

/// Who signed in, and what they work with.
pub(crate) struct Office {
    pub(crate) who: SignedIn,
    pub(crate) token: Token,
    pub(crate) store: Store,
    pub(crate) window: Window,
    pub(crate) now: Timestamp,
}

impl Office {
    pub(crate) const fn actor(&self) -> Actor {
        Actor::Staff(self.who.staff)
    }
}

/// Lets in who is signed in; whatever changes something must also show that a page of ours asks.
pub(crate) fn enter<'h>(
    house: &'h House,
    request: &Request,
) -> impl Future<Output = Result<Office, Refused>> + use<'h> {
    let shown = shown(house, request);
    // A page that asks by itself, again and again, is no sign that anybody is there.
    let is_use = !request.uri().path().ends_with("/live");
    async move {
        let token = shown?;
        let peer = token.peer;
        let (store, window) = house.roster.records().ok_or(Refused::NotSignedIn)?;
        let now = ambient::now();
        let who = store
            .session(&token.token.digest(), now)
            .await?
            .ok_or(Refused::NotSignedIn)?;
        peer.hold();
        if !token.is_ours {
            return Err(Refused::BadCsrf);
        }
        if is_use {
            lengthen(store, &token.token, who.until, now).await;
        }
        Ok(Office {
            who,
            token: token.token,
            store: store.clone(),
            window,
            now,
        })
    }
}

/// A session lives while it is used. Where that cannot be written, it ends earlier and no more.
async fn lengthen(store: &Store, token: &Token, until: Timestamp, now: Timestamp) {
    let Ok(longer) = now.checked_add(staff_session::LIFE) else {
        return;
    };
    if longer.duration_since(until) < staff_session::LENGTHENED_AFTER {
        return;
    }
    let digest = token.digest();
    let lengthened = store.lengthen_session(&digest, longer, staff_session::LONGEST, now);
    if let Err(error) = lengthened.await {
        tracing::warn!(%error, "a session of the office could not be lengthened");
    }
}

/// What a request shows of who asks.
struct Shown {
    peer: Peer,
    token: Token,
    /// Whether it changes nothing, or proves that a page of ours asks.
    is_ours: bool,
}

fn shown(house: &House, request: &Request) -> Result<Shown, Refused> {
    let peer = ask::admitted(house, request)?;
    let headers = request.headers();
    let token = staff_session::read(headers, &house.public_url).ok_or(Refused::NotSignedIn)?;
    let csrf = headers
        .get(staff_session::CSRF_HEADER)
        .map(HeaderValue::as_bytes)
        .unwrap_or_default();
    let is_reading = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_right = bool::from(csrf.ct_eq(token.csrf().as_bytes()));
    Ok(Shown {
        is_ours: is_reading || is_right,
        peer,
        token,
    })
}
