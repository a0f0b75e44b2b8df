//! The way between this side and a peer: ICE, DTLS and SRTP, and how much is looked at of what comes
//! by it.

use std::sync::Arc;

use forward::rtp::Header;
use forward::time::Micros;
use rtc_rtcp::packet::Packet as RtcpPacket;

use crate::allowance::Allowance;
use crate::dtls::{Dtls, Identity, Keys, Progress};
use crate::ice::{Checked, Ice, Request};
use crate::path::Path;
use crate::rtcp;
use crate::sdp::{Credentials, Offer};
use crate::srtp::Claim;
use crate::udp::Outbox;

/// The transport of one peer.
#[derive(Debug)]
pub(crate) struct Transport {
    pub(crate) ice: Ice,
    /// The peer's place in the worker's table, which marks its datagrams.
    index: u32,
    connection: u64,
    dtls: Dtls,
    keys: Option<Keys>,
    /// Whether it was told that consent has run out.
    told_lost: bool,
    allowed: Allowed,
}

/// How much of each kind a peer may have this side do: a multiple of what any browser sends, and a
/// few hundredths of a core. What comes beyond it is dropped before any work is done on it.
///
/// Datagrams from a forged address count as the peer's until they are opened. So copies of what came
/// before count for nothing, and what begins a source has an allowance of its own: whoever does not
/// see what the peer sends cannot use up what it needs.
#[derive(Debug)]
struct Allowed {
    /// Connectivity checks.
    checks: Allowance,
    /// RTP packets: a camera in three layers and a screen are some 900 a second.
    media: Allowance,
    /// RTCP packets.
    reports: Allowance,
    /// RTP and RTCP packets of sources that have not been heard.
    beginnings: Allowance,
}

impl Allowed {
    const fn new() -> Self {
        Self {
            checks: Allowance::new(100, 200),
            media: Allowance::new(3_000, 3_000),
            reports: Allowance::new(200, 400),
            beginnings: Allowance::new(200, 200),
        }
    }

    /// Whether an RTP packet that says this of itself is looked at.
    fn admits_media(&mut self, claim: Claim, now: Micros) -> bool {
        match claim {
            Claim::Continues => self.media.take(now),
            Claim::Begins => self.beginnings.take(now),
            Claim::Old => false,
        }
    }

    /// Whether an RTCP packet that says this of itself is looked at.
    fn admits_report(&mut self, claim: Claim, now: Micros) -> bool {
        match claim {
            Claim::Continues => self.reports.take(now),
            Claim::Begins => self.beginnings.take(now),
            Claim::Old => false,
        }
    }
}

/// What a datagram of the handshake led to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Handshake {
    /// It goes on.
    Going,
    /// Media can flow.
    Done,
    /// It failed for good.
    Failed(&'static str),
}

/// An RTP packet that stands in the arena and is not encrypted yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plain {
    /// Where it begins.
    pub(super) start: usize,
    /// How long its header is.
    pub(super) header: usize,
    pub(super) ssrc: u32,
    /// Its sequence number, endless.
    pub(super) place: u64,
}

impl Transport {
    pub(super) fn new(
        index: u32,
        offer: &Offer,
        local: Credentials,
        identity: &Identity,
        now: Micros,
    ) -> Self {
        let crypto = Arc::clone(&identity.crypto);
        Self {
            ice: Ice::new(crypto, local, offer.credentials.clone(), now).marked(index),
            index,
            connection: offer.connection,
            dtls: Dtls::new(identity, offer.fingerprints.clone(), now),
            keys: None,
            told_lost: false,
            allowed: Allowed::new(),
        }
    }

    /// Whether media can be sent to the peer.
    pub(super) const fn is_connected(&self) -> bool {
        self.keys.is_some() && self.ice.selected().is_some()
    }

    /// Whether the handshake is complete.
    pub(crate) const fn has_keys(&self) -> bool {
        self.keys.is_some()
    }

    /// Whether the handshake goes on: its flights may have to be sent again.
    pub(crate) fn is_connecting(&self, now: Micros) -> bool {
        !self.has_keys() && self.ice.for_handshake(now).is_some()
    }

    /// Whether `offer` is of the peer connection that is attached.
    pub(crate) fn is_same_connection(&self, offer: &Offer) -> bool {
        self.connection == offer.connection && self.dtls.expected() == offer.fingerprints
    }

    /// Takes a DTLS datagram from a valid address.
    pub(super) fn handshake(
        &mut self,
        datagram: &[u8],
        now: Micros,
        outbox: &mut Outbox,
    ) -> Handshake {
        let progress = self.dtls.handle(datagram, now);
        self.transmit_handshake(now, outbox);
        match progress {
            Progress::None => Handshake::Going,
            Progress::Agreed(keys) => {
                self.keys = Some(*keys);
                Handshake::Done
            }
            Progress::Failed(why) => Handshake::Failed(why),
        }
    }

