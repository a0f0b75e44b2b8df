//! What a receiver report says of one source (RFC 3550 §6.4.1, A.3 and A.8).

use crate::time::Micros;

/// The running account of one source.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reception {
    first: Option<u64>,
    highest: u64,
    received: u64,
    expected_before: u64,
    received_before: u64,
    /// Jitter times 16, in timestamp units, as A.8 keeps it.
    jitter_16: u64,
    transit: Option<i64>,
    report: Option<(u64, Micros)>,
}

/// One report block.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Block {
    /// Of 256, since the last block.
    pub fraction_lost: u8,
    /// In all; at most 2²³ − 1, at least 0.
    pub total_lost: u32,
    /// Highest sequence number, cycles above.
    pub highest: u32,
    /// In timestamp units.
    pub jitter: u32,
    /// The middle 32 bits of the last sender report's NTP time; 0 if there was none.
    pub last_report: u32,
    /// Since then, in 1/65536 s.
    pub delay: u32,
}

impl Reception {
    /// A packet came at `extended`, for the first time, stamped `timestamp` by a clock of `rate` Hz.
    pub fn came(&mut self, extended: u64, timestamp: u32, rate: u32, now: Micros) {
        self.first = Some(self.first.map_or(extended, |first| first.min(extended)));
        self.highest = self.highest.max(extended);
        self.received += 1;
        let arrival =
            i64::try_from(now.0.wrapping_mul(u64::from(rate)) / 1_000_000).unwrap_or(i64::MAX);
        let transit = arrival - i64::from(timestamp);
        if let Some(before) = self.transit.replace(transit) {
            let difference = (transit - before).unsigned_abs();
            // A wrapped or restarted timestamp is no jitter.
            if difference < u64::from(rate) * 10 {
                self.jitter_16 = self.jitter_16 + difference - ((self.jitter_16 + 8) >> 4);
            }
        }
    }

    /// A sender report came, with this NTP time.
    pub const fn reported(&mut self, ntp: u64, now: Micros) {
        self.report = Some((ntp, now));
    }

    /// The block to send now; `None` before the first packet.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "each field is cut to its width by RFC 3550"
    )]
    pub fn block(&mut self, now: Micros) -> Option<Block> {
        let expected = self.highest - self.first? + 1;
        let lost = expected.saturating_sub(self.received);
        let expected_since = expected - self.expected_before;
        let received_since = self.received - self.received_before;
        let lost_since = expected_since.saturating_sub(received_since);
        self.expected_before = expected;
        self.received_before = self.received;
        let (last_report, delay) = self.report.map_or((0, 0), |(ntp, at)| {
            (
                (ntp >> 16) as u32,
                (now.since(at) * 65_536 / 1_000_000) as u32,
            )
        });
        Some(Block {
            fraction_lost: (lost_since * 256)
                .checked_div(expected_since)
                .unwrap_or(0)
                .min(255) as u8,
            total_lost: lost.min(0x7f_ffff) as u32,
            highest: (self.highest - 0x1_0000) as u32,
            jitter: (self.jitter_16 >> 4) as u32,
            last_report,
            delay,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_counted_since_the_last_block_and_in_all() {
        let mut reception = Reception::default();
        assert_eq!(reception.block(Micros(0)), None);
        for extended in [0x1_0005u64, 0x1_0006, 0x1_0008] {
            reception.came(extended, 0, 90_000, Micros(0));
        }
        let block = reception.block(Micros(0)).expect("packets came");
        assert_eq!(
            (block.fraction_lost, block.total_lost, block.highest),
            (64, 1, 8)
        );
        reception.came(0x1_0009, 0, 90_000, Micros(0));
        let block = reception.block(Micros(0)).expect("packets came");
        assert_eq!(
            (block.fraction_lost, block.total_lost, block.highest),
            (0, 1, 9)
        );
    }

    #[test]
    fn even_spacing_has_no_jitter_and_uneven_spacing_has() {
        let mut even = Reception::default();
        let mut uneven = Reception::default();
        for n in 0..200u64 {
            let timestamp = u32::try_from(n * 960).expect("small");
            even.came(0x1_0000 + n, timestamp, 48_000, Micros(n * 20_000));
            uneven.came(
                0x1_0000 + n,
                timestamp,
                48_000,
                Micros(n * 20_000 + n % 2 * 5_000),
            );
        }
        assert_eq!(even.block(Micros(0)).expect("packets came").jitter, 0);
        let jitter = uneven.block(Micros(0)).expect("packets came").jitter;
        assert!(
            (200..=240).contains(&jitter),
            "5 ms of 48 kHz is 240 ticks, not {jitter}"
        );
    }

    #[test]
    fn the_delay_since_a_sender_report_is_told() {
        let mut reception = Reception::default();
        reception.came(0x1_0000, 0, 90_000, Micros(0));
        reception.reported(0x1122_3344_5566_7788, Micros(500_000));
        let block = reception.block(Micros(1_000_000)).expect("packets came");
        assert_eq!((block.last_report, block.delay), (0x3344_5566, 32_768));
    }
}
