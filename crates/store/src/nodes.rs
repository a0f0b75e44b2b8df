//! What several nodes share on one PostgreSQL (OPS-2): which session of a link is live, whose a meeting
//! is, who has which seat, and which nodes run. Each method is one transaction, in PostgreSQL's words:
//! it alone serves several programs.
//!
//! Locks are taken in one order, so that nobody waits in a circle: a link's; then rows of nodes; then rows of
//! meetings' owners; then sessions; then the number of the newest session.
//!
//! All of it waits for the disk: whose a meeting is, and which numbers were given, must not be forgotten by a
//! server that was killed while the nodes go on.

mod claims;
mod placed;
mod set;
mod truth;

use std::fmt;

use call::{CallId, LinkId, SessionId};
use cluster::{
    Boot, Holder, Home, Living, Node, Owning, RedisRun, Refused, Renewed, Said, SessionRecord,
    Term, Whereabouts,
};
use jiff::{SignedDuration, Timestamp};
use school::Refusal;

use crate::database::{Database, Work};
use crate::fault::{Error, Fault, Result};
use crate::sessions::{SessionRow, is_over, row};
use crate::store::{Place, Store};
use crate::value::{columns, values};

/// For how long rows of runs and of meetings are kept that nobody needs any more, in milliseconds.
const KEPT: i64 = 24 * 60 * 60 * 1000;

/// PostgreSQL's clock, in milliseconds since 1970.
macro_rules! now {
    () => {
        "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
    };
}

/// For how long a run of another key counts that was heard last and has not ended: longer than any is silent that lives,
/// in milliseconds.
const OTHER_KEY: i64 = 60 * 1000;

/// For how long a run that was heard last and has not ended may go on in the records: by one answer it acts for 4 s, and with
/// PostgreSQL away it waits for that. In milliseconds.
macro_rules! by_records {
    () => {
        "60000"
    };
}

/// The same of one that Redis vouches for, which may act by Redis alone for 15 minutes.
macro_rules! by_redis {
    () => {
        "960000"
    };
}

/// How many runs may live, as their rows have it. The locks of whoever serves the records go with PostgreSQL itself, as it
/// is begun anew or another takes over; the rows stay. While it was away nobody could be heard there, so it has to have been
/// there for as long itself; but of runs of the day before that counts no more.
pub(crate) const DO_NODES_LIVE: &str = concat!(
    "SELECT COUNT(*) FROM nodes WHERE is_gone = 0 AND (seen_at > ",
    now!(),
    " - CASE WHEN redis IS NULL THEN ",
    by_records!(),
    " ELSE ",
    by_redis!(),
    " END OR (seen_at > ",
    now!(),
    " - 86400000 AND pg_postmaster_start_time() > clock_timestamp() - interval '",
    by_records!(),
    " milliseconds'))"
);

/// The version of the schema from which on the rows of nodes are as [`DO_NODES_LIVE`] reads them.
pub(crate) const READS_NODES_FROM: i64 = 35;

/// What those are set to that were heard a moment ago, as far as they have written it down.
const SET: &str = concat!(
    "SELECT name, settings FROM nodes WHERE is_gone = 0 AND settings IS NOT NULL AND seen_at > ",
    now!(),
    " - ",
    by_records!(),
    " ORDER BY name"
);

/// Whoever has not ended is gone from now on: nobody serves the records with them any more.
pub(crate) const END_NODES: &str = "UPDATE nodes SET is_gone = 1 WHERE is_gone = 0";

/// How many meetings that were left behind one look takes up.
const TAKEN_UP: i64 = 100;

/// How many connections say that a node lives, and hold others to be gone, beside all others: nobody else waits for
/// them, and they for nobody.
const OF_THE_BEAT: u32 = 2;

/// The records, as nodes share them.
#[derive(Clone)]
pub struct Nodes {
    store: Store,
    /// Connections of their own, over which a node says that it lives.
    beat: Database,
    /// Of the key that the run has which begins here.
    seal: String,
    /// What that run is set to, for others to compare.
    settings: Option<String>,
}

pub use set::SettingsOfNode;

impl fmt::Debug for Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nodes")
    }
}

columns! {
    struct NodeRow {
        boot: String,
        name: String,
        address: String,
        beat: i64,
        redis: Option<String>,
        serial: i64,
        knows: i64,
        now: Timestamp,
    }
}

