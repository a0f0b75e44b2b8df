//! Probes: padding sent for a moment, to see whether a receiver could take more.

use forward::bandwidth::{Bandwidth, Probed};
use forward::codec::{Codec, Kind};
use forward::extension::{MOST_ELEMENTS, PassedOn};
use forward::rtp::Fields;
use forward::time::Micros;

use super::Peer;
use super::send::AROUND_PAYLOAD;
use crate::sdp::{self, SLOTS};
use crate::udp::Outbox;

/// How long a probe takes, microseconds.
const LENGTH: u64 = 100_000;

/// The first probe comes so long after the wish, and the next one so long after one that passed,
/// microseconds.
const SOON: u64 = 300_000;

/// After one that failed, and at most, microseconds: each failure doubles the wait.
const LATER: u64 = 1_000_000;
const MUCH_LATER: u64 = 5_000_000;

/// The most padding of one packet: its last byte counts it (RFC 3550 §5.1).
const PADDING: u8 = 255;

/// When to probe, and the probe under way.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Prober {
    next: Option<Micros>,
    wait: u64,
    running: Option<Running>,
}

#[derive(Clone, Copy, Debug)]
struct Running {
    began: Micros,
    /// Of the padding alone, bits a second.
    rate: u64,
    sent: u64,
}

impl Prober {
    /// The next step would need `needed` bits a second in all: begins a probe when that is due.
    pub(super) fn wish(&mut self, needed: Option<u64>, bandwidth: &mut Bandwidth, now: Micros) {
        match bandwidth.probed() {
            Some(Probed::Passed) => {
                self.wait = 0;
                self.next = Some(Micros(now.0 + SOON));
            }
            Some(Probed::Failed) => {
                self.wait = (self.wait * 2).clamp(LATER, MUCH_LATER);
                self.next = Some(Micros(now.0 + self.wait));
            }
            None => {}
        }
        let (Some(needed), Some(estimate)) = (needed, bandwidth.estimate()) else {
            self.next = None;
            return;
        };
        let next = *self.next.get_or_insert(Micros(now.0 + SOON));
        if now < next || !bandwidth.may_probe(now) || needed <= estimate {
            return;
        }
        // A little above what is needed, and never a leap that would drown what flows now.
        let target = (needed + needed / 8).min(estimate * 3);
        self.running = Some(Running {
            began: now,
            rate: target.saturating_sub(bandwidth.came()),
            sent: 0,
        });
        bandwidth.begin_probe(now);
    }
}

impl Peer {
    /// Sends what is due of a probe.
    pub(crate) fn probe(&mut self, now: Micros, outbox: &mut Outbox) {
        let Some(mut running) = self.prober.running else {
            return;
        };
        let elapsed = now.since(running.began);
        let due = running.rate * elapsed.min(LENGTH) / 8_000_000;
        while running.sent < due {
            running.sent += u64::from(PADDING) + AROUND_PAYLOAD as u64;
            if self.pad(now, outbox).is_none() {
                break;
            }
        }
        self.prober.running = Some(running);
        if elapsed >= LENGTH {
            self.prober.running = None;
            self.bandwidth.end_probe(now);
        }
    }

    /// Sends one packet of padding, in a stream of retransmissions, where nobody misses it.
    fn pad(&mut self, now: Micros, outbox: &mut Outbox) -> Option<()> {
        let (slot, codec) = (0..SLOTS).find_map(|slot| {
            let section = self.sections.get(sdp::section_of(slot, Kind::Camera))?;
            let codec = Codec::ALL
                .into_iter()
                .find(|codec| section.payload_types.retransmission(*codec).is_some())?;
            Some((slot, codec))
        })?;
        let section = self.sections.get(sdp::section_of(slot, Kind::Camera))?;
        let ids = section.extensions;
        let payload_type = section.payload_types.retransmission(codec)?;
        if ids.transport_sequence == 0 {
            return None;
        }
        let to = self.ice.selected()?;
        let out = self.out_mut(slot, Kind::Camera)?;
        let ssrc = out.ssrcs.retransmission?;
        out.retransmissions += 1;
        let place = out.retransmissions;
        let size = usize::from(PADDING) + AROUND_PAYLOAD;
        let sequence = self.bandwidth.send(size, now);
        let mut buffer = [0; MOST_ELEMENTS];
        let elements = PassedOn::default().elements(ids, Some(sequence), &mut buffer);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the low 16 bits are what is meant"
        )]
        let fields = Fields {
            marker: false,
            payload_type,
            sequence: place as u16,
            timestamp: 0,
            ssrc,
        };
        let keys = self.keys.as_mut()?;
        let arena = outbox.arena();
        let start = arena.len();
        let header = fields.write_padded(elements, arena);
        arena.resize(arena.len() + usize::from(PADDING) - 1, 0);
        arena.push(PADDING);
        if keys
            .outbound
            .protect_rtp(arena, start, header, ssrc, place)
            .is_ok()
        {
            outbox.commit(self.index, to, start);
        } else {
            arena.truncate(start);
        }
        Some(())
    }
}
