//! E-mails to contacts that are about no evening: to register, and to sign in.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use links::Secret;
use school::registration::next_time_to_remind;
use school::{AccountId, ContactId, EmailAddress, MailId, Name};

use super::office::{Envelope, is_awaited, later};
use super::{Address, AddressLetter, Letter, Mail, NamedBy, RegistrationLetter};
use crate::accounts::LINK_GOOD_FOR;
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::known_time::not_held;
use crate::set_up::digest;
use crate::store::Store;
use crate::value::values;

/// An invitation to register, in the records.
pub(crate) const REGISTRATION: &str = "registration";

/// A link to sign in by, in the records.
pub(crate) const ACCOUNT_LINK: &str = "account_link";

/// Word that a student is in an account from now on, in the records.
pub(crate) const STUDENT_ADDED: &str = "student_added";

/// What begins the name of an invitation that is sent to remind somebody.
pub(crate) const REMINDER: &str = "registration reminder";

/// What is written to an address that somebody wishes to sign in with, in the records.
pub(crate) const NEW_ADDRESS: &str = "new_address";

/// To the one they have: that they wish to, and that it is so.
pub(crate) const ADDRESS_ASKED: &str = "address_asked";
pub(crate) const ADDRESS_CHANGED: &str = "address_changed";

/// One that was just claimed.
pub(super) struct ToAccount {
    kind: String,
    contact: ContactId,
    mail: Envelope,
}

/// An invitation to register that is good, with who sent it.
const INVITATION: &str =
    "SELECT registrations.sent_at, registrations.until_at, asks_details, reminded,
       COALESCE(staff.name, inviters.name) AS inviter,
       (SELECT COUNT(*) FROM guardians AS others
        JOIN guardians ON guardians.school = others.school
          AND guardians.student = others.student
        WHERE guardians.school = registrations.school
          AND guardians.contact = registrations.contact
          AND others.contact <> registrations.contact) AS others
     FROM registrations
     JOIN contacts ON contacts.school = registrations.school
       AND contacts.id = registrations.contact
       AND registrations.email_key IN (contacts.email_key, contacts.mobile, '')
     LEFT JOIN staff ON staff.school = registrations.school
       AND staff.id = registrations.inviter
     LEFT JOIN contacts AS inviters ON inviters.school = registrations.school
       AND inviters.id = registrations.inviter
       AND inviters.court_order_at IS NULL AND inviters.may_be IS NULL
     WHERE registrations.school = $1 AND registrations.contact = $2
       AND registrations.until_at > $3 AND contacts.court_order_at IS NULL
       AND contacts.may_be IS NULL AND contacts.gone_at IS NULL
       AND NOT EXISTS (SELECT 1 FROM account_contacts
         WHERE account_contacts.school = contacts.school
           AND account_contacts.contact = contacts.id)";

impl Store {
    /// An e-mail that was just claimed, where it is one of these.
    pub(super) async fn account_mail(
        &self,
        work: &mut Work,
        id: MailId,
    ) -> Read<Option<ToAccount>> {
        let row = work
            .one(
                "SELECT kind, contacts.id AS contact, lease, name, address, message_id, attempts, doubts,
                   queued_at, channel
                 FROM mail
                 JOIN contacts ON contacts.school = mail.school AND contacts.id = mail.holder
                  WHERE mail.school = $1 AND mail.id = $2 AND kind IN ($3, $4, $5, $6, $7, $8)",
                values![
                    self.school,
                    id,
                    REGISTRATION,
                    ACCOUNT_LINK,
                    STUDENT_ADDED,
                    NEW_ADDRESS,
                    ADDRESS_ASKED,
                    ADDRESS_CHANGED
                ],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(ToAccount {
            kind: row.named("kind")?,
            contact: row.named("contact")?,
            mail: Envelope::read(id, &row)?,
        }))
    }

