//! Guests whom somebody in a meeting invites to it: by e-mail, by text, or by a link to copy (ROOM-2).

use ::links::Secret;
use axum::Json;
use axum::http::StatusCode;
use school::{EmailAddress, MeetingId, Mobile, Refusal, VisitorId};
use store::{Delivery, NewCallGuest, Reach};
use wire::http::guests::{
    CallGuest, CallGuestState, CallGuests, CallInviteRequest, CallResendRequest,
};

use super::ask;
use super::by_link::{Changing, Inviter};
use super::links;
use super::office::rooms::url;
use super::refused::Refused;
use crate::house::House;

/// `POST /api/v1/links/{id}/meetings/{meeting}/guests`.
pub(crate) async fn list(inviter: Inviter) -> Result<Json<CallGuests>, Refused> {
    let store = &inviter.house.store;
    let guests = store.call_guests(inviter.path, inviter.now).await?;
    let guests = guests.iter().map(|it| shown(&inviter.house, it));
    Ok(Json(CallGuests {
        guests: guests.collect(),
        texts: inviter.house.sends_texts,
    }))
}

/// `POST /api/v1/links/{id}/meetings/{meeting}/guests/invite`.
pub(crate) async fn invite(
    inviter: Inviter<CallInviteRequest>,
) -> Result<Json<CallGuest>, Refused> {
    is_on(&inviter)?;
    let asked = &inviter.asked;
    ask::attempt(&asked.attempt)?;
    let reach = match (&asked.email, &asked.mobile) {
        (Some(_), Some(_)) => return Err(Refused::BadRequest),
        (Some(email), None) => Reach::Email(EmailAddress::read(email)?),
        (None, Some(_)) if !inviter.house.sends_texts => return Err(Refusal::TextsOff.into()),
        (None, Some(mobile)) => Reach::Mobile(Mobile::read(mobile, &inviter.house.countries)?),
        (None, None) => Reach::Link,
    };
    let new = NewCallGuest {
        reach,
        language: asked.language.clone().filter(|it| links::is_language(it)),
        attempt: asked.attempt.clone(),
    };
    let (meeting, holder) = (inviter.path, inviter.holder);
    let invited = inviter.doing().perform(|it| async move {
        let store = &it.store;
        store.invite_guest(meeting, &new, holder, it.now).await
    });
    let guest = one(&inviter.house, meeting, invited.await?).await?;
    Ok(Json(guest))
}

/// `POST /api/v1/links/{id}/meetings/{meeting}/guests/{guest}/resend`: the same link once more.
pub(crate) async fn resend(
    inviter: Inviter<CallResendRequest, (MeetingId, VisitorId)>,
) -> Result<Json<CallGuest>, Refused> {
    let (meeting, guest) = inviter.path;
    let attempt = match inviter.asked.attempt.clone() {
        Some(attempt) => {
            ask::attempt(&attempt)?;
            attempt
        }
        // A press of its own.
        None => Secret::random(&mut ambient::rng()).expose(),
    };
    // Whose it is comes first: what is not theirs is not there.
    let theirs = one(&inviter.house, meeting, guest).await?;
    is_on(&inviter)?;
    if theirs.mobile.is_some() && !inviter.house.sends_texts {
        return Err(Refusal::TextsOff.into());
    }
    let holder = inviter.holder;
    let resent = inviter.doing().perform(|it| async move {
        let (store, guest) = (&it.store, (meeting, guest));
        store.resend_to_guest(guest, &attempt, holder, it.now).await
    });
    resent.await?;
    let guest = one(&inviter.house, meeting, guest).await?;
    Ok(Json(guest))
}

/// `POST /api/v1/links/{id}/meetings/{meeting}/guests/{guest}/remove`: the guest is out within 2 s.
pub(crate) async fn remove(
    inviter: Inviter<Changing, (MeetingId, VisitorId)>,
) -> Result<StatusCode, Refused> {
    let ((meeting, guest), holder) = (inviter.path, inviter.holder);
    inviter
        .doing()
        .perform(|it| async move {
            let store = &it.store;
            store.remove_guest(meeting, guest, holder, it.now).await
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whoever is invited is to come now. Where the call was stopped the records refuse it, and say so.
fn is_on<T, P>(inviter: &Inviter<T, P>) -> Result<(), Refused> {
    match inviter.meeting.window {
        _ if inviter.is_shut => Ok(()),
        Some(window) if inviter.now < window.opens => Err(Refused::TooEarly),
        Some(window) if inviter.now >= window.closes => Err(Refused::Over),
        Some(_) | None => Ok(()),
    }
}

async fn one(house: &House, meeting: MeetingId, id: VisitorId) -> Result<CallGuest, Refused> {
    let guest = house.store.call_guest(meeting, id).await?;
    Ok(shown(house, &guest))
}

fn shown(house: &House, guest: &store::CallGuest) -> CallGuest {
    let (email, mobile, url) = match &guest.reach {
        Reach::Email(email) => (Some(email.reveal().to_owned()), None, None),
        Reach::Mobile(mobile) => (None, Some(mobile.reveal().to_owned()), None),
        Reach::Link => (None, None, url(house, &guest.link)),
    };
    CallGuest {
        id: guest.id.to_string(),
        name: guest.name.as_ref().map(|it| it.reveal().to_owned()),
        email,
        mobile,
        url,
        state: state(guest),
    }
}

const fn state(guest: &store::CallGuest) -> CallGuestState {
    if guest.has_joined {
        return CallGuestState::Joined;
    }
    match &guest.delivery {
        None => CallGuestState::Invited,
        Some(Delivery::Waiting) => CallGuestState::Sending,
        Some(Delivery::Sent) => CallGuestState::Sent,
        Some(Delivery::Delivered) => CallGuestState::Delivered,
        Some(Delivery::Bounced { .. }) => CallGuestState::Bounced,
    }
}
