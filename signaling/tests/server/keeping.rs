//! What the running program does with its data folder: it has it for itself, erases what is past
//! its period, and can be copied meanwhile (DIR-10, OPS-1).

use std::path::Path;
use std::process::Stdio;

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordVerifier as _};
use jiff::SignedDuration;
use links::KeyId;
use school::meeting::Margins;
use school::powers::RolePowers;
use school::{EmailAddress, EveningId, Name};
use store::{Action, Actor, Keys, NewStaff, Options, Place, Store};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Duration, sleep, timeout};

use crate::support::PATIENCE;
use crate::support::request::get;
use crate::support::school::School;

/// A folder with a school whose evening was so many days ago.
pub(crate) async fn folder(days: i64) -> (TempDir, Store, EveningId) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path(), "homeroom.sqlite").await;
    let then = ambient::now() - SignedDuration::from_hours(24 * days);
    let seeded = store.seed_demonstration(1, 30, then).await.expect("empty");
    (folder, store, seeded.evening)
}

pub(crate) async fn open(folder: &Path, name: &str) -> Store {
    let keys = Keys::make(folder, KeyId(1)).expect("keys");
    open_without_keys(folder, name).await.with_keys(&keys)
}

/// The same, as an older version opened them that could not use the keys.
pub(crate) async fn open_without_keys(folder: &Path, name: &str) -> Store {
    let options = Options {
        key: KeyId(1),
        settle: SignedDuration::ZERO,
        texts_a_day: 50,
        powers: RolePowers::DEFAULT,
        margins: Margins::DEFAULT,
    };
    let place = Place::Sqlite(folder.join(name));
    Store::open(&place, options).await.expect("records")
}

