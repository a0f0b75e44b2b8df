//! Accounts of parents and guardians, and their sessions (DIR-9).
//!
//! An account is a person's: it shows what each of their records has, and nothing of one that a court
//! order concerns.

use jiff::{SignedDuration, Timestamp};
use school::text::Likeness;
use school::{AccountId, Actor, ContactId, EmailAddress, MailId, Name, Refusal, StaffId};

use crate::audit::Action;
use crate::database::{Row, Work};
use crate::deeds::Aftermath;
use crate::fault::{Read, Result};
use crate::hats::{Wearer, may_be_one};
use crate::known_time::doubted_since;
use crate::outbox::ACCOUNT_LINK;
use crate::registrations::{KnownAccount, RegistrationState};
use crate::store::Store;
use crate::value::{columns, values};

/// How many sessions of one account are kept: the oldest end where it signs in once more.
const SESSIONS: i64 = 19;

/// For how long a link to sign in by is good.
pub(crate) const LINK_GOOD_FOR: SignedDuration = SignedDuration::from_hours(1);

/// How somebody registers.
#[derive(Debug)]
pub enum Registering {
    /// With a new account, whose password has this hash.
    Anew(String),
    /// By the account they have: they have shown its password.
    With(AccountId),
}

/// Who has registered, and what they sign in with; not whoever waits for the office by the address that
/// they said.
pub type Registered = std::result::Result<(AccountId, EmailAddress), Refusal>;

/// An account.
#[derive(Clone)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What they sign in with.
    pub email: EmailAddress,
    /// The hash of their password, as a PHC string.
    pub password_hash: String,
    /// Whoever of the staff has one sign-in for both, and the hash of that password.
    pub hat: Option<(StaffId, String)>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Who holds a session.
#[derive(Clone, Debug)]
pub struct AccountSession {
    /// Whose it is.
    pub account: AccountId,
    /// What they sign in with.
    pub email: EmailAddress,
    /// Since when.
    pub began: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

columns! {
    struct KnownRow {
        id: AccountId,
        password_hash: String,
        name: Option<Name>,
        records_name: Option<Name>,
    }
}

columns! {
    struct NamedRow {
        contact: ContactId,
        name: Name,
        records_name: Option<Name>,
    }
}

/// Records of an account that may be shown.
macro_rules! own {
    ($select:literal, $more:literal) => {
        concat!(
            "SELECT ",
            $select,
            " FROM account_contacts
             JOIN contacts ON contacts.school = account_contacts.school
               AND contacts.id = account_contacts.contact
             WHERE account_contacts.school = $1 AND account_contacts.account = $2
               AND court_order_at IS NULL AND may_be IS NULL AND gone_at IS NULL",
            $more
        )
    };
}
pub(crate) use own;

impl Store {
    /// The account of an address, and whether it is of somebody of another name.
    pub(crate) async fn known_account(
        &self,
        work: &mut Work,
        name: &Name,
        email: &EmailAddress,
    ) -> Read<Option<KnownAccount>> {
        let rows: Vec<KnownRow> = work
            .rows(
                "SELECT accounts.id AS id, password_hash, contacts.name AS name, records_name
                 FROM accounts
                 LEFT JOIN account_contacts ON account_contacts.school = accounts.school
                   AND account_contacts.account = accounts.id
                 LEFT JOIN contacts ON contacts.school = accounts.school
                   AND contacts.id = account_contacts.contact
                 WHERE accounts.school = $1 AND accounts.email_key = $2",
                values![self.school, email.key()],
            )
            .await?;
        let names = || {
            rows.iter()
                .flat_map(|it| it.name.iter().chain(&it.records_name))
        };
        let is_same = |it: &Name| it.likeness(name) == Some(Likeness::Same);
        let is_anothers = names().next().is_some() && !names().any(is_same);
        Ok(rows.first().map(|row| KnownAccount {
            id: row.id,
            is_anothers,
            password_hash: row.password_hash.clone(),
        }))
    }

