//! Court orders on contacts (DIR-4).

use std::collections::BTreeSet;

use jiff::Timestamp;
use school::court_order::{Barred, Match};
use school::evening::LINKS_OUTLIVE;
use school::{ContactId, EmailAddress, EveningId, InvitationId, Refusal};

use crate::audit::{Action, Actor};
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::holders::{Died, Holder};
use crate::outbox::MailKind;
use crate::scope::Scope;
use crate::store::Store;
use crate::value::values;

impl Store {
    /// A court order is in force on a contact. Their links die, what they booked and is to come is
    /// cancelled, the invitations they sent are withdrawn, and so is every invitation whose guest
    /// they are or may be. The guests who are not they hear of it; they themselves do not.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn set_court_order(
        &self,
        contact: ContactId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Died> {
        let mut work = self.write().await?;
        let set = work
            .run(
                "UPDATE contacts SET court_order_at = $3, may_be = NULL
                 WHERE school = $1 AND id = $2 AND court_order_at IS NULL",
                values![self.school, contact, now],
            )
            .await?;
        let barred = self.barred(&mut work).await?;
        if !barred.iter().any(|it| it.contact == contact) {
            return Err(Refusal::NotFound.into());
        }
        let mut died = self.end_contact(&mut work, contact, actor, now).await?;
        let others = self.look_again(&mut work, actor, now).await?;
        died.links.extend(others.links);
        if set == 1 {
            let subject = format!("contact:{contact}");
            self.audit(&mut work, actor, Action::CourtOrderSet, &subject, &[], now)
                .await?;
        }
        work.commit().await?;
        Ok(died)
    }

