//! The state machine of one call.

mod memory;
mod queue;
mod seat;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::event::{Effect, Event, Media, Parting, Refusal};
use crate::ids::{Epoch, LinkId, Moment, SeatNumber, SessionId};
use memory::Memory;
use queue::{Queue, Waiter};
use seat::{Occupant, Seat};

/// What may be set for a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rules {
    /// The most people seated at any instant (CALL-1). 1 to 4; anything else is taken as the
    /// nearest of these.
    pub cap: u8,
    /// How long a lost socket keeps its seat or place (CALL-5).
    pub grace: Duration,
    /// How long one whose page was closed keeps them: a page that is loaded again is back by then.
    pub closed_grace: Duration,
    /// A link for which one seat is held (CALL-4): while it holds none, the others may take all
    /// seats but one.
    pub held_for: Option<LinkId>,
    /// Whether guests knock, and a host lets them in or turns them away (ROOM-3).
    pub is_kept: bool,
    /// For how long guests may be here without a host: then it is over for them (ROOM-4). While no
    /// host is seated, one seat is held for one. For ever, where there is none.
    pub host_within: Option<Duration>,
}

/// Somebody seated.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Person {
    /// Their link.
    pub link: LinkId,
    /// Their session.
    pub session: SessionId,
    /// Their seat.
    pub seat: SeatNumber,
    /// Whether their socket is lost.
    pub reconnecting: bool,
    /// Whether they are on hold: no media goes to or from them.
    pub on_hold: bool,
}

/// Somebody in the queue.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Waiting {
    /// Their link.
    pub link: LinkId,
    /// Their session.
    pub session: SessionId,
    /// Whether their socket is lost.
    pub reconnecting: bool,
    /// Whether a host is to let them in first.
    pub knocks: bool,
}

/// Somebody who was here when the owner of a call was lost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Kept {
    /// Their session.
    pub session: SessionId,
    /// Their link.
    pub link: LinkId,
    /// The epoch of their session.
    pub epoch: Epoch,
    /// Their seat; none where they waited.
    pub seat: Option<SeatNumber>,
    /// Whether they were on hold.
    pub on_hold: bool,
}

/// One call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Call {
    rules: Rules,
    /// As many as the cap.
    seats: Vec<Seat>,
    queue: Queue,
    memory: Memory,
    is_over: bool,
    /// The links that are on hold, also of those who left meanwhile: empty where nobody is seated who
    /// could take them off it.
    on_hold: BTreeSet<LinkId>,
    /// By when a host must come, where there are guests and none is seated.
    countdown: Option<Moment>,
    /// The wake that was asked for last and has not come yet.
    asked: Option<Moment>,
}

