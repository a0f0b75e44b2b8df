//! A session on its way to its call.

use std::fmt;
use std::sync::Arc;

use call::{Parting, SessionId};
use links::Ticket;

use crate::admissions::Admission;
use crate::house::House;
use crate::outbox::LastWord;

/// The claim that a press has on its link. Whatever becomes of the way to the call, the link is in
/// use only if somebody came in: dropped before [`Self::settle`], it lets go of the link.
#[must_use = "dropped, it lets go of the link"]
pub(crate) struct Claimed {
    house: Arc<House>,
    session: SessionId,
    is_settled: bool,
}

impl fmt::Debug for Claimed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Claimed").field(&self.session).finish()
    }
}

impl Claimed {
    /// Redeems a ticket. A retry of a press that made the live session claims nothing: whoever made
    /// that session holds the claim.
    pub(crate) fn by(
        house: &Arc<House>,
        ticket: &Ticket,
    ) -> Result<(Admission, Option<Self>), LastWord> {
        let admission = house.admissions.admit(ticket, house.clock.now())?;
        let claim = admission.is_new.then(|| Self {
            house: Arc::clone(house),
            session: admission.session,
            is_settled: false,
        });
        Ok((admission, claim))
    }

    /// The session is in its call, which says when it is over.
    pub(crate) fn settle(mut self) {
        self.is_settled = true;
    }
}

impl Drop for Claimed {
    fn drop(&mut self) {
        if !self.is_settled {
            let now = self.house.clock.now();
            let over = Parting::TimedOut;
            self.house.admissions.release(self.session, over, now);
        }
    }
}
