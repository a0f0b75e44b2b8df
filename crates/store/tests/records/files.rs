//! The files and databases themselves: copies, versions, and what they must not hold.

use std::os::unix::fs::PermissionsExt as _;

use links::{Key, KeyId, Keyring};
use sqlx::Executor as _;
use store::{
    Action, Actor, BrokenAudit, BrokenChain, Error, Fault, HeldAudit, Holder, Keys, Place, Store,
    UnsealedRows,
};

use crate::places::{OPTIONS, fresh_keys, fresh_postgres};
use crate::world::{OFFICE, World, now};

fn sqlite(folder: &tempfile::TempDir, name: &str) -> Place {
    Place::Sqlite(folder.path().join(name))
}

#[tokio::test]
async fn a_copy_is_whole_and_the_original_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&sqlite(&folder, "a"), OPTIONS)
        .await
        .expect("open");
    let world = World::new(store).await;
    let booked = world
        .book(world.maria, world.ana, world.maths, 0)
        .await
        .expect("booked");
    let copy = folder.path().join("copy");
    world.store.backup(&copy).await.expect("copied");
    world
        .book(world.omar, world.cem, world.french, 0)
        .await
        .expect("goes on");
    let mode = |path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&copy), 0o600);
    assert_eq!(mode(&folder.path().join("a")), 0o600);
    let again = world.store.backup(&copy).await;
    assert!(matches!(again, Err(Fault::File { .. })), "{again:?}");
    let restored = Store::open(&Place::Sqlite(copy), OPTIONS)
        .await
        .expect("open");
    let all = restored
        .appointments_of_evening(world.evening)
        .await
        .expect("read");
    assert_eq!(all.iter().map(|it| it.id).collect::<Vec<_>>(), [booked.id]);
    assert!(restored.check_audit_log(None).await.expect("read").is_ok());
}

#[tokio::test]
async fn postgres_says_what_to_use_for_copies() {
    let store = Store::open(&fresh_postgres().await, OPTIONS)
        .await
        .expect("open");
    let refused = store.backup("/nowhere/copy".as_ref()).await;
    assert!(refused.is_err_and(|it| it.to_string().contains("pg_dump")));
    store.close().await;
}

#[tokio::test]
async fn what_a_newer_program_has_used_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = sqlite(&folder, "a");
    Store::open(&place, OPTIONS)
        .await
        .expect("open")
        .close()
        .await;
    // The same program opens it again.
    Store::open(&place, OPTIONS)
        .await
        .expect("open")
        .close()
        .await;
    let url = format!("sqlite://{}", folder.path().join("a").display());
    let pool = sqlx::SqlitePool::connect(&url).await.expect("open");
    let newer = "INSERT INTO schema_version (version) VALUES (1000)";
    pool.execute(newer).await.expect("written");
    pool.close().await;
    let refused = Store::open(&place, OPTIONS).await.expect_err("refused");
    assert!(matches!(refused, Fault::Newer { .. }));
    let said = refused.to_string();
    assert!(
        said.contains("newer homeroom") && said.contains("restore a backup"),
        "{said}"
    );
}

