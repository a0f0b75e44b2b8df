//! The rules of forwarding: who receives which packet, rewritten how.
//!
//! Pure: bytes and moments in, bytes and decisions out. It refuses to know sockets, keys, clocks
//! and browsers. A *source* is what somebody sends (one microphone, camera or screen); a *leg* is
//! one source on its way to one receiver; a *slot* is the place, fixed for the life of a
//! receiver's connection, in which the leg arrives there.

pub mod allocation;
pub mod av1;
pub mod bandwidth;
pub mod bytes;
pub mod codec;
pub mod extension;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod h264;
pub mod history;
pub mod keyframe;
pub mod leg;
pub mod meter;
pub mod nack;
pub mod picture;
pub mod probe;
pub mod reception;
pub mod red;
pub mod repair;
pub mod rtp;
pub mod rtx;
pub mod scalable;
pub mod seats;
pub mod sequence;
pub mod source;
pub mod speaker;
pub mod time;
pub mod track;
pub mod twcc;
pub mod voice;
pub mod vp8;
pub mod vp9;
pub mod watched;
