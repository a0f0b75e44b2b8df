//! A client that nobody here wrote: `rtc`'s own peer connection, over sockets of its own.

mod offer;
mod publisher;

use std::net::SocketAddr;
use std::time::Duration;

use bytes::BytesMut;
use forward::codec::Kind;
use mio::net::UdpSocket;
use rtc::peer_connection::RTCPeerConnection;
use rtc::peer_connection::event::RTCPeerConnectionEvent;
use rtc::peer_connection::sdp::RTCSessionDescription;
use rtc::peer_connection::state::RTCPeerConnectionState;
use rtc::peer_connection::transport::{CandidateConfig, CandidateHostConfig, RTCIceCandidate};
use rtc::rtcp;
use rtc::rtp;
use rtc::rtp_transceiver::{RTCRtpReceiverId, RTCRtpSenderId};
use rtc::sansio::Protocol as _;
use rtc::shared::{TaggedBytesMut, TransportContext, TransportProtocol};
use tokio::time::Instant;

use crate::answer::{self, Streams};
use crate::picture::{Mark, Picture};
use crate::tap::{Heard, Log};
use crate::wire::Datagram;

pub(crate) use offer::Style;
use publisher::Publisher;
pub(crate) use publisher::{LOUD, Outgoing};

/// What becomes of a datagram on its way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fate {
    Arrives,
    ArrivesTwice,
    /// It is lost, and kept in [`Client::lost`].
    IsLost,
}

/// Decides what becomes of each datagram of one direction.
pub(crate) type Way = Box<dyn FnMut(Datagram) -> Fate>;

/// A packet of a slot, as the client got it.
#[derive(Clone, Debug)]
pub(crate) struct Arrived {
    pub(crate) at: Instant,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) marker: bool,
    pub(crate) payload_type: u8,
    pub(crate) level: Option<u8>,
    pub(crate) mark: Mark,
    /// What a camera's or a screen's packet says of its picture.
    pub(crate) picture: Option<Picture>,
}

/// A datagram that reached a socket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Received {
    pub(crate) datagram: Datagram,
    /// Bytes.
    pub(crate) length: usize,
}

/// One client.
pub(crate) struct Client {
    /// Goes into the mark of all that it sends.
    pub(crate) maker: u8,
    connection: RTCPeerConnection,
    sockets: Vec<UdpSocket>,
    state: RTCPeerConnectionState,
    tapped_inward: Log,
    tapped_outward: Log,
    /// Decrypted packets that came.
    pub(crate) heard: Vec<Heard>,
    /// Packets that went out, before encryption.
    pub(crate) said: Vec<Heard>,
    /// Every datagram that reached its sockets, lost ones too.
    pub(crate) datagrams: Vec<Received>,
    pub(crate) inward: Way,
    pub(crate) outward: Way,
    /// Outgoing datagrams that were lost, the oldest first.
    pub(crate) lost: Vec<Vec<u8>>,
    /// A copy of every outgoing datagram, while somebody listens in.
    pub(crate) copies: Option<Vec<Vec<u8>>>,
    /// The server's last answer.
    pub(crate) answer: String,
    senders: Vec<RTCRtpSenderId>,
    receivers: Vec<RTCRtpReceiverId>,
    /// What it sends, by kind.
    pub(crate) publisher: Publisher,
    /// The streams of its slots, from the answer.
    pub(crate) slots: Vec<Streams>,
}

impl Client {
    /// A client that has a socket and has sent nothing yet.
    pub(crate) fn new(maker: u8, style: &Style) -> Self {
        let now = Instant::now();
        let offer::Made {
            connection,
            tapped_inward,
            tapped_outward,
            senders,
            receivers,
            publisher,
        } = offer::make(maker, style, now);
        let mut client = Self {
            maker,
            connection,
            sockets: Vec::new(),
            state: RTCPeerConnectionState::New,
            tapped_inward,
            tapped_outward,
            heard: Vec::new(),
            said: Vec::new(),
            datagrams: Vec::new(),
            inward: Box::new(|_| Fate::Arrives),
            outward: Box::new(|_| Fate::Arrives),
            lost: Vec::new(),
            copies: None,
            answer: String::new(),
            senders,
            receivers,
            publisher,
            slots: Vec::new(),
        };
        client.open_socket();
        client
    }

