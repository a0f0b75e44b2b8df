//! Guests of rooms and calls, callers of waiting areas, and whoever waits at a door, as the office finds them
//! and erases one (DIR-10).

use std::collections::BTreeSet;

use jiff::Timestamp;
use school::{Actor, AreaId, Deed, Label, Name, Refusal, VisitorId};

use crate::audit::Action;
use crate::call_guests::of;
use crate::deeds::Aftermath;
use crate::fault::Result;
use crate::store::Store;
use crate::value::{columns, values};

/// How many are looked through for a name, the newest of them.
const MOST_SEARCHED: i64 = 50_000;

/// How many are found at most.
const MOST_FOUND: usize = 100;

columns! {
    /// Somebody who came to a meeting room or a waiting area, or was invited to a call.
    #[derive(Clone, Debug)]
    pub struct CameBy {
        /// Their id.
        pub id: VisitorId,
        /// Their name.
        pub name: Name,
        /// What the room, waiting area or evening is called.
        pub place: Label,
        /// When they came, or were invited.
        pub came: Timestamp,
    }
}

columns! {
    struct AreaRow {
        area: AreaId,
    }
}

impl Store {
    /// Those whose name has these words in it, the newest first.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn came_by(&self, words: &str) -> Result<Vec<CameBy>> {
        let words = match Name::read(words) {
            Ok(name) => name.key(),
            Err(_) if words.trim().is_empty() => String::new(),
            // Nobody is called so.
            Err(_) => return Ok(Vec::new()),
        };
        let mut work = self.read().await?;
        work.at_length().await?;
        let rows: Vec<CameBy> = work
            .rows(
                "SELECT came.id AS id, came.name AS name,
                   COALESCE(rooms.name, areas.name, evenings.name) AS place, came.came AS came
                 FROM (
                   SELECT school, id, name, room AS scope, came_at AS came FROM visitors
                   UNION ALL SELECT school, id, name, area, came_at FROM callers
                   UNION ALL SELECT call_guests.school, call_guests.id,
                     COALESCE(call_guests.name, call_guests.held_name), meetings.scope,
                     call_guests.sent_at
                   FROM call_guests
                   JOIN meetings ON meetings.school = call_guests.school
                     AND meetings.id = call_guests.meeting
                   UNION ALL SELECT school, id, name, scope, held_at FROM held_at_doors
                   WHERE NOT EXISTS (SELECT 1 FROM holders
                     WHERE holders.school = held_at_doors.school
                       AND holders.id = held_at_doors.id)
                 ) AS came
                 LEFT JOIN rooms ON rooms.school = came.school AND rooms.id = came.scope
                 LEFT JOIN areas ON areas.school = came.school AND areas.id = came.scope
                 LEFT JOIN evenings ON evenings.school = came.school AND evenings.id = came.scope
                 WHERE came.school = $1 AND came.name IS NOT NULL
                 ORDER BY came.came DESC, came.id LIMIT $2",
                values![self.school, MOST_SEARCHED],
            )
            .await?;
        let found = rows.into_iter().filter(|it| it.name.key().contains(&words));
        Ok(found.take(MOST_FOUND).collect())
    }

    /// Erases somebody who came: their visit ends, and nothing is left of what they entered, of their link
    /// and of what they left to say.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn erase_visit(
        &self,
        visitor: VisitorId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let known = work
            .count(
                "SELECT (SELECT COUNT(*) FROM visitors WHERE school = $1 AND id = $2)
                 + (SELECT COUNT(*) FROM callers WHERE school = $1 AND id = $2)
                 + (SELECT COUNT(*) FROM call_guests WHERE school = $1 AND id = $2)
                 + (SELECT COUNT(*) FROM held_at_doors WHERE school = $1 AND id = $2)",
                values![self.school, visitor],
            )
            .await?;
        if known == 0 {
            return Err(Refusal::NotFound.into());
        }
        let area: Option<AreaRow> = work
            .row(
                "SELECT area FROM callers WHERE school = $1 AND id = $2",
                values![self.school, visitor],
            )
            .await?;
        let ended = Deed::VisitEnded { visitor };
        let mut aftermath = self.perform(&mut work, &ended, actor, now).await?;
        if let Some(AreaRow { area }) = area {
            // They may still read what was left to say.
            let providers = self.providers_of(&mut work, area).await?;
            aftermath.staff.extend(providers);
        }
        work.run(
            "DELETE FROM mail WHERE school = $1 AND holder = $2",
            values![self.school, visitor],
        )
        .await?;
        self.erase_visits(&mut work, &BTreeSet::from([visitor]))
            .await?;
        self.audit(&mut work, actor, Action::Erased, &of(visitor), &[], now)
            .await?;
        work.commit().await?;
        Ok(aftermath)
    }
}
