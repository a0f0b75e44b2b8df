//! The one task that owns a call.
//!
//! It hands what happens to [`Call`] and performs the effects in order. It never waits: to say
//! something is to put it in an outbox, and what the media plane answers comes back as one more
//! thing that happened.

mod arrive;
mod attend;
mod media;
mod perform;
mod pictures;
mod restored;
mod talk;
mod tell;

use std::collections::{HashMap, HashSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use call::{
    Call, CallId, Epoch, Event, Kept, LinkId, Moment, Parting, Rules, SeatNumber, SessionId,
    TalkEvent, Whereabouts,
};
use cluster::{NotOwned, Press, Term};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use links::ResumeSecrets;
use sfu::{Paused, PeerKey};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use wire::close::Close;
use wire::http::teacher::Presence;
use wire::message::{ClientMessage, GoodbyeReason, RefusedCode, Sends, ServerMessage};

use crate::Live;
use crate::claimed::Claimed;
use crate::door::{self, Asked, Gone};
use crate::outbox::{LastWord, Outbox, SocketNumber};
use crate::ports::Note;
use crate::prepared::Prepared;
use crate::private::Private;
use crate::roster::Roster;
pub(crate) use media::ANSWER_WITHIN;
use media::{Answered, Answering};
use restored::restore;
use talk::TalkClock;

/// How often an owner is begun anew that breaks off again and again, and the time after which that is
/// forgotten.
const MOST_BEGINNINGS: u32 = 3;
const FORGIVEN: Duration = Duration::from_mins(1);

/// What an owner is told.
pub(crate) enum Command {
    /// A ticket was redeemed.
    Join(Join),
    /// A session comes back with its secret.
    Resume(Resume),
    /// A socket said something; none where it was too much, and dropped.
    Said {
        session: SessionId,
        socket: SocketNumber,
        message: Option<ClientMessage>,
    },
    /// A socket is gone.
    SocketLost {
        session: SessionId,
        socket: SocketNumber,
        gone: Gone,
    },
    /// A link was opened on several devices in turn, so often that its newest press was refused.
    Contested { link: LinkId },
    /// A newer session of a link began in another call.
    Superseded { link: LinkId, epoch: Epoch },
    /// A link was withdrawn.
    Withdrawn { link: LinkId },
    /// Who may be in the call, by the records.
    Entitled { roster: Arc<Roster> },
    /// The call is over.
    Ended,
    /// The call is another node's: nothing that is done here counts any more.
    Lost,
    /// Who speaks now.
    Speaking { peers: Vec<PeerKey> },
    /// A peer's connection has ended with the worker that had it.
    MediaGone { peer: PeerKey },
    /// Which pictures are held back from a peer for want of bandwidth.
    Paused { peer: PeerKey, paused: Paused },
    /// How many layers of a peer's camera anybody watches.
    Watched { peer: PeerKey, layers: u8 },
}

/// A ticket was redeemed.
pub(crate) struct Join {
    pub(crate) press: Press,
    pub(crate) session: SessionId,
    pub(crate) epoch: Epoch,
    /// Of the press that made the session.
    pub(crate) claimed: Option<Claimed>,
    /// Whether the link has changed hands so often that its people should know.
    pub(crate) contested: bool,
    pub(crate) outbox: Outbox,
    pub(crate) asked: Asked,
}

/// What media is attached by.
#[derive(Debug)]
pub(crate) enum Offered {
    /// The offer of a fresh peer connection.
    Fresh(Private<String>),
    /// A peer that was made ready before the press.
    Prepared(Prepared),
}

/// A session comes back with its secret.
pub(crate) struct Resume {
    pub(crate) session: SessionId,
    pub(crate) epoch: Epoch,
    pub(crate) secret: Private<String>,
    pub(crate) outbox: Outbox,
    pub(crate) offer: Option<Private<String>>,
    pub(crate) sends: Sends,
}

/// One session here, seated or waiting.
#[derive(Debug)]
struct Held {
    link: LinkId,
    participant: u32,
    epoch: Epoch,
    /// The press that made it.
    press: Press,
    /// What it comes back by.
    secrets: ResumeSecrets,
    /// The socket it uses now; none while it is lost.
    socket: Option<Outbox>,
    /// The newest that it has used.
    newest: SocketNumber,
    sends: Sends,
    seat: Option<SeatNumber>,
    /// What to attach by, kept until there is a seat.
    offer: Option<Offered>,
    /// The question to the media plane whose answer is awaited.
    asked: Option<u64>,
    /// What its pictures were last told to be: those held back, and the layers watched of its own.
    pictures: Pictures,
    /// An answer that came while the socket was lost.
    unsent: Option<Private<String>>,
    /// What was said on the socket it uses now.
    told: Told,
    /// Since when it waits for a seat.
    waits_since: Option<Instant>,
    /// Where it waits.
    place: Option<Place>,
    /// From when on it may write, were it not for what it may be ahead.
    writes_from: Moment,
    /// Where it goes on to when the time is up.
    next: Option<door::Next>,
    /// Its credentials of the relay ended with the last owner, or are another node's, and it has no others yet.
    lacks_relay: bool,
}

/// What the media plane said of a session's connection and its pictures, kept for a socket that comes later.
#[derive(Clone, Copy, Debug, Default)]
struct Pictures {
    paused: Paused,
    watched: Option<u8>,
    /// The connection that showed them is gone.
    is_gone: bool,
}

/// Where somebody waits.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// Counted from 1, which is next.
    number: u32,
    /// How many seats are taken.
    active: u32,
    /// Whether they knock: then the place is that among those who do.
    knocks: bool,
}

