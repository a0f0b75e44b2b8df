//! The floor: the least work a server must do for a forwarded packet, measured on this machine in
//! this minute.
//!
//! A bare loop on one core receives frames of four packets, decrypts each once, encrypts it for
//! three receivers, and sends each receiver its four in one segmented message. It knows no ICE, no
//! sources, no legs and no history. Another core feeds it, always ahead of it.

mod mix;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use forward::rtp::{Fields, Header};
use rtc_crypto::RTCCryptoProvider as _;
use rtc_crypto::providers::AwsLcRsProvider;
use rustix::thread::{CpuSet, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};
use sfu::bare::{Inbound, Inbox, MasterKey, Outbound, Outbox, Port, Profile};
use tokio::time::Instant;

pub use mix::mix_floor;

/// Packets of a frame.
const FRAME: usize = 4;

/// Receivers of each packet.
const RECEIVERS: usize = 3;

/// Bytes of a packet before encryption: with header and tag as long as one of "room4".
const PACKET: usize = 1_046;

/// How many packets are forwarded at least.
const LEAST: u64 = 1_000;

/// Frames that may be on their way at once.
const AHEAD: u64 = 16;

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub struct Floor {
    /// Processor time of the loop for each packet sent, microseconds.
    pub cpu_us_per_forwarded: f64,
    /// Packets sent.
    pub forwarded: u64,
}

/// Measures for `window`, the loop on core 0 and the feeder on core 1 where there are two.
///
/// # Errors
///
/// Where no socket or thread can be had.
pub fn floor(window: Duration, aes_cm: bool) -> io::Result<Floor> {
    let loopback = || Port::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let profile = if aes_cm {
        Profile::CmSha1
    } else {
        Profile::Gcm
    };
    let (server, feeder) = (loopback()?, loopback()?);
    let server_address = server.address()?;
    let sinks = [loopback()?, loopback()?, loopback()?];
    let mut receivers = [server_address; RECEIVERS];
    for (address, sink) in receivers.iter_mut().zip(&sinks) {
        *address = sink.address()?;
    }
    let stop = Arc::new(AtomicBool::new(false));
    let done = Arc::new(AtomicU64::new(0));
    let (stopped, frames) = (Arc::clone(&stop), Arc::clone(&done));
    let feeding = thread::Builder::new()
        .name("feeder".to_owned())
        .spawn(move || feed(&feeder, server_address, &sinks, profile, &stopped, &frames))?;
    let forwarding = thread::Builder::new()
        .name("floor".to_owned())
        .spawn(move || forward(&server, receivers, profile, window, &done))?;
    let floor = forwarding
        .join()
        .map_err(|_panic| io::Error::other("the floor failed"))?;
    stop.store(true, Ordering::Relaxed);
    feeding
        .join()
        .map_err(|_panic| io::Error::other("the feeder failed"))?;
    floor
}

fn pin(core: usize) {
    let mut cores = CpuSet::new();
    cores.set(core);
    // A machine of one core measures all the same, if less well.
    let _pinned_or_not = sched_setaffinity(None, &cores);
}

fn key() -> MasterKey {
    MasterKey {
        key: *b"a key of 16 byte",
        salt: vec![3; 14],
    }
}

fn master(profile: Profile) -> MasterKey {
    let mut key = key();
    key.salt
        .truncate(if profile == Profile::Gcm { 12 } else { 14 });
    key
}

