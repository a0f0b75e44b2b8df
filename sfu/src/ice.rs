//! ICE-lite (RFC 8445 §2.5): the browser checks, this side answers.

use std::sync::Arc;

use forward::time::Micros;
use rtc_crypto::RTCCryptoProvider;
use rtc_stun::attributes::{
    ATTR_ICE_CONTROLLED, ATTR_MESSAGE_INTEGRITY, ATTR_USE_CANDIDATE, ATTR_USERNAME,
};
use rtc_stun::error_code::{CODE_ROLE_CONFLICT, ErrorCodeAttribute};
use rtc_stun::fingerprint::FINGERPRINT;
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{
    BINDING_ERROR, BINDING_REQUEST, BINDING_SUCCESS, Message, MessageType, Setter,
};
use rtc_stun::xoraddr::XorMappedAddress;

use crate::path::Path;
use crate::sdp::Credentials;

/// How many addresses of one peer are held valid at once.
const MOST_ADDRESSES: usize = 16;

/// How long consent lasts without a check (RFC 7675 §5.1), microseconds.
const CONSENT: u64 = 30_000_000;

/// How long a peer counts as live after a check, microseconds.
const LIVE: u64 = 15_000_000;

/// Whether a datagram is STUN (RFC 7983 §7).
pub(crate) fn is_stun(datagram: &[u8]) -> bool {
    matches!(datagram.first(), Some(0..=3)) && datagram.len() >= 20
}

/// A binding request, read but not yet proved authentic.
pub(crate) struct Request {
    message: Message,
    username: String,
}

impl Request {
    /// Reads a binding request that names a user; `None` for all else.
    pub(crate) fn read(datagram: &[u8]) -> Option<Self> {
        let mut message = Message {
            raw: datagram.to_vec(),
            ..Message::default()
        };
        message.decode().ok()?;
        if message.typ != BINDING_REQUEST || message.raw.len() != 20 + message.length as usize {
            return None;
        }
        let username = String::from_utf8(message.get(ATTR_USERNAME).ok()?).ok()?;
        Some(Self { message, username })
    }

    /// The user fragment of this side, which names the peer.
    pub(crate) fn fragment(&self) -> &str {
        self.username.split_once(':').map_or("", |(ours, _)| ours)
    }

    /// Whether it comes from the holder of `remote` to that of `local`.
    fn is_for(&self, local: &Credentials, remote: &Credentials) -> bool {
        self.username.split_once(':') == Some((local.fragment.as_str(), remote.fragment.as_str()))
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

/// The ICE side of one peer.
pub(crate) struct Ice {
    crypto: Arc<dyn RTCCryptoProvider>,
    local: Credentials,
    remote: Credentials,
    /// The credentials before a restart, good until the new ones are used.
    previous: Option<(Credentials, Credentials)>,
    /// Valid addresses, the latest checked last.
    valid: Vec<Path>,
    selected: Option<Path>,
    last_check: Micros,
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
            local,
            remote,
            previous: None,
            valid: Vec::new(),
            selected: None,
            last_check: now,
        }
    }

    pub(crate) const fn local(&self) -> &Credentials {
        &self.local
    }

    /// The user fragments under which checks may come.
    pub(crate) fn fragments(&self) -> impl Iterator<Item = &str> {
        let previous = self
            .previous
            .as_ref()
            .map(|(local, _)| local.fragment.as_str());
        std::iter::once(self.local.fragment.as_str()).chain(previous)
    }

    /// Where to send.
    pub(crate) const fn selected(&self) -> Option<Path> {
        self.selected
    }

    /// The valid addresses.
    pub(crate) fn valid(&self) -> &[Path] {
        &self.valid
    }

    /// Whether the peer's consent to be sent to has run out.
    pub(crate) const fn is_stale(&self, now: Micros) -> bool {
        now.since(self.last_check) > CONSENT
    }

    /// Whether the peer has been heard lately: browsers check every few seconds.
    pub(crate) const fn is_live(&self, now: Micros) -> bool {
        now.since(self.last_check) <= LIVE
    }

    /// New credentials (RFC 8445 §9); the old ones stay good until the new ones are used, so that
    /// nothing is lost on the way. Gives the fragment that is good no more, where there is one.
    pub(crate) fn restart(&mut self, local: Credentials, remote: Credentials) -> Option<String> {
        let local = std::mem::replace(&mut self.local, local);
        let remote = std::mem::replace(&mut self.remote, remote);
        let forgotten = self.previous.replace((local, remote));
        forgotten.map(|(local, _)| local.fragment)
    }

    /// Answers a check from `source`. `None` where it is not authentic: such a datagram gets no
    /// answer, and changes nothing.
    pub(crate) fn check(
        &mut self,
        mut request: Request,
        source: Path,
        now: Micros,
    ) -> Option<Checked> {
        let is_current = request.is_for(&self.local, &self.remote);
        let password = if is_current {
            &self.local.password
        } else {
            let (local, remote) = self.previous.as_ref()?;
            if !request.is_for(local, remote) {
                return None;
            }
            &local.password
        };
        let crypto = self.crypto.crypto();
        if !request.message.contains(ATTR_MESSAGE_INTEGRITY) {
            return None;
        }
        MessageIntegrity::check(&mut request.message, password.as_bytes(), crypto).ok()?;
        // Both sides cannot be the one that does not check (RFC 8445 §7.3.1.1).
        if request.message.contains(ATTR_ICE_CONTROLLED) {
            let conflict = ErrorCodeAttribute {
                code: CODE_ROLE_CONFLICT,
                reason: b"role conflict".to_vec(),
            };
            let answer = self.answer(&request, BINDING_ERROR, Box::new(conflict), password)?;
            return Some(Checked {
                answer,
                dropped: None,
            });
        }
        let mapped = XorMappedAddress {
            ip: source.address().ip(),
            port: source.address().port(),
        };
        let answer = self.answer(&request, BINDING_SUCCESS, Box::new(mapped), password)?;
        self.last_check = now;
        self.valid.retain(|valid| *valid != source);
        let dropped = (self.valid.len() >= MOST_ADDRESSES).then(|| self.valid.remove(0));
        self.valid.push(source);
        // Until a pair is nominated, what has been checked is good enough to send to.
        let nominated = request.message.contains(ATTR_USE_CANDIDATE);
        if is_current && (nominated || self.selected.is_none_or(|at| Some(at) == dropped)) {
            self.selected = Some(source);
        }
        Some(Checked { answer, dropped })
    }

    /// A path that is no more: what went there goes by the path checked last.
    pub(crate) fn forget(&mut self, path: Path) {
        self.valid.retain(|valid| *valid != path);
        if self.selected == Some(path) {
            self.selected = self.valid.last().copied();
        }
    }

    fn answer(
        &self,
        request: &Request,
        class: MessageType,
        attribute: Box<dyn Setter>,
        password: &str,
    ) -> Option<Vec<u8>> {
        let integrity = MessageIntegrity::new_short_term_integrity_with_provider(
            password.to_owned(),
            self.crypto.crypto(),
        );
        let mut message = Message::new();
        message
            .build(&[
                Box::new(request.message.transaction_id),
                Box::new(class),
                attribute,
                Box::new(integrity),
                Box::new(FINGERPRINT),
            ])
            .ok()?;
        Some(message.raw)
    }
}

impl std::fmt::Debug for Ice {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Ice").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
