//! Somebody on the network who is in no call: junk, copies of what others send, checks with a
//! wrong password, from addresses of their own.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use rtc::crypto::{RTCCryptoProvider, default_provider};
use rtc::stun::attributes::{
    ATTR_ICE_CONTROLLING, ATTR_USE_CANDIDATE, ATTR_USERNAME, RawAttribute,
};
use rtc::stun::fingerprint::FINGERPRINT;
use rtc::stun::integrity::MessageIntegrity;
use rtc::stun::message::{BINDING_REQUEST, BINDING_SUCCESS, Message, Setter, TransactionId};
use rtc::stun::textattrs::TextAttribute;

use crate::wire::Datagram;

/// A stranger.
pub(crate) struct Stranger {
    sockets: Vec<UdpSocket>,
    chance: StdRng,
    crypto: Arc<dyn RTCCryptoProvider>,
    pub(crate) sent: usize,
}

impl Stranger {
    pub(crate) fn new() -> Self {
        let socket = |_| {
            let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback");
            socket.set_nonblocking(true).expect("the system can");
            socket
        };
        Self {
            sockets: (0..3).map(socket).collect(),
            chance: StdRng::seed_from_u64(7),
            crypto: default_provider().expect("one is built in"),
            sent: 0,
        }
    }

    /// Sends `bytes` from one of its addresses.
    pub(crate) fn send(&mut self, to: SocketAddr, bytes: &[u8]) {
        let which = self.chance.random_range(0..self.sockets.len());
        self.sockets[which]
            .send_to(bytes, to)
            .expect("loopback takes it");
        self.sent += 1;
    }

    /// Sends copies of what somebody else sent, as they are and changed; no copies of connectivity
    /// checks as they are, for those are authentic wherever they come from (RFC 8445 §7.3).
    pub(crate) fn copy(&mut self, to: SocketAddr, others: &[Vec<u8>]) {
        for bytes in others {
            if Datagram::of(bytes) != Datagram::Stun {
                self.send(to, bytes);
            }
            let mut changed = bytes.clone();
            let at = self.chance.random_range(0..changed.len());
            changed[at] ^= 1 << self.chance.random_range(0..8);
            if Datagram::of(&changed) == Datagram::Stun {
                // Nor such whose change does not matter: the address of a check with a wrong
                // fingerprint, say. The end of the integrity attribute always matters.
                changed = bytes.clone();
                let end = changed.len() - 9;
                changed[end] ^= 1;
            }
            self.send(to, &changed);
            let cut = self.chance.random_range(0..bytes.len());
            self.send(to, &bytes[..cut]);
        }
    }

    /// Sends random bytes that look like each protocol in turn.
    pub(crate) fn junk(&mut self, to: SocketAddr) {
        for first in [0x00, 0x01, 0x16, 0x14, 0x17, 0x80, 0x90, 0xff] {
            let mut bytes = vec![0; self.chance.random_range(1..1_300)];
            self.chance.fill_bytes(&mut bytes);
            bytes[0] = first;
            self.send(to, &bytes);
        }
        self.send(to, &[]);
        self.send(to, &[0x80, 200]);
        // A DTLS record of a handshake, and an alert that it is to be closed.
        self.send(
            to,
            &[22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 12, 1, 0, 0, 0],
        );
        self.send(to, &[21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 1, 0]);
    }

    /// Sends a connectivity check for `fragment` (ours:theirs) with `password`.
    pub(crate) fn check(&mut self, to: SocketAddr, fragment: &str, password: &str) {
        let bytes = check(fragment, password, self.crypto.as_ref());
        self.send(to, &bytes);
    }

    /// All that was sent to it since it was last asked, datagrams.
    pub(crate) fn heard(&self) -> usize {
        self.count(|_| true)
    }

    /// Of all that, what is no STUN.
    pub(crate) fn media(&self) -> usize {
        self.count(|datagram| datagram != Datagram::Stun)
    }

    fn count(&self, counts: impl Fn(Datagram) -> bool) -> usize {
        let mut heard = 0;
        let mut buffer = [0; 2_048];
        for socket in &self.sockets {
            while let Ok((length, _)) = socket.recv_from(&mut buffer) {
                heard += usize::from(counts(Datagram::of(&buffer[..length])));
            }
        }
        heard
    }
}

/// The answer of a client with `password` to `datagram`, where that asks whether it may be sent to.
pub(crate) fn agree(
    datagram: &[u8],
    password: &str,
    crypto: &dyn RTCCryptoProvider,
) -> Option<Vec<u8>> {
    let mut ask = Message {
        raw: datagram.to_vec(),
        ..Message::default()
    };
    ask.decode().ok()?;
    if ask.typ != BINDING_REQUEST {
        return None;
    }
    MessageIntegrity::check(&mut ask, password.as_bytes(), crypto.crypto())
        .expect("the server proves itself");
    let integrity = MessageIntegrity::new_short_term_integrity_with_provider(
        password.to_owned(),
        crypto.crypto(),
    );
    let setters: [Box<dyn Setter + '_>; 4] = [
        Box::new(ask.transaction_id),
        Box::new(BINDING_SUCCESS),
        Box::new(integrity),
        Box::new(FINGERPRINT),
    ];
    let mut answer = Message::new();
    answer.build(&setters).expect("an answer is small");
    Some(answer.raw)
}

/// A connectivity check (RFC 8445 §7.1) that nominates.
pub(crate) fn check(fragment: &str, password: &str, crypto: &dyn RTCCryptoProvider) -> Vec<u8> {
    let integrity = MessageIntegrity::new_short_term_integrity_with_provider(
        password.to_owned(),
        crypto.crypto(),
    );
    let attribute = |typ, value: &[u8]| RawAttribute {
        typ,
        length: u16::try_from(value.len()).expect("short"),
        value: value.to_vec(),
    };
    let setters: [Box<dyn Setter + '_>; 7] = [
        Box::new(TransactionId::new()),
        Box::new(BINDING_REQUEST),
        Box::new(TextAttribute::new(ATTR_USERNAME, fragment.to_owned())),
        Box::new(attribute(ATTR_ICE_CONTROLLING, &[1; 8])),
        Box::new(attribute(ATTR_USE_CANDIDATE, &[])),
        Box::new(integrity),
        Box::new(FINGERPRINT),
    ];
    let mut message = Message::new();
    message.build(&setters).expect("a check is small");
    message.raw
}
