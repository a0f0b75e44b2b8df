//! What the columns of files mean, as the office has chosen it: kept for the next file of the same
//! headings.

use jiff::Timestamp;
use school::import::{Choice, Column, Opened};
use sha2::{Digest as _, Sha256};

use crate::fault::Result;
use crate::store::Store;
use crate::value::values;

/// How many kinds of files are known again; those used least lately are forgotten.
const MOST: i64 = 50;

impl Store {
    /// What was chosen for a file of the same headings, if anything was.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn chosen_columns(&self, file: &Opened) -> Result<Option<Choice>> {
        let mut work = self.read().await?;
        let row = work
            .one(
                "SELECT columns, has_headings FROM import_columns
                 WHERE school = $1 AND headings = $2",
                values![self.school, key(file)],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let columns: String = row.get(0)?;
        let has_headings: i64 = row.get(1)?;
        Ok(Some(Choice {
            columns: columns.split(',').map(Column::of_code).collect(),
            has_headings: has_headings == 1,
        }))
    }

    /// Keeps what was chosen.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn keep_columns(&self, file: &Opened, choice: &Choice, now: Timestamp) -> Result<()> {
        let codes = choice.columns.iter().map(|it| it.map(Column::code));
        let codes: Vec<_> = codes.map(Option::unwrap_or_default).collect();
        let mut work = self.write().await?;
        work.run(
            "INSERT INTO import_columns (school, headings, columns, has_headings, used_at)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (headings, school) DO UPDATE SET columns = excluded.columns,
               has_headings = excluded.has_headings, used_at = excluded.used_at",
            values![
                self.school,
                key(file),
                codes.join(","),
                i64::from(choice.has_headings),
                now
            ],
        )
        .await?;
        work.run(
            "DELETE FROM import_columns WHERE school = $1 AND headings IN
               (SELECT headings FROM import_columns WHERE school = $1
                ORDER BY used_at DESC, headings LIMIT 1000 OFFSET $2)",
            values![self.school, MOST],
        )
        .await?;
        work.commit().await?;
        Ok(())
    }
}

fn key(file: &Opened) -> String {
    let digest = Sha256::digest(file.key().as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
