//! What accounts of the staff are in the school, and who manages which evening.

use std::collections::BTreeSet;

use jiff::Timestamp;
use school::{Actor, EveningId, Rank, Refusal, StaffId};

use crate::audit::Action;
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::value::{columns, list, listed, values};

columns! {
    struct RankRow {
        rank: Rank,
    }
}

columns! {
    struct ManagerRow {
        staff: StaffId,
    }
}

impl Store {
    /// Makes somebody of the staff something else in the school.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where they sign in no longer, and [`Refusal::LastAccount`] where they are the
    /// only owner who can sign in.
    pub async fn set_rank(
        &self,
        staff: StaffId,
        rank: Rank,
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        let before: Option<RankRow> = work
            .row(
                "SELECT rank FROM staff WHERE school = $1 AND id = $2 AND disabled_at IS NULL",
                values![self.school, staff],
            )
            .await?;
        let before = before.ok_or(Refusal::NotFound)?.rank;
        if before == rank {
            return Ok(());
        }
        if before == Rank::Owner && self.other_owners(&mut work, staff).await? == 0 {
            return Err(Refusal::LastAccount.into());
        }
        work.run(
            "UPDATE staff SET rank = $3 WHERE school = $1 AND id = $2",
            values![self.school, staff, rank],
        )
        .await?;
        let action = match rank {
            Rank::Owner => Action::MadeOwner,
            Rank::Office => Action::MadeOffice,
            Rank::Viewer => Action::MadeViewer,
            Rank::Member => Action::MadeMember,
        };
        let subject = format!("staff:{staff}");
        self.audit(&mut work, actor, action, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// How many owners can sign in beside that account.
    pub(crate) async fn other_owners(&self, work: &mut Work, staff: StaffId) -> Read<i64> {
        work.count(
            "SELECT COUNT(*) FROM staff
             WHERE school = $1 AND id <> $2 AND disabled_at IS NULL AND rank = 'owner'
               AND (password_hash <> '' OR EXISTS (SELECT 1 FROM identities
                 WHERE identities.school = staff.school AND identities.staff = staff.id
                   AND issuer = $3))",
            values![
                self.school,
                staff,
                self.provider.as_deref().unwrap_or_default()
            ],
        )
        .await
    }

    /// Whether anybody is the owner, though they may not have signed in yet.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn has_owner(&self) -> Result<bool> {
        let mut work = self.read().await?;
        let owners = work
            .count(
                "SELECT COUNT(*) FROM staff
                 WHERE school = $1 AND disabled_at IS NULL AND rank = 'owner'",
                values![self.school],
            )
            .await?;
        Ok(owners > 0)
    }

    /// Who manages an evening.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn managers(&self, evening: EveningId) -> Result<BTreeSet<StaffId>> {
        let mut work = self.read().await?;
        self.check_evening_is_there(&mut work, evening).await?;
        Ok(self.managers_of(&mut work, evening).await?)
    }

    async fn managers_of(&self, work: &mut Work, evening: EveningId) -> Read<BTreeSet<StaffId>> {
        let rows: Vec<ManagerRow> = work
            .rows(
                "SELECT staff FROM evening_managers WHERE school = $1 AND evening = $2",
                values![self.school, evening],
            )
            .await?;
        Ok(rows.into_iter().map(|row| row.staff).collect())
    }

    async fn check_evening_is_there(&self, work: &mut Work, evening: EveningId) -> Result<()> {
        let found = work
            .count(
                "SELECT COUNT(*) FROM evenings WHERE school = $1 AND id = $2",
                values![self.school, evening],
            )
            .await?;
        if found == 0 {
            return Err(Refusal::NotFound.into());
        }
        Ok(())
    }

    /// Has these manage an evening, and nobody else.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], for an evening that is not there and for somebody who does not sign in.
    pub async fn set_managers(
        &self,
        evening: EveningId,
        managers: &BTreeSet<StaffId>,
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        self.check_evening_is_there(&mut work, evening).await?;
        let before = self.managers_of(&mut work, evening).await?;
        if before == *managers {
            return Ok(());
        }
        work.run(
            "DELETE FROM evening_managers WHERE school = $1 AND evening = $2",
            values![self.school, evening],
        )
        .await?;
        let sql = listed!(
            work,
            "INSERT INTO evening_managers (school, evening, staff)
             SELECT school, CAST($3 AS BIGINT), id FROM staff
             WHERE school = $1 AND disabled_at IS NULL AND id IN",
            ""
        );
        let entered = work
            .run(sql, values![self.school, list(managers), evening])
            .await?;
        if usize::try_from(entered) != Ok(managers.len()) {
            return Err(Refusal::NotFound.into());
        }
        let subject = format!("evening:{evening}");
        let changed = [
            (Action::ManagerAdded, managers.difference(&before)),
            (Action::ManagerRemoved, before.difference(managers)),
        ];
        for (action, whom) in changed {
            for staff in whom {
                let detail = [("staff", staff.0)];
                self.audit(&mut work, actor, action, &subject, &detail, now)
                    .await?;
            }
        }
        work.commit().await?;
        Ok(())
    }
}
