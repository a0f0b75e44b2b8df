//! One program serves a database, whatever becomes of the line to it.

use std::future::Future;
use std::time::Duration;

use sqlx::{Connection as _, PgConnection};
use store::{Fault, Place, Sole, Store};
use tokio::time::timeout;

use crate::places::{OPTIONS, fresh_folder, fresh_postgres};
use crate::weak_line::WeakLine;

/// Nothing here may take longer; what does hangs.
const PATIENCE: Duration = Duration::from_secs(30);

async fn in_time<T>(work: impl Future<Output = T>) -> T {
    timeout(PATIENCE, work).await.expect("it ends by itself")
}

async fn open(place: &Place) -> Store {
    Store::open(place, OPTIONS).await.expect("open")
}

async fn taken(store: &Store) -> Sole {
    let taken = in_time(store.serve_alone()).await;
    taken.expect("nobody serves it").expect("a lock")
}

/// Waits until whoever has the lock, by the number of their session, is as it should be.
async fn until(place: &Place, is_right: impl Fn(Option<i32>) -> bool) -> Option<i32> {
    let Place::Postgres(url) = place else {
        panic!("it is PostgreSQL's");
    };
    let mut beside = PgConnection::connect(url).await.expect("it answers");
    in_time(async {
        loop {
            let holder = sqlx::query_scalar(
                "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted
                   AND classid::bigint = 701140542
                   AND objid::bigint = hashtext(current_schema())::bigint & 4294967295",
            );
            let holder = holder.fetch_optional(&mut beside).await.expect("read");
            if is_right(holder) {
                return holder;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

#[tokio::test]
async fn of_two_programs_one_serves() {
    let place = fresh_postgres().await;
    let (first, second) = (open(&place).await, open(&place).await);
    let sole = taken(&first).await;
    let refused = in_time(second.serve_alone()).await;
    let said = refused.expect_err("it is served").to_string();
    assert!(said.contains("served by another homeroom"), "{said}");
    // Another schema has other records.
    let elsewhere = open(&fresh_postgres().await).await;
    drop(taken(&elsewhere).await);
    // As by kill -9: nothing is said, the line closes.
    drop(sole);
    drop(taken(&second).await);
    let folder = fresh_folder();
    let beside = open(&Place::Sqlite(folder.path().join("a"))).await;
    assert!(beside.serve_alone().await.expect("it is held").is_none());
}

/// A name is one program's. Whoever asks for it in vain is told so, and ends nobody, nor itself.
#[tokio::test]
async fn of_two_nodes_of_one_name_one_serves() {
    let place = fresh_postgres().await;
    let (first, second) = (open(&place).await, open(&place).await);
    let north = in_time(first.serve_as_node("north")).await;
    let north = north.expect("nobody has the name");
    let refused = in_time(second.serve_as_node("north")).await;
    assert!(matches!(refused, Err(Fault::Served)), "{refused:?}");
    let south = in_time(second.serve_as_node("south")).await;
    let south = south.expect("it is another name");
    let refused = in_time(second.serve_alone()).await;
    assert!(matches!(refused, Err(Fault::Served)), "{refused:?}");
    drop(north);
    drop(
        in_time(second.serve_as_node("north"))
            .await
            .expect("it is free"),
    );
    drop(south);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_breaks_gives_nobody_the_records_of_another() {
    let place = fresh_postgres().await;
    let line = WeakLine::to(&place).await;
    let (first, second) = (open(&line.place()).await, open(&place).await);
    let mut sole = taken(&first).await;
    let kept = tokio::spawn(async move {
        sole.until_lost().await;
    });
    // Frozen, with its session alive over there: nobody else has it meanwhile.
    let before = until(&place, |holder| holder.is_some()).await;
    line.freeze();
    let refused = in_time(second.serve_alone()).await;
    assert!(matches!(refused, Err(Fault::Served)), "{refused:?}");
    let refused = in_time(second.serve_alone()).await;
    assert!(matches!(refused, Err(Fault::Served)), "{refused:?}");
    line.thaw();
    // Cut, and there again.
    line.cut();
    until(&place, |holder| holder.is_none()).await;
    line.thaw();
    let after = until(&place, |holder| holder.is_some()).await;
    assert_ne!(before, after, "by another session");
    let refused = in_time(second.serve_alone()).await;
    assert!(matches!(refused, Err(Fault::Served)), "{refused:?}");
    assert!(!kept.is_finished());
    // Cut for so long that another takes it: the first has lost it, and hears so.
    line.cut();
    let other = in_time(async {
        loop {
            if let Ok(Some(sole)) = second.serve_alone().await {
                return sole;
            }
        }
    })
    .await;
    line.thaw();
    in_time(kept).await.expect("no panic");
    drop(other);
}
