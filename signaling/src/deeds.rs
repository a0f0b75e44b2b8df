//! Deeds carried out to their end: what the records committed reaches the running calls and the open
//! pages, whatever becomes of who asked for it, and of this program.

use std::sync::Arc;
use std::time::Duration;

use call::CallId;
use jiff::Timestamp;
use store::{Actor, Aftermath, LinkState, Store};
use tokio::time::{MissedTickBehavior, interval};

use crate::api::Refused;
use crate::call_task::Command;
use crate::house::House;
use crate::roster::{call_of, link_of};

/// How often calls are compared with the records.
const SWEEP: Duration = Duration::from_secs(5);

/// Who does something, in what, and when.
pub(crate) struct Doing {
    pub(crate) house: Arc<House>,
    pub(crate) store: Store,
    pub(crate) by: Actor,
    pub(crate) now: Timestamp,
}

impl Doing {
    /// Does something that others must hear of, to its end.
    pub(crate) async fn perform<D, F>(
        self,
        deed: impl FnOnce(Self) -> F + Send,
    ) -> Result<D::Left, Refused>
    where
        D: Done,
        F: Future<Output = store::Result<D>> + Send + 'static,
    {
        let house = Arc::clone(&self.house);
        house.perform(deed(self)).await
    }
}

/// What a deed leaves to whoever asked for it, and what is still to be done among the living.
pub(crate) trait Done: Send + 'static {
    type Left: Send + 'static;

    fn parts(self) -> (Self::Left, Aftermath);
}

impl Done for Aftermath {
    type Left = Self;

    fn parts(self) -> (Self, Self) {
        (self.clone(), self)
    }
}

impl<T: Send + 'static> Done for (T, Aftermath) {
    type Left = T;

    fn parts(self) -> (T, Aftermath) {
        self
    }
}

impl Done for store::Imported {
    type Left = Self;

    fn parts(mut self) -> (Self, Aftermath) {
        let aftermath = std::mem::take(&mut self.aftermath);
        (self, aftermath)
    }
}

impl House {
    /// Carries a deed out. Once begun it comes to its end, also where nobody waits for it any more.
    async fn perform<D: Done>(
        self: &Arc<Self>,
        deed: impl Future<Output = store::Result<D>> + Send + 'static,
    ) -> Result<D::Left, Refused> {
        let house = Arc::clone(self);
        let done = self.tasks.spawn(async move {
            let (left, aftermath) = deed.await?.parts();
            house.finish(&aftermath).await;
            Ok(left)
        });
        match done.await {
            Ok(done) => done.map_err(|error: store::Error| error.into()),
            Err(panicked) => match panicked.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_cancelled) => Err(Refused::Unavailable),
            },
        }
    }

    /// What died in the records dies in the calls: sessions and media of these links end at once,
    /// wherever they are, and whoever looks at a page hears of it (LINK-2, DIR-4).
    async fn finish(self: &Arc<Self>, aftermath: &Aftermath) {
        for link in &aftermath.links {
            self.end(*link).await;
        }
        for meeting in &aftermath.ended {
            self.send(call_of(*meeting), Command::Ended).await;
        }
        for meeting in &aftermath.changed {
            self.compare(call_of(*meeting)).await;
        }
        self.news.tell(aftermath.pages.iter().copied().map(link_of));
        self.wake_post();
    }

    /// A link is dead for ever.
    async fn end(&self, link: links::LinkId) {
        let live_in = self.admissions.withdraw(link);
        self.news.tell_withdrawn(link_of(link));
        if let Some(call) = live_in {
            let link = link_of(link);
            self.send(call, Command::Withdrawn { link }).await;
        }
    }

    async fn send(&self, call: CallId, command: Command) {
        if let Some(mailbox) = self.switchboard.find(call)
            && mailbox.send(command).await.is_err()
        {
            tracing::debug!(call = call.0, "the call was empty already");
        }
    }

    /// Lets a running call know who may be in it, by the records.
    async fn compare(&self, call: CallId) {
        if self.switchboard.find(call).is_none() {
            return;
        }
        if let Err(error) = self.try_to_compare(call).await {
            tracing::debug!(%error, call = call.0, "it is compared later");
        }
    }

    async fn try_to_compare(&self, call: CallId) -> store::Result<()> {
        let Some(roster) = self.roster(call).await? else {
            self.send(call, Command::Ended).await;
            return Ok(());
        };
        for (link, _) in self.presence.of(call) {
            if roster.holder(link).is_none() {
                self.end_if_dead(link).await?;
            }
        }
        self.send(call, Command::Entitled { roster }).await;
        Ok(())
    }

    /// Whoever is told that their link is dead hears that rather than that they may not be here.
    async fn end_if_dead(&self, link: call::LinkId) -> store::Result<()> {
        if let Some(dead) = self.dead_in_records(link).await? {
            self.end(dead).await;
        }
        Ok(())
    }

    /// The link, where the records say that it is dead.
    pub(crate) async fn dead_in_records(
        &self,
        link: call::LinkId,
    ) -> store::Result<Option<links::LinkId>> {
        let Some(link) = links::LinkId::from_number(link.0) else {
            return Ok(None);
        };
        let held = self.store.link(link, ambient::now()).await?;
        let is_dead = held.is_none_or(|it| it.state == LinkState::Withdrawn);
        Ok(is_dead.then_some(link))
    }
}

/// Compares all calls with the records, again and again: what was committed by a program that ended
/// before it could say so, or changed in the records by another way, ends in the calls too.
pub(crate) async fn sweep(house: Arc<House>) {
    let mut ticks = interval(SWEEP);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = house.closing.cancelled() => return,
            _ = ticks.tick() => {}
        }
        for call in house.switchboard.all() {
            house.compare(call).await;
        }
    }
}
