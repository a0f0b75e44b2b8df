//! What a court order goes by outlives that a backup is put back (DIR-4).

use std::collections::BTreeMap;

use jiff::Timestamp;
use school::{Actor, ContactId, Deed, ScopeId};

use super::endings::Endings;
use super::standing::{Standing, each};
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::value::values;

/// A guest of a meeting whose link opens nothing until the office has decided.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Held {
    name: String,
    may_be: ContactId,
    because: String,
    at: i64,
}

/// Somebody at a door who waits for the office, or whom it has turned away.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct HeldAtDoor {
    scope: ScopeId,
    name: String,
    reason: String,
    attempt: String,
    email: Option<String>,
    mobile: Option<String>,
    may_be: ContactId,
    because: String,
    at: i64,
    turned_away_at: Option<i64>,
}

/// An order that a source says and that could not be entered, and whether the office has dismissed it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct UnenteredOrder {
    name: String,
    student: String,
    said_at: i64,
    dismissed_at: Option<i64>,
}

/// What stands otherwise than in the backup, or is not there.
pub(super) fn changed<K: Clone + Ord, V: Clone + Eq>(
    now: &BTreeMap<K, V>,
    before: &BTreeMap<K, V>,
) -> Vec<(K, V)> {
    let changed = now.iter().filter(|(key, it)| before.get(*key) != Some(*it));
    changed.map(|(key, it)| (key.clone(), it.clone())).collect()
}

impl Standing {
    /// Who waits for the office elsewhere than among contacts, and what it was told of orders.
    pub(super) async fn read_held(&mut self, store: &Store, work: &mut Work) -> Read<()> {
        each(
            store,
            work,
            "SELECT id, held_name, may_be, held_because, held_at FROM call_guests
             WHERE school = $1 AND held_at IS NOT NULL AND removed_at IS NULL",
            &mut self.held,
            |row| {
                let held = Held {
                    name: row.named("held_name")?,
                    may_be: row.named("may_be")?,
                    because: row.named("held_because")?,
                    at: row.named("held_at")?,
                };
                Ok((row.named("id")?, held))
            },
        )
        .await?;
        each(
            store,
            work,
            "SELECT id, scope, name, reason, attempt, email, mobile, may_be, held_because, held_at,
               turned_away_at
             FROM held_at_doors WHERE school = $1 AND let_in_at IS NULL",
            &mut self.held_at_doors,
            |row| {
                let held = HeldAtDoor {
                    scope: row.named("scope")?,
                    name: row.named("name")?,
                    reason: row.named("reason")?,
                    attempt: row.named("attempt")?,
                    email: row.named("email")?,
                    mobile: row.named("mobile")?,
                    may_be: row.named("may_be")?,
                    because: row.named("held_because")?,
                    at: row.named("held_at")?,
                    turned_away_at: row.named("turned_away_at")?,
                };
                Ok((row.named("id")?, held))
            },
        )
        .await?;
        each(
            store,
            work,
            "SELECT key, name, student, said_at, dismissed_at FROM unentered_orders
             WHERE school = $1",
            &mut self.unentered,
            |row| {
                let order = UnenteredOrder {
                    name: row.named("name")?,
                    student: row.named("student")?,
                    said_at: row.named("said_at")?,
                    dismissed_at: row.named("dismissed_at")?,
                };
                Ok((row.named("key")?, order))
            },
        )
        .await
    }
}

impl Store {
    /// What is kept of who contacts were, where they were reached, and with whom: an order goes by it.
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
        for (contact, number) in &ended.known_numbers {
            work.run(
                "INSERT INTO known_numbers (school, contact, number) VALUES ($1, $2, $3)
                 ON CONFLICT DO NOTHING",
                values![self.school, *contact, number.as_str()],
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
        for (contact, since) in &ended.renewed {
            work.run(
                "UPDATE contacts SET court_order_at = $3
                 WHERE school = $1 AND id = $2 AND court_order_at < $3",
                values![self.school, *contact, *since],
            )
            .await?;
        }
        self.hold_again(work, ended).await?;
        self.say_orders_again(work, ended).await
    }

    /// Whoever waited as a guest, or at a door, waits on.
    async fn hold_again(&self, work: &mut Work, ended: &Endings) -> Read<()> {
        for (visitor, it) in &ended.held {
            work.run(
                "UPDATE call_guests SET name = NULL, held_name = $3, may_be = $4,
                   held_because = $5, held_at = $6, let_in_at = NULL
                 WHERE school = $1 AND id = $2",
                values![
                    self.school,
                    *visitor,
                    it.name.as_str(),
                    it.may_be,
                    it.because.as_str(),
                    it.at
                ],
            )
            .await?;
        }
        for (visitor, it) in &ended.held_at_doors {
            work.run(
                "INSERT INTO held_at_doors (school, id, scope, name, reason, attempt, email, mobile,
                   may_be, held_because, held_at, turned_away_at)
                 SELECT $1, $2, id, $4, $5, $6, $7, $8, $9, $10, $11, $12 FROM scopes
                 WHERE school = $1 AND id = $3 AND NOT EXISTS (
                   SELECT 1 FROM held_at_doors AS there WHERE there.school = $1
                     AND there.scope = $3 AND there.attempt = $6 AND there.id <> $2)
                 ON CONFLICT (id, school) DO UPDATE SET may_be = excluded.may_be,
                   held_because = excluded.held_because, held_at = excluded.held_at,
                   let_in_at = NULL, turned_away_at = excluded.turned_away_at",
                values![
                    self.school,
                    *visitor,
                    it.scope,
                    it.name.as_str(),
                    it.reason.as_str(),
                    it.attempt.as_str(),
                    it.email.as_deref(),
                    it.mobile.as_deref(),
                    it.may_be,
                    it.because.as_str(),
                    it.at,
                    it.turned_away_at
                ],
            )
            .await?;
        }
        Ok(())
    }

    /// Orders that could not be entered are asked of, or dismissed, as they were last.
    async fn say_orders_again(&self, work: &mut Work, ended: &Endings) -> Read<()> {
        for (key, it) in &ended.unentered {
            work.run(
                "INSERT INTO unentered_orders (school, key, name, student, said_at, dismissed_at)
                 VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (key, school) DO UPDATE SET name = excluded.name,
                   student = excluded.student, said_at = excluded.said_at,
                   dismissed_at = excluded.dismissed_at",
                values![
                    self.school,
                    key.as_str(),
                    it.name.as_str(),
                    it.student.as_str(),
                    it.said_at,
                    it.dismissed_at
                ],
            )
            .await?;
        }
        if ended.unentered.is_empty() {
            return Ok(());
        }
        let open = self.count_unentered_orders(work).await?;
        work.run(
            "UPDATE information_systems SET unentered = $2 WHERE school = $1",
            values![self.school, open],
        )
        .await?;
        Ok(())
    }

    /// Whoever waited for the office because of an order waits on.
    pub(super) async fn wait_again(&self, ended: &Endings, now: Timestamp) -> Result<()> {
        let mut work = self.write().await?;
        for (contact, barred) in &ended.waiting {
            let contact = self.standing_for(&mut work, *contact).await?;
            let barred = self.standing_for(&mut work, *barred).await?;
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
