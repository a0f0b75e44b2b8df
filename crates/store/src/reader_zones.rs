//! How the holder of a link reads: times in which zone (EVE-3), words in which language (SCR-9), and which
//! ground rules they have read (SCR-15).

use jiff::Timestamp;
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

    /// The holder of a link reads this language, a tag of BCP 47.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn reads_language(&self, link: LinkId, language: &str) -> Result<()> {
        let mut work = self.write().await?;
        work.run(
            "UPDATE links SET language = $3 WHERE school = $1 AND id = $2",
            values![self.school, link, language],
        )
        .await?;
        work.commit().await?;
        Ok(())
    }

    /// The holder of a link accepts the ground rules of this version (SCR-15). The first time counts.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn accepts_rules(&self, link: LinkId, version: u32, now: Timestamp) -> Result<()> {
        let mut work = self.write().await?;
        work.run(
            "UPDATE links SET rules = $3, rules_at = $4
             WHERE school = $1 AND id = $2 AND COALESCE(rules, 0) < $3",
            values![self.school, link, version, now],
        )
        .await?;
        work.commit().await?;
        Ok(())
    }

    /// The zone and the language of whoever holds a link, as far as they are known.
    pub(crate) async fn reader_of(
        &self,
        work: &mut Work,
        link: LinkId,
    ) -> Read<(Option<String>, Option<String>)> {
        let row = work
            .one(
                "SELECT time_zone, language FROM links WHERE school = $1 AND id = $2",
                values![self.school, link],
            )
            .await?;
        match row {
            Some(row) => Ok((row.maybe(0)?, row.maybe(1)?)),
            None => Ok((None, None)),
        }
    }
}
