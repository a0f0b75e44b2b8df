//! A second factor of whoever of the staff signs in by a password (OPS-7): time-based one-time codes
//! (RFC 6238), and recovery codes for whoever has lost what makes them.
//!
//! Codes are made and compared elsewhere; here it is kept which were taken, how many were wrong, and that
//! whoever guesses is stopped.

use jiff::{SignedDuration, Timestamp};
use school::{Actor, Refusal, StaffId};

use crate::audit::Action;
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::value::{columns, values};

/// How many codes may be wrong within [`PATIENCE`] before none is looked at: of a million codes, three are
/// right at a time. Whoever is counted has the password already.
const MOST_WRONG: i64 = 10;

/// For how long wrong codes count, and for how long none is looked at at most.
const PATIENCE: SignedDuration = SignedDuration::from_mins(15);

/// How somebody's second factor stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SecondFactor {
    /// What makes their codes, as it was locked.
    pub locked: Vec<u8>,
    /// Since when they have it.
    pub since: Timestamp,
    /// How many recovery codes are left.
    pub codes_left: u32,
}

/// A code that somebody typed, and what it may be.
#[derive(Clone, Copy, Debug)]
pub enum Tried<'c> {
    /// That of this time step, of 30 seconds since 1970.
    Step(i64),
    /// A recovery code, by its SHA-256.
    Recovery(&'c [u8; 32]),
    /// None of theirs.
    Wrong,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It was right, and is not right again.
    Right,
    /// It was wrong, or taken before.
    Wrong,
    /// None is looked at until then: too many were wrong.
    Stopped(Timestamp),
}

columns! {
    struct FactorRow {
        secret: Vec<u8>,
        added_at: Timestamp,
        codes_left: i64,
    }
}

columns! {
    struct TriesRow {
        used_step: i64,
        wrong: i64,
        wrong_at: Option<Timestamp>,
    }
}

