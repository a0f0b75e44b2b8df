//! What the running calls leave in the records, and what the records end in the running calls.

use std::sync::Arc;

use call::{CallId, Parting};
use jiff::Timestamp;
use school::BookingId;
use store::{Action, Actor, Died, Holder};

use crate::call_task::Command;
use crate::house::House;
use crate::roster::{Appointment, Entitled, link_of};

impl House {
    /// Somebody was admitted to a call. It is written down beside the call, which does not wait.
    pub(crate) fn record_join(self: &Arc<Self>, call: CallId, one: &Entitled) {
        let (Some(holder), inviter) = (one.holder, one.invited_by) else {
            return;
        };
        let house = Arc::clone(self);
        self.tasks.spawn(async move {
            let Some((store, _)) = house.roster.records() else {
                return;
            };
            let now = Timestamp::now();
            match store.joined(holder, BookingId(call.0), now).await {
                // The parent sees that the guest has come (INV-6).
                Ok(()) => house.news.tell(inviter),
                Err(error) => tracing::warn!(%error, call = call.0, "a join was not written down"),
            }
        });
    }

    /// Somebody is out of a call.
    pub(crate) fn record_parting(self: &Arc<Self>, call: CallId, holder: Holder, why: Parting) {
        let action = match why {
            Parting::Replaced | Parting::Withdrawn => Action::Evicted,
            Parting::Disconnected => Action::Disconnected,
            Parting::Left | Parting::Ended | Parting::TimedOut => Action::Left,
        };
        let house = Arc::clone(self);
        self.tasks.spawn(async move {
            let Some((store, _)) = house.roster.records() else {
                return;
            };
            let subject = format!("booking:{call}", call = call.0);
            let actor = Actor::from(holder);
            let now = Timestamp::now();
            if let Err(error) = store.note(actor, action, &subject, &[], now).await {
                tracing::warn!(%error, call = call.0, "a parting was not written down");
            }
        });
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
            match store.link(*link, Timestamp::now()).await {
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

    /// What the people of an appointment see has changed.
    pub(crate) fn tell_people_of(&self, appointment: &Appointment) {
        self.news
            .tell(appointment.people.iter().map(Entitled::link));
    }
}
