//! What nodes do while the records are busy, or somebody stands still in the middle of a write.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use call::LinkId;
use cluster::{Cluster as _, Said, Truth};
use sqlx::{Connection as _, Executor as _, PgConnection};
use store::{Action, Actor, AsOwner, Fault, Place, Store};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::nodes::{ELSEWHERE, HERE, PATIENCE, SEAL, a_run, claim, open, press, truth_of, two};
use crate::places::{OPTIONS, fresh_postgres, run_beside};
use crate::weak_line::WeakLine;

async fn beside(place: &Place) -> PgConnection {
    let Place::Postgres(url) = place else {
        panic!("it is PostgreSQL's");
    };
    PgConnection::connect(url).await.expect("it answers")
}

/// Holds a table, so that whoever comes to it waits.
async fn hold(place: &Place, table: &str) -> PgConnection {
    let mut holder = beside(place).await;
    let lock = format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE");
    let lock = sqlx::raw_sql(sqlx::AssertSqlSafe(lock));
    holder.execute(lock).await.expect("it is held");
    holder
}

/// Waits until so many wait for that table.
async fn until_waited_for(place: &Place, table: &'static str, count: i64) {
    let mut beside = beside(place).await;
    let waiting = "SELECT COUNT(*) FROM pg_locks
                   WHERE relation = CAST($1 AS TEXT)::regclass AND NOT granted";
    let until = async {
        loop {
            let waiting = sqlx::query_scalar(waiting).bind(table);
            let waiting: i64 = waiting.fetch_one(&mut beside).await.expect("read");
            if waiting >= count {
                break;
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, until).await.expect("they wait");
}

fn truth_in(store: &Store) -> impl Truth {
    store.nodes(SEAL).expect("it is PostgreSQL's")
}

async fn in_time<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("in time")
}

/// While an import is written, or whatever else of the school takes long, people press, and the first person of a
/// meeting comes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_comes_waits_for_no_long_write_of_the_school() {
    let (place, one, other) = two(false).await;
    let store = open(&place).await;
    one.own(HERE).await.expect("nobody's");
    let mut holder = hold(&place, "known_keys").await;
    let long = tokio::spawn(async move { store.end_all_links(ambient::now()).await });
    until_waited_for(&place, "known_keys", 1).await;
    let began = Instant::now();
    claim(&one, press(LinkId(71), HERE, 1)).await;
    other.own(ELSEWHERE).await.expect("nobody's");
    claim(&other, press(LinkId(72), ELSEWHERE, 1)).await;
    assert!(!long.is_finished(), "it goes on all the time");
    assert!(began.elapsed() < Duration::from_secs(10), "it waited");
    holder.execute("COMMIT").await.expect("let go");
    in_time(long).await.expect("no panic").expect("it is done");
}

/// However many wait for the records, a node that lives says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_node_says_that_it_lives_while_all_connections_are_taken() {
    let place = fresh_postgres().await;
    let store = open(&place).await;
    let truth = truth_in(&store);
    let (one, other) = (a_run(&truth, "a").await, a_run(&truth, "b").await);
    let mut holder = hold(&place, "visitors").await;
    let mut busy = JoinSet::new();
    for _ in 0..16 {
        let store = store.clone();
        busy.spawn(async move { store.came_by("").await });
    }
    until_waited_for(&place, "visitors", 16).await;
    let renewed = truth.renew(one, Said::default()).await.expect("answered");
    let beat = renewed.living.iter().find(|it| it.node.boot == other);
    let beat = beat.expect("it lives").beat;
    assert!(truth.hold_gone(other, beat).await.expect("answered"));
    assert_eq!(busy.len(), 16);
    assert!(busy.try_join_next().is_none(), "they wait all the time");
    holder.execute("COMMIT").await.expect("let go");
    while let Some(done) = in_time(busy.join_next()).await {
        done.expect("no panic").expect("it is read");
    }
}

/// A machine that is cut off in the middle of what it writes holds up nobody for longer than it may act.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_is_cut_off_in_the_middle_of_a_write_is_let_go_of() {
    let place = fresh_postgres().await;
    let (line, truth) = (WeakLine::to(&place).await, truth_of(&place).await);
    let one = a_run(&truth, "a").await;
    let renewed = truth.renew(one, Said::default()).await.expect("answered");
    let beat = renewed.living.first().expect("it lives").beat;
    let store = Store::open(&line.place(), OPTIONS).await;
    let store = Arc::new(store.expect("open"));
    let writes = store.as_owner(AsOwner(one));
    let mut holder = hold(&place, "audit").await;
    let cut_off = tokio::spawn(async move {
        let at = jiff::Timestamp::UNIX_EPOCH;
        let said = writes.note(Actor::Program, Action::Left, "meeting:1", &[], at);
        said.await.is_ok()
    });
    until_waited_for(&place, "audit", 1).await;
    line.freeze();
    holder.execute("COMMIT").await.expect("let go");
    let is_held = "SELECT COUNT(*) FROM (SELECT 1 FROM nodes FOR UPDATE SKIP LOCKED) AS free";
    let free: i64 = sqlx::query_scalar(is_held)
        .fetch_one(&mut holder)
        .await
        .expect("read");
    assert_eq!(free, 0, "it has what it wrote");
    let gone = async { while !truth.hold_gone(one, beat).await.unwrap_or(false) {} };
    in_time(gone).await;
    // And others write.
    let at = jiff::Timestamp::UNIX_EPOCH;
    let other = open(&place).await;
    let said = other.note(Actor::Program, Action::Left, "meeting:2", &[], at);
    said.await.expect("nobody has it");
    assert!(!cut_off.await.expect("no panic"), "it was not written");
}

/// A program of a later version changes nothing under those that serve the records.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_changes_the_schema_under_nodes_that_serve() {
    let place = fresh_postgres().await;
    let first = open(&place).await;
    let node = first
        .serve_as_node("north", None)
        .await
        .expect("nobody has it");
    // To a program of this version nothing is to be done.
    drop(open(&place).await);
    // As it is for one that brings a step more.
    let newest = "DELETE FROM schema_version
                  WHERE version = (SELECT MAX(version) FROM schema_version)";
    run_beside(&place, newest.to_owned()).await;
    let refused = Store::open(&place, OPTIONS).await;
    let refused = refused.expect_err("it is served");
    assert!(
        matches!(refused, Fault::InUse) && refused.may_pass(),
        "{refused}"
    );
    // Nobody serves it any more: the step is taken, which there was already.
    drop(node);
    let taken = Store::open(&place, OPTIONS).await;
    let taken = taken.expect_err("it was taken before");
    assert!(matches!(taken, Fault::Unopened { .. }), "{taken}");
}

/// What one program does at a time is one's, for as long as it is at it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_programs_one_has_the_turn() {
    let place = fresh_postgres().await;
    let (one, other) = (open(&place).await, open(&place).await);
    let turn = one.turn("reading").await.expect("answered");
    let turn = turn.expect("it is nobody's");
    assert!(other.turn("reading").await.expect("answered").is_none());
    assert!(other.turn("another").await.expect("answered").is_some());
    drop(turn);
    let taken = async {
        while other.turn("reading").await.expect("answered").is_none() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    in_time(taken).await;
}