pub(crate) fn homeroom(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_homeroom"));
    command
        .args(arguments)
        .env("HOMEROOM__DATA__FOLDER", folder)
        .env("HOMEROOM__HTTP__LISTEN", "127.0.0.1:0")
        .env("HOMEROOM__MEDIA__LISTEN", "127.0.0.1:0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// A program that serves the folder.
pub(crate) async fn serving(folder: &Path) -> Child {
    let mut child = homeroom(folder, &["serve"]).spawn().expect("it starts");
    let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut line = String::new();
    while !line.contains("/setup#") {
        line.clear();
        let read = timeout(PATIENCE, out.read_line(&mut line)).await;
        assert!(read.expect("in time").expect("it prints") > 0, "it ended");
    }
    child
}

#[tokio::test]
async fn the_program_erases_what_is_past_its_period() {
    let (folder, store, evening) = folder(501).await;
    let appointments = async || {
        let all = store.appointments_of_evening(evening).await;
        all.expect("records").len()
    };
    assert!(appointments().await > 0);
    let _program = serving(folder.path()).await;
    let erased = timeout(PATIENCE, async {
        while appointments().await > 0 {
            sleep(Duration::from_millis(20)).await;
        }
    });
    erased.await.expect("they go");
    let left = store.invitations_of_evening(evening).await;
    assert!(left.expect("records").is_empty());
}

/// Serves the folder by a clock so many days ahead, until what `/readyz` says, or the records, are so; then it is killed.
async fn serve_until(folder: &Path, days: u32, is_so: impl AsyncFn(String) -> bool) {
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = port.local_addr().expect("an address");
    drop(port);
    let ahead = (days * 86_400).to_string();
    let mut program = homeroom(folder, &["serve", "--clock-ahead", &ahead])
        .env("HOMEROOM__HTTP__LISTEN", address.to_string())
        .env("HOMEROOM__BACKUP__FOLDER", folder.join("copies"))
        .spawn()
        .expect("it starts");
    let waiting = timeout(PATIENCE, async {
        loop {
            let is_there = tokio::net::TcpStream::connect(address).await.is_ok();
            if is_there && is_so(get(address, "/readyz").await.body).await {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
    });
    waiting.await.expect("it becomes so");
    program.kill().await.expect("it ran");
}

#[tokio::test]
async fn a_clock_that_is_ahead_at_one_start_takes_nothing_away() {
    let (folder, store, evening) = folder(0).await;
    let (home, to) = (folder.path(), folder.path().join("copies"));
    let days = SignedDuration::from_hours(24 * 731);
    let is_doubted = async |at| store.doubts_clock(at).await.expect("records");
    let all = async || {
        let all = store.appointments_of_evening(evening).await;
        all.expect("records")
    };
    let before = all().await;
    assert!(!before.is_empty());
    let wrong = ambient::now() + days;
    serve_until(home, 0, async |_| {
        copies(&to).len() == 1 && is_doubted(wrong).await
    })
    .await;
    let kept = copies(&to);

    // What is swept once it was looked at what is past its period.
    let stray = home.join("mail/1a2b.3c4d.eml");
    std::fs::create_dir_all(home.join("mail")).expect("room");
    std::fs::write(&stray, "").expect("room");
    let has_looked = async |health: String| health.contains("731 days ahead") && !stray.exists();
    serve_until(home, 731, has_looked).await;
    assert_eq!(all().await, before);
    assert_eq!(copies(&to), kept);
    // The clock is right again.
    let is_right = async |health: String| {
        let links = store.links_of_evening(evening, ambient::now()).await;
        health.contains("clock: well") && !links.expect("records").is_empty()
    };
    serve_until(home, 0, is_right).await;
    assert!(!is_doubted(ambient::now()).await);

    // As where the server was off for so long: somebody says that it is so late.
    let ahead = (731 * 86_400).to_string();
    let (code, said) = ran(home, &["clock-is-right", "--clock-ahead", &ahead], "").await;
    assert_eq!(code, Some(0), "{said}");
    let year = wrong.strftime("%Y, ").to_string();
    assert!(
        said.starts_with("The clock shows ") && said.contains(&year),
        "{said}"
    );
    let log = store.audit_log(None, 1).await.expect("records");
    assert_eq!(log[0].action, "clock_confirmed");
    let is_done = async |health: String| health.contains("clock: well") && all().await.is_empty();
    serve_until(home, 731, is_done).await;
}

/// Makes records of the step before of those of a folder: as a server of the version before has them.
async fn go_back_a_step(folder: &Path) -> sqlx::SqlitePool {
    let file = folder.join("homeroom.sqlite");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file);
    let pool = sqlx::SqlitePool::connect_with(options).await.expect("open");
    for sql in [
        "DROP INDEX sessions_held",
        "DELETE FROM schema_version WHERE version = (SELECT MAX(version) FROM schema_version)",
    ] {
        sqlx::query(sql).execute(&pool).await.expect("taken back");
    }
    pool
}

#[tokio::test]
async fn nobody_changes_the_records_under_a_server_of_an_earlier_version() {
    let (folder, store, _) = folder(0).await;
    store.close().await;
    let mut program = serving(folder.path()).await;
    let pool = go_back_a_step(folder.path()).await;
    let step = async || {
        let step = sqlx::query_scalar("SELECT COUNT(*) FROM schema_version");
        let step: i64 = step.fetch_one(&pool).await.expect("read");
        step
    };
    let older = step().await;
    for (arguments, code, word) in [
        (&["staff", "list"][..], 2, "an earlier version"),
        (&["audit-check"][..], 2, "an earlier version"),
        (&["serve"][..], 75, "by another homeroom"),
    ] {
        let (ended, said) = ran(folder.path(), arguments, "").await;
        assert_eq!(ended, Some(code), "{arguments:?}: {said}");
        assert!(said.contains(word), "{said}");
        assert_eq!(step().await, older, "{arguments:?}");
    }
    program.kill().await.expect("it ran");
    let (code, said) = ran(folder.path(), &["staff", "list"], "").await;
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(step().await, older + 1);
}

#[tokio::test]
async fn a_folder_is_served_by_one_program_and_copied_meanwhile() {
    let (folder, store, evening) = folder(0).await;
    let program = serving(folder.path()).await;

    let second = homeroom(folder.path(), &["serve"]).output();
    let second = timeout(PATIENCE, second)
        .await
        .expect("it ends")
        .expect("ran");
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(75), "{said}");
    assert!(said.contains("by another homeroom"), "{said}");
    assert!(said.contains("data.folder"), "{said}");

    let copy = folder.path().join("copy.sqlite");
    let path = copy.to_str().expect("plain");
    let copying = homeroom(folder.path(), &["backup", path]).output();
    let copied = timeout(PATIENCE, copying)
        .await
        .expect("it ends")
        .expect("ran");
    assert_eq!(copied.status.code(), Some(0), "{copied:?}");
    let copied = open(folder.path(), "copy.sqlite").await;
    let there = copied.appointments_of_evening(evening).await.expect("read");
    let here = store.appointments_of_evening(evening).await.expect("read");
    assert!(!here.is_empty());
    assert_eq!(there, here);
    drop(program);
}

#[tokio::test]
async fn who_forgot_a_password_gets_another() {
    let (folder, store, _) = folder(0).await;
    let account = NewStaff {
        name: Name::read("Ms Okafor").expect("a name"),
        email: EmailAddress::read("office@fairview.example").expect("an address"),
        password_hash: "$argon2id$forgotten".to_owned(),
        rank: school::Rank::Owner,
    };
    let now = ambient::now();
    let added = store.add_staff(&account, Actor::Program, now).await;
    added.expect("records");

    let given = homeroom(folder.path(), &["password", "Office@fairview.example"]).output();
    let given = timeout(PATIENCE, given).await.expect("it ends");
    let given = given.expect("ran");
    assert_eq!(given.status.code(), Some(0), "{given:?}");
    let password = String::from_utf8(given.stdout).expect("plain");
    let kept = store.staff_by_email(&account.email).await.expect("records");
    let kept = kept.expect("there").password_hash;
    let kept = kept.strip_prefix("nfkc").expect("of the one form");
    let kept = PasswordHash::new(kept).expect("a hash");
    let verified = Argon2::default().verify_password(password.trim().as_bytes(), &kept);
    verified.expect("it is that password");

    let id = store.staff_by_email(&account.email).await.expect("records");
    let id = id.expect("there").id;
    let kept = store.staff_by_email(&account.email).await.expect("records");
    let kept = kept.expect("there").password_hash;
    let both = (&[9; 32], &[0; 32]);
    let until = now + SignedDuration::from_hours(1);
    let begun = store.begin_session((id, None), both, until, now);
    begun.await.expect("records");
    let own = (id, kept.as_str());
    let added = store.add_second_factor(own, (b"locked", 1), &[], &[9; 32], now);
    added.await.expect("records");
    for (arguments, stands) in [(&[][..], true), (&["--without-second-step"], false)] {
        let arguments = [&["password", "Office@fairview.example"], arguments].concat();
        let (code, _) = ran(folder.path(), &arguments, "").await;
        assert_eq!(code, Some(0));
        let factor = store.second_factor(id).await.expect("records");
        assert_eq!(factor.is_some(), stands, "{arguments:?}");
    }

    let refused = homeroom(folder.path(), &["password", "nobody@fairview.example"]).output();
    let refused = timeout(PATIENCE, refused).await.expect("it ends");
    let refused = refused.expect("ran");
    assert_ne!(refused.status.code(), Some(0));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("nobody signs in"), "{said}");
}

/// Runs a command to its end: its code, and what it printed.
pub(crate) async fn ran(folder: &Path, arguments: &[&str], input: &str) -> (Option<i32>, String) {
    let mut command = homeroom(folder, arguments);
    let mut child = command.stdin(Stdio::piped()).spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(input.as_bytes()).await.expect("it reads");
    drop(stdin);
    let ended = timeout(PATIENCE, child.wait_with_output()).await;
    let ended = ended.expect("it ends").expect("ran");
    let said = [ended.stdout, ended.stderr].concat();
    (
        ended.status.code(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[tokio::test]
async fn the_audit_log_is_checked_and_a_changed_row_named() {
    let (folder, store, _) = folder(0).await;
    let (code, said) = ran(folder.path(), &["audit-check"], "").await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("rows of the audit log hold"), "{said}");
    let rows = store.check_audit_log(None).await.expect("read");
    let rows = rows.expect("it holds").rows;
    assert!(
        said.contains(&format!("{rows} of them are sealed")),
        "{said}"
    );
    let head = said.rsplit("--head ").next().expect("the last").trim();
    let (code, again) = ran(folder.path(), &["audit-check", "--head", head], "").await;
    assert_eq!(code, Some(0), "{again}");
    let (hash, other) = (head.split_once(':').expect("a hash").1, "0".repeat(64));
    for (number, hash, word) in [
        (rows, other.as_str(), "is not what it was"),
        (rows + 1, hash, "rows were taken away"),
    ] {
        let head = format!("{number}:{hash}");
        let (code, said) = ran(folder.path(), &["audit-check", "--head", &head], "").await;
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(word), "{said}");
    }
    store.close().await;
    let file = folder.path().join("homeroom.sqlite");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file);
    let pool = sqlx::SqlitePool::connect_with(options).await.expect("open");
    sqlx::query("UPDATE audit SET subject = 'contact:1' WHERE number = 2")
        .execute(&pool)
        .await
        .expect("changed");
    pool.close().await;
    let (code, said) = ran(folder.path(), &["audit-check"], "").await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("row 2 of the audit log"), "{said}");
    let copy = folder.path().join("copy.sqlite");
    let path = copy.to_str().expect("plain");
    let (code, said) = ran(folder.path(), &["backup", path], "").await;
    assert_eq!(code, Some(1), "{said}");
    assert!(copy.exists() && said.contains("row 2"), "{said}");
}

