//! A second factor of whoever of the staff signs in by a password (OPS-7): time-based one-time codes
//! (RFC 6238), passkeys, and recovery codes for whoever has lost what makes them.
//!
//! Codes are made and compared elsewhere; here it is kept which were taken, how many were wrong, and that
//! whoever guesses is stopped.

mod passkeys;

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use school::{Actor, Refusal, StaffId};

pub(crate) use self::passkeys::KeptPasskey;
pub use self::passkeys::{MOST_PASSKEYS, NewPasskey, Passkey};
use crate::audit::Action;
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::identities::Identity;
use crate::outbox::SignInChange;
use crate::store::Store;
use crate::value::{columns, values};

/// After how many wrong codes none of an app is looked at for a while: of a million, three are right at a
/// time. Whoever is counted knows the password already, or reads the mailbox.
const MOST_WRONG: i64 = 10;

/// For how long the first time; four times as long the next, and so on.
const FIRST_STOP: SignedDuration = SignedDuration::from_mins(15);

/// For how long at most.
const LONGEST_STOP: SignedDuration = SignedDuration::from_hours(24);

/// How somebody's second factor stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SecondFactor {
    /// What makes the codes of their app, as it was locked; none where they have passkeys alone.
    pub locked: Option<Vec<u8>>,
    /// Since when they have it.
    pub since: Timestamp,
    /// How many recovery codes are left.
    pub codes_left: u32,
}

/// What somebody has shown to sign in: it must still be so where their session begins.
#[derive(Clone, Copy)]
pub enum Shown<'s> {
    /// A password.
    Password {
        /// Its hash.
        hash: &'s str,
        /// Since when the second factor stands that was shown; none where there was none.
        factor: Option<Timestamp>,
    },
    /// That they are whom the school's provider names.
    Identity(Identity<'s>),
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown")
    }
}

/// Where a code is typed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum By {
    /// A browser that somebody of this account signed in with before, or that is signed in. It is counted
    /// elsewhere: what strangers type stops nobody there.
    Known,
    /// Any other.
    Stranger,
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

