//! What clients send, made by hand: every packet says who made it, and which it is.

use bytes::Bytes;
use forward::codec::Kind;
use rtc::rtp::codec::vp8::Vp8Packet;
use rtc::rtp::packetizer::Depacketizer as _;

/// Who made a packet, of what, and its number among those.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Mark {
    pub(crate) maker: u8,
    pub(crate) kind: Kind,
    pub(crate) number: u32,
}

/// Bytes of a mark.
const LENGTH: usize = 6;

impl Mark {
    fn bytes(self) -> [u8; LENGTH] {
        let [a, b, c, d] = self.number.to_be_bytes();
        let kind = u8::try_from(self.kind.index()).expect("three kinds");
        [self.maker, kind, a, b, c, d]
    }

    /// The mark at the end of a payload.
    pub(crate) fn of(payload: &[u8]) -> Option<Self> {
        let [maker, kind, number @ ..] = payload.last_chunk::<LENGTH>()?;
        Some(Self {
            maker: *maker,
            kind: *Kind::ALL.get(usize::from(*kind))?,
            number: u32::from_be_bytes(*number),
        })
    }

    /// As an Opus payload: nobody on the way looks into those.
    pub(crate) fn sound(self) -> Bytes {
        let mut payload = vec![0xfc; 30];
        payload.extend(self.bytes());
        payload.into()
    }

    /// As a VP8 payload of one packet a frame (RFC 7741 §4.2, RFC 6386 §9.1).
    pub(crate) fn frame(self, picture: u16, base_layer: u8, is_key: bool) -> Bytes {
        let [high, low] = (picture & 0x7fff | 0x8000).to_be_bytes();
        let mut payload = vec![0x90, 0xe0, high, low, base_layer, 0x20];
        payload.push(if is_key { 0x10 } else { 0x11 });
        payload.extend([0x55; 60]);
        payload.extend(self.bytes());
        payload.into()
    }
}

/// What a VP8 payload says of its picture, read by a parser that is not ours.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Picture {
    pub(crate) number: u16,
    pub(crate) base_layer: u8,
    pub(crate) is_key: bool,
}

impl Picture {
    pub(crate) fn of(payload: &Bytes) -> Self {
        let mut descriptor = Vp8Packet::default();
        let frame = descriptor
            .depacketize(payload)
            .expect("a VP8 payload is forwarded whole");
        Self {
            number: descriptor.picture_id,
            base_layer: descriptor.tl0_pic_idx,
            is_key: descriptor.s == 1 && frame[0] & 1 == 0,
        }
    }
}
