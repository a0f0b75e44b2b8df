//! The secrecy of a stream: TLS 1.3 with a certificate that nobody vouches for. Who is at the other end is proved
//! on it by the key of these nodes, over what only the two ends of this very connection know (RFC 9266): whoever
//! sits between two nodes has two connections, and shows neither what the other wants to see.

use std::sync::Arc;

use rcgen::CertificateParams;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::version::TLS13;
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, PeerIncompatible, ServerConfig, SignatureScheme,
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

use crate::tls::vouch_for_itself;

/// What is exported of a connection (RFC 9266 §2).
const EXPORTER: &[u8] = b"EXPORTER-Channel-Binding";

/// What only the two ends of a connection know.
pub(super) type Binding = [u8; 32];

/// This node's end of secret streams.
#[derive(Clone)]
pub(super) struct Secrecy {
    dials: TlsConnector,
    answers: TlsAcceptor,
}

impl std::fmt::Debug for Secrecy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrecy")
    }
}

impl Secrecy {
    /// With a certificate of this run's own.
    ///
    /// # Errors
    ///
    /// What cannot be but for want of memory or of chance.
    pub(super) fn new() -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let dials = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anybody(Arc::clone(&provider))))
            .with_no_client_auth();
        let certificate = vouch_for_itself(&CertificateParams::new(vec![NAME.to_owned()])?)?;
        let answers = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(certificate)));
        Ok(Self {
            dials: TlsConnector::from(Arc::new(dials)),
            answers: TlsAcceptor::from(Arc::new(answers)),
        })
    }

    /// Makes a line secret that was dialled.
    pub(super) async fn dial(&self, line: TcpStream) -> Option<(TlsStream<TcpStream>, Binding)> {
        let name = ServerName::try_from(NAME).ok()?;
        let line = self.dials.connect(name, line).await.ok()?;
        let binding = line
            .get_ref()
            .1
            .export_keying_material([0; 32], EXPORTER, None);
        Some((line.into(), binding.ok()?))
    }

    /// Makes a line secret that somebody has dialled.
    pub(super) async fn answer(&self, line: TcpStream) -> Option<(TlsStream<TcpStream>, Binding)> {
        let line = self.answers.accept(line).await.ok()?;
        let binding = line
            .get_ref()
            .1
            .export_keying_material([0; 32], EXPORTER, None);
        Some((line.into(), binding.ok()?))
    }
}

/// What certificates name: nobody looks at it.
const NAME: &str = "node.invalid";

/// Takes any certificate: it proves nothing, and nothing is believed of it.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(PeerIncompatible::Tls12NotOfferedOrEnabled.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
