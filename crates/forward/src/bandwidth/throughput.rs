//! How much came lately, by the receiver's own clock.

/// One bucket, microseconds.
const BUCKET: i64 = 50_000;

/// How many buckets the window has.
const BUCKETS: usize = 10;

/// Bytes that came within the last half second.
#[derive(Clone, Debug, Default)]
pub(super) struct Throughput {
    bytes: [u64; BUCKETS],
    /// The bucket of the newest arrival.
    newest: Option<i64>,
    first: i64,
}

impl Throughput {
    /// `size` bytes came at `came`, microseconds.
    pub(super) fn came(&mut self, came: i64, size: u16) {
        let bucket = came.div_euclid(BUCKET);
        let newest = *self.newest.get_or_insert_with(|| {
            self.first = bucket;
            bucket
        });
        let ahead = bucket.saturating_sub(newest);
        if ahead.unsigned_abs() >= 100 {
            // The clock leapt.
            *self = Self::default();
            self.newest = Some(bucket);
            self.first = bucket;
        } else {
            for empty in newest + 1..=bucket {
                if let Some(place) = self.bytes.get_mut(place_of(empty)) {
                    *place = 0;
                }
            }
            self.newest = Some(newest.max(bucket));
        }
        if ahead > -signed(BUCKETS)
            && let Some(place) = self.bytes.get_mut(place_of(bucket))
        {
            *place += u64::from(size);
        }
    }

    /// Bits a second; none before a quarter of the window is known.
    pub(super) fn rate(&self) -> Option<u64> {
        let known = (self.newest? - self.first + 1).clamp(0, signed(BUCKETS));
        let known = u64::try_from(known).ok().filter(|known| *known >= 5)?;
        Some(self.bytes.iter().sum::<u64>() * 8 * 20 / known)
    }
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn place_of(bucket: i64) -> usize {
    usize::try_from(bucket.rem_euclid(signed(BUCKETS))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_even_stream_has_its_rate_and_a_silence_is_forgotten() {
        let mut throughput = Throughput::default();
        for n in 0..100 {
            throughput.came(n * 10_000, 1_250);
        }
        let rate = throughput.rate().expect("a second came");
        assert!((950_000..=1_050_000).contains(&rate), "{rate}");
        throughput.came(3_000_000, 100);
        let rate = throughput.rate().expect("it goes on");
        assert!(rate < 10_000, "{rate}");
    }
}
