//! Another address to sign in with (DIR-9): whoever has an account says one, a link goes there, and nothing
//! changes before somebody who is signed in opens it. What the school's records say stands beside it then, until
//! the office says which is kept (DIR-12).
//!
//! Nobody learns here whose an address is: asking does the same for each, and what is sent there is decided when it
//! is sent.

use jiff::{SignedDuration, Timestamp};
use links::Secret;
use school::deed::Deed;
use school::{AccountId, Actor, ContactId, EmailAddress, Holder, MailId, Name, Refusal};

use crate::accounts::own;
use crate::addresses::has_changed;
use crate::audit::Action;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::{Read, Result};
use crate::outbox::{ADDRESS_ASKED, ADDRESS_CHANGED, AddressLetter, NEW_ADDRESS};
use crate::set_up::digest;
use crate::store::Store;
use crate::value::{columns, values};

/// For how long the link is good.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(24);

/// For how long their page says after that that it was not opened.
const SHOWN_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// An address that somebody wishes to sign in with, and has not confirmed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewAddress {
    /// Which.
    pub email: EmailAddress,
    /// Until when the link that was sent there is good, or was.
    pub until: Timestamp,
}

columns! {
    struct AskedRow {
        email: EmailAddress,
        asked_at: Timestamp,
        until_at: Timestamp,
    }
}

columns! {
    struct AccountRow {
        email: EmailAddress,
        /// To whom it is written.
        holder: Option<ContactId>,
        /// How many of their records a court order concerns, or may.
        doubted: i64,
    }
}

columns! {
    struct OwnRow {
        contact: ContactId,
        email: Option<EmailAddress>,
    }
}

columns! {
    /// Whoever signs in with an address already.
    struct TakenRow {
        name: Name,
    }
}

