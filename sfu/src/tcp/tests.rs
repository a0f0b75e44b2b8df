//! The bounds of connections, over real sockets, with time as an argument.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use mio::{Events, Poll};

use super::*;

/// Connections, and what came by them.
struct Stage {
    poll: Poll,
    streams: Streams,
    address: SocketAddr,
    now: Instant,
    came: Came,
}

/// Takes what comes; whoever has sent a datagram of this length is known.
#[derive(Default)]
struct Came {
    datagrams: Vec<(Path, Vec<u8>)>,
    known: Vec<Path>,
}

const PROOF: usize = 77;

impl Receive for Came {
    fn take(&mut self, from: Path, _framing: Framing, datagram: &mut [u8]) {
        if datagram.len() == PROOF {
            self.known.push(from);
        }
        self.datagrams.push((from, datagram.to_vec()));
    }

    fn knows(&self, path: Path) -> bool {
        self.known.contains(&path)
    }
}

/// A datagram of `length` bytes that begins as STUN does, behind its length.
fn frame(length: usize) -> Vec<u8> {
    let mut datagram = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    datagram.resize(length, 9);
    let mut frame = u16::try_from(length).expect("short").to_be_bytes().to_vec();
    frame.append(&mut datagram);
    frame
}

impl Stage {
    fn new() -> Self {
        let poll = Poll::new().expect("the system has one");
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("loopback");
        let address = listener.local_addr().expect("bound");
        let streams = Streams::new(listener, poll.registry(), Token(2)).expect("it is bound");
        Self {
            poll,
            streams,
            address,
            now: Instant::now(),
            came: Came::default(),
        }
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).expect("it listens")
    }

    /// Turns as a worker does until `done`.
    fn until(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> bool) {
        let given_up = Instant::now() + Duration::from_secs(10);
        while !done(self) {
            assert!(Instant::now() < given_up, "{what}");
            let mut events = Events::with_capacity(64);
            let wait = Duration::from_millis(if self.streams.is_drained() { 20 } else { 0 });
            self.poll.poll(&mut events, Some(wait)).expect("it waits");
            for event in &events {
                if event.token() == Token(2) {
                    self.streams.somebody_came();
                } else {
                    self.streams.wake(event.token());
                }
            }
            self.streams.receive(self.now, &mut self.came);
            self.streams.flush(self.now);
        }
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        self.streams.tick(self.now);
    }

    fn open(&self) -> usize {
        self.streams.connections.len()
    }
}

/// Whether the connection was ended by the other side.
fn is_ended(line: &mut TcpStream) -> bool {
    line.set_nonblocking(true).expect("the system can");
    !matches!(line.read(&mut [0; 1]), Err(error) if error.kind() == ErrorKind::WouldBlock)
}

#[test]
fn datagrams_come_whole_and_go_whole() {
    let mut stage = Stage::new();
    let mut line = stage.connect();
    let mut bytes = frame(PROOF);
    bytes.extend(frame(1_500));
    let (first, second) = bytes.split_at(PROOF + 40);
    line.write_all(first).expect("it is open");
    stage.until("the first came", |stage| stage.came.datagrams.len() == 1);
    line.write_all(second).expect("it is open");
    stage.until("both came", |stage| stage.came.datagrams.len() == 2);
    let (path, datagram) = stage.came.datagrams[1].clone();
    assert_eq!(datagram, &frame(1_500)[2..]);
    assert_eq!(path.address(), line.local_addr().expect("it is open"));
    let Path::Stream { stream, .. } = path else {
        panic!("it came by a connection");
    };
    stage.streams.push(stream, &[1, 2, 3]);
    stage.streams.push(stream, &[]);
    stage.streams.flush(stage.now);
    let mut answer = [0; 7];
    line.read_exact(&mut answer).expect("it was sent");
    assert_eq!(answer, [0, 3, 1, 2, 3, 0, 0]);
}

#[test]
fn whoever_proves_nothing_within_five_seconds_goes_and_the_others_stay() {
    let mut stage = Stage::new();
    let mut silent = stage.connect();
    let mut stranger = stage.connect();
    stranger.write_all(&frame(20)).expect("it is open");
    let mut known = stage.connect();
    known.write_all(&frame(PROOF)).expect("it is open");
    stage.until("all are there", |stage| {
        stage.open() == 3 && stage.came.datagrams.len() == 2
    });
    stage.pass(Duration::from_secs(4));
    assert_eq!(stage.open(), 3);
    stage.pass(Duration::from_secs(2));
    assert_eq!(stage.open(), 1);
    assert!(is_ended(&mut silent) && is_ended(&mut stranger) && !is_ended(&mut known));
    assert_eq!(stage.streams.ended().len(), 2);
    stage.pass(SILENCE);
    assert_eq!(stage.open(), 0, "who was known is silent for too long");
}

