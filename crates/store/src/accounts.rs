//! Accounts of parents and guardians, and their sessions (DIR-9).
//!
//! An account is a person's: it shows what each of their records has, and nothing of one that a court
//! order concerns.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use school::registration::ParentsInvite;
use school::said::Standing;
use school::text::Likeness;
use school::{
    AccountId, Actor, ContactId, EmailAddress, Evening, EveningId, MailId, Name, Refusal, StaffId,
    StudentId,
};

use crate::appointments::Appointment;
use crate::audit::Action;
use crate::contact_details::ContactDetails;
use crate::database::{Row, Work};
use crate::deeds::Aftermath;
use crate::evenings::{evening_columns, read_evening};
use crate::fault::{Read, Result};
use crate::hats::{Wearer, may_be_one};
use crate::named_parents::NamedParent;
use crate::outbox::ACCOUNT_LINK;
use crate::registrations::{KnownAccount, RegistrationState};
use crate::selection::Selection;
use crate::store::Store;
use crate::value::{Value, columns, list, listed, values};

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
    /// Until when.
    pub until: Timestamp,
}

/// What an account shows.
#[derive(Clone, Debug)]
pub struct AccountHome {
    /// Whose records are theirs, by name.
    pub people: Vec<AccountPerson>,
    /// Evenings to come, in order of time.
    pub evenings: Vec<AccountEvening>,
    /// Whether they may name other parents of their students (DIR-6).
    pub may_name: bool,
}

/// One record of whoever has the account.
#[derive(Clone, Debug)]
pub struct AccountPerson {
    /// Which.
    pub contact: ContactId,
    /// Their name.
    pub name: Name,
    /// Their address.
    pub email: Option<EmailAddress>,
    /// Their students, by name: with what they are to them.
    pub students: Vec<AccountStudent>,
    /// Other parents whom they have named.
    pub named: Vec<NamedParent>,
    /// What they have said of themselves.
    pub details: ContactDetails,
    /// Another telephone number of theirs in the school's records, where the office has not said which
    /// is kept; empty elsewhere.
    pub other_telephone: String,
    /// Whether the school's records have another address of theirs, and the office has not said which is
    /// kept.
    pub has_other_address: bool,
}

/// A student of theirs.
#[derive(Clone, Debug)]
pub struct AccountStudent {
    /// Which.
    pub id: StudentId,
    /// Their name.
    pub name: Name,
    /// Their homeroom.
    pub form: String,
    /// What the contact is to them.
    pub relationship: String,
    /// Other contacts of theirs, as far as each shows the other what they see here.
    pub others: Vec<SharedContact>,
}

/// Another contact of a student, and what they show to whoever shows theirs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SharedContact {
    /// Their name.
    pub name: Name,
    /// Their address.
    pub email: Option<EmailAddress>,
    /// Their telephone number.
    pub telephone: Option<String>,
}

/// An evening of theirs.
#[derive(Clone, Debug)]
pub struct AccountEvening {
    /// The evening.
    pub evening: Evening,
    /// By which of their records.
    pub contact: ContactId,
    /// What they have booked, in order of time.
    pub appointments: Vec<Appointment>,
    /// The names of guests whom they have invited.
    pub guests: Vec<Name>,
}

columns! {
    struct KnownRow {
        id: AccountId,
        password_hash: String,
        name: Option<Name>,
    }
}

columns! {
    struct PersonRow {
        contact: ContactId,
        name: Name,
        email: Option<EmailAddress>,
    }
}

columns! {
    struct StudentRow {
        contact: ContactId,
        id: StudentId,
        name: Name,
        form: String,
        relationship: String,
    }
}

columns! {
    struct SharedRow {
        own: ContactId,
        student: StudentId,
        name: Name,
        email: Option<EmailAddress>,
        telephone: String,
        shows_email: i64,
        shows_telephone: i64,
    }
}

