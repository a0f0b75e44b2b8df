//! E-mails and text messages out of the outbox: what they say, and how they are sent (EVE-3, INV-5, INV-8, OPS-4).
//!
//! The records hold what is to be written to whom; this crate claims it, words it at that moment,
//! hands it to a mail server and says what became of it. A claim is a lease: what a program leaves
//! behind when it is killed is claimed again when the lease has run out. Between the moment a mail
//! server has taken an e-mail and the moment that is written down there is one statement; a program
//! killed just there sends it once more, with the same Message-ID, by which mail programs know it
//! again.
//!
//! It refuses to know who may be invited and when: that is decided before anything is queued.

mod address;
mod answer;
mod backoff;
mod calendar;
mod catalogue;
mod compose;
mod drain;
mod guarded;
mod guest;
mod kept;
mod office;
mod register;
mod report;
mod send;
mod smtp;
mod text_words;
mod texts;
mod times;
mod way;
mod wording;
mod words;

pub use compose::{Sender, Unwritable};
pub use drain::{Carrier, Heard, Office, run};
pub use kept::{SweepError, sweep};
pub use report::{LARGEST_REPORT, Report, read_report};
pub use send::{Outcome, Postman, Security, Server, SetUpError, Trouble};
pub use smtp::{Patience, Smtp, trusting};
pub use texts::{Door, Gateway, GatewayError, Messenger};
