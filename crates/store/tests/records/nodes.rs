//! What several nodes share (OPS-2), on a real PostgreSQL and a real Redis.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use call::{AttemptId, CallId, Claim, LinkId, Moment, Parting, SeatNumber, SessionId, Whereabouts};
use cluster::{Boot, Bus, Cluster, Home, Node, NotOwned, Notice, Press, Shared, Standing, Truth};
use links::ResumeSecrets;
use store::{Place, Store};
use tokio::time::timeout;

use crate::places::{OPTIONS, fresh_folder, fresh_postgres, run_beside};

const PATIENCE: Duration = Duration::from_secs(20);
const HERE: CallId = CallId(1);
const ELSEWHERE: CallId = CallId(2);
const LINK: LinkId = LinkId(11);

/// A moment that is not before any that was given to a node.
fn now() -> Moment {
    static SECONDS: AtomicU64 = AtomicU64::new(100);
    Moment(Duration::from_secs(SECONDS.fetch_add(1, Ordering::Relaxed)))
}

fn redis() -> String {
    std::env::var_os("HOMEROOM_TEST_REDIS")
        .and_then(|it| it.into_string().ok())
        .expect("HOMEROOM_TEST_REDIS is the URL of a Redis for tests: scripts/test sets it")
}

fn bus(records: &str) -> Arc<Bus> {
    Arc::new(Bus::new(&redis(), records).expect("a URL"))
}

/// Redis knows of a run no more.
async fn forget_in_redis(boot: Boot) {
    let redis = redis::Client::open(redis()).expect("a URL");
    let mut redis = redis
        .get_multiplexed_async_connection()
        .await
        .expect("it answers");
    let mut keys = redis::cmd("KEYS");
    let keys: Vec<String> = keys
        .arg(format!("*{boot}*"))
        .query_async(&mut redis)
        .await
        .expect("it answers");
    assert_eq!(keys.len(), 1, "it was said there");
    let mut forget = redis::cmd("DEL");
    let _: i64 = forget
        .arg(keys)
        .query_async(&mut redis)
        .await
        .expect("it answers");
}

fn a_node(name: &str) -> Node {
    Node {
        boot: Boot(ambient::random()),
        name: name.to_owned(),
        address: format!("{name}.example:7000"),
    }
}

/// A node whose changes are written down as they come, and that hears what others tell.
async fn node(name: &str, store: &Store, bus: Option<Arc<Bus>>) -> Arc<Shared> {
    let truth = Arc::new(store.nodes().expect("it is PostgreSQL's"));
    let begun = Shared::begin(a_node(name), truth, bus.clone(), Moment::default()).await;
    let node = Arc::new(begun.expect("the records are there"));
    let writes = Arc::clone(&node);
    tokio::spawn(async move { writes.write(now).await });
    if let Some(bus) = bus {
        tokio::spawn(bus.listen(Arc::clone(&node)));
    }
    node
}

async fn open(place: &Place) -> Store {
    Store::open(place, OPTIONS).await.expect("open")
}

