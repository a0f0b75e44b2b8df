//! What a peer is told by RTCP of what it sends: what came of it, and what is missing.

use forward::time::Micros;
use rtc_rtcp::packet::Packet as RtcpPacket;

use super::{TrackKey, Uplink};
use crate::peer::transport::Transport;
use crate::rtcp;
use crate::udp::Outbox;

/// How often what was received is reported, milliseconds.
const REPORT_INTERVAL: u64 = 1_000;

/// How often arrivals are reported, milliseconds.
const TWCC_INTERVAL: u64 = 100;

/// A source is asked for key frames while it sent something within this time, microseconds.
const ACTIVE: u64 = 2_000_000;

impl Uplink {
    /// Sends what is due to the peer about its own sources: requests for what is missing and for
    /// key frames, arrivals, and receiver reports.
    pub(crate) fn report(
        &mut self,
        transport: &mut Transport,
        came: &mut Vec<Option<Micros>>,
        now: Micros,
        outbox: &mut Outbox,
    ) {
        if !transport.is_connected() {
            return;
        }
        let mut packets: Vec<Box<dyn RtcpPacket>> = Vec::new();
        for key in TrackKey::PICTURES {
            self.request_repairs(key, now, &mut packets);
        }
        if now >= self.next_twcc {
            self.next_twcc = now.after_ms(TWCC_INTERVAL);
            if let Some(first) = self.twcc.report(came) {
                let media = self.streams.first().map_or(0, |(ssrc, _)| *ssrc);
                let count = self.twcc_reports;
                self.twcc_reports = count.wrapping_add(1);
                packets.push(rtcp::transport_cc(self.ssrc, media, first, came, count));
            }
        }
        if now >= self.next_report {
            self.next_report = now.after_ms(REPORT_INTERVAL);
            let blocks: Vec<_> = self
                .tracks
                .iter_mut()
                .flatten()
                .filter_map(|track| Some((track.last?.1, track.source.reception.block(now)?)))
                .collect();
            packets.insert(0, rtcp::receiver_report(self.ssrc, &blocks));
        }
        if !packets.is_empty() {
            transport.send_rtcp(&packets, outbox);
        }
    }

    fn request_repairs(&mut self, key: TrackKey, now: Micros, out: &mut Vec<Box<dyn RtcpPacket>>) {
        let ours = self.ssrc;
        let track = self.track_mut(key);
        let Some((last, ssrc)) = track.last else {
            return;
        };
        if now.since(last) > ACTIVE {
            return;
        }
        let mut missing = Vec::new();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the low 16 bits are what is meant"
        )]
        let gave_up = track
            .source
            .nacks
            .ask(now, |place| missing.push(place as u16));
        if gave_up {
            track.source.requests.want();
        }
        if !missing.is_empty() {
            out.push(rtcp::nack(ours, ssrc, &missing));
        }
        if track.source.requests.ask(now) {
            out.push(rtcp::pli(ours, ssrc));
        }
    }
}
