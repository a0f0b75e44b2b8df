//! Writes down who is where, beside the calls, which do not wait (SESS-8); and reads it when the
//! program begins.

use std::sync::Arc;
use std::time::Duration;

use call::CallId;
use cluster::Alone;
use futures_util::future::Either;
use jiff::{SignedDuration, Timestamp};
use live::Clock;
use store::Store;
use tokio::time::{Instant, sleep};

use crate::house::House;

/// How many sessions that are over are remembered, and for how long.
const REMEMBERED: u32 = 50_000;
const REMEMBERED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// How long until it is tried again, where the records cannot be written.
const AGAIN: Duration = Duration::from_millis(500);

/// How often what is long over is forgotten.
const SWEEP: Duration = Duration::from_mins(10);

/// Begins with what was written down by the runs before; and the meetings in which somebody was.
pub(crate) async fn read(store: &Store, clock: Clock) -> store::Result<(Arc<Alone>, Vec<CallId>)> {
    let run = store.begin_run().await?;
    store
        .forget_sessions(forgotten(ambient::now()), REMEMBERED)
        .await?;
    let records = store.sessions().await?;
    let (cluster, left_behind) = Alone::restored(run, &records, clock.now());
    Ok((Arc::new(cluster), left_behind))
}

fn forgotten(now: Timestamp) -> Timestamp {
    now.checked_sub(REMEMBERED_FOR).unwrap_or(now)
}

/// Writes down whatever changes, as soon as what changed before is written.
pub(crate) async fn write(house: Arc<House>, alone: Arc<Alone>) {
    let mut sweep_at = Instant::now() + SWEEP;
    while !house.closing.is_cancelled() {
        let next = match write_once(&house, &alone).await {
            Ok(()) => Either::Left(alone.changed()),
            Err(error) => {
                tracing::debug!(%error, "who is where is written down later");
                Either::Right(sleep(AGAIN))
            }
        };
        tokio::select! {
            () = house.closing.cancelled() => {}
            () = next => {}
        }
        if Instant::now() >= sweep_at {
            sweep_at = Instant::now() + SWEEP;
            let before = forgotten(ambient::now());
            if let Err(error) = house.store.forget_sessions(before, REMEMBERED).await {
                tracing::debug!(%error, "sessions of yesterday are forgotten later");
            }
        }
    }
    if let Err(error) = write_once(&house, &alone).await {
        tracing::warn!(%error, "who is where is not written down");
    }
}

/// Forgets what is long over, where several nodes write it down.
pub(crate) async fn forget(house: Arc<House>) {
    loop {
        let before = forgotten(ambient::now());
        if let Err(error) = house.store.forget_sessions(before, REMEMBERED).await {
            tracing::debug!(%error, "sessions of yesterday are forgotten later");
        }
        tokio::select! {
            () = house.closing.cancelled() => return,
            () = sleep(SWEEP) => {}
        }
    }
}

async fn write_once(house: &House, alone: &Alone) -> store::Result<()> {
    let now = (ambient::now(), house.live.clock.now());
    let changes = alone.changes(now);
    let done = house.store.keep_sessions(&changes.records).await;
    alone.are_written(&changes, done.is_ok());
    done
}
