//! Whom of the staff the school's provider signs in (OpenID Connect, OPS-7).
//!
//! Somebody is found by an address once, and from then on by what the provider calls them for good: an
//! address that it gives to somebody else opens nothing of the one who had it.

use jiff::Timestamp;
use school::{Actor, EmailAddress, Refusal, StaffId};

use crate::audit::Action;
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::outbox::SignInChange;
use crate::staff::{StaffAccount, account, staff_accounts};
use crate::store::Store;
use crate::value::values;

/// Whom a provider names (OpenID Connect Core 1.0 section 5.7: no other claim is for good).
#[derive(Clone, Copy)]
pub struct Identity<'i> {
    /// The provider.
    pub issuer: &'i str,
    /// What it calls them.
    pub subject: &'i str,
    /// What it calls this server.
    pub client: &'i str,
}

impl std::fmt::Debug for Identity<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity")
    }
}

/// Who that is here.
#[derive(Clone, Debug)]
pub enum Recognised {
    /// Somebody of the staff who may sign in.
    As(StaffAccount),
    /// The address is that of somebody who signs in by another account of the provider's.
    Otherwise,
    /// Somebody who has a second step here, and is not yet known by the provider: an address alone shows less.
    SecondStep,
    /// Nobody of the staff.
    Nobody,
}

impl Store {
    /// Who of the staff that is: whoever signed in so before, or the first who has one of these addresses,
    /// which are known to be theirs. From then on it is them: what was opened by other ways before is over, and
    /// their address hears of it.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn recognise(
        &self,
        identity: Identity<'_>,
        addresses: &[EmailAddress],
        now: Timestamp,
    ) -> Result<Recognised> {
        let mut work = self.write().await?;
        let Identity {
            issuer, subject, ..
        } = identity;
        let known = work
            .one(
                concat!(
                    staff_accounts!(),
                    " JOIN identities ON identities.school = staff.school
                       AND identities.staff = staff.id
                     WHERE staff.school = $1 AND issuer = $2 AND subject = $3
                       AND disabled_at IS NULL"
                ),
                values![self.school, issuer, subject],
            )
            .await?;
        if let Some(row) = known {
            work.run(
                "UPDATE identities SET client = $4
                 WHERE school = $1 AND issuer = $2 AND subject = $3 AND client <> $4",
                values![self.school, issuer, subject, identity.client],
            )
            .await?;
            work.commit().await?;
            return Ok(Recognised::As(account(&row)?));
        }
        for address in addresses {
            let found = work
                .one(
                    concat!(
                        staff_accounts!(),
                        " WHERE school = $1 AND email_key = $2 AND disabled_at IS NULL"
                    ),
                    values![self.school, address.key()],
                )
                .await?;
            let Some(row) = found else { continue };
            let account = account(&row)?;
            let bound = self.bind(&mut work, &account, identity, now).await?;
            if matches!(bound, Recognised::As(_)) {
                work.commit().await?;
            }
            return Ok(bound);
        }
        Ok(Recognised::Nobody)
    }

    /// Binds them for the first time, or anew where this server is registered anew with the provider: not where
    /// they sign in by another account there.
    async fn bind(
        &self,
        work: &mut Work,
        account: &StaffAccount,
        identity: Identity<'_>,
        now: Timestamp,
    ) -> Result<Recognised> {
        let (staff, actor) = (account.id, Actor::Staff(account.id));
        let Identity {
            issuer,
            subject,
            client,
        } = identity;
        let steps = work
            .count(
                "SELECT COUNT(*) FROM second_factors WHERE school = $1 AND staff = $2",
                values![self.school, staff],
            )
            .await?;
        if steps > 0 {
            return Ok(Recognised::SecondStep);
        }
        work.run(
            "DELETE FROM identities
             WHERE school = $1 AND staff = $2 AND issuer = $3 AND client <> $4",
            values![self.school, staff, issuer, client],
        )
        .await?;
        let bound = work
            .run(
                "INSERT INTO identities (school, issuer, subject, staff, client, bound_at)
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
                values![self.school, issuer, subject, staff, client, now],
            )
            .await?;
        if bound == 0 {
            // Unless by another press of theirs, at this moment.
            return Ok(if self.is_still(work, staff, identity).await? {
                Recognised::As(account.clone())
            } else {
                Recognised::Otherwise
            });
        }
        self.end_sessions(work, (staff, bound), actor, now).await?;
        self.void_set_up_links(work, Some(staff)).await?;
        self.tell_sign_in(work, (staff, SignInChange::ByProvider), now)
            .await?;
        let at = format!("staff:{staff}");
        self.audit(work, actor, Action::IdentityBound, &at, &[], now)
            .await?;
        Ok(Recognised::As(account.clone()))
    }

    /// Who of the staff signs in by that provider.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn identified_by(&self, issuer: &str) -> Result<Vec<StaffId>> {
        let mut work = self.read().await?;
        let sql = "SELECT staff FROM identities WHERE school = $1 AND issuer = $2";
        let rows = work.all(sql, values![self.school, issuer]).await?;
        Ok(rows
            .iter()
            .map(|row| row.named("staff"))
            .collect::<Read<_>>()?)
    }

    /// Somebody's accounts at providers are theirs no more, whichever: the next that shows their address is.
    /// Their sessions are over, and the one sign-in they have with a parent's account.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where they have none.
    pub async fn unbind(&self, staff: StaffId, actor: Actor, now: Timestamp) -> Result<()> {
        let mut work = self.write().await?;
        let unbound = self.forget_identities(&mut work, staff).await?;
        if unbound == 0 {
            return Err(Refusal::NotFound.into());
        }
        self.end_sessions(&mut work, (staff, unbound), actor, now)
            .await?;
        let at = format!("staff:{staff}");
        self.audit(&mut work, actor, Action::IdentityUnbound, &at, &[], now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// How many they had.
    pub(crate) async fn forget_identities(&self, work: &mut Work, staff: StaffId) -> Read<u64> {
        work.run(
            "DELETE FROM identities WHERE school = $1 AND staff = $2",
            values![self.school, staff],
        )
        .await
    }

    /// Whether that is them still.
    pub(crate) async fn is_still(
        &self,
        work: &mut Work,
        staff: StaffId,
        Identity {
            issuer, subject, ..
        }: Identity<'_>,
    ) -> Read<bool> {
        let stands = work
            .count(
                "SELECT COUNT(*) FROM identities
                 JOIN staff ON staff.school = identities.school AND staff.id = identities.staff
                 WHERE identities.school = $1 AND issuer = $2 AND subject = $3 AND staff = $4
                   AND disabled_at IS NULL",
                values![self.school, issuer, subject, staff],
            )
            .await?;
        Ok(stands == 1)
    }
}
