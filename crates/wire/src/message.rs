//! The messages on the WebSocket, each a JSON object tagged by `type`.
//!
//! Every enum that the server sends is open: a later server may send members that are not listed
//! here. A client reads such a member as one that it does not know, and goes on.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::http::RelayAccess;

/// What the browser says.
///
/// The first message on a socket is `join`, `prepare` or `resume`; all are refused later on.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMessage {
    /// Uses a ticket that a press on Join was given. This and `enter` are the only messages that can
    /// begin a session, and so the only ones that can evict another.
    Join {
        /// The single-use ticket from `POST /api/v1/links/{id}/tickets`.
        ticket: String,
        /// The one SDP offer of this connection, in the layout PROTOCOL.md describes.
        offer: String,
        /// What the person sends from the start.
        #[serde(default)]
        sends: Sends,
    },
    /// Connects before the press: the peer connection of this offer is made ready, where the call is,
    /// and nothing is sent to it or taken from it. It uses no link and begins no session. Answered by
    /// `prepared`.
    Prepare {
        /// A ticket, as for `join`. The press that it was given for comes with `enter`.
        ticket: String,
        /// The one SDP offer of this connection, in the layout PROTOCOL.md describes.
        offer: String,
    },
    /// The press on Join, after `prepared` or at the end of a talk that `next` came in: begins the session
    /// of that ticket, as `join` does. It is answered as `join` is, without an `answer`.
    Enter {
        /// What the person sends from the start.
        #[serde(default)]
        sends: Sends,
        /// The version of the ground rules that stood beside Join, as in `TicketRequest` (SCR-15).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        accepts_rules: Option<u32>,
    },
    /// Where to go on to when the time of this talk is up: after `goodbye` `time_up` the socket and the
    /// peer connection stay for it, and `enter` is the press.
    Next {
        /// A ticket for what comes next, as for `prepare`. The newest counts.
        ticket: String,
    },
    /// Continues a session after a dropped socket or a reload; it never begins one.
    Resume {
        /// The session to continue.
        session: String,
        /// Its resume secret, from `joined` or `queued`.
        secret: String,
        /// Its epoch, from the same message. A lower one than the server's is answered `replaced`.
        #[ts(type = "number")]
        epoch: u64,
        /// A new offer where the peer connection is new (a reload); absent where the old peer
        /// connection still lives and only the socket is new.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        offer: Option<String>,
        /// What the person sends now.
        #[serde(default)]
        sends: Sends,
    },
    /// Offers media again within a living session: an ICE restart of the same peer connection, or
    /// a fresh peer connection where the old one failed. Answered by `answer`.
    Offer {
        /// The SDP offer.
        offer: String,
    },
    /// Tells what the person sends now.
    Sends {
        /// Microphone, camera and screen.
        sends: Sends,
    },
    /// Tells how large the page shows what it receives, whenever that changes. Nothing larger than
    /// that is sent to it, and nothing that nobody sees.
    View {
        /// By slot; slots left out count as not seen.
        slots: Vec<Shown>,
    },
    /// Makes the talk a minute longer, for those who have the power `extend`.
    AddMinute {},
    /// Says something in writing to everybody who holds a seat now. Nobody keeps it.
    Write {
        /// What.
        text: String,
    },
    /// Mutes somebody, for those who have the power `mute`. They may unmute themselves; nobody else
    /// can.
    Mute {
        /// Whom.
        participant: u32,
    },
    /// Lets in some who knock, for those who have the power `admit`.
    LetIn {
        /// Whom.
        participants: Vec<u32>,
    },
    /// Turns away some who knock, for those who have the power `admit`.
    TurnAway {
        /// Whom.
        participants: Vec<u32>,
    },
    /// Disconnects somebody who holds a seat, for those who may: their link still works.
    Disconnect {
        /// Whom.
        participant: u32,
    },
    /// Puts a guest on hold, or takes them off it, for those who may: they keep their seat, hear and see
    /// nobody, and nobody hears or sees them.
    Hold {
        /// Whom.
        participant: u32,
        /// Whether they are on hold from now on.
        on_hold: bool,
    },
    /// Leaves: the seat, or the place in the queue, is given up at once.
    Leave {},
    /// Asks for `pong`. Sent every `heartbeat_ms` of the server's choosing.
    Ping {
        /// Returned unchanged.
        n: u32,
    },
}

