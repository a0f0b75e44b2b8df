//! How talks went: who was there, and by how much they were made longer.

use call::Course;
use jiff::{SignedDuration, Timestamp};
use school::MeetingId;

use crate::appointments::Appointment;
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::value::{columns, values};

columns! {
    struct NextRow {
        next: Option<Timestamp>,
    }
}

/// How far a talk has come, from what is kept of it.
pub(crate) fn course(
    (school_at, family_at, met_at): (Option<Timestamp>, Option<Timestamp>, Option<Timestamp>),
    longer: Option<i64>,
) -> Course {
    Course {
        school_at,
        family_at,
        met_at,
        longer: SignedDuration::from_millis(longer.unwrap_or(0)),
    }
}

/// When a talk ends that was to end then, and was made longer.
pub(crate) fn after(end: Timestamp, longer: Option<i64>) -> Timestamp {
    let longer = SignedDuration::from_millis(longer.unwrap_or(0));
    end.checked_add(longer).unwrap_or(end)
}

impl Store {
    /// Keeps how the talk that begins at `start` has gone so far. What was kept of it before stands:
    /// they may be kept in any order.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn keep_talk(
        &self,
        meeting: MeetingId,
        start: Timestamp,
        course: &Course,
    ) -> Result<()> {
        let mut work = self.write().await?;
        work.run(
            "INSERT INTO talks (school, meeting, start_at, school_at, family_at, met_at, longer)
             SELECT school, id, $3, $4, $5, $6, $7 FROM meetings WHERE school = $1 AND id = $2
             ON CONFLICT (meeting, start_at, school) DO UPDATE SET
               school_at = COALESCE(talks.school_at, excluded.school_at),
               family_at = COALESCE(talks.family_at, excluded.family_at),
               met_at = COALESCE(talks.met_at, excluded.met_at),
               longer = CASE WHEN talks.longer < excluded.longer THEN excluded.longer
                 ELSE talks.longer END",
            values![
                self.school,
                meeting,
                start,
                course.school_at,
                course.family_at,
                course.met_at,
                i64::try_from(course.longer.as_millis()).unwrap_or(i64::MAX)
            ],
        )
        .await?;
        work.commit().await?;
        Ok(())
    }

    /// A call in a room begins: what limits it is counted from now on. Of those before it nothing is kept.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn keep_beginning(&self, meeting: MeetingId, at: Timestamp) -> Result<()> {
        let mut work = self.write().await?;
        work.run(
            "DELETE FROM talks WHERE school = $1 AND meeting = $2 AND start_at < $3",
            values![self.school, meeting, at],
        )
        .await?;
        work.run(
            "INSERT INTO talks (school, meeting, start_at, longer)
             SELECT school, id, $3, 0 FROM meetings WHERE school = $1 AND id = $2
             ON CONFLICT (meeting, start_at, school) DO NOTHING",
            values![self.school, meeting, at],
        )
        .await?;
        work.commit().await?;
        Ok(())
    }

    /// Until when a talk may be made longer: until its teachers or its family have another, in whichever evening, and no
    /// longer than talks may run over.
    pub(crate) async fn room_after(&self, work: &mut Work, of: &Appointment) -> Read<Timestamp> {
        let latest = self.options.margins.latest(of.end);
        let rows: Vec<NextRow> = work
            .rows(
                "SELECT MIN(others.start_at) AS next FROM bookings AS others
                 WHERE others.school = $1 AND others.start_at >= $2 AND others.cancelled_at IS NULL
                   AND others.evening IN (SELECT id FROM evenings
                     WHERE school = $1 AND start_at < $3 AND end_at > $2)
                   AND (others.parent = $4 OR others.id IN (
                     SELECT theirs.booking FROM booking_teachers AS own
                     JOIN booking_teachers AS theirs ON theirs.school = own.school
                       AND theirs.teacher = own.teacher
                     WHERE own.school = $1 AND own.booking = $5))",
                values![self.school, of.end, latest, of.parent, of.id],
            )
            .await?;
        let next = rows.into_iter().find_map(|row| row.next);
        Ok(next.map_or(latest, |next| next.min(latest)))
    }
}
