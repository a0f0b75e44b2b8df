//! Invitations of the one other adult (INV-1 to INV-9, LINK-2, LINK-3).

mod approvals;
mod reading;

use std::collections::BTreeSet;

use jiff::Timestamp;
use links::AttemptId;
use school::consent::{Consent, How};
use school::deed::Ending;
use school::invitation::{Coverage, State};
use school::{
    Actor, ContactId, Deed, EmailAddress, EveningId, Holder, InvitationId, Name, Note, Refusal,
    StudentId,
};

use crate::audit::Action;
use crate::database::{Row, Work};
use crate::deeds::Aftermath;
use crate::entitled::Touched;
use crate::fault::{Fault, Read, Result};
use crate::outbox::{Delivery, MailKind, NewMail};
use crate::store::Store;
use crate::value::{Kept, values};

pub use approvals::Approval;
pub(crate) use approvals::{because_of, code};

/// Whom a parent invites, for which students.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// The guest's name.
    pub name: Name,
    /// Their address.
    pub email: EmailAddress,
    /// The students it is to cover; may be empty where there is one only.
    pub students: BTreeSet<StudentId>,
    /// The parent's consent.
    pub consent: Consent,
}

/// An invitation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The evening it ends with.
    pub evening: EveningId,
    /// Who invites.
    pub inviter: ContactId,
    /// Their name.
    pub inviter_name: Name,
    /// The guest's name.
    pub name: Name,
    /// Their address.
    pub email: EmailAddress,
    /// The students it covers, with their names.
    pub students: Vec<(StudentId, Name)>,
    /// Whether it waits for the office.
    pub state: State,
    /// What became of its newest e-mail; none while it waits for the office.
    pub delivery: Option<Delivery>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its newest e-mail was queued; when it was made, while it waits for the office.
    pub sent_at: Timestamp,
    /// When the parent consented.
    pub consented_at: Timestamp,
    /// To which version of the wording.
    pub wording: u32,
    /// When the guest first joined a call.
    pub joined_at: Option<Timestamp>,
}

/// A parent's invitations in an evening (INV-6).
#[derive(Clone, Debug)]
pub struct Invitations {
    /// The parent's students in the evening, and which invitation covers each.
    pub students: Vec<(StudentId, Name, Option<InvitationId>)>,
    /// Those made and not removed, the oldest first.
    pub invitations: Vec<Invitation>,
    /// Whom the office declined since they last invited somebody, the newest first.
    pub declined: Vec<Declined>,
}

/// Whom the office declined, for a parent to read (DIR-4).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Declined {
    /// The name that they entered.
    pub name: Name,
    /// What the office says to it; may be empty.
    pub reason: Note,
}

impl Invitations {
    /// Whether another can be sent (INV-7).
    #[must_use]
    pub fn can_invite(&self) -> bool {
        self.students
            .iter()
            .any(|(_, _, covered)| covered.is_none())
    }
}

impl Kept for State {
    fn of(row: &Row, column: usize) -> Read<Self> {
        match row.at::<String>(column)?.as_str() {
            "held" => Ok(Self::Held),
            "sent" => Ok(Self::Sent),
            "removed" => Ok(Self::Removed),
            _ => Err(Fault::Broken("an invitation in no state")),
        }
    }
}

/// What is kept of an invitation, as far as changing it goes.
pub(crate) struct Found {
    pub(crate) id: InvitationId,
    pub(crate) evening: EveningId,
    inviter: ContactId,
    name: Name,
    email: EmailAddress,
    pub(crate) state: State,
}

