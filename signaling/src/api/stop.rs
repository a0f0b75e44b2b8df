//! Somebody of the school stops a call for abuse (SCR-14).

use axum::http::StatusCode;
use call::CallId;
use links::LinkId;
use live::roster::call_of;
use school::{Note, Refusal};
use store::NewStop;
use wire::http::guests::StopRequest;

use super::ask;
use super::by_link::Stopper;
use super::refused::Refused;
use crate::house::House;
use crate::nodes::{self, Lives};

/// Who was in the call, at whichever node it is.
async fn were_in(house: &House, call: CallId) -> Result<Vec<call::LinkId>, Refused> {
    let lives = match &house.nodes {
        Some(nodes) => nodes.look(call).await.unwrap_or(Lives::Unknown),
        None => Lives::Here,
    };
    match lives {
        Lives::Here | Lives::Nowhere => Ok(house.live.presence.were_in(call).into_iter().collect()),
        Lives::There(stream) => {
            let were = nodes::were_in(&stream, call).await;
            were.ok_or(Refused::Unavailable)
        }
        // Stopped now, nobody would be kept out.
        Lives::Unknown => Err(Refused::Unavailable),
    }
}

/// `POST /api/v1/links/{id}/meetings/{meeting}/stop`: whoever is in the call is out, and no link of whoever
/// was a guest in it leads back, though all have left by then.
pub(crate) async fn stop(stopper: Stopper<StopRequest>) -> Result<StatusCode, Refused> {
    ask::attempt(&stopper.asked.attempt)?;
    // Nobody has been in it yet.
    if stopper.window.is_some_and(|it| stopper.now < it.opens) {
        return Err(Refused::TooEarly);
    }
    let note = Note::read(&stopper.asked.note);
    let note = note.map_err(|it| Refused::Fields(vec![("note", it)]))?;
    // Who only waited or knocked has done nothing in it.
    let were = were_in(&stopper.house, call_of(stopper.path)).await?;
    let were = were.into_iter().filter_map(|it| LinkId::from_number(it.0));
    let new = NewStop {
        attempt: stopper.asked.attempt.clone(),
        note,
        were: were.collect(),
        opened: stopper.window.map(|it| it.opens),
    };
    let (doing, holder) = (stopper.doing(), stopper.holder);
    let meeting = stopper.path;
    let done = doing.perform(|it| async move {
        let store = &it.store;
        store.stop_call(meeting, &new, holder, it.now).await
    });
    match done.await {
        // Nobody has come to it, and nobody does any more.
        Err(Refused::Rule(Refusal::NobodyThere)) if stopper.is_over() => Err(Refused::Over),
        done => done.map(|_aftermath| StatusCode::NO_CONTENT),
    }
}
