//! The outbox: e-mails that are to be sent, each with the state it is in (OPS-4).
//!
//! An e-mail is queued in the transaction that needs it. Whoever sends claims it for a while; a
//! claim that runs out is another's to take, with the same Message-ID. What it says is read from
//! the records when it is claimed.

use jiff::{SignedDuration, Timestamp};
use links::Record;
use school::{
    BookingId, ContactId, EmailAddress, Evening, EveningId, InvitationId, MailId, Name, Refusal,
    Slot, StudentId, TeacherId,
};
use serde::{Deserialize, Serialize};

use crate::appointments::Appointment;
use crate::audit::{Action, Actor};
use crate::database::{Row, Work};
use crate::evenings::{evening_columns, read_evening};
use crate::fault::{Fault, Read, Result};
use crate::holders::Holder;
use crate::scope::Scope;
use crate::store::Store;
use crate::value::{Kept, values};

/// The longest reason of a failure that is kept, in characters.
const LONGEST_REASON: usize = 300;

/// What an e-mail is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MailKind {
    /// To a parent: their link, and what they booked (EVE-3).
    Confirmation,
    /// To a teacher: their link.
    TeacherLink,
    /// To a guest: their link, and how to join (INV-5).
    Invitation,
    /// To a guest: the same link again (LINK-3).
    Resend,
    /// To a guest: the invitation covers an appointment that was booked since (INV-5).
    Booked,
    /// To a guest: an appointment was moved (INV-8).
    Moved,
    /// To a guest: an appointment was cancelled.
    Cancelled,
    /// To a guest: the invitation was withdrawn.
    Withdrawn,
}

impl MailKind {
    /// Its name in the records.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Confirmation => "confirmation",
            Self::TeacherLink => "teacher_link",
            Self::Invitation => "invitation",
            Self::Resend => "resend",
            Self::Booked => "booked",
            Self::Moved => "moved",
            Self::Cancelled => "cancelled",
            Self::Withdrawn => "withdrawn",
        }
    }

    const ALL: [Self; 8] = [
        Self::Confirmation,
        Self::TeacherLink,
        Self::Invitation,
        Self::Resend,
        Self::Booked,
        Self::Moved,
        Self::Cancelled,
        Self::Withdrawn,
    ];
}

impl Kept for MailKind {
    fn of(row: &Row, column: usize) -> Read<Self> {
        let code: String = row.at(column)?;
        let kind = Self::ALL.into_iter().find(|it| it.code() == code);
        kind.ok_or(Fault::Broken("an e-mail of no kind"))
    }
}

/// An appointment as it was when an e-mail about it was queued: the records have moved on.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct About {
    /// Its id.
    pub booking: u64,
    /// The student's name.
    pub student: String,
    /// The subject.
    pub subject: String,
    /// The teachers' names, in order.
    pub teachers: Vec<String>,
    /// Its first moment, milliseconds UTC: before it was moved or cancelled.
    pub start_ms: i64,
    /// The moment after it.
    pub end_ms: i64,
    /// Where it was moved to: first moment and the moment after, milliseconds UTC.
    pub to_ms: Option<(i64, i64)>,
}

impl std::fmt::Debug for About {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("About")
            .field("booking", &self.booking)
            .finish_non_exhaustive()
    }
}

impl About {
    /// The appointment as it is.
    pub(crate) fn of(appointment: &Appointment) -> Self {
        Self {
            booking: appointment.id.0,
            student: appointment.student_name.reveal().to_owned(),
            subject: appointment.subject.as_str().to_owned(),
            teachers: appointment
                .teachers
                .iter()
                .map(|(_, name)| name.reveal().to_owned())
                .collect(),
            start_ms: appointment.start.as_millisecond(),
            end_ms: appointment.end.as_millisecond(),
            to_ms: None,
        }
    }

    /// The appointment as it was, and where it goes.
    pub(crate) fn moved(before: &Appointment, to: Slot) -> Self {
        Self {
            to_ms: Some((to.start.as_millisecond(), to.end.as_millisecond())),
            ..Self::of(before)
        }
    }
}

