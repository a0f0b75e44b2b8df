//! What those who take an appointment write down for themselves, and who comes before it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use school::{Actor, BookingId, EveningId, MeetingId, Note, Refusal, TeacherId};

use crate::audit::Action;
use crate::fault::Result;
use crate::store::Store;
use crate::value::{columns, values};

columns! {
    struct NoteRow {
        booking: BookingId,
        note: Note,
    }
}

columns! {
    struct WrittenRow {
        meeting: MeetingId,
        teacher_note: Note,
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

    /// Writes that down for one appointment, at any time, where it still reads as `before`, if that is
    /// given; empty takes it away. Gives its meeting.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where it is not theirs, or was cancelled; [`Refusal::ChangedMeanwhile`] where
    /// somebody else of those who take it has written something else.
    pub async fn note_for_teachers(
        &self,
        (teacher, evening): (TeacherId, EveningId),
        booking: BookingId,
        note: &Note,
        before: Option<&str>,
        now: Timestamp,
    ) -> Result<MeetingId> {
        let mut work = self.write().await?;
        let found: Option<WrittenRow> = work
            .row(
                "SELECT meeting, teacher_note FROM bookings
                 WHERE school = $1 AND id = $2 AND evening = $3 AND cancelled_at IS NULL
                   AND id IN (SELECT booking FROM booking_teachers
                     WHERE school = $1 AND teacher = $4)",
                values![self.school, booking, evening, teacher],
            )
            .await?;
        let found = found.ok_or(Refusal::NotFound)?;
        // The answer to the same words was lost on its way.
        let is_written = found.teacher_note == *note;
        let stands = before.is_none_or(|it| it == found.teacher_note.reveal());
        if !is_written && !stands {
            return Err(Refusal::ChangedMeanwhile.into());
        }
        let written = work
            .run(
                "UPDATE bookings SET teacher_note = $3
                 WHERE school = $1 AND id = $2 AND teacher_note = $4",
                values![self.school, booking, note, &found.teacher_note],
            )
            .await?;
        if written == 0 {
            return Err(Refusal::ChangedMeanwhile.into());
        }
        if !is_written {
            let (subject, actor) = (format!("booking:{booking}"), Actor::Teacher(teacher));
            let action = Action::NoteChanged;
            self.audit(&mut work, actor, action, &subject, &[], now)
                .await?;
        }
        work.commit().await?;
        Ok(found.meeting)
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
