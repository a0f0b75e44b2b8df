//! The door: from a press on Join to a ticket, and from the first message of a socket to its session.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use call::{AttemptId, CallId, Claim, Epoch, LinkId, Parting, SessionId};
use cluster::{NotClaimed, Press};
use jiff::Timestamp;
use links::{NotResumed, Resumable, ResumeSecrets, SealedTicket, Shown, Ticket};
use sfu::{CallKey, OfferRefused, PeerKey};
use tokio::sync::mpsc::error::SendError;
use tokio::time::timeout;
use wire::close::Close;
use wire::http::RelayAccess;
use wire::message::{ClientMessage, GoodbyeReason, Sends};

use crate::Live;
use crate::claimed::Claimed;
use crate::outbox::{self, Inbox, LastWord, Outbox, SocketNumber};
use crate::owner::{ANSWER_WITHIN, Command, Join, Offered, Resume};
use crate::prepared::Prepared;
use crate::presence::At;
use crate::private::Private;
use crate::relay;
use crate::roster::{Roster, link_of};

/// No session has this number.
const NOBODY: SessionId = SessionId(0);

/// A socket that found its session.
#[derive(Debug)]
pub struct Line {
    /// What it says.
    pub voice: Voice,
    /// What it is told.
    pub inbox: Inbox,
}

/// A peer connection that was made ready for a press, or is left of a talk that is over, and waits for it.
#[derive(Debug)]
pub struct Ready {
    live: Arc<Live>,
    ticket: Ticket,
    /// The name of the relay credentials that came with the ticket.
    relay: String,
    prepared: Prepared,
}

/// What comes after a talk, for one who is in it.
#[derive(Debug)]
pub(crate) struct Next {
    ticket: Ticket,
    relay: String,
}

impl Next {
    /// Takes `peer` out of its talk and keeps it for this, where that can be.
    pub(crate) fn take(self, live: &Arc<Live>, peer: PeerKey) -> Option<Ready> {
        let prepared = Prepared::keep(live, link_of(self.ticket.link), peer)?;
        Some(Ready {
            live: Arc::clone(live),
            ticket: self.ticket,
            relay: self.relay,
            prepared,
        })
    }
}

impl Ready {
    /// Whose press it waits for.
    #[must_use]
    pub const fn link(&self) -> links::LinkId {
        self.ticket.link
    }

    /// What it is made ready for.
    #[must_use]
    pub const fn call(&self) -> CallId {
        CallId(self.ticket.meeting)
    }

    /// The press: brings it to its session.
    ///
    /// # Errors
    ///
    /// The last word to say on the socket.
    pub async fn enter(self, sends: Sends) -> Result<Line, LastWord> {
        let by = (Offered::Prepared(self.prepared), self.relay);
        self.live.join(self.ticket, by, sends).await
    }
}

/// The way of one socket to the owner of its meeting, whichever task that is by now: whoever came as the call before
/// ended is its next one's.
#[derive(Debug)]
pub struct Voice {
    live: Arc<Live>,
    call: CallId,
    session: SessionId,
    socket: SocketNumber,
}

/// How a socket went.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Gone {
    /// It is lost, or was cut: whoever had it may be anywhere.
    Lost,
    /// The page was closed, or is being loaded again.
    Closed,
}

impl Voice {
    /// The socket said this.
    ///
    /// # Errors
    ///
    /// The last word, where the owner is gone without one.
    pub async fn said(&self, message: ClientMessage) -> Result<(), LastWord> {
        self.tell(Some(message)).await
    }

    /// The socket said something, but too much of it: it was dropped.
    ///
    /// # Errors
    ///
    /// As [`Self::said`].
    pub async fn said_too_much(&self) -> Result<(), LastWord> {
        self.tell(None).await
    }

    async fn tell(&self, message: Option<ClientMessage>) -> Result<(), LastWord> {
        let said = Command::Said {
            session: self.session,
            socket: self.socket,
            message,
        };
        if self.reaches(said).await {
            Ok(())
        } else {
            Err(Close::Failed.into())
        }
    }

    /// The socket is gone.
    pub async fn gone(self, gone: Gone) {
        let lost = Command::SocketLost {
            session: self.session,
            socket: self.socket,
            gone,
        };
        // A meeting that has ended needs no news.
        if !self.reaches(lost).await {
            tracing::debug!(session = self.session.0, "the call ended before its socket");
        }
    }

