//! What is said to one socket: a bounded queue, and one last word.

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use wire::close::Close;
use wire::message::{GoodbyeReason, ServerMessage};

use crate::door::Ready;

/// How many messages may wait for a slow reader before its socket is closed.
pub(crate) const LENGTH: usize = 64;

/// Rises with every socket that asks for a session: of two sockets of one session the higher one
/// is the newer one.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct SocketNumber(pub(crate) u64);

/// How a socket ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LastWord {
    /// What is said before, where there is something to say.
    pub goodbye: Option<GoodbyeReason>,
    /// The code it is closed with.
    pub close: Close,
}

/// The end of a socket's part in a meeting.
#[derive(Debug)]
pub struct End {
    /// What is said.
    pub word: LastWord,
    /// The way on to what comes next, where the socket and its connection stay for it.
    pub next: Option<Ready>,
    /// Nothing was said: the meeting is another node's, and whoever came is to be brought there.
    pub is_elsewhere: bool,
}

impl From<LastWord> for End {
    fn from(word: LastWord) -> Self {
        Self {
            word,
            next: None,
            is_elsewhere: false,
        }
    }
}

impl From<Close> for LastWord {
    fn from(close: Close) -> Self {
        Self {
            goodbye: None,
            close,
        }
    }
}

impl From<GoodbyeReason> for LastWord {
    fn from(reason: GoodbyeReason) -> Self {
        Self {
            goodbye: Some(reason),
            close: match reason {
                GoodbyeReason::Replaced => Close::Replaced,
                GoodbyeReason::Withdrawn => Close::Withdrawn,
                GoodbyeReason::Disconnected => Close::Disconnected,
                GoodbyeReason::Left => Close::Left,
                GoodbyeReason::Ended => Close::Ended,
                GoodbyeReason::TimeUp => Close::TimeUp,
                GoodbyeReason::TurnedAway => Close::TurnedAway,
                GoodbyeReason::NobodyCame => Close::NobodyCame,
                GoodbyeReason::Stopped => Close::Stopped,
                GoodbyeReason::Shutdown => Close::Shutdown,
            },
        }
    }
}

/// The end that a call speaks into.
#[derive(Debug)]
pub(crate) struct Outbox {
    /// Which socket it is.
    pub(crate) number: SocketNumber,
    /// Since when it asks for its session, or has its turn.
    pub(crate) since: Instant,
    messages: mpsc::Sender<ServerMessage>,
    last: oneshot::Sender<End>,
}

/// The end that the socket's task writes from.
#[derive(Debug)]
pub struct Inbox {
    /// What to write, in order.
    pub messages: mpsc::Receiver<ServerMessage>,
    /// The last word: it may come while messages wait.
    pub last: oneshot::Receiver<End>,
}

/// The queue is full, or its reader is gone: the socket counts as lost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Lost;

/// Both ends for one socket.
pub(crate) fn pair(number: SocketNumber) -> (Outbox, Inbox) {
    let (to_socket, messages) = mpsc::channel(LENGTH);
    let (say_last, last) = oneshot::channel();
    (
        Outbox {
            number,
            since: Instant::now(),
            messages: to_socket,
            last: say_last,
        },
        Inbox { messages, last },
    )
}

impl Outbox {
    /// Queues a message. Never waits.
    pub(crate) fn say(&self, message: ServerMessage) -> Result<(), Lost> {
        self.messages
            .try_send(message)
            .map_err(|_full_or_gone| Lost)
    }

    /// Says the last word. Nothing follows it; a socket that is gone hears nothing.
    pub(crate) fn end(self, word: impl Into<LastWord>) {
        self.end_for(word, None);
    }

    /// The same; where there is a way on, the socket waits for the press that takes it.
    pub(crate) fn end_for(self, word: impl Into<LastWord>, next: Option<Ready>) {
        let word = word.into();
        self.end_so(End {
            word,
            next,
            is_elsewhere: false,
        });
    }

    /// The meeting is another node's, and nothing was said here.
    pub(crate) fn send_elsewhere(self) {
        self.end_so(End {
            word: Close::Failed.into(),
            next: None,
            is_elsewhere: true,
        });
    }

    fn end_so(self, end: End) {
        // A socket whose task is gone has nobody left to tell.
        if self.last.send(end).is_err() {
            tracing::debug!(socket = self.number.0, "last word to a socket that is gone");
        }
    }
}
