//! Reads a certificate and its key, and says in one sentence what is wrong with them.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::pem::{self, PemObject as _, SectionKind};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SigningKey};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::{plain_file, settings};

/// The largest file that is read, bytes.
const LARGEST: u64 = 1 << 20;

/// The most certificates that vouch for one another.
const LONGEST_CHAIN: usize = 20;

/// Why a certificate cannot be used: one sentence that says what to change.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be used.
    #[error("cannot use the file {} of {key}: {reason}", path.display())]
    File {
        /// The setting that names the file.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// Nothing can stand in until a certificate is issued.
    #[error(
        "no certificate for {host} can be made ({reason}): give a name of this server with http.public_url"
    )]
    None {
        /// The name.
        host: String,
        /// What is wrong.
        reason: String,
    },
    /// The two do not belong together.
    #[error(
        "the key in {} does not belong to the certificate in {}: give the two that were made together with http.tls_key and http.tls_certificate",
        key.display(),
        certificate.display()
    )]
    Strangers {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
}

/// What both files held when they were looked at; nothing where they could not be read.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Held {
    certificate: Option<Vec<u8>>,
    key: Option<Vec<u8>>,
}

/// Reads both files as they are, to see whether they have changed.
pub(super) fn look(files: &settings::Tls) -> Held {
    Held {
        certificate: read(&files.certificate).ok(),
        key: read(&files.key).ok(),
    }
}

/// The chain, this server's own certificate first, with its key.
pub(super) fn open(files: &settings::Tls) -> Result<CertifiedKey, TlsError> {
    let wrong = |key, path: &Path, reason| TlsError::File {
        key,
        path: path.to_owned(),
        reason,
    };
    let of_chain = |reason| wrong("http.tls_certificate", &files.certificate, reason);
    let chain = read(&files.certificate).and_then(|bytes| chain(&bytes));
    let chain = chain.map_err(of_chain)?;
    let key = read(&files.key).and_then(|bytes| key(&bytes));
    let key = key.map_err(|reason| wrong("http.tls_key", &files.key, reason))?;
    let position = chain.iter().position(|one| {
        let pair = CertifiedKey::new(vec![one.clone()], Arc::clone(&key));
        pair.keys_match().is_ok()
    });
    match position {
        Some(0) => Ok(CertifiedKey::new(chain, key)),
        Some(place) => Err(of_chain(format!(
            "the certificate that the key belongs to is number {} in it: put it first, then those \
             that vouch for it",
            place + 1
        ))),
        None => Err(TlsError::Strangers {
            certificate: files.certificate.clone(),
            key: files.key.clone(),
        }),
    }
}

/// The whole of a file, where it is one of a size that makes sense.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    let cannot = |error: std::io::Error| {
        if error.kind() == ErrorKind::NotFound {
            "there is no such file".to_owned()
        } else if error.kind() == ErrorKind::PermissionDenied {
            "this program may not read it: give its user the right to".to_owned()
        } else if error.kind() == ErrorKind::FileTooLarge {
            "it is larger than any certificate or key".to_owned()
        } else {
            error.to_string()
        }
    };
    let bytes = plain_file::read(path, LARGEST).map_err(cannot)?;
    if bytes.is_empty() {
        return Err("it is empty".to_owned());
    }
    Ok(bytes)
}

/// The sections of a PEM file.
fn sections(bytes: &[u8], convert: &str) -> Result<Vec<(SectionKind, Vec<u8>)>, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let count = |mark: &[u8]| bytes.windows(mark.len()).filter(|it| *it == mark).count();
    let begun = count(b"-----BEGIN ");
    if begun == 0 {
        return Err(format!(
            "it is not in PEM form, which begins with -----BEGIN: {convert}"
        ));
    }
    let broken =
        "it breaks off in the middle, or part of it is missing: copy the whole of it again";
    if begun != count(b"-----END ") {
        return Err(broken.to_owned());
    }
    let sections: Result<Vec<_>, pem::Error> =
        <(SectionKind, Vec<u8>)>::pem_slice_iter(bytes).collect();
    sections.map_err(|_broken| broken.to_owned())
}

fn chain(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let sections = sections(
        bytes,
        "convert it with openssl x509 -inform der, or openssl pkcs12 for a .p12 or .pfx file",
    )?;
    let mut chain = Vec::new();
    let (mut has_key, mut has_request) = (false, false);
    for (kind, der) in sections {
        // Whatever else stands in it is not asked for.
        if kind == SectionKind::Certificate {
            chain.push(CertificateDer::from(der));
        } else if kind == SectionKind::Csr {
            has_request = true;
        } else if PrivateKeyDer::from_pem(kind, der).is_some() {
            has_key = true;
        }
    }
    if chain.is_empty() {
        let reason = if has_key || is_locked(bytes) {
            "it holds a key and no certificate: are http.tls_certificate and http.tls_key \
             exchanged?"
        } else if has_request {
            "it holds a request for a certificate: give the file that was issued in answer to it"
        } else {
            "there is no certificate in it"
        };
        return Err(reason.to_owned());
    }
    if chain.len() > LONGEST_CHAIN {
        return Err(format!(
            "there are {} certificates in it: put this server's own first, then the few that \
             vouch for it",
            chain.len()
        ));
    }
    for (one, number) in chain.iter().zip(1..) {
        let is_whole = X509Certificate::from_der(one).is_ok_and(|(rest, _)| rest.is_empty());
        if !is_whole {
            return Err(format!(
                "certificate number {number} in it cannot be read: copy the whole of it again"
            ));
        }
    }
    Ok(chain)
}

/// Whether a key is protected by a password (PKCS #8, or as OpenSSL did before).
fn is_locked(bytes: &[u8]) -> bool {
    [
        b"-----BEGIN ENCRYPTED PRIVATE KEY".as_slice(),
        b"Proc-Type: 4,ENCRYPTED",
    ]
    .iter()
    .any(|mark| bytes.windows(mark.len()).any(|it| it == *mark))
}

fn key(bytes: &[u8]) -> Result<Arc<dyn SigningKey>, String> {
    if is_locked(bytes) {
        return Err(
            "the key is protected by a password, and nobody is there to type it: write it \
             without one, by openssl pkey -in OLD -out NEW"
                .to_owned(),
        );
    }
    let sections = sections(bytes, "convert it with openssl pkey -inform der")?;
    let mut keys = sections.into_iter();
    let der = keys.find_map(|(kind, der)| PrivateKeyDer::from_pem(kind, der));
    let Some(der) = der else {
        return Err("there is no private key in it".to_owned());
    };
    any_supported_type(&der).map_err(|_unsupported| {
        "the key is broken, or of a kind that cannot be used: RSA of 2048 bits or more, ECDSA on \
         P-256, P-384 or P-521, and Ed25519 can"
            .to_owned()
    })
}
