//! Invitations to register (DIR-2 to DIR-5).
//!
//! Of each contact one counts: the one sent last, where they are reached now, for fourteen days. Its
//! secret is made when the e-mail or text is sent or the letter printed, and kept by its digest.
//! Whoever comes by text or letter says their address first, and is sent a link there: only a link that
//! was sent by e-mail makes an account.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use school::registration::{
    Candidate, MOST_AT_ONCE, ParentsInvite, REMINDED_AFTER, ReachedBy, Standing, good_until,
    is_time_to_remind, reminders_due,
};
use school::{
    AccountId, Actor, ContactId, EmailAddress, HolderId, MailId, Mobile, Name, Refusal, StudentId,
};

use crate::audit::Action;
use crate::contact_details::ContactDetails;
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::named_parents::NamedParent;
use crate::outbox::{Channel, REGISTRATION, REMINDER};
use crate::registration_letters::BarredNumbers;
use crate::schools::School;
use crate::store::Store;
use crate::undelivered::{Undelivered, cannot_be_written_to, undelivered};
use crate::value::{columns, list, listed, values};

/// Somebody who may be invited.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Invitable {
    /// Who.
    pub contact: ContactId,
    /// Their name.
    pub name: Name,
    /// By what it reaches them.
    pub by: ReachedBy,
    /// Their address.
    pub email: Option<EmailAddress>,
    /// Their mobile number.
    pub mobile: Option<Mobile>,
    /// Their students, by name.
    pub students: Vec<Name>,
    /// What was said where the invitation that they have did not arrive.
    pub undelivered: Option<Undelivered>,
}

/// Those who may be invited, as many as at one press.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AllInvitable {
    /// By name: those who were never invited first.
    pub contacts: Vec<Invitable>,
    /// How many there are in all.
    pub total: i64,
    /// How many more have an invitation that is still good.
    pub invited: i64,
}

/// What became of sending invitations.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SentRegistrations {
    /// How many are on their way.
    pub sent: usize,
    /// Until when they are good.
    pub until: Timestamp,
    /// Whom only a letter reaches: nothing was sent to them.
    pub by_letter: Vec<ContactId>,
    /// Who may not be invited, and why.
    pub refused: Vec<(ContactId, Name, Refusal)>,
}

impl SentRegistrations {
    fn none(now: Timestamp) -> Self {
        Self {
            sent: 0,
            until: good_until(now),
            by_letter: Vec::new(),
            refused: Vec::new(),
        }
    }
}

/// How invitations to register go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Way {
    /// By whatever reaches each.
    Best,
    /// By text message.
    Text,
}

/// What a link to register opens.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Whose it is.
    pub contact: ContactId,
    /// Their name.
    pub name: Name,
    /// The address it was sent to; nothing where it came by text or letter.
    pub email: Option<EmailAddress>,
    /// The address that the school's records have.
    pub known_email: Option<EmailAddress>,
    /// Their students, by name.
    pub students: Vec<Name>,
    /// Until when it is good, or was.
    pub until: Timestamp,
    /// Whether it still opens anything.
    pub state: RegistrationState,
    /// The account that this address has already, and whose it is.
    pub account: Option<KnownAccount>,
    /// What it asks for before they register, where it does (DIR-8).
    pub asks: Option<AskedDetails>,
}

/// What somebody is asked for who was named from a student's profile.
#[derive(Clone, Debug)]
pub struct AskedDetails {
    /// Who invited them; nobody where they were erased since.
    pub inviter: Option<Name>,
    /// Their students, by name.
    pub students: Vec<(StudentId, Name)>,
    /// What they have said already.
    pub given: Option<ContactDetails>,
    /// Whether they may name other parents.
    pub may_name: bool,
    /// Those whom they have named.
    pub named: Vec<NamedParent>,
}

/// What has become of an invitation to register.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RegistrationState {
    /// It is good.
    Open,
    /// It has expired.
    Expired,
    /// Another was sent since.
    Replaced,
    /// They are registered.
    Registered,
}

/// An account of the same address.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KnownAccount {
    /// Which.
    pub id: AccountId,
    /// Whether it is of somebody of another name: the address is shared.
    pub is_anothers: bool,
    /// The hash of its password.
    pub password_hash: String,
}

