//! One allocation: whose it is, and to which of our addresses it relays.

use std::net::{IpAddr, SocketAddr};

use forward::time::Micros;

use crate::path::Path;

/// How long a permission lasts (RFC 8656 §9), milliseconds.
const PERMISSION: u64 = 300_000;

/// How long a channel lasts (RFC 8656 §12), milliseconds.
const CHANNEL: u64 = 600_000;

/// The channels that there are: those of RFC 8656 §12, and those that clients of RFC 5766 §11 take
/// as well.
pub(super) const CHANNELS: std::ops::RangeInclusive<u16> = 0x4000..=0x7ffe;

/// A channel to one of our addresses.
#[derive(Clone, Copy, Debug)]
struct Channel {
    number: u16,
    /// Which of our addresses.
    at: usize,
    until: Micros,
}

/// An allocation.
#[derive(Debug)]
pub(super) struct Allocation {
    pub(super) client: Path,
    pub(super) username: String,
    pub(super) relayed: SocketAddr,
    pub(super) until: Micros,
    /// Of the request that made it.
    pub(super) transaction: [u8; 12],
    permissions: Vec<(IpAddr, Micros)>,
    channels: Vec<Channel>,
}

impl Allocation {
    pub(super) const fn new(
        client: Path,
        username: String,
        relayed: SocketAddr,
        until: Micros,
        transaction: [u8; 12],
    ) -> Self {
        Self {
            client,
            username,
            relayed,
            until,
            transaction,
            permissions: Vec::new(),
            channels: Vec::new(),
        }
    }

    /// Lets `ip`, one of our own, send to the client.
    pub(super) fn permit(&mut self, ip: IpAddr, now: Micros) {
        self.permissions.retain(|(permitted, _)| *permitted != ip);
        self.permissions.push((ip, now.after_ms(PERMISSION)));
    }

    pub(super) fn permits(&self, ip: IpAddr, now: Micros) -> bool {
        self.permissions
            .iter()
            .any(|(permitted, until)| *permitted == ip && *until > now)
    }

    /// Binds a channel to the address of ours at `at`; `false` where either is bound otherwise.
    pub(super) fn bind(&mut self, number: u16, at: usize, now: Micros) -> bool {
        self.channels.retain(|channel| channel.until > now);
        let is_bound_otherwise = self
            .channels
            .iter()
            .any(|channel| (channel.number == number) != (channel.at == at));
        if is_bound_otherwise {
            return false;
        }
        self.channels.retain(|channel| channel.number != number);
        self.channels.push(Channel {
            number,
            at,
            until: now.after_ms(CHANNEL),
        });
        true
    }

    /// Which of our addresses the channel leads to.
    pub(super) fn behind(&self, number: u16, now: Micros) -> Option<usize> {
        self.channels
            .iter()
            .find(|channel| channel.number == number && channel.until > now)
            .map(|channel| channel.at)
    }

    /// The channel to the address of ours at `at`.
    pub(super) fn channel_to(&self, at: usize, now: Micros) -> Option<u16> {
        self.channels
            .iter()
            .find(|channel| channel.at == at && channel.until > now)
            .map(|channel| channel.number)
    }
}
