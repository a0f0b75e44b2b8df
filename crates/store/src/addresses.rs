//! What follows when the address of a parent or teacher changes: whoever has the old link may be
//! somebody else (LINK-3).

use jiff::{SignedDuration, Timestamp};
use school::{Actor, ContactId, Deed, EmailAddress, EveningId, Holder, Refusal, Scope, TeacherId};

use crate::audit::Action;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::value::values;

/// Whether there was an address, and it is another now. One that is new where there was none leaves
/// the link alone: it was handed over in person or by letter.
pub(crate) fn has_changed(before: Option<&EmailAddress>, now: Option<&EmailAddress>) -> bool {
    before.is_some_and(|before| now.map(EmailAddress::key) != Some(before.key()))
}

impl Store {
    /// Queues the e-mail with the link of one parent or teacher again: the same link (LINK-3).
    /// Whether they have an address.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], [`Refusal::EveningOver`], [`Refusal::CourtOrderStands`],
    /// [`Refusal::TeacherAway`], and [`crate::Error::Spent`].
    pub async fn resend_link(
        &self,
        evening: EveningId,
        holder: Holder,
        actor: Actor,
        now: Timestamp,
    ) -> Result<bool> {
        let done = self.try_resend_link(evening, holder, actor, now).await;
        self.spent_is_told(done, actor, now).await
    }

    async fn try_resend_link(
        &self,
        evening: EveningId,
        holder: Holder,
        actor: Actor,
        now: Timestamp,
    ) -> Result<bool> {
        let mut work = self.write().await?;
        let kept = self.find_evening(&mut work, evening).await?;
        kept.check_not_over(now)?;
        self.allow_mail(&mut work, actor, (&kept, None), now)
            .await?;
        let subject = self.check_holder(&mut work, holder).await?;
        self.check_not_away(&mut work, evening, holder).await?;
        let is_queued = match holder {
            Holder::Parent(id) => {
                self.queue_confirmation(&mut work, evening, id, SignedDuration::ZERO, now)
                    .await?
            }
            Holder::Teacher(id) => self.queue_teacher_link(&mut work, evening, id, now).await?,
            // That is the invitation's to send again.
            Holder::Guest(_) | Holder::Staff(_) | Holder::Visitor(_) | Holder::Door(_) => {
                return Err(Refusal::NotFound.into());
            }
        };
        let detail = [("evening", evening.0)];
        self.audit(&mut work, actor, Action::LinkResent, &subject, &detail, now)
            .await?;
        work.commit().await?;
        Ok(is_queued)
    }

    /// A contact has another address, whatever they say themselves: whoever registered with the old one
    /// is not shown what is theirs any more, and their link is another.
    pub(crate) async fn readdress_contact(
        &self,
        work: &mut Work,
        id: ContactId,
        email: &EmailAddress,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let before = self.address_of(work, id).await?;
        work.run(
            "UPDATE contacts SET email = $3, email_key = $4 WHERE school = $1 AND id = $2",
            values![self.school, id, email, email.key()],
        )
        .await?;
        if before.as_ref().map(EmailAddress::key) == Some(email.key()) {
            return Ok(Aftermath::default());
        }
        self.forget_said_address(work, id).await?;
        if before.is_none() {
            return Ok(Aftermath::default());
        }
        self.part_account(work, id, (before.as_ref(), Some(email)), now)
            .await?;
        let holder = Holder::Parent(id);
        let changed = Deed::AddressChanged { holder };
        self.perform(work, &changed, actor, now).await
    }

    /// The address that is kept of a contact.
    pub(crate) async fn address_of(
        &self,
        work: &mut Work,
        id: ContactId,
    ) -> Result<Option<EmailAddress>> {
        let row = work
            .one(
                "SELECT email FROM contacts WHERE school = $1 AND id = $2",
                values![self.school, id],
            )
            .await?
            .ok_or(Refusal::NotFound)?;
        Ok(row.maybe(0)?)
    }

    /// The address that is kept of a teacher.
    pub(crate) async fn address_of_teacher(
        &self,
        work: &mut Work,
        id: TeacherId,
    ) -> Result<Option<EmailAddress>> {
        let row = work
            .one(
                "SELECT email FROM teachers
                 WHERE school = $1 AND id = $2 AND removed_at IS NULL",
                values![self.school, id],
            )
            .await?
            .ok_or(Refusal::NotFound)?;
        Ok(row.maybe(0)?)
    }

    /// Drops what waits for somebody who is to hear no more, at that address at least. What is being
    /// sent goes too: were it tried again, it would take their link of that time with it.
    pub(crate) async fn drop_mail(
        &self,
        work: &mut Work,
        scope: Scope,
        holder: Holder,
    ) -> Read<()> {
        work.run(
            "DELETE FROM mail WHERE school = $1 AND scope = $2 AND holder = $3
               AND state IN ('queued', 'sending')",
            values![self.school, scope, holder],
        )
        .await?;
        Ok(())
    }
}
