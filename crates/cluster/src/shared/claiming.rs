//! A press becomes a session: in the records, and at whoever has a meeting in which an older session of the link may be.

use std::future::pending;
use std::time::Duration;

use call::{CallId, Claim, Epoch, LinkId, Moment, Parting};
use futures_util::future::join_all;
use tokio::time::{sleep, timeout};

use super::Shared;
use crate::lease::BEAT;
use crate::truth::{Owner, Unavailable, Unclaimed};
use crate::{NotClaimed, Notice, Press};

/// How long a press waits for the owner of an older session to know that it is over: longer than it takes until one who
/// reaches the records has heard so there.
const KNOWN: Duration = Duration::from_secs(2);

/// By so many beats a run has heard of all that was in the records before the first: the next may have been on its way.
const BEATS: u64 = 2;

impl Shared {
    pub(super) async fn try_to_claim(
        &self,
        press: Press,
        now: Moment,
    ) -> Result<Claim, NotClaimed> {
        let time = {
            let state = self.state();
            if state.memory.dead.contains(&press.link) {
                return Err(NotClaimed::Withdrawn);
            }
            state.time(now)
        };
        // What ended here is to be known where presses are compared.
        let written = self.write_down(|it| it.link == press.link, now).await;
        written.map_err(|error| not_claimed(&error))?;
        let decided = self.truth.claim(press, self.node.boot, time).await;
        let decided = decided.map_err(|error| not_claimed(&error))?;
        let decided = decided.map_err(|refused| match refused {
            Unclaimed::TooSoon(too_soon) => NotClaimed::TooSoon(too_soon),
            Unclaimed::Elsewhere => NotClaimed::Elsewhere,
        })?;
        let mut moved = None;
        if let Some(live) = &decided.live {
            self.change(|memory| moved = memory.adopt(live, now));
        }
        if let Claim::New {
            epoch,
            earlier: Some(earlier),
            ..
        } = decided.claim
            && earlier.call != press.call
        {
            // Here too, where it is not known yet that it is over.
            self.change(|memory| {
                let replaced = Parting::Replaced;
                memory.register.release(earlier.session, replaced, now);
            });
            let (link, call) = (press.link, earlier.call);
            self.tell_all(Notice::Moved { link, call, epoch }).await;
        } else if let Some(moved) = moved {
            // Another node claimed it, and what it told was not heard.
            self.notices.put(moved).await;
        }
        if let Claim::New { epoch, .. } | Claim::Again { epoch, .. } = decided.claim
            && !self
                .is_known_to_be_over(press.link, epoch, decided.left)
                .await
        {
            tracing::debug!(
                link = press.link.0,
                "whoever has its older session does not hear that it is over"
            );
            return Err(NotClaimed::Unavailable);
        }
        Ok(decided.claim)
    }

    /// Waits until those who have a meeting in which an older session of the link was know that it is over; whether they
    /// do. Until then nobody comes in by the newer one: who has lost the records alone goes on with the older one, by Redis
    /// and for long.
    async fn is_known_to_be_over(&self, link: LinkId, epoch: Epoch, left: Vec<CallId>) -> bool {
        if left.is_empty() {
            return true;
        }
        let Ok(owners) = self.truth.owners(left).await else {
            return false;
        };
        let others = owners.iter().filter(|it| it.boot != self.node.boot);
        let known = others.map(|owner| {
            let call = owner.call;
            let notice = Notice::Moved { link, call, epoch };
            timeout(KNOWN, self.knows(owner, notice))
        });
        join_all(known).await.iter().all(Result::is_ok)
    }

    /// The owner of a meeting hears of it, by itself or by the records, or has it no more.
    async fn knows(&self, owner: &Owner, notice: Notice) {
        let by_itself = async {
            if !self.peers.tell(owner.boot, notice).await {
                pending::<()>().await;
            }
        };
        let by_records = async {
            let heard = owner.beat + BEATS;
            let has_not_heard = |it: &Owner| it.boot == owner.boot && it.beat < heard;
            loop {
                sleep(BEAT / 2).await;
                match self.truth.owners(vec![owner.call]).await {
                    Ok(owners) if owners.iter().any(has_not_heard) => {}
                    Ok(_) => return,
                    Err(_later) => {}
                }
            }
        };
        tokio::select! {
            () = by_itself => {}
            () = by_records => {}
        }
    }
}

pub(super) fn not_claimed(error: &Unavailable) -> NotClaimed {
    tracing::debug!(%error, "nobody knows who holds a link");
    NotClaimed::Unavailable
}
