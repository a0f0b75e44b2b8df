//! A session on its way to its meeting.

use std::sync::Arc;

use call::{Parting, SessionId};

use crate::Live;

/// The claim that a press has on its link. Whatever becomes of the way to the owner, the link is in
/// use only if somebody came in: dropped before [`Self::settle`], it lets go of the link.
#[must_use = "dropped, it lets go of the link"]
pub(crate) struct Claimed {
    pub(crate) live: Arc<Live>,
    pub(crate) session: SessionId,
    pub(crate) is_settled: bool,
}

impl Claimed {
    /// The session is in its meeting, whose owner says when it is over.
    pub(crate) fn settle(mut self) {
        self.is_settled = true;
    }
}

impl Drop for Claimed {
    fn drop(&mut self) {
        if !self.is_settled {
            let now = self.live.clock.now();
            let over = Parting::TimedOut;
            self.live.ports.cluster.release(self.session, over, now);
        }
    }
}
