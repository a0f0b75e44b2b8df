//! From a press on Join to a session, and from a resume secret back to it.
//!
//! It knows, above all calls, which session of a link is the live one and where each is, and by which
//! secrets they come back. Everything is under one short lock: no method waits, but the one that waits
//! until what was claimed is written down.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use call::{
    AttemptId, CallId, Claim, Epoch, Kept, LinkId, Moment, Parting, Register, Session, SessionId,
    TooSoon,
};
use jiff::{SignedDuration, Timestamp};
use links::{Keyring, NotResumed, Resumable, ResumeSecrets, SealedTicket, Secret, Ticket};
use school::MeetingId;
use store::{SessionRecord, Whereabouts};
use tokio::sync::{Notify, watch};
use tokio::time::timeout;
use wire::close::Close;
use wire::message::GoodbyeReason;

use crate::outbox::{LastWord, SocketNumber};
use crate::roster::link_of;

/// How many sessions a run of the program may begin: those of the next run are numbered above them.
/// Browsers read the numbers, so they stay below 2^53.
const SESSIONS_A_RUN: u64 = 1 << 30;

/// How long a claim that replaces a session waits to be written down. Where the records cannot be
/// written, it is let in all the same.
const WRITTEN_WITHIN: Duration = Duration::from_secs(1);

/// Who may join, and who may come back.
#[derive(Debug)]
pub(crate) struct Admissions {
    keyring: Keyring,
    state: Mutex<State>,
    /// Wakes whoever writes down what has changed.
    changed: Notify,
    /// How many changes are written down.
    written: watch::Sender<u64>,
}

#[derive(Debug)]
struct State {
    register: Register,
    secrets: BTreeMap<SessionId, ResumeSecrets>,
    /// Links withdrawn since the program began: one that was read as living a moment before is
    /// dead all the same.
    dead: HashSet<LinkId>,
    sockets: u64,
    /// How many times something has changed.
    changes: u64,
    /// Sessions that could not be written down.
    unwritten: BTreeSet<SessionId>,
}

/// A session for a press, and the number of the socket that asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Admission {
    pub(crate) call: CallId,
    pub(crate) link: LinkId,
    pub(crate) session: SessionId,
    pub(crate) epoch: Epoch,
    /// Whether the session began with this; else it is the one that the same press made before.
    pub(crate) is_new: bool,
    pub(crate) socket: SocketNumber,
    /// The call that holds an earlier session of the link.
    pub(crate) earlier: Option<CallId>,
    /// Whether the link has changed hands so often that its people should know.
    pub(crate) contested: bool,
    /// The number of the change that made it.
    change: u64,
}

/// The call that holds a returning session, and the number of the socket that asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Return {
    pub(crate) call: CallId,
    pub(crate) socket: SocketNumber,
}

/// Why no ticket is given.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NoTicket {
    /// The link was withdrawn a moment ago.
    Withdrawn,
    /// It goes from device to device too often (SESS-3).
    TooSoon(TooSoon),
}

/// How a session stands with its link.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Standing {
    /// It is the live one.
    Live,
    /// A newer one took over.
    Replaced,
    /// The link was withdrawn while it came here.
    Withdrawn,
    /// It is over, and no other took over.
    Over,
}

/// What is to be written down, and the number of the last change in it.
#[derive(Debug)]
pub(crate) struct Changes {
    pub(crate) records: Vec<SessionRecord>,
    number: u64,
}

