//! STUN messages as TURN uses them (RFC 8489 §5, RFC 8656 §§17, 18): read in place, without a copy.

use std::net::{IpAddr, SocketAddr};
use std::ops::Deref;

use rtc_stun::attributes::AttrType;
use rtc_stun::error_code::ErrorCode;
use rtc_stun::message::{Message, MessageClass, MessageType, Method, Setter as _, TransactionId};
use rtc_stun::xoraddr::XorMappedAddress;

use crate::stun::{self, HEADER, be16};
pub(super) use crate::stun::{MESSAGE_INTEGRITY, USERNAME};

pub(super) const CHANNEL_NUMBER: u16 = 0x000c;
pub(super) const LIFETIME: u16 = 0x000d;
pub(super) const XOR_PEER_ADDRESS: u16 = 0x0012;
pub(super) const DATA: u16 = 0x0013;
pub(super) const REALM: u16 = 0x0014;
pub(super) const NONCE: u16 = 0x0015;
pub(super) const REQUESTED_ADDRESS_FAMILY: u16 = 0x0017;
pub(super) const EVEN_PORT: u16 = 0x0018;
pub(super) const REQUESTED_TRANSPORT: u16 = 0x0019;
pub(super) const RESERVATION_TOKEN: u16 = 0x0022;

/// What must be understood and is (RFC 8489 §14). DONT-FRAGMENT is not: nothing is sent from the
/// relayed address that could carry the bit, and RFC 8656 §7.2 wants that said.
const UNDERSTOOD: [u16; 12] = [
    USERNAME,
    MESSAGE_INTEGRITY,
    CHANNEL_NUMBER,
    LIFETIME,
    XOR_PEER_ADDRESS,
    DATA,
    REALM,
    NONCE,
    REQUESTED_ADDRESS_FAMILY,
    EVEN_PORT,
    REQUESTED_TRANSPORT,
    RESERVATION_TOKEN,
];

/// What a client asks of the relay.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Asked {
    Allocate,
    Refresh,
    CreatePermission,
    ChannelBind,
    /// An indication: it gets no answer.
    Send,
}

impl Asked {
    /// What the message type `value` asks; `None` for what is not asked of a relay.
    const fn of(value: u16) -> Option<Self> {
        Some(match value {
            0x0003 => Self::Allocate,
            0x0004 => Self::Refresh,
            0x0008 => Self::CreatePermission,
            0x0009 => Self::ChannelBind,
            0x0016 => Self::Send,
            _ => return None,
        })
    }

    const fn method(self) -> Method {
        match self {
            Self::Allocate => rtc_stun::message::METHOD_ALLOCATE,
            Self::Refresh => rtc_stun::message::METHOD_REFRESH,
            Self::CreatePermission => rtc_stun::message::METHOD_CREATE_PERMISSION,
            Self::ChannelBind => rtc_stun::message::METHOD_CHANNEL_BIND,
            Self::Send => rtc_stun::message::METHOD_SEND,
        }
    }
}

/// A message to the relay, read and well formed, but not proved authentic.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading<'message> {
    pub(super) asked: Asked,
    stun: stun::Reading<'message>,
}

impl<'message> Deref for Reading<'message> {
    type Target = stun::Reading<'message>;

    fn deref(&self) -> &Self::Target {
        &self.stun
    }
}

/// Whether a datagram asks something of a relay, or is data for one (RFC 7983 §7).
pub(crate) fn is_turn(datagram: &[u8]) -> bool {
    match datagram.first() {
        Some(0) => be16(datagram, 0).and_then(Asked::of).is_some(),
        Some(0x40..=0x7f) => true,
        _ => false,
    }
}

impl<'message> Reading<'message> {
    /// Reads a message; `None` where it is not well formed, or asks nothing of a relay.
    pub(super) fn read(bytes: &'message [u8]) -> Option<Self> {
        let asked = Asked::of(be16(bytes, 0)?)?;
        let stun = stun::Reading::read(bytes)?;
        Some(Self { asked, stun })
    }

    /// What must be understood and is not.
    pub(super) fn unknown(self) -> Vec<u16> {
        let mut unknown: Vec<u16> = self
            .counting()
            .map(|(kind, _)| kind)
            .filter(|kind| *kind < 0x8000 && !UNDERSTOOD.contains(kind))
            .collect();
        unknown.sort_unstable();
        unknown.dedup();
        unknown.truncate(8);
        unknown
    }

