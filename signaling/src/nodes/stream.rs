//! One stream to another node: many sockets on it, each with a credit of its own. Whoever has none
//! waits, and nobody waits with them: what comes is put where there is room for it, or the other node
//! does not keep to what it was allowed, and the stream ends.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_rustls::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

use super::ask::ANSWERED;
use super::frame::{Frame, LONGEST_TEXT, LOST};

/// How many messages of one socket may be on their way at a time, to either side.
const CREDIT: usize = 8;

/// What one socket may have waiting: that, and its end.
const ROOM: usize = CREDIT + 1;

/// How many sockets one stream carries.
const MOST: usize = 4096;

/// How many frames may wait to be written. Whoever says something waits when it is full.
const WAITING: usize = 256;

/// How often a node says that it is there, and how long it may say nothing.
const PING: Duration = Duration::from_secs(2);
const SILENCE: Duration = Duration::from_secs(6);

pub(super) type Socket = WebSocketStream<TlsStream<TcpStream>>;

/// What came for a socket.
#[derive(Debug)]
pub(super) enum Said {
    Text(Utf8Bytes),
    Closed(u16),
}

/// A socket, as the stream knows it.
#[derive(Debug)]
struct Carried {
    said: mpsc::Sender<Said>,
    credit: Arc<Semaphore>,
}

/// One end of a stream to another node.
#[derive(Debug)]
pub(crate) struct Stream {
    queue: mpsc::Sender<Frame>,
    carried: Mutex<HashMap<u32, Carried>>,
    next: AtomicU32,
    /// Sockets that ended without a word.
    dropped: Mutex<Vec<u32>>,
    are_dropped: Notify,
    ended: CancellationToken,
    /// Whether the other node is told on it what is new.
    is_told: AtomicBool,
    /// Whether it has not heard what it was told last.
    is_deaf: AtomicBool,
}

/// One socket's way over a stream: what it says, and what it hears.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) speaker: Speaker,
    pub(super) hearer: Hearer,
}

/// What a socket says to the other node.
#[derive(Debug)]
pub(super) struct Speaker {
    number: u32,
    stream: Arc<Stream>,
    credit: Arc<Semaphore>,
    is_closed: bool,
}

/// What it hears from there.
#[derive(Debug)]
pub(super) struct Hearer {
    number: u32,
    stream: Arc<Stream>,
    said: mpsc::Receiver<Said>,
}

/// What another node begins.
#[derive(Debug)]
pub(super) enum Begun {
    /// It carries a socket here, that said this first.
    Socket(Channel, Utf8Bytes),
    /// It asks this.
    Question(Channel, Utf8Bytes),
}

/// Why something is not said to the other node.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum Unsaid {
    /// The stream has ended.
    #[error("the way to the other node has ended")]
    Ended,
    /// It is longer than any frame: the other node would end the stream, and with it all that others say.
    #[error("it is too long for another node")]
    TooLong,
}

/// Nothing so long is ever put on the stream.
fn bounded(text: &Utf8Bytes) -> Result<(), Unsaid> {
    if text.len() > LONGEST_TEXT {
        return Err(Unsaid::TooLong);
    }
    Ok(())
}

impl Stream {
    /// An end, and what is to be written at it.
    pub(super) fn new() -> (Arc<Self>, mpsc::Receiver<Frame>) {
        let (queue, frames) = mpsc::channel(WAITING);
        let stream = Self {
            queue,
            carried: Mutex::default(),
            next: AtomicU32::new(0),
            dropped: Mutex::default(),
            are_dropped: Notify::new(),
            ended: CancellationToken::new(),
            is_told: AtomicBool::new(false),
            is_deaf: AtomicBool::new(false),
        };
        (Arc::new(stream), frames)
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended.is_cancelled()
    }

    /// Waits until it has ended.
    pub(super) async fn has_ended_by_now(&self) {
        self.ended.cancelled().await;
    }

    /// From now on the other node is told on it what is new; whether it was not before.
    pub(super) fn begins_to_tell(&self) -> bool {
        !self.is_told.swap(true, Ordering::Relaxed)
    }

    /// Whether the other node has heard what it was just told.
    pub(super) fn note_whether_heard(&self, is_heard: bool) {
        self.is_deaf.store(!is_heard, Ordering::Relaxed);
    }

    /// Whether the other node hears what it is told, as far as is known.
    pub(super) fn is_heard(&self) -> bool {
        !self.has_ended() && !self.is_deaf.load(Ordering::Relaxed)
    }

