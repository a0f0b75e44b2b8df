//! Pages look once more where something may have been committed of which nobody was told: another node was killed between a
//! commit and telling of it, or the answer to a COMMIT was lost here. Whoever begins a program anew looks so by themselves.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::sleep;

use crate::house::House;

/// How long until what was on its way to the records has come to something, and until these are asked once more where they do
/// not answer.
const SETTLED: Duration = Duration::from_secs(1);

/// How long it is until all look again: where the records are in trouble, each press may be a reason to.
const REST: Duration = Duration::from_secs(20);

/// Whether anybody is to look, and whether at every node.
#[derive(Debug, Default)]
pub(crate) struct Looks {
    wanted: Notify,
    at_all: AtomicBool,
}

impl House {
    /// Something may have been committed of which nobody was told: every page that is open here looks once more, soon.
    pub(crate) fn have_all_look(&self) {
        self.looks.wanted.notify_one();
    }

    /// The same of every page that is open at any node.
    pub(crate) fn have_all_look_everywhere(&self) {
        self.looks.at_all.store(true, Ordering::Relaxed);
        self.have_all_look();
    }
}

/// Has them look, until the server closes.
pub(crate) async fn run(house: &House) {
    loop {
        tokio::select! {
            () = house.closing.cancelled() => return,
            () = look(house) => {}
        }
    }
}

async fn look(house: &House) {
    house.looks.wanted.notified().await;
    sleep(SETTLED).await;
    // What they would see is not there yet.
    while house.store.check().await.is_err() {
        sleep(SETTLED).await;
    }
    if house.looks.at_all.swap(false, Ordering::Relaxed)
        && let Some(nodes) = &house.nodes
    {
        nodes.have_others_look().await;
    }
    house.live.have_all_look().await;
    sleep(REST).await;
}