/// What the server says.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// The session holds a seat; media may flow.
    Joined {
        /// What the browser needs to come back.
        session: Session,
        /// The call.
        call: CallInfo,
        /// The participant number of the reader in `people`.
        you: u32,
        /// What the reader may do in the call that not everybody may.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[ts(optional, as = "Option<Vec<Power>>")]
        powers: Vec<Power>,
        /// The SDP answer to the offer last sent; absent after a `resume` without an offer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        answer: Option<String>,
        /// Everybody who holds a seat, the reader included.
        people: Vec<Person>,
        /// The clock of the talk, where it has its hours.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        clock: Option<Clock>,
    },
    /// The peer connection is being made ready; whoever presses Join may `enter`.
    Prepared {
        /// The SDP answer. It tells nothing of who is in the call.
        answer: String,
        /// How often to send `ping`, milliseconds.
        heartbeat_ms: u32,
        /// How long it is kept ready, milliseconds; then the socket closes with `unused`.
        kept_ms: u32,
    },
    /// The call is full, or its door is kept; the session waits and is admitted by itself with
    /// `joined`.
    Queued {
        /// What the browser needs to come back.
        session: Session,
        /// The call.
        call: CallInfo,
        /// Place in the queue; 1 is next. Those who knock are counted among themselves.
        place: u32,
        /// How many hold a seat now.
        active: u32,
        /// Whether somebody is to let the reader in first.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        #[ts(optional, as = "Option<bool>")]
        knocks: bool,
    },
    /// Who knocks, to those who have the power `admit`: after `joined` where somebody does, and
    /// whenever it changed; always all of them.
    Knocking {
        /// In the order in which they came.
        people: Vec<Knocker>,
    },
    /// By when a member of the room must come, after `joined` or `queued` where that is so and whenever
    /// it changed: else the call ends for its guests.
    Countdown {
        /// How long from now, milliseconds; absent where a member has come.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        ends_in_ms: Option<u32>,
    },
    /// Everybody who holds a seat, whenever any of it changed: always the whole, never a part.
    People {
        /// Everybody who holds a seat, the reader included.
        people: Vec<Person>,
    },
    /// Who speaks now: participant numbers, whenever the set changed.
    Speaking {
        /// Participant numbers.
        speaking: Vec<u32>,
    },
    /// The pictures that are held back from the reader because their network is too weak for them,
    /// whenever that changed: always all of them. Sound goes on, and pictures come back by
    /// themselves.
    Paused {
        /// All that are held back now.
        paused: Vec<Picture>,
    },
    /// How much of the reader's camera anybody watches, whenever that changed: layers above it need
    /// not be sent.
    Watched {
        /// How many layers, counted from the smallest: 1 to 3.
        layers: u32,
    },
    /// The clock of the talk, whenever it is set.
    Clock {
        /// How it stands; nothing where the talk has an end no more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        clock: Option<Clock>,
    },
    /// Somebody who holds a seat said something in writing, the reader too.
    Chat {
        /// Who.
        participant: u32,
        /// What.
        text: String,
    },
    /// Answers `offer`.
    Answer {
        /// The SDP answer.
        answer: String,
    },
    /// Something the person should know, that changes nothing by itself.
    Notice {
        /// What it is about.
        notice: Notice,
    },
    /// A message was refused; the session goes on.
    Refused {
        /// Stable code.
        code: RefusedCode,
        /// A sentence for a developer's console.
        detail: String,
    },
    /// Answers `ping`.
    Pong {
        /// As sent.
        n: u32,
    },
    /// The last word: the session is over. The socket closes after it, unless `next` came before
    /// `time_up`.
    Goodbye {
        /// Why.
        reason: GoodbyeReason,
    },
}

/// What a browser keeps to continue its session: in `sessionStorage`, never in a URL.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Session {
    /// The session's id.
    pub id: String,
    /// The resume secret. It changes with every `resume`; the one before works until the first
    /// message that follows on the new socket, then never again.
    pub secret: String,
    /// The link's epoch that this session holds.
    #[ts(type = "number")]
    pub epoch: u64,
    /// How often to send `ping`, milliseconds. A socket silent for two and a half times as long is
    /// closed with `heartbeat_lost`.
    pub heartbeat_ms: u32,
    /// How long a lost socket keeps its seat or place, milliseconds.
    pub grace_ms: u32,
}

/// The call as its people may know it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct CallInfo {
    /// What to call it on the page.
    pub title: String,
    /// The most people it seats.
    pub cap: u32,
    /// The meeting that it is held in: names that over HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub meeting: Option<String>,
}

/// How the clock of a talk stands, by the server's clock, as of this message.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Clock {
    /// How long until it begins, milliseconds; 0 once it has.
    pub begins_in_ms: u32,
    /// How long until it ends, milliseconds.
    pub ends_in_ms: u32,
    /// Whether a minute more fits before what its people have next.
    pub may_be_longer: bool,
}

