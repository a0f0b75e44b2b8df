//! SRTP and SRTCP (RFC 3711, RFC 7714), in place, over the ciphers of `rtc-crypto`.
//!
//! The two profiles are what browsers choose: Firefox AES-128-GCM, Chromium AES-CM-HMAC-SHA1-80.
//! Sequence numbers come in endless, so the rollover counter is never guessed on the way out, and
//! each number is protected once: a nonce is never used twice.

mod cipher;

use cipher::Cipher;
use forward::rtp::Header;
use forward::sequence::{ReplayWindow, Unwrapper};
use rtc_crypto::RTCCrypto;

pub use cipher::{MasterKey, Profile};

/// The most sources one peer may send: three of media, three of retransmissions, room for change.
const MOST_SOURCES: usize = 16;

/// Bytes of an SRTCP packet that stay in the clear: the header and the sender's SSRC.
const RTCP_CLEAR: usize = 8;

/// The SRTCP index and its flag, bytes.
const RTCP_INDEX: usize = 4;

/// A packet that is not authentic, too short, or came before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rejected;

/// The rollover counter of an endless sequence number, whose first turn is 1.
fn rollover(extended: u64) -> Option<u32> {
    u32::try_from((extended >> 16).checked_sub(1)?).ok()
}

/// Protects what is sent to one peer.
pub struct Outbound {
    rtp: Cipher,
    rtcp: Cipher,
    rtcp_index: u32,
}

impl Outbound {
    /// By `key`; `None` where that is of another length than the profile's.
    pub fn new(profile: Profile, key: &MasterKey, crypto: &dyn RTCCrypto) -> Option<Self> {
        Some(Self {
            rtp: Cipher::rtp(profile, key, crypto)?,
            rtcp: Cipher::rtcp(profile, key, crypto)?,
            rtcp_index: 0,
        })
    }

    /// Encrypts the packet that begins at `start` of `arena` and ends at its end, and appends its
    /// tag. `header` is the header's length, `extended` the extended sequence number.
    ///
    /// # Errors
    ///
    /// [`Rejected`] where it is shorter than its header, or its number is below that of the first turn.
    pub fn protect_rtp(
        &mut self,
        arena: &mut Vec<u8>,
        start: usize,
        header: usize,
        ssrc: u32,
        extended: u64,
    ) -> Result<(), Rejected> {
        let rollover = rollover(extended).ok_or(Rejected)?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the low 16 bits are what is meant"
        )]
        self.rtp
            .seal_rtp(arena, start, header, ssrc, rollover, extended as u16)
    }

    /// Encrypts the compound packet that begins at `start` of `arena` and ends at its end, and
    /// appends index and tag.
    ///
    /// # Errors
    ///
    /// [`Rejected`] where it is too short to be one.
    pub fn protect_rtcp(&mut self, arena: &mut Vec<u8>, start: usize) -> Result<(), Rejected> {
        let index = self.rtcp_index;
        self.rtcp_index = (index + 1) & 0x7fff_ffff;
        self.rtcp.seal_rtcp(arena, start, index)
    }
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Outbound").finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct Stream {
    ssrc: u32,
    unwrapper: Unwrapper,
    window: ReplayWindow,
}

/// What a packet says of itself, before anything is proved.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Claim {
    /// It continues a source that has been heard.
    Continues,
    /// It is of a source that has not.
    Begins,
    /// It came before, or too late, or is none.
    Old,
}

impl Claim {
    fn of(window: Option<ReplayWindow>, extended: u64) -> Self {
        match window {
            None => Self::Begins,
            Some(window) if window.is_new(extended) => Self::Continues,
            Some(_) => Self::Old,
        }
    }
}

/// Opens what comes from one peer.
pub struct Inbound {
    rtp: Cipher,
    rtcp: Cipher,
    streams: Vec<Stream>,
    /// Each source numbers its reports for itself (RFC 3711 §3.2.3).
    rtcp_windows: Vec<(u32, ReplayWindow)>,
}

