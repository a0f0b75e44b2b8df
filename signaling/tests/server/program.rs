//! The program itself: what it prints, and how it ends.

use std::io::ErrorKind;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use signaling::settings::Settings;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpStream, UnixDatagram};
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

/// No time mends them: whoever began the server is not to begin it again and again.
#[tokio::test]
async fn ports_that_are_of_two_things_or_none_are_for_a_person() {
    for (listen, media, said) in [
        (
            "127.0.0.1:0",
            "127.0.0.1:65535",
            "so give 65532 or a lower one",
        ),
        (
            "127.0.0.1:18080",
            "127.0.0.1:18080",
            "media.listen is the address of http.listen too",
        ),
    ] {
        let mut command = homeroom(&["demo", "--listen", listen]);
        command
            .env("HOMEROOM__MEDIA__LISTEN", media)
            .env("HOMEROOM__MEDIA__WORKERS", "4");
        let (code, out, err) = run(&mut command).await;
        assert_eq!(code, Some(2), "{err}");
        assert_eq!(out, "");
        assert_eq!(err.lines().count(), 1, "{err}");
        assert!(err.contains(said), "{err}");
        let sentence = err.strip_prefix("homeroom: ").expect("it is ours");
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = homeroom(&["doctor"]);
        command
            .current_dir(&folder)
            .env("HOMEROOM__DATA__FOLDER", folder.path().join("data"))
            .env("HOMEROOM__HTTP__LISTEN", listen)
            .env("HOMEROOM__MEDIA__LISTEN", media)
            .env("HOMEROOM__MEDIA__WORKERS", "4");
        let (code, out, _) = run(&mut command).await;
        assert_eq!(code, Some(1), "{out}");
        let mend = format!(
            "MEND     The server does not begin: {}.",
            sentence.trim_end()
        );
        assert!(out.contains(&mend), "{out}");
    }
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

#[tokio::test]
async fn what_is_no_file_where_one_is_named_holds_up_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo is there").success());
    for named in [pipe.as_path(), Path::new("/dev/zero")] {
        let shown = named.display();
        let mut command = homeroom(&["demo", "--listen", "127.0.0.1:0"]);
        command
            .env("HOMEROOM__WEBHOOKS__URLS", "https://hooks.invalid/a")
            .env("HOMEROOM__WEBHOOKS__SECRET_FILE", named);
        let (code, _, err) = run(&mut command).await;
        assert_eq!(code, Some(2), "{err}");
        let says = format!("homeroom: cannot read webhooks.secret_file {shown}: it is not a file");
        assert!(err.contains(&says), "{err}");
        let path = named.to_str().expect("UTF-8");
        let (code, _, err) = run(&mut homeroom(&["serve", "--config", path])).await;
        assert_eq!(code, Some(2), "{err}");
        let says = format!("homeroom: cannot read the settings file {shown}: it is not a file");
        assert!(err.starts_with(&says), "{err}");
        // Nobody answers there; the key is looked at all the same.
        let mut command = homeroom(&["doctor"]);
        command
            .current_dir(&folder)
            .env("HOMEROOM__DATA__FOLDER", folder.path().join("data"))
            .env("HOMEROOM__DATABASE__URL", "postgres://a@127.0.0.1:1/b")
            .env("HOMEROOM__CLUSTER__NAME", "north")
            .env("HOMEROOM__CLUSTER__LISTEN", "127.0.0.1:0")
            .env("HOMEROOM__CLUSTER__KEY_FILE", named);
        let (_, out, _) = run(&mut command).await;
        let says = format!("{shown} that cluster.key_file names cannot be used: it cannot be read");
        assert!(out.contains(&says), "{out}");
    }
}

/// Also where a password holds what is to be written otherwise in a URL.
#[tokio::test]
async fn no_part_of_the_databases_password_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    for (url, code, says) in [
        (
            "postgres://ada:12/S3cret@127.0.0.1:1/b",
            2,
            "and in the password %2F",
        ),
        (
            "postgres://ada:S3cret/x@127.0.0.1:1/b",
            2,
            "and in the password %2F",
        ),
        (
            "postgres://127.0.0.1:1?S3cret@127.0.0.1:1/b",
            75,
            "that is not known, and not used",
        ),
        (
            "postgres://ada@127.0.0.1:1/b?secret=S3cret",
            75,
            "that is not known, and not used",
        ),
        (
            "postgres://ada:S3cret@127.0.0.1:1/b",
            75,
            "cannot open the database b at 127.0.0.1",
        ),
    ] {
        let mut command = serve(&folder, Some(url));
        let (ended, out, err) = run(&mut command).await;
        assert_eq!(ended, Some(code), "{err}");
        assert!(err.contains(says), "{err}");
        assert!(!err.contains("S3cr") && !out.contains("S3cr"), "{err}");
    }
}

