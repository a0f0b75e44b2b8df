//! Court orders that an information system says and that could not be entered: nobody is known here whom
//! they may be on, and the office is told so (DIR-4).

use jiff::Timestamp;
use school::import::{Plan, Unentered};
use school::{Actor, Refusal};
use serde_json::json;

use crate::audit::Action;
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::value::{columns, each, values};

columns! {
    struct OrderRow {
        key: String,
        name: String,
        student: String,
    }
}

impl From<OrderRow> for Unentered {
    fn from(row: OrderRow) -> Self {
        Self {
            key: row.key,
            name: row.name,
            student: row.student,
        }
    }
}

impl Store {
    /// Those that stand, those said last behind others.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn unentered_orders(&self) -> Result<Vec<Unentered>> {
        let mut work = self.read().await?;
        let rows: Vec<OrderRow> = work
            .rows(
                "SELECT key, name, student FROM unentered_orders
                 WHERE school = $1 AND dismissed_at IS NULL ORDER BY said_at, key",
                values![self.school],
            )
            .await?;
        Ok(rows.into_iter().map(Unentered::from).collect())
    }

    /// Those of which the office has said that they are about nobody here, and that are said still: the last
    /// first.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn dismissed_orders(&self) -> Result<Vec<Unentered>> {
        let mut work = self.read().await?;
        Ok(self.dismissed(&mut work).await?)
    }

    async fn dismissed(&self, work: &mut Work) -> Read<Vec<Unentered>> {
        let rows: Vec<OrderRow> = work
            .rows(
                "SELECT key, name, student FROM unentered_orders
                 WHERE school = $1 AND dismissed_at IS NOT NULL ORDER BY dismissed_at DESC, key",
                values![self.school],
            )
            .await?;
        Ok(rows.into_iter().map(Unentered::from).collect())
    }

    /// The office says of an order, as it is shown, that it is about nobody here; or that it is to be looked at
    /// again.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where the source says it no longer, or otherwise.
    pub async fn dismiss_order(
        &self,
        order: &Unentered,
        is_dismissed: bool,
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        let of = values![
            self.school,
            order.key.as_str(),
            order.name.as_str(),
            order.student.as_str()
        ];
        let known = work
            .count(
                "SELECT COUNT(*) FROM unentered_orders
                 WHERE school = $1 AND key = $2 AND name = $3 AND student = $4",
                of,
            )
            .await?;
        if known == 0 {
            return Err(Refusal::NotFound.into());
        }
        let changed = work
            .run(
                "UPDATE unentered_orders SET dismissed_at = $3
                 WHERE school = $1 AND key = $2
                   AND (dismissed_at IS NULL) <> (CAST($3 AS BIGINT) IS NULL)",
                values![self.school, order.key.as_str(), is_dismissed.then_some(now)],
            )
            .await?;
        // Somebody else of the office was faster.
        if changed == 0 {
            return Ok(());
        }
        let open = self.count_unentered_orders(&mut work).await?;
        work.run(
            "UPDATE information_systems SET unentered = $2 WHERE school = $1",
            values![self.school, open],
        )
        .await?;
        let action = match is_dismissed {
            true => Action::OrderDismissed,
            false => Action::OrderShownAgain,
        };
        // Nobody is named in the log.
        self.audit(&mut work, actor, action, "school", &[], now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// What the office has dismissed could not be entered either, and waits for nobody.
    pub(crate) async fn leave_out_dismissed(&self, work: &mut Work, plan: &mut Plan) -> Read<()> {
        if let Some(unentered) = plan.unentered.as_mut().filter(|it| !it.is_empty()) {
            let dismissed = self.dismissed(work).await?;
            unentered.retain(|it| !dismissed.contains(it));
        }
        Ok(())
    }

    pub(crate) async fn count_unentered_orders(&self, work: &mut Work) -> Read<i64> {
        work.count(
            "SELECT COUNT(*) FROM unentered_orders WHERE school = $1 AND dismissed_at IS NULL",
            values![self.school],
        )
        .await
    }

    /// These are all that could not be entered now. One that is said otherwise than it was dismissed is open.
    pub(crate) async fn note_unentered_orders(
        &self,
        work: &mut Work,
        orders: &[Unentered],
        now: Timestamp,
    ) -> Result<()> {
        let sql = each!(
            work,
            "DELETE FROM unentered_orders WHERE school = $1 AND key NOT IN (
               SELECT value ->> 0 FROM",
            ")"
        );
        let rows = orders.iter().map(|it| [&it.key, &it.name, &it.student]);
        let rows = json!(rows.collect::<Vec<_>>()).to_string();
        work.run(sql, values![self.school, rows.clone()]).await?;
        let sql = each!(
            work,
            "INSERT INTO unentered_orders (school, key, name, student, said_at)
             SELECT $1, value ->> 0, value ->> 1, value ->> 2, $3 FROM",
            "WHERE 0 = 0 ON CONFLICT (key, school)
             DO UPDATE SET name = excluded.name, student = excluded.student,
               said_at = excluded.said_at,
               dismissed_at = CASE WHEN unentered_orders.name = excluded.name
                 AND unentered_orders.student = excluded.student
                 THEN unentered_orders.dismissed_at END"
        );
        work.run(sql, values![self.school, rows, now]).await?;
        Ok(())
    }

    /// A system that is no longer connected says none.
    pub(crate) async fn forget_unentered_orders(&self, work: &mut Work) -> Read<u64> {
        work.run(
            "DELETE FROM unentered_orders WHERE school = $1",
            values![self.school],
        )
        .await
    }
}
