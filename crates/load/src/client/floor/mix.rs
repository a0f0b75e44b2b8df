//! The mix floor: the least work for "room4" as it comes, with its single packets of sound, its
//! frames of four, its own times and its idle gaps, gathered as a worker gathers.
//!
//! A bare loop on one core waits, receives what is there, decrypts each packet once, encrypts it
//! for the three others of its call, and sends all of a turn at its end. It knows no ICE, no
//! sources, no legs and no history. Another core plays the participants.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use forward::rtp::Header;
use mio::{Events, Interest, Poll, Token};
use rtc_crypto::RTCCryptoProvider as _;
use rtc_crypto::providers::AwsLcRsProvider;
use sfu::bare::{Gather, Inbound, Inbox, Outbound, Outbox, Port, Profile};
use tokio::time::Instant;

use super::{Floor, LEAST, WARM_UP, cpu, master, pin, write_header};

/// How many sit in a call.
const SEATS: usize = 4;

/// "room4": sound every 20 ms, a frame of four packets thirty times a second; bytes of their
/// payloads.
const SOUND_EVERY: Duration = Duration::from_millis(20);
const SOUND: usize = 100;
const FRAME_EVERY: Duration = Duration::from_micros(33_333);
const FRAME: usize = 4;
const PICTURE: usize = 1_040;

/// How often the players look what is due, as the load does.
const TICK: Duration = Duration::from_micros(250);

/// The longest the loop waits.
const WAIT: Duration = Duration::from_millis(10);

/// Measures `calls` of four for `window`, the loop on core 0 and the players on core 1 where there
/// are two.
///
/// # Errors
///
/// Where no socket or thread can be had.
pub fn mix_floor(calls: usize, window: Duration, aes_cm: bool) -> io::Result<Floor> {
    let loopback = || Port::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let profile = if aes_cm {
        Profile::CmSha1
    } else {
        Profile::Gcm
    };
    let server = loopback()?;
    let to = server.address()?;
    let ports = (0..calls * SEATS)
        .map(|_| loopback())
        .collect::<io::Result<Vec<Port>>>()?;
    let addresses = ports
        .iter()
        .map(Port::address)
        .collect::<io::Result<Vec<SocketAddr>>>()?;
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let playing = thread::Builder::new()
        .name("players".to_owned())
        .spawn(move || play(&ports, to, profile, &stopped))?;
    let forwarding = thread::Builder::new()
        .name("mix floor".to_owned())
        .spawn(move || forward(server, &addresses, profile, window))?;
    let floor = forwarding
        .join()
        .map_err(|_panic| io::Error::other("the floor failed"))?;
    stop.store(true, Ordering::Relaxed);
    playing
        .join()
        .map_err(|_panic| io::Error::other("the players failed"))?;
    floor
}

/// One who sends.
struct Player {
    outbound: Outbound,
    place: u64,
    next_sound: Instant,
    next_frame: Instant,
}

impl Player {
    /// Sends what is due.
    fn turn(&mut self, now: Instant, to: SocketAddr, outbox: &mut Outbox) {
        while self.next_sound <= now {
            self.next_sound += SOUND_EVERY;
            self.send(SOUND, to, outbox);
        }
        while self.next_frame <= now {
            self.next_frame += FRAME_EVERY;
            for _ in 0..FRAME {
                self.send(PICTURE, to, outbox);
            }
        }
    }

    fn send(&mut self, bytes: usize, to: SocketAddr, outbox: &mut Outbox) {
        let place = self.place;
        self.place += 1;
        let arena = outbox.arena();
        let start = arena.len();
        let header = write_header(place, arena);
        arena.resize(start + header + bytes, 0x55);
        let sealed = self.outbound.protect_rtp(arena, start, header, 1, place);
        if sealed.is_ok() {
            outbox.commit(0, to, start);
        }
    }
}

/// Plays everybody until told to stop.
fn play(ports: &[Port], to: SocketAddr, profile: Profile, stop: &AtomicBool) {
    pin(1);
    let crypto = AwsLcRsProvider::new();
    let began = Instant::now();
    let mut players = Vec::with_capacity(ports.len());
    for number in 0..u32::try_from(ports.len()).unwrap_or(u32::MAX) {
        // Each begins at a moment of its own within a frame's time.
        let phase = FRAME_EVERY * number / u32::try_from(ports.len()).unwrap_or(u32::MAX);
        let Some(outbound) = Outbound::new(profile, &master(profile), crypto.crypto()) else {
            return;
        };
        players.push(Player {
            outbound,
            place: 0x1_0000,
            next_sound: began + phase * 3 / 5,
            next_frame: began + phase,
        });
    }
    let (mut outbox, mut inbox) = (Outbox::new(), Inbox::new());
    while !stop.load(Ordering::Relaxed) {
        let now = Instant::now();
        for (player, port) in players.iter_mut().zip(ports) {
            while inbox.receive(&port.socket).is_ok_and(|came| came > 0) {}
            player.turn(now, to, &mut outbox);
            outbox.flush(port);
        }
        thread::sleep(TICK.saturating_sub(now.elapsed()));
    }
}