fn feed(
    port: &Port,
    server: SocketAddr,
    sinks: &[Port],
    profile: Profile,
    stop: &AtomicBool,
    done: &AtomicU64,
) {
    pin(1);
    let crypto = AwsLcRsProvider::new();
    let Some(mut outbound) = Outbound::new(profile, &master(profile), crypto.crypto()) else {
        return;
    };
    let (mut outbox, mut inbox) = (Outbox::new(), Inbox::new());
    let mut place = 0x1_0000u64;
    let mut sent = 0;
    while !stop.load(Ordering::Relaxed) {
        for sink in sinks {
            while inbox.receive(&sink.socket).is_ok_and(|came| came > 0) {}
        }
        if sent >= done.load(Ordering::Acquire) + AHEAD {
            thread::yield_now();
            continue;
        }
        for _ in 0..FRAME {
            let arena = outbox.arena();
            let start = arena.len();
            let header = write_header(place, arena);
            arena.resize(start + PACKET, 0x55);
            if outbound.protect_rtp(arena, start, header, 1, place).is_ok() {
                outbox.commit(0, server, start);
            }
            place += 1;
        }
        outbox.flush(port);
        sent += 1;
    }
}

fn write_header(place: u64, arena: &mut Vec<u8>) -> usize {
    let sequence = u16::try_from(place & 0xffff).unwrap_or_default();
    Fields {
        marker: false,
        payload_type: 96,
        sequence,
        timestamp: 0,
        ssrc: 1,
    }
    .write(&[], arena)
}

fn forward(
    port: &Port,
    receivers: [SocketAddr; RECEIVERS],
    profile: Profile,
    window: Duration,
    done: &AtomicU64,
) -> io::Result<Floor> {
    pin(0);
    let crypto = AwsLcRsProvider::new();
    let no_cipher = || io::Error::other("no cipher");
    let key = master(profile);
    let mut inbound = Inbound::new(profile, &key, crypto.crypto()).ok_or_else(no_cipher)?;
    let mut outbounds = Vec::new();
    for _ in receivers {
        let outbound = Outbound::new(profile, &key, crypto.crypto()).ok_or_else(no_cipher)?;
        outbounds.push(outbound);
    }
    let (mut outbox, mut inbox) = (Outbox::new(), Inbox::of(FRAME));
    let (mut place, mut forwarded, mut frames) = (0x1_0000u64, 0u64, 0u64);
    let began = Instant::now();
    let mut cpu_began = cpu();
    let mut counting = false;
    // However little of its core the loop is given, it has forwarded enough to be measured by.
    while began.elapsed() < window + WARM_UP || forwarded < LEAST {
        if !counting && began.elapsed() >= WARM_UP {
            counting = true;
            (cpu_began, forwarded) = (cpu(), 0);
        }
        if inbox.receive(&port.socket)? == 0 {
            thread::yield_now();
            continue;
        }
        for (_, datagram) in inbox.datagrams() {
            let Some(header) = Header::read(datagram) else {
                continue;
            };
            let Ok(length) = inbound.open_rtp(datagram, &header) else {
                continue;
            };
            let Some(payload) = datagram.get(header.length..length) else {
                continue;
            };
            for (receiver, (to, outbound)) in (0..).zip(receivers.iter().zip(&mut outbounds)) {
                let arena = outbox.arena();
                let start = arena.len();
                let header = write_header(place, arena);
                arena.extend_from_slice(payload);
                if outbound.protect_rtp(arena, start, header, 1, place).is_ok() {
                    outbox.commit(receiver, *to, start);
                    forwarded += 1;
                }
            }
            place += 1;
        }
        outbox.flush(port);
        frames += 1;
        done.store(frames, Ordering::Release);
    }
    let spent = cpu().saturating_sub(cpu_began);
    #[expect(clippy::cast_precision_loss, reason = "a ratio of counts")]
    let cpu_us_per_forwarded = spent.as_nanos() as f64 / 1_000.0 / forwarded as f64;
    Ok(Floor {
        cpu_us_per_forwarded,
        forwarded,
    })
}

/// How long the loop turns before it is measured.
const WARM_UP: Duration = Duration::from_millis(300);

/// Processor time of this thread.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or_default(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_forwards_and_costs_something() {
        for aes_cm in [false, true] {
            let floor = floor(Duration::from_millis(200), aes_cm).expect("loopback");
            assert!(floor.forwarded >= LEAST && floor.cpu_us_per_forwarded > 0.1);
        }
    }
}
