//! One sign-in for whoever is of the staff and a parent too (DIR-9): a *hat*.
//!
//! It is made by whoever holds a session of either at one moment, and never by an address alone. The
//! password of the staff opens both from then on; that of the account, and links to it, open the account
//! alone. It gives neither a right of the other.

use jiff::Timestamp;
use school::{AccountId, Actor, ContactId, Refusal, StaffId};

use crate::audit::Action;
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::second_factors::Shown;
use crate::store::Store;
use crate::value::{columns, values};

/// Whether `staff` and `accounts` may have one sign-in: both sign in with one address, and no court order
/// concerns whose account it is, or may.
macro_rules! may_be_one {
    () => {
        "staff.disabled_at IS NULL AND staff.email_key = accounts.email_key
         AND EXISTS (SELECT 1 FROM account_contacts
           WHERE account_contacts.school = accounts.school
             AND account_contacts.account = accounts.id)
         AND NOT EXISTS (SELECT 1 FROM account_contacts
           JOIN contacts ON contacts.school = account_contacts.school
             AND contacts.id = account_contacts.contact
           WHERE account_contacts.school = accounts.school
             AND account_contacts.account = accounts.id
             AND (court_order_at IS NOT NULL OR may_be IS NOT NULL))"
    };
}
pub(crate) use may_be_one;

/// Whose sign-in is for both.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wearer {
    /// Somebody of the staff.
    Staff(StaffId),
    /// Whoever has a parent's account.
    Account(AccountId),
}

/// How the two sign-ins of one person stand to each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Hat {
    /// They are two, and may be one.
    Offered,
    /// They are one.
    Stands,
}

/// The sessions of one browser by the SHA-256 of their secrets: of the staff, and of an account.
type Sessions<'s> = (&'s [u8; 32], &'s [u8; 32]);

columns! {
    struct HatRow {
        staff: StaffId,
        account: AccountId,
    }
}

impl Store {
    /// Who holds both sessions, where their sign-ins may be one.
    async fn who_holds(
        &self,
        work: &mut Work,
        (staff, account): Sessions<'_>,
        now: Timestamp,
    ) -> Read<Option<HatRow>> {
        work.row(
            concat!(
                "SELECT staff.id AS staff, accounts.id AS account
                 FROM staff_sessions
                 JOIN staff ON staff.school = staff_sessions.school
                   AND staff.id = staff_sessions.staff
                 JOIN account_sessions ON account_sessions.school = staff_sessions.school
                   AND account_sessions.digest = $3 AND account_sessions.until_at > $4
                 JOIN accounts ON accounts.school = account_sessions.school
                   AND accounts.id = account_sessions.account
                 WHERE staff_sessions.school = $1 AND staff_sessions.digest = $2
                   AND staff_sessions.until_at > $4 AND ",
                may_be_one!()
            ),
            values![self.school, staff.as_slice(), account.as_slice(), now],
        )
        .await
    }

