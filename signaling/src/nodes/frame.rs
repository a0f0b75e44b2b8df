//! What two nodes say to each other: frames of many sockets on one stream.

use axum::extract::ws::Utf8Bytes;
use bytes::Bytes;

/// The number of a socket on its stream, and what the frame is.
const HEAD: usize = 5;

/// The longest text that goes over a stream: four times what a browser may say, since what a server says of many people
/// is longer.
pub(super) const LONGEST_TEXT: usize = 4 * wire::MAX_MESSAGE;

/// The longest frame: such a text, and its head.
pub(super) const LONGEST: usize = LONGEST_TEXT + HEAD;

/// How a socket ended whose page was closed (RFC 6455 §7.4.1).
pub(super) const PAGE_CLOSED: u16 = 1001;

/// How a socket ended that was lost (RFC 6455 §7.4.1).
pub(super) const LOST: u16 = 1006;

/// How a socket ended to which nothing was said, because the meeting is another node's: the one that carries it looks
/// anew. It is never said to a browser.
pub(crate) const ELSEWHERE: u16 = 4999;

/// One frame, of one socket.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Frame {
    /// A browser has come, and said this first.
    Open(u32, Utf8Bytes),
    /// A question of the node itself, which is answered by one message.
    Ask(u32, Utf8Bytes),
    /// What was said, to the browser or by it.
    Said(u32, Utf8Bytes),
    /// So much more may be said.
    Credit(u32, u8),
    /// It has ended: by this code.
    Closed(u32, u16),
}

impl Frame {
    pub(super) fn write(&self) -> Bytes {
        let (number, kind, rest): (u32, u8, &[u8]) = match self {
            Self::Open(number, said) => (*number, 0, said.as_bytes()),
            Self::Said(number, said) => (*number, 1, said.as_bytes()),
            Self::Credit(number, more) => (*number, 2, &[*more]),
            Self::Closed(number, code) => (*number, 3, &code.to_be_bytes()),
            Self::Ask(number, said) => (*number, 4, said.as_bytes()),
        };
        let mut bytes = Vec::with_capacity(HEAD + rest.len());
        bytes.extend_from_slice(&number.to_be_bytes());
        bytes.push(kind);
        bytes.extend_from_slice(rest);
        bytes.into()
    }

    /// None where it is no frame.
    pub(super) fn read(bytes: &Bytes) -> Option<Self> {
        let (head, _) = bytes.split_first_chunk::<HEAD>()?;
        let [a, b, c, d, kind] = *head;
        let number = u32::from_be_bytes([a, b, c, d]);
        let rest = bytes.slice(HEAD..);
        Some(match kind {
            0 => Self::Open(number, Utf8Bytes::try_from(rest).ok()?),
            1 => Self::Said(number, Utf8Bytes::try_from(rest).ok()?),
            2 => match *rest {
                [more] => Self::Credit(number, more),
                _ => return None,
            },
            3 => Self::Closed(
                number,
                u16::from_be_bytes(<[u8; 2]>::try_from(&*rest).ok()?),
            ),
            4 => Self::Ask(number, Utf8Bytes::try_from(rest).ok()?),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let said = Utf8Bytes::from_static("{\"type\":\"ping\",\"n\":1}");
        for frame in [
            Frame::Open(7, said.clone()),
            Frame::Ask(8, said.clone()),
            Frame::Said(u32::MAX, said),
            Frame::Said(0, Utf8Bytes::default()),
            Frame::Credit(1, 8),
            Frame::Closed(2, LOST),
        ] {
            assert_eq!(Frame::read(&frame.write()), Some(frame));
        }
    }

    #[test]
    fn what_is_no_frame_is_none() {
        for wrong in [
            &b""[..],
            b"\0\0\0\x01",
            b"\0\0\0\x01\x05",
            b"\0\0\0\x01\x01\xff",
            b"\0\0\0\x01\x02",
            b"\0\0\0\x01\x02\x01\x01",
            b"\0\0\0\x01\x03\x01",
            b"\0\0\0\x01\x03\x01\x01\x01",
        ] {
            assert_eq!(Frame::read(&Bytes::from_static(wrong)), None, "{wrong:?}");
        }
    }
}
