//! Deeds carried out to their end: what the records committed reaches the running calls and the open
//! pages, whatever becomes of who asked for it, and of this program.

use std::sync::Arc;

use jiff::Timestamp;
use live::roster::{call_of, link_of};
use store::{Actor, Aftermath, Store};
use tracing::Instrument as _;

use crate::api::Refused;
use crate::house::House;

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

impl Done for store::Joined {
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
        let doing = async move {
            let done = deed.await.inspect_err(|error| {
                // It may have been committed all the same.
                if matches!(error, store::Error::Fault(_)) {
                    house.have_all_look_everywhere();
                }
            });
            let (left, aftermath) = done?.parts();
            house.finish(&aftermath).await;
            Ok(left)
        };
        let doing = self.deeds.track_future(doing.in_current_span());
        let done = self.tasks.spawn(doing);
        match done.await {
            Ok(done) => done.map_err(|error: store::Error| error.into()),
            Err(panicked) => match panicked.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_cancelled) => Err(Refused::Unavailable),
            },
        }
    }

    /// What died in the records dies in the meetings: sessions and media of these links end at once,
    /// wherever they are, and whoever looks at a page hears of it (LINK-2, DIR-4).
    async fn finish(&self, aftermath: &Aftermath) {
        for link in &aftermath.links {
            self.live.withdraw(link_of(*link)).await;
        }
        for meeting in aftermath.ended.iter().chain(&aftermath.changed) {
            self.live.changed(call_of(*meeting)).await;
        }
        let pages = aftermath.pages.iter().copied().map(link_of);
        self.live.news.tell(pages);
        self.live.news.tell(aftermath.staff.iter().copied());
        self.wake_post();
    }
}
