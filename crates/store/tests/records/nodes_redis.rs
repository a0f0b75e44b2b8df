//! What a real Redis says of runs of nodes.

use std::sync::Arc;
use std::time::Duration;

use call::Moment;
use cluster::{Boot, Bus, Denial, Fast as _, Heard, Lease, RedisRun};
use tokio::time::{Instant, sleep, timeout};

use crate::nodes::{PATIENCE, bus, forget_in_redis, node, now, open, redis};
use crate::places::fresh_postgres;

/// Redis holds nobody to be gone who has said there that they live, nor before it has been there for long enough
/// to know.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_denies_only_whom_it_has_not_heard_for_long() {
    let records = format!("{:x}", ambient::random::<u64>());
    let (bus, boot) = (bus(&records), Boot(ambient::random()));
    let lease = bus.keep_lease(boot, Vec::new()).await;
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
    assert_eq!(bus.keep_lease(boot, Vec::new()).await, Some(Lease::Denied));
    let other = Boot(ambient::random());
    let third = Boot(ambient::random());
    let lease = bus.keep_lease(other, vec![boot, third]).await;
    assert_eq!(lease, Some(Lease::Kept { by, others: 0 }));
    assert_eq!(bus.deny(other, by).await, Denial::Lives);
    let another = RedisRun(by.0 ^ 1);
    assert_eq!(bus.deny(other, another).await, Denial::Lives, "it hears it");
    let lease = bus.keep_lease(third, vec![boot, other]).await;
    assert_eq!(lease, Some(Lease::Kept { by, others: 1 }));
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
    let Some(Lease::Kept { by, .. }) = other.keep_lease(Boot(ambient::random()), vec![]).await
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
    let lease = bus.keep_lease(boot, Vec::new()).await;
    let Some(Lease::Kept { by, .. }) = lease else {
        panic!("{lease:?}");
    };
    let forgotten = Some(Lease::Kept { by, others: 0 });
    let silent = async {
        while bus.keep_lease(other, vec![boot]).await != forgotten {
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
    let lease = one.keep_lease(boot, Vec::new()).await;
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
            one.keep_lease(boot, Vec::new()).await;
            let lease = other.keep_lease(me, vec![boot]).await;
            let is_other =
                |it: &Lease| matches!(it, Lease::Kept { by: its, others: 0 } if *its != by);
            assert!(lease.as_ref().is_some_and(is_other), "{lease:?}");
            assert_eq!(other.deny(boot, by).await, Denial::Unknown);
            sleep(Duration::from_millis(500)).await;
        }
    }
}
