//! A backup that is put back, and keys that are lost: what had ended stays so, nothing is lost by
//! trying, and each refusal says the way back.
#![expect(clippy::too_many_lines, reason = "a story told in order")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use store::{Actor, LinkState};

use super::keeping::{folder, open, ran, serving};

const OFFICE: Actor = Actor::Program;

/// What a server that is killed leaves: its write-ahead log beside the records.
async fn killed(mut program: tokio::process::Child, folder: &Path) {
    program.kill().await.expect("it ran");
    let log = folder.join("homeroom.sqlite-wal");
    assert!(
        fs::metadata(log).is_ok_and(|it| it.len() > 0),
        "as after a crash"
    );
}

#[tokio::test]
async fn what_had_ended_stays_so_when_a_backup_is_put_back_over_a_crashed_server() {
    let (folder, store, evening) = folder(0).await;
    let home = folder.path();
    let program = serving(home).await;
    let copy = home.join("copy.sqlite");
    let path = copy.to_str().expect("plain");
    let (code, said) = ran(home, &["backup", path], "").await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("keys"), "{said}");

    let now = ambient::now();
    let invitations = store.invitations_of_evening(evening).await.expect("read");
    let removed = &invitations[0];
    store
        .remove_invitation(removed.id, OFFICE, now)
        .await
        .expect("removed");
    let contacts = store.contacts().await.expect("read");
    let others: Vec<_> = contacts
        .iter()
        .filter(|it| it.id != removed.inviter)
        .collect();
    let (barred, erased) = (others[0].id, others[1].id);
    store
        .set_court_order(barred, OFFICE, now)
        .await
        .expect("entered");
    store
        .erase_contact(erased, OFFICE, now)
        .await
        .expect("erased");
    let links = store.links_of_evening(evening, now).await.expect("read");
    let dead: Vec<_> = links
        .iter()
        .filter(|it| it.state == LinkState::Withdrawn)
        .map(|it| it.record.id)
        .collect();
    assert!(!dead.is_empty());
    store.close().await;

    let (code, said) = ran(home, &["restore", path], "").await;
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("served by another homeroom"), "{said}");
    killed(program, home).await;

    let (code, said) = ran(home, &["restore", path], "").await;
    assert_eq!(code, Some(0), "{said}");
    for words in [
        "1 court order",
        "1 removed invitation",
        "1 erased person",
        "are kept in",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(
        !home.join("homeroom.sqlite-wal").exists(),
        "nothing stale is left"
    );
    let mode = fs::metadata(home.join("homeroom.sqlite"))
        .expect("there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);

    let restored = open(home, "homeroom.sqlite").await;
    for link in &dead {
        let held = restored.link(*link, now).await.expect("read");
        assert!(held.is_none_or(|it| it.state == LinkState::Withdrawn));
    }
    let all = restored
        .invitations_of_evening(evening)
        .await
        .expect("read");
    assert!(
        all.iter()
            .all(|it| it.id != removed.id || it.state != removed.state)
    );
    let contact = restored.contact(barred).await.expect("there");
    assert!(contact.court_order_at.is_some());
    restored.contact(erased).await.expect_err("erased");
    assert!(restored.check_audit_log(None).await.expect("read").is_ok());
    restored.close().await;

    // What was there is whole, beside it.
    let aside = fs::read_dir(home)
        .expect("read")
        .filter_map(|it| it.ok().map(|it| it.path()))
        .find(|it| it.to_string_lossy().contains("before-restore-"))
        .expect("set aside");
    let before = open(&aside, "homeroom.sqlite").await;
    before.contact(erased).await.expect_err("erased there too");
    before.close().await;
    // Once more is no harm, and a server serves it.
    let (code, said) = ran(home, &["restore", path], "").await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("1 court order"), "{said}");
    drop(serving(home).await);
}

#[tokio::test]
async fn what_is_no_backup_changes_nothing() {
    let (folder, store, _) = folder(0).await;
    let home = folder.path();
    let copy = home.join("copy.sqlite");
    let path = copy.to_str().expect("plain");
    store.backup(&copy).await.expect("copied");
    store.close().await;
    let whole = fs::read(&copy).expect("read");
    let present = fs::read(home.join("homeroom.sqlite")).expect("read");

    let bad = home.join("bad");
    let mut torn = whole.clone();
    for byte in torn.iter_mut().skip(8192).step_by(3).take(40_000) {
        *byte ^= 0x55;
    }
    for bytes in [
        &b"not a database"[..],
        &whole[..whole.len() / 2],
        &torn,
        b"",
    ] {
        fs::write(&bad, bytes).expect("written");
        let (code, said) = ran(home, &["restore", bad.to_str().expect("plain")], "").await;
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("no backup to put back"), "{said}");
        let now = fs::read(home.join("homeroom.sqlite")).expect("read");
        assert!(now == present, "nothing changed");
    }
    for other in ["/nowhere", "/dev/zero", home.to_str().expect("plain")] {
        let (code, said) = ran(home, &["restore", other], "").await;
        assert_eq!(code, Some(2), "{said}");
    }
    let in_use = home.join("homeroom.sqlite");
    let (code, said) = ran(home, &["restore", in_use.to_str().expect("plain")], "").await;
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("file in use"), "{said}");

    // Records that cannot be read are put aside all the same, and it is said what that means.
    fs::write(home.join("homeroom.sqlite"), "torn").expect("written");
    let (code, said) = ran(home, &["restore", path], "").await;
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("cannot be read") && said.contains("do it again"),
        "{said}"
    );
    fs::remove_file(home.join("homeroom.sqlite")).expect("removed");
    let (code, said) = ran(home, &["restore", path], "").await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("no records here"), "{said}");
}

#[tokio::test]
async fn without_its_keys_the_server_does_not_start_and_says_the_way_back() {
    let (folder, store, evening) = folder(0).await;
    let home = folder.path();
    serving(home).await.kill().await.expect("it ran");
    let keys = home.join("keys");
    let kept = fs::read(&keys).expect("read");
    let other = format!("1 {}\n", "ab".repeat(32));
    let cut = &kept[..40];
    let private = |bytes: &[u8]| {
        fs::write(&keys, bytes).expect("written");
        fs::set_permissions(&keys, fs::Permissions::from_mode(0o600)).expect("set");
    };
    fs::remove_file(&keys).expect("removed");
    let (code, said) = ran(home, &["serve"], "").await;
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("keys is missing") && said.contains("homeroom new-keys"),
        "{said}"
    );
    assert!(!keys.exists(), "none was made");
    // What needs no keys goes on.
    let (code, said) = ran(home, &["staff", "list"], "").await;
    assert_eq!(code, Some(0), "{said}");
    assert!(!keys.exists());
    private(other.as_bytes());
    let (code, said) = ran(home, &["serve"], "").await;
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("not the one") && said.contains("homeroom new-keys"),
        "{said}"
    );
    private(cut);
    let (code, said) = ran(home, &["serve"], "").await;
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("from a backup"), "{said}");
    private(&kept);
    serving(home).await.kill().await.expect("it ran");

    fs::remove_file(&keys).expect("removed");
    let now = ambient::now();
    let (code, said) = ran(home, &["new-keys"], "").await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("are dead"), "{said}");
    let links = store.links_of_evening(evening, now).await.expect("read");
    assert!(links.iter().all(|it| it.state == LinkState::Withdrawn));
    drop(serving(home).await);
}
