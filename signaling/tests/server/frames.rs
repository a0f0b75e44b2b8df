//! Frames of the WebSocket that no library would send (RFC 6455 §5): what is allowed is understood,
//! all else ends the socket, whoever sends it and however much of it.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;
use wire::close::Close;

use crate::support::{Home, PATIENCE, settings};

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// The last frame of a message.
const FIN: u8 = 0x80;

/// A socket by hand.
struct Raw {
    from: OwnedReadHalf,
    to: OwnedWriteHalf,
    heard: Vec<u8>,
    /// What the server answered to the request for it.
    head: String,
}

impl Raw {
    async fn open(home: &Home) -> Self {
        let stream = TcpStream::connect(home.address).await.expect("it listens");
        let (mut from, mut to) = stream.into_split();
        let asked = format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
             Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\
             Sec-WebSocket-Protocol: {}\r\n\r\n",
            wire::SOCKET_PATH,
            home.address,
            wire::SUBPROTOCOL
        );
        to.write_all(asked.as_bytes()).await.expect("it takes that");
        let mut heard = Vec::new();
        let end = loop {
            if let Some(end) = heard.windows(4).position(|it| it == b"\r\n\r\n") {
                break end + 4;
            }
            let read = timeout(PATIENCE, from.read_buf(&mut heard)).await;
            assert!(read.expect("in time").expect("in order") > 0, "it is cut");
        };
        let head = String::from_utf8_lossy(heard.get(..end).unwrap_or_default()).into_owned();
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        heard.drain(..end);
        Self {
            from,
            to,
            heard,
            head,
        }
    }

    /// Sends a frame; gives whether it was taken.
    async fn say(&mut self, first: u8, payload: &[u8]) -> bool {
        self.bytes(&frame(first, payload)).await
    }

    async fn bytes(&mut self, bytes: &[u8]) -> bool {
        self.to.write_all(bytes).await.is_ok()
    }

    /// The next frame of the server, its first byte and what it holds; none at the end.
    async fn hear(&mut self) -> Option<(u8, Vec<u8>)> {
        loop {
            if let Some((frame, length)) = whole(&self.heard) {
                self.heard.drain(..length);
                return Some(frame);
            }
            let read = timeout(PATIENCE, self.from.read_buf(&mut self.heard)).await;
            if read.expect("in time").unwrap_or_default() == 0 {
                return None;
            }
        }
    }

    /// The code that it is closed with; none where it is cut.
    async fn closed(&mut self) -> Option<u16> {
        loop {
            match self.hear().await? {
                (first, payload) if first == FIN | CLOSE => {
                    return payload
                        .first_chunk()
                        .map_or(Some(1005), |code| Some(u16::from_be_bytes(*code)));
                }
                _other => {}
            }
        }
    }
}

/// The frame of a server that begins here, its first byte and what it holds, and its length; none
/// where some of it has not come yet.
fn whole(heard: &[u8]) -> Option<((u8, Vec<u8>), usize)> {
    let (first, length) = (*heard.first()?, *heard.get(1)?);
    let (begins, length) = match length {
        126 => (4, u16::from_be_bytes([*heard.get(2)?, *heard.get(3)?])),
        127 => panic!("the server says nothing as long"),
        short => (2, u16::from(short)),
    };
    let ends = begins + usize::from(length);
    let payload = heard.get(begins..ends)?;
    Some(((first, payload.to_vec()), ends))
}

/// A frame as a client masks it, whatever its first byte says.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        short @ 0..126 => bytes.push(0x80 | u8::try_from(short).expect("short")),
        length => {
            bytes.push(0x80 | 126);
            let length = u16::try_from(length).expect("below 64 KiB");
            bytes.extend(length.to_be_bytes());
        }
    }
    let mask = [1, 2, 3, 4];
    bytes.extend(mask);
    bytes.extend(
        payload
            .iter()
            .zip(mask.iter().cycle())
            .map(|(it, mask)| it ^ mask),
    );
    bytes
}

async fn join_of(home: &Home, participant: u32) -> Vec<u8> {
    let ticket = home.ticket(home.door(participant), ambient::random()).await;
    let join = wire::message::ClientMessage::Join {
        ticket,
        // Some of it is more than one byte long.
        offer: "an offer, naïve, 日本, 🙂".to_owned(),
        sends: wire::message::Sends::default(),
    };
    serde_json::to_vec(&join).expect("plain fields")
}

