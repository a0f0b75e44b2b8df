//! What a peer receives.

mod send;

use forward::bandwidth::Bandwidth;
use forward::codec::{Codec, Kind};
use forward::leg::{Leg, SourceId};
use forward::picture::Pictures;
use forward::probe::Prober;
use forward::repair::{PliBudget, RetransmissionBudget};
use forward::seats::SLOTS;
use forward::source::SenderReport;
use forward::time::Micros;
use forward::track::Sent;
use forward::voice::Voice;

use super::transport::Transport;
use crate::handle::{Paused, View};
use crate::rtcp;
use crate::sdp::{Section, StreamSsrcs};
use crate::udp::Outbox;

pub(crate) use send::Content;

/// One leg, and under which SSRCs it is written.
#[derive(Debug)]
struct Out {
    leg: Leg,
    ssrcs: StreamSsrcs,
    retransmissions: u64,
    retransmission_budget: RetransmissionBudget,
    plis: PliBudget,
}

/// The receiving side of one peer.
#[derive(Debug)]
pub(crate) struct Downlink {
    /// For each slot one for each kind.
    sections: Vec<Section>,
    outs: [[Out; 3]; SLOTS],
    pictures: Pictures,
    bandwidth: Bandwidth,
    prober: Prober,
    voice: Voice,
    /// Since when media can be sent to it.
    connected: Option<Micros>,
}

/// A random SSRC that `taken` does not have.
pub(super) fn ssrc(taken: &mut Vec<u32>) -> u32 {
    loop {
        let ssrc = ambient::random::<u32>();
        if ssrc != 0 && !taken.contains(&ssrc) {
            taken.push(ssrc);
            return ssrc;
        }
    }
}

/// Where among the sections that are received the one of a slot and kind stands.
const fn place(slot: usize, kind: Kind) -> usize {
    Kind::ALL.len() * slot + kind.index()
}

impl Out {
    /// A leg into `section`, under SSRCs that are not yet `taken`.
    fn new(section: Option<&Section>, taken: &mut Vec<u32>) -> Self {
        let repairs = section.is_some_and(|section| {
            Codec::ALL
                .iter()
                .any(|codec| section.payload_types.retransmission(*codec).is_some())
        });
        let media = ssrc(taken);
        let retransmission = repairs.then(|| ssrc(taken));
        // Both numbers begin in the lower half, so that nobody misses an early rollover.
        Self {
            leg: Leg::new(ambient::random::<u16>() & 0x7fff),
            ssrcs: StreamSsrcs {
                media,
                retransmission,
            },
            retransmissions: 0x1_0000 | u64::from(ambient::random::<u16>() & 0x7fff),
            retransmission_budget: RetransmissionBudget::default(),
            plis: PliBudget::default(),
        }
    }
}

impl Downlink {
    /// Of a peer that receives into `sections`, under SSRCs that are not yet `taken`.
    pub(super) fn new(sections: Vec<Section>, taken: &mut Vec<u32>) -> Self {
        let outs = std::array::from_fn(|slot| {
            Kind::ALL.map(|kind| Out::new(sections.get(place(slot, kind)), taken))
        });
        Self {
            sections,
            outs,
            pictures: Pictures::default(),
            bandwidth: Bandwidth::default(),
            prober: Prober::default(),
            voice: Voice::default(),
            connected: None,
        }
    }

    fn section(&self, slot: usize, kind: Kind) -> Option<&Section> {
        self.sections.get(place(slot, kind))
    }

    fn out(&self, slot: usize, kind: Kind) -> Option<&Out> {
        self.outs.get(slot)?.get(kind.index())
    }

    fn out_mut(&mut self, slot: usize, kind: Kind) -> Option<&mut Out> {
        self.outs.get_mut(slot)?.get_mut(kind.index())
    }

    /// Under which SSRCs each kind is written into each slot.
    pub(super) fn ssrcs(&self) -> [[StreamSsrcs; 3]; SLOTS] {
        self.outs
            .each_ref()
            .map(|slot| slot.each_ref().map(|out| out.ssrcs))
    }

    /// Whether the peer's browser can decode `codec`.
    pub(crate) fn decodes(&self, codec: Codec) -> bool {
        self.sections
            .iter()
            .any(|section| section.payload_types.media(codec).is_some())
    }

