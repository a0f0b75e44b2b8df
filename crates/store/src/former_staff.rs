//! Whoever of the staff has left: they are erased after the school's period, or by an owner (DIR-10).
//!
//! What others had stays, and names them no more: calls, callers they took, guests they invited, and the audit log
//! have an id of theirs that leads nowhere.

use jiff::Timestamp;
use school::{Actor, Refusal, StaffId};

use crate::audit::Action;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::{Error, Result};
use crate::store::Store;
use crate::value::{columns, values};

columns! {
    struct StandsRow {
        disabled_at: Option<Timestamp>,
    }
}

columns! {
    struct FormerRow {
        id: StaffId,
    }
}

impl Store {
    /// Erases an account of the staff: their name and address, how they signed in, their links, and e-mails to them.
    /// Whoever can sign in still is let go first, as by [`Store::disable_staff`].
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], [`Refusal::OwnAccount`] where it is their own, and [`Refusal::LastAccount`] where no
    /// other owner can sign in.
    pub async fn erase_staff(
        &self,
        staff: StaffId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        if actor == Actor::Staff(staff) {
            return Err(Refusal::OwnAccount.into());
        }
        let mut work = self.write().await?;
        let stands = self.standing_of_staff(&mut work, staff).await?;
        if stands.disabled_at.is_none() && self.other_owners(&mut work, staff).await? == 0 {
            return Err(Refusal::LastAccount.into());
        }
        let aftermath = self
            .erase_account(&mut work, (staff, stands), actor, now)
            .await?;
        work.commit().await?;
        self.has_erased();
        Ok(aftermath)
    }

    /// Erases whoever of the staff was erased in records that were used since. Whether they were there.
    pub(crate) async fn erase_staff_as_before(
        &self,
        staff: StaffId,
        now: Timestamp,
    ) -> Result<bool> {
        let mut work = self.write().await?;
        let stands = match self.standing_of_staff(&mut work, staff).await {
            Err(Error::Refused(Refusal::NotFound)) => return Ok(false),
            stands => stands?,
        };
        self.erase_account(&mut work, (staff, stands), Actor::Program, now)
            .await?;
        work.commit().await?;
        self.has_erased();
        Ok(true)
    }

    /// Whoever of the staff has left so long ago.
    pub(crate) async fn erase_former_staff(
        &self,
        work: &mut Work,
        cut: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        let all: Vec<FormerRow> = work
            .rows(
                "SELECT id FROM staff WHERE school = $1 AND disabled_at < $2",
                values![self.school, cut],
            )
            .await?;
        for row in all {
            self.erase_rows_of_staff(work, row.id, Actor::Program, now)
                .await?;
        }
        Ok(())
    }

    async fn standing_of_staff(&self, work: &mut Work, staff: StaffId) -> Result<StandsRow> {
        let row = work
            .row(
                "SELECT disabled_at FROM staff WHERE school = $1 AND id = $2",
                values![self.school, staff],
            )
            .await?;
        Ok(row.ok_or(Refusal::NotFound)?)
    }

    async fn erase_account(
        &self,
        work: &mut Work,
        (staff, stands): (StaffId, StandsRow),
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let aftermath = if stands.disabled_at.is_none() {
            self.let_go(work, staff, actor, now).await?
        } else {
            Aftermath::default()
        };
        self.erase_rows_of_staff(work, staff, actor, now).await?;
        Ok(aftermath)
    }

    /// Nothing of theirs is left; their number in a meeting is nobody's.
    async fn erase_rows_of_staff(
        &self,
        work: &mut Work,
        staff: StaffId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        for sql in [
            "UPDATE entitled SET holder = NULL WHERE school = $1 AND holder = $2",
            "DELETE FROM holders WHERE school = $1 AND id = $2",
        ] {
            work.run(sql, values![self.school, staff]).await?;
        }
        let subject = format!("staff:{staff}");
        self.audit(work, actor, Action::Erased, &subject, &[], now)
            .await
    }
}