async fn fresh() -> Arc<Shared> {
    let store = open(&fresh_postgres().await).await;
    node("a", &store, Some(bus("conformance"))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_several_nodes_passes_what_a_program_on_its_own_does() {
    cluster::conformance::passes(&fresh).await;
}

const fn press(link: LinkId, call: CallId, attempt: u128) -> Press {
    Press {
        link,
        call,
        attempt: AttemptId(attempt),
    }
}

async fn claim(node: &Shared, press: Press) -> SessionId {
    let claim = node.claim(press, now()).await;
    let Ok(Claim::New { session, .. } | Claim::Again { session, .. }) = claim else {
        panic!("{claim:?}");
    };
    session
}

async fn heard(node: &Shared, is_it: impl Fn(Notice) -> bool) {
    let waiting = async { while !is_it(node.next_notice().await) {} };
    timeout(PATIENCE, waiting).await.expect("it hears of it");
}

/// Two nodes on one PostgreSQL, and one Redis or none.
async fn two(is_fast: bool) -> (Place, Arc<Shared>, Arc<Shared>) {
    let place = fresh_postgres().await;
    let (one, other) = (open(&place).await, open(&place).await);
    let records = format!("{:x}", ambient::random::<u64>());
    let way = || is_fast.then(|| bus(&records));
    let (one, other) = (node("a", &one, way()).await, node("b", &other, way()).await);
    (place, one, other)
}

/// How a node finds out that a session of its own is over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Finds {
    /// The other node tells it, over Redis.
    Told,
    /// It writes down something of that session, too late.
    Writing,
    /// It says that it lives.
    Looking,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_opened_at_another_node_leaves_the_one_it_was_at() {
    for finds in [Finds::Told, Finds::Writing, Finds::Looking] {
        let (_, one, other) = two(finds == Finds::Told).await;
        let (term, _) = one.own(HERE).await.expect("nobody's");
        let older = claim(&one, press(LINK, HERE, 1)).await;
        let seated = vec![(older, Whereabouts::Seated(SeatNumber(0)))];
        one.keep(HERE, term, seated.clone());
        one.flush(now()).await.expect("written");
        assert_eq!(one.standing(LINK, older), Standing::Live);
        let newer = claim(&other, press(LINK, ELSEWHERE, 2)).await;
        assert!(newer > older);
        match finds {
            Finds::Told => {}
            Finds::Writing => one.keep_secrets(older, ResumeSecrets::of_numbers(1, 2)),
            Finds::Looking => {
                one.renew(now()).await.expect("answered");
            }
        }
        heard(
            &one,
            |it| matches!(it, Notice::Moved { link: LINK, call: HERE, epoch } if epoch.0 > older.0),
        )
        .await;
        assert_eq!(one.standing(LINK, older), Standing::Replaced);
        let found = other.find(older).await.expect("it is remembered");
        assert_eq!(found.parting, Some(Parting::Replaced));
        // What its owner still says of it counts for nothing.
        one.keep(HERE, term, seated);
        one.flush(now()).await.expect("written");
        assert_eq!(other.standing(LINK, newer), Standing::Live);
        let found = other.find(older).await.expect("it is remembered");
        assert_eq!(found.parting, Some(Parting::Replaced));
        // The same press again, at whichever node, is the same session.
        assert_eq!(claim(&one, press(LINK, ELSEWHERE, 2)).await, newer);
        let retried = one.claim(press(LINK, HERE, 1), now()).await;
        assert_eq!(retried, Ok(Claim::Over(Parting::Replaced)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn presses_that_race_at_two_nodes_have_one_outcome() {
    let (_, one, other) = two(true).await;
    for round in 0..20 {
        let link = LinkId(500 + round);
        let mut presses = Vec::new();
        for (attempt, call) in [(1, HERE), (2, ELSEWHERE), (1, HERE), (2, ELSEWHERE)] {
            for node in [&one, &other] {
                let (node, press) = (Arc::clone(node), press(link, call, attempt));
                presses.push(tokio::spawn(async move {
                    (press.attempt, node.claim(press, now()).await)
                }));
            }
        }
        let mut new = Vec::new();
        for it in presses {
            if let (attempt, Ok(Claim::New { session, .. })) = it.await.expect("no panic") {
                new.push((attempt.0, session));
            }
        }
        new.sort_unstable();
        assert_eq!(new.len(), 2, "each press is one session: {new:?}");
        let last = new.iter().max_by_key(|(_, session)| *session);
        for (_, session) in &new {
            let found = one.find(*session).await.expect("known");
            let is_live = Some(session) == last.map(|(_, session)| session);
            assert_eq!(found.parting.is_none(), is_live);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_meeting_has_one_owner_and_the_next_one_begins_where_it_ended() {
    let (place, one, other) = two(true).await;
    let truth = open(&place).await.nodes().expect("PostgreSQL's");
    assert_eq!(truth.home(HERE).await.expect("read"), Home::Nobody);
    let (term, _) = one.own(HERE).await.expect("nobody's");
    let session = claim(&one, press(LINK, HERE, 1)).await;
    let seated = vec![(session, Whereabouts::Seated(SeatNumber(2)))];
    one.keep(HERE, term, seated.clone());
    one.flush(now()).await.expect("written");
    assert_eq!(other.own(HERE).await, Err(NotOwned::Elsewhere));
    let home = truth.home(HERE).await.expect("read");
    assert_eq!(home, Home::At(one.node().clone()));
    // It was not heard of for longer than it may be.
    let stopped = format!(
        "UPDATE nodes SET seen_at = seen_at - 20000 WHERE boot = '{}'",
        one.node().boot
    );
    run_beside(&place, stopped).await;
    // As long as Redis has heard of it, it may live.
    assert!(one.say_in_redis().await);
    assert_eq!(other.own(HERE).await, Err(NotOwned::Elsewhere));
    forget_in_redis(one.node().boot).await;
    let (next, seats) = other.own(HERE).await.expect("its owner is gone");
    assert!(next > term);
    let seats: Vec<_> = seats
        .iter()
        .map(|it| (it.kept.session, it.kept.seat))
        .collect();
    assert_eq!(seats, [(session, Some(SeatNumber(2)))]);
    // Woken, it writes what it knew: nothing of that counts, and it hears that it has lost the meeting.
    one.release(session, Parting::Left, now());
    one.keep(HERE, term, Vec::new());
    one.flush(now()).await.expect("answered");
    let found = other.find(session).await.expect("known");
    assert_eq!(found.parting, None);
    let renewed = one.renew(now()).await.expect("answered");
    assert!(renewed.is_gone);
    heard(&one, |it| it == Notice::Lost { call: HERE }).await;
    assert_eq!(one.own(ELSEWHERE).await, Err(NotOwned::Elsewhere));
    // The next run of that node begins anew.
    let again = node("a", &open(&place).await, None).await;
    assert_eq!(again.own(HERE).await, Err(NotOwned::Elsewhere));
    other.leave(HERE, next).await;
    let (last, seats) = again.own(HERE).await.expect("it was left");
    assert!(last > next);
    assert_eq!(seats.len(), 1, "nobody said that they are gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_ends_or_begins_again_leaves_its_meetings_to_all() {
    let (place, one, other) = two(true).await;
    one.own(HERE).await.expect("nobody's");
    one.end().await.expect("said");
    let (term, _) = other.own(HERE).await.expect("it said that it ends");
    let again = node("b", &open(&place).await, None).await;
    let (next, _) = again.own(HERE).await.expect("its earlier run is over");
    assert!(next > term);
    assert!(other.renew(now()).await.expect("answered").is_gone);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_withdrawn_link_is_dead_at_every_node() {
    let (_, one, other) = two(true).await;
    one.own(HERE).await.expect("nobody's");
    claim(&one, press(LINK, HERE, 1)).await;
    // Whoever listens hears: until then nothing is promised but the sweep of the records.
    let told = async {
        loop {
            other.withdraw(LINK).await;
            let it = timeout(Duration::from_millis(200), one.next_notice()).await;
            if let Ok(Notice::Withdrawn { link, call }) = it {
                return (link, call);
            }
        }
    };
    let told = timeout(PATIENCE, told).await.expect("it hears of it");
    assert_eq!(told, (LINK, Some(HERE)));
    assert!(one.is_withdrawn(LINK));
}

#[tokio::test]
async fn several_nodes_need_postgresql() {
    let folder = fresh_folder();
    let store = open(&Place::Sqlite(folder.path().join("a"))).await;
    let refused = store.nodes().expect_err("it is SQLite's").to_string();
    assert!(refused.contains("database.url"), "{refused}");
}
