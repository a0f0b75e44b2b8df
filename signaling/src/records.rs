//! What the running calls leave in the records, and what the records end in the running calls.

use std::sync::Arc;
use std::time::Duration;

use call::{CallId, LinkId, Parting};
use jiff::Timestamp;
use school::BookingId;
use store::{Action, Actor, Died, Holder};
use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::call_task::Command;
use crate::house::House;
use crate::roster::{Entitled, link_of};

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
}

impl House {
    /// Somebody was admitted to a call. It is written down beside the call, which does not wait.
    pub(crate) fn record_join(self: &Arc<Self>, call: CallId, one: &Entitled) {
        if let Some(holder) = one.holder {
            let inviter = one.invited_by;
            self.write_down(call, Note::Joined { holder, inviter });
        }
    }

    /// Somebody is out of a call.
    pub(crate) fn record_parting(self: &Arc<Self>, call: CallId, holder: Holder, why: Parting) {
        let action = match why {
            Parting::Replaced | Parting::Withdrawn => Action::Evicted,
            Parting::Disconnected => Action::Disconnected,
            Parting::Left | Parting::Ended | Parting::TimedOut => Action::Left,
        };
        self.write_down(call, Note::Parted { holder, action });
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
        let Some((store, _)) = self.roster.records() else {
            return Ok(());
        };
        // It is never closed.
        let _turn = WRITING.acquire().await;
        match note {
            Note::Joined { holder, inviter } => {
                store.joined(holder, BookingId(call.0), now).await?;
                // The parent sees that the guest has come (INV-6).
                self.news.tell(inviter);
                Ok(())
            }
            Note::Parted { holder, action } => {
                let subject = format!("booking:{call}", call = call.0);
                let actor = Actor::from(holder);
                store.note(actor, action, &subject, &[], now).await
            }
        }
    }

    /// What died in the records dies in the calls: sessions and media of these links end at once,
    /// wherever they are, and whoever looks at a page hears of it (LINK-2, DIR-4).
    pub(crate) async fn end(self: &Arc<Self>, died: &Died) {
        for link in &died.links {
            let live_in = self.admissions.withdraw(*link);
            self.news.tell_withdrawn(link_of(*link));
            if let Some(mailbox) = live_in.and_then(|call| self.switchboard.find(call)) {
                let link = link_of(*link);
                if mailbox.send(Command::Withdrawn { link }).await.is_err() {
                    tracing::debug!("the call was empty already");
                }
            }
        }
        for call in &died.calls {
            self.end_call(CallId(call.0)).await;
        }
        self.tell_inviters(&died.links).await;
    }

    /// Whoever invited a guest whose link is dead sees how the invitation stands, and not why.
    async fn tell_inviters(&self, dead: &[links::LinkId]) {
        let Some((store, _)) = self.roster.records() else {
            return;
        };
        for link in dead {
            match store.link(*link, ambient::now()).await {
                Ok(held) => {
                    let inviter = held.and_then(|it| it.inviter).and_then(|it| it.link);
                    self.news.tell(inviter.map(link_of));
                }
                Err(error) => tracing::warn!(%error, "an inviter was not told"),
            }
        }
    }

    /// A call is no more: it was cancelled.
    pub(crate) async fn end_call(&self, call: CallId) {
        if let Some(mailbox) = self.switchboard.find(call)
            && mailbox.send(Command::Ended).await.is_err()
        {
            tracing::debug!(call = call.0, "the call was empty already");
        }
    }
}
