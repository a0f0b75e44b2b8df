//! A fresh database for each story, of either kind.
//!
//! The steps of the schema are run once for many of them: `schemas.rs` looks at the steps themselves.

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use jiff::SignedDuration;
use links::KeyId;
use school::meeting::Margins;
use school::powers::RolePowers;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use store::{Keys, Options, Place, Store};
use tokio::sync::OnceCell;

pub(crate) const OPTIONS: Options = Options {
    key: KeyId(1),
    settle: SignedDuration::from_secs(20),
    texts_a_day: 20,
    powers: RolePowers::DEFAULT,
    margins: Margins::DEFAULT,
};

/// Tells each story twice: on SQLite, and on PostgreSQL.
macro_rules! on_both {
    ($($story:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                crate::places::on_sqlite(super::$story).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                crate::places::on_postgres(super::$story).await;
            })*
        }
    };
}
pub(crate) use on_both;

/// An empty school, as SQLite's file has it.
static EMPTY: OnceCell<Vec<u8>> = OnceCell::const_new();

/// The URLs of the schemas that stories have left, with nothing in them.
static LEFT: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// What is in a schema but its version: no story's rows are the next one's.
const EMPTIED: &str = "
    SET session_replication_role = replica;
    DO $$
    DECLARE found text;
    BEGIN
      FOR found IN SELECT tablename FROM pg_tables
        WHERE schemaname = current_schema() AND tablename <> 'schema_version'
      LOOP
        EXECUTE format('DELETE FROM %I', found);
      END LOOP;
    END $$";

pub(crate) async fn on_sqlite<F: Future<Output = ()>>(story: impl FnOnce(Store) -> F) {
    let folder = fresh_folder();
    let file = folder.path().join("homeroom.sqlite");
    std::fs::write(&file, EMPTY.get_or_init(empty).await).expect("a file");
    tell(&Place::Sqlite(file), story).await;
}

async fn empty() -> Vec<u8> {
    let folder = fresh_folder();
    let file = folder.path().join("homeroom.sqlite");
    let store = Store::open(&Place::Sqlite(file.clone()), OPTIONS).await;
    store.expect("a database").close().await;
    std::fs::read(file).expect("a file")
}

pub(crate) async fn on_postgres<F: Future<Output = ()>>(story: impl FnOnce(Store) -> F) {
    let left = LEFT.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let place = match left {
        Some(url) => Place::Postgres(url),
        None => fresh_postgres().await,
    };
    tell(&place, story).await;
    // Not where the story failed: it ends before.
    run_beside(&place, EMPTIED.to_owned()).await;
    if let Place::Postgres(url) = place {
        LEFT.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(url);
    }
}

async fn tell<F: Future<Output = ()>>(place: &Place, story: impl FnOnce(Store) -> F) {
    let store = Store::open(place, OPTIONS).await.expect("a database");
    let store = store.with_keys(&fresh_keys());
    story(store.clone()).await;
    store.close().await;
}

/// A key of the number that the options name.
pub(crate) fn fresh_keys() -> Keys {
    Keys::make(fresh_folder().path(), OPTIONS.key).expect("a key")
}

/// A folder in memory where the machine has such: these stories are not about disks.
pub(crate) fn fresh_folder() -> tempfile::TempDir {
    let memory = std::path::Path::new("/dev/shm");
    let folder = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    folder.expect("a folder")
}

/// A schema of its own in the PostgreSQL of the tests.
pub(crate) async fn fresh_postgres() -> Place {
    let url = std::env::var_os("HOMEROOM_TEST_POSTGRES")
        .and_then(|it| it.into_string().ok())
        .expect(
            "HOMEROOM_TEST_POSTGRES is the URL of a PostgreSQL for tests: scripts/test sets it",
        );
    let name = format!("story_{:x}", ambient::random::<u64>());
    let pool = sqlx::PgPool::connect(&url)
        .await
        .expect("PostgreSQL answers");
    let make = sqlx::AssertSqlSafe(format!("CREATE SCHEMA {name}"));
    pool.execute(sqlx::raw_sql(make)).await.expect("a schema");
    pool.close().await;
    let and = if url.contains('?') { '&' } else { '?' };
    Place::Postgres(format!("{url}{and}options[search_path]={name}"))
}

/// Runs statements beside the store, in the words of both databases.
pub(crate) async fn run_beside(place: &Place, sql: String) {
    let sql = sqlx::raw_sql(sqlx::AssertSqlSafe(sql));
    match place {
        Place::Sqlite(file) => {
            let options = SqliteConnectOptions::new().filename(file);
            let mut beside = options.connect().await.expect("a database");
            beside.execute(sql).await.expect("it runs");
            beside.close().await.expect("closed");
        }
        Place::Postgres(url) => {
            let pool = sqlx::PgPool::connect(url).await.expect("PostgreSQL");
            pool.execute(sql).await.expect("it runs");
            pool.close().await;
        }
    }
}
