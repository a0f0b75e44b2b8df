//! ICE-lite (RFC 8445 §2.5): the browser checks, this side answers. It asks back only whether it may
//! send (RFC 7675).

mod paths;

use std::net::SocketAddr;
use std::sync::Arc;

use forward::time::Micros;
use rtc_crypto::{RTCCrypto, RTCCryptoProvider};
use rtc_stun::attributes::{
    ATTR_ICE_CONTROLLED, ATTR_PRIORITY, ATTR_USE_CANDIDATE, ATTR_USERNAME, AttrType, RawAttribute,
};
use rtc_stun::error_code::{CODE_ROLE_CONFLICT, ErrorCodeAttribute};
use rtc_stun::fingerprint::FINGERPRINT;
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{
    BINDING_ERROR, BINDING_REQUEST, BINDING_SUCCESS, Message, MessageType, Setter, TransactionId,
};
use rtc_stun::textattrs::TextAttribute;
use rtc_stun::xoraddr::XorMappedAddress;

use crate::path::Path;
use crate::sdp::Credentials;
use crate::stun::{self, Reading};
use paths::{Check, Paths};

/// How long a peer may take until one of its paths agrees to be sent to, microseconds.
const TO_AGREE: u64 = 30_000_000;

/// The priority that asks speak of: that of a path learnt by checks (RFC 8445 §5.1.2.2).
const PRIORITY: u32 = 0x6e7f_1eff;

/// Whether a datagram is STUN (RFC 7983 §7).
pub(crate) fn is_stun(datagram: &[u8]) -> bool {
    matches!(datagram.first(), Some(0..=3)) && datagram.len() >= stun::HEADER
}

/// A binding request, read but not yet proved authentic.
#[derive(Clone, Copy)]
pub(crate) struct Request<'datagram> {
    reading: Reading<'datagram>,
    ours: &'datagram str,
    theirs: &'datagram str,
}

impl<'datagram> Request<'datagram> {
    /// Reads a binding request that names a user; `None` for all else.
    pub(crate) fn read(datagram: &'datagram [u8]) -> Option<Self> {
        let reading = Reading::read(datagram)?;
        if reading.kind() != BINDING_REQUEST.value() {
            return None;
        }
        let (ours, theirs) = reading.text(stun::USERNAME)?.split_once(':')?;
        Some(Self {
            reading,
            ours,
            theirs,
        })
    }

    /// The user fragment of this side, which names the peer.
    pub(crate) const fn fragment(&self) -> &'datagram str {
        self.ours
    }

    /// Whether it comes from the holder of `remote` to that of `local`.
    fn is_for(&self, (local, remote): &Pair) -> bool {
        self.ours == local.fragment && self.theirs == remote.fragment
    }
}

/// What a check led to.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Checked {
    /// The answer, for where the check came from.
    pub(crate) answer: Vec<u8>,
    /// An address that is no longer valid, to make room.
    pub(crate) dropped: Option<Path>,
}

/// The credentials of this side and of the other.
type Pair = (Credentials, Credentials);

/// The ICE side of one peer.
pub(crate) struct Ice {
    crypto: Arc<dyn RTCCryptoProvider>,
    credentials: Pair,
    /// Those before a restart, good until the new ones are used.
    previous: Option<Pair>,
    /// How many restarts there have been.
    generation: u32,
    /// What its asks bear, so that their answers find it.
    mark: u32,
    paths: Paths,
    /// When a path could last be sent to; at first, when the peer was made.
    reached: Micros,
    /// Whether one ever could.
    was_reached: bool,
}

impl Ice {
    pub(crate) fn new(
        crypto: Arc<dyn RTCCryptoProvider>,
        local: Credentials,
        remote: Credentials,
        now: Micros,
    ) -> Self {
        Self {
            crypto,
            credentials: (local, remote),
            previous: None,
            generation: 0,
            mark: 0,
            paths: Paths::default(),
            reached: now,
            was_reached: false,
        }
    }

    /// Its asks bear this mark: see [`asker`].
    pub(crate) const fn marked(mut self, mark: u32) -> Self {
        self.mark = mark;
        self
    }

    pub(crate) const fn local(&self) -> &Credentials {
        &self.credentials.0
    }

