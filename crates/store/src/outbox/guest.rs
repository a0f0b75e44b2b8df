//! What is sent to guests whom somebody invited out of a meeting.

use jiff::Timestamp;
use links::{KeyId, LinkId, Record};
use school::{Label, MailId, MeetingId, Name, Scope, VisitorId};

use super::office::Envelope;
use super::{Channel, GuestLetter, Letter, Mail};
use crate::call_guests::NAMELESS;
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::value::{columns, values};

/// An invitation out of a meeting, in the records.
pub(crate) const CALL_GUEST: &str = "call_guest";

columns! {
    struct LetterRow {
        room: Option<Label>,
        inviter: Option<Name>,
        link: LinkId,
        version: u32,
        key: u32,
        meeting: MeetingId,
        sent_at: Timestamp,
        start_at: Option<Timestamp>,
        zone: Option<String>,
    }
}

/// Why one is given up that waited too long.
const TOO_LATE: &str = "the meeting was over before it could be sent";

impl Store {
    /// Queues it, unless one waits already.
    pub(crate) async fn queue_to_guest(
        &self,
        work: &mut Work,
        (scope, visitor): (Scope, VisitorId),
        (channel, address): (Channel, &str),
        now: Timestamp,
    ) -> Read<()> {
        let id = MailId(Self::new_id());
        work.run(
            "INSERT INTO mail (school, id, kind, scope, holder, address, channel, says,
               message_id, state, once, attempts, due_at, lease, reason, queued_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, 'queued', $9, 0, $10, 0, '', $10)
             ON CONFLICT DO NOTHING",
            values![
                self.school,
                id,
                CALL_GUEST,
                scope,
                visitor,
                address,
                channel.code(),
                Self::new_message_id(id),
                format!("{CALL_GUEST} {visitor}"),
                now
            ],
        )
        .await?;
        Ok(())
    }

    /// One that was just claimed, where it is one of these; nothing in it where they were removed, or
    /// wait for the office. Where nobody may come to the meeting any more it is given up.
    pub(super) async fn guest_mail(
        &self,
        work: &mut Work,
        id: MailId,
        now: Timestamp,
    ) -> Result<Option<Option<Mail>>> {
        let row = work
            .one(
                "SELECT lease, COALESCE(call_guests.name, $4) AS name, address, message_id, attempts,
                   doubts, queued_at, channel
                 FROM mail
                 JOIN call_guests ON call_guests.school = mail.school
                   AND call_guests.id = mail.holder
                 WHERE mail.school = $1 AND mail.id = $2 AND mail.kind = $3",
                values![self.school, id, CALL_GUEST, NAMELESS],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let Some(letter) = self.letter_row(work, id).await? else {
            return Ok(Some(None));
        };
        let awaited = (letter.meeting, letter.sent_at);
        let until = self.awaited_until(work, awaited).await?;
        let Some(until) = until.filter(|until| now < *until) else {
            self.give_up(work, id).await?;
            return Ok(Some(None));
        };
        let mail = Envelope::read(id, &row)?;
        Ok(Some(Some(
            mail.with(Letter::Guest(Box::new(letter.letter(until, now)))),
        )))
    }

    async fn give_up(&self, work: &mut Work, id: MailId) -> Read<()> {
        work.run(
            "UPDATE mail SET state = 'failed', reason = $3, says = ''
             WHERE school = $1 AND id = $2",
            values![self.school, id, TOO_LATE],
        )
        .await?;
        Ok(())
    }

    async fn letter_row(&self, work: &mut Work, id: MailId) -> Read<Option<LetterRow>> {
        work.row(
            "SELECT rooms.name AS room,
                   COALESCE(staff.name, teachers.name, contacts.name) AS inviter,
                   links.id AS link, links.version AS version, links.key AS key,
                   call_guests.meeting AS meeting, call_guests.sent_at AS sent_at,
                   bookings.start_at AS start_at, evenings.zone AS zone
                 FROM mail
                 JOIN call_guests ON call_guests.school = mail.school
                   AND call_guests.id = mail.holder AND call_guests.removed_at IS NULL
                   AND call_guests.held_at IS NULL
                 JOIN links ON links.school = mail.school AND links.scope = mail.scope
                   AND links.holder = mail.holder AND links.withdrawn_at IS NULL
                 LEFT JOIN bookings ON bookings.school = mail.school
                   AND bookings.meeting = call_guests.meeting AND bookings.cancelled_at IS NULL
                 LEFT JOIN evenings ON evenings.school = mail.school AND evenings.id = bookings.evening
                 LEFT JOIN rooms ON rooms.school = mail.school AND rooms.id = mail.scope
                 LEFT JOIN staff ON staff.school = mail.school
                   AND staff.id = call_guests.inviter
                 LEFT JOIN teachers ON teachers.school = mail.school
                   AND teachers.id = call_guests.inviter
                 LEFT JOIN contacts ON contacts.school = mail.school
                   AND contacts.id = call_guests.inviter
                 WHERE mail.school = $1 AND mail.id = $2",
            values![self.school, id],
        )
        .await
    }
}

impl LetterRow {
    fn letter(self, until: Timestamp, now: Timestamp) -> GuestLetter {
        GuestLetter {
            room: self.room,
            inviter: self.inviter,
            link: Record {
                id: self.link,
                version: self.version,
                key: KeyId(self.key),
            },
            until,
            begins: self.start_at.filter(|it| now < *it).zip(self.zone),
        }
    }
}
