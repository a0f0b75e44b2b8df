//! Plain HTTP/1.1, one request a connection, so that a test can send what no library would.

use std::net::SocketAddr;

use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::PATIENCE;

const JSON: [(&str, &str); 1] = [("Content-Type", "application/json")];

/// What came back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in small letters, in order.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.body).expect("the body is what the protocol says")
    }

    fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        let mut lines = head.lines();
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1))
            .and_then(|status| status.parse().ok())
            .expect("a status");
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        Self {
            status,
            headers,
            body: body.to_owned(),
        }
    }
}

/// Sends these bytes and reads until the server closes.
pub(crate) async fn raw(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let sent = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut answer))
        .await
        .expect("it answers in time");
    if answer.is_empty() {
        sent.expect("it takes the request");
        read.expect("it answers");
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// A request with these further header lines.
pub(crate) async fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let text = written((address, method, path), headers, body);
    Answer::read(&raw(address, text.as_bytes()).await)
}

/// A request whose answer nobody waits for: it is asked for as long as the connection is kept.
pub(crate) async fn ask_json(address: SocketAddr, path: &str, body: &str) -> TcpStream {
    let text = written((address, "POST", path), &JSON, body);
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let sent = stream.write_all(text.as_bytes()).await;
    sent.expect("it takes the request");
    stream
}

fn written(
    (address, method, path): (SocketAddr, &str, &str),
    headers: &[(&str, &str)],
    body: &str,
) -> String {
    use std::fmt::Write as _;
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\n");
    if !headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("connection"))
    {
        text.push_str("Connection: close\r\n");
    }
    for (name, value) in headers {
        write!(text, "{name}: {value}\r\n").expect("a String takes everything");
    }
    if !body.is_empty() {
        write!(text, "Content-Length: {}\r\n", body.len()).expect("a String takes everything");
    }
    text.push_str("\r\n");
    text.push_str(body);
    text
}

pub(crate) async fn get(address: SocketAddr, path: &str) -> Answer {
    request(address, "GET", path, &[], "").await
}

pub(crate) async fn post_json(address: SocketAddr, path: &str, body: &str) -> Answer {
    request(address, "POST", path, &JSON, body).await
}