impl Store {
    /// Invites (INV-2 to INV-5). The invitation and its e-mail are there both or not at all. The
    /// same attempt again gives the same invitation.
    ///
    /// A guest who may be a contact with a court order waits for the office: the invitation comes
    /// back [`State::Held`], no link exists, and no e-mail is sent (DIR-4).
    ///
    /// # Errors
    ///
    /// Those of [`Coverage::check`], [`Refusal::EveningOver`], and [`crate::Error::Spent`].
    pub async fn invite(
        &self,
        parent: ContactId,
        evening: EveningId,
        new: &NewInvitation,
        attempt: Option<AttemptId>,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Invitation> {
        let done = self
            .try_invite((parent, evening), new, attempt, actor, now)
            .await;
        self.spent_is_told(done, actor, now).await
    }

    async fn try_invite(
        &self,
        (parent, evening): (ContactId, EveningId),
        new: &NewInvitation,
        attempt: Option<AttemptId>,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Invitation> {
        let mut work = self.write().await?;
        if let Some(id) = self.invited(&mut work, parent, attempt).await? {
            let before = self.invitation(&mut work, id).await?;
            return Ok(before.ok_or(Refusal::InvitationRemoved)?);
        }
        let kept = self.find_evening(&mut work, evening).await?;
        kept.check_not_over(now)?;
        let students = self.coverage(&mut work, parent, evening).await?;
        let covered = students.into_iter().map(|(id, _, covered)| (id, covered));
        let students = Coverage::new(covered).check(&new.students)?;
        self.allow_mail(&mut work, actor, (&kept, None), now)
            .await?;
        let id = InvitationId(Self::new_id());
        self.insert_invitation(&mut work, id, (parent, evening), new, attempt, now)
            .await?;
        for student in &students {
            let made = work
                .run(
                    "INSERT INTO coverage (school, evening, inviter, student, invitation)
                     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                    values![self.school, evening, parent, *student, id],
                )
                .await?;
            if made == 0 {
                return Err(Refusal::AlreadyInvited.into());
            }
        }
        let subject = format!("invitation:{id}");
        let detail = [
            ("evening", evening.0),
            ("inviter", parent.0),
            ("wording", u64::from(new.consent.wording)),
        ];
        self.audit(&mut work, actor, Action::Consented, &subject, &detail, now)
            .await?;
        let found = self.found(&mut work, id).await?;
        self.hold_or_send(&mut work, &found, MailKind::Invitation, actor, now)
            .await?;
        let invitation = self.invitation(&mut work, id).await?;
        let invitation = invitation.ok_or(Refusal::NotFound)?;
        work.commit().await?;
        Ok(invitation)
    }

    async fn insert_invitation(
        &self,
        work: &mut Work,
        id: InvitationId,
        (parent, evening): (ContactId, EveningId),
        new: &NewInvitation,
        attempt: Option<AttemptId>,
        now: Timestamp,
    ) -> Result<()> {
        let earlier = work
            .count(
                "SELECT COUNT(*) FROM invitations
                 WHERE school = $1 AND evening = $2 AND inviter = $3",
                values![self.school, evening, parent],
            )
            .await?;
        let holder = Holder::Guest(id);
        self.enter_holder(work, holder.kind(), holder.id()).await?;
        work.run(
            "INSERT INTO invitations (school, id, evening, inviter, name, email, email_key,
               ordinal, state, attempt, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'held', $9, $10)",
            values![
                self.school,
                id,
                evening,
                parent,
                &new.name,
                &new.email,
                new.email.key(),
                earlier + 1,
                attempt.map(|it| it.to_string()),
                now
            ],
        )
        .await?;
        let how = match new.consent.how {
            How::Page => "page",
            How::Office => "office",
        };
        work.run(
            "INSERT INTO consents (school, id, invitation, inviter, wording, how, given_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![
                self.school,
                i64::try_from(Self::new_id()).unwrap_or_default(),
                id,
                parent,
                new.consent.wording,
                how,
                new.consent.at
            ],
        )
        .await?;
        Ok(())
    }

    /// Sends an invitation, or leaves it to the office where its guest may be somebody with a
    /// court order.
    async fn hold_or_send(
        &self,
        work: &mut Work,
        found: &Found,
        kind: MailKind,
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        let subject = format!("invitation:{}", found.id);
        let Some(doubt) = self.doubt(work, found).await? else {
            self.let_out(work, found, kind, now).await?;
            let action = match kind {
                MailKind::Resend => Action::InvitationReaddressed,
                MailKind::Invitation
                | MailKind::Confirmation
                | MailKind::TeacherLink
                | MailKind::Booked
                | MailKind::Changed
                | MailKind::Withdrawn
                | MailKind::EveningMoved
                | MailKind::EveningCancelled
                | MailKind::Declined => Action::Invited,
            };
            return self.audit(work, actor, action, &subject, &[], now).await;
        };
        work.run(
            "UPDATE invitations SET state = 'held' WHERE school = $1 AND id = $2",
            values![self.school, found.id],
        )
        .await?;
        self.entitle(work, Touched::by(found.inviter), now).await?;
        let because = code(doubt.because);
        work.run(
            "INSERT INTO approvals (school, invitation, contact, because, asked_at)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (school, invitation) DO UPDATE SET contact = excluded.contact,
               because = excluded.because, asked_at = excluded.asked_at, decided_at = NULL,
               outcome = NULL",
            values![self.school, found.id, doubt.contact, because, now],
        )
        .await?;
        let detail = doubt.contact.map(|it| ("contact", it.0));
        let detail: Vec<_> = detail.into_iter().collect();
        self.audit(work, actor, Action::InvitationHeld, &subject, &detail, now)
            .await?;
        self.tell_office(work, now).await
    }