impl Call {
    /// An empty call.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        let cap = rules.cap.clamp(1, 4);
        Self {
            rules: Rules { cap, ..rules },
            seats: vec![Seat::Free; usize::from(cap)],
            queue: Queue::default(),
            memory: Memory::default(),
            is_over: false,
            on_hold: BTreeSet::new(),
            countdown: None,
            asked: None,
        }
    }

    /// A call as it was when its owner was lost: who was seated in their own seats, then those who
    /// waited, first come first. All of their sockets are lost since `now` (SESS-8).
    ///
    /// A link that is there twice has its newest session; whose seat is no more, or somebody else's,
    /// waits before those who waited. Whoever waits at a kept door knocks anew; whoever was on hold
    /// still is, while one of those who `may_hold` is seated.
    #[must_use]
    pub fn restored(
        rules: Rules,
        kept: &[Kept],
        is_host: impl Fn(LinkId) -> bool,
        may_hold: impl Fn(LinkId) -> bool,
        now: Moment,
    ) -> Self {
        let mut call = Self::new(rules);
        let until = now.after(call.rules.grace);
        let mut kept = kept.to_vec();
        kept.sort_by_key(|it| it.seat.is_none());
        for it in &kept {
            call.memory.note(it.link, it.epoch);
        }
        for it in kept {
            let occupant = Occupant {
                session: it.session,
                link: it.link,
                epoch: it.epoch,
                is_host: is_host(it.link),
                may_hold: may_hold(it.link),
            };
            if it.on_hold && !occupant.is_host {
                call.on_hold.insert(it.link);
            }
            if call.memory.is_older(it.link, it.epoch) {
                call.memory.bury(occupant, Parting::Replaced);
                continue;
            }
            let seat = it
                .seat
                .and_then(|seat| call.seats.get_mut(usize::from(seat.0)));
            match seat {
                Some(seat) if *seat == Seat::Free => {
                    *seat = Seat::Kept { occupant, until };
                }
                Some(_) | None => {
                    call.wait(occupant);
                    call.queue.lose(it.session, until);
                }
            }
        }
        call
    }

    /// Takes one event and gives all its consequences, in the order to perform them.
    ///
    /// Whatever the event, seats and places whose grace has passed by `now` are given up first: a
    /// late [`Event::DeadlinePassed`] lets nobody come back to a seat that is over, and keeps
    /// nobody waiting for it.
    pub fn handle(&mut self, event: Event, now: Moment) -> Vec<Effect> {
        let before: Vec<Person> = self.people().collect();
        let knocked: Vec<LinkId> = self.knocking().collect();
        let countdown = self.countdown;
        let mut effects = Vec::new();
        self.part(
            |_, until| until.is_some_and(|it| it <= now),
            Parting::TimedOut,
            &mut effects,
        );
        self.admit(&mut effects);
        self.end_in_vain(now, &mut effects);
        self.end_holds(&mut effects);
        self.apply(event, now, &mut effects);
        self.admit(&mut effects);
        self.end_holds(&mut effects);
        self.await_host(now);
        self.queue.tell_places(self.active(), &mut effects);
        if !self.people().eq(before) {
            effects.push(Effect::TellPeople);
        }
        if !self.knocking().eq(knocked) {
            effects.push(Effect::TellKnocking);
        }
        if self.countdown != countdown {
            effects.push(Effect::TellCountdown);
        }
        self.wake(&mut effects);
        effects
    }

    /// Everybody seated, by seat.
    pub fn people(&self) -> impl Iterator<Item = Person> + '_ {
        self.numbered().filter_map(|(number, seat)| {
            seat.occupant().map(|it| Person {
                link: it.link,
                session: it.session,
                seat: number,
                reconnecting: seat.until().is_some(),
                on_hold: self.on_hold.contains(&it.link),
            })
        })
    }

    /// Everybody who waits, first come first.
    pub fn waiting(&self) -> impl Iterator<Item = Waiting> + '_ {
        self.queue.iter().map(|it| Waiting {
            link: it.occupant.link,
            session: it.occupant.session,
            reconnecting: !it.is_present(),
            knocks: it.knocks,
        })
    }

    /// The links of those who knock, first come first.
    pub fn knocking(&self) -> impl Iterator<Item = LinkId> + '_ {
        let knocking = self.queue.iter().filter(|it| it.knocks);
        knocking.map(|it| it.occupant.link)
    }

    /// By when a host must come; none where one is seated, or nobody awaits one.
    #[must_use]
    pub const fn countdown(&self) -> Option<Moment> {
        self.countdown
    }

    /// Whether nobody is seated and nobody waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.active() == 0 && self.queue.is_empty()
    }

    /// Whether it has ended, and so admits nobody any more.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.is_over
    }

    /// How many seats are taken, those of lost sockets included (CALL-3).
    #[must_use]
    pub fn active(&self) -> u32 {
        self.people().map(|_| 1).sum()
    }

    fn apply(&mut self, event: Event, now: Moment, effects: &mut Vec<Effect>) {
        match event {
            Event::JoinAsked {
                session,
                link,
                epoch,
                is_host,
                may_hold,
            } => self.join(
                Occupant {
                    session,
                    link,
                    epoch,
                    is_host,
                    may_hold,
                },
                effects,
            ),
            Event::LetIn { link } => self.queue.let_in(|it| it == link),
            Event::TurnedAway { link } => {
                let goes = |it: Waiter, _| it.knocks && it.occupant.link == link;
                self.unqueue(goes, Parting::TurnedAway, effects);
            }
            Event::Held { link, on_hold } => self.hold(link, on_hold, effects),
            Event::DoorChanged { is_kept } => {
                self.rules.is_kept = is_kept;
                if !is_kept {
                    self.queue.let_in(|_| true);
                }
            }
            Event::SocketLost { session } => self.lose(session, now.after(self.rules.grace)),
            Event::PageClosed { session } => {
                self.lose(session, now.after(self.rules.closed_grace));
            }
            Event::SessionResumed {
                session,
                epoch,
                media,
            } => self.resume(session, epoch, media, effects),
            Event::MediaRenewed { session } => self.renew_media(session, effects),
            Event::Left { session } => {
                self.part(|it, _| it.session == session, Parting::Left, effects);
            }
            Event::Superseded { link, epoch } => {
                // The newer one may be of this call, and is yet to come.
                self.memory.note(link, Epoch(epoch.0.saturating_sub(1)));
                let is_older = |it: Occupant, _| it.link == link && it.epoch < epoch;
                self.part(is_older, Parting::Replaced, effects);
            }
            Event::Withdrawn { link } => {
                self.memory.withdraw(link);
                self.part(|it, _| it.link == link, Parting::Withdrawn, effects);
            }
            Event::Disconnected { link } => {
                self.part(|it, _| it.link == link, Parting::Disconnected, effects);
            }
            Event::DeadlinePassed => self.asked = None,
            Event::Ended => self.end(Parting::Ended, effects),
            Event::TimeUp => self.end(Parting::TimeUp, effects),
            Event::Stopped => self.end(Parting::Stopped, effects),
        }
    }

    fn end(&mut self, reason: Parting, effects: &mut Vec<Effect>) {
        self.is_over = true;
        self.part(|_, _| true, reason, effects);
    }

    fn join(&mut self, newcomer: Occupant, effects: &mut Vec<Effect>) {
        let session = newcomer.session;
        if let Some(here) = self.find(session) {
            // The same join again: it is here already, and comes with a fresh peer connection.
            if here == newcomer {
                self.resume(session, newcomer.epoch, Media::Fresh, effects);
            }
            return;
        }
        if let Some(refusal) = self.refusal(newcomer) {
            effects.push(Effect::Refuse { session, refusal });
            return;
        }
        self.memory.note(newcomer.link, newcomer.epoch);
        if !self.take_over(newcomer, effects) {
            self.wait(newcomer);
        }
    }

    /// Takes the last place, at the door where it is kept.
    fn wait(&mut self, newcomer: Occupant) {
        let knocks = self.rules.is_kept && !newcomer.is_host;
        self.queue.push(newcomer, knocks);
    }

    fn refusal(&self, newcomer: Occupant) -> Option<Refusal> {
        if self.is_over {
            Some(Refusal::Ended)
        } else if self.memory.is_withdrawn(newcomer.link) {
            Some(Refusal::Withdrawn)
        } else if self.memory.is_stale(newcomer.link, newcomer.epoch) {
            Some(Refusal::Replaced)
        } else {
            None
        }
    }

    /// Gives `newcomer` the seat, or the place in the queue, of the same link's older session; says
    /// whether there was one (SESS-2).
    fn take_over(&mut self, newcomer: Occupant, effects: &mut Vec<Effect>) -> bool {
        let seated = (0..).zip(&mut self.seats).find_map(|(number, seat)| {
            let old = seat.occupant().filter(|it| it.link == newcomer.link)?;
            *seat = Seat::Held(newcomer);
            Some((old, SeatNumber(number)))
        });
        let reason = Parting::Replaced;
        if let Some((old, seat)) = seated {
            self.memory.bury(old, reason);
            let session = old.session;
            effects.push(Effect::Evict { session, reason });
            if !self.on_hold.contains(&newcomer.link) {
                effects.push(Effect::DetachMedia { session });
            }
            self.seat_media(newcomer, seat, effects);
            true
        } else if let Some(old) = self.queue.replace(newcomer) {
            self.memory.bury(old, reason);
            let session = old.session;
            effects.push(Effect::Evict { session, reason });
            true
        } else {
            false
        }
    }

    fn lose(&mut self, session: SessionId, until: Moment) {
        if let Some(seat) = self.seats.iter_mut().find(|it| it.is_of(session)) {
            *seat = seat.lose(until);
        } else {
            self.queue.lose(session, until);
        }
    }

    fn resume(
        &mut self,
        session: SessionId,
        epoch: Epoch,
        media: Media,
        effects: &mut Vec<Effect>,
    ) {
        let refusal = match self.find(session) {
            _ if self.is_over => Some(Refusal::Ended),
            None => Some(self.memory.refusal(session)),
            Some(here) if epoch < here.epoch => Some(Refusal::Replaced),
            Some(here) if epoch > here.epoch => Some(Refusal::Unknown),
            Some(_) => None,
        };
        if let Some(refusal) = refusal {
            effects.push(Effect::Refuse { session, refusal });
            return;
        }
        let seated = (0..)
            .zip(&mut self.seats)
            .find(|(_, seat)| seat.is_of(session));
        let Some((number, seat)) = seated else {
            self.queue.resume(session);
            return;
        };
        *seat = seat.resume();
        let link = seat.occupant().map(|it| it.link);
        let seat = SeatNumber(number);
        let media = match media {
            // It comes when they are off hold.
            _ if link.is_some_and(|it| self.on_hold.contains(&it)) => Media::Kept,
            media @ (Media::Kept | Media::Fresh) => media,
        };
        effects.push(Effect::Resume {
            session,
            seat,
            media,
        });
        match media {
            Media::Kept => {}
            Media::Fresh => {
                effects.push(Effect::DetachMedia { session });
                effects.push(Effect::AttachMedia { session, seat });
            }
        }
    }

    fn hold(&mut self, link: LinkId, on_hold: bool, effects: &mut Vec<Effect>) {
        let mut seated = self.numbered();
        let found = seated.find_map(|(seat, state)| {
            let it = state
                .occupant()
                .filter(|it| it.link == link && !it.is_host)?;
            Some((it.session, seat))
        });
        drop(seated);
        let Some((session, seat)) = found else { return };
        let may_end = self.may_end_holds().any(|it| it != link);
        if on_hold && may_end && self.on_hold.insert(link) {
            effects.push(Effect::DetachMedia { session });
        } else if !on_hold && self.on_hold.remove(&link) {
            effects.push(Effect::AttachMedia { session, seat });
        }
    }

    /// The links of those who can take somebody off hold now: seated, and not on hold themselves.
    fn may_end_holds(&self) -> impl Iterator<Item = LinkId> + '_ {
        let seated = self.seats.iter().filter_map(|it| it.occupant());
        let may = seated.filter(|it| it.may_hold && !self.on_hold.contains(&it.link));
        may.map(|it| it.link)
    }

    /// Nobody stays on hold whom nobody can take off it.
    fn end_holds(&mut self, effects: &mut Vec<Effect>) {
        if self.may_end_holds().next().is_some() {
            return;
        }
        let on_hold = std::mem::take(&mut self.on_hold);
        for (seat, state) in self.numbered() {
            if let Some(it) = state.occupant().filter(|it| on_hold.contains(&it.link)) {
                let session = it.session;
                effects.push(Effect::AttachMedia { session, seat });
            }
        }
    }

    fn renew_media(&self, session: SessionId, effects: &mut Vec<Effect>) {
        for (seat, state) in self.numbered() {
            match state {
                Seat::Held(it) if it.session == session && !self.on_hold.contains(&it.link) => {
                    effects.push(Effect::DetachMedia { session });
                    effects.push(Effect::AttachMedia { session, seat });
                }
                // A message of a lost socket comes too late to count.
                Seat::Free | Seat::Held(_) | Seat::Kept { .. } => {}
            }
        }
    }

    /// Ends every session that is to go, told by who it is and until when it is kept.
    fn part(
        &mut self,
        goes: impl Fn(Occupant, Option<Moment>) -> bool,
        reason: Parting,
        effects: &mut Vec<Effect>,
    ) {
        for seat in &mut self.seats {
            if let Some(it) = seat.occupant().filter(|it| goes(*it, seat.until())) {
                *seat = Seat::Free;
                self.memory.bury(it, reason);
                let session = it.session;
                effects.push(Effect::Evict { session, reason });
                if !self.on_hold.contains(&it.link) {
                    effects.push(Effect::DetachMedia { session });
                }
            }
        }
        self.unqueue(|it, until| goes(it.occupant, until), reason, effects);
    }

    fn unqueue(
        &mut self,
        goes: impl Fn(Waiter, Option<Moment>) -> bool,
        reason: Parting,
        effects: &mut Vec<Effect>,
    ) {
        for it in self.queue.remove(goes) {
            self.memory.bury(it, reason);
            let session = it.session;
            effects.push(Effect::Evict { session, reason });
        }
    }

    /// No host came in time: it is over for the guests (ROOM-4).
    fn end_in_vain(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        if self.countdown.take_if(|until| *until <= now).is_some() {
            self.part(|it, _| !it.is_host, Parting::NobodyCame, effects);
            self.admit(effects);
        }
    }

    /// The time in which a host must come begins where there is none, and ends with their coming.
    fn await_host(&mut self, now: Moment) {
        self.countdown = match self.rules.host_within {
            Some(within) if self.awaits_host() && !self.is_empty() => {
                Some(self.countdown.unwrap_or_else(|| now.after(within)))
            }
            Some(_) | None => None,
        };
    }

    /// Whether a host is to be seated who is not.
    fn awaits_host(&self) -> bool {
        let mut seated = self.seats.iter().filter_map(|it| it.occupant());
        self.rules.host_within.is_some() && !seated.any(|it| it.is_host)
    }

    /// Seats those who wait, in order, while there is a seat they may have (CALL-2).
    fn admit(&mut self, effects: &mut Vec<Effect>) {
        loop {
            let left = u32::from(self.rules.cap) - self.active();
            let (held_for, for_host) = (self.held_for(), self.holds_for_host());
            let free = (0..)
                .zip(&mut self.seats)
                .find(|(_, seat)| **seat == Seat::Free);
            let Some((number, seat)) = free else { return };
            let next = self.queue.next(|it| {
                let others = held_for.is_some_and(|link| link != it.link);
                left > u32::from(others) + u32::from(for_host && !it.is_host)
            });
            let Some(next) = next else { return };
            *seat = Seat::Held(next);
            self.seat_media(next, SeatNumber(number), effects);
        }
    }

    fn seat_media(&self, whose: Occupant, seat: SeatNumber, effects: &mut Vec<Effect>) {
        let session = whose.session;
        effects.push(Effect::Admit { session, seat });
        if !self.on_hold.contains(&whose.link) {
            effects.push(Effect::AttachMedia { session, seat });
        }
    }

    /// The link for which a free seat is held, if there is one (CALL-4).
    fn held_for(&self) -> Option<LinkId> {
        let held_for = self.rules.held_for?;
        let may_come =
            !self.people().any(|it| it.link == held_for) && !self.memory.is_withdrawn(held_for);
        may_come.then_some(held_for)
    }

    /// Whether a free seat is held for a host; a call of one seat has none to spare.
    fn holds_for_host(&self) -> bool {
        self.rules.cap > 1 && self.awaits_host()
    }

    fn wake(&mut self, effects: &mut Vec<Effect>) {
        let seats = self.seats.iter().filter_map(|it| it.until());
        let earliest = seats.chain(self.queue.earliest()).chain(self.countdown);
        let earliest = earliest.min();
        if let Some(at) = earliest
            && self.asked != earliest
        {
            self.asked = earliest;
            effects.push(Effect::WakeAt(at));
        }
    }

    fn find(&self, session: SessionId) -> Option<Occupant> {
        let seated = self.seats.iter().filter_map(|it| it.occupant());
        let waiting = self.queue.iter().map(|it| it.occupant);
        seated.chain(waiting).find(|it| it.session == session)
    }

    fn numbered(&self) -> impl Iterator<Item = (SeatNumber, Seat)> + '_ {
        (0..).map(SeatNumber).zip(self.seats.iter().copied())
    }
}