#[tokio::test]
async fn rows_that_were_not_sealed_are_named_and_end_no_backup_for_ever() {
    let (folder, store, _) = folder(0).await;
    let home = folder.path();
    let older = open_without_keys(home, "homeroom.sqlite").await;
    let mut rows = Vec::new();
    for without in [&older, &store, &older, &store] {
        let now = ambient::now();
        let by = (Actor::Program, Action::CourtOrderSet);
        let noted = without.note(by.0, by.1, "contact:1", &[], now).await;
        noted.expect("records");
        rows.push(store.audit_log(None, 1).await.expect("records")[0].number);
    }
    older.close().await;
    store.close().await;
    let words = format!(
        "2 rows of the audit log, the first of them row {} and the last row {}, are not sealed",
        rows[0], rows[2]
    );
    let check = async |word: &str| {
        let (code, said) = ran(home, &["audit-check"], "").await;
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(&words) && said.contains(word), "{said}");
    };
    check("Each row follows from the one before").await;
    for (name, tamper, code) in [
        ("one", None, 0),
        (
            "two",
            Some("UPDATE audit SET subject = 'contact:2' WHERE number = $1"),
            1,
        ),
    ] {
        if let Some(tamper) = tamper {
            let file = home.join("homeroom.sqlite");
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file);
            let pool = sqlx::SqlitePool::connect_with(options).await.expect("open");
            let changed = sqlx::query(tamper).bind(rows[3]).execute(&pool).await;
            assert_eq!(changed.expect("changed").rows_affected(), 1);
            pool.close().await;
            check(&format!("row {} of the audit log does not follow", rows[3])).await;
        }
        let copy = home.join(name);
        let path = copy.to_str().expect("plain");
        let (ended, said) = ran(home, &["backup", path], "").await;
        assert_eq!(ended, Some(code), "{said}");
        assert!(copy.exists() && said.contains(&words), "{said}");
    }
    // Nor is there anything to be done by hand where it is put back.
    let copy = home.join("one");
    let back = ["restore", copy.to_str().expect("plain")];
    let (code, said) = ran(home, &back, "").await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains(&words), "{said}");
}