columns! {
    struct TimeRow {
        now: Timestamp,
    }
}

columns! {
    struct NameRow {
        name: String,
    }
}

columns! {
    struct HolderRow {
        boot: String,
        meeting: school::MeetingId,
    }
}

columns! {
    struct LeftRow {
        meeting: school::MeetingId,
    }
}

columns! {
    struct OwnerRow {
        boot: Option<String>,
    }
}

impl NodeRow {
    fn living(self) -> std::result::Result<Living, Fault> {
        Ok(Living {
            node: Node {
                boot: boot_of(&self.boot)?,
                name: self.name,
                address: self.address,
            },
            beat: u64::try_from(self.beat).unwrap_or(0),
            redis: self.redis.as_deref().map(redis_of).transpose()?,
            serial: u64::try_from(self.serial).unwrap_or(0),
            knows: u64::try_from(self.knows).unwrap_or(0),
        })
    }
}

fn boot_of(text: &str) -> std::result::Result<Boot, Fault> {
    let number = u128::from_str_radix(text, 16);
    number
        .map(Boot)
        .map_err(|_other| Fault::Broken("a run of a node that is none"))
}

fn redis_of(text: &str) -> std::result::Result<RedisRun, Fault> {
    let number = u128::from_str_radix(text, 16);
    number
        .map(RedisRun)
        .map_err(|_other| Fault::Broken("a run of a Redis that is none"))
}

fn number_of(session: SessionId) -> i64 {
    // They are below 2^53.
    i64::try_from(session.0).unwrap_or(i64::MAX)
}

/// Whose word something is: it counts for as long as that run is not held to be gone. Nobody takes a meeting from
/// a run that is not: what it says of one that it has left was so before.
#[derive(Clone, Copy, Debug)]
pub struct AsOwner(pub Boot);

impl AsOwner {
    /// Lets go on what writes: whoever holds the run to be gone waits until that is done.
    pub(crate) async fn check(self, work: &mut Work) -> Result<()> {
        if lives(work, &self.0.to_string()).await? {
            Ok(())
        } else {
            Err(Refusal::NotFound.into())
        }
    }
}

/// Whether a run is not held to be gone. Whoever is to hold it so waits until this transaction ends; that it
/// says that it lives does not.
async fn lives(work: &mut Work, boot: &str) -> std::result::Result<bool, Fault> {
    let lives = "SELECT beat FROM nodes WHERE boot = $1 AND is_gone = 0 FOR KEY SHARE";
    Ok(work.one(lives, values![boot]).await?.is_some())
}

impl Store {
    /// These records, for several nodes that have one key: it made that seal, and is not learnt by it.
    ///
    /// # Errors
    ///
    /// [`Fault::Unsupported`] with `SQLite`.
    pub fn nodes(&self, seal: &str) -> std::result::Result<Nodes, Fault> {
        match self.place() {
            Place::Postgres(_) => Ok(Nodes {
                store: self.clone(),
                beat: self.database().beside(OF_THE_BEAT),
                seal: seal.to_owned(),
                settings: None,
            }),
            Place::Sqlite(_) => Err(Fault::Unsupported(
                "several nodes need their records in PostgreSQL: set database.url",
            )),
        }
    }

    /// The meetings in which somebody has a seat or waits, and which have been nobody's for so long: the node that had
    /// them is gone, or has given them back, and nobody has come. As many as one look takes up.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn left_behind(&self, for_so_long: SignedDuration) -> Result<Vec<CallId>> {
        let mut work = self.database().glance().await?;
        let sql = concat!(
            "SELECT DISTINCT sessions.meeting AS meeting
             FROM sessions LEFT JOIN owners
               ON owners.meeting = sessions.meeting AND owners.school = sessions.school
             LEFT JOIN nodes ON nodes.boot = owners.boot AND is_gone = 0
             WHERE sessions.school = $1 AND parting IS NULL
               AND (seat IS NOT NULL OR place IS NOT NULL)
               AND nodes.boot IS NULL AND COALESCE(owners.changed_at, 0) < ",
            now!(),
            " - $2 LIMIT $3"
        );
        let ms = i64::try_from(for_so_long.as_millis()).unwrap_or(i64::MAX);
        let values = values![self.school, ms, TAKEN_UP];
        let rows: Vec<LeftRow> = work.rows(sql, values).await?;
        Ok(rows.into_iter().map(|it| CallId(it.meeting.0)).collect())
    }
}

