//! One sign-in for whoever is of the staff and a parent too (DIR-9).

use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use school::{EmailAddress, Refusal, StaffId};
use store::{Shown, Wearer};
use wire::http::account::Hat;

use super::account::Parent;
use super::office::Staff;
use super::office::session::set_cookie;
use super::refused::Refused;
use crate::device::Device;
use crate::house::House;
use crate::staff_session::{self, At, Token};

/// The sessions that the password of the staff has opened.
pub(super) struct Opened {
    /// That of the staff.
    pub(super) staff: Token,
    /// That of their account, where one sign-in is for both.
    pub(super) account: Option<Token>,
}

impl Opened {
    pub(super) async fn begin(
        house: &House,
        staff: StaffId,
        shown: Option<Shown<'_>>,
        now: Timestamp,
    ) -> Result<Self, Refused> {
        let [own, of_account] = [Token::random(), Token::random()];
        let until = now.checked_add(staff_session::LIFE).unwrap_or(now);
        let digests = (&own.digest(), &of_account.digest());
        let who = (staff, shown);
        let begun = house.store.begin_session(who, digests, until, now).await;
        let is_bygone = matches!(begun, Err(store::Error::Refused(Refusal::ChangedMeanwhile)));
        if is_bygone {
            // Another password by now, or a second factor that was not asked for.
            return Err(Refused::WrongPassword);
        }
        let both = begun?;
        Ok(Self {
            staff: own,
            account: both.then_some(of_account),
        })
    }

    /// Gives the browser their cookies, and those by which it is known.
    pub(super) fn give(
        &self,
        response: &mut Response,
        (house, headers): (&House, &HeaderMap),
        email: &EmailAddress,
    ) {
        let url = &house.public_url;
        set_cookie(response, self.staff.cookie(At::Office, url));
        if let Some(account) = &self.account {
            set_cookie(response, account.cookie(At::Account, url));
            super::account::make_known(response, (house, headers), email);
        }
        let known = (&house.keyring, url);
        let account = email.key();
        let device = Device::random().cookie(headers, (At::Office, &account), known);
        set_cookie(response, device);
    }
}

/// The answer to who has signed out there, or of both.
pub(super) fn signed_out(house: &House, at: At, both: bool) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let other = match at {
        At::Office => At::Account,
        At::Account => At::Office,
    };
    for one in std::iter::once(at).chain(both.then_some(other)) {
        set_cookie(
            &mut response,
            staff_session::no_cookie(one, &house.public_url),
        );
    }
    response
}

/// The session that the same browser holds elsewhere.
fn beside(house: &House, at: At, headers: &HeaderMap) -> Option<[u8; 32]> {
    let token = staff_session::read(at, headers, &house.public_url)?;
    Some(token.digest())
}

const fn shown(hat: store::Hat) -> Hat {
    match hat {
        store::Hat::Offered => Hat::Offered,
        store::Hat::Stands => Hat::Stands,
    }
}

/// How it stands with who is signed in of the staff.
pub(super) async fn of_staff(staff: &Staff, headers: &HeaderMap) -> Result<Option<Hat>, Refused> {
    let own = staff.token.digest();
    let account = beside(&staff.house, At::Account, headers);
    let both = account.as_ref().map(|it| (&own, it));
    let whose = Wearer::Staff(staff.who.staff);
    let hat = staff.store.hat(whose, both, ambient::now()).await?;
    Ok(hat.map(shown))
}

/// How it stands with who is signed in to an account.
pub(super) async fn of_parent(
    parent: &Parent,
    headers: &HeaderMap,
) -> Result<Option<Hat>, Refused> {
    let own = parent.token.digest();
    let staff = beside(&parent.house, At::Office, headers);
    let both = staff.as_ref().map(|it| (it, &own));
    let whose = Wearer::Account(parent.who.account);
    let hat = parent.house.store.hat(whose, both, parent.now).await?;
    Ok(hat.map(shown))
}

/// `POST /api/v1/staff/hat`: one sign-in for both, where the browser holds both sessions.
pub(crate) async fn make_as_staff(staff: Staff, headers: HeaderMap) -> Result<StatusCode, Refused> {
    let account = beside(&staff.house, At::Account, &headers).ok_or(Refusal::NotFound)?;
    let both = (&staff.token.digest(), &account);
    staff.store.make_hat(both, ambient::now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/account/hat`: the same.
pub(crate) async fn make_as_parent(
    parent: Parent,
    headers: HeaderMap,
) -> Result<StatusCode, Refused> {
    let staff = beside(&parent.house, At::Office, &headers).ok_or(Refusal::NotFound)?;
    let both = (&staff, &parent.token.digest());
    parent.house.store.make_hat(both, parent.now).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/staff/hat`: two sign-ins again.
pub(crate) async fn unmake_as_staff(staff: Staff) -> Result<StatusCode, Refused> {
    let whose = Wearer::Staff(staff.who.staff);
    let own = staff.token.digest();
    staff.store.unmake_hat(whose, &own, ambient::now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/account/hat`: the same.
pub(crate) async fn unmake_as_parent(parent: Parent) -> Result<StatusCode, Refused> {
    let whose = Wearer::Account(parent.who.account);
    let own = parent.token.digest();
    let store = &parent.house.store;
    store.unmake_hat(whose, &own, parent.now).await?;
    Ok(StatusCode::NO_CONTENT)
}
