//! One program serves a database, whatever becomes of the line to it.

use std::future::Future;
use std::time::Duration;

use cluster::{Said, Truth as _};
use sqlx::{Connection as _, PgConnection};
use store::{Fault, Place, Sole, Store};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::nodes::{a_run, truth_of};
use crate::places::{OPTIONS, fresh_folder, fresh_postgres, run_beside};
use crate::weak_line::WeakLine;

/// Nothing here may take longer; what does hangs.
const PATIENCE: Duration = Duration::from_secs(30);

async fn in_time<T>(work: impl Future<Output = T>) -> T {
    timeout(PATIENCE, work).await.expect("it ends by itself")
}

/// The same, of what does not wait to see whether somebody comes back, which takes 10 s.
async fn at_once<T>(work: impl Future<Output = T>) -> T {
    let done = timeout(Duration::from_secs(9), work).await;
    done.expect("it waits for nobody")
}

async fn open(place: &Place) -> Store {
    Store::open(place, OPTIONS).await.expect("open")
}

async fn taken(store: &Store) -> Sole {
    let taken = at_once(store.serve_alone(None)).await;
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
    let refused = in_time(second.serve_alone(None)).await;
    let said = refused.expect_err("it is served").to_string();
    assert!(said.contains("served by another homeroom"), "{said}");
    // Another schema has other records.
    let elsewhere = open(&fresh_postgres().await).await;
    drop(taken(&elsewhere).await);
    // As by kill -9: nothing is said, the line closes. Whoever knows so waits for nothing.
    let run = sole.run().to_owned();
    drop(sole);
    let next = at_once(second.serve_alone(Some(&run))).await;
    let next = next.expect("it has ended").expect("a lock");
    // One that ends says so to everybody.
    next.end().await;
    taken(&first).await.end().await;
    let folder = fresh_folder();
    let beside = open(&Place::Sqlite(folder.path().join("a"))).await;
    assert!(
        beside
            .serve_alone(None)
            .await
            .expect("it is held")
            .is_none()
    );
}

/// A name is one program's. Whoever asks for it in vain is told so, and ends nobody, nor itself.
#[tokio::test]
async fn of_two_nodes_of_one_name_one_serves() {
    let place = fresh_postgres().await;
    let (first, second) = (open(&place).await, open(&place).await);
    let north = in_time(first.serve_as_node("north", None)).await;
    let north = north.expect("nobody has the name");
    let refused = in_time(second.serve_as_node("north", None)).await;
    let refused = refused.expect_err("it is the other's");
    let said = refused.to_string();
    assert!(matches!(refused, Fault::NodeServes { .. }) && refused.may_pass());
    assert!(
        said.contains("a node named north") && said.contains("cluster.name"),
        "{said}"
    );
    let south = in_time(second.serve_as_node("south", None)).await;
    let south = south.expect("it is another name");
    let refused = in_time(second.serve_alone(None)).await;
    assert!(matches!(refused, Err(Fault::Served)), "{refused:?}");
    // It was killed, and PostgreSQL has not noticed: its next run has the name all the same.
    let run = north.run().to_owned();
    let next = at_once(second.serve_as_node("north", Some(&run))).await;
    let next = next.expect("it has ended");
    next.end().await;
    drop(
        in_time(second.serve_as_node("north", None))
            .await
            .expect("it is free"),
    );
    drop((north, south));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_breaks_gives_nobody_the_records_of_another() {
    let place = fresh_postgres().await;
    let line = WeakLine::to(&place).await;
    let (first, second) = (open(&line.place()).await, open(&place).await);
    let mut sole = taken(&first).await;
    let kept = tokio::spawn(async move { sole.until_lost().await });
    // Frozen, with its session alive over there: nobody else has it meanwhile.
    let before = until(&place, |holder| holder.is_some()).await;
    line.freeze();
    let refused = in_time(second.serve_alone(None)).await;
    assert!(matches!(refused, Err(Fault::Served)), "{refused:?}");
    let refused = in_time(second.serve_alone(None)).await;
    assert!(matches!(refused, Err(Fault::Served)), "{refused:?}");
    line.thaw();
    // Cut, and there again.
    line.cut();
    until(&place, |holder| holder.is_none()).await;
    line.thaw();
    let after = until(&place, |holder| holder.is_some()).await;
    assert_ne!(before, after, "by another session");
    let refused = in_time(second.serve_alone(None)).await;
    assert!(matches!(refused, Err(Fault::Served)), "{refused:?}");
    assert!(!kept.is_finished());
    // Cut for so long that another takes it: the first has lost it, and hears so, also where that one has gone by then.
    line.cut();
    let other = in_time(async {
        loop {
            if let Ok(Some(sole)) = second.serve_alone(None).await {
                return sole;
            }
        }
    })
    .await;
    other.end().await;
    line.thaw();
    let lost = in_time(kept).await.expect("no panic");
    assert!(matches!(lost, Fault::Served), "{lost}");
}

/// Ends every session that holds the lock, as when PostgreSQL is begun anew.
async fn drop_locks(place: &Place) {
    let drop = "SELECT pg_terminate_backend(pid) FROM pg_locks
                WHERE locktype = 'advisory' AND granted AND classid::bigint = 701140542
                  AND objid::bigint = hashtext(current_schema())::bigint & 4294967295";
    run_beside(place, drop.to_owned()).await;
}

/// A server on its own, which is told where it serves no more.
async fn a_server(place: &Place) -> JoinSet<Fault> {
    let mut server = taken(&open(place).await).await;
    let mut serves = JoinSet::new();
    serves.spawn(async move { server.until_lost().await });
    serves
}

/// Two nodes that serve, each of which is told where it serves no more.
async fn two_nodes(place: &Place) -> JoinSet<Fault> {
    let truth = truth_of(place).await;
    let mut serve = JoinSet::new();
    for name in ["north", "south"] {
        let store = open(place).await;
        let mut node = in_time(store.serve_as_node(name, None))
            .await
            .expect("nobody has the name");
        a_run(&truth, name).await;
        serve.spawn(async move { node.until_lost().await });
    }
    serve
}

/// Whoever was refused tries again and again, and may be there before the nodes when PostgreSQL has been begun anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn locks_that_postgresql_dropped_give_nobody_the_records_of_nodes() {
    let place = fresh_postgres().await;
    let mut nodes = Box::pin(two_nodes(&place)).await;
    let other = open(&place).await;
    for _ in 0..3 {
        drop_locks(&place).await;
        let refused = in_time(other.serve_alone(None)).await;
        assert!(matches!(refused, Err(Fault::Served)), "{refused:?}");
    }
    until(&place, |holder| holder.is_some()).await;
    assert!(nodes.try_join_next().is_none(), "both serve all the time");
}

