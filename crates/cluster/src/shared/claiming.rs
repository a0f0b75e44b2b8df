//! A press becomes a session: in the records, and at whoever has a meeting in which an older session of the link may be.

use std::future::pending;
use std::time::Duration;

use call::{Claim, Epoch, Moment, Parting, SessionId};
use futures_util::future::join_all;
use tokio::time::{sleep, timeout};

use super::Shared;
use crate::lease::BEAT;
use crate::truth::{Holder, Unavailable, Unclaimed};
use crate::{NotClaimed, Notice, Press};

/// How long a press waits for the owner of an older session to know that it is over: longer than it takes until one who
/// reaches the records has heard so there.
const KNOWN: Duration = Duration::from_secs(2);

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
        let claiming = self.claims(press.link);
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
        // Another node may have told that it is over before it was known here.
        let newest = claiming.newest();
        if let Some(newest) = newest {
            self.change(|memory| {
                if let Some((session, _, epoch)) = memory.register.live(press.link)
                    && epoch < newest
                {
                    memory.register.release(session, Parting::Replaced, now);
                }
            });
        }
        drop(claiming);
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
        if let Claim::New { session, epoch, .. } | Claim::Again { session, epoch } = decided.claim
            && !self.is_older_over((session, epoch), press).await
        {
            tracing::debug!(
                link = press.link.0,
                "whoever has its older session does not hear that it is over"
            );
            return Err(NotClaimed::Unavailable);
        }
        Ok(decided.claim)
    }

    /// Waits until no other node holds an older session of the link in another meeting; whether that is so. Until then nobody
    /// comes in by the newer one: who has lost the records alone goes on with the older one, by Redis and for long.
    async fn is_older_over(&self, newer: (SessionId, Epoch), press: Press) -> bool {
        let Ok(holders) = self.others_who_hold(newer.0, press).await else {
            return false;
        };
        let holders = holders.into_iter();
        let known = holders.map(|it| timeout(KNOWN, self.knows(it, newer, press)));
        join_all(known).await.iter().all(Result::is_ok)
    }

    /// Which others may hold a session of the link that is older than this, and in another meeting.
    async fn others_who_hold(
        &self,
        below: SessionId,
        press: Press,
    ) -> Result<Vec<Holder>, Unavailable> {
        let mut holders = self.truth.holders(press.link, below, press.call).await?;
        holders.retain(|it| it.boot != self.node.boot);
        Ok(holders)
    }

    /// Another node hears that a session is over, by itself or by the records, and holds it no more; or it is gone.
    async fn knows(&self, holder: Holder, (session, epoch): (SessionId, Epoch), press: Press) {
        let by_itself = async {
            let (link, call) = (press.link, holder.call);
            let notice = Notice::Moved { link, call, epoch };
            if !self.peers.tell(holder.boot, notice).await {
                pending::<()>().await;
            }
        };
        let by_records = async {
            loop {
                sleep(BEAT / 2).await;
                match self.others_who_hold(session, press).await {
                    Ok(holders) if holders.contains(&holder) => {}
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