/// What a socket was told of its session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Told {
    Nothing,
    /// `queued`.
    Queued,
    /// `joined`.
    Joined,
}

/// What an owner turns to.
enum Next {
    Closes,
    Answered(Answered),
    IsTime,
    IsTimeOfTalk,
    Told(Command),
}

/// The owner of a call.
struct Owner {
    live: Arc<Live>,
    term: Term,
    roster: Arc<Roster>,
    call: Call,
    clock: TalkClock,
    held: HashMap<SessionId, Held>,
    /// Those whom the media plane was told to attach, and not to detach since: also who is held no
    /// longer.
    attached: HashSet<SessionId>,
    answers: FuturesUnordered<Answering>,
    asked: u64,
    /// What happened while effects were performed.
    backlog: VecDeque<Event>,
    wake_at: Option<Moment>,
    speaking: Vec<u32>,
    /// Somebody has had a seat in it.
    has_begun: bool,
}

/// Owns a call until it is empty. Where that breaks off, by a fault of the program, it is begun anew
/// with whoever was in it, as after a restart.
pub(crate) async fn run(live: Arc<Live>, id: CallId, mut commands: mpsc::Receiver<Command>) {
    let mut beginnings = 0;
    loop {
        let began = Instant::now();
        let owning = AssertUnwindSafe(own(&live, id, &mut commands));
        match owning.catch_unwind().await {
            Ok(Ok(())) => break,
            Ok(Err(refused)) => return send_on(&live, id, refused, commands).await,
            Err(_broke_off) => {}
        }
        live.note_broken();
        if began.elapsed() >= FORGIVEN {
            beginnings = 0;
        }
        beginnings += 1;
        if beginnings > MOST_BEGINNINGS {
            tracing::error!(call = id.0, "its owner breaks off again and again: it ends");
            give_up(&live, id).await;
            live.retire(id, &mut commands);
            break;
        }
        tracing::error!(call = id.0, "its owner broke off and is begun anew");
    }
    // What was sent while this task ended belongs to the next one.
    while let Some(command) = commands.recv().await {
        if live.closing.is_cancelled() {
            turn_away(command, GoodbyeReason::Shutdown);
        } else {
            live.deliver(id, command).await;
        }
    }
}

/// The call is not this node's: whoever came to it comes again, and is brought to where it is.
async fn send_on(
    live: &Live,
    id: CallId,
    refused: NotOwned,
    mut commands: mpsc::Receiver<Command>,
) {
    tracing::debug!(call = id.0, ?refused, "the call is not owned here");
    live.retire(id, &mut commands);
    while let Some(command) = commands.recv().await {
        match refused {
            NotOwned::Elsewhere => send_elsewhere(command),
            NotOwned::Unavailable => turn_away(command, Close::Unavailable),
        }
    }
}

