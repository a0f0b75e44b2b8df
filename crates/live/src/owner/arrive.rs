//! Sockets that ask for a session: joins, their retries, and returns.

use std::collections::hash_map::Entry;
use std::sync::Arc;

use call::{Effect, Epoch, Event, LinkId, Media, Moment, Refusal, SessionId};
use cluster::{Press, Standing};
use links::ResumeSecrets;
use sfu::PeerKey;
use wire::close::Close;
use wire::message::{GoodbyeReason, Notice, Sends, ServerMessage};

use super::{Held, Join, Offered, Owner, Pictures, Resume, Told};
use crate::door::{Asked, word_to_the_late};
use crate::outbox::{LastWord, Outbox, SocketNumber};
use crate::roster::Roster;

/// A socket on its way to its session.
struct Arrival {
    session: SessionId,
    outbox: Outbox,
    offer: Option<Offered>,
    sends: Sends,
    /// The resume secret it showed; none for a join.
    shown: Option<links::Shown>,
}

impl Held {
    /// Somebody of whom the call has just heard.
    pub(super) fn newcomer(press: Press, participant: u32, epoch: Epoch) -> Self {
        Self {
            link: press.link,
            participant,
            epoch,
            press,
            secrets: ResumeSecrets::begin(),
            socket: None,
            newest: SocketNumber::default(),
            sends: Sends::default(),
            seat: None,
            offer: None,
            asked: None,
            pictures: Pictures::default(),
            unsent: None,
            told: Told::Nothing,
            waits_since: None,
            place: None,
            writes_from: Moment::default(),
            next: None,
            lacks_relay: false,
        }
    }
}

impl Owner {
    pub(super) fn join(&mut self, join: Join) {
        let Join {
            press,
            session,
            epoch,
            claimed,
            contested,
            outbox,
            asked,
        } = join;
        let Asked {
            roster,
            offer,
            sends,
            relay,
        } = asked;
        let link = press.link;
        // Whose time has run out is over before anybody is let in.
        self.happen(Event::DeadlinePassed);
        if let Some(word) = self.word_to_comer(link, session, &roster) {
            return outbox.end(word);
        }
        let here = |link| self.held.values().any(|held| held.link == link);
        let now = Arc::unwrap_or_clone(roster);
        let roster = now.with_those_here(&self.roster, here);
        self.take_roster(Arc::new(roster));
        let Some(holder) = self.roster.holder(link) else {
            return outbox.end(Close::NoSession);
        };
        let event = Event::JoinAsked {
            session,
            link,
            epoch,
            is_host: self.roster.is_host(link),
            may_hold: self.roster.holds(link),
        };
        let newcomer = Held::newcomer(press, holder.number.0, epoch);
        // What was prepared holds its own until it is seated.
        let prepared_lacks = match &offer {
            Offered::Prepared(prepared) => Some(prepared.lacks_relay()),
            Offered::Fresh(_) => None,
        };
        let arrival = Arrival {
            session,
            outbox,
            offer: Some(offer),
            sends,
            shown: None,
        };
        self.arrive(arrival, event, Some(newcomer));
        if self.roster.is_kept() && self.roster.is_fetched(link) {
            self.happen(Event::LetIn { link });
            self.settle();
        }
        if self.held.contains_key(&session) {
            if let Some(claimed) = claimed {
                claimed.settle();
            }
            self.hold_relay(session, &relay, prepared_lacks);
        }
        if contested {
            self.tell_contested(link);
        }
    }

    /// A session holds the credentials of the relay that came with its ticket; or what was prepared by it has said
    /// whether it does. The node that gave the ticket may have granted its own, when the meeting was nowhere yet.
    fn hold_relay(&mut self, session: SessionId, name: &str, prepared_lacks: Option<bool>) {
        let media = &self.live.ports.media;
        let holds = media.hold_relay(name, PeerKey(session.0));
        if let Some(held) = self.held.get_mut(&session) {
            held.lacks_relay = prepared_lacks.unwrap_or(!holds);
        }
    }

    /// What whoever comes by a ticket hears who may not come in any more, or not yet: it was moved since they had it.
    fn word_to_comer(&self, link: LinkId, session: SessionId, roster: &Roster) -> Option<LastWord> {
        match self.live.ports.cluster.standing(link, session) {
            Standing::Live if roster.is_too_early(ambient::now()) => {
                Some(GoodbyeReason::Disconnected.into())
            }
            Standing::Live => None,
            Standing::Replaced => Some(GoodbyeReason::Replaced.into()),
            Standing::Withdrawn => Some(GoodbyeReason::Withdrawn.into()),
            Standing::Over => Some(Close::NoSession.into()),
        }
    }

