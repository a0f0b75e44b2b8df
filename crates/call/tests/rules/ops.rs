//! The random things that are done to the directory and the calls.

use call::{Epoch, Event, LinkId, Media, SessionId};
use proptest::prelude::*;

/// How many calls are open at a time.
pub(crate) const ROOMS: usize = 3;

/// How many links there are.
pub(crate) const LINKS: u64 = 9;

/// One thing to do. Numbers choose among what there is, wrapping around.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Op {
    /// A press on Join, or the retry of one of the link's last presses.
    Press {
        link: u64,
        room: usize,
        retries: Option<usize>,
    },
    /// Two devices press in turn, so many seconds apart.
    Fight {
        link: u64,
        room: usize,
        seconds: u64,
    },
    /// One of the messages under way arrives; not always the oldest.
    Deliver {
        pick: usize,
    },
    /// A message that arrived before arrives again.
    Replay {
        pick: usize,
    },
    /// A session, mostly one that is here, says or does something.
    Say {
        room: usize,
        who: usize,
        what: What,
    },
    Disconnect {
        room: usize,
        link: u64,
    },
    /// Whoever knocks with that link is let in or turned away.
    Answer {
        room: usize,
        link: u64,
        lets_in: bool,
    },
    Hold {
        room: usize,
        link: u64,
        on_hold: bool,
    },
    /// The door is kept from now on, or not.
    Door {
        room: usize,
        is_kept: bool,
    },
    Withdraw {
        room: usize,
        link: u64,
    },
    /// Time passes; wakes come when they are asked for, or are left to come late.
    Tick {
        milliseconds: u64,
        on_time: bool,
    },
    /// A wake comes, whether asked for or not.
    Wake {
        room: usize,
    },
    /// Everything under way arrives in order.
    Settle,
    /// What has changed is written down.
    Write,
    /// The program is killed and begins again.
    Restart,
    /// The call ends, and another is opened in its place.
    End {
        room: usize,
    },
}

impl Op {
    /// What the call of a room is told by it, where that is all.
    pub(crate) fn told(self) -> Option<(usize, Event)> {
        Some(match self {
            Self::Disconnect { room, link } => {
                let link = LinkId(link);
                (room, Event::Disconnected { link })
            }
            Self::Withdraw { room, link } => {
                let link = LinkId(link);
                (room, Event::Withdrawn { link })
            }
            Self::Answer {
                room,
                link,
                lets_in,
            } => {
                let link = LinkId(link);
                let event = if lets_in {
                    Event::LetIn { link }
                } else {
                    Event::TurnedAway { link }
                };
                (room, event)
            }
            Self::Hold {
                room,
                link,
                on_hold,
            } => {
                let link = LinkId(link);
                (room, Event::Held { link, on_hold })
            }
            Self::Door { room, is_kept } => (room, Event::DoorChanged { is_kept }),
            Self::Wake { room } => (room, Event::DeadlinePassed),
            Self::Press { .. }
            | Self::Fight { .. }
            | Self::Deliver { .. }
            | Self::Replay { .. }
            | Self::Say { .. }
            | Self::Tick { .. }
            | Self::Settle
            | Self::Write
            | Self::Restart
            | Self::End { .. } => return None,
        })
    }
}

/// What a session says or does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum What {
    Lose,
    Close,
    /// With its epoch, or one that is wrong by so much.
    Resume {
        media: Media,
        off_by: i64,
    },
    Renew,
    Leave,
}

impl What {
    pub(crate) fn event(self, session: SessionId, epoch: Epoch) -> Event {
        match self {
            Self::Lose => Event::SocketLost { session },
            Self::Close => Event::PageClosed { session },
            Self::Resume { media, off_by } => Event::SessionResumed {
                session,
                epoch: Epoch(epoch.0.saturating_add_signed(off_by)),
                media,
            },
            Self::Renew => Event::MediaRenewed { session },
            Self::Leave => Event::Left { session },
        }
    }
}

fn what() -> impl Strategy<Value = What> {
    let media = prop_oneof![Just(Media::Kept), Just(Media::Fresh)];
    let off_by = prop_oneof![8 => Just(0), 1 => -2..=2_i64];
    prop_oneof![
        4 => Just(What::Lose),
        2 => Just(What::Close),
        6 => (media, off_by).prop_map(|(media, off_by)| What::Resume { media, off_by }),
        2 => Just(What::Renew),
        3 => Just(What::Leave),
    ]
}

/// One random thing.
pub(crate) fn ops() -> impl Strategy<Value = Op> {
    let (room, link, who) = (0..ROOMS, 0..LINKS, 0..1000_usize);
    let retries = prop::option::weighted(0.25, 0..4_usize);
    prop_oneof![
        25 => (link.clone(), room.clone(), retries)
            .prop_map(|(link, room, retries)| Op::Press { link, room, retries }),
        1 => (link.clone(), room.clone(), 0..20_u64)
            .prop_map(|(link, room, seconds)| Op::Fight { link, room, seconds }),
        25 => (0..8_usize).prop_map(|pick| Op::Deliver { pick }),
        4 => who.clone().prop_map(|pick| Op::Replay { pick }),
        34 => (room.clone(), who, what()).prop_map(|(room, who, what)| Op::Say { room, who, what }),
        2 => (room.clone(), link.clone()).prop_map(|(room, link)| Op::Disconnect { room, link }),
        1 => (room.clone(), link.clone()).prop_map(|(room, link)| Op::Withdraw { room, link }),
        4 => (room.clone(), link.clone(), any::<bool>())
            .prop_map(|(room, link, on_hold)| Op::Hold { room, link, on_hold }),
        8 => (room.clone(), link, prop::bool::weighted(0.8))
            .prop_map(|(room, link, lets_in)| Op::Answer { room, link, lets_in }),
        1 => (room.clone(), any::<bool>()).prop_map(|(room, is_kept)| Op::Door { room, is_kept }),
        10 => (0..20_000_u64, any::<bool>())
            .prop_map(|(milliseconds, on_time)| Op::Tick { milliseconds, on_time }),
        2 => room.clone().prop_map(|room| Op::Wake { room }),
        3 => Just(Op::Settle),
        20 => Just(Op::Write),
        1 => Just(Op::Restart),
        1 => room.prop_map(|room| Op::End { room }),
    ]
}