impl Nodes {
    /// The same, where the run that begins here writes down what it is set to, which may be read by whoever reads the
    /// records.
    #[must_use]
    pub fn with_settings(mut self, settings: String) -> Self {
        self.settings = Some(settings);
        self
    }

    /// Begins what writes.
    async fn write(&self) -> std::result::Result<Work, Fault> {
        self.store.database().write().await
    }

    /// The same, for what says which nodes live.
    async fn write_beside(&self) -> std::result::Result<Work, Fault> {
        self.beat.write().await
    }

    async fn begin(&self, node: Node) -> Result<Renewed> {
        let mut work = self.write().await?;
        self.find_other_key(&mut work).await?;
        let boot = node.boot.to_string();
        work.run(
            concat!(
                "INSERT INTO nodes (boot, name, address, seal, settings, seen_at, is_gone, beat, serial)
                 SELECT $1, $2, $3, $4, $5, ",
                now!(),
                ", 0, 1, GREATEST(COALESCE(MAX(serial), 0), COALESCE(MAX(knows), 0)) + 1 FROM nodes"
            ),
            values![
                boot.as_str(),
                node.name.as_str(),
                node.address.as_str(),
                self.seal.as_str(),
                self.settings.clone()
            ],
        )
        .await?;
        self.forget(&mut work).await?;
        let renewed = self.hear(&mut work, &boot, &Said::default()).await?;
        work.commit().await?;
        Ok(renewed)
    }

    /// Refuses to begin where a node of another key runs. Of several that begin at once, one after another looks, and is
    /// given its number.
    async fn find_other_key(&self, work: &mut Work) -> Result<()> {
        // The number is no other lock's.
        work.one(
            "SELECT pg_advisory_xact_lock(701140546, hashtext(current_schema()))",
            values![],
        )
        .await?;
        let other: Option<NameRow> = work
            .row(
                concat!(
                    "SELECT name FROM nodes WHERE is_gone = 0 AND seal <> $1 AND seen_at > ",
                    now!(),
                    " - $2 ORDER BY name LIMIT 1"
                ),
                values![self.seal.as_str(), OTHER_KEY],
            )
            .await?;
        match other {
            Some(NameRow { name }) => Err(Fault::OtherNodesKey { name }.into()),
            None => Ok(()),
        }
    }

    /// Lets go of what runs had that are gone, and forgets what nobody needs any more.
    async fn forget(&self, work: &mut Work) -> std::result::Result<(), Fault> {
        work.run(
            concat!(
                "UPDATE owners SET boot = NULL, changed_at = ",
                now!(),
                " WHERE boot IN (SELECT boot FROM nodes WHERE is_gone = 1)"
            ),
            values![],
        )
        .await?;
        work.run(
            concat!(
                "DELETE FROM nodes WHERE is_gone = 1 AND seen_at < ",
                now!(),
                " - $1"
            ),
            values![KEPT],
        )
        .await?;
        work.run(
            concat!(
                "DELETE FROM owners WHERE boot IS NULL AND changed_at < ",
                now!(),
                " - $1"
            ),
            values![KEPT],
        )
        .await?;
        Ok(())
    }

    async fn renew(&self, boot: Boot, said: Said) -> Result<Renewed> {
        let mut work = self.write_beside().await?;
        let boot = boot.to_string();
        let renewed = work
            .run(
                concat!(
                    "UPDATE nodes SET beat = beat + 1, redis = $2, knows = $3, seen_at = ",
                    now!(),
                    " WHERE boot = $1 AND is_gone = 0"
                ),
                values![
                    boot.as_str(),
                    said.redis.map(|it| it.to_string()),
                    i64::try_from(said.knows).unwrap_or(i64::MAX)
                ],
            )
            .await?;
        self.let_go_of(&mut work, &boot, &said.let_go).await?;
        let mut answer = self.hear(&mut work, &boot, &said).await?;
        work.commit().await?;
        answer.is_gone = renewed == 0;
        Ok(answer)
    }

