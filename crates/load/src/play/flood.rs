//! Junk at the media port, and what the kernel makes of it.

use std::fs;
use std::net::SocketAddr;

use crate::client::{Junk, media_port};

/// What a flood did.
#[derive(Clone, Copy, Debug)]
pub struct Flooded {
    /// Datagrams of the flood that were sent.
    pub sent: u64,
    /// Datagrams, of the flood or not, for which the kernel had no room at the server's port;
    /// `None` where that is on another machine.
    pub dropped: Option<u64>,
}

/// A flood under way.
#[derive(Debug)]
pub(super) struct Flood {
    junk: Junk,
    port: SocketAddr,
    dropped_before: Option<u64>,
}

impl Flood {
    /// Floods the media port that the server's `answer` names.
    pub(super) fn start(answer: &str, rate: u32) -> anyhow::Result<Self> {
        let port = media_port(answer)?;
        Ok(Self {
            dropped_before: dropped(port),
            junk: Junk::start(answer, rate)?,
            port,
        })
    }

    /// Ends it.
    pub(super) fn end(self) -> Flooded {
        let sent = self.junk.stop();
        let dropped = dropped(self.port).zip(self.dropped_before);
        Flooded {
            sent,
            dropped: dropped.map(|(after, before)| after.saturating_sub(before)),
        }
    }
}

/// How many datagrams the kernel has dropped at `port` of this machine (the last column of
/// `/proc/net/udp`).
fn dropped(port: SocketAddr) -> Option<u64> {
    let suffix = format!(":{:04X}", port.port());
    ["/proc/net/udp", "/proc/net/udp6"]
        .into_iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .find_map(|table| {
            table.lines().find_map(|line| {
                let mut words = line.split_whitespace();
                words.nth(1).filter(|local| local.ends_with(&suffix))?;
                words.last()?.parse().ok()
            })
        })
}
