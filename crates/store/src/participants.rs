//! Who takes part in an evening, and how far it is prepared.

use jiff::Timestamp;
use school::{ClassId, EmailAddress, Evening, EveningId, Name};

use crate::database::{Row, Work};
use crate::evenings::{evening_columns, read_evening};
use crate::fault::{Read, Result};
use crate::holders::Holder;
use crate::outbox::Delivery;
use crate::store::Store;
use crate::value::values;

/// An evening, and how far it is prepared.
#[derive(Clone, Debug)]
pub struct EveningSummary {
    /// The evening.
    pub evening: Evening,
    /// The classes that take part.
    pub classes: Vec<ClassId>,
    /// Whether they are all there are, also those that are added later.
    pub all_classes: bool,
    /// How many appointments are booked.
    pub booked: i64,
    /// How many parents were sent a confirmation, or will be.
    pub confirmations: i64,
}

/// A parent or teacher of an evening.
#[derive(Clone, Debug)]
pub struct Participant {
    /// Who.
    pub holder: Holder,
    /// Their name.
    pub name: Name,
    /// Their address.
    pub email: Option<EmailAddress>,
    /// How many appointments they have.
    pub appointments: i64,
    /// What became of the newest e-mail with their link, and when it was queued.
    pub mail: Option<(Timestamp, Delivery)>,
}

/// The people of an evening.
#[derive(Clone, Debug)]
pub struct Participants {
    /// By name.
    pub teachers: Vec<Participant>,
    /// Those without a court order, by name.
    pub parents: Vec<Participant>,
}