    async fn let_out(
        &self,
        work: &mut Work,
        found: &Found,
        kind: MailKind,
        now: Timestamp,
    ) -> Result<()> {
        work.run(
            "UPDATE invitations SET state = 'sent' WHERE school = $1 AND id = $2",
            values![self.school, found.id],
        )
        .await?;
        self.ensure_link(work, found.evening.into(), Holder::Guest(found.id))
            .await?;
        self.entitle(work, Touched::by(found.inviter), now).await?;
        // To another address it is the same invitation.
        if kind != MailKind::Resend {
            self.hook_invited(work, (found.id, found.evening), now)
                .await?;
        }
        self.write_to(work, found, kind, now).await
    }

    pub(crate) async fn write_to(
        &self,
        work: &mut Work,
        found: &Found,
        kind: MailKind,
        now: Timestamp,
    ) -> Result<()> {
        // An invitation that waits says all that it would say sent again.
        let name = match kind {
            MailKind::Resend => MailKind::Invitation,
            MailKind::Confirmation
            | MailKind::TeacherLink
            | MailKind::Invitation
            | MailKind::Booked
            | MailKind::Changed
            | MailKind::Withdrawn
            | MailKind::EveningMoved
            | MailKind::EveningCancelled
            | MailKind::Declined => kind,
        };
        let mail = NewMail {
            kind,
            scope: found.evening.into(),
            to: Holder::Guest(found.id),
            address: &found.email,
            booking: None,
            declined: None,
            once: format!("{} {}", name.code(), found.id),
            due: now,
        };
        self.queue(work, mail, now).await
    }

    /// Sends the same link again (LINK-3). An invitation that waits to be sent is that one, and due
    /// at once.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where it is not the actor's, [`Refusal::InvitationRemoved`],
    /// [`Refusal::NeedsApproval`], [`Refusal::EveningOver`], and [`crate::Error::Spent`].
    pub async fn resend(
        &self,
        id: InvitationId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let done = self.try_resend(id, actor, now).await;
        self.spent_is_told(done, actor, now).await
    }