impl TriesRow {
    /// Until when no code of an app is looked at.
    fn stopped(&self, now: Timestamp) -> Option<Timestamp> {
        let stops = self.wrong / MOST_WRONG;
        if stops == 0 || self.wrong % MOST_WRONG != 0 {
            return None;
        }
        let longer = u32::try_from(stops - 1).unwrap_or(u32::MAX).min(8);
        let pause = (FIRST_STOP * 4_i32.pow(longer)).min(LONGEST_STOP);
        let until = self.wrong_at?.checked_add(pause).ok()?;
        (until > now).then_some(until)
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
            locked: Some(it.secret).filter(|it| !it.is_empty()),
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

    /// Gives somebody the codes of an app, of which that of `step` was shown, and is taken. Where they had no
    /// second factor, these are its recovery codes, by their SHA-256, and every session of theirs is over but the
    /// one of `session`: they began without it. Whether it was so.
    ///
    /// # Errors
    ///
    /// [`Refusal::ChangedMeanwhile`] where they have an app by now, the session is over, or the password is
    /// another than the one that was shown.
    pub async fn add_second_factor(
        &self,
        (staff, password_hash): (StaffId, &str),
        (locked, step): (&[u8], i64),
        codes: &[[u8; 32]],
        session: &[u8; 32],
        now: Timestamp,
    ) -> Result<bool> {
        let mut work = self.write().await?;
        let shows = (staff, password_hash, session);
        if !self.may_add(&mut work, shows, now).await? {
            return Err(Refusal::ChangedMeanwhile.into());
        }
        let begins = self.tries(&mut work, staff).await?.is_none();
        if begins {
            self.begin_second_factor(&mut work, staff, (codes, session), now)
                .await?;
        }
        let added = work
            .run(
                "UPDATE second_factors SET secret = $3, used_step = $4
                 WHERE school = $1 AND staff = $2 AND LENGTH(secret) = 0",
                values![self.school, staff, locked, step],
            )
            .await?;
        if added == 0 {
            return Err(Refusal::ChangedMeanwhile.into());
        }
        let (subject, actor) = (format!("staff:{staff}"), Actor::Staff(staff));
        let action = Action::SecondFactorAdded;
        self.audit(&mut work, actor, action, &subject, &[], now)
            .await?;
        let told = (staff, SignInChange::SecondFactorAdded);
        self.tell_sign_in(&mut work, told, now).await?;
        work.commit().await?;
        Ok(begins)
    }

    /// Whether that is a session of theirs, and their password.
    async fn may_add(
        &self,
        work: &mut Work,
        (staff, password_hash, session): (StaffId, &str, &[u8; 32]),
        now: Timestamp,
    ) -> Read<bool> {
        let stands = work
            .count(
                "SELECT COUNT(*) FROM staff_sessions
                 JOIN staff ON staff.school = staff_sessions.school
                   AND staff.id = staff_sessions.staff
                 WHERE staff_sessions.school = $1 AND staff_sessions.staff = $2
                   AND staff_sessions.digest = $3 AND until_at > $4
                   AND password_hash = $5 AND disabled_at IS NULL",
                values![self.school, staff, session.as_slice(), now, password_hash],
            )
            .await?;
        Ok(stands == 1)
    }

    /// They have a second factor from now on, of which recovery codes are all there is yet.
    async fn begin_second_factor(
        &self,
        work: &mut Work,
        staff: StaffId,
        (codes, session): (&[[u8; 32]], &[u8; 32]),
        now: Timestamp,
    ) -> Read<()> {
        work.run(
            "INSERT INTO second_factors (school, staff, secret, used_step, added_at)
             VALUES ($1, $2, $3, 0, $4)",
            values![self.school, staff, [].as_slice(), now],
        )
        .await?;
        self.enter_recovery_codes(work, staff, codes).await?;
        self.end_other_sessions(work, staff, session).await
    }

    /// Those of an account that the password of the staff has opened are over too.
    async fn end_other_sessions(
        &self,
        work: &mut Work,
        staff: StaffId,
        session: &[u8; 32],
    ) -> Read<()> {
        work.run(
            "DELETE FROM account_sessions
             WHERE school = $1 AND beside IS NOT NULL AND beside <> $3
               AND account IN (SELECT account FROM hats WHERE school = $1 AND staff = $2)",
            values![self.school, staff, session.as_slice()],
        )
        .await?;
        work.run(
            "DELETE FROM staff_sessions WHERE school = $1 AND staff = $2 AND digest <> $3",
            values![self.school, staff, session.as_slice()],
        )
        .await?;
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
        self.end_second_factor(&mut work, staff, actor, now).await?;
        work.commit().await?;
        Ok(())
    }

    /// Takes the second factor of somebody away who has lost it, and their password with it, which a stranger
    /// may know: they choose another by the set-up link of that digest. Every session of theirs is over.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where they have none.
    pub async fn take_second_factor(
        &self,
        staff: StaffId,
        link: (&[u8; 32], Timestamp),
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        self.end_second_factor(&mut work, staff, actor, now).await?;
        let changed = work
            .run(
                "UPDATE staff SET password_hash = '', last_resort = 0
                 WHERE school = $1 AND id = $2",
                values![self.school, staff],
            )
            .await?;
        self.end_sessions(&mut work, (staff, changed), actor, now)
            .await?;
        self.renew_set_up(&mut work, staff, link).await?;
        work.commit().await?;
        Ok(())
    }

    /// Somebody shows a code beside their password. Whoever has none is refused. A recovery code is looked at
    /// always: nobody guesses one of 80 bits.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn try_second_factor(
        &self,
        staff: StaffId,
        (tried, by): (Tried<'_>, By),
        now: Timestamp,
    ) -> Result<Outcome> {
        let mut work = self.write().await?;
        let Some(tries) = self.tries(&mut work, staff).await? else {
            return Ok(Outcome::Wrong);
        };
        let is_right = match tried {
            Tried::Recovery(digest) => {
                self.use_recovery_code(&mut work, staff, digest, now)
                    .await?
            }
            Tried::Step(_) | Tried::Wrong => {
                if let Some(until) = tries.stopped(now).filter(|_| by == By::Stranger) {
                    return Ok(Outcome::Stopped(until));
                }
                matches!(tried, Tried::Step(step) if step > tries.used_step)
            }
        };
        let step = match tried {
            Tried::Step(step) if is_right => step,
            Tried::Step(_) | Tried::Recovery(_) | Tried::Wrong => tries.used_step,
        };
        let (wrong, wrong_at) = match (is_right, by) {
            (true, _) => (0, None),
            (false, By::Known) => (tries.wrong, tries.wrong_at),
            (false, By::Stranger) => (tries.wrong + 1, Some(now)),
        };
        work.run(
            "UPDATE second_factors SET used_step = $3, wrong = $4, wrong_at = $5
             WHERE school = $1 AND staff = $2",
            values![self.school, staff, step, wrong, wrong_at],
        )
        .await?;
        if wrong > tries.wrong && wrong % MOST_WRONG == 0 {
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

    /// Whether what was shown to sign in is right still.
    pub(crate) async fn still_shows(
        &self,
        work: &mut Work,
        staff: StaffId,
        shown: Shown<'_>,
    ) -> Read<bool> {
        let (hash, factor) = match shown {
            Shown::Password { hash, factor } => (hash, factor),
            Shown::Identity(identity) => return self.is_still(work, staff, identity).await,
        };
        let stands = work
            .count(
                "SELECT COUNT(*) FROM staff WHERE school = $1 AND id = $2 AND password_hash = $3
                   AND disabled_at IS NULL AND COALESCE((SELECT added_at FROM second_factors
                     WHERE second_factors.school = staff.school
                       AND second_factors.staff = staff.id), 0) = $4",
                values![
                    self.school,
                    staff,
                    hash,
                    factor.map_or(0, Timestamp::as_millisecond)
                ],
            )
            .await?;
        Ok(stands == 1)
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

    async fn end_second_factor(
        &self,
        work: &mut Work,
        staff: StaffId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        if self.forget_second_factor(work, staff).await? == 0 {
            return Err(Refusal::NotFound.into());
        }
        let (subject, action) = (format!("staff:{staff}"), Action::SecondFactorRemoved);
        self.audit(work, actor, action, &subject, &[], now).await?;
        let told = (staff, SignInChange::SecondFactorRemoved);
        self.tell_sign_in(work, told, now).await
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
