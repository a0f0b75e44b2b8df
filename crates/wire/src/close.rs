//! Close codes (RFC 6455 §7.4.2, the private range) and whether the client may come back.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// Why the server closed a socket.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Close {
    /// 4000: a message was malformed, unknown, out of order or not text.
    BadMessage,
    /// 4001: the ticket is unknown, used or older than 60 s.
    BadTicket,
    /// 4002: no such session any more, or a wrong resume secret.
    NoSession,
    /// 4003: a newer session of the same link took over, or another tab continued this one.
    Replaced,
    /// 4004: the link was withdrawn.
    Withdrawn,
    /// 4005: somebody disconnected this person.
    Disconnected,
    /// 4006: the person left.
    Left,
    /// 4007: the call has ended.
    Ended,
    /// 4008: the server is shutting down.
    Shutdown,
    /// 4009: the reader was too slow for what it was sent.
    TooSlow,
    /// 4010: no ping came in time.
    HeartbeatLost,
    /// 4011: nothing was said in time: the first message must come within 5 s.
    Silent,
    /// 4012: this link, or this address, joins too often.
    TooManyJoins,
    /// 4013: the server cannot use the school's records just now.
    Unavailable,
    /// 4014: the time of the talk is over.
    TimeUp,
    /// 4015: what was prepared was not used in time, or there is no room to prepare it.
    Unused,
    /// 4016: they knocked, and were not let in.
    TurnedAway,
    /// 4017: nobody came who lets guests in, in the time there was.
    NobodyCame,
    /// 4018: somebody of the school has stopped the call.
    Stopped,
    /// 1009: a message was larger than 64 KiB (RFC 6455 §7.4.1).
    TooBig,
    /// 1011: the server failed.
    Failed,
    /// 1002: frames that RFC 6455 does not allow. No client that keeps to it is told so, so that none has to
    /// know this code, nor the next.
    #[serde(skip)]
    #[ts(skip)]
    BadFrame,
    /// 1007: text that is not UTF-8.
    #[serde(skip)]
    #[ts(skip)]
    BadText,
}

/// What a client may do after a close.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComeBack {
    /// Never by itself, and not with this session.
    Never,
    /// By `resume`, with back-off.
    Resume,
    /// By a new press on Join.
    Press,
}

impl Close {
    /// Every code that a client may be told, in order.
    pub const ALL: [Self; 21] = [
        Self::BadMessage,
        Self::BadTicket,
        Self::NoSession,
        Self::Replaced,
        Self::Withdrawn,
        Self::Disconnected,
        Self::Left,
        Self::Ended,
        Self::Shutdown,
        Self::TooSlow,
        Self::HeartbeatLost,
        Self::Silent,
        Self::TooManyJoins,
        Self::Unavailable,
        Self::TimeUp,
        Self::Unused,
        Self::TurnedAway,
        Self::NobodyCame,
        Self::Stopped,
        Self::TooBig,
        Self::Failed,
    ];

    /// The number on the wire.
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Self::BadMessage => 4000,
            Self::BadTicket => 4001,
            Self::NoSession => 4002,
            Self::Replaced => 4003,
            Self::Withdrawn => 4004,
            Self::Disconnected => 4005,
            Self::Left => 4006,
            Self::Ended => 4007,
            Self::Shutdown => 4008,
            Self::TooSlow => 4009,
            Self::HeartbeatLost => 4010,
            Self::Silent => 4011,
            Self::TooManyJoins => 4012,
            Self::Unavailable => 4013,
            Self::TimeUp => 4014,
            Self::Unused => 4015,
            Self::TurnedAway => 4016,
            Self::NobodyCame => 4017,
            Self::Stopped => 4018,
            Self::TooBig => 1009,
            Self::Failed => 1011,
            Self::BadFrame => 1002,
            Self::BadText => 1007,
        }
    }

    /// Whether, and how, the client may come back.
    #[must_use]
    pub const fn come_back(self) -> ComeBack {
        match self {
            Self::BadMessage
            | Self::Replaced
            | Self::Withdrawn
            | Self::Left
            | Self::Ended
            | Self::TimeUp
            | Self::Stopped => ComeBack::Never,
            Self::BadTicket
            | Self::NoSession
            | Self::Disconnected
            | Self::TooManyJoins
            | Self::Unavailable
            | Self::Unused
            | Self::TurnedAway
            | Self::NobodyCame => ComeBack::Press,
            Self::Shutdown
            | Self::TooSlow
            | Self::HeartbeatLost
            | Self::Silent
            | Self::TooBig
            | Self::Failed
            | Self::BadFrame
            | Self::BadText => ComeBack::Resume,
        }
    }
}
