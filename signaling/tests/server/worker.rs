//! A media worker dies under a call: its people come back by themselves, nobody else notices
//! anything, and it is said meanwhile.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};
use std::time::Duration;

use load::client::{Arrival, Link, Role, Swarm, Tally};
use load::play::joining::Door;
use load::play::stay::{Stayer, Told, Word};
use sfu::Sfu;
use signaling::data::Data;
use signaling::demo::{self, Demo};
use signaling::server::{Bound, Media, Server};
use tokio::sync::{Mutex, MutexGuard, mpsc};
use tokio::time::timeout;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::support::request::get;
use crate::support::{PATIENCE, settings};

/// So soon it is another's work again, and that it had to be is said no more.
const STARTED_ANEW: Duration = Duration::from_secs(5);

/// Whether the worker to which the next peer is attached panics.
static IS_ARMED: AtomicBool = AtomicBool::new(false);

/// Hears what workers log, and has one panic while it does.
struct Saboteur;

#[derive(Default)]
struct IsAttached(bool);

impl Visit for IsAttached {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0 |= field.name() == "message" && format!("{value:?}") == "attached";
    }
}

impl Subscriber for Saboteur {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("sfu::worker")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut visit = IsAttached::default();
        event.record(&mut visit);
        assert!(
            !visit.0 || !IS_ARMED.swap(false, Ordering::SeqCst),
            "sabotaged"
        );
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Only one test at a time may have a worker die.
async fn begin() -> MutexGuard<'static, ()> {
    static BEGUN: Once = Once::new();
    static ALONE: Mutex<()> = Mutex::const_new(());
    BEGUN.call_once(|| {
        tracing::subscriber::set_global_default(Saboteur).expect("there is no other");
    });
    ALONE.lock().await
}

/// Four people of one call, and what they hear.
struct Four {
    call: u32,
    doors: Vec<Door>,
    swarm: Arc<Swarm>,
    arrived: mpsc::Receiver<Arrival>,
    tell: mpsc::Sender<Told>,
    told: mpsc::Receiver<Told>,
}

impl Four {
    fn of(call: u32, doors: Vec<Door>) -> Self {
        let (arrivals, arrived) = mpsc::channel(64);
        let (tell, told) = mpsc::channel(64);
        let swarm = Swarm::start(arrivals, false, Link::default()).expect("a thread");
        Self {
            call,
            doors,
            swarm: Arc::new(swarm),
            arrived,
            tell,
            told,
        }
    }

    /// The next of them presses Join, and stays.
    async fn joins(&self, seat: u32) {
        let role = Role {
            call: self.call,
            seat,
        };
        let who = seat as usize;
        let (participant, offer) = self.swarm.add(role).await.expect("a port");
        let stayer = Stayer {
            who,
            door: self.doors.get(who).expect("five a call").clone(),
            swarm: Arc::clone(&self.swarm),
            participant,
            told: self.tell.clone(),
            held: None,
        };
        tokio::spawn(async move { stayer.stay(offer).await.expect("it is let in") });
    }

    /// They join one after the other, so that each has the seat of their number.
    async fn are_seated(&mut self, seats: u32) {
        for seat in 0..seats {
            self.joins(seat).await;
            let told = self.hears().await;
            assert!(matches!(told, Told { what: Word::Seated(people), .. }
                if people.len() == seat as usize + 1));
        }
    }

    async fn hears(&mut self) -> Told {
        let told = timeout(PATIENCE, self.told.recv()).await;
        told.expect("it is told in time").expect("they live")
    }

    /// Waits until media of somebody else has come to each of so many anew.
    async fn all_hear(&mut self, count: usize) {
        let mut heard = BTreeSet::new();
        while heard.len() < count {
            let arrival = timeout(PATIENCE, self.arrived.recv()).await;
            let arrival = arrival.expect("media comes in time").expect("it lives");
            heard.insert(arrival.participant);
        }
    }

    /// Waits until all four have come back, the last of them to a seat.
    async fn all_come_back(&mut self) {
        let (mut renewed, mut is_seated) = (BTreeSet::new(), false);
        while renewed.len() < 4 || !is_seated {
            let Told { who, what, .. } = self.hears().await;
            match what {
                // Who was about to sit down comes back by another socket.
                Word::Renews | Word::ComesBack => drop(renewed.insert(who)),
                Word::Seated(people) => {
                    assert_eq!(people.len(), 4, "nobody lost their seat");
                    is_seated |= who == 3;
                }
                Word::Waits(_) | Word::Over(_) => panic!("{who} lost their seat: {what:?}"),
            }
        }
    }