/// An e-mail to send, with all that it says.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Its id.
    pub id: MailId,
    /// Names this claim; what is said of it later counts only while it is the last.
    pub lease: i64,
    /// What it is for.
    pub kind: MailKind,
    /// To whom.
    pub to: Holder,
    /// Their name.
    pub name: Name,
    /// Their address.
    pub address: EmailAddress,
    /// The part of the Message-ID before the `@`: the same over all attempts.
    pub message_id: String,
    /// How often it was tried, this time included.
    pub attempts: i64,
    /// Their link, if it lives.
    pub link: Option<Record>,
    /// The evening.
    pub evening: Evening,
    /// Their appointments as they are now, in order of time.
    pub appointments: Vec<Appointment>,
    /// The parent who invited them, for a guest.
    pub inviter: Option<Name>,
    /// What was moved or cancelled.
    pub about: Option<About>,
}

/// How an e-mail stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Delivery {
    /// It waits, or is being sent.
    Waiting,
    /// A mail server took it.
    Sent,
    /// It is known to have arrived.
    Delivered,
    /// It came back or was refused for good.
    Bounced {
        /// What the mail server said.
        reason: String,
    },
}

impl Delivery {
    pub(crate) fn of(state: &str, reason: String) -> Read<Self> {
        Ok(match state {
            "queued" | "sending" => Self::Waiting,
            "sent" => Self::Sent,
            "delivered" => Self::Delivered,
            "failed" | "bounced" => Self::Bounced { reason },
            _ => return Err(Fault::Broken("an e-mail in no state")),
        })
    }
}

/// Whom e-mails were queued for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Queued {
    /// How many e-mails wait to be sent now.
    pub queued: u64,
    /// How many people have no address: their link goes by letter.
    pub without_address: u64,
}

impl Queued {
    const fn count(&mut self, is_queued: bool) {
        if is_queued {
            self.queued += 1;
        } else {
            self.without_address += 1;
        }
    }
}

/// An e-mail to queue.
pub(crate) struct NewMail<'a> {
    pub(crate) kind: MailKind,
    pub(crate) evening: EveningId,
    pub(crate) to: Holder,
    pub(crate) address: &'a EmailAddress,
    pub(crate) about: Option<&'a About>,
    /// At most one of this name waits at a time.
    pub(crate) once: Option<String>,
    pub(crate) due: Timestamp,
}

