//! Performing a call's effects, in order.

use call::{Effect, Media, Moment, Parting, SeatNumber, SessionId};
use sfu::PeerKey;
use tokio::time::Instant;
use wire::message::{GoodbyeReason, ServerMessage};

use super::{Owner, Place, Told};
use crate::door::{Ready, word_to_the_late};
use crate::ports::Note;

impl Owner {
    pub(super) fn perform(&mut self, effects: Vec<Effect>, now: Moment) {
        for effect in effects {
            match effect {
                Effect::Admit { session, seat } => self.admit(session, seat),
                Effect::Queue {
                    session,
                    place,
                    active,
                    knocks,
                } => {
                    let place = Place {
                        number: place,
                        active,
                        knocks,
                    };
                    self.queue(session, place);
                }
                Effect::Resume {
                    session,
                    seat,
                    media,
                } => self.welcome_back(session, seat, media),
                // Said where the socket arrived.
                Effect::Refuse { .. } => {}
                Effect::Evict { session, reason } => self.evict(session, reason, now),
                Effect::AttachMedia { session, seat } => self.attach(session, seat),
                Effect::DetachMedia { session } => self.detach(session),
                Effect::TellPeople => self.tell_people(),
                Effect::TellKnocking => self.tell_knocking(),
                Effect::TellCountdown => self.tell_countdown(),
                Effect::WakeAt(moment) => self.wake_at = Some(moment),
            }
        }
    }

    fn admit(&mut self, session: SessionId, seat: SeatNumber) {
        let call = self.id().0;
        if let Some(held) = self.held.get_mut(&session) {
            held.seat = Some(seat);
            held.place = None;
            if let Some(since) = held.waits_since.take() {
                self.live.counts.wait(since.elapsed());
            }
            // `joined` follows when the media plane has answered.
            if held.told == Told::Queued
                && let Some(socket) = &mut held.socket
            {
                socket.since = Instant::now();
            }
            held.told = Told::Nothing;
            self.has_begun = true;
            self.live.counts.seat();
            tracing::info!(
                call,
                session = session.0,
                participant = held.participant,
                seat = seat.0,
                "joined"
            );
            if let Some(one) = self.roster.holder(held.link) {
                let inviter = one.invited_by.and_then(|it| self.roster.link(it));
                let holder = one.holder;
                let note = Note::Joined { holder, inviter };
                self.note(note);
            }
        }
        if self.is_on_hold(session) {
            // It takes over from one that is: no media is attached, and no answer brings `joined`.
            self.tell_joined(session, None);
        }
    }

    fn welcome_back(&mut self, session: SessionId, seat: SeatNumber, media: Media) {
        let call = self.id().0;
        let Some(held) = self.held.get_mut(&session) else {
            return;
        };
        held.seat = Some(seat);
        tracing::info!(
            call,
            session = session.0,
            participant = held.participant,
            ?media,
            "came back"
        );
        let is_answered = held.asked.is_none();
        match media {
            // The media plane's answer brings `joined`.
            Media::Fresh => {}
            Media::Kept if is_answered => {
                let answer = held.unsent.take();
                self.tell_joined(session, answer);
            }
            // It comes with the answer that is on its way.
            Media::Kept => {}
        }
    }

    fn evict(&mut self, session: SessionId, reason: Parting, now: Moment) {
        // First what must not be left undone, whatever breaks off after it.
        if !self.held.contains_key(&session) {
            return;
        }
        self.live.ports.cluster.release(session, reason, now);
        self.live.counts.part(reason);
        let next = self.way_on(session, reason);
        self.live.ports.media.end_relay(PeerKey(session.0));
        let Some(held) = self.held.remove(&session) else {
            return;
        };
        tracing::info!(
            call = self.id().0,
            session = session.0,
            participant = held.participant,
            ?reason,
            "left"
        );
        if let Some(one) = self.roster.holder(held.link) {
            let note = Note::Parted {
                holder: one.holder,
                why: reason,
                was_seated: held.seat.is_some(),
            };
            self.note(note);
        }
        if let Some(socket) = held.socket {
            let word = match reason {
                Parting::Left => GoodbyeReason::Left.into(),
                Parting::Replaced
                | Parting::Withdrawn
                | Parting::Disconnected
                | Parting::TurnedAway
                | Parting::NobodyCame
                | Parting::Ended
                | Parting::TimeUp
                | Parting::Stopped
                | Parting::TimedOut => word_to_the_late(reason),
            };
            socket.end_for(word, next);
        }
    }

    /// Whose time is up goes on with the connection they have, where they have said to what.
    fn way_on(&mut self, session: SessionId, reason: Parting) -> Option<Ready> {
        let held = self.held.get_mut(&session)?;
        let next = held.next.take()?;
        let is_connected = held.told == Told::Joined && held.asked.is_none();
        let may = reason == Parting::TimeUp
            && is_connected
            && held.socket.is_some()
            && self.attached.contains(&session);
        may.then(|| next.take(&self.live, PeerKey(session.0)))?
    }

    fn detach(&mut self, session: SessionId) {
        self.live.ports.media.detach(PeerKey(session.0));
        self.attached.remove(&session);
        if let Some(held) = self.held.get_mut(&session) {
            held.asked = None;
            held.unsent = None;
        }
    }

    /// Somebody waits, at this place from now on. A socket that was told nothing yet hears of it once it is written down.
    fn queue(&mut self, session: SessionId, place: Place) {
        let Some(held) = self.held.get_mut(&session) else {
            return;
        };
        held.waits_since.get_or_insert_with(Instant::now);
        held.place = Some(place);
        match held.told {
            Told::Nothing if held.asked.is_some() => {}
            Told::Nothing => self.tell_when_written(session),
            Told::Queued | Told::Joined => self.tell_place(session),
        }
    }

    /// `queued`, with the place that a session has now.
    pub(super) fn tell_place(&mut self, session: SessionId) {
        let Some(held) = self.held.get_mut(&session) else {
            return;
        };
        let Some(Place {
            number: place,
            active,
            knocks,
        }) = held.place
        else {
            return;
        };
        held.told = Told::Queued;
        let message = ServerMessage::Queued {
            session: self.keys(session),
            call: self.about(),
            place,
            active,
            knocks,
        };
        self.say(session, message);
    }
}