columns! {
    struct GuestRow {
        evening: EveningId,
        inviter: ContactId,
        name: Name,
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

impl From<SharedRow> for SharedContact {
    fn from(row: SharedRow) -> Self {
        Self {
            name: row.name,
            email: row.email.filter(|_| row.shows_email != 0),
            telephone: Some(row.telephone).filter(|_| row.shows_telephone != 0),
        }
    }
}

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
                "SELECT accounts.id AS id, password_hash, contacts.name AS name FROM accounts
                 LEFT JOIN account_contacts ON account_contacts.school = accounts.school
                   AND account_contacts.account = accounts.id
                 LEFT JOIN contacts ON contacts.school = accounts.school
                   AND contacts.id = account_contacts.contact
                 WHERE accounts.school = $1 AND accounts.email_key = $2",
                values![self.school, email.key()],
            )
            .await?;
        let names = || rows.iter().filter_map(|it| it.name.as_ref());
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
        let rows: Vec<PersonRow> = work
            .rows(
                "SELECT id AS contact, name, email FROM contacts
                 WHERE school = $1 AND email_key = $2 AND court_order_at IS NULL
                   AND may_be IS NULL AND gone_at IS NULL ORDER BY id",
                values![self.school, email.key()],
            )
            .await?;
        let same = rows.into_iter();
        let same = same.filter(|it| it.name.likeness(name) == Some(Likeness::Same));
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
        work.run(
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
            "DELETE FROM account_sessions WHERE school = $1 AND (until_at <= $2 OR digest IN
               (SELECT digest FROM account_sessions WHERE school = $1 AND account = $3
                ORDER BY began_at DESC LIMIT 1000 OFFSET $4))",
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
                "SELECT accounts.id, accounts.email, account_sessions.until_at
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
            until: row.named("until_at")?,
        }))
    }

    /// Lengthens a session until `until`, unless it began longer ago than `longest`.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn lengthen_account_session(
        &self,
        digest: &[u8; 32],
        until: Timestamp,
        longest: SignedDuration,
        now: Timestamp,
    ) -> Result<()> {
        let oldest = now.checked_sub(longest).unwrap_or(Timestamp::MIN);
        let mut work = self.write().await?;
        work.run(
            "UPDATE account_sessions SET until_at = $3
             WHERE school = $1 AND digest = $2 AND until_at < $3 AND began_at > $4",
            values![self.school, digest.as_slice(), until, oldest],
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
        let subject = format!("account:{account}");
        let actor = self.actor_of(work, account).await?;
        self.audit(work, actor, Action::PasswordChanged, &subject, &[], now)
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
            "DELETE FROM accounts WHERE school = $1 AND id = $2",
        ] {
            work.run(sql, values![self.school, account]).await?;
        }
        let subject = format!("account:{account}");
        self.audit(&mut work, actor, Action::AccountClosed, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// Everything that an account shows.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn account_home(&self, account: AccountId, now: Timestamp) -> Result<AccountHome> {
        let mut work = self.read().await?;
        let rows: Vec<PersonRow> = work
            .rows(
                own!(
                    "contacts.id AS contact, name, email",
                    " ORDER BY name_key, contacts.id"
                ),
                values![self.school, account],
            )
            .await?;
        let sql = listed!(
            work,
            "SELECT guardians.contact AS contact, students.id AS id, students.name AS name, form,
               relationship
             FROM guardians
             JOIN students ON students.school = guardians.school
               AND students.id = guardians.student
             WHERE guardians.school = $1 AND gone_at IS NULL AND guardians.contact IN",
            "ORDER BY students.name_key, students.id"
        );
        let ids = list(rows.iter().map(|it| it.contact));
        let mut shared = self.shared_with(&mut work, ids.clone()).await?;
        let mut students: Vec<StudentRow> = work.rows(sql, values![self.school, ids]).await?;
        let contacts: Vec<ContactId> = rows.iter().map(|it| it.contact).collect();
        let evenings = self.account_evenings(&mut work, &contacts, now).await?;
        let mut details = self.details_of_each(&mut work, &contacts).await?;
        let mut telephones = self.other_telephones(&mut work, &contacts).await?;
        let asked = self.addresses_asked(&mut work, &contacts).await?;
        let mut named = self.named_by_each(&mut work, contacts).await?;
        let may_name = self.parents_invite(&mut work).await? != ParentsInvite::Never;
        let people = rows.into_iter().map(|row| {
            let theirs = students.extract_if(.., |it| it.contact == row.contact);
            let theirs = theirs.map(|it| AccountStudent {
                id: it.id,
                name: it.name,
                form: it.form,
                relationship: it.relationship,
                others: shared
                    .extract_if(.., |one| (one.own, one.student) == (row.contact, it.id))
                    .map(SharedContact::from)
                    .collect(),
            });
            AccountPerson {
                named: named.remove(&row.contact).unwrap_or_default(),
                other_telephone: telephones.remove(&row.contact).unwrap_or_default(),
                details: details.remove(&row.contact).unwrap_or_default(),
                has_other_address: asked.contains(&row.contact),
                contact: row.contact,
                name: row.name,
                email: row.email,
                students: theirs.collect(),
            }
        });
        Ok(AccountHome {
            people: people.collect(),
            evenings,
            may_name,
        })
    }

    async fn details_of_each(
        &self,
        work: &mut Work,
        contacts: &[ContactId],
    ) -> Read<BTreeMap<ContactId, ContactDetails>> {
        let mut details = BTreeMap::new();
        for contact in contacts {
            let said = self.details_of(work, *contact).await?;
            details.insert(*contact, said.unwrap_or_default());
        }
        Ok(details)
    }

    async fn other_telephones(
        &self,
        work: &mut Work,
        contacts: &[ContactId],
    ) -> Read<BTreeMap<ContactId, String>> {
        let mut telephones = BTreeMap::new();
        for contact in contacts {
            let both = self.telephones_of(work, *contact).await?;
            if both.standing() == Standing::Asked {
                telephones.insert(*contact, both.school);
            }
        }
        Ok(telephones)
    }

    async fn addresses_asked(
        &self,
        work: &mut Work,
        contacts: &[ContactId],
    ) -> Read<BTreeSet<ContactId>> {
        let mut asked = BTreeSet::new();
        for contact in contacts {
            let both = self.address_beside(work, *contact).await?;
            if both.is_some_and(|it| it.standing() == Standing::Asked) {
                asked.insert(*contact);
            }
        }
        Ok(asked)
    }

    async fn named_by_each(
        &self,
        work: &mut Work,
        contacts: Vec<ContactId>,
    ) -> Read<BTreeMap<ContactId, Vec<NamedParent>>> {
        let mut named = BTreeMap::new();
        for contact in contacts {
            named.insert(contact, self.named_by(work, contact).await?);
        }
        Ok(named)
    }

    /// What other contacts of their students show these, who show them theirs.
    async fn shared_with(&self, work: &mut Work, contacts: Value) -> Read<Vec<SharedRow>> {
        let sql = listed!(
            work,
            "SELECT guardians.contact AS own, guardians.student AS student, contacts.name AS name,
               contacts.email AS email, theirs.telephone AS telephone,
               theirs.families_email * mine.families_email AS shows_email,
               CASE WHEN theirs.telephone = '' THEN 0
                 ELSE theirs.families_telephone * mine.families_telephone END AS shows_telephone
             FROM guardians
             JOIN guardians AS others ON others.school = guardians.school
               AND others.student = guardians.student AND others.contact <> guardians.contact
             JOIN contacts ON contacts.school = guardians.school AND contacts.id = others.contact
               AND court_order_at IS NULL AND may_be IS NULL AND gone_at IS NULL
             JOIN contact_details AS mine ON mine.school = guardians.school
               AND mine.contact = guardians.contact
             JOIN contact_details AS theirs ON theirs.school = guardians.school
               AND theirs.contact = others.contact
             WHERE guardians.school = $1
               AND (theirs.families_email * mine.families_email
                 + theirs.families_telephone * mine.families_telephone) > 0
               AND guardians.contact IN",
            "ORDER BY contacts.name_key, contacts.id"
        );
        work.rows(sql, values![self.school, contacts]).await
    }

    /// The evenings to come that classes of these contacts' students take part in, in order of time.
    async fn account_evenings(
        &self,
        work: &mut Work,
        contacts: &[ContactId],
        now: Timestamp,
    ) -> Result<Vec<AccountEvening>> {
        let sql = listed!(
            work,
            concat!(
                "SELECT DISTINCT ",
                evening_columns!(),
                ", guardians.contact AS contact
                 FROM evenings
                 JOIN evening_classes ON evening_classes.school = evenings.school
                   AND evening_classes.evening = evenings.id
                 JOIN class_students ON class_students.school = evenings.school
                   AND class_students.class = evening_classes.class
                 JOIN guardians ON guardians.school = evenings.school
                   AND guardians.student = class_students.student
                 LEFT JOIN links ON links.school = evenings.school AND links.scope = evenings.id
                   AND links.holder = guardians.contact AND links.withdrawn_at IS NULL
                 WHERE evenings.school = $1 AND evenings.end_at > $3
                   AND (evenings.booking <> 'not_yet' OR links.id IS NOT NULL)
                   AND guardians.contact IN"
            ),
            "ORDER BY evenings.start_at, evenings.id, contact"
        );
        let of = values![self.school, list(contacts), now];
        let rows = work.all(sql, of).await?;
        let selection = Selection::ToCome(contacts, now);
        let booked = self.appointments(work, selection).await?;
        let sql = listed!(
            work,
            "SELECT evening, inviter, name FROM invitations
             WHERE school = $1 AND state <> 'removed' AND inviter IN",
            "ORDER BY evening, ordinal"
        );
        let guests: Vec<GuestRow> = work.rows(sql, values![self.school, list(contacts)]).await?;
        let evenings = rows.iter().map(|row| {
            let evening = read_evening(row)?;
            let contact = row.named("contact")?;
            let is_theirs = |it: &&Appointment| it.evening == evening.id && it.parent == contact;
            let invited = guests.iter();
            let invited = invited.filter(|it| it.evening == evening.id && it.inviter == contact);
            Ok(AccountEvening {
                contact,
                appointments: booked.iter().filter(is_theirs).cloned().collect(),
                guests: invited.map(|it| it.name.clone()).collect(),
                evening,
            })
        });
        Ok(evenings.collect::<Read<_>>()?)
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

    /// Whether a contact has something of an evening to come: a class of a student of theirs takes
    /// part in it.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn check_takes_part(
        &self,
        account: AccountId,
        (evening, contact): (EveningId, ContactId),
        now: Timestamp,
    ) -> Result<()> {
        self.check_own(account, contact).await?;
        let mut work = self.read().await?;
        let evenings = self.account_evenings(&mut work, &[contact], now).await?;
        if evenings.iter().any(|it| it.evening.id == evening) {
            Ok(())
        } else {
            Err(Refusal::NotFound.into())
        }
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
