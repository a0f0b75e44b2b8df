//! The signaling protocol `homeroom.v1`: what a browser and the server say to each other.
//!
//! This crate holds the shapes and nothing else: it knows no socket, no call and no clock.
//! `PROTOCOL.md` beside it is the same thing in words; `samples/` holds one file a message.

pub mod close;
pub mod http;
pub mod limits;
pub mod message;
pub mod parse;
pub mod schema;
pub mod typescript;

/// The WebSocket subprotocol (RFC 6455 §1.9) both sides must agree on.
pub const SUBPROTOCOL: &str = "homeroom.v1";

/// The path of the WebSocket.
pub const SOCKET_PATH: &str = "/api/v1/socket";

/// The largest message either side may send, in bytes.
pub const MAX_MESSAGE: usize = 64 * 1024;

pub use parse::{BadMessage, parse_client};
