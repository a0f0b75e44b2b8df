//! The school itself.

use jiff::Timestamp;
use school::registration::ParentsInvite;
use school::retention::Period;
use school::{Actor, Label, Refusal, SchoolId};

use crate::audit::{self, Action};
use crate::database::Database;
use crate::fault::{Fault, Result};
use crate::store::Store;
use crate::value::values;

/// What the office says of its school.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct School {
    /// What it is called, in e-mails and on pages.
    pub name: Label,
    /// The zone that new evenings begin with, such as `Europe/London`.
    pub zone: String,
    /// Where "Contact Us" leads: an e-mail address; may be empty.
    pub contact_email: String,
    /// A telephone number beside it, as people read it; may be empty.
    pub contact_phone: String,
    /// Whether parents may invite other parents of their children (DIR-6).
    pub parents_invite: ParentsInvite,
    /// Whether whoever has not registered is reminded (DIR-5).
    pub reminds: bool,
    /// How long personal data is kept after an evening.
    pub keep: Period,
}

/// The school of a database, made where there is none.
pub(crate) async fn first(database: &Database) -> std::result::Result<SchoolId, Fault> {
    let mut work = database.write().await?;
    if let Some(row) = work.one("SELECT MIN(id) FROM schools", values![]).await?
        && let Some(id) = row.maybe(0)?
    {
        return Ok(id);
    }
    let id = SchoolId(1);
    work.run(
        "INSERT INTO schools (id, name, zone, contact_email, contact_phone, retention_days,
           audit_count, audit_hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        values![
            id,
            "Our school",
            "Europe/London",
            "",
            "",
            Period::default().days(),
            0_i64,
            audit::FIRST.as_slice()
        ],
    )
    .await?;
    work.commit().await?;
    Ok(id)
}

impl Store {
    /// What the office says of the school.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where no such school is kept.
    pub async fn school(&self) -> Result<School> {
        let mut work = self.glance().await?;
        let row = work
            .one(
                "SELECT name, zone, contact_email, contact_phone, retention_days, parents_invite,
                   reminds
                 FROM schools WHERE id = $1",
                values![self.school],
            )
            .await?
            .ok_or(Refusal::NotFound)?;
        Ok(School {
            name: row.named("name")?,
            zone: row.named("zone")?,
            contact_email: row.named("contact_email")?,
            contact_phone: row.named("contact_phone")?,
            parents_invite: row.named("parents_invite")?,
            reminds: row.named::<i64>("reminds")? != 0,
            keep: Period::of_days(row.named("retention_days")?),
        })
    }

    /// Changes what the office says of the school.
    ///
    /// # Errors
    ///
    /// [`Refusal::ZoneUnknown`], [`Refusal::TextNotPlain`] and [`Refusal::TextTooLong`].
    pub async fn change_school(&self, school: &School, actor: Actor, now: Timestamp) -> Result<()> {
        school::evening::zone(&school.zone)?;
        let contact_email = school::text::read_line(&school.contact_email)?;
        let contact_phone = school::text::read_line(&school.contact_phone)?;
        let mut work = self.write().await?;
        work.run(
            "UPDATE schools SET name = $2, zone = $3, contact_email = $4, contact_phone = $5,
               retention_days = $6, parents_invite = $7, reminds = $8
             WHERE id = $1",
            values![
                self.school,
                &school.name,
                school.zone.as_str(),
                contact_email,
                contact_phone,
                school.keep.days(),
                school.parents_invite.code(),
                i64::from(school.reminds)
            ],
        )
        .await?;
        self.audit(&mut work, actor, Action::SchoolChanged, "school", &[], now)
            .await?;
        work.commit().await?;
        Ok(())
    }
}
