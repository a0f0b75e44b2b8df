//! Accounts of the office, and their sessions.

use std::fmt;

use jiff::Timestamp;
use school::{
    Actor, EmailAddress, EveningId, HolderId, HolderKind, Name, Rank, Refusal, StaffId, Standing,
};

use crate::audit::Action;
use crate::database::{Row, Work};
use crate::deeds::Aftermath;
use crate::fault::{Fault, Result};
use crate::hats::Wearer;
use crate::known_time::doubted_since;
use crate::store::Store;
use crate::value::{columns, values};

/// How many sessions of one account are kept: the oldest end where it signs in once more.
const SESSIONS: i64 = 49;

/// What a new account needs.
#[derive(Clone)]
pub struct NewStaff {
    /// Their name.
    pub name: Name,
    /// What they sign in with.
    pub email: EmailAddress,
    /// The hash of their password, as a PHC string of Argon2id's, behind the name of the form that it was made of.
    pub password_hash: String,
    /// What they are in the school.
    pub rank: Rank,
}

impl fmt::Debug for NewStaff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewStaff").finish_non_exhaustive()
    }
}

/// An account of the staff: of the office ("Site Admin"), or of somebody who has rooms alone.
#[derive(Clone)]
pub struct StaffAccount {
    /// Its id.
    pub id: StaffId,
    /// Their name.
    pub name: Name,
    /// What they sign in with.
    pub email: EmailAddress,
    /// The hash of their password, as a PHC string; empty until they have chosen one.
    pub password_hash: String,
    /// Whether it was made on the machine itself.
    pub is_last_resort: bool,
    /// Since when they may no longer sign in.
    pub disabled_at: Option<Timestamp>,
    /// What they are in the school.
    pub rank: Rank,
}

impl fmt::Debug for StaffAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaffAccount")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Who holds a session of the staff.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Their account.
    pub staff: StaffId,
    /// Their name.
    pub name: Name,
    /// Since when.
    pub began: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// What they may do by now.
    pub standing: Standing,
}

macro_rules! staff_accounts {
    () => {
        "SELECT id, name, email, password_hash, last_resort, disabled_at, rank FROM staff"
    };
}
pub(crate) use staff_accounts;

columns! {
    struct EndedRow {
        staff: StaffId,
    }
}

impl Store {
    /// Makes another account.
    ///
    /// # Errors
    ///
    /// [`Refusal::EmailTaken`].
    pub async fn add_staff(
        &self,
        staff: &NewStaff,
        actor: Actor,
        now: Timestamp,
    ) -> Result<StaffId> {
        let mut work = self.write().await?;
        let id = self.insert_staff(&mut work, staff, now).await?;
        let subject = format!("staff:{id}");
        self.audit(&mut work, actor, Action::StaffAdded, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(id)
    }

    pub(crate) async fn insert_staff(
        &self,
        work: &mut Work,
        staff: &NewStaff,
        now: Timestamp,
    ) -> Result<StaffId> {
        let id = StaffId(Self::new_id());
        self.enter_holder(work, HolderKind::Staff, HolderId(id.0))
            .await?;
        let made = work
            .run(
                "INSERT INTO staff (school, id, name, email, email_key, password_hash, created_at,
                   rank)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
                values![
                    self.school,
                    id,
                    &staff.name,
                    &staff.email,
                    staff.email.key(),
                    staff.password_hash.as_str(),
                    now,
                    staff.rank
                ],
            )
            .await?;
        if made == 1 {
            Ok(id)
        } else {
            Err(Refusal::EmailTaken.into())
        }
    }

