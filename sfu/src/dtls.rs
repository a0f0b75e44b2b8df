//! DTLS 1.2 in the server's role (RFC 6347), to agree on SRTP keys (RFC 5764).

mod flight;
mod intake;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use forward::time::Micros;
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

pub use flight::Flight;
use intake::Intake;

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
pub struct Keys {
    /// Of what comes.
    pub inbound: Inbound,
    /// Of what is sent.
    pub outbound: Outbound,
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

/// The clock that the library is told of: only its own timers read it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LibraryClock(Instant);

impl LibraryClock {
    pub(crate) fn new() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn at(self, now: Micros) -> Instant {
        self.0 + Duration::from_micros(now.0)
    }
}

/// A handshake that goes on.
struct Shaking {
    clock: LibraryClock,
    endpoint: Endpoint,
    intake: Intake,
    /// What the library wants sent and is not sent yet.
    fresh: Vec<BytesMut>,
    /// When it is given up: a peer that says nothing does not wait for ever.
    until: Micros,
}

/// How far a handshake is.
enum Stage {
    Shaking(Box<Shaking>),
    /// Keys are agreed. Of all that led there only the last flight is kept.
    Agreed {
        /// The peer has sent its own last flight again, because it missed ours.
        peer_repeats: bool,
    },
    /// It failed for good.
    Failed,
}

/// The DTLS side of one peer.
pub(crate) struct Dtls {
    stage: Stage,
    identity: Identity,
    /// SHA-256 of the certificates of which the peer must present one.
    expected: Vec<[u8; 32]>,
    flight: Flight,
}

/// The endpoint tells associations apart by address; a peer has one association, whatever address
/// its datagrams come from.
const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 1);

impl Shaking {
    /// Hands records to the library and takes what it wants sent; gives whether the handshake is
    /// complete.
    fn read(&mut self, records: &[u8], now: Micros) -> bool {
        // An error is of these records; the association outlives it, or its own timer ends it.
        let events = self
            .endpoint
            .read(
                self.clock.at(now).into_std(),
                PEER,
                None,
                BytesMut::from(records),
            )
            .unwrap_or_default();
        while let Some(transmit) = self.endpoint.poll_transmit() {
            self.fresh.push(transmit.message);
        }
        events
            .iter()
            .any(|event| matches!(event, EndpointEvent::HandshakeComplete))
    }
}

/// How long a handshake may take, from the moment the peer is attached, microseconds.
const PATIENCE: u64 = 30_000_000;

impl Dtls {
    pub(crate) fn new(identity: &Identity, expected: Vec<[u8; 32]>, now: Micros) -> Self {
        let config = Some(Arc::clone(&identity.config));
        Self {
            stage: Stage::Shaking(Box::new(Shaking {
                clock: LibraryClock::new(),
                endpoint: Endpoint::new(PEER, TransportProtocol::UDP, config),
                intake: Intake::new(),
                fresh: Vec::new(),
                until: Micros(now.0 + PATIENCE),
            })),
            identity: identity.clone(),
            expected,
            flight: Flight::none(now),
        }
    }

    /// SHA-256 of the certificates of which the peer must present one.
    pub(crate) fn expected(&self) -> &[[u8; 32]] {
        &self.expected
    }

    /// Takes a datagram from a valid address of the peer.
    pub(crate) fn handle(&mut self, datagram: &[u8], now: Micros) -> Progress {
        match &mut self.stage {
            Stage::Failed => Progress::None,
            Stage::Agreed { peer_repeats } => {
                *peer_repeats |= datagram.first() == Some(&HANDSHAKE);
                Progress::None
            }
            Stage::Shaking(shaking) => {
                let Ok(records) = shaking.intake.take(datagram) else {
                    return self.fail("more records than a handshake has", now);
                };
                if records.is_empty() {
                    return Progress::None;
                }
                if !shaking.read(&records, now) {
                    return Progress::None;
                }
                let state = shaking.endpoint.get_connection_state(PEER);
                let keys = state.ok_or("no association").and_then(|state| {
                    keys_of(state, &self.expected, self.identity.crypto.crypto())
                });
                match keys {
                    Ok(keys) => {
                        self.flight = Flight::new(std::mem::take(&mut shaking.fresh), now);
                        self.stage = Stage::Agreed {
                            peer_repeats: false,
                        };
                        Progress::Agreed(Box::new(keys))
                    }
                    Err(why) => self.fail(why, now),
                }
            }
        }
    }

    fn fail(&mut self, why: &'static str, now: Micros) -> Progress {
        self.stage = Stage::Failed;
        self.flight = Flight::none(now);
        Progress::Failed(why)
    }

    /// What to send now: a new flight, or the last one again. Once keys are agreed the last one is
    /// repeated only to a peer that repeats itself, because it missed the end.
    pub(crate) fn transmit(&mut self, now: Micros) -> &[BytesMut] {
        match &mut self.stage {
            Stage::Failed => &[],
            Stage::Shaking(shaking) => {
                if !shaking.fresh.is_empty() {
                    self.flight = Flight::new(std::mem::take(&mut shaking.fresh), now);
                }
                self.flight.due(now)
            }
            Stage::Agreed { peer_repeats } => {
                if self.flight.is_unsent() || std::mem::take(peer_repeats) {
                    self.flight.due(now)
                } else {
                    &[]
                }
            }
        }
    }

    /// Whether the handshake has just failed for want of answers.
    pub(crate) fn has_just_failed(&mut self, now: Micros) -> bool {
        let is_late = matches!(&self.stage, Stage::Shaking(shaking) if now >= shaking.until);
        if is_late {
            self.stage = Stage::Failed;
            self.flight = Flight::none(now);
        }
        is_late
    }
}

impl std::fmt::Debug for Dtls {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Dtls").finish_non_exhaustive()
    }
}

/// The keys that a completed handshake agreed on, if the other side presented a certificate whose
/// SHA-256 is among those `expected`.
///
/// # Errors
///
/// What is missing, or not as it was promised.
pub fn keys_of(
    state: &State,
    expected: &[[u8; 32]],
    crypto: &dyn RTCCrypto,
) -> Result<Keys, &'static str> {
    let certificate = state.peer_certificates.first().ok_or("no certificate")?;
    let presented = Sha256::digest(certificate);
    if !expected
        .iter()
        .any(|expected| constant_time_eq(&presented, expected))
    {
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
