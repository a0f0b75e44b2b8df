//! What a real Redis says of runs of nodes.

use std::sync::Arc;
use std::time::Duration;

use call::Moment;
use cluster::{Boot, Bus, Denial, Fast as _, Heard, Lease, RedisRun, Unfit};
use tokio::time::{Instant, sleep, timeout};

use crate::nodes::{PATIENCE, bus, node, now, open, redis};
use crate::places::fresh_postgres;

/// A way of its own to the Redis of the tests.
async fn beside_redis() -> redis::aio::MultiplexedConnection {
    let redis = redis::Client::open(redis()).expect("a URL");
    let beside = redis.get_multiplexed_async_connection().await;
    beside.expect("it answers")
}

/// All that there is in Redis whose name is like that.
async fn keys_like(pattern: &str) -> Vec<String> {
    let mut redis = beside_redis().await;
    let mut keys = redis::cmd("KEYS");
    let keys = keys.arg(pattern).query_async(&mut redis).await;
    keys.expect("it answers")
}

/// Redis knows of a run no more.
pub(crate) async fn forget_in_redis(boot: Boot) {
    let mut forgotten = 0;
    for key in keys_like("homeroom:*:runs").await {
        let mut forget = redis::cmd("HDEL");
        let forget = forget.arg(key).arg(boot.to_string());
        let count: u32 = forget
            .query_async(&mut beside_redis().await)
            .await
            .expect("it answers");
        forgotten += count;
    }
    assert_eq!(forgotten, 1, "it was said there");
}

/// Redis holds nobody to be gone who has said there that they live, nor before it has been there for long enough
/// to know.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_denies_only_whom_it_has_not_heard_for_long() {
    let records = format!("{:x}", ambient::random::<u64>());
    let (bus, boot) = (bus(&records), Boot(ambient::random()));
    let lease = bus.keep_lease(boot, None, Vec::new()).await;
    let Some(Lease::Kept { by, others: 0 }) = lease else {
        panic!("{lease:?}");
    };
    forget_in_redis(boot).await;
    let denial = bus.deny(boot, by).await;
    assert_eq!(denial, Denial::Unknown, "it has just begun to look");
    let denied = async {
        while bus.deny(boot, by).await != Denial::Denied {
            sleep(Duration::from_millis(200)).await;
        }
    };
    timeout(PATIENCE, denied).await.expect("in time");
    assert_eq!(
        bus.keep_lease(boot, None, Vec::new()).await,
        Some(Lease::Denied)
    );
    let other = Boot(ambient::random());
    let third = Boot(ambient::random());
    let lease = bus.keep_lease(other, None, vec![boot, third]).await;
    assert_eq!(lease, Some(Lease::Kept { by, others: 0 }));
    assert_eq!(bus.deny(other, by).await, Denial::Lives);
    let another = RedisRun(by.0 ^ 1);
    assert_eq!(bus.deny(other, another).await, Denial::Lives, "it hears it");
    // Of those who are heard count those who have it in the records that they are at this one.
    for (vouched, others) in [(None, 0), (Some(another), 0), (Some(by), 1)] {
        bus.keep_lease(other, vouched, Vec::new()).await;
        assert_eq!(bus.deny(other, by).await, Denial::Lives, "it is heard");
        let lease = bus.keep_lease(third, Some(by), vec![boot, other]).await;
        assert_eq!(lease, Some(Lease::Kept { by, others }), "{vouched:?}");
    }
    // Of whom another Redis vouches for this one says nothing, however long it has not heard of them.
    forget_in_redis(other).await;
    assert_eq!(bus.deny(other, another).await, Denial::Unknown);
    assert_eq!(bus.deny(other, by).await, Denial::Denied);
}

