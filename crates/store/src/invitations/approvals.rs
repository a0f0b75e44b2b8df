//! Invitations held back because the guest may be a contact with a court order (DIR-4).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use school::court_order::{self, Match};
use school::deed::Ending;
use school::invitation::State;
use school::{
    Actor, ContactId, Deed, EmailAddress, Holder, InvitationId, Label, Name, Note, Refusal,
};

use super::{Found, Invitation};
use crate::audit::Action;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::{Fault, Read, Result};
use crate::outbox::MailKind;
use crate::store::Store;
use crate::value::{columns, values};

/// An invitation that waits for the office.
#[derive(Clone, Debug)]
pub struct Approval {
    /// The invitation.
    pub invitation: Invitation,
    /// What its evening is called.
    pub evening_name: Label,
    /// The contact with a court order who the guest may be, and their name; nobody where they were
    /// erased since.
    pub contact: Option<(ContactId, Name)>,
    /// What they share.
    pub because: Match,
    /// Since when it waits.
    pub asked_at: Timestamp,
}

columns! {
    struct ApprovalRow {
        invitation: InvitationId,
        evening_name: Label,
        contact: Option<ContactId>,
        contact_name: Option<Name>,
        because: String,
        asked_at: Timestamp,
    }
}

columns! {
    struct OutcomeRow {
        outcome: Option<String>,
    }
}

/// Why an invitation waits.
pub(super) struct Doubt {
    /// Who the guest may be.
    pub(super) contact: Option<ContactId>,
    /// What they share.
    pub(super) because: Match,
}

/// What they share, as it is kept.
pub(crate) const fn code(because: Match) -> &'static str {
    match because {
        Match::Email => "email",
        Match::Mailbox => "mailbox",
        Match::Name => "name",
    }
}

/// What they share, by what was kept of it.
pub(crate) fn because_of(code: &str) -> Read<Match> {
    [Match::Email, Match::Mailbox, Match::Name]
        .into_iter()
        .find(|it| self::code(*it) == code)
        .ok_or(Fault::Broken("an approval for no reason"))
}

impl Store {
    /// Why an invitation is to wait for the office: its guest may be somebody with a court order, or
    /// the parent took back a wish that waited, or wishes again what the office declined.
    pub(super) async fn doubt(&self, work: &mut Work, found: &Found) -> Result<Option<Doubt>> {
        let students = self.covered(work, found.id).await?;
        let barred = self.barred_and_alike(work).await?;
        if let Some((barred, because)) =
            court_order::find(&barred, &found.name, Some(&found.email), &students)
        {
            return Ok(Some(Doubt {
                contact: Some(barred.contact),
                because,
            }));
        }
        let earlier = work
            .all(
                "SELECT invitations.name, invitations.email, approvals.contact, because, outcome
                 FROM approvals
                 JOIN invitations ON invitations.school = approvals.school
                   AND invitations.id = approvals.invitation
                 WHERE approvals.school = $1 AND inviter = $2 AND evening = $3
                   AND invitations.id <> $4 AND state = 'removed'
                   AND COALESCE(outcome, 'declined') = 'declined'
                 ORDER BY asked_at DESC",
                values![self.school, found.inviter, found.evening, found.id],
            )
            .await?;
        for row in &earlier {
            let name: Name = row.named("name")?;
            let email: EmailAddress = row.named("email")?;
            let is_again = found.name.likeness(&name).is_some()
                || found.email.mailbox_key() == email.mailbox_key();
            let outcome: Option<String> = row.named("outcome")?;
            if outcome.is_none() || is_again {
                let because: String = row.named("because")?;
                return Ok(Some(Doubt {
                    contact: row.named("contact")?,
                    because: because_of(&because)?,
                }));
            }
        }
        Ok(None)
    }