impl Inbound {
    /// By `key`; `None` where that is of another length than the profile's.
    pub fn new(profile: Profile, key: &MasterKey, crypto: &dyn RTCCrypto) -> Option<Self> {
        Some(Self {
            rtp: Cipher::rtp(profile, key, crypto)?,
            rtcp: Cipher::rtcp(profile, key, crypto)?,
            streams: Vec::new(),
            rtcp_windows: Vec::new(),
        })
    }

    /// What an RTP packet with this header says of itself.
    pub(crate) fn rtp_claim(&self, header: &Header) -> Claim {
        let mut streams = self.streams.iter();
        let known = streams.find(|stream| stream.ssrc == header.ssrc);
        let extended = known.map_or(0, |stream| stream.unwrapper.extend(header.sequence));
        Claim::of(known.map(|stream| stream.window), extended)
    }

    /// What an RTCP packet says of itself.
    pub(crate) fn rtcp_claim(&self, packet: &[u8]) -> Claim {
        let ssrc = forward::bytes::read_u32(packet, RTCP_CLEAR - 4);
        let (Some(ssrc), Ok(index)) = (ssrc, self.rtcp.rtcp_index(packet)) else {
            return Claim::Old;
        };
        let known = self.rtcp_windows.iter().find(|(of, _)| *of == ssrc);
        Claim::of(known.map(|(_, window)| *window), u64::from(index) + 1)
    }

    /// Checks and decrypts `packet`; gives its plain length.
    ///
    /// # Errors
    ///
    /// [`Rejected`] where it is not authentic, too short, or came before.
    pub fn open_rtp(&mut self, packet: &mut [u8], header: &Header) -> Result<usize, Rejected> {
        let known = self
            .streams
            .iter()
            .position(|stream| stream.ssrc == header.ssrc);
        if known.is_none() && self.streams.len() >= MOST_SOURCES {
            return Err(Rejected);
        }
        let fresh = Stream {
            ssrc: header.ssrc,
            ..Stream::default()
        };
        let stream = known.and_then(|at| self.streams.get(at)).unwrap_or(&fresh);
        let extended = stream.unwrapper.extend(header.sequence);
        if !stream.window.is_new(extended) {
            return Err(Rejected);
        }
        let rollover = rollover(extended).ok_or(Rejected)?;
        let length = self.rtp.open_rtp(packet, header, rollover)?;
        let at = known.unwrap_or_else(|| {
            self.streams.push(fresh);
            self.streams.len() - 1
        });
        if let Some(stream) = self.streams.get_mut(at) {
            stream.unwrapper.saw(extended);
            stream.window.saw(extended);
        }
        Ok(length)
    }

    /// Checks and decrypts a compound packet; gives its plain length.
    ///
    /// # Errors
    ///
    /// [`Rejected`] where it is not authentic, too short, or came before.
    pub fn open_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, Rejected> {
        let index = self.rtcp.rtcp_index(packet)?;
        let ssrc = forward::bytes::read_u32(packet, RTCP_CLEAR - 4).ok_or(Rejected)?;
        let known = self.rtcp_windows.iter().position(|(of, _)| *of == ssrc);
        if known.is_none() && self.rtcp_windows.len() >= MOST_SOURCES {
            return Err(Rejected);
        }
        let known = known.and_then(|at| self.rtcp_windows.get_mut(at));
        let mut window = known
            .as_ref()
            .map_or_else(ReplayWindow::default, |known| known.1);
        // The window counts from 1.
        let extended = u64::from(index) + 1;
        if !window.is_new(extended) {
            return Err(Rejected);
        }
        let length = self.rtcp.open_rtcp(packet, index)?;
        window.saw(extended);
        match known {
            Some(known) => known.1 = window,
            None => self.rtcp_windows.push((ssrc, window)),
        }
        Ok(length)
    }
}

impl std::fmt::Debug for Inbound {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Inbound").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