impl Store {
    /// Somebody's second factor, where they have one.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn second_factor(&self, staff: StaffId) -> Result<Option<SecondFactor>> {
        let mut work = self.read().await?;
        let row: Option<FactorRow> = work
            .row(
                "SELECT secret, added_at, (SELECT COUNT(*) FROM recovery_codes
                   WHERE recovery_codes.school = second_factors.school
                     AND recovery_codes.staff = second_factors.staff AND used_at IS NULL) AS codes_left
                 FROM second_factors WHERE school = $1 AND staff = $2",
                values![self.school, staff],
            )
            .await?;
        Ok(row.map(|it| SecondFactor {
            locked: it.secret,
            since: it.added_at,
            codes_left: u32::try_from(it.codes_left).unwrap_or(0),
        }))
    }

    /// Who of the staff has one.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn second_factors(&self) -> Result<Vec<StaffId>> {
        let mut work = self.read().await?;
        let sql = "SELECT staff FROM second_factors WHERE school = $1";
        let rows = work.all(sql, values![self.school]).await?;
        Ok(rows
            .iter()
            .map(|row| row.named("staff"))
            .collect::<Read<_>>()?)
    }

    /// Gives somebody a second factor in the place of any before, with these recovery codes, by their
    /// SHA-256. The code of `step` was shown, and is taken. Every session of theirs is over but the one of
    /// `session`: they began without it.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn add_second_factor(
        &self,
        staff: StaffId,
        (locked, step): (&[u8], i64),
        codes: &[[u8; 32]],
        session: &[u8; 32],
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        self.forget_second_factor(&mut work, staff).await?;
        work.run(
            "INSERT INTO second_factors (school, staff, secret, used_step, added_at)
             VALUES ($1, $2, $3, $4, $5)",
            values![self.school, staff, locked, step, now],
        )
        .await?;
        self.enter_recovery_codes(&mut work, staff, codes).await?;
        work.run(
            "DELETE FROM account_sessions WHERE school = $1 AND beside IN
               (SELECT digest FROM staff_sessions
                WHERE school = $1 AND staff = $2 AND digest <> $3)",
            values![self.school, staff, session.as_slice()],
        )
        .await?;
        work.run(
            "DELETE FROM staff_sessions WHERE school = $1 AND staff = $2 AND digest <> $3",
            values![self.school, staff, session.as_slice()],
        )
        .await?;
        let (subject, actor) = (format!("staff:{staff}"), Actor::Staff(staff));
        let action = Action::SecondFactorAdded;
        self.audit(&mut work, actor, action, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// Puts these recovery codes in the place of those before.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where they have no second factor.
    pub async fn renew_recovery_codes(
        &self,
        staff: StaffId,
        codes: &[[u8; 32]],
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        if self.tries(&mut work, staff).await?.is_none() {
            return Err(Refusal::NotFound.into());
        }
        work.run(
            "DELETE FROM recovery_codes WHERE school = $1 AND staff = $2",
            values![self.school, staff],
        )
        .await?;
        self.enter_recovery_codes(&mut work, staff, codes).await?;
        let (subject, actor) = (format!("staff:{staff}"), Actor::Staff(staff));
        let action = Action::RecoveryCodesRenewed;
        self.audit(&mut work, actor, action, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// Takes somebody's second factor away: they sign in by their password alone.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where they have none.
    pub async fn remove_second_factor(
        &self,
        staff: StaffId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        if self.forget_second_factor(&mut work, staff).await? == 0 {
            return Err(Refusal::NotFound.into());
        }
        let (subject, action) = (format!("staff:{staff}"), Action::SecondFactorRemoved);
        self.audit(&mut work, actor, action, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// Somebody shows a code beside their password. Whoever has none is refused.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn try_second_factor(
        &self,
        staff: StaffId,
        tried: Tried<'_>,
        now: Timestamp,
    ) -> Result<Outcome> {
        let mut work = self.write().await?;
        let Some(tries) = self.tries(&mut work, staff).await? else {
            return Ok(Outcome::Wrong);
        };
        let again = tries.wrong_at.and_then(|it| it.checked_add(PATIENCE).ok());
        let again = again.filter(|it| *it > now);
        if let Some(again) = again.filter(|_| tries.wrong >= MOST_WRONG) {
            return Ok(Outcome::Stopped(again));
        }
        let is_right = match tried {
            Tried::Step(step) => step > tries.used_step,
            Tried::Recovery(digest) => {
                self.use_recovery_code(&mut work, staff, digest, now)
                    .await?
            }
            Tried::Wrong => false,
        };
        let step = match tried {
            Tried::Step(step) if is_right => step,
            Tried::Step(_) | Tried::Recovery(_) | Tried::Wrong => tries.used_step,
        };
        let (wrong, wrong_at) = match (is_right, again) {
            (true, _) => (0, None),
            (false, Some(_)) => (tries.wrong + 1, tries.wrong_at),
            (false, None) => (1, Some(now)),
        };
        work.run(
            "UPDATE second_factors SET used_step = $3, wrong = $4, wrong_at = $5
             WHERE school = $1 AND staff = $2",
            values![self.school, staff, step, wrong, wrong_at],
        )
        .await?;
        if wrong == MOST_WRONG {
            // Somebody has their password, and not their second factor.
            let (subject, action) = (format!("staff:{staff}"), Action::SecondFactorGuessed);
            self.audit(&mut work, Actor::Unknown, action, &subject, &[], now)
                .await?;
        }
        work.commit().await?;
        Ok(if is_right {
            Outcome::Right
        } else {
            Outcome::Wrong
        })
    }

    async fn tries(&self, work: &mut Work, staff: StaffId) -> Read<Option<TriesRow>> {
        work.row(
            "SELECT used_step, wrong, wrong_at FROM second_factors
             WHERE school = $1 AND staff = $2",
            values![self.school, staff],
        )
        .await
    }

    async fn use_recovery_code(
        &self,
        work: &mut Work,
        staff: StaffId,
        digest: &[u8; 32],
        now: Timestamp,
    ) -> Result<bool> {
        let used = work
            .run(
                "UPDATE recovery_codes SET used_at = $4
                 WHERE school = $1 AND staff = $2 AND digest = $3 AND used_at IS NULL",
                values![self.school, staff, digest.as_slice(), now],
            )
            .await?;
        if used == 0 {
            return Ok(false);
        }
        let (subject, actor) = (format!("staff:{staff}"), Actor::Staff(staff));
        let action = Action::RecoveryCodeUsed;
        self.audit(work, actor, action, &subject, &[], now).await?;
        Ok(true)
    }

    async fn enter_recovery_codes(
        &self,
        work: &mut Work,
        staff: StaffId,
        codes: &[[u8; 32]],
    ) -> Read<()> {
        for digest in codes {
            work.run(
                "INSERT INTO recovery_codes (school, staff, digest) VALUES ($1, $2, $3)",
                values![self.school, staff, digest.as_slice()],
            )
            .await?;
        }
        Ok(())
    }

    /// How many second factors they had.
    pub(crate) async fn forget_second_factor(&self, work: &mut Work, staff: StaffId) -> Read<u64> {
        work.run(
            "DELETE FROM second_factors WHERE school = $1 AND staff = $2",
            values![self.school, staff],
        )
        .await
    }
}