    async fn take(&self) -> Tally {
        self.swarm.take().await.expect("the swarm lives")
    }
}

/// A server with so many workers, and the people of two calls.
async fn open(folder: &Path, workers: u16) -> (Server, SocketAddr, [Four; 2]) {
    let mut settings = settings();
    folder.clone_into(&mut settings.data.folder);
    let data = Data::open(&settings).await.expect("an empty folder");
    let bound = Bound::new(&settings).expect("a free port");
    let address = bound.address();
    let url = settings.public_url(address);
    let demo = Demo::fill(&data, &url, 2).await.expect("it is empty");
    let links = demo.json().expect("it is plain");
    let (sfu, events) = Sfu::start(&sfu::Settings {
        listen: ([127, 0, 0, 1], 0).into(),
        workers,
        announce: Vec::new(),
        machine: sfu::machine,
    })
    .expect("loopback");
    let media = Media {
        plane: Arc::new(sfu),
        events,
    };
    let carriers = data.carriers(&settings).expect("files");
    let store = data.store.clone().with_margins(demo::MARGINS);
    let server = bound
        .serve(&settings, data.keyring, store, media, carriers)
        .await
        .expect("records");
    let calls = load::play::read_links(&links, None, 2).expect("two calls of five");
    let calls = calls.into_iter().zip(0..);
    let calls: Vec<_> = calls.map(|(doors, call)| Four::of(call, doors)).collect();
    (server, address, calls.try_into().ok().expect("two"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_media_worker_that_dies_costs_its_people_a_moment_and_nobody_else_anything() {
    let _alone = begin().await;
    let folder = tempfile::tempdir().expect("a folder");
    let (server, address, [mut doomed, mut others]) = open(folder.path(), 2).await;
    // By turns: each call on a worker of its own.
    doomed.are_seated(3).await;
    others.are_seated(4).await;
    doomed.all_hear(3).await;
    others.all_hear(4).await;
    assert_eq!(get(address, "/readyz").await.status, 200);
    others.take().await;

    IS_ARMED.store(true, Ordering::SeqCst);
    doomed.joins(3).await;
    let said = async {
        loop {
            let ready = get(address, "/readyz").await;
            if ready.status == 503 {
                return ready.body;
            }
        }
    };
    let said = timeout(PATIENCE, said).await.expect("it is said");
    assert!(said.contains("media: unwell: Worker "), "{said}");
    let well = timeout(STARTED_ANEW, async move {
        while get(address, "/readyz").await.status != 200 {}
    });
    let well = tokio::spawn(well);
    doomed.all_hear(4).await;
    doomed.all_come_back().await;
    assert_eq!(doomed.take().await.misrouted, 0, "each sits where they sat");

    let theirs = others.take().await;
    assert!(theirs.sound_expected > 0, "they talked meanwhile");
    assert_eq!(theirs.sound_expected, theirs.sound_received);
    assert_eq!((theirs.misrouted, theirs.duplicated), (0, 0));
    assert!(others.told.try_recv().is_err(), "nobody told them anything");
    let well = well.await.expect("no panic");
    well.expect("it is well again in time");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_there_is_no_other_worker_everybody_comes_back_to_the_one_that_is_started_anew() {
    let _alone = begin().await;
    let folder = tempfile::tempdir().expect("a folder");
    let (server, _, [mut first, mut second]) = open(folder.path(), 1).await;
    first.are_seated(3).await;
    second.are_seated(4).await;
    first.all_hear(3).await;
    second.all_hear(4).await;
    while second.told.try_recv().is_ok() {}
    IS_ARMED.store(true, Ordering::SeqCst);
    first.joins(3).await;
    for call in [&mut first, &mut second] {
        call.all_hear(4).await;
        assert_eq!(call.take().await.misrouted, 0, "each sits where they sat");
    }
    first.all_come_back().await;
    let told: Vec<Word> = std::iter::from_fn(|| second.told.try_recv().ok())
        .map(|told| told.what)
        .collect();
    assert_eq!(told, [const { Word::Renews }; 4], "on the sockets they had");
    server.stop().await;
}