    /// Takes keys that no handshake agreed on.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn connect_by(&mut self, keys: Keys) {
        self.keys = Some(keys);
    }

    /// Repeats the handshake's last flight where that is due; gives whether it has just failed.
    pub(crate) fn tick_handshake(&mut self, now: Micros, outbox: &mut Outbox) -> bool {
        self.transmit_handshake(now, outbox);
        self.dtls.has_just_failed(now)
    }

    fn transmit_handshake(&mut self, now: Micros, outbox: &mut Outbox) {
        let Some(to) = self.ice.for_handshake(now) else {
            return;
        };
        for datagram in self.dtls.transmit(now) {
            outbox.push(self.index, to, datagram);
        }
    }

    /// Answers a connectivity check, if it is one of the peer's and not one too many.
    pub(crate) fn check(
        &mut self,
        request: Request<'_>,
        source: Path,
        now: Micros,
        outbox: &mut Outbox,
    ) -> Option<Checked> {
        if !self.allowed.checks.take(now) {
            return None;
        }
        let checked = self.ice.check(request, source, now)?;
        outbox.push(self.index, source, &checked.answer);
        self.ask(now, outbox);
        Some(checked)
    }

    /// Asks, where that is due, whether the peer agrees to be sent to.
    pub(crate) fn ask(&mut self, now: Micros, outbox: &mut Outbox) {
        self.ice.tick(now);
        for (to, ask) in self.ice.asks(now) {
            outbox.push(self.index, to, &ask);
        }
    }

    /// Whether consent has just run out; told once, until the peer is heard again.
    pub(crate) fn has_just_gone_stale(&mut self, now: Micros) -> bool {
        let stale = self.ice.is_stale(now);
        let told = std::mem::replace(&mut self.told_lost, stale);
        stale && !told
    }

    /// Opens an RTP packet that came `from` there, in place, where it is admitted; gives its plain
    /// length.
    pub(super) fn open_rtp(
        &mut self,
        packet: &mut [u8],
        header: &Header,
        from: Path,
        now: Micros,
    ) -> Option<usize> {
        let inbound = &mut self.keys.as_mut()?.inbound;
        if !self.allowed.admits_media(inbound.rtp_claim(header), now) {
            return None;
        }
        let length = inbound.open_rtp(packet, header).ok()?;
        self.ice.heard(from, now);
        Some(length)
    }

    /// Opens an RTCP packet that came `from` there, in place, where it is admitted; gives its plain
    /// length.
    pub(super) fn open_rtcp(
        &mut self,
        packet: &mut [u8],
        from: Path,
        now: Micros,
    ) -> Option<usize> {
        let inbound = &mut self.keys.as_mut()?.inbound;
        if !self.allowed.admits_report(inbound.rtcp_claim(packet), now) {
            return None;
        }
        let length = inbound.open_rtcp(packet).ok()?;
        self.ice.heard(from, now);
        Some(length)
    }

    /// Encrypts what stands at the arena's end, and sends it; `sent` gets its bytes.
    pub(super) fn send_rtp(&mut self, plain: Plain, outbox: &mut Outbox, sent: impl FnOnce(&[u8])) {
        let (Some(to), Some(keys)) = (self.ice.selected(), self.keys.as_mut()) else {
            return outbox.arena().truncate(plain.start);
        };
        let arena = outbox.arena();
        if keys
            .outbound
            .protect_rtp(arena, plain.start, plain.header, plain.ssrc, plain.place)
            .is_ok()
        {
            sent(arena.get(plain.start..).unwrap_or_default());
            outbox.commit(self.index, to, plain.start);
        } else {
            arena.truncate(plain.start);
        }
    }

    pub(super) fn send_rtcp(&mut self, packets: &[Box<dyn RtcpPacket>], outbox: &mut Outbox) {
        let (Some(to), Some(keys)) = (self.ice.selected(), self.keys.as_mut()) else {
            return;
        };
        let arena = outbox.arena();
        let start = arena.len();
        rtcp::write(packets, arena);
        if arena.len() > start && keys.outbound.protect_rtcp(arena, start).is_ok() {
            outbox.commit(self.index, to, start);
        } else {
            arena.truncate(start);
        }
    }

    /// Sends a datagram as it was encrypted before.
    pub(super) fn send_again(&self, datagram: &[u8], outbox: &mut Outbox) {
        if let Some(to) = self.ice.selected() {
            outbox.push(self.index, to, datagram);
        }
    }
}
