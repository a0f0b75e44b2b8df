//! What a program knows of sessions, on its own or as one of several: which lives, where each is, what it
//! comes back by, and what is still to be written down.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use call::{CallId, Epoch, LinkId, Moment, Parting, Register, Session, SessionId, Whereabouts};
use jiff::Timestamp;
use links::ResumeSecrets;
use tokio::sync::{Mutex, mpsc, watch};
use tokio::time::timeout;

use crate::record::{SessionRecord, is_of, known, record};
use crate::truth::Placed;
use crate::{Known, Notice, Press, Seat, Standing, Term};

/// How many notices may wait. Whoever tells waits when it is full; who passes them on empties it.
const NOTICES: usize = 256;

/// The sessions that a program knows.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) register: Register,
    secrets: BTreeMap<SessionId, ResumeSecrets>,
    /// Links withdrawn since the program began: one that was read as living a moment before is
    /// dead all the same.
    pub(crate) dead: HashSet<LinkId>,
    /// The meetings that are owned here.
    pub(crate) owned: BTreeMap<CallId, Term>,
    /// Whom the owners of these meetings hold, as they said last.
    held: BTreeMap<CallId, Vec<SessionId>>,
    /// Sessions that were taken to be written down, and are not known to be.
    unwritten: BTreeSet<SessionId>,
}

impl Memory {
    /// Of a program that begins with these.
    pub(crate) fn of(register: Register, secrets: BTreeMap<SessionId, ResumeSecrets>) -> Self {
        Self {
            register,
            secrets,
            ..Self::default()
        }
    }

    fn secrets_of(&self, session: SessionId) -> ResumeSecrets {
        let secrets = self.secrets.get(&session).copied();
        secrets.unwrap_or(ResumeSecrets::begin())
    }

    pub(crate) fn known(&self, session: SessionId) -> Option<Known> {
        let it = self.register.session(session)?;
        Some(Known {
            press: Press {
                link: it.link,
                call: it.call,
                attempt: it.attempt,
            },
            secrets: self.secrets_of(session),
            parting: self.parting(session),
        })
    }

    /// Why a session is over, if it is. Whoever slept is told that another device goes on.
    pub(crate) fn parting(&self, session: SessionId) -> Option<Parting> {
        let known = self.register.session(session)?;
        let why = known.parting()?;
        let newer = self.register.live(known.link);
        let is_replaced = newer.is_some_and(|(live, _, _)| live > session);
        Some(if why == Parting::TimedOut && is_replaced {
            Parting::Replaced
        } else {
            why
        })
    }

    pub(crate) fn standing(&self, link: LinkId, session: SessionId) -> Standing {
        if self.dead.contains(&link) {
            return Standing::Withdrawn;
        }
        match self.register.live(link) {
            Some((live, _, _)) if live == session => Standing::Live,
            Some((live, _, _)) if live > session => Standing::Replaced,
            Some(_) | None if self.parting(session) == Some(Parting::Replaced) => {
                Standing::Replaced
            }
            Some(_) | None => Standing::Over,
        }
    }

    /// Everybody in a meeting, for its next owner.
    pub(crate) fn seats(&self, call: CallId) -> Vec<Seat> {
        let kept = self.register.kept(call).into_iter();
        let seats = kept.filter_map(|kept| {
            let known = self.known(kept.session)?;
            Some(Seat { kept, known })
        });
        seats.collect()
    }

    /// Everybody who has a seat or a place in any meeting.
    pub(crate) fn placed(&self) -> Vec<Placed> {
        let placed = self.register.placed();
        let placed = placed.filter_map(|session| {
            let known = self.register.session(session)?;
            Some(Placed {
                session,
                link: known.link,
                attempt: known.attempt,
            })
        });
        placed.collect()
    }

    /// Everybody that the meeting holds now, where that is its owner's term.
    pub(crate) fn keep(&mut self, call: CallId, term: Term, here: Vec<(SessionId, Whereabouts)>) {
        if self.owned.get(&call) == Some(&term) {
            let held = here.iter().map(|(session, _)| *session).collect();
            self.held.insert(call, held);
            self.register.arrange(call, here);
        }
    }

    /// The meeting has no owner here any more.
    pub(crate) fn disown(&mut self, call: CallId) {
        self.owned.remove(&call);
        self.held.remove(&call);
    }

    /// Whether nobody holds a session here that is over in the records, nor will: it is over here too, or of another press, or
    /// nothing is known of it.
    pub(crate) fn has_let_go(&self, over: &SessionRecord) -> bool {
        let known = self.register.session(over.session);
        let known = known.filter(|it| is_of(over, it));
        let mut held = self.held.values().flatten();
        known.is_none_or(|it| it.parting().is_some()) && held.all(|it| *it != over.session)
    }

    #[cfg(test)]
    pub(crate) fn holds_anybody(&self) -> bool {
        !self.held.is_empty()
    }

    /// Those whom an owner here holds, though they are over: their link, and their meeting.
    pub(crate) fn ghosts(&mut self) -> Vec<(SessionId, LinkId, CallId)> {
        let owned = &self.owned;
        self.held.retain(|call, _| owned.contains_key(call));
        let held = self.held.iter();
        let held = held.flat_map(|(call, held)| held.iter().map(|it| (*call, *it)));
        let ghosts = held.filter_map(|(call, session)| {
            let known = self.register.session(session)?;
            known.parting()?;
            Some((session, known.link, call))
        });
        ghosts.collect()
    }

