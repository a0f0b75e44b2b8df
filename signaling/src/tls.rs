//! TLS on the port of the pages: the certificate, and its renewal without a new start.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::settings;

/// How often is looked whether the files have changed.
const LOOK: Duration = Duration::from_secs(5);

/// What may be spoken behind the handshake (RFC 7301, RFC 7443): HTTP, and a relay's own protocol.
const PROTOCOLS: [&[u8]; 2] = [b"http/1.1", b"stun.turn"];

/// Why a certificate cannot be used: one sentence that says what to change.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is not there, may not be read, or is not what it should be.
    #[error("cannot read {what} in {}: {reason}; give a PEM file with {key}", path.display())]
    Unreadable {
        /// The certificate or the key.
        what: &'static str,
        /// The setting that names the file.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The two do not belong together, or cannot be used.
    #[error(
        "the certificate in {} and the key in {} cannot be used together: {reason}",
        certificate.display(),
        key.display()
    )]
    Unusable {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// The certificate in use.
#[derive(Debug)]
pub(crate) struct Tls {
    files: settings::Tls,
    current: RwLock<Arc<ServerConfig>>,
}

/// What a file held when it was looked at.
type Seen = Option<(Vec<u8>, Vec<u8>)>;

impl Tls {
    /// Reads both files.
    pub(crate) fn read(files: settings::Tls) -> Result<Self, TlsError> {
        let current = RwLock::new(Arc::new(configuration(&files)?));
        Ok(Self { files, current })
    }

    /// How to shake hands now.
    pub(crate) fn current(&self) -> Arc<ServerConfig> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current)
    }

    /// Takes up a new certificate whenever the files change, until the server closes. Files that
    /// cannot be used leave the one before in use.
    pub(crate) async fn follow(&self, closing: CancellationToken) {
        let mut seen = self.look().await;
        loop {
            tokio::select! {
                () = closing.cancelled() => return,
                () = sleep(LOOK) => {}
            }
            let now = self.look().await;
            if now != seen {
                seen = now;
                self.renew();
            }
        }
    }

    async fn look(&self) -> Seen {
        let files = self.files.clone();
        let look = move || {
            let certificate = std::fs::read(files.certificate).ok()?;
            Some((certificate, std::fs::read(files.key).ok()?))
        };
        spawn_blocking(look).await.ok()?
    }

    fn renew(&self) {
        match configuration(&self.files) {
            Ok(configuration) => {
                let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
                *current = Arc::new(configuration);
                drop(current);
                tracing::info!("a new certificate is in use");
            }
            Err(error) => tracing::warn!(%error, "the certificate before stays in use"),
        }
    }
}

fn configuration(files: &settings::Tls) -> Result<ServerConfig, TlsError> {
    let (chain, key) = read(files)?;
    let unusable = |error: rustls::Error| TlsError::Unusable {
        certificate: files.certificate.clone(),
        key: files.key.clone(),
        reason: error.to_string(),
    };
    let mut configuration =
        ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(unusable)?;
    configuration.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(configuration)
}

/// Checks that both files can be used together; gives the chain.
pub(crate) fn check(files: &settings::Tls) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    configuration(files)?;
    Ok(read(files)?.0)
}

/// The chain, the server's own certificate first, and its key.
pub(crate) fn read(
    files: &settings::Tls,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsError> {
    let chain: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(&files.certificate).and_then(Iterator::collect);
    let unreadable = |reason: String| TlsError::Unreadable {
        what: "a certificate",
        key: "http.tls_certificate",
        path: files.certificate.clone(),
        reason,
    };
    let chain = chain.map_err(|error| unreadable(error.to_string()))?;
    if chain.is_empty() {
        return Err(unreadable("there is none".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| TlsError::Unreadable {
        what: "a private key",
        key: "http.tls_key",
        path: files.key.clone(),
        reason: error.to_string(),
    })?;
    Ok((chain, key))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A certificate that vouches for itself, and its key.
    fn made() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(vec!["calls.example.org".to_owned()])
            .expect("a name can be certified");
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    /// A folder that is removed in the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            let name = format!("homeroom-tls-{:016x}", rand::random::<u64>());
            let folder = std::env::temp_dir().join(name);
            fs::create_dir(&folder).expect("there is room");
            Self(folder)
        }

        fn files(&self) -> settings::Tls {
            settings::Tls {
                certificate: self.0.join("certificate.pem"),
                key: self.0.join("key.pem"),
            }
        }

        fn write(&self, certificate: &str, key: &str) {
            let files = self.files();
            fs::write(files.certificate, certificate).expect("there is room");
            fs::write(files.key, key).expect("there is room");
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            drop(fs::remove_dir_all(&self.0));
        }
    }

    #[test]
    fn a_new_certificate_is_taken_up_and_a_broken_one_is_not() {
        let folder = Folder::new();
        let (certificate, key) = made();
        folder.write(&certificate, &key);
        let tls = Tls::read(folder.files()).expect("both are right");
        let first = tls.current();
        for (certificate, key) in [("", ""), (&*certificate, "-----BEGIN"), (&made().0, &key)] {
            folder.write(certificate, key);
            tls.renew();
            assert!(Arc::ptr_eq(&first, &tls.current()), "{key}");
        }
        let (certificate, key) = made();
        folder.write(&certificate, &key);
        tls.renew();
        assert!(!Arc::ptr_eq(&first, &tls.current()));
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let folder = Folder::new();
        let said = |folder: &Folder| {
            let error = Tls::read(folder.files()).expect_err("it cannot be used");
            error.to_string()
        };
        assert!(said(&folder).contains("certificate.pem"));
        let (certificate, key) = made();
        folder.write(&certificate, "");
        assert!(said(&folder).contains("http.tls_key"));
        folder.write("", &key);
        assert!(said(&folder).contains("http.tls_certificate"));
        folder.write(&certificate, &made().1);
        assert!(said(&folder).contains("together"));
    }
}
