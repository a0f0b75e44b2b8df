//! What the running calls leave in the records.

use std::sync::Arc;
use std::time::Duration;

use call::{CallId, Course, LinkId, Parting};
use jiff::Timestamp;
use school::MeetingId;
use store::{Action, Actor, Holder};
use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::house::House;
use crate::roster::call_of;

/// How many of them may wait while the records cannot be written; what comes then is lost to the
/// audit log, and that is said.
static WAITING: Semaphore = Semaphore::const_new(10_000);

/// How many are written at a time: when the records are back, others want them too.
static WRITING: Semaphore = Semaphore::const_new(8);

/// How long until it is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// What a call leaves in the records.
#[derive(Clone, Copy, Debug)]
enum Note {
    Joined {
        holder: Holder,
        inviter: Option<LinkId>,
    },
    Parted {
        holder: Holder,
        action: Action,
    },
    Talked {
        starts: Timestamp,
        course: Course,
    },
}

impl House {
    /// Somebody was admitted to a call. It is written down beside the call, which does not wait.
    pub(crate) fn record_join(
        self: &Arc<Self>,
        call: CallId,
        holder: Holder,
        inviter: Option<LinkId>,
    ) {
        self.write_down(call, Note::Joined { holder, inviter });
    }

    /// Somebody is out of a call.
    pub(crate) fn record_parting(self: &Arc<Self>, call: CallId, holder: Holder, why: Parting) {
        let action = match why {
            Parting::Replaced | Parting::Withdrawn => Action::Evicted,
            Parting::Disconnected => Action::Disconnected,
            Parting::Left | Parting::Ended | Parting::TimeUp | Parting::TimedOut => Action::Left,
        };
        self.write_down(call, Note::Parted { holder, action });
    }

    /// How the talk of a call has gone so far.
    pub(crate) fn record_talk(
        self: &Arc<Self>,
        meeting: MeetingId,
        starts: Timestamp,
        course: Course,
    ) {
        self.write_down(call_of(meeting), Note::Talked { starts, course });
    }

    /// Writes it down, as often as it takes: the records may be away for a while.
    fn write_down(self: &Arc<Self>, call: CallId, note: Note) {
        let Ok(place) = WAITING.try_acquire() else {
            tracing::warn!(
                call = call.0,
                "too much waits to be written down: this is not"
            );
            return;
        };
        let house = Arc::clone(self);
        self.tasks.spawn(async move {
            let _place = place;
            let now = ambient::now();
            loop {
                let done = house.try_to_write_down(call, note, now).await;
                match done {
                    Ok(()) => return,
                    Err(error @ (store::Error::Refused(_) | store::Error::Spent { .. })) => {
                        tracing::warn!(%error, call = call.0, "this is not written down");
                        return;
                    }
                    Err(error @ store::Error::Fault(_)) => {
                        tracing::debug!(%error, call = call.0, "it is written down later");
                    }
                }
                tokio::select! {
                    () = sleep(AGAIN) => {}
                    () = house.closing.cancelled() => {
                        tracing::warn!(call = call.0, "a join or parting is not written down");
                        return;
                    }
                }
            }
        });
    }

    async fn try_to_write_down(
        &self,
        call: CallId,
        note: Note,
        now: Timestamp,
    ) -> store::Result<()> {
        // It is never closed.
        let _turn = WRITING.acquire().await;
        match note {
            Note::Joined { holder, inviter } => {
                self.store.joined(holder, MeetingId(call.0), now).await?;
                // The parent sees that the guest has come (INV-6).
                self.news.tell(inviter);
                Ok(())
            }
            Note::Talked { starts, course } => {
                let meeting = MeetingId(call.0);
                self.store.keep_talk(meeting, starts, &course).await
            }
            Note::Parted { holder, action } => {
                let subject = format!("meeting:{call}", call = call.0);
                let actor = Actor::from(holder);
                self.store.note(actor, action, &subject, &[], now).await
            }
        }
    }
}
