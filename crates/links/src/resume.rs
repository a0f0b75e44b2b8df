//! The secrets by which one session comes back.
//!
//! They are numbered, and each is made from its number by the server's keys: nothing of them has to
//! be kept but numbers, so that what is written down of a session is no secret, and a session whose
//! last number was not written down before the program ended comes back all the same.

use subtle::{Choice, ConstantTimeEq as _};

use crate::attempt::AttemptId;
use crate::keyring::Keyring;
use crate::link::LinkId;
use crate::secret::Secret;

/// How many used-up secrets of a session are known again.
const USED_UP: u32 = 16;

/// How many secrets may have been sent since the numbers were written down.
const AHEAD: u32 = 4;

/// A secret that was shown and accepted; [`ResumeSecrets::rotate`] takes it.
#[derive(Debug)]
pub struct Shown(u32);

/// Why a secret does not continue a session.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotResumed {
    /// It was this session's once: another page continued the session with it since.
    #[error("the resume secret was used up")]
    UsedUp,
    /// It never was this session's.
    #[error("no such resume secret")]
    Unknown,
}

/// The session that secrets are of: its name, and the press that made it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Resumable {
    /// Its number.
    pub session: u64,
    /// Its link.
    pub link: LinkId,
    /// The press. It is random: where a number is given twice, as after a backup was put back, the
    /// secrets of one session are not those of the other.
    pub attempt: AttemptId,
}

/// The resume secrets of one session.
///
/// Each return changes the secret. The one that was shown works again until the first message on
/// the new socket, because the answer that carries the new one may be lost; then it never works
/// again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ResumeSecrets {
    /// The one shown last. It works until `sent` is confirmed; then it is the same.
    shown: u32,
    /// The newest: it was sent, and whether it arrived will show.
    sent: u32,
}

impl ResumeSecrets {
    /// With the first secret of a session, for `joined` or `queued`.
    #[must_use]
    pub const fn begin() -> Self {
        Self { shown: 1, sent: 1 }
    }

    /// Those of which [`Self::numbers`] were written down.
    #[must_use]
    pub const fn of_numbers(shown: u32, sent: u32) -> Self {
        Self { shown, sent }
    }

    /// The number of the secret that was shown last, and of the newest.
    #[must_use]
    pub const fn numbers(self) -> (u32, u32) {
        (self.shown, self.sent)
    }

    /// The newest secret.
    #[must_use]
    pub fn newest(self, keyring: &Keyring, whose: Resumable) -> Secret {
        keyring.resume_secret(whose, self.sent)
    }

    /// Whether `presented` continues the session. It changes nothing.
    ///
    /// # Errors
    ///
    /// [`NotResumed`], which tells a secret of this session's past from one it never had.
    pub fn check(
        self,
        keyring: &Keyring,
        whose: Resumable,
        presented: &str,
    ) -> Result<Shown, NotResumed> {
        let presented = Secret::read(presented).ok_or(NotResumed::Unknown)?;
        let first = self.sent.saturating_sub(USED_UP).max(1);
        let mut newest_first = (first..=self.sent.saturating_add(AHEAD)).rev();
        let found = newest_first.find(|number| {
            let made = keyring.resume_secrets(whose, *number);
            let matches = made.fold(Choice::from(0), |one, it| one | it.ct_eq(&presented));
            bool::from(matches)
        });
        match found {
            Some(number) if number == self.shown || number >= self.sent => Ok(Shown(number)),
            Some(_) => Err(NotResumed::UsedUp),
            None => Err(NotResumed::Unknown),
        }
    }

    /// The session goes on with the secret that was shown: there is a newer one to send.
    pub fn rotate(&mut self, shown: &Shown) {
        let Shown(shown) = *shown;
        *self = Self {
            shown,
            sent: self.sent.max(shown).saturating_add(1),
        };
    }

    /// The session begins anew with a newer secret: none before it works.
    pub fn renew(&mut self) {
        self.sent = self.sent.saturating_add(1);
        self.confirm();
    }

    /// A message came on the new socket: its holder has the newest secret, the one before is void.
    pub const fn confirm(&mut self) {
        self.shown = self.sent;
    }
}