    /// Registers whoever holds the link of that digest, and their other records: those of the same
    /// name and address.
    ///
    /// # Errors
    ///
    /// [`Refusal::SetUpDone`] where it is good no longer or did not come by e-mail, and
    /// [`Refusal::EmailTaken`] where the address has another account.
    pub async fn register(
        &self,
        digest: &[u8; 32],
        how: Registering,
        now: Timestamp,
    ) -> Result<(Registered, Aftermath)> {
        let mut work = self.write().await?;
        let open = self.find_registration(&mut work, digest, now).await?;
        let open = open
            .filter(|it| it.state == RegistrationState::Open)
            .ok_or(Refusal::SetUpDone)?;
        // By text or letter they say their address first.
        let email = open.email.as_ref().ok_or(Refusal::SetUpDone)?;
        let mut aftermath = Aftermath::default();
        if open.known_email.is_none() {
            aftermath = self
                .take_said_address(&mut work, open.contact, email, now)
                .await?;
            if self
                .find_registration(&mut work, digest, now)
                .await?
                .is_none()
            {
                work.commit().await?;
                return Ok((Err(Refusal::SetUpDone), aftermath));
            }
        }
        let known = open.account.as_ref();
        let account = match (how, known) {
            (Registering::Anew(hash), None) => {
                let id = AccountId(Self::new_id());
                work.run(
                    "INSERT INTO accounts (school, id, email, email_key, password_hash, created_at)
                     VALUES ($1, $2, $3, $4, $5, $6)",
                    values![self.school, id, email, email.key(), hash, now],
                )
                .await?;
                id
            }
            (Registering::With(id), Some(known)) if known.id == id && !known.is_anothers => id,
            (Registering::Anew(_) | Registering::With(_), _) => {
                return Err(Refusal::EmailTaken.into());
            }
        };
        for contact in self.same_person(&mut work, &open.name, email).await? {
            work.run(
                "INSERT INTO account_contacts (school, contact, account) VALUES ($1, $2, $3)
                 ON CONFLICT DO NOTHING",
                values![self.school, contact, account],
            )
            .await?;
        }
        let subject = format!("contact:{}", open.contact);
        let actor = Actor::Parent(open.contact);
        self.audit(&mut work, actor, Action::Registered, &subject, &[], now)
            .await?;
        let email = email.clone();
        work.commit().await?;
        Ok((Ok((account, email)), aftermath))
    }

    /// The records of one name and address, but those that may not be shown to anybody.
    pub(crate) async fn same_person(
        &self,
        work: &mut Work,
        name: &Name,
        email: &EmailAddress,
    ) -> Read<Vec<ContactId>> {
        let rows: Vec<NamedRow> = work
            .rows(
                "SELECT id AS contact, name, records_name FROM contacts
                 WHERE school = $1 AND email_key = $2 AND court_order_at IS NULL
                   AND may_be IS NULL AND gone_at IS NULL ORDER BY id",
                values![self.school, email.key()],
            )
            .await?;
        let is_same = |it: &NamedRow| {
            let mut names = std::iter::once(&it.name).chain(&it.records_name);
            names.any(|it| it.likeness(name) == Some(Likeness::Same))
        };
        let same = rows.into_iter().filter(is_same);
        Ok(same.map(|it| it.contact).collect())
    }

    /// The address of a contact is another now: whoever registered with the old one is not shown what
    /// is theirs any more; but with that of a record that was made one with theirs, unless that is the one
    /// that they had.
    pub(crate) async fn part_account(
        &self,
        work: &mut Work,
        contact: ContactId,
        (before, email): (Option<&EmailAddress>, Option<&EmailAddress>),
        now: Timestamp,
    ) -> Result<()> {
        let parted = work
            .run(
                "DELETE FROM account_contacts WHERE school = $1 AND contact = $2 AND account IN (
               SELECT id FROM accounts WHERE school = $1 AND email_key <> $3)
               AND account NOT IN (
                 SELECT accounts.id FROM accounts
                 JOIN contacts ON contacts.school = accounts.school
                   AND contacts.email_key = accounts.email_key
                 JOIN joined_records ON joined_records.school = contacts.school
                   AND joined_records.gone = contacts.id AND joined_records.kept = $2
                 WHERE accounts.school = $1 AND accounts.email_key <> $4)",
                values![
                    self.school,
                    contact,
                    email.map(EmailAddress::key).unwrap_or_default(),
                    before.map(EmailAddress::key).unwrap_or_default()
                ],
            )
            .await?;
        if parted > 0 {
            // It has had its answer, also where it was sent to the address that is theirs again.
            work.run(
                "DELETE FROM registrations WHERE school = $1 AND contact = $2",
                values![self.school, contact],
            )
            .await?;
        }
        self.forget_accounts_of_nobody(work, now).await
    }

