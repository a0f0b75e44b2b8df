//! What is ready for an ACME server that looks whether this server is at its name (RFC 8555 §8).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// What only such a server asks for in its handshake (RFC 8737 §6.2).
pub(crate) const ACME_TLS: &[u8] = b"acme-tls/1";

/// What it is to find, one thing at a time: this server has one name. Clones are the same one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Challenges(Arc<Mutex<Option<Ready>>>);

#[derive(Debug)]
enum Ready {
    /// Under `/.well-known/acme-challenge/` (RFC 8555 §8.3).
    Http { token: String, answer: String },
    /// In a handshake (RFC 8737 §3).
    Tls(Arc<CertifiedKey>),
}

impl Challenges {
    fn ready(&self) -> MutexGuard<'_, Option<Ready>> {
        // Whole at every step, whatever panicked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has it find this answer over HTTP.
    pub(crate) fn answer_over_http(&self, token: &str, answer: &str) {
        *self.ready() = Some(Ready::Http {
            token: token.to_owned(),
            answer: answer.to_owned(),
        });
    }

    /// Has it find the digest of its answer in a handshake.
    pub(crate) fn answer_over_tls(&self, host: &str, digest: &[u8]) -> Result<(), rcgen::Error> {
        let mut params = CertificateParams::new([host.to_owned()])?;
        params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
        *self.ready() = Some(Ready::Tls(Arc::new(vouch_for_itself(&params)?)));
        Ok(())
    }

    /// Nobody looks any more.
    pub(crate) fn clear(&self) {
        *self.ready() = None;
    }

    /// The answer to be found over HTTP under a token.
    pub(crate) fn answer(&self, asked: &str) -> Option<String> {
        match &*self.ready() {
            Some(Ready::Http { token, answer }) if token == asked => Some(answer.clone()),
            Some(Ready::Http { .. } | Ready::Tls(_)) | None => None,
        }
    }

    fn certificate(&self) -> Option<Arc<CertifiedKey>> {
        match &*self.ready() {
            Some(Ready::Tls(certificate)) => Some(Arc::clone(certificate)),
            Some(Ready::Http { .. }) | None => None,
        }
    }
}

/// A certificate that nobody else vouches for.
pub(crate) fn vouch_for_itself(params: &CertificateParams) -> Result<CertifiedKey, rcgen::Error> {
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let key = any_supported_type(&key).map_err(|_odd| rcgen::Error::CouldNotParseKeyPair)?;
    Ok(CertifiedKey::new(vec![certificate.der().clone()], key))
}

/// Gives browsers this server's certificate, and an ACME server what it looks for.
#[derive(Debug)]
pub(super) struct Presented {
    pub(super) own: Arc<CertifiedKey>,
    pub(super) challenges: Challenges,
}

impl ResolvesServerCert for Presented {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let looks = hello
            .alpn()
            .is_some_and(|mut asked| asked.any(|it| it == ACME_TLS));
        if looks {
            self.challenges.certificate()
        } else {
            Some(Arc::clone(&self.own))
        }
    }
}
