//! How long a booking takes while a thousand parents book five appointments each within a minute
//! of opening (EVE-2): the records alone, without HTTP. `cargo bench -p store`; with `-- POSTGRES_URL`
//! on that database instead of a file of SQLite's.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a bench says what it finds, and ends where something is wrong"
)]

use std::fmt::Write as _;
use std::time::Duration;

use jiff::civil::{date, time};
use jiff::{SignedDuration, Timestamp};
use links::KeyId;
use school::meeting::Margins;
use school::powers::RolePowers;
use school::timetable::SlotState;
use school::{
    ClassId, ContactId, EveningDraft, EveningId, JointTeachers, Label, Name, Note, Refusal, import,
};
use store::{
    Actor, BookingRequest, Doing, Error, NewClass, NewTeacher, Options, Place, Store, Then,
};
use tokio::task::JoinSet;
use tokio::time::Instant;

const PARENTS: u64 = 1000;
const CLASSES: u64 = 100;
const EACH: u64 = 5;
const WITHIN: Duration = Duration::from_mins(1);
const OFFICE: Actor = Actor::Program;

fn main() {
    let url = std::env::args().find(|it| it.starts_with("postgres"));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure(url));
}

async fn measure(url: Option<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let place = match url {
        Some(url) => Place::Postgres(url),
        None => Place::Sqlite(folder.path().join("homeroom.sqlite")),
    };
    let options = Options {
        key: KeyId(1),
        settle: SignedDuration::from_secs(20),
        texts_a_day: 50,
        powers: RolePowers::DEFAULT,
        margins: Margins::DEFAULT,
    };
    let now = "2026-11-10T12:00:00Z".parse().expect("a time");
    let store = Store::open(&place, options).await.expect("open");
    let (evening, parents) = set_up(&store, now).await;
    println!(
        "{} parents, {EACH} bookings each within {} s",
        parents.len(),
        WITHIN.as_secs()
    );

    let count = u32::try_from(PARENTS * EACH).expect("few");
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for n in 0..count {
        tokio::time::sleep_until(began + WITHIN / count * n).await;
        let parent = parents[usize::try_from(n).expect("few") % parents.len()];
        let store = store.clone();
        tasks.spawn(async move { book(&store, parent, evening, u64::from(n), now).await });
    }
    let (mut views, mut bookings, mut taken) = (Vec::new(), Vec::new(), 0);
    while let Some(done) = tasks.join_next().await {
        let (view, book, lost) = done.expect("no panic").expect("booked");
        views.push(view);
        bookings.push(book);
        taken += lost;
    }
    println!(
        "took {:.1} s; {taken} times somebody else was faster",
        began.elapsed().as_secs_f64()
    );
    report("look", views);
    report("book", bookings);
    let all = store.appointments_of_evening(evening).await.expect("read");
    assert_eq!(
        all.len(),
        usize::try_from(count).expect("few"),
        "every booking is there once"
    );
    assert!(store.check_audit_log(None).await.expect("read").is_ok());
    store.close().await;
}

/// Looks, and books the first class that is left at a slot of one's own choosing, as often as it
/// takes: gives how long the look and the booking took, and how often the slot was gone.
async fn book(
    store: &Store,
    parent: ContactId,
    evening: EveningId,
    chance: u64,
    now: Timestamp,
) -> store::Result<(Duration, Duration, u32)> {
    let mut lost = 0;
    loop {
        let began = Instant::now();
        let seen = store.parent_evening(parent, evening, now).await?;
        let look = began.elapsed();
        let student = &seen.students[0];
        let class = student
            .classes
            .iter()
            .find(|it| it.booked.is_none())
            .expect("one is left");
        let free: Vec<_> = class
            .slots
            .iter()
            .filter(|it| it.1 == SlotState::Free)
            .map(|it| it.0.number)
            .collect();
        let pick = usize::try_from(chance).expect("few") % free.len();
        let request = BookingRequest {
            student: student.id,
            class: class.class,
            slot: free[pick],
            note: Note::default(),
        };
        let began = Instant::now();
        let done = store
            .book(parent, evening, &request, None, Actor::Parent(parent), now)
            .await;
        match done {
            Ok(_) => return Ok((look, began.elapsed(), lost)),
            Err(Error::Refused(
                Refusal::SlotTaken | Refusal::ParentBusy | Refusal::AlreadyBooked,
            )) => lost += 1,
            Err(error) => return Err(error),
        }
    }
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e3;
    println!(
        "{what}: p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms",
        at(50),
        at(95),
        at(99)
    );
}

/// A hundred classes with a teacher each, a thousand students in five of them, a parent each.
async fn set_up(store: &Store, now: Timestamp) -> (EveningId, Vec<ContactId>) {
    let mut classes: Vec<ClassId> = Vec::new();
    for n in 0..CLASSES {
        let teacher = NewTeacher {
            name: Name::read(&format!("Teacher {n}")).expect("a name"),
            email: None,
            place: None,
        };
        let teacher = store
            .add_teacher(&teacher, OFFICE, now)
            .await
            .expect("added");
        let class = NewClass {
            name: Label::read(&format!("Class {n}")).expect("a label"),
            subject: Label::read("Subject").expect("a label"),
            teachers: JointTeachers::new(vec![teacher]).expect("one"),
            students: None,
        };
        classes.push(store.add_class(&class, OFFICE, now).await.expect("added"));
    }
    let mut file = String::from("student,classes,guardian,e-mail\n");
    for n in 0..PARENTS {
        let classes: Vec<_> = (0..EACH)
            .map(|it| format!("Class {}", (n * EACH + it) % CLASSES))
            .collect();
        let classes = classes.join(";");
        writeln!(file, "Student {n},{classes},Parent {n},p{n}@x.example").expect("text");
    }
    let rows = import::read(file.as_bytes()).expect("readable").rows;
    store
        .import(
            import::Incoming::some(rows),
            (Doing::Surely, Then::Nothing),
            OFFICE,
            now,
        )
        .await
        .expect("imported");
    let draft = EveningDraft {
        name: Label::read("Year 8").expect("a label"),
        date: date(2026, 11, 24),
        zone: "Europe/London".to_owned(),
        start: time(12, 0, 0, 0),
        end: time(22, 0, 0, 0),
        slot_minutes: 10,
        gap_minutes: 0,
        closes: None,
    };
    let evening = store
        .add_evening(draft, &classes, OFFICE, now)
        .await
        .expect("added");
    store
        .open_booking(evening, OFFICE, now)
        .await
        .expect("open");
    let parents = store.contacts().await.expect("read");
    (evening, parents.into_iter().map(|it| it.id).collect())
}
