//! A database that fails, hangs, is locked or is cut off: what is asked meanwhile is answered with a
//! fault, nothing is half done, and once it is well again everything works.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use sqlx::{Connection as _, Executor as _, SqliteConnection};
use store::{Error, Fault, Place, Store};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::places::{OPTIONS, fresh_folder, fresh_postgres, on_both};
use crate::weak_line::WeakLine;
use crate::world::{OFFICE, World, now};

/// Nothing here may take longer; what does hangs.
const PATIENCE: Duration = Duration::from_secs(30);

async fn in_time<T>(work: impl Future<Output = T>) -> T {
    timeout(PATIENCE, work).await.expect("it ends by itself")
}

fn is_fault<T: std::fmt::Debug>(result: Result<T, Error>) -> Fault {
    match result {
        Err(Error::Fault(fault)) => fault,
        other => panic!("no fault: {other:?}"),
    }
}

async fn beside(folder: &tempfile::TempDir) -> SqliteConnection {
    let url = format!("sqlite://{}", folder.path().join("a").display());
    SqliteConnection::connect(&url).await.expect("open")
}

async fn school_in(folder: &tempfile::TempDir) -> World {
    let place = Place::Sqlite(folder.path().join("a"));
    World::new(Store::open(&place, OPTIONS).await.expect("open")).await
}

/// As with a full disk: SQLite ends the transaction by itself, and a ROLLBACK has nothing to end.
#[tokio::test]
async fn a_transaction_that_sqlite_ended_by_itself_stops_nobody_after_it() {
    let folder = fresh_folder();
    let world = school_in(&folder).await;
    let mut beside = beside(&folder).await;
    for (table, event) in [
        ("bookings", "INSERT"),
        ("audit", "INSERT"),
        ("schools", "UPDATE"),
    ] {
        let trap = format!(
            "CREATE TRIGGER trap BEFORE {event} ON {table}
             BEGIN SELECT RAISE(ROLLBACK, 'the disk is full'); END"
        );
        beside
            .execute(sqlx::AssertSqlSafe(trap))
            .await
            .expect("set");
        for _ in 0..3 {
            is_fault(world.book(world.maria, world.ana, world.maths, 0).await);
            let said = world.store.trouble().expect("it is known");
            assert!(said.contains("cannot be written"), "{said}");
        }
        let all = world.store.appointments_of_evening(world.evening).await;
        assert!(
            all.expect("reading goes on").is_empty(),
            "nothing half done"
        );
        beside
            .execute("DROP TRIGGER trap")
            .await
            .expect("well again");
        world.store.check().await.expect("it can be written");
        assert_eq!(world.store.trouble(), None);
    }
    world
        .book(world.maria, world.ana, world.maths, 0)
        .await
        .expect("booked");
    assert!(
        world
            .store
            .check_audit_log(None)
            .await
            .expect("read")
            .is_ok()
    );
}

#[tokio::test]
async fn a_database_that_another_program_locks_is_said_and_waited_for() {
    let folder = fresh_folder();
    let world = school_in(&folder).await;
    let mut beside = beside(&folder).await;
    beside.execute("BEGIN IMMEDIATE").await.expect("locked");
    is_fault(in_time(world.book(world.maria, world.ana, world.maths, 0)).await);
    assert!(world.store.trouble().is_some());
    let all = world.store.appointments_of_evening(world.evening).await;
    assert!(all.expect("reading goes on").is_empty());
    beside.execute("ROLLBACK").await.expect("let go");
    in_time(world.book(world.maria, world.ana, world.maths, 0))
        .await
        .expect("booked");
    assert_eq!(world.store.trouble(), None);
}

/// Requests that are given up at every step of their way.
async fn whoever_hangs_up_stops_nobody(store: Store) {
    let world = Arc::new(World::new(store).await);
    let mut cut = JoinSet::new();
    for polls in 0..200_u32 {
        let world = Arc::clone(&world);
        cut.spawn(async move {
            let booking = world.book(world.maria, world.ana, world.maths, 0);
            tokio::pin!(booking);
            let mut left = polls;
            // Polled so often and no more: then it is dropped where it stands.
            std::future::poll_fn(|context| {
                if left == 0 {
                    return std::task::Poll::Ready(());
                }
                left -= 1;
                booking.as_mut().poll(context).map(drop)
            })
            .await;
        });
        if polls % 10 == 0 {
            while let Some(done) = cut.join_next().await {
                done.expect("no panic");
            }
        }
    }
    while let Some(done) = cut.join_next().await {
        done.expect("no panic");
    }
    in_time(world.store.check()).await.expect("well");
    let booked = in_time(world.book(world.omar, world.cem, world.maths, 1)).await;
    booked.expect("booked");
    assert!(
        world
            .store
            .check_audit_log(None)
            .await
            .expect("read")
            .is_ok()
    );
    let all = world.store.appointments_of_evening(world.evening).await;
    assert!(all.expect("read").len() <= 2, "each whole or not at all");
}

on_both!(whoever_hangs_up_stops_nobody);

/// A server that is frozen, that refuses, and that is gone without a word: each answered, each
/// healed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_hangs_is_answered_for_and_heals() {
    let line = WeakLine::to(&fresh_postgres().await).await;
    let store = Store::open(&line.place(), OPTIONS).await.expect("open");
    let world = Arc::new(World::new(store).await);
    for round in 0..2_u16 {
        // Many at once: more than there are connections.
        line.freeze();
        let mut asked = JoinSet::new();
        for _ in 0..40 {
            let world = Arc::clone(&world);
            asked.spawn(async move {
                is_fault(world.store.appointments_of_evening(world.evening).await);
                is_fault(world.book(world.maria, world.ana, world.maths, round).await);
            });
        }
        in_time(async {
            while let Some(done) = asked.join_next().await {
                done.expect("answered with a fault");
            }
        })
        .await;
        assert!(world.store.trouble().is_some());
        line.thaw();
        in_time(world.store.check()).await.expect("well again");
        let slot = 2 * round;
        in_time(world.book(world.maria, world.ana, world.maths, slot))
            .await
            .expect("booked");
        assert_eq!(world.store.trouble(), None);

        line.cut();
        is_fault(in_time(world.store.appointments_of_evening(world.evening)).await);
        line.thaw();
        let all = in_time(world.store.appointments_of_evening(world.evening)).await;
        assert_eq!(all.expect("read").len(), 1, "once, and there");
        let all = in_time(world.store.appointments_of_evening(world.evening)).await;
        let booked = all.expect("read")[0].id;
        in_time(
            world
                .store
                .cancel_booking(world.maria, booked, OFFICE, now()),
        )
        .await
        .expect("cancelled");
    }
    line.freeze();
    in_time(world.store.close()).await;
}

#[tokio::test]
async fn a_server_that_does_not_answer_at_the_start_is_one_sentence() {
    let line = WeakLine::to(&fresh_postgres().await).await;
    line.freeze();
    let said = in_time(Store::open(&line.place(), OPTIONS)).await;
    let said = said.expect_err("nobody answers").to_string();
    assert!(
        said.contains("did not answer") && said.contains("database.url"),
        "{said}"
    );
    line.cut();
    let said = in_time(Store::open(&line.place(), OPTIONS)).await;
    let said = said.expect_err("nobody is there").to_string();
    assert!(said.contains("database.url"), "{said}");
}
