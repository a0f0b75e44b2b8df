//! The files and databases themselves: copies, versions, and what they must not hold.

use std::os::unix::fs::PermissionsExt as _;

use links::{Key, KeyId, Keyring};
use sqlx::Executor as _;
use store::{Action, Actor, BrokenChain, Fault, Holder, Place, Store};

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
        assert_eq!(found.err(), Some(BrokenChain::Changed(number)), "{tamper}");
        pool.execute(undo).await.expect("written");
    }
    let found = world.store.check_audit_log(None).await.expect("read");
    assert_eq!(
        found.err(),
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
        found.err(),
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
        found.err(),
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
    assert!(
        found.is_ok(),
        "new keys are made where there is none to seal with: {found:?}"
    );
    unsealing
        .note(by, Action::Removed, "student:1", &[], now)
        .await
        .expect("written");
    let found = sealing.check_audit_log(None).await.expect("read");
    assert_eq!(found.err(), Some(BrokenChain::Unsealed(rows + 2)));

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
    assert_eq!(found.err(), Some(BrokenChain::CutOff(rows)));
}
