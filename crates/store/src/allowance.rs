//! What a parent has set off by e-mail lately, as the audit log has it: it outlives a restart, and
//! removing an invitation takes nothing out of it.

use jiff::Timestamp;
use school::allowance::{self, ADDRESSES_A_DAY, DAY, MAILS_A_DAY};
use school::{Actor, ContactId, Evening, EveningId, InvitationId, Name};

use crate::audit::Action;
use crate::database::Work;
use crate::fault::{Error, Result};
use crate::store::Store;
use crate::value::values;

/// A parent whose e-mails have come to their bound.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Spent {
    /// Who.
    pub contact: ContactId,
    /// Their name.
    pub name: Name,
    /// When they were last refused, or one of those times: it is noted once a day.
    pub at: Timestamp,
}

impl Store {
    /// Whether a parent may set off one more e-mail, to another address of this invitation where
    /// that is what they do. The office may always.
    pub(crate) async fn allow_mail(
        &self,
        work: &mut Work,
        actor: Actor,
        (evening, readdressed): (&Evening, Option<InvitationId>),
        now: Timestamp,
    ) -> Result<()> {
        let Actor::Parent(_) = actor else {
            return Ok(());
        };
        let since = now.checked_sub(DAY).unwrap_or(Timestamp::MIN);
        let rows = work
            .all(
                "SELECT at, action, subject FROM audit
                 WHERE school = $1 AND actor = $2 AND at > $3 AND action IN ('invited',
                   'invitation_held', 'invitation_resent', 'invitation_readdressed',
                   'invitation_removed', 'link_resent')
                 ORDER BY number",
                values![self.school, actor.to_string(), since],
            )
            .await?;
        let subject = readdressed.map(|id| format!("invitation:{id}"));
        let (mut mails, mut addresses) = (Vec::new(), Vec::new());
        for row in &rows {
            let at = row.named("at")?;
            mails.push(at);
            let is_address = !matches!(
                row.named::<String>("action")?.as_str(),
                "invitation_resent" | "invitation_removed" | "link_resent"
            );
            if is_address && subject == Some(row.named::<String>("subject")?) {
                addresses.push(at);
            }
        }
        allowance::check(&mails, MAILS_A_DAY, now)
            .and_then(|()| allowance::check(&addresses, ADDRESSES_A_DAY, now))
            .map_err(|again| Error::Spent {
                again,
                evening: evening.id,
                zone: evening.draft.zone.clone(),
            })
    }

    /// Has the office read, once a day, that a parent's e-mails came to their bound.
    pub(crate) async fn spent_is_told<T>(
        &self,
        done: Result<T>,
        actor: Actor,
        now: Timestamp,
    ) -> Result<T> {
        if let (Err(Error::Spent { evening, .. }), Actor::Parent(contact)) = (&done, actor) {
            let mut work = self.write().await?;
            let since = now.checked_sub(DAY).unwrap_or(Timestamp::MIN);
            let told = work
                .count(
                    "SELECT COUNT(*) FROM audit
                     WHERE school = $1 AND actor = $2 AND at > $3 AND action = 'too_many_emails'",
                    values![self.school, actor.to_string(), since],
                )
                .await?;
            if told == 0 {
                let subject = format!("contact:{contact}");
                let detail = [("evening", evening.0)];
                self.audit(
                    &mut work,
                    actor,
                    Action::EmailsRefused,
                    &subject,
                    &detail,
                    now,
                )
                .await?;
                work.commit().await?;
            }
        }
        done
    }

    /// Parents of an evening whose e-mails came to their bound within a day, the newest first.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn spent(&self, evening: EveningId, now: Timestamp) -> Result<Vec<Spent>> {
        let mut work = self.glance().await?;
        let since = now.checked_sub(DAY).unwrap_or(Timestamp::MIN);
        let rows = work
            .all(
                "SELECT contacts.id, contacts.name, audit.at FROM contacts
                 JOIN audit ON audit.school = contacts.school
                   AND audit.actor = 'contact:' || CAST(contacts.id AS TEXT)
                   AND audit.at > $3 AND audit.action = 'too_many_emails'
                   AND audit.detail = $4
                 WHERE contacts.school = $1 AND contacts.id IN (
                   SELECT inviter FROM invitations WHERE school = $1 AND evening = $2
                   UNION SELECT holder FROM links WHERE school = $1 AND scope = $2)
                 ORDER BY audit.number DESC",
                values![self.school, evening, since, format!("evening={evening}")],
            )
            .await?;
        let spent = rows.iter().map(|row| {
            Ok(Spent {
                contact: row.named("id")?,
                name: row.named("name")?,
                at: row.named("at")?,
            })
        });
        spent.collect()
    }
}