    /// The court order on a contact has ended. What it cancelled stays cancelled; their next
    /// confirmation brings a new link.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn lift_court_order(
        &self,
        contact: ContactId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        let lifted = work
            .run(
                "UPDATE contacts SET court_order_at = NULL WHERE school = $1 AND id = $2",
                values![self.school, contact],
            )
            .await?;
        if lifted == 0 {
            return Err(Refusal::NotFound.into());
        }
        let subject = format!("contact:{contact}");
        self.audit(
            &mut work,
            actor,
            Action::CourtOrderLifted,
            &subject,
            &[],
            now,
        )
        .await?;
        self.compare_with_orders(&mut work, actor, now).await?;
        work.commit().await?;
        Ok(())
    }

    /// All contacts on whom a court order is in force, with the students of their families: those
    /// of everybody who shares a student with them.
    pub(crate) async fn barred(&self, work: &mut Work) -> Read<Vec<Barred>> {
        let rows = work
            .all(
                "SELECT DISTINCT contacts.id, contacts.name, contacts.email, family.student
                 FROM contacts
                 LEFT JOIN guardians ON guardians.school = contacts.school
                   AND guardians.contact = contacts.id
                 LEFT JOIN guardians AS sharing ON sharing.school = contacts.school
                   AND sharing.student = guardians.student
                 LEFT JOIN guardians AS family ON family.school = contacts.school
                   AND family.contact = sharing.contact
                 WHERE contacts.school = $1 AND court_order_at IS NOT NULL
                 ORDER BY contacts.id",
                values![self.school],
            )
            .await?;
        let mut barred: Vec<Barred> = Vec::new();
        for row in &rows {
            let contact = row.get(0)?;
            let student = row.maybe(3)?;
            match barred.last_mut() {
                Some(last) if last.contact == contact => last.students.extend(student),
                Some(_) | None => barred.push(Barred {
                    contact,
                    name: row.get(1)?,
                    email: row.maybe::<EmailAddress>(2)?,
                    students: student.into_iter().collect(),
                    is_certain: true,
                }),
            }
        }
        Ok(barred)
    }

    /// Ends what a contact has: links, invitations, and appointments to come. An evening that is
    /// over counts while they have a link for it: its calls may still run.
    pub(crate) async fn end_contact(
        &self,
        work: &mut Work,
        contact: ContactId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Died> {
        let mut died = Died::default();
        let to_come = self.evenings_to_come(work, now).await?;
        let mut evenings: BTreeSet<EveningId> = to_come.iter().copied().collect();
        evenings.extend(self.evenings_with_link(work, contact).await?);
        evenings.extend(self.evenings_with_guests(work, contact).await?);
        for evening in evenings {
            let link = self
                .withdraw_link(work, evening, Holder::Parent(contact), now)
                .await?;
            died.links.extend(link);
            let invitations = work
                .all(
                    "SELECT id FROM invitations
                     WHERE school = $1 AND evening = $2 AND inviter = $3 AND state <> 'removed'",
                    values![self.school, evening, contact],
                )
                .await?;
            for row in &invitations {
                let found = self.found(work, row.get(0)?).await?;
                let dead = self.take_back(work, &found, now).await?;
                if !dead.links.is_empty() && to_come.contains(&evening) {
                    self.write_to(work, &found, MailKind::Withdrawn, now)
                        .await?;
                }
                died.links.extend(dead.links);
            }
            let appointments = self
                .appointments(work, Scope::Parent(evening, contact))
                .await?;
            for one in appointments.iter().filter(|it| now < it.end) {
                self.free_booking(work, one, actor, now).await?;
                died.calls.push(one.id);
            }
            self.drop_mail(work, evening, Holder::Parent(contact))
                .await?;
        }
        Ok(died)
    }

    /// Evenings for which guests of a contact have links that live.
    async fn evenings_with_guests(
        &self,
        work: &mut Work,
        contact: ContactId,
    ) -> Read<Vec<EveningId>> {
        let rows = work
            .all(
                "SELECT DISTINCT links.evening FROM links
                 JOIN invitations ON invitations.school = links.school
                   AND invitations.id = links.invitation
                 WHERE links.school = $1 AND inviter = $2 AND withdrawn_at IS NULL",
                values![self.school, contact],
            )
            .await?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Evenings whose links still open something.
    pub(crate) async fn evenings_to_come(
        &self,
        work: &mut Work,
        now: Timestamp,
    ) -> Read<Vec<EveningId>> {
        let rows = work
            .all(
                "SELECT id FROM evenings WHERE school = $1 AND end_at > $2",
                values![self.school, opened_until(now)],
            )
            .await?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// What is kept of contacts has changed, or they are new. One may be somebody with a court order
    /// now; and where an order is in force on one, they may be known now as the guest of an
    /// invitation that is out already: it ends, as when the order was entered.
    pub(crate) async fn look_again(
        &self,
        work: &mut Work,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Died> {
        let mut died = self.compare_with_orders(work, actor, now).await?;
        for barred in self.barred_and_alike(work).await? {
            let dead = self.end_guests_like(work, &barred, actor, now).await?;
            died.links.extend(dead.links);
        }
        Ok(died)
    }

    async fn end_guests_like(
        &self,
        work: &mut Work,
        barred: &Barred,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Died> {
        let mut died = Died::default();
        for guest in self.guests_like(work, barred).await? {
            let found = self.found(work, guest).await?;
            let dead = self.take_back(work, &found, now).await?;
            died.links.extend(dead.links);
            let subject = format!("invitation:{guest}");
            let detail = [("contact", barred.contact.0)];
            let action = Action::InvitationRemoved;
            self.audit(work, actor, action, &subject, &detail, now)
                .await?;
        }
        Ok(died)
    }

    async fn guests_like(&self, work: &mut Work, barred: &Barred) -> Read<Vec<InvitationId>> {
        let rows = work
            .all(
                "SELECT invitations.id, invitations.name, invitations.email, coverage.student,
                   approvals.outcome
                 FROM invitations
                 JOIN links ON links.school = invitations.school
                   AND links.invitation = invitations.id AND withdrawn_at IS NULL
                 JOIN coverage ON coverage.school = invitations.school
                   AND coverage.invitation = invitations.id
                 JOIN contacts ON contacts.school = invitations.school AND contacts.id = $2
                 LEFT JOIN approvals ON approvals.school = invitations.school
                   AND approvals.invitation = invitations.id AND approvals.contact = $2
                   AND approvals.decided_at >= contacts.court_order_at
                 WHERE invitations.school = $1 AND state = 'sent'
                 ORDER BY invitations.id",
                values![self.school, barred.contact],
            )
            .await?;
        let mut guests: Vec<InvitationId> = Vec::new();
        for row in &rows {
            let id = row.get(0)?;
            let student = std::iter::once(row.get(3)?).collect();
            // The office has decided already, under this order, that the name alone is shared.
            let is_namesake = !row.is_null(4)?;
            let email: EmailAddress = row.get(2)?;
            let is_they = match barred.matches(&row.get(1)?, Some(&email), &student) {
                Some(Match::Email) => true,
                Some(Match::Name | Match::Mailbox) => !is_namesake,
                None => false,
            };
            if is_they && !guests.contains(&id) {
                guests.push(id);
            }
        }
        Ok(guests)
    }
}

/// When an evening ended whose links end now.
fn opened_until(now: Timestamp) -> Timestamp {
    now.saturating_sub(LINKS_OUTLIVE).unwrap_or(now)
}
