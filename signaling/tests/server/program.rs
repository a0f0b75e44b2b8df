//! The program itself: what it prints, and how it ends.

use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::chown;
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::UnixDatagram;
use tokio::process::{Child, Command};
use tokio::time::{Instant, timeout};

use crate::database::schema;
use crate::support::PATIENCE;
use crate::support::request::get;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Invited {
    name: String,
    role: String,
    url: String,
}

fn homeroom(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_homeroom"));
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Runs to the end; gives the exit code, and what stood on standard output and standard error.
async fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let output = timeout(PATIENCE, command.output())
        .await
        .expect("it ends by itself")
        .expect("it starts");
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

async fn interrupt(child: &Child) {
    let id = child.id().expect("it runs").to_string();
    let status = Command::new("kill")
        .args(["-INT", &id])
        .status()
        .await
        .expect("kill is there");
    assert!(status.success());
}

#[tokio::test]
async fn demo_prints_its_links_once_it_can_be_used() {
    let mut child = homeroom(&["demo", "--json", "--listen", "127.0.0.1:0"])
        .spawn()
        .expect("it starts");
    let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut line = String::new();
    timeout(PATIENCE, out.read_line(&mut line))
        .await
        .expect("it starts in time")
        .expect("it prints");
    let invited: Vec<Invited> = serde_json::from_str(&line).expect("a JSON array");
    let roles: Vec<&str> = invited.iter().map(|one| one.role.as_str()).collect();
    assert_eq!(
        roles.get(..5),
        Some(&["teacher", "teacher", "teacher", "parent", "guest"][..])
    );
    assert_eq!(
        roles.get(roles.len() - 7..),
        Some(
            &[
                "member", "room", "provider", "area", "caller", "caller", "office"
            ][..]
        )
    );
    assert!(roles.len() > 15, "the rest of the evening is there too");
    assert!(invited.iter().all(|one| !one.name.is_empty()));
    let address = invited[0]
        .url
        .strip_prefix("http://")
        .and_then(|rest| rest.split_once("/j/"))
        .map(|(address, _)| address.parse().expect("an address"))
        .expect("a link");
    assert_eq!(get(address, "/healthz").await.status, 200);

    let began = Instant::now();
    interrupt(&child).await;
    let mut rest = String::new();
    out.read_to_string(&mut rest).await.expect("it ends");
    let status = timeout(PATIENCE, child.wait())
        .await
        .expect("it ends")
        .expect("it ran");
    assert!(began.elapsed() < Duration::from_secs(2));
    assert_eq!(status.code(), Some(0));
    assert_eq!(rest, "", "nothing else is printed");
}

#[tokio::test]
async fn a_service_manager_is_told_of_its_beginning_its_life_and_its_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("notify");
    let manager = UnixDatagram::bind(&place).expect("a socket");
    let heard = async || {
        let mut bytes = [0; 64];
        let length = timeout(PATIENCE, manager.recv(&mut bytes)).await;
        let length = length.expect("in time").expect("it is sent");
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    };
    let mut child = homeroom(&["demo", "--json", "--listen", "127.0.0.1:0"])
        .env("NOTIFY_SOCKET", &place)
        .env("WATCHDOG_USEC", "20000")
        .spawn()
        .expect("it starts");
    assert_eq!(heard().await, "READY=1\n");
    for _ in 0..3 {
        assert_eq!(heard().await, "WATCHDOG=1\n");
    }
    interrupt(&child).await;
    while heard().await != "STOPPING=1\n" {}
    let ended = timeout(PATIENCE, child.wait()).await.expect("it ends");
    assert!(ended.expect("it ran").success());
}

#[tokio::test]
async fn root_leaves_the_folder_of_another_user_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    // Debian's own user of that number, and one whom nobody has named.
    for (number, name) in [(1, "daemon"), (64_321, "'#64321'")] {
        if chown(folder.path(), Some(number), None).is_err() {
            // Whoever is not root cannot write there anyway.
            return;
        }
        let mut command = homeroom(&["staff", "list"]);
        let (code, _, err) = run(command.env("HOMEROOM__DATA__FOLDER", folder.path())).await;
        assert_eq!(code, Some(2), "{err}");
        assert!(err.contains(&format!("sudo -u {name} homeroom")), "{err}");
    }
    assert_eq!(folder.path().read_dir().expect("it is there").count(), 0);
}

