//! STUN messages (RFC 8489 §5), read in place and without a copy.
//!
//! What stands behind the integrity does not exist (§14.5), and of an attribute that stands there
//! twice the first counts (§14): nobody on the way can add to what a client has proved.

use std::ops::Range;

use rtc_crypto::RTCCrypto;
use rtc_stun::message::Message;

/// Bytes of a header.
pub(crate) const HEADER: usize = 20;

/// Bytes of MESSAGE-INTEGRITY's value (RFC 8489 §14.5).
const INTEGRITY: usize = 20;

const COOKIE: u32 = 0x2112_a442;

pub(crate) const USERNAME: u16 = 0x0006;
pub(crate) const MESSAGE_INTEGRITY: u16 = 0x0008;
const FINGERPRINT: u16 = 0x8028;

/// A message that is well formed, but not proved authentic.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading<'message> {
    pub(crate) bytes: &'message [u8],
}

pub(crate) fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

impl<'message> Reading<'message> {
    /// Reads a message; `None` where it is not well formed.
    pub(crate) fn read(bytes: &'message [u8]) -> Option<Self> {
        let length = usize::from(be16(bytes, 2)?);
        let cookie = u32::from_be_bytes(*bytes.get(4..)?.first_chunk()?);
        if cookie != COOKIE || bytes.len() != HEADER + length || !length.is_multiple_of(4) {
            return None;
        }
        let reading = Self { bytes };
        let end = reading
            .attributes()
            .last()
            .map_or(HEADER, |(_, value)| value.end.next_multiple_of(4));
        (end == bytes.len()).then_some(reading)
    }

    /// Its method and class, as they stand there.
    pub(crate) fn kind(self) -> u16 {
        be16(self.bytes, 0).unwrap_or_default()
    }

    /// All attributes, and where their values are.
    fn attributes(self) -> impl Iterator<Item = (u16, Range<usize>)> {
        let mut at = HEADER;
        std::iter::from_fn(move || {
            let kind = be16(self.bytes, at)?;
            let start = at + 4;
            let end = start + usize::from(be16(self.bytes, at + 2)?);
            if end.next_multiple_of(4) > self.bytes.len() {
                return None;
            }
            at = end.next_multiple_of(4);
            Some((kind, start..end))
        })
    }

    /// The attributes that count: those before the integrity, and it.
    pub(crate) fn counting(self) -> impl Iterator<Item = (u16, Range<usize>)> {
        let mut is_over = false;
        self.attributes().take_while(move |(kind, _)| {
            let counts = !is_over;
            is_over |= *kind == MESSAGE_INTEGRITY;
            counts
        })
    }

    /// Where the value of the first attribute `kind` is.
    pub(crate) fn place(self, kind: u16) -> Option<Range<usize>> {
        self.counting()
            .find(|(of, _)| *of == kind)
            .map(|(_, value)| value)
    }

    /// The value of the first attribute `kind`.
    pub(crate) fn value(self, kind: u16) -> Option<&'message [u8]> {
        self.bytes.get(self.place(kind)?)
    }

    pub(crate) fn has(self, kind: u16) -> bool {
        self.place(kind).is_some()
    }

    /// The value of `kind` as text.
    pub(crate) fn text(self, kind: u16) -> Option<&'message str> {
        std::str::from_utf8(self.value(kind)?).ok()
    }

    pub(crate) fn transaction(self) -> [u8; 12] {
        let id = self.bytes.get(8..).and_then(|id| id.first_chunk());
        id.copied().unwrap_or_default()
    }

    /// Whether its integrity is that of `key` (RFC 8489 §14.5); no where it has none.
    pub(crate) fn is_authentic(self, key: &[u8], crypto: &dyn RTCCrypto) -> bool {
        let proved = || {
            let tag = self.place(MESSAGE_INTEGRITY)?;
            if tag.len() != INTEGRITY {
                return None;
            }
            let length = u16::try_from(tag.end - HEADER).ok()?.to_be_bytes();
            let before = self.bytes.get(4..tag.start - 4)?;
            let mut mac = crypto.new_hmac(rtc_crypto::HmacAlgorithm::Sha1, key).ok()?;
            mac.verify(
                &[self.bytes.get(..2)?, &length, before],
                self.bytes.get(tag)?,
            )
            .ok()
        };
        proved().is_some()
    }

    /// Whether its fingerprint, if it has one, is right.
    pub(crate) fn is_unharmed(self) -> bool {
        let Some((_, place)) = self.attributes().find(|(kind, _)| *kind == FINGERPRINT) else {
            return true;
        };
        let mut message = Message {
            raw: self.bytes.get(..place.end).unwrap_or_default().to_vec(),
            ..Message::default()
        };
        message.decode().is_ok() && rtc_stun::fingerprint::FINGERPRINT.check(&message).is_ok()
    }
}
