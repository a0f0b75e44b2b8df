//! Who is entitled to which meeting, written down (CALL-2).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use school::meeting::{Due, Number, Standing, Written, reconcile};
use school::{BookingId, ContactId, Holder, HolderId, MeetingId, Powers, Role};

use crate::database::{Row, Work};
use crate::fault::{Fault, Read};
use crate::store::Store;
use crate::value::{Kept, columns, each, list, listed, values};

/// What may have changed who is entitled to what is booked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Touched {
    /// These appointments.
    pub(crate) bookings: BTreeSet<BookingId>,
    /// All of these parents.
    pub(crate) parents: BTreeSet<ContactId>,
}

impl Touched {
    /// All of that parent.
    pub(crate) fn by(parent: ContactId) -> Self {
        Self {
            parents: BTreeSet::from([parent]),
            ..Self::default()
        }
    }
}

columns! {
    struct FactRow {
        meeting: MeetingId,
        holder: Option<HolderId>,
        role: Role,
        // Of those who have one already; 0 of those who are to have one.
        number: u32,
        has_ended: i64,
    }
}

columns! {
    struct BookingRow {
        id: BookingId,
    }
}

columns! {
    struct StandingRow {
        holder: Option<HolderId>,
        number: u32,
        role: Role,
        ended_at: Option<Timestamp>,
    }
}

/// What is so of one meeting.
#[derive(Default)]
struct Facts {
    due: Vec<Due>,
    stands: Vec<Standing>,
}

impl Kept for Role {
    fn of(row: &Row, column: usize) -> Read<Self> {
        let code: String = row.get(column)?;
        Self::of_code(&code).ok_or(Fault::Broken("somebody of no role"))
    }
}

impl Kept for Powers {
    fn of(row: &Row, column: usize) -> Read<Self> {
        let text: String = row.get(column)?;
        text.parse()
            .map_err(|_unknown| Fault::Broken("a power that is none"))
    }
}

impl Store {
    /// Writes down who is entitled to the meetings of what was touched, where that is others than
    /// before, and gives those meetings. To be called once in every transaction that may change it:
    /// when something is cancelled or given to others, an invitation goes out or ends, and a parent
    /// is barred or is so no longer.
    pub(crate) async fn entitle(
        &self,
        work: &mut Work,
        mut touched: Touched,
        now: Timestamp,
    ) -> Read<BTreeSet<MeetingId>> {
        if !touched.parents.is_empty() {
            let sql = listed!(
                work,
                "SELECT id FROM bookings
                 WHERE school = $1 AND cancelled_at IS NULL AND parent IN",
                ""
            );
            let of = values![self.school, list(touched.parents)];
            let theirs: Vec<BookingRow> = work.rows(sql, of).await?;
            touched.bookings.extend(theirs.iter().map(|row| row.id));
        }
        if touched.bookings.is_empty() {
            return Ok(BTreeSet::new());
        }
        let facts = self.entitling(work, touched.bookings).await?;
        let written: Vec<(MeetingId, Written)> = facts
            .into_iter()
            .flat_map(|(meeting, facts)| {
                let written = reconcile(&facts.due, &facts.stands).into_iter();
                written.map(move |one| (meeting, one))
            })
            .collect();
        self.keep_entitled(work, &written, now).await?;
        Ok(written.iter().map(|(meeting, _)| *meeting).collect())
    }

    /// Writes down who is entitled to meetings that were just made: those who are due there.
    pub(crate) async fn entitle_first(
        &self,
        work: &mut Work,
        made: &[(MeetingId, Vec<Due>)],
        now: Timestamp,
    ) -> Read<()> {
        let written: Vec<_> = made
            .iter()
            .flat_map(|(meeting, due)| {
                let written = reconcile(due, &[]).into_iter();
                written.map(move |one| (*meeting, one))
            })
            .collect();
        self.keep_entitled(work, &written, now).await
    }

    async fn keep_entitled(
        &self,
        work: &mut Work,
        written: &[(MeetingId, Written)],
        now: Timestamp,
    ) -> Read<()> {
        if written.is_empty() {
            return Ok(());
        }
        let rows: Vec<_> = written
            .iter()
            .map(|(meeting, one)| {
                (
                    meeting.0,
                    one.number.0,
                    one.holder.map(|it| it.0),
                    one.role.code(),
                    self.options.powers.of(one.role).to_string(),
                    one.has_ended.then(|| now.as_millisecond()),
                )
            })
            .collect();
        let rows =
            serde_json::to_string(&rows).map_err(|_never| Fault::Broken("what is no JSON"))?;
        let sql = each!(
            work,
            "INSERT INTO entitled (school, meeting, number, holder, role, powers, ended_at)
             SELECT $1, CAST(value ->> 0 AS BIGINT), CAST(value ->> 1 AS BIGINT),
               CAST(value ->> 2 AS BIGINT), value ->> 3, value ->> 4,
               CAST(value ->> 5 AS BIGINT)
             FROM",
            // What they may do was written down when they were first entitled.
            "WHERE 0 = 0
             ON CONFLICT (meeting, number, school) DO UPDATE SET ended_at = excluded.ended_at"
        );
        work.run(sql, values![self.school, rows]).await?;
        Ok(())
    }

