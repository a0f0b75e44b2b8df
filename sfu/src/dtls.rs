//! DTLS 1.2 in the server's role (RFC 6347), to agree on SRTP keys (RFC 5764).

mod flight;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use rtc_crypto::providers::AwsLcRsProvider;
use rtc_crypto::{RTCCrypto, RTCCryptoProvider, constant_time_eq};
use rtc_dtls::config::{ClientAuthType, ConfigBuilder, HandshakeConfig};
use rtc_dtls::crypto::Certificate;
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc_dtls::state::State;
use rtc_shared::TransportProtocol;
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

pub(crate) use flight::Flight;

use crate::srtp::{Inbound, MasterKey, Outbound, Profile};

/// The exporter's label (RFC 5764 §4.2).
const EXPORTER: &str = "EXTRACTOR-dtls_srtp";

/// The library's own timer never comes due: [`Flight`] repeats what was lost.
pub(crate) const NO_TIMER: Duration = Duration::from_secs(86_400);

/// The content type of handshake records (RFC 5246 §6.2.1).
const HANDSHAKE: u8 = 22;

/// Whether a datagram is DTLS (RFC 7983 §7).
pub(crate) fn is_dtls(datagram: &[u8]) -> bool {
    matches!(datagram.first(), Some(20..=63))
}

/// What all peers of a process share: the certificate and how to shake hands.
#[derive(Clone)]
pub(crate) struct Identity {
    config: Arc<HandshakeConfig>,
    /// SHA-256 of the certificate.
    pub(crate) fingerprint: [u8; 32],
    pub(crate) crypto: Arc<dyn RTCCryptoProvider>,
}

impl Identity {
    /// Makes an ECDSA P-256 certificate.
    pub(crate) fn generate() -> Result<Self, rtc_shared::error::Error> {
        let crypto: Arc<dyn RTCCryptoProvider> = Arc::new(AwsLcRsProvider::new());
        let certificate =
            Certificate::generate_self_signed(vec!["homeroom".to_owned()], crypto.crypto())?;
        let fingerprint = certificate.certificate.first().map(Sha256::digest);
        let config = ConfigBuilder::default()
            .with_crypto_provider(Arc::clone(&crypto))
            .with_certificates(vec![certificate])
            .with_srtp_protection_profiles(vec![
                SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
                SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
            ])
            // The browser's certificate is self-signed: its fingerprint came by signaling, and is
            // compared before any key is used.
            .with_client_auth(ClientAuthType::RequireAnyClientCert)
            .with_insecure_skip_verify(true)
            .with_flight_interval(NO_TIMER)
            .build(false, None)?;
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

/// The keys of both directions, agreed.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) inbound: Inbound,
    pub(crate) outbound: Outbound,
}

/// What a datagram led to.
#[derive(Debug)]
pub(crate) enum Progress {
    /// Nothing yet, or nothing more.
    None,
    /// The handshake is complete with the certificate that was promised.
    Agreed(Box<Keys>),
    /// The handshake failed for good.
    Failed(&'static str),
}

/// The DTLS side of one peer.
pub(crate) struct Dtls {
    endpoint: Endpoint,
    identity: Identity,
    /// SHA-256 of the certificate the peer must present.
    expected: [u8; 32],
    flight: Flight,
    /// Keys are agreed.
    is_done: bool,
    /// The peer sent a flight of the handshake again after that.
    peer_repeats: bool,
    /// It failed for good.
    is_over: bool,
}

/// The endpoint tells associations apart by address; a peer has one association, whatever address
/// its datagrams come from.
const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 1);

impl Dtls {
    pub(crate) fn new(identity: &Identity, expected: [u8; 32], now: Instant) -> Self {
        let config = Some(Arc::clone(&identity.config));
        Self {
            endpoint: Endpoint::new(PEER, TransportProtocol::UDP, config),
            identity: identity.clone(),
            expected,
            flight: Flight::new(now),
            is_done: false,
            peer_repeats: false,
            is_over: false,
        }
    }

    /// SHA-256 of the certificate the peer must present.
    pub(crate) const fn expected(&self) -> &[u8; 32] {
        &self.expected
    }