#[test]
fn what_is_no_datagram_of_ours_ends_its_connection_at_once() {
    let mut too_long = frame(PROOF);
    too_long.extend([0x05, 0xdd]);
    for bytes in [
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        too_long,
        vec![0xff; 4_000],
    ] {
        let mut stage = Stage::new();
        let mut line = stage.connect();
        stage.until("it came", |stage| stage.open() == 1);
        line.write_all(&bytes).expect("it is open");
        stage.until("it is over", |stage| stage.open() == 0);
        assert!(is_ended(&mut line));
        assert!(stage.streams.held.is_empty());
    }
}

#[test]
fn one_address_holds_a_bounded_number_of_connections() {
    let mut stage = Stage::new();
    let mut lines = Vec::new();
    for count in 1..=MOST_OF_ONE as usize {
        lines.push(stage.connect());
        stage.until("it is held", |stage| stage.open() == count);
    }
    let mut refused = stage.connect();
    stage.until("it is refused", |_| is_ended(&mut refused));
    assert_eq!(stage.open(), MOST_OF_ONE as usize);
    lines.pop();
    stage.until("one went", |stage| stage.open() < MOST_OF_ONE as usize);
    lines.push(stage.connect());
    stage.until("another is held", |stage| {
        stage.open() == MOST_OF_ONE as usize
    });
}

#[test]
fn a_flood_pushes_out_those_who_proved_nothing_and_nobody_else() {
    let mut stage = Stage::new();
    let mut known = stage.connect();
    known.write_all(&frame(PROOF)).expect("it is open");
    stage.until("it is known", |stage| !stage.came.known.is_empty());
    let mut first = stage.connect();
    stage.until("it came", |stage| stage.open() == 2);
    assert!(stage.streams.make_room());
    assert!(is_ended(&mut first));
    assert!(!stage.streams.make_room(), "who is known stays");
    assert!(!is_ended(&mut known));
}

#[test]
fn a_slow_reader_misses_datagrams_and_is_let_go_when_it_takes_nothing_for_seconds() {
    let mut stage = Stage::new();
    let mut line = stage.connect();
    line.write_all(&frame(PROOF)).expect("it is open");
    stage.until("it is known", |stage| !stage.came.known.is_empty());
    let Path::Stream { stream, .. } = stage.came.known[0] else {
        panic!("it came by a connection");
    };
    let dropped = |stage: &Stage| stage.streams.connections[&stream.0].dropped;
    while dropped(&stage) == 0 {
        stage.streams.push(stream, &[5; 1_200]);
        stage.streams.flush(stage.now);
    }
    let connection = &stage.streams.connections[&stream.0];
    assert!(connection.output.len() <= 2 * connection::MOST_WAITING);
    // It reads again: what it gets is whole.
    let mut read = Vec::new();
    line.set_nonblocking(true).expect("the system can");
    stage.until("all that waited is read", |stage| {
        let mut buffer = [0; 4_096];
        while let Ok(length) = line.read(&mut buffer) {
            read.extend_from_slice(&buffer[..length]);
        }
        stage.streams.connections[&stream.0].output.is_empty()
    });
    assert!(read.len() > 64 * 1024);
    for frame in read.chunks_exact(1_202) {
        assert_eq!(frame[..2], 1_200u16.to_be_bytes());
        assert!(frame[2..].iter().all(|byte| *byte == 5));
    }
    // It takes nothing any more.
    while dropped(&stage) < 3 {
        stage.streams.push(stream, &[5; 1_200]);
        stage.streams.flush(stage.now);
    }
    stage.pass(Duration::from_secs(4));
    assert_eq!(stage.open(), 1);
    stage.pass(Duration::from_secs(2));
    assert_eq!(stage.open(), 0);
}

#[test]
fn whoever_sends_without_end_holds_up_nobody() {
    let mut stage = Stage::new();
    let mut flood = stage.connect();
    let mut other = stage.connect();
    flood.set_nonblocking(true).expect("the system can");
    let small = frame(20).repeat(400);
    flood.write_all(&small[..22 * 4]).expect("there is room");
    stage.until("it is heard", |stage| !stage.came.datagrams.is_empty());
    // As much as the system holds.
    while flood.write(&small).is_ok() {}
    other.write_all(&frame(PROOF)).expect("there is room");
    let before = stage.came.datagrams.len();
    stage.until("the other is heard", |stage| {
        stage
            .came
            .datagrams
            .iter()
            .any(|(_, datagram)| datagram.len() == PROOF)
    });
    let most = stage.came.datagrams.len() - before;
    assert!(most <= 3 * 16 * 1024 / 128, "{most} datagrams came first");
    // And all of the flood comes in the end, each datagram once and whole.
    let sent = |stage: &Stage| {
        stage
            .came
            .datagrams
            .iter()
            .filter(|(_, datagram)| datagram.len() == 20)
            .count()
    };
    stage.until("the flood is over", |stage| {
        let before = sent(stage);
        stage.streams.is_drained() && before > 1_000
    });
    assert!(
        stage
            .came
            .datagrams
            .iter()
            .all(|(_, it)| [20, PROOF].contains(&it.len()))
    );
}