/// Begins with whoever was in the call when its last owner ended, or else with who comes first.
async fn own(
    live: &Arc<Live>,
    id: CallId,
    commands: &mut mpsc::Receiver<Command>,
) -> Result<(), NotOwned> {
    let (term, seats) = live.ports.cluster.own(id).await?;
    if !seats.is_empty() {
        restore(live, id, (term, seats), commands).await;
        live.ports.cluster.leave(id, term).await;
        return Ok(());
    }
    let first = tokio::select! {
        biased;
        () = live.closing.cancelled() => None,
        first = commands.recv() => first,
    };
    if let Some(Command::Join(join)) = first {
        // It may have waited long for somebody to come.
        if !live.ports.cluster.may_act(id, term, live.clock.now()) {
            join.outbox.send_elsewhere();
            live.retire(id, commands);
            return Ok(());
        }
        let roster = Arc::clone(&join.asked.roster);
        let mut owner = Owner::of(live, term, roster, &[]);
        tracing::debug!(call = id.0, "call begins");
        owner.join(join);
        // The roster was read before there was an owner to be told of what has changed since.
        live.changed(id).await;
        owner.own(commands).await;
    } else {
        // A call begins with people: of one that has ended meanwhile there is nothing to know.
        if let Some(late) = first {
            let word = if let Command::Resume(resume) = &late {
                live.word_to(resume.session)
            } else {
                Close::NoSession.into()
            };
            turn_away(late, word);
        }
        live.retire(id, commands);
    }
    live.ports.cluster.leave(id, term).await;
    Ok(())
}

/// Nobody keeps a live session in a call that has no owner.
async fn give_up(live: &Live, id: CallId) {
    let Ok((term, seats)) = live.ports.cluster.own(id).await else {
        return;
    };
    for it in seats {
        let now = live.clock.now();
        let over = Parting::TimedOut;
        live.ports.cluster.release(it.kept.session, over, now);
    }
    live.ports.cluster.leave(id, term).await;
}

/// The rules of a call, by its meeting and this house.
fn rules(live: &Live, roster: &Roster) -> Rules {
    Rules {
        cap: cap(live, roster),
        grace: live.rules.grace,
        closed_grace: live.rules.closed_grace,
        held_for: live
            .rules
            .hold_seat_for_parent
            .then(|| roster.seat_kept_for())
            .flatten(),
        is_kept: roster.is_kept(),
        host_within: roster.is_hosted().then_some(live.rules.member_within),
    }
}

/// How many a call seats: as many as its meeting does, and no more than this house.
fn cap(live: &Live, roster: &Roster) -> u8 {
    roster.meeting.cap.min(live.rules.cap)
}

/// Whoever comes to a call that is no more, or to a server that is shutting down, hears so.
fn turn_away(command: Command, word: impl Into<LastWord>) {
    if let Some(outbox) = arriving(command) {
        outbox.end(word);
    }
}

/// Whoever comes to a call that is another node's is brought there.
fn send_elsewhere(command: Command) {
    if let Some(outbox) = arriving(command) {
        outbox.send_elsewhere();
    }
}

/// The socket of whoever comes; of a press, its claim is let go of.
fn arriving(command: Command) -> Option<Outbox> {
    match command {
        Command::Resume(Resume { outbox, .. }) | Command::Join(Join { outbox, .. }) => Some(outbox),
        Command::Said { .. }
        | Command::SocketLost { .. }
        | Command::Contested { .. }
        | Command::Superseded { .. }
        | Command::Withdrawn { .. }
        | Command::Entitled { .. }
        | Command::Ended
        | Command::Lost
        | Command::Speaking { .. }
        | Command::MediaGone { .. }
        | Command::Paused { .. }
        | Command::Watched { .. } => None,
    }
}

