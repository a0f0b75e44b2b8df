//! Passkeys (`WebAuthn` Level 2). What they sign is checked elsewhere; here it is kept which there are, what they
//! counted, and what they were asked.

use jiff::Timestamp;
use school::{Actor, Label, PasskeyId, Refusal, StaffId};

use crate::audit::Action;
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::outbox::SignInChange;
use crate::store::Store;
use crate::value::{columns, values};

/// How many one person has at most.
pub const MOST_PASSKEYS: usize = 10;

/// How many challenges wait for one person at most: whoever asks for more has the newest.
const MOST_CHALLENGES: i64 = 10;

columns! {
    /// A passkey of somebody's.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct Passkey {
        /// Its id here.
        pub id: PasskeyId,
        /// What its authenticator calls it.
        pub credential: Vec<u8>,
        /// Its `SubjectPublicKeyInfo`.
        pub public_key: Vec<u8>,
        /// How it signs, as COSE numbers it.
        pub algorithm: i64,
        /// How browsers reach it, words with commas between them.
        pub transports: String,
        /// What its owner calls it.
        pub name: Label,
        /// Since when they have it.
        pub added_at: Timestamp,
        /// When they signed in by it last.
        pub used_at: Option<Timestamp>,
    }
}

columns! {
    /// A passkey of somebody's, whole, as it is put back into a backup.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub(crate) struct KeptPasskey {
        pub(crate) staff: StaffId,
        id: PasskeyId,
        credential: Vec<u8>,
        public_key: Vec<u8>,
        algorithm: i64,
        sign_count: i64,
        transports: String,
        name: Label,
        added_at: Timestamp,
        used_at: Option<Timestamp>,
    }
}

/// A passkey that somebody adds.
#[derive(Clone, Copy, Debug)]
pub struct NewPasskey<'p> {
    /// What its authenticator calls it.
    pub credential: &'p [u8],
    /// Its `SubjectPublicKeyInfo`.
    pub public_key: &'p [u8],
    /// How it signs, as COSE numbers it.
    pub algorithm: i64,
    /// What its authenticator counted.
    pub sign_count: u32,
    /// How browsers reach it, words with commas between them.
    pub transports: &'p str,
    /// What its owner calls it.
    pub name: &'p Label,
}

