//! Where a certificate is configured: what is answered with TLS, and what without.

use std::sync::Arc;

use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use signaling::PublicUrl;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::support::request::{raw, request};
use crate::support::{Home, PATIENCE, settings};

/// The name that the certificate is for.
const NAME: &str = "calls.example.org";

/// A server with a certificate of its own, and what a client needs to trust it.
struct Secured {
    home: Home,
    trusted: RootCertStore,
    _folder: TempDir,
}

async fn secured() -> Secured {
    let folder = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(vec![NAME.to_owned()]).expect("a certificate");
    let mut settings = settings();
    let certificate = folder.path().join("certificate.pem");
    let key = folder.path().join("key.pem");
    std::fs::write(&certificate, made.cert.pem()).expect("room");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("room");
    settings.http.tls_certificate = Some(certificate);
    settings.http.tls_key = Some(key);
    settings.http.public_url = PublicUrl::parse(&format!("https://{NAME}"));
    let mut trusted = RootCertStore::empty();
    trusted.add(made.cert.der().clone()).expect("it is one");
    Secured {
        home: Home::open(&settings).await,
        trusted,
        _folder: folder,
    }
}

#[tokio::test]
async fn pages_come_over_tls_and_say_that_they_always_will() {
    let Secured { home, trusted, .. } = &secured().await;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("TLS 1.2 and 1.3")
        .with_root_certificates(trusted.clone())
        .with_no_client_auth();
    let stream = TcpStream::connect(home.address).await.expect("it listens");
    let name = ServerName::try_from(NAME).expect("a name");
    let mut stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .expect("it shakes hands");
    // At the server's own name there are no figures without the token.
    let asked = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream
        .write_all(asked.as_bytes())
        .await
        .expect("it takes that");
    let mut answer = String::new();
    // Whether the end of TLS is announced is no matter here.
    let _ended = timeout(PATIENCE, stream.read_to_string(&mut answer))
        .await
        .expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age=31536000"));
    assert!(answer.contains("\nhomeroom_certificate_ends_seconds "));
}

#[tokio::test]
async fn several_requests_share_one_connection_of_http_2() {
    let Secured { home, trusted, .. } = &secured().await;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("TLS 1.2 and 1.3")
        .with_root_certificates(trusted.clone())
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let stream = TcpStream::connect(home.address).await.expect("it listens");
    let name = ServerName::try_from(NAME).expect("a name");
    let stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .expect("it shakes hands");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let (sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .expect("it is spoken");
    tokio::spawn(connection);
    let ask = async |path: &str| {
        let asked = hyper::Request::get(format!("https://{NAME}{path}"))
            .body(Empty::<bytes::Bytes>::new())
            .expect("a request");
        let answer = sender.clone().send_request(asked).await.expect("an answer");
        assert_eq!(answer.version(), hyper::Version::HTTP_2);
        assert_eq!(
            answer.headers()["strict-transport-security"],
            "max-age=31536000"
        );
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.expect("all of it");
        (status, body.to_bytes())
    };
    let together = timeout(PATIENCE, async {
        tokio::join!(ask("/healthz"), ask("/j/abc"), ask("/nothing/here"))
    });
    let (health, page, nothing) = together.await.expect("in time");
    assert_eq!(health.0, 200);
    assert_eq!(page.0, 200);
    assert_eq!(nothing.0, 404);
    // And one after the other, for as long as it is there.
    for _ in 0..20 {
        assert_eq!(ask("/healthz").await, health);
    }
}

#[tokio::test]
async fn who_speaks_no_tls_is_sent_to_where_it_is_spoken() {
    let Secured { home, .. } = &secured().await;
    let answer = request(home.address, "GET", "/j/abc?x=1", &[], "").await;
    assert_eq!(answer.status, 308);
    let place = format!("https://{NAME}/j/abc?x=1");
    assert_eq!(answer.header("location"), Some(place.as_str()));
    let answer = request(home.address, "POST", "/api/v1/links/00000000", &[], "{}").await;
    assert_eq!(answer.status, 400, "what it said stood in the open");
    assert_eq!(answer.header("location"), None);
    let answer = raw(home.address, b"HELO there\r\n\r\n").await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 400"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_handshake_that_does_not_come_is_not_waited_for() {
    let Secured { home, .. } = &secured().await;
    // Nothing, and the beginning of a handshake.
    for beginning in [&[] as &[u8], &[22, 3, 1]] {
        let mut stream = TcpStream::connect(home.address).await.expect("it listens");
        stream.write_all(beginning).await.expect("it takes that");
        let mut answer = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut answer))
            .await
            .expect("it is cut")
            .expect("in order");
        assert!(
            answer.is_empty() || answer.first() == Some(&21),
            "an alert at most"
        );
    }
}
