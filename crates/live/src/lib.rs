//! Meetings while people talk in them: the one task that owns a meeting, the door to it, who is there,
//! and the pages that wait to hear that something has changed.
//!
//! A socket, wherever it arrives, carries only what the browser said: [`Live::arrive`] takes its first
//! message, redeems the ticket or checks the resume secret, and gives a [`Line`] to the meeting's
//! owner; [`Voice::said`] and [`Voice::gone`] lead there, and what comes back is in the [`Inbox`]. The
//! owner hands what happens to [`call::Call`] and performs the effects, in order, without waiting.
//!
//! It refuses to know HTTP and SQL: media, records and what is one above all meetings are ports
//! ([`Media`], [`Rosters`], [`cluster::Cluster`]). It decides nothing about seats itself.

mod calls;
mod claimed;
mod clock;
mod counts;
mod door;
mod notices;
mod outbox;
mod owner;
mod ports;
mod prepared;
mod relay;

pub mod abroad;
pub mod news;
pub mod presence;
pub mod private;
pub mod roster;

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use call::{CallId, LinkId};
use cluster::Cluster;
use links::Keyring;
use tokio::sync::watch::Receiver;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use calls::Mailbox;
pub use clock::Clock;
pub use counts::Counts;
pub use door::{Gone, Line, Ready, Voice};
use news::{News, Standing};
pub use outbox::{End, Inbox, LastWord};
pub use ports::{Media, Note, Rosters, Unavailable};
use prepared::PreparedPeers;
use presence::Presence;
pub use relay::name as relay_name;

/// For how long after a page last asked it is still held to be open: as long as a question waits, and some
/// seconds for a slow line.
pub const OPEN: Duration = Duration::from_secs(30);

/// What may be set for meetings.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The most people seated at any instant, 1 to 4 (CALL-1).
    pub cap: u8,
    /// How long a lost connection keeps its seat or place (CALL-5).
    pub grace: Duration,
    /// How long a page that was closed keeps them: as long as it may take to load it again.
    pub closed_grace: Duration,
    /// One seat stays free until the parent has come (CALL-4).
    pub hold_seat_for_parent: bool,
    /// For how long guests of a room may be there without a member of it (ROOM-4).
    pub member_within: Duration,
    /// How often a browser says that it lives.
    pub heartbeat: Duration,
    /// Host and port of the relay over TLS, where there is one.
    pub relay_over_tls: Option<String>,
}

/// What the living part stands on.
pub struct Ports {
    /// Sound and picture.
    pub media: Arc<dyn Media>,
    /// Who may be in which meeting.
    pub rosters: Arc<dyn Rosters>,
    /// What is one above all meetings.
    pub cluster: Arc<dyn Cluster>,
}

/// All meetings of this program in which somebody is.
pub struct Live {
    rules: Rules,
    keyring: Keyring,
    ports: Ports,
    /// Pages that wait.
    pub news: Arc<News>,
    /// Who is where.
    pub presence: Presence,
    /// The peer connections that are ready for a press.
    prepared: PreparedPeers,
    /// The time since the program began.
    pub clock: Clock,
    closing: CancellationToken,
    tasks: TaskTracker,
    calls: Mutex<HashMap<CallId, Mailbox>>,
    sockets: AtomicU64,
    /// What is counted.
    pub counts: Counts,
    /// When an owner last broke off.
    broken: Mutex<Option<Instant>>,
}

impl std::fmt::Debug for Ports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ports")
    }
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Live")
    }
}

impl Live {
    /// Nobody is anywhere yet. Owners run as `tasks`, and end when `closing` is cancelled.
    #[must_use]
    pub fn new(
        rules: Rules,
        keyring: Keyring,
        ports: Ports,
        news: Arc<News>,
        clock: Clock,
        (closing, tasks): (CancellationToken, TaskTracker),
    ) -> Self {
        Self {
            rules,
            keyring,
            ports,
            presence: Presence::heard_by(news.abroad().cloned()),
            news,
            prepared: PreparedPeers::default(),
            clock,
            closing,
            tasks,
            calls: Mutex::default(),
            sockets: AtomicU64::new(0),
            counts: Counts::default(),
            broken: Mutex::default(),
        }
    }

    /// Whether a session of the link is live, at whichever node.
    #[must_use]
    pub fn is_in_use(&self, link: LinkId) -> bool {
        self.ports.cluster.is_in_use(link) || self.presence.is_seated(link)
    }

    /// Somebody who waits says that they are here for a meeting, or no longer, which the pages of `followers` show: these
    /// hear of it where it is news. Their page may wait at another node: it is open from this moment on.
    pub fn say_here(&self, (call, link): (CallId, LinkId), is_here: bool, followers: Vec<LinkId>) {
        let said = (is_here, followers.clone());
        let is_news = self
            .presence
            .say_here((call, link), said, |link| self.is_open(link));
        self.news.note_press(link);
        if is_news {
            self.news.tell(followers);
        }
    }

    /// Whether somebody is here for a meeting: they said so, their page is open, at whichever node, and they have not come in.
    #[must_use]
    pub fn is_here(&self, call: CallId, link: LinkId) -> bool {
        self.presence
            .is_here((call, link), |link| self.is_open(link))
    }

    /// Whether anybody is.
    #[must_use]
    pub fn is_anybody_here(&self, call: CallId) -> bool {
        self.presence
            .is_anybody_here(call, |link| self.is_open(link))
    }

    /// Whether a page of theirs is open at this node.
    fn is_open(&self, link: LinkId) -> bool {
        self.news.is_open(link, OPEN)
    }

    /// A page of a link waits here for changes, where no more than `most` do already.
    pub fn listen_once_more(&self, link: LinkId, most: usize) -> Option<Receiver<Standing>> {
        let listening = self.news.listen_once_more(link, most);
        self.presence.tell_open(link);
        listening
    }

    /// Whether the link was withdrawn since the program began.
    #[must_use]
    pub fn is_withdrawn(&self, link: LinkId) -> bool {
        self.ports.cluster.is_withdrawn(link)
    }
}