impl Store {
    /// Somebody's passkeys, the oldest first.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn passkeys(&self, staff: StaffId) -> Result<Vec<Passkey>> {
        let mut work = self.read().await?;
        let passkeys = work
            .rows(
                "SELECT id, credential, public_key, algorithm, transports, name, added_at, used_at
                 FROM passkeys WHERE school = $1 AND staff = $2 ORDER BY added_at, id",
                values![self.school, staff],
            )
            .await?;
        Ok(passkeys)
    }

    /// Somebody's passkeys are asked to sign the challenge of that SHA-256, for what `bound` is the digest of.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn ask_passkey(
        &self,
        staff: StaffId,
        (digest, bound): (&[u8; 32], &[u8; 32]),
        until: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        work.run(
            "DELETE FROM passkey_challenges WHERE school = $1 AND (until_at <= $3
               OR digest IN (SELECT digest FROM passkey_challenges
                 WHERE school = $1 AND staff = $2 ORDER BY until_at DESC, digest
                 LIMIT 1000 OFFSET $4))",
            values![self.school, staff, now, MOST_CHALLENGES - 1],
        )
        .await?;
        work.run(
            "INSERT INTO passkey_challenges (school, staff, digest, bound, until_at)
             VALUES ($1, $2, $3, $4, $5)",
            values![
                self.school,
                staff,
                digest.as_slice(),
                bound.as_slice(),
                until
            ],
        )
        .await?;
        work.commit().await?;
        Ok(())
    }

    /// A challenge comes back: whether it was asked of them, for that, a moment ago, and did not come before.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn take_challenge(
        &self,
        staff: StaffId,
        (digest, bound): (&[u8; 32], &[u8; 32]),
        now: Timestamp,
    ) -> Result<bool> {
        let mut work = self.write().await?;
        let taken = work
            .run(
                "DELETE FROM passkey_challenges
                 WHERE school = $1 AND staff = $2 AND digest = $3 AND bound = $4 AND until_at > $5",
                values![self.school, staff, digest.as_slice(), bound.as_slice(), now],
            )
            .await?;
        work.commit().await?;
        Ok(taken == 1)
    }

    /// Gives somebody a passkey. Where they had no second factor, these are its recovery codes, by their SHA-256,
    /// and every session of theirs is over but the one of `session`: they began without it. Whether it was so.
    ///
    /// # Errors
    ///
    /// [`Refusal::ChangedMeanwhile`] where they have as many as they may, anybody has this one, the session is
    /// over, or the password is another than the one that was shown.
    pub async fn add_passkey(
        &self,
        (staff, password_hash): (StaffId, &str),
        new: NewPasskey<'_>,
        codes: &[[u8; 32]],
        session: &[u8; 32],
        now: Timestamp,
    ) -> Result<bool> {
        let mut work = self.write().await?;
        let shows = (staff, password_hash, session);
        if !self.may_add(&mut work, shows, now).await?
            || !self.has_room(&mut work, staff, new.credential).await?
        {
            return Err(Refusal::ChangedMeanwhile.into());
        }
        let begins = self.tries(&mut work, staff).await?.is_none();
        let (subject, actor) = (format!("staff:{staff}"), Actor::Staff(staff));
        if begins {
            self.begin_second_factor(&mut work, staff, (codes, session), now)
                .await?;
            let action = Action::SecondFactorAdded;
            self.audit(&mut work, actor, action, &subject, &[], now)
                .await?;
        }
        let id = PasskeyId(Self::new_id());
        work.run(
            "INSERT INTO passkeys (school, id, staff, credential, public_key, algorithm, sign_count,
               transports, name, added_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            values![
                self.school,
                id,
                staff,
                new.credential,
                new.public_key,
                new.algorithm,
                new.sign_count,
                new.transports,
                new.name,
                now
            ],
        )
        .await?;
        let (action, detail) = (Action::PasskeyAdded, [("passkey", id.0)]);
        self.audit(&mut work, actor, action, &subject, &detail, now)
            .await?;
        self.tell_sign_in(&mut work, (staff, SignInChange::PasskeyAdded), now)
            .await?;
        work.commit().await?;
        Ok(begins)
    }

    /// Whether they may have one more, and nobody has this one.
    async fn has_room(&self, work: &mut Work, staff: StaffId, credential: &[u8]) -> Read<bool> {
        let own = "SELECT COUNT(*) FROM passkeys WHERE school = $1 AND staff = $2";
        let own = work.count(own, values![self.school, staff]).await?;
        let same = "SELECT COUNT(*) FROM passkeys WHERE school = $1 AND credential = $2";
        let same = work.count(same, values![self.school, credential]).await?;
        Ok(same == 0 && usize::try_from(own).is_ok_and(|it| it < MOST_PASSKEYS))
    }

    /// Takes a passkey of somebody's away. Where they have no other, and no app, their second factor goes with it.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where it is none of theirs.
    pub async fn remove_passkey(
        &self,
        staff: StaffId,
        passkey: PasskeyId,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        let removed = work
            .run(
                "DELETE FROM passkeys WHERE school = $1 AND staff = $2 AND id = $3",
                values![self.school, staff, passkey],
            )
            .await?;
        if removed == 0 {
            return Err(Refusal::NotFound.into());
        }
        let (subject, actor) = (format!("staff:{staff}"), Actor::Staff(staff));
        let (action, detail) = (Action::PasskeyRemoved, [("passkey", passkey.0)]);
        self.audit(&mut work, actor, action, &subject, &detail, now)
            .await?;
        let others = work
            .count(
                "SELECT COUNT(*) FROM second_factors WHERE school = $1 AND staff = $2
                   AND (LENGTH(secret) > 0 OR EXISTS (SELECT 1 FROM passkeys
                     WHERE passkeys.school = second_factors.school
                       AND passkeys.staff = second_factors.staff))",
                values![self.school, staff],
            )
            .await?;
        if others == 0 {
            self.end_second_factor(&mut work, staff, actor, now).await?;
        } else {
            self.tell_sign_in(&mut work, (staff, SignInChange::PasskeyRemoved), now)
                .await?;
        }
        work.commit().await?;
        Ok(())
    }

    /// A passkey of somebody's has signed, and counts so much: whether it is good. Where its authenticator counts,
    /// it counts up (`WebAuthn` Level 2 section 7.2, step 21): else somebody may have a copy, and neither is good.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn use_passkey(
        &self,
        staff: StaffId,
        (passkey, count): (PasskeyId, u32),
        now: Timestamp,
    ) -> Result<bool> {
        let mut work = self.write().await?;
        let used = work
            .run(
                "UPDATE passkeys SET sign_count = $4, used_at = $5
                 WHERE school = $1 AND staff = $2 AND id = $3
                   AND (sign_count < $4 OR (sign_count = 0 AND $4 = 0))",
                values![self.school, staff, passkey, count, now],
            )
            .await?;
        let stands = "SELECT COUNT(*) FROM passkeys WHERE school = $1 AND staff = $2 AND id = $3";
        let stands = work
            .count(stands, values![self.school, staff, passkey])
            .await?;
        if used < stands.unsigned_abs() {
            let (subject, detail) = (format!("staff:{staff}"), [("passkey", passkey.0)]);
            let action = Action::PasskeyCopied;
            self.audit(&mut work, Actor::Unknown, action, &subject, &detail, now)
                .await?;
        }
        work.commit().await?;
        Ok(used == 1)
    }

    /// Everybody's passkeys.
    pub(crate) async fn kept_passkeys(&self, work: &mut Work) -> Read<Vec<KeptPasskey>> {
        work.rows(
            "SELECT staff, id, credential, public_key, algorithm, sign_count, transports, name,
               added_at, used_at
             FROM passkeys WHERE school = $1 ORDER BY id",
            values![self.school],
        )
        .await
    }

    /// Puts one where it was, beside the second factor that is there; nobody else has it any more.
    pub(crate) async fn put_back_passkey(&self, work: &mut Work, it: &KeptPasskey) -> Read<()> {
        work.run(
            "DELETE FROM passkeys WHERE school = $1 AND (id = $2 OR credential = $3)",
            values![self.school, it.id, it.credential.as_slice()],
        )
        .await?;
        work.run(
            "INSERT INTO passkeys (school, id, staff, credential, public_key, algorithm, sign_count,
               transports, name, added_at, used_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            values![
                self.school,
                it.id,
                it.staff,
                it.credential.as_slice(),
                it.public_key.as_slice(),
                it.algorithm,
                it.sign_count,
                it.transports.as_str(),
                &it.name,
                it.added_at,
                it.used_at
            ],
        )
        .await?;
        Ok(())
    }
}
