//! Datagrams as anybody on the way sees them.

/// What kind of datagram it is (RFC 7983 §7, RFC 5761 §4).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Datagram {
    Stun,
    Dtls,
    Rtp { ssrc: u32, sequence: u16 },
    Rtcp,
    Other,
}

impl Datagram {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        match bytes {
            [0..=3, ..] => Self::Stun,
            [20..=63, ..] => Self::Dtls,
            [128..=191, 192..=223, ..] => Self::Rtcp,
            [128..=191, _, high, low, _, _, _, _, a, b, c, d, ..] => Self::Rtp {
                ssrc: u32::from_be_bytes([*a, *b, *c, *d]),
                sequence: u16::from_be_bytes([*high, *low]),
            },
            _ => Self::Other,
        }
    }

    /// Whether it carries media or reports of it.
    pub(crate) const fn is_media(self) -> bool {
        matches!(self, Self::Rtp { .. } | Self::Rtcp)
    }
}