    pub(super) fn resume(&mut self, resume: Resume) {
        let Resume {
            session,
            epoch,
            secret,
            outbox,
            offer,
            sends,
        } = resume;
        let Some(held) = self.held.get(&session) else {
            // It was over a moment ago.
            return outbox.end(self.live.word_to(session));
        };
        let whose = (session, held.press);
        let shown = match self.live.check(whose, held.secrets, secret.reveal()) {
            Ok(shown) => shown,
            Err(word) => return outbox.end(word),
        };
        let media = if offer.is_some() {
            Media::Fresh
        } else {
            Media::Kept
        };
        let event = Event::SessionResumed {
            session,
            epoch,
            media,
        };
        let arrival = Arrival {
            session,
            outbox,
            offer: offer.map(Offered::Fresh),
            sends,
            shown: Some(shown),
        };
        self.arrive(arrival, event, None);
    }

    fn arrive(&mut self, arrival: Arrival, event: Event, newcomer: Option<Held>) {
        let session = arrival.session;
        if let Some(held) = self.held.get(&session)
            && held.newest > arrival.outbox.number
        {
            // It was overtaken by a newer socket of the same session, which may be lost again by now.
            return arrival.outbox.end(GoodbyeReason::Replaced);
        }
        let now = self.live.clock.now();
        let effects = self.call.handle(event, now);
        let refusal = effects.iter().find_map(|effect| match effect {
            Effect::Refuse {
                session: refused,
                refusal,
            } if *refused == session => Some(*refusal),
            Effect::Refuse { .. }
            | Effect::Admit { .. }
            | Effect::Queue { .. }
            | Effect::Resume { .. }
            | Effect::Evict { .. }
            | Effect::AttachMedia { .. }
            | Effect::DetachMedia { .. }
            | Effect::TellPeople
            | Effect::TellKnocking
            | Effect::TellCountdown
            | Effect::WakeAt(_) => None,
        });
        match refusal {
            Some(refusal) => {
                arrival.outbox.end(word_of(refusal));
                if newcomer.is_some() {
                    let parting = parting_of(refusal);
                    self.live.ports.cluster.release(session, parting, now);
                }
            }
            None => self.bind(arrival, newcomer),
        }
        self.perform(effects, now);
        self.read_talk();
        self.see_talk();
        self.settle();
        self.tell_whereabouts();
    }

    /// Makes the socket the one that its session uses; the one before hears that it was replaced.
    fn bind(&mut self, arrival: Arrival, newcomer: Option<Held>) {
        let session = arrival.session;
        let held = match (self.held.entry(session), newcomer) {
            (Entry::Occupied(held), _) => {
                let held = held.into_mut();
                match arrival.shown {
                    // The one that was shown works until the browser has this one.
                    Some(shown) => held.secrets.rotate(&shown),
                    // A join that is retried begins anew.
                    None => held.secrets.renew(),
                }
                held
            }
            (Entry::Vacant(place), Some(newcomer)) => place.insert(newcomer),
            // The call knows nobody whom this table does not; if it did, it fails closed.
            (Entry::Vacant(_), None) => return arrival.outbox.end(Close::NoSession),
        };
        let cluster = &self.live.ports.cluster;
        cluster.keep_secrets(session, held.secrets);
        held.told = Told::Nothing;
        held.sends = arrival.sends;
        if arrival.offer.is_some() {
            held.offer = arrival.offer;
            held.unsent = None;
        }
        held.newest = arrival.outbox.number;
        if let Some(older) = held.socket.replace(arrival.outbox) {
            older.end(GoodbyeReason::Replaced);
        }
    }

    /// Tells those whom it concerns that somebody's link goes from device to device (SESS-3).
    pub(super) fn tell_contested(&mut self, link: LinkId) {
        let Some(holder) = self.roster.holder(link) else {
            return;
        };
        let participant = holder.number.0;
        let readers: Vec<SessionId> = self
            .held
            .iter()
            .filter(|(_, held)| {
                held.told == Told::Joined && self.roster.may_disconnect(held.link, link)
            })
            .map(|(session, _)| *session)
            .collect();
        tracing::info!(call = self.id().0, participant, "link contested");
        for reader in readers {
            let notice = Notice::LinkContested { participant };
            self.say(reader, ServerMessage::Notice { notice });
        }
        self.settle();
    }
}

fn word_of(refusal: Refusal) -> LastWord {
    match refusal {
        Refusal::Unknown => Close::NoSession.into(),
        Refusal::Replaced | Refusal::Withdrawn | Refusal::Ended => {
            word_to_the_late(parting_of(refusal))
        }
    }
}

const fn parting_of(refusal: Refusal) -> call::Parting {
    match refusal {
        Refusal::Replaced => call::Parting::Replaced,
        Refusal::Unknown => call::Parting::TimedOut,
        Refusal::Withdrawn => call::Parting::Withdrawn,
        Refusal::Ended => call::Parting::Ended,
    }
}
