//! What contacts say of themselves who were named from a student's profile (DIR-8).

use std::collections::BTreeSet;

use jiff::Timestamp;
use school::{AccountId, Actor, ContactId, Refusal, StudentId};

use crate::audit::Action;
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::registrations::RegistrationState;
use crate::store::Store;
use crate::value::{columns, values};

/// What a contact says of themselves.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ContactDetails {
    /// Their telephone number as people write it; may be empty.
    pub telephone: String,
    /// The language they read, a tag of BCP 47; empty where they did not say.
    pub language: String,
    /// Whether the school may see the number.
    pub school_telephone: bool,
    /// Whether other parents of their children may see their address, who show theirs.
    pub families_email: bool,
    /// Whether those may see the number.
    pub families_telephone: bool,
    /// The students who live with them.
    pub lives_with: BTreeSet<StudentId>,
}

columns! {
    struct DetailsRow {
        telephone: String,
        language: String,
        school_telephone: i64,
        families_email: i64,
        families_telephone: i64,
    }
}

impl Store {
    /// What a contact has said of themselves; nothing where they were not asked, or did not answer.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn contact_details(&self, contact: ContactId) -> Result<Option<ContactDetails>> {
        let mut work = self.read().await?;
        Ok(self.details_of(&mut work, contact).await?)
    }

    pub(crate) async fn details_of(
        &self,
        work: &mut Work,
        contact: ContactId,
    ) -> Read<Option<ContactDetails>> {
        let row: Option<DetailsRow> = work
            .row(
                "SELECT telephone, language, school_telephone, families_email, families_telephone
                 FROM contact_details WHERE school = $1 AND contact = $2",
                values![self.school, contact],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let homes = work
            .all(
                "SELECT student FROM households WHERE school = $1 AND contact = $2 AND student IN (
                   SELECT student FROM guardians WHERE school = $1 AND contact = $2)",
                values![self.school, contact],
            )
            .await?;
        Ok(Some(ContactDetails {
            telephone: row.telephone,
            language: row.language,
            school_telephone: row.school_telephone != 0,
            families_email: row.families_email != 0,
            families_telephone: row.families_telephone != 0,
            lives_with: homes.iter().map(|it| it.get(0)).collect::<Read<_>>()?,
        }))
    }

    /// Whoever holds an invitation to register that asks for details gives them, for the first time or
    /// once more.
    ///
    /// # Errors
    ///
    /// [`Refusal::SetUpDone`] where it is good no longer or asks for none, [`Refusal::NotFound`] where
    /// a student is not theirs, and what [`school::text::read_line`] refuses.
    pub async fn give_details(
        &self,
        digest: &[u8; 32],
        details: &ContactDetails,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        let open = self.find_registration(&mut work, digest, now).await?;
        let open = open
            .filter(|it| it.state == RegistrationState::Open && it.asks.is_some())
            .ok_or(Refusal::SetUpDone)?;
        self.keep_details(&mut work, open.contact, details, now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// Whoever has an account says other details of themselves (DIR-9).
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where the record or a student is not theirs, and what
    /// [`school::text::read_line`] refuses.
    pub async fn change_details(
        &self,
        (account, contact): (AccountId, ContactId),
        details: &ContactDetails,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        self.own_contact(&mut work, account, contact).await?;
        self.keep_details(&mut work, contact, details, now).await?;
        work.commit().await?;
        Ok(())
    }

    async fn keep_details(
        &self,
        work: &mut Work,
        contact: ContactId,
        details: &ContactDetails,
        now: Timestamp,
    ) -> Result<()> {
        let telephone = school::text::read_line(&details.telephone)?;
        let own = self.students_of(work, contact).await?;
        if !details.lives_with.is_subset(&own) {
            return Err(Refusal::NotFound.into());
        }
        if !details.language.is_empty() {
            // What is written to them is in it, from the next reminder on: also where they have said it before,
            // and a page has said another since.
            work.run(
                "UPDATE holders SET language = $3 WHERE school = $1 AND id = $2",
                values![self.school, contact, details.language.as_str()],
            )
            .await?;
        }
        if self.details_of(work, contact).await?.as_ref() == Some(details) {
            // Nothing was said.
            return Ok(());
        }
        work.run(
            "INSERT INTO contact_details (school, contact, telephone, language, school_telephone,
               families_email, families_telephone, given_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (contact, school) DO UPDATE SET telephone = excluded.telephone,
               language = excluded.language, school_telephone = excluded.school_telephone,
               families_email = excluded.families_email,
               families_telephone = excluded.families_telephone, given_at = excluded.given_at,
               accepted_beside = CASE WHEN excluded.telephone = contact_details.telephone
                 THEN contact_details.accepted_beside END",
            values![
                self.school,
                contact,
                telephone,
                details.language.as_str(),
                i64::from(details.school_telephone),
                i64::from(details.families_email),
                i64::from(details.families_telephone),
                now
            ],
        )
        .await?;
        work.run(
            "DELETE FROM households WHERE school = $1 AND contact = $2",
            values![self.school, contact],
        )
        .await?;
        for student in &details.lives_with {
            work.run(
                "INSERT INTO households (school, contact, student) VALUES ($1, $2, $3)",
                values![self.school, contact, *student],
            )
            .await?;
        }
        let subject = format!("contact:{contact}");
        let actor = Actor::Parent(contact);
        self.audit(work, actor, Action::DetailsGiven, &subject, &[], now)
            .await
    }
}