    /// Accounts that are nobody's any more.
    pub(crate) async fn forget_accounts_of_nobody(
        &self,
        work: &mut Work,
        now: Timestamp,
    ) -> Result<()> {
        self.end_fallen_hats(work, now).await?;
        work.run(
            "DELETE FROM accounts WHERE school = $1 AND NOT EXISTS (
               SELECT 1 FROM account_contacts WHERE account_contacts.school = accounts.school
                 AND account_contacts.account = accounts.id)",
            values![self.school],
        )
        .await?;
        self.forget_names_of_nobody(work).await?;
        Ok(())
    }

    /// The account of that address, if there is one.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn account_by_email(&self, email: &EmailAddress) -> Result<Option<Account>> {
        let mut work = self.glance().await?;
        let row = work
            .one(
                concat!(
                    "SELECT accounts.id, accounts.email, accounts.password_hash, staff.id AS staff,
                       staff.password_hash AS staff_hash
                     FROM accounts
                     LEFT JOIN hats ON hats.school = accounts.school AND hats.account = accounts.id
                     LEFT JOIN staff ON staff.school = hats.school AND staff.id = hats.staff AND ",
                    may_be_one!(),
                    " WHERE accounts.school = $1 AND accounts.email_key = $2"
                ),
                values![self.school, email.key()],
            )
            .await?;
        row.as_ref().map(account).transpose()
    }

    /// Begins a session, kept by the SHA-256 of its secret. Those that are over are forgotten.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn begin_account_session(
        &self,
        account: AccountId,
        digest: &[u8; 32],
        until: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        self.enter_account_session(&mut work, account, (digest, None), (until, now))
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// Begins a session in what is being done; one of the staff stands beside it where one password
    /// opened both.
    pub(crate) async fn enter_account_session(
        &self,
        work: &mut Work,
        account: AccountId,
        (digest, beside): (&[u8; 32], Option<&[u8; 32]>),
        (until, now): (Timestamp, Timestamp),
    ) -> Result<()> {
        work.run(
            concat!(
                "DELETE FROM account_sessions WHERE school = $1 AND (until_at <= COALESCE(",
                doubted_since!(),
                ", $2) OR digest IN
                   (SELECT digest FROM account_sessions WHERE school = $1 AND account = $3
                    ORDER BY began_at DESC LIMIT 1000 OFFSET $4))"
            ),
            values![self.school, now, account, SESSIONS],
        )
        .await?;
        work.run(
            "INSERT INTO account_sessions (school, digest, account, began_at, until_at, beside)
             VALUES ($1, $2, $3, $4, $5, $6)",
            values![
                self.school,
                digest.as_slice(),
                account,
                now,
                until,
                beside.map(<[u8; 32]>::as_slice)
            ],
        )
        .await?;
        let subject = format!("account:{account}");
        let actor = self.actor_of(work, account).await?;
        self.audit(work, actor, Action::SignedIn, &subject, &[], now)
            .await
    }

    /// Whoever has an account, as the audit log names them.
    pub(crate) async fn actor_of(&self, work: &mut Work, account: AccountId) -> Read<Actor> {
        let whose = work
            .one(
                "SELECT MIN(contact) FROM account_contacts WHERE school = $1 AND account = $2",
                values![self.school, account],
            )
            .await?;
        let contact: Option<ContactId> = match whose {
            Some(row) => row.maybe(0)?,
            None => None,
        };
        Ok(contact.map_or(Actor::Unknown, Actor::Parent))
    }

    /// Who holds the session of that digest now.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn account_session(
        &self,
        digest: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<AccountSession>> {
        let mut work = self.glance().await?;
        let row = work
            .one(
                "SELECT accounts.id, accounts.email, account_sessions.began_at,
                   account_sessions.until_at
                 FROM account_sessions
                 JOIN accounts ON accounts.school = account_sessions.school
                   AND accounts.id = account_sessions.account
                 WHERE account_sessions.school = $1 AND digest = $2 AND until_at > $3",
                values![self.school, digest.as_slice(), now],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(AccountSession {
            account: row.named("id")?,
            email: row.named("email")?,
            began: row.named("began_at")?,
            until: row.named("until_at")?,
        }))
    }

    /// Lengthens a session until `until`, never less than it is.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn lengthen_account_session(
        &self,
        digest: &[u8; 32],
        until: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        work.run(
            "UPDATE account_sessions SET until_at = $3
             WHERE school = $1 AND digest = $2 AND until_at < $3",
            values![self.school, digest.as_slice(), until],
        )
        .await?;
        work.commit().await?;
        Ok(())
    }

    /// Ends a session, and that of the staff beside it; one that is unknown is over already. Whether
    /// one of the staff ended with it.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn end_account_session(&self, digest: &[u8; 32]) -> Result<bool> {
        let mut work = self.write().await?;
        let beside = work
            .run(
                "DELETE FROM staff_sessions WHERE school = $1 AND digest IN
                   (SELECT beside FROM account_sessions WHERE school = $1 AND digest = $2)",
                values![self.school, digest.as_slice()],
            )
            .await?;
        work.run(
            "DELETE FROM account_sessions WHERE school = $1 AND digest = $2",
            values![self.school, digest.as_slice()],
        )
        .await?;
        work.commit().await?;
        Ok(beside > 0)
    }

    /// Writes to whoever has an account of that address a link by which they sign in, and may choose
    /// a new password. Whether there is anybody.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn send_account_link(&self, address: &EmailAddress, now: Timestamp) -> Result<bool> {
        let mut work = self.write().await?;
        let account = work
            .one(
                "SELECT accounts.id, accounts.email, MIN(contact) AS holder FROM accounts
                 JOIN account_contacts ON account_contacts.school = accounts.school
                   AND account_contacts.account = accounts.id
                 WHERE accounts.school = $1 AND email_key = $2
                 GROUP BY accounts.id, accounts.email",
                values![self.school, address.key()],
            )
            .await?;
        let Some(row) = account else { return Ok(false) };
        let account: AccountId = row.named("id")?;
        let email: EmailAddress = row.named("email")?;
        let holder: ContactId = row.named("holder")?;
        let id = MailId(Self::new_id());
        work.run(
            "INSERT INTO mail (school, id, kind, holder, address, says, message_id, state, once,
               attempts, due_at, lease, reason, queued_at)
             VALUES ($1, $2, $3, $4, $5, '', $6, 'queued', $7, 0, $8, 0, '', $8)
             ON CONFLICT DO NOTHING",
            values![
                self.school,
                id,
                ACCOUNT_LINK,
                holder,
                &email,
                Self::new_message_id(id),
                format!("{ACCOUNT_LINK} {account}"),
                now
            ],
        )
        .await?;
        let subject = format!("account:{account}");
        let action = Action::PasswordLinkSent;
        self.audit(&mut work, Actor::Unknown, action, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(true)
    }

    /// The account that a link to sign in by is of, where it is good.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn account_of_link(
        &self,
        digest: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<Account>> {
        let mut work = self.glance().await?;
        let row = work
            .one(
                "SELECT accounts.id, email, password_hash, CAST(NULL AS BIGINT) AS staff
                 FROM account_links
                 JOIN accounts ON accounts.school = account_links.school
                   AND accounts.id = account_links.account
                 WHERE account_links.school = $1 AND digest = $2 AND until_at > $3",
                values![self.school, digest.as_slice(), now],
            )
            .await?;
        row.as_ref().map(account).transpose()
    }

    /// Signs in by a link, which works once; a new password ends the account's other sessions.
    ///
    /// # Errors
    ///
    /// [`Refusal::SetUpDone`].
    pub async fn sign_in_by_link(
        &self,
        digest: &[u8; 32],
        password_hash: Option<&str>,
        (session, until): (&[u8; 32], Timestamp),
        now: Timestamp,
    ) -> Result<AccountId> {
        let mut work = self.write().await?;
        let row = work
            .one(
                "DELETE FROM account_links WHERE school = $1 AND digest = $2 AND until_at > $3
                 RETURNING account",
                values![self.school, digest.as_slice(), now],
            )
            .await?
            .ok_or(Refusal::SetUpDone)?;
        let account: AccountId = row.get(0)?;
        if let Some(hash) = password_hash {
            self.set_account_password(&mut work, account, hash, now)
                .await?;
        }
        self.enter_account_session(&mut work, account, (session, None), (until, now))
            .await?;
        work.commit().await?;
        Ok(account)
    }

    /// Changes the password of an account, and ends its sessions.
    async fn set_account_password(
        &self,
        work: &mut Work,
        account: AccountId,
        hash: &str,
        now: Timestamp,
    ) -> Result<()> {
        work.run(
            "UPDATE accounts SET password_hash = $3 WHERE school = $1 AND id = $2",
            values![self.school, account, hash],
        )
        .await?;
        work.run(
            "DELETE FROM account_sessions WHERE school = $1 AND account = $2",
            values![self.school, account],
        )
        .await?;
        // Somebody else may have asked for these, or for another address.
        self.forget_account_links(work, account).await?;
        self.forget_new_address(work, account).await?;
        let subject = format!("account:{account}");
        let actor = self.actor_of(work, account).await?;
        self.audit(work, actor, Action::PasswordChanged, &subject, &[], now)
            .await
    }

    /// No link by which somebody signs in without the password is good any more, nor is one on its way.
    pub(crate) async fn forget_account_links(
        &self,
        work: &mut Work,
        account: AccountId,
    ) -> Read<u64> {
        work.run(
            "DELETE FROM account_links WHERE school = $1 AND account = $2",
            values![self.school, account],
        )
        .await?;
        work.run(
            "DELETE FROM mail WHERE school = $1 AND once = $2 AND state = 'queued'",
            values![self.school, format!("{ACCOUNT_LINK} {account}")],
        )
        .await
    }

    /// Closes an account: what the school knows of its people stays, and they may be invited again.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn close_account(&self, account: AccountId, now: Timestamp) -> Result<()> {
        let mut work = self.write().await?;
        let actor = self.actor_of(&mut work, account).await?;
        self.end_hat(&mut work, Wearer::Account(account), actor, now)
            .await?;
        for sql in [
            "DELETE FROM registrations WHERE school = $1 AND contact IN
               (SELECT contact FROM account_contacts WHERE school = $1 AND account = $2)",
            // Their address is that of the school's records again, but while an order stands.
            "DELETE FROM said_otherwise WHERE school = $1 AND contact IN (
               SELECT contact FROM account_contacts
               JOIN contacts ON contacts.school = account_contacts.school
                 AND contacts.id = account_contacts.contact AND court_order_at IS NULL
               WHERE account_contacts.school = $1 AND account = $2)
               AND what <> 'mobile'",
            "DELETE FROM accounts WHERE school = $1 AND id = $2",
        ] {
            work.run(sql, values![self.school, account]).await?;
        }
        self.forget_names_of_nobody(&mut work).await?;
        let subject = format!("account:{account}");
        self.audit(&mut work, actor, Action::AccountClosed, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// Whether an account shows what that contact has.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn check_own(&self, account: AccountId, contact: ContactId) -> Result<()> {
        let mut work = self.glance().await?;
        self.own_contact(&mut work, account, contact).await
    }

    pub(crate) async fn own_contact(
        &self,
        work: &mut Work,
        account: AccountId,
        contact: ContactId,
    ) -> Result<()> {
        let own = work
            .count(
                own!("COUNT(*)", " AND contacts.id = $3"),
                values![self.school, account, contact],
            )
            .await?;
        if own == 0 {
            return Err(Refusal::NotFound.into());
        }
        Ok(())
    }
}

/// An account, with whoever of the staff has one sign-in with it.
fn account(row: &Row) -> Result<Account> {
    let staff: Option<StaffId> = row.named("staff")?;
    let hat = match staff {
        Some(id) => Some((id, row.named("staff_hash")?)),
        None => None,
    };
    Ok(Account {
        id: row.named("id")?,
        email: row.named("email")?,
        password_hash: row.named("password_hash")?,
        hat,
    })
}
