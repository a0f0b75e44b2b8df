//! Links by which somebody of the office chooses a password: the one that makes the first account,
//! those of accounts that were made for them, and those for whoever has forgotten theirs.

use jiff::Timestamp;
use links::Secret;
use school::{Actor, EmailAddress, Name, Rank, Refusal, StaffId};
use sha2::{Digest as _, Sha256};

use crate::audit::Action;
use crate::database::Work;
use crate::fault::{Fault, Read, Result};
use crate::staff::NewStaff;
use crate::store::Store;
use crate::value::{columns, values};

/// The more they may do, the higher.
const fn degree(rank: Rank) -> i64 {
    match rank {
        Rank::Owner => 3,
        Rank::Office => 2,
        Rank::Viewer => 1,
        Rank::Member => 0,
    }
}

/// The SHA-256 of a secret as people have it: what is kept of set-up links and of sessions.
#[must_use]
pub fn digest(secret: &Secret) -> [u8; 32] {
    Sha256::digest(secret.expose().as_bytes()).into()
}

columns! {
    /// Whose account a set-up link is for.
    #[derive(Clone, Debug)]
    pub struct AccountOfLink {
        /// Its id.
        pub id: StaffId,
        /// Their name.
        pub name: Name,
        /// What they sign in with.
        pub email: EmailAddress,
    }
}