#[tokio::test]
async fn what_cannot_be_opened_is_named_without_its_password() {
    let wrong = ["postgres://me:hunter2@127.0.0.1:1/x", "nonsense hunter2"];
    for url in wrong {
        let place = Place::Postgres(url.to_owned());
        assert!(!format!("{place:?}").contains("hunter2"));
        let said = Store::open(&place, OPTIONS)
            .await
            .expect_err("refused")
            .to_string();
        assert!(said.starts_with("cannot open the database"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let place = sqlite(&folder, "missing/a");
    let said = Store::open(&place, OPTIONS)
        .await
        .expect_err("refused")
        .to_string();
    assert!(said.contains("missing/a"), "{said}");
}

#[tokio::test]
async fn no_secret_of_a_link_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&sqlite(&folder, "a"), OPTIONS)
        .await
        .expect("open");
    let world = World::new(store).await;
    let record = world
        .store
        .hand_out_link(world.evening, Holder::Parent(world.maria), OFFICE, now())
        .await
        .expect("handed");
    let keyring = Keyring::new(KeyId(1), Key::random(&mut ambient::rng()));
    let path = keyring.path(&record).expect("a link").expose();
    let (_, secret) = path.split_once('#').expect("a secret");
    world
        .invite(world.maria, "Rui", "rui@x.example", &[world.ana])
        .await
        .expect("invited");
    let mut files = 0;
    for file in std::fs::read_dir(folder.path()).expect("a folder") {
        let bytes = std::fs::read(file.expect("a file").path()).expect("read");
        assert!(
            !bytes
                .windows(secret.len())
                .any(|it| it == secret.as_bytes())
        );
        files += bytes
            .windows(4)
            .filter(|it| it == b"Rui\x01" || it.starts_with(b"rui"))
            .count();
    }
    assert!(files > 0, "the search finds what is there");
}

/// Whoever changes a row of the log from outside is found out.
#[tokio::test]
async fn a_log_that_was_changed_does_not_follow() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&sqlite(&folder, "a"), OPTIONS)
        .await
        .expect("open");
    let world = World::new(store).await;
    let url = format!("sqlite://{}", folder.path().join("a").display());
    let pool = sqlx::SqlitePool::connect(&url).await.expect("open");
    let last = world.store.audit_log(None, 1).await.expect("read")[0].number;
    for (tamper, undo, number) in [
        (
            "UPDATE audit SET detail = 'x' WHERE number = 3",
            "UPDATE audit SET detail = '' WHERE number = 3",
            3,
        ),
        (
            "UPDATE audit SET actor = 'staff:9' WHERE number = 5",
            "UPDATE audit SET actor = 'program' WHERE number = 5",
            5,
        ),
        (
            "UPDATE schools SET audit_hash = x'00'",
            "DELETE FROM audit WHERE number = 4",
            last + 1,
        ),
    ] {
        assert!(
            world
                .store
                .check_audit_log(None)
                .await
                .expect("read")
                .is_ok()
        );
        pool.execute(tamper).await.expect("written");
        let found = world.store.check_audit_log(None).await.expect("read");
        assert_eq!(
            broken(found),
            Some(BrokenChain::Changed(number)),
            "{tamper}"
        );
        pool.execute(undo).await.expect("written");
    }
    let found = world.store.check_audit_log(None).await.expect("read");
    assert_eq!(
        broken(found),
        Some(BrokenChain::Changed(4)),
        "a row is missing"
    );
}

/// Whoever has the records and not the keys writes no row that holds, and what they take away from the
/// end is missed by whoever kept a head.
#[tokio::test]
async fn a_log_is_sealed_with_keys_that_are_not_in_the_records() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = sqlite(&folder, "a");
    let unsealing = Store::open(&place, OPTIONS).await.expect("open");
    let begun = unsealing.audit_head().await.expect("read");
    let sealing = unsealing.clone().with_keys(&fresh_keys());
    World::new(sealing.clone()).await;
    let held = sealing.check_audit_log(begun.as_ref()).await.expect("read");
    let held = held.expect("it holds");
    assert!(held.sealed > 0 && held.of_lost_keys == 0, "{held:?}");
    let head = held.head.expect("rows");
    assert_eq!(
        sealing.audit_head().await.expect("read"),
        Some(head.clone())
    );

    // With other keys nobody can say that a row is as it was, but that it follows.
    let others = unsealing.clone().with_keys(&fresh_keys());
    let found = others.check_audit_log(None).await.expect("read");
    assert_eq!(
        broken(found),
        Some(BrokenChain::Changed(1)),
        "another key of that number"
    );
    let found = unsealing.check_audit_log(None).await.expect("read");
    assert_eq!(found.expect("they follow").of_lost_keys, held.sealed);

    let url = format!("sqlite://{}", folder.path().join("a").display());
    let pool = sqlx::SqlitePool::connect(&url).await.expect("open");
    pool.execute("UPDATE audit SET sealed_by = NULL WHERE number = 3")
        .await
        .expect("written");
    let found = sealing.check_audit_log(None).await.expect("read");
    assert_eq!(
        broken(found),
        Some(BrokenChain::Changed(3)),
        "a seal is taken off"
    );
    pool.execute("UPDATE audit SET sealed_by = 1 WHERE number = 3")
        .await
        .expect("written");

    // What is written without the keys, as somebody would who computes the hashes anew.
    let now = now();
    let (rows, by) = (i64::try_from(held.rows).expect("few"), Actor::Program);
    unsealing
        .note(by, Action::KeysRenewed, "keys", &[], now)
        .await
        .expect("written");
    let found = sealing.check_audit_log(Some(&head)).await.expect("read");
    assert_eq!(
        unsealed(found),
        Some((1, rows + 1, rows + 1)),
        "there are no new keys"
    );
    for (action, count) in [(Action::KeysRenewed, 2_u32), (Action::Removed, 3)] {
        let written = unsealing.note(by, action, "student:1", &[], now).await;
        written.expect("written");
        let found = sealing.check_audit_log(None).await.expect("read");
        let last = rows + i64::from(count);
        assert_eq!(unsealed(found), Some((count.into(), rows + 1, last)));
    }

    // The end is cut off, and made good as far as the records go.
    for cut in [
        format!("DELETE FROM audit WHERE number >= {rows}"),
        format!(
            "UPDATE schools SET audit_count = {0}, audit_hash = \
             (SELECT hash FROM audit WHERE number = {0})",
            rows - 1
        ),
    ] {
        pool.execute(sqlx::AssertSqlSafe(cut))
            .await
            .expect("written");
    }
    let found = sealing.check_audit_log(None).await.expect("read");
    assert!(found.is_ok(), "the records alone cannot tell: {found:?}");
    let found = sealing.check_audit_log(Some(&head)).await.expect("read");
    assert_eq!(broken(found), Some(BrokenChain::CutOff(rows)));
}