    /// Opens a socket, and lets the peer connection know of it.
    pub(crate) fn open_socket(&mut self) {
        let socket = UdpSocket::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("loopback");
        let address = socket.local_addr().expect("it is bound");
        let candidate = CandidateHostConfig {
            base_config: CandidateConfig {
                network: "udp".to_owned(),
                address: address.ip().to_string(),
                port: address.port(),
                component: 1,
                ..CandidateConfig::default()
            },
            ..CandidateHostConfig::default()
        }
        .new_candidate_host()
        .expect("an address is a candidate");
        let candidate = RTCIceCandidate::from(&candidate)
            .to_json()
            .expect("a candidate has a line");
        self.connection
            .add_local_candidate(candidate)
            .expect("it was made by the same crate");
        self.sockets.push(socket);
    }

    /// Closes the socket opened first: what still goes there is heard by nobody.
    pub(crate) fn close_oldest_socket(&mut self) {
        drop(self.sockets.remove(0));
    }

    /// The sockets, to be waited for.
    pub(crate) fn sockets(&mut self) -> &mut [UdpSocket] {
        &mut self.sockets
    }

    /// Makes an offer and takes it for its own.
    pub(crate) fn offer(&mut self) -> String {
        let offer = self
            .connection
            .create_offer(None)
            .expect("it may offer now");
        let text = offer.sdp.clone();
        self.connection
            .set_local_description(Instant::now().into_std(), offer)
            .expect("it is its own");
        text
    }

    /// The offer it made last.
    pub(crate) fn last_offer(&self) -> String {
        self.connection
            .local_description()
            .expect("it has offered")
            .sdp
    }

    /// Makes an offer with new ICE credentials (RFC 8445 §9).
    pub(crate) fn restart_offer(&mut self) -> String {
        self.connection.restart_ice();
        self.offer()
    }

    /// Takes the server's answer.
    pub(crate) fn take_answer(&mut self, text: &str) {
        self.slots = answer::slots(text);
        text.clone_into(&mut self.answer);
        let answer = RTCSessionDescription::answer(text.to_owned()).expect("an answer is SDP");
        self.connection
            .set_remote_description(Instant::now().into_std(), answer)
            .expect("the answer fits the offer");
    }

    /// The server's address, from its answer.
    pub(crate) fn server(&self) -> SocketAddr {
        answer::address(&self.answer)
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.state == RTCPeerConnectionState::Connected
    }

    /// Does all that can be done now.
    pub(crate) fn turn(&mut self) {
        self.receive();
        let now = Instant::now();
        if self
            .connection
            .poll_timeout()
            .is_some_and(|at| at <= now.into_std())
        {
            // An error is a handshake given up; it is seen by the connection's state.
            drop(self.connection.handle_timeout(now.into_std()));
        }
        while let Some(event) = self.connection.poll_event() {
            if let RTCPeerConnectionEvent::OnConnectionStateChangeEvent(state) = event {
                self.state = state;
            }
        }
        while self.connection.poll_read().is_some() {}
        self.note();
        if self.is_connected() {
            self.publish(now);
        }
        self.transmit();
    }

    /// When it wants its next turn.
    pub(crate) fn next_turn(&mut self) -> Option<Instant> {
        self.connection.poll_timeout().map(Instant::from_std)
    }

    fn note(&mut self) {
        self.said.extend(self.tapped_outward.take());
        let heard = self.tapped_inward.take();
        for heard in &heard {
            self.publisher.note_requests(heard);
        }
        self.heard.extend(heard);
    }

    fn receive(&mut self) {
        let mut buffer = [0; 2_048];
        for socket in &self.sockets {
            let local_addr = socket.local_addr().expect("it is bound");
            while let Ok((length, peer_addr)) = socket.recv_from(&mut buffer) {
                let now = Instant::now();
                let bytes = &buffer[..length];
                let datagram = Datagram::of(bytes);
                self.datagrams.push(Received { datagram, length });
                let times = match (self.inward)(datagram) {
                    Fate::Arrives => 1,
                    Fate::ArrivesTwice => 2,
                    Fate::IsLost => 0,
                };
                for _ in 0..times {
                    let message = TaggedBytesMut {
                        now: now.into_std(),
                        transport: TransportContext {
                            local_addr,
                            peer_addr,
                            ecn: None,
                            transport_protocol: TransportProtocol::UDP,
                        },
                        message: BytesMut::from(bytes),
                    };
                    self.connection
                        .handle_read(message)
                        .expect("what the server sends can be read");
                }
            }
        }
    }

