//! What the service manager is told (`sd_notify(3)`): that the program serves, that it lives, and that
//! it ends. Where none started it, nothing is said.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::task::spawn_blocking;
use tokio::time::interval;

/// It can be used from now on; and it lives as long as the runtime runs tasks, where the service
/// manager wants to hear of that (`WatchdogSec=`). From within a runtime.
pub(crate) fn ready() {
    tell(NotifyState::Ready);
    if let Some(patience) = sd_notify::watchdog_enabled() {
        tokio::spawn(live(patience));
    }
}

/// It was asked to end, and does.
pub(crate) fn stopping() {
    tell(NotifyState::Stopping);
}

/// Twice within the time after which it would be taken for hung.
async fn live(patience: Duration) {
    let mut ticks = interval((patience / 2).max(Duration::from_millis(1)));
    loop {
        ticks.tick().await;
        // Whoever is to hear may be slow to.
        let _panicked = spawn_blocking(|| tell(NotifyState::Watchdog)).await;
    }
}

fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "the service manager does not hear");
    }
}
