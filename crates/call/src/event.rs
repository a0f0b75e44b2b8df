//! What happens to a call, and what it orders.

use crate::ids::{Epoch, LinkId, Moment, SeatNumber, SessionId};

/// What happened. A refused or late event changes nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Event {
    /// A new session of `link`, given this epoch by the directory, asks for a seat. If an older
    /// session of the same link is here, it is replaced in the same step: its seat, or its place in
    /// the queue, goes to the new one. Handed in again for a session that is here, it is that
    /// session's return with fresh media.
    JoinAsked {
        /// The new session.
        session: SessionId,
        /// Whose.
        link: LinkId,
        /// Its epoch.
        epoch: Epoch,
        /// Whether they are at home here: they never knock, and the others do not wait in vain.
        is_host: bool,
        /// Whether they may put guests on hold, and take them off it.
        may_hold: bool,
    },
    /// A host lets in whoever knocks with this link.
    LetIn {
        /// Which link.
        link: LinkId,
    },
    /// A host turns away whoever knocks with this link; the link still works.
    TurnedAway {
        /// Which link.
        link: LinkId,
    },
    /// Somebody who may do so puts a seated guest on hold, for a private word without them, or takes them
    /// off it: they keep their seat, and nothing is forwarded to or from them. It is for their link, and
    /// outlives every session of theirs: whoever leaves and joins again is on hold. It ends with the last
    /// who is seated, is not on hold, and may end it.
    Held {
        /// Whose link.
        link: LinkId,
        /// Whether they are on hold from now on.
        on_hold: bool,
    },
    /// From now on guests knock, or come in by themselves: then those who knock do too.
    DoorChanged {
        /// Whether they knock.
        is_kept: bool,
    },
    /// The session's socket is gone; the grace period begins. Only the socket it uses now counts:
    /// whoever replaced a socket by [`Event::SessionResumed`] says nothing of the older one.
    SocketLost {
        /// Whose socket.
        session: SessionId,
    },
    /// The session's page was closed, or is being loaded again: the same, for a shorter time.
    PageClosed {
        /// Whose page.
        session: SessionId,
    },
    /// The session came back on a new socket, whether the older one was reported lost or not.
    SessionResumed {
        /// Which.
        session: SessionId,
        /// The epoch it claims.
        epoch: Epoch,
        /// Whether its peer connection lives on.
        media: Media,
    },
    /// A seated session offers a fresh peer connection, its socket unbroken.
    MediaRenewed {
        /// Which.
        session: SessionId,
    },
    /// The person pressed Leave, or stopped waiting.
    Left {
        /// Which.
        session: SessionId,
    },
    /// The link's sessions below an epoch are over: a newer one began, here or in another call, or they are lost.
    Superseded {
        /// Which link.
        link: LinkId,
        /// That of the newer one, or the lowest that it may have.
        epoch: Epoch,
    },
    /// The link was withdrawn: it never admits again.
    Withdrawn {
        /// Which link.
        link: LinkId,
    },
    /// Somebody who may do so disconnected this person; the link still works.
    Disconnected {
        /// Which link.
        link: LinkId,
    },
    /// A moment asked for by [`Effect::WakeAt`] has come.
    DeadlinePassed,
    /// The call is over.
    Ended,
    /// The time of the talk is over, and so the call is.
    TimeUp,
    /// Somebody of the school has stopped the call, for abuse (SCR-14).
    Stopped,
}

/// Whether a returning session's peer connection lives on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Media {
    /// The same peer connection.
    Kept,
    /// A new one (a reload): the old media is detached first.
    Fresh,
}

/// An order, to be performed in the sequence given.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Effect {
    /// `session` holds `seat` from now on. Followed by [`Effect::AttachMedia`], unless its link is on
    /// hold.
    Admit {
        /// Who.
        session: SessionId,
        /// Where.
        seat: SeatNumber,
    },
    /// `session` waits, at `place` (1 is next). Sent upon joining and whenever the place or the
    /// number of seats taken changes while its socket lives.
    Queue {
        /// Who.
        session: SessionId,
        /// Place, from 1.
        place: u32,
        /// Seats taken now.
        active: u32,
        /// Whether they knock: then the place is that among those who do.
        knocks: bool,
    },
    /// `session` came back to what it had: it holds this seat.
    Resume {
        /// Who.
        session: SessionId,
        /// Where.
        seat: SeatNumber,
        /// Whether media was attached anew.
        media: Media,
    },
    /// `session` may not join or come back: said to whoever asked, on the socket that asked. A
    /// living session of that name, which asked with a wrong epoch, lives on.
    Refuse {
        /// Who.
        session: SessionId,
        /// Why.
        refusal: Refusal,
    },
    /// `session` is over: its one last word, where there is one to say. Nothing follows for it.
    Evict {
        /// Who.
        session: SessionId,
        /// Why.
        reason: Parting,
    },
    /// Begin to forward media to and from `session` at `seat`.
    AttachMedia {
        /// Who.
        session: SessionId,
        /// Where.
        seat: SeatNumber,
    },
    /// Stop forwarding to and from `session`, at once.
    DetachMedia {
        /// Who.
        session: SessionId,
    },
    /// Tell everybody seated who is here: something about it changed.
    TellPeople,
    /// Tell the hosts who knocks: it changed.
    TellKnocking,
    /// Tell everybody by when a host must come, or that one did: it changed.
    TellCountdown,
    /// Hand in [`Event::DeadlinePassed`] at this moment; it replaces any moment asked for earlier.
    WakeAt(Moment),
}

/// Why a session may not join or come back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refusal {
    /// A newer session of the link exists.
    Replaced,
    /// No such session here.
    Unknown,
    /// The link was withdrawn.
    Withdrawn,
    /// The call has ended.
    Ended,
}

/// Why a session is over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Parting {
    /// A newer session of the link took over.
    Replaced,
    /// The link was withdrawn.
    Withdrawn,
    /// Somebody disconnected this person.
    Disconnected,
    /// They knocked, and a host turned them away.
    TurnedAway,
    /// No host came in time.
    NobodyCame,
    /// The person left.
    Left,
    /// The grace period passed without a return.
    TimedOut,
    /// The call has ended.
    Ended,
    /// Its time was over.
    TimeUp,
    /// Somebody of the school has stopped the call.
    Stopped,
}

impl Parting {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Replaced,
        Self::Withdrawn,
        Self::Disconnected,
        Self::TurnedAway,
        Self::NobodyCame,
        Self::Left,
        Self::TimedOut,
        Self::Ended,
        Self::TimeUp,
        Self::Stopped,
    ];

    /// Its word in records and figures.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Replaced => "replaced",
            Self::Withdrawn => "withdrawn",
            Self::Disconnected => "disconnected",
            Self::TurnedAway => "turned_away",
            Self::NobodyCame => "nobody_came",
            Self::Left => "left",
            Self::TimedOut => "timed_out",
            Self::Ended => "ended",
            Self::TimeUp => "time_up",
            Self::Stopped => "stopped",
        }
    }
}
