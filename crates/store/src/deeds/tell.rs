//! Who hears of a deed by e-mail.

use jiff::{SignedDuration, Timestamp};
use school::deed::{Facts, Told, Word};
use school::evening::Booking;
use school::{Actor, BookingId, EmailAddress, EveningId, Holder, InvitationId};

use crate::database::Work;
use crate::fault::Result;
use crate::outbox::{MailKind, NewMail, Said};
use crate::store::Store;
use crate::value::values;

impl Store {
    /// Queues what somebody is told, if they have an address; else it goes by letter, or they read
    /// it on their page.
    pub(super) async fn tell(
        &self,
        work: &mut Work,
        told: &Told,
        facts: &Facts,
        now: Timestamp,
    ) -> Result<()> {
        let (evening, who) = (told.evening, told.who);
        // Whoever has another address by now may not have had that word at the one before.
        let is_late = told.word == Word::Link && self.is_cancelled(work, evening).await?;
        let word = if is_late {
            Word::EveningCancelled
        } else {
            told.word
        };
        match (word, who) {
            (Word::Appointments, Holder::Parent(id)) => {
                self.queue_confirmation(work, evening, id, self.options.settle, now)
                    .await?;
            }
            (Word::Link, Holder::Parent(id)) => {
                self.queue_confirmation(work, evening, id, SignedDuration::ZERO, now)
                    .await?;
            }
            (Word::Link | Word::Appointments, Holder::Teacher(id)) => {
                self.queue_teacher_link(work, evening, id, now).await?;
            }
            (Word::Link | Word::Appointments, Holder::Guest(_)) => {
                self.tell_simply(work, MailKind::Booked, (evening, who), now)
                    .await?;
            }
            // Nobody writes to them about an evening.
            (
                Word::Link | Word::Appointments,
                Holder::Staff(_) | Holder::Visitor(_) | Holder::Door(_),
            ) => {}
            (Word::Withdrawn, _) => {
                self.tell_simply(work, MailKind::Withdrawn, (evening, who), now)
                    .await?;
            }
            (Word::EveningMoved, _) => {
                self.tell_simply(work, MailKind::EveningMoved, (evening, who), now)
                    .await?;
            }
            (Word::EveningCancelled, _) => {
                self.tell_simply(work, MailKind::EveningCancelled, (evening, who), now)
                    .await?;
            }
            (Word::Declined(id), _) => self.tell_declined(work, id, (evening, who), now).await?,
            (Word::Changed(id), _) => {
                if let Some(before) = facts.appointments.get(&id) {
                    let said = Said::of_facts(before);
                    self.tell_changed(work, (id, said), (evening, who), now)
                        .await?;
                }
            }
        }
        Ok(())
    }

    async fn is_cancelled(&self, work: &mut Work, evening: EveningId) -> Result<bool> {
        let evening = self.find_evening(work, evening).await?;
        Ok(evening.booking == Booking::Cancelled)
    }

    async fn tell_simply(
        &self,
        work: &mut Work,
        kind: MailKind,
        (evening, to): (EveningId, Holder),
        now: Timestamp,
    ) -> Result<()> {
        let Some(address) = self.address_of_holder(work, to).await? else {
            return Ok(());
        };
        let mail = NewMail {
            kind,
            scope: evening.into(),
            to,
            address: &address,
            booking: None,
            declined: None,
            once: format!("{} {evening} {}", kind.code(), Actor::from(to)),
            due: match kind {
                MailKind::Withdrawn | MailKind::Declined => now,
                MailKind::Confirmation
                | MailKind::TeacherLink
                | MailKind::Invitation
                | MailKind::Resend
                | MailKind::Booked
                | MailKind::Changed
                | MailKind::EveningMoved
                | MailKind::EveningCancelled => now.checked_add(self.options.settle).unwrap_or(now),
            },
        };
        self.queue(work, mail, now).await
    }

    /// Tells a parent that the office declined whom they wished to invite.
    async fn tell_declined(
        &self,
        work: &mut Work,
        invitation: InvitationId,
        (evening, to): (EveningId, Holder),
        now: Timestamp,
    ) -> Result<()> {
        let Some(address) = self.address_of_holder(work, to).await? else {
            return Ok(());
        };
        let kind = MailKind::Declined;
        let mail = NewMail {
            kind,
            scope: evening.into(),
            to,
            address: &address,
            booking: None,
            declined: Some(invitation),
            once: format!("{} {invitation}", kind.code()),
            due: now,
        };
        self.queue(work, mail, now).await
    }

    /// Tells somebody what has become of an appointment, as it was `before`.
    pub(crate) async fn tell_changed(
        &self,
        work: &mut Work,
        (id, before): (BookingId, Said),
        (evening, to): (EveningId, Holder),
        now: Timestamp,
    ) -> Result<()> {
        let Some(address) = self.address_of_holder(work, to).await? else {
            return Ok(());
        };
        if let Holder::Parent(_) = to {
            self.ensure_link(work, evening.into(), to).await?;
        }
        self.assume_told(work, (evening, to), (id, before)).await?;
        let kind = MailKind::Changed;
        let mail = NewMail {
            kind,
            scope: evening.into(),
            to,
            address: &address,
            booking: Some(id),
            declined: None,
            once: format!("{} {id} {}", kind.code(), Actor::from(to)),
            due: now.checked_add(self.options.settle).unwrap_or(now),
        };
        self.queue(work, mail, now).await
    }

    /// Where somebody reads.
    async fn address_of_holder(
        &self,
        work: &mut Work,
        holder: Holder,
    ) -> Result<Option<EmailAddress>> {
        match holder {
            Holder::Parent(id) => self.address_of(work, id).await,
            Holder::Teacher(id) => self.address_of_teacher(work, id).await,
            Holder::Guest(id) => {
                let row = work
                    .one(
                        "SELECT email FROM invitations WHERE school = $1 AND id = $2",
                        values![self.school, id],
                    )
                    .await?;
                Ok(row.map(|row| row.get(0)).transpose()?)
            }
            // Nobody writes to them about an evening.
            Holder::Staff(_) | Holder::Visitor(_) | Holder::Door(_) => Ok(None),
        }
    }
}