    /// Hands `command` to the owner; whether there is one.
    async fn reaches(&self, command: Command) -> bool {
        let (mut command, mut ended) = (command, None);
        while let Some(mailbox) = self.live.find(self.call) {
            if ended.as_ref().is_some_and(|it| mailbox.same_channel(it)) {
                return false;
            }
            match mailbox.send(command).await {
                Ok(()) => return true,
                Err(SendError(unsent)) => command = unsent,
            }
            ended = Some(mailbox);
        }
        false
    }
}

impl Live {
    /// Gives a ticket for a press on the way to `call`. It changes nothing for anybody (SESS-5).
    ///
    /// # Errors
    ///
    /// [`NotClaimed`] where its redemption would be refused now; the meeting hears of a link that goes
    /// from device to device (SESS-3).
    pub async fn ticket(
        &self,
        link: links::LinkId,
        attempt: links::AttemptId,
        call: CallId,
    ) -> Result<SealedTicket, NotClaimed> {
        let life = u64::try_from(Ticket::LIFE.as_millis()).unwrap_or(u64::MAX);
        let ticket = Ticket {
            link,
            meeting: call.0,
            attempt,
            until: milliseconds(self.time()).saturating_add(life),
        };
        let (cluster, now) = (&self.ports.cluster, self.clock.now());
        if let Err(refused) = cluster.check(press_of(&ticket), now).await {
            if let (NotClaimed::TooSoon(_), Some(mailbox)) = (refused, self.find(call)) {
                let link = link_of(link);
                // A meeting too busy to hear of it now hears of it at the next press.
                let _heard_or_not = mailbox.try_send(Command::Contested { link });
            }
            return Err(refused);
        }
        Ok(ticket.seal(&self.keyring))
    }

    /// Credentials of the relay for a press of `link` on the way to `call`, which lives here or is to,
    /// under the name of its ticket; none where there is no relay.
    pub async fn relay_for(&self, call: CallId, link: LinkId, name: &str) -> Option<RelayAccess> {
        let beside = self.beside(call, link).await;
        self.grant_relay(CallKey(call.0), beside, name)
    }

    /// Beside which call that of a press of `link` is best placed, where it is nowhere yet: where those of
    /// the school are who come to it, else where `link` is (SCR-12).
    async fn beside(&self, call: CallId, link: LinkId) -> Option<CallKey> {
        if !self.ports.media.is_to_place(CallKey(call.0)) {
            return None;
        }
        // Where the records cannot be read it goes where the fewest are.
        let roster = self.roster(call).await.ok().flatten()?;
        let hosts = roster.all_links().filter(|it| roster.is_host(*it));
        let seat = hosts
            .chain([link])
            .find_map(|it| self.presence.seat_here_of(it));
        seat.map(|(CallId(there), _)| CallKey(there))
    }

    /// At which node those of the school sit who come to `call`, in another just now: what they have ready leads there
    /// (SCR-12). None where none of them does, or the records cannot be read.
    pub async fn node_of_hosts(&self, call: CallId) -> Option<At> {
        let roster = self.roster(call).await.ok().flatten()?;
        let mut hosts = roster.all_links().filter(|it| roster.is_host(*it));
        hosts.find_map(|it| self.presence.node_of(it))
    }

    /// Grants credentials of the relay under a name, where there is one.
    #[must_use]
    pub fn grant_relay(
        &self,
        call: CallKey,
        beside: Option<CallKey>,
        name: &str,
    ) -> Option<RelayAccess> {
        let grant = self.ports.media.grant_relay(call, beside, name)?;
        Some(relay::access(grant, self.rules.relay_over_tls.as_deref()))
    }

