//! What an e-mail says: read from the records when it is claimed.

use jiff::Timestamp;
use school::{BookingId, EveningId, Holder, MailId, Name, Refusal};

use super::told::{Content, Said, before};
use super::{About, Address, EveningLetter, Letter, Mail, MailKind, Moved};
use crate::database::{Row, Work};
use crate::evenings::{evening_columns, read_evening};
use crate::fault::{Read, Result};
use crate::holders::read_holder;
use crate::selection::Selection;
use crate::store::Store;
use crate::value::values;

/// What an e-mail says of appointments.
struct Wording {
    about: Option<About>,
    cancelled: Vec<About>,
    content: Content,
}

impl Store {
    /// An e-mail that was just claimed; none where there is nothing to say
    /// any more.
    pub(super) async fn mail(
        &self,
        work: &mut Work,
        id: MailId,
        now: Timestamp,
    ) -> Result<Option<Mail>> {
        let mail = self.mail_of_any_kind(work, id, now).await?;
        let Some(mut mail) = mail else {
            return Ok(None);
        };
        mail.language = self.language_of(work, id).await?;
        Ok(Some(mail))
    }

    async fn mail_of_any_kind(
        &self,
        work: &mut Work,
        id: MailId,
        now: Timestamp,
    ) -> Result<Option<Mail>> {
        if let Some(office) = self.office_mail(work, id).await? {
            return self.to_office(work, office, now).await;
        }
        if let Some(account) = self.account_mail(work, id).await? {
            return self.to_account(work, account, now).await;
        }
        if let Some(guest) = self.guest_mail(work, id, now).await? {
            return Ok(guest);
        }
        let row = self.claimed(work, id).await?;
        let Some((letter, message_id)) = self.evening_letter(work, (id, &row), now).await? else {
            return Ok(None);
        };
        Ok(Some(Mail {
            id,
            lease: row.named("lease")?,
            name: row.named("holder_name")?,
            address: Address::Email(row.named("address")?),
            message_id,
            attempts: row.named("attempts")?,
            doubts: row.named("doubts")?,
            queued: row.named("queued_at")?,
            language: None,
            letter: Letter::Evening(Box::new(letter)),
        }))
    }

    /// What it says, and its Message-ID.
    async fn evening_letter(
        &self,
        work: &mut Work,
        (id, row): (MailId, &Row),
        now: Timestamp,
    ) -> Result<Option<(EveningLetter, String)>> {
        let evening = read_evening(row)?;
        let to = read_holder(row)?;
        let theirs = Selection::Of(evening.id, to);
        let says: String = row.named("says")?;
        let doubt = Content::read(&says)?;
        let told = self.told(work, evening.id, to).await?;
        let link = self.own_link(work, evening.id.into(), to).await?;
        let zone = match &link {
            Some(link) => self.zone_of(work, link.id).await?,
            None => None,
        };
        let evening_id = evening.id;
        let mut letter = EveningLetter {
            kind: row.named("mail_kind")?,
            to,
            zone,
            link,
            appointments: self.appointments(work, theirs).await?,
            students: self.students_meant(work, evening.id, to).await?,
            evening,
            inviter: row.named("inviter_name")?,
            about: None,
            cancelled: Vec::new(),
            declined: None,
            sequence: self
                .next_sequence(work, evening_id, sequence(&told, doubt.as_ref(), now))
                .await?,
        };
        if letter.kind == MailKind::Declined {
            letter.declined = self.declined(work, row.named("declined")?).await?;
            if letter.declined.is_none() {
                return Ok(None);
            }
        }
        let booking: Option<BookingId> = row.named("booking")?;
        let Some(wording) = self
            .wording(work, &letter, booking, &told, doubt.as_ref())
            .await?
        else {
            return Ok(None);
        };
        // Mail programs take two of one Message-ID for the same: other words need another.
        let message_id = if doubt.is_some_and(|it| it.says != wording.content.says) {
            Self::new_message_id(id)
        } else {
            row.named("message_id")?
        };
        self.keep_content(work, id, &wording.content, &message_id)
            .await?;
        letter.about = wording.about;
        letter.cancelled = wording.cancelled;
        Ok(Some((letter, message_id)))
    }

    /// A SEQUENCE above that of every e-mail of the evening before, and not below `least`: an
    /// appointment is one entry in the calendar of whoever reads it, whichever links and invitations
    /// it came by.
    async fn next_sequence(&self, work: &mut Work, evening: EveningId, least: i64) -> Read<i64> {
        let next = work
            .one(
                "UPDATE evenings
                 SET sequence = CASE WHEN sequence < $3 THEN $3 ELSE sequence + 1 END
                 WHERE school = $1 AND id = $2 RETURNING sequence",
                values![self.school, evening, least],
            )
            .await?;
        next.map_or(Ok(least), |row| row.named("sequence"))
    }

    async fn students_meant(
        &self,
        work: &mut Work,
        evening: EveningId,
        to: Holder,
    ) -> Read<Vec<Name>> {
        match to {
            Holder::Parent(parent) => {
                let all = self.coverage(work, parent, evening).await?;
                Ok(all.into_iter().map(|(_, name, _)| name).collect())
            }
            Holder::Guest(invitation) => {
                let rows = work
                    .all(
                        "SELECT students.name FROM coverage
                         JOIN students ON students.school = coverage.school
                           AND students.id = coverage.student
                         WHERE coverage.school = $1 AND invitation = $2
                         ORDER BY students.name_key, students.id",
                        values![self.school, invitation],
                    )
                    .await?;
                rows.iter().map(|row| row.get(0)).collect()
            }
            Holder::Teacher(_) | Holder::Staff(_) | Holder::Visitor(_) | Holder::Door(_) => {
                Ok(Vec::new())
            }
        }
    }

