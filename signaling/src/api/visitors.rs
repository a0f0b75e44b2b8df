//! Guests who say who they are: by the link of a meeting room or a waiting area, or by one of their own
//! that somebody sent out of a meeting (ROOM-2, ROOM-3, WAIT-3).

use axum::Json;
use school::ground_rules::rules_to_show;
use school::rooms::{Asks, Details};
use school::{EmailAddress, Label, Name, Note, Refusal, Scope};
use store::{HeldLink, Holder, Purpose, Store};
use wire::http::link::{VisitorLink, VisitorRequest};

use super::ask;
use super::by_link::Linked;
use super::refused::Refused;
use crate::deeds::Doing;

/// How many presses of a browser are looked at, the last of them.
const MOST_BEFORE: usize = 4;

/// `POST /api/v1/links/{id}/visitors`: whoever has the link of a room or an area says who they are, and
/// is given a link of their own; who was invited by one of their own keeps it.
pub(crate) async fn come(linked: Linked<VisitorRequest>) -> Result<Json<VisitorLink>, Refused> {
    let held = linked.held;
    match (held.holder, &held.purpose) {
        (Holder::Door(_), Purpose::Room(_) | Purpose::Area(_)) => {}
        (Holder::Visitor(_), _) => {}
        (_, _) => return Err(Refused::NoSuchLink),
    }
    let attempt = linked.asked.attempt.clone();
    ask::attempt(&attempt)?;
    let (name, details) = read(&linked.asked, &held)?;
    // Rules of another day are not what was shown.
    let rules = rules_to_show(None).filter(|shown| linked.asked.accepts_rules == Some(*shown));
    check_is_not_kept_out(&linked.house.store, &held, &linked.asked.before).await?;
    let keyring = linked.house.keyring.clone();
    let doing = Doing {
        store: linked.house.store.clone(),
        house: linked.house,
        by: store::Actor::Unknown,
        now: linked.now,
    };
    let record = match (held.holder, held.purpose) {
        (Holder::Visitor(visitor), _) if held.is_nameless => {
            doing
                .perform(|it| async move {
                    let (store, press) = (&it.store, &attempt);
                    store.name_guest(visitor, (&name, press), it.now).await
                })
                .await?;
            held.record
        }
        // The answer was lost on its way: they have their link already, and their name.
        (Holder::Visitor(_), _) => held.record,
        (_, Purpose::Room(room)) => {
            doing
                .perform(|it| async move {
                    let who = (&name, &details);
                    let came = it.store.come_to_room(room.id, who, &attempt, it.now);
                    came.await
                })
                .await?
        }
        (_, Purpose::Area(area)) => {
            doing
                .perform(|it| async move {
                    let who = (&name, &details.reason);
                    let came = it.store.come_to_area(area.id, who, &attempt, it.now);
                    let (link, heard) = came.await?;
                    if let Some(version) = rules {
                        it.store.accepts_rules(link.id, version, it.now).await?;
                    }
                    Ok((link, heard))
                })
                .await?
        }
        (_, Purpose::Evening(_)) => return Err(Refused::NoSuchLink),
    };
    let path = keyring.path(&record).ok_or(Refusal::NotFound)?;
    Ok(Json(VisitorLink {
        path: path.expose(),
    }))
}

/// Whom a stop keeps out of a room or an area comes by its link as nobody else, in the browser of these
/// presses (SCR-14).
async fn check_is_not_kept_out(
    store: &Store,
    held: &HeldLink,
    before: &[String],
) -> Result<(), Refused> {
    if before.len() > MOST_BEFORE {
        return Err(Refused::BadRequest);
    }
    for press in before {
        ask::attempt(press)?;
    }
    let place = match (held.holder, &held.purpose) {
        (Holder::Door(_), Purpose::Room(room)) => Scope::Room(room.id),
        (Holder::Door(_), Purpose::Area(area)) => Scope::Area(area.id),
        (_, _) => return Ok(()),
    };
    if store.keeps_out(place, before).await? {
        return Err(Refusal::CallStopped.into());
    }
    Ok(())
}

/// Who comes, and what they enter of what is asked of them; at an area why they come, if they say so. What is
/// not asked for is not kept.
fn read(asked: &VisitorRequest, held: &HeldLink) -> Result<(Name, Details), Refused> {
    let asks = match (held.holder, &held.purpose) {
        (Holder::Door(_), Purpose::Room(room)) => room.terms.asks,
        (_, _) => Asks::default(),
    };
    let is_area = matches!(held.purpose, Purpose::Area(_));
    let name = Name::read(&asked.name);
    let reason = asked.reason.as_deref();
    let reason = reason.filter(|_| asks.reason || is_area);
    let reason = Note::read(reason.unwrap_or_default());
    let email = asked
        .email
        .as_deref()
        .filter(|it| asks.email && !it.trim().is_empty());
    let email = email.map(EmailAddress::read).transpose();
    let mobile = asked
        .mobile
        .as_deref()
        .filter(|it| asks.mobile && !it.trim().is_empty());
    let mobile = mobile.map(Label::read).transpose();
    match (name, email, mobile, reason) {
        (Ok(name), Ok(email), Ok(mobile), Ok(reason)) => {
            let details = Details {
                email,
                mobile,
                reason,
            };
            let missing = asks.missing(&details);
            if missing.is_empty() {
                Ok((name, details))
            } else {
                Err(Refused::Fields(missing))
            }
        }
        (name, email, mobile, reason) => {
            let all = [
                ("name", name.err()),
                ("email", email.err()),
                ("mobile", mobile.err()),
                ("reason", reason.err()),
            ];
            let wrong = all.into_iter();
            let wrong = wrong.filter_map(|(field, it)| Some((field, it?)));
            Err(Refused::Fields(wrong.collect()))
        }
    }
}
