//! Sends the office the last row of the audit log every so many days, to be kept where nobody who could
//! change the log can change it.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::sleep;

use crate::house::House;
use crate::rounds::Rounds;

/// How often it is looked whether one is due.
const LOOK: Duration = Duration::from_mins(10);

/// Looks at once, and then every so often, until the server closes.
pub(crate) async fn run(house: &House, every: SignedDuration) {
    let mut rounds = Rounds::of(house.health.part("audit_heads"));
    loop {
        match house.store.mail_audit_head(every, ambient::now()).await {
            Ok(0) => rounds.went_well(),
            Ok(count) => {
                rounds.went_well();
                tracing::info!(count, "the last row of the audit log is sent to the office");
                house.wake_post();
            }
            Err(error) => {
                rounds.failed(
                    "The last row of the audit log cannot be sent to the office",
                    &error,
                );
            }
        }
        tokio::select! {
            () = house.closing.cancelled() => return,
            () = sleep(LOOK) => {}
        }
    }
}
