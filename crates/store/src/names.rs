//! What those are called that the audit log names by their ids.

use std::collections::{BTreeMap, BTreeSet};

use crate::database::Work;
use crate::fault::Result;
use crate::store::Store;
use crate::value::{columns, list, listed, values};

columns! {
    struct NameRow {
        id: i64,
        name: String,
    }
}

/// Reads the names of things of a kind.
fn query(work: &Work, kind: &str) -> Option<&'static str> {
    macro_rules! of {
        ($table:literal) => {
            listed!(
                work,
                concat!(
                    "SELECT id, name FROM ",
                    $table,
                    " WHERE school = $1 AND id IN"
                ),
                ""
            )
        };
    }
    Some(match kind {
        "staff" => of!("staff"),
        "contact" => of!("contacts"),
        "teacher" => of!("teachers"),
        "student" => of!("students"),
        "class" => of!("classes"),
        "evening" => of!("evenings"),
        "invitation" => of!("invitations"),
        "room" => of!("rooms"),
        "area" => of!("areas"),
        "visitor" => listed!(
            work,
            "SELECT id, name FROM (SELECT school, id, name FROM visitors
               UNION ALL SELECT school, id, name FROM callers
               UNION ALL SELECT school, id, COALESCE(name, held_name, email, mobile)
                 FROM call_guests WHERE COALESCE(name, held_name, email, mobile) IS NOT NULL
               UNION ALL SELECT school, id, name FROM held_at_doors) AS came
             WHERE school = $1 AND id IN",
            ""
        ),
        "meeting" => listed!(
            work,
            "SELECT id, name FROM (
               SELECT rooms.school AS school, rooms.meeting AS id, rooms.name AS name FROM rooms
               UNION ALL SELECT meetings.school, meetings.id, areas.name FROM meetings
                 JOIN areas ON areas.school = meetings.school AND areas.id = meetings.scope
               UNION ALL SELECT bookings.school, bookings.meeting,
                   students.name || ', ' || classes.subject FROM bookings
                 JOIN students ON students.school = bookings.school
                   AND students.id = bookings.student
                 JOIN classes ON classes.school = bookings.school
                   AND classes.id = bookings.class) AS held
             WHERE school = $1 AND id IN",
            ""
        ),
        "booking" => listed!(
            work,
            "SELECT bookings.id, students.name || ', ' || classes.subject AS name FROM bookings
             JOIN students ON students.school = bookings.school AND students.id = bookings.student
             JOIN classes ON classes.school = bookings.school AND classes.id = bookings.class
             WHERE bookings.school = $1 AND bookings.id IN",
            ""
        ),
        _ => return None,
    })
}

impl Store {
    /// What each of `subjects` (`contact:2`, as rows of the audit log have them) is called now, by
    /// subject. What is erased, and what has no name, is left out.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn names_of(
        &self,
        subjects: impl IntoIterator<Item = String> + Send,
    ) -> Result<BTreeMap<String, String>> {
        let mut wanted: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
        for subject in subjects {
            if let Some((kind, id)) = subject.split_once(':')
                && let Ok(id) = id.parse()
            {
                wanted.entry(kind.to_owned()).or_default().insert(id);
            }
        }
        let mut work = self.read().await?;
        let mut names = BTreeMap::new();
        for (kind, ids) in wanted {
            let Some(sql) = query(&work, &kind) else {
                continue;
            };
            let rows: Vec<NameRow> = work.rows(sql, values![self.school, list(ids)]).await?;
            let rows = rows.into_iter();
            names.extend(rows.map(|row| (format!("{kind}:{id}", id = row.id), row.name)));
        }
        Ok(names)
    }
}
