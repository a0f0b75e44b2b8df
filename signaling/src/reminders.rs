//! Reminds those who were invited to register and have not, where the school wishes it (DIR-5).

use std::time::Duration;

use tokio::time::sleep;

use crate::house::House;
use crate::rounds::Rounds;

/// How often it is looked who is due.
const EVERY: Duration = Duration::from_mins(10);

/// Looks at once, and then every so often, until the server closes.
pub(crate) async fn run(house: &House) {
    let mut rounds = Rounds::of(house.health.part("reminders"));
    loop {
        match house.store.remind(ambient::now()).await {
            Ok(0) => rounds.went_well(),
            Ok(count) => {
                rounds.went_well();
                tracing::info!(count, "reminded of invitations to register");
                house.wake_post();
            }
            Err(error) => {
                rounds.failed("Nobody can be reminded of invitations to register", &error);
            }
        }
        tokio::select! {
            () = house.closing.cancelled() => return,
            () = sleep(EVERY) => {}
        }
    }
}