/// A node that lives, and that Redis was told to hold gone, goes by Redis again once the records have heard it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_lives_is_held_to_be_gone_by_redis_for_a_moment_only() {
    let records = format!("{:x}", ambient::random::<u64>());
    let one = node(
        "a",
        &open(&fresh_postgres().await).await,
        Some(bus(&records)),
    )
    .await;
    let boot = one.node().boot;
    let other = bus(&records);
    assert_eq!(one.say_in_redis(&now).await, Some(true));
    let Some(Lease::Kept { by, .. }) = other
        .keep_lease(Boot(ambient::random()), None, vec![])
        .await
    else {
        panic!("it answers");
    };
    forget_in_redis(boot).await;
    let denied = async {
        while other.deny(boot, by).await != Denial::Denied {
            sleep(Duration::from_millis(200)).await;
        }
    };
    timeout(PATIENCE, denied).await.expect("in time");
    // What it hears in the meantime fits in this, many times over.
    let (tell, mut told) = tokio::sync::mpsc::channel(1_000);
    let began = Instant::now();
    let lives = one.live(
        || Moment(Duration::from_hours(1) + began.elapsed()),
        move |it| tell.try_send(it).expect("there is room"),
    );
    let hears = async {
        let mut heard = Vec::new();
        while let Some(it) = told.recv().await {
            match it {
                Heard::Denied | Heard::Redis(_) if heard.last() != Some(&it) => heard.push(it),
                Heard::Living { .. }
                | Heard::NoRecords
                | Heard::Redis(_)
                | Heard::Denied
                | Heard::Stopped => {}
            }
            if heard == [Heard::Denied, Heard::Redis(true)] {
                break;
            }
            assert!(heard.len() < 2, "{heard:?}");
        }
    };
    tokio::select! {
        _ = lives => panic!("it lives"),
        told = timeout(PATIENCE, hears) => told.expect("in time"),
    }
    assert_eq!(other.deny(boot, by).await, Denial::Lives);
}

/// A Redis that has heard nodes for long enough knows who has said nothing, also where it was never asked before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_that_has_been_there_for_long_denies_at_once() {
    let bus = bus(&format!("{:x}", ambient::random::<u64>()));
    let (boot, other) = (Boot(ambient::random()), Boot(ambient::random()));
    let lease = bus.keep_lease(boot, None, Vec::new()).await;
    let Some(Lease::Kept { by, .. }) = lease else {
        panic!("{lease:?}");
    };
    bus.keep_lease(boot, Some(by), Vec::new()).await;
    let [heard, forgotten] = [1, 0].map(|others| Some(Lease::Kept { by, others }));
    assert_eq!(bus.keep_lease(other, None, vec![boot]).await, heard);
    let silent = async {
        while bus.keep_lease(other, None, vec![boot]).await != forgotten {
            sleep(Duration::from_millis(200)).await;
        }
    };
    timeout(PATIENCE, silent).await.expect("in time");
    assert_eq!(bus.deny(boot, by).await, Denial::Denied);
}

/// A node of another key, or with another database of that Redis, does not hear what is said there: it holds nobody to be
/// gone that goes on by it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_vouches_under_one_name_alone() {
    let records = format!("{:x}", ambient::random::<u64>());
    let one = bus(&records);
    let boot = Boot(ambient::random());
    let lease = one.keep_lease(boot, None, Vec::new()).await;
    let Some(Lease::Kept { by, .. }) = lease else {
        panic!("{lease:?}");
    };
    let database = format!("{}?db=1", redis());
    let others = [
        bus(&format!("{:x}", ambient::random::<u64>())),
        Arc::new(Bus::new(&database, &records).expect("a URL")),
    ];
    for other in others {
        let me = Boot(ambient::random());
        let ends = Instant::now() + 2 * cluster::SILENCE;
        while Instant::now() < ends {
            one.keep_lease(boot, Some(by), Vec::new()).await;
            let lease = other.keep_lease(me, None, vec![boot]).await;
            let is_other =
                |it: &Lease| matches!(it, Lease::Kept { by: its, others: 0 } if *its != by);
            assert!(lease.as_ref().is_some_and(is_other), "{lease:?}");
            assert_eq!(other.deny(boot, by).await, Denial::Unknown);
            sleep(Duration::from_millis(500)).await;
        }
    }
}

