//! What an owner orders is written down behind it; what is refused there tells it that it came too late.

use call::{Moment, Parting};
use tokio::time::sleep;

use super::{AGAIN, Shared, moved_on};
use crate::Notice;
use crate::record::{is_of, known};
use crate::truth::{Refused, Unavailable};

impl Shared {
    /// Writes down whatever changes, as soon as what changed before is written, for as long as the
    /// program runs.
    pub async fn write(&self, now: impl Fn() -> Moment) {
        loop {
            self.changed.notified().await;
            while let Err(error) = self.flush(now()).await {
                tracing::debug!(%error, "who is where is written down later");
                sleep(AGAIN).await;
            }
        }
    }

    /// Writes down all that has changed. Cut off, or without an answer, it is written with what comes after
    /// it.
    ///
    /// # Errors
    ///
    /// [`Unavailable`].
    pub async fn flush(&self, now: Moment) -> Result<(), Unavailable> {
        let _turn = self.writing.lock().await;
        let records = {
            let mut state = self.state();
            if state.memory.is_written() {
                return Ok(());
            }
            let time = state.time(now);
            state.memory.take_changes((time, now))
        };
        #[expect(
            clippy::needless_collect,
            reason = "the records are given away before it is asked"
        )]
        let written: Vec<_> = records.iter().map(|it| it.session).collect();
        let refused = self.truth.keep(self.node.boot, records).await?;
        {
            let mut state = self.state();
            state.memory.are_written();
            let is_refused = |session| refused.iter().any(|it| it.session == session);
            for session in written.into_iter().filter(|it| !is_refused(*it)) {
                state.doubled.remove(&session);
            }
        }
        self.written.tell();
        for it in refused {
            self.hear_refusal(&it, now).await;
        }
        Ok(())
    }

    /// Writes down how such sessions stand, where that is not known to be written: what others are waits for nobody
    /// here.
    pub(super) async fn write_down(
        &self,
        which: impl Fn(&call::Session) -> bool,
        now: Moment,
    ) -> Result<(), Unavailable> {
        let waits = self.state().memory.waits_to_be_written(which);
        if waits {
            self.flush(now).await?;
        }
        Ok(())
    }

    /// A session could not be written down: it is over elsewhere, or its meeting is another's, or the records know nothing
    /// of it any more. What they say is so here too from now on.
    pub(super) async fn hear_refusal(&self, refused: &Refused, now: Moment) {
        let session = refused.session;
        let Some(here) = self.state().memory.register.session(session).copied() else {
            return;
        };
        let (link, call) = (here.link, here.call);
        let stands = refused.stands.filter(|it| is_of(it, &here));
        let over = stands.as_ref().and_then(|it| known(it).parting());
        if here.parting().is_some() {
            if over != here.parting() {
                // What is asked of it from now on, the records answer.
                self.state().memory.forget_session(session);
            }
            return;
        }
        match over {
            Some(Parting::Withdrawn) => {
                let call = Some(call);
                self.notices.put(Notice::Withdrawn { link, call }).await;
            }
            Some(why) => {
                self.state().memory.register.release(session, why, now);
                self.notices.put(moved_on(session, &here)).await;
            }
            None if stands.is_none() => {
                let lost = Parting::TimedOut;
                self.state().memory.register.release(session, lost, now);
                self.notices.put(moved_on(session, &here)).await;
            }
            None if refused.is_ours => {
                self.state().doubled.entry(session).or_default();
            }
            None => self.lose(call).await,
        }
    }
}
