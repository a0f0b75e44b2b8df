//! The schema, step by step.
//!
//! A step is written once, for SQLite, and never changed after a release; PostgreSQL gets it with
//! its own names of the three types.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::database::{Database, Work};
use crate::fault::Fault;
use crate::nodes::{DO_NODES_LIVE, END_NODES, READS_NODES_FROM};
use crate::sole::{END_RUN, HELD, Left, RUN};
use crate::store::Place;
use crate::value::{columns, values};

/// All steps; the version of a database is the number of those it has had.
const STEPS: &[&str] = &[
    include_str!("migrations/0001_school.sql"),
    include_str!("migrations/0002_directory.sql"),
    include_str!("migrations/0003_talks.sql"),
    include_str!("migrations/0004_sessions.sql"),
    include_str!("migrations/0005_accounts.sql"),
    include_str!("migrations/0006_languages.sql"),
    include_str!("migrations/0007_rooms.sql"),
    include_str!("migrations/0008_texts.sql"),
    include_str!("migrations/0009_ground_rules.sql"),
    include_str!("migrations/0010_waiting.sql"),
    include_str!("migrations/0011_held_at_doors.sql"),
    include_str!("migrations/0012_waiting_words.sql"),
    include_str!("migrations/0013_room_settings.sql"),
    include_str!("migrations/0014_information_systems.sql"),
    include_str!("migrations/0015_teacher_notes.sql"),
    include_str!("migrations/0016_first_parents.sql"),
    include_str!("migrations/0017_languages_of_holders.sql"),
    include_str!("migrations/0018_records_of_one_person.sql"),
    include_str!("migrations/0019_stopped_calls.sql"),
    include_str!("migrations/0020_reached_otherwise.sql"),
    include_str!("migrations/0021_telephones.sql"),
    include_str!("migrations/0022_hats.sql"),
    include_str!("migrations/0023_said_otherwise.sql"),
    include_str!("migrations/0024_nodes.sql"),
    include_str!("migrations/0025_import_folders.sql"),
    include_str!("migrations/0026_booking_doors.sql"),
    include_str!("migrations/0027_second_factors.sql"),
    include_str!("migrations/0028_said_names.sql"),
    include_str!("migrations/0029_leases.sql"),
    include_str!("migrations/0030_booking_presses.sql"),
    include_str!("migrations/0031_years.sql"),
    include_str!("migrations/0032_audit_seals.sql"),
    include_str!("migrations/0033_unentered_orders.sql"),
    include_str!("migrations/0034_decided_by_hand.sql"),
    include_str!("migrations/0035_runs.sql"),
    include_str!("migrations/0036_closings.sql"),
    include_str!("migrations/0037_identities.sql"),
    include_str!("migrations/0038_new_addresses.sql"),
    include_str!("migrations/0039_teachers_who_stay.sql"),
    include_str!("migrations/0040_webhooks.sql"),
    include_str!("migrations/0041_told_by_press.sql"),
    include_str!("migrations/0042_dismissed_orders.sql"),
    include_str!("migrations/0043_ranks.sql"),
    include_str!("migrations/0044_classes_by_hand.sql"),
    include_str!("migrations/0045_faces.sql"),
    include_str!("migrations/0050_known_as.sql"),
    include_str!("migrations/0051_seals_of_nodes.sql"),
    include_str!("migrations/0054_booked_again.sql"),
    include_str!("migrations/0055_passkeys.sql"),
    include_str!("migrations/0059_known_time.sql"),
    include_str!("migrations/0062_who_serves.sql"),
    include_str!("migrations/0063_held_though_over.sql"),
];

/// Those steps that programs of the version before go on with: nothing that they read or write is changed by them. Only
/// these are taken while others serve the records.
const BESIDE_OTHERS: &[i64] = &[];

/// How long a step waits for what others are at, where they go on: whoever comes after waits for it, and they say again
/// and again that they live.
const AMONG_OTHERS: &str = "SET LOCAL lock_timeout = '1500ms'";

/// How long to wait for a program that has just been killed to let go of the records, and how often to try.
const LETTING_GO: Duration = Duration::from_secs(2);
const AGAIN: Duration = Duration::from_millis(100);

/// The step from which on parents are told that booking closed at its time.
const TELLS_OF_CLOSING: i64 = 26;

/// The version that this program brings.
pub(crate) fn known() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// The version of a database that holds records.
pub(crate) async fn found(database: &Database) -> Result<i64, Fault> {
    let mut work = database.read().await?;
    work.count("SELECT COUNT(*) FROM schema_version", values![])
        .await
}

