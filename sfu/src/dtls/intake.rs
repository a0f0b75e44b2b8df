//! What of a peer's DTLS records reaches the library: the messages of one handshake, whole, in
//! their order, each once, and after them the records that end it.
//!
//! `rtc-dtls` 0.21.1 assembles fragments by recursion, keeps every fragment and every record of the
//! next epoch that it is sent, and believes alerts that anybody can write. So it sees no fragment,
//! no record ahead of its time and no alert: what a peer can make this side keep is bounded here,
//! in bytes and in count, and all work is linear in what came.

/// Content types of records (RFC 5246 §6.2.1).
const CHANGE_CIPHER_SPEC: u8 = 20;
const HANDSHAKE: u8 = 22;

/// The types of the messages that a client sends (RFC 5246 §7.4), but for the last, which is
/// encrypted.
const CLIENT_HELLO: u8 = 1;
const CERTIFICATE: u8 = 11;
const CERTIFICATE_VERIFY: u8 = 15;
const CLIENT_KEY_EXCHANGE: u8 = 16;

/// Bytes of a record's header (RFC 6347 §4.1) and of a handshake message's (§4.2.2).
const RECORD_HEADER: usize = 13;
const MESSAGE_HEADER: usize = 12;

/// DTLS 1.2 on the wire; hellos may come as 1.0.
const VERSION: [u8; 2] = [0xfe, 0xfd];
const VERSION_OF_HELLO: [u8; 2] = [0xfe, 0xff];

/// The longest message, bytes: a chain of RSA certificates is a third of it.
const LONGEST_MESSAGE: usize = 16 * 1_024;

/// How far ahead of the next message one may be that is kept.
const AHEAD: usize = 4;

/// How many bytes all that is kept of messages may have, whole or not.
const MOST_KEPT: usize = 24 * 1_024;

/// How many records of the next epoch are kept while it has not begun, and how long each may be:
/// there is one in a flight, of some fifty bytes, and it may come again before the flight is whole.
const MOST_SEALED: usize = 4;
const LONGEST_SEALED: usize = 256;

/// How many records may come until keys are agreed. A client that cuts its flight into twenty and
/// repeats it for half a minute sends half as many.
const MOST_RECORDS: u16 = 1_024;

/// More records came than any handshake has.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct TooMany;

/// A message of which parts have come.
#[derive(Debug)]
struct Partial {
    kind: u8,
    bytes: Vec<u8>,
    /// Which of them have come.
    has: Vec<bool>,
    missing: usize,
}

/// A fragment of a message (RFC 6347 §4.2.3).
struct Fragment<'record> {
    kind: u8,
    /// Of the whole message, bytes.
    length: usize,
    number: u16,
    offset: usize,
    bytes: &'record [u8],
}

/// One record.
struct Record<'datagram> {
    kind: u8,
    epoch: u16,
    whole: &'datagram [u8],
    content: &'datagram [u8],
}

/// How far the client's side of the handshake has been handed on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stage {
    /// Nothing, or a hello; a second one has the cookie.
    Hello {
        came: u8,
    },
    Certificate,
    KeyExchange,
    /// All messages in the clear.
    Verified,
    /// What comes now is encrypted.
    Changed,
}

/// The records of one handshake on their way to the library.
#[derive(Debug)]
pub(super) struct Intake {
    stage: Stage,
    /// The number of the message to be handed on next.
    next: u16,
    /// That message and those after it.
    partial: [Option<Partial>; AHEAD],
    /// The change of ciphers came before its time.
    change_waits: bool,
    sealed: Vec<Vec<u8>>,
    records_left: u16,
    /// The number of the next record in the clear that is handed on.
    record: u64,
}

impl Intake {
    pub(super) const fn new() -> Self {
        Self {
            stage: Stage::Hello { came: 0 },
            next: 0,
            partial: [const { None }; AHEAD],
            change_waits: false,
            sealed: Vec::new(),
            records_left: MOST_RECORDS,
            record: 0,
        }
    }

    /// Takes a datagram; gives the records to hand on now, as one datagram, which may be empty.
    ///
    /// # Errors
    ///
    /// [`TooMany`] where more has come than any handshake has.
    pub(super) fn take(&mut self, datagram: &[u8]) -> Result<Vec<u8>, TooMany> {
        let mut out = Vec::new();
        let mut rest = datagram;
        while let Some((record, behind)) = Record::read(rest) {
            rest = behind;
            self.records_left = self.records_left.checked_sub(1).ok_or(TooMany)?;
            match (record.epoch, record.kind) {
                (0, HANDSHAKE) => self.take_fragments(record.content),
                (0, CHANGE_CIPHER_SPEC) if record.content == [1] => self.change_waits = true,
                (1, HANDSHAKE)
                    if record.content.len() <= LONGEST_SEALED
                        && self.sealed.len() < MOST_SEALED =>
                {
                    self.sealed.push(record.whole.to_vec());
                }
                // Alerts in the clear are anybody's; nothing else belongs to a handshake.
                _ => {}
            }
            self.hand_on(&mut out);
        }
        Ok(out)
    }

    fn take_fragments(&mut self, mut content: &[u8]) {
        while let Some((fragment, behind)) = Fragment::read(content) {
            content = behind;
            self.keep(&fragment);
        }
    }

    fn keep(&mut self, fragment: &Fragment<'_>) {
        // What was handed on already lies far ahead by this subtraction.
        let ahead = usize::from(fragment.number.wrapping_sub(self.next));
        let kept: usize = self
            .partial
            .iter()
            .flatten()
            .map(|partial| partial.bytes.len())
            .sum();
        let Some(place) = self.partial.get_mut(ahead) else {
            return;
        };
        if place.is_none() {
            if kept + fragment.length > MOST_KEPT {
                return;
            }
            *place = Some(Partial::new(fragment.kind, fragment.length));
        }
        if let Some(partial) = place
            && partial.kind == fragment.kind
            && partial.bytes.len() == fragment.length
        {
            partial.fill(fragment);
        }
    }