#[tokio::test]
async fn a_message_may_come_in_fragments_and_pings_between_them() {
    let home = Home::open(&settings()).await;
    for (participant, size) in (1..).zip([1, 2, 7, 100]) {
        let mut socket = Raw::open(&home).await;
        assert!(
            !socket
                .head
                .to_lowercase()
                .contains("sec-websocket-extensions"),
            "nothing is compressed: {}",
            socket.head
        );
        let message = join_of(&home, participant).await;
        let mut parts = message.chunks(size).peekable();
        let mut kind = TEXT;
        let mut pings = 0;
        while let Some(part) = parts.next() {
            let fin = if parts.peek().is_none() { FIN } else { 0 };
            assert!(socket.say(kind | fin, part).await);
            kind = CONTINUATION;
            if fin == 0 && pings < 3 {
                pings += 1;
                assert!(socket.say(FIN | PING, &[b'p', pings]).await);
            }
        }
        let mut last = Vec::new();
        while let Some((first, payload)) = socket.hear().await {
            if first == FIN | TEXT {
                last = payload;
                break;
            }
            assert_eq!(first, FIN | PONG);
            assert!(payload.starts_with(b"p"));
        }
        let said = String::from_utf8(last).expect("text");
        assert!(said.contains("\"joined\""), "{said}");
    }
}