impl Owner {
    /// Of a call in which these were when its last owner ended.
    fn of(live: &Arc<Live>, term: Term, roster: Arc<Roster>, kept: &[Kept]) -> Self {
        let is_host = |link| roster.is_host(link);
        let may_hold = |link| roster.holds(link);
        let now = ambient::now();
        let began = if kept.is_empty() {
            if roster.keeps_beginning() {
                let note = Note::Began { at: now };
                live.ports.rosters.note(roster.id(), note);
            }
            None
        } else {
            roster.began.or(Some(now))
        };
        let (rules, since) = (rules(live, &roster), live.clock.now());
        let call = Call::restored(rules, kept, is_host, may_hold, since);
        Self {
            clock: TalkClock::of(&roster, began, now),
            live: Arc::clone(live),
            term,
            roster,
            call,
            held: HashMap::new(),
            attached: HashSet::new(),
            answers: FuturesUnordered::new(),
            asked: 0,
            backlog: VecDeque::new(),
            wake_at: None,
            speaking: Vec::new(),
            has_begun: false,
        }
    }

    fn id(&self) -> CallId {
        self.roster.id()
    }

    /// Owns the call until it is empty.
    async fn own(&mut self, commands: &mut mpsc::Receiver<Command>) {
        if self.call.is_empty() {
            self.retire(commands);
        } else {
            self.turn(commands).await;
        }
        tracing::debug!(call = self.id().0, "call task ends");
    }

    async fn turn(&mut self, commands: &mut mpsc::Receiver<Command>) {
        loop {
            let next = self.next(commands).await;
            let word = self.turn_to(next);
            let is_over = word.is_some();
            if let Some(word) = word {
                self.end_sockets(word);
            }
            if is_over {
                return self.live.retire(self.id(), commands);
            }
            if self.call.is_empty() {
                return self.retire(commands);
            }
        }
    }

    /// The call is over: nobody is in it any more.
    fn retire(&self, commands: &mut mpsc::Receiver<Command>) {
        if self.has_begun {
            self.note(Note::Ended);
        }
        self.live.retire(self.id(), commands);
    }

    /// The last word to everybody here, where that is said now.
    fn turn_to(&mut self, next: Next) -> Option<LastWord> {
        if matches!(next, Next::Closes) {
            return Some(GoodbyeReason::Shutdown.into());
        }
        // However long the program stood still: what it would do now may be another's to do. Everybody comes
        // back by themselves, to whoever has it.
        if matches!(next, Next::Told(Command::Lost)) || !self.may_act() {
            return Some(Close::Failed.into());
        }
        match next {
            Next::Closes => {}
            Next::Answered(answered) => self.take_answer(answered),
            Next::IsTime => {
                self.wake_at = None;
                self.happen(Event::DeadlinePassed);
            }
            Next::IsTimeOfTalk => {
                self.talk(TalkEvent::DeadlinePassed);
                self.settle();
            }
            Next::Told(command) => self.take(command),
        }
        None
    }

    async fn next(&mut self, commands: &mut mpsc::Receiver<Command>) -> Next {
        let wake_at = self.wake_at.map(|moment| self.live.clock.instant(moment));
        let talk_at = self.clock.wake;
        tokio::select! {
            biased;
            () = self.live.closing.cancelled() => Next::Closes,
            Some(answered) = self.answers.next(), if !self.answers.is_empty() => {
                Next::Answered(answered)
            }
            () = sleep_until(wake_at.unwrap_or_else(Instant::now)), if wake_at.is_some() => {
                Next::IsTime
            }
            () = sleep_until(talk_at.unwrap_or_else(Instant::now)), if talk_at.is_some() => {
                Next::IsTimeOfTalk
            }
            Some(command) = commands.recv() => Next::Told(command),
        }
    }

    fn may_act(&self) -> bool {
        let cluster = &self.live.ports.cluster;
        cluster.may_act(self.id(), self.term, self.live.clock.now())
    }

    /// Has it written down that this happened here.
    fn note(&self, note: Note) {
        self.live.ports.rosters.note(self.id(), note);
    }

