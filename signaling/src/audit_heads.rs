//! Sends the office the last row of the audit log every so many days, to be kept where nobody who could
//! change the log can change it.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::sleep;

use crate::house::House;

/// How often it is looked whether one is due.
const LOOK: Duration = Duration::from_mins(10);

/// Looks at once, and then every so often, until the server closes.
pub(crate) async fn run(house: &House, every: SignedDuration) {
    loop {
        match house.store.mail_audit_head(every, ambient::now()).await {
            Ok(0) => {}
            Ok(count) => {
                tracing::info!(count, "the last row of the audit log is sent to the office");
                house.wake_post();
            }
            Err(error) => tracing::warn!(%error, "the last row of the audit log cannot be sent"),
        }
        tokio::select! {
            () = house.closing.cancelled() => return,
            () = sleep(LOOK) => {}
        }
    }
}
