//! The records that all nodes share, as [`crate::Shared`] asks them.

use std::fmt;

use call::{AttemptId, CallId, LinkId, SessionId, TooSoon};
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::bus::RedisRun;
use crate::decide::Decided;
use crate::record::SessionRecord;
use crate::{Press, Term};

/// One run of one node: random, and never again.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Boot(pub u128);

impl fmt::Display for Boot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// The records cannot be asked just now.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Unavailable(#[from] pub Box<dyn std::error::Error + Send + Sync>);

/// What the records answer.
pub type Asked<'a, T> = BoxFuture<'a, Result<T, Unavailable>>;

/// A meeting that is this run's, and everybody who has a seat or a place in it.
pub type Owned = (Term, Vec<SessionRecord>);

/// A node that runs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Node {
    /// Which run.
    pub boot: Boot,
    /// As it is called in its settings.
    pub name: String,
    /// Where other nodes reach it: host and port.
    pub address: String,
}

/// Whose a meeting is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Home {
    /// Nobody's, or that of a run that is known to have ended.
    Nobody,
    /// Of this run.
    At(Node),
}

/// A run that is not held to be gone, and may hold a session that is over by now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Holder {
    /// Which run.
    pub boot: Boot,
    /// The meeting in which the session was.
    pub call: CallId,
}

/// What comes of asking for a meeting.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Owning {
    /// It is this run's.
    Owned(Owned),
    /// It is another's; or this run is held to be gone.
    Elsewhere,
}

/// Why a press is given no session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unclaimed {
    /// Its link goes from device to device too often (SESS-3).
    TooSoon(TooSoon),
    /// The meeting is another run's, or this run is held to be gone: what it says of a meeting of the past counts for
    /// nothing.
    Elsewhere,
}

/// A run that is not held to be gone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Living {
    /// Which.
    pub node: Node,
    /// How often it has said that it lives.
    pub beat: u64,
    /// Which Redis vouches for it: nobody may hold it to be gone whom that one has not told so.
    pub redis: Option<RedisRun>,
    /// Its number: runs that begin later have higher ones.
    pub serial: u64,
    /// [`Said::knows`].
    pub knows: u64,
}

/// A session that a node holds to be live. Its number alone is not enough: records that have lost what was written last, as
/// where a replica has taken over, may have given it to another since.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Placed {
    /// Which.
    pub session: SessionId,
    /// Whose.
    pub link: LinkId,
    /// The press that made it.
    pub attempt: AttemptId,
}

/// What a node says of itself when it says that it lives.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Said {
    /// [`Living::redis`].
    pub redis: Option<RedisRun>,
    /// The highest number of the runs it has heard of.
    pub knows: u64,
    /// The meetings that it holds to be its own.
    pub owned: Vec<(CallId, Term)>,
    /// Who has a seat or a place in them.
    pub placed: Vec<Placed>,
    /// Those of the sessions that it has heard to be [over](Renewed::over) which nobody holds here, nor will.
    pub let_go: Vec<SessionId>,
}

/// What a node hears when it says that it lives.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Renewed {
    /// The time by the clock of the records.
    pub now: Timestamp,
    /// Others hold this run to be gone: what it owned is theirs.
    pub is_gone: bool,
    /// All that are not held to be gone, by their names; this one too.
    pub living: Vec<Living>,
    /// Those of the meetings it said that are not its own, in that term.
    pub lost: Vec<CallId>,
    /// Those that are its own, in these terms, and that it did not say.
    pub unsaid: Vec<(CallId, Term)>,
    /// Those of the sessions it said that are over, and all others that are and were its own to write: until it has
    /// [let go](Said::let_go) of these.
    pub over: Vec<SessionRecord>,
    /// Those of the sessions it said of which there is no row: new ones have higher numbers from now on.
    pub unknown: Vec<SessionId>,
    /// Who has a seat or a place in its meetings, and is none of those it said.
    pub strangers: Vec<SessionRecord>,
}

/// A session that was not written down.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Refused {
    /// Which.
    pub session: SessionId,
    /// How it stands, where it is known at all.
    pub stands: Option<SessionRecord>,
    /// Whether it is this run's to write: its seat is another's, and nothing else is wrong.
    pub is_ours: bool,
}

/// The records that all nodes share. Each method is one transaction: done for all of them, or for none.
pub trait Truth: Send + Sync + fmt::Debug + 'static {
    /// A run begins, and is made known. Of earlier runs of its name nothing is known by that: one that was cut off
    /// may live.
    fn begin(&self, node: Node) -> Asked<'_, Renewed>;

    /// A run says that it lives. One that is held to be gone stays so, and changes nothing.
    fn renew(&self, boot: Boot, said: Said) -> Asked<'_, Renewed>;

    /// This run ends: what it owns is anybody's.
    fn end(&self, boot: Boot) -> Asked<'_, ()>;

    /// What [`crate::decide`] makes of a press and all that is kept of its link, written down. The session is that
    /// run's to write from then on, until another owns its meeting or claims it.
    fn claim(
        &self,
        press: Press,
        boot: Boot,
        now: Timestamp,
    ) -> Asked<'_, Result<Decided, Unclaimed>>;

    /// Whether [`Self::claim`] would be refused.
    fn check(&self, press: Press, now: Timestamp) -> Asked<'_, Result<(), TooSoon>>;

    /// A session, and whether a newer one of its link lives.
    fn session(&self, session: SessionId) -> Asked<'_, Option<(SessionRecord, bool)>>;

    /// Nothing that a run writes counts any more, where it has said nothing since that beat; whether it is
    /// so. It waits for what the run is just writing.
    fn hold_gone(&self, boot: Boot, beat: u64) -> Asked<'_, bool>;

    /// Makes a meeting this run's, where it is nobody's, and all that live in it this run's to write.
    fn own(&self, call: CallId, boot: Boot) -> Asked<'_, Owning>;

    /// Whose a meeting is.
    fn home(&self, call: CallId) -> Asked<'_, Home>;

    /// Which runs may hold an older session of the link than this, in another meeting than that: one that was theirs to write,
    /// and of which they have said neither that it is over nor that they have [let go](Said::let_go) of it.
    fn holders(&self, link: LinkId, below: SessionId, but: CallId) -> Asked<'_, Vec<Holder>>;

    /// Writes down how these sessions stand, but those that are over already, those that are another's to
    /// write, and all of them where this run is held to be gone.
    fn keep(&self, boot: Boot, records: Vec<SessionRecord>) -> Asked<'_, Vec<Refused>>;

    /// The meeting is nobody's, where it was this run's in that term.
    fn leave(&self, call: CallId, boot: Boot, term: Term) -> Asked<'_, ()>;
}