    /// The user fragments under which checks may come.
    pub(crate) fn fragments(&self) -> impl Iterator<Item = &str> {
        let previous = self.previous.as_ref();
        std::iter::once(&self.credentials)
            .chain(previous)
            .map(|(local, _)| local.fragment.as_str())
    }

    /// Where to send.
    pub(crate) const fn selected(&self) -> Option<Path> {
        self.paths.used()
    }

    /// Where to send the handshake.
    pub(crate) fn for_handshake(&self, now: Micros) -> Option<Path> {
        self.paths.for_handshake(now)
    }

    /// The paths by which authentic checks came.
    pub(crate) fn valid(&self) -> impl Iterator<Item = Path> {
        self.paths.all()
    }

    /// Whether the peer can no longer be sent to, or could not in time.
    pub(crate) const fn is_stale(&self, now: Micros) -> bool {
        self.selected().is_none() && (self.was_reached || now.since(self.reached) > TO_AGREE)
    }

    /// New credentials (RFC 8445 §9); the old ones stay good until the new ones are used, so that
    /// nothing is lost on the way. Gives the fragment that is good no more, where there is one.
    pub(crate) fn restart(&mut self, local: Credentials, remote: Credentials) -> Option<String> {
        let before = std::mem::replace(&mut self.credentials, (local, remote));
        self.generation += 1;
        let forgotten = self.previous.replace(before);
        forgotten.map(|(local, _)| local.fragment)
    }

    /// The credentials of a generation, and of those before it that are still good.
    fn of(&self, generation: u32) -> Option<&Pair> {
        match self.generation.checked_sub(generation)? {
            0 => Some(&self.credentials),
            1 => self.previous.as_ref(),
            _ => None,
        }
    }

    /// Answers a check from `source`. `None` where it is not authentic: such a datagram gets no
    /// answer, and changes nothing.
    pub(crate) fn check(
        &mut self,
        request: Request<'_>,
        source: Path,
        now: Micros,
    ) -> Option<Checked> {
        let generation = [self.generation, self.generation.saturating_sub(1)]
            .into_iter()
            .find(|generation| {
                self.of(*generation)
                    .is_some_and(|pair| request.is_for(pair))
            })?;
        let password = &self.of(generation)?.0.password;
        let reading = request.reading;
        if !reading.is_authentic(password.as_bytes(), self.crypto.crypto()) {
            return None;
        }
        // Both sides cannot be the one that does not check (RFC 8445 §7.3.1.1).
        if reading.has(ATTR_ICE_CONTROLLED.value()) {
            let conflict = ErrorCodeAttribute {
                code: CODE_ROLE_CONFLICT,
                reason: b"role conflict".to_vec(),
            };
            let answer = self.answer(reading, BINDING_ERROR, Box::new(conflict), password)?;
            return Some(Checked {
                answer,
                dropped: None,
            });
        }
        let mapped = XorMappedAddress {
            ip: source.address().ip(),
            port: source.address().port(),
        };
        let answer = self.answer(reading, BINDING_SUCCESS, Box::new(mapped), password)?;
        let priority = reading.value(ATTR_PRIORITY.value());
        let check = Check {
            path: source,
            generation,
            priority: priority
                .and_then(|value| value.first_chunk())
                .map_or(0, |value| u32::from_be_bytes(*value)),
            nominates: reading.has(ATTR_USE_CANDIDATE.value()),
        };
        let dropped = self.paths.checked(check, now);
        Some(Checked { answer, dropped })
    }

    /// Takes the answer to an ask: where it is authentic, its path agrees to be sent to. Gives
    /// whether it is.
    pub(crate) fn answered(&mut self, answer: Reading<'_>, source: Path, now: Micros) -> bool {
        let is_authentic = answer.kind() == BINDING_SUCCESS.value()
            && self
                .paths
                .asked(source, answer.transaction())
                .and_then(|generation| self.of(generation))
                .is_some_and(|(_, remote)| {
                    answer.is_authentic(remote.password.as_bytes(), self.crypto.crypto())
                });
        if is_authentic {
            self.paths.agreed(source, now);
            self.note(now);
        }
        is_authentic
    }