columns! {
    pub(crate) struct CandidateRow {
        pub(crate) id: ContactId,
        pub(crate) name: Name,
        email: Option<EmailAddress>,
        mobile: Option<Mobile>,
        court_order_at: Option<Timestamp>,
        may_be: Option<ContactId>,
        gone_at: Option<Timestamp>,
        student: Option<StudentId>,
        account: Option<AccountId>,
    }
}

impl CandidateRow {
    /// Whether they may be invited (DIR-4).
    pub(crate) fn check(&self) -> std::result::Result<(), Refusal> {
        let candidate = Candidate {
            has_order: self.court_order_at.is_some(),
            may_be_barred: self.may_be.is_some(),
            is_here: self.gone_at.is_none() && self.student.is_some(),
            is_registered: self.account.is_some(),
        };
        candidate.check()
    }
}

columns! {
    pub(crate) struct OpenRow {
        id: ContactId,
        name: Name,
        email: Option<EmailAddress>,
        mobile: Option<Mobile>,
        undelivered: Option<String>,
    }
}

columns! {
    struct RemindedRow {
        id: ContactId,
        email: Option<EmailAddress>,
        mobile: Option<Mobile>,
        sent_at: Timestamp,
        reminded: u16,
    }
}

columns! {
    pub(crate) struct ChildRow {
        pub(crate) contact: ContactId,
        student: StudentId,
        pub(crate) name: Name,
    }
}

columns! {
    struct LinkRow {
        contact: ContactId,
        name: Name,
        email: Option<EmailAddress>,
        is_mailed: i64,
        said: Option<EmailAddress>,
        sent_at: Timestamp,
        until_at: Timestamp,
        last_sent: Option<Timestamp>,
        asks_details: Option<i64>,
        inviter: Option<Name>,
        account: Option<AccountId>,
        is_dead: i64,
    }
}

/// Who may be invited, is not registered, and has, or has no, invitation that is good at `$2`.
macro_rules! open {
    ($select:expr, $whose:expr, $order:expr) => {
        concat!(
            "SELECT ",
            $select,
            " FROM contacts
             LEFT JOIN account_contacts ON account_contacts.school = contacts.school
               AND account_contacts.contact = contacts.id
             LEFT JOIN registrations ON registrations.school = contacts.school
               AND registrations.contact = contacts.id
               AND registrations.email_key IN (contacts.email_key, contacts.mobile, '')
             WHERE contacts.school = $1 AND court_order_at IS NULL AND may_be IS NULL AND gone_at IS NULL
               AND account IS NULL AND EXISTS (SELECT 1 FROM guardians
                 WHERE guardians.school = contacts.school AND guardians.contact = contacts.id)
               AND ",
            $whose,
            $order
        )
    };
}

pub(crate) use open;

/// Of these, who has no invitation that is good at `$2`, or one that did not arrive.
macro_rules! has_none {
    () => {
        concat!(
            "(until_at IS NULL OR until_at <= $2 OR ",
            undelivered!(),
            " IS NOT NULL)"
        )
    };
}

/// What a link to register opens. Of whoever has an order, may be somebody who has, or has left, there
/// is nothing.
const OF_LINK: &str = concat!(
    "SELECT contacts.id AS contact, contacts.name AS name, contacts.email AS email,
     is_mailed, registration_links.email AS said, registration_links.sent_at AS sent_at,
     registration_links.until_at AS until_at, registrations.sent_at AS last_sent,
     asks_details, COALESCE(staff.name, inviters.name) AS inviter,
     account_contacts.account AS account, ",
    cannot_be_written_to!(),
    " AS is_dead
     FROM registration_links
     JOIN contacts ON contacts.school = registration_links.school
     AND contacts.id = registration_links.contact
     LEFT JOIN registrations ON registrations.school = contacts.school
     AND registrations.contact = contacts.id
     AND registrations.email_key IN (contacts.email_key, contacts.mobile, '')
     LEFT JOIN staff ON staff.school = registrations.school
     AND staff.id = registrations.inviter
     LEFT JOIN contacts AS inviters ON inviters.school = registrations.school
     AND inviters.id = registrations.inviter
     LEFT JOIN account_contacts ON account_contacts.school = contacts.school
     AND account_contacts.contact = contacts.id
     WHERE registration_links.school = $1 AND digest = $2
     AND contacts.court_order_at IS NULL AND contacts.may_be IS NULL
     AND contacts.gone_at IS NULL
     AND EXISTS (SELECT 1 FROM guardians
       WHERE guardians.school = contacts.school
         AND guardians.contact = contacts.id)"
);