/// Keys that were lost leave rows that nobody can prove, and new ones a row that nothing sealed: each has its place,
/// and in another it was written by somebody who has no keys.
#[tokio::test]
async fn rows_of_keys_that_are_not_there_stand_before_all_others_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let unsealing = Store::open(&sqlite(&folder, "a"), OPTIONS).await;
    let unsealing = unsealing.expect("open");
    let by = |number| {
        let home = tempfile::tempdir().expect("a folder");
        let keys = Keys::make(home.path(), KeyId(number)).expect("a key");
        unsealing.clone().with_keys(&keys)
    };
    let (first, second, forged) = (by(1), by(2), by(77));
    let write = async |store: &Store, action| {
        let written = store.note(OFFICE, action, "keys", &[], now()).await;
        written.expect("written");
    };
    let check = async |store: &Store| store.check_audit_log(None).await.expect("read");
    let begun = check(&unsealing).await.expect("it holds").rows;
    let row = |number: u64| i64::try_from(begun + number).expect("few");

    write(&first, Action::Removed).await;
    write(&first, Action::Removed).await;
    // The keys are lost, and made anew twice.
    write(&unsealing, Action::KeysRenewed).await;
    write(&unsealing, Action::KeysRenewed).await;
    assert_eq!(
        unsealed(check(&first).await),
        Some((2, row(3), row(4))),
        "there are no new keys"
    );
    let held = check(&second).await.expect("they have sealed nothing yet");
    assert_eq!((held.sealed, held.of_lost_keys), (0, 2));
    assert_eq!(held.lost_until, Some(row(2)));
    write(&second, Action::Removed).await;
    let held = check(&second).await.expect("it holds");
    assert_eq!((held.sealed, held.of_lost_keys), (1, 2));
    // Who has the first keys alone has another file than the log.
    assert_eq!(
        broken(check(&first).await),
        Some(BrokenChain::UnknownKey(row(5)))
    );

    // What somebody writes who has none, and names a number that nobody has or had.
    for forger in [&forged, &first] {
        write(forger, Action::CourtOrderLifted).await;
        write(&second, Action::Removed).await;
        assert_eq!(
            broken(check(&second).await),
            Some(BrokenChain::UnknownKey(row(6)))
        );
        cut(&folder, row(5)).await;
    }
    write(&unsealing, Action::KeysRenewed).await;
    for _row in 0..2 {
        assert_eq!(unsealed(check(&second).await), Some((1, row(6), row(6))));
        write(&second, Action::Removed).await;
    }
    // Nor holds a log that is written anew by such a number from its beginning.
    cut(&folder, row(0)).await;
    write(&forged, Action::Removed).await;
    assert_eq!(
        broken(check(&second).await),
        Some(BrokenChain::UnknownKey(row(1)))
    );
}