/// As of a home that the user whom the service runs as may not look into.
#[tokio::test]
async fn a_folder_that_cannot_be_looked_into_is_no_matter_to_whoever_stands_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let records = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("config"), "no folder").expect("written");
    let mut command = homeroom(&["staff", "list"]);
    command
        .current_dir(folder.path())
        .env("HOMEROOM__DATA__FOLDER", records.path());
    let (code, _, err) = run(&mut command).await;
    assert_eq!(code, Some(0), "{err}");
}

#[tokio::test]
async fn taken_ports_are_one_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let (code, out, err) = run(&mut homeroom(&["demo", "--listen", &address])).await;
    assert_eq!(code, Some(75), "{err}");
    assert_eq!(out, "");
    let expected = format!("homeroom: cannot listen on TCP {address}");
    let said: Vec<&str> = err
        .lines()
        .filter(|line| line.starts_with("homeroom:"))
        .collect();
    assert_eq!(said.len(), 1, "{err}");
    assert!(
        said[0].starts_with(&expected) && said[0].contains("--listen"),
        "{err}"
    );

    let taken = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let mut command = homeroom(&["demo", "--listen", "127.0.0.1:0"]);
    let (code, _, err) = run(command.env("HOMEROOM__MEDIA__LISTEN", &address)).await;
    assert_eq!(code, Some(75), "{err}");
    assert!(
        err.contains(&address) && err.contains("media.listen"),
        "{err}"
    );
}

#[tokio::test]
async fn a_database_that_is_yet_to_begin_is_for_another_try_and_a_wrong_one_for_a_person() {
    let folder = tempfile::tempdir().expect("a folder");
    let closed = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = closed.local_addr().expect("it is bound").port();
    drop(closed);
    let absent = format!("postgres://school@127.0.0.1:{port}/school");
    let (code, _, err) = run(&mut serve(&folder, Some(&absent))).await;
    assert_eq!(code, Some(75), "{err}");
    assert!(err.contains("see that PostgreSQL runs there"), "{err}");

    let there = schema().await;
    let (before, after) = there.split_once('?').unwrap_or((&there, ""));
    let (server, _) = before.rsplit_once('/').expect("it names a database");
    let other = format!("{server}/no_such_database?{after}");
    let (code, _, err) = run(&mut serve(&folder, Some(&other))).await;
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("no_such_database"), "{err}");
    assert!(err.contains("; make that database, or change"), "{err}");
    let stranger = format!(
        "postgres://no_such_role:wrong@{}/x?{after}",
        server.rsplit_once(['@', '/']).expect("a host").1
    );
    let (code, _, err) = run(&mut serve(&folder, Some(&stranger))).await;
    assert_eq!(code, Some(2), "{err}");
    assert!(
        err.contains("; see user and password in database.url"),
        "{err}"
    );
    assert!(!err.contains("wrong"), "{err}");
}

/// As where `http.listen` was changed, and the server is yet to be begun anew.
#[tokio::test]
async fn what_the_running_server_has_is_its_own_whatever_is_set_for_the_next() {
    let free = || {
        let tried = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        tried.local_addr().expect("it is bound").to_string()
    };
    let database = schema().await;
    for database in [None, Some(database.as_str())] {
        let folder = tempfile::tempdir().expect("a folder");
        let (media, next) = (free(), free());
        let mut server = serve(&folder, database);
        let mut server = server
            .env("HOMEROOM__MEDIA__LISTEN", &media)
            .env("HOMEROOM__MEDIA__WORKERS", "1")
            .spawn()
            .expect("it starts");
        let mut out = BufReader::new(server.stdout.take().expect("it is piped"));
        let mut line = String::new();
        let read = timeout(PATIENCE, out.read_line(&mut line)).await;
        read.expect("it starts in time").expect("it prints");
        let mut command = homeroom(&["doctor"]);
        command
            .current_dir(&folder)
            .env("HOMEROOM__DATA__FOLDER", folder.path())
            .env("HOMEROOM__MEDIA__LISTEN", &media)
            .env("HOMEROOM__MEDIA__WORKERS", "1")
            .env("HOMEROOM__HTTP__LISTEN", &next);
        let (_, said, _) = run(&mut command).await;
        let expected = format!("good     {media} is in use, by the server that runs.");
        assert!(said.contains(&expected), "{said}");
        interrupt(&server).await;
        let ended = timeout(PATIENCE, server.wait()).await;
        ended.expect("it ends").expect("it is ours");
    }
}