impl Store {
    /// All evenings, the latest first.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn evenings(&self) -> Result<Vec<EveningSummary>> {
        let mut work = self.read().await?;
        let rows = work
            .all(
                concat!(
                    "SELECT ",
                    evening_columns!(),
                    " FROM evenings WHERE school = $1 ORDER BY start_at DESC, id"
                ),
                values![self.school],
            )
            .await?;
        let mut evenings = Vec::with_capacity(rows.len());
        for row in &rows {
            evenings.push(self.summary(&mut work, read_evening(row)?).await?);
        }
        Ok(evenings)
    }

    /// An evening, and how far it is prepared.
    ///
    /// # Errors
    ///
    /// [`school::Refusal::NotFound`].
    pub async fn evening_summary(&self, id: EveningId) -> Result<EveningSummary> {
        let mut work = self.read().await?;
        let evening = self.find_evening(&mut work, id).await?;
        Ok(self.summary(&mut work, evening).await?)
    }

    async fn summary(&self, work: &mut Work, evening: Evening) -> Read<EveningSummary> {
        let classes = work
            .all(
                "SELECT class FROM evening_classes
                 JOIN classes ON classes.school = evening_classes.school
                   AND classes.id = evening_classes.class
                 WHERE evening_classes.school = $1 AND evening = $2 AND removed_at IS NULL
                 ORDER BY classes.name, class",
                values![self.school, evening.id],
            )
            .await?;
        let booked = work
            .count(
                "SELECT COUNT(*) FROM bookings
                 WHERE school = $1 AND evening = $2 AND cancelled_at IS NULL",
                values![self.school, evening.id],
            )
            .await?;
        let confirmations = work
            .count(
                "SELECT COUNT(DISTINCT contact) FROM mail
                 WHERE school = $1 AND evening = $2 AND kind = 'confirmation'",
                values![self.school, evening.id],
            )
            .await?;
        let all_classes = work
            .count(
                "SELECT all_classes FROM evenings WHERE school = $1 AND id = $2",
                values![self.school, evening.id],
            )
            .await?;
        Ok(EveningSummary {
            all_classes: all_classes == 1,
            classes: classes.iter().map(|row| row.get(0)).collect::<Read<_>>()?,
            booked,
            confirmations,
            evening,
        })
    }

    /// The teachers and parents of an evening, by name: those of its classes.
    ///
    /// # Errors
    ///
    /// [`school::Refusal::NotFound`].
    pub async fn participants(&self, evening: EveningId) -> Result<Participants> {
        let mut work = self.read().await?;
        self.find_evening(&mut work, evening).await?;
        let teachers = work
            .all(
                "SELECT DISTINCT teachers.name, teachers.id, teachers.email
                 FROM evening_classes
                 JOIN class_teachers ON class_teachers.school = evening_classes.school
                   AND class_teachers.class = evening_classes.class
                 JOIN teachers ON teachers.school = evening_classes.school
                   AND teachers.id = class_teachers.teacher
                 JOIN classes ON classes.school = evening_classes.school
                   AND classes.id = evening_classes.class
                 WHERE evening_classes.school = $1 AND evening = $2
                   AND teachers.removed_at IS NULL AND classes.removed_at IS NULL
                 ORDER BY teachers.name, teachers.id",
                values![self.school, evening],
            )
            .await?;
        let parents = work
            .all(
                "SELECT DISTINCT contacts.name, contacts.id, contacts.email
                 FROM evening_classes
                 JOIN class_students ON class_students.school = evening_classes.school
                   AND class_students.class = evening_classes.class
                 JOIN guardians ON guardians.school = evening_classes.school
                   AND guardians.student = class_students.student
                 JOIN contacts ON contacts.school = evening_classes.school
                   AND contacts.id = guardians.contact
                 JOIN classes ON classes.school = evening_classes.school
                   AND classes.id = evening_classes.class
                 WHERE evening_classes.school = $1 AND evening = $2 AND court_order_at IS NULL AND may_be IS NULL
                   AND classes.removed_at IS NULL
                 ORDER BY contacts.name, contacts.id",
                values![self.school, evening],
            )
            .await?;
        let mut people = Participants {
            teachers: Vec::with_capacity(teachers.len()),
            parents: Vec::with_capacity(parents.len()),
        };
        for row in &teachers {
            let one = self.teacher_of(&mut work, evening, row).await?;
            people.teachers.push(one);
        }
        for row in &parents {
            let one = self.parent_of(&mut work, evening, row).await?;
            people.parents.push(one);
        }
        Ok(people)
    }

    async fn teacher_of(
        &self,
        work: &mut Work,
        evening: EveningId,
        row: &Row,
    ) -> Read<Participant> {
        let id = row.get(1)?;
        let appointments = work
            .count(
                "SELECT COUNT(*) FROM booking_teachers
                 WHERE school = $1 AND evening = $2 AND teacher = $3",
                values![self.school, evening, id],
            )
            .await?;
        let mail = work
            .one(
                "SELECT queued_at, state, reason FROM mail
                 WHERE school = $1 AND evening = $2 AND teacher = $3
                 ORDER BY queued_at DESC LIMIT 1",
                values![self.school, evening, id],
            )
            .await?;
        Ok(Participant {
            holder: Holder::Teacher(id),
            name: row.get(0)?,
            email: row.maybe(2)?,
            appointments,
            mail: mail.as_ref().map(read_delivery).transpose()?,
        })
    }

    async fn parent_of(&self, work: &mut Work, evening: EveningId, row: &Row) -> Read<Participant> {
        let id = row.get(1)?;
        let appointments = work
            .count(
                "SELECT COUNT(*) FROM bookings
                 WHERE school = $1 AND evening = $2 AND parent = $3 AND cancelled_at IS NULL",
                values![self.school, evening, id],
            )
            .await?;
        let mail = work
            .one(
                "SELECT queued_at, state, reason FROM mail
                 WHERE school = $1 AND evening = $2 AND contact = $3
                 ORDER BY queued_at DESC LIMIT 1",
                values![self.school, evening, id],
            )
            .await?;
        Ok(Participant {
            holder: Holder::Parent(id),
            name: row.get(0)?,
            email: row.maybe(2)?,
            appointments,
            mail: mail.as_ref().map(read_delivery).transpose()?,
        })
    }
}

fn read_delivery(row: &Row) -> Read<(Timestamp, Delivery)> {
    let state: String = row.get(1)?;
    Ok((row.get(0)?, Delivery::of(&state, row.get(2)?)?))
}