#[tokio::test]
async fn a_newer_program_is_tried_before_it_serves() {
    let (folder, store, _) = folder(0).await;
    let (code, said) = ran(folder.path(), &["upgrade", "--check"], "").await;
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("The settings are right. The records are at step"),
        "{said}"
    );
    store.close().await;
    let file = folder.path().join("homeroom.sqlite");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file);
    let pool = sqlx::SqlitePool::connect_with(options).await.expect("open");
    sqlx::query("INSERT INTO schema_version (version) VALUES (10000)")
        .execute(&pool)
        .await
        .expect("as a newer program leaves it");
    pool.close().await;
    let (code, said) = ran(folder.path(), &["upgrade", "--check"], "").await;
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("newer"), "{said}");
    let empty = tempfile::tempdir().expect("a folder");
    let (code, said) = ran(empty.path(), &["upgrade", "--check"], "").await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("no records yet"), "{said}");
}

#[tokio::test]
async fn accounts_are_added_listed_and_removed() {
    let (folder, store, _) = folder(0).await;
    let staff = async |arguments: &[&str]| {
        let arguments = [&["staff"], arguments].concat();
        ran(folder.path(), &arguments, "").await
    };
    let (code, said) = staff(&["add", "bo@fairview.example", "Bo Adams"]).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("/setup#"), "{said}");
    let (code, said) = staff(&["add", "bo@fairview.example", "Bo Adams"]).await;
    assert_eq!(code, Some(0), "another link: {said}");
    let (_, said) = staff(&["list"]).await;
    let line = "bo@fairview.example\tBo Adams\towner\thas not chosen a password yet\n";
    assert_eq!(said, line);
    let (code, said) = staff(&["remove", "bo@fairview.example"]).await;
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("No other owner can sign in"), "{said}");
    let account = NewStaff {
        name: Name::read("Ms Okafor").expect("a name"),
        email: EmailAddress::read("office@fairview.example").expect("an address"),
        password_hash: "$argon2id$some".to_owned(),
        rank: school::Rank::Owner,
    };
    let now = ambient::now();
    let added = store.add_staff(&account, Actor::Program, now).await;
    added.expect("records");
    let (code, said) = staff(&["role", "bo@fairview.example", "viewer"]).await;
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = staff(&["role", "office@fairview.example", "office"]).await;
    assert_eq!(code, Some(2), "the last owner: {said}");
    let (code, said) = staff(&["role", "bo@fairview.example", "king"]).await;
    assert_ne!(code, Some(0));
    assert!(said.contains("owner, office, viewer or member"), "{said}");
    let (code, said) = staff(&["remove", "bo@fairview.example"]).await;
    assert_eq!(code, Some(0), "{said}");
    for (email, name, role) in [
        ("cy@fairview.example", "Cy Young", None),
        ("di@fairview.example", "Di Lund", Some("member")),
    ] {
        let mut arguments = vec!["add", email, name];
        arguments.extend(role.iter().flat_map(|role| ["--role", *role]));
        let (code, said) = staff(&arguments).await;
        assert_eq!(code, Some(0), "{said}");
        let (_, said) = staff(&["list"]).await;
        let line = format!("{email}\t{name}\t{}\t", role.unwrap_or("office"));
        assert!(said.contains(&line), "{said}");
    }
    let (_, said) = staff(&["list"]).await;
    assert!(said.contains("Bo Adams\tviewer\tremoved"), "{said}");
}