    /// Takes a datagram from a valid address of the peer.
    pub(crate) fn handle(&mut self, datagram: &[u8], now: Instant) -> Progress {
        if self.is_over {
            return Progress::None;
        }
        self.peer_repeats = self.is_done && datagram.first() == Some(&HANDSHAKE);
        // An error is of this datagram; the association outlives it, or its own timer ends it.
        let events = self
            .endpoint
            .read(now.into_std(), PEER, None, BytesMut::from(datagram))
            .unwrap_or_default();
        for event in events {
            if matches!(event, EndpointEvent::HandshakeComplete) {
                return match self.keys() {
                    Ok(keys) => {
                        self.is_done = true;
                        Progress::Agreed(Box::new(keys))
                    }
                    Err(why) => {
                        self.is_over = true;
                        Progress::Failed(why)
                    }
                };
            }
        }
        Progress::None
    }

    fn keys(&self) -> Result<Keys, &'static str> {
        let state = self
            .endpoint
            .get_connection_state(PEER)
            .ok_or("no association")?;
        keys_of(state, &self.expected, self.identity.crypto.crypto())
    }

    /// What to send now: a new flight, or the last one again. Once keys are agreed the last one is
    /// repeated only to a peer that repeats itself, because it missed the end.
    pub(crate) fn transmit(&mut self, now: Instant) -> Vec<BytesMut> {
        let fresh: Vec<BytesMut> = std::iter::from_fn(|| self.endpoint.poll_transmit())
            .map(|transmit| transmit.message)
            .collect();
        if self.is_over {
            return fresh;
        }
        if !fresh.is_empty() {
            self.flight.sent(fresh.clone(), now);
            return fresh;
        }
        if !self.is_done || std::mem::take(&mut self.peer_repeats) {
            return self.flight.due(now).to_vec();
        }
        Vec::new()
    }

    /// Whether the handshake has just failed for want of answers.
    pub(crate) fn has_just_failed(&mut self, now: Instant) -> bool {
        let failed = !self.is_over && !self.is_done && self.flight.is_given_up(now);
        if failed {
            self.is_over = true;
            self.flight.done();
        }
        failed
    }
}

impl std::fmt::Debug for Dtls {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Dtls").finish_non_exhaustive()
    }
}

/// The keys that a completed handshake agreed on, if the other side presented the certificate
/// whose SHA-256 is `expected`.
pub(crate) fn keys_of(
    state: &State,
    expected: &[u8; 32],
    crypto: &dyn RTCCrypto,
) -> Result<Keys, &'static str> {
    let certificate = state.peer_certificates.first().ok_or("no certificate")?;
    if !constant_time_eq(&Sha256::digest(certificate), expected) {
        return Err("a certificate other than the one promised");
    }
    let (profile, salt) = match state.srtp_protection_profile() {
        SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm => (Profile::Gcm, 12),
        SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80 => (Profile::CmSha1, 14),
        SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_32
        | SrtpProtectionProfile::Srtp_Aead_Aes_256_Gcm
        | SrtpProtectionProfile::Unsupported
        | _ => return Err("no protection profile"),
    };
    let material = state
        .export_keying_material(EXPORTER, &[], 2 * (16 + salt))
        .map_err(|_error| "no keying material")?;
    let (client, server) = split(material.as_ref(), salt).ok_or("short keying material")?;
    let (ours, theirs) = if state.is_client() {
        (client, server)
    } else {
        (server, client)
    };
    Ok(Keys {
        inbound: Inbound::new(profile, &theirs, crypto).ok_or("no cipher")?,
        outbound: Outbound::new(profile, &ours, crypto).ok_or("no cipher")?,
    })
}

/// Client key, server key, client salt, server salt (RFC 5764 §4.2): the client's, the server's.
fn split(material: &[u8], salt: usize) -> Option<(MasterKey, MasterKey)> {
    let (client, rest) = material.split_first_chunk()?;
    let (server, rest) = rest.split_first_chunk()?;
    let (client_salt, rest) = rest.split_at_checked(salt)?;
    Some((
        MasterKey {
            key: *client,
            salt: client_salt.to_vec(),
        },
        MasterKey {
            key: *server,
            salt: rest.get(..salt)?.to_vec(),
        },
    ))
}