    fn carried(&self) -> MutexGuard<'_, HashMap<u32, Carried>> {
        // It is whole at every step, whatever panicked.
        self.carried.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn dropped(&self) -> MutexGuard<'_, Vec<u32>> {
        // So is this.
        self.dropped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries one more socket, that said `first`; none where it carries as many as it may.
    pub(super) async fn open(self: &Arc<Self>, first: Utf8Bytes) -> Result<Channel, Unsaid> {
        bounded(&first)?;
        self.begin(|number| Frame::Open(number, first)).await
    }

    /// Asks the other node, and gives its answer; none where there is none.
    pub(super) async fn ask(self: &Arc<Self>, question: Utf8Bytes) -> Option<Utf8Bytes> {
        bounded(&question).ok()?;
        let begun = self.begin(|number| Frame::Ask(number, question)).await;
        let mut channel = begun.ok()?;
        match channel.hearer.hear().await? {
            Said::Text(answer) => Some(answer),
            Said::Closed(_) => None,
        }
    }

    /// The same, of an answer that comes in pieces and is at most so long, bytes.
    pub(super) async fn ask_at_length(
        self: &Arc<Self>,
        question: Utf8Bytes,
        longest: usize,
    ) -> Option<String> {
        bounded(&question).ok()?;
        let begun = self.begin(|number| Frame::Ask(number, question)).await;
        let (mut channel, mut answer) = (begun.ok()?, String::new());
        loop {
            match channel.hearer.hear().await? {
                Said::Text(piece) if answer.len() + piece.len() <= longest => {
                    answer.push_str(&piece);
                }
                Said::Closed(ANSWERED) => return Some(answer),
                Said::Text(_) | Said::Closed(_) => return None,
            }
        }
    }

