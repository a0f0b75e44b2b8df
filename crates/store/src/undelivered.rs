//! Invitations to register that did not arrive: a mail server or the gateway for text messages refused them
//! for good, or they came back.

use jiff::Timestamp;
use school::registration::{MOST_AT_ONCE, ReachedBy};

use crate::database::Work;
use crate::fault::{Read, Result};
use crate::registrations::{Invitable, OpenRow, open};
use crate::store::Store;
use crate::value::values;

/// Why an invitation to register did not arrive, and the way on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Undelivered {
    /// What the mail server or the gateway said; may be empty.
    pub reason: String,
    /// By what else one reaches them.
    pub otherwise: ReachedBy,
}

/// What was said of the newest e-mail or text of the invitation of a row of `contacts` and `registrations`
/// that did not arrive; nothing where one has arrived since, or was sent elsewhere.
macro_rules! undelivered {
    () => {
        "(SELECT mail.reason FROM mail
          WHERE mail.school = contacts.school AND mail.holder = contacts.id
            AND mail.kind = 'registration' AND mail.state IN ('failed', 'bounced')
            AND mail.queued_at >= registrations.sent_at
            AND NOT EXISTS (SELECT 1 FROM mail AS later
              WHERE later.school = mail.school AND later.holder = mail.holder
                AND later.kind = 'registration' AND later.queued_at > mail.queued_at
                AND (later.address <> mail.address OR later.channel <> mail.channel
                  OR later.state IN ('delivered', 'failed', 'bounced')))
          LIMIT 1)"
    };
}

/// Above nought where an e-mail to the address that the records have of a row of `contacts` did not arrive,
/// and the office has sent the invitation of its row of `registrations` after that, by text or letter: by
/// no word of whoever holds it, and not for an e-mail that they have had sent.
macro_rules! cannot_be_written_to {
    () => {
        "(SELECT COUNT(*) FROM mail
          WHERE mail.school = contacts.school AND mail.holder = contacts.id
            AND mail.kind = 'registration' AND mail.state IN ('failed', 'bounced')
            AND mail.address = contacts.email AND mail.queued_at < registrations.sent_at
            AND NOT EXISTS (SELECT 1 FROM mail AS later
              WHERE later.school = mail.school AND later.holder = mail.holder
                AND later.kind = 'registration' AND later.address = contacts.email
                AND later.queued_at > mail.queued_at
                AND later.state NOT IN ('failed', 'bounced')))"
    };
}

pub(crate) use {cannot_be_written_to, undelivered};

impl Store {
    /// Those whose invitation is good and did not arrive, by name: as many as are invited at one press.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn undelivered_registrations(&self, now: Timestamp) -> Result<Vec<Invitable>> {
        let mut work = self.read().await?;
        let most = u32::try_from(MOST_AT_ONCE).unwrap_or(u32::MAX);
        let rows: Vec<OpenRow> = work
            .rows(
                open!(
                    concat!(
                        "contacts.id AS id, name, email, mobile, ",
                        undelivered!(),
                        " AS undelivered"
                    ),
                    concat!("until_at > $2 AND ", undelivered!(), " IS NOT NULL"),
                    " ORDER BY name_key, contacts.id LIMIT $3"
                ),
                values![self.school, now, most],
            )
            .await?;
        self.invitable_rows(&mut work, rows).await
    }

    /// How many they are.
    pub(crate) async fn count_undelivered(&self, work: &mut Work, now: Timestamp) -> Read<i64> {
        let sql = open!(
            "COUNT(*)",
            concat!("until_at > $2 AND ", undelivered!(), " IS NOT NULL"),
            ""
        );
        work.count(sql, values![self.school, now]).await
    }
}
