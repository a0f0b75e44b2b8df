//! The log, on standard error. Nothing depends on it: who logs hands over a line and goes on,
//! whether the disk is full, the pipe is closed, or its reader has stopped reading. One thread of
//! its own writes; lines that find no room, or that the system does not take, are counted, and
//! their number is said once lines are taken again.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd as _;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

use crate::health::Part;
use crate::settings::{LogFormat, Settings};

/// The most that waits to be written, bytes.
const ROOM: usize = 256 * 1024;

/// What is said while lines are lost.
const LOST: &str = "Lines of the log are lost: what takes them is full, closed or does not read.";

/// How long to let be a pipe that is full and does not make its writer wait.
const FULL: Duration = Duration::from_millis(20);

/// The lines that wait, and the thread that writes them. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Log {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
    part: OnceLock<Part>,
}

#[derive(Debug, Default)]
struct Queue {
    lines: VecDeque<Vec<u8>>,
    bytes: usize,
    /// Whether one is being written.
    is_writing: bool,
    /// How many were lost since that was said.
    lost: u64,
    /// Why the last of them was.
    why: Option<ErrorKind>,
}

/// Begins the log by the settings: everything that is traced goes to standard error, and so do
/// panics, in lines like all others.
///
/// # Errors
///
/// The system gives no thread.
pub fn begin(settings: &Settings) -> io::Result<Log> {
    // Not by `std::io::stderr`, whose lock a write that hangs would hold.
    let log = Log::to(File::from(io::stderr().as_fd().try_clone_to_owned()?))?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(settings.log_filter())
        .with_writer(log.clone())
        // It would complain on standard error, and panic where that is closed.
        .log_internal_errors(false);
    match settings.log.format {
        LogFormat::Text => lines.with_ansi(false).init(),
        LogFormat::Json => lines.json().init(),
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let belief = panic.payload_as_str().unwrap_or_default();
        tracing::error!(place, belief, "a fault of the program: a task broke off");
    }));
    Ok(log)
}

impl Log {
    fn to(file: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            changed: Condvar::new(),
            part: OnceLock::new(),
        });
        let its = Arc::clone(&shared);
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || its.write_all_to(file))?;
        Ok(Self { shared })
    }

    /// Where to say from now on whether lines are lost.
    pub fn report_to(&self, part: Part) {
        let queue = self.shared.lock();
        if queue.lost > 0 {
            part.doubtful(LOST);
        }
        // Whoever asks first is told.
        drop(self.shared.part.set(part));
        drop(queue);
    }

    /// Waits until all is written, but not for long: it may never be.
    pub fn finish(&self, patience: Duration) {
        let is_busy = |queue: &mut Queue| queue.is_writing || !queue.lines.is_empty();
        let shared = &self.shared;
        drop(
            shared
                .changed
                .wait_timeout_while(shared.lock(), patience, is_busy),
        );
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Lines<'a>;

    fn make_writer(&'a self) -> Lines<'a> {
        Lines {
            shared: &self.shared,
        }
    }
}

/// Takes lines for the log.
#[derive(Debug)]
pub struct Lines<'a> {
    shared: &'a Shared,
}

