//! A backup that is put back, and keys that are lost: what had ended stays so, nothing is lost by
//! trying, and each refusal says the way back.
#![expect(clippy::too_many_lines, reason = "a story told in order")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use store::{Actor, LinkState};

use super::keeping::{folder, open, ran, serving};

const OFFICE: Actor = Actor::Program;

/// What a mail server says of an e-mail that came back.
const REPORT: &str = include_str!("../../../crates/post/tests/reports/postfix.eml");

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

/// What is left beside a database by whoever is cut off while changing it: that it had one page before. Whoever
/// opens it next gives it that size.
fn journal() -> Vec<u8> {
    let numbers = [0x20a1_63d7, 0, 0, 1, 512, 4096].map(u32::to_be_bytes);
    [&b"\xd9\xd5\x05\xf9"[..], numbers.as_flattened(), &[0; 8192]].concat()
}

#[tokio::test]
async fn a_journal_that_is_left_spoils_no_backup() {
    let (folder, store, _) = folder(0).await;
    let home = folder.path();
    let copy = home.join("copy.sqlite");
    let path = copy.to_str().expect("plain");
    store.backup(&copy).await.expect("copied");
    store.close().await;
    // A restore was cut off; then the records are lost, and their journal is not.
    for (left, are_lost) in [
        ("homeroom.sqlite.restoring-journal", false),
        ("homeroom.sqlite-journal", true),
    ] {
        let left = home.join(left);
        fs::write(&left, journal()).expect("written");
        if are_lost {
            fs::remove_file(home.join("homeroom.sqlite")).expect("removed");
        }
        let (code, said) = ran(home, &["restore", path], "").await;
        assert_eq!(code, Some(0), "{said}");
        assert!(!left.exists(), "{}", left.display());
        let restored = open(home, "homeroom.sqlite").await;
        restored.check_integrity().await.expect("whole");
        restored.close().await;
    }
    // One beside the backup is part of it.
    let before = fs::read(&copy).expect("read");
    fs::write(home.join("copy.sqlite-journal"), journal()).expect("written");
    let (code, said) = ran(home, &["restore", path], "").await;
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("no backup to put back"), "{said}");
    assert!(fs::read(&copy).expect("read") == before, "nothing changed");
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

/// One row without a seal among sealed ones, and nobody could say any more whether somebody else wrote it.
#[tokio::test]
async fn where_the_keys_cannot_be_used_nothing_is_added_to_a_sealed_log() {
    let (folder, store, _) = folder(0).await;
    store.close().await;
    let home = folder.path();
    serving(home).await.kill().await.expect("it ran");
    let backup = home.join("backup.sqlite");
    let backup = backup.to_str().expect("plain");
    let (code, said) = ran(home, &["backup", backup], "").await;
    assert_eq!(code, Some(0), "{said}");
    let keys = home.join("keys");
    let kept = fs::read(&keys).expect("read");
    let other = format!("1 {}\n", "ab".repeat(32));
    let put = |bytes: &[u8], mode| {
        fs::write(&keys, bytes).expect("written");
        fs::set_permissions(&keys, fs::Permissions::from_mode(mode)).expect("set");
    };
    for (name, bytes, mode, word) in [
        ("one", Some(&kept[..]), 0o640, "run chmod 600 on it"),
        ("two", None, 0, "keys is missing"),
        ("three", Some(other.as_bytes()), 0o600, "not the one"),
        (
            "four",
            Some(&kept[..40]),
            0o600,
            "put it back from a backup",
        ),
    ] {
        match bytes {
            Some(bytes) => put(bytes, mode),
            None => fs::remove_file(&keys).expect("removed"),
        }
        let copy = home.join(name);
        let copied = ["backup", copy.to_str().expect("plain")];
        let add = ["staff", "add", "bo@fairview.example", "Bo Adams"];
        for (arguments, code, is_said) in [
            (&["serve"][..], 2, true),
            (&add, 2, true),
            (&["restore", backup], 2, true),
            (&["audit-check"], 1, true),
            (&copied, 1, true),
            (&["staff", "list"], 0, false),
            (&["bounce"], 0, false),
        ] {
            let is_report = arguments[0] == "bounce";
            let input = if is_report { REPORT } else { "" };
            let (ended, said) = ran(home, arguments, input).await;
            assert_eq!(ended, Some(code), "{arguments:?} {name}: {said}");
            assert_eq!(said.contains(word), is_said, "{arguments:?} {name}: {said}");
        }
        assert!(copy.exists(), "a copy is made all the same");
    }
    put(&kept, 0o600);
    for arguments in [&["audit-check"][..], &["restore", backup], &["audit-check"]] {
        let (code, said) = ran(home, arguments, "").await;
        assert_eq!(code, Some(0), "{arguments:?}: {said}");
    }
}

