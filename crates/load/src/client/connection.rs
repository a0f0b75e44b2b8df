//! ICE that checks, DTLS that begins, and the SRTP that comes of it: the browser's half.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use forward::time::Micros;
use rtc_crypto::RTCCryptoProvider;
use rtc_crypto::providers::AwsLcRsProvider;
use rtc_dtls::config::{ConfigBuilder, HandshakeConfig};
use rtc_dtls::crypto::Certificate;
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc_shared::TransportProtocol;
use rtc_shared::error::Error;
use rtc_stun::attributes::{
    ATTR_ICE_CONTROLLING, ATTR_PRIORITY, ATTR_USE_CANDIDATE, ATTR_USERNAME, AttrType, RawAttribute,
};
use rtc_stun::fingerprint::FINGERPRINT;
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{BINDING_REQUEST, BINDING_SUCCESS, Message, Setter, TransactionId};
use rtc_stun::textattrs::TextAttribute;
use sfu::bare::{Flight, Keys, agree, keys_of};
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use super::description::{Answer, Credentials};

/// How soon an unanswered check is repeated, microseconds.
const CHECK_AGAIN: u64 = 50_000;

/// How often a working connection is checked, microseconds.
const CONSENT_EVERY: u64 = 2_500_000;

/// The library's own timer never comes due: [`Flight`] repeats what was lost.
const NO_TIMER: Duration = Duration::from_secs(86_400);

/// Whether a datagram is STUN (RFC 7983 §7).
pub(super) fn is_stun(datagram: &[u8]) -> bool {
    matches!(datagram.first(), Some(0..=3))
}

/// Whether a datagram is DTLS (RFC 7983 §7).
pub(super) fn is_dtls(datagram: &[u8]) -> bool {
    matches!(datagram.first(), Some(20..=63))
}

/// What all load participants share.
#[derive(Clone)]
pub(super) struct Identity {
    config: Arc<HandshakeConfig>,
    pub(super) fingerprint: [u8; 32],
    crypto: Arc<dyn RTCCryptoProvider>,
}

impl Identity {
    /// `aes_cm` chooses AES-CM-HMAC-SHA1, as Chromium does, rather than AES-GCM.
    pub(super) fn generate(aes_cm: bool) -> Result<Self, Error> {
        let crypto: Arc<dyn RTCCryptoProvider> = Arc::new(AwsLcRsProvider::new());
        let certificate =
            Certificate::generate_self_signed(vec!["load".to_owned()], crypto.crypto())?;
        let fingerprint = certificate.certificate.first().map(Sha256::digest);
        let profile = if aes_cm {
            SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80
        } else {
            SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm
        };
        let config = ConfigBuilder::default()
            .with_crypto_provider(Arc::clone(&crypto))
            .with_certificates(vec![certificate])
            .with_srtp_protection_profiles(vec![profile])
            // The server's fingerprint came in the answer, and is compared before any key is used.
            .with_insecure_skip_verify(true)
            .with_flight_interval(NO_TIMER)
            .build(true, None)?;
        Ok(Self {
            config: Arc::new(config),
            fingerprint: fingerprint.map(Into::into).unwrap_or_default(),
            crypto,
        })
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Identity").finish_non_exhaustive()
    }
}

/// The way to one server.
pub(super) struct Connection {
    identity: Identity,
    answer: Answer,
    /// Ours.
    credentials: Credentials,
    /// The zero of its clock, for the library: only its own timers read it.
    began: Instant,
    endpoint: Endpoint,
    is_checked: bool,
    next_check: Micros,
    flight: Flight,
    keys: Option<Keys>,
}

impl Connection {
    pub(super) fn new(identity: &Identity, credentials: Credentials, answer: Answer) -> Self {
        Self {
            began: Instant::now(),
            endpoint: Endpoint::new(answer.address, TransportProtocol::UDP, None),
            identity: identity.clone(),
            answer,
            credentials,
            is_checked: false,
            next_check: Micros(0),
            flight: Flight::none(Micros(0)),
            keys: None,
        }
    }

    pub(super) const fn server(&self) -> SocketAddr {
        self.answer.address
    }

    pub(super) const fn answer(&self) -> &Answer {
        &self.answer
    }

