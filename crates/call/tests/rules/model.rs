//! The rules of one call, told as plainly as possible: one list of members in the order they came,
//! and everything ever known about links and sessions. It knows no effects, only outcomes.

use std::collections::{BTreeMap, BTreeSet};

use crate::stage::{is_host, may_hold};
use call::{Epoch, Event, Kept, LinkId, Moment, Parting, Refusal, Rules, SessionId};

/// Somebody in the call: seated, or waiting in the order of the list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Member {
    pub(crate) session: SessionId,
    pub(crate) link: LinkId,
    pub(crate) epoch: Epoch,
    pub(crate) seat: Option<u8>,
    /// Until when it is kept, where its socket is lost.
    pub(crate) until: Option<Moment>,
    /// Whether they are yet to be let in.
    pub(crate) knocks: bool,
}

/// The reference for one call.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) rules: Rules,
    pub(crate) members: Vec<Member>,
    newest: BTreeMap<LinkId, Epoch>,
    withdrawn: BTreeSet<LinkId>,
    past: BTreeMap<SessionId, (Member, Parting)>,
    is_over: bool,
    /// The links on hold, whether they are here or not.
    pub(crate) on_hold: BTreeSet<LinkId>,
    /// By when a host must be seated.
    pub(crate) countdown: Option<Moment>,
}

impl Model {
    pub(crate) fn new(rules: Rules) -> Self {
        Self {
            rules,
            members: Vec::new(),
            newest: BTreeMap::new(),
            withdrawn: BTreeSet::new(),
            past: BTreeMap::new(),
            is_over: false,
            on_hold: BTreeSet::new(),
            countdown: None,
        }
    }

    /// With those who were here when the owner was lost.
    pub(crate) fn restored(rules: Rules, kept: &[Kept], now: Moment) -> Self {
        let members = kept.iter().map(|it| Member {
            session: it.session,
            link: it.link,
            epoch: it.epoch,
            seat: it.seat.map(|seat| seat.0),
            until: Some(now.after(rules.grace)),
            knocks: rules.is_kept && it.seat.is_none() && !is_host(it.link),
        });
        let on_hold = kept.iter().filter(|it| it.on_hold && !is_host(it.link));
        Self {
            members: members.collect(),
            on_hold: on_hold.map(|it| it.link).collect(),
            newest: kept.iter().map(|it| (it.link, it.epoch)).collect(),
            ..Self::new(rules)
        }
    }

    pub(crate) fn member(&self, session: SessionId) -> Option<Member> {
        self.members
            .iter()
            .copied()
            .find(|it| it.session == session)
    }

    pub(crate) fn is_withdrawn(&self, link: LinkId) -> bool {
        self.withdrawn.contains(&link)
    }

    pub(crate) fn active(&self) -> usize {
        self.members.iter().filter(|it| it.seat.is_some()).count()
    }

    /// Whether `link` may have one more seat.
    pub(crate) fn may_sit(&self, link: LinkId) -> bool {
        let mut room = usize::from(self.rules.cap);
        if let Some(held_for) = self.rules.held_for
            && held_for != link
            && !self.is_withdrawn(held_for)
            && !self
                .members
                .iter()
                .any(|it| it.link == held_for && it.seat.is_some())
        {
            room -= 1;
        }
        if self.rules.cap > 1 && self.awaits_host() && !is_host(link) {
            room = room.saturating_sub(1);
        }
        self.active() < room
    }

    /// Whether guests here are waiting for somebody at home here.
    pub(crate) fn awaits_host(&self) -> bool {
        let mut seated = self.members.iter().filter(|it| it.seat.is_some());
        self.rules.host_within.is_some() && !seated.any(|it| is_host(it.link))
    }

    /// What comes of an event, and the refusal it meets.
    pub(crate) fn tell(&mut self, event: Event, now: Moment) -> Option<Refusal> {
        self.part(
            |it| it.until.is_some_and(|until| until <= now),
            Parting::TimedOut,
        );
        self.seat();
        if self.countdown.is_some_and(|until| until <= now) {
            self.part(|it| !is_host(it.link), Parting::NobodyCame);
            self.countdown = None;
            self.seat();
        }
        self.end_holds();
        let refusal = self.apply(event, now);
        self.seat();
        self.end_holds();
        if !self.awaits_host() || self.members.is_empty() {
            self.countdown = None;
        } else if self.countdown.is_none() {
            self.countdown = self.rules.host_within.map(|within| now.after(within));
        }
        refusal
    }

    fn apply(&mut self, event: Event, now: Moment) -> Option<Refusal> {
        match event {
            Event::JoinAsked {
                session,
                link,
                epoch,
                is_host: _,
                may_hold: _,
            } => return self.join(session, link, epoch),
            Event::SessionResumed { session, epoch, .. } => return self.resume(session, epoch),
            Event::SocketLost { session } => self.lose(session, now.after(self.rules.grace)),
            Event::PageClosed { session } => {
                self.lose(session, now.after(self.rules.closed_grace));
            }
            Event::Left { session } => self.part(|it| it.session == session, Parting::Left),
            Event::Superseded { link, epoch } => {
                let newest = self.newest.entry(link).or_default();
                *newest = Epoch(epoch.0 - 1).max(*newest);
                self.part(|it| it.link == link && it.epoch < epoch, Parting::Replaced);
            }
            Event::Withdrawn { link } => {
                self.withdrawn.insert(link);
                self.part(|it| it.link == link, Parting::Withdrawn);
            }
            Event::Disconnected { link } => {
                self.part(|it| it.link == link, Parting::Disconnected);
            }
            Event::LetIn { .. }
            | Event::TurnedAway { .. }
            | Event::Held { .. }
            | Event::DoorChanged { .. } => self.attend(event),
            Event::Ended => {
                self.is_over = true;
                self.part(|_| true, Parting::Ended);
            }
            Event::TimeUp => {
                self.is_over = true;
                self.part(|_| true, Parting::TimeUp);
            }
            Event::Stopped => {
                self.is_over = true;
                self.part(|_| true, Parting::Stopped);
            }
            Event::MediaRenewed { .. } | Event::DeadlinePassed => {}
        }
        None
    }

