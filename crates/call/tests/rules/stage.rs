//! A call with a clock, and short words for its events.

use std::time::Duration;

use call::{Call, Effect, Epoch, Event, LinkId, Media, Moment, Rules, SeatNumber, SessionId};

/// The grace of every call here.
pub(crate) const GRACE: Duration = Duration::from_secs(30);
pub(crate) const CLOSED_GRACE: Duration = Duration::from_secs(6);

/// For how long guests wait for a host, where they do.
pub(crate) const HOST_WITHIN: Duration = Duration::from_secs(45);

/// Every third link is a host's.
pub(crate) const fn is_host(link: LinkId) -> bool {
    link.0.is_multiple_of(3)
}

/// Hosts may put guests on hold, and so may one guest who was given that power.
pub(crate) const fn may_hold(link: LinkId) -> bool {
    is_host(link) || link.0 == 8
}

/// A room with a kept door, where guests wait for a host.
pub(crate) const fn kept(cap: u8) -> Rules {
    Rules {
        is_kept: true,
        host_within: Some(HOST_WITHIN),
        ..open(cap)
    }
}

/// A call to which everybody comes.
pub(crate) const fn open(cap: u8) -> Rules {
    Rules {
        cap,
        grace: GRACE,
        closed_grace: CLOSED_GRACE,
        held_for: None,
        is_kept: false,
        host_within: None,
    }
}

/// One call and the time.
pub(crate) struct Stage {
    pub(crate) call: Call,
    pub(crate) now: Moment,
}

impl Stage {
    pub(crate) fn new(cap: u8) -> Self {
        Self::with(open(cap))
    }

    pub(crate) fn with(rules: Rules) -> Self {
        Self {
            call: Call::new(rules),
            now: Moment::default(),
        }
    }

    /// A call of four in which the first sessions of links 1 to 4 hold the seats 0 to 3.
    pub(crate) fn full() -> Self {
        let mut stage = Self::new(4);
        for n in 1..=4 {
            stage.join(n, n);
        }
        stage
    }

    pub(crate) fn pass(&mut self, seconds: u64) {
        self.now = self.now.after(Duration::from_secs(seconds));
    }

    pub(crate) fn tell(&mut self, event: Event) -> Vec<Effect> {
        self.call.handle(event, self.now)
    }

    /// Session `n` of `link` asks for a seat; its epoch is `n` too.
    pub(crate) fn join(&mut self, link: u64, n: u64) -> Vec<Effect> {
        self.tell(Event::JoinAsked {
            session: SessionId(n),
            link: LinkId(link),
            epoch: Epoch(n),
            is_host: is_host(LinkId(link)),
            may_hold: may_hold(LinkId(link)),
        })
    }

    pub(crate) fn lose(&mut self, n: u64) -> Vec<Effect> {
        let session = SessionId(n);
        self.tell(Event::SocketLost { session })
    }

    pub(crate) fn close_page(&mut self, n: u64) -> Vec<Effect> {
        let session = SessionId(n);
        self.tell(Event::PageClosed { session })
    }

    pub(crate) fn resume(&mut self, n: u64, media: Media) -> Vec<Effect> {
        self.tell(Event::SessionResumed {
            session: SessionId(n),
            epoch: Epoch(n),
            media,
        })
    }

    pub(crate) fn leave(&mut self, n: u64) -> Vec<Effect> {
        let session = SessionId(n);
        self.tell(Event::Left { session })
    }

    pub(crate) fn wake(&mut self) -> Vec<Effect> {
        self.tell(Event::DeadlinePassed)
    }

    /// The sessions seated, by seat.
    pub(crate) fn seated(&self) -> Vec<(u64, u8)> {
        let people = self.call.people();
        people.map(|it| (it.session.0, it.seat.0)).collect()
    }

    /// The sessions that wait, in order.
    pub(crate) fn waiting(&self) -> Vec<u64> {
        self.call.waiting().map(|it| it.session.0).collect()
    }
}

pub(crate) fn admit(n: u64, seat: u8) -> Effect {
    Effect::Admit {
        session: SessionId(n),
        seat: SeatNumber(seat),
    }
}

pub(crate) fn attach(n: u64, seat: u8) -> Effect {
    Effect::AttachMedia {
        session: SessionId(n),
        seat: SeatNumber(seat),
    }
}

pub(crate) fn detach(n: u64) -> Effect {
    Effect::DetachMedia {
        session: SessionId(n),
    }
}

pub(crate) fn queue(n: u64, place: u32, active: u32) -> Effect {
    Effect::Queue {
        session: SessionId(n),
        place,
        active,
        knocks: false,
    }
}

pub(crate) fn knock(n: u64, place: u32, active: u32) -> Effect {
    Effect::Queue {
        session: SessionId(n),
        place,
        active,
        knocks: true,
    }
}

pub(crate) fn evict(n: u64, reason: call::Parting) -> Effect {
    Effect::Evict {
        session: SessionId(n),
        reason,
    }
}

pub(crate) fn refuse(n: u64, refusal: call::Refusal) -> Effect {
    Effect::Refuse {
        session: SessionId(n),
        refusal,
    }
}

pub(crate) fn resumed(n: u64, seat: u8, media: Media) -> Effect {
    Effect::Resume {
        session: SessionId(n),
        seat: SeatNumber(seat),
        media,
    }
}

pub(crate) fn wake_at(seconds: u64) -> Effect {
    Effect::WakeAt(Moment(Duration::from_secs(seconds)))
}
