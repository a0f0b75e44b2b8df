//! What a court order goes by outlives that a backup is put back (DIR-4).

use jiff::Timestamp;
use school::{Actor, Deed};

use super::endings::Endings;
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::value::values;

impl Store {
    /// What is kept of who contacts were, and with whom: an order goes by it.
    pub(super) async fn keep_known_again(&self, work: &mut Work, ended: &Endings) -> Read<()> {
        for (contact, name, name_key, email, email_key) in &ended.known_as {
            work.run(
                "INSERT INTO known_as (school, contact, name, name_key, email, email_key)
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
                values![
                    self.school,
                    *contact,
                    name.as_str(),
                    name_key.as_str(),
                    email.clone(),
                    email_key.as_str()
                ],
            )
            .await?;
        }
        for (contact, student) in &ended.known_with {
            work.run(
                "INSERT INTO known_with (school, contact, student) VALUES ($1, $2, $3)
                 ON CONFLICT DO NOTHING",
                values![self.school, *contact, *student],
            )
            .await?;
        }
        Ok(())
    }

    /// Whoever waited for the office because of an order waits on.
    pub(super) async fn wait_again(&self, ended: &Endings, now: Timestamp) -> Result<()> {
        let mut work = self.write().await?;
        for (contact, barred) in &ended.waiting {
            let (contact, barred) = (*contact, *barred);
            let waits = work
                .run(
                    "UPDATE contacts SET may_be = $3 WHERE school = $1 AND id = $2
                       AND may_be IS NULL AND court_order_at IS NULL AND EXISTS (
                         SELECT 1 FROM contacts AS barred WHERE barred.school = $1
                           AND barred.id = $3 AND barred.court_order_at IS NOT NULL)",
                    values![self.school, contact, barred],
                )
                .await?;
            if waits > 0 {
                let suspended = Deed::Suspended { contact, barred };
                self.perform(&mut work, &suspended, Actor::Program, now)
                    .await?;
            }
        }
        work.commit().await?;
        Ok(())
    }
}
