//! What one turn of the loop sends: an arena of datagrams, each receiver's cut into runs for the
//! kernel to segment.

use std::net::SocketAddr;
use std::ops::Range;

use super::Port;
use super::batch::{self, Message};
use crate::path::Path;

/// The most datagrams in one run (`UDP_MAX_SEGMENTS`).
const MOST_SEGMENTS: usize = 64;

/// The most bytes in one run: what fits a UDP length.
const LONGEST_RUN: usize = 65_000;

/// From how many bytes on they are better sent before more is taken in. What is gathered once stays in memory, and
/// whoever stood still for a while has much to forward.
const LARGE: usize = 256 * 1024;

#[derive(Clone, Copy, Debug)]
struct Datagram {
    /// Datagrams of one receiver share this.
    receiver: u32,
    to: SocketAddr,
    start: usize,
    length: usize,
}

/// A datagram that does not leave by UDP, or not as it is.
#[derive(Clone, Debug)]
pub(crate) struct Detour {
    pub(crate) receiver: u32,
    pub(crate) to: Path,
    /// Where it stands in the arena.
    pub(crate) at: Range<usize>,
}

/// The datagrams of one turn.
#[derive(Debug)]
pub(crate) struct Outbox {
    arena: Vec<u8>,
    ordered: Vec<u8>,
    datagrams: Vec<Datagram>,
    detours: Vec<Detour>,
    messages: Vec<Message>,
    segmenting: bool,
    /// Datagrams dropped because the kernel had no room for them.
    pub(crate) dropped: u64,
    /// Datagrams handed to the kernel.
    pub(crate) sent: u64,
}

impl Outbox {
    pub(crate) fn new() -> Self {
        Self {
            arena: Vec::with_capacity(LARGE),
            ordered: Vec::with_capacity(LARGE),
            datagrams: Vec::with_capacity(1_024),
            detours: Vec::new(),
            messages: Vec::with_capacity(1_024),
            segmenting: true,
            dropped: 0,
            sent: 0,
        }
    }

    /// Where the next datagram is to be written; what is appended becomes one by
    /// [`Outbox::commit`].
    pub(crate) const fn arena(&mut self) -> &mut Vec<u8> {
        &mut self.arena
    }

    /// Makes all that was appended from `start` on a datagram for `receiver` at `to`.
    pub(crate) fn commit(&mut self, receiver: u32, to: impl Into<Path>, start: usize) {
        let end = self.arena.len();
        match to.into() {
            Path::Udp(to) => self.datagrams.push(Datagram {
                receiver,
                to,
                start,
                length: end - start,
            }),
            to @ (Path::Stream { .. } | Path::Relay { .. }) => self.detours.push(Detour {
                receiver,
                to,
                at: start..end,
            }),
        }
    }

    /// Appends `bytes` as one datagram.
    pub(crate) fn push(&mut self, receiver: u32, to: impl Into<Path>, bytes: &[u8]) {
        let start = self.arena.len();
        self.arena.extend_from_slice(bytes);
        self.commit(receiver, to, start);
    }

    /// Takes out what does not leave by UDP as it is; it stands in the arena until
    /// [`Outbox::flush`].
    pub(crate) fn detours(&mut self) -> Vec<Detour> {
        std::mem::take(&mut self.detours)
    }

    /// Takes everything out again unsent, in the order it was put in: `take` gets each datagram.
    pub(crate) fn divert(&mut self, mut take: impl FnMut(&[u8])) {
        for datagram in self.datagrams.drain(..) {
            let bytes = self
                .arena
                .get(datagram.start..datagram.start + datagram.length);
            take(bytes.unwrap_or_default());
        }
        self.arena.clear();
    }

    /// Whether so much waits that it is to be sent before more is taken in.
    pub(crate) const fn is_large(&self) -> bool {
        self.arena.len() >= LARGE
    }

    /// Drops everything.
    pub(crate) fn discard(&mut self) {
        self.arena.clear();
        self.datagrams.clear();
        self.detours.clear();
    }

    /// Sends everything. What the kernel has no room for is dropped and counted: a packet later is
    /// worse than a packet lost.
    pub(crate) fn flush(&mut self, port: &Port) {
        if self.datagrams.is_empty() {
            self.discard();
            return;
        }
        self.gather(port.v6);
        self.sent += self.datagrams.len() as u64;
        let mut from = 0;
        while from < self.messages.len() {
            let (sent, error) = batch::send(
                &port.socket,
                &self.ordered,
                self.messages.get(from..).unwrap_or_default(),
            );
            from += sent;
            let Some(error) = error else { break };
            let refused = self.messages.get(from).copied();
            if let Some(Message {
                segment: Some(_), ..
            }) = refused
                && matches!(error.raw_os_error(), Some(libc::EIO | libc::EINVAL))
            {
                // This network device cannot segment: go on one by one.
                self.segmenting = false;
                self.unsegment(from);
                continue;
            }
            self.dropped += 1;
            from += 1;
        }
        self.discard();
    }