    fn transmit(&mut self) {
        while let Some(message) = self.connection.poll_write() {
            let bytes = &message.message;
            let from = self.sockets.iter().find(|socket| {
                socket
                    .local_addr()
                    .is_ok_and(|at| at == message.transport.local_addr)
            });
            // What it sends from an address that is gone is gone, too.
            let Some(from) = from else { continue };
            let times = match (self.outward)(Datagram::of(bytes)) {
                Fate::Arrives => 1,
                Fate::ArrivesTwice => 2,
                Fate::IsLost => {
                    self.lost.push(bytes.to_vec());
                    0
                }
            };
            if let Some(copies) = &mut self.copies {
                copies.push(bytes.to_vec());
            }
            for _ in 0..times {
                from.send_to(bytes, message.transport.peer_addr)
                    .expect("loopback takes it");
            }
        }
    }

    /// Sends raw bytes to the server from its newest socket.
    pub(crate) fn send_raw(&self, bytes: &[u8]) {
        self.sockets
            .last()
            .expect("it has one")
            .send_to(bytes, self.server())
            .expect("loopback takes it");
    }

    /// Sends RTCP of its own making.
    pub(crate) fn report(&mut self, packets: Vec<Box<dyn rtcp::Packet>>) {
        let receiver = *self.receivers.first().expect("it has nine");
        self.connection
            .rtp_receiver(receiver)
            .expect("it is one of its own")
            .write_rtcp(Instant::now().into_std(), packets)
            .expect("RTCP can be sent");
        self.transmit();
    }

    /// What came in `slot` of `kind` on its announced SSRC, in the order it came.
    pub(crate) fn arrived(&self, slot: usize, kind: Kind) -> Vec<Arrived> {
        let ssrc = self.slots[slot].of(kind).media;
        self.packets(ssrc)
            .map(|(at, packet)| self.read(at, kind, packet))
            .collect()
    }

    /// What came in `slot` of `kind` as retransmissions, taken out of their wrapping
    /// (RFC 4588 §4).
    pub(crate) fn arrived_again(&self, slot: usize, kind: Kind) -> Vec<Arrived> {
        let Some(ssrc) = self.slots[slot].of(kind).retransmission else {
            return Vec::new();
        };
        let unwrap = |(at, packet): (Instant, &rtp::Packet)| {
            let mut packet = packet.clone();
            let [high, low] = *packet.payload.first_chunk()?;
            packet.header.sequence_number = u16::from_be_bytes([high, low]);
            packet.payload = packet.payload.slice(2..);
            Some(self.read(at, kind, &packet))
        };
        self.packets(ssrc).filter_map(unwrap).collect()
    }

    /// How many packets came in `slot` of `kind`.
    pub(crate) fn count(&self, slot: usize, kind: Kind) -> usize {
        self.packets(self.slots[slot].of(kind).media).count()
    }

    fn packets(&self, ssrc: u32) -> impl Iterator<Item = (Instant, &rtp::Packet)> {
        self.heard
            .iter()
            .filter_map(|heard| Some((heard.at, heard.rtp()?)))
            .filter(move |(_, packet)| packet.header.ssrc == ssrc)
    }

    fn read(&self, at: Instant, kind: Kind, packet: &rtp::Packet) -> Arrived {
        let header = &packet.header;
        let level = header.get_extension(self.publisher.level_id());
        Arrived {
            at,
            sequence: header.sequence_number,
            timestamp: header.timestamp,
            marker: header.marker,
            payload_type: header.payload_type,
            level: level.and_then(|level| level.first().copied()),
            mark: Mark::of(&packet.payload).expect("every payload has a mark"),
            picture: kind.is_video().then(|| Picture::of(&packet.payload)),
        }
    }

    /// All RTCP of type `T` that came.
    pub(crate) fn reports<T: rtcp::Packet + Clone + 'static>(&self) -> Vec<(Instant, T)> {
        reports_in(&self.heard)
    }

    /// How many datagrams of media and reports reached its sockets.
    pub(crate) fn media_datagrams(&self) -> usize {
        self.datagrams
            .iter()
            .filter(|received| received.datagram.is_media())
            .count()
    }
}

/// All RTCP of type `T` among `packets`.
pub(crate) fn reports_in<T: rtcp::Packet + Clone + 'static>(
    packets: &[Heard],
) -> Vec<(Instant, T)> {
    let of = |heard: &Heard| {
        let at = heard.at;
        let reports: Vec<(Instant, T)> = heard.reports().map(|report| (at, report)).collect();
        reports
    };
    packets.iter().flat_map(of).collect()
}

/// The longest a client is left alone.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_millis(5);