/// A Redis that has no room left lets go of any key by itself. Whichever it is, nobody is held to be gone who has just said
/// there that they live.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_lets_go_of_a_key_denies_nobody_who_lives() {
    let records = format!("{:x}", ambient::random::<u64>());
    let bus = bus(&records);
    let (boot, other) = (Boot(ambient::random()), Boot(ambient::random()));
    let says = async || match bus.keep_lease(boot, None, vec![other]).await {
        Some(Lease::Kept { by, .. }) => by,
        lease => panic!("{lease:?}"),
    };
    let by = says().await;
    let pattern = format!("*{records}*");
    let keys = keys_like(&pattern).await;
    assert!(!keys.is_empty(), "it keeps what it hears");
    for key in keys {
        // It has been there for long enough to know.
        let knows = async {
            while bus.deny(other, by).await != Denial::Denied {
                says().await;
                sleep(Duration::from_millis(200)).await;
            }
        };
        timeout(PATIENCE, knows).await.expect("in time");
        assert!(bus.forgive(other).await);
        says().await;
        let mut redis = beside_redis().await;
        let mut evict = redis::cmd("DEL");
        let evict = evict.arg(&key).query_async(&mut redis).await;
        let count: u32 = evict.expect("it answers");
        assert_eq!(count, 1, "{key} is there");
        let denial = bus.deny(boot, by).await;
        assert_ne!(denial, Denial::Denied, "{key}");
        // It says so again, in time, and is heard again.
        says().await;
        assert_eq!(bus.deny(boot, by).await, Denial::Lives, "{key}");
    }
}

/// What Redis keeps of runs goes: of each after an hour, and of all where none says anything for as long.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_kept_in_redis_of_runs_of_the_past() {
    let records = format!("{:x}", ambient::random::<u64>());
    let bus = bus(&records);
    let (before, next) = (Boot(ambient::random()), Boot(ambient::random()));
    assert!(bus.keep_lease(before, None, Vec::new()).await.is_some());
    let keys = keys_like(&format!("*{records}*")).await;
    let [key] = keys.as_slice() else {
        panic!("{keys:?}");
    };
    let mut redis = beside_redis().await;
    let mut left = redis::cmd("PTTL");
    let left: i64 = left.arg(key).query_async(&mut redis).await.expect("read");
    assert!((3_590_000..=3_600_000).contains(&left), "{left}");
    let fields = async |redis: &mut redis::aio::MultiplexedConnection| -> u32 {
        let mut fields = redis::cmd("HLEN");
        fields.arg(key).query_async(redis).await.expect("read")
    };
    let count = fields(&mut redis).await;
    // It was said an hour ago.
    let mut age = redis::cmd("HSET");
    let age = age.arg(key).arg(before.to_string()).arg("lives 1");
    let _: i64 = age.query_async(&mut redis).await.expect("written");
    assert!(bus.keep_lease(next, None, vec![before]).await.is_some());
    assert_eq!(fields(&mut redis).await, count, "the one for the other");
}

/// A way to the Redis of the tests as a user of its own, who may do all but this.
async fn who_may_not(what: &str) -> Bus {
    let name = format!("u{:x}", ambient::random::<u64>());
    let mut user = redis::cmd("ACL");
    user.arg("SETUSER").arg(&name).arg("on").arg(">word");
    user.arg("~*").arg("&*").arg("+@all").arg(what);
    let made: String = user
        .query_async(&mut beside_redis().await)
        .await
        .expect("made");
    assert_eq!(made, "OK");
    let url = format!("{}?user={name}&pass=word", redis());
    Bus::new(&url, "trial").expect("a URL")
}

/// One that answers may be of no use to any node.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_by_which_no_node_can_go_is_found_out() {
    assert_eq!(bus("trial").try_out().await, Ok(()));
    assert_eq!(who_may_not("+ping").await.try_out().await, Ok(()));
    for what in ["-eval", "-info", "-hset", "-publish", "-subscribe"] {
        let unfit = who_may_not(what).await.try_out().await;
        let unfit = unfit.expect_err(what).to_string();
        assert!(unfit.contains("EVAL, INFO, TIME"), "{what}: {unfit}");
    }
    let stranger = format!("{}?user=nobody&pass=secret", redis());
    let unfit = Bus::new(&stranger, "trial").expect("a URL").try_out().await;
    let unfit = unfit.expect_err("not let in").to_string();
    assert!(
        unfit.contains("see user and password") && !unfit.contains("secret"),
        "{unfit}"
    );
    let nobody = Bus::new("redis+unix:///nothing/there", "trial").expect("a URL");
    assert_eq!(nobody.try_out().await, Err(Unfit::Silent));
}