    /// What a run hears that says that it lives.
    async fn hear(
        &self,
        work: &mut Work,
        boot: &str,
        said: &Said,
    ) -> std::result::Result<Renewed, Fault> {
        let rows: Vec<NodeRow> = work
            .rows(
                concat!(
                    "SELECT boot, name, address, beat, redis, serial, knows, ",
                    now!(),
                    " AS now FROM nodes WHERE is_gone = 0 OR boot = $1 ORDER BY name, boot"
                ),
                values![boot],
            )
            .await?;
        let now = match rows.first() {
            Some(row) => row.now,
            // This one's own may be lost with what was written last.
            None => self.time(work).await?,
        };
        let living = rows.into_iter().map(NodeRow::living);
        let unsaid = self.unsaid(work, boot, said).await?;
        let (mut lost, mut strangers) = (Vec::new(), Vec::new());
        let over = self.over(work, boot, &said.placed).await?;
        let mut unknown = Vec::new();
        if !said.owned.is_empty() {
            lost = self.lost(work, boot, said).await?;
            strangers = self.strangers(work, said).await?;
        }
        if !said.placed.is_empty() {
            unknown = self.unknown(work, &said.placed).await?;
        }
        Ok(Renewed {
            now,
            is_gone: false,
            living: living.collect::<std::result::Result<_, _>>()?,
            lost,
            unsaid,
            over,
            unknown,
            strangers,
        })
    }

    /// What PostgreSQL's clock shows.
    async fn time(&self, work: &mut Work) -> std::result::Result<Timestamp, Fault> {
        let sql = concat!("SELECT ", now!(), " AS now");
        let row: Option<TimeRow> = work.row(sql, values![]).await?;
        row.map(|it| it.now)
            .ok_or(Fault::Broken("no time of its own"))
    }

