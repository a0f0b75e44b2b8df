//! Bits, read one after another.

/// The most bits that indications have: two for each of 32 decode targets.
pub(super) type Indications = u64;

/// What is left to read.
#[derive(Debug)]
pub(super) struct Bits<'bytes> {
    bytes: &'bytes [u8],
    at: usize,
}

impl<'bytes> Bits<'bytes> {
    pub(super) const fn new(bytes: &'bytes [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// `f(1)`.
    pub(super) fn flag(&mut self) -> Option<bool> {
        let byte = *self.bytes.get(self.at / 8)?;
        let flag = byte >> (7 - self.at % 8) & 1 == 1;
        self.at += 1;
        Some(flag)
    }

    /// `f(count)`, of at most 16 bits.
    pub(super) fn read(&mut self, count: u32) -> Option<u16> {
        (0..count).try_fold(0, |value: u16, _| {
            Some(value << 1 | u16::from(self.flag()?))
        })
    }

    /// `f(count)`, of at most 8 bits.
    pub(super) fn byte(&mut self, count: u32) -> Option<u8> {
        self.read(count)?.try_into().ok()
    }

    /// `ns(n)`: a value below `n`, which is above 0, in no more bits than it needs.
    pub(super) fn below(&mut self, n: u8) -> Option<u8> {
        let width = 8 - n.leading_zeros();
        let short = (1u16 << width) - u16::from(n);
        let value = self.read(width.checked_sub(1)?)?;
        let value = if value < short {
            value
        } else {
            (value << 1 | u16::from(self.flag()?)) - short
        };
        value.try_into().ok()
    }

    /// Two bits for each decode target, those of the first the lowest.
    pub(super) fn indications(&mut self, targets: u8) -> Option<Indications> {
        (0..targets).try_fold(0, |all, target| {
            Some(all | u64::from(self.byte(2)?) << (2 * u32::from(target)))
        })
    }

    /// Passes over so many bits.
    pub(super) fn skip(&mut self, count: u8) -> Option<()> {
        (0..count).try_for_each(|_| self.flag().map(drop))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_below_a_bound_take_no_more_bits_than_they_need() {
        // Of five values the first three take two bits: 00, 01, 10, 110, 111.
        let mut bits = Bits::new(&[0b0001_1011, 0b0111_0000]);
        for expected in 0..5 {
            assert_eq!(bits.below(5), Some(expected));
        }
        assert_eq!(bits.below(1), Some(0), "the only value takes none");
        assert_eq!(bits.read(16), None);
    }
}
