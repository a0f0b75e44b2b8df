//! From text to message and back: the door at which everything malformed is turned away.

use crate::MAX_MESSAGE;
use crate::message::{ClientMessage, ServerMessage};

/// The text is no message of `homeroom.v1`. Nothing of it is repeated here: it may hold a secret.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BadMessage {
    /// It is larger than [`MAX_MESSAGE`]; answered with [`crate::close::Close::TooBig`].
    #[error("a message may be {MAX_MESSAGE} bytes at most")]
    TooBig,
    /// It is no JSON, of an unknown type, or its fields are not what that type has; answered with
    /// [`crate::close::Close::BadMessage`].
    #[error("no message of homeroom.v1, at line {line} column {column}")]
    Malformed {
        /// Counted from 1.
        line: usize,
        /// Counted from 1; 0 where the fault is that of the whole.
        column: usize,
    },
}

/// Reads a text message of a client.
///
/// Fields that are not known are passed over, since new ones are optional. JSON nested deeper than
/// 127 levels is malformed.
///
/// # Errors
///
/// [`BadMessage`] where it is too big or no message.
pub fn parse_client(text: &str) -> Result<ClientMessage, BadMessage> {
    if text.len() > MAX_MESSAGE {
        return Err(BadMessage::TooBig);
    }
    serde_json::from_str(text).map_err(|fault| BadMessage::Malformed {
        line: fault.line(),
        column: fault.column(),
    })
}

impl ServerMessage {
    /// The text to send.
    ///
    /// # Panics
    ///
    /// Never: there is nothing in a message that JSON cannot say.
    #[must_use]
    #[expect(clippy::expect_used, reason = "it says why it holds")]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("strings, numbers and lists with string keys")
    }
}
