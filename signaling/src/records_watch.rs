//! Looks whether the records can be used, also when nobody asks for anything, and says how they are.

use std::time::Duration;

use tokio::time::sleep;

use crate::house::House;

/// How often while all is well.
const SELDOM: Duration = Duration::from_secs(5);

/// How often while it is not.
const OFTEN: Duration = Duration::from_secs(1);

/// Looks until the server closes.
pub(crate) async fn run(house: &House) {
    let store = &house.store;
    let part = house.health.part("records");
    loop {
        // What is found, the store remembers, and says why in the log.
        let rest = match store.check().await {
            Ok(()) => SELDOM,
            Err(_known_to_the_store) => OFTEN,
        };
        match store.trouble() {
            None => part.well(),
            Some(sentence) => part.unwell(sentence),
        };
        tokio::select! {
            () = house.closing.cancelled() => return,
            () = store.trouble_begins() => {}
            () = sleep(rest) => {}
        }
    }
}