    fn take(&mut self, command: Command) {
        match command {
            Command::Join(join) => self.join(join),
            Command::Resume(resume) => self.resume(resume),
            Command::Said {
                session,
                socket,
                message,
            } => self.hear(session, socket, message),
            Command::SocketLost {
                session,
                socket,
                gone,
            } => self.lose(session, socket, gone),
            Command::Contested { link } => self.tell_contested(link),
            Command::Superseded { link, epoch } => self.happen(Event::Superseded { link, epoch }),
            Command::Withdrawn { link } => self.happen(Event::Withdrawn { link }),
            Command::Entitled { roster } => self.compare(roster),
            Command::Ended => self.happen(Event::Ended),
            // It has ended by then.
            Command::Lost => {}
            Command::Speaking { peers } => self.tell_speaking(&peers),
            Command::MediaGone { peer } => self.tell_gone(peer),
            Command::Paused { peer, paused } => self.tell_paused(peer, paused),
            Command::Watched { peer, layers } => self.tell_watched(peer, layers),
        }
    }

    /// Hands `event` to the call and performs what follows, and what follows from that.
    fn happen(&mut self, event: Event) {
        self.backlog.push_back(event);
        let now = self.live.clock.now();
        while let Some(event) = self.backlog.pop_front() {
            let effects = self.call.handle(event, now);
            self.perform(effects, now);
        }
        self.see_talk();
        self.tell_whereabouts();
    }

    /// Lets it be written down who is where, and shows it to the pages that want to know.
    fn tell_whereabouts(&self) {
        let seated = self.call.people();
        let seated = seated.map(|it| {
            let is_in = if it.on_hold {
                Whereabouts::OnHold
            } else {
                Whereabouts::Seated
            };
            (it.session, is_in(it.seat))
        });
        let waiting = (0..).zip(self.call.waiting());
        let waiting = waiting.map(|(place, it)| (it.session, Whereabouts::Waiting(place)));
        let here: Vec<_> = seated.chain(waiting).collect();
        self.live.ports.cluster.keep(self.id(), self.term, here);
        self.tell_presence();
    }

    fn tell_presence(&self) {
        let mut there: Vec<_> = self
            .held
            .values()
            .map(|held| {
                let state = match (held.seat, &held.socket) {
                    (None, _) => Presence::Waiting,
                    (Some(_), None) => Presence::Reconnecting,
                    (Some(_), Some(_)) => Presence::Seated,
                };
                (held.participant, held.link, state)
            })
            .collect();
        there.sort_unstable_by_key(|(participant, _, _)| *participant);
        let there = there.into_iter().map(|(_, link, it)| (link, it)).collect();
        let followers: Vec<_> = self.roster.followers().collect();
        if self.live.presence.tell(self.id(), there, followers.clone()) {
            self.live.news.tell(followers);
        }
    }

    fn lose(&mut self, session: SessionId, socket: SocketNumber, gone: Gone) {
        let Some(held) = self.held.get_mut(&session) else {
            return;
        };
        if held.socket.take_if(|used| used.number == socket).is_some() {
            tracing::debug!(
                call = self.id().0,
                session = session.0,
                ?gone,
                "socket lost"
            );
            self.happen(match gone {
                Gone::Lost => Event::SocketLost { session },
                Gone::Closed => Event::PageClosed { session },
            });
        }
    }