impl Store {
    /// Whoever has an account wishes to sign in with another address: a link goes there, and word of it to the one
    /// they have. The same address again is another link: those before open nothing. They have `shown` the password of
    /// that hash; where nothing is to be sent there any more today, it waits all the same.
    ///
    /// # Errors
    ///
    /// [`Refusal::ChangedMeanwhile`] where the password is another by now, [`Refusal::NotFound`] where a court order concerns them, or may, and [`Refusal::EmailTaken`] where it is the
    /// address they have.
    pub async fn ask_new_address(
        &self,
        (account, shown): (AccountId, &str),
        (email, sends): (&EmailAddress, bool),
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        let still = work.count(
            "SELECT COUNT(*) FROM accounts WHERE school = $1 AND id = $2 AND password_hash = $3",
            values![self.school, account, shown],
        );
        if still.await? == 0 {
            return Err(Refusal::ChangedMeanwhile.into());
        }
        self.note_new_address(&mut work, account, (email, sends), now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    async fn note_new_address(
        &self,
        work: &mut Work,
        account: AccountId,
        (email, sends): (&EmailAddress, bool),
        now: Timestamp,
    ) -> Result<()> {
        let (before, holder) = self.readdressable(work, account).await?;
        if before.key() == email.key() {
            return Err(Refusal::EmailTaken.into());
        }
        let asked = self.asked_address(work, account).await?;
        // Of one that ran out the old address hears once more.
        let is_again = asked.is_some_and(|it| it.email.key() == email.key() && it.until_at > now);
        self.forget_new_address(work, account).await?;
        let until = now.checked_add(GOOD_FOR).unwrap_or(Timestamp::MAX);
        work.run(
            "INSERT INTO new_addresses (school, account, email, email_key, asked_at, until_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            values![self.school, account, email, email.key(), now, until],
        )
        .await?;
        let (once, to) = (format!("{NEW_ADDRESS} {account}"), (holder, email));
        if sends {
            self.queue_of_account(work, NEW_ADDRESS, (once, to), now)
                .await?;
        }
        if !is_again {
            let (once, to) = (format!("{ADDRESS_ASKED} {account}"), (holder, &before));
            self.queue_of_account(work, ADDRESS_ASKED, (once, to), now)
                .await?;
        }
        let subject = format!("account:{account}");
        let (actor, action) = (Actor::Parent(holder), Action::NewAddressAsked);
        self.audit(work, actor, action, &subject, &[], now).await
    }

    /// The link is sent once more, and those before open nothing.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where none is asked for.
    pub async fn resend_new_address(
        &self,
        account: AccountId,
        sends: bool,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        let asked = self.asked_address(&mut work, account).await?;
        let asked = asked.ok_or(Refusal::NotFound)?;
        self.note_new_address(&mut work, account, (&asked.email, sends), now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// The address that the account waits for, where it waits for one.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn asked_new_address(&self, account: AccountId) -> Result<Option<EmailAddress>> {
        let mut work = self.glance().await?;
        let asked = self.asked_address(&mut work, account).await?;
        Ok(asked.map(|it| it.email))
    }

    /// Whoever has the account goes on with the address they have.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn withdraw_new_address(&self, account: AccountId, now: Timestamp) -> Result<()> {
        let mut work = self.write().await?;
        if self.forget_new_address(&mut work, account).await? == 0 {
            return Ok(());
        }
        let subject = format!("account:{account}");
        let actor = self.actor_of(&mut work, account).await?;
        let action = Action::NewAddressWithdrawn;
        self.audit(&mut work, actor, action, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// Whoever is signed in by `session` has opened the link: they sign in with that address from now on, their other
    /// sessions and the links to sign in that were sent to the one before are over, and all that is written to them
    /// goes there. What the school's records say stands beside it until the office decides.
    ///
    /// # Errors
    ///
    /// [`Refusal::SetUpDone`] where it is good no longer or another account's, where that session is over by now, and
    /// where somebody with a court order reads there; [`Refusal::NotFound`] where an order concerns them by now; and [`Refusal::EmailTaken`] where
    /// somebody signs in with it.
    pub async fn confirm_new_address(
        &self,
        (account, session): (AccountId, &[u8; 32]),
        digest: &[u8; 32],
        now: Timestamp,
    ) -> Result<(EmailAddress, Aftermath)> {
        let mut work = self.write().await?;
        let asked: Option<AskedRow> = work
            .row(
                "SELECT email, asked_at, until_at FROM new_address_links
                 JOIN new_addresses ON new_addresses.school = new_address_links.school
                   AND new_addresses.account = new_address_links.account
                 WHERE new_address_links.school = $1 AND digest = $2
                   AND new_address_links.account = $3 AND until_at > $4",
                values![self.school, digest.as_slice(), account, now],
            )
            .await?;
        let email = asked.ok_or(Refusal::SetUpDone)?.email;
        let lives = work.count(
            "SELECT COUNT(*) FROM account_sessions
             WHERE school = $1 AND account = $2 AND digest = $3 AND until_at > $4",
            values![self.school, account, session.as_slice(), now],
        );
        if lives.await? == 0 {
            return Err(Refusal::SetUpDone.into());
        }
        let (before, holder) = self.readdressable(&mut work, account).await?;
        if self.who_signs_in(&mut work, account, &email).await? {
            return Err(Refusal::EmailTaken.into());
        }
        if self.barred_at(&mut work, &email).await?.is_some() {
            return Err(Refusal::SetUpDone.into());
        }
        self.end_other_ways_in(&mut work, account, session).await?;
        work.run(
            "UPDATE accounts SET email = $3, email_key = $4 WHERE school = $1 AND id = $2",
            values![self.school, account, &email, email.key()],
        )
        .await?;
        self.end_fallen_hats(&mut work, now).await?;
        let actor = Actor::Parent(holder);
        let mut aftermath = self
            .take_new_address(&mut work, account, &email, (actor, now))
            .await?;
        aftermath.extend(self.look_again(&mut work, actor, now).await?);
        // Each address that they had hears of it.
        let once = format!("{ADDRESS_CHANGED} {account} {}", now.as_millisecond());
        self.queue_of_account(&mut work, ADDRESS_CHANGED, (once, (holder, &before)), now)
            .await?;
        let subject = format!("account:{account}");
        let action = Action::NewAddressConfirmed;
        self.audit(&mut work, actor, action, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok((email, aftermath))
    }

    /// What opens the account beside that session, and what would by the address that it had.
    async fn end_other_ways_in(
        &self,
        work: &mut Work,
        account: AccountId,
        session: &[u8; 32],
    ) -> Read<()> {
        self.forget_new_address(work, account).await?;
        work.run(
            "DELETE FROM account_sessions WHERE school = $1 AND account = $2 AND digest <> $3",
            values![self.school, account, session.as_slice()],
        )
        .await?;
        // With another address it is one sign-in no longer, and this browser stays in.
        work.run(
            "UPDATE account_sessions SET beside = NULL WHERE school = $1 AND digest = $2",
            values![self.school, session.as_slice()],
        )
        .await?;
        self.forget_account_links(work, account).await?;
        Ok(())
    }

    /// The records of whoever has the account have that address, by their own word.
    async fn take_new_address(
        &self,
        work: &mut Work,
        account: AccountId,
        email: &EmailAddress,
        (actor, now): (Actor, Timestamp),
    ) -> Result<Aftermath> {
        let mut aftermath = Aftermath::default();
        let records: Vec<OwnRow> = work
            .rows(
                own!(
                    "contacts.id AS contact, contacts.email AS email",
                    " ORDER BY contacts.id"
                ),
                values![self.school, account],
            )
            .await?;
        for OwnRow {
            contact,
            email: before,
        } in records
        {
            self.say_address(work, contact, email, now).await?;
            if has_changed(before.as_ref(), Some(email)) {
                let holder = Holder::Parent(contact);
                let changed = Deed::AddressChanged { holder };
                aftermath.extend(self.perform(work, &changed, actor, now).await?);
            }
        }
        Ok(aftermath)
    }

    /// The address of an account, and to whom it is written: of nobody whom a court order concerns, or may, in any of
    /// their records.
    async fn readdressable(
        &self,
        work: &mut Work,
        account: AccountId,
    ) -> Result<(EmailAddress, ContactId)> {
        let row: Option<AccountRow> = work
            .row(
                "SELECT accounts.email AS email,
                   MIN(CASE WHEN gone_at IS NULL THEN contacts.id END) AS holder,
                   CAST(COALESCE(SUM(CASE WHEN court_order_at IS NOT NULL OR may_be IS NOT NULL
                     THEN 1 ELSE 0 END), 0) AS BIGINT) AS doubted
                 FROM accounts
                 LEFT JOIN account_contacts ON account_contacts.school = accounts.school
                   AND account_contacts.account = accounts.id
                 LEFT JOIN contacts ON contacts.school = accounts.school
                   AND contacts.id = account_contacts.contact
                 WHERE accounts.school = $1 AND accounts.id = $2
                 GROUP BY accounts.email",
                values![self.school, account],
            )
            .await?;
        let row = row.filter(|it| it.doubted == 0).ok_or(Refusal::NotFound)?;
        Ok((row.email, row.holder.ok_or(Refusal::NotFound)?))
    }

    async fn who_signs_in(
        &self,
        work: &mut Work,
        but: AccountId,
        email: &EmailAddress,
    ) -> Read<bool> {
        let taken = work.count(
            "SELECT COUNT(*) FROM accounts WHERE school = $1 AND email_key = $2 AND id <> $3",
            values![self.school, email.key(), but],
        );
        Ok(taken.await? > 0)
    }

    async fn asked_address(&self, work: &mut Work, account: AccountId) -> Read<Option<AskedRow>> {
        work.row(
            "SELECT email, asked_at, until_at FROM new_addresses
             WHERE school = $1 AND account = $2",
            values![self.school, account],
        )
        .await
    }

    /// The address that the account waits for, as long as its page says so.
    pub(crate) async fn new_address(
        &self,
        work: &mut Work,
        account: AccountId,
        now: Timestamp,
    ) -> Read<Option<NewAddress>> {
        let asked = self.asked_address(work, account).await?;
        let asked = asked.filter(|it| now.duration_since(it.until_at) < SHOWN_FOR);
        Ok(asked.map(|it| NewAddress {
            email: it.email,
            until: it.until_at,
        }))
    }

    /// With the links to it, and what waits to be sent there. How many there were: one, or none.
    pub(crate) async fn forget_new_address(
        &self,
        work: &mut Work,
        account: AccountId,
    ) -> Read<u64> {
        work.run(
            "DELETE FROM mail WHERE school = $1 AND once = $2 AND state = 'queued'",
            values![self.school, format!("{NEW_ADDRESS} {account}")],
        )
        .await?;
        work.run(
            "DELETE FROM new_addresses WHERE school = $1 AND account = $2",
            values![self.school, account],
        )
        .await
    }

    /// Addresses that were never confirmed, once no page shows them.
    pub(crate) async fn forget_unconfirmed(&self, work: &mut Work, now: Timestamp) -> Read<()> {
        let cut = now.checked_sub(SHOWN_FOR).unwrap_or(Timestamp::MIN);
        work.run(
            "DELETE FROM new_addresses WHERE school = $1 AND until_at <= $2",
            values![self.school, cut],
        )
        .await?;
        Ok(())
    }

    /// Queues an e-mail that is about an account, unless one of that name waits.
    async fn queue_of_account(
        &self,
        work: &mut Work,
        kind: &str,
        (once, (holder, address)): (String, (ContactId, &EmailAddress)),
        now: Timestamp,
    ) -> Read<()> {
        let id = MailId(Self::new_id());
        work.run(
            "INSERT INTO mail (school, id, kind, holder, address, says, message_id, state, once,
               attempts, due_at, lease, reason, queued_at)
             VALUES ($1, $2, $3, $4, $5, '', $6, 'queued', $7, 0, $8, 0, '', $8)
             ON CONFLICT DO NOTHING",
            values![
                self.school,
                id,
                kind,
                holder,
                address,
                Self::new_message_id(id),
                once,
                now
            ],
        )
        .await?;
        Ok(())
    }

    /// What is written to an address that was asked for: a link; or to whoever signs in with it already, that
    /// somebody wished to, with their name; nothing where it is asked for no longer, and where somebody with a court
    /// order reads.
    pub(crate) async fn new_address_letter(
        &self,
        work: &mut Work,
        contact: ContactId,
        (address, queued): (&EmailAddress, Timestamp),
        (secret, now): (Secret, Timestamp),
    ) -> Result<Option<(AddressLetter, Option<Name>)>> {
        let account = work
            .one(
                "SELECT account FROM account_contacts WHERE school = $1 AND contact = $2",
                values![self.school, contact],
            )
            .await?;
        let Some(row) = account else { return Ok(None) };
        let account: AccountId = row.named("account")?;
        let asked = self.asked_address(work, account).await?;
        let asked = asked.filter(|it| {
            it.asked_at == queued && it.email.key() == address.key() && it.until_at > now
        });
        let Some(asked) = asked else { return Ok(None) };
        if self.readdressable(work, account).await.is_err() {
            return Ok(None);
        }
        if let Some(barred) = self.barred_at(work, address).await? {
            let subject = format!("account:{account}");
            let (actor, action) = (Actor::Parent(contact), Action::NewAddressRefused);
            let detail = [("contact", barred.0)];
            self.audit(work, actor, action, &subject, &detail, now)
                .await?;
            return Ok(None);
        }
        if self.who_signs_in(work, account, address).await? {
            let reader = self.reader_of(work, address).await?;
            return Ok(reader.map(|name| (AddressLetter::InUse, Some(name))));
        }
        work.run(
            "INSERT INTO new_address_links (school, digest, account) VALUES ($1, $2, $3)",
            values![self.school, digest(&secret).as_slice(), account],
        )
        .await?;
        let until = asked.until_at;
        Ok(Some((AddressLetter::New { secret, until }, None)))
    }

    /// The name of whoever signs in with an address, whom no court order concerns, nor may.
    async fn reader_of(&self, work: &mut Work, email: &EmailAddress) -> Read<Option<Name>> {
        let row: Option<TakenRow> = work
            .row(
                "SELECT contacts.name AS name FROM accounts
                 JOIN account_contacts ON account_contacts.school = accounts.school
                   AND account_contacts.account = accounts.id
                 JOIN contacts ON contacts.school = accounts.school
                   AND contacts.id = account_contacts.contact
                 WHERE accounts.school = $1 AND accounts.email_key = $2
                   AND court_order_at IS NULL AND may_be IS NULL AND gone_at IS NULL
                 ORDER BY contacts.id LIMIT 1",
                values![self.school, email.key()],
            )
            .await?;
        Ok(row.map(|it| it.name))
    }
}