    /// Whether `path` agrees to be sent to: nobody but who is there can say so.
    pub(crate) fn agrees(&self, path: Path, now: Micros) -> bool {
        self.paths.agrees(path, now)
    }

    /// The asks that are due, and where they go.
    pub(crate) fn asks(&mut self, now: Micros) -> Vec<(Path, Vec<u8>)> {
        let due = self.paths.due(self.mark, now);
        due.into_iter()
            .filter_map(|(path, generation, transaction)| {
                let (local, remote) = self.of(generation)?;
                Some((path, self.ask(local, remote, transaction)?))
            })
            .collect()
    }

    /// Authentic media of the peer came by `path`.
    pub(crate) fn heard(&mut self, path: Path, now: Micros) {
        self.paths.media(path, now);
    }

    /// Looks again which path may be used.
    pub(crate) fn tick(&mut self, now: Micros) {
        self.paths.choose(now);
        self.note(now);
    }

    fn note(&mut self, now: Micros) {
        if self.selected().is_some() {
            self.reached = now;
            self.was_reached = true;
        }
    }

    /// A path is no more: what went there goes by another that agrees.
    pub(crate) fn forget(&mut self, path: Path, now: Micros) {
        self.paths.forget(path, now);
    }

    fn ask(
        &self,
        local: &Credentials,
        remote: &Credentials,
        transaction: [u8; 12],
    ) -> Option<Vec<u8>> {
        let raw = |typ: AttrType, value: &[u8]| {
            let length = u16::try_from(value.len()).unwrap_or_default();
            let value = value.to_vec();
            Box::new(RawAttribute { typ, length, value })
        };
        let user = format!("{}:{}", remote.fragment, local.fragment);
        let parts: Vec<Box<dyn Setter>> = vec![
            Box::new(TransactionId(transaction)),
            Box::new(BINDING_REQUEST),
            Box::new(TextAttribute::new(ATTR_USERNAME, user)),
            raw(ATTR_PRIORITY, &PRIORITY.to_be_bytes()),
            raw(ATTR_ICE_CONTROLLED, &[0; 8]),
        ];
        message(parts, &remote.password, self.crypto.crypto())
    }

    fn answer(
        &self,
        request: Reading<'_>,
        class: MessageType,
        attribute: Box<dyn Setter>,
        password: &str,
    ) -> Option<Vec<u8>> {
        let transaction = Box::new(TransactionId(request.transaction()));
        let parts: Vec<Box<dyn Setter>> = vec![transaction, Box::new(class), attribute];
        message(parts, password, self.crypto.crypto())
    }
}

/// The mark of who asked what this answers, where it answers an ask at all.
pub(crate) fn asker(answer: Reading<'_>) -> u32 {
    let [a, b, c, d, ..] = answer.transaction();
    u32::from_be_bytes([a, b, c, d])
}

/// The answer of a peer that agrees to be sent to, where `datagram` asks that and came from `from`;
/// `password` is the one that the peer gave.
pub fn agree(
    datagram: &[u8],
    from: SocketAddr,
    password: &str,
    crypto: &dyn RTCCrypto,
) -> Option<Vec<u8>> {
    let ask = Request::read(datagram)?.reading;
    if !ask.is_authentic(password.as_bytes(), crypto) {
        return None;
    }
    let parts: Vec<Box<dyn Setter>> = vec![
        Box::new(TransactionId(ask.transaction())),
        Box::new(BINDING_SUCCESS),
        Box::new(XorMappedAddress {
            ip: from.ip(),
            port: from.port(),
        }),
    ];
    message(parts, password, crypto)
}

/// A message of these parts, and what proves it.
fn message<'crypto>(
    mut parts: Vec<Box<dyn Setter + 'crypto>>,
    password: &str,
    crypto: &'crypto dyn RTCCrypto,
) -> Option<Vec<u8>> {
    parts.push(Box::new(
        MessageIntegrity::new_short_term_integrity_with_provider(password.to_owned(), crypto),
    ));
    parts.push(Box::new(FINGERPRINT));
    let mut message = Message::new();
    message.build(&parts).ok()?;
    Some(message.raw)
}

impl std::fmt::Debug for Ice {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Ice").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