    async fn claimed(&self, work: &mut Work, id: MailId) -> Result<Row> {
        let row = work
            .one(
                concat!(
                    "SELECT ",
                    evening_columns!(),
                    ", mail.kind AS mail_kind, holders.kind AS holder_kind, mail.holder AS holder,
                       address, says, message_id, attempts, lease, queued_at,
                       COALESCE(contacts.name, invitations.name, teachers.name) AS holder_name,
                       inviters.name AS inviter_name, mail.booking AS booking, doubts, declined
                     FROM mail
                     JOIN holders ON holders.school = mail.school AND holders.id = mail.holder
                     JOIN evenings ON evenings.school = mail.school AND evenings.id = mail.scope
                     LEFT JOIN contacts ON contacts.school = mail.school
                       AND contacts.id = mail.holder
                     LEFT JOIN teachers ON teachers.school = mail.school
                       AND teachers.id = mail.holder
                     LEFT JOIN invitations ON invitations.school = mail.school
                       AND invitations.id = mail.holder
                     LEFT JOIN contacts AS inviters ON inviters.school = mail.school
                       AND inviters.id = invitations.inviter
                     WHERE mail.school = $1 AND mail.id = $2"
                ),
                values![self.school, id],
            )
            .await?;
        Ok(row.ok_or(Refusal::NotFound)?)
    }

    /// What it says now; none where they know all of it.
    async fn wording(
        &self,
        work: &mut Work,
        letter: &EveningLetter,
        booking: Option<BookingId>,
        told: &Content,
        doubt: Option<&Content>,
    ) -> Result<Option<Wording>> {
        let mut content = Content {
            says: match letter.kind {
                MailKind::TeacherLink | MailKind::Withdrawn | MailKind::EveningCancelled => {
                    Default::default()
                }
                // It says nothing of appointments: they know what they knew.
                MailKind::Declined => told.says.clone(),
                MailKind::Confirmation
                | MailKind::Invitation
                | MailKind::Resend
                | MailKind::Booked
                | MailKind::Changed
                | MailKind::EveningMoved => {
                    let all = letter.appointments.iter();
                    all.map(|it| (it.id.0, Said::of(it))).collect()
                }
            },
            sequence: letter.sequence,
        };
        if letter.kind == MailKind::Changed {
            let BookingId(id) = booking.unwrap_or(BookingId(0));
            content.says.retain(|it, _| *it == id);
            let now = content.says.get(&id);
            let may = doubt.and_then(|it| it.says.get(&id));
            let Some(was) = before(told.says.get(&id), may, now) else {
                return Ok(None);
            };
            let about = self.about(work, BookingId(id), was, now).await?;
            return Ok(Some(Wording {
                about: Some(about),
                cancelled: Vec::new(),
                content,
            }));
        }
        if letter.kind == MailKind::Booked && doubt.is_none() && content.says == told.says {
            return Ok(None);
        }
        let mut cancelled = Vec::new();
        for (id, was) in &told.says {
            if !content.says.contains_key(id) {
                cancelled.push(self.about(work, BookingId(*id), was, None).await?);
            }
        }
        Ok(Some(Wording {
            about: None,
            cancelled,
            content,
        }))
    }

    /// An appointment that may be cancelled or erased by now, as it was said to be and as it is.
    async fn about(
        &self,
        work: &mut Work,
        id: BookingId,
        was: &Said,
        now: Option<&Said>,
    ) -> Read<About> {
        let row = work
            .one(
                "SELECT students.name, classes.subject FROM bookings
                 JOIN students ON students.school = bookings.school
                   AND students.id = bookings.student
                 JOIN classes ON classes.school = bookings.school AND classes.id = bookings.class
                 WHERE bookings.school = $1 AND bookings.id = $2",
                values![self.school, id],
            )
            .await?;
        let of = match row {
            Some(row) => Some((row.get(0)?, row.get(1)?)),
            None => None,
        };
        let to = match now {
            Some(now) => Some(Moved {
                start: now.start(),
                end: now.end(),
                teachers: self.teacher_names(work, &now.teachers).await?,
            }),
            None => None,
        };
        Ok(About {
            booking: id,
            of,
            teachers: self.teacher_names(work, &was.teachers).await?,
            start: was.start(),
            end: was.end(),
            to,
        })
    }

    /// The names of teachers, in order.
    async fn teacher_names(&self, work: &mut Work, teachers: &[u64]) -> Read<Vec<Name>> {
        let mut names = Vec::with_capacity(teachers.len());
        for id in teachers {
            let row = work
                .one(
                    "SELECT name FROM teachers WHERE school = $1 AND id = $2",
                    values![self.school, school::TeacherId(*id)],
                )
                .await?;
            names.extend(row.map(|row| row.get(0)).transpose()?);
        }
        Ok(names)
    }
}

/// The SEQUENCE of an e-mail's calendar entries, as far as the clock and what was said to its reader
/// give it: seconds, within the 31 bits that calendar programs expect.
fn sequence(told: &Content, doubt: Option<&Content>, now: Timestamp) -> i64 {
    let seconds = now.as_second().saturating_sub(1_700_000_000).max(0);
    let last = told.sequence.max(doubt.map_or(0, |it| it.sequence));
    seconds.max(last.saturating_add(1))
}
