//! A call whose people were in it when its last owner ended, with the program or without it (SESS-8):
//! everybody is "reconnecting" in their own seat until they are back or their grace has passed.

use std::sync::Arc;
use std::time::Duration;

use call::{CallId, Event, Kept, Parting};
use cluster::{Seat, Term};
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::{Command, Held, Owner, send_elsewhere};
use crate::Live;
use crate::ports::Note;

/// How long until the records are asked again, where they cannot be read.
const AGAIN: Duration = Duration::from_millis(500);

/// Begins the call with whoever of them may still be in it, and owns it until it is empty.
pub(super) async fn restore(
    live: &Arc<Live>,
    id: CallId,
    (term, seats): (Term, Vec<Seat>),
    commands: &mut mpsc::Receiver<Command>,
) {
    let roster = loop {
        match live.ports.rosters.roster(id).await {
            Ok(roster) => break roster,
            Err(error) => tracing::debug!(%error, call = id.0, "it is restored later"),
        }
        tokio::select! {
            () = sleep(AGAIN) => {}
            () = live.closing.cancelled() => return live.retire(id, commands),
        }
    };
    let now = live.clock.now();
    if !live.ports.cluster.may_act(id, term, now) {
        // Whoever came goes where it may be by now, rather than to an owner that would be begun here at once.
        live.retire(id, commands);
        while let Some(command) = commands.recv().await {
            send_elsewhere(command);
        }
        return;
    }
    let has_begun = seats.iter().any(|it| it.kept.seat.is_some());
    let roster = match roster {
        Some(roster) if !roster.is_shut => roster,
        over => {
            let why = over.map_or(Parting::Ended, |_shut| Parting::Stopped);
            live.end_all(id, &seats, why);
            return live.retire(id, commands);
        }
    };
    let (mut kept, mut all_held) = (Vec::new(), Vec::new());
    for seat in seats {
        let it = seat.kept;
        match roster.holder(it.link).map(|holder| holder.number.0) {
            Some(participant) => {
                kept.push(it);
                let held = Held {
                    secrets: seat.known.secrets,
                    lacks_relay: true,
                    ..Held::newcomer(seat.known.press, participant, it.epoch)
                };
                all_held.push((it.session, held));
            }
            None if roster.keeps_out(it.link) => live.lose(id, &it, Parting::Stopped),
            None => live.end_restored(id, &it).await,
        }
    }
    let mut owner = Owner::of(live, term, Arc::new(roster), &kept);
    owner.has_begun = has_begun;
    owner.held = all_held.into_iter().collect();
    for seated in owner.call.people() {
        if let Some(held) = owner.held.get_mut(&seated.session) {
            held.seat = Some(seated.seat);
        }
    }
    tracing::info!(call = id.0, people = kept.len(), "call goes on");
    owner.happen(Event::DeadlinePassed);
    owner.own(commands).await;
}

impl Live {
    /// Nobody who was in a call may be in it any more: it is over.
    fn end_all(&self, id: CallId, seats: &[Seat], why: Parting) {
        for it in seats {
            self.lose(id, &it.kept, why);
        }
        if seats.iter().any(|it| it.kept.seat.is_some()) {
            self.ports.rosters.note(id, Note::Ended);
        }
    }

    /// Somebody who was in a call may not be in it any more.
    async fn end_restored(&self, id: CallId, person: &Kept) {
        let why = match self.ports.rosters.is_dead(person.link).await {
            Ok(true) => {
                self.withdraw(person.link).await;
                Parting::Withdrawn
            }
            Ok(false) | Err(_) => Parting::Disconnected,
        };
        self.lose(id, person, why);
    }

    /// Somebody is out of a call without its owner, who would have said so.
    fn lose(&self, id: CallId, person: &Kept, why: Parting) {
        let now = self.clock.now();
        self.ports.cluster.release(person.session, why, now);
        let note = Note::Lost {
            link: person.link,
            why,
            was_seated: person.seat.is_some(),
        };
        self.ports.rosters.note(id, note);
    }
}
