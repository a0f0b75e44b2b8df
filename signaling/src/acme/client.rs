//! HTTPS to an ACME server, bounded in time and bytes.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{Request, Response, Uri};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use reqwest::{Client, redirect};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio::task::spawn_blocking;

use super::Trouble;
use crate::plain_file;

/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(30);

/// The largest answer, bytes: many times what a chain takes.
const LARGEST: usize = 256 * 1024;

/// The largest file of those who are trusted, bytes.
const LARGEST_ROOT: u64 = 1 << 20;

struct Bounded(Client);

/// A client that trusts whom this machine trusts, or those in the file alone.
pub(super) async fn open(root: Option<PathBuf>) -> Result<Box<dyn HttpClient>, Trouble> {
    let opened = spawn_blocking(move || client(root.as_deref())).await;
    let client = opened.map_err(|broken| Trouble::Server(broken.to_string()))??;
    Ok(Box::new(Bounded(client)))
}

fn client(root: Option<&Path>) -> Result<Client, Trouble> {
    let odd = |error: rustls::Error| Trouble::Server(error.to_string());
    let tls = match root {
        Some(path) => trusting_alone(path)?,
        None => post::trusting().map_err(odd)?,
    };
    Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .https_only(true)
        .timeout(ANSWER)
        .user_agent("homeroom")
        .build()
        .map_err(|error| Trouble::Server(error.to_string()))
}

fn trusting_alone(path: &Path) -> Result<ClientConfig, Trouble> {
    let wrong = |reason: String| Trouble::Root {
        path: path.to_owned(),
        reason,
    };
    let bytes = plain_file::read(path, LARGEST_ROOT).map_err(|it| wrong(it.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&bytes) {
        let certificate = certificate.map_err(|it| wrong(it.to_string()))?;
        roots.add(certificate).map_err(|it| wrong(it.to_string()))?;
    }
    if roots.is_empty() {
        return Err(wrong("there is no certificate in it".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|it| wrong(it.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

impl HttpClient for Bounded {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let client = self.0.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = match body.collect().await {
                Ok(body) => body.to_bytes(),
                Err(never) => match never {},
            };
            let asked = reqwest::Request::try_from(Request::from_parts(parts, body));
            let asked = asked.map_err(other)?;
            let mut answer = client.execute(asked).await.map_err(other)?;
            let mut response = Response::builder().status(answer.status());
            for (name, value) in answer.headers() {
                response = response.header(name, value);
            }
            if answer.status().is_server_error() {
                let says = format!("the ACME server answered {}", answer.status());
                return Err(other(io::Error::other(says)));
            }
            let mut bytes = Vec::new();
            while let Some(chunk) = answer.chunk().await.map_err(other)? {
                if bytes.len() + chunk.len() > LARGEST {
                    return Err(Error::Str("an answer of a size that makes sense"));
                }
                bytes.extend_from_slice(&chunk);
            }
            if !leads_somewhere(&bytes) {
                return Err(Error::Str("URLs in the server's directory"));
            }
            let response = response.body(Full::new(Bytes::from(bytes)));
            Ok(BytesResponse::from(response?))
        })
    }
}

/// Whether every URL of a directory is one (RFC 8555 §7.1.1): they are asked for as they are.
fn leads_somewhere(answer: &[u8]) -> bool {
    let Ok(serde_json::Value::Object(directory)) = serde_json::from_slice(answer) else {
        return true;
    };
    let is_url = |it: &serde_json::Value| {
        let url = it.as_str().and_then(|it| it.parse::<Uri>().ok());
        url.is_some_and(|it| it.host().is_some())
    };
    ["newNonce", "newAccount", "newOrder"]
        .iter()
        .filter_map(|name| directory.get(*name))
        .all(is_url)
}

fn other(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Other(Box::new(error))
}