    /// Who is to be entitled to the meetings of these appointments, by what is so, and who has a
    /// number there.
    async fn entitling(
        &self,
        work: &mut Work,
        bookings: BTreeSet<BookingId>,
    ) -> Read<BTreeMap<MeetingId, Facts>> {
        let sql = listed!(
            work,
            "WITH touched AS (
               SELECT school, id, meeting, evening, parent, student, cancelled_at FROM bookings
               WHERE school = $1 AND id IN",
            "), due AS (
               SELECT * FROM touched WHERE cancelled_at IS NULL)
             SELECT due.meeting AS meeting, booking_teachers.teacher AS holder,
               'teacher' AS role, booking_teachers.position AS place,
               CAST(0 AS BIGINT) AS number, CAST(0 AS BIGINT) AS has_ended
             FROM due
             JOIN booking_teachers ON booking_teachers.school = due.school
               AND booking_teachers.booking = due.id
             UNION ALL
             SELECT due.meeting, due.parent, 'parent', 100, 0, 0
             FROM due
             JOIN contacts ON contacts.school = due.school AND contacts.id = due.parent
             WHERE contacts.court_order_at IS NULL AND contacts.may_be IS NULL
             UNION ALL
             SELECT due.meeting, invitations.id, 'guest', 100 + invitations.ordinal, 0, 0
             FROM due
             JOIN coverage ON coverage.school = due.school AND coverage.evening = due.evening
               AND coverage.inviter = due.parent AND coverage.student = due.student
             JOIN invitations ON invitations.school = due.school
               AND invitations.id = coverage.invitation AND invitations.state = 'sent'
             UNION ALL
             SELECT due.meeting, came.id, 'guest', 1000, 0, 0
             FROM due
             JOIN (SELECT school, meeting, id FROM call_guests WHERE removed_at IS NULL
               UNION ALL SELECT school, meeting, id FROM callers WHERE stage = 'taken') AS came
               ON came.school = due.school AND came.meeting = due.meeting
             UNION ALL
             SELECT touched.meeting, entitled.holder, entitled.role, 0, entitled.number,
               CASE WHEN entitled.ended_at IS NULL THEN 0 ELSE 1 END
             FROM touched
             JOIN entitled ON entitled.school = touched.school
               AND entitled.meeting = touched.meeting
             ORDER BY place"
        );
        let rows: Vec<FactRow> = work.rows(sql, values![self.school, list(bookings)]).await?;
        let mut facts: BTreeMap<MeetingId, Facts> = BTreeMap::new();
        for row in rows {
            let of = facts.entry(row.meeting).or_default();
            match (row.number, row.holder) {
                (0, Some(holder)) => of.due.push(Due {
                    holder,
                    role: row.role,
                }),
                (number, holder) => of.stands.push(Standing {
                    holder,
                    number: Number(number),
                    role: row.role,
                    has_ended: row.has_ended == 1,
                }),
            }
        }
        Ok(facts)
    }

    pub(crate) async fn write_entitled(
        &self,
        work: &mut Work,
        meeting: MeetingId,
        (due, stands): (&[Due], &[Standing]),
        now: Timestamp,
    ) -> Read<()> {
        let written: Vec<_> = reconcile(due, stands)
            .into_iter()
            .map(|one| (meeting, one))
            .collect();
        self.keep_entitled(work, &written, now).await
    }

    /// Who has a number in a meeting.
    pub(crate) async fn standing_in(
        &self,
        work: &mut Work,
        meeting: MeetingId,
    ) -> Read<Vec<Standing>> {
        let rows: Vec<StandingRow> = work
            .rows(
                "SELECT holder, number, role, ended_at FROM entitled
                 WHERE school = $1 AND meeting = $2 ORDER BY number",
                values![self.school, meeting],
            )
            .await?;
        let stands = rows.into_iter().map(|row| Standing {
            holder: row.holder,
            number: Number(row.number),
            role: row.role,
            has_ended: row.ended_at.is_some(),
        });
        Ok(stands.collect())
    }

    /// Somebody is entitled to a meeting no more.
    pub(crate) async fn end_entitled(
        &self,
        work: &mut Work,
        (meeting, holder): (MeetingId, Holder),
        now: Timestamp,
    ) -> Read<()> {
        let stands = self.standing_in(work, meeting).await?;
        let mut due = still_due(&stands);
        due.retain(|it| it.holder != holder.id());
        self.write_entitled(work, meeting, (&due, &stands), now)
            .await
    }
}

/// Those who are entitled as things stand.
pub(crate) fn still_due(stands: &[Standing]) -> Vec<Due> {
    stands
        .iter()
        .filter(|it| !it.has_ended)
        .filter_map(|it| {
            Some(Due {
                holder: it.holder?,
                role: it.role,
            })
        })
        .collect()
}