    fn lose(&mut self, session: SessionId, until: Moment) {
        for member in &mut self.members {
            if member.session == session && member.until.is_none() {
                member.until = Some(until);
            }
        }
    }

    /// What hosts do, and the office at the door.
    fn attend(&mut self, event: Event) {
        match event {
            Event::LetIn { link } => {
                for member in self.members.iter_mut().filter(|it| it.link == link) {
                    member.knocks = false;
                }
            }
            Event::TurnedAway { link } => {
                self.part(|it| it.link == link && it.knocks, Parting::TurnedAway);
            }
            Event::Held { link, on_hold } => {
                let mut seated = self.members.iter().filter(|it| it.seat.is_some());
                if seated.any(|it| it.link == link) && !is_host(link) {
                    if on_hold && self.may_end_holds(Some(link)) {
                        self.on_hold.insert(link);
                    } else if !on_hold {
                        self.on_hold.remove(&link);
                    }
                }
            }
            Event::DoorChanged { is_kept } => {
                self.rules.is_kept = is_kept;
                for member in &mut self.members {
                    member.knocks &= is_kept;
                }
            }
            Event::JoinAsked { .. }
            | Event::SocketLost { .. }
            | Event::PageClosed { .. }
            | Event::SessionResumed { .. }
            | Event::MediaRenewed { .. }
            | Event::Left { .. }
            | Event::Superseded { .. }
            | Event::Withdrawn { .. }
            | Event::Disconnected { .. }
            | Event::DeadlinePassed
            | Event::Ended
            | Event::TimeUp
            | Event::Stopped => {}
        }
    }

    fn join(&mut self, session: SessionId, link: LinkId, epoch: Epoch) -> Option<Refusal> {
        if self.member(session).is_some() {
            return self.resume(session, epoch);
        }
        if self.is_over {
            return Some(Refusal::Ended);
        }
        if self.is_withdrawn(link) {
            return Some(Refusal::Withdrawn);
        }
        if self
            .newest
            .get(&link)
            .is_some_and(|newest| epoch <= *newest)
        {
            return Some(Refusal::Replaced);
        }
        self.newest.insert(link, epoch);
        let mut newcomer = Member {
            session,
            link,
            epoch,
            seat: None,
            until: None,
            knocks: self.rules.is_kept && !is_host(link),
        };
        match self.members.iter_mut().find(|it| it.link == link) {
            Some(old) => {
                (newcomer.seat, newcomer.knocks) = (old.seat, old.knocks);
                self.past.insert(old.session, (*old, Parting::Replaced));
                *old = newcomer;
            }
            None => self.members.push(newcomer),
        }
        None
    }

    fn resume(&mut self, session: SessionId, epoch: Epoch) -> Option<Refusal> {
        if self.is_over {
            return Some(Refusal::Ended);
        }
        if let Some(member) = self.members.iter_mut().find(|it| it.session == session) {
            if epoch == member.epoch {
                member.until = None;
                return None;
            }
            let is_lower = epoch < member.epoch;
            return Some(if is_lower {
                Refusal::Replaced
            } else {
                Refusal::Unknown
            });
        }
        let Some((old, parting)) = self.past.get(&session) else {
            return Some(Refusal::Unknown);
        };
        Some(if self.is_withdrawn(old.link) {
            Refusal::Withdrawn
        } else if self.newest[&old.link] > old.epoch || *parting == Parting::Replaced {
            Refusal::Replaced
        } else {
            Refusal::Unknown
        })
    }

    fn part(&mut self, goes: impl Fn(&Member) -> bool, parting: Parting) {
        for member in self.members.extract_if(.., |it| goes(it)) {
            self.past.insert(member.session, (member, parting));
        }
    }

    /// Whether somebody seated, and not on hold, may take others off it: somebody else than `besides`.
    fn may_end_holds(&self, besides: Option<LinkId>) -> bool {
        let mut seated = self.members.iter().filter(|it| it.seat.is_some());
        seated.any(|it| {
            may_hold(it.link) && !self.on_hold.contains(&it.link) && Some(it.link) != besides
        })
    }

    fn end_holds(&mut self) {
        if !self.may_end_holds(None) {
            self.on_hold.clear();
        }
    }

    /// The first who may have a seat has the first free one, until nobody may: whoever sits may end
    /// that seats are held for them.
    fn seat(&mut self) {
        let may = |it: &Member, model: &Self| {
            it.seat.is_none() && it.until.is_none() && !it.knocks && model.may_sit(it.link)
        };
        while let Some(n) = self.members.iter().position(|it| may(it, self)) {
            let taken = |seat| self.members.iter().any(|it| it.seat == Some(seat));
            self.members[n].seat = (0..self.rules.cap).find(|seat| !taken(*seat));
        }
    }
}