    /// Every peer address, `None` for one that cannot be read.
    pub(super) fn peers(self) -> impl Iterator<Item = Option<SocketAddr>> {
        self.counting()
            .filter(|(kind, _)| *kind == XOR_PEER_ADDRESS)
            .map(move |(_, value)| self.address(self.bytes.get(value)?))
    }

    /// An XOR-…-ADDRESS (RFC 8489 §14.2), exactly as it is written: no form of one address is
    /// taken for another.
    fn address(self, value: &[u8]) -> Option<SocketAddr> {
        let mask: [u8; 16] = *self.bytes.get(4..)?.first_chunk()?;
        let port = be16(value, 2)? ^ 0x2112;
        let ip: IpAddr = match (value.get(1)?, value.get(4..)?.len()) {
            (1, 4) => {
                let mut ip: [u8; 4] = *value.get(4..)?.first_chunk()?;
                ip.iter_mut()
                    .zip(mask)
                    .for_each(|(byte, mask)| *byte ^= mask);
                ip.into()
            }
            (2, 16) => {
                let mut ip: [u8; 16] = *value.get(4..)?.first_chunk()?;
                ip.iter_mut()
                    .zip(mask)
                    .for_each(|(byte, mask)| *byte ^= mask);
                ip.into()
            }
            _ => return None,
        };
        Some(SocketAddr::new(ip, port))
    }
}

/// An answer on its way.
pub(super) struct Answer {
    message: Message,
}

impl Answer {
    /// The answer of `class` to `asked`.
    pub(super) fn to(reading: Reading<'_>, class: MessageClass) -> Self {
        let mut message = Message::new();
        message.set_type(MessageType::new(reading.asked.method(), class));
        message.transaction_id = TransactionId(reading.transaction());
        message.write_header();
        Self { message }
    }

    /// A refusal. Its phrase is empty: nobody reads it, and answers to strangers are to be short.
    pub(super) fn refusal(reading: Reading<'_>, code: ErrorCode) -> Self {
        let (hundreds, rest) = (code.0 / 100, code.0 % 100);
        let mut answer = Self::to(reading, rtc_stun::message::CLASS_ERROR_RESPONSE);
        let digits = [0, 0, byte(hundreds), byte(rest)];
        answer
            .message
            .add(rtc_stun::attributes::ATTR_ERROR_CODE, &digits);
        answer
    }

    pub(super) fn with(mut self, kind: u16, value: &[u8]) -> Self {
        self.message.add(AttrType(kind), value);
        self
    }

    pub(super) fn with_address(mut self, kind: AttrType, address: SocketAddr) -> Self {
        let value = XorMappedAddress {
            ip: address.ip(),
            port: address.port(),
        };
        value
            .add_to_as(&mut self.message, kind)
            .expect("every address can be written");
        self
    }

    /// The answer as bytes, for whom `integrity` proves it where it is given.
    pub(super) fn finish(
        mut self,
        integrity: Option<rtc_stun::integrity::MessageIntegrity<'_>>,
    ) -> Vec<u8> {
        if let Some(integrity) = integrity {
            integrity
                .add_to(&mut self.message)
                .expect("nothing stands behind it");
        }
        self.message.raw
    }
}

fn byte(value: u16) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}