    async fn begin(self: &Arc<Self>, frame: impl FnOnce(u32) -> Frame) -> Result<Channel, Unsaid> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let channel = self.carry(number).map_err(|_not_carried| Unsaid::Ended)?;
        self.queue
            .send(frame(number))
            .await
            .map_err(|_ended| Unsaid::Ended)?;
        Ok(channel)
    }

    fn carry(self: &Arc<Self>, number: u32) -> Result<Channel, NotCarried> {
        let mut carried = self.carried();
        if self.has_ended() || carried.contains_key(&number) {
            return Err(NotCarried::Wrong);
        }
        if carried.len() >= MOST {
            return Err(NotCarried::Full);
        }
        let (tell, said) = mpsc::channel(ROOM);
        let credit = Arc::new(Semaphore::new(CREDIT));
        let it = Carried {
            said: tell,
            credit: Arc::clone(&credit),
        };
        carried.insert(number, it);
        drop(carried);
        let stream = Arc::clone(self);
        Ok(Channel {
            hearer: Hearer {
                number,
                stream: Arc::clone(self),
                said,
            },
            speaker: Speaker {
                number,
                stream,
                credit,
                is_closed: false,
            },
        })
    }

    /// What the other node begins; none where there is no room for it, which it hears.
    fn begun(self: &Arc<Self>, number: u32) -> Result<Option<Channel>, Wrong> {
        match self.carry(number) {
            Ok(channel) => Ok(Some(channel)),
            // The other may have more room: sockets end there and here one after the other.
            Err(NotCarried::Full) => {
                self.dropped().push(number);
                self.are_dropped.notify_one();
                Ok(None)
            }
            Err(NotCarried::Wrong) => Err(Wrong),
        }
    }

    /// Hands a frame to the socket that it is for. One that has ended meanwhile hears nothing.
    fn take(&self, frame: Frame) -> Result<(), Wrong> {
        let (number, said) = match frame {
            Frame::Open(..) | Frame::Ask(..) => return Err(Wrong),
            Frame::Credit(number, more) => return self.take_credit(number, more.into()),
            Frame::Said(number, text) => (number, Said::Text(text)),
            Frame::Closed(number, code) => (number, Said::Closed(code)),
        };
        let Some(tell) = self.carried().get(&number).map(|it| it.said.clone()) else {
            return Ok(());
        };
        match tell.try_send(said) {
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => Ok(()),
            Err(mpsc::error::TrySendError::Full(_)) => Err(Wrong),
        }
    }

    fn take_credit(&self, number: u32, more: usize) -> Result<(), Wrong> {
        let carried = self.carried();
        let credit = carried.get(&number).map(|it| Arc::clone(&it.credit));
        drop(carried);
        let Some(credit) = credit else {
            return Ok(());
        };
        if credit.available_permits() + more > CREDIT {
            return Err(Wrong);
        }
        credit.add_permits(more);
        Ok(())
    }

    /// Carries frames until either node ends it. `open` is handed each socket that the other node opens;
    /// without it, the other may open none.
    pub(super) async fn run(
        self: Arc<Self>,
        socket: Socket,
        frames: mpsc::Receiver<Frame>,
        open: Option<impl Fn(Begun)>,
    ) {
        let (sink, source) = socket.split();
        tokio::select! {
            () = self.write(sink, frames) => {}
            () = self.read(source, open) => {}
            () = self.ended.cancelled() => {}
        }
        self.end();
    }

    /// Ends it, and all that it carries.
    pub(super) fn end(&self) {
        self.ended.cancel();
        self.carried().clear();
    }

    async fn read(self: &Arc<Self>, mut source: SplitStream<Socket>, open: Option<impl Fn(Begun)>) {
        loop {
            let message = match timeout(SILENCE, source.next()).await {
                Ok(Some(Ok(message))) => message,
                Ok(Some(Err(error))) => {
                    return tracing::debug!(%error, "the stream to another node broke");
                }
                Ok(None) => return,
                Err(_elapsed) => return tracing::info!("another node is silent"),
            };
            let frame = match message {
                Message::Binary(bytes) => Frame::read(&bytes),
                Message::Ping(_) | Message::Pong(_) => continue,
                Message::Close(_) => return,
                Message::Text(_) | Message::Frame(_) => None,
            };
            let taken = match (frame, &open) {
                (Some(Frame::Open(number, first)), Some(open)) => self.begun(number).map(|begun| {
                    if let Some(channel) = begun {
                        open(Begun::Socket(channel, first));
                    }
                }),
                (Some(Frame::Ask(number, question)), Some(open)) => {
                    self.begun(number).map(|begun| {
                        if let Some(channel) = begun {
                            open(Begun::Question(channel, question));
                        }
                    })
                }
                (Some(frame), _) => self.take(frame),
                (None, _) => Err(Wrong),
            };
            if taken.is_err() {
                return tracing::warn!("another node says what it may not: the stream ends");
            }
        }
    }

    async fn write(&self, mut sink: SplitSink<Socket, Message>, mut frames: mpsc::Receiver<Frame>) {
        let mut ticks = interval(PING);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let written = tokio::select! {
                biased;
                _ = ticks.tick() => vec![Message::Ping(bytes::Bytes::new())],
                () = self.are_dropped.notified() => {
                    let numbers = std::mem::take(&mut *self.dropped());
                    let closed = numbers.into_iter().map(|it| Frame::Closed(it, LOST));
                    closed.map(|it| Message::Binary(it.write())).collect()
                }
                frame = frames.recv() => match frame {
                    Some(frame) => vec![Message::Binary(frame.write())],
                    None => return,
                },
            };
            for message in written {
                match timeout(SILENCE, sink.send(message)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) | Err(_) => return,
                }
            }
        }
    }
}

/// It may not say that.
struct Wrong;

/// Why a socket is not carried.
enum NotCarried {
    /// There are as many as may be.
    Full,
    /// It is carried already, or the stream has ended.
    Wrong,
}

impl Speaker {
    /// Says something, as soon as the other node has room for it.
    pub(super) async fn say(&self, text: Utf8Bytes) -> Result<(), Unsaid> {
        bounded(&text)?;
        self.may_say().await?;
        self.send(Frame::Said(self.number, text)).await
    }

    /// Waits until the other node has room for one more, and takes that room.
    async fn may_say(&self) -> Result<(), Unsaid> {
        tokio::select! {
            permit = self.credit.acquire() => {
                permit.map_err(|_closed| Unsaid::Ended)?.forget();
                Ok(())
            }
            () = self.stream.ended.cancelled() => Err(Unsaid::Ended),
        }
    }

    /// Says how it ended, after all that was said.
    pub(super) async fn close(&mut self, code: u16) -> Result<(), Unsaid> {
        self.is_closed = true;
        self.send(Frame::Closed(self.number, code)).await
    }

    async fn send(&self, frame: Frame) -> Result<(), Unsaid> {
        tokio::select! {
            sent = self.stream.queue.send(frame) => sent.map_err(|_ended| Unsaid::Ended),
            () = self.stream.ended.cancelled() => Err(Unsaid::Ended),
        }
    }
}