/// What is said, frame by frame, under a name.
type Said = Vec<(&'static str, Vec<Vec<u8>>)>;

/// By what it is closed with.
fn wrong() -> [(Close, Said); 3] {
    [
        (Close::BadFrame, wrong_frames()),
        (Close::BadText, wrong_text()),
        (Close::BadMessage, wrong_messages()),
    ]
}

/// RFC 6455 §5.
fn wrong_frames() -> Said {
    vec![
        (
            "a continuation of nothing",
            vec![frame(FIN | CONTINUATION, b"x")],
        ),
        (
            "a beginning within a message",
            vec![frame(TEXT, b"{"), frame(TEXT, b"}")],
        ),
        (
            "another kind within a message",
            vec![frame(TEXT, b"{"), frame(FIN | BINARY, b"}")],
        ),
        ("a reserved bit", vec![frame(FIN | 0x40 | TEXT, b"{}")]),
        (
            "another reserved bit",
            vec![frame(FIN | 0x10 | TEXT, b"{}")],
        ),
        ("a reserved kind", vec![frame(FIN | 3, b"")]),
        ("a reserved kind of control", vec![frame(FIN | 11, b"")]),
        ("a ping in fragments", vec![frame(PING, b"p")]),
        ("a long ping", vec![frame(FIN | PING, &[b'p'; 126])]),
        ("a long close", vec![frame(FIN | CLOSE, &[3; 126])]),
        ("no mask", vec![vec![FIN | TEXT, 2, b'{', b'}']]),
        ("half a close code", vec![frame(FIN | CLOSE, &[3])]),
    ]
}

/// RFC 6455 §8.1.
fn wrong_text() -> Said {
    let text = |payload: &[u8]| frame(FIN | TEXT, payload);
    vec![
        ("bytes that are no text", vec![text(b"\xff\xfe")]),
        ("half a letter", vec![text(b"\xc3")]),
        ("an overlong letter", vec![text(b"\xc0\xaf")]),
        ("half of a pair", vec![text(b"\xed\xa0\x80")]),
        (
            "a letter in two that is none",
            vec![
                frame(TEXT, b"\xf0\x9f"),
                frame(FIN | CONTINUATION, b"\x28\x28"),
            ],
        ),
        (
            "a close for a reason that is no text",
            vec![frame(FIN | CLOSE, b"\x03\xe8\xff\xfe")],
        ),
    ]
}

/// What our protocol does not take.
fn wrong_messages() -> Said {
    let text = |payload: &[u8]| frame(FIN | TEXT, payload);
    vec![
        ("what is not text", vec![frame(FIN | BINARY, b"{}")]),
        ("an empty text", vec![text(b"")]),
        ("text that is no message", vec![text(b"{}")]),
        (
            "a flood of pings",
            (0..2_000).map(|_| frame(FIN | PING, b"")).collect(),
        ),
        (
            "a flood of pongs",
            (0..2_000).map(|_| frame(FIN | PONG, b"pong")).collect(),
        ),
    ]
}

#[tokio::test]
async fn frames_that_are_not_allowed_end_the_socket_and_nothing_else() {
    for (close, kinds) in wrong() {
        for (what, frames) in kinds {
            for is_joined in [false, true] {
                end_the_socket((what, &frames), is_joined, close).await;
            }
        }
    }
}

async fn end_the_socket((what, frames): (&str, &[Vec<u8>]), is_joined: bool, close: Close) {
    let home = Home::open(&settings()).await;
    let mut witness = home.join(2).await;
    witness.joined().await;
    let mut socket = Raw::open(&home).await;
    if is_joined {
        let join = join_of(&home, 1).await;
        assert!(socket.say(FIN | TEXT, &join).await);
    }
    for frame in frames {
        if !socket.bytes(frame).await {
            break;
        }
    }
    let closed = socket.closed().await;
    assert!(
        closed == Some(close.code()) || (closed.is_none() && frames.len() > 100),
        "{what}, joined: {is_joined}: {closed:?}"
    );
    witness.settled().await;
}

#[tokio::test]
async fn what_is_too_big_ends_the_socket_before_it_has_come() {
    let home = Home::open(&settings()).await;
    let declared = |length: u64| {
        let mut bytes = vec![FIN | TEXT, 0x80 | 127];
        bytes.extend(length.to_be_bytes());
        bytes.extend([1, 2, 3, 4, b'x']);
        bytes
    };
    for length in [65_537, 1 << 20, 1 << 32, (1 << 63) - 1] {
        let mut socket = Raw::open(&home).await;
        assert!(socket.bytes(&declared(length)).await);
        assert_eq!(
            socket.closed().await,
            Some(Close::TooBig.code()),
            "{length}"
        );
    }
    // Never more than a byte at a time, and never an end.
    let mut socket = Raw::open(&home).await;
    let mut drops = frame(TEXT, b"x");
    for _drop in 0..70_000 {
        drops.extend(frame(CONTINUATION, b"x"));
    }
    socket.bytes(&drops).await;
    let closed = socket.closed().await;
    assert!(
        closed.is_none() || closed == Some(Close::TooBig.code()),
        "{closed:?}"
    );
}

#[tokio::test]
async fn fragments_of_nothing_without_an_end_are_not_waited_for() {
    let home = Home::open(&settings()).await;
    let socket = Raw::open(&home).await;
    let (mut from, mut to) = (socket.from, socket.to);
    let dripping = async {
        to.write_all(&frame(TEXT, b"{")).await.expect("open");
        loop {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            if to.write_all(&frame(CONTINUATION, b"")).await.is_err() {
                return;
            }
        }
    };
    let reading = async {
        let mut bytes = [0; 256];
        while from.read(&mut bytes).await.is_ok_and(|length| length > 0) {}
    };
    let ended = async {
        tokio::select! {
            () = dripping => {}
            () = reading => {}
        }
    };
    timeout(PATIENCE, ended).await.expect("it is closed");
}

#[tokio::test]
async fn whatever_a_close_says_it_is_one() {
    for (payload, may_echo) in [
        (&b""[..], true),
        (b"\x03\xe8", true),
        (b"\x03\xe8going", true),
        (b"\x0b\xb8", true),
        (b"\x13\x87", true),
        (b"\x03", false),
        (b"\x00\x00", false),
        (b"\x03\xe7", false),
        (b"\x03\xed", false),
        (b"\x03\xee", false),
        (b"\xff\xff", false),
        (b"\x03\xe8\xff\xfe", false),
    ] {
        let home = Home::open(&settings()).await;
        let mut socket = Raw::open(&home).await;
        let join = join_of(&home, 1).await;
        assert!(socket.say(FIN | TEXT, &join).await);
        assert!(socket.say(FIN | CLOSE, payload).await);
        let closed = socket.closed().await;
        assert!(closed.is_some() || !may_echo, "{payload:?}");
        assert!(socket.hear().await.is_none(), "nothing follows a close");
        // Its seat is kept as after any lost socket.
        let mut again = home.join(1).await;
        again.joined().await;
    }
}