    /// Takes the first message of a socket, and brings it to its session.
    ///
    /// # Errors
    ///
    /// The last word to say on it.
    pub async fn arrive(self: &Arc<Self>, first: ClientMessage) -> Result<Line, LastWord> {
        match first {
            ClientMessage::Join {
                ticket,
                offer,
                sends,
            } => {
                let read = self.read(&ticket)?;
                let relay = relay::name(&ticket);
                let offer = Offered::Fresh(Private::new(offer));
                self.join(read, (offer, relay), sends).await
            }
            ClientMessage::Resume {
                session,
                secret,
                epoch,
                offer,
                sends,
            } => {
                let session = session.parse().map_err(|_nobody| Close::NoSession)?;
                let (outbox, inbox) = self.socket();
                let resume = Resume {
                    session: SessionId(session),
                    epoch: Epoch(epoch),
                    secret: Private::new(secret),
                    outbox,
                    offer: offer.map(Private::new),
                    sends,
                };
                self.resume(resume, inbox).await
            }
            ClientMessage::Prepare { .. }
            | ClientMessage::Enter { .. }
            | ClientMessage::Next { .. }
            | ClientMessage::Offer { .. }
            | ClientMessage::Sends { .. }
            | ClientMessage::View { .. }
            | ClientMessage::AddMinute {}
            | ClientMessage::Write { .. }
            | ClientMessage::Mute { .. }
            | ClientMessage::LetIn { .. }
            | ClientMessage::TurnAway { .. }
            | ClientMessage::Disconnect { .. }
            | ClientMessage::Hold { .. }
            | ClientMessage::Leave {}
            | ClientMessage::Ping { .. } => Err(Close::BadMessage.into()),
        }
    }

    /// The meeting that the first message of a socket leads to; none where it leads nowhere.
    ///
    /// # Errors
    ///
    /// [`cluster::Unavailable`] where nobody knows just now.
    pub async fn leads_to(
        &self,
        first: &ClientMessage,
    ) -> Result<Option<CallId>, cluster::Unavailable> {
        Ok(match first {
            ClientMessage::Join { ticket, .. } | ClientMessage::Prepare { ticket, .. } => {
                let ticket = self.read(ticket).ok();
                ticket.map(|it| CallId(it.meeting))
            }
            ClientMessage::Resume { session, .. } => match session.parse() {
                Ok(session) => {
                    let known = self.ports.cluster.find(SessionId(session)).await?;
                    known.map(|it| it.press.call)
                }
                Err(_nobody) => None,
            },
            ClientMessage::Enter { .. }
            | ClientMessage::Next { .. }
            | ClientMessage::Offer { .. }
            | ClientMessage::Sends { .. }
            | ClientMessage::View { .. }
            | ClientMessage::AddMinute {}
            | ClientMessage::Write { .. }
            | ClientMessage::Mute { .. }
            | ClientMessage::LetIn { .. }
            | ClientMessage::TurnAway { .. }
            | ClientMessage::Disconnect { .. }
            | ClientMessage::Hold { .. }
            | ClientMessage::Leave {}
            | ClientMessage::Ping { .. } => None,
        })
    }

    /// What a ticket of this link leads to after the talk.
    pub(crate) fn next(&self, link: LinkId, ticket: &str) -> Option<Next> {
        let (relay, ticket) = (relay::name(ticket), self.read(ticket).ok()?);
        (link_of(ticket.link) == link).then_some(Next { ticket, relay })
    }

    /// The time that tickets go by: a ticket of one node is read by another.
    fn time(&self) -> Timestamp {
        self.ports.cluster.time(ambient::now(), self.clock.now())
    }

    pub(crate) fn socket(&self) -> (Outbox, Inbox) {
        let number = self.sockets.fetch_add(1, Ordering::Relaxed);
        outbox::pair(SocketNumber(number))
    }

    fn read(&self, ticket: &str) -> Result<Ticket, LastWord> {
        let now = milliseconds(self.time());
        let ticket = Ticket::open(&self.keyring, ticket, now);
        ticket.map_err(|_bad| Close::BadTicket.into())
    }

    /// Makes the peer of an offer ready before the press that `ticket` was given for; and the answer to
    /// the offer.
    ///
    /// # Errors
    ///
    /// The last word to say on the socket.
    pub async fn prepare(
        self: &Arc<Self>,
        ticket: &str,
        offer: String,
    ) -> Result<(Ready, String), LastWord> {
        let (relay, ticket) = (relay::name(ticket), self.read(ticket)?);
        let (link, call) = (link_of(ticket.link), CallId(ticket.meeting));
        let roster = self.roster(call).await?;
        let may_come = |roster: Roster| roster.holder(link).is_some() && !roster.keeps_out(link);
        if !roster.is_some_and(may_come) {
            return Err(Close::NoSession.into());
        }
        let by = (Private::new(offer), relay.as_str());
        let made = Prepared::make(self, link, CallKey(call.0), by);
        let (prepared, answering) = made.ok_or(Close::Unused)?;
        let ready = Ready {
            live: Arc::clone(self),
            ticket,
            relay,
            prepared,
        };
        let answered = timeout(ANSWER_WITHIN, answering).await;
        match answered.map(Result::ok) {
            Ok(Some(Ok(answer))) => Ok((ready, answer)),
            Ok(Some(Err(OfferRefused::Malformed(_)))) => Err(Close::BadMessage.into()),
            Ok(_) | Err(_) => Err(Close::Unused.into()),
        }
    }

