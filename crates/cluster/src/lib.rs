//! What is one above all meetings: which session of a link is the live one, who owns a meeting, and
//! who sits and waits in it, kept so that its next owner begins where the last one ended (SESS-7,
//! SESS-8).
//!
//! [`Cluster`] is the port; [`Alone`] is a program on its own, [`Shared`] is one of several nodes, and
//! [`conformance`] is what both have to pass. It refuses to know what a socket, a message and a
//! database are: whoever runs [`Alone`] writes down what it says has changed, and the records that
//! nodes share are a port of their own ([`Truth`]).
//!
//! What waits is what another node may have to be asked for. What does not is what a node knows of
//! the sessions that it owns, or an order: an owner never waits.

mod alone;
mod bus;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod decide;
mod lease;
mod memory;
mod peers;
mod record;
mod shared;
mod truth;
mod turns;

use call::{AttemptId, CallId, Claim, Epoch, Kept, LinkId, Moment, Parting, SessionId, TooSoon};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use links::ResumeSecrets;

pub use alone::Alone;
pub use bus::{Bus, BusError, Denial, Fast, Lease, RedisRun, Unfit};
pub use decide::{Decided, check, decide};
pub use lease::{ALONE, BEAT, RIGHT, Right, SILENCE, Silent, Watch};
pub use peers::Peers;
pub use record::{SessionRecord, Whereabouts};
pub use shared::{Ended, Heard, Shared};
pub use truth::{
    Asked, Boot, Holder, Home, Living, Node, Owned, Owning, Placed, Refused, Renewed, Said, Truth,
    Unavailable, Unclaimed,
};
pub use turns::{IsFor, Turns};

/// A press on Join, on the way to a meeting.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Press {
    /// The link that was opened.
    pub link: LinkId,
    /// The meeting that it asks for.
    pub call: CallId,
    /// Its name, however often it is retried.
    pub attempt: AttemptId,
}

/// Why nothing is claimed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NotClaimed {
    /// The link is dead for ever.
    Withdrawn,
    /// It goes from device to device too often (SESS-3).
    TooSoon(TooSoon),
    /// The meeting is another node's by now.
    Elsewhere,
    /// What is above all nodes cannot be asked just now.
    Unavailable,
}

/// How a session stands with its link.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// It is the live one.
    Live,
    /// A newer one took over.
    Replaced,
    /// The link was withdrawn.
    Withdrawn,
    /// It is over, and no other took over.
    Over,
}

/// What is known of a session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Known {
    /// Whose, and the press that made it.
    pub press: Press,
    /// How far its resume secrets have come.
    pub secrets: ResumeSecrets,
    /// Why it is over, if it is. Whoever slept is told that another device goes on.
    pub parting: Option<Parting>,
}

/// One owner's time with a meeting. Terms rise: what an owner of the past says counts for nothing.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Term(pub u64);

/// Somebody in a meeting whose owner ended, for its next one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Seat {
    /// Who, and where.
    pub kept: Kept,
    /// What they come back by.
    pub known: Known,
}

/// What an owner hears that was done elsewhere.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Notice {
    /// A link is dead for ever; this is the meeting of its live session, where it had one.
    Withdrawn {
        /// The link.
        link: LinkId,
        /// The meeting.
        call: Option<CallId>,
    },
    /// A newer session of a link began in another meeting than this.
    Moved {
        /// The link.
        link: LinkId,
        /// The meeting that holds the older one.
        call: CallId,
        /// Of the newer one.
        epoch: Epoch,
    },
    /// What the records say of a meeting has changed.
    Changed {
        /// Which.
        call: CallId,
    },
    /// A meeting is another node's from now on: nothing that is done here in it counts.
    Lost {
        /// Which.
        call: CallId,
    },
}

/// Why a meeting is not owned here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NotOwned {
    /// Another node owns it.
    Elsewhere,
    /// What is above all nodes cannot be asked just now.
    Unavailable,
}

/// What is one above all meetings, and above all nodes.
pub trait Cluster: Send + Sync + std::fmt::Debug + 'static {
    /// Whether a claim would be refused now. It claims nothing.
    ///
    /// # Errors
    ///
    /// [`NotClaimed`] where [`Self::claim`] would say so.
    fn check(&self, press: Press, now: Moment) -> BoxFuture<'_, Result<(), NotClaimed>>;

    /// Makes a session of a press the live one of its link, with a higher epoch than any before; the
    /// same press again is given the same session. What it replaces is written down before this
    /// answers, and hears of it by [`Notice::Moved`] where it is in another meeting.
    fn claim(&self, press: Press, now: Moment) -> BoxFuture<'_, Result<Claim, NotClaimed>>;

    /// What is known of a session that comes back.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] where nobody can say just now.
    fn find(&self, session: SessionId) -> BoxFuture<'_, Result<Option<Known>, Unavailable>>;

    /// The time by which all nodes go, where this machine's clock shows `own`.
    fn time(&self, own: Timestamp, now: Moment) -> Timestamp;

    /// Why a session that was owned here is over, if it is.
    fn parting(&self, session: SessionId) -> Option<Parting>;

    /// How a session that asks to be let in stands with its link.
    fn standing(&self, link: LinkId, session: SessionId) -> Standing;

    /// Whether a session of the link is live.
    fn is_in_use(&self, link: LinkId) -> bool;

    /// Whether the link was withdrawn since the program began.
    fn is_withdrawn(&self, link: LinkId) -> bool;

    /// Begins to own a meeting: who was in it when its last owner ended.
    ///
    /// # Errors
    ///
    /// [`NotOwned`] where it is another node's, or nobody can say whose it is.
    fn own(&self, call: CallId) -> BoxFuture<'_, Result<(Term, Vec<Seat>), NotOwned>>;

    /// Whether the owner of that term may act now: nobody else can have the meeting. It is asked before
    /// anything is done, however long the program stood still before.
    fn may_act(&self, call: CallId, term: Term, now: Moment) -> bool;

    /// Everybody that the meeting holds now, and where.
    fn keep(&self, call: CallId, term: Term, here: Vec<(SessionId, call::Whereabouts)>);

    /// Waits until what is kept of a session is written down, a second at most: whoever hears that they have a seat or a place
    /// is to find it again, whatever becomes of the program. Where the records cannot be written, they hear all the same.
    fn written(&self, session: SessionId) -> BoxFuture<'_, ()>;

    /// How far the resume secrets of a session have come.
    fn keep_secrets(&self, session: SessionId, secrets: ResumeSecrets);

    /// A session is over; its owner says so, and nobody else does. Of one that was over already, and
    /// of its link's newer one, nothing changes.
    fn release(&self, session: SessionId, why: Parting, now: Moment);

    /// Nobody is in the meeting any more: it has no owner.
    fn leave(&self, call: CallId, term: Term) -> BoxFuture<'_, ()>;

    /// A link is dead for ever (LINK-2): [`Notice::Withdrawn`] tells all.
    fn withdraw(&self, link: LinkId) -> BoxFuture<'_, ()>;

    /// Tells all.
    fn tell(&self, notice: Notice) -> BoxFuture<'_, ()>;

    /// The next notice, for the one task that passes them on. None is lost.
    fn next_notice(&self) -> BoxFuture<'_, Notice>;
}
