//! What the office has entered and set, and what is not to be as it was: where teachers are reached, which information
//! system is asked, and what the school's own settings say.

use jiff::Timestamp;
use school::{Actor, Holder, TeacherId};

use super::endings::Endings;
use super::standing::{Standing, each};
use crate::audit::Action;
use crate::database::Work;
use crate::deeds::FORMER_TEACHER;
use crate::fault::{Error, Fault, Read, Result};
use crate::store::Store;
use crate::value::{columns, values};

/// A teacher, as they are kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Taught {
    pub(super) name: String,
    pub(super) email: Option<String>,
    pub(super) is_removed: bool,
}

impl Taught {
    /// Whether their name was erased.
    pub(super) fn is_erased(&self) -> bool {
        self.is_removed && self.email.is_none() && self.name == FORMER_TEACHER
    }
}

columns! {
    /// The information system that is asked, and how it is reached.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub(super) struct System {
        region: String,
        id_there: String,
        token: Vec<u8>,
        nightly: i64,
        night: String,
    }
}

columns! {
    /// What the school's settings say of what is kept and who is written to.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub(super) struct Settings {
        contact_email: String,
        contact_phone: String,
        retention_days: i64,
        parents_invite: String,
        reminds: i64,
    }
}

impl Standing {
    pub(super) async fn read_teachers(&mut self, store: &Store, work: &mut Work) -> Read<()> {
        each(
            store,
            work,
            "SELECT id, name, email, CAST(CASE WHEN removed_at IS NULL THEN 0 ELSE 1 END AS BIGINT)
               AS is_removed
             FROM teachers WHERE school = $1",
            &mut self.teachers,
            |row| {
                let taught = Taught {
                    name: row.named("name")?,
                    email: row.named("email")?,
                    is_removed: row.named::<i64>("is_removed")? != 0,
                };
                Ok((row.named("id")?, taught))
            },
        )
        .await
    }

    pub(super) async fn read_settings(&mut self, store: &Store, work: &mut Work) -> Read<()> {
        self.system = work
            .row(
                "SELECT region, id_there, token, nightly, night FROM information_systems
                 WHERE school = $1",
                values![store.school],
            )
            .await?;
        let settings: Option<Settings> = work
            .row(
                "SELECT contact_email, contact_phone, retention_days, parents_invite, reminds
                 FROM schools WHERE id = $1",
                values![store.school],
            )
            .await?;
        // Whose records these are stands there from the first start on.
        self.settings = Some(settings.ok_or(Fault::Broken("records without their school"))?);
        Ok(())
    }
}

impl Store {
    /// What the office entered is as it was last. Gives how many teachers who were removed take classes in the backup, and so
    /// are there.
    pub(super) async fn renew_entered(
        &self,
        work: &mut Work,
        ended: &Endings,
        now: Timestamp,
    ) -> Result<usize> {
        let left = self.renew_teachers(work, ended, now).await?;
        self.close_accounts(work, ended).await?;
        self.renew_settings(work, ended, now).await?;
        Ok(left)
    }

    /// Teachers are reached where they were last. Gives how many who were removed are there.
    async fn renew_teachers(
        &self,
        work: &mut Work,
        ended: &Endings,
        now: Timestamp,
    ) -> Result<usize> {
        for (id, last) in &ended.teachers {
            work.run(
                "UPDATE teachers SET name = $3, email = $4 WHERE school = $1 AND id = $2",
                values![self.school, *id, last.name.as_str(), last.email.as_deref()],
            )
            .await?;
            self.drop_waiting(work, Holder::Teacher(*id)).await?;
        }
        let mut left = 0;
        for id in &ended.removed_teachers {
            left += usize::from(!self.remove_again(work, *id, now).await?);
        }
        Ok(left)
    }

    /// What waits in the backup for whoever is reached elsewhere by now is for the address of then.
    pub(super) async fn drop_waiting(&self, work: &mut Work, holder: Holder) -> Read<()> {
        work.run(
            "DELETE FROM mail WHERE school = $1 AND holder = $2 AND state IN ('queued', 'sending')",
            values![self.school, holder],
        )
        .await?;
        Ok(())
    }

    /// Whether a teacher could be removed.
    async fn remove_again(&self, work: &mut Work, id: TeacherId, now: Timestamp) -> Result<bool> {
        match self.check_not_needed(work, id, now).await {
            Err(Error::Refused(_)) => return Ok(false),
            is_free => is_free?,
        }
        work.run(
            "UPDATE teachers SET removed_at = $3, stays = 0 WHERE school = $1 AND id = $2",
            values![self.school, id, now],
        )
        .await?;
        let (actor, subject) = (Actor::Program, format!("teacher:{id}"));
        self.audit(work, actor, Action::Removed, &subject, &[], now)
            .await?;
        Ok(true)
    }

    /// Whoever's account opened no more of somebody's is shown nothing of theirs.
    async fn close_accounts(&self, work: &mut Work, ended: &Endings) -> Read<()> {
        for (contact, account) in &ended.parted {
            work.run(
                "DELETE FROM account_contacts WHERE school = $1 AND contact = $2 AND account = $3",
                values![self.school, *contact, *account],
            )
            .await?;
        }
        Ok(())
    }

    /// The information system is asked as it was last, or not at all; and the school's settings say what they said last.
    async fn renew_settings(&self, work: &mut Work, ended: &Endings, now: Timestamp) -> Result<()> {
        if let Some(it) = &ended.settings {
            work.run(
                "UPDATE schools SET contact_email = $2, contact_phone = $3, retention_days = $4,
                   parents_invite = $5, reminds = $6 WHERE id = $1",
                values![
                    self.school,
                    it.contact_email.as_str(),
                    it.contact_phone.as_str(),
                    it.retention_days,
                    it.parents_invite.as_str(),
                    it.reminds
                ],
            )
            .await?;
        }
        match &ended.system {
            Some(Some(it)) => {
                work.run(
                    "UPDATE information_systems SET region = $2, id_there = $3, token = $4,
                       nightly = $5, night = $6 WHERE school = $1",
                    values![
                        self.school,
                        it.region.as_str(),
                        it.id_there.as_str(),
                        it.token.as_slice(),
                        it.nightly,
                        it.night.as_str()
                    ],
                )
                .await?;
            }
            Some(None) => self.disconnect(work, Actor::Program, now).await?,
            None => {}
        }
        Ok(())
    }
}
