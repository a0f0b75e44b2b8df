//! In which zone the holder of a link reads times (EVE-3).

use links::LinkId;

use crate::database::Work;
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::value::values;

impl Store {
    /// The holder of a link reads times in this zone beside the evening's; in none but the
    /// evening's, without one.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn reads_in(&self, link: LinkId, zone: Option<&str>) -> Result<()> {
        let mut work = self.write().await?;
        work.run(
            "UPDATE links SET time_zone = $3 WHERE school = $1 AND id = $2",
            values![self.school, link, zone],
        )
        .await?;
        work.commit().await?;
        Ok(())
    }

    pub(crate) async fn zone_of(&self, work: &mut Work, link: LinkId) -> Read<Option<String>> {
        let row = work
            .one(
                "SELECT time_zone FROM links WHERE school = $1 AND id = $2",
                values![self.school, link],
            )
            .await?;
        match row {
            Some(row) => row.maybe(0),
            None => Ok(None),
        }
    }
}