/// What the loop knows of one participant.
struct Peer {
    inbound: Inbound,
    outbound: Outbound,
    place: u64,
    address: SocketAddr,
}

impl Peer {
    fn new(address: SocketAddr, profile: Profile) -> Option<Self> {
        let crypto = AwsLcRsProvider::new();
        let key = master(profile);
        Some(Self {
            inbound: Inbound::new(profile, &key, crypto.crypto())?,
            outbound: Outbound::new(profile, &key, crypto.crypto())?,
            place: 0x1_0000,
            address,
        })
    }
}

fn forward(
    mut port: Port,
    addresses: &[SocketAddr],
    profile: Profile,
    window: Duration,
) -> io::Result<Floor> {
    pin(0);
    let mut peers = addresses
        .iter()
        .map(|address| Peer::new(*address, profile))
        .collect::<Option<Vec<Peer>>>()
        .ok_or_else(|| io::Error::other("no cipher"))?;
    let by_address: HashMap<SocketAddr, usize> =
        addresses.iter().copied().zip(0..addresses.len()).collect();
    let mut poll = Poll::new()?;
    poll.registry()
        .register(&mut port.socket, Token(0), Interest::READABLE)?;
    let mut events = Events::with_capacity(16);
    let (mut outbox, mut inbox) = (Outbox::new(), Inbox::new());
    let mut forwarded = 0u64;
    let began = Instant::now();
    let mut gather = Gather::new(began);
    let mut cpu_began = cpu();
    let mut counting = false;
    while began.elapsed() < window + WARM_UP || forwarded < LEAST {
        if !counting && began.elapsed() >= WARM_UP {
            counting = true;
            (cpu_began, forwarded) = (cpu(), 0);
        }
        poll.poll(&mut events, Some(WAIT))?;
        if !events.is_empty() && !gather.window().is_zero() {
            thread::sleep(gather.window());
        }
        let turn = Instant::now();
        loop {
            let came = inbox.receive(&port.socket).unwrap_or(0);
            for (source, datagram) in inbox.datagrams() {
                if let Some(sender) = by_address.get(&source) {
                    forwarded += forward_one(&mut peers, *sender, datagram, &mut outbox);
                }
            }
            if came == 0 || !inbox.is_full() {
                break;
            }
        }
        outbox.flush(&port);
        gather.turned(turn, Instant::now());
    }
    let spent = cpu().saturating_sub(cpu_began);
    #[expect(clippy::cast_precision_loss, reason = "a ratio of counts")]
    let cpu_us_per_forwarded = spent.as_nanos() as f64 / 1_000.0 / forwarded as f64;
    Ok(Floor {
        cpu_us_per_forwarded,
        forwarded,
    })
}

/// Opens a packet once and seals it for the others of its sender's call; gives for how many.
fn forward_one(peers: &mut [Peer], sender: usize, datagram: &mut [u8], outbox: &mut Outbox) -> u64 {
    let call = sender / SEATS * SEATS;
    let Some(payload) = open(peers.get_mut(sender), datagram) else {
        return 0;
    };
    let mut sealed = 0;
    let seats = peers.get_mut(call..call + SEATS).unwrap_or_default();
    for (receiver, peer) in (0u32..).zip(seats) {
        if call + receiver as usize == sender {
            continue;
        }
        let arena = outbox.arena();
        let start = arena.len();
        let header = write_header(peer.place, arena);
        arena.extend_from_slice(payload);
        let place = peer.place;
        peer.place += 1;
        if peer
            .outbound
            .protect_rtp(arena, start, header, 1, place)
            .is_ok()
        {
            let receiver = u32::try_from(call).unwrap_or(u32::MAX) + receiver;
            outbox.commit(receiver, peer.address, start);
            sealed += 1;
        }
    }
    sealed
}

/// The payload of a packet, opened in place.
fn open<'packet>(peer: Option<&mut Peer>, datagram: &'packet mut [u8]) -> Option<&'packet [u8]> {
    let header = Header::read(datagram)?;
    let length = peer?.inbound.open_rtp(datagram, &header).ok()?;
    datagram.get(header.length..length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mix_is_forwarded_to_the_others_of_each_call() {
        let floor = mix_floor(2, Duration::from_millis(300), false).expect("loopback");
        assert!(floor.forwarded >= LEAST && floor.cpu_us_per_forwarded > 0.1);
    }
}
