//! Who takes part in an evening, and how far it is prepared.

use std::collections::BTreeMap;

use jiff::Timestamp;
use school::{
    ClassId, ContactId, EmailAddress, Evening, EveningId, Holder, Name, Refusal, TeacherId,
};

use crate::database::Work;
use crate::evenings::{evening_columns, read_evening};
use crate::fault::{Read, Result};
use crate::outbox::Delivery;
use crate::store::Store;
use crate::value::{columns, values};

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
    /// Whether a link of theirs lives: they know of the evening, by e-mail or by letter.
    pub has_link: bool,
}

/// The people of an evening.
#[derive(Clone, Debug)]
pub struct Participants {
    /// By name.
    pub teachers: Vec<Participant>,
    /// Those without a court order, by name.
    pub parents: Vec<Participant>,
    /// The teachers who cannot come (EVE-13).
    pub away: Vec<TeacherId>,
}

columns! {
    struct ClassRow {
        evening: EveningId,
        class: ClassId,
    }
}

columns! {
    struct AwayRow {
        teacher: Option<TeacherId>,
    }
}

columns! {
    struct TeacherRow {
        id: TeacherId,
        name: Name,
        email: Option<EmailAddress>,
        appointments: i64,
        queued_at: Option<Timestamp>,
        state: Option<String>,
        reason: Option<String>,
        link: Option<links::LinkId>,
    }
}

columns! {
    struct ParentRow {
        id: ContactId,
        name: Name,
        email: Option<EmailAddress>,
        appointments: i64,
        queued_at: Option<Timestamp>,
        state: Option<String>,
        reason: Option<String>,
        link: Option<links::LinkId>,
    }
}