    async fn try_resend(
        &self,
        id: InvitationId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let found = self.found_by(&mut work, id, actor).await?;
        match found.state {
            State::Sent => {}
            State::Held => return Err(Refusal::NeedsApproval.into()),
            State::Removed => return Err(Refusal::InvitationRemoved.into()),
        }
        let evening = self.find_evening(&mut work, found.evening).await?;
        evening.check_not_over(now)?;
        self.allow_mail(&mut work, actor, (&evening, None), now)
            .await?;
        self.write_to(&mut work, &found, MailKind::Resend, now)
            .await?;
        work.run(
            "UPDATE mail SET due_at = $3
             WHERE school = $1 AND holder = $2 AND kind IN ('invitation', 'resend')
               AND state = 'queued'",
            values![self.school, id, now],
        )
        .await?;
        let subject = format!("invitation:{id}");
        self.audit(
            &mut work,
            actor,
            Action::InvitationResent,
            &subject,
            &[],
            now,
        )
        .await?;
        let aftermath = self.shown_to_inviter(&mut work, &found).await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// Sends the invitation to another address, by a new link; the old link is dead (LINK-3). To the address that it has, the
    /// same link is sent again.
    ///
    /// # Errors
    ///
    /// Those of [`Self::resend`]. One that is held is looked at anew, for the office alone.
    pub async fn change_address(
        &self,
        id: InvitationId,
        email: &EmailAddress,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        if self.is_their_address(id, email, actor).await? {
            return self.resend(id, actor, now).await;
        }
        let done = self.try_change_address(id, email, actor, now).await;
        self.spent_is_told(done, actor, now).await
    }

    /// Whether somebody who was invited has this address already: whoever saves it as it is means no other person, and
    /// nobody is sent away.
    async fn is_their_address(
        &self,
        id: InvitationId,
        email: &EmailAddress,
        actor: Actor,
    ) -> Result<bool> {
        let mut work = self.read().await?;
        let found = self.found_by(&mut work, id, actor).await?;
        Ok(found.state == State::Sent && found.email == *email)
    }

    async fn try_change_address(
        &self,
        id: InvitationId,
        email: &EmailAddress,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let mut found = self.found_by(&mut work, id, actor).await?;
        match found.state {
            State::Sent => {}
            // It waits for the office, whatever address it is for.
            State::Held if matches!(actor, Actor::Parent(_)) => {
                return Err(Refusal::NeedsApproval.into());
            }
            State::Held => {}
            State::Removed => return Err(Refusal::InvitationRemoved.into()),
        }
        let evening = self.find_evening(&mut work, found.evening).await?;
        evening.check_not_over(now)?;
        self.allow_mail(&mut work, actor, (&evening, Some(id)), now)
            .await?;
        let holder = Holder::Guest(id);
        let changed = Deed::AddressChanged { holder };
        let aftermath = self.perform(&mut work, &changed, actor, now).await?;
        work.run(
            // Whoever joined by the old link was somebody else.
            "UPDATE invitations SET email = $3, email_key = $4, joined_at = NULL
             WHERE school = $1 AND id = $2",
            values![self.school, id, email, email.key()],
        )
        .await?;
        found.email = email.clone();
        self.hold_or_send(&mut work, &found, MailKind::Resend, actor, now)
            .await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// Removes an invitation: its link is dead for ever, and its students may be covered by
    /// another (LINK-2). Once removed, it is removed.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where it is not the actor's.
    pub async fn remove_invitation(
        &self,
        id: InvitationId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let found = self.found_by(&mut work, id, actor).await?;
        if found.state == State::Removed {
            return Ok(Aftermath::default());
        }
        let ended = Deed::InvitationEnded {
            invitation: id,
            why: Ending::Removed,
        };
        let aftermath = self.perform(&mut work, &ended, actor, now).await?;
        work.commit().await?;
        Ok(aftermath)
    }

    pub(crate) async fn covered(
        &self,
        work: &mut Work,
        id: InvitationId,
    ) -> Read<BTreeSet<StudentId>> {
        let rows = work
            .all(
                "SELECT student FROM coverage WHERE school = $1 AND invitation = $2",
                values![self.school, id],
            )
            .await?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    async fn invited(
        &self,
        work: &mut Work,
        parent: ContactId,
        attempt: Option<AttemptId>,
    ) -> Read<Option<InvitationId>> {
        let Some(attempt) = attempt else {
            return Ok(None);
        };
        let row = work
            .one(
                "SELECT id FROM invitations WHERE school = $1 AND inviter = $2 AND attempt = $3",
                values![self.school, parent, attempt.to_string()],
            )
            .await?;
        row.map(|row| row.get(0)).transpose()
    }

    pub(crate) async fn found(&self, work: &mut Work, id: InvitationId) -> Result<Found> {
        let row = work
            .one(
                "SELECT evening, inviter, name, email, state FROM invitations
                 WHERE school = $1 AND id = $2",
                values![self.school, id],
            )
            .await?
            .ok_or(Refusal::NotFound)?;
        Ok(Found {
            id,
            evening: row.named("evening")?,
            inviter: row.named("inviter")?,
            name: row.named("name")?,
            email: row.named("email")?,
            state: row.named("state")?,
        })
    }

    /// The invitation, if it is the actor's to change: a parent's own, or any for the office.
    async fn found_by(&self, work: &mut Work, id: InvitationId, actor: Actor) -> Result<Found> {
        let found = self.found(work, id).await?;
        match actor {
            Actor::Staff(_) | Actor::Program => Ok(found),
            Actor::Parent(parent) if parent == found.inviter => Ok(found),
            Actor::Parent(_)
            | Actor::Guest(_)
            | Actor::Teacher(_)
            | Actor::Visitor(_)
            | Actor::Unknown => Err(Refusal::NotFound.into()),
        }
    }
}
