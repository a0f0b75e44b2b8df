//! One active session a link, across all calls.

use std::time::Duration;

use crate::ids::{AttemptId, CallId, Epoch, LinkId, Moment, SessionId};

/// A session a link held before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Earlier {
    /// The session that is over now.
    pub session: SessionId,
    /// The call that holds it.
    pub call: CallId,
}

/// What a press on Join was given.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Claim {
    /// A new session. `earlier`, if any, must hear of it: by [`crate::Event::JoinAsked`] where it
    /// is in the same call, by [`crate::Event::Superseded`] where it is in another.
    New {
        /// The new session.
        session: SessionId,
        /// Its epoch.
        epoch: Epoch,
        /// The session it replaces.
        earlier: Option<Earlier>,
        /// Whether the link has changed hands so often that inviter and teacher should know
        /// (SESS-3).
        contested: bool,
    },
    /// A retry of the press that made the live session: the same session again.
    Again {
        /// The live session.
        session: SessionId,
        /// Its epoch.
        epoch: Epoch,
    },
}

/// The link changed hands too often; nothing was changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("this link was opened on several devices in turn; try again in {} s", retry_after.as_secs())]
pub struct TooSoon {
    /// When to try again.
    pub retry_after: Duration,
}

/// Which session of each link is the live one.
#[derive(Clone, Debug, Default)]
pub struct Directory {}

impl Directory {
    /// Gives a press on Join its session.
    ///
    /// # Errors
    ///
    /// [`TooSoon`] where the link changed hands more than three times in the last minute.
    pub fn claim(
        &mut self,
        _link: LinkId,
        _call: CallId,
        _attempt: AttemptId,
        _now: Moment,
    ) -> Result<Claim, TooSoon> {
        Err(TooSoon {
            retry_after: Duration::ZERO,
        })
    }

    /// The live session of a link, if there is one.
    #[must_use]
    pub fn live(&self, _link: LinkId) -> Option<(SessionId, CallId, Epoch)> {
        None
    }

    /// `session` is over; a later claim of its link has no earlier session. Late news of a
    /// replaced session changes nothing.
    pub fn release(&mut self, _link: LinkId, _session: SessionId) {}
}
