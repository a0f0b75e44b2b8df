//! E-mails that are claimed to be sent, and what became of them.

use jiff::{SignedDuration, Timestamp};
use school::known_time::FAR;
use school::{BookingId, EmailAddress, MailId, Refusal};

use super::register::STUDENT_ADDED;
use super::told::Content;
use super::{Channel, Mail};
use crate::database::{Row, Work};
use crate::fault::{Read, Result};
use crate::holders::read_holder;
use crate::known_time::{far_ms, not_held};
use crate::store::Store;
use crate::value::{columns, list, listed, values};

/// The longest reason of a failure that is kept, in characters.
const LONGEST_REASON: usize = 300;

columns! {
    struct SentRow {
        id: MailId,
        address: EmailAddress,
        state: String,
    }
}

/// The most Message-IDs of a report that are looked up.
const MOST_IDS: usize = 20;

/// For how long a report that names no e-mail of ours may be of one: servers that write such reports refuse at once.
const LATELY: SignedDuration = SignedDuration::from_hours(1);

/// What is said of such an e-mail, in no words of whoever wrote the report.
const UNNAMED: &str =
    "A report says that it has not arrived, and does not show which e-mail it is of.";

/// Of what goes to one person by one channel one is on its way at a time, so that none overtakes
/// another. Here `mail`
/// gives way to `other` at `$2`: the other is on its way, or its turn comes first.
macro_rules! nothing_before_it {
    () => {
        concat!(
            "NOT EXISTS (
           SELECT 1 FROM mail AS other
           WHERE other.holder = mail.holder AND other.school = mail.school
             AND other.id <> mail.id AND other.channel = mail.channel AND other.",
            not_held!(),
            " AND (
               (other.state = 'sending' AND other.due_at > $2)
               OR (other.state = 'sending' AND mail.state = 'queued')
               OR (other.state IN ('queued', 'sending') AND other.state = mail.state
                   AND other.due_at <= $2
                   AND (other.due_at < mail.due_at
                     OR (other.due_at = mail.due_at AND other.id < mail.id)))))"
        )
    };
}

columns! {
    /// What waits in the outbox.
    #[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
    pub struct Backlog {
        /// How much.
        pub number: u32,
        /// When the oldest of it was queued.
        pub oldest: Option<Timestamp>,
    }
}