#[tokio::test]
async fn a_school_that_never_had_keys_needs_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path();
    for arguments in [
        &["staff", "add", "bo@fairview.example", "Bo Adams"][..],
        &["staff", "role", "bo@fairview.example", "owner"],
        &["audit-check"],
    ] {
        let (code, said) = ran(home, arguments, "").await;
        assert_eq!(code, Some(0), "{arguments:?}: {said}");
    }
    assert!(!home.join("keys").exists());
}

#[tokio::test]
async fn a_backup_from_before_new_keys_is_put_back_and_its_log_holds() {
    let (folder, store, _) = folder(0).await;
    store.close().await;
    let home = folder.path();
    serving(home).await.kill().await.expect("it ran");
    let backup = home.join("backup.sqlite");
    let backup = ["restore", backup.to_str().expect("plain")];
    let steps = async |steps: &[(&[&str], i32, &str)]| {
        for (arguments, code, word) in steps {
            let (ended, said) = ran(home, arguments, "").await;
            assert_eq!(ended, Some(*code), "{arguments:?}: {said}");
            assert!(said.contains(word), "{arguments:?}: {said}");
        }
    };
    steps(&[
        (&["backup", backup[1]], 0, "are copied"),
        (&["new-keys"], 0, "There are new keys"),
        (&backup, 0, "withdrawn link"),
        (&["audit-check"], 0, "rows of the audit log hold"),
    ])
    .await;
    serving(home).await.kill().await.expect("it ran");

    // Records and keys are lost, and there is no copy of the keys.
    for lost in ["keys", "homeroom.sqlite"] {
        fs::remove_file(home.join(lost)).expect("removed");
    }
    for beside in ["homeroom.sqlite-wal", "homeroom.sqlite-shm"] {
        let _there_or_not = fs::remove_file(home.join(beside));
    }
    steps(&[
        (&backup, 2, "keys is missing"),
        (&["new-keys"], 0, "There are new keys"),
        (&backup, 2, "not the one"),
        (&["new-keys"], 0, "There are new keys"),
        (&backup, 1, "The server will not start yet"),
        (&["new-keys"], 0, "are dead"),
        (&["audit-check"], 0, "rows of the audit log hold"),
    ])
    .await;
    drop(serving(home).await);
    steps(&[(&["audit-check"], 0, "rows of the audit log hold")]).await;
}

/// Whoever is erased later would be in them still.
#[tokio::test]
async fn copies_that_a_killed_program_left_go_once_the_folder_is_served() {
    let (folder, store, _) = folder(0).await;
    store.close().await;
    let home = folder.path();
    let left = [".trial", ".trial-journal", ".restoring", ".restoring-wal"];
    let are_there = || left.map(|end| home.join(format!("homeroom.sqlite{end}")).exists());
    for end in left {
        let file = home.join(format!("homeroom.sqlite{end}"));
        fs::write(file, "of everybody").expect("written");
    }
    // `upgrade --check` is at one.
    let trying = fs::File::open(home).expect("a folder");
    trying.lock_shared().expect("nobody else has it");
    let mut program = serving(home).await;
    assert_eq!(are_there(), [true, true, false, false]);
    program.kill().await.expect("it ran");
    // It is killed.
    drop(trying);
    let mut program = serving(home).await;
    assert_eq!(are_there(), [false; 4]);
    program.kill().await.expect("it ran");
    let (code, said) = ran(home, &["upgrade", "--check"], "").await;
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(are_there(), [false; 4]);
}