    async fn roster(&self, call: CallId) -> Result<Option<Roster>, LastWord> {
        self.ports.rosters.roster(call).await.map_err(|error| {
            tracing::warn!(%error, "cannot read who is entitled to a call");
            Close::Unavailable.into()
        })
    }

    async fn join(
        self: &Arc<Self>,
        ticket: Ticket,
        (offer, relay): (Offered, String),
        sends: Sends,
    ) -> Result<Line, LastWord> {
        // Before anything is waited for: of two sockets of one press the one that asked last is the newer one.
        let socket = self.socket();
        let Some(roster) = self.roster(CallId(ticket.meeting)).await? else {
            // It was cancelled since the press.
            return Err(word_to_the_late(Parting::Ended));
        };
        if roster.keeps_out(link_of(ticket.link)) {
            return Err(word_to_the_late(Parting::Stopped));
        }
        if roster.holder(link_of(ticket.link)).is_none() {
            let is_dead = self.is_withdrawn(link_of(ticket.link));
            return Err(word_to_the_late(if is_dead {
                Parting::Withdrawn
            } else {
                Parting::TimedOut
            }));
        }
        if roster.rules_unread.contains(&link_of(ticket.link)) {
            // A ticket for a press says so, or is asked for by one that accepts them.
            return Err(Close::Unused.into());
        }
        let window = roster.meeting.window;
        let is_open = window.is_none_or(|window| window.is_open(ambient::now()));
        if matches!(offer, Offered::Prepared(_)) && !is_open {
            // It was made ready a while ago; a ticket of now says what is true of the appointment.
            return Err(Close::Unused.into());
        }
        // Once begun it comes to its end, whatever becomes of the socket: the owners of the link's
        // older and its newer session both hear of it.
        let asked = Asked {
            roster: Arc::new(roster),
            offer,
            sends,
            relay,
        };
        let redeeming = Arc::clone(self).redeem(press_of(&ticket), asked, socket);
        let redeemed = self.tasks.spawn(redeeming).await;
        redeemed.unwrap_or_else(|_broke_off| Err(Close::Failed.into()))
    }

    /// Makes a session of a press the live one of its link, and brings it to its owner.
    pub(crate) async fn redeem(
        self: Arc<Self>,
        press: Press,
        asked: Asked,
        (outbox, inbox): (Outbox, Inbox),
    ) -> Result<Line, LastWord> {
        let claim = self.ports.cluster.claim(press, self.clock.now()).await;
        let claim = match claim {
            Ok(claim) => claim,
            Err(NotClaimed::Elsewhere) => return Ok(self.line_elsewhere(press, outbox, inbox)),
            Err(NotClaimed::Withdrawn) => return Err(GoodbyeReason::Withdrawn.into()),
            Err(NotClaimed::TooSoon(_)) => return Err(Close::TooManyJoins.into()),
            Err(NotClaimed::Unavailable) => return Err(Close::Unavailable.into()),
        };
        let (session, epoch, is_new, contested) = match claim {
            Claim::New {
                session,
                epoch,
                earlier: _,
                contested,
            } => (session, epoch, true, contested),
            Claim::Again { session, epoch } => (session, epoch, false, false),
            Claim::Over(parting) => return Err(word_to_the_late(parting)),
        };
        // A retry of a press that made the live session claims nothing: whoever made that session
        // holds the claim.
        let claimed = is_new.then(|| Claimed {
            live: Arc::clone(&self),
            session,
            is_settled: false,
        });
        let socket = outbox.number;
        let join = Command::Join(Join {
            press,
            session,
            epoch,
            claimed,
            contested,
            outbox,
            asked,
        });
        self.deliver(press.call, join).await;
        let voice = Voice {
            live: Arc::clone(&self),
            call: press.call,
            session,
            socket,
        };
        Ok(Line { voice, inbox })
    }

    /// That of a press whose meeting has gone to another node meanwhile: it ends as one whose owner says so.
    fn line_elsewhere(self: Arc<Self>, press: Press, outbox: Outbox, inbox: Inbox) -> Line {
        let socket = outbox.number;
        outbox.send_elsewhere();
        let voice = Voice {
            live: self,
            call: press.call,
            session: NOBODY,
            socket,
        };
        Line { voice, inbox }
    }

