//! From a press on Join to a session, and from a resume secret back to it.
//!
//! It knows, above all calls, which session of a link is the live one, which ticket stands for
//! which press, and what a session needs to come back. Everything is under one short lock: no
//! method waits.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use call::{
    AttemptId, CallId, Claim, Directory, Epoch, LinkId, Moment, Parting, SessionId, TooSoon,
};
use links::{NotResumed, ResumeSecrets, Secret, Tickets};
use wire::close::Close;
use wire::message::GoodbyeReason;

use crate::outbox::{LastWord, SocketNumber};
use crate::roster::link_of;

/// For how long a session that is over is remembered, so that a laptop that slept is told why.
const MEMORY: Duration = Duration::from_hours(24);

/// How many sessions that are over are remembered; then the oldest are forgotten.
const REMEMBERED: usize = 50_000;

/// How many tickets may be out; with one more, the oldest is void.
const TICKETS: usize = 100_000;

/// Who may join, and who may come back.
#[derive(Debug)]
pub(crate) struct Admissions {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    directory: Directory,
    tickets: Tickets,
    sessions: BTreeMap<SessionId, Known>,
    over: VecDeque<(Moment, SessionId)>,
    /// Links withdrawn since the program began: one that was read as living a moment before is
    /// dead all the same.
    dead: HashSet<LinkId>,
    sockets: u64,
}

#[derive(Debug)]
struct Known {
    call: CallId,
    secrets: Option<ResumeSecrets>,
    over: Option<Parting>,
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
    /// Another call that holds an earlier session of the link, and must hear of this one.
    pub(crate) elsewhere: Option<CallId>,
    /// Whether the link has changed hands so often that its people should know.
    pub(crate) contested: bool,
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

impl Admissions {
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                directory: Directory::default(),
                tickets: Tickets::new(TICKETS),
                sessions: BTreeMap::new(),
                over: VecDeque::new(),
                dead: HashSet::new(),
                sockets: 0,
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic under this lock is a bug elsewhere; what it guards is whole at every step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a session of the link is live.
    pub(crate) fn is_in_use(&self, link: LinkId) -> bool {
        self.state().directory.live(link).is_some()
    }

    /// Gives a ticket for a press on the way to `call`. It changes nothing for anybody else
    /// (SESS-5).
    pub(crate) fn ticket(
        &self,
        link: links::LinkId,
        attempt: links::AttemptId,
        call: CallId,
        now: Moment,
    ) -> Result<Secret, NoTicket> {
        let mut state = self.state();
        if state.dead.contains(&link_of(link)) {
            return Err(NoTicket::Withdrawn);
        }
        state
            .directory
            .check(link_of(link), call, AttemptId(attempt.0), now)
            .map_err(NoTicket::TooSoon)?;
        Ok(state
            .tickets
            .mint(link, attempt, call.0, now.0, &mut ambient::rng()))
    }