    /// Puts each receiver's datagrams side by side, in their order, and cuts them into messages.
    fn gather(&mut self, v6: bool) {
        self.datagrams
            .sort_unstable_by_key(|datagram| (datagram.receiver, datagram.start));
        self.ordered.clear();
        self.messages.clear();
        let mut run: Option<(u32, Message, usize)> = None;
        for datagram in &self.datagrams {
            let start = self.ordered.len();
            let bytes = self
                .arena
                .get(datagram.start..datagram.start + datagram.length);
            self.ordered.extend_from_slice(bytes.unwrap_or_default());
            let to = if v6 {
                super::mapped(datagram.to)
            } else {
                datagram.to
            };
            if let Some((receiver, message, segments)) = &mut run {
                let segment = message.segment.map_or(message.length, usize::from);
                // A run goes on while every datagram before this one had the full length.
                if self.segmenting
                    && *receiver == datagram.receiver
                    && message.to == to
                    && message.length == segment * *segments
                    && datagram.length <= segment
                    && *segments < MOST_SEGMENTS
                    && message.length + datagram.length <= LONGEST_RUN
                    && let Ok(segment) = u16::try_from(segment)
                {
                    message.segment = Some(segment);
                    message.length += datagram.length;
                    *segments += 1;
                    continue;
                }
                self.messages.push(*message);
            }
            let message = Message {
                to,
                start,
                length: datagram.length,
                segment: None,
            };
            run = Some((datagram.receiver, message, 1));
        }
        if let Some((_, message, _)) = run {
            self.messages.push(message);
        }
    }

    /// Cuts the messages from `from` on into their datagrams.
    fn unsegment(&mut self, from: usize) {
        let runs = self.messages.split_off(from);
        for run in runs {
            let segment = run.segment.map_or(run.length, usize::from).max(1);
            for start in (run.start..run.start + run.length).step_by(segment) {
                let length = segment.min(run.start + run.length - start);
                self.messages.push(Message {
                    to: run.to,
                    start,
                    length,
                    segment: None,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;
    use crate::udp::Inbox;

    fn run_lengths(lengths: &[(u32, usize)]) -> Vec<(usize, Option<u16>)> {
        let mut outbox = Outbox::new();
        let to = SocketAddr::from(([127, 0, 0, 1], 9));
        for &(receiver, length) in lengths {
            outbox.push(receiver, to, &vec![7; length]);
        }
        outbox.gather(false);
        outbox
            .messages
            .iter()
            .map(|message| (message.length, message.segment))
            .collect()
    }

    #[test]
    fn equal_datagrams_of_one_receiver_make_a_run_that_a_shorter_one_ends() {
        assert_eq!(
            run_lengths(&[(1, 100), (2, 50), (1, 100), (1, 40), (1, 40), (2, 60)]),
            [(240, Some(100)), (40, None), (50, None), (60, None)]
        );
        assert_eq!(run_lengths(&[(1, 0), (1, 0)]).len(), 1);
    }

    #[test]
    fn a_run_is_no_longer_than_the_kernel_takes() {
        let runs = run_lengths(&[(1, 1_200); 100]);
        assert_eq!(runs, [(54 * 1_200, Some(1_200)), (46 * 1_200, Some(1_200))]);
        let runs = run_lengths(&[(1, 100); 100]);
        assert_eq!(runs, [(6_400, Some(100)), (3_600, Some(100))]);
    }

    #[test]
    fn what_is_sent_arrives_whole_in_order_and_cut_as_it_was_put_in() {
        let receiver = UdpSocket::bind("127.0.0.1:0").expect("loopback");
        let to = receiver.local_addr().expect("bound");
        for segmenting in [true, false] {
            let port = Port::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("loopback");
            let mut outbox = Outbox::new();
            outbox.segmenting = segmenting;
            let sizes = [300usize, 300, 300, 20, 700];
            for (n, size) in sizes.iter().enumerate() {
                outbox.push(1, to, &vec![u8::try_from(n).expect("small"); *size]);
            }
            outbox.flush(&port);
            let mut buffer = [0; 2_000];
            for (n, size) in sizes.iter().enumerate() {
                let (length, _) = receiver.recv_from(&mut buffer).expect("it was sent");
                assert_eq!(length, *size);
                assert!(buffer[..length].iter().all(|byte| usize::from(*byte) == n));
            }
        }
    }

    #[test]
    fn a_batch_is_received_with_its_sources() {
        let port = Port::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("loopback");
        let to = port.address().expect("bound");
        let senders = [0; 3].map(|_| UdpSocket::bind("127.0.0.1:0").expect("loopback"));
        for (n, sender) in senders.iter().enumerate() {
            sender
                .send_to(&vec![9; n + 1], to)
                .expect("loopback takes it");
        }
        sender_of_too_much(to);
        let mut inbox = Inbox::new();
        assert_eq!(inbox.receive(&port.socket).expect("they came"), 4);
        let came: Vec<_> = inbox
            .datagrams()
            .map(|(from, bytes)| (from, bytes.len()))
            .collect();
        let expected: Vec<_> = senders
            .iter()
            .enumerate()
            .map(|(n, sender)| (sender.local_addr().expect("bound"), n + 1))
            .collect();
        assert_eq!(came, expected, "and the one that was too long is dropped");
        assert_eq!(inbox.receive(&port.socket).expect("nothing is no error"), 0);
    }

    fn sender_of_too_much(to: SocketAddr) {
        let sender = UdpSocket::bind("127.0.0.1:0").expect("loopback");
        sender.send_to(&[1; 5_000], to).expect("loopback takes it");
    }
}