    /// The account of that address that may sign in, if there is one.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn staff_by_email(&self, email: &EmailAddress) -> Result<Option<StaffAccount>> {
        let mut work = self.read().await?;
        let row = work
            .one(
                concat!(
                    staff_accounts!(),
                    " WHERE school = $1 AND email_key = $2 AND disabled_at IS NULL"
                ),
                values![self.school, email.key()],
            )
            .await?;
        Ok(row.as_ref().map(account).transpose()?)
    }

    /// All accounts, by name.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn staff(&self) -> Result<Vec<StaffAccount>> {
        let mut work = self.read().await?;
        let rows = work
            .all(
                concat!(staff_accounts!(), " WHERE school = $1 ORDER BY name, id"),
                values![self.school],
            )
            .await?;
        Ok(rows
            .iter()
            .map(account)
            .collect::<std::result::Result<_, _>>()?)
    }

    /// Gives an account a password that was made on the machine itself, a last resort. Every session of the
    /// account is over, its one sign-in with a parent's account, and every link to choose one.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn change_password(
        &self,
        staff: StaffId,
        password_hash: &str,
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        let changed = work
            .run(
                "UPDATE staff SET password_hash = $3, last_resort = 1
                 WHERE school = $1 AND id = $2",
                values![self.school, staff, password_hash],
            )
            .await?;
        self.end_sessions(&mut work, (staff, changed), actor, now)
            .await?;
        self.void_set_up_links(&mut work, Some(staff)).await?;
        let subject = format!("staff:{staff}");
        self.audit(
            &mut work,
            actor,
            Action::PasswordChanged,
            &subject,
            &[],
            now,
        )
        .await?;
        work.commit().await?;
        Ok(())
    }

    /// Lets an account sign in no longer, and ends its sessions, the one sign-in it has with a parent's
    /// account, and its part in rooms, waiting areas, the calls in them, and evenings.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], and [`Refusal::LastAccount`] where no other owner can sign in.
    pub async fn disable_staff(
        &self,
        staff: StaffId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let others = self.other_owners(&mut work, staff).await?;
        if others == 0 {
            return Err(Refusal::LastAccount.into());
        }
        let aftermath = self.let_go(&mut work, staff, actor, now).await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// The same in what is being done, whoever else can sign in.
    pub(crate) async fn let_go(
        &self,
        work: &mut Work,
        staff: StaffId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let changed = work
            .run(
                "UPDATE staff SET disabled_at = $3
                 WHERE school = $1 AND id = $2 AND disabled_at IS NULL",
                values![self.school, staff, now],
            )
            .await?;
        self.end_sessions(work, (staff, changed), actor, now)
            .await?;
        self.void_set_up_links(work, Some(staff)).await?;
        self.forget_second_factor(work, staff).await?;
        self.forget_identities(work, staff).await?;
        let mut aftermath = self.leave_rooms(work, staff, now).await?;
        aftermath.staff.insert(staff);
        let subject = format!("staff:{staff}");
        self.audit(work, actor, Action::StaffDisabled, &subject, &[], now)
            .await?;
        Ok(aftermath)
    }

    /// Ends the sessions of an account of which so many were changed, and its one sign-in with a parent's
    /// account: whoever has the new password has not shown that they are that parent.
    pub(crate) async fn end_sessions(
        &self,
        work: &mut Work,
        (staff, changed): (StaffId, u64),
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        if changed == 0 {
            return Err(Refusal::NotFound.into());
        }
        self.end_hat(work, Wearer::Staff(staff), actor, now).await?;
        work.run(
            "DELETE FROM staff_sessions WHERE school = $1 AND staff = $2",
            values![self.school, staff],
        )
        .await?;
        Ok(())
    }

    /// Begins a session in what is being done, kept by the SHA-256 of its secret. Those that are over
    /// are forgotten.
    pub(crate) async fn enter_session(
        &self,
        work: &mut Work,
        staff: StaffId,
        (digest, action): (&[u8; 32], Action),
        (until, now): (Timestamp, Timestamp),
    ) -> Result<()> {
        work.run(
            concat!(
                "DELETE FROM staff_sessions WHERE school = $1 AND (until_at <= COALESCE(",
                doubted_since!(),
                ", $2) OR digest IN
                   (SELECT digest FROM staff_sessions WHERE school = $1 AND staff = $3
                    ORDER BY began_at DESC LIMIT 1000 OFFSET $4))"
            ),
            values![self.school, now, staff, SESSIONS],
        )
        .await?;
        work.run(
            "INSERT INTO staff_sessions (school, digest, staff, began_at, until_at)
             VALUES ($1, $2, $3, $4, $5)",
            values![self.school, digest.as_slice(), staff, now, until],
        )
        .await?;
        let subject = format!("staff:{staff}");
        let actor = Actor::Staff(staff);
        self.audit(work, actor, action, &subject, &[], now).await
    }

    /// Who holds the session of that digest now.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn session(&self, digest: &[u8; 32], now: Timestamp) -> Result<Option<SignedIn>> {
        let mut work = self.glance().await?;
        let rows = work
            .all(
                "SELECT staff.id, staff.name, staff_sessions.began_at, staff_sessions.until_at,
                   staff.rank, evening_managers.evening
                 FROM staff_sessions
                 JOIN staff ON staff.school = staff_sessions.school
                   AND staff.id = staff_sessions.staff
                 LEFT JOIN evening_managers ON evening_managers.school = staff.school
                   AND evening_managers.staff = staff.id
                 WHERE staff_sessions.school = $1 AND digest = $2 AND until_at > $3
                   AND disabled_at IS NULL",
                values![self.school, digest.as_slice(), now],
            )
            .await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let evenings = rows
            .iter()
            .map(|row| row.named::<Option<EveningId>>("evening"));
        let evenings = evenings.collect::<std::result::Result<Vec<_>, _>>()?;
        Ok(Some(SignedIn {
            staff: row.named("id")?,
            name: row.named("name")?,
            began: row.named("began_at")?,
            until: row.named("until_at")?,
            standing: Standing {
                rank: row.named("rank")?,
                evenings: evenings.into_iter().flatten().collect(),
            },
        }))
    }

    /// Lengthens a session until `until`, never less than it is.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn lengthen_session(&self, digest: &[u8; 32], until: Timestamp) -> Result<()> {
        let mut work = self.write().await?;
        work.run(
            "UPDATE staff_sessions SET until_at = $3
             WHERE school = $1 AND digest = $2 AND until_at < $3",
            values![self.school, digest.as_slice(), until],
        )
        .await?;
        work.commit().await?;
        Ok(())
    }

    /// Ends a session, and that of a parent's account beside it; one that is unknown is over already, and nothing
    /// is written of it. Whether one of an account ended with it.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn end_session(&self, digest: &[u8; 32], now: Timestamp) -> Result<bool> {
        let mut work = self.write().await?;
        let beside = work
            .run(
                "DELETE FROM account_sessions WHERE school = $1 AND beside = $2",
                values![self.school, digest.as_slice()],
            )
            .await?;
        let ended: Option<EndedRow> = work
            .row(
                "DELETE FROM staff_sessions WHERE school = $1 AND digest = $2 RETURNING staff",
                values![self.school, digest.as_slice()],
            )
            .await?;
        if let Some(EndedRow { staff }) = ended {
            let (subject, actor) = (format!("staff:{staff}"), Actor::Staff(staff));
            self.audit(&mut work, actor, Action::SignedOut, &subject, &[], now)
                .await?;
        }
        work.commit().await?;
        Ok(beside > 0)
    }
}

pub(crate) fn account(row: &Row) -> std::result::Result<StaffAccount, Fault> {
    Ok(StaffAccount {
        id: row.named("id")?,
        name: row.named("name")?,
        email: row.named("email")?,
        password_hash: row.named("password_hash")?,
        is_last_resort: row.named::<i64>("last_resort")? == 1,
        disabled_at: row.named("disabled_at")?,
        rank: row.named("rank")?,
    })
}