    /// A link is dead for ever: its tickets are void, and the call of its live session, where
    /// there is one, is to hear of it (LINK-2).
    pub(crate) fn withdraw(&self, link: links::LinkId) -> Option<CallId> {
        let mut state = self.state();
        state.dead.insert(link_of(link));
        state.tickets.withdraw(link);
        state.directory.live(link_of(link)).map(|(_, call, _)| call)
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
    pub(crate) fn admit(&self, ticket: &str, now: Moment) -> Result<Admission, LastWord> {
        let mut state = self.state();
        let ticket = state
            .tickets
            .redeem(ticket, now.0)
            .map_err(|_refused| LastWord::from(Close::BadTicket))?;
        let link = link_of(ticket.link);
        let call = CallId(ticket.call);
        let claim = state
            .directory
            .claim(link, call, AttemptId(ticket.attempt.0), now)
            .map_err(|_too_soon| LastWord::from(Close::TooManyJoins))?;
        let is_new = matches!(claim, Claim::New { .. });
        let (session, epoch, elsewhere, contested) = match claim {
            Claim::New {
                session,
                epoch,
                earlier,
                contested,
            } => {
                let elsewhere = earlier
                    .map(|earlier| earlier.call)
                    .filter(|other| *other != call);
                state.sessions.insert(
                    session,
                    Known {
                        call,
                        secrets: None,
                        over: None,
                    },
                );
                (session, epoch, elsewhere, contested)
            }
            Claim::Again { session, epoch } => (session, epoch, None, false),
            Claim::Replaced => return Err(GoodbyeReason::Replaced.into()),
        };
        Ok(Admission {
            call,
            link,
            session,
            epoch,
            is_new,
            socket: state.next_socket(),
            elsewhere,
            contested,
        })
    }

    /// Finds the call of a session that comes back with its secret.
    pub(crate) fn come_back(&self, session: SessionId, secret: &str) -> Result<Return, LastWord> {
        let mut state = self.state();
        let known = state.check(session, secret)?;
        let call = known.call;
        match known.over {
            None => Ok(Return {
                call,
                socket: state.next_socket(),
            }),
            Some(parting) => Err(word_to_the_late(parting)),
        }
    }

    /// The first resume secret of a session that joins; a join that is retried begins anew.
    pub(crate) fn first_secret(&self, session: SessionId) -> Option<Secret> {
        let (secrets, first) = ResumeSecrets::begin(&mut ambient::rng());
        self.state().sessions.get_mut(&session)?.secrets = Some(secrets);
        Some(first)
    }

    /// Whether `presented` brings this session back now.
    pub(crate) fn check(&self, session: SessionId, presented: &str) -> Result<(), LastWord> {
        self.state().check(session, presented).map(|_known| ())
    }

    /// The next resume secret of a session that came back; the one presented works until
    /// [`Self::confirm`].
    pub(crate) fn next_secret(&self, session: SessionId, presented: &str) -> Option<Secret> {
        self.state().next_secret(session, presented)
    }

    /// The browser has the newest secret: the one before is dead.
    pub(crate) fn confirm(&self, session: SessionId) {
        if let Some(known) = self.state().sessions.get_mut(&session)
            && let Some(secrets) = &mut known.secrets
        {
            secrets.confirm();
        }
    }

    /// How a session that asks to join stands with its link.
    pub(crate) fn standing(&self, link: LinkId, session: SessionId) -> Standing {
        let state = self.state();
        if state.dead.contains(&link) {
            return Standing::Withdrawn;
        }
        match state.directory.live(link) {
            Some((live, _, _)) if live == session => Standing::Live,
            Some((live, _, _)) if live > session => Standing::Replaced,
            Some(_) | None => Standing::Over,
        }
    }

    /// `session` is over; its call says so, and nobody else does.
    pub(crate) fn release(&self, link: LinkId, session: SessionId, parting: Parting, now: Moment) {
        self.state().release(link, session, parting, now);
    }
}

impl State {
    fn check(&self, session: SessionId, presented: &str) -> Result<&Known, LastWord> {
        let known = self.sessions.get(&session).ok_or(Close::NoSession)?;
        let secrets = known.secrets.as_ref().ok_or(Close::NoSession)?;
        match secrets.check(presented) {
            Ok(_shown) => Ok(known),
            // Another page continued the session with it since.
            Err(NotResumed::UsedUp) => Err(GoodbyeReason::Replaced.into()),
            Err(NotResumed::Unknown) => Err(Close::NoSession.into()),
        }
    }

    fn next_secret(&mut self, session: SessionId, presented: &str) -> Option<Secret> {
        let secrets = self.sessions.get_mut(&session)?.secrets.as_mut()?;
        let shown = secrets.check(presented).ok()?;
        Some(secrets.rotate(shown, &mut ambient::rng()))
    }

    fn release(&mut self, link: LinkId, session: SessionId, parting: Parting, now: Moment) {
        self.directory.release(link, session);
        if let Some(known) = self.sessions.get_mut(&session)
            && known.over.is_none()
        {
            known.over = Some(parting);
            self.over.push_back((now, session));
        }
        while let Some((since, oldest)) = self.over.front().copied()
            && (self.over.len() > REMEMBERED || now.since(since) > MEMORY)
        {
            self.over.pop_front();
            self.sessions.remove(&oldest);
        }
    }

    const fn next_socket(&mut self) -> SocketNumber {
        self.sockets += 1;
        SocketNumber(self.sockets)
    }
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
