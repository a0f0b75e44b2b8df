//! Erases what is past the school's period, every day for as long as the program runs (DIR-10), and
//! the files of e-mails and text messages that nothing is known of any more.

use std::path::PathBuf;
use std::time::Duration;
use store::Store;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::rounds::Rounds;

/// How long until it is looked at again.
const DAY: Duration = Duration::from_hours(24);

/// How long until it is tried again where it failed.
const AGAIN: Duration = Duration::from_mins(10);

/// How long files, and SQLite's log, may outlive the person whom they are about.
const SWEEP: Duration = Duration::from_mins(1);

/// Erases at once, and then daily, until `closing`; `folders` are where e-mails and text
/// messages are kept as files, or were before a mail server or a gateway was set.
pub(crate) async fn run(
    store: Store,
    folders: [PathBuf; 2],
    (mut rounds, closing): (Rounds, CancellationToken),
) {
    let mut due = Instant::now();
    loop {
        if due <= Instant::now() {
            due = Instant::now() + erase(&store, &mut rounds).await;
        }
        for folder in &folders {
            if let Err(error) = post::sweep(folder, &store).await {
                tracing::warn!(%error, "cannot remove messages that were kept as files");
            }
        }
        if let Err(error) = store.overwrite_erased().await {
            tracing::warn!(%error, "what was erased cannot be overwritten yet");
        }
        tokio::select! {
            () = closing.cancelled() => return,
            () = sleep(SWEEP) => {}
        }
    }
}

/// Erases what is past its period, and gives how long to rest.
async fn erase(store: &Store, rounds: &mut Rounds) -> Duration {
    let now = ambient::now();
    // What the clock shows may be confirmed soon.
    if store.doubts_clock(now).await.is_ok_and(|it| it) {
        return AGAIN;
    }
    match store.erase_expired(now).await {
        Ok(evenings) => {
            rounds.went_well();
            if evenings > 0 {
                tracing::info!(evenings, "erased what was past its period");
            }
            DAY
        }
        Err(error) => {
            rounds.failed("What is past its period cannot be erased", &error);
            AGAIN
        }
    }
}
