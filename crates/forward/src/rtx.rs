//! Retransmissions (RFC 4588 §4): the original sequence number, then the original payload.

use crate::bytes::read_u16;

/// Length of the original sequence number, bytes.
pub const ORIGINAL_SEQUENCE: usize = 2;

/// Undoes a retransmission: the original sequence number and payload. `None` where it is too short
/// to hold either, as a probe of padding is.
#[must_use]
pub fn undo(payload: &[u8]) -> Option<(u16, &[u8])> {
    let original = payload.get(ORIGINAL_SEQUENCE..)?;
    (!original.is_empty()).then_some((read_u16(payload, 0)?, original))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retransmission_is_undone_and_a_probe_is_none() {
        assert_eq!(undo(&[1, 2, 3, 4]), Some((0x0102, [3, 4].as_slice())));
        assert_eq!(undo(&[1, 2]), None);
        assert_eq!(undo(&[]), None);
    }
}