/// Types these lines to `homeroom setup`; how it ended, and what it said.
async fn set_up(file: &Path, lines: &[&str]) -> (Option<i32>, String) {
    let path = file.to_str().expect("UTF-8");
    let mut child = homeroom(&["setup", "--config", path])
        .stdin(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut input = child.stdin.take().expect("it is piped");
    let lines: String = lines.iter().map(|it| format!("{it}\n")).collect();
    // It may end before it has read everything.
    let _typed = input.write_all(lines.as_bytes()).await;
    drop(input);
    let ended = timeout(PATIENCE, child.wait_with_output()).await;
    let ended = ended.expect("it ends by itself").expect("it ran");
    let said = [ended.stdout, ended.stderr].map(|it| String::from_utf8_lossy(&it).into_owned());
    (ended.status.code(), said.concat())
}

const ANSWERS: [&str; 6] = [
    "calls.school.example",
    "yes",
    "2",
    "none",
    "Hill Road School",
    "office@school.example",
];

#[tokio::test]
async fn set_up_takes_values_over_several_lines_and_asks_nothing_in_vain() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("homeroom.toml");
    let written = "[http]\n# here\nlisten = \"10.0.0.11:8080\"\ntrusted_proxies = [\n  \"10.0.0.10\",\n  \"10.0.0.12\",\n]\n\
                   [media]\nannounce = [\n  \"203.0.113.7\",\n]\n";
    std::fs::write(&file, written).expect("room");
    let (code, said) = set_up(&file, &ANSWERS).await;
    assert_eq!(code, Some(0), "{said}");
    let settings = Settings::read(Some(file.as_path())).expect("they are right");
    let trusts = |it: [u8; 4]| settings.http.trusted_proxies.trusts(it.into());
    assert!(trusts([127, 0, 0, 1]) && !trusts([10, 0, 0, 10]));
    assert!(settings.media.announce.is_empty());
    let written = "[http] # pages\nlisten = \"127.0.0.1:8080\"\n";
    std::fs::write(&file, written).expect("room");
    let (code, said) = set_up(&file, &ANSWERS).await;
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("[http] must stand there once"), "{said}");
    assert!(!said.contains("What do people type"), "{said}");
    // Answers that no server could go by are asked for again.
    std::fs::write(&file, "[http]\n").expect("room");
    let mut lines = vec!["calls.school.example:8081"];
    lines.extend(ANSWERS);
    lines.insert(4, "https://ada:S3cret@smtp.school.example");
    let (code, said) = set_up(&file, &lines).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("Port 8081 is for something else"), "{said}");
    assert!(said.contains("That is no name of a mail server"), "{said}");
}

/// Serves these records on ports of its own.
fn serve(folder: &TempDir, database: Option<&str>) -> Command {
    at(folder, database, &["serve", "--listen", "127.0.0.1:0"])
}

/// Does something with these records.
fn at(folder: &TempDir, database: Option<&str>, words: &[&str]) -> Command {
    let mut command = homeroom(words);
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
        let keys = second.path().join("keys");
        assert_eq!(keys.exists(), second.path() == here.path(), "none was made");
        // From whatever machine: every link that was sent would end, and whoever serves goes on with the keys of before.
        let (code, out, err) = run(&mut at(second, database, &["new-keys"])).await;
        assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
        assert!(err.contains("served by"), "{err}");

        interrupt(&first).await;
        let ended = timeout(PATIENCE, first.wait()).await.expect("it ends");
        assert_eq!(
            ended.expect("it ran").code(),
            Some(0),
            "and the first lives on"
        );
    }
}

/// Serves them as one of two nodes.
fn node(folder: &TempDir, database: &str, name: &str) -> Command {
    as_node(serve(folder, Some(database)), folder, name)
}

fn as_node(mut command: Command, folder: &TempDir, name: &str) -> Command {
    let key = folder.path().join("cluster.key");
    std::fs::write(&key, "k".repeat(48)).expect("room");
    command
        .env("HOMEROOM__CLUSTER__NAME", name)
        .env("HOMEROOM__CLUSTER__LISTEN", "127.0.0.1:0")
        .env("HOMEROOM__CLUSTER__KEY_FILE", &key);
    command
}

/// A proxy passes no request on that it has sent: where the node does not come to serve, that one is lost.
#[tokio::test]
async fn a_node_refuses_whoever_connects_before_it_serves() {
    let folder = tempfile::tempdir().expect("a folder");
    // A database that does not answer.
    let hole = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let hole = hole.expect("a free port");
    let port = hole.local_addr().expect("it is bound").port();
    let database = format!("postgres://school@127.0.0.1:{port}/school");
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = free.local_addr().expect("it is bound");
    drop(free);
    let words = ["serve", "--listen", &address.to_string()];
    let alone = at(&folder, Some(&database), &words);
    let node = as_node(at(&folder, Some(&database), &words), &folder, "north");
    for (mut program, refuses) in [(node, true), (alone, false)] {
        let mut program = program.spawn().expect("it starts");
        let asked = timeout(PATIENCE, hole.accept()).await;
        let _database = asked.expect("in time").expect("it asks for its records");
        let connected = TcpStream::connect(address).await;
        let is_refused = connected.is_err_and(|it| it.kind() == ErrorKind::ConnectionRefused);
        assert_eq!(is_refused, refuses);
        program.kill().await.expect("it ran");
    }
}