/// The head of a Data indication (RFC 8656 §11.6) that brings `length` bytes from `peer`; the
/// bytes, filled up to a multiple of four, follow it.
pub(super) fn data_head(peer: SocketAddr, length: usize) -> Option<Vec<u8>> {
    let mut message = Message::new();
    message.set_type(MessageType::new(
        rtc_stun::message::METHOD_DATA,
        rtc_stun::message::CLASS_INDICATION,
    ));
    message.transaction_id = TransactionId::new();
    message.write_header();
    let value = XorMappedAddress {
        ip: peer.ip(),
        port: peer.port(),
    };
    value
        .add_to_as(&mut message, rtc_stun::attributes::ATTR_XOR_PEER_ADDRESS)
        .ok()?;
    let mut raw = message.raw;
    raw.extend_from_slice(&DATA.to_be_bytes());
    raw.extend_from_slice(&u16::try_from(length).ok()?.to_be_bytes());
    let whole = u16::try_from(raw.len() - HEADER + length.next_multiple_of(4)).ok()?;
    raw.get_mut(2..4)?.copy_from_slice(&whole.to_be_bytes());
    Some(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5769 §2.4, the sample request with long-term authentication.
    pub(super) const SAMPLE: [u8; 116] = [
        0x00, 0x01, 0x00, 0x60, 0x21, 0x12, 0xa4, 0x42, 0x78, 0xad, 0x34, 0x33, 0xc6, 0xad, 0x72,
        0xc0, 0x29, 0xda, 0x41, 0x2e, 0x00, 0x06, 0x00, 0x12, 0xe3, 0x83, 0x9e, 0xe3, 0x83, 0x88,
        0xe3, 0x83, 0xaa, 0xe3, 0x83, 0x83, 0xe3, 0x82, 0xaf, 0xe3, 0x82, 0xb9, 0x00, 0x00, 0x00,
        0x15, 0x00, 0x1c, 0x66, 0x2f, 0x2f, 0x34, 0x39, 0x39, 0x6b, 0x39, 0x35, 0x34, 0x64, 0x36,
        0x4f, 0x4c, 0x33, 0x34, 0x6f, 0x4c, 0x39, 0x46, 0x53, 0x54, 0x76, 0x79, 0x36, 0x34, 0x73,
        0x41, 0x00, 0x14, 0x00, 0x0b, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x2e, 0x6f, 0x72,
        0x67, 0x00, 0x00, 0x08, 0x00, 0x14, 0xf6, 0x70, 0x24, 0x65, 0x6d, 0xd6, 0x4a, 0x3e, 0x02,
        0xb8, 0xe0, 0x71, 0x2e, 0x85, 0xc9, 0xa2, 0x8c, 0xa8, 0x96, 0x66,
    ];

    fn reading(bytes: &[u8]) -> Reading<'_> {
        Reading {
            asked: Asked::Allocate,
            stun: stun::Reading::read(bytes).expect("well formed"),
        }
    }

    #[test]
    fn the_sample_request_is_authentic_by_its_long_term_key() {
        use rtc_crypto::RTCCryptoProvider as _;
        use rtc_stun::integrity::MessageIntegrity;
        let crypto = rtc_crypto::providers::AwsLcRsProvider::new();
        let sample = reading(&SAMPLE);
        assert_eq!(
            sample.text(USERNAME),
            Some("\u{30de}\u{30c8}\u{30ea}\u{30c3}\u{30af}\u{30b9}")
        );
        assert_eq!(sample.text(NONCE), Some("f//499k954d6OL34oL9FSTvy64sA"));
        assert_eq!(sample.text(REALM), Some("example.org"));
        let key = MessageIntegrity::long_term_integrity_key(
            sample.text(USERNAME).expect("there").to_owned(),
            "example.org".to_owned(),
            "TheMatrIX".to_owned(),
            crypto.crypto(),
        )
        .expect("MD5 is built in");
        assert!(sample.is_authentic(&key, crypto.crypto()));
        let mut forged = SAMPLE;
        forged[30] ^= 1;
        assert!(!reading(&forged).is_authentic(&key, crypto.crypto()));
    }

    #[test]
    fn what_is_cut_or_says_a_wrong_length_is_not_read() {
        let mut request = SAMPLE;
        request[1] = 3;
        assert!(Reading::read(&request).is_some());
        for end in 0..request.len() {
            assert!(Reading::read(&request[..end]).is_none(), "cut at {end}");
        }
        for at in [3, 4, 5, 6, 7, 23] {
            let mut wrong = request;
            wrong[at] ^= 0x11;
            assert!(Reading::read(&wrong).is_none(), "byte {at}");
        }
    }

    #[test]
    fn what_stands_behind_the_integrity_does_not_count() {
        let mut request = SAMPLE.to_vec();
        request[1] = 3;
        request.extend([0, 0x0d, 0, 4, 0, 0, 0, 9]);
        request[3] += 8;
        let reading = Reading::read(&request).expect("well formed");
        assert!(!reading.has(LIFETIME));
        assert_eq!(reading.unknown(), [0u16; 0]);
    }
}
