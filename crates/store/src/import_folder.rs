//! The folder of the settings in which another system leaves lists or an export (DIR-1): what its last
//! run came to, and what was taken then.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::fault::Result;
use crate::information_system::{SystemResult, SystemRun};
use crate::store::Store;
use crate::value::{columns, values};

/// What is kept of the folder.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ImportFolder {
    /// The day at the school whose night is done, where one is.
    pub night: Option<Date>,
    /// A digest of the files that were taken last; empty where none were.
    pub taken: String,
    /// The last run, where there was one.
    pub last: Option<SystemRun>,
}

/// A run that has ended, as far as it says more than what it came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct FolderRun<'r> {
    /// The day whose night is done with it.
    pub night: Option<Date>,
    /// The files that are taken with it, by their digest.
    pub taken: Option<&'r str>,
}

columns! {
    struct FolderRow {
        night: String,
        taken: String,
        began_at: Option<Timestamp>,
        ended_at: Option<Timestamp>,
        outcome: String,
        detail: String,
        created: u32,
        updated: u32,
        unchanged: u32,
        refused: u32,
        gone: u32,
        kept_back: u32,
        unentered: u32,
    }
}

impl Store {
    /// What is kept of the folder; nothing yet before its first run.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn import_folder(&self) -> Result<ImportFolder> {
        let mut work = self.read().await?;
        let rows: Vec<FolderRow> = work
            .rows(
                "SELECT night, taken, began_at, ended_at, outcome, detail, created, updated,
                   unchanged, refused, gone, kept_back, unentered
                 FROM import_folders WHERE school = $1",
                values![self.school],
            )
            .await?;
        let Some(row) = rows.into_iter().next() else {
            return Ok(ImportFolder::default());
        };
        let result = SystemResult {
            outcome: row.outcome,
            detail: row.detail,
            created: row.created,
            updated: row.updated,
            unchanged: row.unchanged,
            refused: row.refused,
            gone: row.gone,
            kept_back: row.kept_back,
            unentered: row.unentered,
        };
        let ended_at = row.ended_at;
        Ok(ImportFolder {
            night: row.night.parse().ok(),
            taken: row.taken,
            last: row.began_at.map(|began_at| SystemRun {
                began_at,
                ended_at,
                result,
            }),
        })
    }

    /// A run of the folder has begun.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn folder_run_began(&self, now: Timestamp) -> Result<()> {
        let mut work = self.write().await?;
        work.run(
            "INSERT INTO import_folders (school, began_at) VALUES ($1, $2)
             ON CONFLICT (school) DO UPDATE SET began_at = excluded.began_at, ended_at = NULL",
            values![self.school, now],
        )
        .await?;
        work.commit().await?;
        Ok(())
    }

    /// A run of the folder has ended.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn folder_run_ended(
        &self,
        result: &SystemResult,
        run: FolderRun<'_>,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        work.run(
            "UPDATE import_folders SET ended_at = $2, outcome = $3, detail = $4, created = $5,
               updated = $6, unchanged = $7, refused = $8, gone = $9, kept_back = $10,
               unentered = $11, night = COALESCE($12, night), taken = COALESCE($13, taken)
             WHERE school = $1",
            values![
                self.school,
                now,
                result.outcome.as_str(),
                result.detail.as_str(),
                result.created,
                result.updated,
                result.unchanged,
                result.refused,
                result.gone,
                result.kept_back,
                result.unentered,
                run.night.map(|it| it.to_string()),
                run.taken
            ],
        )
        .await?;
        work.commit().await?;
        Ok(())
    }

    /// The night of that day is done without a run: what lies there was taken before.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn folder_night_done(&self, night: Date) -> Result<()> {
        let mut work = self.write().await?;
        work.run(
            "UPDATE import_folders SET night = $2 WHERE school = $1",
            values![self.school, night.to_string()],
        )
        .await?;
        work.commit().await?;
        Ok(())
    }
}