impl Store {
    /// Claims up to `most` e-mails or text messages that are due, for the time of `lease`: nobody else gets them
    /// until it has run out. The oldest come first, and of one person's one at a time. What they say
    /// is as things are now; an e-mail with nothing left to say is none.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn claim_mail(
        &self,
        channel: Channel,
        most: u16,
        lease: SignedDuration,
        now: Timestamp,
    ) -> Result<Vec<Mail>> {
        if !self.is_mail_due(channel, now).await? {
            return Ok(Vec::new());
        }
        let mut work = self.write().await?;
        self.reminders_wait(&mut work, now).await?;
        self.replace_lost_claims(&mut work, channel, now).await?;
        let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
        let claimed = work
            .all(
                concat!(
                    "UPDATE mail SET state = 'sending', lease = lease + 1,
                       attempts = attempts + 1, due_at = $3
                     WHERE school = $1 AND id IN (
                       SELECT id FROM mail
                       WHERE school = $1 AND state IN ('queued', 'sending') AND due_at <= $2
                         AND channel = $5 AND ",
                    not_held!(),
                    " AND ",
                    nothing_before_it!(),
                    " ORDER BY due_at, id LIMIT $4)
                     RETURNING id"
                ),
                values![self.school, now, until, most, channel.code()],
            )
            .await?;
        let ids: Vec<MailId> = claimed.iter().map(|row| row.get(0)).collect::<Read<_>>()?;
        self.follow_readers(&mut work, &ids).await?;
        let mut mails = Vec::with_capacity(ids.len());
        for id in ids {
            match self.mail(&mut work, id, now).await? {
                Some(mail) => mails.push(mail),
                None => self.delete_mail(&mut work, id).await?,
            }
        }
        work.commit().await?;
        mails.sort_by_key(|mail: &Mail| (mail.queued, mail.id));
        Ok(mails)
    }

    /// What was just claimed goes where its reader is by now: a parent or teacher with another address since
    /// it was queued, and whoever signs in with another where it is about their account. Not what is for one
    /// address alone: a link to it or by it, and word to the one that somebody had.
    async fn follow_readers(&self, work: &mut Work, claimed: &[MailId]) -> Read<()> {
        let sql = listed!(
            work,
            "UPDATE mail SET address = COALESCE(
               (SELECT accounts.email FROM account_contacts
                JOIN accounts ON accounts.school = account_contacts.school
                  AND accounts.id = account_contacts.account
                WHERE account_contacts.school = mail.school
                  AND account_contacts.contact = mail.holder AND mail.kind = $3),
               (SELECT contacts.email FROM contacts
                WHERE contacts.school = mail.school AND contacts.id = mail.holder
                  AND mail.scope IS NOT NULL),
               (SELECT teachers.email FROM teachers
                WHERE teachers.school = mail.school AND teachers.id = mail.holder
                  AND mail.scope IS NOT NULL),
               address)
             WHERE school = $1 AND channel = 'email' AND id IN",
            ""
        );
        work.run(sql, values![self.school, list(claimed), STUDENT_ADDED])
            .await?;
        Ok(())
    }

    /// Whose sender died gives way to another of its kind that was queued meanwhile: nobody is sent
    /// both.
    async fn replace_lost_claims(
        &self,
        work: &mut Work,
        channel: Channel,
        now: Timestamp,
    ) -> Read<()> {
        let lost = work
            .all(
                "SELECT id, kind, once, says, doubts, message_id FROM mail
                 WHERE school = $1 AND state = 'sending' AND due_at <= $2 AND channel = $3
                   AND EXISTS (SELECT 1 FROM mail AS other
                     WHERE other.school = mail.school AND other.once = mail.once
                       AND other.state = 'queued')",
                values![self.school, now, channel.code()],
            )
            .await?;
        for row in &lost {
            let says: String = row.named("says")?;
            self.replace_by_queued(work, row, (&says, row.named("doubts")?))
                .await?;
        }
        Ok(())
    }

    /// One that waits in place of this e-mail says as much and more: it takes over the doubt what has
    /// been said, and the Message-ID under which it was, by which the same words are known again.
    /// Whether there is one.
    async fn replace_by_queued(
        &self,
        work: &mut Work,
        mail: &Row,
        (doubt, doubts): (&str, i64),
    ) -> Read<bool> {
        let once: String = mail.named("once")?;
        let other = work
            .one(
                "SELECT id, kind, message_id FROM mail
                 WHERE school = $1 AND once = $2 AND state = 'queued'",
                values![self.school, once.as_str()],
            )
            .await?;
        let Some(other) = other else {
            return Ok(false);
        };
        self.delete_mail(work, mail.named("id")?).await?;
        let kinds: [String; 2] = [mail.named("kind")?, other.named("kind")?];
        let may_be_the_same = !doubt.is_empty() && kinds[0] == kinds[1];
        let named = if may_be_the_same { mail } else { &other };
        let message_id: String = named.named("message_id")?;
        let id: MailId = other.named("id")?;
        work.run(
            "UPDATE mail SET says = $3, doubts = $4, message_id = $5
             WHERE school = $1 AND id = $2",
            values![self.school, id, doubt, doubts, message_id.as_str()],
        )
        .await?;
        Ok(true)
    }

    /// Whether one may be due. Asked at every booking: who writes need not wait for the answer.
    async fn is_mail_due(&self, channel: Channel, now: Timestamp) -> Result<bool> {
        let mut work = self.glance().await?;
        let due = work
            .one(
                concat!(
                    "SELECT 1 FROM mail
                     WHERE school = $1 AND state IN ('queued', 'sending') AND due_at <= $2
                       AND channel = $3 AND ",
                    not_held!(),
                    " LIMIT 1"
                ),
                values![self.school, now, channel.code()],
            )
            .await?;
        Ok(due.is_some())
    }

    /// What was claimed and is not to be sent; what was given up meanwhile stays, to be seen.
    async fn delete_mail(&self, work: &mut Work, id: MailId) -> Read<()> {
        work.run(
            "DELETE FROM mail WHERE school = $1 AND id = $2 AND state = 'sending'",
            values![self.school, id],
        )
        .await?;
        Ok(())
    }

    /// A mail server took it. Whether the claim still counted.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn mail_sent(&self, mail: MailId, lease: i64, now: Timestamp) -> Result<bool> {
        let mut work = self.write().await?;
        let row = work
            .one(
                "SELECT scope, holders.kind AS holder_kind, holder, booking, says FROM mail
                 JOIN holders ON holders.school = mail.school AND holders.id = mail.holder
                 WHERE mail.school = $1 AND mail.id = $2 AND lease = $3 AND state = 'sending'",
                values![self.school, mail, lease],
            )
            .await?;
        let Some(row) = row else {
            return Ok(false);
        };
        let says: String = row.named("says")?;
        if let Some(content) = Content::read(&says)? {
            let whom = (row.named("scope")?, read_holder(&row)?);
            let booking: Option<BookingId> = row.named("booking")?;
            self.keep_told(&mut work, whom, booking, &content).await?;
        }
        work.run(
            "UPDATE mail SET state = 'sent', sent_at = $3, reason = '', says = ''
             WHERE school = $1 AND id = $2",
            values![self.school, mail, now],
        )
        .await?;
        work.commit().await?;
        Ok(true)
    }

    /// It could not be sent now; to be tried again at `due`. `is_refused` where it has surely not
    /// arrived by this try, else that is one more doubt. Whether the claim still counted.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn mail_later(
        &self,
        mail: MailId,
        lease: i64,
        due: Timestamp,
        (reason, is_refused): (&str, bool),
    ) -> Result<bool> {
        let mut work = self.write().await?;
        let row = work
            .one(
                "SELECT id, kind, once, says, doubts, message_id FROM mail
                 WHERE school = $1 AND id = $2 AND lease = $3 AND state = 'sending'",
                values![self.school, mail, lease],
            )
            .await?;
        let Some(row) = row else {
            return Ok(false);
        };
        let doubts = row.named::<i64>("doubts")? + i64::from(!is_refused);
        // An earlier try may have arrived, whatever became of this one.
        let doubt: String = if doubts == 0 {
            String::new()
        } else {
            row.named("says")?
        };
        if !self
            .replace_by_queued(&mut work, &row, (&doubt, doubts))
            .await?
        {
            work.run(
                "UPDATE mail SET state = 'queued', due_at = $3, reason = $4, says = $5,
                   doubts = $6
                 WHERE school = $1 AND id = $2",
                values![self.school, mail, due, short(reason), doubt, doubts],
            )
            .await?;
        }
        work.commit().await?;
        Ok(true)
    }

    /// A mail server refused it for good. Whether the claim still counted.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn mail_refused(
        &self,
        mail: MailId,
        lease: i64,
        reason: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let mut work = self.write().await?;
        let changed = work
            .run(
                "UPDATE mail SET state = 'failed', reason = $4, says = ''
                 WHERE school = $1 AND id = $2 AND lease = $3 AND state = 'sending'",
                values![self.school, mail, lease, short(reason)],
            )
            .await?;
        if changed == 1 {
            self.hook_bounced(&mut work, mail, now).await?;
        }
        work.commit().await?;
        Ok(changed == 1)
    }

    /// What became of an e-mail that was sent, by its Message-ID, or, where that is unknown, of the newest to one of
    /// these addresses, where it went out within the last hour and is no invitation to register: whether it came back, and
    /// what was said. Whether such an e-mail is known.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn mail_reported(
        &self,
        (message_ids, recipients): (&[String], &[EmailAddress]),
        bounced: Option<&str>,
        now: Timestamp,
    ) -> Result<bool> {
        let mut work = self.write().await?;
        let by_id = self.find_by_message_id(&mut work, message_ids).await?;
        let (mail, bounced) = match by_id {
            Some(mail) => (mail, bounced),
            None => match self.find_sent_lately(&mut work, recipients, now).await? {
                Some(mail) => (mail, bounced.map(|_their_words| UNNAMED)),
                None => return Ok(false),
            },
        };
        let state = if bounced.is_some() {
            "bounced"
        } else {
            "delivered"
        };
        let changed = work
            .run(
                "UPDATE mail SET state = $3, reason = $4
                 WHERE school = $1 AND id = $2 AND state IN ('sent', 'delivered')",
                values![self.school, mail, state, short(bounced.unwrap_or_default())],
            )
            .await?;
        if changed == 1 && bounced.is_some() {
            self.hook_bounced(&mut work, mail, now).await?;
        }
        work.commit().await?;
        Ok(changed == 1)
    }

    async fn find_by_message_id(
        &self,
        work: &mut Work,
        message_ids: &[String],
    ) -> Read<Option<MailId>> {
        for id in message_ids.iter().take(MOST_IDS) {
            let row = work
                .one(
                    "SELECT id FROM mail WHERE school = $1 AND message_id = $2",
                    values![self.school, id.as_str()],
                )
                .await?;
            if let Some(row) = row {
                return Ok(Some(row.get(0)?));
            }
        }
        Ok(None)
    }

    /// What a report is of that names no e-mail of ours, as far as that can be known: the newest one to that address, where it
    /// went out lately. Anybody can write such a report.
    async fn find_sent_lately(
        &self,
        work: &mut Work,
        recipients: &[EmailAddress],
        now: Timestamp,
    ) -> Read<Option<MailId>> {
        let recipients: Vec<String> = recipients.iter().map(EmailAddress::key).collect();
        let sent: Vec<SentRow> = work
            .rows(
                "SELECT id, address, state FROM mail WHERE school = $1
                   AND state IN ('sent', 'delivered', 'bounced') AND sent_at > $3
                   AND channel = $2 AND address <> '' AND kind <> 'registration'
                 ORDER BY sent_at DESC, id",
                values![self.school, Channel::Email.code(), now - LATELY],
            )
            .await?;
        let newest = sent
            .into_iter()
            .find(|it| recipients.contains(&it.address.key()));
        // One that is said to have come back already is not said so of the one before it.
        let newest = newest.filter(|it| it.state != "bounced");
        Ok(newest.map(|it| it.id))
    }

    /// The parts before the `@` of the Message-IDs of all e-mails that are kept.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn message_ids(&self) -> Result<Vec<String>> {
        let mut work = self.glance().await?;
        let rows = work
            .all(
                "SELECT message_id FROM mail WHERE school = $1",
                values![self.school],
            )
            .await?;
        Ok(rows.iter().map(|row| row.get(0)).collect::<Read<_>>()?)
    }

    /// Ends all claims, so that what they were for is due at once. For whoever knows that all who
    /// claimed are dead. Gives how many there were.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn void_mail_claims(&self, now: Timestamp) -> Result<u64> {
        let mut work = self.write().await?;
        let ended = work
            .run(
                "UPDATE mail SET due_at = $2
                 WHERE school = $1 AND state = 'sending' AND due_at > $2",
                values![self.school, now],
            )
            .await?;
        work.commit().await?;
        Ok(ended)
    }

    /// The clock was set forward or back by so much while e-mails waited: they wait as long as they
    /// would have, and whoever sends one has it as long. Those that wait until the time is confirmed stay as they
    /// are. Gives how many there were.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn clock_was_set(&self, by: SignedDuration) -> Result<u64> {
        if by > FAR {
            return Ok(0);
        }
        let mut work = self.write().await?;
        let by = i64::try_from(by.as_millis()).unwrap_or_default();
        let moved = work
            .run(
                concat!(
                    "UPDATE mail SET due_at = due_at + $2
                     WHERE school = $1 AND state IN ('queued', 'sending') AND queued_at > COALESCE(
                       (SELECT clock_known_at FROM schools
                        WHERE id = $1 AND clock_far_at IS NOT NULL) + ",
                    far_ms!(),
                    ", -1)"
                ),
                values![self.school, by],
            )
            .await?;
        work.commit().await?;
        Ok(moved)
    }

    /// Has up to `most` e-mails that were put off be due at once, the next ones first: what they were
    /// put off for is over, or may be. Those that may have arrived keep their time. Gives how many
    /// there were.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn hurry_mail(&self, channel: Channel, most: u16, now: Timestamp) -> Result<u64> {
        let mut work = self.write().await?;
        let hurried = work
            .run(
                concat!(
                    "UPDATE mail SET due_at = $2 WHERE school = $1 AND id IN (
                       SELECT id FROM mail
                       WHERE school = $1 AND state = 'queued' AND attempts > 0 AND doubts = 0
                         AND due_at > $2 AND channel = $4 AND ",
                    not_held!(),
                    "  ORDER BY due_at, id LIMIT $3)"
                ),
                values![self.school, now, most, channel.code()],
            )
            .await?;
        work.commit().await?;
        Ok(hurried)
    }

    /// What waits to be sent, though its time has come.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn backlog(&self, channel: Channel, now: Timestamp) -> Result<Backlog> {
        let mut work = self.glance().await?;
        let row: Option<Backlog> = work
            .row(
                "SELECT COUNT(*) AS number, MIN(queued_at) AS oldest FROM mail
                 WHERE school = $1 AND state IN ('queued', 'sending') AND channel = $2
                   AND (due_at <= $3 OR attempts > 0)",
                values![self.school, channel.code(), now],
            )
            .await?;
        Ok(row.unwrap_or_default())
    }

    /// When the next e-mail is due, if one waits: until then nobody needs to look.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn next_mail(&self, channel: Channel, now: Timestamp) -> Result<Option<Timestamp>> {
        let mut work = self.glance().await?;
        // Of each state the first in order of time, and so on only where others are before it.
        let row = work
            .one(
                concat!(
                    "SELECT MIN(due_at) FROM (
                       SELECT due_at FROM (
                         SELECT due_at FROM mail
                         WHERE school = $1 AND state = 'queued' AND channel = $3 AND ",
                    not_held!(),
                    " AND ",
                    nothing_before_it!(),
                    "    ORDER BY due_at LIMIT 1) AS queued
                       UNION ALL
                       SELECT due_at FROM (
                         SELECT due_at FROM mail
                         WHERE school = $1 AND state = 'sending' AND channel = $3 AND ",
                    not_held!(),
                    " AND ",
                    nothing_before_it!(),
                    "    ORDER BY due_at LIMIT 1) AS sending) AS next"
                ),
                values![self.school, now, channel.code()],
            )
            .await?
            .ok_or(Refusal::NotFound)?;
        Ok(row.maybe(0)?)
    }
}

/// A reason in one line, cut.
fn short(reason: &str) -> String {
    let line: String = reason
        .chars()
        .map(|it| if it.is_control() { ' ' } else { it })
        .take(LONGEST_REASON)
        .collect();
    line
}
