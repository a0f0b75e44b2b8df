//! A relay without a worker: what came off the wire is played to it.

use forward::bytes::{read_u16, read_u32};
use rtc_crypto::providers::AwsLcRsProvider;
use rtc_stun::attributes::AttrType;
use rtc_stun::message::{Message, MessageType, Setter as _, TransactionId};

use super::{Arc, MessageIntegrity, Micros, Path, REALM, SocketAddr, Taken, Turn, message};

const USERNAME: &str = "0-abcdefgh";
const PASSWORD: &str = "a password of 24 letters";

/// Where the worker receives media.
const OURS: ([u8; 4], u16) = ([192, 0, 2, 1], 8081);

struct Stage {
    turn: Turn,
    now: Micros,
    nonce: Vec<u8>,
    answers: usize,
    relayed: usize,
}

/// Plays `data` as records: an operation, a client, a length of two bytes, and so many bytes. Gives
/// how many answers there were, and how many datagrams were relayed.
///
/// # Panics
///
/// Where something is relayed that goes elsewhere than to our own media.
pub fn turn(data: &[u8]) -> (usize, usize) {
    let mut turn = Turn::new(vec![OURS.into()], Arc::new(AwsLcRsProvider::new()));
    let now = Micros(1_000_000);
    turn.grant(USERNAME.to_owned(), PASSWORD.to_owned(), now);
    let mut stage = Stage {
        turn,
        now,
        nonce: Vec::new(),
        answers: 0,
        relayed: 0,
    };
    let mut rest = data;
    while let Some((&[operation, who], after)) = rest.split_first_chunk()
        && let Some(length) = read_u16(after, 0)
    {
        let after = after.get(2..).unwrap_or_default();
        let (record, after) = after.split_at(after.len().min(usize::from(length)));
        rest = after;
        stage.play(operation, who, record);
    }
    (stage.answers, stage.relayed)
}

impl Stage {
    fn play(&mut self, operation: u8, who: u8, record: &[u8]) {
        let from = SocketAddr::from(([203, 0, 113, who & 1], 4_000));
        let datagram = match operation % 6 {
            0 => record.to_vec(),
            1 => self.request(record, false),
            2 | 3 => self.request(record, true),
            4 => {
                let passed = u64::from(read_u16(record, 0).unwrap_or(10));
                self.now = self.now.after_ms(passed);
                self.turn.tick(self.now);
                return;
            }
            _ => {
                self.turn.forget(Path::Udp(from));
                return;
            }
        };
        if !message::is_turn(&datagram) {
            return;
        }
        match self.turn.handle(Path::Udp(from), &datagram, self.now) {
            Taken::Nothing => {}
            Taken::Answer(answer) => {
                assert!(answer.len() < 600, "an answer is short");
                self.answers += 1;
                self.learn(answer);
            }
            Taken::Relayed { at, from } => {
                assert!(datagram.get(at).is_some(), "it lies in what came");
                assert!(matches!(from, Path::Relay { at: 0, .. }), "it is for us");
                self.relayed += 1;
            }
        }
    }

    /// Remembers the nonce of a refusal.
    fn learn(&mut self, answer: Vec<u8>) {
        let mut read = Message {
            raw: answer,
            ..Message::default()
        };
        assert!(read.decode().is_ok(), "an answer is STUN");
        if let Ok(nonce) = read.get(AttrType(message::NONCE)) {
            self.nonce = nonce;
        }
    }

    /// A request or indication: its type of two bytes, a transaction of four, then for each
    /// attribute a type of two bytes, a length of one, and so many bytes.
    fn request(&self, record: &[u8], proves: bool) -> Vec<u8> {
        let mut kind = MessageType::default();
        kind.read_value(read_u16(record, 0).unwrap_or(3));
        let mut request = Message::new();
        request.set_type(kind);
        let mut transaction = [0; 12];
        for (to, from) in transaction
            .iter_mut()
            .zip(read_u32(record, 2).unwrap_or(0).to_be_bytes())
        {
            *to = from;
        }
        request.transaction_id = TransactionId(transaction);
        request.write_header();
        let mut rest = record.get(6..).unwrap_or_default();
        while let Some((&[high, low, length], after)) = rest.split_first_chunk() {
            let (value, after) = after.split_at(after.len().min(usize::from(length)));
            rest = after;
            request.add(AttrType(u16::from_be_bytes([high, low])), value);
        }
        if proves {
            request.add(AttrType(message::USERNAME), USERNAME.as_bytes());
            request.add(AttrType(message::REALM), REALM.as_bytes());
            request.add(AttrType(message::NONCE), &self.nonce);
            let crypto = AwsLcRsProvider::new();
            let proved = MessageIntegrity::new_long_term_integrity_with_provider(
                USERNAME.to_owned(),
                REALM.to_owned(),
                PASSWORD.to_owned(),
                rtc_crypto::RTCCryptoProvider::crypto(&crypto),
            )
            .and_then(|integrity| integrity.add_to(&mut request));
            if proved.is_err() {
                return Vec::new();
            }
        }
        request.raw
    }
}
