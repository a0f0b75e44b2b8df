//! Links that somebody has lost, by the address that they were sent to (EVE-18).

use jiff::Timestamp;
use school::{ContactId, EmailAddress, EveningId, Holder, MeetingId, VisitorId};

use crate::database::Work;
use crate::fault::{Read, Result};
use crate::holders::read_holder;
use crate::outbox::Channel;
use crate::store::Store;
use crate::value::{columns, values};

/// How many links of one address are sent again at once.
const AT_MOST: usize = 20;

/// How many invitations of each kind.
const MOST_INVITATIONS: u32 = 20;

impl Store {
    /// Whose links, of evenings that are not over, were made for that address.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn links_for(
        &self,
        address: &EmailAddress,
        now: Timestamp,
    ) -> Result<Vec<(EveningId, Holder)>> {
        let key = address.key();
        let mut work = self.glance().await?;
        let rows = work
            .all(
                "SELECT links.scope, holders.kind AS holder_kind, links.holder, teachers.email
                 FROM links
                 JOIN evenings ON evenings.school = links.school AND evenings.id = links.scope
                 JOIN holders ON holders.school = links.school AND holders.id = links.holder
                 LEFT JOIN contacts ON contacts.school = links.school
                   AND contacts.id = links.holder AND contacts.email_key = $3
                 LEFT JOIN invitations ON invitations.school = links.school
                   AND invitations.id = links.holder AND invitations.email_key = $3
                 LEFT JOIN teachers ON teachers.school = links.school
                   AND teachers.id = links.holder AND teachers.email IS NOT NULL
                 WHERE links.school = $1 AND links.withdrawn_at IS NULL AND evenings.end_at > $2
                   AND (contacts.id IS NOT NULL OR invitations.id IS NOT NULL
                     OR teachers.id IS NOT NULL)
                 ORDER BY evenings.start_at, links.id",
                values![self.school, now, key.as_str()],
            )
            .await?;
        let mut found = Vec::new();
        for row in &rows {
            let holder = read_holder(row)?;
            // Of teachers no key is kept.
            let is_theirs = match holder {
                Holder::Teacher(_) => {
                    let theirs: EmailAddress = row.named("email")?;
                    theirs.key() == key
                }
                Holder::Parent(_) | Holder::Guest(_) => true,
                // Of evenings nobody else has one.
                Holder::Staff(_) | Holder::Visitor(_) | Holder::Door(_) => false,
            };
            if is_theirs && found.len() < AT_MOST {
                found.push(row.named("scope").map(|evening| (evening, holder)));
            }
        }
        Ok(found.into_iter().collect::<Read<_>>()?)
    }
}

columns! {
    struct GuestRow {
        id: VisitorId,
        meeting: MeetingId,
        sent_at: Timestamp,
    }
}

columns! {
    struct InvitedRow {
        contact: ContactId,
        email: EmailAddress,
    }
}

impl Store {
    /// Queues once more what else was sent to that address and is good still: invitations to meetings,
    /// and to register. None of them is good for longer by it. How many there are.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn send_lost_invitations(
        &self,
        address: &EmailAddress,
        now: Timestamp,
    ) -> Result<usize> {
        let mut work = self.glance().await?;
        let guests = self.guests_at(&mut work, address).await?;
        let invited = self.invited_at(&mut work, address, now).await?;
        drop(work);
        if guests.is_empty() && invited.is_empty() {
            return Ok(0);
        }
        let mut work = self.write().await?;
        let mut sent = invited.len();
        for guest in guests {
            let of = (guest.meeting, guest.id);
            if self
                .write_once_more(&mut work, of, (address, guest.sent_at), now)
                .await?
            {
                sent += 1;
            }
        }
        for one in invited {
            let to = (Channel::Email, one.email.reveal());
            self.queue_registration(&mut work, one.contact, to, now)
                .await?;
        }
        work.commit().await?;
        Ok(sent)
    }

    /// Guests of meetings who were invited at that address, have not been removed, and wait for nobody.
    async fn guests_at(&self, work: &mut Work, address: &EmailAddress) -> Read<Vec<GuestRow>> {
        work.rows(
            "SELECT call_guests.id AS id, call_guests.meeting AS meeting,
               call_guests.sent_at AS sent_at
             FROM call_guests
             JOIN links ON links.school = call_guests.school
               AND links.holder = call_guests.id AND links.withdrawn_at IS NULL
             WHERE call_guests.school = $1 AND call_guests.email_key = $2
               AND call_guests.removed_at IS NULL AND call_guests.held_at IS NULL
             ORDER BY call_guests.sent_at DESC, call_guests.id LIMIT $3",
            values![self.school, address.key(), MOST_INVITATIONS],
        )
        .await
    }

    /// Whoever was invited to register at that address, and may still.
    async fn invited_at(
        &self,
        work: &mut Work,
        address: &EmailAddress,
        now: Timestamp,
    ) -> Read<Vec<InvitedRow>> {
        work.rows(
            "SELECT contacts.id AS contact, contacts.email AS email FROM registrations
             JOIN contacts ON contacts.school = registrations.school
               AND contacts.id = registrations.contact
               AND contacts.email_key = registrations.email_key
             WHERE registrations.school = $1 AND registrations.email_key = $2
               AND until_at > $3 AND court_order_at IS NULL AND may_be IS NULL
               AND gone_at IS NULL AND NOT EXISTS (
                 SELECT 1 FROM account_contacts
                 WHERE account_contacts.school = contacts.school
                   AND account_contacts.contact = contacts.id)
             ORDER BY registrations.sent_at DESC, contacts.id LIMIT $4",
            values![self.school, address.key(), now, MOST_INVITATIONS],
        )
        .await
    }
}
