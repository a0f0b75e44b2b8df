//! Somebody with a seat who talks to the signaling without end: offers as dear to read as can be,
//! and messages of every kind and length.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use tokio::task::AbortHandle;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use wire::MAX_MESSAGE;
use wire::message::{ClientMessage, Sends, Shown};

use super::joining::{Door, Seat};

/// What is said without end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Speech {
    /// Offers, each of a fresh connection and as dear to read as can be.
    Offers,
    /// Messages of all other kinds, as long as may be, in fragments, and bare pings between them.
    Messages,
}

impl Speech {
    /// All there are.
    pub const ALL: [Self; 2] = [Self::Offers, Self::Messages];

    /// Its name on a command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Offers => "offers",
            Self::Messages => "messages",
        }
    }
}

/// How long to wait before a seat is asked for again that was lost or refused.
const PAUSE: Duration = Duration::from_millis(500);

/// How much of a message other things than its filling may be, bytes.
const AROUND: usize = 12 * 1_024;

/// Somebody who talks.
#[derive(Debug)]
pub(super) struct Talk {
    task: AbortHandle,
    said: Arc<AtomicU64>,
}

impl Talk {
    /// Begins from a seat that `offer` has taken; where that is lost, another is taken by `door`.
    pub(super) fn begin(speech: Speech, (seat, offer): (Seat, String), door: Door) -> Self {
        let said = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&said);
        let task = tokio::spawn(async move {
            let mut words = Words::new(speech, offer.clone());
            let mut seat = Some(seat);
            loop {
                match seat {
                    Some(taken) => taken.say_without_end(|| words.next(), &counted).await,
                    None => sleep(PAUSE).await,
                }
                seat = sit_down(&door, &offer).await;
            }
        });
        Self {
            task: task.abort_handle(),
            said,
        }
    }

    /// Ends it; gives how many messages were sent.
    pub(super) fn end(self) -> u64 {
        self.task.abort();
        self.said.load(Ordering::Relaxed)
    }
}

/// Comes back by the link, where it is let in.
async fn sit_down(door: &Door, offer: &str) -> Option<Seat> {
    let ticket = door.ticket().await.ok()?;
    let taken = Seat::take(door, ticket, offer.to_owned()).await.ok()?;
    Some(taken.0)
}

/// What is said, message by message.
struct Words {
    speech: Speech,
    chance: StdRng,
    /// An offer that is in order, and the user fragment in it.
    plain: String,
    fragment: String,
    /// What is still to be said of a message in pieces.
    pieces: Vec<Message>,
    said: usize,
}

impl Words {
    fn new(speech: Speech, plain: String) -> Self {
        let fragment = plain
            .lines()
            .find_map(|line| line.strip_prefix("a=ice-ufrag:"))
            .unwrap_or_default()
            .to_owned();
        Self {
            speech,
            chance: StdRng::seed_from_u64(1),
            plain,
            fragment,
            pieces: Vec::new(),
            said: 0,
        }
    }

    fn next(&mut self) -> Message {
        self.said += 1;
        match self.speech {
            Speech::Offers => self.offer(),
            Speech::Messages => self.pieces.pop().unwrap_or_else(|| self.message()),
        }
    }

    /// An offer filled up with one kind of line.
    fn offer(&mut self) -> Message {
        const LINES: [&str; 8] = [
            "a=x\r\n",
            "a=rtcp-fb:* nack pli\r\n",
            "a=fmtp:96 x=1;x=1;x=1;x=1;x=1;x=1;x=1;x=1;x=1;x=1;x=1;x=1;x=1\r\n",
            "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n",
            "a=ssrc:1 cname:x\r\n",
            "a=rtpmap:96 x/1\r\n",
            "a=extmap:1 x\r\n",
            "\r\n",
        ];
        let fragment = format!("{:08x}", self.chance.random::<u32>());
        let plain = self.plain.replace(&self.fragment, &fragment);
        let line = LINES.choose(&mut self.chance).copied().unwrap_or("a=x\r\n");
        let room = MAX_MESSAGE.saturating_sub(AROUND + plain.len());
        // A line's two ends are four characters in JSON.
        let lines = line.repeat(room / (line.len() + 2));
        let offer = match self.said % 4 {
            0 => plain,
            // In every section alike, or at the end of the last.
            1 => {
                let sections = plain.matches("a=rtcp-mux\r\n").count().max(1);
                let share = line.repeat(room / (line.len() + 2) / sections);
                plain.replace("a=rtcp-mux\r\n", &format!("a=rtcp-mux\r\n{share}"))
            }
            2 => plain + &lines,
            // Of no use at all.
            _ => lines,
        };
        text(&ClientMessage::Offer { offer })
    }

    fn message(&mut self) -> Message {
        let shown = Shown {
            camera: 720,
            screen: 0,
        };
        let bare = r#"{"type":"ping","n":7"#;
        let room = MAX_MESSAGE - AROUND;
        match self.chance.random_range(0..8) {
            0 => text(&ClientMessage::Ping { n: 7 }),
            1 => text(&ClientMessage::Sends {
                sends: Sends {
                    microphone: self.chance.random_bool(0.5),
                    camera: self.chance.random_bool(0.5),
                    screen: false,
                },
            }),
            2 => text(&ClientMessage::View {
                slots: vec![shown; 3],
            }),
            3 => Message::text(format!("{}{bare}}}", " ".repeat(room))),
            4 => Message::text(format!(
                "{bare},\"x\":{}{}}}",
                "[".repeat(100),
                "]".repeat(100)
            )),
            5 => {
                let fields: String = (0..room / 12).map(|n| format!(",\"{n}\":0")).collect();
                Message::text(format!("{bare}{fields}}}"))
            }
            6 => Message::Ping(vec![7; 125].into()),
            _ => {
                self.in_pieces(&format!("{bare}}}"));
                self.pieces.pop().unwrap_or_else(|| Message::text(bare))
            }
        }
    }

    /// Cuts `text` into single bytes, with many empty pieces between them.
    fn in_pieces(&mut self, text: &str) {
        let piece = |bytes: Vec<u8>, kind, is_last| {
            Message::Frame(Frame::message(bytes, OpCode::Data(kind), is_last))
        };
        let mut pieces = vec![piece(Vec::new(), Data::Text, false)];
        for byte in text.bytes() {
            pieces.extend((0..50).map(|_| piece(Vec::new(), Data::Continue, false)));
            pieces.push(piece(vec![byte], Data::Continue, false));
        }
        pieces.push(piece(Vec::new(), Data::Continue, true));
        pieces.reverse();
        self.pieces = pieces;
    }
}

fn text(message: &ClientMessage) -> Message {
    Message::text(serde_json::to_string(message).unwrap_or_default())
}