    /// Brings a session that comes back to its owner.
    async fn resume(self: &Arc<Self>, resume: Resume, inbox: Inbox) -> Result<Line, LastWord> {
        let (session, socket) = (resume.session, resume.outbox.number);
        let known = self.ports.cluster.find(session).await;
        // Whoever was in a meeting comes back to it until it can be said.
        let known = known.map_err(|_unavailable| Close::Failed)?;
        let known = known.ok_or(Close::NoSession)?;
        let secret = resume.secret.reveal();
        let _good = self.check((session, known.press), known.secrets, secret)?;
        if let Some(parting) = known.parting {
            return Err(word_to_the_late(parting));
        }
        // Where its owner ended, the next one begins with everybody who was there.
        let resume = Command::Resume(resume);
        self.deliver(known.press.call, resume).await;
        let voice = Voice {
            live: Arc::clone(self),
            call: known.press.call,
            session,
            socket,
        };
        Ok(Line { voice, inbox })
    }

    /// What somebody hears whose session the owner does not hold.
    pub(crate) fn word_to(&self, session: SessionId) -> LastWord {
        let parting = self.ports.cluster.parting(session);
        parting.map_or_else(|| Close::NoSession.into(), word_to_the_late)
    }

    /// Whether `presented` brings a session back now.
    pub(crate) fn check(
        &self,
        session: (SessionId, Press),
        secrets: ResumeSecrets,
        presented: &str,
    ) -> Result<Shown, LastWord> {
        let whose = resumable(session).ok_or(Close::NoSession)?;
        secrets
            .check(&self.keyring, whose, presented)
            .map_err(|refused| match refused {
                // Another page continued the session with it since.
                NotResumed::UsedUp => GoodbyeReason::Replaced.into(),
                NotResumed::Unknown => Close::NoSession.into(),
            })
    }

    /// The newest secret of a session.
    pub(crate) fn newest(
        &self,
        session: (SessionId, Press),
        secrets: ResumeSecrets,
    ) -> Option<Private<String>> {
        let secret = secrets.newest(&self.keyring, resumable(session)?);
        Some(Private::new(secret.expose()))
    }
}

/// What somebody who joins brings to their owner.
#[derive(Debug)]
pub(crate) struct Asked {
    /// Who is entitled to the meeting now.
    pub(crate) roster: Arc<Roster>,
    pub(crate) offer: Offered,
    pub(crate) sends: Sends,
    /// The name of the relay credentials that came with the ticket.
    pub(crate) relay: String,
}

fn resumable((session, press): (SessionId, Press)) -> Option<Resumable> {
    Some(Resumable {
        session: session.0,
        link: links::LinkId::from_number(press.link.0)?,
        attempt: links::AttemptId(press.attempt.0),
    })
}

const fn press_of(ticket: &Ticket) -> Press {
    Press {
        link: link_of(ticket.link),
        call: CallId(ticket.meeting),
        attempt: AttemptId(ticket.attempt.0),
    }
}

/// Milliseconds since 1970.
fn milliseconds(now: Timestamp) -> u64 {
    u64::try_from(now.as_millisecond()).unwrap_or(0)
}

/// What somebody hears who comes back to a session that is over.
pub(crate) const fn word_to_the_late(parting: Parting) -> LastWord {
    let (goodbye, close) = match parting {
        Parting::Replaced => (Some(GoodbyeReason::Replaced), Close::Replaced),
        Parting::Withdrawn => (Some(GoodbyeReason::Withdrawn), Close::Withdrawn),
        Parting::Disconnected => (Some(GoodbyeReason::Disconnected), Close::Disconnected),
        Parting::TurnedAway => (Some(GoodbyeReason::TurnedAway), Close::TurnedAway),
        Parting::NobodyCame => (Some(GoodbyeReason::NobodyCame), Close::NobodyCame),
        Parting::Ended => (Some(GoodbyeReason::Ended), Close::Ended),
        Parting::TimeUp => (Some(GoodbyeReason::TimeUp), Close::TimeUp),
        Parting::Stopped => (Some(GoodbyeReason::Stopped), Close::Stopped),
        Parting::Left | Parting::TimedOut => (None, Close::NoSession),
    };
    LastWord { goodbye, close }
}