    /// What it says now; none where there is nothing to say any more.
    pub(super) async fn to_account(
        &self,
        work: &mut Work,
        ToAccount {
            kind,
            contact,
            mut mail,
        }: ToAccount,
        now: Timestamp,
    ) -> Result<Option<Mail>> {
        // Nobody has seen it before, nor will but in this e-mail: it is made for each try.
        let secret = Secret::random(&mut ambient::rng());
        let letter = match (kind.as_str(), &mail.address) {
            (REGISTRATION, address) => {
                let to = (contact, address);
                let letter = self.registration_letter(work, to, (secret, now));
                letter.await?.map(|it| Letter::Registration(Box::new(it)))
            }
            (STUDENT_ADDED, _) => self.student_added(work, contact).await?,
            (NEW_ADDRESS, Address::Email(email)) => {
                let to = (email, mail.queued);
                let letter = self.new_address_letter(work, contact, to, (secret, now));
                let (letter, reader) = letter.await?.unzip();
                if let Some(name) = reader.flatten() {
                    mail.name = name;
                }
                letter.map(Letter::Address)
            }
            (ADDRESS_ASKED, _) => {
                let is_free = self.is_free(work, contact).await?;
                is_free.then_some(Letter::Address(AddressLetter::Asked))
            }
            (ADDRESS_CHANGED, _) => {
                let is_free = self.is_free(work, contact).await?;
                is_free.then_some(Letter::Address(AddressLetter::Changed))
            }
            (_, Address::Email(email)) if is_awaited(mail.queued, now) => {
                let to = (contact, email);
                self.account_link(work, to, (secret, now)).await?
            }
            (_, _) => None,
        };
        Ok(letter.map(|letter| mail.with(letter)))
    }

    /// Whether no court order concerns somebody, nor may.
    async fn is_free(&self, work: &mut Work, contact: ContactId) -> Read<bool> {
        let free = work.count(
            "SELECT COUNT(*) FROM contacts WHERE school = $1 AND id = $2
               AND court_order_at IS NULL AND may_be IS NULL",
            values![self.school, contact],
        );
        Ok(free.await? > 0)
    }

