//! A client of the relay that came over TLS: carried to the worker whose credentials it names, and
//! until it names any, to the first, which tells it that it must.

use std::io;

use sfu::RelayLine;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::time::error::Elapsed;
use tokio::time::timeout;

use super::pace::{OPENING, Pace, UNMOVED};

/// The most that a client says before it names its credentials, bytes of one message.
const LONGEST: usize = 2_048;

/// The worker that whoever has named no credentials is carried to.
const FIRST: usize = 0;

/// What leads to the workers.
pub(super) trait Workers {
    /// The worker whose credentials a message names.
    fn named(&self, message: &[u8]) -> Option<usize>;
    /// A line to a worker.
    fn reach(&self, worker: usize) -> io::Result<RelayLine>;
}

/// Carries messages between a client and the media plane, until either ends. A client names its
/// credentials soon; whether they are good, and how long it may be silent then, the worker knows.
pub(super) async fn carry(
    client: impl AsyncRead + AsyncWrite,
    workers: &impl Workers,
    pace: &Pace,
) -> io::Result<()> {
    let (mut from_client, mut to_client) = tokio::io::split(client);
    let mut line = open(workers, FIRST)?;
    let mut said = Vec::new();
    let named = name(
        &mut from_client,
        &mut to_client,
        &mut line,
        &mut said,
        workers,
    );
    let Some(worker) = timeout(OPENING, named).await.map_err(late)?? else {
        return Ok(());
    };
    pace.hold();
    if worker != FIRST {
        // It takes no nonce of another's: the client is told so, and asks again (RFC 8489 §9.2.4).
        line = open(workers, worker)?;
    }
    hand(&mut line, &said).await?;
    let (mut from_media, mut to_media) = line.into_split();
    tokio::select! {
        ended = pass(&mut from_client, &mut to_media) => ended,
        ended = pass(&mut from_media, &mut to_client) => ended,
    }
}

/// The worker of the credentials that a client names, and what it said with them; none where
/// either end hangs up before.
async fn name(
    from_client: &mut (impl AsyncRead + Unpin),
    to_client: &mut (impl AsyncWrite + Unpin),
    line: &mut UnixStream,
    said: &mut Vec<u8>,
    workers: &impl Workers,
) -> io::Result<Option<usize>> {
    let mut answer = vec![0; LONGEST];
    loop {
        if let Some(worker) = take_unnamed(said, workers, line).await? {
            return Ok(Some(worker));
        }
        tokio::select! {
            came = from_client.read_buf(said) => if came? == 0 { return Ok(None) },
            came = line.read(&mut answer) => match came? {
                0 => return Ok(None),
                length => hand(to_client, answer.get(..length).unwrap_or_default()).await?,
            },
        }
    }
}

fn late(_elapsed: Elapsed) -> io::Error {
    io::ErrorKind::TimedOut.into()
}

fn open(workers: &impl Workers, worker: usize) -> io::Result<UnixStream> {
    let line = workers.reach(worker)?;
    line.set_nonblocking(true)?;
    UnixStream::from_std(line)
}

/// Hands on the whole messages in `said` that name no credentials; gives the worker named by the
/// first that does, which stays.
async fn take_unnamed(
    said: &mut Vec<u8>,
    workers: &impl Workers,
    line: &mut UnixStream,
) -> io::Result<Option<usize>> {
    while let Some(length) = message_length(said)? {
        let Some(message) = said.get(..length) else {
            break;
        };
        if let Some(worker) = workers.named(message) {
            return Ok(Some(worker));
        }
        hand(line, message).await?;
        said.drain(..length);
    }
    Ok(None)
}

/// How long the message is that begins here (RFC 8489 §5); `None` where that has not come yet.
fn message_length(said: &[u8]) -> io::Result<Option<usize>> {
    let Some(&[first, _, high, low]) = said.first_chunk() else {
        return Ok(None);
    };
    let length = 20 + usize::from(u16::from_be_bytes([high, low]));
    // Nothing but messages comes before an allocation.
    if first > 3 || length > LONGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(Some(length))
}

async fn hand(to: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    let written = async {
        to.write_all(bytes).await?;
        to.flush().await
    };
    timeout(UNMOVED, written).await.map_err(late)?
}

async fn pass(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        hand(to, buffer.get(..length).unwrap_or_default()).await?;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Two workers; a message names the second where its body begins with a one.
    #[derive(Default)]
    struct Two {
        lines: Mutex<Vec<(usize, RelayLine)>>,
    }

    impl Workers for Two {
        fn named(&self, message: &[u8]) -> Option<usize> {
            message.get(20).map(|worker| usize::from(*worker))
        }

        fn reach(&self, worker: usize) -> io::Result<RelayLine> {
            let (ours, theirs) = RelayLine::pair()?;
            theirs.set_nonblocking(true)?;
            self.lines.lock().expect("free").push((worker, theirs));
            Ok(ours)
        }
    }

    impl Two {
        /// The far end of the line that was opened last, and the worker it leads to.
        fn newest(&self) -> (usize, UnixStream) {
            let (worker, line) = self.lines.lock().expect("free").pop().expect("one");
            (worker, UnixStream::from_std(line).expect("the system can"))
        }
    }

    fn message(body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; 20];
        bytes[3] = u8::try_from(body.len()).expect("short");
        bytes.extend_from_slice(body);
        bytes
    }

    async fn read(from: &mut (impl AsyncRead + Unpin), length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        from.read_exact(&mut bytes).await.expect("it comes");
        bytes
    }

    #[tokio::test]
    async fn a_client_is_carried_to_the_worker_that_it_names() {
        for named in [0, 1] {
            let workers = Two::default();
            let (mut client, ours) = tokio::io::duplex(4_096);
            let all = async {
                // In two parts, as a stream may cut it.
                client.write_all(&message(&[])[..7]).await.expect("open");
                client.write_all(&message(&[])[7..]).await.expect("open");
                let (worker, mut first) = workers.newest();
                assert_eq!(worker, FIRST);
                assert_eq!(read(&mut first, 20).await, message(&[]));
                first.write_all(b"credentials?").await.expect("open");
                assert_eq!(read(&mut client, 12).await, b"credentials?");
                let naming = message(&[named, 0, 0, 0]);
                client.write_all(&naming).await.expect("open");
                let mut line = first;
                if named == 1 {
                    assert_eq!(line.read(&mut [0]).await.expect("it ends"), 0);
                    let (worker, second) = workers.newest();
                    assert_eq!(worker, 1);
                    line = second;
                }
                assert_eq!(read(&mut line, 24).await, naming);
                // Whatever is said from here on is passed on as it is.
                client.write_all(b"@data").await.expect("open");
                assert_eq!(read(&mut line, 5).await, b"@data");
                line.write_all(b"@back").await.expect("open");
                assert_eq!(read(&mut client, 5).await, b"@back");
                drop(client);
            };
            let pace = Pace::begin();
            let (carried, ()) = tokio::join!(carry(ours, &workers, &pace), all);
            carried.expect("it ended in order");
        }
    }

    #[tokio::test]
    async fn what_is_no_message_ends_it() {
        for word in [b"@data".as_slice(), &[0, 1, 0xff, 0xff]] {
            let (mut client, ours) = tokio::io::duplex(4_096);
            client.write_all(word).await.expect("open");
            let error = carry(ours, &Two::default(), &Pace::begin())
                .await
                .expect_err("it is refused");
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
    }
}