/// The same of a server on its own, whoever else tries: another, a node, or a command that has nobody serve them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn locks_that_postgresql_dropped_give_nobody_the_records_of_a_server_on_its_own() {
    let place = fresh_postgres().await;
    let mut server = a_server(&place).await;
    let other = open(&place).await;
    for _ in 0..2 {
        drop_locks(&place).await;
        let refused = in_time(other.serve_alone(None)).await;
        assert!(matches!(refused, Err(Fault::Served)), "{refused:?}");
        drop_locks(&place).await;
        let refused = in_time(other.serve_as_node("north", None)).await;
        assert!(matches!(refused, Err(Fault::Served)), "{refused:?}");
        drop_locks(&place).await;
        let refused = in_time(other.keep_alone()).await;
        assert!(matches!(refused, Err(Fault::Served)), "{refused:?}");
    }
    until(&place, |holder| holder.is_some()).await;
    assert!(server.try_join_next().is_none(), "it serves all the time");
}

/// It ends for nobody who holds the lock and serves nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_that_somebody_has_for_a_moment_ends_no_server() {
    let place = fresh_postgres().await;
    let mut server = a_server(&place).await;
    let Place::Postgres(url) = &place else {
        panic!("it is PostgreSQL's");
    };
    let mut beside = PgConnection::connect(url).await.expect("it answers");
    drop_locks(&place).await;
    sqlx::query("SELECT pg_advisory_lock(701140542, hashtext(current_schema()))")
        .execute(&mut beside)
        .await
        .expect("it is free");
    let ended = timeout(Duration::from_secs(4), server.join_next()).await;
    assert!(ended.is_err(), "{ended:?}");
    beside.close().await.expect("closed");
    until(&place, |holder| holder.is_some()).await;
    assert!(server.try_join_next().is_none(), "it serves all the time");
}

