//! Erases what is past the school's period, every day for as long as the program runs (DIR-10).

use std::time::Duration;

use jiff::Timestamp;
use store::Store;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// How long until it is looked at again.
const DAY: Duration = Duration::from_hours(24);

/// How long until it is tried again where it failed.
const AGAIN: Duration = Duration::from_mins(10);

/// Erases at once, and then daily, until `closing`.
pub(crate) async fn run(store: Store, closing: CancellationToken) {
    loop {
        let rest = match store.erase_expired(Timestamp::now()).await {
            Ok(evenings) => {
                if evenings > 0 {
                    tracing::info!(evenings, "erased what was past its period");
                }
                DAY
            }
            Err(error) => {
                tracing::warn!(%error, "cannot erase what is past its period");
                AGAIN
            }
        };
        tokio::select! {
            () = closing.cancelled() => return,
            () = sleep(rest) => {}
        }
    }
}
