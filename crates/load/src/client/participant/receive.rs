//! What a participant makes of what it receives.

use forward::bytes::read_u32;
use forward::codec::Kind;
use forward::extension::{self, ExtensionIds};
use forward::rtp::{self, Header};
use forward::rtx;
use forward::time::Micros;
use sfu::bare::Outbox;
use sfu::bare::rtcp::{self, Message};

use super::super::connection::{Connection, is_dtls, is_stun};
use super::super::description;
use super::super::mark::{self, Mark};
use super::super::tally::{Counter, Leg, Numbered};
use super::{Between, Participant, Received, Role, nanoseconds};

/// Where the SSRC of an RTP packet lies (RFC 3550 §5.1).
const SSRC_AT: usize = 8;

/// What of the header extensions is read here.
const READ: ExtensionIds = ExtensionIds {
    mid: 0,
    transport_sequence: description::TRANSPORT_SEQUENCE,
    audio_level: 0,
    video_orientation: 0,
    rid: 0,
    repaired_rid: 0,
    dependencies: 0,
};

impl Participant {
    /// Receives one datagram, which came at `stamp` by the kernel's clock: over the link, or at
    /// once where that is perfect.
    pub(in super::super) fn receive(
        &mut self,
        datagram: &mut [u8],
        stamp: Option<u64>,
        now: Micros,
        outbox: &mut Outbox,
        counter: &mut Counter,
    ) {
        let picture = self.is_picture(datagram);
        self.passage.retransmitted += u64::from(picture == Some(true));
        let Some(Between { down, .. }) = &mut self.between else {
            self.take(datagram, stamp, now, outbox, counter);
            return;
        };
        let received = Received {
            datagram: datagram.to_vec(),
            stamp,
            at: now,
        };
        if !down.send(received, datagram.len(), now) && picture.is_some() {
            self.passage.pictures_lost += 1;
        }
    }

    /// Whether a datagram is a packet of a picture, and if so whether one sent again. Probes are
    /// neither: they are padded, and what is media is not.
    fn is_picture(&self, datagram: &[u8]) -> Option<bool> {
        let first = *datagram.first()?;
        let is_padded = first & 0x20 != 0;
        let is_media = matches!(first, 128..=191) && !is_padded && !rtp::is_rtcp(datagram);
        let (_, kind, repair) = self.stream(read_u32(datagram, SSRC_AT).filter(|_| is_media)?)?;
        (kind != Kind::Microphone).then_some(repair)
    }

    /// Takes one datagram that has come all the way.
    pub(super) fn take(
        &mut self,
        datagram: &mut [u8],
        stamp: Option<u64>,
        now: Micros,
        outbox: &mut Outbox,
        counter: &mut Counter,
    ) {
        let Some(connection) = &mut self.connection else {
            return;
        };
        if is_stun(datagram) {
            if let Some(answer) = connection.agree(datagram) {
                outbox.push(0, connection.server(), &answer);
            } else {
                connection.checked(datagram, now);
            }
        } else if is_dtls(datagram) {
            if connection.handshake(datagram, now) {
                self.begin(now);
            }
        } else if rtp::is_rtcp(datagram) {
            self.receive_rtcp(datagram, outbox);
        } else {
            self.receive_rtp(datagram, stamp, now, counter);
        }
    }

    fn receive_rtcp(&mut self, datagram: &mut [u8], outbox: &mut Outbox) {
        let Some(keys) = self.connection.as_mut().and_then(Connection::keys) else {
            return;
        };
        let Ok(length) = keys.inbound.open_rtcp(datagram) else {
            return;
        };
        let [_, camera, _] = self.ssrcs;
        for report in rtcp::read(datagram.get(..length).unwrap_or_default()) {
            match report {
                Message::Pli { .. } => self.sent.wants_keyframe = true,
                Message::Nack { ssrc, sequences } if ssrc == camera => {
                    self.send_again(&sequences, outbox);
                }
                Message::Nack { .. }
                | Message::SenderReport { .. }
                | Message::TransportCc { .. } => {}
            }
        }
    }

    fn receive_rtp(
        &mut self,
        datagram: &mut [u8],
        stamp: Option<u64>,
        now: Micros,
        counter: &mut Counter,
    ) -> Option<()> {
        let header = Header::read(datagram)?;
        let (slot, kind, repair) = self.stream(header.ssrc)?;
        let keys = self.connection.as_mut()?.keys()?;
        let length = keys.inbound.open_rtp(datagram, &header).ok()?;
        let packet = datagram.get(..length)?;
        self.pulse.beat(now);
        if let Some(sequence) = extension::read(packet, &header, READ).transport_sequence {
            self.twcc.came(sequence, now);
        }
        let payload = packet.get(header.payload(packet)?)?;
        let (sequence, payload) = if repair {
            rtx::undo(payload)?
        } else {
            (header.sequence, payload)
        };
        let mut place = None;
        if kind == Kind::Camera
            && let Some((unwrapper, nacks)) = self.nacks.get_mut(slot)
        {
            let at = unwrapper.extend(sequence);
            unwrapper.saw(at);
            nacks.came(at, now);
            place = Some(at);
        }
        let head = if kind == Kind::Camera {
            mark::VP8_HEAD
        } else {
            0
        };
        let mark = payload.get(head..).and_then(Mark::read);
        let expected = if slot < self.role.seat as usize {
            slot
        } else {
            slot + 1
        };
        let Some(mark) =
            mark.filter(|mark| mark.call == self.role.call && mark.seat as usize == expected)
        else {
            counter.misrouted();
            return None;
        };
        self.has_heard = true;
        let Role { call, seat } = self.role;
        let leg = Leg {
            call,
            seat,
            slot,
            kind,
        };
        let latency = stamp.unwrap_or_else(nanoseconds).saturating_sub(mark.sent) / 1_000;
        let number = mark.number;
        // Sound is never held back.
        let place = place.unwrap_or(number);
        counter.came(leg, Numbered { number, place }, latency);
        Some(())
    }
}