impl Store {
    /// Whether nobody can sign in yet: a set-up link is to be printed.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn needs_set_up(&self) -> Result<bool> {
        let mut work = self.read().await?;
        Ok(self.has_no_staff(&mut work).await?)
    }

    async fn has_no_staff(&self, work: &mut Work) -> std::result::Result<bool, Fault> {
        let count = work
            .count(
                "SELECT COUNT(*) FROM staff
                 WHERE school = $1 AND rank IN ('owner', 'office')
                   AND (password_hash <> '' OR EXISTS (SELECT 1 FROM identities
                     WHERE identities.school = staff.school AND identities.staff = staff.id))",
                values![self.school],
            )
            .await?;
        Ok(count == 0)
    }

    /// Keeps a set-up link by the SHA-256 of its secret; those before it are void.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn offer_set_up(&self, digest: &[u8; 32], until: Timestamp) -> Result<()> {
        let mut work = self.write().await?;
        self.insert_set_up(&mut work, digest, None, until).await?;
        work.commit().await?;
        Ok(())
    }

    async fn insert_set_up(
        &self,
        work: &mut Work,
        digest: &[u8; 32],
        staff: Option<StaffId>,
        until: Timestamp,
    ) -> Read<()> {
        self.void_set_up_links(work, staff).await?;
        work.run(
            "INSERT INTO set_up_links (school, digest, staff, until_at) VALUES ($1, $2, $3, $4)",
            values![self.school, digest.as_slice(), staff, until],
        )
        .await?;
        Ok(())
    }

    /// Keeps a link by which the holder of an account chooses a new password. Those that were sent
    /// before and are good still stay so: whichever e-mail is read first, its link works.
    pub(crate) async fn offer_new_password(
        &self,
        work: &mut Work,
        digest: &[u8; 32],
        staff: StaffId,
        until: Timestamp,
    ) -> Read<()> {
        work.run(
            "INSERT INTO set_up_links (school, digest, staff, until_at) VALUES ($1, $2, $3, $4)",
            values![self.school, digest.as_slice(), staff, until],
        )
        .await?;
        Ok(())
    }

    /// A set-up link in the place of all before.
    pub(crate) async fn renew_set_up(
        &self,
        work: &mut Work,
        staff: StaffId,
        (digest, until): (&[u8; 32], Timestamp),
    ) -> Read<()> {
        self.insert_set_up(work, digest, Some(staff), until).await
    }

    /// Voids the links of an account, or those that make the first.
    pub(crate) async fn void_set_up_links(
        &self,
        work: &mut Work,
        staff: Option<StaffId>,
    ) -> Read<()> {
        work.run(
            "DELETE FROM set_up_links WHERE school = $1 AND COALESCE(staff, 0) = $2",
            values![self.school, staff.unwrap_or(StaffId(0))],
        )
        .await?;
        Ok(())
    }

    /// Whether that set-up link would work now, and whose account it is for: nobody's, where it
    /// makes the first. It uses nothing.
    ///
    /// # Errors
    ///
    /// [`Refusal::SetUpDone`].
    pub async fn check_set_up(
        &self,
        digest: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<AccountOfLink>> {
        let mut work = self.read().await?;
        let Some(staff) = self.find_set_up(&mut work, digest, now).await? else {
            return Ok(None);
        };
        Ok(Some(self.account_of(&mut work, staff).await?))
    }

    async fn account_of(&self, work: &mut Work, staff: StaffId) -> Result<AccountOfLink> {
        let row = work
            .row(
                "SELECT id, name, email FROM staff WHERE school = $1 AND id = $2",
                values![self.school, staff],
            )
            .await?;
        Ok(row.ok_or(Refusal::SetUpDone)?)
    }

    async fn find_set_up(
        &self,
        work: &mut Work,
        digest: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<StaffId>> {
        let row = work
            .one(
                "SELECT staff FROM set_up_links
                 WHERE school = $1 AND digest = $2 AND until_at > $3 AND used_at IS NULL",
                values![self.school, digest.as_slice(), now],
            )
            .await?
            .ok_or(Refusal::SetUpDone)?;
        let staff = row.maybe(0)?;
        if staff.is_none() && !self.has_no_staff(work).await? {
            return Err(Refusal::SetUpDone.into());
        }
        Ok(staff)
    }

    async fn use_set_up(&self, work: &mut Work, digest: &[u8; 32], now: Timestamp) -> Read<()> {
        work.run(
            "UPDATE set_up_links SET used_at = $3 WHERE school = $1 AND digest = $2",
            values![self.school, digest.as_slice(), now],
        )
        .await?;
        Ok(())
    }

    /// Uses a set-up link to make the first administrator.
    ///
    /// # Errors
    ///
    /// [`Refusal::SetUpDone`] where it is unknown, used, too old or for another account, or there
    /// is staff already.
    pub async fn set_up(
        &self,
        digest: &[u8; 32],
        staff: &NewStaff,
        now: Timestamp,
    ) -> Result<StaffId> {
        let mut work = self.write().await?;
        if self.find_set_up(&mut work, digest, now).await?.is_some() {
            return Err(Refusal::SetUpDone.into());
        }
        self.use_set_up(&mut work, digest, now).await?;
        let id = self.insert_staff(&mut work, staff, now).await?;
        let subject = format!("staff:{id}");
        let actor = Actor::Staff(id);
        self.audit(&mut work, actor, Action::SetUp, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(id)
    }

    /// Makes an account that signs in once its holder has chosen a password by the set-up link of
    /// that digest; for one that was removed, or whose link ran out, another link.
    ///
    /// # Errors
    ///
    /// [`Refusal::EmailTaken`] where somebody signs in with that address.
    pub async fn invite_staff(
        &self,
        (name, email, rank): (&Name, &EmailAddress, Rank),
        (digest, until): (&[u8; 32], Timestamp),
        actor: Actor,
        now: Timestamp,
    ) -> Result<StaffId> {
        let mut work = self.write().await?;
        let known = work
            .one(
                // Nobody who was asked to be more becomes less by the way.
                "SELECT id FROM staff WHERE school = $1 AND email_key = $2
                   AND (disabled_at IS NOT NULL OR password_hash = ''
                     AND CASE rank WHEN 'owner' THEN 3 WHEN 'office' THEN 2 WHEN 'viewer' THEN 1
                       ELSE 0 END <= $3
                     AND NOT EXISTS (SELECT 1 FROM identities
                       WHERE identities.school = staff.school AND identities.staff = staff.id))",
                values![self.school, email.key(), degree(rank)],
            )
            .await?;
        let id = match known {
            Some(row) => {
                let id = row.get(0)?;
                work.run(
                    "UPDATE staff SET name = $3, password_hash = '', last_resort = 0,
                       disabled_at = NULL, rank = $4
                     WHERE school = $1 AND id = $2",
                    values![self.school, id, name, rank],
                )
                .await?;
                id
            }
            None => {
                let staff = NewStaff {
                    name: name.clone(),
                    email: email.clone(),
                    password_hash: String::new(),
                    rank,
                };
                self.insert_staff(&mut work, &staff, now).await?
            }
        };
        self.insert_set_up(&mut work, digest, Some(id), until)
            .await?;
        let subject = format!("staff:{id}");
        self.audit(&mut work, actor, Action::StaffAdded, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(id)
    }

    /// Uses a set-up link to choose the password of the account it is for; all its others are
    /// void, and its sessions over.
    ///
    /// # Errors
    ///
    /// [`Refusal::SetUpDone`] where it is unknown, used, too old, or for no account.
    pub async fn take_up(
        &self,
        digest: &[u8; 32],
        password_hash: &str,
        now: Timestamp,
    ) -> Result<StaffId> {
        let mut work = self.write().await?;
        let staff = self.find_set_up(&mut work, digest, now).await?;
        let id: StaffId = staff.ok_or(Refusal::SetUpDone)?;
        self.use_set_up(&mut work, digest, now).await?;
        work.run(
            "DELETE FROM set_up_links WHERE school = $1 AND staff = $2 AND digest <> $3",
            values![self.school, id, digest.as_slice()],
        )
        .await?;
        let changed = work
            .run(
                "UPDATE staff SET password_hash = $3, last_resort = 0
                 WHERE school = $1 AND id = $2 AND disabled_at IS NULL",
                values![self.school, id, password_hash],
            )
            .await?;
        let (subject, actor) = (format!("staff:{id}"), Actor::Staff(id));
        self.end_sessions(&mut work, (id, changed), actor, now)
            .await?;
        let action = Action::PasswordChanged;
        self.audit(&mut work, actor, action, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(id)
    }
}