/// What a program prints as it begins to serve; nothing of one that ends instead.
async fn first_line(child: &mut Child) -> String {
    let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut line = String::new();
    timeout(PATIENCE, out.read_line(&mut line))
        .await
        .expect("in time")
        .expect("it is read");
    line
}

/// A school that was just set up has no links yet, and its keys are its keys.
#[tokio::test]
async fn of_two_nodes_that_begin_at_once_one_makes_the_keys_and_the_other_is_to_bring_them() {
    let database = schema().await;
    let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let [north, south] = &folders;
    let mut nodes = [(north, "north"), (south, "south")].map(|(folder, name)| {
        let child = node(folder, &database, name).spawn();
        (child.expect("it starts"), folder, name)
    });
    let [(one, ..), (other, ..)] = &mut nodes;
    let said = tokio::join!(first_line(one), first_line(other));
    let serves = [said.0, said.1].map(|it| it.contains("has no administrator yet"));
    let [first, second] = nodes;
    let (first, (refused, without, name)) = match serves {
        [true, false] => (first, second),
        [false, true] => (second, first),
        both => panic!("{both:?}"),
    };
    let refused = timeout(PATIENCE, refused.wait_with_output()).await;
    let refused = refused.expect("it ends").expect("it ran");
    let err = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{err}");
    assert!(err.contains("keys is missing"), "{err}");
    assert!(err.contains("from another node"), "{err}");
    let keys = without.path().join("keys");
    assert!(!keys.exists(), "none was made");
    // Nor is it where nobody serves them any more, or by a server that is no node.
    let (first, with, _) = first;
    interrupt(&first).await;
    let ended = timeout(PATIENCE, first.wait_with_output()).await;
    assert!(ended.expect("it ends").expect("it ran").status.success());
    let (code, _, err) = run(&mut serve(without, Some(&database))).await;
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("keys is missing"), "{err}");
    // The keys are brought.
    std::fs::copy(with.path().join("keys"), &keys).expect("copied");
    let mut brought = node(without, &database, name).spawn().expect("it starts");
    let said = first_line(&mut brought).await;
    assert!(said.contains("has no administrator yet"), "{said}");
}

/// Whoever begins again from the folder of a program that was killed waits for nothing. A copy of the folder proves nothing:
/// the program might go on where it was copied from.
#[tokio::test]
async fn a_program_that_was_killed_is_followed_at_once_from_its_own_folder() {
    let database = schema().await;
    let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let [here, copy] = &folders;
    for (folder, waits) in [(here, false), (here, false), (copy, true)] {
        let mut program = serve(folder, Some(&database)).spawn().expect("it starts");
        let said = first_line(&mut program).await;
        program.start_kill().expect("it was not waited for");
        let output = timeout(PATIENCE, program.wait_with_output()).await;
        let output = output.expect("it is dead").expect("it ran");
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("has no administrator yet"), "{said}{err}");
        assert_eq!(err.contains("it is waited for"), waits, "{err}");
        // Nothing is said of what is as it should be.
        assert!(!err.contains("already exists"), "{err}");
        for file in ["keys", "last-run"] {
            std::fs::copy(here.path().join(file), copy.path().join(file)).expect("copied");
        }
    }
}

/// What is to be the same at all nodes is compared before one begins, too.
#[tokio::test]
async fn doctor_names_what_another_node_has_otherwise() {
    let database = schema().await;
    let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let [north, south] = &folders;
    let mut running = node(north, &database, "north");
    running
        .env("HOMEROOM__CALLS__CAP", "3")
        .env("HOMEROOM__LIMITS__GUESSES_PER_ADDRESS_PER_MIN", "59");
    let mut running = running.spawn().expect("it starts");
    let said = first_line(&mut running).await;
    assert!(said.contains("has no administrator yet"), "{said}");
    let doctor = |cap: &str, guesses: &str| {
        let mut doctor = as_node(at(south, Some(&database), &["doctor"]), south, "south");
        doctor
            .env("HOMEROOM__CALLS__CAP", cap)
            .env("HOMEROOM__LIMITS__GUESSES_PER_ADDRESS_PER_MIN", guesses);
        doctor
    };
    let (_, out, err) = run(&mut doctor("4", "60")).await;
    assert!(
        out.contains(
            "not as they are here: calls.cap at north, limits.guesses_per_address_per_min at north."
        ),
        "{out}{err}"
    );
    let (_, out, err) = run(&mut doctor("3", "59")).await;
    assert!(out.contains("are as they are here at north."), "{out}{err}");
}