    /// Those whose guest may be somebody with a court order, and who wait for the office (DIR-4): of
    /// evenings that are to come.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn approvals(&self, now: Timestamp) -> Result<Vec<Approval>> {
        let mut work = self.read().await?;
        let mut held: BTreeMap<InvitationId, Invitation> = self
            .held_invitations(&mut work)
            .await?
            .into_iter()
            .map(|one| (one.id, one))
            .collect();
        let rows: Vec<ApprovalRow> = work
            .rows(
                "SELECT approvals.invitation, evenings.name AS evening_name, approvals.contact,
                   contacts.name AS contact_name, because, asked_at
                 FROM approvals
                 JOIN invitations ON invitations.school = approvals.school
                   AND invitations.id = approvals.invitation
                 JOIN evenings ON evenings.school = approvals.school
                   AND evenings.id = invitations.evening
                 LEFT JOIN contacts ON contacts.school = approvals.school
                   AND contacts.id = approvals.contact
                 WHERE approvals.school = $1 AND decided_at IS NULL AND state = 'held'
                   AND evenings.end_at > $2 AND evenings.booking <> 'cancelled'
                 ORDER BY asked_at, approvals.invitation",
                values![self.school, now],
            )
            .await?;
        let mut approvals = Vec::new();
        for row in rows {
            if let Some(invitation) = held.remove(&row.invitation) {
                approvals.push(Approval {
                    invitation,
                    evening_name: row.evening_name,
                    contact: row.contact.zip(row.contact_name),
                    because: because_of(&row.because)?,
                    asked_at: row.asked_at,
                });
            }
        }
        Ok(approvals)
    }

    /// The office lets a held invitation out.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], [`Refusal::InvitationRemoved`] and [`Refusal::DeclinedAlready`] where it
    /// is not held, [`Refusal::EveningOver`], and
    /// [`Refusal::CourtOrderStands`] where the guest has the address of a contact whose court
    /// order is in force.
    pub async fn approve(
        &self,
        id: InvitationId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let found = self.found(&mut work, id).await?;
        match found.state {
            State::Held => {}
            State::Sent => return Ok(Aftermath::default()),
            State::Removed => return Err(self.became(&mut work, &found).await?.into()),
        }
        self.find_evening(&mut work, found.evening)
            .await?
            .check_not_over(now)?;
        let students = self.covered(&mut work, id).await?;
        let barred = self.barred_and_alike(&mut work).await?;
        let likeness = court_order::find(&barred, &found.name, Some(&found.email), &students);
        if likeness.is_some_and(|(_, how)| how == Match::Email) {
            return Err(Refusal::CourtOrderStands.into());
        }
        let nothing = Note::default();
        self.decide(&mut work, id, ("approved", &nothing), now)
            .await?;
        self.let_out(&mut work, &found, MailKind::Invitation, now)
            .await?;
        let subject = format!("invitation:{id}");
        self.audit(
            &mut work,
            actor,
            Action::InvitationApproved,
            &subject,
            &[],
            now,
        )
        .await?;
        let aftermath = self.shown_to_inviter(&mut work, &found).await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// The page of whoever invites shows something else.
    pub(super) async fn shown_to_inviter(
        &self,
        work: &mut Work,
        found: &Found,
    ) -> Result<Aftermath> {
        let inviter = (found.evening, Holder::Parent(found.inviter));
        Ok(Aftermath {
            pages: self.pages(work, &BTreeSet::from([inviter])).await?,
            ..Aftermath::default()
        })
    }

    /// The office declines a held invitation; the parent reads why, and may invite somebody else.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], [`Refusal::InvitationRemoved`], [`Refusal::ApprovedAlready`] and
    /// [`Refusal::DeclinedAlready`] where it is not held.
    pub async fn decline(
        &self,
        id: InvitationId,
        reason: &Note,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let found = self.found(&mut work, id).await?;
        match found.state {
            State::Held => {}
            State::Sent | State::Removed => {
                return Err(self.became(&mut work, &found).await?.into());
            }
        }
        self.decide(&mut work, id, ("declined", reason), now)
            .await?;
        let ended = Deed::InvitationEnded {
            invitation: id,
            why: Ending::Declined,
        };
        let aftermath = self.perform(&mut work, &ended, actor, now).await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// What became of an invitation that is held no more, for who would decide about it.
    async fn became(&self, work: &mut Work, found: &Found) -> Read<Refusal> {
        let decided: Option<OutcomeRow> = work
            .row(
                "SELECT outcome FROM approvals WHERE school = $1 AND invitation = $2",
                values![self.school, found.id],
            )
            .await?;
        let outcome = decided.and_then(|row| row.outcome);
        Ok(match (found.state, outcome.as_deref()) {
            (State::Removed, Some("declined")) => Refusal::DeclinedAlready,
            (State::Removed, _) => Refusal::InvitationRemoved,
            (_, Some("approved")) => Refusal::ApprovedAlready,
            (_, _) => Refusal::NotFound,
        })
    }

    async fn decide(
        &self,
        work: &mut Work,
        id: InvitationId,
        (outcome, reason): (&str, &Note),
        now: Timestamp,
    ) -> Read<()> {
        work.run(
            "UPDATE approvals SET decided_at = $3, outcome = $4, reason = $5
             WHERE school = $1 AND invitation = $2",
            values![self.school, id, now, outcome, reason],
        )
        .await?;
        Ok(())
    }
}
