//! What a client hears, as it came: a tap between decryption and all that the client does with it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use rtc::interceptor::{Interceptor, Packet, StreamInfo, TaggedPacket};
use rtc::sansio::Protocol;
use rtc::shared::error::Error;
use rtc::{rtcp, rtp};
use tokio::time::Instant;

/// A decrypted packet, and when it was read from the socket.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) at: Instant,
    pub(crate) packet: Packet,
}

impl Heard {
    /// The RTP packet that it is.
    pub(crate) const fn rtp(&self) -> Option<&rtp::Packet> {
        if let Packet::Rtp(packet) = &self.packet {
            Some(packet)
        } else {
            None
        }
    }

    /// The RTCP packets that it is.
    pub(crate) fn rtcp(&self) -> &[Box<dyn rtcp::Packet>] {
        if let Packet::Rtcp(packets) = &self.packet {
            packets
        } else {
            &[]
        }
    }

    /// The reports of type `T` in it.
    pub(crate) fn reports<T: rtcp::Packet + Clone + 'static>(&self) -> impl Iterator<Item = T> {
        let packets = self.rtcp().iter();
        packets.filter_map(|packet| packet.as_any().downcast_ref().cloned())
    }
}

/// The packets of one direction, in their order, until they are taken.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<Heard>>>);

impl Log {
    fn note(&self, packet: &TaggedPacket) {
        let heard = Heard {
            at: Instant::from_std(packet.now),
            packet: packet.message.packet.clone(),
        };
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(heard);
    }

    /// What was noted since this was asked before.
    pub(crate) fn take(&self) -> Vec<Heard> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The tap, nearest to the wire: it changes nothing.
#[derive(Default)]
pub(crate) struct Tap {
    pub(crate) inward: Log,
    pub(crate) outward: Log,
    reads: VecDeque<TaggedPacket>,
    writes: VecDeque<TaggedPacket>,
}

impl Protocol<TaggedPacket, TaggedPacket, ()> for Tap {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    #[expect(clippy::disallowed_types, reason = "the client's clock is std's")]
    type Time = std::time::Instant;

    fn handle_read(&mut self, packet: TaggedPacket) -> Result<(), Error> {
        self.inward.note(&packet);
        self.reads.push_back(packet);
        Ok(())
    }

    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.reads.pop_front()
    }

    fn handle_write(&mut self, packet: TaggedPacket) -> Result<(), Error> {
        self.outward.note(&packet);
        self.writes.push_back(packet);
        Ok(())
    }

    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.writes.pop_front()
    }
}

impl Interceptor for Tap {
    fn bind_local_stream(&mut self, _info: &StreamInfo) {}
    fn unbind_local_stream(&mut self, _info: &StreamInfo) {}
    fn bind_remote_stream(&mut self, _info: &StreamInfo) {}
    fn unbind_remote_stream(&mut self, _info: &StreamInfo) {}
}
