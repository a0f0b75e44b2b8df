//! Court orders that an information system says and that could not be entered: nobody is known here whom
//! they may be on, and the office is told so (DIR-4).

use jiff::Timestamp;
use school::import::Unentered;
use serde_json::json;

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

impl Store {
    /// Those that stand, those said first before others.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn unentered_orders(&self) -> Result<Vec<Unentered>> {
        let mut work = self.read().await?;
        let rows: Vec<OrderRow> = work
            .rows(
                "SELECT key, name, student FROM unentered_orders WHERE school = $1
                 ORDER BY said_at, key",
                values![self.school],
            )
            .await?;
        let orders = rows.into_iter().map(|row| Unentered {
            key: row.key,
            name: row.name,
            student: row.student,
        });
        Ok(orders.collect())
    }

    pub(crate) async fn count_unentered_orders(&self, work: &mut Work) -> Read<i64> {
        work.count(
            "SELECT COUNT(*) FROM unentered_orders WHERE school = $1",
            values![self.school],
        )
        .await
    }

    /// These are all that could not be entered now.
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
             DO UPDATE SET name = excluded.name, student = excluded.student"
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