/// What comes behind rows without a seal is looked at all the same, and each of those is counted.
#[tokio::test]
async fn a_row_that_does_not_hold_hides_none_behind_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let unsealing = Store::open(&sqlite(&folder, "a"), OPTIONS).await;
    let unsealing = unsealing.expect("open");
    let sealing = unsealing.clone().with_keys(&fresh_keys());
    let begun = unsealing.check_audit_log(None).await.expect("read");
    let begun = begun.expect("it holds").rows;
    let row = |number: u64| i64::try_from(begun + number).expect("few");
    // As a version that did not refuse it left them: rows 3, 4 and 6 have no seal.
    for (store, action) in [
        (&sealing, Action::Removed),
        (&sealing, Action::CourtOrderSet),
        (&unsealing, Action::PasswordChanged),
        (&unsealing, Action::KeysRenewed),
        (&sealing, Action::Removed),
        (&unsealing, Action::StaffAdded),
        (&sealing, Action::CourtOrderSet),
        (&sealing, Action::Removed),
    ] {
        let written = store.note(OFFICE, action, "contact:1", &[], now()).await;
        written.expect("written");
    }
    let found = async || {
        let found = sealing.check_audit_log(None).await.expect("read");
        let found = found.expect_err("it does not hold");
        (found.broken, unsealed(Err(found)))
    };
    let without = Some((3, row(3), row(6)));
    assert_eq!(found().await, (None, without));
    let said = sealing.check_audit_log(None).await.expect("read");
    let said = said.expect_err("it does not hold").to_string();
    let words = format!(
        "3 rows of the audit log, the first of them row {} and",
        row(3)
    );
    assert!(said.starts_with(&words), "{said}");

    let url = format!("sqlite://{}", folder.path().join("a").display());
    let pool = sqlx::SqlitePool::connect(&url).await.expect("open");
    let (changed, removed) = (row(7), row(8));
    for tamper in [
        format!("UPDATE audit SET action = 'court_order_lifted' WHERE number = {changed}"),
        format!("DELETE FROM audit WHERE number = {removed}"),
    ] {
        pool.execute(sqlx::AssertSqlSafe(tamper))
            .await
            .expect("written");
        let first = Some(BrokenChain::Changed(changed));
        assert_eq!(found().await, (first, without));
    }
    pool.close().await;
}

async fn a_sealed_log_takes_no_row_without_a_seal(place: Place) {
    let store = Store::open(&place, OPTIONS).await.expect("open");
    let (why, by) = ("the keys are gone", Actor::Program);
    let without = store.clone().without_keys(why);
    let written = async |store: &Store, action| store.note(by, action, "keys", &[], now()).await;
    // Nothing is sealed yet.
    let removed = written(&without, Action::Removed).await;
    removed.expect("a school that never had keys");
    let sealing = without.clone().with_keys(&fresh_keys());
    let removed = written(&sealing, Action::Removed).await;
    removed.expect("written");
    let rows = async || sealing.audit_log(None, 1).await.expect("read")[0].number;
    let before = rows().await;
    for refused in [
        written(&without, Action::Removed).await,
        without.check_can_seal().await,
    ] {
        let Err(Error::Fault(fault @ Fault::Unsealed { .. })) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(fault.to_string(), why);
    }
    assert_eq!(rows().await, before);
    let renewed = written(&without, Action::KeysRenewed).await;
    renewed.expect("there is nothing to seal it with");
    sealing.check_can_seal().await.expect("it has keys");
    store.close().await;
}

#[tokio::test]
async fn no_row_without_a_seal_is_added_where_the_keys_cannot_be_used() {
    let folder = tempfile::tempdir().expect("a folder");
    a_sealed_log_takes_no_row_without_a_seal(sqlite(&folder, "a")).await;
    a_sealed_log_takes_no_row_without_a_seal(fresh_postgres().await).await;
}

type Found = Result<HeldAudit, BrokenAudit>;

fn broken(found: Found) -> Option<BrokenChain> {
    found.expect_err("it does not hold").broken
}

/// How many, the first and the last.
fn unsealed(found: Found) -> Option<(u64, i64, i64)> {
    let unsealed = found.expect_err("it does not hold").unsealed;
    unsealed.map(|UnsealedRows { rows, first, last }| (rows, first, last))
}

/// Takes away what comes after that row, and makes that good as far as the records go.
async fn cut(folder: &tempfile::TempDir, last: i64) {
    let url = format!("sqlite://{}", folder.path().join("a").display());
    let pool = sqlx::SqlitePool::connect(&url).await.expect("open");
    for sql in [
        format!(
            "UPDATE schools SET audit_count = {last}, audit_hash =
               (SELECT before FROM audit WHERE number = {last} + 1)"
        ),
        format!("DELETE FROM audit WHERE number > {last}"),
    ] {
        pool.execute(sqlx::AssertSqlSafe(sql))
            .await
            .expect("written");
    }
    pool.close().await;
}