#[tokio::test]
async fn a_report_of_the_mail_server_marks_the_email() {
    let (folder, store, evening) = folder(0).await;
    let minute = SignedDuration::from_mins(1);
    let claimed = store
        .claim_mail(store::Channel::Email, 50, minute, ambient::now())
        .await;
    let guests = |it: &&store::Mail| match &it.letter {
        store::Letter::Evening(letter) => matches!(letter.to, store::Holder::Guest(_)),
        store::Letter::NewPassword { .. }
        | store::Letter::Waiting(_)
        | store::Letter::Registration(_)
        | store::Letter::Guest(_)
        | store::Letter::AuditHead { .. }
        | store::Letter::SignIn { .. }
        | store::Letter::AccountLink { .. }
        | store::Letter::StudentAdded { .. }
        | store::Letter::Address(_) => false,
    };
    let claimed = claimed.expect("claimed");
    let mail = claimed.iter().find(guests).expect("an invitation");
    let sent = store.mail_sent(mail.id, mail.lease, ambient::now()).await;
    assert!(sent.expect("said"));
    let sample = include_str!("../../../crates/post/tests/reports/postfix.eml");
    let foreign = ran(folder.path(), &["bounce"], sample).await;
    assert_eq!(foreign.0, Some(0), "{foreign:?}");
    let other = ran(folder.path(), &["bounce"], "Subject: Hello\n\nHello\n").await;
    assert_eq!(other.0, Some(0), "{other:?}");
    let report = sample.replace("1a2b.3c4d", &mail.message_id);
    let (code, said) = ran(folder.path(), &["bounce"], &report).await;
    assert_eq!(code, Some(0), "{said}");
    let all = store
        .invitations_of_evening(evening)
        .await
        .expect("records");
    let bounced = all.iter().any(|it| {
        matches!(&it.delivery, Some(store::Delivery::Bounced { reason })
            if reason.contains("User unknown"))
    });
    assert!(bounced, "{said}");
}

