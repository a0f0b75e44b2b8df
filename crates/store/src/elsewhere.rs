//! Appointments of other evenings at the same time: nobody is in two places at once (EVE-19).
//!
//! Between two evenings no constraint of the database refuses it, as it does within one: it is
//! checked by who writes, and of a school one writes at a time ([`Store::write`]).

use jiff::Timestamp;
use school::timetable::Elsewhere;
use school::{ContactId, Evening, EveningId, Refusal, TeacherId};

use crate::database::Work;
use crate::evenings::{evening_columns, read_evening};
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::talks::after;
use crate::value::{columns, values};

/// An evening among the school's others.
pub(crate) struct Placed {
    pub(crate) evening: Evening,
    /// Whether another is held at the same time, or part of it.
    overlaps: bool,
}

columns! {
    struct ElsewhereRow {
        parent: ContactId,
        teacher: TeacherId,
        start_at: Timestamp,
        end_at: Timestamp,
        longer: Option<i64>,
    }
}

impl Store {
    /// An evening, and whether another is held at the same time.
    pub(crate) async fn place_evening(&self, work: &mut Work, id: EveningId) -> Result<Placed> {
        let row = work
            .one(
                concat!(
                    "SELECT ",
                    evening_columns!(),
                    ", (SELECT COUNT(*) FROM evenings AS others
                        WHERE others.school = evenings.school AND others.id <> evenings.id
                          AND others.start_at < evenings.end_at
                          AND others.end_at > evenings.start_at) AS overlaps
                     FROM evenings WHERE school = $1 AND id = $2"
                ),
                values![self.school, id],
            )
            .await?
            .ok_or(Refusal::NotFound)?;
        Ok(Placed {
            evening: read_evening(&row)?,
            overlaps: row.named::<i64>("overlaps")? > 0,
        })
    }

    /// What is held in evenings that overlap with this one, of that parent, of a teacher whom
    /// their students have, or of one who takes an appointment of theirs: their student's class may
    /// have others by now.
    pub(crate) async fn elsewhere(
        &self,
        work: &mut Work,
        parent: ContactId,
        placed: &Placed,
    ) -> Read<Vec<Elsewhere>> {
        if !placed.overlaps {
            return Ok(Vec::new());
        }
        let evening = &placed.evening;
        let rows: Vec<ElsewhereRow> = work
            .rows(
                "SELECT bookings.parent, booking_teachers.teacher, bookings.start_at AS start_at,
                   bookings.end_at AS end_at, talks.longer AS longer
                 FROM bookings
                 JOIN booking_teachers ON booking_teachers.school = bookings.school
                   AND booking_teachers.booking = bookings.id
                 LEFT JOIN talks ON talks.school = bookings.school
                   AND talks.meeting = bookings.meeting AND talks.start_at = bookings.start_at
                 WHERE bookings.school = $1 AND bookings.evening <> $2 AND cancelled_at IS NULL
                   AND bookings.start_at < $5 AND bookings.end_at > $4
                   AND (bookings.parent = $3 OR booking_teachers.teacher IN (
                     SELECT evening_teachers.teacher FROM guardians
                     JOIN class_students ON class_students.school = guardians.school
                       AND class_students.student = guardians.student
                     JOIN evening_teachers ON evening_teachers.school = guardians.school
                       AND evening_teachers.evening = $2
                       AND evening_teachers.class = class_students.class
                     WHERE guardians.school = $1 AND guardians.contact = $3
                     UNION
                     SELECT own.teacher FROM bookings AS theirs
                     JOIN booking_teachers AS own ON own.school = theirs.school
                       AND own.booking = theirs.id
                     WHERE theirs.school = $1 AND theirs.evening = $2 AND theirs.parent = $3
                       AND theirs.cancelled_at IS NULL))",
                values![self.school, evening.id, parent, evening.start, evening.end],
            )
            .await?;
        let rows = rows.into_iter().map(|row| Elsewhere {
            parent: row.parent,
            teacher: row.teacher,
            start: row.start_at,
            end: row.end_at,
            until: after(row.end_at, row.longer),
        });
        Ok(rows.collect())
    }
}