    /// From now on media can be sent.
    pub(super) const fn connect(&mut self, now: Micros) {
        self.connected = Some(now);
    }

    /// The leg written under `ssrc`: its slot and kind.
    pub(crate) fn leg_of(&self, ssrc: u32) -> Option<(usize, Kind)> {
        (0..SLOTS)
            .flat_map(|slot| Kind::ALL.map(|kind| (slot, kind)))
            .find(|(slot, kind)| {
                self.out(*slot, *kind).is_some_and(|out| {
                    out.ssrcs.media == ssrc || out.ssrcs.retransmission == Some(ssrc)
                })
            })
    }

    /// The receiver of the leg in that place wishes for a key frame; gives whether that counts.
    pub(crate) fn may_send_pli(&mut self, slot: usize, kind: Kind, now: Micros) -> bool {
        self.out_mut(slot, kind)
            .is_some_and(|out| out.plis.may(now))
    }

    /// What the leg in that place carries.
    pub(crate) fn source_on(&self, slot: usize, kind: Kind) -> Option<SourceId> {
        self.out(slot, kind)?.leg.source()
    }

    /// The peer tells how it shows what it receives.
    pub(crate) fn view(&mut self, view: &View) {
        for (slot, shown) in view.slots.iter().enumerate() {
            self.pictures.show(slot, Kind::Camera, shown.camera);
            self.pictures.show(slot, Kind::Screen, shown.screen);
        }
    }

    /// Somebody new is in `slot`.
    pub(crate) fn begin_slot(&mut self, slot: usize) {
        self.pictures.begin(slot);
    }

    /// Nobody is in any slot any more.
    pub(super) fn leave(&mut self) {
        for slot in 0..SLOTS {
            self.pictures.begin(slot);
        }
        for out in self.outs.as_flattened_mut() {
            out.leg.release();
        }
    }

    /// Decides which layer of each picture the peer gets from now on: `slots` are those it
    /// receives. Gives for each slot how many layers of the camera there it watches.
    pub(crate) fn allocate(&mut self, slots: &[Option<Sent>; SLOTS], now: Micros) -> [u8; SLOTS] {
        self.bandwidth.tick(now);
        let decided = self
            .pictures
            .decide(slots, &self.bandwidth, self.connected, now);
        self.prober.wish(decided.needed, &mut self.bandwidth, now);
        for (slot, kind) in decided.released {
            if let Some(out) = self.out_mut(slot, kind) {
                out.leg.release();
            }
        }
        decided.watched
    }

    /// What the way to the receiver is thought to carry, bits a second.
    pub(crate) fn estimate(&self) -> Option<u64> {
        self.bandwidth.estimate()
    }

    /// Which pictures are held back for want of bandwidth.
    pub(crate) fn paused(&self) -> Paused {
        let is_paused = |slot, kind| self.pictures.is_paused(slot, kind);
        Paused {
            cameras: std::array::from_fn(|slot| is_paused(slot, Kind::Camera)),
            screens: std::array::from_fn(|slot| is_paused(slot, Kind::Screen)),
        }
    }

    /// The peer tells what came of the transport-wide numbers from `first` on.
    pub(super) fn reported(&mut self, first: u16, came: &[Option<i64>], now: Micros) {
        self.bandwidth.reported(first, came, now);
        self.voice.reported(first, came);
    }

    /// Sends again what the peer told to have missed of sound.
    pub(super) fn repeat_voice(&mut self, transport: &Transport, now: Micros, outbox: &mut Outbox) {
        self.voice
            .repeat(now, |bytes| transport.send_again(bytes, outbox));
    }

    /// Tells the peer where the clock of the source in `slot` stands.
    pub(super) fn report_clock(
        &self,
        transport: &mut Transport,
        (slot, kind): (usize, Kind),
        (source, clock): (SourceId, SenderReport),
        outbox: &mut Outbox,
    ) {
        let Some(out) = self.out(slot, kind) else {
            return;
        };
        let Some(timestamp) = out.leg.timestamp_of(source, clock.timestamp) else {
            return;
        };
        let name = if kind == Kind::Screen {
            "screen"
        } else {
            "person"
        };
        let report = rtcp::sender_report(
            out.ssrcs.media,
            clock.ntp,
            timestamp,
            (out.leg.packets, out.leg.octets),
            format!("{name}{slot}"),
        );
        transport.send_rtcp(&report, outbox);
    }
}
