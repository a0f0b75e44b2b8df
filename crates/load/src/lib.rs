//! The load client: calls of four played against any Homeroom, what harms it, and the floor that
//! its cost is measured by.
//!
//! It comes by the doors that browsers come by, signaling and media, and judges what arrives. It
//! refuses to know the server's insides: of the media plane it uses what both ends of a connection
//! need ([`sfu::bare`]), and nothing that knows of peers and calls.
#![expect(clippy::expect_used, reason = "each says why it holds")]

pub mod client;
mod command;
pub mod play;

pub use command::{Arguments, measure};
