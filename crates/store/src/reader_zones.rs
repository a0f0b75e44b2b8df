//! How the holder of a link reads: times in which zone (EVE-3), words in which language (SCR-9), and which
//! ground rules they have read (SCR-15).

use jiff::Timestamp;
use links::LinkId;
use school::MailId;

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

    /// The holder of a link reads this language, a tag of BCP 47, by all their links.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn reads_language(&self, link: LinkId, language: &str) -> Result<()> {
        let mut work = self.write().await?;
        work.run(
            "UPDATE holders SET language = $3 WHERE school = $1
               AND id = (SELECT holder FROM links WHERE school = $1 AND id = $2)",
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

    /// The zone of whoever holds a link, where it is known.
    pub(crate) async fn zone_of(&self, work: &mut Work, link: LinkId) -> Read<Option<String>> {
        let row = work
            .one(
                "SELECT time_zone FROM links WHERE school = $1 AND id = $2",
                values![self.school, link],
            )
            .await?;
        row.map_or(Ok(None), |row| row.maybe(0))
    }

    /// The language of whoever an e-mail goes to: what they have said; else, of a guest, that of whoever
    /// invites them.
    pub(crate) async fn language_of(&self, work: &mut Work, mail: MailId) -> Read<Option<String>> {
        let row = work
            .one(
                "SELECT COALESCE(holders.language, call_guests.language, inviters.language)
                 FROM mail
                 JOIN holders ON holders.school = mail.school AND holders.id = mail.holder
                 LEFT JOIN call_guests ON call_guests.school = mail.school
                   AND call_guests.id = mail.holder
                 LEFT JOIN invitations ON invitations.school = mail.school
                   AND invitations.id = mail.holder
                 LEFT JOIN holders AS inviters ON inviters.school = mail.school
                   AND inviters.id = invitations.inviter
                 WHERE mail.school = $1 AND mail.id = $2",
                values![self.school, mail],
            )
            .await?;
        row.map_or(Ok(None), |row| row.maybe(0))
    }
}
