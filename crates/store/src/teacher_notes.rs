//! What those who take an appointment write down for themselves, and who comes before it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use school::{BookingId, EveningId, MeetingId, Note, Refusal, TeacherId};

use crate::fault::Result;
use crate::store::Store;
use crate::value::{columns, values};

columns! {
    struct NoteRow {
        booking: BookingId,
        note: Note,
    }
}

impl Store {
    /// What stands beside the appointments of a teacher in an evening, where anything does; those who
    /// take one together share it.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn teacher_notes(
        &self,
        teacher: TeacherId,
        evening: EveningId,
    ) -> Result<BTreeMap<BookingId, Note>> {
        let mut work = self.glance().await?;
        let rows: Vec<NoteRow> = work
            .rows(
                "SELECT bookings.id AS booking, bookings.teacher_note AS note FROM bookings
                 JOIN booking_teachers ON booking_teachers.school = bookings.school
                   AND booking_teachers.booking = bookings.id
                 WHERE bookings.school = $1 AND bookings.evening = $2
                   AND booking_teachers.teacher = $3 AND bookings.teacher_note <> ''",
                values![self.school, evening, teacher],
            )
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.booking, row.note))
            .collect())
    }

    /// Writes that down for one appointment, at any time; empty takes it away.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where it is not theirs, or was cancelled.
    pub async fn note_for_teachers(
        &self,
        (teacher, evening): (TeacherId, EveningId),
        booking: BookingId,
        note: &Note,
    ) -> Result<()> {
        let mut work = self.write().await?;
        let changed = work
            .run(
                "UPDATE bookings SET teacher_note = $5
                 WHERE school = $1 AND id = $2 AND evening = $3 AND cancelled_at IS NULL
                   AND id IN (SELECT booking FROM booking_teachers
                     WHERE school = $1 AND teacher = $4)",
                values![self.school, booking, evening, teacher, note],
            )
            .await?;
        if changed == 0 {
            return Err(Refusal::NotFound.into());
        }
        work.commit().await?;
        Ok(())
    }

    /// How many appointments come before this one with those who take it, and are not over then.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn appointments_before(&self, meeting: MeetingId, now: Timestamp) -> Result<usize> {
        let mut work = self.glance().await?;
        let count = work
            .count(
                "SELECT COUNT(DISTINCT others.id) FROM bookings AS own
                 JOIN booking_teachers AS takes ON takes.school = own.school
                   AND takes.booking = own.id
                 JOIN booking_teachers AS theirs ON theirs.school = takes.school
                   AND theirs.evening = takes.evening AND theirs.teacher = takes.teacher
                 JOIN bookings AS others ON others.school = theirs.school
                   AND others.id = theirs.booking
                 LEFT JOIN talks ON talks.school = others.school
                   AND talks.meeting = others.meeting AND talks.start_at = others.start_at
                 WHERE own.school = $1 AND own.meeting = $2 AND others.start_at < own.start_at
                   AND others.cancelled_at IS NULL
                   AND others.end_at + COALESCE(talks.longer, 0) > $3",
                values![self.school, meeting, now],
            )
            .await?;
        Ok(usize::try_from(count).unwrap_or_default())
    }
}