#[tokio::test]
async fn a_copy_that_cannot_be_written_says_where_to_put_it() {
    let folder = tempfile::tempdir().expect("a folder");
    // Where nobody may make a file, root neither.
    for (file, advice) in [
        ("/sys/homeroom.sqlite", "name a file in a folder that"),
        ("no/folder/copy.sqlite", "make its folder first"),
    ] {
        let mut command = homeroom(&["backup", file]);
        command
            .current_dir(&folder)
            .env("HOMEROOM__DATA__FOLDER", folder.path());
        let (code, _, err) = run(&mut command).await;
        assert_eq!(code, Some(2), "{err}");
        assert!(err.contains(advice), "{err}");
    }
}

#[tokio::test]
async fn wrong_settings_are_one_sentence() {
    for (name, value, expected) in [
        ("HOMEROOM__CALLS__CAP", "5", "calls.cap"),
        ("HOMEROOM__CALLS__CUP", "4", "unknown setting calls.cup"),
        ("HOMEROOM__HTTP__LISTEN", "here", "http.listen"),
        ("HOMEROOM__LOG__FORMAT", "xml", "log.format"),
    ] {
        let (code, out, err) = run(homeroom(&["demo"]).env(name, value)).await;
        assert_eq!(code, Some(2));
        assert_eq!(out, "");
        assert_eq!(err.lines().count(), 1, "{err}");
        assert!(
            err.starts_with("homeroom: ") && err.contains(expected),
            "{err}"
        );
    }
    let (code, _, err) = run(&mut homeroom(&["serve", "--config", "/nowhere.toml"])).await;
    assert_eq!(code, Some(2));
    assert!(
        err.starts_with("homeroom: cannot read the settings file /nowhere.toml"),
        "{err}"
    );
    let (code, _, _) = run(&mut homeroom(&["dance"])).await;
    assert_eq!(code, Some(2));
}

/// Serves these records on ports of its own.
fn serve(folder: &TempDir, database: Option<&str>) -> Command {
    let mut command = homeroom(&["serve", "--listen", "127.0.0.1:0"]);
    command
        .current_dir(folder)
        .env("HOMEROOM__DATA__FOLDER", folder.path())
        .env("HOMEROOM__MEDIA__LISTEN", "127.0.0.1:0");
    if let Some(database) = database {
        command.env("HOMEROOM__DATABASE__URL", database);
    }
    command
}

#[tokio::test]
async fn whoever_comes_second_to_records_that_are_served_says_so_and_ends() {
    let folder = || tempfile::tempdir().expect("a folder");
    let database = schema().await;
    let (here, elsewhere) = (folder(), folder());
    for (database, second) in [(None, &here), (Some(database.as_str()), &elsewhere)] {
        let mut first = serve(&here, database).spawn().expect("it starts");
        let mut out = BufReader::new(first.stdout.take().expect("it is piped"));
        let mut line = String::new();
        timeout(PATIENCE, out.read_line(&mut line))
            .await
            .expect("it starts in time")
            .expect("it prints");
        assert!(line.contains("has no administrator yet"), "{line}");

        let (code, out, err) = run(&mut serve(second, database)).await;
        assert_eq!(code, Some(75), "{err}");
        assert_eq!(out, "");
        let said = err.lines().filter(|line| line.starts_with("homeroom:"));
        let said: Vec<&str> = said.collect();
        assert_eq!(said.len(), 1, "{err}");
        assert!(said[0].contains("served by another homeroom"), "{err}");

        interrupt(&first).await;
        let ended = timeout(PATIENCE, first.wait()).await.expect("it ends");
        assert_eq!(
            ended.expect("it ran").code(),
            Some(0),
            "and the first lives on"
        );
    }
}
