//! The program itself: what it prints, and how it ends.

use std::net::{TcpListener, UdpSocket};
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Instant, timeout};

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
    assert_eq!(roles.last(), Some(&"office"));
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
async fn taken_ports_are_one_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let (code, out, err) = run(&mut homeroom(&["demo", "--listen", &address])).await;
    assert_eq!(code, Some(2), "{err}");
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
    assert_eq!(code, Some(2), "{err}");
    assert!(
        err.contains(&address) && err.contains("media.listen"),
        "{err}"
    );
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
