//! Invitations to register for whoever has no e-mail address in the records: letters that the office
//! prints, and the address that their readers say (DIR-5).

use jiff::{SignedDuration, Timestamp};
use links::Secret;
use school::court_order::Match;
use school::registration::{MOST_AT_ONCE, good_until};
use school::{Actor, ContactId, EmailAddress, MailId, Name, Refusal, telephone};

use crate::audit::Action;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::{Read, Result};
use crate::outbox::{CALL_GUEST, Channel, REGISTRATION};
use crate::registrations::RegistrationState;
use crate::set_up::digest;
use crate::store::Store;
use crate::value::{columns, list, listed, values};

/// How many e-mails with a link to register one contact has sent to themselves in a day.
const MOST_SAID: i64 = 5;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Letters to print.
#[derive(Debug)]
pub struct RegistrationLetters {
    /// By name.
    pub letters: Vec<RegistrationPrint>,
    /// Until when they are good.
    pub until: Timestamp,
    /// Who may not be invited, and why.
    pub refused: Vec<(ContactId, Name, Refusal)>,
}

/// A letter to print.
#[derive(Debug)]
pub struct RegistrationPrint {
    /// To whom.
    pub contact: ContactId,
    /// Their name.
    pub name: Name,
    /// Their students, by name.
    pub students: Vec<Name>,
    /// The language that they read, a tag of BCP 47, where it is known.
    pub language: Option<String>,
    /// What opens the invitation: it is kept by its digest alone.
    pub secret: Secret,
}

columns! {
    struct BarredRow {
        id: ContactId,
        mobile: Option<String>,
        telephone: String,
        own: Option<String>,
    }
}

columns! {
    struct WaitingRow {
        id: MailId,
        address: String,
    }
}

/// The numbers at which somebody with a court order reads.
pub(crate) struct BarredNumbers(Vec<BarredRow>);

impl BarredNumbers {
    /// Whose that number is, however it is written.
    pub(crate) fn at(&self, number: &str) -> Option<ContactId> {
        let is_theirs = |it: &&BarredRow| {
            let all = [
                it.mobile.as_deref(),
                Some(&*it.telephone),
                it.own.as_deref(),
            ];
            let mut all = all.into_iter().flatten();
            all.any(|one| telephone::is_same(one, number))
        };
        self.0.iter().find(is_theirs).map(|it| it.id)
    }
}

columns! {
    struct LanguageRow {
        id: ContactId,
        language: Option<String>,
    }
}

