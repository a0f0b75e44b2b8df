//! Capability links, and the short-lived secrets made from them.
//!
//! A link is `/j/<id>#<secret>`. Its secret is derived from its id and version by one of the
//! server's keys, so that no secret is stored, a resend makes the same link again, and a raised
//! version kills the old one. A press on Join turns it into a ticket, and a session carries a
//! resume secret.
//!
//! Pure: time and randomness are arguments, a moment is the time since the program began. It
//! refuses to know who a link is for, where records are kept and how anything travels.

pub mod attempt;
pub mod keyring;
pub mod link;
pub mod locked;
pub mod recovery;
pub mod resume;
pub mod secret;
mod text;
pub mod ticket;

pub use attempt::{AttemptId, NoAttempt};
pub use keyring::{Key, KeyId, Keyring};
pub use link::{LinkId, LinkPath, NoSuchLink, Record};
pub use recovery::RecoveryCode;
pub use resume::{NotResumed, Resumable, ResumeSecrets, Shown};
pub use secret::Secret;
pub use ticket::{BadTicket, SealedTicket, TICKET_LENGTH, Ticket};