impl Store {
    /// All evenings, the latest first.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn evenings(&self) -> Result<Vec<EveningSummary>> {
        let mut work = self.read().await?;
        Ok(self.summaries(&mut work, None).await?)
    }

    /// An evening, and how far it is prepared.
    ///
    /// # Errors
    ///
    /// [`school::Refusal::NotFound`].
    pub async fn evening_summary(&self, id: EveningId) -> Result<EveningSummary> {
        let mut work = self.read().await?;
        let found = self.summaries(&mut work, Some(id)).await?;
        Ok(found.into_iter().next().ok_or(Refusal::NotFound)?)
    }

    /// Of that evening, or of all.
    async fn summaries(
        &self,
        work: &mut Work,
        evening: Option<EveningId>,
    ) -> Read<Vec<EveningSummary>> {
        let one = evening.unwrap_or(EveningId(0));
        let classes: Vec<ClassRow> = work
            .rows(
                "SELECT evening, class FROM evening_classes
                 JOIN classes ON classes.school = evening_classes.school
                   AND classes.id = evening_classes.class
                 WHERE evening_classes.school = $1 AND ($2 = 0 OR evening = $2)
                   AND removed_at IS NULL
                 ORDER BY classes.name, class",
                values![self.school, one],
            )
            .await?;
        let mut of_evening: BTreeMap<EveningId, Vec<ClassId>> = BTreeMap::new();
        for row in classes {
            of_evening.entry(row.evening).or_default().push(row.class);
        }
        let rows = work
            .all(
                concat!(
                    "SELECT ",
                    evening_columns!(),
                    ", all_classes,
                       (SELECT COUNT(*) FROM bookings
                        WHERE bookings.school = evenings.school
                          AND bookings.evening = evenings.id AND cancelled_at IS NULL) AS booked,
                       COALESCE(confirmed.parents, 0) AS confirmations
                     FROM evenings
                     LEFT JOIN (
                       SELECT scope, COUNT(DISTINCT holder) AS parents FROM mail
                       WHERE school = $1 AND kind = 'confirmation' AND ($2 = 0 OR scope = $2)
                       GROUP BY scope) AS confirmed ON confirmed.scope = evenings.id
                     WHERE school = $1 AND ($2 = 0 OR evenings.id = $2)
                     ORDER BY start_at DESC, evenings.id"
                ),
                values![self.school, one],
            )
            .await?;
        rows.iter()
            .map(|row| {
                let evening = read_evening(row)?;
                Ok(EveningSummary {
                    all_classes: row.named::<i64>("all_classes")? == 1,
                    classes: of_evening.remove(&evening.id).unwrap_or_default(),
                    booked: row.named("booked")?,
                    confirmations: row.named("confirmations")?,
                    evening,
                })
            })
            .collect()
    }

    /// The teachers and parents of an evening, by name: those of its classes, and parents who have
    /// booked and are of none any more.
    ///
    /// # Errors
    ///
    /// [`school::Refusal::NotFound`].
    pub async fn participants(&self, evening: EveningId) -> Result<Participants> {
        let mut work = self.read().await?;
        Ok(Participants {
            away: self.away_from(&mut work, evening).await?,
            teachers: self.teachers_of(&mut work, evening).await?,
            parents: self.parents_of(&mut work, evening).await?,
        })
    }

    /// Of an evening from which nobody is away there is one row without a teacher.
    async fn away_from(&self, work: &mut Work, evening: EveningId) -> Result<Vec<TeacherId>> {
        let away: Vec<AwayRow> = work
            .rows(
                "SELECT substitutes.teacher AS teacher FROM evenings
                 LEFT JOIN substitutes ON substitutes.school = evenings.school
                   AND substitutes.evening = evenings.id
                 WHERE evenings.school = $1 AND evenings.id = $2
                 ORDER BY substitutes.teacher",
                values![self.school, evening],
            )
            .await?;
        if away.is_empty() {
            return Err(Refusal::NotFound.into());
        }
        Ok(away.into_iter().filter_map(|row| row.teacher).collect())
    }

    async fn teachers_of(&self, work: &mut Work, evening: EveningId) -> Read<Vec<Participant>> {
        let teachers: Vec<TeacherRow> = work
            .rows(
                "SELECT teachers.id, teachers.name, teachers.email,
                   (SELECT COUNT(*) FROM booking_teachers
                    WHERE booking_teachers.school = teachers.school
                      AND booking_teachers.evening = $2
                      AND booking_teachers.teacher = teachers.id) AS appointments,
                   mail.queued_at, mail.state, mail.reason, links.id AS link
                 FROM teachers
                 LEFT JOIN links ON links.school = teachers.school AND links.scope = $2
                   AND links.holder = teachers.id AND links.withdrawn_at IS NULL
                 LEFT JOIN mail ON mail.school = teachers.school AND mail.id = (
                   SELECT newest.id FROM mail AS newest
                   WHERE newest.school = teachers.school AND newest.scope = $2
                     AND newest.holder = teachers.id
                   ORDER BY newest.queued_at DESC, newest.id LIMIT 1)
                 WHERE teachers.school = $1 AND teachers.removed_at IS NULL AND teachers.id IN (
                   SELECT evening_teachers.teacher FROM evening_teachers
                   JOIN classes ON classes.school = evening_teachers.school
                     AND classes.id = evening_teachers.class
                   WHERE evening_teachers.school = $1 AND evening_teachers.evening = $2
                     AND classes.removed_at IS NULL)
                 ORDER BY teachers.name, teachers.id",
                values![self.school, evening],
            )
            .await?;
        let teachers = teachers.into_iter().map(|row| {
            Ok(Participant {
                holder: Holder::Teacher(row.id),
                name: row.name,
                email: row.email,
                appointments: row.appointments,
                mail: delivery(row.queued_at, row.state, row.reason)?,
                has_link: row.link.is_some(),
            })
        });
        teachers.collect()
    }

    async fn parents_of(&self, work: &mut Work, evening: EveningId) -> Read<Vec<Participant>> {
        let parents: Vec<ParentRow> = work
            .rows(
                "SELECT contacts.id, contacts.name, contacts.email,
                   (SELECT COUNT(*) FROM bookings
                    WHERE bookings.school = contacts.school AND bookings.evening = $2
                      AND bookings.parent = contacts.id
                      AND bookings.cancelled_at IS NULL) AS appointments,
                   mail.queued_at, mail.state, mail.reason, links.id AS link
                 FROM contacts
                 LEFT JOIN links ON links.school = contacts.school AND links.scope = $2
                   AND links.holder = contacts.id AND links.withdrawn_at IS NULL
                 LEFT JOIN mail ON mail.school = contacts.school AND mail.id = (
                   SELECT newest.id FROM mail AS newest
                   WHERE newest.school = contacts.school AND newest.scope = $2
                     AND newest.holder = contacts.id
                   ORDER BY newest.queued_at DESC, newest.id LIMIT 1)
                 WHERE contacts.school = $1 AND court_order_at IS NULL AND may_be IS NULL
                   AND contacts.id IN (
                     SELECT guardians.contact FROM evening_classes
                     JOIN class_students ON class_students.school = evening_classes.school
                       AND class_students.class = evening_classes.class
                     JOIN guardians ON guardians.school = evening_classes.school
                       AND guardians.student = class_students.student
                     JOIN classes ON classes.school = evening_classes.school
                       AND classes.id = evening_classes.class
                     WHERE evening_classes.school = $1 AND evening_classes.evening = $2
                       AND classes.removed_at IS NULL
                     UNION
                     SELECT parent FROM bookings
                     WHERE school = $1 AND evening = $2 AND cancelled_at IS NULL)
                 ORDER BY contacts.name, contacts.id",
                values![self.school, evening],
            )
            .await?;
        let parents = parents.into_iter().map(|row| {
            Ok(Participant {
                holder: Holder::Parent(row.id),
                name: row.name,
                email: row.email,
                appointments: row.appointments,
                mail: delivery(row.queued_at, row.state, row.reason)?,
                has_link: row.link.is_some(),
            })
        });
        parents.collect()
    }
}

/// What became of an e-mail; nothing where there was none.
fn delivery(
    queued_at: Option<Timestamp>,
    state: Option<String>,
    reason: Option<String>,
) -> Read<Option<(Timestamp, Delivery)>> {
    match (queued_at, state, reason) {
        (Some(queued_at), Some(state), Some(reason)) => {
            Ok(Some((queued_at, Delivery::of(&state, reason)?)))
        }
        (_, _, _) => Ok(None),
    }
}
