//! The rules of one call: who holds a seat, who waits, who is replaced, and when.
//!
//! Pure: no socket, no clock, no randomness, no `async`. It refuses to know what media is, what a
//! name is and how anybody is told. [`Call`] holds the rules of one call; [`Register`] knows, above
//! all calls, that a link carries one active session, and where everybody is; [`Talk`] is the clock of
//! a call that has its hours.

pub mod call;
pub mod directory;
pub mod event;
pub mod ids;
pub mod register;
pub mod talk;

pub use call::{Call, Kept, Person, Rules, Waiting};
pub use directory::{Claim, Directory, Earlier, Press, TooSoon};
pub use event::{Effect, Event, Media, Parting, Refusal};
pub use ids::{AttemptId, CallId, Epoch, LinkId, Moment, SeatNumber, SessionId};
pub use register::{Headcount, Register, Session, Whereabouts};
pub use talk::{Course, Hours, MINUTE, Talk, TalkEffect, TalkEvent, There};