    /// Appends to `out` what its turn has come for.
    fn hand_on(&mut self, out: &mut Vec<u8>) {
        while let Some(message) = self.partial[0].take_if(|partial| partial.missing == 0) {
            let Some(stage) = self.stage.after(message.kind) else {
                // Not what comes now: another message under its number may be.
                return;
            };
            self.stage = stage;
            self.write(HANDSHAKE, &message.whole(self.next), out);
            self.next = self.next.wrapping_add(1);
            self.partial.rotate_left(1);
        }
        if self.stage == Stage::Verified && self.change_waits {
            self.stage = Stage::Changed;
            self.write(CHANGE_CIPHER_SPEC, &[1], out);
        }
        if self.stage == Stage::Changed {
            for record in self.sealed.drain(..) {
                out.extend_from_slice(&record);
            }
        }
    }

    /// Writes a record in the clear, under a number of this side's own: the client's may be those
    /// of fragments.
    fn write(&mut self, kind: u8, content: &[u8], out: &mut Vec<u8>) {
        out.push(kind);
        out.extend_from_slice(&VERSION);
        out.extend_from_slice(&self.record.to_be_bytes());
        self.record += 1;
        let length = u16::try_from(content.len()).expect("a message is shorter than a record");
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(content);
    }
}

impl Stage {
    /// The stage that a message of this type leads to, where it comes now.
    const fn after(self, kind: u8) -> Option<Self> {
        match (self, kind) {
            (Self::Hello { came: came @ 0..=1 }, CLIENT_HELLO) => {
                Some(Self::Hello { came: came + 1 })
            }
            (Self::Hello { came: 1.. }, CERTIFICATE) => Some(Self::Certificate),
            (Self::Certificate, CLIENT_KEY_EXCHANGE) => Some(Self::KeyExchange),
            (Self::KeyExchange, CERTIFICATE_VERIFY) => Some(Self::Verified),
            (
                Self::Hello { .. }
                | Self::Certificate
                | Self::KeyExchange
                | Self::Verified
                | Self::Changed,
                _,
            ) => None,
        }
    }
}

impl Partial {
    fn new(kind: u8, length: usize) -> Self {
        Self {
            kind,
            bytes: vec![0; length],
            has: vec![false; length],
            missing: length,
        }
    }

    fn fill(&mut self, fragment: &Fragment<'_>) {
        let at = fragment.offset..fragment.offset + fragment.bytes.len();
        let (Some(bytes), Some(has)) = (self.bytes.get_mut(at.clone()), self.has.get_mut(at))
        else {
            return;
        };
        for ((byte, has), new) in bytes.iter_mut().zip(has).zip(fragment.bytes) {
            // What came first stays: a repetition says the same.
            if !*has {
                *has = true;
                *byte = *new;
                self.missing -= 1;
            }
        }
    }

    /// The message as one fragment.
    fn whole(&self, number: u16) -> Vec<u8> {
        let length = u32::try_from(self.bytes.len()).unwrap_or_default();
        let [_, length @ ..] = length.to_be_bytes();
        let mut whole = Vec::with_capacity(MESSAGE_HEADER + self.bytes.len());
        whole.push(self.kind);
        whole.extend_from_slice(&length);
        whole.extend_from_slice(&number.to_be_bytes());
        whole.extend_from_slice(&[0, 0, 0]);
        whole.extend_from_slice(&length);
        whole.extend_from_slice(&self.bytes);
        whole
    }
}

impl<'record> Fragment<'record> {
    /// The fragment that `content` begins with, and what stands behind it; `None` where it is none,
    /// or does not lie within its message.
    fn read(content: &'record [u8]) -> Option<(Self, &'record [u8])> {
        let (head, rest) = content.split_first_chunk::<MESSAGE_HEADER>()?;
        let three = |at: usize| {
            let bytes = head.get(at..at + 3).unwrap_or_default();
            bytes
                .iter()
                .fold(0, |all, byte| all << 8 | usize::from(*byte))
        };
        let (length, offset) = (three(1), three(6));
        let (bytes, behind) = rest.split_at_checked(three(9))?;
        // An empty fragment says nothing: no message of a client's is empty.
        if length > LONGEST_MESSAGE || bytes.is_empty() || offset + bytes.len() > length {
            return None;
        }
        let fragment = Self {
            kind: head[0],
            length,
            number: u16::from_be_bytes([head[4], head[5]]),
            offset,
            bytes,
        };
        Some((fragment, behind))
    }
}

impl<'datagram> Record<'datagram> {
    /// The record that `datagram` begins with, and what stands behind it.
    fn read(datagram: &'datagram [u8]) -> Option<(Self, &'datagram [u8])> {
        let (head, rest) = datagram.split_first_chunk::<RECORD_HEADER>()?;
        let length = usize::from(u16::from_be_bytes([head[11], head[12]]));
        let (content, behind) = rest.split_at_checked(length)?;
        let version = [head[1], head[2]];
        if version != VERSION && version != VERSION_OF_HELLO {
            return None;
        }
        let record = Self {
            kind: head[0],
            epoch: u16::from_be_bytes([head[3], head[4]]),
            whole: datagram.get(..RECORD_HEADER + length)?,
            content,
        };
        Some((record, behind))
    }
}

#[cfg(test)]
mod tests;
