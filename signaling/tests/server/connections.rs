//! Connections that ask slowly, take nothing, stay silent, or are too many: others go on.

use std::net::{IpAddr, SocketAddr};

use signaling::settings::Settings;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Duration, sleep, timeout};

use crate::support::request::get;
use crate::support::{Home, PATIENCE, settings};

const GET: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

/// The biggest answer that anybody gets.
const BIG: &[u8] = b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n";

/// A connection from an address of this machine, whose system takes little that it does not read.
async fn narrow(home: &Home, from: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4_096).expect("a small buffer");
    let from: IpAddr = from.parse().expect("an address");
    socket.bind(SocketAddr::new(from, 0)).expect("it is ours");
    socket.connect(home.address).await.expect("it listens")
}

/// How many connections the server has open, the one that asks included.
async fn open(home: &Home) -> u64 {
    let metrics = get(home.address, "/metrics").await.body;
    let line = metrics
        .lines()
        .find_map(|line| line.strip_prefix("homeroom_connections "));
    line.expect("the count").parse().expect("a number")
}

async fn until_open(home: &Home, wanted: impl Fn(u64) -> bool) {
    let waiting = async {
        while !wanted(open(home).await) {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, waiting).await.expect("in time");
}

/// Waits until the server has ended a connection, whatever it says before.
async fn ended(stream: &mut TcpStream) {
    let mut bytes = [0; 4_096];
    let reading = async {
        // An end, or a reset.
        while stream.read(&mut bytes).await.is_ok_and(|length| length > 0) {}
    };
    timeout(PATIENCE, reading).await.expect("it is cut");
}

#[tokio::test]
async fn answers_that_nobody_reads_hold_no_connection() {
    let home = Home::open(&settings()).await;
    let mut held = Vec::new();
    for _one in 0..100 {
        let mut stream = narrow(&home, "127.0.0.1").await;
        for _request in 0..3 {
            stream.write_all(BIG).await.expect("it takes that");
        }
        held.push(stream);
    }
    // Whoever asks how many there are was accepted after all of them.
    until_open(&home, |count| count == 1).await;
    drop(held);
}

#[tokio::test]
async fn heads_that_drip_are_not_waited_for() {
    let home = Home::open(&settings()).await;
    for before in [&b""[..], GET] {
        let stream = TcpStream::connect(home.address).await.expect("it listens");
        let (mut reader, mut writer) = stream.into_split();
        writer.write_all(before).await.expect("it takes that");
        let dripping = async {
            let head = b"GET /healthz HTTP/1.1\r\nX-Slow: ".iter();
            for byte in head.chain(std::iter::repeat(&b'x')) {
                sleep(Duration::from_millis(50)).await;
                if writer.write_all(&[*byte]).await.is_err() {
                    return;
                }
            }
        };
        let reading = async {
            let mut bytes = [0; 1024];
            while reader.read(&mut bytes).await.is_ok_and(|length| length > 0) {}
        };
        let cut = async {
            tokio::select! {
                () = dripping => {}
                () = reading => {}
            }
        };
        timeout(PATIENCE, cut).await.expect("it is cut");
    }
}

#[tokio::test]
async fn a_connection_is_kept_for_whoever_pauses() {
    let home = Home::open(&settings()).await;
    let mut stream = TcpStream::connect(home.address).await.expect("it listens");
    for _request in 0..2 {
        stream.write_all(GET).await.expect("it is kept");
        let mut answer = Vec::new();
        while !answer.ends_with(b"ok\n") {
            let read = timeout(PATIENCE, stream.read_buf(&mut answer)).await;
            let length = read.expect("it answers").expect("in order");
            assert!(length > 0, "it was closed");
        }
        // As long as a proxy was seen to lose by.
        sleep(Duration::from_secs(6)).await;
    }
}

fn few(most: u32, of_one: u32) -> Settings {
    let mut settings = settings();
    settings.limits.connections = most;
    settings.limits.connections_of_address = of_one;
    settings
}

#[tokio::test]
async fn one_address_shuts_out_nobody() {
    let home = Home::open(&few(40, 1_000)).await;
    let mut client = home.join(1).await;
    client.joined().await;
    let mut silent = Vec::new();
    for _one in 0..200 {
        silent.push(narrow(&home, "127.0.0.2").await);
        if silent.len() % 10 == 0 {
            assert_eq!(get(home.address, "/healthz").await.status, 200);
        }
    }
    assert!(open(&home).await <= 41);
    let mut other = home.join(2).await;
    other.joined().await;
    assert_eq!(client.settled().await.len(), 1, "the other's coming");
    for stream in &mut silent {
        ended(stream).await;
    }
}

#[tokio::test]
async fn an_address_has_so_many_and_its_silent_ones_give_way() {
    let home = Home::open(&few(1_000, 20)).await;
    let mut silent = Vec::new();
    for _one in 0..100 {
        silent.push(narrow(&home, "127.0.0.1").await);
    }
    for participant in 1..=4 {
        home.join(participant).await.joined().await;
    }
    assert!(open(&home).await <= 21);
    for stream in &mut silent {
        ended(stream).await;
    }
}

#[tokio::test]
async fn sockets_without_a_word_give_way_too() {
    let home = Home::open(&few(3, 1_000)).await;
    let mut silent = Vec::new();
    for _one in 0..9 {
        silent.push(home.socket().await);
    }
    let mut client = home.join(1).await;
    client.joined().await;
    drop(silent);
    client.settled().await;
}

#[tokio::test]
async fn five_thousand_silent_ones_are_gone_within_seconds_and_joins_go_on() {
    let home = Home::open(&settings()).await;
    let mut silent = Vec::new();
    for n in 0..5_000_usize {
        let mut stream = narrow(&home, "127.0.0.1").await;
        let word: &[u8] = match n % 3 {
            0 => b"",
            1 => b"G",
            _ => b"GET / HTTP/1.1\r\nX-Slow: ",
        };
        stream.write_all(word).await.expect("it takes that");
        silent.push(stream);
    }
    for participant in 1..=4 {
        home.join(participant).await.joined().await;
    }
    until_open(&home, |count| count == 1).await;
}