impl Store {
    pub(crate) async fn queue(
        &self,
        work: &mut Work,
        mail: NewMail<'_>,
        now: Timestamp,
    ) -> Result<()> {
        let id = MailId(Self::new_id());
        let message_id = format!("{:x}.{:x}", id.0, Self::new_id());
        let (contact, invitation, teacher) = match mail.to {
            Holder::Parent(id) => (Some(id), None, None),
            Holder::Guest(id) => (None, Some(id), None),
            Holder::Teacher(id) => (None, None, Some(id)),
        };
        let about = mail.about.map(serde_json::to_string).transpose();
        let about = about.map_err(|_never| Fault::Broken("an appointment that is no JSON"))?;
        work.run(
            "INSERT INTO mail (school, id, kind, evening, contact, invitation, teacher, address,
               about, booking, message_id, state, once, attempts, due_at, lease, reason, queued_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'queued', $12, $13, $14, $15,
               $16, $17)
             ON CONFLICT DO NOTHING",
            values![
                self.school,
                id,
                mail.kind.code(),
                mail.evening,
                contact,
                invitation,
                teacher,
                mail.address,
                about.unwrap_or_default(),
                mail.about.map(|it| BookingId(it.booking)),
                message_id,
                mail.once,
                0_i64,
                mail.due,
                0_i64,
                "",
                now
            ],
        )
        .await?;
        Ok(())
    }

    /// Queues the confirmation of a parent who has an address, unless one waits already.
    pub(crate) async fn queue_confirmation(
        &self,
        work: &mut Work,
        evening: EveningId,
        parent: ContactId,
        after: SignedDuration,
        now: Timestamp,
    ) -> Result<bool> {
        let row = work
            .one(
                "SELECT email FROM contacts
                 WHERE school = $1 AND id = $2 AND court_order_at IS NULL",
                values![self.school, parent],
            )
            .await?
            .ok_or(Refusal::NotFound)?;
        self.ensure_link(work, evening, Holder::Parent(parent))
            .await?;
        let Some(address) = row.maybe::<EmailAddress>(0)? else {
            return Ok(false);
        };
        let mail = NewMail {
            kind: MailKind::Confirmation,
            evening,
            to: Holder::Parent(parent),
            address: &address,
            about: None,
            once: Some(format!("confirmation {evening} {parent}")),
            due: now.checked_add(after).unwrap_or(now),
        };
        self.queue(work, mail, now).await?;
        Ok(true)
    }

    /// Tells the guests whom a parent invited for a student that they are invited to more now: once
    /// for several bookings in a row, and not where an invitation is about to say so itself.
    pub(crate) async fn tell_guests_of_booking(
        &self,
        work: &mut Work,
        evening: EveningId,
        (parent, student): (ContactId, StudentId),
        now: Timestamp,
    ) -> Result<()> {
        let guests = work
            .all(
                "SELECT invitations.id, invitations.email FROM coverage
                 JOIN invitations ON invitations.school = coverage.school
                   AND invitations.id = coverage.invitation
                 WHERE coverage.school = $1 AND coverage.evening = $2 AND coverage.inviter = $3
                   AND student = $4 AND state = 'sent' AND NOT EXISTS (
                     SELECT 1 FROM mail
                     WHERE mail.school = coverage.school AND mail.invitation = invitations.id
                       AND mail.state = 'queued' AND kind IN ('invitation', 'resend'))",
                values![self.school, evening, parent, student],
            )
            .await?;
        for guest in &guests {
            let id: InvitationId = guest.get(0)?;
            let mail = NewMail {
                kind: MailKind::Booked,
                evening,
                to: Holder::Guest(id),
                address: &guest.get(1)?,
                about: None,
                once: Some(format!("{} {id}", MailKind::Booked.code())),
                due: now.checked_add(self.options.settle).unwrap_or(now),
            };
            self.queue(work, mail, now).await?;
        }
        Ok(())
    }

    /// Tells the guests whom an appointment's parent invited for its student.
    pub(crate) async fn tell_guests(
        &self,
        work: &mut Work,
        appointment: &Appointment,
        kind: MailKind,
        about: &About,
        now: Timestamp,
    ) -> Result<()> {
        let guests = work
            .all(
                "SELECT invitations.id, invitations.email FROM coverage
                 JOIN invitations ON invitations.school = coverage.school
                   AND invitations.id = coverage.invitation
                 WHERE coverage.school = $1 AND coverage.evening = $2 AND coverage.inviter = $3
                   AND student = $4 AND state = 'sent'",
                values![
                    self.school,
                    appointment.evening,
                    appointment.parent,
                    appointment.student
                ],
            )
            .await?;
        for guest in &guests {
            let mail = NewMail {
                kind,
                evening: appointment.evening,
                to: Holder::Guest(guest.get(0)?),
                address: &guest.get(1)?,
                about: Some(about),
                once: None,
                due: now,
            };
            self.queue(work, mail, now).await?;
        }
        Ok(())
    }

    /// Queues a confirmation, with their own link, for every parent of an evening (EVE-3) who has an
    /// address and no court order. Parents without an address get a link too, for a letter.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] and [`Refusal::EveningOver`].
    pub async fn send_confirmations(
        &self,
        evening: EveningId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Queued> {
        let mut work = self.write().await?;
        self.find_evening(&mut work, evening)
            .await?
            .check_not_over(now)?;
        let parents = work
            .all(
                "SELECT DISTINCT contacts.id FROM evening_classes
                 JOIN class_students ON class_students.school = evening_classes.school
                   AND class_students.class = evening_classes.class
                 JOIN guardians ON guardians.school = evening_classes.school
                   AND guardians.student = class_students.student
                 JOIN contacts ON contacts.school = evening_classes.school
                   AND contacts.id = guardians.contact
                 WHERE evening_classes.school = $1 AND evening = $2 AND court_order_at IS NULL
                 ORDER BY contacts.id",
                values![self.school, evening],
            )
            .await?;
        let mut done = Queued::default();
        for parent in &parents {
            let at_once = SignedDuration::ZERO;
            let parent = parent.get(0)?;
            let is_queued = self
                .queue_confirmation(&mut work, evening, parent, at_once, now)
                .await?;
            done.count(is_queued);
        }
        let subject = format!("evening:{evening}");
        self.audit(
            &mut work,
            actor,
            Action::ConfirmationsSent,
            &subject,
            &[("sent", done.queued)],
            now,
        )
        .await?;
        work.commit().await?;
        Ok(done)
    }

    /// Queues an e-mail with their own link for every teacher of an evening who has an address;
    /// those without get a link too.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] and [`Refusal::EveningOver`].
    pub async fn send_teacher_links(&self, evening: EveningId, now: Timestamp) -> Result<Queued> {
        let mut work = self.write().await?;
        self.find_evening(&mut work, evening)
            .await?
            .check_not_over(now)?;
        let teachers = work
            .all(
                "SELECT DISTINCT teachers.id FROM evening_classes
                 JOIN class_teachers ON class_teachers.school = evening_classes.school
                   AND class_teachers.class = evening_classes.class
                 JOIN teachers ON teachers.school = evening_classes.school
                   AND teachers.id = class_teachers.teacher
                 WHERE evening_classes.school = $1 AND evening = $2 AND removed_at IS NULL
                 ORDER BY teachers.id",
                values![self.school, evening],
            )
            .await?;
        let mut done = Queued::default();
        for row in &teachers {
            let is_queued = self
                .queue_teacher_link(&mut work, evening, row.get(0)?, now)
                .await?;
            done.count(is_queued);
        }
        work.commit().await?;
        Ok(done)
    }

    /// Queues the e-mail with their own link of a teacher who has an address, unless one waits
    /// already; without an address they get the link alone.
    pub(crate) async fn queue_teacher_link(
        &self,
        work: &mut Work,
        evening: EveningId,
        teacher: TeacherId,
        now: Timestamp,
    ) -> Result<bool> {
        self.ensure_link(work, evening, Holder::Teacher(teacher))
            .await?;
        let Some(address) = self.address_of_teacher(work, teacher).await? else {
            return Ok(false);
        };
        let mail = NewMail {
            kind: MailKind::TeacherLink,
            evening,
            to: Holder::Teacher(teacher),
            address: &address,
            about: None,
            once: Some(format!("teacher_link {evening} {teacher}")),
            due: now,
        };
        self.queue(work, mail, now).await?;
        Ok(true)
    }

    /// Claims up to `most` e-mails that are due, for the time of `lease`: nobody else gets them
    /// until it has run out. The oldest come first.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn claim_mail(
        &self,
        most: u16,
        lease: SignedDuration,
        now: Timestamp,
    ) -> Result<Vec<Mail>> {
        let mut work = self.write().await?;
        let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
        let claimed = work
            .all(
                "UPDATE mail SET state = 'sending', lease = lease + 1, attempts = attempts + 1,
                   due_at = $3
                 WHERE school = $1 AND id IN (
                   SELECT id FROM mail
                   WHERE school = $1 AND state IN ('queued', 'sending') AND due_at <= $2
                   ORDER BY due_at, id LIMIT $4)
                 RETURNING id",
                values![self.school, now, until, most],
            )
            .await?;
        let mut mails = Vec::with_capacity(claimed.len());
        for row in &claimed {
            mails.push(self.mail(&mut work, row.get(0)?).await?);
        }
        work.commit().await?;
        mails.sort_by_key(|(queued, mail): &(Timestamp, Mail)| (*queued, mail.id));
        Ok(mails.into_iter().map(|(_, mail)| mail).collect())
    }

    async fn mail(&self, work: &mut Work, id: MailId) -> Result<(Timestamp, Mail)> {
        let row = work
            .one(
                concat!(
                    "SELECT ",
                    evening_columns!(),
                    ", kind, mail.contact, mail.invitation, mail.teacher, address, about,
                       message_id, attempts, lease, queued_at,
                       contacts.name, invitations.name, teachers.name, inviters.name
                     FROM mail
                     JOIN evenings ON evenings.school = mail.school AND evenings.id = mail.evening
                     LEFT JOIN contacts ON contacts.school = mail.school
                       AND contacts.id = mail.contact
                     LEFT JOIN teachers ON teachers.school = mail.school
                       AND teachers.id = mail.teacher
                     LEFT JOIN invitations ON invitations.school = mail.school
                       AND invitations.id = mail.invitation
                     LEFT JOIN contacts AS inviters ON inviters.school = mail.school
                       AND inviters.id = invitations.inviter
                     WHERE mail.school = $1 AND mail.id = $2"
                ),
                values![self.school, id],
            )
            .await?
            .ok_or(Refusal::NotFound)?;
        let evening = read_evening(&row)?;
        let to = Holder::of(&row, 13)?;
        let (name, scope) = match to {
            Holder::Parent(id) => (row.get(22)?, Scope::Parent(evening.id, id)),
            Holder::Guest(id) => (row.get(23)?, Scope::Guest(evening.id, id)),
            Holder::Teacher(id) => (row.get(24)?, Scope::Teacher(evening.id, id)),
        };
        let about: String = row.get(17)?;
        let about = (!about.is_empty())
            .then(|| serde_json::from_str(&about))
            .transpose()
            .map_err(|_no_json| Fault::Broken("an e-mail about nothing"))?;
        let mail = Mail {
            id,
            lease: row.get(20)?,
            kind: row.get(12)?,
            to,
            name,
            address: row.get(16)?,
            message_id: row.get(18)?,
            attempts: row.get(19)?,
            link: self.own_link(work, evening.id, to).await?,
            appointments: self.appointments(work, scope).await?,
            evening,
            inviter: row.maybe(25)?,
            about,
        };
        Ok((row.get(21)?, mail))
    }

    /// A mail server took it. Whether the claim still counted.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn mail_sent(&self, mail: MailId, lease: i64, now: Timestamp) -> Result<bool> {
        let mut work = self.write().await?;
        let changed = work
            .run(
                "UPDATE mail SET state = 'sent', sent_at = $4, reason = '', about = ''
                 WHERE school = $1 AND id = $2 AND lease = $3 AND state = 'sending'",
                values![self.school, mail, lease, now],
            )
            .await?;
        work.commit().await?;
        Ok(changed == 1)
    }

    /// It could not be sent now; to be tried again at `due`. Whether the claim still counted.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn mail_later(
        &self,
        mail: MailId,
        lease: i64,
        due: Timestamp,
        reason: &str,
    ) -> Result<bool> {
        let mut work = self.write().await?;
        // Another of its kind was queued meanwhile, and says as much and more.
        let replaced = work
            .run(
                "DELETE FROM mail
                 WHERE school = $1 AND id = $2 AND lease = $3 AND state = 'sending'
                   AND once IN (SELECT once FROM mail WHERE school = $1 AND state = 'queued')",
                values![self.school, mail, lease],
            )
            .await?;
        let changed = work
            .run(
                "UPDATE mail SET state = 'queued', due_at = $4, reason = $5
                 WHERE school = $1 AND id = $2 AND lease = $3 AND state = 'sending'",
                values![self.school, mail, lease, due, short(reason)],
            )
            .await?;
        work.commit().await?;
        Ok(replaced + changed == 1)
    }

    /// A mail server refused it for good. Whether the claim still counted.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn mail_refused(&self, mail: MailId, lease: i64, reason: &str) -> Result<bool> {
        let mut work = self.write().await?;
        let changed = work
            .run(
                "UPDATE mail SET state = 'failed', reason = $4, about = ''
                 WHERE school = $1 AND id = $2 AND lease = $3 AND state = 'sending'",
                values![self.school, mail, lease, short(reason)],
            )
            .await?;
        work.commit().await?;
        Ok(changed == 1)
    }

    /// What became of an e-mail that was sent, by its Message-ID: whether it came back, and what
    /// was said. Whether such an e-mail is known.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn mail_reported(&self, message_id: &str, bounced: Option<&str>) -> Result<bool> {
        let mut work = self.write().await?;
        let state = if bounced.is_some() {
            "bounced"
        } else {
            "delivered"
        };
        let changed = work
            .run(
                "UPDATE mail SET state = $3, reason = $4
                 WHERE school = $1 AND message_id = $2 AND state IN ('sent', 'delivered')",
                values![
                    self.school,
                    message_id,
                    state,
                    short(bounced.unwrap_or_default())
                ],
            )
            .await?;
        work.commit().await?;
        Ok(changed == 1)
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
                "UPDATE mail SET due_at = $2 WHERE school = $1 AND state = 'sending'",
                values![self.school, now],
            )
            .await?;
        work.commit().await?;
        Ok(ended)
    }

    /// When the next e-mail is due, if one waits: until then nobody needs to look.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn next_mail(&self) -> Result<Option<Timestamp>> {
        let mut work = self.read().await?;
        let row = work
            .one(
                "SELECT MIN(due_at) FROM mail
                 WHERE school = $1 AND state IN ('queued', 'sending')",
                values![self.school],
            )
            .await?;
        Ok(match row {
            Some(row) => row.maybe(0)?,
            None => None,
        })
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
