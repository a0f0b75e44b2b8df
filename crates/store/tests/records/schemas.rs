//! Every schema that was released opens with what was entered under it, and no step to it changes.
//!
//! `tests/schemas/0001.sql` is what the demonstration enters under the first one, one file for each
//! step since. After a new step, `cargo test -p store --test records -- --ignored write_down` writes
//! the next.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use school::Refusal;
use sha2::{Digest as _, Sha256};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, Row as _};
use store::{LinkState, Place, Store};

use crate::places::{OPTIONS, fresh_folder, fresh_postgres, run_beside};
use crate::world::now;

/// The steps, in their order: name and text.
fn steps() -> Vec<(String, String)> {
    files("src/migrations")
}

/// What was written down of each schema: name and text.
fn written() -> Vec<(String, String)> {
    files("tests/schemas")
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn files(name: &str) -> Vec<(String, String)> {
    let mut all: Vec<_> = fs::read_dir(folder(name))
        .expect("it is there")
        .map(|entry| entry.expect("it can be read").path())
        .map(|path| {
            let text = fs::read_to_string(&path).expect("text");
            (
                path.file_name()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned(),
                text,
            )
        })
        .collect();
    all.sort();
    all
}

/// What stands above what was written down under a step: which it was, to the letter.
fn head((name, text): &(String, String)) -> String {
    let digest: String = Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("-- {name}, SHA-256 {digest}\n")
}

#[test]
fn a_step_never_changes_and_each_has_what_was_entered_under_it() {
    let (steps, written) = (steps(), written());
    assert_eq!(
        steps.len(),
        written.len(),
        "write down what the new one holds"
    );
    for (step, (name, text)) in steps.iter().zip(written) {
        assert!(
            text.starts_with(&head(step)),
            "{name}: {} is not what it was: add a step instead",
            step.0
        );
    }
}

/// The first `count` steps, and what was entered under the last of them.
fn script(count: usize) -> Vec<String> {
    let mut all: Vec<String> = steps().into_iter().take(count).map(|(_, it)| it).collect();
    all.push("CREATE TABLE schema_version (version BIGINT NOT NULL PRIMARY KEY);".to_owned());
    all.extend((1..=count).map(|it| format!("INSERT INTO schema_version VALUES ({it});")));
    all.extend(written().into_iter().nth(count - 1).map(|(_, text)| text));
    all
}

/// Everything there is can be read, and the evening goes on.
async fn is_whole(place: &Place) {
    let store = Store::open(place, OPTIONS).await.expect("it opens");
    let evenings = store.evenings().await.expect("read");
    let evening = evenings.first().expect("there is one").evening.id;
    let people = store.participants(evening).await.expect("read");
    assert_eq!((people.teachers.len(), people.parents.len()), (6, 12));
    let calls = store.calls_of_evening(evening).await.expect("read");
    assert!(calls.len() >= 12, "{}", calls.len());
    let held = store.seed_demonstration(1, 30, now()).await;
    assert!(held.is_ok(), "another is entered beside it");
    store.check().await.expect("well");
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_schema_opens_in_sqlite() {
    for count in 1..=steps().len() {
        let folder = fresh_folder();
        let file = folder.path().join("homeroom.sqlite");
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true);
        let mut connection = options.connect().await.expect("a database");
        for part in script(count) {
            connection
                .execute(sqlx::raw_sql(AssertSqlSafe(part)))
                .await
                .expect("it runs");
        }
        connection.close().await.expect("closed");
        let place = Place::Sqlite(file);
        // As one that was cut off leaves it: the journal of a database that had one page.
        let journal = [0x20a1_63d7, 0, 0, 1, 512, 4096].map(u32::to_be_bytes);
        let journal = [&b"\xd9\xd5\x05\xf9"[..], journal.as_flattened(), &[0; 8192]].concat();
        fs::write(folder.path().join("homeroom.sqlite.trial-journal"), journal).expect("written");
        for _ in 0..2 {
            // It is tried, and nothing of it is kept.
            let trial = Store::try_steps(&place, OPTIONS, folder.path()).await;
            let trial = trial.expect("it can be brought to this version");
            assert_eq!(
                (trial.found, trial.known),
                (number(count), number(steps().len()))
            );
            assert!(trial.took.is_some());
        }
        let left = fs::read_dir(folder.path()).expect("a folder");
        let left = left.map(|it| it.expect("a file").file_name());
        assert!(
            left.into_iter()
                .all(|it| !it.to_string_lossy().contains("trial"))
        );
        is_whole(&place).await;
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).expect("few")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_schema_opens_in_postgresql() {
    for count in 1..=steps().len() {
        let place = fresh_postgres().await;
        let Place::Postgres(url) = &place else {
            panic!("it is one")
        };
        let pool = sqlx::PgPool::connect(url)
            .await
            .expect("PostgreSQL answers");
        for part in script(count) {
            let part = for_postgres(&part);
            pool.execute(sqlx::raw_sql(AssertSqlSafe(part)))
                .await
                .expect("it runs");
        }
        pool.close().await;
        is_whole(&place).await;
    }
}

fn for_postgres(part: &str) -> String {
    part.replace(" INTEGER", " BIGINT")
        .replace(" BLOB", " BYTEA")
        .replace(") STRICT;", ");")
        .replace("X'", "'\\x")
}

/// EVE-5: the schema before the one under which parents are told that booking closed at its time.
async fn an_upgrade_tells_of_no_closing_that_had_passed(place: Place) {
    for part in script(25) {
        let part = match &place {
            Place::Sqlite(_) => part,
            Place::Postgres(_) => for_postgres(&part),
        };
        run_beside(&place, part).await;
    }
    let now = ambient::now();
    let at = |days: i64| now + SignedDuration::from_hours(24 * days);
    let sql = format!(
        "UPDATE evenings SET booking = 'open', closes_at = {}, start_at = {}, end_at = {}",
        at(-9).as_millisecond(),
        at(5).as_millisecond(),
        at(6).as_millisecond()
    );
    run_beside(&place, sql).await;
    let store = Store::open(&place, OPTIONS).await.expect("it opens");
    for hour in 0..24 {
        let later = now + SignedDuration::from_hours(hour);
        let told = store.tell_of_closing(later).await.expect("looked");
        assert!(told.is_empty(), "nine days late");
    }
    let evenings = store.evenings().await.expect("read");
    let evening = &evenings.first().expect("there is one").evening;
    assert_eq!(evening.check_booking(now), Err(Refusal::BookingClosed));
    store.close().await;
}

#[tokio::test]
async fn an_upgrade_tells_of_no_closing_that_had_passed_in_sqlite() {
    let folder = fresh_folder();
    let file = folder.path().join("homeroom.sqlite");
    fs::write(&file, "").expect("an empty database");
    an_upgrade_tells_of_no_closing_that_had_passed(Place::Sqlite(file)).await;
}

#[tokio::test]
async fn an_upgrade_tells_of_no_closing_that_had_passed_in_postgresql() {
    an_upgrade_tells_of_no_closing_that_had_passed(fresh_postgres().await).await;
}

/// OPS-7: the schema before the one under which accounts have a rank. Who worked in the office does so still,
/// and the first of them who can sign in is the owner.
async fn an_upgrade_makes_the_first_of_the_office_the_owner(place: Place) {
    for part in script(42) {
        let part = match &place {
            Place::Sqlite(_) => part,
            Place::Postgres(_) => for_postgres(&part),
        };
        run_beside(&place, part).await;
    }
    // When they were made, the hash of their password, whether they were removed, whether of the office.
    let accounts = [
        ("removed", 1, "hash", "5", 1),
        ("invited", 2, "", "NULL", 1),
        ("room", 3, "hash", "NULL", 0),
        ("first", 4, "hash", "NULL", 1),
        ("second", 5, "hash", "NULL", 1),
    ];
    for (who, at, hash, removed, office) in accounts {
        let id = 900 - at;
        let sql = format!(
            "INSERT INTO holders (school, id, kind) SELECT id, {id}, 'staff' FROM schools;
             INSERT INTO staff (school, id, name, email, email_key, password_hash, created_at,
               disabled_at, is_office)
             SELECT id, {id}, '{who}', '{who}@x.example', '{who}@x.example', '{hash}', {at},
               {removed}, {office} FROM schools;"
        );
        run_beside(&place, sql).await;
    }
    let store = Store::open(&place, OPTIONS).await.expect("it opens");
    let all = store.staff().await.expect("read");
    let ranks: Vec<_> = all
        .iter()
        .map(|it| (it.name.reveal(), it.rank.code()))
        .collect();
    let expected = [
        ("first", "owner"),
        ("invited", "office"),
        ("removed", "office"),
        ("room", "member"),
        ("second", "office"),
    ];
    assert_eq!(ranks, expected);
    store.close().await;
}

#[tokio::test]
async fn an_upgrade_makes_the_first_of_the_office_the_owner_in_sqlite() {
    let folder = fresh_folder();
    let file = folder.path().join("homeroom.sqlite");
    fs::write(&file, "").expect("an empty database");
    an_upgrade_makes_the_first_of_the_office_the_owner(Place::Sqlite(file)).await;
}

#[tokio::test]
async fn an_upgrade_makes_the_first_of_the_office_the_owner_in_postgresql() {
    an_upgrade_makes_the_first_of_the_office_the_owner(fresh_postgres().await).await;
}

/// Writes down what the demonstration enters under the schema of today.
#[tokio::test]
#[ignore = "it writes a file"]
async fn write_down() {
    let data = fresh_folder();
    let file = data.path().join("homeroom.sqlite");
    let store = Store::open(&Place::Sqlite(file.clone()), OPTIONS)
        .await
        .expect("it opens");
    let demonstration = store
        .seed_demonstration(1, 30, now())
        .await
        .expect("seeded");
    assert!(
        demonstration
            .people
            .iter()
            .all(|it| it.state == LinkState::Live)
    );
    store.close().await;
    let options = SqliteConnectOptions::new().filename(&file);
    let mut connection = options.connect().await.expect("a database");
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
           AND name <> 'schema_version' ORDER BY rowid",
    )
    .fetch_all(&mut connection)
    .await
    .expect("read");
    let steps = steps();
    let step = steps.last().expect("there is one");
    let mut text = head(step);
    for table in tables {
        let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info($1)")
            .bind(&table)
            .fetch_all(&mut connection)
            .await
            .expect("read");
        let values: Vec<String> = columns.iter().map(|it| format!("quote({it})")).collect();
        let rows = format!(
            "SELECT 'INSERT INTO {table} ({}) VALUES (' || {} || ');' FROM {table}",
            columns.join(", "),
            values.join(" || ', ' || ")
        );
        let rows = sqlx::query(AssertSqlSafe(rows))
            .fetch_all(&mut connection)
            .await
            .expect("read");
        for row in rows {
            text.push_str(&row.get::<String, _>(0));
            text.push('\n');
        }
    }
    let target = folder("tests/schemas").join(format!("{:04}.sql", steps.len()));
    fs::create_dir_all(folder("tests/schemas")).expect("a folder");
    fs::write(target, text).expect("written");
}
