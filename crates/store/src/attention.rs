//! What waits for the office, to be said wherever it looks: decisions (DIR-4, DIR-13), and e-mail that
//! cannot be sent (OPS-5).

use jiff::Timestamp;

use crate::database::Work;
use crate::fault::{Read, Result};
use crate::outbox::Waiting;
use crate::store::Store;
use crate::value::values;

/// What waits for the office.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Attention {
    /// How many wishes, records, appointments and details of parents it has to decide about, calls
    /// that were stopped at which it has yet to look, and court orders that could not be entered.
    pub to_decide: i64,
    /// How many invitations to register did not arrive.
    pub undelivered: i64,
    /// How many e-mails were tried and wait to be tried again.
    pub mail_waiting: i64,
    /// Why the last of them was not sent; empty where none waits.
    pub mail_reason: String,
}

impl Store {
    /// What waits for the office now.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn attention(&self, now: Timestamp) -> Result<Attention> {
        let mut work = self.read().await?;
        let waiting = self.waits(&mut work, now).await?;
        let details = self.details_to_decide(&mut work).await?.len();
        let mail_waiting = work
            .count(
                "SELECT COUNT(*) FROM mail
                 WHERE school = $1 AND state IN ('queued', 'sending') AND reason <> ''",
                values![self.school],
            )
            .await?;
        let undelivered = self.count_undelivered(&mut work, now).await?;
        let stopped = self.count_new_stops(&mut work).await?;
        let unentered = self.count_unentered_orders(&mut work).await?;
        let newest = work
            .one(
                "SELECT reason FROM mail
                 WHERE school = $1 AND state IN ('queued', 'sending') AND reason <> ''
                 ORDER BY due_at DESC, id LIMIT 1",
                values![self.school],
            )
            .await?;
        Ok(Attention {
            to_decide: waiting.invitations
                + waiting.records
                + waiting.appointments
                + i64::try_from(details).unwrap_or(i64::MAX)
                + stopped
                + unentered,
            undelivered,
            mail_waiting,
            mail_reason: match newest {
                Some(row) => row.get(0)?,
                None => String::new(),
            },
        })
    }

    /// What waits to be decided.
    pub(crate) async fn waits(&self, work: &mut Work, now: Timestamp) -> Read<Waiting> {
        let invitations = work
            .count(
                "SELECT COUNT(*) FROM approvals
                 JOIN invitations ON invitations.school = approvals.school
                   AND invitations.id = approvals.invitation
                 JOIN evenings ON evenings.school = approvals.school
                   AND evenings.id = invitations.evening
                 WHERE approvals.school = $1 AND decided_at IS NULL AND state = 'held'
                   AND evenings.end_at > $2 AND evenings.booking <> 'cancelled'",
                values![self.school, now],
            )
            .await?;
        let guests = self.count_held_guests(work, now).await?;
        let parents = self.count_waiting_parents(work).await?;
        let records = work
            .count(
                "SELECT COUNT(*) FROM contacts WHERE school = $1 AND may_be IS NOT NULL
                   AND EXISTS (SELECT 1 FROM guardians
                     WHERE guardians.school = contacts.school AND contact = contacts.id)",
                values![self.school],
            )
            .await?;
        let appointments = work
            .count(
                "SELECT COUNT(*) FROM bookings
                 WHERE school = $1 AND asks = 1 AND cancelled_at IS NULL AND end_at > $2",
                values![self.school, now],
            )
            .await?;
        Ok(Waiting {
            invitations: invitations + guests + parents,
            records,
            appointments,
        })
    }
}
