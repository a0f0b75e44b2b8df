//! The information system that a school's people are taken from (DIR-1): how it is reached, and what
//! its last run came to. Of its token the records hold what only the file `keys` opens.

use jiff::Timestamp;
use jiff::civil::Date;
use school::{Actor, Refusal};

use crate::audit::Action;
use crate::database::Work;
use crate::fault::{Fault, Result};
use crate::store::Store;
use crate::value::{columns, values};

/// An information system, as the office has connected it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InformationSystem {
    /// Where its records are kept, as a code.
    pub region: String,
    /// The school's id there.
    pub id_there: String,
    /// What lets us read, locked.
    pub token: Vec<u8>,
    /// Whether it is asked every night.
    pub nightly: bool,
    /// The day at the school whose night is done.
    pub night: Date,
    /// The last run, where there was one.
    pub last: Option<SystemRun>,
}

/// A run: all people taken from the system, or tried.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SystemRun {
    /// When it began.
    pub began_at: Timestamp,
    /// When it ended; nothing while it goes on.
    pub ended_at: Option<Timestamp>,
    /// What it came to.
    pub result: SystemResult,
}

/// What a run came to.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SystemResult {
    /// As a code.
    pub outcome: String,
    /// Where it broke off; it names nobody.
    pub detail: String,
    /// How many rows bring somebody new.
    pub created: u32,
    /// How many change somebody.
    pub updated: u32,
    /// How many change nothing.
    pub unchanged: u32,
    /// How many are refused.
    pub refused: u32,
    /// How many people leave.
    pub gone: u32,
    /// How many stay whom it does not name, because a refused row may be theirs.
    pub kept_back: u32,
    /// How many court orders could not be entered.
    pub unentered: u32,
}

/// What the office says of its system. Its token is locked; without one the one before stays.
#[derive(Clone, Debug)]
pub struct SystemDraft {
    /// Where its records are kept, as a code.
    pub region: String,
    /// The school's id there.
    pub id_there: String,
    /// What lets us read, locked.
    pub token: Option<Vec<u8>>,
    /// Whether it is asked every night.
    pub nightly: bool,
}

columns! {
    struct SystemRow {
        region: String,
        id_there: String,
        token: Vec<u8>,
        nightly: i64,
        night: String,
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
    /// The information system, where one is connected.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn information_system(&self) -> Result<Option<InformationSystem>> {
        let mut work = self.read().await?;
        let rows: Vec<SystemRow> = work
            .rows(
                "SELECT region, id_there, token, nightly, night, began_at, ended_at, outcome, detail,
                   created, updated, unchanged, refused, gone, kept_back, unentered
                 FROM information_systems WHERE school = $1",
                values![self.school],
            )
            .await?;
        let Some(row) = rows.into_iter().next() else {
            return Ok(None);
        };
        let night = row.night.parse();
        let night = night.map_err(|_none| Fault::Broken("a night that is no day"))?;
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
        Ok(Some(InformationSystem {
            region: row.region,
            id_there: row.id_there,
            token: row.token,
            nightly: row.nightly == 1,
            night,
            last: row.began_at.map(|began_at| SystemRun {
                began_at,
                ended_at,
                result,
            }),
        }))
    }

    /// Connects an information system, or changes how it is reached. The night of `today` counts as
    /// done: nothing comes in before the next that nobody asked for.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where there is no token, neither now nor before.
    pub async fn connect_system(
        &self,
        draft: &SystemDraft,
        (today, now): (Date, Timestamp),
        actor: Actor,
    ) -> Result<()> {
        let mut work = self.write().await?;
        let changed = work
            .run(
                "UPDATE information_systems SET region = $2, id_there = $3,
                   token = COALESCE($4, token), nightly = $5, night = $6
                 WHERE school = $1",
                values![
                    self.school,
                    draft.region.as_str(),
                    draft.id_there.as_str(),
                    draft.token.as_deref(),
                    i64::from(draft.nightly),
                    today.to_string()
                ],
            )
            .await?;
        if changed == 0 {
            let token = draft.token.as_deref().ok_or(Refusal::NotFound)?;
            work.run(
                "INSERT INTO information_systems (school, region, id_there, token, nightly, night)
                 VALUES ($1, $2, $3, $4, $5, $6)",
                values![
                    self.school,
                    draft.region.as_str(),
                    draft.id_there.as_str(),
                    token,
                    i64::from(draft.nightly),
                    today.to_string()
                ],
            )
            .await?;
        }
        let detail = [("nightly", u64::from(draft.nightly))];
        let action = Action::SystemConnected;
        self.audit(&mut work, actor, action, "school", &detail, now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// Forgets the information system, its token and its runs. Whom it brought stays.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where there is none.
    pub async fn disconnect_system(&self, actor: Actor, now: Timestamp) -> Result<()> {
        let mut work = self.write().await?;
        self.disconnect(&mut work, actor, now).await?;
        work.commit().await?;
        Ok(())
    }

    pub(crate) async fn disconnect(
        &self,
        work: &mut Work,
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        let gone = work
            .run(
                "DELETE FROM information_systems WHERE school = $1",
                values![self.school],
            )
            .await?;
        if gone == 0 {
            return Err(Refusal::NotFound.into());
        }
        self.forget_unentered_orders(work).await?;
        let action = Action::SystemDisconnected;
        self.audit(work, actor, action, "school", &[], now).await
    }

    /// A run has begun.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn system_run_began(&self, now: Timestamp) -> Result<()> {
        let mut work = self.write().await?;
        work.run(
            "UPDATE information_systems SET began_at = $2, ended_at = NULL WHERE school = $1",
            values![self.school, now],
        )
        .await?;
        work.commit().await?;
        Ok(())
    }

    /// A run has ended, and with it the night of that day, where it is given.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn system_run_ended(
        &self,
        result: &SystemResult,
        night: Option<Date>,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        work.run(
            "UPDATE information_systems SET ended_at = $2, outcome = $3, detail = $4, created = $5,
               updated = $6, unchanged = $7, refused = $8, gone = $9, kept_back = $10,
               unentered = $11, night = COALESCE($12, night)
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
                night.map(|it| it.to_string())
            ],
        )
        .await?;
        work.commit().await?;
        Ok(())
    }
}
