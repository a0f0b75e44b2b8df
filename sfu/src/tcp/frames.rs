//! Datagrams in a TCP stream: behind their length (RFC 4571), as ICE sends them, or as they are,
//! as clients of a relay send theirs (RFC 8656 §§3.1, 12.5).

/// The longest datagram taken: what fits a path's MTU. A longer one ends the connection.
pub(super) const LONGEST: usize = 1_500;

/// Bytes of the length before a datagram.
const LENGTH: usize = 2;

/// The magic cookie of STUN (RFC 8489 §5).
const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];

/// How many bytes tell what a stream carries.
const TELLING: usize = 10;

/// How datagrams stand in a stream.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Framing {
    /// Each behind its length (RFC 4571 §2).
    Length,
    /// Messages of STUN, and data of channels filled up to a multiple of four bytes.
    Turn,
}

/// What the first bytes of a stream say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Recognised {
    /// Too few to say.
    NotYet,
    /// Datagrams stand in it so.
    As(Framing),
    /// Nothing that is spoken here: whoever begins speaks STUN first.
    Foreign,
}

/// What stands at the beginning of some bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Next {
    /// Part of a datagram, or nothing.
    Part,
    /// A datagram: where it begins, where it ends, and where the next begins.
    Whole {
        start: usize,
        end: usize,
        next: usize,
    },
    /// No datagram that is taken here.
    Broken,
}

/// Tells how datagrams stand in a stream that begins with `bytes`.
pub(super) fn recognise(bytes: &[u8]) -> Recognised {
    if bytes.len() < TELLING {
        return Recognised::NotYet;
    }
    if bytes.get(4..8) == Some(&COOKIE) {
        Recognised::As(Framing::Turn)
    } else if bytes.get(6..10) == Some(&COOKIE) {
        Recognised::As(Framing::Length)
    } else {
        Recognised::Foreign
    }
}

/// A message of STUN, or data of a channel.
fn next_of_turn(bytes: &[u8]) -> Next {
    let Some((&[kind, _, high, low], _)) = bytes.split_first_chunk::<4>() else {
        return Next::Part;
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    let end = match kind {
        0..=0x3f if length.is_multiple_of(4) => length + 20,
        0x40..=0x7f => length + 4,
        _ => return Next::Broken,
    };
    if end > LONGEST {
        Next::Broken
    } else if bytes.len() < end.next_multiple_of(4) {
        Next::Part
    } else {
        Next::Whole {
            start: 0,
            end,
            next: end.next_multiple_of(4),
        }
    }
}

impl Framing {
    /// What `bytes` begin with.
    pub(super) fn next(self, bytes: &[u8]) -> Next {
        match self {
            Self::Length => {
                let Some((length, _)) = bytes.split_first_chunk::<LENGTH>() else {
                    return Next::Part;
                };
                let end = LENGTH + usize::from(u16::from_be_bytes(*length));
                if end > LENGTH + LONGEST {
                    Next::Broken
                } else if bytes.len() < end {
                    Next::Part
                } else {
                    Next::Whole {
                        start: LENGTH,
                        end,
                        next: end,
                    }
                }
            }
            Self::Turn => next_of_turn(bytes),
        }
    }

    /// Appends `datagram` to what a stream is to carry. One that is too long for its frame is
    /// dropped: none is made here.
    pub(super) fn write(self, datagram: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Length => {
                if let Ok(length) = u16::try_from(datagram.len()) {
                    out.extend_from_slice(&length.to_be_bytes());
                    out.extend_from_slice(datagram);
                }
            }
            // It is filled up already.
            Self::Turn => out.extend_from_slice(datagram),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first bytes of a connectivity check, behind its length.
    const CHECK: [u8; 12] = [0, 100, 0, 1, 0, 80, 0x21, 0x12, 0xa4, 0x42, 1, 2];

    #[test]
    fn a_stream_is_known_by_its_first_bytes() {
        for cut in 0..10 {
            assert_eq!(recognise(&CHECK[..cut]), Recognised::NotYet);
        }
        assert_eq!(recognise(&CHECK), Recognised::As(Framing::Length));
        assert_eq!(recognise(b"GET / HTTP/1.1\r\n"), Recognised::Foreign);
        assert_eq!(
            recognise(&[22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]),
            Recognised::Foreign
        );
    }

    #[test]
    fn what_is_written_is_read_however_it_is_cut() {
        let datagrams: [&[u8]; 4] = [&[7; 1_500], &[], &[1], &[2; 3]];
        let mut stream = Vec::new();
        for datagram in datagrams {
            Framing::Length.write(datagram, &mut stream);
        }
        let mut at = 0;
        for datagram in datagrams {
            let rest = &stream[at..];
            let needed = LENGTH + datagram.len();
            for cut in 0..needed {
                assert_eq!(Framing::Length.next(&rest[..cut]), Next::Part);
            }
            let Next::Whole { start, end, next } = Framing::Length.next(rest) else {
                panic!("a whole datagram stands there");
            };
            assert_eq!(&rest[start..end], datagram);
            at += next;
        }
        assert_eq!(at, stream.len());
    }

    #[test]
    fn messages_of_a_relay_and_data_of_channels_stand_side_by_side() {
        let mut stream = vec![0, 3, 0, 8, 0x21, 0x12, 0xa4, 0x42];
        stream.resize(28, 1);
        assert_eq!(recognise(&stream), Recognised::As(Framing::Turn));
        stream.extend([0x40, 1, 0, 5, 9, 9, 9, 9, 9, 0, 0, 0]);
        let whole = |start, end, next| Next::Whole { start, end, next };
        assert_eq!(Framing::Turn.next(&stream), whole(0, 28, 28));
        assert_eq!(Framing::Turn.next(&stream[28..]), whole(0, 9, 12));
        assert_eq!(Framing::Turn.next(&stream[28..39]), Next::Part);
        assert_eq!(Framing::Turn.next(&stream[..27]), Next::Part);
        for broken in [
            [0, 3, 0, 9],
            [0x80, 0, 0, 0],
            [0x40, 1, 0x05, 0xd9],
            [0, 3, 0x05, 0xdc],
        ] {
            assert_eq!(Framing::Turn.next(&broken), Next::Broken);
        }
    }

    #[test]
    fn a_datagram_that_is_too_long_breaks_the_stream_at_once() {
        assert_eq!(Framing::Length.next(&[0x05, 0xdd]), Next::Broken);
        assert_eq!(Framing::Length.next(&[0xff, 0xff, 0]), Next::Broken);
    }
}
