//! What was done above all meetings, or committed to the records, reaches their owners and the open
//! pages.

use std::sync::Arc;
use std::time::Duration;

use call::{CallId, LinkId};
use cluster::Notice;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::owner::Command;
use crate::ports::Unavailable;
use crate::{Live, OPEN};

/// How often meetings are compared with the records.
const SWEEP: Duration = Duration::from_secs(5);

/// Over how long it is spread that all pages look once more, and in how many steps.
const SPREAD: Duration = Duration::from_secs(5);
const STEPS: u32 = 50;

impl Live {
    /// A link is dead for ever: its session and media end at once, wherever they are, and whoever looks
    /// at its page hears of it (LINK-2, DIR-4).
    pub async fn withdraw(&self, link: LinkId) {
        self.ports.cluster.withdraw(link).await;
    }

    /// What the records say of a meeting has changed: its owner is to compare itself with them.
    pub async fn changed(&self, call: CallId) {
        self.ports.cluster.tell(Notice::Changed { call }).await;
    }

    /// Something may have been committed of which nobody was told: whoever has a page open looks once more, some at a time,
    /// as they do when the program is begun anew.
    pub async fn have_all_look(&self) {
        let open = self.news.have_all_look(OPEN);
        let some = open.len().div_ceil(STEPS as usize).max(1);
        for some in open.chunks(some) {
            sleep(SPREAD / STEPS).await;
            self.news.tell_to_look(some);
        }
    }

    /// Passes notices on for as long as the program runs.
    pub async fn hear(self: Arc<Self>) {
        loop {
            let notice = tokio::select! {
                biased;
                () = self.closing.cancelled() => return,
                notice = self.ports.cluster.next_notice() => notice,
            };
            match notice {
                Notice::Withdrawn { link, call } => {
                    self.news.tell_withdrawn(link);
                    if let Some(call) = call {
                        self.post(call, Command::Withdrawn { link });
                    }
                }
                Notice::Moved { link, call, epoch } => {
                    self.post(call, Command::Superseded { link, epoch });
                }
                Notice::Lost { call } => self.post(call, Command::Lost),
                Notice::Changed { call } => self.compare_soon(call),
            }
        }
    }

    /// Compares all meetings with the records, again and again: what was committed by a program that
    /// ended before it could say so, or changed in the records by another way, ends in them too.
    pub async fn sweep(self: Arc<Self>) {
        let mut ticks = interval(SWEEP);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.closing.cancelled() => return,
                _ = ticks.tick() => {}
            }
            self.compare_all().await;
        }
    }

    /// Compares all meetings with the records once: there may be news that did not reach this program.
    pub async fn compare_all(&self) {
        for call in self.all() {
            self.compare(call).await;
        }
    }

    /// Has the owner of a meeting know who may be in it, by the records as they are from now on. Nobody waits for that.
    fn compare_soon(self: &Arc<Self>, call: CallId) {
        let live = Arc::clone(self);
        self.tasks.spawn(async move { live.compare(call).await });
    }

    /// Lets the owner of a meeting know who may be in it, by the records.
    async fn compare(&self, call: CallId) {
        if self.find(call).is_none() {
            return;
        }
        if let Err(error) = self.try_to_compare(call).await {
            tracing::debug!(%error, call = call.0, "it is compared later");
        }
    }

    async fn try_to_compare(&self, call: CallId) -> Result<(), Unavailable> {
        let rosters = &self.ports.rosters;
        let Some(roster) = rosters.roster(call).await? else {
            self.post(call, Command::Ended);
            return Ok(());
        };
        for (link, _) in self.presence.of(call) {
            // Whoever is told that their link is dead hears that rather than that they may not be here.
            if roster.holder(link).is_none() && rosters.is_dead(link).await? {
                self.ports.cluster.withdraw(link).await;
                self.post(call, Command::Withdrawn { link });
            }
        }
        let roster = Arc::new(roster);
        self.post(call, Command::Entitled { roster });
        Ok(())
    }
}