    /// Those of the meetings it said that are not its own.
    async fn lost(
        &self,
        work: &mut Work,
        boot: &str,
        said: &Said,
    ) -> std::result::Result<Vec<CallId>, Fault> {
        let owned = said.owned.iter().map(|(call, term)| [call.0, term.0]);
        let owned = serde_json::json!(owned.collect::<Vec<_>>()).to_string();
        let rows = work
            .all(
                "SELECT said.meeting FROM (SELECT CAST(value ->> 0 AS BIGINT) AS meeting,
                     CAST(value ->> 1 AS BIGINT) AS term
                   FROM json_array_elements(CAST($2 AS JSON))) AS said
                 WHERE NOT EXISTS (SELECT 1 FROM owners WHERE owners.meeting = said.meeting
                   AND owners.school = $1 AND owners.boot = $3 AND owners.term = said.term)",
                values![self.store.school, owned, boot],
            )
            .await?;
        rows.iter()
            .map(|row| {
                let meeting: i64 = row.get(0)?;
                u64::try_from(meeting)
                    .map(CallId)
                    .map_err(|_negative| Fault::Broken("a wrong number"))
            })
            .collect()
    }

    /// Whoever is held to be gone is so for all that it writes from now on: this waits for what it is just
    /// writing, and what it writes next waits for this.
    async fn hold_gone(&self, boot: Boot, beat: u64) -> Result<bool> {
        let mut work = self.write_beside().await?;
        let beat = i64::try_from(beat).unwrap_or(i64::MAX);
        let boot = boot.to_string();
        self.wait_for(&mut work, &boot).await?;
        let is_held = work
            .run(
                "UPDATE nodes SET is_gone = 1 WHERE boot = $1 AND (beat = $2 OR is_gone = 1)",
                values![boot.as_str(), beat],
            )
            .await?;
        if is_held > 0 {
            self.let_go(&mut work, &boot).await?;
        }
        work.commit().await?;
        Ok(is_held > 0)
    }

    async fn end(&self, boot: Boot) -> Result<()> {
        let mut work = self.write().await?;
        let boot = boot.to_string();
        self.wait_for(&mut work, &boot).await?;
        work.run(
            "UPDATE nodes SET is_gone = 1 WHERE boot = $1",
            values![boot.as_str()],
        )
        .await?;
        self.let_go(&mut work, &boot).await?;
        Ok(work.commit().await?)
    }

    /// Waits for what a run is just writing.
    async fn wait_for(&self, work: &mut Work, boot: &str) -> std::result::Result<(), Fault> {
        let row = "SELECT beat FROM nodes WHERE boot = $1 FOR UPDATE";
        work.one(row, values![boot]).await.map(drop)
    }

    /// What a run owns is nobody's.
    async fn let_go(&self, work: &mut Work, boot: &str) -> std::result::Result<(), Fault> {
        work.run(
            concat!(
                "UPDATE owners SET boot = NULL, changed_at = ",
                now!(),
                " WHERE boot = $1"
            ),
            values![boot],
        )
        .await?;
        Ok(())
    }

    async fn session(&self, session: SessionId) -> Result<Option<(SessionRecord, bool)>> {
        let mut work = self.store.database().read().await?;
        let sql = "SELECT id, link, meeting, attempt, shown, sent, seat, place, parting, over_at
                   FROM sessions WHERE id = $2 AND school = $1";
        let values = values![self.store.school, number_of(session)];
        let Some(found) = work.row::<SessionRow>(sql, values).await? else {
            return Ok(None);
        };
        let record = found.record()?;
        let newer = "SELECT COUNT(*) FROM sessions
                     WHERE link = $2 AND school = $1 AND id > $3 AND parting IS NULL";
        let values = values![self.store.school, record.link, number_of(session)];
        let is_replaced = work.count(newer, values).await? > 0;
        Ok(Some((record, is_replaced)))
    }

    /// Whose a meeting is, its row held until this transaction ends.
    async fn owner(
        &self,
        work: &mut Work,
        call: CallId,
    ) -> std::result::Result<Option<OwnerRow>, Fault> {
        work.run(
            "INSERT INTO owners (school, meeting, term) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING",
            values![self.store.school, school::MeetingId(call.0)],
        )
        .await?;
        work.row(
            "SELECT boot FROM owners WHERE meeting = $2 AND school = $1 FOR UPDATE",
            values![self.store.school, school::MeetingId(call.0)],
        )
        .await
    }

    async fn own(&self, call: CallId, boot: Boot) -> Result<Owning> {
        let mut work = self.write().await?;
        let mine = boot.to_string();
        let owner = self.owner(&mut work, call).await?;
        let before = owner.and_then(|it| it.boot).filter(|it| *it != mine);
        if let Some(before) = before {
            let lives = "SELECT COUNT(*) FROM nodes WHERE boot = $1 AND is_gone = 0";
            if work.count(lives, values![before.as_str()]).await? > 0 {
                return Ok(Owning::Elsewhere);
            }
        }
        // A run that is held to be gone itself owns nothing.
        let row = work
            .one(
                concat!(
                    "UPDATE owners SET term = term + 1, boot = $3, changed_at = ",
                    now!(),
                    " WHERE meeting = $2 AND school = $1
                       AND EXISTS (SELECT 1 FROM nodes WHERE nodes.boot = $3 AND is_gone = 0)
                     RETURNING term"
                ),
                values![self.store.school, school::MeetingId(call.0), mine],
            )
            .await?;
        let Some(row) = row else {
            return Ok(Owning::Elsewhere);
        };
        let term: i64 = row.get(0)?;
        // What others still write of them is refused from here on, or waited for.
        let sql = "UPDATE sessions SET boot = $3
                   WHERE meeting = $2 AND school = $1 AND parting IS NULL
                   RETURNING id, link, meeting, attempt, shown, sent, seat, place, parting, over_at";
        let values = values![
            self.store.school,
            school::MeetingId(call.0),
            boot.to_string()
        ];
        let rows: Vec<SessionRow> = work.rows(sql, values).await?;
        let live = rows.iter().map(SessionRow::record);
        let mut seats = live.collect::<std::result::Result<Vec<_>, _>>()?;
        seats.retain(|it| it.whereabouts != Whereabouts::Coming);
        seats.sort_by_key(|it| it.session);
        work.commit().await?;
        let term = u64::try_from(term).map_err(|_negative| Fault::Broken("a wrong number"))?;
        Ok(Owning::Owned((Term(term), seats)))
    }

    async fn home(&self, call: CallId) -> Result<Home> {
        let mut work = self.store.database().glance().await?;
        let row: Option<NodeRow> = work
            .row(
                concat!(
                    "SELECT nodes.boot, name, address, beat, redis, serial, knows, ",
                    now!(),
                    " AS now FROM owners JOIN nodes ON nodes.boot = owners.boot
                     WHERE meeting = $2 AND school = $1 AND is_gone = 0"
                ),
                values![self.store.school, school::MeetingId(call.0)],
            )
            .await?;
        Ok(match row {
            Some(row) => Home::At(row.living()?.node),
            None => Home::Nobody,
        })
    }

    async fn holders(
        &self,
        (link, below): (LinkId, SessionId),
        but: CallId,
    ) -> Result<Vec<Holder>> {
        let mut work = self.store.database().glance().await?;
        let sql = "SELECT DISTINCT nodes.boot AS boot, sessions.meeting AS meeting
                   FROM sessions JOIN nodes ON nodes.boot = sessions.boot
                   WHERE school = $1 AND link = $2 AND id < $3 AND meeting <> $4
                     AND parting IS NOT NULL AND is_gone = 0";
        let link = i64::try_from(link.0).unwrap_or(i64::MAX);
        let but = school::MeetingId(but.0);
        let values = values![self.store.school, link, number_of(below), but];
        let rows: Vec<HolderRow> = work.rows(sql, values).await?;
        let holders = rows.into_iter().map(|row| {
            Ok(Holder {
                boot: boot_of(&row.boot)?,
                call: CallId(row.meeting.0),
            })
        });
        holders.collect()
    }

    /// Where one of them cannot be written, because its seat is another's, it alone is refused.
    async fn keep(&self, boot: Boot, records: Vec<SessionRecord>) -> Result<Vec<Refused>> {
        for frees in [false, true] {
            match self.keep_together(boot, &records, frees).await {
                // Those who change seats may do so one after another.
                Err(Error::Fault(fault)) if fault.breaks_a_rule() => {}
                done => return done,
            }
        }
        let mut refused = Vec::new();
        let (over, living): (Vec<_>, Vec<_>) = records.into_iter().partition(is_over);
        for it in over.into_iter().chain(living) {
            match self.keep_together(boot, &[it], false).await {
                Err(Error::Fault(fault)) if fault.breaks_a_rule() => {
                    tracing::warn!(session = it.session.0, %fault, "it is not written down");
                    let mut work = self.store.database().glance().await?;
                    refused.extend(self.stand(&mut work, (boot, &[it.session])).await?);
                }
                done => refused.extend(done?),
            }
        }
        Ok(refused)
    }

    /// All of them in one; where it `frees`, nobody of them has a seat before they are given theirs.
    async fn keep_together(
        &self,
        boot: Boot,
        records: &[SessionRecord],
        frees: bool,
    ) -> Result<Vec<Refused>> {
        let mut work = self.write().await?;
        let mine = boot.to_string();
        let mut kept = Vec::new();
        // Whoever holds this run to be gone waits until this is written, or this waits and writes nothing.
        if lives(&mut work, &mine).await? {
            if frees {
                let sql = "UPDATE sessions SET seat = NULL, place = NULL
                           WHERE school = $1 AND boot = $3 AND parting IS NULL AND seat IS NOT NULL
                             AND id IN (SELECT CAST(value AS BIGINT)
                               FROM json_array_elements_text(CAST($2 AS JSON)))";
                let ids = crate::value::list(records.iter().map(|it| it.session.0));
                let values = values![self.store.school, ids, mine.as_str()];
                work.run(sql, values).await?;
            }
            // First those that are over: they hold no link and no seat any more.
            for are_over in [true, false] {
                let rows = records.iter().filter(|it| is_over(it) == are_over);
                let rows: Vec<_> = rows.map(row).collect();
                if !rows.is_empty() {
                    kept.extend(self.write_down(&mut work, rows, &mine).await?);
                }
            }
        }
        let refused = records.iter().map(|it| it.session);
        let refused: Vec<_> = refused
            .filter(|it| !kept.contains(&number_of(*it)))
            .collect();
        let refused = self.stand(&mut work, (boot, &refused)).await?;
        let unknown = refused.iter().filter(|it| {
            let is_its = |record: &SessionRecord| {
                let stands = it.stands.as_ref();
                record.session == it.session
                    && stands
                        .is_some_and(|it| it.link == record.link && it.attempt == record.attempt)
            };
            !records.iter().any(is_its)
        });
        let unknown: Vec<_> = unknown.map(|it| it.session).collect();
        self.number_above(&mut work, &unknown).await?;
        work.commit().await?;
        Ok(refused)
    }

    /// Writes these rows, where they are that run's to write and not over; which it wrote.
    async fn write_down(
        &self,
        work: &mut Work,
        rows: Vec<serde_json::Value>,
        boot: &str,
    ) -> std::result::Result<Vec<i64>, Fault> {
        let rows = serde_json::Value::Array(rows).to_string();
        // Of what is over there is nothing more to write: whose it was has let go of it.
        let sql = "UPDATE sessions SET shown = new.shown, sent = new.sent, seat = new.seat,
               place = new.place, parting = new.parting, over_at = new.over_at,
               boot = CASE WHEN new.parting IS NULL THEN sessions.boot END
             FROM (SELECT CAST(value ->> 0 AS BIGINT) AS id,
                 CAST(value ->> 1 AS BIGINT) AS link, value ->> 3 AS attempt,
                 CAST(value ->> 4 AS BIGINT) AS shown, CAST(value ->> 5 AS BIGINT) AS sent,
                 CAST(value ->> 6 AS BIGINT) AS seat, CAST(value ->> 7 AS BIGINT) AS place,
                 value ->> 8 AS parting, CAST(value ->> 9 AS BIGINT) AS over_at
               FROM json_array_elements(CAST($2 AS JSON))) AS new
             WHERE sessions.id = new.id AND sessions.school = $1 AND sessions.parting IS NULL
               AND sessions.link = new.link AND sessions.attempt = new.attempt
               AND sessions.boot = $3
             RETURNING sessions.id";
        let values = values![self.store.school, rows, boot];
        let written = work.all(sql, values).await?;
        written.iter().map(|row| row.get::<i64>(0)).collect()
    }

    /// How these stand, and whose they are to write.
    async fn stand(
        &self,
        work: &mut Work,
        (boot, sessions): (Boot, &[SessionId]),
    ) -> std::result::Result<Vec<Refused>, Fault> {
        if sessions.is_empty() {
            return Ok(Vec::new());
        }
        let sql = "SELECT id, link, meeting, attempt, shown, sent, seat, place, parting, over_at
                   FROM sessions WHERE school = $1
                     AND id IN (SELECT CAST(value AS BIGINT)
                       FROM json_array_elements_text(CAST($2 AS JSON)))";
        let ids = || crate::value::list(sessions.iter().map(|it| it.0));
        let rows: Vec<SessionRow> = work.rows(sql, values![self.store.school, ids()]).await?;
        let stand = rows.iter().map(SessionRow::record);
        let stand = stand.collect::<std::result::Result<Vec<_>, _>>()?;
        let ours = "SELECT id FROM sessions JOIN nodes ON nodes.boot = sessions.boot
                    WHERE school = $1 AND sessions.boot = $3 AND is_gone = 0
                      AND id IN (SELECT CAST(value AS BIGINT)
                        FROM json_array_elements_text(CAST($2 AS JSON)))";
        let ours = work.all(ours, values![self.store.school, ids(), boot.to_string()]);
        let ours = ours.await?;
        let ours = ours.iter().map(|row| row.get::<i64>(0));
        let ours = ours.collect::<std::result::Result<Vec<_>, _>>()?;
        let refused = sessions.iter().map(|session| Refused {
            session: *session,
            stands: stand.iter().find(|it| it.session == *session).copied(),
            is_ours: ours.contains(&number_of(*session)),
        });
        Ok(refused.collect())
    }

    async fn leave(&self, call: CallId, boot: Boot, term: Term) -> Result<()> {
        let mut work = self.write().await?;
        let term = i64::try_from(term.0).unwrap_or(i64::MAX);
        work.run(
            concat!(
                "UPDATE owners SET boot = NULL, changed_at = ",
                now!(),
                " WHERE meeting = $2 AND school = $1 AND boot = $3 AND term = $4"
            ),
            values![
                self.store.school,
                school::MeetingId(call.0),
                boot.to_string(),
                term
            ],
        )
        .await?;
        Ok(work.commit().await?)
    }
}
