//! The secrets by which one session comes back.

use std::collections::VecDeque;

use rand::CryptoRng;
use subtle::ConstantTimeEq as _;

use crate::secret::Secret;

/// How many used-up secrets of a session are known again.
const USED_UP: usize = 16;

/// A secret that was shown and accepted; [`ResumeSecrets::rotate`] takes it.
#[derive(Debug)]
pub struct Shown(Secret);

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

/// The resume secrets of one session.
///
/// Each return changes the secret. The one that was shown works again until the first message on
/// the new socket, because the answer that carries the new one may be lost; then it never works
/// again.
#[derive(Clone, Debug)]
pub struct ResumeSecrets {
    state: State,
    /// The oldest first.
    used_up: VecDeque<Secret>,
}

#[derive(Clone, Debug)]
enum State {
    /// Its holder has it for certain.
    Confirmed(Secret),
    /// It was sent; whether it arrived will show. Until then `shown` works too.
    Sent { shown: Secret, new: Secret },
}

impl ResumeSecrets {
    /// The first secret of a session, for `joined` or `queued`.
    #[must_use]
    pub fn begin(rng: &mut impl CryptoRng) -> (Self, Secret) {
        let secret = Secret::random(rng);
        let secrets = Self {
            state: State::Confirmed(secret.clone()),
            used_up: VecDeque::new(),
        };
        (secrets, secret)
    }

    /// Whether `presented` continues the session. It changes nothing.
    ///
    /// # Errors
    ///
    /// [`NotResumed`], which tells a secret of this session's past from one it never had.
    pub fn check(&self, presented: &str) -> Result<Shown, NotResumed> {
        let presented = Secret::read(presented).ok_or(NotResumed::Unknown)?;
        let matches = match &self.state {
            State::Confirmed(secret) => secret.ct_eq(&presented),
            State::Sent { shown, new } => shown.ct_eq(&presented) | new.ct_eq(&presented),
        };
        if bool::from(matches) {
            Ok(Shown(presented))
        } else if self.used_up.contains(&presented) {
            Err(NotResumed::UsedUp)
        } else {
            Err(NotResumed::Unknown)
        }
    }

    /// The session goes on with the secret that was shown: gives the next one to send.
    pub fn rotate(&mut self, shown: Shown, rng: &mut impl CryptoRng) -> Secret {
        let Shown(shown) = shown;
        let secret = Secret::random(rng);
        let next = State::Sent {
            shown: shown.clone(),
            new: secret.clone(),
        };
        let before = match std::mem::replace(&mut self.state, next) {
            State::Confirmed(secret) => vec![secret],
            State::Sent { shown, new } => vec![shown, new],
        };
        for old in before.into_iter().filter(|it| *it != shown) {
            self.use_up(old);
        }
        secret
    }

    /// A message came on the new socket: its holder has the new secret, the one before is void.
    pub fn confirm(&mut self) {
        if let State::Sent { shown, new } = self.state.clone() {
            self.state = State::Confirmed(new);
            self.use_up(shown);
        }
    }

    fn use_up(&mut self, secret: Secret) {
        if self.used_up.len() == USED_UP {
            self.used_up.pop_front();
        }
        self.used_up.push_back(secret);
    }
}
