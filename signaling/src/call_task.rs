//! The one task that owns a call.
//!
//! It hands what happens to [`Call`] and performs the effects in order. It never waits: to say
//! something is to put it in an outbox, and what the media plane answers comes back as one more
//! thing that happened.

mod arrive;
mod media;
mod perform;
mod pictures;
mod restored;
mod talk;
mod tell;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use call::{
    Call, CallId, Epoch, Event, Kept, LinkId, Moment, Parting, Rules, SeatNumber, SessionId,
    TalkEvent, Whereabouts,
};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use sfu::{Paused, PeerKey};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use wire::close::Close;
use wire::http::teacher::Presence;
use wire::message::{GoodbyeReason, RefusedCode, Sends, ServerMessage, Shown};

use crate::claimed::Claimed;
use crate::house::House;
use crate::outbox::{Outbox, SocketNumber};
use crate::prepared::Prepared;
use crate::private::Private;
use crate::roster::Roster;
pub(crate) use media::ANSWER_WITHIN;
use media::Answering;
use restored::restore;
use talk::TalkClock;

/// What a call is told.
#[derive(Debug)]
pub(crate) enum Command {
    /// The program has begun again, and these were in the call.
    Restored(Vec<Kept>),
    /// A ticket was redeemed.
    Join(Join),
    /// A session comes back with its secret.
    Resume(Resume),
    /// A socket said something.
    Said {
        session: SessionId,
        socket: SocketNumber,
        saying: Saying,
    },
    /// A socket is gone.
    SocketLost {
        session: SessionId,
        socket: SocketNumber,
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
#[derive(Debug)]
pub(crate) struct Join {
    pub(crate) link: LinkId,
    /// Who is entitled to the call now.
    pub(crate) roster: Arc<Roster>,
    pub(crate) session: SessionId,
    pub(crate) epoch: Epoch,
    /// Of the press that made the session.
    pub(crate) claim: Option<Claimed>,
    pub(crate) contested: bool,
    pub(crate) outbox: Outbox,
    pub(crate) offer: Offered,
    pub(crate) sends: Sends,
    /// The name of the relay credentials that came with the ticket.
    pub(crate) relay: String,
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
#[derive(Debug)]
pub(crate) struct Resume {
    pub(crate) session: SessionId,
    pub(crate) epoch: Epoch,
    pub(crate) secret: Private<String>,
    pub(crate) outbox: Outbox,
    pub(crate) offer: Option<Private<String>>,
    pub(crate) sends: Sends,
}

/// What a joined socket may say.
#[derive(Debug)]
pub(crate) enum Saying {
    Offer(Private<String>),
    Sends(Sends),
    View(Vec<Shown>),
    AddMinute,
    Chat(Private<String>),
    Mute(u32),
    Leave,
    Ping(u32),
    /// Something, but too much of it: it was dropped.
    TooFast,
}

/// One session here, seated or waiting.
#[derive(Debug)]
struct Held {
    link: LinkId,
    participant: u32,
    epoch: Epoch,
    /// The socket it uses now; none while it is lost.
    socket: Option<Outbox>,
    /// The resume secret it was given last.
    secret: Option<Private<String>>,
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
    /// From when on it may write, were it not for what it may be ahead.
    writes_from: Moment,
}

/// What the media plane said of a session's connection and its pictures, kept for a socket that comes later.
#[derive(Clone, Copy, Debug, Default)]
struct Pictures {
    paused: Paused,
    watched: Option<u8>,
    /// The connection that showed them is gone.
    is_gone: bool,
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

/// The owner of a call.
struct Owner {
    house: Arc<House>,
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
}

/// Owns a call until it is empty.
pub(crate) async fn run(house: Arc<House>, id: CallId, mut commands: mpsc::Receiver<Command>) {
    let first = tokio::select! {
        biased;
        () = house.closing.cancelled() => None,
        first = commands.recv() => first,
    };
    match first {
        Some(Command::Join(join)) => {
            let roster = Arc::clone(&join.roster);
            let mut owner = Owner::of(&house, roster, &[]);
            tracing::debug!(call = id.0, "call begins");
            owner.join(join);
            owner.own(&mut commands).await;
        }
        Some(Command::Restored(kept)) => restore(&house, id, kept, &mut commands).await,
        // A call begins with people: of one that has ended meanwhile there is nothing to know.
        Some(late) => {
            of_no_call(late);
            house.switchboard.retire(id, &mut commands);
        }
        None => house.switchboard.retire(id, &mut commands),
    }
    // What was sent while this task ended belongs to the next one.
    while let Some(command) = commands.recv().await {
        if house.closing.is_cancelled() {
            turn_away(command);
        } else {
            house.switchboard.deliver(&house, id, command).await;
        }
    }
}

/// The rules of a call, by its meeting and this house.
fn rules(house: &House, roster: &Roster) -> Rules {
    Rules {
        cap: cap(house, roster),
        grace: house.rules.grace,
        held_for: house
            .rules
            .hold_seat_for_parent
            .then(|| roster.seat_kept_for())
            .flatten(),
    }
}

/// How many a call seats: as many as its meeting does, and no more than this house.
fn cap(house: &House, roster: &Roster) -> u8 {
    roster.meeting().cap.min(house.rules.cap)
}

/// Whoever comes back to a call that has ended hears so.
fn of_no_call(command: Command) {
    match command {
        Command::Resume(Resume { outbox, .. }) | Command::Join(Join { outbox, .. }) => {
            outbox.end(Close::NoSession);
        }
        Command::Restored(_)
        | Command::Said { .. }
        | Command::SocketLost { .. }
        | Command::Contested { .. }
        | Command::Superseded { .. }
        | Command::Withdrawn { .. }
        | Command::Entitled { .. }
        | Command::Ended
        | Command::Speaking { .. }
        | Command::MediaGone { .. }
        | Command::Paused { .. }
        | Command::Watched { .. } => {}
    }
}

/// Whoever asks a server that is shutting down hears so.
fn turn_away(command: Command) {
    match command {
        Command::Join(Join { outbox, .. }) | Command::Resume(Resume { outbox, .. }) => {
            outbox.end(GoodbyeReason::Shutdown);
        }
        Command::Restored(_)
        | Command::Said { .. }
        | Command::SocketLost { .. }
        | Command::Contested { .. }
        | Command::Superseded { .. }
        | Command::Withdrawn { .. }
        | Command::Entitled { .. }
        | Command::Ended
        | Command::Speaking { .. }
        | Command::MediaGone { .. }
        | Command::Paused { .. }
        | Command::Watched { .. } => {}
    }
}

impl Owner {
    /// Of a call in which these were when the program ended.
    fn of(house: &Arc<House>, roster: Arc<Roster>, kept: &[Kept]) -> Self {
        let call = Call::restored(rules(house, &roster), kept, house.clock.now());
        Self {
            clock: TalkClock::of(roster.talk()),
            house: Arc::clone(house),
            roster,
            call,
            held: HashMap::new(),
            attached: HashSet::new(),
            answers: FuturesUnordered::new(),
            asked: 0,
            backlog: VecDeque::new(),
            wake_at: None,
            speaking: Vec::new(),
        }
    }

    fn id(&self) -> CallId {
        self.roster.id()
    }

    /// Owns the call until it is empty.
    async fn own(&mut self, commands: &mut mpsc::Receiver<Command>) {
        if self.call.is_empty() {
            self.house.switchboard.retire(self.id(), commands);
        } else {
            self.turn(commands).await;
        }
        tracing::debug!(call = self.id().0, "call task ends");
    }

    async fn turn(&mut self, commands: &mut mpsc::Receiver<Command>) {
        let closing = self.house.closing.clone();
        loop {
            let wake_at = self.wake_at.map(|moment| self.house.clock.instant(moment));
            tokio::select! {
                biased;
                () = closing.cancelled() => {
                    self.say_shutdown();
                    self.house.switchboard.retire(self.id(), commands);
                    return;
                }
                Some(answered) = self.answers.next(), if !self.answers.is_empty() => {
                    self.take_answer(answered);
                }
                () = sleep_until(wake_at.unwrap_or_else(Instant::now)), if wake_at.is_some() => {
                    self.wake_at = None;
                    self.happen(Event::DeadlinePassed);
                }
                () = sleep_until(self.clock.wake.unwrap_or_else(Instant::now)), if self.clock.wake.is_some() => {
                    self.talk(TalkEvent::DeadlinePassed);
                    self.settle();
                }
                Some(command) = commands.recv() => self.take(command),
            }
            if self.call.is_empty() {
                self.house.switchboard.retire(self.id(), commands);
                return;
            }
        }
    }

    fn take(&mut self, command: Command) {
        match command {
            // A call is begun with them, or never.
            Command::Restored(_) => {}
            Command::Join(join) => self.join(join),
            Command::Resume(resume) => self.resume(resume),
            Command::Said {
                session,
                socket,
                saying,
            } => self.hear(session, socket, saying),
            Command::SocketLost { session, socket } => self.lose(session, socket),
            Command::Contested { link } => self.tell_contested(link),
            Command::Superseded { link, epoch } => self.happen(Event::Superseded { link, epoch }),
            Command::Withdrawn { link } => self.happen(Event::Withdrawn { link }),
            Command::Entitled { roster } => self.compare(roster),
            Command::Ended => self.happen(Event::Ended),
            Command::Speaking { peers } => self.tell_speaking(&peers),
            Command::MediaGone { peer } => self.tell_gone(peer),
            Command::Paused { peer, paused } => self.tell_paused(peer, paused),
            Command::Watched { peer, layers } => self.tell_watched(peer, layers),
        }
    }

    /// Hands `event` to the call and performs what follows, and what follows from that.
    fn happen(&mut self, event: Event) {
        self.backlog.push_back(event);
        let now = self.house.clock.now();
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
        let seated = seated.map(|it| (it.session, Whereabouts::Seated(it.seat)));
        let waiting = (0..).zip(self.call.waiting());
        let waiting = waiting.map(|(place, it)| (it.session, Whereabouts::Waiting(place)));
        let here: Vec<_> = seated.chain(waiting).collect();
        self.house.admissions.arrange(self.id(), here);
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
        if self.house.presence.tell(self.id(), there) {
            self.house.news.tell(self.roster.followers());
        }
    }

    fn lose(&mut self, session: SessionId, socket: SocketNumber) {
        let Some(held) = self.held.get_mut(&session) else {
            return;
        };
        if held.socket.take_if(|used| used.number == socket).is_some() {
            tracing::debug!(call = self.id().0, session = session.0, "socket lost");
            self.happen(Event::SocketLost { session });
        }
    }

    fn hear(&mut self, session: SessionId, socket: SocketNumber, saying: Saying) {
        let Some(held) = self.held.get(&session).filter(|held| {
            // A late word of an older socket counts for nothing.
            held.socket
                .as_ref()
                .is_some_and(|used| used.number == socket)
        }) else {
            return;
        };
        if held.told != Told::Nothing {
            self.house.admissions.confirm(session);
        }
        match saying {
            Saying::Offer(offer) => self.offer(session, offer),
            Saying::Sends(sends) => self.set_sends(session, sends),
            Saying::View(slots) => self.view(session, &slots),
            Saying::AddMinute => self.add_minute(session),
            Saying::Chat(text) => self.chat(session, &text),
            Saying::Mute(participant) => self.mute(session, participant),
            Saying::Leave => self.happen(Event::Left { session }),
            Saying::Ping(n) => self.say(session, ServerMessage::Pong { n }),
            Saying::TooFast => {
                let detail = "too many messages: this one was dropped";
                self.refuse(session, RefusedCode::TooFast, detail);
            }
        }
        self.settle();
    }

    /// Ends whose right to be here has ended.
    fn compare(&mut self, roster: Arc<Roster>) {
        let mut gone: Vec<LinkId> = self.held.values().map(|held| held.link).collect();
        gone.retain(|link| roster.holder(*link).is_none());
        gone.sort_unstable();
        gone.dedup();
        for link in gone {
            // Whoever holds a link that lives has been given something else to do.
            let event = if self.house.admissions.is_withdrawn(link) {
                Event::Withdrawn { link }
            } else {
                Event::Disconnected { link }
            };
            self.happen(event);
        }
        self.roster = roster;
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

    /// Lets what sending turned up happen.
    fn settle(&mut self) {
        if let Some(event) = self.backlog.pop_front() {
            self.happen(event);
        }
    }

    fn say_shutdown(&mut self) {
        for held in self.held.values_mut() {
            if let Some(socket) = held.socket.take() {
                socket.end(GoodbyeReason::Shutdown);
            }
        }
    }
}

impl Drop for Owner {
    /// Nobody keeps media or a live session in a call that has no owner, however it ended; but where
    /// the program ends, people are to find their seats when it begins again (SESS-8).
    fn drop(&mut self) {
        let now = self.house.clock.now();
        for session in self.attached.drain() {
            self.house.media.detach(PeerKey(session.0));
        }
        let goes_on = self.house.closing.is_cancelled();
        for (session, _held) in self.held.drain() {
            self.house.media.end_relay(PeerKey(session.0));
            if !goes_on {
                let over = Parting::TimedOut;
                self.house.admissions.release(session, over, now);
            }
        }
        self.house.presence.tell(self.id(), Vec::new());
    }
}

#[cfg(test)]
mod tests;
