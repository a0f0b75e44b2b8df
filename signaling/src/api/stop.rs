//! Somebody of the school stops a call for abuse (SCR-14).

use axum::http::StatusCode;
use live::roster::{call_of, link_of};
use school::Note;
use store::NewStop;
use wire::http::guests::StopRequest;
use wire::http::teacher::Presence;

use super::ask;
use super::by_link::Stopper;
use super::refused::Refused;

/// `POST /api/v1/links/{id}/meetings/{meeting}/stop`: whoever is in the call is out, and no link of its
/// guests leads back into it.
pub(crate) async fn stop(stopper: Stopper<StopRequest>) -> Result<StatusCode, Refused> {
    ask::attempt(&stopper.asked.attempt)?;
    let note = Note::read(&stopper.asked.note);
    let note = note.map_err(|it| Refused::Fields(vec![("note", it)]))?;
    let there = stopper.house.live.presence.of(call_of(stopper.path));
    // Who waits or knocks has done nothing in it.
    let is_there = |link| {
        let mut all = there.iter();
        all.any(|(it, state)| {
            *it == link && matches!(state, Presence::Seated | Presence::Reconnecting)
        })
    };
    let links = stopper.gathering.links.iter();
    let here = links.filter(|(_, record)| is_there(link_of(record.id)));
    let new = NewStop {
        attempt: stopper.asked.attempt.clone(),
        note,
        here: here.map(|(holder, _)| *holder).collect(),
    };
    let (doing, holder) = (stopper.doing(), stopper.holder);
    let meeting = stopper.gathering.meeting;
    doing
        .perform(|it| async move {
            let store = &it.store;
            store.stop_call(&meeting, &new, holder, it.now).await
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