/// Who sends an invitation, for whoever reads it.
const fn inviter_of(actor: Actor) -> Option<HolderId> {
    match actor {
        Actor::Staff(id) => Some(HolderId(id.0)),
        Actor::Parent(id) => Some(HolderId(id.0)),
        Actor::Guest(_)
        | Actor::Teacher(_)
        | Actor::Visitor(_)
        | Actor::Program
        | Actor::Unknown => None,
    }
}

fn is_day_at(school: &School, now: Timestamp) -> bool {
    let zone = TimeZone::get(&school.zone).unwrap_or(TimeZone::UTC);
    is_time_to_remind(now, &zone)
}

impl Store {
    /// All who may be invited and have no invitation that is still good: as many as at one press.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn invitable(&self, now: Timestamp) -> Result<AllInvitable> {
        let mut work = self.read().await?;
        let most = u32::try_from(MOST_AT_ONCE).unwrap_or(u32::MAX);
        let rows: Vec<OpenRow> = work
            .rows(
                open!(
                    concat!(
                        "contacts.id AS id, name, email, mobile, ",
                        undelivered!(),
                        " AS undelivered"
                    ),
                    has_none!(),
                    // Whoever is reached by the press alone comes before letters that wait to be printed.
                    " ORDER BY CASE WHEN email IS NULL AND mobile IS NULL THEN 1 ELSE 0 END,
                      CASE WHEN email IS NULL THEN 1 ELSE 0 END,
                      CASE WHEN until_at IS NULL THEN 0 ELSE 1 END, name_key, contacts.id
                      LIMIT $3"
                ),
                values![self.school, now, most],
            )
            .await?;
        let total = work
            .count(
                open!("COUNT(*)", has_none!(), ""),
                values![self.school, now],
            )
            .await?;
        let invited = work
            .count(
                open!("COUNT(*)", concat!("NOT ", has_none!()), ""),
                values![self.school, now],
            )
            .await?;
        Ok(AllInvitable {
            contacts: self.invitable_rows(&mut work, rows).await?,
            total,
            invited,
        })
    }

    pub(crate) async fn invitable_rows(
        &self,
        work: &mut Work,
        rows: Vec<OpenRow>,
    ) -> Result<Vec<Invitable>> {
        let ids: Vec<_> = rows.iter().map(|it| it.id).collect();
        let students = self.students_of_all(work, &ids).await?;
        let barred = self.barred_numbers(work).await?;
        let contacts = rows.into_iter().map(|row| Invitable {
            students: students
                .iter()
                .filter(|it| it.contact == row.id)
                .map(|it| it.name.clone())
                .collect(),
            contact: row.id,
            name: row.name,
            by: self.reached_by(row.email.as_ref(), row.mobile.as_ref(), &barred),
            undelivered: row.undelivered.map(|reason| Undelivered {
                reason,
                otherwise: self.reached_by(None, row.mobile.as_ref(), &barred),
            }),
            email: row.email,
            mobile: row.mobile,
        });
        Ok(contacts.collect())
    }

    /// By what an invitation to register reaches somebody. Nobody is sent a text where somebody with a court
    /// order reads it too (DIR-4).
    pub(crate) fn reached_by(
        &self,
        email: Option<&EmailAddress>,
        mobile: Option<&Mobile>,
        barred: &BarredNumbers,
    ) -> ReachedBy {
        let sends_texts = self.options.texts_a_day > 0;
        let mobile = mobile.filter(|it| barred.at(it.reveal()).is_none());
        ReachedBy::of(email.is_some(), mobile.is_some(), sends_texts)
    }

    pub(crate) async fn students_of_all(
        &self,
        work: &mut Work,
        of: &[ContactId],
    ) -> Read<Vec<ChildRow>> {
        let sql = listed!(
            work,
            "SELECT guardians.contact AS contact, students.id AS student, students.name AS name
             FROM guardians
             JOIN students ON students.school = guardians.school
               AND students.id = guardians.student
             WHERE guardians.school = $1 AND guardians.contact IN",
            "ORDER BY students.name_key, students.id"
        );
        work.rows(sql, values![self.school, list(of)]).await
    }

    /// Sends these contacts an invitation to register, each once, by e-mail or text; whoever may not be
    /// invited is left out, and named, and so is whom only a letter reaches. An earlier invitation is
    /// good no longer.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn send_registrations(
        &self,
        contacts: &[ContactId],
        actor: Actor,
        now: Timestamp,
    ) -> Result<SentRegistrations> {
        self.send_registrations_by(contacts, Way::Best, actor, now)
            .await
    }

    /// The same, by text message, whatever address they have: where nothing arrives there.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn text_registrations(
        &self,
        contacts: &[ContactId],
        actor: Actor,
        now: Timestamp,
    ) -> Result<SentRegistrations> {
        self.send_registrations_by(contacts, Way::Text, actor, now)
            .await
    }

    async fn send_registrations_by(
        &self,
        contacts: &[ContactId],
        way: Way,
        actor: Actor,
        now: Timestamp,
    ) -> Result<SentRegistrations> {
        let contacts = contacts.get(..MOST_AT_ONCE).unwrap_or(contacts);
        let mut work = self.write().await?;
        work.at_length().await?;
        let mut sent = SentRegistrations::none(now);
        self.invite_some_to_register(&mut work, contacts, (way, &mut sent), (actor, now))
            .await?;
        work.commit().await?;
        Ok(sent)
    }

    pub(crate) async fn invite_to_register(
        &self,
        work: &mut Work,
        contacts: &[ContactId],
        actor: Actor,
        now: Timestamp,
    ) -> Result<SentRegistrations> {
        let mut sent = SentRegistrations::none(now);
        for some in contacts.chunks(MOST_AT_ONCE) {
            let way = (Way::Best, &mut sent);
            self.invite_some_to_register(work, some, way, (actor, now))
                .await?;
        }
        Ok(sent)
    }

    async fn invite_some_to_register(
        &self,
        work: &mut Work,
        contacts: &[ContactId],
        (way, sent): (Way, &mut SentRegistrations),
        (actor, now): (Actor, Timestamp),
    ) -> Result<()> {
        let barred = self.barred_numbers(work).await?;
        for row in self.candidates(work, contacts).await? {
            if let Err(why) = row.check() {
                sent.refused.push((row.id, row.name, why));
                continue;
            }
            let email = row.email.as_ref().filter(|_| way == Way::Best);
            let mobile = row.mobile.as_ref();
            let (channel, address, reach) =
                match (self.reached_by(email, mobile, &barred), email, mobile) {
                    (ReachedBy::Email, Some(email), _) => {
                        (Channel::Email, email.reveal(), email.key())
                    }
                    (ReachedBy::Text, _, Some(mobile)) => {
                        (Channel::Text, mobile.reveal(), mobile.reveal().to_owned())
                    }
                    (ReachedBy::Email | ReachedBy::Text | ReachedBy::Letter, _, _) => {
                        sent.by_letter.push(row.id);
                        continue;
                    }
                };
            if channel == Channel::Text && self.texts_are_spent(work, now).await? {
                sent.by_letter.push(row.id);
                sent.refused
                    .push((row.id, row.name, Refusal::TextsTomorrow));
                continue;
            }
            self.enter_registration(work, (row.id, &reach), actor, now)
                .await?;
            self.queue_registration(work, row.id, (channel, address), now)
                .await?;
            let subject = format!("contact:{}", row.id);
            self.audit(work, actor, Action::RegistrationSent, &subject, &[], now)
                .await?;
            sent.sent += 1;
        }
        Ok(())
    }

    pub(crate) async fn candidates(
        &self,
        work: &mut Work,
        contacts: &[ContactId],
    ) -> Read<Vec<CandidateRow>> {
        let sql = listed!(
            work,
            "SELECT contacts.id AS id, name, email, mobile, court_order_at, may_be, gone_at,
               (SELECT MIN(student) FROM guardians WHERE guardians.school = contacts.school
                 AND guardians.contact = contacts.id) AS student,
               account_contacts.account AS account
             FROM contacts
             LEFT JOIN account_contacts ON account_contacts.school = contacts.school
               AND account_contacts.contact = contacts.id
             WHERE contacts.school = $1 AND contacts.id IN",
            "ORDER BY name_key, contacts.id"
        );
        work.rows(sql, values![self.school, list(contacts)]).await
    }

    /// Invites one contact, who is asked for their details (DIR-8); or why they may not be invited.
    pub(crate) async fn invite_with_details(
        &self,
        work: &mut Work,
        contact: ContactId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<std::result::Result<(), Refusal>> {
        let mut sent = SentRegistrations::none(now);
        let way = (Way::Best, &mut sent);
        self.invite_some_to_register(work, &[contact], way, (actor, now))
            .await?;
        if let Some((_, _, why)) = sent.refused.pop() {
            return Ok(Err(why));
        }
        work.run(
            "UPDATE registrations SET asks_details = 1 WHERE school = $1 AND contact = $2",
            values![self.school, contact],
        )
        .await?;
        Ok(Ok(()))
    }

    /// Notes an invitation that is sent now: the one before is good no longer.
    pub(crate) async fn enter_registration(
        &self,
        work: &mut Work,
        (contact, reach): (ContactId, &str),
        actor: Actor,
        now: Timestamp,
    ) -> Read<()> {
        // Whoever was asked for their details is asked still.
        work.run(
            "INSERT INTO registrations (school, contact, email_key, sent_at, until_at, inviter)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (contact, school) DO UPDATE SET email_key = excluded.email_key,
               sent_at = excluded.sent_at, until_at = excluded.until_at,
               inviter = excluded.inviter, reminded = 0",
            values![
                self.school,
                contact,
                reach,
                now,
                good_until(now),
                inviter_of(actor)
            ],
        )
        .await?;
        Ok(())
    }

    /// Reminds those who have not registered, where the school wishes it and it is day there; how many.
    /// Their invitation stays as it is. Nobody is while nothing confirms that it is so late.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn remind(&self, now: Timestamp) -> Result<usize> {
        let school = self.school().await?;
        if !school.reminds || !is_day_at(&school, now) || self.doubts_clock(now).await? {
            return Ok(0);
        }
        let [once, twice] = REMINDED_AFTER.map(|it| now.checked_sub(it).unwrap_or(Timestamp::MIN));
        let most = u32::try_from(MOST_AT_ONCE).unwrap_or(u32::MAX);
        let mut work = self.write().await?;
        let rows: Vec<RemindedRow> = work
            .rows(
                open!(
                    "contacts.id AS id, email, contacts.mobile AS mobile, sent_at, reminded",
                    concat!(
                        "until_at > $2 AND registrations.email_key <> '' AND sent_at <= $3
                         AND reminded < CASE WHEN sent_at <= $4 THEN 2 ELSE 1 END
                         AND ",
                        undelivered!(),
                        " IS NULL"
                    ),
                    " ORDER BY CASE WHEN email IS NULL THEN 1 ELSE 0 END, sent_at, contacts.id
                      LIMIT $5"
                ),
                values![self.school, now, once, twice, most],
            )
            .await?;
        let barred = self.barred_numbers(&mut work).await?;
        let mut sent = 0;
        for row in rows {
            let due = reminders_due(row.sent_at, now);
            if usize::from(row.reminded) >= due {
                continue;
            }
            let (channel, address) = match (&row.email, &row.mobile) {
                (Some(email), _) => (Channel::Email, email.reveal()),
                (None, None) => continue,
                (None, Some(mobile)) => {
                    let is_barred = barred.at(mobile.reveal()).is_some();
                    if is_barred || self.texts_are_spent(&mut work, now).await? {
                        continue;
                    }
                    (Channel::Text, mobile.reveal())
                }
            };
            let changed = work.run(
                "UPDATE registrations SET reminded = $3
                 WHERE school = $1 AND contact = $2 AND reminded < $3",
                values![self.school, row.id, u32::try_from(due).unwrap_or(u32::MAX)],
            );
            // Another node was faster.
            if changed.await? == 0 {
                continue;
            }
            let once = format!("{REMINDER} {}", row.id);
            self.queue_named(&mut work, (row.id, &once), (channel, address), now)
                .await?;
            self.audit_reminded(&mut work, row.id, now).await?;
            sent += 1;
        }
        work.commit().await?;
        Ok(sent)
    }

    async fn audit_reminded(
        &self,
        work: &mut Work,
        contact: ContactId,
        now: Timestamp,
    ) -> Result<()> {
        let subject = format!("contact:{contact}");
        let (actor, action) = (Actor::Program, Action::RegistrationReminded);
        self.audit(work, actor, action, &subject, &[], now).await
    }

    pub(crate) async fn queue_registration(
        &self,
        work: &mut Work,
        contact: ContactId,
        (channel, address): (Channel, &str),
        now: Timestamp,
    ) -> Result<()> {
        // What is sent now says all that a reminder would.
        work.run(
            "DELETE FROM mail WHERE school = $1 AND once = $2 AND state = 'queued'",
            values![self.school, format!("{REMINDER} {contact}")],
        )
        .await?;
        let once = format!("{REGISTRATION} {contact}");
        self.queue_named(work, (contact, &once), (channel, address), now)
            .await
    }

    async fn queue_named(
        &self,
        work: &mut Work,
        (contact, once): (ContactId, &str),
        (channel, address): (Channel, &str),
        now: Timestamp,
    ) -> Result<()> {
        let id = MailId(Self::new_id());
        // One that waits is of the older invitation: what it says is made when it is sent.
        work.run(
            "INSERT INTO mail (school, id, kind, holder, address, channel, says, message_id, state,
               once, attempts, due_at, lease, reason, queued_at)
             VALUES ($1, $2, $3, $4, $5, $9, '', $6, 'queued', $7, 0, $8, 0, '', $8)
             ON CONFLICT (once, school) WHERE state = 'queued'
             DO UPDATE SET address = excluded.address, channel = excluded.channel,
               queued_at = excluded.queued_at, due_at = excluded.due_at, attempts = 0, doubts = 0,
               reason = '', says = '', message_id = excluded.message_id",
            values![
                self.school,
                id,
                REGISTRATION,
                contact,
                address,
                Self::new_message_id(id),
                once,
                now,
                channel.code()
            ],
        )
        .await?;
        Ok(())
    }

    /// How many invitations to register wait to be sent.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn registrations_waiting(&self) -> Result<i64> {
        let mut work = self.glance().await?;
        let waiting = work.count(
            "SELECT COUNT(*) FROM mail
             WHERE school = $1 AND kind = $2 AND state IN ('queued', 'sending')",
            values![self.school, REGISTRATION],
        );
        Ok(waiting.await?)
    }

    /// What a link to register opens; none where it is unknown, or whose it is may not register.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn registration(
        &self,
        digest: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<Registration>> {
        let mut work = self.read().await?;
        self.find_registration(&mut work, digest, now).await
    }

    async fn asked_details(
        &self,
        work: &mut Work,
        contact: ContactId,
        (inviter, students): (Option<Name>, &[ChildRow]),
    ) -> Result<AskedDetails> {
        let students = students.iter().map(|it| (it.student, it.name.clone()));
        Ok(AskedDetails {
            inviter,
            students: students.collect(),
            given: self.details_of(work, contact).await?,
            may_name: self.parents_invite(work).await? != ParentsInvite::Never,
            named: self.named_by(work, contact).await?,
        })
    }

    pub(crate) async fn find_registration(
        &self,
        work: &mut Work,
        digest: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<Registration>> {
        let row: Option<LinkRow> = work
            .row(OF_LINK, values![self.school, digest.as_slice()])
            .await?;
        let Some(row) = row else { return Ok(None) };
        // At another address it is another's.
        let Some(last_sent) = row.last_sent else {
            return Ok(None);
        };
        // Where nothing arrives they say another, as if there were none.
        let known_email = row.email.clone().filter(|_| row.is_dead == 0);
        let email = match (row.is_mailed != 0, &known_email, row.said) {
            (false, _, _) => None,
            (true, _, None) => row.email.clone(),
            // The records have another by now: they say theirs again.
            (true, Some(known), Some(said)) if known.key() != said.key() => None,
            (true, _, said) => said,
        };
        let standing = Standing::new(row.account.is_some(), Some(row.until_at), now);
        let state = match standing {
            Standing::Registered => RegistrationState::Registered,
            Standing::NotRegistered | Standing::Invited(_) if last_sent > row.sent_at => {
                RegistrationState::Replaced
            }
            Standing::NotRegistered | Standing::Invited(_) => RegistrationState::Open,
            Standing::Expired(_) if last_sent > row.sent_at => RegistrationState::Replaced,
            Standing::Expired(_) => RegistrationState::Expired,
        };
        let (id, name) = (row.contact, row.name);
        let students = self.students_of_all(work, &[id]).await?;
        // Of whoever has said no address yet, nobody knows who they are.
        let asks = if row.asks_details == Some(1) && email.is_some() {
            Some(
                self.asked_details(work, id, (row.inviter, &students))
                    .await?,
            )
        } else {
            None
        };
        Ok(Some(Registration {
            asks,
            account: match &email {
                Some(email) => self.known_account(work, &name, email).await?,
                None => None,
            },
            contact: id,
            name,
            email,
            known_email,
            students: students.into_iter().map(|it| it.name).collect(),
            until: row.until_at,
            state,
        }))
    }
}
