//! Links that somebody has lost, by the address that they were sent to (EVE-18).

use jiff::Timestamp;
use school::{EmailAddress, EveningId, Holder};

use crate::fault::{Read, Result};
use crate::holders::read_holder;
use crate::store::Store;
use crate::value::values;

/// How many links of one address are sent again at once.
const AT_MOST: usize = 20;

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