impl Admissions {
    /// What was written down by the runs before this one, the `run`-th; and who is to be kept in which
    /// call.
    pub(crate) fn restored(
        keyring: Keyring,
        run: u64,
        records: &[SessionRecord],
        now: Moment,
    ) -> (Self, BTreeMap<CallId, Vec<Kept>>) {
        let above = run.saturating_sub(1).saturating_mul(SESSIONS_A_RUN);
        let sessions = records.iter().map(|it| (it.session, known(it)));
        let (register, kept) = Register::restored(above, sessions, now);
        let secrets = records.iter().map(|it| (it.session, it.secrets)).collect();
        let admissions = Self {
            keyring,
            state: Mutex::new(State {
                register,
                secrets,
                dead: HashSet::new(),
                sockets: 0,
                changes: 0,
                unwritten: BTreeSet::new(),
            }),
            changed: Notify::new(),
            written: watch::Sender::new(0),
        };
        admissions.note_change(&mut admissions.state());
        (admissions, kept)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic under this lock is a bug elsewhere; what it guards is whole at every step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whoever writes down hears of what may have changed.
    fn note_change(&self, state: &mut State) {
        if state.register.has_changed() {
            state.changes += 1;
            self.changed.notify_one();
        }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        self.note_change(&mut state);
        drop(state);
    }

    /// Whether a session of the link is live.
    pub(crate) fn is_in_use(&self, link: LinkId) -> bool {
        self.state().register.live(link).is_some()
    }

    /// Gives a ticket for a press on the way to `call`. It changes nothing for anybody
    /// (SESS-5).
    pub(crate) fn ticket(
        &self,
        link: links::LinkId,
        attempt: links::AttemptId,
        call: CallId,
        (now, moment): (Timestamp, Moment),
    ) -> Result<SealedTicket, NoTicket> {
        let state = self.state();
        if state.dead.contains(&link_of(link)) {
            return Err(NoTicket::Withdrawn);
        }
        let register = &state.register;
        register
            .check(link_of(link), call, AttemptId(attempt.0), moment)
            .map_err(NoTicket::TooSoon)?;
        drop(state);
        let life = u64::try_from(Ticket::LIFE.as_millis()).unwrap_or(u64::MAX);
        let ticket = Ticket {
            link,
            meeting: call.0,
            attempt,
            until: milliseconds(now).saturating_add(life),
        };
        Ok(ticket.seal(&self.keyring))
    }

    /// Reads a ticket that is shown. It changes nothing yet.
    pub(crate) fn read(&self, ticket: &str, now: Timestamp) -> Result<Ticket, LastWord> {
        let ticket = Ticket::open(&self.keyring, ticket, milliseconds(now));
        ticket.map_err(|_bad| Close::BadTicket.into())
    }

    /// A link is dead for ever: its tickets are void, and the call of its live session, where
    /// there is one, is to hear of it (LINK-2).
    pub(crate) fn withdraw(&self, link: links::LinkId) -> Option<CallId> {
        let mut state = self.state();
        state.dead.insert(link_of(link));
        state.register.live(link_of(link)).map(|(_, call, _)| call)
    }

    /// Whether the link was withdrawn since the program began.
    pub(crate) fn is_dead(&self, link: links::LinkId) -> bool {
        self.state().dead.contains(&link_of(link))
    }

    /// The same, of a link as the rules of calls know it.
    pub(crate) fn is_withdrawn(&self, link: LinkId) -> bool {
        self.state().dead.contains(&link)
    }

    /// Redeems a ticket: the one way to a new session.
    pub(crate) fn admit(&self, ticket: &Ticket, now: Moment) -> Result<Admission, LastWord> {
        let (link, call) = (link_of(ticket.link), CallId(ticket.meeting));
        let mut state = self.state();
        if state.dead.contains(&link) {
            return Err(GoodbyeReason::Withdrawn.into());
        }
        let claim = state
            .register
            .claim(link, call, AttemptId(ticket.attempt.0), now)
            .map_err(|_too_soon| LastWord::from(Close::TooManyJoins))?;
        let is_new = matches!(claim, Claim::New { .. });
        let (session, epoch, earlier, contested) = match claim {
            Claim::New {
                session,
                epoch,
                earlier,
                contested,
            } => (session, epoch, earlier.map(|it| it.call), contested),
            Claim::Again { session, epoch } => (session, epoch, None, false),
            Claim::Over(parting) => return Err(word_to_the_late(parting)),
        };
        self.note_change(&mut state);
        Ok(Admission {
            call,
            link,
            session,
            epoch,
            is_new,
            socket: state.next_socket(),
            earlier,
            contested,
            change: state.changes,
        })
    }

    /// Waits until a claim that replaces somebody is written down: killed now, the program would take
    /// back who was replaced when it begins again.
    pub(crate) async fn is_written(&self, admission: &Admission) {
        if admission.earlier.is_none() {
            return;
        }
        let mut written = self.written.subscribe();
        let is_written = written.wait_for(|number| *number >= admission.change);
        if timeout(WRITTEN_WITHIN, is_written).await.is_err() {
            tracing::warn!(
                session = admission.session.0,
                "it is let in, though it is not written down"
            );
        }
    }

    /// Finds the call of a session that comes back with its secret.
    pub(crate) fn come_back(&self, session: SessionId, secret: &str) -> Result<Return, LastWord> {
        self.check(session, secret)?;
        let mut state = self.state();
        let known = state.register.session(session).ok_or(Close::NoSession)?;
        Ok(Return {
            call: known.call,
            socket: state.next_socket(),
        })
    }

    /// The first resume secret of a session that joins; a join that is retried begins anew.
    pub(crate) fn first_secret(&self, session: SessionId) -> Option<Secret> {
        self.with_secrets(session, |secrets| match secrets {
            None => *secrets = Some(ResumeSecrets::begin()),
            Some(secrets) => secrets.renew(),
        })
    }

    /// Whether `presented` brings this session back now.
    pub(crate) fn check(&self, session: SessionId, presented: &str) -> Result<(), LastWord> {
        self.shown(session, presented)?;
        match self.state().parting(session) {
            None => Ok(()),
            Some(parting) => Err(word_to_the_late(parting)),
        }
    }

    fn shown(&self, session: SessionId, presented: &str) -> Result<links::Shown, LastWord> {
        let state = self.state();
        let (whose, secrets) = state.resumable(session).ok_or(Close::NoSession)?;
        drop(state);
        secrets
            .check(&self.keyring, whose, presented)
            .map_err(|refused| match refused {
                // Another page continued the session with it since.
                NotResumed::UsedUp => GoodbyeReason::Replaced.into(),
                NotResumed::Unknown => Close::NoSession.into(),
            })
    }

    /// The next resume secret of a session that came back; the one presented works until
    /// [`Self::confirm`].
    pub(crate) fn next_secret(&self, session: SessionId, presented: &str) -> Option<Secret> {
        let shown = self.shown(session, presented).ok()?;
        self.with_secrets(session, |secrets| {
            if let Some(secrets) = secrets {
                secrets.rotate(&shown);
            }
        })
    }

    /// The browser has the newest secret: the one before is dead.
    pub(crate) fn confirm(&self, session: SessionId) {
        self.change(|state| {
            if let Some(secrets) = state.secrets.get_mut(&session) {
                let before = *secrets;
                secrets.confirm();
                if *secrets != before {
                    state.register.touch(session);
                }
            }
        });
    }

    /// Changes a session's secrets, and gives the newest.
    fn with_secrets(
        &self,
        session: SessionId,
        change: impl FnOnce(&mut Option<ResumeSecrets>),
    ) -> Option<Secret> {
        let mut state = self.state();
        let mut secrets = state.secrets.get(&session).copied();
        change(&mut secrets);
        state.secrets.insert(session, secrets?);
        state.register.touch(session);
        self.note_change(&mut state);
        let (whose, secrets) = state.resumable(session)?;
        drop(state);
        Some(secrets.newest(&self.keyring, whose))
    }

    /// How a session that asks to join stands with its link.
    pub(crate) fn standing(&self, link: LinkId, session: SessionId) -> Standing {
        let state = self.state();
        if state.dead.contains(&link) {
            return Standing::Withdrawn;
        }
        match state.register.live(link) {
            Some((live, _, _)) if live == session => Standing::Live,
            Some((live, _, _)) if live > session => Standing::Replaced,
            Some(_) | None => Standing::Over,
        }
    }

    /// Everybody whom `call` holds now, and where.
    pub(crate) fn arrange(
        &self,
        call: CallId,
        here: impl IntoIterator<Item = (SessionId, call::Whereabouts)>,
    ) {
        self.change(|state| state.register.arrange(call, here));
    }

    /// `session` is over; its call says so, and nobody else does.
    pub(crate) fn release(&self, session: SessionId, parting: Parting, now: Moment) {
        self.change(|state| state.register.release(session, parting, now));
    }

    /// Waits until something is to be written down.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// All that is to be written down, as it is at this moment.
    pub(crate) fn changes(&self, (now, moment): (Timestamp, Moment)) -> Changes {
        let mut state = self.state();
        let unwritten = std::mem::take(&mut state.unwritten);
        for session in unwritten {
            state.register.touch(session);
        }
        let changed = state.register.take_changed();
        let records = changed.iter().filter_map(|(id, session)| {
            let secrets = state.secrets.get(id).copied();
            let secrets = secrets.unwrap_or(ResumeSecrets::begin());
            record(*id, session, secrets, (now, moment))
        });
        Changes {
            records: records.collect(),
            number: state.changes,
        }
    }

    /// They are written down, or are to be with the next ones.
    pub(crate) fn are_written(&self, changes: &Changes, is_done: bool) {
        let mut state = self.state();
        if is_done {
            state.forget_secrets();
            drop(state);
            self.written.send_replace(changes.number);
        } else {
            let sessions = changes.records.iter().map(|it| it.session);
            state.unwritten.extend(sessions);
        }
    }
}

impl State {
    fn resumable(&self, session: SessionId) -> Option<(Resumable, ResumeSecrets)> {
        let known = self.register.session(session)?;
        let whose = Resumable {
            session: session.0,
            link: links::LinkId::from_number(known.link.0)?,
            attempt: links::AttemptId(known.attempt.0),
        };
        Some((whose, *self.secrets.get(&session)?))
    }