/// Somebody who holds a seat.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says something of its own"
)]
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Person {
    /// The participant number: the same person keeps it for the whole call, over every session.
    pub participant: u32,
    /// The name others see.
    pub name: String,
    /// The role others see.
    pub role: Role,
    /// The slot, 0 to 2, in which the reader receives this person; absent for the reader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub slot: Option<u32>,
    /// What they send.
    pub sends: Sends,
    /// Whether their socket is lost and their seat kept.
    pub reconnecting: bool,
    /// Whether they are on hold: they hear and see nobody, and nobody hears or sees them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub on_hold: bool,
    /// Whether the reader may disconnect them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub may_disconnect: bool,
    /// Whether the reader may put them on hold.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub may_hold: bool,
}

/// Somebody who knocks.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Knocker {
    /// The participant number.
    pub participant: u32,
    /// The name that they gave.
    pub name: String,
}

/// What somebody sends.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Sends {
    /// The microphone is open.
    #[serde(default)]
    pub microphone: bool,
    /// The camera is on.
    #[serde(default)]
    pub camera: bool,
    /// A screen is shared.
    #[serde(default)]
    pub screen: bool,
}

/// How large the pictures of one slot are shown: the shorter side, in device pixels; 0 where nobody
/// sees it.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Shown {
    /// The camera.
    #[serde(default)]
    pub camera: u16,
    /// The screen.
    #[serde(default)]
    pub screen: u16,
}

/// One picture that a reader receives.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Picture {
    /// The slot, 0 to 2.
    pub slot: u32,
    /// Which of its pictures.
    pub kind: PictureKind,
}

/// Which picture of a person.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PictureKind {
    /// Of the camera.
    Camera,
    /// Of the screen.
    Screen,
}

/// The role of a person in a call.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Takes the appointment.
    Teacher,
    /// Booked it.
    Parent,
    /// Was invited by a parent or a member, or came by the link of a room.
    Guest,
    /// Belongs to the room.
    Member,
}

impl From<school::Role> for Role {
    fn from(role: school::Role) -> Self {
        match role {
            school::Role::Teacher => Self::Teacher,
            school::Role::Parent => Self::Parent,
            school::Role::Guest => Self::Guest,
            school::Role::Member => Self::Member,
        }
    }
}

/// Something that not everybody in a call may do. The server asks for it, whatever a page offers.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Power {
    /// Lets in whoever knocks, or turns them away.
    Admit,
    /// Disconnects somebody, or puts them on hold.
    Disconnect,
    /// Mutes somebody.
    Mute,
    /// Invites a guest.
    Invite,
    /// Makes the meeting longer.
    Extend,
    /// Blurs what is behind oneself.
    Blur,
    /// Stops the call for everybody, for abuse.
    Stop,
}

impl From<school::Power> for Power {
    fn from(power: school::Power) -> Self {
        match power {
            school::Power::Admit => Self::Admit,
            school::Power::Disconnect => Self::Disconnect,
            school::Power::Mute => Self::Mute,
            school::Power::Invite => Self::Invite,
            school::Power::Extend => Self::Extend,
            school::Power::Blur => Self::Blur,
            school::Power::Stop => Self::Stop,
        }
    }
}

/// What a notice is about.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Notice {
    /// A person's link is opened on several devices in turn.
    LinkContested {
        /// Whose link.
        participant: u32,
    },
    /// The server has nothing of the reader's peer connection any more: only a fresh one takes its
    /// place.
    ConnectionGone {
        /// Credentials of the relay for it, where those of before are void too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        relay: Option<RelayAccess>,
    },
    /// Somebody made the talk a minute longer.
    MinuteAdded {
        /// Who.
        participant: u32,
    },
    /// What the family waited for the school is given back to them.
    TimeGivenBack {
        /// How much, milliseconds.
        by_ms: u32,
    },
    /// Somebody mutes the reader, whose page closes its microphone.
    Muted {
        /// Who.
        participant: u32,
    },
}

/// Why a message was refused.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefusedCode {
    /// The offer is not in the layout PROTOCOL.md describes, or offers no codec we forward.
    BadOffer,
    /// Only somebody who holds a seat may send this.
    NotSeated,
    /// Too many messages; this one was dropped.
    TooFast,
    /// The reader has not the power for it.
    NotAllowed,
    /// A minute more does not fit before what comes next, or the talk has no hours.
    NoRoom,
    /// What was written is empty or too long.
    BadText,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GoodbyeReason {
    /// The link was opened on another device: the newest wins.
    Replaced,
    /// The invitation was withdrawn: the link is dead for ever.
    Withdrawn,
    /// Somebody who may do so disconnected this person, or moved the appointment; the link still works.
    Disconnected,
    /// The person left.
    Left,
    /// The call has ended.
    Ended,
    /// The time of the talk is over.
    TimeUp,
    /// They knocked, and were not let in; the link still works.
    TurnedAway,
    /// No member of the room came in time; the link still works.
    NobodyCame,
    /// Somebody of the school has stopped the call for everybody; no link of its guests leads back into it.
    Stopped,
    /// The server is shutting down.
    Shutdown,
}
