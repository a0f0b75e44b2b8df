//! A flood: datagrams that no participant sent, at a media port, from a few ports of this machine.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use sfu::bare::{Outbox, Port};
use tokio::time::Instant;

use super::description::Answer;

/// How many ports it comes from.
const PORTS: usize = 8;

/// How many different datagrams there are.
const KINDS: usize = 256;

/// How often a part of it is sent.
const EVERY: Duration = Duration::from_millis(1);

/// A flood under way.
#[derive(Debug)]
pub struct Junk {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<u64>,
}

impl Junk {
    /// Floods the media port that a server's `answer` names with `rate` datagrams a second:
    /// random bytes, and such as look like STUN, DTLS and RTP.
    ///
    /// # Errors
    ///
    /// Where the answer names no port, or no socket or thread can be had.
    pub fn start(answer: &str, rate: u32) -> io::Result<Self> {
        let to = media_port(answer)?;
        let mut ports = Vec::with_capacity(PORTS);
        for _ in 0..PORTS {
            ports.push(Port::bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)))?);
        }
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new()
            .name("junk".to_owned())
            .spawn(move || flood(&ports, to, rate, &stopped))?;
        Ok(Self { stop, thread })
    }

    /// Ends it; gives how many datagrams were sent.
    #[must_use]
    pub fn stop(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap_or_default()
    }
}

/// The media port that a server's `answer` names.
///
/// # Errors
///
/// Where it names none.
pub fn media_port(answer: &str) -> io::Result<SocketAddr> {
    Answer::read(answer)
        .map(|answer| answer.address)
        .ok_or_else(|| io::Error::other("the answer of the server cannot be read"))
}

fn flood(ports: &[Port], to: SocketAddr, rate: u32, stop: &AtomicBool) -> u64 {
    let mut chance = StdRng::seed_from_u64(1);
    let kinds: Vec<Vec<u8>> = (0..KINDS).map(|n| datagram(n, &mut chance)).collect();
    let mut outbox = Outbox::new();
    let began = Instant::now();
    let mut sent = 0;
    let mut turns = ports.iter().cycle();
    let mut next = kinds.iter().cycle();
    while !stop.load(Ordering::Relaxed) {
        let due = began.elapsed().as_secs_f64() * f64::from(rate);
        let Some(port) = turns.next() else { break };
        while (sent as f64) < due {
            let Some(datagram) = next.next() else { break };
            outbox.push(0, to, datagram);
            sent += 1;
        }
        outbox.flush(port);
        thread::sleep(EVERY);
    }
    sent - outbox.dropped()
}

/// One of four sorts, of 20 to 1,200 bytes.
fn datagram(n: usize, chance: &mut StdRng) -> Vec<u8> {
    let mut bytes = vec![0; chance.random_range(20..=1_200)];
    chance.fill_bytes(&mut bytes);
    let head: &[u8] = match n % 4 {
        // A binding request with its cookie (RFC 8489 §5), and as its first attribute a user.
        0 => &[0, 1, 0, 16, 0x21, 0x12, 0xa4, 0x42],
        // A handshake record of DTLS 1.2.
        1 => &[22, 0xfe, 0xfd, 0, 0],
        // RTP.
        2 => &[0x80, 96],
        _ => &[],
    };
    for (byte, head) in bytes.iter_mut().zip(head) {
        *byte = *head;
    }
    if n.is_multiple_of(4) {
        bytes.truncate(36);
        let attribute = [
            0, 6, 0, 9, b'a', b'b', b'c', b'd', b':', b'e', b'f', b'g', b'h',
        ];
        for (byte, attribute) in bytes.iter_mut().skip(20).zip(attribute) {
            *byte = attribute;
        }
    }
    bytes
}
