//! What a load test found, for a person and for a program.

use std::time::Duration;

use crate::client::{Histogram, Passage, Tally};
use serde_json::{Value, json};

use super::SEATS;
use super::flood::Flooded;
use super::harm::Harmed;
use super::prepared::Prepared;
use super::processes::Usage;

/// What the server used.
#[derive(Clone, Copy, Debug)]
pub struct ServerUsage {
    cpu: Duration,
    idle_kib: u64,
    loaded_kib: u64,
    /// While it was measured.
    added_kib: u64,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Report {
    /// Calls of four.
    pub calls: usize,
    /// How long was measured.
    pub window: Duration,
    /// From before the WebSocket connects to the first packet of media, into a call that is live.
    pub joins: Histogram,
    /// The packets.
    pub tally: Tally,
    /// What the flood did, where there was one.
    pub flooded: Option<Flooded>,
    /// What a guest with a seat in another call did, where there was one.
    pub harmed: Option<Harmed>,
    /// What those cost who were connected before the press, where there were any.
    pub prepared: Option<Prepared>,
    /// The server's, where it runs on this machine.
    pub usage: Option<ServerUsage>,
}

/// What the server used between two moments, and in idleness before.
pub(super) fn compare(
    idle: Option<Usage>,
    before: Option<Usage>,
    after: Option<Usage>,
) -> Option<ServerUsage> {
    let (idle, before, after) = (idle?, before?, after?);
    Some(ServerUsage {
        cpu: after.cpu.saturating_sub(before.cpu),
        idle_kib: idle.resident_kib,
        loaded_kib: after.resident_kib,
        added_kib: after.resident_kib.saturating_sub(before.resident_kib),
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "figures for people, of three digits"
)]
pub(super) fn milliseconds(microseconds: u64) -> f64 {
    microseconds as f64 / 1_000.0
}

#[expect(
    clippy::cast_precision_loss,
    reason = "figures for people, of three digits"
)]
impl Report {
    /// Processor time of the server for each packet its receivers got, microseconds.
    fn cpu_us_per_forwarded(&self) -> Option<f64> {
        let spent = self.usage?.cpu.as_nanos() as f64 / 1_000.0;
        Some(spent / self.tally.received.max(1) as f64)
    }

    /// The share of one core that the server took, percent.
    fn core_percent(&self) -> Option<f64> {
        Some(self.usage?.cpu.as_secs_f64() / self.window.as_secs_f64() * 100.0)
    }

    /// Memory for each participant, KiB.
    fn kib_per_participant(&self) -> Option<f64> {
        let usage = self.usage?;
        let added = usage.loaded_kib.saturating_sub(usage.idle_kib);
        Some(added as f64 / (self.calls * SEATS) as f64)
    }

    /// For a program: one object.
    #[must_use]
    pub fn json(&self) -> Value {
        let tally = &self.tally;
        json!({
            "calls": self.calls,
            "seconds": self.window.as_secs_f64(),
            "join_ms": {
                "p50": milliseconds(self.joins.quantile(0.5)),
                "p95": milliseconds(self.joins.quantile(0.95)),
            },
            "latency_us": {
                "p50": tally.latency.quantile(0.5),
                "p95": tally.latency.quantile(0.95),
                "p99": tally.latency.quantile(0.99),
            },
            "expected": tally.expected,
            "received": tally.received,
            "lost": tally.lost(),
            "withheld": tally.withheld,
            "reordered": tally.reordered,
            "duplicated": tally.duplicated,
            "misrouted": tally.misrouted,
            "sound": { "expected": tally.sound_expected, "lost": tally.sound_lost() },
            "junk": self.flooded.map(|flooded| json!({
                "sent": flooded.sent,
                "dropped_by_kernel": flooded.dropped,
            })),
            "harm": self.harmed.map(|harmed| json!({
                "kind": harmed.harm.name(),
                "sent": harmed.sent,
            })),
            "prepared": self.prepared.map(|prepared| json!({
                "count": prepared.count,
                "kb_each": prepared.kib_each,
                "packets": prepared.packets,
            })),
            "memory_added_kib": self.usage.map(|usage| usage.added_kib),
            "link": {
                "lost_up": tally.passage.lost_up,
                "lost_down": tally.passage.lost_down,
                "pictures_lost": tally.passage.pictures_lost,
                "retransmitted": tally.passage.retransmitted,
                "ratio": tally.passage.ratio(),
            },
            "cpu_us_per_forwarded": self.cpu_us_per_forwarded(),
            "core_percent": self.core_percent(),
            "kb_per_participant": self.kib_per_participant(),
            "idle_mb": self.usage.map(|usage| usage.idle_kib as f64 / 1_024.0),
        })
    }

