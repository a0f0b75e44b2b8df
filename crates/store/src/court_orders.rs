//! Court orders on contacts (DIR-4).

use std::collections::BTreeSet;

use jiff::Timestamp;
use school::court_order::{Barred, Match};
use school::deed::{Deed, Ending};
use school::{Actor, ContactId, EmailAddress, InvitationId, Name, Refusal};

use crate::audit::Action;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::{Read, Result};
use crate::likenesses::self_key;
use crate::store::Store;
use crate::value::{columns, values};

columns! {
    struct BarredRow {
        id: ContactId,
        name: Name,
        email: Option<EmailAddress>,
    }
}

impl Store {
    /// A court order is in force on a contact. Their links die, what they booked and is to come is
    /// cancelled, the invitations they sent are withdrawn, and so is every invitation whose guest
    /// they are or may be, and every visit to a meeting. The guests who are not they hear of it; they themselves do not.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn set_court_order(
        &self,
        contact: ContactId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let contact = self.standing_for(&mut work, contact).await?;
        let entered = self.enter_court_order(&mut work, contact, actor, now);
        let Some(mut aftermath) = entered.await? else {
            let barred = self.barred(&mut work).await?;
            let is_set = barred.iter().any(|it| it.contact == contact);
            return if is_set {
                Ok(Aftermath::default())
            } else {
                Err(Refusal::NotFound.into())
            };
        };
        aftermath.extend(self.look_again(&mut work, actor, now).await?);
        work.commit().await?;
        Ok(aftermath)
    }

    /// The order itself; nothing where one is in force, or nobody has that id. Whoever enters it
    /// [looks again](Self::look_again) afterwards.
    pub(crate) async fn enter_court_order(
        &self,
        work: &mut Work,
        contact: ContactId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Option<Aftermath>> {
        self.enter_court_order_of(work, (contact, now), actor, now)
            .await
    }

    /// The same of an order that was entered on another record of theirs: what the office has decided
    /// since then still holds.
    pub(crate) async fn enter_court_order_of(
        &self,
        work: &mut Work,
        (contact, since): (ContactId, Timestamp),
        actor: Actor,
        now: Timestamp,
    ) -> Result<Option<Aftermath>> {
        // What is forbidden is forbidden to whoever they were until now, too.
        self.keep_known(work).await?;
        let set = work
            .run(
                "UPDATE contacts SET court_order_at = $3, may_be = NULL
                 WHERE school = $1 AND id = $2 AND court_order_at IS NULL",
                values![self.school, contact, since],
            )
            .await?;
        if set == 0 {
            return Ok(None);
        }
        // An invitation to register has ended: they may be invited again once the order is lifted.
        for sql in [
            "DELETE FROM registration_links WHERE school = $1 AND contact = $2 AND sent_at <= $3",
            "UPDATE registrations SET until_at = $3
             WHERE school = $1 AND contact = $2 AND until_at > $3",
        ] {
            work.run(sql, values![self.school, contact, now]).await?;
        }
        self.end_fallen_hats(work, now).await?;
        let order = Deed::OrderEntered { contact };
        self.perform(work, &order, actor, now).await.map(Some)
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
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let contact = self.standing_for(&mut work, contact).await?;
        let lifted = work
            .run(
                "UPDATE contacts SET court_order_at = NULL WHERE school = $1 AND id = $2",
                values![self.school, contact],
            )
            .await?;
        if lifted == 0 {
            return Err(Refusal::NotFound.into());
        }
        // What was kept of ended guardianships by which they were known again.
        work.run(
            "DELETE FROM former_guardians WHERE school = $1 AND contact = $2
               AND contact IN (SELECT id FROM contacts WHERE school = $1 AND gone_at IS NULL)
               AND student IN (SELECT id FROM students WHERE school = $1 AND gone_at IS NULL)",
            values![self.school, contact],
        )
        .await?;
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
        let aftermath = self.compare_with_orders(&mut work, actor, now).await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// All contacts on whom a court order is in force, under every name and address that they have or had, with
    /// the students of their families: those of everybody who shares a student with them, or did. One order is
    /// on the whole family, whoever of it has left since.
    pub(crate) async fn barred(&self, work: &mut Work) -> Read<Vec<Barred>> {
        let rows: Vec<BarredRow> = work
            .rows(
                "SELECT id, name, email FROM contacts
                 WHERE school = $1 AND court_order_at IS NOT NULL
                   AND id NOT IN (SELECT gone FROM joined_records WHERE school = $1)
                 ORDER BY id",
                values![self.school],
            )
            .await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let mut homerooms = self.homerooms(work).await?;
        let mut families = self.families_of_barred(work).await?;
        let own = rows.into_iter().map(|row| Barred {
            contact: row.id,
            name: row.name,
            email: row.email,
            students: families.remove(&row.id).unwrap_or_default(),
            homerooms: homerooms.remove(&row.id).unwrap_or_default(),
            is_certain: true,
        });
        let own: Vec<Barred> = own.collect();
        let mut barred = own.clone();
        // What other records of theirs said is as much theirs.
        for alias in self.aliases(work).await? {
            let of = own.iter().find(|it| it.contact == alias.kept);
            barred.extend(of.map(|it| Barred {
                name: alias.name,
                email: alias.email,
                ..it.clone()
            }));
        }
        // At an address that they had somebody else may read by now: the office decides.
        let key =
            |contact, name: &Name, email: Option<&EmailAddress>| (contact, self_key(name, email));
        let certain = barred.iter();
        let certain: BTreeSet<_> = certain
            .map(|it| key(it.contact, &it.name, it.email.as_ref()))
            .collect();
        for former in self.known_of_barred(work).await? {
            let is_former =
                !certain.contains(&key(former.contact, &former.name, former.email.as_ref()));
            let of = own.iter().find(|it| it.contact == former.contact);
            barred.extend(of.filter(|_| is_former).map(|it| Barred {
                name: former.name,
                email: former.email,
                is_certain: false,
                ..it.clone()
            }));
        }
        Ok(barred)
    }

    /// What is kept of contacts has changed, or they are new. One may be somebody with a court order
    /// now; and where an order is in force on one, they may be known now as the guest of an
    /// invitation that is out already, or of a meeting: it ends, as when the order was entered.
    pub(crate) async fn look_again(
        &self,
        work: &mut Work,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        self.look_again_at(work, &BTreeSet::new(), actor, now).await
    }

    /// The same, where the office has just decided something of these: they wait only if they may be somebody with
    /// an order still.
    pub(crate) async fn look_again_at(
        &self,
        work: &mut Work,
        decided: &BTreeSet<ContactId>,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut aftermath = self.compare(work, decided, actor, now).await?;
        self.drop_texts_to_barred(work, now).await?;
        for barred in self.barred_and_alike(work).await? {
            for invitation in self.guests_like(work, &barred).await? {
                let why = Ending::GuestBarred(barred.contact);
                let ended = Deed::InvitationEnded { invitation, why };
                aftermath.extend(self.perform(work, &ended, actor, now).await?);
            }
        }
        for visitor in self.visits_like(work, now).await? {
            let ended = Deed::VisitEnded { visitor };
            aftermath.extend(self.perform(work, &ended, actor, now).await?);
        }
        Ok(aftermath)
    }

    pub(crate) async fn guests_like(
        &self,
        work: &mut Work,
        barred: &Barred,
    ) -> Read<Vec<InvitationId>> {
        let rows = work
            .all(
                "SELECT invitations.id, invitations.name, invitations.email, coverage.student,
                   approvals.outcome
                 FROM invitations
                 JOIN links ON links.school = invitations.school
                   AND links.holder = invitations.id AND withdrawn_at IS NULL
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
            let id = row.named("id")?;
            let student = std::iter::once(row.named("student")?).collect();
            // The office has decided already, under this order, that the name alone is shared.
            let is_namesake = row.named::<Option<String>>("outcome")?.is_some();
            let email: EmailAddress = row.named("email")?;
            let is_they = match barred.matches(&row.named("name")?, Some(&email), &student) {
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
