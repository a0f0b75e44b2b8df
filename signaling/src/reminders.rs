//! Reminds those who were invited to register and have not, where the school wishes it (DIR-5).

use std::time::Duration;

use tokio::time::sleep;

use crate::house::House;

/// How often it is looked who is due.
const EVERY: Duration = Duration::from_mins(10);

/// Looks at once, and then every so often, until the server closes.
pub(crate) async fn run(house: &House) {
    loop {
        match house.store.remind(ambient::now()).await {
            Ok(0) => {}
            Ok(count) => {
                tracing::info!(count, "reminded of invitations to register");
                house.wake_post();
            }
            Err(error) => tracing::warn!(%error, "cannot remind of invitations to register"),
        }
        tokio::select! {
            () = house.closing.cancelled() => return,
            () = sleep(EVERY) => {}
        }
    }
}
