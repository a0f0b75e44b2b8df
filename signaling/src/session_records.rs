//! Writes down who is where, beside the calls, which do not wait (SESS-8); and reads it when the
//! program begins.

use std::sync::Arc;
use std::time::Duration;

use call::CallId;
use cluster::Alone;
use futures_util::future::Either;
use jiff::SignedDuration;
use live::Clock;
use store::Store;
use tokio::time::{Instant, sleep};

use crate::house::House;
use crate::nodes::Nodes;

/// How many sessions that are over are remembered, and for how long.
const REMEMBERED: u32 = 50_000;
const REMEMBERED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// How long until it is tried again, where the records cannot be written.
const AGAIN: Duration = Duration::from_millis(500);

/// How often what is long over is forgotten.
const SWEEP: Duration = Duration::from_mins(10);

/// How often a node looks for meetings that others have left behind.
const LOOK: Duration = Duration::from_secs(5);

/// For how long these have been nobody's: whoever comes back by themselves has, wherever the proxy led them.
const ALONE_FOR: SignedDuration = SignedDuration::from_secs(15);

/// Begins with what was written down by the runs before; and the meetings in which somebody was.
pub(crate) async fn read(store: &Store, clock: Clock) -> store::Result<(Arc<Alone>, Vec<CallId>)> {
    let run = store.begin_run().await?;
    store
        .forget_sessions((ambient::now(), REMEMBERED_FOR), REMEMBERED)
        .await?;
    let records = store.sessions().await?;
    let (cluster, left_behind) = Alone::restored(run, &records, clock.now());
    Ok((Arc::new(cluster), left_behind))
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
            let kept = (ambient::now(), REMEMBERED_FOR);
            if let Err(error) = house.store.forget_sessions(kept, REMEMBERED).await {
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
        let kept = (ambient::now(), REMEMBERED_FOR);
        if let Err(error) = house.store.forget_sessions(kept, REMEMBERED).await {
            tracing::debug!(%error, "sessions of yesterday are forgotten later");
        }
        tokio::select! {
            () = house.closing.cancelled() => return,
            () = sleep(SWEEP) => {}
        }
    }
}

/// Meetings of nodes that are gone go on here where nobody has come back to them, and such as were brought here for
/// somebody who does not come, so that whoever was in them loses
/// their seat, and that is written down and told, as where a program on its own is begun again.
pub(crate) async fn take_up(house: Arc<House>, nodes: Arc<Nodes>) {
    loop {
        tokio::select! {
            () = house.closing.cancelled() => return,
            () = sleep(LOOK) => {}
        }
        // Whoever was to come to these may not: a socket broke, or a page that was made ready lies open.
        house.restore(nodes.shared.lack_owner());
        if !nodes.takes_up() {
            continue;
        }
        match house.store.left_behind(ALONE_FOR).await {
            // Of several nodes that try at once one has each.
            Ok(calls) => house.restore(calls),
            Err(error) => tracing::debug!(%error, "what nodes left behind is looked for later"),
        }
    }
}

async fn write_once(house: &House, alone: &Alone) -> store::Result<()> {
    let now = (ambient::now(), house.live.clock.now());
    let changes = alone.changes(now);
    house.store.keep_sessions(&changes).await?;
    alone.are_written();
    Ok(())
}
