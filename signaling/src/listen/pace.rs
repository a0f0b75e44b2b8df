//! How long a connection may take: to say what it wants, to stay idle, and to take what it asked
//! for.
//!
//! It is watched below TLS and HTTP, where bytes come and go: nothing above has to remember it, and
//! a peer that sends or takes one byte at a time is held to the same times.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::places::Passed;

/// How long a new connection may take until its first request is there, handshake included.
pub(super) const OPENING: Duration = Duration::from_millis(4_500);

/// How long a connection may be idle between requests: longer than proxies keep those that they
/// have in reserve, so that it is they who end them.
const IDLE: Duration = Duration::from_secs(75);

/// How long the head of a further request may take from its first byte.
const ASKING: Duration = Duration::from_millis(4_500);

/// How long a peer may take nothing of what there is for it.
pub(crate) const UNMOVED: Duration = Duration::from_secs(10);

/// What a connection is at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Doing {
    /// Nothing was asked yet.
    Opening,
    /// Something was answered, and nothing is asked.
    Idle,
    /// The head of a further request has begun to come.
    Asking,
    /// A request is answered, or the protocol is another now: what comes is watched there.
    Answering,
    /// The same, for somebody who has shown a right to it.
    Holding,
}

/// For how long a connection with several requests at a time may have some open and ask for nothing
/// more: none takes so long, but one whose answer is not taken.
const SHARED: Duration = Duration::from_mins(2);

/// What a connection is at, and since when. Clones are of one connection.
#[derive(Clone, Debug)]
pub(crate) struct Pace(Arc<Mutex<State>>);

#[derive(Clone, Copy, Debug)]
struct State {
    doing: Doing,
    since: Instant,
    /// How many requests are open.
    open: u32,
    /// Whether it may have several at a time. Frames that ask for nothing come between them.
    is_shared: bool,
    /// Of how many answers something is there to be taken, and when something of any was taken last.
    offered: u32,
    taken: Instant,
}

impl State {
    fn turn(&mut self, doing: Doing) {
        self.doing = doing;
        self.since = Instant::now();
    }
}

