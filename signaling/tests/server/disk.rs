//! A disk that fills up, and one that fails, under people who talk: what writes is refused with a
//! word, and all of it works again at once. The disk is a real one, small, and the program's own.
#![expect(
    clippy::indexing_slicing,
    reason = "a field that is missing from an answer is a failure"
)]

use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::support::request::{self, Answer};
use crate::support::school::{Key, attempt};
use crate::support::{PATIENCE, a_moment};

/// Once the disk is well again, so is the program.
const HEALED_WITHIN: Duration = Duration::from_secs(5);

/// Mounts a disk where only this program sees it, and becomes the program; its log goes to that disk
/// too, where one is named. A write beyond a file's limit is to fail as a write, and not to end it.
const BEGIN: &str = "trap '' XFSZ; mount -t tmpfs -o \"$1\" none \"$2\"; shift 2
    if [ -n \"$LOG_THERE\" ]; then exec 2>>\"$LOG_THERE\"; fi; exec \"$@\"";

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0)
}

/// The program with a disk of its own, which is mounted at that place.
fn on_a_disk(how: &str, place: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("unshare");
    if !is_root() {
        // Whoever is not root may do so within a name space of users.
        command.args(["--user", "--map-root-user"]);
    }
    command
        .args(["--mount", "sh", "-ec", BEGIN, "sh", how])
        .arg(place)
        .arg(env!("CARGO_BIN_EXE_homeroom"))
        .args(arguments)
        .env("HOMEROOM__MEDIA__LISTEN", "127.0.0.1:0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Sets up by a file on a disk that is full by then, and says how that ended and what lies there.
const SET_UP: &str = "mount -t tmpfs -o size=64k none \"$1\"; cd \"$1\"; echo '[http]' >a.toml
    echo before >a.toml.before; cat /dev/zero >rest 2>/dev/null || :
    printf '%s\\n' calls.school.example yes 2 none School office@school.example |
        \"$2\" setup --config a.toml || echo \"ended with $?\"
    ls -A; cat a.toml a.toml.before";

#[tokio::test]
async fn what_was_kept_is_kept_where_set_up_finds_no_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new("unshare");
    if !is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command
        .args(["--mount", "sh", "-ec", SET_UP, "sh"])
        .arg(folder.path())
        .arg(env!("CARGO_BIN_EXE_homeroom"))
        .kill_on_drop(true);
    let ended = timeout(PATIENCE, command.output()).await;
    let ended = ended.expect("it ends").expect("it starts");
    let said = String::from_utf8_lossy(&ended.stdout);
    let end = "ended with 2\na.toml\na.toml.before\nrest\n[http]\nbefore\n";
    assert!(said.ends_with(end), "{said}");
    let why = String::from_utf8_lossy(&ended.stderr);
    assert!(
        why.contains("nothing was changed. Make room on its disk"),
        "{why}"
    );
}

/// A demonstration on a small disk.
struct Home {
    child: Child,
    address: SocketAddr,
    /// The disk, as others than the program reach it.
    disk: PathBuf,
    links: Value,
    /// The cookie and the proof of the office.
    session: (String, String),
    folder: TempDir,
}

impl Home {
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("disk");
        std::fs::create_dir(&place).expect("room");
        let data = place.join("data");
        let data = data.to_str().expect("plain");
        let demo = ["demo", "--json", "--listen", "127.0.0.1:0", "--data", data];
        let mut child = on_a_disk("size=8m", &place, &demo)
            .env("LOG_THERE", place.join("log"))
            .env("HOMEROOM__LOG__FILTER", "debug")
            .spawn()
            .expect("util-linux is there");
        let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut line = String::new();
        let read = timeout(PATIENCE, out.read_line(&mut line)).await;
        read.expect("it starts in time").expect("it prints");
        let links: Value = serde_json::from_str(&line).expect("JSON");
        let url = links[0]["url"].as_str().expect("a link");
        let (address, _) = url["http://".len()..].split_once('/').expect("a path");
        let pid = child.id().expect("it runs");
        let mut disk = PathBuf::from(format!("/proc/{pid}/root"));
        disk.push(place.strip_prefix("/").expect("a whole path"));
        let mut home = Self {
            child,
            address: address.parse().expect("an address"),
            disk,
            links,
            session: (String::new(), String::new()),
            folder,
        };
        home.set_up().await;
        home
    }

    async fn set_up(&mut self) {
        let url = self.of_role("office").remove(0);
        let (_, secret) = url.split_once("/setup#").expect("a set-up link");
        let asked = json!({
            "secret": secret, "school": "Hill Road School", "name": "Ada Office",
            "email": "ada@hillroad.example", "password": "correct horse battery",
        });
        let answer = self.ask("POST", "/setup", &asked).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let cookie = answer.header("set-cookie").expect("a cookie");
        let (cookie, _) = cookie.split_once(';').expect("attributes");
        let proof = answer.json::<Value>()["csrf"].as_str().map(str::to_owned);
        self.session = (cookie.to_owned(), proof.expect("the proof"));
    }

    fn of_role(&self, role: &str) -> Vec<String> {
        let all = self.links.as_array().expect("a list");
        let theirs = all.iter().filter(|one| one["role"] == role);
        theirs
            .filter_map(|one| one["url"].as_str().map(str::to_owned))
            .collect()
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let headers = [
            ("Content-Type", "application/json"),
            ("Cookie", self.session.0.as_str()),
            ("X-Homeroom-Csrf", self.session.1.as_str()),
        ];
        let path = format!("/api/v1{path}");
        request::request(self.address, method, &path, &headers, &body).await
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, &Value::Null).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()
    }

    async fn by(&self, key: &Key, path: &str, mut body: Value) -> Answer {
        body["secret"] = json!(key.secret);
        let path = format!("/api/v1/links/{}{path}", key.id);
        request::post_json(self.address, &path, &body.to_string()).await
    }

    async fn student(&self, parent: &Key) -> String {
        let view: Value = self.by(parent, "/parent", json!({})).await.json();
        view["students"][0]["id"]
            .as_str()
            .expect("an id")
            .to_owned()
    }

    async fn invite(&self, parent: &Key, student: &str) -> Answer {
        let invited = json!({
            "attempt": attempt(), "name": "Grandma Rosa", "consent": true, "wording": "1",
            "email": "rosa@guests.example", "students": [student],
        });
        self.by(parent, "/invitations", invited).await
    }

    async fn until_health(&self, status: u16) {
        let becomes = async {
            loop {
                let answer = request::get(self.address, "/readyz").await;
                assert!(
                    answer.status == 200 || answer.body.contains("records: unwell: The records"),
                    "{}",
                    answer.body
                );
                if answer.status == status {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        let within = if status == 200 {
            HEALED_WITHIN
        } else {
            PATIENCE
        };
        timeout(within, becomes).await.expect("it becomes so");
    }

    /// Waits until the four who talk are in their call: to come in they have accepted the ground rules,
    /// which is written down.
    async fn until_they_talk(&self) {
        let evenings = self.get("/evenings").await;
        let evening = evenings["evenings"][0]["id"].as_str().expect("an id");
        let live = format!("/evenings/{evening}/live");
        let come = async {
            loop {
                let seen = self.get(&live).await;
                let calls = seen["calls"].as_array().expect("a list");
                if calls
                    .iter()
                    .any(|it| it["present"].as_array().is_some_and(|it| it.len() == 4))
                {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, come).await.expect("they come");
    }

    /// Fills the disk until nothing more can be written, neither much nor little: the records may shorten their log at
    /// any moment, once, or begin it anew, and what is little fits where much does not.
    async fn until_full(&self) {
        let teacher = json!({"name": "Ms Before", "email": "before@hillroad.example"});
        let sign_in = json!({"email": "ada@hillroad.example", "password": "correct horse battery"});
        let becomes = async {
            loop {
                fill(&self.disk);
                let much = self.ask("POST", "/teachers", &teacher).await;
                let little = self.ask("POST", "/session", &sign_in).await;
                if (much.status, little.status) == (503, 503) {
                    return;
                }
            }
        };
        timeout(PATIENCE, becomes).await.expect("it becomes full");
    }

    /// Whoever looks reads that the disk is full, and so does whoever writes beside the program.
    async fn is_said_to_be_full(&self) {
        let free = "disk: doubtful: 0 MB are free on the disk of data.folder: make room there";
        let is_said = async {
            while !request::get(self.address, "/readyz")
                .await
                .body
                .contains(free)
            {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, is_said).await.expect("it is said");
        let figures = request::get(self.address, "/metrics").await.body;
        let line = figures
            .lines()
            .find_map(|it| it.strip_prefix("homeroom_disk_free_bytes{of=\"data\"} "));
        let bytes: u64 = line.expect("it is there").parse().expect("a number");
        assert!(bytes < 8_000_000, "{bytes}");
        let (code, said) = self.run(&["doctor"]).await;
        assert_eq!(code, Some(1), "{said}");
        assert!(
            said.contains("MEND     0 MB are free on the disk of data.folder"),
            "{said}"
        );
        let (code, said) = self
            .run(&["staff", "add", "bea@hillroad.example", "Bea"])
            .await;
        assert_eq!(code, Some(2), "{said}");
        assert!(
            said.contains("the disk that the records are on is full. Make room there"),
            "{said}"
        );
        let copy = self.place().join("copy");
        let (_, said) = self.run(&["backup", copy.to_str().expect("plain")]).await;
        assert!(said.contains("the disk is full: make room there"), "{said}");
    }

    /// Where the disk is to the program, and to those beside it.
    fn place(&self) -> PathBuf {
        self.folder.path().join("disk")
    }

    /// What a command beside the program ends with, and says.
    async fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let pid = self.child.id().expect("it runs").to_string();
        let mut command = Command::new("nsenter");
        if !is_root() {
            command.arg("--user");
        }
        command
            .args(["--mount", "--target", &pid])
            .arg(env!("CARGO_BIN_EXE_homeroom"))
            .args(arguments)
            .env("HOMEROOM__DATA__FOLDER", self.place().join("data"))
            .kill_on_drop(true);
        let ended = timeout(PATIENCE, command.output()).await;
        let ended = ended.expect("it ends").expect("it ran");
        let said = [ended.stdout, ended.stderr].concat();
        (
            ended.status.code(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    }

    /// Something of every kind that writes: what it is, and what came of it.
    async fn write(&self, deeds: &Deeds) -> Vec<(&'static str, Answer)> {
        let sign_in = json!({"email": "ada@hillroad.example", "password": "correct horse battery"});
        let order = json!({"active": true});
        let removal = format!("/invitations/{}", deeds.invitation);
        let court_order = format!("/contacts/{}/court-order", deeds.contact);
        let teacher = json!({"name": "Ms New", "email": "new@hillroad.example"});
        vec![
            ("add", self.ask("POST", "/teachers", &teacher).await),
            ("sign in", self.ask("POST", "/session", &sign_in).await),
            ("invite", self.invite(&deeds.parent, &deeds.student).await),
            ("remove", self.ask("DELETE", &removal, &Value::Null).await),
            ("court order", self.ask("PUT", &court_order, &order).await),
        ]
    }
}

/// What is to be done.
struct Deeds {
    invitation: String,
    contact: String,
    parent: Key,
    student: String,
}

impl Deeds {
    /// Of people who are in no other round, and not in the call.
    async fn of(home: &Home, round: usize) -> Self {
        let all = home.links.as_array().expect("a list");
        let parents: Vec<_> = all.iter().filter(|one| one["role"] == "parent").collect();
        let key = |place: usize| Key::read(parents[place]["url"].as_str().expect("a link"));
        let parent = key(1 + 2 * round);
        let other = key(2 + 2 * round);
        let invited = home.invite(&other, &home.student(&other).await).await;
        assert_eq!(invited.status, 200, "{}", invited.body);
        let evenings = home.get("/evenings").await;
        let evening = evenings["evenings"][0]["id"].as_str().expect("an id");
        let all = home.get(&format!("/evenings/{evening}/invitations")).await;
        let invitation = all["invitations"][0]["id"].as_str().expect("an id");
        let people = home.get(&format!("/evenings/{evening}/links")).await;
        let people = people["parents"].as_array().expect("a list");
        let barred = people
            .iter()
            .find(|one| one["name"] == parents[5 + round]["name"]);
        let contact = barred.and_then(|one| one["id"].as_str()).expect("an id");
        Self {
            invitation: invitation.to_owned(),
            contact: contact.to_owned(),
            student: home.student(&parent).await,
            parent,
        }
    }
}

/// Fills a disk to its last byte. What the records give back of their log meanwhile is filled by the next call.
fn fill(disk: &Path) -> PathBuf {
    let path = disk.join("filler");
    let filler = File::options().create(true).append(true).open(&path);
    let mut filler = filler.expect("room for a name");
    for size in [65_536, 4_096, 1] {
        while filler.write_all(&vec![0; size]).is_ok() {}
    }
    path
}

async fn limit(child: &Child, most: &str) {
    let id = child.id().expect("it runs").to_string();
    let limited = Command::new("prlimit")
        .args(["--pid", &id, &format!("--fsize={most}:")])
        .status()
        .await;
    assert!(limited.expect("util-linux is there").success());
}

/// Four people who talk for so long, as another program.
fn talk(home: &Home, seconds: &str) -> Child {
    let links = home.folder.path().join("links");
    std::fs::write(&links, home.links.to_string()).expect("room");
    Command::new(env!("CARGO_BIN_EXE_homeroom"))
        .args(["loadtest", "--json", "--calls", "1", "--seconds", seconds])
        .args(["--links", links.to_str().expect("plain")])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("it starts")
}

async fn heard(talking: Child) {
    let said = timeout(4 * PATIENCE, talking.wait_with_output()).await;
    let said = said.expect("it ends").expect("it ran");
    assert!(said.status.success());
    let report: Value = serde_json::from_slice(&said.stdout).expect("JSON");
    let sound = |what: &str| report["sound"][what].as_u64().expect("a number");
    assert!(sound("expected") > 1_000, "{report}");
    assert!(sound("lost") * 100 <= sound("expected"), "{report}");
}

fn are_refused(done: &[(&'static str, Answer)]) {
    for (what, answer) in done {
        assert_eq!(answer.status, 503, "{what}: {}", answer.body);
        assert!(
            answer.body.contains("records cannot be used just now"),
            "{what}: {}",
            answer.body
        );
    }
}

fn are_done(done: &[(&'static str, Answer)]) {
    for (what, answer) in done {
        assert!(
            answer.status == 200 || answer.status == 204,
            "{what}: {} {}",
            answer.status,
            answer.body
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_fills_or_fails_stops_no_call_and_nothing_after_it() {
    let home = Home::open().await;
    let talking = talk(&home, "10");
    home.until_they_talk().await;
    // Full.
    let deeds = Deeds::of(&home, 0).await;
    home.until_full().await;
    let filler = fill(&home.disk);
    for _ in 0..3 {
        are_refused(&home.write(&deeds).await);
    }
    home.get("/teachers").await;
    home.until_health(503).await;
    home.is_said_to_be_full().await;
    std::fs::remove_file(filler).expect("there");
    home.until_health(200).await;
    are_done(&home.write(&deeds).await);
    // Failing: each write is an error, as of a disk that was taken out or is read-only now.
    let deeds = Deeds::of(&home, 1).await;
    limit(&home.child, "1").await;
    for _ in 0..3 {
        are_refused(&home.write(&deeds).await);
    }
    home.get("/teachers").await;
    limit(&home.child, "unlimited").await;
    are_done(&home.write(&deeds).await);
    home.until_health(200).await;
    heard(talking).await;
    // E-mails are kept as files on that disk: they go out again.
    let mail = home.disk.join("data/mail");
    let arrives = async {
        while !std::fs::read_dir(&mail)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|it| std::fs::read_to_string(it.path()).ok())
            .any(|it| it.contains("rosa@guests.example"))
        {
            a_moment().await;
        }
    };
    timeout(PATIENCE, arrives).await.expect("it is sent");
    // And it is all there.
    let log = home.get("/audit").await;
    assert!(
        log["rows"].as_array().is_some_and(|it| !it.is_empty()),
        "{log}"
    );
}

#[tokio::test]
async fn a_disk_that_cannot_be_written_at_the_start_is_one_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path();
    let mut read_only = on_a_disk("ro", place, &["serve", "--listen", "127.0.0.1:0"]);
    read_only.env("HOMEROOM__DATA__FOLDER", place);
    let ended = timeout(PATIENCE, read_only.output()).await;
    let ended = ended.expect("it ends").expect("it ran");
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(75), "{said}");
    assert!(said.contains("may write in it"), "{said}");
}
