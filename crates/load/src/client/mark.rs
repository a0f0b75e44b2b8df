//! What a load packet's payload says of itself.

use forward::bytes::read_u32;

/// The payload descriptor in front of a picture's mark: X and I set, a 15-bit picture number
/// (RFC 7741 §4.2), then the first byte of the VP8 frame (RFC 6386 §9.1).
pub(super) const VP8_HEAD: usize = 5;

/// Who sent a packet, when, and its number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Mark {
    /// Nanoseconds since 1970.
    pub(super) sent: u64,
    pub(super) call: u32,
    pub(super) seat: u32,
    /// Of this source, from 0 on.
    pub(super) number: u64,
}

impl Mark {
    pub(super) fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.sent.to_be_bytes());
        out.extend_from_slice(&self.call.to_be_bytes());
        out.extend_from_slice(&(self.seat << 24 | 0x5a_5a5a).to_be_bytes());
        out.extend_from_slice(&self.number.to_be_bytes());
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let long = |at: usize| {
            Some(u64::from(read_u32(bytes, at)?) << 32 | u64::from(read_u32(bytes, at + 4)?))
        };
        let seat = read_u32(bytes, 12)?;
        (seat & 0xff_ffff == 0x5a_5a5a).then_some(())?;
        Some(Self {
            sent: long(0)?,
            call: read_u32(bytes, 8)?,
            seat: seat >> 24,
            number: long(16)?,
        })
    }
}

/// Writes the head of a picture's packet.
pub(super) fn write_vp8_head(out: &mut Vec<u8>, picture: u16, begins: bool, keyframe: bool) {
    let [high, low] = (picture | 0x8000).to_be_bytes();
    out.push(if begins { 0x90 } else { 0x80 });
    out.push(0x80);
    out.extend_from_slice(&[high, low]);
    out.push(u8::from(!keyframe));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_was_written_and_junk_is_none() {
        let mark = Mark {
            sent: 1 << 60 | 7,
            call: 3,
            seat: 2,
            number: 1 << 40 | 9,
        };
        let mut bytes = Vec::new();
        mark.write(&mut bytes);
        assert_eq!(bytes.len(), 24);
        assert_eq!(Mark::read(&bytes), Some(mark));
        assert_eq!(Mark::read(&[0; 24]), None);
        assert_eq!(Mark::read(&bytes[..20]), None);
    }

    #[test]
    fn a_picture_begins_as_vp8_does() {
        let mut head = Vec::new();
        write_vp8_head(&mut head, 300, true, true);
        assert_eq!(head.len(), VP8_HEAD);
        let descriptor = forward::vp8::Descriptor::read(&head).expect("well formed");
        assert_eq!(descriptor.picture, Some((300, true)));
        assert!(descriptor.is_keyframe(&head));
    }
}
