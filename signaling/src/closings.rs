//! Tells parents that booking has closed at the moment that was set for it, and goes on where a press was cut
//! off (EVE-5).

use std::time::Duration;

use jiff::Timestamp;
use school::EveningId;
use tokio::time::sleep;

use crate::house::House;
use crate::rounds::Rounds;

/// How often it is looked whether one has.
const EVERY: Duration = Duration::from_secs(5);

/// Looks at once, and then every so often, until the server closes.
pub(crate) async fn run(house: &House) {
    let mut rounds = Rounds::of(house.health.part("closings"));
    loop {
        match look(house).await {
            Ok(()) => rounds.went_well(),
            Err(error) => {
                rounds.failed("Parents cannot be told that booking has closed", &error);
            }
        }
        tokio::select! {
            () = house.closing.cancelled() => return,
            () = sleep(EVERY) => {}
        }
    }
}

async fn look(house: &House) -> Result<(), store::Error> {
    let now = ambient::now();
    for evening in house.store.tell_of_closing(now).await? {
        tracing::info!(%evening, "booking has opened or closed, and parents are told");
        house.wake_post();
        if let Err(error) = tell_pages(house, evening, now).await {
            tracing::warn!(%error, %evening, "pages do not hear that booking has closed");
        }
    }
    Ok(())
}

async fn tell_pages(house: &House, evening: EveningId, now: Timestamp) -> Result<(), store::Error> {
    let links = house.store.links_of_evening(evening, now).await?;
    let links = links
        .iter()
        .map(|link| live::roster::link_of(link.record.id));
    house.live.news.tell(links);
    Ok(())
}