    pub(super) const fn keys(&mut self) -> Option<&mut Keys> {
        self.keys.as_mut()
    }

    /// The check that is due now, if one is.
    pub(super) fn check(&mut self, now: Micros) -> Option<Vec<u8>> {
        if now < self.next_check {
            return None;
        }
        let wait = if self.is_checked {
            CONSENT_EVERY
        } else {
            CHECK_AGAIN
        };
        self.next_check = Micros(now.0 + wait);
        self.make_check()
    }

    /// Whether a check of ours was answered.
    pub(super) const fn is_checked(&self) -> bool {
        self.is_checked
    }

    /// `now` by the library's clock.
    fn at(&self, now: Micros) -> Instant {
        self.began + Duration::from_micros(now.0)
    }

    /// A check that nominates.
    pub(super) fn make_check(&self) -> Option<Vec<u8>> {
        let crypto = self.identity.crypto.crypto();
        let username = format!("{}:{}", self.answer.fragment, self.credentials.fragment);
        let raw = |typ: AttrType, value: Vec<u8>| {
            let length = u16::try_from(value.len()).unwrap_or_default();
            Box::new(RawAttribute { typ, length, value })
        };
        let integrity = MessageIntegrity::new_short_term_integrity_with_provider(
            self.answer.password.clone(),
            crypto,
        );
        let mut message = Message::new();
        let setters: [Box<dyn Setter + '_>; 8] = [
            Box::new(TransactionId::new()),
            Box::new(BINDING_REQUEST),
            Box::new(TextAttribute::new(ATTR_USERNAME, username)),
            raw(ATTR_PRIORITY, 0x6e00_01ffu32.to_be_bytes().to_vec()),
            raw(ATTR_ICE_CONTROLLING, vec![1; 8]),
            raw(ATTR_USE_CANDIDATE, Vec::new()),
            Box::new(integrity),
            Box::new(FINGERPRINT),
        ];
        message.build(&setters).ok()?;
        Some(message.raw)
    }

    /// What to answer a STUN datagram with, where the server asks whether it may send.
    pub(super) fn agree(&self, datagram: &[u8]) -> Option<Vec<u8>> {
        let crypto = self.identity.crypto.crypto();
        agree(datagram, self.server(), &self.credentials.password, crypto)
    }

    /// Takes a STUN datagram; the first good answer begins the handshake.
    pub(super) fn checked(&mut self, datagram: &[u8], now: Micros) {
        let mut message = Message {
            raw: datagram.to_vec(),
            ..Message::default()
        };
        if message.decode().is_err() || message.typ != BINDING_SUCCESS || self.is_checked {
            return;
        }
        self.is_checked = true;
        let config = Arc::clone(&self.identity.config);
        // It fails only where it was begun already.
        drop(
            self.endpoint
                .connect(self.at(now).into_std(), self.answer.address, config, None),
        );
    }

    /// Takes a DTLS datagram; gives whether media can flow from now on.
    pub(super) fn handshake(&mut self, datagram: &[u8], now: Micros) -> bool {
        let server = self.answer.address;
        let events = self
            .endpoint
            .read(
                self.at(now).into_std(),
                server,
                None,
                BytesMut::from(datagram),
            )
            .unwrap_or_default();
        if events
            .iter()
            .any(|event| matches!(event, EndpointEvent::HandshakeComplete))
        {
            let state = self.endpoint.get_connection_state(server);
            self.keys = state.and_then(|state| {
                keys_of(
                    state,
                    std::slice::from_ref(&self.answer.fingerprint),
                    self.identity.crypto.crypto(),
                )
                .ok()
            });
            return self.keys.is_some();
        }
        false
    }

    /// The handshake's datagrams to send now: a new flight, or the last one again.
    pub(super) fn transmit(&mut self, now: Micros) -> Vec<BytesMut> {
        let fresh: Vec<BytesMut> = std::iter::from_fn(|| self.endpoint.poll_transmit())
            .map(|transmit| transmit.message)
            .collect();
        if self.keys.is_some() {
            return fresh;
        }
        if !fresh.is_empty() {
            self.flight = Flight::new(fresh, now);
        }
        self.flight.due(now).to_vec()
    }
}
