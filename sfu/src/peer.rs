//! One peer: the peer connection of one session, and what it sends and receives.

mod downlink;
mod transport;
mod uplink;

use std::net::SocketAddr;

use forward::allocation::STREAMS;
use forward::codec::{Codec, Kind};
use forward::leg::SourceId;
use forward::red;
use forward::source::SenderReport;
use forward::time::Micros;

use crate::dtls::Identity;
use crate::handle::{CallKey, PeerKey};
use crate::path::Path;
use crate::rtcp::{self, Message};
use crate::sdp::{self, Credentials, Local, Offer};
use crate::udp::Outbox;

pub(crate) use downlink::Content;
use downlink::Downlink;
pub(crate) use transport::Handshake;
use transport::Transport;
pub(crate) use uplink::Incoming;
use uplink::Uplink;

/// How many source ids a peer has.
pub(crate) const SOURCES: u64 = (Kind::ALL.len() * STREAMS) as u64;

/// One peer.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) key: PeerKey,
    pub(crate) call: CallKey,
    /// None while it is only prepared, or kept: it is connected, and takes no part.
    pub(crate) seat: Option<usize>,
    /// Whether it had one before.
    has_risen: bool,
    pub(crate) transport: Transport,
    pub(crate) uplink: Uplink,
    pub(crate) downlink: Downlink,
}

/// Fresh ICE credentials; `fragment` names this side.
pub(crate) fn credentials(fragment: String) -> Credentials {
    use rand::distr::{Alphanumeric, SampleString as _};
    Credentials {
        fragment,
        password: Alphanumeric.sample_string(&mut ambient::rng(), 24),
    }
}

/// Who a new peer is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) key: PeerKey,
    pub(crate) call: CallKey,
    pub(crate) index: u32,
    /// The first of its [`SOURCES`] source ids.
    pub(crate) sources: u64,
}

impl Peer {
    pub(crate) fn new(
        place: Place,
        offer: Offer,
        local: Credentials,
        identity: &Identity,
        now: Micros,
    ) -> Self {
        let transport = Transport::new(place.index, &offer, local, identity, now);
        let streams = uplink::announced(&offer.sections);
        let extensions = uplink::merged_extensions(&offer.sections);
        let mut taken: Vec<u32> = streams.iter().map(|(ssrc, _)| *ssrc).collect();
        let mut sent = offer.sections;
        let received = sent.split_off(sent.len().min(Kind::ALL.len()));
        let downlink = Downlink::new(received, &mut taken);
        let numbers = (place.sources, downlink::ssrc(&mut taken));
        Self {
            key: place.key,
            call: place.call,
            seat: None,
            has_risen: false,
            transport,
            uplink: Uplink::new(sent, extensions, streams, numbers, now),
            downlink,
        }
    }

    /// The answer to `offer`, which this peer was made from or restarted with.
    pub(crate) fn answer(
        &self,
        offer: &Offer,
        identity: &Identity,
        candidates: &[SocketAddr],
        decodable: &[Codec],
    ) -> String {
        let local = Local {
            credentials: self.transport.ice.local(),
            fingerprint: identity.fingerprint,
            candidates,
            slots: &self.downlink.ssrcs(),
            decodable,
        };
        sdp::answer(offer, &local)
    }

    /// Takes a DTLS datagram from a valid address.
    pub(crate) fn handshake(
        &mut self,
        datagram: &[u8],
        now: Micros,
        outbox: &mut Outbox,
    ) -> Handshake {
        self.transport.handshake(datagram, now, outbox)
    }

    /// It takes part from now on, where it has a seat and media can be sent to it; gives whether it
    /// does.
    pub(crate) fn take_part(&mut self, now: Micros) -> bool {
        let takes_part = self.seat.is_some() && self.transport.has_keys();
        if takes_part {
            self.downlink.connect(now);
        }
        takes_part
    }

    /// It takes no part any more; gives where it did.
    pub(crate) fn rise(&mut self) -> Option<(CallKey, usize)> {
        let seat = self.seat.take()?;
        self.has_risen = true;
        self.downlink.leave();
        self.uplink.forget();
        Some((self.call, seat))
    }

    /// Takes an RTP packet of one without a seat. What one sends who had a seat before counts as come, so
    /// that it is not asked for again, nor taken for news, when they have the next.
    pub(crate) fn pass_over(&mut self, packet: (Path, &mut [u8]), now: Micros) {
        if self.has_risen {
            let _of_no_talk = self.receive_rtp(packet, now);
            self.uplink.forget();
        }
    }

    /// Opens an RTP packet in place; gives what is to be forwarded of it: the packet, and before it
    /// what was lost before and came with it.
    pub(crate) fn receive_rtp(
        &mut self,
        packet: (Path, &mut [u8]),
        now: Micros,
    ) -> [Option<Incoming>; 1 + red::MOST] {
        self.uplink.receive_rtp(&mut self.transport, packet, now)
    }

    /// Opens an RTCP packet in place; gives what it reports of legs. What it says of this peer's
    /// own sources is taken in.
    pub(crate) fn receive_rtcp(
        &mut self,
        (from, packet): (Path, &mut [u8]),
        now: Micros,
        outbox: &mut Outbox,
    ) -> Vec<Message> {
        let Some(length) = self.transport.open_rtcp(packet, from, now) else {
            return Vec::new();
        };
        let mut reports = rtcp::read(packet.get(..length).unwrap_or_default());
        reports.retain(|report| match report {
            Message::SenderReport {
                ssrc,
                ntp,
                timestamp,
            } => self.uplink.take_clock(*ssrc, *ntp, *timestamp, now),
            Message::Pli { .. } | Message::Nack { .. } => true,
            Message::TransportCc { first, came } => {
                self.downlink.reported(*first, came, now);
                false
            }
        });
        self.downlink.repeat_voice(&self.transport, now, outbox);
        reports
    }

    /// Writes a packet of another's source into `slot`; gives whether a key frame of it is needed
    /// first.
    pub(crate) fn forward(
        &mut self,
        slot: usize,
        incoming: &Incoming,
        content: Content<'_>,
        outbox: &mut Outbox,
        now: Micros,
    ) -> bool {
        self.downlink
            .forward(&mut self.transport, slot, incoming, content, outbox, now)
    }

    /// Sends what is due: reports of what the peer sends, and padding of a probe.
    pub(crate) fn report(
        &mut self,
        came: &mut Vec<Option<Micros>>,
        now: Micros,
        outbox: &mut Outbox,
    ) {
        self.uplink.report(&mut self.transport, came, now, outbox);
        self.downlink.probe(&mut self.transport, now, outbox);
    }

    /// Tells the peer where the clock of the source in a slot stands.
    pub(crate) fn report_clock(
        &mut self,
        leg: (usize, Kind),
        clock: (SourceId, SenderReport),
        outbox: &mut Outbox,
    ) {
        self.downlink
            .report_clock(&mut self.transport, leg, clock, outbox);
    }
}
