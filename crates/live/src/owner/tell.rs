//! What the people of a call are told.

use call::{Event, LinkId, SeatNumber, SessionId};
use sfu::PeerKey;
use wire::close::Close;
use wire::message::{CallInfo, Person, Power, ServerMessage, Session};

use super::{Owner, Told};
use crate::private::Private;

impl Owner {
    /// Puts a message in a session's outbox. A session too slow to read loses its socket.
    pub(super) fn say(&mut self, session: SessionId, message: ServerMessage) {
        let Some(held) = self.held.get_mut(&session) else {
            return;
        };
        let Some(socket) = &held.socket else {
            return;
        };
        if socket.say(message).is_err()
            && let Some(socket) = held.socket.take()
        {
            socket.end(Close::TooSlow);
            self.backlog.push_back(Event::SocketLost { session });
        }
    }

    /// `joined`, with the answer to the offer last sent.
    pub(super) fn tell_joined(&mut self, session: SessionId, answer: Option<Private<String>>) {
        let on_hold = self.is_on_hold(session);
        let Some(held) = self.held.get_mut(&session) else {
            return;
        };
        let Some(seat) = held.seat else {
            return;
        };
        if held.told == Told::Nothing
            && let Some(socket) = &held.socket
        {
            self.live.counts.join(socket.since.elapsed());
        }
        held.told = Told::Joined;
        held.pictures.is_gone |= answer.is_none() && !on_hold && !self.attached.contains(&session);
        let (you, link) = (held.participant, held.link);
        let powers = self.roster.holder(link).map(|it| it.powers);
        let powers = powers.unwrap_or_default().iter().map(Power::from).collect();
        let message = ServerMessage::Joined {
            session: self.keys(session),
            call: self.about(),
            you,
            powers,
            answer: answer.map(|answer| answer.reveal().clone()),
            people: self.people_for(link, seat),
            clock: self.clock.tell(),
        };
        self.say(session, message);
        if !self.speaking.is_empty() {
            let speaking = self.speaking.clone();
            self.say(session, ServerMessage::Speaking { speaking });
        }
        self.tell_knocking_to(session);
        self.tell_countdown_to(session);
        self.tell_pictures(session);
    }

    /// `people`, to everybody seated who was told `joined`.
    pub(super) fn tell_people(&mut self) {
        for (session, seat) in self.readers() {
            let Some(link) = self.held.get(&session).map(|held| held.link) else {
                continue;
            };
            let people = self.people_for(link, seat);
            self.say(session, ServerMessage::People { people });
        }
    }

    /// `speaking`, to the same.
    pub(super) fn tell_speaking(&mut self, peers: &[PeerKey]) {
        let mut speaking: Vec<u32> = peers
            .iter()
            .filter_map(|peer| self.held.get(&SessionId(peer.0)))
            .filter(|held| held.seat.is_some())
            .map(|held| held.participant)
            .collect();
        speaking.sort_unstable();
        if speaking == self.speaking {
            return;
        }
        self.speaking.clone_from(&speaking);
        for (session, _) in self.readers() {
            let speaking = speaking.clone();
            self.say(session, ServerMessage::Speaking { speaking });
        }
        self.settle();
    }

    pub(super) fn readers(&self) -> Vec<(SessionId, SeatNumber)> {
        self.held
            .iter()
            .filter(|(_, held)| held.told == Told::Joined)
            .filter_map(|(session, held)| Some((*session, held.seat?)))
            .collect()
    }

    /// Everybody seated, as whoever holds the seat `reader` by `link` sees them.
    fn people_for(&self, link: LinkId, reader: SeatNumber) -> Vec<Person> {
        self.call
            .people()
            .filter_map(|seated| {
                let holder = self.roster.holder(seated.link)?;
                let held = self.held.get(&seated.session)?;
                Some(Person {
                    participant: holder.number.0,
                    name: holder.name.reveal().to_owned(),
                    role: holder.role.into(),
                    slot: reader.slot_of(seated.seat).map(u32::from),
                    sends: held.sends,
                    reconnecting: seated.reconnecting,
                    on_hold: seated.on_hold,
                    may_disconnect: self.roster.may_disconnect(link, seated.link),
                    may_hold: self.roster.may_hold(link, seated.link),
                })
            })
            .collect()
    }

    /// What a browser needs to come back.
    pub(super) fn keys(&self, session: SessionId) -> Session {
        let held = self.held.get(&session);
        let secret = held.and_then(|held| self.live.newest((session, held.press), held.secrets));
        Session {
            id: session.0.to_string(),
            secret: secret.map(|it| it.reveal().clone()).unwrap_or_default(),
            epoch: held.map(|held| held.epoch.0).unwrap_or_default(),
            heartbeat_ms: millis(self.live.rules.heartbeat),
            grace_ms: millis(self.live.rules.grace),
        }
    }

    pub(super) fn about(&self) -> CallInfo {
        CallInfo {
            title: self.roster.meeting.title.reveal().to_owned(),
            cap: u32::from(super::cap(&self.live, &self.roster)),
            meeting: Some(self.roster.meeting.id.to_string()),
        }
    }
}

fn millis(duration: std::time::Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
