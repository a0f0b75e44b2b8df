//! Appointments of other evenings at the same time: nobody is in two places at once (EVE-19).

use school::timetable::Elsewhere;
use school::{ContactId, Evening};

use crate::database::Work;
use crate::fault::{Fault, Read};
use crate::store::Store;
use crate::value::values;

impl Store {
    /// What is held in evenings that overlap with this one, of that parent or of a teacher whom
    /// their students have.
    pub(crate) async fn elsewhere(
        &self,
        work: &mut Work,
        parent: ContactId,
        evening: &Evening,
    ) -> Read<Vec<Elsewhere>> {
        if !self.overlaps(work, evening).await? {
            return Ok(Vec::new());
        }
        let rows = work
            .all(
                "SELECT bookings.parent, booking_teachers.teacher, start_at, end_at FROM bookings
                 JOIN booking_teachers ON booking_teachers.school = bookings.school
                   AND booking_teachers.booking = bookings.id
                 WHERE bookings.school = $1 AND bookings.evening <> $2 AND cancelled_at IS NULL
                   AND start_at < $5 AND end_at > $4
                   AND (bookings.parent = $3 OR booking_teachers.teacher IN (
                     SELECT class_teachers.teacher FROM guardians
                     JOIN class_students ON class_students.school = guardians.school
                       AND class_students.student = guardians.student
                     JOIN class_teachers ON class_teachers.school = guardians.school
                       AND class_teachers.class = class_students.class
                     WHERE guardians.school = $1 AND guardians.contact = $3))",
                values![self.school, evening.id, parent, evening.start, evening.end],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Elsewhere {
                    parent: row.get(0)?,
                    teacher: row.get(1)?,
                    start: row.get(2)?,
                    end: row.get(3)?,
                })
            })
            .collect()
    }

    /// Lets nobody else book in evenings that overlap, until this is done: there the database sees
    /// two places as two, and does not refuse them. `SQLite` has one writer anyway.
    pub(crate) async fn take_turns(&self, work: &mut Work, evening: &Evening) -> Result<(), Fault> {
        if work.is_postgres() && self.overlaps(work, evening).await? {
            // The number is no other lock's.
            work.script("SELECT pg_advisory_xact_lock(7011405422)".to_owned())
                .await?;
        }
        Ok(())
    }

    async fn overlaps(&self, work: &mut Work, evening: &Evening) -> Read<bool> {
        let others = work
            .count(
                "SELECT COUNT(*) FROM evenings
                 WHERE school = $1 AND id <> $2 AND start_at < $4 AND end_at > $3",
                values![self.school, evening.id, evening.start, evening.end],
            )
            .await?;
        Ok(others > 0)
    }
}