    pub(crate) fn keep_secrets(&mut self, session: SessionId, secrets: ResumeSecrets) {
        if self.secrets.insert(session, secrets) != Some(secrets) {
            self.register.touch(session);
        }
    }

    /// A link is dead for ever; the meeting of its live session.
    pub(crate) fn withdraw(&mut self, link: LinkId) -> Option<CallId> {
        self.dead.insert(link);
        self.register.live(link).map(|(_, call, _)| call)
    }

    /// Takes up what is written down of a session. The owner of an older one of its link, in another meeting, is to
    /// hear of it: nobody else may have told.
    pub(crate) fn adopt(&mut self, it: &SessionRecord, now: Moment) -> Option<Notice> {
        let session = known(it);
        let before = self.register.live(session.link);
        let is_new = self.register.session(it.session).is_none();
        if is_new {
            self.secrets.insert(it.session, it.secrets);
        }
        self.register.adopt(it.session, session, now);
        let (older, call, _) = before?;
        let is_moved = is_new && older < it.session && call != session.call;
        is_moved.then_some(Notice::Moved {
            link: session.link,
            call,
            epoch: Epoch(it.session.0),
        })
    }

    /// Forgets whoever has a seat or a place in a call: it is another node's, or was.
    pub(crate) fn forget(&mut self, call: CallId) {
        self.register.forget(call);
        let register = &self.register;
        self.secrets
            .retain(|session, _| register.session(*session).is_some());
    }

    /// Forgets one session: the records know better.
    pub(crate) fn forget_session(&mut self, session: SessionId) {
        self.register.forget_session(session);
        self.secrets.remove(&session);
    }

    /// All that is to be written down, as it is at this moment. It comes again until it
    /// [is written](Self::are_written).
    pub(crate) fn take_changes(&mut self, (time, now): (Timestamp, Moment)) -> Vec<SessionRecord> {
        for session in std::mem::take(&mut self.unwritten) {
            self.register.touch(session);
        }
        let changed = self.register.take_changed();
        let records = changed.iter().filter_map(|(id, session)| {
            let secrets = self.secrets_of(*id);
            record(*id, session, secrets, (time, now))
        });
        let records: Vec<_> = records.collect();
        self.unwritten = records.iter().map(|it| it.session).collect();
        records
    }

    /// What was taken last is written down, or refused for good.
    pub(crate) fn are_written(&mut self) {
        self.unwritten.clear();
        // Forgotten sessions come first, by their numbers.
        while let Some(oldest) = self.secrets.first_entry()
            && self.register.session(*oldest.key()).is_none()
        {
            oldest.remove();
        }
    }

    /// Whether anything of such a session is not known to be written down.
    pub(crate) fn waits_to_be_written(&self, which: impl Fn(&Session) -> bool) -> bool {
        let changed = self.register.changed();
        let mut all = changed.chain(self.unwritten.iter().copied());
        all.any(|it| self.register.session(it).is_some_and(&which))
    }

    /// Whether anything of this session is not known to be written down.
    pub(crate) fn is_unwritten(&self, session: SessionId) -> bool {
        self.unwritten.contains(&session) || self.register.changed().any(|it| it == session)
    }

    /// Whether anything is not known to be written down.
    pub(crate) fn is_written(&self) -> bool {
        self.unwritten.is_empty() && !self.register.has_changed()
    }
}

/// How long anybody waits for something to be written down. Where the records cannot be written, they go on all the
/// same.
const WRITTEN_WITHIN: Duration = Duration::from_secs(1);

/// Wakes those who wait for something to be written down.
#[derive(Debug, Default)]
pub(crate) struct Written(watch::Sender<()>);

impl Written {
    /// All that was taken last is written down.
    pub(crate) fn tell(&self) {
        self.0.send_replace(());
    }

    /// Waits until it is no longer so, a second at most.
    pub(crate) async fn wait_while(&self, is_unwritten: impl Fn() -> bool) {
        let mut told = self.0.subscribe();
        let written = async { while is_unwritten() && told.changed().await.is_ok() {} };
        if timeout(WRITTEN_WITHIN, written).await.is_err() {
            tracing::warn!("a session is let in, though it is not written down");
        }
    }
}

/// Notices on their way to the one task that passes them on.
#[derive(Debug)]
pub(crate) struct Notices {
    tell: mpsc::Sender<Notice>,
    told: Mutex<mpsc::Receiver<Notice>>,
}

impl Default for Notices {
    fn default() -> Self {
        let (tell, told) = mpsc::channel(NOTICES);
        Self {
            tell,
            told: Mutex::new(told),
        }
    }
}

impl Notices {
    /// Tells whoever passes notices on here.
    pub(crate) async fn put(&self, notice: Notice) {
        if self.tell.send(notice).await.is_err() {
            tracing::error!("nobody is left to hear of what was done");
        }
    }

    pub(crate) async fn next(&self) -> Notice {
        // It cannot end: `self` holds the other end.
        match self.told.lock().await.recv().await {
            Some(notice) => notice,
            None => std::future::pending().await,
        }
    }
}