impl Write for Lines<'_> {
    /// Takes one line, and never waits.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.shared.take(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // The queue is whole at every step, whatever panicked.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, line: &[u8]) {
        let mut queue = self.lock();
        if queue.bytes + line.len() <= ROOM {
            queue.bytes += line.len();
            queue.lines.push_back(line.to_owned());
            drop(queue);
            self.changed.notify_all();
        } else {
            drop(queue);
            self.lose(ErrorKind::WouldBlock);
        }
    }

    /// A line is lost: counted, and said the first time where it can be.
    fn lose(&self, why: ErrorKind) {
        let mut queue = self.lock();
        queue.lost += 1;
        queue.why = Some(why);
        if queue.lost == 1
            && let Some(part) = self.part.get()
        {
            part.doubtful(LOST);
        }
        drop(queue);
    }

    fn write_all_to(&self, mut file: impl Write) {
        // Whether the last line ended in the middle.
        let mut is_torn = false;
        loop {
            let line = self.next();
            let written = write(&mut file, &line, &mut is_torn);
            match written {
                Err(error) => self.lose(error.kind()),
                Ok(()) => self.find(),
            }
            self.lock().is_writing = false;
            self.changed.notify_all();
        }
    }

    /// Waits for a line.
    fn next(&self) -> Vec<u8> {
        let mut queue = self.lock();
        loop {
            if let Some(line) = queue.lines.pop_front() {
                queue.bytes -= line.len();
                queue.is_writing = true;
                return line;
            }
            queue = self
                .changed
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A line was taken: those that were lost before are said, unless so much waits still that more
    /// may be lost.
    fn find(&self) {
        let mut queue = self.lock();
        if queue.lost == 0 || queue.bytes > ROOM / 2 {
            return;
        }
        let lost = std::mem::take(&mut queue.lost);
        let why = match queue.why.take() {
            Some(ErrorKind::WouldBlock) | None => "its reader did not read".to_owned(),
            Some(why) => why.to_string(),
        };
        if let Some(part) = self.part.get() {
            part.well();
        }
        drop(queue);
        tracing::warn!(lost, why, "lines of the log were lost");
    }
}

/// Writes one line; after one that ended in the middle it begins on a line of its own.
fn write(file: &mut impl Write, line: &[u8], is_torn: &mut bool) -> io::Result<()> {
    let mut rest: Vec<u8> = Vec::with_capacity(line.len() + 1);
    if *is_torn {
        rest.push(b'\n');
    }
    rest.extend_from_slice(line);
    let mut rest = rest.as_slice();
    while !rest.is_empty() {
        match file.write(rest) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(length) => {
                rest = rest.get(length..).unwrap_or_default();
                *is_torn = true;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(FULL),
            Err(error) => return Err(error),
        }
    }
    *is_torn = false;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

    use super::*;
    use crate::health::{Health, State};

    /// A file that answers each write as it is told, and keeps what it took.
    struct Told {
        answers: Receiver<io::Result<usize>>,
        taken: SyncSender<Vec<u8>>,
    }

    impl Write for Told {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let Ok(answer) = self.answers.recv() else {
                return Ok(bytes.len());
            };
            let length = answer?.min(bytes.len());
            let taken = bytes.get(..length).unwrap_or_default().to_vec();
            self.taken.send(taken).expect("the test reads");
            Ok(length)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Stage {
        log: Log,
        answer: SyncSender<io::Result<usize>>,
        taken: Receiver<Vec<u8>>,
        health: Health,
    }

    fn stage() -> Stage {
        let (answer, answers) = sync_channel(64);
        let (took, taken) = sync_channel(64);
        let file = Told {
            answers,
            taken: took,
        };
        let log = Log::to(file).expect("a thread");
        let health = Health::default();
        log.report_to(health.part("log"));
        Stage {
            log,
            answer,
            taken,
            health,
        }
    }

    impl Stage {
        fn say(&self, line: &[u8]) {
            self.log.make_writer().write_all(line).expect("it is taken");
        }

        fn answer(&self, answer: io::Result<usize>) {
            self.answer.send(answer).expect("it writes");
        }

        fn taken(&self) -> Vec<u8> {
            self.taken.recv().expect("it writes")
        }

        fn lost(&self) -> u64 {
            self.log.shared.lock().lost
        }

        fn is_doubtful(&self) -> bool {
            matches!(self.health.all().as_slice(), [(_, State::Doubtful(_))])
        }
    }

    #[test]
    fn a_file_that_hangs_holds_up_nobody_and_what_found_no_room_is_counted() {
        let stage = stage();
        let line = [b'x'; 1000];
        // None is written before the first answer.
        for _ in 0..2 * ROOM / line.len() {
            stage.say(&line);
        }
        let lost = stage.lost();
        let few = u64::try_from(ROOM / line.len()).expect("few");
        assert!((few - 2..few + 2).contains(&lost), "{lost}");
        assert!(stage.is_doubtful());
        stage.log.finish(Duration::from_millis(1));
        // It is read again, for ever.
        let Stage { log, answer, .. } = stage;
        drop(answer);
        log.finish(Duration::from_secs(20));
        assert_eq!(log.shared.lock().lost, 0);
    }

    #[test]
    fn what_is_refused_is_counted_and_a_torn_line_ends_before_the_next() {
        let stage = stage();
        stage.say(b"first\n");
        stage.answer(Ok(2));
        stage.answer(Err(ErrorKind::StorageFull.into()));
        assert_eq!(stage.taken(), b"fi");
        stage.say(b"second\n");
        stage.answer(Err(ErrorKind::BrokenPipe.into()));
        stage.log.finish(Duration::from_secs(20));
        assert_eq!(stage.lost(), 2);
        assert!(stage.is_doubtful());
        stage.say(b"third\n");
        stage.answer(Err(ErrorKind::Interrupted.into()));
        stage.answer(Err(ErrorKind::WouldBlock.into()));
        stage.answer(Ok(100));
        assert_eq!(stage.taken(), b"\nthird\n");
        stage.log.finish(Duration::from_secs(20));
        assert_eq!(stage.lost(), 0);
        let well = stage.health.part("log").well();
        assert_eq!(well, State::Well);
    }
}
