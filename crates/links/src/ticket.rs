//! Tickets: what a press on Join is given, good for that press and for a minute.
//!
//! A ticket says what it is for, under a seal of the server's keys: nobody has to remember it, and
//! whoever has the keys can redeem it. It may be shown more than once: it is the same press then.

use std::fmt;
use std::time::Duration;

use subtle::{Choice, ConstantTimeEq as _};

use crate::attempt::AttemptId;
use crate::keyring::Keyring;
use crate::link::LinkId;
use crate::secret::Secret;
use crate::text;

/// How many characters each part takes: link, meeting, attempt, end and seal.
const PARTS: [usize; 5] = [8, 13, 26, 10, 26];

/// How many characters a ticket has.
pub const TICKET_LENGTH: usize = 83;

/// What a ticket stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ticket {
    /// The link that was opened.
    pub link: LinkId,
    /// What it admits to.
    pub meeting: u64,
    /// The press.
    pub attempt: AttemptId,
    /// When it ends, in milliseconds since 1970.
    pub until: u64,
}

/// The ticket is none of ours, or too old.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the ticket is unknown or too old")]
pub struct BadTicket;

/// A ticket as its holder shows it. It prints as the word `Ticket`.
#[derive(Clone, Eq, PartialEq)]
pub struct SealedTicket(String);

impl SealedTicket {
    /// The ticket itself: for the one message that carries it to its holder.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SealedTicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket")
    }
}

impl Ticket {
    /// How long a ticket is good.
    pub const LIFE: Duration = Duration::from_secs(60);

    /// As its holder is to show it.
    #[must_use]
    pub fn seal(&self, keyring: &Keyring) -> SealedTicket {
        let mut text = self.write();
        text.push_str(&keyring.seal_ticket(&text).expose());
        SealedTicket(text)
    }

    /// Reads a ticket that is shown at `now`, in milliseconds since 1970.
    ///
    /// # Errors
    ///
    /// [`BadTicket`] where no key of the ring has sealed it, or it has ended.
    pub fn open(keyring: &Keyring, shown: &str, now: u64) -> Result<Self, BadTicket> {
        // Characters that take more than a byte are in no ticket.
        if shown.len() != TICKET_LENGTH || !shown.is_ascii() {
            return Err(BadTicket);
        }
        let (text, seal) = shown.split_at(TICKET_LENGTH - PARTS[4]);
        let seal = Secret::read(seal).ok_or(BadTicket)?;
        let made = keyring.ticket_seals(text);
        let is_ours = made.fold(Choice::from(0), |one, it| one | it.ct_eq(&seal));
        if !bool::from(is_ours) {
            return Err(BadTicket);
        }
        Self::read(text)
            .filter(|it| now < it.until)
            .ok_or(BadTicket)
    }

    fn write(&self) -> String {
        let [link, meeting, attempt, until, _] = PARTS;
        [
            text::write(self.link.number().into(), link),
            text::write(self.meeting.into(), meeting),
            text::write(self.attempt.0, attempt),
            text::write(self.until.into(), until),
        ]
        .concat()
    }

    fn read(text: &str) -> Option<Self> {
        let mut rest = text;
        let [link, meeting, attempt, until, _] = PARTS.map(|length| {
            let (part, after) = rest.split_at_checked(length).unwrap_or_default();
            rest = after;
            text::read(part, length)
        });
        Some(Self {
            link: LinkId::from_number(u64::try_from(link?).ok()?)?,
            meeting: u64::try_from(meeting?).ok()?,
            attempt: AttemptId(attempt?),
            until: u64::try_from(until?).ok()?,
        })
    }
}