/// A program that ended without a word is followed by anybody a moment later, and by whoever knows that it has ended at
/// once, also where PostgreSQL takes its line for a good one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_ended_without_a_word_is_followed() {
    let place = fresh_postgres().await;
    let line = WeakLine::to(&place).await;
    let (first, second) = (open(&line.place()).await, open(&place).await);
    let sole = taken(&first).await;
    line.freeze();
    let refused = in_time(second.serve_alone(Some("homeroom of another run"))).await;
    assert!(matches!(refused, Err(Fault::Served)), "{refused:?}");
    let next = at_once(second.serve_alone(Some(sole.run()))).await;
    let next = next.expect("it has ended").expect("a lock");
    drop((sole, next));
    drop(in_time(second.keep_alone()).await.expect("it is over"));
    // Whoever had it for a moment leaves nothing to wait for.
    drop(taken(&second).await);
    let node = in_time(second.serve_as_node("north", None)).await;
    drop(node.expect("it is over"));
    taken(&second).await.end().await;
}

/// A program of a later version changes nothing under a server on its own either, and waits no longer than anybody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn locks_that_postgresql_dropped_let_nobody_change_the_schema_under_a_server() {
    let place = fresh_postgres().await;
    let mut server = a_server(&place).await;
    // As it is for one that brings a step more.
    let newest = "DELETE FROM schema_version
                  WHERE version = (SELECT MAX(version) FROM schema_version)";
    run_beside(&place, newest.to_owned()).await;
    for _ in 0..3 {
        drop_locks(&place).await;
        let refused = in_time(Store::open(&place, OPTIONS)).await;
        let refused = refused.expect_err("it serves");
        assert!(matches!(refused, Fault::InUse), "{refused}");
    }
    assert!(server.try_join_next().is_none(), "it serves all the time");
    server.shutdown().await;
    // The step is taken, which there was already.
    let taken = in_time(Store::open(&place, OPTIONS)).await;
    let taken = taken.expect_err("it was taken before");
    assert!(matches!(taken, Fault::Unopened { .. }), "{taken}");
}

/// A program of a later version changes nothing under them either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn locks_that_postgresql_dropped_let_nobody_change_the_schema_under_nodes() {
    let place = fresh_postgres().await;
    let mut nodes = Box::pin(two_nodes(&place)).await;
    // As it is for one that brings a step more.
    let newest = "DELETE FROM schema_version
                  WHERE version = (SELECT MAX(version) FROM schema_version)";
    run_beside(&place, newest.to_owned()).await;
    for _ in 0..3 {
        drop_locks(&place).await;
        let refused = in_time(Store::open(&place, OPTIONS)).await;
        let refused = refused.expect_err("they serve");
        assert!(matches!(refused, Fault::InUse), "{refused}");
    }
    assert!(nodes.try_join_next().is_none(), "both serve all the time");
}

/// A node that ended has said so. One that was lost without a word may live: for a minute, and by Redis for as long as one
/// may act by that alone; and PostgreSQL itself has to have been there for a minute. Then it is over, also where it wakes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_were_lost_without_a_word_have_the_records_for_a_while() {
    let place = fresh_postgres().await;
    let (store, truth) = (open(&place).await, truth_of(&place).await);
    let ended = a_run(&truth, "north").await;
    truth.end(ended).await.expect("answered");
    taken(&store).await.end().await;
    let lost = a_run(&truth, "north").await;
    let seen = async |ago: u64, redis: &str| {
        let set = format!(
            "UPDATE nodes SET redis = {redis}, seen_at =
               CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) - {ago}"
        );
        run_beside(&place, set).await;
    };
    let redis = format!("'{:032x}'", 7);
    for (ago, redis) in [(0, "NULL"), (50_000, "NULL"), (900_000, redis.as_str())] {
        seen(ago, redis).await;
        let refused = in_time(store.serve_alone(None)).await;
        assert!(matches!(refused, Err(Fault::Served)), "{ago}: {refused:?}");
    }
    let renewed = truth.renew(lost, Said::default()).await.expect("answered");
    assert!(!renewed.is_gone);
    for (ago, redis) in [(61_000, "NULL"), (961_000, redis.as_str())] {
        run_beside(&place, "UPDATE nodes SET is_gone = 0".to_owned()).await;
        seen(ago, redis).await;
        // That of the tests may have been begun just now.
        let free = async { while store.serve_alone(None).await.is_err() {} };
        timeout(Duration::from_secs(90), free).await.expect("over");
        let renewed = truth.renew(lost, Said::default()).await.expect("answered");
        assert!(renewed.is_gone, "it has woken");
    }
}