    /// Whether somebody has one sign-in, or may have: the same browser holds both sessions.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn hat(
        &self,
        whose: Wearer,
        sessions: Option<Sessions<'_>>,
        now: Timestamp,
    ) -> Result<Option<Hat>> {
        let mut work = self.read().await?;
        let (sql, of) = match whose {
            Wearer::Staff(id) => (
                "SELECT COUNT(*) FROM hats WHERE school = $1 AND staff = $2",
                values![self.school, id],
            ),
            Wearer::Account(id) => (
                "SELECT COUNT(*) FROM hats WHERE school = $1 AND account = $2",
                values![self.school, id],
            ),
        };
        if work.count(sql, of).await? > 0 {
            return Ok(Some(Hat::Stands));
        }
        let Some(sessions) = sessions else {
            return Ok(None);
        };
        let both = self.who_holds(&mut work, sessions, now).await?;
        Ok(both.map(|_| Hat::Offered))
    }

    /// Whoever holds both sessions has one sign-in from now on, and signs out of both by one press.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where either session is over, the addresses are not one, or a court order
    /// concerns them.
    pub async fn make_hat(&self, sessions: Sessions<'_>, now: Timestamp) -> Result<()> {
        let mut work = self.write().await?;
        self.end_fallen_hats(&mut work, now).await?;
        let HatRow { staff, account } = self
            .who_holds(&mut work, sessions, now)
            .await?
            .ok_or(Refusal::NotFound)?;
        let made = work
            .run(
                "INSERT INTO hats (school, staff, account, made_at) VALUES ($1, $2, $3, $4)
                 ON CONFLICT DO NOTHING",
                values![self.school, staff, account, now],
            )
            .await?;
        if made == 1 {
            work.run(
                "UPDATE account_sessions SET beside = $2 WHERE school = $1 AND digest = $3",
                values![self.school, sessions.0.as_slice(), sessions.1.as_slice()],
            )
            .await?;
            let (subject, detail) = (format!("staff:{staff}"), [("account", account.0)]);
            let actor = Actor::Staff(staff);
            self.audit(&mut work, actor, Action::HatMade, &subject, &detail, now)
                .await?;
        }
        work.commit().await?;
        Ok(())
    }

    /// Somebody has two sign-ins again. The browser that asks, by its session, stays signed in; any
    /// other that the password of the staff signed in to the account is not any more.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where they have.
    pub async fn unmake_hat(
        &self,
        whose: Wearer,
        session: &[u8; 32],
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        work.run(
            "UPDATE account_sessions SET beside = NULL
             WHERE school = $1 AND (digest = $2 OR beside = $2)",
            values![self.school, session.as_slice()],
        )
        .await?;
        let actor = match whose {
            Wearer::Staff(id) => Actor::Staff(id),
            Wearer::Account(id) => self.actor_of(&mut work, id).await?,
        };
        if !self.end_hat(&mut work, whose, actor, now).await? {
            return Err(Refusal::NotFound.into());
        }
        work.commit().await?;
        Ok(())
    }

    /// Signs in somebody of the staff, and where their sign-in is for both, to their account too. The
    /// sessions are kept by the SHA-256 of their secrets. Whether there is one of an account.
    ///
    /// # Errors
    ///
    /// [`Refusal::ChangedMeanwhile`] where what was shown to sign in is not right any more.
    pub async fn begin_session(
        &self,
        (staff, shown): (StaffId, Option<Shown<'_>>),
        (digest, of_account): Sessions<'_>,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let mut work = self.write().await?;
        if let Some(shown) = shown
            && !self.still_shows(&mut work, staff, shown).await?
        {
            return Err(Refusal::ChangedMeanwhile.into());
        }
        let times = (until, now);
        let action = match shown {
            Some(Shown::Identity(_)) => Action::SignedInByProvider,
            Some(Shown::Password { .. }) | None => Action::SignedIn,
        };
        self.enter_session(&mut work, staff, (digest, action), times)
            .await?;
        self.end_fallen_hats(&mut work, now).await?;
        let hat: Option<HatRow> = work
            .row(
                "SELECT staff, account FROM hats WHERE school = $1 AND staff = $2",
                values![self.school, staff],
            )
            .await?;
        if let Some(HatRow { account, .. }) = &hat {
            let session = (of_account, Some(digest));
            self.enter_account_session(&mut work, *account, session, times)
                .await?;
        }
        work.commit().await?;
        Ok(hat.is_some())
    }

    /// Ends one sign-in for both, and the sessions of the account that belong with one of the staff.
    /// Whether there was one.
    pub(crate) async fn end_hat(
        &self,
        work: &mut Work,
        whose: Wearer,
        actor: Actor,
        now: Timestamp,
    ) -> Result<bool> {
        let (sql, of) = match whose {
            Wearer::Staff(id) => (
                "DELETE FROM hats WHERE school = $1 AND staff = $2 RETURNING staff, account",
                values![self.school, id],
            ),
            Wearer::Account(id) => (
                "DELETE FROM hats WHERE school = $1 AND account = $2 RETURNING staff, account",
                values![self.school, id],
            ),
        };
        let ended: Vec<HatRow> = work.rows(sql, of).await?;
        self.note_ended(work, &ended, actor, now).await?;
        Ok(!ended.is_empty())
    }

    /// Those of two records that are parted: it is not known whose password was shown.
    pub(crate) async fn end_hats_of(
        &self,
        work: &mut Work,
        [one, other]: [ContactId; 2],
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        let ended: Vec<HatRow> = work
            .rows(
                "DELETE FROM hats WHERE school = $1 AND account IN (
                   SELECT account FROM account_contacts
                   WHERE school = $1 AND (contact = $2 OR contact = $3))
                 RETURNING staff, account",
                values![self.school, one, other],
            )
            .await?;
        self.note_ended(work, &ended, actor, now).await
    }

    /// Those that may not stand any more, by whatever was done.
    pub(crate) async fn end_fallen_hats(&self, work: &mut Work, now: Timestamp) -> Result<()> {
        let ended: Vec<HatRow> = work
            .rows(
                concat!(
                    "DELETE FROM hats WHERE school = $1 AND NOT EXISTS (
                       SELECT 1 FROM staff JOIN accounts ON accounts.school = staff.school
                       WHERE staff.school = hats.school AND staff.id = hats.staff
                         AND accounts.id = hats.account AND ",
                    may_be_one!(),
                    ") RETURNING staff, account"
                ),
                values![self.school],
            )
            .await?;
        self.note_ended(work, &ended, Actor::Program, now).await
    }

    async fn note_ended(
        &self,
        work: &mut Work,
        ended: &[HatRow],
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        for HatRow { staff, account } in ended {
            work.run(
                "DELETE FROM account_sessions
                 WHERE school = $1 AND account = $2 AND beside IS NOT NULL",
                values![self.school, *account],
            )
            .await?;
            let (subject, detail) = (format!("staff:{staff}"), [("account", account.0)]);
            self.audit(work, actor, Action::HatEnded, &subject, &detail, now)
                .await?;
        }
        Ok(())
    }
}