/// Refuses records of a newer program, without changing anything. What cannot be read here is seen when it is opened.
pub(crate) async fn look(place: &Place) -> Result<(), Fault> {
    let (found, place) = match place {
        Place::Sqlite(file) => (
            Database::version_in_file(file).await?,
            file.display().to_string(),
        ),
        Place::Postgres(url) => {
            let database = Database::open_postgres(url).await?;
            let found = found(&database).await.ok();
            database.close().await;
            (found, "in PostgreSQL".to_owned())
        }
    };
    let known = known();
    match found {
        Some(found) if found > known => Err(Fault::Newer {
            place,
            found,
            known,
        }),
        Some(_) | None => Ok(()),
    }
}

/// Brings the database to this program's version, each step whole or not at all.
pub(crate) async fn run(database: &Database, place: &str) -> Result<(), Fault> {
    let known = known();
    let mut work = database.write().await?;
    work.at_length().await?;
    if work.is_postgres() {
        // Two programs that start at once take turns; the number is no other lock's.
        work.script("SELECT pg_advisory_xact_lock(7011405421)".to_owned())
            .await?;
    }
    make_version(&mut work).await?;
    let found = work
        .count("SELECT COUNT(*) FROM schema_version", values![])
        .await?;
    if found > known {
        return Err(Fault::Newer {
            place: place.to_owned(),
            found,
            known,
        });
    }
    if found < known && work.is_postgres() && is_served(&mut work, found).await? {
        if (found..known).any(|it| !BESIDE_OTHERS.contains(&(it + 1))) {
            return Err(Fault::InUse);
        }
        work.script(AMONG_OTHERS.to_owned()).await?;
    }
    for (version, step) in (1_i64..)
        .zip(STEPS)
        .skip(usize::try_from(found).unwrap_or(0))
    {
        let step = if work.is_postgres() {
            for_postgres(step)
        } else {
            (*step).to_owned()
        };
        work.script(step).await?;
        if version == TELLS_OF_CLOSING {
            // Of what closed before, nobody is written to days later.
            work.run(
                "UPDATE evenings SET closing_told_at = closes_at WHERE closes_at <= $1",
                values![ambient::now()],
            )
            .await?;
        }
        work.run(
            "INSERT INTO schema_version (version) VALUES ($1)",
            values![version],
        )
        .await?;
    }
    work.commit().await
}

/// Makes the table of the version where there is none. PostgreSQL is asked before: it says something, in its own log too,
/// of a table that it is to make and that is there.
async fn make_version(work: &mut Work) -> Result<(), Fault> {
    if work.is_postgres() && has_table(work, "schema_version").await? {
        return Ok(());
    }
    let make = "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY)";
    work.script(make.to_owned()).await
}

/// Whether PostgreSQL has that table.
async fn has_table(work: &mut Work, name: &str) -> Result<bool, Fault> {
    let there = "SELECT COUNT(*) FROM pg_tables
                 WHERE schemaname = current_schema() AND tablename = $1";
    Ok(work.count(there, values![name]).await? > 0)
}

/// Takes the lock of whoever serves the records, until the steps are taken.
const ALONE: &str = "SELECT CASE
     WHEN pg_try_advisory_xact_lock(701140542, hashtext(current_schema()))
     THEN CAST(1 AS BIGINT) ELSE 0 END";

columns! {
    struct RunRow {
        run: String,
    }
}

/// Whether others serve these records, of that version; where nobody does, nobody begins to until this is done, and whoever
/// did is over, should it ever wake. Those who live are asked for first: one that has lost its lock, as where PostgreSQL was
/// begun anew, ends where it finds it taken.
async fn is_served(work: &mut Work, found: i64) -> Result<bool, Fault> {
    let ends = Instant::now() + LETTING_GO;
    let knows_run = has_table(work, "serves_alone").await?;
    let (mut left, mut over) = (Left::default(), String::new());
    loop {
        let do_nodes_live =
            found >= READS_NODES_FROM && work.count(DO_NODES_LIVE, values![]).await? > 0;
        let mut run: Option<RunRow> = None;
        if knows_run {
            run = work.row(RUN, values![]).await?;
        }
        match run.filter(|it| it.run != over) {
            Some(RunRow { run }) if work.count(HELD, values![]).await? == 0 => {
                if left.is_over(&run) {
                    over = run;
                }
                sleep(AGAIN).await;
                continue;
            }
            None if !do_nodes_live && work.count(ALONE, values![]).await? == 1 => {
                if knows_run {
                    work.run(END_RUN, values![over]).await?;
                }
                if found >= READS_NODES_FROM {
                    work.run(END_NODES, values![]).await?;
                }
                return Ok(false);
            }
            Some(_) | None => (left, over) = (Left::default(), String::new()),
        }
        if Instant::now() >= ends {
            return Ok(true);
        }
        sleep(AGAIN).await;
    }
}

fn for_postgres(step: &str) -> String {
    step.replace(" INTEGER", " BIGINT")
        .replace(" BLOB", " BYTEA")
        .replace(") STRICT;", ");")
}
