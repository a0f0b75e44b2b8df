//! With what people sign in, as it is by now.
//!
//! What one account had when the backup was made may be another's by now, or have been that of somebody who was
//! erased since: nothing is given to anybody before it is taken from whoever has it.

use school::{AccountId, StaffId};

use super::standing::{Account, ParentAccount};
use crate::database::Work;
use crate::fault::Read;
use crate::store::Store;
use crate::value::values;

impl Store {
    /// Their password, whether they may sign in, with what second factor, what they are in the school, and as whom by the school's
    /// provider, as it is by now.
    pub(super) async fn renew_staff(
        &self,
        work: &mut Work,
        id: StaffId,
        now: &Account,
    ) -> Read<()> {
        let (hash, last_resort) = (now.password_hash.as_str(), now.last_resort);
        work.run(
            "UPDATE staff SET password_hash = $3, last_resort = $4, disabled_at = $5, rank = $6
             WHERE school = $1 AND id = $2",
            values![
                self.school,
                id,
                hash,
                last_resort,
                now.disabled_at,
                now.rank
            ],
        )
        .await?;
        self.renew_identities(work, id, now).await?;
        self.forget_second_factor(work, id).await?;
        let Some(it) = &now.factor else {
            return Ok(());
        };
        work.run(
            "INSERT INTO second_factors (school, staff, secret, used_step, wrong, wrong_at, added_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![
                self.school,
                id,
                it.secret.as_slice(),
                it.used_step,
                it.wrong,
                it.wrong_at,
                it.added_at
            ],
        )
        .await?;
        for (digest, used_at) in &it.codes {
            work.run(
                "INSERT INTO recovery_codes (school, staff, digest, used_at) VALUES ($1, $2, $3, $4)",
                values![self.school, id, digest.as_slice(), *used_at],
            )
            .await?;
        }
        for passkey in &it.passkeys {
            self.put_back_passkey(work, passkey).await?;
        }
        Ok(())
    }

    /// Whoever else has one of these here has it no more, or is nobody whom the last records know.
    async fn renew_identities(&self, work: &mut Work, id: StaffId, now: &Account) -> Read<()> {
        self.forget_identities(work, id).await?;
        for (issuer, (subject, client, bound_at)) in &now.identities {
            work.run(
                "DELETE FROM identities WHERE school = $1 AND issuer = $2 AND subject = $3",
                values![self.school, issuer.as_str(), subject.as_str()],
            )
            .await?;
            work.run(
                "INSERT INTO identities (school, issuer, subject, staff, client, bound_at)
                 VALUES ($1, $2, $3, $4, $5, $6)",
                values![
                    self.school,
                    issuer.as_str(),
                    subject.as_str(),
                    id,
                    client.as_str(),
                    *bound_at
                ],
            )
            .await?;
        }
        Ok(())
    }

    /// With what parents sign in, as it is by now; not at all where they closed their account.
    pub(super) async fn renew_accounts(
        &self,
        work: &mut Work,
        accounts: &[(AccountId, Option<ParentAccount>)],
    ) -> Read<()> {
        // Two may have changed places: first nobody has any of these addresses.
        for (id, account) in accounts {
            work.run(
                "UPDATE accounts SET email_key = $3 WHERE school = $1 AND id = $2",
                values![self.school, *id, format!("account {id}")],
            )
            .await?;
            if account.is_none() {
                work.run(
                    "DELETE FROM accounts WHERE school = $1 AND id = $2",
                    values![self.school, *id],
                )
                .await?;
            }
        }
        for (id, account) in accounts {
            let Some(it) = account else { continue };
            // Whoever else has it here is nobody whom the last records know.
            work.run(
                "DELETE FROM accounts WHERE school = $1 AND email_key = $3 AND id <> $2",
                values![self.school, *id, it.email_key.as_str()],
            )
            .await?;
            work.run(
                "UPDATE accounts SET email = $3, email_key = $4, password_hash = $5
                 WHERE school = $1 AND id = $2",
                values![
                    self.school,
                    *id,
                    it.email.as_str(),
                    it.email_key.as_str(),
                    it.password_hash.as_str()
                ],
            )
            .await?;
        }
        Ok(())
    }
}