    fn hear(&mut self, session: SessionId, socket: SocketNumber, message: Option<ClientMessage>) {
        let Some(held) = self.held.get_mut(&session).filter(|held| {
            // A late word of an older socket counts for nothing.
            held.socket
                .as_ref()
                .is_some_and(|used| used.number == socket)
        }) else {
            return;
        };
        if held.told != Told::Nothing {
            // The browser has the newest secret: the one before is dead.
            held.secrets.confirm();
            let cluster = &self.live.ports.cluster;
            cluster.keep_secrets(session, held.secrets);
        }
        match message {
            Some(ClientMessage::Offer { offer }) => self.offer(session, Private::new(offer)),
            Some(ClientMessage::Sends { sends }) => self.set_sends(session, sends),
            Some(ClientMessage::View { slots }) => self.view(session, &slots),
            Some(ClientMessage::AddMinute {}) => self.add_minute(session),
            Some(ClientMessage::Write { text }) => self.chat(session, &Private::new(text)),
            Some(ClientMessage::Mute { participant }) => self.mute(session, participant),
            Some(ClientMessage::LetIn { participants }) => {
                self.answer_the_door(session, &participants, |link| Event::LetIn { link });
            }
            Some(ClientMessage::TurnAway { participants }) => {
                self.answer_the_door(session, &participants, |link| Event::TurnedAway { link });
            }
            Some(ClientMessage::Disconnect { participant }) => {
                self.disconnect(session, participant);
            }
            Some(ClientMessage::Hold {
                participant,
                on_hold,
            }) => self.hold(session, participant, on_hold),
            Some(ClientMessage::Next { ticket }) => self.set_next(session, &ticket),
            Some(ClientMessage::Leave {}) => self.happen(Event::Left { session }),
            Some(ClientMessage::Ping { n }) => self.say(session, ServerMessage::Pong { n }),
            Some(
                ClientMessage::Join { .. }
                | ClientMessage::Prepare { .. }
                | ClientMessage::Enter { .. }
                | ClientMessage::Resume { .. },
            ) => {
                self.cut_off(session, Close::BadMessage);
            }
            None => {
                let detail = "too many messages: this one was dropped";
                self.refuse(session, RefusedCode::TooFast, detail);
            }
        }
        self.settle();
    }

    /// Ends the socket of a session, which keeps its seat or place for its return.
    fn cut_off(&mut self, session: SessionId, word: Close) {
        let held = self.held.get_mut(&session);
        if let Some(socket) = held.and_then(|held| held.socket.take()) {
            socket.end(word);
            self.happen(Event::SocketLost { session });
        }
    }

    /// Ends whose right to be here has ended; of an appointment that is at another time, everybody's until it
    /// can be joined.
    fn compare(&mut self, roster: Arc<Roster>) {
        if self.is_stopped_by(&roster) {
            // Everybody hears that, also whoever may be here no more.
            self.take_roster(roster);
            return self.settle();
        }
        let mut gone: Vec<LinkId> = self.held.values().map(|held| held.link).collect();
        let is_early = roster.is_too_early(ambient::now());
        gone.retain(|link| is_early || roster.holder(*link).is_none());
        gone.sort_unstable();
        gone.dedup();
        for link in gone {
            // Whoever holds a link that lives has been given something else to do.
            let event = if self.live.is_withdrawn(link) {
                Event::Withdrawn { link }
            } else {
                Event::Disconnected { link }
            };
            self.happen(event);
        }
        self.take_roster(roster);
        self.read_talk();
        self.settle();
    }

    fn set_sends(&mut self, session: SessionId, sends: Sends) {
        let Some(held) = self.held.get_mut(&session) else {
            return;
        };
        if held.sends != sends {
            held.sends = sends;
            if held.seat.is_some() {
                self.tell_people();
            }
        }
    }

    /// Somebody says where they go on to. A ticket that is not good leads nowhere: they go on as anybody
    /// comes.
    fn set_next(&mut self, session: SessionId, ticket: &str) {
        if let Some(held) = self.held.get_mut(&session) {
            held.next = self.live.next(held.link, ticket);
        }
    }

    /// Lets what sending turned up happen.
    fn settle(&mut self) {
        if let Some(event) = self.backlog.pop_front() {
            self.happen(event);
        }
    }

    fn end_sockets(&mut self, word: impl Into<LastWord>) {
        let word = word.into();
        for held in self.held.values_mut() {
            if let Some(socket) = held.socket.take() {
                socket.end(word);
            }
        }
    }
}

impl Drop for Owner {
    /// Nobody keeps media in a call that has no owner, however it ended. Sessions stay: whoever is left
    /// is to find their seat when the call has an owner again (SESS-8).
    fn drop(&mut self) {
        for session in self.attached.drain() {
            self.live.ports.media.detach(PeerKey(session.0));
        }
        for (session, _held) in self.held.drain() {
            self.live.ports.media.end_relay(PeerKey(session.0));
        }
        let nobody = (Vec::new(), Vec::new());
        self.live.presence.tell(self.id(), nobody.0, nobody.1);
    }
}

#[cfg(test)]
mod tests;
