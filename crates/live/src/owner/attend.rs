//! What members do for those who come and those who are there: the door, disconnecting, hold; and the
//! time in which one of them must come.

use std::collections::BTreeSet;
use std::sync::Arc;

use call::{Event, LinkId, SessionId};
use wire::message::{Knocker, Power, RefusedCode, ServerMessage};

use super::{Owner, Told};
use crate::roster::Roster;

impl Owner {
    /// What the records say of the meeting now: its door may be another, and its call may have been
    /// stopped (SCR-14).
    pub(super) fn take_roster(&mut self, roster: Arc<Roster>) {
        let is_kept = roster.is_kept();
        let changes = is_kept != self.roster.is_kept();
        let is_stopped = self.is_stopped_by(&roster);
        if is_stopped {
            // Whoever it keeps out parts as who they were: the new roster has them no more.
            self.happen(Event::Stopped);
        }
        self.roster = roster;
        if !is_stopped && changes {
            self.happen(Event::DoorChanged { is_kept });
        }
    }

    /// Whether the call was stopped since it began, or since the records were read.
    pub(super) fn is_stopped_by(&self, roster: &Roster) -> bool {
        roster.stops > self.roster.stops
    }

    /// Somebody lets in or turns away some who knock; whoever knocks no more is passed over.
    pub(super) fn answer_the_door(
        &mut self,
        session: SessionId,
        whom: &[u32],
        answer: impl Fn(LinkId) -> Event,
    ) {
        if self.participant_with(session, Power::Admit).is_none() {
            return;
        }
        let whom: BTreeSet<u32> = whom.iter().copied().collect();
        let links: Vec<LinkId> = self.call.knocking().collect();
        for link in links {
            let number = self.roster.holder(link).map(|it| it.number.0);
            if number.is_some_and(|it| whom.contains(&it)) {
                self.happen(answer(link));
            }
        }
    }

    /// Somebody disconnects another (SCR-5).
    pub(super) fn disconnect(&mut self, session: SessionId, whom: u32) {
        if let Some(link) = self.seated_whom(session, whom, Roster::may_disconnect) {
            self.happen(Event::Disconnected { link });
        }
    }

    /// Somebody puts another on hold, or takes them off it (SCR-14).
    pub(super) fn hold(&mut self, session: SessionId, whom: u32, on_hold: bool) {
        let Some(link) = self.seated_whom(session, whom, Roster::may_hold) else {
            return;
        };
        self.happen(Event::Held { link, on_hold });
        // Whose media had not been answered yet has none to wait for now.
        let mut held = self.held.iter();
        let unanswered = held.find(|(session, it)| {
            it.link == link && it.told != Told::Joined && self.is_on_hold(**session)
        });
        if let Some(session) = unanswered.map(|(session, _)| *session) {
            self.tell_joined(session, None);
        }
    }

    /// The link of a seated participant whom this session `may` do something to; refused otherwise. Who
    /// is not there any more is passed over.
    fn seated_whom(
        &mut self,
        session: SessionId,
        whom: u32,
        may: impl Fn(&Roster, LinkId, LinkId) -> bool,
    ) -> Option<LinkId> {
        let held = self.held.get(&session)?;
        if held.told != Told::Joined {
            let detail = "only who holds a seat may do that";
            self.refuse(session, RefusedCode::NotSeated, detail);
            return None;
        }
        let mut others = self.held.values();
        let other = others.find(|it| it.participant == whom && it.seat.is_some())?;
        if may(&self.roster, held.link, other.link) {
            return Some(other.link);
        }
        let detail = "nobody gave you the power to do that to them";
        self.refuse(session, RefusedCode::NotAllowed, detail);
        None
    }

    pub(super) fn is_on_hold(&self, session: SessionId) -> bool {
        let mut people = self.call.people();
        people.any(|it| it.session == session && it.on_hold)
    }

    /// `knocking`, to everybody seated who may let somebody in.
    pub(super) fn tell_knocking(&mut self) {
        for (session, _) in self.readers() {
            self.say_knocking(session);
        }
    }

    /// The same to one who has just come, where somebody knocks.
    pub(super) fn tell_knocking_to(&mut self, session: SessionId) {
        if self.call.knocking().next().is_some() {
            self.say_knocking(session);
        }
    }

    fn say_knocking(&mut self, session: SessionId) {
        let reader = self.held.get(&session);
        let reader = reader.and_then(|held| self.roster.holder(held.link));
        if reader.is_none_or(|it| !it.powers.has(school::Power::Admit)) {
            return;
        }
        let knocking = self.call.knocking();
        let knocking = knocking.filter_map(|link| self.roster.holder(link));
        let people = knocking.map(|it| Knocker {
            participant: it.number.0,
            name: it.name.reveal().to_owned(),
        });
        let people = people.collect();
        self.say(session, ServerMessage::Knocking { people });
    }

    /// `countdown`, to everybody who is here.
    pub(super) fn tell_countdown(&mut self) {
        let told = |it: &Told| *it != Told::Nothing;
        let all: Vec<SessionId> = self
            .held
            .iter()
            .filter(|(_, held)| told(&held.told))
            .map(|(session, _)| *session)
            .collect();
        let ends_in_ms = self.countdown();
        for session in all {
            self.say(session, ServerMessage::Countdown { ends_in_ms });
        }
    }

    /// The same to one who has just come, where there is one.
    pub(super) fn tell_countdown_to(&mut self, session: SessionId) {
        let ends_in_ms = self.countdown();
        if ends_in_ms.is_some() {
            self.say(session, ServerMessage::Countdown { ends_in_ms });
        }
    }

    fn countdown(&self) -> Option<u32> {
        let left = self.call.countdown()?.since(self.live.clock.now());
        Some(u32::try_from(left.as_millis()).unwrap_or(u32::MAX))
    }
}