    /// None where they were barred, have left, registered, or have another address since.
    async fn registration_letter(
        &self,
        work: &mut Work,
        (contact, address): (ContactId, &Address),
        (secret, now): (Secret, Timestamp),
    ) -> Result<Option<RegistrationLetter>> {
        let row = work
            .one(INVITATION, values![self.school, contact, now])
            .await?;
        let Some(row) = row else { return Ok(None) };
        let (sent, until): (Timestamp, Timestamp) = (row.named("sent_at")?, row.named("until_at")?);
        let named = match row.named::<i64>("asks_details")? {
            0 => None,
            _ => Some(NamedBy {
                inviter: row.named("inviter")?,
                is_first: row.named::<i64>("others")? == 0,
            }),
        };
        let mailed = match address {
            Address::Email(email) => Some(email),
            Address::Mobile(_) => None,
        };
        work.run(
            "INSERT INTO registration_links (school, digest, contact, sent_at, until_at, is_mailed,
               email)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![
                self.school,
                digest(&secret).as_slice(),
                contact,
                sent,
                until,
                i64::from(mailed.is_some()),
                mailed
            ],
        )
        .await?;
        Ok(Some(RegistrationLetter {
            secret,
            until,
            is_reminder: row.named::<i64>("reminded")? > 0,
            named,
            students: self.student_names(work, contact).await?,
        }))
    }

    /// By name.
    async fn student_names(&self, work: &mut Work, contact: ContactId) -> Read<Vec<Name>> {
        let students = work
            .all(
                "SELECT students.name FROM guardians
                 JOIN students ON students.school = guardians.school
                   AND students.id = guardians.student
                 WHERE guardians.school = $1 AND guardians.contact = $2
                 ORDER BY students.name_key, students.id",
                values![self.school, contact],
            )
            .await?;
        students.iter().map(|row| row.get(0)).collect()
    }

    /// None where they are barred, have left, or have no account any more.
    async fn student_added(&self, work: &mut Work, contact: ContactId) -> Result<Option<Letter>> {
        let row = work
            .one(
                "SELECT account FROM account_contacts
                 JOIN contacts ON contacts.school = account_contacts.school
                   AND contacts.id = account_contacts.contact
                 WHERE account_contacts.school = $1 AND contact = $2
                   AND court_order_at IS NULL AND may_be IS NULL AND gone_at IS NULL",
                values![self.school, contact],
            )
            .await?;
        let students = self.student_names(work, contact).await?;
        let letter = Letter::StudentAdded { students };
        Ok(row.map(|_account| letter))
    }

    /// Whoever has an account is written to, where they sign in, that a student is in it from now on.
    pub(crate) async fn tell_of_student(
        &self,
        work: &mut Work,
        contact: ContactId,
        now: Timestamp,
    ) -> Result<()> {
        let row = work
            .one(
                "SELECT accounts.email FROM account_contacts
                 JOIN accounts ON accounts.school = account_contacts.school
                   AND accounts.id = account_contacts.account
                 WHERE account_contacts.school = $1 AND contact = $2",
                values![self.school, contact],
            )
            .await?;
        let Some(row) = row else { return Ok(()) };
        let email: EmailAddress = row.get(0)?;
        let id = MailId(Self::new_id());
        // Of several students one that waits tells of all.
        work.run(
            "INSERT INTO mail (school, id, kind, holder, address, says, message_id, state, once,
               attempts, due_at, lease, reason, queued_at)
             VALUES ($1, $2, $3, $4, $5, '', $6, 'queued', $7, 0, $8, 0, '', $8)
             ON CONFLICT DO NOTHING",
            values![
                self.school,
                id,
                STUDENT_ADDED,
                contact,
                &email,
                Self::new_message_id(id),
                format!("{STUDENT_ADDED} {contact}"),
                now
            ],
        )
        .await?;
        Ok(())
    }

    /// Reminders that are due at night wait until morning, whatever has kept them until then.
    pub(super) async fn reminders_wait(&self, work: &mut Work, now: Timestamp) -> Result<()> {
        let zone = work
            .one(
                "SELECT zone FROM schools WHERE id = $1",
                values![self.school],
            )
            .await?;
        let zone: String = match zone {
            Some(row) => row.get(0)?,
            None => return Ok(()),
        };
        let zone = TimeZone::get(&zone).unwrap_or(TimeZone::UTC);
        let morning = next_time_to_remind(now, &zone);
        if morning > now {
            work.run(
                concat!(
                    "UPDATE mail SET due_at = $3
                     WHERE school = $1 AND state IN ('queued', 'sending') AND due_at <= $2
                       AND once LIKE $4 AND ",
                    not_held!()
                ),
                values![self.school, now, morning, format!("{REMINDER} %")],
            )
            .await?;
        }
        Ok(())
    }

    /// None where they sign in with another address by now.
    async fn account_link(
        &self,
        work: &mut Work,
        (contact, address): (ContactId, &EmailAddress),
        (secret, now): (Secret, Timestamp),
    ) -> Result<Option<Letter>> {
        let row = work
            .one(
                "SELECT account FROM account_contacts
                 JOIN accounts ON accounts.school = account_contacts.school
                   AND accounts.id = account_contacts.account AND email_key = $3
                 WHERE account_contacts.school = $1 AND contact = $2",
                values![self.school, contact, address.key()],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let account: AccountId = row.get(0)?;
        work.run(
            "INSERT INTO account_links (school, digest, account, until_at)
             VALUES ($1, $2, $3, $4)",
            values![
                self.school,
                digest(&secret).as_slice(),
                account,
                later(now, LINK_GOOD_FOR)
            ],
        )
        .await?;
        Ok(Some(Letter::AccountLink { secret }))
    }
}