impl Pace {
    pub(super) fn begin() -> Self {
        Self(Arc::new(Mutex::new(State {
            doing: Doing::Opening,
            since: Instant::now(),
            open: 0,
            is_shared: false,
            offered: 0,
            taken: Instant::now(),
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Words that are written together.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It may have several requests at a time from now on.
    pub(super) fn share(&self) {
        self.state().is_shared = true;
    }

    /// A request has come.
    pub(super) fn asked(&self) {
        let mut state = self.state();
        let is_held = state.doing == Doing::Holding && state.open > 0;
        state.open = state.open.saturating_add(1);
        state.turn(if is_held {
            Doing::Holding
        } else {
            Doing::Answering
        });
    }

    /// Its answer is handed over.
    pub(super) fn answered(&self) {
        let mut state = self.state();
        state.open = state.open.saturating_sub(1);
        let doing = if state.open == 0 {
            Doing::Idle
        } else {
            state.doing
        };
        state.turn(doing);
    }

    /// There is something of one more answer to be taken, or of one less.
    fn offers(&self, is_there: bool) {
        let mut state = self.state();
        state.offered = if is_there {
            state.offered.saturating_add(1)
        } else {
            state.offered.saturating_sub(1)
        };
        state.taken = Instant::now();
    }

    /// Something of an answer is taken.
    fn is_taken(&self) {
        self.state().taken = Instant::now();
    }

    /// Whoever is there has a right to be: the connection gives way to no other until what is asked
    /// is answered.
    pub(crate) fn hold(&self) {
        self.state().turn(Doing::Holding);
    }

    /// Since when nothing has become of it; none while somebody has a right to it.
    pub(super) fn since(&self) -> Option<Instant> {
        let State { doing, since, .. } = *self.state();
        (doing != Doing::Holding).then_some(since)
    }

    fn heard(&self) {
        let mut state = self.state();
        if state.doing == Doing::Idle && !state.is_shared {
            state.turn(Doing::Asking);
        }
    }

    fn read_until(&self) -> Option<Instant> {
        let state = *self.state();
        match state.doing {
            Doing::Opening => Some(state.since + OPENING),
            Doing::Idle => Some(state.since + IDLE),
            Doing::Asking => Some(state.since + ASKING),
            Doing::Answering | Doing::Holding if state.is_shared => {
                let answered = state.since + SHARED;
                // Writing does not tell: that each stream has a window of its own is known above alone.
                let untaken = (state.offered > 0).then(|| state.taken + UNMOVED);
                Some(untaken.map_or(answered, |it| it.min(answered)))
            }
            Doing::Answering | Doing::Holding => None,
        }
    }
}

/// A stream that ends where its peer is slower than it may be.
pub(super) struct Paced<S> {
    stream: S,
    pace: Pace,
    to_read: Timer,
    to_write: Timer,
}

/// Runs out at a moment, where there is one.
#[derive(Default)]
struct Timer {
    until: Option<Instant>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Timer {
    /// An error where `until` has come; else whoever polls is woken then.
    fn poll(&mut self, until: Instant, context: &mut Context<'_>) -> io::Result<()> {
        let sleep = self
            .sleep
            .get_or_insert_with(|| Box::pin(sleep_until(until)));
        if self.until.replace(until) != Some(until) && sleep.deadline() != until {
            sleep.as_mut().reset(until);
        }
        match sleep.as_mut().poll(context) {
            Poll::Ready(()) => Err(io::ErrorKind::TimedOut.into()),
            Poll::Pending => Ok(()),
        }
    }
}

impl<S> Paced<S> {
    pub(super) fn new(stream: S, pace: Pace) -> Self {
        Self {
            stream,
            pace,
            to_read: Timer::default(),
            to_write: Timer::default(),
        }
    }

    /// What came of a try to write: none may wait longer than [`UNMOVED`].
    fn moved<T>(
        &mut self,
        tried: Poll<io::Result<T>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if tried.is_ready() {
            self.to_write.until = None;
            return tried;
        }
        let until = self
            .to_write
            .until
            .unwrap_or_else(|| Instant::now() + UNMOVED);
        match self.to_write.poll(until, context) {
            Ok(()) => Poll::Pending,
            Err(elapsed) => Poll::Ready(Err(elapsed)),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(context, buffer) {
            if buffer.filled().len() > before {
                self.pace.heard();
            }
            // Bytes that come without end are held to the time as well.
            return Poll::Ready(match self.pace.read_until() {
                Some(until) if until <= Instant::now() => Err(io::ErrorKind::TimedOut.into()),
                Some(_) | None => read,
            });
        }
        match self.pace.read_until() {
            Some(until) => {
                let this = &mut *self;
                Poll::Ready(Err(match this.to_read.poll(until, context) {
                    Ok(()) => return Poll::Pending,
                    Err(elapsed) => elapsed,
                }))
            }
            None => Poll::Pending,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let tried = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.moved(tried, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let tried = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.moved(tried, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// How much of an answer is handed over at a time: what nobody takes waits here, where it may be shared.
const PIECE: usize = 16 * 1024;

/// The body of an answer: when it is handed over, or dropped, the request is answered.
pub(super) struct Answer {
    body: Body,
    pace: Pace,
    /// What has come of it and is not handed over yet.
    rest: Bytes,
    /// Whether it is for the peer to take something, not for us to have it.
    is_offered: bool,
    _passed: Option<Arc<Passed>>,
}

impl Answer {
    pub(super) fn new(body: Body, pace: Pace, passed: Option<Arc<Passed>>) -> Self {
        pace.offers(true);
        Self {
            body,
            pace,
            rest: Bytes::new(),
            is_offered: true,
            _passed: passed,
        }
    }

    fn offer(&mut self, is_offered: bool) {
        if self.is_offered == is_offered {
            self.pace.is_taken();
        } else {
            self.pace.offers(is_offered);
            self.is_offered = is_offered;
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if self.is_offered {
            self.pace.offers(false);
        }
        self.pace.answered();
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.rest.is_empty() {
            let came = Pin::new(&mut self.body).poll_frame(context);
            self.offer(came.is_ready());
            match came {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(bytes) => self.rest = bytes,
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                ended @ (Poll::Ready(_) | Poll::Pending) => return ended,
            }
        } else {
            self.offer(true);
        }
        let piece = self.rest.len().min(PIECE);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(piece)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = self.body.size_hint();
        let rest = u64::try_from(self.rest.len()).unwrap_or(u64::MAX);
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint.set_lower(hint.lower().saturating_add(rest));
        hint
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, poll_fn};

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
    use tokio::time::{sleep, timeout};

    use super::*;

    /// A client, and our end of its connection.
    fn connection() -> (DuplexStream, Paced<DuplexStream>, Pace) {
        let (client, ours) = duplex(64);
        let pace = Pace::begin();
        (client, Paced::new(ours, pace.clone()), pace)
    }

    /// How long it took until our end gave up reading, while the client sent a byte every so often.
    async fn cut(
        mut client: DuplexStream,
        mut ours: Paced<DuplexStream>,
        every: Duration,
    ) -> Duration {
        let before = Instant::now();
        let dripping = async {
            loop {
                sleep(every).await;
                if client.write_all(b"x").await.is_err() {
                    pending::<()>().await;
                }
            }
        };
        let reading = async {
            let mut bytes = [0; 16];
            loop {
                if let Err(error) = ours.read(&mut bytes).await {
                    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
                    return before.elapsed();
                }
            }
        };
        tokio::select! {
            elapsed = reading => elapsed,
            () = dripping => unreachable!("it never ends"),
        }
    }

    const NEVER: Duration = Duration::from_hours(1);

    fn about(elapsed: Duration, expected: Duration) {
        let beyond = elapsed.checked_sub(expected).expect("not before");
        assert!(beyond <= Duration::from_millis(200), "{elapsed:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_connection_asks_soon_and_one_that_drips_is_no_better() {
        for every in [NEVER, Duration::from_secs(1), Duration::from_millis(100)] {
            let (client, ours, _) = connection();
            about(cut(client, ours, every).await, OPENING);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn between_requests_it_may_be_idle_and_a_further_head_comes_soon() {
        let (client, ours, pace) = connection();
        pace.asked();
        pace.answered();
        about(cut(client, ours, NEVER).await, IDLE);
        let (client, ours, pace) = connection();
        pace.asked();
        pace.answered();
        let first = Duration::from_secs(60);
        // One byte after a minute, and the next a minute later.
        about(cut(client, ours, first).await, first + ASKING);
        let (client, ours, pace) = connection();
        pace.asked();
        pace.answered();
        let every = Duration::from_millis(150);
        about(cut(client, ours, every).await, every + ASKING);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_answered_is_not_hurried() {
        for is_held in [false, true] {
            let (_client, mut ours, pace) = connection();
            pace.asked();
            if is_held {
                pace.hold();
            }
            assert_eq!(pace.since().is_none(), is_held);
            let reading = timeout(NEVER, ours.read_u8());
            assert!(
                reading.await.is_err(),
                "it waits as long as the answer takes"
            );
            pace.answered();
            assert!(pace.since().is_some());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn with_several_requests_at_a_time_it_is_idle_when_none_is_open() {
        for every in [NEVER, Duration::from_secs(7)] {
            let (client, ours, pace) = connection();
            pace.share();
            pace.asked();
            pace.asked();
            pace.hold();
            pace.answered();
            assert_eq!(pace.since(), None, "somebody is there");
            pace.asked();
            assert_eq!(pace.since(), None);
            pace.answered();
            pace.answered();
            assert!(pace.since().is_some());
            // What comes between them, such as a ping, asks for nothing.
            about(cut(client, ours, every).await, IDLE);
        }
        let (client, ours, pace) = connection();
        pace.share();
        pace.asked();
        about(cut(client, ours, NEVER).await, SHARED);
    }

    #[tokio::test(start_paused = true)]
    async fn of_several_answers_something_is_taken_or_the_connection_ends() {
        let text = Bytes::from(vec![b'x'; 4 * PIECE]);
        // Of neither answer anything is taken, whatever frames come.
        for every in [NEVER, Duration::from_secs(7)] {
            let (client, ours, pace) = connection();
            pace.share();
            let answers = [(); 2].map(|()| {
                pace.asked();
                Answer::new(Body::from(text.clone()), pace.clone(), None)
            });
            about(cut(client, ours, every).await, UNMOVED);
            drop(answers);
        }
        // A little of one is taken now and then.
        let (client, ours, pace) = connection();
        pace.share();
        let mut answers = [(); 2].map(|()| {
            pace.asked();
            Answer::new(Body::from(text.clone()), pace.clone(), None)
        });
        let every = UNMOVED - Duration::from_secs(1);
        let taking = async {
            for _ in 0..4 {
                sleep(every).await;
                let frame = poll_fn(|context| Pin::new(&mut answers[1]).poll_frame(context)).await;
                let piece = frame.expect("there is more").expect("it comes");
                assert_eq!(piece.into_data().expect("data").len(), PIECE);
            }
            pending::<()>().await;
        };
        tokio::select! {
            elapsed = cut(client, ours, NEVER) => about(elapsed, 4 * every + UNMOVED),
            () = taking => unreachable!("it never ends"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_not_there_yet_is_waited_for() {
        let (client, ours, pace) = connection();
        pace.share();
        pace.asked();
        let body = Body::from_stream(futures_util::stream::pending::<io::Result<Bytes>>());
        let mut answer = Answer::new(body, pace.clone(), None);
        let nothing = poll_fn(|context| Pin::new(&mut answer).poll_frame(context));
        assert!(timeout(Duration::from_secs(1), nothing).await.is_err());
        about(
            cut(client, ours, NEVER).await,
            SHARED - Duration::from_secs(1),
        );
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_takes_nothing_is_given_up_and_whoever_takes_a_little_is_not() {
        let (_client, mut ours, pace) = connection();
        pace.asked();
        let before = Instant::now();
        let error = ours.write_all(&[0; 100]).await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        about(before.elapsed(), UNMOVED);

        let (mut client, mut ours, pace) = connection();
        pace.asked();
        let reading = async {
            let mut read = 0;
            while read < 300 {
                sleep(UNMOVED - Duration::from_secs(1)).await;
                read += client.read(&mut [0; 8]).await.expect("it comes");
            }
        };
        let writing = async {
            ours.write_all(&[0; 300]).await.expect("it is taken");
        };
        tokio::join!(reading, writing);
    }
}