/// The copies in the folder, by name.
fn copies(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let names = entries.map(|it| it.expect("read").file_name().into_string().expect("plain"));
    let is_copy = |it: &String| it.ends_with("Z.sqlite") && !it.contains("-2099");
    let mut names: Vec<_> = names.filter(is_copy).collect();
    names.sort();
    names
}

/// Serves the folder, with copies of the records, by a clock so many days ahead.
fn copying(home: &Path, to: &Path, days: u32) -> Child {
    homeroom(
        home,
        &["serve", "--clock-ahead", &(days * 86_400).to_string()],
    )
    .env("HOMEROOM__BACKUP__FOLDER", to)
    .env("HOMEROOM__BACKUP__KEEP_DAYS", "2")
    .spawn()
    .expect("it starts")
}

#[tokio::test]
async fn each_night_is_copied_once_and_copies_go_when_they_are_old() {
    let (folder, store, _evening) = folder(0).await;
    let (home, to) = (folder.path(), folder.path().join("copies"));
    let until = async |what: &str, is_so: &dyn Fn() -> bool| {
        let waiting = timeout(PATIENCE, async {
            while !is_so() {
                sleep(Duration::from_millis(20)).await;
            }
        });
        waiting
            .await
            .unwrap_or_else(|_elapsed| panic!("never: {what}"));
    };
    // One that is yet to come is of a clock that was ahead: it is no copy of tonight, nor the last.
    std::fs::create_dir(&to).expect("room");
    std::fs::write(to.join("homeroom-20990101T023000Z.sqlite"), "").expect("room");
    let mut program = copying(home, &to, 0);
    until("a copy", &|| copies(&to).len() == 1).await;
    program.kill().await.expect("it ran");
    let first = copies(&to);
    std::fs::write(to.join("another.sqlite"), "not ours").expect("room");
    // One that was broken off is no copy.
    std::fs::write(to.join("homeroom.sqlite.unfinished"), "half").expect("room");

    let mut program = copying(home, &to, 1);
    until("the next night's", &|| copies(&to).len() == 2).await;
    // It has noted how late it is.
    let third = ambient::now() + SignedDuration::from_hours(49);
    let noted = timeout(PATIENCE, async {
        while store.doubts_clock(third).await.expect("records") {
            sleep(Duration::from_millis(20)).await;
        }
    });
    noted.await.expect("in time");
    program.kill().await.expect("it ran");
    assert!(copies(&to).contains(&first[0]));
    let second = copies(&to).remove(1);
    let mut program = copying(home, &to, 2);
    until("the oldest goes", &|| {
        let now = copies(&to);
        now.len() == 2 && now[0] == second
    })
    .await;
    program.kill().await.expect("it ran");
    let newest = copies(&to).remove(1);
    let others = std::fs::read_dir(&to).expect("read").count();
    assert_eq!(others, 4, "what is not ours is let be");

    // It is one to go back to.
    let path = to.join(&newest);
    let (code, said) = ran(home, &["restore", path.to_str().expect("plain")], "").await;
    assert_eq!(code, Some(0), "{said}");
}

#[tokio::test]
async fn a_night_without_a_copy_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut settings = School::settings();
    settings.backup.folder = Some(folder.path().join("file"));
    std::fs::write(folder.path().join("file"), "").expect("room");
    let school = School::open_with(settings).await;
    let said = timeout(PATIENCE, async {
        loop {
            let notices = school
                .done("GET", "/notices", &serde_json::Value::Null)
                .await;
            let text = notices.to_string();
            if text.contains("backup.folder") {
                return text;
            }
            sleep(Duration::from_millis(20)).await;
        }
    });
    let said = said.await.expect("it is said");
    assert!(
        !said.contains(folder.path().to_str().expect("plain")),
        "{said}"
    );
}