    /// Why a session is over, if it is. Whoever slept is told that another device goes on.
    fn parting(&self, session: SessionId) -> Option<Parting> {
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

    /// Forgets the secrets of sessions that are forgotten: they come first, by their numbers.
    fn forget_secrets(&mut self) {
        while let Some(oldest) = self.secrets.first_entry()
            && self.register.session(*oldest.key()).is_none()
        {
            oldest.remove();
        }
    }

    const fn next_socket(&mut self) -> SocketNumber {
        self.sockets += 1;
        SocketNumber(self.sockets)
    }
}

/// Milliseconds since 1970.
fn milliseconds(now: Timestamp) -> u64 {
    u64::try_from(now.as_millisecond()).unwrap_or(0)
}

/// What was written down of a session. When it ended is not before the program began.
fn known(record: &SessionRecord) -> Session {
    let whereabouts = match record.whereabouts {
        Whereabouts::Coming => call::Whereabouts::Coming,
        Whereabouts::Seated(seat) => call::Whereabouts::Seated(seat),
        Whereabouts::Waiting(place) => call::Whereabouts::Waiting(place),
        Whereabouts::Over { why, since: _ } => call::Whereabouts::Over {
            why,
            since: Moment::default(),
        },
    };
    Session {
        link: link_of(record.link),
        call: CallId(record.meeting.0),
        attempt: AttemptId(record.attempt.0),
        whereabouts,
    }
}

/// What is written down of a session; nothing of a link that cannot be.
fn record(
    id: SessionId,
    session: &Session,
    secrets: ResumeSecrets,
    (now, moment): (Timestamp, Moment),
) -> Option<SessionRecord> {
    let whereabouts = match session.whereabouts {
        call::Whereabouts::Coming => Whereabouts::Coming,
        call::Whereabouts::Seated(seat) => Whereabouts::Seated(seat),
        call::Whereabouts::Waiting(place) => Whereabouts::Waiting(place),
        call::Whereabouts::Over { why, since } => {
            let ago = SignedDuration::try_from(moment.since(since)).unwrap_or_default();
            let since = now.checked_sub(ago).unwrap_or(now);
            Whereabouts::Over { why, since }
        }
    };
    Some(SessionRecord {
        session: id,
        link: links::LinkId::from_number(session.link.0)?,
        meeting: MeetingId(session.call.0),
        attempt: links::AttemptId(session.attempt.0),
        secrets,
        whereabouts,
    })
}

/// What somebody hears who comes back to a session that is over.
pub(crate) const fn word_to_the_late(parting: Parting) -> LastWord {
    let (goodbye, close) = match parting {
        Parting::Replaced => (Some(GoodbyeReason::Replaced), Close::Replaced),
        Parting::Withdrawn => (Some(GoodbyeReason::Withdrawn), Close::Withdrawn),
        Parting::Disconnected => (Some(GoodbyeReason::Disconnected), Close::Disconnected),
        Parting::Ended => (Some(GoodbyeReason::Ended), Close::Ended),
        Parting::TimeUp => (Some(GoodbyeReason::TimeUp), Close::TimeUp),
        Parting::Left | Parting::TimedOut => (None, Close::NoSession),
    };
    LastWord { goodbye, close }
}
