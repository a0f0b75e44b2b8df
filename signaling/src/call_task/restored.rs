//! A call whose people were in it when the program ended (SESS-8): everybody is "reconnecting" in
//! their own seat until they are back or their grace has passed.

use std::sync::Arc;
use std::time::Duration;

use call::{CallId, Event, Kept, Moment, Parting};
use tokio::sync::mpsc;
use tokio::time::sleep;
use wire::message::Sends;

use super::{Command, Held, Owner};
use crate::house::House;

/// How long until the records are asked again, where they cannot be read.
const AGAIN: Duration = Duration::from_millis(500);

/// Begins the call with whoever of them may still be in it, and owns it until it is empty.
pub(super) async fn restore(
    house: &Arc<House>,
    id: CallId,
    kept: Vec<Kept>,
    commands: &mut mpsc::Receiver<Command>,
) {
    let roster = loop {
        match house.roster(id).await {
            Ok(roster) => break roster,
            Err(error) => tracing::debug!(%error, call = id.0, "it is restored later"),
        }
        tokio::select! {
            () = sleep(AGAIN) => {}
            () = house.closing.cancelled() => return house.switchboard.retire(id, commands),
        }
    };
    let now = house.clock.now();
    let Some(roster) = roster else {
        for it in kept {
            house.admissions.release(it.session, Parting::Ended, now);
        }
        return house.switchboard.retire(id, commands);
    };
    let mut may_stay = Vec::new();
    for it in kept {
        match roster.holder(it.link).map(|holder| holder.number.0) {
            Some(participant) => may_stay.push((it, participant)),
            None => house.end_restored(it, now).await,
        }
    }
    let kept: Vec<Kept> = may_stay.iter().map(|(it, _)| *it).collect();
    let mut owner = Owner::of(house, roster, &kept);
    owner.held = may_stay
        .into_iter()
        .map(|(it, participant)| {
            let held = Held::newcomer(it.link, participant, it.epoch, Sends::default());
            (it.session, held)
        })
        .collect();
    for seated in owner.call.people() {
        if let Some(held) = owner.held.get_mut(&seated.session) {
            held.seat = Some(seated.seat);
        }
    }
    tracing::info!(call = id.0, people = kept.len(), "call goes on");
    owner.happen(Event::DeadlinePassed);
    owner.own(commands).await;
}

impl House {
    /// Somebody who was in a call may not be in it any more.
    async fn end_restored(&self, person: Kept, now: Moment) {
        let why = match self.dead_in_records(person.link).await {
            Ok(Some(dead)) => {
                self.admissions.withdraw(dead);
                Parting::Withdrawn
            }
            Ok(None) | Err(_) => Parting::Disconnected,
        };
        self.admissions.release(person.session, why, now);
    }
}