    /// For a person: a table.
    #[must_use]
    pub fn table(&self) -> String {
        let tally = &self.tally;
        let latency = |share| tally.latency.quantile(share);
        let mut rows = vec![
            ("calls of four".to_owned(), self.calls.to_string()),
            (
                "join, ms, p50 / p95".to_owned(),
                format!(
                    "{:.0} / {:.0}",
                    milliseconds(self.joins.quantile(0.5)),
                    milliseconds(self.joins.quantile(0.95))
                ),
            ),
            (
                "latency, µs, p50 / p95 / p99".to_owned(),
                format!("{} / {} / {}", latency(0.5), latency(0.95), latency(0.99)),
            ),
            (
                "packets expected / received".to_owned(),
                format!("{} / {}", tally.expected, tally.received),
            ),
            (
                "lost / reordered / repeated / misrouted".to_owned(),
                format!(
                    "{} / {} / {} / {}",
                    tally.lost(),
                    tally.reordered,
                    tally.duplicated,
                    tally.misrouted
                ),
            ),
            (
                "sound expected / lost".to_owned(),
                format!("{} / {}", tally.sound_expected, tally.sound_lost()),
            ),
        ];
        if tally.withheld > 0 {
            rows.push((
                "pictures held back for want of bandwidth".to_owned(),
                format!("{} packets", tally.withheld),
            ));
        }
        if let Some(Flooded { sent, dropped }) = self.flooded {
            let dropped =
                dropped.map_or_else(|| "unknown".to_owned(), |dropped| dropped.to_string());
            rows.push((
                "junk sent / dropped by the server's kernel".to_owned(),
                format!("{sent} / {dropped}"),
            ));
        }
        if let Some(Harmed { harm, sent }) = self.harmed {
            let what = format!("harm sent by a guest: {}", harm.name());
            rows.push((what, sent.to_string()));
        }
        let prepared = self.prepared.iter().flat_map(Prepared::rows);
        rows.extend(prepared.chain(self.link_rows()));
        rows.extend(self.server_rows());
        rows.iter()
            .map(|(what, figure)| format!("  {what:<42}{figure}\n"))
            .collect()
    }

    /// What the links did, where they lost pictures.
    fn link_rows(&self) -> Vec<(String, String)> {
        let Some(ratio) = self.tally.passage.ratio() else {
            return Vec::new();
        };
        let Passage {
            lost_up,
            lost_down,
            pictures_lost,
            retransmitted,
        } = self.tally.passage;
        vec![
            (
                "datagrams the link lost, up / down".to_owned(),
                format!("{lost_up} / {lost_down}"),
            ),
            (
                "pictures: lost down / sent again / ratio".to_owned(),
                format!("{pictures_lost} / {retransmitted} / {ratio:.2}"),
            ),
        ]
    }

    /// What the server used, where that is known.
    fn server_rows(&self) -> Vec<(String, String)> {
        let (Some(cost), Some(core), Some(memory), Some(usage)) = (
            self.cpu_us_per_forwarded(),
            self.core_percent(),
            self.kib_per_participant(),
            self.usage,
        ) else {
            return Vec::new();
        };
        vec![
            (
                "server: µs a forwarded packet".to_owned(),
                format!("{cost:.2}"),
            ),
            ("server: share of a core".to_owned(), format!("{core:.0} %")),
            (
                "server: MB idle, KB a participant".to_owned(),
                format!("{:.1}, {memory:.0}", usage.idle_kib as f64 / 1_024.0),
            ),
        ]
    }
}