impl Store {
    /// Invites these contacts to register by letters that are printed now. An earlier invitation, by
    /// whatever it came, is good no longer.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn print_registrations(
        &self,
        contacts: &[ContactId],
        actor: Actor,
        now: Timestamp,
    ) -> Result<RegistrationLetters> {
        let contacts = contacts.get(..MOST_AT_ONCE).unwrap_or(contacts);
        let mut work = self.write().await?;
        let students = self.students_of_all(&mut work, contacts).await?;
        let languages = self.languages(&mut work, contacts).await?;
        let mut printed = RegistrationLetters {
            letters: Vec::new(),
            until: good_until(now),
            refused: Vec::new(),
        };
        for row in self.candidates(&mut work, contacts).await? {
            if let Err(why) = row.check() {
                printed.refused.push((row.id, row.name, why));
                continue;
            }
            // What waits to be sent would be another link of this invitation; what is being sent too, were it
            // tried again.
            work.run(
                "DELETE FROM mail WHERE school = $1 AND holder = $2 AND kind = $3
                   AND state IN ('queued', 'sending')",
                values![self.school, row.id, REGISTRATION],
            )
            .await?;
            self.enter_registration(&mut work, (row.id, ""), actor, now)
                .await?;
            let secret = Secret::random(&mut ambient::rng());
            work.run(
                "INSERT INTO registration_links (school, digest, contact, sent_at, until_at,
                   is_mailed)
                 VALUES ($1, $2, $3, $4, $5, 0)",
                values![
                    self.school,
                    digest(&secret).as_slice(),
                    row.id,
                    now,
                    printed.until
                ],
            )
            .await?;
            let subject = format!("contact:{}", row.id);
            let action = Action::RegistrationPrinted;
            self.audit(&mut work, actor, action, &subject, &[], now)
                .await?;
            let theirs = students.iter().filter(|it| it.contact == row.id);
            let language = languages.iter().find(|it| it.id == row.id);
            printed.letters.push(RegistrationPrint {
                contact: row.id,
                name: row.name,
                students: theirs.map(|it| it.name.clone()).collect(),
                language: language.and_then(|it| it.language.clone()),
                secret,
            });
        }
        work.commit().await?;
        Ok(printed)
    }

    async fn languages(&self, work: &mut Work, of: &[ContactId]) -> Read<Vec<LanguageRow>> {
        let sql = listed!(
            work,
            "SELECT id, language FROM holders WHERE school = $1 AND id IN",
            "AND language IS NOT NULL"
        );
        work.rows(sql, values![self.school, list(of)]).await
    }

    /// Whoever holds a link that came by text or letter says their address: the invitation is sent
    /// there, and who opens that registers. Where the records have one it goes to that. Whoever may be
    /// somebody with a court order by it waits for the office, and learns nothing of it (DIR-4).
    ///
    /// # Errors
    ///
    /// [`Refusal::SetUpDone`] where the link is good no longer or came by e-mail,
    /// [`Refusal::EmailMissing`] where the records have none and nobody says one, and
    /// [`Refusal::AddressesSpent`].
    pub async fn mail_registration(
        &self,
        link: &[u8; 32],
        said: Option<&EmailAddress>,
        now: Timestamp,
    ) -> Result<((), Aftermath)> {
        let mut work = self.write().await?;
        let open = self.find_registration(&mut work, link, now).await?;
        let open = open.filter(|it| it.state == RegistrationState::Open && it.email.is_none());
        let open = open.ok_or(Refusal::SetUpDone)?;
        let address = open.known_email.as_ref().or(said);
        let address = address.ok_or(Refusal::EmailMissing)?;
        let since = now.checked_sub(DAY).unwrap_or(Timestamp::MIN);
        let sent = work
            .count(
                "SELECT COUNT(*) FROM mail WHERE school = $1 AND holder = $2 AND kind = $3
                   AND channel = $4 AND queued_at > $5",
                values![
                    self.school,
                    open.contact,
                    REGISTRATION,
                    Channel::Email.code(),
                    since
                ],
            )
            .await?;
        if sent >= MOST_SAID {
            return Err(Refusal::AddressesSpent.into());
        }
        let mut aftermath = Aftermath::default();
        let is_said = open.known_email.is_none();
        if is_said && self.is_of_barred(&mut work, open.contact, address).await? {
            aftermath = self
                .take_said_address(&mut work, open.contact, address, now)
                .await?;
            // Whom the office has told apart, or who is like somebody that only may be barred: nothing is
            // kept, and nothing is sent.
            if self
                .find_registration(&mut work, link, now)
                .await?
                .is_some()
            {
                return Ok(((), Aftermath::default()));
            }
        } else {
            if is_said {
                // Of links that were sent to an address that was said the newest counts.
                work.run(
                    "UPDATE registration_links SET sent_at = sent_at - 1
                     WHERE school = $1 AND contact = $2 AND is_mailed = 1",
                    values![self.school, open.contact],
                )
                .await?;
            }
            let to = (Channel::Email, address.reveal());
            self.queue_registration(&mut work, open.contact, to, now)
                .await?;
        }
        work.commit().await?;
        Ok(((), aftermath))
    }

    /// The numbers that contacts with a court order have or had, by any of their records, and those of whoever may be
    /// one.
    pub(crate) async fn barred_numbers(&self, work: &mut Work) -> Read<BarredNumbers> {
        let rows: Vec<BarredRow> = work
            .rows(
                "SELECT contacts.id AS id, contacts.mobile AS mobile,
                   contacts.telephone AS telephone, contact_details.telephone AS own
                 FROM contacts
                 LEFT JOIN joined_records ON joined_records.school = contacts.school
                   AND joined_records.gone = contacts.id
                 JOIN contacts AS barred ON barred.school = contacts.school
                   AND barred.id IN (contacts.id, contacts.may_be, joined_records.kept)
                   AND barred.court_order_at IS NOT NULL
                 LEFT JOIN contact_details ON contact_details.school = contacts.school
                   AND contact_details.contact = contacts.id
                 WHERE contacts.school = $1
                 UNION ALL
                 SELECT contacts.id AS id, known_numbers.number AS mobile, '' AS telephone,
                   CAST(NULL AS TEXT) AS own
                 FROM known_numbers
                 LEFT JOIN joined_records ON joined_records.school = known_numbers.school
                   AND joined_records.gone = known_numbers.contact
                 JOIN contacts ON contacts.school = known_numbers.school
                   AND contacts.id = COALESCE(joined_records.kept, known_numbers.contact)
                   AND contacts.court_order_at IS NOT NULL
                 WHERE known_numbers.school = $1 ORDER BY id",
                values![self.school],
            )
            .await?;
        Ok(BarredNumbers(rows))
    }

    /// Texts that wait to be sent to a number at which somebody with a court order reads are not sent:
    /// whoever was to be invited to register by one is to be invited again.
    pub(crate) async fn drop_texts_to_barred(&self, work: &mut Work, now: Timestamp) -> Read<()> {
        let barred = self.barred_numbers(work).await?;
        if barred.0.is_empty() {
            return Ok(());
        }
        let waiting: Vec<WaitingRow> = work
            .rows(
                "SELECT id, address FROM mail
                 WHERE school = $1 AND channel = $2 AND state = 'queued' AND kind IN ($3, $4)",
                values![self.school, Channel::Text.code(), REGISTRATION, CALL_GUEST],
            )
            .await?;
        for row in waiting {
            if barred.at(&row.address).is_none() {
                continue;
            }
            work.run(
                "UPDATE registrations SET until_at = $3 WHERE school = $1 AND until_at > $3
                   AND contact IN (SELECT holder FROM mail
                     WHERE school = $1 AND id = $2 AND kind = $4)",
                values![self.school, row.id, now, REGISTRATION],
            )
            .await?;
            work.run(
                "DELETE FROM mail WHERE school = $1 AND id = $2 AND state = 'queued'",
                values![self.school, row.id],
            )
            .await?;
        }
        Ok(())
    }

    /// Whether an address is that of somebody with a court order, or of whoever may be one, as far as the
    /// office has not told them apart. An address that is the same is theirs, whatever was told apart.
    async fn is_of_barred(
        &self,
        work: &mut Work,
        contact: ContactId,
        address: &EmailAddress,
    ) -> Read<bool> {
        let told = self.told_apart(work).await?;
        let barred = self.barred_and_alike(work).await?;
        Ok(barred.iter().any(|it| match it.matches_address(address) {
            Some(Match::Email) => true,
            Some(Match::Mailbox | Match::Name) => !told.covers_address(it, contact, address),
            None => false,
        }))
    }

    /// The records have the address that a contact has said; a court order is looked at again.
    pub(crate) async fn take_said_address(
        &self,
        work: &mut Work,
        contact: ContactId,
        address: &EmailAddress,
        now: Timestamp,
    ) -> Result<Aftermath> {
        work.run(
            "UPDATE contacts SET email = $3, email_key = $4 WHERE school = $1 AND id = $2",
            values![self.school, contact, address, address.key()],
        )
        .await?;
        // From now on it is an invitation at that address, and ends with it.
        work.run(
            "UPDATE registrations SET email_key = $3 WHERE school = $1 AND contact = $2",
            values![self.school, contact, address.key()],
        )
        .await?;
        let (actor, subject) = (Actor::Parent(contact), format!("contact:{contact}"));
        self.audit(work, actor, Action::Changed, &subject, &[], now)
            .await?;
        self.look_again(work, actor, now).await
    }
}