impl Hearer {
    /// What came next; none where the stream has ended.
    pub(super) async fn hear(&mut self) -> Option<Said> {
        let said = self.said.recv().await?;
        if let Said::Text(_) = said {
            // There is room for one more.
            let credit = Frame::Credit(self.number, 1);
            tokio::select! {
                sent = self.stream.queue.send(credit) => sent.ok()?,
                () = self.stream.ended.cancelled() => return None,
            }
        }
        Some(said)
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        self.stream.carried().remove(&self.number);
        if !self.is_closed && !self.stream.has_ended() {
            self.stream.dropped().push(self.number);
            self.stream.are_dropped.notify_one();
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use cluster::Boot;

    use super::super::greet::tests::meet;
    use super::super::proof::Key;
    use super::*;

    const TIME: Duration = Duration::from_secs(20);

    async fn sockets() -> (Socket, Socket) {
        let key = Key::of_tests(1);
        let (dialled, answered) = meet((&key, &key), Boot(2)).await;
        let (answered, _) = answered.expect("they know each other");
        (dialled.expect("they know each other"), answered)
    }

    /// Both ends of a stream that runs, and what the one begins at the other.
    pub(in super::super) async fn streams() -> (Arc<Stream>, Arc<Stream>, mpsc::Receiver<Begun>) {
        let (dials, answers) = sockets().await;
        let (one, frames) = Stream::new();
        tokio::spawn(Arc::clone(&one).run(dials, frames, None::<fn(Begun)>));
        let (other, frames) = Stream::new();
        let (tell, begun) = mpsc::channel(10);
        let open = move |it| tell.try_send(it).expect("there is room");
        tokio::spawn(Arc::clone(&other).run(answers, frames, Some(open)));
        (one, other, begun)
    }

    async fn next(begun: &mut mpsc::Receiver<Begun>) -> Channel {
        match timeout(TIME, begun.recv()).await {
            Ok(Some(Begun::Socket(channel, _) | Begun::Question(channel, _))) => channel,
            other => panic!("{other:?}"),
        }
    }

    async fn hear(hearer: &mut Hearer) -> Option<Said> {
        timeout(TIME, hearer.hear()).await.expect("in time")
    }

    fn text(said: &str) -> Utf8Bytes {
        said.into()
    }

    #[tokio::test]
    async fn what_is_said_is_heard_at_the_other_end_and_so_is_how_it_ended() {
        let (one, _other, mut begun) = streams().await;
        let mut here = one.open(text("first")).await.expect("it runs");
        let mut there = next(&mut begun).await;
        for round in 0..100 {
            let said = text(&format!("{round}"));
            here.speaker.say(said.clone()).await.expect("said");
            assert!(matches!(hear(&mut there.hearer).await, Some(Said::Text(it)) if it == said));
            there.speaker.say(said.clone()).await.expect("said");
            assert!(matches!(hear(&mut here.hearer).await, Some(Said::Text(it)) if it == said));
        }
        there.speaker.say(text("goodbye")).await.expect("said");
        there.speaker.close(4001).await.expect("said");
        assert!(matches!(hear(&mut here.hearer).await, Some(Said::Text(_))));
        assert!(matches!(
            hear(&mut here.hearer).await,
            Some(Said::Closed(4001))
        ));
        // One that is dropped without a word is lost.
        let mut here = one.open(text("first")).await.expect("it runs");
        drop(next(&mut begun).await);
        assert!(matches!(
            hear(&mut here.hearer).await,
            Some(Said::Closed(LOST))
        ));
        let asking = Arc::clone(&one);
        let asked = tokio::spawn(async move { asking.ask(text("what?")).await });
        let there = next(&mut begun).await;
        there.speaker.say(text("that")).await.expect("said");
        assert_eq!(asked.await.expect("no panic"), Some(text("that")));
    }

    #[tokio::test]
    async fn where_there_is_no_room_one_socket_is_refused_and_the_others_go_on() {
        let (one, other, mut begun) = streams().await;
        let mut here = one.open(text("first")).await.expect("it runs");
        let there = next(&mut begun).await;
        let mut full = Vec::new();
        for number in (1..u32::MAX).rev().take(MOST - 1) {
            full.push(other.carry(number).ok());
        }
        let mut refused = one.open(text("one more")).await.expect("it runs");
        assert!(matches!(
            hear(&mut refused.hearer).await,
            Some(Said::Closed(LOST))
        ));
        there.speaker.say(text("x")).await.expect("said");
        assert!(matches!(hear(&mut here.hearer).await, Some(Said::Text(_))));
        drop(full);
    }

    /// Whatever is said on one socket, the others of the stream go on.
    #[tokio::test]
    async fn what_is_too_long_ends_no_other_socket() {
        let (one, _other, mut begun) = streams().await;
        let beside = one.open(text("first")).await.expect("it runs");
        let mut beside_there = next(&mut begun).await;
        // All of a room's 200 who knock, with names as long as they may be, and of letters of four bytes.
        let knocking = wire::message::ServerMessage::Knocking {
            people: (0..200)
                .map(|participant| wire::message::Knocker {
                    participant,
                    name: "\u{1d4d0}".repeat(100),
                })
                .collect(),
        };
        let knocking = Utf8Bytes::from(knocking.to_json());
        assert!(
            knocking.len() > wire::MAX_MESSAGE,
            "it is longer than what comes in"
        );
        for longest in [knocking, text(&"x".repeat(LONGEST_TEXT))] {
            let here = one.open(longest.clone()).await.expect("it runs");
            let mut there = next(&mut begun).await;
            there.speaker.say(longest.clone()).await.expect("said");
            here.speaker.say(longest.clone()).await.expect("said");
            assert!(matches!(hear(&mut there.hearer).await, Some(Said::Text(it)) if it == longest));
        }
        let too_long = text(&"x".repeat(LONGEST_TEXT + 1));
        assert_eq!(
            one.open(too_long.clone()).await.err(),
            Some(Unsaid::TooLong)
        );
        assert_eq!(one.ask(too_long.clone()).await, None);
        assert_eq!(
            beside_there.speaker.say(too_long).await,
            Err(Unsaid::TooLong)
        );
        beside.speaker.say(text("x")).await.expect("said");
        assert!(matches!(
            hear(&mut beside_there.hearer).await,
            Some(Said::Text(_))
        ));
        assert!(!one.has_ended());
    }

    #[tokio::test]
    async fn whoever_reads_slowly_waits_alone() {
        let (one, _other, mut begun) = streams().await;
        let slow = one.open(text("first")).await.expect("it runs");
        let mut slow_there = next(&mut begun).await;
        for _ in 0..CREDIT {
            slow.speaker.say(text("x")).await.expect("said");
        }
        let mut more = Box::pin(slow.speaker.say(text("one more")));
        assert!(futures_util::poll!(&mut more).is_pending());
        let fast = one.open(text("first")).await.expect("it runs");
        let mut fast_there = next(&mut begun).await;
        for _ in 0..10 * CREDIT {
            fast.speaker.say(text("x")).await.expect("said");
            assert!(hear(&mut fast_there.hearer).await.is_some());
        }
        assert!(futures_util::poll!(&mut more).is_pending());
        assert!(hear(&mut slow_there.hearer).await.is_some());
        timeout(TIME, more).await.expect("in time").expect("said");
    }

    #[tokio::test]
    async fn a_node_that_says_more_than_it_may_is_cut_off() {
        let more = || Frame::Said(0, text("x"));
        let cases: [Vec<Frame>; 4] = [
            (0..=ROOM).map(|_| more()).collect(),
            vec![Frame::Credit(0, 1)],
            vec![Frame::Open(0, text("again"))],
            Vec::new(),
        ];
        for frames in cases {
            let (mut dials, answers) = sockets().await;
            let (stream, queue) = Stream::new();
            let (tell, mut begun) = mpsc::channel(10);
            let open = move |it| tell.try_send(it).expect("there is room");
            let runs = tokio::spawn(Arc::clone(&stream).run(answers, queue, Some(open)));
            let first = Frame::Open(0, text("first")).write();
            dials.send(Message::Binary(first)).await.expect("sent");
            let mut held = next(&mut begun).await;
            for frame in &frames {
                let sent = dials.send(Message::Binary(frame.write())).await;
                sent.expect("sent");
            }
            if frames.is_empty() {
                let sent = dials.send(Message::Text("no frame".into())).await;
                sent.expect("sent");
            }
            // It is not silent: what ends the stream is what it said.
            let talks = async {
                let mut ticks = interval(PING);
                loop {
                    ticks.tick().await;
                    let ping = Message::Ping(bytes::Bytes::new());
                    if dials.send(ping).await.is_err() {
                        std::future::pending::<()>().await;
                    }
                }
            };
            let ended = async {
                tokio::select! {
                    ended = runs => ended.expect("no panic"),
                    () = talks => {}
                }
            };
            timeout(TIME, ended).await.expect("in time");
            assert!(stream.has_ended());
            // What had come is heard, and then that the way has ended.
            while hear(&mut held.hearer).await.is_some() {}
            assert_eq!(held.speaker.say(text("x")).await, Err(Unsaid::Ended));
        }
    }
}
